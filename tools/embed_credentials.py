#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the credential data into a C file: embed_credentials.py DEFAULTS.tsv FIRMWARE.tsv COMMON.txt OUT.c

Every password stands once in credential_passwords[], in the order in which it is tried against any user; the pairs
of a user stand together in credential_pairs[], sorted by the user's name in lower case.
"""
import sys


# Mirrors credentials.h: an origin with this bit is a rank in the list of common passwords.
COMMON = 0x80000000


class Pool:
	"""All strings, each once, behind one another; a string is its offset."""

	def __init__(self) -> None:
		self.bytes = bytearray()
		self.offsets: dict[str, int] = {}

	def add(self, text: str) -> int:
		if text not in self.offsets:
			self.offsets[text] = len(self.bytes)
			self.bytes += text.encode("utf-8") + b"\0"
		return self.offsets[text]


def table_of(path: str) -> list[list[str]]:
	with open(path, encoding="utf-8") as file:
		rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("# ")]
	return rows[1:]


def origin_of(origin: str) -> str:
	return origin if origin == "mirai" else f"vendor default ({origin})"


def read_pairs(defaults: str, firmware: str) -> list[tuple[str, str, str]]:
	"""user, password, origin; most likely first."""
	listed = [(user, password, origin_of(origin)) for user, password, origin, _ in table_of(defaults)]
	known = [(user, password, f"firmware ({product})") for user, password, product, _ in table_of(firmware)]
	botnet = [pair for pair in listed if pair[2] == "mirai"]
	return botnet + known + [pair for pair in listed if pair[2] != "mirai"]


def order_passwords(defaults: str, pairs: list[tuple[str, str, str]], common: list[str]) -> dict[str, str | int]:
	"""password -> origin or rank, in the order of trying. Vendor defaults by the number of products over all users."""
	weight: dict[str, int] = {}
	for _, password, origin, number in table_of(defaults):
		weight[password] = weight.get(password, 0) + int(number)
	order: dict[str, str | int] = {}
	vendor: dict[str, str] = {}
	for _, password, origin in pairs:
		(vendor if origin.startswith("vendor") else order).setdefault(password, origin)
	for password in sorted(vendor, key=lambda p: (-weight[p], p)):
		order.setdefault(password, vendor[password])
	for rank, password in enumerate(common, 1):
		order.setdefault(password, rank)
	return order


def order_pairs(pairs: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
	"""Each user's pairs together, most likely first, each password once."""
	unique: dict[tuple[str, str], str] = {}
	for user, password, origin in pairs:
		if user:
			unique.setdefault((user.lower(), password), origin)
	return sorted(((u, p, o) for (u, p), o in unique.items()), key=lambda pair: pair[0].encode("utf-8"))


def main() -> None:
	defaults, firmware, common_path, out = sys.argv[1:]
	with open(common_path, encoding="utf-8") as file:
		common = file.read().rstrip("\n").split("\n")
	pool = Pool()
	pairs = read_pairs(defaults, firmware)
	passwords = order_passwords(defaults, pairs, common)
	place = {password: number for number, password in enumerate(passwords)}
	lines = ["/* Made from data/credentials/ by tools/embed_credentials.py. */", '#include "inspect/credentials.h"', "",
	         "const struct credential_password credential_passwords[] = {"]
	lines += [f"\t{{ {pool.add(p)}, {COMMON | origin if isinstance(origin, int) else pool.add(origin)} }},"
	          for p, origin in passwords.items()]
	lines += ["};", f"const size_t credential_npasswords = {len(passwords)};", "",
	          "const struct credential_pair credential_pairs[] = {"]
	by_user = order_pairs(pairs)
	lines += [f"\t{{ {pool.add(u)}, {place[p]}, {pool.add(origin)} }}," for u, p, origin in by_user]
	lines += ["};", f"const size_t credential_npairs = {len(by_user)};", "", "const char credential_text[] = {"]
	# Numbers, not a string: the standard promises only 4095 characters in a literal.
	lines += [",".join(str(b - 256 if b > 127 else b) for b in pool.bytes[at:at + 32]) + "," for at in range(0, len(pool.bytes), 32)]
	lines += ["};", ""]
	with open(out, "w", encoding="ascii") as c:
		c.write("\n".join(lines))


if __name__ == "__main__":
	main()
