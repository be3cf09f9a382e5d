/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple Archive, the packed blocks that it comes in, and signed or encrypted archives: written here after their descriptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/sha.h>
#include <zlib.h>

#include "base/buf.h"
#include "lzfse_writer.h"
#include "seed.h"
#include "walked.h"

extern const struct format apple_archive_format, apple_pbz_format, aea_format;

static uint8_t room[1 << 19], text[200000];

static void put_int(uint8_t *p, uint64_t v, unsigned n, bool big)
{
	for (unsigned i = 0; i < n; i++)
		p[big ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

static void make_text(void)
{
	for (size_t at = 0; at + 16 < sizeof text; at += 11)
		snprintf((char *)text + at, 16, "word %05zu ", at * at % 977);
}

/* A header that grows field by field. */
struct maker {
	size_t at, header, blobs;
	uint8_t blob[100000];
};

static void begin(struct maker *m, const char *magic, char type)
{
	memcpy(room + m->at, magic, 4);
	m->header = 6;
	m->blobs = 0;
	memcpy(room + m->at + 6, "TYP1", 4);
	room[m->at + 10] = (uint8_t)type;
	m->header += 5;
}

static void field(struct maker *m, const char *key, const void *value, size_t n)
{
	memcpy(room + m->at + m->header, key, 4);
	memcpy(room + m->at + m->header + 4, value, n);
	m->header += 4 + n;
}

static void number(struct maker *m, const char *key, uint64_t v, unsigned n)
{
	uint8_t raw[8];
	put_int(raw, v, n, false);
	field(m, key, raw, n);
}

static void string(struct maker *m, const char *key, const char *s)
{
	uint8_t raw[300];
	size_t n = strlen(s);
	put_int(raw, n, 2, false);
	memcpy(raw + 2, s, n);
	field(m, key, raw, n + 2);
}

static void blob(struct maker *m, const char *key, const void *bytes, size_t n, unsigned width)
{
	number(m, key, n, width);
	memcpy(m->blob + m->blobs, bytes, n);
	m->blobs += n;
}

static void end(struct maker *m)
{
	put_int(room + m->at + 4, m->header, 2, false);
	memcpy(room + m->at + m->header, m->blob, m->blobs);
	m->at += m->header + m->blobs;
}

static size_t make_archive(const char *magic)
{
	static struct maker m;
	uint8_t sha256[32], sha1[20], time[12] = { 0 };
	m.at = 0;
	begin(&m, magic, 'D');
	string(&m, "PATP", "");
	end(&m);
	begin(&m, magic, 'D');
	string(&m, "PATP", "etc");
	number(&m, "MOD2", 01777, 2);
	end(&m);
	begin(&m, magic, 'F');
	string(&m, "PATP", "etc/small");
	number(&m, "UID1", 7, 1);
	number(&m, "GID2", 500, 2);
	number(&m, "MOD2", 04755, 2);
	put_int(time, 4000000000, 8, false);
	field(&m, "MTMT", time, 12);
	blob(&m, "XATA", "attributes", 10, 2);
	blob(&m, "DATA", "hello\n", 6, 2);
	field(&m, "SH1G", SHA1((const uint8_t *)"hello\n", 6, sha1), 20);
	field(&m, "UNKF", "\1\2\3\4", 4);
	number(&m, "YOP*", 0, 0);
	end(&m);
	begin(&m, magic, 'F');
	string(&m, "PATP", "large");
	blob(&m, "DATB", text, 70000, 4);
	field(&m, "SH2H", SHA256(text, 70000, sha256), 32);
	end(&m);
	begin(&m, magic, 'L');
	string(&m, "PATP", "link");
	string(&m, "LNKP", "etc/small");
	end(&m);
	begin(&m, magic, 'F');
	string(&m, "PATP", "empty");
	end(&m);
	return m.at;
}

static void expect_archive(const struct walked *t)
{
	assert_true(t->accepted && !error_is(&t->error));
	assert_int_equal(t->n, 5);
	assert_int_equal(walked_get(t, "/etc")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(t, "/etc")->e.mode, 01777);
	assert_content(t, "/etc/small", "hello\n", 6);
	assert_int_equal(walked_get(t, "/etc/small")->e.uid, 7);
	assert_int_equal(walked_get(t, "/etc/small")->e.gid, 500);
	assert_int_equal(walked_get(t, "/etc/small")->e.mode, 04755);
	assert_int_equal(walked_get(t, "/etc/small")->e.mtime, 4000000000);
	assert_content(t, "/large", text, 70000);
	assert_true(text_is(walked_get(t, "/link")->e.link_target, "etc/small"));
	assert_int_equal(walked_get(t, "/empty")->e.size, 0);
}

static void test_archive(void **state)
{
	(void)state;
	static const char *const magics[] = { "AA01", "YAA1" };
	struct walked t;
	for (unsigned i = 0; i < 2; i++) {
		size_t n = make_archive(magics[i]);
		memset(room + n, 0xff, 64);
		walked_open(&t, &apple_archive_format, span_of(room, n + 64));
		assert_int_equal(t.match.size, n);
		walked_close(&t);
		walked_open(&t, &apple_archive_format, span_of(room, n));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		expect_archive(&t);
		walked_close(&t);
	}
	size_t n = make_archive("AA01");
	walked_open(&t, &apple_archive_format, span_of(room, 40000));
	assert_true(t.match.size > 40000);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(t.n, 3);
	walked_close(&t);
	room[n / 2] ^= 1;
	walked_open(&t, &apple_archive_format, span_of(room, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	/* a text that begins so */
	assert_false(apple_archive_format.probe(span_of("AA01 is the name of a room, and of nothing else", 47), &(struct format_match){ 0 }));
	n = make_archive("AA01");
	survives_cuts(&apple_archive_format, span_of(room, n), 100);
	survives_flips(&apple_archive_format, span_of(room, n), 2000, 300);
}

/* A block packed in the way of the letter, or stored. */
static size_t pack(char letter, const uint8_t *in, size_t n, uint8_t *out, const char *dir)
{
	if (letter == 'z') {
		uLongf made = 200000;
		assert_int_equal(compress2(out, &made, in, n, 5), Z_OK);
		return made - 4; /* Apple's maker writes no sum */
	}
	if (letter == 'e' || letter == 'f')
		return letter == 'e' ? lzfse_write(span_of(in, n), '2', out) : lzvn_write(span_of(in, n), out);
	struct span packed;
	file_save(dir, "b", span_of(in, n));
	if (letter == 'x') {
		run_in(dir, "xz -c b > p");
		packed = file_load(dir, "p");
		memcpy(out, packed.p, packed.n);
	} else { /* a frame of one block, from lz4's own frame of one block */
		run_in(dir, "lz4 -q -f -B7 --no-frame-crc b p");
		packed = file_load(dir, "p");
		size_t size = packed.p[7] | (size_t)packed.p[8] << 8 | (size_t)packed.p[9] << 16;
		memcpy(out, "bv41", 4);
		put_int(out + 4, n, 4, false);
		put_int(out + 8, size, 4, false);
		memcpy(out + 12, packed.p + 11, size);
		memcpy(out + 12 + size, "bv4$", 4);
		free((void *)packed.p);
		return size + 16;
	}
	size_t made = packed.n;
	free((void *)packed.p);
	return made;
}

static void test_pbz(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	const size_t size = 65536;
	temp_new(dir);
	for (const char *letter = "xz4ef"; *letter; letter++) {
		if ((*letter == 'x' && !tool_exists("xz")) || (*letter == '4' && !tool_exists("lz4")))
			continue;
		struct format_match m;
		struct buf out = buf_with_limit(0);
		size_t n = 12, used;
		memcpy(room, "pbz", 3);
		room[3] = (uint8_t)*letter;
		put_int(room + 4, size, 8, true);
		for (size_t at = 0; at < sizeof text; at += size) {
			size_t part = sizeof text - at < size ? sizeof text - at : size;
			size_t made = at == size ? part : pack(*letter, text + at, part, room + n + 16, dir); /* the second one is stored */
			if (at == size)
				memcpy(room + n + 16, text + at, part);
			put_int(room + n, part, 8, true);
			put_int(room + n + 8, made, 8, true);
			n += 16 + made;
		}
		memset(room + n, 0xff, 40);
		assert_true(apple_pbz_format.probe(span_of(room, n + 40), &m));
		seed_keep("format", apple_pbz_format.name, "", span_of(room, n + 40));
		struct error e = apple_pbz_format.unpack(span_of(room, n + 40), &out, &used);
		assert_false(error_is(&e));
		assert_int_equal(used, n);
		assert_int_equal(out.n, sizeof text);
		assert_memory_equal(out.p, text, sizeof text);
		out.n = 0;
		e = apple_pbz_format.unpack(span_of(room, n - 10), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		assert_int_equal(out.n, sizeof text / size * size);
		for (unsigned i = 0; i < 200; i++) {
			size_t where = 12 + (size_t)i * 7919 % (n - 12);
			out.n = 0;
			room[where] ^= 0x11;
			e = apple_pbz_format.unpack(span_of(room, n), &out, &used);
			room[where] ^= 0x11;
		}
		buf_free(&out);
	}
	/* what has no decoder is said */
	struct buf out = buf_with_limit(0);
	size_t used;
	memcpy(room, "pbzb", 4);
	put_int(room + 12, 60000, 8, true);
	put_int(room + 20, 1000, 8, true);
	struct error e = apple_pbz_format.unpack(span_of(room, 5000), &out, &used);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	buf_free(&out);
	temp_remove(dir);
}

/* Signed only: two segments a cluster, the first of them packed. */
static size_t make_aea(uint8_t *p, unsigned auth)
{
	const size_t segment = 65536, header = 8 + 32;
	memset(p, 0, 12);
	memcpy(p, "AEA1", 4);
	put_int(p + 8, auth, 4, false);
	memset(p + 12, 0x55, auth + 128 + 96);
	if (auth) {
		put_int(p + 12, auth - 4, 4, false);
		memcpy(p + 16, "key", 4);
	}
	uint8_t *root = p + 12 + auth + 128 + 96;
	memset(root, 0, 48);
	put_int(root, sizeof text, 8, false);
	put_int(root + 16, segment, 4, false);
	put_int(root + 20, 2, 4, false);
	root[24] = 'z';
	root[25] = 2;
	memset(root + 48, 0x66, 32);
	size_t at = (size_t)(root - p) + 80, done = 0;
	while (done < sizeof text) {
		uint8_t *table = p + at;
		memset(table, 0, 2 * header + 32 + 64);
		at += 2 * header + 32 + 64;
		for (unsigned i = 0; i < 2 && done < sizeof text; i++) {
			size_t n = sizeof text - done < segment ? sizeof text - done : segment, made = n;
			if (i == 0)
				made = pack('z', text + done, n, p + at, NULL);
			else
				memcpy(p + at, text + done, n);
			put_int(table + i * header, n, 4, false);
			put_int(table + i * header + 4, made, 4, false);
			done += n;
			at += made;
		}
	}
	put_int(root + 8, at, 8, false);
	return at;
}

static void test_aea(void **state)
{
	(void)state;
	struct walked t;
	for (unsigned auth = 0; auth < 40; auth += 20) {
		size_t n = make_aea(room, auth);
		walked_open(&t, &aea_format, span_of(room, n + 10));
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, n);
		assert_string_equal(walked_header(&t, "profile"), "hkdf_sha256_hmac__none__ecdsa_p256");
		assert_content(&t, "archive", text, sizeof text);
		assert_int_equal(t.n, auth ? 2 : 1);
		walked_close(&t);
		walked_open(&t, &aea_format, span_of(room, n - 10));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		/* What it only says to be its own is shown. */
		uint8_t *root = room + 12 + auth + 128 + 96;
		memcpy(room + n, "hidden behind the last segment", 30);
		put_int(root + 8, n + 30, 8, false);
		walked_open(&t, &aea_format, span_of(room, n + 30));
		assert_content(&t, "archive", text, sizeof text);
		assert_content(&t, "more", "hidden behind the last segment", 30);
		walked_close(&t);
		put_int(root, 0, 8, false);
		walked_open(&t, &aea_format, span_of(room, n + 30));
		assert_non_null(memmem(walked_get(&t, "more")->content.p, walked_get(&t, "more")->content.n, "hidden", 6));
		walked_close(&t);
		put_int(root, sizeof text, 8, false);
		put_int(root + 8, n, 8, false);
		survives_cuts(&aea_format, span_of(room, n), 50);
		survives_flips(&aea_format, span_of(room, n), 300, 600);
		room[4] = 1;
		assert_false(aea_format.probe(span_of(room, n), &t.match));
		struct format whole = aea_format;
		whole.probe = aea_format.probe_whole;
		walked_open(&t, &whole, span_of(room, n));
		assert_true(t.accepted);
		assert_int_equal(walked_damage(&t, "encrypted"), 1);
		assert_string_equal(walked_header(&t, "profile"), "hkdf_sha256_aesctr_hmac__symmetric__none");
		walked_close(&t);
		room[4] = 6;
		assert_false(aea_format.probe(span_of(room, n), &t.match));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_archive), cmocka_unit_test(test_pbz), cmocka_unit_test(test_aea) };
	make_text();
	return cmocka_run_group_tests_name("apple_archive", tests, NULL, NULL);
}
