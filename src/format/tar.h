/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of tar archives, of their headers and of sparse maps share. */
#ifndef ASSAY_FORMAT_TAR_H
#define ASSAY_FORMAT_TAR_H

#include "format/format.h"

#define TAR_BLOCK 512u

/* Places in a header. */
#define TAR_CHECKSUM_AT 148u
#define TAR_TYPE_AT 156u
#define TAR_MODE_AT 100u
#define TAR_MAGIC_AT 257u
#define TAR_MAGIC_SIZE 8u
#define TAR_PREFIX_AT 345u
#define TAR_PREFIX_SIZE 155u
#define TAR_OWNER_AT 108u
#define TAR_OWNER_SIZE 16u

/* How the holes of a sparse file are told. */
enum tar_sparse {
	TAR_DENSE,
	TAR_SPARSE_OLD_GNU, /* in the header and the blocks behind it */
	TAR_SPARSE_PAX_0,   /* in the pax records */
	TAR_SPARSE_PAX_1,   /* at the beginning of the data */
};

struct tar_member {
	uint64_t at;               /* of its own header, behind those that only describe it */
	uint64_t data, size, next; /* offset and length of the stored data; offset of the next header */
	uint64_t real_size;        /* of the file, with its holes */
	uint8_t type;
	enum tar_sparse sparse;
	bool posix;             /* the magic is POSIX's: the prefix field counts */
	struct text path, link; /* from pax or GNU headers; absent: in the header's own fields */
	int64_t mode, uid, gid, mtime, device;
	struct span header; /* its block */
	struct span pax;    /* the pax records that apply to it */
};

/* ---- tar_header.c ---- */

/* A header counts when its checksum verifies; historical writers summed signed characters. Where the path of a directory was split at
 * its last slash, all of it is the prefix. */
bool tar_header_verifies(struct span header);
/* The magic of POSIX, or of GNU tar. */
bool tar_has_magic(struct span header);
/* The seventh edition's header has no magic: a name, numbers, a kind, a link's name, and zeros. */
bool tar_is_seventh_edition(struct span header);
/* star's header before POSIX: its own mark at the end, and numbers, names and times where the seventh edition has zeros. */
bool tar_is_old_star(struct span header);
/* Whether what did not fit in the name stands in the prefix. */
bool tar_has_prefix(struct span header);
/* What stands in a field of text, up to a NUL or its end. */
struct text tar_string(struct span header, uint64_t at, uint64_t n);

/* Sets what the header's own fields say of a member. */
void tar_take_header(struct tar_member *m, struct span header);
/* Sets what the records in m->pax say in their place. */
void tar_apply_pax(struct tar_member *m);
/* Sets where the data of the member at m->at lies, and where the next header is to be. */
void tar_place_data(struct span bytes, struct tar_member *m);

/* One pax record of `*records`, which is moved behind it; false at the end or when it is malformed. */
bool tar_pax_next(struct span *records, struct text *key, struct text *value) MUST_USE;

/* A decimal number, of which a fraction is dropped; 0 when there is none. */
uint64_t tar_decimal(struct text t);

/* A number as headers have it: octal digits, or base 256. */
uint64_t tar_number(struct span field);

/* ---- tar_sparse.c ---- */

/* Gives the content of a sparse member, unpacked on demand with its holes as zeros. */
struct error tar_sparse_content(const struct tar_member *m, struct span bytes, struct arena *arena,
								struct content *content) MUST_USE;

#endif
