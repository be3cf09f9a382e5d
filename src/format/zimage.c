/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARM zImage: a decompressor with the compressed kernel inside. Device trees that are appended to it stand behind its
 * end, where they are carved.
 *
 * Specification: Linux arch/arm/boot/compressed/head.S and vmlinux.lds.S.
 */
#include "format/format.h"
#include "format/kernel_payload.h"

#define MAGIC_AT 0x24u
#define CODE_FROM 0x30u
#define SIZE_MIN 4096u
#define SIZE_MAX_ZIMAGE (128u << 20)

struct zimage {
	bool big;
	uint32_t start, end;
};

/* The image begins with nops (the first two may be a DOS header for EFI), so that these five words are alike. */
static bool begins_with_nops(struct span image)
{
	struct span nops = span_sub(image, 8, 20);
	return nops.p && span_u32le(nops, 0) != 0 && memcmp(nops.p, nops.p + 4, nops.n - 4) == 0;
}

static bool zimage_read(struct span image, struct zimage *z)
{
	z->big = span_has(image, MAGIC_AT, "\x01\x6f\x28\x18", 4);
	struct reader r = reader_of(image, z->big);
	rd_seek(&r, MAGIC_AT);
	uint32_t magic = rd_u32(&r);
	z->start = rd_u32(&r);
	z->end = rd_u32(&r);
	return rd_ok(&r) && magic == 0x016f2818 && begins_with_nops(image) && z->end > z->start &&
		   z->end - z->start >= SIZE_MIN && z->end - z->start <= SIZE_MAX_ZIMAGE;
}

static bool zimage_probe(struct span at, struct format_match *match)
{
	struct zimage z;
	if (!zimage_read(at, &z))
		return false;
	match->size = z.end - z.start;
	match->confidence = 90;
	return true;
}

static struct error zimage_walk(struct span bytes, struct walk *w)
{
	struct zimage z;
	if (!zimage_read(bytes, &z))
		return error_at(ERR_CORRUPT, 0, "no zImage header");
	emit_header_field(w->sink, MAGIC_AT + 4, "start", "0x%08x", z.start);
	emit_header_field(w->sink, MAGIC_AT + 8, "end", "0x%08x", z.end);
	emit_header_field(w->sink, MAGIC_AT, "endian", "%s", z.big ? "big" : "little");
	return kernel_payload_emit(w, bytes, CODE_FROM);
}

static const struct format_magic zimage_magics[] = {
	MAGIC("\x18\x28\x6f\x01", MAGIC_AT),
	MAGIC("\x01\x6f\x28\x18", MAGIC_AT),
	MAGIC_END,
};

const struct format zimage_format = {
	.name = "zimage",
	.kind = FORMAT_KERNEL,
	.title = "ARM Linux zImage",
	.spec = "Linux arch/arm/boot/compressed/head.S",
	.magics = zimage_magics,
	.probe = zimage_probe,
	.walk = zimage_walk,
};
