/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link DEAFBEAD: directories and gzip-compressed files of DSL-500G modems.
 *
 * Specification: unblob handlers/archive/dlink/deafbead.py.
 */
#include "base/codec.h"
#include "format/path.h"
#include "format/wrapper.h"

#define HEADER_SIZE 4u
#define ITEM_DIRECTORY 0x86u
#define ITEM_FILE 0x87u
#define ITEMS_MAX 65536u
#define NAME_LIMIT 1024u

struct item {
	bool directory;
	struct span name;
	uint64_t data_at;
	uint32_t size;
};

/* All of it but the NULs that end it: what stands behind them must not begin another archive. */
static bool name_is_text(struct span name)
{
	while (name.n && name.p[name.n - 1] == 0)
		name.n--;
	return wrapper_is_text(name) && wrapper_text(name).n == name.n;
}

static bool item_read(struct span bytes, uint64_t at, struct item *i)
{
	struct reader r = reader_le(span_from(bytes, at));
	uint8_t kind = rd_u8(&r);
	uint16_t n = rd_u16(&r);
	i->directory = kind == ITEM_DIRECTORY;
	i->name = rd_bytes(&r, n);
	i->size = i->directory ? 0 : rd_u32(&r);
	i->data_at = at + r.at;
	if (!rd_ok(&r) || (kind != ITEM_DIRECTORY && kind != ITEM_FILE) || !n || n > NAME_LIMIT)
		return false;
	return name_is_text(i->name) && (i->directory || span_has(bytes, i->data_at, "\x1f\x8b\x08", 3));
}

static bool deafbead_probe(struct span at, struct format_match *match)
{
	struct item i;
	uint64_t end = HEADER_SIZE;
	bool files = false;
	for (unsigned n = 0; span_starts(at, "\xde\xaf\xbe\xad", 4) && n < ITEMS_MAX && item_read(at, end, &i); n++) {
		end = i.data_at + i.size;
		files |= !i.directory;
	}
	match->size = end;
	match->confidence = 90;
	return files;
}

static struct error unpack_file(const void *fs, const void *file, struct buf *out)
{
	size_t used;
	(void)fs;
	return codec_stream(CODEC_GZIP, *(const struct span *)file, out, &used);
}

static struct error deafbead_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .unpack = unpack_file };
	struct path_buffer buffer = { .arena = w->arena };
	struct item i;
	uint64_t at = HEADER_SIZE;
	for (unsigned n = 0; n < ITEMS_MAX && item_read(bytes, at, &i); n++) {
		struct text path = path_from_root(&buffer, wrapper_text(i.name));
		struct span *data = ARENA_NEW(w->arena, struct span);
		if (!path.p || !data)
			return error_at(ERR_BUDGET, at, "no memory for a file");
		*data = span_clip(bytes, i.data_at, i.size);
		if (data->n < i.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, i.data_at, "a file has %u bytes, %zu are there", i.size, data->n);
		struct entry e = entry_new(i.directory ? ENTRY_DIRECTORY : ENTRY_FILE, path);
		if (!i.directory)
			e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = data };
		if (!entry_is_root(&e) && !w->child(w, &e))
			break;
		at = i.data_at + i.size;
	}
	return error_none();
}

static const struct format_magic deafbead_magics[] = {
	MAGIC("\xde\xaf\xbe\xad\x86", 0),
	MAGIC("\xde\xaf\xbe\xad\x87", 0),
	MAGIC_END,
};

const struct format dlink_deafbead_format = {
	.name = "dlink_deafbead",
	.kind = FORMAT_ARCHIVE,
	.title = "D-Link DEAFBEAD archive",
	.spec = "unblob handlers/archive/dlink/deafbead.py",
	.magics = deafbead_magics,
	.probe = deafbead_probe,
	.walk = deafbead_walk,
};
