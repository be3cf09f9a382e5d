/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products that name themselves before their version: "dnsmasq 2.80", "Dnsmasq version 2.80", "dnsmasq/2.80".
 *
 * Read from the version on: a dot between two digits is looked for, and what stands before it on the line. So a blob costs
 * the same however many products are known.
 */
#include "inspect/components.h"

#include <strings.h>

/* How much of a line is looked at before and behind a version. */
#define BEFORE_MAX 96u
#define BEHIND_MAX 48u
#define VERSION_MAX 32u
#define OWNERS_MAX 4u
#define WORDS_MAX 5u

struct self_search {
	struct span bytes;
	const struct product *owners[OWNERS_MAX]; /* whose file it is */
	size_t nowners;
	struct component_self *found;
	size_t n, max;
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_printable(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t';
}

/* ---- the version ---- */

static size_t digits(struct span s, size_t at)
{
	size_t n = at;
	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* What may follow the numbers and is part of the version: "rc1", "-P1", "beta2", "p15". Gives the end. */
static size_t stage(struct span s, size_t at)
{
	static const char *const words[] = { "rc",  "RC",   "pre", "alpha", "beta", "Alpha", "Beta",
										 "dev", "test", "pl",  "p",     "P",    "a",     "b" };
	size_t word = at < s.n && memchr("-._~", s.p[at], 4) ? at + 1 : at;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i]);
		if (!span_has(s, word, words[i], n))
			continue;
		size_t number = word + n < s.n && memchr("-.", s.p[word + n], 2) ? word + n + 1 : word + n;
		size_t end = digits(s, number);
		if (end > number && (end == s.n || !is_letter(s.p[end])))
			return end;
	}
	return at;
}

/* The version that begins there, or TEXT_NONE: numbers with dots, a letter behind them, a stage of release. */
static struct text version_in(struct span s)
{
	size_t n = digits(s, 0);
	s = span_clip(s, 0, VERSION_MAX + 1);
	while (n + 1 < s.n && s.p[n] == '.' && is_digit(s.p[n + 1]))
		n = digits(s, n + 1);
	size_t end = stage(s, n);
	bool letter = end == n && n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z' && (n + 1 == s.n || !is_letter(s.p[n + 1]));
	end = letter && s.p[n] != 'x' ? digits(s, n + 1) : end;
	if (end > VERSION_MAX || (end < s.n && (is_letter(s.p[end]) || s.p[end] == '%')))
		return TEXT_NONE;
	return text_from_span(span_clip(s, 0, end));
}

/* ---- what stands around it ---- */

static bool ends_with_word(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.n >= n && strncasecmp(t.p + t.n - n, word, n) == 0 && (t.n == n || !is_letter((uint8_t)t.p[t.n - n - 1]));
}

static struct text without_marks(struct text t, const char *marks)
{
	while (t.n && strchr(marks, t.p[t.n - 1]))
		t.n--;
	return t;
}

/* "dnsmasq (pkg) 2.80": without the brackets. */
static struct text without_brackets(struct text t)
{
	size_t n = t.n;
	if (!n || t.p[n - 1] != ')')
		return t;
	while (n > 0 && t.p[n - 1] != '(')
		n--;
	return n > 0 ? without_marks(text_of(t.p, n - 1), " ") : t;
}

/* Takes away what joins a name and its version: "dnsmasq version: v" gives "dnsmasq". */
static struct text without_joint(struct text t)
{
	static const char *const words[] = { "version", "ver.", "ver", "release", "rev", "v.", "is" };
	if (t.n && (t.p[t.n - 1] == 'v' || t.p[t.n - 1] == 'V') && (t.n == 1 || !is_letter((uint8_t)t.p[t.n - 2])))
		t.n--;
	t = without_marks(t, " \t-/_:,=(");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (t.n > strlen(words[i]) && ends_with_word(t, words[i]))
			return without_marks(text_of(t.p, t.n - strlen(words[i])), " \t-/_:,=(");
	return t;
}

/* What may stand before the name in a line of its own. */
static bool is_lead(struct text t)
{
	static const char *const leads[] = { "this is", "welcome to",  "gnu",      "the",     "%s:",    "@(#)",
										 "server:", "user-agent:", "starting", "version", "running" };
	t = without_marks(t, " \t*#-<[(\"'=");
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
		if (t.n == strlen(leads[i]) && strncasecmp(t.p, leads[i], t.n) == 0)
			return true;
	return t.n == 0;
}

/* "requires foo", "built with foo": the name of another product follows. */
static bool is_mention(struct text t)
{
	static const char *const words[] = { "with", "requires", "require",    "using", "than",   "for",   "from",
										 "by",   "to",       "of",         "and",   "or",     "since", "needs",
										 "need", "against",  "compatible", "like",  "in",     "on",    "as",
										 "a",    "an",       "via",        "until", "before", "after", "use",
										 "uses", "not",      "see",        "into",  "at",     "under" };
	t = without_marks(t, " \t(\"'");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (ends_with_word(t, words[i]))
			return true;
	return false;
}

/* "or later", "required": it is about other versions. */
static bool is_condition(struct text t)
{
	static const char *const words[] = { "or", "and", "+", "is", "was", "has", "does", "required", "requires", "compat",
		                                 "compatible", "format", "formats", "through", "to", "protocol", "API", "ABI", "to", "needs" };
	size_t n = 0;
	while (t.n && strchr(" ,)]\t", t.p[0]))
		t = text_of(t.p + 1, t.n - 1);
	while (n < t.n && (is_letter((uint8_t)t.p[n]) || t.p[n] == '+'))
		n++;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (n == strlen(words[i]) && strncasecmp(t.p, words[i], n) == 0)
			return true;
	return false;
}

/* ---- one version ---- */

static bool owns(const struct self_search *s, const struct product *product)
{
	for (size_t i = 0; i < s->nowners; i++)
		if (s->owners[i] == product)
			return true;
	return false;
}

static void found(struct self_search *s, struct component_self row)
{
	if (s->n < s->max)
		s->found[s->n++] = row;
}

static bool is_boundary(char c)
{
	return strchr(" \t/([<\"':,@=*#", c) != NULL;
}

/* The product whose word the text ends with, the longest one; the text before that word comes back. */
static const struct product *product_at_end(struct text t, struct text *lead)
{
	const struct product *best = NULL;
	size_t words = 0;
	for (size_t i = t.n; i > 0 && words < WORDS_MAX; i--) {
		if (i > 1 && !is_boundary(t.p[i - 2]))
			continue;
		const struct product *product = product_of_word(text_of(t.p + i - 1, t.n - i + 1));
		words++;
		if (!product)
			continue;
		best = product;
		*lead = text_of(t.p, i - 1);
	}
	return best;
}

static bool try_words(struct self_search *s, struct text before, struct text version, struct text behind)
{
	struct text lead;
	const struct product *product = product_at_end(before, &lead);
	if (!product)
		return false;
	bool own = owns(s, product), whole = is_lead(lead);
	if ((!whole && (!own || is_mention(lead))) || is_condition(behind))
		return true;
	enum component_self_rank rank = !whole ? COMPONENT_SELF_WITHIN : own ? COMPONENT_SELF_OWN : COMPONENT_SELF_STRING;
	uint64_t from = (uint64_t)((const uint8_t *)lead.p - s->bytes.p) + lead.n;
	found(s, (struct component_self){ product, version, from, rank });
	return true;
}

/* The printable text on the same line before `at`. */
static struct text line_before(struct span bytes, uint64_t at)
{
	uint64_t from = at;
	while (from > 0 && at - from < BEFORE_MAX && is_printable(bytes.p[from - 1]))
		from--;
	return text_from_span(span_sub(bytes, from, at - from));
}

static struct text line_behind(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, BEHIND_MAX);
	size_t n = 0;
	while (n < s.n && is_printable(s.p[n]))
		n++;
	return text_from_span(span_clip(s, 0, n));
}

/* A string that is a version and nothing else. */
static void try_lone(struct self_search *s, struct text version, uint64_t at)
{
	for (size_t i = 0; i < s->nowners; i++)
		found(s, (struct component_self){ s->owners[i], version, at, COMPONENT_SELF_LONE });
}

static void try_version(struct self_search *s, uint64_t at)
{
	struct text version = version_in(span_from(s->bytes, at));
	if (!version.n)
		return;
	struct text before = line_before(s->bytes, at), behind = line_behind(s->bytes, at + version.n);
	if (before.n == 0 && behind.n == 0) {
		try_lone(s, version, at);
		return;
	}
	struct text joined = without_joint(before);
	if (joined.n == before.n || (joined.n && !is_letter((uint8_t)joined.p[joined.n - 1]) &&
								 !is_digit((uint8_t)joined.p[joined.n - 1]) && joined.p[joined.n - 1] != ')'))
		return;
	if (!try_words(s, joined, version, behind))
		(void)try_words(s, without_brackets(joined), version, behind);
}

/* Where the number that a dot at `dot` ends begins, when it is the first of a version; UINT64_MAX: it is not. */
static uint64_t first_number(struct span bytes, uint64_t dot)
{
	uint64_t at = dot;
	while (at > 0 && dot - at < 9 && is_digit(bytes.p[at - 1]))
		at--;
	bool number = at < dot && dot - at < 9;
	return number && (at == 0 || bytes.p[at - 1] != '.') ? at : UINT64_MAX;
}

static void list_owners(struct self_search *s, struct text name)
{
	for (size_t i = 0; name.n && i < products_n && s->nowners < OWNERS_MAX; i++)
		if (product_owns_file(&products[i], name))
			s->owners[s->nowners++] = &products[i];
}

size_t component_self_find(struct span bytes, struct text name, struct component_self *rows, size_t max)
{
	struct self_search s = { .bytes = bytes, .found = rows, .max = max };
	list_owners(&s, name);
	for (uint64_t at = 0; at < bytes.n;) {
		const uint8_t *dot = memchr(bytes.p + at, '.', bytes.n - at);
		if (!dot)
			break;
		at = (uint64_t)(dot - bytes.p) + 1;
		if (at == 1 || at == bytes.n || !is_digit(dot[-1]) || !is_digit(dot[1]))
			continue;
		uint64_t first = first_number(bytes, at - 1);
		if (first != UINT64_MAX)
			try_version(&s, first);
	}
	return s.n;
}
