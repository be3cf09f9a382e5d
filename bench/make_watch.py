#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes what `assay watch` is measured with: stored cases of 200 components, matched with a feed database, and a feed of new
CVEs. Cases are copies of some dozens that were assessed and matched, in each of which twenty versions are its own.

    make_watch.py ASSAY FOLDER CASES CVES ABOUT [MODELS]      ABOUT: how many of the new CVEs name products of the cases
"""
import json
import pathlib
import random
import subprocess
import sys

import yaml

COMPONENTS, OWN, BACKGROUND = 200, 20, 1500
OWN_VERSION = b"0.97.%05d"
VECTORS = ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
           "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:N/I:L/A:L")


def products():
    """(package, CPE) of products of the table that order by plain numbers."""
    out = []
    for path in sorted((pathlib.Path(__file__).parent.parent / "data/components/products").glob("*.yaml")):
        p = yaml.safe_load(path.read_text())
        if p.get("cpe") and p.get("packages") and p.get("order", "generic") == "generic" and ":" not in p["cpe"][0].split(":", 1)[1]:
            out.append((p["packages"][0], p["cpe"][0]))
    return out[:260]


def version(r):
    return f"{r.randrange(1, 6)}.{r.randrange(20)}.{r.randrange(10)}"


def image(r, all_products):
    chosen = r.sample(all_products, COMPONENTS)
    lines = []
    for i, (package, _) in enumerate(chosen):
        v = (OWN_VERSION % i).decode() if i < OWN else version(r)
        lines.append(f"Package: {package}\nVersion: {v}-1\nStatus: install ok installed\nArchitecture: mips_24kc\n\n")
    out = bytearray()
    entries = [("usr", 0o40755, b""), ("usr/lib", 0o40755, b""), ("usr/lib/opkg", 0o40755, b""),
               ("usr/lib/opkg/status", 0o100644, "".join(lines).encode()), ("TRAILER!!!", 0, b"")]
    for inode, (name, mode, data) in enumerate(entries, 1):
        out += b"070701" + b"".join(b"%08X" % x for x in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def records(r, names, cpes, time):
    for name in names:
        cpe = r.choice(cpes)
        yield {"cve": {"id": name, "published": time, "lastModified": time, "vulnStatus": "Analyzed",
                       "descriptions": [{"lang": "en", "value": "A flaw in the parser lets remote attackers run code. " * 6}],
                       "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
                           "version": "3.1", "vectorString": r.choice(VECTORS), "baseScore": 5.0}}]},
                       "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                           {"vulnerable": True, "criteria": f"cpe:2.3:a:{cpe}:*:*:*:*:*:*:*:*",
                            "versionStartIncluding": f"{first}.0", "versionEndExcluding": f"{first}.{r.randrange(1, 20)}.3"}
                           for first in r.sample(range(1, 6), 2)]}]}]}}


def write(path, all_records):
    all_records = list(all_records)
    path.write_text(json.dumps({"resultsPerPage": len(all_records), "startIndex": 0, "totalResults": len(all_records),
                                "format": "NVD_CVE", "version": "2.0", "vulnerabilities": all_records}))


def main():
    assay, folder, cases, cves, about = sys.argv[1], pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:6])
    models = int(sys.argv[6]) if len(sys.argv) > 6 else 40
    r = random.Random(1)
    all_products = products()
    cpes = [cpe for _, cpe in all_products]
    others = [f"vendor{i}:product{i}" for i in range(5000)]
    run = lambda *a: subprocess.run([assay, *map(str, a)], check=False, stdout=subprocess.DEVNULL)
    write(folder / "old.json", records(r, (f"CVE-2024-{i}" for i in range(10000, 10000 + BACKGROUND)), cpes,
                                       "2024-05-01T00:00:00.000"))
    new = list(records(r, (f"CVE-2026-{i}" for i in range(10000, 10000 + about)), cpes, "2026-05-01T00:00:00.000")) + \
        list(records(r, (f"CVE-2026-{i}" for i in range(10000 + about, 10000 + cves)), others, "2026-05-01T00:00:00.000"))
    write(folder / "new.json", new)
    run("feed", "import", folder / "old.json", "--feeds", folder / "feeds.db", "-q")
    (folder / "cases").mkdir()
    made = []
    for _ in range(models):
        (folder / "image").write_bytes(image(r, all_products))
        run(folder / "image", "-q", "-o", folder / "model.assay", "--feeds", folder / "feeds.db")
        made.append((folder / "model.assay").read_bytes())
        (folder / "model.assay").unlink()
    for i in range(cases):
        data = made[i % models]
        for k in range(OWN):  # of the same length: the file stays what it is
            data = data.replace(OWN_VERSION % k, b"%d.%02d.%05d" % (r.randrange(1, 6), r.randrange(20), r.randrange(100000)))
        (folder / "cases" / f"{i % 100:02}").mkdir(exist_ok=True)
        (folder / "cases" / f"{i % 100:02}" / f"{i:05}.assay").write_bytes(data)


main()
