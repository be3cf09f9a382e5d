#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three example products: what `assay product.yaml` says of each row of the mission's list, against the table that was
written from what the guidelines ask and what the products are (examples/products/expected.tsv).

    test_examples.py ASSAY SOURCE FOLDER      FOLDER: where the products are made, once
"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import unittest

from oscal_rules import faults_of

FOLDER = pathlib.Path(sys.argv.pop(3)).resolve()
SOURCE = pathlib.Path(sys.argv.pop(2)).resolve()
ASSAY = os.path.abspath(sys.argv.pop(1))
PRODUCTS = ("careless", "middling", "exemplary")


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))


def setUpModule():
    made = subprocess.run(["sh", SOURCE / "examples/make-products.sh", FOLDER], capture_output=True, text=True, check=False)
    if made.returncode:
        if "can not be fetched" in made.stderr:
            print("skipped: Debian's packages can not be fetched here", file=sys.stderr)
            sys.exit(77)
        raise AssertionError(made.stderr)


class Products(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.expected = table(SOURCE / "examples/products/expected.tsv")
        mission = (SOURCE / "guidelines/mission.tsv").read_text(encoding="utf-8").splitlines()
        cls.answers = {line.split("\t")[0]: line.split("\t")[1].split() for line in mission if line and not line.startswith("#")}
        cls.reports = {product: cls.assess(product) for product in PRODUCTS}

    @staticmethod
    def assess(product):
        case = FOLDER / f"{product}.assay"
        run = subprocess.run([ASSAY, FOLDER / product / "product.yaml", "-o", case, "--without-feeds", "--json", "-"],
                             capture_output=True, text=True, check=False)
        if run.returncode > 1:
            raise AssertionError(run.stderr)
        return json.loads(run.stdout)

    def differences(self, product):
        verdicts = {verdict["requirement"]: verdict for verdict in self.reports[product]["verdicts"]}
        for row in self.expected:
            wanted, _, basis = row[product].partition("/")
            for requirement in self.answers[row["row"]]:
                verdict = verdicts.get(requirement)
                found = verdict and verdict["verdict"]
                if found != wanted or (basis and verdict["basis"] != basis) or (wanted == "PASS" and not basis and verdict["basis"] != "evidence"):
                    yield (f"{requirement}: {found}/{verdict and verdict['basis']} instead of {row[product]} ({row['why ' + product]})"
                           f": {verdict and verdict['summary']}")

    def test_list_is_whole(self):
        self.assertEqual({row["row"] for row in self.expected}, set(self.answers))

    def test_verdicts(self):
        for product in PRODUCTS:
            with self.subTest(product):
                found = list(self.differences(product))
                self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_oscal(self):
        """The assessment results of each keep the rules of their schema."""
        for product in PRODUCTS:
            with self.subTest(product):
                out = subprocess.run([ASSAY, "report", FOLDER / f"{product}.assay", "--oscal", "-"], capture_output=True, check=False)
                self.assertEqual(faults_of(json.loads(out.stdout)), [])

    def test_evidence(self):
        """A PASS and a FAIL have rows; a FAIL by contradiction shows both sides."""
        for product, report in self.reports.items():
            for verdict in report["verdicts"]:
                if verdict["verdict"] in ("PASS", "FAIL"):
                    self.assertTrue(verdict["evidence"], (product, verdict["requirement"]))

    def test_exemplary_fails_nothing(self):
        self.assertEqual([v["requirement"] for v in self.reports["exemplary"]["verdicts"] if v["verdict"] == "FAIL"], [])


if __name__ == "__main__":
    unittest.main()
