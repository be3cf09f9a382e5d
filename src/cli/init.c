/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/init.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

static const char help[] =
	"usage: assay init [FILE] [--from CASE]\n"
	"\n"
	"Writes a product file to fill in, by default product.yaml: every key of it with\n"
	"a line that explains it, as a comment until you take its # away. On a terminal\n"
	"it asks for what it can not know. A file that exists is not overwritten; - is\n"
	"standard output.\n"
	"\n"
	"  assay init\n"
	"  assay init camera.yaml --from camera.bin.assay\n"
	"  assay camera.yaml\n"
	"\n"
	"      --from CASE       fill in what the image of that case shows: services,\n"
	"                        addresses, updates, stores of data ... as comments, each\n"
	"                        to be confirmed\n"
	"\n"
	"docs/product.md tells what it is for, docs/product-keys.md has every key.\n";

bool init_add(struct init *s, const char *section, const char *key, unsigned item, const char *value, const char *note,
			  char why[300])
{
	const struct product_key *k = product_key_find(section, key);
	why[0] = '\0';
	if (!k || s->n == INIT_FACTS_MAX || !value)
		return false;
	char *copy = arena_strdup(s->arena, text_c(value)), *words = note ? arena_strdup(s->arena, text_c(note)) : NULL;
	if (!copy || (note && !words))
		return false;
	if (note && strlen(copy) > 200) /* somebody has to read it */
		return false;
	const char *checked = product_value_check(k, copy, false, s->arena, why);
	if (checked)
		s->facts[s->n++] = (struct init_fact){ k, item, checked, words };
	return checked != NULL;
}

static int parse(int argc, char **argv, const char **path, const char **from)
{
	static const struct option options[] = { { "from", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 } };
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'f')
			return complain_option(argv, options, option, "init");
		*from = optarg;
	}
	if (argc - optind > 1)
		return complain(EXIT_UNUSABLE, NULL, "one product file at a time; see assay init --help");
	*path = argc > optind ? argv[optind] : "product.yaml";
	return EXIT_NO_FAIL;
}

static int write_new(const struct init *s, const char *path)
{
	bool is_stdout = strcmp(path, "-") == 0;
	int fd = is_stdout ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (!is_stdout && fd < 0)
		return complain(EXIT_UNUSABLE, path, errno == EEXIST ? "exists already, and is not overwritten: name another file" : "%s",
						strerror(errno));
	FILE *out = is_stdout ? stdout : fdopen(fd, "w");
	if (!out)
		return complain(EXIT_INTERNAL, path, "no memory to write it");
	init_write(s, out);
	bool failed = fflush(out) || ferror(out);
	if (!is_stdout) {
		failed |= fclose(out) != 0;
		fprintf(stderr, "%s is there to be filled in; then: assay %s\n", path, path);
	}
	return failed ? complain(EXIT_UNUSABLE, path, "can not be written: %s", strerror(errno)) : EXIT_NO_FAIL;
}

static bool has_name(const struct init *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->facts[i].key->section, "product") == 0 && strcmp(s->facts[i].key->name, "name") == 0)
			return true;
	return false;
}

static int fill(struct init *s, const char *path, const char *from)
{
	char folder[4096] = "", why[300];
	const char *slash = strrchr(path, '/');
	if (slash && (size_t)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path) >= sizeof folder)
		return complain(EXIT_UNUSABLE, path, "too long a path");
	if (strcmp(path, "-") != 0 && access(path, F_OK) == 0) /* before anything is asked */
		return complain(EXIT_UNUSABLE, path, "exists already, and is not overwritten: name another file");
	int code = from ? init_from_case(s, from, folder) : EXIT_NO_FAIL;
	if (!code && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !init_ask(s))
		code = complain(EXIT_UNUSABLE, NULL, "the answers ended: nothing is written");
	if (!code && !has_name(s) && !init_add(s, "product", "name", 0, "Name of the product", NULL, why))
		code = complain(EXIT_INTERNAL, NULL, "no memory");
	return code;
}

static int run(int argc, char **argv)
{
	const char *path = NULL, *from = NULL;
	int code = parse(argc, argv, &path, &from);
	if (code)
		return code;
	struct init s = { .arena = arena_new((size_t)64 << 20) };
	s.facts = s.arena ? ARENA_ARRAY(s.arena, struct init_fact, INIT_FACTS_MAX) : NULL;
	code = s.facts ? fill(&s, path, from) : complain(EXIT_INTERNAL, NULL, "no memory");
	if (!code)
		code = write_new(&s, path);
	arena_free(s.arena);
	return code;
}

const struct command command_init = { "init", "write a product file to fill in", help, run };
