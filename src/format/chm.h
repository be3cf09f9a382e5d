/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of CHM's directory and the unpacking of its section share. */
#ifndef ASSAY_FORMAT_CHM_H
#define ASSAY_FORMAT_CHM_H

#include "format/format.h"

/* From one reset of the coder to the next one. */
struct chm_piece {
	uint64_t good; /* bytes that came out */
	enum error_code code;
};

/* The section that is packed by LZX, and what is in the files that tell how. */
struct chm_packed {
	struct span content, control, table;
	uint64_t limit; /* bytes that it may unpack to */
	/* What chm_unpack() makes of it. */
	uint64_t size, piece_size;
	struct chm_piece *pieces;
	size_t pieces_n, broken; /* broken: the first piece that is not whole; pieces_n: none */
	struct span out;         /* zeros where nothing came out */
	struct error error;      /* why nothing did */
};

/* Unpacks all of it, each piece by itself. False when the arena is full. */
bool chm_unpack(struct chm_packed *p, struct arena *arena, struct buf_meter *meter) MUST_USE;

#endif
