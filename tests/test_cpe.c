/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPE: the examples of NISTIR 7695 and 7696. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpe.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* NISTIR 7695, 6.1.2.4, 6.1.3.4, 6.2.2.3: names in both bindings. */
static const struct {
	const char *uri, *formatted;
} bindings[] = {
	{ "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
	  "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*" },
	{ "cpe:/a:microsoft:internet_explorer:8.%02:sp%01", "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*" },
	{ "cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~",
	  "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*" },
	{ "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
	  "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*" },
	{ "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~",
	  "cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*" },
	{ "cpe:/a:foo~bar:big%7emoney_2010", "cpe:2.3:a:foo\\~bar:big\\~money_2010:*:*:*:*:*:*:*:*" },
	{ "cpe:/o:linux:linux_kernel:2.6.36", "cpe:2.3:o:linux:linux_kernel:2.6.36:*:*:*:*:*:*:*" },
	{ "cpe:/h:cisco:router", "cpe:2.3:h:cisco:router:*:*:*:*:*:*:*:*" },
	{ "cpe:/a:atop_project:atop", "cpe:2.3:a:atop_project:atop:*:*:*:*:*:*:*:*" },
	{ "cpe:/a:gnu:gcc:4.8%2bgit", "cpe:2.3:a:gnu:gcc:4.8\\+git:*:*:*:*:*:*:*" },
	{ "cpe:/a:x:y:1%5c%02:%5c%01%01", "cpe:2.3:a:x:y:1\\\\*:\\\\??:*:*:*:*:*:*" },
};

static void test_bindings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bindings); i++) {
		char out[CPE_MAX];
		struct cpe name;
		assert_int_equal(cpe_from_uri(text_c(bindings[i].uri), out, sizeof out), strlen(bindings[i].formatted));
		assert_string_equal(out, bindings[i].formatted);
		assert_true(cpe_parse(text_c(bindings[i].formatted), &name));
		for (size_t size = 0; size < strlen(bindings[i].formatted) + 1; size++) { /* what does not fit is refused */
			char *small = malloc(size ? size : 1);
			assert_int_equal(cpe_from_uri(text_c(bindings[i].uri), small, size), 0);
			free(small);
		}
	}
}

static void test_attributes(void **state)
{
	(void)state;
	struct cpe name;
	char value[64];
	assert_true(cpe_parse(TEXT_LIT("cpe:2.3:a:foo\\\\bar:big\\$money:1.0\\:x:p1:-:en:ed:linux:arm:o"), &name));
	assert_int_equal(cpe_value(name.a[CPE_VENDOR], value, sizeof value), 7);
	assert_string_equal(value, "foo\\bar");
	cpe_value(name.a[CPE_VERSION], value, sizeof value);
	assert_string_equal(value, "1.0:x");
	assert_true(cpe_is_na(name.a[CPE_EDITION]));
	assert_int_equal(cpe_value(name.a[CPE_EDITION], value, sizeof value), 0);
	assert_int_equal(cpe_value(name.a[CPE_VERSION], value, 3), 0);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"cpe:2.3:",
		"cpe:2.3:a:v:p:1:*:*:*:*:*:*",     /* ten attributes */
		"cpe:2.3:a:v:p:1:*:*:*:*:*:*:*:*", /* twelve */
		"cpe:2.3:x:v:p:1:*:*:*:*:*:*:*",   /* no such part */
		"cpe:2.3:a:v:p:1*2:*:*:*:*:*:*:*", /* a wildcard in the middle */
		"cpe:2.3:a:v:p:1+2:*:*:*:*:*:*:*", /* to be quoted */
		"cpe:2.3:a:v::1:*:*:*:*:*:*:*",    /* empty */
		"cpe:2.3:a:v:p:**:*:*:*:*:*:*:*",
		"cpe:2.3:a:v:p:1:*:*:*:*:*:*:x\\",
	};
	static const char *const wrong_uris[] = { "cpe:/b:x",     "cpe:/a:%zz", "cpe:/a:b:c:d:e:f:g:h",
											  "cpe:/a:a%0ab", "cpe:/a:b c", "cpe:/a:x%4" };
	(void)state;
	struct cpe name;
	char out[CPE_MAX];
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (cpe_parse(text_c(wrong[i]), &name))
			fail_msg("%s was taken for a name", wrong[i]);
	for (size_t i = 0; i < COUNT(wrong_uris); i++)
		if (cpe_from_uri(text_c(wrong_uris[i]), out, sizeof out))
			fail_msg("%s was taken for a name: %s", wrong_uris[i], out);
}

/* NISTIR 7696, table 6-2 and its examples. */
static const struct {
	const char *source, *target;
	enum cpe_relation relation;
} attributes[] = {
	{ "*", "*", CPE_EQUAL },
	{ "*", "-", CPE_SUPERSET },
	{ "*", "x", CPE_SUPERSET },
	{ "*", "x*", CPE_UNDEFINED },
	{ "-", "*", CPE_SUBSET },
	{ "-", "-", CPE_EQUAL },
	{ "-", "x", CPE_DISJOINT },
	{ "-", "x*", CPE_UNDEFINED },
	{ "x", "x", CPE_EQUAL },
	{ "x", "X", CPE_EQUAL },
	{ "x", "y", CPE_DISJOINT },
	{ "x", "x*", CPE_UNDEFINED },
	{ "x", "-", CPE_DISJOINT },
	{ "x", "*", CPE_SUBSET },
	{ "8.*", "8.0.6001", CPE_SUPERSET },
	{ "8.*", "9.0", CPE_DISJOINT },
	{ "8.*", "8", CPE_DISJOINT },
	{ "*6001", "8.0.6001", CPE_SUPERSET },
	{ "*.0.*", "8.0.6001", CPE_SUPERSET },
	{ "sp?", "sp1", CPE_SUPERSET },
	{ "sp?", "sp", CPE_SUPERSET }, /* a question mark: none or one */
	{ "sp?", "sp10", CPE_DISJOINT },
	{ "??1", "ab1", CPE_SUPERSET },
	{ "8.*", "-", CPE_DISJOINT },
	{ "8.*", "*", CPE_SUBSET },
	{ "a\\*", "a\\*", CPE_EQUAL },
	{ "a\\*", "ab", CPE_DISJOINT },
	{ "a\\\\*", "a\\\\b", CPE_SUPERSET }, /* a backslash that is quoted quotes nothing */
	{ "a\\\\?", "a\\\\", CPE_SUPERSET },
	{ "a\\\\\\?", "a\\\\b", CPE_DISJOINT },
};

static void test_relations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (cpe_compare_attribute(text_c(attributes[i].source), text_c(attributes[i].target)) != attributes[i].relation)
			fail_msg("%s, %s: not %d", attributes[i].source, attributes[i].target, (int)attributes[i].relation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bindings), cmocka_unit_test(test_attributes), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_relations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
