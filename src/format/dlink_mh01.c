/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link MH01: an image enciphered under a key that is not here, with the digest of the plain one. Named, not opened.
 *
 * Specification: binwalk src/structures/mh01.rs.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 32u
#define HASH_MAX 512u

static bool mh01_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(at);
	rd_skip(&r, 20);
	uint32_t hash = rd_u32(&r), size = rd_u32(&r);
	match->size = (uint64_t)HEADER_SIZE + hash + size;
	match->confidence = 90;
	return rd_ok(&r) && span_starts(at, "MH01", 4) && span_has(at, 16, "MH01", 4) && hash >= 32 && hash <= HASH_MAX &&
		   size && wrapper_is_text(span_sub(at, HEADER_SIZE, hash));
}

static struct error mh01_walk(struct span bytes, struct walk *w)
{
	uint32_t hash = span_u32le(bytes, 20);
	emit_header_field(w->sink, 4, "image_size", "%u", span_u32le(bytes, 4));
	emit_header_field(w->sink, 24, "encrypted_data_size", "%u", span_u32le(bytes, 24));
	wrapper_field(w, HEADER_SIZE, "hash", span_sub(bytes, HEADER_SIZE, hash));
	return error_at(ERR_ENCRYPTED, HEADER_SIZE + (uint64_t)hash,
					"D-Link's MH01 encryption, whose key is not published here");
}

static const struct format_magic mh01_magics[] = { MAGIC("MH01", 0), MAGIC_END };

const struct format dlink_mh01_format = {
	.name = "dlink_mh01",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link MH01 enciphered image",
	.spec = "binwalk src/structures/mh01.rs",
	.magics = mh01_magics,
	.probe = mh01_probe,
	.walk = mh01_walk,
};
