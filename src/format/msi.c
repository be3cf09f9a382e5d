/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages of Windows Installer: a database in a compound file. Names of streams pack two characters in a unit; strings stand in a pool, and
 * tables, which are stored column by column, refer to them. The cabinets that are in the package name files by keys of the table File, which
 * has their names, and by Component and Directory their folders.
 *
 * Specification: learn.microsoft.com "Windows Installer: Database Reference" (File, Component, Directory, Media); the storage: Wine,
 * dlls/msi/table.c and string.c.
 */
#include <stdio.h>

#include "base/plural.h"
#include "base/sort.h"
#include "format/cfb.h"
#include "format/notation.h"
#include "format/path.h"

#define TABLE_MARK 0x4840u
#define COLUMNS_MAX 32u
#define TYPE_STRING 0x0800u
#define TYPE_BINARY 0x8900u
#define TYPE_NULLABLE 0x1000u
#define TYPE_LOCAL 0x0200u
#define NAME_ROOM 100u
#define FOLDERS_MAX 32u
#define PATH_ROOM 2048u
#define KEY_MAX 256u /* of files; the table allows 72 */

extern const struct format cab_format;

struct row {
	uint32_t key, a, b; /* strings */
};

struct rows {
	struct row *v;
	size_t n;
};

struct msi {
	struct cfb_entry *entries;
	size_t n;
	struct walk *w;
	struct text *strings;
	size_t strings_n;
	unsigned reference; /* bytes of a string's number */
	struct rows files, components, directories;
};

/* ---- names of streams ---- */

static char digit(unsigned v)
{
	return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"[v & 63];
}

/* As it was before it was packed; a table's begins with '!'. */
static void stream_name(struct span raw, char out[NAME_ROOM])
{
	size_t n = 0;
	for (size_t i = 0; i + 2 <= raw.n && n + 4 < NAME_ROOM; i += 2) {
		unsigned u = span_u16le(raw, i);
		if (u == TABLE_MARK && i == 0) {
			out[n++] = '!';
		} else if (u >= 0x3800 && u < 0x4800) {
			out[n++] = digit(u - 0x3800);
			out[n++] = digit((u - 0x3800) >> 6);
		} else if (u >= 0x4800 && u < 0x4840) {
			out[n++] = digit(u - 0x4800);
		} else {
			n += utf16_to_utf8(span_sub(raw, i, 2), false, false, out + n);
		}
	}
	out[n] = '\0';
	for (char *c = out; *c; c++)
		*c = *c == '/' ? '_' : *c;
}

static const struct cfb_entry *find_stream(const struct msi *m, const char *name)
{
	char own[NAME_ROOM];
	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].type != CFB_STREAM || m->entries[i].parent)
			continue;
		stream_name(m->entries[i].raw, own);
		if (strcmp(own, name) == 0)
			return &m->entries[i];
	}
	return NULL;
}

/* ---- strings and tables ---- */

/* The pool has a length and a count of references for each; a length of more than 16 bits has an entry before it. */
static bool read_strings(struct msi *m)
{
	const struct cfb_entry *pool = find_stream(m, "!_StringPool"), *data = find_stream(m, "!_StringData");
	if (!pool || !data)
		return false;
	struct reader r = reader_le(pool->bytes);
	uint64_t at = 0;
	m->reference = rd_u32(&r) & 0x80000000u ? 3 : 2;
	m->strings = ARENA_ARRAY(m->w->arena, struct text, pool->bytes.n / 4 + 1);
	if (!m->strings)
		return false;
	for (m->strings_n = 1; rd_left(&r) >= 4; m->strings_n++) {
		uint32_t length = rd_u16(&r), references = rd_u16(&r);
		if (!length && references)
			length = rd_u32(&r);
		m->strings[m->strings_n] = text_from_span(span_sub(data->bytes, at, length));
		at += length;
	}
	return rd_ok(&r);
}

static struct text string_of(const struct msi *m, uint32_t number)
{
	return number < m->strings_n ? m->strings[number] : TEXT_NONE;
}

struct table {
	struct span bytes;
	unsigned widths[COLUMNS_MAX], columns;
	struct text names[COLUMNS_MAX];
	uint64_t rows;
};

static uint32_t cell(const struct table *t, unsigned column, uint64_t row)
{
	uint64_t at = 0;
	for (unsigned i = 0; i < column; i++)
		at += t->widths[i] * t->rows;
	struct reader r = reader_le(span_sub(t->bytes, at + row * t->widths[column], t->widths[column]));
	return (uint32_t)rd_uint(&r, t->widths[column]);
}

static void count_rows(struct table *t)
{
	unsigned row = 0;
	for (unsigned i = 0; i < t->columns; i++)
		row += t->widths[i];
	t->rows = row ? t->bytes.n / row : 0;
}

static unsigned width_of(const struct msi *m, uint32_t type)
{
	if ((type & ~(TYPE_NULLABLE | TYPE_LOCAL)) == TYPE_BINARY)
		return 2;
	return type & TYPE_STRING ? m->reference : (type & 0xff) <= 2 ? 2 : 4;
}

/* Columns of all tables are rows of _Columns: the table, the column's number, its name, its type. */
static bool open_table(const struct msi *m, const char *name, struct table *t)
{
	char stream[NAME_ROOM];
	const struct cfb_entry *all = find_stream(m, "!_Columns");
	snprintf(stream, sizeof stream, "!%s", name);
	const struct cfb_entry *own = find_stream(m, stream);
	if (!all || !own)
		return false;
	struct table columns = { .bytes = all->bytes, .widths = { m->reference, 2, m->reference, 2 }, .columns = 4 };
	count_rows(&columns);
	*t = (struct table){ .bytes = own->bytes };
	for (uint64_t i = 0; i < columns.rows; i++) {
		unsigned number = (cell(&columns, 1, i) & 0x7fff) - 1u;
		if (number >= COLUMNS_MAX || !text_is(string_of(m, cell(&columns, 0, i)), name))
			continue;
		t->widths[number] = width_of(m, cell(&columns, 3, i) ^ 0x8000);
		t->names[number] = string_of(m, cell(&columns, 2, i));
		t->columns = number >= t->columns ? number + 1 : t->columns;
	}
	count_rows(t);
	return t->rows > 0;
}

static unsigned column_of(const struct table *t, const char *name)
{
	unsigned i = 0;
	while (i < t->columns && !text_is(t->names[i], name))
		i++;
	return i;
}

/* Three columns of a table. */
static bool read_rows(const struct msi *m, const char *name, const char *key, const char *a, const char *b, struct rows *rows)
{
	struct table t;
	if (!open_table(m, name, &t))
		return false;
	unsigned of_key = column_of(&t, key), of_a = column_of(&t, a), of_b = column_of(&t, b);
	rows->v = ARENA_ARRAY(m->w->arena, struct row, t.rows);
	if (!rows->v || of_key == t.columns || of_a == t.columns || of_b == t.columns)
		return false;
	for (uint64_t i = 0; i < t.rows; i++)
		rows->v[rows->n++] = (struct row){ cell(&t, of_key, i), cell(&t, of_a, i), cell(&t, of_b, i) };
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key;
}

static bool sort_rows(const struct msi *m, struct rows *rows)
{
	struct row *spare = ARENA_ARRAY(m->w->arena, struct row, rows->n);
	if (spare && rows->n)
		sort_stable(rows->v, spare, rows->n, sizeof *spare, by_key);
	return spare != NULL;
}

static const struct row *find_row(const struct rows *rows, uint32_t key)
{
	size_t lo = 0, hi = rows->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (rows->v[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < rows->n && rows->v[lo].key == key ? &rows->v[lo] : NULL;
}

/* ---- names of files ---- */

/* "SHORT|long", of folders "target:source". */
static struct text long_name(struct text name)
{
	const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;
	name.n = colon ? (size_t)(colon - name.p) : name.n;
	const char *bar = name.n ? memchr(name.p, '|', name.n) : NULL;
	return bar ? text_of(bar + 1, name.n - (size_t)(bar + 1 - name.p)) : name;
}

/* Folders of the system are known by their key. */
static struct text folder_name(const struct msi *m, const struct row *folder)
{
	struct text key = string_of(m, folder->key), name = long_name(string_of(m, folder->b));
	return text_ends(key, "Folder") && text_is(string_of(m, folder->a), "TARGETDIR") ? key : name;
}

static size_t append(char out[PATH_ROOM], size_t at, struct text name)
{
	if (!name.n || text_is(name, ".") || name.n + 2 > PATH_ROOM - at)
		return at;
	out[at++] = '/';
	for (size_t i = 0; i < name.n; i++)
		out[at++] = name.p[i] == '/' || name.p[i] == '\\' || !name.p[i] ? '_' : name.p[i];
	return at;
}

/* The path of the file of that row; the root of all folders is left out. */
static struct text file_path(const struct msi *m, const struct row *file, char out[PATH_ROOM])
{
	const struct row *chain[FOLDERS_MAX], *component = find_row(&m->components, file->a);
	unsigned n = 0;
	size_t at = 0;
	const struct row *folder = component ? find_row(&m->directories, component->a) : NULL;
	for (; folder && folder->a && folder->a != folder->key && n < FOLDERS_MAX; folder = find_row(&m->directories, folder->a))
		chain[n++] = folder;
	while (n--)
		at = append(out, at, folder_name(m, chain[n]));
	at = append(out, at, long_name(string_of(m, file->b)));
	return text_of(out, at);
}

/* ---- cabinets ---- */

struct renaming {
	struct walk walk; /* first */
	struct walk *outer;
	const struct msi *m;
	const char *cabinet;
	bool stopped;
};

static int compare_text(struct text a, struct text b)
{
	a.n = a.n < KEY_MAX ? a.n : KEY_MAX; /* rows may all have the same long one */
	b.n = b.n < KEY_MAX ? b.n : KEY_MAX;
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* The table is sorted by what its keys say: a cabinet has the keys themselves. */
static const struct row *find_file(const struct renaming *r, struct text key)
{
	size_t lo = 0, hi = r->m->files.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare_text(string_of(r->m, r->m->files.v[mid].key), key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	bool found = lo < r->m->files.n && compare_text(string_of(r->m, r->m->files.v[lo].key), key) == 0;
	return found ? &r->m->files.v[lo] : NULL;
}

static bool visit(struct walk *w, const struct entry *e)
{
	struct renaming *r = (struct renaming *)w;
	char path[PATH_ROOM], other[PATH_ROOM];
	struct entry renamed = *e;
	const struct row *file = e->kind == ENTRY_FILE && e->path.n > 1 ? find_file(r, text_of(e->path.p + 1, e->path.n - 1)) : NULL;
	if (file)
		renamed.path = file_path(r->m, file, path);
	if (!file || !renamed.path.n) {
		bool slash = e->path.n && e->path.p[0] == '/';
		int n = snprintf(other, sizeof other, "/%s%s%.*s", r->cabinet, slash ? "" : "/", (int)(e->path.n < 1024 ? e->path.n : 1024), e->path.p);
		renamed.path = text_of(other, (size_t)n);
	}
	renamed.offset = OFFSET_NONE; /* it would be of the cabinet */
	if (renamed.kind == ENTRY_REGION)
		renamed.kind = ENTRY_FILE;
	r->outer->held = r->walk.held;
	r->stopped = !r->outer->child(r->outer, &renamed);
	return !r->stopped;
}

static bool emit_cabinet(const struct msi *m, const struct cfb_entry *e, const char *name, struct error *error)
{
	struct walk *w = m->w;
	uint64_t room = w->room > w->held ? w->room - w->held : 1;
	struct walk walk = { w->arena, w->sink, w->depth, visit, w->room ? room : 0, w->meter, 0, 0 };
	struct renaming r = { .walk = walk, .outer = w, .m = m, .cabinet = name };
	struct error own = cab_format.walk(e->bytes, &r.walk);
	const struct error *const both[] = { &own, &e->error };
	for (size_t i = 0; i < 2; i++) {
		if (error_is(both[i]) && error_is(error))
			emit_error(w->sink, error);
		if (error_is(both[i]))
			*error = *both[i];
	}
	return !r.stopped;
}

/* By what the keys say. */
static bool sort_files(struct msi *m)
{
	struct row *spare = ARENA_ARRAY(m->w->arena, struct row, m->files.n);
	if (!spare)
		return false;
	for (size_t width = 1; width < m->files.n; width *= 2) { /* merges runs: the order needs the strings beside the rows */
		for (size_t at = 0; at < m->files.n; at += 2 * width) {
			size_t mid = at + width < m->files.n ? at + width : m->files.n, end = at + 2 * width < m->files.n ? at + 2 * width : m->files.n;
			for (size_t i = at, k = mid, o = at; o < end; o++) {
				bool left = i < mid && (k >= end || compare_text(string_of(m, m->files.v[i].key), string_of(m, m->files.v[k].key)) <= 0);
				spare[o] = m->files.v[left ? i++ : k++];
			}
		}
		struct row *v = m->files.v;
		m->files.v = spare;
		spare = v;
	}
	return true;
}

bool msi_emit(struct cfb_entry *entries, size_t n, struct walk *w, struct error *error)
{
	struct msi m = { .entries = entries, .n = n, .w = w };
	char name[NAME_ROOM], path[NAME_ROOM + 2];
	if (!read_strings(&m))
		return false;
	bool named = read_rows(&m, "File", "File", "Component_", "FileName", &m.files) &&
				 read_rows(&m, "Component", "Component", "Directory_", "KeyPath", &m.components) &&
				 read_rows(&m, "Directory", "Directory", "Directory_Parent", "DefaultDir", &m.directories) && sort_rows(&m, &m.components) &&
				 sort_rows(&m, &m.directories) && sort_files(&m);
	if (!named)
		m.files.n = 0;
	emit_header_field(w->sink, 0, "package", "Windows Installer, %zu %s", m.files.n,
					  plural(m.files.n, "file", "files"));
	for (size_t i = 0; i < n; i++) {
		const struct cfb_entry *e = &entries[i];
		if (e->type != CFB_STREAM)
			continue;
		struct format_match match;
		stream_name(e->raw, name);
		if (cab_format.probe(e->bytes, &match)) {
			if (!emit_cabinet(&m, e, name, error))
				return true;
			continue;
		}
		snprintf(path, sizeof path, "/%s", name);
		if (!cfb_emit_stream(e, text_c(path), w))
			return true;
	}
	return true;
}
