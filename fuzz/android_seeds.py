#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds for Android's containers that Debian has no tool for: android_seeds.py FOLDER"""
import bz2
import hashlib
import lzma
import pathlib
import struct
import sys

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


seed("android_super", super_image())
seed("android_payload", payload())
seed("avb", vbmeta())
seed("avb_footer", struct.pack(">4sIIQQQ28x", b"AVBf", 1, 0, 100, 4096, 320))
seed("android_dtbo", struct.pack(">8I", 0xD7B7AB1E, 96, 32, 32, 1, 32, 4096, 0) + struct.pack(">4I16x", 32, 64, 1, 2) + b"d" * 32)
seed("android_vendor_boot", (struct.pack("<8sIIIII2048sI16sIIQIIII", b"VNDRBOOT", 4, 4096, 0, 0, 100, b"a=b", 0, b"x", 2128, 10,
                                         0, 108, 1, 108, 9)).ljust(4096, b"\0") + b"r" * 4096 + b"d" * 4096 +
     struct.pack("<III32s64x", 100, 0, 1, b"name").ljust(4096, b"\0") + b"key=value")
