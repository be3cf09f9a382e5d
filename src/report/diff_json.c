/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diff_terminal.h"
#include "report/json_writer.h"
#include "report/view.h"

static bool write_row(void *context, const struct diff_row *row)
{
	struct json *j = context;
	json_open(j, '{');
	json_key_text(j, "change", text_c(diff_kind_words[row->kind]));
	json_key_text(j, "what", row->label);
	json_key_text(j, "old", row->old_value);
	json_key_text(j, "new", row->new_value);
	json_key(j, "worse");
	json_bool(j, row->regression);
	json_key(j, "uncertain");
	json_bool(j, row->uncertain);
	json_close(j, '}');
	return true;
}

static struct error write_topic(struct json *j, const struct diff_request *r, const struct diff_topic *t, uint64_t *total)
{
	struct diff_counts counts;
	struct error e = diff_walk(r->old, r->new, t, &counts, NULL, NULL);
	if (error_is(&e))
		return e;
	json_open(j, '{');
	json_key_text(j, "topic", text_c(t->name));
	json_key_text(j, "title", text_c(t->title));
	for (int k = 0; k < DIFF_KINDS; k++)
		json_key_int(j, diff_kind_words[k], (int64_t)counts.n[k]);
	json_key_int(j, "worse", (int64_t)counts.regressions);
	json_key(j, "rows");
	json_open(j, '[');
	e = diff_walk(r->old, r->new, t, &counts, write_row, j);
	json_close(j, ']');
	json_close(j, '}');
	*total += counts.regressions;
	return e;
}

/* What the product file calls the product and its version; null without one. */
static struct error write_product(struct json *j, sqlite3 *db)
{
	static const char *const columns[] = { "value" }, *const keys[] = { "name", "version" };
	static const char *const rests[] = { "WHERE section = 'product' AND key = 'name' ORDER BY id LIMIT 1",
										 "WHERE section = 'product' AND key = 'version' ORDER BY id LIMIT 1" };
	struct error e = error_none();
	json_key(j, "product");
	json_open(j, '{');
	for (size_t i = 0; i < 2 && !error_is(&e); i++) {
		sqlite3_stmt *s = NULL;
		e = view_select(db, "declaration", columns, 1, rests[i], &s);
		bool is_there = !error_is(&e) && view_step(s, &e);
		json_key_text(j, keys[i], is_there ? view_text(s, 0) : TEXT_NONE);
		sqlite3_finalize(s);
	}
	json_close(j, '}');
	return e;
}

/* What a case is about: the name and digest of its inputs, and the probes that did not look at all of them. */
static struct error write_case(struct json *j, sqlite3 *db, const char *name, const char *key)
{
	static const char *const inputs[] = { "kind", "location", "sha256" }, *const runs[] = { "probe", "status" };
	sqlite3_stmt *s = NULL;
	json_key(j, key);
	json_open(j, '{');
	json_key_text(j, "case", text_base(text_c(name)));
	struct error e = write_product(j, db);
	json_key(j, "inputs");
	json_open(j, '[');
	if (!error_is(&e))
		e = view_select(db, "input", inputs, 3, "ORDER BY id", &s);
	while (!error_is(&e) && view_step(s, &e)) {
		json_open(j, '{');
		json_key_text(j, "kind", view_text(s, 0));
		json_key_text(j, "name", text_base(view_text(s, 1)));
		json_key_text(j, "sha256", view_text(s, 2));
		json_close(j, '}');
	}
	sqlite3_finalize(s);
	s = NULL;
	json_close(j, ']');
	json_key(j, "incomplete");
	json_open(j, '[');
	if (!error_is(&e))
		e = view_select(db, "probe_run", runs, 2, "WHERE status <> 'complete' ORDER BY id", &s);
	while (!error_is(&e) && view_step(s, &e))
		json_text(j, view_text(s, 0));
	sqlite3_finalize(s);
	json_close(j, ']');
	json_close(j, '}');
	return e;
}

static struct error write_all(struct json *j, const struct diff_request *r, const char *version, uint64_t *total)
{
	*total = 0;
	json_open(j, '{');
	json_key_text(j, "tool", TEXT_LIT("assay diff"));
	json_key_text(j, "version", text_c(version));
	struct error e = write_case(j, r->old, r->old_name, "old");
	if (!error_is(&e))
		e = write_case(j, r->new, r->new_name, "new");
	json_key(j, "bills");
	json_bool(j, diff_of_bills(r->old, r->new));
	json_key(j, "topics");
	json_open(j, '[');
	for (size_t i = 0; !error_is(&e) && diff_topics[i].name; i++)
		if (r->wanted[i])
			e = write_topic(j, r, &diff_topics[i], total);
	json_close(j, ']');
	json_key_int(j, "worse", (int64_t)*total);
	json_close(j, '}');
	putc('\n', j->out);
	return e;
}

struct error diff_json(const struct diff_request *r, FILE *out, const char *version, uint64_t *total)
{
	struct json j = { .out = out, .broken_lines = 4 };
	return write_all(&j, r, version, total);
}

struct error diff_json_embedded(const struct diff_request *r, FILE *out, const char *version)
{
	struct json j = { .out = out, .broken_lines = 4, .in_html = true };
	uint64_t total;
	return write_all(&j, r, version, &total);
}
