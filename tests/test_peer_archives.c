/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm, xar, arj by their tools; lha written here, with members as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format rpm_format, xar_format, arj_format, lha_format;

/* A package whose signature does not tell its size, as those of RPM 6: the payload's digest is checked all the same, and one that is
 * not there is missed. */
static void check_rpm_without_size(struct span package)
{
	uint8_t *copy = malloc(package.n);
	assert_non_null(copy);
	memcpy(copy, package.p, package.n);
	uint32_t entries = span_u32be(package, 96 + 8);
	for (uint32_t i = 0; i < entries; i++)
		if (span_u32be(package, 112 + (uint64_t)i * 16) == 1000)
			copy[112 + i * 16 + 3] ^= 0xff;
	struct walked t;
	walked_open(&t, &rpm_format, span_of(copy, package.n));
	assert_string_equal(walked_header(&t, "payload sha256"), "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	size_t payload = (size_t)t.entries[0].e.offset;
	walked_close(&t);
	walked_open(&t, &rpm_format, span_of(copy, payload));
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);

	/* RPM 6 tells the size of the payload in the header; here in place of that of the files. */
	size_t header = 112 + (size_t)entries * 16 + span_u32be(package, 96 + 12), index, tags;
	header = (header + 7) / 8 * 8;
	index = header + 16;
	tags = span_u32be(package, header + 8);
	uint8_t *store = copy + index + tags * 16;
	for (size_t i = 0; i < tags; i++)
		if (span_u32be(package, index + i * 16) == 1009) {
			memcpy(copy + index + i * 16, "\0\0\x13\xf8", 4);
			uint8_t *size = store + span_u32be(package, index + i * 16 + 8);
			for (int k = 0; k < 4; k++)
				size[k] = (uint8_t)((package.n - payload) >> (24 - 8 * k));
		}
	struct format_match m;
	assert_true(rpm_format.probe(span_of(copy, package.n), &m));
	assert_int_equal(m.size, package.n);
	copy[package.n - 10] ^= 1;
	walked_open(&t, &rpm_format, span_of(copy, package.n));
	assert_string_equal(walked_header(&t, "payload sha256"), "mismatch");
	walked_close(&t);
	assert_true(rpm_format.probe(span_of(copy, package.n - 100), &m)); /* and is missed */
	assert_int_equal(m.size, package.n);
	free(copy);
}

static void test_rpm(void **state)
{
	(void)state;
	static const char *const compressors[] = { "w9.gzdio", "w6.xzdio", "w3.zstdio", "w9.bzdio", "w6.lzdio", "w.ufdio" };
	static const char *const formats[] = { "gzip", "xz", "zstd", "bzip2", "lzma", "" };
	if (!tool_exists("rpmbuild"))
		skip();
	for (size_t i = 0; i < sizeof compressors / sizeof compressors[0]; i++) {
		char dir[TEMP_MAX], command[1024];
		temp_new(dir);
		snprintf(
			command, sizeof command,
			"printf 'Name: ours\\nVersion: 1.2\\nRelease: 3\\nSummary: s\\nLicense: MIT\\nBuildArch: noarch\\n%%%%description\\nd\\n"
			"%%%%install\\nmkdir -p %%%%{buildroot}/etc; seq 1000 > %%%%{buildroot}/etc/conf\\n%%%%files\\n/etc/conf\\n' > s.spec && "
			"rpmbuild -bb --define '_topdir '$PWD/t --define '_binary_payload %s' s.spec 2>&1 && cp t/RPMS/noarch/*.rpm p.rpm",
			compressors[i]);
		run_in(dir, command);
		struct span package = file_load(dir, "p.rpm");
		struct walked t;
		walked_open(&t, &rpm_format, package);
		assert_int_equal(t.match.size, package.n);
		assert_string_equal(walked_header(&t, "name"), "ours");
		assert_string_equal(walked_header(&t, "version"), "1.2");
		assert_string_equal(walked_header(&t, "release"), "3");
		assert_string_equal(walked_header(&t, "arch"), "noarch");
		assert_string_equal(walked_header(&t, "header sha256"), "ok");
		assert_string_equal(walked_header(&t, "payload sha256"), "ok");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 1);
		struct span payload = t.entries[0].content;
		struct format_match m;
		const struct format *inside = format_identify(payload, t.entries[0].e.format, &m);
		assert_non_null(inside);
		assert_string_equal(inside->name, *formats[i] ? formats[i] : "cpio");
		walked_close(&t);
		if (i == 0)
			check_rpm_without_size(package);
		((uint8_t *)package.p)[package.n - 10] ^= 1;
		walked_open(&t, &rpm_format, package);
		assert_string_equal(walked_header(&t, "payload sha256"), "mismatch");
		walked_close(&t);
		survives_cuts(&rpm_format, package, 100);
		survives_flips(&rpm_format, package, 500, 2000);
		free((void *)package.p);
		temp_remove(dir);
	}
}

static void test_xar(void **state)
{
	(void)state;
	if (!tool_exists("bsdtar"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(
		dir,
		"mkdir -p t/d && seq 10000 > t/d/a && printf b > t/b && ln -s b t/l && bsdtar -C t --format xar -cf a.xar .");
	struct span archive = file_load(dir, "a.xar"), a = file_load(dir, "t/d/a");
	struct walked t;
	walked_open(&t, &xar_format, archive);
	assert_true(t.accepted);
	assert_content(&t, "/d/a", a.p, a.n);
	assert_content(&t, "/b", "b", 1);
	assert_true(text_is(walked_get(&t, "/l")->e.link_target, "b"));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_in_range(t.walk.end, archive.n - 20, archive.n); /* bsdtar writes as many bytes as a SHA-1 behind the heap */
	walked_close(&t);
	survives_cuts(&xar_format, archive, 50);
	survives_flips(&xar_format, archive, 200, 0);
	free((void *)archive.p);
	free((void *)a.p);
	temp_remove(dir);
}

static void test_arj(void **state)
{
	(void)state;
	if (!tool_exists("arj"))
		skip();
	static const char *const inputs[] = {
		"seq 30000", "yes | head -c 100000", "head -c 40000 /dev/urandom", "head -c 200000 /bin/sh", "printf b", ":"
	};
	for (size_t i = 0; i < 5 * sizeof inputs / sizeof inputs[0]; i++) {
		char dir[TEMP_MAX], command[256];
		temp_new(dir);
		snprintf(command, sizeof command,
				 "mkdir -p t/d && %s > t/d/a && printf b > t/b && cd t && arj a -r -m%zu ../a.arj . 2>&1",
				 inputs[i / 5], i % 5);
		run_in(dir, command);
		struct span archive = file_load(dir, "a.arj"), a = file_load(dir, "t/d/a");
		struct walked t;
		walked_open(&t, &arj_format, archive);
		assert_int_equal(t.match.size, archive.n);
		assert_content(&t, "/d/a", a.p, a.n);
		assert_content(&t, "/b", "b", 1);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&arj_format, archive, 20);
		survives_flips(&arj_format, archive, 100, 0);
		free((void *)archive.p);
		free((void *)a.p);
		temp_remove(dir);
	}
}

static uint16_t crc16(const uint8_t *p, size_t n)
{
	uint16_t crc = 0;
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0xa001 : 0));
	}
	return crc;
}

/* A stored member of level 0, 1 or 2, after header.doc. */
static size_t add_member(uint8_t *p, unsigned level, const char *name, const char *data)
{
	size_t n = strlen(data), k = strlen(name), at;
	memcpy(p + 2, "-lh0-", 5);
	put(p + 7, n, 4);
	put(p + 11, n, 4);
	p[19] = 0x20;
	p[20] = (uint8_t)level;
	if (level == 2) {
		put(p + 15, 1000000000, 4);
		put(p + 21, crc16((const uint8_t *)data, n), 2);
		p[23] = 'U';
		put(p + 24, 5, 2); /* a header with the CRC of all headers */
		put(p + 29, 3 + k, 2);
		p[31] = 1; /* the name */
		memcpy(p + 32, name, k);
		at = 32 + k + 2;
		put(p, at, 2);
		put(p + 27, crc16(p, at), 2);
	} else {
		p[21] = (uint8_t)k;
		memcpy(p + 22, name, k);
		put(p + 22 + k, crc16((const uint8_t *)data, n), 2);
		at = 24 + k;
		if (level == 1) {
			p[at++] = 'U';
			put(p + at, 0, 2);
			at += 2;
		}
		p[0] = (uint8_t)(at - 2);
		p[1] = 0;
		for (size_t i = 2; i < at; i++)
			p[1] = (uint8_t)(p[1] + p[i]);
	}
	memcpy(p + at, data, n);
	return at + n;
}

static void test_lha(void **state)
{
	(void)state;
	for (unsigned level = 0; level <= 2; level++) {
		uint8_t archive[512] = { 0 };
		size_t n = add_member(archive, level, "a.txt", "hello");
		n += add_member(archive + n, level, "b", "the second member");
		n++;
		struct walked t;
		walked_open(&t, &lha_format, span_of(archive, sizeof archive));
		assert_int_equal(t.match.size, n);
		walked_close(&t);
		walked_open(&t, &lha_format, span_of(archive, n));
		assert_content(&t, "/a.txt", "hello", 5);
		assert_content(&t, "/b", "the second member", 17);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&lha_format, span_of(archive, n), 150);
		survives_flips(&lha_format, span_of(archive, n), 1000, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpm),
		cmocka_unit_test(test_xar),
		cmocka_unit_test(test_arj),
		cmocka_unit_test(test_lha),
	};
	return cmocka_run_group_tests_name("peer_archives", tests, NULL, NULL);
}
