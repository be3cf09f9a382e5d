/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/product-keys.md: the keys of a product file as keys.def has them. */
#include <stdio.h>
#include <string.h>

#include "product/product.h"

static const char intro[] =
	"# The keys of a product file\n"
	"\n"
	"<!-- Made by tools/product_docs from src/product/keys.def: change that one. -->\n"
	"\n"
	"[product.md](product.md) tells what a product file is for. A key in bold must be there; of one with \"list\" there may be one\n"
	"value, or a list of them. Names with a dot stand for mappings inside: `pentest.date` is `pentest: {date: ...}`.\n"
	"\n"
	"| kind | what it is |\n"
	"| --- | --- |\n"
	"| text | up to 4,000 bytes; runs of white space become single spaces |\n"
	"| day | `2026-01-31`, of the calendar |\n"
	"| yes or no | `yes`, `no`, `true`, `false` |\n"
	"| number | a whole number |\n"
	"| duration | `30 days`, `2 years`, `P30D` (ISO 8601); `none`, `unlimited`, `until-deletion`, `until-reset` |\n"
	"| URL | begins with `https://` or `http://` |\n"
	"| host | a host name (`*.example.com`: all below it) or an address |\n"
	"| port | 1 to 65535 |\n"
	"| path | on the product, begins with `/` |\n"
	"| file | relative to the folder of the product file, and not out of it |\n"
	"| language | `en`, `pt-BR` |\n";

static const char *const kind_names[PRODUCT_KINDS] = {
	[PRODUCT_TEXT] = "text",         [PRODUCT_DAY] = "day",   [PRODUCT_YESNO] = "yes or no", [PRODUCT_WHOLE] = "number",
	[PRODUCT_DURATION] = "duration", [PRODUCT_URL] = "URL",   [PRODUCT_HOST] = "host",       [PRODUCT_PORT] = "port",
	[PRODUCT_PATH] = "path",         [PRODUCT_FILE] = "file", [PRODUCT_LANGUAGE] = "language",
	[PRODUCT_PROVISION] = "id of a requirement",
};

static void print_kind(const struct product_key *k)
{
	if (k->kind != PRODUCT_WORD)
		printf("%s", kind_names[k->kind]);
	for (const char *w = k->words; *w;) {
		size_t n = strcspn(w, "|");
		printf("%s`%.*s`", w == k->words ? "" : ", ", (int)n, w);
		w += n + (w[n] == '|');
	}
	printf("%s", k->flags == PRODUCT_MANY ? "; list" : "");
}

static void print_section(const struct product_section *s)
{
	static const char *const shapes[] = {
		[PRODUCT_MAP] = "A mapping", [PRODUCT_ITEMS] = "A list of mappings", [PRODUCT_VALUES] = "A list of values" };
	printf("\n## %s%s%s\n\n%s. %s.\n\n| key | kind | what it says | example |\n| --- | --- | --- | --- |\n", s->parent,
		   *s->parent ? "." : "", s->name, s->doc, shapes[s->shape]);
	for (const struct product_key *k = product_keys; k->name; k++) {
		if (strcmp(k->section, s->name) != 0)
			continue;
		const char *bold = k->flags == PRODUCT_MUST ? "**" : "";
		printf("| %s`%s`%s | ", bold, k->name, bold);
		print_kind(k);
		printf(" | %s | `%s` |\n", k->doc, k->example);
	}
}

int main(void)
{
	fputs(intro, stdout);
	for (const struct product_section *s = product_sections; s->name; s++)
		print_section(s);
	return fflush(stdout) || ferror(stdout);
}
