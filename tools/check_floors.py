#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when an include or a symbol points up.

    check_floors.py SOURCE_ROOT STAMP LIBRARY...

Each folder of src/ may use only the folders listed for it; docs/architecture.md tells why. Includes are read from the
sources; symbols from the static libraries, each named after its folder (libbase.a, libformat.a ...). SQLite is for those who
keep a database: what takes inputs apart can not reach one.
"""
import pathlib
import re
import subprocess
import sys

MAY_USE = {
    "base": set(),
    "sql": {"base"},
    "combos": {"base"},
    "fact": {"base"},
    "format": {"base", "fact"},
    "inspect": {"base", "fact", "format"},
    "document": {"base", "fact"},
    "probe": {"base", "fact", "format", "inspect", "document"},
    "worker": {"base", "fact", "document", "probe"},
    "case": {"base", "sql", "fact"},
    "judge": {"base", "sql", "fact", "case"},
    "report": {"base", "sql", "fact", "case"},
    "remedy": {"base", "sql", "fact", "case"},
    "product": {"base", "fact"},
    "feed": {"base", "sql"},
    "vuln": {"base", "sql", "fact", "case", "feed"},
}
# inspect needs two headers of format (what an entry is); it may call nothing there.
NO_CALLS = {("inspect", "format")}


def check_includes(root):
    faults = []
    for path in sorted(root.glob("src/*/*.[ch]")):
        folder = path.parent.name
        if folder == "cli":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"(?:\.\./)*(?:src/)?(\w+)/', line)
            if m and m.group(1) != folder and m.group(1) not in MAY_USE[folder]:
                faults.append(f"{path.relative_to(root)}:{number}: {folder} includes {m.group(1)}: {line.strip()}")
            if re.match(r"\s*#\s*include\s+<sqlite3", line) and folder != "sql" and "sql" not in MAY_USE[folder]:
                faults.append(f"{path.relative_to(root)}:{number}: {folder} includes SQLite")
    return faults


def symbols(library, *flags):
    out = subprocess.run(["nm", "--extern-only", *flags, library], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines() if len(line.split()) >= 2 and not line.endswith(":")}


def check_symbols(libraries):
    faults = []
    folder_of = {lib: re.match(r"lib(\w+)\.a$", pathlib.Path(lib).name).group(1) for lib in libraries}
    defined = {lib: symbols(lib, "--defined-only") for lib in libraries}
    for lib in libraries:
        folder = folder_of[lib]
        wanted = symbols(lib, "--undefined-only") - defined[lib]
        for other in libraries:
            target = folder_of[other]
            if other == lib or (target in MAY_USE[folder] and (folder, target) not in NO_CALLS):
                continue
            for name in sorted(wanted & defined[other]):
                faults.append(f"lib{folder}: calls {name} of {target}")
    return faults


def main():
    root, stamp, libraries = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    faults = check_includes(root) + check_symbols(libraries)
    for fault in faults:
        print(f"floors: {fault}", file=sys.stderr)
    if faults:
        return 1
    pathlib.Path(stamp).write_text("ok\n")
    return 0


sys.exit(main())
