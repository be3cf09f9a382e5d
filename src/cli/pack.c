/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay pack test: the tests that packs carry. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "judge/judge.h"

static const char help[] =
	"usage: assay pack test [FILE]...\n"
	"\n"
	"Loads packs as strictly as for judging and runs the tests that they carry; without\n"
	"a file, those of the built-in packs.\n"
	"\n"
	"  assay pack test our-rules.yaml\n"
	"\n"
	"Exit codes: 0 all tests give what they say, 1 some do not, 2 a pack is unusable.\n";

static size_t test_one(const struct pack *pack)
{
	size_t run = 0, failed = pack_run_tests(pack, stdout, &run);
	printf("%s: %zu requirements, %zu tests, %zu failed\n", pack->id, pack->nrequirements, run, failed);
	return failed;
}

static int run(int argc, char **argv)
{
	struct pack_error e = { 0 };
	size_t failed = 0;
	if (argc < 2 || strcmp(argv[1], "test") != 0)
		return complain(EXIT_UNUSABLE, NULL, "assay pack test [FILE]...; see assay pack --help");
	struct packs *packs = argc == 2 ? output_checked_packs() : output_builtin_packs();
	if (!packs)
		return EXIT_INTERNAL;
	for (size_t i = 0; argc == 2 && i < packs_count(packs); i++)
		failed += test_one(packs_get(packs, i));
	int code = EXIT_NO_FAIL;
	for (int i = 2; i < argc && !code; i++) {
		const struct pack *pack = packs_load_file(packs, argv[i], &e);
		if (!pack)
			code = complain(EXIT_UNUSABLE, NULL, "%s", e.text);
		else
			failed += test_one(pack);
	}
	packs_free(packs);
	return code ? code : failed ? EXIT_FAIL : EXIT_NO_FAIL;
}

const struct command command_pack = { "pack", "test guideline packs", help, run };
