/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "product/internal.h"

#define NAME_MAX_BYTES 64u

/* Names that a complaint can offer: the nearest one, and all of them. */
struct offer {
	const char *typed;
	unsigned best;
	char nearest[NAME_MAX_BYTES], last[NAME_MAX_BYTES];
	char list[260];
	size_t used;
};

static void offer_name(struct offer *o, const char *name, size_t n)
{
	char one[NAME_MAX_BYTES];
	snprintf(one, sizeof one, "%.*s", (int)n, name);
	if (strcmp(one, o->last) == 0) /* a mapping inside, once for each of its keys */
		return;
	snprintf(o->last, sizeof o->last, "%s", one);
	unsigned far = suggest_distance(o->typed, one);
	if (far < o->best) {
		o->best = far;
		snprintf(o->nearest, sizeof o->nearest, "%s", one);
	}
	if (o->used < sizeof o->list)
		o->used += (size_t)snprintf(o->list + o->used, sizeof o->list - o->used, "%s%s", o->used ? ", " : "", one);
}

static bool fail_unknown(struct loader *l, const yaml_node_t *key, const char *what, const struct offer *o)
{
	if (o->best < SUGGEST_FAR)
		return doc_fail(&l->doc, key, "unknown key `%.60s` in %s, did you mean `%s`?", o->typed, what, o->nearest);
	return doc_fail(&l->doc, key, "unknown key `%.60s` in %s, expected one of %s", o->typed, what, o->list);
}

static const char *key_name(struct loader *l, const yaml_node_t *key, const char *what)
{
	if (key->type != YAML_SCALAR_NODE) {
		doc_fail(&l->doc, key, "a key of %s that is no text, expected the name of one", what);
		return NULL;
	}
	return doc_check_type(&l->doc, key, "a key", DOC_TEXT) ? (const char *)key->data.scalar.value : NULL;
}

static bool is_null(const yaml_node_t *node)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++)
		if (strcmp((const char *)node->data.scalar.value, nulls[i]) == 0)
			return true;
	return false;
}

static bool check_shape(struct loader *l, const yaml_node_t *node, const char *what, enum doc_type type)
{
	if (is_null(node))
		return doc_fail(&l->doc, node, "`%s` is empty: write what it is, or leave it out", what);
	return doc_check_type(&l->doc, node, what, type);
}

static bool add_value(struct loader *l, const struct product_value *v)
{
	struct product *p = l->product;
	if (p->nvalues == l->values_room) {
		size_t room = l->values_room ? l->values_room * 2 : 256;
		struct product_value *more = ARENA_ARRAY(l->doc.arena, struct product_value, room);
		if (!more)
			return doc_fail(&l->doc, NULL, "out of memory");
		if (p->nvalues)
			memcpy(more, p->values, p->nvalues * sizeof *more);
		p->values = more;
		l->values_room = room;
	}
	p->values[p->nvalues++] = *v;
	return true;
}

static bool read_scalar(struct loader *l, const struct product_key *key, const yaml_node_t *node, unsigned item)
{
	char why[300];
	if (!check_shape(l, node, key->name, DOC_TEXT))
		return false;
	const char *text = doc_scalar(&l->doc, node);
	if (!text)
		return false;
	if (!*text)
		return doc_fail(&l->doc, node, "`%s` is empty: write what it is, or leave it out", key->name);
	const char *value = product_value_check(key, text, l->outside, l->doc.arena, why);
	if (!value)
		return doc_fail(&l->doc, node, "%s", why);
	struct product_value v = { doc_line(node), doc_column(node), item, key->section, key->name, value };
	return add_value(l, &v);
}

static bool read_key(struct loader *l, const struct product_key *key, const yaml_node_t *node, unsigned item)
{
	if (key->flags != PRODUCT_MANY || node->type != YAML_SEQUENCE_NODE)
		return read_scalar(l, key, node, item);
	for (size_t i = 0; i < doc_count(node); i++)
		if (!read_scalar(l, key, doc_item(&l->doc, node, i), item))
			return false;
	return true;
}

static bool is_group(const char *section, const char *name)
{
	size_t n = strlen(name);
	for (const struct product_key *k = product_keys; k->name; k++)
		if (strcmp(k->section, section) == 0 && strncmp(k->name, name, n) == 0 && k->name[n] == '.')
			return true;
	return false;
}

static bool fail_unknown_key(struct loader *l, const yaml_node_t *node, const char *section, const char *group,
							 const char *typed)
{
	struct offer o = { .typed = typed, .best = SUGGEST_FAR };
	char what[2 * NAME_MAX_BYTES];
	size_t n = strlen(group);
	for (const struct product_key *k = product_keys; k->name; k++)
		if (strcmp(k->section, section) == 0 && strncmp(k->name, group, n) == 0)
			offer_name(&o, k->name + n, strcspn(k->name + n, "."));
	snprintf(what, sizeof what, "`%s%s%.*s`", section, n ? "." : "", n ? (int)n - 1 : 0, group);
	return fail_unknown(l, node, what, &o);
}

/* `group`: "" or what stands before the keys of a mapping inside, with its dot. */
static bool read_map(struct loader *l, const struct product_section *s, const char *group, const yaml_node_t *node,
					 unsigned item)
{
	for (size_t i = 0; i < doc_count(node); i++) {
		char full[2 * NAME_MAX_BYTES], deeper[2 * NAME_MAX_BYTES + 1];
		const yaml_node_t *value, *key = doc_pair(&l->doc, node, i, &value);
		const char *name = key_name(l, key, s->name);
		if (!name)
			return false;
		bool fits = (size_t)snprintf(full, sizeof full, "%s%s", group, name) < sizeof full && !strchr(name, '.');
		const struct product_key *known = fits ? product_key_find(s->name, full) : NULL;
		bool inside = fits && !known && is_group(s->name, full);
		if (!known && !inside)
			return fail_unknown_key(l, key, s->name, group, name);
		if (doc_get(&l->doc, node, name) != value)
			return doc_fail(&l->doc, key, "`%s` for the second time in `%s`, expected it once", name, s->name);
		snprintf(deeper, sizeof deeper, "%s.", full);
		if (known ? !read_key(l, known, value, item)
				  : !check_shape(l, value, full, DOC_MAP) || !read_map(l, s, deeper, value, item))
			return false;
	}
	for (const struct product_key *k = product_keys; !*group && k->name; k++)
		if (k->flags == PRODUCT_MUST && strcmp(k->section, s->name) == 0 && !doc_get(&l->doc, node, k->name))
			return doc_fail(&l->doc, node, "%s `%s` without `%s`: %s", s->shape == PRODUCT_ITEMS ? "an element of" : "a section",
							s->name, k->name, k->doc);
	return true;
}

static bool read_item(struct loader *l, const struct product_section *s, const yaml_node_t *node, unsigned item)
{
	size_t first = l->product->nvalues;
	if (s->shape == PRODUCT_VALUES)
		return read_scalar(l, product_key_find(s->name, "value"), node, 0);
	return check_shape(l, node, s->name, DOC_MAP) && read_map(l, s, "", node, item) &&
		   (strcmp(s->parent, "inputs") != 0 || product_take_input(l, s, first));
}

static bool read_section(struct loader *l, const struct product_section *s, const yaml_node_t *node)
{
	if (!check_shape(l, node, s->name, s->shape == PRODUCT_MAP ? DOC_MAP : DOC_LIST))
		return false;
	if (s->shape == PRODUCT_MAP)
		return read_map(l, s, "", node, 0);
	for (size_t i = 0; i < doc_count(node); i++)
		if (!read_item(l, s, doc_item(&l->doc, node, i), (unsigned)i + 1))
			return false;
	/* That there is none is declared as well. */
	struct product_value none = { doc_line(node), doc_column(node), 0, s->name, "none", "yes" };
	return doc_count(node) > 0 || strcmp(s->parent, "declarations") != 0 || add_value(l, &none);
}

static bool fail_unknown_section(struct loader *l, const yaml_node_t *key, const char *parent, const char *what,
								 const char *typed)
{
	struct offer o = { .typed = typed, .best = SUGGEST_FAR };
	for (const struct product_section *s = product_sections; s->name; s++) {
		if (strcmp(s->parent, parent) == 0)
			offer_name(&o, s->name, strlen(s->name));
		else if (*s->parent && strcmp(s->name, typed) == 0)
			return doc_fail(&l->doc, key, "`%s` in %s, expected it below `%s`", typed, what, s->parent);
	}
	for (size_t i = 0; !*parent && i < 3; i++) {
		static const char *const others[] = { "assay", "inputs", "declarations" };
		offer_name(&o, others[i], strlen(others[i]));
	}
	return fail_unknown(l, key, what, &o);
}

static bool read_sections(struct loader *l, const char *parent, const yaml_node_t *node)
{
	if (!check_shape(l, node, parent, DOC_MAP))
		return false;
	for (size_t i = 0; i < doc_count(node); i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, node, i, &value);
		const char *name = key_name(l, key, parent);
		const struct product_section *s = name ? product_section_find(parent, name) : NULL;
		char what[NAME_MAX_BYTES + 4];
		snprintf(what, sizeof what, "`%s`", parent);
		if (!s)
			return name && fail_unknown_section(l, key, parent, what, name);
		if (doc_get(&l->doc, node, name) != value)
			return doc_fail(&l->doc, key, "`%s` for the second time in `%s`, expected it once", name, parent);
		if (!read_section(l, s, value))
			return false;
	}
	return true;
}

static bool check_version(struct loader *l, const yaml_node_t *root)
{
	const yaml_node_t *value, *key = doc_pair(&l->doc, root, 0, &value);
	const char *name = key_name(l, key, "a product file");
	if (!name)
		return false;
	if (strcmp(name, "assay") != 0)
		return doc_fail(&l->doc, key, "`%.60s` comes first, expected `assay: 1`", name);
	if (!check_shape(l, value, "assay", DOC_TEXT))
		return false;
	if (strcmp((const char *)value->data.scalar.value, "1") != 0)
		return doc_fail(&l->doc, value, "a product file of version `%.20s`, expected `assay: 1`",
						(const char *)value->data.scalar.value);
	return true;
}

static bool read_top(struct loader *l, const yaml_node_t *root, const char *name, const yaml_node_t *key,
					 const yaml_node_t *value)
{
	if (doc_get(&l->doc, root, name) != value)
		return doc_fail(&l->doc, key, "`%.60s` for the second time, expected it once", name);
	const struct product_section *s = product_section_find("", name);
	if (s)
		return read_section(l, s, value);
	if (strcmp(name, "inputs") == 0 || strcmp(name, "declarations") == 0)
		return is_null(value) || read_sections(l, name, value); /* all below it may be comments still */
	return strcmp(name, "assay") == 0 || fail_unknown_section(l, key, "", "a product file", name);
}

/* Where the struct has a field for a value. */
static void fill_fields(struct product *p)
{
	const struct {
		const char *key, **field;
	} fields[] = {
		{ "name", &p->name },       { "maker", &p->maker },       { "model", &p->model },
		{ "version", &p->version }, { "category", &p->category },
	};
	for (size_t i = 0; i < p->nvalues; i++)
		for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
			if (strcmp(p->values[i].section, "product") == 0 && strcmp(p->values[i].key, fields[k].key) == 0)
				*fields[k].field = p->values[i].value;
}

bool product_read(struct loader *l)
{
	const yaml_node_t *root = doc_root(&l->doc);
	if (!root)
		return doc_fail(&l->doc, NULL, "nothing in it, expected a product file (assay init writes one to fill in)");
	if (!doc_check_type(&l->doc, root, "a product file", DOC_MAP))
		return false;
	if (doc_count(root) == 0)
		return doc_fail(&l->doc, root, "an empty mapping, expected a product file");
	if (!check_version(l, root))
		return false;
	for (size_t i = 0; i < doc_count(root); i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, root, i, &value);
		const char *name = key_name(l, key, "a product file");
		if (!name || !read_top(l, root, name, key, value))
			return false;
	}
	fill_fields(l->product);
	if (!doc_get(&l->doc, root, "product"))
		return doc_fail(&l->doc, root, "a product file without `product`, expected what the product is");
	return product_choose_firmware(l) && product_take_declared_files(l) && product_check_conformance(l);
}
