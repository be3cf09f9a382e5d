/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay list: what this build knows, from the registries themselves. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "format/format.h"
#include "inspect/inspect.h"
#include "report/tables.h"

static const char help[] =
	"usage: assay list formats|inspectors|facts|requirements [--names]\n"
	"\n"
	"  formats       containers, file systems and compressions that are opened\n"
	"  inspectors    what is looked for in each blob\n"
	"  facts         the tables of a case file with their columns\n"
	"  requirements  what the built-in packs ask\n"
	"\n"
	"      --names   names only, one a line\n";

static int print_table(struct report_table *t)
{
	struct error e = t ? report_table_print(t, stdout, 0) : error_at(ERR_MEMORY, 0, "no memory for the table");
	report_table_free(t);
	return error_is(&e) ? complain_error(NULL, &e) : EXIT_NO_FAIL;
}

static const char *kind_name(enum format_kind kind)
{
	static const char *const names[] = {
		[FORMAT_FILESYSTEM] = "file system", [FORMAT_ARCHIVE] = "archive", [FORMAT_CONTAINER] = "container",
		[FORMAT_COMPRESSION] = "compression", [FORMAT_ENCODING] = "encoding", [FORMAT_KERNEL] = "kernel",
	};
	return names[kind];
}

static int list_formats(bool names, const struct report_style *style)
{
	static const struct report_column columns[] = { { "format", 0, 0 }, { "kind", 0, 0 }, { "opened", 0, 0 }, { "what it is", 0, 0 } };
	struct report_table *t = names ? NULL : report_table_new(style, columns, 4);
	for (size_t i = 0; format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		if (names)
			puts(f->name);
		else if (t)
			report_table_strings(t, (const char *[]){ f->name, kind_name(f->kind), f->walk || f->unpack ? "yes" : "named", f->title });
	}
	return names ? EXIT_NO_FAIL : print_table(t);
}

static int list_inspectors(bool names, const struct report_style *style)
{
	static const struct report_column columns[] = { { "inspector", 0, 0 }, { "patterns", 1, 0 }, { "what it finds", 0, 0 } };
	struct report_table *t = names ? NULL : report_table_new(style, columns, 3);
	for (size_t i = 0; inspector_registry[i]; i++) {
		const struct inspector *n = inspector_registry[i];
		char count[24];
		size_t patterns = 0;
		while (n->patterns && n->patterns[patterns].bytes)
			patterns++;
		snprintf(count, sizeof count, "%zu", patterns);
		if (names)
			puts(n->name);
		else if (t)
			report_table_strings(t, (const char *[]){ n->name, count, n->title });
	}
	return names ? EXIT_NO_FAIL : print_table(t);
}

static int list_facts(bool names, const struct report_style *style)
{
	static const struct report_column columns[] = { { NULL, 0, 0 }, { NULL, 0, 0 }, { NULL, 0, 0 } };
	static const char *const types[] = { [FACT_INT] = "integer", [FACT_BOOL] = "boolean", [FACT_TEXT] = "text" };
	int code = EXIT_NO_FAIL;
	for (int i = 0; i < FACT_TYPES && !code; i++) {
		const struct fact_table *f = &fact_tables[i];
		if (names) {
			puts(f->name);
			continue;
		}
		printf("%s%s: %s\n", i ? "\n" : "", f->name, f->doc);
		struct report_table *t = report_table_new(style, columns, 3);
		for (size_t k = 0; t && k < f->ncolumns; k++)
			report_table_strings(t, (const char *[]){ f->columns[k].name, types[f->columns[k].type], f->columns[k].doc });
		code = print_table(t);
	}
	return code;
}

static int list_requirements(bool names, const struct report_style *style)
{
	static const struct report_column columns[] = { { "requirement", 0, 0 }, { "severity", 0, 0 }, { "decided", 0, 0 }, { "what it asks", 0, 0 } };
	struct packs *packs = output_builtin_packs();
	if (!packs)
		return EXIT_INTERNAL;
	struct report_table *t = names ? NULL : report_table_new(style, columns, 4);
	for (size_t i = 0; i < packs_count(packs); i++) {
		const struct pack *p = packs_get(packs, i);
		for (size_t k = 0; k < p->nrequirements; k++) {
			const struct requirement *r = &p->requirements[k];
			if (names)
				puts(r->id);
			else if (t)
				report_table_strings(t, (const char *[]){ r->id, r->severity, requirement_is_open(r) ? "not yet" : "yes", r->title });
		}
	}
	int code = names ? EXIT_NO_FAIL : print_table(t);
	packs_free(packs);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*list)(bool names, const struct report_style *style);
	} lists[] = { { "formats", list_formats }, { "inspectors", list_inspectors }, { "facts", list_facts },
		          { "requirements", list_requirements } };
	struct report_style style = report_style_for(stdout);
	bool names = argc == 3 && strcmp(argv[2], "--names") == 0;
	if (argc == 2 || names)
		for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
			if (strcmp(lists[i].name, argv[1]) == 0)
				return lists[i].list(names, &style);
	return complain(EXIT_UNUSABLE, argc > 1 ? argv[1] : NULL, "list formats, inspectors, facts or requirements");
}

const struct command command_list = { "list", "what this build knows", help, run, .prints = true };
