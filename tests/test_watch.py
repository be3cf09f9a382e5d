#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`assay watch`: what it tells is the difference of two matches, on generated cases and feeds; and as a user meets it.

    test_watch.py ASSAY SCHEMA
"""
import json
import os
import pathlib
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SCHEMA = os.path.abspath(sys.argv.pop(2))
ASSAY = os.path.abspath(sys.argv.pop(1))

VECTORS = ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
           "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:L", None]
# Product, CPE, versions that images have.
PRODUCTS = {"dnsmasq": ("thekelleys:dnsmasq", ["2.77", "2.80", "2.86"]), "busybox": ("busybox:busybox", ["1.27.2", "1.30.1"]),
            "curl": ("haxx:curl", ["7.65.1", "8.1.0"]), "openssl": ("openssl:openssl", ["1.0.1f", "1.1.1w", "3.0.2"]),
            "zlib": ("zlib:zlib", ["1.2.11", "1.3"]), "dropbear": ("dropbear_ssh_project:dropbear_ssh", ["2019.78", "2020.81"]),
            "hostapd": ("w1.fi:hostapd", ["2.6", "2.9"]), "expat": ("libexpat_project:libexpat", ["2.2.0", "2.5.0"])}
PLATFORMS = ["cpe:2.3:o:debian:debian_linux:12.0:*:*:*:*:*:*:*", "cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*",
             "cpe:2.3:a:haxx:curl:*:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*",
             "cpe:2.3:h:acme:router:-:*:*:*:*:*:*:*"]


def newc(entries):
    """A cpio archive: entries are (name, mode, bytes), names bytes."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate(list(entries) + [(b"TRAILER!!!", 0, b"")], 1):
        out += b"070701" + b"".join(b"%08X" % v for v in (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        out += name + b"\0" + b"\0" * (-(110 + len(name) + 1) % 4) + data
        out += b"\0" * (-len(data) % 4)
    return bytes(out + b"\0" * (-len(out) % 512))


def tree(files):
    """The same with the folders above."""
    folders = sorted({"/".join(f.split("/")[:i]) for f in files for i in range(1, f.count("/") + 1)})
    return newc([(f.encode(), 0o40755, b"") for f in folders] + [(f.encode(), 0o100644, d) for f, d in files.items()])


def image(packages, system):
    """packages: (name, version); system: opkg, debian, alpine."""
    if system == "opkg":
        return tree({"usr/lib/opkg/status": "".join(
            f"Package: {n}\nVersion: {v}-1\nStatus: install ok installed\nArchitecture: mips_24kc\n\n" for n, v in packages).encode()})
    if system == "alpine":
        return tree({"etc/os-release": b"ID=alpine\nVERSION_ID=3.11.2\n", "lib/apk/db/installed": "".join(
            f"P:{n}\nV:{v}-r1\nA:x86_64\no:{n}\n\n" for n, v in packages).encode()})
    return tree({"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": "".join(
        f"Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}-1\n\n" for n, v in packages).encode()})


class World:
    """Feeds, and how they go on."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.step = 0
        self.records, self.kev, self.epss, self.debian, self.alpine = {}, set(), {}, {}, {}
        for _ in range(40):
            self.new_record()
        self.go_on()

    def time(self):
        return f"2026-01-{self.step + 1:02}T00:00:00"

    def new_record(self, name=None):
        r = self.random
        name = name or f"CVE-2025-{len(self.records) + 1000}"
        product = r.choice(list(PRODUCTS))
        cpe, versions = PRODUCTS[product]
        match = {"vulnerable": True, "criteria": f"cpe:2.3:a:{cpe}:*:*:*:*:*:{r.choice(['*', '*', '*', 'node.js', 'curl'])}:*:*"}
        kind = r.randrange(5)
        if kind < 3:
            match["versionEndExcluding"] = r.choice(versions + ["99", "0.1"])
        if kind == 1:
            match["versionStartIncluding"] = r.choice(versions)
        if kind == 3:
            match["criteria"] = f"cpe:2.3:a:{cpe}:{r.choice(versions)}:*:*:*:*:*:*:*"
        nodes = [{"operator": "OR", "negate": False, "cpeMatch": [match]}]
        if r.random() < 0.4:
            nodes.append({"operator": "OR", "negate": r.random() < 0.1, "cpeMatch": [
                {"vulnerable": False, "criteria": r.choice(PLATFORMS)}]})
        vector = r.choice(VECTORS)
        metrics = {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
            "version": "3.1", "vectorString": vector, "baseScore": 5.0}}]} if vector else {}
        self.records[name] = {"cve": {
            "id": name, "published": "2025-01-01T00:00:00.000", "lastModified": self.time() + ".000",
            "vulnStatus": r.choice(["Analyzed"] * 6 + ["Rejected"]), "metrics": metrics,
            "descriptions": [{"lang": "en", "value": r.choice(["", "** DISPUTED ** "]) + f"A flaw, as of day {self.step}."}],
            "configurations": [{"operator": "AND", "nodes": nodes}]}}

    def fix(self):
        r = self.random
        package = r.choice(list(PRODUCTS))
        return package, r.choice(list(self.records)), r.choice(PRODUCTS[package][1])

    def go_on(self):
        r = self.random
        self.step += 1
        for name in r.sample(sorted(self.records), 6):
            self.new_record(name)
        for _ in range(4):
            self.new_record()
        self.kev ^= set(r.sample(sorted(self.records), 2))
        for name in r.sample(sorted(self.records), 12):
            self.epss[name] = r.choice([0.01, 0.05, 0.0999, 0.1, 0.3, 0.9])
        for _ in range(3):
            package, name, version = self.fix()
            status = r.choice([{"status": "open"}, {"status": "resolved", "fixed_version": f"{version}-2"},
                               {"status": "resolved", "fixed_version": f"{version}-1"}, {"status": "resolved", "fixed_version": "0"},
                               {"status": "undetermined"}])
            self.debian.setdefault(package, {})[name] = {"releases": {"bookworm": status, "sid": {"status": "open"}}}
            package, name, version = self.fix()
            self.alpine.setdefault(package, {}).setdefault(f"{version}-r{r.randrange(4)}", []).append(name)
        if r.random() < 0.5:
            self.debian.pop(r.choice(sorted(self.debian)))

    def write(self, folder):
        folder.mkdir(exist_ok=True)
        records = list(self.records.values())
        put = lambda name, what: (folder / name).write_text(what if isinstance(what, str) else json.dumps(what))
        put("nvd.json", {"resultsPerPage": len(records), "startIndex": 0, "totalResults": len(records), "format": "NVD_CVE",
                         "version": "2.0", "timestamp": self.time() + ".000", "vulnerabilities": records})
        put("kev.json", {"title": "t", "catalogVersion": "1", "dateReleased": self.time() + "Z", "count": len(self.kev),
                         "vulnerabilities": [{"cveID": n, "dateAdded": "2026-01-02", "knownRansomwareCampaignUse": "Known"}
                                             for n in sorted(self.kev)]})
        put("epss.csv", f"#model_version:x,score_date:{self.time()}+0000\ncve,epss,percentile\n" +
            "".join(f"{n},{s},0.5\n" for n, s in sorted(self.epss.items())))
        put("debian.json", self.debian)
        put("alpine.json", {"distroversion": "v3.11", "reponame": "main", "packages": [
            {"pkg": {"name": n, "secfixes": f}} for n, f in self.alpine.items()]})


COLUMNS = ("state, severity, epss, kev, priority, cvss, exposure, exposed_by, confidence, reason, criteria, published")


def stored(case):
    with sqlite3.connect(f"file:{case}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return {(r["component"], r["version"], r["package_version"], r["name"]): dict(r) for r in db.execute(
            f"SELECT s.name AS component, s.version, s.package_version, v.name, v.{COLUMNS.replace(', ', ', v.')}"
            " FROM vulnerability v JOIN software s ON s.id = v.software_id")}


def difference(old, new, threshold=0.1):
    """What changed between two matches, as docs/vulnerabilities.md says; (kind, what) by key."""
    out = {}
    for key in old.keys() | new.keys():
        a, b = old.get(key), new.get(key)
        was, applies = bool(a) and a["state"] == "affected", bool(b) and b["state"] == "affected"
        if applies and not was:
            out[key] = ("new", ())
        elif was and not applies:
            out[key] = ("changed", ("state",)) if b else ("gone", ())
        elif was:
            what = (["kev"] if a["kev"] != b["kev"] else []) + \
                (["epss"] if (a["epss"] or 0) < threshold <= (b["epss"] or 0) else []) + \
                (["severity"] if a["severity"] != b["severity"] else [])
            if what:
                out[key] = ("changed", tuple(what))
    return out


class Watch(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-watch-"))
        self.env = dict(os.environ, HOME=str(self.folder), XDG_DATA_HOME=str(self.folder / "data"))
        (self.folder / "cases").mkdir()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def assay(self, *args, codes=(0,)):
        p = subprocess.run([ASSAY, *map(str, args)], cwd=self.folder, capture_output=True, text=True, timeout=120, env=self.env)
        self.assertIn(p.returncode, codes, p.stdout[-2000:] + p.stderr)
        return p

    def imported(self, world):
        world.write(self.folder / "feeds")
        self.assay("feed", "import", "feeds", "-q")

    def made(self, name, packages, system):
        (self.folder / "image.bin").write_bytes(image(packages, system))
        self.assay("image.bin", "-q", "-o", f"cases/{name}.assay", codes=(0, 1))

    def watched(self, *args, codes=(0, 1)):
        return json.loads(self.assay("watch", "cases", "--json", *args, codes=codes).stdout)

    def matched(self):
        """What a match of the whole gives now, of copies."""
        shutil.rmtree(self.folder / "copies", ignore_errors=True)
        shutil.copytree(self.folder / "cases", self.folder / "copies")
        for case in sorted((self.folder / "copies").iterdir()):
            self.assay("vulns", case, "--feeds", "data/assay/feeds.db")
        return {f"cases/{c.name}": stored(c) for c in (self.folder / "copies").iterdir()}

    def some_cases(self, r):
        for i in range(5):
            packages = [(p, r.choice(v)) for p, (_, v) in PRODUCTS.items() if r.random() < 0.8]
            self.made(f"c{i}", packages, ["opkg", "debian", "alpine"][i % 3])

    def check(self, report, before, after):
        told = {c["case"]: c for c in report["cases"]}
        for case, old in before.items():
            new = after[case]
            got = {(c["component"], c.get("version"), c.get("package_version"), c["vulnerability"]):
                   (c["kind"], tuple(c.get("changed", []))) for c in told.get(case, {"changes": []})["changes"]}
            self.assertEqual(got, difference(old, new), case)
            for c in told.get(case, {"changes": []})["changes"]:
                row = new.get((c["component"], c.get("version"), c.get("package_version"), c["vulnerability"]))
                if row and row["state"] == "affected":
                    for column, value in row.items():
                        if isinstance(value, float):
                            self.assertAlmostEqual(c[column], value, 9, (column, c))
                        elif column not in ("component", "name"):
                            self.assertEqual(c.get(column), bool(value) if column == "kev" else value, (column, c))
        return sum(len(c["changes"]) for c in told.values())

    def test_the_difference_of_two_matches(self):
        count = {"new": 0, "changed": 0, "gone": 0}
        for seed in range(4):
            world = World(seed)
            self.imported(world)
            self.some_cases(world.random)
            for _ in range(3):  # the cases stay at the first feeds, the feeds go on
                before = {f"cases/{c.name}": stored(c) for c in (self.folder / "cases").iterdir()}
                world.go_on()
                self.imported(world)
                report = self.watched("--threads", "2")
                self.assertFalse(any(c["whole"] for c in report["cases"]))
                self.check(report, before, self.matched())
                for kind in count:
                    count[kind] += report["summary"][kind]
            shutil.rmtree(self.folder / "data")
            shutil.rmtree(self.folder / "cases")
            (self.folder / "cases").mkdir()
        self.assertTrue(all(n > 20 for n in count.values()), count)

    def test_matched_as_a_whole_it_is_the_same(self):
        world = World(77)
        self.imported(world)
        self.some_cases(world.random)
        before = {f"cases/{c.name}": stored(c) for c in (self.folder / "cases").iterdir()}
        world.go_on()
        self.imported(world)
        quick = self.watched()
        for c in (self.folder / "cases").iterdir():
            with sqlite3.connect(c) as db:
                db.execute("DELETE FROM meta WHERE name = 'feeds_token'")
        whole = self.watched()
        self.assertEqual({c["case"] for c in whole["cases"] if c["whole"]}, set(before))
        self.check(whole, before, self.matched())
        strip = lambda r: [{k: v for k, v in c.items() if k != "whole"} for c in r["cases"] if c["changes"]]
        self.assertEqual(strip(quick), strip(whole))

    def test_images_and_published_records(self):
        """Kernels, services and BusyBox: what depends on the image."""
        shared = pathlib.Path(__file__).resolve().parents[2] / "shared"
        if not shared.is_dir():
            self.skipTest(f"{shared} is not there")
        self.assay("feed", "import", shared / "feeds/nvd-1.1", shared / "feeds/cve-v5", "-q", "--keep-going")
        for name in ("router-mipsel.trx", "tplink-wr841n-v11-160325.bin"):
            self.assay(shared / "samples" / name, "-q", "-o", f"cases/{name}.assay", codes=(0, 1))
        before = {f"cases/{c.name}": stored(c) for c in (self.folder / "cases").iterdir()}
        self.assay("feed", "import", shared / "feeds", "-q", "--keep-going")
        report = self.watched()
        self.assertFalse(any(c["whole"] for c in report["cases"]))
        self.assertGreater(self.check(report, before, self.matched()), 20)
        self.assertIn("listens", {x["exposure"] for c in report["cases"] for x in c["changes"]})

    def test_a_statement_for_one_machine(self):
        """Cases that have the same package, for different machines."""
        self.imported(World(3))
        purl = "pkg:deb/debian/dnsmasq@2.80-1"
        for i, machine in enumerate(("amd64", "arm64", "amd64", "arm64")):
            self.made(f"c{i}", [("dnsmasq", "2.80")], "debian")
            with sqlite3.connect(self.folder / f"cases/c{i}.assay") as db:
                self.assertEqual(db.execute("UPDATE software SET version = '2.80', package_version = '2.80-1', purl = ?, architecture = ?"
                                            " WHERE name = 'dnsmasq'", (purl, machine)).rowcount, 1)
        before = {f"cases/{c.name}": stored(c) for c in (self.folder / "cases").iterdir()}
        (self.folder / "vex.json").write_text(json.dumps({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "x", "version": 1, "timestamp": "2026-05-01T00:00:00Z",
            "statements": [{"vulnerability": {"name": "CVE-2026-7777"}, "status": "affected", "products": [{"@id": purl + "?arch=arm64"}]}]}))
        self.assay("feed", "import", "vex.json", "-q")
        report = self.watched("--threads", "1")
        self.assertEqual({c["case"] for c in report["cases"] for x in c["changes"] if x["vulnerability"] == "CVE-2026-7777"},
                         {"cases/c1.assay", "cases/c3.assay"})
        self.check(report, before, self.matched())

    def test_statements(self):
        self.one_more()
        (self.folder / "s.tsv").write_text("package\tversion\tcve\tcomment\ndnsmasq\t\tCVE-2026-0002\tnot built in\n")
        self.assertEqual(self.watched("--statements", "s.tsv", codes=(0,))["summary"]["new"], 0)
        (self.folder / "s.tsv").write_text("package\tversion\tcve\tcomment\nnonsense\n")
        self.assertIn("s.tsv:2: expected package", self.assay("watch", "cases", "--statements", "s.tsv", codes=(2,)).stderr)

    def test_update_is_a_match(self):
        world = World(5)
        self.imported(world)
        self.some_cases(world.random)
        world.go_on()
        self.imported(world)
        after = self.matched()
        report = self.watched("--update")
        self.assertEqual({c["case"] for c in report["cases"] if c["updated"]}, set(after))
        self.assertEqual({f"cases/{c.name}": stored(c) for c in (self.folder / "cases").iterdir()}, after)
        again = self.watched("--update", codes=(0,))
        self.assertEqual(again["cases"], [])

    def test_nothing_new(self):
        self.imported(World(1))
        self.made("a", [("dnsmasq", "2.77")], "opkg")
        bytes_before = (self.folder / "cases/a.assay").read_bytes()
        self.assertIn("0 new, 0 changed, 0 went away", self.assay("watch", "cases").stdout)
        self.imported(World(1))  # the same once more
        self.assay("watch", "cases")
        self.assertEqual((self.folder / "cases/a.assay").read_bytes(), bytes_before)

    def one_more(self, epss=None):
        """Two cases, one of which a new CVE concerns."""
        world = World(3)
        world.records = {}
        world.new_record("CVE-2025-0001")
        world.debian, world.alpine, world.kev, world.epss = {}, {}, set(), {}
        self.imported(world)
        self.made("a", [("dnsmasq", "2.77"), ("zlib", "1.3")], "opkg")
        self.made("b", [("dnsmasq", "2.86")], "opkg")
        world.step += 1
        world.new_record("CVE-2026-0002")
        world.records["CVE-2026-0002"]["cve"].update(
            published="2026-01-20T00:00:00.000", vulnStatus="Analyzed", descriptions=[{"lang": "en", "value": "New."}],
            metrics={"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {
                "version": "3.1", "vectorString": VECTORS[0], "baseScore": 1.0}}]}, configurations=[{"nodes": [
                    {"operator": "OR", "negate": False, "cpeMatch": [{
                        "vulnerable": True, "criteria": "cpe:2.3:a:thekelleys:dnsmasq:*:*:*:*:*:*:*:*",
                        "versionEndExcluding": "2.80"}]}]}])
        self.imported(world)
        return world

    def test_one_cve(self):
        self.one_more()
        p = self.assay("watch", "cases", "--cve", "cve-2026-0002", codes=(1,))
        self.assertIn("1 of 2 cases: CVE-2026-0002 applies", p.stdout)
        self.assertIn("cases/a.assay", p.stdout)
        self.assertNotIn("cases/b.assay", p.stdout)
        self.assay("watch", "cases", "--update", "-q", codes=(1,))
        report = self.watched("--cve", "CVE-2026-0002")
        self.assertEqual([(c["case"], [x["kind"] for x in c["changes"]]) for c in report["cases"]], [("cases/a.assay", ["known"])])
        p = self.assay("watch", "cases", "--cve", "CVE-2099-1", codes=(2,))
        self.assertIn("does not know it", p.stderr)

    def test_since_product_priority(self):
        self.one_more()
        for args, n in ((("--since", "last"), 1), (("--since", "2026-01-20"), 1), (("--since", "2099-01-01"), 0),
                        (("--product", "dnsmasq"), 1), (("--product", "zlib"), 0), (("--min-priority", "1"), 1),
                        (("--min-priority", "99"), 0)):
            report = self.watched(*args, codes=(1,) if n else (0,))
            self.assertEqual(report["summary"]["new"], n, args)

    def test_epss_and_kev(self):
        world = self.one_more()
        self.assay("watch", "cases", "--update", "-q", codes=(1,))
        world.step, world.epss = world.step + 1, {"CVE-2026-0002": 0.25}
        self.imported(world)
        change, = self.watched(codes=(1,))["cases"][0]["changes"]
        self.assertEqual((change["changed"], change["epss"]), (["epss"], 0.25))
        self.assertEqual(self.watched("--epss", "0.5", codes=(0,))["cases"], [])
        world.step, world.kev = world.step + 1, {"CVE-2026-0002"}
        self.imported(world)
        self.assertEqual(self.watched(codes=(1,))["cases"][0]["changes"][0]["changed"], ["kev", "epss"])
        self.assertIn("exploited now; EPSS 0.250, was 0.000", " ".join(self.assay("watch", "cases", codes=(1,)).stdout.split()))

    def test_a_case_that_was_never_matched(self):
        world = World(3)
        (self.folder / "image.bin").write_bytes(image([(p, v[0]) for p, (_, v) in PRODUCTS.items()], "opkg"))
        self.assay("image.bin", "-q", "-o", "cases/a.assay", codes=(0, 1))
        self.imported(world)
        report = self.watched(codes=(1,))
        self.assertTrue(report["cases"][0]["first"])
        self.assertEqual({c["kind"] for c in report["cases"][0]["changes"]}, {"new"})
        self.assertIn("was never matched", self.assay("watch", "cases", codes=(1,)).stdout)

    def test_schema_and_same_bytes(self):
        self.one_more()
        out = self.assay("watch", "cases", "--json", codes=(1,)).stdout
        self.assertEqual(out, self.assay("watch", "cases", "--json", "--threads", "7", codes=(1,)).stdout)
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not there")
        schema = json.loads(pathlib.Path(SCHEMA).read_text())
        checker = jsonschema.validators.validator_for(schema)
        checker.check_schema(schema)
        (self.folder / "cases/broken.assay").write_bytes(b"no case")
        for args in ((), ("--cve", "CVE-2026-0002"), ("--since", "2026-01-01", "--product", "dnsmasq"), ("--update",)):
            report = self.watched(*args, codes=(2,))
            self.assertEqual([e.message for e in checker(schema).iter_errors(report)], [])

    def test_hostile_cases(self):
        """What is no case, or is more than one, is named; the others are looked at."""
        self.one_more()
        cases, good = self.folder / "cases", (self.folder / "cases/a.assay").read_bytes()
        (cases / "text.assay").write_text("no database")
        (cases / "empty.assay").write_bytes(b"")
        (cases / "cut.assay").write_bytes(good[: len(good) // 2])
        os.mkfifo(cases / "fifo.assay")
        (cases / "loop").symlink_to(".", target_is_directory=True)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(cases / "socket.assay"))

        def changed(name, sql):
            (cases / name).write_bytes(good)
            with sqlite3.connect(cases / name) as db:
                db.executescript(sql)

        changed("trigger.assay", "CREATE TRIGGER t AFTER DELETE ON software BEGIN DELETE FROM blob; END")
        changed("view.assay", "DROP TABLE software; CREATE VIEW software AS SELECT 1 AS id, 'dnsmasq' AS name")
        changed("types.assay", "UPDATE software SET name = 7, version = x'00ff', cpe = 3.5; UPDATE vulnerability SET name = 1")
        changed("huge.assay", "UPDATE software SET cpe = printf('%.*c', 20000000, 'x')")
        changed("old.assay", "PRAGMA user_version = 1")
        changed("meta.assay", "UPDATE meta SET value = '99999999999999999999999' WHERE name = 'feeds_import'")
        changed("pages.assay", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'software'")
        fuzz = random.Random(1)
        for i in range(60):  # no crash, and an end
            data = bytearray(good)
            for _ in range(fuzz.choice([1, 20, 400])):
                data[fuzz.randrange(len(data))] = fuzz.randrange(256)
            (cases / f"z{i}.assay").write_bytes(data)
        p = self.assay("watch", "cases", "cases/fifo.assay", "missing.assay", codes=(2,))
        self.assertIn("CVE-2026-0002", p.stdout)
        for name in ("text", "empty", "trigger", "view", "old", "fifo"):
            self.assertIn(f"cases/{name}.assay: ", p.stderr)
        self.assertIn("missing.assay: ", p.stderr)
        self.assertNotIn("loop", p.stdout + p.stderr)
        self.assertNotIn("cases/a.assay: ", p.stderr)

    def test_a_writer_at_work(self):
        """A journal beside a case: SQLite has to say what counts."""
        self.one_more()
        db = sqlite3.connect(self.folder / "cases/a.assay", isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE software SET version = '2.86' WHERE name = 'dnsmasq'")
        change, = [c for c in self.watched("--since", "2026-01-20")["cases"] if c["case"] == "cases/a.assay"][0]["changes"]
        self.assertEqual(change["version"], "2.77")
        db.execute("COMMIT")
        self.assertEqual(self.watched("--since", "2026-01-20")["summary"]["new"], 0)

    def test_command_line(self):
        self.assertIn("usage: assay watch", self.assay("watch", "--help").stdout)
        for args, words in (([], "name case files"), (["cases"], "no cases"), (["x", "--since", "yesterday"], "--since takes"),
                            (["x", "--epss", "2"], "--epss takes"), (["x", "--nope"], "not an option"),
                            (["x", "--threads", "0"], "--threads takes"), (["x", "--min-priority", "-1"], "--min-priority takes")):
            self.assertIn(words, self.assay("watch", *args, codes=(2,)).stderr, args)
        (self.folder / "cases/a.assay").write_bytes(b"")
        self.assertIn("there is no feed database", self.assay("watch", "cases", codes=(2,)).stderr)


unittest.main()
