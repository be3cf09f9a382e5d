/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Installers of Inno Setup that tests/make_inno.py writes, of versions from 5.0.0 to 6.7.0: their files are what they were made of. What
 * innoextract can read, it reads to the same bytes: so the writer is right. */
#include "vendor_image.h"

extern const struct format inno_format, pe_format;

/* What is written first of several; to be freed. */
static struct span made(const char *kind)
{
	size_t n;
	uint8_t *p = image_made("make_inno.py", kind, &n);
	assert_int_equal(n, 4 + (size_t)span_u32le(span_of(p, n), 0));
	memmove(p, p + 4, n - 4);
	return span_of(p, n - 4);
}

static void drop(struct span s)
{
	free((void *)(uintptr_t)s.p);
}

/* The installer, without its program. */
static struct span installer_of(struct span all, struct walked *program)
{
	walked_open(program, &pe_format, all);
	assert_true(program->accepted);
	const struct walked_entry *e = walked_get(program, "installer");
	assert_string_equal(e->e.format, "inno");
	return e->content;
}

/* What the writer says a file holds. */
static struct span source_of(const char *name)
{
	static struct {
		char name[16];
		struct span bytes;
	} known[4];
	size_t i = 0;
	while (i < 4 && known[i].bytes.p && strcmp(known[i].name, name) != 0)
		i++;
	assert_true(i < 4);
	if (!known[i].bytes.p) {
		char kind[32];
		snprintf(kind, sizeof kind, "file:%s", name);
		snprintf(known[i].name, sizeof known[i].name, "%s", name);
		known[i].bytes = made(kind);
	}
	return known[i].bytes;
}

static void assert_bytes(struct span got, const char *source)
{
	struct span want = source_of(source);
	assert_int_equal(got.n, want.n);
	if (want.n)
		assert_memory_equal(got.p, want.p, want.n);
}

static void assert_is(const struct walked *t, const char *path, const char *source)
{
	const struct walked_entry *e = walked_get(t, path);
	assert_false(error_is(&e->error));
	assert_bytes(e->content, source);
}

static void assert_files(const struct walked *t)
{
	assert_is(t, "/{app}/text.txt", "text");
	assert_is(t, "/{app}/bin/program.exe", "program");
	assert_is(t, "/{app}/empty", "empty");
	assert_is(t, "/{win}/noise.bin", "noise");
	assert_is(t, "/[Inno].setup.exe", "program");
	assert_string_equal(walked_get(t, "/{app}/copy.txt")->e.same_as.p, "/{app}/text.txt");
	assert_int_equal(walked_get(t, "/{app}/text.txt")->e.mtime, 1700000000);
	assert_true(walked_get(t, "/[Inno].header")->content.n > 1000);
	assert_int_equal(t->n, 7); /* nothing is left over */
}

static const struct {
	const char *kind, *version, *method;
	bool peer; /* innoextract 1.9 reads it */
} kinds[] = {
	{ "5.0.0,zlib", "5.0.0", "zlib", true },
	{ "5.0.4,bzip2,front", "5.0.4", "bzip2", true },
	{ "5.1.2,lzma,solid", "5.1.2", "lzma", true },
	{ "5.1.13,stored,solid", "5.1.13", "none", true },
	{ "5.2.0,lzma", "5.2.0", "lzma", true },
	{ "5.2.3,zlib,solid", "5.2.3", "zlib", true },
	{ "5.2.5u,lzma", "5.2.5 (u)", "lzma", true },
	{ "5.3.0u,zlib", "5.3.0 (u)", "zlib", true },
	{ "5.3.6", "5.3.6", "lzma", true },
	{ "5.3.9u,lzma2,solid,front", "5.3.9 (u)", "lzma2", true },
	{ "5.3.10u", "5.3.10 (u)", "lzma", true },
	{ "5.5.0u,lzma2", "5.5.0 (u)", "lzma2", true },
	{ "5.5.6,zlib", "5.5.6", "zlib", true },
	{ "5.5.7u,lzma2,solid", "5.5.7 (u)", "lzma2", true },
	{ "6.0.0u,lzma2,solid,front", "6.0.0 (u)", "lzma2", true },
	{ "6.3.0,lzma2,solid", "6.3.0 (u)", "lzma2", false },
	{ "6.4.0.1,lzma2,solid", "6.4.0.1 (u)", "lzma2", false },
	{ "6.4.2", "6.4.2 (u)", "lzma", false },
	{ "6.4.3,stored", "6.4.3 (u)", "none", false },
	{ "6.5.0,lzma2,solid", "6.5.0 (u)", "lzma2", false },
	{ "6.5.2", "6.5.2 (u)", "lzma", false },
	{ "6.7.0,lzma2,solid", "6.7.0 (u)", "lzma2", false },
};

static void assert_peer(const char *dir, struct span all)
{
	static const char *const files[][2] = {
		{ "app/text.txt", "text" }, { "app/bin/program.exe", "program" }, { "app/empty", "empty" }, { "win/noise.bin", "noise" }
	};
	file_save(dir, "made.exe", all);
	run_in(dir, "rm -rf app win; innoextract -s -e made.exe");
	for (size_t k = 0; k < 4; k++) {
		struct span got = file_load(dir, files[k][0]);
		assert_bytes(got, files[k][1]);
		drop(got);
	}
}

#define KINDS (sizeof kinds / sizeof kinds[0])
#define AT_ONCE 6u /* Python takes longer to start than to write */

static void assert_installer(size_t i, struct span all, const char *dir, bool peer)
{
	struct walked program, t;
	struct span installer = installer_of(all, &program);
	image_open(&t, &inno_format, installer, installer.n);
	assert_field(&t, "setup data", kinds[i].version);
	assert_field(&t, "compression", kinds[i].method);
	assert_field(&t, "application", "AppVerName 1.2");
	assert_files(&t);
	if (peer && kinds[i].peer)
		assert_peer(dir, all);
	walked_close(&t);
	walked_close(&program);
}

static void test_files(void **state)
{
	(void)state;
	bool peer = tool_exists("innoextract");
	char dir[TEMP_MAX];
	temp_new(dir);
	for (size_t from = 0; from < KINDS; from += AT_ONCE) {
		char list[250] = "";
		size_t n, to = from + AT_ONCE < KINDS ? from + AT_ONCE : KINDS;
		for (size_t i = from; i < to; i++)
			snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > from ? "+" : "", kinds[i].kind);
		uint8_t *written = image_made("make_inno.py", list, &n);
		struct reader r = reader_le(span_of(written, n));
		for (size_t i = from; i < to; i++)
			assert_installer(i, rd_bytes(&r, rd_u32(&r)), dir, peer);
		assert_true(rd_ok(&r) && rd_left(&r) == 0);
		free(written);
	}
	temp_remove(dir);
}

static void test_damage(void **state)
{
	(void)state;
	struct walked program, t;
	struct span all = made("5.5.7u,lzma2"), installer = installer_of(all, &program);
	uint8_t *p = (uint8_t *)(uintptr_t)installer.p;
	p[200] ^= 4; /* of the first chunk: the text */
	walked_open(&t, &inno_format, installer);
	assert_true(error_is(&walked_get(&t, "/{app}/text.txt")->error));
	assert_is(&t, "/{app}/bin/program.exe", "program");
	walked_close(&t);
	p[200] ^= 4;
	const uint8_t *id = memmem(p, installer.n, "Inno Setup Setup Data", 21);
	p[id - p + 64 + 9 + 4 + 100] ^= 1; /* of the first piece of the tables */
	walked_open(&t, &inno_format, installer);
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
	walked_close(&program);
	drop(all);
	all = made("5.5.7u,stored,solid");
	installer = installer_of(all, &program);
	p = (uint8_t *)(uintptr_t)installer.p;
	p[100] ^= 1; /* no compression sees that: the digest does */
	walked_open(&t, &inno_format, installer);
	assert_int_equal(walked_get(&t, "/{app}/text.txt")->error.code, ERR_CORRUPT);
	assert_is(&t, "/{win}/noise.bin", "noise");
	walked_close(&t);
	walked_close(&program);
	drop(all);
}

static void test_not_read(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *word;
	} cases[] = { { "5.5.7u,zlib,encrypted", "encrypted" }, { "6.4.3,zlib,encrypted", "encrypted" }, { "6.5.2,all", "encrypted" },
				  { "5.5.7u,zlib,slices", "unsupported" }, { "5.5.7u,zlib,overlap", "budget" }, { "6.6.1", "unsupported" },
				  { "4.2.6,zlib", "unsupported" } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked program, t;
		struct span all = made(cases[i].kind), installer = installer_of(all, &program);
		walked_open(&t, &inno_format, installer);
		assert_true(t.accepted);
		assert_true(walked_damage(&t, cases[i].word) >= 1);
		for (size_t k = 0; k < t.n; k++)
			assert_true(t.entries[k].e.path.p[0] != '/' || t.entries[k].e.path.p[1] == '[' || error_is(&t.entries[k].error) ||
						t.entries[k].e.same_as.p || t.entries[k].content.n == 0);
		if (t.error.code == ERR_UNSUPPORTED) /* what is behind is looked at all the same */
			assert_true(walked_count(&t, ENTRY_REGION) > 0);
		walked_close(&t);
		walked_close(&program);
		drop(all);
	}
}

/* A table whose CRC-32 is not right is none: what is behind the program is told as before. */
static void test_no_loader(void **state)
{
	(void)state;
	struct walked t;
	struct span all = made("5.5.7u");
	uint8_t *table = memmem(all.p, all.n, "rDlPtS", 6);
	table[20] ^= 1;
	walked_open(&t, &pe_format, all);
	assert_true(walked_get(&t, "overlay")->content.n > 0);
	walked_close(&t);
	drop(all);
}

static void test_survives(void **state)
{
	(void)state;
	static const char *const samples[] = { "5.5.7u,lzma2,solid", "5.1.2,zlib,front", "6.7.0,lzma" };
	for (size_t i = 0; i < 3; i++) {
		struct walked program;
		struct span all = made(samples[i]), installer = installer_of(all, &program);
		survives_cuts(&inno_format, installer, 20);
		survives_flips(&inno_format, installer, 60, 0);
		survives_flips(&pe_format, all, 60, 0x800);
		walked_close(&program);
		drop(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),     cmocka_unit_test(test_damage),   cmocka_unit_test(test_not_read),
		cmocka_unit_test(test_no_loader), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
