/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file as lines of text: what uuencode writes, with its own digits or those of base64.
 *
 * Specification: POSIX.1-2017, uuencode ("STDOUT"); the encoded names of sharutils 4.15 (begin-encoded).
 */
#ifndef ASSAY_FORMAT_UU_TEXT_H
#define ASSAY_FORMAT_UU_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

struct uu_text {
	struct text name;    /* as it stands there: in base64 where name_base64 */
	unsigned mode;
	char prefix;         /* that may stand before a line, or 0 */
	bool base64, name_base64;
	struct span body;    /* the lines of data */
	uint64_t size;       /* from the line "begin" to behind the line that ends it */
	bool whole;          /* there is one */
};

/* What begins with its first line at `at`; `prefix` (0: none) is taken from the lines that begin with it. False when it does not, or no line
 * of data follows. */
bool uu_text_read(struct span at, char prefix, struct uu_text *u);

/* Appends the bytes of the lines of data. */
struct error uu_text_decode(const struct uu_text *u, struct buf *out);

/* Appends the bytes of all digits of base64 in a text, up to its padding; what is no digit is left out. */
enum error_code base64_text_decode(struct text digits, struct buf *out) MUST_USE;

/* The name itself; TEXT_NONE at the arena's limit. */
struct text uu_text_name(const struct uu_text *u, struct arena *arena);

#endif
