/* SPDX-License-Identifier: GPL-3.0-or-later */
/* eGON: what the boot ROM of Allwinner's chips loads first, U-Boot's SPL or the vendor's boot0.
 *
 * Specification: linux-sunxi.org "EGON"; U-Boot include/sunxi_image.h.
 */
#include "format/region.h"

#define HEADER 0x20u
#define STAMP 0x5f0a6c39u
#define LENGTH_MAX (1u << 20)

/* It begins with a branch over the header: of ARM, always and forward; of RISC-V, JAL without a register. */
static bool is_branch(uint32_t word)
{
	return word >> 16 == 0xea00 || (word & 0xfff) == 0x6f;
}

static bool egon_read(struct span at, uint32_t *length)
{
	*length = span_u32le(at, 16);
	return span_has(at, 4, "eGON.BT", 7) && is_branch(span_u32le(at, 0)) && *length > HEADER && *length <= LENGTH_MAX &&
		   *length % 4 == 0;
}

static bool egon_probe(struct span at, struct format_match *match)
{
	uint32_t length;
	if (!egon_read(at, &length))
		return false;
	match->size = length;
	match->confidence = 85;
	return true;
}

/* The sum of all words, with a stamp in the place of the sum itself. */
static void verify(struct walk *w, struct span bytes, uint32_t length)
{
	struct reader r = reader_le(span_sub(bytes, 0, length));
	uint32_t stored = span_u32le(bytes, 12), sum = STAMP - stored;
	while (rd_left(&r) >= 4)
		sum += rd_u32(&r);
	emit_header_field(w->sink, 12, "check_sum", "%s", sum == stored ? "ok" : "mismatch");
	if (sum != stored)
		emit_damage_at(w->sink, ERR_CORRUPT, 12, "the header says sum 0x%08x, the image has 0x%08x", stored, sum);
}

static struct error egon_walk(struct span bytes, struct walk *w)
{
	uint32_t length;
	if (!egon_read(bytes, &length))
		return error_at(ERR_CORRUPT, 0, "no eGON header");
	emit_header_field(w->sink, 4, "magic", "%.8s", (const char *)bytes.p + 4);
	emit_header_field(w->sink, 16, "length", "%u", length);
	if (span_has(bytes, 20, "SPL", 3)) {
		emit_header_field(w->sink, 23, "spl_version", "%u", span_u32le(bytes, 20) >> 24);
		uint32_t name = span_u32le(bytes, 32);
		struct text dt = text_from_span(span_clip(bytes, name, 64));
		if (name && dt.n)
			emit_header_field(w->sink, 32, "default_dt_name", "%.*s", (int)strnlen(dt.p, dt.n), dt.p);
	}
	if (bytes.n >= length)
		verify(w, bytes, length);
	region_emit(w, "code", bytes, HEADER, length - HEADER, NULL);
	return error_none();
}

static const struct format_magic egon_magics[] = { MAGIC("eGON.BT", 4), MAGIC_END };

const struct format egon_format = {
	.name = "egon",
	.kind = FORMAT_CONTAINER,
	.title = "Allwinner first stage (eGON)",
	.spec = "U-Boot include/sunxi_image.h",
	.magics = egon_magics,
	.probe = egon_probe,
	.walk = egon_walk,
};
