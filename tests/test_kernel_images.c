/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File systems that Linux filled, against what Linux shows of them: names, permissions, owners, times, devices, links, sizes
 * and the SHA-256 of every file. images/README.md says how the images were made.
 *
 *     test_kernel_images [FORMAT IMAGE LISTING]        another image than those */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "walked.h"

#define IMAGES "tests/images" /* tests run in the project's folder */

/* A line of a listing. */
struct line {
	char *mode, *uid, *gid, *mtime, *device, *size, *links, *what, *path;
};

static bool next_line(char **rest, struct line *line)
{
	char *s = strsep(rest, "\n"), **fields[] = { &line->mode,   &line->uid,  &line->gid,   &line->mtime,
												 &line->device, &line->size, &line->links, &line->what };
	if (!s || !*s)
		return false;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		*fields[i] = strsep(&s, "\t");
		assert_non_null(s);
	}
	line->path = s;
	return true;
}

/* By how many names the file is reached that has this one. */
static uint64_t names_of(const struct walked *t, const struct walked_entry *w)
{
	struct text first = w->e.same_as.p ? w->e.same_as : w->e.path;
	uint64_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += text_eq(t->entries[i].e.same_as, first) || text_eq(t->entries[i].e.path, first);
	return n;
}

static void compare_content(const struct walked *t, const struct walked_entry *w, const struct line *line)
{
	char hex[65];
	const struct walked_entry *first = w->e.same_as.p ? walked_get(t, w->e.same_as.p) : w;
	assert_int_equal(w->e.size, strtoull(line->size, NULL, 10));
	if (error_is(&first->error))
		fail_msg("%s: %s", line->path, first->error.text);
	assert_int_equal(first->content.n, w->e.size);
	hash_sha256_hex(first->content, hex);
	if (strcmp(hex, line->what) != 0)
		fail_msg("%s: other bytes", line->path);
}

static void compare_line(const struct walked *t, const struct line *line)
{
	static const enum entry_kind kinds[] = { [1] = ENTRY_FIFO,         [2] = ENTRY_CHAR_DEVICE, [4] = ENTRY_DIRECTORY,
											 [6] = ENTRY_BLOCK_DEVICE, [8] = ENTRY_FILE,        [10] = ENTRY_SYMLINK };
	const struct walked_entry *w = walked_get(t, line->path);
	unsigned long mode = strtoul(line->mode, NULL, 8);
	assert_int_equal(w->e.kind, kinds[mode >> 12]);
	assert_int_equal(w->e.mode, mode & 07777);
	assert_int_equal(w->e.uid, strtoll(line->uid, NULL, 10));
	assert_int_equal(w->e.gid, strtoll(line->gid, NULL, 10));
	if (w->e.mtime != strtoll(line->mtime, NULL, 10))
		fail_msg("%s: time %lld, not %s", line->path, (long long)w->e.mtime, line->mtime);
	if (w->e.kind != ENTRY_DIRECTORY && names_of(t, w) != strtoull(line->links, NULL, 10))
		fail_msg("%s: %llu names, not %s", line->path, (unsigned long long)names_of(t, w), line->links);
	if (w->e.kind == ENTRY_FILE)
		compare_content(t, w, line);
	if (w->e.kind == ENTRY_SYMLINK && !text_is(w->e.link_target, line->what))
		fail_msg("%s: other target", line->path);
	if (w->e.kind == ENTRY_CHAR_DEVICE || w->e.kind == ENTRY_BLOCK_DEVICE) {
		char *minor;
		int64_t major = strtoll(line->device, &minor, 16);
		assert_int_equal(w->e.device, major << 32 | strtoll(minor + 1, NULL, 16));
	}
}

/* Everything of the listing is there, and nothing else but `more` names. */
static void compare(const char *name, struct span image, struct span listing, unsigned more)
{
	struct walked t;
	struct line line;
	char *text = strndup((const char *)listing.p, listing.n), *rest = text;
	size_t n = 0;
	assert_non_null(format_find(name));
	walked_open(&t, format_find(name), image);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	if (error_is(&t.error))
		fail_msg("%s", t.error.text);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	if (d)
		fail_msg("%.*s", (int)d->what.n, d->what.p);
	for (; next_line(&rest, &line); n++)
		compare_line(&t, &line);
	assert_int_equal(t.n, n + more);
	print_message("%zu names\n", n);
	walked_close(&t);
	free(text);
}

static struct span image_load(const char *name, const char *ending)
{
	char dir[TEMP_MAX], folder[PATH_MAX], command[PATH_MAX + 128];
	temp_new(dir);
	assert_non_null(realpath(IMAGES, folder));
	snprintf(command, sizeof command, "xz -dc '%s/%s.%s.xz' > image", folder, name, ending);
	run_in(dir, command);
	struct span image = file_load(dir, "image");
	temp_remove(dir);
	return image;
}

static const struct row {
	const char *format, *name;
	unsigned more; /* names that Linux does not show */
} rows[] = {
	{ "xfs", "xfs-v5", 0 },
	{ "xfs", "xfs-v4", 0 },
	{ "reiserfs", "reiserfs-3.6", 1 }, /* where it keeps extended attributes */
	{ "reiserfs", "reiserfs-1k", 1 },
	{ "jfs", "jfs-linux", 0 },
	{ "jfs", "jfs-os2", 0 },
	{ "ext", "ext4-cut", 1 }, /* lost+found */
};
#define ROWS (sizeof rows / sizeof rows[0])

static void test_kernel_shows(void **state)
{
	(void)state;
	if (!tool_exists("xz"))
		skip();
	for (size_t i = 0; i < ROWS; i++) {
		struct span image = image_load(rows[i].name, "img"), lines = image_load(rows[i].name, "tsv");
		print_message("%s: ", rows[i].name);
		compare(rows[i].format, image, lines, rows[i].more);
		free((void *)image.p);
		free((void *)lines.p);
	}
}

/* Bits flipped where structures are: the images are nearly empty. */
static void flip(const struct format *format, struct span image, unsigned times)
{
	uint8_t *p = malloc(image.n);
	size_t *blocks = calloc(image.n / 512, sizeof *blocks), n = 0, used = 0;
	uint64_t x = 88172645463325252;
	assert_true(p && blocks);
	memcpy(p, image.p, image.n);
	for (size_t at = 0; at + 512 <= image.n; at += 512) {
		bool zeros = p[at] == 0 && memcmp(p + at, p + at + 1, 511) == 0;
		used = zeros ? used : at + 512;
		bool text = !zeros && p[at + 1] >= '0' && p[at + 1] <= '9' && p[at + 511] < ':' && p[at + 256] < ':';
		if (!zeros && !text)
			blocks[n++] = at;
	}
	for (unsigned i = 0; i < times; i++) {
		struct walked t;
		size_t flipped[8];
		for (unsigned k = 0; k < 8; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			flipped[k] = blocks[x % n] + (x >> 20) % 512;
			p[flipped[k]] ^= (uint8_t)(1u << (x >> 40) % 8);
		}
		walked_open(&t, format, span_of(p, used));
		walked_close(&t);
		for (unsigned k = 0; k < 8; k++)
			p[flipped[k]] = image.p[flipped[k]];
	}
	survives_cuts(format, span_clip(image, 0, used), 12);
	free(blocks);
	free(p);
}

static void test_survives(void **state)
{
	(void)state;
	if (!tool_exists("xz"))
		skip();
	for (size_t i = 0; i < ROWS; i++) {
		struct span image = image_load(rows[i].name, "img");
		flip(format_find(rows[i].format), image, 400);
		free((void *)image.p);
	}
}

static char **another;

static void test_another(void **state)
{
	(void)state;
	struct span image = file_load("/", another[1]), lines = file_load("/", another[2]);
	compare(another[0], image, lines, another[3] ? (unsigned)atoi(another[3]) : 0);
	free((void *)image.p);
	free((void *)lines.p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest one[] = { cmocka_unit_test(test_another) };
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kernel_shows), cmocka_unit_test(test_survives) };
	another = argv + 1;
	return argc > 3 ? cmocka_run_group_tests_name("kernel_images", one, NULL, NULL)
					: cmocka_run_group_tests_name("kernel_images", tests, NULL, NULL);
}
