/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cpe.h"
#include "base/ascii.h"

#include <ctype.h>

/* Characters that stand without a backslash (NISTIR 7695, 6.2.1: unreserved). */
static bool plain(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* Whether a backslash quotes the character at `i`: one that is quoted itself ("\\*") does not. */
static bool is_quoted(struct text a, size_t i)
{
	size_t n = 0;
	while (n < i && a.p[i - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Wildcards stand at the ends alone: one asterisk, or any number of question marks. */
static bool valid_attribute(struct text a)
{
	if (cpe_is_any(a) || cpe_is_na(a))
		return true;
	if (!a.n)
		return false;
	size_t i = 0, end = a.n;
	if (a.p[0] == '*')
		i++;
	else
		while (i < a.n && a.p[i] == '?')
			i++;
	if (end > i && a.p[end - 1] == '*' && !is_quoted(a, end - 1))
		end--;
	else
		while (end > i && a.p[end - 1] == '?' && !is_quoted(a, end - 1))
			end--;
	if (i == end)
		return end > 0 && a.p[0] == '?'; /* "??" stands for any two; "**" for nothing */
	for (; i < end; i++) {
		if (a.p[i] == '\\') {
			if (++i >= end || !isgraph((unsigned char)a.p[i]))
				return false;
		} else if (!plain(a.p[i])) {
			return false;
		}
	}
	return true;
}

bool cpe_split(struct text t, struct cpe *out)
{
	static const char prefix[] = "cpe:2.3:";
	if (!text_starts(t, prefix))
		return false;
	size_t at = sizeof prefix - 1, n = 0;
	for (size_t i = at; i <= t.n; i++) {
		if (i < t.n && t.p[i] == '\\') {
			i++;
		} else if (i == t.n || t.p[i] == ':') {
			if (n == CPE_ATTRIBUTES || i == at)
				return false;
			out->a[n++] = text_of(t.p + at, i - at);
			at = i + 1;
		}
	}
	return n == CPE_ATTRIBUTES;
}

bool cpe_parse(struct text t, struct cpe *out)
{
	if (!cpe_split(t, out))
		return false;
	for (size_t i = 0; i < CPE_ATTRIBUTES; i++)
		if (!valid_attribute(out->a[i]))
			return false;
	struct text part = out->a[CPE_PART];
	return part.n == 1 && strchr("aoh*-", part.p[0]);
}

struct writer {
	char *p;
	size_t n, size;
	bool full;
};

static void put(struct writer *w, char c)
{
	if (w->n + 1 < w->size)
		w->p[w->n++] = c;
	else
		w->full = true;
}

static void put_text(struct writer *w, struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		put(w, t.p[i]);
}

static size_t ended(struct writer *w)
{
	if (w->size)
		w->p[w->n] = '\0';
	return w->full ? 0 : w->n;
}

/* A component of a URI as an attribute (6.1.3.2: decode): blank is ANY, a hyphen alone NA. False: no such component. */
static bool put_component(struct writer *w, struct text c)
{
	if (!c.n) {
		put(w, '*');
		return true;
	}
	for (size_t i = 0; i < c.n; i++) {
		char x = (char)tolower((unsigned char)c.p[i]);
		if (plain(x)) {
			put(w, x);
		} else if (x == '~') {
			put_text(w, TEXT_LIT("\\~"));
		} else if (x == '%' && i + 2 < c.n && ascii_hex_value(c.p[i + 1]) >= 0 && ascii_hex_value(c.p[i + 2]) >= 0) {
			int value = ascii_hex_value(c.p[i + 1]) * 16 + ascii_hex_value(c.p[i + 2]);
			i += 2;
			if (value == 1 || value == 2) {
				put(w, value == 1 ? '?' : '*');
				continue;
			}
			if (value <= ' ' || value >= 127)
				return false;
			if (!plain((char)value))
				put(w, '\\');
			put(w, (char)tolower(value));
		} else {
			return false;
		}
	}
	return true;
}

static struct text cut(struct text *rest, char separator)
{
	const char *end = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
	struct text t = text_of(rest->p, end ? (size_t)(end - rest->p) : rest->n);
	*rest = end ? text_of(end + 1, rest->n - t.n - 1) : TEXT_NONE;
	return t;
}

size_t cpe_from_uri(struct text uri, char *out, size_t size)
{
	struct writer w = { .p = out, .size = size };
	struct text component[7] = { { NULL, 0 } }, packed[5] = { { NULL, 0 } };
	if (!text_starts(uri, "cpe:/"))
		return 0;
	struct text rest = text_of(uri.p + 5, uri.n - 5);
	for (size_t i = 0; i < 7 && rest.p; i++)
		component[i] = cut(&rest, ':');
	if (rest.p || component[0].n > 1 || (component[0].n && !strchr("aho", tolower((unsigned char)component[0].p[0]))))
		return 0;
	struct text edition = component[5];
	packed[0] = edition;
	if (edition.n && edition.p[0] == '~') { /* 6.1.3.3: ~edition~sw_edition~target_sw~target_hw~other */
		edition = text_of(edition.p + 1, edition.n - 1);
		for (size_t i = 0; i < 5; i++)
			packed[i] = cut(&edition, '~');
		if (edition.p)
			return 0;
	}
	const struct text order[CPE_ATTRIBUTES] = { component[0], component[1], component[2], component[3],
												component[4], packed[0],    component[6], packed[1],
												packed[2],    packed[3],    packed[4] };
	put_text(&w, TEXT_LIT("cpe:2.3"));
	for (size_t i = 0; i < CPE_ATTRIBUTES; i++) {
		put(&w, ':');
		if (!put_component(&w, order[i]))
			return 0;
	}
	struct cpe check;
	size_t n = ended(&w);
	return n && cpe_parse(text_of(out, n), &check) ? n : 0;
}

size_t cpe_value(struct text a, char *out, size_t size)
{
	struct writer w = { .p = out, .size = size };
	if (cpe_is_any(a) || cpe_is_na(a))
		a = TEXT_NONE;
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == '\\' && i + 1 < a.n)
			i++;
		put(&w, a.p[i]);
	}
	size_t n = ended(&w);
	if (!n && size)
		out[0] = '\0';
	return n;
}

bool cpe_has_wildcard(struct text a)
{
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == '\\')
			i++;
		else if (a.p[i] == '*' || a.p[i] == '?')
			return true;
	}
	return false;
}

/* The next character, its backslash passed; *n is how many bytes it takes. */
static char character(struct text t, size_t i, size_t *n)
{
	*n = t.p[i] == '\\' && i + 1 < t.n ? 2 : 1;
	return (char)tolower((unsigned char)t.p[i + *n - 1]);
}

static bool same_characters(struct text a, struct text b)
{
	size_t i = 0, k = 0, n, m;
	while (i < a.n && k < b.n) {
		if (character(a, i, &n) != character(b, k, &m))
			return false;
		i += n;
		k += m;
	}
	return i == a.n && k == b.n;
}

/* The pattern against a text without wildcards (7696, 6.3). Wildcards stand at its ends alone: linear. */
static bool covers(struct text pattern, struct text t)
{
	bool star_front = pattern.n && pattern.p[0] == '*', star_back = false;
	size_t front = 0, back = 0, i = star_front ? 1 : 0, end = pattern.n;
	while (!star_front && i < end && pattern.p[i] == '?') {
		front++;
		i++;
	}
	while (end > i && (pattern.p[end - 1] == '*' || pattern.p[end - 1] == '?') && !is_quoted(pattern, end - 1)) {
		star_back |= pattern.p[end - 1] == '*';
		back += pattern.p[end - 1] == '?';
		end--;
	}
	struct text core = text_of(pattern.p + i, end - i);
	/* a question mark stands for one character or none */
	size_t starts[CPE_MAX + 1], n = 0, step;
	for (size_t at = 0; at < t.n && n < CPE_MAX; at += step) {
		starts[n++] = at;
		(void)character(t, at, &step);
	}
	starts[n] = t.n;
	size_t length = 0;
	for (size_t at = 0; at < core.n; at += step) {
		(void)character(core, at, &step);
		length++;
	}
	if (length > n)
		return false;
	size_t last = star_front ? n - length : front < n - length ? front : n - length;
	for (size_t from = 0; from <= last; from++)
		if ((star_back || n - length - from <= back) &&
			same_characters(core, text_of(t.p + starts[from], starts[from + length] - starts[from])))
			return true;
	return false;
}

enum cpe_relation cpe_compare_attribute(struct text source, struct text target)
{
	bool any_s = cpe_is_any(source), any_t = cpe_is_any(target);
	if (any_s || any_t)
		return any_s && any_t ? CPE_EQUAL
			   : any_t        ? CPE_SUBSET
							  : (cpe_has_wildcard(target) ? CPE_UNDEFINED : CPE_SUPERSET);
	if (cpe_is_na(source) || cpe_is_na(target))
		return cpe_is_na(source) && cpe_is_na(target) ? CPE_EQUAL
			   : cpe_has_wildcard(target)             ? CPE_UNDEFINED
													  : CPE_DISJOINT;
	if (cpe_has_wildcard(target))
		return CPE_UNDEFINED;
	if (cpe_has_wildcard(source))
		return covers(source, target) ? CPE_SUPERSET : CPE_DISJOINT;
	return same_characters(source, target) ? CPE_EQUAL : CPE_DISJOINT;
}
