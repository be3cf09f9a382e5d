#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives the project's credential data from published lists: derive_credentials.py LISTS_DIR OUT_DIR

LISTS_DIR holds the lists as they are published:
  mirai-credentials.tsv    user, password: the table of Mirai's telnet scanner, in its order
  default-credentials.tsv  vendor, user, password, source: of these only the rows of the cheat-sheet are taken (MIT);
                           those of changeme are GPL-3.0 without "or later" and add nine pairs
  common-passwords-10k.txt most frequent first

OUT_DIR gets defaults.tsv and common.txt. They are kept in the repository: a build needs neither the lists nor this.
"""
import collections
import csv
import os
import re
import sys

# Rows that describe a password instead of naming one.
PROSE = re.compile(r"serial|<.*>|^\(|\bor blank\b|\blast \w+ (of|digits)|^\$\{|random|MAC address|MAC of|Cloud Key|%s", re.IGNORECASE)


def rows_of(path: str) -> list[list[str]]:
	with open(path, encoding="utf-8", newline="") as file:
		return [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


def usable(user: str, password: str) -> bool:
	text = user + password
	return len(password) <= 64 and text.isprintable() and not PROSE.search(password) and " " not in user and ":" not in user


def vendor_word(vendors: set[str]) -> str:
	first = min(vendors, key=lambda v: (v.lower(), v))
	others = len(vendors) - 1
	return first if others == 0 else f"{first} and {others} more"


def defaults_of(lists: str) -> list[tuple[str, str, str, int]]:
	vendors = collections.defaultdict(set)
	for vendor, user, password, source in rows_of(os.path.join(lists, "default-credentials.tsv"))[1:]:
		if source == "cheat-sheet" and usable(user, password):
			vendors[user, password].add(vendor.strip())
	mirai = [(row + [""])[:2] for row in rows_of(os.path.join(lists, "mirai-credentials.tsv"))]
	table = [(user, password, "mirai", len(vendors.pop((user, password), ()))) for user, password in mirai]
	by_weight = sorted(vendors.items(), key=lambda item: (-len(item[1]), item[0]))
	return table + [(user, password, "cheat-sheet: " + vendor_word(names), len(names)) for (user, password), names in by_weight]


def main() -> None:
	lists, out = sys.argv[1:]
	with open(os.path.join(out, "defaults.tsv"), "w", encoding="utf-8") as file:
		file.write("# Default credentials, most likely first. weight: products known to ship with the pair.\n")
		file.write("user\tpassword\torigin\tweight\n")
		for row in defaults_of(lists):
			file.write("\t".join(map(str, row)) + "\n")
	with open(os.path.join(lists, "common-passwords-10k.txt"), encoding="utf-8") as file:
		common = dict.fromkeys(line.rstrip("\n") for line in file)
	with open(os.path.join(out, "common.txt"), "w", encoding="utf-8") as file:
		file.writelines(password + "\n" for password in common if password)


if __name__ == "__main__":
	main()
