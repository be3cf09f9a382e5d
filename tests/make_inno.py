#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installers as Inno Setup lays them out, written record by record after its Struct.pas (github.com/jrsoftware/issrc) and, for versions
of which that is not at hand, as innoextract reads them: it accepts those up to 6.0.0.

make_inno.py KIND, where KIND is a version as its setup data say it ("5.5.7u": Unicode) and, behind it, words divided by commas: how chunks
are packed (stored, zlib, bzip2, lzma, lzma2); `solid`: all files in one chunk; `front`: the data follow the tables; `encrypted`;
`slices`: the data are in a file of their own; `overlap`: locations claim the same bytes many times; `all`: the tables are encrypted, too.
file:NAME is what a file of it holds. Several kinds are divided by "+". Each is preceded by its size, of 32 bits.
"""
import bz2
import functools
import hashlib
import lzma
import re
import struct
import sys
import zlib

ID = b"rDlPtS\xcd\xe6\xd7\x7b\x0b\x2a"
OLD_ID = b"rDlPtS07\x87eVx"


def noise(seed, n):
    out = b"".join(hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(n // 32 + 1))
    return out[:n]


def program():
    """Calls and jumps near and far, also across blocks of 64 KiB, among bytes that are none."""
    out = bytearray(noise(3, 70000))
    for i in range(0, 69900, 37):
        target = (i * 2654435761) & 0xFFFFFF
        if i % 5 < 3:
            target = target | (0xFF000000 if target & 0x800000 else 0)
        elif i % 5 == 3:
            target |= 0xFF000000
        out[i] = 0xE8 + i % 2
        out[i + 1 : i + 5] = struct.pack("<I", target)
    out[65534:65539] = b"\xe8\1\2\3\0"
    out[-3:] = b"\xe9\1\2"
    return bytes(out)


FILES = {
    "text": b"".join(b"line %d of what is installed\r\n" % i for i in range(1000)),
    "program": program(),
    "empty": b"",
    "noise": noise(9, 20000),
}


@functools.lru_cache(None)
def filter_calls(data, version):
    out, calls, i = bytearray(data), re.compile(b"[\xe8\xe9]"), 0
    while (found := calls.search(out, i)) is not None:
        i = found.start()
        if version < (5, 2, 0):
            carry = i + 5
            for k in range(i + 1, min(i + 5, len(out))):
                carry += out[k]
                out[k] = carry & 0xFF
                carry >>= 8
        elif i + 5 > len(out):
            break
        elif 0x10000 - i % 0x10000 < 5:
            i += 1
            continue
        elif out[i + 4] in (0, 0xFF):
            relative = int.from_bytes(out[i + 1 : i + 4], "little")
            if version >= (5, 3, 9) and relative & 0x800000:
                out[i + 4] ^= 0xFF
            out[i + 1 : i + 4] = ((relative + i + 5) & 0xFFFFFF).to_bytes(3, "little")
        i += 5
    return bytes(out)


@functools.lru_cache(None)
def raw_lzma(data):
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3, "lc": 3, "lp": 0, "pb": 2}]
    return bytes([(2 * 5 + 0) * 9 + 3]) + struct.pack("<I", 1 << 16) + lzma.compress(data, lzma.FORMAT_RAW, filters=filters)


@functools.lru_cache(None)
def raw_lzma2(data):
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    return bytes([8]) + lzma.compress(data, lzma.FORMAT_RAW, filters=filters)


PACK = {"stored": bytes, "zlib": zlib.compress, "bzip2": bz2.compress, "lzma": raw_lzma, "lzma2": raw_lzma2}


def block(data, version, packed=True):
    data = raw_lzma(data) if packed else data
    pieces = b""
    for i in range(0, len(data), 4096):
        piece = data[i : i + 4096]
        pieces += struct.pack("<I", zlib.crc32(piece)) + piece
    head = struct.pack("<QB" if version >= (6, 7, 0) else "<IB", len(pieces), packed)
    return struct.pack("<I", zlib.crc32(head)) + head + pieces


def bits(n):
    size = (n + 7) // 8
    return 4 if size == 3 else size


class Setup:
    def __init__(self, version, unicode):
        self.v, self.unicode = version, unicode or version >= (6, 3, 0)

    def string(self, text=""):
        data = text.encode("utf-16-le" if self.unicode else "latin-1")
        return struct.pack("<I", len(data)) + data

    def ansi(self, data=b""):
        return struct.pack("<I", len(data)) + data

    def since(self, *version):
        return self.v >= version

    def header(self, counts, method):
        names = ["AppName", "AppVerName 1.2", "AppId", "AppCopyright", "AppPublisher", "AppPublisherURL"]
        names += ["AppSupportPhone"] * self.since(5, 1, 13) + ["AppSupportURL", "AppUpdatesURL", "AppVersion", "DefaultDirName"]
        names += ["DefaultGroupName", "setup"]
        texts = [b"license", b"before", b"after"]
        out = b"".join(self.string(n) for n in names)
        if not self.since(5, 2, 5):
            out += b"".join(self.ansi(t) for t in texts)
        names = ["UninstallFilesDir", "UninstallDisplayName", "UninstallDisplayIcon", "AppMutex", "UserName", "UserOrg", "Serial"]
        out += b"".join(self.string(n) for n in names)
        if not self.since(5, 2, 5):
            out += self.ansi(b"compiled code")
        names = ["AppReadmeFile", "AppContact", "AppComments", "AppModifyPath"]
        names += ["CreateUninstallRegKey"] * self.since(5, 3, 8) + ["Uninstallable"] * self.since(5, 3, 10)
        names += ["CloseApplicationsFilter"] * self.since(5, 5, 0) + ["SetupMutex"] * self.since(5, 5, 6)
        names += ["ChangesEnvironment", "ChangesAssociations"] * self.since(5, 6, 1)
        names += ["ArchitecturesAllowed", "ArchitecturesInstallIn64BitMode"] * self.since(6, 3, 0)
        names += ["CloseApplicationsFilterExcludes"] * self.since(6, 4, 2) + ["SevenZipLibraryName"] * self.since(6, 5, 0)
        names += ["UsePreviousAppDir", "Group", "SetupType", "Tasks", "UserInfo"] * self.since(6, 7, 0)
        out += b"".join(self.string(n) for n in names)
        if self.since(5, 2, 5):
            out += b"".join(self.ansi(t) for t in texts)
        if self.since(5, 2, 1) and not self.since(5, 3, 10):
            out += self.ansi(b"signature")
        if self.since(5, 2, 5):
            out += self.ansi(b"compiled code")
        out += b"" if self.unicode else bytes(32)
        out += b"".join(struct.pack("<I", counts.get(n, 0)) for n in self.kinds())
        return out + self.header_fields(method)

    def kinds(self):
        names = "language message permission type component task directory".split() + ["key"] * self.since(6, 5, 0)
        return names + "file location icon ini registry delete uninstall_delete run uninstall_run".split()

    def header_fields(self, method):
        out = bytes(20)  # versions of Windows
        if self.since(6, 7, 0):
            out += bytes(8 + 1 + 1 + 6 * 4 + 2 + 1)
        else:
            out += b"" if self.since(6, 4, 0, 1) else struct.pack("<2I", 0xFF0000, 0)
            out += b"" if self.since(5, 5, 7) else struct.pack("<I", 0x400000)
            out += b"" if self.since(5, 0, 4) else struct.pack("<I", 0xFFFFFF)
            out += b"\1" + struct.pack("<2I", 120, 120) if self.since(6, 0, 0) else b""
            out += b"\0" if self.since(5, 5, 7) else b""
        if not self.since(6, 4, 0, 1):
            out += bytes(20 if self.since(5, 3, 9) else 16) + b"saltsalt"
        elif not self.since(6, 5, 0):
            out += bytes(4 + 16 + 4 + 24)
        out += struct.pack("<QI", 1 << 20, 1)
        out += b"\0\0\2" + (b"\0" if self.since(6, 0, 0) else b"") + b"\0\0"
        out += bytes([list(PACK).index(method)])
        out += b"\0\0" if self.since(5, 1, 0) and not self.since(6, 3, 0) else b""
        out += bytes(8) if self.since(5, 2, 1) and not self.since(5, 3, 10) else b""
        out += b"\0\0" if self.since(5, 3, 3) else b""
        out += bytes(8 if self.since(5, 5, 0) else 4 if self.since(5, 3, 6) else 0)
        return out + bytes(self.options_size())

    def options_size(self):
        if self.since(6, 4, 0, 1):
            return 8 if self.since(6, 7, 0) else 6  # 57; 44, of 6.5.0 43
        if self.since(6, 3, 0):
            return 7  # 49
        n = 37 + (not self.since(5, 3, 10)) + 2 * (not self.since(5, 3, 3)) + (not self.since(5, 6, 1)) + (not self.since(5, 3, 8))
        n += (self.since(5, 0, 4) and not self.since(5, 6, 1)) + (self.since(5, 1, 7) and not self.unicode) + self.since(5, 1, 13)
        n += self.since(5, 2, 1) + self.since(5, 3, 8) + self.since(5, 3, 9) + 3 * self.since(5, 5, 0) + self.since(5, 5, 7)
        return bits(n + 3 * self.since(6, 0, 0))

    def language(self):
        out = self.string("en") + self.ansi("English".encode("utf-16-le"))
        out += b"".join(self.string(f) for f in (["Tahoma", "Arial"] if self.since(6, 7, 0) else ["Tahoma", "Arial", "Verdana", "Arial"]))
        out += b"".join(self.ansi(t) for t in (b"data", b"", b"", b""))
        if self.since(6, 7, 0):
            return out + struct.pack("<HIIII?", 0x409, 8, 13, 6, 12, False)
        out += struct.pack("<I", 0x409)
        out += b"" if self.unicode and self.since(5, 3, 0) else struct.pack("<I", 1252)
        return out + struct.pack("<4I", 8, 29, 12, 8) + (b"\0" if self.since(5, 2, 3) else b"")

    def others(self):
        """One record of each kind that stands before the files."""
        level = "<B?" if self.since(6, 7, 0) else "<I?"
        conditions = b"".join(self.string(s) for s in ("", "", "en", "", "", ""))
        out = self.string("Message") + self.string("%1 is installed") + struct.pack("<i", -1)
        out += self.ansi(bytes(20))
        out += b"".join(self.string(s) for s in ("full", "Full", "", "")) + bytes(20) + b"\0\1" + bytes(8)
        out += b"".join(self.string(s) for s in ("main", "Main", "full", "", "")) + bytes(8) + struct.pack(level, 0, True)
        out += bytes(20) + b"\1" + bytes(8)
        out += b"".join(self.string(s) for s in ("icon", "Icon", "", "", "", "")) + struct.pack(level, 0, True) + bytes(20) + b"\0"
        out += self.string("{app}\\folder") + conditions + bytes(4) + bytes(20) + struct.pack("<h", -1) + b"\0"
        return out + (self.string("X") + self.string("Y") + self.string("Z") if self.since(6, 5, 0) else b"")

    def file(self, dest, location):
        out = self.string("") + self.string(dest) + self.string("") + (self.string("") if self.since(5, 2, 5) else b"")
        out += b"".join(self.string(s) for s in ("", "", "", "", "", ""))
        if self.since(6, 5, 0):
            out += b"".join(self.string(s) for s in ("*.tmp", "", "", "", "")) + self.ansi(b"") + bytes(32) + b"\0"
        out += bytes(20) + struct.pack("<iIQh", location, 0x20, 0, -1)
        return out + bytes(8 if self.since(6, 7, 0) else 5 if self.since(6, 5, 0) else 4) + b"\0"

    def location(self, place, data, calls, packed, encrypted, slices):
        start, sub, size = place
        digest = "sha256" if self.since(6, 4, 0, 1) else "sha1" if self.since(5, 3, 9) else "md5"
        out = struct.pack("<2I", slices, slices) + struct.pack("<Q" if self.since(6, 5, 2) else "<I", start)
        out += struct.pack("<3Q", sub, len(data), size) + hashlib.new(digest, data).digest()
        out += struct.pack("<Q2I", (1700000000 + 11644473600) * 10000000, 0x10000, 0)
        if self.since(6, 4, 3):
            return out + bytes([2 | calls << 2 | encrypted << 3 | packed << 4])
        flags = 4 | calls << 4 | encrypted << 6 | packed << 7
        out += struct.pack("<H" if self.since(5, 1, 13) else "<B", flags)
        return out + (b"\0" if self.since(6, 3, 0) else b"")

    def tail(self, method):
        """Pictures of the wizard, then what unpacks: of zlib and bzip2 a library."""
        many = struct.pack("<I", 1) if self.since(5, 6, 0) else b""
        return 2 * (many + self.ansi(b"BM picture")) + (self.ansi(b"MZ library") if method in ("zlib", "bzip2") else b"")


NAMES = [("{app}\\text.txt", "text"), ("{app}\\bin\\program.exe", "program"), ("{app}\\empty", "empty"),
         ("{win}\\noise.bin", "noise"), ("{app}\\copy.txt", "text")]


def chunks(setup, method, words):
    """The data, and for each name its location's number and record."""
    data, found, records = b"", {}, []
    plain = [(name, filter_calls(FILES[name], setup.v) if name == "program" else FILES[name]) for name in FILES]
    groups = [plain] if "solid" in words else [[p] for p in plain]
    for group in groups:
        packed = PACK[method](b"".join(p[1] for p in group))
        sub = 0
        for name, bytes_ in group:
            found[name] = len(records)
            records.append(setup.location((len(data), sub, len(packed)), FILES[name], name == "program", method != "stored",
                                          "encrypted" in words, "slices" in words))
            sub += len(bytes_)
        data += b"zlb\x1a" + packed
    return data, found, records


def tables(setup, method, found, records):
    counts = {n: 1 for n in "language message permission type component task directory key".split()}
    counts.update(file=len(NAMES) + 1, location=len(records))
    files = b"".join(setup.file(dest, found[name]) for dest, name in NAMES) + setup.file("{app}\\outside", -1)
    first = setup.header(counts, method) + setup.language() + setup.others() + files + setup.tail(method)
    return block(first, setup.v), block(b"".join(records), setup.v)


def loader(resource):
    """PE32 with .text and .rsrc, in which there is RCDATA 11111."""
    head = bytearray(0x400)
    head[0:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, 0x80)
    optional = struct.pack("<HBB9I", 0x10B, 2, 25, 0x200, 0x200, 0, 0x1000, 0x1000, 0x2000, 0x400000, 0x1000, 0x200)
    optional += struct.pack("<6H4I2H6I", 4, 0, 0, 0, 4, 0, 0, 0x3000, 0x400, 0, 2, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    directories = bytearray(128)
    struct.pack_into("<2I", directories, 16, 0x2000, 0x200)
    head[0x80 : 0x80 + 24] = b"PE\0\0" + struct.pack("<2H3I2H", 0x14C, 2, 0, 0, 0, len(optional) + 128, 0x10F)
    sections = struct.pack("<8s6I2HI", b".text", 0x200, 0x1000, 0x200, 0x400, 0, 0, 0, 0, 0x60000020)
    sections += struct.pack("<8s6I2HI", b".rsrc", 0x200, 0x2000, 0x200, 0x600, 0, 0, 0, 0, 0x40000040)
    rest = optional + directories + sections
    head[0x98 : 0x98 + len(rest)] = rest
    tree = b""
    for number, child in ((10, 0x80000018), (11111, 0x80000030), (0, 0x48)):
        tree += struct.pack("<3I2H2I", 0, 0, 0, 0, 1, number, child)
    tree += struct.pack("<4I", 0x2060, len(resource), 0, 0)
    return bytes(head) + noise(1, 0x200) + (tree.ljust(0x60, b"\0") + resource).ljust(0x200, b"\0")


def installer(kind):
    name, *words = kind.split(",")
    version = tuple(int(n) for n in name.rstrip("u").split("."))
    method = next((w for w in words if w in PACK), "lzma")
    setup = Setup(version, name.endswith("u"))
    data, found, records = chunks(setup, method, words)
    if "overlap" in words:
        records = records[:1] * 1000
        found = {n: 0 for n in found}
    text = "Inno Setup Setup Data (%s)%s" % (".".join(map(str, version)), " (u)" if name.endswith("u") else "")
    setup0 = text.encode().ljust(64, b"\0")
    if version >= (6, 5, 0):
        encryption = bytes([2 if "all" in words else 0]) + bytes(48)
        setup0 += struct.pack("<I", zlib.crc32(encryption)) + encryption
    setup0 += b"".join(tables(setup, method, found, records))
    engine = filter_calls(FILES["program"], version)
    packed = block(engine, version)
    size = len(loader(b""))
    if "slices" in words:
        data = b""
    if "front" in words:
        places = (size, size + len(packed), size + len(packed) + len(setup0))
        body = packed + setup0 + data
    else:
        places = (size + len(data) + len(setup0), size + len(data), size)
        body = data + setup0 + packed
    places = places[:2] + (0 if "slices" in words else places[2],)
    crc = zlib.crc32(FILES["program"])
    if version >= (6, 5, 0):
        table = ID + struct.pack("<IQQIIQQI", 2, size + len(body), places[0], len(engine), crc, places[1], places[2], 0)
    elif version >= (5, 1, 5):
        table = ID + struct.pack("<7I", 1, size + len(body), places[0], len(engine), crc, places[1], places[2])
    else:
        table = OLD_ID + struct.pack("<6I", size + len(body), places[0], len(engine), crc, places[1], places[2])
    table += struct.pack("<I", zlib.crc32(table))
    if version >= (5, 1, 5):
        return loader(table) + body
    head = bytearray(loader(b""))
    struct.pack_into("<4s2I", head, 0x30, b"Inno", size + len(body), 0xFFFFFFFF ^ (size + len(body)))
    return bytes(head) + body + table


if __name__ == "__main__":
    for what in sys.argv[1].split("+"):
        made = FILES[what[5:]] if what.startswith("file:") else installer(what)
        sys.stdout.buffer.write(struct.pack("<I", len(made)) + made)
