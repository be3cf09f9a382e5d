#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the tables of data/vuln/ into C.

    embed_vuln.py KERNEL_PATHS BUSYBOX_APPLETS OUTPUT

A fault (a wrong number of columns, a row twice, a name that is none) stops the build with file and line.
"""
import re
import sys


def rows(path, columns):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != columns:
                sys.exit(f"{path}:{number}: {len(fields)} columns, not {columns}")
            yield number, fields


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def check(path, number, ok, what):
    if not ok:
        sys.exit(f"{path}:{number}: {what}")


def kernel(path, out):
    seen, subjects = set(), set()
    out.append("const struct kernel_path kernel_paths[] = {")
    for number, (name, options, modules, subject, since) in rows(path, 5):
        check(path, number, re.fullmatch(r"[a-z0-9_./-]+(/|\.c)", name), "no folder (ends with /) and no file (.c)")
        check(path, number, name not in seen, "twice there")
        check(path, number, re.fullmatch(r"(@?[A-Za-z0-9_-]+)( [@+]?[A-Za-z0-9_-]+)*|\*", options), "no options")
        check(path, number, re.fullmatch(r"(\d+\.\d+)?", since), "no version of the kernel")
        seen.add(name)
        for item in filter(None, subject.split(",")):
            check(path, number, item not in subjects, f"the subject {item} is that of another row, too")
            subjects.add(item)
        out.append(f"\t{{ {quoted(name)}, {quoted(options)}, {quoted(modules)}, {quoted(subject)}, {quoted(since)} }},")
    out.append("};")
    out.append("const size_t kernel_paths_n = sizeof kernel_paths / sizeof kernel_paths[0];")


def options(path, out):
    names = sorted({o.lstrip("+") for _, fields in rows(path, 5) for o in fields[1].split() if o[0] not in "@*"})
    out.append("const char *const kernel_path_options[] = {")
    out.extend(f"\t{quoted(name)}," for name in names)
    out.append("};")
    out.append("const size_t kernel_path_options_n = sizeof kernel_path_options / sizeof kernel_path_options[0];")


def busybox(path, out):
    seen = set()
    out.append("const struct busybox_cve busybox_cves[] = {")
    for number, (cve, applets, text) in rows(path, 3):
        check(path, number, re.fullmatch(r"CVE-\d{4}-\d{4,}", cve), "no name of a CVE")
        check(path, number, cve not in seen, "twice there")
        check(path, number, applets and text, "empty")
        seen.add(cve)
        out.append(f"\t{{ {quoted(cve)}, {quoted(applets)} }},")
    out.append("};")
    out.append("const size_t busybox_cves_n = sizeof busybox_cves / sizeof busybox_cves[0];")


def main():
    out = ["/* Made by tools/embed_vuln.py from data/vuln/: change those. */", '#include "base/vuln_parts.h"', ""]
    kernel(sys.argv[1], out)
    options(sys.argv[1], out)
    busybox(sys.argv[2], out)
    with open(sys.argv[3], "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")


main()
