/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of WIM's tables, of its directories and of its resources share. */
#ifndef ASSAY_FORMAT_WIM_H
#define ASSAY_FORMAT_WIM_H

#include "format/digest.h"
#include "format/format.h"
#include "format/rest.h"

#define WIM_METADATA 0x02u
#define WIM_COMPRESSED 0x04u
#define WIM_SOLID 0x10u

enum wim_method { WIM_STORED, WIM_XPRESS, WIM_LZX, WIM_LZMS, WIM_UNKNOWN };

struct wim_packing {
	enum wim_method method;
	uint32_t chunk_size;
	bool pipable; /* each chunk's size stands before it, and the table of where they begin behind them */
};

/* Bytes somewhere in the file, in chunks that are packed each by itself. */
struct wim_resource {
	uint64_t packed, at, size;
	unsigned flags;
};

struct wim_blob {
	struct wim_resource r;
	uint16_t part;
	struct span sha1; /* of what is unpacked */
	bool used;        /* a file has it */
	/* The first of these. */
	struct text path;
	unsigned image;
	uint64_t link; /* of its hard links; 0: it has no others */
};

struct wim {
	struct walk *w;
	struct span bytes;
	struct wim_packing packing;
	uint16_t part, parts;
	unsigned images; /* as many as the header or the table has */
	struct wim_blob *blobs, **by_sha1;
	size_t blobs_n;
	uint64_t claimed, claim_max; /* bytes that are told more than once: many files may have the same blob */
	unsigned damages;
	struct rest rest;
	bool stopped; /* no more children are wanted */
};

#define wim_damage(m, ...) emit_damage_capped((m)->w->sink, &(m)->damages, __VA_ARGS__)

/* NULL: none of the table has that digest. */
struct wim_blob *wim_blob_find(const struct wim *m, struct span sha1);

/* The bytes of a resource that is stored, as many of them as are there. */
struct span wim_stored(struct span bytes, const struct wim_resource *r);

/* Appends what the resource unpacks to; on error what comes before it. */
struct error wim_unpack(struct span bytes, const struct wim_packing *packing, const struct wim_resource *r, struct buf *out) MUST_USE;

/* The content of a file. A stored one is verified now, a packed one when it is unpacked. False when the arena is full. */
bool wim_content(struct wim *m, const struct wim_blob *b, struct entry *e) MUST_USE;

/* Gives the entry no content, but why there is none. */
bool wim_content_none(struct wim *m, struct entry *e, struct error why) MUST_USE;

/* Emits the files of one image, all below `prefix`. */
struct error wim_walk_image(struct wim *m, struct span metadata, unsigned image, const char *prefix) MUST_USE;

#endif
