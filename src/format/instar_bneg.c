/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instar BNEG: two partitions of a camera behind a header of five numbers.
 *
 * Specification: unblob handlers/archive/instar/bneg.py.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 20u
#define SIZE_LIMIT (256u << 20)
#define SIZE_LEAST 4096u /* of a partition: what is less is numbers of a table */

static bool bneg_probe_whole(struct span all, struct format_match *match)
{
	struct reader r = reader_le(all);
	rd_skip(&r, 4);
	uint32_t major = rd_u32(&r), minor = rd_u32(&r), first = rd_u32(&r), second = rd_u32(&r);
	match->size = (uint64_t)HEADER_SIZE + first + second;
	match->confidence = 90;
	return rd_ok(&r) && span_starts(all, "BNEG", 4) && major == 1 && minor == 1 && first >= SIZE_LEAST &&
		   second >= SIZE_LEAST && first < SIZE_LIMIT && second < SIZE_LIMIT;
}

/* No sum exists: within other bytes both partitions have to be there. */
static bool bneg_probe(struct span at, struct format_match *match)
{
	return bneg_probe_whole(at, match) && match->size <= at.n;
}

static struct error bneg_walk(struct span bytes, struct walk *w)
{
	uint32_t first = span_u32le(bytes, 12), second = span_u32le(bytes, 16);
	emit_header_field(w->sink, 4, "version", "%u.%u", span_u32le(bytes, 4), span_u32le(bytes, 8));
	if (wrapper_region(w, bytes, HEADER_SIZE, first, TEXT_LIT("partition-1"), NULL))
		(void)wrapper_region(w, bytes, (uint64_t)HEADER_SIZE + first, second, TEXT_LIT("partition-2"), NULL);
	return error_none();
}

static const struct format_magic bneg_magics[] = { MAGIC("BNEG\1\0\0\0\1\0\0\0", 0), MAGIC_END };

const struct format instar_bneg_format = {
	.name = "instar_bneg",
	.kind = FORMAT_CONTAINER,
	.title = "Instar BNEG camera image",
	.spec = "unblob handlers/archive/instar/bneg.py",
	.magics = bneg_magics,
	.probe = bneg_probe,
	.probe_whole = bneg_probe_whole,
	.walk = bneg_walk,
};
