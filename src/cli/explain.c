/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay explain: what a requirement asks, how it is decided, what fixes it. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/output.h"
#include "judge/judge.h"

static const char help[] =
	"usage: assay explain REQUIREMENT [PACK]\n"
	"\n"
	"Says what a requirement asks and why, how it is decided, what evidence would\n"
	"settle it, and what fixes a failure. PACK is a file with requirements of your\n"
	"own.\n"
	"\n"
	"  assay explain mozilla.passwords.unique\n"
	"  assay list requirements\n";

static int unknown(const struct packs *packs, const char *id)
{
	const char *ids[5];
	size_t n = packs_suggest(packs, id, ids, 5);
	complain(0, id, "no such requirement%s", n ? "; did you mean" : "; see assay list requirements");
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "  %s\n", ids[i]);
	return EXIT_UNUSABLE;
}

static int run(int argc, char **argv)
{
	struct pack_error e = { 0 };
	if (argc < 2 || argc > 3 || argv[1][0] == '-')
		return complain(EXIT_UNUSABLE, NULL, "name one requirement; see assay explain --help");
	struct packs *packs = output_builtin_packs();
	if (!packs)
		return EXIT_INTERNAL;
	int code = EXIT_NO_FAIL;
	if (argc == 3 && !packs_load_file(packs, argv[2], &e))
		code = complain(EXIT_UNUSABLE, NULL, "%s", e.text);
	const struct requirement *r = code ? NULL : packs_requirement(packs, argv[1], NULL);
	if (r)
		explain_requirement(stdout, r);
	else if (!code)
		code = unknown(packs, argv[1]);
	packs_free(packs);
	return code;
}

const struct command command_explain = { "explain", "what a requirement asks, how it is decided", help, run, .prints = true };
