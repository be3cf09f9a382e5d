#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an F2FS image of 88 KiB, which mkfs.f2fs would not make: segments of two blocks, no SIT and no SSA. After
include/linux/f2fs_fs.h. synced: it was not unmounted, and a file was synced after its last checkpoint.

  make_f2fs.py [synced] > IMAGE"""
import struct
import sys
import zlib

BLOCK, CHECKPOINT, NAT, MAIN, BLOCKS = 4096, 2, 6, 10, 22
SYNCED = sys.argv[1:] == ["synced"]
image = bytearray(BLOCK * BLOCKS)


def crc(data):
    return zlib.crc32(data, 0xF2F52010 ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def put(at, form, *values):
    struct.pack_into("<" + form, image, at, *values)


def superblock(at):
    put(at, "IHHIIIIIIIQ", 0xF2F52010, 1, 15, 9, 3, 12, 1, 1, 1, 0, BLOCKS)
    put(at + 44, "IIIIIII", 10, 10, 2, 0, 2, 0, (BLOCKS - MAIN) // 2)
    put(at + 72, "IIIIIIIII", CHECKPOINT, CHECKPOINT, NAT, NAT, MAIN, MAIN, 3, 1, 2)
    image[at + 108 : at + 124] = bytes(range(16))
    put(at + 124, "HHH", *b"fs\0")
    put(at + 2180, "I", 0x2008)


def checkpoint(at, version):
    put(at, "Q", version)
    put(at + 40, "I", 5)  # the log of warm nodes: its segment, and the block in it
    put(at + 70, "H", 1)
    put(at + 132, "IIIIIIIII", 0x4 if SYNCED else 0x5, 2, 1, 8, 7, 12, 8, 8, 4092)
    put(at + 4092, "I", crc(image[at : at + 4092]))


def node(nid, ino, block):
    """Puts the number into the NAT; gives the place of the node's block."""
    at = (MAIN + block) * BLOCK
    put(NAT * BLOCK + nid * 9, "BII", 0, ino, MAIN + block)
    put(at + 4072, "IIIQI", nid, ino, 0, 1, 0)
    return at


def inode(nid, block, mode, size, inline, name, flags=0):
    at = node(nid, nid, block)
    put(at, "HBBIIIQQ", mode, 0, inline, 0, 0, 2, size, 1)
    put(at + 48, "Q", 1600000000)
    put(at + 80, "III", flags, 3, len(name))
    image[at + 92 : at + 92 + len(name)] = name
    return at


def names(at, size, entries):
    n = size * 8 // (19 * 8 + 1)
    slot_at, entry_at, slot = at + size - n * 8, at + size - n * 19, 0
    for number, kind, name in entries:
        image[at + slot // 8] |= 1 << slot % 8
        put(entry_at + 11 * slot, "IIHB", 0, number, len(name), kind)
        image[slot_at + 8 * slot : slot_at + 8 * slot + len(name)] = name
        slot += (len(name) + 7) // 8


superblock(1024)
superblock(BLOCK + 1024)
for i in range(2):
    for k in range(2):
        checkpoint((CHECKPOINT + 2 * i + k) * BLOCK, 5 + i)
root = inode(3, 0, 0o40755, 4096, 0x04, b"")
names(root + 364, 4 * (923 - 50 - 1), [(4, 1, b"inline"), (5, 1, b"a-longer-name"), (7, 7, b"link"), (8, 2, b"dir")])
put(inode(4, 1, 0o100644, 12, 0x0A, b"inline") + 364, "12s", b"hello, world")
far = inode(5, 2, 0o100755, 924 * 4096 + 100, 0, b"a-longer-name")
put(far + 360, "II", MAIN + 8, MAIN + 9)
put(far + 4052, "I", 6)
put(node(6, 5, 3), "II", MAIN + 8, MAIN + 9)
put(inode(7, 4, 0o120777, 6, 0x0A, b"link") + 364, "6s", b"target")
put(inode(8, 5, 0o40700, 4096, 0, b"dir") + 360, "I", MAIN + 7)
names((MAIN + 7) * BLOCK, 4096, [(8, 2, b"."), (3, 2, b".."), (9, 1, b"packed"), (4, 1, b"again")])
packed = inode(9, 6, 0o100644, 16384, 0x20, b"packed", 4)
put(packed + 360, "HH", 36, 0)
put(packed + 392, "BB", 1, 2)
put(packed + 396, "II", 0xFFFFFFFE, MAIN + 10)
cluster = b"\x1fa\x01\x00" + b"\xff" * 64 + bytes([39]) + b"\x50bcdef"
put((MAIN + 10) * BLOCK, "I20x%ds" % len(cluster), len(cluster), cluster)
image[(MAIN + 8) * BLOCK : (MAIN + 10) * BLOCK] = bytes(range(256)) * 32
if SYNCED:
    last, first = (MAIN + 11) * BLOCK, (MAIN + 1) * BLOCK
    image[last : last + BLOCK] = image[first : first + BLOCK]
    put(last, "H", 0o100600)
    put(last + 4072, "IIIQI", 4, 4, 6, 6, 0)
sys.stdout.buffer.write(image)
