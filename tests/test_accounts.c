/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accounts: lines of account files and what they say; and the files that only look like one. */
#include <crypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/inspect.h"

extern const struct inspector accounts_inspector;

struct seen {
	struct arena *scratch, *rows;
	struct fact_list facts;
};

static struct seen inspect(const char *path, struct span bytes)
{
	struct seen s = { arena_new(0), arena_new((size_t)512 << 20), { .n = 0 } };
	fact_list_init(&s.facts, s.rows);
	struct subject subject = { .bytes = bytes, .path = text_c(path), .kind = ENTRY_FILE, .mode = 0600, .uid = 0, .gid = 0,
		                       .format = "text", .arena = s.scratch };
	if (accounts_inspector.wants(&subject))
		accounts_inspector.run(&subject, &s.facts.sink);
	return s;
}

static void forget(struct seen *s)
{
	arena_free(s->scratch);
	arena_free(s->rows);
}

struct expected {
	const char *path, *text;
	const char *source, *user;
	int64_t uid;
	const char *shell, *state, *scheme, *hash, *password, *tried;
};

/* NULL: absent. */
static const struct expected lines[] = {
	{ "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", "passwd", "root", 0, "/bin/sh", "shadowed", NULL, "x", NULL, NULL },
	{ "/etc/passwd", "root::0:0:root:/root:/bin/sh", "passwd", "root", 0, "/bin/sh", "empty", NULL, "", NULL, NULL },
	{ "/etc/passwd", "guest:8dxMkZjXi01sk:500:500::/:\r\n", "passwd", "guest", 500, "", "set", "descrypt", "8dxMkZjXi01sk", "ipc@hs66",
	  "complete" },
	{ "/etc_ro/passwd-", "root:absxcfbgXtb3o:0:0::/:/bin/ash\n", "passwd", "root", 0, "/bin/ash", "set", "descrypt",
	  "absxcfbgXtb3o", "xc3511", "complete" },
	{ "/etc/passwd", "nobody:*:99:99:nobody:/home:/bin/false\n", "passwd", "nobody", 99, "/bin/false", "locked", NULL, "*", NULL, NULL },
	{ "/etc/passwd", "ftp:secret:14:50:FTP User:/var/ftp:/sbin/nologin\n", "passwd", "ftp", 14, "/sbin/nologin", NULL, "unknown",
	  "secret", NULL, "unsupported" },
	{ "/etc/master.passwd", "root:$1$saltsalt$DZ6tYhO9P.qjI3/IiXhg11:0:0::0:0:Charlie:/root:/bin/csh\n", "passwd", "root", 0,
	  "/bin/csh", "set", "md5crypt", "$1$saltsalt$DZ6tYhO9P.qjI3/IiXhg11", "xc3511", "complete" },
	{ "/etc/shadow", "root:$1$GTN.gpri$DlSyKvZKMR9A9Uj9e9wR3/:15502:0:99999:7:::\n", "shadow", "root", FACT_NULL, NULL, "set",
	  "md5crypt", "$1$GTN.gpri$DlSyKvZKMR9A9Uj9e9wR3/", "sohoadmin", "complete" },
	{ "/etc/shadow", "guest::10933:0:99999:7:::\n", "shadow", "guest", FACT_NULL, NULL, "empty", NULL, "", NULL, NULL },
	{ "/etc/shadow.sample", "root:!:10933:0:99999:7:::\n", "shadow", "root", FACT_NULL, NULL, "locked", NULL, "!", NULL, NULL },
	{ "/etc/shadow", "root:!absxcfbgXtb3o:1:0:99999:7:::\n", "shadow", "root", FACT_NULL, NULL, "locked", "descrypt",
	  "!absxcfbgXtb3o", "xc3511", "complete" },
	{ "/etc/shadow", "root:$6$rounds=900000000$s$x:1:0:99999:7:::\n", "shadow", "root", FACT_NULL, NULL, "set", "unknown",
	  "$6$rounds=900000000$s$x", NULL, "unsupported" },
	{ "/etc/lighttpd/.htpasswd", "admin:$apr1$abcdefgh$mMZnMi5KMcUTRCidnJ3Px0\n", "htpasswd", "admin", FACT_NULL, NULL, "set", "apr1",
	  "$apr1$abcdefgh$mMZnMi5KMcUTRCidnJ3Px0", "admin", "complete" },
	{ "/etc/htpasswd", "admin:letmein9\n", "htpasswd", "admin", FACT_NULL, NULL, "set", "plaintext", "letmein9", "letmein9", "complete" },
	{ "/www/htdigest.user", "admin:router:80a6824e116f6910c6c11d3da0ad6541\n", "htpasswd", "admin", FACT_NULL, NULL, "set", "htdigest",
	  "80a6824e116f6910c6c11d3da0ad6541", "admin", "complete" },
	{ "/etc/boa.passwd", "admin:21232f297a57a5a743894a0e4a801fc3\n", "htpasswd", "admin", FACT_NULL, NULL, "set", "md5",
	  "21232f297a57a5a743894a0e4a801fc3", "admin", "complete" },
	{ "/root/.ssh/authorized_keys", "# mine\nno-pty,command=\"a b\" ssh-rsa AAAAB3Nza me@here\n", "authorized_keys", "root", FACT_NULL, NULL,
	  "set", "ssh-key, restricted", "ssh-rsa AAAAB3Nza me@here", NULL, NULL },
	{ "/root/.ssh/authorized_keys", "no-pty,environment=\"A=1\" ssh-rsa AAAAB3Nza\n", "authorized_keys", "root", FACT_NULL, NULL, "set", "ssh-key",
	  "ssh-rsa AAAAB3Nza", NULL, NULL },
	{ "/root/.ssh/authorized_keys", "From=\"127.0.0.1\" ssh-rsa AAAAB3Nza\n", "authorized_keys", "root", FACT_NULL, NULL, "set",
	  "ssh-key, restricted", "ssh-rsa AAAAB3Nza", NULL, NULL },
	{ "/home/dev/.ssh/authorized_keys", "ssh-ed25519 AAAAC3Nz\n", "authorized_keys", "dev", FACT_NULL, NULL, "set", "ssh-key",
	  "ssh-ed25519 AAAAC3Nz", NULL, NULL },
	/* A part of the fields is enough where the name says what it is. */
	{ "/etc/shadow", "guest:\n", "shadow", "guest", FACT_NULL, NULL, "empty", NULL, "", NULL, NULL },
	{ "/etc/shadow.bak", "root:absxcfbgXtb3o\nplain:word\n", "shadow", "root", FACT_NULL, NULL, "set", "descrypt", "absxcfbgXtb3o",
	  "xc3511", "complete" },
	{ "/etc/httpd.passwd", "admin:admin\n", "htpasswd", "admin", FACT_NULL, NULL, "set", "plaintext", "admin", "admin", "complete" },
	{ "/.ssh/authorized_keys", "  ssh-ed25519\tAAAAC3Nz\n", "authorized_keys", NULL, FACT_NULL, NULL, "set", "ssh-key",
	  "ssh-ed25519\tAAAAC3Nz", NULL, NULL },
	/* A slow hash: the first passwords of the list are tried all the same. */
	{ "/etc/shadow", "root:$y$j9T$abcdefgh$y7YixSZSrQy8hU6ORzd2u2Wa2NMN3ZDzpKLLnB2kgT9:1::::::\n", "shadow", "root", FACT_NULL, NULL,
	  "set", "yescrypt", "$y$j9T$abcdefgh$y7YixSZSrQy8hU6ORzd2u2Wa2NMN3ZDzpKLLnB2kgT9", "admin", "complete" },
	/* crypt(3) makes no fewer than 1,000 rounds. */
	{ "/etc/shadow", "root:$5$rounds=500$abc$ccXp1o/EQHeqYIzlKhfz36Dr88ZaR0eRiqTtjBJpZi9:1::::::\n", "shadow", "root", FACT_NULL, NULL,
	  "set", "sha256crypt", "$5$rounds=500$abc$ccXp1o/EQHeqYIzlKhfz36Dr88ZaR0eRiqTtjBJpZi9", NULL, "unsupported" },
	{ "/etc/dropbear/authorized_keys", "ssh-rsa AAAAB3Nza\n", "authorized_keys", "root", FACT_NULL, NULL, "set", "ssh-key",
	  "ssh-rsa AAAAB3Nza", NULL, NULL },
};

static void assert_text(struct text got, const char *expected, const char *line, const char *column)
{
	bool same = expected ? got.p && text_is(got, expected) : got.p == NULL;
	if (!same)
		fail_msg("%s: %s is %.*s, not %s", line, column, (int)got.n, got.p ? got.p : "absent", expected ? expected : "absent");
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct expected *e = &lines[i];
		struct seen s = inspect(e->path, span_of(e->text, strlen(e->text)));
		const struct fact_account *a = fact_list_get(&s.facts, FACT_account, 0);
		if (!a || s.facts.n != 1)
			fail_msg("%s: %zu rows", e->text, s.facts.n);
		assert_text(a->source, e->source, e->text, "source");
		assert_text(a->user, e->user, e->text, "user");
		assert_true(a->uid == e->uid);
		assert_text(a->shell, e->shell, e->text, "shell");
		assert_text(a->state, e->state, e->text, "state");
		assert_text(a->hash_scheme, e->scheme, e->text, "hash_scheme");
		assert_text(a->hash, e->hash, e->text, "hash");
		assert_text(a->password, e->password, e->text, "password");
		assert_text(a->tried, e->tried, e->text, "tried");
		assert_int_equal(a->line, e->text[0] == '#' ? 2 : 1);
		assert_true((a->password_source.n > 0) == (e->password != NULL));
		forget(&s);
	}
}

static void test_what_is_no_account(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "/etc/pam.d/passwd", "@include common-password\nauth:x:y\n" },
		{ "/etc/passwd", "+::::::\n+nis-user::::::\n-evil:x:0:0:::\n# root:x:0:0:::/bin/sh\nroot:x:zero:0:::/bin/sh\nroot:x:0\n" },
		{ "/etc/passwd", "<a href='http://x:y'>a:b:c:1:2:3:4</a>\n" },
		{ "/etc/gshadow", "shadow:*::www-data\n" },
		{ "/etc/shadow", "this is: not a shadow file: at all\n" },
		{ "/etc/nginx/passwords", "user:plain\nsee: below\n" },
		{ "/etc/group", "root:x:0:\n" },
		{ "/etc/mosquitto/pwfile.example", "roger:$6$clQ4Ocu312S0qWgl$Cv2wUxgEN73c6C6jlBkswqR4AkHsvDLWvtEXZZ8"
		  "NpsBLgP1WAo/qA+WXcmEN/mjDNgdUwcxRAveqNMs2xUVQYA==\n" },
		{ "/usr/share/doc/passwd.txt", "Usage:\n  passwd [user]\nnote: nothing\n" },
		{ "/root/.ssh/authorized_keys", "not a key\nssh-rsa\nssh-rsa BBBB\nssh-rsa AAAA...\n" },
		{ "/usr/share/doc/passwords.txt", "Authenticated:documentation\nnote: read it\n" },
		{ "/usr/share/i18n/password.properties", "label:Authenticated\nhint:word\n" },
		{ "/usr/lib/python3/htpasswd.py", "try:\n    pass\nelse:\n" },
		{ "/usr/share/doc/shadow.rst", "Example::\n\nusage:word\n" },
		{ "/www/box-shadow.css", ".box:hover\na::before\n" },
		{ "/etc/passwd", "huge:x:4294967296:0:::/bin/sh\nsix:x:0:0::/\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct seen s = inspect(cases[i][0], span_of(cases[i][1], strlen(cases[i][1])));
		if (s.facts.n)
			fail_msg("%s gave %zu rows", cases[i][0], s.facts.n);
		forget(&s);
	}
}

/* The same hash is guessed once: the answer of the first serves the others. */
static void test_many_lines_stay_in_the_budget(void **state)
{
	(void)state;
	static char text[8 << 20];
	size_t n = 0, count = 15000;
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "user%zu:$6$s%zu$%086d:1:0:99999:7:::\n", i, i, 0);
	struct seen s = inspect("/etc/shadow", span_of(text, n));
	assert_int_equal(fact_list_count(&s.facts, FACT_account), count);
	const struct fact_account *first = fact_list_get(&s.facts, FACT_account, 0);
	const struct fact_account *last = fact_list_get(&s.facts, FACT_account, count - 1);
	assert_true(text_is(first->tried, "budget"));
	assert_true(text_is(last->tried, "budget"));
	forget(&s);
	memset(text, '\n', sizeof text);
	s = inspect("/etc/passwd", span_of(text, sizeof text));
	assert_int_equal(fact_list_count(&s.facts, FACT_account), 0);
	assert_int_equal(fact_list_count(&s.facts, FACT_damage), 1);
	forget(&s);
}

/* A stray byte makes "data" of a text. */
static void test_wants(void **state)
{
	(void)state;
	struct subject s = { .path = TEXT_LIT("/etc/passwd"), .kind = ENTRY_FILE, .format = "data" };
	assert_true(accounts_inspector.wants(&s));
	s.format = "elf";
	assert_false(accounts_inspector.wants(&s));
	s.format = "script";
	assert_false(accounts_inspector.wants(&s));
}

/* The name of another user found it. */
static void test_same_hash(void **state)
{
	(void)state;
	struct text text = TEXT_LIT("support:zK1UoxG19yhnw:1::::::\nroot:zK1UoxG19yhnw:1::::::\n");
	struct seen s = inspect("/etc/shadow", span_of(text.p, text.n));
	const struct fact_account *a = fact_list_get(&s.facts, FACT_account, 1);
	assert_text(a->password, "support", "root", "password");
	assert_text(a->password_source, "same hash as in line 1", "root", "password_source");
	forget(&s);
}

/* 100,000 hashes that differ, cheap ones that are found at once: only so many are guessed, and every line has a row. */
static void test_many_hashes(void **state)
{
	(void)state;
	char *text = malloc((size_t)8 << 20);
	assert_non_null(text);
	size_t n = 0, count = 100000;
	for (size_t i = 0; i < count; i++)
		n += (size_t)sprintf(text + n, "u%zu:%032zx:1::::::\n", i, i);
	struct seen s = inspect("/etc/shadow", span_of(text, n));
	assert_int_equal(fact_list_count(&s.facts, FACT_account), count);
	assert_int_equal(fact_list_count(&s.facts, FACT_damage), 0);
	forget(&s);
	free(text);
}

/* What the first user's name is not, the second one's may be. */
static void test_decoy(void **state)
{
	(void)state;
	struct crypt_data data = { 0 };
	const char *hash = crypt_r("zqxweb7", "ab", &data);
	char lines[256];
	int n = snprintf(lines, sizeof lines, "aaa:%s:1:0:99999:7:::\nzqxweb7:%s:1:0:99999:7:::\n", hash, hash);
	struct seen s = inspect("/etc/shadow", span_of(lines, (size_t)n));
	const struct fact_account *first = fact_list_get(&s.facts, FACT_account, 0), *second = fact_list_get(&s.facts, FACT_account, 1);
	assert_null(first->password.p);
	assert_true(text_is(second->password, "zqxweb7"));
	forget(&s);
}

static void test_survives(void **state)
{
	(void)state;
	uint32_t seed = 3;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		size_t n = strlen(lines[i].text);
		for (unsigned k = 0; k < n + 20; k++) {
			size_t length = k < n ? k : n;
			char *copy = malloc(length + !length);
			assert_non_null(copy);
			memcpy(copy, lines[i].text, length);
			seed = seed * 1664525 + 1013904223;
			if (k >= n)
				copy[(seed >> 8) % n] = (char)(seed >> 24);
			struct seen s = inspect(lines[i].path, span_of(copy, length));
			forget(&s);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_what_is_no_account), cmocka_unit_test(test_wants),
		cmocka_unit_test(test_same_hash), cmocka_unit_test(test_many_hashes),
		cmocka_unit_test(test_many_lines_stay_in_the_budget), cmocka_unit_test(test_decoy), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
