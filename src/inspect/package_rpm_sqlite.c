/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RPM's database in SQLite: the table Packages (hnum INTEGER PRIMARY KEY, blob BLOB), a header in each row. */
#include "inspect/package_rpm.h"
#include "inspect/sqlite_file.h"

#define LEAF 13 /* of a table */
#define INNER 5

struct table {
	struct package_rpm *rpm;
	struct sqlite_file file;
	uint64_t root; /* of Packages, 0 while it is not found */
	bool full;     /* no more is taken */
};

/* What is done with a row of a table, whose cell stands at `offset`. */
typedef void row_fn(struct table *t, struct span record, uint64_t offset);

static void each_row(struct table *t, uint64_t number, unsigned depth, row_fn *row)
{
	struct sqlite_page p;
	if (t->file.left == 0) {
		rpm_damage(t->rpm, ERR_CORRUPT, 0,
				   "RPM's database has pages that belong to several trees: packages may be missing");
		t->full = true;
		return;
	}
	if (depth > SQLITE_TREE_DEPTH_MAX || !sqlite_page_read(&t->file, number, &p) ||
		(p.type != INNER && p.type != LEAF)) {
		rpm_damage(t->rpm, ERR_CORRUPT, number ? (number - 1) * t->file.page_size : 0,
				   "page %llu of RPM's database is no page of a table: packages may be missing",
				   (unsigned long long)number);
		return;
	}
	for (unsigned i = 0; p.type == INNER && i <= p.cells && !t->full; i++)
		each_row(t, sqlite_child(&p, i), depth + 1, row);
	for (unsigned i = 0; p.type == LEAF && i < p.cells && !t->full; i++) {
		arena_reset(t->rpm->scratch);
		row(t, sqlite_payload(&t->file, &p, i, RPM_HEADER_MAX, t->rpm->scratch),
			(uint64_t)(p.bytes.p - t->file.bytes.p) + sqlite_cell(&p, i));
	}
}

/* sqlite_schema: type, name, tbl_name, rootpage, sql */
static void find_root(struct table *t, struct span record, uint64_t offset)
{
	uint64_t types[4];
	struct span columns[4];
	(void)offset;
	if (sqlite_record(record, 4, types, columns) && text_is(text_from_span(columns[0]), "table") &&
		text_is(text_from_span(columns[1]), "Packages"))
		t->root = sqlite_number(types[3], columns[3]);
}

static void tell_package(struct table *t, struct span record, uint64_t offset)
{
	uint64_t types[2];
	struct span columns[2];
	if (!sqlite_record(record, 2, types, columns))
		rpm_damage(t->rpm, ERR_CORRUPT, offset, "the row of a package can not be read");
	else
		t->full = !package_rpm_row(t->rpm, columns[1], offset);
}

void package_rpm_sqlite(struct package_rpm *rpm)
{
	struct table t = { .rpm = rpm };
	struct span bytes = rpm->subject->bytes;
	if (!sqlite_file_open(bytes, 0, &t.file)) {
		rpm_damage(rpm, ERR_CORRUPT, 16, "RPM's database has no valid page size");
		return;
	}
	/* Each page belongs to one tree or one row. */
	t.file.left = (unsigned)(t.file.pages < UINT32_MAX ? t.file.pages : UINT32_MAX);
	each_row(&t, 1, 0, find_root);
	if (t.root)
		each_row(&t, t.root, 0, tell_package);
	else
		rpm_damage(rpm, ERR_CORRUPT, 0, "RPM's database has no table Packages");
}
