/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "case/case.h"
#include "judge/internal.h"

const char *verdict_name(enum verdict v)
{
	static const char *const names[VERDICTS] = {
		[VERDICT_PASS] = "PASS",
		[VERDICT_FAIL] = "FAIL",
		[VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
		[VERDICT_NOT_APPLICABLE] = "NOT APPLICABLE",
	};
	return names[v];
}

const char *basis_name(enum basis b)
{
	static const char *const names[BASES] = {
		[BASIS_NONE] = "none",
		[BASIS_EVIDENCE] = "evidence",
		[BASIS_DECLARATION] = "declaration",
		[BASIS_DECLARED] = "declared",
	};
	return names[b];
}

const char *about_name(enum about a)
{
	return a == ABOUT_DECLARATION ? "declaration" : "product";
}

static bool has_threshold(const struct requirement *r, enum verdict gives)
{
	for (size_t i = 0; i < r->nmeasures; i++)
		for (size_t k = 0; k < r->measures[i].nthresholds; k++)
			if (r->measures[i].thresholds[k].gives == gives)
				return true;
	return false;
}

bool requirement_has_queries(const struct requirement *r)
{
	return r->fails || r->applies || r->declared || r->nways > 0 || r->nmeasures > 0;
}

bool requirement_is_open(const struct requirement *r)
{
	for (size_t i = 0; i < r->nparts; i++)
		if (!requirement_is_open(r->parts[i]))
			return false;
	return !requirement_has_queries(r);
}

/* How many of those that it asks for can give that verdict. */
static size_t parts_that_give(const struct requirement *r, enum verdict v)
{
	size_t n = 0;
	for (size_t i = 0; i < r->nparts; i++)
		n += requirement_can_give(r->parts[i], v);
	return n;
}

static bool parts_can_give(const struct requirement *r, enum verdict v)
{
	switch (v) {
	case VERDICT_PASS: {
		bool each = !r->fails && parts_that_give(r, VERDICT_PASS) > 0;
		for (size_t i = 0; i < r->nparts; i++)
			each &= requirement_can_give(r->parts[i], VERDICT_PASS) || requirement_can_give(r->parts[i], VERDICT_NOT_APPLICABLE);
		return each;
	}
	case VERDICT_FAIL:
		return r->fails || parts_that_give(r, v) > 0;
	case VERDICT_NOT_APPLICABLE:
		return r->applies || parts_that_give(r, v) == r->nparts;
	default:
		return true;
	}
}

bool requirement_can_give(const struct requirement *r, enum verdict v)
{
	if (r->nparts > 0)
		return parts_can_give(r, v);
	switch (v) {
	case VERDICT_PASS:
		return r->nways > 0 || (r->declared && r->about == ABOUT_DECLARATION) || has_threshold(r, v);
	case VERDICT_FAIL:
		return r->fails || has_threshold(r, v);
	case VERDICT_NOT_APPLICABLE:
		return r->applies;
	default:
		return true;
	}
}

bool requirement_any_query(const struct requirement *r, bool (*visit)(const char *, const void *), const void *context)
{
	const char *const plain[] = { r->fails, r->applies, r->declared, r->missing };
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (plain[i] && visit(plain[i], context))
			return true;
	for (size_t i = 0; i < r->nways; i++)
		if (visit(r->ways[i].query, context))
			return true;
	for (size_t i = 0; i < r->nmeasures; i++)
		if (visit(r->measures[i].value, context) || (r->measures[i].rows && visit(r->measures[i].rows, context)))
			return true;
	return false;
}

static sqlite3 *open_schema(void)
{
	sqlite3 *db = NULL;
	struct query_kept kept;
	if (sqlite3_open(":memory:", &db) == SQLITE_OK) {
		struct error e = query_setup(db);
		if (!error_is(&e))
			e = case_create_schema(db);
		if (!error_is(&e)) {
			query_keep_views(db, &query_default_limits, NULL, NULL, &kept);
			return db;
		}
	}
	sqlite3_close(db);
	return NULL;
}

struct packs *packs_new(const char *const *probes)
{
	struct packs *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->probes = probes;
	p->arena = arena_new(0);
	if (p->arena)
		return p;
	packs_free(p);
	return NULL;
}

void packs_free(struct packs *p)
{
	if (!p)
		return;
	sqlite3_close(p->schema);
	arena_free(p->arena);
	free(p);
}

/* Loads the pack of an open document into l->pack. */
static bool load_open(struct loader *l, const char *file)
{
	if (!l->pack || !file)
		return doc_fail(&l->doc, NULL, "out of memory");
	if (l->packs->n == PACKS_MAX)
		return doc_fail(&l->doc, NULL, "one pack too many, expected at most %u", PACKS_MAX);
	if (!l->own && !l->packs->schema && !(l->packs->schema = open_schema()))
		return doc_fail(&l->doc, NULL, "out of memory");
	l->pack->file = file;
	return load_pack(l);
}

static const struct pack *load_text(struct packs *packs, const char *name, struct text text, bool own, struct pack_error *error)
{
	struct loader l = { .packs = packs, .pack = ARENA_NEW(packs->arena, struct pack), .own = own, .began = query_clock() };
	const char *file = arena_strdup(packs->arena, text_c(name));
	bool ok = (own ? doc_open_packed : doc_open)(&l.doc, file ? file : name, text, packs->arena, error);
	ok = ok && load_open(&l, file);
	for (size_t i = l.pack && !own ? l.pack->nviews : 0; i > 0; i--)
		query_drop_view(packs->schema, &l.pack->views[i - 1]);
	doc_close(&l.doc);
	if (!ok)
		return NULL;
	packs->packs[packs->n++] = l.pack;
	return l.pack;
}

const struct pack *packs_load_text(struct packs *packs, const char *name, struct text text, struct pack_error *error)
{
	return load_text(packs, name, text, false, error);
}

const struct pack *pack_load_own(struct packs *packs, const struct pack_builtin *b, struct pack_error *error)
{
	return load_text(packs, b->name, b->packed, true, error);
}

static void fail_file(const char *path, struct pack_error *error, const char *why)
{
	struct doc d = { .file = path, .error = error };
	*error = (struct pack_error){ 0 };
	doc_fail(&d, NULL, "%s", why);
}

const struct pack *packs_load_file(struct packs *packs, const char *path, struct pack_error *error)
{
	FILE *f = fopen(path, "rbe");
	if (!f) {
		fail_file(path, error, strerror(errno));
		return NULL;
	}
	struct buf text = buf_with_limit(DOC_MAX_BYTES + 1);
	char chunk[16384];
	size_t n;
	enum error_code code = ERR_NONE;
	while (!code && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		code = buf_add(&text, chunk, n);
	bool broken = ferror(f);
	int why = errno;
	fclose(f);
	const struct pack *p = NULL;
	if (broken)
		fail_file(path, error, strerror(why));
	else if (code)
		fail_file(path, error, code == ERR_BUDGET ? "larger than 1 MiB, expected a pack" : "out of memory");
	else
		p = packs_load_text(packs, path, text_from_span(buf_span(&text)), error);
	buf_free(&text);
	return p;
}

size_t packs_count(const struct packs *packs)
{
	return packs->n;
}

const struct pack *packs_get(const struct packs *packs, size_t i)
{
	return i < packs->n ? packs->packs[i] : NULL;
}

const struct pack *packs_find(const struct packs *packs, const char *id)
{
	for (size_t i = 0; i < packs->n; i++)
		if (strcmp(packs->packs[i]->id, id) == 0)
			return packs->packs[i];
	return NULL;
}

const struct requirement *pack_requirement(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->nrequirements; i++)
		if (strcmp(pack->requirements[i].id, id) == 0)
			return &pack->requirements[i];
	return NULL;
}

/* The pack that defines a requirement is asked before those that include it: it was loaded earlier. */
const struct requirement *packs_requirement(const struct packs *packs, const char *id, const struct pack **pack)
{
	for (size_t i = 0; i < packs->n; i++) {
		const struct requirement *r = pack_requirement(packs->packs[i], id);
		if (r && pack)
			*pack = packs->packs[i];
		if (r)
			return r;
	}
	return NULL;
}
