/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Alpha Networks puts between a kernel and its file system: a mark, and the size of what follows.
 *
 * Specification: binwalk src/structures/packimg.rs.
 */
#include "format/region.h"

#define HEADER 32u

/* In the byte order of the processor. */
static uint32_t packed_size(struct span bytes)
{
	uint32_t little = span_u32le(bytes, 16), big = span_u32be(bytes, 16);
	return little < big ? little : big;
}

static bool packimg_probe_whole(struct span all, struct format_match *match)
{
	if (!span_starts(all, "--PaCkImGs--", 12) || all.n < HEADER || !packed_size(all))
		return false;
	match->size = HEADER + (uint64_t)packed_size(all);
	match->confidence = 80;
	return true;
}

/* Programs hold the mark as a text: elsewhere than at the beginning of a blob the file system has to be there, and whole. */
static bool packimg_probe(struct span at, struct format_match *match)
{
	extern const struct format squashfs_format, cramfs_format;
	struct format_match inner;
	return packimg_probe_whole(at, match) && match->size <= at.n &&
		   (squashfs_format.probe(span_from(at, HEADER), &inner) || cramfs_format.probe(span_from(at, HEADER), &inner));
}

static struct error packimg_walk(struct span bytes, struct walk *w)
{
	emit_header_field(w->sink, 16, "data size", "%u", packed_size(bytes));
	region_emit(w, "image", bytes, HEADER, packed_size(bytes), NULL);
	return error_none();
}

static const struct format_magic packimg_magics[] = { MAGIC("--PaCkImGs--", 0), MAGIC_END };

const struct format packimg_format = {
	.name = "packimg",
	.kind = FORMAT_CONTAINER,
	.title = "Alpha Networks PackImg section",
	.spec = "binwalk src/structures/packimg.rs",
	.magics = packimg_magics,
	.probe = packimg_probe,
	.probe_whole = packimg_probe_whole,
	.walk = packimg_walk,
};
