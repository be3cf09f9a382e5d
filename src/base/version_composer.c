/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of PHP's packages: Composer, "Versions and constraints", and composer/semver, VersionParser::normalize(): up to four
 * numbers or a day, a stability with numbers of its own, "dev" behind that; they compare as PHP's version_compare() has it. What
 * stands behind a plus does not count; branches ("dev-main", "1.x-dev") compare with nothing. */
#include <ctype.h>

#include "base/version.h"

#define NUMBERS_MAX 24u

/* In the order of version_compare(). */
enum stability { DEV, ALPHA, BETA, CANDIDATE, STABLE, PATCH };

struct composer {
	struct text numbers[NUMBERS_MAX], after[NUMBERS_MAX]; /* those of the stability */
	size_t nnumbers, nafter;
	enum stability stability;
	bool dev; /* on the way to it */
};

static bool digit_at(struct text t, size_t i)
{
	return i < t.n && isdigit((unsigned char)t.p[i]);
}

static bool one_of(struct text t, size_t i, const char *characters)
{
	return i < t.n && t.p[i] && strchr(characters, t.p[i]);
}

/* Up to four of five digits at most the first of them; a day is longer, and all that is in it counts: 20200102-3. */
static bool read_numbers(struct text t, size_t *at, struct composer *c)
{
	c->numbers[c->nnumbers++] = version_digits(t, at);
	bool day = c->numbers[0].n > 5;
	size_t max = day ? NUMBERS_MAX : 4;
	while (c->nnumbers < max && one_of(t, *at, day ? ".:-" : ".") && digit_at(t, *at + 1)) {
		++*at;
		c->numbers[c->nnumbers++] = version_digits(t, at);
	}
	while (!day && c->nnumbers < 4)
		c->numbers[c->nnumbers++] = TEXT_LIT("0");
	return c->numbers[0].n > 0;
}

static bool take(struct text t, size_t *at, const char *word)
{
	size_t n = strlen(word);
	bool there = *at + n <= t.n && strncasecmp(t.p + *at, word, n) == 0;
	*at += there ? n : 0;
	return there;
}

/* False: it has none. */
static bool read_stability(struct text t, size_t *at, struct composer *c)
{
	static const struct {
		const char *word;
		enum stability stability;
	} words[] = {
		/* the longer first: a word may begin another */
		{ "stable", STABLE }, { "beta", BETA },   { "b", BETA },   { "RC", CANDIDATE }, { "alpha", ALPHA },
		{ "a", ALPHA },       { "patch", PATCH }, { "pl", PATCH }, { "p", PATCH },
	};
	size_t i = 0;
	while (i < sizeof words / sizeof words[0] && !take(t, at, words[i].word))
		i++;
	if (i == sizeof words / sizeof words[0])
		return false;
	c->stability = words[i].stability;
	while (c->nafter < NUMBERS_MAX && digit_at(t, *at + one_of(t, *at, ".-"))) {
		*at += one_of(t, *at, ".-");
		c->after[c->nafter++] = version_digits(t, at);
	}
	return true;
}

static bool read_version(struct text t, struct composer *c)
{
	size_t at = 0;
	t = version_trim(t);
	const char *plus = t.n ? memchr(t.p, '+', t.n) : NULL;
	if (plus && plus + 1 < t.p + t.n)
		t.n = (size_t)(plus - t.p);
	c->nnumbers = c->nafter = 0;
	c->stability = STABLE;
	if (!read_numbers(t, &at, c))
		return false;
	at += one_of(t, at, "._-");
	bool named = read_stability(t, &at, c);
	size_t behind = at + one_of(t, at, ".-");
	c->dev = take(t, &behind, "dev");
	at = c->dev ? behind : at;
	if (c->dev && !named)
		c->stability = DEV;
	if (named && c->stability == STABLE) { /* "1.0-stable2-dev" is 1.0 */
		c->nafter = 0;
		c->dev = false;
	}
	return at == t.n;
}

/* The longer is later when what it has more is a number. */
static int compare_numbers(const struct text *a, size_t na, const struct text *b, size_t nb)
{
	for (size_t i = 0; i < na && i < nb; i++) {
		int c = version_compare_number(a[i], b[i]);
		if (c)
			return c;
	}
	return (na > nb) - (na < nb);
}

int version_compare_composer(struct text a, struct text b)
{
	struct composer x, y;
	if (!read_version(a, &x) || !read_version(b, &y))
		return VERSION_INCOMPARABLE;
	int c = compare_numbers(x.numbers, x.nnumbers, y.numbers, y.nnumbers);
	if (!c)
		c = (x.stability > y.stability) - (x.stability < y.stability);
	if (!c)
		c = compare_numbers(x.after, x.nafter, y.after, y.nafter);
	return c ? c : y.dev - x.dev;
}
