/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the verdicts: objectives, findings, risks. */
#include "report/oscal_internal.h"

static struct error oscal_each(struct oscal *o, oscal_write *write)
{
	sqlite3_stmt *row = NULL;
	struct error e = view_verdicts_by_id(o->v, &row);
	for (size_t i = 0; !error_is(&e) && i < o->ncontrols && view_step(row, &e); i++) {
		e = write(o, row, &o->controls[i]);
		arena_reset(o->scratch);
	}
	sqlite3_finalize(row);
	return e;
}

/* ---- objectives ---- */

static void write_references(struct oscal *o, struct text references)
{
	static const char sql[] =
		"SELECT json_extract(value, '$.standard') || ' ' || json_extract(value, '$.id') FROM json_each("
		"CASE WHEN json_valid(?1) THEN ?1 ELSE '[]' END) WHERE type = 'object'";
	sqlite3_stmt *s = NULL;
	if (references.n && sqlite3_prepare_v2(view_db(o->v), sql, -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text64(s, 1, references.p, references.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		while (sqlite3_step(s) == SQLITE_ROW)
			oscal_prop(o, "reference", view_text(s, 0));
	}
	sqlite3_finalize(s);
}

/* An objective of OSCAL's own namespace has to name its method in a property that the same namespace does not know (1.1.2:
 * the constraints of local-objective against those of part). In ours it keeps both rules. */
static void write_part(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	json_open(&o->j, '{');
	oscal_pair(o, "id", oscal_objective(o, c));
	oscal_pair(o, "name", "assessment-objective");
	oscal_pair(o, "ns", OSCAL_NAMESPACE);
	oscal_markup_pair(o, "title", view_text(row, VERDICT_TITLE), c->id);
	oscal_markup_pair(o, "prose", view_text(row, VERDICT_BECAUSE), NULL);
	json_close(&o->j, '}');
}

static struct error write_objective(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	json_open(&o->j, '{');
	oscal_pair(o, "control-id", c->id);
	oscal_markup_pair(o, "description", view_text(row, VERDICT_TITLE), c->id);
	oscal_open(o, "props", '[');
	oscal_prop(o, "pack", text_c(c->pack));
	oscal_prop(o, "requirement", view_text(row, VERDICT_REQUIREMENT));
	oscal_prop(o, "section", view_text(row, VERDICT_SECTION));
	oscal_prop(o, "control-id", text_c(c->id));
	write_references(o, view_text(row, VERDICT_REFERENCES));
	json_close(&o->j, ']');
	oscal_pack_link(o, c->pack);
	oscal_open(o, "parts", '[');
	write_part(o, row, c);
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	return error_none();
}

struct error oscal_objectives(struct oscal *o)
{
	if (!o->ncontrols)
		return error_none();
	oscal_open(o, "local-definitions", '{');
	oscal_open(o, "objectives-and-methods", '[');
	struct error e = oscal_each(o, write_objective);
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	return e;
}

/* ---- risks ---- */

static void write_severity(struct oscal *o, struct text severity)
{
	const char *string = oscal_string(o, severity, NULL);
	if (!string)
		return;
	oscal_open(o, "characterizations", '[');
	json_open(&o->j, '{');
	oscal_open(o, "origin", '{');
	oscal_actors(o);
	json_close(&o->j, '}');
	oscal_open(o, "facets", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "name", "severity");
	oscal_pair(o, "system", OSCAL_NAMESPACE);
	oscal_pair(o, "value", string);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static void write_remedy(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	const char *remedy = oscal_markup(o, view_text(row, VERDICT_REMEDY), NULL);
	if (!remedy)
		return;
	oscal_open(o, "remediations", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "response", c->id));
	oscal_pair(o, "lifecycle", "recommendation");
	oscal_pair(o, "title", "What fixes it");
	oscal_pair(o, "description", remedy);
	if (oscal_string(o, view_text(row, VERDICT_REMEDY_COMMAND), NULL)) {
		oscal_open(o, "props", '[');
		oscal_prop(o, "command", view_text(row, VERDICT_REMEDY_COMMAND));
		json_close(&o->j, ']');
	}
	oscal_origins(o);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static void write_related(struct oscal *o, const char *list, const char *key, const char *uuid)
{
	oscal_open(o, list, '[');
	json_open(&o->j, '{');
	oscal_pair(o, key, uuid);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

static struct error write_risk(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	if (c->verdict != VIEW_FAIL)
		return error_none();
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "risk", c->id));
	oscal_markup_pair(o, "title", view_text(row, VERDICT_TITLE), c->id);
	oscal_markup_pair(o, "description", view_text(row, VERDICT_SUMMARY), "FAIL");
	struct text because = view_text(row, VERDICT_BECAUSE);
	oscal_markup_pair(o, "statement", because.n ? because : view_text(row, VERDICT_SUMMARY), "FAIL");
	oscal_open(o, "props", '[');
	oscal_prop(o, "control-id", text_c(c->id));
	oscal_prop(o, "severity-in-the-pack", view_text(row, VERDICT_SEVERITY_WAS));
	oscal_prop(o, "severity-reason", view_text(row, VERDICT_SEVERITY_REASON));
	json_close(&o->j, ']');
	oscal_pair(o, "status", "open");
	oscal_origins(o);
	write_severity(o, view_text(row, VERDICT_SEVERITY));
	write_remedy(o, row, c);
	write_related(o, "related-observations", "observation-uuid", oscal_uuid(o, "observation", c->id));
	json_close(&o->j, '}');
	return error_none();
}

/* ---- findings ---- */

/* "not-satisfied" means that it was not determined to be satisfied (NIST SP 800-53A: "other than satisfied", which is said
 * too where information is lacking); the reason tells the two apart. */
static void write_status(struct oscal *o, sqlite3_stmt *row, enum view_verdict verdict)
{
	const char *settles = oscal_markup(o, view_text(row, VERDICT_SETTLES), NULL);
	bool open = verdict == VIEW_INCONCLUSIVE;
	struct text basis = view_text(row, VERDICT_BASIS);
	oscal_open(o, "status", '{');
	oscal_pair(o, "state", verdict == VIEW_PASS ? "satisfied" : "not-satisfied");
	oscal_pair(o, "reason", open ? "other" : verdict == VIEW_PASS ? "pass" : "fail");
	if (open)
		oscal_pair(o, "remarks",
				   arena_printf(o->scratch, "INCONCLUSIVE: %s%s%s",
								text_is(basis, "declared")
									? "the maker declares it, and nothing that was seen verifies it."
									: "what was seen does not decide it.",
								settles ? " What would settle it: " : "", settles ? settles : ""));
	else if (verdict == VIEW_PASS && text_is(basis, "declaration"))
		oscal_pair(o, "remarks", "PASS by what the maker declares: the requirement asks for that declaration.");
	json_close(&o->j, '}');
}

static struct error write_finding(struct oscal *o, sqlite3_stmt *row, const struct oscal_control *c)
{
	if (c->verdict == VIEW_NOT_APPLICABLE)
		return error_none();
	json_open(&o->j, '{');
	oscal_pair(o, "uuid", oscal_uuid(o, "finding", c->id));
	oscal_markup_pair(o, "title", view_text(row, VERDICT_TITLE), c->id);
	oscal_markup_pair(o, "description", view_text(row, VERDICT_SUMMARY), view_verdict_words[c->verdict]);
	oscal_open(o, "props", '[');
	oscal_prop(o, "verdict", text_c(view_verdict_words[c->verdict]));
	oscal_prop(o, "basis", view_text(row, VERDICT_BASIS));
	oscal_prop(o, "severity", view_text(row, VERDICT_SEVERITY));
	oscal_prop(o, "pack", text_c(c->pack));
	oscal_prop(o, "control-id", text_c(c->id));
	json_close(&o->j, ']');
	oscal_pack_link(o, c->pack);
	oscal_origins(o);
	oscal_open(o, "target", '{');
	oscal_pair(o, "type", "objective-id");
	oscal_pair(o, "target-id", oscal_objective(o, c));
	write_status(o, row, c->verdict);
	json_close(&o->j, '}');
	write_related(o, "related-observations", "observation-uuid", oscal_uuid(o, "observation", c->id));
	if (c->verdict == VIEW_FAIL)
		write_related(o, "related-risks", "risk-uuid", oscal_uuid(o, "risk", c->id));
	json_close(&o->j, '}');
	return error_none();
}

struct error oscal_verdicts(struct oscal *o)
{
	const struct {
		const char *list;
		oscal_write *write;
		int64_t n;
	} lists[] = {
		{ "observations", oscal_observation, (int64_t)o->ncontrols },
		{ "risks", write_risk, o->counts.n[VIEW_FAIL] },
		{ "findings", write_finding, (int64_t)o->ncontrols - o->counts.n[VIEW_NOT_APPLICABLE] },
	};
	struct error e = error_none();
	for (size_t i = 0; !error_is(&e) && i < sizeof lists / sizeof lists[0]; i++) {
		if (!lists[i].n)
			continue;
		oscal_open(o, lists[i].list, '[');
		e = oscal_each(o, lists[i].write);
		json_close(&o->j, ']');
	}
	return e;
}
