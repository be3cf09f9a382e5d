/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elf: programs, libraries and kernel modules with the protections that they were built with.
 *
 * What an object does not have is absent (p == NULL); `needed` and `dangerous` are empty where it is known that there
 * is nothing to list. What one cannot tell from the object is unknown: a stripped static program has no names.
 *
 * Specification: System V gABI; Linux fs/binfmt_elf.c; glibc sysdeps/.../stackinfo.h.
 */
#include "base/holes.h"
#include "inspect/elf_names.h"
#include "inspect/elf_object.h"
#include "inspect/inspect.h"

#define INTERPRETER_MAX 4096u /* as fs/binfmt_elf.c */

struct reading {
	const struct subject *subject;
	struct sink *sink;
	struct elf_object o;
	struct elf_segments segments;
	struct elf_sections sections;
	struct elf_dynamic dynamic;
	struct text interpreter;
	struct fact_elf row;
};

static bool is_program(const struct reading *e)
{
	return (e->o.type == ET_EXEC || e->o.type == ET_DYN) && !e->sections.is_debug_file && !e->sections.is_kernel;
}

static struct text machine_name(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ EM_ARM, "arm" },
		{ EM_AARCH64, "aarch64" },
		{ EM_MIPS, "mips" },
		{ EM_MIPS_RS3_LE, "mips" },
		{ EM_386, "x86" },
		{ EM_X86_64, "x86-64" },
		{ EM_PPC, "ppc" },
		{ EM_PPC64, "ppc64" },
		{ EM_RISCV, "riscv" },
		{ EM_XTENSA, "xtensa" },
		{ EM_ARC, "arc" },
		{ EM_ARC_COMPACT, "arc" },
		{ EM_ARCV2, "arc" },
		{ EM_SH, "sh" },
		{ EM_68K, "m68k" },
		{ EM_COLDFIRE, "m68k" },
		{ EM_SPARC, "sparc" },
		{ EM_SPARC32PLUS, "sparc" },
		{ EM_SPARCV9, "sparc" },
		{ EM_S390, "s390" },
		{ EM_IA_64, "ia64" },
		{ EM_ALPHA, "alpha" },
		{ EM_PARISC, "parisc" },
		{ EM_MICROBLAZE, "microblaze" },
		{ EM_ALTERA_NIOS2, "nios2" },
		{ EM_OPENRISC, "openrisc" },
		{ EM_QDSP6, "hexagon" },
		{ EM_LOONGARCH, "loongarch" },
		{ EM_CSKY, "csky" },
		{ EM_AVR, "avr" },
		{ EM_MSP430, "msp430" },
		{ EM_TRICORE, "tricore" },
		{ EM_BPF, "bpf" },
		{ EM_NDS32, "nds32" },
		{ EM_BLACKFIN, "blackfin" },
		{ EM_RX, "rx" },
		{ EM_V850, "v850" },
		{ EM_CRIS, "cris" },
		{ EM_TILEGX, "tilegx" },
		{ EM_H8_300, "h8300" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].machine == machine)
			return text_c(names[i].name);
	return TEXT_NONE;
}

/* Whether the stack is not executable in a program that does not say. Linux decides: VM_DATA_DEFAULT_FLAGS and
 * elf_read_implies_exec() of each architecture. On AArch64 it was executable before 5.8 and is not since; on x86-64 the
 * kernel changed then too, but the C library goes on making stacks of threads executable. */
static int64_t nx_by_default(uint16_t machine)
{
	static const uint16_t executable[] = { EM_386,     EM_X86_64, EM_ARM,      EM_MIPS,  EM_MIPS_RS3_LE,
										   EM_PPC,     EM_68K,    EM_SH,       EM_SPARC, EM_SPARC32PLUS,
										   EM_SPARCV9, EM_ALPHA,  EM_LOONGARCH };
	static const uint16_t not_executable[] = { EM_PPC64, EM_RISCV };
	for (size_t i = 0; i < sizeof executable / sizeof executable[0]; i++)
		if (executable[i] == machine)
			return 0;
	for (size_t i = 0; i < sizeof not_executable / sizeof not_executable[0]; i++)
		if (not_executable[i] == machine)
			return 1;
	return FACT_NULL;
}

/* Position-independent executables and shared libraries are both ET_DYN. C libraries and loaders can be run like the
 * former but have a name for others to link by, or nothing that only executables get. */
static const char *type_of_dyn(const struct reading *e)
{
	const struct elf_dynamic *d = &e->dynamic;
	if (e->sections.is_debug_file || e->o.segments.state != ELF_TABLE_READ || (d->found && !d->read))
		return NULL;
	if (!d->found)
		return e->o.entry ? "executable" : NULL;
	if (d->says_pie)
		return "executable";
	if (d->soname.p)
		return "shared-library";
	return e->interpreter.p || d->has_debug_slot ? "executable" : "shared-library";
}

/* Without its sections, which lie at the end, a cut module still has the text of its .modinfo. */
static const char *type_of_rel(const struct reading *e)
{
	static const char field[] = "vermagic=";
	struct span s = e->o.bytes;
	if (e->sections.is_module)
		return "kernel-module";
	if (e->o.sections.state == ELF_TABLE_READ)
		return "relocatable";
	return memmem(s.p, s.n, field, sizeof field - 1) ? "kernel-module" : NULL;
}

static struct text type_name(const struct reading *e)
{
	switch (e->o.type) {
	case ET_EXEC:
		return TEXT_LIT("executable");
	case ET_DYN:
		return text_c(type_of_dyn(e));
	case ET_REL:
		return text_c(type_of_rel(e));
	case ET_CORE:
		return TEXT_LIT("core");
	default:
		return TEXT_NONE;
	}
}

static void judge_loading(struct reading *e)
{
	struct fact_elf *row = &e->row;
	const struct elf_dynamic *d = &e->dynamic;
	bool segments_known = e->o.segments.state == ELF_TABLE_READ;
	bool dynamic_known = segments_known && (d->read || !d->found);
	bool executable = text_is(row->type, "executable");
	if (!is_program(e))
		return;
	if (executable)
		row->pie = e->o.type == ET_DYN;
	if (!segments_known)
		return;
	row->interpreter = e->interpreter;
	if (executable && (dynamic_known || e->segments.interpreter.type))
		row->is_static = !e->segments.interpreter.type && !d->needed_count;
	row->nx = e->segments.stack.type ? !(e->segments.stack.flags & PF_X) : nx_by_default(e->o.machine);
	if (!e->segments.relro.memory_size)
		row->relro = TEXT_LIT("none");
	else if (dynamic_known)
		row->relro = d->bind_now ? TEXT_LIT("full") : TEXT_LIT("partial");
}

static void list_dangerous(struct reading *e, const struct elf_names *names)
{
	size_t n, used = 0;
	const char *const *list = elf_name_list(ELF_DANGEROUS, &n);
	char *out = arena_alloc(e->subject->arena, n, 32);
	if (!out)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!names->dangerous[i])
			continue;
		if (used)
			out[used++] = ' ';
		size_t length = strlen(list[i]);
		memcpy(out + used, list[i], length);
		used += length;
	}
	e->row.dangerous = text_of(out, used);
}

/* OpenWrt's musl checks in its headers: that leaves calls of the plain functions and no trace. */
static bool may_check_inline(const struct reading *e)
{
	static const char musl[] = "ld-musl";
	if (text_starts(e->interpreter, "/system/bin/linker")) /* Android's libc.so */
		return false;
	return e->dynamic.needs_plain_libc ||
		   (e->interpreter.p && memmem(e->interpreter.p, e->interpreter.n, musl, sizeof musl - 1));
}

static void judge_imports(struct reading *e, const struct elf_names *names)
{
	unsigned fortified = elf_count_fortified(names), fortifiable = elf_count_fortifiable(names);
	e->row.fortified = fortified;
	e->row.fortifiable = fortifiable;
	if (fortified || (fortifiable && !may_check_inline(e)))
		e->row.fortify = fortified > 0;
	list_dangerous(e, names);
}

/* A C library defines the canary's functions for others; whether its own functions call them does not show. */
static int64_t canary_of_dynamic(const struct reading *e, const struct elf_names *names)
{
	struct elf_names all;
	if (names->canary_imported)
		return 1;
	if (names->canary_exists)
		return FACT_NULL;
	if (!e->sections.symtab.table.p) /* a protector that was linked statically would show in here */
		return 0;
	elf_read_names(&e->o, &e->sections.symtab, &all);
	return all.canary_exists;
}

/* An object of a static library is only linked where something calls it; glibc's and uClibc's says this when it does
 * its work. */
static void judge_static(struct reading *e)
{
	static const char message[] = "stack smashing detected";
	struct elf_names names;
	if (e->sections.symtab.table.p) {
		elf_read_names(&e->o, &e->sections.symtab, &names);
		e->row.canary = names.canary_exists;
		if (names.linked_check)
			e->row.fortify = 1;
	} else if (holes_memmem(e->o.bytes, message, sizeof message - 1)) {
		e->row.canary = 1;
	}
}

static void judge_symbols(struct reading *e)
{
	struct elf_names names;
	const struct elf_symbols *symtab = &e->sections.symtab;
	if (e->o.type == ET_REL && symtab->table.p) {
		elf_read_names(&e->o, symtab, &names);
		e->row.canary = names.canary_imported;
		if (text_is(e->row.type, "relocatable"))
			judge_imports(e, &names);
	} else if (e->sections.is_kernel && symtab->table.p) {
		elf_read_names(&e->o, symtab, &names);
		e->row.canary = names.canary_exists;
	} else if (is_program(e) && e->row.is_static == 1) {
		judge_static(e);
	} else if (is_program(e) && e->dynamic.has_symbols) {
		elf_read_names(&e->o, &e->dynamic.symbols, &names);
		e->row.canary = canary_of_dynamic(e, &names);
		judge_imports(e, &names);
	}
}

static void read_dynamic(struct reading *e)
{
	struct elf_dynamic *d = &e->dynamic;
	struct error error = elf_read_dynamic(&e->o, &e->segments.dynamic, &e->sections.dynsym, e->subject->arena, d);
	if (error_is(&error) && !e->segments.cut) /* then that is what is wrong, and said already */
		emit_error(e->sink, &error);
	e->row.soname = d->soname;
	e->row.rpath = d->rpath;
	e->row.runpath = d->runpath;
	if (e->o.segments.state == ELF_TABLE_READ && !d->found)
		e->row.needed = TEXT_LIT("");
	else if (d->read)
		e->row.needed = d->needed;
	const struct elf_segment *s = &e->segments.interpreter;
	if (s->type)
		e->interpreter = elf_string(span_clip(e->o.bytes, s->offset, s->file_size), 0, INTERPRETER_MAX);
}

static void report_damage(struct reading *e)
{
	const struct elf_object *o = &e->o;
	uint64_t end = o->bytes.n;
	if (o->segments.state == ELF_TABLE_CUT)
		emit_damage_at(e->sink, ERR_TRUNCATED, end, "the program headers lie beyond the end");
	else if (e->segments.cut && !e->sections.is_debug_file && !e->segments.elsewhere)
		emit_damage_at(e->sink, ERR_TRUNCATED, end, "a segment lies beyond the end");
	else if (o->sections.state == ELF_TABLE_CUT)
		emit_damage_at(e->sink, ERR_TRUNCATED, end, "the section headers lie beyond the end");
	else if (e->sections.cut)
		emit_damage_at(e->sink, ERR_TRUNCATED, end, "a section lies beyond the end");
	if (e->sections.too_many)
		emit_damage_at(e->sink, ERR_BUDGET, UINT64_MAX, "more sections than are looked at");
	if (o->segments.state == ELF_TABLE_BAD)
		emit_damage_at(e->sink, ERR_CORRUPT, 0, "the program headers have an impossible size or number");
}

static void judge_stripped(struct reading *e)
{
	enum elf_table_state state = e->o.sections.state;
	bool known = state == ELF_TABLE_READ || state == ELF_TABLE_NONE;
	if (known && e->o.type != ET_CORE && e->o.type != ET_NONE)
		e->row.stripped = !e->sections.has_symtab;
}

static void inspect(struct reading *e)
{
	elf_read_sections(&e->o, &e->sections);
	elf_read_segments(&e->o, &e->segments);
	report_damage(e);
	if (is_program(e))
		read_dynamic(e);
	e->row.type = type_name(e);
	e->row.module_version = e->sections.vermagic;
	e->row.module_licence = e->sections.is_module ? e->sections.licence : TEXT_NONE;
	judge_loading(e);
	judge_symbols(e);
	judge_stripped(e);
}

static bool wants(const struct subject *subject)
{
	return strcmp(subject->format, "elf") == 0;
}

static void run(const struct subject *subject, struct sink *sink)
{
	struct reading e = { .subject = subject, .sink = sink };
	struct error error = elf_open(subject->bytes, &e.o);
	if (error_is(&error))
		emit_error(sink, &error);
	if (!e.o.identified)
		return;
	e.row = (struct fact_elf){ .is_static = FACT_NULL,
							   .pie = FACT_NULL,
							   .nx = FACT_NULL,
							   .canary = FACT_NULL,
							   .fortify = FACT_NULL,
							   .fortified = FACT_NULL,
							   .fortifiable = FACT_NULL,
							   .stripped = FACT_NULL };
	e.row.machine = machine_name(e.o.machine);
	e.row.class = e.o.is64 ? 64 : 32;
	e.row.endian = e.o.big ? TEXT_LIT("big") : TEXT_LIT("little");
	if (!error_is(&error))
		inspect(&e);
	emit_elf(sink, &e.row);
}

const struct inspector elf_inspector = {
	.name = "elf",
	.title = "ELF programs, libraries and kernel modules, and how they are hardened",
	.spec = "System V gABI, chapters 4 and 5; Linux fs/binfmt_elf.c",
	.wants = wants,
	.run = run,
};
