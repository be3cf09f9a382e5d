/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of RFC 3339 and the shorter forms that feeds write: "2019-09-04T00:00Z", "2026-08-22T00:00:00.000", "2026-08-22".
 * All become UTC in one form, so that their order as texts is their order in time. */
#include <time.h>

#include "feed/field.h"

/* n digits at *at. */
static bool digits(struct text t, size_t *at, unsigned n, int *value)
{
	*value = 0;
	for (unsigned i = 0; i < n; i++, ++*at) {
		if (*at >= t.n || t.p[*at] < '0' || t.p[*at] > '9')
			return false;
		*value = *value * 10 + (t.p[*at] - '0');
	}
	return true;
}

static bool sign(struct text t, size_t *at, char c)
{
	bool there = *at < t.n && (t.p[*at] == c || (c == 'T' && (t.p[*at] == 't' || t.p[*at] == ' ')));
	*at += there;
	return there;
}

/* "Z", "+02:00", "+0000" or nothing, in minutes. */
static bool zone(struct text t, size_t *at, int *minutes)
{
	int hour, minute;
	*minutes = 0;
	if (*at == t.n)
		return true;
	char c = t.p[(*at)++];
	if (c == 'Z' || c == 'z')
		return *at == t.n;
	if ((c != '+' && c != '-') || !digits(t, at, 2, &hour))
		return false;
	(void)sign(t, at, ':');
	if (!digits(t, at, 2, &minute) || *at != t.n || hour > 23 || minute > 59)
		return false;
	*minutes = (c == '-' ? -1 : 1) * (60 * hour + minute);
	return true;
}

bool feed_time(struct text t, char out[24])
{
	struct tm tm = { 0 };
	size_t at = 0;
	int minutes = 0;
	if (!digits(t, &at, 4, &tm.tm_year) || !sign(t, &at, '-') || !digits(t, &at, 2, &tm.tm_mon) || !sign(t, &at, '-') ||
		!digits(t, &at, 2, &tm.tm_mday))
		return false;
	if (sign(t, &at, 'T')) {
		if (!digits(t, &at, 2, &tm.tm_hour) || !sign(t, &at, ':') || !digits(t, &at, 2, &tm.tm_min))
			return false;
		if (sign(t, &at, ':') && !digits(t, &at, 2, &tm.tm_sec))
			return false;
		if (sign(t, &at, '.'))
			while (at < t.n && t.p[at] >= '0' && t.p[at] <= '9')
				at++;
		if (!zone(t, &at, &minutes))
			return false;
	}
	if (at != t.n || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
		tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	time_t seconds = timegm(&tm) - (time_t)minutes * 60;
	return gmtime_r(&seconds, &tm) && strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 20;
}

struct text field_time(struct feed_run *run, const struct json_node *object, const char *name)
{
	char out[24];
	struct text t = field_text(run, object, name);
	if (!t.n)
		return TEXT_NONE;
	if (!feed_time(t, out)) {
		field_fault(run, json_tree_member(object, name), "expected a time such as 2026-08-22T00:00:00Z, found \"%.*s\"",
					(int)(t.n < 30 ? t.n : 30), t.p);
		return TEXT_NONE;
	}
	return field_print(run, "%s", out);
}

struct text field_date(struct feed_run *run, const struct json_node *object, const char *name)
{
	char out[24];
	struct text t = field_text(run, object, name);
	if (t.n && (t.n != 10 || !feed_time(t, out))) {
		field_fault(run, json_tree_member(object, name), "expected a date such as 2026-08-22");
		return TEXT_NONE;
	}
	return t.n ? t : TEXT_NONE;
}
