/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allwinner's firmware images (IMAGEWTY), not encrypted: a header of 1024 bytes, one for each file, the files.
 *
 * Specification: imagewty.h of awutils, header versions 0x100 and 0x300. */
#include <stdio.h>

#include "format/parts.h"

#define HEADER_SIZE 1024u
#define FILES_MAX 512u

struct imagewty {
	uint32_t header_version, version, size, files, hardware, firmware;
};

struct file {
	struct text main_type, sub_type, name;
	uint32_t at, size, stored;
};

static bool imagewty_read(struct span at, struct imagewty *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER_SIZE));
	struct span magic = rd_bytes(&r, 8);
	k->header_version = rd_u32(&r);
	uint32_t header_size = rd_u32(&r);
	rd_skip(&r, 4);
	k->version = rd_u32(&r);
	k->size = rd_u32(&r);
	bool v3 = k->header_version == 0x300;
	if (v3)
		rd_skip(&r, 4);
	uint32_t padded = rd_u32(&r);
	rd_skip(&r, 8); /* numbers on USB */
	k->hardware = rd_u32(&r);
	k->firmware = rd_u32(&r);
	rd_skip(&r, 8);
	k->files = rd_u32(&r);
	return rd_ok(&r) && span_starts(magic, "IMAGEWTY", 8) && (v3 || k->header_version == 0x100) &&
		   header_size == (v3 ? 0x60 : 0x50) && padded == HEADER_SIZE && k->files && k->files <= FILES_MAX &&
		   k->size > HEADER_SIZE * (uint64_t)k->files;
}

static bool file_read(struct span bytes, const struct imagewty *k, uint32_t i, struct file *f)
{
	struct reader r = reader_le(span_sub(bytes, HEADER_SIZE * (uint64_t)(i + 1), HEADER_SIZE));
	uint32_t name_n = rd_u32(&r), header_size = rd_u32(&r);
	f->main_type = text_until_nul(rd_bytes(&r, 8));
	f->sub_type = text_until_nul(rd_bytes(&r, 16));
	rd_skip(&r, 4);
	if (k->header_version == 0x300) {
		f->name = text_until_nul(rd_bytes(&r, 256));
		f->stored = rd_u32(&r);
		rd_skip(&r, 4);
		f->size = rd_u32(&r);
		rd_skip(&r, 4);
		f->at = rd_u32(&r);
	} else {
		f->stored = rd_u32(&r);
		f->size = rd_u32(&r);
		f->at = rd_u32(&r);
		rd_skip(&r, 4);
		f->name = text_until_nul(rd_bytes(&r, 256));
	}
	return rd_ok(&r) && name_n == 256 && header_size == HEADER_SIZE && f->size <= f->stored;
}

static bool imagewty_probe(struct span at, struct format_match *match)
{
	struct imagewty k;
	if (!imagewty_read(at, &k))
		return false;
	match->size = k.size;
	match->confidence = 90;
	return true;
}

static struct error imagewty_walk(struct span bytes, struct walk *w)
{
	struct imagewty k;
	if (!imagewty_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no IMAGEWTY header");
	emit_header_field(w->sink, 8, "header_version", "0x%x", k.header_version);
	emit_header_field(w->sink, 20, "version", "0x%x", k.version);
	emit_header_field(w->sink, 24, "hardware_id", "0x%x", k.hardware);
	emit_header_field(w->sink, 24, "firmware_id", "0x%x", k.firmware);
	struct parts parts = { .bytes = bytes, .w = w };
	for (uint32_t i = 0; i < k.files && !parts.stopped; i++) {
		struct file f;
		char field[32], path[320];
		if (!file_read(bytes, &k, i, &f)) {
			emit_damage_at(w->sink, ERR_CORRUPT, HEADER_SIZE * (uint64_t)(i + 1), "the header of file %u is broken", i);
			continue;
		}
		snprintf(field, sizeof field, "file[%u]", i);
		emit_header_field(w->sink, HEADER_SIZE * (uint64_t)(i + 1), field, "%.*s %.*s", (int)f.main_type.n,
						  f.main_type.p, (int)f.sub_type.n, f.sub_type.p);
		snprintf(path, sizeof path, "%.*s", (int)f.name.n, f.name.p);
		if (!f.name.n)
			snprintf(path, sizeof path, "file-%u", i);
		parts_emit(&parts, text_c(path), f.at, f.size, NULL);
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("IMAGEWTY", 0), MAGIC_END };

const struct format allwinner_imagewty_format = {
	.name = "allwinner_imagewty",
	.kind = FORMAT_CONTAINER,
	.title = "Allwinner firmware image (IMAGEWTY)",
	.spec = "awutils imagewty.h",
	.magics = magics,
	.probe = imagewty_probe,
	.walk = imagewty_walk,
};
