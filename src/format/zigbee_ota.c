/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zigbee OTA upgrade files: a header, then sub-elements. Vendors put words of their own before it, so that it is looked
 * for anywhere.
 *
 * Specification: Zigbee Cluster Library Specification, chapter 11, section 11.4 (OTA File Format).
 */
#include <stdio.h>

#include "format/region.h"
#include "format/signature.h"

#define HEADER_MIN 56u
#define HEADER_STRING 32u
#define FIELD_CREDENTIAL 1u
#define FIELD_DESTINATION 2u
#define FIELD_HARDWARE 4u

struct zigbee_ota {
	uint16_t header_version, header_length, field_control, manufacturer, image_type, stack_version;
	uint32_t file_version, total_size;
	struct text header_string;
};

static bool zigbee_ota_read(struct span bytes, struct zigbee_ota *z)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 4);
	z->header_version = rd_u16(&r);
	z->header_length = rd_u16(&r);
	z->field_control = rd_u16(&r);
	z->manufacturer = rd_u16(&r);
	z->image_type = rd_u16(&r);
	z->file_version = rd_u32(&r);
	z->stack_version = rd_u16(&r);
	z->header_string = text_until_nul(rd_bytes(&r, HEADER_STRING));
	z->total_size = rd_u32(&r);
	unsigned optional = (z->field_control & FIELD_CREDENTIAL ? 1 : 0) + (z->field_control & FIELD_DESTINATION ? 8 : 0) +
						(z->field_control & FIELD_HARDWARE ? 4 : 0);
	return rd_ok(&r) && span_starts(bytes, "\x1e\xf1\xee\x0b", 4) && z->header_version >> 8 == 1 &&
		   z->field_control < 8 && z->header_length >= HEADER_MIN + optional && z->header_length < 1024 &&
		   z->total_size > z->header_length;
}

/* A copy of the header stands in images of NXP's chips too, so that a device knows what it runs: code follows it there, no element. */
static bool element_fits(struct span bytes, const struct zigbee_ota *z)
{
	struct span element = span_sub(bytes, z->header_length, 6);
	return !element.p || (uint64_t)z->header_length + 6 + span_u32le(element, 2) <= z->total_size;
}

static bool zigbee_ota_probe(struct span at, struct format_match *match)
{
	struct zigbee_ota z;
	if (!zigbee_ota_read(at, &z) || !element_fits(at, &z))
		return false;
	match->size = z.total_size;
	match->confidence = 90;
	return true;
}

static void emit_fields(struct walk *w, const struct zigbee_ota *z)
{
	emit_header_field(w->sink, 4, "header_version", "0x%04x", z->header_version);
	emit_header_field(w->sink, 8, "field_control", "%u", z->field_control);
	emit_header_field(w->sink, 10, "manufacturer_code", "%u", z->manufacturer);
	emit_header_field(w->sink, 12, "image_type", "%u", z->image_type);
	emit_header_field(w->sink, 14, "file_version", "%u", z->file_version);
	emit_header_field(w->sink, 18, "stack_version", "%u", z->stack_version);
	emit_header_field(w->sink, 20, "header_string", "%.*s", (int)z->header_string.n, z->header_string.p);
	emit_header_field(w->sink, 52, "total_image_size", "%u", z->total_size);
}

static const char *tag_name(uint16_t tag)
{
	switch (tag) {
	case 0:
		return "upgrade-image";
	case 1:
		return "ecdsa-signature";
	case 2:
		return "ecdsa-signing-certificate";
	case 3:
		return "image-integrity-code";
	case 4:
		return "picture-data";
	case 5:
		return "ecdsa-signature-2";
	case 6:
		return "ecdsa-signing-certificate-2";
	default:
		return tag >= 0xf000 ? "manufacturer" : "reserved";
	}
}

static struct error zigbee_ota_walk(struct span bytes, struct walk *w)
{
	struct zigbee_ota z;
	if (!zigbee_ota_read(bytes, &z))
		return error_at(ERR_CORRUPT, 0, "no Zigbee OTA header");
	emit_fields(w, &z);
	uint64_t at = z.header_length, signature = 0;
	for (unsigned i = 0; at + 6 <= bytes.n; i++) {
		uint16_t tag = span_u16le(bytes, at);
		uint32_t size = span_u32le(bytes, at + 2);
		char name[64];
		if (tag == 1 || tag == 5)
			signature = at;
		snprintf(name, sizeof name, "element-%u-%s", i, tag_name(tag));
		emit_header_field(w->sink, at, name, "tag 0x%04x, %u bytes", tag, size);
		if (!region_emit(w, name, bytes, at + 6, size, NULL))
			return error_none();
		at += 6 + (uint64_t)size;
	}
	if (signature || at == bytes.n) /* of one that is cut nothing tells */
		signature_report_plain(w->sink, signature, "zigbee-ota", "image", signature ? "ECDSA" : NULL,
							   signature ? SIGNATURE_NO_KEY : SIGNATURE_ABSENT,
							   signature ? "the device has the key" : "no element of the file is a signature");
	return error_none();
}

static const struct format_magic zigbee_ota_magics[] = { MAGIC("\x1e\xf1\xee\x0b", 0), MAGIC_END };

const struct format zigbee_ota_format = {
	.name = "zigbee_ota",
	.kind = FORMAT_CONTAINER,
	.title = "Zigbee OTA upgrade file",
	.spec = "Zigbee Cluster Library, section 11.4",
	.magics = zigbee_ota_magics,
	.probe = zigbee_ota_probe,
	.walk = zigbee_ota_walk,
};
