/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay pack: guideline packs of one's own, and the tests that packs carry. */
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pack.h"
#include "judge/judge.h"
#include "judge/query.h"

static const char help[] =
	"usage: assay pack test [FILE]...\n"
	"       assay pack new NAME [--file FILE]\n"
	"\n"
	"test loads packs as strictly as for judging and runs the tests that they carry;\n"
	"without a file, those of the built-in packs. The PASS verdicts of a FILE are\n"
	"shaken as well: without the rows that one rests on, and with a probe that it\n"
	"needs cut short, each has to end.\n"
	"\n"
	"new writes a commented pack to begin with, NAME.yaml, whose tests pass.\n"
	"\n"
	"  assay pack new our-rules\n"
	"  assay pack test our-rules.yaml\n"
	"  assay judge router.bin.assay --pack our-rules.yaml\n"
	"\n"
	"      --file FILE   of new: where to write (- for standard output)\n"
	"\n"
	"Exit codes: 0 all tests give what they say, 1 some do not, 2 a pack is unusable.\n";

static size_t test_one(const struct pack *pack, bool shake)
{
	struct query_budget all = query_budget_of_tests();
	size_t run = 0, failed = pack_run_tests(pack, &all, stdout, &run), shaken = 0, stayed = 0;
	printf("%s: %zu %s, %zu %s, %zu failed\n", pack->id, pack->nrequirements,
		   plural(pack->nrequirements, "requirement", "requirements"), run, plural(run, "test", "tests"), failed);
	if (shake && !failed) {
		stayed = pack_run_mutations(pack, &all, stdout, &shaken);
		printf("%s: judged %zu %s with something taken away, %zu %s on it\n", pack->id, shaken,
			   plural(shaken, "time", "times"), stayed,
			   plural(stayed, "verdict stayed that rests", "verdicts stayed that rest"));
	}
	return failed + stayed;
}

static int test_all(void)
{
	size_t failed = 0;
	struct packs *packs = output_checked_packs();
	if (!packs)
		return EXIT_INTERNAL;
	for (size_t i = 0; i < packs_count(packs); i++)
		failed += test_one(packs_get(packs, i), false);
	packs_free(packs);
	return failed ? EXIT_FAIL : EXIT_NO_FAIL;
}

static int test_files(int n, char **paths)
{
	struct pack_error e = { 0 };
	size_t failed = 0;
	int code = EXIT_NO_FAIL;
	struct packs *packs = output_builtin_packs();
	if (!packs)
		return EXIT_INTERNAL;
	for (int i = 0; i < n && !code; i++) {
		const struct pack *pack = packs_load_file(packs, paths[i], &e);
		if (!pack)
			code = complain(EXIT_UNUSABLE, NULL, "%s", e.text);
		else
			failed += test_one(pack, true);
	}
	packs_free(packs);
	return code ? code : failed ? EXIT_FAIL : EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "new") == 0)
		return pack_new(argc - 1, argv + 1);
	if (argc < 2 || strcmp(argv[1], "test") != 0)
		return complain(EXIT_UNUSABLE, NULL, "assay pack test [FILE]... or assay pack new NAME; see assay pack --help");
	return argc == 2 ? test_all() : test_files(argc - 2, argv + 2);
}

const struct command command_pack = { "pack", "test guideline packs, or begin one", help, run };
