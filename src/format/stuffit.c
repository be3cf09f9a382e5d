/* SPDX-License-Identifier: GPL-3.0-or-later */
/* StuffIt archives of Macintosh, classic (SIT!) and 5: files with a data fork and a resource fork, each packed by itself. Read are forks
 * that are stored, or packed as runs, with LZW or with Huffman codes.
 *
 * Facts: XADMaster, XADStuffItParser.m, XADStuffIt5Parser.m.
 */
#include "base/hash.h"
#include "format/arc_decode.h"
#include "format/format.h"
#include "format/lzw.h"
#include "format/msb_bits.h"
#include "format/path.h"

#define CRC_POLYNOMIAL 0xa001u
#define MAC_EPOCH 2082844800 /* seconds from 1904 to 1970 */
#define ENTRIES_MAX 100000u
#define DEPTH_MAX 64u
#define PATH_MAX_BYTES 4096u

#define HEADER 22u
#define ENTRY 112u
#define FOLDER_BEGIN 32u
#define FOLDER_END 33u
#define METHOD_ENCRYPTED 16u
#define METHOD_BITS 15u

#define HEADER_5 100u
#define TEXT_5 "StuffIt (c)1997-"
#define TEXT_5_REST " Aladdin Systems, Inc., http://www.aladdinsys.com/StuffIt/\r\n"
#define ENTRY_5 48u
#define ENTRY_5_MARK "\xa5\xa5\xa5\xa5"
#define FLAG_5_FOLDER 0x40u
#define FLAG_5_ENCRYPTED 0x20u

enum { STORED, RUNS, LZW, HUFFMAN, ARSENIC = 15 };

struct fork {
	uint64_t at;
	uint32_t size, packed;
	uint16_t crc;
	unsigned method;
	bool encrypted;
};

struct packed {
	struct span bytes;
	struct fork fork;
};

struct sit {
	struct span bytes;
	struct walk *w;
	struct path_buffer buffer;
};

/* A tree of codes, written depth first: 1 and a letter, or 0 and what a 0 and a 1 lead to. */
struct tree {
	uint16_t next[512][2]; /* a node, or a letter and LEAF */
	unsigned n;
};
#define LEAF 0x8000u
#define NODES_MAX 255u
#define TREE_DEPTH 256u

static bool read_tree(struct msb_bits *b, struct tree *t)
{
	uint16_t open[TREE_DEPTH], root, *at = &root; /* nodes whose second branch is still to be read */
	unsigned depth = 0;
	for (;;) {
		bool leaf = msb_take(b, 1);
		uint16_t here = (uint16_t)(leaf ? LEAF | msb_take(b, 8) : t->n);
		if (b->past || (!leaf && (t->n == NODES_MAX || depth == TREE_DEPTH)))
			return false;
		*at = here;
		if (!leaf) {
			open[depth++] = (uint16_t)t->n;
			at = &t->next[t->n++][0];
			continue;
		}
		if (!depth)
			return true;
		at = &t->next[open[--depth]][1];
	}
}

static enum error_code unpack_huffman(struct span in, uint32_t size, struct buf *out)
{
	struct msb_bits b = { .in = in };
	struct tree t = { .n = 0 };
	if (size && !read_tree(&b, &t))
		return b.past ? ERR_TRUNCATED : ERR_CORRUPT;
	if (size && (!t.n || size / 8 > in.n)) /* a letter takes a bit; a tree of one letter has none */
		return t.n ? ERR_TRUNCATED : ERR_UNSUPPORTED;
	enum error_code code = buf_reserve(out, size);
	for (; !code && size; size--) {
		uint16_t node = 0;
		while (!(node & LEAF) && !b.past)
			node = t.next[node][msb_take(&b, 1)];
		if (b.past)
			return ERR_TRUNCATED;
		out->p[out->n++] = (uint8_t)node;
	}
	return code;
}

static enum error_code unpack_lzw(struct span in, uint32_t size, struct buf *out)
{
	struct lzw z = { .bytes = in, .bits = LZW_BITS_MIN, .max_bits = 14, .next = LZW_CLEAR + 1, .first = LZW_CLEAR + 1, .blocks = true };
	size_t before = out->n;
	z.eights = true;
	struct error e = lzw_decode(&z, out);
	if (out->n - before > size) /* by codes of the last bits */
		out->n = before + size;
	return out->n - before == size ? ERR_NONE : error_is(&e) ? e.code : ERR_TRUNCATED;
}

static struct error unpack_fork(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	const struct fork *f = &p->fork;
	size_t before = out->n;
	(void)fs;
	enum error_code code = f->method == RUNS  ? rle90_decode(p->bytes, f->size, out)
						   : f->method == LZW ? unpack_lzw(p->bytes, f->size, out)
											  : unpack_huffman(p->bytes, f->size, out);
	if (code)
		return error_at(code, out->n - before, "a fork does not unpack with method %u", f->method);
	if (hash_crc16(CRC_POLYNOMIAL, 0, span_from(buf_span(out), before)) != f->crc)
		return error_at(ERR_CORRUPT, 0, "a fork has another CRC than its header says");
	return error_none();
}

/* False: stop. */
static bool emit_fork(struct sit *s, struct entry e, const struct fork *f)
{
	static const struct content_ops ops = { .unpack = unpack_fork };
	struct span data = span_clip(s->bytes, f->at, f->packed);
	e.size = f->size;
	e.offset = f->at;
	if (data.n < f->packed)
		emit_damage_at(s->w->sink, ERR_TRUNCATED, f->at, "a fork has %u bytes, %zu are there", f->packed, data.n);
	if (f->encrypted) {
		emit_damage_at(s->w->sink, ERR_ENCRYPTED, f->at, "a fork of %u bytes is enciphered with a password", f->size);
	} else if (f->method == STORED) {
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n == f->packed && (f->packed != f->size || hash_crc16(CRC_POLYNOMIAL, 0, data) != f->crc))
			emit_damage_at(s->w->sink, ERR_CORRUPT, f->at, "a fork has another size or CRC than its header says");
	} else if (f->method <= HUFFMAN) {
		struct packed *p = ARENA_NEW(s->w->arena, struct packed);
		if (!p)
			return false;
		*p = (struct packed){ data, *f };
		e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
	} else {
		emit_damage_at(s->w->sink, ERR_UNSUPPORTED, f->at, "a fork of %u bytes is packed with method %u%s", f->size, f->method,
					   f->method == ARSENIC ? " (Arsenic)" : "");
	}
	return s->w->child(s->w, &e);
}

/* The path of a name in a folder. A name may have a '/', as ':' is what Macintosh has between names. */
static struct text path_in(struct sit *s, struct text folder, struct text name)
{
	if (folder.n + name.n > PATH_MAX_BYTES)
		return TEXT_NONE;
	char *path = ARENA_ARRAY(s->w->arena, char, folder.n + name.n + 2);
	if (!path)
		return TEXT_NONE;
	if (folder.n)
		memcpy(path, folder.p, folder.n);
	path[folder.n] = '/';
	for (size_t i = 0; i < name.n; i++)
		path[folder.n + 1 + i] = name.p[i] == '/' ? ':' : name.p[i];
	return text_of(path, folder.n + 1 + name.n);
}

static int64_t mac_time(uint32_t t)
{
	return t ? (int64_t)t - MAC_EPOCH : FACT_NULL;
}

/* Both forks of a file; that of resources beside it. An empty file has a data fork. */
static bool emit_file(struct sit *s, struct text path, int64_t mtime, const struct fork *resource, const struct fork *data)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE };
	e.mtime = mtime;
	e.path = path_from_root(&s->buffer, path);
	if (!e.path.p || ((data->size || !resource->size) && !emit_fork(s, e, data)))
		return false;
	if (!resource->size)
		return true;
	char *beside = arena_printf(s->w->arena, "%.*s.rsrc", (int)path.n, path.p);
	e.path = beside ? path_from_root(&s->buffer, text_c(beside)) : TEXT_NONE;
	return e.path.p && emit_fork(s, e, resource);
}

static bool emit_folder(struct sit *s, struct text path, int64_t mtime)
{
	struct entry e = { ENTRY_INIT, .kind = ENTRY_DIRECTORY };
	e.mtime = mtime;
	e.path = path_from_root(&s->buffer, path);
	return e.path.p && (entry_is_root(&e) || s->w->child(s->w, &e));
}

static bool entry_is_whole(struct span h)
{
	return h.p && span_u16be(h, 110) == hash_crc16(CRC_POLYNOMIAL, 0, span_sub(h, 0, 110));
}

/* A mark at two places and the CRC of the first entry. */
static bool stuffit_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 6);
	match->size = size;
	match->confidence = 90;
	return span_has(at, 10, "rLau", 4) && span_starts(at, "S", 1) && size >= HEADER &&
		   (size < HEADER + ENTRY ? span_starts(at, "SIT!", 4) : entry_is_whole(span_sub(at, HEADER, ENTRY)));
}

static struct fork fork_read(struct span h, unsigned method_at, unsigned size_at, unsigned packed_at, unsigned crc_at, uint64_t at)
{
	struct fork f = { .at = at, .size = span_u32be(h, size_at), .packed = span_u32be(h, packed_at), .crc = span_u16be(h, crc_at) };
	f.method = h.p[method_at] & METHOD_BITS;
	f.encrypted = h.p[method_at] & METHOD_ENCRYPTED;
	return f;
}

static struct error stuffit_walk(struct span bytes, struct walk *w)
{
	struct sit s = { .bytes = bytes, .w = w, .buffer = { .arena = w->arena } };
	struct text folders[DEPTH_MAX + 1] = { TEXT_LIT("") };
	unsigned depth = 0, n = 0;
	uint64_t at = HEADER, end = span_u32be(bytes, 6);
	for (; at + ENTRY <= end; n++) {
		struct span h = span_sub(bytes, at, ENTRY);
		if (!entry_is_whole(h) || n == ENTRIES_MAX)
			return error_at(!h.p ? ERR_TRUNCATED : n == ENTRIES_MAX ? ERR_BUDGET : ERR_CORRUPT, at, "no entry where one is due");
		struct text name = text_of((const char *)h.p + 3, h.p[2] < 63 ? h.p[2] : 63);
		struct text path = path_in(&s, folders[depth], name);
		int64_t mtime = mac_time(span_u32be(h, 80));
		at += ENTRY;
		if (h.p[0] == FOLDER_END || h.p[1] == FOLDER_END) {
			depth -= depth > 0;
			continue;
		}
		if (!path.p || ((h.p[0] == FOLDER_BEGIN || h.p[1] == FOLDER_BEGIN) && depth == DEPTH_MAX))
			return error_at(ERR_BUDGET, at, "folders are nested too deep, or there is no memory for a name");
		if (h.p[0] == FOLDER_BEGIN || h.p[1] == FOLDER_BEGIN) {
			folders[++depth] = path;
			if (!emit_folder(&s, path, mtime))
				return error_none();
			continue;
		}
		struct fork resource = fork_read(h, 0, 84, 92, 100, at), data = fork_read(h, 1, 88, 96, 102, at + resource.packed);
		if (!emit_file(&s, path, mtime, &resource, &data))
			return error_none();
		at = data.at + data.packed;
	}
	return error_none();
}

static bool stuffit5_probe(struct span at, struct format_match *match)
{
	match->size = span_u32be(at, 84);
	match->confidence = 90;
	return at.n >= HEADER_5 && span_starts(at, TEXT_5, sizeof TEXT_5 - 1) &&
		   span_has(at, sizeof TEXT_5 - 1 + 4, TEXT_5_REST, sizeof TEXT_5_REST - 1) && at.p[82] == 5 && match->size >= HEADER_5;
}

struct entry_5 {
	struct text name;
	uint64_t at, behind; /* behind the header of both blocks */
	uint32_t folder;     /* where the entry of its folder is */
	int64_t mtime;
	unsigned files; /* of a folder */
	bool is_folder, is_end; /* what stands behind a folder and has no meaning */
	struct fork data, resource;
};

static bool crc_holds(struct span h)
{
	uint16_t crc = hash_crc16(CRC_POLYNOMIAL, 0, span_sub(h, 0, 32));
	crc = hash_crc16(CRC_POLYNOMIAL, crc, span_of("\0", 2));
	return hash_crc16(CRC_POLYNOMIAL, crc, span_from(h, 34)) == span_u16be(h, 32);
}

/* The second block: a resource fork, where there is one. */
static bool read_second(struct span bytes, uint64_t at, unsigned version, struct entry_5 *e)
{
	struct reader r = reader_be(span_from(bytes, at));
	bool has_resource = rd_u16(&r) & 1;
	rd_skip(&r, 12 + (version == 1 ? 22 : 18));
	if (has_resource) {
		e->resource.size = rd_u32(&r);
		e->resource.packed = rd_u32(&r);
		e->resource.crc = rd_u16(&r);
		rd_skip(&r, 2);
		e->resource.method = rd_u8(&r) & METHOD_BITS;
		rd_skip(&r, rd_u8(&r));
	}
	e->resource.at = at + r.at;
	e->data.at = e->resource.at + e->resource.packed;
	e->behind = e->is_folder ? e->resource.at : e->data.at + e->data.packed;
	return rd_ok(&r);
}

static bool read_entry_5(struct sit *s, uint64_t at, struct entry_5 *e)
{
	struct reader r = reader_be(span_sub(s->bytes, at, ENTRY_5));
	uint16_t size = span_u16be(s->bytes, at + 6), name_n = span_u16be(s->bytes, at + 30);
	struct span h = span_sub(s->bytes, at, size);
	*e = (struct entry_5){ .at = at };
	if (size < ENTRY_5 || !h.p || !span_starts(h, ENTRY_5_MARK, 4))
		return false;
	if (!crc_holds(h))
		emit_damage_at(s->w->sink, ERR_CORRUPT, at, "the header of an entry has another CRC than it says");
	unsigned version = h.p[4], flags = h.p[9];
	e->is_folder = flags & FLAG_5_FOLDER;
	rd_skip(&r, 14);
	e->mtime = mac_time(rd_u32(&r));
	rd_skip(&r, 8);
	e->folder = rd_u32(&r);
	rd_skip(&r, 4);
	e->data.size = rd_u32(&r);
	e->data.packed = rd_u32(&r);
	e->data.crc = rd_u16(&r);
	e->is_end = e->is_folder && e->data.size == UINT32_MAX;
	e->files = span_u16be(h, 46);
	e->data.method = h.p[46] & METHOD_BITS;
	e->data.encrypted = e->resource.encrypted = !e->is_folder && flags & FLAG_5_ENCRYPTED;
	e->name = text_from_span(span_sub(h, ENTRY_5 + (e->is_folder ? 0u : h.p[47]), name_n));
	if (e->is_end) {
		e->behind = at + ENTRY_5;
		return true;
	}
	return e->name.p && rd_ok(&r) && read_second(s->bytes, at + size, version, e);
}

struct folder_5 {
	uint64_t at;
	struct text path;
};

/* Folders come in the order of their places, and before what is in them. */
static struct text folder_at(const struct folder_5 *v, size_t n, uint32_t at)
{
	size_t from = 0, to = n;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (v[mid].at < at)
			from = mid + 1;
		else
			to = mid;
	}
	return from < n && v[from].at == at ? v[from].path : TEXT_LIT("");
}

static struct error stuffit5_walk(struct span bytes, struct walk *w)
{
	struct sit s = { .bytes = bytes, .w = w, .buffer = { .arena = w->arena } };
	struct folder_5 *folders = ARENA_ARRAY(w->arena, struct folder_5, ENTRIES_MAX);
	uint64_t at = span_u32be(bytes, 94), left = span_u16be(bytes, 92);
	size_t n = 0;
	for (unsigned i = 0; folders && left && i < ENTRIES_MAX; i++) {
		struct entry_5 e;
		if (!read_entry_5(&s, at, &e))
			return error_at(at + ENTRY_5 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no entry where one is due");
		at = e.behind;
		if (e.is_end)
			continue;
		left--;
		struct text path = path_in(&s, folder_at(folders, n, e.folder), e.name);
		if (!path.p)
			return error_at(ERR_BUDGET, e.at, "no memory for a name, or a path that is too long");
		if (e.is_folder) {
			folders[n++] = (struct folder_5){ e.at, path };
			left += e.files;
		}
		if (e.is_folder ? !emit_folder(&s, path, e.mtime) : !emit_file(&s, path, e.mtime, &e.resource, &e.data))
			return error_none();
	}
	return left ? error_at(ERR_BUDGET, at, "more entries than are read, or no memory for them") : error_none();
}

static const struct format_magic stuffit_magics[] = { MAGIC("rLau", 10), MAGIC_END };
static const struct format_magic stuffit5_magics[] = { MAGIC(TEXT_5, 0), MAGIC_END };

const struct format stuffit_format = {
	.name = "stuffit",
	.kind = FORMAT_ARCHIVE,
	.title = "StuffIt archive",
	.spec = "XADMaster, XADStuffItParser.m",
	.magics = stuffit_magics,
	.probe = stuffit_probe,
	.walk = stuffit_walk,
};

const struct format stuffit5_format = {
	.name = "stuffit5",
	.kind = FORMAT_ARCHIVE,
	.title = "StuffIt 5 archive",
	.spec = "XADMaster, XADStuffIt5Parser.m",
	.magics = stuffit5_magics,
	.probe = stuffit5_probe,
	.walk = stuffit5_walk,
};
