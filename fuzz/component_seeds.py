#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes test strings of the product table as inputs of inspector:components: FOLDER/inspector_components/LETTERS.

    component_seeds.py FOLDER

One file for each 40 products, so that a run gets through them: a path as the first line, then the strings.
"""
import pathlib
import re
import sys

TOGETHER = 40
products = pathlib.Path(__file__).resolve().parent.parent / "data" / "components" / "products"
out = pathlib.Path(sys.argv[1]) / "inspector_components"
out.mkdir(parents=True, exist_ok=True)
files = sorted(products.glob("*.yaml"))


def bytes_of(text):
    """The escapes of the table: \\0, \\n, \\t, \\xHH."""
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    return text.replace("\\0", "\0").replace("\\n", "\n").replace("\\t", "\t").encode("latin-1", "replace")


for i in range(0, len(files), TOGETHER):
    strings = []
    for f in files[i:i + TOGETHER]:
        strings += [bytes_of(m[1]) for m in re.finditer(r"'([^'\n]+?) => [^']*'", f.read_text())][:3]
    name = files[i].stem
    (out / name).write_bytes(f"/usr/bin/{name}\n".encode() + b"\x7fELF\0" + b"\0".join(strings) + b"\0")
