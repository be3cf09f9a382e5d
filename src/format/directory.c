/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of this machine, as the parent wrote it down for the worker. */
#include "format/directory.h"

#include <stdio.h>

#include "format/directory_parts.h"

struct record {
	uint32_t kind;
	struct entry entry;
	struct span content;
};

static bool read_record(struct reader *r, struct record *record)
{
	struct entry e = { ENTRY_INIT };
	record->kind = rd_u32(r);
	e.mode = rd_u32(r) & 07777;
	e.uid = rd_u32(r);
	e.gid = rd_u32(r);
	uint32_t path = rd_u32(r), target = rd_u32(r);
	e.mtime = (int64_t)rd_u64(r);
	e.device = (int64_t)rd_u64(r);
	uint64_t size = rd_u64(r);
	e.path = text_from_span(rd_bytes(r, path));
	e.link_target = text_from_span(rd_bytes(r, target));
	record->content = rd_bytes(r, size);
	rd_skip(r, (DIRECTORY_ALIGN - r->at % DIRECTORY_ALIGN) % DIRECTORY_ALIGN);
	record->entry = e;
	return rd_ok(r);
}

/* Makes the record's entry what its kind says; false when there is no such kind. */
static bool complete(struct record *record)
{
	struct entry *e = &record->entry;
	bool hard_link = record->kind == DIRECTORY_HARD_LINK, unread = record->kind == DIRECTORY_UNREAD_FILE;
	if (!hard_link && !unread && (record->kind < ENTRY_FILE || record->kind > ENTRY_SOCKET))
		return false;
	e->kind = hard_link || unread ? ENTRY_FILE : (enum entry_kind)record->kind;
	e->size = record->content.n;
	if (e->kind != ENTRY_CHAR_DEVICE && e->kind != ENTRY_BLOCK_DEVICE)
		e->device = FACT_NULL;
	if (hard_link)
		e->same_as = e->link_target;
	else if (e->kind == ENTRY_FILE && !unread)
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = record->content };
	if (e->kind != ENTRY_SYMLINK)
		e->link_target = TEXT_NONE;
	return true;
}

static void emit_unread(struct walk *w, const struct entry *e)
{
	struct text path = e->path, why = e->link_target;
	char what[512];
	int n = snprintf(what, sizeof what, "%.*s: %.*s", (int)(path.n < 256 ? path.n : 256), path.p ? path.p : "",
					 (int)(why.n < 200 ? why.n : 200), why.p ? why.p : "");
	emit_damage(w->sink, &(struct fact_damage){ .offset = FACT_NULL,
												.kind = text_c(error_word(ERR_IO)),
												.what = text_of(what, (size_t)n) });
}

static bool directory_probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, DIRECTORY_MAGIC, DIRECTORY_MAGIC_SIZE))
		return false;
	match->size = at.n;
	match->confidence = 100;
	return true;
}

static void find_parts(struct span bytes, struct directory_parts *parts)
{
	struct reader r = reader_le(bytes);
	struct record record;
	rd_skip(&r, DIRECTORY_MAGIC_SIZE);
	while (rd_left(&r) > 0 && read_record(&r, &record))
		if (record.kind == ENTRY_FILE)
			directory_parts_note(parts, record.entry.path, record.content);
	directory_parts_settle(parts);
}

/* A file; behind the last part of a split archive the whole of that. */
static bool show(struct record *record, const struct directory_parts *parts, struct volume *v)
{
	bool is_file = record->kind == ENTRY_FILE;
	const struct directory_part *part = is_file ? directory_part_of(parts, record->entry.path) : NULL;
	if (part && part->content.p == record->content.p)
		record->entry.format = "zip_joined_part";
	volume_child(v, &record->entry);
	if (part && part->set > 1 && part->content.p == record->content.p && !v->stopped)
		directory_parts_show(parts, part, v);
	return !v->stopped;
}

static struct error directory_walk(struct span bytes, struct walk *w)
{
	struct volume v;
	struct directory_parts parts = { .arena = w->arena };
	if (!volume_init(&v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for a path");
	find_parts(bytes, &parts);
	struct reader r = reader_le(bytes);
	rd_skip(&r, DIRECTORY_MAGIC_SIZE);
	while (rd_left(&r) > 0) {
		uint64_t at = r.at;
		struct record record;
		if (!read_record(&r, &record))
			return error_at(ERR_TRUNCATED, at, "a record is cut off");
		if (record.kind == DIRECTORY_UNREAD || record.kind == DIRECTORY_UNREAD_FILE)
			emit_unread(w, &record.entry);
		if (record.kind == DIRECTORY_UNREAD)
			continue;
		if (!complete(&record))
			return error_at(ERR_CORRUPT, at, "a record of kind %u", record.kind);
		if (!show(&record, &parts, &v))
			break;
	}
	return v.error;
}

const struct format directory_format = {
	.name = "directory",
	.kind = FORMAT_FILESYSTEM,
	.title = "folder of this machine that is assessed in place of an image",
	.spec = "src/format/directory.h",
	.probe = directory_probe,
	.walk = directory_walk,
};
