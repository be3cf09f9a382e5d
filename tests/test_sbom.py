#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bills of materials and vulnerability documents, against their published schemas and the rules of their specifications.

    test_sbom.py ASSAY

The schemas lie in ../shared/feeds/schemas (CycloneDX 1.6, CSAF 2.0, OpenVEX 0.2.0); without them those tests are skipped.
For SPDX there is none there: its mandatory fields, its identifiers and its references are checked by the specification.
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
import zlib
import uuid

import sbom_rules as rules

ASSAY = os.path.abspath(sys.argv.pop(1))
SHARED = pathlib.Path(__file__).resolve().parent.parent.parent / "shared/feeds"


def newc(entries):
    """A cpio archive: entries are (name, mode, bytes), names bytes."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate(list(entries) + [(b"TRAILER!!!", 0, b"")], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


IMAGE = newc([(b"usr", 0o40755, b""), (b"usr/sbin", 0o40755, b""), (b"usr/sbin/dnsmasq", 0o100755, b"some program\n" * 40),
              (b"usr/lib", 0o40755, b""), (b"usr/lib/libz.so.1", 0o100755, b"some library\n" * 40),
              (b"usr/sbin/we\x01ird\xff", 0o100755, b"another program\n" * 40)])

TABLES = """
CREATE TABLE IF NOT EXISTS software(id INTEGER PRIMARY KEY, name TEXT, title TEXT, version TEXT, package_version TEXT,
  source_package TEXT, distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT, licence TEXT, confidence TEXT,
  evidence_kind TEXT, path TEXT, count INTEGER);
CREATE TABLE IF NOT EXISTS software_evidence(software_id INTEGER, component_id INTEGER);
CREATE TABLE IF NOT EXISTS vulnerability(id INTEGER PRIMARY KEY, software_id INTEGER, name TEXT, state TEXT, reason TEXT,
  criteria TEXT, source TEXT, cvss_version TEXT, cvss_vector TEXT, cvss REAL, severity TEXT, epss REAL,
  epss_percentile REAL, kev INTEGER, exposure TEXT, priority REAL, published TEXT, summary TEXT);
DELETE FROM software_evidence; DELETE FROM software; DELETE FROM vulnerability;
DELETE FROM component; DELETE FROM elf;
"""

# id, name, title, version, package_version, source, distribution, architecture, purl, cpe, licence, confidence, kind
SOFTWARE = [
    (1, "dnsmasq", "Dnsmasq", "2.80", None, None, None, None, "pkg:generic/dnsmasq", "thekelleys:dnsmasq dnsmasq:dnsmasq",
     "GPL-2.0-only OR GPL-3.0-only", "proven", "banner"),
    (2, "zlib", "zlib", "1.2.11", None, None, None, None, None, "zlib:zlib", "Zlib", "likely", "soname"),
    (3, "openssl", None, "1.1.1n", "1.1.1n-0+deb11u5", "openssl", "debian 11", "armhf", None, "openssl:openssl",
     "OpenSSL License", "proven", "package"),
    (4, "linux", "Linux", "4.14.95", None, None, None, None, None, "o:linux:linux_kernel", "GPL-2.0-only WITH Linux-syscall-note",
     "proven", "banner"),
    (5, "unknown-thing", None, "unknown", None, None, None, None, None, None, None, "possible", "filename"),
    (6, "busybox", "BusyBox", "1.28.4", "1.28.4-r3", "busybox", "alpine 3.8", "x86", "pkg:generic/busybox", "busybox:busybox",
     None, "proven", "package"),
    (7, "we\x01\"ird é", None, "1.0~rc1+b\"1", None, None, None, None, None, "a:b", "Some\nLicence", "possible", "path"),
    (8, "dnsmasq", "Dnsmasq", "2.80", None, None, None, None, "pkg:generic/dnsmasq", "thekelleys:dnsmasq", None, "possible",
     "filename"),
    (9, "openssl", "OpenSSL", "1.1.1d", "1.1.1d-2", "openssl", "openwrt 19.07", "mips_24kc", "pkg:generic/libopenssl1.1@1.1.1d-2",
     "openssl:openssl", None, "proven", "package"),
    (10, "glibc", "GNU C Library", "2.31", "2.31-13+deb11u3", "glibc", "debian 11", "armhf", "pkg:deb/debian/libc6@2.31-13%2Bdeb11u3",
     "gnu:glibc", "LGPL-2.1-or-later", "proven", "package"),
    (12, "ntp", "NTP", "4.2.8p15", None, None, None, None, None, "ntp:ntp", None, "proven", "banner"),
    (13, "u-boot", "U-Boot", "2023.01~rc3", "2023.01~rc3+dfsg-1", None, None, None, None, "denx:u-boot", None, "proven", "banner"),
    (14, "openssl", "OpenSSL", "3.0.0-beta1", None, None, None, None, None, "openssl:openssl", None, "proven", "banner"),
    (15, "bind", "BIND", "9.4.2-P2", None, None, None, None, None, "isc:bind", None, "proven", "banner"),
    (11, "glibc", "GNU C Library", "2.28", "2.28-10+deb10u2", None, None, None, "pkg:generic/glibc@2.28", "gnu:glibc", None, "proven", "banner"),
]

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
# software, name, state, reason, criteria, source, cvss version, vector, score, severity, epss, kev, exposure, published
VULNERABILITIES = [
    (1, "CVE-2020-25681", "affected", "2.80 is before 2.83", "cpe:2.3:a:thekelleys:dnsmasq:*:*:*:*:*:*:*:* < 2.83", "NVD",
     "3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.1, "HIGH", 0.93123, 0, "listens", "2021-01-20T16:15:14.530"),
    (8, "CVE-2020-25681", "under_investigation", None, None, "NVD", "3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.1,
     "HIGH", None, 0, None, "2021-01-20"),
    (2, "CVE-2018-25032", "fixed", "fixed by the distribution in 1.2.11-5", None, "Debian", "2.0", "AV:N/AC:L/Au:N/C:N/I:N/A:P", 5.0,
     "MEDIUM", 0.001, 0, None, None),
    (4, "CVE-2017-13216", "not_affected", "CONFIG_ASHMEM is not set", None, "NVD", "3.0",
     "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, "HIGH", None, 1, None, "2018-01-12T23:29:00"),
    (6, "GHSA-aaaa-bbbb-cccc", "affected", "", None, None, "4.0",
     "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, "CRITICAL", None, None, None, "not a date"),
    (7, "CVE-2022-0001", "affected", "é\x01", None, None, None, None, None, None, None, None, None, None),
]


def fill(path):
    """Puts software, evidence and vulnerabilities into a case, as matching does."""
    db = sqlite3.connect(path)
    db.executescript(TABLES)
    db.executemany("INSERT INTO software(id, name, title, version, package_version, source_package, distribution, architecture,"
                   " purl, cpe, licence, confidence, evidence_kind) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", SOFTWARE)
    blob = {p: i for i, p in db.execute("SELECT id, path FROM blob")}
    program, library = blob["/usr/sbin/dnsmasq"], blob["/usr/lib/libz.so.1"]
    odd = next(i for p, i in blob.items() if p and p.startswith("/usr/sbin/we"))
    db.execute("INSERT INTO elf(blob_id, type, needed) VALUES(?, 'executable', 'libc.so.0 libz.so.1')", (program,))
    db.execute("INSERT INTO elf(blob_id, type, soname) VALUES(?, 'shared-library', 'libz.so.1')", (library,))
    evidence = [(1, program, 7, "banner", "dnsmasq 2.80"), (2, library, None, "soname", "libz.so.1"),
                (4, 1, 3, "banner", "Linux version 4.14.95"), (7, odd, 0, "path", "x/\x01\u202e"), (1, program, 9, "banner", "dnsmasq 2.80")]
    for number, (software, blob_id, offset, kind, text) in enumerate(evidence, 1):
        db.execute("INSERT INTO component(id, blob_id, offset, evidence_kind, evidence) VALUES(?,?,?,?,?)",
                   (number, blob_id, offset, kind, text))
        db.execute("INSERT INTO software_evidence(software_id, component_id) VALUES(?,?)", (software, number))
    db.executemany("INSERT INTO vulnerability(software_id, name, state, reason, criteria, source, cvss_version, cvss_vector, cvss,"
                   " severity, epss, kev, exposure, published) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", VULNERABILITIES)
    db.execute("UPDATE vulnerability SET summary = 'A heap-based buffer overflow was found.' WHERE name = 'CVE-2020-25681'")
    db.commit()
    db.close()


# What the schemas call each other, and the files that these are.
SCHEMAS = {"http://cyclonedx.org/schema/spdx.schema.json": "cyclonedx-spdx.schema.json", "spdx.schema.json": "cyclonedx-spdx.schema.json",
           "http://cyclonedx.org/schema/jsf-0.82.schema.json": "jsf-0.82.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schema.json",
           **{f"https://www.first.org/cvss/cvss-v{v}.json": f"cvss-v{v}.json" for v in ("2.0", "3.0", "3.1")}}


def bundle(name):
    """A schema with those that it refers to inside of it, so that no version of the validator looks for them elsewhere."""
    parts = {}

    def take(node, place):
        if isinstance(node, list):
            return [take(item, place) for item in node]
        if not isinstance(node, dict):
            return node
        out = {k: take(v, place) for k, v in node.items() if k not in ("$id", "id") or not isinstance(v, str)}
        if isinstance(node.get("$ref"), str):
            file, _, inner = node["$ref"].partition("#")
            if not file:
                out["$ref"] = place + inner
            else:
                key = SCHEMAS[file]
                if key not in parts:
                    parts[key] = None
                    parts[key] = take(json.loads((SHARED / "schemas" / key).read_text()), "#/bundled/" + key)
                out["$ref"] = "#/bundled/" + key + inner
        return out

    schema = take(json.loads((SHARED / "schemas" / name).read_text()), "#")
    schema["bundled"] = parts
    return schema


# What scanners write where no form was asked for: members as their documentation has them.
SYFT = json.dumps({"artifacts": [{"id": "1", "name": "zlib", "version": "1.2.11", "purl": "pkg:apk/alpine/zlib@1.2.11"}], "artifactRelationships": [],
                   "source": {"type": "directory"}, "distro": {}, "descriptor": {"name": "syft", "version": "1.0.0"},
                   "schema": {"version": "16.0.0", "url": "https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.0.0.json"}})
TRIVY = json.dumps({"SchemaVersion": 2, "ArtifactName": "alpine:3.10", "ArtifactType": "container_image", "Results": []}, indent=2)
GRYPE = json.dumps({"matches": [], "source": {"type": "directory"}, "distro": {}, "descriptor": {"name": "grype", "version": "0.70.0"}}, indent=1)
EMPTY = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": []})


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        (cls.folder / "router.bin").write_bytes(IMAGE)
        p = subprocess.run([ASSAY, "router.bin", "-q"], cwd=cls.folder, capture_output=True)
        assert p.returncode in (0, 1), p.stderr
        cls.case = cls.folder / "router.bin.assay"
        shutil.copy(cls.case, cls.folder / "plain.assay")
        fill(cls.case)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_assay(self, *args):
        return subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, timeout=60)

    def document(self, command, option, *more, case=None):
        p = self.run_assay(command, case or self.case, "--" + option, "-", *more)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(p.stdout, self.run_assay(command, case or self.case, "--" + option, "-", *more).stdout)
        return json.loads(p.stdout.decode("utf-8"))

    def validate(self, document, name):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not there")
        if not (SHARED / "schemas" / name).exists():
            self.skipTest(f"{SHARED}/schemas/{name} is not there")
        schema = bundle(name)
        checker = jsonschema.validators.validator_for(schema)
        errors = list(checker(schema, format_checker=jsonschema.FormatChecker()).iter_errors(document))
        self.assertEqual([f"{list(e.absolute_path)}: {e.message[:300]}" for e in errors], [])

    def test_validation_finds_faults(self):
        """A check of the check: a document with one fault is refused."""
        for command, option, name, place in (("sbom", "cyclonedx", "cyclonedx-1.6.schema.json", ("components", 0, "type")),
                                             ("vex", "csaf", "csaf-2.0.schema.json", ("vulnerabilities", 0, "cve")),
                                             ("vex", "openvex", "openvex-0.2.0.schema.json", ("statements", 0, "status"))):
            d = self.document(command, option)
            self.validate(d, name)
            d[place[0]][place[1]][place[2]] = "nonsense"
            with self.assertRaises(AssertionError):
                self.validate(d, name)

    # ---- CycloneDX ----

    def test_cyclonedx_is_valid(self):
        d = self.document("sbom", "cyclonedx")
        rules.check_cyclonedx(self, d)
        self.validate(d, "cyclonedx-1.6.schema.json")

    def test_cyclonedx_says_what_the_case_does(self):
        d = self.document("sbom", "cyclonedx", "--supplier", "ACME", "--product", "Router", "--product-version", "1.2")
        self.validate(d, "cyclonedx-1.6.schema.json")
        sha256 = sqlite3.connect(self.case).execute("SELECT sha256 FROM input").fetchone()[0]
        self.assertEqual(d["serialNumber"], "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, "sha256:" + sha256)))
        product = d["metadata"]["component"]
        self.assertEqual((product["name"], product["version"], product["supplier"]["name"], product["hashes"][0]["content"]),
                         ("Router", "1.2", "ACME", sha256))
        parts = {(c["name"], c.get("version")): c for c in d["components"]}
        dnsmasq = next(c for c in d["components"] if c["name"] == "dnsmasq" and "licenses" in c)
        self.assertEqual(dnsmasq["purl"], "pkg:generic/dnsmasq@2.80")
        self.assertEqual(dnsmasq["cpe"], "cpe:2.3:a:thekelleys:dnsmasq:2.80:*:*:*:*:*:*:*")
        self.assertEqual(dnsmasq["licenses"][0]["expression"], "GPL-2.0-only OR GPL-3.0-only")
        self.assertEqual([(o["location"], o["offset"]) for o in dnsmasq["evidence"]["occurrences"]],
                         [("usr/sbin/dnsmasq", 7), ("usr/sbin/dnsmasq", 9)])
        self.assertEqual(len(dnsmasq["evidence"]["identity"][0]["methods"]), 1)
        self.assertEqual(dnsmasq["components"][0]["hashes"][0]["alg"], "SHA-256")
        openssl = parts["openssl", "1.1.1n-0+deb11u5"]
        self.assertEqual(openssl["purl"], "pkg:deb/debian/openssl@1.1.1n-0%2Bdeb11u5?arch=armhf&distro=debian-11")
        self.assertEqual(openssl["cpe"], "cpe:2.3:a:openssl:openssl:1.1.1n:*:*:*:*:*:*:*")
        self.assertEqual(openssl["licenses"], [{"license": {"name": "OpenSSL License", "acknowledgement": "declared"}}])
        self.assertEqual(parts["busybox", "1.28.4-r3"]["purl"], "pkg:apk/alpine/busybox@1.28.4-r3?arch=x86&distro=alpine-3.8")
        self.assertEqual(parts["openssl", "1.1.1d-2"]["purl"], "pkg:generic/openwrt/libopenssl1.1@1.1.1d-2?arch=mips_24kc&distro=openwrt-19.07")
        self.assertEqual(parts["glibc", "2.31-13+deb11u3"]["purl"], "pkg:deb/debian/libc6@2.31-13%2Bdeb11u3?arch=armhf&distro=debian-11")
        glibc = parts["glibc", "2.28"]  # not known to be a distribution's: its authors' version, as the purl has it
        self.assertEqual(glibc["purl"], "pkg:generic/glibc@2.28")
        self.assertIn({"name": "assay:package-version", "value": "2.28-10+deb10u2"}, glibc["properties"])
        self.assertEqual(parts["linux", "4.14.95"]["type"], "operating-system")
        self.assertEqual(parts["zlib", "1.2.11"]["type"], "library")
        self.assertNotIn("version", parts["unknown-thing", None])
        # NVD's dictionary has these in the attribute `update`.
        self.assertEqual([parts[of]["cpe"][10:-12] for of in (("ntp", "4.2.8p15"), ("u-boot", "2023.01~rc3"), ("openssl", "3.0.0-beta1"),
                                                         ("bind", "9.4.2-P2"))],
                         ["ntp:ntp:4.2.8:p15", "denx:u-boot:2023.01:rc3", "openssl:openssl:3.0.0:beta1", "isc:bind:9.4.2:p2"])
        needs = {x["ref"]: x["dependsOn"] for x in d["dependencies"]}
        self.assertEqual(needs[dnsmasq["bom-ref"]], [parts["zlib", "1.2.11"]["bom-ref"]])
        self.assertEqual(len(needs["product"]), len(SOFTWARE))

    def test_cyclonedx_vulnerabilities(self):
        found = {(v["id"], v["affects"][0]["ref"]): v for v in self.document("sbom", "cyclonedx")["vulnerabilities"]}
        self.assertEqual(len(found), len(VULNERABILITIES))
        v = found["CVE-2020-25681", "pkg:generic/dnsmasq@2.80"]
        self.assertEqual(v["ratings"], [{"score": 8.1, "severity": "high", "method": "CVSSv31",
                                         "vector": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"}])
        self.assertEqual((v["analysis"]["state"], v["analysis"]["detail"]), ("exploitable", "2.80 is before 2.83"))
        self.assertEqual(v["published"], "2021-01-20T16:15:14.530Z")
        self.assertEqual(v["description"], "A heap-based buffer overflow was found.")
        states = {i: v["analysis"]["state"] for (i, _), v in found.items()}
        self.assertEqual((states["CVE-2018-25032"], states["CVE-2017-13216"]), ("resolved", "not_affected"))

    def test_cyclonedx_vex_links_to_the_bill(self):
        bill, d = self.document("sbom", "cyclonedx"), self.document("vex", "cyclonedx")
        self.validate(d, "cyclonedx-1.6.schema.json")
        self.assertNotEqual(bill["serialNumber"], d["serialNumber"])
        link = "urn:cdx:" + bill["serialNumber"].removeprefix("urn:uuid:") + "/1#"
        refs = {c["bom-ref"] for c in bill["components"]}
        for v in d["vulnerabilities"]:
            self.assertTrue(v["affects"][0]["ref"].startswith(link))
            self.assertIn(rules.unquote(v["affects"][0]["ref"].removeprefix(link)), refs)

    # ---- SPDX ----

    def test_spdx2(self):
        d = self.document("sbom", "spdx", "--supplier", "ACME")
        rules.check_spdx2(self, d)
        packages = {(p["name"], p.get("versionInfo")): p for p in d["packages"]}
        openssl = packages["openssl", "1.1.1n-0+deb11u5"]
        self.assertEqual((openssl["licenseDeclared"], openssl["licenseComments"]), ("NOASSERTION", "OpenSSL License"))
        self.assertIn({"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                       "referenceLocator": "pkg:deb/debian/openssl@1.1.1n-0%2Bdeb11u5?arch=armhf&distro=debian-11"}, openssl["externalRefs"])
        self.assertEqual(packages["linux", "4.14.95"]["licenseDeclared"], "GPL-2.0-only WITH Linux-syscall-note")
        file = packages["dnsmasq", None]
        self.assertEqual((file["packageFileName"], file["primaryPackagePurpose"]), ("./usr/sbin/dnsmasq", "FILE"))
        self.assertTrue(any(r["spdxElementId"] == file["SPDXID"] and "at offset 7: dnsmasq 2.80" in r.get("comment", "")
                            for r in d["relationships"]))

    def test_spdx3(self):
        d = self.document("sbom", "spdx3", "--supplier", "ACME")
        rules.check_spdx3(self, d)
        by_type = {}
        for e in d["@graph"]:
            by_type.setdefault(e["type"], []).append(e)
        self.assertEqual(len(by_type["software_Package"]), len(SOFTWARE) + 1)
        self.assertEqual(len(by_type["security_Vulnerability"]), len({v[1] for v in VULNERABILITIES}))
        self.assertEqual(len(by_type["security_VexAffectedVulnAssessmentRelationship"]), 3)
        self.assertEqual(by_type["security_CvssV2VulnAssessmentRelationship"][0]["security_score"], 5)

    # ---- VEX ----

    def test_openvex(self):
        d = self.document("vex", "openvex", "--supplier", "ACME")
        self.validate(d, "openvex-0.2.0.schema.json")
        self.assertEqual(d["author"], "ACME")
        by_name = {s["vulnerability"]["name"]: s for s in d["statements"]}
        self.assertEqual(by_name["CVE-2017-13216"]["impact_statement"], "CONFIG_ASHMEM is not set")
        self.assertIn("action_statement", by_name["CVE-2022-0001"])

    def test_csaf(self):
        for option, category in (("csaf", "csaf_vex"), ("advisory", "csaf_security_advisory")):
            for more in ([], ["--supplier", "ACME", "--supplier-url", "https://acme.example", "--product-version", "7"]):
                d = self.document("vex", option, *more)
                self.assertEqual(d["document"]["category"], category)
                self.validate(d, "csaf-2.0.schema.json")
                rules.check_csaf(self, d)
        v = next(v for v in d["vulnerabilities"] if v.get("cve") == "CVE-2020-25681")
        self.assertEqual(v["product_status"], {"known_affected": ["PRODUCT:COMPONENT-1"], "under_investigation": ["PRODUCT:COMPONENT-8"]})
        self.assertEqual(v["scores"][0]["cvss_v3"]["baseSeverity"], "HIGH")

    # ---- documents of others ----

    def copy(self, name):
        path = self.folder / name
        shutil.copy(self.case, path)
        return path

    def query(self, path, sql):
        db = sqlite3.connect(path)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def test_round_trip(self):
        """What we write is read again: the same components, and nothing differs from the image."""
        expected = sorted((c["name"], c.get("version"), c["purl"]) for c in self.document("sbom", "cyclonedx")["components"])
        self.assertEqual(len(expected), len(SOFTWARE))
        for option in ("cyclonedx", "spdx", "spdx3"):
            case, bill = self.copy(option + ".assay"), self.folder / (option + ".json")
            bill.write_text(json.dumps(self.document("sbom", option)))
            p = self.run_assay("sbom", case, "--sbom", bill)
            self.assertEqual((p.returncode, p.stderr), (0, b""))
            declared = self.query(case, "SELECT name, version, purl FROM declared_component WHERE kind IS NOT 'product'")
            self.assertEqual(sorted(declared, key=repr), sorted(expected, key=repr), option)
            self.assertEqual(self.query(case, "SELECT kind, name FROM sbom_difference"), [], option)
            self.assertEqual(self.query(case, "SELECT count(*) FROM damage"), [(0,)])
            self.assertEqual(self.query(case, "SELECT probe, status FROM probe_run WHERE probe = 'sbom.read'"), [("sbom.read", "complete")])
            self.run_assay("sbom", case, "--sbom", bill)  # once more: in the place of the first
            self.assertEqual(self.query(case, "SELECT count(*) FROM declared_component"), [(len(SOFTWARE) + 1,)])
            self.assertEqual(self.query(case, "SELECT kind FROM input ORDER BY id"), [("firmware",), ("sbom",)])

    def test_bill_that_differs(self):
        case, bill = self.copy("differs.assay"), self.document("sbom", "cyclonedx")
        bill["components"] = [c for c in bill["components"] if c["name"] not in ("zlib", "linux")]
        next(c for c in bill["components"] if c["name"] == "openssl").update(version="3.0.2", purl="pkg:generic/openssl@3.0.2", cpe=None)
        bill["components"].append({"type": "application", "name": "openvpn", "version": "2.5.1"})
        (self.folder / "other.json").write_text(json.dumps(bill))
        p = self.run_assay("sbom", case, "--sbom", "other.json")
        self.assertEqual(p.returncode, 0)
        self.assertEqual(p.stdout.decode().splitlines()[:5],
                         ["The bill of materials and the image differ:", "  linux 4.14.95: found in the image, not declared",
                          "  zlib 1.2.11: found in the image, not declared", "  openvpn 2.5.1: declared, not found in the image",
                          "  openssl: declared 3.0.2, found 1.1.1n-0+deb11u5"])
        self.assertEqual(self.query(case, "SELECT kind, name, declared_version, found_version FROM sbom_difference ORDER BY kind, name"),
                         [("missing_in_sbom", "linux", None, "4.14.95"), ("missing_in_sbom", "zlib", None, "1.2.11"),
                          ("not_in_image", "openvpn", "2.5.1", None), ("version_differs", "openssl", "3.0.2", "1.1.1n-0+deb11u5")])

    def test_bill_with_the_kernel_by_its_own_name(self):
        """What uname -r says of a distribution's kernel is no release, and is not wrong."""
        (self.folder / "kernel.bin").write_bytes(
            bytes(4096) + b"Linux version 6.1.0-50-armmp (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, "
            b"GNU ld (GNU Binutils for Debian) 2.40) #1 SMP Debian 6.1.176-1 (2026-07-02)\n" + bytes(4096))
        bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
        for declared, differs in (("6.1.176", False), ("6.1.176-1", False), ("6.1.0-50-armmp", False), ("6.1.0", False), ("6.1", True),
                                  ("6.1.0-5", True), ("6.1.75", True)):
            bill["components"] = [{"type": "operating-system", "name": "linux", "version": declared}]
            (self.folder / "kernel.json").write_text(json.dumps(bill))
            self.run_assay("kernel.bin", "--sbom", "kernel.json", "-o", "kernel.assay")
            self.assertEqual(self.query(self.folder / "kernel.assay", "SELECT kind, declared_version, found_version FROM sbom_difference"),
                             [("version_differs", declared, "6.1.176-1")] if differs else [], declared)

    def test_vex_is_read_again(self):
        """Our own documents state what the match says, of the same rows."""
        wanted = {(s, name): state for s, name, state, *_ in VULNERABILITIES}
        for option in ("openvex", "csaf"):
            case, vex = self.copy(option + ".assay"), self.folder / (option + ".json")
            vex.write_text(json.dumps(self.document("vex", option)))
            p = self.run_assay("vex", case, "--vex", vex)
            self.assertEqual(p.returncode, 0, p.stderr)
            stated = self.query(case, "SELECT software_id, name, state, stated_state FROM vulnerability_shown")
            self.assertEqual(len(stated), len(VULNERABILITIES))
            for software, name, state, said in stated:
                self.assertEqual(state, wanted[software, name])
                if software not in (1, 8):  # one purl, two rows of software: the last statement is for both
                    self.assertEqual(said, state, (option, name))

    def test_a_statement_about_another_image(self):
        """A product with a digest is that file: parts of another are not ours, whatever they are called."""
        digest = "ab" * 32
        document = json.dumps(self.document("vex", "openvex"))
        for own, applies in ((digest, True), ("cd" * 32, False), (None, True)):
            case = self.copy("other.assay")
            with sqlite3.connect(case) as db:
                db.execute("UPDATE input SET sha256 = ? WHERE kind = 'firmware'", (own,))
            statements = json.loads(document)
            for s in statements["statements"]:
                for p in s["products"]:
                    p["hashes"] = {"sha-256": digest.upper()}
            (self.folder / "other.json").write_text(json.dumps(statements))
            self.assertEqual(self.run_assay("vex", case, "--vex", "other.json").returncode, 0)
            self.assertEqual(self.query(case, "SELECT count(stated_state) > 0 FROM vulnerability_shown"), [(applies,)], own)

    def test_statements_go_before_the_match(self):
        case = self.copy("stated.assay")
        (self.folder / "ours.yaml").write_text(
            "assay-vex: 1\nauthor: ACME PSIRT\ndate: 2026-01-02\nstatements:\n"
            "  - vulnerability: CVE-2022-0001\n    purl: 'pkg:generic/we%01%22ird%20%C3%A9@1.0~rc1%2Bb%221'\n    status: not_affected\n"
            "    justification: vulnerable_code_not_in_execute_path\n    note: never called\n"
            "  - vulnerability: CVE-1999-0001\n    component: telnetd\n    status: fixed\n"
            "  - vulnerability: CVE-1999-0002\n    component: zlib\n    status: fixed\n")
        p = self.run_assay("vex", case, "--vex", "ours.yaml", "--cyclonedx", "vex.json")
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn(b"line 10: CVE-1999-0001 of telnetd: no such component is in the image", p.stderr)
        self.assertIn(b"line 13: CVE-1999-0002 of zlib: was not matched for it", p.stderr)
        self.assertEqual(p.stderr.count(b"\n"), 2)
        v = next(v for v in json.loads((self.folder / "vex.json").read_text())["vulnerabilities"] if v["id"] == "CVE-2022-0001")
        self.assertEqual(v["analysis"], {"state": "not_affected", "justification": "code_not_reachable",
                                         "detail": "never called (stated by ACME PSIRT)", "lastUpdated": "2026-01-02T00:00:00Z"})
        csaf = self.document("vex", "csaf", case=case)
        self.validate(csaf, "csaf-2.0.schema.json")
        rules.check_csaf(self, csaf)
        item = next(v for v in csaf["vulnerabilities"] if v.get("cve") == "CVE-2022-0001")
        self.assertEqual(item["flags"][0]["label"], "vulnerable_code_not_in_execute_path")
        openvex = self.document("vex", "openvex", case=case)
        self.validate(openvex, "openvex-0.2.0.schema.json")
        rules.check_spdx3(self, self.document("sbom", "spdx3", case=case))
        self.assertEqual(self.query(case, "SELECT state FROM vulnerability WHERE name = 'CVE-2022-0001'"), [("affected",)])

    def test_beside_an_image(self):
        (self.folder / "bill.json").write_text(json.dumps(self.document("sbom", "spdx")))
        (self.folder / "s.yaml").write_text("assay-vex: 1\nstatements:\n  - vulnerability: CVE-1\n    component: nothing\n    status: fixed\n")
        p = self.run_assay("router.bin", "-o", "beside.assay", "--sbom", "bill.json", "--vex", "s.yaml", "--json", "r.json", "-q")
        self.assertIn(p.returncode, (0, 1), p.stderr)
        case = self.folder / "beside.assay"
        self.assertEqual(self.query(case, "SELECT id, kind, location FROM input"),
                         [(1, "firmware", "router.bin"), (2, "sbom", "bill.json"), (3, "vex", "s.yaml")])
        self.assertEqual(self.query(case, "SELECT input_id, probe, status FROM probe_run WHERE input_id > 1 ORDER BY id"),
                         [(2, "sbom.read", "complete"), (3, "vex.read", "complete")])
        self.assertEqual(self.query(case, "SELECT DISTINCT b.input_id FROM declared_component d JOIN blob b ON b.id = d.blob_id"), [(2,)])
        # The names of programs in a bill are not in the image.
        self.assertEqual(self.query(case, "SELECT count(*) FROM component c JOIN blob b ON b.id = c.blob_id WHERE b.input_id > 1"), [(0,)])
        self.assertEqual([i["kind"] for i in json.loads((self.folder / "r.json").read_text())["inputs"]], ["firmware", "sbom", "vex"])

    def test_bills_with_the_reports(self):
        for option, name in (("cyclonedx", "c.json"), ("spdx", "s.json")):
            p = self.run_assay("report", self.case, "-q", "--" + option, name)
            self.assertIn(p.returncode, (0, 1), p.stderr)
            self.assertEqual(json.loads((self.folder / name).read_text()), self.document("sbom", option))
        p = self.run_assay("router.bin", "-o", "with.assay", "--cyclonedx", "-")
        self.assertEqual(json.loads(p.stdout)["bomFormat"], "CycloneDX")
        p = self.run_assay("router.bin", "-o", "same.assay", "--spdx", "same.assay")
        self.assertEqual((p.returncode, (self.folder / "same.assay").exists()), (2, False))

    def test_bill_on_its_own_and_in_an_image(self):
        bill = json.dumps(self.document("sbom", "cyclonedx")).encode()
        for name, data in (("alone.json", bill), ("inside.bin", newc([(b"usr", 0o40755, b""), (b"usr/sbom.json", 0o100644, bill)]))):
            (self.folder / name).write_bytes(data)
            p = self.run_assay(name, "-q")
            self.assertIn(p.returncode, (0, 1), p.stderr)
            rows = self.query(self.folder / (name + ".assay"), "SELECT count(*) FROM declared_component WHERE format = 'CycloneDX 1.6'")
            self.assertEqual(rows, [(len(SOFTWARE) + 1,)], name)

    def test_unusable_documents(self):
        case = self.copy("unusable.assay")
        before = case.read_bytes()
        whole = json.dumps(self.document("sbom", "cyclonedx"))
        for name, data in (("empty.json", ""), ("text.json", "hello"), ("other.json", '{"bomFormat": "CycloneDX"}'), ("cut.json", whole[:60])):
            (self.folder / name).write_text(data)
            p = self.run_assay("sbom", case, "--sbom", name)
            self.assertEqual(p.returncode, 2, name)
            self.assertIn(name.encode(), p.stderr)
            p = self.run_assay("router.bin", "-o", "none.assay", "--sbom", name, "-q")
            self.assertEqual(p.returncode, 2, name)
            self.assertFalse((self.folder / "none.assay").exists())  # told before the image is looked at
        for name, data, words in (("bom.xml", '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"/>', b"bom.xml"),
                                  ("bom.rdf", '<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"/>', b"SPDX in RDF and XML is not read"),
                                  ("syft.json", SYFT, b"declares nothing: Syft's own JSON is not read: syft convert IN -o cyclonedx-json=OUT converts it"),
                                  ("trivy.json", TRIVY, b"declares nothing: Trivy's own JSON is not read: trivy convert -f cyclonedx -o OUT IN"),
                                  ("grype.json", GRYPE, b"declares nothing: Grype's own JSON is not read, and is no bill"),
                                  ("none.json", EMPTY, b"declares nothing: CycloneDX 1.5 without a component or a statement"),
                                  ("bom.yaml", 'SPDXID: "SPDXRef-DOCUMENT"\nspdxVersion: "SPDX-2.3"\n', b"bom.yaml: declares nothing")):
            (self.folder / name).write_text(data)
            p = self.run_assay("sbom", case, "--sbom", name)
            self.assertEqual(p.returncode, 2, name)
            self.assertIn(words, p.stderr)
        self.assertEqual(self.run_assay("vex", case, "--vex", "missing").returncode, 2)
        spaces = bytes(1 << 20).replace(b"\0", b" ")
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # 2 GiB that a few megabytes stand for
        (self.folder / "bomb.json.gz").write_bytes(
            packer.compress(b'{"bomFormat": "CycloneDX",') + packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH) +
            (block := packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)) * 2048)
        p = self.run_assay("sbom", case, "--sbom", "bomb.json.gz")
        self.assertEqual(p.returncode, 2)
        self.assertIn(b"unpacks to more than", p.stderr)
        self.assertEqual(case.read_bytes(), before)
        (self.folder / "half.json").write_text(whole[:len(whole) // 2])  # what was read is kept, and the rest told
        p = self.run_assay("sbom", case, "--sbom", "half.json")
        self.assertEqual(p.returncode, 0)
        self.assertIn(b"was not read to its end", p.stderr)
        self.assertEqual(self.query(case, "SELECT status FROM probe_run WHERE probe = 'sbom.read'"), [("partial",)])

    def test_other_documents_as_the_input(self):
        """What it is, and how to come to a form that is read; in an image such a file is no more than a file."""
        for name, text, line, hint in (("syft.json", SYFT, "Syft's own JSON, which is not read", "syft convert IN -o cyclonedx-json=OUT converts it"),
                                       ("trivy.json", TRIVY, "Trivy's own JSON, which is not read", "trivy convert -f cyclonedx -o OUT IN converts it"),
                                       ("grype.json", GRYPE, "Grype's own JSON, which is not read", "write one with syft -o cyclonedx-json"),
                                       ("none.json", EMPTY, "CycloneDX 1.5 without a component or a statement", "no file system was found in it")):
            (self.folder / name).write_text(text)
            p = self.run_assay(name, "-o", "other.assay", "--without-feeds")
            lines = p.stdout.decode().splitlines()
            self.assertEqual((p.returncode, lines[1]), (0, line))
            self.assertIn(hint, " ".join(p.stdout.decode().split()), name)
            (self.folder / "tree").mkdir(exist_ok=True)
            (self.folder / "tree" / name).write_text(text)
        self.run_assay("tree", "-o", "other.assay", "--without-feeds")
        self.assertEqual(self.query(self.folder / "other.assay", "SELECT what FROM damage"), [])
        self.assertEqual(self.query(self.folder / "other.assay", "SELECT value FROM header WHERE name = 'document'"), [])

    def test_real_documents(self):
        """Documents of CycloneDX, OASIS and others: each is read to its end, and says something."""
        if not SHARED.exists():
            self.skipTest(f"{SHARED} is not there")
        silent = {"VEX-Use-Cases-Case-7-vex.json"}    # names no component
        paths = sorted([*SHARED.glob("vex/*/*.json"), *SHARED.glob("csaf/*/*.json")])
        (self.folder / "real.bin").write_bytes(newc([(b"d", 0o40755, b"")] + [(b"d/" + p.name.encode(), 0o100644, p.read_bytes()) for p in paths]))
        self.run_assay("real.bin", "-q")
        case = self.folder / "real.bin.assay"
        self.assertEqual(self.query(case, "SELECT what FROM damage"), [])
        said = dict(self.query(case, "SELECT file_name, (SELECT count(*) FROM declared_component WHERE blob_id = b.id)"
                                     " + (SELECT count(*) FROM declared_statement WHERE blob_id = b.id) FROM blob b WHERE kind = 'file'"))
        self.assertEqual(set(said), {p.name for p in paths})
        self.assertEqual({name for name, n in said.items() if n == 0}, silent)
        states = {"known_affected", "first_affected", "last_affected", "known_not_affected", "fixed", "first_fixed", "under_investigation"}
        for path in SHARED.glob("csaf/*/*.json"):
            vulnerabilities = json.loads(path.read_text()).get("vulnerabilities", [])
            expected = sum(len(ids) for v in vulnerabilities for state, ids in v.get("product_status", {}).items() if state in states)
            self.assertEqual(said[path.name], expected, path.name)

    # ---- cases of another sort ----

    def test_case_without_software(self):
        plain = self.folder / "plain.assay"
        db = sqlite3.connect(plain)
        for table in ("software", "software_evidence", "vulnerability"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        db.commit()
        db.close()
        d = self.document("sbom", "cyclonedx", case=plain)
        self.validate(d, "cyclonedx-1.6.schema.json")
        self.assertEqual(d["components"], [])
        rules.check_spdx2(self, self.document("sbom", "spdx", case=plain))
        rules.check_spdx3(self, self.document("sbom", "spdx3", case=plain))
        for option in ("openvex", "csaf", "advisory"):
            p = self.run_assay("vex", plain, "--" + option, "x.json")
            self.assertEqual(p.returncode, 2)
            self.assertIn(b"nothing to state", p.stderr)
            self.assertFalse((self.folder / "x.json").exists())

    def test_command_line(self):
        for args, words in (([], b"name one case"), ([self.case], b"nothing is to be written"), ([self.case, "--bogus"], b"not an option"),
                            ([self.case, "--spdx", "a", "--spdx3", "a"], b"two documents"), ([self.case, "--spdx", self.case], b"is the case file"),
                            (["missing", "--spdx", "-"], b"missing")):
            p = self.run_assay("sbom", *args)
            self.assertEqual(p.returncode, 2, args)
            self.assertIn(words, p.stderr)
        p = self.run_assay("sbom", self.case, "--spdx", "s.json", "--spdx3", "s3.json", "--cyclonedx", "c.json")
        self.assertEqual((p.returncode, p.stdout), (0, b""))
        for name in ("s.json", "s3.json", "c.json"):
            json.loads((self.folder / name).read_text())


if __name__ == "__main__":
    unittest.main()
