#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product table's items with the key `beside`: that they make the tables that their banners make, and what is said of faults.

    test_component_table.py SOURCE-ROOT
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))

BESIDE = r"""name: fish
match:
  - beside: ['64 2.#', 512 version]
    texts: ['fishes of %s', 'all of it<end>', '<within>it''s \<here>\t%s<line>']
    example: [2.7, 'v3.1 => 3.1']
    where: ['libfish*']
    origin: the fish's texts
  - banner: '<start>fish <version>'
    examples: ['\0fish 2.7\0 => 2.7']
    origin: the fish
  - beside: 32 packed
    texts: ['<within>packed fish<end>']
    example: 20914 => 2.9.14
    origin: the same
"""

# The same, each pattern by itself.
BANNERS = r"""name: fish
match:
  - banner: '<start>fishes of %s<near 64 2.#>'
    examples: ['\02.7\0fishes of %s\0 => 2.7']
    not: ['\0fishes of %s\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: '<start>fishes of %s<near 512 version>'
    examples: ['\0v3.1\0fishes of %s\0 => 3.1']
    not: ['\0fishes of %s\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: '<start>all of it<end><near 64 2.#>'
    examples: ['\02.7\0all of it\0 => 2.7']
    not: ['\0all of it\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: '<start>all of it<end><near 512 version>'
    examples: ['\0v3.1\0all of it\0 => 3.1']
    not: ['\0all of it\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: 'it''s \<here>\t%s<end><near 64 2.#>'
    examples: ['\02.7\0it''s \<here>\t%s\n\0 => 2.7']
    not: ['\0it''s \<here>\t%s\n\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: 'it''s \<here>\t%s<end><near 512 version>'
    examples: ['\0v3.1\0it''s \<here>\t%s\n\0 => 3.1']
    not: ['\0it''s \<here>\t%s\n\0']
    where: ['libfish*']
    origin: the fish's texts
  - banner: '<start>fish <version>'
    examples: ['\0fish 2.7\0 => 2.7']
    origin: the fish
  - banner: 'packed fish<end><near 32 packed>'
    examples: ['\020914\0packed fish\0 => 2.9.14']
    not: ['\0packed fish\0']
    origin: the same
"""

# What is wrong, the line, what is said of it. The item begins in line 3, a line for each key.
FAULTS = [
    ({"example": None}, 3, "example is missing"),
    ({"texts": None}, 3, "texts is missing"),
    ({"texts": "[]"}, 3, "texts is missing"),
    ({"origin": None}, 3, "origin is missing"),
    ({"origin": "[a, b]"}, 6, "a text is expected here"),
    ({"banner": "'<start>all of it<near 64 2.#>'"}, 7, "'banner' is no key of an item with beside: beside, texts, example, origin, where are"),
    ({"beside": "'2.#'"}, 3, "'2.#' is not how near and in which shape"),
    ({"beside": "'near 64 2.#'"}, 3, "'near 64 2.#' is not how near and in which shape"),
    ({"beside": "'64 2.#>'"}, 3, "'64 2.#>' is not how near and in which shape"),
    ({"beside": "'64 beside'"}, 4, "unknown token <near 64 beside>"),
    ({"beside": "['64 2.#', '64 3.#']"}, 5, "beside has 2 and example 1: there is one example for each"),
    ({"example": "[2.7, 2.8]"}, 5, "beside has 1 and example 2: there is one example for each"),
    ({"example": "'2.7 => '"}, 5, "an example is what stands beside the text"),
    ({"texts": "\n      - 'all of it'\n      - 'this <skip 4> that'"}, 6, "a text is literal"),
    ({"texts": "\n      - 'all of it'\n      - '<start>all of it'"}, 6, "a text is literal"),
    ({"texts": "\n      - 'all of it'\n      - 'all of it\\'"}, 6, "a text is literal"),
    ({"texts": "\n      - '<end>'"}, 5, "a text is literal"),
    ({"texts": "\n      - 'all of it'\n      - 'some of it'\n      - 'all of it'"}, 7, "'all of it' stands here a second time"),
    ({"beside": "['64 2.#', '64 2.#']", "example": "[2.7, 2.8]"}, 3, "'64 2.#' stands here a second time"),
    ({"texts": "\n      - 'all of it'\n      - 'all'"}, 6, "a banner must begin with a literal of 4 bytes"),
    ({"texts": "\n      - 'all of it'\n      - 'all\\q of it'"}, 6, "unknown escape"),
]


class Beside(unittest.TestCase):
    def embed(self, what, text):
        """The tool's run over a table of this product only, and what it wrote."""
        with tempfile.TemporaryDirectory(prefix="assay-table-") as work:
            folder = pathlib.Path(work) / "products"
            folder.mkdir()
            (folder / "fish.yaml").write_text(text)
            out = pathlib.Path(work) / "out.c"
            run = subprocess.run([sys.executable, ROOT / "tools/embed_components.py", what, folder, out, pathlib.Path(work) / "out.d"],
                                 capture_output=True, text=True)
            return run, out.read_text() if out.exists() else ""

    def written(self, what, text):
        run, out = self.embed(what, text)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return out

    def test_patterns_are_those_of_the_banners(self):
        for what in ("signatures", "products"):
            self.assertEqual(self.written(what, BESIDE), self.written(what, BANNERS))
        self.assertIn("component_nsignatures = 8;", self.written("signatures", BESIDE))

    def test_examples_are_those_of_the_banners(self):
        # Where they stand differs: a text's line in one, its banner's in the other.
        line = re.compile(r'^(\t\{ (?:"[^"]*", ){4})(\d+)', re.MULTILINE)
        beside, banners = self.written("examples", BESIDE), self.written("examples", BANNERS)
        self.assertEqual(line.sub(r"\1", beside), line.sub(r"\1", banners))
        self.assertEqual([int(m[2]) for m in line.finditer(beside)], [4] * 12 + [9] + [12] * 2)

    def test_faults_are_told_with_their_line(self):
        usual = {"beside": "'64 2.#'", "texts": "['all of it']", "example": "2.7", "origin": "the fish"}
        for change, line, message in FAULTS:
            item = {key: value for key, value in {**usual, **change}.items() if value is not None}
            text = "name: fish\nmatch:\n  - " + "\n    ".join(f"{key}: {value}" for key, value in item.items()) + "\n"
            with self.subTest(text=text):
                run, _ = self.embed("signatures", text)
                self.assertEqual(run.returncode, 1)
                self.assertIn(f"fish.yaml:{line}: {message}", run.stderr)


if __name__ == "__main__":
    unittest.main()
