/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host_tree.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

/* Text that compresses, but not to nothing. */
static void fill(uint8_t *p, size_t n, uint64_t x)
{
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		p[i] = (uint8_t)("0123456789 abcdefghij "[i % 22] ^ ((x >> 40) & 3));
	}
}

static void write_file(const char *tree, const char *name, size_t n)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/files/%s", tree, name);
	uint8_t *p = malloc(n + 1);
	FILE *f = fopen(path, "wb");
	assert_non_null(p);
	assert_non_null(f);
	fill(p, n, n + 7919);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	free(p);
}

void host_tree_make(char tree[TEMP_MAX], unsigned keeps)
{
	temp_new(tree);
	run_in(tree, "mkdir -p files/a/b/c/d/e files/empty-directory files/small");
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 131071, 131072, 131073, 1048576, 1500000 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char name[32];
		snprintf(name, sizeof name, "a/size-%zu", sizes[i]);
		write_file(tree, name, sizes[i]);
	}
	for (unsigned i = 0; i < 300; i++) {
		char name[32];
		snprintf(name, sizeof name, "small/%u", i);
		write_file(tree, name, 100 + 37 * i);
	}
	run_in(tree, "cd files && head -c 200000 /dev/urandom > noise && touch -d @1234567890 a/size-1");
	if (keeps & KEEPS_NAMES) {
		write_file(tree, "a/b/c/d/e/new\nline", 10);
		write_file(tree, "a/b/c/d/e/\xff\xfe\xc0", 20);
		write_file(tree, "a/b/c/d/e/\x1b[2J", 30);
		write_file(tree, "a/b/c/d/e/...", 40);
	}
	if (keeps & KEEPS_SPARSE)
		run_in(tree, "cd files && truncate -s 3000000 hole && cat noise >> hole && truncate -s 5000001 hole");
	if (keeps & KEEPS_LINKS)
		run_in(
			tree,
			"cd files && ln noise hard-1 && ln noise a/b/hard-2 && ln -s ../noise a/link && ln -s /nowhere dangling");
	if (keeps & KEEPS_MODE)
		run_in(tree, "cd files && chmod 4755 noise && chmod 1777 empty-directory && chmod 0 a/size-4095");
	if (keeps & KEEPS_FIFOS)
		run_in(tree, "mkfifo files/fifo");
}

static enum entry_kind kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return ENTRY_DIRECTORY;
	case S_IFLNK:
		return ENTRY_SYMLINK;
	case S_IFIFO:
		return ENTRY_FIFO;
	case S_IFSOCK:
		return ENTRY_SOCKET;
	case S_IFCHR:
		return ENTRY_CHAR_DEVICE;
	case S_IFBLK:
		return ENTRY_BLOCK_DEVICE;
	default:
		return ENTRY_FILE;
	}
}

static void compare_content(const struct walked *t, const struct walked_entry *w, const char *path)
{
	if (w->e.same_as.p) {
		assert_int_equal(w->e.content.kind, CONTENT_NONE);
		w = walked_get(t, w->e.same_as.p);
	}
	struct span s = file_load("/", path);
	if (error_is(&w->error))
		fail_msg("%s: %s", path, w->error.text);
	assert_int_equal(w->content.n, s.n);
	if (s.n && memcmp(w->content.p, s.p, s.n) != 0)
		fail_msg("%s: other bytes", path);
	free((void *)s.p);
}

static void compare_entry(const struct walked *t, const char *path, const char *name, unsigned keeps)
{
	struct stat st;
	const struct walked_entry *w = walked_get(t, name);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(w->e.kind, kind_of(st.st_mode));
	if (keeps & KEEPS_MODE && !S_ISLNK(st.st_mode))
		assert_int_equal(w->e.mode, st.st_mode & 07777);
	if (keeps & KEEPS_OWNER) {
		assert_int_equal(w->e.uid, st.st_uid);
		assert_int_equal(w->e.gid, st.st_gid);
	}
	if (keeps & KEEPS_MTIME)
		assert_int_equal(w->e.mtime, st.st_mtime);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		assert_int_equal(w->e.device, (int64_t)major(st.st_rdev) << 32 | minor(st.st_rdev));
	if (S_ISREG(st.st_mode)) {
		assert_int_equal(w->e.size, st.st_size);
		compare_content(t, w, path);
	}
	if (S_ISLNK(st.st_mode)) {
		char target[PATH_MAX];
		ssize_t n = readlink(path, target, sizeof target);
		assert_true(n > 0 && text_eq(w->e.link_target, text_of(target, (size_t)n)));
	}
}

size_t host_tree_compare(const struct walked *t, const char *path, const char *name, unsigned keeps)
{
	size_t n = 0;
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		char child[PATH_MAX], child_name[PATH_MAX];
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof child, "%s/%s", path, d->d_name);
		snprintf(child_name, sizeof child_name, "%s/%s", name, d->d_name);
		compare_entry(t, child, child_name, keeps);
		n += 1 + (d->d_type == DT_DIR ? host_tree_compare(t, child, child_name, keeps) : 0);
	}
	closedir(dir);
	return n;
}

void host_tree_expect(const struct walked *t, const char *path, unsigned keeps)
{
	assert_true(t->accepted);
	if (error_is(&t->error))
		fail_msg("%s", t->error.text);
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(host_tree_compare(t, path, "", keeps), t->n);
}
