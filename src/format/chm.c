/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microsoft's compiled HTML help. A directory in chunks names files in two sections: one that is stored, and one that is packed by LZX as
 * a whole, in pieces that can be unpacked by themselves.
 *
 * Specification: "Unofficial (Preliminary) HTML Help Specification" of Pabs' chmspec, "ITSF"; Microsoft published none.
 */
#include "format/chm.h"

#include "format/path.h"
#include "format/rest.h"
#include "format/unpacked.h"

/* Bytes that the packed section may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define HEADER_V2 0x58u
#define HEADER_V3 0x60u
#define SIZES 0x18u /* header section 0, which has the size of the file */
#define DIRECTORY_HEADER 0x54u
#define CHUNK_HEADER 0x14u
#define CHUNK_MIN 64u
#define CHUNK_MAX (1u << 20)
#define SIZE_MAX_FILE ((uint64_t)1 << 40)
#define OWN_MAX 4096u /* files of the format itself that are not read: they are short */

/* {7C01FD10-7BAA-11D0-9E0C-00A0C922E6EC} */
static const uint8_t guid[16] = { 0x10, 0xfd, 0x01, 0x7c, 0xaa, 0x7b, 0xd0, 0x11, 0x9e, 0x0c, 0x00, 0xa0, 0xc9, 0x22, 0xe6, 0xec };

struct header {
	uint32_t version, length, language;
	uint64_t sizes_at, directory_at, directory_size, content_at;
	uint64_t size; /* of the file, as far as that is told */
};

static bool header_read(struct span bytes, struct header *h)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 4);
	h->version = rd_u32(&r);
	h->length = rd_u32(&r);
	rd_skip(&r, 8); /* not known, and a time */
	h->language = rd_u32(&r);
	rd_skip(&r, 32);
	h->sizes_at = rd_u64(&r);
	uint64_t sizes_size = rd_u64(&r);
	h->directory_at = rd_u64(&r);
	h->directory_size = rd_u64(&r);
	h->content_at = h->directory_at + h->directory_size;
	if (h->version == 3)
		h->content_at = rd_u64(&r);
	if (!rd_ok(&r) || !span_starts(bytes, "ITSF", 4) || !span_has(bytes, 24, guid, sizeof guid) ||
		h->length != (h->version == 3 ? HEADER_V3 : HEADER_V2) || (h->version != 2 && h->version != 3))
		return false;
	if (h->directory_at >= SIZE_MAX_FILE || h->directory_size >= SIZE_MAX_FILE || h->content_at >= SIZE_MAX_FILE ||
		h->sizes_at >= SIZE_MAX_FILE || sizes_size < SIZES)
		return false;
	uint64_t directory_end = h->directory_at + h->directory_size;
	struct reader told = reader_le(span_sub(bytes, h->sizes_at + 8, 8));
	h->size = rd_u64(&told);
	if (!rd_ok(&told) || h->size < directory_end || h->size >= SIZE_MAX_FILE)
		h->size = directory_end > h->content_at ? directory_end : h->content_at;
	return true;
}

/* ---- directory ---- */

struct file {
	struct text name;
	uint64_t at, section, offset, size; /* at: of its entry */
};

struct directory {
	struct span bytes;
	uint64_t at; /* of the first chunk */
	uint32_t chunk_size, chunks;
	/* Where the reading is. */
	uint32_t chunk;
	struct reader r;
	bool inside;
	unsigned told, found; /* entries of the chunk: as many as its end says, and those read */
	unsigned damages;
	struct sink *sink; /* NULL: the damage was told */
};

static bool directory_open(struct span bytes, const struct header *h, struct directory *d)
{
	struct reader r = reader_le(span_from(bytes, h->directory_at));
	struct span s = r.bytes;
	rd_skip(&r, 8);
	uint32_t length = rd_u32(&r);
	rd_skip(&r, 4);
	*d = (struct directory){ .bytes = bytes, .chunk_size = rd_u32(&r) };
	rd_seek(&r, 0x2c);
	d->chunks = rd_u32(&r);
	d->at = h->directory_at + length;
	return rd_ok(&r) && span_starts(s, "ITSP", 4) && length >= DIRECTORY_HEADER && d->chunk_size >= CHUNK_MIN && d->chunk_size <= CHUNK_MAX;
}

/* ENCINT: seven bits a byte, the high ones first. */
static uint64_t number(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 9; i++) {
		uint8_t byte = rd_u8(r);
		v = v << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return v;
	}
	r->failed = true;
	return 0;
}

static bool file_read(struct directory *d, struct file *f)
{
	f->at = d->at + (uint64_t)d->chunk * d->chunk_size + d->r.at;
	uint64_t n = number(&d->r);
	f->name = text_from_span(rd_bytes(&d->r, n));
	f->section = number(&d->r);
	f->offset = number(&d->r);
	f->size = number(&d->r);
	return rd_ok(&d->r);
}

/* Goes to the entries of the chunk, when it is one of the directory and not of its index. */
static bool chunk_open(struct directory *d)
{
	uint64_t at = d->at + (uint64_t)d->chunk * d->chunk_size;
	struct span s = span_clip(d->bytes, at, d->chunk_size);
	if (s.n < d->chunk_size && d->sink)
		emit_damage_capped(d->sink, &d->damages, ERR_TRUNCATED, at, "chunk %u of the directory is not all there", d->chunk);
	if (!span_starts(s, "PMGL", 4)) {
		if (!span_starts(s, "PMGI", 4) && s.n == d->chunk_size && d->sink)
			emit_damage_capped(d->sink, &d->damages, ERR_CORRUPT, at, "chunk %u of the directory is none", d->chunk);
		return false;
	}
	d->told = span_u16le(s, d->chunk_size - 2);
	d->found = 0;
	uint32_t behind = span_u32le(s, 4); /* the entries */
	size_t end = behind <= d->chunk_size - CHUNK_HEADER ? d->chunk_size - behind : d->chunk_size;
	d->r = reader_le(span_clip(s, 0, end));
	rd_skip(&d->r, CHUNK_HEADER);
	return rd_ok(&d->r);
}

static void tell_count(struct directory *d)
{
	if (d->sink && d->found != d->told && !d->r.failed)
		emit_damage_capped(d->sink, &d->damages, ERR_CORRUPT, d->at + (uint64_t)d->chunk * d->chunk_size,
						   "chunk %u of the directory has %u entries, where its end says %u", d->chunk, d->found, d->told);
}

static bool at_end(struct directory *d)
{
	bool cut = d->chunk < d->chunks && d->at + (uint64_t)d->chunk * d->chunk_size >= d->bytes.n;
	if (cut && d->sink)
		emit_damage_at(d->sink, ERR_TRUNCATED, d->bytes.n, "of %u chunks of the directory %u are there", d->chunks, d->chunk);
	return cut || d->chunk >= d->chunks;
}

/* The next entry of all chunks. What can not be read of one costs what is left of it. */
static bool file_next(struct directory *d, struct file *f)
{
	for (;; d->inside = false, d->chunk++) {
		if (!d->inside && at_end(d))
			return false;
		if (!d->inside && !chunk_open(d))
			continue;
		d->inside = true;
		if (!rd_left(&d->r)) {
			tell_count(d);
			continue;
		}
		d->found++;
		if (file_read(d, f))
			return true;
		if (d->sink)
			emit_damage_capped(d->sink, &d->damages, ERR_CORRUPT, f->at,
							   "an entry of the directory can not be read, nor what follows it in its chunk");
	}
}

/* ---- files ---- */

struct chm {
	struct walk *w;
	struct span bytes;
	struct header h;
	struct chm_packed packed;
	struct rest rest, rest_packed;
	struct path_buffer path;
	uint64_t claimed; /* by the files, which may overlap */
	unsigned number;
};

#define STORAGE "::DataSpace/Storage/MSCompressed/"
#define TRANSFORM STORAGE "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/"

static struct span stored_bytes(const struct chm *c, const struct file *f)
{
	return f->offset < SIZE_MAX_FILE ? span_clip(c->bytes, c->h.content_at + f->offset, f->size) : SPAN_NONE;
}

/* The first one of that name; a further one is a file like others. */
static bool take_first(struct span *own, struct span s)
{
	if (!own->p)
		*own = s;
	return own->p == s.p && own->n == s.n;
}

/* Files of the format itself. */
static bool take_own(struct chm *c, const struct file *f)
{
	bool own = false;
	if (f->section != 0 || !text_starts(f->name, "::DataSpace/"))
		return false;
	struct span s = stored_bytes(c, f);
	if (text_is(f->name, STORAGE "Content"))
		own = take_first(&c->packed.content, s);
	else if (text_is(f->name, STORAGE "ControlData"))
		own = take_first(&c->packed.control, s);
	else if (text_is(f->name, TRANSFORM "ResetTable"))
		own = take_first(&c->packed.table, s);
	else if (text_ends(f->name, "/"))
		own = !f->size;
	else if (text_is(f->name, "::DataSpace/NameList") || text_is(f->name, STORAGE "SpanInfo") || text_is(f->name, STORAGE "Transform/List"))
		own = f->size <= OWN_MAX;
	if (own)
		rest_take(&c->rest, c->h.content_at + f->offset, s.n);
	return own;
}

static struct error piece_error(const struct chm_packed *p, size_t i)
{
	enum error_code code = p->pieces[i].code;
	unsigned long long at = i * p->piece_size + p->pieces[i].good;
	return error_at(code, OFFSET_NONE, code == ERR_BUDGET ? "the section unpacks to more than %llu bytes" : "LZX data is damaged at %llu", at);
}

static void take_packed(struct chm *c, const struct file *f, struct unpacked *u)
{
	struct chm_packed *p = &c->packed;
	u->bytes = span_clip(p->out, f->offset, f->size);
	u->error = error_none();
	rest_take(&c->rest_packed, f->offset, u->bytes.n);
	if (error_is(&p->error))
		u->error = p->error;
	else if (u->bytes.n < f->size)
		u->error = f->offset > p->size || f->size > p->size - f->offset
					   ? error_at(ERR_TRUNCATED, f->at, "the section ends before the file does")
					   : error_at(ERR_BUDGET, f->at, "the section unpacks to more than %zu bytes", p->out.n);
	size_t i = u->bytes.n && p->broken < p->pieces_n ? (size_t)(f->offset / p->piece_size) : p->pieces_n;
	for (i = i < p->broken ? p->broken : i; i < p->pieces_n && i * p->piece_size < f->offset + u->bytes.n; i++) {
		uint64_t good = i * p->piece_size + p->pieces[i].good;
		if (!p->pieces[i].code || good >= f->offset + u->bytes.n)
			continue;
		u->bytes = span_clip(u->bytes, 0, good > f->offset ? good - f->offset : 0);
		u->error = piece_error(p, i);
		return;
	}
}

static void take_stored(struct chm *c, const struct file *f, struct entry *e, struct unpacked *u)
{
	u->bytes = stored_bytes(c, f);
	u->error = u->bytes.n == f->size ? error_none() : error_at(ERR_TRUNCATED, f->at, "%zu of %llu bytes are there", u->bytes.n,
															   (unsigned long long)f->size);
	if (u->bytes.n)
		e->offset = c->h.content_at + f->offset;
	rest_take(&c->rest, e->offset, u->bytes.n);
}

static struct text path_of(struct chm *c, const struct file *f, bool directory)
{
	struct text path = path_from_root(&c->path, f->name);
	if (directory || !path.p || !text_is(path, "/"))
		return path;
	return path_of_nameless(&c->path, c->number, ERR_CORRUPT, f->at, c->w->sink);
}

/* False when the walk is to stop. */
static bool emit_file(struct chm *c, const struct file *f, struct error *error)
{
	bool directory = text_ends(f->name, "/") && !f->size;
	struct entry e = entry_new(directory ? ENTRY_DIRECTORY : ENTRY_FILE, path_of(c, f, directory));
	struct unpacked *u = directory ? NULL : ARENA_NEW(c->w->arena, struct unpacked);
	if (!e.path.p || (!u && !directory)) {
		*error = error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the entries");
		return false;
	}
	if (directory)
		return entry_is_root(&e) || c->w->child(c->w, &e);
	e.size = f->size;
	*u = (struct unpacked){ .bytes = SPAN_NONE };
	if (f->size && f->section == 0)
		take_stored(c, f, &e, u);
	else if (f->size && f->section == 1)
		take_packed(c, f, u);
	else if (f->size)
		u->error = error_at(ERR_UNSUPPORTED, f->at, "section %llu is not read", (unsigned long long)f->section);
	if (!u->bytes.p)
		u->bytes = span_of((const uint8_t *)"", 0);
	c->claimed += u->bytes.n;
	if (c->claimed > 2 * ((uint64_t)c->bytes.n + c->packed.out.n)) {
		*error = error_at(ERR_BUDGET, f->at, "the files overlap: together they claim more than there is");
		return false;
	}
	unpacked_content(&e, u);
	return c->w->child(c->w, &e);
}

static void tell_pieces(const struct chm_packed *p, struct sink *sink)
{
	unsigned broken = 0;
	for (size_t i = p->broken; i < p->pieces_n; i++)
		broken += p->pieces[i].code != ERR_NONE;
	unsigned long long first = p->broken * p->piece_size;
	if (broken)
		emit_damage_at(sink, p->pieces[p->broken].code, OFFSET_NONE, "%u of %zu pieces of the packed section are damaged, the first one at %llu",
					   broken, p->pieces_n, first);
}

/* Two times through the directory: what tells how the section is packed stands between the files. */
static bool unpack(struct chm *c, const struct directory *directory)
{
	struct directory d = *directory;
	struct file f;
	d.sink = c->w->sink;
	while (file_next(&d, &f))
		(void)take_own(c, &f);
	emit_damage_further(c->w->sink, d.damages);
	c->packed.limit = c->w->room && c->w->room < UNPACKED_MAX ? c->w->room : UNPACKED_MAX;
	if (!c->packed.content.p)
		return true;
	if (!chm_unpack(&c->packed, c->w->arena, c->w->meter))
		return false;
	c->w->held = c->packed.out.n;
	tell_pieces(&c->packed, c->w->sink);
	if (error_is(&c->packed.error))
		emit_error(c->w->sink, &c->packed.error);
	return true;
}

static struct error emit_files(struct chm *c, struct directory d)
{
	struct file f;
	struct error error = error_none();
	while (file_next(&d, &f)) {
		c->number++;
		if (!take_own(c, &f) && !emit_file(c, &f, &error))
			return error;
	}
	if (c->packed.out.n)
		rest_emit(&c->rest_packed, c->packed.out, c->w);
	rest_take(&c->rest, 0, c->h.length);
	rest_take(&c->rest, c->h.sizes_at, SIZES);
	rest_take(&c->rest, c->h.directory_at, d.at - c->h.directory_at + (uint64_t)d.chunks * d.chunk_size);
	rest_emit(&c->rest, c->bytes, c->w);
	return error;
}

static struct error chm_walk(struct span bytes, struct walk *w)
{
	struct chm c = { .w = w, .path = { .arena = w->arena }, .rest = { .arena = w->arena },
					 .rest_packed = { .arena = w->arena, .prefix = "packed-" } };
	struct directory d;
	if (!header_read(bytes, &c.h))
		return error_at(ERR_CORRUPT, 0, "no header of compiled HTML help");
	c.bytes = span_clip(bytes, 0, c.h.size);
	if (!directory_open(c.bytes, &c.h, &d))
		return error_at(c.h.directory_at + DIRECTORY_HEADER > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, c.h.directory_at, "no directory");
	emit_header_field(w->sink, 20, "language", "0x%04x", c.h.language);
	if (!unpack(&c, &d))
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the packed section");
	return emit_files(&c, d);
}

static bool chm_probe(struct span at, struct format_match *match)
{
	struct header h;
	if (!header_read(at, &h))
		return false;
	match->size = h.size;
	match->confidence = 90;
	return true;
}

static const struct format_magic magics[] = { MAGIC("ITSF\3\0\0\0", 0), MAGIC("ITSF\2\0\0\0", 0), MAGIC_END };

const struct format chm_format = {
	.name = "chm",
	.kind = FORMAT_ARCHIVE,
	.title = "Microsoft compiled HTML help",
	.spec = "chmspec: ITSF",
	.magics = magics,
	.probe = chm_probe,
	.walk = chm_walk,
};
