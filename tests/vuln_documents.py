# SPDX-License-Identifier: GPL-3.0-or-later
"""Small documents of every format of feed, and the verdicts that are to come of them.

A case is (what, program, documents, verdict, words): the program is columns of `software`; each document is a function that
makes it speak of a CVE; the verdict is a state, "rejected KIND", or "" where no word is to be said; the words stand in the
reason. All cases of a table are imported and matched in one go; "libabc" becomes a name of its own in each.
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

TIME = "2026-01-01T00:00:00.000"


def match(cpe, vulnerable=True, **ends):
    cpe = cpe.split(":")
    return {"vulnerable": vulnerable, "criteria": ":".join(["cpe:2.3"] + cpe + ["*"] * (11 - len(cpe))), **ends}


def before(cpe, end):
    return match(cpe, versionEndExcluding=end)


def node(*matches, operator="OR", negate=False):
    return {"operator": operator, "negate": negate, "cpeMatch": list(matches)}


def nvd(*nodes, operator=None, **more):
    """An NVD record: matches, or nodes that `operator` joins."""
    if operator is None and not nodes[0].get("cpeMatch"):
        nodes = [node(*nodes)]
    configuration = {"nodes": list(nodes), **({"operator": operator} if operator else {})}
    return lambda cve: {"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {
        "id": cve, "published": TIME, "lastModified": TIME, "vulnStatus": "Analyzed",
        "descriptions": [{"lang": "en", "value": "A flaw."}], "configurations": [configuration], **more}}]}


def nvd_1_1(tree):
    return lambda cve: {"CVE_data_type": "CVE", "CVE_Items": [{
        "cve": {"CVE_data_meta": {"ID": cve}, "description": {"description_data": [{"lang": "en", "value": "A flaw."}]}},
        "configurations": {"nodes": [tree]}, "publishedDate": "2019-01-01T00:00Z", "lastModifiedDate": "2019-01-01T00:00Z"}]}


def tree(operator, *children, negate=False):
    matches = [dict(c, cpe23Uri=c["criteria"]) for c in children if "criteria" in c]
    return {"operator": operator, "negate": negate, "cpe_match": matches,
            "children": [c for c in children if "criteria" not in c]}


def record(vendor, product, *versions, default=None, state="PUBLISHED", applicability=None, text="A flaw.", **entry):
    affected = {"vendor": vendor, "product": product, "versions": list(versions), **entry}
    if default:
        affected["defaultStatus"] = default
    cna = {"descriptions": [{"lang": "en", "value": text}], "affected": [affected]}
    if applicability:
        cna["cpeApplicability"] = [applicability]
    if state == "REJECTED":
        cna = {"rejectedReasons": [{"lang": "en", "value": "Withdrawn."}]}
    return lambda cve: {"dataType": "CVE_RECORD", "dataVersion": "5.1", "containers": {"cna": cna},
                        "cveMetadata": {"cveId": cve, "state": state, "dateUpdated": TIME, "datePublished": TIME}}


def version(v, status="affected", **more):
    return {"version": v, "status": status, **more}


def osv(package, *events, kind="ECOSYSTEM", ecosystem="OSS-Fuzz"):
    return lambda cve: {"schema_version": "1.7.0", "id": "OSV-" + cve, "aliases": [cve], "modified": "2026-01-01T00:00:00Z", "affected": [
        {"package": {"name": package, "ecosystem": ecosystem}, "ranges": [{"type": kind, "events": list(events)}]}]}


def debian(package, release, status, **more):
    return lambda cve: {package: {cve: {"scope": "local", "releases": {release: {"status": status, **more}}}}}


def alpine(package, fixed):
    return lambda cve: {"distroversion": "v3.19", "reponame": "main-" + package, "packages": [{"pkg": {
        "name": package, "secfixes": {fixed: [cve]}}}]}


def openvex(status, product, *parts):
    return lambda cve: {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x:" + cve, "author": "x", "version": 1,
                        "timestamp": "2026-01-01T00:00:00Z", "statements": [{
                            "vulnerability": {"name": cve}, "status": status, "justification": "vulnerable_code_not_present",
                            "products": [{"@id": product, "subcomponents": [{"@id": p} for p in parts]}]}]}


def csaf(status, *products, relationships=()):
    tree_ = {"full_product_names": [{"product_id": i, "name": i, "product_identification_helper": helper}
                                    for i, helper in products], "relationships": list(relationships)}
    named = relationships[0]["full_product_name"]["product_id"] if relationships else products[0][0]
    return lambda cve: {"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "x",
                                     "publisher": {"name": "x", "namespace": "https://x.example", "category": "vendor"},
                                     "tracking": {"id": "x-" + cve, "status": "final", "version": "1", "current_release_date": "2026-01-01T00:00:00Z",
                                                  "initial_release_date": "2026-01-01T00:00:00Z", "revision_history": []}},
                        "product_tree": tree_, "vulnerabilities": [{"cve": cve, "product_status": {status: [named]}}]}


def software(name, version_, cpe, package=None, on=None, source=None, purl=None):
    return {"name": name, "version": version_, "cpe": cpe, "package_version": package, "distribution": on,
            "source_package": source or (name if package else None), "purl": purl}


def newc():
    out = bytearray()
    for inode, (name, mode) in enumerate([(b"etc", 0o40755), (b"TRAILER!!!", 0)], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, 0, 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0" + b"\0" * (-(110 + len(name) + 1) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


class Verdicts(unittest.TestCase):
    """To be inherited, with `assay`, `cases`, and what else is in the image."""
    assay, cases, others = "", (), ()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        (self.folder / "docs").mkdir()
        (self.folder / "image.bin").write_bytes(newc())

    def tearDown(self):
        shutil.rmtree(self.folder)

    def good(self, *args):
        p = subprocess.run([self.assay, *map(str, args)], cwd=self.folder, capture_output=True, text=True, timeout=300,
                           env=dict(os.environ, HOME=str(self.folder), XDG_DATA_HOME=str(self.folder / "data")))
        self.assertIn(p.returncode, (0, 1), p.stderr)
        return p.stdout

    def test_verdicts(self):
        tracker = {}
        self.good("image.bin", "-q", "--without-feeds")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        db.execute("DELETE FROM software")
        for i, program in enumerate([*(c[1] for c in self.cases), *self.others]):
            program = {k: v and v.replace("libabc", f"libabc{i}") for k, v in program.items()}
            columns = ", ".join(program)
            db.execute(f"INSERT INTO software(id, confidence, {columns}) VALUES({i + 1}, 'proven', {', '.join('?' * len(program))})",
                       list(program.values()))
        for i, (_, _, documents, _, _) in enumerate(self.cases):
            for k, make in enumerate(documents):
                document = json.loads(json.dumps(make(f"CVE-2099-{10000 + i}")).replace("libabc", f"libabc{i}"))
                if "scope" in json.dumps(document)[:200]:  # the tracker is one document
                    for package, cves in document.items():
                        tracker.setdefault(package, {}).update(cves)
                    continue
                if "reponame" in document:  # each branch and repository is a whole
                    document["reponame"] += f"-{i}"
                (self.folder / "docs" / f"{i}-{k}.json").write_text(json.dumps(document))
        (self.folder / "docs" / "tracker.json").write_text(json.dumps(tracker))
        db.commit()
        self.good("feed", "import", "docs", "-q", "--feeds", "f.db")
        self.good("vulns", "image.bin.assay", "--feeds", "f.db", "--json")
        for i, (what, program, _, verdict, words) in enumerate(self.cases):
            name = f"CVE-2099-{10000 + i}"
            found = db.execute("SELECT state, reason || ' ' || coalesce(criteria, '') FROM vulnerability WHERE software_id = ? AND name = ?"
                               " UNION ALL SELECT 'rejected ' || kind, reason FROM vulnerability_rejected WHERE software_id = ? AND name = ?",
                               (i + 1, name, i + 1, name)).fetchall() or [("", "")]
            with self.subTest(what):
                self.assertEqual([f[0] for f in found], [verdict], found)
                self.assertIn(words, found[0][1])
        db.close()
