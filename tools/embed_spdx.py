#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the identifiers of the SPDX License List into a C file: embed_spdx.py LICENCES.txt EXCEPTIONS.txt OUT.c"""
import re
import sys


def identifiers(path: str) -> list[str]:
	found = {}
	with open(path, encoding="ascii") as lines:
		for number, line in enumerate(lines, 1):
			name = line.rstrip("\n")
			if not re.fullmatch(r"[A-Za-z0-9.+-]+", name):
				sys.exit(f"{path}:{number}: {name!r} is no identifier: letters, digits, '.', '-' and '+' are expected")
			if name.lower() in found:
				sys.exit(f"{path}:{number}: {name} stands there twice")
			found[name.lower()] = name
	return [found[key] for key in sorted(found)]


def main() -> None:
	lines = ["/* Made from data/spdx/ by tools/embed_spdx.py; sorted without regard to case. */",
	         '#include "base/spdx_expression.h"', ""]
	for name, path in (("spdx_licences", sys.argv[1]), ("spdx_exceptions", sys.argv[2])):
		lines.append(f"const char *const {name}[] = {{")
		known = identifiers(path)
		lines += [f'\t"{word}",' for word in known]
		lines += ["};", f"const size_t {name}_count = {len(known)};"]
	with open(sys.argv[3], "w", encoding="ascii") as c:
		c.write("\n".join(lines) + "\n")


if __name__ == "__main__":
	main()
