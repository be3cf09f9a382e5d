/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfer lists of Android's block-based updates: which blocks of a partition are written from what. Beside a list NAME.transfer.list
 * lies NAME.new.dat, or NAME.new.dat.br, whose bytes its commands `new` take one after the other.
 *
 * Specification: AOSP build/make tools/releasetools/blockimgdiff.py, bootable/recovery updater/blockimg.cpp.
 */
#ifndef ASSAY_FORMAT_TRANSFER_LIST_H
#define ASSAY_FORMAT_TRANSFER_LIST_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

#define TRANSFER_BLOCK 4096u
#define TRANSFER_LIST_MAX ((size_t)16 << 20) /* those of phones have some hundred KiB */

enum transfer_kind {
	TRANSFER_NEW,
	TRANSFER_ZERO,
	TRANSFER_ERASE, /* what is there does not matter any more */
	TRANSFER_TREE,  /* hashes that the device makes of the other blocks */
};

struct transfer {
	uint32_t kind;
	uint32_t first, n; /* blocks */
};

struct transfer_list {
	unsigned version;
	struct buf transfers;   /* struct transfer, in the order in which they are to be done */
	uint64_t blocks;        /* of the partition, as far as the list tells */
	uint64_t fresh;         /* blocks that `new` takes */
	uint64_t old;           /* commands that make blocks of those that were there before: of an incremental update */
};

/* Reads a list. The error is the first one, with the list's offset: the commands before it, and no others, are in `list`, which is to
 * be freed in any case. Where those have many more blocks than the partition, none are. */
struct error transfer_list_read(struct span bytes, struct transfer_list *list) MUST_USE;
void transfer_list_free(struct transfer_list *list);

/* transfer_list_at(): the i-th command, below transfer_list_size(), which is how many there are. It lives as long as
 * the list. */
static inline const struct transfer *transfer_list_at(const struct transfer_list *list, size_t i)
{
	return (const struct transfer *)(const void *)list->transfers.p + i;
}

static inline size_t transfer_list_size(const struct transfer_list *list)
{
	return list->transfers.n / sizeof(struct transfer);
}

/* Does what the list says, in its order. `take` gives the next n bytes of the new ones, or fewer where there are no more. */
struct transfer_source {
	size_t (*take)(struct transfer_source *s, uint8_t *out, size_t n);
	/* Called now and then with what has been written. */
	void (*wrote)(struct transfer_source *s, struct span bytes);
};
struct transfer_done {
	uint64_t taken; /* bytes of the source */
	uint64_t twice; /* blocks that were written before: what was there first is lost */
};
/* `out` has room for list->blocks blocks, each of which is filled, unless no byte was taken: then it costs nothing. False: no memory. */
bool transfer_list_apply(const struct transfer_list *list, struct transfer_source *source, uint8_t *out,
						 struct transfer_done *done) MUST_USE;

#endif
