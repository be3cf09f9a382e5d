/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/product.schema.json: what the reader of product files takes, as far as JSON Schema (2020-12) can say it. For
 * YAML 1.2, in which `yes` is a text. */
#include <stdio.h>
#include <string.h>

#include "product/product.h"

static const char *const kinds[PRODUCT_KINDS] = {
	[PRODUCT_TEXT] = "\"text\": {\"type\": [\"string\", \"number\", \"boolean\"], \"pattern\": \"\\\\S\", \"maxLength\": 4000}",
	[PRODUCT_DAY] = "\"day\": {\"type\": \"string\", \"format\": \"date\","
					" \"pattern\": \"^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$\"}",
	[PRODUCT_YESNO] = "\"yesno\": {\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"string\","
					  " \"pattern\": \"^([Yy][Ee][Ss]|[Nn][Oo]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$\"}]}",
	[PRODUCT_WHOLE] = "\"whole\": {\"anyOf\": [{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 999999999999999},"
					  " {\"type\": \"string\", \"pattern\": \"^[0-9]{1,15}$\"}]}",
	[PRODUCT_DURATION] =
		"\"duration\": {\"type\": \"string\", \"pattern\": \"^(none|unlimited|until-deletion|until-reset"
		"|[0-9]{1,15} ?(second|minute|hour|day|week|month|year)s?"
		"|P(?=[0-9T])([0-9]{1,15}Y)?([0-9]{1,15}M)?([0-9]{1,15}W)?([0-9]{1,15}D)?"
		"(T(?=[0-9])([0-9]{1,15}H)?([0-9]{1,15}M)?([0-9]{1,15}S)?)?)$\"}",
	[PRODUCT_WORD] = NULL,
	[PRODUCT_URL] = "\"url\": {\"type\": \"string\", \"pattern\": \"^https?://[A-Za-z0-9\\\\[][^\\\\s<>\\\"\\\\\\\\^`{|}]*$\"}",
	[PRODUCT_HOST] = "\"host\": {\"type\": [\"string\", \"number\"], \"pattern\": \"^((\\\\*\\\\.)?[A-Za-z0-9_]([A-Za-z0-9._-]{0,250}[A-Za-z0-9._])?"
					 "|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$\"}",
	[PRODUCT_PORT] = "\"port\": {\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}, {\"type\": \"string\","
					 " \"pattern\": \"^0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$\"}]}",
	[PRODUCT_PATH] = "\"path\": {\"type\": \"string\", \"pattern\": \"^/\"}",
	[PRODUCT_FILE] = "\"file\": {\"type\": [\"string\", \"number\"], \"pattern\": \"^(?!/)(?!(.*/)?\\\\.\\\\.(/|$)).+$\"}",
	[PRODUCT_PROVISION] = NULL,
	[PRODUCT_LANGUAGE] = "\"language\": {\"type\": \"string\", \"pattern\": \"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$\"}",
};

static const char *const kind_names[PRODUCT_KINDS] = {
	[PRODUCT_TEXT] = "text",         [PRODUCT_DAY] = "day",   [PRODUCT_YESNO] = "yesno", [PRODUCT_WHOLE] = "whole",
	[PRODUCT_DURATION] = "duration", [PRODUCT_URL] = "url",   [PRODUCT_HOST] = "host",   [PRODUCT_PORT] = "port",
	[PRODUCT_PATH] = "path",         [PRODUCT_FILE] = "file", [PRODUCT_LANGUAGE] = "language",
	[PRODUCT_PROVISION] = "provision",
};

static void print_indent(int depth)
{
	printf("%*s", 2 * depth, "");
}

static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void print_provisions(void)
{
	printf("\"provision\": {\"enum\": [");
	for (const char *const *id = product_provisions; *id; id++)
		printf("%s\"%s\"", id == product_provisions ? "" : ", ", *id);
	printf("]}");
}

static void print_kind(const struct product_key *k)
{
	if (k->kind != PRODUCT_WORD) {
		printf("{\"$ref\": \"#/$defs/%s\"}", kind_names[k->kind]);
		return;
	}
	printf("{\"enum\": [");
	for (const char *w = k->words; *w;) {
		size_t n = strcspn(w, "|");
		printf("%s\"%.*s\"", w == k->words ? "" : ", ", (int)n, w);
		w += n + (w[n] == '|');
	}
	printf("]}");
}

static void print_key(const struct product_key *k)
{
	printf("{\"description\": ");
	print_quoted(k->doc);
	printf(", \"examples\": [");
	print_quoted(k->example);
	printf("], ");
	if (k->flags == PRODUCT_MANY) {
		printf("\"anyOf\": [");
		print_kind(k);
		printf(", {\"type\": \"array\", \"items\": ");
		print_kind(k);
		printf("}]}");
	} else {
		printf("\"allOf\": [");
		print_kind(k);
		printf("]}");
	}
}

/* The keys that begin with `group` ("" or "pentest."), those of a mapping inside once, with what it holds. */
static void print_properties(const char *section, const char *group, int depth)
{
	char last[64] = "";
	size_t n = strlen(group);
	bool first = true;
	printf("\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n");
	for (const struct product_key *k = product_keys; k->name; k++) {
		if (strcmp(k->section, section) != 0 || strncmp(k->name, group, n) != 0)
			continue;
		size_t length = strcspn(k->name + n, ".");
		char name[64], deeper[160];
		snprintf(name, sizeof name, "%.*s", (int)length, k->name + n);
		if (strcmp(name, last) == 0)
			continue;
		snprintf(last, sizeof last, "%s", name);
		printf("%s", first ? "" : ",\n");
		first = false;
		print_indent(depth + 1);
		printf("\"%s\": ", name);
		if (!k->name[n + length]) {
			print_key(k);
			continue;
		}
		snprintf(deeper, sizeof deeper, "%s%s.", group, name);
		printf("{");
		print_properties(section, deeper, depth + 1);
		printf("}");
	}
	putchar('\n');
	print_indent(depth);
	printf("}");
}

static void print_required(const char *section)
{
	bool any = false;
	for (const struct product_key *k = product_keys; k->name; k++)
		if (strcmp(k->section, section) == 0 && k->flags == PRODUCT_MUST) {
			printf("%s\"%s\"", any ? ", " : ", \"required\": [", k->name);
			any = true;
		}
	printf("%s", any ? "]" : "");
}

static void print_section(const struct product_section *s, int depth)
{
	print_indent(depth);
	printf("\"%s\": {\"description\": ", s->name);
	print_quoted(s->doc);
	printf(", ");
	if (s->shape == PRODUCT_VALUES) {
		printf("\"type\": \"array\", \"items\": ");
		print_kind(product_key_find(s->name, "value"));
		printf("}");
		return;
	}
	if (s->shape == PRODUCT_ITEMS)
		printf("\"type\": \"array\", \"items\": {");
	print_properties(s->name, "", depth);
	print_required(s->name);
	printf(s->shape == PRODUCT_ITEMS ? "}}" : "}");
}

static void print_sections(const char *parent, int depth)
{
	bool first = true;
	for (const struct product_section *s = product_sections; s->name; s++) {
		if (strcmp(s->parent, parent) != 0)
			continue;
		printf("%s", first ? "" : ",\n");
		first = false;
		print_section(s, depth);
	}
}

static void print_group(const char *name, const char *doc)
{
	printf(",\n    \"%s\": {\"description\": \"%s\", \"type\": [\"object\", \"null\"], \"additionalProperties\": false, \"properties\": {\n",
		   name, doc);
	print_sections(name, 3);
	printf("\n    }}");
}

int main(void)
{
	printf("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
		   "  \"title\": \"Product file of assay\",\n"
		   "  \"description\": \"Made by tools/product_schema from src/product/keys.def: change that one. docs/product.md tells more.\",\n"
		   "  \"type\": \"object\",\n  \"required\": [\"assay\", \"product\"],\n  \"additionalProperties\": false,\n"
		   "  \"properties\": {\n"
		   "    \"assay\": {\"description\": \"Version of the format; comes first\", \"enum\": [1, \"1\"]},\n");
	print_sections("", 2);
	print_group("inputs", "What there is to look at");
	print_group("declarations", "What the maker declares");
	printf("\n  },\n  \"$defs\": {\n");
	for (int i = 0, first = 1; i < PRODUCT_KINDS; i++) {
		if (!kinds[i])
			continue;
		printf("%s    %s", first ? "" : ",\n", kinds[i]);
		first = 0;
	}
	printf(",\n    ");
	print_provisions();
	printf("\n  }\n}\n");
	return fflush(stdout) || ferror(stdout);
}
