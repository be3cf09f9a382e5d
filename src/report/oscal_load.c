/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/hash.h"
#include "base/sort.h"
#include "report/oscal_internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NO_TIME "1970-01-01T00:00:00Z" /* of a run that has not come to its end */

static struct error no_memory(void)
{
	return error_at(ERR_MEMORY, 0, "no memory for the assessment results");
}

static const char *copy(struct oscal *o, struct text t)
{
	char *text = t.n ? arena_strdup(o->arena, t) : NULL;
	o->no_memory |= t.n && !text;
	return text;
}

/* The digest of what was there before and one more text. */
static void digest_add(struct oscal *o, char digest[65], struct text t)
{
	const char *all =
		arena_printf(o->scratch, "%s\n%.*s", digest, (int)(t.n < INT32_MAX ? t.n : INT32_MAX), t.n ? t.p : "");
	if (all)
		hash_sha256_hex(span_of(all, strlen(all)), digest);
	else
		o->no_memory = true;
	arena_reset(o->scratch);
}

static struct error load_inputs(struct oscal *o)
{
	static const char *const columns[] = { "id", "kind", "location", "sha256", "role" };
	int64_t n = view_number(o->v, "SELECT count(*) FROM input", 0);
	sqlite3_stmt *row = NULL;
	o->inputs = ARENA_ARRAY(o->arena, struct oscal_input, n > 0 ? (size_t)n : 1);
	if (!o->inputs)
		return no_memory();
	struct error e = view_select(view_db(o->v), "input", columns, COUNT(columns), "ORDER BY id", &row);
	while (!error_is(&e) && o->ninputs < (size_t)n && view_step(row, &e)) {
		struct text location = view_text(row, 2);
		o->inputs[o->ninputs++] = (struct oscal_input){
			.id = view_int(row, 0),
			.kind = copy(o, view_text(row, 1)),
			.location = copy(o, location),
			.name = copy(o, text_base(location)),
			.sha256 = copy(o, view_text(row, 3)),
			.role = copy(o, view_text(row, 4)),
		};
		for (int i = 1; i < (int)COUNT(columns); i++)
			digest_add(o, o->run, i == 2 ? text_base(view_text(row, i)) : view_text(row, i));
	}
	sqlite3_finalize(row);
	return e;
}

static struct error load_product(struct oscal *o)
{
	static const char *const columns[] = { "name", "version", "model", "maker" };
	sqlite3_stmt *row = NULL;
	struct error e = view_select(view_db(o->v), "declared_product", columns, COUNT(columns), "LIMIT 1", &row);
	if (!error_is(&e) && view_step(row, &e)) {
		o->product = copy(o, view_text(row, 0));
		o->product_version = copy(o, view_text(row, 1));
		o->model = copy(o, view_text(row, 2));
		o->maker = copy(o, view_text(row, 3));
	}
	sqlite3_finalize(row);
	if (!o->product && o->ninputs)
		o->product = o->inputs[0].name;
	if (!o->product)
		o->product = "product";
	return e;
}

static void load_times(struct oscal *o)
{
	const char *start = oscal_time(view_meta(o->v, "started_at", o->arena));
	const char *end = oscal_time(view_meta(o->v, "finished_at", o->arena));
	o->version = view_meta(o->v, "version", o->arena);
	if (!o->version || !oscal_string(o, text_c(o->version), NULL))
		o->version = "unknown";
	o->end = end ? end : start ? start : NO_TIME;
	o->start = start ? start : o->end;
	digest_add(o, o->run, text_c(o->version));
	digest_add(o, o->run, text_c(o->start));
	digest_add(o, o->run, text_c(o->end));
}

/* ---- controls ---- */

static int by_token(const void *a, const void *b)
{
	const struct oscal_control *const *x = a, *const *y = b;
	return strcmp((*x)->id, (*y)->id);
}

/* Two packs may have a requirement of the same name: all but the first are told apart by the number of their verdict. */
static struct error tell_apart(struct oscal *o, const int64_t *ids)
{
	struct oscal_control **all = ARENA_ARRAY(o->arena, struct oscal_control *, o->ncontrols * 2 + 1);
	if (!all)
		return no_memory();
	for (size_t i = 0; i < o->ncontrols; i++)
		all[i] = &o->controls[i];
	sort_stable(all, all + o->ncontrols, o->ncontrols, sizeof(void *), by_token);
	const char *name = NULL;
	for (size_t i = 0; i < o->ncontrols; i++) {
		bool again = name && strcmp(name, all[i]->id) == 0;
		name = all[i]->id;
		if (again)
			all[i]->id = arena_printf(o->arena, "%s_verdict_%lld", name, (long long)ids[all[i] - o->controls]);
		if (!all[i]->id)
			return no_memory();
	}
	return error_none();
}

static struct error load_controls(struct oscal *o)
{
	sqlite3_stmt *row = NULL;
	int64_t n = view_number(o->v, "SELECT count(*) FROM verdict", 0);
	size_t most = n > 0 ? (size_t)n : 0;
	int64_t *ids = ARENA_ARRAY(o->arena, int64_t, most + 1);
	o->controls = ARENA_ARRAY(o->arena, struct oscal_control, most + 1);
	if (!ids || !o->controls)
		return no_memory();
	struct error e = view_verdicts_by_id(o->v, &row);
	while (!error_is(&e) && o->ncontrols < most && view_step(row, &e)) {
		ids[o->ncontrols] = view_int(row, VERDICT_ID);
		o->controls[o->ncontrols++] = (struct oscal_control){
			.id = oscal_token(o, o->arena, view_text(row, VERDICT_REQUIREMENT)),
			.pack = arena_strdup(o->arena, view_text(row, VERDICT_PACK)),
			.verdict = view_verdict_of(view_text(row, VERDICT_VERDICT)),
		};
	}
	sqlite3_finalize(row);
	for (size_t i = 0; i < o->ncontrols; i++) {
		o->counts.n[o->controls[i].verdict]++;
		if (!o->controls[i].pack)
			return no_memory();
	}
	return error_is(&e) ? e : tell_apart(o, ids);
}

struct error oscal_load(struct oscal *o)
{
	struct error e = load_inputs(o);
	if (!error_is(&e))
		e = load_product(o);
	load_times(o);
	if (!error_is(&e))
		e = load_controls(o);
	if (!error_is(&e))
		o->packs = view_packs(o->v, o->arena, &e);
	return error_is(&e) ? e : o->no_memory ? no_memory() : error_none();
}

/* ---- the document ---- */

static char *document_digest(struct oscal *o, sqlite3_stmt *row, const char *before)
{
	static const enum verdict_column columns[] = {
		VERDICT_PACK,           VERDICT_PACK_VERSION,   VERDICT_REQUIREMENT, VERDICT_TITLE,      VERDICT_BECAUSE,
		VERDICT_VERDICT,        VERDICT_SEVERITY,       VERDICT_SUMMARY,     VERDICT_MISSING,    VERDICT_SETTLES,
		VERDICT_REMEDY,         VERDICT_REMEDY_COMMAND, VERDICT_BASIS,       VERDICT_REFERENCES, VERDICT_EXCLUDED,
		VERDICT_EVIDENCE_TOTAL, VERDICT_ORIGIN,
	};
	char digest[65];
	snprintf(digest, sizeof digest, "%s", before);
	for (size_t i = 0; i < COUNT(columns); i++)
		digest_add(o, digest, view_text(row, (int)columns[i]));
	return arena_strdup(o->arena, text_c(digest));
}

struct error oscal_document_uuid(struct oscal *o, const char **uuid)
{
	sqlite3_stmt *row = NULL;
	const char *digest = o->run;
	struct error e = view_verdicts_by_id(o->v, &row);
	while (!error_is(&e) && digest && view_step(row, &e))
		digest = document_digest(o, row, digest);
	sqlite3_finalize(row);
	*uuid = digest ? oscal_global_uuid(o, "document", digest) : "";
	return error_is(&e) || digest ? e : no_memory();
}
