/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RBL: the update packages of RT-Thread's OTA, which Tuya's devices with Beken's chips and many with STM32 take: 96 bytes with the partition,
 * the version, sums and sizes, then the image, which may be packed and enciphered.
 *
 * Specification: rt_ota.h (struct rt_ota_rbl_hdr) of RT-Thread's OTA; ltchiptool's Beken packager.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 96u
#define HEADER_CRC_AT 92u
#define NAME_AT 12u
#define VERSION_AT 28u
#define SN_AT 52u
#define IMAGE_MAX (64u << 20)
#define CIPHER_MASK 0x0fu
#define GZIP 0x100u
#define QUICKLZ 0x200u
#define FASTLZ 0x300u

struct rbl {
	uint32_t algorithm, time, crc, hash, raw_size, size;
};

static bool rbl_read(struct span bytes, struct rbl *k)
{
	struct reader r = reader_le(span_sub(bytes, 0, HEADER_SIZE));
	struct span magic = rd_bytes(&r, 4);
	k->algorithm = rd_u32(&r);
	k->time = rd_u32(&r);
	rd_seek(&r, 76);
	k->crc = rd_u32(&r);
	k->hash = rd_u32(&r);
	k->raw_size = rd_u32(&r);
	k->size = rd_u32(&r);
	uint32_t header_crc = rd_u32(&r);
	return rd_ok(&r) && span_starts(magic, "RBL\0", 4) && wrapper_is_text(span_sub(bytes, NAME_AT, 16)) && k->size &&
		   k->size <= IMAGE_MAX && hash_crc32(0, span_sub(bytes, 0, HEADER_CRC_AT)) == header_crc;
}

static bool rbl_probe(struct span at, struct format_match *match)
{
	struct rbl k;
	if (!rbl_read(at, &k))
		return false;
	match->size = (uint64_t)HEADER_SIZE + k.size;
	match->confidence = 95;
	return true;
}

static const char *compression_name(uint32_t algorithm)
{
	switch (algorithm & ~CIPHER_MASK) {
	case 0: return "none";
	case GZIP: return "gzip";
	case QUICKLZ: return "quicklz";
	case FASTLZ: return "fastlz";
	default: return "unknown";
	}
}

static const char *cipher_name(uint32_t algorithm)
{
	static const char *const names[] = { "none", "xor", "aes256" };
	return (algorithm & CIPHER_MASK) < 3 ? names[algorithm & CIPHER_MASK] : "unknown";
}

/* FNV-1a, of the image as it is when it is unpacked. */
static uint32_t fnv1a(struct span s)
{
	uint32_t hash = 0x811c9dc5;
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 0x01000193;
	return hash;
}

static struct error rbl_walk(struct span bytes, struct walk *w)
{
	struct rbl k;
	if (!rbl_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no RBL header whose CRC verifies");
	struct span image = span_sub(bytes, HEADER_SIZE, k.size);
	bool plain = !(k.algorithm & CIPHER_MASK);
	emit_header_field(w->sink, 4, "compression", "%s", compression_name(k.algorithm));
	emit_header_field(w->sink, 4, "cipher", "%s", cipher_name(k.algorithm));
	emit_header_field(w->sink, 8, "time", "%u", k.time);
	wrapper_field(w, NAME_AT, "name", span_sub(bytes, NAME_AT, 16));
	wrapper_field(w, VERSION_AT, "version", span_sub(bytes, VERSION_AT, 24));
	wrapper_field(w, SN_AT, "sn", span_sub(bytes, SN_AT, 24));
	emit_header_field(w->sink, 84, "raw size", "%u", k.raw_size);
	emit_header_field(w->sink, HEADER_CRC_AT, "header_crc32", "ok");
	wrapper_check_u32(w, 76, "crc32", image.p, k.crc, image.p ? hash_crc32(0, image) : 0);
	if (!k.algorithm)
		wrapper_check_u32(w, 80, "hash", image.p, k.hash, fnv1a(image));
	if (!plain)
		emit_damage_at(w->sink, ERR_ENCRYPTED, HEADER_SIZE, "the image is enciphered (%s)", cipher_name(k.algorithm));
	(void)wrapper_region(w, bytes, HEADER_SIZE, k.size, text_until_nul(span_sub(bytes, NAME_AT, 16)),
						 k.algorithm == GZIP ? "gzip" : NULL);
	return error_none();
}

static const struct format_magic rbl_magics[] = { MAGIC("RBL\0", 0), MAGIC_END };

const struct format rt_ota_format = {
	.name = "rt_ota",
	.kind = FORMAT_CONTAINER,
	.title = "RBL update of RT-Thread's OTA (Beken, Tuya)",
	.spec = "RT-Thread OTA rt_ota.h, struct rt_ota_rbl_hdr",
	.magics = rbl_magics,
	.probe = rbl_probe,
	.walk = rbl_walk,
};
