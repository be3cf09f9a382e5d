#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes guideline packs into a C file: embed_packs.py OUT.c PACK.yaml ..."""
import os
import sys


def without_tests(text: bytes) -> bytes:
	"""The tests of requirements, `    tests:` and all lines deeper than it, give way to an empty list: they are most of a
	pack, and nobody needs them to judge. The lines of a block scalar are deeper than four columns."""
	kept, skipping = [], False
	for line in text.split(b"\n"):
		if skipping and (not line.strip() or line.startswith(b"     ") or line.startswith(b"    - ") or line.startswith(b"    #")):
			continue
		skipping = line.startswith(b"    tests:") and not line[10:].split(b" #")[0].strip()
		kept.append(b"    tests: []" if skipping else line)
	return b"\n".join(kept)


def write_bytes(lines: list, name: str, text: bytes) -> None:
	# Numbers, not a string: the standard promises only 4095 characters in a literal.
	lines.append(f"static const unsigned char {name}[] = {{")
	lines += [",".join(str(b) for b in text[at:at + 32]) + "," for at in range(0, len(text), 32)]
	lines.append("};")


def main() -> None:
	out, packs = sys.argv[1], sys.argv[2:]
	lines = ["/* Made from guidelines/ by tools/embed_packs.py. */", '#include "judge/pack.h"', ""]
	for number, path in enumerate(packs):
		with open(path, "rb") as pack:
			text = pack.read()
		write_bytes(lines, f"text{number}", text)
		write_bytes(lines, f"bare{number}", without_tests(text))
	lines.append("const struct pack_builtin pack_builtins[] = {")
	for number, path in enumerate(packs):
		name = "built-in/" + os.path.basename(path)
		lines.append(f'\t{{ "{name}", {{ (const char *)text{number}, sizeof text{number} }},'
					 f' {{ (const char *)bare{number}, sizeof bare{number} }} }},')
	lines += ["\t{ NULL, { NULL, 0 }, { NULL, 0 } },", "};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
