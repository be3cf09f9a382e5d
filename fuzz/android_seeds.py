#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds for what Debian has no tool for, or none that writes so little: android_seeds.py FOLDER"""
import bz2
import hashlib
import lzma
import pathlib
import struct
import sys
import zlib

out = pathlib.Path(sys.argv[1])


def seed(name, data):
    folder = out / f"format_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plain").write_bytes(data)


def super_image():
    geometry = struct.pack("<II32xIII", 0x616C4467, 52, 4096, 1, 4096)
    geometry = geometry[:8] + hashlib.sha256(geometry).digest() + geometry[40:]
    partitions = struct.pack("<36sIIII", b"system", 1, 0, 2, 0)
    extents = struct.pack("<QIQI", 8, 0, 48, 0) + struct.pack("<QIQI", 8, 1, 0, 0)
    tables = partitions + extents + struct.pack("<36sIQ", b"default", 0, 0)
    tables += struct.pack("<QIIQ36sI", 48, 0, 0, 28672, b"super", 0)
    header = struct.pack("<IHHI32xI32s12I", 0x414C5030, 10, 0, 128, len(tables), hashlib.sha256(tables).digest(),
                         0, 1, 52, 52, 2, 24, 100, 1, 48, 148, 1, 64)
    header = header[:12] + hashlib.sha256(header).digest() + header[44:]
    metadata = (header + tables).ljust(4096, b"\0")
    return b"\0" * 4096 + geometry.ljust(4096, b"\0") * 2 + metadata * 2 + b"x" * 8192


def varint(v):
    b = bytearray()
    while v > 127:
        b.append(v & 127 | 128)
        v >>= 7
    return bytes(b) + bytes([v])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def payload():
    data, operations = b"", b""
    for i, (kind, packed) in enumerate([(0, b"a" * 4096), (1, bz2.compress(b"b" * 4096)), (8, lzma.compress(b"c" * 4096)),
                                        (6, b""), (4, b"")]):
        operation = field(1, kind) + field(6, field(1, i) + field(2, 1))
        if packed:
            operation += field(2, len(data)) + field(3, len(packed)) + field(8, hashlib.sha256(packed).digest())
        operations += field(8, operation)
        data += packed
    partition = field(1, b"system") + field(7, field(1, 5 * 4096) + field(2, b"h" * 32)) + operations
    manifest = field(3, 4096) + field(4, len(data)) + field(5, 4) + field(13, partition)
    return b"CrAU" + struct.pack(">QQI", 2, len(manifest), 4) + manifest + b"sig1" + data + b"sig2"


def vbmeta():
    digest = struct.pack(">Q32sIIII60x", 777, b"sha256", 4, 0, 4, 0) + b"boot" + b"\1\2\3\4" + b"\0" * 4
    descriptors = struct.pack(">QQ", 2, len(digest)) + digest
    line = struct.pack(">II", 0, 8) + b"dm=\"1 v\""
    descriptors += struct.pack(">QQ", 3, len(line)) + line
    auxiliary = descriptors.ljust((len(descriptors) + 63) // 64 * 64, b"\0")
    return struct.pack(">4sIIQQI10QQII48s80x", b"AVB0", 1, 0, 0, len(auxiliary), 0, *([0] * 8), 0, len(descriptors), 0, 0, 0,
                       b"avbtool") + auxiliary


def btrfs():
    """One file in one leaf; the kind of its checksums is one that is not checked, so that changes get past them."""
    node, base, logical = 4096, 0x11000, 0x100000
    image = bytearray(0x16000)

    def key(number, kind, offset):
        return struct.pack("<QBQ", number, kind, offset)

    def leaf(i, items):
        at = base + i * node
        struct.pack_into("<Q", image, at + 48, logical + i * node)
        struct.pack_into("<I", image, at + 96, len(items))
        end = node - 101
        for k, (name, data) in enumerate(items):
            end -= len(data)
            image[at + 101 + 25 * k:at + 126 + 25 * k] = name + struct.pack("<II", end, len(data))
            image[at + 101 + end:at + 101 + end + len(data)] = data

    def inode(mode, size):
        return struct.pack("<16xQ16xIIII92xQ16x", size, 1, 0, 0, mode, 0)

    chunk = struct.pack("<Q8xQQ12xHHQQ16x", 0x5000, 65536, 7, 1, 0, 1, base)
    leaf(0, [(key(256, 228, logical), chunk)])
    leaf(1, [(key(5, 132, 0), struct.pack("<168xQQ54xB", 256, logical + 2 * node, 0))])
    extent = struct.pack("<8xQBBHBQQQQ", 4096, 0, 0, 0, 1, logical + 3 * node, 4096, 0, 4096)
    packed = zlib.compress(b"packed " * 40)
    entries = [(key(256, 96, 2 + i), key(257 + i, 1, 0) + struct.pack("<8xHHB", 0, 1, 1) + b"abc"[i:i + 1]) for i in range(3)]
    leaf(2, [(key(256, 1, 0), inode(0o40755, 0))] + entries +
         [(key(257, 1, 0), inode(0o100644, 4000)), (key(257, 108, 0), extent), (key(258, 1, 0), inode(0o100644, 280)),
          (key(258, 108, 0), struct.pack("<8xQBBHB", 280, 1, 0, 0, 0) + packed), (key(259, 1, 0), inode(0o120777, 1)),
          (key(259, 108, 0), struct.pack("<8xQBBHB", 1, 0, 0, 0, 0) + b"a")])
    struct.pack_into("<48xQ8x8sQQQ16xQQ8xQII8xI24xQHBBB", image, 0x10000, 0x10000, b"_BHRfS_M", 1, logical + node, logical,
                     len(image), 0, 1, 4096, node, 97, 0, 1, 0, 0, 0)
    struct.pack_into("<QQ", image, 0x100C9, 1, len(image))
    image[0x1032B:0x1032B + 97] = key(256, 228, logical) + chunk
    return bytes(image)


def rkaf():
    part = struct.pack("<32s60sIIIII", b"boot", b"boot.img", 0, 2048, 0x2000, 2048, 100)
    return struct.pack("<4sI34s30s56sIII", b"RKAF", 4096, b"model", b"id", b"maker", 0, 1 << 24, 1).ljust(0x8C, b"\0") + \
        part.ljust(2048 - 0x8C, b"\0") + b"b" * 2052


def imagewty():
    header = struct.pack("<8sIIIIIIIIIIIIII", b"IMAGEWTY", 0x100, 0x50, 0, 1, 4096, 1024, 0, 0, 1, 1, 1, 1024, 1, 1024)
    file = struct.pack("<II8s16sIIIII256s", 256, 1024, b"COMMON", b"SYS", 0, 1024, 1000, 2048, 0, b"sys.fex")
    return header.ljust(1024, b"\0") + file.ljust(1024, b"\0") + b"f" * 2048


def amlogic():
    item = struct.pack("<IIQQQ32s32s32x", 0, 0, 0, 320, 64, b"PARTITION", b"boot")
    verify = struct.pack("<IIQQQ32s32s32x", 1, 0, 0, 384, 48, b"VERIFY", b"boot")
    return (struct.pack("<IIIQII36x", 0, 1, 0x27B51956, 512, 4, 2) + item + verify).ljust(320, b"\0") + b"p" * 64 + \
        (b"sha1sum " + hashlib.sha1(b"p" * 64).hexdigest().encode()).ljust(128, b"\0")


seed("amlogic_image", amlogic())
seed("btrfs", btrfs())
seed("rockchip_rkaf", rkaf())
seed("rockchip_rkfw", struct.pack("<4sHIIHBBBBBIIIII", b"RKFW", 0x66, 1, 0, 2016, 1, 1, 0, 0, 0, 0x50, 0x66, 100, 202, 4100)
     .ljust(202, b"l") + rkaf() + b"0" * 32)
seed("rockchip_krnl", b"KRNL" + struct.pack("<I", 5000) + b"\x1f\x8b\x08" + b"k" * 5001)
seed("allwinner_imagewty", imagewty())
seed("mediatek_image", struct.pack("<II32sI", 0x58881688, 100, b"lk", 0x41E00000).ljust(512, b"\xff") + b"i" * 100)
seed("android_super", super_image())
seed("android_payload", payload())
seed("avb", vbmeta())
seed("avb_footer", struct.pack(">4sIIQQQ28x", b"AVBf", 1, 0, 100, 4096, 320))
seed("android_dtbo", struct.pack(">8I", 0xD7B7AB1E, 96, 32, 32, 1, 32, 4096, 0) + struct.pack(">4I16x", 32, 64, 1, 2) + b"d" * 32)
seed("android_vendor_boot", (struct.pack("<8sIIIII2048sI16sIIQIIII", b"VNDRBOOT", 4, 4096, 0, 0, 100, b"a=b", 0, b"x", 2128, 10,
                                         0, 108, 1, 108, 9)).ljust(4096, b"\0") + b"r" * 4096 + b"d" * 4096 +
     struct.pack("<III32s64x", 100, 0, 1, b"name").ljust(4096, b"\0") + b"key=value")
