/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the product is updated: each case is a file and the rows that it gives, after the manuals of the programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspected.h"

extern const struct inspector updates_inspector;

struct row_case {
	const char *path, *text, *rows; /* rows: "line mechanism aspect value", - where unknown */
};

static void print_rows(const struct fact_list *list, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	const struct fact_updater *r;
	for (size_t i = 0; (r = fact_list_get(list, FACT_updater, i)); i++) {
		char line[24] = "-";
		if (r->line != FACT_NULL)
			snprintf(line, sizeof line, "%ld", (long)r->line);
		n += (size_t)snprintf(out + n, size - n, "%s %.*s %.*s %.*s\n", line, (int)r->mechanism.n, r->mechanism.p,
							  (int)r->aspect.n, r->aspect.p, (int)(r->value.p ? r->value.n : 1),
							  r->value.p ? r->value.p : "-");
		assert_true(r->evidence.n > 0);
	}
}

static void check(const struct row_case *cases, size_t ncases)
{
	for (size_t i = 0; i < ncases; i++) {
		char rows[4096];
		struct inspected out;
		inspected_file(&out, &updates_inspector, cases[i].path, span_of(cases[i].text, strlen(cases[i].text)));
		print_rows(&out.list, rows, sizeof rows);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("%s\n%s\n", cases[i].path, cases[i].text);
		assert_string_equal(rows, cases[i].rows);
		inspected_free(&out);
	}
}

static void test_package_managers(void **state)
{
	(void)state;
	static const struct row_case cases[] = {
		{ "/etc/opkg.conf",
		  "dest root /\noption overlay_root /overlay\noption check_signature\nsrc/gz base http://downloads.openwrt.org/x\n",
		  "3 opkg verification signature\n4 opkg fetch http\n" },
		{ "/etc/opkg/distfeeds.conf", "src/gz core https://a/b\r\n# src/gz x http://c\n", "1 opkg fetch https\n" },
		{ "/etc/opkg.conf", "option check_signature 0\noption no_check_certificate 1\n",
		  "1 opkg verification off\n2 opkg transport certificate not checked\n" },
		{ "/etc/opkg.conf", "# option check_signature 1\nsrc local file:///mnt", "2 opkg fetch file\n" },
		{ "/etc/opkg/keys/b5043e70f9a75cde", "untrusted comment: Local build key\nRWS1BD5w\n",
		  "- opkg key /etc/opkg/keys/b5043e70f9a75cde\n" },
		{ "/etc/apk/repositories",
		  "https://dl-cdn.alpinelinux.org/alpine/v3.19/main\n#http://x/edge\n@testing http://y/testing\n/media/cdrom/apks\n",
		  "1 apk fetch https\n3 apk fetch http\n4 apk fetch -\n" },
		{ "/etc/apt/sources.list",
		  "deb http://deb.debian.org/debian bookworm main\ndeb-src http://x y z\n# deb http://no a b\n"
		  "deb [ arch=armhf trusted=yes ] https://v.example/apt ./\n"
		  "deb [signed-by=/usr/share/keyrings/v.gpg] https://w.example/apt stable main\ndeb cdrom:[x]/ y main\n",
		  "1 apt fetch http\n4 apt verification off\n4 apt fetch https\n"
		  "5 apt key /usr/share/keyrings/v.gpg\n5 apt fetch https\n" },
		{ "/etc/apt/sources.list.d/debian.sources",
		  "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm\n"
		  "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\nEnabled: no\nURIs: http://other/\n",
		  "2 apt fetch http\n4 apt key /usr/share/keyrings/debian-archive-keyring.gpg\n" },
		{ "/etc/apt/apt.conf.d/20auto-upgrades",
		  "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n",
		  "2 apt trigger automatic\n2 apt consent not asked\n" },
		{ "/etc/apt/apt.conf.d/99x",
		  "// APT::Get::AllowUnauthenticated \"true\";\nAPT { Periodic { Unattended-Upgrade \"0\"; }; Get { "
		  "AllowUnauthenticated \"true\"; } }\nAcquire::https::Verify-Peer \"false\";\n",
		  "2 apt trigger on demand\n2 apt verification off\n3 apt transport certificate not checked\n" },
		/* what is fetched from nowhere: a disc, and a folder of the device itself */
		{ "/etc/apt/sources.list",
		  "deb [trusted=yes signed-by=/k.gpg] file:/srv/apt ./\ndeb [trusted=yes] cdrom:[x y]/ y main\ndeb [ trusted=yes ] copy:/srv ./\n"
		  "deb [trusted=yes] http://v.example/apt ./ # not file:/srv\ndeb [trusted=yes] file:/srv\n",
		  "1 apt key /k.gpg\n1 apt fetch -\n3 apt fetch -\n4 apt verification off\n4 apt fetch http\n5 apt fetch -\n" },
		{ "/etc/apt/sources.list.d/a.sources", "URIs: file:/srv/apt\nTrusted: yes\n\nURIs: copy:/a https://v.example/apt\nTrusted: yes\n",
		  "1 apt fetch -\n4 apt fetch -\n4 apt fetch https\n5 apt verification off\n" },
		{ "/etc/yum.repos.d/own.repo",
		  "[a]\nbaseurl=file:///srv/a file:///srv/b\ngpgcheck=0\n[b]\nbaseurl=file:///srv/a http://b/\ngpgcheck=0\n"
		  "[c]\nbaseurl=file:///srv/a\nmirrorlist=https://c/\ngpgcheck=0\n",
		  "2 dnf fetch file\n5 dnf fetch file\n6 dnf verification off\n8 dnf fetch file\n9 dnf fetch https\n10 dnf verification off\n" },
		/* apt.conf(5) passes over a file with an ending, but for .conf */
		{ "/etc/apt/apt.conf.d/99x.dpkg-old", "APT::Periodic::Unattended-Upgrade \"1\";\n", "" },
		{ "/etc/apt/apt.conf.d/99x.conf", "APT::Periodic::Unattended-Upgrade \"0\";\n", "1 apt trigger on demand\n" },
		{ "/etc/apt/apt.conf", "APT::Periodic::Unattended-Upgrade \"0\";\n", "1 apt trigger on demand\n" },
		{ "/etc/yum.repos.d/a.repo",
		  "[a]\nname=A\nbaseurl=http://a/\nenabled=1\ngpgcheck=0\nsslverify=0\n[b]\nbaseurl=http://b/\nenabled=0\n",
		  "3 dnf fetch http\n5 dnf verification off\n6 dnf transport certificate not checked\n" },
		{ "/etc/dnf/automatic.conf", "[commands]\napply_updates = yes\n", "2 dnf trigger automatic\n" },
		{ "/usr/share/doc/apt/examples/sources.list", "deb http://deb.debian.org/debian bookworm main\n", "" },
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

static void test_updaters(void **state)
{
	(void)state;
	static const struct row_case cases[] = {
		{ "/etc/rauc/system.conf",
		  "[system]\ncompatible=Board\nbootloader=uboot\nbundle-formats=-plain\n\n[keyring]\npath=/etc/rauc/ca.pem\n\n"
		  "[streaming]\ntls-no-verify=true\n\n[slot.rootfs.0]\ndevice=/dev/mmcblk0p2\nbootname=A\n\n[slot.rootfs.1]\n"
		  "device=/dev/mmcblk0p3\nbootname=B\n",
		  "2 rauc present configuration\n3 rauc fallback uboot\n4 rauc formats -plain\n7 rauc verification signature\n"
		  "7 rauc key /etc/rauc/ca.pem\n10 rauc transport certificate not checked\n16 rauc slots A/B\n" },
		{ "/etc/rauc-hawkbit-updater/config.conf",
		  "[client]\nhawkbit_server = hawkbit.example.com\nssl = true\nssl_verify = false\n",
		  "2 hawkbit fetch https\n2 hawkbit trigger automatic\n4 hawkbit transport certificate not checked\n" },
		{ "/etc/swupdate.cfg",
		  "globals :\n{\n\tverbose = true;\n\tpublic-key-file = \"/etc/swupdate/public.pem\";\n\tno-downgrading = \"1.0\";\n"
		  "};\nsuricatta :\n{\n\ttenant = \"default\";\n\turl = \"http://10.0.0.2:8080\";\n\tnocheckcert = true;\n\tcafile = "
		  "\"/etc/ca.pem\";\n};\n"
		  "# url = \"http://no\"\n",
		  "4 swupdate verification signature\n4 swupdate key /etc/swupdate/public.pem\n5 swupdate rollback version\n"
		  "10 swupdate fetch http\n10 swupdate trigger automatic\n11 swupdate transport certificate not checked\n12 swupdate authority /etc/ca.pem\n" },
		{ "/etc/swupdate.cfg", "globals :\n{\n\tpostupdatecmd = \"/usr/bin/after\";\n\tpreupdatecmd = \"\";\n};\n",
		  "3 swupdate command /usr/bin/after\n" },
		{ "/etc/mender/mender.conf",
		  "{\n  \"ArtifactVerifyKey\": \"/etc/mender/k.pem\",\n  \"HttpsClient\": {\"SkipVerify\": true},\n"
		  "  \"RootfsPartA\": \"/dev/a\",\n  \"RootfsPartB\": \"/dev/b\",\n  \"Servers\": [{\"ServerURL\": "
		  "\"https://hosted.mender.io\"}],\n  \"UpdatePollIntervalSeconds\": 1800\n}\n",
		  "2 mender verification signature\n2 mender key /etc/mender/k.pem\n3 mender transport certificate not checked\n"
		  "5 mender slots A/B\n6 mender fetch https\n7 mender trigger automatic\n" },
		{ "/etc/mender/mender.conf", "{\"ArtifactVerifyKeys\": [\"/a.pem\"], \"SkipVerify\": false}",
		  "1 mender verification signature\n1 mender key /a.pem\n" },
		{ "/etc/ostree/remotes.d/x.conf", "[remote \"x\"]\nurl=https://o/\ngpg-verify=false\n",
		  "2 ostree fetch https\n3 ostree verification off\n" },
		{ "/ostree/repo/config",
		  "[core]\nrepo_version=1\n[remote \"y\"]\nurl=http://o/\ngpg-verify=false\nsign-verify=ed25519\n"
		  "verification-ed25519-file=/etc/k\n",
		  "4 ostree fetch http\n6 ostree verification signature\n7 ostree key /etc/k\n" },
		{ "/etc/fwupd/remotes.d/lvfs.conf", "[fwupd Remote]\nEnabled=true\nMetadataURI=https://cdn.fwupd.org/a.gz\n",
		  "3 fwupd fetch https\n" },
		{ "/etc/fwupd/remotes.d/lvfs-testing.conf",
		  "[fwupd Remote]\nEnabled=false\nMetadataURI=https://cdn.fwupd.org/a.gz\n", "" },
		{ "/system/build.prop", "ro.build.id=X\nro.build.ab_update=true\n", "2 android-ab slots A/B\n" },
		{ "/vendor/etc/fstab.qcom",
		  "/dev/block/by-name/system / ext4 ro wait,slotselect,avb\n/dev/x /v ext4 ro slotselect\n",
		  "1 android-ab slots A/B\n" },
		{ "/etc/mender/mender.conf", "{\"ServerURL\": \"https://docker.mender.io", "" },
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

static void test_scripts(void **state)
{
	(void)state;
	static const struct row_case cases[] = {
		/* fetched, not verified, flashed */
		{ "/usr/sbin/fwup.sh",
		  "#!/bin/sh\nURL=http://u.example/fw.bin\nwget -O /tmp/fw.bin $URL\nmtd write /tmp/fw.bin firmware\nreboot\n",
		  "3 fwup.sh fetch http\n4 fwup.sh install mtd write\n4 fwup.sh verification none\n" },
		{ "/bin/a", "#!/bin/sh\nwget -qO- ftp://u/fw | mtd -e linux write - linux\n",
		  "2 a fetch ftp\n2 a install mtd write\n2 a verification none\n" },
		{ "/bin/a", "#!/bin/sh\ntftp -g -l /tmp/k -r k 192.168.1.2 && flashcp -v /tmp/k /dev/mtd2\n",
		  "2 a fetch tftp\n2 a install flashcp\n2 a verification none\n" },
		/* a signature, a checksum */
		{ "/bin/a",
		  "#!/bin/sh\ncurl -sk -o /tmp/f https://u/f\nopenssl dgst -sha256 -verify /etc/k.pem -signature /tmp/f.sig /tmp/f || exit 1\n"
		  "dd if=/tmp/f of=/dev/mtdblock3 bs=64k\n",
		  "2 a fetch https\n2 a transport certificate not checked\n3 a verification signature\n4 a install dd\n" },
		{ "/bin/a",
		  "#!/bin/sh\nwget -O /tmp/f http://u/f\necho \"$SUM  /tmp/f\" | md5sum -c - || exit\nnandwrite -p /dev/mtd4 /tmp/f\n",
		  "2 a fetch http\n3 a verification checksum\n4 a install nandwrite\n" },
		{ "/bin/a",
		  "#!/bin/sh\nwget http://u/f -O /tmp/f\nusign -V -m /tmp/f -P /etc/opkg/keys && cat /tmp/f > /dev/mtd3\n",
		  "2 a fetch http\n3 a verification signature\n3 a install cat\n" },
		/* an unknown program may verify; sysupgrade has rules of its own; something else is flashed than was fetched */
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f http://u/f\ncheck_image /tmp/f\nmtd write /tmp/f fw\n",
		  "2 a fetch http\n4 a install mtd write\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f http://u/f\n. /lib/functions.sh\nmtd write /tmp/f fw\n",
		  "2 a fetch http\n4 a install mtd write\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f https://u/f\nsysupgrade -n /tmp/f\n",
		  "2 a fetch https\n3 a install sysupgrade\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/list http://u/f\nmtd write /tmp/other fw\n",
		  "2 a fetch http\n3 a install mtd write\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f http://u/f\nmtd write /tmp/f fw\necho \"never closed\n",
		  "2 a fetch http\n3 a install mtd write\n" },
		/* what comes before the fetch and behind the flashing verifies nothing, unless a function is called between; the file has the
		 * name that the server gave it */
		{ "/bin/a", "#!/bin/sh\n/app/cam &\ncd /tmp\nwget http://u/a/fw.bin\nmtd write fw.bin firmware\n/app/other\n",
		  "4 a fetch http\n5 a install mtd write\n5 a verification none\n" },
		/* what is flashed beside the running system may be verified there before it is chosen */
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f http://u/f\nmtd write /tmp/f b\n/app/look b && fw_setenv slot b\n",
		  "2 a fetch http\n3 a install mtd write\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O /tmp/f http://u/f\nmtd write /tmp/f b\nfw_setenv slot b\n/app/other\n",
		  "2 a fetch http\n3 a install mtd write\n3 a verification none\n" },
		{ "/bin/a", "#!/bin/sh\nverify() { check_image /tmp/f; }\nwget -O /tmp/f http://u/f\nverify\nmtd write /tmp/f fw\n",
		  "3 a fetch http\n5 a install mtd write\n" },
		{ "/bin/a", "#!/bin/sh\ntftp -g -r k.bin 192.168.1.2 && flashcp -v /tmp/k.bin /dev/mtd2\n",
		  "2 a fetch tftp\n2 a install flashcp\n2 a verification none\n" },
		{ "/bin/a", "#!/bin/sh\nwget http://u/fw.bin\nmtd write /rom/fw.bin firmware\n", "2 a fetch http\n3 a install mtd write\n" },
		/* functions, busybox, wrappers, alternatives */
		{ "/bin/a",
		  "#!/bin/sh\nget() { busybox wget -O /tmp/f http://u/f; }\nput() { nice -n 5 mtd write /tmp/f fw; }\nget\nput\n",
		  "2 a fetch http\n3 a install mtd write\n3 a verification none\n" },
		{ "/bin/a", "#!/bin/sh\ncase \"$1\" in\nupgrade) swupdate -i /tmp/x.swu;;\nesac\n", "3 a install swupdate\n" },
		{ "/bin/a", "#!/bin/sh\n/usr/bin/swupdate -k /etc/k.pem -u \"-t x -u https://u/id\" &\n",
		  "2 swupdate verification signature\n2 swupdate key /etc/k.pem\n2 swupdate fetch https\n2 swupdate trigger automatic\n" },
		{ "/lib/systemd/system/swupdate.service", "[Service]\nExecStart=-/usr/bin/swupdate -k /k -w \"-r /www\"\n",
		  "2 swupdate verification signature\n2 swupdate key /k\n" },
		{ "/bin/a", "#!/bin/sh\nunattended-upgrade --help\napt-get -s upgrade\napt-get -qq -d dist-upgrade\n", "" },
		/* settings are no update, nor is erasing; a script that only fetches is none */
		{ "/bin/a", "#!/bin/sh\nmtd write /tmp/x nvram\ndd if=/dev/zero of=/dev/mtdblock2\n", "" },
		{ "/bin/a", "#!/bin/sh\nwget http://u/f\nmd5sum f\n", "" },
		{ "/bin/a", "#!/bin/sh\necho 'mtd write x y'\n# mtd write x y\ncat <<E\nmtd write a b\nE\n", "" },
		{ "/bin/a", "#!/bin/sh\nsysupgrade -b /tmp/backup.tar.gz\n", "" },
		{ "/lib/upgrade/platform.sh", "REQUIRE_IMAGE_METADATA=1\nREQUIRE_IMAGE_SIGNATURE=1\n",
		  "2 sysupgrade verification signature\n" },
		{ "/lib/upgrade/fwtool.sh",
		  ". /lib/upgrade/common.sh\nfwtool_check_signature() {\n\tif ! fwtool -q -s $UPGRADE_CERT \"$1\"; then\n\t\treturn 0\n"
		  "\tfi\n\tfwtool -q -T -s /dev/null \"$1\" | \\\n\t\tucert -V -m - -c \"$UPGRADE_CERT\" -P /etc/opkg/keys\n}\n",
		  "7 sysupgrade verification optional\n" },
		{ "/lib/upgrade/common.sh",
		  "#!/bin/sh\ndefault_do_upgrade() {\n\tget_image \"$1\" | mtd -j \"$CONF_TAR\" write - \"${PART_NAME:-image}\"\n}\n",
		  "3 sysupgrade install mtd write\n" },
		{ "/lib/upgrade/nand.sh", "nand_upgrade_ubinized() {\n\tubiupdatevol /dev/$root_ubivol -s $length -\n}\n",
		  "2 sysupgrade install ubiupdatevol\n" },
		{ "/sbin/sysupgrade", "#!/bin/sh\nexport REQUIRE_IMAGE_SIGNATURE=0\n",
		  "- sysupgrade present program\n2 sysupgrade verification optional\n" },
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

/* Pages and daemons in Lua, PHP, Python and Perl: idioms of LuCI, of vendors' web interfaces and of their updaters. */
static void test_code(void **state)
{
	(void)state;
	static const struct row_case cases[] = {
		{ "/usr/lib/lua/luci/controller/admin/system.lua",
		  "local function fork_exec(command)\n\tnixio.exec(\"/bin/sh\", \"-c\", command)\nend\n"
		  "fork_exec(\"sleep 1; killall dropbear uhttpd; sleep 1; /sbin/sysupgrade %s %q\" %{ keep, image_tmp })\n",
		  "4 system.lua install sysupgrade\n" },
		{ "/usr/lib/lua/luci/controller/fw.lua",
		  "local sys = require \"luci.sys\"\nsys.exec(\"wget -O /tmp/fw.bin http://u.example/fw.bin\")\n"
		  "if sys.exec(\"md5sum /tmp/fw.bin\") ~= sum then return end\nos.execute(\"mtd write /tmp/fw.bin firmware\")\n",
		  "2 fw.lua fetch http\n3 fw.lua verification checksum\n4 fw.lua install mtd write\n" },
		{ "/usr/lib/lua/up.lua",
		  "local http = require(\"socket.http\")\nhttp.request{ url = \"https://u/\" .. name }\n"
		  "luci.sys.call(\"usign -V -m /tmp/f -p /etc/k.pub\")\nlocal p = io.popen(\"sysupgrade -n /tmp/f 2>&1\", \"r\")\n",
		  "2 up.lua fetch https\n3 up.lua verification signature\n4 up.lua install sysupgrade\n" },
		{ "/usr/bin/upd", "#!/usr/bin/lua\nnixio.exec(\"/sbin/sysupgrade\", \"-n\", file)\n", "2 upd install sysupgrade\n" },
		{ "/usr/lib/lua/a.lua",
		  "sys.process.exec({ \"/bin/sh\", \"-c\", \"sysupgrade -n /tmp/f\" }, nil, nil, true)\n",
		  "1 a.lua install sysupgrade\n" },
		{ "/usr/lib/lua/a.lua",
		  "luci.httpclient.request_to_file(url, \"/tmp/f\")\nos.execute(string.format(\"sysupgrade %s\", \"/tmp/f\"))\n",
		  "1 a.lua fetch -\n2 a.lua install sysupgrade\n" },
		/* settings, a look, a text, a comment, a checksum that is shown, a fetch that flashes nothing */
		{ "/usr/lib/lua/a.lua", "os.execute(\"mtd write /tmp/x nvram\")\nos.execute('sysupgrade -T /tmp/f')\n"
								"print(\"sysupgrade -n /tmp/f\")\n-- os.execute(\"sysupgrade -n /tmp/f\")\n", "" },
		{ "/usr/lib/lua/a.lua", "os.execute(\"sysupgrade -b /tmp/b.tgz\")\n", "" },
		{ "/usr/lib/lua/a.lua", "os.execute(\"wget http://u/sysupgrade -O /tmp/f\")\n", "" },
		{ "/usr/lib/lua/a.lua", "local sum = luci.sys.exec(\"sha256sum /tmp/f\")\nos.execute(\"sysupgrade -n /tmp/f\")\n",
		  "2 a.lua install sysupgrade\n" },
		{ "/usr/lib/lua/a.lua", "socket.http.request(\"https://u/sysupgrade \")\n", "" },
		/* PHP */
		{ "/www/upgrade.php",
		  "<?php\n$f = '/tmp/fw.bin';\nmove_uploaded_file($_FILES['fw']['tmp_name'], $f);\n"
		  "exec(\"/usr/sbin/fwupgrade $f > /dev/null 2>&1 &\");\n?>\n",
		  "4 upgrade.php install fwupgrade\n" },
		{ "/www/upgrade.php",
		  "<?php\n$d = file_get_contents('http://u.example/fw.bin');\nif (md5_file('/tmp/fw') != $sum) exit;\n"
		  "system('dd if=/tmp/fw of=/dev/mtdblock4 bs=64k');\n",
		  "2 upgrade.php fetch http\n3 upgrade.php verification checksum\n4 upgrade.php install dd\n" },
		{ "/www/upgrade.php",
		  "<?php\n$c = curl_init();\ncurl_setopt($c, CURLOPT_URL, 'https://u/fw');\ncurl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);\n"
		  "$ok = openssl_verify($data, $sig, $key, OPENSSL_ALGO_SHA256);\necho shell_exec('mtd -r write /tmp/fw linux');\n",
		  "3 upgrade.php fetch https\n4 upgrade.php transport certificate not checked\n"
		  "5 upgrade.php verification signature\n6 upgrade.php install mtd write\n" },
		{ "/www/upgrade.php", "<?php passthru(\"flashcp -v \" . $f . \" /dev/mtd2\"); ?>", "1 upgrade.php install flashcp\n" },
		{ "/www/upgrade.php", "<?php $o = `mtd write /tmp/f firmware`; ?>", "1 upgrade.php install mtd write\n" },
		/* no shell gets it; a local file; a checksum that is shown; a dump of the flash */
		{ "/www/a.php", "<?php\necho 'mtd write /tmp/f linux';\n// exec('mtd write /tmp/f linux');\n", "" },
		{ "/www/a.php", "mtd write exec('mtd write /tmp/f linux')\n", "" },
		{ "/www/a.php",
		  "<?php\n$v = file_get_contents('/etc/version');\necho md5_file('/tmp/f');\nexec('mtd write /tmp/f linux');\n",
		  "4 a.php install mtd write\n" },
		{ "/www/a.php", "<?php exec('dd if=/dev/mtd0 of=/tmp/dump'); exec(\"cat /proc/mtd\"); ?>", "" },
		{ "/www/a.php", "<?php $x = curl_init('https://u/mtd write'); ?>", "" },
		/* Python, Perl */
		{ "/bin/a", "#!/usr/bin/python3\nimport os\nos.system('mtd write a b')\n", "3 a install mtd write\n" },
		{ "/bin/a",
		  "#!/usr/bin/python3\nimport subprocess\nurllib.request.urlretrieve('http://u/f', '/tmp/f')\n"
		  "subprocess.check_call(['flashcp', '/tmp/f', '/dev/mtd3'])\n",
		  "3 a fetch http\n4 a install flashcp\n" },
		{ "/bin/a", "#!/usr/bin/perl\ngetstore($url, '/tmp/f');\nsystem('nandwrite', '-p', '/dev/mtd4', '/tmp/f');\n",
		  "2 a fetch -\n3 a install nandwrite\n" },
		{ "/bin/a", "#!/usr/bin/python3\nprint('nandwrite /dev/mtd4 x')\n", "" },
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

static void test_schedules(void **state)
{
	(void)state;
	static const struct row_case cases[] = {
		{ "/etc/crontabs/root",
		  "# x\n15 3 * * * /usr/bin/fw_upgrade.sh --quiet\n0 * * * * /usr/sbin/ntpd -q\n@daily opkg update && opkg upgrade foo\n",
		  "2 fw_upgrade.sh trigger automatic\n4 opkg trigger automatic\n" },
		{ "/etc/crontab",
		  "SHELL=/bin/sh\n17 * * * * root /usr/bin/check-firmware\n0 1 * * * root updatedb\n5 1 * * * root /bin/ddns_update\n",
		  "2 check-firmware trigger automatic\n" },
		{ "/var/spool/cron/crontabs/root",
		  "0 4 * * * /usr/sbin/auto_update.sh\n0 5 * * * /usr/bin/system-update -q\n0 6 * * * /etc/blocklist/update.sh\n"
		  "0 7 * * * /usr/bin/check_dns_update\n0 8 * * * /usr/bin/auto-check\n",
		  "1 auto_update.sh trigger automatic\n2 system-update trigger automatic\n" },
		{ "/etc/cron.daily/up", "#!/bin/sh\napt-get -y upgrade\n",
		  "2 up trigger automatic\n2 up install apt-get upgrade\n" },
		{ "/etc/config/system", "config upgrade 'x'\n\toption auto_update '1'\n",
		  "2 system trigger automatic\n2 system consent not asked\n" },
		{ "/etc/default.cfg", "AutoUpgradeEnable=0\r\nauto_update_time=1\nautoupdate=maybe\n#auto_update=1\n",
		  "1 default.cfg trigger on demand\n" },
		{ "/etc/x.json", "{\"autoUpdate\": true}", "1 x.json trigger automatic\n1 x.json consent not asked\n" },
		{ "/etc/x.xml", "<AutoUpgrade>1</AutoUpgrade>", "1 x.xml trigger automatic\n1 x.xml consent not asked\n" },
		{ "/etc/dnf/plugins/x.conf", "[main]\nautoupdate=0\n", "" },
		{ "/www/x.json", "{\"auto_update\": true}", "" },
		{ "/etc/x.md", "auto_update=1", "" },
	};
	check(cases, sizeof cases / sizeof cases[0]);
}

static void test_links(void **state)
{
	(void)state;
	static const struct {
		const char *path, *target, *rows;
	} cases[] = {
		{ "/etc/systemd/system/multi-user.target.wants/mender-updated.service",
		  "/lib/systemd/system/mender-updated.service", "- mender trigger automatic\n" },
		{ "/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer", "/lib/x", "" },
		{ "/etc/rc3.d/S20mender", "../init.d/mender", "- mender trigger automatic\n" },
		{ "/etc/rc0.d/S20mender", "../init.d/swupdate", "" },
		{ "/etc/rc3.d/K20mender", "../init.d/swupdate", "" },
		{ "/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/x", "" },
		{ "/etc/systemd/system/x.wants/snapd.service", "/dev/null", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char rows[1024];
		struct inspected out;
		inspected_run(&out, &updates_inspector,
					  (struct subject){ .path = text_c(cases[i].path),
										.kind = ENTRY_SYMLINK,
										.link_target = text_c(cases[i].target),
										.format = "symlink" });
		print_rows(&out.list, rows, sizeof rows);
		assert_string_equal(rows, cases[i].rows);
		inspected_free(&out);
	}
}

/* Not a program that runs: its identification, and strings. */
static void test_programs(void **state)
{
	(void)state;
	static const struct {
		const char *path, *string, *rows;
	} cases[] = {
		{ "/usr/sbin/upgraded", "killall httpd; mtd -r write %s firmware", "- upgraded install mtd write\n" },
		{ "/usr/sbin/upgraded", "flashcp -v /tmp/fw.bin /dev/mtd1", "- upgraded install flashcp\n" },
		{ "/usr/sbin/upgraded", "wget -O - %s | mtd write - linux",
		  "- upgraded fetch -\n- upgraded install mtd write\n" },
		{ "/usr/sbin/upgraded", "sysupgrade -n /tmp/fw >/dev/null 2>&1 &", "- upgraded install sysupgrade\n" },
		{ "/usr/sbin/x", "Usage: flashcp [ -v ] <filename> <device>", "" },
		{ "/usr/bin/flashcp", "flashcp -v a b", "" },
		{ "/usr/sbin/x", "flashcp ", "" },
		{ "/usr/bin/agent", "$aws/things/%s/jobs/notify-next", "- aws-iot-jobs present client\n" },
		{ "/usr/bin/swupdate", "nothing", "- swupdate present program\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char bytes[256] = "\x7f"
						  "ELF\1\1\1";
		char rows[1024];
		struct inspected out;
		snprintf(bytes + 64, sizeof bytes - 64, "%s", cases[i].string);
		inspected_file(&out, &updates_inspector, cases[i].path, span_of(bytes, sizeof bytes));
		print_rows(&out.list, rows, sizeof rows);
		if (strcmp(rows, cases[i].rows) != 0)
			print_message("%s\n", cases[i].string);
		assert_string_equal(rows, cases[i].rows);
		inspected_free(&out);
	}
}

static void test_survives(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text;
	} seeds[] = {
		{ "/etc/opkg.conf", "option check_signature 1\nsrc/gz a http://b\n" },
		{ "/etc/apt/sources.list", "deb [ a=b trusted=yes ] http://x y z\n" },
		{ "/etc/apt/apt.conf.d/x", "APT { Periodic { Unattended-Upgrade \"1\"; }; }; /* x */ a::b \"c\"; // d" },
		{ "/etc/apt/sources.list.d/x.sources", "URIs: a b\nTrusted: yes\nSigned-By: /x\n\nEnabled: no\n" },
		{ "/etc/rauc/system.conf", "[system]\ncompatible=x\n[slot.a.1]\n[keyring]\npath=/x\n[slot.]\n" },
		{ "/etc/swupdate.cfg", "globals: { public-key-file = \"x\"; }; suricatta: { url=\"http://x\"; };" },
		{ "/etc/mender/mender.conf",
		  "{\"Servers\": [{\"ServerURL\": \"https://x\"}], \"ArtifactVerifyKeys\": [\"y\"]}" },
		{ "/etc/x.json", "{\"auto_update\": \"1\"}" },
		{ "/etc/crontabs/root", "* * * * * /bin/fw_upgrade\n@daily opkg upgrade\n" },
		{ "/bin/a", "#!/bin/sh\nwget -O - http://u | mtd write - fw\ndd of=/dev/mtd1\n. x\n$(eval a)\n" },
		{ "/sbin/sysupgrade", "#!/bin/sh\nexport REQUIRE_IMAGE_SIGNATURE=\"1\"\n" },
		{ "/www/a.php", "<?php curl_setopt($c, CURLOPT_URL, 'http://u'); if (md5_file($f) != $s) exec(\"mtd write $f fw\"); ?>" },
		{ "/usr/lib/lua/a.lua", "nixio.exec(\"/bin/sh\", \"-c\", \"sysupgrade\" .. f) http.request{ url = \"http://u\" }" },
	};
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
		inspected_survives(&updates_inspector, seeds[i].path, span_of(seeds[i].text, strlen(seeds[i].text)), 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package_managers), cmocka_unit_test(test_updaters), cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_schedules),        cmocka_unit_test(test_links),    cmocka_unit_test(test_programs),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("updates", tests, NULL, NULL);
}
