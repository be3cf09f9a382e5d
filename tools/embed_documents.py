#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what documents are asked for into C files.

    embed_documents.py lexicons FOLDER OUT.c DEPFILE    what src/document/lexicon.h declares
    embed_documents.py examples FOLDER OUT.c DEPFILE    what tests/document_examples.h declares
    embed_documents.py table    FOLDER OUT.md DEPFILE   docs/document-elements.md

FOLDER holds a YAML file for each language; data/documents/README.md tells what stands in it. A fault stops the build with
file and line.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import document_patterns as patterns  # noqa: E402
from component_yaml import Fault, Line, line_of, list_of, pairs_of, text_of  # noqa: E402

import yaml  # noqa: E402

ROLES = ["privacy-notice", "manual", "disclosure-policy", "advisory", "support-policy", "terms", "pia", "test-report", "certificate",
         "label", "inventory", "records", "product-page", "other"]
ABOUT = {"none": "ABOUT_NONE", "data": "ABOUT_DATA", "party": "ABOUT_PARTY", "both": "ABOUT_BOTH"}
VALUES = {"none": "VALUE_NONE", "duration": "VALUE_DURATION", "date": "VALUE_DATE", "address": "VALUE_ADDRESS", "count": "VALUE_COUNT",
          "cve": "VALUE_CVE"}
NEGATION = {"denies": "NEGATION_DENIES", "drops": "NEGATION_DROPS", "ignored": "NEGATION_IGNORED"}
ASSERTS = {"nothing": "ASSERTS_NOTHING", "head": "ASSERTS_HEAD", "all": "ASSERTS_ALL"}
RULES = ("patterns", "headings", "in_section", "denying", "never", "limits", "hints")
EXAMPLES = ("true", "false", "denied")
LISTS = ("negations", "harmless", "auxiliaries", "subjects", "conditions", "exceptions", "unsaid", "examples", "titles", "blanks",
         "reaching", "turns", "pointers", "limits", "orders", "ranges")
GRAMMAR = ("pronouns", "helpers", "modals", "finite", "deeds", "gains", "tasks", "addressees", "perfects", "relatives", "participles", "frames",
           "modifiers", "complements", "known", "suspending", "barred", "limiting", "stops")
WITH_GAPS = ("suspending", "barred")  # elsewhere a gap would take a "not"
TRUE_MIN, FALSE_MIN = 5, 4


class Element:
	def __init__(self, name):
		self.name, self.definition = name, ""
		self.rules = {key: [] for key in RULES}
		self.examples = {key: [] for key in EXAMPLES}
		self.words = {"about": "none", "value": "none", "negation": "denies", "needs_value": "no", "promise": "no", "limited": "no", "content": "no",
		              "asserts": "nothing"}
		self.roles = {"asked": [], "only": [], "named": []}


class Lexicon:
	def __init__(self, path):
		self.path, self.language = path, path.stem
		self.lists = {key: [] for key in LISTS}
		self.capital_nouns = False
		self.grammar = {key: [] for key in GRAMMAR}
		self.sets, self.numbers, self.elements = {}, [], []
		self.names = {key: [] for key in ("units", "data", "parties", "meanings", "purposes")}


def read_element(path, name, node):
	e = Element(name)
	for key, value in pairs_of(path, node):
		if key == "definition":
			e.definition = text_of(path, value)
		elif key in RULES:
			e.rules[key] = list_of(path, value)
		elif key in EXAMPLES:
			e.examples[key] = list_of(path, value)
		elif key in e.words:
			e.words[key] = text_of(path, value)
		elif key in e.roles:
			e.roles[key] = list_of(path, value)
			for role in e.roles[key]:
				if role not in ROLES:
					raise Fault(path, role.line, f"'{role}' is no role of a document")
		else:
			raise Fault(path, key.line, f"'{key}' is not known here")
	if not e.definition:
		raise Fault(path, name.line, f"{name}: a definition is missing")
	for key, known in (("about", ABOUT), ("value", VALUES), ("negation", NEGATION), ("asserts", ASSERTS)):
		if e.words[key] not in known:
			raise Fault(path, e.words[key].line, f"{key} is one of {', '.join(known)}")
	if len(e.examples["true"]) < TRUE_MIN or len(e.examples["false"]) < FALSE_MIN:
		raise Fault(path, name.line, f"{name}: at least {TRUE_MIN} examples and {FALSE_MIN} near misses, please")
	return e


def read_grammar(lexicon):
	path = lexicon.path.parent / "grammar" / lexicon.path.name
	if not path.exists():
		raise Fault(path, 1, "a language needs a grammar")
	root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
	for key, node in pairs_of(path, root):
		if key == "capital_nouns":
			lexicon.capital_nouns = text_of(path, node) == "yes"
			continue
		if key not in lexicon.grammar:
			raise Fault(path, key.line, f"'{key}' is not known here")
		lexicon.grammar[key] = list_of(path, node)
		for text in lexicon.grammar[key]:
			if "&" in text.split():
				raise Fault(path, text.line, f"'{text}': a phrase of a grammar is one part, without &")
			if ".." in text and key not in WITH_GAPS:
				raise Fault(path, text.line, f"'{text}': of the words between only @light? may be left open")


def read(path):
	lexicon = Lexicon(path)
	read_grammar(lexicon)
	root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
	for key, node in pairs_of(path, root):
		if key in lexicon.lists:
			lexicon.lists[key] = list_of(path, node)
		elif key == "sets":
			lexicon.sets = {name: list_of(path, value) for name, value in pairs_of(path, node)}
		elif key == "numbers":
			lexicon.numbers = [(name, int(text_of(path, value))) for name, value in pairs_of(path, node)]
		elif key in lexicon.names:
			lexicon.names[key] = [(name, list_of(path, value)) for name, value in pairs_of(path, node)]
		elif key == "elements":
			lexicon.elements = [read_element(path, name, value) for name, value in pairs_of(path, node)]
		else:
			raise Fault(path, key.line, f"'{key}' is not known here")
	return lexicon


def bits(roles):
	return sum(1 << ROLES.index(role) for role in roles)


def element_row(writer, e):
	rules = ", ".join(writer.rules(e.rules[key]) for key in RULES)
	flags = ", ".join("true" if e.words[key] == "yes" else "false" for key in ("needs_value", "promise", "limited", "content"))
	return (f"\t{{ {patterns.c_string(e.name)}, {patterns.c_string(e.definition)}, {rules}, "
	        f"{bits(e.roles['asked'])}, {bits(e.roles['only'])}, {bits(e.roles['named'])}, "
	        f"{ABOUT[e.words['about']]}, {VALUES[e.words['value']]}, {NEGATION[e.words['negation']]}, {flags}, {ASSERTS[e.words['asserts']]} }},")


def lexicon_lines(lexicon, tables):
	writer = patterns.Writer(lexicon.path, lexicon.sets, lexicon.lists["negations"], tables)
	body = []
	lists = ", ".join(writer.rules(lexicon.lists[key]) for key in LISTS)
	lists += ", { " + ", ".join(writer.rules(lexicon.grammar[key]) for key in GRAMMAR)
	lists += ", true }" if lexicon.capital_nouns else ", false }"
	names = {}
	for key, rows in lexicon.names.items():
		names[key] = [f"\t{{ {patterns.c_string(name)}, {writer.rules(rules)} }}," for name, rules in rows]
	elements = [element_row(writer, e) for e in lexicon.elements]
	tag = lexicon.language
	for key, rows in names.items():
		body += [f"static const struct lexicon_name {tag}_{key}[] = {{", *rows, "\t{ 0 }", "};"]
	body += [f"static const struct lexicon_number {tag}_numbers[] = {{",
	         *(f"\t{{ {patterns.c_string(word)}, {value} }}," for word, value in lexicon.numbers), "\t{ 0 }", "};"]
	body += [f"static const struct lexicon_element {tag}_elements[] = {{", *elements, "\t{ 0 }", "};"]
	fields = ", ".join(f"{{ {tag}_{key}, {len(rows)} }}" for key, rows in names.items() if key != "units")
	body += [f"static const struct lexicon {tag}_lexicon = {{ {patterns.c_string(tag)}, {lists}, {tag}_numbers, "
	         f"{{ {tag}_units, {len(names['units'])} }}, {fields}, {tag}_elements, {len(elements)} }};", ""]
	return body


def example_lines(lexicon):
	rows = []
	for e in lexicon.elements:
		role = (e.roles["only"] + e.roles["asked"] + ["other"])[0]
		for key in EXAMPLES:
			for text in e.examples[key]:
				section, _, sentence = text.rpartition(" // ")
				state = {"true": "present", "false": "", "denied": "denied"}[key]
				strings = [patterns.c_string(s) for s in (lexicon.language, e.name, role, section, sentence, state)]
				rows.append(f"\t{{ {', '.join(strings[:3])}, {text.line}, {', '.join(strings[3:])} }},")
	return rows


def table_lines(lexicons):
	first = lexicons[[x.language for x in lexicons].index("en")]
	lines = ["# Elements of documents", "",
	         "Made from `data/documents/` by `tools/embed_documents.py table`; [documents.md](documents.md) tells how they are found.",
	         "Asked: in these roles its absence is a row. Value: what `value` holds. A language is named where its lexicon has the element.",
	         "",
	         "| element | says | asked | about | value | languages |", "| --- | --- | --- | --- | --- | --- |"]
	for e in first.elements:
		languages = [x.language for x in lexicons if any(y.name == e.name for y in x.elements)]
		cells = [f"`{e.name}`", e.definition, ", ".join(e.roles["asked"]) or "nobody", e.words["about"], e.words["value"], ", ".join(languages)]
		lines.append("| " + " | ".join(cells) + " |")
	return lines + [""]


def main():
	what, folder, out, depfile = sys.argv[1:]
	paths = sorted(pathlib.Path(folder).glob("*.yaml"))
	try:
		lexicons = [read(path) for path in paths]
		lines = ["/* Made from data/documents/ by tools/embed_documents.py. */"]
		if what == "lexicons":
			lines += ['#include "document/lexicon.h"', ""]
			tables = patterns.Tables()
			for lexicon in lexicons:
				lines += lexicon_lines(lexicon, tables)
			lines += tables.lines()
			names = "".join(f"&{x.language}_lexicon, " for x in lexicons)
			lines += [f"const struct lexicon *const lexicons[] = {{ {names}NULL }};", ""]
		elif what == "table":
			lines = table_lines(lexicons)
		else:
			lines += ['#include "document_examples.h"', "", "const struct document_example document_examples[] = {"]
			for lexicon in lexicons:
				lines += example_lines(lexicon)
			lines += ["\t{ 0 }", "};", ""]
	except Fault as fault:
		sys.exit(str(fault))
	except yaml.YAMLError as error:
		sys.exit(str(error))
	pathlib.Path(out).write_text("\n".join(lines), encoding="ascii")
	inputs = [folder] + [str(path) for path in paths] + [str(path.parent / "grammar" / path.name) for path in paths]
	inputs += [str(path) for pattern in ("document_*.py", "string_pool.py") for path in pathlib.Path(__file__).parent.glob(pattern)]
	pathlib.Path(depfile).write_text(f"{out}: " + " ".join(name.replace(" ", "\\ ") for name in inputs) + "\n")


if __name__ == "__main__":
	main()
