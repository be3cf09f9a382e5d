/* SPDX-License-Identifier: GPL-3.0-or-later */
/* F2FS: images of mkfs.f2fs and sload.f2fs, compared with the tree that they were made from, and changed after f2fs_fs.h
 * where sload.f2fs does not make what is to be read. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "host_tree.h"
#include "little_endian.h"

/* The format does more than what sload.f2fs takes over. */
#define KEEPS (KEEPS_MODE | KEEPS_OWNER | KEEPS_NAMES | KEEPS_LINKS | KEEPS_SPARSE)
#define BLOCK 4096u
#define ADDRESSES_AT 360u

extern const struct format f2fs_format;

static char tree[TEMP_MAX];
static bool tools;

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS);
	run_in(
		tree,
		"mkdir -p little/etc/init.d little/bin && cd little && echo hello > etc/hello && ln -s hello etc/link && "
		"ln etc/hello same && head -c 20380 ../files/noise > bin/cluster && head -c 10000 ../files/noise > bin/short");
	run_in(tree, "cp -a files whole && rm whole/hole");
	tools = tool_exists("mkfs.f2fs") && tool_exists("sload.f2fs");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

static struct span make_image(const char *from, const char *options, const char *load)
{
	char command[1024];
	/* sload.f2fs ends with the code of its check, which dislikes what sload.f2fs itself makes of some options. */
	snprintf(command, sizeof command,
			 "rm -f image && truncate -s %s image && mkfs.f2fs %s image > log 2>&1 && "
			 "{ sload.f2fs -P %s -f %s image > log 2>&1; tail -n 1 log | grep -q Done; }",
			 strcmp(from, "little") == 0 ? "80M" : "128M", options, load, from);
	run_in(tree, command);
	return file_load(tree, "image");
}

/* One of two names of a file has its content. */
static void expect_hello(const struct walked *t)
{
	assert_content(t, walked_get(t, "/same")->e.same_as.p ? "/etc/hello" : "/same", "hello\n", 6);
}

static void check(const char *from, const char *options, const char *load, size_t more)
{
	struct walked t;
	char path[PATH_MAX];
	struct span image = make_image(from, options, load);
	print_message("%s\n", options);
	snprintf(path, sizeof path, "%s/%s", tree, from);
	walked_open(&t, &f2fs_format, image);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	if (error_is(&t.error))
		fail_msg("%s", t.error.text);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	if (d)
		fail_msg("%.*s", (int)d->what.n, d->what.p);
	assert_int_equal(host_tree_compare(&t, path, "", KEEPS) + more, t.n);
	walked_close(&t);
	free((void *)image.p);
}

static void test_sload(void **state)
{
	(void)state;
	if (!tools)
		skip();
	check("files", "-l volume", "", 0);
	check("whole", "-i -s 2 -z 2", "", 0);
	check("files", "-O extra_attr,inode_checksum,sb_checksum,inode_crtime,project_quota,verity", "", 0);
	check("files", "-O extra_attr,compression,casefold,encrypt,quota -C utf8", "", 0);
	check("files", "-O lost_found", "", 1);
	/* sload.f2fs does not keep the room that this one says is kept, which only long files show. */
	check("whole", "-O extra_attr,flexible_inline_xattr", "", 0);
	run_in(tree, "mkdir -p many/d && cd many/d && for i in $(seq 3000); do : > a-longer-name-than-others-$i; done");
	check("many", "-l many", "", 0);
}

/* Nodes of nodes below an inode, and a hole of 30 MB. */
static void test_far_blocks(void **state)
{
	(void)state;
	if (!tools)
		skip();
	run_in(tree,
		   "mkdir -p far && cd far && head -c 3000 ../files/noise > f && truncate -s 30M f && cat ../files/noise >> f");
	check("far", "-l far", "", 0);
}

static void test_header(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image(
		"little", "-l 'V\303\266lume' -U 12345678-9abc-def0-1234-56789abcdef0 -O extra_attr,sb_checksum", "");
	walked_open(&t, &f2fs_format, image);
	assert_string_equal(walked_header(&t, "volume_name"), "V\303\266lume");
	assert_string_equal(walked_header(&t, "uuid"), "12345678-9abc-def0-1234-56789abcdef0");
	assert_string_equal(walked_header(&t, "feature"), "extra_attr sb_checksum");
	assert_string_equal(walked_header(&t, "checksum"), "ok");
	assert_memory_equal(walked_header(&t, "version"), "Linux", 5);
	assert_true(text_is(walked_get(&t, "/etc/link")->e.link_target, "hello"));
	assert_true(walked_get(&t, "/same")->e.same_as.p || walked_get(&t, "/etc/hello")->e.same_as.p);
	walked_close(&t);
	free((void *)image.p);
}

static uint8_t *copy(struct span s)
{
	uint8_t *p = malloc(s.n);
	assert_non_null(p);
	memcpy(p, s.p, s.n);
	return p;
}

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The inode that says that this is its name: of the last place it was written to. */
static uint8_t *find_inode(uint8_t *p, size_t n, const char *name)
{
	uint8_t *found = NULL;
	for (size_t at = get32(p + 1024 + 92) * (size_t)BLOCK; at < n; at += BLOCK)
		if (get32(p + at + 4072) == get32(p + at + 4076) && get32(p + at + 88) == strlen(name) &&
			memcmp(p + at + 92, name, strlen(name)) == 0)
			found = p + at;
	assert_non_null(found);
	return found;
}

/* Where a name's entry is: in an inode or a block of a directory, eleven bytes each, and its number. */
static uint8_t *find_number(uint8_t *p, size_t n, uint32_t number, unsigned name_n, unsigned type)
{
	uint8_t entry[7];
	put(entry, number, 4), put(entry + 4, name_n, 2), entry[6] = (uint8_t)type;
	size_t from = get32(p + 1024 + 92) * (size_t)BLOCK;
	uint8_t *at = memmem(p + from, n - from, entry, sizeof entry);
	assert_non_null(at);
	return at;
}

static void test_copies(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-l x", "");
	uint8_t *p = copy(image);
	size_t checkpoint = get32(p + 1024 + 76) * (size_t)BLOCK;
	memset(p + 1024, 0, 2048);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.match.size, image.n);
	expect_hello(&t);
	walked_close(&t);
	/* That second superblock is not the first one of an image a block further on. */
	struct format_match m;
	assert_false(f2fs_format.probe(span_of(p + BLOCK, image.n - BLOCK), &m) && m.confidence > 90);
	memcpy(p, image.p, 1 << 20);
	/* Of two checkpoints the valid one. */
	p[checkpoint + 40] ^= 1;
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_false(error_is(&t.error));
	expect_hello(&t);
	walked_close(&t);
	p[checkpoint + 512 * BLOCK + 40] ^= 1;
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(t.error.code, ERR_CORRUPT);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

/* Compressed blocks of 16 KiB, by hand: after the formats' specifications. */
static size_t pack_lz4(uint8_t *out, uint8_t *expected)
{
	memset(expected, 'a', 16384);
	memcpy(expected + 16379, "bcdef", 5);
	uint8_t *p = out;
	*p++ = 0x1f, *p++ = 'a', *p++ = 1, *p++ = 0; /* one literal, and it again 16378 times */
	memset(p, 255, 64), p += 64;
	*p++ = 16378 - 4 - 15 - 64 * 255;
	*p++ = 0x50;
	memcpy(p, "bcdef", 5);
	return (size_t)(p + 5 - out);
}

static size_t pack_lzo(uint8_t *out, uint8_t *expected)
{
	for (unsigned i = 0; i < 16384; i++)
		expected[i] = (uint8_t)("wxyz"[i % 4]);
	uint8_t *p = out;
	*p++ = 17 + 4;
	memcpy(p, "wxyz", 4), p += 4;
	*p++ = 0x20; /* 16380 bytes from four bytes before */
	memset(p, 0, 64), p += 64;
	*p++ = 16380 - 2 - 31 - 64 * 255;
	*p++ = (4 - 1) << 2, *p++ = 0;
	*p++ = 0x11, *p++ = 0, *p++ = 0;
	return (size_t)(p - out);
}

/* 6000 bytes as they are, then one byte repeated. */
static size_t pack_zstd(uint8_t *out, uint8_t *expected)
{
	for (unsigned i = 0; i < 16384; i++)
		expected[i] = i < 6000 ? (uint8_t)(i * 13 + i / 256) : 'z';
	put(out, 0xfd2fb528, 4);
	out[4] = 0xa0;
	put(out + 5, 16384, 4);
	put(out + 9, 6000 << 3, 3);
	memcpy(out + 12, expected, 6000);
	put(out + 6012, 1 | 1 << 1 | (16384 - 6000) << 3, 3);
	out[6015] = 'z';
	return 6016;
}

static void compress_inode(uint8_t *p, uint8_t *inode, unsigned algorithm, const uint8_t *packed, size_t n, bool apart)
{
	uint8_t *addresses = inode + ADDRESSES_AT + inode[ADDRESSES_AT];
	uint32_t a[2] = { get32(addresses + 4), get32(addresses + (apart ? 0 : 8)) };
	static uint8_t with_header[8192];
	memset(with_header, 0, sizeof with_header);
	put(with_header, n, 4);
	memcpy(with_header + 24, packed, n);
	memcpy(p + (size_t)a[0] * BLOCK, with_header, BLOCK);
	memcpy(p + (size_t)a[1] * BLOCK, with_header + BLOCK, BLOCK);
	inode[80] |= 4; /* F2FS_COMPR_FL */
	inode[ADDRESSES_AT + 32] = (uint8_t)algorithm;
	inode[ADDRESSES_AT + 33] = 2;
	put(addresses, 0xfffffffe, 4);
	put(addresses + 4, a[0], 4);
	put(addresses + 8, a[1], 4);
	put(addresses + 12, 0, 4);
}

static void test_clusters(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static uint8_t packed[8192], expected[20380];
	static size_t (*const packs[])(uint8_t *, uint8_t *) = { pack_lzo, pack_lz4, pack_zstd };
	struct span noise = file_load(tree, "files/noise");
	struct span image = make_image("little", "-O extra_attr,compression", "");
	uint8_t *p = copy(image);
	for (unsigned i = 0; i < 6; i++) {
		struct walked t;
		memcpy(p, image.p, image.n);
		size_t n = packs[i / 2](packed, expected);
		memcpy(expected + 16384, noise.p + 16384, 20380 - 16384);
		compress_inode(p, find_inode(p, image.n, "cluster"), i / 2, packed, n, i % 2);
		compress_inode(p, find_inode(p, image.n, "short"), i / 2, packed, n, i % 2);
		walked_open(&t, &f2fs_format, span_of(p, image.n));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_content(&t, "/bin/cluster", expected, 20380);
		assert_content(&t, "/bin/short", expected, 10000);
		walked_close(&t);
		find_inode(p, image.n, "short")[ADDRESSES_AT + 32] = 3;
		walked_open(&t, &f2fs_format, span_of(p, image.n));
		assert_int_equal(walked_get(&t, "/bin/short")->error.code, ERR_UNSUPPORTED);
		walked_close(&t);
	}
	free(p);
	free((void *)image.p);
	free((void *)noise.p);
}

/* Makes of a pack's first and last block a checkpoint that was not the last thing before an unmount. */
static void set_mounted(uint8_t *p, uint8_t *pack)
{
	uint8_t *blocks[] = { pack, pack + (get32(pack + 136) - 1) * (size_t)BLOCK };
	for (unsigned i = 0; i < 2; i++) {
		uint32_t at = get32(blocks[i] + 164);
		put(blocks[i] + 132, get32(blocks[i] + 132) & ~0x41u, 4);
		assert_int_equal(at, BLOCK - 4);
		put(blocks[i] + at, hash_crc32_raw(get32(p + 1024), span_of(blocks[i], at)), 4);
	}
}

/* A node behind the last checkpoint: a copy of an inode under a number. */
static uint8_t *add_node(uint8_t *at, const uint8_t *inode, uint32_t number, uint32_t flags, uint64_t version, uint32_t next)
{
	memcpy(at, inode, BLOCK);
	put(at + BLOCK - 24, number, 4);
	put(at + BLOCK - 20, number, 4);
	put(at + BLOCK - 16, flags, 4);
	put(at + BLOCK - 12, version, 8);
	put(at + BLOCK - 4, next, 4);
	return at;
}

/* What was synced after the last checkpoint counts, and what was written without being synced does not. */
static void test_synced(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-l x", "");
	uint8_t *p = copy(image), *packs[2] = { p + get32(p + 1024 + 76) * (size_t)BLOCK };
	packs[1] = packs[0] + 512 * BLOCK;
	uint8_t *last = get32(packs[1]) > get32(packs[0]) ? packs[1] : packs[0];
	uint32_t first = get32(p + 1024 + 92) + get32(last + 40) * 512 + (get32(last + 70) & 0xffff), version = get32(last);
	uint8_t *nodes = p + first * (size_t)BLOCK, *brief = find_inode(p, image.n, "short"), *cluster = find_inode(p, image.n, "cluster");
	set_mounted(p, last);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	size_t n = t.n;
	expect_hello(&t);
	walked_close(&t);
	put(add_node(nodes, brief, get32(brief + BLOCK - 24), 2, version, first + 1), 0100600, 2);
	uint8_t *anew = add_node(nodes + BLOCK, brief, 3000, 6, version, first + 2);
	put(anew + 88, 4, 4);
	memcpy(anew + 92, "anew", 4);
	put(add_node(nodes + 2 * BLOCK, cluster, get32(cluster + BLOCK - 24), 0, version, first + 3), 0100000, 2);
	put(add_node(nodes + 3 * BLOCK, cluster, get32(cluster + BLOCK - 24), 2, version + 1, first + 4), 0100000, 2);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, n + 1);
	assert_int_equal(walked_get(&t, "/bin/short")->e.mode, 0600);
	assert_int_equal(walked_get(&t, "/bin/cluster")->e.mode, 0644);
	struct span content = walked_get(&t, "/bin/short")->content;
	assert_int_equal(content.n, 10000);
	assert_content(&t, "/bin/anew", content.p, content.n);
	walked_close(&t);
	put(anew + 88, 5, 4); /* a name that is there: it leads to the later file */
	memcpy(anew + 92, "short", 5);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(t.n, n);
	assert_int_equal(walked_get(&t, "/bin/short")->e.mode, 0644);
	walked_close(&t);
	uint64_t x = 88172645463325252;
	for (unsigned i = 0; i < 600; i++) {
		uint8_t good[4 * BLOCK];
		memcpy(good, nodes, sizeof good);
		if (i == 0) /* for ever */
			put(nodes + BLOCK - 4, first, 4);
		for (unsigned k = 0; k < i % 6; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			size_t within = x % 2 ? (x >> 8) % 400 : BLOCK - 24 + (x >> 8) % 24;
			nodes[(x >> 20) % 4 * BLOCK + within] ^= (uint8_t)(1u << (x >> 40) % 8);
		}
		walked_open(&t, &f2fs_format, span_of(p, image.n));
		walked_close(&t);
		memcpy(nodes, good, sizeof good);
	}
	free(p);
	free((void *)image.p);
}

/* An image that was not unmounted, and where the first node behind its last checkpoint goes. */
struct mounted {
	uint8_t *p, *pack, *nodes;
	size_t n;
	uint32_t first, version;
};

static struct mounted make_mounted(const char *from)
{
	struct span image = make_image(from, "-l x", "");
	struct mounted m = { .p = copy(image), .n = image.n };
	uint8_t *packs = m.p + get32(m.p + 1024 + 76) * (size_t)BLOCK;
	m.pack = get32(packs + 512 * BLOCK) > get32(packs) ? packs + 512 * BLOCK : packs;
	m.first = get32(m.p + 1024 + 92) + get32(m.pack + 40) * 512 + (get32(m.pack + 70) & 0xffff);
	m.version = get32(m.pack);
	m.nodes = m.p + m.first * (size_t)BLOCK;
	set_mounted(m.p, m.pack);
	free((void *)image.p);
	return m;
}

/* A new inode of a name of four letters, as the so many-th node. */
static void add_named(struct mounted *m, const uint8_t *like, unsigned i, uint32_t number, uint32_t flags, const char *name, unsigned mode)
{
	uint8_t *node = add_node(m->nodes + i * BLOCK, like, number, flags, m->version, m->first + i + 1);
	put(node, mode, 2);
	put(node + 88, 4, 4);
	memcpy(node + 92, name, 4);
}

/* Of files that were given the same name one after the other the last one has it; a mark counts where its node was synced. */
static void test_synced_names(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct mounted m = make_mounted("little");
	const uint8_t *brief = find_inode(m.p, m.n, "short");
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	size_t n = t.n;
	walked_close(&t);
	add_named(&m, brief, 0, 3001, 6, "once", 0100601); /* removed again: the next one has its name */
	add_named(&m, brief, 1, 3000, 6, "once", 0100602);
	add_named(&m, brief, 2, 3002, 4, "mark", 0100603); /* written, and synced later without the mark */
	add_named(&m, brief, 3, 3002, 2, "mark", 0100603);
	add_named(&m, brief, 4, 3003, 6, "name", 0100604); /* its mode changed */
	add_named(&m, brief, 5, 3003, 2, "else", 0100605);
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, n + 2);
	assert_int_equal(walked_get(&t, "/bin/once")->e.mode, 0602);
	assert_int_equal(walked_get(&t, "/bin/name")->e.mode, 0605);
	walked_close(&t);
	/* Where fsck.f2fs wrote the checkpoint, the upper half of a version is not one of it. */
	put(m.nodes + BLOCK - 8, 77, 4);
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	assert_int_equal(t.n, n);
	walked_close(&t);
	put(m.pack + 132, get32(m.pack + 132) | 0x200, 4);
	set_mounted(m.p, m.pack);
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	assert_int_equal(t.n, n + 2);
	walked_close(&t);
	put(m.nodes + 6 * BLOCK - 4, m.first + 2, 4);
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, n);
	walked_close(&t);
	free(m.p);
}

/* A node of a file to which no older node leads: it is told by what of the file it is. */
static void test_synced_far(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	run_in(tree, "mkdir -p far && cd far && head -c 3000 ../files/noise > f && truncate -s 30M f && cat ../files/noise >> f");
	struct mounted m = make_mounted("far");
	uint8_t *inode = find_inode(m.p, m.n, "f"), *nodes = m.nodes;
	size_t in_inode = (inode[3] & 5 ? 923 - 50 : 923), at = (in_inode + (2 + 3) * 1018 + 7) * BLOCK;
	uint32_t data = get32(inode + ADDRESSES_AT + inode[ADDRESSES_AT] * (size_t)(inode[3] >> 5 & 1)), number = get32(inode + BLOCK - 24);
	memset(nodes, 0, BLOCK);
	put(nodes + 7 * 4, data, 4);
	put(nodes + BLOCK - 24, 3000, 4);
	put(nodes + BLOCK - 20, number, 4);
	put(nodes + BLOCK - 16, (4 + 3) << 3 | 2, 4); /* behind two nodes of addresses the fourth below the first node of nodes */
	put(nodes + BLOCK - 12, m.version, 8);
	walked_open(&t, &f2fs_format, span_of(m.p, m.n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	struct span content = walked_get(&t, "/f")->content;
	assert_true(content.n > at + 3 * BLOCK && content.p[at - 1] == 0 && content.p[at + BLOCK] == 0);
	assert_memory_equal(content.p + at, m.p + data * (size_t)BLOCK, BLOCK);
	assert_memory_equal(content.p, m.p + data * (size_t)BLOCK, 3000);
	walked_close(&t);
	free(m.p);
}

static void test_devices_and_encrypted(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-l x", "");
	uint8_t *p = copy(image), *cluster = find_inode(p, image.n, "cluster"), *brief = find_inode(p, image.n, "short");
	put(cluster, 020620, 2);
	put(cluster + ADDRESSES_AT, 4 << 8 | 64, 4);
	put(brief, 060660, 2);
	put(brief + ADDRESSES_AT, 0, 4);
	put(brief + ADDRESSES_AT + 4, (60000 & 0xff) | 259 << 8 | (60000 & ~0xffu) << 12, 4);
	find_inode(p, image.n, "link")[2] = 4;
	find_inode(p, image.n, "etc")[2] = 4;
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(walked_get(&t, "/bin/cluster")->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_get(&t, "/bin/cluster")->e.device, (int64_t)4 << 32 | 64);
	assert_int_equal(walked_get(&t, "/bin/short")->e.device, (int64_t)259 << 32 | 60000);
	assert_int_equal(walked_damage(&t, "encrypted"), 2);
	assert_null(walked_get(&t, "/etc/link")->e.link_target.p);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	brief[2] = 4;
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(walked_get(&t, "/bin/short")->error.code, ERR_ENCRYPTED);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-O extra_attr,inode_checksum", "");
	uint8_t *p = copy(image), *dir = find_inode(p, image.n, "init.d"), *brief = find_inode(p, image.n, "short");
	/* A cycle, a node that is nowhere. */
	put(find_number(p, image.n, get32(dir + 4072), 6, 2), 3, 4);
	put(find_number(p, image.n, get32(brief + 4072), 5, 1), 0xfffffff0, 4);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	expect_hello(&t);
	walked_close(&t);
	/* A node that is said to be where another is; an inode that is changed; sizes as large as can be. */
	memcpy(p, image.p, image.n);
	put(dir + 4072, 5000, 4);
	put(brief + 16, INT64_MAX, 8);
	put(find_inode(p, image.n, "bin") + 16, INT64_MAX, 8);
	walked_open(&t, &f2fs_format, span_of(p, image.n));
	assert_true(walked_damage(&t, "corrupt") >= 3);
	assert_int_equal(walked_get(&t, "/bin/short")->e.size, INT64_MAX);
	expect_hello(&t);
	walked_close(&t);
	/* Cut within the main area, and before it. */
	size_t main_at = get32(image.p + 1024 + 92) * (size_t)BLOCK;
	walked_open(&t, &f2fs_format, span_clip(image, 0, main_at));
	assert_true(t.accepted);
	assert_true(error_is(&t.error));
	walked_close(&t);
	walked_open(&t, &f2fs_format, span_clip(image, 0, 1 << 20));
	assert_int_equal(t.error.code, ERR_TRUNCATED);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

/* Flips where structures are: the image is large and nearly empty. */
static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span image = make_image("little", "-O extra_attr,compression", "");
	uint8_t *p = copy(image);
	static size_t blocks[512];
	size_t n = 0, used = 0;
	for (size_t at = 0; at < image.n; at += BLOCK) {
		bool zeros = p[at] == 0 && memcmp(p + at, p + at + 1, BLOCK - 1) == 0;
		used = zeros ? used : at + BLOCK;
		if (!zeros && n < 512)
			blocks[n++] = at;
	}
	uint64_t x = 88172645463325252;
	for (unsigned i = 0; i < 4000; i++) {
		size_t flipped[4];
		for (unsigned k = 0; k < 4; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			flipped[k] = blocks[x % n] + (x >> 20) % BLOCK;
			p[flipped[k]] ^= (uint8_t)(1u << (x >> 40) % 8);
		}
		struct walked t;
		walked_open(&t, &f2fs_format, span_of(p, used));
		walked_close(&t);
		for (unsigned k = 0; k < 4; k++)
			p[flipped[k]] = image.p[flipped[k]];
	}
	survives_cuts(&f2fs_format, span_clip(image, 0, used), 12);
	free(p);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sload),   cmocka_unit_test(test_far_blocks), cmocka_unit_test(test_header),
		cmocka_unit_test(test_copies),  cmocka_unit_test(test_clusters),   cmocka_unit_test(test_devices_and_encrypted),
		cmocka_unit_test(test_synced),  cmocka_unit_test(test_synced_names), cmocka_unit_test(test_synced_far), cmocka_unit_test(test_hostile),    cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("f2fs", tests, make_tree, remove_tree);
}
