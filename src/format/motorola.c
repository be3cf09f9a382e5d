/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Motorola's header before a TRX (WR850G, WA840G, WE800G): a CRC and flags.
 *
 * Specification: OpenWrt target/utils/src/motorola-bin.c.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 8u

extern const struct format trx_format;

static bool motorola_probe(struct span at, struct format_match *match)
{
	struct format_match trx;
	if (!span_has(at, 4, "\x10\x57\x70", 3) || !trx_format.probe(span_from(at, HEADER_SIZE), &trx))
		return false;
	match->size = HEADER_SIZE + trx.size;
	match->confidence = 90;
	return true;
}

static struct error motorola_walk(struct span bytes, struct walk *w)
{
	struct span covered = span_from(bytes, 4);
	emit_header_field(w->sink, 4, "flags", "0x%08x", span_u32be(bytes, 4));
	wrapper_check_u32(w, 0, "crc32", covered.p, span_u32le(bytes, 0), hash_crc32_raw(UINT32_MAX, covered));
	(void)wrapper_region(w, bytes, HEADER_SIZE, bytes.n - HEADER_SIZE, TEXT_LIT("firmware"), "trx");
	return error_none();
}

static const struct format_magic motorola_magics[] = { MAGIC("\x10\x57\x70", 4), MAGIC_END };

const struct format motorola_format = {
	.name = "motorola",
	.kind = FORMAT_CONTAINER,
	.title = "Motorola header before a TRX",
	.spec = "OpenWrt target/utils/src/motorola-bin.c",
	.magics = motorola_magics,
	.probe = motorola_probe,
	.walk = motorola_walk,
};
