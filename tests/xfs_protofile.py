#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a tree as mkfs.xfs -p reads it (mkfs.xfs(8)): it knows neither hard links nor white space in names.

    xfs_protofile.py FOLDER > PROTOFILE
"""
import os
import stat
import sys


def describe(path, out):
    """A line for what is there, and for a folder those of what is in it."""
    s = os.lstat(path)
    kind = {stat.S_IFREG: b"-", stat.S_IFDIR: b"d", stat.S_IFLNK: b"l", stat.S_IFIFO: b"p", stat.S_IFCHR: b"c",
            stat.S_IFBLK: b"b"}[stat.S_IFMT(s.st_mode)]
    bits = (b"u" if s.st_mode & stat.S_ISUID else b"-") + (b"g" if s.st_mode & stat.S_ISGID else b"-")
    out.write(b"%s%s%03o %d %d" % (kind, bits, s.st_mode & 0o777, s.st_uid, s.st_gid))
    if kind == b"-":
        out.write(b" " + path)
    elif kind == b"l":
        out.write(b" " + os.readlink(path))
    elif kind in b"bc":
        out.write(b" %d %d" % (os.major(s.st_rdev), os.minor(s.st_rdev)))
    out.write(b"\n")
    if kind == b"d":
        for name in sorted(os.listdir(path)):
            out.write(name + b" ")
            describe(os.path.join(path, name), out)
        out.write(b"$\n")


sys.stdout.buffer.write(b"/dev/null\n0 0\n")
describe(os.fsencode(os.path.abspath(sys.argv[1])), sys.stdout.buffer)
