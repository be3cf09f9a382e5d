#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the standard views into a C file: embed_views.py OUT.c FILE ...

Of VIEWS.sql: comment lines before a view are what the documentation says of it; a view may name those before it.
Of FOLDER/NAME.tsv: the rows of all such files of a folder are one view with the folder's name, whose columns are those of
their first line that is no comment. Comments of the folder's first file are its documentation. An empty field is NULL.
"""
import json
import os
import re
import sys


def fail(path: str, number: int, what: str) -> None:
	sys.exit(f"{path}:{number}: {what}")


def views(text: str):
	for block in re.split(r";\n", text):
		match = re.match(r"((?:--[^\n]*\n|\s)*)CREATE VIEW (\w+) AS\n(.*)\Z", block, re.S)
		if not match:
			if re.sub(r"--[^\n]*\n|\s", "", block + "\n"):
				sys.exit(f"no view: {block[:80]!r}")
			continue
		doc = " ".join(line[2:].strip() for line in match[1].strip().splitlines() if "SPDX" not in line).strip()
		yield match[2], doc, match[3]


def read_table(path: str):
	doc, columns, rows = [], None, []
	with open(path, encoding="ascii") as tsv:
		for number, line in enumerate(tsv, 1):
			line = line.rstrip("\n")
			if line.startswith("#"):
				if "SPDX" not in line:
					doc.append(line[1:].strip())
			elif columns is None:
				columns = line.split("\t")
				if not all(re.fullmatch(r"[a-z_]+", c) for c in columns):
					fail(path, number, "no names of columns")
			else:
				fields = line.split("\t")
				if len(fields) != len(columns):
					fail(path, number, f"{len(fields)} fields, expected {len(columns)}")
				rows.append(fields)
	if not columns or not rows:
		fail(path, 1, "no rows")
	return " ".join(doc), columns, rows


def quoted(field: str) -> str:
	return "'" + field.replace("'", "''") + "'" if field else "NULL"


def table_view(paths):
	"""All columns are text, so that they compare as text."""
	doc, columns, rows = None, None, []
	for path in paths:
		file_doc, file_columns, file_rows = read_table(path)
		if columns is None:
			doc, columns = file_doc, file_columns
		if file_columns != columns:
			fail(path, 1, f"the columns {file_columns}, expected {columns}")
		rows += file_rows
	names = ", ".join(f"column{i + 1} AS {name}" for i, name in enumerate(columns))
	values = ",\n".join("(" + ", ".join(map(quoted, row)) + ")" for row in rows)
	return doc + " Columns: " + ", ".join(columns) + ".", f"SELECT {names} FROM (VALUES\n{values})"


def all_views(paths):
	tables = {}
	for path in paths:
		if path.endswith(".tsv"):
			tables.setdefault(os.path.basename(os.path.dirname(path)), []).append(path)
	for name, files in tables.items():
		yield name, *table_view(files)
	for path in paths:
		if path.endswith(".sql"):
			with open(path, encoding="ascii") as sql:
				yield from views(sql.read())


def literal(text: str) -> str:
	return "\n\t  ".join(json.dumps(line + "\n") for line in text.split("\n"))


def main() -> None:
	lines = ["/* Made from src/case/views/ and data/ by tools/embed_views.py. */", '#include "case/case.h"', "",
	         "const struct case_view case_views[] = {"]
	for name, doc, body in all_views(sys.argv[2:]):
		lines.append(f'\t{{ "{name}",\n\t  {json.dumps(doc)},\n\t  {literal(body)} }},')
	lines += ["\t{ NULL, NULL, NULL },", "};", ""]
	with open(sys.argv[1], "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
