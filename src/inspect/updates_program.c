/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that update: command lines that stand in them as strings, texts that only a certain client has, and whether they
 * import what verifies signatures.
 *
 * A command line in a program shows that it can run it, not when. That it imports a function that verifies is told only of
 * programs that flash or are known updaters. */
#include "inspect/elf_object.h"
#include "inspect/startup_parse.h"
#include "inspect/updates.h"

#define STRING_MAX 512u
#define COMMANDS_MAX 64u
#define SYMBOLS_MAX 200000u

static bool is_printable(uint8_t c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n';
}

/* The string that the hit lies in; TEXT_NONE: it is too long to be a command. */
static struct text string_around(struct span bytes, const struct hit *hit)
{
	size_t from = (size_t)hit->from, to = (size_t)hit->to;
	while (from > 0 && hit->from - from < STRING_MAX && is_printable(bytes.p[from - 1]))
		from--;
	while (to < bytes.n && to - hit->to < STRING_MAX && is_printable(bytes.p[to]))
		to++;
	bool ended = to < bytes.n && bytes.p[to] == '\0' && (from == 0 || !is_printable(bytes.p[from - 1]));
	return ended ? text_of((const char *)bytes.p + from, to - from) : TEXT_NONE;
}

/* Help texts name the command, too. */
static bool is_usage(struct text t)
{
	static const char *const words[] = { "sage:", "SYNOPSIS", "<", "...", "xample", " is ", " not ", " the " };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (i != 3 && memmem(t.p, t.n, words[i], strlen(words[i])))
			return true;
	return t.n && memmem(t.p, t.n, "...", 3) && memmem(t.p, t.n, "[", 1);
}

struct program {
	struct updates *u;
	unsigned commands, flash;
	uint64_t covered; /* strings before this offset were read */
};

/* The commands in a string. */
static void read_command(struct program *p, struct text string, uint64_t at)
{
	struct script *s = p->commands++ < COMMANDS_MAX ? script_new(p->u->subject->arena) : NULL;
	if (!s || is_usage(string))
		return;
	script_read(s, string, 1, TEXT_LIT("start"));
	bool flash = false;
	for (unsigned pass = 0; pass < 2 && !s->broken; pass++)
		for (unsigned i = 0; i < s->ncommands; i++) {
			const struct script_command *c = &s->commands[i];
			struct updates_command judged = updates_judge(c->argv, c->argc, c->source);
			flash |= judged.deed == DEED_FLASH || judged.deed == DEED_UPDATE;
			const char *aspect = judged.deed == DEED_FLASH || judged.deed == DEED_UPDATE         ? UPDATES_INSTALL
								 : judged.deed == DEED_FETCH                                     ? UPDATES_FETCH
								 : judged.deed == DEED_SIGNATURE || judged.deed == DEED_CHECKSUM ? UPDATES_VERIFICATION
																								 : NULL;
			if (pass == 0 || !aspect || !flash)
				continue;
			struct text value = judged.deed == DEED_SIGNATURE  ? TEXT_LIT(UPDATES_SIGNATURE)
								: judged.deed == DEED_CHECKSUM ? TEXT_LIT(UPDATES_CHECKSUM)
															   : judged.value;
			updates_emit_at(p->u, (int64_t)at, FACT_NULL, aspect, value, string);
		}
	p->flash += flash;
}

static void read_marks(struct updates *u)
{
	bool seen[UPDATES_MARK_COUNT] = { false };
	struct text mechanism = u->mechanism;
	for (size_t i = 0; i < u->subject->nhits; i++) {
		const struct hit *h = &u->subject->hits[i];
		if (h->pattern >= UPDATES_MARK_COUNT || seen[h->pattern])
			continue;
		struct text string = string_around(u->subject->bytes, h);
		seen[h->pattern] = string.p != NULL;
		u->mechanism = text_c(updates_mark_mechanisms[h->pattern]);
		if (string.p && string.n < 200)
			updates_emit_at(u, (int64_t)h->from, FACT_NULL, UPDATES_PRESENT, TEXT_LIT("client"), string);
	}
	u->mechanism = mechanism;
}

static void read_imports(struct updates *u)
{
	struct elf_object o;
	struct elf_segments segments;
	struct elf_sections sections;
	struct elf_dynamic d = { .found = false };
	struct error e = elf_open(u->subject->bytes, &o);
	if (e.code)
		return;
	elf_read_segments(&o, &segments);
	elf_read_sections(&o, &sections);
	if (!segments.dynamic.type)
		return;
	e = elf_read_dynamic(&o, &segments.dynamic, &sections.dynsym, u->subject->arena, &d);
	(void)e; /* what could be read counts; the inspector of ELF objects says what could not */
	uint64_t size = elf_symbol_size(&o), n = d.has_symbols ? d.symbols.table.n / size : 0;
	for (uint64_t i = 1; i < n && i < SYMBOLS_MAX; i++) {
		struct reader r = reader_of(span_sub(d.symbols.table, i * size, size), o.big);
		uint32_t at = rd_u32(&r);
		if (!o.is64)
			rd_skip(&r, 4 + 4); /* value, size */
		rd_skip(&r, 2);         /* type, visibility */
		uint16_t section = rd_u16(&r);
		struct text name = at && section == SHN_UNDEF ? elf_string(d.symbols.names, at, 128) : TEXT_NONE;
		if (!name.n || !updates_verifies(name))
			continue;
		char *evidence = arena_printf(u->subject->arena, "imports %.*s", (int)name.n, name.p);
		if (evidence)
			updates_emit_at(u, FACT_NULL, FACT_NULL, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE),
							text_c(evidence));
	}
}

/* The tools themselves, and BusyBox, hold their own help. */
static bool is_tool(struct text name)
{
	static const char *const tools[] = { "busybox",   "flashcp",      "nandwrite", "mtd",
										 "mtd_debug", "ubiupdatevol", "dd",        "toybox" };
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
		if (text_is(name, tools[i]))
			return true;
	return false;
}

void updates_program(struct updates *u)
{
	const struct subject *s = u->subject;
	struct text base = text_base(s->path);
	const struct updates_name *known = updates_find_program(base);
	struct program p = { .u = u };
	bool elf = strcmp(s->format, "elf") == 0;
	read_marks(u);
	if (known)
		u->mechanism = text_c(known->mechanism);
	for (size_t i = 0; elf && !is_tool(base) && i < s->nhits; i++) {
		if (s->hits[i].pattern < UPDATES_PATTERN_COMMAND || s->hits[i].from < p.covered)
			continue;
		struct text string = string_around(s->bytes, &s->hits[i]);
		if (!string.p)
			continue;
		uint64_t at = (uint64_t)((const uint8_t *)string.p - s->bytes.p);
		p.covered = at + string.n;
		read_command(&p, string, at);
	}
	if (elf && (p.flash || known))
		read_imports(u);
}
