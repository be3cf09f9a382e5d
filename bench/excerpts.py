#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many products are told, with their version, by what somebody keeps of a stripped program to know it by.

    excerpts.py ASSAY PRODUCTS SEED DEB...

Of each product and release of it among the Debian packages two programs are taken: the one that says its version best, and any
other. PRODUCTS is data/components/products. Of each program three excerpts are drawn, anew with another SEED:

    version   the strings with the version, three at most, with words if there are such
    named     these and four texts that no other product given has, two of them with the product's name if there are such
    any       one string with the version and three such texts without the name

Shares as bench/recall.py has them, which draws what stands together in a program. Give it packages of many products: a text that
others have is known by their programs only.
"""
import collections
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import recall  # noqa: E402

FILES_MAX, LINE_MAX = 60, 300
WORD = re.compile(rb"[A-Za-z]{3}")


def plain(text):
    return re.sub(rb"[^a-z0-9]", b"", text.lower())


def is_text(string):
    return 12 <= len(string) <= 120 and len(re.findall(rb"[A-Za-z ]", string)) > 0.7 * len(string)


class Program:
    def __init__(self, path, version, data):
        seen = re.compile(rb"(?<![0-9.])" + re.escape(version.encode()) + rb"(?![0-9]|\.[0-9])")
        strings = list(dict.fromkeys(m.group() for m in recall.STRING.finditer(data)))
        self.name, self.version = path.name.encode(), version
        self.lines = [s for s in strings if seen.search(s) and len(s) < LINE_MAX and not re.search(rb'"version":"|\.dwz/|\.debug$', s)]
        self.texts = [s for s in strings if is_text(s) and not seen.search(s)]

    def worth(self, product):
        return any(map(WORD.search, self.lines)), plain(product) in plain(self.name), len(self.texts) > 3


def programs(deb):
    version = recall.upstream(deb)
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        found = 0
        for path in sorted(p for p in pathlib.Path(root).rglob("*") if p.is_file() and not p.is_symlink()):
            data = path.read_bytes()
            if data[:4] == b"\x7fELF" and found < FILES_MAX and "." in version:
                found += 1
                yield Program(path, version, data)


def gather(debs, products):
    """The programs by product and release, and the product that each text is of: None where two have it."""
    by_release, owner = collections.defaultdict(list), {}
    for deb in debs:
        product = products.get(recall.field(deb, "Package")) or products.get(recall.field(deb, "Source").split(" ")[0])
        for program in programs(deb) if product else ():
            by_release[product, program.version].append(program)
            for text in program.texts:
                owner[text] = product if owner.get(text, product) == product else None
    return by_release, owner


def draw(program, product, owner, chance):
    lines = [s for s in program.lines if WORD.search(s)] or program.lines
    lines = chance.sample(lines, min(3, len(lines)))
    texts = [t for t in program.texts if owner[t] == product]
    named = [t for t in texts if plain(product.encode()) in plain(t)]
    rest = [t for t in texts if t not in set(named)]
    four = chance.sample(named, min(2, len(named)))
    four += chance.sample(rest, min(4 - len(four), len(rest)))
    three = chance.sample(rest, min(3, len(rest)))
    yield "version", lines
    if four:
        yield "named", four[:2] + lines + four[2:]
    if three:
        yield "any", three[:1] + [chance.choice(program.lines)] + three[1:]


def excerpts(debs, products, seed):
    by_release, owner = gather(debs, products)
    for (product, version), all_of_it in sorted(by_release.items()):
        telling = [p for p in all_of_it if p.lines]
        chance = random.Random(f"{product} {version} {seed}")
        best = max(telling, key=lambda p: p.worth(product.encode()), default=None)
        for program in {id(p): p for p in (best, chance.choice(telling))}.values() if telling else ():
            for form, strings in draw(program, product, owner, chance):
                yield product, version, form, strings


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    assay, table, seed, debs = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    recall.ask(assay, excerpts(debs, recall.packages(table), seed))


if __name__ == "__main__":
    main()
