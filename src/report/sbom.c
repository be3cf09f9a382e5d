/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sbom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/spdx_expression.h"
#include "base/uuid5.h"

#define ARENA_MAX ((size_t)512 << 20)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

bool sbom_known(const char *text)
{
	return text && *text && strcmp(text, "unknown") != 0;
}

double sbom_confidence(const char *word)
{
	if (word && strcmp(word, "proven") == 0)
		return 1.0;
	return word && strcmp(word, "likely") == 0 ? 0.8 : 0.4;
}

static const char *note(struct sbom *s, const char *name, const char *value)
{
	return value ? arena_printf(s->arena, "assay:%s=%s", name, value) : NULL;
}

bool sbom_notes(struct sbom *s, const struct sbom_component *c, const char *words[SBOM_NOTES])
{
	words[0] = note(s, "package-version", c->package_version);
	words[1] = note(s, "distribution", c->distribution);
	words[2] = note(s, "confidence", sbom_confidence(c->confidence) < 0.6 ? "0.4" : NULL);
	return words[0] || words[1] || words[2];
}

const char *sbom_copy(struct sbom *s, sqlite3_stmt *row, int column)
{
	struct text t = view_text(row, column);
	return t.n ? arena_strdup(s->arena, t) : NULL;
}

void sbom_uuid(const struct sbom *s, const char *what, char out[37])
{
	char name[160];
	int n = snprintf(name, sizeof name, "sha256:%s%s%s", s->sha256 ? s->sha256 : "", *what ? "#" : "", what);
	uuid5_url(text_of(name, (size_t)n < sizeof name ? (size_t)n : sizeof name - 1), out);
}

const char *sbom_evidence_words(struct sbom *s, const struct sbom_evidence *e)
{
	const char *kind = e->kind ? e->kind : "evidence", *text = e->text ? e->text : "";
	return e->offset >= 0 ? arena_printf(s->arena, "%s at offset %lld: %s", kind, (long long)e->offset, text)
						  : arena_printf(s->arena, "%s: %s", kind, text);
}

/* How many rows the table has; 0 when it is not there. */
static size_t count_rows(struct view *v, const char *table)
{
	char *sql = sqlite3_mprintf("SELECT count(*) FROM %s", table);
	int64_t n = sql ? view_number(v, sql, 0) : 0;
	sqlite3_free(sql);
	return n > 0 ? (size_t)n : 0;
}

static struct error no_memory(void)
{
	return error_at(ERR_MEMORY, 0, "no memory for the bill of materials");
}

/* What a product file says of it goes before the name of an image. */
static struct error load_declared(struct sbom *s, struct view *v)
{
	static const char *const columns[] = { "name", "version", "maker" };
	sqlite3_stmt *row = NULL;
	struct error e = view_select(view_db(v), "declared_product", columns, COUNT(columns), "LIMIT 1", &row);
	if (!error_is(&e) && view_step(row, &e)) {
		const char *name = sbom_copy(s, row, 0);
		s->name = name && *name ? name : s->name;
		s->version = sbom_copy(s, row, 1);
		s->supplier = sbom_copy(s, row, 2);
	}
	sqlite3_finalize(row);
	return e;
}

static struct error load_product(struct sbom *s, struct view *v, const struct sbom_options *o)
{
	static const char *const columns[] = { "location", "size", "sha256" };
	sqlite3_stmt *row = NULL;
	struct error e = view_select(view_db(v), "input", columns, COUNT(columns), "ORDER BY id LIMIT 1", &row);
	if (!error_is(&e) && view_step(row, &e)) {
		s->name = arena_strdup(s->arena, text_base(view_text(row, 0)));
		s->size = view_int(row, 1);
		s->sha256 = sbom_copy(s, row, 2);
	}
	sqlite3_finalize(row);
	if (!error_is(&e))
		e = load_declared(s, v);
	if (o) {
		s->name = o->product ? o->product : s->name;
		s->version = o->product_version ? o->product_version : s->version;
		s->supplier = o->supplier ? o->supplier : s->supplier;
		s->supplier_url = o->supplier_url;
	}
	if (!s->name || !*s->name)
		s->name = "firmware";
	s->tool_version = view_meta(v, "version", s->arena);
	s->timestamp = view_meta(v, "finished_at", s->arena);
	if (!s->tool_version)
		s->tool_version = "unknown";
	if (!s->timestamp) /* of a run that has not come to its end */
		s->timestamp = "1970-01-01T00:00:00Z";
	sbom_uuid(s, "", s->uuid);
	return e;
}

enum {
	ID,
	NAME,
	TITLE,
	VERSION,
	PACKAGE_VERSION,
	SOURCE,
	DISTRIBUTION,
	ARCHITECTURE,
	PURL,
	CPE,
	LICENCE,
	CONFIDENCE,
	KIND
};
static const char *const software_columns[] = {
	"id",           "name", "title", "version", "package_version", "source_package", "distribution",
	"architecture", "purl", "cpe",   "licence", "confidence",      "evidence_kind",
};

static bool load_component(struct sbom *s, struct sbom_component *c, sqlite3_stmt *row)
{
	c->id = view_int(row, ID);
	c->name = sbom_copy(s, row, NAME);
	c->title = sbom_copy(s, row, TITLE);
	c->version = sbom_copy(s, row, VERSION);
	c->source_package = sbom_copy(s, row, SOURCE);
	c->distribution = sbom_copy(s, row, DISTRIBUTION);
	c->architecture = sbom_copy(s, row, ARCHITECTURE);
	c->licence = sbom_copy(s, row, LICENCE);
	c->confidence = sbom_copy(s, row, CONFIDENCE);
	c->evidence_kind = sbom_copy(s, row, KIND);
	const char *package_version = sbom_copy(s, row, PACKAGE_VERSION);
	if (!sbom_known(c->version))
		c->version = NULL;
	c->name = c->name ? c->name : "unknown";
	s->declared |= c->evidence_kind && strcmp(c->evidence_kind, "declared") == 0;
	c->licence_is_expression = c->licence && spdx_is_expression(text_c(c->licence));
	c->purl = sbom_purl(c, view_text(row, PURL), sbom_known(package_version) ? package_version : NULL, s->arena);
	return sbom_cpes(c, view_text(row, CPE), s->arena);
}

static int by_ref(const void *a, const void *b)
{
	const struct sbom_component *x = *(struct sbom_component *const *)a, *y = *(struct sbom_component *const *)b;
	int order = strcmp(x->ref, y->ref);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* A name for each: its purl, with its number where others have the same. */
static bool name_components(struct sbom *s)
{
	struct sbom_component **order = ARENA_ARRAY(s->arena, struct sbom_component *, s->ncomponents);
	for (size_t i = 0; i < s->ncomponents; i++) {
		struct sbom_component *c = &s->components[i];
		c->ref = c->purl ? c->purl : arena_printf(s->arena, "%s@%s", c->name, c->version ? c->version : "");
		if (!c->ref || !order)
			return false;
		order[i] = c;
	}
	if (s->ncomponents)
		qsort(order, s->ncomponents, sizeof(void *), by_ref);
	const char *first = s->ncomponents ? order[0]->ref : NULL;
	for (size_t i = 1; i < s->ncomponents; i++) {
		if (strcmp(first, order[i]->ref) != 0)
			first = order[i]->ref;
		else if (!(order[i]->ref = arena_printf(s->arena, "%s %lld", first, (long long)order[i]->id)))
			return false;
	}
	return true;
}

static struct error load_components(struct sbom *s, struct view *v)
{
	size_t room = count_rows(v, "software");
	sqlite3_stmt *row = NULL;
	s->components = ARENA_ARRAY(s->arena, struct sbom_component, room);
	if (!s->components)
		return no_memory();
	struct error e =
		view_select(view_db(v), "software", software_columns, COUNT(software_columns), "ORDER BY id", &row);
	while (!error_is(&e) && s->ncomponents < room && view_step(row, &e))
		if (!load_component(s, &s->components[s->ncomponents++], row))
			e = no_memory();
	sqlite3_finalize(row);
	if (!error_is(&e) && !name_components(s))
		e = no_memory();
	return e;
}

size_t sbom_find_component(const struct sbom *s, int64_t id)
{
	size_t from = 0, to = s->ncomponents;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (s->components[middle].id == id)
			return middle;
		if (s->components[middle].id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return SIZE_MAX;
}

/* Evidence with the file that it is in, in the order of the software. A case of ours has these tables; of another, nothing
 * is shown that is not there. */
static const char evidence_sql[] =
	"SELECT e.software_id, c.blob_id, c.offset, c.evidence_kind, c.evidence, %s, b.parent_id, b.size, b.sha256,"
	" l.soname, l.needed, l.type FROM software_evidence e JOIN component c ON c.id = e.component_id"
	" LEFT JOIN blob b ON b.id = c.blob_id LEFT JOIN elf l ON l.blob_id = c.blob_id"
	" ORDER BY e.software_id, e.rowid";

/* "a.squashfs/usr/sbin/dnsmasq": the way through the containers as one path; the input is not named. */
static const char *file_path(struct sbom *s, struct view *v, int64_t blob_id)
{
	const char *way = view_inner_path(v, blob_id, s->arena);
	size_t n = way ? strlen(way) : 0, at = 0;
	char *path = arena_alloc(s->arena, n + 1, 1);
	for (size_t i = 0; path && i < n; i++) {
		if (strncmp(way + i, " > ", 3) == 0) {
			path[at++] = '/';
			i += way[i + 3] == '/' ? 3 : 2;
		} else {
			path[at++] = way[i];
		}
	}
	if (!path)
		return NULL;
	size_t slashes = strspn(path, "/");
	return path[slashes] ? path + slashes : "input";
}

static void load_file(struct sbom *s, struct sbom_file *f, sqlite3_stmt *row)
{
	*f = (struct sbom_file){ .blob_id = view_int(row, 1), .parent_id = view_int(row, 6), .size = view_int(row, 7) };
	f->sha256 = sbom_copy(s, row, 8);
	f->soname = sbom_copy(s, row, 9);
	f->needed = sbom_copy(s, row, 10);
	f->elf_type = sbom_copy(s, row, 11);
	f->owner = SIZE_MAX;
}

static int by_blob(const void *a, const void *b)
{
	const struct sbom_file *x = a, *y = b;
	return (x->blob_id > y->blob_id) - (x->blob_id < y->blob_id);
}

/* Each file once, by blob; evidence points at it. */
static bool merge_files(struct sbom *s, struct view *v)
{
	size_t n = 0;
	qsort(s->files, s->nfiles, sizeof s->files[0], by_blob);
	for (size_t i = 0; i < s->nfiles; i++)
		if (n == 0 || s->files[n - 1].blob_id != s->files[i].blob_id)
			s->files[n++] = s->files[i];
	s->nfiles = n;
	for (size_t i = 0; i < n; i++)
		if (!(s->files[i].path = file_path(s, v, s->files[i].blob_id)))
			return false;
	for (size_t i = 0; i < s->nevidence; i++) {
		int64_t blob_id = (int64_t)s->evidence[i].file;
		size_t from = 0, to = n;
		while (from < to) {
			size_t middle = from + (to - from) / 2;
			if (s->files[middle].blob_id < blob_id)
				from = middle + 1;
			else
				to = middle;
		}
		s->evidence[i].file = from < n && s->files[from].blob_id == blob_id ? from : SIZE_MAX;
	}
	return true;
}

static struct error load_evidence(struct sbom *s, struct view *v)
{
	size_t room = count_rows(v, "software_evidence");
	sqlite3_stmt *row = NULL;
	struct error e = error_none();
	s->evidence = ARENA_ARRAY(s->arena, struct sbom_evidence, room);
	s->files = ARENA_ARRAY(s->arena, struct sbom_file, room);
	if (!s->evidence || !s->files)
		return no_memory();
	if (!room)
		return e;
	bool told = view_number(v, "SELECT 1 FROM pragma_table_info('component') WHERE name = 'confidence'", 0) == 1;
	char *sql = sqlite3_mprintf(evidence_sql, told ? "c.confidence" : "NULL");
	int r = sql ? sqlite3_prepare_v2(view_db(v), sql, -1, &row, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (r)
		return view_error(view_db(v), "reading the evidence of the software");
	while (!error_is(&e) && s->nevidence < room && view_step(row, &e)) {
		size_t c = sbom_find_component(s, view_int(row, 0));
		if (c == SIZE_MAX)
			continue;
		load_file(s, &s->files[s->nfiles++], row);
		struct sbom_evidence *x = &s->evidence[s->nevidence++];
		*x = (struct sbom_evidence){ .component = c, .file = (size_t)view_int(row, 1), .offset = view_int(row, 2) };
		x->kind = sbom_copy(s, row, 3);
		x->text = sbom_copy(s, row, 4);
		x->confidence = sbom_copy(s, row, 5);
		if (s->components[c].nevidence++ == 0)
			s->components[c].evidence = s->nevidence - 1;
	}
	sqlite3_finalize(row);
	return error_is(&e) || merge_files(s, v) ? e : no_memory();
}

/* CycloneDX's word for what it is, from what shows it. */
static void set_types(struct sbom *s)
{
	for (size_t i = 0; i < s->ncomponents; i++) {
		struct sbom_component *c = &s->components[i];
		int libraries = strncmp(c->name, "lib", 3) == 0, programs = 0;
		for (size_t k = c->evidence; k < c->evidence + c->nevidence; k++) {
			const char *type = s->evidence[k].file == SIZE_MAX ? NULL : s->files[s->evidence[k].file].elf_type;
			libraries += type && strcmp(type, "shared-library") == 0;
			programs += type && strcmp(type, "executable") == 0;
		}
		c->type = libraries > programs ? "library" : "application";
		if (c->ncpes && strncmp(c->cpes[0], "cpe:2.3:o", 9) == 0)
			c->type = "operating-system";
		else if (c->ncpes && strncmp(c->cpes[0], "cpe:2.3:h", 9) == 0)
			c->type = "device";
	}
}

struct sbom *sbom_load(sqlite3 *db, const struct sbom_options *options, struct error *error)
{
	struct view *v = view_open(db, error);
	struct sbom *s = calloc(1, sizeof *s);
	if (s)
		s->arena = arena_new(ARENA_MAX);
	if (!error_is(error) && (!s || !s->arena))
		*error = no_memory();
	if (!error_is(error))
		*error = load_product(s, v, options);
	if (!error_is(error))
		*error = load_components(s, v);
	if (!error_is(error))
		*error = load_evidence(s, v);
	if (!error_is(error)) {
		set_types(s);
		if (!sbom_depend(s))
			*error = no_memory();
	}
	if (!error_is(error))
		*error = sbom_load_vulnerabilities(s, db);
	if (!error_is(error))
		*error = view_failure(v);
	view_close(v);
	if (!error_is(error))
		return s;
	sbom_free(s);
	return NULL;
}

void sbom_free(struct sbom *s)
{
	if (s)
		arena_free(s->arena);
	free(s);
}
