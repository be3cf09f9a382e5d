/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of versions as statements write them: "vers:generic/>=1.0|<2.0", "<= 5.4", "< V2.0", "3.0.7 | 3.0.8".
 *
 * Specification: VERS, a URI scheme for version ranges (package-url/vers-spec), "Checking if a version is contained within a
 * range". */
#include "base/version.h"

#define CONSTRAINTS_MAX 128u

enum comparator { EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct constraint {
	enum comparator comparator;
	struct text version;
};

static struct text trim(struct text t)
{
	while (t.n && t.p[0] == ' ')
		t = text_of(t.p + 1, t.n - 1);
	while (t.n && t.p[t.n - 1] == ' ')
		t.n--;
	return t;
}

static bool read_constraint(struct text t, struct constraint *out)
{
	static const struct {
		const char *sign;
		enum comparator comparator;
	} signs[] = { { "!=", UNEQUAL }, { "<=", LESS_EQUAL }, { ">=", GREATER_EQUAL },
				  { "<", LESS },     { ">", GREATER },     { "=", EQUAL } };
	*out = (struct constraint){ EQUAL, trim(t) };
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (text_starts(out->version, signs[i].sign)) {
			size_t n = strlen(signs[i].sign);
			out->comparator = signs[i].comparator;
			out->version = version_trim(text_of(out->version.p + n, out->version.n - n));
			break;
		}
	/* "2020 Upd1", words of people and the rest of ">=1.0,<2.0" are no versions that could be compared */
	for (size_t i = 0; i < out->version.n; i++)
		if (strchr(" *,<>=", out->version.p[i]))
			return false;
	return out->version.n > 0;
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

static size_t read_constraints(struct text rest, struct constraint v[CONSTRAINTS_MAX])
{
	size_t n = 0;
	while (rest.n) {
		const char *bar = memchr(rest.p, '|', rest.n);
		struct text part = text_of(rest.p, bar ? (size_t)(bar - rest.p) : rest.n);
		rest = bar ? text_of(bar + 1, rest.n - part.n - 1) : TEXT_NONE;
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

bool version_is_range(struct text t)
{
	t = trim(t);
	return t.n && (text_starts(t, "vers:") || strchr("<>=!*", t.p[0]) || memchr(t.p, '|', t.n));
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

int version_in_range(enum version_order order, struct text expression, struct text version)
{
	struct constraint v[CONSTRAINTS_MAX], bounds[CONSTRAINTS_MAX];
	int at[CONSTRAINTS_MAX];
	size_t nbounds = 0;
	struct text rest = trim(constraints_of(trim(expression), &order));
	if (text_is(rest, "*"))
		return 1;
	size_t n = version.n ? read_constraints(rest, v) : 0;
	if (!n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int c = version_compare(order, version, v[i].version);
		if (c == VERSION_INCOMPARABLE)
			return -1;
		if (c == 0 && (v[i].comparator == EQUAL || v[i].comparator == UNEQUAL))
			return v[i].comparator == EQUAL;
		if (v[i].comparator != EQUAL && v[i].comparator != UNEQUAL)
			bounds[nbounds++] = v[i];
	}
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
