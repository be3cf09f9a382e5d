#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk images of Apple's updates, down to the files: chunks of all kinds, a partition map or none, HFS+ with packed files.

    test_apple_disk.py ASSAY MAKE_APPLE_DISK
"""
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ASSAY = MAKE = None
SECTOR = 512
FIRST = 2048 # sector of the volume


def apm(volume):
    """A disk with Apple's partition map; numbers are big-endian."""
    sectors = FIRST + len(volume) // SECTOR + 64

    def entry(start, n, name, kind):
        return (b"PM\0\0" + struct.pack(">III", 3, start, n) + name.ljust(32, b"\0") + kind.ljust(32, b"\0") +
                struct.pack(">III", 0, n, 0x33)).ljust(SECTOR, b"\0")

    head = (b"ER" + struct.pack(">HI", SECTOR, sectors)).ljust(SECTOR, b"\0")
    head += entry(1, 63, b"Apple", b"Apple_partition_map") + entry(FIRST, len(volume) // SECTOR, b"disk image", b"Apple_HFS")
    head += entry(FIRST + len(volume) // SECTOR, 64, b"", b"Apple_Free")
    return head.ljust(FIRST * SECTOR, b"\0") + volume + bytes(64 * SECTOR)


class AppleDisk(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        rng = random.Random(5)
        words = [rng.randbytes(rng.randrange(3, 30)) for _ in range(300)]
        self.files = {}
        for i in range(8):
            size = (150000, 65536, 65537, 200001, 1, 131072, 70000, 3000)[i]
            data = b"".join(rng.choice(words) for _ in range(20000))[:size]
            self.files[f"file{i}"] = data if i % 3 else data[:size // 2] + rng.randbytes(size - size // 2)
        (self.folder / "in").mkdir()
        for name, data in self.files.items():
            (self.folder / "in" / name).write_bytes(data)
        self.volume = self.make("volume", *sorted((self.folder / "in").iterdir()))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def make(self, *args):
        return subprocess.run([MAKE, *map(str, args)], check=True, capture_output=True, timeout=100).stdout

    def gpt(self):
        path = self.folder / "gpt"
        path.write_bytes(bytes(FIRST * SECTOR) + self.volume + bytes(64 * SECTOR))
        subprocess.run(["sgdisk", "-n", f"1:{FIRST}:+{len(self.volume) // SECTOR}", "-t", "1:af00", path], check=True, capture_output=True)
        return path.read_bytes()

    def look(self, disk, unwritten=0, code=0):
        """All files, byte for byte, with one thread and with several."""
        (self.folder / "disk").write_bytes(disk)
        (self.folder / "update.dmg").write_bytes(self.make("image", self.folder / "disk", unwritten))
        for threads in (1, 3):
            out = self.folder / f"out{threads}"
            p = subprocess.run([ASSAY, "update.dmg", "--quiet", "--threads", str(threads), "--extract-only", str(out)], cwd=self.folder,
                               capture_output=True, timeout=300)
            self.assertEqual(p.returncode, code, p.stderr)
            found = {f.name: f.read_bytes() for f in out.rglob("file*") if f.is_file()}
            self.assertEqual(sorted(found), sorted(self.files))
            for name, data in self.files.items():
                self.assertTrue(found[name] == data, name)
            shutil.rmtree(out)

    def test_volume(self):
        self.look(self.volume)

    def test_apm(self):
        self.look(apm(self.volume))

    @unittest.skipUnless(shutil.which("sgdisk"), "no sgdisk")
    def test_gpt(self):
        self.look(self.gpt())

    def test_mostly_unwritten(self):
        """A disk of which nearly nothing is written is thousands of times larger than its image: what is in reach is read."""
        self.look(apm(self.volume), 4 << 21, 1)


if __name__ == "__main__":
    ASSAY, MAKE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main()
