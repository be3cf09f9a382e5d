/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of a blob by the kind of its bytes. Not for other floors. */
#ifndef ASSAY_PROBE_ENTROPY_MAP_H
#define ASSAY_PROBE_ENTROPY_MAP_H

#include "base/arena.h"
#include "base/span.h"
#include "fact/fact.h"

/* Emits rows of `entropy` for the blob: at most 1024 stretches. It looks at no more than 16 KiB of each of at most 1024
 * cells, and at 1 MiB of each dense stretch, so that its cost has a bound whatever the size. `place` is where the blob lies
 * in what is around it: instructions are aligned there, not in a piece that begins at an odd place. */
void entropy_map(struct span bytes, uint64_t place, struct arena *arena, struct sink *sink);

/* Whether a block of up to 4 KiB is of instructions of a processor that is known. */
bool entropy_is_code(struct span block);

/* entropy_dense.c: what dense bytes tell of themselves. */
struct dense_statistics {
	double frequencies; /* the byte histogram's chi-square, as a standard normal deviate */
	double halves;      /* the same of the low half of a byte with the high half of its successor */
	double ones;        /* bits that are set */
	double changes;     /* bits that differ from the one before */
	double correlation; /* of a byte with its successor */
	uint64_t looked;
};
/* What one piece alone shows, like a plain header, is left out. False when there is too little to tell anything. */
bool dense_measure(struct span bytes, struct dense_statistics *s);
/* What no cipher's output shows: the largest deviation and its name; NULL when there is none. LZMA, XZ and whatever else
 * codes by ranges show none either. */
const char *dense_deviation(const struct dense_statistics *s, double *deviates);

/* entropy_repeats.c: blocks that come again, as where a block cipher is used without chaining. */
struct repeats {
	unsigned block; /* 16 or 8 bytes; 0: there are none */
	unsigned alignment;
	uint32_t blocks;   /* that were looked at */
	uint32_t repeated; /* of them, that stand at other places, too */
	uint32_t most;     /* how often the most frequent one does */
};
#define REPEATS_RUN_MAX ((size_t)1 << 20)
/* Looks at up to REPEATS_RUN_MAX bytes. Tables, code, text, bitmaps and copies show repeats too, but not between bytes that are
 * otherwise as even as noise. */
void repeats_find(struct span bytes, struct arena *arena, struct repeats *r);
/* The share of the bytes, in hundredths, that are blocks which come again within these. */
unsigned repeats_share(struct span bytes, const struct repeats *r);

#endif
