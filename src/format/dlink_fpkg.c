/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link FPKG and CPKG: files with short headers, one behind the other, of DFL firewalls.
 *
 * Specification: unblob handlers/archive/dlink/fpkg.py.
 */
#include "format/path.h"
#include "format/wrapper.h"

#define FILE_HEADER 28u
#define FILES_MAX 4096u

struct file {
	uint16_t type;
	uint32_t size;
	struct span name;
};

static bool file_read(struct span bytes, uint64_t at, struct file *f)
{
	struct reader r = reader_be(span_from(bytes, at));
	uint32_t header = rd_u32(&r);
	f->type = rd_u16(&r);
	rd_skip(&r, 2);
	f->size = rd_u32(&r);
	f->name = rd_bytes(&r, FILE_HEADER - 12);
	return rd_ok(&r) && header == FILE_HEADER && f->type >= 0x100 && f->type <= 0x103 && wrapper_is_text(f->name);
}

static bool fpkg_probe(struct span at, struct format_match *match)
{
	uint64_t end = span_u32be(at, 8);
	struct file f;
	unsigned n = 0;
	if ((!span_starts(at, "FPKG\1\0\0\0", 8) && !span_starts(at, "CPKG\1\0\0\0", 8)) || end < 12 || end > 4096)
		return false;
	for (; n < FILES_MAX && file_read(at, end, &f); n++)
		end += (uint64_t)FILE_HEADER + f.size;
	match->size = end;
	match->confidence = 90;
	return n > 0;
}

static struct error fpkg_walk(struct span bytes, struct walk *w)
{
	struct path_buffer buffer = { .arena = w->arena };
	uint64_t at = span_u32be(bytes, 8);
	struct file f;
	if (span_starts(bytes, "FPKG", 4))
		wrapper_field(w, 20, "model", span_clip(bytes, 20, span_u32be(bytes, 16) < 256 ? span_u32be(bytes, 16) : 0));
	for (unsigned i = 0; i < FILES_MAX && file_read(bytes, at, &f); i++) {
		struct text name = wrapper_text(f.name);
		while (name.n && name.p[name.n - 1] == ' ')
			name.n--;
		struct text path = path_from_root(&buffer, name);
		if (!path.p)
			return error_at(ERR_BUDGET, at, "no memory for a path");
		struct entry e = entry_new(ENTRY_FILE, path);
		e.offset = at + FILE_HEADER;
		e.size = f.size;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, e.offset, f.size) };
		if (e.content.bytes.n < f.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, e.offset, "a file has %u bytes, %zu are there", f.size,
						   e.content.bytes.n);
		if (!entry_is_root(&e) && !w->child(w, &e))
			break;
		at = e.offset + f.size;
	}
	return error_none();
}

static const struct format_magic fpkg_magics[] = { MAGIC("FPKG\1\0\0\0", 0), MAGIC("CPKG\1\0\0\0", 0), MAGIC_END };

const struct format dlink_fpkg_format = {
	.name = "dlink_fpkg",
	.kind = FORMAT_ARCHIVE,
	.title = "D-Link FPKG and CPKG archive",
	.spec = "unblob handlers/archive/dlink/fpkg.py",
	.magics = fpkg_magics,
	.probe = fpkg_probe,
	.walk = fpkg_walk,
};
