/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zip archives, with zip64, data descriptors and the signing block of Android packages. The local headers are followed
 * to find the central directory, which then tells the entries; where it is missing, the local headers do.
 *
 * Specification: PKWARE APPNOTE.TXT 6.3.10.
 */
#include "format/jar.h"

#include <sys/stat.h>

#include "base/hash.h"
#include "format/notation.h"
#include "format/path.h"
#include "format/rest.h"
#include "format/zip_signature.h"

#define LOCAL_SIZE 30u
#define END_SIZE 22u
#define DESCRIPTOR_SCAN (64u << 20) /* how far the end of an entry of unknown size is looked for */
#define PADDING_MAX 8192u
#define GAP_MAX 65536u
#define GAPS_MAX 16u
#define END_SEARCH (128u << 10) /* the records of the end, and a comment */
#define LINK_MAX 4096u /* a symbolic link's target */
#define DIRECTORY_PACKED_MAX 16u /* of nothing: an empty stream, the header of an encrypted one */
#define MARKER_SIZE 4u
#define FOOTER 6u /* of a signature in the comment */
#define BEFORE_SIGNATURE 64u
#define VERSION_MAX 63u /* needed to unpack, 4.4.3.2 */
#define HOST_UNIX 3u
#define HOST_DARWIN 19u

/* Where the parts are. */
struct layout {
	uint64_t locals_end;           /* behind the last entry that the local headers lead to */
	uint64_t central, central_end; /* 0: not found */
	uint64_t end;
	uint64_t record; /* of the end */
	bool whole;      /* it was found */
	unsigned disk;   /* its number, from 0 on: of a split archive it is the last part, which is not 0 */
	int64_t shift;   /* what the central directory's offsets lack, for archives with something before them */
};

/* Sizes of zip64 replace fields of all ones, in this order. */
static void apply_zip64(struct zip_entry *z)
{
	struct reader r = reader_le(z->extra);
	while (rd_left(&r) >= 4) {
		uint16_t id = rd_u16(&r), size = rd_u16(&r);
		struct reader field = reader_le(rd_bytes(&r, size));
		if (id != 1)
			continue;
		uint64_t *fields[] = { &z->size, &z->packed, &z->local_at };
		for (size_t i = 0; i < 3; i++)
			if (*fields[i] == UINT32_MAX && rd_left(&field) >= 8)
				*fields[i] = rd_u64(&field);
	}
}

static void take_common(struct reader *r, struct zip_entry *z)
{
	z->flags = rd_u16(r);
	z->method = rd_u16(r);
	z->dos_time = rd_u16(r);
	z->dos_date = rd_u16(r);
	z->crc = rd_u32(r);
	z->packed = rd_u32(r);
	z->size = rd_u32(r);
}

static bool method_is_known(uint16_t method)
{
	return method <= 20 || (method >= 93 && method <= 99);
}

bool zip_local_any(struct span bytes, uint64_t at, struct zip_entry *z)
{
	*z = (struct zip_entry){ .at = at, .local_at = at };
	struct reader r = reader_le(span_sub(bytes, at, LOCAL_SIZE));
	if (!span_starts(r.bytes, "PK\3\4", 4))
		return false;
	rd_skip(&r, 6);
	take_common(&r, z);
	uint16_t name_size = rd_u16(&r), extra_size = rd_u16(&r);
	z->name = text_from_span(span_clip(bytes, at + LOCAL_SIZE, name_size));
	z->extra = span_clip(bytes, at + LOCAL_SIZE + name_size, extra_size);
	apply_zip64(z);
	z->data = at + LOCAL_SIZE + name_size + extra_size;
	z->next = z->packed <= UINT64_MAX / 4 ? z->data + z->packed : UINT64_MAX / 2;
	return true;
}

bool zip_local_read(struct span bytes, uint64_t at, struct zip_entry *z)
{
	return zip_local_any(bytes, at, z) && z->data <= bytes.n && (span_u16le(bytes, at + 4) & 0xff) <= VERSION_MAX &&
		   method_is_known(z->method) && z->packed <= UINT64_MAX / 4;
}

bool zip_central_read(struct span bytes, uint64_t at, struct zip_entry *z)
{
	*z = (struct zip_entry){ .at = at };
	struct span header = span_from(bytes, at);
	struct reader r = reader_le(header);
	if (!span_starts(header, "PK\1\2", 4))
		return false;
	rd_skip(&r, 4);
	z->made_by = rd_u16(&r);
	rd_skip(&r, 2);
	take_common(&r, z);
	uint16_t name_size = rd_u16(&r), extra_size = rd_u16(&r), comment_size = rd_u16(&r);
	z->disk = rd_u16(&r);
	rd_skip(&r, 2); /* internal attributes */
	z->external = rd_u32(&r);
	z->local_at = rd_u32(&r);
	z->name = text_from_span(rd_bytes(&r, name_size));
	z->extra = rd_bytes(&r, extra_size);
	rd_skip(&r, comment_size);
	if (!rd_ok(&r))
		return false;
	apply_zip64(z);
	z->next = at + r.at;
	return z->packed <= UINT64_MAX / 4 && z->local_at <= UINT64_MAX / 4;
}

/* Whether a data descriptor stands at `at` (behind its signature) for the bytes since z->data: then the entry is
 * known. */
static bool take_descriptor(struct span bytes, uint64_t at, uint64_t packed, struct zip_entry *z)
{
	struct span s = span_sub(bytes, at, 12);
	if (!s.p || span_u32le(s, 4) != (uint32_t)packed)
		return false;
	bool wide = span_u32le(bytes, at + 8) == packed >> 32 && !span_has(bytes, at + 12, "PK", 2) &&
				span_has(bytes, at + 20, "PK", 2); /* zip64: sizes of 8 bytes */
	z->crc = span_u32le(s, 0);
	z->packed = packed;
	z->size = span_u32le(bytes, wide ? at + 12 : at + 8);
	if (wide)
		z->size |= (uint64_t)span_u32le(bytes, at + 16) << 32;
	z->next = at + (wide ? 20 : 12);
	return true;
}

/* The end of an entry whose local header does not tell its size: a descriptor that does, with its signature or, without
 * one, right before the next header. */
static bool find_descriptor(struct span bytes, struct zip_entry *z)
{
	struct span rest = span_clip(bytes, z->data, DESCRIPTOR_SCAN);
	for (size_t i = 0; i + 4 <= rest.n; i++) {
		const uint8_t *p = memchr(rest.p + i, 'P', rest.n - i - 3);
		if (!p)
			return false;
		i = (size_t)(p - rest.p);
		if (span_has(rest, i, "PK\7\10", 4) && take_descriptor(bytes, z->data + i + 4, i, z))
			return true;
		bool header = span_has(rest, i, "PK\3\4", 4) || span_has(rest, i, "PK\1\2", 4);
		if (header && i >= 12 && take_descriptor(bytes, z->data + i - 12, i - 12, z))
			return true;
	}
	return false;
}

/* The local entry at `at` with its sizes; false when there is none, or when its end is not found (then *open). */
static bool local_next(struct span bytes, uint64_t at, struct zip_entry *z, bool *open)
{
	*open = false;
	if (!zip_local_read(bytes, at, z))
		return false;
	if (!(z->flags & ZIP_FLAG_DESCRIPTOR))
		return true;
	if (z->packed == 0 || z->packed == UINT32_MAX) { /* all ones without zip64: not known either */
		*open = !find_descriptor(bytes, z);
		return !*open;
	}
	/* Some writers fill in the sizes and add the descriptor nevertheless. */
	struct zip_entry known = *z;
	uint64_t signature = span_has(bytes, z->next, "PK\7\10", 4) ? 4 : 0;
	if (!signature && span_has(bytes, z->next, "PK", 2))
		return true;
	if (!take_descriptor(bytes, z->next + signature, z->packed, z))
		*z = known;
	return true;
}

/* Its size, pairs, its size again, a magic: where it ends, or 0. */
static uint64_t signing_block_end(struct span bytes, uint64_t at)
{
	uint64_t size = span_u32le(bytes, at);
	bool small = size >= 24 && span_u32le(bytes, at + 4) == 0;
	return small && span_has(bytes, at + 8 + size - 16, "APK Sig Block 42", 16) ? at + 8 + size : 0;
}

/* Android's signing block stands before the central directory. Where it fills whole pages zeros stand before it. */
static uint64_t skip_signing_block(struct span bytes, uint64_t at)
{
	uint64_t end = signing_block_end(bytes, at), from = at;
	while (!end && from < bytes.n && from - at < PADDING_MAX && !bytes.p[from])
		from++;
	if (!end && from > at)
		end = signing_block_end(bytes, from);
	return end ? end : at;
}

/* Over the records behind the central directory; sets the shift from the one that tells where it should begin. */
static void take_end(struct span bytes, struct layout *l)
{
	uint64_t at = l->central_end, told = UINT32_MAX;
	unsigned disk = UINT16_MAX;
	if (span_has(bytes, at, "PK\5\5", 4))
		at += 6 + (uint64_t)span_u16le(bytes, at + 4);
	if (span_has(bytes, at, "PK\6\6", 4)) {
		told = span_u32le(bytes, at + 48) | (uint64_t)span_u32le(bytes, at + 52) << 32;
		disk = span_u32le(bytes, at + 16);
		at += 12 + (uint64_t)span_u32le(bytes, at + 4);
		if (span_has(bytes, at, "PK\6\7", 4))
			at += 20;
	}
	if (!span_has(bytes, at, "PK\5\6", 4) || !span_sub(bytes, at, END_SIZE).p) {
		l->end = l->central_end;
		return;
	}
	if (told == UINT32_MAX)
		told = span_u32le(bytes, at + 16);
	l->shift = told <= l->central + UINT32_MAX ? (int64_t)(l->central - told) : 0;
	l->whole = true;
	l->disk = span_u16le(bytes, at + 4) == UINT16_MAX ? disk : span_u16le(bytes, at + 4);
	l->record = at;
	l->end = at + END_SIZE + span_u16le(bytes, at + 20);
}

/* A split archive begins with a marker, 8.5.4 and 8.5.5 of APPNOTE.TXT: the second kind stands where one part was enough. */
static bool is_split(struct span bytes)
{
	return span_starts(bytes, "PK\7\10PK\3\4", 8);
}

static uint64_t first_local(struct span bytes)
{
	return is_split(bytes) || span_starts(bytes, "PK00PK\3\4", 8) ? MARKER_SIZE : 0;
}

/* Whether an archive may begin with that entry: nothing else is looked for behind one that has no name. A name with a NUL is code or a
 * table of a program that reads archives, but may be damage or a disguise, too: then another header stands where it leads. */
static bool may_be_first(struct span bytes, const struct zip_entry *z)
{
	return z->name.n && z->name.p[0] && (!memchr(z->name.p, 0, z->name.n) || span_has(bytes, z->next, "PK", 2));
}

/* Where the next header begins behind a gap: what an entry leaves that was taken out, or was longer than its local header says. 0 when
 * there is none near. */
static uint64_t behind_gap(struct span bytes, uint64_t at)
{
	struct span gap = span_clip(bytes, at, GAP_MAX);
	for (size_t i = 0; i + 4 <= gap.n; i++)
		if (span_has(gap, i, "PK\3\4", 4) || span_has(gap, i, "PK\1\2", 4))
			return at + i;
	return 0;
}

/* The central directory behind some gaps between the entries, when it has the first of them; else 0. */
static uint64_t central_behind_gaps(struct span bytes, uint64_t at)
{
	struct zip_entry z;
	bool open = false;
	for (unsigned gaps = 0; gaps < GAPS_MAX && !open && (at = behind_gap(bytes, at)); gaps++) {
		uint64_t end = at;
		while (zip_central_read(bytes, end, &z))
			end = z.next;
		if (end > at)
			return zip_central_by_end(span_clip(bytes, 0, end + END_SEARCH), at, first_local(bytes));
		/* An entry whose end is not found is taken with all that was searched for it, once, where an archive may begin with it. */
		bool first = zip_local_read(bytes, at, &z) && may_be_first(bytes, &z);
		while (first && local_next(bytes, at, &z, &open))
			at = z.next;
		at += at == end; /* no header after all */
	}
	return 0;
}

/* The central directory where the local headers lead beyond it, as one does that says too much: before their end. 0 when there is none. */
static uint64_t central_within(struct span bytes, uint64_t locals_end)
{
	struct zip_entry z;
	uint64_t first = first_local(bytes), end = zip_local_any(bytes, first, &z) && z.next > locals_end ? z.next : locals_end;
	end = end < DESCRIPTOR_SCAN ? end : DESCRIPTOR_SCAN;
	return zip_central_by_end(span_clip(bytes, 0, end + END_SEARCH), first + LOCAL_SIZE, first);
}

static void find_layout(struct span bytes, struct layout *l)
{
	struct zip_entry z;
	bool open = false;
	*l = (struct layout){ .locals_end = first_local(bytes) };
	uint64_t end, by_first = zip_central_first(bytes, &end);
	if (by_first) {
		l->central = ZIP_CENTRAL_FIRST;
		l->central_end = by_first;
		take_end(bytes, l);
		l->end = end;
		return;
	}
	while (local_next(bytes, l->locals_end, &z, &open))
		l->locals_end = z.next;
	uint64_t by_end = open ? zip_central_by_end(bytes, z.data, first_local(bytes)) : 0;
	if (!open && !span_has(bytes, skip_signing_block(bytes, l->locals_end), "PK\1\2", 4))
		by_end = central_behind_gaps(bytes, l->locals_end);
	if (!open && !by_end && !span_has(bytes, skip_signing_block(bytes, l->locals_end), "PK\1\2", 4))
		by_end = central_within(bytes, l->locals_end);
	if (open && !by_end) { /* all that was searched is taken, so that it is not searched again */
		uint64_t end = z.data + DESCRIPTOR_SCAN;
		l->end = end < bytes.n ? end : bytes.n;
		return;
	}
	l->locals_end = by_end ? by_end : l->locals_end;
	l->central = l->central_end = by_end ? by_end : skip_signing_block(bytes, l->locals_end);
	while (zip_central_read(bytes, l->central_end, &z))
		l->central_end = z.next;
	if (l->central_end == l->central)
		l->end = l->locals_end;
	else
		take_end(bytes, l);
}

static bool zip_probe(struct span at, struct format_match *match)
{
	struct zip_entry z;
	struct layout l;
	uint64_t first = first_local(at);
	match->confidence = 85;
	if (!zip_local_any(at, first, &z)) /* any entry of a central directory stands so: nothing else is looked for */
		return zip_central_first(at, &match->size) != 0;
	if (!zip_local_read(at, first, &z) || !may_be_first(at, &z))
		return false;
	find_layout(at, &l);
	match->size = l.end;
	return true;
}

/* A first local header without a name, or with a length that leads beyond the bytes, shows no archive by itself: the central directory
 * has to, which is not looked for wherever such bytes stand. */
static bool zip_probe_whole(struct span all, struct format_match *match)
{
	struct zip_entry z;
	struct layout l;
	if (!zip_local_any(all, first_local(all), &z))
		return false;
	find_layout(all, &l);
	*match = (struct format_match){ .size = l.end, .confidence = 85 };
	return l.whole && l.shift == 0;
}

/* The "UT" extra field counts from 1970 in UTC; MS-DOS' time has no zone and is taken as UTC. */
static int64_t mtime_of(const struct zip_entry *z)
{
	struct reader r = reader_le(z->extra);
	while (rd_left(&r) >= 4) {
		uint16_t id = rd_u16(&r), size = rd_u16(&r);
		struct span field = rd_bytes(&r, size);
		if (id == 0x5455 && field.n >= 5 && field.p[0] & 1)
			return (int32_t)span_u32le(field, 1);
	}
	unsigned month = z->dos_date >> 5 & 15, day = z->dos_date & 31;
	if (month < 1 || month > 12 || day < 1)
		return FACT_NULL;
	return days_from_civil(1980 + (z->dos_date >> 9), month, day) * 86400 + (z->dos_time >> 11) * 3600 +
		   (z->dos_time >> 5 & 63) * 60 + (z->dos_time & 31) * 2;
}

static bool is_ascii(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] >= 0x80)
			return false;
	return true;
}

/* The first extra field of that kind, once for each name: its CRC is of all of that. */
static struct span extra_of(const struct zip_entry *z, uint16_t kind)
{
	struct reader r = reader_le(z->extra);
	while (rd_left(&r) >= 4) {
		uint16_t id = rd_u16(&r), size = rd_u16(&r);
		struct span field = rd_bytes(&r, size);
		if (id == kind)
			return field;
	}
	return SPAN_NONE;
}

/* The name; or the one in Unicode that stands beside it and gives its CRC (APPNOTE 4.6.9), which is what other programs write. There
 * is no need of it for a name that is in Unicode itself, or ASCII: then it is the name which programs that know no such field write. */
static struct text name_of(const struct zip_entry *z)
{
	struct span field = z->flags & ZIP_FLAG_UTF8 ? SPAN_NONE : extra_of(z, 0x7075);
	struct text name = text_from_span(span_from(field, 5));
	if (field.n <= 5 || field.p[0] != 1 || is_ascii(name) ||
		span_u32le(field, 1) != hash_crc32(0, span_of((const uint8_t *)z->name.p, z->name.n)))
		return z->name;
	return name;
}

struct unpacking {
	struct walk *w;
	struct span bytes;
	struct path_buffer path;
	struct rest rest;
	unsigned number;  /* of the entry at hand, from 1 on */
	uint64_t claimed; /* stored bytes in all: entries may overlap, which must not multiply the work */
};

static struct unpacking unpacking_of(struct span bytes, struct walk *w)
{
	return (struct unpacking){ .w = w, .bytes = bytes, .path = { .arena = w->arena }, .rest = { .arena = w->arena } };
}

static uint32_t unix_mode(const struct zip_entry *z)
{
	unsigned host = z->made_by >> 8;
	return host == HOST_UNIX || host == HOST_DARWIN ? z->external >> 16 : 0;
}

static void set_link_target(struct unpacking *u, struct entry *e)
{
	const struct content *c = &e->content;
	struct span target = c->kind == CONTENT_SPAN ? c->bytes : SPAN_NONE;
	struct buf out = buf_with_limit(LINK_MAX);
	if (c->kind == CONTENT_STREAM) {
		struct error error = c->ops->unpack(c->fs, c->file, &out);
		if (error_is(&error))
			emit_error(u->w->sink, &error);
		target = buf_span(&out);
	}
	char *copy = arena_strdup(u->w->arena, text_from_span(target));
	e->link_target = copy ? text_of(copy, target.n) : TEXT_NONE;
	e->content = (struct content){ .kind = CONTENT_NONE };
	buf_free(&out);
}

/* The root is no entry, but a file that has its name, or none, is one. */
static struct text entry_path(struct unpacking *u, const struct zip_entry *z, enum entry_kind kind)
{
	struct text path = path_from_root(&u->path, name_of(z));
	u->number++;
	if (kind == ENTRY_DIRECTORY || !path.p || !text_is(path, "/"))
		return path;
	return path_of_nameless(&u->path, u->number, ERR_CORRUPT, z->at, u->w->sink);
}

static void verify_stored(struct unpacking *u, const struct zip_entry *z, struct span data)
{
	if (data.n < z->packed) {
		emit_damage_at(u->w->sink, ERR_TRUNCATED, z->data, "an entry has %llu bytes, %zu are there",
					   (unsigned long long)z->packed, data.n);
		return;
	}
	uint32_t crc = hash_crc32(0, data);
	if (crc != z->crc)
		emit_damage_at(u->w->sink, ERR_CORRUPT, z->data, "the header says CRC 0x%08x, the data has 0x%08x", z->crc,
					   crc);
}

/* What is a directory or a link by its name or mode, but holds what neither can, is shown as the file that it may be unpacked to. */
static enum entry_kind kind_of(const struct zip_entry *z)
{
	uint32_t mode = unix_mode(z);
	if (S_ISDIR(mode) || text_ends(z->name, "/"))
		return z->size || z->packed > DIRECTORY_PACKED_MAX ? ENTRY_FILE : ENTRY_DIRECTORY;
	bool short_enough = z->size <= LINK_MAX && (z->method != ZIP_STORED || z->packed <= LINK_MAX);
	return S_ISLNK(mode) && short_enough ? ENTRY_SYMLINK : ENTRY_FILE;
}

/* Emits one entry whose data offset is known; false when the walk is to stop. */
static bool entry_emit(struct unpacking *u, const struct zip_entry *z, struct error *error)
{
	uint32_t mode = unix_mode(z);
	struct entry e = { ENTRY_INIT, .kind = kind_of(z) };
	e.path = entry_path(u, z, e.kind);
	e.mode = mode ? mode & 07777 : FACT_NULL;
	e.mtime = mtime_of(z);
	if (!e.path.p || (e.kind != ENTRY_DIRECTORY && !zip_content(u->bytes, z, u->w->arena, &e.content))) {
		*error = error_at(ERR_BUDGET, z->at, "no memory left for the archive's entries");
		return false;
	}
	if (e.content.kind == CONTENT_SPAN) {
		u->claimed += e.content.bytes.n;
		if (u->claimed > 2 * (uint64_t)u->bytes.n) {
			*error =
				error_at(ERR_BUDGET, z->at, "the entries overlap: together they claim more than the archive holds");
			return false;
		}
		verify_stored(u, z, e.content.bytes);
	}
	if (e.kind == ENTRY_FILE) {
		e.offset = z->data;
		e.size = z->size;
	} else if (e.kind == ENTRY_SYMLINK) {
		set_link_target(u, &e);
	}
	return entry_is_root(&e) || u->w->child(u->w, &e);
}

/* The record of the end alone may be wrong: the marker says so too, or some entry that begins in a later part. */
static bool is_of_parts(struct span bytes, const struct layout *l)
{
	struct zip_entry z;
	bool later = is_split(bytes);
	for (uint64_t at = l->central; l->disk && !later && at < l->central_end && zip_central_read(bytes, at, &z);
		 at = z.next)
		later = z.disk != 0;
	return l->disk && later;
}

/* Says of a split archive how many of its entries begin in parts that are not here. */
static void tell_missing(struct unpacking *u, uint64_t at, unsigned missing, unsigned all)
{
	if (missing)
		emit_damage_at(u->w->sink, ERR_TRUNCATED, at,
					   "%u of %u entries begin in parts of a split archive that are not here", missing, all);
}

/* The parts of a split archive, one behind the other. Its central directory counts from the start of each part, and where one
 * begins can not be seen; but its entries stand in the order of their local headers. */
static struct error walk_joined(struct unpacking *u, const struct layout *l)
{
	struct zip_entry z, local;
	struct error error = error_none();
	unsigned missing = 0, all = 0;
	bool open, more = local_next(u->bytes, first_local(u->bytes), &local, &open);
	for (uint64_t at = l->central; at < l->central_end && zip_central_read(u->bytes, at, &z); at = z.next, all++) {
		if (!more || !text_eq(local.name, z.name)) {
			missing++;
			continue;
		}
		z.data = local.data;
		if (!entry_emit(u, &z, &error))
			return error;
		more = local_next(u->bytes, local.next, &local, &open); /* once each: its end may be far */
	}
	tell_missing(u, l->central, missing, all);
	return error;
}

struct error zip_walk_part(struct span bytes, uint64_t central, uint64_t central_end, unsigned disk, struct walk *w)
{
	struct unpacking u = unpacking_of(bytes, w);
	struct zip_entry z, local;
	struct error error = error_none();
	unsigned missing = 0, all = 0;
	for (uint64_t at = central; at < central_end && zip_central_read(bytes, at, &z); at = z.next, all++) {
		if (z.disk != disk || !zip_local_read(bytes, z.local_at, &local)) {
			missing++;
			continue;
		}
		z.data = local.data;
		if (!entry_emit(&u, &z, &error))
			return error;
	}
	tell_missing(&u, central, missing, all);
	return error;
}

/* A text, or Android's signature of an update, whose footer says how long it is, all ones, and how long the comment is: there are
 * few bytes before it. Other comments are looked at. */
static bool comment_is_plain(struct span comment)
{
	uint64_t footer = comment.n >= FOOTER ? comment.n - FOOTER : 0, size = span_u16le(comment, footer);
	if (span_u16le(comment, footer + 2) == 0xffff && span_u16le(comment, footer + 4) == comment.n && size <= comment.n &&
		comment.n - size < BEFORE_SIGNATURE)
		return true;
	for (size_t i = 0; i < comment.n; i++)
		if (comment.p[i] < 32 && comment.p[i] != '\t' && comment.p[i] != '\r' && comment.p[i] != '\n' && i + 1 < comment.n)
			return false;
	return true;
}

/* The central directory with what stands behind it and, before it, Android's signing block, whose size is at its end too. Where it
 * comes first, its record stands behind it and once more at the end. */
static void take_directory(struct unpacking *u, const struct layout *l)
{
	if (l->central == ZIP_CENTRAL_FIRST) {
		rest_take(&u->rest, 0, l->central_end + END_SIZE);
		rest_take(&u->rest, l->end - END_SIZE, END_SIZE);
		return;
	}
	uint64_t at = l->central, size = at >= 24 ? span_u32le(u->bytes, at - 24) : 0;
	if (at >= 24 && size + 8 <= at && signing_block_end(u->bytes, at - size - 8) == at)
		at -= size + 8;
	uint64_t comment = l->record + END_SIZE;
	bool hides = l->whole && comment < l->end && !comment_is_plain(span_clip(u->bytes, comment, l->end - comment));
	rest_take(&u->rest, at, (hides ? comment : l->end) - at);
	rest_take(&u->rest, 0, first_local(u->bytes));
}

static bool stands_at(struct span bytes, uint64_t at, const struct zip_entry *central)
{
	struct zip_entry local;
	return zip_local_any(bytes, at, &local) && text_eq(local.name, central->name);
}

/* Where the local header of an entry stands: as far from where the directory says as that itself is from where its record does, or,
 * when bytes are missing or too many behind it, where the directory says. */
static uint64_t local_of(const struct unpacking *u, const struct layout *l, const struct zip_entry *z, unsigned *unmoved)
{
	uint64_t local = (uint64_t)((int64_t)z->local_at + l->shift);
	if (!l->shift || stands_at(u->bytes, local, z) || !stands_at(u->bytes, z->local_at, z))
		return local;
	++*unmoved;
	return z->local_at;
}

static struct error walk_central(struct unpacking *u, const struct layout *l)
{
	unsigned unmoved = 0;
	struct zip_entry z;
	struct zip_differences differences = { 0 };
	struct error error = error_none();
	for (uint64_t at = l->central; at < l->central_end && zip_central_read(u->bytes, at, &z); at = z.next) {
		uint64_t local = local_of(u, l, &z, &unmoved);
		z.data = zip_data_of(u->bytes, local, &z, &differences);
		if (z.data)
			rest_take(&u->rest, local, z.data - local + z.packed);
		else
			emit_damage_at(u->w->sink, ERR_CORRUPT, at, "no local header at %llu", (unsigned long long)z.local_at);
		if (z.data == 0)
			z.packed = 0;
		if (!entry_emit(u, &z, &error))
			return error;
	}
	if (unmoved)
		emit_damage_at(u->w->sink, ERR_CORRUPT, l->central,
					   "the central directory stands %lld bytes from where its end says, %u entries do not", (long long)l->shift, unmoved);
	zip_tell_differences(&differences, u->w->sink);
	if (!l->whole)
		emit_damage_at(u->w->sink, ERR_TRUNCATED, l->central_end, "no end of the central directory");
	take_directory(u, l);
	rest_emit(&u->rest, u->bytes, u->w);
	return error;
}

static struct error walk_locals(struct unpacking *u, const struct layout *l)
{
	struct zip_entry z;
	struct error error = error_none();
	bool open = false;
	for (uint64_t at = first_local(u->bytes); local_next(u->bytes, at, &z, &open); at = z.next)
		if (!entry_emit(u, &z, &error))
			return error;
	if (is_split(u->bytes))
		return error_at(ERR_TRUNCATED, l->locals_end,
						"this is the first part of a split archive: what should follow is not here, or damaged");
	return error_at(ERR_TRUNCATED, l->locals_end, open ? "the end of an entry was not found" : "no central directory");
}

static struct error zip_walk(struct span bytes, struct walk *w)
{
	struct unpacking u = unpacking_of(bytes, w);
	struct layout l;
	find_layout(bytes, &l);
	if (l.whole)
		zip_report_signatures(w, span_clip(bytes, 0, l.end), l.central, l.record);
	if (is_of_parts(bytes, &l))
		return walk_joined(&u, &l);
	jar_report_signatures(w, bytes, l.central, l.central_end, l.shift);
	return l.central_end > l.central ? walk_central(&u, &l) : walk_locals(&u, &l);
}

static const struct format_magic zip_magics[] = { MAGIC("PK\3\4", 0), MAGIC("PK\7\10PK\3\4", 0), MAGIC("PK00PK\3\4", 0),
												  MAGIC("PK\1\2", ZIP_CENTRAL_FIRST), MAGIC_END };

const struct format zip_format = {
	.name = "zip",
	.kind = FORMAT_ARCHIVE,
	.title = "zip archive (apk, jar, office documents)",
	.spec = "PKWARE APPNOTE.TXT 6.3.10",
	.magics = zip_magics,
	.probe = zip_probe,
	.probe_whole = zip_probe_whole,
	.walk = zip_walk,
};
