/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PFS, the file system of DrayTek's routers: a head of 16 bytes whose last two are the number of files; of each its name (32 bytes, or
 * 28 in some, with backslashes), a number, its place behind this table, and its size; then the files. Each may be packed by itself, with LZ4 under
 * DrayTek's magic, or with LZO1X, which nothing tells but its name and that it can be unpacked.
 *
 * Specification: krolinventions/draytools (class fs); infobyte/draytek-arsenal fs.py; binwalk 2, plugins/unpfs.py.
 */
#include "base/codec.h"
#include "format/draytek.h"
#include "format/parts.h"

#define HEAD 16u
#define NUMBERS 12u /* behind the name */
#define RATIO_MOST 64u
#define FILES_MAX 16384u

struct pfs_file {
	struct text name;
	uint64_t at;
	uint32_t size;
};

struct pfs {
	struct span bytes;
	unsigned count, entry;
};

static struct pfs_file file_at(const struct pfs *p, unsigned i)
{
	struct span entry = span_sub(p->bytes, HEAD + (uint64_t)i * p->entry, p->entry);
	uint64_t numbers = p->entry - NUMBERS;
	return (struct pfs_file){
		.name = text_until_nul(span_clip(entry, 0, numbers)),
		.at = HEAD + (uint64_t)p->count * p->entry + span_u32le(entry, numbers + 4),
		.size = span_u32le(entry, numbers + 8),
	};
}

/* A name, and nothing behind it. */
static bool is_name(struct span field)
{
	size_t n = 0;
	while (n < field.n && field.p[n] > 0x20 && field.p[n] < 0x7f)
		n++;
	return n && n < field.n && span_is_zero(span_from(field, n));
}

/* The table of entries of that length: names, and files one behind another. *end is where the last one ends. */
static bool table_holds(const struct pfs *p, uint64_t *end)
{
	uint64_t first = HEAD + (uint64_t)p->count * p->entry;
	*end = first;
	for (unsigned i = 0; i < p->count; i++) {
		struct pfs_file f = file_at(p, i);
		if (!is_name(span_sub(p->bytes, HEAD + (uint64_t)i * p->entry, p->entry - NUMBERS)) || f.at < *end || f.at - *end > 64)
			return false;
		*end = f.at + f.size;
	}
	return true;
}

static bool pfs_read(struct span bytes, struct pfs *p, uint64_t *end)
{
	static const unsigned entries[] = { 44, 40 };
	*p = (struct pfs){ .bytes = bytes, .count = span_u16le(bytes, 14) };
	if (!span_starts(bytes, "PFS/", 4) || !span_has(bytes, 7, "", 1) || !p->count || p->count > FILES_MAX)
		return false;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		p->entry = entries[i];
		if (HEAD + (uint64_t)p->count * p->entry <= bytes.n && table_holds(p, end))
			return true;
	}
	return false;
}

static bool pfs_probe(struct span at, struct format_match *match)
{
	struct pfs p;
	match->confidence = 85;
	return pfs_read(at, &p, &match->size);
}

/* draytools' list of what is never packed. */
static bool is_plain_name(struct text name)
{
	static const char *const plain[] = { ".gif", ".jpg", ".cgi", ".cab", ".txt", ".jar" };
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (text_ends(name, plain[i]))
			return true;
	return false;
}

/* The mark that ends a stream of LZO1X: a match of the fourth kind, with the distance 16384 (lzo, doc/LZO.TXT; Linux lib/lzo). */
static bool ends_as_lzo(struct span s)
{
	return s.n > 3 && span_has(s, s.n - 3, "\x11\0", 3);
}

static struct error unpack(const void *fs, const void *file, struct buf *out)
{
	const struct span *packed = file;
	(void)fs;
	size_t used, before = out->n;
	if (span_starts(*packed, DRAYTEK_LZ4_MAGIC, 4))
		return draytek_lz4_unpack(*packed, out, &used);
	struct error e = draytek_lzo_unpack(*packed, packed->n * RATIO_MOST, out);
	if (!error_is(&e) || e.code == ERR_BUDGET || e.code == ERR_MEMORY)
		return e;
	if (ends_as_lzo(*packed)) /* it is damaged: what came out of it stays */
		return e;
	out->n = before; /* it was not packed */
	enum error_code code = buf_add(out, packed->p, packed->n);
	return code ? error_at(code, 0, "a file") : error_none();
}

static bool emit_file(struct parts *p, const struct pfs_file *f)
{
	static const struct content_ops ops = { .unpack = unpack };
	struct span data = span_clip(p->bytes, f->at, f->size);
	char *path = ARENA_ARRAY(p->w->arena, char, f->name.n + 1);
	struct span *packed = ARENA_NEW(p->w->arena, struct span);
	if (!path || !packed || !parts_claim(p, f->at, data.n))
		return false;
	path[0] = '/';
	for (size_t i = 0; i < f->name.n; i++)
		path[i + 1] = f->name.p[i] == '\\' ? '/' : f->name.p[i];
	*packed = data;
	struct entry e = entry_new(ENTRY_FILE, text_of(path, f->name.n + 1));
	e.offset = f->at;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = packed };
	if (data.n < f->size)
		emit_damage_at(p->w->sink, ERR_TRUNCATED, f->at, "%.*s has %u bytes, %zu are there", (int)f->name.n, f->name.p, f->size, data.n);
	if (is_plain_name(f->name) || data.n < 4) {
		e.size = f->size;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
	}
	return p->w->child(p->w, &e);
}

static struct error pfs_walk(struct span bytes, struct walk *w)
{
	struct parts parts = { .bytes = bytes, .w = w };
	struct pfs p;
	uint64_t end;
	if (!pfs_read(bytes, &p, &end))
		return error_at(ERR_CORRUPT, 0, "no table of files of PFS");
	for (unsigned i = 0; i < p.count; i++) {
		struct pfs_file f = file_at(&p, i);
		if (!emit_file(&parts, &f))
			break;
	}
	return error_none();
}

static const struct format_magic pfs_magics[] = { MAGIC("PFS/0.9\0", 0), MAGIC("PFS/1.0\0", 0), MAGIC_END };

const struct format draytek_pfs_format = {
	.name = "draytek_pfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "PFS, the file system of DrayTek's routers",
	.spec = "krolinventions/draytools; binwalk 2, plugins/unpfs.py",
	.magics = pfs_magics,
	.probe = pfs_probe,
	.walk = pfs_walk,
};
