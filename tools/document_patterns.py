# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns of data/documents/ as C tables. Their language is told in data/documents/README.md."""
import re

from component_yaml import Fault, Line

KINDS = {"$number": "TERM_NUMBER", "$duration": "TERM_DURATION", "$date": "TERM_DATE", "$mail": "TERM_MAIL", "$url": "TERM_URL"}
ANYTHING = (1 << 64) - 1
GAP = 8
WORD = re.compile(r"[^\W_]+(?:['.@/][^\W_]+)*@?\*?\??", re.UNICODE)


def c_string(text):
	out, cut = "", False
	for byte in text.encode():
		if 32 <= byte < 127 and chr(byte) not in '"\\' and not (cut and chr(byte) in "0123456789abcdefABCDEF"):
			out += chr(byte)
			cut = False
		elif 32 <= byte < 127 and chr(byte) not in '"\\':
			out += '""' + chr(byte)
			cut = False
		else:
			out += f"\\x{byte:02x}"
			cut = True
	return f'"{out}"'


def mask_of(text, prefix):
	data = text.encode()
	if prefix and len(data) < 2:
		return ANYTHING
	return 1 << ((data[0] * 31 + (data[1] if len(data) > 1 else 0)) & 63)


class Writer:
	def __init__(self, path, tag, sets, negations):
		self.path, self.tag, self.named = path, tag, sets
		self.sets, self.masks, self.terms, self.patterns = [], [], [], []
		self.index, self.building = {}, set()
		self.negation_words = {word for text in negations for word in text.split()}

	def fault(self, at, what):
		return Fault(self.path, getattr(at, "line", 1), what)

	def word(self, at, token):
		optional = token.endswith("?")
		token = token[:-1] if optional else token
		prefix = token.endswith("*")
		text = token[:-1] if prefix else token
		if not text or not WORD.fullmatch(token) or text != text.lower():
			raise self.fault(at, f"'{token}' is no word: lower case, with * for any end, ? where it may be left out")
		kind = "TERM_PREFIX" if prefix else "TERM_WORD"
		return kind, 0, len(text.encode()), optional, 0, text, mask_of(text, prefix)

	def set_of(self, at, key, phrases):
		"""The number of a set; phrases are lists of tokens."""
		if key in self.index:
			return self.index[key]
		if key in self.building:
			raise self.fault(at, f"the set {key} is within itself")
		self.building.add(key)
		rows, mask = [], 0
		for phrase in phrases:
			terms = self.phrase(at, phrase)
			if not terms or terms[0][0] in ("TERM_GAP",) or terms[0][3]:
				raise self.fault(at, f"'{phrase}' of a set begins with a word that may be left out")
			mask |= terms[0][6]
			rows.append(self.add_phrase(terms))
		self.index[key] = len(self.sets)
		self.sets.append(rows)
		self.masks.append(mask)
		return self.index[key]

	def term(self, at, token):
		if token == "...":
			return [("TERM_GAP", GAP, 0, True, 0, "", ANYTHING)]
		if re.fullmatch(r"\.\.\d+", token):
			return [("TERM_GAP", int(token[2:]), 0, True, 0, "", ANYTHING)]
		if token == "^":
			return [("TERM_START", 0, 0, False, 0, "", ANYTHING)]
		if token in KINDS:
			return [(KINDS[token], 0, 0, False, 0, "", ANYTHING)]
		optional = token.endswith("?")
		if token.startswith("@") and "|" not in token:
			name = token[1:].rstrip("?")
			if name not in self.named:
				raise self.fault(at, f"there is no set {name}")
			number = self.set_of(self.named[name][0], name, self.named[name])
			return [("TERM_SET", 0, 0, optional, number, "", self.masks[number])]
		if "|" in token:
			choices = [choice.replace("_", " ") for choice in (token[:-1] if optional else token).split("|")]
			number = self.set_of(at, token, choices)
			return [("TERM_SET", 0, 0, optional, number, "", self.masks[number])]
		parts = [part for part in token.replace("_", "-").split("-") if part]
		return [self.word(at, part) for part in parts]

	def phrase(self, at, text):
		return [term for token in text.split() for term in self.term(at, token)]

	def add_phrase(self, terms):
		at = len(self.terms)
		self.terms += terms
		return at, len(terms)

	def rules(self, texts):
		"""C for a struct lexicon_rules."""
		if not texts:
			return "{ 0 }"
		rows = []
		for text in texts:
			parts, without = [], 0
			for i, part in enumerate(re.split(r"\s+&\s+", text)):
				if part.startswith("! "):
					without |= 1 << i
					part = part[2:]
				parts.append(self.phrase(text, part))
			if not parts[0] or without & 1:
				raise self.fault(text, "a pattern begins with what must be there")
			words = {word.rstrip("?") for token in re.split(r"\s+&\s+", text)[0].split() for word in token.split("|")}
			negates = bool(words & self.negation_words)
			rows.append(([self.add_phrase(terms) for terms in parts], without, negates))
		at = len(self.patterns)
		self.patterns += rows
		return f"{{ {self.tag}_patterns + {at}, {len(rows)} }}"

	def tables(self):
		lines = [f"static const struct lexicon_term {self.tag}_terms[] = {{"]
		for kind, gap, length, optional, number, text, mask in self.terms:
			lines.append(f"\t{{ {kind}, {gap}, {length}, {'true' if optional else 'false'}, {number}, {c_string(text)}, UINT64_C({mask}) }},")
		lines += ["};", f"static const struct lexicon_phrase {self.tag}_parts[] = {{"]
		at, patterns = 0, []
		for parts, without, negates in self.patterns:
			lines += [f"\t{{ {self.tag}_terms + {first}, {n} }}," for first, n in parts]
			patterns.append(f"\t{{ {self.tag}_parts + {at}, {len(parts)}, {without}, {'true' if negates else 'false'} }},")
			at += len(parts)
		lines += ["\t{ 0 }", "};", f"static const struct lexicon_pattern {self.tag}_patterns[] = {{", *patterns, "\t{ 0 }", "};"]
		for i, rows in enumerate(self.sets):
			lines += [f"static const struct lexicon_phrase {self.tag}_set{i}[] = {{",
			          *(f"\t{{ {self.tag}_terms + {first}, {n} }}," for first, n in rows), "};"]
		lines += [f"static const struct lexicon_set {self.tag}_sets[] = {{",
		          *(f"\t{{ {self.tag}_set{i}, {len(rows)} }}," for i, rows in enumerate(self.sets)), "\t{ 0 }", "};"]
		return lines
