#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No container is reported that is not there: in noise, in this machine's programs, in pictures, fonts and documents.

    test_false_carve.py ASSAY

ASSAY_NOISE_MIB sets how much noise (64). What is found inside of programs and documents must prove itself to Python's own
libraries; only compressed streams can be there.
"""
import bz2
import lzma
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import zlib

ASSAY = os.path.abspath(sys.argv.pop(1))
NOISE_MIB = int(os.environ.get("ASSAY_NOISE_MIB", "64"))
FILES_MAX, BYTES_MAX = 1200, 400 << 20
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".pdf", ".mp3", ".ttf", ".woff2", ".ogg", ".svg", ".mo")


def is_stream(form, data):
    """Whether Python's library reads a whole stream from the beginning of the bytes."""
    readers = {"gzip": lambda: zlib.decompressobj(31), "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
               "bzip2": bz2.BZ2Decompressor, "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE)}
    if form == "arj": # the program arj has one in itself
        n = int.from_bytes(data[2:4], "little")
        return zlib.crc32(data[4:4 + n]) == int.from_bytes(data[4 + n:8 + n], "little")
    if form not in readers:
        return False
    reader = readers[form]()
    try:
        reader.decompress(data)
        return reader.eof
    except (zlib.error, lzma.LZMAError, OSError):
        return False


class FalseCarve(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def assess(self, path):
        p = subprocess.run([ASSAY, str(path), "--quiet", "-o", "x.assay"], cwd=self.folder, capture_output=True, timeout=600)
        self.assertIn(p.returncode, (0, 1), p.stderr)
        return sqlite3.connect(self.folder / "x.assay")

    def test_noise(self):
        rng = random.Random(2026)
        with open(self.folder / "noise", "wb") as f:
            for _ in range(NOISE_MIB):
                f.write(rng.randbytes(1 << 20))
        db = self.assess(self.folder / "noise")
        self.assertEqual(db.execute("SELECT kind, format FROM blob").fetchall(), [("input", "high-entropy")])

    def check(self, files):
        root = self.folder / "root"
        root.mkdir()
        total, origins = 0, {}
        for path in files:
            if len(origins) == FILES_MAX or total > BYTES_MAX:
                break
            if path.is_symlink() or not path.is_file():
                continue
            name = f"{len(origins)}{path.suffix}"
            shutil.copyfile(path, root / name)
            origins["/" + name] = path
            total += path.stat().st_size
        db = self.assess(root)
        files = db.execute("""SELECT b.path, b.format FROM blob b WHERE b.parent_id = 1
                              AND b.format NOT IN ('elf', 'mach-o', 'script', 'text', 'data', 'empty', 'padding')""").fetchall()
        for path, form in files: # a file that is an archive as a whole says so by its magic, and Python has its reader
            self.assertIn(form, ("gzip", "xz", "bzip2", "zip", "zstd", "ar", "cpio", "tar"), f"{origins[path]} is no {form}")
        inside = db.execute("""SELECT p.path, b.format, b.offset, b.size FROM blob b JOIN blob p ON p.id = b.parent_id
                               WHERE p.parent_id = 1 AND b.kind = 'region' AND p.format IN ('elf', 'mach-o', 'script', 'text', 'data')""")
        for path, form, offset, size in inside.fetchall():
            data = (root / path[1:]).read_bytes()[offset:offset + size]
            self.assertTrue(is_stream(form, data), f"{form} at {offset} of {origins[path]}")
        self.assertEqual(db.execute("SELECT group_concat(what) FROM damage").fetchall(), [(None,)])

    def test_programs(self):
        self.check(sorted(pathlib.Path("/usr/bin").iterdir()) + sorted(pathlib.Path("/usr/sbin").iterdir()))

    def test_pictures_fonts_and_documents(self):
        files = [p for p in sorted(pathlib.Path("/usr/share").rglob("*")) if p.suffix in ENDINGS]
        self.check(files[::max(1, len(files) // FILES_MAX)])


if __name__ == "__main__":
    unittest.main()
