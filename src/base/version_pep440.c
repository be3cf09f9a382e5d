/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of Python packages: PEP 440 (packaging.python.org, "Version specifiers"), "Normalization" and "Summary of permitted
 * suffixes and relative ordering". What is no such version compares with nothing. */
#include <ctype.h>

#include "base/version.h"

enum { LOWEST = -1, NUMBER, HIGHEST }; /* of a part that is not there, against those that are */

/* A post-release or development release. */
struct suffix {
	int class;
	struct text number;
};

struct pep440 {
	struct text epoch, release, local;
	int pre_rank; /* 0 to 2: a, b, rc */
	struct suffix pre, post, dev;
};

static bool digit_at(struct text t, size_t i)
{
	return i < t.n && isdigit((unsigned char)t.p[i]);
}

static bool is_separator(struct text t, size_t i)
{
	return i < t.n && strchr(".-_", t.p[i]);
}

/* One of the words, with a separator before it and before its number, of which each may be absent: "-alpha.1", "a1". */
static bool take_word(struct text t, size_t *at, const char *const *words, size_t *which, struct text *number)
{
	size_t from = *at + is_separator(t, *at);
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(words[i]), end = from + n;
		if (from + n > t.n || strncasecmp(t.p + from, words[i], n) != 0)
			continue;
		end += is_separator(t, end); /* with a number behind it or without: "1.0a.dev1", and "1.0a." is 1.0a0 */
		*number = version_digits(t, &end);
		*number = number->n ? *number : TEXT_LIT("0");
		*which = i;
		*at = end;
		return true;
	}
	return false;
}

static void read_suffixes(struct text t, size_t *at, struct pep440 *v)
{
	/* the longer first: a word may begin another */
	static const char *const pres[] = { "alpha", "a", "beta", "b", "preview", "pre", "rc", "c", NULL };
	static const char *const posts[] = { "post", "rev", "r", NULL }, *const devs[] = { "dev", NULL };
	size_t which;
	v->pre.class = v->dev.class = HIGHEST;
	v->post.class = LOWEST;
	if (take_word(t, at, pres, &which, &v->pre.number)) {
		v->pre.class = NUMBER;
		v->pre_rank = which < 2 ? 0 : which < 4 ? 1 : 2;
	}
	if (*at < t.n && t.p[*at] == '-' && digit_at(t, *at + 1)) { /* "1.0-1" is 1.0.post1 */
		++*at;
		v->post = (struct suffix){ NUMBER, version_digits(t, at) };
	} else if (take_word(t, at, posts, &which, &v->post.number)) {
		v->post.class = NUMBER;
	}
	if (take_word(t, at, devs, &which, &v->dev.number))
		v->dev.class = NUMBER;
	if (v->pre.class == HIGHEST && v->post.class == LOWEST && v->dev.class == NUMBER)
		v->pre.class = LOWEST; /* 1.0.dev1 is before 1.0a1 */
}

/* Letters and digits, with one separator between them each. */
static bool is_local(struct text t)
{
	bool separated = true;
	for (size_t i = 0; i < t.n; i++) {
		bool separator = is_separator(t, i);
		if ((!separator && !isalnum((unsigned char)t.p[i])) || (separator && separated))
			return false;
		separated = separator;
	}
	return !separated;
}

static bool read_version(struct text t, struct pep440 *v)
{
	size_t at = 0, end;
	*v = (struct pep440){ .epoch = TEXT_LIT("0") };
	t = version_trim(t);
	end = 0;
	struct text epoch = version_digits(t, &end);
	if (epoch.n && end < t.n && t.p[end] == '!') {
		v->epoch = epoch;
		at = end + 1;
	}
	end = at;
	while (digit_at(t, end)) {
		(void)version_digits(t, &end);
		if (end < t.n && t.p[end] == '.' && digit_at(t, end + 1))
			end++;
	}
	v->release = text_of(t.p + at, end - at);
	if (!v->release.n)
		return false;
	at = end;
	read_suffixes(t, &at, v);
	if (at < t.n && t.p[at] == '+') {
		v->local = text_of(t.p + at + 1, t.n - at - 1);
		return is_local(v->local);
	}
	return at == t.n;
}

/* Up to the next separator, which is passed. */
static struct text next_segment(struct text *rest)
{
	size_t n = 0;
	while (n < rest->n && !is_separator(*rest, n))
		n++;
	struct text t = text_of(rest->p, n);
	*rest = n < rest->n ? text_of(rest->p + n + 1, rest->n - n - 1) : TEXT_NONE;
	return t;
}

static int compare_release(struct text a, struct text b)
{
	while (a.n || b.n) {
		struct text x = next_segment(&a), y = next_segment(&b); /* 1.0 is 1.0.0 */
		int c = version_compare_number(x, y);
		if (c)
			return c;
	}
	return 0;
}

static int compare_suffix(const struct suffix *a, const struct suffix *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->class == NUMBER ? version_compare_number(a->number, b->number) : 0;
}

/* Numbers are later than words; of two of which one begins the other the longer is later. */
static int compare_local(struct text a, struct text b)
{
	while (a.n && b.n) {
		struct text x = next_segment(&a), y = next_segment(&b);
		size_t nx = 0, ny = 0, n = x.n < y.n ? x.n : y.n;
		(void)version_digits(x, &nx);
		(void)version_digits(y, &ny);
		bool dx = nx == x.n, dy = ny == y.n;
		if (dx != dy)
			return dx ? 1 : -1;
		int c = dx ? version_compare_number(x, y) : n ? strncasecmp(x.p, y.p, n) : 0;
		if (!c && !dx)
			c = (x.n > y.n) - (x.n < y.n);
		if (c)
			return c < 0 ? -1 : 1;
	}
	return (a.n > 0) - (b.n > 0);
}

int version_compare_pep440(struct text a, struct text b)
{
	struct pep440 x, y;
	if (!read_version(a, &x) || !read_version(b, &y))
		return VERSION_INCOMPARABLE;
	int c = version_compare_number(x.epoch, y.epoch);
	if (!c)
		c = compare_release(x.release, y.release);
	if (!c && x.pre.class == NUMBER && y.pre.class == NUMBER)
		c = (x.pre_rank > y.pre_rank) - (x.pre_rank < y.pre_rank);
	if (!c)
		c = compare_suffix(&x.pre, &y.pre);
	if (!c)
		c = compare_suffix(&x.post, &y.post);
	if (!c)
		c = compare_suffix(&x.dev, &y.dev);
	return c ? c : compare_local(x.local, y.local);
}
