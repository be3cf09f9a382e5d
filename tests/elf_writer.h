/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes small ELF objects of both classes and byte orders. */
#ifndef ASSAY_TESTS_ELF_WRITER_H
#define ASSAY_TESTS_ELF_WRITER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE 0x10000u /* where the object is loaded */
#define IMAGE_MAX 4096u
#define ENTRIES 24u

/* What to write. Dynamic entries are in pairs, ended by DT_NULL; names of symbols and libraries are separated by
 * spaces. */
struct elf_recipe {
	bool is64, big;
	uint16_t machine, type;
	const char *interpreter;
	bool dynamic, relro;
	unsigned stack;            /* 0: no PT_GNU_STACK; otherwise its flags */
	uint64_t entries[ENTRIES]; /* further tags and values */
	const char *needed, *soname, *rpath;
	const char *imports, *exports;
	const char *modinfo;  /* makes a section */
	const char *modinfo2; /* a second entry of it */
	const char *symbols; /* makes an SHT_SYMTAB of undefined symbols */
	const char *data;
};

struct elf_image {
	uint8_t p[IMAGE_MAX];
	size_t n;
	bool is64, big;
};

void elf_write(const struct elf_recipe *recipe, struct elf_image *out);

/* Parts of it, for what no linker would write. */
void elf_put_header(struct elf_image *m, const struct elf_recipe *r, unsigned phnum, size_t shoff, unsigned shnum);
void elf_put_section(struct elf_image *m, uint32_t name, uint32_t type, uint64_t offset, uint64_t size, uint32_t link);

#endif
