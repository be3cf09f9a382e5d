#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two builds of Assay in turns on the same inputs: the ratio of the processor time that they take, A over B, pair by pair.

    paired.py A B [--pairs N] [--only] INPUT...    A and B: programs; --only: with --extract-only, else the whole assessment

With one thread. A machine that others keep busy makes single runs useless and ratios within a pair less so: given are the median of the
ratios, the quartiles, and the ratio of the least times of both; then the same of what is spent outside of the kernel, as what fresh
memory costs there changes several times over in a virtual machine. A folder as INPUT is taken as such.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile


def seconds(program, source, only):
    with tempfile.TemporaryDirectory(prefix="assay-paired-") as folder:
        what = ["--extract-only", os.path.join(folder, "files")] if only else ["-o", os.path.join(folder, "case.assay")]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        p = subprocess.run([program, source, "-q", "--threads", "1", *what], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if p.returncode not in (0, 1, 2, 3):
            sys.exit(f"paired.py: {program} ended with {p.returncode} on {source}")
    user = after.ru_utime - before.ru_utime
    return user + after.ru_stime - before.ru_stime, user


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", action="store_true")
    options = parser.parse_args()
    programs = [shutil.which(os.path.abspath(p)) or sys.exit(f"paired.py: no program: {p}") for p in (options.a, options.b)]
    for source in options.inputs:
        pairs = []
        for i in range(options.pairs):
            first = seconds(programs[i % 2], source, options.only)
            second = seconds(programs[1 - i % 2], source, options.only)
            pairs.append((first, second) if i % 2 == 0 else (second, first))
        parts = []
        for of in (0, 1):
            ratios = sorted(a[of] / b[of] for a, b in pairs)
            low, _, high = statistics.quantiles(ratios, n=4)
            least = [min(p[k][of] for p in pairs) for k in (0, 1)]
            parts.append(f"A/B {statistics.median(ratios):.3f} ({low:.3f} to {high:.3f}), of the least {least[0] / least[1]:.3f} "
                         f"({least[0]:.3f} s, {least[1]:.3f} s)")
        print(f"{os.path.basename(source.rstrip('/'))}: {parts[0]}; user: {parts[1]}", flush=True)


main()
