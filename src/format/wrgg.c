/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WRG and WRGG03: a header with names and an MD5 before one image, on Alpha Networks' devices. On newer access
 * points what follows is enciphered with AES-256 in CBC mode under a published key that is mangled with the
 * signature.
 *
 * Specification: OpenWrt firmware-utils src/mkwrgimg.c, src/mkwrggimg.c; unblob
 * handlers/archive/dlink/alpha_encimg.py.
 */
#include "format/dlink_encimg.h"

#define MAGICS_AT 32u
#define SIGNATURE_SIZE 32u
#define DEVNAME_SIZE 32u
#define WRG_SIZE 96u
#define WRGG03_SIZE 160u
#define SIZE_LIMIT (256u << 20) /* of flash */

struct wrgg {
	bool is_03, big;
	uint32_t header_size, size, offset;
	struct span signature, version, model, build, offset_bytes, devname, md5;
};

/* Only the lengths follow the device's byte order; it is that in which the length is not absurd. */
static bool lengths_are_big(struct span lengths)
{
	return span_u32be(lengths, 0) < span_u32le(lengths, 0);
}

static bool wrgg_read(struct span bytes, struct wrgg *g)
{
	struct reader r = reader_le(bytes);
	*g = (struct wrgg){ .signature = rd_bytes(&r, SIGNATURE_SIZE) };
	uint32_t magic = rd_u32(&r);
	if (rd_u32(&r) != magic || (magic != 0x20040220 && magic != 0x20080321) || !rd_ok(&r))
		return false;
	g->is_03 = magic == 0x20080321;
	g->header_size = g->is_03 ? WRGG03_SIZE : WRG_SIZE;
	if (g->is_03) {
		g->version = rd_bytes(&r, 16);
		g->model = rd_bytes(&r, 16);
		rd_skip(&r, 16);
		g->build = rd_bytes(&r, 16);
	}
	r.big = g->big = lengths_are_big(span_from(bytes, r.at));
	g->size = rd_u32(&r);
	g->offset_bytes = span_sub(bytes, r.at, 4);
	g->offset = rd_u32(&r);
	g->devname = rd_bytes(&r, DEVNAME_SIZE);
	g->md5 = rd_bytes(&r, DIGEST_MD5_SIZE);
	return rd_ok(&r) && wrapper_is_text(g->signature) && g->size && g->size < SIZE_LIMIT && g->offset < SIZE_LIMIT &&
		   (!g->devname.p[0] || wrapper_is_text(g->devname));
}

static bool wrgg_probe_whole(struct span all, struct format_match *match)
{
	struct wrgg g;
	if (!wrgg_read(all, &g))
		return false;
	match->size = (uint64_t)g.header_size + g.size;
	match->confidence = 95;
	return true;
}

/* Programs hold the magic in a table: within other bytes the signature has to be filled up, and all of the image to be there. */
static bool wrgg_probe(struct span at, struct format_match *match)
{
	struct span signature = span_sub(at, 0, SIGNATURE_SIZE);
	size_t n = wrapper_text(signature).n;
	return wrgg_probe_whole(at, match) && match->size <= at.n && span_is_zero(span_from(signature, n));
}

static const char *const beginnings[] = { "\x5d\0\0\x80",     "\x5d\0\0\0\1", "\xd0\x0d\xfe\xed",
										  "\x27\x05\x19\x56", "hsqs",         "UBI#",
										  "\x5e\xa3\xa4\x17" };

static bool begins_known(const uint8_t *p)
{
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (memcmp(p, beginnings[i], 4) == 0)
			return true;
	return false;
}

/* Whether it is enciphered: what comes out of the first block is the beginning of something known. */
static bool is_ciphered(struct span data, struct wrapper_cipher cipher)
{
	uint8_t plain[16];
	if (data.n < sizeof plain || begins_known(data.p))
		return false;
	return wrapper_decipher(cipher, data.p, plain, sizeof plain) && begins_known(plain);
}

static struct error wrgg_walk(struct span bytes, struct walk *w)
{
	struct wrgg g;
	if (!wrgg_read(bytes, &g))
		return error_at(ERR_CORRUPT, 0, "no WRGG header");
	struct span data = span_clip(bytes, g.header_size, g.size);
	wrapper_field(w, 0, "signature", g.signature);
	emit_header_field(w->sink, MAGICS_AT, "magic", "%s", g.is_03 ? "WRGG03" : "WRG");
	wrapper_field(w, 40, "version", g.version);
	wrapper_field(w, 56, "model", g.model);
	wrapper_field(w, 88, "buildno", g.build);
	wrapper_field(w, g.header_size - 48, "devname", g.devname);
	emit_header_field(w->sink, g.header_size - 52, "offset", "0x%x", g.offset);

	struct dlink_encimg_key key;
	struct wrapper_cipher cipher =
		dlink_encimg_cipher(&key, "oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v", "0BO5nlYankuVBe4s", wrapper_text(g.signature));
	if (is_ciphered(data, cipher)) {
		emit_header_field(w->sink, g.header_size, "cipher", "%s", "AES-256-CBC, published key");
		(void)wrapper_deciphered(w, bytes, g.header_size, g.size, TEXT_LIT("firmware"), cipher);
		return error_none();
	}
	uint8_t md5[DIGEST_MD5_SIZE];
	const struct span parts[] = { g.offset_bytes, g.devname, data };
	digest_of_parts(DIGEST_MD5, parts, 3, md5);
	wrapper_check_digest(w, g.header_size - DIGEST_MD5_SIZE, "md5", data.n == g.size, g.md5, md5);
	(void)wrapper_region(w, bytes, g.header_size, g.size, TEXT_LIT("firmware"), NULL);
	return error_none();
}

static const struct format_magic wrgg_magics[] = {
	MAGIC("\x20\x02\x04\x20\x20\x02\x04\x20", MAGICS_AT),
	MAGIC("\x21\x03\x08\x20\x21\x03\x08\x20", MAGICS_AT),
	MAGIC_END,
};

const struct format wrgg_format = {
	.name = "wrgg",
	.kind = FORMAT_CONTAINER,
	.title = "WRG and WRGG03 images of Alpha Networks",
	.spec = "OpenWrt firmware-utils src/mkwrggimg.c",
	.magics = wrgg_magics,
	.probe = wrgg_probe,
	.probe_whole = wrgg_probe_whole,
	.walk = wrgg_walk,
};
