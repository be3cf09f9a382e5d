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
#include "format/zip_layout.h"
#include "format/zip_signature.h"

#define LINK_MAX 4096u /* a symbolic link's target */
#define DIRECTORY_PACKED_MAX 16u /* of nothing: an empty stream, the header of an encrypted one */
#define FOOTER 6u /* of a signature in the comment */
#define BEFORE_SIGNATURE 64u
#define HOST_FAT 0u
#define HOST_UNIX 3u
#define HOST_DARWIN 19u

static bool zip_probe(struct span at, struct format_match *match)
{
	struct zip_entry z;
	struct zip_layout l;
	uint64_t first = zip_first_local(at);
	match->confidence = 85;
	if (!zip_local_any(at, first, &z)) /* any entry of a central directory stands so: nothing else is looked for */
		return zip_central_first(at, &match->size) != 0;
	if (!zip_local_read(at, first, &z) || !zip_may_be_first(at, &z))
		return false;
	zip_layout_find(at, &l);
	match->size = l.end;
	return true;
}

/* A first local header without a name, or with a length that leads beyond the bytes, shows no archive by itself: the central directory
 * has to, which is not looked for wherever such bytes stand. */
static bool zip_probe_whole(struct span all, struct format_match *match)
{
	struct zip_entry z;
	struct zip_layout l;
	if (!zip_local_any(all, zip_first_local(all), &z))
		return false;
	zip_layout_find(all, &l);
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

/* What was packed on Windows with backslashes, as older .NET does; unzip and 7z take them for slashes where there is none. */
static bool has_backslashes(const struct zip_entry *z)
{
	return z->made_by >> 8 == HOST_FAT && text_has(z->name, "\\") && !text_has(z->name, "/");
}

static struct text slashed(struct arena *arena, struct text name)
{
	char *copy = arena_strdup(arena, name);
	for (size_t i = 0; copy && i < name.n; i++)
		copy[i] = copy[i] == '\\' ? '/' : copy[i];
	return copy ? text_of(copy, name.n) : name;
}

/* The root is no entry, but a file that has its name, or none, is one. */
static struct text entry_path(struct unpacking *u, const struct zip_entry *z, enum entry_kind kind)
{
	struct text name = name_of(z), path = path_from_root(&u->path, has_backslashes(z) ? slashed(u->w->arena, name) : name);
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
	if (S_ISDIR(mode) || text_ends(z->name, "/") || (has_backslashes(z) && text_ends(z->name, "\\")))
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
static bool is_of_parts(struct span bytes, const struct zip_layout *l)
{
	struct zip_entry z;
	bool later = zip_is_split(bytes);
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
static struct error walk_joined(struct unpacking *u, const struct zip_layout *l)
{
	struct zip_entry z, local;
	struct error error = error_none();
	unsigned missing = 0, all = 0;
	bool open, more = zip_local_next(u->bytes, zip_first_local(u->bytes), &local, &open);
	for (uint64_t at = l->central; at < l->central_end && zip_central_read(u->bytes, at, &z); at = z.next, all++) {
		if (!more || !text_eq(local.name, z.name)) {
			missing++;
			continue;
		}
		z.data = local.data;
		if (!entry_emit(u, &z, &error))
			return error;
		more = zip_local_next(u->bytes, local.next, &local, &open); /* once each: its end may be far */
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
static void take_directory(struct unpacking *u, const struct zip_layout *l)
{
	if (l->central == ZIP_CENTRAL_FIRST) {
		rest_take(&u->rest, 0, l->central_end + ZIP_END_SIZE);
		rest_take(&u->rest, l->end - ZIP_END_SIZE, ZIP_END_SIZE);
		return;
	}
	uint64_t at = l->central, size = at >= 24 ? span_u32le(u->bytes, at - 24) : 0;
	if (at >= 24 && size + 8 <= at && zip_signing_block_end(u->bytes, at - size - 8) == at)
		at -= size + 8;
	uint64_t comment = l->record + ZIP_END_SIZE;
	bool hides = l->whole && comment < l->end && !comment_is_plain(span_clip(u->bytes, comment, l->end - comment));
	rest_take(&u->rest, at, (hides ? comment : l->end) - at);
	rest_take(&u->rest, 0, zip_first_local(u->bytes));
}

static bool stands_at(struct span bytes, uint64_t at, const struct zip_entry *central)
{
	struct zip_entry local;
	return zip_local_any(bytes, at, &local) && text_eq(local.name, central->name);
}

/* Where the local header of an entry stands: as far from where the directory says as that itself is from where its record does, or,
 * when bytes are missing or too many behind it, where the directory says. */
static uint64_t local_of(const struct unpacking *u, const struct zip_layout *l, const struct zip_entry *z, unsigned *unmoved)
{
	uint64_t local = (uint64_t)((int64_t)z->local_at + l->shift);
	if (!l->shift || stands_at(u->bytes, local, z) || !stands_at(u->bytes, z->local_at, z))
		return local;
	++*unmoved;
	return z->local_at;
}

static struct error walk_central(struct unpacking *u, const struct zip_layout *l)
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

static struct error walk_locals(struct unpacking *u, const struct zip_layout *l)
{
	struct zip_entry z;
	struct error error = error_none();
	bool open = false;
	for (uint64_t at = zip_first_local(u->bytes); zip_local_next(u->bytes, at, &z, &open); at = z.next)
		if (!entry_emit(u, &z, &error))
			return error;
	if (zip_is_split(u->bytes))
		return error_at(ERR_TRUNCATED, l->locals_end,
						"this is the first part of a split archive: what should follow is not here, or damaged");
	return error_at(ERR_TRUNCATED, l->locals_end, open ? "the end of an entry was not found" : "no central directory");
}

static struct error zip_walk(struct span bytes, struct walk *w)
{
	struct unpacking u = unpacking_of(bytes, w);
	struct zip_layout l;
	zip_layout_find(bytes, &l);
	unsigned schemes = l.whole ? zip_report_signatures(w, span_clip(bytes, 0, l.end), l.central, l.record) : 0;
	if (is_of_parts(bytes, &l))
		return walk_joined(&u, &l);
	jar_report_signatures(w, bytes, l.central, l.central_end, l.shift, schemes);
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
