/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DHTB: a page of 512 bytes with a SHA-256 before what Spreadtrum's boot loader takes (boot loaders, kernels).
 *
 * Specification: github.com/osm0sis/dhtbsign.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 512u
#define HASH_AT 8u
#define SIZE_AT 48u

static bool dhtb_probe(struct span at, struct format_match *match)
{
	struct span head = span_sub(at, 0, HEADER_SIZE);
	uint32_t n = span_u32le(head, SIZE_AT);
	match->size = (uint64_t)HEADER_SIZE + n;
	match->confidence = 90;
	return span_starts(head, "DHTB\1\0\0\0", 8) && span_is_zero(span_sub(head, 40, 8)) && n && n <= 256u << 20 &&
		   span_is_zero(span_from(head, SIZE_AT + 4));
}

static struct error dhtb_walk(struct span bytes, struct walk *w)
{
	uint32_t n = span_u32le(bytes, SIZE_AT);
	struct span image = span_sub(bytes, HEADER_SIZE, n);
	uint8_t digest[DIGEST_MAX];
	if (image.p)
		digest_of(DIGEST_SHA256, image, digest);
	wrapper_check_digest(w, HASH_AT, "sha256", image.p, span_sub(bytes, HASH_AT, 32), digest);
	(void)wrapper_region(w, bytes, HEADER_SIZE, n, TEXT_LIT("image"), NULL);
	return error_none();
}

static const struct format_magic dhtb_magics[] = { MAGIC("DHTB\1\0\0\0", 0), MAGIC_END };

const struct format dhtb_format = {
	.name = "dhtb",
	.kind = FORMAT_CONTAINER,
	.title = "Spreadtrum boot image with a SHA-256 (DHTB)",
	.spec = "github.com/osm0sis/dhtbsign",
	.magics = dhtb_magics,
	.probe = dhtb_probe,
	.walk = dhtb_walk,
};
