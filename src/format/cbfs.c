/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CBFS: the files in the flash of coreboot, one after the other at aligned places.
 *
 * Specification: coreboot Documentation/lib/cbfs, util/cbfstool/cbfs.h.
 */
#include <stdio.h>

#include "base/codec.h"
#include "format/cbfs_packed.h"
#include "format/digest.h"
#include "format/region.h"

#define HEADER 24u
#define ALIGNMENT 64u
#define NAME_MAX_SIZE 1024u
#define FILES_MAX 4096u
#define TYPE_DELETED 0u
#define TYPE_LEGACY_STAGE 0x10u
#define STAGE_HEADER 28u
#define TRAIL_MAX 16u /* an end marker of LZMA */
#define TYPE_EMPTY UINT32_MAX
#define ATTRIBUTE_COMPRESSION 0x42435a4cu
#define ATTRIBUTE_HASH 0x68736148u

struct cbfs_file {
	uint32_t size, type, attributes, data; /* the last two from the header on */
	struct text name;
	uint64_t end; /* of the data, from the header on */
};

static const char *type_name(uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} names[] = {
		{ 0x01, "bootblock" },     { 0x02, "cbfs header" },  { 0x10, "legacy stage" }, { 0x11, "stage" },
		{ 0x20, "simple elf" },    { 0x21, "fit_payload" },  { 0x30, "optionrom" },    { 0x40, "bootsplash" },
		{ 0x50, "raw" },           { 0x51, "vsa" },          { 0x52, "mbi" },          { 0x53, "microcode" },
		{ 0x60, "fsp" },           { 0x61, "mrc" },          { 0x62, "mma" },          { 0x63, "efi" },
		{ 0x70, "struct" },        { 0xaa, "cmos_default" }, { 0xab, "spd" },          { 0xac, "mrc_cache" },
		{ 0x01aa, "cmos_layout" }, { 0x81, "amdfw" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static bool file_read(struct span at, struct cbfs_file *f)
{
	struct reader r = reader_be(span_clip(at, 0, HEADER));
	struct span magic = rd_bytes(&r, 8);
	f->size = rd_u32(&r);
	f->type = rd_u32(&r);
	f->attributes = rd_u32(&r);
	f->data = rd_u32(&r);
	f->end = (uint64_t)f->data + f->size;
	if (!rd_ok(&r) || !span_starts(magic, "LARCHIVE", 8) || f->data < HEADER + 1 || f->data > 64 * NAME_MAX_SIZE ||
		f->size > 1u << 30 || (f->attributes && (f->attributes <= HEADER || f->attributes >= f->data)))
		return false;
	uint32_t name_end = f->attributes ? f->attributes : f->data;
	struct span name = span_clip(at, HEADER, name_end - HEADER < NAME_MAX_SIZE ? name_end - HEADER : NAME_MAX_SIZE);
	const char *nul = name.n ? memchr(name.p, 0, name.n) : NULL;
	f->name = text_of((const char *)name.p, nul ? (size_t)(nul - (const char *)name.p) : 0);
	for (size_t i = 0; i < f->name.n; i++)
		if ((uint8_t)f->name.p[i] < 0x20 || (uint8_t)f->name.p[i] >= 0x7f)
			return false;
	return nul && (f->type == TYPE_EMPTY || f->type == TYPE_DELETED || type_name(f->type));
}

static uint64_t next_file(uint64_t at, const struct cbfs_file *f)
{
	return (at + f->end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool cbfs_probe(struct span at, struct format_match *match)
{
	struct cbfs_file f;
	uint64_t next = 0;
	if (!file_read(at, &f))
		return false;
	for (unsigned i = 0; i < FILES_MAX && file_read(span_from(at, next), &f); i++) {
		match->size = next + f.end;
		next = next_file(next, &f);
	}
	match->confidence = 90;
	return true;
}

/* The attribute of that tag, without its head; empty when there is none. */
static struct span attribute_find(struct span at, const struct cbfs_file *f, uint32_t tag)
{
	struct span all = f->attributes ? span_sub(at, f->attributes, f->data - f->attributes) : SPAN_NONE;
	for (uint64_t i = 0; i + 8 <= all.n;) {
		uint32_t size = span_u32be(all, i + 4);
		if (size < 8 || size > all.n - i)
			break;
		if (span_u32be(all, i) == tag)
			return span_sub(all, i + 8, size - 8);
		i += size;
	}
	return SPAN_NONE;
}

/* The hash attribute holds a SHA of the data: which one tells its length. */
static void verify(struct walk *w, struct span hash, struct span data, const char *name, uint64_t at)
{
	static const enum digest kinds[] = { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };
	struct span value = span_from(hash, 4);
	for (size_t i = 0; value.n && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (value.n < digest_size(kinds[i]) || value.n > digest_size(kinds[i]) + 8)
			continue;
		bool good = digest_matches(kinds[i], data, span_clip(value, 0, digest_size(kinds[i])));
		emit_header_field(w->sink, at, "hash", "%s: %s", name, good ? "ok" : "mismatch");
		if (!good)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "%s does not have the hash of its attribute", name);
		return;
	}
}

struct packed {
	struct span bytes;
	enum codec codec;
};

static struct error unpack(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	size_t used = 0;
	(void)fs;
	struct error e = codec_stream(p->codec, p->bytes, out, &used);
	if (!error_is(&e) && p->bytes.n - used > TRAIL_MAX && !span_is_zero(span_from(p->bytes, used)))
		return error_at(ERR_CORRUPT, used, "%zu of the %zu packed bytes are behind the end of what is packed", p->bytes.n - used, p->bytes.n);
	return e;
}

static const struct content_ops packed_ops = { .unpack = unpack };

bool cbfs_set_content(struct walk *w, struct span data, uint32_t compression, uint64_t size, struct entry *e)
{
	e->size = data.n;
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
	if (compression != CBFS_LZMA && compression != CBFS_LZ4)
		return true;
	struct packed *p = ARENA_NEW(w->arena, struct packed);
	if (!p)
		return false;
	*p = (struct packed){ data, compression == CBFS_LZMA ? CODEC_LZMA : CODEC_LZ4_FRAME };
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &packed_ops, .fs = p, .file = p };
	e->size = size;
	return true;
}

/* A stage of old has its own header, of the CPU's byte order: how it is packed, where it is entered and loaded, the size that
 * follows and the one in memory. */
static bool is_packed_stage(const struct cbfs_file *f, struct span data)
{
	uint32_t kind = span_u32le(data, 0);
	return f->type == TYPE_LEGACY_STAGE && data.n > STAGE_HEADER && (kind == CBFS_LZMA || kind == CBFS_LZ4) &&
		   span_u32le(data, 20) == data.n - STAGE_HEADER;
}

static bool set_content(struct walk *w, const struct cbfs_file *f, struct span data, struct span compression, struct entry *e)
{
	if (is_packed_stage(f, data)) {
		e->offset += STAGE_HEADER;
		return cbfs_set_content(w, span_from(data, STAGE_HEADER), span_u32le(data, 0), SIZE_UNKNOWN, e);
	}
	uint64_t size = compression.n >= 8 ? span_u32be(compression, 4) : SIZE_UNKNOWN;
	return cbfs_set_content(w, data, span_u32be(compression, 0), size, e);
}

static bool emit_file(struct walk *w, struct span bytes, uint64_t at, const struct cbfs_file *f)
{
	struct span here = span_from(bytes, at), data = span_clip(here, f->data, f->size);
	char path[NAME_MAX_SIZE + 2];
	snprintf(path, sizeof path, "/%.*s", (int)f->name.n, f->name.p);
	struct span compression = attribute_find(here, f, ATTRIBUTE_COMPRESSION);
	uint32_t kind = span_u32be(compression, 0);
	emit_header_field(w->sink, at, "file", "%s: %s%s%s", path + 1, type_name(f->type), kind ? ", " : "",
					  kind == 1   ? "lzma"
					  : kind == 2 ? "lz4"
					  : kind      ? "compressed"
								  : "");
	verify(w, attribute_find(here, f, ATTRIBUTE_HASH), data, path + 1, at);
	if (data.n < f->size)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "%s has %u bytes, %zu are there", path + 1, f->size, data.n);
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE, .path = text_c(path) };
	e.offset = at + f->data;
	return set_content(w, f, data, compression, &e) && w->child(w, &e);
}

static struct error cbfs_walk(struct span bytes, struct walk *w)
{
	struct cbfs_file f;
	uint64_t at = 0;
	for (unsigned i = 0; i < FILES_MAX && file_read(span_from(bytes, at), &f); i++) {
		bool used = f.type != TYPE_EMPTY && f.type != TYPE_DELETED && f.name.n;
		if (used && !emit_file(w, bytes, at, &f))
			break;
		at = next_file(at, &f);
	}
	return error_none();
}

static const struct format_magic cbfs_magics[] = { MAGIC("LARCHIVE", 0), MAGIC_END };

const struct format cbfs_format = {
	.name = "cbfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "coreboot file system (CBFS)",
	.spec = "coreboot util/cbfstool/cbfs.h",
	.magics = cbfs_magics,
	.probe = cbfs_probe,
	.walk = cbfs_walk,
};
