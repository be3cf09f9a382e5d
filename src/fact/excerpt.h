/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excerpts: the bytes around the place that a row points at, cut while the blob is at hand (a case keeps no blobs).
 *
 * A text is quoted by lines, with up to two lines around the one that is meant; other bytes as up to 64 of them. What is a
 * credential by another row of the blob, a private key, and what can not be told from one is told with it (`hidden`), so
 * that reports can redact it wherever the excerpt was cut. Context that might hold one is left out.
 */
#ifndef ASSAY_FACT_EXCERPT_H
#define ASSAY_FACT_EXCERPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

/* Bytes of one excerpt; of the line that is meant; of a line around it; around a place in binary data. */
#define EXCERPT_MAX 1280u
#define EXCERPT_LINE_MAX 240u
#define EXCERPT_CONTEXT_MAX 200u
#define EXCERPT_CONTEXT_LINES 2u
#define EXCERPT_BINARY_MAX 64u
/* Of one blob: rows of a table that get one, and bytes of all. */
#define EXCERPTS_PER_TABLE 1000u
#define EXCERPTS_BYTES_MAX ((size_t)512 << 10)
/* Stretches of one excerpt that are hidden; more: all of it is. */
#define EXCERPT_HIDDEN_MAX 24u

/* The bytes of a blob with where its lines begin, which is found out when it is first asked for. */
struct excerpt_source {
	struct span bytes;
	bool is_text;   /* offsets are told as lines, too */
	size_t *lines;  /* malloc'ed: where each line begins */
	size_t nlines;
	size_t indexed; /* where the last of them ends */
	bool is_indexed;
};

/* Frees the list of lines; it can be used again. */
void excerpt_source_free(struct excerpt_source *s);

/* What is kept of a blob, and what of that is marked: offsets in the blob. */
struct excerpt_cut {
	uint64_t start, offset;
	size_t n, marked;
	int64_t line; /* FACT_NULL: binary */
	bool cut_before, cut_after;
};

/* The line (from 1) without its end; false when there is none of that number, or no memory. */
bool excerpt_line(struct excerpt_source *s, int64_t line, size_t *from, size_t *to);
/* The line that the offset lies in; 0: none. */
int64_t excerpt_line_of(struct excerpt_source *s, uint64_t offset);
/* Printable UTF-8 and tabs only. */
bool excerpt_is_plain(struct span bytes);

/* Whether a line beside the one that is meant may be shown. NULL: none may. */
struct excerpt_context {
	bool (*may_show)(void *context, int64_t line, struct text text);
	void *context;
};

/* Cuts the line with what is around it; [from, to) of the blob, which lies in the line, is marked. False when the line is
 * no plain text. */
bool excerpt_cut_text(struct excerpt_source *s, int64_t line, size_t from, size_t to, struct excerpt_context around,
					  struct excerpt_cut *cut);
/* Cuts binary data; false when `offset` lies beyond the end. At the end itself nothing is marked. */
bool excerpt_cut_binary(struct span bytes, uint64_t offset, uint64_t marked, struct excerpt_cut *cut);

/* A stretch of an excerpt's bytes that is a credential; opaque: not to be told by its ends. */
struct excerpt_range {
	size_t from, n;
	bool is_opaque;
};

struct excerpt_hidden {
	struct excerpt_range v[EXCERPT_HIDDEN_MAX]; /* sorted, apart from each other */
	size_t n;
};

/* Whether the n > 0 bytes at `at` are a word of their own, or the value of a short option ("-psecret"). */
bool excerpt_stands_alone(struct text t, size_t at, size_t n);
/* Adds [from, to) of the blob where it lies in the excerpt; what it is cut from is opaque. */
void excerpt_hide(struct excerpt_hidden *h, const struct excerpt_cut *cut, uint64_t from, uint64_t to, bool is_opaque);
/* The same for every place where the value stands; a short one only where it is a word of its own. */
bool excerpt_hide_value(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes, struct text value);
/* The same for the bodies of armoured keys (RFC 7468), which may begin before the excerpt. */
void excerpt_hide_armour(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes);
/* The same for what stands where a credential is named (redact_next_named()), where it is not hidden yet. The bytes are looked
 * at from a little before the excerpt to a little behind it. */
void excerpt_hide_named(struct excerpt_hidden *h, const struct excerpt_cut *cut, struct span bytes);
/* Whether a line looks as if it might hold a credential: it names one, or has a long mixture of letters and digits. */
bool excerpt_may_be_secret(struct text line);

/* The column `hidden`; `out` has EXCERPT_HIDDEN_TEXT bytes. */
#define EXCERPT_HIDDEN_TEXT (EXCERPT_HIDDEN_MAX * 12u)
/* As the column `hidden` has it, terminated. */
void excerpt_hidden_write(const struct excerpt_hidden *h, char out[EXCERPT_HIDDEN_TEXT]);
/* Reads it back; false when it is not what the other writes, or is not within `n` bytes. */
bool excerpt_hidden_read(struct text t, size_t n, struct excerpt_hidden *h) MUST_USE;

/* Adds to `out` (a buffer of batch rows) an excerpt for each of the rows (their wire form, as batch_add() makes it) that
 * points at a place of `bytes`; row_id is the row's number among those of its table, from 0. It stops at the limits above
 * and when `out` is full. */
void excerpts_add(struct span rows, struct span bytes, bool is_text, struct buf *out);

/* Whether an excerpt is one that could have been cut from a blob of so many bytes. Its maker may be a compromised worker. */
bool excerpt_is_sound(const struct fact_excerpt *e, int64_t size) MUST_USE;

#endif
