#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`assay diff`: two trees that differ in known ways, assessed and compared.

    test_diff.py ASSAY SCHEMA
"""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import jsonschema

SCHEMA = json.loads(pathlib.Path(sys.argv.pop(2)).read_text(encoding="utf-8"))
ASSAY = os.path.abspath(sys.argv.pop(1))

TREE = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/shadow": "root:!:18000:0:99999:7:::\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n",
    "etc/init.d/rcS": "#!/bin/sh\nmount -t proc proc /proc\n/usr/sbin/server -p 8443\n",
    "etc/cloud.conf": "url=https://api.blinkwell-imaging.net/v1\n",
    "etc/old.conf": "a=1\n",
    "etc/empty.conf": "",
}
BASE = tempfile.TemporaryDirectory(prefix="assay-diff-")
SOURCE = "#include <sys/socket.h>\nint main(void) { int s = socket(2, 1, 0); bind(s, 0, 0); listen(s, 5); return accept(s, 0, 0); }\n"


def compile_server(path, *flags):
    source = pathlib.Path(BASE.name, "server.c")
    source.write_text(SOURCE, encoding="utf-8")
    subprocess.run(["gcc", "-o", path, source, *flags], check=True)


def assess(name, tree, flags=("-fPIE", "-pie", "-Wl,-z,relro,-z,now"), options=()):
    root = pathlib.Path(BASE.name, name)
    for path, text in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if "init.d" in path:
            file.chmod(0o755)
    server = root / "usr/sbin/server"
    server.parent.mkdir(parents=True, exist_ok=True)
    compile_server(server, *flags)
    case = pathlib.Path(BASE.name, name + ".assay")
    run = subprocess.run([ASSAY, root, "-o", case, "-q", "--without-feeds", *options], capture_output=True, text=True, check=False)
    if run.returncode > 1:
        raise AssertionError(run.stderr)
    return case


def diff(old, new, *options):
    return subprocess.run([ASSAY, "diff", old, new, *options], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80"})


def rows(old, new):
    """{topic: {what: (change, old, new, worse)}}, validated; and the exit code."""
    run = diff(old, new, "--json", "-")
    document = json.loads(run.stdout)
    jsonschema.validate(document, SCHEMA)
    counted = sum(row["worse"] for topic in document["topics"] for row in topic["rows"])
    assert counted == document["worse"], document
    return {t["topic"]: {r["what"]: (r["change"], r["old"], r["new"], r["worse"]) for r in t["rows"]} for t in document["topics"]
            }, run.returncode


class Diff(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = assess("base", TREE)

    def test_same(self):
        found, code = rows(self.base, self.base)
        self.assertEqual(code, 0)
        self.assertEqual([topic for topic, all_rows in found.items() if all_rows], [])
        self.assertIn("No difference", diff(self.base, self.base).stdout)

    def test_empty_files(self):
        """Earlier versions gave empty files of some file systems neither a digest nor a format: they did not change."""
        older = pathlib.Path(BASE.name, "older.assay")
        shutil.copy(self.base, older)
        with contextlib.closing(sqlite3.connect(older)) as db:
            self.assertEqual(db.execute("UPDATE blob SET sha256 = NULL, format = NULL WHERE kind = 'file' AND size = 0").rowcount, 1)
            db.commit()
        self.assertIn("No difference", diff(older, self.base).stdout)
        self.assertIn("No difference", diff(self.base, older).stdout)

    def test_account(self):
        worse = assess("account", {**TREE, "etc/passwd": TREE["etc/passwd"] + "support:x:0:0::/:/bin/sh\n",
                                   "etc/shadow": TREE["etc/shadow"] + "support::18000:0:99999:7:::\n"})
        found, code = rows(self.base, worse)
        self.assertEqual(code, 1)
        change, old, new, is_worse = found["accounts"]["support in /etc/shadow"]
        self.assertEqual((change, old, is_worse), ("added", None, True))
        self.assertIn("empty", new)
        # The other way round it is good news.
        found, code = rows(worse, self.base)
        self.assertEqual(code, 0)
        self.assertEqual(found["accounts"]["support in /etc/shadow"][0], "removed")

    def test_verdict(self):
        worse = assess("listener", {**TREE, "etc/init.d/rcS": TREE["etc/init.d/rcS"] + "telnetd -l /bin/login\n", "usr/sbin/telnetd":
                                    "#!/bin/sh\nexec busybox telnetd\n"})
        found, code = rows(self.base, worse)
        self.assertEqual(code, 1)
        what = "mozilla.encryption.device-transport: Everything a device sends or receives over a network is protected by current cryptography"
        self.assertEqual(found["verdicts"][what], ("changed", "INCONCLUSIVE", "FAIL", True))
        self.assertEqual(diff(self.base, worse, "--topic", "files", "-q").returncode, 0)
        self.assertEqual(diff(self.base, worse, "--topic", "verdicts", "-q").returncode, 1)

    def test_listener(self):
        worse = assess("second", {**TREE, "etc/init.d/rcS": TREE["etc/init.d/rcS"] + "/usr/sbin/second -p 9000\n"})
        compile_server(pathlib.Path(BASE.name, "second/usr/sbin/second"), "-pie")
        worse = assess("second", {})
        found, code = rows(self.base, worse)
        self.assertEqual(code, 1)
        [(what, row)] = [(what, row) for what, row in found["listeners"].items()]
        self.assertTrue(what.startswith("second"), what)
        self.assertEqual((row[0], row[3]), ("added", True))
        self.assertIn("second", found["startup"])

    def test_hardening(self):
        worse = assess("hardening", TREE, flags=("-no-pie", "-Wl,-z,norelro,-z,execstack"))
        found, code = rows(self.base, worse)
        self.assertEqual(code, 1)
        change, old, new, is_worse = found["hardening"]["/usr/sbin/server"]
        self.assertEqual((change, is_worse), ("changed", True))
        self.assertIn("NX, PIE, RELRO full", old)
        self.assertIn("no NX, no PIE, RELRO none", new)
        found, code = rows(worse, self.base)
        self.assertEqual((code, found["hardening"]["/usr/sbin/server"][3]), (0, False))

    def test_files(self):
        tree = {**TREE, "etc/new.conf": "b=2\n", "etc/cloud.conf": "url=https://api.blinkwell-imaging.net/v2\n"}
        del tree["etc/old.conf"]
        found, code = rows(self.base, assess("files", tree))
        self.assertEqual(code, 0)
        self.assertEqual({what: row[0] for what, row in found["files"].items()},
                         {"/etc/new.conf": "added", "/etc/cloud.conf": "changed", "/etc/old.conf": "removed"})

    def test_clear_address(self):
        worse = assess("address", {**TREE, "etc/cloud.conf": "telemetry_url=http://telemetry.blinkwell-imaging.net/v1\n"})
        found, code = rows(self.base, worse)
        self.assertEqual(code, 1)
        self.assertTrue(any(row[3] for row in found["endpoints"].values()), found["endpoints"])

    def test_uncertain(self):
        """A new account is no regression where the older case was not looked at whole; a fall to FAIL is one."""
        partial = assess("partial", TREE)
        with sqlite3.connect(partial) as db:
            db.execute("UPDATE probe_run SET status = 'partial', detail = 'time' WHERE probe = 'firmware.accounts'")
        worse = assess("later", {**TREE, "etc/passwd": TREE["etc/passwd"] + "a:x:0:0::/:/bin/sh\n",
                                 "etc/shadow": TREE["etc/shadow"] + "a::18000:0:99999:7:::\n"})
        found, _ = rows(partial, worse)
        self.assertEqual(found["accounts"]["a in /etc/shadow"][3], False)
        self.assertIn("firmware.accounts is partial: time", diff(partial, worse).stdout)

    def test_hostile_names(self):
        worse = assess("hostile", {**TREE, "etc/\033[31mred\u202e.conf": "x\n"})
        out = diff(self.base, worse).stdout
        self.assertNotIn("\033[31m", out)
        self.assertNotIn("\u202e", out)
        self.assertIn("red", out)

    def test_html(self):
        worse = assess("html<i>", {**TREE, "etc/passwd": TREE["etc/passwd"] + "support:x:0:0::/:/bin/sh\n",
                                   "etc/shadow": TREE["etc/shadow"] + "support::18000:0:99999:7:::\n", "etc/<b>x": "1\n"})
        run = diff(self.base, worse, "--html", "-")
        self.assertEqual(run.returncode, 1, run.stderr)
        script, = re.findall(r'<script type="application/json">(.*?)</script>', run.stdout, re.S)
        embedded = json.loads(script)
        self.assertEqual(embedded, json.loads(diff(self.base, worse, "--json", "-").stdout))
        plain = run.stdout[:run.stdout.index("<script")]
        self.assertIn("support in /etc/shadow", plain)
        self.assertIn("/etc/&lt;b&gt;x", plain)
        self.assertIn("html&lt;i&gt;.assay", plain)
        self.assertNotIn("<b>x", run.stdout)
        self.assertLess(plain.index("What got worse"), plain.index("<h2>Accounts"))
        code = re.search(r"<script>(.*)</script>", run.stdout, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", run.stdout)
        path = pathlib.Path(BASE.name, "changes.html")
        self.assertEqual(diff(self.base, worse, "-q", "--html", path).returncode, 1)
        self.assertEqual(path.read_text(encoding="utf-8"), run.stdout)
        self.assertEqual(diff(self.base, self.base, "-q", "--html", path).returncode, 0)

    def test_terminal_width(self):
        worse = assess("wide", {**TREE, "etc/" + "long" * 50: "x\n"})
        for line in diff(self.base, worse, "-v").stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_refused(self):
        for arguments in ([self.base], [self.base, "/nowhere"], [self.base, self.base, "--topic", "nonsense"],
                          [self.base, "/etc/passwd"], ["/tmp", self.base]):
            run = subprocess.run([ASSAY, "diff", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 2, arguments)
            self.assertTrue(run.stderr.startswith("assay: "), run.stderr)


if __name__ == "__main__":
    unittest.main()
