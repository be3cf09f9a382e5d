/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AOTA: the update packages of Actions' Bluetooth and watch chips: a page of 1024 bytes with the versions and up to 16 files.
 *
 * Specification: Actions' Zephyr SDK, ota_image.c (struct ota_fw_head).
 */
#include "base/hash.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define HEADER_SIZE 1024u
#define VERSION_AT 0x40u
#define FILES_AT 0x200u
#define FILE_SIZE 32u
#define FILES_MAX 16u
#define DATA_MAX (64u << 20)

static bool aota_probe(struct span at, struct format_match *match)
{
	struct span h = span_sub(at, 0, HEADER_SIZE);
	uint16_t files = span_u16le(h, 12);
	uint64_t end = HEADER_SIZE;
	if (!span_starts(h, "AOTA", 4) || span_u16le(h, 10) != HEADER_SIZE || !files || files > FILES_MAX ||
		hash_crc32(0, span_sub(h, 8, HEADER_SIZE - 8)) != span_u32le(h, 4))
		return false;
	for (unsigned i = 0; i < files; i++) {
		uint64_t file_end = (uint64_t)span_u32le(h, FILES_AT + i * FILE_SIZE + 16) + span_u32le(h, FILES_AT + i * FILE_SIZE + 20);
		end = file_end > end ? file_end : end;
	}
	match->size = end;
	match->confidence = 95;
	return end <= HEADER_SIZE + DATA_MAX;
}

static struct error aota_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	uint16_t files = span_u16le(bytes, 12);
	if (wrapper_is_text(span_sub(bytes, VERSION_AT, 32)))
		wrapper_field(w, VERSION_AT, "version", span_sub(bytes, VERSION_AT, 32));
	if (wrapper_is_text(span_sub(bytes, VERSION_AT + 32, 32)))
		wrapper_field(w, VERSION_AT + 32, "board", span_sub(bytes, VERSION_AT + 32, 32));
	emit_header_field(w->sink, 4, "header_crc32", "ok");
	for (unsigned i = 0; i < files && i < FILES_MAX; i++) {
		struct span f = span_sub(bytes, FILES_AT + i * FILE_SIZE, FILE_SIZE);
		struct text name = wrapper_text(span_sub(f, 0, 12));
		uint32_t at = span_u32le(f, 16), n = span_u32le(f, 20);
		struct span data = span_sub(bytes, at, n);
		if (data.p && hash_crc32(0, data) != span_u32le(f, 28))
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the CRC of %.*s is another one", (int)name.n, name.p);
		if (n && !parts_emit(&p, name.n ? name : TEXT_LIT("file"), at, n, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic aota_magics[] = { MAGIC("AOTA", 0), MAGIC_END };

const struct format actions_ota_format = {
	.name = "actions_ota",
	.kind = FORMAT_CONTAINER,
	.title = "Actions AOTA update package",
	.spec = "Actions Zephyr SDK, ota_image.c",
	.magics = aota_magics,
	.probe = aota_probe,
	.walk = aota_walk,
};
