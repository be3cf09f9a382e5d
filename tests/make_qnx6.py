#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a QNX 6 image of 96 KiB, after Linux Documentation/filesystems/qnx6.rst and include/linux/qnx6_fs.h: only QNX itself
writes them. little, big: the byte order; mmi: as Audi's MMI 3G has it; second: the second superblock is the later one.

    make_qnx6.py little|big|mmi|second > IMAGE
"""
import struct
import sys

KIND = sys.argv[1]
ORDER = ">" if KIND == "big" else "<"
BLOCK, BLOCKS, UNUSED = 512, 150, 0xffffffff
BOOT = 0 if KIND == "mmi" else 8192
BASE = BOOT + 4096
blocks = {}


def pack(form, *values):
    return struct.pack(ORDER + form, *values)


def crc(data):
    value = 0
    for b in data:
        value ^= b << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04c11db7 if value >> 31 else value << 1) & 0xffffffff
    return value


def store(content):
    """Blocks for a content: gives its pointers and how many levels they have. Blocks of zeros stay holes."""
    pointers = []
    for at in range(0, len(content), BLOCK):
        part = content[at:at + BLOCK]
        if not any(part):
            pointers.append(UNUSED)
            continue
        blocks[len(blocks)] = part
        pointers.append(len(blocks) - 1)
    levels = 0
    while len(pointers) > 16:
        groups = [pointers[i:i + BLOCK // 4] for i in range(0, len(pointers), BLOCK // 4)]
        pointers = []
        for group in groups:
            blocks[len(blocks)] = pack(f"{BLOCK // 4}I", *group, *[UNUSED] * (BLOCK // 4 - len(group)))
            pointers.append(len(blocks) - 1)
        levels += 1
    return pack("16I", *pointers, *[UNUSED] * (16 - len(pointers))), levels


def root_node(content):
    pointers, levels = store(content)
    return pack("Q", len(content)) + pointers + bytes((levels, 0)) + bytes(6)


def inode(mode, content, uid=1000):
    pointers, levels = store(content)
    status = 1 if mode >> 12 == 4 else 3
    return pack("Q6I2H", len(content), uid, 100, 0, 4000000000, 0, 0, mode, 0) + pointers + bytes((levels, status)) + bytes(26)


def directory(number, parent, rows, long_names):
    out = b""
    for name, target in [(".", number), ("..", parent)] + rows:
        raw = name.encode()
        if len(raw) <= 27:
            out += pack("I", target) + bytes((len(raw),)) + raw.ljust(27, b"\0")
        else:
            out += pack("IB3xII", target, 255, len(long_names), 0) + bytes(16)
            long_names.append(raw)
    return out


def text(n):
    return b"".join(b"%d\n" % i for i in range(n))[:n]


long_names = []
root = directory(1, 1, [("etc", 2), ("hello", 3), ("large", 4), ("link", 5), ("same", 3)], long_names)
etc = directory(2, 1, [("a-name-of-27-bytes-exactly-", 6), ("l" * 200, 6), ("a-name-that-is-longer-than-27-bytes", 6)],
                long_names)
large = text(9000)
large = large[:1024] + bytes(1024) + large[2048:]
old = [inode(0o040755, directory(1, 1, [], long_names))] if KIND == "second" else None
inodes = [inode(0o040755, root), inode(0o041777, etc), inode(0o104755, b"hello\n", 100000), inode(0o100644, large),
          inode(0o120777, b"hello"), inode(0o100600, b"")]
names = b"".join((pack("H", len(n)) + n).ljust(BLOCK, b"\0") for n in long_names)


def super_block(serial, inodes):
    roots = root_node(b"".join(inodes)) + root_node(bytes([255]) * (BLOCKS // 8)) + root_node(names) + bytes(80)
    if KIND == "mmi":
        rest = pack("Q12x12s5I4x", serial, b"identifier", BLOCK, 6, 0, BLOCKS, 10) + roots
    else:
        rest = pack("Q3I2H16s6I", serial, 0, 0, 0, 3, 3, b"volume", BLOCK, 6, 0, BLOCKS, 10, 0) + roots
    rest = rest.ljust(504, b"\0")
    return pack("II", 0x68191122, crc(rest)) + rest


supers = [super_block(7, old or inodes), super_block(8 if old else 6, inodes)]
image = bytearray(BASE + BLOCKS * BLOCK + 4096)
image[BOOT:BOOT + 512] = supers[0]
image[-4096:-4096 + 512] = supers[1]
for number, content in blocks.items():
    image[BASE + number * BLOCK:BASE + number * BLOCK + len(content)] = content
assert len(blocks) <= BLOCKS
sys.stdout.buffer.write(image)
