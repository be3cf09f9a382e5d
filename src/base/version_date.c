/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions that are days: 20190101, 2019-01-01, 2019.1.1. */
#include <ctype.h>

#include "base/version.h"

static bool digit_at(struct text t, size_t i)
{
	return i < t.n && isdigit((unsigned char)t.p[i]);
}

/* Days as year, month, day. */
static bool read_date(struct text t, struct text out[3])
{
	size_t at = 0, n = 0;
	t = version_trim(t);
	if (t.n >= 8) {
		while (digit_at(t, at))
			at++;
		if (at == 8) {
			out[0] = text_of(t.p, 4);
			out[1] = text_of(t.p + 4, 2);
			out[2] = text_of(t.p + 6, 2);
			return at == t.n || !isalnum((unsigned char)t.p[at]);
		}
	}
	out[0] = out[1] = out[2] = TEXT_NONE;
	for (at = 0; n < 3 && digit_at(t, at); at++) {
		out[n++] = version_digits(t, &at);
		if (at < t.n && !strchr(".-_/", t.p[at]))
			return false;
	}
	return n > 0 && out[0].n == 4 && at >= t.n;
}

/* 20190101 with or without something behind it, or 2019.01.01: as numbers these do not compare. */
static bool is_one_number(struct text t)
{
	size_t at = 0;
	t = version_trim(t);
	(void)version_digits(t, &at);
	return at >= 8;
}

int version_compare_dates(struct text a, struct text b)
{
	struct text x[3], y[3];
	if (!read_date(a, x) || !read_date(b, y))
		return is_one_number(a) != is_one_number(b) ? VERSION_INCOMPARABLE : version_compare(VERSION_GENERIC, a, b);
	int c = 0;
	for (size_t i = 0; i < 3 && !c; i++)
		c = version_compare_number(x[i], y[i]);
	return c;
}
