/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens that their own form gives away: prefixes of vendors, and what stands beside them.
 *
 * Specification: the checksum of GitHub's and npm's tokens: github.blog "Behind GitHub's new authentication token formats":
 * CRC-32 of the random part in base 62.
 */
#include "inspect/secrets_class.h"

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
			size_t run = secrets_run(bytes, at, class, n);
			struct text t = text_from_span(span_sub(bytes, at, n));
			bool fits = run == n && t.p && secrets_variety(t) >= 16 && secrets_has_digit(t) && secrets_has_letter(t) &&
						!secrets_is_hex(t) && (at == 0 || bytes.p[at - 1] != '/');
			if (fits) {
				*out = t;
				return true;
			}
			/* past all of the run */
			while (at < stop && secrets_in_class(class, (char)bytes.p[at]))
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
	return text_has(token, "T3Blbk"
								   "FJ");
}

void secrets_rule(struct secrets *s, size_t rule, uint64_t from)
{
	struct span bytes = s->subject->bytes;
	const struct rule *r = &rules[rule];
	size_t prefix = strlen(r->prefix);
	if (from > 0 && r->prefix[0] != '.' && (secrets_in_class('A', (char)bytes.p[from - 1]) || bytes.p[from - 1] == '_'))
		return;
	uint64_t end = secrets_match(bytes, from + prefix, r->rest);
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

/* 123456789:AA and 33 more. `colon` is where the colon stands. */
void secrets_telegram(struct secrets *s, uint64_t colon)
{
	struct span bytes = s->subject->bytes;
	uint64_t from = colon;
	while (from > 0 && colon - from < 12 && secrets_in_class('D', (char)bytes.p[from - 1]))
		from--;
	uint64_t end = secrets_match(bytes, colon, ":AA%W33;");
	bool bounded = from == 0 || !secrets_in_class('A', (char)bytes.p[from - 1]) ||
				   (from >= 3 && memcmp(bytes.p + from - 3, "bot", 3) == 0);
	if (!end || colon - from < 8 || colon - from > 10 || !bounded)
		return;
	secrets_emit(s, &(struct secret){ .at = from,
									  .kind = "telegram-token",
									  .value = text_from_span(span_sub(bytes, from, end - from)),
									  .proof = "structure" });
}

static size_t token_length(struct text t)
{
	size_t n = 0;
	while (n < t.n && (secrets_in_class('W', t.p[n]) || t.p[n] == '.' || t.p[n] == '~' || t.p[n] == '+' ||
					   t.p[n] == '/' || t.p[n] == '='))
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
	bool bounded = from == 0 || (!secrets_in_class('W', (char)bytes.p[from - 1]) && bytes.p[from - 1] != '.' &&
								 bytes.p[from - 1] != '~');
	size_t needed = (size_t)(least - from), most = needed + (strcmp(kind, "terraform-token") == 0 ? 72 : 3);
	if (!bounded || token.n < needed + (strcmp(kind, "terraform-token") == 0 ? 60 : 0) || token.n > most ||
		secrets_variety(token) < 14 || !secrets_has_digit(token))
		return;
	secrets_emit(s, &(struct secret){ .at = from, .kind = kind, .value = token, .proof = "structure" });
}
