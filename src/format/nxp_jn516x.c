/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image of NXP's (Jennic's) JN514x and JN516x: the chip's type, a magic and the code. It does not tell its size: it is
 * what an update or a file consists of.
 *
 * Specification: NXP JN-AN-1003, "JN51xx Boot Loader Operation".
 */
#include "format/region.h"

#define HEADER 16u

static bool jn516x_probe(struct span at, struct format_match *match)
{
	if (!span_has(at, 4, "\x12\x34\x56\x78\x11\x22\x33\x44\x55\x66\x77\x88", 12) || at.n <= HEADER)
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

static struct error jn516x_walk(struct span bytes, struct walk *w)
{
	emit_header_field(w->sink, 0, "chip_type", "0x%08x", span_u32be(bytes, 0));
	region_emit(w, "code", bytes, HEADER, bytes.n - HEADER, NULL);
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
