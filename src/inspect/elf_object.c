/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file header, segments and sections of an ELF object. */
#include "inspect/elf_object.h"

/* Linux takes no program with more than 64 KiB of program headers; core files have more, which do not matter here. */
#define SEGMENTS_MAX 65536u
/* Compilers that give each function a section stay far below. */
#define SECTIONS_MAX 262144u

#define SECTION_NAMES_EXTENDED 0xffffu /* SHN_XINDEX */

uint64_t elf_word(const struct elf_object *o, struct reader *r)
{
	return rd_uint(r, o->is64 ? 8 : 4);
}

struct text elf_string(struct span strings, uint64_t at, uint64_t max)
{
	struct span s = span_clip(strings, at, max);
	const uint8_t *end = s.n ? memchr(s.p, 0, s.n) : NULL;
	return end ? text_of((const char *)s.p, (size_t)(end - s.p)) : TEXT_NONE;
}

bool elf_symbol_at(const struct elf_object *o, const struct elf_symbols *symbols, uint64_t i, uint64_t max,
				   struct elf_symbol *s)
{
	uint64_t size = elf_symbol_size(o);
	struct reader r = reader_of(i < symbols->table.n / size ? span_sub(symbols->table, i * size, size) : SPAN_NONE, o->big);
	uint32_t at = rd_u32(&r);
	if (!o->is64)
		rd_skip(&r, 4 + 4); /* value, size */
	unsigned info = rd_u8(&r);
	rd_skip(&r, 1); /* visibility */
	s->section = rd_u16(&r);
	s->type = ELF32_ST_TYPE(info);
	s->binding = ELF32_ST_BIND(info);
	s->name = at && rd_ok(&r) ? elf_string(symbols->names, at, max) : TEXT_NONE;
	return rd_ok(&r);
}

bool elf_segment_at(const struct elf_object *o, uint32_t i, struct elf_segment *s)
{
	*s = (struct elf_segment){ 0 };
	if (i >= o->segments.n)
		return false;
	struct reader r = reader_of(span_from(o->segments.bytes, (uint64_t)i * o->segments.stride), o->big);
	s->type = rd_u32(&r);
	if (o->is64)
		s->flags = rd_u32(&r);
	s->offset = elf_word(o, &r);
	s->address = elf_word(o, &r);
	elf_word(o, &r); /* physical address */
	s->file_size = elf_word(o, &r);
	s->memory_size = elf_word(o, &r);
	if (!o->is64)
		s->flags = rd_u32(&r);
	return rd_ok(&r);
}

bool elf_section_at(const struct elf_object *o, uint32_t i, struct elf_section *s)
{
	*s = (struct elf_section){ 0 };
	if (i >= o->sections.n)
		return false;
	struct reader r = reader_of(span_from(o->sections.bytes, (uint64_t)i * o->sections.stride), o->big);
	s->name = rd_u32(&r);
	s->type = rd_u32(&r);
	s->flags = elf_word(o, &r);
	s->address = elf_word(o, &r);
	s->offset = elf_word(o, &r);
	s->size = elf_word(o, &r);
	s->link = rd_u32(&r);
	s->info = rd_u32(&r);
	return rd_ok(&r);
}

static void find_table(struct elf_table *t, struct span file, uint64_t offset, uint64_t n, uint32_t stride,
					   uint32_t least)
{
	if (!offset || !n) {
		t->state = ELF_TABLE_NONE;
		return;
	}
	if (stride != least || n > UINT32_MAX) {
		t->state = ELF_TABLE_BAD;
		return;
	}
	t->bytes = span_sub(file, offset, n * stride);
	t->state = t->bytes.p ? ELF_TABLE_READ : ELF_TABLE_CUT;
	t->stride = stride;
	if (!t->bytes.p) /* what there is of it */
		t->bytes = span_clip(file, offset, n * stride);
	t->n = (uint32_t)(t->bytes.n / stride);
}

/* gABI chapter 4: numbers that do not fit the file header stand in the first section header, which is empty
 * otherwise; where it has a type the table is none. */
static void find_tables(struct elf_object *o, uint64_t phoff, uint64_t shoff, struct reader *r)
{
	uint32_t phentsize = rd_u16(r), phnum = rd_u16(r), shentsize = rd_u16(r), shnum = rd_u16(r), names = rd_u16(r);
	uint32_t section_size = o->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	struct elf_section first;
	find_table(&o->sections, o->bytes, shoff, shnum ? shnum : 1, shentsize, section_size);
	if (elf_section_at(o, 0, &first)) {
		if (!shnum)
			find_table(&o->sections, o->bytes, shoff, first.size, shentsize, section_size);
		phnum = phnum == PN_XNUM ? first.info : phnum;
		names = names == SECTION_NAMES_EXTENDED ? first.link : names;
	}
	if (o->sections.n && first.type != SHT_NULL)
		o->sections = (struct elf_table){ .state = ELF_TABLE_BAD };
	find_table(&o->segments, o->bytes, phoff, phnum, phentsize, o->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	if (o->segments.n > SEGMENTS_MAX)
		o->segments.n = SEGMENTS_MAX;
	struct elf_section s;
	if (elf_section_at(o, names, &s) && s.type == SHT_STRTAB)
		o->section_names = span_clip(o->bytes, s.offset, s.size);
}

struct error elf_open(struct span bytes, struct elf_object *o)
{
	*o = (struct elf_object){ .bytes = bytes };
	if (bytes.n <= EI_DATA)
		return error_at(ERR_TRUNCATED, bytes.n, "the ELF identification ends after %zu bytes", bytes.n);
	uint8_t class = bytes.p[EI_CLASS], order = bytes.p[EI_DATA];
	if (class != ELFCLASS32 && class != ELFCLASS64)
		return error_at(ERR_CORRUPT, EI_CLASS, "ELF class %u, expected 1 or 2", class);
	if (order != ELFDATA2LSB && order != ELFDATA2MSB)
		return error_at(ERR_CORRUPT, EI_DATA, "ELF byte order %u, expected 1 or 2", order);
	o->identified = true;
	o->is64 = class == ELFCLASS64;
	o->big = order == ELFDATA2MSB;
	struct reader r = reader_of(bytes, o->big);
	rd_skip(&r, EI_NIDENT);
	o->type = rd_u16(&r);
	o->machine = rd_u16(&r);
	rd_skip(&r, 4); /* version */
	o->entry = elf_word(o, &r);
	uint64_t phoff = elf_word(o, &r), shoff = elf_word(o, &r);
	rd_skip(&r, 4 + 2); /* flags, size of this header */
	struct reader counts = r;
	rd_skip(&r, 5 * 2);
	if (!rd_ok(&r))
		return error_at(ERR_TRUNCATED, bytes.n, "the ELF header ends after %zu bytes", bytes.n);
	find_tables(o, phoff, shoff, &counts);
	return error_none();
}

static bool is_cut(const struct elf_object *o, uint64_t offset, uint64_t size)
{
	return size && (offset > o->bytes.n || size > o->bytes.n - offset);
}

/* The .mdt of split firmware is the headers and the hashes, which are the first two entries and have no type, one behind the other and
 * nothing else, as Linux' drivers/soc/qcom/mdt_loader.c reads it; its .b00 is the headers alone. */
static bool is_split(const struct elf_object *o)
{
	struct elf_segment headers, hashes;
	return elf_segment_at(o, 0, &headers) && elf_segment_at(o, 1, &hashes) && headers.type == PT_NULL && hashes.type == PT_NULL &&
		   headers.offset == 0 && headers.file_size && hashes.file_size && headers.file_size <= o->bytes.n &&
		   (headers.file_size == o->bytes.n || hashes.file_size == o->bytes.n - headers.file_size);
}

void elf_read_segments(const struct elf_object *o, struct elf_segments *out)
{
	struct elf_segment s;
	*out = (struct elf_segments){ 0 };
	for (uint32_t i = 0; elf_segment_at(o, i, &s); i++) {
		if (s.type != PT_NULL && is_cut(o, s.offset, s.file_size))
			out->cut = true;
		struct elf_segment *slot = s.type == PT_INTERP      ? &out->interpreter
								   : s.type == PT_DYNAMIC   ? &out->dynamic
								   : s.type == PT_GNU_STACK ? &out->stack
								   : s.type == PT_GNU_RELRO ? &out->relro
															: NULL;
		if (slot)
			*slot = s;
	}
	out->elsewhere = is_split(o);
}

struct span elf_at_address(const struct elf_object *o, uint64_t address)
{
	struct elf_segment s;
	for (uint32_t i = 0; elf_segment_at(o, i, &s); i++)
		if (s.type == PT_LOAD && address >= s.address && address - s.address < s.file_size)
			return span_from(span_clip(o->bytes, s.offset, s.file_size), address - s.address);
	return SPAN_NONE;
}

static bool is_named(const struct elf_object *o, const struct elf_section *s, const char *name)
{
	return span_has(o->section_names, s->name, name, strlen(name) + 1);
}

/* The value of a field of .modinfo, whose entries are "name=value" with a NUL behind; TEXT_NONE when it has none. */
static struct text module_field(struct span modinfo, const char *field)
{
	size_t n = strlen(field);
	const uint8_t *p;
	for (struct span s = modinfo; s.n && (p = memmem(s.p, s.n, field, n)); s = span_from(s, (size_t)(p - s.p) + n)) {
		if (p == modinfo.p || p[-1] == '\0')
			return elf_string(modinfo, (size_t)(p - modinfo.p) + n, UINT64_MAX);
	}
	return TEXT_NONE;
}

static void look_for_module(const struct elf_object *o, const struct elf_section *s, struct elf_sections *out)
{
	if (is_named(o, s, ".gnu.linkonce.this_module"))
		out->is_module = true;
	if (out->has_modinfo || !is_named(o, s, ".modinfo")) /* the first one only: many could share the same bytes */
		return;
	out->has_modinfo = true;
	struct span modinfo = span_clip(o->bytes, s->offset, s->size);
	out->vermagic = module_field(modinfo, "vermagic=");
	out->licence = module_field(modinfo, "license=");
	/* Linux 2.4 had no vermagic, and linked no structure of its own. */
	if (out->vermagic.p || module_field(modinfo, "kernel_version=").p)
		out->is_module = true;
}

static struct elf_symbols symbols_of(const struct elf_object *o, const struct elf_section *s)
{
	struct elf_section names;
	struct elf_symbols symbols = { .table = span_sub(o->bytes, s->offset, s->size) };
	if (elf_section_at(o, s->link, &names) && names.type == SHT_STRTAB)
		symbols.names = span_sub(o->bytes, names.offset, names.size);
	return symbols.names.p ? symbols : (struct elf_symbols){ SPAN_NONE, SPAN_NONE };
}

void elf_read_sections(const struct elf_object *o, struct elf_sections *out)
{
	struct elf_section s;
	*out = (struct elf_sections){ .too_many = o->sections.n > SECTIONS_MAX };
	for (uint32_t i = 1; i < SECTIONS_MAX && elf_section_at(o, i, &s); i++) {
		bool in_memory_only = s.type == SHT_NOBITS || s.type == SHT_NULL;
		if (!in_memory_only && is_cut(o, s.offset, s.size))
			out->cut = true;
		if (s.type == SHT_NOBITS && (s.flags & SHF_EXECINSTR) && is_named(o, &s, ".text"))
			out->is_debug_file = true;
		if (s.type == SHT_SYMTAB && !out->has_symtab) {
			out->symtab = symbols_of(o, &s);
			out->has_symtab = true;
		}
		if (s.type == SHT_DYNSYM && !out->dynsym.type)
			out->dynsym = s;
		if (o->type == ET_REL && s.type == SHT_PROGBITS)
			look_for_module(o, &s, out);
		if (o->type != ET_REL && (is_named(o, &s, "__ksymtab") || is_named(o, &s, "__ksymtab_strings")))
			out->is_kernel = true;
	}
}
