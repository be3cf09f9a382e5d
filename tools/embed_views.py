#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the standard views into a C file: embed_views.py OUT.c VIEWS.sql ...

Comment lines before a view are what the documentation says of it; a view may name those before it.
"""
import json
import re
import sys


def views(text: str):
	for block in re.split(r";\n", text):
		match = re.match(r"((?:--[^\n]*\n|\s)*)CREATE VIEW (\w+) AS\n(.*)\Z", block, re.S)
		if not match:
			if re.sub(r"--[^\n]*\n|\s", "", block + "\n"):
				sys.exit(f"no view: {block[:80]!r}")
			continue
		doc = " ".join(line[2:].strip() for line in match[1].strip().splitlines() if "SPDX" not in line).strip()
		yield match[2], doc, match[3]


def literal(text: str) -> str:
	return "\n\t  ".join(json.dumps(line + "\n") for line in text.split("\n"))


def main() -> None:
	lines = ["/* Made from src/case/views/ by tools/embed_views.py. */", '#include "case/case.h"', "",
	         "const struct case_view case_views[] = {"]
	for path in sys.argv[2:]:
		with open(path, encoding="ascii") as sql:
			for name, doc, body in views(sql.read()):
				lines.append(f'\t{{ "{name}",\n\t  {json.dumps(doc)},\n\t  {literal(body)} }},')
	lines += ["\t{ NULL, NULL, NULL },", "};", ""]
	with open(sys.argv[1], "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
