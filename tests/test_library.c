/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a library: it is there, it is not, it is another one. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/late.h"

#define FUNCTIONS(F) F(fmax) F(fmin)
double fmax(double, double);
double fmin(double, double);

struct functions {
	FUNCTIONS(LIBRARY_FIELD)
};

static void test_there(void **state)
{
	(void)state;
	struct functions f = { 0 };
	struct library l = { .purpose = "numbers are compared", .file = "libm.so.6", .package = "libc6", .mode = RTLD_LAZY,
						 .names = FUNCTIONS(LIBRARY_NAME), .functions = (void **)&f };
	struct error e = library_load(&l);
	assert_false(error_is(&e));
	assert_true(l.loaded && f.fmax(2, 3) == 3 && f.fmin(2, 3) == 2);
	l.file = "libthere-is-none.so.1"; /* what is loaded is not looked for again */
	e = library_load(&l);
	assert_false(error_is(&e));
}

static void test_missing(void **state)
{
	(void)state;
	void *functions[1] = { NULL };
	struct library l = { .purpose = "nothing is done", .file = "libthere-is-none.so.1", .package = "libthere-is-none1",
						 .mode = RTLD_LAZY, .names = "nothing\0", .functions = functions };
	for (int i = 0; i < 2; i++) {
		struct error e = library_load(&l);
		assert_int_equal(e.code, ERR_UNSUPPORTED);
		assert_string_equal(e.text, "nothing is done with libthere-is-none.so.1, which is not installed (Debian: libthere-is-none1)");
		assert_true(!l.loaded && !functions[0]);
	}
}

/* One of the functions is there: it is not called. */
static void test_other_version(void **state)
{
	(void)state;
	void *functions[2] = { NULL };
	struct library l = { .purpose = "numbers are compared", .file = "libm.so.6", .package = "libc6", .mode = RTLD_LAZY,
						 .names = "fmax\0there_is_none\0", .functions = functions };
	struct error e = library_load(&l);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "another version"));
	assert_non_null(strstr(e.text, "it has no there_is_none (Debian: libc6)"));
	assert_true(!l.loaded && !functions[0] && !functions[1]);
}

/* It is there, but no library. */
static void test_not_loadable(void **state)
{
	(void)state;
	void *functions[1] = { NULL };
	struct library l = { .purpose = "nothing is done", .file = "/proc/self/status", .package = "none", .mode = RTLD_LAZY,
						 .names = "nothing\0", .functions = functions };
	struct error e = library_load(&l);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "(Debian: none), which can not be loaded: "));
}

/* This program has no stubs: the linker has bound everything. */
static void test_nothing_late(void **state)
{
	(void)state;
	struct error e = late_load(CONFINED_IMAGE);
	assert_false(error_is(&e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there),        cmocka_unit_test(test_missing),      cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_not_loadable), cmocka_unit_test(test_nothing_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
