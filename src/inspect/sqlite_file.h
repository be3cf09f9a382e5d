/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of an SQLite database: what tables it has, and their rows, without the library and without a lock or a file.
 *
 * Specification: sqlite.org/fileformat2.html: 1.3 the header, 1.6 b-tree pages, 2.1 records, 2.6 the schema table.
 * What a write-ahead log beside the file holds is not in it.
 */
#ifndef ASSAY_INSPECT_SQLITE_FILE_H
#define ASSAY_INSPECT_SQLITE_FILE_H

#include "base/arena.h"
#include "base/span.h"

#define SQLITE_TREE_DEPTH_MAX 20u /* of b-trees; sqlite's own limit */

struct sqlite_file {
	struct span bytes;
	size_t page_size, usable; /* usable: without what is reserved at each page's end */
	uint64_t pages;
	unsigned left; /* pages that may still be looked at */
};

/* A page of a b-tree. */
struct sqlite_page {
	struct span bytes;
	size_t header; /* where its header begins: page 1 holds that of the file before */
	uint8_t type;  /* 2 and 5: inner pages of an index, of a table; 10 and 13: their leaves */
	uint16_t cells;
};

/* Reads the header. `pages_max`: how many pages may be looked at in all. False when it is no header of a database. */
bool sqlite_file_open(struct span bytes, unsigned pages_max, struct sqlite_file *f);

/* The page of a b-tree of that number, from 1. False when there is none, when its header is none, or when `left` is used up. */
bool sqlite_page_read(struct sqlite_file *f, uint64_t number, struct sqlite_page *p);

/* Where in the page cell `i` stands, which may lie outside of it. */
size_t sqlite_cell(const struct sqlite_page *p, unsigned i);

/* The page below an inner page, before cell `i`; that after the last cell for i == cells. */
uint32_t sqlite_child(const struct sqlite_page *p, unsigned i);

/* The payload of cell `i` of a leaf of a table. What overflows the page is copied together into the arena, as far as
 * the pages are there: a payload that is shorter than its record says ends before. SPAN_NONE when it is of more than `max` bytes or is not there. */
struct span sqlite_payload(struct sqlite_file *f, const struct sqlite_page *p, unsigned i, size_t max,
						   struct arena *arena);

/* The first `n` columns of a record. `types` are the serial types (section 2.1), `columns` the bytes of each, the last
 * one clipped to what is there. False when the record ends before them. */
bool sqlite_record(struct span record, unsigned n, uint64_t types[], struct span columns[]);

/* A number of a record, for its serial type. */
uint64_t sqlite_number(uint64_t type, struct span column);

#endif
