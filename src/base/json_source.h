/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The characters below json_pull.c: a buffer that is filled in chunks, strings, numbers, line and column.
 *
 * Specification: RFC 8259, sections 2 (white space), 6 (numbers), 7 (strings), 8.1 (UTF-8). */
#ifndef ASSAY_BASE_JSON_SOURCE_H
#define ASSAY_BASE_JSON_SOURCE_H

#include "base/buf.h"
#include "base/json_pull.h"

#define JSON_SOURCE_END (-1)

struct json_source {
	json_pull_read read; /* NULL: all is in the buffer */
	void *context;
	uint8_t *buffer; /* own; NULL for a span */
	const uint8_t *at, *end;
	uint64_t base;       /* offset of `end` in the input */
	uint64_t line;       /* from 1 */
	uint64_t line_start; /* offset of its first byte */
	uint64_t total_max;
	size_t string_max;
	struct buf string; /* a token that has escapes or lies in two chunks */
	bool ended, begun;
	struct error error;
};

/* False when out of memory. */
bool json_source_open(struct json_source *s, json_pull_read read, void *context, size_t string_max, uint64_t total_max);
/* Reads these bytes instead, which must outlive it; before the first byte is taken. */
void json_source_set_span(struct json_source *s, struct span bytes);
void json_source_close(struct json_source *s);

/* The next byte, or JSON_SOURCE_END at the end or after an error. */
int json_source_peek(struct json_source *s);
/* Passes over the byte that was peeked. */
static inline void json_source_take(struct json_source *s)
{
	s->at++;
}
/* Passes over white space; the byte behind it, not taken. */
int json_source_space(struct json_source *s);

/* Where the next byte stands. */
struct json_place json_source_place(const struct json_source *s);

/* A string whose quote is the next byte; a number whose first character is. The text is valid until the next call. */
bool json_source_string(struct json_source *s, struct text *text);
bool json_source_number(struct json_source *s, struct text *text);

/* Errors at the next byte; the first one stays. */
void json_source_fail(struct json_source *s, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* That `what` was expected there, and what was found. */
void json_source_expected(struct json_source *s, const char *what);

#endif
