/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: each case is a file and the rows that it gives, after the manual of its program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector settings_inspector;

static void add(char *out, size_t size, size_t *n, const char *between, struct text t)
{
	int k = snprintf(out + *n, size - *n, "%s%.*s", between, t.p ? (int)t.n : 1, t.p ? t.p : "?");
	*n += (size_t)k < size - *n ? (size_t)k : size - *n - 1;
}

/* line program [section] key=value, then "!" when it is overridden, "~" when that is not known, "*" for a secret. Rows of
 * `origin` alone. */
static const char *rows_of(const char *path, struct span bytes, const char *origin)
{
	static char out[65536];
	struct inspected i;
	size_t n = 0;
	out[0] = '\0';
	inspected_file(&i, &settings_inspector, path, bytes);
	const struct fact_setting *r;
	for (size_t k = 0; (r = fact_list_get(&i.list, FACT_setting, k)); k++) {
		if (!text_is(r->origin, origin))
			continue;
		n += (size_t)snprintf(out + n, sizeof out - n, "%ld ", r->line == FACT_NULL ? 0L : (long)r->line);
		add(out, sizeof out, &n, "", r->program);
		if (r->section.n) {
			add(out, sizeof out, &n, " [", r->section);
			add(out, sizeof out, &n, "", TEXT_LIT("]"));
		}
		add(out, sizeof out, &n, " ", r->key);
		add(out, sizeof out, &n, "=", r->value);
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s\n",
							  r->effective == 1   ? ""
							  : r->effective == 0 ? " !"
												  : " ~",
							  r->secret ? " *" : "");
	}
	inspected_free(&i);
	return out;
}

struct example {
	const char *path, *text, *rows;
};

static void check(const struct example *cases, size_t n, const char *origin)
{
	for (size_t i = 0; i < n; i++) {
		const char *rows = rows_of(cases[i].path, span_of(cases[i].text, strlen(cases[i].text)), origin);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("%s:\n%s\n", cases[i].path, cases[i].text);
		assert_string_equal(rows, cases[i].rows);
	}
}
#define CHECK(cases, origin) check(cases, sizeof(cases) / sizeof(cases)[0], origin)

static void test_ssh(void **state)
{
	(void)state;
	static const struct example cases[] = {
		/* The first value counts; keywords in any case; "=" and quotes; comments. */
		{ "/etc/ssh/sshd_config",
		  "#Port 1\nPort 22\r\nport 2222\nPermitRootLogin yes\n\tpermitrootlogin=no # never\nBanner \"/etc/my issue\"\n"
		  "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\nMatch User ftp Address 10.*\nPasswordAuthentication no",
		  "2 sshd Port=22\n3 sshd Port=2222\n4 sshd PermitRootLogin=yes\n5 sshd PermitRootLogin=no !\n"
		  "6 sshd Banner=/etc/my issue\n7 sshd KbdInteractiveAuthentication=no\n8 sshd KbdInteractiveAuthentication=yes !\n"
		  "10 sshd [Match User ftp Address 10.*] PasswordAuthentication=no\n" },
		{ "/mnt/app/etc/sshd_config",
		  "Include /etc/ssh/sshd_config.d/*.conf\nSubsystem sftp /usr/lib/sftp -l \"a b\"\n",
		  "1 sshd Include=/etc/ssh/sshd_config.d/*.conf\n2 sshd Subsystem=sftp /usr/lib/sftp -l \"a b\"\n" },
		{ "/etc/ssh/sshd_config.d/10.conf", "PasswordAuthentication no", "1 sshd PasswordAuthentication=no\n" },
		/* not settings */
		{ "/usr/share/openssh/sshd_config", "Port 22\n", "" },
		{ "/usr/share/doc/ssh/examples/sshd_config", "Port 22\n", "" },
		{ "/etc/ssh/sshd_config.dpkg-new", "Port 22\n", "" },
		{ "/etc/ssh/sshd_config", "# nothing\n\n", "" },
		{ "/etc/ssh/my_sshd_config2", "Port 22\n", "" },
	};
	CHECK(cases, "file");
}

static void test_web(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/lighttpd/lighttpd.conf",
		  "server.modules = (\n\t\"mod_access\", # needed\n\t\"mod_cgi\" )\nserver.modules += ( \"mod_auth\" )\n"
		  "var.root = \"/www\"\nserver.document-root = var.root + \"/htdocs\"\n"
		  "$SERVER[\"socket\"] == \":443\" {\n  ssl.engine = \"enable\"\n  $HTTP[\"url\"] =~ \"^/a{2}\" { auth.require = ( \"\" => ( \"method\" => \"basic\" ) ) }\n"
		  "} else $HTTP[\"host\"] == \"x\" {\n  dir-listing.activate = \"enable\"\n}\ninclude \"conf.d/*.conf\"\nserver.port := 81\n",
		  "1 lighttpd server.modules=( \"mod_access\", \"mod_cgi\" )\n4 lighttpd server.modules=( \"mod_auth\" )\n"
		  "5 lighttpd var.root=/www\n6 lighttpd server.document-root=/www/htdocs\n"
		  "8 lighttpd [$SERVER[\"socket\"] == \":443\"] ssl.engine=enable\n"
		  "9 lighttpd [$SERVER[\"socket\"] == \":443\" > $HTTP[\"url\"] =~ \"^/a{2}\"] auth.require=( \"\" => ( \"method\" => \"basic\" ) )\n"
		  "11 lighttpd [else $HTTP[\"host\"] == \"x\"] dir-listing.activate=enable\n"
		  "13 lighttpd include=conf.d/*.conf\n14 lighttpd server.port=81\n" },
		{ "/etc/lighttpd/lighttpd.conf", "server.port = 80\nserver.port = 8080",
		  "1 lighttpd server.port=80 !\n2 lighttpd server.port=8080\n" },
		{ "/etc/nginx/nginx.conf",
		  "user root; # bad\nhttp {\n  types { text/html html; }\n  server {\n    listen 80 default_server;\n    location ~ \"\\.php{1}$\" { fastcgi_pass unix:/x; }\n  }\n"
		  "  server { listen 443 ssl; server_name \"a b\"; ssl_protocols TLSv1\n TLSv1.2; }\n"
		  "  content_by_lua_block { if x then { y } end; }\n include /etc/nginx/conf.d/*.conf;\n}",
		  "1 nginx user=root\n5 nginx [http > server[0]] listen=80 default_server\n"
		  "6 nginx [http > server[0] > location ~ \"\\.php{1}$\"] fastcgi_pass=unix:/x\n"
		  "8 nginx [http > server[1]] listen=443 ssl\n8 nginx [http > server[1]] server_name=a b\n"
		  "8 nginx [http > server[1]] ssl_protocols=TLSv1 TLSv1.2\n11 nginx [http] include=/etc/nginx/conf.d/*.conf\n" },
		{ "/etc/nginx/sites-available/default", "server { autoindex on; }", "1 nginx [server[0]] autoindex=on ~\n" },
		{ "/etc/boa/boa.conf", "Port 80\nUser 0\n#Group 0\nport 8080\nScriptAlias /cgi-bin/ /var/www/cgi-bin/\n",
		  "1 boa Port=80 !\n2 boa User=0\n4 boa port=8080\n5 boa ScriptAlias=/cgi-bin/ /var/www/cgi-bin/\n" },
		{ "/etc/httpd.conf", "H:/www\nA:192.168.\nD:*\n/cgi-bin:admin:admin # both\n.au:audio/basic\n",
		  "1 httpd H=/www\n2 httpd A=192.168.\n3 httpd D=*\n4 httpd /cgi-bin=admin:admin *\n5 httpd .au=audio/basic\n" },
		{ "/etc/httpd.conf",
		  "ServerRoot \"/etc/httpd\"\n<Directory />\n  Options Indexes \\\n FollowSymLinks\n</Directory>\nListen 80\n",
		  "1 httpd ServerRoot=/etc/httpd\n3 httpd [Directory /] Options=Indexes  FollowSymLinks\n6 httpd Listen=80\n" },
		{ "/etc/thttpd.conf", "port=80 user=root # all\nnochroot\ncgipat=/cgi-bin/*",
		  "1 thttpd port=80\n1 thttpd user=root\n2 thttpd nochroot=\n3 thttpd cgipat=/cgi-bin/*\n" },
		{ "/web/auth.txt",
		  "role name=admin abilities=view,edit\nuser name=joshua password=2fd6e47ff9bb70c0465fd2f5c8e5305e roles=admin\n",
		  "1 goahead [role admin] name=admin\n1 goahead [role admin] abilities=view,edit\n2 goahead [user joshua] name=joshua\n"
		  "2 goahead [user joshua] password=2fd6e47ff9bb70c0465fd2f5c8e5305e *\n2 goahead [user joshua] roles=admin\n" },
		{ "/web/umconfig.txt", "TABLE=users\nROW=0\nname=admin\npassword=Pass1\n",
		  "3 goahead [users[0]] name=admin\n4 goahead [users[0]] password=Pass1 *\n" },
	};
	CHECK(cases, "file");
}

static void test_wifi(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/hostapd.conf",
		  "interface=wlan0\nssid=My Net\nwpa=1\nwpa=2\nwpa_passphrase=#hash=1 2\nbss=wlan0_0\nssid=guest\nwpa=0\n",
		  "1 hostapd interface=wlan0\n2 hostapd ssid=My Net\n3 hostapd wpa=1 !\n4 hostapd wpa=2\n5 hostapd wpa_passphrase=#hash=1 2 *\n"
		  "6 hostapd [bss wlan0_0] bss=wlan0_0\n7 hostapd [bss wlan0_0] ssid=guest\n8 hostapd [bss wlan0_0] wpa=0\n" },
		{ "/etc/wpa_supplicant.conf",
		  "update_config=1\nnetwork={\n\tssid=\"a\"\n\tpsk=\"word word\"\n}\nnetwork={\n key_mgmt=NONE\n}\n",
		  "1 wpa_supplicant update_config=1\n3 wpa_supplicant [network[0]] ssid=a\n4 wpa_supplicant [network[0]] psk=word word *\n"
		  "7 wpa_supplicant [network[1]] key_mgmt=NONE\n" },
		{ "/etc_ro/Wireless/RT2860AP.dat",
		  "#The word of \"Default\" must not be removed\nDefault\nSSID1=ap\nWPAPSK1=12345678\nAuthMode=WPAPSK\nWscModeOption=0\nKey1Str1=\nWPAPSK2=\nHT_RDG=1\nRekeyInterval=3600\nx=1\ny=2\n",
		  "3 nvram SSID1=ap\n4 nvram WPAPSK1=12345678 *\n5 nvram AuthMode=WPAPSK\n6 nvram WscModeOption=0\n7 nvram Key1Str1=\n8 nvram WPAPSK2=\n"
		  "9 nvram HT_RDG=1\n10 nvram RekeyInterval=3600\n11 nvram x=1\n12 nvram y=2\n" },
	};
	CHECK(cases, "file");
}

static void test_uci(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/config/dropbear",
		  "config dropbear\n\toption PasswordAuth 'on'\n\toption Port '22'\n\toption PasswordAuth \"off\"\n",
		  "2 uci [dropbear.dropbear[0]] PasswordAuth=on !\n3 uci [dropbear.dropbear[0]] Port=22\n4 uci [dropbear.dropbear[0]] PasswordAuth=off\n" },
		{ "/rom/etc/config/wireless",
		  "\n# radio\nconfig wifi-iface 'ap' # first\n option ssid 'it'\"'\"'s'\n option key \"a\\\"b\"\n option encryption psk2+ccmp\n"
		  "config wifi-iface\n option key 1\n option key1 s:abcde\nconfig wifi-iface\n list maclist aa\n list maclist 'bb\ncc'\n option x y; option z ''\n",
		  "4 uci [wireless.wifi-iface ap] ssid=it's\n5 uci [wireless.wifi-iface ap] key=a\"b *\n6 uci [wireless.wifi-iface ap] encryption=psk2+ccmp\n"
		  "8 uci [wireless.wifi-iface[1]] key=1\n9 uci [wireless.wifi-iface[1]] key1=s:abcde *\n"
		  "11 uci [wireless.wifi-iface[2]] maclist=aa\n12 uci [wireless.wifi-iface[2]] maclist=bb\ncc\n14 uci [wireless.wifi-iface[2]] x=y\n14 uci [wireless.wifi-iface[2]] z=\n" },
		{ "/etc/config/rpcd", "package rpc\nconfig login\n\toption username 'root'\n\toption password '$p$root'\n",
		  "3 uci [rpc.login[0]] username=root\n4 uci [rpc.login[0]] password=$p$root\n" },
		{ "/etc/config/other.txt", "wpa=1\n", "" },
	};
	CHECK(cases, "file");
}

static void test_services(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/vsftpd.conf", "anonymous_enable=YES\n# x\nanonymous_enable=NO\nftpd_banner=Hi = there\n",
		  "1 vsftpd anonymous_enable=YES !\n3 vsftpd anonymous_enable=NO\n4 vsftpd ftpd_banner=Hi = there\n" },
		{ "/etc/proftpd.conf",
		  "ServerType inetd\n<Global>\n  RootLogin on\n</Global>\n<Anonymous ~ftp>\n <Limit WRITE>\n  DenyAll\n </Limit>\n User ftp\n</Anonymous>\n",
		  "1 proftpd ServerType=inetd\n3 proftpd [Global] RootLogin=on\n7 proftpd [Anonymous ~ftp > Limit WRITE] DenyAll=\n9 proftpd [Anonymous ~ftp] User=ftp\n" },
		{ "/etc/mosquitto/mosquitto.conf",
		  "allow_anonymous true\nlistener 8883\ncafile /ca\nallow_anonymous false\nlistener 1883 127.0.0.1\nconnection up\naddress a.example:8883\nremote_password pw\n",
		  "1 mosquitto allow_anonymous=true !\n2 mosquitto [listener 8883] listener=8883\n3 mosquitto [listener 8883] cafile=/ca\n4 mosquitto allow_anonymous=false\n"
		  "5 mosquitto [listener 1883 127.0.0.1] listener=1883 127.0.0.1\n6 mosquitto [connection up] connection=up\n"
		  "7 mosquitto [connection up] address=a.example:8883\n8 mosquitto [connection up] remote_password=pw *\n" },
		{ "/etc/mosquitto/mosquitto.conf",
		  "per_listener_settings true\nlistener 1\nallow_anonymous true\nlistener 2\nallow_anonymous false\n",
		  "1 mosquitto per_listener_settings=true\n2 mosquitto [listener 1] listener=1\n3 mosquitto [listener 1] allow_anonymous=true\n"
		  "4 mosquitto [listener 2] listener=2\n5 mosquitto [listener 2] allow_anonymous=false\n" },
		{ "/etc/snmp/snmpd.conf",
		  "rocommunity public default\ncom2sec ro default public\ncreateUser u SHA \"pass word\" AES\nsysLocation here\nrouser u\n",
		  "1 snmpd rocommunity=public default *\n2 snmpd com2sec=ro default public *\n3 snmpd createUser=u SHA \"pass word\" AES *\n4 snmpd sysLocation=here\n5 snmpd rouser=u\n" },
		{ "/etc/dnsmasq.conf",
		  "port=0 # none\nbogus-priv\ninterface=br0\ninterface=br1\nport=53\ndhcp-option=3,\"1#2\"\n",
		  "1 dnsmasq port=0 !\n2 dnsmasq bogus-priv=\n3 dnsmasq interface=br0\n4 dnsmasq interface=br1\n5 dnsmasq port=53\n6 dnsmasq dhcp-option=3,\"1#2\"\n" },
		{ "/etc/samba/smb.conf",
		  "[global]\n; x\n  Map To Guest = Bad User\n  guest ok = \\\n yes\n[share]\n path=/mnt\nguest ok = yes\n",
		  "3 samba [global] Map To Guest=Bad User\n4 samba [global] guest ok=yes\n7 samba [share] path=/mnt\n8 samba [share] guest ok=yes\n" },
		{ "/etc/xinetd.d/telnet", "service telnet\n{\n\tdisable = no\n\tflags += REUSE\n\tuser=root\n}\n",
		  "3 xinetd [service telnet] disable=no\n4 xinetd [service telnet] flags=REUSE\n5 xinetd [service telnet] user=root\n" },
		{ "/etc/xinetd.d/time", "service time\n{\n\tprotocol = tcp\n}\nservice time\n{\n\tprotocol = udp\n\tprotocol = tcp\n}\n",
		  "3 xinetd [service time] protocol=tcp\n7 xinetd [service time[2]] protocol=udp !\n8 xinetd [service time[2]] protocol=tcp\n" },
		{ "/etc/pam.d/su",
		  "# x\nauth sufficient pam_rootok.so # y\npassword [success=1] pam_unix.so nullok\n@include common\n",
		  "2 pam auth=sufficient pam_rootok.so\n3 pam password=[success=1] pam_unix.so nullok\n4 pam @include=common\n" },
		{ "/etc/pam.conf", "su auth required pam_wheel.so\n", "1 pam [su] auth=required pam_wheel.so\n" },
		{ "/etc/nsswitch.conf", "passwd: files nis # x\n", "1 nss passwd=files nis\n" },
		{ "/etc/hosts.equiv", "# x\n+ +\nhost bob\n", "2 rshd +=+\n3 rshd host=bob\n" },
		{ "/root/.rhosts", "10.0.0.5 root\n", "1 rshd 10.0.0.5=root\n" },
		{ "/etc/squid/squid.conf", "# x\nhttp_access\tallow all # y\n", "2 squid http_access=allow all\n" },
		{ "/root/.ssh/config", "User a\nHost *\n StrictHostKeyChecking no\n",
		  "1 ssh User=a\n3 ssh [Host *] StrictHostKeyChecking=no\n" },
		{ "/etc/crontabs/root", "# x\nPATH=/bin\n*/5 * * * * wget x\n@reboot  y z\n1 2 3\n",
		  "3 crond */5 * * * *=wget x\n4 crond @reboot=y z\n" },
		{ "/etc/fstab", "# x\n/dev/root / auto ro 0 1\ntmpfs\t/var/log\ttmpfs mode=0755\n//h/s /mnt cifs password=x1y2z3\nswap none swap sw\n/dev/a /b\n",
		  "2 fstab [/dev/root] /=auto\n3 fstab [tmpfs] /var/log=tmpfs\n4 fstab [//h/s] /mnt=cifs\n" },
		{ "/etc/crontab", "5 4 * * 0 root\t/bin/x\n", "1 crond [root] 5 4 * * 0=/bin/x\n" },
		{ "/etc/sudoers",
		  "# x\nDefaults env_reset\nroot ALL=(ALL:ALL) ALL\na, b ALL = \\\n NOPASSWD: ALL # both\n@includedir /etc/sudoers.d\n",
		  "2 sudo Defaults=env_reset\n3 sudo root=ALL=(ALL:ALL) ALL\n4 sudo a, b=ALL = NOPASSWD: ALL\n6 sudo @includedir=/etc/sudoers.d\n" },
		{ "/etc/phpmyadmin/lighttpd.conf", "alias.url += ( \"/a\" => \"/b\" )\n",
		  "1 lighttpd alias.url=( \"/a\" => \"/b\" )\n" },
		{ "/etc/motion/motion.conf", "# c\n; d\nwebcontrol_localhost off\nnetcam_userpass a:b\n",
		  "3 motion webcontrol_localhost=off\n4 motion netcam_userpass=a:b *\n" },
		{ "/etc/fail2ban/filter.d/proftpd.conf", "[Definition]\n_daemon = proftpd\n", "" },
		{ "/etc/fail2ban/filter.d/lighttpd-auth.conf", "[Definition]\nfailregex = x\n", "" },
		{ "/etc/ppp/options", "noauth debug\npassword \"p w\"\nuser x # y\n",
		  "1 pppd noauth=\n1 pppd debug=\n2 pppd password=p w *\n3 pppd user=x\n" },
		{ "/etc/ppp/chap-secrets", "# c s\n\"user one\" * \"p w\" *\nb srv @/etc/x\n",
		  "2 pppd user one=p w *\n3 pppd [srv] b=@/etc/x\n" },
		{ "/etc/miniupnpd.conf", "secure_mode=no\nallow 1024-65535 0.0.0.0/0 1024-65535\n",
		  "1 miniupnpd secure_mode=no\n2 miniupnpd allow=1024-65535 0.0.0.0/0 1024-65535\n" },
		{ "/etc/php.ini", "[PHP]\nexpose_php = On ; x\nopen_basedir = \"/a;b\"\n",
		  "2 php [PHP] expose_php=On\n3 php [PHP] open_basedir=/a;b\n" },
		{ "/etc/redis.conf", "requirepass secret1\nBind 0.0.0.0\n",
		  "1 redis requirepass=secret1 *\n2 redis Bind=0.0.0.0\n" },
		{ "/etc/my.cnf", "[mysqld]\nskip-networking\n!includedir /etc/x\n[client]\npassword=abc\n",
		  "2 mysqld [mysqld] skip-networking=\n3 mysqld [mysqld] !includedir=/etc/x\n5 mysqld [client] password=abc *\n" },
		{ "/etc/nfs.conf", "# a\n[nfsd]\nhost=127.0.0.1\n", "3 nfs.conf [nfsd] host=127.0.0.1\n" },
		{ "/etc/chrony/chrony.conf", "! c\npool x.example iburst nts\n% d\ncmdport 0\n",
		  "2 chronyd pool=x.example iburst nts\n4 chronyd cmdport=0\n" },
	};
	CHECK(cases, "file");
}

static void test_vendor(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/nvram_default.conf", "http_passwd=admin\nhttp_username=admin\nwl0_akm=psk\nempty=\n",
		  "1 nvram http_passwd=admin *\n2 nvram http_username=admin\n3 nvram wl0_akm=psk\n4 nvram empty=\n" },
		{ "/etc/default.cfg", "this is\nno list of variables\n", "" },
		{ "/etc/default_config.xml",
		  "<?xml version=\"1.0\"?>\n<DslCpeConfig>\n<!-- <a>b</a> -->\n <InternetGatewayDevice>\n  <X_TP_UserName val=admin />\n  <X_TP_Password val=\"a&amp;b\" />\n"
		  "  <WANDevice instance=1 >\n   <Enable val=1 />\n  </WANDevice>\n  <Name>plain</Name>\n </InternetGatewayDevice>\n</DslCpeConfig>\n",
		  "5 vendor [DslCpeConfig > InternetGatewayDevice] X_TP_UserName=admin\n6 vendor [DslCpeConfig > InternetGatewayDevice] X_TP_Password=a&b *\n"
		  "8 vendor [DslCpeConfig > InternetGatewayDevice > WANDevice 1] Enable=1\n10 vendor [DslCpeConfig > InternetGatewayDevice] Name=plain\n" },
		{ "/etc/db_default_cfg.xml",
		  "<DB>\n<Tbl name=\"DevAuthInfo\" RowCount=\"1\">\n<Row No=\"0\">\n<DM name=\"User\" val=\"root\"/>\n<DM name=\"Pass\" val=\"Zte521\"/>\n</Row></Tbl></DB>",
		  "4 vendor [DB > Tbl DevAuthInfo > Row 0] User=root\n5 vendor [DB > Tbl DevAuthInfo > Row 0] Pass=Zte521 *\n" },
		{ "/etc/hw_ctree.xml",
		  "<Cfg><Users Number=\"1\"><User InstanceID=\"1\" UserName=\"root\" Password=\"adminHW\"/></Users><Telnet Access=\"1\" Port=\"23\"/></Cfg>",
		  "1 vendor [Cfg > Users > User 1] InstanceID=1\n1 vendor [Cfg > Users > User 1] UserName=root\n"
		  "1 vendor [Cfg > Users > User 1] Password=adminHW *\n1 vendor [Cfg > Telnet] Access=1\n1 vendor [Cfg > Telnet] Port=23\n" },
		{ "/etc/webdefault.xml", "<web-app><servlet><servlet-name>default</servlet-name></servlet></web-app>", "" },
		{ "/etc/config.xml", "<!DOCTYPE busconfig><busconfig><type>x</type></busconfig>", "" },
		{ "/etc/config_default.xml",
		  "<Config><Dir Name=\"A\"><Value Name=\"SUSER_PASSWORD\" Value=\"1234\"/></Dir></Config>",
		  "1 vendor [Config > Dir A] SUSER_PASSWORD=1234 *\n" },
	};
	CHECK(cases, "file");
}

static void test_command_lines(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/init.d/rcS", "#!/bin/sh\ndropbear -Bwp2222 -r '/etc/my key' &\ntelnetd -l /bin/sh\n",
		  "2 dropbear -B=on\n2 dropbear -w=on\n2 dropbear -p=2222\n2 dropbear -r=/etc/my key\n3 telnetd -l=/bin/sh\n" },
		{ "/etc/init.d/rcS",
		  "#!/bin/sh\nP=22\n/usr/sbin/sshd -p $P -o PermitRootLogin=yes -D\nhttpd -h /www -p $PORT\n",
		  "3 sshd -p=22\n3 sshd PermitRootLogin=yes\n3 sshd -D=on\n4 httpd -h=/www\n4 httpd -p=?\n" },
		{ "/etc/init.d/rcS",
		  "#!/bin/sh\nstart-stop-daemon -S -q -x /usr/sbin/dropbear -- -s -R\ndnsmasq --port=0 -C /x\nthttpd -nor -d /www\n",
		  "2 dropbear -s=on\n2 dropbear -R=on\n3 dnsmasq port=0\n3 dnsmasq -C=/x\n4 thttpd -nor=on\n4 thttpd -d=/www\n" },
		{ "/etc/init.d/rcS",
		  "#!/bin/sh\nin.tftpd --listen --user \"$U\" --address :69 --secure /x\nredis-server --port 0 --bind=b /y\nrsync --daemon --config /z\n",
		  "2 tftpd --listen=on\n2 tftpd --user=?\n2 tftpd --address=:69\n2 tftpd --secure=/x\n3 redis port=0\n3 redis bind=b\n4 rsyncd --daemon=on\n4 rsyncd --config=/z\n" },
		{ "/etc/inittab", "::respawn:/usr/sbin/telnetd -D -E /bin/ash\n", "1 telnetd -D=on\n1 telnetd -E=/bin/ash\n" },
		{ "/etc/inittab", "::respawn:/sbin/telnetd -F -l /bin/sh\n", "1 telnetd -F=on\n1 telnetd -l=/bin/sh\n" },
		{ "/etc/inetd.conf",
		  "telnet stream tcp nowait root /usr/sbin/telnetd telnetd -i\n#ftp stream tcp nowait root /usr/sbin/ftpd ftpd -w /\n",
		  "1 telnetd -i=on\n" },
		{ "/etc/default/dropbear", "# DROPBEAR_PORT=1\nDROPBEAR_PORT=22\nDROPBEAR_EXTRA_ARGS=\"-s -g\"\n",
		  "3 dropbear -s=on\n3 dropbear -g=on\n" },
		{ "/etc/init.d/rcS", "#!/bin/sh\necho dropbear -p 1\nkillall telnetd\n", "" },
	};
	CHECK(cases, "command line");
}

static void test_defaults(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/init.d/rcS", "#!/bin/sh\ndropbear -s -p 1\n",
		  "2 dropbear -g=off\n2 dropbear -w=off\n2 dropbear -B=off\n2 dropbear -a=off\n" },
		{ "/etc/init.d/rcS", "#!/bin/sh\ndropbear -s -p 1 $ARGS\n",
		  "2 dropbear -g=off ~\n2 dropbear -w=off ~\n2 dropbear -B=off ~\n2 dropbear -a=off ~\n" },
		{ "/etc/vsftpd.conf",
		  "local_enable=YES\nwrite_enable=YES\nlisten_port=1\nssl_enable=YES\nchroot_local_user=YES\nno_anon_password=NO\n",
		  "0 vsftpd anonymous_enable=YES\n0 vsftpd anon_upload_enable=NO\n0 vsftpd anon_mkdir_write_enable=NO\n0 vsftpd anon_other_write_enable=NO\n"
		  "0 vsftpd force_local_logins_ssl=YES\n0 vsftpd force_local_data_ssl=YES\n" },
		{ "/etc/lighttpd.conf",
		  "include \"x\"\n$HTTP[\"url\"] == \"/\" { dir-listing.activate = \"enable\" }\nserver.port = 1\n",
		  "0 lighttpd server.username= ~\n0 lighttpd ssl.engine=disable ~\n" },
		{ "/etc/lighttpd/conf.d/a.conf", "server.port = 1\n", "" },
		{ "/etc/config/dropbear",
		  "config dropbear\n option Port 1\n option GatewayPorts 1\nconfig dropbear b\n option RootLogin 0\n option Port 2\n option GatewayPorts 0\n",
		  "0 uci [dropbear.dropbear[0]] PasswordAuth=1\n0 uci [dropbear.dropbear[0]] RootPasswordAuth=1\n0 uci [dropbear.dropbear[0]] RootLogin=1\n"
		  "0 uci [dropbear.dropbear b] PasswordAuth=1\n0 uci [dropbear.dropbear b] RootPasswordAuth=1\n" },
		{ "/etc/init.d/dropbear",
		  "#!/bin/sh /etc/rc.common\nSTART=19\nUSE_PROCD=1\nstart_service() {\nprocd_set_param command /usr/sbin/dropbear -F -p 22\n[ \"$x\" -eq 0 ] && procd_append_param command -s\n}\n",
		  "5 dropbear -s=off ~\n5 dropbear -g=off ~\n5 dropbear -w=off ~\n5 dropbear -B=off ~\n5 dropbear -a=off ~\n" },
		{ "/usr/sbin/telnetd",
		  "\x7f"
		  "ELF",
		  "0 telnetd -l=/bin/login\n0 telnetd -p=23\n" },
		{ "/usr/sbin/telnetd", /* GNU's */
		  "\x7f"
		  "ELF exec-login",
		  "" },
		{ "/usr/share/telnetd",
		  "\x7f"
		  "ELF",
		  "" },
		{ "/usr/sbin/mosquitto",
		  "\x7f"
		  "ELF",
		  "0 mosquitto allow_anonymous=?\n0 mosquitto password_file=\n0 mosquitto acl_file=\n0 mosquitto require_certificate=false\n0 mosquitto per_listener_settings=false\n" },
	};
	CHECK(cases, "default");
}

static void test_openssh_version(void **state)
{
	(void)state;
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "\x7f"
		  "ELF OpenSSH_%.100s OpenSSH_9.2p1 Debian",
		  "PermitRootLogin=prohibit-password\n" },
		{ "\x7f"
		  "ELF OpenSSH_6.6.1",
		  "PermitRootLogin=yes\n" },
		{ "\x7f"
		  "ELF OpenSSH_10.0",
		  "PermitRootLogin=prohibit-password\n" },
		{ "\x7f"
		  "ELF OpenSSH_",
		  "PermitRootLogin=?\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_non_null(strstr(rows_of("/usr/sbin/sshd", span_of(cases[i].text, strlen(cases[i].text)), "default"),
							   cases[i].value));
}

/* A link named as the daemon runs it; one that only points at the daemon has nothing to add. */
static void test_links(void **state)
{
	(void)state;
	static const struct {
		const char *path, *target;
		size_t rows;
	} cases[] = {
		{ "/usr/sbin/telnetd", "../bin/busybox", 2 }, { "/usr/sbin/dropbear", "dropbearmulti", 6 },
		{ "/bin/dropbear", "/usr/sbin/dropbear", 0 }, { "/etc/dropbear", "x", 0 },
		{ "/usr/bin/vi", "../bin/busybox", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct inspected out;
		inspected_run(&out, &settings_inspector,
					  (struct subject){ .path = text_c(cases[i].path),
										.kind = ENTRY_SYMLINK,
										.format = "empty",
										.link_target = text_c(cases[i].target) });
		assert_int_equal(fact_list_count(&out.list, FACT_setting), cases[i].rows);
		inspected_free(&out);
	}
}

static void test_secrets(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool secret;
	} cases[] = {
		{ "admin_password=x1", true },
		{ "login_password=x1", true },
		{ "modem_passwd=x", true },
		{ "wl_wpa_psk=abcdefgh", true },
		{ "TelnetPwd=x1", true },
		{ "http_passwd=admin", true },
		{ "ddns_passwd=", false },
		{ "wps_device_pin=12345670", true },
		{ "password_enable=1", false },
		{ "password_file=/x", false },
		{ "snmp_rocommunity=public", true },
		{ "pass_through=1", false },
		{ "spin=5", false },
		{ "key1=abcde", true },
		{ "wl_key=1", false },
		{ "lan_ipaddr=1.2.3.4", false },
		{ "api_key=abc", true },
		{ "psk_mode=psk2", false },
		{ "wpa_key_mgmt=WPA-PSK", false },
		{ "ServerPassword=x", true },
		{ "PasswordMinLength=8", false },
		{ "keyboard=us", false },
		{ "passwd_chat=new", false },
		{ "wan_pppoe_pass=x", true },
		{ "SYS_ADMPASS=x", true },
		{ "Key2Str8=abcde", true },
		{ "Key2Type=1", false },
		{ "MeshWPAKEY=x", true },
		{ "sys_password=$(nvram get pw)", false },
		{ "vpn_bypass=x", false },
		{ "SSLPassPhraseDialog=exec:x", false },
		{ "monkey=1", false },
		{ "X_PrivateKeyFile=a.pem", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[256];
		int n = snprintf(text, sizeof text, "a=1\nb=2\n%s\n", cases[i].line);
		const char *rows = rows_of("/etc/nvram.conf", span_of(text, (size_t)n), "file");
		if ((strchr(rows, '*') != NULL) != cases[i].secret)
			fail_msg("%s", rows);
	}
}

/* What a program prints of a configuration, with white space made one blank and in small letters; skips where it can
 * not. `%s` in the command is the folder that the configuration `c` stands in. */
static const char *dump_of(const char *program, const char *command, const char *config)
{
	static char all[1 << 18];
	char dir[] = "/tmp/assay-settings-XXXXXX", line[1024];
	if (access(program, X_OK) != 0) {
		print_message("no %s here: not compared with it\n", program);
		skip();
	}
	assert_non_null(mkdtemp(dir));
	(void)snprintf(line, sizeof line, "%s/c", dir);
	FILE *f = fopen(line, "w");
	assert_non_null(f);
	(void)fputs(config, f);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(line, sizeof line, "cd %s && { %s; } 2> /dev/null; rm -rf %s", dir, command, dir);
	FILE *p = popen(line, "r");
	assert_non_null(p);
	size_t n = fread(all + 1, 1, sizeof all - 2, p);
	(void)pclose(p);
	size_t k = 1;
	all[0] = '\n';
	for (size_t i = 1; i <= n; i++) {
		char c = all[i];
		bool blank = c == ' ' || c == '\t';
		if (blank && (all[k - 1] == ' ' || all[k - 1] == '\n'))
			continue;
		all[k++] = (char)(blank ? ' ' : c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	all[k] = '\0';
	if (k < 50) {
		print_message("%s prints no configuration here: not compared\n", program);
		skip();
	}
	return all;
}

/* Each of our values that counts stands in the dump, and none that does not. */
static unsigned compare(const char *path, const char *config, const char *dump, const char *format, const char *section)
{
	struct inspected i;
	const struct fact_setting *r;
	char line[1024];
	unsigned compared = 0;
	inspected_file(&i, &settings_inspector, path, span_of(config, strlen(config)));
	for (size_t k = 0; (r = fact_list_get(&i.list, FACT_setting, k)); k++) {
		if (!text_is(r->section, section) || !r->value.p || r->value.n == 0)
			continue;
		(void)snprintf(line, sizeof line, format, (int)r->key.n, r->key.p, (int)r->value.n, r->value.p);
		for (size_t c = 0; line[c]; c++)
			line[c] |= line[c] >= 'A' && line[c] <= 'Z' ? 0x20 : 0;
		if ((strstr(dump, line) != NULL) != (r->effective == 1))
			fail_msg("%s: the program disagrees on %s", path, line);
		compared++;
	}
	inspected_free(&i);
	return compared;
}

static void test_sshd(void **state)
{
	(void)state;
	static const char config[] =
		"Port 2200\nPort 2201\nPermitRootLogin no\npermitrootlogin yes\nPasswordAuthentication=no\n"
		"MaxAuthTries 3 # few\nX11Forwarding \"yes\"\nBanner /etc/issue\nMaxAuthTries 9\n"
		"SkeyAuthentication no\nMatch User c\nPasswordAuthentication yes\n";
	const char *dump = dump_of(
		"/usr/sbin/sshd",
		"mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f k && /usr/sbin/sshd -T -h $PWD/k -f $PWD/c", config);
	assert_in_range(compare("/etc/ssh/sshd_config", config, dump, "\n%.*s %.*s\n", ""), 20, 40);
}

static void test_lighttpd(void **state)
{
	(void)state;
	static const char config[] =
		"var.base = \"/srv\"\nserver.document-root = var.base + \"/www\" + \"/x\"\nserver.port = 8080 # there\n"
		"server.username = \"nobody\"\nserver.errorlog = \"/var/log/a#b.log\"\nserver.tag := \"one\"\nserver.tag := \"two\"\n"
		"$HTTP[\"host\"] == \"a\" {\n dir-listing.activate = \"enable\"\n}\n";
	const char *dump = dump_of("/usr/sbin/lighttpd", "/usr/sbin/lighttpd -p -f c | tr -d '\"'", config);
	/* As a part of a configuration, whose defaults are not told: the program does not print its own. */
	assert_int_equal(compare("/etc/lighttpd/conf.d/l.conf", config, dump, "\n%.*s = %.*s\n", ""), 7);
	assert_int_equal(
		compare("/etc/lighttpd/conf.d/l.conf", config, dump, "\n%.*s = %.*s\n", "$HTTP[\"host\"] == \"a\""), 1);
}

static void test_testparm(void **state)
{
	(void)state;
	static const char config[] =
		"[global]\n; no\nmap to guest = Never\nMap To Guest = Bad User\nserver min protocol = NT1\n"
		"smb ports = 445 \\\n 1445\nnull passwords = yes\nworkgroup = \"HOME\"\nlanman auth = yes\nencrypt passwords = no\n"
		"ntlm auth = ntlmv1-permitted\nserver signing = required\nrestrict anonymous = 2\n"
		"[usb]\n path = /mnt\nguest ok = no\n read only = no\nguest ok = yes\n";
	const char *dump = dump_of("/usr/bin/testparm", "/usr/bin/testparm -s c", config);
	assert_int_equal(compare("/etc/samba/smb.conf", config, dump, "\n%.*s = %.*s\n", "global"), 11);
	assert_int_equal(compare("/etc/samba/smb.conf", config, dump, "\n%.*s = %.*s\n", "usb"), 4);
}

static void test_survives(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ "/etc/ssh/sshd_config", "Port \"22\nMatch User x\nA=\"b c\" #\n", "" },
		{ "/etc/lighttpd.conf",
		  "a += ( \"b\\\"\" => (1) ) + var.a\n$HTTP[\"u\"] == \"{\" { b = \"c\" + var.a } else { c := 1 }\n", "" },
		{ "/etc/nginx/nginx.conf", "http { server { listen \"80\\\"\" ${x}; a_by_lua_block { {} } } }\n", "" },
		{ "/etc/config/network", "package p\nconfig a 'b'\n option \"c\\\"\" d\\\ne'f'\n list x y;z\n", "" },
		{ "/etc/default.xml", "<?x?><!-- y --><A><B n='x' v=\"&lt;\"/><C val=1 /><D>t&amp;</D><E/></A>", "" },
		{ "/etc/wpa_supplicant.conf", "network={\n psk=\"a\"\n}\ncred={\n}\nblob-base64-a={\nabc\n}\n", "" },
		{ "/etc/proftpd.conf", "<A b>\n C d \\\n e\n</A>\n", "" },
		{ "/etc/samba/smb.conf", "[a]\nb=\\\nc\\\n", "" },
		{ "/etc/init.d/rcS", "#!/bin/sh\ndropbear -p $X -r \"a b\" `c` $(d)\nthttpd -d\n", "" },
		{ "/etc/default/dropbear", "A=\"b\nc\"\nexport D_ARGS='-p 1'\n", "" },
		{ "/etc/cron.d/x", "A = b\n@daily root x\n1 2 3 4 5 u c\n", "" },
		{ "/etc/pam.conf", "a b c d\n", "" },
		{ "/etc/sudoers", "a, b c=d \\\n e #f\n", "" },
		{ "/web/auth.txt", "user name=a password=b\nTABLE=c\nROW=0\nd=e\n", "" },
		{ "/etc/ppp/chap-secrets", "\"a b\" * 'c' *\n", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		inspected_survives(&settings_inspector, cases[i].path, span_of(cases[i].text, strlen(cases[i].text)), 300);
}

/* A large file gives the rows that there is room for, and says so. */
static void test_limit(void **state)
{
	(void)state;
	size_t n = 0, size = (size_t)1 << 20;
	char *text = malloc(size);
	for (unsigned i = 0; n + 32 < size && i < 12000; i++)
		n += (size_t)snprintf(text + n, 32, "variable%u=%u\n", i, i);
	struct inspected out;
	inspected_file(&out, &settings_inspector, "/etc/nvram.conf", span_of(text, n));
	assert_int_equal(fact_list_count(&out.list, FACT_setting), 10000);
	assert_int_equal(fact_list_count(&out.list, FACT_damage), 1);
	inspected_free(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ssh),
		cmocka_unit_test(test_web),
		cmocka_unit_test(test_wifi),
		cmocka_unit_test(test_uci),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_vendor),
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_openssh_version),
		cmocka_unit_test(test_sshd),
		cmocka_unit_test(test_lighttpd),
		cmocka_unit_test(test_testparm),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
