/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people call vendors and products: as CNAs write them in CVE records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/products.h"

static const struct {
	const char *vendor, *product, *cpe, *number; /* cpe "": none is meant */
} names[] = {
	{ "ISC", "BIND 9", "isc:bind", "9" },
	{ "isc", "bind", "isc:bind", "" },
	{ "Internet Systems Consortium", "BIND", "isc:bind", "" },
	{ "Internet Systems Consortium, Inc.", "BIND 9", "isc:bind", "9" },
	{ "Internet Systems Consortium (ISC)", "BIND 9.16", "isc:bind", "9.16" },
	{ "ISC", "BIND v9", "isc:bind", "v9" },
	{ "ISC", "BIND 9 Supported Preview Edition", "", "" },
	{ "Apache Software Foundation", "Apache HTTP Server", "apache:http_server", "" },
	{ "The Apache Software Foundation", "HTTP Server", "apache:http_server", "" },
	{ "Apache Software Foundation", "Apache HTTP Server 2.4", "apache:http_server", "2.4" },
	{ "Linux", "Linux Kernel", "o:linux:linux_kernel", "" },
	{ "linux", "kernel", "", "" },
	{ "curl", "curl", "curl:curl", "" },
	{ "haxx", "libcurl", "haxx:libcurl", "" },
	{ "OpenSSL", "OpenSSL", "openssl:openssl", "" },
	{ "OpenSSL Software Foundation", "OpenSSL", "openssl:openssl", "" },
	{ "openssl.org", "OpenSSL", "openssl:openssl", "" },
	{ "wolfSSL Inc.", "wolfSSL", "wolfssl:wolfssl", "" },
	{ "The GNU C Library", "glibc", "gnu:glibc", "" },
	{ "GNU Libc", "glibc", "gnu:glibc", "" },
	{ "Eclipse Foundation", "Mosquitto", "eclipse:mosquitto", "" },
	{ "Eclipse", "Eclipse Mosquitto", "eclipse:mosquitto", "" },
	{ "Arm", "Mbed TLS", "arm:mbed_tls", "" },
	{ "Mbed-TLS", "mbedtls", "mbed-tls:mbedtls", "" },
	{ "The sudo project", "sudo", "sudo_project:sudo", "" },
	{ "sudo", "sudo", "sudo_project:sudo", "" },
	{ "w1.fi", "hostapd", "w1.fi:hostapd", "" },
	{ "dnsmasq", "dnsmasq", "dnsmasq:dnsmasq", "" },
	{ "The Samba Team", "Samba", "samba:samba", "" },
	{ "Samba", "Samba 4", "samba:samba", "4" },
	{ "FFmpeg", "FFmpeg", "ffmpeg:ffmpeg", "" },
	{ "BusyBox", "BusyBox", "busybox:busybox", "" },
	/* others', and nobody's */
	{ "Cloudflare", "zlib", "", "" },
	{ "Canonical Ltd.", "wpa_supplicant", "", "" },
	{ "Fedora", "Samba", "", "" },
	{ "Zlib Friends", "zlib", "", "" },
	{ "Zlib Friends Incorporated", "zlib", "", "" },
	{ "Nobody Knows This Isc", "BIND", "", "" },
	{ "Consortium (ISC)", "BIND", "isc:bind", "" },
	{ "ISC", "BIND .", "", "" },
	{ "n/a", "n/a", "", "" },
	{ "n/a", "samba", "", "" },
	{ "Acme", "dnsmasq", "", "" },
	{ "Apache Software Foundation", "Apache Airflow", "", "" },
	{ "ISC", "9", "", "" },
	{ "", "bind", "", "" },
	{ "isc", "", "", "" },
	{ "isc", "b\303\257nd", "", "" },
	{ "((", "))", "", "" },
};

static void check_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct product_prose prose;
		char got[200], want[200];
		const struct product *p = product_of_prose(text_c(names[i].vendor), text_c(names[i].product), &prose);
		snprintf(got, sizeof got, "%s / %s: %.*s %.*s", names[i].vendor, names[i].product, (int)prose.cpe.n,
				 prose.cpe.p ? prose.cpe.p : "", (int)prose.number.n, prose.number.p ? prose.number.p : "");
		snprintf(want, sizeof want, "%s / %s: %s %s", names[i].vendor, names[i].product, names[i].cpe, names[i].number);
		assert_string_equal(got, want);
		assert_int_equal(p != NULL, names[i].cpe[0] != '\0');
	}
}

/* Names of any length and of many words. */
static void check_long(void **state)
{
	char name[400];
	struct product_prose prose;
	(void)state;
	for (size_t n = 0; n < sizeof name; n++) {
		for (size_t step = 1; step < 9; step++) {
			for (size_t i = 0; i < n; i++)
				name[i] = i % step ? 'a' : ' ';
			assert_null(product_of_prose(text_of(name, n), text_c("bind"), &prose));
			assert_null(product_of_prose(text_c("isc"), text_of(name, n), &prose));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(check_names), cmocka_unit_test(check_long) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
