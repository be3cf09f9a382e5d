/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware of Bosch's cameras: a header for the whole, then parts, each with a header like it.
 *
 * Specification: FACT_extractor plugins/unpacking/boschtool; github.com/anvilventures/BoschFirmwareTool.
 */
#include <stdio.h>

#include "format/region.h"

#define HEADER 0x400u
#define PARTS_MAX 256u
#define KEY_AT 588u
#define KEY_SIZE 256u

static bool header_at(struct span bytes, uint64_t at, uint32_t *size)
{
	*size = span_u32be(bytes, at + 16);
	return span_has(bytes, at, "\x10\x12\x20\x03", 4) && span_sub(bytes, at, HEADER).p && *size && *size < 1u << 31;
}

static bool bosch_probe(struct span at, struct format_match *match)
{
	uint32_t size, first;
	if (!header_at(at, 0, &size) || !header_at(at, HEADER, &first) || first > size)
		return false;
	match->size = HEADER + (uint64_t)size;
	match->confidence = 85;
	return true;
}

static void emit_fields(struct walk *w, struct span bytes, uint64_t at)
{
	struct span v = span_sub(bytes, at + 12, 4);
	emit_header_field(w->sink, at + 4, "target", "0x%08x", span_u32be(bytes, at + 4));
	emit_header_field(w->sink, at + 8, "variant", "0x%08x", span_u32be(bytes, at + 8));
	emit_header_field(w->sink, at + 12, "version", "%u.%u.%u.%u", v.p[0], v.p[1], v.p[2], v.p[3]);
	emit_header_field(w->sink, at + 24, "checksum", "0x%08x (not checked)", span_u32be(bytes, at + 24));
	emit_header_field(w->sink, at + 28, "type", "%u", span_u32be(bytes, at + 28));
}

static struct error bosch_walk(struct span bytes, struct walk *w)
{
	uint32_t size;
	uint64_t at = HEADER;
	if (!header_at(bytes, 0, &size))
		return error_at(ERR_CORRUPT, 0, "no header of Bosch");
	emit_fields(w, bytes, 0);
	for (unsigned i = 0; i < PARTS_MAX && header_at(bytes, at, &size); i++) {
		char name[24];
		snprintf(name, sizeof name, "part-%u", i);
		emit_fields(w, bytes, at);
		if (!span_is_zero(span_sub(bytes, at + KEY_AT, KEY_SIZE)))
			emit_damage_at(w->sink, ERR_ENCRYPTED, at + HEADER, "%s: %u bytes, enciphered under a key that RSA guards",
						   name, size);
		if (!region_emit(w, name, bytes, at + HEADER, size, NULL))
			break;
		at += HEADER + (uint64_t)size;
	}
	return error_none();
}

static const struct format_magic bosch_magics[] = { MAGIC("\x10\x12\x20\x03", 0), MAGIC_END };

const struct format bosch_format = {
	.name = "bosch",
	.kind = FORMAT_CONTAINER,
	.title = "Bosch camera firmware",
	.spec = "FACT_extractor plugins/unpacking/boschtool",
	.magics = bosch_magics,
	.probe = bosch_probe,
	.walk = bosch_walk,
};
