/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/lines.h"

struct text line_field(struct text *line, char separator)
{
	if (!line->p)
		return TEXT_NONE;
	const char *end = line->n ? memchr(line->p, separator, line->n) : NULL;
	struct text field = text_of(line->p, end ? (size_t)(end - line->p) : line->n);
	*line = end ? text_of(end + 1, line->n - field.n - 1) : TEXT_NONE;
	return field;
}

void line_fault(struct feed_run *run, uint64_t number, const char *words)
{
	if (!error_is(&run->error))
		run->error = error_at(ERR_CORRUPT, 0, "line %llu: %s", (unsigned long long)number, words);
}

bool feed_is_cve(struct text t)
{
	if (!text_starts(t, "CVE-") || t.n < 13 || t.n > 24 || t.p[8] != '-')
		return false;
	for (size_t i = 4; i < t.n; i++)
		if (i != 8 && (t.p[i] < '0' || t.p[i] > '9'))
			return false;
	return true;
}
