/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts and other texts that carry something stay what they are: what inspectors say of them is what they say without it, and what they
 * carry is found. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/base64.h"
#include "cpio_writer.h"
#include "fact/batch.h"
#include "probe/probe.h"

#define SCRIPT "etc/init.d/S99x"
#define PLAIN 6000u

struct findings {
	struct probe_output output; /* first */
	pthread_mutex_t lock;
	bool here; /* the batch is of the file that is asked for */
	const char *path;
	char format[32], rows[8192], below[4096];
};

static void say(char *out, size_t size, const char *what, struct text t)
{
	size_t n = strlen(out);
	snprintf(out + n, size - n, "%s %.*s\n", what, t.p ? (int)t.n : 0, t.p ? t.p : "");
}

static bool take_row(void *context, enum fact_type type, const void *row)
{
	struct findings *f = context;
	if (type == FACT_blob) {
		const struct fact_blob *b = row;
		f->here = text_is(b->path, f->path);
		if (f->here)
			snprintf(f->format, sizeof f->format, "%.*s", (int)b->format.n, b->format.p);
		else
			say(f->below, sizeof f->below, "", b->format);
	}
	if (!f->here)
		return true;
	if (type == FACT_startup)
		say(f->rows, sizeof f->rows, "startup", ((const struct fact_startup *)row)->command);
	else if (type == FACT_weakness)
		say(f->rows, sizeof f->rows, "weakness", ((const struct fact_weakness *)row)->code);
	else if (type == FACT_secret)
		say(f->rows, sizeof f->rows, "secret", ((const struct fact_secret *)row)->name);
	else if (type == FACT_setting)
		say(f->rows, sizeof f->rows, "setting", ((const struct fact_setting *)row)->key);
	else if (type == FACT_endpoint)
		say(f->rows, sizeof f->rows, "endpoint", ((const struct fact_endpoint *)row)->text);
	return true;
}

static bool take_batch(struct probe_output *output, struct span batch)
{
	struct findings *f = (struct findings *)output;
	assert_int_equal(pthread_mutex_lock(&f->lock), 0);
	bool ok = batch_read(batch, take_row, f);
	assert_int_equal(pthread_mutex_unlock(&f->lock), 0);
	return ok;
}

/* A root file system with that file, through the probe. */
static struct findings *look(const char *name, const struct buf *text)
{
	static char path[64];
	struct findings *f = calloc(1, sizeof *f);
	struct probe_status *status = calloc(1, sizeof *status);
	struct buf image = { 0 };
	struct error e;
	assert_true(f && status);
	snprintf(path, sizeof path, "/%s", name);
	f->path = path;
	f->output.batch = take_batch;
	cpio_add(&image, span_of(name, strlen(name)), 0100755, buf_span(text));
	cpio_add_file(&image, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	cpio_end(&image);
	assert_int_equal(pthread_mutex_init(&f->lock, NULL), 0);
	struct probe *p = probe_new(1, false, &e);
	assert_non_null(p);
	struct probe_input input = { buf_span(&image), -1, TEXT_LIT("input") };
	struct probe_options options = { .budget = budget_default };
	probe_firmware(p, &input, &options, status, &f->output);
	probe_free(p);
	free(status);
	buf_free(&image);
	return f;
}

static void add(struct buf *b, const char *text)
{
	assert_int_equal(buf_add(b, text, strlen(text)), ERR_NONE);
}

static void add_packed(struct buf *b)
{
	uint8_t plain[PLAIN], packed[2 * PLAIN];
	z_stream z = { .next_in = plain, .avail_in = PLAIN, .next_out = packed, .avail_out = sizeof packed };
	for (uint32_t i = 0, x = 1; i < PLAIN; i++, x = x * 1103515245 + 12345)
		plain[i] = (uint8_t)(x >> 16 & (i % 3 ? 0x0f : 0xff));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(buf_add(b, packed, z.total_out), ERR_NONE);
	deflateEnd(&z);
}

/* Lines of 76 digits, or in one. */
static void add_base64(struct buf *b, bool lines)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf packed = { 0 };
	add_packed(&packed);
	size_t n = packed.n, column = 0;
	assert_int_equal(buf_reserve(&packed, 3), ERR_NONE);
	memset(packed.p + n, 0, 3);
	for (size_t i = 0; i < n; i += 3, column += 4) {
		uint32_t v = (uint32_t)packed.p[i] << 16 | (uint32_t)packed.p[i + 1] << 8 | packed.p[i + 2];
		char four[6] = { digits[v >> 18], digits[v >> 12 & 63], i + 1 < n ? digits[v >> 6 & 63] : '=', i + 2 < n ? digits[v & 63] : '=' };
		add(b, lines && column && column % 76 == 0 ? "\n" : "");
		add(b, four);
	}
	add(b, lines ? "\n" : "");
	buf_free(&packed);
}

static void add_uuencoded(struct buf *b)
{
	struct buf packed = { 0 };
	add_packed(&packed);
	size_t n = packed.n;
	assert_int_equal(buf_reserve(&packed, 45), ERR_NONE);
	memset(packed.p + n, 0, 45);
	add(b, "begin 644 file.gz\n");
	for (size_t i = 0; i < n; i += 45) {
		size_t line = n - i < 45 ? n - i : 45;
		char out[64] = { (char)(' ' + line) };
		for (size_t k = 0; k < (line + 2) / 3; k++)
			for (unsigned j = 0; j < 4; j++) {
				const uint8_t *p = packed.p + i + 3 * k;
				uint32_t v = ((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) >> (18 - 6 * j) & 63;
				out[1 + 4 * k + j] = v ? (char)(' ' + v) : '`';
			}
		add(b, out);
		add(b, "\n");
	}
	add(b, "`\nend\n");
	buf_free(&packed);
}

#define COMMANDS                                                                                                                          \
	"PASSWORD=admin1234\nwget http://update.example.net/fw.bin -O - | sh\n/usr/sbin/telnetd -l /bin/sh &\n"

/* What stands in a script where a payload may be. */
static void add_payload(struct buf *b, unsigned kind, bool there)
{
	struct buf packed = { 0 };
	add_packed(&packed);
	char number[64];
	switch (kind) {
	case 0:
	case 1:
		add(b, "base64 -d > /tmp/x.gz <<EOF\n");
		if (there)
			add_base64(b, kind == 0);
		add(b, kind && there ? "\nEOF\n" : "EOF\n");
		break;
	case 2:
		add(b, "uudecode <<EOF\n");
		if (there)
			add_uuencoded(b);
		add(b, "EOF\n");
		break;
	case 3:
		add(b, "exit 0\n__ARCHIVE__\n");
		if (there)
			assert_int_equal(buf_add(b, packed.p, packed.n), ERR_NONE);
		break;
	case 4:
		add(b, there ? "# This is a shell archive\n" : "# This is no shell archive\n");
		add(b, "cat > /tmp/y.conf <<EOF\nServer=http://here.example.org/\nEOF\nexit 0\n");
		break;
	default:
		snprintf(number, sizeof number, "skip=\"8\"\nfilesizes=\"%zu\"\nexit 0\n", packed.n);
		add(b, number);
		if (there)
			assert_int_equal(buf_add(b, packed.p, packed.n), ERR_NONE);
	}
	buf_free(&packed);
}

static void make_script(struct buf *b, unsigned kind, bool there)
{
	add(b, "#!/bin/sh\n");
	add(b, kind == 5 ? "# This script was generated using Makeself 2.4.5\n" : "# a comment\n");
	add(b, COMMANDS);
	add_payload(b, kind, there);
	if (kind < 3)
		add(b, "/usr/sbin/httpd -p 80\n");

}

static void test_scripts(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 6; kind++) {
		struct buf with = { 0 }, without = { 0 };
		make_script(&with, kind, true);
		make_script(&without, kind, false);
		struct findings *a = look(SCRIPT, &with), *b = look(SCRIPT, &without);
		assert_string_equal(a->format, "script");
		assert_string_equal(b->format, "script");
		assert_non_null(strstr(b->rows, "telnetd -l /bin/sh"));
		assert_non_null(strstr(b->rows, "weakness"));
		assert_non_null(strstr(b->rows, "secret"));
		assert_string_equal(a->rows, b->rows);
		assert_non_null(strstr(a->below, kind == 4 ? "shar" : "gzip"));
		assert_null(strstr(b->below, "gzip"));
		free(a);
		free(b);
		buf_free(&with);
		buf_free(&without);
	}
}

/* Behind the payload a shell goes on: the script is more than what stands before it. */
static void test_behind_payload(void **state)
{
	(void)state;
	struct buf text = { 0 };
	add(&text, "#!/bin/sh\ntrue <<EOF\n");
	add_packed(&text);
	add(&text, "\nEOF\n/usr/sbin/dropbear -p 22\n/usr/sbin/telnetd -l /bin/sh &\n");
	struct findings *f = look(SCRIPT, &text);
	assert_non_null(strstr(f->rows, "telnetd -l /bin/sh"));
	free(f);
	buf_free(&text);
}

/* Texts that are nothing but what they carry. */
static void test_text_alone(void **state)
{
	(void)state;
	struct buf text = { 0 };
	add_base64(&text, true);
	struct findings *f = look("usr/share/x.b64", &text);
	assert_string_equal(f->format, "text");
	assert_non_null(strstr(f->below, "gzip"));
	free(f);
	text.n = 0;
	add_uuencoded(&text);
	f = look("usr/share/x.uu", &text);
	assert_string_equal(f->format, "text");
	assert_non_null(strstr(f->below, "gzip"));
	free(f);
	buf_free(&text);
}

/* Keys, pictures, tokens: nothing is in these. */
static void test_no_carriers(void **state)
{
	(void)state;
	static const char *const begins[] = {
		"-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n",
		"Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
		"<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4\n",
		"@font-face{src:url(data:font/woff2;base64,d09GMgABAAAAADwgABEAAAAAlkQAADu9AAEAAAAAAAAAAAAAAAAA\n",
		"icon=/9j/4AAQSkZJRgABAQAAAQABAAD/2wCEAAkGBxISEhUTExIVFRUXFxcVFRUVFRUVFRUVFRUWFhUVFRUYHSggGBol\n",
	};
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
		struct buf text = { 0 };
		add(&text, "Server=http://here.example.org/\nPassword=admin1234\n");
		add(&text, begins[i]);
		for (unsigned line = 0; line < 40; line++)
			add(&text, "yyP4k9hX2mQzR7tB0cVdEoLgUjS5aNw8iFpHKxJrG1uM3eTbWqCvZDlAfOnY6I4w\n");
		add(&text, "Telnet=on\n");
		struct findings *f = look("etc/app.conf", &text);
		assert_string_equal(f->format, "text");
		assert_null(strstr(f->below, "base64"));
		free(f);
		buf_free(&text);
	}
}

/* A configuration with a packed file in it: what is set behind that is set. */
static void test_settings(void **state)
{
	(void)state;
	char rows[2][8192];
	for (unsigned there = 0; there < 2; there++) {
		struct buf text = { 0 };
		add(&text, "Port 2222\nPermitRootLogin yes\n# ");
		if (there)
			add_base64(&text, false);
		add(&text, "\nPermitEmptyPasswords yes\n");
		struct findings *f = look("etc/ssh/sshd_config", &text);
		assert_string_equal(f->format, "text");
		assert_int_equal(strstr(f->below, "gzip") != NULL, there);
		memcpy(rows[there], f->rows, sizeof f->rows);
		free(f);
		buf_free(&text);
	}
	assert_non_null(strstr(rows[0], "setting PermitEmptyPasswords"));
	assert_string_equal(rows[0], rows[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),     cmocka_unit_test(test_behind_payload), cmocka_unit_test(test_text_alone),
		cmocka_unit_test(test_no_carriers), cmocka_unit_test(test_settings),
	};
	return cmocka_run_group_tests_name("text_carriers", tests, NULL, NULL);
}
