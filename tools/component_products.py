# SPDX-License-Identifier: GPL-3.0-or-later
"""The product table: checks of its fields, and the C of src/base/products.h."""
import re

import component_texts
from component_yaml import Fault, Product
from string_pool import Pool

ORDERS = ("generic", "beta", "openssl", "openssh", "date", "semver", "kernel", "none")
CPE = re.compile(r"(?:[aoh]:)?(?:[a-z0-9_.!~-]|\\.)+:(?:[a-z0-9_.!~-]|\\.)+")
PURL = re.compile(r"pkg:[a-z][a-z0-9.+-]*/[^@?# ]+")
LICENCE = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+|[() ])*|\(.*\).*")
# A word that short before a version says too little.
WORD_MIN = 2
# Texts that only a product has: how long, how many.
TEXT_MAX = 120
TEXTS_MAX = 12


def cpe_key(cpe: str) -> str:
	return cpe if cpe[:2] in ("a:", "o:", "h:") else "a:" + cpe


def purl_of(product: Product) -> str:
	return product.text("purl") or "pkg:generic/" + product.name.replace("+", "%2B")


def check_product(product: Product) -> None:
	if not re.fullmatch(r"[a-z0-9][a-z0-9.+_-]*", product.name):
		raise product.fault(product.name, "a name has lower-case letters, digits and . + _ -")
	if product.text("order", "generic") not in ORDERS:
		raise product.fault(product.text("order"), f"order is one of {', '.join(ORDERS)}")
	for cpe in product.list("cpe"):
		if not CPE.fullmatch(cpe):
			raise product.fault(cpe, f"'{cpe}' is not vendor:product in lower case, with o: or h: before it if need be")
	if not PURL.fullmatch(purl_of(product)):
		raise product.fault(product.text("purl"), "a purl is pkg:type/name without version")
	if product.text("licence") and not LICENCE.fullmatch(product.text("licence")):
		raise product.fault(product.text("licence"), "the licence is no SPDX expression")
	for key in ("cpe", "packages", "files", "versions"):
		for item in product.list(key):
			if not item or " " in item:
				raise product.fault(item, f"an item of {key} has no space in it")
	for word in product.list("self"):
		if len(word) < WORD_MIN or word != word.strip():
			raise product.fault(word, f"a word of self has {WORD_MIN} characters at least, and no space around it")
		if len(word) > 40 or any(not 32 <= ord(c) < 127 for c in word):
			raise product.fault(word, "a word of self has at most 40 characters, all of ASCII")
	for word in product.list("context"):
		if not re.fullmatch(r"[a-z0-9](?:[a-z0-9_.+-]|::){2,38}[a-z0-9+]|[a-z0-9_]{3,39}_", word):
			raise product.fault(word, "a word of context has 4 to 40 characters: letters in lower case, digits, . _ + -, "
			                    "at its end no mark but + or _")

	for text in product.list("texts"):
		if not 8 <= len(text) <= TEXT_MAX or text != text.strip() or any(not 32 <= ord(c) < 127 for c in text):
			raise product.fault(text, f"an item of texts has 8 to {TEXT_MAX} characters of ASCII, no space around it")
	if len(product.list("texts")) > TEXTS_MAX:
		raise product.fault(product.name, f"a product has {TEXTS_MAX} texts at most")


def hash_of(text: str) -> int:
	return component_texts.fnv1a(text.encode()) >> 24


def keys(products: list[Product], field: str, of=str) -> list[tuple]:
	"""(key, product) by key; two products may not have the same."""
	owner: dict = {}
	for number, product in enumerate(products):
		for item in product.list(field):
			key = of(item)
			if owner.setdefault(key, number) != number:
				raise product.fault(item, f"{field}: '{key}' is {products[owner[key]].path.name}'s already")
	return sorted(owner.items(), key=lambda pair: pair[0].encode() if isinstance(pair[0], str) else pair[0])


def check(products: list[Product]) -> None:
	for product in products:
		check_product(product)
	for field, of in (("packages", str), ("cpe", cpe_key), ("self", str), ("context", str), ("texts", hash_of)):
		keys(products, field, of)


def file_keys(products: list[Product]) -> list[tuple[str, int]]:
	pairs = {(str(name), number) for number, product in enumerate(products) for name in product.list("files")}
	return sorted(pairs, key=lambda pair: (pair[0].encode(), pair[1]))


def row(strings: Pool, product: Product) -> str:
	cells = (product.name, product.text("title", product.name), " ".join(product.list("cpe")), purl_of(product),
	         product.text("licence"), product.text("order", "generic"), " ".join(product.list("packages")),
	         " ".join(product.list("files")), " ".join(product.list("versions")))
	return "\t{ " + ", ".join(str(strings.at(cell.encode())) for cell in cells) + " },"


def index(strings: Pool, name: str, pairs: list[tuple[str, int]]) -> list[str]:
	return [f"const struct product_key product_{name}[] = {{",
	        *[f"\t{{ {strings.at(key.encode())}, {number}, {int.from_bytes((key.encode() + bytes(2))[:2], 'big')} }},"
	          for key, number in pairs], "\t{ 0 },", "};",
	        f"const size_t product_n{name} = {len(pairs)};", ""]


def sentences(products: list[Product]) -> list[tuple[int, int]]:
	"""(hash, product) of texts.bin, which lies beside the folder of the products, without those that an entry has."""
	path = products[0].path.parent.parent / "texts.bin"
	if not path.exists():
		return []
	number = {product.name: i for i, product in enumerate(products)}
	try:
		found = [(value, number[name]) for name, values in component_texts.read(path).items() if name in number
		         for value in values]
	except ValueError as error:
		raise Fault(path, 1, str(error)) from error
	return found


def texts(products: list[Product]) -> list[str]:
	owner = dict(sentences(products))
	owner.update(keys(products, "texts", hash_of))
	pairs = sorted(owner.items())
	first, at = [], 0
	for top in range(257):
		while at < len(pairs) and pairs[at][0] >> 32 < top:
			at += 1
		first.append(at)
	return ["const uint32_t product_text_first[257] = {", *[f"\t{value}," for value in first], "};",
	        "const uint32_t product_text_hashes[] = {", *[f"\t0x{key & 0xffffffff:08x}," for key, _ in pairs], "\t0", "};",
	        "const uint16_t product_text_owners[] = {", *[f"\t{number}," for _, number in pairs], "\t0", "};", ""]


def lines(products: list[Product]) -> list[str]:
	strings = Pool()
	return ['#include "base/products_table.h"', "", "const struct product products[] = {", *(row(strings, product) for product in products), "};",
	        f"const size_t products_n = {len(products)};", "",
	        *index(strings, "packages", keys(products, "packages")), *index(strings, "cpes", keys(products, "cpe", cpe_key)),
	        *index(strings, "words", keys(products, "self")), *index(strings, "contexts", keys(products, "context")),
	        *index(strings, "files", file_keys(products)), *texts(products),
	        *strings.lines("const char product_strings[]")]
