/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/macho.h"

#define COMMANDS_MAX 65536u
#define TYPES 13u

enum {
	SEGMENT = 0x1,
	SYMBOLS = 0x2,
	SEGMENT_64 = 0x19,
	SIGNATURE = 0x1d,
	SPLIT_INFO = 0x1e,
	FUNCTION_STARTS = 0x26,
	DATA_IN_CODE = 0x29,
	CODE_SIGN_DRS = 0x2b,
	LINKER_HINT = 0x2e,
};

const char *macho_cpu(uint32_t cpu, uint32_t subtype)
{
	static const struct {
		uint32_t cpu;
		const char *name;
	} cpus[] = {
		{ 6, "m68k" },   { 7, "i386" },   { 8, "mips" },    { 11, "hppa" },          { 12, "arm" },           { 13, "m88k" },
		{ 14, "sparc" }, { 15, "i860" },  { 16, "alpha" },  { 18, "ppc" },           { 0x01000007, "x86_64" }, { 0x0100000c, "arm64" },
		{ 0x01000012, "ppc64" }, { 0x0200000c, "arm64_32" },
	};
	if (cpu == 0x0100000c && (subtype & 0xffffff) == 2)
		return "arm64e";
	if (cpu == 0x01000007 && (subtype & 0xffffff) == 8)
		return "x86_64h";
	for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++)
		if (cpus[i].cpu == cpu)
			return cpus[i].name;
	return NULL;
}

static uint32_t header_size(const struct macho *m)
{
	return m->is64 ? 32 : 28;
}

bool macho_read(struct span at, struct macho *m)
{
	uint32_t magic = span_u32be(at, 0);
	*m = (struct macho){ .big = magic == 0xfeedface || magic == 0xfeedfacf, .is64 = magic == 0xfeedfacf || magic == 0xcffaedfe };
	if (!m->big && magic != 0xcefaedfe && magic != 0xcffaedfe)
		return false;
	m->cpu = span_u32(at, 4, m->big);
	m->subtype = span_u32(at, 8, m->big);
	m->type = span_u32(at, 12, m->big);
	m->commands = span_u32(at, 16, m->big);
	m->commands_size = span_u32(at, 20, m->big);
	uint32_t unit = m->is64 ? 8 : 4, first = span_u32(at, header_size(m) + 4, m->big);
	return at.n >= header_size(m) + 8 && macho_cpu(m->cpu, m->subtype) && m->type >= 1 && m->type < TYPES && m->commands >= 1 &&
		   m->commands <= COMMANDS_MAX && m->commands_size / 8 >= m->commands && m->commands_size < 1u << 28 && first >= 8 &&
		   first % unit == 0 && first <= m->commands_size;
}

/* What is in the bytes: one that is cut off, or whose parts lie in another file, as those of a shared cache do, ends where they do. */
static uint64_t later(struct span bytes, uint64_t end, uint64_t at, uint64_t n)
{
	return at <= bytes.n && n <= bytes.n - at && at + n > end ? at + n : end;
}

static uint64_t command_end(const struct macho *m, struct span bytes, struct span c, uint64_t end)
{
	switch (span_u32(c, 0, m->big)) {
	case SEGMENT:
		return later(bytes, end, span_u32(c, 32, m->big), span_u32(c, 36, m->big));
	case SEGMENT_64:
		return later(bytes, end, span_u64(c, 40, m->big), span_u64(c, 48, m->big));
	case SYMBOLS:
		end = later(bytes, end, span_u32(c, 8, m->big), (uint64_t)span_u32(c, 12, m->big) * (m->is64 ? 16 : 12));
		return later(bytes, end, span_u32(c, 16, m->big), span_u32(c, 20, m->big));
	case SIGNATURE:
	case SPLIT_INFO:
	case FUNCTION_STARTS:
	case DATA_IN_CODE:
	case CODE_SIGN_DRS:
	case LINKER_HINT:
		return later(bytes, end, span_u32(c, 8, m->big), span_u32(c, 12, m->big));
	default:
		return end;
	}
}

uint64_t macho_end(struct span bytes)
{
	struct macho m;
	if (!macho_read(bytes, &m))
		return 0;
	struct span list = span_clip(bytes, header_size(&m), m.commands_size);
	uint64_t end = header_size(&m) + list.n, at = 0;
	for (uint32_t i = 0; i < m.commands; i++) {
		uint32_t size = span_u32(list, at + 4, m.big);
		if (size < 8 || size > list.n - at)
			return end;
		end = command_end(&m, bytes, span_sub(list, at, size), end);
		at += size;
	}
	return end;
}
