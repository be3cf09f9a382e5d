/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "elf_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct elf_image *m, uint64_t v, unsigned width)
{
	assert_true(m->n + width <= IMAGE_MAX);
	for (unsigned i = 0; i < width; i++)
		m->p[m->n++] = (uint8_t)(v >> (m->big ? 8 * (width - 1 - i) : 8 * i));
}

static void put_word(struct elf_image *m, uint64_t v)
{
	put(m, v, m->is64 ? 8 : 4);
}

static size_t put_string(struct elf_image *m, const char *s, size_t n)
{
	size_t at = m->n;
	assert_true(m->n + n + 1 <= IMAGE_MAX);
	memcpy(m->p + m->n, s, n);
	m->n += n;
	m->p[m->n++] = 0;
	return at;
}

static void put_segment(struct elf_image *m, uint32_t type, unsigned flags, uint64_t offset, uint64_t size)
{
	put(m, type, 4);
	if (m->is64)
		put(m, flags, 4);
	put_word(m, offset);
	put_word(m, offset ? BASE + offset : BASE);
	put_word(m, 0);
	put_word(m, size);
	put_word(m, size);
	if (!m->is64)
		put(m, flags, 4);
	put_word(m, 4);
}

void elf_put_section(struct elf_image *m, uint32_t name, uint32_t type, uint64_t offset, uint64_t size, uint32_t link)
{
	put(m, name, 4);
	put(m, type, 4);
	put_word(m, 0);
	put_word(m, 0);
	put_word(m, offset);
	put_word(m, size);
	put(m, link, 4);
	put(m, 0, 4);
	put_word(m, 1);
	put_word(m, 0);
}

static void put_symbol(struct elf_image *m, uint32_t name, uint16_t section)
{
	put(m, name, 4);
	if (!m->is64)
		put_word(m, 0), put_word(m, 0);
	put(m, ELF32_ST_INFO(STB_GLOBAL, name ? STT_FUNC : STT_NOTYPE), 1);
	put(m, 0, 1);
	put(m, section, 2);
	if (m->is64)
		put_word(m, 0), put_word(m, 0);
}

/* Each word of `list`, as symbols of that section or, without `symbols`, as strings whose offsets go to at[]. */
static size_t put_words(struct elf_image *m, const char *list, size_t strings, uint32_t *at)
{
	size_t n = 0;
	for (const char *p = list ? list : ""; *p;) {
		size_t length = strcspn(p, " ");
		at[n++] = (uint32_t)(put_string(m, p, length) - strings);
		p += length + (p[length] == ' ');
	}
	return n;
}

struct dynamic_places {
	size_t at, size;
};

static struct dynamic_places put_dynamic(struct elf_image *m, const struct elf_recipe *r)
{
	uint32_t needed[16], imports[64], exports[16];
	size_t strings = put_string(m, "", 0);
	size_t nneeded = put_words(m, r->needed, strings, needed);
	size_t nimports = put_words(m, r->imports, strings, imports), nexports = put_words(m, r->exports, strings, exports);
	size_t soname = r->soname ? put_string(m, r->soname, strlen(r->soname)) - strings : 0;
	size_t rpath = r->rpath ? put_string(m, r->rpath, strlen(r->rpath)) - strings : 0;
	size_t size = m->n - strings, symbols = m->n;
	put_symbol(m, 0, 0);
	for (size_t i = 0; i < nimports; i++)
		put_symbol(m, imports[i], SHN_UNDEF);
	for (size_t i = 0; i < nexports; i++)
		put_symbol(m, exports[i], 5);
	size_t hash = m->n;
	put(m, 1, 4);
	put(m, 1 + nimports + nexports, 4);
	struct dynamic_places places = { .at = m->n };
	for (size_t i = 0; i < nneeded; i++)
		put_word(m, DT_NEEDED), put_word(m, needed[i]);
	if (soname)
		put_word(m, DT_SONAME), put_word(m, soname);
	if (rpath)
		put_word(m, DT_RPATH), put_word(m, rpath);
	uint64_t fixed[] = { DT_STRTAB, BASE + strings, DT_STRSZ, size, DT_SYMTAB, BASE + symbols, DT_HASH, BASE + hash };
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		put_word(m, fixed[i]);
	for (size_t i = 0; i < ENTRIES && r->entries[i & ~1u]; i++)
		put_word(m, r->entries[i]);
	put_word(m, DT_NULL), put_word(m, 0);
	places.size = m->n - places.at;
	return places;
}

static void put_sections(struct elf_image *m, const struct elf_recipe *r, size_t *shoff, unsigned *shnum)
{
	uint32_t at[16];
	size_t names = put_string(m, "", 0);
	size_t modinfo_name = put_string(m, ".modinfo", 8) - names, names_size = m->n - names;
	size_t modinfo = m->n;
	if (r->modinfo)
		put_string(m, r->modinfo, strlen(r->modinfo));
	if (r->modinfo2)
		put_string(m, r->modinfo2, strlen(r->modinfo2));
	size_t modinfo_size = m->n - modinfo, strings = put_string(m, "", 0);
	size_t n = put_words(m, r->symbols, strings, at), strings_size = m->n - strings, symbols = m->n;
	put_symbol(m, 0, 0);
	for (size_t i = 0; i < n; i++)
		put_symbol(m, at[i], r->type == ET_REL ? SHN_UNDEF : 7);
	size_t symbols_size = m->n - symbols;
	*shoff = m->n;
	*shnum = r->symbols ? 5 : 3;
	elf_put_section(m, 0, SHT_NULL, 0, 0, 0);
	elf_put_section(m, 0, SHT_STRTAB, names, names_size, 0);
	elf_put_section(m, r->modinfo ? (uint32_t)modinfo_name : 0, SHT_PROGBITS, modinfo, modinfo_size, 0);
	if (r->symbols) {
		elf_put_section(m, 0, SHT_SYMTAB, symbols, symbols_size, 4);
		elf_put_section(m, 0, SHT_STRTAB, strings, strings_size, 0);
	}
}

void elf_put_header(struct elf_image *m, const struct elf_recipe *r, unsigned phnum, size_t shoff, unsigned shnum)
{
	size_t header = r->is64 ? 64 : 52;
	m->n = 0;
	put_string(m, (const char[]){ 0x7f, 'E', 'L', 'F', r->is64 ? 2 : 1, r->big ? 2 : 1, 1, 0 }, 7);
	m->n = 16;
	put(m, r->type, 2);
	put(m, r->machine, 2);
	put(m, 1, 4);
	put_word(m, BASE);
	put_word(m, phnum ? header : 0);
	put_word(m, shoff);
	put(m, 0, 4);
	put(m, header, 2);
	put(m, r->is64 ? 56 : 32, 2);
	put(m, phnum, 2);
	put(m, r->is64 ? 64 : 40, 2);
	put(m, shnum, 2);
	put(m, shnum ? 1 : 0, 2);
}

void elf_write(const struct elf_recipe *r, struct elf_image *m)
{
	*m = (struct elf_image){ .is64 = r->is64, .big = r->big, .n = 64 + 6 * 56 };
	size_t interpreter = r->interpreter ? put_string(m, r->interpreter, strlen(r->interpreter)) : 0, shoff = 0;
	unsigned phnum = 0, shnum = 0;
	struct dynamic_places dynamic = { 0 };
	if (r->data)
		put_string(m, r->data, strlen(r->data));
	if (r->dynamic)
		dynamic = put_dynamic(m, r);
	if (r->modinfo || r->symbols)
		put_sections(m, r, &shoff, &shnum);
	size_t end = m->n;
	m->n = r->is64 ? 64 : 52;
	if (r->type == ET_EXEC || r->type == ET_DYN) {
		put_segment(m, PT_LOAD, PF_R | PF_X, 0, end), phnum++;
		if (r->interpreter)
			put_segment(m, PT_INTERP, PF_R, interpreter, strlen(r->interpreter) + 1), phnum++;
		if (r->dynamic)
			put_segment(m, PT_DYNAMIC, PF_R | PF_W, dynamic.at, dynamic.size), phnum++;
		if (r->stack)
			put_segment(m, PT_GNU_STACK, r->stack, 0, 0), phnum++;
		if (r->relro)
			put_segment(m, PT_GNU_RELRO, PF_R, 64, 64), phnum++;
	}
	elf_put_header(m, r, phnum, shoff, shnum);
	m->n = end;
}
