/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A firmware file with the suffix of USB DFU: which device it is for, and a CRC of it all. What some boot ROMs want to have before
 * the firmware stands in the file as well.
 *
 * Specification: USB Device Firmware Upgrade Specification 1.1, appendix B; for the prefixes NXP UM10503 (LPC43xx), 5.3.3 "Boot image
 * header format", and TI SPMA054 (Stellaris), "Application Update Using the USB Device Firmware Upgrade Class"; dfu-prefix(1).
 */
#include "format/dfu.h"

#include "base/hash.h"
#include "format/region.h"

#define LPC_HEADER 16u
#define LPC_FRAME 512u
#define AES_NOT_ACTIVE 0x1au
#define STELLARIS_HEADER 8u

bool dfu_suffix_read(struct span bytes, struct dfu_suffix *s)
{
	if (bytes.n < DFU_SUFFIX)
		return false;
	struct reader r = reader_le(span_from(bytes, bytes.n - DFU_SUFFIX));
	s->device = rd_u16(&r);
	s->product = rd_u16(&r);
	s->vendor = rd_u16(&r);
	s->version = rd_u16(&r);
	struct span signature = rd_bytes(&r, 3);
	s->length = rd_u8(&r);
	s->crc = rd_u32(&r);
	return span_starts(signature, "UFD", 3) && s->length >= DFU_SUFFIX && s->length <= bytes.n &&
		   (s->version == 0x0100 || s->version == 0x0110 || s->version == 0x011a);
}

/* Makers who put the prefix before a file that has its suffix already do not count it in the CRC. */
void dfu_suffix_emit(struct sink *sink, struct span bytes, const struct dfu_suffix *s, uint64_t prefix)
{
	uint64_t at = bytes.n - DFU_SUFFIX;
	struct span counted = span_clip(bytes, 0, bytes.n - 4);
	uint32_t crc = hash_crc32_raw(UINT32_MAX, counted);
	bool good = crc == s->crc, behind = !good && prefix && hash_crc32_raw(UINT32_MAX, span_from(counted, prefix)) == s->crc;
	emit_header_field(sink, at, "bcdDevice", "0x%04x", s->device);
	emit_header_field(sink, at + 2, "idProduct", "0x%04x", s->product);
	emit_header_field(sink, at + 4, "idVendor", "0x%04x", s->vendor);
	emit_header_field(sink, at + 6, "bcdDFU", "0x%04x", s->version);
	emit_header_field(sink, at + 12, "crc32", "%s", good ? "ok" : behind ? "ok behind the prefix" : "mismatch");
	if (!good && !behind)
		emit_damage_at(sink, ERR_CORRUPT, at + 12, "the suffix says CRC 0x%08x, the file has 0x%08x", s->crc, crc);
}

static bool dfu_probe(struct span at, struct format_match *match)
{
	struct dfu_suffix s;
	if (!dfu_suffix_read(at, &s) || s.length == at.n)
		return false;
	match->size = at.n;
	match->confidence = 96; /* above what the file holds: it is in it */
	return true;
}

/* The header that the LPC18xx and LPC43xx have before what they boot from USB: "not encrypted, without a hash", the frames that are
 * copied (with the header or without it), and nothing. The reserved bits are 1. */
static bool is_lpc_header(struct span file)
{
	static const uint8_t zeros[4], ones[4] = { 0xff, 0xff, 0xff, 0xff };
	struct span head = span_sub(file, 0, LPC_HEADER);
	uint64_t n = file.n - LPC_HEADER, copied = (uint64_t)span_u16le(head, 2) * LPC_FRAME;
	if (!head.p || (head.p[0] & 0x3f) != AES_NOT_ACTIVE || (head.p[1] & 0x3f) != 0x3f || copied < n || copied > n + LPC_HEADER + LPC_FRAME)
		return false;
	return memcmp(head.p + 12, ones, 4) == 0 || memcmp(head.p + 12, zeros, 4) == 0;
}

static bool is_stellaris_header(struct span file)
{
	return file.n > STELLARIS_HEADER && span_starts(file, "\1\0", 2) && span_u32le(file, 4) == file.n - STELLARIS_HEADER;
}

static uint64_t emit_prefix(struct sink *sink, struct span file)
{
	if (is_lpc_header(file)) {
		emit_header_field(sink, 0, "prefix", "boot header of NXP LPC18xx or LPC43xx, not encrypted, %s",
		                  file.p[0] >> 6 == 3 ? "without a hash" : "with room for a hash");
		return LPC_HEADER;
	}
	if (is_stellaris_header(file)) {
		emit_header_field(sink, 0, "prefix", "TI Stellaris, for address 0x%x", span_u16le(file, 2) * 1024u);
		return STELLARIS_HEADER;
	}
	return 0;
}

static struct error dfu_walk(struct span bytes, struct walk *w)
{
	struct dfu_suffix s;
	if (!dfu_suffix_read(bytes, &s))
		return error_at(ERR_CORRUPT, bytes.n, "no DFU suffix");
	uint64_t end = bytes.n - s.length, prefix = emit_prefix(w->sink, span_clip(bytes, 0, end));
	dfu_suffix_emit(w->sink, bytes, &s, prefix);
	region_emit(w, "firmware", bytes, prefix, end - prefix, NULL);
	return error_none();
}

const struct format dfu_format = {
	.name = "dfu",
	.kind = FORMAT_CONTAINER,
	.title = "firmware file with a USB DFU suffix",
	.spec = "USB DFU 1.1, appendix B",
	.at_start = true,
	.probe = dfu_probe,
	.walk = dfu_walk,
};
