# SPDX-License-Identifier: GPL-3.0-or-later
"""The matches of the product table: their language, and the C of src/inspect/components.h."""
import re

from component_yaml import Match, Product
from string_pool import Pool, c_string

NONE = 0xffff
# Pattern 0: the owner of a distribution's note (components_note.c).
NOTE = b"FDO\0"
# An anchor that short would hit in every file.
ANCHOR_MIN = 4

# Mirrors enum component_op in components.h: token -> takes a number.
PLAIN = {"start": False, "end": False, "version": False, "release": False, "rest": False, "package": False,
         "unknown": False, "skip": True, "date": False, "month": False, "nul": False, "at": True, "packed": False}
# What tells the version, and the forms of <near N WORD> that are no shape. Where nothing else does, <package> tells it.
TELLING = ("version", "release", "shape", "packed", "constant", "near", "near_version", "near_packed", "unknown")
NEAR = ("version", "packed")


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
			raise ValueError(f"unknown escape in {text!r}")
		out += bytes.fromhex(m[1]) if m[1] else simple[m[2]]
		at += m.end()
	return bytes(out)


def token_step(token: str) -> tuple[str, int, bytes]:
	words = token.split(" ")
	if words[0] == "near" and len(words) == 3 and words[2] in NEAR:
		return ("near_" + words[2], int(words[1]), b"")
	if words[0] == "near" and len(words) == 3 and "#" in words[2]:
		return ("near", int(words[1]), words[2].replace("_", " ").encode("ascii"))
	if "#" in token:
		return ("shape", 0, token.encode("ascii"))
	if words[0] in PLAIN and len(words) == 1 + PLAIN[words[0]]:
		return (words[0], int(words[1]) if len(words) == 2 else 0, b"")
	raise ValueError(f"unknown token <{token}>")


def steps_of(match: str, constant: str = "") -> list[tuple[str, int, bytes]]:
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
			raise ValueError("a literal must follow <skip>")
	if constant:
		steps.append(("constant", len(constant), constant.encode("ascii")))
	if (sum(step[0] in TELLING for step in steps) or sum(step[0] == "package" for step in steps)) != 1:
		raise ValueError("exactly one token must tell the version")
	if any(step[0].startswith("near") for step in steps[:-1]):
		raise ValueError("nothing may follow <near>")
	return steps


def anchor_of(steps: list[tuple[str, int, bytes]]) -> bytes:
	first = steps[1] if steps[0][0] == "start" else steps[0]
	if first[0] != "literal" or len(first[2]) < ANCHOR_MIN:
		raise ValueError(f"a banner must begin with a literal of {ANCHOR_MIN} bytes")
	return first[2]


def split_lines(steps: list[tuple[str, int, bytes]]) -> list[tuple[str, int, bytes]]:
	"""The anchor without the ends of lines at its beginning, and only to the next one: where a string's line end was left
	out, the anchor is still found, and the step behind it knows that a string may end there."""
	at = int(steps[0][0] == "start")
	whole = anchor_of(steps)
	literal = whole.lstrip(b"\r\n")
	head = re.split(rb"[\r\n]", literal)[0]
	if len(re.sub(rb"%[a-z]|[^A-Za-z]", b"", head)) < ANCHOR_MIN:
		return steps
	begin = [("start", 0, b"")] if at or literal != whole else []
	rest = literal[len(head):]
	return [*begin, ("literal", len(head), head), *([("lines", len(rest), rest)] if rest else []), *steps[at + 1:]]


class Table:
	def __init__(self) -> None:
		self.patterns: dict[bytes, int] = {}
		self.steps: list[tuple[str, int, bytes]] = []
		self.banners: list[tuple[int, str, int, int, int, int]] = [] # product, where, anchor, needs, first step, steps
		self.files: list[tuple[int, str, int, int, int, int]] = []

	def pattern(self, literal: bytes) -> int:
		return self.patterns.setdefault(literal, len(self.patterns))

	def add(self, number: int, match: Match) -> None:
		if ("banner" in match.texts) == ("filename" in match.texts):
			raise ValueError("a match has either a banner or a filename")
		if not match.lists.get("examples") or not match.texts.get("origin"):
			raise ValueError("an example and an origin are missing")
		banner = "banner" in match.texts
		steps = steps_of(match.texts["banner" if banner else "filename"], match.texts.get("version", ""))
		steps = split_lines(steps) if banner else steps
		anchor = self.pattern(anchor_of(steps)) if banner else NONE
		needs = self.pattern(unescape(match.texts["needs"])) if match.texts.get("needs") else NONE
		where = " ".join(match.lists.get("where", []))
		(self.banners if banner else self.files).append((number, where, anchor, needs, len(self.steps), len(steps)))
		self.steps += steps


def table_of(products: list[Product]) -> Table:
	table = Table()
	table.pattern(NOTE)
	for number, product in enumerate(products):
		for match in product.matches:
			try:
				table.add(number, match)
			except ValueError as fault:
				raise product.fault(match, str(fault)) from fault
	if len(table.steps) >= NONE or len(table.patterns) >= NONE:
		raise products[0].fault(None, "the tables have become too large for 16 bits: widen struct component_signature")
	return table


def c_rows(strings: Pool, rows: list[tuple[int, str, int, int, int, int]]) -> list[str]:
	return [f"\t{{ {strings.at(where.encode())}, {product}, {anchor}, {needs}, {step}, {nsteps} }},"
	        for product, where, anchor, needs, step, nsteps in rows]


def lines(products: list[Product]) -> list[str]:
	table = table_of(products)
	# Those of one anchor stand together, in the order of the files.
	table.banners.sort(key=lambda row: row[2])
	first: dict[int, int] = {}
	counts = [0] * len(table.patterns)
	for number, row in enumerate(table.banners):
		first.setdefault(row[2], number)
		counts[row[2]] += 1
	strings = Pool()
	out = ['#include "inspect/components.h"', "", "const struct pattern component_patterns[] = {"]
	out += [f"\t{{ {c_string(p)}, {len(p)}, PATTERN_LITERAL }}," for p in table.patterns]
	with_nul = [str(i) for i, p in enumerate(table.patterns) if b"\0" in p]
	out += ["\tPATTERN_END", "};", f"const size_t component_npatterns = {len(table.patterns)};", "",
	        "const uint16_t component_with_nul[] = {", *(f"\t{', '.join(with_nul[i:i + 16])}," for i in range(0, len(with_nul), 16)), "};",
	        f"const size_t component_nwith_nul = {len(with_nul)};", "",
	        "const struct component_range component_anchored[] = {"]
	out += [f"\t{{ {first.get(p, 0)}, {n} }}," for p, n in enumerate(counts)]
	out += ["};", "", "const struct component_step component_steps[] = {"]
	out += [f"\t{{ COMPONENT_{op.upper()}, {n}, {strings.at(data)} }}," for op, n, data in table.steps]
	out += ["};", "", "const struct component_signature component_signatures[] = {", *c_rows(strings, table.banners), "};",
	        f"const size_t component_nsignatures = {len(table.banners)};", "",
	        "const struct component_signature component_files[] = {", *c_rows(strings, table.files), "};",
	        f"const size_t component_nfiles = {len(table.files)};", "", *strings.lines("const char component_strings[]")]
	return out
