/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "product/product.h"

#define SECTION(parent, name, shape, doc) { parent, name, PRODUCT_##shape, doc },
#define KEY(section, name, kind, flags, words, example, doc)
const struct product_section product_sections[] = {
#include "product/keys.def"
	{ NULL, NULL, PRODUCT_MAP, NULL },
};
#undef SECTION
#undef KEY

#define SECTION(parent, name, shape, doc)
#define KEY(section, name, kind, flags, words, example, doc)                                                           \
	{ section, name, PRODUCT_##kind, PRODUCT_##flags, words, example, doc },
const struct product_key product_keys[] = {
#include "product/keys.def"
	{ NULL, NULL, PRODUCT_TEXT, PRODUCT_ONE, NULL, NULL, NULL },
};
#undef SECTION
#undef KEY

const struct product_section *product_section_find(const char *parent, const char *name)
{
	for (const struct product_section *s = product_sections; s->name; s++)
		if (strcmp(s->parent, parent) == 0 && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

const struct product_key *product_key_find(const char *section, const char *name)
{
	for (const struct product_key *k = product_keys; k->name; k++)
		if (strcmp(k->section, section) == 0 && strcmp(k->name, name) == 0)
			return k;
	return NULL;
}
