#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds identifiers that one product only has among the strings of its programs, for texts.bin.

    harvest_identifiers.py PRODUCTS PACKAGE...

PRODUCTS and PACKAGE are those of harvest_texts.py. An identifier is a product's own where no package of another has it and two
versions of the product at least do, and where no program has it among its symbols: what is exported is called by others. Programs
of Go have the names of all that they are made of, and are left out. Up to 2,000 of each product go into texts.bin beside PRODUCTS,
to what is there: as hashes of the identifier with a NUL before it, so that no text is the same.
"""
import collections
import pathlib
import re
import struct
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import component_texts  # noqa: E402
import harvest_texts  # noqa: E402

IDENTIFIERS_MAX = 2000
LENGTH_MIN = 12
NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_-]*")
SHT_STRTAB = 3


def is_identifier(text: bytes) -> bool:
	"""Three words at least, or a long one: what somebody else would hardly call something."""
	if not LENGTH_MIN <= len(text) <= harvest_texts.LENGTH_MAX or not NAME.fullmatch(text) or len(set(text)) < 7:
		return False
	if len(re.findall(rb"[0-9]", text)) > 3 or re.search(rb"[0-9a-f]{10}", text) or text.startswith(b"GLIBC"):
		return False
	if b"-" in text:
		return text.count(b"-") >= 2 and len(text) >= 18
	if b"_" in text:
		return text.count(b"_") >= 2 and len(text) >= 14 or len(text) >= 18
	return len(re.findall(rb"[a-z][A-Z]", text)) >= 2 and len(text) >= 16


def symbols(data: bytes) -> set[bytes]:
	"""What stands in the string tables of an ELF file; nothing where it cannot be read."""
	order = "<" if data[5:6] == b"\1" else ">"
	wide = data[4:5] == b"\2"
	found: set[bytes] = set()
	try:
		at = struct.unpack_from(order + ("Q" if wide else "I"), data, 40 if wide else 32)[0]
		size, number = struct.unpack_from(order + "HH", data, 58 if wide else 46)
		for header in range(at, at + size * number, size or 1):
			kind = struct.unpack_from(order + "I", data, header + 4)[0]
			where, length = struct.unpack_from(order + ("QQ" if wide else "II"), data, header + (24 if wide else 16))
			if kind == SHT_STRTAB:
				found.update(data[where:where + length].split(b"\0"))
	except struct.error:
		pass
	return found


class Identifiers:
	"""Whose each identifier is, and in which versions: nobody's where two have it or it is a symbol."""

	def __init__(self) -> None:
		self.owner: dict[bytes, str | None] = {}
		self.versions: dict[bytes, set[str]] = {}

	def add(self, owner: str, version: str, data: bytes) -> None:
		exported = symbols(data)
		for text in filter(is_identifier, {m.group().strip() for m in harvest_texts.STRING.finditer(data)}):
			known = self.owner.setdefault(text, owner)
			if known != owner or text in exported:
				self.owner[text] = None
				self.versions.pop(text, None)
			elif known:
				self.versions.setdefault(text, set()).add(version)

	def of_products(self, names: set[str]) -> dict[str, set[int]]:
		found: dict[str, list[bytes]] = collections.defaultdict(list)
		for text, versions in self.versions.items():
			if len(versions) > 1 and self.owner[text] in names:
				found[str(self.owner[text])].append(text)
		return {name: {component_texts.fnv1a(b"\0" + text) >> 24 for text in sorted(texts, key=zlib.crc32)[:IDENTIFIERS_MAX]}
		        for name, texts in found.items()}


def main() -> None:
	if len(sys.argv) < 3:
		sys.exit(__doc__)
	folder = pathlib.Path(sys.argv[1])
	path = folder.parent / "texts.bin"
	products = harvest_texts.products_of(folder)
	identifiers = Identifiers()
	for package in (harvest_texts.Package(pathlib.Path(name)) for name in sys.argv[2:]):
		owner = products.get(package.name) or products.get(package.source) or "?" + package.source
		for _, data in package.programs():
			if b"Go build ID" not in data:
				identifiers.add(owner, package.upstream(), data)
	found = identifiers.of_products(set(products.values()))
	before = component_texts.read(path) if path.exists() else {}
	both = {name: set(before.get(name, ())) | found.get(name, set()) for name in sorted({*before, *found})}
	component_texts.write(path, component_texts.without_shared(both))
	print(f"{sum(map(len, found.values()))} identifiers of {len(found)} products")


if __name__ == "__main__":
	main()
