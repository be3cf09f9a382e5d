/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For containers whose children are parts of their own bytes. */
#ifndef ASSAY_FORMAT_REGION_H
#define ASSAY_FORMAT_REGION_H

#include "format/format.h"

#define REGION_NAME_SHOWN 64u /* of a name in a report */

/* Emits bytes[at .. at + size) as a region; of one that ends beyond the bytes what there is, which is damage. `format`
 * (may be NULL) is what the container promises. False: stop walking. */
static inline bool region_emit_text(struct walk *w, struct text name, struct span bytes, uint64_t at, uint64_t size,
									const char *format)
{
	struct entry e = entry_new(ENTRY_REGION, name);
	e.format = format;
	e.offset = at;
	e.size = size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, at, size) };
	if (e.content.bytes.n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "%.*s has %llu bytes, %zu are there",
					   (int)(name.n < REGION_NAME_SHOWN ? name.n : REGION_NAME_SHOWN), name.p, (unsigned long long)size,
					   e.content.bytes.n);
	return w->child(w, &e);
}

/* The same with the name as a C string, which must live as long as the walk. */
static inline bool region_emit(struct walk *w, const char *name, struct span bytes, uint64_t at, uint64_t size,
							   const char *format)
{
	return region_emit_text(w, text_c(name), bytes, at, size, format);
}

/* The same for what stands nowhere in the container as it is. */
static inline bool region_emit_content(struct walk *w, const char *name, uint64_t size, struct content content,
									   const char *format)
{
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.format = format;
	e.size = size;
	e.content = content;
	return w->child(w, &e);
}

/* The same for bytes of the walk's arena. */
static inline bool region_emit_made(struct walk *w, const char *name, struct span made, const char *format)
{
	return region_emit_content(w, name, made.n, (struct content){ .kind = CONTENT_SPAN, .bytes = made }, format);
}

#endif
