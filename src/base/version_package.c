/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders of package managers: dpkg, rpm, apk.
 *
 * Specifications: Debian Policy 5.6.12; rpm-version(7); apk-tools, src/version.c and its table test/version.data.
 */
#include <ctype.h>

#include "base/version.h"

static bool digit_at(struct text t, size_t i)
{
	return i < t.n && isdigit((unsigned char)t.p[i]);
}

static bool letter_at(struct text t, size_t i)
{
	return i < t.n && isalpha((unsigned char)t.p[i]);
}

static struct text from(struct text t, size_t at)
{
	return at ? text_of(t.p + at, t.n - at) : t; /* nothing may lie at NULL */
}

static struct text take_digits(struct text *t)
{
	size_t n = 0;
	while (digit_at(*t, n))
		n++;
	struct text digits = text_of(t->p, n);
	*t = from(*t, n);
	return digits;
}

/* The epoch before the colon, TEXT "0" where there is none; the rest stays in *t. */
static struct text take_epoch(struct text *t)
{
	size_t n = 0;
	while (digit_at(*t, n))
		n++;
	if (n == 0 || n == t->n || t->p[n] != ':')
		return TEXT_LIT("0");
	struct text epoch = text_of(t->p, n);
	*t = from(*t, n + 1);
	return epoch;
}

/* Splits at the last dash; false: there is none. */
static bool take_revision(struct text *t, struct text *revision)
{
	const char *dash = t->n ? memrchr(t->p, '-', t->n) : NULL;
	*revision = TEXT_NONE;
	if (!dash)
		return false;
	size_t n = (size_t)(dash - t->p);
	*revision = from(*t, n + 1);
	t->n = n;
	return true;
}

/* Policy: a tilde before the end, the end before letters, letters before all others. */
static int dpkg_weight(struct text t, size_t i)
{
	if (i >= t.n || digit_at(t, i))
		return 0;
	unsigned char c = (unsigned char)t.p[i];
	return c == '~' ? -1 : isalpha(c) ? c : c + 256;
}

static int dpkg_part(struct text a, struct text b)
{
	while (a.n || b.n) {
		size_t i = 0;
		for (; (i < a.n && !digit_at(a, i)) || (i < b.n && !digit_at(b, i)); i++) {
			int x = dpkg_weight(a, i), y = dpkg_weight(b, i);
			if (x != y)
				return x < y ? -1 : 1;
		}
		a = from(a, i < a.n ? i : a.n);
		b = from(b, i < b.n ? i : b.n);
		struct text x = take_digits(&a), y = take_digits(&b);
		int c = version_compare_number(x, y);
		if (c)
			return c;
	}
	return 0;
}

int version_compare_dpkg(struct text a, struct text b)
{
	struct text x = take_epoch(&a), y = take_epoch(&b), revision_a, revision_b;
	int c = version_compare_number(x, y);
	take_revision(&a, &revision_a);
	take_revision(&b, &revision_b);
	if (!c)
		c = dpkg_part(a, b);
	return c ? c : dpkg_part(revision_a, revision_b);
}

static bool rpm_separator(struct text t)
{
	return t.n && !isalnum((unsigned char)t.p[0]) && t.p[0] != '~' && t.p[0] != '^';
}

/* What a tilde or a caret decides. 0: it decides nothing, or both had one, and they are passed; *done tells which. */
static int rpm_mark(struct text *a, struct text *b, bool *passed)
{
	bool ta = a->n && a->p[0] == '~', tb = b->n && b->p[0] == '~';
	bool ca = a->n && a->p[0] == '^', cb = b->n && b->p[0] == '^';
	*passed = (ta && tb) || (ca && cb);
	if (*passed) {
		*a = from(*a, 1);
		*b = from(*b, 1);
		return 0;
	}
	if (ta || tb)
		return ta ? -1 : 1;
	if (ca)
		return b->n ? -1 : 1; /* later than the end, earlier than anything else */
	if (cb)
		return a->n ? 1 : -1;
	return 0;
}

static struct text take_letters(struct text *t)
{
	size_t n = 0;
	while (letter_at(*t, n))
		n++;
	struct text letters = text_of(t->p, n);
	*t = from(*t, n);
	return letters;
}

static int compare_bytes(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? (c > 0) - (c < 0) : (a.n > b.n) - (a.n < b.n);
}

static int rpm_part(struct text a, struct text b)
{
	while (a.n || b.n) {
		bool passed;
		while (rpm_separator(a))
			a = from(a, 1);
		while (rpm_separator(b))
			b = from(b, 1);
		int c = rpm_mark(&a, &b, &passed);
		if (c)
			return c;
		if (passed)
			continue;
		if (!a.n || !b.n)
			break;
		bool number = digit_at(a, 0);
		struct text x = number ? take_digits(&a) : take_letters(&a), y = number ? take_digits(&b) : take_letters(&b);
		if (!y.n)
			return number ? 1 : -1; /* numbers are later than letters */
		c = number ? version_compare_number(x, y) : compare_bytes(x, y);
		if (c)
			return c;
	}
	return (a.n > 0) - (b.n > 0);
}

int version_compare_rpm(struct text a, struct text b)
{
	struct text x = take_epoch(&a), y = take_epoch(&b), release_a, release_b;
	int c = version_compare_number(x, y);
	bool has_a = take_revision(&a, &release_a), has_b = take_revision(&b, &release_b);
	if (!c)
		c = rpm_part(a, b);
	if (c)
		return c;
	return has_a && has_b ? rpm_part(release_a, release_b) : has_a - has_b;
}

/* apk reads a version as tokens: "digits{.digits}{letter}{_suffix{digits}}{~commit}{-r digits}"; of two that differ in kind, the
 * earlier kind is the later version. */
enum apk_token {
	APK_FIRST_NUMBER,
	APK_NUMBER,
	APK_LETTER,
	APK_SUFFIX,
	APK_SUFFIX_NUMBER,
	APK_COMMIT,
	APK_REVISION,
	APK_END,
	APK_INVALID
};

struct apk_reader {
	struct text rest;
	enum apk_token token;
	struct text value; /* as it stands */
	int suffix;        /* below 0: earlier than the release */
};

static enum apk_token apk_suffix(struct apk_reader *r)
{
	static const char *const words[] = { "alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p" };
	r->value = take_letters(&r->rest);
	for (int i = 0; i < (int)(sizeof words / sizeof words[0]); i++)
		if (text_is(r->value, words[i])) {
			r->suffix = i - 4;
			return APK_SUFFIX;
		}
	return APK_INVALID;
}

static enum apk_token apk_digits(struct apk_reader *r, enum apk_token token)
{
	r->value = take_digits(&r->rest);
	return r->value.n ? token : APK_INVALID;
}

static enum apk_token apk_commit(struct apk_reader *r)
{
	size_t n = 0;
	while (n < r->rest.n && isxdigit((unsigned char)r->rest.p[n]))
		n++;
	r->value = text_of(r->rest.p, n);
	r->rest = from(r->rest, n);
	return n ? APK_COMMIT : APK_INVALID;
}

/* The token behind the one at hand. */
static enum apk_token apk_next(struct apk_reader *r)
{
	struct text t = r->rest;
	enum apk_token was = r->token;
	if (!t.n)
		return APK_END;
	if (t.p[0] == '.') {
		r->rest = from(t, 1);
		return was < APK_LETTER ? apk_digits(r, APK_NUMBER) : APK_INVALID;
	}
	if (digit_at(t, 0) && was == APK_LETTER)
		return apk_digits(r, APK_NUMBER); /* 1.9.5p2: versions before 3 took it */
	if (digit_at(t, 0) && was == APK_SUFFIX)
		return apk_digits(r, APK_SUFFIX_NUMBER);
	if (islower((unsigned char)t.p[0]) && was < APK_LETTER) {
		r->value = text_of(t.p, 1);
		r->rest = from(t, 1);
		return APK_LETTER;
	}
	size_t mark = t.n > 1 && t.p[0] == '-' && t.p[1] == 'r' ? 2 : 1;
	r->rest = from(t, mark);
	if (t.p[0] == '_' && was < APK_COMMIT)
		return apk_suffix(r);
	if (t.p[0] == '~' && was < APK_COMMIT)
		return apk_commit(r);
	return mark == 2 && was < APK_REVISION ? apk_digits(r, APK_REVISION) : APK_INVALID;
}

static int apk_compare_value(const struct apk_reader *a, const struct apk_reader *b)
{
	bool decimals = a->token == APK_NUMBER && (a->value.p[0] == '0' || b->value.p[0] == '0'); /* 1.01 is before 1.1 */
	if (a->token == APK_SUFFIX)
		return (a->suffix > b->suffix) - (a->suffix < b->suffix);
	if (decimals || a->token == APK_LETTER || a->token == APK_COMMIT)
		return compare_bytes(a->value, b->value);
	return version_compare_number(a->value, b->value);
}

static bool apk_is_valid(struct text t)
{
	struct apk_reader r = { .rest = t };
	for (r.token = apk_digits(&r, APK_FIRST_NUMBER); r.token < APK_END;)
		r.token = apk_next(&r);
	return r.token == APK_END;
}

int version_compare_apk(struct text a, struct text b)
{
	struct apk_reader x = { .rest = a }, y = { .rest = b };
	if (!apk_is_valid(a) || !apk_is_valid(b))
		return VERSION_INCOMPARABLE;
	x.token = apk_digits(&x, APK_FIRST_NUMBER);
	y.token = apk_digits(&y, APK_FIRST_NUMBER);
	while (x.token == y.token && x.token < APK_END) {
		int c = apk_compare_value(&x, &y);
		if (c)
			return c;
		x.token = apk_next(&x);
		y.token = apk_next(&y);
	}
	if (x.token == APK_SUFFIX && x.suffix < 0 && y.token != APK_SUFFIX)
		return -1;
	if (y.token == APK_SUFFIX && y.suffix < 0 && x.token != APK_SUFFIX)
		return 1;
	return (x.token < y.token) - (x.token > y.token);
}
