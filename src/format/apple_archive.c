/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple Archive: entries, each with a header of fields and the blobs that these tell of.
 *
 * Specification: The Apple Wiki, "Apple Archive"; the keys of AppleArchive's AADefs.h (macOS SDK); libNeoAppleArchive, NeoAAFieldType.
 */
#include "format/digest.h"

#define HEAD 6u /* magic and size of a header */
#define FIELD 4u

struct archived {
	uint64_t at, header, blobs; /* where it is, and bytes */
	char type;
	struct text path, target;
	int64_t mode, uid, gid, mtime, device;
	uint64_t data_at, data_n;
	bool has_data, linked;
	struct span sha1, sha256;
};

/* Bytes that a field has in the header, behind its key; of a text its length too. False: no such kind. */
static bool field_size(char kind, struct span rest, uint64_t *n)
{
	static const struct {
		char kind;
		uint8_t n;
	} sizes[] = { { '*', 0 },  { '1', 1 },  { '2', 2 },  { '4', 4 },  { '8', 8 }, { 'A', 2 }, { 'B', 4 }, { 'C', 8 },
				  { 'F', 4 },  { 'G', 20 }, { 'H', 32 }, { 'I', 48 }, { 'J', 64 }, { 'S', 8 }, { 'T', 12 } };
	if (kind == 'P') {
		*n = 2 + (uint64_t)span_u16le(rest, 0);
		return true;
	}
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (sizes[i].kind == kind) {
			*n = sizes[i].n;
			return true;
		}
	return false;
}

static bool is_number(char kind)
{
	return kind >= '1' && kind <= '8';
}

static void field_take(struct archived *a, struct span key, struct span value)
{
	struct reader r = reader_le(value);
	char kind = (char)key.p[3];
	uint64_t number = value.n <= 8 ? rd_uint(&r, (unsigned)value.n) : 0;
	struct text text = text_from_span(span_from(value, 2));
	if (span_starts(key, "PATP", 4))
		a->path = text;
	else if (span_starts(key, "LNKP", 4))
		a->target = text;
	else if (span_starts(key, "SH1G", 4))
		a->sha1 = value;
	else if (span_starts(key, "SH2H", 4))
		a->sha256 = value;
	else if (span_starts(key, "MTM", 3) && (kind == 'S' || kind == 'T'))
		a->mtime = (int64_t)(kind == 'T' ? (span_u32le(value, 0) | (uint64_t)span_u32le(value, 4) << 32) : number);
	else if (span_starts(key, "HLC", 3))
		a->linked = true;
	else if (!is_number(kind))
		return;
	else if (span_starts(key, "TYP", 3))
		a->type = (char)number;
	else if (span_starts(key, "MOD", 3))
		a->mode = number & 07777;
	else if (span_starts(key, "UID", 3))
		a->uid = (int64_t)number;
	else if (span_starts(key, "GID", 3))
		a->gid = (int64_t)number;
	else if (span_starts(key, "DEV", 3))
		a->device = (int64_t)(number >> 24 & 0xff) << 32 | (int64_t)(number & 0xffffff);
}

/* Blobs follow the header in the order of their fields. False when they would end nowhere. */
static bool blob_take(struct archived *a, struct span key, struct span value)
{
	struct reader r = reader_le(value);
	uint64_t n = rd_uint(&r, (unsigned)value.n);
	if (span_starts(key, "DAT", 3)) {
		a->has_data = true;
		a->data_at = a->at + a->header + a->blobs;
		a->data_n = n;
	}
	return n <= INT64_MAX && !__builtin_add_overflow(a->blobs, n, &a->blobs) && a->blobs <= INT64_MAX - a->at;
}

/* The entry that begins there; its header must be whole. */
static bool entry_read(struct span s, uint64_t at, struct archived *a)
{
	struct span head = span_sub(s, at, HEAD);
	*a = (struct archived){ .at = at, .header = span_u16le(head, 4), .mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL,
							.mtime = FACT_NULL, .device = FACT_NULL };
	struct span header = span_sub(s, at, a->header);
	if ((!span_starts(head, "AA01", 4) && !span_starts(head, "YAA1", 4)) || a->header < HEAD + FIELD + 1 || !header.p)
		return false;
	for (uint64_t i = HEAD; i < header.n;) {
		struct span key = span_sub(header, i, FIELD);
		uint64_t n = 0;
		if (!key.p || !field_size((char)key.p[3], span_from(header, i + FIELD), &n))
			return false;
		for (unsigned k = 0; k < 3; k++)
			if ((key.p[k] < 'A' || key.p[k] > 'Z') && (key.p[k] < '0' || key.p[k] > '9'))
				return false;
		struct span value = span_sub(header, i + FIELD, n);
		if (!value.p)
			return false;
		field_take(a, key, value);
		if (key.p[3] >= 'A' && key.p[3] <= 'C' && !blob_take(a, key, value))
			return false;
		i += FIELD + n;
	}
	return a->type > ' ' && a->type <= '~';
}

static uint64_t entry_end(const struct archived *a)
{
	return a->at + a->header + a->blobs;
}

static uint64_t archive_end(struct span s)
{
	struct archived a;
	uint64_t at = 0;
	while (entry_read(s, at, &a))
		at = entry_end(&a);
	return at;
}

static bool archive_probe(struct span at, struct format_match *match)
{
	struct archived a;
	if (!entry_read(at, 0, &a))
		return false;
	match->size = archive_end(at);
	match->confidence = 85;
	return true;
}

static enum entry_kind kind_of(char type, bool *known)
{
	*known = true;
	switch (type) {
	case 'D':
		return ENTRY_DIRECTORY;
	case 'L':
		return ENTRY_SYMLINK;
	case 'B':
		return ENTRY_BLOCK_DEVICE;
	case 'C':
		return ENTRY_CHAR_DEVICE;
	case 'P':
		return ENTRY_FIFO;
	case 'S':
		return ENTRY_SOCKET;
	case 'F':
		return ENTRY_FILE;
	default:
		*known = false;
		return ENTRY_FILE;
	}
}

static void check_digests(struct walk *w, const struct archived *a, struct span data)
{
	bool sound = a->sha256.p ? digest_matches(DIGEST_SHA256, data, a->sha256) : !a->sha1.p || digest_matches(DIGEST_SHA1, data, a->sha1);
	if (!sound)
		emit_damage_at(w->sink, ERR_CORRUPT, a->data_at, "the digest of an entry of %zu bytes is wrong", data.n);
}

/* Paths are written without a slash before them; that of the first directory is empty. */
static struct text path_of(struct walk *w, struct text path)
{
	char *p = ARENA_ARRAY(w->arena, char, path.n + 1);
	if (!p)
		return TEXT_NONE;
	p[0] = '/';
	if (path.n)
		memcpy(p + 1, path.p, path.n);
	return text_of(p, path.n + 1);
}

/* False: no more are wanted. */
static bool entry_show(struct span s, const struct archived *a, struct walk *w)
{
	bool known;
	enum entry_kind kind = kind_of(a->type, &known);
	struct span data = span_clip(s, a->data_at, a->data_n);
	if (a->path.n == 0 && kind == ENTRY_DIRECTORY)
		return true;
	if (!known && !a->has_data)
		return true; /* of the archive itself: what it was made from, what an update removes */
	struct text path = path_of(w, a->path);
	if (!path.p)
		return false;
	struct entry e = entry_new(kind, path);
	e.mode = a->mode;
	e.uid = a->uid;
	e.gid = a->gid;
	e.mtime = a->mtime;
	if (kind == ENTRY_CHAR_DEVICE || kind == ENTRY_BLOCK_DEVICE)
		e.device = a->device;
	if (kind == ENTRY_SYMLINK)
		e.link_target = a->target;
	if (kind == ENTRY_FILE) {
		e.size = a->data_n;
		e.offset = a->data_at;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (data.n < a->data_n)
			emit_damage_at(w->sink, ERR_TRUNCATED, a->data_at, "an entry has %llu bytes, %zu are there", (unsigned long long)a->data_n, data.n);
		else
			check_digests(w, a, data);
		if (a->linked && !a->has_data)
			emit_damage_at(w->sink, ERR_UNSUPPORTED, a->at, "an entry is a further hard link, whose content stands with another entry");
	}
	return w->child(w, &e);
}

static struct error archive_walk(struct span bytes, struct walk *w)
{
	struct archived a;
	uint64_t at = 0;
	for (; entry_read(bytes, at, &a); at = entry_end(&a))
		if (!entry_show(bytes, &a, w))
			return error_none();
	if (at < bytes.n)
		return error_at(ERR_CORRUPT, at, "no entry stands where the one before ends");
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("AA01", 0), MAGIC("YAA1", 0), MAGIC_END };

const struct format apple_archive_format = {
	.name = "apple_archive",
	.kind = FORMAT_ARCHIVE,
	.title = "Apple Archive",
	.spec = "https://theapplewiki.com/wiki/Apple_Archive",
	.magics = magics,
	.probe = archive_probe,
	.walk = archive_walk,
};
