/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of an image on the host: what is refused of them before anything is made. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/extract_path.h"

/* Names that lead to the folder of the contents that have no name yet. */
static void test_reserved_name(void **state)
{
	(void)state;
	static const char *const refused[] = { ".assay-partial", "/.assay-partial/x", "a/.Assay-PARTIAL/x", "a/.assay-partial",
	                                       "/.assay-partial./x", ".assay-partial. ." };
	char dir[] = "/tmp/assay-test-XXXXXX", last[EXTRACT_NAME_MAX + 1];
	assert_non_null(mkdtemp(dir));
	int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(extract_parent(root, text_c(refused[i]), last), -1);
	int fd = extract_parent(root, TEXT_LIT("/a/.assay-partial.d"), last);
	assert_true(fd >= 0);
	assert_string_equal(last, ".assay-partial.d");
	close(fd);
	assert_int_equal(unlinkat(root, "a", AT_REMOVEDIR), 0);
	close(root);
	assert_int_equal(rmdir(dir), 0);
}

/* The deepest path of which anything is made. */
static void test_deep(void **state)
{
	(void)state;
	char dir[] = "/tmp/assay-test-XXXXXX", last[EXTRACT_NAME_MAX + 1], path[2 * EXTRACT_DEPTH_MAX + 4];
	assert_non_null(mkdtemp(dir));
	int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof path; i += 2)
		memcpy(path + i, "a/", 2);
	assert_int_equal(extract_parent(root, text_of(path, sizeof path), last), -1);
	assert_int_equal(faccessat(root, "a", F_OK, 0), -1);
	int fd = extract_parent(root, text_of(path, 2 * EXTRACT_DEPTH_MAX + 1), last);
	assert_true(fd >= 0);
	close(fd);
	for (size_t n = 2 * EXTRACT_DEPTH_MAX - 1; n < sizeof path; n -= 2) {
		path[n] = '\0';
		assert_int_equal(unlinkat(root, path, AT_REMOVEDIR), 0);
	}
	close(root);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserved_name),
		cmocka_unit_test(test_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
