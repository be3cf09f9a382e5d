/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives that Mozilla's build lays out for reading ahead (omni.ja): 4 bytes with how much is read ahead, the central directory with
 * a record of its end, then the entries, and that record again.
 *
 * Specification: Mozilla, python/mozbuild/mozpack/mozjar.py and modules/libjar/nsZipArchive.cpp.
 */
#include "format/zip.h"

#define END_SIZE 22u
#define DESCRIPTOR_MAX 24u

static bool entry_is_there(struct span bytes, const struct zip_entry *z, struct zip_entry *local)
{
	return zip_local_read(bytes, z->local_at, local) && text_eq(local->name, z->name);
}

uint64_t zip_central_first(struct span bytes, uint64_t *end)
{
	struct zip_entry z, local;
	uint64_t at = ZIP_CENTRAL_FIRST;
	*end = 0;
	/* The first entry is looked at before all others: a central directory in its usual place is refused at once. */
	if (!zip_central_read(bytes, at, &z) || !entry_is_there(bytes, &z, &local))
		return 0;
	for (; zip_central_read(bytes, at, &z); at = z.next) {
		uint64_t behind = zip_local_any(bytes, z.local_at, &local) ? local.data + z.packed : 0;
		*end = behind > *end ? behind : *end;
	}
	if (!span_has(bytes, at, "PK\5\6", 4) || !span_sub(bytes, at, END_SIZE).p ||
		span_u32le(bytes, at + 16) != ZIP_CENTRAL_FIRST || span_u32le(bytes, at + 12) != at - ZIP_CENTRAL_FIRST)
		return 0;
	uint64_t record = *end; /* behind the last entry's descriptor, if there is one */
	while (record < *end + DESCRIPTOR_MAX && !span_has(bytes, record, "PK\5\6", 4))
		record++;
	if (span_has(bytes, record, "PK\5\6", 4))
		*end = record + END_SIZE + span_u16le(bytes, record + 20);
	return at;
}
