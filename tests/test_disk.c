/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mbr and gpt: disks partitioned by sfdisk and sgdisk, and tables written here after the UEFI specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format mbr_format, gpt_format;

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xffffffff;
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void mbr_entry(uint8_t *sector, unsigned i, uint8_t type, uint32_t lba, uint32_t sectors)
{
	sector[446 + 16 * i + 4] = type;
	put(sector + 446 + 16 * i + 8, lba, 4);
	put(sector + 446 + 16 * i + 12, sectors, 4);
	sector[510] = 0x55;
	sector[511] = 0xaa;
}

static uint8_t *make_disk(size_t n)
{
	uint8_t *disk = calloc(1, n);
	assert_non_null(disk);
	return disk;
}

static struct span of_tool(const char *command)
{
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, command);
	struct span disk = file_load(dir, "disk");
	temp_remove(dir);
	return disk;
}

static void expect_region(const struct walked *t, const char *name, uint64_t offset, uint64_t size)
{
	const struct walked_entry *w = walked_get(t, name);
	assert_int_equal(w->e.kind, ENTRY_REGION);
	assert_int_equal(w->e.offset, offset);
	assert_int_equal(w->e.size, size);
}

static void test_sfdisk(void **state)
{
	(void)state;
	if (!tool_exists("sfdisk"))
		skip();
	struct span disk = of_tool("truncate -s 16M disk; printf 'label: dos\\nlabel-id: 0x12345678\\n"
							   "start=2048,size=2048,type=c,bootable\\nstart=4096,size=4096,type=83\\n"
							   "start=8192,size=20000,type=5\\nstart=10240,size=1000,type=83\\n"
							   "start=14336,size=2000,type=82\\nstart=20480,size=64,type=83\\n' | sfdisk -q disk");
	struct walked t;
	walked_open(&t, &mbr_format, disk);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, disk.n);
	expect_region(&t, "partition-1", 2048 * 512, 2048 * 512);
	expect_region(&t, "partition-2", 4096 * 512, 4096 * 512);
	expect_region(&t, "partition-5", 10240 * 512, 1000 * 512);
	expect_region(&t, "partition-6", 14336 * 512, 2000 * 512);
	expect_region(&t, "partition-7", 20480 * 512, 64 * 512);
	expect_region(&t, "unallocated-0x200", 512, 2047 * 512);
	assert_string_equal(walked_header(&t, "disk_signature"), "0x12345678");
	assert_string_equal(walked_header(&t, "partition-1.bootable"), "yes");
	assert_string_equal(walked_header(&t, "partition-1.type"), "0x0c FAT32 LBA");
	assert_string_equal(walked_header(&t, "partition-6.type"), "0x82 Linux swap");
	assert_string_equal(walked_header(&t, "partition-6.lba"), "14336");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	uint64_t covered = 0; /* regions, three sectors of tables of logical partitions, and the first sector */
	for (size_t i = 0; i < t.n; i++)
		covered += t.entries[i].e.size;
	assert_int_equal(covered + 4 * 512, disk.n);
	walked_close(&t);
	survives_cuts(&mbr_format, disk, 30);
	survives_flips(&mbr_format, span_clip(disk, 0, 65536), 2000, 512);
	free((void *)disk.p);
}

/* A volume of eight sectors of that size: "FAT: General Overview of On-Disk Format". */
static void put_fat(uint8_t *p, unsigned sector)
{
	memcpy(p, "\xeb\x3c\x90", 3);
	put(p + 11, sector, 2);
	p[13] = 1; /* sector a cluster, reserved one, table */
	p[14] = 1;
	p[16] = 1;
	put(p + 17, 16, 2); /* entries in the root */
	put(p + 19, 8, 2);
	p[21] = 0xf8;
	p[22] = 1;
	memcpy(p + 54, "FAT12   \0", 8);
	put(p + 510, 0xaa55, 2);
	memcpy(p + sector, "\xf8\xff\xff", 3);
}

/* Disks of larger sectors count in these: a volume and an extended partition, of which either is enough. */
static void test_mbr_sectors(void **state)
{
	(void)state;
	for (unsigned sector = 512; sector <= 4096; sector *= 2)
		for (unsigned both = 1; both < 4; both++) {
			size_t n = (size_t)64 * sector;
			uint8_t *disk = make_disk(n);
			char size[8];
			struct walked t;
			mbr_entry(disk, 0, 1, 4, 8);
			mbr_entry(disk, 1, 0xda, 16, 8);
			if (both & 1)
				put_fat(disk + (size_t)4 * sector, sector);
			if (both & 2) {
				mbr_entry(disk, 2, 5, 32, 32);
				mbr_entry(disk + (size_t)32 * sector, 0, 0x83, 4, 8);
			}
			walked_open(&t, &mbr_format, span_of(disk, n));
			assert_true(t.accepted);
			assert_int_equal(t.match.size, n);
			assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
			snprintf(size, sizeof size, "%u", sector);
			assert_string_equal(walked_header(&t, "sector_size"), size);
			expect_region(&t, "partition-1", (uint64_t)4 * sector, (uint64_t)8 * sector);
			expect_region(&t, "partition-2", (uint64_t)16 * sector, (uint64_t)8 * sector);
			if (both & 2)
				expect_region(&t, "partition-5", (uint64_t)36 * sector, (uint64_t)8 * sector);
			walked_close(&t);
			survives_flips(&mbr_format, span_of(disk, n), 300, 512);
			free(disk);
		}
}

/* Where a partition would begin by larger sectors, another one begins by 512 bytes, or a small volume stands within one; and where none begins
 * at all. */
static void test_mbr_of_512(void **state)
{
	(void)state;
	for (unsigned volume = 0; volume < 3; volume++) {
		uint8_t *disk = make_disk(65536);
		struct walked t;
		mbr_entry(disk, 0, 0xda, 4, volume < 2 ? 4 : 16);
		mbr_entry(disk, 1, 1, volume < 2 ? 8 : 32, 8);
		if (volume)
			put_fat(disk + 4096, 512);
		walked_open(&t, &mbr_format, span_of(disk, 65536));
		assert_string_equal(walked_header(&t, "sector_size"), "512");
		expect_region(&t, "partition-1", 4 * 512, (volume < 2 ? 4 : 16) * 512);
		expect_region(&t, "partition-2", (volume < 2 ? 8 : 32) * 512, 8 * 512);
		walked_close(&t);
		free(disk);
	}
}

static void test_loop_and_overlap(void **state)
{
	(void)state;
	uint8_t *disk = make_disk(65536);
	struct walked t;
	mbr_entry(disk, 0, 5, 10, 100);
	disk[0] = 0xfa; /* boot code */
	mbr_entry(disk + 10 * 512, 0, 0x83, 2, 8);
	mbr_entry(disk + 10 * 512, 1, 5, 20, 20);
	mbr_entry(disk + 30 * 512, 0, 0x83, 2, 8);
	mbr_entry(disk + 30 * 512, 1, 5, 0, 20); /* back to the first record */
	walked_open(&t, &mbr_format, span_of(disk, 65536));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	expect_region(&t, "boot-code", 0, 440);
	expect_region(&t, "partition-5", 12 * 512, 8 * 512);
	expect_region(&t, "partition-6", 32 * 512, 8 * 512);
	walked_close(&t);

	mbr_entry(disk + 30 * 512, 1, 5, 5, 20); /* into the first partition, which overlaps */
	mbr_entry(disk + 15 * 512, 0, 0x83, 1, 0xfffffff0);
	walked_open(&t, &mbr_format, span_of(disk, 65536));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(walked_get(&t, "partition-6")->e.offset, 32 * 512);
	walked_close(&t);
	survives_flips(&mbr_format, span_of(disk, 65536), 3000, 31 * 512);
	free(disk);
}

static void test_no_disk(void **state)
{
	(void)state;
	uint8_t *disk = make_disk(65536);
	struct format_match m;
	static const struct {
		uint8_t type;
		uint32_t lba, sectors;
	} bad[] = { { 0, 1, 1 }, { 0x83, 0, 10 }, { 0x83, 10, 0 }, { 0x83, 2, 0xffffffff }, { 0x83, 128, 10 } };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		mbr_entry(disk, 0, bad[i].type, bad[i].lba, bad[i].sectors);
		assert_false(mbr_format.probe(span_of(disk, 65536), &m));
	}
	mbr_entry(disk, 0, 0x83, 2, 10);
	assert_true(mbr_format.probe(span_of(disk, 65536), &m));
	mbr_entry(disk, 1, 0x83, 11, 10);
	assert_false(mbr_format.probe(span_of(disk, 65536), &m)); /* overlaps */
	mbr_entry(disk, 1, 0, 0, 0);
	memcpy(disk + 82, "FAT32   ", 8);
	assert_false(mbr_format.probe(span_of(disk, 65536), &m));
	memset(disk + 82, 0, 8);
	memcpy(disk + 514, "HdrS", 4); /* a kernel, whose setup header looks like an entry */
	assert_false(mbr_format.probe(span_of(disk, 65536), &m));
	free(disk);
}

#define SGDISK                                                                                                         \
	"truncate -s 16M disk; sgdisk -o -n 1:2048:4095 -t 1:ef00 -c 1:'EFI \xc3\xa4 system' -n 2:4096:8191 -t 2:8300 "    \
	"-c 2:rootfs -n 3:10240:10303 -t 3:8200 -A 2:set:2 -n 4:12288:14335 -c 4:rootfs "                                  \
	"-U 11111111-2222-3333-4444-555555555555 disk"

static void test_sgdisk(void **state)
{
	(void)state;
	if (!tool_exists("sgdisk"))
		skip();
	struct span disk = of_tool(SGDISK);
	struct walked t;
	walked_open(&t, &gpt_format, disk);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, disk.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	expect_region(&t, "EFI \xc3\xa4 system", 2048 * 512, 2048 * 512);
	expect_region(&t, "rootfs", 4096 * 512, 4096 * 512);
	expect_region(&t, "partition-3", 10240 * 512, 64 * 512);
	expect_region(&t, "rootfs-4", 12288 * 512, 2048 * 512);
	expect_region(&t, "unallocated-0x4400", 34 * 512, (2048 - 34) * 512);
	assert_string_equal(walked_header(&t, "disk_guid"), "11111111-2222-3333-4444-555555555555");
	assert_string_equal(walked_header(&t, "partition-1.type"), "c12a7328-f81f-11d2-ba4b-00a0c93ec93b EFI System");
	assert_string_equal(walked_header(&t, "partition-3.type"), "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f Linux swap");
	assert_string_equal(walked_header(&t, "partition-2.attributes"), "0x0000000000000004");
	assert_string_equal(walked_header(&t, "header_crc32"), "ok");
	assert_string_equal(walked_header(&t, "entries_crc32"), "ok");
	assert_string_equal(walked_header(&t, "mbr"), "protective");
	walked_close(&t);
	survives_cuts(&gpt_format, disk, 30);

	/* Cut behind the second partition: the rest is told. */
	walked_open(&t, &gpt_format, span_clip(disk, 0, 12289 * 512));
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	assert_int_equal(walked_get(&t, "rootfs-4")->content.n, 512);
	walked_close(&t);
	free((void *)disk.p);
}

/* The same tree from the backup when the primary header, or its entries, are damaged. */
static void test_backup(void **state)
{
	(void)state;
	if (!tool_exists("sgdisk"))
		skip();
	static const size_t broken[] = { 512, 512 + 8, 512 + 16, 512 + 72, 1024 + 130, 1024 + 33 };
	struct span disk = of_tool(SGDISK);
	uint8_t *p = (uint8_t *)disk.p;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct walked t;
		p[broken[i]] ^= 0x40;
		walked_open(&t, &gpt_format, disk);
		assert_true(t.accepted);
		assert_string_equal(walked_header(&t, "table"), broken[i] < 1024 ? "backup" : "primary");
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		assert_string_equal(walked_header(&t, "partition-2.name"), "rootfs");
		expect_region(&t, "rootfs", 4096 * 512, 4096 * 512);
		expect_region(&t, "partition-3", 10240 * 512, 64 * 512);
		walked_close(&t);
		p[broken[i]] ^= 0x40;
	}
	struct format_match m;
	memset(p + 512, 0, 1024);
	memset(p + disk.n - 512, 0, 512);
	assert_false(gpt_format.probe(disk, &m));
	free(p);
}

/* Behind other bytes, as a vendor's header: the header is not that of a disk of larger sectors which begins before. */
static void test_behind_others(void **state)
{
	(void)state;
	if (!tool_exists("sgdisk"))
		skip();
	struct span disk = of_tool(SGDISK);
	size_t before = 8192, earlier = 4096 - 512;
	uint8_t *flash = make_disk(before + disk.n);
	memcpy(flash + before, disk.p, disk.n);
	for (unsigned i = 0; i < 2; i++) {
		struct format_match m;
		assert_true(gpt_format.probe(span_of(flash + before, disk.n), &m));
		assert_int_equal(m.size, disk.n);
		assert_false(gpt_format.probe(span_of(flash + before - earlier, disk.n + earlier), &m));
		memset(flash + before, 0, 512); /* and without the protective MBR */
	}
	free(flash);
	free((void *)disk.p);
}

static void test_hybrid(void **state)
{
	(void)state;
	if (!tool_exists("sgdisk"))
		skip();
	struct span disk = of_tool(SGDISK "; sgdisk -h 2 disk");
	struct walked t;
	walked_open(&t, &gpt_format, disk);
	assert_string_equal(walked_header(&t, "mbr"), "hybrid");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	expect_region(&t, "rootfs", 4096 * 512, 4096 * 512);
	walked_close(&t);
	/* A partition that only the MBR knows. */
	mbr_entry((uint8_t *)disk.p, 3, 0x0c, 16384, 128);
	walked_open(&t, &gpt_format, disk);
	expect_region(&t, "mbr-partition-4", 16384 * 512, 128 * 512);
	walked_close(&t);
	free((void *)disk.p);
}

/* A disk of sectors of that size, whose one partition reaches from `first` to `last`. */
static void make_gpt(uint8_t *disk, size_t sector, uint64_t sectors, uint64_t first, uint64_t last)
{
	uint8_t *h = disk + sector, *e = disk + 2 * sector;
	memset(h, 0, sector);
	memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
	put(h + 24, 1, 8);
	put(h + 32, sectors - 1, 8);
	put(h + 40, 6, 8);
	put(h + 48, sectors - 6, 8);
	put(h + 72, 2, 8);
	put(h + 80, 128, 4);
	put(h + 84, 128, 4);
	memset(e, 0x11, 32);
	put(e + 32, first, 8);
	put(e + 40, last, 8);
	memcpy(e + 56, "a\0\x3d\xd8\0\xde\0\0z", 10); /* a, U+1F600, and what follows the end of the name */
	put(h + 88, crc32_of(e, 128 * 128), 4);
	put(h + 16, crc32_of(h, 92), 4);
}

/* Sectors of 1 and 2 KiB, with a protective record and without one: the same header is also that of a disk that begins elsewhere. */
static void test_other_sectors(void **state)
{
	(void)state;
	for (size_t sector = 1024; sector <= 2048; sector *= 2)
		for (unsigned protective = 0; protective < 2; protective++) {
			size_t n = 64 * sector;
			uint8_t *disk = make_disk(n);
			char size[8];
			struct walked t;
			memset(disk, 0, 512);
			make_gpt(disk, sector, 64, 20, 29);
			if (protective) {
				disk[446 + 4] = 0xee;
				put(disk + 446 + 8, 1, 4);
				put(disk + 446 + 12, 63, 4);
				put(disk + 510, 0xaa55, 2);
			}
			walked_open(&t, &gpt_format, span_of(disk, n));
			assert_true(t.accepted);
			assert_int_equal(t.match.size, n);
			snprintf(size, sizeof size, "%zu", sector);
			assert_string_equal(walked_header(&t, "sector_size"), size);
			expect_region(&t, "a\xf0\x9f\x98\x80", 20 * sector, 10 * sector);
			assert_int_equal(walked_damage(&t, "corrupt"), 1); /* there is no backup */
			walked_close(&t);
			/* Not as one of 512 or 4096 that begins a little later or earlier. */
			struct format_match m = { .size = SIZE_UNKNOWN };
			assert_false(gpt_format.probe(span_of(disk + sector - 512, n - sector + 512), &m));
			free(disk);
		}
}

static void test_4096(void **state)
{
	(void)state;
	size_t n = 64 * 4096;
	uint8_t *disk = make_disk(n);
	struct walked t;
	make_gpt(disk, 4096, 64, 8, 15);
	walked_open(&t, &gpt_format, span_of(disk, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "sector_size"), "4096");
	expect_region(&t, "a\xf0\x9f\x98\x80", 8 * 4096, 8 * 4096);
	assert_int_equal(walked_damage(&t, "corrupt"), 1); /* there is no backup */
	walked_close(&t);
	static const uint64_t hostile[][2] = {
		{ 0, 10 }, { 15, 8 }, { 8, UINT64_MAX }, { 1, 1 }, { UINT64_MAX, UINT64_MAX }
	};
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		make_gpt(disk, 4096, 64, hostile[i][0], hostile[i][1]);
		walked_open(&t, &gpt_format, span_of(disk, n));
		assert_int_equal(walked_damage(&t, "corrupt"), 2);
		walked_close(&t);
	}
	survives_flips(&gpt_format, span_of(disk, n), 2000, 3 * 4096);
	free(disk);
}

static void test_noise(void **state)
{
	(void)state;
	size_t n = 8 << 20;
	uint8_t *noise = make_disk(n);
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(noise + i, &x, 8);
	}
	for (size_t i = 512; i + 512 < n; i += 512) {
		struct format_match m;
		memcpy(noise + i + 510, "\x55\xaa", 2);
		assert_false(mbr_format.probe(span_of(noise + i, n - i), &m));
		memcpy(noise + i, "EFI PART", 8);
		assert_false(gpt_format.probe(span_of(noise + i - 512, n - i + 512), &m));
	}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sfdisk),  cmocka_unit_test(test_loop_and_overlap),
		cmocka_unit_test(test_mbr_sectors), cmocka_unit_test(test_mbr_of_512),
		cmocka_unit_test(test_no_disk), cmocka_unit_test(test_sgdisk),
		cmocka_unit_test(test_backup),  cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_other_sectors),
		cmocka_unit_test(test_4096),    cmocka_unit_test(test_behind_others),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
