/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zip archives of cameras with signatures that no unzip knows: Instar changes the last byte of each, Dahua the first
 * two of the first one. Given back as the zip archive that they are.
 *
 * Specification: unblob handlers/archive/instar/instar_hd.py; Dahua's firmware as binwalk and dahua-fw tools undo
 * it.
 */
#include "format/format.h"

#define LOCAL_SIZE 30u
#define CENTRAL_SIZE 46u
#define END_SIZE 22u
#define NAME_LIMIT 512u

struct disguise {
	const char *local, *central, *end; /* NULL: as in any zip */
};

static const struct disguise disguises[] = {
	{ "PK\3\7", "PK\1\x08", "PK\5\x09" }, /* Instar */
	{ "DH\3\4", NULL, NULL },             /* Dahua */
};

static const struct disguise *disguise_of(struct span bytes)
{
	for (size_t i = 0; i < sizeof disguises / sizeof disguises[0]; i++)
		if (span_starts(bytes, disguises[i].local, 4))
			return &disguises[i];
	return NULL;
}

static bool printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

static bool disguised_probe(struct span at, struct format_match *match)
{
	uint16_t version = span_u16le(at, 4), flags = span_u16le(at, 6), method = span_u16le(at, 8),
			 name = span_u16le(at, 26);
	match->size = SIZE_UNKNOWN;
	match->confidence = 90;
	return disguise_of(at) && version >= 10 && version <= 63 && !(flags & 0xf000) &&
		   (method == 0 || method == 8 || method == 9 || method == 12 || method == 14) && name <= NAME_LIMIT &&
		   printable(span_sub(at, LOCAL_SIZE, name));
}

/* Where the archive ends: behind the end record, at *record_at, whose central directory stands right before it. 0:
 * nowhere. */
static size_t archive_end(struct span bytes, const char *signature, uint64_t *record_at)
{
	struct span rest = bytes;
	const uint8_t *p;
	while (rest.n && (p = memmem(rest.p, rest.n, signature, 4))) {
		uint64_t at = (uint64_t)(p - bytes.p);
		struct span record = span_sub(bytes, at, END_SIZE);
		if (record.p && (uint64_t)span_u32le(record, 12) + span_u32le(record, 16) == at) {
			*record_at = at;
			uint64_t end = at + END_SIZE + span_u16le(record, 20);
			return end < bytes.n ? (size_t)end : bytes.n;
		}
		rest = span_from(bytes, at + 1);
	}
	return 0;
}

/* Gives the central directory at `from` and the local headers that it points at their signatures back. */
static void restore_headers(struct span archive, uint8_t *out, uint64_t from, const struct disguise *d)
{
	while (span_has(archive, from, d->central, 4)) {
		uint64_t local = span_u32le(archive, from + 42);
		memcpy(out + from, "PK\1\2", 4);
		if (span_has(archive, local, d->local, 4))
			memcpy(out + local, "PK\3\4", 4);
		from += (uint64_t)CENTRAL_SIZE + span_u16le(archive, from + 28) + span_u16le(archive, from + 30) +
				span_u16le(archive, from + 32);
	}
}

static struct error disguised_unpack(struct span bytes, struct buf *out, size_t *used)
{
	const struct disguise *d = disguise_of(bytes);
	*used = 0;
	if (!d)
		return error_at(ERR_CORRUPT, 0, "not a disguised zip archive");
	uint64_t record;
	size_t end = archive_end(bytes, d->end ? d->end : "PK\5\6", &record), from = out->n;
	*used = bytes.n; /* all was looked through */
	if (!end)
		return error_at(ERR_TRUNCATED, bytes.n, "the archive has no end record");
	enum error_code code = buf_add(out, bytes.p, end);
	if (code)
		return error_at(code, 0, "the archive has %zu bytes", end);
	memcpy(out->p + from, "PK\3\4", 4);
	if (d->end) {
		restore_headers(span_sub(bytes, 0, record), out->p + from, span_u32le(bytes, record + 16), d);
		memcpy(out->p + from + record, "PK\5\6", 4);
	}
	*used = end;
	return error_none();
}

static const struct format_magic disguised_magics[] = { MAGIC("PK\3\7", 0), MAGIC("DH\3\4", 0), MAGIC_END };

const struct format zip_disguised_format = {
	.name = "zip_disguised",
	.kind = FORMAT_ENCODING,
	.title = "Zip archive with changed signatures (Instar, Dahua)",
	.spec = "unblob handlers/archive/instar/instar_hd.py",
	.magics = disguised_magics,
	.probe = disguised_probe,
	.unpack = disguised_unpack,
};
