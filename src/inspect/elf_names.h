/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the names in a symbol table tell about how an object was built. */
#ifndef ASSAY_INSPECT_ELF_NAMES_H
#define ASSAY_INSPECT_ELF_NAMES_H

#include "inspect/elf_object.h"

enum elf_name_list {
	ELF_FORTIFIABLE,    /* functions of the C library that have a fortified variant: "memcpy" for __memcpy_chk */
	ELF_FORTIFIED_ONLY, /* fortified variants with names of their own */
	ELF_DANGEROUS,
	ELF_NAME_LISTS
};
#define ELF_NAMES_MAX 128u /* in a list */

struct elf_names {
	bool canary_imported, canary_exists; /* a reference to the canary's functions; or one of any kind */
	bool checked[ELF_NAMES_MAX];         /* imports by index in ELF_FORTIFIABLE: the fortified variant, ... */
	bool unchecked[ELF_NAMES_MAX];       /* ... and the plain one */
	bool checked_only[ELF_NAMES_MAX];    /* in ELF_FORTIFIED_ONLY */
	bool dangerous[ELF_NAMES_MAX];
	bool linked_check; /* a fortified variant, imported or not, that nothing links but its use */
};

/* The names of a list in ascending order, and how many there are. */
const char *const *elf_name_list(enum elf_name_list list, size_t *n);

/* Looks through a symbol table once. */
void elf_read_names(const struct elf_object *o, const struct elf_symbols *symbols, struct elf_names *names);

/* How many functions are called in their checked form (_FORTIFY_SOURCE); how many of those that are called have one. */
unsigned elf_count_fortified(const struct elf_names *names);
unsigned elf_count_fortifiable(const struct elf_names *names);

#endif
