/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rockchip's update images: a table of partitions, their contents, a checksum.
 *
 * Specification: rkafp.h of rkflashtool and rockchip-mkbootimg. */
#include <stdio.h>

#include "base/work.h"
#include "format/parts.h"
#include "format/rockchip.h"

#define HEADER_SIZE 2048u
#define PARTS_AT 0x8cu
#define PART_SIZE 112u
#define PARTS_MAX 16u

struct rkaf {
	uint32_t length, version, parts;
	struct text model, id, manufacturer;
};

uint32_t rockchip_crc(struct span bytes, uint32_t polynomial)
{
	uint32_t remainders[256], crc = 0;
	for (uint32_t i = 0; i < 256; i++) {
		remainders[i] = i << 24;
		for (int bit = 0; bit < 8; bit++)
			remainders[i] = remainders[i] << 1 ^ (remainders[i] >> 31 ? polynomial : 0);
	}
	work_add(2048 + 2 * (uint64_t)bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		crc = crc << 8 ^ remainders[crc >> 24 ^ bytes.p[i]];
	return crc;
}

static bool rkaf_read(struct span at, struct rkaf *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER_SIZE));
	struct span magic = rd_bytes(&r, 4);
	k->length = rd_u32(&r);
	k->model = text_until_nul(rd_bytes(&r, 0x22));
	k->id = text_until_nul(rd_bytes(&r, 0x1e));
	k->manufacturer = text_until_nul(rd_bytes(&r, 0x38));
	rd_skip(&r, 4);
	k->version = rd_u32(&r);
	k->parts = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(magic, "RKAF", 4) || k->length < HEADER_SIZE || !k->parts || k->parts > PARTS_MAX)
		return false;
	for (uint32_t i = 0; i < k->parts; i++) { /* names and files are texts, places lie behind the header */
		uint64_t part = PARTS_AT + (uint64_t)i * PART_SIZE;
		struct text name = text_until_nul(span_sub(at, part, 32)), file = text_until_nul(span_sub(at, part + 32, 60));
		uint32_t position = span_u32le(at, part + 96);
		if (!name.n || name.n == 32 || !file.n || file.n == 60 || (!text_is(file, "SELF") && position < HEADER_SIZE))
			return false;
	}
	return true;
}

static bool rkaf_probe(struct span at, struct format_match *match)
{
	struct rkaf k;
	if (!rkaf_read(at, &k))
		return false;
	match->size = (uint64_t)k.length + 4;
	match->confidence = 90;
	return true;
}

static void verify(struct walk *w, const struct rkaf *k, struct span bytes)
{
	struct span covered = span_sub(bytes, 0, k->length), sum = span_sub(bytes, k->length, 4);
	bool same = sum.p && rockchip_crc(covered, ROCKCHIP_POLYNOMIAL) == span_u32le(sum, 0);
	emit_header_field(w->sink, k->length, "crc32", "%s", !sum.p ? "not checked" : same ? "ok" : "mismatch");
	if (sum.p && !same)
		emit_damage_at(w->sink, ERR_CORRUPT, k->length, "the image's checksum does not match it");
}

static struct error rkaf_walk(struct span bytes, struct walk *w)
{
	struct rkaf k;
	if (!rkaf_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no RKAF header");
	emit_header_field(w->sink, 8, "model", "%.*s", (int)k.model.n, k.model.p);
	emit_header_field(w->sink, 0x2a, "id", "%.*s", (int)k.id.n, k.id.p);
	emit_header_field(w->sink, 0x48, "manufacturer", "%.*s", (int)k.manufacturer.n, k.manufacturer.p);
	emit_header_field(w->sink, 0x84, "version", "%u.%u.%u", k.version >> 24, k.version >> 16 & 255, k.version & 0xffff);
	verify(w, &k, bytes);
	struct parts parts = { .bytes = bytes, .w = w };
	for (uint32_t i = 0; i < k.parts && !parts.stopped; i++) {
		uint64_t part = PARTS_AT + (uint64_t)i * PART_SIZE;
		struct text name = text_until_nul(span_sub(bytes, part, 32)),
					file = text_until_nul(span_sub(bytes, part + 32, 60));
		uint32_t address = span_u32le(bytes, part + 100);
		char field[32];
		snprintf(field, sizeof field, "part[%u]", i);
		emit_header_field(w->sink, part, field, "%.*s, file %.*s, flash sector 0x%x", (int)name.n, name.p, (int)file.n,
						  file.p, address);
		if (!text_is(file, "SELF"))
			parts_emit(&parts, name, span_u32le(bytes, part + 96), span_u32le(bytes, part + 108), NULL);
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("RKAF", 0), MAGIC_END };

const struct format rockchip_rkaf_format = {
	.name = "rockchip_rkaf",
	.kind = FORMAT_CONTAINER,
	.title = "Rockchip update image (RKAF)",
	.spec = "rkflashtool rkafp.h",
	.magics = magics,
	.probe = rkaf_probe,
	.walk = rkaf_walk,
};
