/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images that change while they are looked at, and copies where the kernel does not help: what a command line can not bring
 * about at the right moment. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/extract.h"
#include "cli/image_run.h"
#include "cli/input.h"
#include "cli/spool.h"
#include "cpio_writer.h"

/* A folder of the test's own, with an image of one file in it. */
struct place {
	char dir[64], image[96], out[96];
	size_t size;
};

static void make_place(struct place *p)
{
	struct buf image = { 0 };
	snprintf(p->dir, sizeof p->dir, "/tmp/assay-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->image, sizeof p->image, "%s/image.bin", p->dir);
	snprintf(p->out, sizeof p->out, "%s/out", p->dir);
	cpio_add(&image, span_of("file", 4), 0100755, span_of("#!/bin/sh\n:\n", 12));
	cpio_end(&image);
	int fd = open(p->image, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, image.p, image.n), image.n);
	close(fd);
	p->size = image.n;
	buf_free(&image);
}

static void remove_place(const struct place *p)
{
	char file[128];
	snprintf(file, sizeof file, "%s/file", p->out);
	unlink(file);
	rmdir(p->out);
	unlink(p->image);
	assert_int_equal(rmdir(p->dir), 0);
}

/* The input is shorter than the files that are said to stand in it: told, and the others are written. */
static void test_cut_input(void **state)
{
	(void)state;
	struct place p;
	struct error e;
	struct extract_counts n;
	make_place(&p);
	struct case_file *c = case_unkept();
	assert_non_null(c);
	int input = memfd_create("input", MFD_CLOEXEC);
	assert_int_equal(write(input, "0123456789", 10), 10);
	for (uint64_t size = 5; size <= 6; size++) {
		struct extraction *x = extraction_begin(p.out, &e);
		assert_non_null(x);
		assert_true(extraction_extent(x, 1, input, 5, size));
		assert_true(extraction_extent(x, 2, input, 0, 10));
		e = extraction_finish(x, c, &n);
		assert_int_equal(e.code, size == 5 ? ERR_NONE : ERR_TRUNCATED);
		extraction_free(x);
	}
	close(input);
	case_close(c);
	remove_place(&p);
}

/* A batch with one blob in it, as a worker sends them. */
static void take_blob(struct case_file *c, uint64_t key, uint64_t parent, uint32_t ordinal, const char *kind, const char *path,
                      const char *other)
{
	struct buf batch = { 0 };
	struct fact_blob blob = { .mode = 0100755, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .offset = FACT_NULL, .size = FACT_NULL };
	struct batch_header h = { key, parent, ordinal, 0 };
	blob.path = text_c(path);
	blob.kind = text_c(kind);
	if (strcmp(kind, "symlink") == 0)
		blob.link_target = text_c(other);
	else if (other)
		blob.same_as = text_c(other);
	assert_int_equal(batch_begin(&batch), ERR_NONE);
	assert_int_equal(batch_add(&batch, FACT_blob, &blob), ERR_NONE);
	assert_int_equal(batch_finish(&batch, &h), ERR_NONE);
	assert_true(case_take_batch(c, buf_span(&batch)));
	buf_free(&batch);
}

static void assert_holds(const struct place *p, const char *name, const char *wanted)
{
	char path[160], bytes[64];
	snprintf(path, sizeof path, "%s/%s", p->out, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t n = read(fd, bytes, sizeof bytes);
	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(bytes, wanted, (size_t)n);
	close(fd);
	assert_int_equal(unlink(path), 0);
}

/* The blobs come in any order: their names are given as the tree has them. Of two files of a name the first one gets it; one in
 * a container has a folder beside it; links go to files that are there; a name that is no UTF-8 is made so. */
static void test_names(void **state)
{
	(void)state;
	struct place p;
	struct error e;
	struct extract_counts n;
	char path[160];
	make_place(&p);
	struct case_file *c = case_unkept();
	struct extraction *x = extraction_begin(p.out, &e);
	assert_non_null(x);
	take_blob(c, 14, 12, 0, "file", "/inner", NULL);
	take_blob(c, 13, BATCH_ROOT_KEY, 3, "file", "/file", NULL);
	take_blob(c, 12, BATCH_ROOT_KEY, 2, "file", "/a.tar", NULL);
	take_blob(c, 15, BATCH_ROOT_KEY, 4, "file", "/again", "/file");
	take_blob(c, 16, BATCH_ROOT_KEY, 5, "symlink", "/link", "file");
	take_blob(c, 17, BATCH_ROOT_KEY, 6, "file", "/\xff", NULL);
	take_blob(c, 11, BATCH_ROOT_KEY, 1, "file", "/file", NULL);
	take_blob(c, BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, "input", "image.bin", NULL);
	static const char *const contents[] = { "first", "tar", "second", "inner", NULL, NULL, "ff" };
	for (uint64_t key = 17; key >= 11; key--)
		if (contents[key - 11])
			assert_true(extraction_content(x, key, span_of(contents[key - 11], strlen(contents[key - 11]))));
	e = extraction_finish(x, c, &n);
	assert_false(error_is(&e));
	assert_int_equal(n.files, 6);
	assert_int_equal(n.refused, 1);
	extraction_free(x);
	case_close(c);
	assert_holds(&p, "link", "first");
	assert_holds(&p, "again", "first");
	assert_holds(&p, "a.tar", "tar");
	assert_holds(&p, "a.tar.d/inner", "inner");
	assert_holds(&p, "\\x5cxff", "ff");
	snprintf(path, sizeof path, "%s/a.tar.d", p.out);
	assert_int_equal(rmdir(path), 0);
	remove_place(&p);
}

/* Parts of the image that are no files get names where there is content for them, and no folder is made for what has none; of two of one
 * name both are kept. */
static void test_parts(void **state)
{
	(void)state;
	struct place p;
	struct error e;
	struct extract_counts n;
	char path[160];
	struct stat st;
	make_place(&p);
	struct case_file *c = case_unkept();
	struct extraction *x = extraction_begin(p.out, &e);
	assert_non_null(x);
	static const char *const contents[] = { "first", "second", NULL, NULL, "inner" };
	for (uint64_t i = 0; i < 5; i++)
		if (contents[i])
			assert_true(extraction_content(x, 11 + i, span_of(contents[i], strlen(contents[i]))));
	take_blob(c, 11, BATCH_ROOT_KEY, 0, "region", "rootfs", NULL);
	take_blob(c, 12, BATCH_ROOT_KEY, 1, "region", "rootfs", NULL);
	take_blob(c, 13, BATCH_ROOT_KEY, 2, "region", "opened", NULL);
	take_blob(c, 14, 13, 0, "region", "padding", NULL);
	take_blob(c, 15, 12, 0, "stream", "gzip", NULL);
	take_blob(c, BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, "input", "image.bin", NULL);
	e = extraction_finish(x, c, &n);
	assert_false(error_is(&e));
	assert_int_equal(n.parts, 3);
	assert_int_equal(n.files, 0);
	assert_int_equal(n.refused, 0);
	extraction_free(x);
	case_close(c);
	assert_holds(&p, "rootfs", "first");
	assert_holds(&p, "rootfs-2", "second");
	assert_holds(&p, "rootfs.d/gzip", "inner");
	snprintf(path, sizeof path, "%s/opened.d", p.out);
	assert_int_equal(stat(path, &st), -1);
	snprintf(path, sizeof path, "%s/rootfs.d", p.out);
	assert_int_equal(rmdir(path), 0);
	remove_place(&p);
}

/* What has the name of a container's folder takes nothing from the container. What is in one that has no name that can be given is
 * counted as left out. */
static void test_folder_is_taken(void **state)
{
	(void)state;
	struct place p;
	struct error e;
	struct extract_counts n;
	char path[160];
	make_place(&p);
	struct case_file *c = case_unkept();
	struct extraction *x = extraction_begin(p.out, &e);
	assert_non_null(x);
	static const char *const contents[] = { "a file", "a part", "inner", "hidden" };
	for (uint64_t i = 0; i < 4; i++)
		assert_true(extraction_content(x, 11 + i, span_of(contents[i], strlen(contents[i]))));
	take_blob(c, 11, BATCH_ROOT_KEY, 0, "file", "/disk.d", NULL);
	take_blob(c, 12, BATCH_ROOT_KEY, 1, "region", "disk.d-2", NULL);
	take_blob(c, 20, BATCH_ROOT_KEY, 2, "region", "disk", NULL);
	take_blob(c, 13, 20, 0, "file", "/inner", NULL);
	take_blob(c, 15, 20, 1, "symlink", "/link", "inner");
	take_blob(c, 21, BATCH_ROOT_KEY, 3, "region", "..", NULL);
	take_blob(c, 14, 21, 0, "file", "/hidden", NULL);
	take_blob(c, 16, 21, 1, "symlink", "/link", "hidden");
	take_blob(c, BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, "input", "image.bin", NULL);
	e = extraction_finish(x, c, &n);
	assert_false(error_is(&e));
	extraction_free(x);
	case_close(c);
	assert_int_equal(n.files, 3);
	assert_int_equal(n.parts, 1);
	assert_int_equal(n.refused, 2);
	assert_holds(&p, "disk.d", "a file");
	assert_holds(&p, "disk.d-2", "a part");
	assert_holds(&p, "disk.d-3/link", "inner");
	assert_holds(&p, "disk.d-3/inner", "inner");
	snprintf(path, sizeof path, "%s/disk.d-3", p.out);
	assert_int_equal(rmdir(path), 0);
	remove_place(&p);
}

/* Children of the input, as a worker tells of them; in any order of arrival the same ones get their names. */
static const struct {
	const char *kind, *path, *content;
} children[] = {
	{ "file", "/one", "1" },       { "directory", "/dir", NULL },   { "file", "/dir", "no" }, { "file", "/one", "no" },
	{ "file", "/dir/three", "3" }, { "file", "/../../up", "up" }, { "file", "/four", "4" }, { "file", "/new/five", "5" },
};
#define CHILDREN (sizeof children / sizeof children[0])

static uint64_t send_content(struct extraction *x, uint32_t i, bool named)
{
	uint64_t key = batch_child_key(BATCH_ROOT_KEY, i);
	if (children[i].content && named)
		extraction_name(x, key, i, 0100755, text_c(children[i].path));
	if (children[i].content)
		assert_true(extraction_content(x, key, span_of(children[i].content, strlen(children[i].content))));
	return key;
}

static void send_child(struct extraction *x, struct case_file *c, uint32_t i, bool named)
{
	uint64_t key = send_content(x, i, named);
	take_blob(c, key, BATCH_ROOT_KEY, i, children[i].kind, children[i].path, NULL);
	extraction_blob(x, c, key);
}

static void finish_children(const struct place *p, struct extraction *x, struct case_file *c)
{
	struct extract_counts n;
	char path[160];
	struct stat st;
	take_blob(c, BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, "input", "image.bin", NULL);
	extraction_blob(x, c, BATCH_ROOT_KEY);
	struct error e = extraction_finish(x, c, &n);
	assert_false(error_is(&e));
	assert_int_equal(n.files, 4);
	assert_int_equal(n.refused, 3);
	extraction_free(x);
	case_close(c);
	snprintf(path, sizeof path, "%s/new/five", p->out);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_holds(p, "one", "1");
	assert_holds(p, "dir/three", "3");
	assert_holds(p, "four", "4");
	assert_holds(p, "new/five", "5");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", p->out, i ? "new" : "dir");
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(rmdir(p->out), 0); /* nothing else is left */
}

static struct extraction *begin_children(const struct place *p, struct case_file **c)
{
	struct error e;
	struct extraction *x = extraction_begin(p->out, &e);
	assert_non_null(x);
	extraction_restart(x); /* before the first worker, too */
	*c = case_unkept();
	assert_non_null(*c);
	return x;
}

static void test_names_ahead(void **state)
{
	(void)state;
	static const uint32_t orders[][CHILDREN] = { { 0, 1, 2, 3, 4, 5, 6, 7 }, { 1, 0, 2, 3, 4, 5, 6, 7 }, { 7, 6, 5, 4, 3, 2, 1, 0 },
		                                         { 3, 0, 2, 1, 6, 4, 5, 7 }, { 2, 3, 0, 1, 7, 4, 6, 5 } };
	struct place p;
	char path[160];
	struct stat st;
	make_place(&p);
	for (size_t k = 0; k < 2 * (sizeof orders / sizeof orders[0]); k++) {
		struct case_file *c;
		struct extraction *x = begin_children(&p, &c);
		for (size_t i = 0; i < CHILDREN; i++)
			send_child(x, c, orders[k / 2][i], k % 2);
		snprintf(path, sizeof path, "%s/four", p.out);
		assert_int_equal(stat(path, &st), 0); /* it has its name by now, told or not */
		finish_children(&p, x, c);
	}
	assert_int_equal(mkdir(p.out, 0755), 0);
	remove_place(&p);
}

/* The worker dies while it sends a file, and its successor sends all once more. */
static void test_names_again(void **state)
{
	(void)state;
	struct place p;
	struct case_file *c;
	make_place(&p);
	for (uint32_t died = 0; died < CHILDREN; died++) {
		struct extraction *x = begin_children(&p, &c);
		for (uint32_t i = 0; i < died; i++)
			send_child(x, c, i, true);
		send_content(x, died, true);
		extraction_restart(x);
		for (uint32_t i = 0; i < CHILDREN; i++)
			send_child(x, c, i, true);
		finish_children(&p, x, c);
	}
	/* and none comes */
	struct extraction *x = begin_children(&p, &c);
	send_content(x, 0, true);
	struct extract_counts n;
	struct error e = extraction_finish(x, c, &n);
	assert_false(error_is(&e));
	assert_int_equal(n.files, 0);
	extraction_free(x);
	case_close(c);
	remove_place(&p);
}

/* The run fails in the middle of a file: what it has so far does not stay under its name. */
static void test_names_failed(void **state)
{
	(void)state;
	struct place p;
	struct case_file *c;
	make_place(&p);
	struct extraction *x = begin_children(&p, &c);
	send_content(x, 0, true);
	extraction_free(x);
	case_close(c);
	assert_int_equal(rmdir(p.out), 0);
	assert_int_equal(mkdir(p.out, 0755), 0);
	remove_place(&p);
}

static void cut(void *image)
{
	assert_int_equal(truncate(image, 40), 0);
}

static void touch(void *image)
{
	struct timespec times[2] = { { 0, UTIME_NOW }, { 1000000000, 5 } };
	assert_int_equal(utimensat(AT_FDCWD, image, times, 0), 0);
}

/* What the case says of the run. */
static void read_status(struct case_file *c, char status[16])
{
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_prepare_v2(case_db(c), "SELECT status FROM probe_run WHERE probe = 'firmware.unpack'", -1, &s, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	snprintf(status, 16, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

/* Extracts the image, on which `meanwhile` works when the worker has begun. Whether it is said to have changed. */
static bool changes(void (*meanwhile)(void *), bool contents_only, char status[16])
{
	struct place p;
	struct error e;
	struct input input;
	struct input_options input_options = { .limit = UINT64_MAX };
	struct image_options options = { .threads = 1, .budget = budget_default, .quiet = true, .contents_only = contents_only };
	make_place(&p);
	assert_int_equal(input_open(p.image, &input_options, &input), 0);
	struct image_run r = { .input = &input, .meanwhile = meanwhile, .meanwhile_context = p.image };
	r.extraction = extraction_begin(p.out, &e);
	assert_non_null(r.extraction);
	r.c = image_begin(&options, &input, "extract ", "");
	assert_non_null(r.c);
	e = image_run(&r, &options);
	assert_false(error_is(&e));
	if (contents_only) /* nothing is kept of the run */
		snprintf(status, 16, "%s", r.complete ? "complete" : "partial");
	else
		read_status(r.c, status);
	extraction_free(r.extraction);
	case_close(r.c);
	input_close(&input);
	remove_place(&p);
	return r.changed;
}

static void test_changing_image(void **state)
{
	(void)state;
	char status[16];
	for (int only = 0; only < 2; only++) {
		assert_false(changes(NULL, only, status));
		assert_string_equal(status, "complete");
		assert_true(changes(touch, only, status));
		assert_string_equal(status, "partial");
		assert_true(changes(cut, only, status));
		assert_string_equal(status, "partial");
	}
}

/* Copies 300000 bytes where the kernel refuses copy_file_range() with that error. */
static bool copies(int refusal)
{
	static char bytes[300000], copy[sizeof bytes];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i / 7);
	int from = memfd_create("from", MFD_CLOEXEC), to = memfd_create("to", MFD_CLOEXEC);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	return write(from, bytes, sizeof bytes) == sizeof bytes && filter &&
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)refusal), SCMP_SYS(copy_file_range), 0) == 0 &&
	       seccomp_load(filter) == 0 && spool_copy(from, 1, sizeof bytes - 1, to) &&
	       pread(to, copy, sizeof copy, 0) == sizeof copy - 1 && memcmp(copy, bytes + 1, sizeof bytes - 1) == 0;
}

static void test_copy_by_hand(void **state)
{
	(void)state;
	static const int refusals[] = { EPERM, ENOSYS, EXDEV };
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			_exit(copies(refusals[i]) ? 0 : 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_input),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_folder_is_taken),
		cmocka_unit_test(test_names_ahead),
		cmocka_unit_test(test_names_again),
		cmocka_unit_test(test_names_failed),
		cmocka_unit_test(test_changing_image),
		cmocka_unit_test(test_copy_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
