/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of Ruby's gems: RubyGems, Gem::Version ("How Software Changes", "segments", "canonical_segments"): numbers and words in
 * turn, a word makes it a prerelease, a dash is ".pre.". Zeros before the first word do not count, nor at the end. */
#include <ctype.h>

#include "base/version.h"

/* What of it is not read yet. */
struct gem {
	struct text rest;
	bool word; /* a word was read */
};

/* The next number or word; a dash stands for a word of its own. TEXT_NONE: the end. */
static struct text read_segment(struct gem *g)
{
	while (g->rest.n && g->rest.p[0] == '.')
		g->rest = text_of(g->rest.p + 1, g->rest.n - 1);
	if (!g->rest.n)
		return TEXT_NONE;
	size_t n = g->rest.p[0] == '-' ? 1 : 0;
	struct text t = n ? TEXT_LIT("pre") : text_of(g->rest.p, 0);
	bool number = isdigit((unsigned char)g->rest.p[0]) != 0;
	while (!t.n && n < g->rest.n && isalnum((unsigned char)g->rest.p[n]) &&
		   (isdigit((unsigned char)g->rest.p[n]) != 0) == number)
		n++;
	t = t.n ? t : text_of(g->rest.p, n);
	g->rest = text_of(g->rest.p + n, g->rest.n - n);
	return t;
}

static bool is_word(struct text t)
{
	return t.n && !isdigit((unsigned char)t.p[0]);
}

static bool is_zero(struct text t)
{
	return t.n && !is_word(t) && version_compare_number(t, TEXT_LIT("0")) == 0;
}

/* The same without zeros before the first word. */
static struct text next_segment(struct gem *g)
{
	struct text t = read_segment(g);
	if (!g->word && is_zero(t)) {
		struct gem ahead = *g;
		struct text next = t;
		while (is_zero(next))
			next = read_segment(&ahead);
		if (is_word(next)) {
			*g = ahead;
			t = next;
		}
	}
	g->word |= is_word(t);
	return t;
}

/* VERSION_PATTERN: numbers and words between dots, of which the first is a number; behind a dash words may have more of these. */
static bool is_valid(struct text t)
{
	bool behind_dash = false;
	size_t at = 0, n = 0; /* of the part at hand */
	(void)version_digits(t, &at);
	if (!at || (at < t.n && t.p[at] != '.' && t.p[at] != '-'))
		return false;
	for (n = at; at < t.n; at++) {
		bool dash = t.p[at] == '-';
		if (isalnum((unsigned char)t.p[at]) || (dash && behind_dash)) {
			n++;
			continue;
		}
		if (!n || (!dash && t.p[at] != '.'))
			return false;
		behind_dash |= dash;
		n = 0;
	}
	return n > 0;
}

int version_compare_gem(struct text a, struct text b)
{
	struct gem left = { .rest = version_trim(a) }, right = { .rest = version_trim(b) };
	if (!is_valid(left.rest) || !is_valid(right.rest))
		return VERSION_INCOMPARABLE;
	for (;;) {
		struct text x = next_segment(&left), y = next_segment(&right);
		if (!x.n && !y.n)
			return 0;
		bool nx = !is_word(x), ny = !is_word(y);
		if (nx != ny)
			return nx ? 1 : -1; /* one that is not there is 0: "1.0.rc1" is before 1.0 */
		size_t n = x.n < y.n ? x.n : y.n;
		int c = nx ? version_compare_number(x, y) : memcmp(x.p, y.p, n);
		if (!c && !nx)
			c = (x.n > y.n) - (x.n < y.n);
		if (c)
			return c < 0 ? -1 : 1;
	}
}
