/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: each case is a file and the rows that it gives, by the grammar of RFC 3986 and by reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/endpoints.h"
#include "inspected.h"

extern const struct inspector endpoints_inspector;

struct file_case {
	const char *path, *text;
	size_t n; /* 0: up to the NUL */
	const char *rows;
};
#define TEXT(path, text, rows)                                                                                         \
	{                                                                                                                  \
		path, text, 0, rows                                                                                            \
	}
#define BINARY(path, text, rows)                                                                                       \
	{                                                                                                                  \
		path,                                                                                                          \
			"\x7f"                                                                                                     \
			"ELF\1\1\1\0" text "\0\0\0\0",                                                                             \
			sizeof("\x7f"                                                                                              \
				   "ELF\1\1\1\0" text "\0\0\0\0") -                                                                    \
				1,                                                                                                     \
			rows                                                                                                       \
	}

static const char *field(struct text t)
{
	static char buffers[8][512];
	static unsigned next;
	char *b = buffers[next++ % 8];
	snprintf(b, sizeof buffers[0], "%.*s", t.p ? (int)t.n : 1, t.p ? t.p : "-");
	return b;
}

/* kind text scope port encrypted role noise */
static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	const struct fact_endpoint *e;
	for (size_t i = 0; n < size && (e = fact_list_get(list, FACT_endpoint, i)); i++) {
		char port[32] = "-";
		if (e->port != FACT_NULL)
			snprintf(port, sizeof port, "%ld", (long)e->port);
		n += (size_t)snprintf(out + n, size - n, "%s|%s|%s|%s|%s|%s|%s|%s\n", field(e->kind), field(e->text),
							  field(e->host), field(e->scope), port,
							  e->encrypted == FACT_NULL ? "-"
							  : e->encrypted            ? "1"
														: "0",
							  field(e->role), field(e->noise));
	}
}

static void check(const struct file_case *cases, size_t n)
{
	static char rows[65536];
	for (size_t i = 0; i < n; i++) {
		const struct file_case *c = &cases[i];
		struct inspected out;
		inspected_file(&out, &endpoints_inspector, c->path, span_of(c->text, c->n ? c->n : strlen(c->text)));
		print_rows(&out.list, rows, sizeof rows);
		if (strcmp(rows, c->rows) != 0)
			print_message("case %zu, %s: %s\n", i, c->path, c->text);
		assert_string_equal(rows, c->rows);
		inspected_free(&out);
	}
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

static void test_urls(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		TEXT("/etc/a.conf", "url=https://api.vendor.com:8443/v1?x=1&y=2\n",
			 "url|https://api.vendor.com:8443/v1?x=1&y=2|api.vendor.com|public|8443|1|cloud|-\n"),
		TEXT("/etc/a.conf", "broker mqtts://iot.vendor.com\n",
			 "url|mqtts://iot.vendor.com|iot.vendor.com|public|8883|1|cloud|-\n"),
		TEXT("/etc/a.conf", "u MQTT://10.1.2.9\n", "url|MQTT://10.1.2.9|10.1.2.9|private|1883|0|messaging|-\n"),
		TEXT("/etc/a.conf", "ssl://mq.vendor.cn:8883", "url|ssl://mq.vendor.cn:8883|mq.vendor.cn|public|8883|1|-|-\n"),
		TEXT("/etc/a.conf", "tcp://mq.vendor.cn:1883", "url|tcp://mq.vendor.cn:1883|mq.vendor.cn|public|1883|0|-|-\n"),
		TEXT("/etc/a.conf", "rtsp://admin:12345@192.168.1.64:554/ch1",
			 "url|rtsp://admin:12345@192.168.1.64:554/ch1|192.168.1.64|private|554|0|media|-\n"),
		TEXT("/etc/a.conf", "dns=udp://[2001:4860:4860::8888]:53;",
			 "url|udp://[2001:4860:4860::8888]:53|2001:4860:4860::8888|public|53|0|name service|-\n"),
		TEXT("/etc/a.conf", "x=(http://a.vendor.com/b),", "url|http://a.vendor.com/b|a.vendor.com|public|80|0|-|-\n"),
		TEXT("/etc/a.json", "{\"u\":\"http:\\/\\/up.vendor.com\\/fw.bin\"}",
			 "url|http:\\/\\/up.vendor.com\\/fw.bin|up.vendor.com|public|80|0|update|-\n"),
		TEXT("/etc/a.conf", "coaps://[ff02::fd]\n", "url|coaps://[ff02::fd]|ff02::fd|multicast|5684|1|messaging|-\n"),
		TEXT("/etc/a.conf", "http://localhost:8080/\n",
			 "url|http://localhost:8080/|localhost|loopback|8080|0|-|this machine\n"),
		TEXT("/etc/a.conf", "git+https://code.vendor.com/x\n",
			 "url|git+https://code.vendor.com/x|code.vendor.com|public|443|1|-|-\n"),
		TEXT("/etc/init.d/up", "wget http://update.router.example.com/fw/latest.trx -O /tmp/x\n",
			 "url|http://update.router.example.com/fw/latest.trx|update.router.example.com|reserved|80|0|update|-\n"),
		/* none */
		TEXT("/etc/a.conf",
			 "http:// https://%s mqtt://%s:%d http://%d.%d.%d.%d:%d%s file:///etc/x cgi://x foo://bar.com\n", ""),
		TEXT("/etc/a.conf", "http://nodomain.notatld/ http://-/ http://..com/ http://1.2.3.4.5/ http://999.1.1.1/\n",
			 ""),
		TEXT("/www/a.js", "x = 'http://' + address; y = \"http://\" + a.b.c;\n", ""),
		TEXT("/etc/a.conf", "http://host/ http://server:80/\n", ""),
	};
	CHECK(cases);
}

static void test_placeholders(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		BINARY("/bin/a", "\0http://%s:8080/restart", "url|http://%s:8080/restart|%s|placeholder|8080|0|-|-\n"),
		BINARY("/bin/a", "\0https://%s.iot.vendor.com\0",
			   "url|https://%s.iot.vendor.com|%s.iot.vendor.com|placeholder|443|1|cloud|-\n"),
		TEXT("/bin/a.sh", "#!/bin/sh\ncurl https://${HOST}/firmware/list\n",
			 "url|https://${HOST}/firmware/list|${HOST}|placeholder|443|1|update|-\n"),
	};
	CHECK(cases);
}

static void test_noise(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		TEXT("/etc/a.xml", "<?xml version=\"1.0\"?><a xmlns=\"http://vendor.com/ns\"/>",
			 "url|http://vendor.com/ns|vendor.com|public|80|0|-|namespace\n"),
		TEXT("/etc/a.conf", "# see http://wiki.vendor.com/x\n",
			 "url|http://wiki.vendor.com/x|wiki.vendor.com|public|80|0|-|comment\n"),
		TEXT("/etc/a.conf", "key = http://www.w3.org/2000/svg\n",
			 "url|http://www.w3.org/2000/svg|www.w3.org|public|80|0|-|namespace\n"),
		TEXT(
			"/www/a.js", "/* from\n http://a.vendor.com/x */ var u = \"http://b.vendor.com/y\";\n",
			"url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|comment\nurl|http://b.vendor.com/y|b.vendor.com|public|80|0|-|-\n"),
		TEXT(
			"/www/a.js", "var u = \"http://b.vendor.com/y\"; // http://c.vendor.com/\n",
			"url|http://b.vendor.com/y|b.vendor.com|public|80|0|-|-\nurl|http://c.vendor.com/|c.vendor.com|public|80|0|-|comment\n"),
		TEXT("/opt/x/README", "http://a.vendor.com/x\n",
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|documentation\n"),
		BINARY("/bin/a", "\0http://www.vendor.com/mesh/cdb-schema.json#\0",
			   "url|http://www.vendor.com/mesh/cdb-schema.json#|www.vendor.com|public|80|0|-|namespace\n"),
		TEXT("/usr/share/vim/addons/syntax/x.vim", "http://a.vendor.com/x\n",
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|documentation\n"),
		TEXT("/etc/a.conf", "url http://your.webserver.here/a\nurl rtsp://yourcamera1ip/x\n",
			 "url|http://your.webserver.here/a|your.webserver.here|public|80|0|-|example\n"
			 "url|rtsp://yourcamera1ip/x|yourcamera1ip|private|554|0|-|example\n"),
		BINARY("/bin/choose", "\0ftp.at.debian.org\0lists.debian.org\0",
			   "host|ftp.at.debian.org|ftp.at.debian.org|public|-|-|update|-\n"
			   "host|lists.debian.org|lists.debian.org|public|-|-|-|project page\n"),
		TEXT("/usr/share/doc/x/a", "http://a.vendor.com/x\n", ""),
		TEXT("/usr/share/common-licenses/Artistic", "ftp from ftp://a.vendor.com/x\n",
			 "url|ftp://a.vendor.com/x|a.vendor.com|public|21|0|-|documentation\n"),
		TEXT("/var/lib/apt/lists/deb_dists_Packages", "Homepage: http://a.vendor.com/x\n", 
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|package metadata\n"),
		TEXT("/var/opkg-lists/base", "Source: http://a.vendor.com/x\n", 
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|package metadata\n"),
		TEXT("/var/log/bootstrap.log", "2026 http://a.vendor.com/x\n", 
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|package metadata\n"),
		TEXT("/usr/lib/x.pc", "URL: http://a.vendor.com/x\n",
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|package metadata\n"),
		BINARY("/bin/a", "\0Report bugs to <bug-inetutils@gnu.org>.\0",
			   "email|bug-inetutils@gnu.org|gnu.org|public|-|-|-|author\n"),
		BINARY("/bin/a", "\0Report bugs at https://tracker.vendor.com/\0",
			   "url|https://tracker.vendor.com/|tracker.vendor.com|public|443|1|-|bug report\n"),
		BINARY("/bin/a", "\0zlib@openssh.com\0", "email|zlib@openssh.com|openssh.com|public|-|-|-|algorithm name\n"),
		BINARY("/bin/a",
			   "\0"
			   "CRYPTOGAMS by <appro@openssl.org>\0",
			   "email|appro@openssl.org|openssl.org|public|-|-|-|author\n"),
		TEXT("/etc/fstab", "//47.90.1.2/share /mnt cifs ro 0 0\n", "ip|47.90.1.2|47.90.1.2|public|-|-|-|-\n"),
		TEXT("/etc/a.conf", "x=/srv/47.90.1.2/share\n", ""),
		TEXT("/bin/a.sh", "curl -H \"Authorization: Bearer $T\" https://data.vendor.net/y\n",
			 "url|https://data.vendor.net/y|data.vendor.net|public|443|1|-|-\n"),
		BINARY("/lib/a.ko",
			   "\0"
			   "author=Joe Doe <joe@vendor.com>\0",
			   "email|joe@vendor.com|vendor.com|public|-|-|-|author\n"),
		BINARY("/bin/a", "\0\x86\x19http://pki.vendor.com/a.p\0",
			   "url|http://pki.vendor.com/a.p|pki.vendor.com|public|80|0|-|certificate\n"),
		BINARY("/bin/a", "\0https://example.com/x\0",
			   "url|https://example.com/x|example.com|reserved|443|1|-|example\n"),
		TEXT("/www/a.html", "<a href=\"http://www.vendor.com\">x</a>",
			 "url|http://www.vendor.com|www.vendor.com|public|80|0|link|-\n"),
		TEXT("/etc/os-release", "SUPPORT_URL=\"https://gateway.example.com/security\"\n",
			 "url|https://gateway.example.com/security|gateway.example.com|reserved|443|1|support|-\n"),
	};
	CHECK(cases);
}

static void test_names(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		BINARY("/bin/a", "\0time.windows.com\0", "host|time.windows.com|time.windows.com|public|-|-|time|-\n"),
		BINARY("/bin/a", "\0mq.vendor.cn:8883\0", "host|mq.vendor.cn:8883|mq.vendor.cn|public|8883|-|-|-\n"),
		BINARY("/bin/a", "\0ping -c 1 www.vendor.com\0",
			   "host|www.vendor.com|www.vendor.com|public|-|-|connectivity check|-\n"),
		TEXT("/etc/a.conf", "server=update.vendor.com\n",
			 "host|update.vendor.com|update.vendor.com|public|-|-|update|-\n"),
		TEXT("/etc/a.conf", "ntp = a.vendor.com", "host|a.vendor.com|a.vendor.com|public|-|-|time|-\n"),
		TEXT("/www/a.js", "var web = \"www.vendor.com\"; foo.com = this.net; obj.in(x.io)\n",
			 "host|www.vendor.com|www.vendor.com|public|-|-|-|-\n"),
		BINARY("/bin/a", "\0service@vendor.com\0", "email|service@vendor.com|vendor.com|public|-|-|mail|-\n"),
		BINARY(
			"/bin/a",
			"\0"
			"0.pool.ntp.org 1.pool.ntp.org\0",
			"host|0.pool.ntp.org|0.pool.ntp.org|public|-|-|time|-\nhost|1.pool.ntp.org|1.pool.ntp.org|public|-|-|time|-\n"),
		TEXT("/etc/init.d/a", "#!/bin/sh\nntpdate -b cn.pool.ntp.org\n",
			 "host|cn.pool.ntp.org|cn.pool.ntp.org|public|-|-|time|-\n"),
		TEXT(
			"/etc/a.json", "{\"host\": \"a1Xj9d.iot-as-mqtt.cn-shanghai.aliyuncs.com\"}",
			"host|a1Xj9d.iot-as-mqtt.cn-shanghai.aliyuncs.com|a1Xj9d.iot-as-mqtt.cn-shanghai.aliyuncs.com|public|-|-|cloud|-\n"),
		TEXT("/etc/init.d/a", "#!/bin/sh\nsshpass -p x ssh root@a.vendor.cn\nmail root@b.vendor.cn\n",
			 "email|root@a.vendor.cn|a.vendor.cn|public|-|-|remote management|-\n"
			 "email|root@b.vendor.cn|b.vendor.cn|public|-|-|mail|-\n"),
		TEXT("/etc/a.conf", "option username 'a@isp.vendor.net'\n",
			 "email|a@isp.vendor.net|isp.vendor.net|public|-|-|account|-\n"),
		TEXT("/etc/a.xml", "<?xml?><Time><Server1 val=a.vendor.com /><ntp><server>b.vendor.com</server></ntp></Time>",
			 "host|a.vendor.com|a.vendor.com|public|-|-|time|-\nhost|b.vendor.com|b.vendor.com|public|-|-|time|-\n"),
		/* none */
		TEXT("/etc/a.xml", "<?xml?><p>c.vendor.com</p> <a href=\"x?server\">d.vendor.com</a> y?z=e.vendor.com\n", ""),
		TEXT("/etc/fail2ban/paths-common.conf", "after = paths-overrides.local\n", ""),
		BINARY("/bin/a", "\0driver.version.internal\0", ""),
		BINARY("/bin/a",
			   "\0/etc/issue.net\0cgi.local-redir\0libfoo.so\0com.vendor.app.io\0index.html\0"
			   "foo.c\0"
			   "e.g.\0ASP.NET\0x.in\0fw.app.name\0",
			   ""),
		BINARY("/bin/a", "\0LibTomCrypt 1.18.2 (www.libtomcrypto.net)\0", ""),
		BINARY("/bin/a", "H\xb8ury.org\0", ""),
		TEXT("/usr/bin/a.py", "import os\nos.net = socket.io\nself.local.com\n", ""),
		TEXT("/etc/a.conf", "# server=update.vendor.com\n/usr/lib/a.net\n", ""),
		TEXT("/etc/a.xml", "<?xml?><policy own=\"uk.org.thekelleys.dnsmasq\" b=\"org.foo.net\"/>", ""),
	};
	CHECK(cases);
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		BINARY("/bin/a",
			   "\0"
			   "192.168.1.1\0",
			   "ip|192.168.1.1|192.168.1.1|private|-|-|-|-\n"),
		BINARY("/bin/a",
			   "\0"
			   "239.255.255.250:1900\0",
			   "ip|239.255.255.250:1900|239.255.255.250|multicast|1900|-|-|-\n"),
		TEXT(
			"/etc/resolv.conf", "nameserver 8.8.8.8\nnameserver 2001:4860:4860::8888\n",
			"ip|8.8.8.8|8.8.8.8|public|-|-|name service|-\nip|2001:4860:4860::8888|2001:4860:4860::8888|public|-|-|name service|-\n"),
		TEXT("/etc/a.conf", "dhcp-range=192.168.1.100,192.168.1.200,12h\n",
			 "ip|192.168.1.100|192.168.1.100|private|-|-|-|-\nip|192.168.1.200|192.168.1.200|private|-|-|-|-\n"),
		TEXT("/etc/a.conf", "listen 127.0.0.1:80\n", "ip|127.0.0.1:80|127.0.0.1|loopback|80|-|-|this machine\n"),
		TEXT("/etc/a.conf", "server 198.51.100.7\n", "ip|198.51.100.7|198.51.100.7|reserved|-|-|-|example\n"),
		BINARY("/bin/a",
			   "\0"
			   "ff02::1:2\0",
			   "ip|ff02::1:2|ff02::1:2|multicast|-|-|-|-\n"),
		BINARY(
			"/bin/a",
			"\0"
			"133.100.9.2 139.78.100.163 131.107.1.10 199.165.76.11 140.142.16.34 128.138.140.44 137.146.210.250 192.36.144.22 8.8.8.8\0",
			"ip|133.100.9.2|133.100.9.2|public|-|-|time|-\nip|139.78.100.163|139.78.100.163|public|-|-|time|-\n"
			"ip|131.107.1.10|131.107.1.10|public|-|-|time|-\nip|199.165.76.11|199.165.76.11|public|-|-|time|-\n"
			"ip|140.142.16.34|140.142.16.34|public|-|-|time|-\nip|128.138.140.44|128.138.140.44|public|-|-|time|-\n"
			"ip|137.146.210.250|137.146.210.250|public|-|-|time|-\nip|192.36.144.22|192.36.144.22|public|-|-|time|-\n"
			"ip|8.8.8.8|8.8.8.8|public|-|-|name service|-\n"),
		BINARY(
			"/bin/a",
			"\0The address of the server, for example 192.168.7.7, is given as four numbers between dots, and nothing else may stand there\0",
			""),
		TEXT("/etc/init.d/a", "mount -t cifs //10.9.8.7/share /mnt\n", "ip|10.9.8.7|10.9.8.7|private|-|-|-|-\n"),
		BINARY("/usr/sbin/sshd", "\0sntrup4591761x25519-sha512@tinyssh.org\0",
			   "email|sntrup4591761x25519-sha512@tinyssh.org|tinyssh.org|public|-|-|-|algorithm name\n"),
		/* versions of modules, names of hardware */
		BINARY("/lib/modules/qede.ko", "\0" "8.37.0.20\0" "8.8.8.8\0", "ip|8.8.8.8|8.8.8.8|public|-|-|name service|-\n"),
		TEXT("/usr/share/misc/pci.ids", "#\n#\tList of PCI ID's\n#\n1df7  opencpi.org\n",
			 ""),
		/* a name of a certificate's holder is no name service */
		TEXT("/etc/server.cnf", "[alt]\nDNS.1 = radius.example.net\n", "host|radius.example.net|radius.example.net|reserved|-|-|-|-\n"),
		TEXT("/etc/a.xml", "<?xml?><NTPServer1 val=133.100.9.2 />", "ip|133.100.9.2|133.100.9.2|public|-|-|time|-\n"),
		/* none: masks, networks, versions, object identifiers, times */
		TEXT("/etc/a.conf", "mask 255.255.255.0\nnet 10.0.0.0/8\nbcast 10.0.0.255\nany 0.0.0.0\n", ""),
		TEXT("/etc/a.conf", "version 10.2.3.4\nlib-1.2.3.4\nv1.2.3.4\nx 1.2.3.4.5\n1.02.3.4x\n", ""),
		BINARY("/bin/a",
			   "\0"
			   "1.3.6.1\0"
			   "2.5.29.15\0"
			   "1.3.101.110\0"
			   "4.0.0.1\0"
			   "2001:12:30\0std::fe80::x\0",
			   ""),
		TEXT("/a.svg", "<svg d=\"M1.2.3.4 5.6.7.8z\"/>", ""),
	};
	CHECK(cases);
}

static void test_fonts(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		{ "/usr/share/fonts/a", "\0\1\0\0\0\x10uni1789.alt.au\0http://www.foundry.com/\0", 44, "" },
		TEXT("/usr/share/fonts/a.otf", "OTTO http://www.foundry.com/\n", ""),
		BINARY("/bin/fonts", "\0http://www.foundry.com/x\0",
			   "url|http://www.foundry.com/x|www.foundry.com|public|80|0|-|-\n"),
		BINARY(
			"/bin/a", "\0https://raw.githubusercontent.com/v/autoconf/main/%s.json\0",
			"url|https://raw.githubusercontent.com/v/autoconf/main/%s.json|raw.githubusercontent.com|public|443|1|update|-\n"),
	};
	CHECK(cases);
}

static void test_go(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		BINARY(
			"/bin/a",
			"\0\xff Go buildinf:\0\0https://www.amazon.com/ap/oaiam.gov.impersonatedhttps://api.b.de/vtype.time.zone",
			"url|https://www.amazon.com/|www.amazon.com|public|443|1|-|-\nurl|https://api.b.de/|api.b.de|public|443|1|cloud|-\n"),
		BINARY("/bin/a", "\0Go buildinf: https://api.b.de/v/x\0",
			   "url|https://api.b.de/v/x|api.b.de|public|443|1|cloud|-\n"),
	};
	CHECK(cases);
}

static void test_words_that_look_alike(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		/* the dictionary of RFC 7932 */
		BINARY(
			"/bin/a",
			"\0url(http://mathematicsmargin-top:eventually action=\"http://xt/css\" otherhttp://link http://www.style=\"x\"",
			""),
		BINARY("/bin/a", "\0java.time.zone\0rsync://[USER@]HOST[:PORT]/DEST\0", ""),
		TEXT("/etc/ldap/a.ldif", "olcA: ( 1.3.6.1.4.1.1466.1\n 15.121.1.5 )\n", ""),
		TEXT("/usr/bin/a.lua", "local h = require \"util.human.io\";\nlocal u = \"api.vendor.com\"\n",
			 "host|api.vendor.com|api.vendor.com|public|-|-|cloud|-\n"),
		BINARY("/bin/a",
			   "\0This program is free of charge, and you may like it.\nhave a look at http://www.maker.com.au/x\n",
			   "url|http://www.maker.com.au/x|www.maker.com.au|public|80|0|-|documentation\n"),
		BINARY("/bin/a", "\0usage: agent [options]\n  -u the server, or else it is http://api.maker.com.au/x\n",
			   "url|http://api.maker.com.au/x|api.maker.com.au|public|80|0|cloud|-\n"),
		BINARY("/bin/a", "\0cannot fetch http://www.maker.com.au/x\0",
			   "url|http://www.maker.com.au/x|www.maker.com.au|public|80|0|-|-\n"),
		/* names of properties and of sources; the first label of a host may say what it is for */
		BINARY("/bin/a", "\0modem.firmware.fastboot.at\0collectd.pb.cc\0types.pb.cc\0ota.maker.cc\0",
			   "host|ota.maker.cc|ota.maker.cc|public|-|-|update|-\n"),
		BINARY("/bin/a", "\0http://internal:packages%s\0http://gw:8080/x\0",
			   "url|http://gw:8080/x|gw|private|8080|0|-|-\n"),
		/* a host in the middle of a sentence, and hosts that commands and settings have */
		TEXT("/etc/a.conf", "message = You can get it from www.maker.com or see\nroute add default via www.maker.com\n",
			 "host|www.maker.com|www.maker.com|public|-|-|-|-\n"),
		TEXT("/etc/wiki.conf", "shop.de  https://www.shop.de/dp/\nproxy.de  http://backend.maker.de/\n",
			 "url|https://www.shop.de/dp/|www.shop.de|public|443|1|-|-\nhost|proxy.de|proxy.de|public|-|-|-|-\n"
			 "url|http://backend.maker.de/|backend.maker.de|public|80|0|-|-\n"),
		/* what a program explains */
		BINARY("/bin/a", "\0Examples: 192.168.2.0/24 192.168.2.1 3, 10.1.0.0/16 10.0.0.254\0",
			   "ip|192.168.2.1|192.168.2.1|private|-|-|-|example\nip|10.0.0.254|10.0.0.254|private|-|-|-|example\n"),
		BINARY("/bin/a", "\0http://maker.org/xmlns/device/1.0\0http://maker.org/api/device/1.0\0",
			   "url|http://maker.org/xmlns/device/1.0|maker.org|public|80|0|-|namespace\n"
			   "url|http://maker.org/api/device/1.0|maker.org|public|80|0|-|-\n"),
		BINARY("/bin/a", "\0http://www.maker.co.kr/\0xmlns:sec\0http://www.maker.co.kr/x\0Result\0",
			   "url|http://www.maker.co.kr/|www.maker.co.kr|public|80|0|-|namespace\n"
			   "url|http://www.maker.co.kr/x|www.maker.co.kr|public|80|0|-|-\n"),
		TEXT("/etc/a.conf", "stream = \"http://url_here_for_mp3\"\n", ""),
		BINARY("/bin/a", "\0https://a.maker.com/manager_links.php?x\0",
			   "url|https://a.maker.com/manager_links.php?x|a.maker.com|public|443|1|-|-\n"),
	};
	CHECK(cases);
}

/* One a line is a list where there are many, and some servers where there are few. */
static void test_lists(void **state)
{
	(void)state;
	static char text[4096];
	for (int many = 0; many < 2; many++) {
		struct inspected out;
		size_t n = 0;
		for (int i = 0; i < (many ? 60 : 3); i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "%swww.maker%d.com%s\n", i % 2 ? "." : "", i,
								  i % 3 ? "" : "/x");
		n += (size_t)snprintf(text + n, sizeof text - n, "server www.maker.com\n");
		inspected_file(&out, &endpoints_inspector, "/etc/a.list", span_of(text, n));
		const char *rows = inspected_print(&out, FACT_endpoint);
		assert_int_equal(strstr(rows, "noise=list of hosts") != NULL, many);
		const char *server = strstr(rows, "text=www.maker.com ");
		assert_non_null(server);
		const char *end = strchr(server, '\n');
		assert_true(!memmem(server, (size_t)(end - server), "noise", 5));
		inspected_free(&out);
	}
}

static void test_each_once(void **state)
{
	(void)state;
	static const struct file_case cases[] = {
		TEXT("/etc/a.conf", "a=http://a.vendor.com/x\nb=http://a.vendor.com/x\n",
			 "url|http://a.vendor.com/x|a.vendor.com|public|80|0|-|-\n"),
	};
	CHECK(cases);
}

/* The tables are in the order that the look-ups need, and what they say is found. */
static void test_tables(void **state)
{
	(void)state;
	for (size_t i = 1; i < endpoint_ntlds; i++)
		assert_true(strcmp(endpoint_strings + endpoint_tlds[i - 1], endpoint_strings + endpoint_tlds[i]) < 0);
	for (size_t i = 0; i < endpoint_nknown; i++) {
		const struct endpoint_known *k = &endpoint_known[i];
		const struct endpoint_known *found = endpoint_look_up(text_c(endpoint_strings + k->host), text_c(endpoint_strings + k->path),
		                                                              endpoint_strings[k->path] == '@');
		assert_non_null(found);
		assert_int_equal(found->host, k->host);
	}
	assert_true(endpoint_is_tld(text_c("COM")) && endpoint_is_tld(text_c("xn--p1ai")) &&
				endpoint_is_tld(text_c("lan")));
	assert_false(endpoint_is_tld(text_c("html")) || endpoint_is_tld(text_c("")) || endpoint_is_tld(text_c("co.uk")));
}

/* A file of one line, and one with a pattern everywhere. */
static void test_large(void **state)
{
	(void)state;
	size_t n = 4u << 20;
	char *text = malloc(n);
	struct inspected out;
	for (size_t i = 0; i < n; i++)
		text[i] = "://a.com,1.1.1.1 "[i % 17];
	inspected_file(&out, &endpoints_inspector, "/etc/a.conf", span_of(text, n));
	assert_true(fact_list_count(&out.list, FACT_endpoint) < 100);
	inspected_free(&out);
	free(text);
}

static void test_survives(void **state)
{
	(void)state;
	static const char text[] =
		"a=https://u:p@h.vendor.com:1/x?y#z,\"mq.vendor.cn:8883\" j@v.com 10.2.3.4:80 2001:4860::88 http:\\/\\/a.b\\/c "
		"coap://[ff02::fd]/ http://%s/abc ${x} <!-- http://c.de --> {http://{{x}}.d.com/}";
	inspected_survives(&endpoints_inspector, "/etc/a.conf", span_of(text, sizeof text - 1), 3000);
	inspected_survives(&endpoints_inspector, "/www/a.js", span_of(text, sizeof text - 1), 2000);
	inspected_survives(&endpoints_inspector, "/bin/a",
					   span_of("\x7f"
							   "ELF\0\0http://a.com\0b.net\0"
							   "1.2.3.4",
							   33),
					   3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),      cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_noise),     cmocka_unit_test(test_names),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_tables),    cmocka_unit_test(test_fonts),
		cmocka_unit_test(test_go),        cmocka_unit_test(test_words_that_look_alike),
		cmocka_unit_test(test_lists),     cmocka_unit_test(test_large),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("endpoints", tests, NULL, NULL);
}
