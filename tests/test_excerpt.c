/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is quoted of a row, what of that is hidden, and what a compromised worker may not send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fact/batch.h"
#include "fact/excerpt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- rows ---- */

struct taken {
	struct fact_excerpt v[16];
	size_t n;
};

static bool take(void *context, enum fact_type type, const void *row)
{
	struct taken *t = context;
	assert_int_equal(type, FACT_excerpt);
	assert_true(t->n < COUNT(t->v));
	t->v[t->n] = *(const struct fact_excerpt *)row;
	assert_true(excerpt_is_sound(&t->v[t->n], 4 << 20));
	t->n++;
	return true;
}

/* The excerpts of the rows; they live as long as `out`. */
static struct taken excerpts_of(struct buf *rows, struct span bytes, bool is_text, struct buf *out)
{
	struct taken t = { .n = 0 };
	excerpts_add(buf_span(rows), bytes, is_text, out);
	assert_true(batch_rows(buf_span(out), take, &t));
	return t;
}

static void add(struct buf *rows, enum fact_type type, const void *row)
{
	assert_int_equal(batch_add(rows, type, row), ERR_NONE);
}

/* A line of rows that are so far from each other, each '{"name":"NAME","version":"1.2"},'; where the names stand. */
static char *one_line(size_t nrows, size_t apart, bool same, size_t *places, size_t *size)
{
	*size = (nrows + 1) * apart;
	char *p = malloc(*size + 1);
	assert_non_null(p);
	memset(p, 'x', *size);
	for (size_t i = 0; i < nrows; i++) {
		char item[64];
		int before = snprintf(item, sizeof item, "{\"name\":\""), n = snprintf(item, sizeof item, "{\"name\":\"zlib-%c\",\"version\":\"1.2\"},", (char)('a' + (same ? 0 : i)));
		places[i] = (i + 1) * apart + (size_t)before;
		if ((i + 1) * apart + (size_t)n <= *size)
			memcpy(p + (i + 1) * apart, item, (size_t)n);
	}
	return p;
}

static void rows_of_one_long_line_are_quoted_where_they_stand(void **state)
{
	static const struct {
		size_t apart;
		bool same, backwards;
	} cases[] = { { 20000, true, false }, { 20000, false, false }, { 200000, false, false }, { 20000, false, true }, { 200000, false, true } };
	(void)state;
	for (size_t c = 0; c < COUNT(cases); c++) {
		size_t places[12], size;
		char *line = one_line(12, cases[c].apart, cases[c].same, places, &size), names[12][16];
		struct buf rows = { 0 }, out = { 0 };
		for (size_t i = 0; i < 11; i++) {
			size_t k = cases[c].backwards ? 10 - i : i;
			snprintf(names[k], sizeof names[k], "%szlib-%c", k % 2 ? "org.x/" : "", (char)('a' + (cases[c].same ? 0 : k)));
			add(&rows, FACT_declared_component, &(struct fact_declared_component){ .line = 1, .name = text_c(names[k]), .version = TEXT_LIT("1.2") });
		}
		struct taken t = { .n = 0 };
		excerpts_add(buf_span(&rows), span_of(line, size), true, &out);
		assert_true(batch_rows(buf_span(&out), take, &t));
		assert_int_equal(t.n, 11);
		for (size_t i = 0; i < 11; i++) {
			size_t k = cases[c].backwards ? 10 - i : i;
			assert_int_equal(t.v[i].offset, places[k]);
			assert_int_equal(t.v[i].marked, strlen("zlib-a") + strlen("\",\"version\":\"1.2"));
		}
		buf_free(&rows);
		buf_free(&out);
		free(line);
	}
}

struct last {
	int64_t n, offset;
};

static bool take_last(void *context, enum fact_type type, const void *row)
{
	struct last *last = context;
	assert_int_equal(type, FACT_excerpt);
	last->n++;
	last->offset = ((const struct fact_excerpt *)row)->offset;
	return true;
}

/* What is nowhere on it is not looked for over and over; what stands near is found all the same. */
static void rows_that_are_not_on_a_long_line(void **state)
{
	size_t places[12], size;
	char *line = one_line(12, 20000, false, places, &size);
	struct buf rows = { 0 }, out = { 0 };
	struct last last = { .n = 0 };
	(void)state;
	for (size_t i = 0; i < 900; i++)
		add(&rows, FACT_declared_component, &(struct fact_declared_component){ .line = 1, .name = TEXT_LIT("busybox"), .version = TEXT_LIT("7.7") });
	add(&rows, FACT_declared_component, &(struct fact_declared_component){ .line = 1, .name = TEXT_LIT("zlib-a") });
	excerpts_add(buf_span(&rows), span_of(line, size), true, &out);
	assert_true(batch_rows(buf_span(&out), take_last, &last));
	assert_int_equal(last.n, 901);
	assert_int_equal(last.offset, places[0]);
	buf_free(&rows);
	buf_free(&out);
	free(line);
}

/* A text that goes on in the next line is marked as far as it stands in this one; what only begins as it does is none. */
static void a_text_goes_on_in_the_next_line(void **state)
{
	static const char file[] = "The period of support is not that of\nanother. The period of support ends\nin May.\n";
	struct buf rows = { 0 }, out = { 0 };
	(void)state;
	for (int64_t line = 1; line < 4; line++)
		add(&rows, FACT_document_date, &(struct fact_document_date){ .line = line, .sentence = TEXT_LIT("The period of support ends in May.") });
	struct taken t = excerpts_of(&rows, span_of(file, sizeof file - 1), true, &out);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.v[0].offset, 46);
	assert_int_equal(t.v[0].marked, 26);
	buf_free(&rows);
	buf_free(&out);
}

static void a_row_marks_what_it_quotes(void **state)
{
	static const char file[] = "# sshd\nPort 22\nPermitRootLogin   yes\nUsePAM no\n";
	struct buf rows = { 0 }, out = { 0 };
	(void)state;
	add(&rows, FACT_setting, &(struct fact_setting){ .line = 3, .key = TEXT_LIT("PermitRootLogin"), .value = TEXT_LIT("yes") });
	add(&rows, FACT_setting, &(struct fact_setting){ .line = FACT_NULL, .key = TEXT_LIT("Ciphers") });
	add(&rows, FACT_startup, &(struct fact_startup){ .line = 9, .command = TEXT_LIT("sshd") });
	add(&rows, FACT_endpoint, &(struct fact_endpoint){ .offset = 12, .text = TEXT_LIT("22") });
	add(&rows, FACT_setting, &(struct fact_setting){ .line = 4, .key = TEXT_LIT("another"), .value = TEXT_LIT("spelling") });
	struct taken t = excerpts_of(&rows, span_of(file, sizeof file - 1), true, &out);
	assert_int_equal(t.n, 3);
	assert_true(text_is(t.v[0].table_name, "setting") && t.v[0].row_id == 0 && t.v[0].line == 3);
	assert_true(span_has(span_of(file, sizeof file), (uint64_t)t.v[0].offset, "PermitRootLogin   yes", 21));
	assert_int_equal(t.v[0].marked, 21);
	assert_int_equal(t.v[0].start, 0);
	assert_true(text_is(t.v[1].table_name, "endpoint") && t.v[1].line == 2 && t.v[1].marked == 2 && t.v[1].offset == 12);
	assert_true(text_is(t.v[2].table_name, "setting") && t.v[2].row_id == 2 && t.v[2].marked == 9); /* the whole line */
	buf_free(&rows);
	buf_free(&out);
}

/* What is no text is quoted as it is: UTF-16, and lines of other alphabets. */
static void other_encodings_are_binary(void **state)
{
	static const char wide[] = "h\0t\0t\0p\0:\0/\0/\0a\0\n\0", latin[] = "name = caf\xe9\n";
	struct buf rows = { 0 }, out = { 0 };
	(void)state;
	add(&rows, FACT_endpoint, &(struct fact_endpoint){ .offset = 0, .text = TEXT_LIT("http://a") });
	struct taken t = excerpts_of(&rows, span_of(wide, sizeof wide - 1), true, &out);
	assert_int_equal(t.n, 1);
	assert_true(text_is(t.v[0].form, "binary") && t.v[0].marked >= 1 && t.v[0].bytes.n == sizeof wide - 1);
	rows.n = out.n = 0;
	add(&rows, FACT_setting, &(struct fact_setting){ .line = 1, .key = TEXT_LIT("name"), .value = TEXT_LIT("caf") });
	t = excerpts_of(&rows, span_of(latin, sizeof latin - 1), true, &out);
	assert_int_equal(t.n, 1);
	assert_true(text_is(t.v[0].form, "binary") && t.v[0].offset == 0);
	buf_free(&rows);
	buf_free(&out);
}

/* ---- credentials ---- */

/* What is left of an excerpt when its hidden stretches are. */
static const char *open_part(const struct fact_excerpt *e)
{
	static char out[EXCERPT_MAX + 1];
	struct excerpt_hidden h;
	size_t n = 0;
	assert_true(excerpt_hidden_read(e->hidden, e->bytes.n, &h));
	for (size_t i = 0; i < e->bytes.n; i++) {
		bool hidden = false;
		for (size_t k = 0; k < h.n; k++)
			hidden |= i >= h.v[k].from && i < h.v[k].from + h.v[k].n;
		if (!hidden)
			out[n++] = e->bytes.p[i] ? e->bytes.p[i] : '.';
	}
	out[n] = '\0';
	return out;
}

static void assert_open(const struct taken *t, const char *secret, bool is_open)
{
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(strstr(open_part(&t->v[i]), secret) != NULL, is_open);
}

static void credentials_are_hidden_wherever_they_stand(void **state)
{
	static const char file[] = "ssid=\"home\"\nfirst=one-secret-value\nother=two-secret-value one-secret-value\nend=root rootfs\n";
	struct buf rows = { 0 }, out = { 0 };
	(void)state;
	add(&rows, FACT_secret, &(struct fact_secret){ .line = 2, .offset = 18, .value = TEXT_LIT("one-secret-value") });
	add(&rows, FACT_secret, &(struct fact_secret){ .line = 3, .offset = 41, .value = TEXT_LIT("two-secret-value") });
	add(&rows, FACT_setting, &(struct fact_setting){ .line = 4, .key = TEXT_LIT("end"), .value = TEXT_LIT("root"), .secret = 1 });
	add(&rows, FACT_setting, &(struct fact_setting){ .line = 1, .key = TEXT_LIT("ssid"), .value = TEXT_LIT("home") });
	add(&rows, FACT_weakness, &(struct fact_weakness){ .line = 3, .code = TEXT_LIT("other=two-secret-value one-secret-value") });
	struct taken t = excerpts_of(&rows, span_of(file, sizeof file - 1), true, &out);
	assert_int_equal(t.n, 5);
	assert_open(&t, "one-secret-value", false);
	assert_open(&t, "two-secret-value", false);
	assert_string_equal(open_part(&t.v[0]), "first=");
	assert_string_equal(open_part(&t.v[2]), "end= rootfs");          /* a short one where it stands alone */
	assert_string_equal(open_part(&t.v[3]), "ssid=\"home\"");        /* the lines with credentials are no context */
	buf_free(&rows);
	buf_free(&out);
}

/* The value was read out of escapes: nobody knows which bytes of the line it is. */
static void what_is_not_found_hides_its_line(void **state)
{
	static const char file[] = "a=1\nname='a\\'b\\'long'\nb=2\n";
	struct buf rows = { 0 }, out = { 0 };
	(void)state;
	add(&rows, FACT_secret, &(struct fact_secret){ .line = 2, .offset = 9, .value = TEXT_LIT("a'b'long") });
	struct taken t = excerpts_of(&rows, span_of(file, sizeof file - 1), true, &out);
	assert_int_equal(t.n, 1);
	assert_string_equal(open_part(&t.v[0]), "");
	buf_free(&rows);
	buf_free(&out);
}

static void private_keys_are_hidden_in_any_form(void **state)
{
	static const char pem[] = "# key\nx=1\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIDrivate\nQyLineTwo\n-----END EC PRIVATE KEY-----\n"
							  "-----BEGIN CERTIFICATE-----\nMIIBpublic\n-----END CERTIFICATE-----\n";
	static const uint8_t der[96] = { 0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20, 'K', 'E', 'Y' };
	struct buf rows = { 0 }, out = { 0 };
	int64_t certificate = strstr(pem, "-----BEGIN CERT") - pem;
	(void)state;
	add(&rows, FACT_private_key, &(struct fact_private_key){ .offset = 10, .container = TEXT_LIT("pem") });
	add(&rows, FACT_certificate, &(struct fact_certificate){ .offset = certificate });
	add(&rows, FACT_startup, &(struct fact_startup){ .line = 4, .command = TEXT_LIT("MHcCAQEEIDrivate") }); /* a misreading */
	struct taken t = excerpts_of(&rows, span_of(pem, sizeof pem - 1), true, &out);
	assert_int_equal(t.n, 3);
	assert_open(&t, "MHcC", false);
	assert_open(&t, "QyLine", false);
	assert_string_equal(open_part(&t.v[0]), "-----BEGIN EC PRIVATE KEY-----");
	rows.n = out.n = 0;
	add(&rows, FACT_private_key, &(struct fact_private_key){ .offset = 0, .container = TEXT_LIT("der") });
	add(&rows, FACT_header, &(struct fact_header){ .offset = 20, .value = TEXT_LIT("x") });
	t = excerpts_of(&rows, span_of(der, sizeof der), false, &out);
	assert_int_equal(t.n, 2);
	assert_open(&t, "KEY", false);
	buf_free(&rows);
	buf_free(&out);
}

/* One that begins before the excerpt or ends behind it is hidden in part: no end of it is shown. */
static void clipped_credentials_show_no_end(void **state)
{
	uint8_t bytes[256];
	struct excerpt_hidden h = { .n = 0 };
	struct excerpt_cut cut;
	(void)state;
	memset(bytes, '.', sizeof bytes);
	memcpy(bytes + 40, "0123456789abcdefghijklmnop", 26);
	assert_true(excerpt_cut_binary(span_of(bytes, sizeof bytes), 64, 1, &cut));
	assert_int_equal(cut.start, 48);
	assert_true(excerpt_hide_value(&h, &cut, span_of(bytes, sizeof bytes), TEXT_LIT("0123456789abcdefghijklmnop")));
	assert_int_equal(h.n, 1);
	assert_int_equal(h.v[0].from, 0);
	assert_int_equal(h.v[0].n, 18);
	assert_true(h.v[0].is_opaque);
}

static void lines_that_may_hold_one_are_no_context(void **state)
{
	static const char *const secret[] = { "password = x", "option key 'abc'", "user:$6$salt$abc", "PSK=1", "Authorization: Basic",
										  "  deadbeef0123456789abcdef", "x = A1b2C3d4E5f6G7h8" };
	static const char *const open[] = { "", "# comment", "mount -t proc proc /proc", "iface eth0 inet dhcp", "/usr/sbin/telnetd -l /bin/sh",
										"::sysinit:/etc/init.d/rcS", "Port 22", "/lib/modules/4.14.180-v7/kernel/a1/b2/c3/d4/e5.ko" };
	(void)state;
	for (size_t i = 0; i < COUNT(secret); i++)
		assert_true(excerpt_may_be_secret(text_c(secret[i])));
	for (size_t i = 0; i < COUNT(open); i++)
		assert_false(excerpt_may_be_secret(text_c(open[i])));
}

static void hidden_is_read_as_it_is_written(void **state)
{
	static const char *const wrong[] = { "1", "1+", "+1", "1+0", "5+2 1+1", "1+2 2+2", "90+11", "101+1", "1+2  5+1", "1+2 ",
										 " 1+2", "1+2!!", "-1+2", "9999999+1", "1+2,4+1" };
	struct excerpt_hidden h = { .n = 0 }, back;
	struct excerpt_cut cut = { .start = 1000, .n = 100 };
	char text[EXCERPT_HIDDEN_TEXT];
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(excerpt_hidden_read(text_c(wrong[i]), 100, &back));
	excerpt_hide(&h, &cut, 1010, 1020, false);
	excerpt_hide(&h, &cut, 1050, 1060, true);
	excerpt_hide(&h, &cut, 1030, 1031, false);
	excerpt_hide(&h, &cut, 1000, 1000, false);
	excerpt_hide(&h, &cut, 2000, 2001, false);
	excerpt_hidden_write(&h, text);
	assert_string_equal(text, "10+10 30+1 50+10!");
	assert_true(excerpt_hidden_read(text_c(text), 100, &back));
	assert_int_equal(back.n, 3);
	excerpt_hide(&h, &cut, 1015, 1055, false); /* what overlaps becomes one, whose ends tell nothing */
	excerpt_hidden_write(&h, text);
	assert_string_equal(text, "10+50!");
	h.n = 0;
	for (uint64_t at = 1000; at < 1100; at += 2)
		excerpt_hide(&h, &cut, at, at + 1, false);
	excerpt_hidden_write(&h, text);
	assert_string_equal(text, "0+100!"); /* too many to tell apart */
}

/* ---- what the parent refuses ---- */

static struct buf batch_with(const struct fact_excerpt *e, int64_t size)
{
	struct buf b = { 0 };
	struct fact_blob blob = { .path = TEXT_LIT("/etc/passwd"), .kind = TEXT_LIT("file"), .size = size, .offset = FACT_NULL };
	struct batch_header h = { .key = batch_child_key(BATCH_ROOT_KEY, 3), .parent = BATCH_ROOT_KEY, .ordinal = 3 };
	assert_int_equal(batch_begin(&b), 0);
	assert_int_equal(batch_add(&b, FACT_blob, &blob), 0);
	assert_int_equal(batch_add(&b, FACT_excerpt, e), 0);
	assert_int_equal(batch_finish(&b, &h), 0);
	return b;
}

static bool accepted(const struct fact_excerpt *e, int64_t size)
{
	struct buf b = batch_with(e, size);
	bool ok = batch_read(buf_span(&b), NULL, NULL);
	buf_free(&b);
	return ok;
}

static void a_compromised_worker_is_refused(void **state)
{
	static char large[EXCERPT_MAX + 1];
	const struct fact_excerpt good = { .table_name = TEXT_LIT("account"), .row_id = 0, .form = TEXT_LIT("text"), .line = 1,
									   .offset = 12, .marked = 4, .start = 10, .cut_before = 0, .cut_after = 1,
									   .hidden = TEXT_LIT("2+4"), .bytes = TEXT_LIT("0123456789") };
	(void)state;
	assert_true(accepted(&good, 20));
	assert_false(accepted(&good, 19)); /* it would end behind the blob */
	assert_false(accepted(&good, FACT_NULL));
#define BAD(field, value)                                                                                              \
	do {                                                                                                               \
		struct fact_excerpt e = good;                                                                                  \
		e.field = value;                                                                                               \
		assert_false(accepted(&e, 20));                                                                                \
	} while (0)
	BAD(table_name, TEXT_LIT("verdict"));
	BAD(table_name, TEXT_LIT("excerpt"));
	BAD(table_name, TEXT_NONE);
	BAD(row_id, -1);
	BAD(row_id, FACT_NULL);
	BAD(form, TEXT_LIT("html"));
	BAD(form, TEXT_LIT("binary")); /* which has no line */
	BAD(line, 0);
	BAD(line, FACT_NULL);
	BAD(offset, 9);
	BAD(offset, 21);
	BAD(offset, FACT_NULL);
	BAD(offset, INT64_MAX);
	BAD(marked, 9);
	BAD(marked, -1);
	BAD(marked, INT64_MAX);
	BAD(start, -1);
	BAD(start, 11);
	BAD(start, INT64_MAX);
	BAD(cut_before, FACT_NULL);
	BAD(hidden, TEXT_LIT("2+9"));
	BAD(hidden, TEXT_LIT("nonsense"));
	BAD(bytes, TEXT_NONE);
	BAD(bytes, text_of(large, sizeof large));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_marks_what_it_quotes),
		cmocka_unit_test(a_text_goes_on_in_the_next_line),
		cmocka_unit_test(rows_of_one_long_line_are_quoted_where_they_stand),
		cmocka_unit_test(rows_that_are_not_on_a_long_line),
		cmocka_unit_test(other_encodings_are_binary),
		cmocka_unit_test(credentials_are_hidden_wherever_they_stand),
		cmocka_unit_test(what_is_not_found_hides_its_line),
		cmocka_unit_test(private_keys_are_hidden_in_any_form),
		cmocka_unit_test(clipped_credentials_show_no_end),
		cmocka_unit_test(lines_that_may_hold_one_are_no_context),
		cmocka_unit_test(hidden_is_read_as_it_is_written),
		cmocka_unit_test(a_compromised_worker_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
