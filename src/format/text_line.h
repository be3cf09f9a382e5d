/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a text, one after the other. */
#ifndef ASSAY_FORMAT_TEXT_LINE_H
#define ASSAY_FORMAT_TEXT_LINE_H

#include "base/span.h"

/* The line that begins at *at, without what ends it (LF or CR LF); *at goes to the next one. False at the end of the text. */
static inline bool text_line_next(struct span text, uint64_t *at, struct text *line)
{
	struct span rest = span_from(text, *at);
	if (!rest.n)
		return false;
	const uint8_t *end = memchr(rest.p, '\n', rest.n);
	size_t n = end ? (size_t)(end - rest.p) : rest.n;
	*at += n + (end != NULL);
	*line = text_of((const char *)rest.p, n && rest.p[n - 1] == '\r' ? n - 1 : n);
	return true;
}

/* What follows the first n characters. */
static inline struct text text_after(struct text t, size_t n)
{
	return n <= t.n ? text_of(t.p + n, t.n - n) : TEXT_NONE;
}

#endif
