#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a folder as what no tool of Debian fills without a kernel that mounts it.

    make_volume.py exfat|minix|qnx4|yaffs|rar FOLDER IMAGE

exfat: into a volume of mkfs.exfat, after Microsoft's "exFAT file system specification". minix: version 3, after Linux
include/uapi/linux/minix_fs.h. qnx4: after Linux include/uapi/linux/qnx4_fs.h, with short names. yaffs: YAFFS2 of pages of 2048 + 64
bytes, after yaffs_guts.h and yaffs_packedtags2.h. rar: RAR 5 without compression, after RARLAB's "RAR 5.0 archive format". Regular files
and folders alone.
"""
import pathlib
import struct
import subprocess
import sys
import zlib


class Blocks:
    """What is appended in whole blocks, and where it went."""

    def __init__(self, size, first=0):
        self.size, self.next, self.parts = size, first, []

    def add(self, data):
        at, n = self.next, -(-len(data) // self.size)
        self.parts.append(data.ljust(n * self.size, b"\0"))
        self.next += n
        return at


def make_exfat(root, image):
    subprocess.run(f"truncate -s 300M {image} && mkfs.exfat -c 4K {image}", shell=True, check=True, stdout=subprocess.DEVNULL)
    volume = bytearray(image.read_bytes())
    heap, first = (struct.unpack_from("<I", volume, at)[0] for at in (88, 96))
    cluster, blocks = 4096, Blocks(4096, first + 64)
    where = heap * 512

    def rotated(data, skip=()):
        total = 0
        for i, byte in enumerate(data):
            total = total if i in skip else ((total << 15 | total >> 1) + byte) & 0xffff
        return total

    def entries(folder):
        out = b""
        for path in sorted(folder.iterdir()):
            data = entries(path) if path.is_dir() else path.read_bytes()
            start, size = (blocks.add(data), -(-len(data) // cluster) * cluster if path.is_dir() else len(data)) if data else (0, 0)
            units = path.name.encode("utf-16-le")
            names = b"".join(b"\xc1\0" + units[i:i + 30].ljust(30, b"\0") for i in range(0, len(units), 30))
            file = struct.pack("<BBHHH24x", 0x85, 1 + len(names) // 32, 0, 16 if path.is_dir() else 32, 0)
            hashed = rotated(path.name.upper().encode("utf-16-le"))
            stream = struct.pack("<BBxBHxxQ4xIQ", 0xc0, 3 if data else 1, len(units) // 2, hashed, size, start, size)
            entry = file + stream + names
            out += entry[:2] + struct.pack("<H", rotated(entry, (2, 3))) + entry[4:]
        return out

    at, rest = where + (first - 2) * cluster, entries(root)
    while volume[at]:
        if volume[at] == 0x81:
            bitmap = where + (struct.unpack_from("<I", volume, at + 20)[0] - 2) * cluster
        at += 32
    volume[at:at + len(rest)] = rest
    begin = where + (first + 64 - 2) * cluster
    data = b"".join(blocks.parts)
    volume[begin:begin + len(data)] = data
    for c in range(first + 64, blocks.next):
        volume[bitmap + (c - 2) // 8] |= 1 << (c - 2) % 8
    image.write_bytes(volume)


def make_minix(root, image):
    size, inodes, maps = 4096, [], 2
    paths = [root] + sorted(root.rglob("*"))
    numbers = {path: i + 1 for i, path in enumerate(paths)}
    first = 2 + maps + -(-len(paths) * 64 // size)
    blocks = Blocks(size, first)

    def pointers(data):
        n = -(-len(data) // size)
        at = blocks.add(data)
        level = list(range(at, at + n))
        out, level, singles = (level[:7] + [0] * 7)[:7], level[7:], []
        for i in range(0, len(level), 1024):
            singles.append(blocks.add(struct.pack(f"<{len(level[i:i + 1024])}I", *level[i:i + 1024])))
        double = blocks.add(struct.pack(f"<{len(singles) - 1}I", *singles[1:])) if len(singles) > 1 else 0
        return out + [singles[0] if singles else 0, double, 0]

    for path in paths:
        folder = path.is_dir()
        if folder:
            names = [(path, b"."), (path if path == root else path.parent, b"..")] + [(p, p.name.encode()) for p in sorted(path.iterdir())]
            data = b"".join(struct.pack("<I60s", numbers[p], name[:60]) for p, name in names)
        else:
            data = path.read_bytes()
        inodes.append(struct.pack("<HHHHI3I10I", 0o40755 if folder else 0o100644, 2 if folder else 1, 0, 0, len(data), 0, 0, 0, *pointers(data)))
    superblock = struct.pack("<IxxHHHHxxIIHxxH", len(paths), 1, 1, first, 0, 0x7fffffff, blocks.next, 0x4d5a, size)
    head = (b"\0" * 1024 + superblock).ljust(2 * size, b"\0") + b"\xff" * maps * size
    image.write_bytes((head + b"".join(inodes)).ljust(first * size, b"\0") + b"".join(blocks.parts))


def make_qnx4(root, image):
    blocks = Blocks(512, 33)

    def entry(name, data, folder):
        n, start = -(-len(data) // 512), blocks.add(data) + 1 if data else 0
        return struct.pack("<16sIIII4IHHHHH4xBB", name, len(data), start, n, 0, 0, 0, 0, 0, 1, 0o40755 if folder else 0o100644, 0, 0, 1, 0, 1)

    def listing(folder):
        out, paths = b"", sorted(folder.iterdir())
        for i, path in enumerate(paths):
            name = (path.name if len(path.name) <= 15 else f"{path.name[:10]}~{i}")[:16].encode()
            out += entry(name, listing(path) if path.is_dir() else path.read_bytes(), path.is_dir())
        return out

    files = listing(root)
    used = blocks.next + (blocks.next + 4096) // 4096 + len(files) // 512 + 2
    listed = entry(b".bitmap", b"\xff" * (used // 8 + 1), False) + files
    at = blocks.add(listed) + 1
    superblock = struct.pack("<16sIIII4IHHHHH4xBB", b"/", len(listed), at, -(-len(listed) // 512), 0, 0, 0, 0, 0, 1, 0o40755, 0, 0, 1, 0, 1)
    others = b"".join(struct.pack("<16s46xBB", name, 0, 1) for name in (b".inodes", b".boot", b".altboot"))
    volume = (b"\0" * 512 + superblock + others).ljust(33 * 512, b"\0") + b"".join(blocks.parts)
    image.write_bytes(volume.ljust((used // 8 + 1) * 8 * 512, b"\0"))


def make_yaffs(root, image):
    chunk, numbers = 2048, {root: 1}
    with image.open("wb") as out:
        def put(data, number, index, n):
            out.write(data.ljust(chunk, b"\xff") + struct.pack("<4I", 0x1000, number, index, n).ljust(64, b"\xff"))

        for i, path in enumerate(sorted(root.rglob("*"))):
            number = numbers[path] = 257 + i
            folder = path.is_dir()
            data = b"" if folder else path.read_bytes()
            head = struct.pack("<IIH256sH6II", 3 if folder else 1, numbers[path.parent], 0xffff, path.name.encode(), 0xffff,
                               0o40755 if folder else 0o100644, 0, 0, 0, 0, 0, 0xffffffff if folder else len(data))
            put(head, number, 0, 0xffff)
            for k in range(0, len(data), chunk):
                put(data[k:k + chunk], number, 1 + k // chunk, len(data[k:k + chunk]))


def make_rar(root, image):
    def vint(n):
        out = b""
        while n > 127:
            out, n = out + bytes((n & 127 | 128,)), n >> 7
        return out + bytes((n,))

    def block(body):
        sized = vint(len(body)) + body
        return struct.pack("<I", zlib.crc32(sized)) + sized

    with image.open("wb") as out:
        out.write(b"Rar!\x1a\x07\x01\x00" + block(vint(1) + vint(0) + vint(0)))
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            data, name = path.read_bytes(), str(path.relative_to(root)).encode()
            fields = vint(2) + vint(2) + vint(len(data)) + vint(4) + vint(len(data)) + vint(0o100644) + struct.pack("<I", zlib.crc32(data))
            out.write(block(fields + vint(0) + vint(1) + vint(len(name)) + name) + data)
        out.write(block(vint(5) + vint(0) + vint(0)))


MAKERS = {"exfat": make_exfat, "minix": make_minix, "qnx4": make_qnx4, "yaffs": make_yaffs, "rar": make_rar}
if len(sys.argv) != 4 or sys.argv[1] not in MAKERS:
    sys.exit(__doc__)
MAKERS[sys.argv[1]](pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
