#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `assay FOLDER` says of an updater or a telnet server that boot comes to, may come to, or never comes to: each variant is
a small root folder with an inittab and a start-up script, and the verdicts that follow from what a shell does with it.

    test_guards.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))
INITTAB = "::sysinit:/etc/init.d/rcS\n::respawn:/sbin/getty ttyS0 9600\n"
UPDATE = 'swupdate -k /etc/k.pem -u "-u https://u.example.com"'
AUTOMATIC = ("mozilla.updates.automatic", "etsi.5.3-3", "etsi.5.3-4a", "etsi.5.3-5", "ir8425.software-update.2")
TELNET = ("mozilla.encryption.device-transport", "etsi.5.1-3", "etsi.5.5-6", "nist.17.default-credentials")
CAPABLE = ("mozilla.updates.capable", "etsi.5.5-3")

# name: what stands in rcS (%s: the command), other files, whether boot comes to the command for certain
GUARDS = {
    "plain": ("%s &\n", {}, True),
    "guard-or-exit": ("[ -f /etc/auto ] || exit 0\n%s\n", {}, False),
    "guard-or-exit, the file is there": ("[ -f /etc/auto ] || exit 0\n%s\n", {"etc/auto": "1\n"}, True),
    "guard-and-exit, the file is there": ("[ -f /etc/off ] && exit 0\n%s\n", {"etc/off": "1\n"}, False),
    "guard-and-exit": ("[ -f /etc/off ] && exit 0\n%s\n", {}, True),
    "test-or-return": ("test \"$AUTO\" = yes || return\n%s\n", {}, False),
    "grep-or-exit": ("grep -q auto /proc/cmdline || exit\n%s\n", {}, False),
    "if-exit": ("if [ -n \"$OFF\" ]; then\n\texit\nfi\n%s\n", {}, False),
    "if-then": ("if [ \"$(nvram get auto)\" = 1 ]; then\n\t%s\nfi\n", {}, False),
    "else": ("if [ -f /tmp/x ]; then\n\techo\nelse\n\t%s\nfi\n", {}, False),
    "and": ("[ \"$AUTO\" = 1 ] && %s\n", {}, False),
    "and, another command on the line": ("[ \"$AUTO\" = 1 ] && %s; getty\n", {}, False),
    "case of nobody": ("case \"$1\" in\nstart) echo;;\nupgrade) %s;;\nesac\n", {}, False),
    "case of the first argument": ("case \"$1\" in\nstart) %s;;\nesac\n", {}, False),
    "case of the model": ("case `cat /proc/model` in\nA) %s;;\nesac\n", {}, False),
    "function that is never called": ("update() {\n\t%s\n}\n", {}, False),
    "function that is called": ("update() {\n\t%s\n}\nupdate\n", {}, True),
    "function that exits before": ("check() { [ -n \"$A\" ] || exit 0; }\ncheck\n%s\n", {}, False),
    "after exit": ("exit 0\n%s\n", {}, False),
    "after exec": ("exec /sbin/getty\n%s\n", {}, False),
    "here-document": ("cat > /tmp/x <<EOF\n%s\nEOF\n", {}, False),
    "trap": ("trap '%s' EXIT\n", {}, False),
    "if false": ("if false; then %s; fi\n", {}, False),
    "while": ("while [ -f /tmp/go ]; do %s; done\n", {}, False),
    "waits for a file": ("(while [ ! -f /tmp/go ]; do sleep 1; done; %s) &\n", {}, False),
    "endless loop before": ("while true; do sleep 60; done\n%s\n", {}, False),
    "in an endless loop": ("while true; do %s; sleep 60; done\n", {}, True),
    "nohup": ("nohup setsid %s &\n", {}, True),
    "nohup behind a test": ("[ -n \"$A\" ] && nohup %s &\n", {}, False),
    "after mkdir": ("mkdir -p /run/x || exit 1\n%s\n", {}, True),
    "set -e": ("set -e\ngrep -q x /proc/mtd\n%s\n", {}, False),
    "behind a server that stays": ("syslogd -n\n%s\n", {}, False),
    "behind a server that goes to the background": ("syslogd\n%s\n", {}, True),
    "behind a server that is in the background": ("syslogd -n &\n%s\n", {}, True),
    "behind a web server that stays": ("httpd -f -p 80\n%s\n", {}, False),
    "behind a sleep without end": ("sleep infinity\n%s\n", {}, False),
    "behind reboot": ("reboot\n%s\n", {}, False),
    "behind a file that is read": (". /etc/vars\n%s\n", {"etc/vars": "A=1\n"}, True),
    "behind a file of functions": (". /lib/f.sh\n%s\n", {"lib/f.sh": "die() { exit 1; }\n"}, True),
    "behind a file that may leave": (". /etc/vars\n%s\n", {"etc/vars": "[ -n \"$A\" ] || exit 0\n"}, False),
    "behind a file that returns": (". /etc/vars\n%s\n", {"etc/vars": "[ -n \"$A\" ] || return 0\n"}, True),
    "behind a file that is missing": (". /etc/vars\n%s\n", {}, False),
    "behind a file that may be missing": ("[ -f /etc/vars ] && . /etc/vars\n%s\n", {}, True),
    "waits for itself": ("pidof swupdate telnetd || %s\n", {}, True),
}


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pathlib.Path("/bin/true").read_bytes())
    path.chmod(0o755)


def text(path, content, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)


class Guards(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="assay-guards-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.roots = 0

    def assess(self, files, programs):
        self.roots += 1
        root = self.folder / f"root{self.roots}"
        for name in programs:
            program(root / name)
        for name, content in files.items():
            text(root / name, content, 0o755 if content.startswith("#!") else 0o644)
        run = subprocess.run([ASSAY, root, "-o", self.folder / f"{self.roots}.assay", "--without-feeds", "-q", "--json", "-"],
                             capture_output=True, text=True, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        return {v["requirement"]: v for v in json.loads(run.stdout)["verdicts"]}

    def check(self, verdicts, requirements, wanted, name):
        got = {requirement: verdicts[requirement]["verdict"].upper() for requirement in requirements}
        self.assertEqual(got, {requirement: wanted for requirement in requirements}, name)

    def boot(self, script, others):
        return {"etc/inittab": INITTAB, "etc/init.d/rcS": "#!/bin/sh\nmount -a\n" + script, "etc/k.pem": "x\n", **others}

    def test_updater(self):
        for name, (script, others, certain) in GUARDS.items():
            with self.subTest(name):
                verdicts = self.assess(self.boot(script % UPDATE, others), ("usr/bin/swupdate", "sbin/getty"))
                self.check(verdicts, AUTOMATIC, "PASS" if certain else "INCONCLUSIVE", name)

    def test_telnet(self):
        for name, (script, others, certain) in GUARDS.items():
            with self.subTest(name):
                verdicts = self.assess(self.boot(script % "telnetd -l /bin/login", others), ("usr/sbin/telnetd", "sbin/getty"))
                self.check(verdicts, TELNET, "FAIL" if certain else "INCONCLUSIVE", name)

    def test_names_the_test(self):
        verdicts = self.assess(self.boot("[ \"$telnet\" = 1 ] && telnetd\n", {}), ("usr/sbin/telnetd",))
        self.assertIn("[ \"$telnet\" = 1 ]", json.dumps(verdicts["etsi.5.1-3"], ensure_ascii=False).replace('\\"', '"'))

    def test_capable(self):
        fetch = "wget -q -O /tmp/fw https://u.example.com/fw"
        flash = "mtd write /tmp/fw linux"
        cases = {
            "plain": (f"{fetch} && {flash}\n", "PASS"),
            "leaves when nothing was fetched": (f"{fetch} || exit 1\n{flash}\n", "PASS"),
            "function that nobody calls": (f"{fetch}\ninstall_it() {{ {flash}; }}\n", "INCONCLUSIVE"),
            "argument that nobody gives": (f"{fetch}\ncase \"$1\" in install) {flash};; esac\n", "INCONCLUSIVE"),
            "a file": (f"[ -f /etc/auto ] || exit 0\n{fetch}\n{flash}\n", "INCONCLUSIVE"),
            "after exit": (f"{fetch}\nexit 0\n{flash}\n", "INCONCLUSIVE"),
            "if false": (f"{fetch}\nif false; then\n{flash}\nfi\n", "INCONCLUSIVE"),
        }
        for name, (script, wanted) in cases.items():
            with self.subTest(name):
                files = self.boot("/app/up.sh &\n", {"app/up.sh": "#!/bin/sh\n" + script})
                self.check(self.assess(files, ("usr/bin/wget", "sbin/mtd", "sbin/getty")), CAPABLE, wanted, name)

    def test_init_d(self):
        """A script of init.d is told to start, by the loop of rcS."""
        loop = "for i in /etc/init.d/S??*; do\n\t[ -x \"$i\" ] || continue\n\t$i start\ndone\n"
        arms = {
            "start": (f"case \"$1\" in\nstart) {UPDATE};;\nstop) killall swupdate;;\nesac\n", "PASS"),
            "restart": (f"case \"$1\" in\nstart) echo;;\nrestart) {UPDATE};;\nesac\n", "INCONCLUSIVE"),
            "upgrade": (f"case \"$1\" in\nstart) echo;;\nupgrade) {UPDATE};;\nesac\n", "INCONCLUSIVE"),
            "x": (f"case \"$1\" in\nx) {UPDATE};;\nesac\n", "INCONCLUSIVE"),
            "a variable": (f"D=swupdate\ncase \"$1\" in\nstart) $D -k /etc/k.pem -u '-u https://u.example.com';;\nesac\n", "PASS"),
        }
        for name, (script, wanted) in arms.items():
            with self.subTest(name):
                files = self.boot(loop, {"etc/init.d/S90update": "#!/bin/sh\n" + script})
                self.check(self.assess(files, ("usr/bin/swupdate", "sbin/getty")), AUTOMATIC[:1], wanted, name)

    def test_other_starters(self):
        unit = "[Service]\nExecStart=/usr/bin/" + UPDATE + "\n"
        rc = "#!/bin/sh /etc/rc.common\nSTART=90\nUSE_PROCD=1\nstart_service() {\n%s\tprocd_set_param command " + UPDATE + "\n}\n"
        cron = {"etc/crontabs/root": "0 3 * * * " + UPDATE + "\n"}
        cases = {
            "cron": ({**self.boot("crond\n", {}), **cron}, "PASS"),
            "cron without a daemon": ({**self.boot("echo\n", {}), **cron}, "INCONCLUSIVE"),
            "cron behind a test": ({**self.boot("crond\n", {}), "etc/crontabs/root": "0 3 * * * [ -f /tmp/x ] && " + UPDATE + "\n"},
                                   "INCONCLUSIVE"),
            "inittab": ({"etc/inittab": "::once:" + UPDATE + "\n"}, "PASS"),
            "inittab, another run level": ({"etc/inittab": "id:3:initdefault:\nx:5:once:" + UPDATE + "\n"}, "INCONCLUSIVE"),
            "a unit that nothing wants": ({"lib/systemd/system/up.service": unit}, "INCONCLUSIVE"),
            "procd that nothing enables": ({**self.boot("echo\n", {}), "etc/init.d/up": rc % ""}, "INCONCLUSIVE"),
        }
        for name, (files, wanted) in cases.items():
            with self.subTest(name):
                self.check(self.assess(files, ("usr/bin/swupdate", "usr/sbin/crond", "sbin/getty")), AUTOMATIC[:1], wanted, name)

    def test_android(self):
        """Services of Android's init: started by their class or name, in this file or another one, or not."""
        telnet = "service telnetd /system/bin/telnetd -l /system/bin/sh\n    class core\n%s"
        boot = "on boot\n    class_start core\n"
        cases = {
            "class, the same file": ({"init.rc": boot + telnet % ""}, "FAIL"),
            "class, another file": ({"init.rc": boot, "vendor/etc/init/t.rc": telnet % ""}, "FAIL"),
            "disabled": ({"init.rc": boot + telnet % "    disabled\n"}, "INCONCLUSIVE"),
            "disabled, started by name": ({"init.rc": boot + "    start telnetd\n", "system/etc/init/t.rc": telnet % "    disabled\n"}, "FAIL"),
            "by a property": ({"init.rc": "on property:persist.telnet=1\n    start telnetd\n" + telnet % "    disabled\n"}, "INCONCLUSIVE"),
            "while it is charged": ({"init.rc": "on charger\n    class_start core\n" + telnet % ""}, "INCONCLUSIVE"),
            "imported": ({"init.rc": "import /init.debug.rc\n" + boot, "init.debug.rc": "on boot\n    start telnetd\n" + telnet % "    disabled\n"},
                         "FAIL"),
            "nothing imports it": ({"init.rc": boot, "init.debug.rc": "on boot\n    start telnetd\n" + telnet % "    disabled\n"}, "INCONCLUSIVE"),
        }
        for name, (files, wanted) in cases.items():
            with self.subTest(name):
                verdicts = self.assess(files, ("system/bin/telnetd", "system/bin/init"))
                self.check(verdicts, TELNET, wanted, name)
                if name == "by a property":
                    self.assertIn("persist.telnet=1", json.dumps(verdicts["etsi.5.1-3"]))

    def link(self, files, links):
        self.roots += 1
        root = self.folder / f"linked{self.roots}"
        for name, content in files.items():
            text(root / name, content, 0o755 if content.startswith("#!") else 0o644)
        program(root / "usr/bin/swupdate")
        for name, target in links.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(target)
        run = subprocess.run([ASSAY, root, "-o", self.folder / f"l{self.roots}.assay", "--without-feeds", "-q", "--json", "-"],
                             capture_output=True, text=True, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        return {v["requirement"]: v for v in json.loads(run.stdout)["verdicts"]}

    def test_enabled(self):
        unit = "[Unit]\n%s[Service]\n%sExecStart=/usr/bin/" + UPDATE + "\n"
        wants = {"etc/systemd/system/multi-user.target.wants/up.service": "/lib/systemd/system/up.service"}
        for name, words, wanted in (("wanted", ("", ""), "PASS"),
                                    ("ConditionPathExists", ("ConditionPathExists=/etc/auto\n", ""), "INCONCLUSIVE"),
                                    ("ExecCondition", ("", "ExecCondition=/usr/bin/check\n"), "INCONCLUSIVE")):
            with self.subTest(name):
                self.check(self.link({"lib/systemd/system/up.service": unit % words}, wants), AUTOMATIC[:1], wanted, name)
        rc = "#!/bin/sh /etc/rc.common\nSTART=90\nUSE_PROCD=1\nstart_service() {\n%s\tprocd_set_param command " + UPDATE + "\n}\n"
        links = {"etc/rc.d/S90up": "../init.d/up"}
        for name, guard, wanted in (("procd", "", "PASS"), ("procd, off by a setting", "\t[ \"$on\" = 1 ] || return 1\n", "INCONCLUSIVE")):
            with self.subTest(name):
                self.check(self.link({"etc/init.d/up": rc % guard}, links), AUTOMATIC[:1], wanted, name)


if __name__ == "__main__":
    unittest.main()
