/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flash of Realtek's AmebaZ2 (RTL8720C): a pattern that the ROM calibrates its reading with, the table of partitions, what that says.
 *
 * Specification: ltchiptool soc/ambz2/util/models; Realtek AN0500, 5.2.
 */
#include "format/ameba_z2.h"
#include "format/parts.h"

#define PATTERN "\x99\x99\x96\x96\x3f\xcc\x66\xfc\xc0\x33\xcc\x03\xe5\xdc\x31\x62"
#define SIGNED_AT 32u /* two keys, the head */
#define HEAD_AT 96u
#define TABLE_AT 192u
#define TABLE_SIZE 32u
#define RECORD_SIZE 64u
#define RECORDS_MAX 32u
#define SIZE_SANE (64u << 20)

/* The ROM's, for the table. */
static const uint8_t table_key[32] = { 0x47, 0xe5, 0x66, 0x13, 0x35, 0xa4, 0xc5, 0xe0, 0xa9, 0x4d, 0x69, 0xf3, 0xc7, 0x37, 0xd5, 0x4f,
									   0x23, 0x83, 0x79, 0x13, 0x32, 0x93, 0x97, 0x53, 0xef, 0x24, 0x27, 0x96, 0x08, 0xf6, 0xd7, 0x2b };

static struct span record(struct span bytes, unsigned i)
{
	return span_sub(bytes, TABLE_AT + TABLE_SIZE + (uint64_t)i * RECORD_SIZE, RECORD_SIZE);
}

/* How many records there are; 0: this is no table. */
static unsigned records_of(struct span bytes, uint32_t *length)
{
	struct span h = span_sub(bytes, 0, TABLE_AT + TABLE_SIZE);
	unsigned n = h.p ? h.p[TABLE_AT + 4] + 1u : 0;
	*length = span_u32le(h, HEAD_AT);
	if (!span_starts(h, PATTERN, 16) || h.p[HEAD_AT + 8] || h.p[HEAD_AT + 9] || n > RECORDS_MAX ||
		*length < TABLE_SIZE + n * RECORD_SIZE || *length > 4096 - TABLE_AT)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		struct span r = record(bytes, i);
		if (!r.p || r.p[8] > 9 || span_u32le(r, 0) > SIZE_SANE || span_u32le(r, 4) > SIZE_SANE)
			return 0;
	}
	return n;
}

static bool flash_probe(struct span at, struct format_match *match)
{
	uint32_t length;
	unsigned n = records_of(at, &length);
	match->size = TABLE_AT + length;
	for (unsigned i = 0; i < n; i++) {
		uint64_t end = (uint64_t)span_u32le(record(at, i), 0) + span_u32le(record(at, i), 4);
		match->size = end > match->size ? end : match->size;
	}
	match->confidence = 95;
	return n;
}

static struct error flash_walk(struct span bytes, struct walk *w)
{
	static const char *const names[] = { "table", "boot", "system", "calibration", "user", "fw1", "fw2", "var", "mp", "rdp" };
	struct parts p = { bytes, w, 0, false };
	uint32_t length;
	unsigned n = records_of(bytes, &length);
	struct span covered = span_sub(bytes, SIGNED_AT, TABLE_AT - SIGNED_AT + length);
	uint8_t digest[AMEBA_Z2_DIGEST];
	if (covered.p) {
		ameba_z2_hmac(table_key, covered, digest);
		emit_header_field(w->sink, TABLE_AT + length, "table_hmac", "%s",
						  span_has(bytes, TABLE_AT + length, digest, sizeof digest) ? "ok" : "not by the ROM's key");
	}
	for (unsigned i = 0; i < n; i++) {
		struct span r = record(bytes, i);
		uint32_t size = span_u32le(r, 4);
		if (size && !parts_emit(&p, text_c(names[r.p[8]]), span_u32le(r, 0), size, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic flash_magics[] = { MAGIC(PATTERN, 0), MAGIC_END };

const struct format ameba_z2_flash_format = {
	.name = "ameba_z2_flash",
	.kind = FORMAT_CONTAINER,
	.title = "Flash of Realtek's AmebaZ2 (RTL8720C)",
	.spec = "ltchiptool soc/ambz2; Realtek AN0500",
	.magics = flash_magics,
	.probe = flash_probe,
	.walk = flash_walk,
};
