/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a case file straight from its pages: to look into thousands of cases takes a tenth of the time that SQLite needs to
 * read the 80 statements of each one's schema, and nothing of a file from elsewhere is compiled or run.
 *
 * Only what this version of the program has written, whole and at rest, is read: tables whose statement is the very one that
 * case.c makes. Of anything else the functions give false, and SQLite has to be asked.
 *
 * Specification: SQLite, Database File Format (sqlite.org/fileformat2.html).
 */
#ifndef ASSAY_CASE_GLANCE_H
#define ASSAY_CASE_GLANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/span.h"

#define GLANCE_COLUMNS 20u
#define GLANCE_DEPTH 20u
#define GLANCE_TABLES 8u

enum glance_type { GLANCE_NULL, GLANCE_INTEGER, GLANCE_REAL, GLANCE_TEXT, GLANCE_BLOB };

struct glance_value {
	enum glance_type type;
	int64_t integer;
	double real;
	struct text text; /* valid during the call */
};

struct glance {
	int fd;
	char *path;
	struct stat before;
	uint8_t header[100];
	uint32_t page_size, usable, pages;
	struct {
		const char *table;
		uint32_t root;
	} tables[GLANCE_TABLES];
	unsigned ntables;
	uint8_t *window; /* some pages that were read at once */
	uint64_t window_at;
	size_t window_n;
	uint8_t *page[GLANCE_DEPTH]; /* copies of the pages above the one at hand */
	uint32_t budget;             /* pages that may still be looked at: none twice */
	uint8_t *payload;            /* of a row that goes on on other pages */
};

/* A zeroed one is ready; it can be begun again and again. */
bool glance_begin(struct glance *g, const char *path);
/* Whether the file is still what it was at the beginning: what was read is worth something only then. Closes it. */
bool glance_end(struct glance *g);
void glance_free(struct glance *g);

/* Whether the case has that table. */
bool glance_has(const struct glance *g, const char *table);

/* Calls `row` for each row of a table in the order of its ids, with its columns in the order of case.h, until it gives false,
 * which is no error. `wanted` (NULL: always) tells from the columns that lie on the row's own page whether the rest of a long
 * row is read; otherwise `row` gets these alone, and `n` is smaller. False: the table can not be read so. */
typedef bool (*glance_row)(void *context, int64_t id, const struct glance_value *v, unsigned n);
bool glance_rows(struct glance *g, const char *table, glance_row wanted, glance_row row, void *context);

#endif
