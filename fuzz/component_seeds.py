#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes test strings of the product table as inputs of inspector:components: FOLDER/inspector_components/LETTERS.

    component_seeds.py FOLDER

One file for each 40 products, so that a run gets through them: a path as the first line, then the strings.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from component_read import read_folder  # noqa: E402
from component_signatures import unescape  # noqa: E402

TOGETHER = 40
EACH = 3


def strings_of(product):
    examples = [text for match in product.matches for text in match.lists["examples"]] + product.list("tests")
    return [unescape(text.rpartition(" =>")[0]) for text in examples[:EACH]]


out = pathlib.Path(sys.argv[1]) / "inspector_components"
out.mkdir(parents=True, exist_ok=True)
products = read_folder(ROOT / "data" / "components" / "products")
for i in range(0, len(products), TOGETHER):
    strings = [string for product in products[i:i + TOGETHER] for string in strings_of(product)]
    name = products[i].name
    (out / name).write_bytes(f"/usr/bin/{name}\n".encode() + b"\x7fELF\0" + b"\0".join(strings) + b"\0")
