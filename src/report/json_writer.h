/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes JSON (RFC 8259) as a stream, so that a case of 100,000 blobs takes no memory. The outer levels are
 * indented, the rows of tables stand on a line each: text tools and diff(1) can work with it. */
#ifndef ASSAY_REPORT_JSON_WRITER_H
#define ASSAY_REPORT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

#define JSON_DEPTH_MAX 15

struct json {
	FILE *out;
	unsigned depth;
	unsigned broken_lines; /* levels up to this one are broken into lines */
	bool has_items[JSON_DEPTH_MAX + 1];
	bool after_key;
	bool in_html;  /* inside of a script element: '<' is written \u003c, so that nothing in it can end the element */
	bool columnar; /* tables have the names of their columns once: see json_open_rows() */
};

/* Begins an object '{' or an array '['. */
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);
/* A key of the object at hand; its value is what is written next. */
void json_key(struct json *j, const char *key);

/* An absent text is null. Bytes that are no UTF-8 and NUL become \xHH, as escape_utf8() has them. */
void json_text(struct json *j, struct text value);
/* FACT_NULL is null. */
void json_int(struct json *j, int64_t value);
/* 0 is false, FACT_NULL null, all else true. */
void json_bool(struct json *j, int64_t value);
/* Three decimals. */
void json_seconds(struct json *j, double value);

/* A number with up to `decimals` decimals (at most 9), without zeros at their end; null for none that JSON can say. */
void json_decimal(struct json *j, double value, unsigned decimals);

/* As many digits as tell it from others; what is no number is null. */
void json_number(struct json *j, double value);

/* The value of a column that holds a number: an integer, another number, or null. */
struct sqlite3_stmt;
void json_value(struct json *j, struct sqlite3_stmt *stmt, int column);
/* ---- the rows of a table ---- */

struct json_head {
	const char *name, *doc;
};

/* An array of objects; columnar, {"doc", "columns": [name ...], "docs": [text ...], "rows": [[value ...] ...]}. In a row
 * json_column() stands before each value, in the order of the heads. */
void json_open_rows(struct json *j, const char *doc, const struct json_head *heads, size_t n);
/* json_open_row() and json_close_row() stand around a row, json_close_rows() behind the last; json_column() takes the
 * name that json_open_rows() was told for that place. */
void json_open_row(struct json *j);
void json_column(struct json *j, const char *name);
void json_close_row(struct json *j);
void json_close_rows(struct json *j);

/* A key with its value. */
void json_key_text(struct json *j, const char *key, struct text value);
void json_key_int(struct json *j, const char *key, int64_t value);

#endif
