#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes guideline packs into a C file: embed_packs.py OUT.c PACK.yaml ..."""
import os
import sys


def main() -> None:
	out, packs = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
	lines = ["/* Made from guidelines/ by tools/embed_packs.py. */", '#include "judge/pack.h"', ""]
	for number, path in enumerate(packs):
		with open(path, "rb") as pack:
			text = pack.read()
		# Numbers, not a string: the standard promises only 4095 characters in a literal.
		lines.append(f"static const unsigned char text{number}[] = {{")
		lines += [",".join(str(b) for b in text[at:at + 32]) + "," for at in range(0, len(text), 32)]
		lines.append("};")
	lines.append("const struct pack_builtin pack_builtins[] = {")
	for number, path in enumerate(packs):
		name = "built-in/" + os.path.basename(path)
		lines.append(f'\t{{ "{name}", {{ (const char *)text{number}, sizeof text{number} }} }},')
	lines += ["\t{ NULL, { NULL, 0 } },", "};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
