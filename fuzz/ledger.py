#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzzes target after target until each has had its share of processor time, and keeps account of it over many calls.

    fuzz/ledger.py [--build build-fuzz] [--seconds 600] [--minutes 60] [--jobs 2] [TARGET...]

Takes up the targets in the order given, or as `assay list` has them, and passes over those that have had their seconds. The account,
fuzz/ledger.tsv, has for each target the processor seconds and runs since it was begun, and the revision of its last slice. Seconds are
of the processor, not of the clock, so that a busy machine makes it last longer and not worth less. fuzz/run.sh builds and makes seeds.
"""
import argparse
import os
import re
import subprocess
import sys
import threading
import time

SLICE = 60  # seconds of the clock for which one process runs, after which the account is written
HERE = os.path.dirname(os.path.abspath(__file__))
LEDGER = os.path.join(HERE, "ledger.tsv")
HEAD = "target\tseconds\truns\trevision\tfound\n"


def read_ledger():
    rows = {}
    if os.path.exists(LEDGER):
        with open(LEDGER, encoding="ascii") as f:
            for line in f.readlines()[1:]:
                target, seconds, runs, revision, found = line.rstrip("\n").split("\t")
                rows[target] = [float(seconds), int(runs), revision, found]
    return rows


def write_ledger(rows):
    with open(LEDGER + ".new", "w", encoding="ascii") as f:
        f.write(HEAD)
        for target, (seconds, runs, revision, found) in sorted(rows.items()):
            f.write(f"{target}\t{seconds:.0f}\t{runs}\t{revision}\t{found}\n")
    os.replace(LEDGER + ".new", LEDGER)


def all_targets(build):
    names = []
    for what in ("formats", "inspectors"):
        out = subprocess.run([f"{build}/assay", "list", what, "--names"], capture_output=True, text=True, check=True).stdout
        names += [f"{what[:-1]}:{n}" for n in out.split()]
    return names


def run_slice(build, target):
    """The processor seconds, the runs, and whether something was found."""
    name = target.replace(":", "_")
    for folder in ("corpus", "seeds"):
        os.makedirs(f"{build}/{folder}/{name}", exist_ok=True)
    os.makedirs(f"{build}/findings", exist_ok=True)
    log = f"{build}/findings/{name}.log"
    # A library may ask for much memory and use little: only what is used counts.
    # Without it UBSan reports and goes on, and the run ends as if nothing had been found.
    env = dict(os.environ, FUZZ_TARGET=target, FUZZ_MUTANT=f"{build}/findings/{name}-mutant", ASAN_OPTIONS="allocator_may_return_null=1",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    command = [f"{build}/fuzz-assay", f"-max_total_time={SLICE}", "-timeout=60", "-rss_limit_mb=2048", "-malloc_limit_mb=16384",
               "-max_len=200000", "-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={build}/findings/{name}-",
               f"{build}/corpus/{name}", f"{build}/seeds/{name}"]
    with open(log, "wb") as out:
        p = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    with open(log, encoding="utf-8", errors="replace") as f:
        runs = re.search(r"^stat::number_of_executed_units: (\d+)", f.read(), re.M)
    return usage.ru_utime + usage.ru_stime, int(runs.group(1)) if runs else 0, p.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build-fuzz", help="the build of fuzz/run.sh")
    parser.add_argument("--seconds", type=float, default=600, help="each target's share of processor time")
    parser.add_argument("--minutes", type=float, default=60, help="when to stop, by the clock")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    args = parser.parse_args()
    rows, lock, busy = read_ledger(), threading.Lock(), set()
    targets = args.targets or all_targets(args.build)
    revision = subprocess.run(["git", "-C", HERE, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    ends = time.monotonic() + 60 * args.minutes

    def take():
        with lock:
            for t in targets:
                if t not in busy and rows.get(t, [0, 0, "", ""])[0] < args.seconds and not rows.get(t, [0, 0, "", ""])[3]:
                    busy.add(t)
                    return t
        return None

    def work():
        while time.monotonic() < ends and (t := take()):
            seconds, runs, found = run_slice(args.build, t)
            with lock:
                busy.discard(t)
                old = rows.get(t, [0, 0, "", ""])
                rows[t] = [old[0] + seconds, old[1] + runs, revision, "yes" if found else ""]
                write_ledger(rows)
                if found:
                    print(f"{t}: found something: {args.build}/findings/{t.replace(':', '_')}.log", flush=True)

    threads = [threading.Thread(target=work) for _ in range(args.jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    done = sum(r[0] >= args.seconds for r in rows.values())
    print(f"{done} of {len(set(targets) | set(rows))} targets have had {args.seconds:.0f} s")
    return 1 if any(r[3] for r in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
