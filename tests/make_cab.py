#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a cabinet after MS-CAB to standard output: make_cab.py KIND.

Kinds, and several of them joined with '+':
  stored, mszip, lzx   how the data are packed (lzx: in blocks that LZX leaves as they are); quantum is only said
  coded                lzx in verbatim and aligned blocks in turns, by trees of fixed lengths, with calls translated
  reserved             fields for other programs in the header, the folder and each block of data, which the sums take in
  short-sums           the sums do not
  first, last          one of a set: what the second file has goes on in the next one, or begins in the one before
  names                of files: none at all, and one that is said to be UTF-8
  unnamed              no file is of the last bytes of the folder
  behind               the last block has bytes behind what is packed in it
  between              there are bytes between the files' headers and the blocks
  lying                a file begins in the cabinet before, but there is none
  claims               many files are of more than the folder has, each of all
  folders              all folders that there can be, each of the same empty blocks
"""
import struct
import sys
import zlib

BLOCK = 32768
TEXT = b"".join(b"line %d of a text that is packed\n" % i for i in range(2500))
BYTES = bytes(i * i % 251 for i in range(20000))


def checksum(data, start):
    total = start
    for i in range(0, len(data) - 3, 4):
        total ^= struct.unpack_from("<I", data, i)[0]
    rest = data[len(data) & ~3:]
    return total ^ int.from_bytes(rest, "big")


def mszip(data, before):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before[-BLOCK:]) if before else zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"CK" + packer.compress(data) + packer.flush()


def lzx(data, before):
    bits = ("" if before else "0") + "011" + format(len(data), "024b")
    bits = bits.ljust((len(bits) + 15) // 16 * 16, "0")
    words = b"".join(struct.pack("<H", int(bits[i:i + 16], 2)) for i in range(0, len(bits), 16))
    return words + struct.pack("<III", 1, 1, 1) + data + bytes(len(data) & 1)


def complete(n):
    """Lengths of a complete code of n symbols: they differ by one."""
    bits = (n - 1).bit_length()
    short = (1 << bits) - n
    return [bits - 1] * short + [bits] * (n - short)


def codes(lengths):
    code, out = 0, {}
    for bits in range(1, 17):
        for symbol, length in enumerate(lengths):
            if length == bits:
                out[symbol] = format(code, "0%db" % bits)
                code += 1
        code <<= 1
    return out


class Coded:
    """LZX, MS-PATCH 2: a block for each frame."""

    def __init__(self):
        self.trees = {"main": complete(256 + 8 * 30), "length": complete(249)}
        self.aligned = [2, 2, 3, 3, 4, 4, 4, 4]
        self.told = {name: [0] * len(lengths) for name, lengths in self.trees.items()}
        self.done, self.seen, self.recent, self.frames = b"", {}, [1, 1, 1], 0

    def lengths(self, name, start, end):
        pre = complete(20)
        bits = "".join(format(length, "04b") for length in pre)
        for i in range(start, end):
            bits += codes(pre)[(self.told[name][i] - self.trees[name][i]) % 17]
            self.told[name][i] = self.trees[name][i]
        return bits

    @staticmethod
    def calls(data, at, size):
        data, i = bytearray(data), 0
        while i < len(data) - 10:
            if data[i] != 0xe8:
                i += 1
                continue
            far = struct.unpack_from("<i", data, i + 1)[0]
            if -(at + i) <= far < size:
                far += at + i if far < size - at - i else -size
                struct.pack_into("<i", data, i + 1, far)
            i += 5
        return bytes(data)

    def distance(self, distance, is_aligned):
        """The slot and its further bits; distances that were had before are told by their place."""
        if distance in self.recent:
            slot = self.recent.index(distance)
            self.recent[slot], self.recent[0] = self.recent[0], distance
            return slot, ""
        self.recent = [distance] + self.recent[:2]
        bits = max((distance + 2).bit_length() - 2, 0)
        slot = 2 * (bits + 1) + (distance + 2 >> bits & 1)
        more = distance + 2 & (1 << bits) - 1
        if is_aligned and bits >= 3:
            return slot, (format(more >> 3, "0%db" % (bits - 3)) if bits > 3 else "") + codes(self.aligned)[more & 7]
        return slot, format(more, "0%db" % bits) if bits else ""

    def __call__(self, data, before):
        is_aligned, main, length_codes = self.frames % 2 == 1, codes(self.trees["main"]), codes(self.trees["length"])
        out = [] if before else ["1" + format(len(TEXT + BYTES), "032b")]
        out.append(("010" if is_aligned else "001") + format(len(data), "024b"))
        out += ["".join(format(length, "03b") for length in self.aligned)] if is_aligned else []
        out += [self.lengths("main", 0, 256), self.lengths("main", 256, 496), self.lengths("length", 0, 249)]
        start = len(self.done)
        self.done += self.calls(data, start, len(TEXT + BYTES))
        at, all_data = start, self.done
        while at < len(all_data):
            place, n = self.seen.get(all_data[at:at + 3], -1), 0
            while place >= 0 and at - place < 32000 and n < 257 and at + n < len(all_data) and all_data[place + n] == all_data[at + n]:
                n += 1
            self.seen[all_data[at:at + 3]] = at
            if n < 3:
                out.append(main[all_data[at]])
                at += 1
                continue
            slot, more = self.distance(at - place, is_aligned)
            out.append(main[256 + 8 * slot + min(n - 2, 7)] + (length_codes[n - 9] if n >= 9 else "") + more)
            at += n
        self.frames += 1
        bits = "".join(out)
        bits = bits.ljust((len(bits) + 15) // 16 * 16, "0")
        return b"".join(struct.pack("<H", int(bits[i:i + 16], 2)) for i in range(0, len(bits), 16))


def stored(data, _):
    return data


def block(data, packed, kinds, size=None):
    extra = b"rsv" if "reserved" in kinds else b""
    head = struct.pack("<HH", len(packed), len(data) if size is None else size)
    counted = head if "short-sums" in kinds else head + extra
    return struct.pack("<I", checksum(counted, checksum(packed, 0))) + head + extra + packed


def main(kinds):
    pack, method = {"mszip": (mszip, 1), "quantum": (stored, 0x1472), "lzx": (lzx, 0x0f03), "coded": (Coded(), 0x0f03)}.get(
        next(iter({"mszip", "quantum", "lzx", "coded"} & set(kinds)), ""), (stored, 0))
    data = TEXT + BYTES
    blocks = [block(data[i:i + BLOCK], pack(data[i:i + BLOCK], data[:i]), kinds) for i in range(0, len(data), BLOCK)]
    files = [("d\\text", 0, len(TEXT), 0, 0x20), ("bytes", len(TEXT), len(BYTES), 0, 0x20)]
    if "names" in kinds:
        files = [("", 0, len(TEXT), 0, 0x20), ("gr\u00f6\u00dfe", len(TEXT), len(BYTES), 0, 0xa0)]
    if "unnamed" in kinds:
        files = files[:1]
    if "behind" in kinds:
        blocks[-1] = block(data[3 * BLOCK:], pack(data[3 * BLOCK:], data[:3 * BLOCK]) + BYTES[:100], kinds)
    if "lying" in kinds:
        files[0] = files[0][:3] + (0xfffd, 0x20)
    if "claims" in kinds:
        files = [("f%d" % i, 0, 1 << 30, 0, 0x20) for i in range(100)]
    folders = 1
    if "folders" in kinds:
        folders = 65535
        blocks = [struct.pack("<IHH", 0, 0, BLOCK)] * folders
    between = BYTES[:500] if "between" in kinds else b""
    flags = 4 if "reserved" in kinds else 0
    others = b""
    if "first" in kinds:
        flags |= 2
        others = b"second.cab\0Disk 2\0"
        files[1] = files[1][:3] + (0xfffe, 0x20)
        blocks[-1] = block(b"", pack(data[3 * BLOCK:], data[:3 * BLOCK])[:500], kinds, 0)
    if "last" in kinds:
        flags |= 1
        others = b"first.cab\0Disk 1\0"
        files[0] = files[0][:3] + (0xfffd, 0x20)
    head = (struct.pack("<HBB", 20, 5, 3) + bytes(20) if "reserved" in kinds else b"") + others
    listed = b"".join(struct.pack("<IIHHHH", size, at, folder, 0x576e, 0x63c0, attributes) + name.encode() + b"\0"
                      for name, at, size, folder, attributes in files)
    extra = b"12345" if "reserved" in kinds else b""
    files_at = 36 + len(head) + folders * (8 + len(extra))
    data_at = files_at + len(listed) + len(between)
    packed = b"".join(blocks)
    out = b"MSCF" + struct.pack("<IIIIIHHHHHH", 0, data_at + len(packed), 0, files_at, 0, 0x103, folders, len(files), flags, 0x1234,
                                1 if "last" in kinds else 0)
    out += head + (struct.pack("<IHH", data_at, len(blocks), method) + extra) * folders + listed + between + packed
    sys.stdout.buffer.write(out)


main(sys.argv[1].split("+"))
