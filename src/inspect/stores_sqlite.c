/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of an SQLite database, and how many rows its tables hold.
 *
 * Specification: sqlite.org/fileformat2.html, 2.6 the schema table.
 */
#include "inspect/sqlite_file.h"
#include "inspect/stores.h"

#define PAGES_MAX 4096u  /* that are looked at, in all */
#define CELLS_MAX 16384u /* of the schema */
#define TABLES_MAX 200u
#define SQL_MAX 16384u

struct database {
	const struct subject *subject;
	struct sink *sink;
	struct sqlite_file file;
	unsigned cells; /* of the schema, that were looked at */
	unsigned emitted;
	struct text names; /* of tables without personal data */
};

/* Rows of the table whose root this is; FACT_NULL when it is too large to count. */
static int64_t count_rows(struct database *d, uint64_t number, unsigned depth)
{
	struct sqlite_page p;
	if (depth > SQLITE_TREE_DEPTH_MAX || !sqlite_page_read(&d->file, number, &p))
		return FACT_NULL;
	if (p.type == 13 || p.type == 10)
		return p.cells;
	int64_t total = p.type == 2 ? p.cells : 0;
	for (unsigned i = 0; i <= p.cells; i++) {
		int64_t n = count_rows(d, sqlite_child(&p, i), depth + 1);
		if (n == FACT_NULL)
			return FACT_NULL;
		total += n;
	}
	return total;
}

/* A record of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static bool read_schema(struct span record, struct text columns[5], uint64_t *root)
{
	uint64_t types[5] = { 0 };
	struct span spans[5];
	if (!sqlite_record(record, 5, types, spans))
		return false;
	for (unsigned i = 0; i < 5; i++)
		columns[i] = text_from_span(spans[i]);
	*root = sqlite_number(types[3], spans[3]);
	return true;
}

static void emit_table(struct database *d, const struct stores_table *table, uint64_t root)
{
	stores_kinds kinds = stores_table_kinds(table);
	struct text evidence = stores_table_text(table, d->subject->arena);
	if (!kinds || d->emitted >= TABLES_MAX) {
		if (d->names.n < STORES_EVIDENCE_MAX)
			d->names =
				text_c(arena_printf(d->subject->arena, "%.*s%s%.*s", (int)d->names.n, d->names.n ? d->names.p : "",
									d->names.n ? ", " : "", (int)table->name.n, table->name.p));
		return;
	}
	d->emitted++;
	emit_data_store(d->sink, &(struct fact_data_store){ .kind = TEXT_LIT("sqlite"),
														.content = stores_kinds_text(kinds, d->subject->arena),
														.evidence = evidence,
														.records = count_rows(d, root, 0),
														.encrypted = 0 });
}

static void read_schema_pages(struct database *d, uint64_t number, unsigned depth)
{
	struct sqlite_page p;
	if (depth > SQLITE_TREE_DEPTH_MAX || !sqlite_page_read(&d->file, number, &p) || (p.type != 5 && p.type != 13))
		return;
	for (unsigned i = 0; p.type == 5 && i <= p.cells; i++)
		read_schema_pages(d, sqlite_child(&p, i), depth + 1);
	for (unsigned i = 0; p.type == 13 && i < p.cells && d->cells < CELLS_MAX; i++, d->cells++) {
		struct text c[5];
		struct stores_table table;
		uint64_t root = 0;
		struct span record = sqlite_payload(&d->file, &p, i, SQL_MAX, d->subject->arena);
		if (!read_schema(record, c, &root) || !text_is(c[0], "table") || text_starts(c[1], "sqlite_") || c[4].n < 14)
			continue;
		const char *open = memchr(c[4].p, '(', c[4].n);
		/* the name from its own column, the rest from the text */
		if (open && stores_read_table(text_of(c[4].p + 12, c[4].n - 12), &table)) {
			table.name = c[1];
			emit_table(d, &table, root);
		}
	}
}

void stores_sqlite(const struct subject *subject, struct sink *sink)
{
	struct database d = { .subject = subject, .sink = sink };
	if (!sqlite_file_open(subject->bytes, PAGES_MAX, &d.file))
		return;
	read_schema_pages(&d, 1, 0);
	if (d.emitted == 0)
		emit_data_store(sink, &(struct fact_data_store){ .kind = TEXT_LIT("sqlite"),
														 .content = TEXT_LIT(""),
														 .evidence = d.names.n ? d.names : TEXT_LIT("no tables"),
														 .records = FACT_NULL,
														 .encrypted = 0 });
	if (d.file.left == 0)
		emit_damage_at(sink, ERR_BUDGET, 0, "only %u pages of the database were looked at", PAGES_MAX);
	if (d.cells == CELLS_MAX)
		emit_damage_at(sink, ERR_BUDGET, 0, "only %u entries of the database's schema were looked at", CELLS_MAX);
}
