/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files in a MikroTik NPK package, once decompressed: a header, a name and the contents for each.
 *
 * Specification: OpenWrt firmware-utils src/npk_pack_kernel.c, struct zlib_obj_header.
 */
#include "format/path.h"

#define NAME_MAX_SIZE 4096u

#define TYPE_MASK 0170000u
#define TYPE_FILE 0100000u
#define TYPE_DIRECTORY 0040000u
#define TYPE_LINK 0120000u

struct item {
	uint16_t mode;
	uint32_t mtime, size;
	struct span name;
	uint64_t data_at;
};

static bool item_read(struct span bytes, uint64_t at, struct item *i)
{
	struct reader r = reader_le(span_from(bytes, at));
	i->mode = rd_u16(&r);
	uint64_t zeros = rd_uint(&r, 6);
	i->mtime = rd_u32(&r);
	rd_skip(&r, 8);
	zeros |= rd_u32(&r);
	i->size = rd_u32(&r);
	uint16_t n = rd_u16(&r);
	i->name = rd_bytes(&r, n);
	i->data_at = at + r.at;
	unsigned type = i->mode & TYPE_MASK;
	return rd_ok(&r) && zeros == 0 && n > 0 && n <= NAME_MAX_SIZE &&
		   (type == TYPE_FILE || type == TYPE_DIRECTORY || type == TYPE_LINK);
}

/* Only asked where a package promises it. */
static bool npk_files_probe(struct span at, struct format_match *match)
{
	struct item i;
	match->size = at.n;
	match->confidence = 60;
	return item_read(at, 0, &i);
}

static struct error npk_files_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	struct item i;
	uint64_t at = 0;
	while (at < bytes.n && item_read(bytes, at, &i)) {
		struct text path = path_from_root(&buffer, text_from_span(i.name));
		unsigned type = i.mode & TYPE_MASK;
		if (!path.p)
			return error_at(ERR_BUDGET, at, "no memory for a path");
		struct entry e = entry_new(type == TYPE_DIRECTORY ? ENTRY_DIRECTORY
								   : type == TYPE_LINK    ? ENTRY_SYMLINK
														  : ENTRY_FILE,
								   path);
		struct span data = span_clip(bytes, i.data_at, i.size);
		if (data.n < i.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, i.data_at, "a file has %u bytes, %zu are there", i.size, data.n);
		e.mode = i.mode & 07777;
		e.mtime = i.mtime;
		if (type == TYPE_FILE) {
			e.offset = i.data_at;
			e.size = i.size;
			e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		} else if (type == TYPE_LINK) {
			e.link_target = text_from_span(data);
		}
		if (!entry_is_root(&e) && !w->child(w, &e))
			return error_none();
		at = i.data_at + i.size;
	}
	return at < bytes.n ? error_at(ERR_CORRUPT, at, "no file's header stands here") : error_none();
}

const struct format npk_files_format = {
	.name = "npk_files",
	.kind = FORMAT_ARCHIVE,
	.title = "Files of a MikroTik NPK package",
	.spec = "OpenWrt firmware-utils src/npk_pack_kernel.c",
	.probe = npk_files_probe,
	.walk = npk_files_walk,
};
