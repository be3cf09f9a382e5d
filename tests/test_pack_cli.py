#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs and measures as a user meets them: a pack to begin with, its tests, hostile packs, the database of measures.

    test_pack_cli.py ASSAY
"""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))

HEAD = "pack: own\ntitle: T\nversion: 1\nsource: {name: N}\nrequirements:\n"
MEASURED = HEAD + """  - id: own.bytes
    title: Few bytes
    severity: low
    because: B
    settles: S
    measures:
      - {name: bytes, title: Bytes, unit: bytes, formula: size of the image, better: lower,
         value: SELECT max(size) AS value FROM input}
    tests: [{gives: INCONCLUSIVE, measures: {bytes: 0}}]
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        self.home = self.folder / "home"

    def tearDown(self):
        for path in self.folder.rglob("*"):
            if path.is_dir():
                path.chmod(0o700)
        shutil.rmtree(self.folder)

    def run_assay(self, *args, code=0):
        env = {**os.environ, "XDG_DATA_HOME": str(self.home), "COLUMNS": "100", "LC_ALL": "C"}
        p = subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, text=True, timeout=300, env=env)
        self.assertEqual(p.returncode, code, (p.stdout, p.stderr))
        return p

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def test_new_pack_passes_its_tests_and_judges(self):
        self.run_assay("pack", "new", "our-rules")
        text = (self.folder / "our-rules.yaml").read_text()
        self.assertNotIn("@", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 120)
        p = self.run_assay("pack", "test", "our-rules.yaml")
        self.assertRegex(p.stdout, r"our-rules: 4 requirements, 8 tests, 0 failed\nour-rules: judged \d\d times .* 0 verdicts stayed")
        self.write("image.bin", "x")
        p = self.run_assay("image.bin", "--pack", "our-rules.yaml")
        self.assertIn("What our-rules asks", p.stdout)
        p = self.run_assay("explain", "our-rules.few-doors", "our-rules.yaml")
        for words in ("With complete runs of: device.ports.", "Measure: listeners", "rows of the table listener", "FAIL above 2",
                      "Chapter 3 of the guideline", "INCONCLUSIVE, declared, when the maker's own word"):
            self.assertIn(words, p.stdout)

    def test_remedies_name_commands_that_there_are(self):
        said = self.run_assay("--help").stdout
        commands = set(re.findall(r"^  ([a-z]+) {2,}\S", said[said.index("Commands ("):], re.M))
        self.assertLessEqual({"assess", "init", "sbom"}, commands)
        self.write("image.bin", "x")
        self.run_assay("image.bin", "-q")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        named = db.execute("SELECT requirement, remedy_command FROM verdict WHERE remedy_command IS NOT NULL").fetchall()
        db.close()
        self.assertGreater(len(named), 0)
        for requirement, command in named:
            with self.subTest(requirement=requirement):
                words = command.split()
                self.assertEqual(words[0], "assay")
                self.assertIn(words[1], commands)
                # and each option is one of it
                help_text = self.run_assay(words[1], "--help").stdout
                for option in (w for w in words[2:] if w.startswith("-")):
                    self.assertIn(option + " ", help_text)

    def test_new_pack_takes_the_place_of_nothing(self):
        self.write("mine.yaml", "precious")
        self.assertIn("mine.yaml: is there already", self.run_assay("pack", "new", "mine", code=2).stderr)
        self.assertEqual((self.folder / "mine.yaml").read_text(), "precious")
        self.assertIn("is built in", self.run_assay("pack", "new", "mozilla", code=2).stderr)
        self.assertIn("is no name of a pack", self.run_assay("pack", "new", "../x", code=2).stderr)
        self.assertEqual(self.run_assay("pack", "new", "mine", "--file", "-").stdout.splitlines()[5], "pack: mine")

    def test_a_pass_without_evidence_is_told(self):
        self.write("p.yaml", HEAD + """  - id: own.a
    title: T
    severity: low
    because: B
    settles: S
    needs: [firmware.unpack]
    passes: SELECT 'blob' AS table_name, min(id) AS row_id, 'nothing bad' AS says FROM blob HAVING min(id) IS NOT NULL
    tests:
      - {gives: PASS, facts: {blob: [{path: /a}, {path: /b}, {path: /c}, {path: /d}, {path: /e}, {path: /f}, {path: /g}, {path: /h}]}}
      - {gives: INCONCLUSIVE, facts: {probe_run: [{probe: firmware.unpack, status: partial}]}}
""")
        p = self.run_assay("pack", "test", "p.yaml", code=1)
        self.assertIn("its evidence is away, again and again, and the verdict is still PASS", p.stdout)

    def test_hostile_packs_are_refused_with_their_place(self):
        with open(self.folder / "large.yaml", "wb") as f:
            f.truncate(100 << 20)
        bomb = ", ".join(f"c{i}(x) AS (SELECT a.x FROM c{i - 1} a, c{i - 1} b)" for i in range(1, 50))
        one = "  - {id: own.a, title: T, severity: low, because: B, settles: S, fails: \"%s\"}\n"
        for name, text, words in (
                ("large.yaml", None, "large.yaml: larger than 1 MiB"),
                ("alias.yaml", "pack: &a [x]\ntitle: [*a, *a]\n", "alias.yaml:1:7: an anchor"),
                ("deep.yaml", "pack: " + "[" * 100000, "deep.yaml:1:18: nested too deeply"),
                ("cte.yaml", HEAD + one % ("WITH c0(x) AS (SELECT 1), " + bomb + " SELECT x FROM c49"), "cte.yaml:6:"),
                ("attach.yaml", HEAD + one % "ATTACH '/tmp/x' AS y", "attach.yaml:6:73: fails: ATTACH and DETACH is not allowed"),
                ("write.yaml", HEAD + one % "DELETE FROM blob", "write.yaml:6:73: fails: anything but SELECT is not allowed"),
                ("pragma.yaml", HEAD + one % "PRAGMA writable_schema = 1", "pragma.yaml:6:73: fails: PRAGMA writable_schema is not allowed"),
        ):
            if text is not None:
                self.write(name, text)
            self.assertIn(words, self.run_assay("pack", "test", name, code=2).stderr)

    def test_a_query_without_end_ends(self):
        self.write("p.yaml", HEAD + """  - id: own.a
    title: T
    severity: low
    because: B
    settles: S
    declared: |
      WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
      SELECT 'blob' AS table_name, 1 AS row_id, sum(x) AS says FROM c
    measures:
      - name: endless
        title: E
        unit: u
        formula: F
        value: WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(x) AS value FROM c
    tests:
      - {gives: INCONCLUSIVE, basis: declared, measures: {endless: 0}}
""")
        self.write("image.bin", "x")
        self.run_assay("image.bin", "--pack", "p.yaml", "-q")
        with sqlite3.connect(self.folder / "image.bin.assay") as db:
            self.assertEqual(db.execute("SELECT verdict, basis, missing FROM verdict").fetchall(),
                             [("INCONCLUSIVE", None, "the query `declared` gave no answer: it hit its limit of work")])
            self.assertEqual(db.execute("SELECT value, missing FROM measure").fetchall(),
                             [(None, "the measure `endless` gave no answer: it hit its limit of work")])

    def assess(self, size, *args):
        self.write("image.bin", "x" * size)
        self.write("own.yaml", MEASURED)
        (self.folder / "image.bin.assay").unlink(missing_ok=True)
        return self.run_assay("image.bin", "--pack", "own.yaml", "--json", "r.json", *args)

    def report(self):
        return json.loads((self.folder / "r.json").read_text())

    def test_measures_are_compared(self):
        self.assertIn("Bytes: 100 bytes (the first product measured here)", self.assess(100).stdout)
        self.assertIn("Bytes: 50 bytes (lower than 1 of 2 products measured here)", self.assess(50).stdout)
        first = self.report()
        self.assertEqual(first["header"]["standing"],
                         [{"requirement": "own.bytes", "measure": "bytes", "products": 2, "lower": 0, "equal": 0, "higher": 1}])
        self.assertEqual(first["verdicts"][0]["measures"][0]["value"], 50)
        self.assertEqual(stat.S_IMODE((self.home / "assay/measures.db").stat().st_mode), 0o600)
        # Assessed once more it is no further product, and the rest of the report is the same.
        self.assess(70)
        self.assertIn("Bytes: 50 bytes (lower than 2 of 3 products measured here)", self.assess(50).stdout)
        second = self.report()
        first.pop("header"), second.pop("header")
        self.assertEqual(first, second)
        p = self.run_assay("report", "image.bin.assay")
        self.assertIn("lower than 2 of 3", p.stdout)
        self.assertNotIn("measured here", self.run_assay("report", "image.bin.assay", "--without-measures").stdout)

    def test_without_measures_nothing_is_written(self):
        self.assertNotIn("measured here", self.assess(10, "--without-measures").stdout)
        self.assertFalse(self.home.exists())

    def test_a_database_of_another_place(self):
        self.assertIn("first product", self.assess(10, "--measures", "m.db").stdout)
        self.assertTrue((self.folder / "m.db").exists())
        self.assertFalse(self.home.exists())
        self.write("text", "precious " * 50)
        p = self.assess(10, "--measures", "text")
        self.assertIn("text: the measures are not compared:", p.stderr)
        self.assertEqual((self.folder / "text").read_text(), "precious " * 50)

    def test_what_is_wrong_with_the_usual_one_is_not_told(self):
        self.home.write_text("no folder")
        p = self.assess(10)
        self.assertEqual(p.stderr, "")
        self.assertNotIn("measured here", p.stdout)


if __name__ == "__main__":
    unittest.main()
