/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EBL: what Ember's boot loader takes, the predecessor of GBL: big-endian tags with their length, the last a CRC of all.
 *
 * Specification: Silicon Labs UG103.6, "Bootloader Fundamentals", section "Ember Bootload (EBL) files"; hal/micro/cortexm3/
 * common/ebl.h of the EmberZNet SDK.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/memory_image.h"
#include "format/region.h"

#define TAG_HEADER 0x0000u
#define TAG_ENCRYPTION 0xfb05u
#define TAG_PROG 0xfe01u
#define TAG_ERASEPROG 0xfd03u
#define TAG_MFGPROG 0x02feu
#define TAG_END 0xfc04u
#define SIGNATURE 0xe350u
#define TAGS_MAX 65536u
#define PADDED_TO 64u           /* files end at such a boundary, filled with 0xff */
#define CRC_RESIDUE 0x2144df1cu /* of bytes that are followed by their own CRC */

struct tag {
	uint32_t id, size;
	uint64_t at; /* of its value */
};

static const char *tag_name(uint32_t id)
{
	switch (id) {
	case TAG_HEADER:
		return "header";
	case TAG_ENCRYPTION:
		return "encryption-header";
	case 0xfa06:
		return "encryption-init";
	case 0xf907:
		return "encrypted-data";
	case 0xf709:
		return "encryption-mac";
	case 0xf608:
		return "metadata";
	case TAG_PROG:
	case TAG_ERASEPROG:
	case TAG_MFGPROG:
		return "program";
	case TAG_END:
		return "end";
	default:
		return NULL;
	}
}

static bool next_tag(struct span bytes, uint64_t *at, struct tag *t)
{
	struct span head = span_sub(bytes, *at, 4);
	*t = (struct tag){ span_u16be(head, 0), span_u16be(head, 2), *at + 4 };
	*at = t->at + t->size;
	return head.p && tag_name(t->id);
}

/* The first tag is a header, or says that all behind it is encrypted; a known one follows. */
static bool header_read(struct span bytes, struct tag *t, uint64_t *next)
{
	struct tag second;
	*next = 0;
	if (!next_tag(bytes, next, t))
		return false;
	uint64_t after = *next;
	bool plain = t->id == TAG_HEADER && t->size >= 12 && t->size <= 512;
	bool encrypted = t->id == TAG_ENCRYPTION && t->size >= 4 && t->size <= 64;
	return (plain || encrypted) && span_u16be(bytes, t->at + 2) == SIGNATURE && next_tag(bytes, &after, &second) &&
		   second.id != TAG_HEADER && second.id != TAG_END;
}

static bool ebl_probe(struct span at, struct format_match *match)
{
	struct tag t;
	uint64_t next;
	if (!header_read(at, &t, &next))
		return false;
	for (unsigned i = 0; i < TAGS_MAX && t.id != TAG_END && next_tag(at, &next, &t); i++)
		;
	uint64_t end = t.at + t.size;
	uint64_t padding = (PADDED_TO - end % PADDED_TO) % PADDED_TO;
	struct span tail = span_sub(at, end, padding);
	for (size_t i = 0; i < tail.n && tail.p[i] == 0xff; i++)
		end++;
	match->size = end;
	match->confidence = 90;
	return true;
}

static bool take_tag(struct walk *w, struct span bytes, const struct tag *t, unsigned number,
					 struct memory_image *flash)
{
	char name[64];
	struct span value = span_clip(bytes, t->at, t->size);
	if (t->id == TAG_PROG || t->id == TAG_ERASEPROG || t->id == TAG_MFGPROG) {
		if (value.n < t->size)
			emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the program has %u bytes, %zu are there", t->size,
						   value.n);
		if (value.n > 4 && !memory_image_put(flash, t->id == TAG_MFGPROG, span_u32be(value, 0), span_from(value, 4)))
			emit_damage_at(w->sink, ERR_BUDGET, t->at, "no room for the program at 0x%08x", span_u32be(value, 0));
		return true;
	}
	if (t->id == TAG_END && value.n == t->size) {
		bool good = hash_crc32(0, span_sub(bytes, 0, t->at + t->size)) == CRC_RESIDUE;
		emit_header_field(w->sink, t->at, "crc32", "%s", good ? "ok" : "mismatch");
		if (!good)
			emit_damage_at(w->sink, ERR_CORRUPT, t->at, "the image does not have the CRC of its end tag");
	}
	if (t->id == TAG_END || t->size == 0)
		return true;
	snprintf(name, sizeof name, "tag-%u-%s", number, tag_name(t->id));
	return region_emit(w, name, bytes, t->at, t->size, NULL);
}

static const char *space_name(uint32_t space)
{
	return space ? "mfg-" : NULL;
}

static struct error ebl_walk(struct span bytes, struct walk *w)
{
	struct memory_image flash;
	struct tag t;
	uint64_t at;
	if (!header_read(bytes, &t, &at))
		return error_at(ERR_CORRUPT, 0, "no EBL header");
	emit_header_field(w->sink, t.at, "version", "0x%04x", span_u16be(bytes, t.at));
	if (t.id == TAG_HEADER)
		emit_header_field(w->sink, t.at + 4, "flash_address", "0x%08x", span_u32be(bytes, t.at + 4));
	else
		emit_damage_at(w->sink, ERR_ENCRYPTED, 0, "the image is encrypted with AES-CCM");
	if (!memory_image_begin(&flash, w, bytes.n, bytes.n / 8 + 1))
		return error_at(ERR_MEMORY, 0, "no memory for an image of %zu bytes", bytes.n);
	for (unsigned i = 0; i < TAGS_MAX && t.id != TAG_END && next_tag(bytes, &at, &t); i++)
		if (!take_tag(w, bytes, &t, i + 1, &flash))
			return error_none();
	struct error e = memory_image_emit(&flash, space_name);
	if (t.id != TAG_END && !error_is(&e))
		return error_at(ERR_TRUNCATED, at < bytes.n ? at : bytes.n, "the image has no end tag");
	return e;
}

static const struct format_magic ebl_magics[] = { MAGIC("\xe3\x50", 6), MAGIC_END };

const struct format ebl_format = {
	.name = "ebl",
	.kind = FORMAT_CONTAINER,
	.title = "Ember boot loader image (EBL)",
	.spec = "Silicon Labs UG103.6",
	.magics = ebl_magics,
	.probe = ebl_probe,
	.walk = ebl_walk,
};
