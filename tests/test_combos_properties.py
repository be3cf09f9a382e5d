#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What assay combos promises, on random small models with constraints, sub-models and negative values.

All rows of a model are listed, and what they hold is what must be covered: that needs nothing of what it judges. Each plan
covers all of it and breaks no constraint; --verify says the same of it and of what is left when a row is taken out; rows that
are to be kept are kept; the same seed gives the same rows with any number of threads; and more steps or time never make more
rows of it."""
import csv
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

ASSAY = sys.argv.pop(1)
MODELS = 30


class Model:
    """Values are strings; a negative one begins with ~. Constraints are lists of (parameter, value, whether it must be that)."""

    def __init__(self, seed):
        r = random.Random(seed)
        uniform = r.random() < 0.4  # where constructions apply
        k = r.randint(4, 6) if uniform else r.randint(3, 6)
        v = r.randint(2, 4 if k < 6 else 3)
        self.names = [f"P{i}" for i in range(k)]
        self.values = [[f"v{j}" for j in range(v if uniform else r.randint(1, 4 if k < 6 else 3))] for _ in range(k)]
        if r.random() < 0.4:
            for p in r.sample(range(k), r.randint(1, 2)):
                self.values[p].append("~bad")
        self.order = r.randint(1, min(4, k))
        self.groups = [(list(range(k)), self.order)]
        for _ in range(r.choice([0, 0, 1, 2])):
            parameters = sorted(r.sample(range(k), r.randint(2, k)))
            self.groups.append((parameters, r.randint(1, min(4, len(parameters)))))
        self.clauses = [[(p, r.choice(self.values[p]), r.random() < 0.3) for p in r.sample(range(k), r.randint(2, 3))]
                        for _ in range(r.choice([0, 1, 2, 4, 6]))]
        self.valid = [row for row in itertools.product(*self.values) if self.allows(row)]

    def allows(self, row):
        return sum(v.startswith("~") for v in row) <= 1 and \
            all(any((row[p] == v) == is_it for p, v, is_it in clause) for clause in self.clauses)

    def text(self):
        lines = [f"{n}: {', '.join(v)}" for n, v in zip(self.names, self.values)]
        for parameters, strength in self.groups[1:]:
            lines.append(f"{{ {', '.join(self.names[p] for p in parameters)} }} @ {strength}")
        for clause in self.clauses:
            lines.append(" OR ".join(f'[{self.names[p]}] {"=" if is_it else "<>"} "{v.lstrip("~")}"' for p, v, is_it in clause) + ";")
        return "\n".join(lines) + "\n"

    def tuples(self, rows):
        """The tuples of the rows; those of rows in range, which must be covered without any negative value, on their own."""
        found = set()
        for row in rows:
            in_range = not any(v.startswith("~") for v in row)
            for parameters, strength in self.groups:
                for chosen in itertools.combinations(parameters, strength):
                    one = tuple((p, row[p]) for p in chosen)
                    found.add((False, one))
                    if in_range:
                        found.add((True, one))
        return found


class Properties(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def combos(self, *args):
        return subprocess.run([ASSAY, "combos", *args], capture_output=True, text=True, timeout=280, check=False)

    def rows(self, *args):
        done = self.combos(*args, "--csv", "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, [tuple(row) for row in csv.reader(done.stdout.splitlines())][1:]

    def check(self, model, rows):
        for row in rows:
            self.assertTrue(model.allows(row), f"{row} breaks a constraint of\n{model.text()}")
        self.assertEqual(model.tuples(model.valid) - model.tuples(rows), set(), model.text())

    def verify(self, model, path, rows):
        """--verify against what was counted here."""
        text = "\n".join(",".join(row) for row in [model.names, *rows]) + "\n"
        done = self.combos("--verify", self.write("verified.csv", text), path, "--order", str(model.order), "--json")
        missing = model.tuples(model.valid) - model.tuples(rows)
        self.assertEqual(done.returncode, 1 if missing else 0, done.stdout + done.stderr + model.text())
        self.assertEqual(json.loads(done.stdout)["missing"] > 0, bool(missing))

    def one(self, model):
        path = self.write("model.txt", model.text())
        order = ["--order", str(model.order)]
        if not model.valid:
            self.assertEqual(self.combos(path, *order).returncode, 2, model.text())
            return
        sizes, text = [], ""
        for steps in (1, 100, 3000):
            text, rows = self.rows(path, *order, "--steps", str(steps), "--random-seed", "5")
            self.check(model, rows)
            sizes.append(len(rows))
        self.assertEqual(sizes, sorted(sizes, reverse=True), model.text())
        self.verify(model, path, rows)
        self.verify(model, path, rows[:-1])
        walks = [path, *order, "--steps", "500", "--walks", "3", "--random-seed", "5"]
        self.assertEqual(self.rows(*walks, "--threads", "1")[0], self.rows(*walks, "--threads", "3")[0])
        _, first = self.rows(path, *order, "--time", "0", "--random-seed", "5")
        self.check(model, first)
        for time in ("1ms", "20ms"):
            _, timed = self.rows(path, *order, "--time", time, "--random-seed", "5")
            self.check(model, timed)
            self.assertLessEqual(len(timed), len(first), model.text())
        self.seeded(model, path, order)

    def seeded(self, model, path, order):
        kept = random.Random(7).sample(model.valid, min(3, len(model.valid)))
        seeds = self.write("seeds.csv", "\n".join(",".join(row) for row in [model.names, *kept]) + "\n")
        _, rows = self.rows(path, *order, "--steps", "500", "--seed-rows", seeds)
        self.assertEqual(rows[:len(kept)], kept, model.text())
        self.check(model, rows)

    def test_small_models(self):
        for seed in range(MODELS):
            with self.subTest(seed=seed):
                self.one(Model(seed))


if __name__ == "__main__":
    unittest.main()
