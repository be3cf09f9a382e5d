/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Semantic Versioning 2.0.0 (semver.org), sections 9 to 11; NuGet's version of it: "Package versioning" (learn.microsoft.com). */
#include "base/version.h"

#define NUMBERS_MAX 4u

/* A version of at most so many numbers, and what stands behind the dash. Build metadata does not count. */
static bool read_semver(struct text t, size_t max, struct text numbers[NUMBERS_MAX], struct text *pre)
{
	size_t at = 0;
	t = version_trim(t);
	const char *plus = t.n ? memchr(t.p, '+', t.n) : NULL;
	if (plus)
		t.n = (size_t)(plus - t.p);
	*pre = TEXT_NONE;
	for (size_t i = 0; i < max; i++) {
		numbers[i] = version_digits(t, &at);
		if (!numbers[i].n)
			return false;
		if (at == t.n || t.p[at] != '.' || i == max - 1) {
			for (size_t k = i + 1; k < max; k++) /* "0" and "1.2", as OSV writes the beginning of a range */
				numbers[k] = TEXT_LIT("0");
			break;
		}
		at++;
	}
	if (at < t.n && t.p[at] == '-') {
		*pre = text_of(t.p + at + 1, t.n - at - 1);
		return pre->n > 0;
	}
	return at == t.n;
}

static struct text next_identifier(struct text *rest)
{
	const char *dot = rest->n ? memchr(rest->p, '.', rest->n) : NULL;
	struct text t = text_of(rest->p, dot ? (size_t)(dot - rest->p) : rest->n);
	*rest = dot ? text_of(dot + 1, rest->n - t.n - 1) : TEXT_NONE;
	return t;
}

static bool all_digits(struct text t)
{
	size_t at = 0;
	(void)version_digits(t, &at);
	return t.n && at == t.n;
}

typedef int compare_bytes(const void *, const void *, size_t);

static int ignoring_case(const void *a, const void *b, size_t n)
{
	return strncasecmp(a, b, n);
}

/* Section 11.4: numbers by value, words by their characters, numbers before words, fewer before more. */
static int compare_prerelease(struct text a, struct text b, compare_bytes *compare_words)
{
	if (!a.n || !b.n)
		return !a.n - !b.n;
	while (a.n && b.n) {
		struct text x = next_identifier(&a), y = next_identifier(&b);
		bool nx = all_digits(x), ny = all_digits(y);
		if (nx != ny)
			return nx ? -1 : 1;
		size_t n = x.n < y.n ? x.n : y.n;
		int c = nx ? version_compare_number(x, y) : n ? compare_words(x.p, y.p, n) : 0;
		if (!c && !nx)
			c = (x.n > y.n) - (x.n < y.n);
		if (c)
			return c < 0 ? -1 : 1;
	}
	return (a.n > 0) - (b.n > 0);
}

static int compare(struct text a, struct text b, size_t numbers, compare_bytes *compare_words)
{
	struct text x[NUMBERS_MAX], y[NUMBERS_MAX], pre_x, pre_y;
	if (!read_semver(a, numbers, x, &pre_x) || !read_semver(b, numbers, y, &pre_y))
		return VERSION_INCOMPARABLE;
	for (size_t i = 0; i < numbers; i++) {
		int c = version_compare_number(x[i], y[i]);
		if (c)
			return c;
	}
	return compare_prerelease(pre_x, pre_y, compare_words);
}

int version_compare_semver(struct text a, struct text b)
{
	return compare(a, b, 3, memcmp);
}

int version_compare_nuget(struct text a, struct text b)
{
	return compare(a, b, 4, ignoring_case);
}
