/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a disk image: "mish" blocks, in base64 in a property list or as resources of the type "blkx". */
#include <stdio.h>

#include "base/base64.h"
#include "format/dmg.h"
#include "format/mac_resource.h"

#define HEADER_SIZE 204u
#define CHUNK_SIZE 40u
#define NAME_SHOWN 100u
#define NAMED_MAX 128u /* tables whose names are told */
#define SECTORS_MAX (UINT64_C(1) << 50)

static bool add_chunk(struct dmg *d, const struct dmg_chunk *c, struct walk *w)
{
	if (d->nchunks == d->room) {
		size_t room = d->room ? 2 * d->room : 256;
		struct dmg_chunk *larger = ARENA_ARRAY(w->arena, struct dmg_chunk, room);
		if (!larger)
			return false;
		if (d->nchunks)
			memcpy(larger, d->chunks, d->nchunks * sizeof *larger);
		d->chunks = larger;
		d->room = room;
	}
	d->chunks[d->nchunks++] = *c;
	if (d->sectors < c->sector + c->sectors)
		d->sectors = c->sector + c->sectors;
	return true;
}

/* The chunks behind the header of a table. */
static bool read_chunks(struct dmg *d, struct dmg_table *t, struct span mish, uint32_t n, uint64_t at, uint64_t data_at, struct walk *w)
{
	bool ended = false, sane = true;
	for (uint32_t i = 0; i < n && !ended; i++) {
		struct reader r = reader_be(span_sub(mish, HEADER_SIZE + (uint64_t)i * CHUNK_SIZE, CHUNK_SIZE));
		struct dmg_chunk c = { .type = rd_u32(&r), .table = (uint32_t)d->ntables };
		rd_skip(&r, 4);
		c.sector = rd_u64(&r);
		c.sectors = rd_u64(&r);
		c.at = rd_u64(&r);
		c.size = rd_u64(&r);
		if (!rd_ok(&r)) {
			emit_damage_at(w->sink, ERR_TRUNCATED, at, "a table has %lu chunks, %lu are there", (unsigned long)n, (unsigned long)i);
			return true;
		}
		ended = c.type == DMG_END;
		if (ended || c.type == DMG_COMMENT || !c.sectors)
			continue;
		bool fits = c.sector <= t->sectors && c.sectors <= t->sectors - c.sector && c.at < SECTORS_MAX * DMG_SECTOR;
		sane = sane && fits;
		c.sector += t->sector;
		c.at += data_at;
		if (fits && !add_chunk(d, &c, w))
			return false;
	}
	if (!sane)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "chunks of a table leave its %llu sectors", (unsigned long long)t->sectors);
	return true;
}

/* One table, which stands at `at` of the image. */
static bool read_table(struct dmg *d, struct text name, struct span mish, uint64_t at, uint64_t data_at, struct walk *w)
{
	char field[32];
	struct reader r = reader_be(mish);
	rd_skip(&r, 4);
	uint32_t version = rd_u32(&r);
	struct dmg_table t = { .sector = rd_u64(&r), .sectors = rd_u64(&r) };
	data_at += rd_u64(&r);
	rd_skip(&r, 32);
	t.checksum_type = rd_u32(&r);
	uint32_t bits = rd_u32(&r);
	t.checksum = rd_u32(&r);
	rd_seek(&r, 200);
	uint32_t n = rd_u32(&r);
	if (!rd_ok(&r) || !span_starts(mish, "mish", 4) || version != 1 || t.sector >= SECTORS_MAX || t.sectors >= SECTORS_MAX ||
	    data_at >= SECTORS_MAX * DMG_SECTOR) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "a table of chunks can not be read");
		return true;
	}
	if (t.checksum_type == DMG_CRC32 && bits != 32)
		t.checksum_type = 0;
	if (d->ntables < NAMED_MAX) {
		char *value = arena_printf(w->arena, "%.*s, sectors %llu to %llu", (int)(name.n < NAME_SHOWN ? name.n : NAME_SHOWN),
		                           name.n ? name.p : "", (unsigned long long)t.sector, (unsigned long long)t.sector + t.sectors);
		snprintf(field, sizeof field, "blkx-%zu", d->ntables);
		struct fact_header row = { (int64_t)at, text_c(field), text_c(value) };
		if (value)
			emit_header(w->sink, &row);
	}
	if (!read_chunks(d, &t, mish, n, at, data_at, w))
		return false;
	d->tables[d->ntables++] = t;
	return true;
}

static bool room_for_table(struct dmg *d, struct walk *w, uint64_t at)
{
	if (d->ntables == DMG_TABLES_MAX)
		emit_damage_at(w->sink, ERR_BUDGET, at, "more than %u tables of chunks are not read", DMG_TABLES_MAX);
	return d->ntables < DMG_TABLES_MAX;
}

/* The text up to `end`, from *at on, which moves behind it. TEXT_NONE when it does not come. */
static struct span take_until(struct span s, size_t *at, const char *end)
{
	struct span rest = span_from(s, *at);
	const uint8_t *p = rest.n ? memmem(rest.p, rest.n, end, strlen(end)) : NULL;
	if (!p)
		return SPAN_NONE;
	struct span taken = span_of(rest.p, (size_t)(p - rest.p));
	*at += taken.n + strlen(end);
	return taken;
}

static struct span decode_base64(struct span text, struct walk *w)
{
	uint8_t *out = ARENA_ARRAY(w->arena, uint8_t, text.n / 4 * 3 + 3);
	size_t n = 0;
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; out && i < text.n && text.p[i] != '='; i++) {
		int digit = base64_digit(text.p[i]);
		if (digit < 0) /* lines are broken and indented */
			continue;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return out ? span_of(out, n) : SPAN_NONE;
}

/* What stands between the tags behind a key within an entry. */
static struct span value_of(struct span entry, const char *key, const char *open, const char *close)
{
	size_t at = 0;
	if (!take_until(entry, &at, key).p || !take_until(entry, &at, open).p)
		return SPAN_NONE;
	return take_until(entry, &at, close);
}

/* The list has an array "blkx" of entries, each with its name and data. No more of XML is needed than the makers write. */
bool dmg_tables_of_plist(struct dmg *d, struct span plist, uint64_t at, uint64_t data_at, struct walk *w)
{
	size_t begin = 0, i = 0;
	if (!take_until(plist, &begin, "<key>blkx</key>").p) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the property list has no tables of chunks");
		return true;
	}
	struct span list = take_until(plist, &begin, "</array>");
	if (!list.p) { /* cut off */
		list = span_from(plist, begin);
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "the property list breaks off");
	}
	for (struct span entry; (entry = take_until(list, &i, "</dict>")).p;) {
		uint64_t place = at + (uint64_t)(entry.p - plist.p);
		struct span name = value_of(entry, "<key>Name</key>", "<string>", "</string>");
		struct span data = value_of(entry, "<key>Data</key>", "<data>", "</data>");
		if (!name.n)
			name = value_of(entry, "<key>CFName</key>", "<string>", "</string>");
		if (!room_for_table(d, w, place))
			return true;
		struct span mish = decode_base64(data, w);
		if (!mish.p || !read_table(d, text_from_span(name), mish, place, data_at, w))
			return false;
	}
	return true;
}

bool dmg_tables_of_fork(struct dmg *d, struct span fork, uint64_t at, uint64_t data_at, struct walk *w)
{
	struct mac_resources resources;
	struct mac_resource one;
	uint64_t claimed = 0;
	if (!mac_resources_find(fork, "blkx", &resources)) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the resource fork has no tables of chunks");
		return true;
	}
	while (mac_resources_next(&resources, &one)) {
		uint64_t place = at + (one.data.p ? (uint64_t)(one.data.p - fork.p) : 0);
		claimed += one.data.n;
		if (claimed > 2 * (uint64_t)fork.n) {
			emit_damage_at(w->sink, ERR_CORRUPT, place, "the resources overlap");
			return true;
		}
		if (!room_for_table(d, w, place))
			return true;
		if (!read_table(d, text_from_span(one.name), one.data, place, data_at, w))
			return false;
	}
	return true;
}
