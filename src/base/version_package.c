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

/* apk reads a version as tokens; of two that differ in kind, the earlier kind is the later version. */
enum apk_token {
	APK_INVALID = -1,
	APK_NUMBER_OR_ZERO,
	APK_NUMBER,
	APK_LETTER,
	APK_SUFFIX,
	APK_SUFFIX_NUMBER,
	APK_REVISION,
	APK_END
};

struct apk_reader {
	struct text rest;
	enum apk_token token;
	/* its value: a number of any length, or a small one */
	struct text digits;
	long small;
	bool by_digits;
};

static void apk_next(struct apk_reader *r)
{
	struct text t = r->rest;
	enum apk_token was = r->token;
	if (!t.n) {
		r->token = APK_END;
	} else if ((was == APK_NUMBER || was == APK_NUMBER_OR_ZERO) && islower((unsigned char)t.p[0])) {
		r->token = APK_LETTER;
	} else if ((was == APK_NUMBER || was == APK_LETTER) && isdigit((unsigned char)t.p[0])) {
		r->token = APK_NUMBER; /* what follows leading zeros, or a letter as in 1.9.5p2 */
	} else if (was == APK_SUFFIX && isdigit((unsigned char)t.p[0])) {
		r->token = APK_SUFFIX_NUMBER;
	} else if (t.p[0] == '.' && was < APK_LETTER) {
		r->token = APK_NUMBER_OR_ZERO;
		r->rest = from(t, 1);
	} else if (t.p[0] == '_' && was < APK_REVISION) {
		r->token = APK_SUFFIX;
		r->rest = from(t, 1);
	} else if (t.n > 1 && t.p[0] == '-' && t.p[1] == 'r' && was < APK_REVISION) {
		r->token = APK_REVISION;
		r->rest = from(t, 2);
	} else {
		r->token = APK_INVALID;
	}
}

static void apk_suffix(struct apk_reader *r)
{
	static const char *const earlier[] = { "alpha", "beta", "pre", "rc" }, *const later[] = { "cvs", "svn", "git", "hg",
																							  "p" };
	struct text word = take_letters(&r->rest);
	for (long i = 0; i < 4; i++)
		if (text_is(word, earlier[i])) {
			r->small = i - 4;
			return;
		}
	for (long i = 0; i < 5; i++)
		if (text_is(word, later[i])) {
			r->small = i;
			return;
		}
	r->token = APK_INVALID;
}

/* Reads the value of the token at hand and moves on to the next. */
static enum apk_token apk_value(struct apk_reader *r)
{
	enum apk_token token = r->token;
	r->by_digits = false;
	r->small = 0;
	if (token == APK_NUMBER_OR_ZERO && r->rest.n && r->rest.p[0] == '0') {
		size_t zeros = 0;
		while (zeros < r->rest.n && r->rest.p[zeros] == '0')
			zeros++;
		r->small = -(long)zeros; /* 1.01 is earlier than 1.1, as decimals are */
		r->rest = from(r->rest, zeros);
		r->token = APK_NUMBER;
	} else if (token == APK_LETTER) {
		r->small = (unsigned char)r->rest.p[0];
		r->rest = from(r->rest, 1);
	} else if (token == APK_SUFFIX) {
		apk_suffix(r);
		token = r->token;
	} else if (token != APK_END && token != APK_INVALID) {
		r->by_digits = true;
		r->digits = take_digits(&r->rest);
		if (!r->digits.n)
			token = r->token = APK_INVALID;
	}
	if (token != APK_END && token != APK_INVALID)
		apk_next(r);
	return token;
}

static int apk_compare_value(const struct apk_reader *a, const struct apk_reader *b)
{
	if (a->by_digits && b->by_digits)
		return version_compare_number(a->digits, b->digits);
	if (a->by_digits != b->by_digits) /* zeros that lead are negative */
		return a->by_digits ? (b->small < 0 ? 1 : 0) : (a->small < 0 ? -1 : 0);
	return (a->small > b->small) - (a->small < b->small);
}

int version_compare_apk(struct text a, struct text b)
{
	struct apk_reader x = { .rest = a, .token = APK_NUMBER }, y = { .rest = b, .token = APK_NUMBER };
	for (;;) {
		enum apk_token ta = apk_value(&x), tb = apk_value(&y);
		if (ta == APK_INVALID || tb == APK_INVALID)
			return VERSION_INCOMPARABLE;
		if (ta != tb) {
			if (ta == APK_SUFFIX && x.small < 0)
				return -1;
			if (tb == APK_SUFFIX && y.small < 0)
				return 1;
			return ta > tb ? -1 : 1;
		}
		int c = ta == APK_END ? 0 : apk_compare_value(&x, &y);
		if (c || ta == APK_END)
			return c;
	}
}
