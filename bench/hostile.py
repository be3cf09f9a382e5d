#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What inputs cost that are made to cost much: of each format's seeds, repeated without gap, with their magic every few bytes.

    hostile.py ASSAY SEEDS [--formats a,b] [--kinds head16,whole] [--mib N] [--each N] [--limit SECONDS] [--keep FOLDER]

SEEDS is what fuzz/seeds.sh writes. Each input is looked at once; its line has the seconds of a processor and the MiB of memory that
it took, and its exit code. What costs more than a second per MiB is measured once more with twice and four times the bytes: a line
that grows fourfold each time costs as the square of its length. It is a table to read, and no test."""
import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HEADS = (16, 64, 512, 4096)
GAPS = (4, 16, 64)
MAGIC = 8  # bytes of a beginning that are most often the magic


def fill(unit, size):
    return (unit * (size // len(unit) + 1))[:size] if unit else bytes(size)


def counted(head, size):
    """The header again and again, its last four bytes another number each time."""
    body = head[:-4] if len(head) > 8 else head
    return b"".join(body + i.to_bytes(4, "little") for i in range(size // (len(body) + 4) + 1))[:size]


def kinds(seed, other, size):
    """Names and makers of all inputs of one seed."""
    made = {"head%d" % n: lambda n=n: fill(seed[:n], size) for n in HEADS if n == HEADS[0] or len(seed) > n // 4}
    made["whole"] = lambda: fill(seed, size)
    made["behind"] = lambda: (seed + fill(seed[:64], size))[:max(size, len(seed))]
    for gap in GAPS:
        made["every%d" % gap] = lambda gap=gap: fill(seed[:min(gap, MAGIC)].ljust(gap, b"\0"), size)
    made["counted"] = lambda: counted(seed[:64], size)
    made["mixed"] = lambda: fill(seed[:64] + other[:64] + seed[:512] + other[:512], size)
    made["zeros"] = lambda: (seed + bytes(size))[:max(size, len(seed))]
    return made


def measure(assay, path, limit, extra=()):
    """Seconds of a processor, MiB, exit code of one run, with all the processes that it has."""
    folder = tempfile.mkdtemp(prefix="hostile.")
    command = [assay, path, "--quiet", "--without-feeds", "--without-measures", "-t", "1", "-o", folder + "/case", *extra]
    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limits)
    _, status, used = os.wait4(child.pid, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), time.monotonic() - begun


def seeds_of(folder, each):
    """The middle ones by size, which are neither bare headers nor large."""
    paths = sorted((os.path.getsize(p), p) for p in (os.path.join(folder, n) for n in os.listdir(folder)) if 64 <= os.path.getsize(p) <= 1 << 20)
    first = len(paths) // 2
    return [p for _, p in paths[first:first + each]] or [p for _, p in paths[:each]]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("assay")
    a.add_argument("seeds")
    a.add_argument("--formats")
    a.add_argument("--kinds")
    a.add_argument("--mib", type=float, default=1)
    a.add_argument("--each", type=int, default=1)
    a.add_argument("--limit", type=int, default=60)
    a.add_argument("--slow", type=float, default=1.0, help="seconds per MiB from which on growth is measured")
    a.add_argument("--keep", help="inputs that are slow are kept there")
    o = a.parse_args()
    names = o.formats.split(",") if o.formats else sorted(n[7:] for n in os.listdir(o.seeds) if n.startswith("format_"))
    wanted = set(o.kinds.split(",")) if o.kinds else None
    work = tempfile.mkdtemp(prefix="hostile.")
    other = b""
    print("format", "kind", "MiB", "seconds", "memory", "exit", "seed", sep="\t")
    for name in names:
        for path in seeds_of(os.path.join(o.seeds, "format_" + name), o.each):
            with open(path, "rb") as f:
                seed = f.read()
            for kind in kinds(seed, other or seed, 0):
                if wanted and kind not in wanted:
                    continue
                for times in 1, 2, 4:
                    size = int(o.mib * times * (1 << 20))
                    image = os.path.join(work, "%s-%s-%d" % (name, kind, size))
                    with open(image, "wb") as f:
                        f.write(kinds(seed, other or seed, size)[kind]())
                    seconds, memory, code, _ = measure(o.assay, image, o.limit)
                    print(name, kind, o.mib * times, "%.2f" % seconds, "%.0f" % memory, code, os.path.basename(path)[:12], sep="\t", flush=True)
                    slow = seconds > o.slow * o.mib * times or memory > 1024
                    if slow and o.keep:
                        shutil.move(image, o.keep)
                    else:
                        os.unlink(image)
                    if not slow or seconds >= o.limit:
                        break
            other = seed
    shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
