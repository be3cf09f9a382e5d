/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel of macOS or iOS that is packed with LZSS or LZVN.
 *
 * Specification: xnu's kernelcache tool, compressed_kernel_header (kext_tools, kernelcache.h); BootX lzss.c.
 */
#include "base/hash.h"
#include "format/apple_codec.h"
#include "format/format.h"

#define HEADER 0x180u
#define UNPACKED_MAX (1u << 30)
#define LZSS_RATIO 9u   /* 17 bytes make eight matches of 18 */
#define LZVN_RATIO 136u /* two bytes make a match of 271 */

struct comp {
	enum apple_codec codec;
	uint32_t sum, size, packed, version;
};

static bool comp_read(struct span at, struct comp *c)
{
	struct reader r = reader_be(span_sub(at, 0, HEADER));
	struct span magic = rd_bytes(&r, 8);
	c->codec = span_starts(magic, "complzss", 8) ? APPLE_LZSS : span_starts(magic, "complzvn", 8) ? APPLE_LZVN : APPLE_UNKNOWN;
	c->sum = rd_u32(&r);
	c->size = rd_u32(&r);
	c->packed = rd_u32(&r);
	c->version = rd_u32(&r);
	return rd_ok(&r) && c->codec != APPLE_UNKNOWN && c->size > 0 && c->size <= UNPACKED_MAX && c->packed > 0 && c->version < 16 &&
		   c->size / (c->codec == APPLE_LZSS ? LZSS_RATIO : LZVN_RATIO) <= c->packed;
}

/* Behind the fields stand names of the platform and of the root device, which are mostly empty. */
static bool comp_probe(struct span at, struct format_match *match)
{
	struct comp c;
	if (!comp_read(at, &c) || !span_is_zero(span_sub(at, 24, 40)))
		return false;
	match->size = HEADER + (uint64_t)c.packed;
	match->confidence = 90;
	return true;
}

static struct error comp_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct comp c;
	*used = 0;
	if (!comp_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no header of a packed kernel");
	struct span in = span_clip(bytes, HEADER, c.packed);
	*used = HEADER + in.n;
	if (buf_reserve(out, c.size))
		return error_at(ERR_BUDGET, 0, "%lu bytes are more than is allowed", (unsigned long)c.size);
	uint8_t *p = out->p + out->n;
	struct error e = apple_unpack(c.codec, in, p, c.size);
	if (e.code == ERR_UNSUPPORTED)
		return e;
	size_t made = error_is(&e) ? (size_t)e.offset : c.size; /* what came out before it broke */
	out->n += made;
	if (in.n < c.packed)
		return error_at(ERR_TRUNCATED, *used, "%lu packed bytes are told of, %zu are there", (unsigned long)c.packed, in.n);
	if (!error_is(&e) && hash_adler32(span_of(p, made)) != c.sum)
		return error_at(ERR_CORRUPT, 8, "the Adler-32 of what is unpacked is wrong");
	e.offset = HEADER;
	return e;
}

static const struct format_magic magics[] = { MAGIC("complzss", 0), MAGIC("complzvn", 0), MAGIC_END };

const struct format apple_comp_format = {
	.name = "apple_comp",
	.kind = FORMAT_COMPRESSION,
	.title = "Packed kernel of macOS and iOS",
	.spec = "Apple kext_tools kernelcache.h",
	.magics = magics,
	.probe = comp_probe,
	.unpack = comp_unpack,
};
