/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths as archives write them ("./etc/passwd", "etc/passwd", "etc/"), made to begin at the root. */
#ifndef ASSAY_FORMAT_PATH_H
#define ASSAY_FORMAT_PATH_H

#include "base/arena.h"
#include "base/span.h"
#include "format/format.h"

/* Room for one path at a time. It grows to the longest one, so that a million members cost no more than one. */
struct path_buffer {
	struct arena *arena;
	char *p;
	size_t size;
};

/* `raw` with one '/' before it, without leading "./" and trailing slashes; ".." and the like stay: paths are data. The
 * root itself becomes "/". Longer ones are cut at FACT_TEXT_MAX. Valid until the next call; TEXT_NONE at the arena's
 * limit. */
struct text path_from_root(struct path_buffer *buffer, struct text raw) MUST_USE;

/* The path of an entry by its number in the archive, "/entry-N", and why: ERR_UNSUPPORTED when its name cannot be read, else it has none.
 * `at` is where it would stand. */
struct text path_of_nameless(struct path_buffer *buffer, unsigned number, enum error_code code, uint64_t at, struct sink *sink) MUST_USE;

/* Whether it is the root itself, which is no entry of its own: an image's directories are counted below it. A file of that name
 * is one, as far as it holds something. */
static inline bool entry_is_root(const struct entry *e)
{
	bool empty = e->content.kind == CONTENT_NONE || (e->content.kind == CONTENT_SPAN && e->content.bytes.n == 0);
	return empty && text_is(e->path, "/");
}

#endif
