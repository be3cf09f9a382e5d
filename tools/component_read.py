# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads data/components/products/: a file for each product."""
import pathlib

import yaml

import component_beside
from component_yaml import Fault, Match, Product, line_of, list_of, pairs_of, text_of

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXTS = ("name", "title", "purl", "licence", "order")
LISTS = ("cpe", "packages", "files", "self", "context", "texts", "tests", "not", "versions")
MATCH_TEXTS = ("banner", "filename", "needs", "origin", "version")
MATCH_LISTS = ("where", "examples", "not")


def match_of(path: pathlib.Path, node: yaml.Node) -> Match:
	match = Match(line_of(node), {}, {})
	for key, value in pairs_of(path, node):
		if key in MATCH_TEXTS:
			match.texts[key] = text_of(path, value)
		elif key in MATCH_LISTS:
			match.lists[key] = list_of(path, value)
		else:
			raise Fault(path, key.line, f"'{key}' is no key of a match: {', '.join(MATCH_TEXTS + MATCH_LISTS)} are, and beside")
	return match


def matches_of(path: pathlib.Path, node: yaml.Node) -> list[Match]:
	"""What an item of `match` means: one match, or one for each of its texts and what stands beside them."""
	if isinstance(node, yaml.MappingNode) and any(key.value == "beside" for key, _ in node.value):
		return component_beside.matches_of(path, node)
	return [match_of(path, node)]


def read_product(path: pathlib.Path) -> Product:
	try:
		root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
	except yaml.YAMLError as error:
		mark = getattr(error, "problem_mark", None)
		raise Fault(path, mark.line + 1 if mark else 1, str(getattr(error, "problem", error))) from error
	except UnicodeDecodeError as error:
		raise Fault(path, 1, "it is not UTF-8") from error
	product = Product(path)
	if root is None:
		raise Fault(path, 1, "it is empty")
	for key, value in pairs_of(path, root):
		if key in TEXTS:
			product.texts[key] = text_of(path, value)
		elif key in LISTS:
			product.lists[key] = list_of(path, value)
		elif key == "match" and isinstance(value, yaml.SequenceNode):
			product.matches = [match for item in value.value for match in matches_of(path, item)]
		else:
			raise Fault(path, key.line, f"'{key}' is no key of a product: {', '.join(TEXTS + LISTS + ('match',))} are")
	return product


def read_folder(folder: pathlib.Path) -> list[Product]:
	products = [read_product(path) for path in sorted(folder.glob("*.yaml"))]
	if not products:
		raise Fault(folder, 0, "there is no product in it")
	for product in products:
		if product.text("name") != product.path.stem:
			raise product.fault(product.text("name"), f"the name must be the file's: {product.path.stem}")
	return sorted(products, key=lambda product: product.name)
