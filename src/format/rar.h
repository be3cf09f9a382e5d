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
	unsigned version;  /* as the header says, for RAR_UNKNOWN */
	uint64_t revision; /* of RAR 5: the number of an older file of that name that was kept; 0: it is the file itself */
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
	unsigned n, resumed;                  /* resumed: so many headers were damaged */
	bool has_end;                         /* before version 2.9 nothing ended an archive */
};

/* Adds a file that has been read, and one part of it: to the file that goes on, where it is the rest of that. False: no memory. */
bool rar_list_add(struct rar_list *l, const struct rar_file *f, uint64_t data, uint64_t packed);

/* What a block is in the order of others, for both versions. */
struct rar_block {
	uint64_t size;     /* with its data; 0: there is none */
	uint64_t header;   /* bytes of that alone */
	bool wrong;        /* the CRC of its header is */
	bool sealed;       /* what follows is encrypted, with its headers */
	bool end, goes_on; /* the end of the archive; another volume follows */
};
struct rar_block rar5_block(struct span at);
struct rar_block rar4_block(struct span at);

/* Whether the header of a file, or of what ends an archive, might begin there, where are eight bytes at least: quickly. */
bool rar5_may_be_header(struct span at);
bool rar4_may_be_header(struct span at);

/* ---- rar_blocks.c ---- */

/* The magic that stands there: 5, 4 or 0. */
unsigned rar_version_at(struct span at);
/* Where the next volume begins behind one that has been joined with it, whose end may be filled with zeros; `at` where none does. */
uint64_t rar_next_volume(struct span bytes, uint64_t at, unsigned version);

/* Headers of one archive that may be damaged: what stands behind the last one of them is not looked for. */
#define RAR_RESUMES_MAX 64u
/* Where it goes on in place of a header at `at` that has a wrong CRC: there, where the next one stands where it says, as the damage is in
 * what it tells of its file then; or at the next one that is sound, which is looked for. 0: nowhere. `first`: none was sound before. */
uint64_t rar_resume(struct span bytes, uint64_t at, unsigned version, bool first);
/* Where the archive ends that begins at at.p with a magic, with volumes that have been joined; and how many blocks it has. */
uint64_t rar_blocks_end(struct span at, bool resume, unsigned *blocks);

/* The same as rar_resume() for a list, which it tells of the damage. */
uint64_t rar_list_resume(struct rar_list *l, uint64_t at, unsigned version);

/* Lists the entries of one volume that begins at `at`, and in *next where it ends. *more: it says that another one follows. */
struct error rar5_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more) MUST_USE;
struct error rar4_list(struct rar_list *l, uint64_t at, uint64_t *next, bool *more) MUST_USE;

/* Sets the contents of all files: of those in solid rows by unpacking them, within `limit` bytes. *held is how many these take. False: no
 * memory. */
bool rar_unpack_rows(struct rar_list *l, uint64_t limit, uint64_t *held);
/* The content of one that is in no row with others, or has been unpacked. False: no memory. */
bool rar_content(struct rar_list *l, struct rar_file *f, struct entry *e);

#endif
