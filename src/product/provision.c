/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conformance statement: which provisions there are, and that each is named once. */
#include <string.h>

#include "base/suggest.h"
#include "product/internal.h"

const char *product_provision_find(const char *value, const char **nearest)
{
	unsigned best = SUGGEST_FAR;
	*nearest = NULL;
	for (const char *const *id = product_provisions; *id; id++) {
		if (strcmp(*id, value) == 0)
			return *id;
		unsigned far = suggest_distance(value, *id);
		if (far < best) {
			best = far;
			*nearest = *id;
		}
	}
	return NULL;
}

static bool is_provision(const struct product_value *v)
{
	return strcmp(v->section, "conformance") == 0 && strcmp(v->key, "provision") == 0;
}

/* The first repetition ends it, so that no more are compared than there are provisions. */
bool product_check_conformance(struct loader *l)
{
	const struct product *p = l->product;
	for (size_t i = 0; i < p->nvalues; i++) {
		const struct product_value *v = &p->values[i];
		for (size_t k = 0; is_provision(v) && k < i; k++)
			if (is_provision(&p->values[k]) && strcmp(p->values[k].value, v->value) == 0)
				return doc_fail_at(&l->doc, v->line, v->column,
								   "`%s` for the second time in `conformance` (first in line %u), expected it once", v->value,
								   p->values[k].line);
	}
	return true;
}
