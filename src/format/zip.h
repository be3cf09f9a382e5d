/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of zip structures and the unpacking of zip entries share. */
#ifndef ASSAY_FORMAT_ZIP_H
#define ASSAY_FORMAT_ZIP_H

#include "format/format.h"

#define ZIP_FLAG_ENCRYPTED 0x0001u
#define ZIP_FLAG_DESCRIPTOR 0x0008u /* sizes and CRC stand behind the data */
#define ZIP_FLAG_UTF8 0x0800u
#define ZIP_STORED 0u
#define ZIP_AES 99u

struct zip_entry {
	uint64_t at; /* of the header that was read, local or central */
	uint16_t made_by, flags, method, dos_time, dos_date;
	uint16_t disk; /* the part of a split archive that the local header stands in; of the central one */
	uint32_t crc, external;
	uint64_t packed, size;   /* bytes in the archive, unpacked */
	uint64_t local_at, data; /* offsets of the local header and of the data */
	uint64_t next;           /* offset of the next header of the same kind */
	struct text name;
	struct span extra;
};

/* The local and the central header at `at`; false when none stands there. Of the central one `data` is not set. */
bool zip_local_read(struct span bytes, uint64_t at, struct zip_entry *z) MUST_USE;
bool zip_central_read(struct span bytes, uint64_t at, struct zip_entry *z) MUST_USE;

/* The local header at `at` whatever stands in it, for an entry that the central directory has: its data may begin beyond the bytes. */
bool zip_local_any(struct span bytes, uint64_t at, struct zip_entry *z) MUST_USE;

/* Local headers that say something else than the central directory: how many, and what the first one does. */
struct zip_differences {
	unsigned n;
	uint64_t at;
	const char *what;
	struct text name;
};

/* Where the data of an entry of the central directory begins, whose local header stands at `at`; 0 when none does. */
uint64_t zip_data_of(struct span bytes, uint64_t at, const struct zip_entry *central, struct zip_differences *d) MUST_USE;
/* A row of damage where there are any: how many, and the first. */
void zip_tell_differences(const struct zip_differences *d, struct sink *sink);

/* Where the central directory ends that stands before the entries, from ZIP_CENTRAL_FIRST on, and where the archive does; 0: it does
 * not stand there. */
#define ZIP_CENTRAL_FIRST 4u
uint64_t zip_central_first(struct span bytes, uint64_t *end);

/* Where the central directory stands by the record of the end, which is looked for behind `from`: that of the archive whose first
 * local header is at `first`, not of an archive that is stored in it. 0 when there is none. */
uint64_t zip_central_by_end(struct span bytes, uint64_t from, uint64_t first) MUST_USE;

/* Walks the last part of a split archive, which holds the central directory: shows the entries that begin in it, and says how
 * many others there are. */
struct error zip_walk_part(struct span bytes, uint64_t central, uint64_t central_end, unsigned disk,
						   struct walk *w) MUST_USE;

/* The number, from 0 on, of the last part of a split archive, and where in it the central directory stands; 0 when the bytes are no
 * such part. */
unsigned zip_last_part(struct span bytes, uint64_t *central);

/* Gives the content of an entry: a span when it is stored, else unpacked on demand and checked against its CRC. An
 * encrypted one says so when it is unpacked. False when the arena is full. */
bool zip_content(struct span bytes, const struct zip_entry *z, struct arena *arena, struct content *content) MUST_USE;

#endif
