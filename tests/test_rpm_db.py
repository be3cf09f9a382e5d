#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What RPM has installed: a database that rpm itself wrote (SQLite), a hash that Berkeley DB's db_load made of the same
headers, and RPM's own form (ndb, which Debian's rpm does not write) made of them here; read beside what `rpm -qa` says, then cut off.

    python3 test_rpm_db.py ASSAY
"""
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

import rpm_databases

ASSAY = os.path.abspath(sys.argv[1])
FILES = {"sqlite": "rpmdb.sqlite", "ndb": "Packages.db", "bdb": "Packages"}

# name, epoch, version, release, licence, files: one has a header of many pages.
PACKAGES = [
    ("busybox", 0, "1.36.1", "r0", "GPL-2.0-only", 3),
    ("openssl", 1, "3.0.9", "4.el9", "Apache-2.0", 1),
    ("kernel-modules", 0, "5.15.78", "r0", "GPL-2.0-only", 3000),
    ("libstdc++", 0, "12.2.0", "r0", "GPL-3.0-with-GCC-exception", 1),
] + [("part%d" % i, 0, "1.%d" % i, "1", "MIT", 1) for i in range(60)]


def run(*args, **how):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how).stdout


def build(folder):
    """The packages, all of one source: the first has its name."""
    parts = []
    for i, (name, epoch, version, release, licence, files) in enumerate(PACKAGES):
        head = "Name: %s\n" % name if i == 0 else "%%package -n %s\n" % name
        head += "Version: %s\nRelease: %s\nLicense: %s\nSummary: x\n" % (version, release, licence)
        parts.append((head + ("Epoch: %d\n" % epoch if epoch else "") + ("BuildArch: noarch\n" if i == 0 else ""),
                      "%%description %s\nx\n" % ("" if i == 0 else "-n " + name),
                      "mkdir -p %%{buildroot}/opt/%s; for i in $(seq %d); do echo $i > %%{buildroot}/opt/%s/$i; done\n" % (name, files, name),
                      "%%files %s\n/opt/%s\n" % ("" if i == 0 else "-n " + name, name)))
    spec = folder / "all.spec"
    spec.write_text("".join(p[0] + p[1] for p in parts) + "%install\n" + "".join(p[2] for p in parts) + "".join(p[3] for p in parts))
    run("rpmbuild", "-bb", "--define", "_topdir %s" % folder, str(spec))
    return sorted((folder / "RPMS/noarch").iterdir())


def rpm(backend, where, *args):
    return run("rpm", "--define", "_db_backend %s" % backend, "--dbpath", str(where), *args)


def headers_of(sqlite):
    return sqlite3.connect(sqlite).execute("SELECT hnum, blob FROM Packages ORDER BY hnum").fetchall()


def hash_of(rows, where):
    """The headers as a hash of Berkeley DB: keys are the numbers of the packages, 0 has how many there were."""
    lines = ["VERSION=3", "format=bytevalue", "type=hash", "db_pagesize=4096", "HEADER=END"]
    for key, value in [(0, struct.pack("<I", len(rows)))] + rows:
        lines += [" " + struct.pack("<I", key).hex(), " " + value.hex()]
    run("db5.3_load", "-f", "/dev/stdin", str(where), input="\n".join(lines + ["DATA=END", ""]).encode())
    return where.read_bytes()


def assess(folder, tree):
    case = folder / "case.assay"
    case.unlink(missing_ok=True)
    done = subprocess.run([ASSAY, str(tree), "-o", str(case), "-q"], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode in (0, 1, 3), (done.returncode, done.stdout)
    database = sqlite3.connect(case)
    rows = database.execute("SELECT name, version, package_version, architecture, licence, evidence, purl, source_package "
                            "FROM component WHERE evidence_kind = 'package' ORDER BY name").fetchall()
    return rows, database.execute("SELECT count(*) FROM damage WHERE what LIKE '%RPM%' OR what LIKE '%package%' "
                                  "OR what LIKE '%slot%'").fetchone()[0]


def expected():
    rows = []
    for name, epoch, version, release, licence, _ in PACKAGES:
        full = "%s%s-%s" % ("%d:" % epoch if epoch else "", version, release)
        rows.append((name, version, full, "noarch", licence, "%s-%s.noarch" % (name, full),
                     "pkg:rpm/%s@%s-%s" % (name, version, release), PACKAGES[0][0]))
    return sorted(rows)


def tree_with(folder, name, content):
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "var/lib/rpm").mkdir(parents=True)
    (tree / "var/lib/rpm" / name).write_bytes(content)
    return tree


def check_whole(folder, backend, content):
    rows, damage = assess(folder, tree_with(folder, FILES[backend], content))
    assert rows == expected(), (backend, [r for r in rows if r not in expected()], [r for r in expected() if r not in rows])
    assert damage == 0, backend


def check_damaged(folder, backend, content):
    """What is cut off is told, what is before it is read, and nothing is invented."""
    rows, damage = assess(folder, tree_with(folder, FILES[backend], content[:len(content) * 2 // 3]))
    assert damage > 0, backend
    names = {r[0]: r[1] for r in expected()}
    assert all(names.get(r[0]) == r[1] for r in rows), (backend, rows)
    assert len(rows) < len(PACKAGES), (backend, len(rows))
    rows, damage = assess(folder, tree_with(folder, FILES[backend], content[:16] + b"\xff" * 64 + content[80:]))
    assert damage > 0 or rows == expected(), backend


def main():
    for tool in ("rpmbuild", "db5.3_load"):
        if not shutil.which(tool):
            print("skipped: %s is not installed" % tool)
            sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        where = folder / "sqlite"
        rpm("sqlite", where, "--initdb")
        rpm("sqlite", where, "-i", "--justdb", "--nodeps", "--noscripts", *map(str, build(folder)))
        told = rpm("sqlite", where, "-qa", "--qf", "%{NAME} %{VERSION}\n").decode().split("\n")
        assert sorted(filter(None, told)) == sorted("%s %s" % (p[0], p[2]) for p in PACKAGES)
        # The log is brought into the file, as when rpm ends in peace.
        sqlite3.connect(where / "rpmdb.sqlite").execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = headers_of(where / "rpmdb.sqlite")
        contents = {"sqlite": (where / "rpmdb.sqlite").read_bytes(), "ndb": rpm_databases.ndb(rows), "bdb": hash_of(rows, folder / "Packages")}
        # The order of the other machine, and values of many small pages.
        check_whole(folder, "bdb", rpm_databases.bdb(rows, ">", 1024))
        for backend, content in contents.items():
            check_whole(folder, backend, content)
            check_damaged(folder, backend, content)
    print("7 tests passed")


main()
