# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns of data/documents/ as C tables. Their language is told in data/documents/README.md."""
import re

from component_yaml import Fault, Line
from string_pool import Pool

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


class Tables:
	"""Those of all languages, as src/document/lexicon.h declares them: they name each other by number."""

	def __init__(self):
		self.words, self.terms, self.phrases, self.patterns, self.sets, self.masks = Pool(), [], [], [], [], []

	def add_phrases(self, phrases):
		"""The number of the first; each is a list of terms."""
		at = len(self.phrases)
		for terms in phrases:
			self.phrases.append(f"{len(self.terms)}, {len(terms)}")
			self.terms += terms
		return at

	def add_set(self, phrases, mask):
		self.sets.append(f"{self.add_phrases(phrases)}, {len(phrases)}")
		self.masks.append(mask)
		return len(self.sets) - 1

	def add_patterns(self, rows):
		at = len(self.patterns)
		for parts, without, negates in rows:
			self.patterns.append(f"{self.add_phrases(parts)}, {len(parts)}, {without}, {'true' if negates else 'false'}")
		return at

	def lines(self):
		terms = [f"{self.words.at(text.encode())}, {number}, {kind}, {gap}, {length}, {'true' if optional else 'false'}, UINT64_C({mask})"
		         for kind, gap, length, optional, number, text, mask in self.terms]
		lines = self.words.lines("const char lexicon_words[]")
		for kind, rows in (("term", terms), ("phrase", self.phrases), ("pattern", self.patterns), ("set", self.sets)):
			lines += [f"const struct lexicon_{kind} lexicon_{kind}s[] = {{", *(f"\t{{ {row} }}," for row in rows), "};", ""]
		return lines


class Writer:
	def __init__(self, path, sets, negations, tables):
		self.path, self.named, self.tables = path, sets, tables
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
			rows.append(terms)
		self.index[key] = self.tables.add_set(rows, mask)
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
			return [("TERM_SET", 0, 0, optional, number, "", self.tables.masks[number])]
		if "|" in token:
			choices = [choice.replace("_", " ") for choice in (token[:-1] if optional else token).split("|")]
			number = self.set_of(at, token, choices)
			return [("TERM_SET", 0, 0, optional, number, "", self.tables.masks[number])]
		parts = [part for part in token.replace("_", "-").split("-") if part]
		return [self.word(at, part) for part in parts]

	def phrase(self, at, text):
		return [term for token in text.split() for term in self.term(at, token)]

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
			rows.append((parts, without, negates))
		return f"{{ {self.tables.add_patterns(rows)}, {len(rows)} }}"
