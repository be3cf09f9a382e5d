/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR 1.5 to 4: its blocks, and the entries that these are of. Specification: technote.txt of RAR 3. */
#include "base/hash.h"
#include "format/notation.h"
#include "format/rar.h"
#include "format/unix_mode.h"

enum { BLOCK_MAIN = 0x73, BLOCK_FILE, BLOCK_SERVICE = 0x7a, BLOCK_END };
enum { MAIN_VOLUME = 1, MAIN_ENCRYPTED = 0x80, MAIN_FIRST = 0x100, END_MORE = 1, HAS_DATA = 0x8000 };
enum {
	SPLIT_BEFORE = 1,
	SPLIT_AFTER = 2,
	ENCRYPTED = 4,
	COMMENT = 8,
	SOLID = 0x10,
	WINDOW = 0xe0,
	LARGE = 0x100,
	UNICODE_NAME = 0x200,
	VERSIONED = 0x800,
	TIMES = 0x1000
};
enum { HOST_WIN32 = 2, HOST_UNIX, HOST_BEOS = 5 };
#define STORED 0x30u
#define HEADER 7u
#define FILE_HEADER 32u
#define WINDOW_DIRECTORY 7u
#define WINDOW_29 ((uint64_t)4 << 20) /* whatever the header says */
#define NAME_MAX_BYTES 0x800u
#define ATTRIBUTE_DIRECTORY 0x10u

/* A block's header. */
struct header {
	struct span span;
	uint8_t type;
	uint16_t flags;
	uint64_t data;
	bool wrong; /* its CRC is */
};

static bool is_of_file(const struct header *h)
{
	return h->type == BLOCK_FILE || h->type == BLOCK_SERVICE;
}

/* False where none can stand there, whatever its CRC. */
static bool header_read(struct span at, struct header *h)
{
	struct reader r = reader_le(at);
	uint16_t crc = rd_u16(&r);
	*h = (struct header){ .type = rd_u8(&r) };
	h->flags = rd_u16(&r);
	uint16_t size = rd_u16(&r), covered = size;
	h->data = h->flags & HAS_DATA || is_of_file(h) ? rd_u32(&r) : 0;
	if (is_of_file(h) && h->flags & LARGE) {
		rd_seek(&r, FILE_HEADER);
		h->data |= (uint64_t)rd_u32(&r) << 32;
	}
	h->span = span_sub(at, 0, size);
	if (h->type == BLOCK_MAIN && h->flags & 2) /* with a comment, which is a block of its own within this one */
		covered = HEADER + 6;
	if (h->type == BLOCK_FILE && h->flags & COMMENT && h->span.n >= FILE_HEADER)
		covered = (uint16_t)(FILE_HEADER + span_u16le(at, 26) + (h->flags & LARGE ? 8 : 0));
	struct span sum = span_sub(h->span, 2, covered > 2 ? covered - 2u : 0);
	if (!rd_ok(&r) || size < HEADER || !h->span.p || h->data > UINT64_MAX / 4)
		return false;
	h->wrong =
		(!sum.p || (hash_crc32(0, sum) & 0xffff) != crc) && (hash_crc32(0, span_from(h->span, 2)) & 0xffff) != crc;
	return !h->wrong || (h->type >= BLOCK_MAIN && h->type <= BLOCK_END);
}

/* Sixteen bits of a CRC prove little: what is told of a file has to be possible, too. */
bool rar4_may_be_header(struct span at)
{
	const uint8_t *p = at.p;
	unsigned flags = p[3] | p[4] << 8, size = p[5] | p[6] << 8;
	if (p[2] == BLOCK_END)
		return (flags & ~0xfu) == 0x4000 && size <= HEADER + 13;
	if ((p[2] != BLOCK_FILE && p[2] != BLOCK_SERVICE) || !(flags & HAS_DATA) || at.n < FILE_HEADER)
		return false;
	unsigned name = p[26] | p[27] << 8;
	return p[15] <= HOST_BEOS && p[25] >= STORED && p[25] <= STORED + 5 && name && FILE_HEADER + name <= size;
}

struct rar_block rar4_block(struct span at)
{
	struct header h;
	if (!header_read(at, &h))
		return (struct rar_block){ .size = 0 };
	return (struct rar_block){ .size = h.span.n + h.data,
							   .header = h.span.n,
							   .wrong = h.wrong,
							   .sealed = h.type == BLOCK_MAIN && h.flags & MAIN_ENCRYPTED,
							   .end = h.type == BLOCK_END,
							   .goes_on = h.type == BLOCK_END && h.flags & END_MORE };
}

/* ---- names ---- */

/* UTF-16 whose high bytes are told in common, or all of it by reference to the name in another code: technote.txt does not say it,
 * libarchive's reader (BSD) does. Gives how many bytes; `out` has room for twice as many as there are letters. */
static size_t name_decode(struct span plain, struct span packed, uint8_t *out, size_t room)
{
	struct reader r = reader_le(packed);
	uint8_t high = rd_u8(&r), flags = 0;
	size_t n = 0;
	for (unsigned left = 0; rd_left(&r) && n + 2 <= room; left -= 2) {
		if (!left) {
			flags = rd_u8(&r);
			left = 8;
		}
		unsigned kind = flags >> (left - 2) & 3;
		if (kind < 3) {
			out[n++] = rd_u8(&r);
			out[n++] = kind == 0 ? 0 : kind == 1 ? high : rd_u8(&r);
			continue;
		}
		uint8_t length = rd_u8(&r), add = length & 0x80 ? rd_u8(&r) : 0;
		for (unsigned i = (length & 0x7fu) + 2; i && n + 2 <= room && n / 2 < plain.n; i--) {
			uint8_t letter = plain.p[n / 2];
			out[n++] = length & 0x80 ? (uint8_t)(letter + add) : letter;
			out[n++] = length & 0x80 ? high : 0;
		}
	}
	return n;
}

/* With '/' between its parts, where all systems' archivers put '\\'. TEXT_NONE: no memory. */
static struct text name_read(struct arena *arena, struct span name, uint16_t flags)
{
	struct text plain = text_until_nul(name);
	char *out = ARENA_ARRAY(arena, char, 3 * name.n + 1);
	size_t n = plain.n;
	if (!out)
		return TEXT_NONE;
	if (flags & UNICODE_NAME && plain.n < name.n) {
		uint8_t units[2 * NAME_MAX_BYTES];
		size_t room = 2 * name.n < sizeof units ? 2 * name.n : sizeof units;
		n = name_decode(span_of(plain.p, plain.n), span_from(name, plain.n + 1), units, room);
		n = utf16_to_utf8(span_of(units, n), false, false, out);
	} else if (n) {
		memcpy(out, plain.p, n);
	}
	for (size_t i = 0; i < n; i++)
		if (out[i] == '\\')
			out[i] = '/';
	return text_of(out, n);
}

/* ---- files ---- */

static void read_attributes(struct rar_file *f, uint8_t host, uint32_t attributes)
{
	bool directory = f->kind == ENTRY_DIRECTORY;
	if (host == HOST_UNIX || host == HOST_BEOS) {
		enum entry_kind kind = entry_kind_of_mode(attributes);
		f->mode = attributes & 07777;
		f->kind = kind == ENTRY_SYMLINK ? kind : kind == ENTRY_DIRECTORY || directory ? ENTRY_DIRECTORY : ENTRY_FILE;
	} else if (host <= HOST_WIN32 && attributes & ATTRIBUTE_DIRECTORY) {
		f->kind = ENTRY_DIRECTORY;
	}
}

static void read_method(struct rar_file *f, uint8_t version, uint8_t method, unsigned window)
{
	f->version = version;
	f->window = (uint64_t)0x10000 << window;
	if (method == STORED) {
		f->method = RAR_STORED;
	} else if (version == 29 || version == 36) {
		f->method = RAR_29;
		f->window = WINDOW_29;
	} else {
		f->method = version == 20 || version == 26 ? RAR_20 : version <= 15 ? RAR_15 : RAR_UNKNOWN;
	}
}

/* False where the header is not that of a file. */
static bool read_file(struct rar_list *l, const struct header *h, struct rar_file *f)
{
	struct reader r = reader_le(h->span);
	unsigned window = (h->flags & WINDOW) >> 5;
	rd_seek(&r, HEADER + 4); /* behind how much is packed */
	*f =
		(struct rar_file){ .mode = FACT_NULL, .mtime = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .has_crc = true };
	f->kind = window == WINDOW_DIRECTORY ? ENTRY_DIRECTORY : ENTRY_FILE;
	f->size = rd_u32(&r);
	uint8_t host = rd_u8(&r);
	f->crc = rd_u32(&r);
	uint16_t time = rd_u16(&r), date = rd_u16(&r);
	f->mtime = date ? dos_time(date, time) : FACT_NULL;
	uint8_t version = rd_u8(&r), method = rd_u8(&r);
	read_method(f, version, method, window);
	uint16_t name = rd_u16(&r);
	read_attributes(f, host, rd_u32(&r));
	if (h->flags & LARGE) {
		rd_skip(&r, 4);
		f->size |= (uint64_t)rd_u32(&r) << 32;
		f->size = f->size == UINT64_MAX || (f->size & UINT32_MAX) == UINT32_MAX ? SIZE_UNKNOWN : f->size;
	} else if (f->size == UINT32_MAX) {
		f->size = SIZE_UNKNOWN;
	}
	struct span bytes = rd_bytes(&r, name);
	if (!rd_ok(&r))
		return false;
	f->name = name_read(l->w->arena, bytes, h->flags);
	f->solid = h->flags & SOLID;
	f->encrypted = h->flags & ENCRYPTED;
	f->begins_before = h->flags & SPLIT_BEFORE;
	f->goes_on = h->flags & SPLIT_AFTER;
	return true;
}

static struct error list_block(struct rar_list *l, uint64_t at, const struct header *h)
{
	struct rar_file f;
	if (h->type == BLOCK_MAIN && h->flags & MAIN_ENCRYPTED)
		return error_at(ERR_ENCRYPTED, at, "the headers are encrypted, names of files too");
	if (h->type == BLOCK_MAIN && at == RAR4_MAGIC_SIZE && h->flags & MAIN_VOLUME && !(h->flags & MAIN_FIRST))
		emit_damage_at(l->w->sink, ERR_TRUNCATED, 0,
					   "it is not the first of its volumes: those before it are not here");
	if (h->type != BLOCK_FILE)
		return error_none();
	if (!read_file(l, h, &f)) {
		emit_damage_at(l->w->sink, ERR_CORRUPT, at, "the header of a file ends before it should");
		return error_none();
	}
	l->has_end |= f.version >= 29 || h->flags & TIMES;
	f.at = at;
	if (f.kind == ENTRY_SYMLINK) {
		struct span target = span_clip(l->bytes, at + h->span.n, h->data);
		if (f.method == RAR_STORED && !f.encrypted && target.n == f.size)
			f.target = text_from_span(target);
		else
			f.kind = ENTRY_FILE;
	}
	if (!f.name.p || !rar_list_add(l, &f, at + h->span.n, h->data))
		return error_at(ERR_BUDGET, at, "no memory for more entries");
	return error_none();
}

struct error rar4_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more)
{
	struct header h;
	struct error e = error_none();
	*more = false;
	for (at += RAR4_MAGIC_SIZE; !error_is(&e); at += h.span.n + h.data) {
		if (at == l->bytes.n && !l->has_end) {
			*next = at;
			return e;
		}
		bool sound = header_read(span_from(l->bytes, at), &h) && !h.wrong;
		uint64_t there = sound ? at : rar_list_resume(l, at, 4);
		if (!there || (!sound && !header_read(span_from(l->bytes, there), &h)))
			return at == l->bytes.n
					   ? error_at(
							 ERR_TRUNCATED, at,
							 "no block ends the archive, as RAR writes one if it is not told otherwise: files may be missing")
				   : at > l->bytes.n
					   ? error_at(ERR_TRUNCATED, at, "the archive ends within a file")
					   : error_at(ERR_CORRUPT, at, "no header of a block where one is due, or its CRC is wrong");
		at = there;
		if (h.type == BLOCK_END)
			break;
		e = list_block(l, at, &h);
	}
	if (error_is(&e))
		return e;
	*more = h.flags & END_MORE;
	*next = at + h.span.n + h.data;
	return e;
}
