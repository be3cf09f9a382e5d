/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name that means a secret, an operator, and a value: in configurations, XML, JSON, shell, and in the source of scripts. What is
 * computed, asked for or filled in elsewhere is no value, and words of a program are none.
 */
#include "inspect/secrets.h"

#define NAME_MAX 64u
#define VALUE_MAX 512u

struct assignment {
	struct text name, value;
	uint64_t at;   /* of the value */
	char quote;    /* or 0 */
	bool compares; /* ==, != */
	bool xml;
	bool spaced; /* blanks between name and operator */
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		   c == '.';
}

/* ---- names ---- */

struct meaning {
	const char *end; /* of the name, without its digits at the end */
	size_t n;
	const char *kind;
};
#define MEANING(end, kind)                                                                                             \
	{                                                                                                                  \
		end, sizeof(end) - 1, kind                                                                                     \
	}

/* The first that fits counts. */
static const struct meaning meanings[] = {
	MEANING("wpapsk", "wifi-psk"),
	MEANING("wpa_psk", "wifi-psk"),
	MEANING("wpa_passphrase", "wifi-psk"),
	MEANING("sae_password", "wifi-psk"),
	MEANING("psk", "wifi-psk"),
	MEANING("passphrase", "passphrase"),
	MEANING("password", "password"),
	MEANING("passwort", "password"),
	MEANING("passwd", "password"),
	MEANING("passwrd", "password"),
	MEANING("pwd", "password"),
	MEANING("devicesecret", "alibaba-device-secret"),
	MEANING("device_secret", "alibaba-device-secret"),
	MEANING("productsecret", "alibaba-product-secret"),
	MEANING("product_secret", "alibaba-product-secret"),
	MEANING("accesskeysecret", "alibaba-secret-key"),
	MEANING("secret_access_key", "aws-secret-key"),
	MEANING("aws_secret_key", "aws-secret-key"),
	MEANING("shared_secret", "shared-secret"),
	MEANING("client_secret", "oauth-client-secret"),
	MEANING("clientsecret", "oauth-client-secret"),
	MEANING("secretkey", "secret-key"),
	MEANING("secret_key", "secret-key"),
	MEANING("secret", "secret"),
	MEANING("authkey", "auth-key"),
	MEANING("auth_key", "auth-key"),
	MEANING("auzkey", "auth-key"),
	MEANING("auz_key", "auth-key"),
	MEANING("accesskey", "access-key"),
	MEANING("access_key", "access-key"),
	MEANING("access-key", "access-key"),
	MEANING("presharedkey", "pre-shared-key"),
	MEANING("pre_shared_key", "pre-shared-key"),
	MEANING("api_key", "api-key"),
	MEANING("apikey", "api-key"),
	MEANING("api-key", "api-key"),
	MEANING("token", "token"),
};

/* Beginnings of names that end alike and hold no secret. */
static const char *const not_names[] = {
	"csrf",       "xsrf",         "show",   "hide",   "has",    "is",        "no_",  "forgot",  "reset", "old",
	"new",        "confirm",      "repeat", "retype", "verify", "min",       "max",  "invalid", "wrong", "bad",
	"require",    "use",          "ask",    "change", "enter",  "next",      "prev", "cancel",  "end",   "start",
	"pagination", "continuation", "no",     "empty",  "delim",  "separator", "sync", "page",    "parse", "get",
	"set",        "check",        "input",  "label",  "lbl",    "txt",       "err",  "msg",     "str"
};

/* Whose `pass` is a password: there are passes of a compiler, too. */
static bool is_pass(struct text name)
{
	static const char *const owners[] = { "user",    "admin", "root",    "db",     "login", "ftp",   "smtp",
										  "mail",    "email", "wifi",    "wlan",   "http",  "https", "auth",
										  "mqtt",    "sql",   "mysql",   "ppp",    "pppoe", "vpn",   "rtsp",
										  "onvif",   "ddns",  "proxy",   "telnet", "ssh",   "web",   "remote",
										  "account", "guest", "sip",     "ap",     "sta",   "cam",   "server",
										  "client",  "def",   "default", "router", "wan" };
	if (name.n < 5 || !secrets_ends_nocase(name, "pass"))
		return false;
	struct text owner = text_of(name.p, name.n - 4);
	while (owner.n && !((owner.p[owner.n - 1] | 0x20) >= 'a' && (owner.p[owner.n - 1] | 0x20) <= 'z'))
		owner.n--;
	size_t n = owner.n;
	while (n > 0 && is_name(owner.p[n - 1]) && owner.p[n - 1] != '_' && owner.p[n - 1] != '-' && owner.p[n - 1] != '.')
		n--;
	owner = text_of(owner.p + n, owner.n - n);
	for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
		if (secrets_eq_nocase(owner, owners[i]))
			return true;
	return false;
}

static const char *meaning_of(struct text name)
{
	while (name.n && ((name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9') || name.p[name.n - 1] == '_' ||
					  name.p[name.n - 1] == '-'))
		name.n--;
	if (secrets_eq_nocase(name, "pass") || is_pass(name))
		return "password";
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (name.n >= meanings[i].n && (name.p[name.n - 1] | 0x20) == meanings[i].end[meanings[i].n - 1] &&
			secrets_eq_nocase(text_of(name.p + name.n - meanings[i].n, meanings[i].n), meanings[i].end))
			return meanings[i].kind;
	return NULL;
}

/* The word that the name begins with: showPassword, old_password. */
static bool is_other_name(struct text name)
{
	if (text_is(name, "NOPASSWD") || text_is(name, "PASSWD")) /* tags of sudoers(5) */
		return true;
	for (size_t i = 0; i < sizeof not_names / sizeof not_names[0]; i++) {
		size_t n = strlen(not_names[i]);
		if (name.n > n && secrets_eq_nocase(text_of(name.p, n), not_names[i]) &&
			(name.p[n] == '_' || name.p[n] == '-' || (name.p[n] >= 'A' && name.p[n] <= 'Z' && name.p[n - 1] >= 'a')))
			return true;
	}
	return false;
}

static bool is_strong_kind(const char *kind)
{
	return strcmp(kind, "password") != 0 && strcmp(kind, "passphrase") != 0 && strcmp(kind, "wifi-psk") != 0;
}

/* ---- reading ---- */

/* The name before the operator at `op`; false when none is right there. */
static bool read_name(const struct secrets *s, uint64_t op, struct assignment *a)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = op, low = op > 128 ? op - 128 : 0;
	while (at > low && (p[at - 1] == ' ' || p[at - 1] == '\t'))
		at--;
	a->spaced = at < op;
	while (at > low && (p[at - 1] == '"' || p[at - 1] == '\'' || p[at - 1] == ']' || p[at - 1] == ')'))
		at--;
	uint64_t end = at;
	while (at > low && end - at <= NAME_MAX && is_name((char)p[at - 1]))
		at--;
	a->name = text_from_span(span_sub(s->subject->bytes, at, end - at));
	while (a->name.n && (a->name.p[0] == '.' || a->name.p[0] == '-')) {
		a->name.p++;
		a->name.n--;
	}
	if (!a->name.n || a->name.n > NAME_MAX)
		return false;
	/* The last part of a dotted or dashed option: `--db.password=`. */
	a->xml = at > 0 && p[at - 1] == '<';
	return true;
}

static bool read_quoted(struct span rest, struct assignment *a)
{
	char quote = (char)rest.p[0];
	for (size_t i = 1; i < rest.n && i <= VALUE_MAX; i++) {
		char c = (char)rest.p[i];
		if (c == '\n' || c == '\r' || c == '\0')
			return false;
		if (c == '\\') {
			i++;
		} else if (c == quote) {
			a->value = text_of((const char *)rest.p + 1, i - 1);
			a->quote = quote;
			/* a string that is put together from others */
			size_t k = i + 1;
			while (k < rest.n && (rest.p[k] == ' ' || rest.p[k] == '\t'))
				k++;
			char after = k < rest.n ? (char)rest.p[k] : '\n';
			return after != '+' && after != '.' && after != '%' && after != ':' && after != '?' && after != '$' &&
				   after != '"' && after != '\'' && after != '=';
		}
	}
	return false;
}

static bool read_xml(struct span rest, struct assignment *a)
{
	const uint8_t *end = memchr(rest.p, '<', rest.n < VALUE_MAX ? rest.n : VALUE_MAX);
	if (!end || !span_has(rest, (uint64_t)(end - rest.p) + 1, "/", 1))
		return false;
	a->value = text_of((const char *)rest.p, (size_t)(end - rest.p));
	return true;
}

/* To the end of the line or to a comment; in shell and in queries to the end of the word. */
static bool read_bare(struct span rest, enum secrets_place place, struct assignment *a)
{
	size_t n = 0;
	while (n < rest.n && n < VALUE_MAX && rest.p[n] >= ' ' && rest.p[n] < 0x7f) {
		char c = (char)rest.p[n];
		bool blank = c == ' ';
		if (place != SECRETS_CONFIG &&
			(blank || c == ';' || c == '&' || c == '|' || c == ')' || c == '>' || c == '<' || c == '"' || c == '\''))
			break;
		if (blank && n + 1 < rest.n && (rest.p[n + 1] == '#' || rest.p[n + 1] == ';'))
			break;
		n++;
	}
	if (n == VALUE_MAX || (n < rest.n && rest.p[n] >= 0x7f))
		return false;
	while (n > 0 && (rest.p[n - 1] == ' ' || rest.p[n - 1] == ',' || rest.p[n - 1] == ';'))
		n--;
	a->value = text_from_span(span_sub(rest, 0, n));
	return n > 0;
}

/* ["password", "hashing"], x IN ('old_password', 'plain'): members of a list on this line, and no name with its value. */
static bool is_in_list(const struct secrets *s, uint64_t op)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = op, low = op > 256 ? op - 256 : 0;
	for (unsigned depth = 0; at > low && p[at - 1] != '\n'; at--) {
		char c = (char)p[at - 1];
		depth += c == ')' || c == ']';
		if (c != '(' && c != '[')
			continue;
		if (depth-- == 0)
			break;
	}
	if (at <= low || p[at - 1] == '\n')
		return false;
	bool square = p[--at] == '[';
	uint64_t end = at;
	while (end > low && (p[end - 1] == ' ' || p[end - 1] == '\t'))
		end--;
	return square || (end > low + 2 && !is_name((char)p[end - 3]) &&
					  secrets_eq_nocase(text_from_span(span_sub(s->subject->bytes, end - 2, 2)), "in"));
}

static bool read_value(const struct secrets *s, uint64_t op, struct assignment *a)
{
	struct span bytes = s->subject->bytes;
	uint64_t at = op;
	char mark = (char)bytes.p[at];
	unsigned n = 0;
	if (a->xml != (mark == '>') || (mark == ',' && is_in_list(s, op)))
		return false;
	while (at < bytes.n && n < 3 &&
		   (bytes.p[at] == '=' || bytes.p[at] == ':' || bytes.p[at] == '>' || (n == 0 && bytes.p[at] == ','))) {
		at++;
		n++;
		if (a->xml)
			break;
	}
	a->compares = mark == '=' && n > 1 && bytes.p[op + 1] == '=';
	bool blank = false;
	while (!a->xml && at < bytes.n && (bytes.p[at] == ' ' || bytes.p[at] == '\t')) {
		at++;
		blank = true;
	}
	struct span rest = span_clip(bytes, at, VALUE_MAX + 64);
	if (!rest.n)
		return false;
	a->at = at + (rest.p[0] == '"' || rest.p[0] == '\'');
	if (a->xml)
		return read_xml(rest, a);
	if (rest.p[0] == '"' || rest.p[0] == '\'')
		return read_quoted(rest, a);
	if (s->place == SECRETS_SHELL)
		return mark == '=' && n == 1 && !blank && !a->spaced && read_bare(rest, s->place, a);
	if (s->place == SECRETS_CONFIG)
		return mark != ',' && mark != '>' && n == 1 && read_bare(rest, s->place, a);
	return s->place == SECRETS_BINARY && mark == '=' && n == 1 && !blank && read_bare(rest, s->place, a);
}

/* ---- judging ---- */

bool secrets_is_commented(const struct secrets *s, struct text line)
{
	size_t i = 0;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (i >= line.n)
		return false;
	struct text t = text_of(line.p + i, line.n - i);
	return t.p[0] == '#' || (t.p[0] == ';' && s->place == SECRETS_CONFIG) || text_starts(t, "//") ||
		   text_starts(t, "/*") || text_starts(t, "* ") || text_starts(t, "<!--") || text_starts(t, "--");
}

/* Within <!-- -->, which may have begun lines before. */
static bool in_xml_comment(const struct secrets *s, uint64_t at)
{
	uint64_t low = at > 8192 ? at - 8192 : 0;
	struct span before = span_sub(s->subject->bytes, low, at - low);
	const uint8_t *dash;
	for (size_t n = before.n; n > 0 && (dash = memrchr(before.p, '-', n)); n = (size_t)(dash - before.p)) {
		size_t at_dash = (size_t)(dash - before.p);
		if (at_dash > 1 && span_has(before, at_dash - 1, "-->", 3))
			return false;
		if (at_dash > 2 && span_has(before, at_dash - 3, "<!--", 4))
			return true;
	}
	return false;
}

/* A word that the program means, and no password that anybody typed. */
static bool looks_random(struct text v)
{
	return v.n >= 16 && secrets_has_digit(v) && secrets_has_letter(v) && secrets_variety(v) >= 10;
}

static bool has_bad_character(struct text v, bool spaces)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		if (c < ' ' || c == 0x7f || (c == ' ' && !spaces) || (signed char)c < 0)
			return true;
	}
	return false;
}

/* 0x1EA5: a register's or a command's number, too short for a key. */
static bool is_code_number(struct text v)
{
	return v.n > 2 && v.n <= 10 && v.p[0] == '0' && (v.p[1] | 0x20) == 'x' && secrets_is_hex(text_of(v.p + 2, v.n - 2));
}

/* A literal of a program: it must be more than a word, or be known as a password. */
static bool holds_in_code(struct secrets *s, const struct assignment *a, const char *kind, const char **proof)
{
	struct text v = a->value;
	if (!a->quote || (v.n > 0 && memchr("<>#.({[/:?,;\\|", v.p[0], 14)))
		return false;
	if (memchr(v.p, '(', v.n) || memchr(v.p, '<', v.n) || memchr(v.p, '{', v.n) || memchr(v.p, ',', v.n) ||
		memchr(v.p, '\\', v.n) || memchr(v.p, '/', v.n > 0 && !is_strong_kind(kind) ? v.n : 0))
		return false;
	if (secrets_contains_nocase(v, "pass") || secrets_contains_nocase(v, "secret") ||
		secrets_contains_nocase(v, "token") || secrets_contains_nocase(v, "pwd") || secrets_contains_nocase(v, "key"))
		if (!secrets_has_digit(v) || is_strong_kind(kind))
			return false;
	if (looks_random(v)) {
		*proof = "entropy";
		return true;
	}
	if (is_strong_kind(kind))
		return false;
	if (secrets_is_default(s, v)) {
		*proof = "published default password";
		return true;
	}
	/* what an identifier of a page or of a field does not have */
	if (is_code_number(v))
		return false;
	bool marked = memchr(v.p, '!', v.n) || memchr(v.p, '@', v.n) || memchr(v.p, '#', v.n) || memchr(v.p, '$', v.n);
	bool mixed = v.n >= 6 && secrets_has_digit(v) && secrets_has_letter(v) && !memchr(v.p, '.', v.n) &&
				 (marked || !memchr(v.p, '-', v.n));
	*proof = "assignment";
	return mixed;
}

static bool holds_in_config(struct secrets *s, const struct assignment *a, const char *kind, const char **proof)
{
	struct text v = a->value;
	if ((strchr("({[<!?|", v.p[0]) && v.p[0]) || is_code_number(v))
		return false;
	if (v.p[0] == '*' || text_has(v, "::") || text_has(v, "->"))
		return false;
	/* Asterisk's word for the password of a peer */
	bool peer = strcmp(kind, "secret") == 0 && text_has(s->subject->path, "/asterisk/");
	if (!is_strong_kind(kind) || peer) {
		*proof = secrets_is_default(s, v) ? "published default password" : "assignment";
		/* words of a program that speaks of passwords: message identifiers, names of fields */
		return v.n >= 3 && !(v.n > 24 && !secrets_has_digit(v));
	}
	for (size_t i = 0; i < v.n; i++)
		if (!is_name(v.p[i]) && !strchr("+/=~!@$", v.p[i]))
			return false;
	*proof = looks_random(v) ? "entropy" : "assignment";
	return v.n >= 8 && secrets_has_digit(v) && secrets_variety(v) >= 5;
}

static bool holds_in_binary(struct secrets *s, const struct assignment *a, const char *kind, const char **proof)
{
	struct text v = a->value;
	const uint8_t *after = (const uint8_t *)v.p + v.n;
	size_t left = s->subject->bytes.n - (size_t)(after - s->subject->bytes.p);
	bool ended =
		left == 0 || *after == 0 || *after == '\n' || *after == '&' || *after == ' ' || *after == '"' || *after == '\'';
	if (!ended || a->compares || v.n < 4)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!is_name(v.p[i]) && !strchr("@!#$^+/=", v.p[i]))
			return false;
	if (is_strong_kind(kind)) {
		const char *padding = memchr(v.p, '=', v.n);
		*proof = "entropy";
		return looks_random(v) && v.n <= 128 && (!padding || v.n - (size_t)(padding - v.p) <= 2);
	}
	uint64_t name = secrets_offset(s, a->name);
	uint8_t before = name ? s->subject->bytes.p[name - 1] : 0;
	bool variable = strcmp(s->subject->format, "elf") != 0 && (before == 0 || before == '\n') &&
					(left == 0 || *after == 0 || *after == '\n');
	if (variable) { /* of an environment: NVRAM, a boot loader's */
		*proof = secrets_is_default(s, v) ? "published default password" : "assignment";
		return true;
	}
	*proof = "published default password";
	return secrets_has_digit(v) && secrets_is_default(s, v);
}

/* In files that translate a program, a password is a word of a language. */
static bool is_translation(struct text path)
{
	static const char *const marks[] = { "/lang", "/locale", "/i18n",    "/l10n",   "translation",
										 "/nls/", "/msgs/",  "messages", "strings", "language" };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (secrets_contains_nocase(path, marks[i]))
			return true;
	return false;
}

void secrets_assignment(struct secrets *s, uint64_t to)
{
	struct assignment a = { .at = 0 };
	uint64_t op = to - 1;
	if (s->place >= SECRETS_LIBRARY || !read_name(s, op, &a))
		return;
	const char *kind = meaning_of(a.name), *proof = "assignment";
	if (!kind || is_other_name(a.name) || !read_value(s, op, &a))
		return;
	bool spaces = (strcmp(kind, "wifi-psk") == 0 || strcmp(kind, "passphrase") == 0) && s->place == SECRETS_CONFIG;
	if (a.value.n == 0 || secrets_is_reference(a.value) || secrets_is_keyword(a.value) ||
		has_bad_character(a.value, spaces) || secrets_eq_nocase(a.value, "anonymous"))
		return;
	bool holds = s->place == SECRETS_CODE     ? holds_in_code(s, &a, kind, &proof)
				 : s->place == SECRETS_BINARY ? holds_in_binary(s, &a, kind, &proof)
											  : !a.compares && holds_in_config(s, &a, kind, &proof);
	if (!holds || is_translation(s->subject->path))
		return;
	if (s->place != SECRETS_BINARY && secrets_is_commented(s, secrets_line(s, a.at)))
		return;
	if ((a.xml || secrets_ends_nocase(s->subject->path, "ml")) && in_xml_comment(s, a.at))
		return;
	bool hash = a.value.n > 3 && a.value.p[0] == '$' && memchr(a.value.p + 1, '$', a.value.n - 1);
	if (hash)
		return;
	secrets_emit(s, &(struct secret){ .at = a.at,
									  .kind = kind,
									  .name = a.name,
									  .value = a.value,
									  .proof = proof,
									  .confidence = s->place == SECRETS_BINARY ? "possible" : "likely",
									  .harmless = secrets_harmless(a.value) });
}

/* The name before the attribute that ends at `to`: that of the element, or what its attribute "name" says. */
static bool read_attribute_name(const struct secrets *s, uint64_t to, struct assignment *a)
{
	const uint8_t *p = s->subject->bytes.p;
	uint64_t at = to - 1, low = to > 128 ? to - 128 : 0;
	while (at > low && p[at - 1] != ' ')
		at--;
	while (at > low && p[at - 1] == ' ')
		at--;
	bool quoted = at > low && p[at - 1] == '"';
	uint64_t end = at -= quoted;
	while (at > low && is_name((char)p[at - 1]))
		at--;
	a->name = text_from_span(span_sub(s->subject->bytes, at, end - at));
	if (at <= low + (quoted ? 5 : 0) || !a->name.n || a->name.n > NAME_MAX)
		return false;
	return quoted ? secrets_eq_nocase(text_of((const char *)p + at - 6, 6), "name=\"") : p[at - 1] == '<';
}

void secrets_attribute(struct secrets *s, uint64_t to)
{
	struct assignment a = { .at = to };
	struct span rest = span_clip(s->subject->bytes, to, VALUE_MAX);
	if (s->place != SECRETS_CONFIG || !rest.n || !read_attribute_name(s, to, &a))
		return;
	const char *kind = meaning_of(a.name), *proof = "assignment";
	char quote = rest.p[0] == '"' || rest.p[0] == '\'' ? (char)rest.p[0] : '\0';
	size_t n = quote != 0;
	while (n < rest.n && rest.p[n] >= ' ' && rest.p[n] < 0x7f &&
		   (quote ? (char)rest.p[n] != quote : rest.p[n] != ' ' && rest.p[n] != '>' && rest.p[n] != '/'))
		n++;
	a.value = text_from_span(span_sub(rest, quote != 0, n - (quote != 0)));
	if (!kind || is_other_name(a.name) || n == rest.n || a.value.n == 0 || secrets_is_reference(a.value) ||
		secrets_is_keyword(a.value) || has_bad_character(a.value, true) || !holds_in_config(s, &a, kind, &proof) ||
		is_translation(s->subject->path) || in_xml_comment(s, to))
		return;
	secrets_emit(s, &(struct secret){ .at = to + (quote != 0),
									  .kind = kind,
									  .name = a.name,
									  .value = a.value,
									  .proof = proof,
									  .harmless = secrets_harmless(a.value) });
}

void secrets_directive(struct secrets *s, uint64_t from, uint64_t to)
{
	struct span bytes = s->subject->bytes;
	if (s->place != SECRETS_CONFIG)
		return;
	/* first on its line, or behind one other word (`enable password`) */
	uint64_t at = from;
	while (at > 0 && from - at < 40 &&
		   (is_name((char)bytes.p[at - 1]) || bytes.p[at - 1] == ' ' || bytes.p[at - 1] == '\t'))
		at--;
	if (at > 0 && bytes.p[at - 1] != '\n')
		return;
	struct text head = text_from_span(span_sub(bytes, at, to - at)), name = head;
	while (name.n && (name.p[0] == ' ' || name.p[0] == '\t'))
		name = text_of(name.p + 1, name.n - 1);
	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	if (name.p[0] == '-' ||
		(text_has(name, " ") && !text_starts(name, "enable ") && !text_starts(name, "option ")))
		return;
	struct assignment a = { .at = 0 };
	struct span rest = span_clip(bytes, to, VALUE_MAX);
	size_t blanks = 0;
	while (blanks < rest.n && (rest.p[blanks] == ' ' || rest.p[blanks] == '\t'))
		blanks++;
	rest = span_from(rest, blanks);
	bool quoted = rest.n && (rest.p[0] == '"' || rest.p[0] == '\'');
	if (!rest.n || (quoted ? !read_quoted(rest, &a) : !read_bare(rest, SECRETS_CONFIG, &a)))
		return;
	if (text_starts(a.value, "8 ") || secrets_is_reference(a.value) || secrets_is_keyword(a.value) ||
		has_bad_character(a.value, false) || a.value.n < 3 || strchr("=:({[<", a.value.p[0]))
		return;
	if (text_starts(name, "option "))
		name = text_of(name.p + 7, name.n - 7);
	secrets_emit(s, &(struct secret){ .at = to + blanks + quoted,
									  .kind = "password",
									  .name = name,
									  .value = a.value,
									  .proof = "structure",
									  .harmless = secrets_harmless(a.value) });
}
