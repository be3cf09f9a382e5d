/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of Ruby's gems: RubyGems, Gem::Version ("How Software Changes", "segments"): numbers and words in turn, a word makes
 * it a prerelease, a dash is ".pre.". */
#include <ctype.h>

#include "base/version.h"

/* The next number or word. TEXT_NONE: the end. */
static struct text next_segment(struct text *rest, bool *dash)
{
	if (*dash) { /* it stands for a word of its own */
		*dash = false;
		return TEXT_LIT("pre");
	}
	while (rest->n && rest->p[0] == '.')
		*rest = text_of(rest->p + 1, rest->n - 1);
	if (!rest->n)
		return TEXT_NONE;
	size_t n = 0;
	bool number = isdigit((unsigned char)rest->p[0]) != 0;
	while (n < rest->n && isalnum((unsigned char)rest->p[n]) && (isdigit((unsigned char)rest->p[n]) != 0) == number)
		n++;
	struct text t = text_of(rest->p, n);
	*dash = n < rest->n && rest->p[n] == '-';
	n += *dash;
	*rest = text_of(rest->p + n, rest->n - n);
	return t;
}

static bool is_valid(struct text t)
{
	if (!t.n || !isdigit((unsigned char)t.p[0]) || t.p[t.n - 1] == '-')
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!isalnum((unsigned char)t.p[i]) &&
			!((t.p[i] == '.' || t.p[i] == '-') && i + 1 < t.n && isalnum((unsigned char)t.p[i + 1])))
			return false;
	return true;
}

int version_compare_gem(struct text a, struct text b)
{
	bool dash_a = false, dash_b = false;
	a = version_trim(a);
	b = version_trim(b);
	if (!is_valid(a) || !is_valid(b))
		return VERSION_INCOMPARABLE;
	for (;;) {
		struct text x = next_segment(&a, &dash_a), y = next_segment(&b, &dash_b);
		if (!x.n && !y.n)
			return 0;
		bool nx = !x.n || isdigit((unsigned char)x.p[0]), ny = !y.n || isdigit((unsigned char)y.p[0]);
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
