#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the product table into C files.

    embed_components.py products   FOLDER OUT.c DEPFILE    what src/base/products.h declares
    embed_components.py signatures FOLDER OUT.c DEPFILE    what src/inspect/components.h declares
    embed_components.py examples   FOLDER OUT.c DEPFILE    what tests/component_examples.h declares

FOLDER holds a YAML file for each product; data/components/README.md tells what stands in it. A fault in one stops the
build with file and line. The folder itself is in the dependency file, so that a new product needs no other change.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import component_examples  # noqa: E402
import component_products  # noqa: E402
import component_signatures  # noqa: E402
from component_read import read_folder  # noqa: E402
from component_yaml import Fault  # noqa: E402

WRITERS = {"products": component_products.lines, "signatures": component_signatures.lines,
           "examples": component_examples.lines}


def main() -> None:
	what, folder, out, depfile = sys.argv[1:]
	try:
		products = read_folder(pathlib.Path(folder))
		component_products.check(products)
		lines = ["/* Made from data/components/ by tools/embed_components.py. */", *WRITERS[what](products), ""]
	except Fault as fault:
		sys.exit(str(fault))
	pathlib.Path(out).write_text("\n".join(lines), encoding="ascii")
	inputs = [folder] + [str(product.path) for product in products]
	sentences = pathlib.Path(folder).parent / "texts.bin"
	inputs += [str(sentences)] if sentences.exists() else []
	tools = pathlib.Path(__file__).parent
	inputs += sorted(str(path) for path in [*tools.glob("component_*.py"), tools / "string_pool.py"])
	pathlib.Path(depfile).write_text(f"{out}: " + " ".join(name.replace(" ", "\\ ") for name in inputs) + "\n")


if __name__ == "__main__":
	main()
