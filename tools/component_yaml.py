# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of a YAML file, every one a string, a list of strings or a map, each with its line; a product and its matches."""
import dataclasses
import pathlib

import yaml


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
