#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of products: which ones tools/harvest_texts.py takes from packages, and that a build reads what it writes.

    test_harvest_texts.py SOURCE-ROOT
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))
sys.dont_write_bytecode = True
import component_texts  # noqa: E402
import harvest_identifiers  # noqa: E402
import harvest_texts  # noqa: E402

NEAR = "the fishes of %s are all asleep"
FAR = "a whale has swallowed the anchor"
ONCE = "this was said in one release only"
SHARED = "both of them say this sentence"
GENERAL = "Usage of all these many options"
IDENTIFIER = "fish_tank_is_empty"
SHORT, THREE_WORDS = "the fish is asleep now", "aquariums overflowing everywhere"


def program(version, *texts):
    filler = [f"filler text number {n:c}" for n in range(ord("a"), ord("m"))]
    return b"\x7fELF\0" + "\0".join(["some text", NEAR, version, *filler, *texts]).encode() + b"\0"


def with_symbols(*names):
    """A file of ELF (64 bits, little-endian) with one section: its string table."""
    table = b"\0" + b"\0".join(name.encode() for name in names) + b"\0"
    header = b"\x7fELF\2\1\1".ljust(40, b"\0") + (64 + len(table)).to_bytes(8, "little")
    header = header.ljust(58, b"\0") + (64).to_bytes(2, "little") + (1).to_bytes(2, "little") + bytes(2)
    section = bytes(4) + (3).to_bytes(4, "little") + bytes(16) + (64).to_bytes(8, "little") + len(table).to_bytes(8, "little")
    return header + table + section.ljust(64, b"\0")


class Identifiers(unittest.TestCase):
    def test_identifier(self):
        for text in ("fish_tank_is_empty", "the-fish-tank-is-empty", "emptyFishTankOfWhales", "overflowing_aquarium"):
            self.assertTrue(harvest_identifiers.is_identifier(text.encode()), text)
        for text in ("fish_tank", "load_balancer", "network-down", "emptyTheFishes", "fish tank is empty", "a_1_2_3_4_5_fishes",
                     "_ZN4fish4tankEv", "fish_tank.is_empty", "aa_aa_aa_aa_aa_aa"):
            self.assertFalse(harvest_identifiers.is_identifier(text.encode()), text)

    def test_symbols(self):
        data = with_symbols("fish_tank_open", "puts")
        self.assertEqual(harvest_identifiers.symbols(data), {b"", b"fish_tank_open", b"puts"})
        for n in range(len(data)):
            self.assertLessEqual(len(harvest_identifiers.symbols(data[:n])), 4)

    def test_own(self):
        found = harvest_identifiers.Identifiers()
        texts = b"\0".join([b"fish_tank_is_empty", b"fish_tank_and_whale", b"fish_tank_is_full", b"fish_tank_is_open"]) + b"\0"
        found.add("fish", "1.0", with_symbols() + texts)
        found.add("fish", "1.1", with_symbols("fish_tank_is_open") + texts.replace(b"fish_tank_is_full\0", b""))
        found.add("?whale", "1.0", b"\x7fELF\0fish_tank_and_whale\0")
        own = component_texts.fnv1a(b"\0fish_tank_is_empty") >> 24  # not the others: a whale's, in one release, a symbol
        self.assertEqual(found.of_products({"fish", "whale"}), {"fish": {own}})

    def test_foreign(self):
        with tempfile.TemporaryDirectory(prefix="assay-harvest-") as work:
            base = pathlib.Path(work)
            (base / "products").mkdir()
            (base / "products/fish.yaml").write_text("name: fish\ntitle: Fish\n")
            kept, gone = (component_texts.fnv1a(text) >> 24 for text in (b"\0fish_tank_is_empty", b"\0fish_tank_is_full"))
            component_texts.write(base / "texts.bin", {"fish": {kept, gone}})
            file = base / "whale/new_whale_1.0-1/usr/bin/whale"
            file.parent.mkdir(parents=True)
            file.write_bytes(b"\x7fELF\0fish_tank_is_full\0")
            subprocess.run([sys.executable, TOOLS / "foreign_texts.py", base / "products", base / "whale/new_whale_1.0-1"],
                           capture_output=True, check=True)
            self.assertEqual(component_texts.read(base / "texts.bin"), {"fish": [kept]})


class Harvest(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(prefix="assay-harvest-")
        self.base = pathlib.Path(self.work.name)
        self.products = self.base / "products"
        self.products.mkdir()
        (self.products / "fish.yaml").write_text("name: fish\ntexts:\n  - 'an old text of it'\ntitle: Fish\npackages: [libfish1,\n  fish]\n")
        (self.products / "whale.yaml").write_text("name: whale\ntexts:\n  - 'whales keep their texts'\ntitle: Whale\n")

    def tearDown(self):
        self.work.cleanup()

    def package(self, name, data):
        file = self.base / name / "usr/bin/fish"
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        return self.base / name

    def harvest(self, *packages):
        return subprocess.run([sys.executable, TOOLS / "harvest_texts.py", self.products, *packages], capture_output=True,
                              text=True, check=True).stdout

    def hashes(self):
        return set(component_texts.read(self.base / "texts.bin").get("fish", []))

    def two_builds(self):
        return (self.package("fish/old_fish_1.2.3-1", program("fish 1.2.3", FAR, SHARED, GENERAL, IDENTIFIER, ONCE)),
                self.package("fish/new_fish_1.3.0-1", program("1.3.0", FAR, SHARED, GENERAL, IDENTIFIER)),
                self.package("other/new_other_7.5-2", program("7.5", SHARED).replace(NEAR.encode(), b"nothing")))

    def test_own_texts(self):
        self.harvest(*self.two_builds())
        entry = (self.products / "fish.yaml").read_text()
        self.assertIn(f"texts:\n  - '{NEAR}'\ntitle: Fish\n", entry)
        self.assertNotIn("an old text", entry)
        self.assertIn("whales keep", (self.products / "whale.yaml").read_text())
        kept = {text: component_texts.fnv1a(text.encode()) >> 24 in self.hashes()
                for text in (NEAR, FAR, IDENTIFIER, ONCE, SHARED, GENERAL)}
        self.assertEqual(kept, {NEAR: True, FAR: True, IDENTIFIER: False, ONCE: False, SHARED: False, GENERAL: False})

    def test_same_each_time(self):
        packages = self.two_builds()
        self.harvest(*packages)
        first = (self.base / "texts.bin").read_bytes(), (self.products / "fish.yaml").read_text()
        self.harvest(*packages)
        self.assertEqual(first, ((self.base / "texts.bin").read_bytes(), (self.products / "fish.yaml").read_text()))

    def test_few_packages(self):
        own = [self.package(f"fish/{suite}_fish_1.{suite}-1", program("1.2", FAR, SHORT, THREE_WORDS)) for suite in "34"]
        self.harvest(*own)
        kept = [component_texts.fnv1a(text.encode()) >> 24 in self.hashes() for text in (FAR, SHORT, THREE_WORDS)]
        self.assertEqual(kept, [True, False, False])

    def test_many_packages(self):
        counts = [harvest_texts.Sentences(many).counts(text.encode()) for many in (True, False) for text in (FAR, SHORT, THREE_WORDS)]
        self.assertEqual(counts, [True, True, True, True, False, False])

    def test_licences(self):
        for text in (b"notice, this list of conditions and the following disclaimer in the",
                     b"EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,", b"it is provided as is and nothing else"):
            self.assertFalse(harvest_texts.is_sentence(text), text)
        self.assertTrue(harvest_texts.is_sentence(b"it is as isolated as an island in the sea"))

    def test_new(self):
        own = self.two_builds()
        self.harvest("--new", *own)
        self.assertIn(component_texts.fnv1a(FAR.encode()) >> 24, self.hashes())
        self.assertNotIn(component_texts.fnv1a(SHARED.encode()) >> 24, self.hashes())
        self.assertIn("an old text of it", (self.products / "fish.yaml").read_text())
        component_texts.write(self.base / "texts.bin", {"fish": {1, 2}})
        self.harvest("--new", *own)
        self.assertEqual(self.hashes(), {1, 2})

    def test_others_keep_theirs(self):
        own, shared = component_texts.fnv1a(b"whales sing at night") >> 24, component_texts.fnv1a(FAR.encode()) >> 24
        component_texts.write(self.base / "texts.bin", {"whale": {own, shared}, "fish": {own + 1}})
        self.harvest(*self.two_builds())
        kept = component_texts.read(self.base / "texts.bin")
        self.assertEqual(kept["whale"], [own])
        self.assertNotIn(shared, kept["fish"])
        self.assertNotIn(own + 1, kept["fish"])
        self.assertIn(component_texts.fnv1a(NEAR.encode()) >> 24, kept["fish"])

    def foreign(self, *packages):
        return subprocess.run([sys.executable, TOOLS / "foreign_texts.py", self.products, *packages], capture_output=True,
                              text=True, check=True).stdout

    def test_foreign(self):
        own = self.two_builds()
        self.harvest(*own)
        alone = self.package("stone/new_stone_2.5-1", b"\x7fELF\0" + f"{NEAR}\0fish_tank_is_empty\0".encode())
        self.assertIn("1 texts of 1 products are said by 2 packages", self.foreign(*own, alone))
        kept = [component_texts.fnv1a(text.encode()) >> 24 in self.hashes() for text in (NEAR, FAR)]
        self.assertEqual(kept, [False, True])
        self.assertNotIn(NEAR, (self.products / "fish.yaml").read_text())
        self.assertIn("whales keep", (self.products / "whale.yaml").read_text())

    def test_shared_goes(self):
        component_texts.write(self.base / "texts.bin", {"whale": {1, 2}, "fish": {2, 3}, "stone": {3}})
        self.foreign(self.package("stone/new_stone_2.5-1", b"\x7fELF\0nothing at all\0"))
        self.assertEqual(component_texts.read(self.base / "texts.bin"), {"whale": [1]})

    def test_numbered_is_own(self):
        self.harvest(*self.two_builds())
        before = self.hashes()
        data = b"\x7fELF\0" + f"{NEAR}\0".encode()
        own = [self.package(f"{name}/new_fin_2.5-1", data) for name in ("fish2", "fish12", "fish2.2", "fish-2.2", "fish-12")]
        self.assertIn("0 texts of 0 products are said by 0 packages", self.foreign(*own))
        self.assertEqual(self.hashes(), before)

    def test_texts_of_another_form(self):
        entry = (self.products / "whale.yaml").read_text()
        self.harvest(*self.two_builds())
        for texts in (entry.replace("  - 'whales", '  - "and others"\n  - \'whales'), "name: whale\ntexts: ['whales keep their texts']\n"):
            (self.products / "whale.yaml").write_text(texts)
            with self.assertRaises(subprocess.CalledProcessError):
                self.foreign(self.package(f"stone{len(texts)}/new_stone_2.5-1", b"\x7fELF\0whales keep their texts\0"))
            self.assertEqual((self.products / "whale.yaml").read_text(), texts)

    def test_foreign_copy(self):
        many = [f"the {n} fish of the pond has swum away" for n in ("first", "second", "third", "fourth", "fifth", "sixth",
                                                                   "seventh", "eighth", "ninth", "tenth")]
        self.harvest(self.package("fish/old_fish_1.2.3-1", program("1.2.3", *many)),
                     self.package("fish/new_fish_1.3.0-1", program("1.3.0", *many)))
        before = self.hashes()
        copies = [self.package(f"{name}/new_{name}_2.5-1", program("2.5", *many)) for name in ("one", "two", "three")]
        self.assertIn("0 texts", self.foreign(*copies[:2]))
        self.assertEqual(self.hashes(), before)
        self.foreign(*copies) # so many have it that it is nobody's
        self.assertEqual(self.hashes(), set())

    def embed(self):
        return subprocess.run([sys.executable, TOOLS / "embed_components.py", "products", self.products, self.base / "out.c",
                               self.base / "out.d"], capture_output=True, text=True, check=False)

    def test_build_reads_it(self):
        self.harvest(*self.two_builds())
        self.assertEqual(self.embed().returncode, 0)
        value = component_texts.fnv1a(FAR.encode()) >> 24
        self.assertIn(f"\t0x{value & 0xffffffff:08x},", (self.base / "out.c").read_text())
        self.assertIn("texts.bin", (self.base / "out.d").read_text())

    def test_damaged(self):
        self.harvest(*self.two_builds())
        data = (self.base / "texts.bin").read_bytes()
        for broken, said in ((data[:-1], "cut off in the hashes of fish"), (b"x" + data, "does not begin")):
            (self.base / "texts.bin").write_bytes(broken)
            run = self.embed()
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(said, run.stderr)


class Hash(unittest.TestCase):
    def test_fnv1a(self):  # RFC 9923, test vectors of 64 bits
        self.assertEqual(component_texts.fnv1a(b""), 0xcbf29ce484222325)
        self.assertEqual(component_texts.fnv1a(b"a"), 0xaf63dc4c8601ec8c)
        self.assertEqual(component_texts.fnv1a(b"foobar"), 0x85944171f73967e8)


if __name__ == "__main__":
    unittest.main()
