# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples and counter-examples of the product table as C: what tests/component_examples.h declares."""
import re

from string_pool import c_string
from component_signatures import unescape
from component_yaml import Line, Match, Product

# "dnsmasq: \0...": the name of the file that holds the bytes.
NAMED = re.compile(r"([A-Za-z0-9_.+@-]+): (?=\\0)(.*)", re.DOTALL)


def row(product: Product, text: Line, path: str, data: str, kind: str, result: str | None) -> str:
	version, _, package = (result or "").partition(" ")
	quoted = [c_string(s.encode()) for s in (product.path.name, product.name, kind, path)]
	content = unescape(data)
	claimed = [c_string(version.encode()), c_string(package.encode())] if result is not None else ["NULL", "NULL"]
	return f"\t{{ {', '.join(quoted)}, {text.line}, {c_string(content)}, {len(content)}, {', '.join(claimed)} }},"


def cut(product: Product, text: Line) -> tuple[str, str]:
	data, arrow, result = text.rpartition(" =>")
	if not arrow:
		raise product.fault(text, "an example ends with ' => VERSION'")
	return data, result[1:]


def matched(product: Product, match: Match) -> list[str]:
	where = match.lists.get("where", [])
	path = "/usr/lib/" + (where[0].rstrip("*") if where else "some")
	rows = []
	for text in match.lists["examples"]:
		data, result = cut(product, text)
		if "filename" in match.texts:
			rows.append(row(product, text, "/usr/lib/" + data, r"\x7fELF", "filename", result))
		else:
			rows.append(row(product, text, path, data, "banner", result))
	for text in match.lists.get("not", []):
		if "filename" in match.texts:
			rows.append(row(product, text, "/usr/lib/" + text, r"\x7fELF", "", None))
		else:
			rows.append(row(product, text, path, text, "", None))
	return rows


def tested(product: Product) -> list[str]:
	rows = []
	for text in product.list("tests"):
		data, result = cut(product, text)
		m = NAMED.fullmatch(data)
		rows.append(row(product, text, "/usr/bin/" + (m[1] if m else "some"), m[2] if m else data, "", result))
	for text in product.list("not"):
		m = NAMED.fullmatch(text)
		rows.append(row(product, text, "/usr/bin/" + (m[1] if m else "some"), m[2] if m else text, "", None))
	return rows


def lines(products: list[Product]) -> list[str]:
	rows = []
	for product in products:
		for match in product.matches:
			try:
				rows += matched(product, match)
			except ValueError as fault:
				raise product.fault(match, str(fault)) from fault
		try:
			rows += tested(product)
		except ValueError as fault:
			raise product.fault((product.list("tests") + product.list("not"))[0], str(fault)) from fault
	return ['#include "component_examples.h"', "", "const struct component_example component_examples[] = {", *rows,
	        "};", f"const size_t component_nexamples = {len(rows)};"]
