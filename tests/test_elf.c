/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elf: objects written here in both classes and byte orders, damaged ones, and the compiler's own program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "elf_writer.h"
#include "inspect/elf_names.h"
#include "inspect/inspect.h"

extern const struct inspector elf_inspector;

struct result {
	struct arena *arena, *scratch;
	struct fact_list facts;
	const struct fact_elf *elf; /* NULL: none */
};

static void inspect(struct result *t, struct span bytes)
{
	t->arena = arena_new(0);
	t->scratch = arena_new(0);
	assert_non_null(t->arena);
	assert_non_null(t->scratch);
	uint8_t *exact = malloc(bytes.n + 1); /* so that a sanitiser sees what reads beyond */
	assert_non_null(exact);
	memcpy(exact + 1, bytes.p, bytes.n);
	fact_list_init(&t->facts, t->arena);
	struct subject s = { .bytes = span_of(exact + 1, bytes.n),
						 .path = TEXT_LIT("/bin/x"),
						 .kind = ENTRY_FILE,
						 .format = "elf",
						 .arena = t->scratch };
	assert_true(elf_inspector.wants(&s));
	elf_inspector.run(&s, &t->facts.sink);
	t->elf = fact_list_get(&t->facts, FACT_elf, 0);
	assert_true(fact_list_count(&t->facts, FACT_elf) <= 1);
	free(exact);
}

static void done(struct result *t)
{
	arena_free(t->arena);
	arena_free(t->scratch);
}

static size_t damage(const struct result *t, const char *kind)
{
	size_t n = 0;
	const struct fact_damage *d;
	for (size_t i = 0; (d = fact_list_get(&t->facts, FACT_damage, i)); i++)
		n += text_is(d->kind, kind);
	return n;
}

static void add_field(char *out, size_t max, const struct fact_column *c, const struct fact_elf *row)
{
	const void *field = (const char *)row + c->at;
	size_t n = strlen(out);
	if (c->type == FACT_TEXT) {
		const struct text *t = field;
		if (t->p)
			snprintf(out + n, max - n, "%s=%.*s;", c->name, (int)t->n, t->p);
	} else if (*(const int64_t *)field != FACT_NULL) {
		snprintf(out + n, max - n, "%s=%lld;", c->name, (long long)*(const int64_t *)field);
	}
}

/* "machine=arm;class=32;...": what is known of a row. */
static const char *row_text(const struct fact_elf *row)
{
	static char out[2000];
	out[0] = '\0';
	for (size_t i = 0; row && i < fact_tables[FACT_elf].ncolumns; i++)
		add_field(out, sizeof out, &fact_tables[FACT_elf].columns[i], row);
	return out;
}

#define RW (PF_R | PF_W)
#define RWX (PF_R | PF_W | PF_X)

static const struct {
	struct elf_recipe recipe;
	const char *row;
} cases[] = {
	{ { .machine = EM_ARM,
		.type = ET_EXEC,
		.interpreter = "/lib/ld-uClibc.so.0",
		.dynamic = true,
		.stack = RWX,
		.needed = "libc.so.0 libm.so.0",
		.imports = "strcpy system puts __isoc99_sscanf",
		.rpath = "/opt/lib" },
	  "machine=arm;class=32;endian=little;type=executable;is_static=0;interpreter=/lib/ld-uClibc.so.0;pie=0;nx=0;"
	  "relro=none;canary=0;fortify=0;fortified=0;fortifiable=1;stripped=1;rpath=/opt/lib;needed=libc.so.0 libm.so.0;"
	  "dangerous=sscanf strcpy system;" },
	{ { .is64 = true,
		.machine = EM_AARCH64,
		.type = ET_DYN,
		.interpreter = "/lib/ld-linux-aarch64.so.1",
		.dynamic = true,
		.relro = true,
		.stack = RW,
		.needed = "libc.so.6",
		.entries = { DT_FLAGS, DF_BIND_NOW, DT_FLAGS_1, DF_1_PIE },
		.imports = "__stack_chk_fail __memcpy_chk memcpy __sprintf_chk read" },
	  "machine=aarch64;class=64;endian=little;type=executable;is_static=0;interpreter=/lib/ld-linux-aarch64.so.1;"
	  "pie=1;nx=1;relro=full;canary=1;fortify=1;fortified=2;fortifiable=4;stripped=1;needed=libc.so.6;dangerous=;" },
	/* __stack_chk_fail is no fortified call; a library; MIPS leaves the stack executable. */
	{ { .big = true,
		.machine = EM_MIPS,
		.type = ET_DYN,
		.dynamic = true,
		.relro = true,
		.soname = "libx.so.1",
		.needed = "libc.so.6",
		.imports = "__stack_chk_fail",
		.symbols = "local" },
	  "machine=mips;class=32;endian=big;type=shared-library;nx=0;relro=partial;canary=1;fortified=0;fortifiable=0;"
	  "stripped=0;soname=libx.so.1;needed=libc.so.6;dangerous=;" },
	/* A C library: it can be run, and defines the canary's function for others. */
	{ { .is64 = true,
		.big = true,
		.machine = EM_PPC64,
		.type = ET_DYN,
		.interpreter = "/lib64/ld64.so.1",
		.dynamic = true,
		.soname = "libc.so.6",
		.exports = "__stack_chk_fail memcpy" },
	  "machine=ppc64;class=64;endian=big;type=shared-library;interpreter=/lib64/ld64.so.1;nx=1;relro=none;fortified=0;"
	  "fortifiable=0;stripped=1;soname=libc.so.6;needed=;dangerous=;" },
	/* A static position-independent one of an old linker, which does not say so. */
	{ { .is64 = true,
		.machine = EM_RISCV,
		.type = ET_DYN,
		.dynamic = true,
		.entries = { DT_DEBUG, 0, DT_BIND_NOW, 0 },
		.relro = true },
	  "machine=riscv;class=64;endian=little;type=executable;is_static=1;pie=1;nx=1;relro=full;stripped=1;needed=;" },
	/* Stripped and static: nothing can be said of names, unless the message is there. */
	{ { .machine = EM_PPC, .big = true, .type = ET_EXEC, .stack = RW },
	  "machine=ppc;class=32;endian=big;type=executable;is_static=1;pie=0;nx=1;relro=none;stripped=1;needed=;" },
	{ { .machine = EM_386, .type = ET_EXEC, .stack = RW, .data = "*** stack smashing detected ***: terminated" },
	  "machine=x86;class=32;endian=little;type=executable;is_static=1;pie=0;nx=1;relro=none;canary=1;"
	  "stripped=1;needed=;" },
	{ { .is64 = true, .machine = EM_X86_64, .type = ET_EXEC, .symbols = "main __memcpy_chk __sprintf_chk" },
	  "machine=x86-64;class=64;endian=little;type=executable;is_static=1;pie=0;nx=0;relro=none;canary=0;fortify=1;"
	  "stripped=0;needed=;" },
	{ { .is64 = true,
		.machine = EM_X86_64,
		.type = ET_EXEC,
		.stack = RW,
		.symbols = "memcpy __memcpy_chk __stack_chk_fail" },
	  "machine=x86-64;class=64;endian=little;type=executable;is_static=1;pie=0;nx=1;relro=none;canary=1;"
	  "stripped=0;needed=;" },
	/* What a kernel does with it depends on its version. */
	{ { .is64 = true, .machine = EM_AARCH64, .type = ET_EXEC },
	  "machine=aarch64;class=64;endian=little;type=executable;is_static=1;pie=0;relro=none;stripped=1;needed=;" },
	/* musl: fortified or not does not show. */
	{ { .machine = EM_MIPS,
		.type = ET_DYN,
		.interpreter = "/lib/ld-musl-mipsel-sf.so.1",
		.dynamic = true,
		.stack = RW,
		.entries = { 0x70000035, 4 },
		.needed = "libc.so",
		.imports = "memcpy" },
	  "machine=mips;class=32;endian=little;type=executable;is_static=0;interpreter=/lib/ld-musl-mipsel-sf.so.1;"
	  "pie=1;nx=1;relro=none;canary=0;fortified=0;fortifiable=1;stripped=1;needed=libc.so;dangerous=;" },
	{ { .machine = EM_ARM,
		.type = ET_REL,
		.modinfo = "vermagic=5.10.0 SMP mod_unload ARMv7 ",
		.modinfo2 = "license=Proprietary",
		.symbols = "printk __stack_chk_fail strcpy" },
	  "machine=arm;class=32;endian=little;type=kernel-module;canary=1;stripped=0;"
	  "module_version=5.10.0 SMP mod_unload ARMv7 ;module_licence=Proprietary;" },
	{ { .is64 = true, .big = true, .machine = EM_MIPS, .type = ET_REL, .symbols = "gets printf" },
	  "machine=mips;class=64;endian=big;type=relocatable;canary=0;fortify=0;fortified=0;fortifiable=2;stripped=0;"
	  "dangerous=gets;" },
	{ { .machine = EM_386, .type = ET_CORE }, "machine=x86;class=32;endian=little;type=core;" },
	{ { .machine = 0xfeed, .type = ET_NONE }, "class=32;endian=little;" },
};
#define CASES (sizeof cases / sizeof cases[0])

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct elf_image m;
		struct result t;
		elf_write(&cases[i].recipe, &m);
		inspect(&t, span_of(m.p, m.n));
		assert_string_equal(row_text(t.elf), cases[i].row);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		done(&t);
	}
}

/* Cut anywhere there is damage, and nothing is said that was not said of the whole. */
static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct elf_image m;
		struct result whole, t;
		bool program = cases[i].recipe.type == ET_EXEC || cases[i].recipe.type == ET_DYN;
		elf_write(&cases[i].recipe, &m);
		inspect(&whole, span_of(m.p, m.n));
		for (size_t n = 0; n < m.n; n++) {
			inspect(&t, span_of(m.p, n));
			if (program || cases[i].recipe.type == ET_REL || n < 52)
				assert_int_equal(damage(&t, "truncated"), 1);
			assert_int_equal(damage(&t, "corrupt"), 0);
			assert_true(n < 6 ? !t.elf : t.elf != NULL);
			if (t.elf && whole.elf->canary != FACT_NULL && t.elf->canary != FACT_NULL)
				assert_int_equal(t.elf->canary, whole.elf->canary);
			if (t.elf && t.elf->type.p)
				assert_true(text_eq(t.elf->type, whole.elf->type));
			if (t.elf && t.elf->needed.p)
				assert_true(t.elf->needed.n <= whole.elf->needed.n);
			done(&t);
		}
		done(&whole);
	}
}

/* Firmware of Qualcomm's is split: one file has the headers and the hashes, the segments are files of
 * their own, as are the headers. */
static void test_split(void **state)
{
	(void)state;
	static const struct elf_recipe recipe = { .type = ET_EXEC, .machine = 164 }; /* Hexagon */
	struct elf_image m = { 0 };
	struct result t;
	elf_put_header(&m, &recipe, 3, 0, 0);
	static const uint32_t segments[3][3] = { { PT_NULL, 0, 52 + 3 * 32 }, { PT_NULL, 0x1000, 100 }, { PT_LOAD, 0x2000, 0x8000 } };
	for (size_t i = 0; i < 3; i++) {
		uint8_t *p = m.p + 52 + 32 * i;
		memcpy(p, (uint32_t[5]){ segments[i][0], segments[i][1], 0, 0, segments[i][2] }, 20);
	}
	size_t n = 52 + 3 * 32 + 100;
	for (size_t cut = 0; cut <= 101; cut++) {
		size_t cuts = cut != 0 && cut != 100; /* with the hashes, or without any of them */
		inspect(&t, span_of(m.p, n - cut));
		assert_int_equal(damage(&t, "truncated"), cuts);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), cuts);
		done(&t);
	}
}

/* A PT_DYNAMIC of no bytes and at no address that is loaded is none; with bytes it has to end. */
static void test_empty_dynamic(void **state)
{
	(void)state;
	for (uint32_t size = 0; size <= 8; size += 8) {
		struct elf_recipe recipe = { .type = ET_EXEC, .machine = 164 };
		struct elf_image m = { 0 };
		struct result t;
		elf_put_header(&m, &recipe, 1, 0, 0);
		memcpy(m.p + 52, (uint32_t[6]){ PT_DYNAMIC, 52 + 32, 0, 0, size, size }, 24);
		memset(m.p + 52 + 32, 1, 8);
		inspect(&t, span_of(m.p, 52 + 32 + 8));
		assert_int_equal(damage(&t, "corrupt"), size ? 1 : 0);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), size ? 1 : 0);
		done(&t);
	}
}

static void test_flips(void **state)
{
	(void)state;
	uint32_t random = 1;
	for (size_t i = 0; i < CASES; i++) {
		struct elf_image m;
		elf_write(&cases[i].recipe, &m);
		for (unsigned round = 0; round < 1500; round++) {
			struct elf_image bad = m;
			struct result t;
			for (unsigned k = 0; k < 1 + round % 4; k++) {
				random = random * 1664525u + 1013904223u;
				bad.p[6 + (random >> 8) % (m.n - 6)] = round % 2 ? 0xff : (uint8_t)(random >> 24);
			}
			inspect(&t, span_of(bad.p, bad.n));
			done(&t);
		}
	}
}

static void test_not_identified(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *kind;
		size_t n;
	} bad[] = { { "", "truncated", 0 },
				{ "\x7f"
				  "ELF",
				  "truncated", 4 },
				{ "\x7f"
				  "ELF\3\1\1",
				  "corrupt", 7 },
				{ "\x7f"
				  "ELF\1\0\1",
				  "corrupt", 7 } };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct result t;
		inspect(&t, span_of(bad[i].bytes, bad[i].n));
		assert_null(t.elf);
		assert_int_equal(damage(&t, bad[i].kind), 1);
		done(&t);
	}
}

/* sstrip of old made the segment of the dynamic section too short; loaders go on to DT_NULL. */
static void test_dynamic_size_is_not_trusted(void **state)
{
	(void)state;
	struct elf_image m;
	struct result t;
	elf_write(&cases[0].recipe, &m);
	size_t header = 52 + 2 * 32; /* PT_DYNAMIC is the third */
	memset(m.p + header + 16, 0, 4);
	inspect(&t, span_of(m.p, m.n));
	assert_string_equal(row_text(t.elf), cases[0].row);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	done(&t);
}

/* Many headers that all point at the same bytes must cost no more than reading them once. */
static void test_huge_tables(void **state)
{
	(void)state;
	size_t n = 8 << 20, at = 4096;
	uint8_t *p = calloc(1, n);
	assert_non_null(p);
	struct elf_image m = { .n = 0 };
	struct elf_recipe r = { .machine = EM_ARM, .type = ET_REL };
	elf_put_header(&m, &r, 0, at, 0);
	memcpy(p, m.p, m.n);
	memcpy(p + 1024, ".modinfo", 9);
	p[50] = 1; /* section names */
	memset(p + at + 20, 0, 4);
	for (size_t i = 0; i < (n - at) / 40; i++) {
		struct elf_image s = { .n = 0 };
		if (i == 0)
			elf_put_section(&s, 0, SHT_NULL, 0, (n - at) / 40, 0);
		else
			elf_put_section(&s, i == 1 ? 0 : 1024, i == 1 ? SHT_STRTAB : i % 2 ? SHT_SYMTAB : SHT_PROGBITS, 0, n, 1);
		memcpy(p + at + 40 * i, s.p, 40);
	}
	struct result t;
	inspect(&t, span_of(p, n));
	assert_true(text_is(t.elf->type, "relocatable"));
	done(&t);
	free(p);
}

static void test_lists_are_sorted(void **state)
{
	(void)state;
	for (int list = 0; list < ELF_NAME_LISTS; list++) {
		size_t n;
		const char *const *names = elf_name_list((enum elf_name_list)list, &n);
		assert_true(n > 0 && n <= ELF_NAMES_MAX);
		for (size_t i = 1; i < n; i++)
			assert_true(strcmp(names[i - 1], names[i]) < 0);
	}
}

/* A real linker's program: this test. */
static void test_self(void **state)
{
	(void)state;
	FILE *f = fopen("/proc/self/exe", "rb");
	if (!f)
		skip();
	size_t max = 64 << 20;
	uint8_t *p = malloc(max);
	assert_non_null(p);
	size_t n = fread(p, 1, max, f);
	fclose(f);
	struct result t;
	inspect(&t, span_of(p, n));
	assert_non_null(t.elf);
	assert_true(text_is(t.elf->type, "executable"));
	assert_int_equal(t.elf->class, 8 * sizeof(void *));
	assert_int_equal(t.elf->stripped, 0);
	assert_non_null(memmem(t.elf->needed.p, t.elf->needed.n, "libcmocka", 9));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	done(&t);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cuts), cmocka_unit_test(test_split), cmocka_unit_test(test_empty_dynamic),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_not_identified),
		cmocka_unit_test(test_huge_tables),
		cmocka_unit_test(test_dynamic_size_is_not_trusted),
		cmocka_unit_test(test_lists_are_sorted),
		cmocka_unit_test(test_self),
	};
	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
