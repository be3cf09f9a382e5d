/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file system in Moxa's FRM images: a table of names, lengths and places.
 *
 * Specification: unblob handlers/archive/moxa/frm.py.
 */
#include "format/path.h"
#include "format/wrapper.h"

#define TIME_AT 36u
#define TABLE_FIELDS_AT 48u
#define NAME_SIZE 48u
#define LENGTHS_AT 56u
#define HEADER_SIZE 80u

struct moxa_fs {
	uint32_t table_at;
	uint16_t entry_size, count;
};

static bool moxa_fs_read(struct span bytes, struct moxa_fs *f)
{
	f->table_at = span_u32le(bytes, TABLE_FIELDS_AT);
	f->entry_size = span_u16le(bytes, TABLE_FIELDS_AT + 8);
	f->count = span_u16le(bytes, TABLE_FIELDS_AT + 10);
	if (!f->count)
		f->count = span_u16le(bytes, TABLE_FIELDS_AT + 18);
	return span_sub(bytes, 0, HEADER_SIZE).p && f->table_at >= HEADER_SIZE && f->entry_size >= LENGTHS_AT + 8 &&
		   f->count && wrapper_is_text(span_sub(bytes, 0, 32));
}

/* Only asked where an image promises it. */
static bool moxa_fs_probe(struct span at, struct format_match *match)
{
	struct moxa_fs f;
	match->size = at.n;
	match->confidence = 60;
	return moxa_fs_read(at, &f);
}

static struct error moxa_fs_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct moxa_fs f;
	if (!moxa_fs_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no header of Moxa's file system");
	wrapper_field(w, 0, "device_name", span_sub(bytes, 0, 32));
	emit_header_field(w->sink, TIME_AT, "timestamp", "%u", span_u32le(bytes, TIME_AT));
	for (unsigned i = 0; i < f.count; i++) {
		struct span item = span_sub(bytes, f.table_at + (uint64_t)f.entry_size * i, f.entry_size);
		if (!item.p)
			return error_at(ERR_TRUNCATED, bytes.n, "the table of files breaks off");
		struct text name = wrapper_text(span_sub(item, 0, NAME_SIZE));
		struct text path = path_from_root(&buffer, name);
		if (!path.p)
			return error_at(ERR_BUDGET, 0, "no memory for a path");
		if (!name.n || text_is(path, "/"))
			continue;
		struct entry e = entry_new(ENTRY_FILE, path);
		e.size = span_u32le(item, LENGTHS_AT);
		e.offset = span_u32le(item, LENGTHS_AT + 4);
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, e.offset, e.size) };
		if (e.content.bytes.n < e.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, e.offset, "a file has %llu bytes, %zu are there",
						   (unsigned long long)e.size, e.content.bytes.n);
		if (!w->child(w, &e))
			break;
	}
	return error_none();
}

const struct format moxa_fs_format = {
	.name = "moxa_fs",
	.kind = FORMAT_ARCHIVE,
	.title = "File system of a Moxa FRM image",
	.spec = "unblob handlers/archive/moxa/frm.py",
	.probe = moxa_fs_probe,
	.walk = moxa_fs_walk,
};
