/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ID block of Rockchip's boot ROM: a header that is hidden by RC4 with a key that everybody knows, then the code that
 * sets up the memory and the one that is loaded into it. Newer chips have a plain header.
 *
 * Specification: U-Boot tools/rkcommon.c.
 */
#include <stdio.h>

#include "format/digest.h"
#include "format/region.h"

#define SECTOR 512u
#define SECTORS_MAX 0x4000u
#define NO_BOOT 1024u /* as many sectors are announced where there is no second part */
#define HEADER_MAGIC 0x0ff0aa55u
#define V2_MAGIC 0x534e4b52u /* "RKNS" */
#define V2_IMAGES_AT 120u
#define V2_IMAGE 88u
#define V2_HASHED 1536u

struct rc4 {
	uint8_t state[256], i, j;
};

static void rc4_begin(struct rc4 *c)
{
	static const uint8_t key[16] = { 124, 78, 3, 4, 85, 5, 9, 7, 45, 44, 123, 56, 23, 13, 23, 17 };
	uint8_t j = 0;
	for (unsigned i = 0; i < 256; i++)
		c->state[i] = (uint8_t)i;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t s = c->state[i];
		j = (uint8_t)(j + s + key[i % 16]);
		c->state[i] = c->state[j];
		c->state[j] = s;
	}
	c->i = c->j = 0;
}

/* Decodes sectors, each from the beginning of the key's stream. */
static void rc4_sectors(struct span in, uint8_t *out)
{
	struct rc4 c = { .i = 0 };
	for (size_t n = 0; n < in.n; n++) {
		if (n % SECTOR == 0)
			rc4_begin(&c);
		uint8_t s = c.state[++c.i];
		c.j = (uint8_t)(c.j + s);
		c.state[c.i] = c.state[c.j];
		c.state[c.j] = s;
		out[n] = in.p[n] ^ c.state[(uint8_t)(s + c.state[c.i])];
	}
}

struct idblock {
	bool plain_code;
	uint32_t at, init, total; /* in sectors: where the code begins, of the first part, of both */
};

static bool first_read(struct span at, struct idblock *b)
{
	uint8_t header[SECTOR];
	struct span hidden = span_sub(at, 0, SECTOR);
	if (!hidden.p)
		return false;
	rc4_sectors(hidden, header);
	struct span h = span_of(header, sizeof header);
	b->plain_code = span_u32le(h, 8) != 0;
	b->at = span_u16le(h, 12);
	b->init = span_u16le(h, 506);
	b->total = span_u16le(h, 508);
	if (b->total == b->init + NO_BOOT)
		b->total = b->init;
	return span_u32le(h, 0) == HEADER_MAGIC && span_u32le(h, 4) == 0 && b->at >= 1 && b->at <= 64 && b->init >= 1 &&
		   b->total >= b->init && b->total <= SECTORS_MAX;
}

static unsigned v2_images(struct span at, uint64_t *end)
{
	unsigned n = span_u16le(at, 10);
	*end = 4 * SECTOR;
	if (span_u32le(at, 0) != V2_MAGIC || n < 1 || n > 4 || span_u16le(at, 8) != 384 || !span_sub(at, 0, 4 * SECTOR).p)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t from = span_u16le(at, V2_IMAGES_AT + V2_IMAGE * i),
				 sectors = span_u16le(at, V2_IMAGES_AT + V2_IMAGE * i + 2);
		if (from < 4 || (i == 0 && sectors == 0))
			return 0;
		if (sectors && (from + sectors) * SECTOR > *end)
			*end = (from + sectors) * SECTOR;
	}
	return n;
}

static bool rockchip_probe(struct span at, struct format_match *match)
{
	struct idblock b;
	uint64_t end;
	match->confidence = 90;
	if (v2_images(at, &end)) {
		match->size = end;
		return true;
	}
	if (!first_read(at, &b))
		return false;
	match->size = (uint64_t)(b.at + b.total) * SECTOR;
	return true;
}

/* The code may be hidden as the header is. */
static bool emit_code(struct walk *w, struct span bytes, const struct idblock *b, const char *name, uint64_t from,
					  uint64_t sectors)
{
	if (b->plain_code)
		return region_emit(w, name, bytes, from * SECTOR, sectors * SECTOR, NULL);
	struct span hidden = span_clip(bytes, from * SECTOR, sectors * SECTOR);
	uint8_t *plain = ARENA_ARRAY(w->arena, uint8_t, hidden.n);
	if (hidden.n < sectors * SECTOR)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "%s has %llu sectors, not all are there", name,
					   (unsigned long long)sectors);
	if (!plain)
		return false;
	rc4_sectors(hidden, plain);
	return region_emit_made(w, name, span_of(plain, hidden.n), NULL);
}

static struct error walk_v2(struct span bytes, struct walk *w, unsigned images)
{
	emit_header_field(w->sink, 0, "magic", "RKNS");
	emit_header_field(w->sink, 10, "images", "%u", images);
	bool good = digest_matches(DIGEST_SHA256, span_sub(bytes, 0, V2_HASHED), span_sub(bytes, V2_HASHED, 32));
	emit_header_field(w->sink, V2_HASHED, "header sha256", "%s", good ? "ok" : "mismatch");
	for (unsigned i = 0; i < images; i++) {
		uint64_t entry = V2_IMAGES_AT + V2_IMAGE * i;
		uint64_t at = (uint64_t)span_u16le(bytes, entry) * SECTOR,
				 size = (uint64_t)span_u16le(bytes, entry + 2) * SECTOR;
		struct span image = span_sub(bytes, at, size);
		char name[32];
		if (!size)
			continue;
		snprintf(name, sizeof name, "image-%u", i);
		bool ok = image.p && digest_matches(DIGEST_SHA256, image, span_sub(bytes, entry + 24, 32));
		emit_header_field(w->sink, entry + 24, "sha256", "%s: %s", name,
						  ok        ? "ok"
						  : image.p ? "mismatch"
									: "not checked");
		if (image.p && !ok)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "%s does not have the SHA-256 that the header says", name);
		if (!region_emit(w, name, bytes, at, size, NULL))
			break;
	}
	return error_none();
}

static struct error rockchip_walk(struct span bytes, struct walk *w)
{
	struct idblock b;
	uint64_t end;
	unsigned images = v2_images(bytes, &end);
	if (images)
		return walk_v2(bytes, w, images);
	if (!first_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no ID block");
	emit_header_field(w->sink, 8, "disable_rc4", "%u", b.plain_code);
	emit_header_field(w->sink, 12, "init_offset", "%u", b.at);
	emit_header_field(w->sink, 506, "init_size", "%u", b.init);
	emit_header_field(w->sink, 508, "init_boot_size", "%u", b.total);
	struct span tag = span_sub(bytes, (uint64_t)b.at * SECTOR, 4);
	if (tag.p && b.plain_code && span_starts(tag, "RK", 2))
		emit_header_field(w->sink, (uint64_t)b.at * SECTOR, "chip", "%.4s", (const char *)tag.p);
	if (emit_code(w, bytes, &b, "init", b.at, b.init) && b.total > b.init)
		emit_code(w, bytes, &b, "boot", b.at + b.init, b.total - b.init);
	return error_none();
}

/* The hidden form of the header's first 8 bytes. */
static const struct format_magic rockchip_magics[] = { MAGIC("\x3b\x8c\xdc\xfc\xbe\x9f\x9d\x51", 0),
													   MAGIC("RKNS\0\0\0\0", 0), MAGIC_END };

const struct format rockchip_format = {
	.name = "rockchip",
	.kind = FORMAT_CONTAINER,
	.title = "Rockchip ID block (idbloader)",
	.spec = "U-Boot tools/rkcommon.c",
	.magics = rockchip_magics,
	.probe = rockchip_probe,
	.walk = rockchip_walk,
};
