/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders of registries against the programs whose orders they are, where these are installed: npm brings node-semver; Python's
 * packaging (or the copy in pip) and RubyGems may be there. Thousands of versions of their grammars with what is hard in them,
 * always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/version.h"

#define PAIRS 6000u
#define PIECES_MAX 24u
#define VERSION_MAX 96u

struct peer {
	enum version_order order;
	const char *probe, *command;    /* the command answers each line "A<tab>B" with -1, 0, 1 or 2: one is no version */
	bool strict;                    /* what it refuses compares with nothing here, too */
	unsigned numbers;               /* at most as many at the beginning, */
	const char *pieces[PIECES_MAX]; /* and some of these behind them */
};

static const struct peer semver = {
	.order = VERSION_SEMVER,
	.probe = "node -e \"require(process.env.ASSAY_SEMVER)\" 2> /dev/null",
	.command = "node -e \"const s = require(process.env.ASSAY_SEMVER), o = [];"
			   "for (const l of require('fs').readFileSync(0, 'utf8').trim().split('\\n')) {"
			   "const [a, b] = l.split('\\t'); try { o.push(s.compare(a, b)) } catch (e) { o.push(2) } }"
			   "console.log(o.join('\\n'))\"",
	.numbers = 3,
	.pieces = { "-alpha.", "-rc", "-rc.", ".", ".", "-", "--", ".a", ".A", ".0a", "+b", "-0" },
};

static const struct peer pep440 = {
	.order = VERSION_PEP440,
	.probe =
		"python3 -c 'import packaging.version' 2> /dev/null || python3 -c 'import pip._vendor.packaging.version' 2> /dev/null",
	.command = "python3 -c '\nimport sys\ntry:\n from packaging.version import Version\nexcept ImportError:\n"
			   " from pip._vendor.packaging.version import Version\n"
			   "for l in sys.stdin:\n try: a, b = map(Version, l.split()); print((a > b) - (a < b))\n"
			   " except ValueError: print(2)'",
	.strict = true,
	.numbers = 4,
	.pieces = { "a",  "b",    "rc",   "c", "-alpha.", "_beta_", ".pre", "preview", ".post", "-", ".rev",
				"-r", ".dev", "dev_", "!", "+",       "+x.",    "+1.",  ".x",      "_",     "." },
};

static const struct peer gem = {
	.order = VERSION_GEM,
	.probe = "ruby -e 'Gem::Version' 2> /dev/null",
	.command = "ruby -ne 'a, b = $_.chomp.split(\"\\t\"); ok = Gem::Version.correct?(a) && Gem::Version.correct?(b);"
			   "puts ok ? Gem::Version.new(a) <=> Gem::Version.new(b) : 2'",
	.strict = true,
	.numbers = 4,
	.pieces = { ".a", ".b", ".rc", ".beta", ".A", ".pre", "-", "-", "--", ".", ".", "..", "a", "z.", "_", "+" },
};

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

/* Semantic versions have no zero before a number, and those of npm none above 2^53. */
static const char *number(const struct peer *p, uint32_t *state)
{
	static const char *const plain[] = { "0", "1", "2", "3", "9", "10", "11", "20200101" };
	static const char *const hard[] = { "00", "01", "010", "007", "99999999999999999999999" };
	if (p->strict && next(state) % 3 == 0)
		return hard[next(state) % (sizeof hard / sizeof hard[0])];
	return plain[next(state) % (sizeof plain / sizeof plain[0])];
}

static void make_version(const struct peer *p, uint32_t *state, char out[VERSION_MAX])
{
	unsigned npieces = 0, numbers = p->strict ? 1 + next(state) % p->numbers : p->numbers;
	size_t n = 0;
	while (npieces < PIECES_MAX && p->pieces[npieces])
		npieces++;
	for (unsigned i = 0; i < numbers; i++)
		n += (size_t)snprintf(out + n, VERSION_MAX - n, "%s%s", i ? "." : "", number(p, state));
	if (n >= VERSION_MAX / 2) /* several of the long numbers */
		n = (size_t)snprintf(out, VERSION_MAX, "1.0.0");
	for (unsigned i = next(state) % 4; i > 0 && n < VERSION_MAX / 2; i--)
		n += (size_t)snprintf(out + n, VERSION_MAX - n, "%s%s", p->pieces[next(state) % npieces],
							  next(state) % 5 ? number(p, state) : "");
}

/* The other one, or its neighbour: a character more or less. */
static void make_neighbour(const struct peer *p, uint32_t *state, const char *a, char out[VERSION_MAX])
{
	static const char more[] = "01a.-";
	size_t n = strlen(a), at = next(state) % n;
	if (next(state) % 3 == 0)
		make_version(p, state, out);
	else if (next(state) % 2 && n > 1)
		snprintf(out, VERSION_MAX, "%.*s%s", (int)at, a, a + at + 1);
	else
		snprintf(out, VERSION_MAX, "%.*s%c%s", (int)at, a, more[next(state) % (sizeof more - 1)], a + at);
}

static void write_pairs(const struct peer *p, const char *path)
{
	char a[VERSION_MAX], b[VERSION_MAX];
	uint32_t seed = 4711;
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (unsigned i = 0; i < PAIRS; i++) {
		make_version(p, &seed, a);
		make_neighbour(p, &seed, a, b);
		fprintf(f, "%s\t%s\n", a, b);
	}
	fclose(f);
}

/* How many both take for versions. */
static unsigned compare_answers(const struct peer *p, FILE *pairs, FILE *answers)
{
	char a[VERSION_MAX], b[VERSION_MAX];
	unsigned lines = 0, versions = 0;
	int expected;
	while (fscanf(answers, "%d", &expected) == 1 && fscanf(pairs, "%95s %95s", a, b) == 2) {
		int got = version_compare(p->order, text_c(a), text_c(b));
		bool counts = expected != VERSION_INCOMPARABLE || (p->strict && strcmp(a, b) != 0);
		if (counts && got != expected)
			fail_msg("%s: %s against %s is %d, not %d", version_order_name(p->order), a, b, got, expected);
		versions += expected != VERSION_INCOMPARABLE;
		lines++;
	}
	assert_int_equal(lines, PAIRS);
	return versions;
}

static void compare_with(const struct peer *p)
{
	char path[] = "/tmp/assay-peers-XXXXXX", line[2048];
	if (system(p->probe) != 0) {
		print_message("%s: the program whose order it is is not installed: not compared with it\n",
					  version_order_name(p->order));
		skip();
	}
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	write_pairs(p, path);
	snprintf(line, sizeof line, "%s < %s", p->command, path);
	FILE *answers = popen(line, "r"), *pairs = fopen(path, "r");
	assert_non_null(answers);
	assert_non_null(pairs);
	unsigned versions = compare_answers(p, pairs, answers);
	fclose(pairs);
	pclose(answers);
	unlink(path);
	assert_true(versions > PAIRS / 10);
	print_message("%s: %u pairs agree, %u of versions\n", version_order_name(p->order), PAIRS, versions);
}

static void test_semver(void **state)
{
	/* as npm's own tarball, and as Debian, lay it out */
	static const char *const places[] = { "/usr/lib/node_modules/npm/node_modules/semver",
										  "/usr/local/lib/node_modules/npm/node_modules/semver",
										  "/usr/share/nodejs/semver" };
	(void)state;
	setenv("ASSAY_SEMVER", places[0], 1);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], F_OK) == 0)
			setenv("ASSAY_SEMVER", places[i], 1);
	compare_with(&semver);
}

static void test_pep440(void **state)
{
	(void)state;
	compare_with(&pep440);
}

static void test_gem(void **state)
{
	(void)state;
	compare_with(&gem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_semver), cmocka_unit_test(test_pep440),
										cmocka_unit_test(test_gem) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
