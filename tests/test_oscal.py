#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assessment results of OSCAL against the rules of oscal_rules.py: keys, types, allowed values, references.

    test_oscal.py ASSAY
"""
import copy
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest
import uuid

from oscal_rules import NIST, OURS, faults_of, walk

ASSAY = os.path.abspath(sys.argv.pop(1))

# ---- the cases ----

HOSTILE = "etc/a&<b>\"'\x01\x1b[31m\u202e %2f.conf"
TREE = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/shadow": "root::18000:0:99999:7:::\n",
    "etc/inittab": "::sysinit:/etc/init.d/rcS\n",
    "etc/init.d/rcS": "#!/bin/sh\ntelnetd -l /bin/sh\n",
    "bin/busybox": "#!/bin/sh\n",
    HOSTILE: "telemetry_url=http://telemetry.blinkwell-imaging.net/<x>&y\n",
}
PRODUCT = """assay: 1
product:
  name: "*Cam* <b>_1_</b> `x` a_b"
  maker: "A & B [GmbH](http://x-lamps.net)"
  model: C1
  version: "2.0"
  life_critical: no
inputs:
  firmware: [{file: image.tar}]
  documents: [{file: privacy.md, role: privacy-notice}]
declarations:
  support: {end: 2031-12-31, published: "https://www.blinkwell-lamps.net/support", terms: free of charge}
  subscription: {required: no, terms: none}
  disclosure: {policy: "https://www.blinkwell-lamps.net/security", contact: security@blinkwell-lamps.net, acknowledge_days: 3, update_days: 14,
               fix_days: 60, bounty: "https://www.blinkwell-lamps.net/bounty"}
"""
STATES = {"PASS": ("satisfied", "pass"), "FAIL": ("not-satisfied", "fail"), "INCONCLUSIVE": ("not-satisfied", "other")}


def run(*arguments):
    return subprocess.run([ASSAY, *arguments], capture_output=True, check=False)


def report(case, *arguments):
    out = run("report", case, "--without-measures", "--oscal", "-", *arguments)
    return json.loads(out.stdout)


def changed(*statements):
    """A copy of the case, changed by these."""
    path = os.path.join(BASE.name, f"changed-{uuid.uuid4()}.assay")
    path_from = sqlite3.connect(CASE)
    to = sqlite3.connect(path)
    path_from.backup(to)
    for statement in statements:
        to.execute(*statement) if isinstance(statement, tuple) else to.execute(statement)
    to.commit()
    to.close()
    path_from.close()
    return path


def prop(thing, name):
    found = [p["value"] for p in thing["props"] if p["name"] == name and p.get("ns") == OURS]
    assert len(found) <= 1, (name, found)
    return found[0] if found else None


def setUpModule():
    global BASE, CASE, OSCAL, VERDICTS
    BASE = tempfile.TemporaryDirectory(prefix="assay-oscal-")
    root = pathlib.Path(BASE.name, "root")
    for path, text in TREE.items():
        file = os.path.join(root, path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        pathlib.Path(file).write_text(text, encoding="utf-8")
        os.chmod(file, 0o755)
    with tarfile.open(os.path.join(BASE.name, "image.tar"), "w") as tar:
        tar.add(root, arcname=".")
    pathlib.Path(BASE.name, "product.yaml").write_text(PRODUCT, encoding="utf-8")
    pathlib.Path(BASE.name, "privacy.md").write_text("# Privacy\n\nWe collect your location and sell it.\n", encoding="utf-8")
    CASE, OSCAL = os.path.join(BASE.name, "c.assay"), os.path.join(BASE.name, "c.json")
    out = run(os.path.join(BASE.name, "product.yaml"), "-o", CASE, "-q", "--without-feeds", "--without-measures", "--oscal", OSCAL)
    assert out.returncode == 1, out.stderr
    VERDICTS = json.loads(run("report", CASE, "--without-measures", "--json", "-").stdout)["verdicts"]


class Document(unittest.TestCase):
    def setUp(self):
        self.log = json.loads(pathlib.Path(OSCAL).read_text(encoding="utf-8"))
        self.document = self.log["assessment-results"]
        self.result = self.document["results"][0]

    def test_model(self):
        self.assertEqual(faults_of(self.log), [])

    def test_rules_refuse(self):
        """The rules above find what is wrong: each of these makes a good document a bad one."""
        def replace(path, value):
            def change(log):
                at = log
                for key in path[:-1]:
                    at = at[key]
                if value is None:
                    del at[path[-1]]
                else:
                    at[path[-1]] = value
            return change
        top, result = ("assessment-results",), ("assessment-results", "results", 0)
        risk, finding, observation = result + ("risks", 0), result + ("findings", 0), result + ("observations", 0)
        objective, definitions = top + ("local-definitions", "objectives-and-methods", 0), result + ("local-definitions",)
        other, resources = "00000000-0000-4000-8000-000000000000", self.document["back-matter"]["resources"]
        image = next(i for i, resource in enumerate(resources) if "rlinks" in resource)
        selections = self.result["reviewed-controls"]["control-selections"]
        narrowed = next(i for i, selection in enumerate(selections) if "exclude-controls" in selection)
        beside = selections[narrowed - 1]["include-controls"][0]["control-id"]  # of another pack
        controls = [o["control-id"] for o in self.document["local-definitions"]["objectives-and-methods"]]
        changes = [
            replace(top + ("uuid",), None), replace(top + ("uuid",), "0"), replace(top + ("more",), "x"),
            replace(top + ("metadata", "last-modified"), "2026-01-01T00:00:00"), replace(top + ("metadata", "oscal-version"), None),
            replace(top + ("import-ap", "href"), "#" + other), replace(top + ("results",), []),
            replace(result + ("start",), None), replace(result + ("reviewed-controls", "control-selections", 0, "include-controls", 0, "control-id"), "none"),
            replace(observation + ("methods",), []), replace(observation + ("methods", 0), "LOOK"),
            replace(observation + ("collected",), None), replace(observation + ("subjects", 0, "subject-uuid"), other),
            replace(observation + ("subjects", 0, "type"), "resource"), replace(observation + ("uuid",), self.result["uuid"]),
            replace(observation + ("origins", 0, "actors", 0, "actor-uuid"), other), replace(observation + ("props", 0, "value"), " x"),
            replace(observation + ("props", 0, "value"), "a\nb"), replace(observation + ("props", 0, "value"), 1),
            replace(observation + ("props", 0, "name"), "a b"), replace(observation + ("description",), "a\x1b[1m"),
            replace(finding + ("target", "status", "state"), "unknown"), replace(finding + ("target", "target-id"), "none"),
            replace(finding + ("related-observations", 0, "observation-uuid"), other), replace(finding + ("target",), None),
            replace(risk + ("statement",), None), replace(risk + ("remediations", 0, "lifecycle"), "soon"),
            replace(risk + ("characterizations", 0, "facets"), []),
            replace(result + ("reviewed-controls", "control-selections", 0, "include-controls"), None),
            replace(result + ("reviewed-controls", "control-selections", 0, "include-all"), {}),
            replace(result + ("reviewed-controls", "control-objective-selections", 0, "include-objectives"), None),
            replace(result + ("reviewed-controls", "control-selections", 0, "include-controls", 0, "control-id"), controls[1]),
            replace(result + ("reviewed-controls", "control-selections", narrowed, "exclude-controls", 0, "control-id"), beside),
            replace(result + ("start",), "2025-02-29T00:00:00Z"), replace(result + ("start",), "1996-02-29T00:00:00Z"),
            replace(objective + ("parts", 0, "ns"), None), replace(objective + ("parts", 0, "ns"), NIST),
            replace(objective + ("props", 0, "ns"), None), replace(objective + ("props", 0, "ns"), "urn:other"),
            replace(objective + ("links", 0, "media-type"), "text/plain"), replace(objective + ("links", 0, "href"), "pack.yaml"),
            replace(definitions + ("components", 0, "props", 0, "name"), "firmware"),
            replace(definitions + ("components", 0, "responsible-roles"), self.result["local-definitions"]["components"][0]["responsible-roles"] * 2),
            replace(top + ("metadata", "roles"), self.document["metadata"]["roles"] * 2),
            replace(top + ("back-matter", "resources", image, "rlinks", 0, "hashes", 0, "value"), "0" * 56),
            replace(top + ("back-matter", "resources", image, "rlinks", 0, "hashes", 0, "algorithm"), "MD5"),
            replace(top + ("back-matter", "resources", image, "rlinks"), resources[image]["rlinks"] * 2),
            replace(risk + ("characterizations", 0, "facets", 0, "name"), "weight"),
            replace(risk + ("characterizations", 0, "facets", 0, "system"), "http://www.first.org/cvss/v3.1"),
            replace(observation + ("origins", 0, "actors", 0, "type"), "party"),
            replace(observation + ("origins", 0, "actors", 0, "type"), "assessment-platform"),
            replace(finding + ("related-observations", 0, "remarks"), "only since 1.2.0"),
        ]
        for number, change in enumerate(changes):
            log = copy.deepcopy(self.log)
            change(log)
            self.assertNotEqual(faults_of(log), [], number)

    def test_every_verdict_once(self):
        observations = {(prop(o, "pack"), prop(o, "requirement")): o for o in self.result["observations"]}
        self.assertEqual(len(observations), len(self.result["observations"]))
        self.assertEqual(set(observations), {(v["pack"], v["requirement"]) for v in VERDICTS})
        findings = {f["related-observations"][0]["observation-uuid"]: f for f in self.result["findings"]}
        self.assertEqual(len(findings), len(self.result["findings"]))
        risks = {r["uuid"]: r for r in self.result["risks"]}
        self.assertEqual({v["verdict"] for v in VERDICTS}, {"PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE"})
        for verdict in VERDICTS:
            observation = observations[verdict["pack"], verdict["requirement"]]
            self.assertEqual(prop(observation, "verdict"), verdict["verdict"])
            finding = findings.pop(observation["uuid"], None)
            if verdict["verdict"] == "NOT APPLICABLE":
                self.assertIsNone(finding)
                continue
            status = finding["target"]["status"]
            self.assertEqual((status["state"], status["reason"]), STATES[verdict["verdict"]])
            self.assertEqual(prop(finding, "verdict"), verdict["verdict"])
            self.assertEqual(prop(finding, "basis"), verdict["basis"])
            self.assertEqual(finding["target"]["target-id"], prop(finding, "control-id") + "_obj")
            self.assertEqual("related-risks" in finding, verdict["verdict"] == "FAIL")
            if verdict["verdict"] == "FAIL":
                risk = risks.pop(finding["related-risks"][0]["risk-uuid"])
                self.assertEqual(risk["status"], "open")
                self.assertEqual(risk["characterizations"][0]["facets"][0]["value"], verdict["severity"])
                self.assertEqual(risk["remediations"][0]["lifecycle"], "recommendation")
            if verdict["verdict"] == "INCONCLUSIVE":
                self.assertIn("INCONCLUSIVE", status["remarks"])
        self.assertEqual((findings, risks), ({}, {}))

    def test_controls(self):
        selections = self.result["reviewed-controls"]["control-selections"]
        packs = {}
        for verdict in VERDICTS:
            packs.setdefault(verdict["pack"], []).append(verdict)
        self.assertEqual(len(selections), len(packs))
        titles = {r["uuid"]: prop(r, "pack") for r in self.document["back-matter"]["resources"] if r.get("props")}
        for selection in selections:
            verdicts = packs.pop(titles[selection["links"][0]["href"][1:]])
            self.assertEqual([c["control-id"] for c in selection["include-controls"]], [v["requirement"] for v in verdicts])
            self.assertEqual([c["control-id"] for c in selection.get("exclude-controls", [])],
                             [v["requirement"] for v in verdicts if v["verdict"] == "NOT APPLICABLE"])
        objectives = [o["objective-id"] for s in self.result["reviewed-controls"]["control-objective-selections"]
                      for o in s["include-objectives"]]
        self.assertEqual(sorted(objectives), sorted(f["target"]["target-id"] for f in self.result["findings"]))

    def test_evidence(self):
        resources = {r["uuid"]: r for r in self.document["back-matter"]["resources"]}
        for observation, verdict in zip(self.result["observations"], sorted(VERDICTS, key=lambda v: v["id"])):
            evidence = observation.get("relevant-evidence", [])
            rows = verdict["evidence"] + [row for measure in verdict["measures"] for row in measure["evidence"]]
            self.assertEqual([(prop(e, "role"), prop(e, "table"), prop(e, "row")) for e in evidence],
                             [(row["role"], row["table"], str(row["row_id"])) for row in rows])
            for e, row in zip(evidence, rows):
                self.assertEqual(prop(e, "line"), None if row["line"] is None else str(row["line"]))
                self.assertEqual(prop(e, "path") is None, row["path"] is None)
                if row["path"]:
                    self.assertIn(e["href"][1:], {s["subject-uuid"] for s in observation["subjects"]})
                    self.assertEqual(row["path"].split(" > ")[0], resources[e["href"][1:]]["title"].replace("\\", ""))
            self.assertEqual(observation["methods"], ["EXAMINE"])
        backdoor = next(o for o in self.result["observations"] if prop(o, "requirement") == "mozilla.passwords.backdoor")
        self.assertIn(("image.tar > /etc/init.d/rcS", "2"),
                      {(prop(e, "path"), prop(e, "line")) for e in backdoor["relevant-evidence"]})

    def test_inputs(self):
        with sqlite3.connect(CASE) as case:
            rows = case.execute("SELECT kind, location, sha256, role FROM input ORDER BY id").fetchall()
        case.close()
        inputs = [r for r in self.document["back-matter"]["resources"] if r.get("props") and prop(r, "resource") == "input"]
        self.assertEqual([(prop(r, "kind"), r["rlinks"][0]["href"], r["rlinks"][0]["hashes"], prop(r, "role")) for r in inputs],
                         [(kind, os.path.basename(location), [{"algorithm": "SHA-256", "value": sha256}], role)
                          for kind, location, sha256, role in rows])

    def test_product(self):
        component = self.result["local-definitions"]["components"][0]
        self.assertEqual(component["title"], "\\*Cam\\* \\<b>\\_1\\_\\</b> \\`x\\` a_b")
        self.assertEqual({p["name"]: p["value"] for p in component["props"]}, {"version": "2.0", "model": "C1"})
        self.assertEqual(self.document["metadata"]["parties"][0]["name"], "A & B [GmbH](http://x-lamps.net)")
        self.assertEqual(component["responsible-roles"][0]["party-uuids"], [self.document["metadata"]["parties"][0]["uuid"]])

    def test_uuids(self):
        for key, value in walk(self.document):
            if key == "uuid":
                self.assertEqual(uuid.UUID(value).version, 5)

    def test_times(self):
        with sqlite3.connect(CASE) as case:
            meta = dict(case.execute("SELECT name, value FROM meta"))
        case.close()
        self.assertEqual((self.result["start"], self.result["end"]), (meta["started_at"], meta["finished_at"]))
        self.assertEqual(self.document["metadata"]["last-modified"], meta["finished_at"])
        self.assertEqual({o["collected"] for o in self.result["observations"]}, {meta["finished_at"]})

    def test_deterministic(self):
        again = run("report", CASE, "--without-measures", "--oscal", "-").stdout
        self.assertEqual(again, pathlib.Path(OSCAL).read_bytes())


class Changed(unittest.TestCase):
    def good(self, *statements):
        log = report(changed(*statements))
        self.assertEqual(faults_of(log), [])
        return log["assessment-results"]

    def test_another_verdict_is_another_document(self):
        """The document has another UUID, its parts keep theirs."""
        before = report(CASE)["assessment-results"]
        after = self.good("UPDATE verdict SET summary = summary || '.' WHERE id = 1")
        self.assertNotEqual(before["uuid"], after["uuid"])
        for key in ("observations", "findings", "risks"):
            self.assertEqual([o["uuid"] for o in before["results"][0][key]], [o["uuid"] for o in after["results"][0][key]])

    def test_no_evidence(self):
        document = self.good("DELETE FROM evidence")
        for observation in document["results"][0]["observations"]:
            self.assertNotIn("relevant-evidence", observation)
            self.assertEqual(observation["methods"], ["EXAMINE"])
            self.assertEqual([s["type"] for s in observation["subjects"]], ["component"])

    def test_no_verdicts(self):
        result = self.good("DELETE FROM evidence", "DELETE FROM verdict")["results"][0]
        self.assertFalse({"observations", "risks", "findings"} & set(result))
        self.assertEqual([s["include-all"] for s in result["reviewed-controls"]["control-selections"]], [{}])

    def test_only_not_applicable(self):
        result = self.good("UPDATE verdict SET verdict = 'NOT APPLICABLE'")["results"][0]
        self.assertEqual(len(result["observations"]), len(VERDICTS))
        self.assertFalse({"risks", "findings"} & set(result))

    def test_unknown_word_is_inconclusive(self):
        result = self.good("UPDATE verdict SET verdict = 'GREAT'")["results"][0]
        self.assertEqual({f["target"]["status"]["reason"] for f in result["findings"]}, {"other"})
        self.assertEqual({f["target"]["status"]["state"] for f in result["findings"]}, {"not-satisfied"})

    def test_nothing_declared(self):
        document = self.good("DELETE FROM declaration")
        self.assertNotIn("parties", document["metadata"])
        self.assertEqual(document["results"][0]["local-definitions"]["components"][0]["title"], "image.tar")

    def test_unfinished_times(self):
        for value in (None, "", "yesterday", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z",
                      "1996-02-29T00:00:00Z"):
            document = self.good(("UPDATE meta SET value = ? WHERE name IN ('started_at', 'finished_at')", (value,)))
            self.assertEqual(document["results"][0]["start"], "1970-01-01T00:00:00Z")
        self.assertEqual(self.good(("UPDATE meta SET value = ? WHERE name = 'started_at'", ("2024-02-29T23:59:59Z",)))["results"][0]["start"],
                         "2024-02-29T23:59:59Z")

    def test_live_inputs_are_tests(self):
        document = self.good("UPDATE input SET kind = 'device', location = '192.0.2.1', sha256 = NULL WHERE kind = 'firmware'")
        methods = {tuple(o["methods"]) for o in document["results"][0]["observations"]}
        self.assertIn(("TEST",), methods)
        device = next(r for r in document["back-matter"]["resources"] if r.get("props") and prop(r, "kind") == "device")
        self.assertEqual(device["title"], "192.0.2.1")
        self.assertNotIn("rlinks", device)

    def test_same_names(self):
        """Two packs that have requirements of the same names, and one that has a name twice."""
        document = self.good("UPDATE verdict SET requirement = 'same'")
        controls = [o["control-id"] for o in document["local-definitions"]["objectives-and-methods"]]
        self.assertEqual(len(set(controls)), len(VERDICTS))
        self.assertEqual(controls[0], "same")

    def test_hostile_strings(self):
        texts = ["", " ", "\n", "\u00a0\u3000\ufeff", "a\nb\n# c", "# h", "- x", "+ x", "1. x", "2) x", "> q", "=", "|a|", "1 bad/id", "é.1", ".a", "-a", "a\x00b",
                 "\x1b]0;x\x07", "\u202eabc", "<script>alert(1)</script>", "[a](javascript:x)", "![a](x)", "*a* _b_ `c` ~d~ ^e^",
                 "{{ insert: param, x }}", "&lt; &#60; a & b", "a\\b\\", "\ufffe\uffff", "x" * 5000, "</b>", "\"'", "2026"]
        columns = ["pack", "pack_title", "pack_version", "requirement", "title", "section", "because", "severity", "summary",
                   "missing", "settles", "remedy", "remedy_command", "references_json", "severity_reason", "excluded", "basis", "about"]
        for text in texts:
            sets = ", ".join(f"{column} = ?1" for column in columns)
            document = self.good((f"UPDATE verdict SET {sets}", (text,)), ("UPDATE evidence SET says = ?1", (text,)),
                                 ("UPDATE input SET location = ?1, role = ?1", (text,)), ("UPDATE blob SET path = ?1", (text,)),
                                 ("UPDATE declaration SET value = ?1 WHERE section = 'product'", (text,)),
                                 ("UPDATE meta SET value = ?1 WHERE name = 'version'", (text,)),
                                 ("UPDATE measure SET name = ?1, title = ?1, unit = ?1", (text,)))
            self.assertEqual(len(document["results"][0]["observations"]), len(VERDICTS))

    def test_bytes_that_are_no_text(self):
        self.good("UPDATE verdict SET title = CAST(x'ff80c3' AS TEXT), summary = CAST(x'c0af41' AS TEXT), requirement = CAST(x'2fff' AS TEXT)",
                  "UPDATE evidence SET says = CAST(x'ed a0 80' AS TEXT)".replace(" a0 80", "a080"))

    def test_markup_is_escaped(self):
        """CommonMark, section 2.4; section 5 for what begins a block."""
        for text, wanted in (("# h", "\\# h"), ("1. x", "1\\. x"), ("- x", "\\- x"), ("a_b", "a_b"), ("_a_", "\\_a\\_"), ("*a*", "\\*a\\*"),
                             ("`c`", "\\`c\\`"), ("[a](b)", "\\[a](b)"), ("<b>", "\\<b>"), ("a & b", "a & b"), ("&lt;", "\\&lt;"),
                             ("{{ x }}", "\\{\\{ x }}"), ("a\nb", "a b"), ("1.4 is", "1.4 is"), ("\x1b", "\\\\x1b")):
            document = self.good(("UPDATE verdict SET title = ?1", (text,)))
            self.assertEqual(document["results"][0]["observations"][0]["title"], wanted)

    def test_tokens(self):
        for text, wanted in (("a.b-c_1", "a.b-c_1"), ("1a", "_1a"), ("a b", "a_x20b"), ("é", "_xc3_xa9"), (".a", "_x2ea"), ("", "_")):
            document = self.good("DELETE FROM evidence", "DELETE FROM verdict WHERE id > 1", ("UPDATE verdict SET requirement = ?1", (text,)))
            self.assertEqual(document["local-definitions"]["objectives-and-methods"][0]["control-id"], wanted)


class Commands(unittest.TestCase):
    def test_judge(self):
        out = os.path.join(BASE.name, "judged.json")
        judged = run("judge", changed(), "-q", "--without-measures", "--oscal", out)
        self.assertEqual(judged.returncode, 1, judged.stderr)
        self.assertEqual(faults_of(json.loads(pathlib.Path(out).read_text(encoding="utf-8"))), [])

    def test_two_results_in_one_file(self):
        out = run("report", CASE, "--oscal", "same", "--junit", "same")
        self.assertEqual(out.returncode, 2)
        self.assertIn(b"can not take two results", out.stderr)

    def test_not_over_the_case(self):
        out = run("report", CASE, "--oscal", CASE)
        self.assertEqual(out.returncode, 2)
        self.assertIn(b"is the case file", out.stderr)

    def test_credentials_are_hidden(self):
        secret = "Tr0ub4dor-and-3-horses"
        with sqlite3.connect(CASE) as case:
            row = case.execute("SELECT id, blob_id FROM secret LIMIT 1").fetchone()
        case.close()
        blob = row[1] if row else 1
        path = changed(("INSERT INTO secret(blob_id, kind, value) VALUES(?1, 'password', ?2)", (blob, secret)),
                       ("UPDATE evidence SET says = 'the password is ' || ?1, table_name = 'blob', row_id = ?2", (secret, blob)))
        self.assertNotIn(secret, json.dumps(report(path)))


if __name__ == "__main__":
    unittest.main()
