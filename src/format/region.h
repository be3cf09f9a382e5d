/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For containers whose children are parts of their own bytes. */
#ifndef ASSAY_FORMAT_REGION_H
#define ASSAY_FORMAT_REGION_H

#include "format/format.h"

/* Emits bytes[at .. at + size) as a region; of one that ends beyond the bytes what there is, which is damage. `format`
 * (may be NULL) is what the container promises. False: stop walking. */
static inline bool region_emit(struct walk *w, const char *name, struct span bytes, uint64_t at, uint64_t size,
							   const char *format)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = text_c(name), .format = format };
	e.offset = at;
	e.size = size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, at, size) };
	if (e.content.bytes.n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "%s has %llu bytes, %zu are there", name, (unsigned long long)size,
					   e.content.bytes.n);
	return w->child(w, &e);
}

/* The same for bytes of the walk's arena, which stand nowhere in the container as they are. */
static inline bool region_emit_made(struct walk *w, const char *name, struct span made, const char *format)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = text_c(name), .format = format };
	e.size = made.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = made };
	return w->child(w, &e);
}

#endif
