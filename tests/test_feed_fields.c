/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of feeds: times (RFC 3339), CPE names (NISTIR 7695), package URLs; and rows on their way through a pipe. Expectations
 * are written out from the specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed/field.h"
#include "feed/row_code.h"

static void test_times(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: none */
	} rows[] = {
		{ "2026-08-22T01:02:03Z", "2026-08-22T01:02:03Z" },
		{ "2019-09-04T00:00Z", "2019-09-04T00:00:00Z" },       /* NVD 1.1 */
		{ "2026-08-22T00:00:00.000", "2026-08-22T00:00:00Z" }, /* NVD 2.0: UTC without saying so */
		{ "2026-08-22T01:30:00.123456+02:00", "2026-08-21T23:30:00Z" },
		{ "2026-08-22T23:30:00-0100", "2026-08-23T00:30:00Z" },
		{ "2024-02-29", "2024-02-29T00:00:00Z" },
		{ "2026-08-22t01:02:03z", "2026-08-22T01:02:03Z" },
		{ "2026-13-01", NULL },
		{ "2026-08-22T25:00Z", NULL },
		{ "2026-08-22T01:02:03Zx", NULL },
		{ "2026-8-2", NULL },
		{ "yesterday", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char out[24] = "";
		assert_int_equal(feed_time(text_c(rows[i].in), out), rows[i].out != NULL);
		if (rows[i].out)
			assert_string_equal(out, rows[i].out);
	}
}

static void assert_text(struct text t, const char *expected)
{
	if (!expected) {
		assert_null(t.p);
		return;
	}
	assert_non_null(t.p);
	assert_int_equal(t.n, strlen(expected));
	assert_memory_equal(t.p, expected, t.n);
}

static void test_cpe(void **state)
{
	static const struct {
		const char *in, *product, *version, *cpe;
	} rows[] = {
		{ "cpe:2.3:a:ntp:ntp:4.2.8:p10:*:*:*:*:*:*", "cpe:a:ntp:ntp", "4.2.8",
		  "cpe:2.3:a:ntp:ntp:4.2.8:p10:*:*:*:*:*:*" },
		{ "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*", "cpe:o:linux:linux_kernel", NULL,
		  "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*" },
		{ "cpe:2.3:h:x:y:-:*:*:*:*:*:*:*", "cpe:h:x:y", "-", "cpe:2.3:h:x:y:-:*:*:*:*:*:*:*" },
		{ "cpe:2.3:a:a\\:b:C\\+\\+:1.0\\+rc1:*:*:*:*:*:*:*", "cpe:a:a:b:c++", "1.0+rc1",
		  "cpe:2.3:a:a\\:b:C\\+\\+:1.0\\+rc1:*:*:*:*:*:*:*" },
		/* NISTIR 7695, 6.1.3: the URI binding */
		{ "cpe:/a:microsoft:internet_explorer:8.0.6001:beta", "cpe:a:microsoft:internet_explorer", "8.0.6001",
		  "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*" },
		{ "cpe:/o:redhat:enterprise_linux:6", "cpe:o:redhat:enterprise_linux", "6",
		  "cpe:2.3:o:redhat:enterprise_linux:6:*:*:*:*:*:*:*" },
		{ "cpe:/a:foo%21:bar", "cpe:a:foo!:bar", NULL, "cpe:2.3:a:foo\\!:bar:*:*:*:*:*:*:*:*" },
		{ "cpe:2.3:a:too:short", NULL, NULL, NULL },
		{ "cpe:2.3:x:a:b:*:*:*:*:*:*:*:*", NULL, NULL, NULL },
		{ "cpe:2.3:a::b:*:*:*:*:*:*:*:*", NULL, NULL, NULL },
		{ "cpe:2.3:a:a:b:*:*:*:*:*:*:*:*:*", NULL, NULL, NULL },
		{ "nonsense", NULL, NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct feed_run run = { .arena = arena_new(0) };
		struct feed_criterion c = { 0 };
		assert_int_equal(field_cpe(&run, NULL, text_c(rows[i].in), false, &c), rows[i].product != NULL);
		if (rows[i].product) {
			assert_text(c.product, rows[i].product);
			assert_text(c.version, rows[i].version);
			assert_text(c.cpe, rows[i].cpe);
		}
		assert_int_equal(run.error.code, ERR_NONE);
		arena_free(run.arena);
	}
}

static void test_purl(void **state)
{
	static const struct {
		const char *in, *product, *version;
	} rows[] = {
		{ "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "purl:deb/debian/curl", "7.50.3-1" },
		{ "pkg:generic/net-snmp", "purl:generic/net-snmp", NULL },
		{ "pkg:npm/%40angular/animation@12.3.1", "purl:npm/@angular/animation", "12.3.1" },
		{ "pkg:golang/google.golang.org/genproto@abc#googleapis/api", "purl:golang/google.golang.org/genproto", "abc" },
		{ "pkg:deb/debian/libstdc%2B%2B6@1%3A2.0", "purl:deb/debian/libstdc++6", "1:2.0" },
		{ "pkg://generic/x", "purl:generic/x", NULL },
		{ "pkg:generic", NULL, NULL },
		{ "pkg:generic/", NULL, NULL },
		{ "https://example.com", NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct feed_run run = { .arena = arena_new(0) };
		struct text product, version;
		assert_int_equal(field_purl(&run, text_c(rows[i].in), &product, &version), rows[i].product != NULL);
		assert_text(product, rows[i].product);
		if (rows[i].product)
			assert_text(version, rows[i].version);
		arena_free(run.arena);
	}
}

/* A row comes back as it was; cut or with any bit flipped it is a row or none, never a stray pointer. */
static void test_rows(void **state)
{
	struct feed_criterion c = {
		.product = TEXT_LIT("cpe:a:x:y"), .configuration = -1, .number = 7, .version = TEXT_LIT("")
	};
	struct feed_epss e = { .score = 0.25, .percentile = 1, .day = TEXT_LIT("2026-01-01") };
	struct buf b = { 0 };
	union feed_row row;
	enum feed_row_kind kind;
	(void)state;
	assert_int_equal(feed_row_encode(&b, FEED_CRITERION, &c), ERR_NONE);
	assert_int_equal(feed_row_size(buf_span(&b)), b.n);
	assert_true(feed_row_decode(buf_span(&b), &kind, &row));
	assert_int_equal(kind, FEED_CRITERION);
	assert_text(row.criterion.product, "cpe:a:x:y");
	assert_text(row.criterion.version, "");
	assert_null(row.criterion.cpe.p);
	assert_int_equal(row.criterion.configuration, -1);
	assert_int_equal(row.criterion.number, 7);
	for (size_t n = 0; n < b.n; n++) {
		assert_int_equal(feed_row_size(span_of(b.p, n)), 0);
		assert_false(feed_row_decode(span_of(b.p, n), &kind, &row));
	}
	for (size_t bit = 0; bit < 8 * b.n; bit++) {
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (feed_row_decode(buf_span(&b), &kind, &row) && kind == FEED_CRITERION && row.criterion.product.n)
			assert_true(row.criterion.product.p + row.criterion.product.n <= (char *)b.p + b.n);
		b.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	b.n = 0;
	assert_int_equal(feed_row_encode(&b, FEED_EPSS, &e), ERR_NONE);
	assert_true(feed_row_decode(buf_span(&b), &kind, &row));
	assert_true(row.epss.score == 0.25 && row.epss.percentile == 1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_cpe),
		cmocka_unit_test(test_purl),
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
