# SPDX-License-Identifier: GPL-3.0-or-later
"""data/components/texts.bin: hashes of sentences that one product only has among the strings of its programs.

The file begins with MAGIC; for each product, by name, follow the length of the name (1 byte), the name, the number of hashes
(4 bytes) and the hashes in ascending order, 5 bytes each, all numbers with the lowest byte first. A hash is the upper 40 bits
of the FNV-1a hash (RFC 9923) of 64 bits of the sentence's bytes.
"""
import collections
import pathlib

MAGIC = b"assay texts 1\n"
WIDTH = 5


def fnv1a(text: bytes) -> int:
	"""FNV-1a of 64 bits, as src/base/products.c has it."""
	value = 0xcbf29ce484222325
	for byte in text:
		value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
	return value


def without_shared(products: dict[str, set[int]]) -> dict[str, set[int]]:
	"""What two products have is neither's; a product that has nothing else goes."""
	count = collections.Counter(value for kept in products.values() for value in kept)
	own = {name: {value for value in kept if count[value] == 1} for name, kept in products.items()}
	return {name: kept for name, kept in own.items() if kept}


def write(path: pathlib.Path, products: dict[str, set[int]]) -> None:
	parts = [MAGIC]
	for name, hashes in sorted(products.items()):
		parts += [bytes([len(name)]), name.encode(), len(hashes).to_bytes(4, "little")]
		parts += [value.to_bytes(WIDTH, "little") for value in sorted(hashes)]
	path.write_bytes(b"".join(parts))


def read(path: pathlib.Path) -> dict[str, list[int]]:
	"""The hashes of each product; ValueError when the file is not what it should be."""
	data = path.read_bytes()
	if not data.startswith(MAGIC):
		raise ValueError("it does not begin as such a file does")
	products: dict[str, list[int]] = {}
	at = len(MAGIC)
	while at < len(data):
		end = at + 1 + data[at]
		name = data[at + 1:end].decode()
		count = int.from_bytes(data[end:end + 4], "little")
		at = end + 4 + count * WIDTH
		if at > len(data):
			raise ValueError(f"it is cut off in the hashes of {name}")
		products[name] = [int.from_bytes(data[i:i + WIDTH], "little") for i in range(end + 4, at, WIDTH)]
	return products
