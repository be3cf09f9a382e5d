/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How programs use the network: each case is an object and its row, by the manuals of the functions and libraries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "elf_writer.h"
#include "inspect/network_names.h"
#include "inspected.h"

extern const struct inspector network_inspector;

#define PROGRAM .machine = EM_ARM, .type = ET_EXEC, .interpreter = "/lib/ld.so", .dynamic = true

static const struct {
	struct elf_recipe recipe;
	const char *row;
} cases[] = {
	{ { PROGRAM, .needed = "libc.so.0", .imports = "socket bind listen accept" },
	  "listens=1 | connects=0 | families=stream | evidence=accept bind listen\n" },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket connect getaddrinfo" },
	  "listens=0 | connects=1 | families=inet | evidence=connect getaddrinfo\n" },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket bind recvfrom sendto inet_pton" },
	  "listens=1 | connects=1 | families=inet datagram | evidence=bind inet_pton recvfrom sendto\n" },
	/* netlink, or datagrams: nothing tells */
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket bind recvmsg" }, "connects=0 | evidence=bind recvmsg\n" },
	/* the journal's socket, udev's: no address of the Internet */
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket connect" }, NULL },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket bind connect" }, NULL },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket sendto" }, "listens=0 | families=datagram | evidence=sendto\n" },
	{ { PROGRAM, .needed = "libmnl.so.0 libc.so.6", .imports = "mnl_socket_open" },
	  "listens=0 | connects=0 | families=netlink | protocols=netlink\n" },
	/* a socket that systemd or inetd hands over; one of the kernel's ciphers */
	{ { PROGRAM, .needed = "libc.so.6", .imports = "accept" }, "listens=1 | connects=0 | evidence=accept\n" },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "socket bind accept" }, NULL },
	{ { PROGRAM, .needed = "libc.so.6", .imports = "puts read write socket" }, NULL },
	/* by libraries */
	{ { PROGRAM, .needed = "libmicrohttpd.so.12 libc.so.6", .imports = "MHD_start_daemon" },
	  "listens=1 | connects=0 | protocols=microhttpd | evidence=MHD_start_daemon\n" },
	{ { PROGRAM, .needed = "libevent-2.1.so.7 libc.so.6", .imports = "evhttp_bind_socket" },
	  "listens=1 | connects=0 | protocols=libevent | evidence=evhttp_bind_socket\n" },
	{ { PROGRAM, .needed = "libuv.so.1", .imports = "uv_tcp_init uv_listen" },
	  "listens=1 | connects=0 | protocols=libuv | evidence=uv_listen\n" },
	{ { PROGRAM, .needed = "libcurl-gnutls.so.4 libc.so.6", .imports = "curl_easy_perform" },
	  "listens=0 | connects=1 | protocols=curl | evidence=curl_easy_perform\n" },
	{ { PROGRAM, .needed = "libwebsockets.so.16 libc.so.6", .imports = "lws_create_context" },
	  "protocols=websockets | evidence=lws_create_context\n" },
	{ { PROGRAM, .needed = "libubox.so libc.so", .imports = "usock" }, "evidence=usock\n" },
	/* TLS */
	{ { PROGRAM, .needed = "libssl.so.1.1 libcrypto.so.1.1", .imports = "SSL_CTX_new BIO_new_ssl_connect" },
	  "listens=0 | connects=1 | tls=openssl | evidence=BIO_new_ssl_connect SSL_CTX_new\n" },
	{ { PROGRAM, .needed = "libssl.so.47", .imports = "SSL_new" }, "listens=0 | connects=0 | tls=libressl\n" },
	{ { PROGRAM, .needed = "libssl.so.10", .imports = "SSL_new" }, "listens=0 | connects=0 | tls=openssl\n" },
	{ { PROGRAM, .needed = "libssl3.so", .imports = "SSL_new" }, "listens=0 | connects=0 | tls=nss\n" },
	{ { PROGRAM, .needed = "libmbedtls.so.12 libmbedcrypto.so.3", .imports = "mbedtls_net_connect" },
	  "listens=0 | connects=1 | tls=mbedtls | evidence=mbedtls_net_connect\n" },
	{ { PROGRAM, .needed = "libmbedcrypto.so.3 libcrypto.so.3", .imports = "mbedtls_sha256" }, NULL },
	/* their digests alone are no TLS */
	{ { PROGRAM, .needed = "libwolfssl.so.24 libgnutls.so.30", .imports = "gnutls_hash_init wc_Sha256Update" }, NULL },
	{ { PROGRAM, .needed = "libgnutls.so.30", .imports = "gnutls_init" },
	  "listens=0 | connects=0 | tls=gnutls | evidence=gnutls_init\n" },
	{ { PROGRAM, .needed = "libwolfssl.so.24", .imports = "wolfSSL_CTX_new" },
	  "listens=0 | connects=0 | tls=wolfssl | evidence=wolfSSL_CTX_new\n" },
	/* a client's library, used in a way that is not known */
	{ { PROGRAM, .needed = "libldap-2.5.so.0", .imports = "ldap_first_entry" }, "listens=0 | protocols=ldap\n" },
	/* what is linked into the program: the C library connects by itself */
	{ { .machine = EM_MIPS, .big = true, .type = ET_EXEC, .symbols = "main socket bind listen connect SSL_CTX_new" },
	  "listens=1 | families=stream | tls=openssl | evidence=SSL_CTX_new bind connect listen\n" },
	{ { .machine = EM_MIPS, .big = true, .type = ET_EXEC, .symbols = "main puts" }, NULL },
	{ { .machine = EM_MIPS, .big = true, .type = ET_EXEC }, "\n" },
	/* a library; what it exports is no use of its own */
	{ { .is64 = true,
		.machine = EM_AARCH64,
		.type = ET_DYN,
		.dynamic = true,
		.soname = "libx.so",
		.imports = "listen bind",
		.exports = "connect" },
	  "listens=1 | connects=0 | families=stream | evidence=bind listen\n" },
	{ { .machine = EM_ARM, .type = ET_REL, .symbols = "listen connect" }, NULL },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct elf_image m;
		struct inspected out;
		elf_write(&cases[i].recipe, &m);
		inspected_run(&out, &network_inspector,
					  (struct subject){ .path = TEXT_LIT("/bin/x"),
										.kind = ENTRY_FILE,
										.mode = 0755,
										.format = "elf",
										.bytes = span_of(m.p, m.n) });
		const char *rows = inspected_print(&out, FACT_network);
		const char *expected = cases[i].row ? cases[i].row : "";
		if (strcmp(rows, expected) != 0)
			print_message("case %zu\n", i);
		assert_string_equal(rows, expected);
		inspected_free(&out);
	}
}

/* The runtime of Go calls the kernel itself; its table of functions tells. */
static void test_go(void **state)
{
	(void)state;
	static const char note[] = "\4\0\0\0\x53\0\0\0\4\0\0\0Go\0";
	static const struct {
		const char *names, *row;
		const char *imports; /* absent: getaddrinfo */
	} examples[] = {
		{ "runtime.main\nnet.(*sysListener).listenTCP\ncrypto/tls.(*Conn).Handshake",
		  "listens=1 | connects=0 | families=inet stream datagram | tls=crypto/tls | "
		  "evidence=getaddrinfo net.(*sysListener).listenTCP\n" },
		{ "runtime.main\nnet.(*sysDialer).dialTCP",
		  "listens=0 | connects=1 | families=inet stream datagram | evidence=getaddrinfo net.(*sysDialer).dialTCP\n" },
		{ "runtime.main", "" },
		{ "garbled", "families=inet | evidence=getaddrinfo\n" },
		{ "runtime.main\nnet.(*sysListener).listenMulticastUDP",
		  "listens=1 | connects=0 | families=inet stream datagram | "
		  "evidence=getaddrinfo net.(*sysListener).listenMulticastUDP\n" },
		/* at a socket that it is handed, or that it makes itself: nothing tells */
		{ "runtime.main\nnet.FileListener", "families=inet | evidence=getaddrinfo net.FileListener\n" },
		{ "runtime.main\nnet.(*sysDialer).dialTCP\ngolang.org/x/sys/unix.Bind",
		  "connects=1 | families=inet stream datagram | "
		  "evidence=getaddrinfo net.(*sysDialer).dialTCP golang.org/x/sys/unix.Bind\n" },
		{ "runtime.main\nsyscall.Listen", "families=inet | evidence=getaddrinfo syscall.Listen\n" },
		{ "runtime.main\nnet.(*sysDialer).dialTCP\nsyscall.Listen\nnet.(*netFD).listenStream",
		  "listens=0 | connects=1 | families=inet stream datagram | evidence=getaddrinfo net.(*sysDialer).dialTCP\n" },
		/* parts in C: what these may do, Go's table does not take back */
		{ "runtime.main", "protocols=websockets | evidence=lws_create_context\n", "lws_create_context" },
	};
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct elf_image m;
		struct inspected out;
		const char *imports = examples[i].imports ? examples[i].imports : "getaddrinfo";
		const char *needed = examples[i].imports ? "libwebsockets.so.16 libc.so.6" : "libc.so.6";
		elf_write(&(struct elf_recipe){ PROGRAM, .needed = needed, .imports = imports }, &m);
		assert_true(m.n + sizeof note + strlen(examples[i].names) < IMAGE_MAX);
		memcpy(m.p + m.n, note, sizeof note);
		memcpy(m.p + m.n + sizeof note, examples[i].names, strlen(examples[i].names));
		m.n += sizeof note + strlen(examples[i].names);
		inspected_run(&out, &network_inspector,
					  (struct subject){ .path = TEXT_LIT("/bin/x"),
										.kind = ENTRY_FILE,
										.mode = 0755,
										.format = "elf",
										.bytes = span_of(m.p, m.n) });
		assert_string_equal(inspected_print(&out, FACT_network), examples[i].row);
		inspected_free(&out);
	}
}

/* A coprocessor's program, which has no right to be run, is none that is unknown. */
static void test_not_run_here(void **state)
{
	(void)state;
	struct elf_image m;
	struct inspected out;
	elf_write(&(struct elf_recipe){ .machine = EM_QDSP6, .type = ET_EXEC }, &m);
	inspected_run(&out, &network_inspector,
				  (struct subject){ .path = TEXT_LIT("/lib/firmware/x"),
									.kind = ENTRY_FILE,
									.mode = 0644,
									.format = "elf",
									.bytes = span_of(m.p, m.n) });
	assert_int_equal(fact_list_count(&out.list, FACT_network), 0);
	inspected_free(&out);
}

static void test_table_is_sorted(void **state)
{
	(void)state;
	const struct network_function *all;
	size_t n = network_functions(&all);
	assert_true(n <= 256);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || strcmp(all[i - 1].name, all[i].name) < 0);
		assert_ptr_equal(network_function(text_c(all[i].name)), &all[i]);
	}
	static const struct {
		const char *needed, *library, *tls;
	} names[] = {
		{ "libssh2.so.1", "ssh2", NULL },
		{ "libssh.so.4", "ssh", NULL },
		{ "libevent_openssl-2.1.so.7", "libevent", NULL },
		{ "libnl-genl-3.so.200", "netlink", NULL },
		{ "libsoup-2.4.so.1", "soup", NULL },
		{ "libsoup.so", "soup", NULL },
		{ "libustream-ssl.so", NULL, "ustream-ssl" },
		{ "libpolarssl.so.5", NULL, "polarssl" },
		{ "libc.so.6", NULL, NULL },
		{ "libcurses.so", NULL, NULL },
		{ "libpthread.so.0", NULL, NULL },
		{ "", NULL, NULL },
		{ ".so", NULL, NULL },
		{ "libcurl", NULL, NULL },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct network_library *l = network_library(text_c(names[i].needed));
		const char *tls = network_tls(text_c(names[i].needed));
		assert_string_equal(l ? l->name : "", names[i].library ? names[i].library : "");
		assert_string_equal(tls ? tls : "", names[i].tls ? names[i].tls : "");
	}
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i += 5) {
		struct elf_image m;
		elf_write(&cases[i].recipe, &m);
		inspected_survives(&network_inspector, "/bin/x", span_of(m.p, m.n), 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_not_run_here), cmocka_unit_test(test_go),
										cmocka_unit_test(test_table_is_sorted), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
