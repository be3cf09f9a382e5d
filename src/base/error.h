/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors are values with a place: filled once, at the depth that knows the offset, and passed up unchanged. */
#ifndef ASSAY_BASE_ERROR_H
#define ASSAY_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))

enum error_code {
	ERR_NONE = 0,
	ERR_TRUNCATED,   /* the bytes end before the structure does */
	ERR_CORRUPT,     /* the bytes contradict the format */
	ERR_UNSUPPORTED, /* well formed, but a variant that is not read */
	ERR_ENCRYPTED,   /* needs a key that is not here */
	ERR_BUDGET,      /* a limit on depth, count, size, ratio or time was hit */
	ERR_MEMORY,      /* an allocation failed */
	ERR_IO,          /* the operating system refused */
	ERR_USAGE,       /* the caller's (user's) input is unusable */
	ERR_CRASH,       /* a worker died on it */
	ERR_CODES
};

struct error {
	enum error_code code;
	uint64_t offset; /* within the bytes that were given to the function */
	char text[160];  /* one sentence: what was expected, what was found; printable ASCII only */
};

/* "truncated", "corrupt" ...: the word that the `damage` table uses in its column `kind`. */
const char *error_word(enum error_code code);

/* error_none() is what a function that succeeds gives; error_is() tells whether something went wrong. */
static inline struct error error_none(void)
{
	return (struct error){ .code = ERR_NONE };
}

static inline bool error_is(const struct error *e)
{
	return e->code != ERR_NONE;
}

/* An error of `code` at `offset` with a printf-style sentence. Bytes outside printable ASCII are replaced by '?',
 * so that a name from an input can not carry a terminal escape through an error. */
struct error error_at(enum error_code code, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));

#endif
