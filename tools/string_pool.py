# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings of generated tables in one array of characters: a row holds where its string begins, and not a pointer, which the
loader would have to adjust at each start of the program."""


def c_string(data: bytes) -> str:
	"""As a C literal. Octal escapes have three digits, so that what follows does not become part of them."""
	return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data) + '"'


class Pool:
	def __init__(self) -> None:
		self.at_of: dict[bytes, int] = {}
		self.size = 0

	def at(self, data: bytes) -> int:
		"""Where the string begins; each is there once, with a NUL behind it."""
		if data not in self.at_of:
			self.at_of[data] = self.size
			self.size += len(data) + 1
		return self.at_of[data]

	def lines(self, declaration: str) -> list[str]:
		return [f"{declaration} =", *(f"\t{c_string(data + bytes(1))}" for data in self.at_of), "\t\"\";", ""]
