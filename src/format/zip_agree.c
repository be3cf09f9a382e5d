/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local header of an entry held against the central directory, which is what programs go by: where they differ, others may see
 * something else in the archive.
 *
 * Specification: PKWARE APPNOTE.TXT 6.3.10, 4.3.7 and 4.4.4.
 */
#include "format/zip.h"

#define FLAG_MASKED 0x2000u /* the local header's fields are, by an encrypted central directory */
#define LOCAL_SIZE 30u

/* What is not the same in both, or NULL. Fields that the local header leaves to a descriptor say nothing. */
static const char *difference(const struct zip_entry *local, const struct zip_entry *central)
{
	if (local->flags & FLAG_MASKED)
		return NULL;
	if (!text_eq(local->name, central->name))
		return "name";
	if (local->method != central->method)
		return "method";
	bool open = local->flags & ZIP_FLAG_DESCRIPTOR || (!local->packed && !local->size && !local->crc);
	if (open)
		return NULL;
	return local->packed != central->packed || local->size != central->size ? "size"
		   : local->crc != central->crc                                     ? "CRC"
																			: NULL;
}

/* Behind the data the next header stands. */
static bool is_followed(struct span bytes, uint64_t data, const struct zip_entry *central)
{
	return span_has(bytes, data + central->packed, "PK", 2);
}

uint64_t zip_data_of(struct span bytes, uint64_t at, const struct zip_entry *central, struct zip_differences *d)
{
	struct zip_entry local;
	if (!zip_local_any(bytes, at, &local))
		return 0;
	const char *what = difference(&local, central);
	if (what && !d->n++) {
		d->at = at;
		d->what = what;
		d->name = central->name;
	}
	uint64_t by_name = at + LOCAL_SIZE + central->name.n + span_u16le(bytes, at + 28);
	bool length_is_wrong = by_name != local.data &&
						   span_has(bytes, at + LOCAL_SIZE, central->name.p, central->name.n) &&
						   !is_followed(bytes, local.data, central) && is_followed(bytes, by_name, central);
	return length_is_wrong ? by_name : local.data;
}

void zip_tell_differences(const struct zip_differences *d, struct sink *sink)
{
	int n = d->name.n < 64 ? (int)d->name.n : 64;
	if (d->n)
		emit_damage_at(
			sink, ERR_CORRUPT, d->at,
			"%u local headers say something else than the central directory, the first in the %s of \"%.*s\"", d->n,
			d->what, n, d->name.p);
}
