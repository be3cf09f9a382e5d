/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/product_releases.h"

#include <string.h>

#include "cli/command.h"

#define COMPONENTS_MAX 100000u /* of all releases: more than any image has */

struct component {
	const struct release *of;
	const char *name, *version, *vulnerabilities;
};

struct release {
	const struct product_input *input;
	const char *version, *sha256, *status; /* NULL when unknown */
	int64_t built;
};

struct releases {
	struct arena *arena;
	struct release *v;
	size_t n;
	struct component *components;
	size_t ncomponents;
};

static const char *column(struct releases *s, sqlite3_stmt *row, int i)
{
	const char *text = (const char *)sqlite3_column_text(row, i);
	return text ? arena_strdup(s->arena, text_c(text)) : NULL;
}

/* The latest date that says when the image was made: of a header, of a kernel; else of a file. Clocks that were never set
 * say a day long ago. */
static const char release_sql[] =
	"SELECT i.sha256, (SELECT max(r.status) FROM probe_run r WHERE r.input_id = i.id AND r.probe = 'firmware.unpack'),"
	" coalesce((SELECT max(t) FROM (SELECT k.built AS t FROM kernel k JOIN blob b ON b.id = k.blob_id WHERE b.input_id = i.id"
	"  UNION ALL SELECT CAST(CASE WHEN h.value GLOB '[12][0-9][0-9][0-9]-*' THEN strftime('%s', h.value) ELSE h.value END"
	"   AS INTEGER) FROM header h JOIN blob b ON b.id = h.blob_id WHERE b.input_id = i.id"
	"   AND h.name IN ('time', 'timestamp', 'mkfs_time', 'creation_time', 'max_timestamp', 'date', 'build_date'))"
	"  WHERE t BETWEEN 946684800 AND 4102444800),"
	" (SELECT max(mtime) FROM blob b WHERE b.input_id = i.id AND b.mtime BETWEEN 946684800 AND 4102444800))"
	" FROM input i WHERE i.kind = 'firmware' AND i.location = ?";

static const char components_sql[] =
	"SELECT s.name, s.version, (SELECT group_concat(name, char(10)) FROM (SELECT DISTINCT v.name FROM vulnerability v"
	"  WHERE v.software_id = s.id AND v.state = 'affected' AND (v.kev = 1 OR lower(v.severity) = 'critical') ORDER BY v.name))"
	" FROM software s ORDER BY s.name, s.version, s.id";

static bool read_release(struct releases *s, struct release *out, sqlite3 *db, const char *location)
{
	sqlite3_stmt *row = NULL;
	bool ok = sqlite3_prepare_v2(db, release_sql, -1, &row, NULL) == SQLITE_OK &&
			  sqlite3_bind_text(row, 1, location, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW;
	if (ok) {
		out->sha256 = column(s, row, 0);
		out->status = column(s, row, 1);
		out->built = sqlite3_column_type(row, 2) == SQLITE_NULL ? FACT_NULL : sqlite3_column_int64(row, 2);
	}
	sqlite3_finalize(row);
	return ok;
}

static bool read_components(struct releases *s, const struct release *of, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	int r = sqlite3_prepare_v2(db, components_sql, -1, &row, NULL);
	while (r == SQLITE_OK && (r = sqlite3_step(row)) == SQLITE_ROW) {
		r = s->ncomponents < COMPONENTS_MAX ? SQLITE_OK : SQLITE_FULL;
		if (r == SQLITE_OK)
			s->components[s->ncomponents++] =
				(struct component){ of, column(s, row, 0), column(s, row, 1), column(s, row, 2) };
	}
	sqlite3_finalize(row);
	return r == SQLITE_DONE;
}

static int read_earlier(struct product_request *r, struct releases *s, struct release *out, const struct input *input)
{
	struct case_file *c = image_begin(r->options, input, "", ""); /* without a name */
	int code = c ? EXIT_NO_FAIL : EXIT_UNUSABLE;
	struct image_run run = { .c = c, .input = input, .label = input->name };
	struct error e = c ? image_run(&run, r->options) : error_none();
	if (error_is(&e))
		code = complain_error(input->location, &e);
	if (!code && r->match)
		code = match_case(case_db(c), r->match);
	if (!code && (!read_release(s, out, case_db(c), input->location) || !read_components(s, out, case_db(c))))
		code = complain(EXIT_INTERNAL, input->location, "what was found in it can not be read back");
	r->gave_up |= run.gave_up;
	r->changed |= run.changed;
	case_close(c);
	return code;
}

static int read_one(struct product_request *r, struct releases *s, size_t i, struct case_file *c)
{
	const struct product_input *in = &r->set->product->inputs[i];
	struct release *out = &s->v[s->n++];
	*out = (struct release){ .input = in, .version = in->version ? in->version : r->set->product->version };
	if (in->current)
		return read_release(s, out, case_db(c), r->set->opened[i].location)
				   ? EXIT_NO_FAIL
				   : complain(EXIT_INTERNAL, r->set->opened[i].location, "is not in the case that it was added to");
	struct input input = { .fd = -1 };
	int code = product_set_input(r->set, i, r->options, &input);
	if (!code)
		code = read_earlier(r, s, out, &input);
	input_close(&input);
	return code;
}

struct releases *releases_read(struct product_request *r, struct case_file *c, int *code)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct releases *s = arena ? ARENA_NEW(arena, struct releases) : NULL;
	if (s) {
		s->arena = arena;
		s->v = ARENA_ARRAY(arena, struct release, r->set->product->ninputs + 1);
		s->components = ARENA_ARRAY(arena, struct component, COMPONENTS_MAX);
	}
	*code = s && s->v && s->components ? EXIT_NO_FAIL : complain(EXIT_INTERNAL, NULL, "no memory for the releases");
	for (size_t i = 0; i < r->set->product->ninputs && !*code; i++)
		if (strcmp(r->set->product->inputs[i].kind, "firmware") == 0)
			*code = read_one(r, s, i, c);
	if (!*code)
		return s;
	arena_free(arena);
	return NULL;
}

void releases_free(struct releases *s)
{
	if (s)
		arena_free(s->arena);
}

void releases_emit(const struct releases *s, struct sink *sink)
{
	for (size_t i = 0; i < s->n; i++)
		emit_release(sink, &(struct fact_release){
							   .line = s->v[i].input->line,
							   .version = text_c(s->v[i].version),
							   .location = text_c(s->v[i].input->location),
							   .sha256 = text_c(s->v[i].sha256),
							   .built = s->v[i].built,
							   .current = s->v[i].input->current,
							   .status = text_c(s->v[i].status),
						   });
	for (size_t i = 0; i < s->ncomponents; i++)
		emit_release_component(sink, &(struct fact_release_component){
										 .release = text_c(s->components[i].of->version),
										 .name = text_c(s->components[i].name),
										 .version = text_c(s->components[i].version),
										 .vulnerabilities = text_c(s->components[i].vulnerabilities),
									 });
}
