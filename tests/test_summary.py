#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary on a terminal of a product with declarations: test_summary.py ASSAY REPORT_SAMPLE"""
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import unittest

SAMPLE = os.path.abspath(sys.argv.pop(2))
ASSAY = os.path.abspath(sys.argv.pop(1))
BASE = tempfile.TemporaryDirectory(prefix="assay-summary-")
CASE = pathlib.Path(BASE.name, "lamp.assay")
HOSTILE = "evil\x1b[31m\u202e" + "w" * 300

PACKS = 8
REQUIREMENTS = 30


def fill(db):
    """Eight guidelines that ask the same 30 things, half of them failed; a declaration and what refutes it."""
    db.executemany("INSERT INTO declaration(id, blob_id, line, section, key, value) VALUES(?, 1, ?, ?, ?, ?)",
                   [(1, 2, "product", "name", "Lamp"), (2, 3, "product", "version", "1.4"), (3, 4, "product", "maker", "ACME"),
                    (4, 9, "support", "end", "2001-01-01"), (5, 5, "product", "released", "2026-01-31")])
    db.execute("DELETE FROM verdict")
    db.execute("DELETE FROM evidence")
    for pack in range(PACKS):
        for n in range(REQUIREMENTS):
            db.execute("INSERT INTO verdict(pack, pack_title, requirement, title, verdict, severity, settles, origin, position, severity_was,"
                       " severity_reason) VALUES(?, ?, ?, ?, ?, ?, 'A live device.', ?, ?, ?, ?)",
                       (f"pack{pack}", f"Guideline {pack} with a very long name that would be wrapped in its column, and more", f"p{pack}.r{n}",
                        f"Thing {n} {HOSTILE if n == 1 else ''}", "FAIL" if n % 2 else "INCONCLUSIVE", "high" if n < 8 else "low", f"p0.r{n}",
                        pack * 100 + n, "low" if (pack, n) == (0, 3) else None, "we say so" if (pack, n) == (0, 3) else None))


def summary(columns, *options, case=CASE, **env):
    run = subprocess.run([ASSAY, "report", case, "--without-measures", *options], capture_output=True, text=True, check=False,
                         env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": str(columns), **env})
    assert run.returncode == 1, run.stderr
    return run.stdout


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


class Summary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([SAMPLE, "router", f"case:{CASE}"], check=True)
        with sqlite3.connect(CASE) as db:
            fill(db)

    def test_width(self):
        for columns in (60, 80, 120):
            for options in ((), ("--verbose",)):
                for line in summary(columns, *options).splitlines():
                    if not line.startswith("Case file"):
                        self.assertLessEqual(width(line), columns, line)

    def test_order(self):
        lines = summary(80).splitlines()
        self.assertEqual(lines[0], "Lamp 1.4, ACME")
        rows = [line for line in lines if line.startswith("Guideline ")]
        self.assertEqual(len(rows), PACKS)
        self.assertLess(len(lines), 120)

    def test_failures_once(self):
        text = summary(80)
        self.assertEqual(text.count("Thing 3"), 1)
        self.assertIn("also fails: p1.r3, p2.r3, p3.r3, p4.r3, p5.r3, p6.r3, p7.r3\n", text)
        self.assertIn("and 3 less severe", text)
        everything = summary(80, "--verbose")
        self.assertNotIn("less severe", everything)
        self.assertIn("p7.r3", everything)

    def test_failures_by_evidence(self):
        """What rests on the same rows is one finding, whichever rule of whichever guideline found it; other rows are another."""
        case = pathlib.Path(BASE.name, "equal.assay")
        shutil.copy(CASE, case)
        with sqlite3.connect(case) as db:
            db.execute("DELETE FROM verdict")
            db.execute("DELETE FROM evidence")
            for n, (rows, severity) in enumerate((((1, 2), "high"), ((2, 1, 1), "critical"), ((1,), "low"), ((1, 2), "low")), 1):
                db.execute("INSERT INTO verdict(id, pack, requirement, title, verdict, severity, origin, position, evidence_total)"
                           " VALUES(?, ?, ?, ?, 'FAIL', ?, ?, ?, 2)", (n, f"p{n}", f"p{n}.rule", f"Title {n}", severity, f"own.{n}", n))
                for row in rows:
                    db.execute("INSERT INTO evidence(verdict_id, role, table_name, row_id, says) VALUES(?, 'fails', 'account', ?, ?)",
                               (n, row, f"row {row} in other words {n}"))
            for row in range(30):
                db.execute("INSERT INTO verdict(pack, requirement, title, verdict, severity, origin, position) VALUES('l', ?, 'Long', 'FAIL',"
                           " 'low', 'l', ?)", (f"l.a-requirement-with-a-long-name-{row}", 100 + row))
        text = summary(80, case=case)
        self.assertEqual([text.count(f"Title {n}") for n in (1, 2, 3, 4)], [0, 1, 1, 0])
        self.assertIn("also fails: p1.rule, p4.rule\n", text)
        named, more = re.search(r"also fails: (l\..*?)\s+and (\d+) more", text, re.DOTALL).groups()
        self.assertEqual(named.count("l.a-requirement-with-a-long-name") + int(more), 29)
        self.assertIn("l.a-requirement-with-a-long-name-1,", named)
        self.assertLess(text.index("Title 2"), text.index("Title 3"))
        self.assertEqual(summary(80, "--verbose", case=case).count("a-requirement-with-a-long-name"), 29)
        show = subprocess.run([ASSAY, "show", case, "findings"], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout
        self.assertEqual(len(show.split("\nFAIL  ")), 3)
        self.assertRegex(show, r"Also fails:\n\s+p1.rule  high  Title 1\n\s+p4.rule  low  Title 4\n")
        for option in ("--sarif", "--junit"):  # for programs each requirement keeps its own
            out = subprocess.run([ASSAY, "report", case, option, "-"], capture_output=True, text=True, check=False).stdout
            self.assertEqual({n for n in range(1, 5) if f"p{n}.rule" in out}, {1, 2, 3, 4}, option)

    def test_contradiction(self):
        text = summary(80)
        self.assertIn("  says  support, end: 2001-01-01\n   but  the product came out on 2026-01-31, after", text)

    def test_changed(self):
        self.assertIn("p0.r3 high, was low: we say so", summary(80))

    def test_escaped(self):
        self.assertNotIn("\x1b", summary(80, NO_COLOR="1"))
        self.assertNotIn("\u202e", summary(80))

    def test_quiet(self):
        self.assertEqual(summary(80, "--quiet"), "")


if __name__ == "__main__":
    unittest.main()
