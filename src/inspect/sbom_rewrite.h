/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A document of another form written anew as the JSON of the same document, each value on the line where it stands there, so that what is
 * read of it is told with the lines of the original. */
#ifndef ASSAY_INSPECT_SBOM_REWRITE_H
#define ASSAY_INSPECT_SBOM_REWRITE_H

#include "base/buf.h"

struct sbom_rewrite {
	struct buf json;        /* to be freed by who begins; its limit is theirs */
	uint64_t line;          /* that the JSON has come to, from 1 */
	enum error_code failed; /* ERR_NONE, or why nothing more is added */
};

/* Bytes as they are. */
void rewrite_put(struct sbom_rewrite *w, const char *bytes, size_t n);
/* A string of n bytes of UTF-8 in quotes, with what JSON wants escaped. */
void rewrite_string(struct sbom_rewrite *w, const char *s, size_t n);
/* Goes on to that line; one that is behind already is left. */
void rewrite_line(struct sbom_rewrite *w, uint64_t line);

#endif
