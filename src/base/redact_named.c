/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that stand where a credential is named. What the names are is a matter of habit: in doubt the value is hidden. */
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/redact.h"

/* A shorter value of a "key" is an index, a name, a word of the interface. */
#define KEY_MIN 8u
/* Of a PIN, of which others are the pins of a chip. */
#define PIN_MIN 4u
#define HASH_MIN 8u
/* Longer is no value that reaches to the end of its line: so the work is linear in the text. */
#define LINE_MAX_VALUE 4096u

static bool is_name(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 && c != '\t';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- names ---- */

enum naming { NAMES_NOTHING, NAMES_SECRET, NAMES_KEY, NAMES_PIN };

static bool has_end(struct text name, const char *word)
{
	size_t n = strlen(word);
	return name.n >= n && strncasecmp(name.p + name.n - n, word, n) == 0;
}

/* The word is all of the name, or a part of its own: db_pass, dbPass. */
static bool has_last_part(struct text name, const char *word)
{
	size_t n = strlen(word);
	if (!has_end(name, word))
		return false;
	char before = name.n > n ? name.p[name.n - n - 1] : '_', first = name.p[name.n - n];
	return !ascii_is_letter(before) || (before >= 'a' && first < 'a');
}

static const char *const secret_ends[] = { "password", "passwd", "passphrase", "passcode", "pwd", "psk", "secret", "token",
										   "credential", "credentials", "userpass", "requirepass", "authorization" };
static const char *const secret_parts[] = { "pass", "pw" };
static const char *const key_ends[] = { "apikey", "secretkey", "accesskey", "sharedkey", "authkey", "wepkey" };
static const char key_part[] = "key", pin_part[] = "pin";

#define COUNT(words) (sizeof(words) / sizeof(words)[0])

/* The last two letters of all these words: nearly all names of a text are told by them to be none. */
static bool endings[26][26];
static pthread_once_t endings_once = PTHREAD_ONCE_INIT;

static void add_ending(const char *word)
{
	size_t n = strlen(word);
	endings[word[n - 2] - 'a'][word[n - 1] - 'a'] = true;
}

static void make_endings(void)
{
	for (size_t i = 0; i < COUNT(secret_ends); i++)
		add_ending(secret_ends[i]);
	for (size_t i = 0; i < COUNT(secret_parts); i++)
		add_ending(secret_parts[i]);
	for (size_t i = 0; i < COUNT(key_ends); i++)
		add_ending(key_ends[i]);
	add_ending(key_part);
	add_ending(pin_part);
}

static bool has_ending(struct text name)
{
	if (name.n < 2 || !ascii_is_letter(name.p[name.n - 2]) || !ascii_is_letter(name.p[name.n - 1]))
		return false;
	pthread_once(&endings_once, make_endings);
	return endings[(name.p[name.n - 2] | 0x20) - 'a'][(name.p[name.n - 1] | 0x20) - 'a'];
}

static enum naming naming_of(struct text name)
{
	while (name.n && !ascii_is_letter(name.p[name.n - 1])) /* wep_key0 */
		name.n--;
	if (!has_ending(name))
		return NAMES_NOTHING;
	for (size_t i = 0; i < COUNT(secret_ends); i++)
		if (has_end(name, secret_ends[i]))
			return NAMES_SECRET;
	for (size_t i = 0; i < COUNT(secret_parts); i++)
		if (has_last_part(name, secret_parts[i]))
			return NAMES_SECRET;
	for (size_t i = 0; i < COUNT(key_ends); i++)
		if (has_end(name, key_ends[i]))
			return NAMES_KEY;
	if (has_last_part(name, key_part) && name.n > 3 && !memmem(name.p, name.n, "pub", 3) && !memmem(name.p, name.n, "Pub", 3))
		return NAMES_KEY;
	return has_last_part(name, pin_part) ? NAMES_PIN : NAMES_NOTHING;
}

/* ---- values ---- */

static bool is_of(struct text t, bool (*is)(int))
{
	size_t i = 0;
	while (i < t.n && is(t.p[i]))
		i++;
	return i == t.n;
}

static bool is_path(struct text t)
{
	static const char *const beginnings[] = { "/etc/", "/usr/", "/var/", "/tmp/", "/root/", "/home/", "/mnt/", "/opt/",
											  "/data/", "/dev/", "/run/", "/lib", "/conf", "/proc/", "./", "../" };
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (t.n >= strlen(beginnings[i]) && memcmp(t.p, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

/* A switch, a variable, a place, what was hidden already: no credential. */
static bool is_harmless(struct text v, enum naming naming)
{
	static const char *const words[] = { "yes", "no", "true", "false", "on", "off", "none", "null", "nil", "enabled",
										 "disabled", "required", "optional", "0", "1" };
	if (!v.n || is_path(v) || memmem(v.p, v.n, "****", 4))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (v.n == strlen(words[i]) && strncasecmp(v.p, words[i], v.n) == 0)
			return true;
	if (v.p[0] == '$' && v.n > 1 && (ascii_is_letter(v.p[1]) || memchr("{(_@", v.p[1], 4)) && !(v.n > 2 && v.p[2] == '$'))
		return true;
	if (v.p[0] == '%' && v.n <= 4)
		return true;
	if (naming == NAMES_KEY)
		return v.n < KEY_MIN || memchr(v.p, ' ', v.n);
	return naming == NAMES_PIN && (v.n < PIN_MIN || !is_of(v, ascii_is_digit));
}

/* nsswitch.conf(5): where accounts are looked up. */
static bool is_database(struct text v)
{
	return text_starts(v, "files") || text_starts(v, "compat") || text_starts(v, "db");
}

static size_t end_of_line(struct text t, size_t at)
{
	size_t end = t.n - at < LINE_MAX_VALUE ? t.n : at + LINE_MAX_VALUE;
	while (at < end && !is_control(t.p[at]))
		at++;
	return at;
}

static size_t end_of_word(struct text t, size_t at)
{
	while (at < t.n && !is_control(t.p[at]) && !strchr(" \t&;,<>)}]\"'`|", t.p[at]))
		at++;
	return at;
}

static size_t end_of_quoted(struct text t, size_t at, char quote)
{
	while (at < t.n && !is_control(t.p[at]) && t.p[at] != quote)
		at += t.p[at] == '\\' && at + 1 < t.n && !is_control(t.p[at + 1]) ? 2 : 1;
	return at;
}

static size_t skip_blanks(struct text t, size_t at)
{
	while (at < t.n && is_blank(t.p[at]))
		at++;
	return at;
}

/* Where a name stands, and how it is told from its value. */
struct place {
	size_t from, to; /* of the name */
	bool in_quotes, in_tag, is_option, begins_line;
};

static struct place place_of(struct text t, size_t from, size_t to)
{
	size_t line = from;
	while (line > 0 && (is_blank(t.p[line - 1]) || (t.p[line - 1] && strchr("\"'-{", t.p[line - 1]))))
		line--;
	char before = from ? t.p[from - 1] : '\n';
	return (struct place){ from, to, before == '"' || before == '\'', before == '<', t.p[from] == '-',
						   line == 0 || is_control(t.p[line - 1]) };
}

static bool is_quote_next(struct text t, size_t at)
{
	at = skip_blanks(t, at);
	return at < t.n && (t.p[at] == '"' || t.p[at] == '\'' || t.p[at] == '\\');
}

/* "The password is hunter2": a word with a digit, or in quotes; others make a sentence ("is unique"). */
static size_t behind_is(struct text t, size_t at)
{
	size_t word = at + 3, end;
	if (t.n - at < 4 || memcmp(t.p + at, "is ", 3) != 0)
		return 0;
	if (t.p[word] == '"' || t.p[word] == '\'')
		return word;
	for (end = end_of_word(t, word); word < end; word++)
		if (ascii_is_digit(t.p[word]))
			return at + 3;
	return 0;
}

/* Behind the sign between a name and its value; 0: there is none. *loose: blanks around it, so that the value may have some. */
static size_t behind_sign(struct text t, const struct place *p, bool *loose)
{
	size_t at = p->to;
	if (at < t.n && t.p[at] == '\\' && at + 1 < t.n && t.p[at + 1] == '"')
		at++;
	at += at < t.n && strchr("\"'", t.p[at]) && t.p[at];
	at += at < t.n && t.p[at] == ']';
	size_t sign = skip_blanks(t, at), end = sign;
	*loose = sign > at;
	if (end < t.n && (t.p[end] == '=' || t.p[end] == ':'))
		while (end < t.n && strchr(":=>", t.p[end]) && t.p[end])
			end++;
	else if (end < t.n && ((t.p[end] == ',' && p->in_quotes) || (t.p[end] == '>' && p->in_tag)))
		end++;
	if (end > sign && end + 1 < t.n && t.p[end - 1] == ':' && t.p[end] == '/' && t.p[end + 1] == '/')
		return 0; /* a URL */
	if (end > sign) {
		bool colon = t.p[end - 1] == ':', blank = end < t.n && is_blank(t.p[end]);
		*loose |= blank;
		return colon && blank && !p->begins_line && !is_quote_next(t, end) ? 0 : end; /* "without a password: ..." */
	}
	size_t value = sign > at ? behind_is(t, sign) : 0;
	if (value) {
		*loose = false;
		return value;
	}
	if (sign == at || p->in_quotes || (!p->is_option && !p->begins_line))
		return 0;
	*loose = false;
	size_t word = end_of_word(t, sign); /* "requirepass x": no sentence */
	return p->is_option || skip_blanks(t, word) == end_of_line(t, word) ? sign : 0;
}

/* The value goes on, or begins, in the next line: "\" of a shell, "|" and ">-" of YAML, or nothing. */
static bool goes_on(struct text v)
{
	return v.n == 0 || (v.n <= 2 && strchr("\\|>", v.p[0]) && v.p[0]);
}

static bool value_of(struct text t, const struct place *p, enum naming naming, size_t *from, size_t *n)
{
	bool loose;
	size_t at = behind_sign(t, p, &loose), end;
	if (!at)
		return false;
	at = skip_blanks(t, at);
	at += at + 1 < t.n && t.p[at] == '\\' && strchr("\"'", t.p[at + 1]) && t.p[at + 1]; /* quotes within quotes */
	if (at < t.n && (t.p[at] == '"' || t.p[at] == '\'')) {
		char quote = at && t.p[at - 1] == '\\' ? '\\' : t.p[at];
		end = end_of_quoted(t, ++at, quote);
	} else if ((loose && p->begins_line && !p->in_quotes) || has_end(text_of(t.p + p->from, p->to - p->from), "authorization")) {
		end = end_of_line(t, at);
		while (end > at && strchr(" \t\"',}", t.p[end - 1]))
			end--;
	} else {
		end = end_of_word(t, at);
	}
	if (p->begins_line && end < t.n && is_control(t.p[end]) && t.p[end] && goes_on(text_of(t.p + at, end - at))) {
		at = skip_blanks(t, end + 1);
		end = end_of_line(t, at);
	}
	*from = at;
	*n = end - at;
	struct text name = text_of(t.p + p->from, p->to - p->from), value = text_of(t.p + at, end - at);
	return !is_harmless(value, naming) && !(text_is(name, "passwd") && is_database(value));
}

/* ---- what names itself ---- */

/* RFC 3986, 3.2.1: the password of "//user:password@". */
static bool userinfo(struct text t, size_t at, size_t *from, size_t *n)
{
	size_t colon = 0, sign = 0;
	for (size_t i = at; i < t.n && !is_control(t.p[i]) && !strchr(" \t/\"'<>", t.p[i]); i++) {
		colon = t.p[i] == ':' && !colon ? i : colon;
		sign = t.p[i] == '@' ? i : sign;
	}
	if (!colon || sign <= colon + 1)
		return false;
	*from = colon + 1;
	*n = sign - colon - 1;
	return !is_harmless(text_of(t.p + *from, *n), NAMES_SECRET);
}

/* crypt(5): $id$salt$hash. */
static bool crypt_hash(struct text t, size_t at, size_t *from, size_t *n)
{
	size_t second = at + 2;
	second += second < t.n && ascii_is_letter(t.p[second]); /* $2b$ */
	if (second >= t.n || t.p[second] != '$' || !strchr("1256y", t.p[at + 1]))
		return false;
	size_t end = second + 1;
	while (end < t.n && (ascii_is_alnum(t.p[end]) || (t.p[end] && strchr("./$=,+-", t.p[end]))))
		end++;
	*from = at;
	*n = end - at;
	return end - second > HASH_MIN;
}

/* "-u user:password" of curl and wget's like. */
static bool user_option(struct text t, const struct place *p, size_t *from, size_t *n)
{
	struct text name = text_of(t.p + p->from, p->to - p->from);
	if (!text_is(name, "-u") && !text_is(name, "--user") && !text_is(name, "--proxy-user"))
		return false;
	size_t at = skip_blanks(t, p->to);
	at += at < t.n && (t.p[at] == '"' || t.p[at] == '\'' || t.p[at] == '=');
	size_t end = end_of_word(t, at);
	const char *colon = memchr(t.p + at, ':', end - at);
	if (at == p->to || !colon || colon + 1 == t.p + end || colon[1] == '/') /* or a URL */
		return false;
	*from = (size_t)(colon + 1 - t.p);
	*n = end - *from;
	return !is_harmless(text_of(t.p + *from, *n), NAMES_SECRET);
}

bool redact_next_named(struct text t, size_t *at, size_t *from, size_t *n)
{
	for (size_t i = *at; i < t.n;) {
		bool found = false;
		size_t end = i + 1;
		if (t.p[i] == '/' && i > 1 && t.p[i - 1] == '/' && t.p[i - 2] == ':')
			found = userinfo(t, i + 1, from, n);
		else if (t.p[i] == '$' && i + 2 < t.n)
			found = crypt_hash(t, i, from, n);
		if (!found && is_name(t.p[i])) {
			while (end < t.n && is_name(t.p[end]))
				end++;
			struct place p = place_of(t, i, end);
			enum naming naming = naming_of(text_of(t.p + i, end - i));
			found = naming != NAMES_NOTHING ? value_of(t, &p, naming, from, n) : p.is_option && user_option(t, &p, from, n);
		}
		if (found) {
			*at = *from + *n;
			return true;
		}
		i = end;
	}
	*at = t.n;
	return false;
}
