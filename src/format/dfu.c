/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A firmware file with the suffix of USB DFU: which device it is for, and a CRC of it all.
 *
 * Specification: USB Device Firmware Upgrade Specification 1.1, appendix B.
 */
#include "format/dfu.h"

#include "base/hash.h"
#include "format/region.h"

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

void dfu_suffix_emit(struct sink *sink, struct span bytes, const struct dfu_suffix *s)
{
	uint64_t at = bytes.n - DFU_SUFFIX;
	uint32_t crc = hash_crc32_raw(UINT32_MAX, span_clip(bytes, 0, bytes.n - 4));
	emit_header_field(sink, at, "bcdDevice", "0x%04x", s->device);
	emit_header_field(sink, at + 2, "idProduct", "0x%04x", s->product);
	emit_header_field(sink, at + 4, "idVendor", "0x%04x", s->vendor);
	emit_header_field(sink, at + 6, "bcdDFU", "0x%04x", s->version);
	emit_header_field(sink, at + 12, "crc32", "%s", crc == s->crc ? "ok" : "mismatch");
	if (crc != s->crc)
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

static struct error dfu_walk(struct span bytes, struct walk *w)
{
	struct dfu_suffix s;
	if (!dfu_suffix_read(bytes, &s))
		return error_at(ERR_CORRUPT, bytes.n, "no DFU suffix");
	dfu_suffix_emit(w->sink, bytes, &s);
	region_emit(w, "firmware", bytes, 0, bytes.n - s.length, NULL);
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
