/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dtb: trees written here after the Devicetree Specification, FITs by mkimage with embedded and external data, a
 * gateway's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format dtb_format;

/* Writes a tree: structure and strings blocks grow, tree_finish() puts them behind a header. */
struct tree {
	struct buf structs, strings;
};

static void add(struct buf *b, const void *p, size_t n)
{
	assert_int_equal(buf_add(b, p, n), ERR_NONE);
}

static void add32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	add(b, bytes, 4);
}

static void pad(struct buf *b)
{
	while (b->n % 4)
		add(b, "", 1);
}

static void node(struct tree *t, const char *name)
{
	add32(&t->structs, 1);
	add(&t->structs, name, strlen(name) + 1);
	pad(&t->structs);
}

static void close_node(struct tree *t)
{
	add32(&t->structs, 2);
}

static void property(struct tree *t, const char *name, const void *value, size_t n)
{
	add32(&t->structs, 3);
	add32(&t->structs, (uint32_t)n);
	add32(&t->structs, (uint32_t)t->strings.n);
	add(&t->strings, name, strlen(name) + 1);
	add(&t->structs, value, n);
	pad(&t->structs);
}

static void text_property(struct tree *t, const char *name, const char *value)
{
	property(t, name, value, strlen(value) + 1);
}

static struct buf tree_finish(struct tree *t, uint32_t version)
{
	struct buf out = { 0 };
	add32(&t->structs, 9);
	uint32_t structs_at = 40 + 16, strings_at = structs_at + (uint32_t)t->structs.n;
	const uint32_t header[] = { 0xd00dfeed,
								strings_at + (uint32_t)t->strings.n,
								structs_at,
								strings_at,
								40,
								version,
								16,
								0,
								(uint32_t)t->strings.n,
								(uint32_t)t->structs.n };
	for (size_t i = 0; i < 10; i++)
		add32(&out, header[i]);
	for (size_t i = 0; i < 4; i++)
		add32(&out, 0);
	add(&out, t->structs.p, t->structs.n);
	add(&out, t->strings.p, t->strings.n);
	buf_free(&t->structs);
	buf_free(&t->strings);
	return out;
}

static struct buf board(uint32_t version)
{
	struct tree t = { 0 };
	node(&t, "");
	text_property(&t, "model", "Acme Router");
	property(&t, "compatible", "acme,router\0acme,soc", 21);
	add32(&t.structs, 4); /* FDT_NOP */
	node(&t, "chosen");
	text_property(&t, "bootargs", "console=ttyS0 root=/dev/mtdblock3 init=/bin/sh");
	close_node(&t);
	node(&t, "memory@0");
	text_property(&t, "model", "not the board's");
	close_node(&t);
	close_node(&t);
	return tree_finish(&t, version);
}

static void test_board(void **state)
{
	(void)state;
	for (uint32_t version = 16; version <= 17; version++) {
		struct buf b = board(version);
		struct walked t;
		walked_open(&t, &dtb_format, buf_span(&b));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, b.n);
		assert_string_equal(walked_header(&t, "model"), "Acme Router");
		assert_string_equal(walked_header(&t, "compatible"), "acme,router acme,soc");
		assert_string_equal(walked_header(&t, "bootargs"), "console=ttyS0 root=/dev/mtdblock3 init=/bin/sh");
		assert_int_equal(t.n, 1);
		assert_content(&t, "bootargs", "console=ttyS0 root=/dev/mtdblock3 init=/bin/sh", 46);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		buf_free(&b);
	}
}

/* Properties whose names are gone are told: what they say is not known for what it is. */
static void test_nameless(void **state)
{
	(void)state;
	struct buf b = board(17);
	struct span head = span_of(b.p, 40);
	struct walked t;
	memset(b.p + span_u32be(head, 12), 0, span_u32be(head, 32));
	walked_open(&t, &dtb_format, buf_span(&b));
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	buf_free(&b);
}

static void cells(struct tree *t, const char *name, unsigned n, const uint32_t *v)
{
	uint8_t bytes[16];
	for (unsigned i = 0; i < 4 * n; i++)
		bytes[i] = (uint8_t)(v[i / 4] >> (24 - 8 * (i % 4)));
	property(t, name, bytes, 4 * n);
}

static void flash_partition(struct tree *t, const char *name, const char *label, unsigned n, const uint32_t *reg, bool read_only)
{
	node(t, name);
	if (label)
		text_property(t, "label", label);
	cells(t, "reg", n, reg);
	if (read_only)
		property(t, "read-only", "", 0);
	close_node(t);
}

/* The examples of fixed-partitions.yaml: one cell, two cells, and a chip with partitions of its own. */
static struct buf flash(void)
{
	struct tree t = { 0 };
	node(&t, "");
	node(&t, "flash@0");
	flash_partition(&t, "partition@100000", NULL, 2, (uint32_t[]){ 0x100000, 0x200000 }, false);
	node(&t, "partitions");
	text_property(&t, "compatible", "fixed-partitions");
	cells(&t, "#address-cells", 1, (uint32_t[]){ 2 });
	cells(&t, "#size-cells", 1, (uint32_t[]){ 1 });
	flash_partition(&t, "partition@0", "u-boot", 3, (uint32_t[]){ 1, 0, 0x40000 }, true);
	flash_partition(&t, "uimage@1", "kernel", 2, (uint32_t[]){ 0, 0 }, false); /* a cell too few */
	close_node(&t);
	close_node(&t);
	node(&t, "memory@0");
	cells(&t, "reg", 2, (uint32_t[]){ 0, 0x1000 });
	close_node(&t);
	close_node(&t);
	return tree_finish(&t, 17);
}

static void test_partitions(void **state)
{
	(void)state;
	struct buf b = flash();
	struct walked t;
	walked_open(&t, &dtb_format, buf_span(&b));
	assert_int_equal(fact_list_count(&t.facts, FACT_partition), 2);
	const struct fact_partition *p = fact_list_get(&t.facts, FACT_partition, 0);
	assert_true(text_is(p->device, "flash@0") && text_is(p->name, "partition@100000"));
	assert_int_equal(p->start, 0x100000);
	assert_int_equal(p->size, 0x200000);
	assert_int_equal(p->read_only, 0);
	p = fact_list_get(&t.facts, FACT_partition, 1);
	assert_true(text_is(p->device, "flash@0") && text_is(p->name, "u-boot") && text_is(p->source, "device tree"));
	assert_int_equal(p->start, (int64_t)1 << 32);
	assert_int_equal(p->size, 0x40000);
	assert_int_equal(p->read_only, 1);
	walked_close(&t);
	survives_flips(&dtb_format, buf_span(&b), 3000, 0);
	buf_free(&b);
}

/* As trees of boards have it: any names below a chip that says what it is (fs@0 and u-boot@780000 of PowerPC boards, as in mtd/partition.txt),
 * what is like fixed-partitions (linksys,ns-partitions), a partition that takes the rest (of OpenWrt's virtual_flash). */
static struct buf board_flash(void)
{
	static const char chip[] = "amd,am29lv128ml\0cfi-flash", split[] = "linksys,ns-partitions";
	struct tree t = { 0 };
	node(&t, "");
	node(&t, "nor@1e000000");
	property(&t, "compatible", chip, sizeof chip);
	flash_partition(&t, "fs@0", "rootfs", 2, (uint32_t[]){ 0, 0x780000 }, false);
	flash_partition(&t, "u-boot@780000", NULL, 2, (uint32_t[]){ 0x780000, 0x80000 }, true);
	node(&t, "nvmem@7c0000");
	text_property(&t, "compatible", "nvmem-cells");
	cells(&t, "reg", 2, (uint32_t[]){ 0x7c0000, 0x1000 });
	close_node(&t);
	close_node(&t);
	node(&t, "nand@0");
	node(&t, "partitions");
	property(&t, "compatible", split, sizeof split);
	flash_partition(&t, "trx@0", "firmware", 2, (uint32_t[]){ 0x100000, 0 }, false);
	close_node(&t);
	close_node(&t);
	close_node(&t);
	return tree_finish(&t, 17);
}

static void test_board_partitions(void **state)
{
	(void)state;
	struct buf b = board_flash();
	struct walked t;
	walked_open(&t, &dtb_format, buf_span(&b));
	assert_int_equal(fact_list_count(&t.facts, FACT_partition), 3);
	const struct fact_partition *p = fact_list_get(&t.facts, FACT_partition, 0);
	assert_true(text_is(p->device, "nor@1e000000") && text_is(p->name, "rootfs"));
	assert_int_equal(p->size, 0x780000);
	p = fact_list_get(&t.facts, FACT_partition, 1);
	assert_true(text_is(p->device, "nor@1e000000") && text_is(p->name, "u-boot@780000"));
	assert_int_equal(p->read_only, 1);
	p = fact_list_get(&t.facts, FACT_partition, 2);
	assert_true(text_is(p->device, "nand@0") && text_is(p->name, "firmware"));
	assert_int_equal(p->start, 0x100000);
	assert_int_equal(p->size, FACT_NULL);
	walked_close(&t);
	buf_free(&b);
}

static struct buf fit_of(const char *data, size_t n, const char *crc, bool encrypted)
{
	struct tree t = { 0 };
	node(&t, "");
	text_property(&t, "description", "update");
	node(&t, "images");
	node(&t, "kernel-1");
	property(&t, "data", data, n);
	text_property(&t, "type", "kernel");
	text_property(&t, "arch", "arm");
	text_property(&t, "compression", "lzma");
	node(&t, "hash-1");
	text_property(&t, "algo", "crc32");
	property(&t, "value", crc, 4);
	close_node(&t);
	if (encrypted) {
		node(&t, "cipher");
		text_property(&t, "algo", "aes256");
		close_node(&t);
	}
	close_node(&t);
	close_node(&t);
	close_node(&t);
	return tree_finish(&t, 17);
}

static struct buf fit(const char *crc, bool encrypted)
{
	return fit_of("123456789", 9, crc, encrypted);
}

#define CHECK_CRC "\xcb\xf4\x39\x26" /* CRC-32 of "123456789", its published check value */

static void test_hashes(void **state)
{
	(void)state;
	struct buf good = fit(CHECK_CRC, false), bad = fit("\0\0\0\1", false), encrypted = fit(CHECK_CRC, true);
	struct walked t;
	walked_open(&t, &dtb_format, buf_span(&good));
	assert_string_equal(walked_header(&t, "images/kernel-1/hash-1"), "crc32 ok");
	assert_content(&t, "kernel-1", "123456789", 9);
	assert_string_equal(walked_get(&t, "kernel-1")->e.format, "lzma");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	walked_open(&t, &dtb_format, buf_span(&bad));
	assert_string_equal(walked_header(&t, "images/kernel-1/hash-1"), "crc32 mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	walked_open(&t, &dtb_format, buf_span(&encrypted));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_null(walked_get(&t, "kernel-1")->e.format);
	walked_close(&t);
	buf_free(&good);
	buf_free(&bad);
	buf_free(&encrypted);
}

/* A tree cut within an image's data gives what is there of it. */
static void test_cut_image(void **state)
{
	(void)state;
	struct buf b = fit(CHECK_CRC, false);
	const uint8_t *data = memmem(b.p, b.n, "123456789", 9);
	struct walked t;
	walked_open(&t, &dtb_format, span_of(b.p, (size_t)(data - b.p) + 4));
	assert_true(t.accepted);
	/* The strings block stands behind the cut, so that the property has no name any more. */
	assert_true(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	buf_free(&b);

	/* So much is data, whose hash can not be told from other properties. */
	char data2[100];
	memset(data2, 'd', sizeof data2);
	b = fit_of(data2, sizeof data2, CHECK_CRC, false);
	data = memmem(b.p, b.n, data2, sizeof data2);
	walked_open(&t, &dtb_format, span_of(b.p, (size_t)(data - b.p) + 90));
	assert_true(t.accepted);
	assert_content(&t, "kernel-1", data2, 90);
	assert_null(walked_header(&t, "images/kernel-1/hash-1"));
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	buf_free(&b);
}

static void test_refused(void **state)
{
	(void)state;
	struct buf b = board(17);
	struct format_match m;
	static const struct {
		size_t at;
		uint8_t value;
		const char *why;
	} changes[] = {
		{ 3, 0xee, "magic" },
		{ 4, 0xff, "total size below the blocks is fine, above is cut, but the strings run off" },
		{ 11, 57, "structure block not aligned" },
		{ 20, 1, "version" },
		{ 27, 18, "compatible with later ones only" },
		{ 56 + 3, 2, "no root node" },
		{ 64 + 3, 7, "unknown token" },
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		uint8_t old = b.p[changes[i].at];
		b.p[changes[i].at] = changes[i].value;
		if (i != 1 && dtb_format.probe(buf_span(&b), &m))
			fail_msg("accepted: %s", changes[i].why);
		b.p[changes[i].at] = old;
	}
	assert_true(dtb_format.probe(buf_span(&b), &m));
	buf_free(&b);
}

static void test_mkimage(void **state)
{
	(void)state;
	if (!tool_exists("mkimage") || !tool_exists("dtc"))
		skip();
	static const char *const modes[] = { "", "-E", "-E -p 1000" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(
		dir,
		"head -c 3001 /dev/zero | tr '\\0' k > kernel; printf '/dts-v1/; / { model = \"m\"; };' | dtc -O dtb -o f.dtb; "
		"printf '/dts-v1/; / { description = \"d\"; images { kernel { description = \"k\"; data = /incbin/(\"kernel\"); "
		"type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = \"gzip\"; load = <0>; entry = <0>; "
		"hash-1 { algo = \"sha1\"; }; hash-2 { algo = \"sha512\"; }; hash-3 { algo = \"md5\"; }; "
		"hash-4 { algo = \"sha384\"; }; }; "
		"fdt { data = /incbin/(\"f.dtb\"); type = \"flat_dt\"; arch = \"arm\"; compression = \"none\"; "
		"hash-1 { algo = \"crc32\"; }; hash-2 { algo = \"sha256\"; }; }; }; configurations { default = \"c\"; "
		"c { kernel = \"kernel\"; fdt = \"fdt\"; }; }; };' > u.its");
	struct span kernel = file_load(dir, "kernel"), fdt = file_load(dir, "f.dtb");
	for (size_t i = 0; i < 3; i++) {
		snprintf(command, sizeof command, "mkimage %s -f u.its u.itb", modes[i]);
		run_in(dir, command);
		struct span itb = file_load(dir, "u.itb");
		struct walked t;
		walked_open(&t, &dtb_format, itb);
		assert_in_range(t.match.size, itb.n - 3, itb.n); /* mkimage rounds the end of external data up */
		assert_int_equal(t.n, 2);
		assert_content(&t, "kernel", kernel.p, kernel.n);
		assert_content(&t, "fdt", fdt.p, fdt.n);
		assert_string_equal(walked_get(&t, "kernel")->e.format, "gzip");
		assert_string_equal(walked_get(&t, "fdt")->e.format, "dtb");
		assert_string_equal(walked_header(&t, "images/kernel/hash-1"), "sha1 ok");
		assert_string_equal(walked_header(&t, "images/kernel/hash-2"), "sha512 ok");
		assert_string_equal(walked_header(&t, "images/kernel/hash-3"), "md5 ok");
		assert_string_equal(walked_header(&t, "images/kernel/hash-4"), "sha384 ok");
		assert_string_equal(walked_header(&t, "images/fdt/hash-1"), "crc32 ok");
		assert_string_equal(walked_header(&t, "images/fdt/hash-2"), "sha256 ok");
		assert_string_equal(walked_header(&t, "configurations/c/kernel"), "kernel");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		survives_cuts(&dtb_format, itb, 300);
		survives_flips(&dtb_format, itb, 1000, 0);
		walked_close(&t);
		free((void *)itb.p);
	}
	temp_remove(dir);
	free((void *)kernel.p);
	free((void *)fdt.p);
}

#define TREE_SIGNED                                                                                                    \
	"printf '/dts-v1/; / { description = \"d\"; images { kernel { data = /incbin/(\"kernel\"); type = "                \
	"\"kernel\"; arch = \"arm\"; os = \"linux\"; compression = \"none\"; load = <0>; entry = <0>; "                    \
	"hash-1 { algo = \"sha256\"; }; %s }; control { data = /incbin/(\"%s.dtb\"); type = \"flat_dt\"; "                 \
	"arch = \"arm\"; compression = \"none\"; hash-1 { algo = \"sha256\"; }; }; }; configurations { "                   \
	"default = \"c\"; c { kernel = \"kernel\"; fdt = \"control\"; signature-1 { algo = \"%s\"; "                       \
	"key-name-hint = \"dev\"; %s sign-images = \"kernel\", \"fdt\"; }; }; }; };' > u.its"

/* Signed by mkimage. The keys are put into U-Boot's tree, which the FIT then holds; the tree has to be there before the
 * FIT that it is in is signed with the same key. */
static void test_signatures(void **state)
{
	(void)state;
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	static const struct {
		const char *algo, *padding;
	} kinds[] = { { "sha256,rsa2048", "" },
				  { "sha1,rsa2048", "" },
				  { "sha384,rsa2048", "padding = \"pkcs-1.5\";" },
				  { "sha256,rsa2048", "padding = \"pss\";" },
				  { "sha512,rsa4096", "padding = \"pss\";" } };
	char dir[TEMP_MAX], command[1900], expected[100];
	temp_new(dir);
	run_in(dir, "mkdir keys; head -c 3001 /dev/zero | tr '\\0' k > kernel; "
				"printf '/dts-v1/; / { model = \"m\"; };' | dtc -O dtb -o plain.dtb");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *bits = kinds[i].algo + strlen(kinds[i].algo) - 4;
		snprintf(
			command, sizeof command,
			"cd keys && { test -e %s || openssl genrsa -out %s %s; } && cp %s dev.key && openssl req -batch -new -x509 -key dev.key -out dev.crt",
			bits, bits, bits, bits);
		run_in(dir, command);
		snprintf(expected, sizeof expected, "%s signature by key dev: ok", kinds[i].algo);
		char image_signature[120];
		snprintf(image_signature, sizeof image_signature, "signature-1 { algo = \"%s\"; key-name-hint = \"dev\"; %s };",
				 kinds[i].algo, kinds[i].padding);
		snprintf(command, sizeof command,
				 TREE_SIGNED "; cp plain.dtb keyed.dtb; mkimage -f u.its -k keys -K keyed.dtb -r u.itb",
				 image_signature, "plain", kinds[i].algo, kinds[i].padding);
		run_in(dir, command);
		struct walked t;
		struct span itb = file_load(dir, "u.itb");
		walked_open(&t, &dtb_format, itb); /* the key is not in it */
		assert_non_null(strstr(walked_header(&t, "configurations/c/signature-1"), "no control tree with a public key is in the image"));
		assert_non_null(strstr(walked_header(&t, "images/kernel/signature-1"), "no control tree with a public key is in the image"));
		walked_close(&t);
		free((void *)itb.p);
		for (int external = 0; external < 2; external++) {
			snprintf(command, sizeof command, TREE_SIGNED "; mkimage %s -f u.its -k keys u.itb", image_signature,
					 "keyed", kinds[i].algo, kinds[i].padding, external ? "-E" : "");
			run_in(dir, command);
			itb = file_load(dir, "u.itb");
			walked_open(&t, &dtb_format, itb);
			assert_string_equal(walked_header(&t, "configurations/c/signature-1"), expected);
			assert_string_equal(walked_header(&t, "images/kernel/signature-1"), expected);
			assert_non_null(walked_header(&t, "configurations/c/signature-1/hashed-nodes"));
			assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
			walked_close(&t);
			/* Another hash of the kernel than the one that was signed. */
			uint8_t *kernel = memmem(itb.p, itb.n, "kkkkkkkk", 8), *hash = memmem(itb.p, itb.n, "sha256", 7);
			assert_non_null(kernel);
			assert_non_null(hash);
			kernel[0] ^= 1;
			walked_open(&t, &dtb_format, itb);
			assert_non_null(strstr(walked_header(&t, "images/kernel/signature-1"), "mismatch"));
			assert_non_null(strstr(walked_header(&t, "configurations/c/signature-1"), "do not have the digest that is signed"));
			walked_close(&t);
			hash[0] ^= 1;
			walked_open(&t, &dtb_format, itb);
			assert_non_null(strstr(walked_header(&t, "configurations/c/signature-1"), "mismatch"));
			walked_close(&t);
			if (i == 0) {
				survives_cuts(&dtb_format, itb, 100);
				survives_flips(&dtb_format, itb, 300, 0);
			}
			free((void *)itb.p);
		}
	}
	temp_remove(dir);
}

static void test_survives(void **state)
{
	(void)state;
	struct buf trees[] = { board(17), fit(CHECK_CRC, true) };
	for (size_t i = 0; i < 2; i++) {
		survives_cuts(&dtb_format, buf_span(&trees[i]), (unsigned)trees[i].n);
		survives_flips(&dtb_format, buf_span(&trees[i]), 10000, 0);
		buf_free(&trees[i]);
	}
}

static void test_gateway(void **state)
{
	(void)state;
	struct span itb = sample_load("gateway-arm64.itb");
	if (!itb.p)
		skip();
	struct walked t;
	walked_open(&t, &dtb_format, itb);
	assert_int_equal(t.match.size, 5642228);
	assert_int_equal(t.n, 3);
	assert_string_equal(walked_get(&t, "kernel-1")->e.format, "gzip");
	assert_memory_equal(walked_get(&t, "rootfs-1")->content.p, "hsqs", 4);
	assert_string_equal(walked_header(&t, "description"), "Example Gateway G3 3.2.1");
	assert_string_equal(walked_header(&t, "images/rootfs-1/hash-1"), "sha256 ok");
	assert_string_equal(walked_header(&t, "images/rootfs-1/hash-2"), "crc32 ok");
	assert_string_equal(walked_header(&t, "configurations/default"), "conf-1");
	assert_string_equal(walked_header(&t, "configurations/conf-1/signature-1/algo"), "sha256,rsa2048");
	assert_string_equal(walked_header(&t, "configurations/conf-1/signature-1/key-name-hint"), "dev");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)itb.p);
}

/* U-Boot's own tree: the keys that it trusts. */
static void test_control_tree(void **state)
{
	(void)state;
	if (!tool_exists("dtc"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	static const char source[] =
		"/dts-v1/; / { signature { required-mode = \"any\"; key-dev { required = \"conf\"; algo = \"sha256,rsa2048\";"
		" rsa,num-bits = <2048>; }; }; config { bootdelay = <2>; other = \"x\"; };"
		" chosen { stdout-path = \"serial0:115200n8\"; }; soc { signature { required = \"conf\"; }; }; };";
	file_save(dir, "t.dts", span_of(source, sizeof source - 1));
	run_in(dir, "dtc -q -O dtb -o t.dtb t.dts");
	struct walked t;
	struct span tree = file_load(dir, "t.dtb");
	walked_open(&t, &dtb_format, tree);
	char rows[512];
	size_t n = 0;
	const struct fact_boot_setting *b;
	for (size_t i = 0; (b = fact_list_get(&t.facts, FACT_boot_setting, i)); i++)
		n += (size_t)snprintf(rows + n, sizeof rows - n, "%.*s %.*s=%.*s\n", (int)b->loader.n, b->loader.p, (int)b->key.n,
							  b->key.p, (int)b->value.n, b->value.p);
	assert_string_equal(rows, "u-boot required-mode=any\nu-boot required=conf\nu-boot key-dev/algo=sha256,rsa2048\n"
							  "u-boot key-dev/rsa,num-bits=2048\nu-boot bootdelay=2\n"
							  "kernel stdout-path=serial0:115200n8\n");
	walked_close(&t);
	free((void *)tree.p);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_board),       cmocka_unit_test(test_partitions),   cmocka_unit_test(test_board_partitions),
		cmocka_unit_test(test_nameless),    cmocka_unit_test(test_control_tree), cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_cut_image), cmocka_unit_test(test_refused),   cmocka_unit_test(test_mkimage),
		cmocka_unit_test(test_signatures), cmocka_unit_test(test_survives), cmocka_unit_test(test_gateway),
	};
	return cmocka_run_group_tests_name("dtb", tests, NULL, NULL);
}
