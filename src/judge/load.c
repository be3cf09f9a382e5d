/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pack's document into a struct pack. */
#include <ctype.h>
#include <string.h>

#include "judge/internal.h"

static const struct doc_key pack_keys[] = {
	{ "pack", DOC_TEXT, true },          { "title", DOC_TEXT, true },
	{ "version", DOC_TEXT, true },       { "source", DOC_MAP, true },
	{ "include", DOC_LIST, false },      { "exclude", DOC_LIST, false },
	{ "override", DOC_LIST, false },     { "views", DOC_MAP, false },
	{ "requirements", DOC_LIST, false }, { "prefix", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key source_keys[] = {
	{ "name", DOC_TEXT, true },  { "publisher", DOC_TEXT, false },
	{ "year", DOC_TEXT, false }, { "url", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key requirement_keys[] = {
	{ "id", DOC_TEXT, true },       { "title", DOC_TEXT, true },
	{ "section", DOC_TEXT, false }, { "severity", DOC_TEXT, true },
	{ "because", DOC_TEXT, true },  { "needs", DOC_LIST, false },
	{ "applies", DOC_TEXT, false }, { "not_applicable", DOC_TEXT, false },
	{ "fails", DOC_TEXT, false },   { "passes", DOC_ANY, false },
	{ "about", DOC_TEXT, false },   { "declared", DOC_TEXT, false },
	{ "measures", DOC_LIST, false },
	{ "how", DOC_TEXT, false },     { "settles", DOC_TEXT, true },
	{ "remedy", DOC_MAP, false },   { "references", DOC_LIST, false },
	{ "tests", DOC_LIST, false },   { "missing", DOC_TEXT, false },
	{ NULL, 0, false },
};

/* A requirement that takes its queries from another one may say anew only what a reader sees. */
static const struct doc_key use_keys[] = {
	{ "id", DOC_TEXT, true },          { "use", DOC_TEXT, true },
	{ "title", DOC_TEXT, false },      { "section", DOC_TEXT, false },
	{ "severity", DOC_TEXT, false },   { "because", DOC_TEXT, false },
	{ "settles", DOC_TEXT, false },    { "remedy", DOC_MAP, false },
	{ "references", DOC_LIST, false }, { NULL, 0, false },
};

/* One that asks for several, or adds queries to one. */
static const struct doc_key parts_keys[] = {
	{ "id", DOC_TEXT, true },          { "use", DOC_ANY, true },
	{ "title", DOC_TEXT, true },       { "section", DOC_TEXT, false },
	{ "severity", DOC_TEXT, true },    { "because", DOC_TEXT, true },
	{ "how", DOC_TEXT, false },        { "settles", DOC_TEXT, false },
	{ "remedy", DOC_MAP, false },      { "references", DOC_LIST, false },
	{ "needs", DOC_LIST, false },      { "applies", DOC_TEXT, false },
	{ "not_applicable", DOC_TEXT, false }, { "fails", DOC_TEXT, false },
	{ "declared", DOC_TEXT, false },   { "measures", DOC_LIST, false },
	{ "tests", DOC_LIST, false },      { NULL, 0, false },
};

static const struct doc_key remedy_keys[] = {
	{ "text", DOC_TEXT, true },
	{ "command", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key reference_keys[] = {
	{ "standard", DOC_TEXT, true },
	{ "id", DOC_TEXT, true },
	{ NULL, 0, false },
};

bool is_severity(const char *word)
{
	static const char *const words[] = { "critical", "high", "medium", "low" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

bool is_probe(const struct packs *packs, const char *name)
{
	for (size_t i = 0; packs->probes[i]; i++)
		if (strcmp(packs->probes[i], name) == 0)
			return true;
	return false;
}

bool is_name(const char *s, const char *also)
{
	if (!islower((unsigned char)s[0]))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr(also, *s))
			return false;
	return true;
}

static bool load_references(struct loader *l, const yaml_node_t *list, struct requirement *r)
{
	size_t n = doc_count(list);
	struct pack_reference *refs = ARENA_ARRAY(l->packs->arena, struct pack_reference, n);
	if (!refs)
		return doc_fail(&l->doc, list, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = doc_item(&l->doc, list, i);
		if (!doc_check_map(&l->doc, item, "a reference", reference_keys))
			return false;
		refs[i].standard = doc_text(&l->doc, item, "standard");
		refs[i].id = doc_text(&l->doc, item, "id");
	}
	r->references = refs;
	r->nreferences = n;
	return true;
}

static bool load_remedy(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	if (!doc_check_map(&l->doc, map, "remedy", remedy_keys))
		return false;
	r->remedy = doc_text(&l->doc, map, "text");
	r->remedy_command = doc_text(&l->doc, map, "command");
	return true;
}

static bool check_id(struct loader *l, const yaml_node_t *node, const char *id, const struct requirement *end)
{
	const char *prefix = l->pack->prefix;
	size_t n = strlen(prefix);
	if (!is_name(id, ".-") || strncmp(id, prefix, n) != 0 || id[n] != '.' || !id[n + 1])
		return doc_fail(&l->doc, node,
						"the id `%.80s`, expected `%s.` followed by lower-case letters, digits, `.` and `-`", id,
						prefix);
	for (const struct requirement *r = l->pack->requirements; r < end; r++)
		if (strcmp(r->id, id) == 0)
			return doc_fail(&l->doc, node, "the id `%s` for the second time (first in line %u), expected it once", id,
							r->line);
	return true;
}

static void take_text(struct loader *l, const yaml_node_t *map, const char *key, const char **text)
{
	if (doc_get(&l->doc, map, key))
		*text = doc_text(&l->doc, map, key);
}

static bool load_texts(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	struct doc *d = &l->doc;
	take_text(l, map, "id", &r->id);
	take_text(l, map, "title", &r->title);
	take_text(l, map, "section", &r->section);
	take_text(l, map, "severity", &r->severity);
	take_text(l, map, "because", &r->because);
	take_text(l, map, "how", &r->how);
	take_text(l, map, "not_applicable", &r->not_applicable);
	take_text(l, map, "settles", &r->settles);
	if (d->error->text[0])
		return false;
	if (!is_severity(r->severity))
		return doc_fail(d, doc_get(d, map, "severity"), "the severity `%.40s`, expected critical, high, medium or low",
						r->severity);
	const yaml_node_t *remedy = doc_get(d, map, "remedy"), *references = doc_get(d, map, "references");
	if (remedy && !load_remedy(l, remedy, r))
		return false;
	return !references || load_references(l, references, r);
}

static bool load_used(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	if (!doc_check_map(&l->doc, map, "a requirement with `use`", use_keys))
		return false;
	const struct requirement *used = compose_used(l, doc_get(&l->doc, map, "use"));
	if (!used)
		return false;
	*r = *used;
	/* Its tests are run where it is defined. */
	r->tests = NULL;
	r->ntests = 0;
	r->excluded = r->severity_was = r->severity_reason = NULL;
	r->owner = l->pack;
	r->line = doc_line(map);
	return load_texts(l, map, r) && check_id(l, doc_get(&l->doc, map, "id"), r->id, r);
}

/* What it asks for: a list, or one to which it adds queries. */
static bool load_parts(struct loader *l, const yaml_node_t *use, struct requirement *r)
{
	bool list = use->type == YAML_SEQUENCE_NODE;
	size_t n = list ? doc_count(use) : 1;
	const struct requirement **parts = ARENA_ARRAY(l->packs->arena, const struct requirement *, n);
	if (!parts)
		return doc_fail(&l->doc, use, "out of memory");
	if (n == 0 || n > PARTS_MAX)
		return doc_fail(&l->doc, use, "`use` is a list of %zu requirements, expected 1 to %u", n, PARTS_MAX);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *node = list ? doc_item(&l->doc, use, i) : use;
		const struct requirement *used = compose_used(l, node);
		if (!used)
			return false;
		parts[i] = used->origin;
		r->nasked += 1 + parts[i]->nasked;
		for (size_t k = 0; k < i; k++)
			if (parts[k] == parts[i])
				return doc_fail(&l->doc, node, "`%.80s` asks the queries that are asked already, expected them once", used->id);
	}
	if (r->nasked > PARTS_ALL_MAX)
		return doc_fail(&l->doc, use, "`use` asks for %zu requirements with those that these ask for, expected at most %u", r->nasked,
						PARTS_ALL_MAX);
	r->parts = parts;
	r->nparts = n;
	return true;
}

static bool load_composed(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	struct doc *d = &l->doc;
	if (!doc_check_map(d, map, "a requirement that asks for others", parts_keys))
		return false;
	*r = (struct requirement){ .owner = l->pack, .home = l->pack, .line = doc_line(map) };
	if (!load_parts(l, doc_get(d, map, "use"), r))
		return false;
	/* What it does not say is as in the first. */
	r->settles = r->parts[0]->settles;
	r->remedy = r->parts[0]->remedy;
	r->remedy_command = r->parts[0]->remedy_command;
	if (!load_texts(l, map, r) || !check_id(l, doc_get(d, map, "id"), r->id, r) || !load_queries(l, map, r))
		return false;
	r->origin = r;
	if (!uses_of_requirement(l, r))
		return false;
	const yaml_node_t *tests = doc_get(d, map, "tests");
	return (!tests || load_tests(l, tests, r)) && check_whole(l, map, r) && check_tested(l, map, r);
}

/* Whether a requirement with `use` is more than another one under a title of its own. */
static bool is_composed(struct loader *l, const yaml_node_t *map)
{
	static const char *const more[] = { "how", "needs", "applies", "fails", "declared", "measures", "tests" };
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		if (doc_get(&l->doc, map, more[i]))
			return true;
	return doc_get(&l->doc, map, "use")->type == YAML_SEQUENCE_NODE;
}

static bool load_about(struct loader *l, const yaml_node_t *node, struct requirement *r)
{
	const char *word = node ? doc_scalar(&l->doc, node) : about_name(ABOUT_PRODUCT);
	if (!word)
		return false;
	for (r->about = ABOUT_PRODUCT; r->about <= ABOUT_DECLARATION; r->about++)
		if (strcmp(word, about_name(r->about)) == 0)
			return true;
	return doc_fail(&l->doc, node, "`about` is `%.40s`, expected product or declaration", word);
}

static bool load_requirement(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	struct doc *d = &l->doc;
	if (map->type == YAML_MAPPING_NODE && doc_get(d, map, "use"))
		return is_composed(l, map) ? load_composed(l, map, r) : load_used(l, map, r);
	if (!doc_check_map(d, map, "a requirement", requirement_keys))
		return false;
	*r = (struct requirement){ .owner = l->pack, .home = l->pack, .line = doc_line(map) };
	if (!load_texts(l, map, r) || !check_id(l, doc_get(d, map, "id"), r->id, r))
		return false;
	r->origin = r;
	if (!load_about(l, doc_get(d, map, "about"), r) || !load_queries(l, map, r) || !uses_of_requirement(l, r))
		return false;
	const yaml_node_t *tests = doc_get(d, map, "tests");
	if (tests && !load_tests(l, tests, r))
		return false;
	return check_whole(l, map, r) && check_tested(l, map, r);
}

static bool load_requirements(struct loader *l)
{
	const yaml_node_t *list = doc_get(&l->doc, doc_root(&l->doc), "requirements");
	for (size_t i = 0; i < doc_count(list); i++) {
		if (!load_requirement(l, doc_item(&l->doc, list, i), &l->pack->requirements[l->pack->nrequirements]))
			return false;
		l->pack->nrequirements++;
	}
	return l->pack->nrequirements > 0 ||
		   doc_fail(&l->doc, doc_root(&l->doc), "no requirements, expected some, or an `include`");
}

static bool load_view(struct loader *l, const yaml_node_t *key, const yaml_node_t *value, struct query_view *view)
{
	if (key->type != YAML_SCALAR_NODE || !(view->name = doc_scalar(&l->doc, key)))
		return doc_fail(&l->doc, key, "a view without a name, expected one");
	if (!is_name(view->name, "_") || query_may_read(view->name))
		return doc_fail(&l->doc, key, "the view `%.60s`, expected a name of a-z, 0-9 and _ that no table has",
						view->name);
	for (const struct query_view *v = l->pack->views; v < view; v++)
		if (strcmp(v->name, view->name) == 0)
			return doc_fail(&l->doc, key, "the view `%s` for the second time, expected it once", view->name);
	return doc_check_type(&l->doc, value, view->name, DOC_TEXT) && load_query(l, value, view->name, NULL, &view->sql);
}

/* A view may name those before it: each is created as soon as it is checked. */
static bool load_views(struct loader *l)
{
	const yaml_node_t *map = doc_get(&l->doc, doc_root(&l->doc), "views");
	size_t n = doc_count(map);
	struct query_view *views = ARENA_ARRAY(l->packs->arena, struct query_view, n);
	if (!views)
		return doc_fail(&l->doc, map, "out of memory");
	if (n > VIEWS_MAX)
		return doc_fail(&l->doc, map, "%zu views, expected at most %u", n, VIEWS_MAX);
	l->pack->views = views;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, map, i, &value);
		if (!load_view(l, key, value, &views[i]))
			return false;
		struct error e = l->own ? error_none() : query_create_view(l->packs->schema, &views[i]);
		if (error_is(&e))
			return doc_fail(&l->doc, value, "%s", e.text);
		l->pack->nviews++;
	}
	return true;
}

static bool load_head(struct loader *l)
{
	struct doc *d = &l->doc;
	struct pack *p = l->pack;
	const yaml_node_t *root = doc_root(d);
	if (!root)
		return doc_fail(d, NULL, "nothing in it, expected a pack");
	if (!doc_check_map(d, root, "a pack", pack_keys))
		return false;
	const yaml_node_t *source = doc_get(d, root, "source");
	if (!doc_check_map(d, source, "source", source_keys))
		return false;
	p->id = doc_text(d, root, "pack");
	p->title = doc_text(d, root, "title");
	p->version = doc_text(d, root, "version");
	p->source_name = doc_text(d, source, "name");
	p->source_publisher = doc_text(d, source, "publisher");
	p->source_year = doc_text(d, source, "year");
	p->source_url = doc_text(d, source, "url");
	if (d->error->text[0])
		return false;
	const yaml_node_t *id = doc_get(d, root, "pack");
	if (!is_name(p->id, "-"))
		return doc_fail(d, id, "the pack's id `%.60s`, expected lower-case letters, digits and `-`", p->id);
	const struct pack *other = packs_find(l->packs, p->id);
	if (other)
		return doc_fail(d, id, "the pack `%s` is already loaded from %s, expected another id", p->id, other->file);
	return compose_prefix(l);
}

bool load_pack(struct loader *l)
{
	bool ok = load_head(l) && compose_ready(l) && load_views(l) && uses_of_views(l) && compose_include(l) && load_requirements(l) &&
			  compose_adjust(l);
	if (ok)
		uses_count(l->pack);
	return ok;
}
