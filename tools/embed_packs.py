#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes guideline packs into a C file: embed_packs.py OUT.c PACK.yaml ..."""
import os
import sys

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's own parser, where python3-yaml has it


def number(n: int) -> bytes:
	"""LEB128, as src/base/doc_packed.c reads it."""
	out = bytearray()
	while n > 0x7F:
		out.append(n & 0x7F | 0x80)
		n >>= 7
	out.append(n)
	return bytes(out)


def without_tests(root: yaml.MappingNode) -> None:
	"""The tests of requirements give way to an empty list: they are most of a pack, and nobody needs them to judge."""
	for key, requirements in root.value:
		for requirement in requirements.value if key.value == "requirements" else []:
			for name, value in requirement.value:
				if name.value == "tests":
					value.value = []


def packed_node(node: yaml.Node) -> tuple:
	"""The bytes of a node, and how many nodes they are."""
	place = number(node.start_mark.line) + number(node.start_mark.column)
	if isinstance(node, yaml.ScalarNode):
		value = node.value.encode()
		return b"s" + place + number(len(value)) + value + b"\0", 1
	is_map = isinstance(node, yaml.MappingNode)
	children = [packed_node(child) for item in node.value for child in (item if is_map else (item,))]
	return ((b"m" if is_map else b"l") + place + number(len(node.value)) + b"".join(c[0] for c in children),
	        1 + sum(c[1] for c in children))


def packed(text: bytes) -> bytes:
	root = yaml.compose(text, Loader=LOADER)
	without_tests(root)
	content, nodes = packed_node(root)
	return number(nodes) + content


def write_bytes(lines: list, name: str, text: bytes) -> None:
	# Numbers, not a string: the standard promises only 4095 characters in a literal.
	lines.append(f"static const unsigned char {name}[] = {{")
	lines += [",".join(str(b) for b in text[at:at + 32]) + "," for at in range(0, len(text), 32)]
	lines.append("};")


def main() -> None:
	out, packs = sys.argv[1], sys.argv[2:]
	lines = ["/* Made from guidelines/ by tools/embed_packs.py. */", '#include "judge/pack.h"', ""]
	for index, path in enumerate(packs):
		with open(path, "rb") as pack:
			text = pack.read()
		write_bytes(lines, f"text{index}", text)
		try:
			write_bytes(lines, f"packed{index}", packed(text))
		except yaml.YAMLError as e:
			sys.exit(f"{path}: {e}")
	lines.append("const struct pack_builtin pack_builtins[] = {")
	for index, path in enumerate(packs):
		name = "built-in/" + os.path.basename(path)
		lines.append(f'\t{{ "{name}", {{ (const char *)text{index}, sizeof text{index} }},'
					 f' {{ (const char *)packed{index}, sizeof packed{index} }} }},')
	lines += ["\t{ NULL, { NULL, 0 }, { NULL, 0 } },", "};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
