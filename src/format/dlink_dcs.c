/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link's DCS cameras: a header obscured with 16 bits, sections obscured with a key and with tables of pseudo-random
 * numbers.
 *
 * Specification: FACT_extractor plugins/unpacking/dlink, dlink_dcs.py.
 */
#include <stdio.h>

#include "format/dlink_dcs.h"
#include "format/region.h"

#define MAGIC_PLAIN 0xaa7ec55bu
#define HEADER 16u
#define SECTION 64u
#define SECTIONS_MAX 64u
#define SECTION_MAGIC 0xa55au
#define BLOCK 65536u

struct dcs {
	uint16_t key, checksum, payload_key, sections, stored_key;
	uint32_t size;
};

/* The key lies bare where the plain field is 0. */
static bool dcs_read(struct span bytes, struct dcs *d)
{
	struct reader r = reader_le(bytes);
	uint32_t key = rd_u32(&r) ^ MAGIC_PLAIN;
	d->key = key & 0xffff;
	d->size = rd_u32(&r) ^ key;
	d->checksum = rd_u16(&r) ^ d->key;
	d->payload_key = rd_u16(&r) ^ d->key;
	d->sections = rd_u16(&r) ^ d->key;
	d->stored_key = rd_u16(&r) ^ d->key;
	return rd_ok(&r) && key >> 16 == d->key && d->stored_key == d->key && d->sections && d->sections <= SECTIONS_MAX &&
		   d->size > HEADER && d->size <= bytes.n && bytes.n - d->size <= HEADER;
}

static bool dcs_probe(struct span at, struct format_match *match)
{
	struct dcs d;
	if (!dcs_read(at, &d))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

/* Obscured bytes behind the header. */
struct part {
	struct span payload;
	uint64_t at;
	uint16_t key;
};

static struct error read_part(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct part *p = file;
	struct span in = span_sub(p->payload, p->at + offset, n);
	(void)fs;
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	for (size_t i = 0; i < n; i++) {
		uint64_t at = p->at + offset + i;
		out[i] = (uint8_t)(in.p[i] ^ (dlink_dcs_number(at / 2) ^ p->key) >> 8 * (at & 1));
	}
	return error_none();
}

static bool walk_section(struct walk *w, const struct part *all, unsigned i, uint64_t *at)
{
	static const char *const types[] = { "auto", "JFFS2", "YAFFS", "none" };
	static const struct content_ops ops = { .read = read_part };
	uint8_t header[SECTION];
	char name[24];
	struct error e = read_part(NULL, all, (uint64_t)SECTION * i, header, sizeof header);
	struct span h = span_of(header, sizeof header);
	struct part *p = ARENA_NEW(w->arena, struct part);
	if (error_is(&e) || !p || span_u16le(h, 0) != SECTION_MAGIC) {
		emit_damage_at(w->sink, !p ? ERR_BUDGET : error_is(&e) ? ERR_TRUNCATED : ERR_CORRUPT, HEADER + (uint64_t)SECTION * i,
					   "no header of section %u", i);
		return false;
	}
	*p = (struct part){ .payload = all->payload, .at = *at, .key = all->key };
	uint32_t size = span_u32le(h, 4), there = (uint32_t)span_clip(all->payload, *at, size).n;
	snprintf(name, sizeof name, "section-%u", i);
	emit_header_field(w->sink, HEADER + (uint64_t)SECTION * i, name, "mtd%u, %s, at 0x%x", h.p[2], h.p[3] < 4 ? types[h.p[3]] : "unknown",
					  span_u32le(h, 8));
	if (there < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, HEADER + *at, "section %u has %u bytes, %u are there", i, size, there);
	*at += size;
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = p, .block_size = BLOCK };
	return !there || region_emit_content(w, name, there, content, NULL);
}

static struct error dcs_walk(struct span bytes, struct walk *w)
{
	struct dcs d;
	if (!dcs_read(bytes, &d))
		return error_at(ERR_CORRUPT, 0, "no header of a DCS image");
	emit_header_field(w->sink, 4, "size", "%u", d.size);
	emit_header_field(w->sink, 8, "checksum", "0x%04x", d.checksum);
	emit_header_field(w->sink, 10, "payload key", "0x%04x", d.payload_key);
	emit_header_field(w->sink, 12, "sections", "%u", d.sections);
	struct part all = { .payload = span_from(bytes, HEADER), .key = d.payload_key ^ d.key };
	uint64_t at = (uint64_t)SECTION * d.sections;
	for (unsigned i = 0; i < d.sections && walk_section(w, &all, i, &at); i++)
		;
	uint64_t rest = span_from(all.payload, at).n;
	if (rest > HEADER) /* which no section takes; as it is */
		(void)region_emit(w, "rest", bytes, HEADER + at, rest, NULL);
	return error_none();
}

const struct format dlink_dcs_format = {
	.name = "dlink_dcs",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link DCS camera image",
	.spec = "FACT_extractor plugins/unpacking/dlink, dlink_dcs.py",
	.at_start = true,
	.probe = dcs_probe,
	.walk = dcs_walk,
};
