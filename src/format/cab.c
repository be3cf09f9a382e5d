/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microsoft's cabinets, with their reserved fields, and those that are one of a set. Files stand behind each other in folders, which
 * are unpacked whole, within a limit, as a folder can be entered only at its beginning.
 *
 * Specification: MS-CAB 2.
 */
#include "format/cab.h"

#include <stdio.h>

#include "base/plural.h"
#include "format/notation.h"
#include "format/path.h"
#include "format/unpacked.h"

/* Bytes that all folders of one cabinet may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define HEADER 36u
#define FOLDER 8u
#define NAME_MAX_BYTES 256u /* of files, and of other cabinets, with the NUL */
#define FLAG_PREVIOUS 1u
#define FLAG_NEXT 2u
#define FLAG_RESERVED 4u
/* Instead of a folder's number. */
#define FROM_PREVIOUS 0xfffdu
#define TO_NEXT 0xfffeu
#define FROM_PREVIOUS_TO_NEXT 0xffffu

struct cab {
	struct walk *w;
	struct cab_blocks blocks;
	uint32_t files_at;
	uint16_t folders_n, files_n, flags, set, number;
	uint64_t folders_at;
	unsigned header_reserved, folder_reserved;
	struct text previous, next; /* names of the cabinets before and behind this one */
	struct cab_folder *folders;
	uint64_t limit, held, claimed; /* claimed: by the files, which may overlap */
	struct rest rest;              /* of the cabinet */
	bool stopped;                  /* no more children are wanted */
	struct path_buffer path;
};

static struct error no_memory(void)
{
	return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the cabinet's entries");
}

/* Up to the NUL, behind which the reader stands then; TEXT_NONE where none is near. */
static struct text read_name(struct reader *r)
{
	struct span s = span_clip(r->bytes, r->at, NAME_MAX_BYTES);
	const uint8_t *end = s.n ? memchr(s.p, 0, s.n) : NULL;
	if (!end)
		return TEXT_NONE;
	size_t n = (size_t)(end - s.p);
	rd_skip(r, n + 1);
	return text_of((const char *)s.p, n);
}

/* CFHEADER, MS-CAB 2.1. */
static bool header_read(struct span bytes, struct cab *c, uint32_t *size)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 4);
	uint32_t reserved1 = rd_u32(&r);
	*size = rd_u32(&r);
	uint32_t reserved2 = rd_u32(&r);
	c->files_at = rd_u32(&r);
	uint32_t reserved3 = rd_u32(&r);
	uint16_t version = rd_u16(&r);
	c->folders_n = rd_u16(&r);
	c->files_n = rd_u16(&r);
	c->flags = rd_u16(&r);
	c->set = rd_u16(&r);
	c->number = rd_u16(&r);
	return rd_ok(&r) && span_starts(bytes, "MSCF", 4) && !reserved1 && !reserved2 && !reserved3 && version == 0x0103 &&
		   c->folders_n && c->files_n && c->flags <= 7 && c->files_at >= HEADER && c->files_at < *size;
}

/* What stands in the header only where the flags say so. */
static void header_rest(struct span bytes, struct cab *c)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, HEADER);
	if (c->flags & FLAG_RESERVED) {
		c->header_reserved = rd_u16(&r);
		c->folder_reserved = rd_u8(&r);
		c->blocks.reserved = rd_u8(&r);
		rd_skip(&r, c->header_reserved);
	}
	if (c->flags & FLAG_PREVIOUS) {
		c->previous = read_name(&r);
		(void)read_name(&r); /* of the disk */
	}
	if (c->flags & FLAG_NEXT) {
		c->next = read_name(&r);
		(void)read_name(&r);
	}
	c->folders_at = r.at;
}

static void tell_set(struct cab *c)
{
	if (!(c->flags & (FLAG_PREVIOUS | FLAG_NEXT)))
		return;
	emit_header_field(c->w->sink, 34, "part", "%u of the set of cabinets 0x%04x", c->number + 1u, c->set);
	if (c->previous.n)
		emit_header_field(c->w->sink, HEADER, "previous", "%.*s", (int)c->previous.n, c->previous.p);
	if (c->next.n)
		emit_header_field(c->w->sink, HEADER, "next", "%.*s", (int)c->next.n, c->next.p);
}

static bool folders_read(struct cab *c)
{
	c->folders = ARENA_ARRAY(c->w->arena, struct cab_folder, c->folders_n);
	if (!c->folders)
		return false;
	for (unsigned i = 0; i < c->folders_n; i++) {
		uint64_t at = c->folders_at + (uint64_t)i * (FOLDER + c->folder_reserved);
		struct span s = span_sub(c->blocks.bytes, at, FOLDER);
		c->folders[i] =
			(struct cab_folder){ .at = span_u32le(s, 0), .blocks = span_u16le(s, 4), .type = span_u16le(s, 6),
								 .rest = { .arena = c->w->arena } };
		if (!s.p)
			c->folders[i].error = error_at(ERR_TRUNCATED, at, "the folder is not there");
	}
	return true;
}

/* ---- files ---- */

struct file {
	uint64_t at;
	uint32_t size, offset; /* in the unpacked folder */
	uint16_t folder, date, time, attributes;
	struct text name;
};

/* CFFILE, MS-CAB 2.3. */
static bool file_read(struct reader *r, struct file *f)
{
	*f = (struct file){ .at = r->at };
	f->size = rd_u32(r);
	f->offset = rd_u32(r);
	f->folder = rd_u16(r);
	f->date = rd_u16(r);
	f->time = rd_u16(r);
	f->attributes = rd_u16(r);
	f->name = read_name(r);
	return rd_ok(r) && f->name.p;
}

static struct reader files_reader(const struct cab *c)
{
	struct reader r = reader_le(c->blocks.bytes);
	rd_skip(&r, c->files_at);
	return r;
}

static struct cab_folder *folder_of(struct cab *c, const struct file *f)
{
	if (f->folder == FROM_PREVIOUS || f->folder == FROM_PREVIOUS_TO_NEXT)
		return &c->folders[0];
	if (f->folder == TO_NEXT)
		return &c->folders[c->folders_n - 1];
	return f->folder < c->folders_n ? &c->folders[f->folder] : NULL;
}

/* Only the files say which folders are not all in this cabinet; but where there is no cabinet before it all of them begin here. */
static void mark_folders(struct cab *c)
{
	struct file f;
	struct reader r = files_reader(c);
	for (unsigned i = 0; i < c->files_n && file_read(&r, &f); i++) {
		if (c->flags & FLAG_PREVIOUS && (f.folder == FROM_PREVIOUS || f.folder == FROM_PREVIOUS_TO_NEXT))
			c->folders[0].begins_before = true;
		if (f.folder == TO_NEXT || f.folder == FROM_PREVIOUS_TO_NEXT)
			c->folders[c->folders_n - 1].goes_on = true;
	}
}

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static bool unpack_folder(struct cab *c, struct cab_folder *f)
{
	struct buf *b = ARENA_NEW(c->w->arena, struct buf);
	if (!b || !arena_defer(c->w->arena, free_held, b))
		return false;
	*b = buf_with_limit((size_t)(c->limit - c->held) + 1);
	b->meter = c->w->meter;
	f->error = cab_unpack(&c->blocks, f, b);
	if (b->n)
		buf_trim(b);
	f->out = buf_span(b);
	c->held += b->n < c->limit - c->held ? b->n : c->limit - c->held;
	return true;
}

static bool unpack_folders(struct cab *c)
{
	int n = (int)c->previous.n;
	for (unsigned i = 0; i < c->folders_n; i++) {
		struct cab_folder *f = &c->folders[i];
		if (f->begins_before)
			f->error = error_at(ERR_TRUNCATED, OFFSET_NONE, "the data begin in another cabinet, \"%.*s\"", n,
								c->previous.p ? c->previous.p : "");
		if (f->blocks && !unpack_folder(c, f))
			return false;
	}
	return true;
}

static bool set_content(struct cab *c, const struct file *f, struct entry *e)
{
	struct cab_folder *folder = folder_of(c, f);
	struct unpacked *u = ARENA_NEW(c->w->arena, struct unpacked);
	if (!u)
		return false;
	e->size = f->size;
	u->bytes = f->size && folder ? span_clip(folder->out, f->offset, f->size) : span_of((const uint8_t *)"", 0);
	c->claimed += u->bytes.n;
	if (folder)
		rest_take(&folder->rest, f->offset, f->size);
	if (u->bytes.n == f->size && (folder || !f->size))
		u->error = error_none();
	else if (!folder)
		u->error = error_at(ERR_CORRUPT, f->at, "there is no folder %u", f->folder);
	else if (folder->goes_on && (!error_is(&folder->error) || folder->error.code == ERR_TRUNCATED))
		u->error = error_at(ERR_TRUNCATED, OFFSET_NONE, "the data go on in another cabinet, \"%.*s\"", (int)c->next.n,
							c->next.p ? c->next.p : "");
	else
		u->error = error_is(&folder->error) ? folder->error
											: error_at(ERR_TRUNCATED, f->at, "the folder ends before the file does");
	unpacked_content(e, u);
	return true;
}

/* Backslashes stand between the parts of names. */
static struct text path_of(struct cab *c, const struct file *f, unsigned number)
{
	char name[NAME_MAX_BYTES];
	size_t n = f->name.n < sizeof name ? f->name.n : sizeof name;
	for (size_t i = 0; i < n; i++)
		name[i] = f->name.p[i] == '\\' ? '/' : f->name.p[i];
	struct text path = path_from_root(&c->path, text_of(name, n));
	if (!path.p || !text_is(path, "/"))
		return path;
	return path_of_nameless(&c->path, number, ERR_CORRUPT, f->at, c->w->sink);
}

static struct error emit_files(struct cab *c)
{
	struct file f;
	struct reader r = files_reader(c);
	for (unsigned i = 0; i < c->files_n; i++) {
		if (!file_read(&r, &f))
			return error_at(ERR_TRUNCATED, f.at, "%u of %u files are not named", c->files_n - i, c->files_n);
		struct entry e = entry_new(ENTRY_FILE, path_of(c, &f, i + 1));
		e.mtime = dos_time(f.date, f.time);
		if (!e.path.p || !set_content(c, &f, &e))
			return no_memory();
		if (c->claimed > 2 * c->held)
			return error_at(ERR_BUDGET, f.at, "the files overlap: together they claim more than the folders hold");
		c->stopped = !c->w->child(c->w, &e);
		if (c->stopped)
			break;
	}
	return error_none();
}

/* ---- what no file takes ---- */

/* What is reserved in the header for other programs, as signatures are, is not the cabinet's own. */
static void take_headers(struct cab *c)
{
	struct file f;
	struct reader r = files_reader(c);
	uint64_t begin = c->flags & FLAG_RESERVED ? HEADER + 4 : HEADER;
	for (unsigned i = 0; i < c->files_n && file_read(&r, &f); i++)
		rest_take(&c->rest, f.at, r.at - f.at);
	rest_take(&c->rest, 0, begin);
	begin += c->header_reserved;
	if (begin < c->folders_at) /* names of other cabinets */
		rest_take(&c->rest, begin, c->folders_at - begin);
	rest_take(&c->rest, c->folders_at, (uint64_t)c->folders_n * (FOLDER + c->folder_reserved));
}

static void emit_rest(struct cab *c)
{
	char prefix[32];
	for (unsigned i = 0; i < c->folders_n; i++) {
		struct cab_folder *f = &c->folders[i];
		snprintf(prefix, sizeof prefix, "folder-%u-", i);
		f->rest.prefix = prefix;
		if (f->out.n)
			rest_emit(&f->rest, f->out, c->w);
	}
	take_headers(c);
	rest_emit(&c->rest, c->blocks.bytes, c->w);
}

static bool cab_probe(struct span at, struct format_match *match)
{
	struct cab c = { 0 };
	uint32_t size;
	if (!header_read(at, &c, &size))
		return false;
	match->size = size;
	match->confidence = 90;
	return true;
}

static void tell_blocks(const struct cab_blocks *b, struct sink *sink)
{
	if (b->wrong)
		emit_damage_at(sink, ERR_CORRUPT, b->wrong_at,
					   "%u blocks of data have another checksum than their headers say, the first one here", b->wrong);
	if (b->longer)
		emit_damage_at(sink, ERR_CORRUPT, b->longer_at, "%u %s, the first one here", b->longer,
					   plural(b->longer, "block has bytes behind what is packed in it",
							  "blocks have bytes behind what is packed in them"));
}

/* Children are told when all is unpacked: so each finds the same memory left. */
static struct error cab_walk(struct span bytes, struct walk *w)
{
	struct cab c = { .w = w, .path = { .arena = w->arena }, .rest = { .arena = w->arena } };
	uint32_t size;
	if (!header_read(bytes, &c, &size))
		return error_at(ERR_CORRUPT, 0, "no header of a cabinet");
	c.blocks.bytes = span_clip(bytes, 0, size);
	c.blocks.left = 2 * (uint64_t)c.blocks.bytes.n;
	c.blocks.rest = &c.rest;
	c.limit = w->room && w->room < UNPACKED_MAX ? w->room : UNPACKED_MAX;
	header_rest(c.blocks.bytes, &c);
	tell_set(&c);
	if (!folders_read(&c))
		return no_memory();
	mark_folders(&c);
	if (!unpack_folders(&c))
		return no_memory();
	w->held = c.held;
	tell_blocks(&c.blocks, w->sink);
	struct error error = emit_files(&c);
	if (!c.stopped)
		emit_rest(&c);
	return error;
}

static const struct format_magic magics[] = { MAGIC("MSCF\0\0\0\0", 0), MAGIC_END };

const struct format cab_format = {
	.name = "cab",
	.kind = FORMAT_ARCHIVE,
	.title = "Microsoft cabinet",
	.spec = "MS-CAB",
	.magics = magics,
	.probe = cab_probe,
	.walk = cab_walk,
};
