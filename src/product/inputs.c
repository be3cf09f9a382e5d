/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "product/internal.h"

static const struct {
	const char *section, *kind, *key; /* the key that says where it is */
} places[] = {
	{ "firmware", "firmware", "file" },   { "devices", "device", "address" }, { "captures", "capture", "file" },
	{ "apps", "app", "file" },            { "sites", "site", "url" },         { "documents", "document", "file" },
	{ "sboms", "sbom", "file" },          { "vex", "vex", "file" },           { "mud", "mud", "file" },
	{ NULL, NULL, NULL },
};

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* One document may be a notice and a manual at once. */
static const struct product_input *find_input(const struct product *p, const struct product_input *like)
{
	for (size_t i = 0; i < p->ninputs; i++) {
		const struct product_input *in = &p->inputs[i];
		if (strcmp(in->kind, like->kind) == 0 && strcmp(in->location, like->location) == 0 &&
			(strcmp(in->kind, "document") != 0 || is_same(in->role, like->role)))
			return in;
	}
	return NULL;
}

static bool add_input(struct loader *l, const struct product_input *input)
{
	struct product *p = l->product;
	if (!p->inputs)
		p->inputs = ARENA_ARRAY(l->doc.arena, struct product_input, PRODUCT_INPUTS_MAX);
	if (!p->inputs)
		return doc_fail(&l->doc, NULL, "out of memory");
	if (p->ninputs == PRODUCT_INPUTS_MAX)
		return doc_fail_at(&l->doc, input->line, input->column, "one input too many, expected at most %u",
						   PRODUCT_INPUTS_MAX);
	p->inputs[p->ninputs++] = *input;
	return true;
}

static void take_value(struct product_input *in, const char *place, const struct product_value *v)
{
	const struct {
		const char *key, **field;
	} fields[] = {
		{ place, &in->location },     { "role", &in->role }, { "phase", &in->phase },
		{ "version", &in->version }, { "part", &in->part }, { "language", &in->language },
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(v->key, fields[i].key) == 0)
			*fields[i].field = v->value;
	if (strcmp(v->key, place) == 0) {
		in->line = v->line;
		in->column = v->column;
	}
}

bool product_take_input(struct loader *l, const struct product_section *section, size_t first)
{
	struct product *p = l->product;
	size_t k = 0;
	while (places[k].section && strcmp(places[k].section, section->name) != 0)
		k++;
	if (!places[k].section)
		return doc_fail(&l->doc, NULL, "inputs of `%s` are not read by this version", section->name);
	struct product_input in = { .kind = places[k].kind, .current = true };
	for (size_t i = first; i < p->nvalues; i++)
		take_value(&in, places[k].key, &p->values[i]);
	p->nvalues = first;
	const struct product_input *known = find_input(p, &in);
	if (known)
		return doc_fail_at(&l->doc, in.line, in.column, "`%.100s` for the second time (first in line %u), expected it once",
						   in.location, known->line);
	return add_input(l, &in);
}

bool product_take_declared_files(struct loader *l)
{
	static const struct {
		const char *section, *key, *kind, *role;
	} files[] = {
		{ "components", "sbom", "sbom", NULL },
		{ "pia", "file", "document", "pia" },
	};
	struct product *p = l->product;
	for (size_t i = 0; i < p->nvalues; i++) {
		const struct product_value *v = &p->values[i];
		for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
			if (strcmp(v->section, files[k].section) != 0 || strcmp(v->key, files[k].key) != 0)
				continue;
			struct product_input in = { .line = v->line, .column = v->column, .kind = files[k].kind, .location = v->value,
										.role = files[k].role, .current = true };
			if (!find_input(p, &in) && !add_input(l, &in))
				return false;
		}
	}
	return true;
}

bool product_choose_firmware(struct loader *l)
{
	struct product *p = l->product;
	const struct product_input *first = NULL;
	bool any = false;
	for (size_t i = 0; i < p->ninputs; i++) {
		struct product_input *in = &p->inputs[i];
		if (strcmp(in->kind, "firmware") != 0)
			continue;
		if (!p->version && in->version && first && first->version && strcmp(first->version, in->version) != 0)
			return doc_fail_at(&l->doc, in->line, in->column,
							   "firmware of the versions `%.40s` and `%.40s`, expected `product` to say with `version` which is assessed",
							   first->version, in->version);
		if (!first || !first->version)
			first = in;
		in->current = !in->version || !p->version || strcmp(in->version, p->version) == 0;
		any |= in->current;
	}
	if (first && !any)
		return doc_fail_at(&l->doc, first->line, first->column,
						   "firmware of the version `%.40s`, expected one of the product's version `%.40s` as well",
						   first->version, p->version);
	return true;
}
