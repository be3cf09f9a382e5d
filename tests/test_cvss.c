/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CVSS: the specifications' own examples, and every vector that published records have a score for. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cvss.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *vector;
	enum cvss_version version;
	int base, score; /* times ten */
	const char *source;
} examples[] = {
	/* v2 Complete Guide, 3.3 */
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", CVSS_2, 78, 64, "3.3.1, CVE-2002-0392" },
	{ "(AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C)", CVSS_2, 100, 83, "3.3.2, CVE-2003-0818" },
	{ "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C", CVSS_2, 62, 49, "3.3.3, CVE-2003-0062" },
	/* what lies in the middle, or is whole, where binary fractions are a little off: other programs are, too */
	{ "AV:N/AC:M/Au:N/C:P/I:C/A:C/E:F/RL:U/RC:C", CVSS_2, 90, 86, "9.0 * 0.95 is 8.55" },
	{ "AV:L/AC:M/Au:S/C:N/I:P/A:P/E:ND/RL:W/RC:ND", CVSS_2, 30, 29, "3.0 * 0.95 is 2.85" },
	{ "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H/E:X/RL:U/RC:U", CVSS_30, 100, 92, "10.0 * 0.92 is 9.2" },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X/RL:O/RC:X", CVSS_31, 98, 94, "9.8 * 0.95 is 9.31" },
	{ "CVSS:4.0/AV:N/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:H/SC:N/SI:L/SA:N", CVSS_40, 57, 57, "5.65" },
	/* v3.0 and v3.1 example documents */
	{ "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", CVSS_30, 61, 61, "phpMyAdmin, CVE-2013-1937" },
	{ "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L", CVSS_30, 63, 63, "" },
	{ "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", CVSS_31, 64, 64, "MySQL, CVE-2013-0375" },
	{ "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", CVSS_31, 31, 31, "SSLv3 POODLE, CVE-2014-3566" },
	{ "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", CVSS_31, 99, 99, "VMware, CVE-2012-1516" },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", CVSS_31, 75, 75, "Heartbleed, CVE-2014-0160" },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_31, 98, 98, "Shellshock, CVE-2014-6271" },
	{ "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_31, 68, 68, "lock screen, CVE-2014-2019 kind" },
	{ "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C", CVSS_31, 81, 73, "temporal" },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", CVSS_31, 0, 0, "no impact" },
	/* v4.0: highest, lowest, and the threat and requirement metrics */
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", CVSS_40, 100, 100,
	  "Log4Shell in the examples" },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", CVSS_40, 0, 0, "no impact" },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", CVSS_40, 87, 87,
	  "Heartbleed in the examples" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A", CVSS_40, 73, 73, "threat" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:P", CVSS_40, 73, 59, "threat" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U", CVSS_40, 73, 41, "threat" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/CR:H/IR:H/AR:M", CVSS_40, 73, 72,
	  "requirements" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/CR:M/IR:M/AR:M", CVSS_40, 73, 55,
	  "requirements" },
	{ "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/CR:L/IR:L/AR:L", CVSS_40, 73, 54,
	  "requirements" },
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		struct cvss c;
		if (!cvss_compute(text_c(examples[i].vector), &c))
			fail_msg("%s: no vector", examples[i].vector);
		if (c.version != examples[i].version || c.base != examples[i].base || c.score != examples[i].score)
			fail_msg("%s is %d, %d, not %d, %d (%s)", examples[i].vector, c.base, c.score, examples[i].base,
					 examples[i].score, examples[i].source);
	}
}

static void test_no_vectors(void **state)
{
	static const char *const wrong[] = {
		"",
		"AV:N/AC:L/Au:N/C:N/I:N",
		"AV:N/AC:L/Au:N/C:N/I:N/A:C/A:C",
		"AV:N/AC:L/Au:N/C:N/I:N/A:X",
		"AV:N/AC:L/Au:N/C:N/I:N/A:C/",
		"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L",
		"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N/VC:H",
		"CVSS:5.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:S/SA:N",
		"CVSS:3.1/",
		"/",
		"AV",
	};
	(void)state;
	struct cvss c;
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (cvss_compute(text_c(wrong[i]), &c))
			fail_msg("%s was taken for a vector", wrong[i]);
	/* no beginning of one is read beyond its end */
	const char *whole = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N";
	for (size_t n = 0; n < strlen(whole); n++) {
		char *part = malloc(n ? n : 1);
		memcpy(part, whole, n);
		assert_false(cvss_compute(text_of(part, n), &c));
		free(part);
	}
}

static void test_severity(void **state)
{
	(void)state;
	assert_string_equal(cvss_severity(CVSS_31, 0), "none");
	assert_string_equal(cvss_severity(CVSS_31, 39), "low");
	assert_string_equal(cvss_severity(CVSS_31, 40), "medium");
	assert_string_equal(cvss_severity(CVSS_31, 89), "high");
	assert_string_equal(cvss_severity(CVSS_40, 90), "critical");
	assert_string_equal(cvss_severity(CVSS_2, 70), "high");
	assert_string_equal(cvss_severity(CVSS_2, 0), "low");
}

static size_t compared;

static void compare_object(const char *file, json_t *object)
{
	const char *vector = json_string_value(json_object_get(object, "vectorString"));
	json_t *base = json_object_get(object, "baseScore"), *temporal = json_object_get(object, "temporalScore");
	struct cvss c;
	if (!vector || !json_is_number(base))
		return;
	if (!cvss_compute(text_c(vector), &c))
		fail_msg("%s: %s: no vector", file, vector);
	/* NVD and CVE records give what v4.0 calls CVSS-B or CVSS-BT as its base score */
	int expected = (int)lround(json_number_value(base) * 10), got = c.version == CVSS_40 ? c.score : c.base;
	if (got != expected)
		fail_msg("%s: %s is %d, not %d", file, vector, got, expected);
	if (json_is_number(temporal) && c.version != CVSS_40 && c.score != (int)lround(json_number_value(temporal) * 10))
		fail_msg("%s: %s is temporally %d, not %.1f", file, vector, c.score, json_number_value(temporal));
	compared++;
}

static void compare_all(const char *file, json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;
	if (json_is_object(value)) {
		compare_object(file, value);
		json_object_foreach(value, key, item) compare_all(file, item);
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) compare_all(file, item);
	}
}

static void compare_folder(const char *folder)
{
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d));) {
		char path[1024];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (e->d_name[0] == '.' || stat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && strcmp(e->d_name, "schemas") != 0)
			compare_folder(path);
		json_t *json = S_ISREG(st.st_mode) ? json_load_file(path, 0, NULL) : NULL;
		compare_all(path, json);
		json_decref(json);
	}
	if (d)
		closedir(d);
}

static void test_records(void **state)
{
	(void)state;
	compare_folder("../shared/feeds");
	if (!compared) {
		print_message("../shared/feeds is not there: no published scores to compare with\n");
		skip();
	}
	print_message("%zu published scores agree\n", compared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_no_vectors),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
