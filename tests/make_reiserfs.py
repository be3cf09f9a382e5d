#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a ReiserFS image of 97 KiB, after Linux fs/reiserfs/reiserfs.h, of format 3.5 or 3.6: Linux no longer mounts what
mkfs.reiserfs makes of the former. Three leaves hang on one node; a file has pointers, a hole and a tail.

    make_reiserfs.py 3.5|3.6 > IMAGE
"""
import struct
import sys

OLD = sys.argv[1] == "3.5"
BLOCK, BLOCKS, ROOT, LEAVES, DATA, JOURNAL, RING = 1024, 97, 66, (67, 68, 69), 72, 76, 20
STAT, INDIRECT, DIRECT, ENTRIES = range(4)
FILE, DIRECTORY, LINK, CHARACTERS = 0o100000, 0o040000, 0o120000, 0o020000


def key(directory, number, offset, kind):
    if OLD:
        return struct.pack("<4I", directory, number, offset, (0, 0xfffffffe, 0xffffffff, 500)[kind])
    return struct.pack("<IIQ", directory, number, offset | kind << 60)


def stat(mode, size, links=1, device=0):
    if OLD:
        return struct.pack("<4H6I", mode, links, 1000, 100, size, 0, 1234567890, 0, device, 0)
    return struct.pack("<HHIQ7I", mode, 0, links, size, 100000, 200000, 0, 4000000000, 0, 0, device)


def entries(names):
    """The heads, and behind them the names from the last one to the first."""
    heads, end = b"", len(names) * 16
    packed = [n + b"\0" * (-len(n) % 8) for n, _, _ in names]
    end += sum(map(len, packed))
    for i, (packed_name, (_, directory, number)) in enumerate(zip(packed, names)):
        end -= len(packed_name)
        heads += struct.pack("<IIIHH", i * 128 if i > 1 else i + 1, directory, number, end, 4)
    return heads + b"".join(reversed(packed))


def leaf(items):
    heads, bodies = b"", b""
    for directory, number, offset, kind, body, count in items:
        bodies = body + bodies
        heads += key(directory, number, offset, kind) + struct.pack("<4H", count, len(body), BLOCK - len(bodies), 0 if OLD else 1)
    free = BLOCK - 24 - len(heads) - len(bodies)
    return struct.pack("<4H16x", 1, len(items), free, 0) + heads + bytes(free) + bodies


def text(n):
    return b"".join(b"%d\n" % i for i in range(n))[:n]


root = [(b".", 1, 2), (b"..", 0, 1), (b"hello", 2, 4), (b"same", 2, 4), (b"large", 2, 5), (b"link", 2, 6), (b"etc", 2, 7),
        (b"tty", 2, 8)]
large = text(3 * BLOCK) + text(100)
large = large[:BLOCK] + bytes(BLOCK) + large[2 * BLOCK:]
leaves = [
    [(1, 2, 0, STAT, stat(DIRECTORY | 0o755, 200, 3), 0), (1, 2, 1, ENTRIES, entries(root), len(root)),
     (2, 4, 0, STAT, stat(FILE | 0o4755, 6, 2), 0), (2, 4, 1, DIRECT, b"hello\n" + bytes(2), 0xffff)],
    [(2, 5, 0, STAT, stat(FILE | 0o644, len(large)), 0), (2, 5, 1, INDIRECT, struct.pack("<3I", DATA, 0, DATA + 1), 0),
     (2, 5, 3 * BLOCK + 1, DIRECT, large[3 * BLOCK:].ljust(104, b"\0"), 0xffff)],
    [(2, 6, 0, STAT, stat(LINK | 0o777, 5), 0), (2, 6, 1, DIRECT, b"hello" + bytes(3), 0xffff),
     (2, 7, 0, STAT, stat(DIRECTORY | 0o1777, 48, 2), 0),
     (2, 7, 1, ENTRIES, entries([(b".", 2, 7), (b"..", 1, 2)]), 2),
     (2, 7, 256, ENTRIES, entries([(b"passwd", 7, 9)]), 1),
     (2, 8, 0, STAT, stat(CHARACTERS | 0o620, 0, 1, 5 << 8 | 1), 0),
     (7, 9, 0, STAT, stat(FILE | 0o600, 0), 0)],
]
image = bytearray(BLOCK * BLOCKS)
super_block = struct.pack("<11I", BLOCKS, 4, ROOT, JOURNAL, 0, RING, 8, 0, 7, 30, 30)
super_block += struct.pack("<4H10sHI4H", BLOCK, 200, 4, 1, b"ReIsErFs" if OLD else b"ReIsEr2Fs", 0, 3, 3, 1, 0 if OLD else 2, 0)
image[65536:65536 + len(super_block)] = super_block
if not OLD:
    image[65536 + 84:65536 + 116] = bytes(range(16)) + b"volume".ljust(16, b"\0")
node = struct.pack("<4H16x", 2, 2, 0, 0) + key(*leaves[1][0][:4]) + key(*leaves[2][0][:4])
node += b"".join(struct.pack("<IHH", block, BLOCK, 0) for block in LEAVES)
image[ROOT * BLOCK:ROOT * BLOCK + len(node)] = node
for block, items in zip(LEAVES, leaves):
    image[block * BLOCK:(block + 1) * BLOCK] = leaf(items)
image[DATA * BLOCK:(DATA + 1) * BLOCK] = large[:BLOCK]
image[(DATA + 1) * BLOCK:(DATA + 2) * BLOCK] = large[2 * BLOCK:3 * BLOCK]


def transaction(at, number, places, mount):
    """Of the blocks that belong there, into the ring: a descriptor, what the blocks shall be, a commit."""
    def put(i, block):
        image[(JOURNAL + (at + i) % RING) * BLOCK:(JOURNAL + (at + i) % RING + 1) * BLOCK] = block
    listed = struct.pack(f"<{len(places)}I", *places).ljust(BLOCK - 24, b"\0")
    put(0, struct.pack("<3I", number, len(places), mount) + listed + b"ReIsErLB" + bytes(4))
    for i, place in enumerate(places):
        put(1 + i, bytes(image[place * BLOCK:(place + 1) * BLOCK]))
    put(1 + len(places), struct.pack("<2I", number, len(places)) + bytes(BLOCK - 8))
    return (at + len(places) + 2) % RING


# All were written in place: the next one would begin with block 2 of the ring, where an older one still stands.
transaction(2, 8, (ROOT,), 2)
transaction(transaction(transaction(12, 9, (ROOT,), 3), 10, (LEAVES[1], LEAVES[2]), 3), 11, (LEAVES[0],), 3)
header = struct.pack("<3I", 11, 2, 3) + super_block[12:44]
image[(JOURNAL + RING) * BLOCK:(JOURNAL + RING) * BLOCK + len(header)] = header
sys.stdout.buffer.write(image)
