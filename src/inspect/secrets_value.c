/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be told of a value without a network: whether it is one at all, and whether it opens anything. */
#include "inspect/secrets.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "inspect/credentials.h"

/* The list of passwords is read from its beginning: so often in one blob. */
#define LOOKUPS_MAX 300u

bool secrets_eq_nocase(struct text a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool secrets_ends_nocase(struct text a, const char *b)
{
	size_t n = strlen(b);
	return a.n >= n && secrets_eq_nocase(text_of(a.p + a.n - n, n), b);
}

bool secrets_contains_nocase(struct text haystack, const char *needle)
{
	size_t n = strlen(needle);
	for (size_t i = 0; i + n <= haystack.n; i++)
		if (ascii_lower(haystack.p[i]) == needle[0] && secrets_eq_nocase(text_of(haystack.p + i, n), needle))
			return true;
	return false;
}

unsigned secrets_variety(struct text value)
{
	bool seen[256] = { false };
	unsigned n = 0;
	for (size_t i = 0; i < value.n; i++) {
		n += !seen[(uint8_t)value.p[i]];
		seen[(uint8_t)value.p[i]] = true;
	}
	return n;
}

bool secrets_has_digit(struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] >= '0' && value.p[i] <= '9')
			return true;
	return false;
}

bool secrets_has_letter(struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if (ascii_lower(value.p[i]) >= 'a' && ascii_lower(value.p[i]) <= 'z')
			return true;
	return false;
}

bool secrets_is_hex(struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!((value.p[i] >= '0' && value.p[i] <= '9') || (ascii_lower(value.p[i]) >= 'a' && ascii_lower(value.p[i]) <= 'f')))
			return false;
	return value.n > 0;
}

/* Values that documentation publishes, by their beginning. */
static const char *const published[] = {
	"AKIAI44QH8DHB",                                                                          /* AWS documentation */
	"wJalrXUtnFEMI/K7MDENG",                                                                  /* likewise */
	"je7MtGbClwBF/2Zp9Utk",                                                                   /* likewise */
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lI", /* jwt.io */
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",                                               /* RFC 7519 */
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq", /* the emulator's, published */
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",
	"QWxhZGRpbjpvcGVuIHNlc2FtZQ", /* RFC 7617: Aladdin:open sesame */
	"AIzaSyabcdefghijklmnopqrstuvwxyz",
};

/* Hashes that programs carry for themselves, and that nobody logs in with, by their salt and beginning: what OpenSSH
 * compares with where a user is unknown, and what PHP's crypt() and GRUB's are tried with. */
static const char *const dummies[] = {
	"$2a$06$r3.juUaHZDlIbQaO2dS9Fu",
	"$2y$04$usesomesillystringfor",
	"$2a$07$usesomesillystringfor",
	"$2y$07$usesomesillystringfor",
	"$1$oaL$eyrazuM7TkxVkKgBim1WH1",
	"$1$naL$BaFO8zGgmss1E76GsrAec1",
	"$1$maL$OKEF0PD2k6eQ0Po8u4Gjr/",
};

static bool all_same(struct text v)
{
	return v.n >= 3 && secrets_variety(v) <= 1 && !secrets_has_digit(v);
}

const char *secrets_harmless(struct text value)
{
	static const char *const words[] = { "xxxx",       "****",        "placeholder", "replace",   "your_",
										 "your-",      "yourpass",    "yoursecret",  "yourtoken", "yourkey",
										 "your_key",   "insert",      "dummy",       "redacted",  "_here",
										 "-here",      "change_this", "changethis",  "todo",      "fixme",
										 "mypassword", "my_password", "foobar",      "hunter2",   "not-a-real",
										 "notreal" };
	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++)
		if (text_starts(value, published[i]))
			return "documentation example";
	for (size_t i = 0; i < sizeof dummies / sizeof dummies[0]; i++)
		if (text_starts(value, dummies[i]))
			return "test vector";
	if (secrets_contains_nocase(value, "example"))
		return "documentation example";
	if (secrets_contains_nocase(value, "testtest") || secrets_contains_nocase(value, "test-vector"))
		return "test vector";
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (secrets_contains_nocase(value, words[i]))
			return "placeholder";
	bool bracketed = value.n > 2 && ((value.p[0] == '<' && value.p[value.n - 1] == '>') ||
									 (value.p[0] == '[' && value.p[value.n - 1] == ']'));
	if (bracketed || all_same(value))
		return "placeholder";
	if (value.n >= 20 && (secrets_contains_nocase(value, "0123456789") ||
						  secrets_contains_nocase(value, "abcdefghij") || text_has(value, "1234567890")))
		return "placeholder";
	return NULL;
}

bool secrets_is_reference(struct text v)
{
	if (v.n == 0)
		return true;
	char first = v.p[0], last = v.p[v.n - 1];
	for (size_t i = 0; i + 1 < v.n; i++) {
		char c = v.p[i], next = v.p[i + 1];
		bool word = (ascii_lower(next) >= 'a' && ascii_lower(next) <= 'z') || next == '_';
		if (c == '$' && (word || next == '{' || next == '(' || (next >= '0' && next <= '9')))
			return true;
		if (c == '%' && (next == 's' || next == 'd' || next == 'u' || next == 'x' || next == '.' || next == '-' ||
						 next == '(' || next == '0' || next == 'l' || next == 'S' || next == '@' || next == '{'))
			return true;
		if ((c == '{' && next == '{') || (c == '<' && (next == '%' || next == '?')) || (c == '#' && next == '{') ||
			(c == '[' && next == '%'))
			return true;
	}
	bool around =
		v.n > 2 && ((first == '@' && last == '@') || (first == '%' && last == '%') || (first == '`') ||
					(first == '{' && last == '}') || (first == '_' && last == '_') || (first == '#' && last == '#'));
	return around || first == '&' || (first == '/' && v.n > 1 && memchr(v.p + 1, '/', v.n - 1));
}

bool secrets_is_keyword(struct text value)
{
	static const char *const words[] = {
		"true",        "false",     "yes",      "no",         "on",
		"off",         "none",      "null",     "nil",        "undefined",
		"required",    "optional",  "string",   "text",       "password",
		"passwd",      "pwd",       "pass",     "secret",     "token",
		"key",         "apikey",    "api_key",  "disabled",   "enabled",
		"disable",     "enable",    "ask",      "prompt",     "file",
		"auto",        "sha256",    "sha512",   "sha1",       "md5",
		"plain",       "plaintext", "crypt",    "pam",        "ldap",
		"bcrypt",      "int",       "integer",  "bool",       "boolean",
		"str",         "bytes",     "number",   "object",     "any",
		"void",        "char",      "function", "empty",      "default",
		"unknown",     "hidden",    "value",    "username",   "user",
		"login",       "basic",     "bearer",   "digest",     "oauth",
		"oauth2",      "hmac",      "static",   "return",     "self",
		"this",        "new",       "env",      "stdin",      "keyring",
		"interactive", "never",     "always",   "manual",     "unset",
		"n/a",         "na",        "psk",      "wpa",        "wep",
		"wpa2",        "open",      "sae",      "ccmp",       "aes",
		"tkip",        "hex",       "ascii",    "base64",     "compat",
		"strong",      "weak",      "invalid",  "expired",    "required_pass",
		"error",       "jwt",       "csrf",     "0x0",        "type",
		"name",        "field",     "label",    "sufficient", "requisite",
		"include",     "files",     "rsa",      "dsa",        "ecdsa",
		"gpg",         "pgp",       "set",      "get",        "len",
		"length",      "size",      "list",     "array",      "dict",
		"access",      "refresh",   "id",       "passphrase", "credentials",
		"credential",  "uint8_t",   "const",    "varchar",    "textbox",
		"checkbox",    "uuid",
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (secrets_eq_nocase(value, words[i]))
			return true;
	return false;
}

bool secrets_is_default(struct secrets *s, struct text value)
{
	if (value.n < 3 || s->lookups++ >= LOOKUPS_MAX)
		return false;
	for (size_t i = 0; i < credential_npasswords && !(credential_passwords[i].origin & CREDENTIAL_COMMON); i++)
		if (text_is(value, credential_text + credential_passwords[i].text))
			return true;
	return false;
}

static int compare_user(struct text user, const char *listed)
{
	for (size_t i = 0; i < user.n; i++) {
		unsigned char a = (unsigned char)ascii_lower(user.p[i]), b = (unsigned char)listed[i];
		if (a != b)
			return a < b ? -1 : 1;
	}
	return listed[user.n] ? -1 : 0;
}

bool secrets_is_default_pair(struct text user, struct text password)
{
	size_t lo = 0, hi = credential_npairs;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare_user(user, credential_text + credential_pairs[mid].user) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < credential_npairs && compare_user(user, credential_text + credential_pairs[lo].user) == 0; lo++)
		if (text_is(password, credential_text + credential_passwords[credential_pairs[lo].password].text))
			return true;
	return false;
}

/* Of the alphabet for URLs and file names, too (section 5). */
static int digit_of(char c)
{
	return c == '-' ? 62 : c == '_' ? 63 : base64_digit((unsigned char)c);
}

struct span secrets_base64(struct secrets *s, struct text value)
{
	while (value.n && value.p[value.n - 1] == '=')
		value.n--;
	uint8_t *out =
		value.n % 4 == 1 || value.n > SECRET_TEXT_MAX ? NULL : arena_alloc(s->subject->arena, value.n + 1, 1);
	uint32_t bits = 0;
	size_t n = 0;
	for (size_t i = 0; out && i < value.n; i++) {
		int d = digit_of(value.p[i]);
		if (d < 0)
			return SPAN_NONE;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4)
			out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return out ? span_of(out, n) : SPAN_NONE;
}
