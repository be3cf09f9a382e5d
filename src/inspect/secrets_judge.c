/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the value of an assignment is a secret: in code it must be more than a word, in a binary more than a string. */
#include "inspect/secrets_assign.h"

static bool is_strong_kind(const char *kind)
{
	return strcmp(kind, "password") != 0 && strcmp(kind, "passphrase") != 0 && strcmp(kind, "wifi-psk") != 0;
}

/* A word that the program means, and no password that anybody typed. */
static bool looks_random(struct text v)
{
	return v.n >= 16 && secrets_has_digit(v) && secrets_has_letter(v) && secrets_variety(v) >= 10;
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
		if (!assignment_is_name(v.p[i]) && !strchr("+/=~!@$", v.p[i]))
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
		if (!assignment_is_name(v.p[i]) && !strchr("@!#$^+/=", v.p[i]))
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

bool assignment_holds(struct secrets *s, const struct assignment *a, const char *kind, const char **proof)
{
	bool holds = s->place == SECRETS_CODE     ? holds_in_code(s, a, kind, proof)
				 : s->place == SECRETS_BINARY ? holds_in_binary(s, a, kind, proof)
											  : !a->compares && holds_in_config(s, a, kind, proof);
	return holds && !is_translation(s->subject->path);
}
