/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product file: what is refused and where it is said to be wrong (lines and columns counted by hand), what is read,
 * and the views over the declarations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "case/case.h"
#include "product/product.h"

#define HEAD                                                                                                           \
	"assay: 1\n"                                                                                                       \
	"product: {name: P, version: 2}\n" /* line 2 */
#define INPUTS HEAD "inputs:\n" /* line 3 */
#define SAYS HEAD "declarations:\n" /* line 3 */

static const struct {
	const char *text;
	unsigned line, column;
	const char *says; /* part of the complaint */
} refused[] = {
	/* YAML */
	{ "", 0, 0, "nothing in it, expected a product file" },
	{ "assay: [\n", 2, 1, "expected YAML" },
	{ "assay: 1\nproduct: &a {name: P}\n", 2, 10, "an anchor" },
	{ "assay: 1\nproduct: {name: *a}\n", 2, 17, "an alias" },
	{ "assay: !!int 1\n", 1, 8, "a tag" },
	{ HEAD "---\n" HEAD, 3, 1, "a second document" },
	{ "assay: [[[[[[[[[[[[[[]]]]]]]]]]]]]]\n", 1, 19, "nested too deeply" },
	{ "assay: \xff\n", 0, 0, "expected UTF-8" },
	{ "- assay\n", 1, 1, "`a product file` is a list, expected a mapping" },
	{ "{}\n", 1, 1, "an empty mapping" },
	/* The beginning */
	{ "product: {name: P}\nassay: 1\n", 1, 1, "`product` comes first, expected `assay: 1`" },
	{ "assay: 2\n", 1, 8, "of version `2`" },
	{ "assay: 1\n", 1, 1, "without `product`" },
	{ "assay: 1\nproduct: {maker: M}\n", 2, 10, "a section `product` without `name`: the name under which it is sold" },
	{ "assay: 1\nproduct:\n", 2, 9, "`product` is empty" },
	/* Keys, and the nearest one */
	{ "assay: 1\nproduct: {name: P, modell: M}\n", 2, 20, "unknown key `modell` in `product`, did you mean `model`?" },
	{ "assay: 1\nproduct: {name: P, zzzzzzzz: M}\n", 2, 20,
	  "unknown key `zzzzzzzz` in `product`, expected one of name, maker, model, version, category, released, markets" },
	{ "assay: 1\nproduct: {name: P, name: Q}\n", 2, 20, "`name` for the second time in `product`" },
	{ "assay: 1\nproduct: {name: P, [a]: Q}\n", 2, 20, "a key of product that is no text" },
	{ HEAD "declaration: {}\n", 3, 1, "unknown key `declaration` in a product file, did you mean `declarations`?" },
	{ HEAD "support: {}\n", 3, 1, "`support` in a product file, expected it below `declarations`" },
	{ SAYS "  firmware: []\n", 4, 3, "`firmware` in `declarations`, expected it below `inputs`" },
	{ SAYS "  suport: {}\n", 4, 3, "unknown key `suport` in `declarations`, did you mean `support`?" },
	{ SAYS "  support: {}\n  support: {}\n", 5, 3, "`support` for the second time" },
	{ SAYS "  support: []\n", 4, 12, "`support` is a list, expected a mapping" },
	{ SAYS "  data: {name: x}\n", 4, 9, "`data` is a mapping, expected a list" },
	{ SAYS "  data: [x]\n", 4, 10, "`data` is a text, expected a mapping" },
	{ SAYS "  data:\n    - {name: x}\n    - {nam: y}\n", 6, 8, "unknown key `nam` in `data`, did you mean `name`?" },
	{ SAYS "  data:\n    - {purpose: y}\n", 5, 7, "an element of `data` without `name`: what it is" },
	{ SAYS "  testing: {pentest: {testr: x}}\n", 4, 23, "unknown key `testr` in `testing.pentest`, did you mean `tester`?" },
	{ SAYS "  testing: {pentest.date: 2026-01-01}\n", 4, 13, "unknown key `pentest.date` in `testing`" },
	{ SAYS "  testing: {pentest: x}\n", 4, 22, "`pentest` is a text, expected a mapping" },
	{ SAYS "  support: {end: [2026-01-01]}\n", 4, 18, "`end` is a list, expected a text" },
	{ SAYS "  support: {end: }\n", 4, 18, "`end` is empty" },
	{ SAYS "  support: {terms: ~}\n", 4, 20, "`terms` is empty" },
	{ SAYS "  support: {terms: ' '}\n", 4, 20, "`terms` is empty" },
	{ SAYS "  support: {terms: \"a\\0b\"}\n", 4, 20, "a NUL character" },
	{ SAYS "  standards: [{value: x}]\n", 4, 15, "`value` is a mapping, expected a text" },
	/* Kinds */
	{ SAYS "  support: {end: 2026-02-29}\n", 4, 18, "`end` is `2026-02-29`, expected a day of the calendar" },
	{ SAYS "  support: {end: 31.12.2026}\n", 4, 18, "expected a day of the calendar" },
	{ SAYS "  support: {published: acme-lamps.net}\n", 4, 24, "expected an address that begins with https://" },
	{ SAYS "  updates: {signed: maybe}\n", 4, 21, "`signed` is `maybe`, expected yes or no" },
	{ SAYS "  disclosure: {fix_days: 90 days}\n", 4, 26, "`fix_days` is `90 days`, expected a whole number" },
	{ SAYS "  data: [{name: x, retention: a while}]\n", 4, 31, "`retention` is `a while`, expected a time like" },
	{ SAYS "  data: [{name: x, consent: optin}]\n", 4, 29,
	  "`consent` is `optin`, did you mean `opt-in`? Expected one of opt-in, opt-out, none" },
	{ SAYS "  data: [{name: x, paths: [data/x]}]\n", 4, 28, "expected a path on the product that begins with /" },
	{ SAYS "  data: [{name: x, endpoints: 'https://a-lamps.net/'}]\n", 4, 31, "expected a host name or an address" },
	{ SAYS "  services: [{name: x, port: 65536}]\n", 4, 30, "expected a port from 1 to 65535" },
	{ SAYS "  services: [{name: x, port: 0}]\n", 4, 30, "expected a port from 1 to 65535" },
	{ INPUTS "  documents: [{file: a.md, role: manual, language: English}]\n", 4, 52, "expected a language code" },
	/* The conformance statement */
	{ SAYS "  conformance: [{provision: 5.1-1, support: yes}]\n", 4, 29, "`provision` is `5.1-1`, did you mean `etsi.5.1-1`?" },
	{ SAYS "  conformance: [{provision: etsi.5.3-4c, support: yes}]\n", 4, 29, "did you mean `etsi.5.3-4a`?" },
	{ SAYS "  conformance: [{provision: zzzzzzzzzz, support: yes}]\n", 4, 29, "expected the id of a requirement of a built-in pack" },
	{ SAYS "  conformance: [{provision: etsi.5.1-1}]\n", 4, 17, "an element of `conformance` without `support`" },
	{ SAYS "  conformance: [{support: no}]\n", 4, 17, "an element of `conformance` without `provision`" },
	{ SAYS "  conformance: [{provision: etsi.5.1-1, support: perhaps}]\n", 4, 50, "expected one of yes, no, not-applicable" },
	{ SAYS "  conformance: [{provision: etsi.5.1-1, support: yes, reson: x}]\n", 4, 55, "unknown key `reson` in `conformance`, did you mean `reason`?" },
	{ SAYS "  conformance: [{provision: etsi.5.1-1, support: no, reason: TBD}]\n", 4, 62, "expected what it is" },
	{ SAYS "  conformance:\n  - {provision: etsi.5.1-1, support: yes}\n  - {provision: etsi.5.1-1, support: no}\n", 6, 17,
	  "`etsi.5.1-1` for the second time in `conformance` (first in line 5), expected it once" },
	/* Inputs */
	{ INPUTS "  documents: [{file: a.md}]\n", 4, 15, "an element of `documents` without `role`: what it is" },
	{ INPUTS "  documents: [{file: a.md, role: manuel}]\n", 4, 34, "did you mean `manual`?" },
	{ INPUTS "  firmware: [{file: /etc/passwd}]\n", 4, 21, "--allow-outside" },
	{ INPUTS "  firmware: [{file: a/../../b}]\n", 4, 21, "stays in the product file's folder (--allow-outside" },
	{ INPUTS "  firmware: [{file: a}, {file: a}]\n", 4, 32, "`a` for the second time (first in line 4)" },
	{ INPUTS "  documents: [{file: a, role: terms}, {file: a, role: manual}, {file: a, role: terms}]\n", 4, 71,
	  "`a` for the second time" },
	{ INPUTS "  firmware: [{file: a, version: 1}]\n", 4, 21, "firmware of the version `1`, expected one of the product's version `2`" },
	{ "assay: 1\nproduct: {name: P}\ninputs: {firmware: [{file: a, version: 1}, {file: b, version: 2}]}\n", 3, 51,
	  "firmware of the versions `1` and `2`" },
};

static void test_refused(void **state)
{
	(void)state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct doc_error e;
		struct product *p = product_load("x.yaml", text_c(refused[i].text), false, &e);
		char place[64] = "x.yaml: ";
		if (refused[i].line)
			snprintf(place, sizeof place, "x.yaml:%u:%u: ", refused[i].line, refused[i].column);
		if (p || strncmp(e.text, place, strlen(place)) != 0 || !strstr(e.text, refused[i].says)) {
			print_error("row %zu: %s\nexpected %s...%s...\n", i, p ? "(read)" : e.text, place, refused[i].says);
			wrong++;
		}
		product_free(p);
	}
	assert_int_equal(wrong, 0);
}

static struct product *load(const char *text)
{
	struct doc_error e;
	struct product *p = product_load("x.yaml", text_c(text), false, &e);
	if (!p)
		fail_msg("%s", e.text);
	return p;
}

/* The values: line, section, item, key, value; a line each. */
static void assert_values(const struct product *p, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	for (size_t i = 0; i < p->nvalues; i++) {
		const struct product_value *v = &p->values[i];
		fprintf(out, "%u %s %u %s=%s\n", v->line, v->section, v->item, v->key, v->value);
	}
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_values(void **state)
{
	(void)state;
	struct product *p = load("# a comment\n"
							 "assay: 1\n"
							 "product:\n"
							 "  name: ACME  Camera\n"
							 "  markets: [EU, UK]\n"
							 "  life_critical: FALSE\n"
							 "declarations:\n"
							 "  support: {end: 2028-02-29}\n"
							 "  services: []\n"
							 "  qualities: [security, safety]\n"
							 "  testing: {pentest: {date: 2026-01-01, tester: T}, model: m.pict}\n"
							 "  deletion: {days: 030}\n"
							 "  data:\n"
							 "    - name: >\n"
							 "        room\n"
							 "        temperature\n"
							 "      stored: device\n"
							 "      retention: P30D\n"
							 "    - {name: audio, stored: [cloud, app], paths: [], retention: 1 years}\n");
	assert_values(p, "4 product 0 name=ACME Camera\n5 product 0 markets=EU\n5 product 0 markets=UK\n"
					 "6 product 0 life_critical=no\n8 support 0 end=2028-02-29\n9 services 0 none=yes\n"
					 "10 qualities 0 value=security\n10 qualities 0 value=safety\n"
					 "11 testing 0 pentest.date=2026-01-01\n11 testing 0 pentest.tester=T\n11 testing 0 model=m.pict\n"
					 "12 deletion 0 days=30\n"
					 "14 data 1 name=room temperature\n17 data 1 stored=device\n18 data 1 retention=30 days\n"
					 "19 data 2 name=audio\n19 data 2 stored=cloud\n19 data 2 stored=app\n19 data 2 retention=1 year\n");
	assert_string_equal(p->name, "ACME Camera");
	assert_null(p->maker);
	assert_int_equal(p->ninputs, 0);
	product_free(p);
}

static void test_durations(void **state)
{
	(void)state;
	static const struct {
		const char *value, *gives; /* NULL: refused */
	} rows[] = {
		{ "30 days", "30 days" }, { "1 day", "1 day" },       { "1 days", "1 day" },     { "12 months", "12 months" },
		{ "2 years", "2 years" }, { "007 days", "7 days" },   { "90days", "90 days" },   { "P30D", "30 days" },
		{ "P1Y", "1 year" },      { "PT12H", "12 hours" },    { "PT5M", "5 minutes" },   { "P5M", "5 months" },
		{ "P1Y6M", "P1Y6M" },     { "P1DT12H", "P1DT12H" },   { "none", "none" },        { "until-reset", "until-reset" },
		{ "P", NULL },            { "PT", NULL },             { "P1DT", NULL },          { "P1H", NULL },
		{ "P1D1Y", NULL },        { "P1D1D", NULL },          { "PTT1H", NULL },         { "P1", NULL },
		{ "days", NULL },         { "30", NULL },             { "30 dayss", NULL },      { "-1 days", NULL },
		{ "1234567890123456 days", NULL },
	};
	struct arena *a = arena_new(0);
	const struct product_key *key = product_key_find("data", "retention");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char why[300] = "";
		const char *got = product_value_check(key, rows[i].value, false, a, why);
		if (!rows[i].gives != !got || (got && strcmp(got, rows[i].gives) != 0))
			fail_msg("%s gives %s (%s), expected %s", rows[i].value, got ? got : "nothing", why,
					 rows[i].gives ? rows[i].gives : "nothing");
	}
	arena_free(a);
}

static void test_hosts(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		bool ok;
	} rows[] = {
		{ "api.acme-lamps.net", true }, { "*.acme-lamps.net", true }, { "192.0.2.1", true }, { "2001:db8::1", true },
		{ "localhost", true },        { "_srv.example", true },   { "a:80", false },     { "-a", false },
		{ "a-", false },              { ".a", false },            { "*", false },        { "*.", false },
		{ "a b", false },             { "a/b", false },           { "::g", false },      { "a.*.b", false },
	};
	struct arena *a = arena_new(0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char why[300];
		const char *got = product_value_check(product_key_find("flows", "host"), rows[i].value, false, a, why);
		if (!got == rows[i].ok)
			fail_msg("%s: %s", rows[i].value, got ? "read" : why);
	}
	arena_free(a);
}

static void test_inputs(void **state)
{
	(void)state;
	struct product *p = load("assay: 1\n"
							 "product: {name: P, version: 1.4}\n"
							 "inputs:\n"
							 "  firmware: [{file: a.bin, version: 1.3}, {file: b.bin, version: 1.4, part: main}, {file: c.bin}]\n"
							 "  devices: [{address: 192.0.2.7}]\n"
							 "  captures: [{file: boot.pcap, phase: boot}]\n"
							 "  sites: [{url: 'https://acme-lamps.net/', role: support}]\n"
							 "  documents: [{file: docs/p.md, role: privacy-notice, language: en}]\n"
							 "  sboms: [{file: s.json}]\n"
							 "declarations:\n"
							 "  components: {sbom: s.json}\n"
							 "  pia: {file: pia.md}\n");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	for (size_t i = 0; i < p->ninputs; i++) {
		const struct product_input *in = &p->inputs[i];
		fprintf(out, "%u %s %s %s %s %s %d\n", in->line, in->kind, in->location, in->role ? in->role : "-",
				in->version ? in->version : "-", in->phase ? in->phase : "-", in->current);
	}
	fclose(out);
	assert_string_equal(text, "4 firmware a.bin - 1.3 - 0\n4 firmware b.bin - 1.4 - 1\n4 firmware c.bin - - - 1\n"
							  "5 device 192.0.2.7 - - - 1\n6 capture boot.pcap - - boot 1\n"
							  "7 site https://acme-lamps.net/ support - - 1\n8 document docs/p.md privacy-notice - - 1\n"
							  "9 sbom s.json - - - 1\n12 document pia.md pia - - 1\n");
	free(text);
	product_free(p);
}

/* Files may lead elsewhere only when that is allowed. */
static void test_outside(void **state)
{
	(void)state;
	struct doc_error e;
	struct product *p = product_load("x", text_c(INPUTS "  firmware: [{file: ../a}, {file: /b}]\n"), true, &e);
	assert_non_null(p);
	assert_int_equal(p->ninputs, 2);
	product_free(p);
}

static void test_recognised(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "assay: 1\n", true },
		{ "# SPDX\n\n%YAML 1.1\n--- # x\nassay : 1\n", true },
		{ "\xef\xbb\xbf" "assay: 1\n", true },
		{ "{\"assay\": 1, \"product\": {}}", true },
		{ "'assay': 1", true },
		{ "", false },
		{ "#", false },
		{ "assay", false },
		{ "assays: 1\n", false },
		{ "product: {}\nassay: 1\n", false },
		{ "- assay: 1\n", false },
		{ "pack: p\n", false },
		{ "\x7f" "ELF", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (product_recognise(text_c(rows[i].text)) != rows[i].ok)
			fail_msg("row %zu", i);
}

/* The table itself: a section for each key, an example that is read. */
static void test_table(void **state)
{
	(void)state;
	static const char *const parents[] = { "", "inputs", "declarations" };
	struct arena *a = arena_new(0);
	size_t n = 0;
	for (const struct product_key *k = product_keys; k->name; k++, n++) {
		char why[300];
		const struct product_section *s = NULL;
		for (size_t i = 0; i < 3 && !s; i++)
			s = product_section_find(parents[i], k->section);
		bool read = s && product_value_check(k, k->example, false, a, why);
		bool address = strstr(k->example, ".example"); /* nobody's: it is to be replaced, and refused where it is not */
		if (!s || (!read && !address))
			fail_msg("%s.%s: %s", k->section, k->name, s ? why : "no such section");
		if (address && read)
			fail_msg("%s.%s: an address of nobody's is read", k->section, k->name);
		assert_ptr_equal(product_key_find(k->section, k->name), k);
		assert_true((k->kind == PRODUCT_WORD) == (k->words[0] != '\0'));
	}
	assert_true(n > 150);
	for (const struct product_section *s = product_sections; s->name; s++)
		for (const struct product_section *t = s + 1; t->name; t++)
			assert_string_not_equal(s->name, t->name); /* facts know a section by its name alone */
	arena_free(a);
}

/* A file cut off anywhere, and one with a bit of any byte turned, is read or refused in words. */
static void test_damage(void **state)
{
	(void)state;
	static const char text[] = INPUTS "  firmware: [{file: a, version: 2}]\ndeclarations:\n  data:\n"
									  "    - {name: x, stored: [device], retention: P1D}\n  standards: [a]\n"
									  "  testing: {pentest: {date: 2026-01-01}}\n";
	char copy[sizeof text];
	for (size_t i = 0; i < 9 * (sizeof text - 1); i++) {
		size_t at = i / 9, bit = i % 9;
		memcpy(copy, text, sizeof text);
		if (bit < 8)
			copy[at] = (char)(copy[at] ^ 1 << bit);
		struct doc_error e;
		struct product *p = product_load("x", text_of(copy, bit < 8 ? sizeof text - 1 : at), false, &e);
		if (!p)
			assert_int_equal(strncmp(e.text, "x:", 2), 0);
		product_free(p);
	}
}

/* Large ones: limits, each told. */
static void test_limits(void **state)
{
	(void)state;
	static const struct {
		const char *before, *again, *after;
		size_t times;
		const char *says;
	} rows[] = {
		{ SAYS "  standards: [", "a,", "]\n", 80000, "too many values" },
		{ SAYS "  support: {terms: ", "aaaaaaaaaa", "}\n", 401, "expected at most 4000" },
		{ SAYS "  support: {terms: ", "aaaaaaaaaa", "}\n", 120000, "expected at most 1048576" },
		{ SAYS "  data: [", "{name: a},", "]\n", 30000, "too many values" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		fputs(rows[i].before, out);
		for (size_t k = 0; k < rows[i].times; k++)
			fputs(rows[i].again, out);
		fputs(rows[i].after, out);
		fclose(out);
		struct doc_error e;
		struct product *p = product_load("x", text_of(text, size), false, &e);
		if (p || !strstr(e.text, rows[i].says))
			fail_msg("row %zu: %s", i, p ? "read" : e.text);
		free(text);
	}
}

static void test_emit(void **state)
{
	(void)state;
	struct product *p = load(SAYS "  data: [{name: x}]\n");
	struct arena *a = arena_new(0);
	struct fact_list list;
	fact_list_init(&list, a);
	product_emit(p, &list.sink);
	assert_int_equal(fact_list_count(&list, FACT_declaration), 3);
	const struct fact_declaration *d = fact_list_get(&list, FACT_declaration, 2);
	assert_true(text_is(d->section, "data") && text_is(d->key, "name") && text_is(d->value, "x"));
	assert_int_equal(d->item, 1);
	assert_int_equal(d->line, 4);
	d = fact_list_get(&list, FACT_declaration, 0);
	assert_true(d->item == FACT_NULL);
	arena_free(a);
	product_free(p);
}

static const struct {
	const char *view, *section;
} views[] = {
	{ "declared_product", "product" },     { "declared_datum", "data" },
	{ "declared_service", "services" },    { "declared_flow", "flows" },
	{ "declared_sensor", "sensors" },      { "declared_recipient", "recipients" },
	{ "declared_certification", "certifications" }, { "declared_discovery", "discovery" },
	{ "declared_user", "users" },          { "declared_combination", "combinations" },
	{ "declared_conformance", "conformance" },
};

static sqlite3 *open_case(void)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	struct error e = case_create_schema(db);
	if (error_is(&e))
		fail_msg("%s", e.text);
	return db;
}

/* Every key of such a section is a column of its view, and no section with elements is without one. */
static void test_view_columns(void **state)
{
	(void)state;
	sqlite3 *db = open_case();
	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
		for (const struct product_key *k = product_keys; k->name; k++) {
			sqlite3_stmt *s = NULL;
			char *sql = sqlite3_mprintf("SELECT v.id, v.item, v.line, v.\"%w\" FROM %s v", k->name, views[i].view);
			if (strcmp(k->section, views[i].section) == 0 && sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
				fail_msg("%s: %s", sql, sqlite3_errmsg(db));
			sqlite3_finalize(s);
			sqlite3_free(sql);
		}
	}
	for (const struct product_section *s = product_sections; s->name; s++) {
		bool have = s->shape != PRODUCT_ITEMS || strcmp(s->parent, "declarations") != 0;
		for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
			have |= strcmp(views[i].section, s->name) == 0;
		if (!have)
			fail_msg("no view of the section %s", s->name);
	}
	sqlite3_close(db);
}

static void test_view_rows(void **state)
{
	(void)state;
	sqlite3 *db = open_case();
	const char *sql = "INSERT INTO input(id, kind, location) VALUES(1, 'product', 'p.yaml');"
					  "INSERT INTO blob(id, input_id, path, kind) VALUES(1, 1, 'p.yaml', 'input');"
					  "INSERT INTO declaration(id, blob_id, line, section, item, key, value) VALUES"
					  "(1, 1, 2, 'product', NULL, 'name', 'P'),(2, 1, 2, 'product', NULL, 'markets', 'UK'),"
					  "(3, 1, 2, 'product', NULL, 'markets', 'EU'),(4, 1, 5, 'data', 1, 'name', 'audio'),"
					  "(5, 1, 6, 'data', 1, 'stored', 'device'),(6, 1, 7, 'data', 2, 'name', 'heat'),"
					  "(7, 1, 7, 'data', 2, 'personal', 'no'),(8, 1, 6, 'data', 1, 'stored', 'app'),"
					  "(9, 1, 9, 'services', NULL, 'none', 'yes'),(10, 1, 9, 'sensors', 1, 'name', 'microphone');";
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	static const struct {
		const char *query, *gives;
	} rows[] = {
		{ "SELECT id || name || replace(markets, char(10), '+') || coalesce(maker, '-') FROM declared_product", "1PUK+EU-" },
		{ "SELECT group_concat(id || ',' || item || ',' || line || ',' || name || ',' || coalesce(replace(stored, char(10), '+'), '-')"
		  " || ',' || coalesce(personal, '-'), ';') FROM declared_datum",
		  "4,1,5,audio,device+app,-;6,2,7,heat,-,no" },
		{ "SELECT count(*) FROM declared_service", "0" },
		{ "SELECT name || coalesce(indicator, '-') FROM declared_sensor", "microphone-" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sqlite3_stmt *s = NULL;
		assert_int_equal(sqlite3_prepare_v2(db, rows[i].query, -1, &s, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(s, 0), rows[i].gives);
		sqlite3_finalize(s);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_values),       cmocka_unit_test(test_durations),
		cmocka_unit_test(test_hosts),      cmocka_unit_test(test_inputs),       cmocka_unit_test(test_outside),
		cmocka_unit_test(test_recognised), cmocka_unit_test(test_table),        cmocka_unit_test(test_damage),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_emit),         cmocka_unit_test(test_view_columns),
		cmocka_unit_test(test_view_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
