#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the shared libraries that programs need, and those that these need, as a maker's build system would.

libraries.py FROM ROOT: for every ELF file of ROOT; FROM holds the unpacked packages. A library that no package has is an
error.
"""
import os
import re
import shutil
import subprocess
import sys


def needed(path):
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    text = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=False).stdout
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]", text)


def main():
    packages, root = sys.argv[1:]
    where = {}
    for folder in ("lib/arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabihf"):
        for name in sorted(os.listdir(os.path.join(packages, folder))):
            where.setdefault(name, folder)
    waiting = [os.path.join(base, name) for base, _, names in os.walk(root) for name in names]
    done = set()
    while waiting:
        path = waiting.pop()
        if os.path.islink(path):
            continue
        for library in set(needed(path)) - done:
            if library not in where:
                sys.exit(f"libraries.py: {path} needs {library}, which no package has")
            done.add(library)
            folder = os.path.join(root, where[library])
            os.makedirs(folder, exist_ok=True)
            # The file under its own name, and the name that programs ask for as a link to it.
            source = os.path.realpath(os.path.join(packages, where[library], library))
            target = os.path.join(folder, os.path.basename(source))
            shutil.copy2(source, target)
            if os.path.basename(source) != library:
                os.symlink(os.path.basename(source), os.path.join(folder, library))
            waiting.append(target)


main()
