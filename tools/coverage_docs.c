/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/coverage.md: what each requirement of the built-in packs is decided by, and that each row of the mission's list is
 * answered. coverage_docs MISSION.tsv */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "cli/probes.h"
#include "fact/fact.h"
#include "judge/pack.h"

#define NAMES_MAX 64u

/* Names without repetition, in the order in which they came. */
struct names {
	const char *list[NAMES_MAX];
	size_t n;
};

static void add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i], name) == 0)
			return;
	if (names->n < NAMES_MAX)
		names->list[names->n++] = name;
}

static const char *table_named(const char *word)
{
	for (int i = 0; i < FACT_TYPES; i++)
		if (strcmp(fact_tables[i].name, word) == 0)
			return fact_tables[i].name;
	for (const struct case_view *v = case_views; v->name; v++)
		if (strcmp(v->name, word) == 0)
			return v->name;
	for (const struct case_derived *d = case_derived; d->name; d++)
		if (strcmp(d->name, word) == 0)
			return d->name;
	return NULL;
}

/* Copies the next word of the SQL; texts in quotes and comments are none. NULL at the end. */
static const char *next_word(const char *sql, char word[64])
{
	while (*sql && !isalpha((unsigned char)*sql)) {
		if (*sql == '\'')
			sql += 1 + strcspn(sql + 1, "'");
		else if (sql[0] == '-' && sql[1] == '-')
			sql += strcspn(sql, "\n");
		if (*sql)
			sql++;
	}
	size_t n = 0;
	for (; isalnum((unsigned char)*sql) || *sql == '_'; sql++)
		if (n < 63)
			word[n++] = *sql;
	word[n] = 0;
	return n ? sql : NULL;
}

/* The tables and standard views that a query reads; views of its pack are looked into. A view names only those before it. */
static void tables_of(const char *sql, const struct pack *home, size_t nviews, struct names *tables)
{
	char word[64];
	while (sql && (sql = next_word(sql, word))) {
		const char *table = table_named(word);
		if (table && strcmp(table, "blob") != 0)
			add(tables, table);
		for (size_t i = 0; !table && i < nviews; i++)
			if (strcmp(home->views[i].name, word) == 0)
				tables_of(home->views[i].sql, home, i, tables);
	}
}

static void against(const struct requirement *r, struct names *tables)
{
	tables_of(r->fails, r->home, r->home->nviews, tables);
	for (size_t i = 0; i < r->nmeasures; i++)
		for (size_t k = 0; k < r->measures[i].nthresholds; k++)
			if (r->measures[i].thresholds[k].gives == VERDICT_FAIL)
				tables_of(r->measures[i].value, r->home, r->home->nviews, tables);
	for (size_t i = 0; i < r->nparts; i++)
		against(r->parts[i], tables);
}

static void in_favour(const struct requirement *r, struct names *tables)
{
	for (size_t i = 0; i < r->nways; i++)
		tables_of(r->ways[i].query, r->home, r->home->nviews, tables);
	if (r->about == ABOUT_DECLARATION)
		tables_of(r->declared, r->home, r->home->nviews, tables);
	for (size_t i = 0; i < r->nparts; i++)
		in_favour(r->parts[i], tables);
}

/* Probes that fill tables which no inspector does. */
static const struct {
	const char *table, *probe;
} fills[] = {
	{ "declaration", "product.read" },	   { "document", "document.read" },	   { "document_section", "document.read" },
	{ "document_date", "document.read" },  { "document_contact", "document.read" }, { "document_link", "document.read" },
	{ "document_element", "document.read" }, { "listener", "device.ports" },	   { "login_attempt", "device.logins" },
	{ "tls_peer", "device.tls" },		   { "site_answer", "site.http" },	   { "site_header", "site.policy" },
	{ "flow", "capture.flows" },		   { "app", "app.manifest" },		   { "app_trait", "app.code" },
	{ "mud_file", "mud.read" },
	{ "declared_component", "sbom.read" }, { "declared_statement", "vex.read" }, { "vulnerability", "feeds.match" },
};

static void add_filling(const struct names *tables, struct names *probes)
{
	for (size_t i = 0; i < tables->n; i++)
		for (size_t k = 0; k < sizeof fills / sizeof fills[0]; k++)
			if (strcmp(fills[k].table, tables->list[i]) == 0)
				add(probes, fills[k].probe);
}

static bool read_into(const char *sql, const void *context)
{
	const void *const *c = context;
	const struct requirement *r = c[0];
	tables_of(sql, r->home, r->home->nviews, (struct names *)c[1]);
	return false;
}

static void probes_of(const struct requirement *r, struct names *probes)
{
	struct names tables = { .n = 0 };
	const void *context[] = { r, &tables };
	for (size_t i = 0; i < r->nneeds; i++)
		add(probes, r->needs[i]);
	for (size_t i = 0; i < r->nways; i++)
		for (size_t k = 0; k < r->ways[i].nneeds; k++)
			add(probes, r->ways[i].needs[k]);
	for (size_t i = 0; i < r->nmeasures; i++)
		for (size_t k = 0; k < r->measures[i].nneeds; k++)
			add(probes, r->measures[i].needs[k]);
	requirement_any_query(r, read_into, context);
	add_filling(&tables, probes);
	for (size_t i = 0; i < r->nparts; i++)
		probes_of(r->parts[i], probes);
}

static void cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void list(const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		printf("%s%s", i ? ", " : "", names->list[i]);
	printf(" | ");
}

static size_t measures_of(const struct requirement *r, struct names *names)
{
	for (size_t i = 0; i < r->nmeasures; i++)
		add(names, r->measures[i].name);
	for (size_t i = 0; i < r->nparts; i++)
		measures_of(r->parts[i], names);
	return names->n;
}

static bool has_word(const struct requirement *r)
{
	bool word = r->declared;
	for (size_t i = 0; i < r->nparts; i++)
		word |= has_word(r->parts[i]);
	return word;
}

enum rest { RESTS_DECLARATION, RESTS_EVIDENCE, RESTS_NUMBER, RESTS_WORD, RESTS_NOTHING, RESTS };

/* What its verdict can rest on, at best. */
static enum rest rests_on(const struct requirement *r)
{
	struct names measures = { .n = 0 };
	if (r->about == ABOUT_DECLARATION)
		return RESTS_DECLARATION;
	if (requirement_can_give(r, VERDICT_PASS) || requirement_can_give(r, VERDICT_FAIL))
		return RESTS_EVIDENCE;
	return measures_of(r, &measures) > 0 ? RESTS_NUMBER : has_word(r) ? RESTS_WORD : RESTS_NOTHING;
}

static const char *rest_name(enum rest rest)
{
	static const char *const names[RESTS] = { "declaration", "evidence", "a number", "word only", "open" };
	return names[rest];
}

static void print_asked(const struct requirement *r)
{
	if (r->nparts == 0 && r->origin != r)
		printf("%s", r->origin->id);
	for (size_t i = 0; i < r->nparts; i++)
		printf("%s%s", i ? ", " : "", r->parts[i]->id);
	if (rests_on(r) == RESTS_NOTHING)
		cell(r->settles);
}

static void print_requirement(const struct requirement *r)
{
	struct names fails = { .n = 0 }, passes = { .n = 0 }, measures = { .n = 0 }, probes = { .n = 0 };
	against(r, &fails);
	in_favour(r, &passes);
	measures_of(r, &measures);
	probes_of(r, &probes);
	printf("| `%s` | ", r->id);
	cell(r->title);
	printf(" | %s | ", rest_name(rests_on(r)));
	list(&fails);
	list(&passes);
	list(&measures);
	list(&probes);
	print_asked(r);
	puts(" |");
}

static void print_pack(const struct pack *p)
{
	printf("\n## %s\n\n`%s`, after %s.\n\n", p->title, p->id, p->source_name);
	puts("| requirement | what it asks | rests on | fails on | passes on | numbers | fed by | asks, or waits for |");
	puts("| --- | --- | --- | --- | --- | --- | --- | --- |");
	for (size_t i = 0; i < p->nrequirements; i++)
		print_requirement(&p->requirements[i]);
}

static void print_counts(const struct packs *packs)
{
	puts("| pack | requirements | can FAIL | can PASS | by declaration | number only | word only | open | ask another |");
	puts("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
	for (size_t i = 0; i < packs_count(packs); i++) {
		const struct pack *p = packs_get(packs, i);
		size_t rests[RESTS] = { 0 }, fail = 0, pass = 0, ask = 0;
		for (size_t k = 0; k < p->nrequirements; k++) {
			const struct requirement *r = &p->requirements[k];
			rests[rests_on(r)]++;
			fail += requirement_can_give(r, VERDICT_FAIL);
			pass += requirement_can_give(r, VERDICT_PASS);
			ask += r->nparts > 0 || r->origin != r;
		}
		printf("| `%s` | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n", p->id, p->nrequirements, fail, pass,
			   rests[RESTS_DECLARATION], rests[RESTS_NUMBER], rests[RESTS_WORD], rests[RESTS_NOTHING], ask);
	}
}

/* A row of the mission's list: its id, a tab, and the requirements that answer it, separated by spaces. */
static bool print_mission_row(const struct packs *packs, char *line)
{
	char *answers = strchr(line, '\t'), *rest = NULL;
	if (!answers)
		return false;
	*answers++ = 0;
	for (char *id = strtok_r(answers, " \n", &rest); id; id = strtok_r(NULL, " \n", &rest)) {
		const struct pack *p = NULL;
		const struct requirement *r = packs_requirement(packs, id, &p);
		if (!r) {
			fprintf(stderr, "%s: no requirement `%s` is in the packs\n", line, id);
			return false;
		}
		struct names measures = { .n = 0 };
		measures_of(r, &measures);
		printf("| %s | `%s` of %s | %s | %s | ", line, r->id, p->id, requirement_can_give(r, VERDICT_FAIL) ? "yes" : "no",
			   requirement_can_give(r, VERDICT_PASS) ? "yes" : "no");
		list(&measures);
		printf("%s |\n", rest_name(rests_on(r)));
	}
	return true;
}

static bool print_mission(const struct packs *packs, const char *path)
{
	char line[4096];
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		return false;
	}
	puts("\n## The mission's list\n\nEach row of the list that this project is measured by, and the requirement that answers it.\n");
	puts("| row | answered by | can FAIL | can PASS | numbers | rests on |\n| --- | --- | --- | --- | --- | --- |");
	bool ok = true;
	while (ok && fgets(line, sizeof line, f))
		ok = *line == '#' || *line == '\n' || print_mission_row(packs, line);
	fclose(f);
	return ok;
}

/* What has no FAIL or no PASS, and why, in the words of the requirement. */
static void print_reasons(const struct packs *packs)
{
	puts("\n## What has no FAIL or no PASS\n\n| requirement | lacks | how it is decided, and why not otherwise |\n| --- | --- | --- |");
	for (size_t i = 0; i < packs_count(packs); i++)
		for (size_t k = 0; k < packs_get(packs, i)->nrequirements; k++) {
			const struct requirement *r = &packs_get(packs, i)->requirements[k];
			bool fail = requirement_can_give(r, VERDICT_FAIL), pass = requirement_can_give(r, VERDICT_PASS);
			if ((fail && pass) || r->origin != r || !r->how)
				continue;
			printf("| `%s` | %s | ", r->id, fail ? "PASS" : pass ? "FAIL" : "both");
			cell(r->how);
			puts(" |");
		}
}

static const char intro[] =
	"# What decides each requirement\n"
	"\n"
	"<!-- Made by tools/coverage_docs from guidelines/: change those. -->\n"
	"\n"
	"For each requirement of the built-in packs: what its verdict can rest on, which tables its queries for FAIL and PASS read, the\n"
	"numbers that it gives, the probes that feed it, and the requirements whose queries it asks. Tables are those of\n"
	"[facts.md](facts.md); `blob`, in which each fact lies, is left out.\n"
	"\n"
	"*evidence*: facts decide it. *declaration*: it asks for the maker's word, and observations can refute that. *a number*: it is\n"
	"measured, and no source says from where on the value is too high or too low. *word only*: what the maker says is shown and\n"
	"decides nothing. *open*: nothing decides it here; what would is in the last column. Probes that do not exist yet are named\n"
	"too: until they do, the requirement stays INCONCLUSIVE and names its input.\n"
	"\n";

int main(int argc, char **argv)
{
	struct pack_error e = { 0 };
	struct packs *packs = packs_new(probe_names());
	if (argc != 2 || !packs || !packs_load_builtins(packs, &e)) {
		fprintf(stderr, "%s\n", argc != 2 ? "usage: coverage_docs MISSION.tsv" : packs ? e.text : "out of memory");
		return 2;
	}
	fputs(intro, stdout);
	print_counts(packs);
	bool ok = print_mission(packs, argv[1]);
	for (size_t i = 0; i < packs_count(packs); i++)
		print_pack(packs_get(packs, i));
	print_reasons(packs);
	packs_free(packs);
	return !ok || fflush(stdout) || ferror(stdout);
}
