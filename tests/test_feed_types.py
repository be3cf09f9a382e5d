#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of every seed of the feeds' importers, replaced by values of other types and left out, one at a time: what
random bits hardly reach, since they break the JSON first. No importer may crash or be reported by a sanitizer.

    test_feed_types.py FUZZ_STANDALONE FEED_SEEDS
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

OTHERS = (None, 7, "x", "", [], {}, True, ["x"], {"x": 1}, [{}], [[]], "CVE-2020-0002", "2026-01-01", "\0", "a" * 5000)


def places(value, path=()):
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], path + (key,))


def variants(seed):
    for path in places(seed):
        for other in (*OTHERS, OTHERS):  # the last stands for nothing
            variant = copy.deepcopy(seed)
            holder = variant
            for key in path[:-1]:
                holder = holder[key]
            if other is OTHERS:
                del holder[path[-1]]
            else:
                holder[path[-1]] = other
            yield variant


def main():
    standalone, seeds = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.executable, seeds, name], check=True)
        targets = 0
        for target in sorted(folder.glob("feed_*")):
            if target.name == "feed_any" or not (target / "plain").read_text().startswith("{"):
                continue
            for number, variant in enumerate(variants(json.loads((target / "plain").read_text()))):
                (target / f"{number:05}").write_text(json.dumps(variant))
            files = sorted(str(f) for f in target.iterdir())
            r = subprocess.run([standalone, target.name.replace("_", ":", 1), "0", "0", *files], capture_output=True, text=True)
            if r.returncode or r.stdout.count(": survived\n") != len(files):
                print(f"{target.name}: exit code {r.returncode} behind {r.stdout.splitlines()[-1:]}\n{r.stderr}")
                return 1
            print(f"{target.name}: survived {len(files)} documents")
            targets += 1
    return 0 if targets >= 13 else 1


sys.exit(main())
