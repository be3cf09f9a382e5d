/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts that carry files: makeself's, shell archives of sharutils, uuencoded files, base64, and archives behind a script's last line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seed.h"
#include "walked.h"

extern const struct format makeself_format, shar_format, uuencode_format, base64_format, script_payload_format;

/* A folder with a text, a binary file and a script. */
static void make_tree(char dir[TEMP_MAX])
{
	temp_new(dir);
	run_in(dir, "mkdir -p t/bin && printf 'a\\nXb\\n\\n`end\\nlast\\n' > t/txt && printf '#!/bin/sh\\nexit 0\\n' > \"t/it's so\" && "
				"chmod 755 \"t/it's so\" && awk 'BEGIN { for (i = 0; i < 5000; i++) printf \"%c\", (i * i + i / 7) % 256 }' > t/bin/data && "
				"chmod 640 t/txt && tar cf p.tar t && gzip -kn p.tar && xz -k p.tar && bzip2 -k p.tar");
}

static void assert_file(const struct walked *t, const char *dir, const char *path, const char *name)
{
	struct span plain = file_load(dir, name);
	assert_content(t, path, plain.p, plain.n);
	free((void *)plain.p);
}

static struct span encoding(const struct format *format, struct span bytes, struct buf *out, struct format_match *match)
{
	size_t used = 0;
	*match = (struct format_match){ .size = SIZE_UNKNOWN };
	assert_true(format->probe(bytes, match));
	seed_keep("format", format->name, "", bytes);
	struct error e = format->unpack(bytes, out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, match->size);
	return buf_span(out);
}

static void test_makeself(void **state)
{
	(void)state;
	static const char *const options[] = { "--gzip", "--bzip2", "--xz", "--zstd", "--nocomp", "--base64", "--gzip --nomd5 --nocrc --sha256",
										   "--gzip --sha256 --copy --target /opt/x" };
	char dir[TEMP_MAX], command[256];
	if (!tool_exists("makeself"))
		skip();
	make_tree(dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "makeself --tar-extra --sort=name %s t a.run 'A label' ./run -x > /dev/null 2>&1", options[i]);
		run_in(dir, command);
		run_in(dir, "n=$(sh a.run --dumpconf | sed -n 's/SKIP=\"\\(.*\\)\"/\\1/p'); tail -n +$((n + 1)) a.run > payload; head -n $n a.run > script");
		struct span run = file_load(dir, "a.run");
		struct walked t;
		walked_open(&t, &makeself_format, run);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, run.n);
		assert_int_equal(t.n, 2);
		assert_file(&t, dir, "script.sh", "script");
		assert_file(&t, dir, "archive-1", "payload");
		assert_string_equal(walked_header(&t, "label"), "A label");
		assert_string_equal(walked_header(&t, "script"), "./run");
		bool plain = i < 6;
		assert_int_equal(walked_header(&t, "MD5") != NULL, i != 6);
		assert_int_equal(walked_header(&t, "cksum") != NULL, i != 6);
		assert_int_equal(walked_header(&t, "SHA-256") != NULL, !plain);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		uint8_t *changed = malloc(run.n);
		assert_non_null(changed);
		memcpy(changed, run.p, run.n);
		changed[run.n - 20] ^= 1;
		walked_open(&t, &makeself_format, span_of(changed, run.n)); /* one of the sums, or both */
		assert_int_equal(walked_damage(&t, "corrupt"), plain ? 2 : i == 6 ? 1 : 3);
		walked_close(&t);
		free(changed);
		walked_open(&t, &makeself_format, span_clip(run, 0, run.n - 10));
		assert_int_equal(t.match.size, run.n);
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		if (i == 0) {
			survives_cuts(&makeself_format, run, 100);
			survives_flips(&makeself_format, run, 300, 2000);
		}
		free((void *)run.p);
	}
	temp_remove(dir);
}

/* Several archives, with a sum of each. */
static void test_makeself_several(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("makeself"))
		skip();
	make_tree(dir);
	run_in(dir, "makeself --gzip t b.run label ./run > /dev/null 2>&1 && c=$(cksum < p.tar.xz | cut -d' ' -f1) && m=$(md5sum < p.tar.xz | cut -c -32) && "
				"LC_ALL=C sed \"s/^CRCsum=\\\"[0-9]*/& $c/; s/^MD5=\\\"[0-9a-f]*/& $m/; s/^filesizes=\\\"[0-9]*/& $(stat -c %s p.tar.xz)/\" b.run > a.run && "
				"cat p.tar.xz >> a.run");
	struct span run = file_load(dir, "a.run");
	struct walked t;
	walked_open(&t, &makeself_format, run);
	assert_true(t.accepted);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "archive-1")->content.p[0], 0x1f);
	assert_file(&t, dir, "archive-2", "p.tar.xz");
	assert_int_equal(walked_count(&t, ENTRY_REGION), 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)run.p);
	temp_remove(dir);
}

static void test_shar(void **state)
{
	(void)state;
	static const char *const options[] = { "", "-M", "-B", "-M -C gzip", "-M -C xz", "-M -C bzip2", "-V", "-V -B", "-F -D", "-x -P -B",
										   "-M -m -q -d ENDE", "-c -M", "-n name -a -s me -M", "-F -B -P", "-T" };
	char dir[TEMP_MAX], command[256];
	if (!tool_exists("shar"))
		skip();
	make_tree(dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		bool texts = strcmp(options[i], "-T") == 0;
		snprintf(command, sizeof command, "shar %s t/txt \"t/it's so\" %s > a.shar 2> /dev/null", options[i], texts ? "" : "t/bin/data");
		run_in(dir, command);
		struct span all = file_load(dir, "a.shar"), shar = all;
		uint64_t start = 0;
		const uint8_t *mark = memmem(all.p, all.n, "a shell archive", 15);
		assert_non_null(mark);
		assert_true(shar_format.locate(all, (uint64_t)(mark - all.p), &start));
		shar = span_from(all, start);
		struct walked t;
		walked_open(&t, &shar_format, shar);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, shar.n);
		assert_int_equal(t.n, texts ? 3 : 4); /* and the script without them */
		assert_file(&t, dir, "/t/txt", "t/txt");
		assert_file(&t, dir, "/t/it's so", "t/it's so");
		if (!texts)
			assert_file(&t, dir, "/t/bin/data", "t/bin/data");
		if (!strstr(options[i], "-V"))
			assert_int_equal(walked_get(&t, "/t/txt")->e.mode, 0640);
		struct span script = walked_get(&t, "script.sh")->content;
		assert_non_null(memmem(script.p, script.n, "\nexit 0\n", 8));
		assert_null(memmem(script.p, script.n, "last\n", 5));
		assert_false(shar_format.probe(script, &(struct format_match){ 0 }));
		assert_int_equal(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated"), 0);
		walked_close(&t);
		walked_open(&t, &shar_format, span_clip(shar, 0, shar.n - 100));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		if (i % 4 == 0) {
			survives_cuts(&shar_format, shar, 50);
			survives_flips(&shar_format, shar, 100, 0);
		}
		free((void *)all.p);
	}
	temp_remove(dir);
}

/* A changed letter is seen by the MD5, or by the size where there is none. */
static void test_shar_sums(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("shar"))
		skip();
	make_tree(dir);
	run_in(dir, "shar -T t/txt 2> /dev/null | sed 's/^last$/lost/' > a.shar; shar -D -T t/txt 2> /dev/null | sed 's/^last$/last not/' > b.shar");
	for (const char *name = "a"; name; name = *name == 'a' ? "b" : NULL) {
		char file[16];
		snprintf(file, sizeof file, "%s.shar", name);
		struct span shar = file_load(dir, file);
		struct walked t;
		walked_open(&t, &shar_format, shar);
		assert_int_equal(t.n, 2);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		free((void *)shar.p);
	}
	temp_remove(dir);
}

/* As BSD's shar writes them; what is shifted by "<<" is no here-document. */
static void test_shar_bsd(void **state)
{
	(void)state;
	static const char shar[] = "# This is a shell archive.  Save it in a file, remove anything before\n"
							   "# this line, and then unpack it by entering \"sh file\".\n#\necho $((1 << 2))\n"
							   "echo c - dir\nmkdir -p dir > /dev/null 2>&1\necho x - dir/a\n"
							   "sed 's/^X//' >dir/a << 'END-of-dir/a'\nXone\nXXtwo\nEND-of-dir/a\n"
							   "cat >\"b c\" <<\\EOF\nthree\nEOF\nexit\n\nmore";
	struct walked t;
	walked_open(&t, &shar_format, span_of(shar, sizeof shar - 1));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof shar - 1 - 5);
	assert_int_equal(t.n, 3);
	assert_content(&t, "/dir/a", "one\nXtwo\n", 9);
	assert_content(&t, "/b c", "three\n", 6);
	walked_close(&t);
	survives_cuts(&shar_format, span_of(shar, sizeof shar - 1), sizeof shar);
	survives_flips(&shar_format, span_of(shar, sizeof shar - 1), 1000, 0);
}

static void test_uuencode(void **state)
{
	(void)state;
	static const char *const options[] = { "", "-m", "-e", "-m -e" };
	char dir[TEMP_MAX], command[256];
	if (!tool_exists("uuencode"))
		skip();
	make_tree(dir);
	for (size_t i = 0; i < 16; i++) {
		snprintf(command, sizeof command, "head -c %u t/bin/data > d && chmod 751 d && uuencode %s d 'some name' > e",
				 i < 8 ? (unsigned)i / 4 * 5000 : (unsigned)i, options[i % 4]);
		run_in(dir, command);
		struct span e = file_load(dir, "e");
		struct walked t;
		walked_open(&t, &uuencode_format, e);
		if (i < 4) { /* of no bytes */
			walked_close(&t);
			free((void *)e.p);
			continue;
		}
		assert_true(t.accepted);
		assert_int_equal(t.match.size, e.n);
		assert_file(&t, dir, "/some name", "d");
		assert_int_equal(walked_get(&t, "/some name")->e.mode, 0751);
		assert_int_equal(walked_damage(&t, "truncated"), 0);
		walked_close(&t);
		if (i < 8) {
			walked_open(&t, &uuencode_format, span_clip(e, 0, e.n - 6));
			assert_true(t.accepted);
			assert_int_equal(walked_damage(&t, "truncated"), 1);
			walked_close(&t);
			survives_cuts(&uuencode_format, e, 100);
			survives_flips(&uuencode_format, e, 300, 0);
		}
		free((void *)e.p);
	}
	temp_remove(dir);
}

/* A phrase, a source text, a list. */
static void test_uuencode_by_chance(void **state)
{
	(void)state;
	static const char *const texts[] = { "begin 600 times\nor more\n", "begin 644 name\n", "begin 640 x 480\n\nend\n", "begin-base64 644 x\n===\n",
										 "begin 755 %s\nend\n" };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(uuencode_format.probe(span_of(texts[i], strlen(texts[i])), &(struct format_match){ 0 }));
}

static void test_base64(void **state)
{
	(void)state;
	static const char *const names[] = { "p.tar", "p.tar.gz", "p.tar.xz", "p.tar.bz2" };
	static const char *const shapes[] = { "base64 %s > e", "base64 -w 64 %s > e", "base64 -w 0 %s > e", "base64 %s | sed 's/$/\\r/' > e",
										  "base64 %s | sed '2,$s/^/    /' > e" };
	char dir[TEMP_MAX], command[256];
	make_tree(dir);
	for (size_t i = 0; i < 20; i++) {
		snprintf(command, sizeof command, shapes[i / 4], names[i % 4]);
		run_in(dir, command);
		struct span e = file_load(dir, "e"), plain = file_load(dir, names[i % 4]), heredoc;
		struct buf out = { 0 }, out_again = { 0 };
		struct format_match match;
		struct span decoded = encoding(&base64_format, e, &out, &match);
		assert_int_equal(decoded.n, plain.n);
		assert_memory_equal(decoded.p, plain.p, plain.n);
		uint8_t *copy = malloc(e.n + 20);
		assert_non_null(copy);
		memcpy(copy, e.p, e.n);
		memcpy(copy + e.n, "EOF\nexit 0\n", 11); /* as in a script */
		heredoc = encoding(&base64_format, span_of(copy, e.n + 11), &out_again, &match);
		assert_int_equal(heredoc.n, plain.n);
		buf_free(&out);
		buf_free(&out_again);
		free(copy);
		if (i < 4) {
			survives_cuts(&base64_format, e, 50);
			survives_flips(&base64_format, e, 100, 0);
		}
		free((void *)e.p);
		free((void *)plain.p);
	}
	temp_remove(dir);
}

/* Words, keys, pictures are base64, too. */
static void test_base64_by_chance(void **state)
{
	(void)state;
	uint8_t text[4096];
	uint64_t x = 88172645463325252;
	for (unsigned round = 0; round < 2000; round++) {
		static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		static const char *const begins[] = { "", "H4sI", "/Td6WFoA", "UEsDB", "Qlpo", "XQAA", "f0VMRg", "MIIE" };
		for (size_t i = 0; i < sizeof text; i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			text[i] = i % 77 == 76 ? '\n' : (uint8_t)digits[x >> 20 & 63];
		}
		memcpy(text, begins[round % 8], strlen(begins[round % 8]));
		assert_false(base64_format.probe(span_of(text, sizeof text), &(struct format_match){ 0 }));
	}
}

static void test_script_payload(void **state)
{
	(void)state;
	static const char *const names[] = { "p.tar", "p.tar.gz", "p.tar.xz", "p.tar.bz2" };
	char dir[TEMP_MAX], command[256];
	make_tree(dir);
	run_in(dir, "printf '#!/bin/sh\\n# \\377 Latin-1\\nsed 1,/^__ARCHIVE_BELOW__$/d \"$0\" | tar x\\nexit 0\\n__ARCHIVE_BELOW__\\n' > s");
	for (size_t i = 0; i < 4; i++) {
		snprintf(command, sizeof command, "cat s %s > a.sh", names[i]);
		run_in(dir, command);
		struct span sh = file_load(dir, "a.sh"), s = file_load(dir, "s");
		struct walked t;
		walked_open(&t, &script_payload_format, sh);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, sh.n);
		assert_file(&t, dir, "script.sh", "s");
		assert_file(&t, dir, "payload", names[i]);
		assert_string_equal(walked_header(&t, "last line"), "__ARCHIVE_BELOW__");
		walked_close(&t);
		survives_cuts(&script_payload_format, sh, 50);
		survives_flips(&script_payload_format, sh, 100, s.n + 64);
		assert_false(script_payload_format.probe(s, &(struct format_match){ 0 })); /* without one */
		free((void *)sh.p);
		free((void *)s.p);
	}
	temp_remove(dir);
}

/* Scripts within each other: each line is asked once. */
static void test_script_in_script(void **state)
{
	(void)state;
	static char text[65536];
	size_t n = 0;
	while (n + 16 < sizeof text)
		n += (size_t)snprintf(text + n, sizeof text - n, "#!/bin/sh\n%c", n % 3 ? '#' : '\n');
	assert_false(script_payload_format.probe(span_of(text, sizeof text), &(struct format_match){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_makeself),   cmocka_unit_test(test_makeself_several),   cmocka_unit_test(test_shar),
		cmocka_unit_test(test_shar_sums),  cmocka_unit_test(test_shar_bsd),          cmocka_unit_test(test_uuencode),
		cmocka_unit_test(test_uuencode_by_chance), cmocka_unit_test(test_base64),    cmocka_unit_test(test_base64_by_chance),
		cmocka_unit_test(test_script_payload), cmocka_unit_test(test_script_in_script),
	};
	return cmocka_run_group_tests_name("shell_archives", tests, NULL, NULL);
}
