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
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

RUNS = int(os.environ.get("RUNS", 7))
ONLY = os.environ.get("ONLY", "")
WANTED = int(os.environ.get("WANTED", 100_000_000))  # bytes of files

NTFS = ("truncate -s 200M {image} && mkntfs -q -F -f %s {image} 2> /dev/null && find {tree}/bin {tree}/sbin -maxdepth 1 -type f"
        " | while read -r f; do ntfscp -q -f {image} $f ${{f##*/}} 2> /dev/null; done; true")
FAT = "truncate -s 200M {image} && mkfs.vfat -F 32 -s 2 {image} && MTOOLS_SKIP_CHECK=1 mcopy -o -i {image} -s {tree}/* ::/"
SQUASHFS = "mksquashfs {tree} {image} -quiet -no-progress -processors 1 -comp "
UNSQUASHFS = "unsquashfs -q -no-progress -p 1 -f -d out {image}"
SEVENZIP = "7z x -y -bd -mmt=1 -oout {image}"
EXT4 = "rm -f {image}.raw && mke2fs -q -F -t ext4 -d {tree} {image}.raw 160M"
CPIO = "cd {tree} && find . -type f | LC_ALL=C sort | cpio -o --quiet -H newc"
TAR = "tar -C {tree} -c --sort=name ."
BLOB = "find {tree} -type f | LC_ALL=C sort | xargs cat"
TREE_F2FS = "truncate -s 256M {image} && mkfs.f2fs -q %s {image} && sload.f2fs %s -f {tree} {image}"
BTRFS = "truncate -s 300M {image} && mkfs.btrfs -q --rootdir {tree} {image}"
RPM = ("printf 'Name: a\nVersion: 1\nRelease: 1\nSummary: a\nLicense: a\n%%description\n%%install\ncp -r {tree} %%{{buildroot}}/files\n%%files\n/files\n'"
       " > {image}.spec && rpmbuild -bb --define '_topdir {image}.top' --define '_binary_payload %s' --define '__os_install_post %%{{nil}}'"
       " --define '_build_id_links none' --define '__spec_install_post %%{{nil}}' --define 'debug_package %%{{nil}}' --define 'AutoReqProv no' {image}.spec &&"
       " mv {image}.top/RPMS/*/*.rpm {image}")
XFS = (f"python3 {pathlib.Path(__file__).parents[1]}/tests/xfs_protofile.py {{tree}} > {{image}}.proto && "
       "truncate -s 320M {image} && mkfs.xfs -q -p {image}.proto {image}")

# A row for each image: its name and format, how it is made of {tree}, how the reference extracts it to the folder "out". A new
# file system is a new row.
FILESYSTEMS = [
    ("squashfs-gzip", "squashfs", SQUASHFS + "gzip", UNSQUASHFS),
    ("squashfs-gzip-1m", "squashfs", SQUASHFS + "gzip -b 1M", UNSQUASHFS),
    ("squashfs-xz", "squashfs", SQUASHFS + "xz", UNSQUASHFS),
    ("squashfs-xz-x86-1m", "squashfs", SQUASHFS + "xz -b 1M -Xbcj x86", UNSQUASHFS),
    ("squashfs-lzma", "squashfs", SQUASHFS + "lzma", UNSQUASHFS),
    ("squashfs-lzo", "squashfs", SQUASHFS + "lzo", UNSQUASHFS),
    ("squashfs-lz4", "squashfs", SQUASHFS + "lz4 -Xhc", UNSQUASHFS),
    ("squashfs-zstd", "squashfs", SQUASHFS + "zstd", UNSQUASHFS),
    ("squashfs-plain", "squashfs", SQUASHFS + "gzip -noI -noD -noF -noX", UNSQUASHFS),
    ("squashfs-small", "squashfs", SQUASHFS.replace("{tree}", "{small}") + "gzip", UNSQUASHFS),
    ("squashfs-small-xz", "squashfs", SQUASHFS.replace("{tree}", "{small}") + "xz", UNSQUASHFS),
    ("tar", "tar", TAR + " > {image}", "tar -x -C out -f {image}"),
    ("tar-small", "tar", TAR.replace("{tree}", "{small}") + " > {image}", "tar -x -C out -f {image}"),
    ("tar.gz", "gzip", TAR + " | gzip > {image}", "tar -x -C out -f {image}"),
    ("tar.gz-bsdtar", "gzip", TAR + " | gzip > {image}", "bsdtar -x -C out -f {image}"),
    ("tar.xz", "xz", TAR + " | xz -T1 > {image}", "tar -x -C out -f {image}"),
    ("tar.zst", "zstd", TAR + " | zstd > {image}", "tar -x -C out -f {image}"),
    ("tar.bz2", "bzip2", TAR + " | bzip2 > {image}", "tar -x -C out -f {image}"),
    ("tar.lz4", "lz4", TAR + " | lz4 > {image}", "bsdtar -x -C out -f {image}"),
    ("gzip", "gzip", BLOB + " | gzip > {image}", "gzip -dc {image} > out/file"),
    ("gzip-7z", "gzip", BLOB + " | gzip > {image}", "7z x -y -bd -tgzip -oout {image}"),
    ("xz", "xz", BLOB + " | xz -T1 > {image}", "xz -dc -T1 {image} > out/file"),
    ("xz-crc32", "xz", BLOB + " | xz --check=crc32 -T1 > {image}", "xz -dc -T1 {image} > out/file"),
    ("xz-7z", "xz", BLOB + " | xz -T1 > {image}", "7z x -y -bd -mmt=1 -txz -oout {image}"),
    ("lzma", "lzma", BLOB + " | xz --format=lzma > {image}", "xz --format=lzma -dc {image} > out/file"),
    ("zstd", "zstd", BLOB + " | zstd > {image}", "zstd -q -dc {image} > out/file"),
    ("zstd-19", "zstd", BLOB + " | zstd -19 > {image}", "zstd -q -dc {image} > out/file"),
    ("bzip2", "bzip2", BLOB + " | bzip2 > {image}", "bzip2 -dc {image} > out/file"),
    ("bzip2-7z", "bzip2", BLOB + " | bzip2 > {image}", "7z x -y -bd -mmt=1 -tbzip2 -oout {image}"),
    ("lz4", "lz4", BLOB + " | lz4 > {image}", "lz4 -dc {image} > out/file"),
    ("lz4-legacy", "lz4_legacy", BLOB + " | lz4 -l > {image}", "lz4 -dc {image} > out/file"),
    ("lzop", "lzop", BLOB + " | lzop > {image}", "lzop -dc {image} > out/file"),
    ("lzip", "lzip", BLOB + " | lzip > {image}", "lzip -dc {image} > out/file"),
    ("compress", "compress", BLOB + " | compress > {image}", "gzip -dc {image} > out/file"),
    ("brotli", "brotli", BLOB + " | brotli -q 5 > {image}.br && mv {image}.br {image}", "brotli -dc {image} > out/file"),
    ("cpio", "cpio", CPIO + " > {image}", "cd out && cpio -i -d --quiet < {image}"),
    ("cpio-bsdtar", "cpio", CPIO + " > {image}", "bsdtar -x -C out -f {image}"),
    ("cpio-small", "cpio", CPIO.replace("{tree}", "{small}") + " > {image}", "cd out && cpio -i -d --quiet < {image}"),
    ("zip", "zip", "cd {tree} && zip -q -r {image}.zip . && mv {image}.zip {image}", "unzip -q {image} -d out"),
    ("zip-7z", "zip", "cd {tree} && zip -q -r {image}.zip . && mv {image}.zip {image}", SEVENZIP),
    ("zip-small", "zip", "cd {small} && zip -q -r {image}.zip . && mv {image}.zip {image}", "unzip -q {image} -d out"),
    ("ext2-1k", "ext", "mke2fs -q -F -t ext2 -b 1024 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("ext4", "ext", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("ext4-7z", "ext", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", SEVENZIP),
    ("xfs", "xfs", XFS, "cp {image} out/image"), # no package of Debian extracts it: the image is copied
    ("btrfs", "btrfs", BTRFS, "btrfs restore {image} out"),
    ("f2fs", "f2fs", TREE_F2FS % ("", ""), "cp {image} out/image"), # as XFS
    ("f2fs-lz4", "f2fs", TREE_F2FS % ("-O extra_attr,compression", "-c"), "cp {image} out/image"),
    ("cramfs", "cramfs", "mkfs.cramfs {tree} {image}", "rmdir out && fsck.cramfs --extract=out {image}"),
    ("romfs", "romfs", "genromfs -d {tree} -f {image}", "cp {image} out/image"), # as XFS
    ("erofs-lz4", "erofs", "mkfs.erofs -zlz4 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("erofs-lz4hc-64k", "erofs", "mkfs.erofs -zlz4hc -C65536 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("fat32", "fat", FAT, "MTOOLS_SKIP_CHECK=1 mcopy -i {image} -s ::/ out"),
    ("fat32-7z", "fat", FAT, SEVENZIP),
    ("ntfs", "ntfs", NTFS % "", SEVENZIP),
    ("ntfs-compressed", "ntfs", NTFS % "-C", SEVENZIP),
    ("iso9660", "iso9660", "genisoimage -quiet -R -o {image} {tree}", SEVENZIP),
    ("iso9660-bsdtar", "iso9660", "genisoimage -quiet -R -o {image} {tree}", "bsdtar -x -C out -f {image}"),
    ("udf", "udf", "genisoimage -quiet -udf -o {image} {tree}", "7z x -y -bd -tudf -oout {image}"),
    ("7z", "7z", "cd {tree} && 7z a -bd -mmt=1 {image}.7z . && mv {image}.7z {image}", SEVENZIP),
    ("7z-ppmd", "7z", "cd {tree} && 7z a -bd -mmt=1 -m0=ppmd {image}.7z . && mv {image}.7z {image}", SEVENZIP),
    ("cab", "cab", "cd {tree} && find . -type f | xargs gcab -c -n -z {image}", "cabextract -q -d out {image}"),
    ("cab-7z", "cab", "cd {tree} && find . -type f | xargs gcab -c -n -z {image}", SEVENZIP),
    ("arj", "arj", "cd {tree} && arj a -r -i {image}.arj && mv {image}.arj {image}", "cp {image} out/x.arj && cd out && arj x -i -y x.arj"),
    ("arj-7z", "arj", "cd {tree} && arj a -r -i {image}.arj && mv {image}.arj {image}", "7z x -y -bd -tarj -oout {image}"),
    ("rpm-zstd", "rpm", RPM % "w3.zstdio", "rpm2cpio {image} | (cd out && cpio -i -d --quiet)"),
    ("rpm-xz", "rpm", RPM % "w2.xzdio", "rpm2cpio {image} | (cd out && cpio -i -d --quiet)"),
    ("deb-xz", "deb", "mkdir -p {image}.deb/DEBIAN && cp -r {tree} {image}.deb/files && printf 'Package: a\nVersion: 1\nArchitecture: all\n"
     "Maintainer: a\nDescription: a\n' > {image}.deb/DEBIAN/control && dpkg-deb -b {image}.deb {image}", "dpkg-deb -x {image} out"),
    ("ar", "ar", "find {tree} -type f | xargs ar qc {image}", "cd out && ar x {image}"),
    ("qcow2", "qcow2", EXT4 + " && qemu-img convert -O qcow2 {image}.raw {image}", "qemu-img convert -O raw {image} out/raw"),
    ("qcow2-zlib", "qcow2", EXT4 + " && qemu-img convert -c -O qcow2 {image}.raw {image}", "qemu-img convert -O raw {image} out/raw"),
    ("vmdk", "vmdk", EXT4 + " && qemu-img convert -O vmdk {image}.raw {image}", "qemu-img convert -O raw {image} out/raw"),
    ("vmdk-stream", "vmdk", EXT4 + " && qemu-img convert -O vmdk -o subformat=streamOptimized {image}.raw {image}",
     "qemu-img convert -O raw {image} out/raw"),
    ("vdi", "vdi", EXT4 + " && qemu-img convert -O vdi {image}.raw {image}", "qemu-img convert -O raw {image} out/raw"),
    ("vhdx", "vhdx", EXT4 + " && qemu-img convert -O vhdx {image}.raw {image}", "qemu-img convert -O raw {image} out/raw"),
    ("android-sparse", "android_sparse", EXT4 + " && img2simg {image}.raw {image}", "simg2img {image} out/raw"),
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


def make_small(folder):
    """Many files of a few hundred bytes, in many folders."""
    for i in range(20000):
        target = folder / f"d{i // 200}" / f"file{i}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(f"{(i * 7919 + k * 104729) % 1000003} of what is here {k}\n" for k in range(5 + i % 20)))


def tool_of(command):
    return next(word for word in command.split("&& ")[-1].split() if "=" not in word)


def words_of(command):
    """The programs that a line of the shell names."""
    parts = (part.split() for part in re.split(r"&&|[|;(]", command))
    words = {next((w for w in p if "=" not in w or "{" in w), None) for p in parts}
    return {w for w in words if w and w not in {"cd", "do", "done", "true", "while", "xargs"} and not w.startswith("{")}


def compare(assay, name, kind, image, reference):
    options = f"{image} -q -o case.assay --threads 1"
    commands = {
        "reference": reference.format(image=image),
        "reader": f"{os.path.dirname(assay)}/bench_format {kind} {image}",
        "extract": f"{assay} {image} -q --threads 1 --extract-only files",
        "both": f"{assay} {options} --extract files",
        "assess": f"{assay} {options}",
    }
    if ONLY:
        commands = {key: c for key, c in commands.items() if key in ["reference"] + ONLY.split(",")}
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
        small = pathlib.Path(folder) / "small"
        make_small(small)
        print(f"{size / 1e6:.1f} MB of files; {os.cpu_count()} processors; files go to {tempfile.gettempdir()}")
        for name, kind, make, reference in FILESYSTEMS:
            if wanted and name not in wanted:
                continue
            missing = sorted(w for w in words_of(make) | words_of(reference) if not shutil.which(w))
            if missing:
                print(f"{name}: skipped, not installed: {', '.join(missing)}")
                continue
            image = os.path.join(folder, "image")
            kept = pathlib.Path(os.environ.get("IMAGES", "/nonexistent")) / name
            if kept.exists():
                compare(assay, name, kind, str(kept), reference)
                continue
            for path in pathlib.Path(folder).glob("image*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            p = subprocess.run(make.format(tree=tree, small=small, image=image), shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if p.returncode:
                print(f"{name}: {p.stderr.decode()[-300:]}")
                continue
            if kept.parent.is_dir():
                shutil.copy(image, kept)
            compare(assay, name, kind, image, reference)


main()
