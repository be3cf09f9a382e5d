#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds texts that one product only has among the strings of its programs, for the product table.

    harvest_texts.py [--new] PRODUCTS PACKAGE...

PRODUCTS is data/components/products. A PACKAGE is a .deb, or a folder SOURCE/RELEASE_NAME_VERSION into which one was
unpacked. Give as many of as many releases as there are, of products that are not in the table, too: a text counts as a
product's own where no package of another has it and two builds of the product at least do.

The few of them that most of its programs have nearest to their version are written into the product's file as its `texts`;
up to 5,000 sentences of each product, whatever is beside them, into texts.bin beside PRODUCTS. A product of
which no package is given keeps its texts in both, and what it has there is nobody else's. With --new only products are
harvested of which texts.bin has nothing yet, and no entry is changed: the packages of all others say what is common.

What few packages were compared with is not known to be rare: where fewer than PACKAGES_MANY are given, short sentences are left out.

texts.bin was harvested from Debian 11, 12, 13 and unstable: of 1,535 products from many packages; of 253 that it had nothing of, by
the rules of --new, from 893 packages of theirs (the one called like the product, or the largest, of two releases of 12, 13 and
unstable). With these were compared 990 packages of others (of 11, 12, 13 and unstable, with the runtimes of OCaml, D, Haskell, Ada and
Lisp among them); what came in by one choice of those only was left out.
"""
import collections
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import component_texts  # noqa: E402

STRING = re.compile(rb"[\t\x20-\x7e]{4,}")
TEXTS_MAX = 8
LENGTH_MIN, LENGTH_MAX = 8, 120
# How many strings from one with the version, how many files of a package, and how large they may be.
NEAR = 4
FILES_MAX, SIZE_MAX = 60, 32 << 20
# What a text beside the version is worth, by its distance; each that a file has lowers the worth of the next one.
WORTH = {1: 1.0, 2: 0.8, 3: 0.3, 4: 0.3}
WORTH_MIN = 0.15
# Of each product in texts.bin.
SENTENCES_MAX = 5000
SENTENCE_MIN = 16
# Of fewer packages only sentences count that are so long and have so many words.
PACKAGES_MANY = 5000
LONG_MIN, LONG_WORDS = 24, 4
MIXED = -1
# What many programs say, whatever packages are given.
GENERAL = re.compile(rb"(?i)usage|general public|free software|warrant|fitness for|this help|help message|version info|licen[sc]e|"
                     rb"out of memory|allocate memory|\boptions\b|arguments|unknown (?:error|option|exception)|permission denied|"
                     rb"environment variable|standard (?:in|out)put|licensor|contribution|derivative work|copyright|this work|"
                     rb"consequential damages|following disclaimer|liable for|liability|merchantab|redistribution|as is\b")


class Package:
	def __init__(self, path: pathlib.Path):
		self.path = path
		if path.is_dir():
			_, self.name, self.version = path.name.split("_", 2)
			self.source = path.parent.name
			return
		fields = subprocess.run(["dpkg-deb", "-f", path, "Package", "Version", "Source"], capture_output=True, text=True,
		                        check=True).stdout
		field = dict(line.split(": ", 1) for line in fields.splitlines())
		self.name, self.version = field["Package"], field["Version"]
		self.source = field.get("Source", self.name).split(" ")[0]

	def upstream(self) -> str:
		"""The version without epoch, revision and what Debian appends."""
		version = re.sub(r"^\d+(?::|%3a)", "", self.version)
		version = version.rsplit("-", 1)[0]
		return re.split(r"[+~](?:dfsg|ds|repack|git|deb|really)|\.dfsg", version)[0]

	def programs(self):
		"""The bytes of its largest programs and libraries."""
		with tempfile.TemporaryDirectory() as work:
			root = self.path
			if not root.is_dir():
				root = pathlib.Path(work)
				subprocess.run(["dpkg-deb", "-x", self.path, root], check=True)
			files = [p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and p.stat().st_size <= SIZE_MAX]
			files.sort(key=lambda p: (-p.stat().st_size, str(p)))
			found = 0
			for path in files:
				with path.open("rb") as file:
					data = file.read(4)
					if data == b"\x7fELF" and found < FILES_MAX:
						found += 1
						yield str(path.relative_to(root)), data + file.read()


def products_of(folder: pathlib.Path) -> dict[str, str]:
	"""The product of each package's name."""
	products = {}
	for path in sorted(folder.glob("*.yaml")):
		products.setdefault(path.stem, path.stem)
		listed = re.search(r"^packages: \[(.*?)\]", path.read_text(), re.M | re.S)
		for name in listed[1].split(",") if listed else ():
			products[name.strip(" \n'\"")] = path.stem
	return products


def is_text(text: bytes) -> bool:
	"""Three words that somebody wrote, or a long identifier; no number that the next release would change."""
	letters = len(re.findall(rb"[A-Za-z]", text))
	words = re.findall(rb"[A-Za-z]{2,}", text)
	identifier = re.fullmatch(rb"[a-z][a-z0-9]*_[A-Za-z0-9_]{6,}", text)
	return (LENGTH_MIN <= len(text) <= LENGTH_MAX and letters >= LENGTH_MIN and letters >= 0.55 * len(text)
	        and not re.search(rb"\d\.\d|[0-9a-f]{12}|\.debug$|^_ZN|%s version %s|ABCDEF|abcdef", text) and b"\t" not in text
	        and (identifier is not None or (b" " in text and len(words) >= 3)))


def is_sentence(text: bytes) -> bool:
	"""What a person would know the product by, not only beside a version. No identifier: it is in whatever calls the function, too."""
	letters = len(re.findall(rb"[A-Za-z]", text))
	digits = len(re.findall(rb"[0-9]", text))
	if not SENTENCE_MIN <= len(text) <= LENGTH_MAX or letters < 0.6 * len(text) or digits > 4 or re.search(rb"\d\.\d|\t", text):
		return False
	if GENERAL.search(text):
		return False
	words = len(re.findall(rb"[A-Za-z]{2,}", text))
	return b" " in text and words >= (3 if digits else 2)


def is_long(text: bytes) -> bool:
	return len(text) >= LONG_MIN and len(re.findall(rb"[A-Za-z]{2,}", text)) >= LONG_WORDS


def near_version(data: bytes, version: str):
	"""(text, distance) around each string with the version."""
	strings = [m.group().strip() for m in STRING.finditer(data)]
	has = re.compile(rb"(?<![0-9.])" + re.escape(version.encode()) + rb"(?![0-9]|\.[0-9])")
	for i, string in enumerate(strings):
		if has.search(string) and b'"version":"' not in string:
			for k in range(max(0, i - NEAR), min(len(strings), i + NEAR + 1)):
				if k != i and is_text(strings[k]):
					yield strings[k], abs(k - i)


def chosen(places: dict[bytes, dict[tuple[str, str], int]]) -> list[bytes]:
	"""Those by which most programs are told, from the distance of each text in each (build, file)."""
	left = {text: at for text, at in places.items() if len({build for build, _ in at}) > 1}
	told: collections.Counter = collections.Counter()
	picked = []

	def worth(text: bytes) -> float:
		return sum(WORTH[distance] * 0.35 ** told[where[1]] for where, distance in left[text].items())

	while left and len(picked) < TEXTS_MAX:
		best = max(left, key=lambda text: (worth(text), len(text), text))
		if worth(best) < WORTH_MIN:
			break
		picked.append(best)
		for (_, file), distance in left.pop(best).items():
			told[file] += 0.3 if distance > 2 else 1 / 2
	return picked


def write(path: pathlib.Path, texts: list[bytes]) -> None:
	lines = path.read_text().split("\n")
	kept, inside = [], False
	for line in lines:
		inside = line == "texts:" or (inside and line.startswith("  - "))
		if not inside:
			kept.append(line)
	if texts:
		at = next(i for i, line in enumerate(kept) if line.startswith("name:")) + 1
		kept[at:at] = ["texts:"] + ["  - '" + text.decode().replace("'", "''") + "'" for text in texts]
	path.write_text("\n".join(kept))


def key_of(text: bytes) -> int:
	return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


class Sentences:
	"""Which product has each sentence, and in how many builds: MIXED where two products have it. Kept by the hashes of them,
	since there are millions."""

	def __init__(self, many: bool) -> None:
		self.many = many
		self.owner: dict[int, object] = {}
		self.builds: dict[int, set[str]] = {}

	def counts(self, text: bytes) -> bool:
		return is_sentence(text) and (self.many or is_long(text))

	def add(self, package: Package, product: object, strings: set[bytes]) -> None:
		for text in filter(self.counts, strings):
			key = key_of(text)
			if self.owner.setdefault(key, product) != product:
				self.owner[key] = MIXED
				self.builds.pop(key, None)
			elif self.owner[key] != MIXED:
				self.builds.setdefault(key, set()).add(package.version)

	def of_products(self, names: set[str]) -> dict[str, set[int]]:
		"""Those in most builds; among equals the choice is by hash, and so the same each time."""
		by_product: dict[str, list[tuple[int, int]]] = collections.defaultdict(list)
		for key, builds in self.builds.items():
			if len(builds) > 1 and self.owner[key] in names:
				by_product[self.owner[key]].append((-len(builds), key))
		return {name: {key for _, key in sorted(found)[:SENTENCES_MAX]} for name, found in by_product.items()}


def gather(packages: list[Package], owner: dict[Package, str | None], many: bool):
	"""The texts beside versions by product, with where they stand; and all sentences."""
	places: dict = collections.defaultdict(lambda: collections.defaultdict(dict))
	sentences = Sentences(many)
	for package in packages:
		known = owner[package] and "." in package.upstream()
		for file, data in package.programs():
			sentences.add(package, owner[package] or "?" + package.source, {m.group().strip() for m in STRING.finditer(data)})
			for text, distance in near_version(data, package.upstream()) if known else ():
				at = places[owner[package]][text]
				where = (package.version, re.sub(r"[\d.]+", "", file))
				at[where] = min(distance, at.get(where, NEAR))
	return places, sentences


def with_others(before: dict[str, list[int]], hashes: dict[str, set[int]]) -> dict[str, set[int]]:
	"""What was found, and what the file has of other products; what two of them have is neither's."""
	others = {name: set(kept) for name, kept in before.items() if name not in hashes}
	return component_texts.without_shared({**others, **hashes})


def recall(packages: list[Package], owner: dict[Package, str | None], sentences: Sentences, names: set[str], speakers: dict):
	"""The hashes of the sentences of those products, and who says each text that `speakers` has: read a second time, since of what is to
	be kept the texts themselves are needed."""
	wanted = {key: name for name, keys in sentences.of_products(names).items() for key in keys}
	hashes: dict = collections.defaultdict(set)
	for package in packages if speakers else [package for package in packages if owner[package] in names]:
		for _, data in package.programs():
			for text in {m.group().strip() for m in STRING.finditer(data)}:
				if text in speakers:
					speakers[text].add(owner[package] or package.source)
				if owner[package] and sentences.counts(text) and wanted.get(key_of(text)) == owner[package]:
					hashes[owner[package]].add(component_texts.fnv1a(text) >> 24)
	return hashes


def main() -> None:
	arguments = [argument for argument in sys.argv[1:] if argument != "--new"]
	if len(arguments) < 2:
		sys.exit(__doc__)
	folder, new = pathlib.Path(arguments[0]), "--new" in sys.argv
	path = folder.parent / "texts.bin"
	before = component_texts.read(path) if path.exists() else {}
	products = products_of(folder)
	packages = [Package(pathlib.Path(name)) for name in arguments[1:]]
	owner = {package: products.get(package.name) or products.get(package.source) for package in packages}
	places, sentences = gather(packages, owner, len(packages) >= PACKAGES_MANY)
	places = {} if new else places
	speakers: dict = {text: set() for texts in places.values() for text in texts}
	names = {name for name in owner.values() if name and not (new and name in before)}
	hashes = recall(packages, owner, sentences, names, speakers)
	for product, texts in sorted(places.items()):
		write(folder / f"{product}.yaml", chosen({text: at for text, at in texts.items() if len(speakers[text]) == 1}))
	hashes = with_others(before, hashes)
	component_texts.write(path, hashes)
	print(f"{len(places)} products have texts beside their version; texts.bin has {sum(map(len, hashes.values()))} sentences of "
	      f"{len(hashes)} products")


if __name__ == "__main__":
	main()
