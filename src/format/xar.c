/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XAR archives: a header, a table of contents in compressed XML, a heap. libarchive reads them.
 *
 * Specification: github.com/mackyle/xar, "xarformat".
 */
#include "format/archive.h"

#define HEADER_MIN 28u

static bool xar_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_be(at);
	rd_skip(&r, 4);
	uint16_t header = rd_u16(&r), version = rd_u16(&r);
	uint64_t packed = rd_u64(&r), unpacked = rd_u64(&r);
	uint32_t checksum = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(at, "xar!", 4) || version > 1 || header < HEADER_MIN || header > 256 ||
		checksum > 4 || !packed || packed >= at.n || unpacked < packed / 4 || unpacked >> 32 ||
		!span_has(at, header, "\x78", 1))
		return false;
	match->size = at.n; /* only the table tells where the heap ends */
	match->confidence = 90;
	return true;
}

static struct error xar_walk(struct span bytes, struct walk *w)
{
	return archive_walk_helped(bytes, w, archive_read_support_format_xar, &(struct archive_help){ .tells_end = true });
}

static const struct format_magic xar_magics[] = { MAGIC("xar!\0", 0), MAGIC_END };

const struct format xar_format = {
	.name = "xar",
	.kind = FORMAT_ARCHIVE,
	.title = "XAR archive",
	.spec = "github.com/mackyle/xar xarformat",
	.magics = xar_magics,
	.probe = xar_probe,
	.walk = xar_walk,
};
