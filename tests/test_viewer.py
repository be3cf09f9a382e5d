#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in Debian's Chromium: test_viewer.py REPORT_SAMPLE VIEWER OUTPUT

The tests themselves are viewer/tests/. Skipped where node, Chromium or the modules of viewer/package.json are not there
(`make test` installs them). Pictures of the report are left in OUTPUT.
"""
import os
import pathlib
import shutil
import subprocess
import sys

SKIP = 77


def skip(why: str) -> int:
	print(f"skipped: {why}")
	return SKIP


def main() -> int:
	sample, viewer, output = (pathlib.Path(a).resolve() for a in sys.argv[1:])
	node, chromium = shutil.which("node") or shutil.which("nodejs"), shutil.which("chromium")
	if not node or not chromium:
		return skip(f"{'node' if not node else 'chromium'} is not installed")
	for module in ("playwright-core", "axe-core"):
		if not (viewer / "node_modules" / module).is_dir():
			return skip(f"{module} is not installed: npm ci in {viewer.name}/ fetches it")
	shutil.rmtree(output, ignore_errors=True)
	output.mkdir(parents=True)
	env = os.environ | {"ASSAY_REPORT_SAMPLE": str(sample), "ASSAY_VIEWER_OUTPUT": str(output), "ASSAY_CHROMIUM": chromium}
	tests = sorted(str(path) for path in (viewer / "tests").glob("*.test.js"))
	return subprocess.run([node, "--test", "--test-concurrency=1", *tests], env=env, check=False).returncode


if __name__ == "__main__":
	sys.exit(main())
