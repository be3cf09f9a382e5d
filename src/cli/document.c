/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay document: what one document says, for those who write it. */
#include <getopt.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/plural.h"
#include "cli/attach.h"
#include "cli/command.h"
#include "document/document.h"
#include "report/json_writer.h"

static const char help[] = "usage: assay document FILE [--role ROLE] [--language CODE] [--json]\n"
						   "\n"
						   "Reads a document of a product and prints what it says of the things that\n"
						   "guidelines ask for, with the sentence and its place, and what it leaves out.\n"
						   "Markdown, HTML, PDF and plain text are read, in a confined process.\n"
						   "\n"
						   "  assay document privacy.md --role privacy-notice\n"
						   "  assay document manual.pdf --role manual --json | jq '.rows[]'\n"
						   "  assay router.bin --document privacy-notice=privacy.md    judged with an image\n"
						   "\n"
						   "      --role ROLE       privacy-notice, manual, disclosure-policy, advisory,\n"
						   "                        support-policy, terms, pia (privacy impact assessment),\n"
						   "                        test-report, certificate, label, inventory, records (of\n"
						   "                        the development), product-page (that sells it), other\n"
						   "                        (the default: asked for nothing, so nothing is absent)\n"
						   "      --language CODE   en, de ...: its language; without it, found by its words\n"
						   "      --json            every fact, as JSON on standard output\n"
						   "      --without-landlock\n"
						   "                        go on where the kernel has no Landlock\n"
						   "\n"
						   "Exit codes: 0 read, 2 unusable, 3 an internal fault.\n";

struct options {
	const char *path, *role, *language;
	bool json, without_landlock;
};

enum { OPT_ROLE = 256, OPT_LANGUAGE, OPT_JSON, OPT_LANDLOCK };

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "role", required_argument, NULL, OPT_ROLE },
		{ "language", required_argument, NULL, OPT_LANGUAGE },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "without-landlock", no_argument, NULL, OPT_LANDLOCK },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option == OPT_ROLE)
			o->role = optarg;
		else if (option == OPT_LANGUAGE)
			o->language = optarg;
		else if (option == OPT_JSON)
			o->json = true;
		else if (option == OPT_LANDLOCK)
			o->without_landlock = true;
		else
			return complain_option(argv, options, option, "document"), false;
	}
	if (argc - optind != 1)
		return complain(0, NULL, "one document at a time; see assay document --help"), false;
	o->path = argv[optind];
	return true;
}

/* Escaped for a terminal, and cut. */
static const char *shown(struct text t, char *out, size_t size)
{
	escape_terminal(t, out, size);
	return out;
}

static void print_document(const struct fact_document *d)
{
	char title[200], language[32];
	if (text_is(d->state, "unread"))
		return; /* run() says it */
	printf("%s", shown(d->title, title, sizeof title));
	printf("%s%s, %lld %s in %lld %s", d->title.n ? "\n" : "",
		   d->language.n ? shown(d->language, language, sizeof language) : "language unknown", (long long)d->words,
		   plural((uint64_t)d->words, "word", "words"), (long long)d->sentences,
		   plural((uint64_t)d->sentences, "sentence", "sentences"));
	if (d->formula.n)
		printf(", %.*s %.1f", (int)d->formula.n, d->formula.p, (double)d->reading_millis / 1000);
	if (d->has_text == 0)
		printf("; pages without text");
	putchar('\n');
}

static void print_element(const struct fact_document_element *e)
{
	char element[64], state[16], about[64], value[128], sentence[400], place[48] = "";
	if (e->page != FACT_NULL)
		snprintf(place, sizeof place, "page %lld", (long long)e->page);
	else if (e->line != FACT_NULL)
		snprintf(place, sizeof place, "line %lld", (long long)e->line);
	printf("%-8s %-22s %s%s%s\n", shown(e->state, state, sizeof state), shown(e->element, element, sizeof element),
		   shown(e->about, about, sizeof about), e->about.n && e->value.n ? ", " : "",
		   shown(e->value, value, sizeof value));
	if (e->sentence.n)
		printf("         %s: %s\n", place, shown(e->sentence, sentence, sizeof sentence));
}

static bool print_row(void *context, enum fact_type type, const void *row)
{
	(void)context;
	const struct fact_damage *damage = row;
	char what[200];
	if (type == FACT_document)
		print_document(row);
	else if (type == FACT_document_element)
		print_element(row);
	else if (type == FACT_damage)
		printf("not read: %s\n", shown(damage->what, what, sizeof what));
	return true;
}

static bool write_row(void *context, enum fact_type type, const void *row)
{
	struct json *j = context;
	const struct fact_table *t = &fact_tables[type];
	json_open(j, '{');
	json_key(j, "table");
	json_text(j, text_c(t->name));
	for (size_t i = 0; i < t->ncolumns; i++) {
		const void *field = (const char *)row + t->columns[i].at;
		json_key(j, t->columns[i].name);
		if (t->columns[i].type == FACT_TEXT)
			json_text(j, *(const struct text *)field);
		else if (t->columns[i].type == FACT_BOOL)
			json_bool(j, *(const int64_t *)field);
		else
			json_int(j, *(const int64_t *)field);
	}
	json_close(j, '}');
	return true;
}

static int write_all(const struct attachment *a, bool as_json)
{
	struct json j = { .out = stdout, .broken_lines = 2 };
	bool ok;
	if (as_json) {
		json_open(&j, '{');
		json_key(&j, "rows");
		json_open(&j, '[');
		ok = attach_rows(a, 0, write_row, &j);
		json_close(&j, ']');
		json_close(&j, '}');
		putchar('\n');
	} else {
		ok = attach_rows(a, 0, print_row, NULL);
	}
	return ok && fflush(stdout) == 0 ? EXIT_NO_FAIL : EXIT_INTERNAL;
}

struct unread {
	bool is;
	char why[200];
};

static bool note_unread(void *context, enum fact_type type, const void *row)
{
	struct unread *u = context;
	const struct fact_document *d = row;
	if (type == FACT_document && text_is(d->state, "unread")) {
		u->is = true;
		shown(d->reason, u->why, sizeof u->why);
	}
	return true;
}

static int run(int argc, char **argv)
{
	struct options o = { .role = "other" };
	struct document_list list = { .n = 0 };
	int code = EXIT_UNUSABLE;
	if (!parse(argc, argv, &o) || !attach_add_document(&list, o.role, o.language, o.path))
		return code;
	struct attachment *a = attach_read(&list, o.without_landlock, &code);
	struct unread unread = { .is = false };
	if (a && !attach_rows(a, 0, note_unread, &unread))
		code = EXIT_INTERNAL;
	else if (a && (o.json || !unread.is))
		code = write_all(a, o.json);
	if (!code && unread.is)
		code =
			complain(EXIT_UNUSABLE, o.path, "nothing of it could be read%s%s", unread.why[0] ? ": " : "", unread.why);
	attach_free(a);
	return code;
}

const struct command command_document = { "document", "what a privacy notice, manual or policy says", help, run };
