#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real images against the truth that stands beside them.

    test_samples.py ASSAY [IMAGE...]

The images are not part of the project: they are looked for in $ASSAY_SHARED/samples (by default ../shared/samples beside the
source). Where they are absent the test is skipped.
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

# Images whose formats are opened; of the others only that nothing is claimed about what was not seen.
OPENED = {"router-mipsel.trx", "tplink-wr841n-v11-160325.bin", "asecam-kernel-mtd1.bin", "debian-installer-armhf-initrd.gz",
          "gateway-arm64.itb", "camera-armhf.ubi", "licheenano-rootfs.jffs2"}
GOOD_ON_PURPOSE = {"gateway-arm64.itb"}
# What the truth says is wrong with an image, as requirements that it does not meet.
FAILS = {
    "router-mipsel.trx": {"encryption.device-transport", "encryption.current-algorithms", "encryption.keys-unique",
                          "encryption.storage", "updates.authentic", "updates.transport", "passwords.no-default",
                          "passwords.unique", "passwords.hashed", "passwords.certificates", "passwords.backdoor"},
    "camera-armhf.ubi": {"encryption.device-transport", "encryption.keys-unique", "encryption.storage",
                         "encryption.backend-auth", "passwords.no-default", "passwords.unique", "passwords.hashed",
                         "passwords.certificates", "passwords.backdoor"},
    "tplink-wr841n-v11-160325.bin": {"passwords.no-default", "passwords.unique"},
    # Its program for the microcontroller fetches updates from an http address.
    "tasmota32s3.factory.bin": {"encryption.device-transport", "updates.transport"},
}
# Nothing in these builds says which version they are: the truth knows it from the package that they were taken from.
# Images whose truth names every component but the kernel and the boot loader.
COMPLETE = {"router-mipsel.trx", "camera-armhf.ubi", "gateway-arm64.itb", "licheenano-rootfs.jffs2", "asecam-kernel-mtd1.bin",
            "tasmota32s3.factory.bin"}
WITHOUT_VERSION = {"libxcrypt", "libmnl", "libnftnl", "swupdate"}


class Checker:
    def __init__(self, name):
        self.name, self.faults, self.checks = name, [], 0

    def equal(self, what, expected, got):
        self.checks += 1
        if expected != got:
            self.faults.append(f"{self.name}: {what}: expected {expected!r}, got {got!r}")

    def true(self, what, value):
        self.equal(what, True, bool(value))


def rows(db, sql, *args):
    return [tuple(r) for r in db.execute(sql, args)]


def check_tree(c, db, truth):
    """Regular files, directories, links and devices of each file system equal those that the reference tool counted."""
    found = {r[0]: r for r in rows(db, """
        SELECT p.id, sum(b.kind = 'file'), sum(b.kind = 'directory'), sum(b.kind = 'symlink'),
               sum(b.kind IN ('char_device', 'block_device'))
        FROM blob b JOIN blob p ON p.id = b.parent_id WHERE b.path LIKE '/%' GROUP BY p.id""")}
    sizes = sorted((r[1:] for r in found.values()), reverse=True)
    filesystems = truth.get("filesystems", {})
    for name, fs in filesystems.items():
        # Of several file systems each is in a volume of that name.
        inside = f"b.parent_id IN (SELECT id FROM blob WHERE path = '{name}')" if len(filesystems) > 1 else "1"
        n = fs["counts"]
        expected = (n["regular"], n["directories"], n["symlinks"], n["devices"])
        c.true(f"{name}: files, directories, links, devices {expected} among {sizes[:4]}",
               expected in sizes or (expected[0], expected[1] - 1) + expected[2:] in sizes)
        c.equal(f"{name}: set-uid files", sorted(fs["setuid"]),
                sorted(r[0] for r in rows(db, f"SELECT path FROM blob b WHERE kind = 'file' AND mode & 2048 AND {inside}")))
        elf = sum(fs["elf_arch"].values())
        c.equal(f"{name}: ELF files", elf,
                rows(db, f"""SELECT count(DISTINCT e.blob_id) FROM elf e JOIN blob b ON b.id = e.blob_id
                              WHERE b.path LIKE '/%' AND {inside}""")[0][0])
        for row in fs["credential_rows"]:
            got = rows(db, """SELECT count(*) FROM account a JOIN blob b ON b.id = a.blob_id
                              WHERE b.path = ? AND a.user = ? AND coalesce(a.hash, '') = ?""", row["file"], row["user"], row["hash"])
            c.equal(f"account row {row}", 1, got[0][0])
        for cert in fs["certificates"]:
            got = rows(db, "SELECT count(*) FROM certificate k JOIN blob b ON b.id = k.blob_id WHERE b.path = ?", cert["path"])
            c.equal(f"certificates in {cert['path']}", cert["count"], got[0][0])


def check_secrets(c, db, truth):
    for cred in truth["credentials"]:
        got = rows(db, "SELECT a.password, a.state FROM account a JOIN blob b ON b.id = a.blob_id WHERE b.path = ? AND a.user = ?",
                   cred["file"], cred["user"])
        if cred["password"] == "":
            c.true(f"{cred['user']} needs no password: {got}", any(state == "empty" for _, state in got))
        else:
            c.true(f"password of {cred['user']} is {cred['password']}: {got}", any(p == cred["password"] for p, _ in got))
    known = {(r["file"], r["user"]) for r in truth["credentials"]}
    for path, user in rows(db, "SELECT b.path, a.user FROM account a JOIN blob b ON b.id = a.blob_id WHERE a.password IS NOT NULL"):
        c.true(f"the password of {user} in {path} is in the truth", (path, user) in known or any(u == user for _, u in known))
    expected = sorted(k["path"] for k in truth["keys"])
    c.equal("private keys", expected, sorted(r[0] for r in rows(
        db, "SELECT b.path FROM private_key k JOIN blob b ON b.id = k.blob_id")))


def check_components(c, db, truth):
    found = rows(db, """SELECT lower(k.name), k.version, k.package_version, b.path FROM component k JOIN blob b ON b.id = k.blob_id""")
    for want in truth["components"]:
        names = {want["name"].lower(), want["name"].lower().replace("-ng", "")}
        got = [f for f in found if f[0] in names]
        versions = {v for f in got for v in f[1:3]}
        found_version = want["version"] in versions or (want["name"] in WITHOUT_VERSION and versions == {None})
        c.true(f"component {want['name']} {want['version']}: {sorted(map(str, versions))}", found_version)
    check_software(c, db, truth)


def check_software(c, db, truth):
    """Each component of the truth is one product of `software`, with evidence; what the truth does not name is not there."""
    got = rows(db, "SELECT lower(name), version, package_version, source_package, confidence, id FROM software")
    expected = {name for want in truth["components"] for name in (want["name"].lower(), want["name"].lower().replace("-ng", ""))}
    packages = {r[0]: r[1] for r in rows(db, """SELECT c.name, s.name FROM component c JOIN software_evidence e ON e.component_id = c.id
                                                 JOIN software s ON s.id = e.software_id""")}
    for want in truth["components"]:
        name = packages.get(want["name"], want["name"]).lower()
        versions = {v for r in got if r[0] in (name, name.replace("-ng", "")) for v in r[1:3]}
        c.true(f"software {want['name']} {want['version']}: {sorted(map(str, versions))}",
               want["version"] in versions or (want["name"] in WITHOUT_VERSION and versions == {None}))
    c.equal("software without evidence", 0, rows(db, """SELECT count(*) FROM software
                                                         WHERE id NOT IN (SELECT software_id FROM software_evidence)""")[0][0])
    # Where the truth names all, nothing else may be there but what it is silent about: kernels, boot loaders, statically
    # linked libraries.
    if c.name in COMPLETE:
        silent = {"linux", "u-boot", "esp-idf"}
        c.equal("software that is not in the truth", set(), {r[0] for r in got} - expected - silent)



def check_verdicts(c, db, name, opened):
    # The truth is about what an image shows; other guidelines ask the same, and more.
    verdicts = dict(rows(db, "SELECT requirement, verdict FROM verdict WHERE pack = 'mozilla'"))
    c.true("verdicts", verdicts)
    for verdict_id, requirement, verdict in rows(db, "SELECT id, requirement, verdict FROM verdict"):
        n = rows(db, "SELECT count(*) FROM evidence WHERE verdict_id = ?", verdict_id)[0][0]
        if verdict in ("PASS", "FAIL"):
            c.true(f"{requirement} is {verdict} with evidence", n > 0)
    status = rows(db, "SELECT status FROM probe_run WHERE probe = 'firmware.unpack'")[0][0]
    if not opened:
        c.equal("unpack status", "partial", status)
        c.equal("failures", FAILS.get(name, set()), {r.removeprefix("mozilla.") for r, v in verdicts.items() if v == "FAIL"})
        c.equal("every other verdict", {"INCONCLUSIVE"}, set(verdicts.values()) - {"FAIL"})
    c.equal("failures that were not found", set(), FAILS.get(name, set())
            - {r.removeprefix("mozilla.") for r, v in verdicts.items() if v == "FAIL"})
    if name in GOOD_ON_PURPOSE:
        c.equal("failures", [], [r for r, v in verdicts.items() if v == "FAIL" and ("password" in r or "key" in r or "transport" in r)])
    if status != "complete":
        c.equal("no PASS on an image that was seen in part", [], rows(db, "SELECT requirement FROM verdict WHERE verdict = 'PASS'"))


def run_assay(assay, image, folder, threads):
    case = os.path.join(folder, f"{image.name}.{threads}.assay")
    out = os.path.join(folder, f"{image.name}.{threads}.json")
    p = subprocess.run([assay, str(image), "-o", case, "--json", out, "--threads", str(threads), "--quiet"],
                       capture_output=True, text=True)
    return p, case, out


def check_image(assay, image, folder):
    c = Checker(image.name)
    truth = json.loads(pathlib.Path(f"{image}.truth.json").read_text())
    texts = []
    for threads in (1, 2, 8):
        p, case, out = run_assay(assay, image, folder, threads)
        c.true(f"exit code {p.returncode} with {threads} threads: {p.stderr}", p.returncode in (0, 1))
        if p.returncode not in (0, 1):
            return c
        report = json.loads(pathlib.Path(out).read_text())
        report.pop("header")
        texts.append(json.dumps(report, sort_keys=True))
    c.true("the same JSON for 1, 2 and 8 threads", len(set(texts)) == 1)
    db = sqlite3.connect(case)
    opened = image.name in OPENED
    if opened:
        check_tree(c, db, truth)
        check_secrets(c, db, truth)
        check_components(c, db, truth)
    check_verdicts(c, db, image.name, opened)
    return c


def main():
    assay = os.path.abspath(sys.argv[1])
    shared = pathlib.Path(os.environ.get("ASSAY_SHARED", pathlib.Path(__file__).resolve().parents[1] / ".." / "shared"))
    images = [pathlib.Path(a) for a in sys.argv[2:]] or sorted(
        pathlib.Path(str(t)[: -len(".truth.json")]) for t in (shared / "samples").glob("*.truth.json"))
    if not images:
        print("skipped: no sample images here (set ASSAY_SHARED to the folder that holds samples/)")
        return 77
    faults = checks = 0
    with tempfile.TemporaryDirectory() as folder:
        for image in images:
            c = check_image(assay, image, folder)
            checks += c.checks
            faults += len(c.faults)
            print(f"{image.name}: {c.checks} checks, {len(c.faults)} faults")
            for fault in c.faults:
                print(f"  {fault}")
    print(f"{len(images)} images, {checks} checks, {faults} faults")
    return 1 if faults else 0


sys.exit(main())
