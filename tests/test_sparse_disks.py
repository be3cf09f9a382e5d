#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are much larger than what is stored of them.

    test_sparse_disks.py ASSAY

Disks by sfdisk, mkfs.vfat, mke2fs and mksquashfs, in images by qemu-img. The truth of each file is its SHA-256 before.
"""
import hashlib
import os
import pathlib
import random
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

ASSAY = None
TOOLS = ("qemu-img", "sfdisk", "mkfs.vfat", "mcopy", "mke2fs", "mksquashfs")
MIB, GIB = 1 << 20, 1 << 30
FAT_AT, EXT_AT, SQUASHFS_AT = MIB, 65 * MIB, 65 * MIB + 20 * GIB
SIZE = 32 * GIB


def run(*args, **more):
    return subprocess.run(list(map(str, args)), check=True, capture_output=True, timeout=100, **more)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def make_tree(root):
    """Files of which some are large enough to be scattered. Gives their digests by path."""
    rng = random.Random(5)
    files = {"/etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n", "/bin/noise": rng.randbytes(3 * MIB), "/bin/few": b"few",
             "/lib/text": b"".join(b"%d lines of text\n" % i for i in range(60000))}
    for path, data in files.items():
        (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (root / path[1:]).write_bytes(data)
    return {path: sha256(data) for path, data in files.items()}


def put(part, disk, at):
    """What is stored of a file goes into another one."""
    with open(part, "rb") as i, open(disk, "r+b") as o:
        end = 0
        while True:
            try:
                begin = os.lseek(i.fileno(), end, os.SEEK_DATA)
            except OSError:  # there is no more
                return
            end = os.lseek(i.fileno(), begin, os.SEEK_HOLE)
            i.seek(begin)
            o.seek(at + begin)
            o.write(i.read(end - begin))


def make_disk(folder, tree):
    """A disk of 32 GiB with three partitions, as a sparse file."""
    disk, fat, ext, squashfs = (folder / name for name in ("disk", "fat", "ext", "squashfs"))
    for path, size in ((disk, SIZE), (fat, 64 * MIB), (ext, 20 * GIB)):
        with open(path, "wb") as f:
            f.truncate(size)
    run("mkfs.vfat", fat)
    run("mcopy", "-i", fat, tree / "lib/text", "::/kernel.txt")
    run("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1,nodiscard", "-d", tree, ext)
    run("mksquashfs", tree, squashfs, "-quiet", "-no-progress", "-all-root")
    table = (f"label: gpt\nstart={FAT_AT // 512}, size={64 * 2048}, type=uefi\nstart={EXT_AT // 512}, size={20 * GIB // 512}\n"
             f"start={SQUASHFS_AT // 512}, size={16 * 2048}\n")
    run("sfdisk", "-q", disk, input=table.encode())
    for part, at in ((fat, FAT_AT), (ext, EXT_AT), (squashfs, SQUASHFS_AT)):
        put(part, disk, at)
        os.unlink(part)
    return disk


def android_sparse(parts, size):
    """After sparse_format.h: each (at, data) in blocks of 4 KiB, holes between them."""
    chunks, end = [], 0
    for at, data in (*parts, (size, b"")):
        if at > end:
            chunks.append(struct.pack("<HHII", 0xcac3, 0, (at - end) // 4096, 12))
        blocks = (len(data) + 4095) // 4096
        if blocks:
            chunks.append(struct.pack("<HHII", 0xcac1, 0, blocks, 12 + blocks * 4096) + data.ljust(blocks * 4096, b"\0"))
        end = at + blocks * 4096
    return struct.pack("<IHHHHIIII", 0xed26ff3a, 1, 0, 28, 12, 4096, size // 4096, len(chunks), 0) + b"".join(chunks)


def write_sparse(path, data):
    with open(path, "wb") as f:
        for at in range(0, len(data), 65536):
            if any(data[at:at + 65536]):
                f.seek(at)
                f.write(data[at:at + 65536])
        f.truncate(len(data))


class Disks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = [t for t in TOOLS if not shutil.which(t)]
        if missing:
            raise unittest.SkipTest("not here: " + ", ".join(missing))
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-sparse-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        (cls.folder / "tree").mkdir()
        cls.truth = make_tree(cls.folder / "tree")
        cls.disk = make_disk(cls.folder, cls.folder / "tree")

    def image(self, kind, *options, source=None):
        path = self.folder / f"image.{kind}"
        run("qemu-img", "convert", "-f", "raw", "-O", kind, *(("-o", ",".join(options)) if options else ()), source or self.disk, path)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def assess(self, path, *options, before=None):
        """Leaves self.db, and self.peak: the most memory that one of the processes had, in bytes."""
        case = self.folder / "case.assay"
        case.unlink(missing_ok=True)
        p = subprocess.Popen([ASSAY, str(path), "-o", str(case), "-q", "--threads", "2", *options], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, preexec_fn=before)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        self.assertIn(p.returncode, (0, 1))
        self.peak = usage.ru_maxrss * 1024
        self.db = sqlite3.connect(case)
        self.addCleanup(self.db.close)

    def rows(self, query, *values):
        return self.db.execute(query, values).fetchall()

    def expect_disk(self):
        """All of the three file systems, and no damage of the disk."""
        regions = self.rows("SELECT format, offset, size FROM blob WHERE path LIKE 'partition-%' ORDER BY offset")
        self.assertEqual(regions, [("fat", FAT_AT, 64 * MIB), ("ext", EXT_AT, 20 * GIB), ("squashfs", SQUASHFS_AT, 16 * MIB)])
        for path, digest in self.truth.items():
            self.assertEqual(self.rows("SELECT sha256 FROM blob WHERE kind = 'file' AND path = ?", path), [(digest,)] * 2)
        self.assertEqual(self.rows("SELECT sha256 FROM blob WHERE kind = 'file' AND path LIKE '/%kernel.txt'"), [(self.truth["/lib/text"],)])
        self.assertEqual(self.rows("SELECT what FROM damage WHERE kind IN ('budget', 'corrupt', 'truncated')"), [])
        if os.environ.get("ASAN_OPTIONS") is None:
            self.assertLess(self.peak, 400 * MIB)

    def test_images(self):
        for kind, *options in (("qcow2",), ("vmdk",), ("vdi",), ("vhdx", "block_size=1M"), ("vpc", "subformat=dynamic"), ("parallels",), ("qed",)):
            with self.subTest(kind):
                self.assess(self.image(kind, *options))
                self.expect_disk()
                self.assertEqual([s >= SIZE for s, in self.rows("SELECT size FROM blob WHERE path = 'disk'")], [True])
                self.assertEqual(self.rows("SELECT format, sha256 FROM blob WHERE path = 'disk'"), [("gpt", None)])

    def test_packed_images(self):
        for kind, *options in (("qcow2", "-c"), ("vmdk", "-o", "subformat=streamOptimized")):
            path = self.folder / "packed"
            run("qemu-img", "convert", "-f", "raw", "-O", kind, *options, self.disk, path)
            with self.subTest(kind):
                self.assess(path)
                self.expect_disk()

    @unittest.skipUnless(shutil.which("img2simg"), "img2simg is not here")
    def test_android_sparse(self):
        """img2simg reads all of a file: here the chunks of the disk are written after sparse_format.h."""
        small, path = self.folder / "small", self.folder / "sparse.img"
        small.write_bytes(bytes(range(256)) * 64 + bytes(MIB))
        run("img2simg", small, path)
        header = path.read_bytes()[:28]
        chunks, end = [], 0
        with open(self.disk, "rb") as f:
            while end < SIZE:
                try:
                    begin = os.lseek(f.fileno(), end, os.SEEK_DATA)
                except OSError:
                    begin = SIZE
                if begin > end:
                    chunks.append(struct.pack("<HHII", 0xcac3, 0, (begin - end) // 4096, 12))
                if begin == SIZE:
                    break
                end = os.lseek(f.fileno(), begin, os.SEEK_HOLE)
                f.seek(begin)
                chunks.append(struct.pack("<HHII", 0xcac1, 0, (end - begin) // 4096, 12 + end - begin) + f.read(end - begin))
        path.write_bytes(header[:16] + struct.pack("<III", SIZE // 4096, len(chunks), 0) + b"".join(chunks))
        self.assess(path)
        self.expect_disk()
        self.assertEqual(self.rows("SELECT format, size, sha256 FROM blob WHERE kind = 'stream'"), [("gpt", SIZE, None)])

    def test_android_sparse_around_the_end_of_numbers(self):
        """Chunks that stand in order only until their sum is more than 64 bits hold: 2^40 blocks of 16 MiB."""
        def holes(blocks):
            while blocks:
                n = min(blocks, 0xffffffff)
                yield struct.pack("<HHII", 0xcac3, 0, n, 12)
                blocks -= n
        one = struct.pack("<HHII", 0xcac2, 0, 1, 16) + b"fill"
        chunks = [*holes(50), one, *holes(49), one, *holes((1 << 40) - 41), one, *holes(2048 - 61)]
        path = self.folder / "around.img"
        path.write_bytes(struct.pack("<IHHHHIIII", 0xed26ff3a, 1, 0, 28, 12, 16 * MIB, 2048, len(chunks), 0) + b"".join(chunks))
        self.assess(path)
        self.assertEqual(self.rows("SELECT count(*) FROM damage WHERE kind = 'crash'"), [(0,)])
        self.assertEqual(self.rows("SELECT count(*) > 0 FROM damage WHERE kind IN ('budget', 'corrupt')"), [(1,)])

    def test_large_file_with_holes(self):
        """A file of 12 GiB in a file system, of which a little is stored."""
        tree, ext = self.folder / "large", self.folder / "ext"
        tree.mkdir()
        with open(tree / "vm.img", "wb") as f:
            f.truncate(12 * GIB)
            f.seek(11 * GIB)
            f.write((self.folder / "tree/lib/text").read_bytes()[:5000])
        with open(ext, "wb") as f:
            f.truncate(64 * MIB)
        run("mke2fs", "-q", "-t", "ext4", "-d", tree, ext)
        self.assess(ext)
        self.assertEqual(self.rows("SELECT size, sha256 FROM blob WHERE path = '/vm.img'"), [(12 * GIB, None)])
        self.assertEqual(self.rows("SELECT what FROM damage WHERE kind = 'budget'"), [])
        self.assess(ext, "--extract", self.folder / "files")  # zeros are not written by the gigabyte
        self.assertEqual(len(self.rows("SELECT 1 FROM damage WHERE kind = 'budget' AND what LIKE '%not written%'")), 1)

    def test_partclone(self):
        """An image of version 2 with a bit for each block and no sums, of 32 GiB of which the first few blocks are stored, and one far behind."""
        text = (self.folder / "tree/lib/text").read_bytes()
        fat = self.folder / "fat"
        with open(fat, "wb") as f:
            f.truncate(2 * MIB)
        run("mkfs.vfat", "-F", "12", fat)
        run("mcopy", "-i", fat, self.folder / "tree/lib/text", "::/kernel.txt")
        blocks, used, far = SIZE // 4096, fat.read_bytes(), 7 << 20
        bits = bytearray(blocks // 8)
        for i in [*range(len(used) // 4096), far]:
            bits[i // 8] |= 1 << i % 8
        head = b"partclone-image\0" + b"0.3.20".ljust(14, b"\0") + b"0002" + struct.pack("<H", 0xc0de)
        head += b"FAT12".ljust(16, b"\0") + struct.pack("<QQQQI", SIZE, blocks, len(used) // 4096 + 1, len(used) // 4096 + 1, 4096)
        head += struct.pack("<IHHHHIBB", 18, 2, 64, 0, 0, 0, 0, 1)

        def crc(data):
            return zlib.crc32(data) ^ 0xffffffff

        path = self.folder / "partclone"
        path.write_bytes(head + struct.pack("<I", crc(head)) + bits + struct.pack("<I", crc(bytes(bits))) + used + text[:4096])
        self.assess(path)
        self.assertEqual(self.rows("SELECT format, size, sha256 FROM blob WHERE path = 'file-system'")[0][1:], (SIZE, None))
        self.assertIn((self.truth["/lib/text"],), self.rows("SELECT sha256 FROM blob"))
        self.assertEqual(self.rows("SELECT what FROM damage WHERE kind = 'budget'"), [])

    def test_stored_bytes_have_a_limit(self):
        self.assess(self.image("qcow2"), "--max-blob", "2M")
        self.assertEqual(self.rows("SELECT count(*) FROM damage WHERE kind = 'budget' AND what LIKE '%are stored%--max-blob%'"), [(1,)])

    def test_cut(self):
        path = self.image("qcow2")
        os.truncate(path, os.path.getsize(path) - 4 * MIB)
        self.assess(path)
        kinds = {k for k, in self.rows("SELECT kind FROM damage")}
        self.assertIn("truncated", kinds)
        self.assertEqual(self.rows("SELECT format FROM blob WHERE path = 'disk'"), [("gpt",)])
        self.assertIn(("/kernel.txt",), self.rows("SELECT path FROM blob WHERE kind = 'file'"))

    def test_nothing_is_stored(self):
        """Headers that claim much: within the limit it is a hole, beyond it that is said."""
        for size, limited in (("7T", False), ("60T", True)):
            path = self.folder / "empty"
            run("qemu-img", "create", "-q", "-f", "qcow2", path, size)
            self.assess(path)
            self.assertEqual(self.rows("SELECT count(*) > 0 FROM damage WHERE kind = 'budget'"), [(limited,)])
            if not limited:
                self.assertEqual(self.rows("SELECT format, size, sha256 FROM blob WHERE path = 'disk'"), [("padding", 7 << 40, None)])

    def test_tables_that_overlap(self):
        """One second table for all of a disk of 4 TiB: nobody follows it over and over."""
        path = self.folder / "shared"
        run("qemu-img", "create", "-q", "-f", "qcow2", path, "4T")
        with open(path, "r+b") as f:
            f.seek(40)
            table = struct.unpack(">Q", f.read(8))[0]
            f.seek(table)
            f.write(struct.pack(">Q", 1 << 63 | 10 * MIB) * 8192)
            f.truncate(11 * MIB)
        self.assess(path)
        self.assertEqual(self.rows("SELECT count(*) > 0 FROM damage WHERE kind = 'budget'"), [(True,)])

    def test_unknown_bytes_among_zeros(self):
        """A disk without partitions, 16 GiB of it: what lies in it is found where it is, and a zip archive, too."""
        path = self.folder / "raw"
        zip_path = self.folder / "a.zip"
        run("python3", "-m", "zipfile", "-c", zip_path, self.folder / "tree/etc")
        with open(path, "wb") as f:
            f.truncate(16 * GIB)
            f.seek(3 * GIB + 4096 - 2)
            f.write(zip_path.read_bytes())
            f.seek(7 * GIB)
            f.write(b"\1\2 boot loader\0U-Boot 2019.07 (Jul 08 2019 - 12:00:00 +0000)\0")
        rules = self.folder / "rules.yar"
        rules.write_text('rule far { strings: $s = "U-Boot 2019.07" $z = { 00 00 01 02 20 62 } condition: all of them and filesize == 17179869184 }')
        self.assess(self.image("qcow2", source=path), "--yara", rules)
        self.assertEqual(self.rows("SELECT string, offset FROM rule_match ORDER BY string"), [("$s", 7 * GIB + 15), ("$z", 7 * GIB - 2)])
        self.assertEqual(self.rows("SELECT offset FROM blob WHERE format = 'zip'"), [(3 * GIB + 4094,)])
        self.assertEqual(self.rows("SELECT sha256 FROM blob WHERE path LIKE '%passwd'"), [(self.truth["/etc/passwd"],)])
        self.assertEqual(self.rows("SELECT DISTINCT version FROM software WHERE name = 'u-boot'"), [("2019.07",)])
        path.unlink()

    def test_text_far_from_text(self):
        """In 7 TiB of no known format: what is told of it needs lines of text, other words of a kernel, names behind a program's version."""
        banner = b"Linux version 5.10.1 (gcc@host) (gcc version 9.3.0 (GCC)) #1 SMP Mon Jan 1 00:00:00 UTC 2022\n"
        names = b"[ [[ acpid adjtimex ar arch arp arping ash awk base64 basename cat chmod chown cp date dd df echo ls mount ping ps sh vi wget"
        busybox = b"BusyBox v1.30.1 (2019-06-12 17:51:55 UTC)\0\0" + names.replace(b" ", b"\0") + b"\0"
        path = self.folder / "far.img"
        parts = ((0, b"\1\2\3\xff boot" * 99), (GIB, banner), (3 << 40, b"IKCFG_ST\x1f\x8b\x08"), (5 << 40, busybox))
        path.write_bytes(android_sparse(parts, 7 << 40))
        self.assess(path)
        self.assertEqual(self.rows("SELECT what FROM damage WHERE kind IN ('timeout', 'crash', 'budget')"), [])
        self.assertEqual(self.rows("SELECT version FROM software WHERE name = 'busybox'"), [("1.30.1",)])
        self.assertEqual(self.rows("SELECT version, has_config FROM kernel"), [("5.10.1", 1)])

    def test_places_have_a_limit(self):
        """More of them than a table of pages is to have: holes between them count as stored then, which are too many here."""
        one = struct.pack("<HHII", 0xcac2, 0, 1, 16) + b"fill" + struct.pack("<HHII", 0xcac3, 0, 99, 12)
        path = self.folder / "places.img"
        for n, limited in ((65000, False), (70000, True)):
            path.write_bytes(struct.pack("<IHHHHIIII", 0xed26ff3a, 1, 0, 28, 12, 4096, n * 100, 2 * n, 0) + one * n)
            self.assess(path, "--max-blob", "300M")
            self.assertEqual(self.rows("SELECT count(*) FROM damage WHERE what LIKE '%are stored%--max-blob%'"), [(int(limited),)])
            self.assertEqual(self.rows("SELECT count(*) FROM damage WHERE kind IN ('timeout', 'crash')"), [(0,)])

    def test_files_may_not_be_long(self):
        """Where no file may have more than so many bytes, no address is had beyond them: that is told, and nobody dies of it."""
        self.assess(self.image("qcow2"), before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (GIB, GIB)))
        self.assertEqual(self.rows("SELECT kind FROM damage WHERE kind IN ('budget', 'crash')"), [("budget",)])

    def test_zeros_that_are_hashed(self):
        """Each of these files is no more than one blob may have; of all together no more than some are hashed."""
        tree, ext = self.folder / "zeros", self.folder / "ext"
        tree.mkdir()
        for i in range(12):
            with open(tree / f"{i}.bin", "wb") as f:
                f.truncate(195 * MIB)
                f.write(b"%d" % i)
        with open(ext, "wb") as f:
            f.truncate(64 * MIB)
        run("mke2fs", "-q", "-t", "ext4", "-d", tree, ext)
        digests = {f"/{i}.bin": sha256((tree / f"{i}.bin").read_bytes()) for i in range(2)}
        shutil.rmtree(tree)
        self.assess(ext)
        self.assertEqual(dict(self.rows("SELECT path, sha256 FROM blob WHERE path IN ('/0.bin', '/1.bin')")), digests)
        self.assess(ext, "--max-blob", "196M")
        rows = self.rows("SELECT path, sha256 FROM blob WHERE path LIKE '%.bin'")
        self.assertEqual(sum(digest is None for _, digest in rows), 4)
        self.assertTrue(all(digest in (None, digests.get(path, digest)) for path, digest in rows))

    def test_stream_without_an_end(self):
        """Of grains that only their markers tell, in a disk of 7 TiB: after VMware Virtual Disk Format 5.0."""
        def grain(sector, data):
            packed = zlib.compress(data.ljust(4096, b"\0"))
            return (struct.pack("<QI", sector, len(packed)) + packed).ljust((12 + len(packed) + 511) // 512 * 512, b"\0")
        head = struct.pack("<4sIIQQQQIQQQB4sH", b"KDMV", 3, 0x30001, 7 << 31, 8, 0, 0, 512, 0, 0xffffffffffffffff, 1, 0, b"\n \r\n", 1)
        path = self.folder / "stream.vmdk"
        path.write_bytes(head.ljust(512, b"\0") + grain(6 << 31, b"the third") + grain(8, b"the first") + grain(24, b"the second"))
        rules = self.folder / "rules.yar"
        rules.write_text('rule far { strings: $a = "the first" $b = "the second" $c = "the third" condition: all of them }')
        self.assess(path, "--yara", rules)
        self.assertEqual(self.rows("SELECT size FROM blob WHERE path = 'disk'"), [(7 << 40,)])
        self.assertEqual(self.rows("SELECT offset FROM rule_match ORDER BY offset"), [(4096,), (3 * 4096,), (6 << 40,)])

    def test_damaged_images(self):
        """A bit of a header or of a table is another one, or the image ends there: others beside it are read, and nobody dies of it."""
        raw, squashfs, folder = (self.folder / name for name in ("small", "small.squashfs", "damaged"))
        run("mksquashfs", self.folder / "tree/etc", squashfs, "-quiet", "-no-progress", "-all-root")
        data = squashfs.read_bytes()
        with open(raw, "wb") as f:
            f.truncate(GIB)
            f.seek(700 * MIB)
            f.write(data)
        stored = {data[i:i + 512].ljust(512, b"\0") for i in range(0, len(data), 512)} | {bytes(512)}
        folder.mkdir()
        rng, n = random.Random(11), 0
        for kind in ("qcow2", "vmdk", "vdi", "vhdx", "vpc", "parallels", "qed"):
            image = self.image(kind, source=raw).read_bytes()
            tables = [i for i in range(0, len(image), 512) if image[i:i + 512] not in stored]
            places = [i + k for i in tables for k in range(512) if image[i + k]]
            for change in range(10):
                changed, at = bytearray(image), rng.choice(places)
                if change in range(1, 8):
                    changed[at] ^= 1 << rng.randrange(8)
                elif change:
                    del changed[at + change % 2:]
                write_sparse(folder / f"{n:02}", changed)
                n += 1
        self.assess(folder, "--max-blob", "256M")  # disks are larger: their zeros are not hashed
        self.assertEqual(self.rows("SELECT what FROM damage WHERE kind IN ('timeout', 'crash')"), [])
        self.assertEqual(self.rows("SELECT count(DISTINCT path) FROM blob WHERE path GLOB '/[0-9][0-9]'"), [(n,)])
        self.assertGreater(self.rows("SELECT count(*) FROM blob WHERE path LIKE '%/passwd' AND sha256 = ?", self.truth["/etc/passwd"])[0][0], n // 3)
        whole = self.rows("SELECT b.path FROM blob b JOIN blob d ON d.parent_id = b.id AND d.path = 'disk' WHERE b.path GLOB '/[0-9]0'")
        self.assertEqual({path for path, in whole}, {f"/{i:02}" for i in range(0, n, 10)})


if __name__ == "__main__":
    ASSAY = sys.argv.pop(1)
    unittest.main(verbosity=2)
