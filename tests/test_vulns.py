#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`assay vulns` as a user meets it: from a feed and an image to a list, and to the reason of each row.

    test_vulns.py ASSAY
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(sys.argv.pop(1))


def newc(entries):
    """A cpio archive: entries are (name, mode, bytes), names bytes."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate(list(entries) + [(b"TRAILER!!!", 0, b"")], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0" + b"\0" * (-(110 + len(name) + 1) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


OPKG = (b"Package: dnsmasq\nVersion: 2.80-16\nStatus: install ok installed\nArchitecture: mips_24kc\n\n"
        b"Package: busybox\nVersion: 1.30.1-5\nStatus: install ok installed\nArchitecture: mips_24kc\n\n")
IMAGE = newc([(b"usr", 0o40755, b""), (b"usr/lib", 0o40755, b""), (b"usr/lib/opkg", 0o40755, b""),
              (b"usr/lib/opkg/status", 0o100644, OPKG), (b"usr/lib/true", 0o100755, b"#!/bin/sh\n")])


def cve(name, vendor, product, vector, **ends):
    return {"cve": {"id": name, "published": "2019-01-01T00:00:00.000", "lastModified": "2020-01-01T00:00:00.000",
                    "vulnStatus": "Analyzed", "descriptions": [{"lang": "en", "value": "A flaw."}],
                    "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
                        "version": "3.1", "vectorString": vector, "baseScore": 9.8}}]},
                    "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                        {"vulnerable": True, "criteria": f"cpe:2.3:a:{vendor}:{product}:*:*:*:*:*:*:*:*",
                         "matchCriteriaId": "00000000-0000-0000-0000-000000000000", **ends}]}]}]}}


HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
RECORDS = [cve("CVE-2019-0001", "thekelleys", "dnsmasq", HIGH, versionEndExcluding="2.81"),
           cve("CVE-2019-0002", "thekelleys", "dnsmasq", LOW, versionStartIncluding="2.70", versionEndIncluding="2.80"),
           cve("CVE-2019-0003", "thekelleys", "dnsmasq", HIGH, versionEndExcluding="2.80"),
           cve("CVE-2019-5747", "busybox", "busybox", HIGH, versionEndIncluding="1.30.0"),
           cve("CVE-2019-0004", "other", "dnsmasq", HIGH, versionEndExcluding="9")]


def feed(records):
    return json.dumps({"resultsPerPage": len(records), "startIndex": 0, "totalResults": len(records), "format": "NVD_CVE",
                       "version": "2.0", "timestamp": "2020-01-02T00:00:00.000", "vulnerabilities": records}).encode()


class Vulns(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        (self.folder / "image.bin").write_bytes(IMAGE)
        (self.folder / "nvd.json").write_bytes(feed(RECORDS))
        self.env = dict(os.environ, HOME=str(self.folder), XDG_DATA_HOME=str(self.folder / "data"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_assay(self, *args):
        return subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, text=True, timeout=120, env=self.env)

    def good(self, *args):
        p = self.run_assay(*args)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        return p.stdout

    def imported(self, *where):
        self.good("feed", "import", "nvd.json", "-q", *where)

    def test_an_image_is_matched_when_there_is_a_database(self):
        self.imported()
        self.good("image.bin", "-q")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(db.execute("SELECT name, state FROM vulnerability ORDER BY name").fetchall(),
                         [("CVE-2019-0001", "affected"), ("CVE-2019-0002", "affected")])
        self.assertEqual(db.execute("SELECT status FROM probe_run WHERE probe = 'feeds.match'").fetchall(), [("complete",)])
        self.assertEqual(db.execute("SELECT name, kind FROM vulnerability_rejected ORDER BY name").fetchall(),
                         [("CVE-2019-0003", "range"), ("CVE-2019-5747", "range")])

    def test_the_age_of_feeds_is_told_by_every_report(self):
        """The feed's newest record was modified on 2020-01-01; the clock says 2020-01-12."""
        self.env["SOURCE_DATE_EPOCH"] = "1578787200"
        self.imported()
        out = self.good("image.bin", "--html", "r.html", "--json", "r.json")
        block = out[out.index("\nCOMPONENTS\n"):out.index("\nINCONCLUSIVE\n")]
        self.assertIn("2 components, 2 of them with a known version. 2 known vulnerabilities apply:", " ".join(block.split()))
        self.assertIn("CVE-2019-0001", block)
        self.assertLessEqual(max(map(len, block.splitlines())), 80)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual([(f["kind"], f["records"]) for f in report["feeds"]], [("nvd", len(RECORDS))])
        self.assertEqual(report["header"]["feed_ages"], [{"name": "nvd", "age_days": 11}])
        self.assertIn("Feeds: nvd, 11 days old.", block)
        self.assertIn("11 days old", (self.folder / "r.html").read_text())
        self.assertIn("nvd 2020-01-01 (11 d)", self.good("vulns", "image.bin.assay"))
        known = [v for v in report["verdicts"] if v["requirement"] == "mozilla.vulnerability.known-components"][0]
        self.assertEqual(known["verdict"], "INCONCLUSIVE")
        self.assertIn("CISA KEV) is not in the feed database", known["missing"])

    def test_without_feeds_the_report_says_what_to_do(self):
        out = " ".join(self.good("image.bin").split())
        self.assertIn("They were not matched with known vulnerabilities.", out)
        self.assertIn("assay feed update", out)
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(db.execute("SELECT verdict, missing FROM verdict WHERE requirement ="
                                    " 'mozilla.vulnerability.known-components'").fetchone()[0], "INCONCLUSIVE")

    def test_none_without_and_none_when_not_wanted(self):
        self.good("image.bin", "-q")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(db.execute("SELECT count(*) FROM probe_run WHERE probe = 'feeds.match'").fetchone(), (0,))
        self.imported()
        self.good("image.bin", "-q", "--without-feeds")
        self.assertEqual(db.execute("SELECT count(*) FROM probe_run WHERE probe = 'feeds.match'").fetchone(), (0,))

    def test_listed_by_priority_within_80_columns(self):
        self.imported("--feeds", "x.db")
        self.good("image.bin", "-q")
        out = self.good("vulns", "image.bin.assay", "--feeds", "x.db")
        lines = out.splitlines()
        self.assertTrue(all(len(line) <= 80 for line in lines), out)
        self.assertLess(out.index("CVE-2019-0001"), out.index("CVE-2019-0002"))
        self.assertNotIn("CVE-2019-0003", out)
        self.assertNotIn("CVE-2019-0004", out)
        self.assertIn("2 apply", out)
        rejected = self.good("vulns", "image.bin.assay", "--rejected")
        self.assertTrue(all(len(line) <= 80 for line in rejected.splitlines()), rejected)
        self.assertIn("CVE-2019-0003", rejected)
        self.assertNotIn("CVE-2019-0004", rejected)

    def test_why(self):
        self.imported()
        self.good("image.bin", "-q")
        out = self.good("vulns", "image.bin.assay", "--why", "CVE-2019-0002")
        flat = " ".join(out.split())
        self.assertIn("cpe:2.3:a:thekelleys:dnsmasq:*, 2.70 <= 2.80 <= 2.80; node", flat)
        self.assertIn("1.8 low, CVSS 3.1, " + LOW, flat)  # computed from the vector, whatever the record says
        self.assertIn("CVE-2019-0003 not in dnsmasq", self.good("vulns", "image.bin.assay", "--why", "CVE-2019-0003"))
        p = self.run_assay("vulns", "image.bin.assay", "--why", "CVE-2019-0004")
        self.assertEqual(p.returncode, 2)

    def test_json(self):
        self.imported()
        self.good("image.bin", "-q")
        report = json.loads(self.good("vulns", "image.bin.assay", "--json", "--rejected"))
        self.assertEqual([v["name"] for v in report["vulnerabilities"]], ["CVE-2019-0001", "CVE-2019-0002"])
        self.assertEqual(report["vulnerabilities"][0]["cvss"], 9.8)
        self.assertEqual({r["name"] for r in report["rejected"]}, {"CVE-2019-0003", "CVE-2019-5747"})
        self.assertEqual(report["sources"][0]["kind"], "nvd")
        self.assertEqual(self.good("vulns", "image.bin.assay", "--json"), self.good("vulns", "image.bin.assay", "--json"))

    def test_statements(self):
        self.imported()
        self.good("image.bin", "-q")
        (self.folder / "s.tsv").write_text("package\tversion\tcve\tcomment\ndnsmasq\t\tCVE-2019-0001\t0001-fix.patch\n")
        out = self.good("vulns", "image.bin.assay", "--statements", "s.tsv", "--rejected")
        self.assertIn("1 applies; 1 is fixed", out)
        (self.folder / "s.tsv").write_text("package\tversion\tcve\tcomment\ndnsmasq CVE-2019-0001\n")
        p = self.run_assay("vulns", "image.bin.assay", "--statements", "s.tsv")
        self.assertEqual(p.returncode, 2)
        self.assertIn("s.tsv:2: expected package", p.stderr)
        self.assertIn("1 applies; 1 is fixed", self.good("vulns", "image.bin.assay"))  # what was there is as it was

    def test_what_can_not_be_used(self):
        self.good("image.bin", "-q")
        for args, words in ((["image.bin.assay"], "feed import"), (["image.bin.assay", "--feeds", "image.bin"], "no feed database"),
                            (["image.bin"], "case"), ([], "name one case file"), (["image.bin.assay", "--nope"], "not an option")):
            p = self.run_assay("vulns", *args)
            self.assertEqual(p.returncode, 2, args)
            self.assertIn(words, p.stderr, args)
        p = self.run_assay("image.bin", "-q", "--feeds", "missing.db")
        self.assertEqual(p.returncode, 2)

    def test_published_records(self):
        """Through the importers: versions of packages against records that were read (test_vuln_records.c has more)."""
        feeds = pathlib.Path(__file__).resolve().parents[2] / "shared" / "feeds"
        if not feeds.is_dir():
            self.skipTest(f"{feeds} is not there")
        packages = {"openssl": "1.0.1f-1", "ntpd": "4.2.8p18-1", "dnsmasq": "2.77-1", "busybox": "1.27.2-3", "curl": "7.65.1-1"}
        status = "".join(f"Package: {name}\nVersion: {version}\nStatus: install ok installed\nArchitecture: mips_24kc\n\n"
                         for name, version in packages.items())
        (self.folder / "image.bin").write_bytes(newc([(b"usr", 0o40755, b""), (b"usr/lib", 0o40755, b""),
                                                      (b"usr/lib/opkg", 0o40755, b""),
                                                      (b"usr/lib/opkg/status", 0o100644, status.encode())]))
        self.good("feed", "import", feeds, "-q", "--keep-going", "--feeds", "x.db")
        self.good("image.bin", "-q", "--feeds", "x.db")
        db = sqlite3.connect(self.folder / "image.bin.assay")
        self.assertEqual(db.execute("SELECT count(*) FROM software").fetchone(), (len(packages),))
        found = {row[0] for row in db.execute("SELECT name FROM vulnerability WHERE state = 'affected'")}
        self.assertIn("CVE-2014-0160", found)  # Heartbleed: 1.0.1 to 1.0.1f
        self.assertIn("CVE-2017-14491", found)  # dnsmasq up to 2.77
        self.assertIn("CVE-2017-16544", found)  # BusyBox up to 1.27.2
        self.assertNotIn("CVE-2019-5443", found)  # curl on Windows
        self.assertNotIn("CVE-2018-12327", found)  # ntp 4.2.8p11 alone
        ntp = db.execute("SELECT v.name FROM vulnerability v JOIN software s ON s.id = v.software_id WHERE s.name LIKE 'ntp%'")
        self.assertEqual(ntp.fetchall(), [])


unittest.main()
