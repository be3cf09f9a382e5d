#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the component signatures into a C file: embed_components.py SIGNATURES.tsv OUT.c

data/components/README.md tells what the columns mean. A fault in the data stops the build with its line.
"""
import re
import sys

COLUMNS = ("name", "kind", "match", "needs", "where", "examples", "counterexamples", "origin")
NONE = 0xffff
# An anchor that short would hit in every file.
ANCHOR_MIN = 4

# Mirrors enum component_op in components.h: token -> takes a number.
PLAIN = {"start": False, "end": False, "version": False, "release": False, "rest": False, "package": False,
         "unknown": False, "skip": True, "date": False, "month": False, "nul": False, "at": True}


class Fault(Exception):
	pass


def unescape(text: str) -> bytes:
	r"""C escapes: \0 \n \r \t \\ \xHH, and \< for a bracket that is no token."""
	simple = {"0": b"\0", "n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\", "<": b"<"}
	out = bytearray()
	at = 0
	while at < len(text):
		if text[at] != "\\":
			out += text[at].encode("utf-8")
			at += 1
			continue
		m = re.match(r"\\(?:x([0-9a-fA-F]{2})|([0nrt\\<]))", text[at:])
		if not m:
			raise Fault(f"unknown escape in {text!r}")
		out += bytes.fromhex(m[1]) if m[1] else simple[m[2]]
		at += m.end()
	return bytes(out)


def token_step(token: str) -> tuple[str, int, bytes]:
	words = token.split(" ")
	if words[0] == "near" and len(words) == 3 and "#" in words[2]:
		return ("near", int(words[1]), words[2].replace("_", " ").encode("ascii"))
	if "#" in token:
		return ("shape", 0, token.encode("ascii"))
	if words[0] in PLAIN and len(words) == 1 + PLAIN[words[0]]:
		return (words[0], int(words[1]) if len(words) == 2 else 0, b"")
	raise Fault(f"unknown token <{token}>")


def steps_of(match: str) -> list[tuple[str, int, bytes]]:
	"""(operation, number, bytes) of each step."""
	steps = []
	for part in re.split(r"((?<!\\)<[^>]*>)", match):
		if part.startswith("<") and part.endswith(">"):
			steps.append(token_step(part[1:-1]))
		elif part:
			literal = unescape(part)
			steps.append(("literal", len(literal), literal))
	for step, after in zip(steps, steps[1:] + [("", 0, b"")]):
		if step[0] == "skip" and after[0] != "literal":
			raise Fault("a literal must follow <skip>")
	if sum(step[0] in ("version", "release", "shape", "near", "unknown") for step in steps) != 1:
		raise Fault("exactly one token must tell the version")
	return steps


def anchor_of(steps: list[tuple[str, int, bytes]]) -> bytes:
	first = steps[1] if steps[0][0] == "start" else steps[0]
	if first[0] != "literal" or len(first[2]) < ANCHOR_MIN:
		raise Fault(f"a match must begin with a literal of {ANCHOR_MIN} bytes")
	return first[2]


class Table:
	def __init__(self) -> None:
		self.patterns: dict[bytes, int] = {}
		self.steps: list[tuple[str, int, bytes]] = []
		self.rows: list[tuple[str, str, int, int, int, int]] = [] # name, where, anchor, needs, first step, steps
		self.files: list[tuple[str, str, int, int, int, int]] = []

	def pattern(self, literal: bytes) -> int:
		return self.patterns.setdefault(literal, len(self.patterns))

	def add(self, row: dict[str, str]) -> None:
		steps = steps_of(row["match"])
		if row["kind"] not in ("banner", "filename"):
			raise Fault(f"unknown kind {row['kind']!r}")
		if not row["examples"] or not row["origin"]:
			raise Fault("an example and an origin are missing")
		banner = row["kind"] == "banner"
		literal = anchor_of(steps)
		anchor = self.pattern(literal) if banner else NONE
		needs = self.pattern(unescape(row["needs"])) if row["needs"] else NONE
		(self.rows if banner else self.files).append(
			(row["name"], row["where"], anchor, needs, len(self.steps), len(steps)))
		self.steps += steps


def read(path: str) -> Table:
	table = Table()
	header = None
	with open(path, encoding="utf-8") as file:
		for number, line in enumerate(file, 1):
			if line.startswith("# ") or not line.strip():
				continue
			cells = line.rstrip("\n").split("\t")
			try:
				if header is None:
					header = cells
					if tuple(header) != COLUMNS:
						raise Fault(f"the columns are not {' '.join(COLUMNS)}")
				elif len(cells) != len(COLUMNS):
					raise Fault(f"{len(cells)} columns instead of {len(COLUMNS)}")
				else:
					table.add(dict(zip(COLUMNS, cells)))
			except (Fault, ValueError) as fault:
				sys.exit(f"{path}:{number}: {fault}")
	return table


def c_string(data: bytes) -> str:
	"""As a C literal. Octal escapes have three digits, so that what follows does not become part of them."""
	return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data) + '"'


def c_rows(rows: list[tuple[str, str, int, int, int, int]]) -> list[str]:
	return [f"\t{{ {c_string(name.encode())}, {c_string(where.encode())}, {anchor}, {needs}, {step}, {nsteps} }},"
	        for name, where, anchor, needs, step, nsteps in rows]


def write(table: Table, out: str) -> None:
	# Those of one anchor stand together, in the order of the file.
	table.rows.sort(key=lambda row: row[2])
	first = {}
	for number, row in enumerate(table.rows):
		first.setdefault(row[2], number)
	counts = [sum(row[2] == p for row in table.rows) for p in range(len(table.patterns))]
	lines = ["/* Made from data/components/ by tools/embed_components.py. */", '#include "inspect/components.h"', "",
	         "const struct pattern component_patterns[] = {"]
	lines += [f"\t{{ {c_string(p)}, {len(p)}, PATTERN_LITERAL }}," for p in table.patterns]
	lines += ["\tPATTERN_END", "};", f"const size_t component_npatterns = {len(table.patterns)};", "",
	          "const struct component_range component_anchored[] = {"]
	lines += [f"\t{{ {first.get(p, 0)}, {n} }}," for p, n in enumerate(counts)]
	lines += ["};", "", "const struct component_step component_steps[] = {"]
	lines += [f"\t{{ COMPONENT_{op.upper()}, {n}, {c_string(data) if data else 'NULL'} }},"
	          for op, n, data in table.steps]
	lines += ["};", "", "const struct component_signature component_signatures[] = {"]
	lines += c_rows(table.rows)
	lines += ["};", f"const size_t component_nsignatures = {len(table.rows)};", "",
	          "const struct component_signature component_files[] = {"]
	lines += c_rows(table.files)
	lines += ["};", f"const size_t component_nfiles = {len(table.files)};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


def main() -> None:
	signatures, out = sys.argv[1:]
	write(read(signatures), out)


if __name__ == "__main__":
	main()
