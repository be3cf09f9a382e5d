/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware of Marvell's 88MW30x Wi-Fi microcontrollers: segments with an address and a CRC. Tesla's Wall Connector
 * has a header of its own before it (SBFH).
 *
 * Specification: Marvell firmware_structure.h; github.com/wfr/mrvl-88mw30x-firmware-tools; unblob
 * handlers/archive/tesla.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 20u
#define SEGMENT 20u
#define SEGMENTS_MAX 9u
#define SBFH_HEADER 0x11cu

struct mrvl {
	uint32_t created, n, entry;
};

static bool mrvl_read(struct span bytes, struct mrvl *m)
{
	*m = (struct mrvl){ span_u32le(bytes, 8), span_u32le(bytes, 12), span_u32le(bytes, 16) };
	if (!span_starts(bytes, "MRVL\x7b\xf1\x9c\x2e", 8) || !m->n || m->n > SEGMENTS_MAX ||
		!span_sub(bytes, 0, HEADER + m->n * SEGMENT).p)
		return false;
	for (unsigned i = 0; i < m->n; i++)
		if (span_u32le(bytes, HEADER + i * SEGMENT) != 2 || span_u32le(bytes, HEADER + i * SEGMENT + 8) > 64u << 20)
			return false;
	return true;
}

static uint64_t mrvl_end(struct span bytes, const struct mrvl *m)
{
	uint64_t end = HEADER + m->n * SEGMENT;
	for (unsigned i = 0; i < m->n; i++) {
		uint64_t at = HEADER + i * SEGMENT, last = (uint64_t)span_u32le(bytes, at + 4) + span_u32le(bytes, at + 8);
		end = last > end ? last : end;
	}
	return end;
}

static bool mrvl_probe(struct span at, struct format_match *match)
{
	struct mrvl m;
	if (!mrvl_read(at, &m))
		return false;
	match->size = mrvl_end(at, &m);
	match->confidence = 90;
	return true;
}

static struct error mrvl_walk(struct span bytes, struct walk *w)
{
	struct mrvl m;
	if (!mrvl_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no header of Marvell");
	emit_header_field(w->sink, 8, "creation_time", "%u", m.created);
	emit_header_field(w->sink, 16, "entry", "0x%08x", m.entry);
	for (unsigned i = 0; i < m.n; i++) {
		uint64_t at = HEADER + i * SEGMENT, from = span_u32le(bytes, at + 4), size = span_u32le(bytes, at + 8);
		char name[24];
		snprintf(name, sizeof name, "0x%08x", span_u32le(bytes, at + 12));
		struct span segment = span_sub(bytes, from, size);
		/* It starts with 0 and is not inverted at the end. */
		wrapper_check_u32(w, at + 16, "crc32", segment.p, span_u32le(bytes, at + 16),
						  segment.p ? hash_crc32_raw(0, segment) : 0);
		if (!region_emit(w, name, bytes, from, size, NULL))
			break;
	}
	return error_none();
}

static bool sbfh_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32le(at, 15);
	if (!span_starts(at, "SBFH\x1c\1\0\0", 8) || !size || !span_has(at, SBFH_HEADER, "MRVL", 4))
		return false;
	match->size = SBFH_HEADER + (uint64_t)size;
	match->confidence = 90;
	return true;
}

static struct error sbfh_walk(struct span bytes, struct walk *w)
{
	region_emit(w, "firmware", bytes, SBFH_HEADER, span_u32le(bytes, 15), "mrvl");
	return error_none();
}

static const struct format_magic mrvl_magics[] = { MAGIC("MRVL\x7b\xf1\x9c\x2e", 0), MAGIC_END };
static const struct format_magic sbfh_magics[] = { MAGIC("SBFH\x1c\1\0\0", 0), MAGIC_END };

const struct format mrvl_format = {
	.name = "mrvl",
	.kind = FORMAT_CONTAINER,
	.title = "Marvell 88MW30x firmware",
	.spec = "Marvell firmware_structure.h",
	.magics = mrvl_magics,
	.probe = mrvl_probe,
	.walk = mrvl_walk,
};
const struct format sbfh_format = {
	.name = "sbfh",
	.kind = FORMAT_CONTAINER,
	.title = "Tesla Wall Connector firmware (SBFH)",
	.spec = "unblob handlers/archive/tesla/sbfh.py",
	.magics = sbfh_magics,
	.probe = sbfh_probe,
	.walk = sbfh_walk,
};
