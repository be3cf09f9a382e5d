#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems and archives beside the extractors that Debian has for them, in turns on the same image of about 100 MB.

    filesystems.py ASSAY [--quick] [NAME...|all]   NAME: rows of FILESYSTEMS and of FURTHER; those of FILESYSTEMS by default

Four things are measured beside the extractor, which writes files and does nothing else:

    reader   bench_format: lists the image and reads or unpacks every byte of every file into memory
    extract  assay --extract-only: writes the same files, from a confined worker; nothing is assessed
    both     assay --extract: the whole assessment (digests, patterns, inspectors, verdicts), and the files are written
    assess   the whole assessment, nothing is written

Like is compared with like in the first two, which are all that FURTHER and --quick (three runs) measure: there 1.00 and less is as
fast or faster. All with one thread, as the extractors have; the parent of Assay's worker writes the files beside it, and those in
archives that are files, which the extractors leave packed. Of a compressed archive Assay writes what is in it, so its extractor is
one that does; what a bare stream gives is searched for what lies in it, which "extract" has and a decompressor has not; the reader
of an archive in a package (deb, rpm) tells it and leaves it packed. Given is the least of each over the runs, which take turns, and
the ratio of the least, of the time that passes and of processor time: the latter is what a busy machine still tells. Files go where
TMPDIR says: a folder in memory (/dev/shm) shows the programs, a disk rather its file system.
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

RUNS, QUICK_RUNS = 7, 3
WANTED = 100_000_000  # bytes of files

NTFS = ("truncate -s 200M {image} && mkntfs -q -F -f %s {image} 2> /dev/null && find {tree}/bin {tree}/sbin -maxdepth 1 -type f"
        " | while read -r f; do ntfscp -q -f {image} $f ${{f##*/}} 2> /dev/null; done; true")
FAT = "truncate -s 200M {image} && mkfs.vfat -F 32 -s 2 {image} && MTOOLS_SKIP_CHECK=1 mcopy -o -i {image} -s {tree}/* ::/"
SEVENZIP = "7z x -y -bd -mmt=1 -oout "
SQUASHFS = "mksquashfs %s {image} -quiet -no-progress -comp %s"
UNSQUASHFS = "unsquashfs -q -no-progress -p 1 -f -d out {image}"
XFS = (f"python3 {pathlib.Path(__file__).parents[1]}/tests/xfs_protofile.py {{tree}} > {{image}}.proto && "
       "truncate -s 320M {image} && mkfs.xfs -q -p {image}.proto {image}")
F2FS = "truncate -s 256M {image} && mkfs.f2fs -q {image} && sload.f2fs -f {tree} {image}"
BTRFS = "truncate -s 300M {image} && mkfs.btrfs -q --rootdir {tree} {image}"
TAR = "tar -C %s -c --sort=name . | %s > {image}"
CPIO = "cd %s && find . -type f | LC_ALL=C sort | cpio -o --quiet -H newc > {image}"
UNCPIO = "cpio -D out -i -d --quiet < {image}"
ZIP = "cd %s && zip -q -r {image}.zip . && mv {image}.zip {image}"
CAB = "cd {tree} && find . -type f | xargs gcab -c -n -z {image}"
RAR = "cd {tree} && rar a -idq -mt1 -r %s {image}.rar . && mv {image}.rar {image}" # rar 7 writes no version 4
UNRAR = "unrar x -idq -mt1 {image} out/"
ARJ = "cd {tree} && arj a -r -i {image}.arj && mv {image}.arj {image}"
STREAM = "find {tree} -type f | LC_ALL=C sort | xargs cat | %s > {image}"
# A disk with ext4 on it: converted by its own tool, then extracted.
DISK = "mke2fs -q -F -t ext4 -d {tree} {image}.raw 160M && %s"
QEMU_RAW = "qemu-img convert -O raw {image} raw && debugfs -R 'rdump / out' raw"
DEB = ("mkdir -p {image}.deb/DEBIAN && cp -r {tree} {image}.deb/files && printf 'Package: a\\nVersion: 1\\nArchitecture: all\\n"
       "Maintainer: a\\nDescription: a\\n' > {image}.deb/DEBIAN/control && dpkg-deb -Z%s -b {image}.deb {image}")
RPM = ("printf 'Name: a\\nVersion: 1\\nRelease: 1\\nSummary: a\\nLicense: a\\n%%%%description\\n%%%%install\\n"
       "cp -r {tree} %%%%{{buildroot}}/files\\n%%%%files\\n/files\\n' > {image}.spec && "
       "rpmbuild -bb --define '_topdir {image}.top' --define '_binary_payload %s' --define '__os_install_post %%{{nil}}'"
       " --define '__spec_install_post %%{{nil}}' --define '_build_id_links none' --define 'debug_package %%{{nil}}'"
       " --define 'AutoReqProv no' {image}.spec && mv {image}.top/RPMS/*/*.rpm {image}")
UNRPM = "rpm2cpio {image} | cpio -D out -i -d --quiet"

COPY = "cp -r {tree} out"
VOLUME = f"python3 {pathlib.Path(__file__).parent}/make_volume.py %s {{tree}} {{image}}"
# From within a disk that is both: what stands before the volume, whose header is 1024 bytes further on, is left out.
HFSPLUS = ("xorriso -as mkisofs -quiet -hfsplus -o {image}.iso {tree} && "
           "at=$(LC_ALL=C grep -aobP 'H\\+\\x00\\x04' {image}.iso | head -n 1 | cut -d : -f 1) && tail -c +$((at-1023)) {image}.iso > {image}")
UBI = ("mkfs.ubifs -m 2048 -e 126976 -c 2000 -x zlib -F -r {tree} -o {image}.ubifs && printf '[a]\nmode=ubi\nimage={image}.ubifs\nvol_id=0\n"
       "vol_type=dynamic\nvol_name=a\nvol_flags=autoresize\n' > {image}.ini && ubinize -m 2048 -p 128KiB -o {image} {image}.ini && "
       "tar -C {tree} -czf {image}.tgz .")

# A row for each image: its name and format, how it is made of {tree} (or of {small}, many small files), how the reference extracts it
# to the folder "out". A new file system is a new row.
FILESYSTEMS = [
    ("ext2-1k", "ext", "mke2fs -q -F -t ext2 -b 1024 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("ext4", "ext", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", "debugfs -R 'rdump / out' {image}"),
    ("xfs", "xfs", XFS, "cp {image} out/image"), # no package of Debian extracts it: the image is copied
    ("cramfs", "cramfs", "mkfs.cramfs {tree} {image}", "rmdir out && fsck.cramfs --extract=out {image}"),
    ("squashfs-xz", "squashfs", SQUASHFS % ("{tree}", "xz"), UNSQUASHFS),
    ("erofs-lz4", "erofs", "mkfs.erofs -zlz4 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("erofs-lz4hc-64k", "erofs", "mkfs.erofs -zlz4hc -C65536 {image} {tree}", "fsck.erofs --extract=out/files {image}"),
    ("fat32", "fat", FAT, "MTOOLS_SKIP_CHECK=1 mcopy -i {image} -s ::/ out"),
    ("ntfs", "ntfs", NTFS % "", SEVENZIP + "{image}"),
    ("ntfs-compressed", "ntfs", NTFS % "-C", SEVENZIP + "{image}"),
    ("iso9660", "iso9660", "genisoimage -quiet -R -o {image} {tree}", SEVENZIP + "{image}"),
    ("iso9660-bsdtar", "iso9660", "genisoimage -quiet -R -o {image} {tree}", "bsdtar -x -C out -f {image}"),
]
FURTHER = [
    ("ext4-7z", "ext", "mke2fs -q -F -t ext4 -d {tree} {image} 160M", SEVENZIP + "{image}"),
    ("fat32-7z", "fat", FAT, SEVENZIP + "{image}"),
    ("squashfs-gzip", "squashfs", SQUASHFS % ("{tree}", "gzip"), UNSQUASHFS),
    ("squashfs-lzo", "squashfs", SQUASHFS % ("{tree}", "lzo"), UNSQUASHFS),
    ("squashfs-lz4", "squashfs", SQUASHFS % ("{tree}", "lz4 -Xhc"), UNSQUASHFS),
    ("squashfs-zstd", "squashfs", SQUASHFS % ("{tree}", "zstd"), UNSQUASHFS),
    ("squashfs-lzma", "squashfs", SQUASHFS % ("{tree}", "lzma"), UNSQUASHFS),
    ("squashfs-xz-x86-1m", "squashfs", SQUASHFS % ("{tree}", "xz -b 1M -Xbcj x86"), UNSQUASHFS),
    ("squashfs-plain", "squashfs", SQUASHFS % ("{tree}", "gzip -noI -noD -noF -noX"), UNSQUASHFS),
    ("squashfs-small", "squashfs", SQUASHFS % ("{small}", "gzip"), UNSQUASHFS),
    ("squashfs-small-xz", "squashfs", SQUASHFS % ("{small}", "xz"), UNSQUASHFS),
    ("btrfs", "btrfs", BTRFS, "btrfs restore {image} out"),
    ("f2fs", "f2fs", F2FS, "cp {image} out/image"), # as XFS
    ("romfs", "romfs", "genromfs -d {tree} -f {image}", "cp {image} out/image"), # as XFS
    ("exfat", "exfat", VOLUME % "exfat", COPY), # no package of Debian extracts it: the files are copied
    ("minix", "minix", VOLUME % "minix", COPY), # no package of Debian extracts it: the files are copied
    ("qnx4", "qnx4", VOLUME % "qnx4", COPY), # no package of Debian extracts it: the files are copied
    ("yaffs", "yaffs", VOLUME % "yaffs", COPY), # no package of Debian extracts it: the files are copied
    ("ubi", "ubi", UBI, "tar -x -C out -f {image}.tgz"), # no package of Debian extracts it: the same files, packed as much
    ("hfsplus", "hfsplus", HFSPLUS, SEVENZIP + "{image}"),
    ("udf", "udf", "genisoimage -quiet -udf -o {image} {tree}", SEVENZIP + "-tudf {image}"),
    ("tar", "tar", TAR % ("{tree}", "cat"), "tar -x -C out -f {image}"),
    ("tar-small", "tar", TAR % ("{small}", "cat"), "tar -x -C out -f {image}"),
    ("tar.gz", "gzip", TAR % ("{tree}", "gzip"), "tar -x -C out -f {image}"),
    ("tar.gz-bsdtar", "gzip", TAR % ("{tree}", "gzip"), "bsdtar -x -C out -f {image}"),
    ("tar.xz", "xz", TAR % ("{tree}", "xz -T1"), "tar -x -C out -f {image}"),
    ("tar.zst", "zstd", TAR % ("{tree}", "zstd"), "tar -x -C out -f {image}"),
    ("tar.bz2", "bzip2", TAR % ("{tree}", "bzip2"), "tar -x -C out -f {image}"),
    ("tar.lz4", "lz4", TAR % ("{tree}", "lz4"), "bsdtar -x -C out -f {image}"),
    ("cpio", "cpio", CPIO % "{tree}", UNCPIO),
    ("cpio-bsdtar", "cpio", CPIO % "{tree}", "bsdtar -x -C out -f {image}"),
    ("cpio-small", "cpio", CPIO % "{small}", UNCPIO),
    ("zip", "zip", ZIP % "{tree}", "unzip -q {image} -d out"),
    ("zip-7z", "zip", ZIP % "{tree}", SEVENZIP + "{image}"),
    ("zip-small", "zip", ZIP % "{small}", "unzip -q {image} -d out"),
    ("7z", "7z", "cd {tree} && 7z a -bd -mmt=1 {image}.7z . && mv {image}.7z {image}", SEVENZIP + "{image}"),
    ("7z-ppmd", "7z", "cd {tree} && 7z a -bd -mmt=1 -m0=ppmd {image}.7z . && mv {image}.7z {image}", SEVENZIP + "{image}"),
    ("cab", "cab", CAB, "cabextract -q -d out {image}"),
    ("cab-7z", "cab", CAB, SEVENZIP + "{image}"),
    ("arj", "arj", ARJ, "cd out && cp {image} x.arj && arj x -i -y x.arj"),
    ("arj-7z", "arj", ARJ, SEVENZIP + "-tarj {image}"),
    ("lha", "lha", "cd {tree} && jlha aq {image}.lzh . && mv {image}.lzh {image}", "lhasa xqw=out {image}"),
    ("lha-7z", "lha", "cd {tree} && jlha aq {image}.lzh . && mv {image}.lzh {image}", SEVENZIP + "-tlzh {image}"),
    ("rar-plain", "rar", VOLUME % "rar", "unar -q -f -o out {image}"),
    ("rar-plain-7z", "rar", VOLUME % "rar", SEVENZIP + "-trar5 {image}"),
    ("rar5", "rar", RAR % "-ma5 -m3", UNRAR),
    ("rar5-7z", "rar", RAR % "-ma5 -m3", SEVENZIP + "-trar5 {image}"),
    ("rar5-solid", "rar", RAR % "-ma5 -m3 -s", UNRAR),
    ("rar5-blake", "rar", RAR % "-ma5 -m1 -htb", UNRAR),
    ("rar4", "rar", RAR % "-ma4 -m3", UNRAR),
    ("rar4-ppmd", "rar", RAR % "-ma4 -m5 -mct+", UNRAR),
    ("ar", "ar", "find {tree} -type f | xargs ar qc {image}", "ar x --output out {image}"),
    ("deb-xz", "deb", DEB % "xz", "dpkg-deb -x {image} out"),
    ("deb-zstd", "deb", DEB % "zstd", "dpkg-deb -x {image} out"),
    ("rpm-zstd", "rpm", RPM % "w3.zstdio", UNRPM),
    ("rpm-xz", "rpm", RPM % "w2.xzdio", UNRPM),
    ("qcow2", "qcow2", DISK % "qemu-img convert -O qcow2 {image}.raw {image}", QEMU_RAW),
    ("qcow2-zlib", "qcow2", DISK % "qemu-img convert -c -O qcow2 {image}.raw {image}", QEMU_RAW),
    ("vmdk", "vmdk", DISK % "qemu-img convert -O vmdk {image}.raw {image}", QEMU_RAW),
    ("vmdk-stream", "vmdk", DISK % "qemu-img convert -O vmdk -o subformat=streamOptimized {image}.raw {image}", QEMU_RAW),
    ("vdi", "vdi", DISK % "qemu-img convert -O vdi {image}.raw {image}", QEMU_RAW),
    ("vhdx", "vhdx", DISK % "qemu-img convert -O vhdx {image}.raw {image}", QEMU_RAW),
    ("android-sparse", "android_sparse", DISK % "img2simg {image}.raw {image}", "simg2img {image} raw && debugfs -R 'rdump / out' raw"),
    ("gzip", "gzip", STREAM % "gzip", "gzip -dc {image} > out/file"),
    ("gzip-7z", "gzip", STREAM % "gzip", SEVENZIP + "-tgzip {image}"),
    ("xz", "xz", STREAM % "xz -T1", "xz -dc -T1 {image} > out/file"),
    ("xz-7z", "xz", STREAM % "xz -T1", SEVENZIP + "-txz {image}"),
    ("lzma", "lzma", STREAM % "xz --format=lzma", "xz --format=lzma -dc {image} > out/file"),
    ("zstd", "zstd", STREAM % "zstd", "zstd -q -dc {image} > out/file"),
    ("lz4", "lz4", STREAM % "lz4", "lz4 -dc {image} > out/file"),
    ("lz4-legacy", "lz4_legacy", STREAM % "lz4 -l", "lz4 -dc {image} > out/file"),
    ("lzop", "lzop", STREAM % "lzop", "lzop -dc {image} > out/file"),
    ("lzip", "lzip", STREAM % "lzip", "lzip -dc {image} > out/file"),
    ("bzip2", "bzip2", STREAM % "bzip2", "bzip2 -dc {image} > out/file"),
    ("bzip2-7z", "bzip2", STREAM % "bzip2", SEVENZIP + "-tbzip2 {image}"),
    ("compress", "compress", STREAM % "compress", "gzip -dc {image} > out/file"),
]
# Beginnings of commands that are no programs.
SHELL = {"cd", "do", "done", "true", "while"}


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


def programs_of(command):
    """The programs that a line of the shell starts."""
    parts = (part.split() for part in re.split(r"&&|[|;]", re.sub(r"'[^']*'", "TEXT", command)))
    words = (next((w for w in part if "=" not in w or w.startswith("-")), None) for part in parts)
    return [w for w in dict.fromkeys(words) if w and w not in SHELL]


def compare(assay, name, kind, image, reference, runs, only_writing):
    """The reference is a line of the shell, with all its places filled in."""
    options = f"{image} -q -o case.assay --threads 1"
    commands = {
        "reference": reference,
        "reader": f"{os.path.dirname(assay)}/bench_format {kind} {image}",
        "extract": f"{assay} {image} -q --threads 1 --extract-only files",
    }
    if not only_writing:
        commands |= {"both": f"{assay} {options} --extract files", "assess": f"{assay} {options}"}
    times = {key: [] for key in commands}
    for _ in range(runs):
        for key, command in commands.items():
            times[key].append(timed(command))
    print(f"{name}: {', '.join(programs_of(reference))}", end="")
    for key, of in times.items():
        seconds, cpu = (min(t[i] for t in of) for i in range(2))
        ratios = [min(t[i] for t in of) / min(t[i] for t in times["reference"]) for i in range(2)]
        label = "" if key == "reference" else f"  {key + ':':9}"
        compared = "" if key == "reference" else f"  ratio {ratios[0]:.2f}, of processor time {ratios[1]:.2f}"
        print(f"{label} {seconds:.3f} s ({cpu:.3f} s of a processor){compared}", flush=True)


def main():
    assay, wanted = os.path.abspath(sys.argv[1]), [a for a in sys.argv[2:] if a != "--quick"]
    quick = "--quick" in sys.argv[2:]
    rows = FILESYSTEMS + FURTHER if wanted else FILESYSTEMS
    unknown = set(wanted) - {row[0] for row in rows} - {"all"}
    if unknown:
        sys.exit(f"filesystems.py: no rows of such names: {', '.join(sorted(unknown))}")
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        tree, small = pathlib.Path(folder) / "tree", pathlib.Path(folder) / "small"
        size = make_tree(tree)
        make_small(small)
        print(f"{size / 1e6:.1f} MB of files; {os.cpu_count()} processors; files go to {tempfile.gettempdir()}", flush=True)
        for row in rows:
            name, kind, make, reference = row
            if wanted and name not in wanted and "all" not in wanted:
                continue
            missing = sorted({p for p in programs_of(make) + programs_of(reference) if not shutil.which(p)})
            if missing:
                print(f"{name}: skipped, not installed: {', '.join(missing)}")
                continue
            for path in pathlib.Path(folder).glob("image*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            image = os.path.join(folder, "image")
            subprocess.run(make.format(tree=tree, small=small, image=image), shell=True, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            filled = reference.format(image=image, tree=tree)
            compare(assay, name, kind, image, filled, QUICK_RUNS if quick else RUNS, quick or row in FURTHER)


main()
