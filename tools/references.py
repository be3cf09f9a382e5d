#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds the missing half of each reference between the packs in guidelines/: references.py [--write] PACK.yaml ...

Give all packs. A requirement refers to those that it takes queries from (`use`), and to each that refers to it, but for those
of its own pack. Without --write it tells what it would change, and ends with 1 when there is something. tools/mapping_docs
checks the result. Needs python3-yaml.
"""
import re
import sys

import yaml

WIDTH = 128


class Pack:
	def __init__(self, path):
		self.path = path
		with open(path, encoding="utf-8") as f:
			self.text = f.read()
		doc = yaml.safe_load(self.text)
		self.prefix = str(doc.get("prefix", doc["pack"]))
		self.title = str(doc["title"])
		self.source = str(doc["source"]["name"])
		self.requirements = {r["id"]: r for r in doc["requirements"]}


def resolve(packs, reference):
	"""The ids that a reference names, as src/judge/mapping.c finds them."""
	name = str(reference["id"])
	for pack in packs:
		if name in pack.requirements:
			return [name]
	for pack in packs:
		if pack.source != reference["standard"]:
			continue
		whole = f"{pack.prefix}.{name.lower()}"
		if whole in pack.requirements:
			return [whole]
		return [i for i in pack.requirements if re.fullmatch(re.escape(whole) + "[a-z]", i) and whole[-1].isdigit()]
	return []


def owner(packs, requirement):
	return next(pack for pack in packs if requirement in pack.requirements)


def used_by(requirement):
	used = requirement.get("use", [])
	return [used] if isinstance(used, str) else list(used)


def relate(packs, related, one, other):
	if one in related and other in related and owner(packs, one) is not owner(packs, other):
		related[one].add(other)
		related[other].add(one)


def relations(packs):
	"""For each requirement the others, of other packs, that it is related to."""
	related = {i: set() for pack in packs for i in pack.requirements}
	for pack in packs:
		for i, requirement in pack.requirements.items():
			for other in used_by(requirement):
				relate(packs, related, i, other)
			for reference in requirement.get("references", []):
				for other in resolve(packs, reference):
					relate(packs, related, i, other)
	# What takes queries from its own pack asks what is asked there.
	for pack in packs:
		for i, requirement in pack.requirements.items():
			for near in used_by(requirement):
				for other in list(related[near]) if near in pack.requirements else []:
					relate(packs, related, i, other)
	return related


def reference_to(packs, requirement):
	pack = owner(packs, requirement)
	tail = requirement[len(pack.prefix) + 1:]
	if not re.fullmatch(r"(i+\.)?\d+([.-]\d+)*[a-z]?", tail):  # named by words: the whole id says more
		return {"standard": pack.title, "id": requirement}
	tail = re.sub(r"(?<=-\d)[a-z]$|(?<=-\d\d)[a-z]$", lambda m: m.group().upper(), tail)
	return {"standard": pack.source, "id": re.sub(r"^i+", lambda m: m.group().upper(), tail)}


def scalar(text):
	text = str(text)
	plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ()./-]*", text) and not re.fullmatch(r"[0-9.]+", text)
	return text if plain else '"' + text.replace('"', '\\"') + '"'


def wanted(packs, requirement, related):
	"""The references that the requirement should have: those that it has, then what is missing, in the order of the packs."""
	have = list(requirement.get("references", []))
	named = {i for reference in have for i in resolve(packs, reference)}
	missing = [i for pack in packs for i in pack.requirements if i in related and i not in named]
	return have + [reference_to(packs, i) for i in missing], bool(missing)


def written(references):
	items = [f"{{standard: {scalar(r['standard'])}, id: {scalar(r['id'])}}}" for r in references]
	line = f"    references: [{', '.join(items)}]\n"
	return line if len(line) <= WIDTH else "    references:\n" + "".join(f"      - {item}\n" for item in items)


def put(text, requirement, block):
	"""The text of a pack with the references of that requirement replaced, or put before its tests, or at its end."""
	begin = re.search(rf"^  - id: {re.escape(requirement)}\n", text, re.M).start()
	following = re.search(r"^  - id: |^  # |\Z", text[begin + 1:], re.M)
	end = begin + 1 + following.start()
	body = text[begin:end]
	old = re.search(r"^    references:.*\n(?:      .*\n)*", body, re.M)
	if old:
		body = body[:old.start()] + block + body[old.end():]
	else:
		tests = re.search(r"^    tests:", body, re.M)
		at = tests.start() if tests else len(body.rstrip("\n")) + 1
		body = body[:at] + block + body[at:]
	return text[:begin] + body + text[end:]


def main():
	write = "--write" in sys.argv
	packs = [Pack(path) for path in sys.argv[1:] if path != "--write"]
	related = relations(packs)
	changed = 0
	for pack in packs:
		for i, requirement in pack.requirements.items():
			references, missing = wanted(packs, requirement, related[i])
			if missing:
				changed += 1
				pack.text = put(pack.text, i, written(references))
				if not write:
					print(f"{pack.path}: {i} lacks a reference")
		if write:
			with open(pack.path, "w", encoding="utf-8") as f:
				f.write(pack.text)
	return changed > 0 and not write


if __name__ == "__main__":
	sys.exit(main())
