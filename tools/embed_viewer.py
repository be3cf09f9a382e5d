#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a page of the viewer into a C file: embed_viewer.py OUT.c NAME MAIN.js [OTHER.js ...] [STYLE.css]

NAME is what the constant with the script is called; with a style sheet there is html_style too.

The modules become one script: each is a function that returns what it exports, in the order in which they need each
other. Nothing is renamed or shortened, so that the page can be read as it was written. Of the language of modules only
this is understood, and everything else is refused:

    import { a, b } from "./other.js";
    export function a, export class A, export const A
"""
import pathlib
import re
import sys

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.-]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)
OTHER = re.compile(r"^\s*(?:import|export)\b.*|\bimport\s*\(", re.M)


def refuse(path: pathlib.Path, why: str) -> None:
	sys.exit(f"embed_viewer.py: {path.name}: {why}")


def module(path: pathlib.Path) -> tuple[list[str], str]:
	text = path.read_text(encoding="utf-8")
	needs = [name for _, name in IMPORT.findall(text)]
	exports = EXPORT.findall(text)
	body = EXPORT.sub("", IMPORT.sub(lambda m: f'const {{{m[1]}}} = modules["{m[2]}"];\n', text))
	if other := OTHER.search(body):
		refuse(path, f"not understood: {other[0].strip()}")
	if "</script" in body.lower() or "<!--" in body:
		refuse(path, "holds what ends or hides a script element")
	returned = f"return {{ {', '.join(exports)} }};\n" if exports else ""
	return needs, f'modules["{path.name}"] = (() => {{\n{body}{returned}}})();\n'


def in_order(modules: dict[str, tuple[list[str], str]], main: str) -> list[str]:
	done: list[str] = []

	def visit(name: str, way: tuple[str, ...]) -> None:
		if name in way:
			sys.exit(f"embed_viewer.py: modules need each other: {' > '.join((*way, name))}")
		if name not in modules:
			sys.exit(f"embed_viewer.py: {way[-1]} imports {name}, which is not among the modules")
		if name not in done:
			for need in modules[name][0]:
				visit(need, (*way, name))
			done.append(name)

	visit(main, ())
	if unused := set(modules) - set(done):
		sys.exit(f"embed_viewer.py: nothing imports {', '.join(sorted(unused))}")
	return done


def literal(text: str) -> str:
	"""A C string; what is no printable ASCII in octal, which no digit behind it can lengthen."""
	out = []
	for line in text.split("\n"):
		data = (line + "\n").encode()
		out.append('\t"' + "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:03o}" for b in data) + '"')
	return "\n".join(out).replace("??", '?""?')


def constant(name: str, text: str) -> str:
	return f"\nconst char {name}[] =\n{literal(text)};\n"


def style_sheet(path: pathlib.Path) -> str:
	css = path.read_text(encoding="utf-8")
	if "</style" in css.lower() or "url(" in css or "@import" in css:
		refuse(path, "ends its element, or loads something")
	return css


def main() -> None:
	out, name, *rest = sys.argv[1:]
	paths = [pathlib.Path(p) for p in rest]
	modules = {p.name: module(p) for p in paths if p.suffix == ".js"}
	order = in_order(modules, paths[0].name)
	script = '"use strict";\n(() => {\nconst modules = {};\n' + "".join(modules[m][1] for m in order) + "})();"
	with open(out, "w", encoding="ascii") as c:
		c.write('/* Made from viewer/ by tools/embed_viewer.py. */\n#include "report/html_internal.h"\n')
		for css in (p for p in paths if p.suffix == ".css"):
			c.write(constant("html_style", style_sheet(css)))
		c.write(constant(name, script))


if __name__ == "__main__":
	main()
