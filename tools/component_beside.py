# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of `match` in the product table that say texts, and once what stands beside each of them: the banners that they mean.

    - beside: '64 2.#'                       - banner: '<start>whale %s<end><near 64 2.#>'
      texts: ['whale %s<end>']         is      examples: ['\\02.7\\0whale %s\\0 => 2.7']
      example: 2.7                             not: ['\\0whale %s\\0']
      origin: the whale's usage                origin: the whale's usage

With several texts, and several forms of what stands beside them, there is a banner for each form of the first text, then for
each of the second. A banner and its examples stand in the line of their text.
"""
import dataclasses
import pathlib
import re

from component_yaml import Fault, Line, Match, line_of, list_of, pairs_of, text_of

KEYS = ("beside", "texts", "example", "origin", "where")
NEEDED = KEYS[:4]
BESIDE = re.compile(r"\d+ [^\s<>]+")
# What may stand before and behind a text, and how a banner's pattern begins, how it ends, how the example's string ends.
BEFORE = {"": "<start>", "<within>": ""}
BEHIND = {"": ("", ""), "<end>": ("<end>", ""), "<line>": ("<end>", r"\n")}
TEXT = re.compile(r"(<within>)?((?:[^\\<]|\\.)+)(<end>|<line>)?", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Stands:
	"""What stands beside the texts: how near and in which shape, the example's string, the version that it shows."""
	near: str
	string: str
	version: str


def line(text: str, at: Line) -> Line:
	placed = Line(text)
	placed.line = at.line
	return placed


def check_once(path: pathlib.Path, items: list[Line]) -> None:
	seen = set()
	for item in items:
		if item in seen:
			raise Fault(path, item.line, f"'{item}' stands here a second time")
		seen.add(item)


def stands_of(path: pathlib.Path, beside: list[Line], examples: list[Line]) -> list[Stands]:
	check_once(path, beside)
	for near in beside:
		if not BESIDE.fullmatch(near):
			raise Fault(path, near.line, f"'{near}' is not how near and in which shape, as '64 2.#.#*' or '512 version' is")
	if len(examples) != len(beside):
		raise Fault(path, (examples or beside)[0].line,
		            f"beside has {len(beside)} and example {len(examples)}: there is one example for each of beside")
	found = []
	for near, example in zip(beside, examples):
		string, arrow, version = example.partition(" => ")
		if not string or (arrow and not version):
			raise Fault(path, example.line, "an example is what stands beside the text, ' => VERSION' behind it if it is not the same")
		found.append(Stands(near, string, version or string))
	return found


def banner(text: Line, stands: Stands, common: dict[str, Line], where: list[Line]) -> Match:
	before, literal, behind = TEXT.fullmatch(text).groups("")
	end, newline = BEHIND[behind]
	alone = rf"\0{literal}{newline}\0"
	lists = {"examples": [line(rf"\0{stands.string}{alone} => {stands.version}", text)], "not": [line(alone, text)]}
	if where:
		lists["where"] = where
	return Match(text.line, {"banner": line(f"{BEFORE[before]}{literal}{end}<near {stands.near}>", text), **common}, lists)


def check_texts(path: pathlib.Path, texts: list[Line]) -> None:
	check_once(path, texts)
	for text in texts:
		if not TEXT.fullmatch(text):
			raise Fault(path, text.line, "a text is literal but for <within> before it, <end> or <line> behind it; \\< is a bracket")


def matches_of(path: pathlib.Path, node) -> list[Match]:
	"""The banners of an item with the key `beside`."""
	values = {}
	for key, value in pairs_of(path, node):
		if key not in KEYS:
			raise Fault(path, key.line, f"'{key}' is no key of an item with beside: {', '.join(KEYS)} are")
		values[key] = text_of(path, value) if key == "origin" else list_of(path, value)
	for key in NEEDED:
		if not values.get(key):
			raise Fault(path, line_of(node), f"{key} is missing: an item with beside has {', '.join(NEEDED)}")
	stands = stands_of(path, values["beside"], values["example"])
	check_texts(path, values["texts"])
	return [banner(text, each, {"origin": values["origin"]}, values.get("where", []))
	        for text in values["texts"] for each in stands]
