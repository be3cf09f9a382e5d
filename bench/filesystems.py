#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems beside the extractors that Debian has for them, in turns on the same image of about 100 MB.

    filesystems.py ASSAY [NAME...]        NAME: rows of FILESYSTEMS; all by default

Four things are measured beside the extractor, which writes files and does nothing else:

    reader   bench_format: lists the image and reads every byte of every file into memory
    extract  assay --extract-only: writes the same files, from a confined worker; nothing is assessed
    both     assay --extract: the whole assessment (digests, patterns, inspectors, verdicts), and the files are written
    assess   the whole assessment, nothing is written

Like is compared with like in the first two: there 1.00 and less is as fast or faster. All with one thread, as the extractors
have; the parent of Assay's worker writes the files beside it, and those in archives that are files, which the extractors leave
packed. Given is the least of each over the runs, which take turns, and the ratio of the least, of the time that passes and of
processor time: the latter is what a busy machine still tells. Files go where TMPDIR says: a folder in memory (/dev/shm) shows the
programs, a disk rather its file system.
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

RUNS = 7
WANTED = 100_000_000  # bytes of files

NTFS = ("truncate -s 200M {image} && mkntfs -q -F -f %s {image} 2> /dev/null && find {tree}/bin {tree}/sbin -maxdepth 1 -type f"
        " | while read -r f; do ntfscp -q -f {image} $f ${{f##*/}} 2> /dev/null; done; true")
FAT = "truncate -s 200M {image} && mkfs.vfat -F 32 -s 2 {image} && MTOOLS_SKIP_CHECK=1 mcopy -o -i {image} -s {tree}/* ::/"
XFS = (f"python3 {pathlib.Path(__file__).parents[1]}/tests/xfs_protofile.py {{tree}} > {{image}}.proto && "
       "truncate -s 320M {image} && mkfs.xfs -q -p {image}.proto {image}")

# A row for each image: its name and format, how it is made of {tree}, how the reference extracts it to the folder "out". A new
# file system is a new row.
FILESYSTEMS = [
    ("ext2-1k", "ext", "mke2fs -q -F -t ext2 -b 1024 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("ext4", "ext", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("xfs", "xfs", XFS, "cp {image} out/image"), # no package of Debian extracts it: the image is copied
    ("cramfs", "cramfs", "mkfs.cramfs {tree} {image}", "rmdir out && fsck.cramfs --extract=out {image}"),
    ("squashfs-xz", "squashfs", "mksquashfs {tree} {image} -quiet -no-progress -comp xz",
     "unsquashfs -q -no-progress -p 1 -f -d out {image}"),
    ("erofs-lz4", "erofs", "mkfs.erofs -zlz4 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("erofs-lz4hc-64k", "erofs", "mkfs.erofs -zlz4hc -C65536 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("fat32", "fat", FAT, "MTOOLS_SKIP_CHECK=1 mcopy -i {image} -s ::/ out"),
    ("ntfs", "ntfs", NTFS % "", "7z x -y -bd -oout {image}"),
    ("ntfs-compressed", "ntfs", NTFS % "-C", "7z x -y -bd -oout {image}"),
    ("iso9660", "iso9660", "genisoimage -quiet -R -o {image} {tree}", "7z x -y -bd -oout {image}"),
    ("iso9660-bsdtar", "iso9660", "genisoimage -quiet -R -o {image} {tree}", "bsdtar -x -C out -f {image}"),
]


def make_tree(folder):
    """This machine's own programs, many small files, a few large ones. No two names differ in case alone."""
    size, seen = 0, set()
    for base in ("/usr/bin", "/usr/sbin", f"/usr/lib/{os.uname().machine}-linux-gnu", "/usr/include", "/usr/share/doc"):
        for path in sorted(p for p in pathlib.Path(base).rglob("*") if p.is_file() and not p.is_symlink()):
            if size > WANTED or path.stat().st_size > 15_000_000 or str(path).lower() in seen:
                continue
            if base == "/usr/bin" and size > WANTED // 2:
                break
            seen.add(str(path).lower())
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


def tool_of(command):
    return next(word for word in command.split("&& ")[-1].split() if "=" not in word)


def compare(assay, name, kind, image, reference):
    options = f"{image} -q -o case.assay --threads 1"
    commands = {
        "reference": reference.format(image=image),
        "reader": f"{os.path.dirname(assay)}/bench_format {kind} {image}",
        "extract": f"{assay} {image} -q --threads 1 --extract-only files",
        "both": f"{assay} {options} --extract files",
        "assess": f"{assay} {options}",
    }
    times = {key: [] for key in commands}
    for _ in range(RUNS):
        for key, command in commands.items():
            times[key].append(timed(command))
    print(f"{name}: {tool_of(reference)}", end="")
    for key, of in times.items():
        seconds, cpu = (min(t[i] for t in of) for i in range(2))
        ratios = [min(t[i] for t in of) / min(t[i] for t in times["reference"]) for i in range(2)]
        label = "" if key == "reference" else f"  {key + ':':9}"
        compared = "" if key == "reference" else f"  ratio {ratios[0]:.2f}, of processor time {ratios[1]:.2f}"
        print(f"{label} {seconds:.3f} s ({cpu:.3f} s of a processor){compared}")


def main():
    assay, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        tree = pathlib.Path(folder) / "tree"
        size = make_tree(tree)
        print(f"{size / 1e6:.1f} MB of files; {os.cpu_count()} processors; files go to {tempfile.gettempdir()}")
        for name, kind, make, reference in FILESYSTEMS:
            if wanted and name not in wanted:
                continue
            maker = "mkntfs" if kind == "ntfs" else "mkfs.xfs" if kind == "xfs" else "mkfs.vfat" if kind == "fat" else make.split()[0]
            if not shutil.which(maker) or not shutil.which(tool_of(reference)):
                print(f"{name}: skipped, {maker} or {tool_of(reference)} is not installed")
                continue
            image = os.path.join(folder, "image")
            pathlib.Path(image).unlink(missing_ok=True)
            subprocess.run(make.format(tree=tree, image=image), shell=True, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            compare(assay, name, kind, image, reference)


main()
