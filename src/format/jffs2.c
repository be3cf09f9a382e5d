/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JFFS2: a log of nodes, each with a CRC over its header, in either byte order.
 *
 * Specification: Linux include/uapi/linux/jffs2.h.
 */
#include "base/hash.h"
#include "format/format.h"

#define HEADER_SIZE 12u
#define ERASED_MAX (1u << 20) /* erased bytes between two nodes */

/* CRC-32 as the kernel's crc32(0, ...): neither the start nor the end is inverted. */
static uint32_t crc_plain(struct span bytes)
{
	return ~hash_crc32(UINT32_MAX, bytes);
}

/* The length of the node at `at`; 0 when there is none. */
static uint64_t node_size(struct span bytes, uint64_t at, bool big)
{
	struct reader r = reader_of(span_sub(bytes, at, HEADER_SIZE), big);
	uint16_t magic = rd_u16(&r);
	rd_skip(&r, 2);
	uint32_t size = rd_u32(&r), crc = rd_u32(&r);
	if (!rd_ok(&r) || magic != 0x1985 || size < HEADER_SIZE || crc_plain(span_sub(bytes, at, 8)) != crc)
		return 0;
	return ((uint64_t)size + 3) & ~(uint64_t)3;
}

/* Over erased flash (all ones) and padding (zeros) to what comes next. */
static uint64_t skip_erased(struct span bytes, uint64_t at)
{
	struct span rest = span_clip(bytes, at, ERASED_MAX);
	size_t n = 0;
	while (n < rest.n && (rest.p[n] == 0xff || rest.p[n] == 0))
		n++;
	return at + n;
}

static bool jffs2_probe(struct span at, struct format_match *match)
{
	bool big = span_starts(at, "\x19\x85", 2);
	uint64_t end = 0, size = node_size(at, 0, big);
	if (!size)
		return false;
	for (uint64_t next = 0; size; size = node_size(at, next, big)) {
		end = next + size;
		next = node_size(at, end, big) ? end : skip_erased(at, end);
	}
	match->size = end;
	match->confidence = 85;
	return true;
}

static const struct format_magic jffs2_magics[] = {
	MAGIC("\x85\x19\x01\xe0", 0), MAGIC("\x85\x19\x02\xe0", 0), MAGIC("\x85\x19\x03\x20", 0),
	MAGIC("\x85\x19\x04\x20", 0), MAGIC("\x19\x85\xe0\x01", 0), MAGIC("\x19\x85\xe0\x02", 0),
	MAGIC("\x19\x85\x20\x03", 0), MAGIC("\x19\x85\x20\x04", 0), MAGIC_END,
};

const struct format jffs2_format = {
	.name = "jffs2",
	.kind = FORMAT_FILESYSTEM,
	.title = "JFFS2 file system, both byte orders",
	.spec = "Linux include/uapi/linux/jffs2.h",
	.magics = jffs2_magics,
	.probe = jffs2_probe,
};
