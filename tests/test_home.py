#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests leave the home of whoever runs them as it was: what assay keeps for the user goes to the build folder.

    python3 test_home.py ASSAY FOLDER

FOLDER is where tests/meson.build sends it.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

ASSAY, FOLDER = os.path.abspath(sys.argv[1]), sys.argv[2]


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def main():
    assert os.environ.get("XDG_DATA_HOME") == FOLDER, "the tests are not told to keep their data in %s" % FOLDER
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        home = folder / "home"
        home.mkdir()
        (folder / "image.bin").write_bytes(b"\x00" * 4096)
        run = [ASSAY, "image.bin", "-o", "image.assay", "-q"]
        env = {**os.environ, "HOME": str(home)}
        assert subprocess.run(run, cwd=folder, env=env, check=False, stdout=subprocess.DEVNULL).returncode in (0, 1)
        assert files_below(home) == [], files_below(home)
        assert (pathlib.Path(FOLDER) / "assay/measures.db").is_file()
        # The counter-test: without the variable it is the home that is written to.
        del env["XDG_DATA_HOME"]
        assert subprocess.run([ASSAY, "image.bin", "-o", "again.assay", "-q"], cwd=folder, env=env, check=False, stdout=subprocess.DEVNULL).returncode in (0, 1)
        assert ".local/share/assay/measures.db" in files_below(home), files_below(home)
    print("1 test passed")


main()
