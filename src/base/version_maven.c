/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of Maven's artifacts: "POM Reference" (maven.apache.org/pom.html), "Version Order Specification"; where that leaves open
 * how a word compares with nothing, and what parts it, org.apache.maven.artifact.versioning.ComparableVersion (3.9). */
#include <ctype.h>

#include "base/version.h"

#define TOKENS_MAX 64u

struct token {
	char separator; /* '.' or '-', which stands for '_' and for what parts digits and letters, too */
	bool number;
	bool shortened; /* a, b, m right before a number: alpha, beta, milestone */
	struct text text;
};

struct maven {
	struct token v[TOKENS_MAX];
	size_t n;
};

static bool word_is(struct text t, const char *word)
{
	return t.n == strlen(word) && (!t.n || strncasecmp(t.p, word, t.n) == 0);
}

/* Those that come first have their places; "" is that of the release, and others come behind by the alphabet. */
static int rank_of(const struct token *t)
{
	static const struct {
		const char *word;
		int rank;
		bool needs_number;
	} known[] = { { "alpha", 0, false },   { "a", 0, true },    { "beta", 1, false }, { "b", 1, true },
				  { "milestone", 2, false }, { "m", 2, true },  { "rc", 3, false },   { "cr", 3, false },
				  { "snapshot", 4, false },  { "", 5, false },  { "final", 5, false }, { "ga", 5, false },
				  { "release", 5, false },   { "sp", 6, false } };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (word_is(t->text, known[i].word) && (!known[i].needs_number || t->shortened))
			return known[i].rank;
	return 7;
}

static bool is_null(const struct token *t)
{
	return t->number ? version_compare_number(t->text, TEXT_LIT("0")) == 0 : rank_of(t) == 5;
}

/* False: it has more tokens than anybody writes. */
static bool read_tokens(struct text t, struct maven *m)
{
	char separator = '.';
	m->n = 0;
	for (size_t at = 0; at <= t.n;) {
		if (m->n == TOKENS_MAX)
			return false;
		size_t from = at;
		bool number = at < t.n && isdigit((unsigned char)t.p[at]);
		while (at < t.n && !strchr(".-_", t.p[at]) && (isdigit((unsigned char)t.p[at]) != 0) == number)
			at++;
		struct token *k = &m->v[m->n++];
		*k = (struct token){ separator, number, false, text_of(t.p + from, at - from) };
		if (at == from) /* an empty one is a 0 */
			*k = (struct token){ separator, true, false, TEXT_LIT("0") };
		if (at == t.n)
			return true;
		bool apart = strchr(".-_", t.p[at]) != NULL;
		k->shortened = !apart && !number;
		separator = apart && t.p[at] == '.' ? '.' : '-';
		at += apart;
	}
	return true;
}

/* Zeros and "final" do not count at the end, nor before a dash or a word: 1.0.RC2 is 1-RC2. */
static void trim(struct maven *m)
{
	for (size_t end = m->n; end > 0;) {
		size_t keep = end;
		while (keep > 1 && is_null(&m->v[keep - 1]))
			keep--;
		memmove(&m->v[keep], &m->v[end], (m->n - end) * sizeof m->v[0]);
		m->n -= end - keep;
		end = keep - 1; /* to the dash or word before it */
		while (end > 0 && m->v[end].separator != '-' && m->v[end].number)
			end--;
	}
}

static int compare_tokens(const struct token *a, const struct token *b)
{
	if (a->number != b->number)
		return a->number ? 1 : -1;
	if (a->number && a->separator != b->separator)
		return a->separator == '.' ? 1 : -1;
	if (a->number)
		return version_compare_number(a->text, b->text);
	int x = rank_of(a), y = rank_of(b);
	if (x != y || x < 7)
		return (x > y) - (x < y);
	size_t n = a->text.n < b->text.n ? a->text.n : b->text.n;
	int c = n ? strncasecmp(a->text.p, b->text.p, n) : 0;
	return c ? (c > 0) - (c < 0) : (a->text.n > b->text.n) - (a->text.n < b->text.n);
}

static bool is_dotted_number(const struct token *t)
{
	return t->number && t->separator == '.';
}

int version_compare_maven(struct text a, struct text b)
{
	/* what is not there is a 0 against ".1", and the release against a word, whatever parts that: 9.4.39.v20210325 is behind 9.4.39 */
	static const struct token zero = { '.', true, false, { "0", 1 } }, none = { '-', false, false, { "", 0 } };
	struct maven x, y;
	a = version_trim(a);
	b = version_trim(b);
	if (!a.n || !b.n || !isdigit((unsigned char)a.p[0]) || !isdigit((unsigned char)b.p[0]) || !read_tokens(a, &x) ||
		!read_tokens(b, &y))
		return VERSION_INCOMPARABLE;
	trim(&x);
	trim(&y);
	for (size_t i = 0; i < x.n || i < y.n; i++) {
		const struct token *s = i < x.n ? &x.v[i] : is_dotted_number(&y.v[i]) ? &zero : &none;
		const struct token *t = i < y.n ? &y.v[i] : is_dotted_number(&x.v[i]) ? &zero : &none;
		int c = compare_tokens(s, t);
		if (c)
			return c;
	}
	return 0;
}
