/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An observation: a verdict with what stands behind it. */

#include "report/oscal_internal.h"

/* ---- where evidence comes from ---- */

static struct oscal_input *input_of(struct oscal *o, int64_t id)
{
	size_t low = 0, high = o->ninputs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (o->inputs[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < o->ninputs && o->inputs[low].id == id ? &o->inputs[low] : NULL;
}

static int64_t input_id_in(struct oscal *o, const char *table, sqlite3_stmt **row, int64_t row_id, struct error *e)
{
	static const char *const columns[] = { "input_id" };
	if (!*row)
		*e = view_select(view_db(o->v), table, columns, 1, "WHERE id = ?1", row);
	if (error_is(e))
		return FACT_NULL;
	sqlite3_bind_int64(*row, 1, row_id);
	int64_t id = view_step(*row, e) ? view_int(*row, 0) : FACT_NULL;
	sqlite3_reset(*row);
	return id;
}

/* The input that a row is about; NULL when it is about none, or about several. */
static struct oscal_input *evidence_input(struct oscal *o, const struct view_evidence *ev, struct error *e)
{
	int64_t id = FACT_NULL;
	if (text_is(ev->table, "input"))
		id = ev->row_id;
	else if (text_is(ev->table, "probe_run"))
		id = input_id_in(o, "probe_run", &o->run_input, ev->row_id, e);
	else if (ev->blob_id != FACT_NULL)
		id = input_id_in(o, "blob", &o->blob_input, ev->blob_id, e);
	return id == FACT_NULL ? NULL : input_of(o, id);
}

static bool is_live(const struct oscal_input *input)
{
	return text_is(text_c(input->kind), "device") || text_is(text_c(input->kind), "site");
}

/* ---- its parts ---- */

static void write_place(struct oscal *o, const struct view_evidence *ev)
{
	const char *path = ev->blob_id == FACT_NULL ? NULL : view_path(o->v, ev->blob_id, o->scratch);
	oscal_open(o, "props", '[');
	oscal_prop(o, "role", ev->role.n ? ev->role : TEXT_LIT("unknown"));
	oscal_prop(o, "table", ev->table);
	oscal_prop_int(o, "row", ev->row_id);
	oscal_prop(o, "path", text_c(path));
	oscal_prop_int(o, "line", ev->line);
	oscal_prop_int(o, "offset", ev->offset);
	json_close(&o->j, ']');
}

static void write_evidence(struct oscal *o, const struct view_evidence *ev, struct oscal_input *input)
{
	json_open(&o->j, '{');
	if (input) {
		oscal_pair(o, "href", arena_printf(o->scratch, "#%s", oscal_input_uuid(o, input)));
		input->used = true;
	}
	oscal_markup_pair(o, "description", ev->says, "A row of the case without a text of its own.");
	write_place(o, ev);
	json_close(&o->j, '}');
	arena_reset(o->scratch);
}

typedef bool next_evidence(struct view *, int64_t, sqlite3_stmt **, struct view_evidence *, struct error *);

/* The rows behind a verdict, or behind one of its measures; *open: the list has begun. */
static struct error write_rows(struct oscal *o, next_evidence *next, int64_t id, bool *open)
{
	struct error e = error_none(), found = error_none();
	struct view_evidence ev;
	sqlite3_stmt *rows = NULL;
	while (!error_is(&found) && next(o->v, id, &rows, &ev, &e)) {
		if (!*open)
			oscal_open(o, "relevant-evidence", '[');
		*open = true;
		struct oscal_input *input = evidence_input(o, &ev, &found);
		write_evidence(o, &ev, input);
	}
	sqlite3_finalize(rows);
	return error_is(&e) ? e : found;
}

static struct error write_all_evidence(struct oscal *o, int64_t verdict_id)
{
	bool open = false;
	sqlite3_stmt *measure = NULL;
	struct error e = write_rows(o, view_next_evidence, verdict_id, &open);
	if (!error_is(&e))
		e = view_measures(o->v, verdict_id, &measure);
	while (!error_is(&e) && view_step(measure, &e))
		e = write_rows(o, view_next_measured, view_int(measure, MEASURE_ID), &open);
	if (open)
		json_close(&o->j, ']');
	return e;
}

static void write_measure(struct oscal *o, sqlite3_stmt *row)
{
	struct text title = view_text(row, MEASURE_TITLE), unit = view_text(row, MEASURE_UNIT);
	const char *string = oscal_string(o, title.n ? title : view_text(row, MEASURE_NAME), "measure");
	bool measured = sqlite3_column_type(row, MEASURE_VALUE) != SQLITE_NULL;
	const char *value = measured ? arena_printf(o->scratch, "%.10g %.*s", sqlite3_column_double(row, MEASURE_VALUE),
												(int)unit.n, unit.n ? unit.p : "")
								 : "not measured";
	json_open(&o->j, '{');
	oscal_pair(o, "name", "measure");
	oscal_pair(o, "ns", OSCAL_NAMESPACE);
	oscal_pair(o, "value", oscal_string(o, text_c(value), "not measured"));
	oscal_pair(o, "class", oscal_token(o, o->scratch, view_text(row, MEASURE_NAME)));
	oscal_markup_pair(o, "remarks", text_c(string), "measure");
	json_close(&o->j, '}');
}

static struct error write_measures(struct oscal *o, int64_t verdict_id)
{
	sqlite3_stmt *row = NULL;
	struct error e = view_measures(o->v, verdict_id, &row);
	while (!error_is(&e) && view_step(row, &e))
		write_measure(o, row);
	return e;
}

static struct error write_props(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	static const struct {
		const char *name;
		enum verdict_column column;
	} props[] = {
		{ "basis", VERDICT_BASIS },     { "about", VERDICT_ABOUT },       { "requirement", VERDICT_REQUIREMENT },
		{ "missing", VERDICT_MISSING }, { "excluded", VERDICT_EXCLUDED },
	};
	oscal_open(o, "props", '[');
	oscal_prop(o, "verdict", text_c(view_verdict_words[c->verdict]));
	oscal_prop(o, "pack", text_c(c->pack));
	oscal_prop(o, "control-id", text_c(c->id));
	for (size_t i = 0; i < sizeof props / sizeof props[0]; i++)
		oscal_prop(o, props[i].name, view_text(row, (int)props[i].column));
	if (c->verdict == VIEW_INCONCLUSIVE)
		oscal_prop(o, "settles", view_text(row, VERDICT_SETTLES));
	oscal_prop_int(o, "evidence-total", view_int(row, VERDICT_EVIDENCE_TOTAL));
	struct error e = write_measures(o, view_int(row, VERDICT_ID));
	json_close(&o->j, ']');
	return e;
}

/* A device and a site were exercised; everything else was read. */
static void write_methods(struct oscal *o)
{
	bool live = false, read = false;
	for (size_t i = 0; i < o->ninputs; i++)
		if (o->inputs[i].used)
			*(is_live(&o->inputs[i]) ? &live : &read) = true;
	oscal_open(o, "methods", '[');
	if (read || !live)
		json_text(&o->j, TEXT_LIT("EXAMINE"));
	if (live)
		json_text(&o->j, TEXT_LIT("TEST"));
	json_close(&o->j, ']');
}

static void write_subject(struct oscal *o, const char *uuid, const char *type)
{
	json_open(&o->j, '{');
	oscal_pair(o, "subject-uuid", uuid);
	oscal_pair(o, "type", type);
	json_close(&o->j, '}');
}

static void write_subjects(struct oscal *o)
{
	oscal_open(o, "subjects", '[');
	write_subject(o, oscal_product_uuid(o), "component");
	for (size_t i = 0; i < o->ninputs; i++) {
		if (o->inputs[i].used)
			write_subject(o, oscal_input_uuid(o, &o->inputs[i]), "resource");
		o->inputs[i].used = false;
	}
	json_close(&o->j, ']');
}

struct error oscal_observation(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "observation", c->id));
	oscal_markup_pair(o, "title", view_text(row, VERDICT_TITLE), c->id);
	oscal_markup_pair(o, "description", view_text(row, VERDICT_SUMMARY), view_verdict_words[c->verdict]);
	struct error e = write_props(o, row, c);
	if (!error_is(&e))
		e = write_all_evidence(o, view_int(row, VERDICT_ID));
	write_methods(o);
	oscal_open(o, "types", '[');
	json_text(&o->j, TEXT_LIT("control-objective"));
	if (c->verdict == VIEW_FAIL)
		json_text(&o->j, TEXT_LIT("finding"));
	json_close(&o->j, ']');
	oscal_origins(o);
	write_subjects(o);
	oscal_pair(o, "collected", o->end);
	json_close(&o->j, '}');
	return e;
}
