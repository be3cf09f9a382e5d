/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Xiaomi HDR1 and HDR2: offsets of up to eight blobs with headers of their own, an RSA signature at the end, a CRC
 * over it all.
 *
 * Specification: OpenWrt firmware-utils src/xiaomifw.c; unblob handlers/archive/xiaomi/hdr.py.
 */
#include "base/hash.h"
#include "format/signature.h"
#include "format/wrapper.h"

#define CRC_FROM 12u
#define BLOBS_MAX 8u
#define BLOB_HEADER 48u
#define BLOB_MAGIC 0xbabeu
#define SIGNATURE_HEADER 16u
#define SIGNATURE_MAX 4096u

struct hdr {
	bool second;
	uint32_t signature_at, crc, header_size, offsets[BLOBS_MAX], signature_size;
	uint32_t device; /* a number in HDR1 */
	struct span device_name, region;
};

static bool hdr_read(struct span bytes, struct hdr *h)
{
	struct reader r = reader_le(bytes);
	*h = (struct hdr){ .second = span_starts(bytes, "HDR2", 4) };
	if (!h->second && !span_starts(bytes, "HDR1", 4))
		return false;
	rd_skip(&r, 4);
	h->signature_at = rd_u32(&r);
	h->crc = rd_u32(&r);
	uint32_t unused = rd_u16(&r);
	h->device = rd_u16(&r);
	if (h->second) {
		h->device_name = rd_bytes(&r, 8);
		h->region = rd_bytes(&r, 8);
		rd_skip(&r, 16);
		unused |= h->device;
	}
	for (unsigned i = 0; i < BLOBS_MAX; i++)
		h->offsets[i] = rd_u32(&r);
	h->header_size = (uint32_t)r.at;
	h->signature_size = span_u32le(bytes, h->signature_at);
	return rd_ok(&r) && unused == 0 && h->offsets[0] >= h->header_size && h->signature_at > h->offsets[0] &&
		   span_u32le(bytes, h->offsets[0]) == BLOB_MAGIC;
}

static uint64_t signature_end(const struct hdr *h)
{
	uint32_t n = h->signature_size && h->signature_size <= SIGNATURE_MAX ? h->signature_size : 256;
	return (uint64_t)h->signature_at + SIGNATURE_HEADER + n;
}

static bool hdr_probe(struct span at, struct format_match *match)
{
	struct hdr h;
	if (!hdr_read(at, &h))
		return false;
	match->size = signature_end(&h);
	match->confidence = 95;
	return true;
}

static bool walk_blob(struct walk *w, struct span bytes, uint32_t at)
{
	struct span header = span_sub(bytes, at, BLOB_HEADER);
	if (!header.p || span_u32le(header, 0) != BLOB_MAGIC) {
		emit_damage_at(w->sink, header.p ? ERR_CORRUPT : ERR_TRUNCATED, at, "no blob header stands at 0x%x", at);
		return true;
	}
	struct text name = wrapper_text(span_sub(header, 16, 32));
	emit_header_field(w->sink, at, "blob", "%.*s: type %u, flash offset 0x%x", (int)name.n, name.p,
					  span_u16le(header, 12), span_u32le(header, 4));
	return wrapper_region(w, bytes, (uint64_t)at + BLOB_HEADER, span_u32le(header, 8), name.n ? name : TEXT_LIT("blob"),
						  NULL);
}

static struct error hdr_walk(struct span bytes, struct walk *w)
{
	struct hdr h;
	if (!hdr_read(bytes, &h))
		return error_at(ERR_CORRUPT, 0, "no Xiaomi header");
	uint64_t end = signature_end(&h);
	struct span covered = span_sub(bytes, CRC_FROM, end - CRC_FROM);
	if (h.second) {
		wrapper_field(w, 16, "device_id", h.device_name);
		wrapper_field(w, 24, "region", h.region);
	} else {
		emit_header_field(w->sink, 14, "device_id", "0x%04x", h.device);
	}
	wrapper_check_u32(w, 8, "crc32", covered.p, h.crc, hash_crc32_raw(UINT32_MAX, covered));
	for (unsigned i = 0; i < BLOBS_MAX && h.offsets[i]; i++)
		if (!walk_blob(w, bytes, h.offsets[i]))
			return error_none();
	bool is_signed = h.signature_size && h.signature_size <= SIGNATURE_MAX;
	signature_report_plain(w->sink, h.signature_at, "xiaomi", "image", is_signed ? "RSA" : NULL,
						   is_signed ? SIGNATURE_NO_KEY : SIGNATURE_UNSUPPORTED,
						   is_signed ? "the device has the key" : "its size says that it is none that is known");
	(void)wrapper_region(w, bytes, (uint64_t)h.signature_at + SIGNATURE_HEADER,
						 h.signature_size <= SIGNATURE_MAX ? h.signature_size : 0, TEXT_LIT("signature"), NULL);
	return error_none();
}

static const struct format_magic hdr_magics[] = { MAGIC("HDR1", 0), MAGIC("HDR2", 0), MAGIC_END };

const struct format xiaomi_hdr_format = {
	.name = "xiaomi_hdr",
	.kind = FORMAT_CONTAINER,
	.title = "Xiaomi HDR1 and HDR2 images",
	.spec = "OpenWrt firmware-utils src/xiaomifw.c",
	.magics = hdr_magics,
	.probe = hdr_probe,
	.walk = hdr_walk,
};
