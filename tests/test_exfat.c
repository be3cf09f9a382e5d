/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exfat: volumes of mkfs.exfat, filled by a small writer after Microsoft's specification, whose work fsck.exfat checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format exfat_format;

struct volume {
	char dir[TEMP_MAX];
	uint8_t *p;
	size_t n, sector, cluster, heap, fat;
	uint32_t root, next;
	uint8_t *bitmap;
};

static uint8_t *cluster_at(const struct volume *v, uint32_t cluster)
{
	return v->p + v->heap + (cluster - 2) * v->cluster;
}

static bool volume_new(struct volume *v, const char *options)
{
	if (!tool_exists("mkfs.exfat") || !tool_exists("fsck.exfat"))
		return false;
	char command[200];
	temp_new(v->dir);
	snprintf(command, sizeof command, "truncate -s 8M image; mkfs.exfat %s image", options);
	run_in(v->dir, command);
	struct span image = file_load(v->dir, "image");
	v->p = (uint8_t *)image.p;
	v->n = image.n;
	v->sector = (size_t)1 << v->p[108];
	v->cluster = v->sector << v->p[109];
	v->fat = get(v->p + 80, 4) * v->sector;
	v->heap = get(v->p + 88, 4) * v->sector;
	v->root = (uint32_t)get(v->p + 96, 4);
	v->next = v->root + 8;
	uint8_t *e = cluster_at(v, v->root);
	while (*e != 0x81)
		e += 32;
	v->bitmap = cluster_at(v, (uint32_t)get(e + 20, 4));
	return true;
}

static void volume_free(struct volume *v)
{
	temp_remove(v->dir);
	free(v->p);
}

static uint32_t allocate(struct volume *v, unsigned step)
{
	uint32_t c = v->next;
	v->next += step;
	v->bitmap[(c - 2) / 8] |= (uint8_t)(1u << (c - 2) % 8);
	return c;
}

/* Stores the bytes, in clusters that follow each other or in every second one, chained. */
static uint32_t store(struct volume *v, const uint8_t *data, size_t n, bool contiguous)
{
	uint32_t first = 0, last = 0;
	for (size_t at = 0; at < n; at += v->cluster) {
		uint32_t c = allocate(v, contiguous ? 1 : 2);
		memset(cluster_at(v, c), 0xee, v->cluster);
		memcpy(cluster_at(v, c), data + at, n - at < v->cluster ? n - at : v->cluster);
		if (!first)
			first = c;
		else if (!contiguous)
			put(v->p + v->fat + 4 * last, c, 4);
		last = c;
		if (!contiguous)
			put(v->p + v->fat + 4 * c, 0xffffffff, 4);
	}
	return first;
}

struct file {
	const char *name; /* ASCII, or UTF-16 in `units` */
	const uint16_t *units;
	unsigned nunits;
	uint32_t first;
	uint64_t valid, size;
	bool contiguous;
	uint16_t attributes;
};

static uint16_t rotate16(uint16_t sum, uint8_t byte)
{
	return (uint16_t)((sum & 1 ? 0x8000 : 0) + (sum >> 1) + byte);
}

/* Writes the set of entries at e; gives what follows it. */
static uint8_t *add_entries(uint8_t *e, const struct file *f)
{
	uint16_t units[255], hash = 0, sum = 0;
	unsigned n = f->name ? (unsigned)strlen(f->name) : f->nunits;
	for (unsigned i = 0; i < n; i++) {
		units[i] = f->name ? (uint8_t)f->name[i] : f->units[i];
		bool small = (units[i] >= 'a' && units[i] <= 'z') || units[i] == 0xe4;
		uint16_t upper = (uint16_t)(units[i] - (small ? 32 : 0));
		hash = rotate16(rotate16(hash, (uint8_t)upper), (uint8_t)(upper >> 8));
	}
	unsigned names = (n + 14) / 15;
	memset(e, 0, (2 + names) * 32);
	e[0] = 0x85;
	e[1] = (uint8_t)(1 + names);
	put(e + 4, f->attributes, 2);
	for (unsigned at = 8; at <= 16; at += 4)
		put(e + at, ((2009u - 1980) << 9 | 2 << 5 | 14) << 16 | (1u << 11 | 1 << 5 | 15), 4); /* 2009-02-14 01:01:30 */
	e[22] = e[23] = e[24] = 0x80 | 4;                                                         /* one hour east */
	e[32] = 0xc0;
	e[33] = (uint8_t)(1 | (f->contiguous ? 2 : 0));
	e[35] = (uint8_t)n;
	put(e + 36, hash, 2);
	put(e + 40, f->valid, 8);
	put(e + 52, f->first, 4);
	put(e + 56, f->size, 8);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *name = e + 64 + 32 * (i / 15);
		name[0] = 0xc1;
		put(name + 2 + 2 * (i % 15), units[i], 2);
	}
	for (unsigned i = 0; i < (2 + names) * 32; i++)
		if (i != 2 && i != 3)
			sum = rotate16(sum, e[i]);
	put(e + 2, sum, 2);
	return e + (2 + names) * 32;
}

static uint8_t *root_end(const struct volume *v)
{
	uint8_t *e = cluster_at(v, v->root);
	while (*e)
		e += 32;
	return e;
}

static uint8_t data[50000];

/* A tree of all kinds of files. */
static void fill(struct volume *v)
{
	static const uint16_t smile[] = { 0xe4, 0xd83d, 0xde00, '.', 'x' };
	uint32_t x = 7;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
	uint8_t *e = root_end(v);
	uint32_t chained = store(v, data, 30000, false), whole = store(v, data, 50000, true),
			 part = store(v, data, 20000, false);
	uint32_t dir = store(v, (const uint8_t *)"", 1, false);
	memset(cluster_at(v, dir), 0, v->cluster);
	e = add_entries(e, &(struct file){ .name = "chained", .first = chained, .valid = 30000, .size = 30000 });
	e = add_entries(
		e, &(struct file){ .name = "whole", .first = whole, .valid = 50000, .size = 50000, .contiguous = true });
	e = add_entries(e, &(struct file){ .name = "part", .first = part, .valid = 9000, .size = 20000 });
	e = add_entries(e, &(struct file){ .name = "gone" });
	e[-32] &= 0x7f, e[-64] &= 0x7f, e[-96] &= 0x7f; /* deleted */
	e = add_entries(
		e, &(struct file){ .name = "dir", .first = dir, .valid = v->cluster, .size = v->cluster, .attributes = 16 });
	uint8_t *d = cluster_at(v, dir);
	d = add_entries(d, &(struct file){ .name = "a name that is longer than fifteen letters, more than twice" });
	d = add_entries(d, &(struct file){ .units = smile, .nunits = 5 });
	d = add_entries(d, &(struct file){ .name = "sub", .attributes = 16 });
}

static void write_back(const struct volume *v)
{
	char path[TEMP_MAX + 8];
	snprintf(path, sizeof path, "%s/image", v->dir);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(v->p, 1, v->n, f), v->n);
	fclose(f);
}

static void test_files(void **state)
{
	(void)state;
	static const char *const options[] = { "-L label -c 4096", "-c 2048", "-c 32768" };
	static uint8_t part[20000];
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct volume v;
		struct walked t;
		if (!volume_new(&v, options[i]))
			skip();
		fill(&v);
		write_back(&v);
		run_in(v.dir, "fsck.exfat -n image");
		walked_open(&t, &exfat_format, span_of(v.p, v.n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, v.n);
		assert_string_equal(walked_header(&t, "boot_checksum"), "ok");
		assert_string_equal(walked_header(&t, "file_system_revision"), "1.00");
		if (i == 0)
			assert_string_equal(walked_header(&t, "volume_label"), "label");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 7);
		assert_content(&t, "/chained", data, 30000);
		assert_content(&t, "/whole", data, 50000);
		memcpy(part, data, 9000);
		assert_content(&t, "/part", part, 20000);
		assert_content(&t, "/dir/a name that is longer than fifteen letters, more than twice", "", 0);
		assert_content(&t, "/dir/\xc3\xa4\xf0\x9f\x98\x80.x", "", 0);
		assert_int_equal(walked_get(&t, "/dir/sub")->e.kind, ENTRY_DIRECTORY);
		assert_int_equal(walked_get(&t, "/whole")->e.mtime, 1234573290 - 3600);
		assert_int_equal(walked_get(&t, "/whole")->e.mode, FACT_NULL);
		walked_close(&t);
		if (i == 0) {
			size_t used = (size_t)(cluster_at(&v, v.next) - v.p);
			survives_cuts(&exfat_format, span_of(v.p, used), 60);
			uint8_t *compact = malloc(used);
			memcpy(compact, v.p, used);
			survives_flips(&exfat_format, span_of(compact, used), 200, used);
			/* The directories alone: the rest of the image is not there. */
			survives_flips(&exfat_format, span_of(v.p + 0, v.heap + 12 * v.cluster), 1500, 0);
			free(compact);
		}
		volume_free(&v);
	}
}

static void walk_broken(struct walked *t, const struct volume *v)
{
	walked_open(t, &exfat_format, span_of(v->p, v->n));
	assert_true(t->accepted);
}

static void test_hostile(void **state)
{
	(void)state;
	struct volume v;
	struct walked t;
	if (!volume_new(&v, "-c 4096"))
		skip();
	uint8_t *e = root_end(&v), *base = malloc(v.n);
	memcpy(base, v.p, v.n);

	/* A directory that is the root; a file that is larger than the volume; one outside of it. */
	e = add_entries(e, &(struct file){ .name = "loop", .first = v.root, .size = 4096, .attributes = 16 });
	e = add_entries(
		e, &(struct file){ .name = "huge", .first = 5, .valid = UINT64_MAX, .size = UINT64_MAX, .contiguous = true });
	e = add_entries(e,
					&(struct file){ .name = "out", .first = 0xfffffff0, .valid = 10, .size = 10, .contiguous = true });
	e = add_entries(e, &(struct file){ .name = "../../etc/x" });
	walk_broken(&t, &v);
	assert_int_equal(t.n, 4);
	assert_int_equal(walked_get(&t, "/../../etc/x")->e.size, 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 4);
	walked_close(&t);

	/* Directories that share their bytes, again and again. */
	memcpy(v.p, base, v.n);
	e = root_end(&v);
	for (unsigned i = 0; i < 30; i++) {
		char name[16];
		snprintf(name, sizeof name, "dir-%u", i);
		e = add_entries(
			e, &(struct file){ .name = name, .first = 100 + i, .size = 4 << 20, .contiguous = true, .attributes = 16 });
	}
	walk_broken(&t, &v);
	assert_int_equal(t.n, 30);
	assert_in_range(walked_damage(&t, "corrupt"), 20, 23);
	walked_close(&t);

	/* A chain that leads back into itself. */
	memcpy(v.p, base, v.n);
	e = add_entries(root_end(&v), &(struct file){ .name = "loop", .first = v.next, .valid = 4096, .size = 100 << 10 });
	put(v.p + v.fat + 4 * v.next, v.next + 1, 4);
	put(v.p + v.fat + 4 * (v.next + 1), v.next, 4);
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* crosses itself, and loops */
	walked_close(&t);

	/* Checksums. */
	memcpy(v.p, base, v.n);
	e = add_entries(root_end(&v), &(struct file){ .name = "file" });
	e[-96 + 12] ^= 1;
	v.p[100] ^= 1;
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_string_equal(walked_header(&t, "boot_checksum"), "mismatch");
	walked_close(&t);

	/* A set that breaks off. */
	memcpy(v.p, base, v.n);
	e = add_entries(root_end(&v), &(struct file){ .name = "file" });
	add_entries(e - 32, &(struct file){ .name = "next" });
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	free(base);
	volume_free(&v);
}

/* What is lost of directories is told: by the allocation bitmap, and by sets behind what ends a directory. */
static void test_lost(void **state)
{
	(void)state;
	struct volume v;
	struct walked t;
	if (!volume_new(&v, "-c 4096"))
		skip();
	uint8_t *first = root_end(&v), *e = first, *base = malloc(v.n);
	assert_non_null(base);
	for (char name[] = "a"; *name <= 'e'; ++*name)
		e = add_entries(e, &(struct file){ .name = name, .first = store(&v, data, 5000, true), .valid = 5000, .size = 5000, .contiguous = true });
	memcpy(base, v.p, v.n);
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);

	uint32_t bad = store(&v, data, 10, false); /* is said to be in use, too */
	put(v.p + v.fat + 4 * bad, 0xfffffff7, 4);
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);

	memcpy(v.p, base, v.n);
	memset(first + 96, 0, 96); /* the second of five files: an end, before which nothing ends */
	walk_broken(&t, &v);
	assert_int_equal(t.n, 4);
	assert_content(&t, "/e", data, 5000);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);

	memcpy(v.p, base, v.n); /* bytes too many in the directory */
	memmove(first + 96 + 13, first + 96, 3 * 96);
	memset(first + 96, 0, 13);
	walk_broken(&t, &v);
	assert_content(&t, "/a", data, 5000);
	assert_content(&t, "/b", data, 5000);
	assert_content(&t, "/d", data, 5000);
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* and the clusters of the file that was written over */
	walked_close(&t);

	memcpy(v.p, base, v.n); /* deleted, as far as directories tell */
	for (uint8_t *p = first; p < e; p += 32)
		*p &= 0x7f;
	walk_broken(&t, &v);
	assert_int_equal(t.n, 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	v.p[106] |= 2; /* a volume that was not unmounted may have such */
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);

	memset(cluster_at(&v, v.root), 0, v.cluster);
	v.p[106] &= (uint8_t)~2;
	walk_broken(&t, &v);
	assert_int_equal(walked_damage(&t, "corrupt"), 1); /* no bitmap */
	walked_close(&t);
	free(base);
	volume_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_lost),
	};
	return cmocka_run_group_tests_name("exfat", tests, NULL, NULL);
}
