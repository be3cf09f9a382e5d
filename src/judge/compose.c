/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs made of packs: include, exclude, override, use. */
#include <stdio.h>
#include <string.h>

#include "judge/internal.h"

static const struct doc_key exclude_keys[] = {
	{ "id", DOC_TEXT, true },
	{ "reason", DOC_TEXT, true },
	{ NULL, 0, false },
};

static const struct doc_key override_keys[] = {
	{ "id", DOC_TEXT, true },
	{ "severity", DOC_TEXT, true },
	{ "reason", DOC_TEXT, true },
	{ NULL, 0, false },
};

static const struct pack *included_pack(struct loader *l, const yaml_node_t *node)
{
	if (!doc_check_type(&l->doc, node, "include", DOC_TEXT))
		return NULL;
	const char *id = doc_scalar(&l->doc, node);
	const struct pack *p = id ? packs_find(l->packs, id) : NULL;
	if (!p && id) {
		doc_fail(&l->doc, node, "no pack `%.60s` is loaded, expected a built-in one or one that was given before", id);
		l->doc.error->waits = true;
	}
	return p;
}

static size_t count_included(struct loader *l, const yaml_node_t *list)
{
	size_t n = 0;
	for (size_t i = 0; i < doc_count(list); i++) {
		const struct pack *p = included_pack(l, doc_item(&l->doc, list, i));
		n += p ? p->nrequirements : 0;
	}
	return n;
}

static bool take_requirements(struct loader *l, const struct pack *from, const yaml_node_t *node)
{
	for (size_t i = 0; i < from->nrequirements; i++) {
		const struct requirement *r = &from->requirements[i];
		if (pack_requirement(l->pack, r->id))
			return doc_fail(&l->doc, node, "`%s` comes in for the second time, expected it once", r->id);
		struct requirement *mine = &l->pack->requirements[l->pack->nrequirements++];
		*mine = *r;
		/* Its tests are run where it is defined. */
		mine->tests = NULL;
		mine->ntests = 0;
	}
	return true;
}

/* Makes room for all requirements and takes over the included ones. */
bool compose_include(struct loader *l)
{
	struct doc *d = &l->doc;
	const yaml_node_t *root = doc_root(d), *list = doc_get(d, root, "include");
	size_t n = count_included(l, list) + doc_count(doc_get(d, root, "requirements"));
	if (d->error->text[0])
		return false;
	l->pack->requirements = ARENA_ARRAY(l->packs->arena, struct requirement, n);
	if (!l->pack->requirements)
		return doc_fail(d, NULL, "out of memory");
	for (size_t i = 0; i < doc_count(list); i++) {
		const yaml_node_t *node = doc_item(d, list, i);
		if (!take_requirements(l, included_pack(l, node), node))
			return false;
	}
	return true;
}

/* The requirement of that id in this document; NULL: there is none. */
static const yaml_node_t *written(struct loader *l, const char *id)
{
	const yaml_node_t *list = doc_get(&l->doc, doc_root(&l->doc), "requirements");
	for (size_t i = 0; list && i < doc_count(list); i++) {
		const yaml_node_t *map = doc_item(&l->doc, list, i), *own = map->type == YAML_MAPPING_NODE ? doc_get(&l->doc, map, "id") : NULL;
		if (own && own->type == YAML_SCALAR_NODE && strcmp((const char *)own->data.scalar.value, id) == 0)
			return map;
	}
	return NULL;
}

/* The longest chain that is followed to find out whether it goes in a circle. */
#define CHAIN_MAX 32u

/* Follows what each asks for, in this document; true: it leads back to the first. `chain` has n ids then. */
static bool leads_back(struct loader *l, const char *chain[CHAIN_MAX], size_t *n, unsigned *looked_at)
{
	const yaml_node_t *map = written(l, chain[*n - 1]), *use = map ? doc_get(&l->doc, map, "use") : NULL;
	bool list = use && use->type == YAML_SEQUENCE_NODE;
	for (size_t i = 0; use && *n < CHAIN_MAX && i < (list ? doc_count(use) : 1); i++) {
		const yaml_node_t *node = list ? doc_item(&l->doc, use, i) : use;
		if (node->type != YAML_SCALAR_NODE || ++*looked_at > 1000)
			continue;
		chain[(*n)++] = (const char *)node->data.scalar.value;
		if (strcmp(chain[0], chain[*n - 1]) == 0 || leads_back(l, chain, n, looked_at))
			return true;
		--*n;
	}
	return false;
}

/* Why a requirement of this document can not be asked: it stands below, or what it asks for leads back to it. */
static void fail_below(struct loader *l, const yaml_node_t *node, const yaml_node_t *below, const char *id)
{
	const char *chain[CHAIN_MAX] = { id };
	size_t n = 1;
	unsigned looked_at = 0;
	char circle[400] = "";
	bool back = leads_back(l, chain, &n, &looked_at);
	for (size_t i = 0, used = 0; back && i < n && used < sizeof circle; i++)
		used += (size_t)snprintf(circle + used, sizeof circle - used, "%s%.60s", i ? " -> " : "", chain[i]);
	if (back)
		doc_fail(&l->doc, node, "`use` goes in a circle: %s; expected one of them to decide something itself", circle);
	else
		doc_fail(&l->doc, node, "`%.80s` stands below, in line %u, expected it above: a requirement asks for those that are read already", id,
				 doc_line(below));
}

const struct requirement *compose_used(struct loader *l, const yaml_node_t *node)
{
	if (!doc_check_type(&l->doc, node, "use", DOC_TEXT))
		return NULL;
	const char *id = doc_scalar(&l->doc, node);
	const struct requirement *r = id ? pack_requirement(l->pack, id) : NULL;
	if (!r && id)
		r = packs_requirement(l->packs, id, NULL);
	const yaml_node_t *below = !r && id ? written(l, id) : NULL;
	if (below)
		fail_below(l, node, below, id);
	else if (!r && id)
		doc_fail(&l->doc, node, "no requirement `%.80s` is loaded, expected one above, or of a pack that was given before", id);
	return r;
}

static bool begins_with(const char *id, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(id, prefix, n) == 0 && id[n] == '.';
}

/* Whether the pack that a requirement takes queries from is loaded, or this one. */
static bool used_is_near(struct loader *l, const yaml_node_t *use)
{
	const char *id = use->type == YAML_SCALAR_NODE ? doc_scalar(&l->doc, use) : NULL;
	if (!id || !strchr(id, '.') || begins_with(id, l->pack->prefix) || packs_requirement(l->packs, id, NULL))
		return true; /* what is wrong is told by others */
	for (size_t i = 0; i < l->packs->n; i++)
		if (begins_with(id, l->packs->packs[i]->prefix))
			return true;
	return false;
}

/* The first that a requirement takes queries from and that is not there yet, or NULL. */
static const yaml_node_t *used_far(struct loader *l, const yaml_node_t *map)
{
	const yaml_node_t *use = map->type == YAML_MAPPING_NODE ? doc_get(&l->doc, map, "use") : NULL;
	if (!use || use->type != YAML_SEQUENCE_NODE)
		return use && !used_is_near(l, use) ? use : NULL;
	for (size_t i = 0; i < doc_count(use); i++)
		if (!used_is_near(l, doc_item(&l->doc, use, i)))
			return doc_item(&l->doc, use, i);
	return NULL;
}

/* Before anything is prepared: a pack that has to wait for others is cheap to put back. */
bool compose_ready(struct loader *l)
{
	struct doc *d = &l->doc;
	const yaml_node_t *root = doc_root(d), *includes = doc_get(d, root, "include"), *list = doc_get(d, root, "requirements");
	for (size_t i = 0; i < doc_count(includes); i++)
		if (!included_pack(l, doc_item(d, includes, i)))
			return false;
	for (size_t i = 0; i < doc_count(list); i++) {
		const yaml_node_t *far = used_far(l, doc_item(d, list, i));
		if (!far)
			continue;
		(void)compose_used(l, far);
		d->error->waits = true;
		return false;
	}
	return true;
}

/* The requirement that an entry of exclude or override names. Only those of an included pack can be changed: a pack's
 * own are simply written as they are meant. */
static struct requirement *named_requirement(struct loader *l, const yaml_node_t *map)
{
	const char *id = doc_text(&l->doc, map, "id");
	for (size_t i = 0; id && i < l->pack->nrequirements; i++) {
		struct requirement *r = &l->pack->requirements[i];
		if (strcmp(r->id, id) == 0 && r->owner != l->pack)
			return r;
	}
	if (id)
		doc_fail(&l->doc, doc_get(&l->doc, map, "id"),
				 "`%.80s` is not included, expected the id of an included requirement", id);
	return NULL;
}

static bool exclude(struct loader *l, const yaml_node_t *map)
{
	if (!doc_check_map(&l->doc, map, "exclude", exclude_keys))
		return false;
	struct requirement *r = named_requirement(l, map);
	if (!r)
		return false;
	r->excluded = doc_text(&l->doc, map, "reason");
	return r->excluded != NULL;
}

static bool override(struct loader *l, const yaml_node_t *map)
{
	if (!doc_check_map(&l->doc, map, "override", override_keys))
		return false;
	struct requirement *r = named_requirement(l, map);
	const char *severity = doc_text(&l->doc, map, "severity");
	if (!r || !severity)
		return false;
	if (!is_severity(severity))
		return doc_fail(&l->doc, doc_get(&l->doc, map, "severity"),
						"the severity `%.40s`, expected critical, high, medium or low", severity);
	r->severity_was = r->severity;
	r->severity = severity;
	r->severity_reason = doc_text(&l->doc, map, "reason");
	return r->severity_reason != NULL;
}

bool compose_adjust(struct loader *l)
{
	struct doc *d = &l->doc;
	const yaml_node_t *excludes = doc_get(d, doc_root(d), "exclude"), *overrides = doc_get(d, doc_root(d), "override");
	for (size_t i = 0; i < doc_count(excludes); i++)
		if (!exclude(l, doc_item(d, excludes, i)))
			return false;
	for (size_t i = 0; i < doc_count(overrides); i++)
		if (!override(l, doc_item(d, overrides, i)))
			return false;
	return true;
}

/* What the ids begin with. No two packs share it, so that an id means one requirement whichever packs are loaded. */
bool compose_prefix(struct loader *l)
{
	struct doc *d = &l->doc;
	const yaml_node_t *root = doc_root(d), *prefix = doc_get(d, root, "prefix"), *id = doc_get(d, root, "pack");
	l->pack->prefix = prefix ? doc_text(d, root, "prefix") : l->pack->id;
	if (d->error->text[0])
		return false;
	if (!is_name(l->pack->prefix, "-"))
		return doc_fail(d, prefix, "the prefix `%.60s`, expected lower-case letters, digits and `-`", l->pack->prefix);
	for (size_t i = 0; i < l->packs->n; i++) {
		const struct pack *other = l->packs->packs[i];
		if (strcmp(other->prefix, l->pack->prefix) == 0)
			return doc_fail(d, prefix ? prefix : id,
							"ids of the pack `%s` begin with `%s.` already, expected another %s", other->id,
							other->prefix, prefix ? "prefix" : "id, or a `prefix`");
	}
	return true;
}
