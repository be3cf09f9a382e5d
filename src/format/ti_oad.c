/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TI's images for over-the-air download to CC13xx and CC26xx: a header that begins with the chip's name, and segments.
 *
 * Specification: SimpleLink CC13xx/CC26xx SDK, common/cc26xx/oad/oad_image_header.h.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/region.h"

#define FIXED_HEADER 44u
#define SEGMENT_HEADER 8u
#define COVERED_FROM 12u /* the CRC covers what is behind it */
#define FLASH_MAX (4u << 20)
#define SEGMENTS_MAX 64u

struct oad {
	struct text id;
	uint32_t crc, valid, length, entry, end;
	uint16_t technology, header_length;
	uint8_t bim_version, meta_version, copy, crc_status, type, number;
	struct span software;
};

static bool id_is_known(struct text id)
{
	static const char *const families[] = { "OAD IMG ", "CC26", "CC13", "CC23", "CC27", "CC35" };
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (text_starts(id, families[i]))
			return id.p[4] == ' ' || i == 0 || id.p[4] == 'x' || (id.p[4] >= '0' && id.p[4] <= '9');
	return false;
}

static bool oad_read(struct span at, struct oad *o)
{
	struct reader r = reader_le(span_clip(at, 0, FIXED_HEADER));
	*o = (struct oad){ .id = text_from_span(rd_bytes(&r, 8)) };
	o->crc = rd_u32(&r);
	o->bim_version = rd_u8(&r);
	o->meta_version = rd_u8(&r);
	o->technology = rd_u16(&r);
	o->copy = rd_u8(&r);
	o->crc_status = rd_u8(&r);
	o->type = rd_u8(&r);
	o->number = rd_u8(&r);
	o->valid = rd_u32(&r);
	o->length = rd_u32(&r);
	o->entry = rd_u32(&r);
	o->software = rd_bytes(&r, 4);
	o->end = rd_u32(&r);
	o->header_length = rd_u16(&r);
	return rd_ok(&r) && id_is_known(o->id) && o->bim_version <= 16 && o->meta_version <= 16 &&
		   o->header_length == FIXED_HEADER && o->length > FIXED_HEADER + SEGMENT_HEADER && o->length <= FLASH_MAX;
}

static bool oad_probe(struct span at, struct format_match *match)
{
	struct oad o;
	if (!oad_read(at, &o))
		return false;
	match->size = o.length;
	match->confidence = 90;
	return true;
}

static const char *segment_name(uint8_t type)
{
	static const char *const names[] = { "boundary", "contiguous-image", "noncontiguous-image", "security", "nonce" };
	return type < sizeof names / sizeof names[0] ? names[type] : "segment";
}

static void emit_fields(struct walk *w, const struct oad *o, struct span bytes)
{
	emit_header_field(w->sink, 0, "imgID", "%.*s", (int)o->id.n, o->id.p);
	emit_header_field(w->sink, 12, "bimVer", "%u", o->bim_version);
	emit_header_field(w->sink, 13, "metaVer", "%u", o->meta_version);
	emit_header_field(w->sink, 14, "techType", "0x%04x", o->technology);
	emit_header_field(w->sink, 18, "imgType", "%u", o->type);
	emit_header_field(w->sink, 28, "prgEntry", "0x%08x", o->entry);
	emit_header_field(w->sink, 32, "softVer", "%u.%u.%u.%u", o->software.p[0], o->software.p[1], o->software.p[2],
					  o->software.p[3]);
	/* What the boot loader notes in the header (copied, checked) is within what the CRC covers: an image that ran has
	 * another one. */
	if (bytes.n >= o->length) {
		uint32_t crc = hash_crc32(0, span_sub(bytes, COVERED_FROM, o->length - COVERED_FROM));
		emit_header_field(w->sink, 8, "crc32", "%s", crc == o->crc ? "ok" : o->crc == UINT32_MAX ? "none" : "mismatch");
		if (crc != o->crc && o->crc != UINT32_MAX && o->copy == 0xff && o->crc_status == 0xff)
			emit_damage_at(w->sink, ERR_CORRUPT, 8, "the header says CRC 0x%08x, the image has 0x%08x", o->crc, crc);
	}
}

/* A segment's length counts its own head. An image begins with its address in the flash. */
static struct error oad_walk(struct span bytes, struct walk *w)
{
	struct oad o;
	if (!oad_read(bytes, &o))
		return error_at(ERR_CORRUPT, 0, "no OAD header");
	emit_fields(w, &o, bytes);
	uint64_t at = FIXED_HEADER;
	for (unsigned i = 0; i < SEGMENTS_MAX && at + SEGMENT_HEADER <= o.length && at + SEGMENT_HEADER <= bytes.n; i++) {
		uint8_t type = bytes.p[at];
		uint32_t size = span_u32le(bytes, at + 4);
		char name[64];
		if (size < SEGMENT_HEADER || size > o.length - at)
			return error_at(ERR_CORRUPT, at, "a segment of %u bytes does not fit into the image", size);
		bool image = type == 1 || type == 2;
		uint32_t skip = image && size > 12 ? 12 : SEGMENT_HEADER;
		snprintf(name, sizeof name, image ? "%s-0x%08x" : "%s", segment_name(type), span_u32le(bytes, at + 8));
		if (size > skip && !region_emit(w, name, bytes, at + skip, size - skip, NULL))
			break;
		at += size;
	}
	return error_none();
}

static const struct format_magic oad_magics[] = {
	MAGIC("OAD IMG ", 0), MAGIC("CC26x", 0), MAGIC("CC13x", 0), MAGIC("CC23x", 0),
	MAGIC("CC27x", 0),    MAGIC("CC35x", 0), MAGIC_END
};

const struct format ti_oad_format = {
	.name = "ti_oad",
	.kind = FORMAT_CONTAINER,
	.title = "TI over-the-air download image (OAD)",
	.spec = "SimpleLink SDK, oad_image_header.h",
	.magics = oad_magics,
	.probe = oad_probe,
	.walk = oad_walk,
};
