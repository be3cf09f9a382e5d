#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems beside the extractors that Debian has for them, in turns on the same image of about 100 MB.

    filesystems.py ASSAY [NAME...]        NAME: rows of FILESYSTEMS; all by default

The extractor only writes files; Assay also hashes, scans and judges them. What counts is the ratio of the medians of runs that
alternate; 1.00 and less is as fast or faster, with one thread as the extractors have.
"""
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5
WANTED = 100_000_000  # bytes of files

# A row for each image: its name, how it is made of {tree}, how the reference extracts it to the folder "out". A new file system is
# a new row.
FILESYSTEMS = [
    ("ext2-1k", "mke2fs -q -F -t ext2 -b 1024 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("ext4", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("cramfs", "mkfs.cramfs {tree} {image}", "rmdir out && fsck.cramfs --extract=out {image}"),
]


def make_tree(folder):
    """This machine's own programs, many small files, a few large ones."""
    size = 0
    for base in ("/usr/bin", "/usr/sbin", f"/usr/lib/{os.uname().machine}-linux-gnu", "/usr/include", "/usr/share/doc"):
        for path in sorted(p for p in pathlib.Path(base).rglob("*") if p.is_file() and not p.is_symlink()):
            if size > WANTED or path.stat().st_size > 15_000_000:
                continue
            if base == "/usr/bin" and size > WANTED // 2:
                break
            target = folder / path.relative_to("/usr")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            size += path.stat().st_size
    return size


def timed(command):
    """Seconds and processor seconds that a command takes in a fresh folder with an empty "out" in it."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        os.mkdir(os.path.join(folder, "out"))
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        p = subprocess.run(command, shell=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if p.returncode not in (0, 1):
            sys.exit(f"filesystems.py: this ended with {p.returncode}: {command}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(assay, name, image, reference):
    commands = {
        "reference": reference.format(image=image),
        "assess": f"{assay} {image} -q -o case.assay --threads 1",
        "extract": f"{assay} {image} -q -o case.assay --threads 1 --extract files",
    }
    seconds = {key: [] for key in commands}
    for _ in range(RUNS):
        for key, command in commands.items():
            seconds[key].append(timed(command))
    t, cpu = ({key: statistics.median(s[i] for s in v) for key, v in seconds.items()} for i in range(2))
    tool = reference.split("&& ")[-1].split()[0]
    print(f"{name}: {tool} {t['reference']:.3f} s ({cpu['reference']:.3f} s of a processor)")
    for key in ("assess", "extract"):
        print(f"  assay, {key}: {t[key]:.3f} s, ratio {t[key] / t['reference']:.2f}"
              f" ({cpu[key]:.3f} s of a processor, ratio {cpu[key] / cpu['reference']:.2f})")


def main():
    assay, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        tree = pathlib.Path(folder) / "tree"
        size = make_tree(tree)
        print(f"{size / 1e6:.1f} MB of files; {os.cpu_count()} processors")
        for name, make, reference in FILESYSTEMS:
            tool = reference.split("&& ")[-1].split()[0]
            if wanted and name not in wanted:
                continue
            if not shutil.which(make.split()[0]) or not shutil.which(tool):
                print(f"{name}: skipped, {make.split()[0]} or {tool} is not installed")
                continue
            image = os.path.join(folder, "image")
            pathlib.Path(image).unlink(missing_ok=True)
            subprocess.run(make.format(tree=tree, image=image), shell=True, check=True, stdout=subprocess.DEVNULL)
            compare(assay, name, image, reference)


main()
