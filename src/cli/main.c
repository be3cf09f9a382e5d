/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/suggest.h"
#include "cli/command.h"

static const struct command *const commands[] = {
	&command_assess,
	&command_init,
	&command_report,
	&command_judge,
	&command_show,
	&command_diff,
	&command_explain,
	&command_list,
	&command_vulns,
	&command_watch,
	&command_sbom,
	&command_vex,
	&command_document,
	&command_feed,
	&command_pack,
	&command_combos,
};
#define NCOMMANDS (sizeof commands / sizeof commands[0])

static void print_help(void)
{
	puts("assay: what is in a connected product, judged against published guidelines\n"
	     "\n"
	     "  assay router.bin                     assess an image: router.bin.assay\n"
	     "  assay router.bin --html r.html       and a report to read\n"
	     "  assay init; assay product.yaml       the same for all that a product has\n"
	     "  assay explain mozilla.passwords.no-default\n"
	     "                                       what is asked, and how it is decided\n"
	     "\n"
	     "Commands (assay COMMAND --help tells more):");
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n"
	     "`assay IMAGE` is short for `assay assess IMAGE`.\n"
	     "Exit codes: 0 no FAIL, 1 at least one FAIL, 2 the input or the command line is\n"
	     "unusable, 3 an internal fault. The manual: man assay.");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* The command that was meant by what is neither one nor a file; NULL: none is near, or there is such a file. */
static const char *mistyped(const char *word)
{
	struct stat st;
	unsigned least = SUGGEST_FAR;
	const char *best = NULL;
	if (word[0] == '-' || strlen(word) < 3 || strpbrk(word, "/.") || stat(word, &st) == 0)
		return NULL;
	for (size_t i = 0; i < NCOMMANDS; i++) {
		unsigned far = suggest_distance(word, commands[i]->name);
		if (far < least) {
			least = far;
			best = commands[i]->name;
		}
	}
	return best;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "help") == 0) {
		print_help();
		return argc < 2 ? EXIT_UNUSABLE : EXIT_NO_FAIL;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("assay " ASSAY_VERSION);
		return EXIT_NO_FAIL;
	}
	const struct command *command = find_command(argv[1]);
	if (asks_help(argc, argv)) {
		if (command)
			fputs(command->help, stdout);
		else if (argv[1][0] == '-')
			print_help();
		else
			fputs(command_assess.help, stdout);
		return EXIT_NO_FAIL;
	}
	if (command == &command_feed || command == &command_combos) {
		static char **split; /* reachable to the end, as are the texts that commands keep of it */
		split = options_split(&argc, argv);
		if (!split)
			return complain(EXIT_INTERNAL, NULL, "no memory");
		argv = split;
	}
	if (command && command->prints)
		signal(SIGPIPE, SIG_DFL);
	if (command)
		return command->run(argc - 1, argv + 1);
	const char *near = mistyped(argv[1]);
	if (near)
		return complain(EXIT_UNUSABLE, argv[1], "neither a file nor a command; did you mean assay %s?", near);
	return command_assess.run(argc, argv);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error with a message, not a silent end */
	signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not be so long */
	int code = run(argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && code <= EXIT_FAIL) /* otherwise it has been said already */
		return complain(EXIT_UNUSABLE, NULL, "standard output can not be written");
	return code;
}
