/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 7z archives: files stand behind each other in folders, which are unpacked whole, within a limit, as a folder can be entered only
 * at its beginning.
 *
 * Specification: 7zFormat.txt of the LZMA SDK.
 */
#include "format/sevenzip.h"

#include <stdio.h>

#include "base/hash.h"
#include "format/notation.h"
#include "format/path.h"
#include "format/unix_mode.h"

/* Bytes that all folders of one archive may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define HEADER_MAX ((size_t)64 << 20)
/* What coders may give out in all, as a multiple of that: what one gives to another counts too, and with BCJ2 there are four. */
#define OUTPUTS_RATIO 3u
/* A header may be packed, and what comes out of that again. */
#define PACKED_TIMES_MAX 4u
#define TARGET_MAX 4096u
#define DIRECTORY_OF_WINDOWS 0x10u
#define HAS_UNIX_MODE 0x8000u
#define NAME_MAX_BYTES 65536u

/* What came out for one file, and why no more. */
struct unpacked {
	struct span bytes;
	struct error error;
};

struct sevenzip {
	struct span bytes;
	struct walk *w;
	struct sevenzip_header h;
	struct unpacked *contents; /* as many as there are in the folders */
	uint64_t limit, held, left; /* left: bytes that coders may still give out */
	struct path_buffer path;
};

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

/* A buffer that lives as long as the arena. */
static struct buf *buffer_new(struct sevenzip *z, size_t limit)
{
	struct buf *b = ARENA_NEW(z->w->arena, struct buf);
	if (b) {
		*b = buf_with_limit(limit);
		b->meter = z->w->meter;
	}
	return b && arena_defer(z->w->arena, free_held, b) ? b : NULL;
}

static struct error no_memory(void)
{
	return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the archive's entries");
}

static struct error unpacked_read(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct unpacked *u = file;
	if (u->bytes.n && buf_add(out, u->bytes.p, u->bytes.n))
		return error_at(ERR_BUDGET, 0, "the entry has %zu bytes and more", u->bytes.n);
	return u->error;
}

static const struct content_ops unpacked_ops = { .unpack = unpacked_read };

/* Cuts what a folder gave out into the contents of its files, and holds these against their CRCs. */
static void split_folder(struct sevenzip *z, const struct sevenzip_folder *f, struct span all, const struct error *e)
{
	const struct sevenzip_streams *s = &z->h.streams;
	uint64_t at = 0;
	for (uint32_t i = f->first_stream; i < f->first_stream + f->streams; at += s->sizes[i], i++) {
		struct unpacked *u = &z->contents[i];
		u->bytes = span_clip(all, at, s->sizes[i]);
		if (u->bytes.n < s->sizes[i]) {
			u->error = *e;
			continue;
		}
		uint32_t crc = hash_crc32(0, u->bytes);
		if (s->crcs[i].known && crc != s->crcs[i].crc)
			u->error = error_at(ERR_CORRUPT, OFFSET_NONE, "the header says CRC 0x%08x, the data has 0x%08x", s->crcs[i].crc, crc);
		else if (!s->crcs[i].known && error_is(e))
			u->error = *e; /* nothing else says whether these bytes are right */
	}
}

static struct error unpack_folder(struct sevenzip *z, const struct sevenzip_folder *f)
{
	struct buf *b = buffer_new(z, (size_t)(z->limit - z->held));
	if (!b)
		return no_memory();
	struct error e = sevenzip_unpack(z->bytes, &z->h.streams, f, &z->left, b);
	if (b->n)
		buf_trim(b);
	z->held += b->n < z->limit - z->held ? b->n : z->limit - z->held;
	split_folder(z, f, buf_span(b), &e);
	return error_none();
}

static struct error unpack_folders(struct sevenzip *z)
{
	const struct sevenzip_streams *s = &z->h.streams;
	struct error e = error_none();
	z->contents = ARENA_ARRAY(z->w->arena, struct unpacked, s->n);
	if (!z->contents)
		return no_memory();
	for (uint32_t i = 0; i < s->folders_n && !error_is(&e); i++)
		e = s->folders[i].streams ? unpack_folder(z, &s->folders[i]) : error_none();
	return e;
}

/* The header, unpacked as often as it is packed. */
static struct error read_header(struct sevenzip *z)
{
	uint64_t at = SEVENZIP_START + ((uint64_t)span_u32le(z->bytes, 16) << 32 | span_u32le(z->bytes, 12));
	uint64_t size = (uint64_t)span_u32le(z->bytes, 24) << 32 | span_u32le(z->bytes, 20);
	struct span header = span_sub(z->bytes, at, size);
	if (size == 0)
		return error_none();
	if (!header.p)
		return error_at(ERR_TRUNCATED, at, "the header, which stands at the end and names all entries, is not there");
	if (hash_crc32(0, header) != span_u32le(z->bytes, 28))
		return error_at(ERR_CORRUPT, at, "the header has another CRC than the beginning says");
	struct error e = sevenzip_header_read(header, z->w->arena, &z->h);
	for (unsigned i = 0; !error_is(&e) && z->h.encoded; i++) {
		struct buf *b = buffer_new(z, HEADER_MAX);
		const struct sevenzip_folder *f = z->h.streams.folders;
		if (!b || i == PACKED_TIMES_MAX || z->h.streams.folders_n == 0)
			return b ? error_at(ERR_CORRUPT, at, "the header cannot be unpacked") : no_memory();
		e = sevenzip_unpack(z->bytes, &z->h.streams, f, &z->left, b);
		if (error_is(&e) && e.code == ERR_ENCRYPTED)
			return error_at(ERR_ENCRYPTED, at, "the header, which names all entries, is encrypted");
		if (!error_is(&e) && f->crc.known && hash_crc32(0, buf_span(b)) != f->crc.crc)
			e = error_at(ERR_CORRUPT, at, "the unpacked header has another CRC than is stated");
		if (!error_is(&e))
			e = sevenzip_header_read(buf_span(b), z->w->arena, &z->h);
	}
	return e;
}

static struct text path_of(struct sevenzip *z, const struct sevenzip_file *f, uint32_t number)
{
	char replacement[32];
	if (f->name.p && f->name.n <= NAME_MAX_BYTES) {
		char *name = ARENA_ARRAY(z->w->arena, char, f->name.n / 2 * 3 + 1);
		return name ? path_from_root(&z->path, text_of(name, utf16_to_utf8(f->name, false, false, name))) : TEXT_NONE;
	}
	int n = snprintf(replacement, sizeof replacement, "entry-%u", number);
	emit_damage_at(z->w->sink, ERR_UNSUPPORTED, OFFSET_NONE, "the name of entry %u cannot be read; it is called %s", number, replacement);
	return path_from_root(&z->path, text_of(replacement, (size_t)n));
}

static enum entry_kind kind_of(const struct sevenzip_file *f, int64_t *mode)
{
	if (f->has_attributes && f->attributes & HAS_UNIX_MODE) {
		*mode = f->attributes >> 16 & 07777;
		return entry_kind_of_mode(f->attributes >> 16);
	}
	return f->directory || (f->empty && f->attributes & DIRECTORY_OF_WINDOWS) ? ENTRY_DIRECTORY : ENTRY_FILE;
}

static void set_content(struct entry *e, const struct unpacked *u)
{
	if (e->kind == ENTRY_SYMLINK && !error_is(&u->error) && u->bytes.n <= TARGET_MAX) {
		e->link_target = text_from_span(u->bytes);
		return;
	}
	e->kind = e->kind == ENTRY_SYMLINK ? ENTRY_FILE : e->kind;
	if (e->kind != ENTRY_FILE)
		return;
	if (error_is(&u->error)) {
		e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &unpacked_ops, .file = u };
	} else {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = u->bytes };
		e->size = u->bytes.n;
	}
}

/* Tells of all files. The contents follow each other as the files that have one do. */
static struct error emit_files(struct sevenzip *z)
{
	static const struct unpacked nothing = { .bytes = { (const uint8_t *)"", 0 } };
	uint32_t next = 0;
	for (uint32_t i = 0; i < z->h.n; i++) {
		const struct sevenzip_file *f = &z->h.files[i];
		if (!f->empty && next >= z->h.streams.n)
			return error_at(ERR_CORRUPT, OFFSET_NONE, "the header names %u entries and has contents for %u", z->h.n, next);
		const struct unpacked *u = f->empty ? &nothing : &z->contents[next++];
		struct entry e = { ENTRY_INIT };
		e.mtime = f->mtime;
		e.kind = kind_of(f, &e.mode);
		e.path = path_of(z, f, i + 1);
		if (!e.path.p)
			return no_memory();
		set_content(&e, u);
		if (!f->anti && !path_is_root(e.path) && !z->w->child(z->w, &e))
			break;
	}
	return error_none();
}

/* The signature header has a CRC and says where the header ends, which is the end of all. */
static bool sevenzip_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(at);
	rd_skip(&r, 6);
	uint8_t major = rd_u8(&r);
	rd_skip(&r, 1);
	uint32_t crc = rd_u32(&r);
	struct span start = rd_bytes(&r, 20);
	struct reader s = reader_le(start);
	uint64_t offset = rd_u64(&s), size = rd_u64(&s);
	if (!rd_ok(&r) || !span_starts(at, "7z\xbc\xaf\x27\x1c", 6) || major != 0 || hash_crc32(0, start) != crc ||
		offset > UINT64_MAX / 4 || size > UINT64_MAX / 4)
		return false;
	match->size = SEVENZIP_START + offset + size;
	match->confidence = 95;
	return true;
}

/* Children are told when all is unpacked: so each finds the same memory left. */
static struct error sevenzip_walk(struct span bytes, struct walk *w)
{
	struct sevenzip z = { .bytes = bytes, .w = w, .path = { .arena = w->arena } };
	z.limit = w->room && w->room < UNPACKED_MAX ? w->room : UNPACKED_MAX;
	z.left = OUTPUTS_RATIO * z.limit;
	struct error e = read_header(&z);
	if (!error_is(&e))
		e = unpack_folders(&z);
	w->held = z.held;
	return error_is(&e) ? e : emit_files(&z);
}

static const struct format_magic magics[] = { MAGIC("7z\xbc\xaf\x27\x1c", 0), MAGIC_END };

const struct format sevenzip_format = {
	.name = "7z",
	.kind = FORMAT_ARCHIVE,
	.title = "7-Zip archive",
	.spec = "7zFormat.txt of the LZMA SDK",
	.magics = magics,
	.probe = sevenzip_probe,
	.walk = sevenzip_walk,
};
