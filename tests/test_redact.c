/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Redaction, by the contract in base/redact.h; that it happens in every report, and in evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/redact.h"
#include "base/buf.h"
#include "judge/query.h"
#include "make_case.h"
#include "report/html.h"
#include "report/json.h"
#include "report/terminal.h"
#include "report/view.h"

static void test_redact(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		const char *out;
	} rows[] = {
		{ TEXT_LIT(""), "" },
		{ TEXT_LIT("a"), "****" },
		{ TEXT_LIT("123456789012345"), "****" },
		{ TEXT_LIT("1234567890123456"), "1234****56" },
		{ TEXT_LIT("12345678901234567890123"), "1234****23" },
		{ TEXT_LIT("123456789012345678901234"), "1234****1234" },
		{ TEXT_LIT("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4xxxxxxxxxxxxxxx\xe2\x82\xac"),
		  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4****x\xe2\x82\xac" },
		{ TEXT_LIT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"), "****" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char out[REDACTED_MAX];
		assert_int_equal(redact(rows[i].in, out), strlen(rows[i].out));
		assert_string_equal(out, rows[i].out);
	}
}

static char *render(sqlite3 *db, int kind)
{
	static const struct report_style style = { .width = 120, .utf8 = true, .seconds = -1 };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	struct error e = kind == 0   ? report_json(db, out)
					 : kind == 1 ? report_html(db, out)
								 : report_terminal(db, out, &style);
	assert_false(error_is(&e));
	fclose(out);
	return text;
}

#define TOKEN                                                                                                          \
	"Qm7"                                                                                                              \
	"xT4kL9wZ2pR8vN5cY1bH6"

static sqlite3 *case_with_secrets(void)
{
	sqlite3 *db = make_case_router(NULL);
	make_rows(
		db,
		"INSERT INTO secret(blob_id, kind, name, value, proof, confidence, harmless) VALUES(1, 'token', 'api', '" TOKEN
		"', "
		"'structure', 'likely', '')");
	make_rows(
		db,
		"INSERT INTO setting(blob_id, program, key, value, secret) VALUES(1, 'hostapd', 'wpa_passphrase', 'tr0ub4dor', 1)");
	make_rows(
		db,
		"INSERT INTO setting(blob_id, program, key, value, secret) VALUES(1, 'hostapd', 'ssid', 'PlainNetworkNameForAll', 0)");
	return db;
}

static void test_reports(void **state)
{
	(void)state;
	sqlite3 *db = case_with_secrets();
	for (int shown = 0; shown < 2; shown++) {
		for (int kind = 0; kind < 3; kind++) {
			char *text = render(db, kind);
			if (!shown) {
				assert_null(strstr(text, TOKEN));
				assert_null(strstr(text, "tr0ub4dor"));
			} else if (kind < 2) {
				assert_non_null(strstr(text, TOKEN));
			}
			if (!shown && kind < 2)
				assert_non_null(strstr(text, "Qm7x****1bH6"));
			if (kind == 0) {
				assert_non_null(strstr(text, "PlainNetworkNameForAll"));
				assert_true((strstr(text, "tr0ub4dor") != NULL) == (shown == 1));
			}
			free(text);
		}
		struct error e = shown ? error_none() : view_show_secrets(db);
		assert_false(error_is(&e));
	}
	sqlite3_close(db);
}

/* What a fact marks as a credential is redacted where another one of its blob quotes it, and nowhere else. */
static void test_quotes(void **state)
{
	static const struct {
		int blob;
		const char *text, *shown, *gone;
	} rows[] = {
		{ 1, "mount -o password=tr0ub4dor //nas/a /mnt", "mount -o password=**** //nas/a /mnt", "tr0ub4dor //" },
		{ 1, "curl -u a:" TOKEN " https://b", "curl -u a:Qm7x****1bH6 https://b", NULL },
		{ 1, "cut in the middle: Qm7xT4kL9wZ", "cut in the middle: ****", NULL },
		{ 1, "login -p kiwi; mysql -pkiwi", "login -p ****; mysql -p****", NULL },
		{ 1, "ls kiwifruit /kiwi2", "ls kiwifruit /kiwi2", NULL },
		{ 1, "key=" TOKEN TOKEN "Z end", "key=Qm7x****1bH6Qm7x****1bH6Z end", NULL },
		{ 1, "long=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk9 end", "long=kkkk****kkk9 end", NULL },
		{ 2, "echo tr0ub4dor kiwi", "echo tr0ub4dor kiwi", NULL },
		{ 1, "echo root:Zx81Spectrum | chpasswd", "echo **** | chpasswd", NULL },
		{ 1, "nothing", "nothing", NULL },
	};
	(void)state;
	sqlite3 *db = case_with_secrets();
	make_rows(db, "INSERT INTO secret(blob_id, kind, value) VALUES(1, 'password', 'kiwi'), (1, 'password', ''),"
				  "(1, 'key', '"
				  "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk9"
				  "')");
	make_rows(db, "INSERT INTO weakness(blob_id, kind, source) VALUES(1, 'hard-coded-credential', 'root:Zx81Spectrum')");
	make_rows(db,
			  "INSERT INTO radio(blob_id, technology, key, value) VALUES(2, 'zigbee', 'network_key', '%s'),"
			  "(2, 'zigbee', 'network_key', 'GENERATE'), (2, 'zigbee', 'channel', '11')",
			  "00112233445566778899aabbccddeeff");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		make_rows(db, "INSERT INTO startup(blob_id, mechanism, command) VALUES(%d, 'rcS', '%s')", rows[i].blob,
				  rows[i].text);
	char *text = render(db, 0);
	assert_non_null(strstr(text, "\"0011****eeff\""));
	assert_non_null(strstr(text, "\"GENERATE\""));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!strstr(text, rows[i].shown))
			fail_msg("row %zu: %s is not shown", i, rows[i].shown);
		if (rows[i].gone)
			assert_null(strstr(text, rows[i].gone));
	}
	free(text);
	sqlite3_close(db);
}

static void test_sql(void **state)
{
	(void)state;
	sqlite3 *db = case_with_secrets();
	sqlite3_stmt *s;
	struct error e = query_setup(db);
	assert_false(error_is(&e));
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT redact(value), redact(NULL), redact('') FROM secret", -1, &s, NULL),
					 SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "Qm7x****1bH6");
	assert_null(sqlite3_column_text(s, 1));
	assert_string_equal((const char *)sqlite3_column_text(s, 2), "");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

/* The text with what is named as a credential as ****. */
static void assert_named(const char *in, const char *expected)
{
	struct text t = text_c(in);
	char out[512];
	size_t n = 0, copied = 0, at = 0, from, length;
	while (redact_next_named(t, &at, &from, &length)) {
		assert_true(from >= copied && length > 0 && from + length <= t.n && at == from + length);
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s****", (int)(from - copied), in + copied);
		copied = from + length;
	}
	snprintf(out + n, sizeof out - n, "%s", in + copied);
	assert_string_equal(out, expected);
	if (!strstr(expected, "$HOME")) /* once more it stays as it is */
		for (size_t again = 0; redact_next_named(text_c(expected), &again, &from, &length);)
			fail_msg("%s: hidden twice", expected);
}

static void test_named(void **state)
{
	static const char *const rows[][2] = {
		{ "password=hunter2 next", "password=**** next" },
		{ "admin_password = two words", "admin_password = ****" },
		{ "\tpsk=\"Walrus Umbrella\"", "\tpsk=\"****\"" },
		{ "{\"wifi_password\": \"a\\\"b\", \"x\": 1}", "{\"wifi_password\": \"****\", \"x\": 1}" },
		{ "\"{\\\"token\\\":\\\"abc\\\"}\"", "\"{\\\"token\\\":\\\"****\\\"}\"" },
		{ "define('DB_PASSWORD', 'x1');", "define('DB_PASSWORD', '****');" },
		{ "$cfg['db_pass'] = 'x1';", "$cfg['db_pass'] = '****';" },
		{ "<Password>x1</Password>", "<Password>****</Password>" },
		{ "mqtt://cam:Oyster@host:1883", "mqtt://cam:****@host:1883" },
		{ "http://host/a:b@c", "http://host/a:b@c" },
		{ "http://h/?user=a&pass=b&x=1", "http://h/?user=a&pass=****&x=1" },
		{ "curl -u admin:Mackerel https://h/", "curl -u admin:**** https://h/" },
		{ "swupdate -u https://h/", "swupdate -u https://h/" },
		{ "agent --psk Tarsier --server h", "agent --psk **** --server h" },
		{ "requirepass Macaque", "requirepass ****" },
		{ "the default password is hunter2, the login admin", "the default password is ****, the login admin" },
		{ "the password is \"admin\"", "the password is \"****\"" },
		{ "each password is unique to its unit", "each password is unique to its unit" },
		{ "password reset is offered", "password reset is offered" },
		{ "takes clients without a password: allow", "takes clients without a password: allow" },
		{ "Authorization: Basic dXNlcjp4", "Authorization: ****" },
		{ "password: >-\n  Folded Tapir", "password: >-\n  ****" },
		{ "password=\\\nNewt", "password=\\\n****" },
		{ "x:$6$salt$MalformedHash:1", "x:****:1" },
		{ "echo $1$2", "echo $1$2" },
		{ "wep_key0=0badc0ffee", "wep_key0=****" },
		{ "key_mgmt=WPA-PSK", "key_mgmt=WPA-PSK" },
		{ "PasswordAuthentication yes", "PasswordAuthentication yes" },
		{ "password=$PASS", "password=$PASS" },
		{ "password=%s", "password=%s" },
		{ "ssl_key = /etc/ssl/server.key", "ssl_key = /etc/ssl/server.key" },
		{ "public_key = 0123456789abcdef", "public_key = 0123456789abcdef" },
		{ "menu_key=F2", "menu_key=F2" },
		{ "reset_pin=13", "reset_pin=13" },
		{ "pin=48219937", "pin=****" },
		{ "passwd: files", "passwd: files" },
		{ "bypass=1234 compass=north", "bypass=1234 compass=north" },
		{ "passwordless", "passwordless" },
		{ "password=", "password=" },
		{ "token", "token" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_named(rows[i][0], rows[i][1]);
	struct text zeros = TEXT_LIT("pw=a\0b=c\0secret=d"); /* as in a program */
	size_t at = 0, from, n;
	assert_true(redact_next_named(zeros, &at, &from, &n) && from == 3 && n == 1);
	assert_true(redact_next_named(zeros, &at, &from, &n) && from == 16 && n == 1);
	assert_false(redact_next_named(zeros, &at, &from, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_redact), cmocka_unit_test(test_named),
										cmocka_unit_test(test_reports),
										cmocka_unit_test(test_quotes), cmocka_unit_test(test_sql) };
	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
