/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Rockchip's boot loaders load, with a length and a checksum: kernels and ramdisks (KRNL), the parameters with the
 * partitions (PARM).
 *
 * Specification: rkcrc and rkflashtool. */
#include "format/parts.h"
#include "format/rockchip.h"

#define HEADER_SIZE 8u
/* The parameters are a page of text: their checksum can be checked at once. A kernel's can not, by a probe. */
#define PARAMETERS_MAX 8192u

static bool checksum_is(struct span data, uint32_t sum)
{
	return rockchip_crc(data, ROCKCHIP_POLYNOMIAL) == sum || rockchip_crc(data, ROCKCHIP_POLYNOMIAL_IEEE) == sum;
}

static bool krnl_read(struct span at, uint32_t *size)
{
	*size = span_u32le(at, 4);
	struct span data = span_sub(at, HEADER_SIZE, *size);
	if (span_starts(at, "PARM", 4))
		return *size && *size <= PARAMETERS_MAX && data.p && span_sub(at, HEADER_SIZE + (uint64_t)*size, 4).p &&
			   checksum_is(data, span_u32le(at, HEADER_SIZE + (uint64_t)*size));
	/* What the tools wrap are gzip streams and ARM kernels. */
	return span_starts(at, "KRNL", 4) && *size > 4096 && *size < 1u << 28 &&
		   (span_has(at, HEADER_SIZE, "\x1f\x8b\x08", 3) || span_has(at, HEADER_SIZE + 0x24, "\x18\x28\x6f\x01", 4) ||
			span_has(at, HEADER_SIZE + 0x38, "ARM\x64", 4));
}

static bool krnl_probe(struct span at, struct format_match *match)
{
	uint32_t size;
	if (!krnl_read(at, &size))
		return false;
	match->size = HEADER_SIZE + (uint64_t)size + 4;
	match->confidence = 85;
	return true;
}

static struct error krnl_walk(struct span bytes, struct walk *w)
{
	uint32_t size;
	if (!krnl_read(bytes, &size))
		return error_at(ERR_CORRUPT, 0, "no KRNL or PARM header");
	bool kernel = span_starts(bytes, "KRNL", 4);
	struct span data = span_sub(bytes, HEADER_SIZE, size), sum = span_sub(bytes, HEADER_SIZE + (uint64_t)size, 4);
	bool same = sum.p && checksum_is(data, span_u32le(sum, 0));
	emit_header_field(w->sink, HEADER_SIZE + (uint64_t)size, "crc32", "%s",
					  !sum.p ? "not checked"
					  : same ? "ok"
							 : "mismatch");
	if (sum.p && !same)
		emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE + (uint64_t)size, "the checksum does not match");
	struct parts parts = { .bytes = bytes, .w = w };
	parts_emit(&parts, kernel ? TEXT_LIT("kernel") : TEXT_LIT("parameter"), HEADER_SIZE, size, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("KRNL", 0), MAGIC("PARM", 0), MAGIC_END };

const struct format rockchip_krnl_format = {
	.name = "rockchip_krnl",
	.kind = FORMAT_CONTAINER,
	.title = "Rockchip kernel or parameters (KRNL, PARM)",
	.spec = "rkflashtool rkcrc.c",
	.magics = magics,
	.probe = krnl_probe,
	.walk = krnl_walk,
};
