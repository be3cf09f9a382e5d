/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android's tables of device trees or overlays (dtbo.img).
 *
 * Specification: AOSP system/libufdt/utils/src/dt_table.h. */
#include <stdio.h>

#include "format/parts.h"

#define MAGIC_NUMBER 0xd7b7ab1eu
#define HEADER_SIZE 32u
#define ENTRY_SIZE 32u
#define ENTRIES_MAX 1024u

struct table {
	uint32_t size, entry_size, count, entries_at, page, version;
};

static bool table_read(struct span at, struct table *t)
{
	struct reader r = reader_be(at);
	uint32_t magic = rd_u32(&r);
	t->size = rd_u32(&r);
	uint32_t header_size = rd_u32(&r);
	t->entry_size = rd_u32(&r);
	t->count = rd_u32(&r);
	t->entries_at = rd_u32(&r);
	t->page = rd_u32(&r);
	t->version = rd_u32(&r);
	return rd_ok(&r) && magic == MAGIC_NUMBER && header_size == HEADER_SIZE && t->entry_size == ENTRY_SIZE &&
		   t->count && t->version <= 1 && t->entries_at >= HEADER_SIZE && t->entries_at < t->size &&
		   t->count <= (t->size - t->entries_at) / ENTRY_SIZE;
}

static bool android_dtbo_probe(struct span at, struct format_match *match)
{
	struct table t;
	if (!table_read(at, &t))
		return false;
	match->size = t.size;
	match->confidence = 90;
	return true;
}

/* Several entries may share a tree: it is emitted with the first of them. */
static bool is_shared(const struct parts *p, const struct table *t, uint32_t i, uint32_t offset)
{
	for (uint32_t k = 0; k < i; k++)
		if (span_u32be(p->bytes, t->entries_at + (uint64_t)k * ENTRY_SIZE + 4) == offset)
			return true;
	return false;
}

static void emit_tree(struct parts *p, const struct table *t, uint32_t i)
{
	static const char *const formats[] = { NULL, NULL, "gzip" }; /* 1: zlib */
	uint64_t at = t->entries_at + (uint64_t)i * ENTRY_SIZE;
	struct reader r = reader_be(span_sub(p->bytes, at, ENTRY_SIZE));
	uint32_t size = rd_u32(&r), offset = rd_u32(&r), id = rd_u32(&r), rev = rd_u32(&r), flags = rd_u32(&r) & 15;
	char name[48];
	if (!rd_ok(&r)) {
		emit_damage_at(p->w->sink, ERR_TRUNCATED, at, "entry %u of the table is cut off", i);
		p->stopped = true;
		return;
	}
	snprintf(name, sizeof name, "dt_entry[%u]", i);
	emit_header_field(p->w->sink, at, name, "id 0x%x, rev 0x%x", id, rev);
	snprintf(name, sizeof name, "dt-%u", i);
	if ((uint64_t)offset + size > t->size)
		emit_damage_at(p->w->sink, ERR_CORRUPT, at, "entry %u lies behind the table's end", i);
	else if (!is_shared(p, t, i, offset))
		parts_emit(p, text_c(name), offset, size,
				   t->version == 0 || !flags ? "dtb"
				   : flags < 3               ? formats[flags]
											 : NULL);
}

static struct error android_dtbo_walk(struct span bytes, struct walk *w)
{
	struct table t;
	if (!table_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no table of device trees");
	emit_header_field(w->sink, 28, "version", "%u", t.version);
	emit_header_field(w->sink, 16, "dt_entry_count", "%u", t.count);
	emit_header_field(w->sink, 24, "page_size", "%u", t.page);
	struct parts parts = { .bytes = bytes, .w = w };
	for (uint32_t i = 0; i < t.count && i < ENTRIES_MAX && !parts.stopped; i++)
		emit_tree(&parts, &t, i);
	if (t.count > ENTRIES_MAX)
		emit_damage_at(w->sink, ERR_BUDGET, 16, "of %u device trees %u are looked at", t.count, ENTRIES_MAX);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\xd7\xb7\xab\x1e", 0), MAGIC_END };

const struct format android_dtbo_format = {
	.name = "android_dtbo",
	.kind = FORMAT_CONTAINER,
	.title = "Android table of device trees (dtbo)",
	.spec = "AOSP system/libufdt/utils/src/dt_table.h",
	.magics = magics,
	.probe = android_dtbo_probe,
	.walk = android_dtbo_walk,
};
