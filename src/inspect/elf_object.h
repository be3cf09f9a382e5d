/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ELF objects: headers, segments, sections, the dynamic section and symbols, of both classes and byte orders.
 *
 * Specification: System V gABI, chapters 4 and 5; GNU extensions as in binutils include/elf/common.h. As a loader does
 * it, a program is read by its segments; sections are only asked for what stands nowhere else. Constants are those
 * of <elf.h>.
 */
#ifndef ASSAY_INSPECT_ELF_OBJECT_H
#define ASSAY_INSPECT_ELF_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

enum elf_table_state {
	ELF_TABLE_NONE, /* the object says that there is none */
	ELF_TABLE_READ,
	ELF_TABLE_CUT, /* it lies beyond the end of the bytes */
	ELF_TABLE_BAD, /* it cannot be one */
};

/* A table of program or section headers. */
struct elf_table {
	enum elf_table_state state;
	struct span bytes;
	uint32_t n, stride;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, address, file_size, memory_size;
};

struct elf_section {
	uint32_t name, type, link, info;
	uint64_t flags, address, offset, size;
};

struct elf_symbols {
	struct span table, names;
};

/* What the sections tell, from one pass over them. */
struct elf_sections {
	bool has_symtab, has_modinfo;
	struct elf_symbols symtab; /* SHT_SYMTAB; empty when it does not lie inside */
	struct elf_section dynsym; /* SHT_DYNSYM, when its type says so */
	struct text vermagic;      /* of .modinfo */
	struct text licence;       /* of .modinfo, the first one */
	bool is_module;            /* a kernel module */
	bool is_kernel;            /* the kernel itself */
	bool is_debug_file;        /* code was left out: what `objcopy --only-keep-debug` makes */
	bool too_many;             /* not all were looked at */
	bool cut;                  /* the contents of a section lie beyond the end */
};

/* What the segments tell. */
struct elf_segments {
	struct elf_segment interpreter, dynamic, stack, relro; /* type 0: there is none */
	bool cut;
	bool elsewhere; /* the others lie in files of their own, as Qualcomm splits firmware (.mdt, .b00, .b01 ...) */
};

struct elf_object {
	struct span bytes;
	bool identified; /* class and byte order are known */
	bool is64, big;
	uint16_t machine, type; /* 0 when the bytes end before them */
	uint64_t entry;
	struct elf_table segments, sections;
	struct span section_names;
};

/* The strings are TEXT_NONE where the object has none. */
struct elf_dynamic {
	bool found, read;
	struct text soname, rpath, runpath;
	struct text needed; /* separated by spaces; TEXT_NONE: unknown */
	uint32_t needed_count;
	bool needs_plain_libc; /* "libc.so" or "libc.musl-...": a C library that may check calls inline */
	bool bind_now, says_pie;
	bool has_debug_slot; /* DT_DEBUG or what MIPS has instead: linkers give it to executables only */
	bool has_symbols;    /* and they are complete */
	struct elf_symbols symbols;
};

/* Reads the file header and finds both tables. On an error *o has what there was of the header. */
struct error elf_open(struct span bytes, struct elf_object *o) MUST_USE;

/* Fields as wide as an address. */
uint64_t elf_word(const struct elf_object *o, struct reader *r);

/* The entry at i of a table, in the file's byte order. False: there is none whole. */
bool elf_segment_at(const struct elf_object *o, uint32_t i, struct elf_segment *s);
bool elf_section_at(const struct elf_object *o, uint32_t i, struct elf_section *s);

/* elf_read_segments(): the segments that are looked at by their type, of each the last one (System V ABI, "Program
 * Header"). elf_read_sections(): the symbol tables, and what names of sections tell; more than 262,144 are `too_many`.
 * Both say in `cut` whether one of them reaches beyond the file. */
void elf_read_segments(const struct elf_object *o, struct elf_segments *s);
void elf_read_sections(const struct elf_object *o, struct elf_sections *s);

/* The bytes from an address on to the end of what the file has of its segment; SPAN_NONE when it is not loaded. */
struct span elf_at_address(const struct elf_object *o, uint64_t address);

/* The string at `at` without its NUL; TEXT_NONE when none ends within `max` bytes. */
struct text elf_string(struct span strings, uint64_t at, uint64_t max);

/* Reads the dynamic section. The error says what of it could not be read; *d has the rest. */
struct error elf_read_dynamic(const struct elf_object *o, const struct elf_segment *segment,
							  const struct elf_section *dynsym, struct arena *arena, struct elf_dynamic *d) MUST_USE;

struct elf_symbol {
	struct text name; /* without its version; TEXT_NONE: it has none, or one of more than `max` bytes */
	unsigned type, binding;
	uint16_t section; /* SHN_UNDEF: it is imported */
};

/* The i-th symbol; false behind the last one. */
bool elf_symbol_at(const struct elf_object *o, const struct elf_symbols *symbols, uint64_t i, uint64_t max,
				   struct elf_symbol *s);

/* Bytes of one symbol. */
static inline uint64_t elf_symbol_size(const struct elf_object *o)
{
	return o->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

#endif
