/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads JSON (RFC 8259) one token at a time, from chunks: memory is bounded whatever the size of the input.
 *
 *   struct json_pull *j = json_pull_new_span(bytes, NULL);
 *   for (enum json_token t = json_pull_next(j); t > PULL_END; t = json_pull_next(j)) ...
 *   struct error e = json_pull_error(j);         // ERR_NONE after PULL_END
 *
 * Strict: no comments, no trailing commas, no leading zeroes, valid UTF-8 only, one value and nothing behind it. A byte
 * order mark at the start is passed over. A lone surrogate in \u escapes becomes U+FFFD. \u0000 is a NUL in the text.
 * Names of members may repeat (section 4); the caller sees each.
 * Every error tells line, column and, in error.offset, the byte offset. Columns count bytes from 1.
 */
#ifndef ASSAY_BASE_JSON_PULL_H
#define ASSAY_BASE_JSON_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

enum json_token {
	PULL_ERROR, /* json_pull_error() tells; every further json_pull_next() gives the same */
	PULL_END,   /* the value is complete and nothing but white space follows */
	PULL_OBJECT,
	PULL_OBJECT_END,
	PULL_ARRAY,
	PULL_ARRAY_END,
	PULL_KEY, /* a member's name; its value is the next token */
	PULL_STRING,
	PULL_NUMBER,
	PULL_TRUE,
	PULL_FALSE,
	PULL_NULL,
};

#define JSON_DEPTH_MAX 512u /* no limit may be above it */

/* What an input may ask for; a 0 stands for the default. */
struct json_limits {
	unsigned depth; /* objects and arrays in each other: 64 */
	size_t string;  /* bytes of one string, decoded: 16 MiB */
	uint64_t total; /* bytes of the input: 16 GiB */
};

/* Gives up to n bytes of the input, *got = 0 at its end. An error ends the reading and comes out of json_pull_error(). */
typedef struct error (*json_pull_read)(void *context, uint8_t *into, size_t n, size_t *got);

struct json_place {
	uint64_t offset;
	uint64_t line, column; /* from 1 */
};

struct json_pull;

/* A reader of what `read` gives, or of bytes that must outlive it. limits: NULL for the defaults. NULL when out of memory;
 * json_pull_free(NULL) is allowed. */
struct json_pull *json_pull_new(json_pull_read read, void *context, const struct json_limits *limits) MUST_USE;
struct json_pull *json_pull_new_span(struct span bytes, const struct json_limits *limits) MUST_USE;
void json_pull_free(struct json_pull *j);

/* Reads the next token. PULL_END and PULL_ERROR come again and again. */
enum json_token json_pull_next(struct json_pull *j);
/* What json_pull_next() gave last; PULL_ERROR before the first. */
enum json_token json_pull_token(const struct json_pull *j);

/* The characters of the current KEY, STRING (both decoded) or NUMBER (as written); valid until the next json_pull_next(). */
struct text json_pull_text(const struct json_pull *j);

/* Passes over the value whose first token (or KEY) is the current one: afterwards the current token is its last one.
 * False on an error. */
bool json_pull_skip(struct json_pull *j);

/* Where the current token begins. */
struct json_place json_pull_place(const struct json_pull *j);

/* Where the current token is, as "$.vulnerabilities[3].cve.id"; long names are cut. Gives `out`. */
const char *json_pull_path(const struct json_pull *j, char *out, size_t size);

/* Why the last token was PULL_ERROR, with its offset; none before. */
struct error json_pull_error(const struct json_pull *j);

/* The name of a token for messages: "a string", "an object". */
const char *json_pull_token_name(enum json_token token);

#endif
