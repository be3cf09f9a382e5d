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
#include "format/rest.h"
#include "format/unix_mode.h"
#include "format/unpacked.h"

/* Bytes that all folders of one archive may unpack to. */
#define UNPACKED_MAX ((uint64_t)192 << 20)
#define HEADER_MAX ((size_t)64 << 20)
/* What coders may give out in all, as a multiple of that: what one gives to another counts too, which with BCJ2 is twice
 * that, and with two filters behind a coder three times. */
#define OUTPUTS_RATIO 4u
/* A header may be packed, and what comes out of that again. */
#define PACKED_TIMES_MAX 4u
#define TARGET_MAX 4096u
#define DIRECTORY_OF_WINDOWS 0x10u
#define HAS_UNIX_MODE 0x8000u
#define NAME_MAX_BYTES 65536u

struct sevenzip {
	struct span bytes;
	struct walk *w;
	struct sevenzip_header h;
	struct unpacked *contents; /* as many as there are in the folders */
	uint64_t limit, held, left; /* left: bytes that coders may still give out */
	int64_t shift;              /* of the header, and so of packed streams that stand behind missing bytes or such that are too many */
	struct path_buffer path;
	struct rest rest;
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

/* Cuts what a folder gave out into the contents of its files, and holds these against their CRCs. False where the error that the
 * folder ended with concerns none of them. */
static bool split_folder(struct sevenzip *z, const struct sevenzip_folder *f, struct span all, const struct error *e)
{
	const struct sevenzip_streams *s = &z->h.streams;
	uint64_t at = 0;
	bool told = false;
	for (uint32_t i = f->first_stream; i < f->first_stream + f->streams; at += s->sizes[i], i++) {
		struct unpacked *u = &z->contents[i];
		u->bytes = span_clip(all, at, s->sizes[i]);
		if (u->bytes.n < s->sizes[i]) {
			u->error = *e;
			told = true;
			continue;
		}
		uint32_t crc = hash_crc32(0, u->bytes);
		if (s->crcs[i].known && crc != s->crcs[i].crc)
			u->error = error_at(ERR_CORRUPT, OFFSET_NONE, "the header says CRC 0x%08x, the data has 0x%08x", s->crcs[i].crc, crc);
		else if (!s->crcs[i].known && error_is(e))
			u->error = *e; /* nothing else says whether these bytes are right */
		told = told || error_is(&u->error);
	}
	return told;
}

static void take_packed(struct sevenzip *z, const struct sevenzip_folder *f)
{
	for (uint32_t i = f->first_packed; i < f->first_packed + f->packed_n; i++)
		rest_take(&z->rest, z->h.streams.packed_offsets[i], z->h.streams.packed_sizes[i]);
}

/* Whether what a folder gave out is as the CRCs of its contents say, or its own. */
static bool folder_holds(const struct sevenzip *z, const struct sevenzip_folder *f, struct span all)
{
	const struct sevenzip_streams *s = &z->h.streams;
	uint64_t at = 0;
	bool any = f->crc.known;
	if (f->crc.known && hash_crc32(0, all) != f->crc.crc)
		return false;
	for (uint32_t i = f->first_stream; i < f->first_stream + f->streams; at += s->sizes[i], i++) {
		struct span part = span_clip(all, at, s->sizes[i]);
		if (part.n < s->sizes[i] || (s->crcs[i].known && hash_crc32(0, part) != s->crcs[i].crc))
			return false;
		any = any || s->crcs[i].known;
	}
	return any;
}

static void shift_packed(struct sevenzip *z, const struct sevenzip_folder *f, int64_t by)
{
	for (uint32_t i = f->first_packed; i < f->first_packed + f->packed_n; i++)
		z->h.streams.packed_offsets[i] += (uint64_t)by;
}

/* Unpacks a folder into a buffer; NULL: no memory. Where the header is not where it should be, the folder's streams may not be either:
 * CRCs tell. */
static struct buf *unpack_shifted(struct sevenzip *z, const struct sevenzip_folder *f, size_t limit, struct error *e)
{
	struct buf *b = buffer_new(z, limit), *again = b && z->shift ? buffer_new(z, limit) : NULL;
	if (!b)
		return NULL;
	*e = sevenzip_unpack(z->bytes, &z->h.streams, f, &z->left, b);
	if (!again || folder_holds(z, f, buf_span(b)))
		return b;
	shift_packed(z, f, z->shift);
	struct error e_again = sevenzip_unpack(z->bytes, &z->h.streams, f, &z->left, again);
	if (folder_holds(z, f, buf_span(again))) {
		*e = e_again;
		buf_free(b);
		return again;
	}
	shift_packed(z, f, -z->shift);
	buf_free(again);
	return b;
}

static struct error unpack_folder(struct sevenzip *z, const struct sevenzip_folder *f)
{
	struct error e;
	struct buf *b = unpack_shifted(z, f, (size_t)(z->limit - z->held), &e);
	if (!b)
		return no_memory();
	if (b->n)
		buf_trim(b);
	z->held += b->n < z->limit - z->held ? b->n : z->limit - z->held;
	take_packed(z, f);
	if (!split_folder(z, f, buf_span(b), &e) && error_is(&e)) /* something follows, which no entry has */
		emit_error(z->w->sink, &e);
	return error_none();
}

static struct error unpack_folders(struct sevenzip *z)
{
	const struct sevenzip_streams *s = &z->h.streams;
	struct error e = error_none();
	z->contents = ARENA_ARRAY(z->w->arena, struct unpacked, s->n);
	if (!z->contents)
		return no_memory();
	for (uint32_t i = 0; i < s->folders_n && !error_is(&e); i++) {
		const struct sevenzip_folder *f = &s->folders[i];
		if (f->streams)
			e = unpack_folder(z, f);
		else if (f->sizes[f->main])
			emit_damage_at(z->w->sink, ERR_CORRUPT, OFFSET_NONE, "folder %u of %llu bytes holds no entry: it is not unpacked", i + 1,
						   (unsigned long long)f->sizes[f->main]);
	}
	return e;
}

static struct error parse_header(struct sevenzip *z, struct span header)
{
	struct error e = sevenzip_header_read(header, z->w->arena, &z->h);
	if (!error_is(&e) && z->h.unread)
		emit_damage_at(z->w->sink, ERR_UNSUPPORTED, OFFSET_NONE, "%llu of the %zu bytes of the header are of a kind that is not read",
					   (unsigned long long)z->h.unread, header.n);
	return e;
}

/* From a header that says how the header is packed to what that unpacks to, packed again or not. */
static struct error unpack_header(struct sevenzip *z, uint64_t at)
{
	const struct sevenzip_folder *f = z->h.streams.folders;
	if (z->h.streams.folders_n == 0)
		return error_at(ERR_CORRUPT, at, "the header cannot be unpacked");
	struct error e;
	struct buf *b = unpack_shifted(z, f, HEADER_MAX, &e);
	if (!b)
		return no_memory();
	take_packed(z, f);
	if (error_is(&e) && e.code == ERR_ENCRYPTED)
		return error_at(ERR_ENCRYPTED, at, "the header, which names all entries, is encrypted");
	if (!error_is(&e) && f->crc.known && hash_crc32(0, buf_span(b)) != f->crc.crc)
		return error_at(ERR_CORRUPT, at, "the unpacked header has another CRC than is stated");
	return error_is(&e) ? e : parse_header(z, buf_span(b));
}

static struct error read_header(struct sevenzip *z)
{
	struct sevenzip_place place;
	enum sevenzip_header_state state = sevenzip_header_find(z->bytes, &place);
	uint64_t at = place.at, size = place.size;
	struct span header = span_sub(z->bytes, at, size);
	z->shift = place.shift;
	rest_take(&z->rest, 0, SEVENZIP_START);
	rest_take(&z->rest, at, size);
	if (size == 0)
		return error_none();
	if (!header.p)
		return error_at(ERR_TRUNCATED, at, "the header, which stands at the end and names all entries, is not there");
	if (state == SEVENZIP_LOST)
		return error_at(ERR_CORRUPT, at, "the header has another CRC than the beginning says");
	if (state == SEVENZIP_START_BROKEN)
		emit_damage_at(z->w->sink, ERR_CORRUPT, 8, "the beginning has another CRC than it says: the header was found at 0x%llx",
					   (unsigned long long)at);
	if (place.shift)
		emit_damage_at(z->w->sink, ERR_CORRUPT, at, "the header stands %llu bytes %s than the beginning says",
					   (unsigned long long)(place.shift < 0 ? -place.shift : place.shift), place.shift < 0 ? "earlier" : "later");
	struct error e = parse_header(z, header);
	for (unsigned i = 0; !error_is(&e) && z->h.encoded; i++)
		e = i < PACKED_TIMES_MAX ? unpack_header(z, at)
								 : error_at(ERR_CORRUPT, at, "the header is packed more than %u times", PACKED_TIMES_MAX);
	return e;
}

static struct text path_of(struct sevenzip *z, const struct sevenzip_file *f, uint32_t number)
{
	if (f->name.p && f->name.n <= NAME_MAX_BYTES) {
		char *name = ARENA_ARRAY(z->w->arena, char, f->name.n / 2 * 3 + 1);
		return name ? path_from_root(&z->path, text_of(name, utf16_to_utf8(f->name, false, false, name))) : TEXT_NONE;
	}
	if (z->h.named)
		return path_of_nameless(&z->path, number, ERR_UNSUPPORTED, OFFSET_NONE, z->w->sink);
	char name[32]; /* of an archive without names, which is as good as another */
	int n = snprintf(name, sizeof name, "entry-%u", number);
	return path_from_root(&z->path, text_of(name, (size_t)n));
}

static enum entry_kind kind_of(const struct sevenzip_file *f, int64_t *mode)
{
	if (f->has_attributes && f->attributes & HAS_UNIX_MODE) {
		*mode = f->attributes >> 16 & 07777;
		return entry_kind_of_mode(f->attributes >> 16);
	}
	return f->directory || (f->empty && f->attributes & DIRECTORY_OF_WINDOWS) ? ENTRY_DIRECTORY : ENTRY_FILE;
}

/* What holds bytes is a file, whatever its attributes say, unless it is a link that can be one. */
static void set_content(struct entry *e, const struct unpacked *u)
{
	if (e->kind == ENTRY_SYMLINK && !error_is(&u->error) && u->bytes.n <= TARGET_MAX) {
		e->link_target = text_from_span(u->bytes);
		return;
	}
	if (e->kind == ENTRY_SYMLINK || u->bytes.n || error_is(&u->error))
		e->kind = ENTRY_FILE;
	if (e->kind != ENTRY_FILE)
		return;
	unpacked_content(e, u);
}

/* False: stop walking. */
static bool emit_file(struct sevenzip *z, const struct sevenzip_file *f, uint32_t number, const struct unpacked *u, struct error *error)
{
	struct entry e = { ENTRY_INIT };
	e.mtime = f->mtime;
	e.kind = kind_of(f, &e.mode);
	e.path = path_of(z, f, number);
	if (!e.path.p)
		*error = no_memory();
	set_content(&e, u);
	return e.path.p && (f->anti || entry_is_root(&e) || z->w->child(z->w, &e));
}

/* Tells of all files. The contents follow each other as the files that have one do; those that are left over are shown all the same. */
static struct error emit_files(struct sevenzip *z)
{
	static const struct unpacked nothing = { .bytes = { (const uint8_t *)"", 0 } };
	static const struct sevenzip_file unnamed = { .mtime = FACT_NULL };
	struct error e = error_none();
	uint32_t next = 0, all = z->h.streams.n;
	for (uint32_t i = 0; i < z->h.n; i++) {
		const struct sevenzip_file *f = &z->h.files[i];
		if (!f->empty && next >= all)
			return error_at(ERR_CORRUPT, OFFSET_NONE, "the header names %u entries and has contents for %u", z->h.n, next);
		if (!emit_file(z, f, i + 1, f->empty ? &nothing : &z->contents[next++], &e))
			return e;
	}
	if (next < all)
		emit_damage_at(z->w->sink, ERR_CORRUPT, OFFSET_NONE, "the header has %u contents, and names entries for %u", all, next);
	for (uint32_t number = z->h.n; next < all; next++)
		if (!emit_file(z, &unnamed, ++number, &z->contents[next], &e))
			return e;
	rest_emit(&z->rest, z->bytes, z->w);
	return e;
}

static bool begins_here(struct span at)
{
	return at.n >= SEVENZIP_START && span_starts(at, "7z\xbc\xaf\x27\x1c\0", 7);
}

/* The signature header has a CRC and says where the header ends, which is the end of all. */
static bool sevenzip_probe(struct span at, struct format_match *match)
{
	struct sevenzip_place place;
	if (!begins_here(at) || !sevenzip_start_is_sound(at) || sevenzip_header_find(at, &place) == SEVENZIP_NONE)
		return false;
	match->size = place.at + place.size;
	match->confidence = 95;
	return true;
}

/* Where its CRC is wrong, the header is searched for, which takes too long to be done for each signature of a blob. */
static bool sevenzip_probe_whole(struct span all, struct format_match *match)
{
	struct sevenzip_place place;
	if (!begins_here(all) || sevenzip_start_is_sound(all) || sevenzip_header_find(all, &place) == SEVENZIP_NONE)
		return false;
	match->size = place.at + place.size;
	match->confidence = 85;
	return true;
}

/* Children are told when all is unpacked: so each finds the same memory left. */
static struct error sevenzip_walk(struct span bytes, struct walk *w)
{
	struct sevenzip z = { .bytes = bytes, .w = w, .path = { .arena = w->arena }, .rest = { .arena = w->arena } };
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
	.probe_whole = sevenzip_probe_whole,
	.walk = sevenzip_walk,
};
