/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/record_json.h"

#include <jansson.h>
#include <string.h>

char *record_references(const struct requirement *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nreferences; i++)
		json_array_append_new(list,
							  json_pack("{ssss}", "standard", r->references[i].standard, "id", r->references[i].id));
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

/* Adds the text to a string of JSON (RFC 8259, 7): the SQL of all packs goes through here whenever a case is judged. */
static void add_escaped(sqlite3_str *json, const char *text)
{
	static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	for (const char *p = text;; p++) {
		if ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
			continue;
		sqlite3_str_append(json, text, (int)(p - text));
		if (!*p)
			return;
		const char *name = strchr(named, *p);
		if (name)
			sqlite3_str_appendf(json, "\\%c", names[name - named]);
		else
			sqlite3_str_appendf(json, "\\u%04X", (unsigned)*p);
		text = p + 1;
	}
}

static void add_query(sqlite3_str *json, const char *role, const char *sql)
{
	if (!sql)
		return;
	sqlite3_str_appendf(json, "%s{\"role\":\"%s\",\"sql\":\"", sqlite3_str_length(json) > 1 ? "," : "", role);
	add_escaped(json, sql);
	sqlite3_str_appendall(json, "\"}");
}

char *record_queries(sqlite3 *db, const struct requirement *r)
{
	sqlite3_str *json = sqlite3_str_new(db);
	sqlite3_str_appendall(json, "[");
	add_query(json, "applies", r->applies);
	add_query(json, "fails", r->fails);
	for (size_t i = 0; i < r->nways; i++)
		add_query(json, "passes", r->ways[i].query);
	add_query(json, "declared", r->declared);
	add_query(json, "missing", r->missing);
	sqlite3_str_appendall(json, "]");
	return sqlite3_str_finish(json);
}

char *record_thresholds(const struct judge_measure *m)
{
	json_t *list = json_array();
	for (size_t i = 0; i < m->measure->nthresholds; i++) {
		const struct pack_threshold *t = &m->measure->thresholds[i];
		json_array_append_new(list, json_pack("{sssfsssb}", "gives", verdict_name(t->gives), t->above ? "above" : "below",
											  t->number, "source", t->source, "crossed", m->crossed == t));
	}
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}
