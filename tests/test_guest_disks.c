/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmdk, vhd, vhdx, vdi, parallels, qed: images that qemu-img makes over its options, which must give the disk that they were made of;
 * what it does not make is written here after the specifications, and shown to it where it can read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format vmdk_format, vhd_format, vhdx_format, vdi_format, parallels_format, qed_format;

#define DISK "(seq 40000; head -c 300000 /dev/zero; head -c 100000 /dev/urandom; head -c 2500000 /dev/zero; seq 777) > d; truncate -s 3500032 d"

static void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[width - 1 - i] = (uint8_t)(v >> (8 * i));
}

/* What is cut off must be told, and what is in front of the cut is read. */
static void cut_is_told(const struct format *format, struct span image)
{
	struct walked t;
	walked_open(&t, format, span_clip(image, 0, image.n / 4 * 3));
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "truncated") + walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
}

static void check_image(const struct format *format, struct span image, struct span disk, bool ends_with_file)
{
	struct walked t;
	walked_open(&t, format, image);
	assert_true(t.accepted);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_false(error_is(&t.error));
	assert_content(&t, "disk", disk.p, disk.n);
	assert_int_equal(t.n, 1); /* nothing is in no block */
	if (ends_with_file && t.walk.end)
		assert_int_equal(t.walk.end, image.n);
	else if (t.walk.end)
		assert_true(t.walk.end <= image.n && span_is_zero(span_from(image, t.walk.end)));
	walked_close(&t);
}

struct made_by_qemu {
	const struct format *format;
	const char *name, *options; /* as qemu-img calls them */
	bool whole_file;            /* nothing is behind the last block */
};

static const struct made_by_qemu images[] = {
	{ &vmdk_format, "vmdk", "subformat=monolithicSparse", true },
	{ &vmdk_format, "vmdk", "subformat=monolithicSparse,zeroed_grain=on", true },
	{ &vmdk_format, "vmdk", "subformat=monolithicSparse,compat6=on,adapter_type=lsilogic", true },
	{ &vmdk_format, "vmdk", "subformat=streamOptimized", false }, /* room for a grain that is not packed */
	{ &vhd_format, "vpc", "subformat=dynamic", true },
	{ &vhd_format, "vpc", "subformat=dynamic,force_size=on", true },
	{ &vhd_format, "vpc", "subformat=fixed", true },
	{ &vhd_format, "vpc", "subformat=fixed,force_size=on", true },
	{ &vhdx_format, "vhdx", "subformat=dynamic,block_size=1M", true },
	{ &vhdx_format, "vhdx", "subformat=dynamic,block_size=2M,block_state_zero=off", true },
	{ &vhdx_format, "vhdx", "subformat=fixed,block_size=1M,log_size=2M", true },
	{ &vdi_format, "vdi", "static=off", true },
	{ &vdi_format, "vdi", "static=on", true },
	{ &parallels_format, "parallels", "cluster_size=65536", false },
	{ &parallels_format, "parallels", "cluster_size=1M", false },
	{ &qed_format, "qed", "cluster_size=4096,table_size=2", true },
	{ &qed_format, "qed", "cluster_size=65536", true },
};

static void test_made_by_qemu(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, DISK);
	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
		const struct made_by_qemu *m = &images[i];
		snprintf(command, sizeof command, "rm -f i; qemu-img convert -f raw -O %s -o %s d i && qemu-img convert -f %s -O raw i back", m->name,
				 m->options, m->name);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "i"), back = file_load(dir, "back"), disk = file_load(dir, "d");
		assert_true(back.n >= disk.n && memcmp(back.p, disk.p, disk.n) == 0);
		check_image(m->format, image, back, m->whole_file);
		if (m->format == &parallels_format) { /* the mark of the program that closed it */
			memcpy((uint8_t *)image.p + 44, "pd17", 4);
			check_image(m->format, image, back, m->whole_file);
		}
		if (!strstr(m->options, "fixed"))
			cut_is_told(m->format, image);
		survives_cuts(m->format, image, 20);
		survives_flips(m->format, image, 40, 2048);
		free((void *)image.p);
		free((void *)back.p);
		free((void *)disk.p);
	}
	temp_remove(dir);
}

/* Disks of terabytes are a few tables: nothing of that size is made. */
static void test_huge(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	static const struct made_by_qemu huge[] = {
		{ &vmdk_format, "vmdk", "subformat=monolithicSparse", false }, { &vhd_format, "vpc", "subformat=dynamic", false },
		{ &vhdx_format, "vhdx", "subformat=dynamic", false },          { &vdi_format, "vdi", "static=off", false },
		{ &qed_format, "qed", "cluster_size=65536", false },
	};
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
		snprintf(command, sizeof command, "rm -f i; qemu-img create -q -f %s -o %s i 1900G", huge[i].name, huge[i].options);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "i");
		struct walked t;
		walked_open(&t, huge[i].format, image);
		const struct walked_entry *disk = walked_get(&t, "disk");
		assert_true(disk->e.size >= (uint64_t)1900 << 30);
		assert_int_equal(disk->e.content.kind, CONTENT_BLOCKS);
		assert_int_equal(disk->error.code, ERR_BUDGET); /* of the test's own */
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		uint8_t block[512] = { 1 };
		struct error e = disk->e.content.ops->read(disk->e.content.fs, NULL, (uint64_t)1 << 40, block, sizeof block);
		assert_false(error_is(&e));
		assert_true(span_is_zero(span_of(block, sizeof block)));
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* ---- what is in another image ---- */

static void test_differencing(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	static const struct made_by_qemu over[] = {
		{ &vmdk_format, "vmdk", "subformat=monolithicSparse", false },
		{ &qed_format, "qed", "cluster_size=65536", false },
	};
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, DISK);
	for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
		snprintf(command, sizeof command, "rm -f base i; qemu-img convert -f raw -O %s d base && qemu-img create -q -f %s -b base -F %s -o %s i",
				 over[i].name, over[i].name, over[i].name, over[i].options);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "i");
		struct walked t;
		walked_open(&t, over[i].format, image);
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
		assert_true(text_has(d->what, "base"));
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* ---- VHD ---- */

#define VHD_BLOCK 65536u

static void sum_vhd(uint8_t *p, size_t n, unsigned at)
{
	uint32_t sum = 0;
	memset(p + at, 0, 4);
	for (size_t i = 0; i < n; i++)
		sum += p[i];
	put_be(p + at, ~sum, 4);
}

/* One block of which the second sector is its own, after the specification's chapters "Hard Disk Footer Format", "Dynamic Disk Header". */
static size_t make_differencing_vhd(uint8_t *p, size_t between)
{
	size_t table = 1536, block = 2048 + between, end = block + 512 + VHD_BLOCK;
	memset(p, 0, end + 512);
	memcpy(p, "conectix", 8);
	put_be(p + 8, 2, 4);
	put_be(p + 12, 0x10000, 4);
	put_be(p + 16, 512, 8);
	memcpy(p + 28, "win ", 4);
	put_be(p + 40, VHD_BLOCK, 8);
	put_be(p + 48, VHD_BLOCK, 8);
	put_be(p + 60, 4, 4);
	sum_vhd(p, 512, 64);
	memcpy(p + 512, "cxsparse", 8);
	memset(p + 520, 0xff, 8);
	put_be(p + 528, table, 8);
	put_be(p + 536, 0x10000, 4);
	put_be(p + 540, 1, 4);
	put_be(p + 544, VHD_BLOCK, 4);
	memcpy(p + 512 + 64, "\0b\0a\0s\0e\0.\0v\0h\0d", 16);
	sum_vhd(p + 512, 1024, 36);
	put_be(p + table, block / 512, 4);
	p[block] = 0x40;
	memset(p + block + 512, 'x', 3 * 512);
	memcpy(p + end, p, 512);
	return end + 512;
}

static void test_vhd(void **state)
{
	(void)state;
	static uint8_t image[4096 + VHD_BLOCK], disk[VHD_BLOCK];
	size_t n = make_differencing_vhd(image, 0);
	memset(disk + 512, 'x', 512);
	struct walked t;
	walked_open(&t, &vhd_format, span_of(image, n));
	assert_content(&t, "disk", disk, sizeof disk);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_true(text_has(((const struct fact_damage *)fact_list_get(&t.facts, FACT_damage, 0))->what, "\"base.vhd\""));
	assert_int_equal(t.walk.end, n);
	walked_close(&t);
	/* Without its footer, and without the copy of it. */
	walked_open(&t, &vhd_format, span_of(image, n - 512));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_content(&t, "disk", disk, sizeof disk);
	walked_close(&t);
	image[40] ^= 1;
	assert_false(vhd_format.probe(span_of(image, n), &(struct format_match){ 0 }));
	walked_open(&t, &vhd_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "disk", disk, sizeof disk);
	walked_close(&t);
	image[40] ^= 1;
	/* The footer of disks made before Virtual PC 2004 has no last byte. */
	walked_open(&t, &vhd_format, span_of(image, n - 1));
	assert_int_equal(walked_damage(&t, "truncated"), 0);
	assert_int_equal(t.walk.end, n - 1);
	walked_close(&t);
	memset(image + 512, 'd', 4096);
	memcpy(image + 4608, image, 512);
	put_be(image + 4608 + 48, 4608, 8);
	put_be(image + 4608 + 60, 2, 4);
	sum_vhd(image + 4608, 512, 64);
	struct format_match m;
	assert_true(vhd_format.probe_whole(span_of(image, 4608 + 511), &m));
	walked_open(&t, &vhd_format, span_of(image, 4608 + 511));
	assert_content(&t, "disk", image, 4608);
	walked_close(&t);
	n = make_differencing_vhd(image, 0);
	survives_cuts(&vhd_format, span_of(image, n), 300);
	survives_flips(&vhd_format, span_of(image, n), 2000, 2100);
}

/* What a table leaves between its blocks is handed over. */
static void assert_rest(const struct format *format, struct span image, const char *name, size_t at, size_t n)
{
	struct walked t;
	walked_open(&t, format, image);
	assert_true(t.accepted);
	assert_int_equal(t.n, 2);
	const struct walked_entry *e = walked_get(&t, name);
	assert_int_equal(e->e.offset, at);
	assert_int_equal(e->e.size, n);
	assert_memory_equal(e->content.p, image.p + at, n);
	walked_close(&t);
}

static void test_vhd_rest(void **state)
{
	(void)state;
	static uint8_t image[16384 + VHD_BLOCK];
	size_t n = make_differencing_vhd(image, 8192);
	memset(image + 2048, 'h', 8192);
	assert_rest(&vhd_format, span_of(image, n), "unclaimed-0x800", 2048, 8192);
	/* Blocks at the end of the file, with nothing known in front of them. */
	put_be(image + 1536, UINT32_MAX, 4);
	struct walked t;
	walked_open(&t, &vhd_format, span_of(image, n));
	assert_int_equal(walked_get(&t, "unclaimed-0x800")->e.size, n - 512 - 2048);
	walked_close(&t);
}

/* ---- VDI ---- */

static void test_vdi_rest(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, DISK);
	if (made_in(dir, "qemu-img convert -f raw -O vdi d i")) {
		struct span image = file_load(dir, "i");
		uint8_t *p = (uint8_t *)image.p;
		uint32_t table = (uint32_t)(p[340] | p[341] << 8), data = (uint32_t)(p[344] | p[345] << 8);
		put(p + table, UINT32_MAX, 4); /* the first block is in none of them any more */
		struct walked t;
		char name[32];
		snprintf(name, sizeof name, "unclaimed-0x%x", data);
		assert_rest(&vdi_format, image, name, data, 1 << 20);
		walked_open(&t, &vdi_format, image);
		assert_true(span_is_zero(span_clip(walked_get(&t, "disk")->content, 0, 1 << 20)));
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* ---- VHDX ---- */

static void test_vhdx(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, DISK);
	if (made_in(dir, "qemu-img convert -f raw -O vhdx -o block_size=1M d i")) {
		struct span image = file_load(dir, "i"), disk = file_load(dir, "d");
		uint8_t *p = (uint8_t *)image.p;
		struct walked t;
		uint64_t entry = 0, table = 0;
		for (size_t i = 0; i < 2; i++) /* of the two regions one is the table of blocks: its first entry is of a block that is there */
			if (p[196608 + 16 + 32 * i] == 0x66)
				for (unsigned k = 0; k < 8; k++)
					table |= (uint64_t)p[196608 + 16 + 32 * i + 16 + k] << (8 * k);
		assert_true(table > 0 && table < image.n);
		for (unsigned k = 0; k < 8; k++)
			entry |= (uint64_t)p[table + k] << (8 * k);
		assert_int_equal(entry & 7, 6);
		put(p + table, 0, 8);
		walked_open(&t, &vhdx_format, image);
		assert_int_equal(t.n, 2); /* the block, and zeros before it */
		assert_true(t.entries[1].e.offset <= entry >> 20 << 20 && t.entries[1].e.offset + t.entries[1].e.size >= ((entry >> 20) + 1) << 20);
		walked_close(&t);
		put(p + table, entry - 2, 8); /* a state that there is not */
		walked_open(&t, &vhdx_format, image);
		uint8_t block[512];
		struct error e = walked_get(&t, "disk")->e.content.ops->read(walked_get(&t, "disk")->e.content.fs, NULL, 0, block, sizeof block);
		assert_int_equal(e.code, ERR_CORRUPT);
		walked_close(&t);
		put(p + table, entry, 8);
		p[65536 + 20] ^= 1; /* the first header, and the first table: the others are as good */
		p[196608 + 100] ^= 1;
		walked_open(&t, &vhdx_format, image);
		assert_int_equal(walked_damage(&t, "corrupt"), 2);
		assert_content(&t, "disk", disk.p, disk.n);
		walked_close(&t);
		p[262144 + 100] ^= 1; /* the second table, too */
		assert_false(vhdx_format.probe(image, &(struct format_match){ 0 }));
		walked_open(&t, &vhdx_format, image);
		assert_true(t.accepted);
		assert_true(walked_damage(&t, "corrupt") >= 3);
		assert_int_equal(t.n, 0);
		walked_close(&t);
		free((void *)image.p);
		free((void *)disk.p);
	}
	temp_remove(dir);
}

/* ---- VMDK ---- */

#define GRAIN 65536u
#define STREAM_GRAINS 5u

static size_t sector(size_t at)
{
	return (at + 511) / 512 * 512;
}

static void vmdk_header(uint8_t *p, uint64_t sectors, uint64_t directory)
{
	memset(p, 0, 512);
	memcpy(p, "KDMV", 4);
	put(p + 4, 3, 4);
	put(p + 8, 0x30001, 4);
	put(p + 12, sectors, 8);
	put(p + 20, GRAIN / 512, 8);
	put(p + 28, 1, 8);
	put(p + 36, 1, 8);
	put(p + 44, 512, 4);
	put(p + 56, directory, 8);
	put(p + 64, 2, 8);
	memcpy(p + 73, "\n \r\n", 4);
	put(p + 77, 1, 2);
}

static size_t marker(uint8_t *p, size_t at, uint64_t sectors, uint32_t kind)
{
	memset(p + at, 0, 512);
	put(p + at, sectors, 8);
	put(p + at + 12, kind, 4);
	return at + 512;
}

/* As VMware writes it for an appliance: the third grain is a hole, tables and directory follow the grains, a footer has the header
 * again, with the directory's place. */
static size_t make_stream(uint8_t *p, const uint8_t *disk, size_t disk_n)
{
	static const char text[] = "# Disk DescriptorFile\nversion=1\nCID=9\nparentCID=ffffffff\ncreateType=\"streamOptimized\"\n"
							   "RW 519 SPARSE \"i\"\n";
	uint8_t table[2048] = { 0 };
	size_t at = 1024;
	vmdk_header(p, disk_n / 512, UINT64_MAX);
	memset(p + 512, 0, 512);
	memcpy(p + 512, text, sizeof text);
	for (size_t i = 0; i < STREAM_GRAINS; i++) {
		if (i == 2)
			continue;
		uLongf n = 100000;
		size_t left = disk_n - i * GRAIN;
		assert_int_equal(compress2(p + at + 12, &n, disk + i * GRAIN, left < GRAIN ? left : GRAIN, 6), Z_OK);
		put(p + at, i * GRAIN / 512, 8);
		put(p + at + 8, n, 4);
		put(table + 4 * i, at / 512, 4);
		memset(p + at + 12 + n, 0, sector(at + 12 + n) - (at + 12 + n));
		at = sector(at + 12 + n);
	}
	size_t table_at = at = marker(p, at, 4, 1);
	memcpy(p + at, table, sizeof table);
	size_t directory = at = marker(p, at + sizeof table, 1, 2);
	memset(p + at, 0, 512);
	put(p + at, table_at / 512, 4);
	at = marker(p, at + 512, 1, 3);
	vmdk_header(p + at, disk_n / 512, directory / 512);
	return marker(p, at + 512, 0, 0);
}

static void test_vmdk_stream(void **state)
{
	(void)state;
	size_t disk_n = (STREAM_GRAINS - 1) * GRAIN + 7 * 512;
	uint8_t *disk = calloc(1, STREAM_GRAINS * GRAIN), *image = calloc(1, 1 << 20);
	assert_non_null(disk);
	assert_non_null(image);
	for (size_t i = 0; i < disk_n; i++)
		disk[i] = i / GRAIN == 2 ? 0 : (uint8_t)(i * i >> 7 ^ i / GRAIN);
	size_t n = make_stream(image, disk, disk_n);
	check_image(&vmdk_format, span_of(image, n), span_of(disk, disk_n), true);
	/* Without its end the markers lead to all grains. */
	struct walked t;
	walked_open(&t, &vmdk_format, span_of(image, n - 1024));
	assert_string_equal(walked_header(&t, "createType"), "streamOptimized");
	assert_true(walked_damage(&t, "truncated") > 0);
	assert_content(&t, "disk", disk, disk_n);
	walked_close(&t);
	/* A grain that does not unpack costs itself. */
	image[1024 + 40] ^= 0xff;
	walked_open(&t, &vmdk_format, span_of(image, n));
	const struct content *c = &walked_get(&t, "disk")->e.content;
	struct error e = c->ops->read(c->fs, NULL, 0, disk, GRAIN);
	assert_int_equal(e.code, ERR_CORRUPT);
	e = c->ops->read(c->fs, NULL, GRAIN, disk, GRAIN);
	assert_false(error_is(&e));
	walked_close(&t);
	image[1024 + 40] ^= 0xff;
	survives_cuts(&vmdk_format, span_of(image, n), 300);
	survives_flips(&vmdk_format, span_of(image, n), 500, 1200);
	if (tool_exists("qemu-img")) { /* the writer above is right, says QEMU */
		char dir[TEMP_MAX];
		temp_new(dir);
		file_save(dir, "i", span_of(image, n));
		run_in(dir, "qemu-img convert -f vmdk -O raw i back");
		struct span back = file_load(dir, "back");
		walked_open(&t, &vmdk_format, span_of(image, n));
		assert_content(&t, "disk", back.p, back.n);
		walked_close(&t);
		free((void *)back.p);
		temp_remove(dir);
	}
	free(disk);
	free(image);
}

/* "ESX Server Sparse Extent": a header of four sectors, tables of 4096 entries. */
static size_t make_cowd(uint8_t *p, uint32_t sectors, size_t between)
{
	size_t directory = 4, table = 5, grain = 37 + between;
	memset(p, 0, (grain + 2) * 512);
	memcpy(p, "COWD", 4);
	put(p + 4, 1, 4);
	put(p + 8, 3, 4);
	put(p + 12, sectors, 4);
	put(p + 16, 1, 4);
	put(p + 20, directory, 4);
	put(p + 24, (sectors + 4095) / 4096, 4);
	put(p + 28, grain + 2, 4);
	put(p + directory * 512, table, 4);
	put(p + table * 512 + 4, grain, 4);
	put(p + table * 512 + 12, grain + 1, 4);
	memset(p + grain * 512, 'a', 512);
	memset(p + grain * 512 + 512, 'b', 512);
	return (grain + 2) * 512;
}

static void test_vmdk_cowd(void **state)
{
	(void)state;
	static uint8_t image[20480], disk[6000 * 512];
	size_t n = make_cowd(image, 6000, 0);
	memset(disk + 512, 'a', 512);
	memset(disk + 3 * 512, 'b', 512);
	check_image(&vmdk_format, span_of(image, n), span_of(disk, sizeof disk), true);
	image[8] = 2; /* no root: what it is based on is told */
	memcpy(image + 32, "base.vmdk", 10);
	struct walked t;
	walked_open(&t, &vmdk_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_true(text_has(((const struct fact_damage *)fact_list_get(&t.facts, FACT_damage, 0))->what, "\"base.vmdk\""));
	walked_close(&t);
	survives_cuts(&vmdk_format, span_of(image, n), 100);
	survives_flips(&vmdk_format, span_of(image, n), 500, 4096);
}

/* A header may tell of a head as long as the file, of a disk without sectors, of grains at the file's end only. */
static void test_vmdk_rest(void **state)
{
	(void)state;
	static uint8_t image[65536];
	size_t n = make_cowd(image, 6000, 20);
	memset(image + (size_t)37 * 512, 'h', 20 * 512);
	assert_rest(&vmdk_format, span_of(image, n), "unclaimed-0x4a00", 37 * 512, 20 * 512);
	memset(image, 'h', sizeof image);
	vmdk_header(image, 0, 1);
	put(image + 8, 1, 4);
	memset(image + 28, 0, 16);
	put(image + 64, sizeof image / 512, 8);
	memset(image + 79, 0, 512 - 79);
	assert_rest(&vmdk_format, span_of(image, sizeof image), "unclaimed-0x200", 512, sizeof image - 512);
}

/* Grains that are longer than two of them as they are may have one another in them, and cost without end. */
static void test_vmdk_long_grain(void **state)
{
	(void)state;
	size_t disk_n = (STREAM_GRAINS - 1) * GRAIN + 7 * 512;
	uint8_t *disk = calloc(1, STREAM_GRAINS * GRAIN), *image = calloc(1, 1 << 20);
	assert_non_null(disk);
	assert_non_null(image);
	size_t n = make_stream(image, disk, disk_n);
	put(image + 1024 + 8, 2 * GRAIN + 1, 4);
	struct walked t;
	walked_open(&t, &vmdk_format, span_of(image, 1 << 20));
	if (!walked_damage(&t, "corrupt")) { /* the markers do not lead to the footer any more: it is looked for at the end */
		walked_close(&t);
		memmove(image + (1 << 20) - 1024, image + n - 1024, 1024);
		walked_open(&t, &vmdk_format, span_of(image, 1 << 20));
	}
	const struct content *c = &walked_get(&t, "disk")->e.content;
	struct error e = c->ops->read(c->fs, NULL, 0, disk, GRAIN);
	assert_int_equal(e.code, ERR_CORRUPT);
	walked_close(&t);
	free(disk);
	free(image);
}

static void test_vmdk_redundant(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, DISK);
	if (made_in(dir, "qemu-img convert -f raw -O vmdk d i")) {
		struct span image = file_load(dir, "i");
		uint8_t *p = (uint8_t *)image.p;
		size_t directory = 512u * p[56], table = 512u * (p[directory] | (unsigned)p[directory + 1] << 8);
		put(p + table, 0, 4); /* the first grain's entry: the copy has it still */
		struct walked t;
		walked_open(&t, &vmdk_format, image);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_vmdk_descriptor(void **state)
{
	(void)state;
	static const char text[] = "# Disk DescriptorFile\r\nversion=1\r\nCID=123a\nparentCID=ffffffff\ncreateType = \"twoGbMaxExtentFlat\"\n"
							   "RW 4192256 FLAT \"a disk-f001.vmdk\" 0\nRW 12 FLAT \"a disk-f002.vmdk\" 5\n\nddb.adapterType = \"ide\"\n\0\0\0";
	struct walked t;
	walked_open(&t, &vmdk_format, span_of(text, sizeof text));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "createType"), "twoGbMaxExtentFlat");
	assert_string_equal(walked_header(&t, "extent"), "4192256 sectors, FLAT, a disk-f001.vmdk");
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	assert_false(vmdk_format.probe(span_of(text, sizeof text), &(struct format_match){ 0 }));
	assert_false(vmdk_format.probe_whole(span_of(text, 60), &(struct format_match){ 0 }));
	/* qemu-img writes a shorter CID over a longer one: the end of the text before is left */
	char rewritten[sizeof text + 8] = { 0 };
	const size_t n = strlen(text);
	struct format_match match;
	memcpy(rewritten, text, sizeof text);
	memcpy(rewritten + n + 1, text + n - 4, 4);
	assert_true(vmdk_format.probe_whole(span_of(rewritten, sizeof rewritten), &match));
	rewritten[n + 2] = 'x';
	assert_false(vmdk_format.probe_whole(span_of(rewritten, sizeof rewritten), &match));
	survives_cuts(&vmdk_format, span_of(text, sizeof text), 200);
	survives_flips(&vmdk_format, span_of(text, sizeof text), 500, 0);
}

static void test_noise(void **state)
{
	(void)state;
	static const struct format *const all[] = { &vmdk_format, &vhd_format, &vhdx_format, &vdi_format, &parallels_format, &qed_format };
	refuse_noise(all, sizeof all / sizeof all[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_by_qemu), cmocka_unit_test(test_huge),        cmocka_unit_test(test_differencing),
		cmocka_unit_test(test_vhd),          cmocka_unit_test(test_vhdx),        cmocka_unit_test(test_vmdk_stream),
		cmocka_unit_test(test_vmdk_cowd),    cmocka_unit_test(test_vmdk_descriptor), cmocka_unit_test(test_noise),
		cmocka_unit_test(test_vhd_rest),      cmocka_unit_test(test_vdi_rest),    cmocka_unit_test(test_vmdk_rest),
		cmocka_unit_test(test_vmdk_long_grain), cmocka_unit_test(test_vmdk_redundant),
	};
	return cmocka_run_group_tests_name("guest_disks", tests, NULL, NULL);
}
