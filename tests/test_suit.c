/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SUIT envelopes: the test vectors of suit-wg and libcsuit and what was derived from them, beside the list of what each
 * holds; and the CBOR reader by the examples of RFC 8949. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/cbor.h"
#include "update_writer.h"
#include "walked.h"

extern const struct format suit_format;

enum {
	FILE_NAME,
	EXPECTED = 6,
	SEQUENCE = 11,
	COMPONENTS,
	VENDOR,
	CLASS,
	DIGESTS,
	SIZES,
	URIS,
	SEVERED,
	PAYLOADS,
	COLUMNS = 21
};

/* How many header fields there are of that name, the value being one of the list (NULL: any). */
static size_t count(const struct walked *t, const char *name, const char *list)
{
	size_t n = 0;
	const struct fact_header *h;
	for (size_t i = 0; (h = fact_list_get(&t->facts, FACT_header, i)); i++)
		n += text_is(h->name, name) && (!list || strstr(list, h->value.p));
	return n;
}

/* Each of the comma-separated values occurs as that field. */
static void expect_all(const struct walked *t, const char *name, const char *list)
{
	char copy[4096], *save = NULL;
	snprintf(copy, sizeof copy, "%s", strcmp(list, "-") == 0 ? "" : list);
	for (char *v = strtok_r(copy, ",", &save); v; v = strtok_r(NULL, ",", &save)) {
		bool found = false;
		const struct fact_header *h;
		for (size_t i = 0; (h = fact_list_get(&t->facts, FACT_header, i)); i++)
			found |= text_is(h->name, name) && text_is(h->value, v);
		if (!found)
			fail_msg("no %s %s", name, v);
	}
	assert_int_equal(count(t, name, list), count(t, name, NULL));
}

/* [["00"],["02"]]: the identifiers' segments in hex. */
static void expect_components(const struct walked *t, const char *list)
{
	char flat[1024];
	size_t n = 0;
	for (const char *p = list; *p && n + 1 < sizeof flat; p++) {
		if (strncmp(p, "],[", 3) == 0) {
			flat[n++] = ',';
			p += 2;
		} else if (*p == ',') {
			flat[n++] = '/';
		} else if (!strchr("[]\"", *p)) {
			flat[n++] = *p;
		}
	}
	flat[n] = 0;
	expect_all(t, "component", flat);
}

static struct span load_vector(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "../suit/%s", name);
	return sample_load(path);
}

static void expect_valid(const struct walked *t, struct span bytes, char *const column[COLUMNS])
{
	assert_true(t->accepted);
	assert_int_equal(t->match.size, bytes.n);
	assert_string_equal(walked_header(t, "manifest digest"), "ok");
	assert_string_equal(walked_header(t, "manifest-sequence-number"), column[SEQUENCE]);
	assert_int_equal(walked_damage(t, "corrupt"), 0);
	assert_int_equal(count(t, "authentication", "none") > 0, strcmp(column[EXPECTED], "unsigned") == 0);
	expect_components(t, column[COMPONENTS]);
	expect_all(t, "vendor-identifier", column[VENDOR]);
	expect_all(t, "class-identifier", column[CLASS]);
	expect_all(t, "image-digest", column[DIGESTS]);
	expect_all(t, "image-size", column[SIZES]);
	expect_all(t, "uri", column[URIS]);
}

/* Rows of the list, each with its file; gives how many are valid. */
static unsigned check_row(char *line)
{
	char *column[COLUMNS] = { NULL };
	for (unsigned i = 0; i < COLUMNS && line; i++)
		column[i] = strsep(&line, "\t");
	if (!column[PAYLOADS] || strcmp(column[FILE_NAME], "file") == 0)
		return 0;
	struct span bytes = load_vector(column[FILE_NAME]);
	assert_non_null(bytes.p);
	bool valid = strcmp(column[EXPECTED], "valid") == 0 || strcmp(column[EXPECTED], "unsigned") == 0;
	struct walked t;
	walked_open(&t, &suit_format, bytes);
	if (valid)
		expect_valid(&t, bytes, column);
	walked_close(&t);
	survives_cuts(&suit_format, bytes, bytes.n < 60 ? (unsigned)bytes.n : 60);
	if (bytes.n)
		survives_flips(&suit_format, bytes, 100, 0);
	free((void *)bytes.p);
	return valid;
}

static void test_vectors(void **state)
{
	(void)state;
	struct span list = load_vector("MANIFEST.tsv");
	if (!list.p)
		skip();
	char *all = strndup((const char *)list.p, list.n), *rest = all, *line;
	unsigned valid = 0;
	while ((line = strsep(&rest, "\n")))
		valid += check_row(line);
	assert_in_range(valid, 33, 1000);
	free(all);
	free((void *)list.p);
}

static void expect_vector(const char *name, const char *field, const char *value, const char *damage)
{
	struct span bytes = load_vector(name);
	struct walked t;
	if (!bytes.p)
		skip();
	walked_open(&t, &suit_format, bytes);
	assert_true(t.accepted);
	if (field)
		assert_string_equal(walked_header(&t, field), value);
	if (damage)
		assert_true(walked_damage(&t, damage) > 0);
	walked_close(&t);
	free((void *)bytes.p);
}

static void test_bad_vectors(void **state)
{
	(void)state;
	expect_vector("derived-digest-alg-swapped-suitwg_ex0_1.suit", "manifest digest", "mismatch", "corrupt");
	expect_vector("derived-digest-without-bstr-header-suitwg_ex0_1.suit", "manifest digest", "mismatch", "corrupt");
	expect_vector("derived-severed-23-altered-suitwg_ex2_2.suit", "text digest", "mismatch", "corrupt");
	expect_vector("derived-severed-20-altered-suitwg_ex2_2.suit", "install digest", "mismatch", "corrupt");
	expect_vector("derived-seq-raised-digest-stale-suitwg_ex0_1.suit", "manifest digest", "mismatch", "corrupt");
	expect_vector("derived-auth-stripped-suitwg_ex0_1.suit", "authentication", "none", NULL);
	expect_vector("derived-alg-unprotected-suitwg_ex0_1.suit", "authentication",
				  "COSE_Sign1, no algorithm that is protected", NULL);
	expect_vector("derived-deep-try-each-suitwg_ex0_1.suit", NULL, NULL, "budget");
	expect_vector("derived-empty-wrapper-suitwg_ex0_1.suit", NULL, NULL, "corrupt");
	expect_vector("libcsuit-expEW.suit", NULL, NULL, "encrypted");
}

static void test_children(void **state)
{
	(void)state;
	struct span bytes = load_vector("suitwg-ex2-2.suit"), integrated = load_vector("libcsuit-expI.suit");
	if (!bytes.p || !integrated.p)
		skip();
	struct walked t;
	walked_open(&t, &suit_format, bytes);
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_get(&t, "install")->content.n + walked_get(&t, "text")->content.n, 60 + 523);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	walked_open(&t, &suit_format, integrated);
	assert_content(&t, "#tc", "Hello, Secure World!", 20);
	walked_close(&t);
	free((void *)bytes.p);
	free((void *)integrated.p);
}

/* {1: 1, 2: 7, 3: h'a0'}, in a byte string. */
#define MANIFEST "\x48\xa3\1\1\2\7\3\x41\xa0"
/* What there is of "payload digest": SHA-256 of "abc" (FIPS 180-2, appendix B.1). */
#define SHA256_ABC                                                                                                     \
	"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61" \
	"\xf2\x00\x15\xad"

/* draft-ietf-suit-manifest, section 8.2: the wrapper must be there, and each key is there once. */
static void test_lacking(void **state)
{
	(void)state;
	static const char bare[] = "\xd8\x6b\xa1\3" MANIFEST, untagged[] = "\xa2\3" MANIFEST "\4\x40";
	static const char twice[] = "\xd8\x6b\xa3\2\x46\x81\x44\x82\x2f\x41\0\3" MANIFEST "\3" MANIFEST;
	struct walked t;
	walked_open(&t, &suit_format, span_of(bare, sizeof bare - 1));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "manifest-sequence-number"), "7");
	const struct fact_signature *row = fact_list_get(&t.facts, FACT_signature, 0);
	assert_non_null(row);
	assert_true(text_is(row->scheme, "cose") && text_is(row->state, "absent"));
	walked_close(&t);
	walked_open(&t, &suit_format, span_of(untagged, sizeof untagged - 1));
	assert_false(t.accepted);
	walked_close(&t);
	walked_open(&t, &suit_format, span_of(twice, sizeof twice - 1));
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
	survives_cuts(&suit_format, span_of(bare, sizeof bare - 1), sizeof bare - 1);
	survives_flips(&suit_format, span_of(bare, sizeof bare - 1), 100, 0);
}

/* A payload in the envelope is bound by its digest in the manifest, or by nothing. */
static void test_payload_digest(void **state)
{
	(void)state;
	/* common: shared sequence: override parameters: image digest [-16, ...] */
	static const char bound[] = "\xd8\x6b\xa2\x03\x58\x36\xa3\x01\x01\x02\x07\x03\x58\x2e"
								"\xa1\x04\x58\x2a\x82\x14\xa1\x03\x58\x24\x82\x2f\x58\x20" SHA256_ABC "\x63#fw\x43"
								"abc";
	static const char loose[] = "\xd8\x6b\xa2\3" MANIFEST "\x63#fw\x43"
								"abc";
	struct walked t;
	walked_open(&t, &suit_format, span_of(bound, sizeof bound - 1));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "payload digest"), "ok");
	walked_close(&t);
	walked_open(&t, &suit_format, span_of(loose, sizeof loose - 1));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "payload digest"), "not in the manifest");
	walked_close(&t);
}

/* A digest that stands elsewhere in the envelope, here as another payload, is no one that is signed. */
static void test_digest_elsewhere(void **state)
{
	(void)state;
	static const char elsewhere[] = "\xd8\x6b\xa3\3" MANIFEST "\x63#fw\x43"
									"abc"
									"\x62#x\x58\x20" SHA256_ABC;
	struct walked t;
	walked_open(&t, &suit_format, span_of(elsewhere, sizeof elsewhere - 1));
	assert_true(t.accepted);
	assert_int_equal(count(&t, "payload digest", "not in the manifest"), 2);
	assert_int_equal(count(&t, "payload digest", NULL), 2);
	walked_close(&t);
}

/* Commands that the manifest has no digest of are not its own, whatever they say. */
static void test_foreign_commands(void **state)
{
	(void)state;
	/* install: override parameters: vendor, class and image digest */
	static const char foreign[] = "\xd8\x6b\xa2\3" MANIFEST "\x14\x58\x30\x82\x14\xa3\1\x41V\2\x41"
								  "C\x03\x58\x24\x82\x2f\x58\x20" SHA256_ABC;
	struct walked t;
	walked_open(&t, &suit_format, span_of(foreign, sizeof foreign - 1));
	assert_true(t.accepted);
	assert_non_null(walked_get(&t, "install"));
	assert_int_equal(count(&t, "image-digest", NULL) + count(&t, "vendor-identifier", NULL) +
						 count(&t, "class-identifier", NULL),
					 0);
	assert_true(walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
}

/* Common with two components [h'00'] and [h'01'], a shared sequence, and one for validation. */
static void expect_unbound(const char *shared, size_t shared_n, const char *validate, size_t validate_n,
						   const char *unbound)
{
	uint8_t common[256], manifest[512], envelope[600];
	struct walked t;
	size_t n = 0, m = 0, e = 0;
	memcpy(common, "\xa2\2\x82\x81\x41\0\x81\x41\1\4\x58", 11);
	n = 11;
	common[n++] = (uint8_t)shared_n;
	memcpy(common + n, shared, shared_n);
	n += shared_n;
	memcpy(manifest, "\xa4\1\1\2\7\3\x58", 7);
	m = 7;
	manifest[m++] = (uint8_t)n;
	memcpy(manifest + m, common, n);
	m += n;
	manifest[m++] = 7;
	manifest[m++] = 0x58;
	manifest[m++] = (uint8_t)validate_n;
	memcpy(manifest + m, validate, validate_n);
	m += validate_n;
	memcpy(envelope, "\xd8\x6b\xa1\3\x58", 5);
	e = 5;
	envelope[e++] = (uint8_t)m;
	memcpy(envelope + e, manifest, m);
	walked_open(&t, &suit_format, span_of(envelope, e + m));
	assert_true(t.accepted);
	assert_int_equal(count(&t, "component", NULL), 2);
	if (unbound)
		assert_string_equal(walked_header(&t, "unbound components"), unbound);
	else
		assert_int_equal(count(&t, "unbound components", NULL), 0);
	walked_close(&t);
}

#define DIGEST_OF_ABC "\x14\xa1\3\x58\x24\x82\x2f\x58\x20" SHA256_ABC
#define BOUND(shared, validate, n) expect_unbound(shared, sizeof shared - 1, validate, sizeof validate - 1, n)

/* Sections 8.4.9 and 8.4.10 of the draft: parameters and conditions are of the current component, which is the first one at first. */
static void test_unbound(void **state)
{
	(void)state;
	BOUND("\x84\x0c\xf5" DIGEST_OF_ABC, "\x84\x0c\xf5\3\x0f", NULL);
	BOUND("\x84\x0c\x82\0\1" DIGEST_OF_ABC, "\x84\x0c\x82\0\1\3\x0f", NULL);
	BOUND("\x86" DIGEST_OF_ABC "\x0c\1" DIGEST_OF_ABC, "\x86\3\x0f\x0c\1\3\x0f", NULL);
	BOUND("\x84" DIGEST_OF_ABC DIGEST_OF_ABC, "\x84\x0c\xf5\3\x0f", "1"); /* twice of the same */
	BOUND("\x84\x0c\1" DIGEST_OF_ABC, "\x82\3\x0f", "2"); /* the second has one, the first is compared */
	BOUND("\x84\x0c\xf5" DIGEST_OF_ABC, "\x80", "2");     /* nothing compares them */
	BOUND("\x80", "\x84\x0c\xf5\3\x0f", "2");
	BOUND("\x84\x0c\xf5\x14\xa1\x12\x41x", "\x80", NULL); /* their content is signed */
}

/* RFC 8949, appendix A. */
static void test_cbor(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		enum cbor_type type;
		uint64_t value;
	} good[] = {
		{ "\x00", 1, CBOR_UINT, 0 },
		{ "\x17", 1, CBOR_UINT, 23 },
		{ "\x18\x64", 2, CBOR_UINT, 100 },
		{ "\x1a\x00\x0f\x42\x40", 5, CBOR_UINT, 1000000 },
		{ "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", 9, CBOR_UINT, UINT64_MAX },
		{ "\x39\x03\xe7", 3, CBOR_NEGATIVE, 999 },
		{ "\x44\1\2\3\4", 5, CBOR_BYTES, 4 },
		{ "\x64IETF", 5, CBOR_TEXT, 4 },
		{ "\x82\1\x82\2\3", 5, CBOR_ARRAY, 2 },
		{ "\xa1\x61\x61\1", 4, CBOR_MAP, 1 },
		{ "\xc1\x1a\x51\x4b\x67\xb0", 6, CBOR_TAG, 1 },
		{ "\xf5", 1, CBOR_SIMPLE, 21 },
	};
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "", 0 },
		{ "\x18", 1 },
		{ "\x44\1\2\3", 4 },
		{ "\x82\1", 2 },
		{ "\xa1\1", 2 },
		{ "\x5f\x41\1\xff", 4 },
		{ "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
		{ "\xbb\x80\0\0\0\0\0\0\0\1\1", 11 },
		{ "\xc1", 1 },
		{ "\x1c", 1 },
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct reader r = reader_be(span_of(good[i].bytes, good[i].n)), whole = r;
		struct cbor item;
		struct span encoded;
		assert_true(cbor_next(&r, &item));
		assert_int_equal(item.type, good[i].type);
		assert_true(item.value == good[i].value);
		assert_true(cbor_skip(&whole, &encoded));
		assert_int_equal(encoded.n, good[i].n);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct reader r = reader_be(span_of(bad[i].bytes, bad[i].n));
		assert_false(cbor_skip(&r, NULL));
	}
}

static void test_noise(void **state)
{
	(void)state;
	assert_no_noise(&suit_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),          cmocka_unit_test(test_bad_vectors),
		cmocka_unit_test(test_children),         cmocka_unit_test(test_cbor),
		cmocka_unit_test(test_lacking),          cmocka_unit_test(test_payload_digest),
		cmocka_unit_test(test_digest_elsewhere), cmocka_unit_test(test_foreign_commands),
		cmocka_unit_test(test_unbound),          cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("suit", tests, NULL, NULL);
}
