#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Excerpts of a real run: there are some for what evidence points at, they are the bytes of the files, and no report shows a
credential in them or around them.

    test_excerpts.py ASSAY
"""
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

ASSAY = os.path.abspath(sys.argv.pop(1))

HASH = "$6$Qo7xGtUe$6ZWPmdoe7nOjLOZsKIXs2b2Tn7WwVcVdNXKy8N5WXhnyjRJ1c9nPjZ0QmRGk4wTtXnR1yC8mJq0u7sWb5Xy.k1"
DES = "zK1UoxG19yhnw"
PSK = "velvet-Tractor-9-lampshade"
AWS_ID, AWS_KEY = "AKIAQ3EGX7TZJ4KWN5PL", "b9Zq2LkT0vXw7RfYc4HsJ8uNd1PgEm5AoK3iVtBr"
FIRST, SECOND = "Quoll7Marmalade", "Zephyr4Boatswain"
MQTT = "hunter2hunter2hunter2"
NAMED = {"userinfo": "Sardine5Piano", "option": "InitTarsier19", "query": "TitiMk28", "comment": "Uakari27a", "folded": "Galago40 cc",
         "continued": "Newt88Long", "wide": "Mackerel8Organ", "xml": "Otter11y"}

TREE = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsupport:x:100:100::/:/bin/sh\n",
    "etc/shadow": f"root:{HASH}:18000:0:99999:7:::\nsupport:{DES}:18000:0:99999:7:::\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n",
    "etc/init.d/rcS": "#!/bin/sh\n# starts <b>all</b> \x1b[31m of it\n\ntelnetd -l /bin/sh -p 2323 # \u202e<script>alert(1)</script>\n"
                      f"sh /etc/upload.sh\nmosquitto -c /etc/mosquitto.conf\nwget --user=cam --password={FIRST} http://u.blinkwell-imaging.net/a\n",
    "etc/upload.sh": f'#!/bin/sh\nexport AWS_ACCESS_KEY_ID={AWS_ID}\nexport AWS_SECRET_ACCESS_KEY="{AWS_KEY}"\n'
                     "chmod 777 /tmp/spool\nwget -q http://blinkwell-imaging.net/x -O /tmp/x && sh /tmp/x\n",
    "etc/mosquitto.conf": "listener 1883\nconnection cloud\naddress mqtt.blinkwell-imaging.net\nremote_username camera\n"
                          f"remote_password {MQTT}\nallow_anonymous true\n",
    "etc/wpa_supplicant.conf": f'network={{\n ssid="home"\n psk="{PSK}"\n key_mgmt=WPA-PSK\n}}\n',
    "etc/app.conf": f"[api]\nadmin_password = {FIRST}\nservice_password = {SECOND}\nport = 80\n",
    # what stands where a credential is named, beside something that is cited
    "etc/init.d/S10": f"#!/bin/sh\nwget http://deploy:{NAMED['userinfo']}@fw.blinkwell-imaging.net/u.bin -O /tmp/u\n"
                      f"agent --psk {NAMED['option']} --server http://h.blinkwell-imaging.net/ &\n"
                      f"curl -k -u admin:{NAMED['wide']} http://api.blinkwell-imaging.net/v1\n",
    "etc/app.xml": f"<c><Password>{NAMED['xml']}</Password><Url>http://xml.blinkwell-imaging.net/</Url></c>\n",
    "etc/app.yaml": f"cloud:\n  url: http://y.blinkwell-imaging.net/\n  password: >-\n    {NAMED['folded']}\n",
    "etc/split.conf": f"server=http://x1.blinkwell-imaging.net/\npassword=\\\n{NAMED['continued']}\n",
    "lib/agent.bin": f"\0\x01http://b.blinkwell-imaging.net/login?user=a&pass={NAMED['query']}\0password={NAMED['comment']}\0\x02",
}
TREE["etc/inittab"] += "::sysinit:/etc/init.d/S10\n"
TOOLS = ("openssl",)


def make_key(path):
    subprocess.run(["openssl", "genrsa", "-out", path, "1024"], check=True, capture_output=True)
    return [line for line in path.read_text().splitlines() if not line.startswith("-")]


def setUpModule():
    global BASE, CASE, EMPTY, ROOT, SECRETS
    BASE = tempfile.TemporaryDirectory(prefix="assay-excerpts-")
    ROOT = pathlib.Path(BASE.name, "root")
    for path, text in TREE.items():
        file = ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    key = make_key(ROOT / "etc/server.key")
    with open(ROOT / "etc/two.pem", "w", encoding="ascii") as both:  # a certificate's neighbour is a key
        both.write((ROOT / "etc/server.key").read_text())
        both.write("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    SECRETS = [HASH, HASH[4:40], DES, PSK, AWS_KEY, FIRST, SECOND, MQTT, *NAMED.values()] + key
    CASE = os.path.join(BASE.name, "c.assay")
    subprocess.run([ASSAY, ROOT, "-o", CASE, "-q", "--without-feeds"], check=False)
    empty = pathlib.Path(BASE.name, "empty")
    (empty / "etc").mkdir(parents=True)
    (empty / "etc/inittab").write_text("::sysinit:/bin/true\n")
    EMPTY = os.path.join(BASE.name, "e.assay")
    subprocess.run([ASSAY, empty, "-o", EMPTY, "-q", "--without-feeds"], check=False)


def run(*arguments, **environment):
    return subprocess.run([ASSAY, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80", **environment})


def report(option, *more):
    return run("report", CASE, option, "-", "-q", *more).stdout


def query(sql, *values):
    with sqlite3.connect(CASE) as db:
        return db.execute(sql, values).fetchall()


class Excerpts(unittest.TestCase):
    def test_cited_places_have_one(self):
        """Every row of evidence that has a line or an offset in a file."""
        cited, without = 0, []
        for table, row in query("SELECT DISTINCT table_name, row_id FROM evidence"):
            columns = {c[1] for c in query(f"PRAGMA table_info({table})")} & {"line", "offset"}
            if not columns or table == "blob":
                continue
            (place,) = query(f"SELECT coalesce({', '.join(sorted(columns))}, NULL) FROM {table} WHERE id = ?", row)
            if place[0] is None:
                continue
            cited += 1
            if not query("SELECT 1 FROM excerpt WHERE table_name = ? AND row_id = ?", table, row):
                without.append((table, row))
        self.assertGreater(cited, 10)
        self.assertEqual(without, [])

    def test_bytes_are_those_of_the_files(self):
        n = 0
        for path, start, line, offset, marked, data in query(
                "SELECT b.path, e.start, e.line, e.offset, e.marked, e.bytes FROM excerpt e JOIN blob b ON b.id = e.blob_id"
                " WHERE b.kind = 'file'"):
            file = (ROOT / path.lstrip("/")).read_bytes()
            self.assertEqual(file[start:start + len(data)], data, path)
            self.assertLessEqual(start, offset)
            self.assertLessEqual(offset + marked, start + len(data))
            if line:
                self.assertEqual(file[:offset].count(b"\n") + 1, line)
            n += 1
        self.assertGreater(n, 15)

    def test_marks(self):
        """Each of these rows marks what it is about, among the lines around it."""
        cases = {("startup", "/etc/init.d/rcS", 4): b"telnetd -l /bin/sh -p 2323",
                 ("setting", "/etc/mosquitto.conf", 1): b"listener 1883",
                 ("weakness", "/etc/upload.sh", 4): b"chmod 777 /tmp/spool"}
        for (table, path, line), wanted in cases.items():
            found = {bytes(data[offset - start:offset - start + marked]) for start, offset, marked, data in query(
                "SELECT e.start, e.offset, e.marked, e.bytes FROM excerpt e JOIN blob b ON b.id = e.blob_id"
                " WHERE e.table_name = ? AND b.path = ? AND e.line = ?", table, path, line)}
            self.assertIn(wanted, found, (table, path, line))

    def assert_redacted(self, text, what):
        for secret in SECRETS:
            self.assertNotIn(secret, text, what)
            self.assertNotIn(secret.encode().hex(), text, what)

    def test_no_report_shows_a_credential(self):
        self.assertTrue(query("SELECT 1 FROM excerpt WHERE table_name = 'secret' AND instr(bytes, ?)", PSK))
        for option in ("--json", "--html", "--sarif", "--junit", "--oscal"):
            text = report(option)
            self.assertGreater(len(text), 1000, option)
            self.assert_redacted(text, option)
            self.assert_redacted(re.sub(r"\\u003c", "<", text).replace("&#39;", "'").replace("&quot;", '"'), option)
        names = json.loads(report("--json"))["facts"].keys()
        for name in ["findings", "accounts", "secrets", "settings", "startup", "scripts", *names]:
            for columns in ("80", "200"):
                self.assert_redacted(run("show", CASE, name, COLUMNS=columns).stdout, name)
                self.assert_redacted(run("show", CASE, name, "--tabs", COLUMNS=columns).stdout, name)
        self.assert_redacted(run("report", CASE, "--verbose").stdout, "summary")
        for option in ("--json", "--html"):
            self.assert_redacted(run("diff", EMPTY, CASE, option, "-").stdout, "diff")
        self.assert_redacted(run("diff", EMPTY, CASE).stdout, "diff")

    def test_what_is_named_is_cited(self):
        """Else it proves nothing that no report shows it."""
        shown = report("--json", "--show-secrets")
        for name in ("userinfo", "option", "query", "xml"):
            self.assertIn(NAMED[name], shown, name)

    def test_documents_and_declarations(self):
        """What the maker writes may hold credentials, too: in a sentence, in an address, a private key in the middle."""
        folder = pathlib.Path(BASE.name, "product")
        (folder / "root").mkdir(parents=True)
        shutil.copytree(ROOT / "etc", folder / "root/etc")
        key = (ROOT / "etc/server.key").read_text()
        (folder / "privacy.md").write_text(
            f"# Privacy\n\nWrite to security@blinkwell-imaging.net. The default password is {FIRST} for all.\n\n{key}\n"
            f"See https://docs:{SECOND}@docs.blinkwell-imaging.net/manual\n")
        (folder / "product.yaml").write_text(
            "assay: 1\nproduct:\n  name: X\n  maker: M\ninputs:\n  firmware:\n    - {file: root}\n  documents:\n"
            "    - {file: privacy.md, role: privacy-notice, language: en}\ndeclarations:\n  updates:\n"
            f"    mechanism: wget https://upd:{MQTT}@u.blinkwell-imaging.net/ with password={PSK}\n")
        case = os.path.join(BASE.name, "product.assay")
        self.assertEqual(run(str(folder / "product.yaml"), "-o", case, "-q", "--without-feeds").returncode, 1)
        shown = run("report", case, "--json", "-", "-q", "--show-secrets").stdout
        for secret in (SECOND, MQTT, PSK):
            self.assertIn(secret, shown)
        for option in ("--json", "--html", "--sarif", "--oscal"):
            self.assert_redacted(run("report", case, option, "-", "-q").stdout, option)
        for name in ("declaration", "document_link", "document_contact", "findings"):
            self.assert_redacted(run("show", case, name, "--tabs").stdout, name)

    def test_secrets_are_shown_when_asked_for(self):
        facts = json.loads(report("--json", "--show-secrets"))["facts"]
        shown = "".join(e["before"] + e["marked"] + e["after"] for e in facts["excerpt"] if e["form"] == "text")
        for secret in (HASH, PSK, AWS_KEY, FIRST, SECOND, MQTT):
            self.assertIn(secret, shown)
        self.assertFalse(any(e["redacted"] for e in facts["excerpt"]))

    def test_redacted_in_place(self):
        excerpts = json.loads(report("--json"))["facts"]["excerpt"]
        line = {e["row_id"]: e["before"] + e["marked"] + e["after"] for e in excerpts if e["table_name"] == "account"}
        first = query("SELECT a.id FROM account a JOIN blob b ON b.id = a.blob_id WHERE b.path = '/etc/shadow' AND line = 1")[0][0]
        self.assertEqual(line[first], "root:$6$Q****y.k1:18000:0:99999:7:::")
        psk = [e for e in excerpts if e["table_name"] == "secret" and 'psk="' in e["before"] + e["marked"]]
        self.assertTrue(psk and all("****" in e["marked"] and e["redacted"] for e in psk))

    def test_neighbours(self):
        """Lines beside a credential's are not shown by others' excerpts, nor are lines that might have one."""
        for e in json.loads(report("--json"))["facts"]["excerpt"]:
            if e["form"] == "text" and e["table_name"] in ("secret", "account", "private_key"):
                self.assertNotIn("\n", e["before"] + e["after"])

    def test_terminal(self):
        """80 columns, nothing of the input unescaped, with and without colours and UTF-8."""
        for environment in ({}, {"LC_ALL": "C"}, {"NO_COLOR": "1"}):
            text = run("show", CASE, "findings", **environment).stdout
            self.assertNotIn("\x1b[31m", text)
            self.assertNotIn("\u202e", text)
            self.assertIn("telnetd -l /bin/sh -p 2323", text)
            self.assertTrue(all(len(line) <= 80 for line in text.splitlines()), [l for l in text.splitlines() if len(l) > 80])
        self.assertTrue(run("show", CASE, "findings", LC_ALL="C").stdout.isascii())

    def test_html(self):
        html = report("--html")
        plain = re.sub(r"<script[\s\S]*?</script>", "", html)
        self.assertRegex(plain, r'<pre class="quote">[\s\S]*<mark>telnetd -l /bin/sh -p 2323</mark>')
        self.assertNotIn("<script>alert(1)", plain)
        self.assertIn("&lt;script&gt;alert(1)", plain)
        self.assertNotIn("<b>all</b>", plain)

    def test_sarif(self):
        run_ = json.loads(report("--sarif"))["runs"][0]
        places = [p["physicalLocation"] for r in run_["results"] for p in r["locations"]]
        texts = [p for p in places if "snippet" in p.get("region", {}) and "text" in p["region"]["snippet"]]
        self.assertTrue(texts)
        self.assertEqual(run_["redactionTokens"], ["****"])
        checked = 0
        for p in texts:
            file = ROOT / p["artifactLocation"]["uri"].lstrip("/")
            region = p["region"]
            if not file.is_file() or "startColumn" not in region or "****" in region["snippet"]["text"]:
                continue
            line = file.read_text().split("\n")[region["startLine"] - 1]
            units = line.encode("utf-16-le")[2 * region["startColumn"] - 2:2 * region["endColumn"] - 2]
            self.assertEqual(units.decode("utf-16-le"), region["snippet"]["text"])
            checked += 1
            if "contextRegion" in p:
                context = p["contextRegion"]
                self.assertLessEqual(context["startLine"], region["startLine"])
                self.assertGreaterEqual(context["endLine"], region["startLine"])
                self.assertIn(region["snippet"]["text"], context["snippet"]["text"])
        self.assertGreater(checked, 0)

    def test_packs_cannot_read_them(self):
        """Not all are kept, and they quote more than facts do."""
        pack = pathlib.Path(BASE.name, "p.yaml")
        pack.write_text(PACK)
        run_ = run("judge", CASE, "--pack", str(pack))
        self.assertIn("excerpt", run_.stderr + run_.stdout)
        self.assertNotEqual(run_.returncode, 0)

    def test_an_older_case_has_none(self):
        """It opens, and its reports are as they were; the same for one in which somebody put what was never cut."""
        older = os.path.join(BASE.name, "older.assay")
        shutil.copy(CASE, older)
        with sqlite3.connect(older) as db:
            db.execute("DROP TABLE excerpt")
        self.assertIn(run("report", older, "--json", "-", "-q").returncode, (0, 1))
        self.assertEqual(json.loads(run("report", older, "--json", "-", "-q").stdout)["facts"]["excerpt"], [])
        self.assertEqual(run("show", older, "findings").returncode, 0)
        self.assertIn(run("judge", older, "-q").returncode, (0, 1))
        odd = os.path.join(BASE.name, "odd.assay")
        shutil.copy(CASE, odd)
        with sqlite3.connect(odd) as db:
            db.execute("UPDATE excerpt SET start = -7, marked = 1 << 40 WHERE id % 3 = 0")
            db.execute("UPDATE excerpt SET bytes = 'text', hidden = '0+99' WHERE id % 3 = 1")
            db.execute("UPDATE excerpt SET bytes = zeroblob(1 << 20) WHERE id % 3 = 2")
        excerpts = json.loads(run("report", odd, "--json", "-", "-q").stdout)["facts"]["excerpt"]
        self.assertTrue(excerpts and all(e["marked"] is None and e["form"] is None for e in excerpts))
        for option in ("--html", "--sarif"):
            self.assertIn(run("report", odd, option, "-", "-q").returncode, (0, 1))

    def test_the_same_for_any_number_of_threads(self):
        rows = []
        for threads in ("1", "2"):
            case = os.path.join(BASE.name, f"t{threads}.assay")
            run(str(ROOT), "-o", case, "-q", "--without-feeds", "--threads", threads)
            with sqlite3.connect(case) as db:
                rows.append(db.execute("SELECT * FROM excerpt ORDER BY id").fetchall())
        self.assertEqual(rows[0], rows[1])
        self.assertTrue(rows[0])

    def test_many_of_one_table(self):
        """Beyond the first of a table only what is cited is kept."""
        root = pathlib.Path(BASE.name, "many")
        (root / "etc/init.d").mkdir(parents=True)
        (root / "etc/inittab").write_text("::sysinit:/etc/init.d/rcS\n")
        lines = [f"/usr/bin/tool{i} --quiet\n" for i in range(400)]
        (root / "etc/init.d/rcS").write_text("#!/bin/sh\n" + "".join(lines) + "telnetd -l /bin/sh\n")
        case = os.path.join(BASE.name, "many.assay")
        run(str(root), "-o", case, "-q", "--without-feeds")
        with sqlite3.connect(case) as db:
            n, = db.execute("SELECT count(*) FROM excerpt WHERE table_name = 'startup'").fetchone()
            facts, = db.execute("SELECT count(*) FROM startup").fetchone()
            last = db.execute("SELECT bytes FROM excerpt WHERE line = 402").fetchall()
        self.assertGreater(facts, 400)
        self.assertLess(n, 60)
        self.assertTrue(last and b"telnetd" in last[0][0])


PACK = """pack: p
title: P
version: 1
source:
  name: P
requirements:
  - id: p.one
    title: One
    severity: low
    because: It reads excerpts.
    fails: SELECT 'excerpt' AS table_name, id AS row_id, 'x' AS says FROM excerpt
    settles: Nothing.
    remedy: None.
    tests:
      - name: none
        facts: {}
        verdict: INCONCLUSIVE
"""

if __name__ == "__main__":
    if any(not shutil.which(tool) for tool in TOOLS):
        print("skipped: needs", *TOOLS)
        sys.exit(77)
    unittest.main()
