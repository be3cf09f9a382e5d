#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many products are told, with their version, by a few strings of a stripped program.

    recall.py ASSAY PRODUCTS DEB...

Of each program and library in the Debian packages the strings are taken that hold the package's upstream version, each
with its neighbours: windows of 1, 2, 3 and 5 strings; and each with 2 and with 24 other texts of the same file (sizes 102 and
124), as a listing (one a line) and with NULs between them, under names that tell nothing. PRODUCTS is data/components/products; a
package that is no product's there is left out, or with --foreign taken alone: then all that is claimed is wrong. Right: the
product in that version. Wrong: it in another version, or another product.
Packages that no pattern was made from say how well unknown programs are told.
"""
import collections
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

SIZES = (1, 2, 3, 5, 102, 124)
STRING = re.compile(rb"[\t\x20-\x7e]{4,}")
FILES_MAX, WINDOWS_MAX = 40, 8


def field(deb, name):
    return subprocess.run(["dpkg-deb", "-f", deb, name], capture_output=True, text=True, check=True).stdout.strip()


def upstream(deb):
    """The version without epoch, revision and what Debian appends."""
    built_from = re.search(r"\((.*)\)", field(deb, "Source"))
    version = built_from[1] if built_from else field(deb, "Version")
    version = re.sub(r"^\d+:", "", version)
    version = version.rsplit("-", 1)[0] if "-" in version else version
    return re.split(r"[+~](?:dfsg|ds|repack|git|deb|really)|\.dfsg", version)[0]


def packages(folder):
    """The product of each package's name, from the lists in the product table."""
    products = {}
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        products[path.stem] = path.stem
        for line in re.findall(r"^packages: \[(.*)\]", path.read_text(), re.M):
            products.update((name.strip(), path.stem) for name in line.split(","))
    return products


def scattered(strings, at, most, version):
    """The string at that place and so many others, wherever they stand, that are words and have no version."""
    texts = [i for i, s in enumerate(strings) if len(s) >= 10 and len(re.findall(rb"[A-Za-z ]", s)) > 0.7 * len(s)
             and i != at and not version.search(s)]
    chosen = random.Random(at).sample(texts, min(most, len(texts)))
    return [strings[i] for i in sorted({at, *chosen})]


def windows(data, version):
    """(size, strings) around each string with the version."""
    strings = [m.group() for m in STRING.finditer(data)]
    seen = re.compile(rb"(?<![0-9.])" + re.escape(version.encode()) + rb"(?![0-9]|\.[0-9])")
    for i, string in enumerate(strings):
        if seen.search(string) and not re.search(rb'"version":"|\.dwz/|/usr/lib/debug', string):
            yield from ((1, strings[i:i + 1]), (2, strings[max(0, i - 1):i + 1]), (3, strings[max(0, i - 1):i + 2]),
                        (5, strings[max(0, i - 2):i + 3]))
            yield from ((100 + n, scattered(strings, i, n, seen)) for n in (2, 24))


def excerpts(debs, products, foreign):
    """(product, version, size, strings) without repetition."""
    seen = set()
    for deb in debs:
        product = products.get(field(deb, "Package")) or products.get(field(deb, "Source").split(" ")[0])
        version = upstream(deb)
        if "." not in version or bool(product) == foreign:
            continue
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
            found = 0
            files = [p for p in sorted(pathlib.Path(root).rglob("*")) if p.is_file() and not p.is_symlink()]
            for data in (p.read_bytes() for p in files[:FILES_MAX * 8]):
                for size, strings in windows(data, version) if data[:4] == b"\x7fELF" else ():
                    key = (product, size, b"\0".join(strings))
                    if key not in seen and found < WINDOWS_MAX * len(SIZES):
                        found += 1
                        seen.add(key)
                        yield product, version, size, strings


def same(told, version):
    return told in (version, version + ".0") or told + ".0" == version


def ask(assay, excerpts_of_form):
    """What is told of (product, version, form, strings), each as lines and with NULs, in shares by form."""
    truth = {}
    count = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work, "in")
        folder.mkdir()
        for product, version, size, strings in excerpts_of_form:
            for form, begin, between in (("text", b"", b"\n"), ("NUL", b"\x7fELF\0", b"\0")):
                name = f"{len(truth):06d}"
                (folder / name).write_bytes(begin + between.join(strings) + between)
                truth[name] = (product, version, size, form)
        subprocess.run([assay, folder, "--quiet", "-o", f"{work}/case"], check=False, stdout=subprocess.DEVNULL)
        told = collections.defaultdict(set)
        for path, name, version in sqlite3.connect(f"{work}/case").execute(
                "SELECT b.path, c.name, c.version FROM blob b"
                " JOIN component c ON c.blob_id = coalesce(b.same_as, b.id)"):
            told[pathlib.Path(path).name].add((name, version or ""))
    for name, (product, version, size, form) in truth.items():
        claims = {c for c in told[name] if c[1]}
        right = any(c[0] == product and same(c[1], version) for c in claims)
        wrong = any(c[0] != product or not same(c[1], version) for c in claims)
        count[form, size].update(all=1, right=right, wrong=wrong, missed=not claims)
    for (form, size), n in sorted(count.items()):
        shares = ", ".join(f"{what} {100 * n[what] / n['all']:.1f} %" for what in ("right", "missed", "wrong"))
        print(f"{form}, {size}: {n['all']} excerpts, {shares}")


def main():
    arguments = [a for a in sys.argv[1:] if a != "--foreign"]
    if len(arguments) < 3:
        sys.exit(__doc__)
    assay, table, debs = arguments[0], arguments[1], arguments[2:]
    ask(assay, excerpts(debs, packages(table), "--foreign" in sys.argv))


if __name__ == "__main__":
    main()
