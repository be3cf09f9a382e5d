/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Updates of printers: pjl, pcl_raster, xerox_dlm, xerox_dsk, ascii85, postscript, by writers after their specifications, by Python's
 * encoders, and by foo2zjs' arm2hpdl. */
#include <zlib.h>

#include "seed.h"
#include "vendor_image.h"

extern const struct format pjl_format, pcl_raster_format, xerox_dlm_format, xerox_dsk_format, ascii85_format, postscript_format;

#define UEL "\x1b%-12345X"

static void put_string(struct image *im, const char *s)
{
	put(im, s, strlen(s));
}

static void test_pjl_files(void **state)
{
	(void)state;
	struct image im = image_new(), a = image_new();
	put_payload(&a, 1, 3000);
	memcpy(a.p + 100, UEL, 9); /* the size tells where it ends */
	put_string(&im, UEL "@PJL JOB NAME=\"update\"\r\n@PJL COMMENT \"MODEL 7\"\r\n"
				"@PJL FSDOWNLOAD FORMAT:BINARY SIZE=3000 NAME = \"0:\\web\\a.bin\"\r\n");
	put(&im, a.p, a.n);
	put_string(&im, UEL "@PJL FSDOWNLOAD FORMAT:BINARY NAME=\"1:/b\"\n");
	put(&im, "hello", 5);
	put_string(&im, UEL "@PJL ENTER LANGUAGE = PCL\r\n\x1b" "Epage" UEL "@PJL EOJ\r\n" UEL);
	struct walked t;
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(t.n, 3);
	assert_content(&t, "/0:/web/a.bin", a.p, a.n);
	assert_content(&t, "/1:/b", "hello", 5);
	assert_content(&t, "3-PCL", "\x1b" "Epage", 6);
	assert_field(&t, "command", "@PJL JOB NAME=\"update\"");
	walked_close(&t);
	put_payload(&im, 2, 500); /* what follows is no part of it */
	image_open(&t, &pjl_format, image_span(&im), im.n - 500);
	walked_close(&t);
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_false(pjl_format.probe(span_clip(image_span(&im), 0, 2000), &m)); /* in the middle of others */
	assert_true(pjl_format.probe_whole(span_clip(image_span(&im), 0, 2000), &m));
	survives_all(&pjl_format, &im, 300);
	image_free(&a);
	image_free(&im);
}

static void test_pjl_upgrade(void **state)
{
	(void)state;
	for (int cut = 0; cut < 2; cut++) {
		struct image im = image_new(), rest = image_new();
		put_string(&rest, UEL "@PJL COMMENT (null)\n@PJL ENTER LANGUAGE=FWUPDATE\n");
		size_t at = rest.n;
		put_string(&rest, "\x1b" "EThis device does not support FWUPDATE!\r\n");
		put_payload(&rest, 3, 5000);
		memcpy(rest.p + 2000, UEL, 9);
		size_t end = rest.n;
		put_string(&rest, UEL);
		char head[200];
		snprintf(head, sizeof head, "%s@PJL COMMENT MODEL=Officejet\n@PJL UPGRADE SIZE =%zu\n", UEL, rest.n);
		put_string(&im, head);
		size_t before = im.n;
		put(&im, rest.p, rest.n - (cut ? 1000 : 0));
		struct walked t;
		if (cut) {
			struct format_match m = { .size = SIZE_UNKNOWN };
			assert_true(pjl_format.probe_whole(image_span(&im), &m));
			assert_int_equal(m.size, im.n + 1000);
		} else {
			image_open(&t, &pjl_format, image_span(&im), im.n);
			assert_content(&t, "1-FWUPDATE", rest.p + at, end - at);
			assert_string_equal(walked_get(&t, "1-FWUPDATE")->e.format, "pcl_raster");
			assert_int_equal(walked_get(&t, "1-FWUPDATE")->e.offset, before + at);
			walked_close(&t);
			survives_all(&pjl_format, &im, 200);
		}
		image_free(&rest);
		image_free(&im);
	}
}

static void test_pjl_acl(void **state)
{
	(void)state;
	struct image im = image_new();
	put_string(&im, UEL "@PJL ENTER LANGUAGE=ACL\r\n");
	put_be(&im, 0x00acc0de, 4);
	put_be(&im, 4000, 4);
	put_string(&im, "20050309");
	size_t at = im.n;
	put_payload(&im, 4, 4000);
	put_string(&im, UEL);
	struct walked t;
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_field(&t, "date", "20050309");
	assert_content(&t, "acl", im.p + at, 4000);
	walked_close(&t);
	survives_all(&pjl_format, &im, 60);
	/* A program's strings */
	struct image strings = image_new();
	put_string(&strings, UEL "@PJL ENTER LANGUAGE=ACL\r\n");
	put_fill(&strings, 0, 1);
	put_string(&strings, "usage: %s" UEL);
	put_fill(&strings, 0, 2000);
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_false(pjl_format.probe(image_span(&strings), &m));
	image_free(&strings);
	image_free(&im);
}

static void test_pjl_manifest(void **state)
{
	(void)state;
	struct image im = image_new(), image = image_new();
	put_payload(&image, 5, 0x1200);
	put_string(&im, UEL "@PJL COMMENT MODEL=Envy\n@PJL ENTER LANGUAGE=FWUPDATE2\n15\n<?xml version='1.0'?>1200\n");
	put(&im, image.p, image.n);
	put_string(&im, "10\n0123456789abcdef" UEL "@PJL EOJ\n" UEL);
	struct walked t;
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(t.n, 3);
	assert_content(&t, "manifest", "<?xml version='1.0'?>", 21);
	assert_content(&t, "image-1", image.p, image.n);
	assert_content(&t, "image-2", "0123456789abcdef", 16);
	assert_int_equal(walked_damage(&t, "encrypted"), 2); /* the manifest tells no digest */
	walked_close(&t);
	survives_all(&pjl_format, &im, 100);
	image_free(&image);
	image_free(&im);
}

/* ---- images of FWUPDATE2, whose key the manifest tells ---- */

#define FWUPDATE2_PLAIN 150000u

/* Deflate without a wrapper, filled up to whole blocks, under the key as it was published: in Python
 * sha256(b"@* WebFWUpdate" + revision.lower()[:6] + digest)[:16]. */
static void put_enciphered(struct image *im, const struct image *plain, const char *family, const uint8_t *digest, unsigned behind)
{
	uint8_t text[14 + 6 + 32], made[32], *packed = calloc(1, plain->n + 1024);
	static const uint8_t zeros[16];
	memcpy(text, "@* WebFWUpdate", 14);
	memcpy(text + 14, family, 6);
	memcpy(text + 20, digest, 32);
	vendor_digest("sha256", text, sizeof text, made);
	z_stream z = { .next_in = plain->p, .avail_in = (uInt)plain->n, .next_out = packed, .avail_out = (uInt)plain->n + 1024 };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t n = (z.total_out + 15) / 16 * 16;
	deflateEnd(&z);
	assert_true(n + behind <= plain->n + 1024);
	for (unsigned i = 0; i < behind; i++)
		packed[n++] = (uint8_t)(i * 7 + i / 64);
	aes_cbc(128, made, zeros, packed, n);
	char line[32];
	snprintf(line, sizeof line, "%zx\n", n);
	put_string(im, line);
	put(im, packed, n);
	free(packed);
}

static void base64_of(const uint8_t *bytes, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (unsigned i = 0; i < 43; i++) {
		unsigned bit = i * 6, pair = (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < 32 ? bytes[bit / 8 + 1] : 0);
		*out++ = digits[pair >> (10 - bit % 8) & 63];
	}
	strcpy(out, "=");
}

#define BEHIND 512u

enum fault { AS_IT_IS, OTHER_KEY, OTHER_DIGEST, MORE_BEHIND, MORE_BEHIND_OTHER_DIGEST };

/* `fault`: of the second image. */
static struct image make_fwupdate2(const struct image *plain, const char *revision, enum fault fault)
{
	struct image im = image_new();
	char manifest[1500], line[100], base64[2][48];
	uint8_t digests[2][32];
	for (unsigned i = 0; i < 2; i++) {
		vendor_digest("sha256", plain[i].p, plain[i].n, digests[i]);
		digests[i][3] ^= i && (fault == OTHER_DIGEST || fault == MORE_BEHIND_OTHER_DIGEST);
		base64_of(digests[i], base64[i]);
	}
	snprintf(manifest, sizeof manifest,
			 "<?xml version='1.0' encoding='UTF-8'?>\n<manifest xsi:noNamespaceSchemaLocation='webfwupdate.xsd'>\n<signedInfo>\n"
			 "<current_revision>ANY</current_revision><updated_revision>%s</updated_revision>\n<LBI_blob>\n"
			 "<blob_path>a</blob_path><blob_digest_compressed>AAAA</blob_digest_compressed>"
			 "<blob_digest_uncompressed>%s</blob_digest_uncompressed>\n</LBI_blob>\n<rootfs_blob>"
			 "<blob_digest_uncompressed>%s</blob_digest_uncompressed></rootfs_blob>\n</signedInfo>\n</manifest>\n",
			 revision, base64[0], base64[1]);
	snprintf(line, sizeof line, "@PJL ENTER LANGUAGE=FWUPDATE2\n%zx\n", strlen(manifest));
	put_string(&im, UEL "@PJL COMMENT MODEL=Envy\n" UEL "@PJL COMMENT (null)\n");
	put_string(&im, line);
	put_string(&im, manifest);
	put_enciphered(&im, &plain[0], "manhhi", digests[0], 0);
	digests[1][5] ^= fault == OTHER_KEY;
	put_enciphered(&im, &plain[1], "manhhi", digests[1], fault >= MORE_BEHIND ? BEHIND : 0);
	put_string(&im, UEL);
	return im;
}

static void test_pjl_fwupdate2(void **state)
{
	(void)state;
	struct image plain[2] = { image_new(), image_new() };
	put_payload(&plain[0], 5, 3000);
	for (unsigned i = 0; plain[1].n < FWUPDATE2_PLAIN; i++) {
		put_payload(&plain[1], i, 500);
		put_fill(&plain[1], (uint8_t)i, 700);
	}
	struct walked t;
	struct image im = make_fwupdate2(plain, "MANHHIPP1N005.2607A.00", AS_IT_IS);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(t.n, 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_field(&t, "updated_revision", "MANHHIPP1N005.2607A.00");
	assert_content(&t, "1-LBI_blob", plain[0].p, plain[0].n);
	assert_content(&t, "2-rootfs_blob", plain[1].p, plain[1].n);
	walked_close(&t);
	survives_cuts(&pjl_format, image_span(&im), 40);
	survives_flips(&pjl_format, image_span(&im), 60, 1200);
	walked_open(&t, &pjl_format, span_clip(image_span(&im), 0, im.n - 20000)); /* what is there is read */
	assert_true(walked_damage(&t, "truncated") > 0);
	const struct walked_entry *cut = walked_get(&t, "2-rootfs_blob");
	assert_int_equal(cut->error.code, ERR_TRUNCATED);
	assert_true(cut->content.n > 50000 && memcmp(cut->content.p, plain[1].p, cut->content.n) == 0);
	walked_close(&t);
	image_free(&im);
	im = make_fwupdate2(plain, "MANHHIPP1N005.2607A.00", OTHER_DIGEST); /* the key is made of what is told */
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(walked_get(&t, "1-LBI_blob")->error.code, ERR_NONE);
	assert_int_equal(walked_get(&t, "2-rootfs_blob")->error.code, ERR_CORRUPT);
	walked_close(&t);
	image_free(&im);
	im = make_fwupdate2(plain, "MANHHIPP1N005.2607A.00", OTHER_KEY);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_content(&t, "1-LBI_blob", plain[0].p, plain[0].n);
	assert_int_equal(walked_damage(&t, "encrypted"), 1); /* shown as it is */
	assert_int_equal(walked_get(&t, "2-rootfs_blob")->content.n % 16, 0);
	walked_close(&t);
	image_free(&im);
	im = make_fwupdate2(plain, "OTHERSPP1N005", AS_IT_IS);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "encrypted"), 2);
	walked_close(&t);
	image_free(&im);
	image_free(&plain[0]);
	image_free(&plain[1]);
}

/* What is behind the packed image is told. Where it is not the image that the manifest tells either, the key is another one: noise may begin
 * with a stream of a few bytes. */
static void test_pjl_fwupdate2_behind(void **state)
{
	(void)state;
	struct image plain[2] = { image_new(), image_new() };
	put_payload(&plain[0], 5, 3000);
	put_payload(&plain[1], 6, 2000);
	struct walked t;
	struct image im = make_fwupdate2(plain, "MANHHIPP1N005.2607A.00", MORE_BEHIND);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_content(&t, "1-LBI_blob", plain[0].p, plain[0].n);
	const struct walked_entry *image = walked_get(&t, "2-rootfs_blob");
	assert_int_equal(image->error.code, ERR_UNSUPPORTED);
	assert_int_equal(image->content.n, plain[1].n);
	assert_memory_equal(image->content.p, plain[1].p, plain[1].n);
	walked_close(&t);
	image_free(&im);
	im = make_fwupdate2(plain, "MANHHIPP1N005.2607A.00", MORE_BEHIND_OTHER_DIGEST);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_get(&t, "2-rootfs_blob")->error.code, ERR_NONE);
	walked_close(&t);
	image_free(&im);
	image_free(&plain[0]);
	image_free(&plain[1]);
}

static void test_pjl_fwupdate2_parts(void **state)
{
	(void)state;
	struct image im = image_new();
	put_string(&im, UEL "@PJL ENTER LANGUAGE=FWUPDATE2\n15\n<?xml version='1.0'?>");
	for (unsigned i = 1; i < 20; i++)
		put_string(&im, "10\n0123456789abcdef");
	put_string(&im, UEL);
	struct walked t;
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_int_equal(t.n, 17); /* of them one is the rest */
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	image_free(&im);
}

/* Strings of a program that sends files, the size of an upgrade that is more than the job, and what no length counts. */
static void test_pjl_claims_no_more(void **state)
{
	(void)state;
	struct image strings = image_new(), im = image_new();
	struct format_match m = { .size = SIZE_UNKNOWN };
	struct walked t;
	put_string(&strings, UEL "@PJL FSDOWNLOAD FORMAT:BINARY SIZE=%d NAME=\"%s\"\r\n");
	put_payload(&strings, 2, 3000);
	put_string(&strings, UEL "@PJL FSDOWNLOAD NAME=\"0:\"\r\n");
	put_payload(&strings, 3, 3000);
	put_string(&strings, UEL "@PJL EOJ\r\n");
	assert_false(pjl_format.probe(image_span(&strings), &m));

	put_string(&im, UEL "@PJL UPGRADE SIZE=90000\n@PJL FSDOWNLOAD SIZE=5 NAME=\"0:a\"\nhello" UEL "@PJL EOJ\n" UEL);
	size_t end = im.n;
	put_payload(&im, 4, 100000);
	assert_true(pjl_format.probe(image_span(&im), &m));
	assert_int_equal(m.size, end);

	im.n = 0;
	put_string(&im, UEL "@PJL ENTER LANGUAGE=FWUPDATE2\n15\n<?xml version='1.0'?>what no length counts" UEL);
	image_open(&t, &pjl_format, image_span(&im), im.n);
	assert_content(&t, "rest", "what no length counts", 21);
	walked_close(&t);
	image_free(&strings);
	image_free(&im);
}

/* The tool that makes the updates of HP's LaserJet 1020 and its like. */
static void test_arm2hpdl(void **state)
{
	(void)state;
	if (!tool_exists("arm2hpdl"))
		skip();
	char dir[TEMP_MAX];
	struct image im = image_new();
	put_string(&im, "20050309");
	put_payload(&im, 4, 4000);
	temp_new(dir);
	file_save(dir, "i.img", image_span(&im));
	run_in(dir, "arm2hpdl i.img > i.dl");
	struct span made = file_load(dir, "i.dl");
	temp_remove(dir);
	struct walked t;
	image_open(&t, &pjl_format, made, made.n);
	assert_content(&t, "acl", im.p + 8, 4000);
	walked_close(&t);
	free((void *)made.p);
	image_free(&im);
}

static void expect_unpacked(const struct format *format, struct span bytes, const void *expected, size_t n, enum error_code code)
{
	struct buf out = buf_with_limit(1 << 20);
	size_t used = 0;
	seed_keep("format", format->name, "", bytes);
	struct error e = format->unpack(bytes, &out, &used);
	assert_int_equal(e.code, code);
	assert_int_equal(out.n, n);
	if (n)
		assert_memory_equal(out.p, expected, n);
	if (!code)
		assert_int_equal(used, bytes.n);
	buf_free(&out);
}

/* The examples of the manual's chapter 15, and rows of each method. */
static void test_pcl_raster(void **state)
{
	(void)state;
	static const uint8_t in[] = "\x1b" "Ehello\r\n\x1b*t75R\x1b*rt16384sA\x1b*b16542Y"
								"\x1b*b0m5WUUATT"
								"\x1b*b1m6W\3U\0A\1T"
								"\x1b*b2m6W\xfdU\2ATT"
								"\x1b*b2m6W\xfdU\0A\xffT"
								"\x1b*b0y3m2W\1\xff"
								"\x1b*b2W\2\xf0"
								"\x1b*b5W\0\x0f\x22\xaa\xaa"
								"\x1b*b0W"
								"\x1b*b2v\x1f\0"
								"\x1b*rC\x1b" "E" UEL;
	static const uint8_t out[] = "UUATT" "UUUUATT" "UUUUATT" "UUUUATT"
								 "\0\xff"
								 "\0\xff\xf0"
								 "\x0f\xff\xf0\xaa\xaa"
								 "\x0f\xff\xf0\xaa\xaa";
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_true(pcl_raster_format.probe(span_of(in, sizeof in - 1), &m));
	/* The last row is no whole one: an offset of 31 has another byte, and nothing replaces what is there. */
	expect_unpacked(&pcl_raster_format, span_of(in, sizeof in - 1), out, sizeof out - 1, ERR_CORRUPT);
	struct image im = image_new();
	put(&im, in, sizeof in - 1 - 15 - 7);
	put_string(&im, "\x1b*rC");
	expect_unpacked(&pcl_raster_format, image_span(&im), out, sizeof out - 1, ERR_NONE);
	expect_unpacked(&pcl_raster_format, span_of(in, 45), "UU", 0, ERR_TRUNCATED);
	survives_all(&pcl_raster_format, &im, 0);
	image_free(&im);
}

/* What stands behind the picture is told. */
static void test_pcl_rest(void **state)
{
	(void)state;
	static const char ended[] = "\x1b*b2WUU\x1b*rC\x1b" "E a file system", broken[] = "\x1b*b2WUU\x01 a file system",
					  good[] = "\x1b*b2WUU\x1b*rC\x1b" "E\r\n" UEL;
	expect_unpacked(&pcl_raster_format, span_of(ended, sizeof ended - 1), "UU", 2, ERR_CORRUPT);
	expect_unpacked(&pcl_raster_format, span_of(broken, sizeof broken - 1), "UU", 2, ERR_CORRUPT);
	expect_unpacked(&pcl_raster_format, span_of(good, sizeof good - 1), "UU", 2, ERR_NONE);
}

/* An offset beyond 31 and one beyond 255: 31 + 255 + 128, as the manual has it. */
static void test_pcl_offset(void **state)
{
	(void)state;
	static const uint8_t in[] = "\x1b*b3m4W\x1f\xff\x80\x11";
	uint8_t expected[415] = { 0 };
	expected[414] = 0x11;
	expect_unpacked(&pcl_raster_format, span_of(in, sizeof in - 1), expected, sizeof expected, ERR_NONE);
}

static void test_dlm(void **state)
{
	(void)state;
	struct image im = image_new();
	put_string(&im, "%%XRXbegin\n%%OID_ATT_JOB_TYPE OID_VAL_JOB_TYPE_DYNAMIC_LOADABLE_MODULE\n%%OID_ATT_DLM_NAME \"xerox\"\n"
					"%%OID_ATT_DLM_VERSION \"NO_DLM_VERSION_CHECK\"\n%%OID_ATT_DLM_SIGNATURE \"8ba0\"\n%%XRXend\n");
	size_t at = im.n;
	put_payload(&im, 5, 3000);
	struct walked t;
	image_open(&t, &xerox_dlm_format, image_span(&im), im.n);
	assert_field(&t, "name", "xerox");
	assert_field(&t, "version", "NO_DLM_VERSION_CHECK");
	assert_field(&t, "signature", "8ba0");
	assert_content(&t, "module", im.p + at, 3000);
	walked_close(&t);
	survives_all(&xerox_dlm_format, &im, at);
	memcpy(im.p + 11, "'\n", 2); /* a script that writes one */
	walked_open(&t, &xerox_dlm_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	image_free(&im);
}

static void put_base64(struct image *im, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
		for (unsigned k = 0; k < 4; k++) {
			char c = i + k > n ? '=' : digits[v >> (18 - 6 * k) & 63];
			put(im, &c, 1);
		}
		if (i % 57 == 54)
			put(im, "\n", 1);
	}
}

static void test_dsk(void **state)
{
	(void)state;
	for (size_t n = 1000; n < 1003; n++) {
		struct image im = image_new(), plain = image_new();
		put_payload(&plain, 6, n);
		put(&im, "\x1b" "DSK1.0\0\0\0x\0", 12);
		put_fill(&im, 0, 12);
		put_base64(&im, plain.p, n);
		set_le(&im, 12, im.n - 24, 4);
		struct format_match m = { .size = SIZE_UNKNOWN };
		assert_true(xerox_dsk_format.probe(image_span(&im), &m));
		assert_int_equal(m.size, im.n);
		expect_unpacked(&xerox_dsk_format, image_span(&im), plain.p, n, ERR_NONE);
		survives_all(&xerox_dsk_format, &im, 64);
		uint8_t was = im.p[24 + 400]; /* an end that is none */
		im.p[24 + 400] = '=';
		struct buf early = buf_with_limit(1 << 20);
		size_t read;
		assert_int_equal(xerox_dsk_format.unpack(image_span(&im), &early, &read).code, ERR_CORRUPT);
		assert_true(early.n > 250 && read < 24 + 410);
		buf_free(&early);
		im.p[24 + 400] = was;
		im.n -= 401;
		struct buf out = buf_with_limit(1 << 20);
		size_t used;
		struct error e = xerox_dsk_format.unpack(image_span(&im), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		assert_memory_equal(out.p, plain.p, out.n);
		assert_true(out.n > 600);
		buf_free(&out);
		image_free(&plain);
		image_free(&im);
	}
}

/* Python encodes; what it is given is read from a file. */
static void python_encode(const char *expression, const struct image *plain, struct image *out)
{
	char dir[TEMP_MAX], command[300];
	temp_new(dir);
	file_save(dir, "in", image_span(plain));
	snprintf(command, sizeof command, "python3 -c 'import base64,zlib; d=open(\"in\",\"rb\").read(); open(\"out\",\"wb\").write(%s)'", expression);
	run_in(dir, command);
	struct span made = file_load(dir, "out");
	temp_remove(dir);
	put(out, made.p, made.n);
	free((void *)made.p);
}

static void test_ascii85(void **state)
{
	(void)state;
	for (size_t n = 200; n < 205; n++) {
		struct image im = image_new(), plain = image_new();
		put_payload(&plain, 7, n);
		memset(plain.p + 40, 0, 20);
		python_encode("base64.a85encode(d, adobe=True, wrapcol=60)", &plain, &im);
		struct format_match m = { .size = SIZE_UNKNOWN };
		assert_true(ascii85_format.probe_whole(image_span(&im), &m));
		expect_unpacked(&ascii85_format, image_span(&im), plain.p, n, ERR_NONE);
		survives_flips(&ascii85_format, image_span(&im), 300, 0);
		im.p[50] = '{';
		assert_false(ascii85_format.probe_whole(image_span(&im), &m));
		image_free(&plain);
		image_free(&im);
	}
}

/* An end mark behind what the probe looks at. */
static void test_ascii85_ends_early(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	put_payload(&plain, 7, 6000);
	python_encode("base64.a85encode(d, adobe=True, wrapcol=60)", &plain, &im);
	memcpy(im.p + 5000, "~>\n", 3);
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_true(ascii85_format.probe_whole(image_span(&im), &m));
	struct buf out = buf_with_limit(1 << 20);
	size_t used = 0;
	assert_int_equal(ascii85_format.unpack(image_span(&im), &out, &used).code, ERR_CORRUPT);
	assert_int_equal(used, 5002);
	assert_true(out.n > 3900);
	buf_free(&out);
	image_free(&plain);
	image_free(&im);
}

static void test_postscript(void **state)
{
	(void)state;
	struct image im = image_new(), a = image_new(), b = image_new();
	put_payload(&a, 8, 3000);
	put_payload(&b, 9, 2000);
	put_string(&im, "%!PS-Adobe-3.0\n%%Title: Phaser update\n%%TargetDevice: Phaser 8860\n%%EndComments\n/x 1 def\n"
					"currentfile /ASCII85Decode filter cvx exec\n");
	python_encode("base64.a85encode(d, wrapcol=70)+b\"~>\"", &a, &im);
	put_string(&im, "\ncurrentfile /ASCII85Decode filter /FlateDecode filter exec\n");
	python_encode("base64.a85encode(zlib.compress(d), wrapcol=70)+b\"~>\"", &b, &im);
	put_string(&im, "\ncurrentfile /ASCII85Decode filter /LZWDecode filter exec\n");
	python_encode("base64.a85encode(d[:99], wrapcol=70)+b\"~>\"", &b, &im);
	put_string(&im, "\n(currentfile /ASCII85Decode filter {is said} ) print\n%%EOF\n");
	struct walked t;
	image_open(&t, &postscript_format, image_span(&im), im.n);
	assert_int_equal(t.n, 3);
	assert_string_equal(walked_header(&t, "TargetDevice"), "Phaser 8860");
	assert_content(&t, "stream-1", a.p, a.n);
	assert_content(&t, "stream-2", b.p, b.n);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	survives_cuts(&postscript_format, image_span(&im), 100);
	survives_flips(&postscript_format, image_span(&im), 200, 0);
	memcpy(im.p + 39, "Creator: Release 3\n%", 20); /* not for a device */
	walked_open(&t, &postscript_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	memcpy(im.p + 39, "Document", 8);
	walked_open(&t, &postscript_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	image_free(&b);
	image_free(&a);
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pjl_files),  cmocka_unit_test(test_pjl_upgrade), cmocka_unit_test(test_pjl_acl),
		cmocka_unit_test(test_arm2hpdl), cmocka_unit_test(test_pjl_manifest),
		cmocka_unit_test(test_pjl_fwupdate2), cmocka_unit_test(test_pjl_fwupdate2_behind), cmocka_unit_test(test_pjl_fwupdate2_parts),
		cmocka_unit_test(test_pcl_raster), cmocka_unit_test(test_pcl_offset),  cmocka_unit_test(test_dlm),     cmocka_unit_test(test_dsk),
		cmocka_unit_test(test_pjl_claims_no_more), cmocka_unit_test(test_pcl_rest), cmocka_unit_test(test_ascii85_ends_early),
		cmocka_unit_test(test_ascii85),    cmocka_unit_test(test_postscript),
	};
	return cmocka_run_group_tests_name("printers", tests, NULL, NULL);
}
