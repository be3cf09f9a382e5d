/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/uuid5.h"
#include "report/oscal_internal.h"

/* OSCAL's data type "string" begins and ends with what is no white space and is one line, by whatever regular expression
 * engine it is checked: Unicode's spaces count. U+FFFE and U+FFFF have no place in XML, into which documents are converted. */
static unsigned space_len(const unsigned char *p, size_t n)
{
	static const char *const spaces[] = {
		"\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
		"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf",
	};
	if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		return 1;
	for (size_t i = 0; *p >= 0x80 && i < sizeof spaces / sizeof spaces[0]; i++)
		if (n >= strlen(spaces[i]) && memcmp(p, spaces[i], strlen(spaces[i])) == 0)
			return (unsigned)strlen(spaces[i]);
	return 0;
}

/* White space as single spaces, none at the ends. */
static size_t collapse(struct text t, char *out)
{
	const unsigned char *p = (const unsigned char *)t.p;
	size_t n = 0;
	bool space = false;
	for (size_t at = 0; at < t.n;) {
		unsigned blank = space_len(p + at, t.n - at), len = blank ? blank : escape_utf8_len(p + at, t.n - at);
		len = len ? len : 1;
		if (!blank && space && n)
			out[n++] = ' ';
		space = blank > 0;
		if (!blank) {
			memcpy(out + n, p + at, len);
			n += len;
		}
		at += len;
	}
	return n;
}

const char *oscal_string(struct oscal *o, struct text t, const char *otherwise)
{
	char *line = t.n ? ARENA_ARRAY(o->scratch, char, t.n + 1) : NULL;
	size_t n = line ? collapse(t, line) : 0;
	char *out = n ? ARENA_ARRAY(o->scratch, char, n * 4 + 1) : NULL;
	if ((t.n && !line) || (n && !out))
		o->no_memory = true;
	if (!out)
		return otherwise;
	escape_terminal(text_of(line, n), out, n * 4 + 1);
	return out;
}

/* CommonMark, section 2.4, with what OSCAL adds: sub- and superscript by ~ and ^, insertions by {{ }}. */
static bool is_markup(const char *line, const char *p)
{
	if (*p == '_')
		return p == line || !ascii_is_alnum(p[-1]) || !ascii_is_alnum(p[1]);
	if (*p == '&')
		return p[1] == '#' || ascii_is_alnum(p[1]);
	if (p == line && strchr("#-+>", *p))
		return true;
	return strchr("\\`*[<~^{", *p) != NULL;
}

/* "1. " and "1) " at the begin of a line make a list: the length of the digits, 0 when it is none. */
static size_t list_digits(const char *line)
{
	size_t n = strspn(line, "0123456789");
	bool marker = line[n] == '.' || line[n] == ')';
	return marker && (line[n + 1] == ' ' || !line[n + 1]) ? n : 0;
}

const char *oscal_markup(struct oscal *o, struct text t, const char *otherwise)
{
	const char *line = oscal_string(o, t, otherwise);
	char *out = line ? ARENA_ARRAY(o->scratch, char, strlen(line) * 2 + 2) : NULL;
	if (!out) {
		o->no_memory |= line != NULL;
		return line;
	}
	size_t n = 0, digits = list_digits(line);
	for (const char *p = line; *p; p++) {
		if (is_markup(line, p) || (digits && p == line + digits))
			out[n++] = '\\';
		out[n++] = *p;
	}
	return out;
}

const char *oscal_token(struct oscal *o, struct arena *a, struct text t)
{
	char *out = ARENA_ARRAY(a, char, t.n * 4 + 2);
	size_t n = 0;
	if (!out) {
		o->no_memory = true;
		return "_";
	}
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool first = c == '_' || (ascii_is_alnum(c) && !(c >= '0' && c <= '9'));
		if (n == 0 && !first && ascii_is_alnum(c))
			out[n++] = '_';
		if (first || (n > 0 && (ascii_is_alnum(c) || c == '.' || c == '-')))
			out[n++] = c;
		else
			n += (size_t)snprintf(out + n, 5, "_x%02x", (unsigned char)c);
	}
	return n ? out : "_";
}

/* ---- times ---- */

static int two_digits(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* A day of the calendar, as the pattern of NIST's schema knows it: it has no 29 February before 2000. */
static bool is_day(const char *text)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5), day = two_digits(text + 8);
	if (year < 1900 || year > 2999 || month < 1 || month > 12)
		return false;
	bool leap = year >= 2000 && month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day >= 1 && day <= days[month - 1] + leap;
}

const char *oscal_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	if (!text || strlen(text) != sizeof form - 1)
		return NULL;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return NULL;
	bool good = is_day(text) && two_digits(text + 11) < 24 && two_digits(text + 14) < 60 && two_digits(text + 17) < 60;
	return good ? text : NULL;
}

/* ---- UUIDs ---- */

static const char *uuid_of(struct oscal *o, const char *name)
{
	char *out = name ? ARENA_ARRAY(o->scratch, char, 37) : NULL;
	if (!out) {
		o->no_memory = true;
		return "";
	}
	uuid5_url(text_c(name), out);
	return out;
}

const char *oscal_uuid(struct oscal *o, const char *kind, const char *name)
{
	return uuid_of(o, arena_printf(o->scratch, OSCAL_NAMESPACE ":%s:%s:%s", o->run, kind, name));
}

const char *oscal_global_uuid(struct oscal *o, const char *kind, const char *name)
{
	return uuid_of(o, arena_printf(o->scratch, OSCAL_NAMESPACE ":%s:%s", kind, name));
}

const char *oscal_input_uuid(struct oscal *o, const struct oscal_input *input)
{
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)input->id);
	return oscal_uuid(o, "input", number);
}

const char *oscal_pack_uuid(struct oscal *o, const struct view_pack *pack)
{
	const char *name = arena_printf(o->scratch, "%s\n%s", pack->pack, pack->version ? pack->version : "");
	return oscal_global_uuid(o, "pack", name ? name : "");
}

const char *oscal_product_uuid(struct oscal *o)
{
	const char *name =
		arena_printf(o->scratch, "%s\n%s\n%s", o->maker ? o->maker : "", o->product, o->model ? o->model : "");
	return oscal_global_uuid(o, "product", name ? name : "");
}

const char *oscal_maker_uuid(struct oscal *o)
{
	return oscal_global_uuid(o, "maker", o->maker ? o->maker : "");
}

const char *oscal_tool_uuid(struct oscal *o)
{
	return oscal_global_uuid(o, "tool", o->version);
}
