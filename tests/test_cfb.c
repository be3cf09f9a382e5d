/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compound files after MS-CFB, with streams that are in pieces, and Windows Installer packages that wixl writes: the files of their
 * cabinets by the names of the tables. */
#include "vendor_image.h"

extern const struct format cfb_format;

#define SECTOR 512u
#define END 0xfffffffeu
#define FREE 0xffffffffu
#define NONE 0xffffffffu

static void put_entry(struct image *im, const char *name, uint8_t type, uint32_t left, uint32_t right, uint32_t child, uint32_t first,
					  uint32_t size)
{
	size_t begin = im->n, n = strlen(name);
	for (size_t i = 0; i < 32; i++)
		put_le(im, i < n ? (uint8_t)name[i] : 0, 2);
	put_le(im, n ? 2 * n + 2 : 0, 2);
	put_le(im, type, 1);
	put_le(im, 1, 1);
	put_le(im, left, 4);
	put_le(im, right, 4);
	put_le(im, child, 4);
	put_fill(im, 0, 36);
	put_le(im, first, 4);
	put_le(im, size, 4);
	put_fill(im, 0, 128 - (im->n - begin));
}

/* Sectors: 0 FAT, 1 and 2 directory, 3 mini FAT, 4 mini stream, 5 to 14 a stream of 5000 bytes from the last on, 15 to 24 one in order. */
static void make(struct image *im)
{
	put(im, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
	put_fill(im, 0, 16);
	put_le(im, 0x3e, 2);
	put_le(im, 3, 2);
	put_le(im, 0xfffe, 2);
	put_le(im, 9, 2);
	put_le(im, 6, 2);
	put_fill(im, 0, 10);
	put_le(im, 1, 4); /* sectors of the FAT */
	put_le(im, 1, 4); /* the directory's first */
	put_le(im, 0, 4);
	put_le(im, 4096, 4);
	put_le(im, 3, 4); /* the mini FAT's first */
	put_le(im, 1, 4);
	put_le(im, END, 4); /* no DIFAT beyond the header */
	put_le(im, 0, 4);
	put_le(im, 0, 4);
	put_fill(im, 0xff, 108 * 4);
	static const uint32_t fat[] = { 0xfffffffd, 2, END, END, END };
	for (uint32_t i = 0; i < SECTOR / 4; i++)
		put_le(im, i < 5 ? fat[i] : i == 5 ? END : i < 15 ? i - 1 : i < 24 ? i + 1 : i == 24 ? END : FREE, 4);
	put_entry(im, "Root Entry", 5, NONE, NONE, 2, 4, 192);
	put_entry(im, "a", 2, NONE, NONE, NONE, 0, 100); /* mini sectors 0 and 2 */
	put_entry(im, "folder", 1, 1, 3, 4, 0, 0);
	put_entry(im, "z", 2, NONE, NONE, NONE, 14, 5000);
	put_entry(im, "in/side", 2, 5, NONE, NONE, 1, 64);
	put_entry(im, "b", 2, NONE, NONE, NONE, 15, 5000);
	put_entry(im, "", 0, NONE, NONE, NONE, 0, 0);
	put_entry(im, "", 0, NONE, NONE, NONE, 0, 0);
	put_le(im, 2, 4);
	put_le(im, END, 4);
	put_le(im, END, 4);
	put_fill(im, 0xff, SECTOR - 12);
	put_payload(im, 3, SECTOR);
	put_payload(im, 4, 20 * SECTOR);
}

static uint8_t *at_sector(const struct image *im, uint32_t n)
{
	return im->p + SECTOR * ((size_t)n + 1);
}

static void test_streams(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	uint8_t z[10 * SECTOR], a[128];
	make(&im);
	for (uint32_t i = 0; i < 10; i++)
		memcpy(z + SECTOR * (size_t)i, at_sector(&im, 14 - i), SECTOR);
	memcpy(a, at_sector(&im, 4), 64);
	memcpy(a + 64, at_sector(&im, 4) + 128, 64);
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(t.n, 4);
	assert_content(&t, "/a", a, 100);
	assert_content(&t, "/z", z, 5000);
	assert_content(&t, "/folder/in_side", at_sector(&im, 4) + 64, 64);
	assert_content(&t, "/folder/b", at_sector(&im, 15), 5000);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.walk.end, im.n);
	walked_close(&t);
	survives_all(&cfb_format, &im, 0);
	image_free(&im);
}

/* A chain that leads back, a stream that ends too early, a directory that leads to itself. */
static void test_damage(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	make(&im);
	set_le(&im, SECTOR + 4 * 9, 14, 4); /* of z: 14, 13, 12, 11, 10, 9 and again 14 */
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(walked_get(&t, "/z")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/z")->content.n, 6 * SECTOR);
	assert_content(&t, "/folder/b", at_sector(&im, 15), 5000);
	walked_close(&t);
	set_le(&im, SECTOR + 4 * 9, END, 4);
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(walked_get(&t, "/z")->error.code, ERR_TRUNCATED);
	walked_close(&t);
	set_le(&im, SECTOR * 2 + 128 + 68, 2, 4); /* "a" has "folder" to its left */
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 4);
	assert_in_range(walked_damage(&t, "corrupt"), 1, 2);
	walked_close(&t);
	walked_open(&t, &cfb_format, span_of(im.p, im.n - 3 * SECTOR));
	assert_int_equal(walked_get(&t, "/folder/b")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_get(&t, "/folder/b")->content.n, 7 * SECTOR);
	walked_close(&t);
	image_free(&im);
}

/* Sectors that no entry's chain takes are looked at as they stand. */
static void test_rest(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	make(&im);
	im.p[2 * SECTOR + 3 * 128 + 66] = 0; /* "z" is no entry any more */
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 3);
	assert_int_equal(walked_count(&t, ENTRY_REGION), 1);
	assert_content(&t, "unclaimed-0xc00", at_sector(&im, 5), 10 * SECTOR);
	walked_close(&t);
	image_free(&im);
}

/* Of two sectors of the FAT the first one is not there: what the second one says is of its own sectors all the same. */
static void test_fat_missing(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	make(&im);
	im.n = 132 * SECTOR; /* the second sector's first is 128 */
	memset(im.p + 26 * SECTOR, 0, im.n - 26 * SECTOR);
	set_le(&im, 44, 2, 4);
	set_le(&im, 76, 9000, 4);
	set_le(&im, 80, 25, 4);
	memset(at_sector(&im, 25), 0xff, SECTOR);
	set_le(&im, 26 * SECTOR, END, 4); /* sector 128: the directory */
	memcpy(at_sector(&im, 128), at_sector(&im, 1), SECTOR);
	set_le(&im, 48, 128, 4);
	image_open(&t, &cfb_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "truncated") >= 2, 1); /* the FAT, and streams whose sectors it named */
	assert_int_equal(walked_get(&t, "/z")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_get(&t, "/z")->content.n, SECTOR);
	walked_close(&t);
	image_free(&im);
}

static const char package[] =
	"<?xml version='1.0' encoding='windows-1252'?><Wix xmlns='http://schemas.microsoft.com/wix/2006/wi'><Product Name='F' "
	"Id='ABCDDCBA-86C7-4D14-AEC0-86416A69ABDE' UpgradeCode='ABCDDCBA-7349-453F-94F6-BCB5110BA4FD' Language='1033' Codepage='1252' "
	"Version='1.0.0' Manufacturer='A'><Package Id='*' Keywords='I' Description='d' Comments='F' Manufacturer='A' InstallerVersion='100' "
	"Languages='1033' Compressed='yes' SummaryCodepage='1252'/><Media Id='1' Cabinet='made.cab' EmbedCab='yes'/><Directory Id='TARGETDIR' "
	"Name='SourceDir'><Directory Id='ProgramFilesFolder' Name='PFiles'><Directory Id='Acme' Name='Acme'><Directory Id='DIR' Name='Firmware "
	"1.0'><Component Id='Main' Guid='ABCDDCBA-83F1-4F22-985B-FDB3C8ABD471'><File Id='one' Name='Router Image.bin' DiskId='1' Source='noise' "
	"KeyPath='yes'/></Component><Component Id='Other' Guid='ABCDDCBA-83F1-4F22-985B-FDB3C8ABD472'><File Id='two' Name='read me.txt' "
	"DiskId='1' Source='text' KeyPath='yes'/></Component></Directory></Directory></Directory></Directory><Feature Id='Complete' "
	"Level='1'><ComponentRef Id='Main'/><ComponentRef Id='Other'/></Feature></Product></Wix>";

static void test_package(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	struct image noise = image_new(), text = image_new();
	struct walked t;
	if (!tool_exists("wixl"))
		skip();
	put_payload(&noise, 5, 70000);
	put_text(&text, "read this", 5000, '.');
	temp_new(dir);
	file_save(dir, "noise", image_span(&noise));
	file_save(dir, "text", image_span(&text));
	file_save(dir, "x.wxs", span_of((const uint8_t *)package, sizeof package - 1));
	run_in(dir, "wixl x.wxs -o made.msi");
	struct span msi = file_load(dir, "made.msi");
	image_open(&t, &cfb_format, msi, msi.n);
	assert_field(&t, "package", "Windows Installer, 2 files");
	assert_content(&t, "/ProgramFilesFolder/Acme/Firmware 1.0/Router Image.bin", noise.p, noise.n);
	assert_content(&t, "/ProgramFilesFolder/Acme/Firmware 1.0/read me.txt", text.p, text.n);
	assert_true(walked_get(&t, "/!File")->content.n > 0);
	for (size_t i = 0; i < t.n; i++)
		assert_null(strstr(t.entries[i].e.path.p, "made.cab"));
	walked_close(&t);
	survives_cuts(&cfb_format, msi, 40);
	survives_flips(&cfb_format, msi, 300, 0);
	free((void *)(uintptr_t)msi.p);
	image_free(&noise);
	image_free(&text);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_streams), cmocka_unit_test(test_damage), cmocka_unit_test(test_rest),
										cmocka_unit_test(test_fat_missing), cmocka_unit_test(test_package) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
