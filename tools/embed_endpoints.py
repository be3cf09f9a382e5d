#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the names of data/endpoints/ into a C file: embed_endpoints.py TLDS.txt HOSTS.tsv OUT.c

data/endpoints/README.md tells what the columns mean. A fault in the data stops the build with its line.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
from string_pool import Pool  # noqa: E402

COLUMNS = ["host", "path", "noise", "role"]
NOISE = {"", "namespace", "licence", "bug report", "project page", "algorithm name", "certificate", "example"}


def lines(path: str) -> list[tuple[int, str]]:
	with open(path, encoding="ascii") as file:
		return [(number, line.rstrip("\n")) for number, line in enumerate(file, 1)
		        if line.strip() and not line.startswith("# ")]


def tlds(path: str) -> list[str]:
	names = [name for _, name in lines(path)]
	for name in names:
		if not re.fullmatch(r"[a-z0-9-]{2,63}", name):
			sys.exit(f"{path}: {name!r} is no top-level domain")
	return sorted(names)


def hosts(path: str) -> list[list[str]]:
	(number, head), *rest = lines(path)
	if head.split("\t") != COLUMNS:
		sys.exit(f"{path}:{number}: the columns are not {' '.join(COLUMNS)}")
	rows = []
	for number, line in rest:
		row = line.split("\t")
		if len(row) != 4 or not re.fullmatch(r"[a-z0-9.:_-]+", row[0]) or row[2] not in NOISE:
			sys.exit(f"{path}:{number}: not a row of {' '.join(COLUMNS)}")
		if bool(row[2]) == bool(row[3]):
			sys.exit(f"{path}:{number}: exactly one of noise and role must be there")
		rows.append(row)
	# Of one host, those with a path come first.
	rows.sort(key=lambda row: (row[0], row[1] == "", row[1]))
	for one, other in zip(rows, rows[1:]):
		if one[:2] == other[:2]:
			sys.exit(f"{path}: {one[0]} {one[1]} is there twice")
	return rows


def main() -> None:
	tld_file, host_file, out = sys.argv[1:]
	names, rows, strings = tlds(tld_file), hosts(host_file), Pool()
	text = ["/* Made from data/endpoints/ by tools/embed_endpoints.py. */", '#include "inspect/endpoints.h"', "",
	        "const uint32_t endpoint_tlds[] = {", *(f"\t{strings.at(name.encode())}," for name in names), "};",
	        f"const size_t endpoint_ntlds = {len(names)};", "", "const struct endpoint_known endpoint_known[] = {",
	        *("\t{ " + ", ".join(str(strings.at(cell.encode())) for cell in row) + " }," for row in rows), "};",
	        f"const size_t endpoint_nknown = {len(rows)};", "", *strings.lines("const char endpoint_strings[]")]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(text))


if __name__ == "__main__":
	main()
