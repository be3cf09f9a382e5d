/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay pack new: a pack to begin with, whose own tests pass. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/pack.h"
#include "judge/judge.h"

/* @ stands for the name. */
static const char skeleton[] =
	"# A guideline pack: requirements, and for each the SQL that decides it from the facts of a case.\n"
	"# The format: docs/pack-format.md. The tables and views that queries may read: assay list facts.\n"
	"#\n"
	"#   assay pack test @.yaml                    run the tests below\n"
	"#   assay judge product.assay --pack @.yaml   judge by it\n"
	"pack: @\n"
	"title: What @ asks\n"
	"version: 1\n"
	"source: {name: The guideline that this pack puts into queries, publisher: Who wrote it, year: 2026}\n"
	"\n"
	"# Requirements of other packs, all of one (include) or single ones (use, below):\n"
	"# include: [mozilla]\n"
	"# exclude:\n"
	"#   - {id: mozilla.privacy.subscription, reason: our products have no subscription}\n"
	"# override:\n"
	"#   - {id: mozilla.passwords.certificates, severity: critical, reason: our handbook allows keys only}\n"
	"\n"
	"views:\n"
	"  # A SELECT with a name, for the queries below.\n"
	"  set_user_id: |\n"
	"    SELECT b.id, b.path FROM blob b WHERE b.kind = 'file' AND b.mode & 2048 <> 0\n"
	"\n"
	"requirements:\n"
	"  # Decided by what is seen. FAIL and PASS need rows; silence is INCONCLUSIVE.\n"
	"  - id: @.set-user-id\n"
	"    title: No program runs with the rights of its owner\n"
	"    section: Chapter 1\n"
	"    severity: medium                      # critical, high, medium, low\n"
	"    because: A flaw in such a program makes every user an administrator.\n"
	"    fails: |\n"
	"      SELECT 'blob' AS table_name, id AS row_id, path || ' is set-user-id' AS says FROM set_user_id\n"
	"    needs: [firmware.unpack]              # what must have been looked at whole before PASS is possible\n"
	"    passes: |\n"
	"      SELECT 'blob' AS table_name, b.id AS row_id, b.path || ' is an ordinary program' AS says FROM blob b\n"
	"      WHERE b.format = 'elf' AND b.mode IS NOT NULL AND NOT EXISTS (SELECT id FROM set_user_id)\n"
	"    settles: A firmware image whose file systems could be read.\n"
	"    remedy: {text: Take the bit away and give the program the one right that it needs.}\n"
	"    references: [{standard: Where another standard asks it, id: '4.2'}]\n"
	"    tests:                                # one for each verdict that it can give\n"
	"      - gives: FAIL\n"
	"        facts: {blob: [{path: /bin/busybox, format: elf, mode: 2541}]}    # 04755\n"
	"      - gives: PASS\n"
	"        basis: evidence\n"
	"        facts: {blob: [{path: /bin/busybox, format: elf, mode: 493}]}     # 0755\n"
	"      - gives: INCONCLUSIVE\n"
	"        facts:\n"
	"          blob: [{path: /bin/busybox, format: elf, mode: 493}]\n"
	"          probe_run: [{probe: firmware.unpack, status: partial}]\n"
	"\n"
	"  # About the declaration itself: the maker's word is its verdict, unless something refutes it.\n"
	"  - id: @.support-period\n"
	"    title: The end of the support period is told\n"
	"    about: declaration\n"
	"    severity: low\n"
	"    because: Who buys must know how long it will be mended.\n"
	"    declared: |\n"
	"      SELECT 'declaration' AS table_name, id AS row_id, 'support ends ' || value AS says\n"
	"      FROM declaration WHERE section = 'support' AND key = 'end'\n"
	"    settles: A product file with the maker's declarations.\n"
	"    tests:\n"
	"      - gives: PASS\n"
	"        basis: declaration\n"
	"        facts: {declaration: [{line: 9, section: support, key: end, value: '2031-12-31'}]}\n"
	"      - gives: INCONCLUSIVE\n"
	"\n"
	"  # A number with its definition, and ways to PASS that need different inputs. Without a threshold that has a source a\n"
	"  # number decides nothing.\n"
	"  - id: @.few-doors\n"
	"    title: Few services listen\n"
	"    severity: low\n"
	"    because: What does not listen cannot be attacked from outside.\n"
	"    passes:\n"
	"      - needs: [device.ports]\n"
	"        query: |\n"
	"          SELECT 'listener' AS table_name, id AS row_id, 'port ' || port || ' is the only one' AS says\n"
	"          FROM listener WHERE (SELECT count(*) FROM listener) = 1\n"
	"    declared: |\n"
	"      SELECT 'declaration' AS table_name, id AS row_id, 'declared: ' || value AS says\n"
	"      FROM declaration WHERE section = 'services' AND key = 'name'\n"
	"    measures:\n"
	"      - name: listeners\n"
	"        title: Ports that answer\n"
	"        unit: ports\n"
	"        formula: rows of the table listener\n"
	"        better: lower\n"
	"        needs: [device.ports]\n"
	"        value: SELECT count(*) AS value FROM listener\n"
	"        rows: |\n"
	"          SELECT 'listener' AS table_name, id AS row_id, 'port ' || port AS says FROM listener\n"
	"        thresholds: [{gives: FAIL, above: 2, source: 'Chapter 3 of the guideline'}]\n"
	"    settles: A live device that the probe may talk to.\n"
	"    tests:\n"
	"      - gives: FAIL\n"
	"        measures: {listeners: 3}\n"
	"        facts: {listener: [{port: 22}, {port: 23}, {port: 80}]}\n"
	"      - gives: PASS\n"
	"        measures: {listeners: 1}\n"
	"        facts: {listener: [{port: 443}]}\n"
	"      - gives: INCONCLUSIVE\n"
	"        basis: declared\n"
	"        facts:\n"
	"          declaration: [{line: 12, section: services, item: 1, key: name, value: ssh}]\n"
	"          probe_run: [{probe: device.ports, status: partial}]\n"
	"\n"
	"  # The queries of another requirement under a title of one's own.\n"
	"  - id: @.passwords\n"
	"    use: mozilla.passwords.no-default\n"
	"    title: No unit leaves the factory with a known password\n";

static struct error write_skeleton(void *context, FILE *out)
{
	const char *name = context;
	for (const char *p = skeleton; *p;) {
		size_t n = strcspn(p, "@");
		fwrite(p, 1, n, out);
		p += n;
		if (*p == '@') {
			fputs(name, out);
			p++;
		}
	}
	return error_none();
}

static bool is_pack_name(const char *name)
{
	return islower((unsigned char)name[0]) && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == 0;
}

/* Nothing that is there is written over. */
static int write_new(const char *path, const char *name)
{
	if (strcmp(path, "-") == 0) {
		(void)write_skeleton((void *)name, stdout);
		return fflush(stdout) || ferror(stdout) ? complain(EXIT_UNUSABLE, "standard output", "%s", strerror(errno)) : EXIT_NO_FAIL;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return complain(EXIT_UNUSABLE, path, "%s", why == EEXIST ? "is there already: name another file with --file" : strerror(why));
	}
	(void)write_skeleton((void *)name, out);
	bool broken = fflush(out) || ferror(out);
	int why = errno;
	if (fclose(out) && !broken) {
		broken = true;
		why = errno;
	}
	return broken ? complain(EXIT_UNUSABLE, path, "%s", strerror(why)) : EXIT_NO_FAIL;
}

/* A name that a built-in pack has would never load beside it. */
static int check_name(const char *name)
{
	if (!is_pack_name(name))
		return complain(EXIT_UNUSABLE, name, "is no name of a pack: lower-case letters, digits and -, a letter first");
	struct packs *packs = output_builtin_packs();
	if (!packs)
		return EXIT_INTERNAL;
	bool taken = packs_find(packs, name) != NULL;
	packs_free(packs);
	return taken ? complain(EXIT_UNUSABLE, name, "is built in: take another name") : EXIT_NO_FAIL;
}

int pack_new(int argc, char **argv)
{
	static const struct option options[] = { { "file", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 } };
	const char *file = NULL;
	char path[512];
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'f')
			return complain_option(argv, options, option, "pack");
		file = optarg;
	}
	if (argc - optind != 1)
		return complain(EXIT_UNUSABLE, NULL, "name one pack; see assay pack --help");
	const char *name = argv[optind];
	int code = check_name(name);
	if (code)
		return code;
	if (snprintf(path, sizeof path, "%s.yaml", name) >= (int)sizeof path)
		return complain(EXIT_UNUSABLE, NULL, "the name is too long");
	file = file ? file : path;
	code = write_new(file, name);
	if (!code && strcmp(file, "-") != 0)
		printf("%s is there. Its tests: assay pack test %s\n", file, file);
	return code;
}
