/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of `assay watch` as JSON: docs/watch.schema.json describes it. */
#include <sqlite3.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/watch.h"
#include "feed/feed.h"
#include "report/json_writer.h"

const char *watch_kind_name(enum watch_kind kind)
{
	static const char *const names[] = {
		[WATCH_NEW] = "new", [WATCH_CHANGED] = "changed", [WATCH_GONE] = "gone", [WATCH_KNOWN] = "known"
	};
	return names[kind];
}

struct watch_counts watch_count(const struct watch_case *cases, size_t n)
{
	struct watch_counts c = { 0 };
	for (size_t i = 0; i < n; i++) {
		bool affected = false;
		for (size_t k = 0; k < cases[i].n; k++) {
			c.kinds[cases[i].changes[k].kind]++;
			affected |= text_is(cases[i].changes[k].state, "affected");
		}
		c.concerned += cases[i].n > 0;
		c.affected += affected;
		c.unreadable += error_is(&cases[i].error);
	}
	return c;
}

/* Left out where it is unknown. */
static void put_text(struct json *j, const char *key, struct text t)
{
	if (t.n)
		json_key_text(j, key, t);
}

static void put_number(struct json *j, const char *key, double v)
{
	if (v < 0)
		return;
	json_key(j, key);
	json_number(j, v);
}

static void put_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

static void put_what(struct json *j, unsigned what)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ WATCH_STATE, "state" }, { WATCH_KEV, "kev" }, { WATCH_EPSS, "epss" }, { WATCH_SEVERITY, "severity" }
	};
	json_key(j, "changed");
	json_open(j, '[');
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (what & names[i].bit)
			json_text(j, text_c(names[i].name));
	json_close(j, ']');
}

static void put_change(struct json *j, const struct watch_change *c)
{
	json_open(j, '{');
	json_key_text(j, "kind", text_c(watch_kind_name(c->kind)));
	json_key_text(j, "vulnerability", c->name);
	json_key_text(j, "component", c->component);
	put_text(j, "version", c->version);
	put_text(j, "package_version", c->package_version);
	put_text(j, "purl", c->purl);
	put_number(j, "priority", c->priority);
	if (c->kind == WATCH_CHANGED)
		put_what(j, c->what);
	put_text(j, "state", c->state);
	put_text(j, "state_was", c->state_was);
	put_number(j, "cvss", c->cvss);
	put_text(j, "severity", c->severity);
	if (c->what & WATCH_SEVERITY)
		put_text(j, "severity_was", c->severity_was);
	put_number(j, "epss", c->epss);
	if (c->what & WATCH_EPSS)
		put_number(j, "epss_was", c->epss_was);
	put_bool(j, "kev", c->kev);
	put_text(j, "exposure", c->exposure);
	put_text(j, "exposed_by", c->exposed_by);
	put_text(j, "confidence", c->confidence);
	put_text(j, "published", c->published);
	put_text(j, "reason", c->reason);
	put_text(j, "criteria", c->criteria);
	json_close(j, '}');
}

static void put_case(struct json *j, const struct watch_case *c)
{
	json_open(j, '{');
	json_key_text(j, "case", text_c(c->path));
	if (error_is(&c->error))
		json_key_text(j, "error", text_c(c->error.text));
	put_bool(j, "first", c->first);
	put_bool(j, "whole", c->whole);
	put_bool(j, "updated", c->updated);
	json_key(j, "changes");
	json_open(j, '[');
	for (size_t i = 0; i < c->n; i++)
		put_change(j, &c->changes[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void put_sources(struct json *j, const char *path)
{
	static const char *const keys[] = { "name", "kind", "newest", "imported" };
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	struct error e = feed_open(path, &db);
	if (!error_is(&e))
		sqlite3_prepare_v2(db, "SELECT name, kind, newest, imported, records FROM source ORDER BY name", -1, &s, NULL);
	json_key(j, "sources");
	json_open(j, '[');
	while (s && sqlite3_step(s) == SQLITE_ROW) {
		json_open(j, '{');
		for (int i = 0; i < 4; i++)
			put_text(j, keys[i], text_of((const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i)));
		json_key_int(j, "records", sqlite3_column_int64(s, 4));
		json_close(j, '}');
	}
	json_close(j, ']');
	sqlite3_finalize(s);
	sqlite3_close(db);
}

int watch_json(const struct watch_case *cases, size_t n, const struct watch_options *o)
{
	struct json j = { .out = stdout, .broken_lines = 4 };
	struct watch_counts c = watch_count(cases, n);
	json_open(&j, '{');
	json_key_text(&j, "format", TEXT_LIT("assay-watch-1"));
	json_key_text(&j, "since", text_c(o->since ? o->since : "last"));
	if (o->cve)
		json_key_text(&j, "cve", text_c(o->cve));
	if (o->product)
		json_key_text(&j, "product", text_c(o->product));
	put_sources(&j, o->feeds);
	json_key(&j, "summary");
	json_open(&j, '{');
	json_key_int(&j, "cases", (int64_t)n);
	json_key_int(&j, "concerned", (int64_t)c.concerned);
	json_key_int(&j, "affected", (int64_t)c.affected);
	json_key_int(&j, "unreadable", (int64_t)c.unreadable);
	for (int kind = WATCH_NEW; kind <= WATCH_KNOWN; kind++)
		json_key_int(&j, watch_kind_name((enum watch_kind)kind), (int64_t)c.kinds[kind]);
	json_close(&j, '}');
	json_key(&j, "cases");
	json_open(&j, '[');
	for (size_t i = 0; i < n; i++)
		if (cases[i].n || cases[i].updated || cases[i].whole || error_is(&cases[i].error))
			put_case(&j, &cases[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	putchar('\n');
	return EXIT_NO_FAIL;
}
