/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rockchip's firmware images: a boot loader and an update image, with an MD5 digest in hexadecimal behind them.
 *
 * Specification: rkrom.h of rockchip-mkbootimg. */

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>

#include "base/hash.h"
#include "format/parts.h"

#define HEADER_SIZE 0x66u
#define DIGEST_SIZE 32u

struct rkfw {
	uint32_t version, chip, loader_at, loader_size, image_at, image_size;
	uint16_t year;
	uint8_t month, day, hour, minute, second;
};

static bool rkfw_read(struct span at, struct rkfw *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER_SIZE));
	struct span magic = rd_bytes(&r, 4);
	uint16_t size = rd_u16(&r);
	k->version = rd_u32(&r);
	rd_skip(&r, 4);
	k->year = rd_u16(&r);
	k->month = rd_u8(&r);
	k->day = rd_u8(&r);
	k->hour = rd_u8(&r);
	k->minute = rd_u8(&r);
	k->second = rd_u8(&r);
	k->chip = rd_u32(&r);
	k->loader_at = rd_u32(&r);
	k->loader_size = rd_u32(&r);
	k->image_at = rd_u32(&r);
	k->image_size = rd_u32(&r);
	return rd_ok(&r) && span_starts(magic, "RKFW", 4) && size == HEADER_SIZE && k->loader_at >= HEADER_SIZE &&
		   k->image_at >= HEADER_SIZE && k->image_size && k->month <= 12 && k->day <= 31 && k->hour < 25 &&
		   k->minute < 60 && k->second < 61 && k->year < 2200 &&
		   (k->loader_at + (uint64_t)k->loader_size <= k->image_at ||
			k->image_at + (uint64_t)k->image_size <= k->loader_at);
}

/* Where what the digest covers ends. */
static uint64_t content_end(const struct rkfw *k)
{
	uint64_t loader = k->loader_at + (uint64_t)k->loader_size, image = k->image_at + (uint64_t)k->image_size;
	return loader > image ? loader : image;
}

static bool has_digest(struct span at, uint64_t end)
{
	struct span digits = span_sub(at, end, DIGEST_SIZE);
	for (size_t i = 0; i < digits.n; i++)
		if (!(digits.p[i] >= '0' && digits.p[i] <= '9') && !(digits.p[i] >= 'a' && digits.p[i] <= 'f'))
			return false;
	return digits.p;
}

static bool rkfw_probe_whole(struct span all, struct format_match *match)
{
	struct rkfw k;
	if (!rkfw_read(all, &k))
		return false;
	uint64_t end = content_end(&k);
	match->size = end + (has_digest(all, end) ? DIGEST_SIZE : 0);
	match->confidence = 90;
	return true;
}

/* No sum of the header exists: within other bytes the image has to begin where it says. */
static bool rkfw_probe(struct span at, struct format_match *match)
{
	struct rkfw k;
	return rkfw_read(at, &k) && span_has(at, k.image_at, "RKAF", 4) && rkfw_probe_whole(at, match);
}

static void verify(struct walk *w, struct span bytes, uint64_t end)
{
	uint8_t digest[MD5_DIGEST_LENGTH];
	char hex[2 * MD5_DIGEST_LENGTH + 1];
	MD5_CTX context;
	if (!has_digest(bytes, end)) {
		emit_header_field(w->sink, end, "md5", "none");
		return;
	}
	MD5_Init(&context);
	MD5_Update(&context, bytes.p, (size_t)end);
	MD5_Final(digest, &context);
	hash_hex(digest, sizeof digest, hex);
	bool same = span_has(bytes, end, hex, DIGEST_SIZE);
	emit_header_field(w->sink, end, "md5", "%s", same ? "ok" : "mismatch");
	if (!same)
		emit_damage_at(w->sink, ERR_CORRUPT, end, "the image's MD5 digest is %s, another stands behind it", hex);
}

static struct error rkfw_walk(struct span bytes, struct walk *w)
{
	struct rkfw k;
	if (!rkfw_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no RKFW header");
	emit_header_field(w->sink, 6, "version", "%u.%u.%u", k.version >> 24, k.version >> 16 & 255, k.version & 0xffff);
	emit_header_field(w->sink, 14, "date", "%04u-%02u-%02u %02u:%02u:%02u", k.year, k.month, k.day, k.hour, k.minute,
					  k.second);
	emit_header_field(w->sink, 21, "chip", "0x%x", k.chip);
	verify(w, bytes, content_end(&k));
	struct parts parts = { .bytes = bytes, .w = w };
	if (k.loader_size)
		parts_emit(&parts, TEXT_LIT("loader"), k.loader_at, k.loader_size, NULL);
	if (!parts.stopped)
		parts_emit(&parts, TEXT_LIT("image"), k.image_at, k.image_size, "rockchip_rkaf");
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("RKFW\x66\0", 0), MAGIC_END };

const struct format rockchip_rkfw_format = {
	.name = "rockchip_rkfw",
	.kind = FORMAT_CONTAINER,
	.title = "Rockchip firmware image (RKFW)",
	.spec = "rockchip-mkbootimg rkrom.h",
	.magics = magics,
	.probe = rkfw_probe,
	.probe_whole = rkfw_probe_whole,
	.walk = rkfw_walk,
};
