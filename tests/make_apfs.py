#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes APFS containers after "Apple File System Reference" (Apple, 2020-06-22). Nothing under Linux but a mounted volume fills them.

    make_apfs.py plain|hashed|sealed|volumes|encrypted > IMAGE
    make_apfs.py packed FOLDER > IMAGE      with the files of the folder, which are packed already: NAME.SIZE.attribute, NAME.SIZE.fork
    make_apfs.py fill IMAGE      puts the same files into what mkapfs has made, so that apfsck accepts them

The former have trees of several levels, two checkpoints, and no more than is needed to read them: no space manager.
"""
import os
import struct
import sys
import zlib

BLOCK = 4096
PHYSICAL, EPHEMERAL = 0x40000000, 0x80000000
SUPER, BTREE, NODE, OMAP, MAP, FS, FSTREE, EXTENTREF, FEXT = 1, 2, 3, 11, 12, 13, 14, 15, 31
INODE, XATTR, SIBLING, STREAM, EXTENT, NAME, SIBLING_MAP = 3, 4, 5, 6, 8, 9, 12
SECOND = 1000000000


def checksum(block):
    low = high = 0
    for (word,) in struct.iter_unpack("<I", block[8:]):
        low = (low + word) % 0xffffffff
        high = (high + low) % 0xffffffff
    first = 0xffffffff - (low + high) % 0xffffffff
    return struct.pack("<II", first, 0xffffffff - (low + first) % 0xffffffff) + block[8:]


def made(oid, xid, kind, subtype, body):
    return checksum((struct.pack("<8xQQII", oid, xid, kind, subtype) + body).ljust(BLOCK, b"\0"))


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc


def order(record):
    key = record[0]
    head, = struct.unpack_from("<Q", key)
    number, kind = head & (1 << 60) - 1, head >> 60
    if kind == EXTENT or kind == SIBLING:
        return number, kind, struct.unpack_from("<Q", key, 8), b""
    if kind == XATTR:
        return number, kind, (), key[10:]
    if kind == NAME and HASHED:
        return number, kind, (struct.unpack_from("<I", key, 8)[0] & ~0x3ff,), key[12:]
    return number, kind, (), key[10:]


def node(rows, level, fixed, info, headerless=False, hashed=False):
    """A node behind its object header; info: the flags, sizes of keys and of values of the tree and its counts, for a root."""
    room = BLOCK - (40 if info else 0)
    entry = 4 if fixed else 8
    table = (len(rows) + 7) // 8 * 8 * entry
    toc, keys, values = b"", b"", b""
    for key, value in rows:
        values = value + values
        toc += struct.pack("<HH", len(keys), len(values)) if fixed else \
            struct.pack("<HHHH", len(keys), len(key), len(values), len(value))
        keys += key
    free = room - 56 - table - len(keys) - len(values)
    if free < 0:
        return None
    flags = (1 if info else 0) | (0 if level else 2) | (4 if fixed else 0) | (8 if hashed else 0) | (16 if headerless else 0)
    head = struct.pack("<HHIHHHHHHHH", flags, level, len(rows), 0, table, len(keys), free, 0xffff, 0, 0xffff, 0)
    body = head + toc.ljust(table, b"\0") + keys + bytes(free) + values
    if info:
        longest = [max((len(r[i]) for r in rows), default=0) for i in range(2)]
        tree_flags, key_size, value_size, n, nodes = info
        body += struct.pack("<IIIIIIQQ", tree_flags, BLOCK, key_size, value_size, key_size or longest[0], value_size or longest[1],
                            n, nodes)
    return body


class Files:
    """The records of a volume, and its data in blocks that `allocate` gives."""

    def __init__(self, allocate):
        self.records, self.extents, self.allocate, self.counts = [], [], allocate, [0, 0, 0, 0]
        self.used = 0
        self.fext = []

    def add(self, number, kind, key, value):
        self.records.append((struct.pack("<Q", number | kind << 60) + key, value))

    def inode(self, number, parent, mode, name, children=1, size=None, fields=(), bsd=0, flags=0x8000, packed=0, sparse=0):
        fields = [(4, 2, name.encode() + b"\0")] + list(fields)
        if size is not None:
            fields.append((8, 0x20, struct.pack("<QQQQQ", size, -(-size // BLOCK) * BLOCK, 0, size, 0)))
        if sparse:
            fields.append((13, 0x28, struct.pack("<Q", sparse)))
        data = b"".join(f[2].ljust(-(-len(f[2]) // 8) * 8, b"\0") for f in fields)
        blob = struct.pack("<HH", len(fields), len(data)) + b"".join(struct.pack("<BBH", f[0], f[1], len(f[2])) for f in fields) + data
        time = 4000000000 * SECOND
        self.add(number, INODE, b"", struct.pack("<QQQQQQQiIIIIIHHQ", parent, number, time, time, time, time,
                                                 flags | (0x200 if sparse else 0), children, 0, 1, bsd, 1000, 100, mode, 0, packed) + blob)
        kind = mode >> 12
        self.counts[{8: 0, 4: 1, 10: 2}.get(kind, 3)] += 1

    def name(self, parent, name, number, kind, sibling=None):
        raw = name.encode() + b"\0"
        if HASHED:
            number_of = crc32c(name.lower().encode("utf-32-le")) & 0x3fffff
            key = struct.pack("<I", len(raw) | number_of << 10) + raw
        else:
            key = struct.pack("<H", len(raw)) + raw
        value = struct.pack("<QQH", number, 4000000000 * SECOND, kind)
        if sibling:
            value += struct.pack("<HHBBHQ", 1, 8, 1, 2, 8, sibling)
            self.add(number, SIBLING, struct.pack("<Q", sibling), struct.pack("<QH", parent, len(raw)) + raw)
            self.add(sibling, SIBLING_MAP, b"", struct.pack("<Q", number))
        self.add(parent, NAME, key, value)

    def extent(self, number, at, data):
        block = 0
        size = data if isinstance(data, int) else -(-len(data) // BLOCK) * BLOCK
        if not isinstance(data, int):
            block = self.allocate(data)
            self.extents.append((block, size // BLOCK, number))
            self.used += size // BLOCK
        if SEALED:
            self.fext.append((struct.pack("<QQ", number, at), struct.pack("<QQ", size, block)))
        else:
            self.add(number, EXTENT, struct.pack("<Q", at), struct.pack("<QQQ", size, block, 0))

    def stream(self, number, parts):
        self.add(number, STREAM, b"", struct.pack("<I", 1))
        at = 0
        for part in parts:
            self.extent(number, at, part)
            at += part if isinstance(part, int) else -(-len(part) // BLOCK) * BLOCK

    def attribute(self, number, name, data, flags=2):
        raw = name.encode() + b"\0"
        self.add(number, XATTR, struct.pack("<H", len(raw)) + raw, struct.pack("<HH", flags, len(data)) + data)


def lines(n):
    return b"".join(b"%d\n" % i for i in range(n))


def packed_fork(data):
    """A resource fork with one resource of zlib streams, each of 64 KiB, and the map that such forks have."""
    parts = [data[i:i + 65536] for i in range(0, len(data), 65536)]
    parts = [zlib.compress(p) if i else b"\xff" + p for i, p in enumerate(parts)]
    at, table = 4 + 8 * len(parts), b""
    for p in parts:
        table += struct.pack("<II", at, len(p))
        at += len(p)
    inner = struct.pack("<I", len(parts)) + table + b"".join(parts)
    return struct.pack(">IIII", 256, 260 + len(inner), 4 + len(inner), 50).ljust(256, b"\0") + struct.pack(">I", len(inner)) + inner + \
        bytes(24) + struct.pack(">HHHHIHHI", 28, 50, 0, 0, 0, 0, 0, 0).ljust(26, b"\0")


def put_packed(f, number, name, size, attribute, fork=b""):
    f.inode(number, 2, 0o100644, name, bsd=0x20, flags=0x44000 if fork else 0x48000, packed=size)
    f.name(2, name, number, 8)
    f.attribute(number, "com.apple.decmpfs", attribute)
    if fork:
        blocks = -(-len(fork) // BLOCK) * BLOCK
        f.attribute(number, "com.apple.ResourceFork", struct.pack("<QQQQQQ", number + 1, len(fork), blocks, 0, len(fork), 0), flags=1)
        f.stream(number + 1, [fork])


def put_forked(f):
    data = lines(40000)[:150000]
    put_packed(f, 21, "forked", 150000, struct.pack("<4sIQ", b"fpmc", 4, 150000), packed_fork(data))


def put_folder(f, folder):
    for i, file in enumerate(sorted(os.listdir(folder))):
        name, size, kind = file.split(".")
        if kind == "attribute":
            fork = os.path.join(folder, "%s.%s.fork" % (name, size))
            with open(os.path.join(folder, file), "rb") as attribute:
                put_packed(f, 100 + 2 * i, name, int(size), attribute.read(), open(fork, "rb").read() if os.path.exists(fork) else b"")


def put_files(f, many, forked):
    f.inode(16, 2, 0o104755, "hello", children=2, size=6)
    f.name(2, "hello", 16, 8, sibling=100)
    f.name(17, "same", 16, 8, sibling=101)
    f.stream(16, [b"hello\n"])
    f.inode(17, 2, 0o041777, "etc", children=1 + many, flags=0x8000)
    f.name(2, "etc", 17, 4)
    for i in range(many):
        f.inode(1000 + i, 17, 0o100644, "name-%d" % i)
        f.name(17, "name-%d" % i, 1000 + i, 8)
    f.inode(18, 2, 0o120777, "link")
    f.name(2, "link", 18, 10)
    f.attribute(18, "com.apple.fs.symlink", b"../etc/hello\0", flags=6)
    f.inode(19, 2, 0o100600, "sparse", size=3 * BLOCK + 5, sparse=BLOCK)
    f.name(2, "sparse", 19, 8)
    f.stream(19, [lines(2000)[:BLOCK], BLOCK, lines(2000)[BLOCK:2 * BLOCK] + b"tail\n"])
    inner = struct.pack("<4sIQ", b"fpmc", 3, 1200) + zlib.compress(lines(1200)[:1200])
    f.inode(20, 2, 0o100644, "inline", bsd=0x20, flags=0x48000, packed=1200)
    f.name(2, "inline", 20, 8)
    f.attribute(20, "com.apple.decmpfs", inner)
    if forked:
        put_forked(f)
    f.inode(23, 2, 0o020600, "null", fields=[(14, 2, struct.pack("<I", 3 << 24 | 2))])
    f.name(2, "null", 23, 2)


class Image:
    def __init__(self):
        self.blocks = [bytes(BLOCK)] * 12

    def allocate(self, data=b""):
        at = len(self.blocks)
        n = max(1, -(-len(data) // BLOCK))
        self.blocks += [data[i * BLOCK:(i + 1) * BLOCK].ljust(BLOCK, b"\0") for i in range(n)]
        return at

    def tree(self, rows, subtype, fixed=None, omap=None, base=0, sealed=False, most=64):
        """A tree of all rows, with at most so many in a node: gives the number of its root."""
        flags = 0 if omap is not None else 0x10
        if sealed and omap is not None:
            flags |= 0x180
        level, n, nodes = 0, len(rows), 0
        bare = sealed and omap is not None
        while len(rows) > most or node(rows, level, fixed, (0, 0, 0, 0, 0)) is None:
            parents, part = [], []
            for row in rows + [None]:
                if part and (row is None or len(part) == most or node(part + [row], level, fixed, None) is None):
                    nodes += 1
                    number = base + nodes if omap is not None else None
                    block = self.allocate()
                    body = node(part, level, fixed, None, headerless=bare, hashed=bare)
                    kind = NODE | (PHYSICAL if omap is None else 0)
                    self.blocks[block] = (bytes(32) + body).ljust(BLOCK, b"\0") if bare else \
                        made(block if number is None else number, 2, kind, subtype, body)
                    if omap is not None:
                        omap.append((number, block, 8 if bare else 0))
                    child = block if number is None else nodes if sealed else number
                    parents.append((part[0][0], struct.pack("<Q", child) + (bytes(32) if bare else b"")))
                    part = []
                if row is not None:
                    part.append(row)
            rows, level = parents, level + 1
        block = self.allocate()
        root = base if omap is not None else block
        body = node(rows, level, fixed, (flags, 16 if fixed else 0, 16 if fixed else 0, n, nodes + 1), headerless=bare, hashed=bare)
        self.blocks[block] = (bytes(32) + body).ljust(BLOCK, b"\0") if bare else \
            made(root, 2, BTREE | (PHYSICAL if omap is None else 0), subtype, body)
        if omap is not None:
            omap.append((root, block, 8 if bare else 0))
        return root

    def omap(self, rows):
        """rows: (object, block, flags); each has an older mapping, which counts no more."""
        all_rows = [(struct.pack("<QQ", o, 1), struct.pack("<IIQ", 0, BLOCK, 0)) for o, _, _ in rows]
        all_rows += [(struct.pack("<QQ", o, 2), struct.pack("<IIQ", f, BLOCK, b)) for o, b, f in rows]
        all_rows.sort(key=lambda r: struct.unpack("<QQ", r[0]))
        tree = self.tree(all_rows, OMAP, fixed=True)
        block = self.allocate()
        self.blocks[block] = made(block, 2, OMAP | PHYSICAL, 0, struct.pack("<IIIIQQQQQ", 1, 0, BTREE | PHYSICAL, BTREE | PHYSICAL, tree, 0, 0, 0, 0))
        return block

    def volume(self, number, name, many, encrypted=False):
        f = Files(self.allocate)
        f.inode(2, 1, 0o040755, "root", children=7)
        f.name(1, "root", 2, 4)
        f.inode(3, 1, 0o040755, "private-dir", children=0)
        put_files(f, many, True)
        if FOLDER:
            put_folder(f, FOLDER)
        f.inode(900, 1, 0o100644, "nowhere")  # no name leads to it
        objects = []
        catalog = self.tree(sorted(f.records, key=order), FSTREE, omap=objects, base=2000, sealed=SEALED, most=24)
        fext = self.tree(f.fext, FEXT, fixed=True, most=3) if SEALED else 0
        omap = self.omap(objects)
        features = (1 if HASHED else 0) | (32 if SEALED else 0)
        body = struct.pack("<4sI", b"APSB", 0) + struct.pack("<QQQ", 1, 0, features)
        body = body.ljust(116 - 32, b"\0") + struct.pack("<IIIQQ", BTREE, BTREE | PHYSICAL, BTREE | PHYSICAL, omap, catalog)
        body = body.ljust(216 - 32, b"\0") + struct.pack("<Q", 1) + bytes(16) + bytes(range(16))
        body = body.ljust(264 - 32, b"\0") + struct.pack("<Q", 0 if encrypted else 1)
        body = body.ljust(704 - 32, b"\0") + name.encode().ljust(256, b"\0")
        body = body.ljust(1032 - 32, b"\0") + struct.pack("<QI", fext, BTREE | PHYSICAL)
        block = self.allocate()
        self.blocks[block] = made(number, 2, FS, 0, body)
        return number, block, 0

    def superblock(self, xid, omap, volumes, size):
        body = struct.pack("<4sIQQQQ", b"NXSB", BLOCK, size, 0, 0, 2) + bytes(range(16, 32)) + struct.pack("<QQ", 5000, xid + 1)
        body += struct.pack("<IIQQIIIIII", 8, 4, 1, 9, 4, 0, 2, 2, 0, 0) + struct.pack("<QQQII", 0, omap, 0, 0, 100)
        body += b"".join(struct.pack("<Q", v) for v in volumes)
        return made(1, xid, SUPER | EPHEMERAL, 0, body)


def new(kind):
    image = Image()
    rows = [image.volume(3000, "System", 200, kind == "encrypted")]
    if kind == "volumes":
        rows.append(image.volume(3001, "Da/ta", 3))
        rows.append(image.volume(3002, "Locked", 1, True))
    omap = image.omap(rows)
    numbers = [r[0] for r in rows]
    size = len(image.blocks)
    # of the older checkpoint only its superblock is left: its map of objects is gone
    image.blocks[1] = made(1, 1, MAP | PHYSICAL, 0, b"")
    image.blocks[2] = image.superblock(1, 5, numbers, size)
    image.blocks[3] = made(3, 2, MAP | PHYSICAL, 0, b"")
    image.blocks[4] = image.superblock(2, omap, numbers, size)
    image.blocks[0] = image.superblock(1, 5, numbers, size)
    sys.stdout.buffer.write(b"".join(image.blocks))


def rows_of(block):
    """The records of a leaf that is a root."""
    table, = struct.unpack_from("<H", block, 40)
    keys, n = 56 + table + struct.unpack_from("<H", block, 42)[0], struct.unpack_from("<I", block, 36)[0]
    fixed, rows = struct.unpack_from("<H", block, 32)[0] & 4, []
    for i in range(n):
        if fixed:
            k, v = struct.unpack_from("<HH", block, 56 + table + 4 * i)
            kn = vn = 16
        else:
            k, kn, v, vn = struct.unpack_from("<HHHH", block, 56 + table + 8 * i)
        rows.append((block[keys + k:keys + k + kn], block[BLOCK - 40 - v:BLOCK - 40 - v + vn]))
    return rows


def fill(path):
    """The tree of files, that of extents, the volume's counts, and the map of free blocks with its own."""
    with open(path, "r+b") as file:
        objects = {}

        def block(at):
            file.seek(at * BLOCK)
            return file.read(BLOCK)

        def write(at, data):
            file.seek(at * BLOCK)
            file.write(data)

        def rebuilt(at, rows):
            old = block(at)
            info = struct.unpack_from("<IIIIIIQQ", old, BLOCK - 40)
            body = node(rows, 0, False, (info[0], 0, 0, len(rows), 1))
            write(at, checksum((bytes(8) + old[8:32] + body).ljust(BLOCK, b"\0")))

        # mkapfs has written its objects behind block 20000, and the bitmap of the first chunk at 21016, each once
        for at in list(range(70)) + list(range(20000, 20020)) + list(range(21000, 21020)):
            kind, subtype = struct.unpack_from("<HxxI", block(at), 24)
            objects.setdefault((kind, subtype), []).append(at)
        bitmap_at, cib, spaceman = 21016, objects[7, 0][0], objects[5, 0][0]
        bitmap = bytearray(block(bitmap_at))
        free = [i for i in range(22000, 22200) if not bitmap[i // 8] >> i % 8 & 1]

        def allocate(data):
            n = -(-len(data) // BLOCK)
            at = free[0]
            del free[:n]
            for i in range(n):
                write(at + i, data[i * BLOCK:(i + 1) * BLOCK].ljust(BLOCK, b"\0"))
                bitmap[(at + i) // 8] |= 1 << (at + i) % 8
            return at

        f = Files(allocate)
        put_files(f, 3, False)  # apfsck 0+git20230206 takes the big-endian sizes of a resource fork for little-endian ones
        catalog = objects[BTREE, FSTREE][0]
        rows = []
        for key, value in rows_of(block(catalog)):
            if struct.unpack("<Q", key[:8])[0] == 2 | INODE << 60:
                value = value[:56] + struct.pack("<i", 6) + value[60:]  # children of the root
            rows.append((key, value))
        rebuilt(catalog, sorted(rows + f.records, key=order))
        rebuilt(objects[BTREE, EXTENTREF][0], [(struct.pack("<Q", b | 2 << 60), struct.pack("<QQi", n | 1 << 60, owner, 1))
                                               for b, n, owner in sorted(f.extents)])
        volume = bytearray(block(objects[FS, 0][0]))
        for at, more in (88, f.used), (184, f.counts[0]), (192, f.counts[1]), (200, f.counts[2]), (208, f.counts[3]), (224, f.used):
            struct.pack_into("<Q", volume, at, struct.unpack_from("<Q", volume, at)[0] + more)
        struct.pack_into("<Q", volume, 176, 2000)  # the next object
        write(objects[FS, 0][0], checksum(bytes(volume)))
        write(bitmap_at, bytes(bitmap))
        chunk, manager = bytearray(block(cib)), bytearray(block(spaceman))
        struct.pack_into("<I", chunk, 60, struct.unpack_from("<I", chunk, 60)[0] - f.used)
        struct.pack_into("<Q", manager, 72, struct.unpack_from("<Q", manager, 72)[0] - f.used)
        write(cib, checksum(bytes(chunk)))
        write(spaceman, checksum(bytes(manager)))


SEALED = sys.argv[1] == "sealed"
FOLDER = sys.argv[2] if sys.argv[1] == "packed" else ""
HASHED = sys.argv[1] in ("hashed", "sealed", "fill-hashed")
if sys.argv[1].startswith("fill"):
    fill(sys.argv[2])
else:
    new(sys.argv[1])
