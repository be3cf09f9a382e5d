#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes stubs for the functions of libraries that are bound late (src/base/late.h):

    late_bind.py LIBRARIES.tsv OUT.c NM READELF COMPILER... -- ARCHIVE...

Which functions: those that the static libraries ARCHIVE call and a library of LIBRARIES.tsv has, as the linker would find
it. A stub jumps to where its entry of a table points: at first to code that loads the library, then to the function.
Linked as an object, stubs come before the libraries, which the linker then leaves out (--as-needed). Data of a library
can not be had so: that is an error here.
"""
import re
import subprocess
import sys

WORKS = {"image": "IMAGE", "files": "FILES", "document": "DOCUMENT", "signatures": "SIGNATURES", "feed": "FEED", "suite": "SUITE"}


def fail(what):
	sys.exit(f"late_bind.py: {what}")


def output(*command):
	return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read_table(path):
	with open(path, encoding="ascii") as tsv:
		for number, line in enumerate(tsv, 1):
			if line.startswith("#"):
				continue
			fields = line.rstrip("\n").split("\t")
			if len(fields) != 4:
				fail(f"{path}:{number}: library, package, purpose, confined work are expected")
			works = [] if fields[3] == "-" else fields[3].split()
			for work in works:
				if work not in WORKS:
					fail(f"{path}:{number}: {work} is none of {', '.join(WORKS)}, -")
			yield fields[0], fields[1], fields[2], works


def called(nm, archives):
	"""What no archive defines."""
	wanted, defined = set(), set()
	for line in output(nm, "--extern-only", "--format=posix", *archives).splitlines():
		fields = line.split()
		if len(fields) >= 2 and len(fields[1]) == 1:
			(wanted if fields[1] in "Uw" else defined).add(fields[0])
	return wanted - defined


def elf_of(path):
	"""What the linker takes for it may be a script that names it: GROUP ( /lib/.../libm.so.6 AS_NEEDED ( ... ) )."""
	with open(path, "rb") as file:
		start = file.read(4096)
	if start.startswith(b"\x7fELF"):
		return path
	named = re.search(rb"GROUP\s*\(\s*(\S+)", start)
	return named[1].decode() if named else fail(f"{path} is no library")


class Library:
	def __init__(self, name, nm, readelf, compiler):
		path = elf_of(output(*compiler, f"-print-file-name=lib{name}.so").strip())
		soname = re.search(r"\(SONAME\).*\[(.+)\]", output(readelf, "--dynamic", "--wide", path))
		self.file = soname[1] if soname else fail(f"{path} has no SONAME")
		self.kinds = {}
		for line in output(nm, "--dynamic", "--defined-only", "--format=posix", path).splitlines():
			fields = line.split()
			self.kinds[fields[0].split("@")[0]] = fields[1]

	def functions(self, wanted):
		used = sorted(wanted & self.kinds.keys())
		for name in used:
			if self.kinds[name] not in "TtWi":
				fail(f"{name} of {self.file} is data, which can not be bound late")
		return used


STUB = """\
__asm__(".text\\n.globl {name}\\n.hidden {name}\\n.type {name}, @function\\n"
        "{name}: endbr64\\njmp *late_functions+{offset}(%rip)\\n.size {name}, .-{name}\\n");
"""
PAGE = 4096  # of the processor: what stands in pages of its own can be made unwritable (late_seal())
FIRST = """\
__asm__(".balign 16\\nendbr64\\npushq ${number}\\njmp late_enter\\n");
"""


def main():
	split = sys.argv.index("--")
	table, out, nm, readelf, *compiler = sys.argv[1:split]
	wanted = called(nm, sys.argv[split + 1:])
	names, works, libraries, stubs, count = [], [], [], [], 0
	for name, package, purpose, confined in read_table(table):
		library = Library(name, nm, readelf, compiler)
		functions = library.functions(wanted)
		if not functions:
			fail(f"{table}: nobody calls lib{name}")
		wanted -= set(functions)
		text = "\n\t".join(f'"{f}\\0"' for f in functions)
		libraries.append(f'\t{{ .purpose = "{purpose}", .file = "{library.file}", .package = "{package}",\n'
		                 f"\t  .mode = RTLD_LAZY | RTLD_LOCAL, .functions = late_functions + {count}, .names =\n\t{text} }},\n")
		works.append(" | ".join(f"1 << CONFINED_{WORKS[w]}" for w in confined) or "0")
		stubs += functions
		count += len(functions)
	with open(out, "w", encoding="ascii") as c:
		c.write('/* Written by tools/late_bind.py. */\n#include <dlfcn.h>\n\n#include "base/late.h"\n\n')
		room = -(-count * 8 // PAGE) * PAGE
		c.write(f"extern char late_first[] __attribute__((visibility(\"hidden\")));\n"
		        f"extern void *late_functions[{room // 8}] __attribute__((visibility(\"hidden\"), aligned({PAGE})));\n")
		c.write('__asm__(".text\\n.balign 16\\n.globl late_first\\n.hidden late_first\\nlate_first:\\n");\n')
		c.write("".join(FIRST.format(number=i) for i in range(count)))
		c.write("".join(STUB.format(name=f, offset=8 * i) for i, f in enumerate(stubs)))
		c.write(f"\nvoid *late_functions[{room // 8}] = {{\n")
		c.write("".join(f"\tlate_first + {16 * i}, /* {f} */\n" for i, f in enumerate(stubs)))
		c.write("};\n\nstatic struct library libraries[] = {\n" + "".join(libraries) + "};\n\n")
		c.write("static const unsigned char work[] = { " + ", ".join(works) + " };\n\n")
		c.write(f"struct late_table late_table = {{ libraries, work, {len(libraries)}, late_functions, {room} }};\n")
	return 0


if __name__ == "__main__":
	sys.exit(main())
