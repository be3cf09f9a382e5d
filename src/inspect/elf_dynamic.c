/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dynamic section of an ELF object. Specification: System V gABI, chapter 5. */
#include "inspect/elf_object.h"

#include "fact/fact.h"

/* Far above what any linker writes; what a hostile object has beyond is reported. */
#define ENTRIES_MAX 65536u
#define NEEDED_MAX 1024u
#define NAME_MAX_BYTES 4096u

/* gABI leaves 0x60000000 and up to systems and machines; these are in binutils include/elf/mips.h. */
#define MIPS_SYMTABNO 0x70000011u
#define MIPS_RLD_MAP 0x70000016u
#define MIPS_RLD_MAP_REL 0x70000035u

/* Values of the tags that are of interest; of a tag that stands there twice the last one counts, as for the loader. */
struct tags {
	uint64_t strtab, strtab_size, symtab, hash, gnu_hash, mips_symbols;
	uint64_t soname, rpath, runpath;
	bool has_soname, has_rpath, has_runpath;
	uint64_t needed[NEEDED_MAX];
	uint32_t needed_count;
	bool too_many;
};

static void take_mips_tag(uint64_t tag, uint64_t value, struct tags *t, struct elf_dynamic *d)
{
	if (tag == MIPS_SYMTABNO)
		t->mips_symbols = value;
	if (tag == MIPS_RLD_MAP || tag == MIPS_RLD_MAP_REL)
		d->has_debug_slot = true;
}

static void take_string_tag(uint64_t *at, bool *has, uint64_t value)
{
	*at = value;
	*has = true;
}

static void take_tag(uint64_t tag, uint64_t value, struct tags *t, struct elf_dynamic *d)
{
	switch (tag) {
	case DT_NEEDED:
		if (t->needed_count < NEEDED_MAX)
			t->needed[t->needed_count++] = value;
		else
			t->too_many = true;
		break;
	case DT_STRTAB:
		t->strtab = value;
		break;
	case DT_STRSZ:
		t->strtab_size = value;
		break;
	case DT_SYMTAB:
		t->symtab = value;
		break;
	case DT_HASH:
		t->hash = value;
		break;
	case DT_GNU_HASH:
		t->gnu_hash = value;
		break;
	case DT_SONAME:
		take_string_tag(&t->soname, &t->has_soname, value);
		break;
	case DT_RPATH:
		take_string_tag(&t->rpath, &t->has_rpath, value);
		break;
	case DT_RUNPATH:
		take_string_tag(&t->runpath, &t->has_runpath, value);
		break;
	case DT_DEBUG:
		d->has_debug_slot = true;
		break;
	case DT_BIND_NOW:
		d->bind_now = true;
		break;
	case DT_FLAGS:
		d->bind_now |= (value & DF_BIND_NOW) != 0;
		break;
	case DT_FLAGS_1:
		d->bind_now |= (value & DF_1_NOW) != 0;
		d->says_pie |= (value & DF_1_PIE) != 0;
		break;
	default:
		break;
	}
}

/* False when it does not end within its segment. */
static bool read_entries(const struct elf_object *o, struct span bytes, struct tags *t, struct elf_dynamic *d)
{
	struct reader r = reader_of(bytes, o->big);
	for (uint32_t i = 0; i < ENTRIES_MAX; i++) {
		uint64_t tag = elf_word(o, &r), value = elf_word(o, &r);
		if (!rd_ok(&r))
			return false;
		if (tag == DT_NULL)
			return true;
		take_tag(tag, value, t, d);
		if (o->machine == EM_MIPS || o->machine == EM_MIPS_RS3_LE)
			take_mips_tag(tag, value, t, d);
	}
	t->too_many = true;
	return true;
}

/* The number of symbols by DT_HASH: that of its chains. 64-bit Alpha and S/390 have words of 8 bytes there. */
static uint64_t count_by_hash(const struct elf_object *o, uint64_t address)
{
	bool wide = o->is64 && (o->machine == EM_ALPHA || o->machine == EM_S390);
	struct reader r = reader_of(elf_at_address(o, address), o->big);
	rd_uint(&r, wide ? 8 : 4); /* number of buckets */
	return rd_uint(&r, wide ? 8 : 4);
}

/* By DT_GNU_HASH: the chain that begins last ends with the last symbol. 0 when no symbol is in it. */
static uint64_t count_by_gnu_hash(const struct elf_object *o, uint64_t address)
{
	struct reader r = reader_of(elf_at_address(o, address), o->big);
	uint32_t buckets = rd_u32(&r), first = rd_u32(&r), bloom_words = rd_u32(&r), last = 0;
	rd_skip(&r, 4 + (uint64_t)bloom_words * (o->is64 ? 8 : 4));
	for (uint32_t i = 0; i < buckets && rd_ok(&r); i++) {
		uint32_t chain = rd_u32(&r);
		last = chain > last ? chain : last;
	}
	if (last < first || !last)
		return 0;
	rd_skip(&r, (uint64_t)(last - first) * 4);
	while (rd_ok(&r) && !(rd_u32(&r) & 1))
		last++;
	return rd_ok(&r) ? (uint64_t)last + 1 : 0;
}

/* Nothing in the dynamic section says it outright. The GNU hash comes late, as it need not cover imports. */
static uint64_t count_symbols(const struct elf_object *o, const struct tags *t, const struct elf_section *dynsym)
{
	uint64_t n = t->hash ? count_by_hash(o, t->hash) : 0;
	if (!n && dynsym->type == SHT_DYNSYM && dynsym->address == t->symtab)
		n = dynsym->size / elf_symbol_size(o);
	if (!n)
		n = t->mips_symbols;
	if (!n && t->gnu_hash)
		n = count_by_gnu_hash(o, t->gnu_hash);
	if (!n && t->strtab > t->symtab) /* linkers put the strings behind the symbols */
		n = (t->strtab - t->symtab) / elf_symbol_size(o);
	return n;
}

static void find_symbols(const struct elf_object *o, const struct tags *t, const struct elf_section *dynsym,
						 struct span strings, struct elf_dynamic *d)
{
	struct span table = elf_at_address(o, t->symtab);
	uint64_t n = count_symbols(o, t, dynsym), most = table.n / elf_symbol_size(o);
	d->symbols = (struct elf_symbols){ n <= most ? span_sub(table, 0, n * elf_symbol_size(o)) : SPAN_NONE, strings };
	d->has_symbols = d->symbols.table.p && strings.p;
}

static bool is_plain_libc(struct text name)
{
	return text_is(name, "libc.so") || text_starts(name, "libc.musl");
}

/* False when a name could not be read, or there is no more room. */
static bool join_needed(const struct tags *t, struct span strings, struct arena *arena, struct elf_dynamic *d)
{
	char *out = arena_alloc(arena, 1, FACT_TEXT_MAX);
	size_t n = 0;
	if (!out)
		return false;
	d->needed = text_of(out, 0);
	for (uint32_t i = 0; i < t->needed_count; i++) {
		struct text name = elf_string(strings, t->needed[i], NAME_MAX_BYTES);
		if (!name.p || name.n + 1 > FACT_TEXT_MAX - n)
			return false;
		if (n)
			out[n++] = ' ';
		memcpy(out + n, name.p, name.n);
		n += name.n;
		d->needed.n = n;
		d->needs_plain_libc |= is_plain_libc(name);
	}
	return true;
}

static struct text string_of(struct span strings, bool has, uint64_t at)
{
	return has ? elf_string(strings, at, FACT_TEXT_MAX) : TEXT_NONE;
}

static struct error read_strings(const struct tags *t, struct span strings, uint64_t at, struct arena *arena,
								 struct elf_dynamic *d)
{
	d->soname = string_of(strings, t->has_soname, t->soname);
	d->rpath = string_of(strings, t->has_rpath, t->rpath);
	d->runpath = string_of(strings, t->has_runpath, t->runpath);
	bool complete = join_needed(t, strings, arena, d);
	if (!complete || (t->has_soname && !d->soname.p) || (t->has_rpath && !d->rpath.p) ||
		(t->has_runpath && !d->runpath.p))
		return error_at(ERR_CORRUPT, at, "a name of the dynamic section lies outside of its string table");
	if (t->too_many)
		return error_at(ERR_BUDGET, at, "more entries in the dynamic section than are read");
	return error_none();
}

struct error elf_read_dynamic(const struct elf_object *o, const struct elf_segment *segment,
							  const struct elf_section *dynsym, struct arena *arena, struct elf_dynamic *d)
{
	*d = (struct elf_dynamic){ .found = segment->type == PT_DYNAMIC };
	struct tags *t = ARENA_NEW(arena, struct tags);
	if (!t)
		return error_at(ERR_MEMORY, 0, "no memory for the dynamic section");
	if (!d->found)
		return error_none();
	/* Loaders go by the address, up to DT_NULL; the size may be wrong (old versions of sstrip cut it). */
	struct span bytes = elf_at_address(o, segment->address);
	if (!bytes.p && !segment->file_size && !segment->memory_size) { /* what a linker script of a modem's program leaves of it */
		d->found = false;
		return error_none();
	}
	if (!bytes.p)
		bytes = span_clip(o->bytes, segment->offset, segment->file_size);
	if (!read_entries(o, bytes, t, d))
		return error_at(ERR_CORRUPT, segment->offset, "the dynamic section does not end within its segment");
	d->read = true;
	struct span strings = elf_at_address(o, t->strtab);
	strings = t->strtab_size ? span_sub(strings, 0, t->strtab_size) : strings;
	find_symbols(o, t, dynsym, strings, d);
	if (!strings.p && (t->strtab || t->needed_count))
		return error_at(ERR_CORRUPT, segment->offset, "the dynamic string table lies outside of the segments");
	struct error error = read_strings(t, strings, segment->offset, arena, d);
	if (!error_is(&error) && !d->has_symbols && t->symtab)
		return error_at(ERR_CORRUPT, segment->offset, "the dynamic symbol table lies outside of the segments");
	return error;
}
