/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of LZFSE, block by block up to "bvx$".
 *
 * Specification: lzfse, src/lzfse_internal.h.
 */
#include "base/lzfse.h"
#include "base/lzvn.h"

#include "format/format.h"

static bool lzfse_probe(struct span at, struct format_match *match)
{
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 80 };
	return lzfse_begins(at);
}

/* A block of LZVN that is cut off says little by itself. As much of it as that unpacks is no chance where a blob begins with it. */
#define PROVEN 64u

static bool lzfse_probe_whole(struct span all, struct format_match *match)
{
	uint8_t out[PROVEN];
	size_t made = 0, used;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 60 };
	if (!span_starts(all, "bvxn", 4) || span_u32le(all, 8) < PROVEN / 2)
		return false;
	return lzvn_decode(span_from(all, 12), out, 0, PROVEN, &made, &used) == ERR_BUDGET && span_u32le(all, 4) >= PROVEN;
}

static struct error lzfse_unpack(struct span bytes, struct buf *out, size_t *used)
{
	return lzfse_stream(bytes, out, used);
}

static const struct format_magic lzfse_magics[] = { MAGIC("bvx-", 0), MAGIC("bvx1", 0), MAGIC("bvx2", 0), MAGIC("bvxn", 0), MAGIC_END };

const struct format lzfse_format = {
	.name = "lzfse",
	.kind = FORMAT_COMPRESSION,
	.title = "LZFSE stream",
	.spec = "lzfse src/lzfse_internal.h",
	.magics = lzfse_magics,
	.probe = lzfse_probe,
	.probe_whole = lzfse_probe_whole,
	.unpack = lzfse_unpack,
};
