/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image of NXP's (Jennic's) JN514x and JN516x: the chip's type, a magic and the code. It does not tell its size: it is
 * what an update or a file consists of. In the flash of a chip it stands without the chip's type.
 *
 * Specification: NXP JN-AN-1003, "JN51xx Boot Loader Operation".
 */
#include "format/region.h"

#define CHIP_TYPE_SIZE 4u
#define MAGIC_SIZE 12u

static const uint8_t magic[MAGIC_SIZE] = { 0x12, 0x34, 0x56, 0x78, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };

static uint64_t header_size(struct span bytes)
{
	if (span_starts(bytes, magic, MAGIC_SIZE))
		return MAGIC_SIZE;
	return span_has(bytes, CHIP_TYPE_SIZE, magic, MAGIC_SIZE) ? CHIP_TYPE_SIZE + MAGIC_SIZE : 0;
}

static bool jn516x_probe(struct span at, struct format_match *match)
{
	uint64_t header = header_size(at);
	if (!header || at.n <= header)
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

static struct error jn516x_walk(struct span bytes, struct walk *w)
{
	uint64_t header = header_size(bytes);
	if (!header || bytes.n <= header)
		return error_at(ERR_CORRUPT, 0, "no JN51xx image");
	if (header > MAGIC_SIZE)
		emit_header_field(w->sink, 0, "chip_type", "0x%08x", span_u32be(bytes, 0));
	region_emit(w, "code", bytes, header, bytes.n - header, NULL);
	return error_none();
}

const struct format nxp_jn516x_format = {
	.name = "nxp_jn516x",
	.kind = FORMAT_CONTAINER,
	.title = "NXP (Jennic) JN51xx image",
	.spec = "NXP JN-AN-1003",
	.at_start = true,
	.probe = jn516x_probe,
	.walk = jn516x_walk,
};
