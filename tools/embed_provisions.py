#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the ids of the built-in packs' requirements into a C file: embed_provisions.py OUT.c PACK.yaml ..."""
import sys

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def ids(path: str) -> list:
	with open(path, "rb") as pack:
		root = yaml.compose(pack, Loader=LOADER)
	requirements = next(value for key, value in root.value if key.value == "requirements")
	return [value.value for requirement in requirements.value for key, value in requirement.value if key.value == "id"]


def main() -> None:
	out, packs = sys.argv[1], sys.argv[2:]
	lines = ["/* Made from guidelines/ by tools/embed_provisions.py. */", '#include "product/product.h"', "",
	         "const char *const product_provisions[] = {"]
	lines += [f'\t"{name}",' for path in packs for name in ids(path)]
	lines += ["\tNULL,", "};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
