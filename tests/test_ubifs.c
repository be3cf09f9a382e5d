/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ubifs: images of mkfs.ubifs over its options beside the tree that they were made from; journals, damage and malice written
 * here after Linux fs/ubifs/ubifs-media.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"
#include "little_endian.h"

extern const struct format ubifs_format;

#define LEB 15872u
#define SQNUM 1000000u

/* After the polynomial, to have a CRC that shares nothing with the one under test. */
static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	static uint32_t table[256];
	for (uint32_t i = 0; i < 256 && !table[255]; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	uint32_t crc = 0xffffffff;
	for (; n; n--, p++)
		crc = crc >> 8 ^ table[(crc ^ *p) & 255];
	return crc;
}

static bool is_node(const uint8_t *p, size_t room)
{
	return room >= 24 && get(p, 4) == 0x06101831 && get(p + 16, 4) >= 24 && get(p + 16, 4) <= room;
}

static void seal(uint8_t *node)
{
	put(node + 4, crc32_of(node + 8, get(node + 16, 4) - 8), 4);
}

/* An image in memory that nodes are appended to. */
struct image {
	uint8_t *p;
	size_t n;
	uint8_t *log_end, *bud; /* where the next node goes */
	uint64_t sqnum;
};

static uint8_t *find_node(struct image *i, unsigned type, size_t from)
{
	for (size_t at = from; at + 24 <= i->n; at += 8)
		if (is_node(i->p + at, i->n - at) && i->p[at + 20] == type)
			return i->p + at;
	fail_msg("no node of type %u", type);
	return NULL;
}

static uint8_t *find_entry(struct image *i, const char *name)
{
	for (size_t at = 0; at + 57 <= i->n; at += 8) {
		uint8_t *p = i->p + at;
		if (is_node(p, i->n - at) && p[20] == 2 && get(p + 50, 2) == strlen(name) &&
			memcmp(p + 56, name, strlen(name)) == 0)
			return p;
	}
	fail_msg("no entry %s", name);
	return NULL;
}

static uint32_t inode_of(struct image *i, const char *name)
{
	return (uint32_t)get(find_entry(i, name) + 40, 8);
}

/* The inode node of that number as mkfs.ubifs wrote it. */
static uint8_t *find_inode(struct image *i, uint32_t inode)
{
	for (size_t at = 0;; at += 8) {
		uint8_t *p = find_node(i, 0, at);
		at = (size_t)(p - i->p);
		if (get(p + 24, 4) == inode)
			return p;
	}
}

static uint8_t *master(struct image *i, unsigned lnum)
{
	return find_node(i, 7, lnum * LEB);
}

static uint8_t *root_index(struct image *i)
{
	const uint8_t *m = master(i, 1);
	return i->p + get(m + 48, 4) * LEB + get(m + 52, 4);
}

/* Makes room for `lebs` more, erased, and tells the superblock. */
static void image_load(struct image *i, const char *dir, unsigned lebs)
{
	struct span made = file_load(dir, "image");
	*i = (struct image){ .n = made.n + lebs * LEB, .sqnum = SQNUM };
	i->p = malloc(i->n);
	assert_non_null(i->p);
	memcpy(i->p, made.p, made.n);
	memset(i->p + made.n, 0xff, lebs * LEB);
	put(i->p + 40, i->n / LEB, 4);
	seal(i->p);
	i->bud = i->p + made.n;
	free((void *)made.p);
}

static uint8_t *begin(uint8_t **place, uint64_t sqnum, unsigned type, size_t n)
{
	uint8_t *node = *place;
	memset(node, 0, n);
	put(node, 0x06101831, 4);
	put(node + 8, sqnum, 8);
	put(node + 16, n, 4);
	node[20] = (uint8_t)type;
	*place = node + (n + 7) / 8 * 8;
	return node;
}

/* A reference to the bud in the log, behind what stands there. */
static void refer(struct image *i, const uint8_t *bud)
{
	uint8_t *leb = i->p + get(master(i, 1) + 44, 4) * LEB, *end = leb;
	for (uint8_t *p = leb; p < leb + LEB; p += 8)
		if (is_node(p, LEB))
			end = p + (get(p + 16, 4) + (p[20] == 5 ? get(p + 24, 4) : 0) + 7) / 8 * 8;
	uint8_t *node = begin(&end, i->sqnum++, 8, 64);
	put(node + 24, (uint64_t)(bud - i->p) / LEB, 4);
	put(node + 28, (uint64_t)(bud - i->p) % LEB, 4);
	put(node + 32, 2, 4);
	seal(node);
}

static uint8_t *add_inode(struct image *i, uint32_t inode, uint32_t mode, uint64_t size, uint32_t links)
{
	uint8_t *node = begin(&i->bud, i->sqnum++, 0, 160);
	put(node + 24, inode, 4);
	put(node + 48, size, 8);
	put(node + 72, 1234567890, 8);
	put(node + 92, links, 4);
	put(node + 96, 7, 4);
	put(node + 100, 8, 4);
	put(node + 104, mode, 4);
	seal(node);
	return node;
}

static void add_entry(struct image *i, uint32_t dir, const char *name, uint64_t inode, unsigned type, uint32_t hash)
{
	size_t n = strlen(name);
	uint8_t *node = begin(&i->bud, i->sqnum++, 2, 57 + n);
	put(node + 24, dir, 4);
	put(node + 28, 2u << 29 | hash, 4);
	put(node + 40, inode, 8);
	node[49] = (uint8_t)type;
	put(node + 50, n, 2);
	memcpy(node + 56, name, n);
	seal(node);
}

/* The entry that says that the one of mkfs.ubifs is gone. */
static void add_removal(struct image *i, const char *name)
{
	const uint8_t *old = find_entry(i, name);
	add_entry(i, (uint32_t)get(old + 24, 4), name, 0, old[49], get(old + 28, 4) & 0x1fffffff);
}

static void add_data(struct image *i, uint32_t inode, uint32_t block, const void *bytes, size_t n)
{
	uint8_t *node = begin(&i->bud, i->sqnum++, 1, 48 + n);
	put(node + 24, inode, 4);
	put(node + 28, 1u << 29 | block, 4);
	put(node + 40, n, 4);
	memcpy(node + 48, bytes, n);
	seal(node);
}

static void add_truncation(struct image *i, uint32_t inode, uint64_t from, uint64_t to)
{
	uint8_t *node = begin(&i->bud, i->sqnum++, 4, 56);
	put(node + 24, inode, 4);
	put(node + 40, from, 8);
	put(node + 48, to, 8);
	seal(node);
}

static struct span image_span(const struct image *i)
{
	return span_of(i->p, i->n);
}

static void test_options(void **state)
{
	(void)state;
	static const char *const options[] = {
		"-m 1 -e 15360",
		"-m 8 -e 16384 -x none",
		"-m 512 -e 15872 -x zlib",
		"-m 2048 -e 126976 -x zstd",
		"-m 4096 -e 253952 -x favor_lzo -X 5",
		"-m 2048 -e 129024 -k test -f 3",
		"-m 2048 -e 126976 -F -R 1MiB -f 100 -j 4MiB -p 3",
		"-m 2048 -e 126976 -l 6 -x zlib",
		"-m 2048 -e 1040384",
	};
	if (!tool_exists("mkfs.ubifs"))
		skip();
	char dir[TEMP_MAX], files[TEMP_MAX + 8];
	host_tree_make(dir, KEEPS_ALL);
	snprintf(files, sizeof files, "%s/files", dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		char command[256];
		snprintf(command, sizeof command, "mkfs.ubifs %s -c 2000 -r files -o image", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &ubifs_format, image);
		assert_int_equal(t.match.size, image.n);
		host_tree_expect(&t, files, KEEPS_ALL);
		assert_string_equal(walked_header(&t, "key_hash"), strstr(options[i], "-k test") ? "test" : "r5");
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_squashed_owners_and_devices(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.ubifs"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir files; echo x > files/x; printf '/dev d 755 0 0 - - - - -\\n/dev/console c 600 1 2 5 1 - - -\\n"
				"/dev/mtdblock b 640 3 4 31 0 0 1 3\\n/dev/big c 600 0 0 300 70000 - - -\\n' > table");
	run_in(dir,
		   "chown 1000:1000 files/x 2> /dev/null; mkfs.ubifs -U -D table -m 2048 -e 126976 -c 100 -r files -o image");
	struct span image = file_load(dir, "image");
	struct walked t;
	walked_open(&t, &ubifs_format, image);
	assert_int_equal(t.n, 7);
	assert_int_equal(walked_get(&t, "/x")->e.uid, 0);
	assert_int_equal(walked_get(&t, "/dev/console")->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_get(&t, "/dev/console")->e.device, (int64_t)5 << 32 | 1);
	assert_int_equal(walked_get(&t, "/dev/console")->e.gid, 2);
	assert_int_equal(walked_get(&t, "/dev/mtdblock2")->e.device, (int64_t)31 << 32 | 2);
	assert_int_equal(walked_get(&t, "/dev/big")->e.device, (int64_t)300 << 32 | 70000);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_authenticated(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.ubifs") || !tool_exists("openssl"))
		skip();
	char dir[TEMP_MAX], files[TEMP_MAX + 8];
	host_tree_make(dir, KEEPS_ALL);
	snprintf(files, sizeof files, "%s/files", dir);
	run_in(dir, "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -subj /CN=x 2> /dev/null");
	static const char *const hashes[] = { "sha1", "sha256", "sha512" };
	for (unsigned i = 0; i < 3; i++) {
		char command[256];
		snprintf(command, sizeof command,
				 "mkfs.ubifs -m 2048 -e 126976 -c 300 -r files -o image --hash-algo=%s --auth-key=key "
				 "--auth-cert=certificate",
				 hashes[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &ubifs_format, image);
		host_tree_expect(&t, files, KEEPS_ALL);
		assert_string_equal(walked_header(&t, "hash_algo"), hashes[i]);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_encrypted(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.ubifs"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir,
		   "mkdir -p files/d; seq 5000 > files/d/numbers; ln -s numbers files/d/link; head -c 64 /dev/urandom > key");
	run_in(dir, "mkfs.ubifs -m 2048 -e 126976 -c 100 -r files -o image -K key -b 0123456789abcdef -C AES-256-XTS");
	struct span image = file_load(dir, "image");
	struct walked t;
	walked_open(&t, &ubifs_format, image);
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 1);
	assert_int_equal(walked_count(&t, ENTRY_SYMLINK), 1);
	assert_int_equal(walked_damage(&t, "encrypted"), 2);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* A small image of 512-byte pages, and what it was made from. */
static bool small_tree(char dir[TEMP_MAX])
{
	if (!tool_exists("mkfs.ubifs"))
		return false;
	temp_new(dir);
	run_in(dir,
		   "mkdir -p files/etc/deep/er files/bin && seq 3000 > files/bin/tool && ln files/bin/tool files/bin/same && "
		   "echo root > files/etc/passwd && echo old > files/etc/changes && echo gone > files/etc/removed && "
		   "seq 4000 > files/etc/cut && ln -s ../bin/tool files/etc/link && seq 200 > files/etc/deep/er/file && "
		   "for i in $(seq 40); do seq $i 999 > files/etc/deep/$i; done");
	run_in(dir, "mkfs.ubifs -m 512 -e 15872 -x zlib -c 100 -f 4 -r files -o image");
	return true;
}

static void test_journal(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 2);
	refer(&i, i.bud);
	uint32_t etc = inode_of(&i, "etc"), cut = inode_of(&i, "cut"), changes = inode_of(&i, "changes");
	uint8_t full[4096], want[3 * 4096];
	memset(full, 'n', sizeof full);

	/* A new file that was renamed, with a hole and with an end that no inode tells yet. */
	add_inode(&i, 900, 0100640, 4096, 1);
	add_entry(&i, etc, "temporary", 900, 0, 5);
	add_data(&i, 900, 0, full, sizeof full);
	add_entry(&i, etc, "temporary", 0, 0, 5);
	add_entry(&i, etc, "new", 900, 0, 5); /* the same hash, another name */
	add_data(&i, 900, 2, "end", 3);
	/* A change, a removal. */
	add_inode(&i, changes, 0100644, 6, 1);
	add_data(&i, changes, 0, "newer\n", 6);
	add_removal(&i, "removed");
	add_inode(&i, inode_of(&i, "removed"), 0100644, 0, 0);
	/* Cut to one byte, then made longer: what was cut off reads as zeros. */
	add_truncation(&i, cut, 18893, 1);
	add_data(&i, cut, 0, "1", 1);
	add_inode(&i, cut, 0100644, 10000, 1);

	struct walked t;
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_false(error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	memset(want, 0, sizeof want);
	memcpy(want, full, sizeof full);
	memcpy(want + 8192, "end", 3);
	assert_content(&t, "/etc/new", want, 8195);
	assert_int_equal(walked_get(&t, "/etc/new")->e.uid, 7);
	assert_int_equal(walked_get(&t, "/etc/new")->e.mtime, 1234567890);
	assert_content(&t, "/etc/changes", "newer\n", 6);
	memset(want, 0, sizeof want);
	want[0] = '1';
	assert_content(&t, "/etc/cut", want, 10000);
	for (size_t k = 0; k < t.n; k++) {
		assert_false(text_is(t.entries[k].e.path, "/etc/removed"));
		assert_false(text_is(t.entries[k].e.path, "/etc/temporary"));
	}
	assert_content(&t, "/etc/passwd", "root\n", 5);
	walked_close(&t);
	free(i.p);
	temp_remove(dir);
}

/* Without index or without master node all nodes are looked for; the journal's are newer here too. */
static void test_without_index(void **state)
{
	(void)state;
	char dir[TEMP_MAX], files[TEMP_MAX + 8];
	if (!small_tree(dir))
		skip();
	snprintf(files, sizeof files, "%s/files", dir);
	for (unsigned round = 0; round < 3; round++) {
		struct image i;
		image_load(&i, dir, 1);
		if (round == 0)
			root_index(&i)[30] ^= 1;
		if (round == 1)
			master(&i, 1)[30] ^= master(&i, 2)[30] ^= 1;
		if (round == 2) { /* a leaf of the index: another node than the first one */
			uint8_t *first = find_node(&i, 9, 0);
			(first == root_index(&i) ? find_node(&i, 9, (size_t)(first - i.p) + 8) : first)[30] ^= 1;
		}
		struct walked t;
		walked_open(&t, &ubifs_format, image_span(&i));
		assert_false(error_is(&t.error));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
		assert_int_equal(host_tree_compare(&t, files, "", KEEPS_ALL), t.n);
		walked_close(&t);
		free(i.p);
	}
	temp_remove(dir);
}

static void test_damage(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 1);
	find_node(&i, 1, 0)[50] ^= 1; /* one block of one file */
	struct walked t;
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);

	free(i.p);
	image_load(&i, dir, 1);
	find_inode(&i, inode_of(&i, "passwd"))[120] ^= 1; /* an inode: its data are there */
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(walked_get(&t, "/etc/passwd")->e.mode, FACT_NULL);
	walked_close(&t);

	free(i.p);
	image_load(&i, dir, 1);
	char path[64];
	snprintf(path, sizeof path, "/inode-%u/er/file", inode_of(&i, "deep"));
	find_entry(&i, "deep")[60] ^= 1; /* an entry, with the index and without */
	for (unsigned round = 0; round < 2; round++) {
		walked_open(&t, &ubifs_format, image_span(&i));
		assert_int_equal(walked_damage(&t, "corrupt"), 2);
		assert_int_equal(walked_get(&t, path)->content.n, 692);
		walked_close(&t);
		root_index(&i)[30] ^= 1;
	}
	free(i.p);
	temp_remove(dir);
}

/* A superblock of which all is as it was written, but that says of its blocks what can not be. */
static void test_impossible_blocks(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		uint32_t value;
	} wrong[] = { { 36, 0 }, { 36, 4095 }, { 36, 1u << 31 }, { 40, 0 } };
	for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
		uint8_t node[8192] = { 0x31, 0x18, 0x10, 0x06, [17] = 0x10, [20] = 6 };
		put(node + 36, 65536, 4);
		put(node + 40, 20, 4);
		put(node + wrong[k].at, wrong[k].value, 4);
		seal(node);
		struct walked t;
		walked_open(&t, &ubifs_format, span_of(node, sizeof node));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, 4096); /* what is behind it may be anything */
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
	}
}

static void test_truncated(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 0);
	size_t at = (size_t)(root_index(&i) - i.p); /* the index is the last that mkfs.ubifs writes */
	struct walked t;
	walked_open(&t, &ubifs_format, span_of(i.p, at));
	assert_int_equal(t.match.size, i.n);
	assert_content(&t, "/etc/passwd", "root\n", 5);
	assert_int_equal(walked_damage(&t, "truncated") + walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_cuts(&ubifs_format, image_span(&i), 60);
	free(i.p);
	temp_remove(dir);
}

/* Bytes that are missing or too many shift what is behind them, the index too: nodes are found where they stand now. */
static void test_shifted(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	for (int by = -9; by <= 13; by += 11) {
		struct image i;
		image_load(&i, dir, 1);
		size_t at = (size_t)(find_node(&i, 1, 0) - i.p) - 100, far = at + (size_t)(by < 0 ? -by : by);
		if (by < 0)
			memmove(i.p + at, i.p + far, i.n - far);
		else
			memmove(i.p + far, i.p + at, i.n - far);
		struct walked t;
		walked_open(&t, &ubifs_format, image_span(&i));
		assert_content(&t, "/etc/passwd", "root\n", 5);
		assert_int_equal(walked_get(&t, "/etc/deep/er/file")->content.n, 692);
		assert_true(by == 2 || walked_damage(&t, "corrupt") > 0);
		walked_close(&t);
		free(i.p);
	}
	temp_remove(dir);
}

/* A directory of which neither its inode nor its entry is left keeps its entries: they know its number. */
static void test_lost_directory(void **state)
{
	(void)state;
	char dir[TEMP_MAX], path[64];
	if (!small_tree(dir))
		skip();
	for (unsigned round = 0; round < 2; round++) {
		struct image i;
		image_load(&i, dir, 1);
		snprintf(path, sizeof path, "/inode-%u/er/file", inode_of(&i, "deep"));
		find_inode(&i, inode_of(&i, "deep"))[60] ^= 1;
		find_entry(&i, "deep")[60] ^= 1;
		if (round == 1)
			root_index(&i)[30] ^= 1;
		struct walked t;
		walked_open(&t, &ubifs_format, image_span(&i));
		assert_int_equal(walked_get(&t, path)->content.n, 692);
		assert_true(walked_damage(&t, "corrupt") >= 2);
		walked_close(&t);
		free(i.p);
	}
	temp_remove(dir);
}

/* What was in blocks of the flash that are lost is no hole: it is said which bytes are. With neither inode nor entry, data stay. */
static void test_lost_data(void **state)
{
	(void)state;
	char dir[TEMP_MAX], path[64];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 1);
	refer(&i, i.bud);
	add_inode(&i, 900, 0100640, 5000, 1);
	add_entry(&i, inode_of(&i, "etc"), "new", 900, 0, 5);
	add_data(&i, 900, 1, "tail", 4);
	uint8_t *inode = i.bud;
	add_inode(&i, 901, 0100640, 4, 1);
	uint8_t *entry = i.bud;
	add_entry(&i, inode_of(&i, "etc"), "newer", 901, 0, 6);
	add_data(&i, 901, 0, "left", 4);
	struct walked t;
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_false(error_is(&walked_get(&t, "/etc/new")->error));
	walked_close(&t);

	root_index(&i)[30] ^= 1;
	inode[60] ^= 1;
	entry[56] ^= 1;
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_int_equal(walked_get(&t, "/etc/new")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/etc/new")->error.offset, 0);
	snprintf(path, sizeof path, "/inode-%u", 901);
	assert_content(&t, path, "left", 4);
	walked_close(&t);
	free(i.p);
	temp_remove(dir);
}

/* What was deleted is not lost: without the index too, the data of a file that are still in the flash are nobody's. */
static void test_deleted_without_index(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 1);
	refer(&i, i.bud);
	add_inode(&i, 900, 0100640, 4, 1);
	add_entry(&i, inode_of(&i, "etc"), "gone", 900, 0, 5);
	add_data(&i, 900, 0, "left", 4);
	add_entry(&i, inode_of(&i, "etc"), "gone", 0, 0, 5);
	add_inode(&i, 900, 0100640, 4, 0);
	add_data(&i, 900, 0, "more", 4); /* by who had it open */
	root_index(&i)[30] ^= 1;
	struct walked t;
	walked_open(&t, &ubifs_format, image_span(&i));
	for (size_t k = 0; k < t.n; k++)
		assert_false(text_is(t.entries[k].e.path, "/etc/gone") || text_is(t.entries[k].e.path, "/inode-900"));
	assert_content(&t, "/etc/passwd", "root\n", 5);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	walked_close(&t);
	free(i.p);
	temp_remove(dir);
}

static void test_malice(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 2);
	refer(&i, i.bud);
	uint32_t etc = inode_of(&i, "etc"), deep = inode_of(&i, "deep"), er = inode_of(&i, "er");
	add_entry(&i, er, "cycle", etc, 1, 1);
	add_entry(&i, er, "self", er, 1, 2);
	add_entry(&i, deep, "root", 1, 1, 3);
	add_entry(&i, 77777, "orphan", 77777, 1, 3); /* a directory without an inode, which contains itself */
	add_entry(&i, etc, "to-orphan", 77777, 1, 4);
	add_entry(&i, etc, "..", 800, 0, 6);
	add_inode(&i, 800, 0100644, (uint64_t)1 << 62, 1); /* a hole, a large one */
	add_entry(&i, etc, "far", (uint64_t)1 << 40, 0, 7);
	add_entry(&i, etc, "xattr-loop", 801, 2, 8);
	add_inode(&i, 801, 0120777, 3, 1);
	struct walked t;
	ubifs_format.probe(image_span(&i), &t.match);
	walked_open(&t, &ubifs_format, image_span(&i));
	assert_false(error_is(&t.error));
	assert_int_equal(walked_get(&t, "/etc/..")->e.size, (uint64_t)1 << 62);
	assert_int_equal(walked_get(&t, "/etc/far")->e.mode, FACT_NULL);
	assert_int_equal(walked_get(&t, "/etc/deep/er/cycle")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(&t, "/etc/to-orphan/orphan")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_damage(&t, "corrupt"), 4 + 3); /* entered twice; without an inode */
	walked_close(&t);

	/* An index whose root refers to itself, at every level that it may claim. */
	uint8_t *root = root_index(&i);
	const uint8_t *m = master(&i, 1);
	for (unsigned level = 1; level < 600; level += 100) {
		put(root + 26, level, 2);
		for (unsigned k = 0; k < get(root + 24, 2); k++)
			memcpy(root + 28 + 20 * k, m + 48, 8);
		seal(root);
		walked_open(&t, &ubifs_format, image_span(&i));
		assert_true(walked_damage(&t, "corrupt") > 0);
		assert_content(&t, "/etc/passwd", "root\n", 5);
		walked_close(&t);
	}
	free(i.p);
	temp_remove(dir);
}

/* Nodes as large as a block: an index whose every branch leads to the next one, and masters that begin anywhere. None is
 * read again and again. */
static void test_large_nodes(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("mkfs.ubifs"))
		skip();
	temp_new(dir);
	run_in(dir, "mkdir files && echo text > files/file && mkfs.ubifs -m 1 -e 1040384 -x none -c 100 -r files -o image");
	struct span made = file_load(dir, "image");
	enum { SIZE = 1040384, COUNT = 50000 };
	uint8_t *p = (uint8_t *)made.p;
	uint32_t first = (uint32_t)(made.n / SIZE) - 3;
	for (unsigned k = 0; k < 3; k++) {
		uint8_t *large = p + (first + k) * SIZE, *place = large;
		begin(&place, 5, 9, 28 + 20 * COUNT);
		put(large + 24, COUNT, 2);
		put(large + 26, 2 - k, 2);
		for (uint32_t i = 0; i < COUNT; i++)
			put(large + 28 + 20 * i, first + k + 1, 4);
		seal(large);
	}
	for (unsigned lnum = 1; lnum <= 2; lnum++) {
		uint8_t *m = p + lnum * SIZE;
		assert_true(is_node(m, SIZE));
		put(m + 48, first, 4);
		put(m + 52, 0, 4);
		seal(m);
	}
	struct walked t;
	walked_open(&t, &ubifs_format, made);
	assert_int_equal(t.error.code, ERR_NONE);
	assert_true(walked_damage(&t, "corrupt") > 0);
	walked_close(&t);

	for (unsigned lnum = 1; lnum <= 2; lnum++)
		for (uint32_t at = 0; at + 24 < SIZE; at += 24) {
			uint8_t *m = p + lnum * SIZE + at;
			put(m, 0x06101831, 4);
			put(m + 16, SIZE - at, 4);
			m[20] = 7;
		}
	walked_open(&t, &ubifs_format, made);
	assert_true(walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
	free(p);
	temp_remove(dir);
}

/* Bits are flipped in nodes that then get the CRC that fits. */
static void test_resealed(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!small_tree(dir))
		skip();
	struct image i;
	image_load(&i, dir, 1);
	refer(&i, i.bud);
	add_inode(&i, 900, 0100640, 4096, 1);
	add_entry(&i, inode_of(&i, "etc"), "new", 900, 0, 5);
	add_truncation(&i, 900, 4096, 1);
	size_t places[4096], n = 0;
	for (size_t at = 0; at < i.n && n < 4096; at += 8)
		if (is_node(i.p + at, i.n - at) && i.p[at + 20] != 5)
			places[n++] = at;
	uint64_t x = 88172645463325252;
	uint8_t *copy = malloc(i.n);
	assert_non_null(copy);
	for (unsigned round = 0; round < 1200; round++) {
		memcpy(copy, i.p, i.n);
		for (unsigned k = 0; k < 3; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			uint8_t *node = copy + places[(x >> 8) % n];
			size_t size = get(node + 16, 4), window = size < 180 ? size : 180;
			if (!is_node(node, i.n - (size_t)(node - copy)))
				continue;
			node[8 + (x >> 40) % (window - 8)] ^= (uint8_t)(1u << (x & 7));
			if (is_node(node, i.n - (size_t)(node - copy)))
				seal(node);
		}
		struct walked t;
		walked_open(&t, &ubifs_format, span_of(copy, i.n));
		walked_close(&t);
	}
	free(copy);
	survives_flips(&ubifs_format, image_span(&i), 150, 0);
	free(i.p);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),       cmocka_unit_test(test_squashed_owners_and_devices),
		cmocka_unit_test(test_authenticated), cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_journal),       cmocka_unit_test(test_without_index),
		cmocka_unit_test(test_damage),        cmocka_unit_test(test_impossible_blocks), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_shifted),       cmocka_unit_test(test_lost_directory),
		cmocka_unit_test(test_lost_data),     cmocka_unit_test(test_deleted_without_index),
		cmocka_unit_test(test_malice),               cmocka_unit_test(test_large_nodes),
		cmocka_unit_test(test_resealed),
	};
	return cmocka_run_group_tests_name("ubifs", tests, NULL, NULL);
}
