#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""assay feed: real records of every format, hostile ones, kills, and updates from a mirror on this machine.

    test_feed.py ASSAY
"""
import bz2
import fcntl
import gzip
import hashlib
import io
import json
import lzma
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile

import feed_server

ASSAY = os.path.abspath(sys.argv.pop(1))
FEEDS = pathlib.Path(__file__).resolve().parents[2] / "shared" / "feeds"


def nvd(*records, **more):
    return json.dumps({"resultsPerPage": len(records), "startIndex": 0, "totalResults": len(records), "format": "NVD_CVE",
                       "version": "2.0", "vulnerabilities": list(records), **more}).encode()


def record(name, modified="2026-01-01T00:00:00.000", end="1.0", **more):
    return {"cve": {"id": name, "published": "2020-01-01T00:00:00.000", "lastModified": modified, "vulnStatus": "Analyzed",
                    "descriptions": [{"lang": "en", "value": f"About {name}."}],
                    "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                        {"vulnerable": True, "criteria": "cpe:2.3:a:acme:tool:*:*:*:*:*:*:*:*", "versionEndExcluding": end}]}]}],
                    **more}}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-feed-"))
        self.feeds = self.folder / "feeds.db"

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run_feed(self, *arguments, code=0, **more):
        r = subprocess.run([ASSAY, "feed", *map(str, arguments), "--feeds", str(self.feeds)], capture_output=True, text=True,
                           timeout=120, env={"PATH": os.environ["PATH"], "HOME": str(self.folder)}, **more)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r

    def rows(self, sql, *values):
        with sqlite3.connect(f"file:{self.feeds}?mode=ro", uri=True) as db:
            return db.execute(sql, values).fetchall()

    def one(self, sql, *values):
        found = self.rows(sql, *values)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def criteria(self, name, columns="product, cpe, vulnerable, version, start, start_including, end, end_including", source=None):
        more = f" AND source_id = (SELECT id FROM source WHERE name = '{source}')" if source else ""
        return self.rows(f"SELECT {columns} FROM criterion WHERE vulnerability_id = (SELECT id FROM vulnerability WHERE name = ?)"
                         f"{more} ORDER BY source_id, configuration, node, number", name)


@unittest.skipUnless(FEEDS.is_dir(), f"{FEEDS} is not here")
class RealRecords(Case):
    """Counts are those of the collection's README and of the documents themselves; fields were read in the records."""

    def test_nvd_1_1(self):
        self.run_feed("import", FEEDS / "nvd-1.1")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'nvd'"), (341,))
        self.assertEqual(self.one("SELECT count(*) FROM criterion"), (4547 + 1131,))
        self.assertEqual(self.one("SELECT published, modified, state, cwe, cvss2, cvss30, cvss31 FROM vulnerability"
                                  " WHERE name = 'CVE-2017-11742'"),
                         ("2017-07-30T14:29:00Z", "2017-08-09T18:55:00Z", "", "CWE-426", "AV:L/AC:L/Au:N/C:P/I:P/A:P",
                          "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", None))
        self.assertEqual(self.criteria("CVE-2017-11742", "node, product, cpe, vulnerable, version"), [
            (1, "cpe:a:libexpat_project:libexpat", "cpe:2.3:a:libexpat_project:libexpat:2.2.1:*:*:*:*:*:*:*", 1, "2.2.1"),
            (1, "cpe:a:libexpat_project:libexpat", "cpe:2.3:a:libexpat_project:libexpat:2.2.2:*:*:*:*:*:*:*", 1, "2.2.2"),
            (2, "cpe:o:microsoft:windows", "cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", 0, "-")])
        self.assertEqual(self.rows("SELECT node, parent, operator, negate FROM node WHERE vulnerability_id ="
                                   " (SELECT id FROM vulnerability WHERE name = 'CVE-2017-11742') ORDER BY node"),
                         [(0, None, "AND", 0), (1, 0, "OR", 0), (2, 0, "OR", 0)])

    def test_every_criterion_of_nvd(self):
        """Each CPE name comes out of the database as it went in, with its bounds."""
        self.run_feed("import", FEEDS / "nvd-1.1", FEEDS / "nvd-2.0" / "nvd-2.0.json")
        expected = {}

        def add(cve, match, word):
            bounds = [match.get("versionStart" + w) for w in ("Including", "Excluding")] + [
                match.get("versionEnd" + w) for w in ("Including", "Excluding")]
            expected.setdefault(cve, []).append((match[word], int(match["vulnerable"]), *bounds))

        def nodes(cve, list_):
            for n in list_:
                for m in n.get("cpe_match", []):
                    add(cve, m, "cpe23Uri")
                nodes(cve, n.get("children", []))
        for item in json.loads((FEEDS / "nvd-1.1/nvdcve-1.1-iot.json").read_text())["CVE_Items"]:
            nodes(item["cve"]["CVE_data_meta"]["ID"], item["configurations"]["nodes"])
        for item in json.loads((FEEDS / "nvd-2.0/nvd-2.0.json").read_text())["vulnerabilities"]:
            expected.pop(item["cve"]["id"], None)  # the newer record counts
            for c in item["cve"].get("configurations", []):
                for n in c["nodes"]:
                    for m in n["cpeMatch"]:
                        add(item["cve"]["id"], m, "criteria")
        found = {}
        for name, cpe, vulnerable, start, si, end, ei in self.rows(
                "SELECT v.name, cpe, vulnerable, start, start_including, end, end_including FROM criterion c JOIN vulnerability v"
                " ON v.id = c.vulnerability_id ORDER BY configuration, node, number"):
            found.setdefault(name, []).append((cpe, vulnerable, start if si else None, None if si else start,
                                               end if ei else None, None if ei else end))
        self.assertEqual(set(found), {k for k, v in expected.items() if v})
        for name, rows in found.items():
            self.assertEqual(sorted(rows, key=repr), sorted(expected[name], key=repr), name)

    def test_nvd_2_0(self):
        self.run_feed("import", FEEDS / "nvd-2.0" / "nvd-2.0.json")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'nvd'"), (46,))
        self.assertEqual(self.one("SELECT published, modified, cwe, cvss2, cvss31 FROM vulnerability WHERE name = 'CVE-2020-13595'"),
                         ("2020-08-31T15:15:10Z", "2020-09-08T21:09:33Z", "CWE-617", "AV:A/AC:L/Au:N/C:N/I:N/A:P",
                          "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"))
        self.assertEqual(self.criteria("CVE-2020-13595"), [
            ("cpe:a:espressif:esp-idf", "cpe:2.3:a:espressif:esp-idf:*:*:*:*:*:*:*:*", 1, None, "4.0.0", 1, "4.2", 1),
            ("cpe:h:espressif:esp32", "cpe:2.3:h:espressif:esp32:-:*:*:*:*:*:*:*", 0, "-", None, None, None, None)])

    def test_nvd_overrides(self):
        self.run_feed("import", FEEDS / "nvd-overrides")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'nvd-overrides'"), (297,))
        self.assertEqual(self.criteria("CVE-2026-9547", "product, start, start_including, end, end_including"), [
            ("cpe:a:haxx:curl", "7.69.0", 1, "8.21.0", 0), ("cpe:a:haxx:libcurl", "7.69.0", 1, "8.21.0", 0)])

    def test_cve_5(self):
        self.run_feed("import", FEEDS / "cve-v5")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'cve'"), (178 + 112,))
        self.assertEqual(self.criteria("CVE-2014-0160"), [
            ("cpe:a:openssl:openssl", None, 1, None, "1.0.1", 1, "1.0.1g", 0)])
        self.assertEqual(self.one("SELECT published, modified, cwe, cvss31 FROM vulnerability WHERE name = 'CVE-2014-100005'"),
                         ("2015-01-13T11:00:00Z", "2024-08-06T14:10:55Z", "CWE-352",
                          "CVSS:3.1/AV:A/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"))
        self.assertEqual(self.criteria("CVE-2014-100005"), [  # from CISA's container; the CNA's says n/a
            ("cpe:o:dlink:dir-600_firmware", "cpe:2.3:o:dlink:dir-600_firmware:-:*:*:*:*:*:*:*", 1, None, None, None, "2.16ww", 1),
            ("cpe:h:dlink:dir-600", "cpe:2.3:h:dlink:dir-600:-:*:*:*:*:*:*:*", 1, "*", None, None, None, None)])
        # samba: only unaffected entries, by status or by default, and no vendor: nothing that is affected
        self.assertEqual([r for r in self.criteria("CVE-2023-42670", "product, status") if "enterprise_linux" in r[0]], [])

    def test_osv(self):
        self.run_feed("import", FEEDS / "osv")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'osv'"), (86 + 29,))
        haproxy = self.criteria("CVE-2023-25725", "product, start, end, end_including, versions_order")
        ranges = [(None, "2.0.31"), ("2.1.0", "2.2.29"), ("2.3.0", "2.4.22"), ("2.5.0", "2.5.12"), ("2.6.0", "2.6.9"), ("2.7.0", "2.7.3")]
        self.assertEqual(haproxy, [(p, s, e, 0, "semver") for s, e in ranges
                                   for p in ("purl:bitnami/haproxy", "cpe:a:haproxy:haproxy")])
        self.assertEqual(self.one("SELECT v.name FROM alias a JOIN vulnerability v ON v.id = a.vulnerability_id"
                                  " WHERE a.name = 'BIT-haproxy-2023-25725'"), ("CVE-2023-25725",))
        self.assertEqual(self.criteria("OSV-2017-41", "product, start, end, versions_order"), [
            ("purl:generic/libpng", "ab791fc9d69580c1982af726c9f61b533357234f", "a3d1057a735d923626f1f6bdc0f662a13d0cba6f", "git")])

    def test_kev_and_epss(self):
        self.run_feed("import", FEEDS / "kev", FEEDS / "epss")
        self.assertEqual(self.rows("SELECT name, records, newest FROM source ORDER BY name"),
                         [("epss", 2324, "2026-08-16"), ("kev", 1404, "2025-08-25T17:04:19Z")])
        self.assertEqual(self.one("SELECT added, due, ransomware FROM kev JOIN vulnerability v ON v.id = vulnerability_id"
                                  " WHERE name = 'CVE-2025-48384'"), ("2025-08-25", "2025-09-15", 0))
        for name, score, percentile in (("CVE-2000-0973", 0.18076, 0.96941), ("CVE-2002-0367", 0.04919, 0.9137)):
            found = self.one("SELECT score, percentile, day FROM epss JOIN vulnerability v ON v.id = vulnerability_id"
                             " WHERE name = ?", name)
            self.assertAlmostEqual(found[0], score, 9)
            self.assertAlmostEqual(found[1], percentile, 9)
            self.assertEqual(found[2], "2026-08-16")

    def test_alpine(self):
        self.run_feed("import", FEEDS / "alpine-secdb")
        self.assertEqual(self.rows("SELECT name, records FROM source ORDER BY name"),
                         [("alpine-v3.10-main", 166), ("alpine-v3.11-main", 175)])
        fix = ("SELECT status, version FROM package_fix JOIN vulnerability v ON v.id = vulnerability_id"
               " WHERE distribution = 'alpine 3.11' AND package = ? AND v.name = ?")
        self.assertEqual(self.one(fix, "bzip2", "CVE-2019-12900"), ("fixed", "1.0.6-r7"))
        self.assertEqual(self.one(fix, "musl", "CVE-2019-14697"), ("fixed", "1.1.23-r2"))
        # "CVE-2017-12122 TALOS-2017-0488" is one of them by two names
        self.assertEqual(self.one("SELECT v.name FROM alias a JOIN vulnerability v ON v.id = a.vulnerability_id"
                                  " WHERE a.name = 'TALOS-2017-0488'"), ("CVE-2017-12122",))
        # as many as there are entries in the lists under secfixes, which alone are indented so far
        lines = (FEEDS / "alpine-secdb/v3.11-main.yaml").read_text().splitlines()
        self.assertEqual(self.one("SELECT count(*) FROM package_fix WHERE distribution = 'alpine 3.11'"),
                         (sum(1 for line in lines if line.startswith("        ") and line.lstrip().startswith("- ")),))

    def test_csaf(self):
        self.run_feed("import", FEEDS / "csaf")
        self.assertEqual(self.one("SELECT sum(records) FROM source WHERE kind = 'csaf'"), (33 + 12,))
        self.assertEqual(self.one("SELECT product, x.status, version, statement FROM vex x JOIN vulnerability v ON"
                                  " v.id = x.vulnerability_id JOIN record r ON r.id = x.record_id WHERE v.name = 'CVE-2019-18233'"
                                  " AND r.name = 'ICSA-21-054-03'")[:3],
                         ("name:advantech:spectre rt ert351", "affected", "<= 5.1.3"))
        statuses = ("known_affected", "first_affected", "last_affected", "known_not_affected", "fixed", "first_fixed",
                    "under_investigation")
        count = sum(len(v.get("product_status", {}).get(s, [])) for f in (FEEDS / "csaf").rglob("*.json")
                    for v in json.loads(f.read_text()).get("vulnerabilities", []) for s in statuses)
        self.assertEqual(self.one("SELECT count(*) FROM vex"), (count,))
        # A component in a product (RHSA-2021:5186): both are named.
        self.assertEqual(self.one("SELECT product, x.status FROM vex x JOIN vulnerability v ON v.id = vulnerability_id WHERE"
                                  " v.name = 'CVE-2021-4125' AND component LIKE 'name:openshift4/ose-metering-hive:%'"),
                         ("cpe:a:redhat:openshift@4.6:el8", "fixed"))

    def test_vex(self):
        self.run_feed("import", FEEDS / "vex" / "cyclonedx", FEEDS / "vex" / "openvex" / "trivy-oci.openvex.json")
        self.assertEqual(self.rows("SELECT name, records FROM source ORDER BY name"),
                         [("cyclonedx", 24), ("openvex", 1)])  # two of the 26 are the same BOM by their serial numbers
        case_8 = self.rows("SELECT x.status, version FROM vex x JOIN record r ON r.id = x.record_id WHERE r.name ="
                           " 'VEX-CISA-Use-Cases-Case-8-vex.json' AND component = 'name:product-abc' LIMIT 6")
        self.assertEqual(case_8, [("affected", "2.4"), ("affected", "2.6"), ("affected", "vers:generic/>=2.9|<=4.1"),
                                  ("not_affected", "vers:generic/>=1.0|<=2.3"), ("not_affected", "2.5"),
                                  ("not_affected", "vers:generic/>=2.7|<=2.8")])
        self.assertEqual(self.rows("SELECT DISTINCT product, component, x.status, justification, statement FROM vex x JOIN"
                                   " vulnerability v ON v.id = vulnerability_id WHERE v.name = 'CVE-2023-42363' ORDER BY 2, 1"),
                         [(f"purl:oci/trivy?distro=&arch=&repository_url={r}", f"purl:apk/alpine/{p}", "not_affected",
                           "vulnerable_code_cannot_be_controlled_by_adversary", "awk is not used")
                          for p in ("busybox", "busybox-binsh", "ssl_client")
                          for r in ("ghcr.io/aquasecurity/trivy", "index.docker.io/aquasec/trivy", "public.ecr.aws/aquasecurity/trivy")])
        self.run_feed("import", FEEDS / "vex" / "openvex" / "trivy-integration.openvex.json")  # an "@id" in place of a name
        self.assertEqual(self.one("SELECT product, component, x.status, version FROM vex x JOIN vulnerability v ON v.id = vulnerability_id"
                                  " WHERE v.name = 'CVE-2022-23628'"),
                         ("purl:golang/github.com/testdata/testdata", "purl:golang/github.com/open-policy-agent/opa", "not_affected", "v0.35.0"))

    def test_tables(self):
        self.run_feed("import", FEEDS / "curl", FEEDS / "backports")
        self.assertEqual(self.one("SELECT records FROM source WHERE name = 'curl'"), (146,))
        self.assertEqual(self.criteria("CVE-2026-12064", "product, start, start_including, end, end_including"),
                         [("cpe:a:haxx:curl", "7.81.0", 1, "8.20.0", 1)])
        self.assertEqual(self.one("SELECT count(*) FROM package_fix WHERE distribution = 'buildroot'"), (116,))
        self.assertEqual(self.one("SELECT package, status FROM package_fix JOIN vulnerability v ON v.id = vulnerability_id"
                                  " WHERE v.name = 'CVE-2016-1405'"), ("clamav", "not_affected"))

    def test_all_at_once_in_any_order(self):
        """Sources merge the same whatever the order in which they come, and the same input gives the same bytes."""
        parts = [FEEDS / p for p in ("nvd-1.1", "cve-v5", "osv", "kev", "epss", "curl", "alpine-secdb", "csaf")]
        merged = "SELECT name, published, modified, state, summary, cwe, cvss2, cvss30, cvss31, cvss40 FROM vulnerability ORDER BY name"
        self.run_feed("import", *parts)
        first = self.rows(merged)
        digest = hashlib.sha256(self.feeds.read_bytes()).hexdigest()
        self.feeds.unlink()
        self.run_feed("import", *reversed(parts))
        self.assertEqual(self.rows(merged), first)
        self.feeds.unlink()
        env = {"SOURCE_DATE_EPOCH": "1790000000", "PATH": os.environ["PATH"], "HOME": str(self.folder)}
        digests = []
        for _ in range(2):
            subprocess.run([ASSAY, "feed", "import", *map(str, parts), "-q", "--feeds", str(self.feeds)], check=True, env=env)
            digests.append(hashlib.sha256(self.feeds.read_bytes()).hexdigest())
            self.feeds.unlink()
        self.assertEqual(digests[0], digests[1])
        self.assertTrue(digest)


class Records(Case):
    def test_debian_tracker(self):
        tracker = {"busybox": {"CVE-2022-28391": {
            "description": "BusyBox through 1.35.0 ...", "scope": "remote", "releases": {
                "bookworm": {"status": "open", "repositories": {"bookworm": "1:1.35.0-4"}, "urgency": "unimportant"},
                "trixie": {"status": "resolved", "fixed_version": "1:1.36.1-1", "repositories": {}, "urgency": "not yet assigned"},
                "sid": {"status": "undetermined", "urgency": "not yet assigned"},
                "bullseye": {"status": "resolved", "fixed_version": "0", "urgency": "not yet assigned"}}}}}
        self.run_feed("import", self.write("debian.json", json.dumps(tracker).encode()))
        self.assertEqual(self.rows("SELECT distribution, package, status, version, note FROM package_fix ORDER BY 1"), [
            ("debian 11", "busybox", "not_affected", None, None), ("debian 12", "busybox", "affected", None, "unimportant"),
            ("debian 13", "busybox", "fixed", "1:1.36.1-1", None), ("debian sid", "busybox", "undetermined", None, None)])
        # The next state of the tracker takes the place of this one.
        self.run_feed("import", self.write("debian.json", json.dumps(
            {"dnsmasq": {"CVE-2017-14491": {"releases": {"sid": {"status": "resolved", "fixed_version": "2.78-1"}}}}}).encode()))
        self.assertEqual(self.rows("SELECT package FROM package_fix"), [("dnsmasq",)])

    def test_newer_counts(self):
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0001", "2026-01-02T00:00:00.000", "2.0"))))
        r = self.run_feed("import", self.write("b.json", nvd(record("CVE-2020-0001", "2026-01-01T00:00:00.000", "1.0"))))
        self.assertIn("0 new, 0 changed, 1 not newer", r.stdout)
        self.assertEqual(self.criteria("CVE-2020-0001", "end"), [("2.0",)])
        r = self.run_feed("import", self.write("c.json", nvd(record("CVE-2020-0001", "2026-01-03T00:00:00.000", "3.0"))))
        self.assertIn("0 new, 1 changed, 0 not newer", r.stdout)
        self.assertEqual(self.criteria("CVE-2020-0001", "end"), [("3.0",)])

    def changed(self):
        """What the last import changed."""
        return [name for name, in self.rows("SELECT v.name FROM change c JOIN vulnerability v ON v.id = c.vulnerability_id WHERE"
                                            " c.sequence = (SELECT max(sequence) FROM import) ORDER BY v.name")]

    def test_what_an_import_changes(self):
        day = lambda n: f"2026-01-{n:02}T00:00:00.000"
        self.run_feed("import", self.write("a.json", nvd(*(record(f"CVE-2020-{n:04}", day(1)) for n in range(1, 5)))))
        self.assertEqual(len(self.changed()), 4)
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0001", day(1)), record("CVE-2020-0002", day(2), "2.0"),
                                                         record("CVE-2020-0005", day(2)))))
        self.assertEqual(self.changed(), ["CVE-2020-0002", "CVE-2020-0005"])  # not what is no newer
        tracker = lambda **fixes: self.write("debian.json", json.dumps({"acme": {
            f"CVE-2020-{n[1:]}": {"releases": {"bookworm": {"status": "resolved", "fixed_version": v}}}
            for n, v in fixes.items()}}).encode())
        self.run_feed("import", tracker(n0001="1", n0002="2", n0003="3"))
        self.assertEqual(self.changed(), ["CVE-2020-0001", "CVE-2020-0002", "CVE-2020-0003"])
        self.run_feed("import", tracker(n0003="3", n0002="2.1", n0004="4"))  # the whole once more: one is gone, one another, one new
        self.assertEqual(self.changed(), ["CVE-2020-0001", "CVE-2020-0002", "CVE-2020-0004"])
        kev = lambda d, *names: self.write("kev.json", json.dumps({
            "title": "t", "catalogVersion": "1", "dateReleased": f"2026-01-0{d}T00:00:00Z", "count": len(names), "vulnerabilities": [
                {"cveID": n, "dateAdded": "2026-01-02", "knownRansomwareCampaignUse": "Known"} for n in names]}).encode())
        self.run_feed("import", kev(1, "CVE-2020-0001", "CVE-2020-0002"))
        self.assertEqual(self.changed(), ["CVE-2020-0001", "CVE-2020-0002"])
        self.run_feed("import", kev(2, "CVE-2020-0002", "CVE-2020-0003"))
        self.assertEqual(self.changed(), ["CVE-2020-0001", "CVE-2020-0003"])
        self.run_feed("import", self.write("epss.csv", b"#model_version:v1,score_date:2026-01-03T00:00:00+0000\ncve,epss,percentile\n"
                                           b"CVE-2020-0001,0.5,0.5\n"))
        self.assertEqual(self.changed(), [])
        tokens = [t for t, in self.rows("SELECT token FROM import ORDER BY sequence")]
        self.assertEqual((len(tokens), len(set(tokens))), (7, 7))

    def test_a_database_of_the_first_version(self):
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0001"))))
        with sqlite3.connect(self.feeds) as db:
            db.executescript("DROP TABLE import; DROP TABLE change; DROP TABLE part; DROP INDEX vex_by_component; PRAGMA user_version = 1")
        self.assertIn("nvd", self.run_feed("status").stdout)
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0002"))))
        self.assertEqual(self.changed(), ["CVE-2020-0002"])
        self.assertEqual(self.one("PRAGMA user_version"), (6,))
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (2,))

    def test_records_of_a_database_of_the_second_version_are_read_anew(self):
        cve = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2020-0004", "state": "PUBLISHED", "dateUpdated": "2026-01-01T00:00:00Z"},
               "containers": {"cna": {"affected": [{"vendor": "ISC", "product": "BIND 9", "defaultStatus": "affected", "programFiles": ["lib/dns/a.c"]}]}}}
        path = self.write("a.json", json.dumps(cve).encode())
        self.run_feed("import", path)
        parts = [("cpe:a:isc:bind", "file", "lib/dns/a.c")]
        self.assertEqual(self.rows("SELECT product, kind, name FROM part"), parts)
        self.run_feed("import", path)
        self.assertEqual(self.rows("SELECT product, kind, name FROM part"), parts)
        with sqlite3.connect(self.feeds) as db:
            db.executescript("DROP TABLE part; DROP INDEX vex_by_component; PRAGMA user_version = 2")
        self.assertIn("cve", self.run_feed("status").stdout)
        self.run_feed("import", path)
        self.assertEqual(self.rows("SELECT product, kind, name FROM part"), parts)
        cve["cveMetadata"]["dateUpdated"], cve["containers"]["cna"]["affected"][0]["programFiles"] = "2026-01-02T00:00:00Z", ["lib/dns/b.c"]
        self.run_feed("import", self.write("a.json", json.dumps(cve).encode()))
        self.assertEqual(self.rows("SELECT name FROM part"), [("lib/dns/b.c",)])

    def test_names_of_packages_of_a_database_of_the_third_version(self):
        path = self.write("a.json", json.dumps({"schema_version": "1.7.0", "id": "OSV-1", "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "Big_Tool", "ecosystem": "PyPI"}, "versions": ["1"]}]}).encode())
        self.run_feed("import", path)
        with sqlite3.connect(self.feeds) as db:
            db.executescript("UPDATE product SET name = 'purl:pypi/Big_Tool'; PRAGMA user_version = 3")
        self.run_feed("import", path)
        self.assertEqual(self.rows("SELECT product FROM criterion"), [("purl:pypi/big-tool",)])

    def test_cve_records_of_a_database_of_the_fifth_version(self):
        path = self.write("a.json", json.dumps({
            "dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2020-0004", "state": "PUBLISHED", "dateUpdated": "2026-01-01T00:00:00Z"},
            "containers": {"cna": {"affected": [{"vendor": "a", "product": "b", "cpes": ["cpe:2.3:a:a:b:-:*:*:*:*:*:*:*"], "versions": [
                {"version": "*", "status": "affected"}]}]}}}).encode())
        self.run_feed("import", path)
        self.assertEqual(self.rows("SELECT version FROM criterion"), [("*",)])
        with sqlite3.connect(self.feeds) as db:
            db.executescript("UPDATE criterion_row SET version = NULL; PRAGMA user_version = 5")
        self.run_feed("import", path)
        self.assertEqual(self.rows("SELECT version FROM criterion"), [("*",)])

    def test_columns_of_epss_that_are_newer(self):
        self.run_feed("import", self.write("epss.csv", b"#model_version:v2027.01.01,score_date:2027-01-03T00:00:00Z,more:x\n"
                                           b"cve,epss,percentile,model,delta\nCVE-2020-0001,0.5,0.25,v9,0.01\n"))
        self.assertEqual(self.one("SELECT score, percentile, day FROM epss"), (0.5, 0.25, "2027-01-03"))

    def test_older_whole_sources_are_passed_over(self):
        kev = {"title": "t", "catalogVersion": "1", "dateReleased": "2026-01-02T00:00:00Z", "count": 1, "vulnerabilities": [
            {"cveID": "CVE-2020-0002", "dateAdded": "2026-01-02", "knownRansomwareCampaignUse": "Known"}]}
        self.run_feed("import", self.write("kev.json", json.dumps(kev).encode()))
        kev["dateReleased"], kev["vulnerabilities"][0]["cveID"] = "2026-01-01T00:00:00Z", "CVE-2020-0003"
        self.run_feed("import", self.write("kev.json", json.dumps(kev).encode()))
        self.assertEqual(self.rows("SELECT name, ransomware FROM kev JOIN vulnerability v ON v.id = vulnerability_id"),
                         [("CVE-2020-0002", 1)])

    def test_status_changes_within_a_range(self):
        cve = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2020-0004", "state": "PUBLISHED"},
               "containers": {"cna": {"affected": [
                   {"vendor": "Acme", "product": "Big Tool", "defaultStatus": "affected", "versions": [
                       {"version": "2.0", "status": "unaffected", "versionType": "semver", "lessThan": "3.*",
                        "changes": [{"at": "2.5", "status": "affected"}]}, {"version": "1.5", "status": "unaffected"}]}]}}}
        self.run_feed("import", self.write("cve.json", json.dumps(cve).encode()))
        self.assertEqual(self.criteria("CVE-2020-0004", "product, status, version, start, end, end_including, versions_order"), [
            ("cpe:a:acme:big_tool", "affected", None, None, None, None, ""),
            ("cpe:a:acme:big_tool", "unaffected", None, "2.0", "2.5", 0, "semver"),
            ("cpe:a:acme:big_tool", "affected", None, "2.5", "3.*", 0, "semver"),
            ("cpe:a:acme:big_tool", "unaffected", "1.5", None, None, None, "")])

    def test_kernel_record(self):
        """As the kernel's CNA writes it: everything from 2.6.12 on, but for what is fixed in each branch."""
        cve = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2024-0001", "state": "PUBLISHED"},
               "containers": {"cna": {"affected": [
                   {"vendor": "Linux", "product": "Linux", "defaultStatus": "affected", "versions": [
                       {"version": "2.6.12", "status": "affected"},
                       {"version": "0", "lessThan": "2.6.12", "status": "unaffected", "versionType": "semver"},
                       {"version": "5.10.209", "lessThanOrEqual": "5.10.*", "status": "unaffected", "versionType": "semver"},
                       {"version": "6.8", "lessThanOrEqual": "*", "status": "unaffected", "versionType": "original_commit_for_fix"}]}],
                   "cpeApplicability": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                       {"vulnerable": True, "criteria": "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*",
                        "versionStartIncluding": "2.6.12", "versionEndExcluding": "5.10.209"}]}]}]}}}
        self.run_feed("import", self.write("cve.json", json.dumps(cve).encode()))
        self.assertEqual(self.criteria("CVE-2024-0001", "configuration, product, status, version, start, end, end_including"), [
            (0, "cpe:o:linux:linux_kernel", "affected", None, None, None, None), (0, "cpe:o:linux:linux_kernel", "affected", "2.6.12", None, None, None),
            (0, "cpe:o:linux:linux_kernel", "unaffected", None, None, "2.6.12", 0),
            (0, "cpe:o:linux:linux_kernel", "unaffected", None, "5.10.209", "5.10.*", 1),
            (0, "cpe:o:linux:linux_kernel", "unaffected", None, "6.8", None, None),
            (1, "cpe:o:linux:linux_kernel", "affected", None, "2.6.12", "5.10.209", 0)])

    def test_mirrors_of_nvd(self):
        """Records without the API's wrapping."""
        bare = record("CVE-2020-0008")["cve"]
        bare["sourceIdentifier"] = "cve@mitre.org"
        self.run_feed("import", self.write("CVE-2020-0008.json", json.dumps(bare).encode()))
        bare["id"] = "CVE-2020-0009"
        self.run_feed("import", self.write("year.json", json.dumps({"cve_count": 1, "cve_items": [bare]}).encode()))
        self.assertEqual(self.rows("SELECT name, records FROM source"), [("nvd", 2)])
        self.assertEqual(self.criteria("CVE-2020-0009", "product, end"), [("cpe:a:acme:tool", "1.0")])

    def test_osv_distributions(self):
        osv = {"schema_version": "1.7.0", "id": "DEBIAN-CVE-2020-0005", "modified": "2026-01-01T00:00:00Z", "upstream": ["CVE-2020-0005"],
               "affected": [{"package": {"ecosystem": "Debian:12", "name": "acme", "purl": "pkg:deb/debian/acme?arch=source"},
                             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2-3+deb12u1"}]}]},
                            {"package": {"ecosystem": "Alpine:v3.18", "name": "acme"},
                             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}
        self.run_feed("import", self.write("osv.json", json.dumps([osv]).encode()))
        self.assertEqual(self.rows("SELECT v.name, distribution, package, f.status, version FROM package_fix f JOIN vulnerability v"
                                   " ON v.id = vulnerability_id ORDER BY 2"),
                         [("CVE-2020-0005", "alpine 3.18", "acme", "affected", None),
                          ("CVE-2020-0005", "debian 12", "acme", "fixed", "1.2-3+deb12u1")])

    def test_escapes_in_cpe_names(self):
        r = record("CVE-2020-0006")
        r["cve"]["configurations"][0]["nodes"][0]["cpeMatch"] = [
            {"vulnerable": True, "criteria": "cpe:2.3:a:Notepad\\+\\+:notepad\\+\\+:8.1\\+rc1:*:*:*:*:*:*:*"},
            {"vulnerable": True, "criteria": "cpe:2.3:a:ntp:ntp:4.2.8:p10:*:*:*:linux:*:*"},
            {"vulnerable": True, "criteria": "cpe:2.3:a:x\\:y:z:*:*:*:*:*:*:*:*"}]
        self.run_feed("import", self.write("a.json", nvd(r)))
        self.assertEqual(self.criteria("CVE-2020-0006", "product, cpe, version"), [
            ("cpe:a:notepad++:notepad++", "cpe:2.3:a:Notepad\\+\\+:notepad\\+\\+:8.1\\+rc1:*:*:*:*:*:*:*", "8.1+rc1"),
            ("cpe:a:ntp:ntp", "cpe:2.3:a:ntp:ntp:4.2.8:p10:*:*:*:linux:*:*", "4.2.8"),
            ("cpe:a:x:y:z", "cpe:2.3:a:x\\:y:z:*:*:*:*:*:*:*:*", None)])

    def test_packed(self):
        data = nvd(record("CVE-2020-0007"))
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("deltas/README.txt", "no feed")
            z.writestr("deltas/a.json", data)
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as z:
            z.writestr("cves.zip", inner.getvalue())
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as t:
            for name, kind, bytes_ in (("vex", tarfile.DIRTYPE, b""), ("vex/README.txt", tarfile.REGTYPE, b"no feed"), ("vex/a.json", tarfile.REGTYPE, data),
                                       ("vex/b.json", tarfile.SYMTYPE, b""), ("vex/c.json", tarfile.LNKTYPE, b"")):
                member = tarfile.TarInfo(name)
                member.type, member.size, member.linkname = kind, len(bytes_), "a.json" if kind == tarfile.SYMTYPE else "vex/a.json"
                t.addfile(member, io.BytesIO(bytes_))
        zstd = subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=False).stdout if shutil.which("zstd") else None
        packed = {"gz": gzip.compress(data), "xz": lzma.compress(data), "bz2": bz2.compress(data), "zip": inner.getvalue(),
                  "zip.zip": outer.getvalue(), "zst": zstd, "tar": tar.getvalue(), "tar.bz2": bz2.compress(tar.getvalue()),
                  "tar.gz.xz": lzma.compress(gzip.compress(tar.getvalue()))}
        for name, bytes_ in packed.items():
            if bytes_ is None:
                continue
            with self.subTest(name):
                self.feeds.unlink(missing_ok=True)
                self.run_feed("import", self.write("no-ending", bytes_))  # known by content, not by name
                self.assertEqual(self.rows("SELECT name FROM vulnerability"), [("CVE-2020-0007",)])

    def test_aliases_of_a_statement(self):
        def said(status, own, *others):
            return {"vulnerability": {"name": own, "aliases": others}, "products": [{"@id": "pkg:npm/a@1"}], "status": status, "impact_statement": "x"}
        self.run_feed("import", self.write("vex.json", json.dumps({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "author": "a", "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
                said("affected", "GHSA-aaaa-aaaa-aaaa", "CVE-2020-0001", "CVE-2020-0002"), said("affected", "CVE-2020-0003", "GHSA-bbbb-bbbb-bbbb"),
                said("affected", "GHSA-cccc-cccc-cccc"), said("not_affected", "GHSA-dddd-dddd-dddd", "CVE-2020-0004")]}).encode()))
        self.assertEqual(self.rows("SELECT v.name, x.status FROM vex x JOIN vulnerability v ON v.id = x.vulnerability_id ORDER BY 1"), [
            ("CVE-2020-0001", "affected"), ("CVE-2020-0002", "affected"), ("CVE-2020-0003", "affected"), ("CVE-2020-0004", "not_affected"),
            ("GHSA-cccc-cccc-cccc", "affected"), ("GHSA-dddd-dddd-dddd", "not_affected")])
        self.assertEqual(self.rows("SELECT v.name FROM alias a JOIN vulnerability v ON v.id = a.vulnerability_id WHERE a.name = 'GHSA-aaaa-aaaa-aaaa' ORDER BY 1"),
                         [("CVE-2020-0001",), ("CVE-2020-0002",)])

    def test_status(self):
        r = self.run_feed("status", code=2)
        self.assertIn("assay feed update", r.stderr)
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0001"))))
        status = json.loads(self.run_feed("status", "--json").stdout)
        self.assertEqual(status["vulnerabilities"], 1)
        source, = status["sources"]
        self.assertEqual((source["name"], source["kind"], source["records"], source["newest"], source["age_days"]),
                         ("nvd", "nvd", 1, "2026-01-01T00:00:00Z", 0))
        self.assertIn("nvd", self.run_feed("status").stdout)
        db = sqlite3.connect(self.feeds)
        for column in ("name", "kind", "newest", "imported"):
            db.execute(f"UPDATE source SET {column} = char(27) || '[31m' || CAST(x'ff' AS TEXT) || {column}")
        db.commit()
        db.close()
        self.assertNotIn("\x1b", self.run_feed("status").stdout)
        json.loads(self.run_feed("status", "--json").stdout)

    def test_command_line(self):
        self.run_feed("import", code=2)
        self.run_feed("bogus", code=2)
        self.run_feed("import", self.folder / "none.json", code=2)
        r = self.run_feed("import", self.write("text.txt", b"hello\n"), code=2)
        self.assertIn("no feed that assay knows", r.stderr)
        self.assertFalse(self.feeds.exists())
        self.write("nothing.db", b"SQLite format 3\0" + b"\0" * 4096)
        r = subprocess.run([ASSAY, "feed", "status", "--feeds", str(self.folder / "nothing.db")], capture_output=True, text=True)
        self.assertEqual(r.returncode, 2)


class Hostile(Case):
    """Whatever comes: an error with its place, and the database as it was, byte for byte."""

    def setUp(self):
        super().setUp()
        self.run_feed("import", self.write("good.json", nvd(record("CVE-2020-0001"))))
        self.before = self.feeds.read_bytes()

    def refused(self, name, data, *words):
        with self.subTest(name):
            path = data if isinstance(data, pathlib.Path) else self.write(name, data)
            r = self.run_feed("import", path, code=2)
            self.assertEqual(self.feeds.read_bytes(), self.before)
            self.assertEqual([p.name for p in self.folder.iterdir() if ".new" in p.name], [])
            for word in words:
                self.assertIn(word, r.stderr)

    def test_faulty_documents(self):
        good = nvd(record("CVE-2020-0002"), record("CVE-2020-0003"))
        bad_type = json.loads(good)
        bad_type["vulnerabilities"][1]["cve"]["id"] = 7
        no_cpe = json.loads(good)
        no_cpe["vulnerabilities"][1]["cve"]["configurations"][0]["nodes"][0]["cpeMatch"][0]["criteria"] = "cpe:2.3:a:b"
        bad_time = json.loads(good)
        bad_time["vulnerabilities"][0]["cve"]["lastModified"] = "yesterday"
        self.refused("cut.json", good[:-3], "line 1, column", "the document ends")
        self.refused("comma.json", good.replace(b'"startIndex": 0,', b'"startIndex": 0,,'), "line 1, column 39", "found ','")
        self.refused("type.json", json.dumps(bad_type, indent=1).encode(), "line ",
                     "$.vulnerabilities[1].cve.id: expected a string, found a number")
        self.refused("cpe.json", json.dumps(no_cpe).encode(), "CVE-2020-0003", "cpeMatch[0].criteria", "is no CPE 2.3 name")
        self.refused("time.json", json.dumps(bad_time).encode(), "cve.lastModified: expected a time")
        self.refused("utf-8.json", good.replace(b"About", b"Ab\xff\xfeut"), "not valid UTF-8")
        self.refused("list.json", nvd(vulnerabilities={"a": 1}), "expected an array")
        self.refused("epss.csv", b"#model_version:x,score_date:2026-01-01T00:00:00+0000\ncve,epss,percentile\nCVE-2020-0001,2,0.5\n",
                     "line 3", "between 0 and 1")
        self.refused("epss.csv", b"cve,epss,percentile\nnone,0.5,0.5\n", "line 2", "CVE id")

    def test_elements_of_the_wrong_type_are_not_passed_over(self):
        osv = {"schema_version": "1.7.0", "id": "OSV-1", "modified": "2026-01-01T00:00:00Z", "affected": [
            {"package": {"name": "a", "ecosystem": "npm"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]}]}]}
        cve = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2020-0004", "state": "PUBLISHED"},
               "containers": {"cna": {"descriptions": [{"lang": "en", "value": "x"}], "affected": [{"vendor": "a", "product": "b", "versions": []}]}}}
        self.run_feed("import", self.write("osv.json", json.dumps(osv).encode()))
        self.run_feed("import", self.write("cve.json", json.dumps(cve).encode()))
        self.before = self.feeds.read_bytes()

        def changed(document, value, *path):
            document = json.loads(json.dumps(document))
            holder = document
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
            return json.dumps(document).encode()
        events = ("affected", 0, "ranges", 0, "events", 1)
        for value in ("1.0.0", 7, [], None, True):
            self.refused("osv.json", changed(osv, value, *events), "line 1, column", "affected[0].ranges[0].events[1]: expected an object")
            self.refused("osv.json", changed(osv, value, "affected", 0), "$.affected[0]: expected an object")
            self.refused("cve.json", changed(cve, value, "containers", "cna", "affected", 0), "cna.affected[0]: expected an object")
            self.refused("cve.json", changed(cve, value, "containers", "cna", "descriptions", 0), "cna.descriptions[0]: expected an object")
        for value in ({}, {"fix": "1.0.0"}, {"fixed": None}):
            self.refused("osv.json", changed(osv, value, *events), "events[1]: an event has none of introduced, fixed")

    def test_members_that_are_there_twice(self):
        """RFC 8259, section 4: nobody can tell which of the two a reader takes."""
        good = nvd(record("CVE-2020-0002"), record("CVE-2020-0003"))
        self.refused("head.json", good.replace(b'"startIndex": 0,', b'"startIndex": 0, "startIndex": 1,'), "line 1, column 40", "startIndex", "twice")
        self.refused("list.json", good[:-1] + b', "vulnerabilities": []}', "line 1, column", '"vulnerabilities" twice')
        self.refused("record.json", good.replace(b'"id": "CVE-2020-0003"', b'"id": "CVE-2020-0004", "id": "CVE-2020-0003"'), "line 1, column", '"id" twice')
        large = nvd(*(record(f"CVE-2020-{i:04}") for i in range(3000)))
        self.refused("large.json", large[:-1] + b', "vulnerabilities": []}', "line 1, column", '"vulnerabilities" twice')
        self.refused("late.json", large.replace(b'"id": "CVE-2020-2900"', b'"id": "CVE-2020-2901", "id": "CVE-2020-2900"'), "line 1, column", '"id" twice')

    def test_ids_that_are_none(self):
        for name in ("\ud800CVE-2020-0002", "CVE-2020-12", "CVE-20-12345", "x", "cve-2020-0002", "CVE-2020-0002\u200b"):
            kev = {"catalogVersion": "x", "dateReleased": "2026-01-01T00:00:00Z", "count": 1, "vulnerabilities": [{"cveID": name, "dateAdded": "2026-01-01"}]}
            cve = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": name, "state": "PUBLISHED"}, "containers": {"cna": {}}}
            self.refused("kev.json", json.dumps(kev).encode(), "line 1, column", "$.vulnerabilities[0].cveID: expected a CVE id")
            self.refused("cve.json", json.dumps(cve).encode(), "line 1, column", "$.cveMetadata.cveId: expected a CVE id")
            self.refused("nvd.json", nvd(record(name)), "line 1, column", "cve.id: expected a CVE id")

    def test_a_tar_is_whole(self):
        """POSIX.1-2017, pax, "ustar Interchange Format": two blocks of zeros at the end."""
        tar, offsets = io.BytesIO(), []
        with tarfile.open(fileobj=tar, mode="w") as t:
            for i in range(2, 40):
                data = nvd(record(f"CVE-2020-{i:04}"))
                member = tarfile.TarInfo(f"{i}.json")
                member.size = len(data)
                offsets.append(t.offset)
                t.addfile(member, io.BytesIO(data))
            end = t.offset
        whole = tar.getvalue()
        for at in (offsets[1], offsets[20], offsets[-1], end):
            self.refused("between.tar", whole[:at], "byte ", "the tar archive has no end")
            self.refused("between.tar.gz", gzip.compress(whole[:at]), "the tar archive has no end")
        self.refused("within.tar", whole[:offsets[20] + 700], "Truncated tar archive")
        for at in (end + 512, end + 1024, len(whole)):
            self.run_feed("import", self.write("whole.tar", whole[:at]), "--feeds", self.folder / f"{at}.db")

    def test_gzip_is_checked(self):
        """RFC 1952, section 2.3.1: CRC32 and ISIZE."""
        good = nvd(*(record(f"CVE-2020-{i:04}") for i in range(300)))
        packed = gzip.compress(good)
        for name, at in (("crc", -8), ("crc", -5), ("size", -4), ("size", -1)):
            wrong = bytearray(packed)
            wrong[at] ^= 1
            self.refused(f"{name}.json.gz", bytes(wrong), "byte ", "of the packed file: incorrect")
        for n in (1, 8, 9, len(packed) // 2):
            self.refused("cut.json.gz", packed[:-n], "byte ", "the gzip stream is cut off")
        self.refused("behind.json.gz", packed + b"x", "byte ", "behind the gzip stream")
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as t:
            member = tarfile.TarInfo("a.json")
            member.size = len(good)
            t.addfile(member, io.BytesIO(good))
        wrong = bytearray(gzip.compress(tar.getvalue()))
        wrong[-8] ^= 1
        self.refused("tar.gz", bytes(wrong), "byte ", "incorrect")
        members = gzip.compress(good[:1000]) + gzip.compress(b"") + gzip.compress(good[1000:]) + bytes(700)
        self.run_feed("import", self.write("members.json.gz", members))
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (300,))
        self.run_feed("import", self.write("good.tar.gz", gzip.compress(tar.getvalue())), "--feeds", self.folder / "other.db")

    def test_large_documents_that_are_faulty_late(self):
        """The same beyond what is read at once."""
        many = [record(f"CVE-2020-{i:04}") for i in range(3000)]
        many[2900]["cve"]["published"] = {}
        self.refused("late.json", nvd(*many), "CVE-2020-2900", "$.vulnerabilities[2900].cve.published: expected a string")

    def test_depth_and_length(self):
        head = b'{"format":"NVD_CVE","vulnerabilities":'
        self.refused("deep.json", head + b"[" * 1000000, "nested deeper than")
        path = self.folder / "long.json"
        with open(path, "wb") as f:
            f.write(head + b'[{"cve":{"id":"')
            for _ in range(48):
                f.write(b"A" * (1 << 20))
        self.refused("long.json", path, "a string is longer than")
        path.unlink()

    def test_bombs(self):
        head, fill = b'{"format":"NVD_CVE","vulnerabilities":[', b" " * (1 << 20)
        bomb = io.BytesIO()
        with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=9) as z:
            z.write(head)
            for _ in range(100):
                z.write(fill)
        self.refused("bomb.json.gz", bomb.getvalue(), "unpacks to more than")
        layers = nvd(record("CVE-2020-0002"))
        for _ in range(6):
            outer = io.BytesIO()
            with zipfile.ZipFile(outer, "w") as z:
                z.writestr("layer", layers)
            layers = outer.getvalue()
        self.refused("layers.zip", layers, "nested deeper than")
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as t:
            member = tarfile.TarInfo("a.json")
            member.size = len(nvd(record("CVE-2020-0002")))
            t.addfile(member, io.BytesIO(nvd(record("CVE-2020-0002"))))
        self.refused("broken.tar", tar.getvalue()[:600], "broken.tar", "a.json")
        self.refused("broken.gz", gzip.compress(nvd(record("CVE-2020-0002")) * 100)[:-300], "broken.gz")

    def test_yaml(self):
        head = b"---\ndistroversion: v3.11\nreponame: main\npackages:\n"
        self.refused("alias.yaml", head + b"  - &a [x, x]\n  - &b [*a, *a]\n", "line 6, column 9", "aliases are refused")
        self.refused("deep.yaml", head + b"  - " + b"[" * 100, "nested too deeply")
        self.refused("broken.yaml", head + b"  - pkg: {name: 'x\n", "line ")
        self.refused("type.yaml", head + b"  - pkg:\n      name: [a]\n", "$.packages[0].pkg.name: expected a string")

    def test_keep_going(self):
        broken = record("CVE-2020-0003")
        broken["cve"]["id"] = 7
        wrong = record("CVE-2020-0005")
        wrong["cve"]["configurations"][0]["nodes"][0]["cpeMatch"][0]["vulnerable"] = "yes"
        self.write("in/a.json", nvd(record("CVE-2020-0002"), broken, record("CVE-2020-0004"), wrong))
        self.write("in/b.json", b'{"format":"NVD_CVE","vulnerabilities":[')
        r = self.run_feed("import", self.folder / "in", "--keep-going")
        self.assertEqual(self.rows("SELECT name FROM vulnerability ORDER BY name"),
                         [("CVE-2020-0001",), ("CVE-2020-0002",), ("CVE-2020-0004",)])  # nothing of the faulty ones
        self.assertIn("3 records or documents were faulty", r.stdout)
        self.assertIn("in/a.json: passed over: ", r.stderr)

    def test_no_files(self):
        os.mkfifo(self.folder / "pipe")
        for name, words in (("pipe", "neither a file nor a folder"), ("/dev/zero", "neither a file nor a folder")):
            with self.subTest(name):
                self.assertIn(words, self.run_feed("import", str(self.folder / name), code=2).stderr)
        for name in ("pipe", "/dev/zero"):
            with self.subTest(name):
                r = subprocess.run([ASSAY, "feed", "status", "--feeds", self.folder / name], capture_output=True, text=True, timeout=60)
                self.assertEqual(r.returncode, 2)
                self.assertIn("this is no file", r.stderr)
        os.truncate(self.write("sparse", b""), 4 << 30)
        self.assertIn("no feed that assay knows", self.run_feed("import", str(self.folder / "sparse"), code=2).stderr)

    def test_database_from_elsewhere(self):
        """What a database says must not run: whatever its schema has beside the tables of assay, it is not read."""
        self.run_feed("import", str(self.write("a.json", nvd(record("CVE-2020-0001")))))
        good = self.feeds.read_bytes()
        for sql in ("CREATE TRIGGER t AFTER INSERT ON source BEGIN DELETE FROM source; END",
                    "CREATE VIEW more AS SELECT 1",
                    "DROP VIEW node; CREATE VIEW node AS SELECT 1 AS vulnerability_id",
                    "DROP TABLE kev; CREATE VIEW kev AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT x FROM c",
                    "DROP TABLE epss; CREATE TABLE epss(vulnerability_id INTEGER PRIMARY KEY, score AS (hex(zeroblob(1 << 29))))",
                    "DROP TABLE vex; CREATE VIRTUAL TABLE vex USING fts5(product)",
                    "CREATE INDEX i ON source(hex(zeroblob(1 << 20)))",
                    "DROP TABLE alias"):
            with self.subTest(sql):
                self.feeds.write_bytes(good)
                db = sqlite3.connect(self.feeds)
                db.executescript(sql)
                db.close()
                for command in (("status",), ("import", str(self.folder / "a.json"))):
                    self.assertIn("another version of assay", self.run_feed(*command, code=2).stderr)
        self.feeds.write_bytes(good)
        self.run_feed("status")
    def test_an_error_says_how_to_go_on(self):
        broken = record("CVE-2020-0003")
        broken["cve"]["id"] = 7
        self.write("in/a.json", nvd(record("CVE-2020-0002"), broken))
        self.assertIn("--keep-going passes over what is faulty", self.run_feed("import", self.folder / "in", code=2).stderr)
        r = self.run_feed("import", self.write("no.json", b"{}"), code=2)
        self.assertNotIn("--keep-going", r.stderr)  # it would not help
        os.mkfifo(self.folder / "pipe")
        self.assertIn("neither a file nor a folder", self.run_feed("import", self.folder / "pipe", code=2).stderr)
        self.feeds = self.folder / "in"
        self.assertIn("this is a folder", self.run_feed("status", code=2).stderr)

    def test_killed(self):
        """Killed at any moment, the database is the old one, and the next import works."""
        big = self.write("big.json", nvd(*(record(f"CVE-2021-{i:05}") for i in range(20000))))
        for wait in (0.02, 0.1, 0.25):
            p = subprocess.Popen([ASSAY, "feed", "import", str(big), "-q", "--feeds", str(self.feeds)])
            time.sleep(wait)
            p.send_signal(signal.SIGKILL)
            p.wait()
            if p.returncode == 0:  # it was quicker
                break
            self.assertEqual(self.feeds.read_bytes(), self.before)
        self.run_feed("import", big)
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (20001,))

    def test_link_to_the_database(self):
        """What a link leads to is replaced, not the link."""
        (self.folder / "real").mkdir()
        self.feeds.rename(self.folder / "real" / "feeds.db")
        self.feeds.symlink_to("real/feeds.db")
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0002"))))
        self.assertTrue(self.feeds.is_symlink())
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (2,))

    def test_two_at_once(self):
        lock = open(str(self.feeds) + ".lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        r = self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0002"))), code=2)
        self.assertIn("another import or update of this database is running", r.stderr)
        lock.close()
        self.assertEqual(self.feeds.read_bytes(), self.before)

    def test_readers_see_the_old_one(self):
        db = sqlite3.connect(f"file:{self.feeds}?mode=ro", uri=True)
        self.assertEqual(db.execute("SELECT count(*) FROM vulnerability").fetchone(), (1,))
        self.run_feed("import", self.write("a.json", nvd(record("CVE-2020-0002"))))
        self.assertEqual(db.execute("SELECT count(*) FROM vulnerability").fetchone(), (1,))
        db.close()
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (2,))


class Updates(Case):
    """From a mirror on this machine; it has bad days."""

    def setUp(self):
        super().setUp()
        self.mirror = feed_server.Mirror()
        m = self.mirror
        m.nvd = [record(f"CVE-2022-{i:04}", f"2026-08-0{1 + i % 9}T00:00:00.000") for i in range(25)]
        m.nvd_page = 10
        m.files = {
            "/kev": json.dumps({"catalogVersion": "1", "dateReleased": "2026-08-01T00:00:00Z", "vulnerabilities": [
                {"cveID": "CVE-2022-0001", "dateAdded": "2026-08-01"}]}).encode(),
            "/epss": gzip.compress(b"#model_version:v1,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\n" + b"".join(
                b"CVE-2022-%04d,0.5,0.25\n" % i for i in range(5000))),
            "/alpine/v3.20/main.json": json.dumps({"distroversion": "v3.20", "reponame": "main", "packages": [
                {"pkg": {"name": "acme", "secfixes": {"1.2-r3": ["CVE-2022-0001"]}}}]}).encode(),
            "/debian": json.dumps({"acme": {"CVE-2022-0001": {"releases": {"sid": {"status": "open"}}}}}).encode(),
        }

    def tearDown(self):
        self.mirror.close()
        super().tearDown()

    def update(self, *arguments, code=0):
        base = self.mirror.base
        return self.run_feed("update", *arguments, "--insecure-http", "--pause", "0", "--retry-wait", "0.01", *(
            x for s in ("nvd", "cve", "osv", "kev", "epss", "alpine", "debian") for x in ("--base-url", f"{s}={base}/{s}")), code=code)

    def asked(self, part):
        return [r for r in self.mirror.requests if part in r]

    def test_nvd_pages(self):
        self.mirror.faults["/nvd"] = [503, "slow-down", 403]
        self.update("nvd")
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (25,))
        self.assertEqual(self.one("SELECT cursor FROM source"), ("2026-08-22T00:00:00Z",))
        self.assertEqual([r for r in self.asked("/nvd") if "startIndex=20" in r][0].split("?")[1], "resultsPerPage=2000&startIndex=20")
        # The next time only what has changed since, in windows that the API allows.
        self.mirror.requests.clear()
        self.mirror.nvd[3] = record("CVE-2022-0003", "2026-08-23T00:00:00.000", "9.0")
        self.update("nvd")
        first = self.asked("/nvd")[0]
        self.assertIn("lastModStartDate=2026-08-21T22:00:00.000%2B00:00&lastModEndDate=", first)
        self.assertEqual(self.criteria("CVE-2022-0003", "end"), [("9.0",)])
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (25,))
        self.assertFalse((self.folder / "feeds.db.download" / "nvd").exists())

    def test_nvd_is_resumed(self):
        """Pages that are there are not asked for again."""
        self.mirror.faults["/nvd"] = [200] * 0
        self.mirror.nvd_page = 10
        real = self.mirror.page
        self.mirror.page = lambda url: real(url) if "startIndex=20" not in url.query else b"{}"
        self.update("nvd", code=2)
        self.assertFalse(self.feeds.exists())
        self.mirror.page = real
        self.mirror.requests.clear()
        self.update("nvd")
        self.assertEqual(len(self.asked("/nvd")), 1)
        self.assertEqual(self.one("SELECT count(*) FROM vulnerability"), (25,))

    def test_key(self):
        key = self.write("key", b"secret-key\n")
        r = self.update("nvd", "--nvd-key-file", str(key))
        path = self.asked("/nvd")[0]
        self.assertEqual(self.mirror.headers[path].get("apiKey"), "secret-key")
        self.assertNotIn("secret-key", r.stdout + r.stderr)
        self.update("nvd", "--nvd-key-file", str(self.write("key", b"a b\n")), code=2)

    def test_cut_unchanged_and_failed(self):
        self.mirror.faults["/epss"] = ["cut"]
        self.update("epss", "kev")
        self.assertEqual(self.one("SELECT count(*) FROM epss"), (5000,))
        self.assertEqual(self.mirror.headers["/epss"].get("Range", "")[:6], "bytes=")  # it went on where it was cut
        with sqlite3.connect(self.feeds) as db:
            db.execute("UPDATE source SET imported = '2026-01-01T00:00:00Z'")
        r = self.update("epss", "kev")
        self.assertIn("epss: nothing new", r.stdout)
        self.assertEqual(self.rows("SELECT name FROM source WHERE imported < '2026-02-01'"), [])  # as good as new
        before = self.feeds.read_bytes()
        # A server that fails for good: the others are updated, this one stays as it was.
        self.mirror.faults["/kev"] = [500] * 20
        r = self.update("kev", code=2)
        self.assertIn("status 500", r.stderr)
        self.assertEqual(self.feeds.read_bytes(), before)
        # A document that is broken.
        self.mirror.files["/kev"] = b'{"catalogVersion":"2","vulnerabilities":[{"cveID":1}]}'
        self.mirror.faults.clear()
        r = self.update("kev", code=2)
        self.assertIn("$.vulnerabilities[0].cveID: expected a string", r.stderr)
        self.assertEqual(self.feeds.read_bytes(), before)

    def test_distributions(self):
        self.update("alpine", "debian", "--alpine", "v3.20,v3.99")
        self.assertEqual(self.rows("SELECT distribution, status, version FROM package_fix ORDER BY 1"),
                         [("alpine 3.20", "fixed", "1.2-r3"), ("debian sid", "affected", None)])

    def test_cve_list(self):
        def packed(name):
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr(f"cves/{name}.json", json.dumps({"dataType": "CVE_RECORD", "cveMetadata": {
                    "cveId": name, "state": "PUBLISHED"}, "containers": {"cna": {"affected": []}}}))
            return inner.getvalue()
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as z:
            z.writestr("cves.zip", packed("CVE-2022-0001"))
        names = ("/2026-08-22_all_CVEs_at_midnight.zip.zip", "/2026-08-22_delta_CVEs_at_0400Z.zip")
        self.mirror.files.update({
            names[0]: outer.getvalue(), names[1]: packed("CVE-2022-0002"),
            "/cve": json.dumps({"assets": [{"browser_download_url": self.mirror.base + n} for n in names]}).encode()})
        self.update("cve")
        self.assertEqual(self.rows("SELECT name FROM vulnerability ORDER BY 1"), [("CVE-2022-0001",), ("CVE-2022-0002",)])
        self.mirror.requests.clear()
        self.update("cve")  # the list of this day is there
        self.assertEqual(self.asked("_all_"), [])

    def test_osv(self):
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("OSV-2022-1.json", json.dumps({"id": "OSV-2022-1", "modified": "2026-01-01T00:00:00Z", "affected": []}))
        self.mirror.files["/osv/OSS-Fuzz/all.zip"] = zipped.getvalue()
        self.update("osv", "--osv", "OSS-Fuzz")
        self.assertEqual(self.rows("SELECT name FROM vulnerability"), [("OSV-2022-1",)])
        self.update("osv", "--osv", "Nowhere", code=2)

    def test_csaf_provider_and_documents(self):
        def advisory(number, date):
            return json.dumps({"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {
                "category": "vendor", "name": "Acme", "namespace": "https://acme.example/"}, "title": "t", "tracking": {
                    "id": f"ACME-{number}", "current_release_date": date}},
                "product_tree": {"full_product_names": [{"product_id": "P", "name": "Tool 1.0"}]},
                "vulnerabilities": [{"cve": "CVE-2022-0001", "product_status": {"known_not_affected": ["P"]},
                                     "flags": [{"label": "component_not_present", "product_ids": ["P"]}]}]}).encode()
        m = self.mirror
        m.files["/csaf/provider-metadata.json"] = json.dumps({"distributions": [{"directory_url": m.base + "/csaf/white/"}]}).encode()
        m.files["/csaf/white/changes.csv"] = b'"2026/1.json","2026-01-02T00:00:00Z"\n"../../etc/passwd","2026-01-03T00:00:00Z"\n'
        m.files["/csaf/white/2026/1.json"] = advisory(1, "2026-01-02T00:00:00Z")
        m.files["/vex.json"] = json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "author": "a",
                                           "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
                                               {"vulnerability": {"name": "CVE-2022-0002"}, "status": "fixed",
                                                "products": [{"@id": "pkg:generic/acme/tool@1.0"}]}]}).encode()
        urls = ("--url", m.base + "/csaf/provider-metadata.json", "--url", m.base + "/vex.json")
        self.update(*urls)
        self.assertEqual(self.rows("SELECT product, status, justification, version FROM vex ORDER BY 1"), [
            ("name:tool 1.0", "not_affected", "component_not_present", None), ("purl:generic/acme/tool", "fixed", None, "1.0")])
        self.assertEqual(self.asked("passwd"), [])
        # Only what is newer than what was seen.
        m.files["/csaf/white/changes.csv"] = b'"2026/2.json","2026-02-01T00:00:00Z"\n' + m.files["/csaf/white/changes.csv"]
        m.files["/csaf/white/2026/2.json"] = advisory(2, "2026-02-01T00:00:00Z")
        m.requests.clear()
        self.update(*urls)
        self.assertEqual(self.asked("/2026/"), ["/csaf/white/2026/2.json"])
        self.assertEqual(self.one("SELECT count(*) FROM vex"), (3,))

    def test_only_https(self):
        r = self.run_feed("update", "kev", "--base-url", f"kev={self.mirror.base}/kev", code=2)
        self.assertIn("only https:// is allowed", r.stderr)
        self.assertEqual(self.mirror.requests, [])
        r = self.run_feed("update", "kev", "--base-url", "kev=ftp://127.0.0.1", code=2)  # which the library writes with a slash behind it
        self.assertIn("only https:// is allowed", r.stderr)
        for value, words in (("kev", "--base-url: kev is not SOURCE=URL"), ("nope=x", "--base-url: nope=x: the word before '=' names no source")):
            self.assertIn(words, self.run_feed("update", "kev", "--base-url", value, code=2).stderr)
        r = self.run_feed("update", "kev", "--base-url", "kev=file:///etc/passwd", "--insecure-http", code=2)
        self.assertIn("only https:// is allowed", r.stderr)

    def test_too_large(self):
        self.mirror.files["/kev"] = b" " * 200000
        r = self.update("kev", "--max-size", "100K", code=2)
        self.assertIn("larger than 102400 bytes", r.stderr)


if __name__ == "__main__":
    unittest.main()
