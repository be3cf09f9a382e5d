/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The central directory of a zip archive by the record of the end, for where the local headers do not lead there: a writer that
 * cannot seek leaves the sizes out of them, and behind a long entry the next header is not looked for byte by byte.
 *
 * Specification: PKWARE APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.
 */
#include "format/zip.h"

#define END_SIZE 22u
#define LOCATOR_SIZE 20u
#define WIDE_SIZE 56u /* of the record of zip64; what a writer adds to it makes it longer */
#define WIDE_MAX 512u
/* Entries that are read to tell the archive's own record from those of archives in it: as many as there can be in the bytes, and
 * some. Many records that lead to one directory would take the square of it. */
#define ENTRY_MIN 46u
#define TRIES_MIN 1024u
#define MOVED_MAX 65536u /* bytes that are missing from an archive, or too many */

/* The record at `at`: its own place or, with zip64, that of the wider one before it; what it says of the directory. */
static uint64_t record_read(struct span bytes, uint64_t at, uint64_t *size, uint64_t *told)
{
	uint64_t wide = at >= LOCATOR_SIZE ? at - LOCATOR_SIZE : 0;
	*size = span_u32le(bytes, at + 12);
	*told = span_u32le(bytes, at + 16);
	if (!span_has(bytes, wide, "PK\6\7", 4))
		return at;
	for (uint64_t back = WIDE_SIZE; back <= wide && back < WIDE_MAX; back++)
		if (span_has(bytes, wide - back, "PK\6\6", 4)) {
			*size = span_u64le(bytes, wide - back + 40);
			*told = span_u64le(bytes, wide - back + 48);
			return wide - back;
		}
	return at;
}

/* Whether the directory has the entry that the archive begins with, as far as the record can be believed. Where the local header has
 * another name, or none that can be read, the directory must be whole and stand where its record says. */
static bool leads_to(struct span bytes, uint64_t central, uint64_t end, uint64_t told, uint64_t first, uint64_t *tries)
{
	struct zip_entry z, local;
	bool found = false;
	uint64_t at = central;
	for (; at < end && *tries && zip_central_read(bytes, at, &z); at = z.next, --*tries) {
		if (z.local_at + central != told + first)
			continue;
		if (zip_local_read(bytes, first, &local) && text_eq(local.name, z.name))
			return true;
		found = true;
	}
	return found && at == end && central == told && zip_local_any(bytes, first, &local);
}

/* Whether the directory is whole and is this archive's, but does not stand where its record says, as bytes before it are missing or too
 * many: the first entry stands where it should, and not as far from there as the directory does. That of an archive within this one is
 * as far as that from all of its entries. */
static bool is_moved(struct span bytes, uint64_t central, uint64_t end, uint64_t told, uint64_t first, uint64_t *tries)
{
	struct zip_entry z, local, other;
	bool found = false;
	uint64_t at = central, distance = central > told ? central - told : told - central;
	if (!distance || distance > MOVED_MAX || !zip_local_read(bytes, first, &local))
		return false;
	bool elsewhere = first + central >= told && zip_local_any(bytes, first + central - told, &other) && text_eq(other.name, local.name);
	for (; !elsewhere && at < end && *tries && zip_central_read(bytes, at, &z); at = z.next, --*tries)
		found = found || (z.local_at == first && text_eq(z.name, local.name) && z.method == local.method);
	return found && at == end;
}

uint64_t zip_central_by_end(struct span bytes, uint64_t from, uint64_t first)
{
	struct span rest = span_from(bytes, from);
	uint64_t tries = TRIES_MIN + rest.n / ENTRY_MIN, moved = 0;
	const uint8_t *p;
	while (tries && rest.n >= END_SIZE && (p = memmem(rest.p, rest.n, "PK\5\6", 4))) {
		uint64_t size, told, at = (uint64_t)(p - bytes.p), end = record_read(bytes, at, &size, &told);
		if (size <= end && end - size >= from && told <= UINT64_MAX / 4 && leads_to(bytes, end - size, end, told, first, &tries))
			return end - size;
		if (size <= end && end - size >= from && is_moved(bytes, end - size, end, told, first, &tries))
			moved = end - size; /* the last one is the outermost */
		rest = span_from(bytes, at + 4);
		tries -= tries > 0;
	}
	return moved;
}
