/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials that their own form gives away: prefixed tokens, JSON Web Tokens, URLs with a password, Basic headers, the keys
 * and connection strings of clouds.
 *
 * Specifications: RFC 7519 (JWT), RFC 7617 (Basic), RFC 3986 3.2.1 (user information); the checksum of GitHub's and npm's
 * tokens: github.blog "Behind GitHub's new authentication token formats": CRC-32 of the random part in base 62.
 */
#include "inspect/secrets.h"

#include "base/hash.h"

enum check { NONE, CRC32, AWS, ALIBABA, TENCENT, OPENAI, MAILGUN, CONTEXT };

struct rule {
	const char *kind, *prefix, *rest;
	enum check check;
};

#define RULE(kind, prefix, rest, check, good, bad) { kind, prefix, rest, check },
#define RULE_SHORT(kind, prefix, rest, check, head, good, bad) { kind, prefix, rest, check },
static const struct rule rules[] = {
#include "inspect/secrets_rules.def"
};
#undef RULE
#undef RULE_SHORT
const size_t secrets_nrules = sizeof rules / sizeof rules[0];

static bool in_class(char class, char c)
{
	bool digit = c >= '0' && c <= '9', up = c >= 'A' && c <= 'Z', low = c >= 'a' && c <= 'z';
	switch (class) {
	case 'A':
		return digit || up || low;
	case 'W':
		return digit || up || low || c == '_' || c == '-';
	case 'B':
		return digit || up || low || c == '+' || c == '/';
	case 'L':
		return digit || low;
	case 'U':
		return digit || up;
	case 'H':
		return digit || (c >= 'a' && c <= 'f');
	case 'X':
		return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	case 'D':
		return digit;
	case 'P':
		return up || low;
	case 'T':
		return up || (c >= '2' && c <= '7');
	case 'Z':
		return c && strchr("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", c) != NULL;
	default:
		return false;
	}
}

/* How many characters of the class stand at `at`, at most `max` and one more. */
static size_t run_of(struct span bytes, uint64_t at, char class, size_t max)
{
	struct span s = span_clip(bytes, at, max + 1);
	size_t n = 0;
	while (n < s.n && in_class(class, (char)s.p[n]))
		n++;
	return n;
}

static unsigned read_number(const char **p)
{
	unsigned n = 0;
	while (**p >= '0' && **p <= '9')
		n = n * 10 + (unsigned)(*(*p)++ - '0');
	return n;
}

/* Where what `rest` describes ends; 0 when it does not stand there. */
static uint64_t match_rest(struct span bytes, uint64_t at, const char *rest)
{
	char class = 0;
	while (*rest) {
		if (*rest != '%') {
			if (!span_has(bytes, at++, rest++, 1))
				return 0;
			class = 0;
			continue;
		}
		class = rest[1];
		rest += 2;
		unsigned min = read_number(&rest), max = min;
		if (*rest == '-') {
			rest++;
			max = read_number(&rest);
		}
		rest++;
		size_t n = run_of(bytes, at, class, max);
		if (n > max && *rest && in_class(class, *rest))
			n = max;
		if (n < min || n > max)
			return 0;
		at += n;
	}
	/* More of the same: something else that begins alike. */
	return class || run_of(bytes, at, 'A', 1) == 0 ? at : 0;
}

static bool ends_with_crc32(struct text token)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *mark = memchr(token.p, '_', token.n);
	size_t at = mark ? (size_t)(mark + 1 - token.p) : token.n;
	if (token.n < at + 7)
		return false;
	uint32_t crc = hash_crc32(0, span_of(token.p + at, token.n - at - 6));
	for (size_t i = 1; i <= 6; i++, crc /= 62)
		if (token.p[token.n - i] != digits[crc % 62])
			return false;
	return true;
}

/* The account that a key id of AWS names, which it does since 2019 (those that begin AKIAI and AKIAJ are older): base 32 of
 * the twelve digits, shifted. */
static const char *aws_account(struct secrets *s, struct text id)
{
	uint64_t bits = 0;
	if (id.n < 20 || id.p[4] == 'I' || id.p[4] == 'J')
		return "structure";
	for (size_t i = 4; i < 14; i++)
		bits = bits << 5 | (uint64_t)(id.p[i] >= 'A' ? id.p[i] - 'A' : id.p[i] - '2' + 26);
	uint64_t account = (bits >> 2 & 0x7fffffffff80u) >> 7;
	return account >= 1000000000000u
			   ? "structure"
			   : arena_printf(s->subject->arena, "structure: account %012llu", (unsigned long long)account);
}

/* A secret that stands near its id: exactly `n` characters of a class, of which many differ. */
static bool near_secret(struct secrets *s, uint64_t id_from, uint64_t id_to, char class, size_t n, struct text *out)
{
	struct span bytes = s->subject->bytes;
	uint64_t end = id_to + 300 < bytes.n ? id_to + 300 : bytes.n;
	for (int pass = 0; pass < 2; pass++) {
		uint64_t at = pass ? (id_from > 300 ? id_from - 300 : 0) : id_to, stop = pass ? id_from : end;
		while (at < stop) {
			size_t run = run_of(bytes, at, class, n);
			struct text t = text_from_span(span_sub(bytes, at, n));
			bool fits = run == n && t.p && secrets_variety(t) >= 16 && secrets_has_digit(t) && secrets_has_letter(t) &&
						!secrets_is_hex(t) && (at == 0 || bytes.p[at - 1] != '/');
			if (fits) {
				*out = t;
				return true;
			}
			/* past all of the run */
			while (at < stop && in_class(class, (char)bytes.p[at]))
				at++;
			at += at < stop;
		}
	}
	return false;
}

static void emit_near(struct secrets *s, struct text id, char class, size_t n, const char *kind)
{
	uint64_t from = secrets_offset(s, id);
	struct text secret;
	if (!near_secret(s, from, from + id.n, class, n, &secret))
		return;
	secrets_emit(s, &(struct secret){ .at = secrets_offset(s, secret),
									  .kind = kind,
									  .name = id,
									  .value = secret,
									  .proof = "structure: beside its id",
									  .harmless = secrets_harmless(id) });
}

/* A token of 20 characters with 4 different ones is a mask or a placeholder. */
static bool varied(struct text body)
{
	unsigned needed = body.n >= 32 ? 10 : body.n >= 20 ? 8 : body.n >= 12 ? 6 : 4;
	return secrets_variety(body) >= needed;
}

/* Marks that the vendor puts into each key: "OpenAI" in Base64. */
static bool has_openai_mark(struct text token)
{
	return secrets_contains(token, "T3Blbk"
								   "FJ");
}

void secrets_rule(struct secrets *s, size_t rule, uint64_t from)
{
	struct span bytes = s->subject->bytes;
	const struct rule *r = &rules[rule];
	size_t prefix = strlen(r->prefix);
	if (from > 0 && r->prefix[0] != '.' && (in_class('A', (char)bytes.p[from - 1]) || bytes.p[from - 1] == '_'))
		return;
	uint64_t end = match_rest(bytes, from + prefix, r->rest);
	struct text token = text_from_span(span_sub(bytes, from, end > from ? end - from : 0));
	if (!end || !token.n)
		return;
	struct secret found = { .at = from, .kind = r->kind, .value = token, .proof = "structure" };
	if (!varied(text_of(token.p + prefix, token.n - prefix)))
		found.harmless = "placeholder";
	if (r->check == CRC32) {
		bool right = ends_with_crc32(token);
		found.proof = right ? "checksum" : "structure";
		found.confidence = right ? "proven" : "possible";
		found.harmless = right ? NULL : "its checksum is wrong";
	} else if (r->check == AWS) {
		if (!secrets_has_digit(token) && s->place == SECRETS_BINARY)
			return;
		found.proof = aws_account(s, token);
	}
	if ((r->check == OPENAI && !has_openai_mark(token)) ||
		(r->check == MAILGUN && !secrets_contains_nocase(secrets_line(s, from), "mailgun")) ||
		(r->check == CONTEXT && !secrets_contains_nocase(secrets_line(s, from), "clickhouse")))
		return;
	if ((r->check == ALIBABA || r->check == TENCENT) && !secrets_has_digit(token))
		return;
	secrets_emit(s, &found);
	if (r->check == AWS)
		emit_near(s, token, 'B', 40, "aws-secret-key");
	else if (r->check == ALIBABA)
		emit_near(s, token, 'A', 30, "alibaba-secret-key");
	else if (r->check == TENCENT)
		emit_near(s, token, 'A', 32, "tencent-secret-key");
}

/* ---- JSON Web Tokens ---- */

/* The value of a top-level member, without quotes; TEXT_NONE when there is none. Enough for the short objects here. */
static struct text member(struct text json, const char *name)
{
	const char *at = json.n ? memmem(json.p, json.n, name, strlen(name)) : NULL;
	if (!at)
		return TEXT_NONE;
	size_t i = (size_t)(at - json.p) + strlen(name);
	while (i < json.n && (json.p[i] == ' ' || json.p[i] == ':'))
		i++;
	bool quoted = i < json.n && json.p[i] == '"';
	size_t from = i += quoted;
	while (i < json.n && (quoted ? json.p[i] != '"' : json.p[i] != ',' && json.p[i] != '}' && json.p[i] != ' '))
		i++;
	return text_of(json.p + from, i - from);
}

static bool is_object(struct span json)
{
	size_t n = json.n;
	for (size_t i = 0; i < n; i++)
		if (json.p[i] < 0x20 && json.p[i] != '\n' && json.p[i] != '\r' && json.p[i] != '\t')
			return false;
	while (n > 0 && (json.p[n - 1] == ' ' || json.p[n - 1] == '\n'))
		n--;
	return n >= 2 && json.p[0] == '{' && json.p[n - 1] == '}';
}

void secrets_jwt(struct secrets *s, uint64_t from)
{
	struct span bytes = s->subject->bytes;
	if (from > 0 && (in_class('W', (char)bytes.p[from - 1]) || bytes.p[from - 1] == '.'))
		return;
	size_t head = run_of(bytes, from, 'W', 1000);
	if (!span_has(bytes, from + head, ".", 1))
		return;
	size_t body = run_of(bytes, from + head + 1, 'W', SECRET_TEXT_MAX);
	if (!span_has(bytes, from + head + 1 + body, ".", 1))
		return;
	size_t signature = run_of(bytes, from + head + body + 2, 'W', 1000);
	struct span header = secrets_base64(s, text_from_span(span_sub(bytes, from, head)));
	struct span claims = secrets_base64(s, text_from_span(span_sub(bytes, from + head + 1, body)));
	struct text alg = member(text_from_span(header), "\"alg\"");
	if (!is_object(header) || !is_object(claims) || !alg.p)
		return;
	struct text iss = member(text_from_span(claims), "\"iss\""), expires = member(text_from_span(claims), "\"exp\"");
	const char *proof =
		arena_printf(s->subject->arena, "structure: alg %.*s%s%.*s%s%.*s", (int)alg.n, alg.p, expires.n ? ", exp " : "",
					 (int)expires.n, expires.n ? expires.p : "", iss.n ? ", iss " : "", (int)iss.n, iss.n ? iss.p : "");
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "jwt",
									  .name = member(text_from_span(claims), "\"sub\""),
									  .value = text_from_span(span_sub(bytes, from, head + body + 2 + signature)),
									  .proof = proof,
									  .confidence = "proven" });
}

/* 123456789:AA and 33 more. `colon` is where the colon stands. */
void secrets_telegram(struct secrets *s, uint64_t colon)
{
	struct span bytes = s->subject->bytes;
	uint64_t from = colon;
	while (from > 0 && colon - from < 12 && in_class('D', (char)bytes.p[from - 1]))
		from--;
	uint64_t end = match_rest(bytes, colon, ":AA%W33;");
	bool bounded = from == 0 || !in_class('A', (char)bytes.p[from - 1]) ||
				   (from >= 3 && memcmp(bytes.p + from - 3, "bot", 3) == 0);
	if (!end || colon - from < 8 || colon - from > 10 || !bounded)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "telegram-token",
									  .value = text_from_span(span_sub(bytes, from, end - from)),
									  .proof = "structure" });
}

/* ---- URLs and headers ---- */

static bool is_host_char(char c)
{
	return in_class('A', c) || c == '.' || c == '-' || c == '[' || c == ':';
}

const char *secrets_pair_harmless(struct text user, struct text password)
{
	static const char *const users[] = { "user", "username", "login", "myuser", "name", "uname",
										 "foo",  "user1",    "joe",   "bob",    "alice" };
	static const char *const passwords[] = { "pass",   "password", "passwd", "pwd",     "pw",
											 "secret", "mypass",   "bar",    "passwrd", "p" };
	bool u = false, p = false;
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
		u |= secrets_eq_nocase(user, users[i]);
	for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++)
		p |= secrets_eq_nocase(password, passwords[i]);
	return u || p ? "placeholder" : secrets_harmless(password);
}

static const char *url_harmless(struct text user, struct text password, struct text host)
{
	if (secrets_contains_nocase(host, "example") || secrets_contains_nocase(host, "host") ||
		text_starts(host, "server") || text_starts(host, "domain") || text_starts(host, "foo"))
		return "documentation example";
	return secrets_pair_harmless(user, password);
}

/* `at_sign` is the offset behind the '@' of scheme://user:password@host. */
void secrets_url(struct secrets *s, uint64_t at_sign)
{
	struct span bytes = s->subject->bytes;
	uint64_t at = at_sign - 1, colon = 0, low = at_sign > 256 ? at_sign - 256 : 0, from = at;
	while (from > low && bytes.p[from - 1] > ' ' && bytes.p[from - 1] < 0x7f && bytes.p[from - 1] != '/' &&
		   bytes.p[from - 1] != '@')
		if (bytes.p[--from] == ':')
			colon = from;
	if (from < 3 || !span_has(bytes, from - 3, "://", 3) || colon <= from)
		return;
	struct text user = text_from_span(span_sub(bytes, from, colon - from));
	struct text password = text_from_span(span_sub(bytes, colon + 1, at - colon - 1));
	struct text host = text_from_span(span_clip(bytes, at_sign, 128));
	size_t n = 0;
	while (n < host.n && is_host_char(host.p[n]))
		n++;
	host.n = n;
	uint64_t scheme = from - 3;
	while (scheme > 0 && from - scheme < 20 && (in_class('A', (char)bytes.p[scheme - 1]) || bytes.p[scheme - 1] == '+'))
		scheme--;
	if (host.n < 2 || scheme == from - 3 || password.n < 2 || secrets_is_reference(password) ||
		secrets_is_reference(user) || memchr(password.p, '*', password.n) || memchr(password.p, '"', password.n) ||
		memchr(password.p, '\'', password.n) || memchr(password.p, '<', password.n) ||
		memchr(password.p, '{', password.n) || memchr(user.p, '<', user.n) || memchr(password.p, '(', password.n) ||
		memchr(password.p, '[', password.n) || memchr(password.p, '\\', password.n))
		return;
	const char *name = arena_printf(s->subject->arena, "%.*s at %.*s", (int)user.n, user.p, (int)host.n, host.p);
	secrets_emit(s, &(struct secret){ .at = scheme,
									  .kind = "url-password",
									  .name = text_c(name),
									  .value = password,
									  .proof = "structure",
									  .harmless = url_harmless(user, password, host) });
}

/* `end` lies eight characters into the Base64 of "Basic ". */
void secrets_basic(struct secrets *s, uint64_t end)
{
	struct span bytes = s->subject->bytes;
	uint64_t from = end - 8;
	size_t n = run_of(bytes, from, 'B', 400);
	struct text coded = text_from_span(span_sub(bytes, from, n));
	struct span plain = secrets_base64(s, coded);
	const uint8_t *colon = plain.n ? memchr(plain.p, ':', plain.n) : NULL;
	if (!colon || colon == plain.p || colon + 1 == plain.p + plain.n)
		return;
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] < 0x20 || plain.p[i] >= 0x7f)
			return;
	size_t user = (size_t)(colon - plain.p);
	struct text password = text_from_span(span_from(plain, user + 1));
	const char *harmless = secrets_harmless(coded) ? secrets_harmless(coded) : secrets_harmless(password);
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "basic-auth",
									  .name = text_from_span(span_sub(plain, 0, user)),
									  .value = password,
									  .proof = "structure: decodes to user and password",
									  .confidence = "proven",
									  .harmless = harmless });
}

/* ---- clouds ---- */

/* The part of a connection string that is called `name`, in the line. */
static struct text part_of(struct text line, const char *name)
{
	const char *at = line.n ? memmem(line.p, line.n, name, strlen(name)) : NULL;
	if (!at)
		return TEXT_NONE;
	size_t i = (size_t)(at - line.p) + strlen(name), from = i;
	while (i < line.n && line.p[i] > ' ' && line.p[i] != ';' && line.p[i] != '"' && line.p[i] != '\'' &&
		   line.p[i] < 0x7f)
		i++;
	return text_of(line.p + from, i - from);
}

/* Base64 of 32 or 64 bytes behind SharedAccessKey= or AccountKey=. */
void secrets_azure(struct secrets *s, uint64_t value, const char *what)
{
	struct span bytes = s->subject->bytes;
	size_t n = run_of(bytes, value, 'B', 100);
	struct span raw = secrets_base64(s, text_from_span(span_sub(bytes, value, n)));
	if (raw.n != 32 && raw.n != 64 && raw.n != 16 && raw.n != 24)
		return;
	while (span_has(bytes, value + n, "=", 1) && n % 4)
		n++;
	struct text line = secrets_line(s, value), key = text_from_span(span_sub(bytes, value, n));
	struct text host = part_of(line, "HostName="), device = part_of(line, "DeviceId=");
	if (!host.n)
		host = part_of(line, "Endpoint=");
	if (!host.n)
		host = part_of(line, "AccountName=");
	struct text name = host;
	if (host.n && device.n)
		name = text_c(arena_printf(s->subject->arena, "%.*s on %.*s", (int)device.n, device.p, (int)host.n, host.p));
	secrets_emit(s, &(struct secret){ .at = value,
									  .kind = what,
									  .name = name,
									  .value = key,
									  .proof = "structure",
									  .confidence = host.n ? "proven" : "likely" });
}

/* A shared access signature: sig= beside sr= or sv=, and se= says until when. `value` is behind "sig=". */
void secrets_sas(struct secrets *s, uint64_t value)
{
	struct text line = secrets_line(s, value);
	struct text sig = part_of(line, "sig="), expires = part_of(line, "se=");
	const char *amp = sig.n ? memchr(sig.p, '&', sig.n) : NULL;
	if (amp)
		sig.n = (size_t)(amp - sig.p);
	amp = expires.n ? memchr(expires.p, '&', expires.n) : NULL;
	if (amp)
		expires.n = (size_t)(amp - expires.p);
	if (sig.n < 43 || sig.n > 90 || !expires.n || secrets_is_reference(expires) ||
		(!secrets_contains(line, "sv=") && !secrets_contains(line, "sr=")) || secrets_variety(sig) < 16)
		return;
	secrets_emit(s, &(struct secret){ .at = secrets_offset(s, sig),
									  .kind = "azure-shared-access-signature",
									  .value = sig,
									  .proof = arena_printf(s->subject->arena, "structure: expires %.*s",
															(int)expires.n, expires.p) });
}

/* A service account of Google: JSON with "private_key_id" (at `from`), "client_email" and the key. */
void secrets_service_account(struct secrets *s, uint64_t from)
{
	struct span around = span_clip(s->subject->bytes, from > 1024 ? from - 1024 : 0, 8192);
	struct text json = text_from_span(around),
				id = member(text_from_span(span_clip(s->subject->bytes, from, 512)), "\"private_key_id\"");
	struct text mail = member(json, "\"client_email\"");
	if (id.n != 40 || !secrets_is_hex(id) || !secrets_contains(json, "service_account") ||
		!secrets_contains(json, "PRIVATE KEY-----"))
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "google-service-account",
									  .name = mail,
									  .value = id,
									  .proof = "structure",
									  .confidence = "proven" });
}

/* The static key of OpenVPN: 256 bytes as lines of 32 hexadecimal digits. */
void secrets_openvpn(struct secrets *s, uint64_t from)
{
	struct span body = span_clip(s->subject->bytes, from, 1024);
	char *key = arena_alloc(s->subject->arena, 513, 1);
	size_t n = 0;
	for (size_t i = 0; key && i < body.n && n < 512; i++) {
		if (in_class('X', (char)body.p[i]))
			key[n++] = (char)body.p[i];
		else if (body.p[i] != '\n' && body.p[i] != '\r' && body.p[i] != '-' && body.p[i] != ' ')
			break;
	}
	if (!key || n != 512 || secrets_variety(text_of(key, n)) < 8)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "openvpn-static-key",
									  .value = text_of(key, n),
									  .proof = "structure",
									  .confidence = "proven" });
}

void secrets_pgp(struct secrets *s, uint64_t from)
{
	struct span body = span_clip(s->subject->bytes, from, 65536);
	const uint8_t *end = body.n ? memmem(body.p, body.n, "-----END PGP PRIVATE KEY BLOCK", 30) : NULL;
	if (!end || end - body.p < 200)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "pgp-private-key",
									  .value = text_from_span(span_sub(body, 0, (uint64_t)(end - body.p))),
									  .proof = "structure",
									  .harmless = s->place >= SECRETS_LIBRARY ? "documentation example" : NULL });
}

/* PrivateKey = and 43 digits of Base64 and '=': `end` is behind them. */
void secrets_wireguard(struct secrets *s, uint64_t end)
{
	struct text key = text_from_span(span_sub(s->subject->bytes, end - 44, 44));
	struct text line = secrets_line(s, end);
	if (secrets_base64(s, key).n != 32 || secrets_variety(key) < 12)
		return;
	bool shared = secrets_contains_nocase(line, "preshared");
	secrets_emit(s, &(struct secret){ .at = end - 44,
									  .kind = shared ? "wireguard-preshared-key" : "wireguard-private-key",
									  .value = key,
									  .proof = "structure",
									  .confidence = "proven" });
}

/* "admin:1234" as a string of its own in a program, when it is a published pair. */
void secrets_pair(struct secrets *s, uint64_t from, uint64_t to)
{
	struct span bytes = s->subject->bytes;
	uint8_t before = from ? bytes.p[from - 1] : 0;
	struct text user = text_from_span(span_sub(bytes, from, to - from - 1));
	struct text password = text_from_span(span_clip(bytes, to, 40));
	size_t n = 0;
	while (n < password.n && password.p[n] > ' ' && password.p[n] < 0x7f && password.p[n] != ':' &&
		   password.p[n] != '"' && password.p[n] != '\'')
		n++;
	uint8_t after = n < password.n ? (uint8_t)password.p[n] : 0;
	bool whole = (before == 0 || before == '"' || before == '\'') && (after == 0 || after == before);
	password.n = n;
	if (!whole || n < 4 || n == 40 || s->place != SECRETS_BINARY ||
		(text_eq(user, password) && text_is(user, "root")) || !secrets_is_default_pair(user, password))
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "password",
									  .name = user,
									  .value = password,
									  .proof = "published default of this user" });
}

static size_t token_length(struct text t)
{
	size_t n = 0;
	while (n < t.n &&
		   (in_class('W', t.p[n]) || t.p[n] == '.' || t.p[n] == '~' || t.p[n] == '+' || t.p[n] == '/' || t.p[n] == '='))
		n++;
	return n;
}

void secrets_bearer(struct secrets *s, uint64_t from)
{
	struct text token = text_from_span(span_clip(s->subject->bytes, from, 512));
	token.n = token_length(token);
	/* a JSON Web Token is found by its own form */
	if (token.n == 512 || text_starts(token, "eyJ") || !secrets_has_digit(token) || !secrets_has_letter(token) ||
		secrets_variety(token) < 12 || memchr(token.p, ' ', token.n))
		return;
	secrets_emit(s, &(struct secret){ .at = from, .kind = "bearer-token", .value = token, .proof = "structure" });
}

void secrets_around(struct secrets *s, uint64_t from, uint64_t least, const char *kind)
{
	struct span bytes = s->subject->bytes;
	struct text token = text_from_span(span_clip(bytes, from, 128));
	token.n = token_length(token);
	bool bounded =
		from == 0 || (!in_class('W', (char)bytes.p[from - 1]) && bytes.p[from - 1] != '.' && bytes.p[from - 1] != '~');
	size_t needed = (size_t)(least - from), most = needed + (strcmp(kind, "terraform-token") == 0 ? 72 : 3);
	if (!bounded || token.n < needed + (strcmp(kind, "terraform-token") == 0 ? 60 : 0) || token.n > most ||
		secrets_variety(token) < 14 || !secrets_has_digit(token))
		return;
	secrets_emit(s, &(struct secret){ .at = from, .kind = kind, .value = token, .proof = "structure" });
}
