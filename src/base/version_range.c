/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of versions as statements write them: "vers:generic/>=1.0|<2.0", "<= 5.4", "< V2.0", "3.0.7 | 3.0.8", ">=1.0 <2.0", ">=1.0, <2.0",
 * "prior to 2.0", "2.0 and later".
 *
 * Specification: VERS, a URI scheme for version ranges (package-url/vers-spec), "Checking if a version is contained within a
 * range"; in it versions are percent-encoded. CSAF 2.0, 3.1.2.2: a range of product_version_range is one of VERS, or in words. */
#include "base/version.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONSTRAINTS_MAX 128u
#define VERSION_MAX 128u /* of a version that may be encoded */

enum comparator { EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct constraint {
	enum comparator comparator;
	struct text version;
};

/* "2020 Upd1", words of people, the rest of ">=1.0,<2.0" and the end of a sentence are no versions that could be compared; what other
 * versions are before or behind begins with a number: orders of packages know letters, too, and each version is before "unfixed". */
static bool is_comparable(const struct constraint *c)
{
	struct text v = c->version;
	bool bounds = c->comparator != EQUAL && c->comparator != UNEQUAL;
	for (size_t i = 0; i < v.n; i++)
		if (strchr(" *,<>=|", v.p[i]))
			return false;
	return v.n > 0 && v.p[v.n - 1] != '.' && (!bounds || (v.p[0] >= '0' && v.p[0] <= '9'));
}

static bool read_constraint(struct text t, struct constraint *out)
{
	static const struct {
		const char *sign;
		enum comparator comparator;
	} signs[] = { { "!=", UNEQUAL }, { "<=", LESS_EQUAL }, { ">=", GREATER_EQUAL },
				  { "<", LESS },     { ">", GREATER },     { "=", EQUAL } };
	*out = (struct constraint){ EQUAL, text_trim(t, " ") };
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (text_starts(out->version, signs[i].sign)) {
			size_t n = strlen(signs[i].sign);
			out->comparator = signs[i].comparator;
			out->version = version_trim(text_of(out->version.p + n, out->version.n - n));
			break;
		}
	return is_comparable(out);
}

/* What stands before the constraints; the scheme may name an order. */
static struct text constraints_of(struct text expression, enum version_order *order)
{
	const char *slash = text_starts(expression, "vers:") ? memchr(expression.p, '/', expression.n) : NULL;
	if (!slash)
		return expression;
	struct text scheme = text_of(expression.p + 5, (size_t)(slash - expression.p) - 5);
	enum version_order named = version_order_named(scheme);
	if (named != VERSION_GENERIC && (named != VERSION_SEMVER || *order == VERSION_GENERIC))
		*order = named;
	return text_of(slash + 1, expression.n - (size_t)(slash + 1 - expression.p));
}

/* Where a constraint ends: at a bar, or at a comma or a blank before the sign of the next one. */
static size_t constraint_end(struct text t)
{
	size_t at = 0;
	while (at < t.n && strchr(" <>=!", t.p[at]))
		at++; /* its own sign */
	while (at < t.n && t.p[at] != '|') {
		size_t next = at;
		while (next < t.n && strchr(" ,", t.p[next]))
			next++;
		if (next > at && next < t.n && strchr("<>=!", t.p[next]))
			return at;
		at = next > at ? next : at + 1;
	}
	return at;
}

static size_t read_constraints(struct text rest, struct constraint v[CONSTRAINTS_MAX])
{
	size_t n = 0;
	while (rest.n) {
		struct text part = text_of(rest.p, constraint_end(rest));
		rest = text_of(rest.p + part.n, rest.n - part.n);
		while (rest.n && strchr("| ,", rest.p[0]))
			rest = text_of(rest.p + 1, rest.n - 1);
		if (n == CONSTRAINTS_MAX || !read_constraint(part, &v[n++]))
			return 0;
	}
	return n;
}

static bool satisfies(const struct constraint *c, int order)
{
	switch (c->comparator) {
	case LESS:
		return order < 0;
	case LESS_EQUAL:
		return order <= 0;
	case GREATER:
		return order > 0;
	case GREATER_EQUAL:
		return order >= 0;
	default:
		return order == 0;
	}
}

static bool is_upper(const struct constraint *c)
{
	return c->comparator == LESS || c->comparator == LESS_EQUAL;
}

static bool ends_in(struct text t, const char *words, struct text *before)
{
	size_t n = strlen(words);
	*before = t.n > n ? text_trim(text_of(t.p, t.n - n), " ") : TEXT_NONE;
	return t.n > n && strncasecmp(t.p + t.n - n, words, n) == 0;
}

/* "prior to 2.0" as "<2.0"; false: it says nothing of the kind. "up to 2.0" may have 2.0 in it or not. */
static bool in_words(struct text t, struct constraint *out)
{
	static const struct {
		const char *before, *behind;
		enum comparator comparator;
	} known[] = {
		{ "prior to ", "", LESS },           { "before ", "", LESS },           { "earlier than ", "", LESS },
		{ "", " and earlier", LESS_EQUAL },  { "", " or earlier", LESS_EQUAL }, { "", " and prior", LESS_EQUAL },
		{ "", " and below", LESS_EQUAL },    { "", " and older", LESS_EQUAL },  { "up to and including ", "", LESS_EQUAL },
		{ "", " and later", GREATER_EQUAL }, { "", " or later", GREATER_EQUAL }, { "", " and newer", GREATER_EQUAL },
		{ "", " and above", GREATER_EQUAL },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t n = strlen(known[i].before);
		struct text rest = t;
		bool is = t.n > n && strncasecmp(t.p, known[i].before, n) == 0;
		if (is && n)
			rest = text_trim(text_of(t.p + n, t.n - n), " ");
		if (is && known[i].behind[0])
			is = ends_in(t, known[i].behind, &rest);
		if (is && read_constraint(rest, out) && out->comparator == EQUAL) {
			out->comparator = known[i].comparator;
			out->version = version_trim(out->version);
			return is_comparable(out);
		}
	}
	return false;
}

static bool is_all(struct text t)
{
	static const char *const words[] = { "*", "all", "any", "all versions", "any version" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (t.n == strlen(words[i]) && strncasecmp(t.p, words[i], t.n) == 0)
			return true;
	return false;
}

bool version_is_range(struct text t)
{
	struct constraint c;
	t = text_trim(t, " ");
	return t.n && (is_all(t) || in_words(t, &c) || text_starts(t, "vers:") || strchr("<>=!*", t.p[0]) || memchr(t.p, '|', t.n));
}

/* By version; what cannot be compared ends it. */
static bool put_in_order(enum version_order order, struct constraint *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0; k--) {
			int c = version_compare(order, v[k - 1].version, v[k].version);
			if (c == VERSION_INCOMPARABLE)
				return false;
			if (c <= 0)
				break;
			struct constraint swap = v[k];
			v[k] = v[k - 1];
			v[k - 1] = swap;
		}
	return true;
}

static int constraints_hold(enum version_order order, const struct constraint *v, size_t n, struct text version)
{
	struct constraint bounds[CONSTRAINTS_MAX];
	int at[CONSTRAINTS_MAX];
	size_t nbounds = 0;
	for (size_t i = 0; i < n; i++) {
		int c = version_compare(order, version, v[i].version);
		if (c == VERSION_INCOMPARABLE)
			return -1;
		if (c == 0 && (v[i].comparator == EQUAL || v[i].comparator == UNEQUAL))
			return v[i].comparator == EQUAL;
		if (v[i].comparator != EQUAL && v[i].comparator != UNEQUAL)
			bounds[nbounds++] = v[i];
	}
	if (n == 1 && v[0].comparator == UNEQUAL)
		return 1; /* "If the constraint list contains only one item and the tested version satisfies the comparator" */
	if (!put_in_order(order, bounds, nbounds))
		return -1;
	for (size_t i = 0; i < nbounds; i++)
		at[i] = version_compare(order, version, bounds[i].version);
	if (nbounds && is_upper(&bounds[0]) && satisfies(&bounds[0], at[0]))
		return 1;
	if (nbounds && !is_upper(&bounds[nbounds - 1]) && satisfies(&bounds[nbounds - 1], at[nbounds - 1]))
		return 1;
	for (size_t i = 0; i + 1 < nbounds; i++)
		if (!is_upper(&bounds[i]) && is_upper(&bounds[i + 1]) && satisfies(&bounds[i], at[i]) &&
			satisfies(&bounds[i + 1], at[i + 1]))
			return 1;
	return 0;
}

/* Percent-encoded, in place. */
static struct text decode(char *p, size_t n)
{
	size_t out = 0;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = { 0 };
		if (p[i] == '%' && i + 2 < n)
			memcpy(digits, p + i + 1, 2);
		bool is = digits[0] && strspn(digits, "0123456789abcdefABCDEF") == 2;
		p[out++] = is ? (char)strtol(digits, NULL, 16) : p[i];
		i += is ? 2 : 0;
	}
	return text_of(p, out);
}

static bool has_epoch(struct text v)
{
	size_t at = 0;
	struct text digits = version_digits(v, &at);
	return digits.n && at < v.n && v.p[at] == ':' && version_compare_number(digits, TEXT_LIT("0")) != 0;
}

/* A package's version has an epoch and the bound has none, or the other way round: whether it was left out, as advisories do, nothing tells,
 * and an epoch goes before all numbers. */
static bool epoch_differs(enum version_order order, struct text a, struct text b)
{
	bool packages = order == VERSION_DPKG || order == VERSION_OPKG || order == VERSION_RPM;
	return packages && has_epoch(a) != has_epoch(b);
}

int version_in_range(enum version_order order, struct text expression, struct text version)
{
	struct constraint v[CONSTRAINTS_MAX];
	char decoded[CONSTRAINTS_MAX][VERSION_MAX];
	expression = text_trim(expression, " ");
	struct text rest = text_trim(constraints_of(expression, &order), " ");
	bool uri = rest.p != expression.p;
	if (uri && text_starts(expression, "vers:none/"))
		return 0;
	if (is_all(rest))
		return 1;
	size_t n = version.n ? read_constraints(rest, v) : 0;
	if (!n && version.n && !uri && in_words(rest, &v[0]))
		n = 1;
	for (size_t i = 0; uri && i < n; i++) {
		if (v[i].version.n > VERSION_MAX)
			return -1;
		memcpy(decoded[i], v[i].version.p, v[i].version.n);
		v[i].version = decode(decoded[i], v[i].version.n);
		if (!is_comparable(&v[i]))
			return -1; /* signs that are encoded are no signs, and make no version either */
	}
	for (size_t i = 0; i < n; i++)
		if (epoch_differs(order, v[i].version, version))
			return -1;
	return n ? constraints_hold(order, v, n, version) : -1;
}
