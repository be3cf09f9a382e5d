#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of the product table what programs of no product of it say, too.

    foreign_texts.py PRODUCTS PACKAGE...

PRODUCTS and PACKAGE are those of harvest_texts.py; packages of the table's products are passed over. What another program
says is not one product's own: it goes out of texts.bin beside PRODUCTS and out of the `texts` of the entries, and what two
products have in texts.bin goes out of both. Nothing is added, so that packages can be given a part at a time.

A program that has COPY_MIN sentences of a product is made of that product's code (a fork, a library within it): what it has
in common with the product stays, unless so many sources copied it that it tells nothing. A program that only calls a library
has names of functions, and no sentences. What is called like a product but for a number (tcl9.1, guile-2.2) is that product's.
"""
import collections
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import component_texts  # noqa: E402
import harvest_texts  # noqa: E402

COPY_MIN = 10
SOURCES_MAX = 2


def hash_of(text: bytes) -> int:
	return component_texts.fnv1a(text) >> 24


def texts_of(path: pathlib.Path) -> list[bytes]:
	"""What stands under `texts` of an entry, as harvest_texts.write() writes it: what was not read would be lost."""
	listed = re.search(r"^texts:.*\n((?:  - .*\n)*)", path.read_text(), re.M)
	lines = listed[0].splitlines() if listed else ["texts:"]
	if lines[0] != "texts:" or not all(re.fullmatch(r"  - '.*'", line) for line in lines[1:]):
		sys.exit(f"{path}: texts have to be a line each, in single quotes")
	return [line[5:-1].replace("''", "'").encode() for line in lines[1:]]


class Known:
	"""The products of each hash, in texts.bin and in the entries."""

	def __init__(self, folder: pathlib.Path):
		self.bin = component_texts.read(folder.parent / "texts.bin")
		self.entries = {path: texts_of(path) for path in sorted(folder.glob("*.yaml"))}
		self.products: dict[int, set[str]] = collections.defaultdict(set)
		for name, hashes in self.bin.items():
			for value in hashes:
				self.products[value].add(name)
		for path, texts in self.entries.items():
			for text in texts:
				self.products[hash_of(text)].add(path.stem)

	def said_by(self, data: bytes) -> dict[str, dict[int, bool]]:
		"""Of each product the hashes of its texts that the program has, and whether each is a sentence."""
		said: dict = collections.defaultdict(dict)
		for text in {m.group().strip() for m in harvest_texts.STRING.finditer(data)}:
			if not harvest_texts.LENGTH_MIN <= len(text) <= harvest_texts.LENGTH_MAX:
				continue
			for value in (hash_of(text), hash_of(b"\0" + text)):  # a text, an identifier
				for product in self.products.get(value, ()):
					said[product][value] = b" " in text
		return said


def is_foreign(package: harvest_texts.Package, products: dict[str, str]) -> bool:
	plain = re.sub(r"-?\d[\d.]*$", "", package.source)
	return not any(name in products for name in (package.name, package.source, plain))


def foreign(known: Known, packages) -> set[tuple[str, int]]:
	"""(product, hash) of what is not the product's own."""
	gone, sources = set(), collections.defaultdict(set)
	for package in packages:
		for _, data in package.programs():
			for product, texts in known.said_by(data).items():
				copied = sum(texts.values()) >= COPY_MIN
				for value in texts:
					sources[product, value].add(package.source)
					if not copied or len(sources[product, value]) > SOURCES_MAX:
						gone.add((product, value))
	return gone


def remove(folder: pathlib.Path, known: Known, gone: set[tuple[str, int]]) -> None:
	for path, texts in known.entries.items():
		kept = [text for text in texts if (path.stem, hash_of(text)) not in gone]
		if len(kept) < len(texts):
			harvest_texts.write(path, kept)
	left = {name: {value for value in hashes if (name, value) not in gone} for name, hashes in known.bin.items()}
	component_texts.write(folder.parent / "texts.bin", component_texts.without_shared(left))


def main() -> None:
	if len(sys.argv) < 3:
		sys.exit(__doc__)
	folder = pathlib.Path(sys.argv[1])
	products = harvest_texts.products_of(folder)
	packages = [harvest_texts.Package(pathlib.Path(name)) for name in sys.argv[2:]]
	others = [package for package in packages if is_foreign(package, products)]
	known = Known(folder)
	gone = foreign(known, others)
	remove(folder, known, gone)
	print(f"{len(gone)} texts of {len({name for name, _ in gone})} products are said by {len(others)} packages of others, too")


if __name__ == "__main__":
	main()
