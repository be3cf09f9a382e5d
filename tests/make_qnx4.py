#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a QNX 4 image of 128 KiB, after Linux include/uapi/linux/qnx4_fs.h: only QNX itself writes them. small: a root whose
directory is one extent, several: one of several.

    make_qnx4.py small|several > IMAGE
"""
import struct
import sys

SEVERAL = sys.argv[1] == "several"
BLOCK, BLOCKS = 512, 256
USED, LINK, INODE = 1, 8, 16
image = bytearray(BLOCKS * BLOCK)
taken = 24  # blocks; those before are laid out by hand


def store(content, extents=1):
    """Puts a content into so many extents, between which blocks stay free. Gives them, blocks counted from 1."""
    global taken
    blocks = -(-len(content) // BLOCK)
    out, done = [], 0
    for i in range(extents):
        n = blocks // extents if i < extents - 1 else blocks - done
        part = content[done * BLOCK:(done + n) * BLOCK]
        image[taken * BLOCK:taken * BLOCK + len(part)] = part
        out.append((taken + 1, n))
        taken += n + (extents > 1)
        done += n
    return out


def further(extents):
    """Extent blocks for all extents but the first: gives the number of the first one."""
    global taken
    groups = [extents[i:i + 60] for i in range(1, len(extents), 60)]
    first = taken + 1
    for i, group in enumerate(groups):
        block = struct.pack("<IIB3xI", taken + 2 if i < len(groups) - 1 else 0, 0, len(group), sum(n for _, n in group))
        block += b"".join(struct.pack("<II", *e) for e in group).ljust(480, b"\0") + b"IamXblk\0" + struct.pack("<II", *group[0])
        image[taken * BLOCK:taken * BLOCK + BLOCK] = block
        taken += 1
    return first if groups else 0


def inode(name, mode, size, extents, status, links=1, uid=1000):
    return struct.pack("<16sIIIIIIIIHHHHH4xBB", name, size, *(extents[0] if extents else (0, 0)), further(extents), 1, 4000000000, 3, 4,
                       len(extents), mode, uid, 100, links, 0, status)


def link(name, block, place):
    return struct.pack("<48sIB10xB", name, block, place, USED | LINK)


def entry(name, mode, content, extents=1, status=USED, **more):
    return inode(name, mode, len(content), store(content, extents) if content else [], status, **more)


large = b"".join(b"%d\n" % i for i in range(20000))[:70 * BLOCK - 100]
dots = link(b".", 2, 0) + link(b"..", 2, 0)
gone = bytearray(inode(b"gone", 0o100644, 5, [(9, 1)], 0))
etc = link(b".", 4, 2) + link(b"..", 2, 0) + entry(b"a-name-of-16-byt", 0o100600, b"") + link(b"n" * 48, 10, 1)
files = [
    entry(b".bitmap", 0o100400, bytes([255]) * (BLOCKS // 8)), gone, entry(b"etc", 0o041777, etc, links=2), link(b"hello", 10, 0),
    entry(b"large", 0o100644, large, 70), entry(b"link", 0o120777, b"hello"), link(b"same", 10, 0), entry(b"empty", 0o100600, b""),
]
root = dots + b"".join(files)
image[3 * BLOCK:3 * BLOCK + len(root[:BLOCK])] = root[:BLOCK]
image[5 * BLOCK:5 * BLOCK + len(root[BLOCK:])] = root[BLOCK:]
if not SEVERAL:
    image[4 * BLOCK:5 * BLOCK], image[5 * BLOCK:6 * BLOCK] = image[5 * BLOCK:6 * BLOCK], bytes(BLOCK)
inodes = entry(b"", 0o104755, b"hello\n", status=USED | INODE, links=2) + entry(b"", 0o100640, b"long\n", status=USED | INODE)
image[9 * BLOCK:9 * BLOCK + len(inodes)] = inodes
image[BLOCK:2 * BLOCK] = b"".join([
    inode(b"/", 0o040755, 2 * BLOCK, [(4, 1), (6, 1)] if SEVERAL else [(4, 2)], USED, 3), inode(b".inodes", 0o100400, BLOCK, [(10, 1)], USED),
    inode(b".boot", 0o100400, 0, [], USED), inode(b".altboot", 0o100400, 0, [], USED)]).ljust(BLOCK, b"\0")
assert taken <= BLOCKS
sys.stdout.buffer.write(image)
