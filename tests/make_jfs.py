#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a JFS image of 144 KiB, after Linux fs/jfs/jfs_superblock.h, jfs_dinode.h, jfs_imap.h, jfs_xtree.h, jfs_dtree.h and jfs_logmgr.h:
mkfs.jfs makes none below 16 MiB, and no tool but the mounted file system fills them. "os2": names without an index, in
UTF-16; a directory and a file each have a tree of two levels.

    make_jfs.py linux|os2 > IMAGE
"""
import struct
import sys

OS2 = sys.argv[1] == "os2"
BLOCK, BLOCKS = 4096, 36
MAP, INODES, DIRECTORY_PAGE, TREE_PAGE, DATA, TARGET, LOG = 16, 18, 22, 23, 24, 28, 33
LEAF, INTERNAL, ROOT = 2, 4, 1


def extent(block, n):
    return struct.pack("<II", n | block >> 32 << 24, block & 0xffffffff)


def extents(flags, rows, room):
    """A node of extents: (first block of the file, block, how many)."""
    out = struct.pack("<16xBxHHxx8x", flags, 2 + len(rows), room // 16)
    for first, block, n in rows:
        out += struct.pack("<B2xBI", 0, first >> 32, first & 0xffffffff) + extent(block, n)
    return out.ljust(room, b"\0")


def names(slots, first_slot, rows):
    """Entries of a leaf into a list of slots: gives the slots of their heads, in order."""
    order, at, head = [], first_slot, 13 if OS2 else 11
    for name, number in rows:
        units = name.encode("utf-16-le") if OS2 else b"".join(bytes((b, 0)) for b in name.encode())
        parts = [units[:2 * head]] + [units[i:i + 30] for i in range(2 * head, len(units), 30)]
        order.append(at)
        for i, part in enumerate(parts):
            following = at + 1 if i + 1 < len(parts) else 255
            if i == 0:
                slots[at] = struct.pack("<IBB", number, following, len(units) // 2) + part.ljust(22, b"\0")
                slots[at] = slots[at].ljust(32, b"\0")
            else:
                slots[at] = struct.pack("<BB", following, len(part) // 2) + part.ljust(30, b"\0")
            at += 1
    return order


def directory_root(rows, parent):
    slots = [bytes(32)] * 9
    order = names(slots, 1, rows)
    slots[0] = struct.pack("<16xBBBBI8s", ROOT | LEAF, len(order), 0, 255, parent, bytes(order).ljust(8, b"\0"))
    return b"".join(slots)


def directory_tree(page, parent):
    slots = [bytes(32)] * 9
    slots[0] = struct.pack("<16xBBBBI8s", ROOT | INTERNAL, 1, 0, 255, parent, b"\1".ljust(8, b"\0"))
    slots[1] = (extent(page, 1) + b"\xff\0").ljust(32, b"\0")
    return b"".join(slots)


def directory_page(rows):
    slots = [bytes(32)] * 128
    order = names(slots, 5, rows)
    slots[0] = struct.pack("<16xBBBBBBxx8x", LEAF, len(order), 0, 255, 128, 1)
    table = bytes(order).ljust(128, b"\0")
    slots[1:5] = [table[i:i + 32] for i in range(0, 128, 32)]
    return b"".join(slots)


def inode(number, mode, size, body, links=1, fileset=16):
    base = struct.pack("<4I8sQQ4I", 1, fileset, number, 1, extent(INODES, 4), size, 1, links, 1000, 100, mode)
    base += struct.pack("<8I", 0, 0, 0, 0, 4000000000, 0, 0, 0)
    return (base.ljust(224, b"\0") + body).ljust(512, b"\0")


def text(n):
    return b"".join(b"%d\n" % i for i in range(n))[:n]


image = bytearray(BLOCK * BLOCKS)
flags = 0x40000000 if OS2 else 0x10200000
super_block = b"JFS1" + struct.pack("<IQIHHIHHIIII", 1 if OS2 else 2, BLOCKS * 8, BLOCK, 12, 3, 512, 9, 0, 8192, flags, 0, 0)
super_block = super_block.ljust(72, b"\0") + extent(LOG, 3)
super_block = super_block.ljust(136, b"\0") + bytes(range(16)) + b"volume".ljust(16, b"\0") + bytes(16)
image[0x8000:0x8000 + len(super_block)] = super_block
image[0xf000:0xf000 + len(super_block)] = super_block
image[(LOG + 1) * BLOCK:(LOG + 1) * BLOCK + 36] = struct.pack("<9I", 0x87654321, 1, 2, 3, BLOCK, 12, flags, 1, 2 * BLOCK)
image[0xd000:0xd200] = inode(16, 0o100000, 2 * BLOCK, extents(ROOT | LEAF, [(0, MAP, 2)], 288), fileset=1)
page = bytearray(BLOCK)
page[3072:3080] = extent(INODES, 4)
image[(MAP + 1) * BLOCK:(MAP + 2) * BLOCK] = page

many = [(f"name-{i}-" + "x" * i, 9) for i in range(20)] + [("złoto-über" if OS2 else "plain", 9)]
root = [("etc", 4), ("hello", 5), ("large", 6), ("link", 7), ("same", 5)]
target = b"t" * 300
inodes = {
    2: inode(2, 0o040755, 1, directory_root(root, 2), 3),
    4: inode(4, 0o041777, BLOCK, directory_tree(DIRECTORY_PAGE, 2), 2),
    5: inode(5, 0o104755, 6, extents(ROOT | LEAF, [(0, DATA, 1)], 288), 2),
    6: inode(6, 0o100644, 4 * BLOCK + 5, extents(ROOT | INTERNAL, [(0, TREE_PAGE, 1)], 288)),
    7: inode(7, 0o120777, 300, extents(ROOT | LEAF, [(0, TARGET, 1)], 288)),
    9: inode(9, 0o100600, 0, extents(ROOT | LEAF, [], 288), 21),
}
for number, raw in inodes.items():
    image[INODES * BLOCK + number * 512:INODES * BLOCK + (number + 1) * 512] = raw
image[DIRECTORY_PAGE * BLOCK:(DIRECTORY_PAGE + 1) * BLOCK] = directory_page(many)
image[TREE_PAGE * BLOCK:(TREE_PAGE + 1) * BLOCK] = extents(LEAF, [(0, DATA + 1, 2), (4, DATA + 3, 1)], BLOCK)
for block, content in ((DATA, b"hello\n"), (DATA + 1, text(2 * BLOCK)), (DATA + 3, b"tail\n"), (TARGET, target)):
    image[block * BLOCK:block * BLOCK + len(content)] = content
sys.stdout.buffer.write(image)
