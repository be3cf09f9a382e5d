/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CBFS by cbfstool; UEFI firmware volumes: OVMF's, and one that is written here after the specification; expansion ROMs, written
 * here likewise, and SeaBIOS's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format cbfs_format, cbfs_payload_format, uefi_section_stream_format, uefi_fv_format, pci_rom_format;

static void test_cbfs(void **state)
{
	(void)state;
	if (!tool_exists("cbfstool"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(
		dir,
		"head -c 30000 /bin/sh > bin; echo text > text; head -c 20000 /dev/zero > boot; "
		"(cbfstool u create -m x86 -s 256K -B boot; cbfstool u add -f bin -n dir/plain -t raw; "
		"cbfstool u add -f bin -n lzma -t raw -c lzma -A sha256; cbfstool u add -f bin -n lz4 -t raw -c lz4; "
		"cbfstool u add -f text -n config -t raw -A sha256; cbfstool u add -f bin -n gone -t raw; cbfstool u remove -n gone) 2>&1");
	struct span rom = file_load(dir, "u"), bin = file_load(dir, "bin");
	walked_open(&t, &cbfs_format, rom);
	assert_true(t.accepted);
	assert_content(&t, "/dir/plain", bin.p, bin.n);
	assert_content(&t, "/lzma", bin.p, bin.n);
	assert_content(&t, "/lz4", bin.p, bin.n);
	assert_content(&t, "/config", "text\n", 5);
	assert_int_equal(t.n, 4);
	assert_int_equal(walked_get(&t, "/lzma")->e.size, bin.n);
	assert_string_equal(walked_header(&t, "file"), "dir/plain: raw");
	assert_string_equal(walked_header(&t, "hash"), "lzma: ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	uint8_t *text = memmem(rom.p, rom.n, "text\n", 5);
	assert_non_null(text);
	*text ^= 1;
	walked_open(&t, &cbfs_format, rom);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 4);
	walked_close(&t);
	struct span begin = span_clip(rom, 0, 60000);
	survives_cuts(&cbfs_format, begin, 200);
	survives_flips(&cbfs_format, begin, 500, 0);
	survives_flips(&cbfs_format, begin, 1000, 64);
	free((void *)rom.p);
	free((void *)bin.p);
	temp_remove(dir);
	assert_no_noise(&cbfs_format);
}

#define PLAIN "segment segment segment segment segment segment segment"
/* It by liblzma; coreboot's packer writes the size for that of the dictionary, of whatever size it is. */
static const char packed_plain[] =
	"\x5d\x34\x12\x00\x00\x37\x00\x00\x00\x00\x00\x00\x00\x00\x39\x99\x49\x2a\x9a\xf5\x85\xa7\xcc\x27\x91\x5a\x9b\x97\xff\xff\xde\x86\x00\x00";
#define PACKED (sizeof packed_plain - 1)

static uint8_t *put_segment(uint8_t *p, const char *kind, uint32_t compression, uint32_t offset, uint32_t size, uint32_t memory)
{
	memcpy(p, kind, 4);
	put_be(p + 4, compression, 4);
	put_be(p + 8, offset, 4);
	put_be(p + 12, 0x1110000, 8);
	put_be(p + 20, size, 4);
	put_be(p + 24, memory, 4);
	return p + 28;
}

/* Bytes behind the stream of a segment, and bytes between segments. */
static void test_cbfs_payload_rest(void **state)
{
	(void)state;
	enum { BEHIND = 20, BETWEEN = 80, TABLE = 3 * 28 };
	uint8_t payload[TABLE + PACKED + BEHIND + BETWEEN + 6], *p = payload;
	struct walked t;
	p = put_segment(p, "CODE", 1, TABLE, PACKED + BEHIND, sizeof PLAIN - 1);
	p = put_segment(p, "DATA", 0, sizeof payload - 6, 6, 6);
	p = put_segment(p, "ENTR", 0, 0, 0, 0);
	memset(p, 'x', sizeof payload - TABLE);
	memcpy(p, packed_plain, PACKED);
	memcpy(payload + sizeof payload - 7, "ystored", 7);
	walked_open(&t, &cbfs_payload_format, span_of(payload, sizeof payload));
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "code-0")->error.code, ERR_CORRUPT);
	char name[40];
	snprintf(name, sizeof name, "unclaimed-0x%zx", TABLE + PACKED + BEHIND);
	assert_content(&t, name, payload + TABLE + PACKED + BEHIND, BETWEEN);
	walked_close(&t);
}

/* A payload of coreboot: a packed and a stored segment, memory that is cleared, where it is entered. */
static void test_cbfs_payload(void **state)
{
	(void)state;
	uint8_t payload[4 * 28 + PACKED + 6], *p = payload;
	struct walked t;
	p = put_segment(p, "CODE", 1, 4 * 28, PACKED, sizeof PLAIN - 1);
	p = put_segment(p, "DATA", 0, 4 * 28 + PACKED, 6, 6);
	p = put_segment(p, "BSS ", 0, 0, 0, 4096);
	p = put_segment(p, "ENTR", 0, 0, 0, 0);
	memcpy(p, packed_plain, PACKED);
	memcpy(p + PACKED, "stored", 6);
	walked_open(&t, &cbfs_payload_format, span_of(payload, sizeof payload));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof payload);
	assert_int_equal(t.n, 2);
	assert_content(&t, "code-0", PLAIN, sizeof PLAIN - 1);
	assert_content(&t, "data-1", "stored", 6);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&cbfs_payload_format, span_of(payload, sizeof payload), sizeof payload);
	survives_flips(&cbfs_payload_format, span_of(payload, sizeof payload), 3000, 0);
	assert_no_noise(&cbfs_payload_format);
	assert_false(cbfs_payload_format.probe(span_from(span_of(payload, sizeof payload), 28), &t.match)); /* the rest of a table */
	memcpy(payload + 3 * 28, "CODE", 4); /* a table without an end */
	assert_false(cbfs_payload_format.probe(span_of(payload, sizeof payload), &t.match));
	memcpy(payload + 3 * 28, "ENTR", 4);
	put_be(payload + 8, 3 * 28, 4); /* bytes within the table */
	assert_false(cbfs_payload_format.probe(span_of(payload, sizeof payload), &t.match));
}

/* A stage of old says in its own header that it is packed. */
static void test_cbfs_stage(void **state)
{
	(void)state;
	enum { DATA = 56 };
	uint8_t file[DATA + 28 + PACKED] = "LARCHIVE";
	struct walked t;
	put_be(file + 8, 28 + PACKED, 4);
	put_be(file + 12, 0x10, 4);
	put_be(file + 20, DATA, 4);
	memcpy(file + 24, "fallback/coreboot_ram", 22);
	file[DATA] = 1;
	file[DATA + 20] = PACKED;
	memcpy(file + DATA + 28, packed_plain, PACKED);
	walked_open(&t, &cbfs_format, span_of(file, sizeof file));
	assert_content(&t, "/fallback/coreboot_ram", PLAIN, sizeof PLAIN - 1);
	walked_close(&t);
	file[DATA + 20]++; /* not the size of what follows: the file stays as it is */
	walked_open(&t, &cbfs_format, span_of(file, sizeof file));
	assert_int_equal(walked_get(&t, "/fallback/coreboot_ram")->content.n, 28 + PACKED);
	walked_close(&t);
}

static uint8_t image[16384];

static void sum_file(size_t at, size_t size, uint8_t type)
{
	uint8_t *h = image + at, sum = 0;
	h[18] = type;
	put_le(h + 20, size, 3);
	h[17] = h[16] = 0;
	for (unsigned i = 0; i < 23; i++)
		sum = (uint8_t)(sum + h[i]);
	h[16] = (uint8_t)-sum;
	h[17] = 0xaa;
	h[23] = 0xf8;
}

static size_t section(size_t at, uint8_t type, const void *data, size_t n)
{
	put_le(image + at, 4 + n, 3);
	image[at + 3] = type;
	memcpy(image + at + 4, data, n);
	at += 4 + n;
	while (at % 4)
		image[at++] = 0;
	return at;
}

/* A driver with its name, dependencies and a GUIDed section with a CRC, and a raw file. */
static void make_volume(void)
{
	memset(image, 0xff, sizeof image);
	memset(image, 0, 72);
	memcpy(image + 16, "\x78\xe5\x8c\x8c\x3d\x8a\x1c\x4f\x99\x35\x89\x61\x85\xc3\x2d\xd3", 16);
	put_le(image + 32, sizeof image, 8);
	memcpy(image + 40, "_FVH\xff\xfe\x04\0\x48\0", 10);
	image[55] = 2;
	put_u32(image + 56, 4);
	put_u32(image + 60, 4096);
	uint16_t sum = 0;
	for (unsigned i = 0; i < 72; i += 2)
		sum = (uint16_t)(sum + (image[i] | image[i + 1] << 8));
	put_u16(image + 50, (uint16_t)-sum);

	size_t at = 72;
	memset(image + at, 0, 24);
	memcpy(image + at, "\1\0\0\0\2\0\3\0\4\5\6\7\x8\x9\xa\xb", 16);
	size_t end = section(at + 24, 0x13, "\6\x8", 2);
	end = section(end, 0x10, "MZ a driver", 11);
	end = section(end, 0x15, "N\0a\0m\0e\0\0", 10);
	uint8_t guided[64] =
		"\xb0\xcd\x1b\xfc\x31\x7d\xaa\x49\x93\x6a\xa4\x60\x0d\x9d\xd0\x83\x1c\0\2\0CRC."; /* data at 28 */
	put_le(guided + 24, 4 + 4, 3);
	guided[27] = 0x19;
	memcpy(guided + 28, "raw!", 4);
	end = section(end, 0x02, guided, 32);
	sum_file(at, end - at, 0x07);
	at = (end + 7) & ~(size_t)7;
	memset(image + at, 0, 24);
	memcpy(image + at, "\2\0\0\0\2\0\3\0\4\5\6\7\x8\x9\xa\xb", 16);
	memcpy(image + at + 24, "raw file", 8);
	sum_file(at, 32, 0x01);
}

static void test_volume(void **state)
{
	(void)state;
	struct walked t;
	make_volume();
	walked_open(&t, &uefi_fv_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_string_equal(walked_header(&t, "FileSystemGuid"), "8c8ce578-8a3d-4f1c-9935-896185c32dd3");
	assert_content(&t, "/00000001-0002-0003-0405-060708090a0b.Name/0.dxe-depex", "\6\x8", 2);
	assert_content(&t, "/00000001-0002-0003-0405-060708090a0b.Name/1.pe32", "MZ a driver", 11);
	assert_content(&t, "/00000001-0002-0003-0405-060708090a0b.Name/4.raw", "raw!", 4);
	assert_content(&t, "/00000002-0002-0003-0405-060708090a0b", "raw file", 8);
	assert_int_equal(t.n, 5);
	walked_close(&t);
	image[72 + 20] ^= 8; /* the file's size: its header no longer sums up */
	walked_open(&t, &uefi_fv_format, span_of(image, sizeof image));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
	make_volume();
	image[61] ^= 1; /* the block map */
	assert_false(uefi_fv_format.probe(span_of(image, sizeof image), &t.match));
	make_volume();
	survives_cuts(&uefi_fv_format, span_of(image, 300), 300);
	survives_flips(&uefi_fv_format, span_of(image, sizeof image), 5000, 300);
	assert_no_noise(&uefi_fv_format);
}

/* Of a section or a file that is cut off there is what stands before the cut. */
static void test_cut_volume(void **state)
{
	(void)state;
	static const struct {
		const char *text, *path;
		unsigned truncated; /* the section itself, those behind it, the files behind them; the file itself, and the end */
	} cuts[] = {
		{ "MZ a driver", "/00000001-0002-0003-0405-060708090a0b/1.pe32", 3 }, /* the name stands behind the cut */
		{ "raw file", "/00000002-0002-0003-0405-060708090a0b", 2 },
	};
	for (size_t i = 0; i < 2; i++) {
		make_volume();
		const uint8_t *text = memmem(image, sizeof image, cuts[i].text, strlen(cuts[i].text));
		assert_non_null(text);
		struct walked t;
		walked_open(&t, &uefi_fv_format, span_of(image, (size_t)(text - image) + 4));
		assert_true(t.accepted);
		assert_content(&t, cuts[i].path, cuts[i].text, 4);
		assert_int_equal(walked_damage(&t, "truncated"), cuts[i].truncated);
		assert_true(t.error.code == ERR_TRUNCATED && t.error.offset == (uint64_t)(text - image) + 4);
		walked_close(&t);
	}
}

/* Sections in sections in sections: each a GUIDed one that needs no processing. */
static void test_nested_sections(void **state)
{
	(void)state;
	struct walked t;
	make_volume();
	size_t at = 72 + 24, end = at + 24 * 100;
	memset(image + at, 0, end - at);
	for (unsigned i = 0; i < 100; i++) {
		put_le(image + at + 24 * i, end - at - 24 * i, 3);
		image[at + 24 * i + 3] = 2;
		put_u16(image + at + 24 * i + 20, 24);
	}
	sum_file(72, end - 72, 0x07);
	walked_open(&t, &uefi_fv_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
}

/* How a section is packed is said in it, or by its GUID. Kinds of one section: the name and the format of what comes of it. */
static void test_compressed_sections(void **state)
{
	(void)state;
	static const struct {
		uint8_t type, n;
		const char *data, *name, *format;
	} sections[] = {
		{ 1, 9, "\4\0\0\0\0raw!", NULL, NULL },           /* not at all, and holds no section */
		{ 1, 17, "\4\0\0\0\1\x8\0\0\0\4\0\0\0data", "0.efi", "efi_compressed" },
		{ 1, 9, "\4\0\0\0\2data", "0.compressed", NULL },
		{ 1, 4, "\4\0\0\0", NULL, NULL },                 /* ends before it says how */
		{ 2, 24, "\xad\x80\x12\xa3\x1e\x48\xb6\x41\x95\xe8\x12\x7f\x4c\x98\x47\x79\x18\0\1\0data", "0.tiano",
		  "efi_compressed" },
		{ 2, 24, "\xe9\x1f\x30\x1d\x79\xbe\x53\x43\x91\xc2\xd2\x3b\xc9\x59\xae\x0c\x18\0\1\0data", "0.gzip", "gzip" },
		{ 2, 24, "\xe9\x1f\x30\x1d\x79\xbe\x53\x43\x91\xc2\xd2\x3b\xc9\x59\xae\xff\x18\0\1\0data",
		  "0.1d301fe9-be79-4353-91c2-d23bc959aeff", NULL },
	};
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		struct walked t;
		make_volume();
		memset(image + 96, 0xff, sizeof image - 96);
		size_t end = section(96, sections[i].type, sections[i].data, sections[i].n);
		sum_file(72, end - 72, 0x07);
		walked_open(&t, &uefi_fv_format, span_of(image, sizeof image));
		assert_int_equal(t.n, sections[i].name ? 2 : 1); /* the file as a folder, or as it is */
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), sections[i].format ? 0 : 1);
		if (sections[i].name) {
			char path[100];
			snprintf(path, sizeof path, "/00000001-0002-0003-0405-060708090a0b/%s", sections[i].name);
			const char *format = walked_get(&t, path)->e.format;
			assert_string_equal(format ? format : "", sections[i].format ? sections[i].format : "");
		}
		walked_close(&t);
	}
}

/* What a compressed section unpacks to has no header before it. */
static void test_section_stream(void **state)
{
	(void)state;
	struct walked t;
	struct format_match m;
	memset(image, 0, sizeof image);
	size_t end = section(0, 0x10, "MZ a driver of some bytes", 25);
	end = section(end, 0x15, "N\0a\0m\0e\0\0", 10);
	end = section(end, 0x19, "raw!", 4);
	walked_open(&t, &uefi_section_stream_format, span_of(image, end));
	assert_true(t.accepted);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 3);
	assert_content(&t, "/Name/0.pe32", "MZ a driver of some bytes", 25);
	assert_content(&t, "/Name/2.raw", "raw!", 4);
	walked_close(&t);
	assert_false(uefi_section_stream_format.probe(span_of(image, end - 2), &m)); /* the last one is cut */
	assert_false(uefi_section_stream_format.probe(span_of(image, end + 8), &m)); /* zeros follow */
	survives_cuts(&uefi_section_stream_format, span_of(image, end), (unsigned)end);
	survives_flips(&uefi_section_stream_format, span_of(image, end), 3000, 0);
	assert_no_noise(&uefi_section_stream_format);
	image[3] = 0x42; /* a type that there is not */
	assert_false(uefi_section_stream_format.probe(span_of(image, end), &m));
}

/* Program code of a device that begins with its own length and a 2: no section, as its data would begin outside of it. */
static void test_section_stream_or_length(void **state)
{
	(void)state;
	struct format_match m;
	uint8_t packed[40] = { 0 };
	size_t end = section(0, 2, packed, sizeof packed);
	image[20] = 24; /* where the data begin */
	assert_true(uefi_section_stream_format.probe(span_of(image, end), &m));
	image[20] = 23;
	assert_false(uefi_section_stream_format.probe(span_of(image, end), &m));
	image[20] = (uint8_t)(end + 1);
	assert_false(uefi_section_stream_format.probe(span_of(image, end), &m));
	end = section(0, 1, packed, sizeof packed);
	assert_true(uefi_section_stream_format.probe(span_of(image, end), &m));
	image[8] = 3; /* a way to compress that there is not */
	assert_false(uefi_section_stream_format.probe(span_of(image, end), &m));
}

static void test_ovmf(void **state)
{
	(void)state;
	struct stat st;
	if (stat("/usr/share/ovmf/OVMF.fd", &st) != 0) {
		printf("skipped: no /usr/share/ovmf/OVMF.fd\n");
		skip();
	}
	struct span rom = file_load("/usr/share/ovmf", "OVMF.fd");
	struct walked t;
	uint64_t at = 0;
	unsigned volumes = 0, boot = 0;
	/* Variables, the packed volumes, and the boot block (SEC), one behind the other. */
	for (; at < rom.n; at += t.match.size, volumes++) {
		walked_open(&t, &uefi_fv_format, span_from(rom, at));
		if (!t.accepted) {
			walked_close(&t);
			break;
		}
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		for (size_t i = 0; i < t.n; i++)
			boot += t.entries[i].e.format && strcmp(t.entries[i].e.format, "lzma") == 0;
		walked_close(&t);
	}
	assert_true(volumes >= 2);
	assert_int_equal(boot, 1);
	free((void *)rom.p);
}

static void put_rom(size_t at, size_t units, uint8_t code_type, bool last)
{
	static const uint8_t data[24] = { 'P', 'C', 'I', 'R', 0x34, 0x12, 0x78, 0x56, 0, 0, 24, 0, 0, 0, 0, 2 };
	uint8_t *p = image + at;
	memset(p, 0, units * 512);
	memset(p + 64, 0xc3, units * 512 - 64);
	memcpy(p, "\x55\xaa", 2);
	p[0x18] = 0x1c;
	memcpy(p + 0x1c, data, sizeof data);
	p[0x1c + 0x10] = (uint8_t)units;
	p[0x1c + 0x14] = code_type;
	p[0x1c + 0x15] = last ? 0x80 : 0;
	if (code_type == 3) {
		memcpy(p + 2, "\4\0\xf1\x0e\0\0\x0b\0\x64\x86", 10); /* a driver for x86-64 */
		p[0x16] = 64;
	} else if (code_type == 1) {
		p[2] = 64;
	} else {
		p[2] = (uint8_t)units;
	}
}

/* Makes the last byte such that all of them are added up to zero. */
static void sum_rom(size_t at, size_t n)
{
	uint8_t sum = 0;
	image[at + n - 1] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + image[at + i]);
	image[at + n - 1] = (uint8_t)-sum;
}

static void test_pci_rom(void **state)
{
	(void)state;
	struct walked t;
	uint64_t start = 0;
	memset(image, 0xff, sizeof image);
	put_rom(0, 2, 0, false);
	sum_rom(0, 1024);
	put_rom(1024, 3, 1, false);
	put_rom(2560, 4, 3, true);
	const size_t n = 4608;
	walked_open(&t, &pci_rom_format, span_of(image, n + 1000));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_int_equal(t.n, 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "image-1-x86", image + 3, 1021);
	assert_content(&t, "image-2-openfirmware", image + 1024 + 64, 1536 - 64);
	assert_content(&t, "image-3-efi", image + 2560 + 64, 2048 - 64);
	assert_string_equal(walked_header(&t, "image-3"), "efi, vendor 1234, device 5678, class 020000");
	assert_true(pci_rom_format.locate(span_of(image, n), 0x1c, &start));
	assert_int_equal(start, 0);
	walked_close(&t);
	survives_cuts(&pci_rom_format, span_of(image, n), 400);
	survives_flips(&pci_rom_format, span_of(image, n), 2000, 80);
	memset(image + 2560 + 0x1c + 4, 0, 4); /* iPXE's for no card in particular, which EFI's own signature marks */
	walked_open(&t, &pci_rom_format, span_of(image, n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "image-3"), "efi, vendor 0000, device 0000, class 020000");
	walked_close(&t);
	memset(image + 1024 + 0x1c + 4, 0, 4); /* nor is Open Firmware's for any */
	walked_open(&t, &pci_rom_format, span_of(image, n));
	assert_int_equal(t.match.size, 1024);
	walked_close(&t);
	memset(image + 1024 + 0x1c + 4, 1, 4);
	image[2560 + 0xc] = 1;
	walked_open(&t, &pci_rom_format, span_of(image, n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_string_equal(walked_get(&t, "image-3-efi-compressed")->e.format, "efi_compressed");
	assert_content(&t, "image-3-efi-compressed", image + 2560 + 64, 2048 - 64);
	walked_close(&t);
	image[2560 + 0x17] = 4; /* room before the body */
	walked_open(&t, &pci_rom_format, span_of(image, n));
	assert_content(&t, "image-3-head", image + 2560 + 26, 1024 + 64 - 26);
	assert_content(&t, "image-3-efi-compressed", image + 2560 + 1024 + 64, 1024 - 64);
	walked_close(&t);
	image[2560] = 0; /* an image that is told of and is not there */
	walked_open(&t, &pci_rom_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.match.size, 2560);
	walked_close(&t);
	/* The data structure may lie anywhere in the image, as iPXE has it near the end. */
	memcpy(image + 6144, "\x55\xaa", 2);
	memcpy(image + 6144 + 0x18, "\x40\x1f", 2);
	memcpy(image + 6144 + 8000, "PCIR", 4);
	assert_true(pci_rom_format.locate(span_of(image, sizeof image), 6144 + 8000, &start));
	assert_int_equal(start, 6144);
	image[500] ^= 1; /* the sum */
	assert_false(pci_rom_format.probe(span_of(image, n), &t.match));
	image[500] ^= 1;
	image[0x1c] = 'p';
	assert_false(pci_rom_format.probe(span_of(image, n), &t.match));
	assert_no_noise(&pci_rom_format);
}

static void test_seabios_rom(void **state)
{
	(void)state;
	static const char path[] = "/usr/share/seabios/vgabios-stdvga.bin";
	if (access(path, R_OK) != 0)
		skip();
	struct walked t;
	struct span rom = file_load("/usr/share/seabios", "vgabios-stdvga.bin");
	walked_open(&t, &pci_rom_format, rom);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, rom.n);
	assert_string_equal(walked_header(&t, "image-1"), "x86, vendor 1234, device 1111, class 030000");
	walked_close(&t);
	free((void *)rom.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cbfs),
		cmocka_unit_test(test_volume), cmocka_unit_test(test_cut_volume),
		cmocka_unit_test(test_nested_sections),
		cmocka_unit_test(test_compressed_sections),
		cmocka_unit_test(test_cbfs_payload), cmocka_unit_test(test_cbfs_payload_rest), cmocka_unit_test(test_cbfs_stage),
		cmocka_unit_test(test_section_stream), cmocka_unit_test(test_section_stream_or_length),
		cmocka_unit_test(test_ovmf),
		cmocka_unit_test(test_pci_rom),
		cmocka_unit_test(test_seabios_rom),
	};
	return cmocka_run_group_tests_name("pc_flash", tests, NULL, NULL);
}
