/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time comes from: each case is a file and its rows, by the manual of the program that reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector clock_inspector;

static void check(const char *path, struct span bytes, const char *rows)
{
	struct inspected out;
	inspected_file(&out, &clock_inspector, path, bytes);
	const char *got = inspected_print(&out, FACT_time_source);
	if (strcmp(got, rows) != 0)
		print_message("%s: %.*s\n", path, (int)bytes.n, (const char *)bytes.p);
	assert_string_equal(got, rows);
	inspected_free(&out);
}

static void test_configurations(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *rows;
	} cases[] = {
		{ "/etc/ntp.conf",
		  "# server a.b.com\ndriftfile /var/x\nserver -4 0.pool.ntp.org iburst # x\r\npool ntp.vendor.com\nserver 127.127.1.0\n",
		  "line=3 | kind=ntp-server | value=0.pool.ntp.org | program=ntpd | detail=iburst\n"
		  "line=4 | kind=ntp-server | value=ntp.vendor.com | program=ntpd\n"
		  "line=5 | kind=reference-clock | value=127.127.1.0 | program=ntpd\n" },
		{ "/etc/ntpsec/ntp.conf", "server time.cloudflare.com nts\n",
		  "line=1 | kind=nts-server | value=time.cloudflare.com | program=ntpd | detail=nts\n" },
		{ "/etc/chrony/chrony.conf",
		  "! server x.org\npool 2.debian.pool.ntp.org iburst nts\nrtcsync\nrefclock PPS /dev/pps0\nmakestep 1 3",
		  "line=2 | kind=nts-server | value=2.debian.pool.ntp.org | program=chronyd | detail=iburst nts\n"
		  "line=3 | kind=rtc | value=rtcsync | program=chronyd\n"
		  "line=4 | kind=reference-clock | value=PPS /dev/pps0 | program=chronyd\n" },
		/* what is read itself is named by nothing else; what the image does not tell is */
		{ "/etc/chrony.conf",
		  "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d /run/chrony-dhcp\ninclude /etc/site.conf\ninclude /etc/chrony/conf.d/*.conf\n"
		  "initstepslew 10 a.acme.net 10.0.0.2\n",
		  "line=2 | kind=more-sources | value=/run/chrony-dhcp | program=chronyd\n"
		  "line=3 | kind=more-sources | value=/etc/site.conf | program=chronyd\n"
		  "line=5 | kind=ntp-server | value=a.acme.net | program=chronyd | detail=initstepslew\n"
		  "line=5 | kind=ntp-server | value=10.0.0.2 | program=chronyd | detail=initstepslew\n" },
		{ "/etc/ntp.conf", "server 10.0.0.1\nincludefile /run/ntp.more\n",
		  "line=1 | kind=ntp-server | value=10.0.0.1 | program=ntpd\nline=2 | kind=more-sources | value=/run/ntp.more | program=ntpd\n" },
		{ "/etc/chrony/sources.d/a.sources", "server 10.0.0.1\n",
		  "line=1 | kind=ntp-server | value=10.0.0.1 | program=chronyd\n" },
		{ "/etc/openntpd/ntpd.conf", "servers pool.ntp.org weight 5\nconstraint from \"https://9.9.9.9\"\nsensor *\n",
		  "line=1 | kind=ntp-server | value=pool.ntp.org | program=openntpd | detail=weight 5\n"
		  "line=2 | kind=http-date | value=https://9.9.9.9 | program=openntpd | detail=constraint\n"
		  "line=3 | kind=reference-clock | value=* | program=openntpd\n" },
		{ "/etc/systemd/timesyncd.conf",
		  "[Time]\n#NTP=x.org\nNTP=a.vendor.com b.vendor.com\nFallbackNTP=c.vendor.com\n",
		  "line=3 | kind=ntp-server | value=a.vendor.com | program=systemd-timesyncd\n"
		  "line=3 | kind=ntp-server | value=b.vendor.com | program=systemd-timesyncd\n"
		  "line=4 | kind=ntp-server | value=c.vendor.com | program=systemd-timesyncd | detail=fallback\n" },
		{ "/etc/config/system",
		  "config system\n\toption zonename 'Europe/Berlin'\n\toption timezone 'CET-1CEST'\n\n"
			"config timeserver 'ntp'\n\tlist server '0.openwrt.pool.ntp.org'\n"
		  "\toption enabled '0'\n",
		  "line=2 | kind=time-zone | value=Europe/Berlin | program=uci\nline=3 | kind=time-zone | value=CET-1CEST | program=uci\n"
		  "line=6 | kind=ntp-server | value=0.openwrt.pool.ntp.org | program=ntpd | detail=disabled\n" },
		{ "/etc/config/ntpclient", "config ntpserver\n\toption hostname 'ntp.vendor.com'\n\toption port '123'\n",
		  "line=2 | kind=ntp-server | value=ntp.vendor.com | program=ntpclient\n" },
		{ "/etc/default/ntpdate", "NTPDATE_USE_NTP_CONF=yes\nNTPSERVERS=\"0.pool.ntp.org 1.pool.ntp.org\"\n",
		  "line=2 | kind=ntp-server | value=0.pool.ntp.org | detail=NTPSERVERS\n"
			"line=2 | kind=ntp-server | value=1.pool.ntp.org | detail=NTPSERVERS\n" },
		{ "/etc/default.ini", "ntp_server = ntp.vendor.com\nntp_port = 123\nntp_server_enable=1\n",
		  "line=1 | kind=ntp-server | value=ntp.vendor.com | detail=ntp_server\n" },
		{ "/etc/TZ", "CST-8\n", "line=1 | kind=time-zone | value=CST-8\n" },
		{ "/usr/share/zoneinfo/tzdata.zi", "# version 2024a\n# x\n", "line=1 | kind=tzdata | value=2024a\n" },
		{ "/usr/share/zoneinfo/+VERSION", "2021e\n", "line=1 | kind=tzdata | value=2021e\n" },
		{ "/system/usr/share/zoneinfo/tzdata", "tzdata2020d", "kind=tzdata | value=2020d\n" },
		/* 3928521600 seconds after 1900 are 28 June 2024, as the table itself says */
		{ "/usr/share/zoneinfo/leap-seconds.list", "#\tx\n#@\t3928521600\n",
		  "line=2 | kind=leap-seconds | value=2024-06-28\n" },
		{ "/usr/share/zoneinfo/tzdata.zi", "# versions\n", "" },
		{ "/etc/defaultvalue.xml",
		  "<?xml?>\n<time><ntp><enable>1</enable><server>ntp1.vendor.com</server></ntp></time>\n<x><server>a.b.com</server></x>\n",
		  "line=2 | kind=ntp-server | value=ntp1.vendor.com | detail=server\n" },
		{ "/etc/default_config.xml",
		  "<Time><Enable val=1 /><NTPServer1 val=133.100.9.2 />\n<NTPServer2 val=\"a.vendor.com\" /><NTPServer3 val=0.0.0.0 /></Time>\n"
		  "<!-- <NTPServer4 val=b.vendor.com /> --><NTPPage val=help.html />",
		  "line=1 | kind=ntp-server | value=133.100.9.2 | detail=NTPServer1\n"
		  "line=2 | kind=ntp-server | value=a.vendor.com | detail=NTPServer2\n" },
		{ "/etc/ctree.xml",
		  "<A><Time Enable=\"1\" NTPServer1=\"a.vendor.com\" NTPServer2='' Zone=\"b.vendor.com\"/>\n"
		  "<DM name=\"NtpServer1\" val=\"c.vendor.com\"/><DM name=\"Server\" val=\"d.vendor.com\"/></A>",
		  "line=1 | kind=ntp-server | value=a.vendor.com | detail=NTPServer1\n"
		  "line=2 | kind=ntp-server | value=c.vendor.com | detail=NtpServer1\n" },
		{ "/usr/share/chrony/chrony.conf", "server a.b.com\n", "" },
		{ "/usr/share/doc/ntp/ntp.conf", "server a.b.com\n", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i].path, span_of(cases[i].text, strlen(cases[i].text)), cases[i].rows);
}

static void test_scripts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "ntpd -n -q -p ntp.vendor.com -p 1.2.4.8\n",
		  "line=2 | kind=ntp-server | value=ntp.vendor.com | program=ntpd\nline=2 | kind=ntp-server | value=1.2.4.8 | program=ntpd\n" },
		{ "busybox ntpd -Np time.google.com &\n", "line=2 | kind=ntp-server | value=time.google.com | program=ntpd\n" },
		{ "start-stop-daemon -S -x /usr/sbin/ntpd -- -p a.vendor.com\n",
		  "line=2 | kind=ntp-server | value=a.vendor.com | program=ntpd\n" },
		{ "ntpdate -u -t 5 time.nist.gov\n", "line=2 | kind=ntp-server | value=time.nist.gov | program=ntpdate\n" },
		{ "/bin/ntpclient -s -h time.windows.com -i 10\n",
		  "line=2 | kind=ntp-server | value=time.windows.com | program=ntpclient\n" },
		{ "[ -x /sbin/hwclock ] && hwclock -s -u\n", "line=2 | kind=rtc | value=hwclock -s -u | program=hwclock\n" },
		{ "date -s \"$(curl -sI http://a.vendor.com | grep -i '^Date' | cut -d' ' -f2-)\"\n",
		  "line=2 | kind=http-date | value=date -s \"$(curl -sI http://a.vendor.com | grep -i '^Date' | cut -d' ' -f2-)\" | program=date\n" },
		{ "export TZ=CST-8\n", "line=2 | kind=time-zone | value=CST-8\n" },
		{ "# ntpdate time.nist.gov\necho ntpdate time.nist.gov\nkillall ntpd -p a.vendor.com\nntpdate $SERVER\nTZ=$x date\n",
		  "" },
		{ "rdate -s 132.163.96.1; htpdate www.vendor.com\n",
		  "line=2 | kind=ntp-server | value=132.163.96.1 | program=rdate\nline=2 | kind=http-date | value=www.vendor.com | program=htpdate\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[512];
		int n = snprintf(text, sizeof text, "#!/bin/sh\n%s", cases[i].text);
		check("/etc/init.d/x", span_of(text, (size_t)n), cases[i].rows);
	}
}

static void test_binaries(void **state)
{
	(void)state;
	static const char elf[] = "\x7f"
							  "ELF\1\1\1\0\0time.windows.com\0/dev/rtc0\0usage: ntp.c\0set time. now\0pool.ntp.org\0";
	check("/usr/sbin/httpd", span_of(elf, sizeof elf),
		  "kind=ntp-server | value=time.windows.com | program=httpd\nkind=rtc | value=/dev/rtc0 | program=httpd\n"
		  "kind=ntp-server | value=pool.ntp.org | program=httpd\n");
	/* A device of the manual is not the one that is opened. */
	static const char usage[] = "\x7f"
								"ELF\1\1\1\0\0\t-f DEV\tUse specified device (e.g. /dev/rtc2)\n\0/dev/rtc1\0"
								"hwclock -f /dev/rtc3\0";
	check("/bin/busybox", span_of(usage, sizeof usage),
		  "kind=rtc | value=/dev/rtc1 | program=busybox\nkind=rtc | value=/dev/rtc3 | program=busybox\n");
	check("/usr/sbin/ntpd",
		  span_of("\x7f"
				  "ELF\1\1\1\0ntp",
				  12),
		  "kind=ntp-client | value=ntpd | program=ntpd\n");
	static const char java[] = "\1\0\4TZDB\0\1\0\5"
							   "2025a\2";
	check("/opt/java/lib/tzdb.dat", span_of(java, sizeof java), "kind=tzdata | value=2025a | program=java\n");
	struct inspected out;
	inspected_run(&out, &clock_inspector,
				  (struct subject){ .path = TEXT_LIT("/usr/sbin/ntpd"),
									.kind = ENTRY_SYMLINK,
									.link_target = TEXT_LIT("../../bin/busybox") });
	assert_string_equal(inspected_print(&out, FACT_time_source), "kind=ntp-client | value=ntpd | program=busybox\n");
	inspected_free(&out);
	inspected_run(&out, &clock_inspector,
				  (struct subject){ .path = TEXT_LIT("/etc/localtime"),
									.kind = ENTRY_SYMLINK,
									.link_target = TEXT_LIT("/usr/share/zoneinfo/Asia/Shanghai") });
	assert_string_equal(inspected_print(&out, FACT_time_source), "kind=time-zone | value=Asia/Shanghai\n");
	inspected_free(&out);
}

static void test_survives(void **state)
{
	(void)state;
	static const char *const paths[] = { "/etc/ntp.conf",        "/etc/chrony.conf",
										 "/etc/ntpd.conf",       "/etc/systemd/timesyncd.conf",
										 "/etc/config/system",   "/etc/init.d/x",
										 "/a/leap-seconds.list", "/a/tzdb.dat",
										 "/a/tzdata.zi",         "/bin/ntpd" };
	static const char text[] =
		"#!/bin/sh\nconfig timeserver\nserver -4 ntp.org nts\noption server 'x'\nNTP=a b\nntpd -p time.nist.gov\n"
		"#@\t3928521600\ndate -s \"$(curl x)\"\nNTPSERVER=ntp.org /dev/rtc0";
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		inspected_survives(&clock_inspector, paths[i], span_of(text, sizeof text - 1), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_configurations), cmocka_unit_test(test_scripts),
										cmocka_unit_test(test_binaries), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
