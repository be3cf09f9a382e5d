/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's YARA rules: what is refused and in which words, and the rows that matches give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/rules.h"

static char folder[] = "/tmp/assay-rules-XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

/* What is said of rules that can not be used; "" of those that can. */
static const char *refusal(const char *path)
{
	static struct error e;
	const char *bad;
	struct rules *r = rules_compile(&path, 1, &bad, &e);
	if (r) {
		rules_free(r);
		return "";
	}
	assert_string_equal(bad, path);
	return e.text;
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "rule a { condition: true }", "" },
		{ "", "" },
		{ "import \"elf\" import \"hash\" import \"math\" import \"pe\" rule a { condition: pe.is_pe or elf.type == 1 }",
		  "" },
		{ "rule a { condition: filename == \"x\" or filepath == \"\" or extension == \"\" or filetype == \"\" or owner == \"\" }",
		  "" },
		{ "rule a {\n condition:\n tru }", "r.yar, line 3: undefined identifier \"tru\"" },
		{ "rule a { condition: true }\nrule a { condition: true }", "r.yar, line 2: duplicated identifier \"a\"" },
		{ "import \"magic\"\nrule a { condition: magic.type() contains \"x\" }",
		  "the module \"magic\" can not be used" },
		{ "import \"cuckoo\"\nrule a { condition: true }", "the module \"cuckoo\" can not be used" },
		{ "import \"none\"\nrule a { condition: true }", "line 1: unknown module \"none\"" },
		{ "YARA\1\2\3", "compiled rules are not taken" },
		{ "include \"/etc/passwd\"", "r.yar, line 1: /etc/passwd is not in the folder of the rules" },
		{ "include \"../../etc/passwd\"", "not in the folder of the rules" },
		{ "include \"nowhere.yar\"", "line 1: can not include nowhere.yar: No such file" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *said = refusal(write_file("r.yar", cases[i].text));
		if (cases[i].says[0] ? !strstr(said, cases[i].says) : said[0])
			print_message("%s: %s\n", cases[i].text, said);
		assert_true(cases[i].says[0] ? strstr(said, cases[i].says) != NULL : said[0] == '\0');
	}
	assert_string_equal(refusal("/nowhere/rules.yar"), "No such file or directory");
	assert_string_equal(refusal(folder), "Is a directory");
}

static void test_includes(void **state)
{
	(void)state;
	char below[256];
	snprintf(below, sizeof below, "%s/sub", folder);
	mkdir(below, 0700);
	write_file("sub/b.yar", "include \"c.yar\"\nrule b { condition: true }");
	write_file("sub/c.yar", "rule c { condition: true }");
	assert_string_equal(refusal(write_file("r.yar", "include \"sub/b.yar\"\nrule a { condition: b and c }")), "");
	write_file("sub/c.yar", "rule c {\n condition: }");
	assert_non_null(strstr(refusal(write_file("r.yar", "include \"sub/b.yar\"")), "c.yar, line 2: syntax error"));
}

static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	const struct fact_rule_match *m;
	out[0] = '\0';
	for (size_t i = 0; (m = fact_list_get(list, FACT_rule_match, i)) && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s|%.*s|%.*s|%.*s|%lld|%.*s\n", (int)m->rule.n, m->rule.p,
							  (int)m->tags.n, m->tags.p ? m->tags.p : "", (int)m->meta.n, m->meta.p ? m->meta.p : "",
							  (int)m->string.n, m->string.p ? m->string.p : "",
							  m->offset == FACT_NULL ? -1LL : (long long)m->offset, (int)m->data.n,
							  m->data.p ? m->data.p : "");
}

static void scan(const char *rules, const char *path, struct span bytes, char *out, size_t size)
{
	struct error e;
	const char *bad, *file = write_file("r.yar", rules);
	struct rules *r = rules_compile(&file, 1, &bad, &e);
	assert_non_null(r);
	struct rules_lane *l = rules_lane_new(r, 10);
	assert_non_null(l);
	struct arena *arena = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, arena);
	rules_scan(l, text_c(path), "data", bytes, &list.sink);
	print_rows(&list, out, size);
	assert_int_equal(fact_list_count(&list, FACT_damage), 0);
	arena_free(arena);
	rules_lane_free(l);
	rules_free(r);
}

static void test_matches(void **state)
{
	(void)state;
	char out[4096];
	static const char bytes[] = "..secret..\0se\\ret";
	struct span s = span_of(bytes, sizeof bytes);
	scan(
		"rule a : x y { meta: who = \"me\" n = 3 b = true strings: $s = \"secret\" $t = { 00 73 65 } $u = \"none\" condition: any of them }",
		"/etc/a", s, out, sizeof out);
	assert_string_equal(out, "a|x y|who=me; n=3; b=true|$s|2|secret\na|x y|who=me; n=3; b=true|$t|10|\\x00se\n");
	scan("rule a { strings: $s = \"se\" condition: #s > 1 }", "/a", s, out, sizeof out);
	assert_string_equal(out, "a|||$s|2|se\na|||$s|11|se\n");
	scan("rule size { condition: filesize == 18 and filetype == \"data\" }", "/a", s, out, sizeof out);
	assert_string_equal(out, "size||||-1|\n");
	scan(
		"rule name { condition: filename == \"shadow.bak\" and extension == \".bak\" and filepath == \"/etc/shadow.bak\" }",
		"/etc/shadow.bak", s, out, sizeof out);
	assert_string_equal(out, "name||||-1|\n");
	scan("private rule p { condition: true } rule q { strings: $p = \"se\" private condition: p and $p }", "/a", s, out,
		 sizeof out);
	assert_string_equal(out, "q||||-1|\n");
	scan("global rule no { condition: false } rule a { condition: true }", "/a", s, out, sizeof out);
	assert_string_equal(out, "");
	scan("rule empty { condition: filesize == 0 }", "/a", SPAN_NONE, out, sizeof out);
	assert_string_equal(out, "empty||||-1|\n");
}

/* A rule that can not end in time, and one that matches everywhere: said, and bounded. */
static void test_limits(void **state)
{
	(void)state;
	struct error e;
	size_t n = 4u << 20;
	uint8_t *zeros = calloc(1, n);
	const char *bad,
		*file = write_file("r.yar", "rule slow { condition: for all i in (0 .. 2000000000) : (uint8(0) == 0) }");
	struct rules *r = rules_compile(&file, 1, &bad, &e);
	struct rules_lane *l = rules_lane_new(r, 1);
	struct arena *arena = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, arena);
	rules_scan(l, TEXT_LIT("/z"), "data", span_of(zeros, n), &list.sink);
	const struct fact_damage *d = fact_list_get(&list, FACT_damage, 0);
	assert_non_null(d);
	assert_true(text_is(d->kind, "budget"));
	rules_lane_free(l);
	rules_free(r);
	file = write_file("r.yar", "rule many { strings: $a = { 00 00 00 00 } condition: #a > 5 }");
	r = rules_compile(&file, 1, &bad, &e);
	l = rules_lane_new(r, 10);
	fact_list_init(&list, arena);
	rules_scan(l, TEXT_LIT("/z"), "data", span_of(zeros, n), &list.sink);
	assert_in_range(fact_list_count(&list, FACT_rule_match), 0, 16);
	rules_lane_free(l);
	rules_free(r);
	arena_free(arena);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused), cmocka_unit_test(test_includes),
										cmocka_unit_test(test_matches), cmocka_unit_test(test_limits) };
	if (!mkdtemp(folder))
		return 1;
	int failed = cmocka_run_group_tests_name("rules", tests, NULL, NULL);
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) ? 1 : failed;
}
