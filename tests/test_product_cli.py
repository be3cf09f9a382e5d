#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`assay PRODUCT.yaml` and `assay init`, from the outside.

    test_product_cli.py ASSAY SCHEMA
"""
import ctypes
import json
import os
import pathlib
import pty
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ASSAY, SCHEMA = os.path.abspath(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1)).resolve()
os.environ["XDG_DATA_HOME"] = "/nonexistent"  # no feeds of whoever runs this


def newc(entries):
    """A cpio archive: entries are (name, mode, bytes), names bytes."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate(list(entries) + [(b"TRAILER!!!", 0, b"")], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


def image(shadow, *more):
    return newc([(b"etc", 0o40755, b""), (b"etc/passwd", 0o100644, b"root:x:0:0:root:/root:/bin/sh\n"),
                 (b"etc/shadow", 0o100600, shadow)] + list(more))


OPKG = b"Package: zlib\nVersion: 1.2.%d-1\nStatus: install ok installed\nArchitecture: arm\n\n"
OPEN, CLOSED = b"root::0:0:99999:7:::\n", b"root:*:0:0:99999:7:::\n"
BILL = b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"zlib","version":"1.2.3"}]}'

PRODUCT = """\
# What we make
assay: 1
product: {name: ACME Camera 2, maker: ACME, version: 1.4}
inputs:
  firmware:
    - {file: fw-1.3.bin, version: 1.3}
    - {file: fw-1.4.bin, version: 1.4, part: main}
    - {file: radio.bin, part: radio}
  devices: [{address: 192.0.2.7}]
  sites: [{url: https://acme-lamps.net/, role: support}]
  captures: [{file: boot.pcap, phase: boot}]
  sboms: [{file: bills/s.json}]
  documents: [{file: bills/privacy.md, role: privacy-notice, language: en}]
declarations:
  support: {end: 2031-12-31}
  data:
    - {name: video, personal: yes, stored: [cloud, device]}
"""


def has_open(pid, path):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            if os.path.samefile(f"/proc/{pid}/fd/{fd}", path):
                return True
        except OSError:  # closed meanwhile
            pass
    return False


class Product(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.folder.name) / "p"
        (self.dir / "bills").mkdir(parents=True)
        self.write("fw-1.3.bin", image(CLOSED, (b"usr/lib/opkg/status", 0o100644, OPKG % 3)))
        self.write("fw-1.4.bin", image(CLOSED, (b"usr/lib/opkg/status", 0o100644, OPKG % 11)))
        self.write("radio.bin", image(OPEN))
        self.write("boot.pcap", b"\xd4\xc3\xb2\xa1" + b"\0" * 20)
        self.write("bills/s.json", BILL)
        self.write("bills/privacy.md", "# Privacy notice\n\nWe collect your e-mail address. You can ask us to delete your data.\n")
        self.write("product.yaml", PRODUCT)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, data):
        (self.dir / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    def run_assay(self, *args, cwd=None, **kw):
        return subprocess.run([ASSAY, *map(str, args)], cwd=cwd or self.dir, capture_output=True, text=True, timeout=120, **kw)

    def rows(self, case, sql):
        db = sqlite3.connect(f"file:{self.dir / case}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def refused(self, text, *words, args=(), code=2):
        self.write("x.yaml", text)
        r = self.run_assay("x.yaml", "-q", "-o", "x.assay", *args)
        self.assertEqual(r.returncode, code, r.stderr)
        for w in words:
            self.assertIn(w, r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        return r.stderr

    # ---- what becomes of it ----

    def test_case(self):
        r = self.run_assay("product.yaml", "--html", "r.html", "--json", "r.json")
        self.assertEqual(r.returncode, 1, r.stderr)  # the radio's root has no password
        self.assertEqual(sorted(p.name for p in self.dir.glob("*.assay")), ["ACME-Camera-2.assay"])
        case = "ACME-Camera-2.assay"
        self.assertEqual(self.rows(case, "SELECT kind, location, role FROM input ORDER BY id"), [
            ("firmware", "fw-1.4.bin", None), ("firmware", "radio.bin", None), ("product", "product.yaml", None),
            ("device", "192.0.2.7", None), ("site", "https://acme-lamps.net/", "support"), ("capture", "boot.pcap", "boot"),
            ("sbom", "bills/s.json", None), ("document", "bills/privacy.md", "privacy-notice")])
        runs = self.rows(case, "SELECT i.kind, i.location, p.probe, p.status FROM probe_run p JOIN input i ON i.id = p.input_id"
                               " WHERE p.probe NOT GLOB 'firmware.[^u]*'")
        self.assertEqual(runs, [("firmware", "fw-1.4.bin", "firmware.unpack", "complete"),
                                ("firmware", "fw-1.4.bin", "firmware.updates", "complete"),
                                ("firmware", "radio.bin", "firmware.unpack", "complete"),
                                ("firmware", "radio.bin", "firmware.updates", "complete"),
                                ("product", "product.yaml", "product.read", "complete"),
                                ("sbom", "bills/s.json", "sbom.read", "complete"),
                                ("document", "bills/privacy.md", "document.read", "complete")])
        self.assertEqual(self.rows(case, "SELECT format, language FROM document"), [("markdown", "en")])
        self.assertEqual(self.rows(case, "SELECT line, version, location, current, status FROM release ORDER BY id"), [
            (6, "1.3", "fw-1.3.bin", 0, "complete"), (7, "1.4", "fw-1.4.bin", 1, "complete"), (8, "1.4", "radio.bin", 1, "complete")])
        self.assertEqual(self.rows(case, "SELECT release, name, version, vulnerabilities FROM release_component"),
                         [("1.3", "zlib", "1.2.3", None)])
        self.assertEqual(self.rows(case, "SELECT name, version FROM software"), [("zlib", "1.2.11")])
        self.assertEqual(self.rows(case, "SELECT name, personal, stored FROM declared_datum"), [("video", "yes", "cloud\ndevice")])
        self.assertEqual(self.rows(case, "SELECT kind, found_version FROM sbom_difference"), [("version_differs", "1.2.11-1")])
        for (table,) in self.rows(case, "SELECT name FROM sqlite_master WHERE name IN ('release', 'declaration')"):
            self.assertEqual(self.rows(case, f"SELECT DISTINCT i.kind FROM {table} t JOIN blob b ON b.id = t.blob_id"
                                             " JOIN input i ON i.id = b.input_id"), [("product",)])
        fails = self.rows(case, "SELECT i.location FROM verdict v JOIN evidence e ON e.verdict_id = v.id JOIN account a ON a.id = e.row_id"
                                " JOIN blob b ON b.id = a.blob_id JOIN input i ON i.id = b.input_id"
                                " WHERE v.requirement = 'mozilla.passwords.no-default' AND e.table_name = 'account'")
        self.assertEqual(fails, [("radio.bin",)])
        self.assertIn("192.0.2.7  device\n    not looked at: this version has no probe for it", r.stdout)
        self.assertIn("capture, boot", r.stdout)
        for i in json.loads((self.dir / "r.json").read_text())["inputs"]:
            self.assertEqual(i["sha256"] is None, i["kind"] in ("device", "site", "capture"))

    def test_digests(self):
        self.run_assay("product.yaml", "-q")
        for location, digest in self.rows("ACME-Camera-2.assay", "SELECT location, sha256 FROM input WHERE sha256 IS NOT NULL"):
            r = subprocess.run(["sha256sum", location], cwd=self.dir, capture_output=True, text=True)
            self.assertEqual(r.stdout.split()[0], digest)
        same = self.rows("ACME-Camera-2.assay", "SELECT count(*) FROM input i JOIN blob b ON b.input_id = i.id AND b.parent_id IS NULL"
                                                " WHERE b.sha256 IS NOT i.sha256 AND i.kind IN ('firmware', 'product')")
        self.assertEqual(same, [(0,)])

    def test_from_elsewhere(self):
        r = self.run_assay("p/product.yaml", "-q", "-o", "e.assay", cwd=self.dir.parent)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertEqual(self.rows("../e.assay", "SELECT location FROM input WHERE kind <> 'site' ORDER BY id"), [
            ("p/fw-1.4.bin",), ("p/radio.bin",), ("p/product.yaml",), ("192.0.2.7",), ("p/boot.pcap",), ("p/bills/s.json",), ("p/bills/privacy.md",)])

    def test_judged_again(self):
        first = self.run_assay("product.yaml", "-q", "--json", "a.json")
        again = self.run_assay("judge", "ACME-Camera-2.assay", "-q", "--json", "b.json")
        self.assertEqual((first.returncode, again.returncode), (1, 1), again.stderr)
        a, b = (json.loads((self.dir / n).read_text()) for n in ("a.json", "b.json"))
        self.assertEqual(a, b)

    def test_threads_do_not_matter(self):
        seen = set()
        for threads in 1, 2, 7:
            self.run_assay("product.yaml", "-q", "-o", "t.assay", "-t", threads, "--json", "t.json")
            data = json.loads((self.dir / "t.json").read_text())
            data["header"] = None
            seen.add(json.dumps(data))
        self.assertEqual(len(seen), 1)

    def test_declarations_alone(self):
        self.write("d.yaml", "assay: 1\nproduct: {name: ../.. a/b}\ndeclarations: {support: {end: 2031-12-31}}\n")
        r = self.run_assay("d.yaml", "-q")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        self.assertEqual([p.name for p in self.dir.glob("*.assay")], ["a-b.assay"])
        self.assertEqual(self.rows("a-b.assay", "SELECT probe, status FROM probe_run"), [("product.read", "complete")])
        self.assertEqual(self.rows("a-b.assay", "SELECT count(*) FROM verdict WHERE verdict = 'PASS' AND basis IS NOT 'declaration'"), [(0,)])
        for command in (["report", "a-b.assay", "--html", "x.html"], ["judge", "a-b.assay"], ["sbom", "a-b.assay", "--cyclonedx", "-"]):
            self.assertIn(self.run_assay(*command).returncode, (0, 1))

    def verdict(self, requirement, case="p.assay"):
        rows = self.rows(case, f"SELECT verdict, basis, summary FROM verdict WHERE requirement = '{requirement}'")
        self.assertEqual(len(rows), 1, requirement)
        return rows[0]

    def stated(self, *elements):
        """The verdicts with this conformance statement, beside an image whose root has no password."""
        self.write("p.yaml", "assay: 1\nproduct: {name: ACME Lamp, category: lamp, audience: children}\n"
                   "inputs: {firmware: [{file: radio.bin}]}\ndeclarations:\n  conformance:\n"
                   + "".join(f"    - {{{e}}}\n" for e in elements))
        r = self.run_assay("p.yaml", "-q", "-o", "p.assay")
        self.assertEqual(r.returncode, 1, r.stderr)

    def test_conformance_never_overrules(self):
        self.stated("provision: mozilla.passwords.no-default, support: yes, detail: no password is set at the factory",
                    "provision: ir8425.documentation.1a-customers, support: no, reason: nobody wrote it down")
        verdict, basis, summary = self.verdict("mozilla.passwords.no-default")
        self.assertEqual((verdict, basis), ("FAIL", "evidence"))
        self.assertIn("The conformance statement (line 6) says that it is met", summary)
        shown = self.rows("p.assay", "SELECT e.table_name, e.says FROM evidence e JOIN verdict v ON v.id = e.verdict_id"
                          " WHERE v.requirement = 'mozilla.passwords.no-default' ORDER BY e.id")
        self.assertEqual({t for t, _ in shown}, {"account", "declaration"})
        self.assertEqual([t for t, _ in shown[:2]], ["account", "declaration"])
        self.assertIn("which the other rows refute", shown[1][1])
        self.assertEqual(self.rows("p.assay", "SELECT provision, table_name FROM conformance_conflict"),
                         [("mozilla.passwords.no-default", "account")])
        self.assertEqual(self.verdict("ir8425.documentation.1a-customers")[:2], ("PASS", "declaration"))  # of which it is the word
        # Judged again, it is the same.
        before = self.rows("p.assay", "SELECT requirement, verdict, basis, summary FROM verdict ORDER BY id")
        self.run_assay("judge", "p.assay")
        self.assertEqual(self.rows("p.assay", "SELECT requirement, verdict, basis, summary FROM verdict ORDER BY id"), before)
        # So it is in a case that is older than the table.
        db = sqlite3.connect(self.dir / "p.assay")
        db.execute("DROP TABLE conformance_conflict")
        db.commit()
        db.close()
        self.assertLess(self.run_assay("report", "p.assay").returncode, 2)
        self.run_assay("judge", "p.assay")
        self.assertEqual(self.rows("p.assay", "SELECT requirement, verdict, basis, summary FROM verdict ORDER BY id"), before)

    def test_conformance_is_word(self):
        self.stated("provision: etsi.5.7-2, support: yes, detail: the boot loader stops", "provision: etsi.5.11-4, support: not-applicable",
                    "provision: etsi.5.6-3, support: no, reason: the serial port is needed for repairs")
        self.assertEqual(self.verdict("etsi.5.7-2")[:2], ("INCONCLUSIVE", "declared"))
        self.assertEqual(self.verdict("etsi.5.11-4")[:2], ("INCONCLUSIVE", None))
        self.assertEqual(self.verdict("etsi.5.6-3"), ("FAIL", "declaration", "the conformance statement says in line 8 that etsi.5.6-3 is not"
                                                      " met: the serial port is needed for repairs"))
        self.assertEqual(self.verdict("etsi.5.0-1")[:2], ("FAIL", "declaration"))  # 5.11-4 has no reason

    def test_conformance_of_recommendations(self):
        recommended = [r for r, in self.all_recommended()]
        self.assertGreater(len(recommended), 40)
        whole = [f"provision: {r}, support: not-applicable, reason: this is an old lamp" for r in recommended]
        self.stated(*whole)
        self.assertEqual(self.verdict("etsi.5.0-1")[:2], ("PASS", "declaration"))
        self.stated(*whole[1:])
        verdict, basis, summary = self.verdict("etsi.5.0-1")
        self.assertEqual((verdict, basis), ("INCONCLUSIVE", None))
        self.assertIn("says nothing of " + recommended[0], summary)
        self.stated(*[f"provision: {r}, support: no" for r in recommended])
        self.assertEqual(self.rows("p.assay", "SELECT verdict, evidence_total FROM verdict WHERE requirement = 'etsi.5.0-1'"),
                         [("FAIL", len(recommended))])
        # What is stated as met, and fails, has no reason.
        self.stated(*[w for w in whole if "etsi.5.5-4," not in w], "provision: etsi.5.5-4, support: yes")
        self.assertEqual(self.verdict("etsi.5.5-4")[0], "FAIL")
        verdict, basis, summary = self.verdict("etsi.5.0-1")
        self.assertEqual((verdict, basis), ("FAIL", "evidence"), summary)

    def all_recommended(self):
        self.stated("provision: etsi.5.5-4, support: yes")
        return self.rows("p.assay", "SELECT requirement FROM verdict WHERE pack = 'etsi-en-303-645' AND section LIKE '%recommended%'")

    RECORDS = """\
# Design record of the ACME Camera 2

The camera is mounted outdoors at the wall of a house. Anybody in the street can touch the camera, so the screws are special.
The stream interface accepts requests of at most 512 bytes, encoded as JSON.
The security requirements are that updates are signed, that no password is shared, and that the stream is encrypted.
An attacker with the flash chip could read the Wi-Fi key. A stalker could track his partner with the camera.
Only authorised repair centres may open the camera. Before a repair all recordings are erased.
Our contract with the supplier of the radio asks for security fixes until 2032.
We subscribe to the security notices of every supplier.
After the end of support the camera works on without the cloud.
Each reported vulnerability is recorded in our tracker with an owner.
"""
    RECORDED = ["1a-place", "1a-io", "1a-requirements", "1d-risks", "1e-entities", "1e-considerations", "1f-suppliers", "1f-after",
                "1g-records", "1g-suppliers"]

    def recorded(self, text, records="complete", name="ACME Camera 2"):
        """The verdicts on what the developer writes down, with this text as his records."""
        self.write("records.md", text)
        self.write("p.yaml", f"assay: 1\nproduct: {{name: {name}}}\ninputs: {{documents: [{{file: records.md, role: records}}]}}\n"
                   f"declarations: {{development: {{records: {records}}}}}\n")
        r = self.run_assay("p.yaml", "-q", "-o", "p.assay")
        self.assertLess(r.returncode, 2, r.stderr)
        return {n: self.verdict("ir8425.documentation." + n)[0] for n in self.RECORDED}

    def test_records(self):
        self.assertEqual(set(self.recorded(self.RECORDS).values()), {"PASS"})
        self.assertEqual(set(self.recorded(self.RECORDS, name="Doorbell Nine").values()), {"INCONCLUSIVE"})  # whose records are they?
        # Each is about a sentence of its own: without it that one is missing, and only when these are all.
        bare = ("# Design record of the ACME Camera 2\n\nThe lens of the ACME Camera 2 is made of glass, and it is glued to the front of it."
                " This was decided in May, for the reason that the glue does not age.\n")
        self.assertEqual(set(self.recorded(bare).values()), {"FAIL"})
        for name in ("1a-place", "1d-risks"):  # two things that it lacks, and once that these are all records
            self.assertEqual(self.rows("p.assay", f"SELECT evidence_total FROM verdict WHERE requirement = 'ir8425.documentation.{name}'"),
                             [(3,)], name)
        self.assertEqual(set(self.recorded(bare, "part").values()), {"INCONCLUSIVE"})

    def test_records_are_named_once(self):
        """A second document without risks does not double what the declaration is evidence of."""
        bare = ("# Design record of the ACME Camera 2\n\nThe lens of the ACME Camera 2 is made of glass, and it is glued to the front of it."
                " This was decided in May, for the reason that the glue does not age.\n")
        self.write("a.md", bare)
        self.write("b.md", bare.replace("glass", "quartz"))
        self.write("p.yaml", "assay: 1\nproduct: {name: ACME Camera 2}\ninputs: {documents: [{file: a.md, role: records}, {file: b.md, role: records}]}\n"
                   "declarations: {development: {records: complete}}\n")
        self.assertEqual(self.run_assay("p.yaml", "-q", "-o", "p.assay").returncode, 1)
        self.assertEqual(self.verdict("cra.i.1")[0], "FAIL")
        self.assertEqual(self.rows("p.assay", "SELECT e.table_name, count(*) FROM evidence e JOIN verdict v ON v.id = e.verdict_id"
                                   " WHERE v.requirement = 'cra.i.1' GROUP BY e.table_name ORDER BY 1"), [("declaration", 1), ("document_element", 2)])
        self.assertEqual(self.rows("p.assay", "SELECT v.requirement, e.says FROM evidence e JOIN verdict v ON v.id = e.verdict_id"
                                   " GROUP BY v.id, e.table_name, e.row_id, e.says HAVING count(*) > 1"), [])

    def test_records_of_something_else(self):
        """Sentences with the words that are looked for, and about other things."""
        found = self.recorded("# Design record of the ACME Camera 2\n\nKeep out of reach of children. The camera is on a wall of the house.\n"
                              "Customers can reach the camera in the app. The contracts are in a locked cabinet.\n"
                              "The team receives requests from customers, and reports the error numbers of each week.\n"
                              "Repairs are made only after payment. Technicians can read all recordings.\n"
                              "Before a repair the data are not erased.\n")
        for name in ("1a-place", "1a-io", "1e-entities", "1e-considerations"):
            self.assertNotEqual(found[name], "PASS", name)

    def test_records_that_say_nothing(self):
        template = ("# Design record of the ACME Camera 2\n\nExample: the camera is mounted outdoors, and anybody can touch the camera.\n\n"
                    "- [insert where the camera is mounted: indoors or outdoors]\n- Security requirements: TBD\n"
                    "- How are suppliers told to deliver security fixes?\n- Threats will be considered in a later version.\n"
                    "- We plan to record each reported vulnerability in a tracker.\n"
                    "- What happens after the end of support is described in another document.\n"
                    "- Who may repair the camera is described in another document.\n")
        self.assertNotIn("PASS", self.recorded(template).values())
        denied = self.recorded("# Design record of the ACME Camera 2\n\nNo security requirements are assumed. Threats were not considered.\n"
                               "The suppliers do not have to give security fixes. Suppliers do not notify us of flaws.\n"
                               "Reported vulnerabilities are not recorded in any system.\n", "part")
        self.assertNotIn("PASS", denied.values())
        for name in ("1a-requirements", "1d-risks", "1f-suppliers", "1g-suppliers", "1g-records"):
            self.assertEqual(denied[name], "FAIL", name)

    def test_roles(self):
        """Every role that the reader takes is one that documents are read by."""
        schema = json.loads(SCHEMA.read_text())["properties"]["inputs"]["properties"]["documents"]["items"]["properties"]
        roles = [v["enum"] for v in schema["role"]["allOf"]][0]
        self.write("r.yaml", self.head("  documents:\n" + "".join(f"    - {{file: bills/privacy.md, role: {r}}}\n" for r in roles)))
        r = self.run_assay("r.yaml", "-q", "-o", "r.assay")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        self.assertEqual([r for (r,) in self.rows("r.assay", "SELECT role FROM input WHERE kind = 'document' ORDER BY id")], roles)

    def test_json_is_yaml(self):
        self.write("p.json", json.dumps({"assay": 1, "product": {"name": "J"}, "inputs": {"firmware": [{"file": "fw-1.4.bin"}]}}))
        self.assertIn(self.run_assay("p.json", "-q").returncode, (0, 1))
        self.assertEqual(self.rows("J.assay", "SELECT kind FROM input"), [("firmware",), ("product",)])

    def test_a_blob_of_the_second_image(self):
        self.run_assay("product.yaml", "-q")
        ((blob,),) = self.rows("ACME-Camera-2.assay", "SELECT b.id FROM blob b JOIN input i ON i.id = b.input_id"
                               " WHERE i.location = 'radio.bin' AND b.path LIKE '%shadow'")
        r = self.run_assay("ACME-Camera-2.assay", "--blob", blob, "-q", "-o", "b.assay")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        self.assertEqual(self.rows("b.assay", "SELECT size FROM input"), [(len(OPEN),)])

    def test_other_options(self):
        r = self.run_assay("product.yaml", "-q", "--extract", "out")
        self.assertEqual(r.returncode, 2)
        self.assertIn("not of 2: name the image itself", r.stderr)
        self.write("one.yaml", "assay: 1\nproduct: {name: One}\ninputs: {firmware: [{file: fw-1.4.bin}]}\n")
        self.assertIn(self.run_assay("one.yaml", "-q", "--extract", "out").returncode, (0, 1))
        self.assertEqual((self.dir / "out/etc/shadow").read_bytes(), CLOSED)
        for option, name in (("--json", "radio.bin"), ("-o", "product.yaml"), ("--html", "bills/s.json"), ("--json", "boot.pcap")):
            before = (self.dir / name).read_bytes()
            r = self.run_assay("product.yaml", "-q", option, name)
            self.assertEqual(r.returncode, 2, name)
            self.assertEqual((self.dir / name).read_bytes(), before)

    def test_releases_are_matched(self):
        """Of an earlier release: what is critical (or exploited) in it; what is neither is not named."""
        def record(name, vector, score, **ends):
            return {"cve": {"id": name, "published": "2019-01-01T00:00:00.000", "lastModified": "2020-01-01T00:00:00.000",
                            "vulnStatus": "Analyzed", "descriptions": [{"lang": "en", "value": "A flaw."}],
                            "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
                                "version": "3.1", "vectorString": vector, "baseScore": score}}]},
                            "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                                {"vulnerable": True, "criteria": "cpe:2.3:a:zlib:zlib:*:*:*:*:*:*:*:*",
                                 "matchCriteriaId": "00000000-0000-0000-0000-000000000000", **ends}]}]}]}}
        high, low = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
        records = [record("CVE-2019-0001", high, 9.8, versionEndExcluding="1.2.5"), record("CVE-2019-0002", low, 1.8, versionEndExcluding="1.2.5"),
                   record("CVE-2019-0003", high, 9.8, versionEndExcluding="1.2.12"), record("CVE-2019-0004", high, 9.8, versionEndExcluding="1.2.3")]
        self.write("nvd.json", json.dumps({"resultsPerPage": 4, "startIndex": 0, "totalResults": 4, "format": "NVD_CVE", "version": "2.0",
                                           "timestamp": "2020-01-02T00:00:00.000", "vulnerabilities": records}))
        self.assertEqual(self.run_assay("feed", "import", "nvd.json", "-q", "--feeds", "x.db").returncode, 0)
        r = self.run_assay("product.yaml", "-q", "--feeds", "x.db", "-o", "f.assay")
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertEqual(self.rows("f.assay", "SELECT name, version, vulnerabilities FROM release_component"),
                         [("zlib", "1.2.3", "CVE-2019-0001\nCVE-2019-0003")])
        self.assertEqual(self.rows("f.assay", "SELECT name FROM vulnerability WHERE state = 'affected' ORDER BY name"), [("CVE-2019-0003",)])

    def test_bill_of_the_product(self):
        self.run_assay("product.yaml", "-q")
        r = self.run_assay("sbom", "ACME-Camera-2.assay", "--cyclonedx", "-")
        about = json.loads(r.stdout)["metadata"]
        self.assertEqual((about["component"]["name"], about["component"]["version"]), ("ACME Camera 2", "1.4"))
        r = self.run_assay("sbom", "ACME-Camera-2.assay", "--cyclonedx", "-", "--product", "X", "--product-version", "7")
        about = json.loads(r.stdout)["metadata"]["component"]
        self.assertEqual((about["name"], about["version"]), ("X", "7"))

    # ---- interrupted runs ----

    def test_killed(self):
        self.write("fw-1.4.bin", image(CLOSED, *((b"bin/f%d" % i, 0o100755, os.urandom(50000)) for i in range(200))))
        whole = self.run_assay("product.yaml", "-q", "-o", "whole.assay", "--json", "whole.json")
        self.assertEqual(whole.returncode, 1, whole.stderr)
        killed = 0
        for wait in 0.02, 0.05, 0.1, 0.2, 0.4:
            p = subprocess.Popen([ASSAY, "product.yaml", "-q", "-o", "k.assay"], cwd=self.dir, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            p.send_signal(signal.SIGKILL)
            killed += p.wait() == -signal.SIGKILL
            if (self.dir / "k.assay").exists():  # whatever it is, it is never taken for a whole one
                state = self.run_assay("judge", "k.assay", "-q")
                have = self.rows("k.assay", "SELECT value FROM meta WHERE name = 'state'") if state.returncode < 2 else []
                self.assertTrue(state.returncode == 2 or have == [("finished",)], state.stderr)
        self.assertGreater(killed, 0)
        r = self.run_assay("product.yaml", "-q", "-o", "k.assay", "--json", "k.json")
        self.assertEqual(r.returncode, 1, r.stderr)
        a, b = (json.loads((self.dir / n).read_text()) for n in ("whole.json", "k.json"))
        a["header"] = b["header"] = None
        self.assertEqual(a, b)

    def test_half_a_case(self):
        """What a run leaves that was killed between its images."""
        self.run_assay("product.yaml", "-q", "-o", "h.assay")
        db = sqlite3.connect(self.dir / "h.assay")
        db.execute("UPDATE meta SET value = 'adding' WHERE name = 'state'")
        db.commit()
        db.close()
        for command in ("judge", "report"):
            r = self.run_assay(command, "h.assay", "-q")
            self.assertEqual(r.returncode, 2)
            self.assertIn("before all inputs were in it", r.stderr)
        self.assertEqual(self.run_assay("product.yaml", "-q", "-o", "h.assay").returncode, 1)
        self.assertEqual(self.rows("h.assay", "SELECT value FROM meta WHERE name = 'state'"), [("finished",)])

    # ---- what is refused ----

    def head(self, inputs):
        return "assay: 1\nproduct: {name: X}\ninputs:\n" + inputs

    def test_errors_of_the_text(self):
        self.refused("assay: 1\nproduct: {nam: X}\n", "x.yaml:2:11: unknown key `nam` in `product`, did you mean `name`?")
        self.refused("assay: 1\nproduct: {name: \x1b[31m}\n", "x.yaml")
        self.refused("assay: 1\nproduct: &a {name: X}\n", "x.yaml:2:10: an anchor")
        self.refused("assay: 1\n" + "a: " + "[" * 2000, "x.yaml:2:15: nested too deeply")
        self.refused("assay: 1\n#" + "x" * 2000000, "x.yaml: 1048577 bytes, expected at most 1048576")

    def test_paths_stay_inside(self):
        self.write("../outside.bin", image(CLOSED))
        (self.dir / "link").symlink_to("../outside.bin")
        (self.dir / "up").symlink_to("..")
        (self.dir / "root").symlink_to("/")
        (self.dir / "inside").symlink_to("fw-1.4.bin")
        (self.dir / "loop").symlink_to("loop")
        outside = str(self.dir.parent / "outside.bin")
        for path in "../outside.bin", "bills/../../outside.bin", outside:
            self.refused(self.head(f"  firmware: [{{file: {path}}}]\n"), "x.yaml:4:21", "--allow-outside")
        for path in "link", "up/outside.bin", "root" + outside, "loop":
            self.refused(self.head(f"  firmware: [{{file: {path}}}]\n"), "x.yaml:4:21", "leads out of the product file's folder")
        for path in "../outside.bin", outside, "link", "up/outside.bin", "root" + outside:
            self.write("x.yaml", self.head(f"  firmware: [{{file: {path}}}]\n"))
            r = self.run_assay("x.yaml", "-q", "-o", "x.assay", "--allow-outside")
            self.assertIn(r.returncode, (0, 1), r.stderr)
        self.write("x.yaml", self.head("  firmware: [{file: inside}]\n"))
        self.assertIn(self.run_assay("x.yaml", "-q").returncode, (0, 1))

    def test_without_openat2(self):
        """On a kernel that has it not: no link is followed, what lies inside is read."""
        def refuse_openat2():
            libc = ctypes.CDLL(None, use_errno=True)
            code = [(0x20, 0, 0, 0), (0x15, 0, 1, 437), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
            filter_ = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
            program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter_)))
            if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
                os._exit(99)
        self.write("../outside.bin", image(CLOSED))
        (self.dir / "link").symlink_to("../outside.bin")
        (self.dir / "up").symlink_to("..")
        (self.dir / "inside").symlink_to("fw-1.4.bin")
        for path, code in (("fw-1.4.bin", 0), ("bills/../fw-1.4.bin", 2), ("./bills//../x", 2), ("./fw-1.4.bin", 0), ("bills/./s.json", 0),
                           ("link", 2), ("up/outside.bin", 2), ("inside", 2), ("fw-1.4.bin/x", 2), ("missing", 2)):
            self.write("x.yaml", self.head(f"  firmware: [{{file: {path}}}]\n"))
            r = self.run_assay("x.yaml", "-q", "-o", "x.assay", preexec_fn=refuse_openat2)
            self.assertEqual(r.returncode // 2 * 2, code, f"{path}: {r.stderr}")
            self.assertEqual(code == 2, "x.yaml:4:21" in r.stderr)

    def test_odd_inputs(self):
        os.mkfifo(self.dir / "fifo")
        self.write("empty", b"")
        with open(self.dir / "sparse", "wb") as f:
            f.truncate(4 << 30)
        for section, more in ("firmware", ""), ("captures", ""), ("documents", ", role: manual"), ("sboms", ""):
            self.refused(self.head(f"  {section}: [{{file: missing{more}}}]\n"), "x.yaml:4:", "`missing` can not be opened: No such file")
            self.refused(self.head(f"  {section}: [{{file: fifo{more}}}]\n"), "x.yaml:4:", "`fifo` is a FIFO, expected a file")
            self.refused(self.head(f"  {section}: [{{file: empty{more}}}]\n"), "x.yaml:4:", "`empty` is empty")
            self.refused(self.head(f"  {section}: [{{file: /dev/null{more}}}]\n"), "x.yaml:4:", "is no file", args=["--allow-outside"])
            if section != "firmware":
                self.refused(self.head(f"  {section}: [{{file: bills{more}}}]\n"), "x.yaml:4:", "`bills` is a folder, expected a file")
        self.refused(self.head("  sboms: [{file: sparse}]\n"), "sparse: declares nothing")
        self.write("x.yaml", self.head("  firmware: [{file: bills}]\n"))  # a folder is an image as well
        self.assertIn(self.run_assay("x.yaml", "-q").returncode, (0, 1))


    def test_large_document(self):
        with open(self.dir / "large.md", "wb") as f:
            f.truncate((1 << 30) + 1)  # sparse
        self.refused(self.head("  documents: [{file: large.md, role: manual}]\n"), "x.yaml:4:",
                     "`large.md` is larger than 1 GiB, expected a document")

    def test_odd_product_files(self):
        os.mkfifo(self.dir / "fifo.yaml")
        self.write("empty.yaml", b"")
        r = self.run_assay("empty.yaml", "-q")
        self.assertEqual((r.returncode, r.stderr), (2, "assay: empty.yaml: is empty: there is nothing to assess\n"))
        with open(self.dir / "sparse.yaml", "wb") as f:
            f.write(b"assay: 1\n")
            f.truncate(4 << 30)
        r = self.run_assay("sparse.yaml", "-q")
        self.assertEqual((r.returncode, r.stderr.count("\n")), (2, 1), r.stderr)
        self.assertIn("sparse.yaml: 1048577 bytes, expected at most 1048576", r.stderr)
        r = self.run_assay("-", "-q", input=PRODUCT)
        self.assertEqual(r.returncode, 2)
        self.assertIn("is a product file: name the file itself", r.stderr)
        fifo = self.dir / "fifo.yaml"
        with open(fifo, "r+b", buffering=0) as f:  # there before the reader is, until that has it open
            f.write(PRODUCT.encode())
            p = subprocess.Popen([ASSAY, "fifo.yaml", "-q"], cwd=self.dir, stderr=subprocess.PIPE, text=True)
            while p.poll() is None and not has_open(p.pid, fifo):
                time.sleep(0.01)
        stderr = p.communicate(timeout=120)[1]
        self.assertEqual(p.returncode, 2)
        self.assertIn("is a product file: name the file itself", stderr)
        self.write("bare.yaml", "assay: 1\nproduct: {name: X}\ninputs:\ndeclarations:\n")
        r = self.run_assay("bare.yaml", "-q")
        self.assertEqual((r.returncode, r.stderr.count("\n")), (2, 1), r.stderr)
        self.assertIn("bare.yaml: names nothing to look at and declares nothing, expected in `inputs`", r.stderr)
        self.write("blank.yaml", "# assay: 1\n\n")
        r = self.run_assay("blank.yaml", "-q")
        self.assertEqual((r.returncode, r.stderr.count("\n")), (2, 1), r.stderr)
        self.assertIn("blank.yaml: holds nothing but comments, expected a product file: `assay: 1`, `product`", r.stderr)
        self.write("else.yaml", "key: value\n")
        self.assertEqual(self.run_assay("else.yaml", "-q").stderr, "")
        r = self.run_assay("else.yaml")
        self.assertIn("is looked at as an image: a product file begins with `assay: 1`", r.stderr)
        self.write("boot.pcap", b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + b"\0" * 16)
        r = self.run_assay("boot.pcap")
        self.assertIn("boot.pcap: is looked at as an image, but is recorded network traffic (pcap): this version reads no", r.stderr)
        self.assertEqual(r.returncode, 0)

    # ---- assay init ----

    def uncommented(self, text):
        return "\n".join(l if l.startswith("##") else re.sub(r"^(\s*)# ", r"\1", l) for l in text.splitlines()).replace(".example", "-lamps.net") + "\n"

    def init(self, *args):
        r = self.run_assay("init", *args, stdin=subprocess.DEVNULL)
        self.assertEqual(r.returncode, 0, r.stderr)

    def test_init(self):
        self.init("new.yaml")
        text = (self.dir / "new.yaml").read_text()
        r = self.run_assay("new.yaml", "-q")  # everything in it is a comment still
        self.assertEqual(r.returncode, 2)
        self.assertIn("names nothing to look at and declares nothing", r.stderr)
        r = self.run_assay("init", "new.yaml", stdin=subprocess.DEVNULL)
        self.assertEqual(r.returncode, 2)
        self.assertIn("new.yaml: exists already, and is not overwritten", r.stderr)
        self.assertEqual((self.dir / "new.yaml").read_text(), text)
        # Every key is in it, and each example is read.
        for name in "camera-1.4.bin", "boot.pcapng", "camera.apk", "privacy.md", "pia.md":
            self.write(name, image(CLOSED))
        self.write("camera.mud.json", b"{}")
        self.write("tests.pict", b"a: 1, 2\nb: 1, 2\n")
        self.write("tests.csv", b"a,b\n1,1\n2,2\n")
        self.write("camera.cdx.json", BILL)
        self.write("camera.vex.json", b'{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://a-lamps.net/1","author":"A","timestamp":'
                   b'"2026-01-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2020-1"},"products":'
                   b'[{"@id":"pkg:generic/zlib@1.2.3"}],"status":"fixed"}]}')
        self.write("all.yaml", self.uncommented(text))
        r = self.run_assay("all.yaml", "-q", "-o", "all.assay")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        schema = json.loads(SCHEMA.read_text())
        keys = sum(len(v.get("items", v).get("properties", {})) for v in schema["properties"]["declarations"]["properties"].values())
        self.assertGreater(self.rows("all.assay", "SELECT count(*) FROM declaration")[0][0], keys)

    def test_init_of_a_case(self):
        weird = "m\x1b[31m: {x}\u2028# \"q\" & *a".encode()
        data = b"server 0.pool.ntp.org\nserver evil: #{host}\n"
        self.write("fw.bin", image(OPEN, (b"etc/inittab", 0o100644, b"::respawn:/usr/sbin/" + weird + b"\n::sysinit:/etc/rcS\n"),
                                   (b"etc/rcS", 0o100755, b"#!/bin/sh\nopkg update http://updates.acme-lamps.net/feed\n"),
                                   (b"usr/sbin/" + weird, 0o100755, b"\x7fELF" + b"\0" * 60), (b"etc/ntp.conf", 0o100644, data),
                                   (b"etc/passwd", 0o100644, b"root:x:0:0:root:/root:/bin/sh\n" + weird.replace(b":", b"") + b"::0:0::/:/bin/sh\n")))
        self.run_assay("fw.bin", "-q")
        self.init("c.yaml", "--from", "fw.bin.assay")
        text = (self.dir / "c.yaml").read_text()
        self.assertIn("    - file: fw.bin ", text)  # in the folder: named
        self.assertRegex(text, r"# +- role: root +# observed: can log in: /etc/passwd line 1; confirm")
        self.assertRegex(text, r"# +- host: 0.pool.ntp.org +# observed: /etc/ntp.conf; confirm")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u2028", text)
        self.assertIn(self.run_assay("c.yaml", "-q", "-o", "c.assay").returncode, (0, 1))
        self.assertEqual(self.rows("c.assay", "SELECT section, key FROM declaration"), [("product", "name")])  # nothing by accident
        (self.dir / "sub").mkdir()
        self.init("sub/c.yaml", "--from", "fw.bin.assay")
        self.assertRegex((self.dir / "sub/c.yaml").read_text(), r"# +- file: fw.bin +# observed: the image was fw.bin, which is not in the folder")
        # What was observed can be confirmed as it stands.
        observed = self.uncommented("\n".join(l for l in text.splitlines() if "# observed" in l or not l.lstrip().startswith("# ")
                                              or re.match(r" *# [a-z_]+: +# ", l)))
        kept, lines = [], observed.splitlines()
        for i, l in enumerate(lines):  # a section without anything in it is none
            head = re.match(r"  [a-z_]+: +# ", l)
            if not head or (i + 1 < len(lines) and lines[i + 1].startswith("    ")):
                kept.append(l)
        self.write("o.yaml", "\n".join(kept) + "\n")
        r = self.run_assay("o.yaml", "-q", "-o", "o.assay")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        self.assertIn(("users", "role", "root"), self.rows("o.assay", "SELECT section, key, value FROM declaration"))
        r = self.run_assay("init", "no.yaml", "--from", "missing.assay", stdin=subprocess.DEVNULL)
        self.assertEqual(r.returncode, 2)
        self.assertFalse((self.dir / "no.yaml").exists())

    def test_init_asks(self):
        """On a terminal; a wrong answer is asked for again."""
        answers = b"Cam: \"X\"\nACME\n\n1.0\n\nfw-1.4.bin\n31.12.2031\n2031-12-31\nsec@acme-lamps.net\n\n"
        parent, child = pty.openpty()
        p = subprocess.Popen([ASSAY, "init", "asked.yaml"], cwd=self.dir, stdin=child, stderr=child, stdout=child)
        os.close(child)
        os.write(parent, answers)
        self.assertEqual(p.wait(timeout=30), 0)
        os.close(parent)
        text = (self.dir / "asked.yaml").read_text()
        self.assertRegex(text, r'\n  name: "Cam: \\"X\\""')
        self.assertRegex(text, r"\n  # model: ")
        self.assertRegex(text, r"\n    end: 2031-12-31 ")
        r = self.run_assay("asked.yaml", "-q", "-o", "a.assay")
        self.assertIn(r.returncode, (0, 1), r.stderr)
        self.assertEqual(self.rows("a.assay", "SELECT section, key, value FROM declaration"), [
            ("product", "name", 'Cam: "X"'), ("product", "maker", "ACME"), ("product", "version", "1.0"),
            ("support", "end", "2031-12-31"), ("disclosure", "contact", "sec@acme-lamps.net")])


# What both the reader and the JSON Schema take, or both refuse: the text below `declarations`, or a whole file.
GOOD = [
    "support: {end: 2031-12-31, published: 'https://a-lamps.net/x', terms: 5}", "support: {end: '2031-12-31'}",
    "data: [{name: x, personal: yes, special: false, stored: [device, app], retention: P1Y6M}]", "data: []",
    "data: [{name: x, stored: device, paths: /a, endpoints: ['*.a-lamps.net', 192.0.2.1, '2001:db8::1']}]",
    "services: [{name: ssh, port: 22, transport: tcp, default: off}]", "services: [{name: ssh, port: '22'}]",
    "standards: [matter 1.3, 5]", "testing: {pentest: {date: 2026-01-01}, model: a/b.pict}", "deletion: {days: 0, anonymised: NO}",
    "logging: {retention: 12 months, offline_audit: True}", "discovery: [{protocol: mdns}]", "credentials: {minimum_length: 10}",
    "conformance: [{provision: etsi.5.1-1, support: yes, detail: set by the user, document: design.md}, {provision: nist.17.mud, support: not-applicable}]",
    "pairing: {confirmation: 'Yes'}", "logging: {retention: 2 years}", "logging: {retention: until-reset}",
]
BAD = [
    "suport: {}", "support: {ende: x}", "support: []", "support: {end: 31.12.2031}", "support: {end: 2031-13-01}",
    "support: {end: 2026-02-29}", "support: {published: a-lamps.net}", "support: {terms: ''}", "support: {terms: }", "support: {terms: [a]}",
    "support: {terms: {a: b}}", "data: {name: x}", "data: [{personal: yes}]", "data: [{name: x, personal: maybe}]",
    "data: [{name: x, stored: [moon]}]", "data: [{name: x, retention: soon}]", "data: [{name: x, retention: 30}]",
    "data: [{name: x, paths: a}]", "data: [{name: x, endpoints: 'a b'}]", "services: [{name: x, port: 0}]",
    "services: [{name: x, port: 65536}]", "services: [{name: x, port: ssh}]", "services: [x]", "standards: matter",
    "standards: [{value: x}]", "standards: [[a]]", "testing: {pentest: x}", "testing: {pentest: {when: 2026-01-01}}",
    "conformance: [{provision: etsi.5.1-1}]", "conformance: [{provision: 5.1-1, support: yes}]", "conformance: [{support: yes}]",
    "conformance: [{provision: etsi.5.1-1, support: maybe}]", "conformance: {provision: etsi.5.1-1, support: yes}",
    "testing: {model: /etc/passwd}", "testing: {model: ../x}", "testing: {model: a/../../x}", "deletion: {days: -1}",
    "deletion: {days: 1.5}", "logging: {retention: P}", "logging: {retention: PT}", "pairing: {confirmation: 1}", "none: {}",
]
WHOLE_GOOD = ["assay: 1\nproduct: {name: x}\ninputs:\ndeclarations:\n", "assay: 1\nproduct: {name: x, markets: EU}\ninputs: {}\n",
              "assay: 1\nproduct: {name: x}\ninputs: {devices: [{address: a-lamps.net}], sites: [{url: 'http://a', role: shop}]}\n"]
WHOLE_BAD = ["assay: 2\nproduct: {name: x}\n", "assay: 1\n", "assay: 1\nproduct: {}\n", "assay: 1\nproduct: {name: x}\nmore: 1\n",
             "assay: 1\nproduct: {name: x}\ninputs: {devices: [{}]}\n", "assay: 1\nproduct: {name: x}\ninputs: {documents: [{file: a}]}\n",
             "assay: 1\nproduct: {name: x}\ninputs: {documents: [{file: a, role: other, language: English}]}\n",
             "assay: 1\nproduct: {name: x}\ninputs: {firmware: a}\n"]


class Schema(unittest.TestCase):
    def test_schema_and_reader_agree(self):
        try:
            import jsonschema
            import yaml
        except ImportError as e:
            self.skipTest(f"no {e.name} for Python")

        class Core(yaml.SafeLoader):
            """The core schema of YAML 1.2."""
        Core.yaml_implicit_resolvers = {}
        for tag, pattern, first in (("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
                                    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
                                    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
                                    ("float", r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$", list("-+.0123456789"))):
            Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
        schema = json.loads(SCHEMA.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        texts = [(f"assay: 1\nproduct: {{name: X}}\ndeclarations:\n  {t}\n", good) for good, table in ((True, GOOD), (False, BAD)) for t in table]
        texts += [(t, True) for t in WHOLE_GOOD] + [(t, False) for t in WHOLE_BAD]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "p.yaml"
            (path.parent / "a").mkdir()
            (path.parent / "a/b.pict").write_text("a: 1, 2\nb: 1, 2\n")
            for text, good in texts:
                path.write_text(text)
                r = subprocess.run([ASSAY, "p.yaml", "-q", "-o", "p.assay"], cwd=folder, capture_output=True, text=True)
                valid = checker.is_valid(yaml.load(text, Core))
                read = r.returncode < 2 or "names nothing to look at and declares nothing" in r.stderr  # whole, but there is nothing to do
                self.assertEqual((read, valid), (good, good), text + r.stderr)


if __name__ == "__main__":
    unittest.main()
