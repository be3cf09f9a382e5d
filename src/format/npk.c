/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MikroTik NPK packages: parts with a type and a length: names and versions, scripts, a squashfs, a signature, and
 * files that are compressed together (npk_files).
 *
 * Specification: S. Ryazanov, npk-tools, npk.h; OpenWrt firmware-utils src/npk_pack_kernel.c.
 */
#include <stdio.h>

#include "base/codec.h"
#include "format/wrapper.h"

#define HEADER_SIZE 8u
#define PART_HEADER 6u
#define PARTS_MAX 256u
#define PART_TYPE_MAX 0x40u

#define PART_INFO 0x01u
#define PART_DESCRIPTION 0x02u
#define PART_FILES 0x04u
#define PART_ARCHITECTURE 0x10u
#define PART_MAIN 0x12u
#define PART_SQUASHFS 0x15u
#define PART_PADDING 0x16u
#define PART_DIGEST 0x17u
#define PART_RELEASE 0x18u

static const char *part_name(uint16_t type)
{
	static const char *const names[] = {
		[0x01] = "package-info", [0x02] = "description", [0x03] = "dependencies", [0x04] = "files",
		[0x07] = "install",      [0x08] = "uninstall",   [0x09] = "signature",    [0x10] = "architecture",
		[0x12] = "package-main", [0x15] = "squashfs",    [0x16] = "padding",      [0x17] = "digest",
		[0x18] = "release-type",
	};
	return type < sizeof names / sizeof names[0] && names[type] ? names[type] : "part";
}

/* The parts fill the package exactly: that, with their types, tells it from noise. Truncated packages break off
 * within a part. */
static bool npk_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(at);
	unsigned n = 0;
	if (rd_u32(&r) != 0xbad0f11e)
		return false;
	uint64_t end = (uint64_t)HEADER_SIZE + rd_u32(&r), from = HEADER_SIZE;
	for (; n < PARTS_MAX && from < end && from + PART_HEADER <= at.n; n++) {
		uint16_t type = span_u16le(at, from);
		if (!type || type > PART_TYPE_MAX)
			return false;
		from += (uint64_t)PART_HEADER + span_u32le(at, from + 2);
		if (from > end)
			return false;
	}
	match->size = end;
	match->confidence = 95;
	return n >= 1 && (from == end || (from > at.n && n >= 2));
}

static struct error unpack_files(const void *fs, const void *file, struct buf *out)
{
	const struct span *packed = file;
	size_t used;
	(void)fs;
	return codec_stream(CODEC_ZLIB, *packed, out, &used);
}

static bool emit_files(struct walk *w, struct span data, const char *name)
{
	static const struct content_ops ops = { .unpack = unpack_files };
	struct span *packed = ARENA_NEW(w->arena, struct span);
	if (!packed) {
		emit_damage_at(w->sink, ERR_BUDGET, 0, "no memory for the files");
		return false;
	}
	*packed = data;
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.format = "npk_files";
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = packed };
	return w->child(w, &e);
}

static void emit_part_fields(struct walk *w, uint16_t type, struct span data, uint64_t at)
{
	if ((type == PART_MAIN || type == PART_INFO) && data.n >= 24) {
		const uint8_t *v = data.p + 16;
		wrapper_field(w, at, "name", span_sub(data, 0, 16));
		emit_header_field(w->sink, at + 16, "version", "%u.%u.%u", v[3], v[2], v[0]);
		emit_header_field(w->sink, at + 20, "build time", "%u", span_u32le(data, 20));
	} else if (type == PART_ARCHITECTURE || type == PART_RELEASE || type == PART_DESCRIPTION || type == PART_DIGEST) {
		if (wrapper_is_text(data))
			wrapper_field(w, at, part_name(type), data);
	}
}

static struct error npk_walk(struct span bytes, struct walk *w)
{
	uint64_t at = HEADER_SIZE;
	for (unsigned i = 0; i < PARTS_MAX && at + PART_HEADER <= bytes.n; i++) {
		uint16_t type = span_u16le(bytes, at);
		uint32_t size = span_u32le(bytes, at + 2);
		char name[48];
		snprintf(name, sizeof name, "%u-%s", i, part_name(type));
		at += PART_HEADER;
		struct span data = span_clip(bytes, at, size);
		emit_part_fields(w, type, data, at);
		if (type == PART_FILES && data.n == size) {
			if (!emit_files(w, data, name))
				break;
		} else if (type != PART_PADDING &&
				   !wrapper_region(w, bytes, at, size, text_c(name), type == PART_SQUASHFS ? "squashfs" : NULL)) {
			break;
		}
		at += size;
	}
	return error_none();
}

static const struct format_magic npk_magics[] = { MAGIC("\x1e\xf1\xd0\xba", 0), MAGIC_END };

const struct format npk_format = {
	.name = "npk",
	.kind = FORMAT_CONTAINER,
	.title = "MikroTik NPK package",
	.spec = "npk-tools, npk.h",
	.magics = npk_magics,
	.probe = npk_probe,
	.walk = npk_walk,
};
