/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SWUpdate images by swugenerator (plain, CMS, RSA, encrypted) and by cpio with descriptions written here; the reader of
 * settings by both grammars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/settings.h"
#include "update_writer.h"
#include "walked.h"

extern const struct format swupdate_format, cpio_format;

static char dir[TEMP_MAX];

static const char *value_of(const struct walked *t, const char *name, const char *begins)
{
	const struct fact_header *h;
	for (size_t i = 0; (h = fact_list_get(&t->facts, FACT_header, i)); i++)
		if (text_is(h->name, name) && strncmp(h->value.p, begins, strlen(begins)) == 0)
			return h->value.p;
	fail_msg("no %s %s", name, begins);
	return NULL;
}

/* An image of files a and b with that description, in the shell's words. */
static struct span make(const char *description)
{
	FILE *f;
	char path[128];
	run_in(dir, "rm -f *; head -c 5000 /bin/sh > a; echo bbb > b");
	snprintf(path, sizeof path, "%s/t", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(description, f);
	fclose(f);
	run_in(dir, "A=$(sha256sum < a | cut -c1-64); sed \"s/@A@/$A/\" t > sw-description; "
				"(echo sw-description; echo a; echo b) | cpio -o -H crc > u.swu 2> /dev/null");
	return file_load(dir, "u.swu");
}

static const char libconfig[] =
	"software =\n{\n  version = \"1.2.3\"; # a comment\n  description = \"two files\";\n"
	"  hardware-compatibility: [ \"1.0\", \"2.0\" ];\n  /* images */\n  images: (\n"
	"    { filename = \"a\"; version = \"9\"; sha256 = \"@A@\"; compressed = \"zlib\"; },\n"
	"    { filename = \"gone\"; type = \"raw\"; }\n  );\n"
	"  files: ( { filename = \"b\"; encrypted = true; properties: { x = \"y\"; }; } );\n};\n";
static const char json[] =
	"{ \"software\": { \"version\": \"1.2.3\", \"description\": \"two files\",\n"
	"\"hardware-compatibility\": [ \"1.0\", \"2.0\" ], \"images\": [\n"
	"{ \"filename\": \"a\", \"version\": \"9\", \"sha256\": \"@A@\", \"compressed\": \"zlib\" },\n"
	"{ \"filename\": \"gone\", \"type\": \"raw\" } ], \"files\": [ { \"filename\": \"b\",\n"
	"\"encrypted\": true, \"properties\": { \"x\": \"y\" } } ] } }\n";

static void test_descriptions(void **state)
{
	(void)state;
	if (!tool_exists("cpio"))
		skip();
	for (int i = 0; i < 2; i++) {
		struct span swu = make(i ? json : libconfig);
		struct walked t;
		assert_same_tree(&swupdate_format, &cpio_format, swu);
		walked_open(&t, &swupdate_format, swu);
		assert_int_equal(t.n, 3);
		/* JSON has a root of its own around "software". */
		value_of(&t, "hardware-compatibility", "1.0");
		value_of(&t, "hardware-compatibility", "2.0");
		assert_string_equal(walked_header(&t, "version"), "1.2.3");
		assert_string_equal(walked_header(&t, "description"), "two files");
		assert_string_equal(walked_header(&t, "signature"), "none");
		assert_string_equal(value_of(&t, "image", "a"), "a 9: sha256 ok, compressed");
		assert_string_equal(value_of(&t, "image", "gone"), "gone: no sha256, missing");
		assert_string_equal(value_of(&t, "image", "b"), "b: no sha256, encrypted");
		assert_int_equal(walked_damage(&t, "encrypted"), 1);
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		free((void *)swu.p);
	}
}

static void test_damaged(void **state)
{
	(void)state;
	if (!tool_exists("cpio"))
		skip();
	struct span swu = make("software = { version = \"1\"; images: ( { filename = \"a\"; sha256 = \"@A@\"; } ); }");
	struct walked t;
	const uint8_t *a = memmem(swu.p, swu.n, "\177ELF", 4);
	assert_non_null(a);
	((uint8_t *)a)[3000] ^= 1;
	walked_open(&t, &swupdate_format, swu);
	assert_string_equal(value_of(&t, "image", "a"), "a: sha256 mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* and the sum of the cpio archive */
	walked_close(&t);
	survives_cuts(&swupdate_format, swu, 300);
	survives_flips(&swupdate_format, swu, 2000, 600);
	free((void *)swu.p);
	swu = make("software = { version = \"1\"; images: ( { ( { [ ");
	walked_open(&t, &swupdate_format, swu);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 3);
	walked_close(&t);
	free((void *)swu.p);
}

static void test_generator(void **state)
{
	(void)state;
	static const struct {
		const char *options, *signature, *image, *kind;
	} runs[] = {
		{ "", "none", "rootfs.img: sha256 ok", NULL },
		{ "-k CMS,k.pem,c.pem", "CMS,", "rootfs.img: sha256 ok", NULL },
		{ "-k RSA,k.pem", "RSA, 256 bytes", "rootfs.img: sha256 ok", NULL },
		{ "-K key", "none", NULL, "encrypted" },
	};
	if (!tool_exists("swugenerator") || !tool_exists("openssl"))
		skip();
	run_in(
		dir,
		"rm -f *; openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=t -days 9 2> /dev/null; "
		"head -c 9000 /bin/sh > rootfs.img; "
		"printf 'key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\\niv=00112233445566778899aabbccddeeff\\n' > key");
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		char command[512];
		snprintf(
			command, sizeof command,
			"printf 'software = { version = \"3\"; images: ( { filename = \"rootfs.img\"; sha256 = \"@rootfs.img\"; %s } ); }' > d; "
			"swugenerator %s -s d -a . -o u.swu create 2>&1",
			runs[i].kind ? "encrypted = true;" : "", runs[i].options);
		run_in(dir, command);
		struct span swu = file_load(dir, "u.swu");
		struct walked t;
		assert_same_tree(&swupdate_format, &cpio_format, swu);
		walked_open(&t, &swupdate_format, swu);
		assert_memory_equal(walked_header(&t, "signature"), runs[i].signature, strlen(runs[i].signature));
		if (runs[i].image)
			assert_string_equal(walked_header(&t, "image"), runs[i].image);
		assert_int_equal(walked_damage(&t, "encrypted"), runs[i].kind ? 1 : 0);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
		free((void *)swu.p);
	}
}

static void count_event(void *self, enum settings_event event, unsigned depth, struct text key, struct text value)
{
	(void)depth;
	(void)key;
	(void)value;
	((unsigned *)self)[event]++;
}

static void test_settings(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		unsigned opened, values;
	} texts[] = {
		{ "", true, 0, 0 },
		{ "a = 1; b = \"x\\\"y\"; c: { d = true }", true, 1, 3 },
		{ "{\"a\":[1,2,{\"b\":null}]}", true, 3, 3 },
		{ "a = ( 1, 2 ) # }", true, 1, 2 },
		{ "a = { /* } */ b = 0x10 // }\n }", true, 1, 1 },
		{ "}", false, 0, 0 },
		{ "a = \"unended", false, 0, 0 },
		{ "a = {", false, 1, 0 },
		{ "= = =", false, 0, 0 },
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		unsigned events[3] = { 0 };
		assert_int_equal(settings_parse(text_c(texts[i].text), count_event, events), texts[i].good);
		assert_int_equal(events[SETTINGS_OPEN], texts[i].opened);
		assert_int_equal(events[SETTINGS_VALUE], texts[i].values);
	}
	char deep[200];
	unsigned events[3] = { 0 };
	memset(deep, '{', sizeof deep);
	assert_false(settings_parse(text_of(deep, sizeof deep), count_event, events));
	assert_int_equal(events[SETTINGS_OPEN], SETTINGS_DEPTH);
}

static void test_noise(void **state)
{
	(void)state;
	assert_no_noise(&swupdate_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptions), cmocka_unit_test(test_damaged), cmocka_unit_test(test_generator),
		cmocka_unit_test(test_settings),     cmocka_unit_test(test_noise),
	};
	temp_new(dir);
	int failed = cmocka_run_group_tests_name("swupdate", tests, NULL, NULL);
	temp_remove(dir);
	return failed;
}
