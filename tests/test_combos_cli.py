#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""assay combos as people use it: models in, plans out, what is refused and how.

    test_combos_cli.py ASSAY
"""
import csv
import io
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

ASSAY = os.path.abspath(sys.argv.pop(1))
SHARED = pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "combos"
MODEL = """# a lamp
Wi-Fi:   off, WPA2, WPA3
Country: DE, US, JP
Update:  idle, running, failed
Level:   0, 50, 100
IF [Wi-Fi] = "off" THEN [Update] <> "running";
"""


class Combos(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.model = self.file("lamp.txt", MODEL)

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, text):
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def run_combos(self, *arguments, code=0, **more):
        done = subprocess.run([ASSAY, "combos", *arguments], capture_output=True, timeout=120, **more)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def rows(self, text):
        return list(csv.reader(io.StringIO(text)))

    def test_rows_cover_all_pairs(self):
        out, _ = self.run_combos(self.model, "--time", "50ms", "--order", "2", "--csv")
        head, *rows = self.rows(out)
        self.assertEqual(head, ["Wi-Fi", "Country", "Update", "Level"])
        values = [("off", "WPA2", "WPA3"), ("DE", "US", "JP"), ("idle", "running", "failed"), ("0", "50", "100")]
        for a, b in itertools.combinations(range(4), 2):
            for x, y in itertools.product(values[a], values[b]):
                there = any(r[a] == x and r[b] == y for r in rows)
                self.assertEqual(there, {head[a]: x, head[b]: y} != {"Wi-Fi": "off", "Update": "running"}, (x, y))
        self.assertFalse([r for r in rows if r[0] == "off" and r[2] == "running"])
        written = self.file("rows.csv", out)
        said, _ = self.run_combos("--verify", written, self.model, "--order", "2")
        self.assertIn("0 missing", said)

    def test_verify_names_what_is_missing_and_violated(self):
        out, _ = self.run_combos(self.model, "--time", "0")
        lines = out.splitlines()
        self.file("rows.csv", "\n".join(lines[:-1]) + "\n")
        said, _ = self.run_combos("--verify", str(self.path / "rows.csv"), self.model, code=1)
        self.assertIn("missing: ", said)
        told = json.loads(self.run_combos("--verify", str(self.path / "rows.csv"), self.model, "--json", code=1)[0])
        self.assertEqual(len(told["missing_tuples"]), told["missing"])
        self.assertEqual(told["violated"], [])
        row = dict(zip(self.rows(out)[0], self.rows(out)[-1]))
        for missing in told["missing_tuples"]:
            self.assertLessEqual(missing.items(), row.items())
        self.file("rows.csv", out + "off,DE,running,0\n")
        said, _ = self.run_combos("--verify", str(self.path / "rows.csv"), self.model, code=1)
        self.assertIn(f"violated: row {len(lines)} breaks constraint 1 (line 6): IF [Wi-Fi] = \"off\" THEN [Update] <> \"running\"", said)
        self.file("rows.csv", "Wi-Fi,Country,Update,Level\noff,DE,idle,1\n")
        _, wrong = self.run_combos("--verify", str(self.path / "rows.csv"), self.model, code=2)
        self.assertIn("line 2, column 4: the parameter has no such value: \"1\"", wrong)

    def test_the_benchmark_format(self):
        model = self.file("a.model", "2\n3\n2 2 3\n")
        constraints = self.file("a.constraints", "1\n2\n- 0 - 2\n")
        out, _ = self.run_combos(model, "--constraints", constraints, "--time", "0.1", "--threads", "1", "--csv")
        head, *rows = self.rows(out)
        self.assertEqual(head, ["p1", "p2", "p3"])
        self.assertTrue(all(r[0] in "01" and r[1] in "23" and r[2] in "456" for r in rows))
        self.assertFalse([r for r in rows if r[0] == "0" and r[1] == "2"])
        self.run_combos("--verify", self.file("r.csv", out), model, "--constraints", constraints, "--order", "2")

    def test_every_output(self):
        fast = ["--time", "0", self.model]
        table, _ = self.run_combos("--table", *fast)
        self.assertRegex(table.splitlines()[0], r"^#\s+Wi-Fi\s+Country\s+Update\s+Level$")
        told = json.loads(self.run_combos("--json", *fast)[0])
        self.assertEqual([p["name"] for p in told["parameters"]], ["Wi-Fi", "Country", "Update", "Level"])
        self.assertEqual(told["strength"], 2)
        self.assertGreaterEqual(len(told["rows"]), told["lower_bound"])
        suite = xml.etree.ElementTree.fromstring(self.run_combos("--junit", *fast)[0]).find("testsuite")
        self.assertEqual(int(suite.get("tests")), len(told["rows"]))
        self.assertEqual([p.get("value") for p in suite[0].iter("property")], told["rows"][0])
        names = {}
        exec(self.run_combos("--pytest", *fast)[0], names)
        self.assertEqual(names["NAMES"], ["wi_fi", "country", "update", "level"])
        self.assertEqual([list(r) for r in names["ROWS"]], told["rows"])
        for ending, tick in (("md", "- [ ] "), ("html", 'type="checkbox"')):
            plan = self.path / f"plan.{ending}"
            self.run_combos("--plan", str(plan), "-o", str(self.path / "rows.csv"), *fast)
            self.assertEqual(plan.read_text().count(tick), len(told["rows"]) * 5)
        self.run_combos("--plan", str(self.path / "plan.pdf"), *fast, code=2)

    def test_hostile_names_stay_text(self):
        model = self.file("h.txt", 'a\x1b[31m: <script>alert(1), "x"\nb](c): =1+1, `q`\n')
        table, _ = self.run_combos("--table", "--time", "0", model)
        self.assertNotIn("\x1b", table)
        page = self.path / "p.html"
        self.run_combos("--plan", str(page), "--time", "0", model)
        self.assertNotIn("<script>", page.read_text())

    def test_existing_rows_are_kept(self):
        seeds = self.file("seeds.csv", "Wi-Fi,Country,Colour\nWPA2,JP,red\noff,,\n")
        out, said = self.run_combos("--seed-rows", seeds, "--time", "50ms", self.model)
        rows = self.rows(out)[1:]
        self.assertEqual(rows[0][:2], ["WPA2", "JP"])
        self.assertEqual(rows[1][0], "off")
        self.assertNotEqual(rows[1][2], "running")
        self.assertIn('"Colour" is no parameter of the model', said)
        seeds = self.file("seeds.csv", "Wi-Fi\tUpdate\nWPA2\tidle\noff\trunning\n")
        _, said = self.run_combos("--seed-rows", seeds, self.model, code=2)
        self.assertIn("row 2 breaks the constraint in line 6", said)

    def test_steps_give_the_same_rows_with_any_threads(self):
        plans = {self.run_combos(self.model, "--steps", "3000", "--walks", "3", "--threads", n, "--random-seed", "7")[0] for n in ("1", "2", "3")}
        self.assertEqual(len(plans), 1)

    def test_coverage(self):
        rows = self.file("some.csv", "Wi-Fi,Country,Update,Level\noff,DE,idle,0\nWPA2,US,running,50\n")
        picture = self.path / "c.svg"
        told = json.loads(self.run_combos("--coverage", rows, "--json", "--svg", str(picture), self.model)[0])
        self.assertEqual([s["covered"] for s in told["strengths"]], [8, 12, 8, 2])
        self.assertEqual([s["tuples"] for s in told["strengths"][:2]], [12, 53])
        drawing = xml.etree.ElementTree.parse(picture).getroot()
        self.assertTrue(drawing.tag.endswith("svg"))
        self.assertIn("prefers-color-scheme: dark", picture.read_text())

    def test_constraints_are_looked_at(self):
        bad = self.file("bad.txt", MODEL + '[Level] > 50;\n[Country] = "DE";\n[Country] = "US";\n')
        _, said = self.run_combos(bad, code=2)
        self.assertIn('no row satisfies these constraints together: line 8: [Country] = "DE"; line 9: [Country] = "US"', said)
        odd = self.file("odd.txt", MODEL + '[Level] > 0;\n[Level] > -5;\n[Country] <> "FR";\n')
        _, said = self.run_combos("--check", odd)
        self.assertIn('the value "0" of "Level" is in no valid row: line 7: [Level] > 0', said)
        self.assertIn("the constraint in line 8 always holds", said)
        self.assertIn('line 9, column 14: "Country" has no value "FR"', said)
        _, said = self.run_combos("--check", "-q", odd)
        self.assertEqual(said, "")

    def test_conversions_mean_the_same(self):
        self.run_combos("--order", "4", "--time", "0", "-o", str(self.path / "all.csv"), self.model)
        want = sorted(self.rows((self.path / "all.csv").read_text())[1:])
        for form in ("pict", "acts", "acts-xml", "ctwedge"):
            other = str(self.path / "other")
            self.run_combos("--convert", form, "-o", other, self.model)
            got = sorted(self.rows(self.run_combos("--order", "4", "--time", "0", other)[0])[1:])
            self.assertEqual(got, want, form)
        self.run_combos("--convert", "casa", "-o", str(self.path / "l.model"), self.model)
        numbers, _ = self.run_combos("--order", "4", "--time", "0", str(self.path / "l.model"), "--constraints", str(self.path / "l.constraints"))
        self.assertEqual(len(self.rows(numbers)) - 1, len(want))

    def test_the_example(self):
        example = str(pathlib.Path(__file__).resolve().parent.parent / "examples" / "thermostat.txt")
        _, said = self.run_combos("--check", example)
        self.assertEqual(said, "")
        out, _ = self.run_combos(example, "--time", "200ms")
        self.run_combos("--verify", self.file("rows.csv", out), example)
        head, *rows = self.rows(out)
        self.assertLessEqual(max(sum(v.startswith("~") for v in r) for r in rows), 1)

    def test_a_model_of_a_case(self):
        tree = self.path / "rootfs"
        for name, text in (("etc/inittab", "::respawn:/usr/sbin/hostapd /etc/hostapd.conf\n"), ("usr/sbin/hostapd", "#!/bin/sh\n"),
                           ("etc/hostapd.conf", "interface=wlan0\nwpa=2\nwpa_key_mgmt=WPA-PSK\nieee80211w=1\nap_isolate=1\n"),
                           ("etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication yes\n")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        case = str(self.path / "t.assay")
        done = subprocess.run([ASSAY, str(tree), "-q", "-o", case], capture_output=True, timeout=120)
        self.assertLess(done.returncode, 2, done.stderr.decode())
        model, _ = self.run_combos("--from", case, "--convert", "pict")
        self.assertIn("sshd PermitRootLogin: yes, prohibit-password, no\n", model)
        self.assertIn("hostapd ieee80211w: 0, 1, 2\n", model)
        self.assertIn("sshd PasswordAuthentication: yes, no\n", model)
        self.assertRegex(model, r"# \S*etc/hostapd.conf line 2, now 2\nhostapd wpa: 0, 1, 2, 3\n")
        self.assertEqual(self.run_combos("--from", case, "--convert", "pict")[0], model)
        out, _ = self.run_combos("--from", case, "--time", "0")
        self.run_combos("--verify", self.file("rows.csv", out), "--from", case)
        self.run_combos("--from", self.model, code=2)

    def test_refusals(self):
        deep = "A: x\n" + "(" * 100000 + '[A] = "x";\n'
        many = "".join(f"P{i}: 0, 1\n" for i in range(20000))
        wide = "".join(f"P{i}: 0, 1\n" for i in range(100))
        large = "".join(f"P{i}: {', '.join(map(str, range(300)))}\n" for i in range(2))
        for text, arguments, words in (
                ("", [], "the model is empty"), (deep, [], "levels of parentheses"), (many, [], "more than 16384 parameters"),
                (wide, ["--order", "6"], "a lower strength or fewer parameters"), (large, [], "at least 90000 rows are needed"),
                ("A: ~1, ~2\nB: ~3\n", [], "one negative value at most"), ("A: x\0y\n", [], "a value has a NUL byte"), (MODEL, ["--order", "5"], "5"),
                (MODEL, ["--order", "7"], "1 to 6"), (MODEL, ["--memory", "x"], "a size"), (MODEL, ["--frob"], "unknown option")):
            path = self.file("bad.txt", text)
            began = time.monotonic()
            _, said = self.run_combos(path, *arguments, code=2)
            self.assertIn(words, said)
            self.assertLess(time.monotonic() - began, 60)
        _, said = self.run_combos(str(self.path), code=2)
        self.assertIn("a folder", said)
        with open(self.path / "sparse", "wb") as f:
            f.truncate(4 << 30)
        _, said = self.run_combos(str(self.path / "sparse"), code=2)
        self.assertIn("larger than 64 MiB", said)
        self.run_combos(str(self.path / "none"), code=2)
        self.run_combos(self.model, self.model, code=2)
        self.run_combos(code=2)

    def test_an_interrupt_gives_the_best_so_far(self):
        wide = self.file("wide.txt", "".join(f"P{i}: 0, 1, 2, 3\n" for i in range(30)))
        running = subprocess.Popen([ASSAY, "combos", wide, "--time", "600s"], stdout=subprocess.PIPE)
        time.sleep(2)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0)
        self.run_combos("--verify", self.file("rows.csv", out), wide)

    def test_published_sizes(self):
        if not (SHARED / "MANIFEST.tsv").exists():
            self.skipTest(f"no benchmark models at {SHARED}")
        with open(SHARED / "MANIFEST.tsv", encoding="utf-8") as f:
            acts = {r["name"]: r["acts_ipog(size,time)"] for r in csv.DictReader(f, delimiter="\t") if r["t"] == "2"}
        for name in ("spins", "Healthcare1", "Healthcare4", "Banking2", "ProcessorComm1", "Storage4"):
            model, constraints = SHARED / f"{name}.model", SHARED / f"{name}.constraints"
            out, _ = self.run_combos(str(model), "--constraints", str(constraints), "--order", "2", "--time", "500ms", "-q")
            self.run_combos("--verify", self.file("rows.csv", out), str(model), "--constraints", str(constraints), "--order", "2")
            self.assertRegex(acts[name], r"^\d+", name)
            self.assertLessEqual(len(out.splitlines()) - 1, int(acts[name].split()[0]), name)


if __name__ == "__main__":
    unittest.main(verbosity=1)
