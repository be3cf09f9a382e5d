/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people write in place of a version in CVE records: "< 1.4", ">= 1.0, < 1.4.2", "1.4 and earlier", "1.0 through 1.4",
 * "4.11.x before 4.11.3", "All versions < V5.5". What is not wholly understood stays a version as it stands, and compares with
 * nothing. */
#include "feed/cve_5.h"
#include "feed/lines.h"

struct operator
{
	const char *word;
	bool start, including;
};

/* Before a version, and in part between two: from this one before that. The longer first. */
static const struct operator prefixes[] = {
	{ "<=", false, true },
	{ "<", false, false },
	{ ">=", true, true },
	{ ">", true, false },
	{ "\xe2\x89\xa4", false, true },
	{ "\xe2\x89\xa5", true, true },
	{ "before and including ", false, true },
	{ "prior to and including ", false, true },
	{ "before ", false, false },
	{ "prior to ", false, false },
	{ "earlier than ", false, false },
	{ "lower than ", false, false },
	{ "less than ", false, false },
	{ "up to and including ", false, true },
	{ "up to (excluding) ", false, false },
	{ "up to (including) ", false, true },
	{ "up to, and including, ", false, true },
	{ "up to ", false, true },
	{ "prior ", false, false },
	{ "through ", false, true },
	{ "later than ", true, false },
	{ "after ", true, false },
	{ "from ", true, true },
	{ "since ", true, true },
};

/* Behind a version. */
static const struct operator suffixes[] = {
	{ "earlier", false, true }, { "below", false, true }, { "prior", false, true },  { "older", false, true },
	{ "lower", false, true },   { "later", true, true },  { "above", true, true },   { "newer", true, true },
	{ "up", true, true },       { "higher", true, true }, { "onwards", true, true }, { "before", false, true },
};

/* Between two versions; the second is the last. A dash is one with blanks around it alone, as it may stand in a version. */
static const char *const betweens[] = { " - ", " -> ", " \xe2\x80\x93 ", " through ", " thru ", " to ", " -", "- ", " <=", " \xe2\x89\xa4" };
static const char *const befores[] = { " before ", " prior to ", " <", " and before " };

static bool starts(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.n >= n && strncasecmp(t.p, word, n) == 0;
}

static struct text behind(struct text t, size_t n)
{
	return text_trim(text_of(t.p + n, t.n - n), " ");
}

static const char *find(struct text t, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 1; i + n < t.n; i++)
		if (strncasecmp(t.p + i, word, n) == 0)
			return t.p + i;
	return NULL;
}

static bool has(struct text t, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= t.n; i++)
		if (strncasecmp(t.p + i, word, n) == 0)
			return true;
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Without what people write behind a version and means no other one. */
static struct text without_remark(struct text t)
{
	static const char *const remarks[] = { " (inclusive)", " (included)", " (including)", " inclusive", " only" };
	for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
		size_t n = strlen(remarks[i]);
		if (t.n > n && strncasecmp(t.p + t.n - n, remarks[i], n) == 0)
			return text_of(t.p, t.n - n);
	}
	return t;
}

/* A version without blanks. "4.11.x" begins with 4.11. */
static bool read_version(struct text t, bool start, struct text *out)
{
	t = without_remark(text_trim(t, " "));
	while (start && t.n > 2 && (text_ends(t, ".x") || text_ends(t, ".X"))) /* "4.x.x" */
		t.n -= 2;
	bool v = t.n > 1 && (t.p[0] == 'v' || t.p[0] == 'V') && digit(t.p[1]);
	if (!t.n || t.n > 100 || memchr(t.p, ' ', t.n) || !(v || digit(t.p[0])))
		return false;
	*out = t;
	return true;
}

/* "before 1.4 (inclusive)" is through 1.4. */
static bool set_bound(struct feed_criterion *row, struct text version, bool start, bool including)
{
	struct text *bound = start ? &row->start : &row->end;
	version = text_trim(version, " ");
	struct text bare = without_remark(version);
	including |= bare.n < version.n && has(text_of(bare.p + bare.n, version.n - bare.n), "inclu");
	if (bound->p || row->version.p || !read_version(version, start, bound))
		return false;
	*(start ? &row->start_including : &row->end_including) = including;
	return true;
}

/* The second of "7.0.0-7.0.5": as many numbers as the first, three at least, of one line. "1.0-1.4" may be a package's revision.
 * NULL: it is none. */
static const char *second_of_line(struct text part)
{
	const char *dash = part.n ? memchr(part.p, '-', part.n) : NULL;
	size_t n = dash ? (size_t)(dash - part.p) : 0, dots = 0, others = 0;
	for (size_t i = 0; dash && i < part.n; i++) {
		if (!digit(part.p[i]) && part.p[i] != '.' && i != n)
			return NULL;
		*(i < n ? &dots : &others) += part.p[i] == '.';
	}
	size_t line = dash ? strcspn(part.p, ".") + 1 : 0;
	bool same = dash && line < n && part.n > n + 1 + line && memcmp(part.p, dash + 1, line) == 0;
	return same && dots >= 2 && dots == others ? dash : NULL;
}

/* "1.0 - 1.4", "4.11.x before 4.11.3". */
static bool read_between(struct text part, struct feed_criterion *row)
{
	if (starts(part, "from "))
		part = behind(part, 5);
	for (size_t i = 0; i < sizeof betweens / sizeof betweens[0]; i++) {
		const char *at = find(part, betweens[i]);
		if (at)
			return set_bound(row, text_of(part.p, (size_t)(at - part.p)), true, true) &&
				   set_bound(row, behind(part, (size_t)(at - part.p) + strlen(betweens[i])), false, true);
	}
	for (size_t i = 0; i < sizeof befores / sizeof befores[0]; i++) {
		const char *at = find(part, befores[i]);
		if (at)
			return set_bound(row, text_of(part.p, (size_t)(at - part.p)), true, true) &&
				   set_bound(row, behind(part, (size_t)(at - part.p) + strlen(befores[i])), false, false);
	}
	const char *dash = second_of_line(part);
	return dash && set_bound(row, text_of(part.p, (size_t)(dash - part.p)), true, true) &&
		   set_bound(row, behind(part, (size_t)(dash - part.p) + 1), false, true);
}

/* "1.4 and earlier", "1.4 or later", "1.4 and prior versions", "1.4+". */
static bool read_suffix(struct text part, struct feed_criterion *row)
{
	if (part.n > 1 && part.p[part.n - 1] == '+' && digit(part.p[part.n - 2]))
		return set_bound(row, text_of(part.p, part.n - 1), true, true);
	const char *at = find(part, " and ");
	size_t n = 5;
	if (!at) {
		at = find(part, " or ");
		n = 4;
	}
	if (!at)
		return false;
	struct text version = text_of(part.p, (size_t)(at - part.p)), word = behind(part, version.n + n);
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		struct text rest = starts(word, suffixes[i].word) ? behind(word, strlen(suffixes[i].word)) : word;
		if (rest.n < word.n && (!rest.n || starts(rest, "version")) && !(rest.n && memchr(rest.p, ' ', rest.n)))
			return set_bound(row, version, suffixes[i].start, suffixes[i].including);
	}
	return false;
}

static bool read_part(struct text part, struct feed_criterion *row);

/* ">= 1.0 < 1.4": two signs with nothing between. */
static bool read_signs(struct text part, struct feed_criterion *row)
{
	const char *at = part.p[0] == '>' ? find(part, "<") : NULL;
	return at && read_part(text_trim(text_of(part.p, (size_t)(at - part.p)), " "), row) &&
		   read_part(text_of(at, part.n - (size_t)(at - part.p)), row);
}

static bool read_part(struct text part, struct feed_criterion *row)
{
	if (part.n && part.p[0] == '>' && find(part, "<"))
		return read_signs(part, row);
	if (read_between(part, row) || (!row->start.p && !row->end.p && read_suffix(part, row)))
		return true;
	if (row->start.p && row->end.p)
		return false;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (starts(part, prefixes[i].word))
			return set_bound(row, behind(part, strlen(prefixes[i].word)), prefixes[i].start, prefixes[i].including);
	return false;
}

/* "All versions", "versions" and "version" before what counts. */
static struct text without_filler(struct text t, bool *all)
{
	static const char *const fillers[] = { "all", "any", "versions", "version", "releases" };
	*all = false;
	for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
		struct text rest = starts(t, fillers[i]) ? behind(t, strlen(fillers[i])) : t;
		if (rest.n == t.n || (rest.n && t.p[strlen(fillers[i])] != ' ' && t.p[strlen(fillers[i])] != ':'))
			continue;
		*all |= i < 2;
		t = rest.n && rest.p[0] == ':' ? behind(rest, 1) : rest;
	}
	return t;
}

enum cve_expression cve_expression(struct text text, struct feed_criterion *row)
{
	bool all;
	struct feed_criterion found = *row;
	struct text rest = without_filler(text_trim(text, " "), &all);
	if (all && !rest.n)
		return CVE_ALL;
	if (text_starts(rest, "=") && read_version(behind(rest, text_starts(rest, "==") ? 2 : 1), false, &found.version)) {
		*row = found;
		return CVE_RANGE;
	}
	bool remark = !all && without_remark(rest).n < rest.n;
	if (((rest.n < text.n && !all) || remark) && read_version(rest, false, &found.version)) { /* "Version 1.4", "1.4 only" */
		*row = found;
		return CVE_RANGE;
	}
	while (rest.n) {
		struct text part = text_trim(line_field(&rest, ','), " ");
		if (!read_part(part, &found))
			return CVE_VERSION;
	}
	if (!found.start.p && !found.end.p)
		return CVE_VERSION;
	*row = found;
	return CVE_RANGE;
}

#define LIST_MAX 1024u /* the format's limit of a version */

/* Whether a text begins with numbers and dots, up to a blank. */
static bool is_plain(struct text t)
{
	size_t dots = 0, n = 0;
	for (; n < t.n && (digit(t.p[n]) || t.p[n] == '.'); n++)
		dots += t.p[n] == '.';
	return dots && n > dots && (n == t.n || strchr(" ,;", t.p[n]));
}

/* "1.0 - 1.4 for some", not "1.4 - for some". */
static bool has_second(struct text t)
{
	static const char *const dashes[] = { " - ", " -> ", " \xe2\x80\x93 " };
	for (size_t i = 0; i < sizeof dashes / sizeof dashes[0]; i++) {
		const char *at = find(t, dashes[i]);
		struct text rest = at ? behind(t, (size_t)(at - t.p) + strlen(dashes[i])) : TEXT_NONE;
		if (rest.n > 1 && digit(rest.p[(rest.p[0] | 32) == 'v']))
			return true;
	}
	return false;
}

bool cve_is_range_in_words(struct text t)
{
	static const char *const signs[] = { " through ", " thru ", " to ",    " until ",  " till ",   " and ",   " or ",   " up ", " before ",
										 " prior ",   " later",  " earlier", " newer", " older", " below", " above", "<",    ">" };
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (has(t, signs[i]))
			return true;
	return has_second(t);
}

/* Where a list goes on: its first separator; the length of that in *n. NULL: it is none. */
static const char *separator(struct text t, size_t *n)
{
	static const char *const all[] = { ", and ", ", ", ",", "; ", ";", " and ", " or ", " & ", "/" };
	for (size_t at = 1; at < t.n; at++) { /* no further than to the first: a list has many */
		for (size_t i = 0; strchr(",; /", t.p[at]) && i < sizeof all / sizeof all[0]; i++) {
			*n = strlen(all[i]);
			if (at + *n < t.n && strncasecmp(t.p + at, all[i], *n) == 0)
				return t.p + at;
		}
		*n = 1; /* "1.2 1.3.1 1.4" */
		if (t.p[at] == ' ' && is_plain(text_of(t.p, at)) && is_plain(text_of(t.p + at + 1, t.n - at - 1)))
			return t.p + at;
	}
	return NULL;
}

enum cve_list cve_list(struct text *rest, struct text *version)
{
	size_t n = 0;
	if (rest->n > LIST_MAX)
		return CVE_LIST_OTHER;
	const char *at = separator(*rest, &n);
	struct text part = text_of(rest->p, at ? (size_t)(at - rest->p) : rest->n);
	*rest = at ? behind(*rest, part.n + n) : TEXT_NONE;
	if (!read_version(part, false, version))
		return CVE_LIST_OTHER;
	return at ? CVE_LIST_MORE : CVE_LIST_LAST;
}

struct text cve_without_name(struct text text, struct text name)
{
	text = text_trim(text, " ");
	bool is = name.n && text.n > name.n + 1 && strncasecmp(text.p, name.p, name.n) == 0 && text.p[name.n] == ' ';
	return is ? behind(text, name.n) : text;
}
