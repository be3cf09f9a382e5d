/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of cabinets and the unpacking of their folders share. */
#ifndef ASSAY_FORMAT_CAB_H
#define ASSAY_FORMAT_CAB_H

#include "format/format.h"
#include "format/rest.h"

enum cab_method { CAB_STORED, CAB_MSZIP, CAB_QUANTUM, CAB_LZX };

/* Data that its files stand in behind each other, in blocks of at most 32 KiB. */
struct cab_folder {
	uint64_t at;                 /* of its first block */
	uint16_t blocks;             /* in this cabinet */
	uint16_t type;               /* method and its window */
	bool begins_before, goes_on; /* in other cabinets */
	struct span out;             /* what it unpacks to, up to the error */
	struct rest rest;            /* of that: what no file takes */
	struct error error;
};

struct cab_blocks {
	struct span bytes; /* of the cabinet */
	unsigned reserved; /* bytes in each block's header */
	uint64_t left;     /* bytes of blocks that may still be read: folders may have the same ones */
	unsigned wrong;    /* blocks whose checksum is wrong */
	uint64_t wrong_at; /* the first of them */
	unsigned longer;   /* blocks with bytes that nothing unpacks */
	uint64_t longer_at;
	struct rest *rest; /* of the cabinet */
};

/* Appends what the folder unpacks to; on error what comes before it. Of one that has an error already the blocks are only passed over. */
struct error cab_unpack(struct cab_blocks *b, const struct cab_folder *f, struct buf *out) MUST_USE;

/* The same for LZX. */
struct error cab_unlzx(struct cab_blocks *b, const struct cab_folder *f, struct buf *out) MUST_USE;

/* A block, CFDATA: its data, and how much they unpack to. */
struct cab_block {
	uint64_t at, next;
	struct span data;
	uint16_t size; /* 0: it goes on in the next cabinet */
};
struct error cab_block_read(struct cab_blocks *b, uint64_t at, struct cab_block *block) MUST_USE;

#endif
