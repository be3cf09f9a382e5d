/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of an SQLite database, and how many rows its tables hold.
 *
 * Specification: sqlite.org/fileformat2.html: 1.3 the header, 1.6 b-tree pages, 2.1 records, 2.6 the schema table.
 */
#include "inspect/stores.h"

#define PAGES_MAX 4096u /* that are looked at, in all */
#define CELLS_MAX 16384u /* of the schema */
#define TABLES_MAX 200u
#define DEPTH_MAX 20u
#define SQL_MAX 16384u

struct database {
	const struct subject *subject;
	struct sink *sink;
	size_t page_size, usable;
	uint64_t pages;
	unsigned left;  /* pages that may still be looked at */
	unsigned cells; /* of the schema, that were */
	unsigned emitted;
	struct text names; /* of tables without personal data */
};

static struct span page_of(struct database *d, uint64_t number)
{
	if (number == 0 || number > d->pages || d->left == 0)
		return SPAN_NONE;
	d->left--;
	return span_sub(d->subject->bytes, (number - 1) * d->page_size, d->page_size);
}

/* Big-endian, seven bits a byte, of nine bytes at most. */
static uint64_t varint(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 9; i++) {
		uint8_t b = rd_u8(r);
		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7f);
		if (!(b & 0x80))
			break;
	}
	return v;
}

struct tree_page {
	struct span bytes;
	size_t header; /* where its header begins: page 1 holds that of the file before */
	uint8_t type;  /* 2, 5, 10, 13 */
	uint16_t cells;
};

static bool read_tree_page(struct database *d, uint64_t number, struct tree_page *p)
{
	p->bytes = page_of(d, number);
	p->header = number == 1 ? 100 : 0;
	struct reader r = reader_be(span_from(p->bytes, p->header));
	p->type = rd_u8(&r);
	rd_skip(&r, 2);
	p->cells = rd_u16(&r);
	return rd_ok(&r) && (p->type == 2 || p->type == 5 || p->type == 10 || p->type == 13) &&
		   p->cells <= d->page_size / 4;
}

static size_t cell_at(const struct tree_page *p, unsigned i)
{
	size_t array = p->header + (p->type == 2 || p->type == 5 ? 12 : 8);
	return span_u16be(p->bytes, array + 2 * (size_t)i);
}

/* Rows of the table whose root this is; FACT_NULL when it is too large to count. */
static int64_t count_rows(struct database *d, uint64_t number, unsigned depth)
{
	struct tree_page p;
	if (depth > DEPTH_MAX || !read_tree_page(d, number, &p))
		return FACT_NULL;
	if (p.type == 13 || p.type == 10)
		return p.cells;
	int64_t total = p.type == 2 ? p.cells : 0;
	for (unsigned i = 0; i <= p.cells; i++) {
		uint32_t child = i < p.cells ? span_u32be(p.bytes, cell_at(&p, i)) : span_u32be(p.bytes, p.header + 8);
		int64_t n = count_rows(d, child, depth + 1);
		if (n == FACT_NULL)
			return FACT_NULL;
		total += n;
	}
	return total;
}

/* The payload of a leaf cell of a table, with what overflows. */
static struct span payload_of(struct database *d, const struct tree_page *p, size_t at)
{
	struct reader r = reader_be(span_from(p->bytes, at));
	uint64_t size = varint(&r);
	(void)varint(&r); /* row id */
	size_t max = d->usable - 35, min = (d->usable - 12) * 32 / 255 - 23, local = (size_t)size;
	if (size > SQL_MAX || !rd_ok(&r))
		return SPAN_NONE;
	if (size > max) {
		size_t k = min + ((size_t)size - min) % (d->usable - 4);
		local = k <= max ? k : min;
	}
	struct span first = rd_bytes(&r, local);
	if (local == size || !first.p)
		return first;
	uint32_t next = rd_u32(&r);
	uint8_t *all = arena_alloc(d->subject->arena, (size_t)size, 1);
	size_t n = local;
	if (!all || !rd_ok(&r))
		return first;
	memcpy(all, first.p, local);
	while (n < size) {
		struct span page = page_of(d, next);
		struct span part = span_clip(page, 4, size - n < d->usable - 4 ? size - n : d->usable - 4);
		if (!part.n)
			break;
		memcpy(all + n, part.p, part.n);
		n += part.n;
		next = span_u32be(page, 0);
	}
	return span_of(all, n);
}

static uint64_t serial_size(uint64_t type)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
	return type < 12 ? sizes[type] : (type - 12) / 2;
}

/* A record of sqlite_schema: type, name, tbl_name, rootpage, sql. */
static bool read_schema(struct span record, struct text columns[5], uint64_t *root)
{
	struct reader r = reader_be(record);
	uint64_t header = varint(&r), types[5] = { 0 };
	for (unsigned i = 0; i < 5; i++)
		types[i] = varint(&r);
	rd_seek(&r, header);
	for (unsigned i = 0; i < 5; i++) {
		uint64_t size = serial_size(types[i]);
		if (i == 4 && size > rd_left(&r))
			size = rd_left(&r); /* of a long one, what there is */
		struct span s = rd_bytes(&r, size);
		columns[i] = text_from_span(s);
		if (i == 3) {
			*root = types[i] == 9;
			for (size_t k = 0; types[i] < 7 && k < s.n; k++)
				*root = *root << 8 | s.p[k];
		}
	}
	return rd_ok(&r);
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
	struct tree_page p;
	if (depth > DEPTH_MAX || !read_tree_page(d, number, &p) || (p.type != 5 && p.type != 13))
		return;
	for (unsigned i = 0; p.type == 5 && i <= p.cells; i++)
		read_schema_pages(d, i < p.cells ? span_u32be(p.bytes, cell_at(&p, i)) : span_u32be(p.bytes, p.header + 8),
						  depth + 1);
	for (unsigned i = 0; p.type == 13 && i < p.cells && d->cells < CELLS_MAX; i++, d->cells++) {
		struct text c[5];
		struct stores_table table;
		uint64_t root = 0;
		struct span record = payload_of(d, &p, cell_at(&p, i));
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
	struct reader r = reader_be(span_from(subject->bytes, 16));
	size_t page_size = rd_u16(&r);
	rd_skip(&r, 2);
	uint8_t reserved = rd_u8(&r);
	struct database d = { .subject = subject, .sink = sink, .left = PAGES_MAX };
	d.page_size = page_size == 1 ? 65536 : page_size;
	if (!rd_ok(&r) || d.page_size < 512 || d.page_size & (d.page_size - 1) || reserved > d.page_size - 480)
		return;
	d.usable = d.page_size - reserved;
	d.pages = subject->bytes.n / d.page_size;
	read_schema_pages(&d, 1, 0);
	if (d.emitted == 0)
		emit_data_store(sink, &(struct fact_data_store){ .kind = TEXT_LIT("sqlite"),
														 .content = TEXT_LIT(""),
														 .evidence = d.names.n ? d.names : TEXT_LIT("no tables"),
														 .records = FACT_NULL,
														 .encrypted = 0 });
	if (d.left == 0)
		emit_damage_at(sink, ERR_BUDGET, 0, "only %u pages of the database were looked at", PAGES_MAX);
	if (d.cells == CELLS_MAX)
		emit_damage_at(sink, ERR_BUDGET, 0, "only %u entries of the database's schema were looked at", CELLS_MAX);
}
