#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What build pipelines read: SARIF against the schema of OASIS, JUnit XML against those of Jenkins and Surefire.

    test_pipeline.py ASSAY REPORT_SAMPLE SCHEMAS      SCHEMAS: the folder with them
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
import xml.etree.ElementTree as ElementTree

import jsonschema
import yaml

SCHEMAS = pathlib.Path(sys.argv.pop(3)).resolve()
SAMPLE = os.path.abspath(sys.argv.pop(2))
SCHEMA = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
ASSAY = os.path.abspath(sys.argv.pop(1))

HOSTILE = "etc/a&<b>\"'\x01\x1b[31m\u202e %2f\udcff.conf"
TREE = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/shadow": "root::18000:0:99999:7:::\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n",
    "etc/init.d/rcS": "#!/bin/sh\ntelnetd -l /bin/sh\n",
    "bin/busybox": "#!/bin/sh\n",
    HOSTILE: "telemetry_url=http://telemetry.blinkwell-imaging.net/<x>&y\n",
}


def setUpModule():
    global BASE, CASE, VERDICTS, SARIF, JUNIT
    BASE = tempfile.TemporaryDirectory(prefix="assay-pipeline-")
    root = pathlib.Path(BASE.name, "root")
    for path, text in TREE.items():
        file = os.path.join(os.fsencode(root), path.encode("utf-8", "surrogateescape"))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(file, 0o755)
    CASE, SARIF, JUNIT = (os.path.join(BASE.name, name) for name in ("c.assay", "c.sarif", "c.xml"))
    run = subprocess.run([ASSAY, root, "-o", CASE, "-q", "--without-feeds", "--sarif", SARIF, "--junit", JUNIT], check=False)
    assert run.returncode == 1, run.returncode
    VERDICTS = json.loads(subprocess.run([ASSAY, "report", CASE, "--json", "-"], capture_output=True, check=False).stdout)["verdicts"]


class Sarif(unittest.TestCase):
    def setUp(self):
        with open(SARIF, encoding="utf-8") as file:
            self.log = json.load(file)
        self.run_ = self.log["runs"][0]

    def test_schema(self):
        jsonschema.validate(self.log, SCHEMA)

    def test_rules_and_results(self):
        rules = self.run_["tool"]["driver"]["rules"]
        self.assertEqual([rule["id"] for rule in rules], [v["requirement"] for v in sorted(VERDICTS, key=lambda v: v["id"])])
        failed = {v["requirement"] for v in VERDICTS if v["verdict"] == "FAIL"}
        self.assertTrue(failed)
        self.assertEqual({result["ruleId"] for result in self.run_["results"]}, failed)
        for result in self.run_["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
        open_ones = {v["requirement"] for v in VERDICTS if v["verdict"] == "INCONCLUSIVE"}
        told = {n["associatedRule"]["id"] for n in self.run_["invocations"][0]["toolExecutionNotifications"]}
        self.assertEqual(told, open_ones)

    def test_places(self):
        places = {(result["ruleId"], place["physicalLocation"]["artifactLocation"]["uri"],
                   place["physicalLocation"].get("region", {}).get("startLine"))
                  for result in self.run_["results"] for place in result["locations"]}
        self.assertIn(("mozilla.passwords.backdoor", "etc/init.d/rcS", 2), places)
        self.assertIn(("mozilla.passwords.no-default", "etc/shadow", 1), places)
        for _, uri, _ in places:
            self.assertRegex(uri, r"^[A-Za-z0-9._~/-]([A-Za-z0-9._~/-]|%[0-9A-F]{2})*$")

    def test_fingerprints(self):
        """They tell findings apart, and stay when a line moves."""
        prints = [result["partialFingerprints"]["assay/v1"] for result in self.run_["results"]]
        self.assertEqual(len(prints), len(set(prints)))
        moved = pathlib.Path(BASE.name, "root/etc/init.d/rcS")
        before = moved.read_text(encoding="utf-8")
        moved.write_text(before.replace("#!/bin/sh\n", "#!/bin/sh\n\n\n"), encoding="utf-8")
        out = os.path.join(BASE.name, "moved.sarif")
        subprocess.run([ASSAY, pathlib.Path(BASE.name, "root"), "-o", os.path.join(BASE.name, "m.assay"), "-q", "--without-feeds",
                        "--sarif", out], check=False)
        moved.write_text(before, encoding="utf-8")
        with open(out, encoding="utf-8") as file:
            again = [result["partialFingerprints"]["assay/v1"] for result in json.load(file)["runs"][0]["results"]]
        self.assertEqual(sorted(prints), sorted(again))


class JUnit(unittest.TestCase):
    def setUp(self):
        self.root = ElementTree.parse(JUNIT).getroot()

    def test_form(self):
        """As Jenkins' and GitLab's readers expect it."""
        self.assertEqual(self.root.tag, "testsuites")
        for suite in self.root:
            self.assertEqual(suite.tag, "testsuite")
            cases = list(suite)
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
            self.assertEqual(int(suite.get("skipped")), len(suite.findall("testcase/skipped")))
            self.assertEqual(int(suite.get("errors")), 0)
            for case in cases:
                self.assertEqual(case.tag, "testcase")
                self.assertTrue(case.get("name") and case.get("classname"))
                float(case.get("time"))
                self.assertLessEqual(len(case), 1)

    def test_verdicts(self):
        words = {"failure": {"FAIL"}, "skipped": {"INCONCLUSIVE", "NOT APPLICABLE"}, None: {"PASS"}}
        found = {}
        for case in self.root.iter("testcase"):
            outcome = case[0].tag if len(case) else None
            found[case.get("name").split(": ")[0]] = outcome
        self.assertEqual(len(found), len(VERDICTS))
        for verdict in VERDICTS:
            self.assertIn(verdict["verdict"], words[found[verdict["requirement"]]], verdict["requirement"])

    def test_evidence(self):
        text = "".join(failure.text for failure in self.root.iter("failure"))
        self.assertIn("/etc/init.d/rcS line 2", text)
        self.assertNotIn("\x1b", text)
        self.assertIn("What fixes it: ", text)


@unittest.skipUnless(shutil.which("xmllint"), "xmllint (libxml2-utils) is not installed")
class JUnitSchemas(unittest.TestCase):
    """The published schemas, and XML 1.0 itself, by another program than the one that wrote it."""

    def valid(self, path):
        """By Jenkins' schema; and each suite, which is a file there, by that of Surefire."""
        run = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "junit-jenkins.xsd", path], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr[:2000])
        for suite in ElementTree.parse(path).getroot():
            run = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "surefire-test-report.xsd", "-"], check=False,
                                 input=ElementTree.tostring(suite), capture_output=True)
            self.assertEqual(run.returncode, 0, run.stderr[:2000])

    def junit(self, case):
        path = f"{case}.xml"
        run = subprocess.run([ASSAY, "report", case, "-q", "--junit", path], capture_output=True, text=True, check=False)
        self.assertLess(run.returncode, 2, run.stderr)
        return path

    def sample(self, name):
        case = os.path.join(BASE.name, f"{name}.assay")
        if not os.path.exists(case):
            subprocess.run([SAMPLE, name, f"case:{case}"], check=True)
        return case

    def test_schema_refuses(self):
        """What is no JUnit XML is found, or the tests below say nothing."""
        path = os.path.join(BASE.name, "wrong.xml")
        text = pathlib.Path(JUNIT).read_text(encoding="utf-8")
        for wrong in (text.replace("<skipped ", "<skiped "), text.replace(" tests=", " test="), text.replace("</failure>", "\x1b</failure>")):
            pathlib.Path(path).write_text(wrong, encoding="utf-8")
            with self.assertRaises((AssertionError, ElementTree.ParseError)):
                self.valid(path)

    def test_a_folder(self):
        self.valid(JUNIT)

    def test_made_up_cases(self):
        for name in ("router", "hostile"):
            with self.subTest(name):
                self.valid(self.junit(self.sample(name)))

    def test_nothing_inside(self):
        empty = pathlib.Path(BASE.name, "empty.bin")
        empty.write_bytes(b"\0" * 64)
        case = os.path.join(BASE.name, "empty.assay")
        subprocess.run([ASSAY, empty, "-o", case, "-q", "--without-feeds"], check=False)
        self.valid(self.junit(case))

    def test_characters(self):
        """Each character and byte that XML 1.0 has no place for, in each text of a verdict and of its evidence."""
        case = os.path.join(BASE.name, "characters.assay")
        shutil.copy(self.sample("router"), case)
        evil = bytes(range(1, 256)) + b"\xef\xbf\xbe\xef\xbf\xbf\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80]]>&#0;\xf3\xbf\xbf\xbf\x00end"
        with sqlite3.connect(case) as db:
            for column in ("pack", "pack_title", "requirement", "title", "severity", "summary", "remedy"):
                db.execute(f"UPDATE verdict SET {column} = CAST(? AS TEXT)", (evil,))
            db.execute("UPDATE evidence SET says = CAST(? AS TEXT)", (evil,))
        path = self.junit(case)
        self.valid(path)
        self.assertIn("]]&gt;&amp;#0;", pathlib.Path(path).read_text(encoding="utf-8"))


class Examples(unittest.TestCase):
    """The pipelines of docs/pipelines.md are YAML, and what they run is what this assay understands."""

    @classmethod
    def setUpClass(cls):
        text = (SCHEMAS.parent.parent / "docs/pipelines.md").read_text(encoding="utf-8")
        cls.github, cls.gitlab = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))

    def run_in_build(self, commands, last):
        """What the commands leave and end with, in a folder with a build that FAILs; `last` is the case of the release before."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=BASE.name))
        (folder / "release").mkdir()
        shutil.copy(last, folder / "release/last.assay")
        shutil.copytree(pathlib.Path(BASE.name, "root"), folder / "firmware.bin")
        (folder / "bin").mkdir()
        (folder / "bin/assay").symlink_to(ASSAY)
        run = subprocess.run(["bash", "-e", "-c", "\n".join(commands)], cwd=folder, capture_output=True, text=True, check=False,
                             env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"})
        return folder, run

    def better(self):
        """A case of which this build is a regression."""
        better = os.path.join(BASE.name, "better.assay")
        shutil.copy(CASE, better)
        with sqlite3.connect(better) as db:
            db.execute("UPDATE verdict SET verdict = 'PASS' WHERE verdict = 'FAIL'")
        return better

    def check(self, commands, files):
        folder, run = self.run_in_build(commands, CASE)
        self.assertEqual(run.returncode, 0, run.stderr)
        for name in files:
            self.assertTrue((folder / name).stat().st_size, name)
        _, run = self.run_in_build(commands, self.better())
        self.assertEqual(run.returncode, 1, run.stderr)

    def test_github(self):
        job, = self.github["jobs"].values()
        self.assertIn(True, self.github)  # YAML 1.1 reads "on" so
        runs = [step["run"] for step in job["steps"] if "assay " in step.get("run", "")]
        self.assertEqual(len(runs), 2)
        uses = {step["uses"].split("@")[0]: step for step in job["steps"] if "uses" in step}
        upload = uses["actions/upload-artifact"]["with"]["path"].split("\n")
        self.assertEqual(self.github["permissions"]["security-events"], "write")
        self.check(runs, [uses["github/codeql-action/upload-sarif"]["with"]["sarif_file"], *upload])

    def test_gitlab(self):
        job = self.gitlab["assay"]
        self.check(job["script"], [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]])


class Targets(unittest.TestCase):
    def test_two_results_in_one_file(self):
        run = subprocess.run([ASSAY, "report", CASE, "--sarif", "same", "--junit", "same"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("can not take two results", run.stderr)

    def test_standard_output(self):
        run = subprocess.run([ASSAY, "report", CASE, "--sarif", "-"], capture_output=True, text=True, check=False)
        self.assertEqual(json.loads(run.stdout)["version"], "2.1.0")


if __name__ == "__main__":
    unittest.main()
