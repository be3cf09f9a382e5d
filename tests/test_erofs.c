/* SPDX-License-Identifier: GPL-3.0-or-later */
/* erofs: images made by mkfs.erofs over its options, compared with the files they were made from; images written here
 * after the specification for what that tool does not write; damaged and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "host_tree.h"
#include "little_endian.h"

extern const struct format erofs_format;

/* ---- the reference tool's images ---- */

static void test_mkfs(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.erofs"))
		skip();
	static const char *const options[] = {
		"",
		"-Enoinline_data",
		"-Eforce-inode-extended",
		"-Eforce-inode-compact --ignore-mtime",
		"--chunksize=4096",
		"--chunksize=16384 -Eforce-chunk-indexes",
		"-zlz4",
		"-zlz4hc",
		"-zlz4hc,12 -C65536",
		"-zlz4 -C1048576",
		"-zlz4 -Elegacy-compress",
		"-zlz4 -Elegacy-compress -C16384",
		"-zlz4 -Eztailpacking",
		"-zlz4hc -Eztailpacking -C65536",
		"-zlz4 -Eztailpacking,legacy-compress",
		"-zlz4 -Efragments",
		"-zlz4hc -Efragments -C65536",
		"-zlz4 -Efragments,ztailpacking",
		"-zlz4 -Efragments,legacy-compress",
		"-zlz4 -Eall-fragments -C65536",
		"-zlz4 -Ededupe",
		"-zlz4hc -Ededupe,fragments -C32768",
		"-zlz4 --max-extent-bytes=65536",
		"-E48bit",
		"-E48bit -zlz4hc -C16384",
		"-E48bit -zzstd -Eall-fragments,dedupe -C65536",
		"-E48bit --chunksize=16384",
	};
	char dir[TEMP_MAX], command[300];
	host_tree_make(dir, KEEPS_ALL);
	run_in(dir,
		   "cd files && mkdir text && for i in 1 2 3 4; do seq $((i * 30000)) > text/$i; done && cp text/4 text/5");
	unsigned made = 0;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "rm -f image; mkfs.erofs %s image files 2>&1 || true", options[i]);
		run_in(dir, command);
		char path[TEMP_MAX + 16];
		snprintf(path, sizeof path, "%s/image", dir);
		FILE *f = fopen(path, "rb");
		int first = f ? getc(f) : EOF; /* a version that does not know the option leaves nothing behind */
		if (f)
			fclose(f);
		if (first == EOF) {
			printf("skipped: mkfs.erofs %s\n", options[i]);
			continue;
		}
		struct span image = file_load(dir, "image");
		struct walked t;
		printf("mkfs.erofs %s\n", options[i]);
		walked_open(&t, &erofs_format, image);
		snprintf(path, sizeof path, "%s/files", dir);
		bool compact = strstr(options[i], "compact") != NULL;
		host_tree_expect(&t, path, compact ? KEEPS_ALL & ~(unsigned)KEEPS_MTIME : KEEPS_ALL);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		walked_close(&t);
		free((void *)image.p);
		made++;
	}
	assert_true(made >= 6);
	temp_remove(dir);
}

/* ---- images written here ---- */

#define BLOCK 4096u
#define IMAGE_BLOCKS 40u
#define ROOT_NID 50u  /* in the superblock's block, behind it */
#define FILE_NID 256u /* block 2 */
#define DATA_BLOCK 4u
#define CONTENT 50000u /* the file's size */
#define STEP 10000u    /* an extent's */

static uint8_t image[IMAGE_BLOCKS * BLOCK], content[CONTENT];

/* One directory with the file "f" in it, whose inode is left to the caller. */
static void make_image(uint32_t incompat)
{
	memset(image, 0, sizeof image);
	uint8_t *s = image + 1024, *root = image + ROOT_NID * 32, *dir = image + BLOCK;
	put(s, 0xe0f5e1e2, 4);
	s[12] = 12;
	put(s + 14, ROOT_NID, 2);
	put(s + 16, 2, 8);
	put(s + 24, 1700000000, 8);
	put(s + 36, IMAGE_BLOCKS, 4);
	memcpy(s + 64, "volume", 6);
	put(s + 80, incompat, 4);
	put(root + 4, 040755, 2);
	put(root + 6, 2, 2);
	put(root + 8, 3 * 12 + 4, 4);
	put(root + 16, 1, 4); /* its block */
	static const struct {
		uint64_t nid;
		const char *name;
	} entries[] = { { ROOT_NID, "." }, { ROOT_NID, ".." }, { FILE_NID, "f" } };
	size_t name_at = sizeof entries / sizeof entries[0] * 12;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		put(dir + 12 * i, entries[i].nid, 8);
		put(dir + 12 * i + 8, name_at, 2);
		memcpy(dir + name_at, entries[i].name, strlen(entries[i].name));
		name_at += strlen(entries[i].name);
	}
	for (size_t i = 0; i < CONTENT; i++)
		content[i] = (uint8_t)("to be packed, or not "[i % 21] + (i * i >> 9) % 3);
}

static uint8_t *file_inode(unsigned layout, uint64_t size, uint32_t value)
{
	uint8_t *inode = image + FILE_NID * 32;
	put(inode, layout << 1 | 1, 2); /* extended */
	put(inode + 4, 0100644, 2);
	put(inode + 8, size, 8);
	put(inode + 16, value, 4);
	put(inode + 24, 70000, 4);
	put(inode + 28, 70001, 4);
	put(inode + 32, 1600000000, 8);
	put(inode + 44, 1, 4);
	return inode;
}

static size_t pack_lz4(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	int got = LZ4_compress_default((const char *)in, (char *)out, (int)n, (int)max);
	assert_true(got > 0);
	return (size_t)got;
}

static size_t pack_lzma(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	assert_false(lzma_lzma_preset(&options, 6));
	options.dict_size = 65536;
	assert_int_equal(lzma_microlzma_encoder(&s, &options), LZMA_OK);
	s.next_in = in;
	s.avail_in = n;
	s.next_out = out;
	s.avail_out = max;
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	assert_int_equal(s.avail_in, 0);
	size_t got = max - s.avail_out;
	lzma_end(&s);
	return got;
}

static size_t pack_deflate(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	z_stream z = {
		.next_in = (uint8_t *)(uintptr_t)in, .avail_in = (unsigned)n, .next_out = out, .avail_out = (unsigned)max
	};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t pack_zstd(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	size_t got = ZSTD_compress(out, max, in, n, 9);
	assert_false(ZSTD_isError(got));
	return got;
}

typedef size_t packer(const uint8_t *in, size_t n, uint8_t *out, size_t max);
static packer *const packers[] = { pack_lz4, pack_lzma, pack_deflate, pack_zstd };

/* Packs the content in extents of STEP bytes with full indexes: by one algorithm, or every second extent by the other. With
 * `extra` each packs so many bytes more than belong to it and says so. */
static void make_packed(unsigned first, unsigned second, size_t extra)
{
	make_image(1 | 2 | 8);
	uint8_t *inode = file_inode(1, CONTENT, 0), *header = inode + 64, *index = header + 16;
	put(header + 4, 2 | 4, 2); /* big clusters */
	header[6] = (uint8_t)(first | second << 4);
	uint32_t block = DATA_BLOCK;
	unsigned heads[CONTENT / BLOCK + 1] = { 0 };
	for (size_t at = 0, k = 0; at < CONTENT; at += STEP, k++) {
		uint8_t packed[3 * BLOCK];
		size_t n = STEP + extra <= CONTENT - at ? STEP + extra : CONTENT - at;
		size_t got = packers[k % 2 ? second : first](content + at, n, packed, sizeof packed);
		uint32_t blocks = (uint32_t)((got + BLOCK - 1) / BLOCK);
		memcpy(image + (size_t)(block + blocks) * BLOCK - got, packed, got); /* zeros before it */
		uint8_t *entry = index + at / BLOCK * 8;
		heads[at / BLOCK] = blocks;
		put(entry, (k % 2 ? 3 : 1) | (extra ? 0x8000 : 0), 2);
		put(entry + 2, at % BLOCK, 2);
		put(entry + 4, block, 4);
		block += blocks;
	}
	assert_true(block <= IMAGE_BLOCKS);
	unsigned away = 0;
	for (size_t i = 0; i <= (CONTENT - 1) / BLOCK; i++) {
		away = heads[i] ? 0 : away + 1;
		if (!away)
			continue;
		put(index + 8 * i, 2, 2);
		put(index + 8 * i + 4, away == 1 ? 0x800 | heads[i - 1] : away, 2);
	}
}

static void expect_file(unsigned damages)
{
	struct walked t;
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof image);
	assert_int_equal(t.n, 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), damages);
	assert_content(&t, "/f", content, CONTENT);
	assert_int_equal(t.entries[0].e.uid, 70000);
	assert_int_equal(t.entries[0].e.gid, 70001);
	assert_int_equal(t.entries[0].e.mode, 0644);
	assert_int_equal(t.entries[0].e.mtime, 1600000000);
	assert_string_equal(walked_header(&t, "volume_name"), "volume");
	/* Any part of it, too. */
	const struct content *c = &t.entries[0].e.content;
	for (size_t at = 0; c->kind == CONTENT_BLOCKS && at < CONTENT; at += 7777) {
		uint8_t part[7777];
		size_t n = CONTENT - at < sizeof part ? CONTENT - at : sizeof part;
		struct error e = c->ops->read(c->fs, c->file, at, part, n);
		assert_false(error_is(&e));
		assert_memory_equal(part, content + at, n);
	}
	walked_close(&t);
}

static void test_algorithms(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 4; first++)
		for (unsigned second = 0; second < 4; second++)
			for (size_t extra = 0; extra <= 3000; extra += 3000) {
				make_packed(first, second, extra);
				expect_file(0);
			}
}

static void test_survives_algorithms(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 4; a++) {
		make_packed(a, (a + 1) % 4, 0);
		survives_cuts(&erofs_format, span_of(image, sizeof image), 60);
		survives_flips(&erofs_format, span_of(image + 0, sizeof image), 300, 0);
		survives_flips(&erofs_format, span_of(image, sizeof image), 500, 3 * BLOCK);
	}
}

/* Chunks: a hole, one that lies on another device, and one beyond the end. */
static void test_chunks(void **state)
{
	(void)state;
	make_image(4);
	uint8_t *inode = file_inode(4, 5 * BLOCK - 7, 0x20), *index = inode + 64;
	static const uint32_t blocks[] = { 6, UINT32_MAX, 5, 9, IMAGE_BLOCKS };
	for (size_t i = 0; i < 5; i++)
		put(index + 8 * i + 4, blocks[i], 4);
	for (size_t i = 4; i < 10; i++)
		memset(image + i * BLOCK, (int)('0' + i), BLOCK);
	struct walked t;
	put(index + 4 * 8 + 4, 7, 4);
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	const struct walked_entry *f = walked_get(&t, "/f");
	assert_int_equal(f->content.n, 5 * BLOCK - 7);
	for (size_t i = 0; i < f->content.n; i++)
		assert_int_equal(f->content.p[i], "6\0"
										  "597"[i / BLOCK]);
	walked_close(&t);
	put(index + 3 * 8 + 2, 1, 2); /* device */
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	put(index + 3 * 8 + 2, 0, 2);
	put(index + 4 * 8 + 4, IMAGE_BLOCKS, 4);
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
}

/* ---- numbers of 48 bits, and records of extents: erofs_fs.h of Linux 6.15 ---- */

static void make_wide(uint32_t incompat)
{
	make_image(incompat | 0x80);
	put(image + 1024 + 14, 0, 2); /* the blocks' number goes on here */
	put(image + 1024 + 112, ROOT_NID, 8);
}

/* Where the bytes of an extent are put next, and its record. */
struct record_writer {
	uint8_t *record;
	size_t size, at; /* of a record, in the image */
};

static void put_record(struct record_writer *w, size_t from, uint32_t packed, size_t start)
{
	put(w->record, packed, 4);
	if (w->size > 4)
		put(w->record + 4, from, w->size > 8 ? 8 : 4);
	if (w->size > 8)
		put(w->record + 12, start, w->size > 16 ? 8 : 4);
	w->record += w->size;
}

/* One extent: packed by an algorithm, by none (4), or in a guise of its own: 5 is rotated, 6 a hole, 7 a part of what is packed, 8 not
 * rotated though it begins at a block, as its size is not one of blocks. */
static void write_extent(struct record_writer *w, unsigned how, size_t start, size_t n)
{
	static uint8_t packed[4 * BLOCK];
	size_t got = n, more = how == 7 ? 1000 : 0, block = (w->at + BLOCK - 1) / BLOCK * BLOCK;
	uint32_t flags = how < 4 ? (how + 1) << 28 : how == 7 ? 1u << 28 | 1u << 27 : 0;
	if (how == 5) {
		size_t last = BLOCK - start % BLOCK, all = (n + BLOCK - 1) / BLOCK * BLOCK;
		memcpy(image + block + all - last, content + start, last);
		memcpy(image + block, content + start + last, n - last);
		put_record(w, block, (uint32_t)all, start);
		w->at = block + all;
		return;
	}
	if (how == 6) {
		put_record(w, 0, 0, start);
		return;
	}
	if (how == 8)
		w->at = block;
	if (how == 4 || how == 8)
		memcpy(packed, content + start, n);
	else
		got = packers[how % 7](content + start, n + more, packed, sizeof packed);
	memcpy(image + w->at, packed, got);
	put_record(w, w->at, (uint32_t)got | flags, start);
	w->at += got;
}

static void make_records(size_t size, const unsigned *how)
{
	unsigned log = size == 4 ? 0 : size == 8 ? 1 : size == 16 ? 2 : 3, extents = 0;
	size_t step = size > 8 ? STEP : 2 * BLOCK;
	make_wide(1);
	for (size_t at = 0; at < CONTENT; at += step, extents++)
		if (how[extents] == 6)
			memset(content + at, 0, step);
	uint8_t *header = file_inode(1, CONTENT, 0) + 64;
	put(header + 4, 1 | log << 1 | 0x10, 2);
	header[7] = size > 8 ? 0 : 1; /* clusters of two blocks, or high bits of how many extents there are */
	put(header, size > 8 ? extents : 0, 4);
	size_t records = (size_t)(header - image) + 8;
	struct record_writer w = { .size = size, .at = DATA_BLOCK * BLOCK + 5 };
	w.record = image + (records + size - 1) / size * size;
	if (size == 4) {
		put(w.record, w.at, 8);
		w.record += 8;
	}
	for (size_t k = 0, at = 0; at < CONTENT; at += step, k++)
		write_extent(&w, how[k], at, CONTENT - at < step ? CONTENT - at : step);
	assert_true(w.at <= sizeof image);
}

static void test_records(void **state)
{
	(void)state;
	static const unsigned follows[] = { 0, 1, 2, 3, 4, 7, 0 }, all[] = { 0, 5, 6, 3, 7 }, others[] = { 2, 1, 4, 6, 8 };
	make_records(4, follows);
	expect_file(0);
	make_records(8, follows);
	expect_file(0);
	for (size_t size = 16; size <= 32; size *= 2) {
		make_records(size, all);
		expect_file(0);
		make_records(size, others);
		expect_file(0);
		survives_cuts(&erofs_format, span_of(image, sizeof image), 60);
		survives_flips(&erofs_format, span_of(image, sizeof image), 500, 3 * BLOCK);
	}
	uint8_t *records = image + ((size_t)FILE_NID * 32 + 64 + 8 + 31) / 32 * 32;
	put(records + 2 * 32 + 12, 10000, 4); /* two begin at one place */
	struct walked t;
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* of the index, and of the file */
	assert_memory_equal(walked_get(&t, "/f")->content.p, content, STEP);
	walked_close(&t);
	put(image + FILE_NID * 32 + 64, 0, 4); /* none at all */
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
}

/* A compact inode of one link, whose first block has 16 bits more in place of the links' number. */
static uint8_t *one_link(uint32_t size, uint64_t start)
{
	uint8_t *inode = image + FILE_NID * 32;
	put(inode, 0 << 1 | 0x10, 2);
	put(inode + 4, 0100600, 2);
	put(inode + 6, start >> 32, 2);
	put(inode + 8, size, 4);
	put(inode + 12, 77, 4); /* seconds behind the epoch */
	put(inode + 16, start & UINT32_MAX, 4);
	return inode;
}

static void expect_bytes(const uint8_t *bytes, size_t n, unsigned truncated)
{
	struct walked t;
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_damage(&t, "truncated"), truncated);
	if (!truncated)
		assert_content(&t, "/f", bytes, n);
	assert_int_equal(t.entries[0].e.mtime, 1700000077);
	walked_close(&t);
}

static void test_48bit(void **state)
{
	(void)state;
	static const uint8_t zeros[BLOCK];
	make_wide(0);
	memcpy(image + 6 * BLOCK, content, BLOCK);
	uint8_t *root = image + ROOT_NID * 32, *dir = image + BLOCK;
	put(root, 0x10, 2); /* its listing has no "." */
	memset(dir, 0, BLOCK);
	put(dir, ROOT_NID, 8);
	put(dir + 8, 24, 2);
	put(dir + 12, FILE_NID, 8);
	put(dir + 20, 26, 2);
	memcpy(dir + 24, "..f", 3);
	put(root + 8, 27, 4);
	one_link(BLOCK, 6);
	expect_bytes(content, BLOCK, 0);
	one_link(BLOCK, UINT64_C(0x100000006)); /* not block 6 */
	expect_bytes(NULL, 0, 1);
	one_link(BLOCK, UINT64_C(0xffffffffffff));
	expect_bytes(zeros, BLOCK, 0);
	put(one_link(BLOCK, UINT32_MAX) + 6, 1, 2);
	put(image + FILE_NID * 32, 0, 2); /* of no bits more: these are all */
	expect_bytes(zeros, BLOCK, 0);
	/* Chunks, whose indexes have them only where their format says so. */
	uint8_t *index = one_link(BLOCK, 0) + 32;
	put(image + FILE_NID * 32, 4 << 1, 2);
	put(image + FILE_NID * 32 + 6, 1, 2);
	put(image + FILE_NID * 32 + 16, 0x20, 4);
	put(index, 7, 2);
	put(index + 4, 6, 4);
	expect_bytes(content, BLOCK, 0);
	put(image + FILE_NID * 32 + 16, 0x60, 4);
	expect_bytes(NULL, 0, 1);
	put(index, 0xffff, 2);
	put(index + 4, UINT32_MAX, 4);
	expect_bytes(zeros, BLOCK, 0);
}

/* ---- hostile ones ---- */

static bool look_only(struct walk *w, const struct entry *e)
{
	uint8_t end[BLOCK];
	(void)w;
	assert_int_equal(e->size, UINT64_C(1) << 43);
	assert_int_equal(e->content.kind, CONTENT_BLOCKS);
	memset(end, 1, sizeof end);
	struct error err = e->content.ops->read(e->content.fs, e->content.file, e->size - BLOCK, end, BLOCK);
	assert_false(error_is(&err));
	for (size_t i = 0; i < BLOCK; i++)
		assert_int_equal(end[i], 0);
	return true;
}

static void test_huge_hole(void **state)
{
	(void)state;
	make_image(4);
	put(file_inode(4, UINT64_C(1) << 43, 0x1f) + 64, UINT32_MAX, 4); /* one chunk */
	struct arena *arena = arena_new(1 << 20);
	struct fact_list facts;
	fact_list_init(&facts, arena);
	struct walk w = { arena, &facts.sink, 0, look_only };
	struct error e = erofs_format.walk(span_of(image, sizeof image), &w);
	assert_false(error_is(&e));
	arena_free(arena);
}

static void test_hostile(void **state)
{
	(void)state;
	make_image(0); /* the root again, as an entry */
	put(image + BLOCK + 24, ROOT_NID, 8);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(0); /* an inode behind the end */
	put(image + BLOCK + 24, UINT64_MAX, 8);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(0); /* names behind the block */
	put(image + BLOCK + 8, 0xfff0, 2);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(0); /* no inode there */
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(0); /* a size that no file has */
	file_inode(0, UINT64_MAX, 0);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(0x100); /* a feature to come */
	assert_damaged(&erofs_format, span_of(image, sizeof image), "unsupported", 0);
	make_image(2); /* algorithm 15 */
	put(file_inode(1, 100, 0) + 64 + 6, 15, 1);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "unsupported", 1);
	make_image(2); /* all in the file of fragments, which there is not */
	put(file_inode(3, 100, 0) + 64 + 7, 0x80, 1);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 1);
	make_image(0x20); /* the file of fragments is made of fragments of itself */
	put(file_inode(3, 100, 0) + 64 + 7, 0x80, 1);
	put(image + 1024 + 96, FILE_NID, 8);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 1);
	make_image(1 | 2); /* packed bytes that no stream begins with */
	file_inode(1, 4096, 0);
	put(image + FILE_NID * 32 + 64 + 16, 1, 2);
	put(image + FILE_NID * 32 + 64 + 16 + 4, 7, 4);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 1);
	make_image(2); /* an index without a head */
	file_inode(1, 9000, 0);
	put(image + FILE_NID * 32 + 64 + 16, 2, 2);
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 1);
}

/* A name that leads out is data. */
static void test_names(void **state)
{
	(void)state;
	make_image(0);
	file_inode(0, 0, 0);
	memcpy(image + BLOCK + 36 + 3, "../../x", 7);
	put(image + ROOT_NID * 32 + 8, 3 * 12 + 3 + 7, 4);
	struct walked t;
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_int_equal(t.n, 1);
	walked_get(&t, "/../../x");
	walked_close(&t);
}

static void test_checksum(void **state)
{
	(void)state;
	make_image(0);
	file_inode(0, 0, 0);
	struct walked t;
	walked_open(&t, &erofs_format, span_of(image, sizeof image));
	assert_string_equal(walked_header(&t, "checksum"), "none");
	walked_close(&t);
	image[1024 + 8] = 1;
	assert_damaged(&erofs_format, span_of(image, sizeof image), "corrupt", 1);
}

static void test_noise(void **state)
{
	(void)state;
	uint64_t x = 88172645463325252;
	for (unsigned k = 0; k < 20000; k++) {
		for (size_t i = 0; i < 2 * BLOCK; i += 8) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy(image + i, &x, 8);
		}
		memcpy(image + 1024, "\xe2\xe1\xf5\xe0", 4);
		struct format_match m;
		assert_false(erofs_format.probe(span_of(image, 2 * BLOCK), &m));
	}
}

/* A small image by the reference tool, cut and with bits flipped. */
static void test_survives(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.erofs"))
		skip();
	static const char *const options[] = { "-zlz4hc -Eztailpacking,fragments", "-zlz4 -Elegacy-compress -C16384" };
	char dir[TEMP_MAX], command[200];
	temp_new(dir);
	run_in(dir, "mkdir -p t/a/b; seq 20000 > t/numbers; seq 300 > t/a/b/few; head -c 9000 /dev/urandom > t/noise; "
				"ln -s numbers t/link; ln t/numbers t/hard");
	for (size_t i = 0; i < 2; i++) {
		snprintf(command, sizeof command, "rm -f image; mkfs.erofs %s image t 2>&1", options[i]);
		run_in(dir, command);
		struct span made = file_load(dir, "image");
		survives_cuts(&erofs_format, made, 150);
		survives_flips(&erofs_format, made, 1500, 0);
		survives_flips(&erofs_format, made, 1500, 1200);
		free((void *)made.p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),     cmocka_unit_test(test_algorithms), cmocka_unit_test(test_survives_algorithms),
		cmocka_unit_test(test_chunks),   cmocka_unit_test(test_huge_hole),  cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_checksum),   cmocka_unit_test(test_noise),
		cmocka_unit_test(test_survives), cmocka_unit_test(test_records),    cmocka_unit_test(test_48bit),
	};
	return cmocka_run_group_tests_name("erofs", tests, NULL, NULL);
}
