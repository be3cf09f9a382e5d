/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LHA archives (.lzh), header levels 0 to 3: libarchive reads them; where they end is found here.
 *
 * Specification: "LHa for UNIX" header.doc; lhasa, "LHA file format".
 */
#include "base/hash.h"
#include "format/archive.h"

#define MEMBERS_MAX 1000000u
#define METHOD_AT 2u
#define LEVEL_AT 20u
#define HEADER_MIN 21u
#define HEADER_MAX 65536u

static bool is_method(struct span s)
{
	return s.n == 5 && s.p[0] == '-' && s.p[1] == 'l' && (s.p[2] == 'h' || s.p[2] == 'z') && s.p[4] == '-' &&
		   ((s.p[3] >= '0' && s.p[3] <= '9') || s.p[3] == 'd' || s.p[3] == 's' || s.p[3] == 'x');
}

/* The length of a member with its header; 0 when there is none. */
static uint64_t member_size(struct span at)
{
	if (at.n < HEADER_MIN + 1 || !is_method(span_sub(at, METHOD_AT, 5)))
		return 0;
	uint32_t packed = span_u32le(at, 7), size = at.p[0] + 2u;
	switch (at.p[LEVEL_AT]) {
	case 0:
	case 1: /* the further headers count as packed bytes */
		return size > HEADER_MIN && at.p[1] == (uint8_t)hash_sum(span_sub(at, 2, at.p[0])) ? size + (uint64_t)packed
																						   : 0;
	case 2:
		size = span_u16le(at, 0);
		break;
	case 3:
		size = span_u16le(at, 0) == 4 ? span_u32le(at, 24) : 0;
		break;
	default:
		return 0;
	}
	return size > HEADER_MIN && size < HEADER_MAX ? size + (uint64_t)packed : 0;
}

static bool lha_probe(struct span at, struct format_match *match)
{
	uint64_t end = member_size(at);
	if (!end)
		return false;
	for (unsigned i = 1; i < MEMBERS_MAX && end < at.n; i++) {
		uint64_t size = member_size(span_from(at, end));
		if (!size)
			break;
		end += size;
	}
	match->size = end + (end < at.n && at.p[end] == 0); /* a zero ends it */
	match->confidence = 85;
	return true;
}

static struct error lha_walk(struct span bytes, struct walk *w)
{
	return archive_walk(bytes, w, archive_read_support_format_lha);
}

static const struct format_magic lha_magics[] = { MAGIC("-lh0-", 2), MAGIC("-lh1-", 2), MAGIC("-lh4-", 2),
												  MAGIC("-lh5-", 2), MAGIC("-lh6-", 2), MAGIC("-lh7-", 2),
												  MAGIC("-lhd-", 2), MAGIC("-lhx-", 2), MAGIC("-lzs-", 2),
												  MAGIC("-lz4-", 2), MAGIC("-lz5-", 2), MAGIC_END };

const struct format lha_format = {
	.name = "lha",
	.kind = FORMAT_ARCHIVE,
	.title = "LHA archive, header levels 0 to 3",
	.spec = "LHa for UNIX header.doc",
	.magics = lha_magics,
	.probe = lha_probe,
	.walk = lha_walk,
};
