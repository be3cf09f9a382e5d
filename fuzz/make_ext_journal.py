#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes of an ext2 image of mke2fs with blocks of 1 KiB one that was not unmounted: the file of the given inode, of which nothing
is kept, becomes its journal, far smaller than mke2fs makes them. After Linux Documentation/filesystems/ext4/journal.rst.

  make_ext_journal.py CONTENT > FILE              the content of that file, to be put into the image
  make_ext_journal.py IMAGE INODE [WIDE] > IMAGE"""
import struct
import sys

BLOCK, MAGIC = 1024, 0xC03B3998
if sys.argv[1] == "CONTENT":
    sys.stdout.buffer.write(b"JOURNAL-" * (12 * BLOCK // 8))
    sys.exit()
image, inode, wide = bytearray(open(sys.argv[1], "rb").read()), int(sys.argv[2]), len(sys.argv) > 3
at = image.index(b"JOURNAL-" * 128)  # the twelve blocks of an inode lie together


def header(block, kind, sequence, *words):
    struct.pack_into(">III", image, at + block * BLOCK, MAGIC, kind, sequence)
    struct.pack_into(">%dI" % len(words), image, at + block * BLOCK + 12, *words)


def tags(block, *told):
    to = at + block * BLOCK + 12
    for i, (number, flags) in enumerate(told):
        struct.pack_into(">IHH", image, to, number, 0, flags | (2 if i else 0) | (8 if i == len(told) - 1 else 0))
        to += 8 + 4 * wide + (0 if i else 16)


image[at : at + 12 * BLOCK] = bytes(12 * BLOCK)
header(0, 4, 0, BLOCK, 12, 1, 7, 9)  # it begins at block 9 and goes round
struct.pack_into(">II", image, at + 36, 0, 3 if wide else 1)
table = struct.unpack_from("<I", image, 2 * BLOCK + 8)[0]
header(9, 1, 7)
tags(9, (table, 0), (2, 1))
image[at + 10 * BLOCK : at + 11 * BLOCK] = image[table * BLOCK : table * BLOCK + BLOCK]
image[at + 11 * BLOCK : at + 12 * BLOCK] = image[2 * BLOCK : 3 * BLOCK]
header(1, 2, 7)
header(2, 5, 8, 16 + (8 if wide else 4), *((0, 2) if wide else (2,)))
header(3, 1, 8)
tags(3, (table + 1, 0))
image[at + 4 * BLOCK : at + 5 * BLOCK] = image[table * BLOCK + BLOCK : table * BLOCK + 2 * BLOCK]
header(5, 2, 8)
for field in (92, 96):  # it has a journal, and it is to be replayed
    image[1024 + field] |= 4
struct.pack_into("<I", image, 1024 + 0xE0, inode)
sys.stdout.buffer.write(image)
