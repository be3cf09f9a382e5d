/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials: every rule with one that is right and one that is not, and each grammar with lines from its manual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector secrets_inspector;

struct sample {
	const char *kind, *prefix, *good, *bad;
};

#define RULE(kind, prefix, rest, check, good, bad) { kind, prefix, good, bad },
#define RULE_SHORT(kind, prefix, rest, check, head, good, bad) { kind, prefix, good, bad },
static const struct sample samples[] = {
#include "inspect/secrets_rules.def"
};

static bool reports(const char *path, const char *text, const char *kind)
{
	struct inspected out;
	const struct fact_secret *row;
	bool found = false;
	inspected_file(&out, &secrets_inspector, path, span_of(text, strlen(text)));
	for (size_t i = 0; (row = fact_list_get(&out.list, FACT_secret, i)); i++)
		found |= text_is(row->kind, kind) && row->harmless.n == 0;
	inspected_free(&out);
	return found;
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const struct sample *s = &samples[i];
		const char *service = strstr(s->kind, "mailgun")      ? "mailgun"
							  : strstr(s->kind, "clickhouse") ? "clickhouse"
															  : "x";
		char text[4096];
		snprintf(text, sizeof text, "%s = \"%s%s\"\n", service, s->prefix, s->good);
		if (!reports("/etc/app.conf", text, s->kind))
			fail_msg("not found: %s %s", s->kind, text);
		snprintf(text, sizeof text, "%s = \"%s%s\"\n", service, s->prefix, s->bad);
		if (reports("/etc/app.conf", text, s->kind))
			fail_msg("found: %s %s", s->kind, text);
		snprintf(text, sizeof text, "%s = \"a%s%s\"\n", service, s->prefix, s->good);
		if (s->prefix[0] != '.' && strncmp(s->prefix, "hooks", 5) != 0 && reports("/etc/app.conf", text, s->kind))
			fail_msg("found within a word: %s %s", s->kind, text);
	}
}

/* "kind name value harmless", one a line. */
static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	const struct fact_secret *r;
	for (size_t i = 0; (r = fact_list_get(list, FACT_secret, i)); i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s|%.*s|%.*s%s%.*s\n", (int)r->kind.n, r->kind.p,
							  (int)(r->name.p ? r->name.n : 1), r->name.p ? r->name.p : "-", (int)r->value.n,
							  r->value.p, r->harmless.n ? "|" : "", (int)r->harmless.n, r->harmless.p);
}

struct text_case {
	const char *path, *text, *rows;
};

static void check(const struct text_case *c)
{
	char rows[4096];
	struct inspected out;
	inspected_file(&out, &secrets_inspector, c->path, span_of(c->text, strlen(c->text)));
	print_rows(&out.list, rows, sizeof rows);
	if (strcmp(rows, c->rows) != 0)
		print_message("%s: %s\n", c->path, c->text);
	assert_string_equal(rows, c->rows);
	inspected_free(&out);
}

#define CHECK_ALL(cases)                                                                                               \
	for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)                                                    \
	check(&(cases)[i])

static void test_assignments(void **state)
{
	(void)state;
	static const struct text_case cases[] = {
		{ "/etc/cloud.conf", "user=cam\npassword=ipcam-2021\n", "password|password|ipcam-2021\n" },
		{ "/etc/cloud.conf", "Password = \"s3cr3t!\"\r\n", "password|Password|s3cr3t!\n" },
		{ "/etc/cloud.json", "{\"mqtt\": {\"user\": \"u\", \"password\": \"hs7(mwxkk\"}}",
		  "password|password|hs7(mwxkk\n" },
		{ "/etc/tr069.xml", "<ManagementServer><Password>acs4711</Password></ManagementServer>",
		  "password|Password|acs4711\n" },
		{ "/etc/app.conf", "api_key=9f86d081884c7d659a2feaa0c55ad015\n",
		  "api-key|api_key|9f86d081884c7d659a2feaa0c55ad015\n" },
		{ "/etc/app.conf", "DeviceSecret: 4fT8sKq2LmZx91PbVn5cRw7YhGj3DaEu\n",
		  "alibaba-device-secret|DeviceSecret|4fT8sKq2LmZx91PbVn5cRw7YhGj3DaEu\n" },
		{ "/usr/bin/start.sh", "#!/bin/sh\nFTP_PASS=wbox123\nftp\n", "password|FTP_PASS|wbox123\n" },
		{ "/www/login.php", "<?php $password = 'admin1234'; ?>", "password|password|admin1234\n" },
		{ "/www/login.js", "if (pwd == \"xc3511\") go();", "password|pwd|xc3511\n" },
		{ "/www/c.php", "define('DB_PASSWORD', 'q7Rt55zz');", "password|DB_PASSWORD|q7Rt55zz\n" },
		{ "/etc/quagga/zebra.conf", "hostname r\npassword zebra\nenable password zebra2\n",
		  "password|password|zebra\npassword|enable password|zebra2\n" },
		{ "/etc/asterisk/sip.conf", "[100]\nsecret=kx8w\n", "secret|secret|kx8w\n" },
		{ "/etc/redis.conf", "requirepass kx8redis9\n", "password|requirepass|kx8redis9\n" },
		{ "/etc/app.conf", "password=<your password>\n", "" },
		{ "/etc/app.conf", "password=YOUR_PASSWORD\n", "password|password|YOUR_PASSWORD|placeholder\n" },
		/* none of these */
		{ "/etc/default_config.xml",
		  "<RootPwd val=admin />\n<Password val=\"acs-4712\" /><UserPwdEnable val=1 /><X Password val=acs4713 />\n"
		  "<DM name=\"Pass\" val=\"Zte521\"/><Value Name=\"SUSER_PASSWORD\" Value=\"sup3ruser\"/><!-- <Pwd val=zzz99 /> -->\n",
		  "password|RootPwd|admin\npassword|Password|acs-4712\npassword|Pass|Zte521\npassword|SUSER_PASSWORD|sup3ruser\n" },
		{ "/etc/hw_ctree.xml", "<K PreSharedKey=\"HwPsk-2291\"/><K PreSharedKey=\"\" PreSharedKeyMode=\"1\"/>",
		  "pre-shared-key|PreSharedKey|HwPsk-2291\n" },
		{ "/opt/agent.py", "PASSWORD = \"edge-4Fz!\"\nfield_password = \"form-pw-1\"\n",
		  "password|PASSWORD|edge-4Fz!\n" },
		{ "/usr/lib/x/priv/msgs/de.msg", "{\"Password\",\"Passwort\"}.\n", "" },
		{ "/etc/x.config", "{password,\"Erl4ng-x\"}.\n", "password|password|Erl4ng-x\n" },
		{ "/etc/motion/motion.conf", "netcam_userpass viewer:Vw-1029\n; stream_authentication a:b-99\nwidth 1:2\n",
		  "password|viewer|Vw-1029\n" },
		{ "/data/configuration.yaml", "advanced:\n  network_key: [7, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]\n",
		  "zigbee-network-key|network_key|7, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13\n" },
		{ "/data/configuration.yaml", "  network_key: GENERATE\n", "" },
		{ "/etc/a.xml", "<!-- <server>\n<password>proxypw1</password>\n-->", "" },
		{ "/etc/app.conf", "password=\n", "" },
		{ "/etc/app.conf", "password=$PASSWORD\n", "" },
		{ "/etc/app.conf", "password=${pw}\npassword=%s\npassword=@PW@\n", "" },
		{ "/etc/app.conf", "#password=hunter99\n;password=hunter99\n", "" },
		{ "/etc/app.conf", "password_file=/etc/pw\npassword-min-length=8\npasswordauthentication=yes\n", "" },
		{ "/etc/sudoers", "www ALL=(ALL) NOPASSWD: ALL\n", "" },
		{ "/etc/pam.d/login", "password required pam_unix.so sha512\n", "" },
		{ "/etc/app.conf", "password=$6$salt$hash\n", "" },
		{ "/usr/bin/start.sh", "#!/bin/sh\npassword=`cat x`\npassword=$(nvram get p)\nPASSWORD=$1\n", "" },
		{ "/www/form.html", "<input type=\"password\" name=\"password\" value=\"\">", "" },
		{ "/www/app.js", "var token = parser.next(); password: password, token: 'access_token', pwd = 'passwordField'",
		  "" },
		{ "/www/lang/de.js", "password: \"Passwort12\"", "" },
		{ "/usr/lib/python3/dist-packages/x.py", "password = 'admin1234'", "" },
		{ "/usr/share/doc/x/README", "password=admin1234", "" },
		{ "/usr/share/lintian/overrides/base-passwd", "base-passwd: no-debconf-config\n", "" },
		{ "/etc/build.conf", "FLAGS_TO_PASS=x86\n", "" },
		/* members of lists; a number of a register; what tests carry */
		{ "/www/composer.json", "{ \"keywords\": [\"password\", \"hashing\"] }", "" },
		{ "/usr/bin/up.sh", "#!/bin/sh\nq \"plugin in ('native_password', 'old_password', 'parsec')\"\n", "" },
		{ "/etc/a.conf", "set('password', 'parsec99', 'x')\n", "password|password|parsec99\n" },
		{ "/etc/a.conf", "login([1, 2], 'password', 'parsec99')\n", "password|password|parsec99\n" },
		{ "/opt/quirk.py", "IapPassword = '0x1EA5'\npassword = '0x1EA5e99c07'\n", "password|password|0x1EA5e99c07\n" },
		{ "/www/Test/Fixture/User.php", "'password' => 'admin1234'", "" },
		{ "/www/test_app/nested.ini", "db.password = foo1\n", "" },
	};
	CHECK_ALL(cases);
}

static void test_commands(void **state)
{
	(void)state;
	static const struct text_case cases[] = {
		{ "/bin/a.sh", "#!/bin/sh\ncurl -s -u admin:hs7mwxkk http://10.0.0.1/\n", "command-password|admin|hs7mwxkk\n" },
		{ "/bin/a.sh", "#!/bin/sh\ncurl --user=\"admin:hs7mwxkk\" x\n", "command-password|admin|hs7mwxkk\n" },
		{ "/bin/a.sh", "#!/bin/sh\ncurl -H \"Authorization: Bearer 9f8a7s6d5f4g\" x\n",
		  "bearer-token|Authorization|9f8a7s6d5f4g\n" },
		{ "/bin/a.sh", "#!/bin/sh\ncurl --header 'X-Api-Key: k4711xyz' x\n", "bearer-token|X-Api-Key|k4711xyz\n" },
		{ "/bin/a.sh", "#!/bin/sh\ncurl -H \"Authorization: Bearer $T\" -H 'Accept: text/html5' x\n", "" },
		{ "/bin/a.sh", "#!/bin/sh\nsshpass -p 'Zte521' ssh root@x\n", "command-password|-|Zte521\n" },
		{ "/bin/a.sh", "#!/bin/sh\nwget --user=up --password=zlxx. http://x\n", "command-password|up|zlxx.\n" },
		{ "/bin/a.sh", "#!/bin/sh\nftpput -u cam -p klv123 10.0.0.1 f\n", "command-password|cam|klv123\n" },
		{ "/bin/a.sh", "#!/bin/sh\nmysql -uroot -pjuantech db\n", "command-password|root|juantech\n" },
		{ "/bin/a.sh", "#!/bin/sh\nmosquitto_pub -h h -u dev -P t0talc0ntr0l4 -t x\n",
		  "command-password|dev|t0talc0ntr0l4\n" },
		{ "/bin/a.sh", "#!/bin/sh\nopenssl enc -d -aes-256-cbc -pass pass:Fireitup -in x\n",
		  "command-password|-|Fireitup\n" },
		{ "/bin/a.sh", "#!/bin/sh\necho \"root:Fireitup\" | chpasswd\n", "account-password|root|Fireitup\n" },
		{ "/bin/a.sh", "#!/bin/sh\nchpasswd <<EOF\nroot:vizxv\nEOF\n", "account-password|root|vizxv\n" },
		{ "/bin/a.sh", "#!/bin/sh\necho -e \"anko\\nanko\" | passwd root\n", "account-password|root|anko\n" },
		{ "/bin/a.sh",
		  "#!/bin/sh\ncurl -u $U:$P x\nsshpass -p \"$PW\" ssh x\necho $pw | chpasswd\n# curl -u a:bcdef x\n", "" },
		{ "/bin/a.sh", "#!/bin/sh\ncurl -u user:password x\n", "command-password|user|password|placeholder\n" },
		{ "/bin/a.sh", "#!/bin/sh\nwget ftp://up:zlxx99@10.1.1.1/f\n", "url-password|up at 10.1.1.1|zlxx99\n" },
		{ "/bin/a.sh", "#!/bin/sh\nwget http://$u:$p@10.1.1.1/ http://user:pass@example.com/\n",
		  "url-password|user at example.com|pass|documentation example\n" },
	};
	CHECK_ALL(cases);
}

static void test_files(void **state)
{
	(void)state;
	static const struct text_case cases[] = {
		{ "/etc/ppp/chap-secrets", "# c s secret ip\nbob * \"s3cret pw\" *\njoe\tsrv\t@/etc/f\n",
		  "ppp-secret|bob|s3cret pw\n" },
		{ "/root/.netrc", "machine ftp.x login joe\n\tpassword abcde\n", "netrc-password|joe|abcde\n" },
		{ "/root/.pgpass", "localhost:5432:db:me:geheim\n", "postgresql-password|me|geheim\n" },
		{ "/etc/ipsec.secrets", "10.0.0.1 %any : PSK \"v+NkxY9LLZvwj4qCC2o\"\n: RSA k.pem\njoe : EAP \"pw1\"\n",
		  "ipsec-psk|10.0.0.1 %any|v+NkxY9LLZvwj4qCC2o\nipsec-password|joe|pw1\n" },
		{ "/etc/snmp/snmpd.conf", "rocommunity public\ncreateUser adm MD5 \"auth pass\" DES priv1\n",
		  "snmp-community|rocommunity|public\nsnmp-password|adm|auth pass\nsnmp-password|adm|priv1\n" },
		{ "/etc/wpa_supplicant.conf", "network={\n\tssid=\"factory\"\n\tpsk=\"factory1234\"\n}\n",
		  "wifi-psk|factory|factory1234\n" },
		{ "/etc/hostapd.conf", "ssid=R\nwpa_passphrase=12345678\nap_pin=12345670\n",
		  "wifi-psk|R|12345678\nwps-pin|R|12345670\n" },
		{ "/etc/config/wireless",
		  "config wifi-iface\n\toption ssid 'O'\n\toption key 'open1234'\n\toption encryption 'psk2'\n",
		  "wifi-psk|key|open1234\n" },
		{ "/etc_ro/Wireless/RT2860AP.dat", "#c\nSSID1=AP\nWPAPSK1=12345678\nKey1Str1=\n", "wifi-psk|AP|12345678\n" },
		{ "/root/.docker/config.json", "{\"auths\":{\"r\":{\"auth\":\"Ym9iOnNlY3JldDE=\"}}}",
		  "docker-registry|bob|Ym9iOnNlY3JldDE=\n" },
		{ "/root/.npmrc", "//r/:_authToken=0f3c9d1a-77e2\n", "npm-token|//r/:_authToken|0f3c9d1a-77e2\n" },
		{ "/etc/fstab",
		  "# p\n//10.1.1.2/s /mnt cifs ro,username=cam,password=Wq83kLmz 0 0\n/dev/sda1 / ext4 user=x,rw 0 1\n"
		  "//h/s /m cifs credentials=/etc/c 0 0\n",
		  "mount-password|cam|Wq83kLmz\n" },
		{ "/etc/openvpn/auth.txt", "vpnuser\nvpnpass1\n", "openvpn-password|vpnuser|vpnpass1\n" },
		/* prefixes of names, as those of print tickets, beside a name that is followed by what it means */
		{ "/etc/ticket.xml",
		  "<psf:T xmlns:psk=\"http://s.example.net/k\" xmlns:token='urn:t1'><psf:F name=\"psk:Color\"><A b='token:Zx81qq9'/>\n"
		  "</psf:F></psf:T>\n",
		  "" },
		{ "/etc/device.xml", "<d a=\"psk:Zx81qq9spectrum\"/>\n", "wifi-psk|psk|Zx81qq9spectrum\"/>\n" },
		/* GRUB's commands, each with its module */
		{ "/boot/grub/i386-pc/command.lst", "legacy_check_password: legacycfg\nlegacy_password: legacycfg\n", "" },
		{ "/boot/other.lst", "legacy_check_password: legacycfg\n", "password|legacy_check_password|legacycfg\n" },
		/* 64 digits are the key itself, 64 characters are none, nor a passphrase */
		{ "/etc/long.conf",
		  "psk=0123456789abcdef0f1e2d3c4b5a69780123456789abcdef0f1e2d3c4b5a6978\n"
		  "wpa_psk=x123456789abcdef0f1e2d3c4b5a69780123456789abcdef0f1e2d3c4b5a6978\n",
		  "wifi-psk|psk|0123456789abcdef0f1e2d3c4b5a69780123456789abcdef0f1e2d3c4b5a6978|placeholder\n" },
		{ "/etc/wireguard/wg0.conf", "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n",
		  "wireguard-private-key|-|yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n" },
	};
	CHECK_ALL(cases);
}

static void test_structures(void **state)
{
	(void)state;
	static const struct text_case cases[] = {
		/* RFC 7617, section 2 */
		{ "/etc/x", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n",
		  "basic-auth|Aladdin|open sesame|documentation example\n" },
		{ "/etc/x", "Authorization: Basic YWRtaW46MTIzNDU2\n", "basic-auth|admin|123456\n" },
		{ "/etc/x", "Basic computing Basic PAGEheader\n", "" },
		/* shown in a comment */
		{ "/etc/x.conf", "# set mmonit http://monit:m0nit@192.168.1.10:8080/c\nset mmonit http://monit:m1nit@192.168.1.10:8080/c\n",
		  "url-password|monit at 192.168.1.10:8080|m0nit|documentation example\nurl-password|monit at 192.168.1.10:8080|m1nit\n" },
		{ "/etc/x.quirk", "IapPassword = 0x1EA5\n", "" },
		{ "/etc/x",
		  "HostName=h.azure-devices.net;DeviceId=d1;SharedAccessKey=AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n",
		  "azure-shared-access-key|d1 on h.azure-devices.net|AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n" },
		{ "/etc/x", "SharedAccessKey=<key>;AccountKey=%s\n", "" },
		/* the AWS documentation's own */
		{ "/etc/x", "aws_access_key_id=AKIAIOSFODNN7EXAMPLE\n",
		  "aws-access-key|-|AKIAIOSFODNN7EXAMPLE|documentation example\n" },
	};
	CHECK_ALL(cases);
	assert_true(reports("/etc/x",
						"bot_123456789:AA"
						"HfZ9q3mL0xT7uVbN2cKjR5wYdEgPiSoXa",
						"telegram-token"));
	assert_true(reports("/etc/x",
						"h: Authorization: Bearer "
						"k9Zx2Lm4Qw7Rt1Yp5Vb8Nc3",
						"bearer-token"));
	assert_false(reports("/etc/x", "Authorization: Bearer your-access-token-goes-here", "bearer-token"));
	assert_true(reports("/etc/x",
						"secret: 'Ab1"
						"8Q~"
						"zXcVbNmAsDfGhJkLqWeRtYuIoP824631'",
						"azure-client-secret"));
	assert_false(reports("/etc/x", "secret: 'Ab18Q~short'", "azure-client-secret"));
	assert_true(reports("/etc/x",
						"t = \"a1B2c3D4e5F6g7"
						".atlasv1."
						"zXcVbNmAsDfGhJkLqWeRtYuIoP4820zXc7Kd2VbNmAsDfGhJkLqWeRtYuIoPa\"",
						"terraform-token"));
	/* jwt.io's */
	assert_false(reports(
		"/etc/x",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
		"eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
		"jwt"));
	assert_true(reports(
		"/etc/x", "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhY21lIiwiZXhwIjoxNzAwMDAwMDAwfQ.c2lnbmF0dXJlc2lnbmF0dXJl", "jwt"));
}

static void test_binaries(void **state)
{
	(void)state;
	static const char program[] =
		"\x7f"
		"ELF\0\0\0\0admin:7ujMko0admin\0root:root\0login?user=a&password=xc3511&x=1\0password=%s\0password=text\0"
		"https://svc:Xy7pq2@cam.vendor.net/up\0sshpass -p Zte521 scp\0";
	static const char nvram[] = "\x01\0\0wl0_wpa_psk=mypsk777\0http_passwd=admin\0os_name=linux\0token_max=5\0";
	char rows[2048];
	struct inspected out;
	inspected_file(&out, &secrets_inspector, "/bin/httpd", span_of(program, sizeof program));
	print_rows(&out.list, rows, sizeof rows);
	assert_string_equal(rows, "password|admin|7ujMko0admin\nurl-password|svc at cam.vendor.net|Xy7pq2\n"
							  "command-password|-|Zte521\npassword|password|xc3511\n");
	inspected_free(&out);
	inspected_file(&out, &secrets_inspector, "/nvram.bin", span_of(nvram, sizeof nvram));
	print_rows(&out.list, rows, sizeof rows);
	assert_string_equal(rows, "wifi-psk|wl0_wpa_psk|mypsk777\npassword|http_passwd|admin\n");
	inspected_free(&out);
}

static void test_place(void **state)
{
	(void)state;
	static const char text[] = "a\nb\npassword=Zx81spectrum\n";
	struct inspected out;
	inspected_file(&out, &secrets_inspector, "/etc/a.conf", span_of(text, sizeof text - 1));
	assert_string_equal(inspected_print(&out, FACT_secret),
						"offset=13 | line=3 | kind=password | name=password | value=Zx81spectrum | proof=assignment | "
						"confidence=likely | harmless=\n");
	inspected_free(&out);
}

/* What crypt(5) shows to be whole, other than in the lines of account files, which have rows of their own. */
static void test_hashes(void **state)
{
	(void)state;
	static const char md5[] = "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0";
	static const struct text_case cases[] = {
		{ "/bin/a.sh", "#!/bin/sh\necho 'admin:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0:0:0::/:/bin/sh' > /etc/passwd\n",
		  "password-hash|admin|$1$abcdefgh$irWbblnpmw.5z7wgBnprh0\n" },
		{ "/etc/c.xml", "<hash>$5$saltsalt$SlXkiuHjdFj163YHvxOHrXhkDBGksUzd87ecIh0mmZ/</hash>",
		  "password-hash|-|$5$saltsalt$SlXkiuHjdFj163YHvxOHrXhkDBGksUzd87ecIh0mmZ/\n" },
		{ "/etc/c.xml", "\"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy\"",
		  "password-hash|-|$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy\n" },
		/* what OpenSSH compares with for a user whom it does not know */
		{ "/usr/sbin/sshd", "x\n$2a$06$r3.juUaHZDlIbQaO2dS9FuYxL1W9M81R1Tc92PoSNmzvpEqLkLGrK\n",
		  "password-hash|-|$2a$06$r3.juUaHZDlIbQaO2dS9FuYxL1W9M81R1Tc92PoSNmzvpEqLkLGrK|test vector\n" },
		/* what GRUB tries its own with, in a module that it installs */
		{ "/boot/grub/i386-pc/legacy_password_test.mod", "x\n$1$oaL$eyrazuM7TkxVkKgBim1WH1\n",
		  "password-hash|-|$1$oaL$eyrazuM7TkxVkKgBim1WH1|test vector\n" },
		/* none of these: an account's, cut, too long, no salt */
		{ "/etc/passwd", "root:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0:0:0:root:/root:/bin/sh\n", "" },
		{ "/etc/c.xml", "x $1$abcdefgh$irWbblnpmw.5z7wgBnprh", "" },
		{ "/etc/c.xml", "x $1$abcdefgh$irWbblnpmw.5z7wgBnprh0a", "" },
		{ "/etc/c.conf", " # x $1$abcdefgh$irWbblnpmw.5z7wgBnprh0\n", "" },
		{ "/etc/c.xml", "x $1$$irWbblnpmw.5z7wgBnprh0", "" },
	};
	CHECK_ALL(cases);
	inspected_survives(&secrets_inspector, "/etc/x", span_of(md5, sizeof md5 - 1), 300);
}

static void test_survives(void **state)
{
	(void)state;
	static const char text[] =
		"password=\"x1y2z3\" AKIAABCDEFGHIJKLMNOP http://a:bcd@e/ eyJhbGciOiJub25lIn0.eyJhIjoxfQ. Basic QWxhZGRpbjpvcGVu "
		"\ncurl -u a:b x\nchpasswd <<E\na:b\nsig=&se=1&sv=2 SharedAccessKey=AAAA \"private_key_id\": \"0\" root:x admin:1 "
		"password zebra\n<token>x</token> 12345678:AAbcdefgh PrivateKey = AAA= -----BEGIN PGP PRIVATE KEY BLOCK-----";
	static const char *const paths[] = { "/etc/a.conf",
										 "/bin/a.sh",
										 "/www/a.js",
										 "/bin/a",
										 "/etc/wpa_supplicant.conf",
										 "/etc/ipsec.secrets",
										 "/etc/config/x",
										 "/root/.netrc",
										 "/etc/ppp/chap-secrets",
										 "/etc/snmp/snmpd.conf",
										 "/root/.pgpass",
										 "/root/.docker/config.json",
										 "/etc/openvpn/a.txt" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		inspected_survives(&secrets_inspector, paths[i], span_of(text, sizeof text - 1), 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules), cmocka_unit_test(test_assignments), cmocka_unit_test(test_commands),
		cmocka_unit_test(test_files), cmocka_unit_test(test_structures),  cmocka_unit_test(test_binaries),
		cmocka_unit_test(test_place), cmocka_unit_test(test_hashes),      cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
