/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes in scripts: each case is a file and the rows that it gives, "line kind sink confidence". What is vulnerable was
 * written after published vulnerabilities, which are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector scripts_inspector;

struct sample {
	const char *path, *text, *rows;
};

static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	const struct fact_weakness *w;
	for (size_t i = 0; (w = fact_list_get(list, FACT_weakness, i)); i++)
		n += (size_t)snprintf(out + n, size - n, "%ld %.*s / %.*s / %.*s\n", (long)w->line, (int)w->kind.n, w->kind.p,
							  (int)w->sink.n, w->sink.p, (int)w->confidence.n, w->confidence.p);
}

static void check(const struct sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char rows[4096];
		struct inspected out;
		inspected_file(&out, &scripts_inspector, samples[i].path, span_of(samples[i].text, strlen(samples[i].text)));
		print_rows(&out.list, rows, sizeof rows);
		if (strcmp(rows, samples[i].rows) != 0)
			print_message("%s\n%s\n", samples[i].path, samples[i].text);
		assert_string_equal(rows, samples[i].rows);
		inspected_free(&out);
	}
}
#define CHECK(s) check(s, sizeof s / sizeof s[0])

#define CGI "/www/cgi-bin/x.cgi"
#define SH "/usr/sbin/x.sh"

static void test_shell_requests(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ CGI, "#!/bin/sh\neval \"$QUERY_STRING\"\n", "2 command-injection / eval / proven\n" },
		{ CGI,
		  "#!/bin/sh\nhost=`echo \"$QUERY_STRING\" | sed 's/.*host=//'`\nsh -c \"ping $host\"\nping \"$host\"\nping $host\n",
		  "3 command-injection / shell / proven\n" },
		{ CGI, "#!/bin/sh\nread POST\necho $POST | sh\n", "3 command-injection / shell / proven\n" },
		{ CGI, "#!/bin/sh\nbody=$(dd bs=1 count=$CONTENT_LENGTH 2>/dev/null)\n$body\n",
		  "3 command-injection / shell / proven\n" },
		{ CGI, "#!/bin/sh\nx=$HTTP_COOKIE\nawk \"/$x/ { print }\" /etc/hosts\n",
		  "3 command-injection / awk program / proven\n" },
		{ CGI, "#!/bin/sh\nf=${QUERY_STRING#*=}\ncat \"/tmp/$f\"\n", "3 path-injection / file / proven\n" },
		{ CGI, "#!/bin/sh\nrun() {\n\teval \"$1\"\n}\nrun \"$QUERY_STRING\"\n",
		  "3 command-injection / eval / proven\n" },
		{ CGI, "#!/bin/sh\ncase \"$QUERY_STRING\" in\n*[!a-z]*) exit ;;\nesac\neval \"$QUERY_STRING\"\n",
		  "5 command-injection / eval / possible\n" },
		{ "/www/x.cgi", "#!/usr/bin/haserl\n<html>\n<% eval ls $FORM_dir %>\n<b>eval $FORM_x</b>\n",
		  "3 command-injection / eval / proven\n" },
		{ CGI,
		  "#!/bin/sh\nread QUERY_STRING\neval $(echo \"$QUERY_STRING\"|awk -F'&' '{for(i=1;i<=NF;i++){print $i}}')\n"
		  "tmp=`httpd -d $cmd`\n$tmp\n",
		  "3 command-injection / eval / proven\n5 command-injection / shell / likely\n" },
		{ CGI,
		  "#!/bin/sh\neval $(echo \"$QUERY_STRING\" | tr '&' '\\n' | while read kv; do\n"
		  "echo \"$kv\"\ndone)\n",
		  "2 command-injection / eval / proven\n" },
		{ "/www/x.sh", "#!/usr/bin/haserl\n<?\neval $FORM_x\n?>\n<p>it's</p>\n",
		  "3 command-injection / eval / proven\n" },
		{ CGI, "#!/bin/sh\nip=`cat /etc/conf|awk '{print $1}`\neval \"$QUERY_STRING\"\n", "3 command-injection / eval / proven\n" },
		/* validated, quoted, commented out, only text */
		{ CGI, "#!/bin/sh\nn=`echo \"$QUERY_STRING\" | tr -cd 0-9`\neval \"x=$n\"\n", "" },
		{ CGI, "#!/bin/sh\nn=$(echo \"$QUERY_STRING\" | sed 's/[^a-z]//g')\nsh -c \"ping $n\"\n", "" },
		{ CGI, "#!/bin/sh\n# eval \"$QUERY_STRING\"\necho 'eval $QUERY_STRING'\ncat <<EOF\neval $QUERY_STRING\nEOF\n",
		  "" },
		{ CGI, "#!/bin/sh\ncase $QUERY_STRING in\nstart) sh -c \"/etc/init.d/x $QUERY_STRING\" ;;\nesac\n", "" },
		{ CGI, "#!/bin/sh\nQUERY_STRING=a\neval \"$QUERY_STRING\"\n", "" },
		{ SH, "#!/bin/sh\neval \"$1\"\neval \"x=\\$$2\"\neval \"$HTTP_PROXY\"\n", "" },
		{ SH, "#!/bin/sh\neval \"$(nvram get rc_startup)\"\n", "2 command-injection / eval / possible\n" },
	};
	CHECK(samples);
}

static void test_shell_network(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ SH, "curl -skL https://a/b -o x\n", "1 tls-verification-off / network / proven\n" },
		{ SH, "C='curl --insecure'\n$C https://a/b\n", "2 tls-verification-off / network / proven\n" },
		{ SH, "busybox wget --no-check-certificate https://a/b\n", "1 tls-verification-off / network / proven\n" },
		{ SH, "ssh -oStrictHostKeyChecking=no root@a ls\n", "1 host-key-check-off / network / proven\n" },
		{ SH, "git -c http.sslVerify=false clone https://a\n", "1 tls-verification-off / network / proven\n" },
		{ SH, "export NODE_TLS_REJECT_UNAUTHORIZED=0\n", "1 tls-verification-off / network / proven\n" },
		{ SH, "openssl s_client -connect a:443 < req\n", "1 tls-verification-off / network / possible\n" },
		{ SH, "curl -o k https://a\ncurl -H -k https://a\ncurl -k https://127.0.0.1/x\nwget https://a\n", "" },
		{ SH, "echo \"use curl -k https://a\"\n", "" },
		{ SH, "wget -q -O - http://a/b | sh\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "sh -c \"$(curl -fsSL https://a/b)\"\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "wget -qO- http://a/b | sh\ncurl -fsSLo- http://a/b | sh\n",
		  "1 unsigned-download / shell / proven\n2 unsigned-download / shell / proven\n" },
		{ SH, "wget -qO/tmp/b http://a/b | sh\nwget -q -OP http://a/b | sh\ncurl -so b http://a/b | sh\n", "" },
		{ SH, "wget -qO/tmp/b http://a/b\nsh /tmp/b\n", "2 unsigned-download / program / proven\n" },
		{ SH, "wget http://a/x.sh -O /tmp/x.sh\nchmod +x /tmp/x.sh\n/tmp/x.sh\n",
		  "3 unsigned-download / program / proven\n" },
		{ SH, "cd /tmp; wget http://a/x.sh; chmod +x x.sh; ./x.sh\n", "1 unsigned-download / program / proven\n" },
		{ SH, "D=/tmp/d\nwget -O $D/fw.bin $URL\nmtd write $D/fw.bin firmware\n",
		  "3 unsigned-download / installation / likely\n" },
		{ SH, "tftp -g -l up.sh -r up.sh 10.0.0.1\n. ./up.sh\n", "2 unsigned-download / program / likely\n" },
		{ SH, "wget http://a/x -O /tmp/x\nusign -V -m /tmp/x -p k || exit 1\nsh /tmp/x\n", "" },
		{ SH, "wget http://a/x -O /tmp/x\necho \"$S  /tmp/x\" | sha256sum -c || exit\nsh /tmp/x\n", "" },
		{ SH, "wget http://a/x -O /tmp/x\ncat /tmp/x\n", "" },
		{ SH, "apt-get install --allow-unauthenticated x\n", "1 unsigned-download / installation / proven\n" },
		{ "/etc/crontabs/root", "# all\nPATH=/bin\n0 3 * * * wget -qO- http://a/b | sh\n@daily\tcurl -sk https://a/b\n",
		  "3 unsigned-download / shell / proven\n4 tls-verification-off / network / proven\n" },
		/* systemd.service(5): no shell, no pipe */
		{ "/etc/systemd/system/x.service",
		  "[Unit]\nDescription=sh -c 'wget -qO- http://a/b | sh'\n[Service]\nExecStartPre=-/bin/sh -c 'wget -qO- http://a/b | sh'\n"
		  "ExecStart=/usr/bin/wget -qO- http://a/b | sh\n# sh -c 'wget -qO- http://a/b | sh'\n"
		  "ExecStartPost=/bin/sh -c \"curl -s http://a/c \\\n | sh\"\nEnvironment=X='sh -c reboot'\n",
		  "4 unsigned-download / shell / proven\n8 unsigned-download / shell / proven\n" },
		{ "/etc/systemd/system/x.service", "[Service]\nExecStart=/bin/sh -\n", "" },
		/* a run of the script has to come to it: XCU 2.8, 2.9 */
		{ SH, "#!/bin/sh\nif false; then\nwget -qO- http://a/b | sh\nfi\n", "3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nfalse && wget -qO- http://a/b | sh\ntrue || wget -qO- http://a/c | sh\n",
		  "2 unsigned-download / shell / possible\n3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nup() {\nwget -qO- http://a/b | sh\n}\necho up\n", "3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nup() {\nwget -qO- http://a/b | sh\n}\nall() {\nup\n}\nall\n", "3 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\nup() {\nwget -qO- http://a/b | sh\n}\ntrap up EXIT\n", "3 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\nup() {\nwget -qO- http://a/b | sh\n}\n\"$@\"\n", "3 unsigned-download / shell / proven\n" },
		{ SH, "up() {\nwget -qO- http://a/b | sh\n}\n", "2 unsigned-download / shell / proven\n" }, /* whoever reads it may call it */
		{ SH, "#!/bin/sh\nup() {\nreturn 0\nwget -qO- http://a/b | sh\n}\nup\n", "4 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nexit 0\nwget -qO- http://a/b | sh\n", "3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\n[ \"$1\" = up ] && wget -qO- http://a/b | sh\n", "2 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/sh\ncurl -fso /tmp/x http://a/b && sh /tmp/x\n", "2 unsigned-download / program / proven\n" },
		{ "/etc/init.d/up", "#!/bin/sh\ncase $1 in\nstart) wget -qO- http://a/b | sh ;;\nflash) wget -qO- http://a/c | sh ;;\nesac\n",
		  "3 unsigned-download / shell / proven\n4 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nup() {\nwget -qO- http://a/b | sh\n}\ntrap 'up; exit 1' INT EXIT\nexit 0\n",
		  "3 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\nX=1\nup() {\nwget -qO- http://a/b | sh\n}\ndown() { :; }\n", "4 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\n. /etc/rc.subr\nstart_cmd=up\nup() {\nwget -qO- http://a/b | sh\n}\nrun_rc_command start\n",
		  "5 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/sh\n. /etc/x\nup() {\nwget -qO- http://a/b | sh\n}\nexit 0\nup\n", "4 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/bash\nup() {\nwget -qO- http://a/b | sh\n}\nexport -f up\nxargs bash -c up\n",
		  "3 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/sh\n(test -f /x; exit $?) && exit 0\nwget -qO- http://a/b | sh\n", "3 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/sh\nmount /dev/mmcblk0p2 /mnt && exec switch_root /mnt /init\nwget -qO- http://a/b | sh\n",
		  "3 unsigned-download / shell / likely\n" },
		{ SH, "#!/bin/sh\necho no && exit 0\nwget -qO- http://a/b | sh\n", "3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nkill -0 $(cat /run/x) && exit 0\nwget -qO- http://a/b | sh\n", "3 unsigned-download / shell / proven\n" },
		{ "/etc/init.d/up", "#!/sbin/openrc-run\nstart() {\nwget -qO- http://a/b | sh\n}\n", "3 unsigned-download / shell / proven\n" },
		/* what is run is not what was fetched, or comes through what unpacks it */
		{ SH, "wget -O /tmp/x http://a/b\ncp /etc/x /tmp/x\nsh /tmp/x\n", "" },
		{ SH, "wget -O /tmp/x http://a/b\ncp /tmp/x /tmp/y\nsh /tmp/y\n", "3 unsigned-download / program / proven\n" },
		{ SH, "wget -qO- http://a/b.gz | gunzip -c | sh\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "curl -sO http://a/b.sh\nsh b.sh\n", "2 unsigned-download / program / proven\n" },
		{ "/etc/crontab", "SHELL=curl -k https://a\n5 4 * * 0 root wget -qO- http://a/b%| sh\n* * * * * root echo | sh\n", "" },
	};
	CHECK(samples);
}

/* Where it was fetched from, as far as that is a matter of the network: curl(1). */
static void test_shell_download_sources(void **state)
{
	(void)state;
	static const struct {
		const char *text, *source;
	} samples[] = {
		{ "sh -c \"$(curl -s http://a/b)\"\n", "http://a/b" },
		{ "eval \"$(curl -s http://a/b)\"\n", "http://a/b" },
		{ "X=1; eval \"$X $(wget -qO- ftp://a/b)\"\n", "ftp://a/b" },
		{ "curl --unix-socket /run/x http://a/b | sh\n", "download" },
		{ "curl --proto =https -s http://a/b | sh\n", "download" },
		{ "curl --proto =http,https -s http://a/b | sh\n", "http://a/b" },
		{ "curl --proto-redir =https -s http://a/b | sh\n", "http://a/b" },
	};
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct inspected out;
		inspected_file(&out, &scripts_inspector, SH, span_of(samples[i].text, strlen(samples[i].text)));
		const struct fact_weakness *w = fact_list_get(&out.list, FACT_weakness, 0);
		if (!w || !text_is(w->source, samples[i].source))
			print_message("%s: %.*s\n", samples[i].text, w ? (int)w->source.n : 4, w ? w->source.p : "none");
		assert_true(w && text_is(w->source, samples[i].source));
		inspected_free(&out);
	}
}

static void test_shell_doors(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ SH, "telnetd -l /bin/sh &\nutelnetd -p 23 -l /bin/login.sh -d\n/usr/sbin/telnetd\ntelnetd -l /bin/login\n",
		  "1 back-door / telnet without login / proven\n2 back-door / telnet without login / proven\n" },
		{ SH, "nc -l -p 4444 -e /bin/sh\nnc -l -p 1 > f\n", "1 back-door / shell on a socket / proven\n" },
		{ SH, "socat TCP-LISTEN:1234,fork EXEC:/bin/sh\n", "1 back-door / shell on a socket / proven\n" },
		{ SH, "getty -n -l /bin/sh ttyS0 115200\ngetty ttyS0 115200\n", "1 console-without-login / shell / proven\n" },
		{ SH, "httpd -h / -p 8080\nhttpd -h /www\n", "1 back-door / whole file system / proven\n" },
		{ SH, "dropbear -B\npasswd -d root\n",
		  "1 empty-password / dropbear -B / proven\n2 empty-password / login / proven\n" },
		{ SH, "echo root: | chpasswd\necho 'root:secret' | chpasswd\necho \"root:$PW\" | chpasswd\n",
		  "1 empty-password / login / proven\n2 hard-coded-credential / chpasswd / proven\n" },
		/* as D-Link's web server asks for xmlset_roodkcableoj28840ybtide: CVE-2013-6026 */
		{ CGI, "#!/bin/sh\nif [ \"$HTTP_USER_AGENT\" = \"xmlset_roodkcableoj28840ybtide\" ]; then\nok=1\nfi\n",
		  "2 back-door / condition / likely\n" },
		{ SH,
		  "sshpass -p geheim ssh a\nsshpass -p \"$P\" ssh a\nmysql -uroot -proot db\ncurl -u admin:admin http://a\n",
		  "1 hard-coded-credential / sshpass / proven\n3 hard-coded-credential / mysql / proven\n"
		  "4 hard-coded-credential / curl / proven\n" },
		{ SH,
		  "openssl enc -d -aes-128-cbc -k Sup3r -in a\nopenssl req -newkey rsa:2048 -keyout k -key x\nopenssl rsa -passin pass:abc\n",
		  "1 hard-coded-credential / openssl / proven\n3 hard-coded-credential / openssl / proven\n" },
	};
	CHECK(samples);
}

static void test_shell_system(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ SH, "chmod 777 /x\nchmod -R 0666 a b\nchmod a+rwx y\nchmod o+w y\n",
		  "1 world-writable / file / proven\n2 world-writable / file / proven\n3 world-writable / file / proven\n"
		  "4 world-writable / file / proven\n" },
		{ SH,
		  "chmod 755 x\nchmod 1777 /tmp\nchmod 666 /dev/null\nchmod u+w x\nchmod a-w x\nchmod a+x,u+w x\nchmod 775 x\numask 022\n",
		  "" },
		{ SH, "umask 0\nmkdir -p -m 777 /x\nchmod 4755 /x\n",
		  "1 world-writable / file / proven\n2 world-writable / file / proven\n3 set-uid / file / proven\n" },
		{ SH, "echo 0 > /proc/sys/kernel/randomize_va_space\nsysctl -w kernel.randomize_va_space=0\n",
		  "1 hardening-off / kernel / proven\n2 hardening-off / kernel / proven\n" },
		{ SH, "echo /tmp/core.%p > /proc/sys/kernel/core_pattern\nulimit -c unlimited\nulimit -c 0\n",
		  "1 core-dump / file / proven\n2 core-dump / file / proven\n" },
		{ SH, "iptables -P INPUT ACCEPT\n", "1 firewall-open / network / likely\n" },
		{ SH, "stop() {\niptables -P INPUT ACCEPT\n}\niptables -P INPUT DROP\n", "" },
		{ SH, "sh -c 'chmod 777 /x'\n", "1 world-writable / file / proven\n" },
	};
	CHECK(samples);
}

static void test_lua(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		/* Zyxel EMG2926, nslookup: CVE-2017-6884 */
		{ "/usr/lib/lua/luci/controller/diagnostic.lua",
		  "local host = luci.http.formvalue(\"ping_ip\")\nlocal f = io.popen(\"nslookup \" .. host .. \" 2>&1\")\n",
		  "2 command-injection / shell / proven\n" },
		/* LuCI, bandwidth_status: CVE-2019-12272 */
		{ "/usr/lib/lua/luci/controller/admin/status.lua",
		  "entry({\"admin\", \"status\", \"bandwidth_status\"}, call(\"action_bandwidth\")).leaf = true\n"
		  "function action_bandwidth(iface)\n\tlocal bwc = io.popen(\"luci-bwc -i %q 2>/dev/null\" % iface)\nend\n",
		  "3 command-injection / shell / proven\n" },
		/* the same, repaired */
		{ "/usr/lib/lua/luci/controller/admin/status.lua",
		  "entry({\"admin\"}, call(\"action_bandwidth\")).leaf = true\nfunction action_bandwidth(iface)\n"
		  "\tlocal bwc = io.popen(\"luci-bwc -i %s 2>/dev/null\" % luci.util.shellquote(iface))\nend\n",
		  "" },
		{ "/www/x.lua",
		  "local h = require \"luci.http\"\nlocal s = require(\"luci.sys\")\nlocal c = string.format(\"ping %s\", h.formvalue(\"a\"))\n"
		  "s.call(c)\n",
		  "4 command-injection / shell / proven\n" },
		{ "/www/x.lua", "os.execute(\"ping \" .. ngx.var.arg_host)\nlocal p = ngx.var.document_root\nos.execute(p)\n",
		  "1 command-injection / shell / proven\n" },
		{ "/www/x.lua", "local function run(c) os.execute(c) end\nrun(\"x \" .. luci.http.formvalue(\"y\"))\n",
		  "1 command-injection / shell / proven\n" },
		{ "/usr/lib/lua/luci/view/x.htm",
		  "<p>os.execute(luci.http.formvalue(\"a\"))</p>\n<%\nluci.sys.exec(luci.http.formvalue(\"a\"))\n%>\n",
		  "3 command-injection / shell / proven\n" },
		{ "/www/x.lua",
		  "-- os.execute(luci.http.formvalue('a'))\n--[[ os.execute(luci.http.formvalue('a')) ]]\n"
		  "local s = [[os.execute(luci.http.formvalue('a'))]]\nprint(\"os.execute\")\n",
		  "" },
		{ "/www/x.lua",
		  "local n = tonumber(luci.http.formvalue('n'))\nos.execute('x ' .. n)\nlocal a = luci.http.formvalue('a')\n"
		  "if a == 'up' then os.execute('x ' .. a) end\n",
		  "" },
		{ "/www/x.lua", "local p = { mode = 'client', verify = \"none\" }\nos.execute('chmod 777 /tmp/x')\n",
		  "2 world-writable / file / proven\n1 tls-verification-off / network / proven\n" },
	};
	CHECK(samples);
}

static void test_php(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		/* Netgear WNAP320, boardDataWW.php: CVE-2016-1555 */
		{ "/home/www/boardDataWW.php",
		  "<?php\nif (!empty($_REQUEST['macAddress'])) {\n"
			"  exec(\"wr_mfg_data -m \".$_REQUEST['macAddress'].\" -c \".$_REQUEST['reginfo'],$d,$r);\n}\n?>\n",
		  "3 command-injection / shell / proven\n" },
		/* NUUO NVRmini, upgrade_handle.php: CVE-2018-14933 */
		{ "/www/upgrade_handle.php", "<?php\n$dir = $_GET['uploaddir'];\n$cmd = \"rm -rf $dir\";\nsystem($cmd);\n",
		  "4 command-injection / shell / proven\n" },
		{ "/www/x.php", "<?php $x = `id {$_COOKIE['a']}`;", "1 command-injection / shell / proven\n" },
		{ "/www/x.php",
		  "<?php\ninclude($_GET['p'] . '.php');\neval($_POST['c']);\nunserialize($_COOKIE['s']);\nreadfile($_GET['f']);\n",
		  "2 file-inclusion / file that is run / proven\n3 code-injection / eval / proven\n4 deserialization / objects / proven\n"
		  "5 path-injection / file / proven\n" },
		{ "/www/x.php", "<?php\nfunction f($c) { return shell_exec($c); }\nf('x ' . $_SERVER['HTTP_USER_AGENT']);\n",
		  "2 command-injection / shell / proven\n" },
		{ "/www/x.php",
		  "<?php\ncurl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);\ncurl_setopt($c, CURLOPT_SSL_VERIFYPEER, true);\nchmod($f, 0777);\n",
		  "4 world-writable / file / proven\n2 tls-verification-off / network / proven\n" },
		{ "/www/x.php", "<?php if ($_SERVER['HTTP_USER_AGENT'] == 'letmein1') { $ok = 1; }",
		  "1 back-door / condition / likely\n" },
		{ "/www/x.php",
		  "<?php\n// system($_GET['x']);\n# system($_GET['x']);\n/* system($_GET['x']); */\necho 'system($_GET[x])';\n"
		  "$t = <<<EOT\nsystem($_GET[x]);\nEOT;\n?>system($_GET['x'])\n",
		  "" },
		{ "/www/x.php",
		  "<?php\nsystem('x ' . escapeshellarg($_GET['a']));\nsystem('x ' . intval($_GET['a']));\n$db->exec($_GET['q']);\n"
		  "readfile('/x/' . basename($_GET['f']));\nfopen($_FILES['f']['tmp_name'], 'r');\nsystem($_SERVER['DOCUMENT_ROOT']);\n",
		  "" },
		{ "/www/x.php", "<?php\n$a = $_GET['a'];\nif (!preg_match('/^[a-z]+$/', $a)) exit;\nsystem(\"x $a\");\n",
		  "4 command-injection / shell / possible\n" },
	};
	CHECK(samples);
}

static void test_python_and_perl(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ "/www/x.py", "import os, cgi\nform = cgi.FieldStorage()\nos.system('ping ' + form.getvalue('h'))\n",
		  "3 command-injection / shell / proven\n" },
		{ "/www/x.py",
		  "import subprocess as sp\nfrom flask import request\nsp.run(f\"ls {request.args.get('d')}\", shell=True)\n"
		  "sp.run(['ls', request.args.get('d')])\n",
		  "3 command-injection / shell / proven\n" },
		{ "/www/x.py",
		  "@app.route('/x/<name>')\ndef x(name):\n    os.popen('id ' + name)\ndef y(name):\n    os.popen('id ' + name)\n",
		  "3 command-injection / shell / proven\n" },
		{ "/usr/bin/x.py",
		  "requests.get(u, verify=False)\njwt.decode(t, verify=False)\nctx.verify_mode = ssl.CERT_NONE\n"
		  "def get(u, verify=False):\n    pass\nos.chmod('x', 0o777)\nold = os.umask(0)\nos.umask(0)\n",
		  "6 world-writable / file / proven\n8 world-writable / file / proven\n1 tls-verification-off / network / proven\n"
		  "3 tls-verification-off / network / proven\n" },
		{ "/www/x.py",
		  "\"\"\"\nos.system(request.args.get('x'))\n\"\"\"\n# os.system(request.args['x'])\nmodel.eval()\n"
		  "os.system('x ' + shlex.quote(request.args['x']))\nos.system('x %d' % int(request.args['x']))\n",
		  "" },
		{ "/usr/bin/x.py", "os.system('telnetd -l /bin/sh &')\n", "1 back-door / telnet without login / proven\n" },
		/* Webmin, password_change.cgi: CVE-2019-15107 */
		{ "/usr/share/webmin/password_change.cgi",
		  "#!/usr/bin/perl\n&ReadParse();\n$wuser->{'pass'} eq $in{'old'} ||\n"
		  "\t&pass_error($text{'password_eold'},qx/$in{'expired'}/);\n",
		  "4 command-injection / shell / proven\n" },
		{ "/cgi-bin/x.pl",
		  "use CGI;\nmy $q = CGI->new;\nmy $h = $q->param('h');\nsystem(\"ping $h\");\nsystem('ping', $h);\n"
		  "open(F, \"finger $h |\");\nopen(G, $h);\n",
		  "4 command-injection / shell / proven\n6 command-injection / shell / proven\n7 command-injection / open / proven\n" },
		{ "/cgi-bin/x.pl",
		  "# system($ENV{QUERY_STRING});\n=pod\n\nsystem($ENV{QUERY_STRING});\n\n=cut\nprint \"system($ENV{QUERY_STRING})\";\n"
		  "my ($c) = $ENV{QUERY_STRING} =~ /^(\\w+)$/;\nsystem(\"x $c\");\nsystem($ENV{PATH});\n",
		  "" },
	};
	CHECK(samples);
}

static void test_wanted(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ "/usr/share/doc/x/x.sh", "chmod 777 x\n", "" },
		{ "/etc/x.sh.example", "chmod 777 x\n", "" },
		{ "/etc/x.conf", "chmod 777 x\n", "" },
		{ "/bin/x", "#!/usr/bin/env ruby\nchmod 777 x\n", "" },
		{ "/bin/x", "#! /bin/busybox sh\nchmod 777 x\n", "2 world-writable / file / proven\n" },
		{ "/etc/init.d/x", "#!/bin/sh /etc/rc.common\r\nchmod 777 x\r\n", "2 world-writable / file / proven\n" },
		{ "/etc/init.d/rcS", "chmod 777 x", "1 world-writable / file / proven\n" },
	};
	CHECK(samples);
	struct inspected out;
	inspected_run(&out, &scripts_inspector,
				  (struct subject){
					  .bytes = span_of("#!/bin/sh\n", 10), .path = TEXT_LIT("/x"), .kind = ENTRY_FILE, .mode = 04755 });
	assert_int_equal(fact_list_count(&out.list, FACT_weakness), 1);
	inspected_free(&out);
}

static void test_survives(void **state)
{
	(void)state;
	static const char shell[] =
		"#!/bin/sh\nf() { eval \"$1\"; }\ncase $QUERY_STRING in a|b) x=`echo \"${HTTP_X:-$(cat)}\" | sed 's/a/b/'`;; *) f \"$x\";;\n"
		"esac\nfor i in $x; do sh -c \"$i\" > /tmp/$i <<E\nbody\nE\ndone\n[[ $x =~ a && $y ]] && telnetd -l /bin/sh\n";
	static const char lua[] =
		"local h = require 'luci.http'\nfunction a.b(c, d)\n if c == 'x' then os.execute('y %s' % h.formvalue[[q]]) else\n"
		"  for k, v in pairs(d) do io.popen(k .. v) end end\n return function(z) return z end\nend --[==[ x ]==]\n";
	static const char php[] =
		"<?php\nfunction f($a = array(1), $b) { $x = isset($_GET['q']) ? \"a{$_GET['q']}\" : <<<E\nb $c\nE;\n"
		"foreach ($a as $k => $v) { system(\"$k $v\"); } return `x $x`; }\n?> html <?= f(1) ?>\n";
	static const char python[] =
		"import os as o\nfrom a import (b as c, d)\n@app.route('/<x>')\ndef f(x, *y, z=1):\n    if x in y:\n        o.system(f'a {x!r} {y[0]}')\n"
		"    return [i for i in x if i] or lambda q: q\nclass A:\n    def g(self): self.h(\"\"\"t\"\"\")\n";
	static const char perl[] =
		"use CGI;\nsub f { my ($a, $b) = @_; my %h = (a => 1); $h{$a} =~ s{x}{y}g; open(F, \"|x $b\"); }\n"
		"my $t = <<\"E\" . q(a(b)c);\nx $h{y}\nE\nforeach my $i (@ARGV) { system(\"$i\") unless $i =~ m/x/; }\n=pod\n\n=cut\n";
	static const struct {
		const char *path, *text;
	} all[] = { { "/www/a.cgi", shell },
				{ "/www/a.lua", lua },
				{ "/www/a.php", php },
				{ "/www/a.py", python },
				{ "/www/a.pl", perl } };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		inspected_survives(&scripts_inspector, all[i].path, span_of(all[i].text, strlen(all[i].text)), 3000);
}

/* Commands that a shell is handed: in a here-document, a here-string, through a pipe, or in a file that the script writes (XCU 2.7.4; bash(1),
 * Process Substitution). */
static void test_shell_handed(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ SH, "#!/bin/sh\nsh <<EOF\nwget -qO- http://a/b | sh\nEOF\n", "3 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\nbash -s x <<-'EOF'\n\tcurl -k https://a/b\n\tEOF\n",
		  "3 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\nssh root@host sh <<EOF\nwget -qO- http://a/b | sh\nEOF\n", "" },
		{ SH, "#!/bin/sh\nsh /usr/bin/x <<EOF\nwget -qO- http://a/b | sh\nEOF\n", "" },
		{ SH, "#!/bin/sh\ncat <<EOF\nwget -qO- http://a/b | sh\nEOF\n", "" },
		{ SH, "#!/bin/sh\ncat <<EOF | sh\n# curl -k https://a\ncurl -k https://a/b\nEOF\n",
		  "4 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\necho 'curl -k https://a/b' | sh\n", "2 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\necho 'curl -k https://a/b' | cat\n", "" },
		{ SH, "#!/bin/bash\nbash <<< 'curl -k https://a/b'\n", "2 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\ncat <<EOF > /etc/x\ncurl -k https://a/b\nEOF\nsh /etc/x\nsh /etc/x\n",
		  "3 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\ncat <<EOF > /etc/x\ncurl -k https://a/b\nEOF\n", "" },
		{ SH, "#!/bin/sh\nf() {\nsh <<EOF\nwget -qO- http://a/b | sh\nEOF\n}\necho\n",
		  "4 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nsh <<EOF\nif false; then\nwget -qO- http://a/b | sh\nfi\nEOF\n",
		  "4 unsigned-download / shell / possible\n" },
		/* a function that nothing in them calls; one that is there for who reads them with "." */
		{ SH, "#!/bin/sh\nsh <<EOF\nf() {\nwget -qO- http://a/b | sh\n}\necho\nEOF\n", "4 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\ncat <<EOF > /etc/x\nf() {\nwget -qO- http://a/b | sh\n}\nEOF\n. /etc/x\nf\n",
		  "4 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/sh\nsh -n <<EOF\nwget -qO- http://a/b | sh\nEOF\n", "" },
		/* written twice: the last one runs */
		{ SH, "#!/bin/sh\ncat <<EOF > /etc/x\ncurl -k https://a/b\nEOF\ncat <<EOF > /etc/x\necho\nEOF\nsh /etc/x\n", "" },
		{ SH, "#!/bin/sh\ncat <<EOF > /etc/x\necho\nEOF\ncat <<EOF > /etc/x\ncurl -k https://a/b\nEOF\nsh /etc/x\n",
		  "6 tls-verification-off / network / proven\n" },
		{ SH, "#!/bin/sh\nf() {\nsh -c \"wget -qO- http://a/b | sh\"\n}\necho\n",
		  "3 unsigned-download / shell / possible\n" },
		{ SH, "#!/bin/sh\nchpasswd <<EOF\nroot:letmein1\nEOF\n", "2 hard-coded-credential / chpasswd / proven\n" },
		{ SH, "#!/bin/sh\nchpasswd <<EOF\nroot:$PASS\nEOF\n", "" },
		/* process substitution, /dev/stdin */
		{ SH, "#!/bin/bash\nbash <(curl -s http://a/b)\n", "2 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/bash\n. <(curl -s http://a/b)\n", "2 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/bash\nsh < <(curl -s http://a/b)\n", "2 unsigned-download / shell / proven\n" },
		{ SH, "#!/bin/bash\ndiff <(curl -s http://a/b) /etc/x\n", "" },
		{ SH, "#!/bin/bash\nbash /etc/x <(curl -s http://a/b)\n", "" },
		{ SH, "#!/bin/bash\nwhile read x; do echo $x; done < <(curl -ks https://a/b)\n",
		  "2 tls-verification-off / network / proven\n" },
		{ SH, "curl -s http://a/b | . /dev/stdin\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "source /dev/stdin <<< \"$(curl -s http://a/b)\"\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "curl -s http://a/b | node\n", "1 unsigned-download / shell / proven\n" },
		{ SH, "curl -s http://a/b | python3 -c 'import json'\n", "" },
		/* archives that are put over the system */
		{ SH, "curl -o - http://a/b.tgz | tar xz -C /\n", "1 unsigned-download / installation / proven\n" },
		{ SH, "curl -s http://a/b.tgz | tar tz\n", "" },
		{ SH, "curl -s http://a/b.tgz | tar xz -C /var/data\n", "" },
	};
	CHECK(samples);
}

/* Where wget(1) and curl(1) put what they fetch, and from where when no scheme is given. */
static void test_shell_fetched_names(void **state)
{
	(void)state;
	static const struct sample samples[] = {
		{ SH, "wget -P /tmp http://a/x.sh && sh /tmp/x.sh\n", "1 unsigned-download / program / proven\n" },
		{ SH, "wget --directory-prefix=/tmp/ http://a/x.sh\nsh /tmp/x.sh\n",
		  "2 unsigned-download / program / proven\n" },
		{ SH, "wget -P /tmp http://a/x.sh\nsh /etc/x.sh\n", "" },
		{ SH, "curl --output-dir /opt -O http://a/x.sh\n/opt/x.sh\n", "2 unsigned-download / program / proven\n" },
		{ SH, "cd /opt\ncurl --remote-name-all http://a/x.sh\nsh /opt/x.sh\n",
		  "3 unsigned-download / program / proven\n" },
		{ SH, "cd /opt\nwget http://a/x.sh\ncd /mnt\nsh /mnt/x.sh\n", "" },
		{ SH, "wget -O /opt/x http://a/x\ninstall -m 755 /opt/x /usr/bin/x\n/usr/bin/x\n",
		  "3 unsigned-download / program / proven\n" },
		{ SH, "wget -O /opt/x http://a/x\necho 'echo 1' > /opt/x\nsh /opt/x\n", "" },
		{ SH, "wget -O /opt/x http://a/x\necho 'echo 1' >> /opt/x\nsh /opt/x\n",
		  "3 unsigned-download / program / proven\n" },
		{ SH, "wget -O /opt/x a.example.com/x\nsh /opt/x\n", "2 unsigned-download / program / proven\n" },
		{ SH, "wget -O /opt/x $HOST/x\nsh /opt/x\n", "2 unsigned-download / program / likely\n" },
		{ SH, "wget --no-check-cert https://a/x\nwget -e check_certificate=off https://a/x\n",
		  "1 tls-verification-off / network / proven\n2 tls-verification-off / network / proven\n" },
		{ SH, "curl -k --no-insecure https://a/x\ncurl --header -k https://a/x\n", "" },
	};
	CHECK(samples);
}

/* The address that a weakness names. */
static void test_shell_scheme(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "curl -s dl.example.com/x.sh | sh\n", "http://dl.example.com/x.sh" },
		{ "curl -o /dev/stdout -A agent/1.0 203.0.113.9/x | sh\n", "http://203.0.113.9/x" },
		{ "wget -qO- dl.example.com:8080/x.sh | sh\n", "http://dl.example.com:8080/x.sh" },
		{ "curl -s ftp.example.com/x.sh | sh\n", "ftp://ftp.example.com/x.sh" },
		{ "curl --proto-default https -s dl.example.com/x.sh | sh\n", "https://dl.example.com/x.sh" },
		{ "curl -s -d x.example.com $URL | sh\n", "download" },
		{ "curl -s smtp.example.com/x | sh\n", "download" },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct inspected out;
		inspected_file(&out, &scripts_inspector, SH, span_of(pairs[i][0], strlen(pairs[i][0])));
		const struct fact_weakness *w = fact_list_get(&out.list, FACT_weakness, 0);
		assert_non_null(w);
		assert_true(text_is(w->source, pairs[i][1]));
		inspected_free(&out);
	}
}

/* Long lines, deep nesting and what is never closed end in linear time. */
static void test_long(void **state)
{
	(void)state;
	static const struct {
		const char *path, *head, *unit;
	} all[] = {
		{ "/www/a.sh", "", "x=$(" },
		{ "/www/a.sh", "", "eval \"$QUERY_STRING\" " },
		{ "/www/a.sh", "", "case x in a) " },
		{ "/www/a.sh", "", "f() { " },
		{ "/www/a.sh", "x=\"", "$a " },
		{ "/www/a.sh", "", "a<<E;" },
		{ "/www/a.sh", "", "sh <(" },
		{ "/www/a.sh", "", "sh <<E\nsh /tmp/x\nE\n" },
		{ "/www/a.sh", "cat <<E >/tmp/x\n", "sh /tmp/x\n" },
		{ "/www/a.sh", "", "cat <<E >/tmp/x\nsh /tmp/x\nE\nsh /tmp/x\n" },
		{ "/www/a.lua", "x=", "(" },
		{ "/www/a.lua", "", "function f() " },
		{ "/www/a.lua", "x=", "f(function() " },
		{ "/www/a.lua", "x=''", "..'a'" },
		{ "/www/a.lua", "", "[==" },
		{ "/www/a.php", "<?php ", "<<<E " },
		{ "/www/a.php", "<?php ", "?><?" },
		{ "/www/a.php", "<?php $a=", "$b?" },
		{ "/www/a.py", "", "f'{" },
		{ "/www/a.py", "x=", "[" },
		{ "/www/a.pl", "", "<<E " },
		{ "/www/a.pl", "", "s{" },
		{ "/www/a.pl", "", "f(/" },
		{ "/www/a.pl", "", "$a{" },
	};
	const size_t size = 400000;
	char *text = malloc(size);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		size_t n = strlen(all[i].head), unit = strlen(all[i].unit);
		memcpy(text, all[i].head, n);
		for (; n + unit <= size; n += unit)
			memcpy(text + n, all[i].unit, unit);
		struct inspected out;
		inspected_file(&out, &scripts_inspector, all[i].path, span_of(text, n));
		inspected_free(&out);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shell_requests),
		cmocka_unit_test(test_shell_network),
		cmocka_unit_test(test_shell_download_sources),
		cmocka_unit_test(test_shell_handed),
		cmocka_unit_test(test_shell_fetched_names),
		cmocka_unit_test(test_shell_scheme),
		cmocka_unit_test(test_shell_doors),
		cmocka_unit_test(test_shell_system),
		cmocka_unit_test(test_lua),
		cmocka_unit_test(test_php),
		cmocka_unit_test(test_python_and_perl),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests_name("scripts", tests, NULL, NULL);
}
