/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What development leaves: true and false ones, by the manuals of the programs that make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "elf_writer.h"
#include "inspect/capture.h"
#include "inspect/leftovers.h"
#include "inspected.h"

extern const struct inspector leftovers_inspector;

#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *path;
	const char *bytes;
	size_t n;
	const char *kind; /* NULL: nothing */
} files[] = {
	{ "/www/.git/HEAD", BYTES("ref: refs/heads/master\n"), "version control" },
	{ "/opt/app/.svn/wc.db", BYTES("SQLite format 3"), "version control" },
	{ "/opt/app/CVS/Entries", BYTES("D\n"), "version control" },
	{ "/opt/.gitignore", BYTES("*.o\n"), "version control" },
	{ "/opt/HEAD", BYTES("ref: refs/heads/master\n"), NULL },
	{ "/etc/passwd-", BYTES("root:x:0:0::/:/bin/sh\n"), "back-up" },
	{ "/etc/shadow-", BYTES("root:*:1:::::::\n"), "back-up" },
	{ "/etc/config.bak", BYTES("a=1\n"), "back-up" },
	{ "/etc/x.conf~", BYTES("a=1\n"), "back-up" },
	{ "/etc/x.conf.orig", BYTES("a=1\n"), "back-up" },
	{ "/etc/x.conf.dpkg-old", BYTES("a=1\n"), "back-up" },
	{ "/etc/config/network-opkg", BYTES("a\n"), "back-up" },
	{ "/usr/share/terminfo/x/xterm.old", BYTES("\x1a\x01"), NULL },
	{ "/usr/share/doc/x/changelog.old", BYTES("x"), NULL },
	{ "/etc/empty.bak", BYTES(""), NULL },
	{ "/etc/.bak", BYTES("a hidden file of that name"), NULL },
	{ "/etc/household", BYTES("x"), NULL },
	{ "/etc/.passwd.swp", BYTES("b0VIM 8.2\0\0\0\0"), "editor" },
	{ "/lib/firmware/card.swp", BYTES("\x01\x02\x03"), NULL },
	{ "/etc/#motd#", BYTES("hello"), "editor" },
	{ "/etc/##", BYTES("hello"), NULL },
	{ "/root/.ash_history", BYTES("ls\ncat /etc/passwd\n"), "history" },
	{ "/root/.bash_history", BYTES(""), NULL },
	{ "/www/.DS_Store", BYTES("\0\0\0\1Bud1\0\0"), "desktop" },
	{ "/www/._index.html", BYTES("\0\x05\x16\x07\0\x02\0\0Mac OS X"), "desktop" },
	{ "/www/.DS_Store", BYTES("something else"), NULL },
	{ "/www/Thumbs.db", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "desktop" },
	{ "/usr/lib/libx.la", BYTES("# libx.la - a libtool library file\n"), "build" },
	{ "/usr/lib/pkgconfig/x.pc", BYTES("prefix=/usr\n"), "build" },
	{ "/www/app.js.map", BYTES("{\"version\":3}"), "build" },
	{ "/opt/Makefile", BYTES("all:\n"), "build" },
	{ "/opt/x/makefile", BYTES("all:\n"), "build" },
	{ "/opt/main.c", BYTES("int main(void) { return 0; }\n"), "build" },
	{ "/usr/share/x/template.c", BYTES("int x;\n"), NULL },
	{ "/opt/x.gcda", BYTES("adcg*21B"), "coverage" },
	{ "/opt/gmon.out", BYTES("gmon\1\0\0\0"), "coverage" },
	{ "/tmp/x.pcap", BYTES("\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0"), "capture" },
	{ "/tmp/x", BYTES("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a"), "capture" },
	{ "/tmp/x", BYTES("\x0a\x0d\x0d\x0a just lines"), NULL },
	{ "/tmp/x", BYTES("\x34\xcd\xb2\xa1\x02\0\x04\0\0\0\0\0"), "capture" },
	{ "/tmp/x", BYTES("\xa1\xb2\xcd\x34\0\x02\0\x04\0\0\0\0"), "capture" },
	{ "/tmp/x", BYTES("snoop\0\0\0\0\0\0\x02\0\0\0\x04"), "capture" },
	{ "/tmp/x", BYTES("snoop\0\0\0\0\0\0\x03\0\0\0\x04"), NULL },
	{ "/usr/share/doc/x/x.pcap", BYTES("\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0"), NULL },
	{ "/etc/ssl/ssl-cert-snakeoil.pem", BYTES("-----BEGIN CERTIFICATE-----\n"), "test certificate" },
	{ "/etc/ssl/server.pem", BYTES("-----BEGIN CERTIFICATE-----\n"), NULL },
	{ "/etc/ssl/test.cnf", BYTES("[ req ]\n"), NULL },
	{ "/www/info.php", BYTES("<?php phpinfo(); ?>"), "debug page" },
	{ "/var/log/dpkg.log", BYTES("2023-01-01 startup\n"), "log" },
	{ "/var/cache/apt/pkgcache.bin", BYTES("\xfe\x98"), "package cache" },
	{ "/etc/core", BYTES("settings of the core\n"), NULL },
};

static void check(struct inspected *out, const char *path, const char *kind)
{
	const struct fact_leftover *row = fact_list_get(&out->list, FACT_leftover, 0);
	if (!row != !kind || (row && !text_is(row->kind, kind)))
		print_message("%s: %.*s, expected %s\n", path, row ? (int)row->kind.n : 0, row ? row->kind.p : "",
					  kind ? kind : "nothing");
	assert_true(!row == !kind);
	assert_true(!row || (text_is(row->kind, kind) && row->detail.n > 0));
	assert_true(fact_list_count(&out->list, FACT_leftover) <= 1);
	inspected_free(out);
}

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct inspected out;
		inspected_file(&out, &leftovers_inspector, files[i].path, span_of(files[i].bytes, files[i].n));
		check(&out, files[i].path, files[i].kind);
	}
}

/* The layouts as their specifications draw them. */
#define PCAP_LE "\xd4\xc3\xb2\xa1\x02\0\x04\0" "\0\0\0\0" "\0\0\0\0" "\0\0\x04\0" "\x01\0\0\0"
#define RECORD_LE "\0\0\0\x5f" "\x01\0\0\0" "\x04\0\0\0" "\x04\0\0\0" "abcd"
#define PCAP_BE "\xa1\xb2\x3c\x4d\0\x02\0\x04" "\0\0\0\0" "\0\0\0\0" "\0\x04\0\0" "\0\0\0\x01"
#define RECORD_BE "\x5f\0\0\0" "\x3b\x9a\xc9\xff" "\0\0\0\x04" "\0\0\0\x04" "abcd"
#define SECTION(order) "\x0a\x0d\x0d\x0a" "\x1c\0\0\0" order "\x01\0\0\0" "\xff\xff\xff\xff\xff\xff\xff\xff" "\x1c\0\0\0"
#define SNOOP "snoop\0\0\0" "\0\0\0\x02" "\0\0\0\x04" "\0\0\0\x04" "\0\0\0\x04" "\0\0\0\x1c" "\0\0\0\0" "\x5f\0\0\0" "\0\0\0\1" "abcd"

/* What a packed file held, and an input, are recordings when more than the first bytes says so; nothing else is said of them. */
static void test_recordings(void **state)
{
	(void)state;
	static const struct {
		enum entry_kind kind;
		const char *path, *bytes;
		size_t n;
		const char *what; /* NULL: nothing */
	} recordings[] = {
		{ ENTRY_STREAM, "/tmp/boot.pcap", BYTES(PCAP_LE), "capture" },
		{ ENTRY_STREAM, "/tmp/boot.pcap", BYTES(PCAP_LE RECORD_LE), "capture" },
		{ ENTRY_STREAM, "gzip", BYTES(PCAP_BE RECORD_BE), "capture" },
		{ ENTRY_STREAM, "gzip", BYTES(SECTION("\x4d\x3c\x2b\x1a")), "capture" },
		{ ENTRY_REGION, "x.snoop", BYTES(SNOOP), "capture" },
		{ ENTRY_STREAM, "gzip", BYTES("btsnoop\0" "\0\0\0\1" "\0\0\x03\xea"), "capture" },
		{ ENTRY_STREAM, "gzip", BYTES("btsnoop\0" "a file"), NULL },
		{ ENTRY_STREAM, "gzip", BYTES(PCAP_LE "\0\0\0\x5f"), NULL }, /* half of a record's header */
		{ ENTRY_STREAM, "gzip", BYTES(PCAP_LE "\0\0\0\x5f" "\x01\0\0\0" "\x01\0\x04\0" "\x04\0\0\0"), NULL },
		{ ENTRY_STREAM, "gzip", BYTES(SECTION("\x1a\x2b\x3c\x4d")), NULL }, /* a length of the other order */
		{ ENTRY_STREAM, "/tmp/x.bak", BYTES("a=1\n"), NULL },
		{ ENTRY_STREAM, "/usr/share/doc/x/boot.pcap", BYTES(PCAP_LE), NULL },
	};
	for (size_t i = 0; i < sizeof recordings / sizeof recordings[0]; i++) {
		struct inspected out;
		inspected_run(&out, &leftovers_inspector,
					  (struct subject){ .path = text_c(recordings[i].path),
										.kind = recordings[i].kind,
										.mode = FACT_NULL,
										.bytes = span_of(recordings[i].bytes, recordings[i].n) });
		check(&out, recordings[i].path, recordings[i].what);
	}
	for (size_t n = 0; n < sizeof SNOOP; n++) { /* cut: nothing is read behind the end */
		uint8_t *cut = malloc(n + 1);
		memcpy(cut, SNOOP, n);
		assert_int_equal(capture_is_recording(span_of(cut, n)), n == 16 || n >= 40);
		free(cut);
	}
	for (size_t n = 0; n < sizeof PCAP_LE RECORD_LE; n++) {
		uint8_t *cut = malloc(n + 1);
		memcpy(cut, PCAP_LE RECORD_LE, n);
		assert_int_equal(capture_is_recording(span_of(cut, n)), n == 24 || n >= 40);
		free(cut);
	}
}

static void test_programs(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		uint16_t type;
		int64_t mode;
		const char *kind;
		uint16_t machine; /* 0: ARM */
	} programs[] = {
		{ "/usr/bin/gdbserver", ET_EXEC, 0755, "debug tool" },
		{ "/usr/sbin/tcpdump", ET_DYN, 0755, "debug tool" },
		{ "/usr/bin/strace", ET_DYN, FACT_NULL, "debug tool" },
		{ "/usr/bin/gcc-12", ET_DYN, 0755, "development" },
		{ "/usr/bin/arm-linux-gnueabihf-objdump", ET_DYN, 0755, "development" },
		{ "/usr/bin/arm-linux-gnueabihf-gcc-12", ET_DYN, 0755, "development" },
		{ "/usr/bin/ping_test", ET_DYN, 0755, "test program" },
		{ "/usr/bin/test", ET_DYN, 0755, NULL },
		{ "/usr/bin/ping", ET_DYN, 0755, NULL },
		{ "/usr/share/gdb/gdbserver", ET_DYN, 0755, NULL },
		{ "/usr/lib/libgdb.so", ET_DYN, 0644, NULL },
		{ "/core.1234", ET_CORE, 0600, "core dump" },
		{ "/opt/x.o", ET_REL, 0644, "build" },
		{ "/x.o", ET_REL, 0644, NULL },
		{ "/boot/grub/i386-pc/efiemu64.o", ET_REL, 0644, NULL },
		{ "/opt/efiemu64.o", ET_REL, 0644, "build" },
		{ "/lib/bpf/qosify-bpf.o", ET_REL, 0644, NULL, EM_BPF },
		{ "/lib/modules/x.ko", ET_REL, 0644, NULL },
		{ "/usr/lib/debug/x.debug", ET_DYN, 0644, "build" },
	};
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		struct elf_image m;
		struct inspected out;
		elf_write(&(struct elf_recipe){ .machine = programs[i].machine ? programs[i].machine : EM_ARM, .type = programs[i].type }, &m);
		inspected_run(&out, &leftovers_inspector,
					  (struct subject){ .path = text_c(programs[i].path),
										.kind = ENTRY_FILE,
										.mode = programs[i].mode,
										.format = "elf",
										.bytes = span_of(m.p, m.n) });
		check(&out, programs[i].path, programs[i].kind);
	}
}

static void test_links(void **state)
{
	(void)state;
	static const struct {
		const char *path, *target, *kind;
	} links[] = {
		{ "/usr/bin/nc", "/bin/busybox", "debug tool" },
		{ "/sbin/devmem", "../bin/busybox", "debug tool" },
		{ "/bin/ls", "busybox", NULL },
		{ "/usr/bin/nc", "/etc/alternatives/nc", NULL },
		{ "/usr/bin/gdb", "busybox", NULL },
		{ "/etc/nc", "/bin/busybox", NULL },
	};
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		struct inspected out;
		inspected_run(&out, &leftovers_inspector,
					  (struct subject){ .path = text_c(links[i].path),
										.kind = ENTRY_SYMLINK,
										.mode = 0777,
										.format = "empty",
										.link_target = text_c(links[i].target) });
		check(&out, links[i].path, links[i].kind);
	}
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i += 3)
		inspected_survives(&leftovers_inspector, files[i].path, span_of(files[i].bytes, files[i].n), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_files),
		cmocka_unit_test(test_recordings), cmocka_unit_test(test_programs),
										cmocka_unit_test(test_links), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
