#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one small valid document for each importer of feeds: FOLDER/feed_NAME/plain.

    feed_seeds.py FOLDER
"""
import gzip
import io
import json
import pathlib
import sys
import zipfile

CPE = "cpe:2.3:a:acme:tool\\+:1.0:p1:*:*:*:linux:*:*"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
TIME = "2026-01-01T00:00:00.000Z"
PURL = "pkg:deb/debian/acme%2B@1.0?arch=arm#x"
NODE = {"operator": "OR", "negate": False, "cpeMatch": [{"vulnerable": True, "criteria": CPE,
    "versionStartIncluding": "1", "versionEndExcluding": "2"}]}

SEEDS = {
    "nvd-2.0": {"format": "NVD_CVE", "vulnerabilities": [{"cve": {
        "id": "CVE-2020-0001", "published": TIME, "lastModified": TIME, "vulnStatus": "Analyzed",
        "cveTags": [{"tags": ["disputed"]}], "descriptions": [{"lang": "en", "value": "a\u00e4"}],
        "metrics": {"cvssMetricV31": [{"type": "Primary", "cvssData": {"vectorString": VECTOR}}]},
        "weaknesses": [{"description": [{"lang": "en", "value": "CWE-79"}]}],
        "configurations": [{"operator": "AND", "nodes": [NODE, NODE]}]}}]},
    "nvd-items": {"cve_items": [{"id": "CVE-2020-0001", "sourceIdentifier": "x", "published": TIME,
        "configurations": [{"nodes": [NODE]}]}]},
    "nvd-bare": {"id": "CVE-2020-0001", "sourceIdentifier": "x", "published": TIME,
        "configurations": [{"nodes": [NODE]}]},
    "nvd-1.1": {"CVE_data_type": "CVE", "CVE_Items": [{"cve": {
        "CVE_data_meta": {"ID": "CVE-2020-0001"}, "description": {"description_data": [{"lang": "en", "value": "x"}]},
        "problemtype": {"problemtype_data": [{"description": [{"lang": "en", "value": "CWE-79"}]}]}},
        "configurations": {"nodes": [{"operator": "AND", "children": [{"operator": "OR",
            "cpe_match": [{"vulnerable": True, "cpe23Uri": CPE}]}]}]},
        "impact": {"baseMetricV3": {"cvssV3": {"vectorString": VECTOR}}}, "publishedDate": "2020-01-01T00:00Z",
            "lastModifiedDate": "2020-01-01T00:00Z"}]},
    "nvd-override": {"_annotation": {"cve_id": "CVE-2020-0001", "modified": TIME, "description": "x"},
        "cve": {"configurations": [{"nodes": [NODE]}]}},
    "cve-5": {"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2020-0001", "state": "PUBLISHED",
        "dateUpdated": TIME},
              "containers": {"cna": {"descriptions": [{"lang": "en", "value": "x"}],
                  "problemTypes": [{"descriptions": [{"cweId": "CWE-79"}]}],
                                     "metrics": [{"cvssV3_1": {"vectorString": VECTOR}}], "tags": ["disputed"],
                                     "affected": [{"vendor": "A", "product": "B C", "defaultStatus": "affected",
                                         "versions": [
                                         {"version": "1", "status": "affected", "lessThan": "2",
                                             "versionType": "semver",
                                          "changes": [{"at": "1.5", "status": "unaffected"}]}, {"version": "3, 4",
                                              "status": "affected"}],
                                         "platforms": ["Windows"], "repo": "https://github.com/a/b.git",
                                         "collectionURL": "https://registry.npmjs.org", "packageName": "b",
                                         "modules": ["m"], "programFiles": ["a/b.c"],
                                         "programRoutines": [{"name": "f"}]},
                                     {"vendor": "ISC", "product": "BIND 9", "defaultStatus": "affected"},
                                     {"vendor": "Red Hat", "product": "Red Hat Enterprise Linux 9",
                                         "packageName": "b", "collectionURL": "https://access.redhat.com/x",
                                         "versions": [{"version": "0:1-1.el9", "status": "unaffected",
                                             "lessThan": "*", "versionType": "rpm"}, {"version": "0",
                                             "status": "affected", "lessThanOrEqual": "2"}]}],
                                     "cpeApplicability": [{"nodes": [NODE]}]},
                             "adp": [{"affected": [{"cpes": [CPE, "cpe:/o:acme:os:1"], "versions": [{"version": "0",
                                 "status": "affected", "lessThanOrEqual": "2"}]}]}]}},
    "kev": {"catalogVersion": "1", "dateReleased": TIME, "vulnerabilities": [
        {"cveID": "CVE-2020-0001", "dateAdded": "2026-01-01", "dueDate": "2026-01-02",
            "knownRansomwareCampaignUse": "Known", "requiredAction": "x"}]},
    "csaf-2.0": {"document": {"csaf_version": "2.0", "publisher": {"namespace": "https://acme.example/"},
        "tracking": {"id": "A-1", "current_release_date": TIME}},
                 "product_tree": {"branches": [{"category": "vendor", "name": "Acme",
                     "branches": [{"category": "product_version", "name": "1.0", "product": {
                     "name": "Tool", "product_id": "P", "product_identification_helper": {"cpe": CPE,
                         "purl": PURL}}}]}],
                     "full_product_names": [{"name": "OS", "product_id": "O", "product_identification_helper": {
                         "hashes": [{"filename": "f", "file_hashes": [{"algorithm": "sha256", "value": "ab" * 32}]}]}}],
                     "product_groups": [{"group_id": "G",
                         "product_ids": ["P"]}],
                     "relationships": [{"product_reference": "P", "relates_to_product_reference": "O",
                         "full_product_name": {"name": "x", "product_id": "R"}}]},
                 "vulnerabilities": [{"cve": "CVE-2020-0001", "cwe": {"id": "CWE-79"},
                     "notes": [{"category": "summary", "text": "x"}],
                                      "cwes": [{"id": "CWE-80"}],
                                      "metrics": [{"content": {"cvss_v3": {"vectorString": VECTOR}}}],
                                      "scores": [{"cvss_v3": {"vectorString": VECTOR}}],
                                          "product_status": {"known_not_affected": ["P", "R"], "fixed": ["O"]},
                                      "flags": [{"label": "component_not_present", "group_ids": ["G"]}],
                                          "remediations": [{"category": "x", "details": "y", "product_ids": ["O"]}]}]},
    "openvex": {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "timestamp": TIME, "statements": [
        {"vulnerability": {"name": "CVE-2020-0001", "aliases": ["GHSA-x"]}, "status": "not_affected",
            "justification": "component_not_present",
         "subcomponents": ["pkg:generic/c"],
         "products": [PURL, {"@id": PURL + "?distro=debian-12&arch=source", "hashes": {"sha-256": "ab" * 32}},
                      {"@id": PURL, "subcomponents": [{"@id": "x", "identifiers": {"cpe23": CPE}}]}]}]},
    "cyclonedx-vex": {"bomFormat": "CycloneDX", "metadata": {"timestamp": TIME, "component": {"name": "x",
        "bom-ref": "a", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}},
                      "components": [{"name": "y", "group": "g", "bom-ref": "b", "purl": PURL,
                          "components": [{"name": "z", "cpe": CPE, "bom-ref": "c"}]}],
                      "vulnerabilities": [{"id": "CVE-2020-0001", "cwes": [79], "ratings": [{"method": "CVSSv31",
                          "vector": VECTOR}],
                                           "analysis": {"state": "not_affected", "justification": "code_not_present",
                                               "detail": "x"},
                                           "affects": [{"ref": "b", "versions": [{"version": "1",
                                               "status": "unaffected"}]}, {"ref": "urn:cdx:x/1#p"}]}]},
    "osv": {"schema_version": "1.7.0", "id": "DEBIAN-CVE-2020-0001", "modified": TIME, "aliases": ["CVE-2020-0001",
        "GHSA-x"], "summary": "x",
            "severity": [{"type": "CVSS_V3", "score": VECTOR}], "database_specific": {"cpes": [CPE],
                "cwe_ids": ["CWE-79"]},
            "affected": [{"package": {"ecosystem": "Debian:12", "name": "acme"}, "ranges": [{"type": "ECOSYSTEM",
                "events": [{"introduced": "0"}, {"fixed": "1"}]}]},
                         {"package": {"ecosystem": "Maven", "name": "a:b", "purl": PURL}, "versions": ["1"], "ranges": [
                             {"type": "GIT", "repo": "https://github.com/a/b.git", "events": [{"introduced": "0"},
                                 {"last_affected": "1"}]}]},
                         {"ranges": [{"type": "GIT", "repo": "https://github.com/a/b.git",
                             "events": [{"introduced": "0"}]}]}]},
    "alpine-secdb": {"distroversion": "v3.20", "reponame": "main", "packages": [{"pkg": {"name": "a",
        "secfixes": {"1-r0": ["CVE-2020-0001 XSA-1"], "0": ["CVE-2020-0002"]}}}]},
    "debian-tracker": {"a": {"CVE-2020-0001": {"description": "x", "releases": {"sid": {"status": "resolved",
        "fixed_version": "1", "urgency": "low"}}}}},
    "epss": "#model_version:v1,score_date:2026-01-01T00:00:00+0000\ncve,epss,percentile\nCVE-2020-0001,0.5,1e-05\n",
    "curl": "cve\tfirst_vulnerable\tlast_vulnerable\tname\tannounced\treported\tcwe\tarea\tc_issue\ttool_or_lib\tseverity\n"
            "CVE-2020-0001\t7.1\t8.0\tx\t20200101\t20200101\tCWE-79: x\ta\t-\tlib\tlow\n",
    "buildroot": "package\tversion\tcve\tcomment_before\na\t1\tCVE-2020-0001\t0001-x.patch\n",
}
YAML = "---\ndistroversion: v3.11\nreponame: main\npackages:\n  - pkg:\n      name: a\n      secfixes:\n        1-r0:\n          - CVE-2020-0001\n"
LINKS = {"totalResults": 1, "resultsPerPage": 1, "timestamp": "2026-01-01T00:00:00.000",
    "assets": [{"browser_download_url": "https://a/b"}],
         "distributions": [{"directory_url": "https://a/", "rolie": {"feeds": [{"url": "https://a/f"}]}}],
         "feed": {"entry": [{"updated": TIME, "content": {"src": "https://a/x"}}]}}


def main():
    folder = pathlib.Path(sys.argv[1])

    def write(target, name, data):
        (folder / target).mkdir(parents=True, exist_ok=True)
        (folder / target / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    for name, seed in SEEDS.items():
        text = seed if isinstance(seed, str) else json.dumps(seed)
        write(f"feed_{name}", "plain", text)
        write("feed_any", name, text)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.json", json.dumps(SEEDS["osv"]))
    write("feed_any", "zip", packed.getvalue())
    write("feed_any", "gzip", gzip.compress(json.dumps(SEEDS["kev"]).encode(), mtime=0))
    write("feed_any", "yaml", YAML)
    write("reader_feed-links", "json", json.dumps(LINKS))
    write("reader_feed-links", "csv", '"2026/1.json","2026-01-01T00:00:00Z"\n')
    write("reader_feed-rows", "alias", b"\x0a\0\0\0\x03\x05\0\0\0CVE-1")
    write("reader_feed-rows", "epss", b"\x15\0\0\0\x08" + bytes(16) + b"\xff\xff\xff\xff")


main()
