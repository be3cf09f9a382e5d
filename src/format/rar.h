/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the RAR reader share. Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_H
#define ASSAY_FORMAT_RAR_H

#include "format/format.h"
#include "format/unpacked.h"

#define RAR4_MAGIC "Rar!\x1a\7\0"
#define RAR4_MAGIC_SIZE 7u
#define RAR5_MAGIC "Rar!\x1a\7\1\0"
#define RAR5_MAGIC_SIZE 8u

/* What packed a file. */
enum rar_method { RAR_STORED, RAR_15, RAR_20, RAR_29, RAR_50, RAR_70, RAR_UNKNOWN };

/* What is packed of a file in one volume. */
struct rar_part {
	uint64_t at, size; /* as the header says */
	struct rar_part *next;
};

/* An entry of either version. */
struct rar_file {
	enum entry_kind kind;
	struct text name, target, same_as; /* as the archive has them */
	int64_t mode, mtime, uid, gid;
	uint64_t at;     /* of its header */
	uint64_t size;   /* SIZE_UNKNOWN: the header does not say */
	uint64_t packed; /* of all parts */
	struct rar_part *parts, **parts_end;
	enum rar_method method;
	unsigned version; /* as the header says, for RAR_UNKNOWN */
	uint64_t window;
	bool solid; /* it goes on where the file before it ended */
	bool encrypted;
	bool begins_before, goes_on; /* in other volumes */
	bool has_crc, has_hash;
	uint32_t crc;
	uint8_t hash[32];         /* BLAKE2sp */
	unsigned number;          /* in the archive, from 1 on */
	struct unpacked unpacked; /* of one that is unpacked during the walk */
	struct span bytes;        /* of the archive */
	struct rar_file *next;
};

/* The list of entries as it grows. */
struct rar_list {
	struct walk *w;
	struct span bytes;
	struct rar_file *first, **end, *open; /* open: it goes on in the next volume */
	unsigned n;
	bool no_memory;
};

/* Adds a file that has been read, and one part of it: to the file that goes on, where it is the rest of that. False: no memory. */
bool rar_list_add(struct rar_list *l, const struct rar_file *f, uint64_t data, uint64_t packed);

/* What a block is in the order of others, for both versions. */
struct rar_block {
	uint64_t type, size; /* with its data; 0: there is none */
	bool end, goes_on;   /* the end of the archive; another volume follows */
};
struct rar_block rar5_block(struct span at);
struct rar_block rar4_block(struct span at);

/* Lists the entries of one volume that begins at `at`, and in *next where it ends. *more: it says that another one follows. */
struct error rar5_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more) MUST_USE;
struct error rar4_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more) MUST_USE;

/* Sets the contents of all files: of those in solid rows by unpacking them, within `limit` bytes. *held is how many these take. False: no
 * memory. */
bool rar_unpack_rows(struct rar_list *l, uint64_t limit, uint64_t *held);
/* The content of one that is in no row with others, or has been unpacked. False: no memory. */
bool rar_content(struct rar_list *l, struct rar_file *f, struct entry *e);

#endif
