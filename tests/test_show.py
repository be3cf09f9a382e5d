#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`assay show`: sections of a case on a terminal and for other programs.

    test_show.py ASSAY
"""
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))

TREE = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/shadow": "root::18000:0:99999:7:::\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n",
    "etc/init.d/rcS": "#!/bin/sh\ntelnetd -l /bin/sh\nmosquitto -c /etc/mosquitto.conf\n",
    "etc/mosquitto.conf": "listener 1883\nconnection cloud\naddress mqtt.blinkwell-imaging.net\nremote_username camera\n"
                          "remote_password hunter2hunter2hunter2\n",
    "etc/wpa_supplicant.conf": 'network={\n ssid="home"\n psk="correct horse battery staple"\n}\n',
    "etc/tab\there\nline\x1b[31m\u202e": "x\n",
}


def setUpModule():
    global BASE, CASE
    BASE = tempfile.TemporaryDirectory(prefix="assay-show-")
    root = pathlib.Path(BASE.name, "root")
    for path, text in TREE.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    CASE = os.path.join(BASE.name, "c.assay")
    subprocess.run([ASSAY, root, "-o", CASE, "-q", "--without-feeds"], check=False)


def show(*arguments, **environment):
    return subprocess.run([ASSAY, "show", CASE, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80", **environment})


def sections():
    """Those that the help names."""
    text = subprocess.run([ASSAY, "show", "--help"], capture_output=True, text=True, check=False).stdout
    return re.search(r"\(assay list facts\), and (.*?)\.\n", text, re.DOTALL).group(1).split()


class Show(unittest.TestCase):
    def test_every_section(self):
        names = sections()
        self.assertGreater(len(names), 15)
        for name in names + ["findings", "tree"]:
            for columns in ("80", "120"):
                run = show(name, COLUMNS=columns)
                self.assertEqual(run.returncode, 0, (name, run.stderr))
                for line in run.stdout.splitlines():
                    self.assertLessEqual(len(line), int(columns), (name, line))
                self.assertNotIn("\x1b", run.stdout)
                self.assertNotIn("\u202e", run.stdout)

    def test_every_fact_table(self):
        tables = subprocess.run([ASSAY, "list", "facts"], capture_output=True, text=True, check=False).stdout
        names = re.findall(r"^([a-z_]+): [A-Z]", tables, re.MULTILINE)
        self.assertIn("blob", names)
        with sqlite3.connect(CASE) as db:
            for name in names:
                if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'", [name]).fetchone():
                    continue
                run = show(name, "--tabs")
                self.assertEqual(run.returncode, 0, name)
                self.assertEqual(len(run.stdout.splitlines()), db.execute(f"SELECT count(*) FROM {name}").fetchone()[0], name)

    def test_tabs_are_rows(self):
        """A name with a tab and a line feed in it stays one cell of one row."""
        lines = show("files", "--tabs").stdout.splitlines()
        with sqlite3.connect(CASE) as db:
            self.assertEqual(len(lines), db.execute("SELECT count(*) FROM blob WHERE path GLOB '/*'").fetchone()[0])
        self.assertEqual({line.count("\t") for line in lines}, {6})

    def test_filter_and_limit(self):
        out = show("files", "--tabs", "--filter", "SHADOW").stdout.splitlines()
        self.assertEqual([line.split("\t")[0] for line in out], ["/etc/shadow"])
        self.assertEqual(len(show("files", "--tabs", "-n", "3").stdout.splitlines()), 3)
        self.assertIn("has nothing to show", show("files", "--filter", "no such thing").stderr)

    def test_findings(self):
        out = show().stdout
        self.assertRegex(out, r"\nFAIL  [\w.-]+  critical\n")
        self.assertRegex(out, r"\n +mozilla.passwords.no-default  critical  No default or guessable password")
        self.assertIn("What fixes it: ", out)
        self.assertIn("What would settle it: ", out)
        self.assertNotIn("\nPASS  ", out)
        one = show("findings", "mozilla.passwords.no-default").stdout
        self.assertTrue(one.startswith("FAIL  mozilla.passwords.no-default  critical\n"), one[:200])
        self.assertRegex(one, r"\n    Also fails:\n      [\w.-]+  critical  ")
        self.assertEqual(len(re.findall(r"^[A-Z]{4,}", one, re.MULTILINE)), 1)
        self.assertIn("/etc/shadow", one)
        with sqlite3.connect(CASE) as db:
            for verdict, option in (("FAIL", "fail"), ("INCONCLUSIVE", "INCONCLUSIVE"), ("NOT APPLICABLE", "not-applicable")):
                lines = show("findings", "--verdict", option, "--tabs").stdout.splitlines()
                self.assertEqual(len(lines), db.execute("SELECT count(*) FROM verdict WHERE verdict = ?", [verdict]).fetchone()[0])
        self.assertEqual(show("findings", "--verdict", "perhaps").returncode, 2)
        self.assertEqual(show("findings", "no.such").returncode, 2)

    def test_tree(self):
        lines = show("tree").stdout.splitlines()
        with sqlite3.connect(CASE) as db:
            self.assertEqual(len(lines), db.execute("SELECT count(*) FROM blob").fetchone()[0])
        self.assertFalse(lines[0].startswith((" ", "\u251c")))
        self.assertEqual(len(show("tree", "--depth", "1").stdout.splitlines()), 1)
        ascii_only = show("tree", LC_ALL="C").stdout
        self.assertTrue(ascii_only.isascii())

    def test_credentials(self):
        """They are redacted in every section that has them, and shown when asked for."""
        for secret in ("hunter2hunter2hunter2", "correct horse battery staple"):
            for name in sections() + ["secret", "setting", "findings"]:
                self.assertNotIn(secret, show(name, "--tabs").stdout, name)
        self.assertIn("hunter2hunter2hunter2", show("settings", "--tabs", "--show-secrets").stdout)

    def test_refused(self):
        self.assertEqual(show("nonsense").returncode, 2)
        self.assertEqual(show("files", "more").returncode, 2)
        self.assertEqual(show("files", "-n", "0").returncode, 2)
        self.assertEqual(subprocess.run([ASSAY, "show", "/etc/passwd"], capture_output=True, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
