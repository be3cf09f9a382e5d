/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: VxWorks h/symbol.h and config/all/version.c; eCos packages/hal/mips/arch/current/src/vectors.S (other_vector). */
#include "inspect/mcu_rtos.h"

#include "inspect/vxworks.h"

#define VERSION_LIMIT 16u
#define LUI_K1 0x3c1b0000u
#define NAMES_MAX ((uint64_t)16 << 20) /* bytes of names that are compared */

static struct fact_mcu rtos_row(uint64_t offset)
{
	return (struct fact_mcu){ .offset = (int64_t)offset, .entry = FACT_NULL };
}

/* "2.6" of "WIND version 2.6"; the name stands beside it in every image. */
static struct text wind_version(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, VERSION_LIMIT);
	size_t n = 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		n++;
	while (n && s.p[n - 1] == '.')
		n--;
	return n && s.p[0] != '.' ? text_of((const char *)s.p, n) : TEXT_NONE;
}

static void read_wind(const struct subject *s, const struct hit *hit, struct rtos_told *told, struct sink *sink)
{
	struct text version = wind_version(s->bytes, hit->to);
	bool is_program = s->kind == ENTRY_FILE && strcmp(s->format, "elf") == 0; /* of a host, that knows VxWorks */
	if (told->wind || told->no_name || is_program || !version.n)
		return;
	told->no_name = !text_has(text_from_span(s->bytes), "VxWorks"); /* looked for once */
	if (told->no_name)
		return;
	struct fact_mcu m = rtos_row(hit->from);
	m.sdk = text_c(arena_printf(s->arena, "VxWorks (WIND kernel %.*s)", (int)version.n, version.p));
	emit_mcu(sink, &m);
	told->wind = true;
}

/* Where an image in RAM starts: sysInit(); one in ROM at romInit(). */
static bool is_entry_point(struct text name)
{
	if (name.n && name.p[0] == '_') /* compilers for 68K, x86 */
		name = text_of(name.p + 1, name.n - 1);
	return text_is(name, "sysInit") || text_is(name, "_sysInit");
}

static void emit_table(const struct subject *s, const struct vxworks_table *t, struct sink *sink)
{
	struct fact_mcu m = rtos_row(t->at);
	uint32_t functions = 0, lost = 0;
	uint64_t looked = 0;
	for (uint32_t i = 0; i < t->symbols && looked < NAMES_MAX; i++) {
		struct vxworks_symbol symbol = vxworks_symbol_at(s->bytes, t, i);
		looked += symbol.name.n + 1;
		functions += symbol.function;
		lost += !symbol.name.n;
		if (is_entry_point(symbol.name) && symbol.value <= INT64_MAX)
			m.entry = (int64_t)symbol.value;
	}
	m.sdk = t->entry == 16 ? TEXT_LIT("VxWorks 5") : t->width == 8 ? TEXT_LIT("VxWorks 7") : TEXT_LIT("VxWorks 6 or 7");
	emit_mcu(sink, &m);
	emit_header_field(sink, t->at, "symbols", "%u", t->symbols);
	emit_header_field(sink, t->at, "functions", "%u", functions);
	emit_header_field(sink, t->at, "byte_order", "%s", t->big ? "big-endian" : "little-endian");
	emit_header_field(sink, t->at, "load address (by the names of symbols)", "0x%0*llx", (int)(2 * t->width),
					  (unsigned long long)(t->width == 4 ? t->base & UINT32_MAX : t->base));
	if (lost)
		emit_damage_at(sink, ERR_CORRUPT, t->at, "the names of %u of %u symbols of VxWorks do not stand where they should", lost,
					   t->symbols);
}

static void read_symbols(const struct subject *s, const struct hit *hit, struct rtos_told *told, struct sink *sink)
{
	struct vxworks_table t;
	uint64_t name = hit->from;
	if (name && s->bytes.p[name - 1] == '_')
		name--;
	if (told->symbols || (name && s->bytes.p[name - 1]))
		return;
	told->symbols = true; /* the string of one table is looked for once: that is linear */
	bool over = false;
	if (vxworks_find(s->bytes, name, &t, &over))
		emit_table(s, &t, sink);
	else if (over)
		emit_damage_at(sink, ERR_BUDGET, hit->from, "more looks like a symbol table of VxWorks than is tried: that of this name is not found");
}

/* mfc0 k0, cause; (nop;) andi k0, 0x7f was found. Behind it: la k1, hal_vsr_table; add k1, k1, k0; lw k1, 0(k1); jr k1. */
static void read_handler(const struct subject *s, const struct hit *hit, struct rtos_told *told, struct sink *sink)
{
	bool big = s->bytes.p[hit->from] == 0x40;
	struct reader r = reader_of(span_from(s->bytes, hit->to), big);
	uint32_t high = rd_u32(&r), low = rd_u32(&r), add = rd_u32(&r), load = rd_u32(&r), jump = rd_u32(&r);
	if (told->handler || !rd_ok(&r) || (high & 0xffff0000u) != LUI_K1 || (low >> 16 != 0x277b && low >> 16 != 0x377b) ||
		(add != 0x037ad820 && add != 0x037ad821 && add != 0x035bd821) || load != 0x8f7b0000 || jump != 0x03600008)
		return;
	struct fact_mcu m = rtos_row(hit->from);
	m.chip = big ? TEXT_LIT("MIPS, big-endian") : TEXT_LIT("MIPS, little-endian");
	m.sdk = TEXT_LIT("eCos");
	emit_mcu(sink, &m);
	told->handler = true;
}

void rtos_read(const struct subject *s, enum rtos_hit kind, const struct hit *hit, struct rtos_told *told, struct sink *sink)
{
	if (kind == RTOS_SYMBOL)
		read_symbols(s, hit, told, sink);
	else if (kind == RTOS_WIND)
		read_wind(s, hit, told, sink);
	else
		read_handler(s, hit, told, sink);
}
