/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/report.schema.json: JSON Schema (2020-12) of what `assay report --json` writes. The fact tables follow
 * from src/fact/facts.def, the rest are the tables of report_schema_tables.h. */
#include <stdio.h>
#include <string.h>

#include "fact/fact.h"
#include "report/json_excerpts.h"
#include "report/json_software.h"
#include "report_schema_tables.h"

static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

/* A property with its description merged into its schema, which is an object of ours. */
static void print_property(const char *indent, const char *name, const char *schema, const char *description,
						   bool is_first)
{
	printf("%s\n%s\t", is_first ? "" : ",", indent);
	print_text(name);
	printf(": %.*s, \"description\": ", (int)strlen(schema) - 1, schema);
	print_text(description);
	putchar('}');
}

static void print_required(const char *name, bool is_first)
{
	printf("%s", is_first ? "" : ", ");
	print_text(name);
}

static void print_object(const char *indent, const struct property *properties)
{
	printf("%s\"type\": \"object\",\n%s\"additionalProperties\": false,\n%s\"required\": [", indent, indent, indent);
	for (size_t i = 0; properties[i].name; i++)
		print_required(properties[i].name, i == 0);
	printf("],\n%s\"properties\": {", indent);
	for (size_t i = 0; properties[i].name; i++)
		print_property(indent, properties[i].name, properties[i].schema, properties[i].description, i == 0);
	printf("\n%s}", indent);
}

static const char *column_schema(enum fact_column_type type)
{
	return type == FACT_TEXT ? TEXT_OR_NULL : type == FACT_BOOL ? BOOL_OR_NULL : INT_OR_NULL;
}

#define EXCERPT_PROPERTY(c) { (c).head.name, column_schema((c).type), (c).head.doc }
/* A row of a fact table. Its definition has a name of its own: a table is called header as well. */
static void print_fact(const struct fact_table *t, bool is_blob)
{
	static const struct property blob_ids[] = {
		{ "id", ID, "Row of the table." },
		{ "input_id", INT_OR_NULL, "The input that it is a piece of." },
		{ "parent_id", INT_OR_NULL, "The blob that holds it; null for the input itself." },
		END,
	};
	static const struct property fact_ids[] = {
		{ "id", ID, "Row of the table." },
		{ "blob_id", INT_OR_NULL, "The blob that it was found in." },
		END,
	};
	struct property properties[64];
	size_t n = 0;
	for (const struct property *id = is_blob ? blob_ids : fact_ids; id->name; id++)
		properties[n++] = *id;
	for (size_t i = 0; i < t->ncolumns && n + 1 < sizeof properties / sizeof properties[0]; i++)
		properties[n++] = (struct property){ t->columns[i].name, column_schema(t->columns[i].type), t->columns[i].doc };
	if (t == &fact_tables[FACT_excerpt]) /* not as the case has them */
		for (n = 0; n < JSON_EXCERPT_COLUMNS; n++)
			properties[n] = (struct property)EXCERPT_PROPERTY(json_excerpt_columns[n]);
	properties[n] = (struct property)END;
	printf(",\n\t\t\"fact_%s\": {\n\t\t\t\"description\": ", t->name);
	print_text(t->doc);
	printf(",\n");
	print_object("\t\t\t", properties);
	printf("\n\t\t}");
}

/* The object that holds the fact tables. */
static void print_facts(void)
{
	struct property properties[FACT_TYPES + 1];
	char schemas[FACT_TYPES][96];
	size_t n = 0;
	for (int i = 0; i < FACT_TYPES; i++) {
		if (i == FACT_blob)
			continue;
		snprintf(schemas[n], sizeof schemas[n], LIST("fact_%s"), fact_tables[i].name);
		properties[n] = (struct property){ fact_tables[i].name, schemas[n], fact_tables[i].doc };
		n++;
	}
	properties[n] = (struct property)END;
	printf(",\n\t\t\"facts\": {\n");
	print_object("\t\t\t", properties);
	printf("\n\t\t}");
}

/* A row of one of json_tables. Its definition is called row_..., as facts are fact_... */
static void print_row(const struct json_table *t)
{
	static const char *const schemas[] = { [JSON_COLUMN_TEXT] = TEXT_OR_NULL,
										   [JSON_COLUMN_INT] = INT_OR_NULL,
										   [JSON_COLUMN_BOOL] = BOOL_OR_NULL,
										   [JSON_COLUMN_NUMBER] = NUMBER_OR_NULL };
	struct property properties[64];
	size_t n = 0;
	for (; n < t->ncolumns && n + 1 < sizeof properties / sizeof properties[0]; n++)
		properties[n] = (struct property){ t->columns[n].name, schemas[t->columns[n].type], t->columns[n].doc };
	properties[n] = (struct property)END;
	printf(",\n\t\t\"row_%s\": {\n", t->row);
	print_object("\t\t\t", properties);
	printf("\n\t\t}");
}

/* The report itself: its parts in the order in which they are written. */
static void print_root(void)
{
	struct property all[40];
	char schemas[16][96];
	size_t n = 0;
	for (const struct property *p = root; p->name; p++)
		all[n++] = *p;
	for (size_t i = 0; json_tables[i].key && i < 16; i++) {
		snprintf(schemas[i], sizeof schemas[i], LIST("row_%s"), json_tables[i].row);
		all[n++] = (struct property){ json_tables[i].key, schemas[i], json_tables[i].doc };
	}
	for (const struct property *p = root_end; p->name; p++)
		all[n++] = *p;
	all[n] = (struct property)END;
	print_object("\t", all);
}

int main(void)
{
	printf("{\n\t\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n\t\"title\": \"Assay report\",\n"
		   "\t\"description\": \"A whole case file. Rows stand in the order of their ids. Made by"
		   " tools/report_schema.\",\n");
	print_root();
	printf(",\n\t\"$defs\": {");
	for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++) {
		printf("%s\n\t\t\"%s\": {\n", i ? "," : "", definitions[i].name);
		print_object("\t\t\t", definitions[i].properties);
		printf("\n\t\t}");
	}
	print_facts();
	for (const struct json_table *t = json_tables; t->key; t++)
		print_row(t);
	for (int i = 0; i < FACT_TYPES; i++)
		print_fact(&fact_tables[i], i == FACT_blob);
	printf("\n\t}\n}\n");
	return fflush(stdout) || ferror(stdout);
}
