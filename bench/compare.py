#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full assessment beside unsquashfs alone, and beside the pipeline of Debian's tools, in turns on the same image.

    compare.py ASSAY IMAGE

Machines are noisy: what counts is the ratio of the medians of runs that alternate, and where others use the machine, of
processor time rather than of the clock. Also the peak memory of all processes, and what the smallest input costs.
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

RUNS = 7
# The numbers of the products that this user assessed before would be compared with: none are.
HOME = tempfile.TemporaryDirectory(prefix="assay-bench-home-")
os.environ["XDG_DATA_HOME"] = HOME.name


def timed(command, folder):
    """Seconds by the clock, seconds of a processor, and the exit code."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    p = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, p.returncode


def alternate(commands, runs):
    """Of each command, run in turns, each in a fresh folder: median and least seconds, median seconds of a processor."""
    seconds = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
                t, cpu, code = timed(command, folder)
                if code not in (0, 1):
                    sys.exit(f"compare.py: {name} ended with {code}: {' '.join(command)}")
                seconds[name].append((t, cpu))
    return {name: (statistics.median(t for t, _ in v), min(v)[0], statistics.median(cpu for _, cpu in v))
            for name, v in seconds.items()}


def peak_memory(command):
    """Peak resident memory of the largest process, in bytes."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        pid = os.fork()
        if pid == 0:
            os.chdir(folder)
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1)
            os.execv(command[0], command)
        _, _, usage = os.wait4(pid, 0)
    return max(usage.ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


def pipeline(image):
    """What is done by hand today: scan, unpack, check hardening, look for strings."""
    steps = [f"binwalk '{image}' > scan.txt", f"unsquashfs -q -n -d root '{image}' > /dev/null",
             "checksec --dir=root --output=csv > hardening.csv" if shutil.which("checksec") else "hardening-check root/usr/bin/* > hardening.txt",
             "find root -type f -exec strings -n 6 {} + | grep -E 'PRIVATE KEY|password|BusyBox v|OpenSSL [0-9]|http://' > strings.txt"]
    return ["sh", "-c", "; ".join(steps) + "; true"]


def main():
    assay, image = (os.path.abspath(a) for a in sys.argv[1:3])
    size = pathlib.Path(image).stat().st_size
    print(f"image: {size / 1e6:.1f} MB; {os.cpu_count()} processors")
    for threads in sorted({1, 2, os.cpu_count()}):
        commands = {
            "unsquashfs": ["unsquashfs", "-q", "-n", "-p", str(threads), "-d", "root", image],
            "assay": [assay, image, "-q", "-o", "case.assay", "--threads", str(threads)],
        }
        t = alternate(commands, RUNS)
        print(f"{threads} thread{'s' if threads > 1 else ''}: assay {t['assay'][0]:.3f} s, unsquashfs alone {t['unsquashfs'][0]:.3f} s,"
              f" ratio {t['assay'][0] / t['unsquashfs'][0]:.2f} (of the best runs {t['assay'][1] / t['unsquashfs'][1]:.2f},"
              f" of processor time {t['assay'][2] / t['unsquashfs'][2]:.2f})")
    memory = peak_memory([assay, image, "-q", "-o", "case.assay"])
    print(f"peak memory: {memory / 2**20:.0f} MiB, of which the mapped input {size / 2**20:.0f} MiB")
    with tempfile.NamedTemporaryFile() as tiny:
        tiny.write(b"a" * 4096)
        tiny.flush()
        t = alternate({"tiny": [assay, tiny.name, "-q", "-o", "case.assay"]}, RUNS)
    print(f"a file of 4 KiB: {t['tiny'][2]:.3f} s of a processor")
    if shutil.which("binwalk"):
        t = alternate({"pipeline": pipeline(image), "assay": [assay, image, "-q", "-o", "case.assay"]}, 1)
        print(f"pipeline of binwalk, unsquashfs, checksec, strings: {t['pipeline'][0]:.1f} s, assay {t['assay'][0]:.3f} s:"
              f" {t['pipeline'][0] / t['assay'][0]:.0f} times faster")


main()
