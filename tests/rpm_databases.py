# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers of RPM's databases, from lists of (number of the package, its header)."""
import sqlite3
import struct
import zlib


def header(*tags):
    """A header of (tag, text) pairs (RPM reference manual, "Header format"), as databases have it: without magic."""
    entries, store = b"", b""
    for tag, text in tags:
        entries += struct.pack(">4I", tag, 6, len(store), 1)
        store += text.encode() + b"\0"
    return struct.pack(">2I", len(tags), len(store)) + entries + store


def write_sqlite(rows, path, page_size=4096):
    database = sqlite3.connect(path)
    database.execute("PRAGMA page_size = %d" % page_size)
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    database.executemany("INSERT INTO Packages VALUES (?, ?)", rows)
    database.commit()
    database.close()


def ndb(rows):
    """As lib/backend/ndb/rpmpkg.c of RPM lays them out: every second slot is free."""
    pages = (32 + 16 * 2 * len(rows) + 4095) // 4096
    slots, blobs, block = b"", b"", pages * 4096 // 16
    for key, value in rows:
        size = (16 + len(value) + 12 + 15) // 16
        slots += struct.pack("<4s3I", b"Slot", key, block, size) + struct.pack("<4s3I", b"Slot", 0, 0, 0)
        body = struct.pack("<4s3I", b"BlbS", key, 1, len(value)) + value
        tail = struct.pack("<2I4s", zlib.adler32(body), len(value), b"BlbE")
        blobs += body + bytes(size * 16 - len(body) - len(tail)) + tail
        block += size
    head = struct.pack("<4s7I", b"RpmP", 0, 7, pages, len(rows) + 1, 0, 0, 0)
    free = (pages * 4096 - 32 - len(slots)) // 16
    return head + slots + struct.pack("<4s3I", b"Slot", 0, 0, 0) * free + blobs


def bdb(rows, order="<", page_size=512):
    """A hash of Berkeley DB (db-5.3, dbinc/db_page.h): one pair a page, values in chains of overflow pages."""
    def page(number, following, entries, used, kind, body):
        head = struct.pack(order + "8x4I2H2B", number, 0, following, 0, 0, 0, 0, 0)[:20]
        return (head + struct.pack(order + "2H2B", entries, used, 0, kind) + body).ljust(page_size, b"\0")
    pages, room = [], page_size - 26
    for key, value in rows:
        number = len(pages) + 1
        chain = [value[i:i + room] for i in range(0, len(value), room)]
        item = struct.pack(order + "B3x2I", 3, number + 1, len(value))
        key_item = b"\1" + struct.pack(order + "I", key)
        at = page_size - len(key_item)
        body = struct.pack(order + "2H", at, at - len(item)).ljust(room - len(item) - len(key_item), b"\0") + item + key_item
        pages.append(page(number, 0, 2, 0, 13, body))
        for i, part in enumerate(chain):
            following = number + 2 + i if i + 1 < len(chain) else 0
            pages.append(page(number + 1 + i, following, 1, len(part), 7, part))
    meta = struct.pack(order + "8x4IBBBB2I", 0, 0x061561, 9, page_size, 0, 8, 0, 0, 0, len(pages))
    return b"".join([meta.ljust(page_size, b"\0")] + pages)
