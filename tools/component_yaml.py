# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads data/components/products/: every value a string, a list of strings or a list of maps, each with its line."""
import dataclasses
import pathlib

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXTS = ("name", "title", "purl", "licence", "order")
LISTS = ("cpe", "packages", "files", "self", "context", "texts", "tests", "not", "versions")
MATCH_TEXTS = ("banner", "filename", "needs", "origin", "version")
MATCH_LISTS = ("where", "examples", "not")


class Fault(Exception):
	def __init__(self, path: pathlib.Path, line: int, what: str) -> None:
		super().__init__(f"{path}:{line}: {what}")


class Line(str):
	"""A string that knows where it stands."""
	line = 0


@dataclasses.dataclass
class Match:
	line: int
	texts: dict[str, Line]
	lists: dict[str, list[Line]]


@dataclasses.dataclass
class Product:
	path: pathlib.Path
	texts: dict[str, Line] = dataclasses.field(default_factory=dict)
	lists: dict[str, list[Line]] = dataclasses.field(default_factory=dict)
	matches: list[Match] = dataclasses.field(default_factory=list)

	@property
	def name(self) -> str:
		return self.texts["name"]

	def text(self, key: str, default: str = "") -> str:
		return self.texts.get(key, default)

	def list(self, key: str) -> list[Line]:
		return self.lists.get(key, [])

	def fault(self, at: object, what: str) -> Fault:
		return Fault(self.path, getattr(at, "line", 1), what)


def line_of(node: yaml.Node) -> int:
	return node.start_mark.line + 1


def text_of(path: pathlib.Path, node: yaml.Node) -> Line:
	if not isinstance(node, yaml.ScalarNode):
		raise Fault(path, line_of(node), "a text is expected here, not a list or a map")
	text = Line(node.value)
	text.line = line_of(node)
	return text


def list_of(path: pathlib.Path, node: yaml.Node) -> list[Line]:
	if isinstance(node, yaml.ScalarNode) and node.value:
		return [text_of(path, node)]
	if not isinstance(node, yaml.SequenceNode):
		raise Fault(path, line_of(node), "a list is expected here: [a, b]")
	return [text_of(path, item) for item in node.value]


def pairs_of(path: pathlib.Path, node: yaml.Node) -> list[tuple[Line, yaml.Node]]:
	if not isinstance(node, yaml.MappingNode):
		raise Fault(path, line_of(node), "a map is expected here: key: value")
	pairs = [(text_of(path, key), value) for key, value in node.value]
	seen = set()
	for key, _ in pairs:
		if key in seen:
			raise Fault(path, key.line, f"'{key}' stands here a second time")
		seen.add(key)
	return pairs


def match_of(path: pathlib.Path, node: yaml.Node) -> Match:
	match = Match(line_of(node), {}, {})
	for key, value in pairs_of(path, node):
		if key in MATCH_TEXTS:
			match.texts[key] = text_of(path, value)
		elif key in MATCH_LISTS:
			match.lists[key] = list_of(path, value)
		else:
			raise Fault(path, key.line, f"'{key}' is no key of a match: {', '.join(MATCH_TEXTS + MATCH_LISTS)} are")
	return match


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
			product.matches = [match_of(path, item) for item in value.value]
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
