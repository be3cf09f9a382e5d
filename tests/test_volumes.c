/* SPDX-License-Identifier: GPL-3.0-or-later */
/* luks, dm_verity, linux_swap, qcow2 as their tools make them; lvm2 and md_raid written here after their
 * specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format luks_format, dm_verity_format, linux_swap_format, qcow2_format, lvm2_format, md_raid_format;

static void test_luks(void **state)
{
	(void)state;
	if (!tool_exists("cryptsetup"))
		skip();
	for (unsigned version = 1; version <= 2; version++) {
		char dir[TEMP_MAX], command[256], text[16];
		temp_new(dir);
		snprintf(command, sizeof command,
				 "truncate -s 18M v && printf secret | cryptsetup -q luksFormat --type luks%u %s --pbkdf pbkdf2 "
				 "--pbkdf-force-iterations 1000 --uuid 01234567-89ab-cdef-0123-456789abcdef v -",
				 version, version == 2 ? "--label ours" : "");
		if (made_in(dir, command)) {
			struct span volume = file_load(dir, "v");
			struct walked t;
			walked_open(&t, &luks_format, volume);
			snprintf(text, sizeof text, "%u", version);
			assert_string_equal(walked_header(&t, "version"), text);
			assert_string_equal(walked_header(&t, "uuid"), "01234567-89ab-cdef-0123-456789abcdef");
			assert_int_equal(walked_damage(&t, "encrypted"), 1);
			assert_int_equal(walked_damage(&t, "corrupt"), 0);
			if (version == 1) {
				assert_string_equal(walked_header(&t, "cipher-name"), "aes");
				assert_string_equal(walked_header(&t, "cipher-mode"), "xts-plain64");
				assert_string_equal(walked_header(&t, "hash-spec"), "sha256");
				assert_string_equal(walked_header(&t, "key-slots"), "1 of 8 are in use");
			} else {
				assert_string_equal(walked_header(&t, "label"), "ours");
				assert_string_equal(walked_header(&t, "csum"), "ok");
				assert_memory_equal(walked_get(&t, "metadata.json")->content.p, "{\"keyslots\":", 12);
			}
			walked_close(&t);
			survives_cuts(&luks_format, span_sub(volume, 0, 20000), 200);
			survives_flips(&luks_format, span_sub(volume, 0, 20000), 500, 1024);
			free((void *)volume.p);
		}
		temp_remove(dir);
	}
}

static void test_verity(void **state)
{
	(void)state;
	if (!tool_exists("veritysetup"))
		skip();
	static const char *const options[] = { "", "--format=0", "--data-block-size=1024 --hash-block-size=1024",
										   "--salt=-" };
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		char dir[TEMP_MAX], command[256];
		temp_new(dir);
		snprintf(
			command, sizeof command,
			"yes data | head -c 3M > d; veritysetup format %s d h | sed -n 's/^Root hash:[[:space:]]*//p' | tr -d '\\n"
			"' > r",
			options[i]);
		run_in(dir, command);
		struct span tree = file_load(dir, "h"), root = file_load(dir, "r");
		struct walked t;
		walked_open(&t, &dm_verity_format, tree);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, tree.n);
		assert_string_equal(walked_header(&t, "hash tree"), "ok");
		assert_int_equal(root.n, 64);
		assert_memory_equal(walked_header(&t, "root hash"), root.p, 64);
		assert_string_equal(walked_header(&t, "algorithm"), "sha256");
		walked_close(&t);
		((uint8_t *)tree.p)[tree.n - 9000] ^= 1; /* in the lowest level, whose parents know it */
		walked_open(&t, &dm_verity_format, tree);
		assert_string_equal(walked_header(&t, "hash tree"), "mismatch");
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		survives_cuts(&dm_verity_format, tree, 100);
		survives_flips(&dm_verity_format, tree, 500, 512);
		free((void *)tree.p);
		free((void *)root.p);
		temp_remove(dir);
	}
}

static void test_swap(void **state)
{
	(void)state;
	if (!tool_exists("mkswap"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "truncate -s 1M s && mkswap -L ours -U 01234567-89ab-cdef-0123-456789abcdef s 2>&1");
	struct span swap = file_load(dir, "s");
	struct walked t;
	walked_open(&t, &linux_swap_format, swap);
	assert_int_equal(t.match.size, swap.n);
	assert_string_equal(walked_header(&t, "volume_name"), "ours");
	assert_string_equal(walked_header(&t, "uuid"), "01234567-89ab-cdef-0123-456789abcdef");
	assert_string_equal(walked_header(&t, "last_page"), "255");
	walked_close(&t);
	survives_cuts(&linux_swap_format, span_sub(swap, 0, 8192), 200);
	survives_flips(&linux_swap_format, span_sub(swap, 0, 8192), 500, 2048);
	free((void *)swap.p);
	temp_remove(dir);
}

/* A disk whose first table leads nowhere: what is counted as used is looked at all the same. */
static void qcow2_hides_nothing(struct span image, bool is_named)
{
	struct walked t;
	uint8_t *copy = malloc(image.n);
	assert_non_null(copy);
	memcpy(copy, image.p, image.n);
	uint32_t entries = span_u32be(image, 36), table = span_u32be(image, 44);
	memset(copy + table, 0, entries * 8);
	walked_open(&t, &qcow2_format, span_of(copy, image.n));
	uint64_t shown = 0;
	for (size_t i = 1; i < t.n; i++)
		shown += t.entries[i].content.n;
	if (!is_named)
		assert_in_range(shown, 100000, image.n); /* the noise at least */
	walked_close(&t);
	free(copy);
}

static void test_qcow2(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img"))
		skip();
	static const char *const options[] = { "",
										   "-o compat=0.10",
										   "-c",
										   "-o cluster_size=512",
										   "-c -o cluster_size=4096",
										   "-c -o compression_type=zstd",
										   "-o extended_l2=on" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(dir,
		   "(seq 40000; head -c 300000 /dev/zero; head -c 100000 /dev/urandom; seq 777) > d; truncate -s 700416 d");
	struct span disk = file_load(dir, "d");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "qemu-img convert -f raw -O qcow2 %s d q", options[i]);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "q");
		uint64_t cluster = (uint64_t)1 << image.p[23];
		struct walked t;
		walked_open(&t, &qcow2_format, image);
		assert_true(t.accepted);
		if (i + 1 == sizeof options / sizeof options[0])
			assert_int_equal(walked_damage(&t, "unsupported"), 1);
		else
			assert_content(&t, "disk", disk.p, disk.n);
		assert_int_equal(t.n, i + 1 < sizeof options / sizeof options[0]); /* nothing but the disk */
		assert_int_equal(t.walk.end, (image.n + cluster - 1) / cluster * cluster);
		walked_close(&t);
		/* Cut, it does not read as zeros. */
		walked_open(&t, &qcow2_format, span_clip(image, 0, image.n / 2));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		if (i + 1 < sizeof options / sizeof options[0])
			assert_true(error_is(&walked_get(&t, "disk")->error));
		walked_close(&t);
		qcow2_hides_nothing(image, i + 1 == sizeof options / sizeof options[0]);
		survives_cuts(&qcow2_format, image, 50);
		survives_flips(&qcow2_format, image, 100, 128);
		free((void *)image.p);
	}
	run_in(dir, "qemu-img create -q -f qcow2 -b d -F raw q 1M 2>&1");
	struct span image = file_load(dir, "q");
	struct walked t;
	walked_open(&t, &qcow2_format, image);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	free((void *)image.p);
	free((void *)disk.p);
	temp_remove(dir);
}

/* What is in a snapshot alone is shown as a disk, as qemu-img reads it; what the disk has, too, is shown once. */
static void check_snapshots(const char *dir, struct span image)
{
	struct span now = file_load(dir, "now"), old = file_load(dir, "old");
	struct walked t;
	walked_open(&t, &qcow2_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "disk", now.p, now.n);
	assert_content(&t, "snapshot-1", old.p, old.n);
	assert_int_equal(t.n, 3); /* the second one is what the disk is */
	assert_string_equal(walked_header(&t, "snapshot"), "before \"it\"");
	const struct walked_entry *state = walked_get(&t, "snapshot-1-state");
	assert_int_equal(state->content.n, 65000);
	for (size_t i = 0; i < state->content.n; i++)
		assert_int_equal(state->content.p[i], 0x5a);
	walked_close(&t);
	free((void *)now.p);
	free((void *)old.p);
}

static void test_qcow2_snapshots(void **state)
{
	(void)state;
	if (!tool_exists("qemu-img") || !tool_exists("qemu-io"))
		skip();
	static const char *const options[] = { "cluster_size=4096", "cluster_size=65536", "compat=0.10" };
	char dir[TEMP_MAX], command[900];
	temp_new(dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		/* -b: into the state of the guest */
		snprintf(command, sizeof command,
				 "rm -f q; seq 200000 > d; truncate -s 4M d; qemu-img convert -f raw -O qcow2 -o %s d q && "
				 "qemu-io -f qcow2 -c 'write -b -P 0x5a 0 64k' q && qemu-img snapshot -c 'before \"it\"' q && "
				 "qemu-io -f qcow2 -c 'write -P 0x41 300k 100k' -c 'write -z 1M 64k' q && qemu-img snapshot -c now q && "
				 "qemu-img convert -U -l 'snapshot.name=before \"it\"' -f qcow2 -O raw q old && qemu-img convert -f qcow2 -O raw q now",
				 options[i]);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "q");
		uint8_t *p = (uint8_t *)image.p;
		uint64_t at = span_u32be(image, 68), extra = span_u32be(image, at + 36);
		p[at + 34] = p[at + 46] = 65000 >> 8; /* qemu-img says that the guest did not run */
		p[at + 35] = p[at + 47] = 65000 & 0xff;
		assert_true(extra >= 16);
		check_snapshots(dir, image);
		survives_cuts(&qcow2_format, image, 20);
		survives_flips(&qcow2_format, image, 40, 128);
		struct walked t;
		p[at + 2] ^= 1; /* a first table outside of the image */
		walked_open(&t, &qcow2_format, image);
		assert_int_equal(walked_damage(&t, "corrupt"), 2); /* of the disk and of the state */
		walked_close(&t);
		p[at + 2] ^= 1;
		p[at + 10] = p[at + 11] = 0; /* a first table without entries */
		walked_open(&t, &qcow2_format, image);
		assert_true(walked_damage(&t, "corrupt") > 0);
		assert_true(t.n > 1); /* clusters that nobody leads to are shown as they are */
		walked_close(&t);
		p[62] = 1; /* more snapshots than there are */
		walked_open(&t, &qcow2_format, image);
		assert_true(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") + walked_damage(&t, "budget") > 0);
		walked_close(&t);
		free(p);
	}
	temp_remove(dir);
}

/* CRC-32 bit by bit, as LVM starts it, without inversions. */
static uint32_t lvm_crc(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xf597a6cf;
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

#define EXTENT 4096u
#define PV_SIZE 65536u
#define MDA_AT 4096u
#define MDA_SIZE 8192u
#define DATA_AT 16384u

static const char group_text[] =
	"vg {\n# a comment with { in it\nid = \"aaaaaa\"\nseqno = 2\n"
	"status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nextent_size = 8\n"
	"physical_volumes {\npv0 {\nid = \"abcdef-ghij-klmn-opqr-stuv-wxyz-012345\"\n"
	"device = \"/dev/sda\"\npe_start = 32\n}\npv1 {\nid = \"other\"\n}\n}\n"
	"logical_volumes {\n"
	"plain {\nid = \"x\"\nsegment_count = 1\nsegment1 {\nstart_extent = 0\nextent_count = 2\n"
	"type = \"striped\"\nstripe_count = 1\nstripes = [\n\"pv0\", 1\n]\n}\n}\n"
	"pieces {\nsegment_count = 2\nsegment1 {\nstart_extent = 0\nextent_count = 1\n"
	"type = \"striped\"\nstripe_count = 1\nstripes = [ \"pv0\", 5 ]\n}\n"
	"segment2 {\nstart_extent = 1\nextent_count = 2\ntype = \"striped\"\nstripe_count = 1\n"
	"stripes = [ \"pv0\", 3 ]\n}\n}\n"
	"elsewhere {\nsegment1 {\nstart_extent = 0\nextent_count = 1\ntype = \"striped\"\n"
	"stripe_count = 1\nstripes = [ \"pv1\", 0 ]\n}\n}\n"
	"mirrored {\nsegment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"raid1\"\nraids = [ \"meta\", \"plain\" ]\n}\n}\n"
	"zeros {\nsegment1 {\nstart_extent = 0\nextent_count = 1\ntype = \"zero\"\n}\n}\n"
	"thin {\nsegment1 {\nstart_extent = 0\nextent_count = 1\ntype = \"thin\"\n}\n}\n"
	"}\n}\n";

/* The text begins at `at` of the metadata area: near its end it goes on behind the area's header. */
static uint8_t *make_pv(uint64_t at, const char *text)
{
	uint8_t *disk = calloc(1, PV_SIZE), *label = disk + 512, *mda = disk + MDA_AT;
	assert_non_null(disk);
	for (unsigned i = DATA_AT; i < PV_SIZE; i++)
		disk[i] = (uint8_t)(i / EXTENT * 16 + i % 13);
	memcpy(label, "LABELONE", 8);
	put(label + 8, 1, 8);
	put(label + 20, 32, 4);
	memcpy(label + 24, "LVM2 001", 8);
	memcpy(label + 32, "abcdefghijklmnopqrstuvwxyz012345", 32);
	put(label + 64, PV_SIZE, 8);
	put(label + 72, DATA_AT, 8);
	put(label + 104, MDA_AT, 8);
	put(label + 112, MDA_SIZE, 8);
	put(label + 16, lvm_crc(label + 20, 492), 4);
	size_t n = strlen(text) + 1;
	for (size_t i = 0; i < n; i++)
		mda[at + i < MDA_SIZE ? at + i : 512 + (at + i - MDA_SIZE)] = (uint8_t)text[i];
	memcpy(mda + 4, " LVM2 x[5A%r0N*>", 16);
	put(mda + 20, 1, 4);
	put(mda + 24, MDA_AT, 8);
	put(mda + 32, MDA_SIZE, 8);
	put(mda + 40, at, 8);
	put(mda + 48, n, 8);
	put(mda + 56, lvm_crc((const uint8_t *)text, n), 4);
	put(mda, lvm_crc(mda + 4, 508), 4);
	return disk;
}

static void test_lvm2(void **state)
{
	(void)state;
	for (uint64_t at = 512; at < MDA_SIZE; at += MDA_SIZE - 1024) {
		uint8_t *disk = make_pv(at, group_text), pieces[3 * EXTENT];
		struct walked t;
		walked_open(&t, &lvm2_format, span_of(disk, PV_SIZE));
		assert_int_equal(t.match.size, PV_SIZE);
		assert_string_equal(walked_header(&t, "volume group"), "vg");
		assert_string_equal(walked_header(&t, "metadata checksum"), "ok");
		assert_string_equal(walked_header(&t, "metadata area checksum"), "ok");
		assert_content(&t, "metadata.txt", group_text, sizeof group_text);
		assert_content(&t, "plain", disk + DATA_AT + EXTENT, 2 * EXTENT);
		memcpy(pieces, disk + DATA_AT + 5 * EXTENT, EXTENT);
		memcpy(pieces + EXTENT, disk + DATA_AT + 3 * EXTENT, 2 * EXTENT);
		assert_content(&t, "pieces", pieces, sizeof pieces);
		static const uint8_t zeros[EXTENT];
		assert_content(&t, "zeros", zeros, EXTENT);
		assert_int_equal(t.n, 4); /* of what is elsewhere, mirrored or thin, nothing is shown as if it were empty */
		assert_int_equal(walked_damage(&t, "unsupported"), 2);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
		survives_cuts(&lvm2_format, span_of(disk, PV_SIZE), 300);
		survives_flips(&lvm2_format, span_of(disk, PV_SIZE), 2000, MDA_AT + MDA_SIZE);
		free(disk);
	}
}

/* Chunks of a volume lie in its stripes by turns (lvmraid and dm-stripe of Linux): of 4 KiB in the extents 2 and 3 and in 6 and 7,
 * of 2 KiB with every second chunk elsewhere. */
static void test_lvm2_stripes(void **state)
{
	(void)state;
	static const char text[] =
		"vg {\nextent_size = 16\nphysical_volumes {\npv0 {\nid = \"abcdef-ghij-klmn-opqr-stuv-wxyz-012345\"\n}\n"
		"pv1 {\nid = \"other\"\n}\n}\n"
		"logical_volumes {\n"
		"both {\nsegment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"striped\"\nstripe_count = 2\nstripe_size = 8\n"
		"stripes = [\n\"pv0\", 1,\n\"pv0\", 3\n]\n}\n}\n"
		"half {\nsegment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"striped\"\nstripe_count = 2\nstripe_size = 4\n"
		"stripes = [ \"pv1\", 0, \"pv0\", 2 ]\n}\n}\n"
		"none {\nsegment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"striped\"\nstripe_count = 2\nstripe_size = 4\n"
		"stripes = [ \"pv1\", 0, \"pv1\", 2 ]\n}\n}\n"
		"without {\nsegment1 {\nstart_extent = 0\nextent_count = 2\ntype = \"striped\"\nstripe_count = 2\nstripe_size = 0\n"
		"stripes = [ \"pv0\", 0, \"pv0\", 2 ]\n}\n}\n"
		"}\n}\n";
	uint8_t *disk = make_pv(512, text), *data = disk + DATA_AT, both[4 * EXTENT], half[4 * EXTENT];
	for (unsigned i = 0; i < 4; i++) {
		static const unsigned at[] = { 2, 6, 3, 7 };
		memcpy(both + i * 4096, data + at[i] * 4096, 4096);
	}
	memset(half, 0, sizeof half);
	for (unsigned i = 0; i < 4; i++)
		memcpy(half + (2 * i + 1) * 2048, data + 4 * 4096 + i * 2048, 2048);
	struct walked t;
	walked_open(&t, &lvm2_format, span_of(disk, PV_SIZE));
	assert_content(&t, "both", both, sizeof both);
	const struct walked_entry *h = walked_get(&t, "half");
	assert_int_equal(h->content.n, sizeof half);
	assert_memory_equal(h->content.p, half, sizeof half);
	assert_int_equal(h->error.code, ERR_UNSUPPORTED);
	assert_int_equal(t.n, 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 3);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	assert_non_null(strstr(d->what.p, "half: 8192 bytes are on another disk"));
	walked_close(&t);
	survives_cuts(&lvm2_format, span_of(disk, PV_SIZE), 300);
	survives_flips(&lvm2_format, span_of(disk, PV_SIZE), 2000, MDA_AT + MDA_SIZE);
	free(disk);
}

static void test_lvm2_hostile(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"vg {",
		"}",
		"vg { a { b { c { d { e { f { g { h { i {",
		"vg { x = \"",
		"vg { x = [ ",
		"= 1",
		"\"",
		"vg { extent_size = 4294967295\n"
		"logical_volumes { a { segment1 { start_extent = 1152921504606846975\n"
		"extent_count = 1152921504606846975\n} } } }",
		"vg { logical_volumes { a { segment1 { } } } }",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint8_t *disk = make_pv(512, texts[i]);
		struct walked t;
		walked_open(&t, &lvm2_format, span_of(disk, PV_SIZE));
		assert_true(t.accepted);
		assert_true(walked_damage(&t, "corrupt") >= 1);
		walked_close(&t);
		free(disk);
	}
}

#define MD_SIZE (128u << 10)

/* struct mdp_superblock_1 */
static void make_md(uint8_t *disk, uint64_t at, uint64_t data_at, uint32_t level, uint32_t disks)
{
	uint8_t *s = disk + at;
	uint64_t sum = 0;
	put(s, 0xa92b4efc, 4);
	put(s + 4, 1, 4);
	memcpy(s + 16, "0123456789abcdef", 16);
	memcpy(s + 32, "host:0", 6);
	put(s + 72, level, 4);
	put(s + 80, 100, 8);
	put(s + 92, disks, 4);
	put(s + 128, data_at / 512, 8);
	put(s + 136, 100, 8);
	put(s + 144, at / 512, 8);
	put(s + 220, 3, 4);
	put(s + 258, 1, 2);
	for (unsigned i = 0; i < 256 + 6; i += 2)
		sum += (uint64_t)(s[i] | s[i + 1] << 8) << (i % 4 && i < 260 ? 16 : 0);
	put(s + 216, (sum & 0xffffffff) + (sum >> 32), 4);
}

static void test_md(void **state)
{
	(void)state;
	static const struct {
		uint64_t at, data_at;
		const char *version;
	} cases[] = { { 0, 8192, "1.1" }, { 4096, 8192, "1.2" }, { MD_SIZE - 8192, 0, "1.0" } };
	for (size_t i = 0; i < 3; i++) {
		uint8_t *disk = calloc(1, MD_SIZE);
		struct walked t;
		for (unsigned k = 0; k < 51200; k++)
			disk[cases[i].data_at + k] = (uint8_t)(k * 7 % 251);
		make_md(disk, cases[i].at, cases[i].data_at, 1, 2);
		walked_open(&t, &md_raid_format, span_of(disk, MD_SIZE));
		assert_true(t.accepted);
		assert_string_equal(walked_header(&t, "version"), cases[i].version);
		assert_string_equal(walked_header(&t, "level"), "RAID-1");
		assert_string_equal(walked_header(&t, "set_name"), "host:0");
		assert_string_equal(walked_header(&t, "set_uuid"), "30313233-3435-3637-3839-616263646566");
		assert_string_equal(walked_header(&t, "sb_csum"), "ok");
		assert_content(&t, "data", disk + cases[i].data_at, 51200);
		walked_close(&t);
		make_md(disk, cases[i].at, cases[i].data_at, 5, 3);
		walked_open(&t, &md_raid_format, span_of(disk, MD_SIZE));
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		assert_int_equal(t.n, 0);
		walked_close(&t);
		static const struct {
			uint32_t level, layout;
			unsigned damages;
		} whole[] = { { UINT32_MAX, 0, 1 }, { 10, 0x102, 0 } }; /* a part in one piece; two near copies on two disks */
		for (unsigned k = 0; k < 2; k++) {
			put(disk + cases[i].at + 76, whole[k].layout, 4);
			make_md(disk, cases[i].at, cases[i].data_at, whole[k].level, 2);
			walked_open(&t, &md_raid_format, span_of(disk, MD_SIZE));
			assert_int_equal(walked_damage(&t, "unsupported"), whole[k].damages);
			assert_content(&t, "data", disk + cases[i].data_at, 51200);
			walked_close(&t);
		}
		survives_cuts(&md_raid_format, span_of(disk, MD_SIZE), 200);
		survives_flips(&md_raid_format, span_of(disk, MD_SIZE), 1000, 8192);
		free(disk);
	}
}

/* struct mdp_superblock_s, behind the data: words in the order of the machine, and no name. */
static void test_md_0(void **state)
{
	(void)state;
	uint8_t *disk = calloc(1, MD_SIZE), *s = disk + MD_SIZE - 65536;
	uint64_t sum = 0;
	static const uint32_t words[] = { [0] = 0xa92b4efc, [2] = 90, [5] = 0x01234567, [7] = 1, [8] = 50, [10] = 2,
									  [13] = 0x89abcdef, [14] = 0x00112233, [15] = 0x44556677 };
	for (unsigned i = 0; i < sizeof words / 4; i++) {
		put(s + 4 * i, words[i], 4);
		sum += words[i];
	}
	put(s + 152, (sum & 0xffffffff) + (sum >> 32), 4);
	struct walked t;
	walked_open(&t, &md_raid_format, span_of(disk, MD_SIZE));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "version"), "0.90");
	assert_string_equal(walked_header(&t, "set_uuid"), "01234567-89ab-cdef-0011-223344556677");
	assert_content(&t, "data", disk, 51200);
	walked_close(&t);
	survives_cuts(&md_raid_format, span_of(disk, MD_SIZE), 200);
	survives_flips(&md_raid_format, span_of(disk, MD_SIZE), 1000, 0);
	free(disk);
}

static void test_noise(void **state)
{
	(void)state;
	static const struct format *const all[] = { &luks_format,  &dm_verity_format, &linux_swap_format,
												&qcow2_format, &lvm2_format,      &md_raid_format };
	refuse_noise(all, sizeof all / sizeof all[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_luks),  cmocka_unit_test(test_verity), cmocka_unit_test(test_swap),
		cmocka_unit_test(test_qcow2), cmocka_unit_test(test_qcow2_snapshots), cmocka_unit_test(test_lvm2),   cmocka_unit_test(test_lvm2_hostile), cmocka_unit_test(test_lvm2_stripes),
		cmocka_unit_test(test_md), cmocka_unit_test(test_md_0),    cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("volumes", tests, NULL, NULL);
}
