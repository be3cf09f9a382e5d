#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a synthetic NVD in the form of API 2.0 responses: as many records as asked for, of the size and variety of real
ones (about 5 KB with references, a dozen criteria on average and up to some hundreds, AND configurations, ranges, exact
versions, three generations of CVSS, rejected ones without any).

    make_nvd.py RECORDS FILE [SEED]
"""
import json
import random
import sys

WORDS = ("buffer overflow in the handling of crafted packets allows remote attackers to execute arbitrary code or cause a "
         "denial of service via long string before version component server daemon parser function heap stack integer "
         "underflow authentication bypass cross-site scripting web interface firmware router camera library").split()
VENDORS = [f"vendor{i}" for i in range(9000)]
TAIL = ":*:*:*:*:*:*:*"


def version(r):
    return ".".join(str(r.randrange(20)) for _ in range(r.choice((2, 3, 3, 4))))


def product(r):
    vendor = VENDORS[int(len(VENDORS) * r.random() ** 2)]
    return f"{r.choice('aaaaaoh')}:{vendor}:product{int(40 * r.random() ** 2)}"


def match(r, name, exact, vulnerable=True):
    m = {"vulnerable": vulnerable, "criteria": f"cpe:2.3:{name}:{version(r) if exact else '*'}{TAIL}",
         "matchCriteriaId": f"{r.getrandbits(128):032X}"}
    if not exact:
        if r.random() < 0.5:
            m["versionStartIncluding"] = version(r)
        m[r.choice(("versionEndExcluding", "versionEndIncluding"))] = version(r)
    return m


def node(r, count, vulnerable=True):
    name = product(r)
    return {"operator": "OR", "negate": False,
            "cpeMatch": [match(r, name if r.random() < 0.8 else product(r), r.random() < 0.7, vulnerable) for _ in range(count)]}


def configurations(r):
    count = max(1, min(400, int(1.7 * r.paretovariate(1.0))))
    if r.random() < 0.25:
        hardware = {"operator": "OR", "negate": False,
                    "cpeMatch": [{"vulnerable": False, "criteria": f"cpe:2.3:{product(r)}:-{TAIL}",
                                  "matchCriteriaId": f"{r.getrandbits(128):032X}"}]}
        return [{"operator": "AND", "nodes": [node(r, 1), hardware]} for _ in range(min(count, 40))]
    return [{"nodes": [node(r, count)]}]


def metric(r, kind, vector):
    return {"source": "nvd@nist.gov", "type": "Primary",
            "cvssData": {"version": kind, "vectorString": vector, "baseScore": 7.5, "baseSeverity": "HIGH",
                         "attackVector": "NETWORK", "attackComplexity": "LOW", "privilegesRequired": "NONE",
                         "userInteraction": "NONE", "scope": "UNCHANGED", "confidentialityImpact": "HIGH",
                         "integrityImpact": "NONE", "availabilityImpact": "NONE"},
            "exploitabilityScore": 3.9, "impactScore": 3.6}


def record(r, i):
    year = 2002 + i * 24 // 260000
    cve = {"id": f"CVE-{year}-{10000 + i}", "sourceIdentifier": "cve@mitre.org",
           "published": f"{year}-0{1 + i % 9}-1{i % 10}T10:15:00.000", "lastModified": "2026-08-01T12:00:00.000",
           "vulnStatus": "Analyzed", "cveTags": [],
           "descriptions": [{"lang": lang, "value": " ".join(r.choices(WORDS, k=r.randrange(20, 70)))} for lang in ("en", "es")],
           "references": [{"url": f"https://example.com/advisories/{r.getrandbits(64):x}", "source": "cve@mitre.org",
                           "tags": ["Third Party Advisory"]} for _ in range(r.randrange(3, 16))]}
    if r.random() < 0.05:
        cve["vulnStatus"] = "Rejected"
        return {"cve": cve}
    cve["metrics"] = {"cvssMetricV31": [metric(r, "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")],
                      "cvssMetricV2": [metric(r, "2.0", "AV:N/AC:L/Au:N/C:P/I:N/A:N")]}
    cve["weaknesses"] = [{"source": "nvd@nist.gov", "type": "Primary",
                          "description": [{"lang": "en", "value": f"CWE-{r.randrange(20, 900)}"}]}]
    cve["configurations"] = configurations(r)
    return {"cve": cve}


def main():
    records, path = int(sys.argv[1]), sys.argv[2]
    r = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    encode = json.JSONEncoder(separators=(",", ":")).encode
    with open(path, "w", buffering=1 << 20) as f:
        f.write(f'{{"resultsPerPage":{records},"startIndex":0,"totalResults":{records},"format":"NVD_CVE","version":"2.0",'
                '"timestamp":"2026-08-22T00:00:00.000","vulnerabilities":[')
        for i in range(records):
            f.write(("," if i else "") + encode(record(r, i)))
        f.write("]}")


main()
