#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""assay PRODUCT.yaml: what the declared tests cover of the declared model is counted, confined, and judged."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))

# telnet x tls: 3 pairs, as the fourth is excluded; telnet x update and tls x update: 6 each. Together 15.
MODEL = """telnet: on, off
tls:    on, off
update: auto, ask, never
IF [telnet] = "on" THEN [tls] = "off";
"""
THREE = "telnet,tls,update\non,off,auto\noff,on,ask\noff,off,never\n"  # 3 pairs of each two: 9 of 15; 3 of 9 triples
ALL = "telnet,tls,update\n" + "".join(f"{t},{s},{u}\n" for t, s in (("on", "off"), ("off", "on"), ("off", "off"))
                                      for u in ("auto", "ask", "never"))


class Suite(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="assay-test-")
        self.at = self.folder.name

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.at, name), "w") as f:
            f.write(text)

    def assess(self, suite, model=MODEL, suite_name="tests.csv"):
        self.write("tests.pict", model)
        if suite is not None:
            self.write(suite_name, suite)
        self.write("p.yaml", "assay: 1\nproduct: {name: Test, version: '1.0'}\ndeclarations:\n"
                             f"  testing:\n    model: tests.pict\n    suite: {suite_name}\n")
        case = os.path.join(self.at, "p.assay")
        run = subprocess.run([ASSAY, "p.yaml", "-o", case], cwd=self.at, capture_output=True, text=True)
        return run, case

    def verdict(self, case):
        db = sqlite3.connect(case)
        rows = db.execute("SELECT strength, covered, total FROM suite_coverage ORDER BY strength").fetchall()
        verdict = db.execute("SELECT verdict FROM verdict WHERE requirement = 'nist.09.testing-assurance'").fetchone()
        values = dict(db.execute("SELECT name, value FROM measure WHERE name IN ('pair-coverage', 'triple-coverage')"))
        db.close()
        return rows, verdict[0], values

    def test_pairs_are_missing(self):
        run, case = self.assess(THREE)
        rows, verdict, values = self.verdict(case)
        self.assertEqual(rows, [(1, 7, 7), (2, 9, 15), (3, 3, 9)], run.stderr)
        self.assertEqual(verdict, "FAIL")
        self.assertEqual(values, {"pair-coverage": 60.0, "triple-coverage": 33.33})
        said = subprocess.run([ASSAY, "combos", "--coverage", "tests.csv", "--json", "tests.pict"], cwd=self.at,
                              capture_output=True, text=True)
        counted = {c["strength"]: (c["covered"], c["tuples"]) for c in json.loads(said.stdout)["strengths"]}
        self.assertEqual([(n, *counted[n]) for n in (1, 2, 3)], rows)

    def test_all_pairs(self):
        _, case = self.assess(ALL)
        rows, verdict, _ = self.verdict(case)
        self.assertEqual(rows, [(1, 7, 7), (2, 15, 15), (3, 9, 9)])
        self.assertEqual(verdict, "PASS")

    def refused(self, run, case, *words):
        self.assertEqual(run.returncode, 2, run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)
        self.assertFalse(os.path.exists(case))

    def test_the_suite_is_wrong(self):
        self.refused(*self.assess("telnet,wifi,update\non,off,auto\n"), "p.yaml:6:12", "the suite", "line 1")

    def test_the_model_is_wrong(self):
        self.refused(*self.assess(THREE, model="telnet: on, off\nIF [wifi] = 1 THEN"), "p.yaml:6:12", "the model", "line 2")

    def test_it_leads_out(self):
        self.refused(*self.assess(None, suite_name="../tests.csv"), "p.yaml:6:12")

    def test_it_is_missing(self):
        self.refused(*self.assess(None), "p.yaml:6:12", "tests.csv")

    def test_it_is_too_large(self):
        self.refused(*self.assess(THREE + "on,off,auto\n" * 1500000), "the suite is larger than 16 MiB")


if __name__ == "__main__":
    unittest.main()
