/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of tar members and the reader of sparse maps share. */
#ifndef ASSAY_FORMAT_TAR_H
#define ASSAY_FORMAT_TAR_H

#include "format/format.h"

#define TAR_BLOCK 512u

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

/* One pax record of `*records`, which is moved behind it; false at the end or when it is malformed. */
bool tar_pax_next(struct span *records, struct text *key, struct text *value) MUST_USE;

/* A decimal number, of which a fraction is dropped; 0 when there is none. */
uint64_t tar_decimal(struct text t);

/* A number as headers have it: octal digits, or base 256. */
uint64_t tar_number(struct span field);

/* Gives the content of a sparse member, unpacked on demand with its holes as zeros. */
struct error tar_sparse_content(const struct tar_member *m, struct span bytes, struct arena *arena,
								struct content *content) MUST_USE;

#endif
