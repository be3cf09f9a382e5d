#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes RPM's databases in their three forms as inputs of inspector:components.

    fuzz/rpm_seeds.py FOLDER
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import rpm_databases  # noqa: E402

out = pathlib.Path(sys.argv[1]) / "inspector_components"
out.mkdir(parents=True, exist_ok=True)
rows = [(n, rpm_databases.header((1000, "part%d" % n), (1001, "1.%d" % n), (1002, "r0"), (1011, "Fedora Project"),
                                 (1014, "MIT"), (1022, "noarch"), (1044, "all-1-2.src.rpm"), (1118, "x" * 700 * n)))
        for n in (1, 2)]
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "rpmdb.sqlite"
    rpm_databases.write_sqlite(rows, path, 512)
    databases = {"rpmdb.sqlite": path.read_bytes(), "Packages.db": rpm_databases.ndb(rows), "Packages": rpm_databases.bdb(rows)}
for name, content in databases.items():
    (out / ("rpm-" + name)).write_bytes(b"/var/lib/rpm/%s\n" % name.encode() + content)
