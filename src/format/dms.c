/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMS images: the halves of each word of 32 bits are swapped; so they are put right.
 *
 * Specification: binwalk src/signatures/dms.rs.
 */
#include "format/format.h"

static uint32_t dms_size(struct span bytes)
{
	return (uint32_t)span_u16be(bytes, 14) << 16 | span_u16be(bytes, 12);
}

static bool dms_probe(struct span at, struct format_match *match)
{
	uint32_t size = dms_size(at);
	if (!span_starts(at, "MG", 2) || !span_has(at, 4, "0><1", 4) || size < 0x100)
		return false;
	match->size = size;
	match->confidence = 75;
	return true;
}

static struct error dms_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct span image = span_clip(bytes, 0, dms_size(bytes));
	*used = 0;
	if (!image.n)
		return error_at(ERR_TRUNCATED, 0, "no header");
	if (buf_reserve(out, image.n))
		return error_at(ERR_BUDGET, 0, "%zu bytes are more than is allowed", image.n);
	uint8_t *p = out->p + out->n;
	size_t i = 0;
	for (; i + 4 <= image.n; i += 4) {
		memcpy(p + i, image.p + i + 2, 2);
		memcpy(p + i + 2, image.p + i, 2);
	}
	memcpy(p + i, image.p + i, image.n - i);
	out->n += image.n;
	*used = image.n;
	if (image.n < dms_size(bytes))
		return error_at(ERR_TRUNCATED, image.n, "the header says %u bytes", dms_size(bytes));
	return error_none();
}

static const struct format_magic dms_magics[] = { MAGIC("0><1", 4), MAGIC_END };

const struct format dms_format = {
	.name = "dms",
	.kind = FORMAT_ENCODING,
	.title = "DMS image with swapped half-words",
	.spec = "binwalk src/signatures/dms.rs",
	.magics = dms_magics,
	.probe = dms_probe,
	.unpack = dms_unpack,
};
