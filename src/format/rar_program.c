/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After libarchive's reader of RAR (BSD): Tim Kientzle, Andres Mejia, Marcus Rohrmoser. Programs are not run: those of RAR's own archiver are
 * known by their length and CRC. */
#include "format/rar_program.h"

#include "base/hash.h"

enum { NUMBERED = 0x80, BEHIND = 0x40, LENGTH = 0x20, REGISTERS = 0x10, GLOBALS = 8 };
#define BEHIND_BY 258u
#define CODE_MAX 0x10000u
#define BLOCK_MAX 0x3c000u /* of the machine's memory */
#define GLOBALS_MAX 0x1fc0u
#define REGISTERS_N 7u
#define CHANNELS_MAX 255u
#define UNKNOWN 0xffu

static const struct {
	uint32_t length, crc;
	uint8_t kind;
} known[] = {
	{ 53, 0xad576887, RAR_E8 },    { 57, 0x3cd7e57e, RAR_E8E9 }, { 120, 0x3769893f, RAR_ITANIUM },
	{ 29, 0x0e06077d, RAR_DELTA }, { 149, 0x1c2c5dc8, RAR_RGB }, { 216, 0xbc85e701, RAR_AUDIO },
};

static uint32_t number(struct rar_bits *b)
{
	uint32_t v;
	switch (rar_take(b, 2)) {
	case 0:
		return rar_take(b, 4);
	case 1:
		v = rar_take(b, 8);
		return v >= 16 ? v : 0xffffff00u | v << 4 | rar_take(b, 4);
	case 2:
		return rar_take(b, 16);
	default:
		return rar_take(b, 32);
	}
}

/* The code of a new program. */
static enum error_code program_read(struct rar_programs *p, struct rar_bits *b)
{
	uint32_t n = number(b), crc = 0;
	uint8_t sum = 0, first = 0;
	if (!n || n > CODE_MAX || p->n >= RAR_PROGRAMS_MAX)
		return ERR_CORRUPT;
	for (uint32_t i = 0; i < n && !rar_past(b); i++) {
		uint8_t byte = (uint8_t)rar_take(b, 8);
		crc = hash_crc32(crc, span_of(&byte, 1));
		sum ^= i ? byte : 0;
		first = i ? first : byte;
	}
	if (rar_past(b) || sum != first)
		return ERR_CORRUPT;
	p->v[p->n].kind = UNKNOWN;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].length == n && known[i].crc == crc)
			p->v[p->n].kind = known[i].kind;
	p->n++;
	return ERR_NONE;
}

/* Which program; one behind the last is new. False: there is none of that number. */
static bool program_choose(struct rar_programs *p, uint8_t flags, struct rar_bits *b)
{
	if (flags & NUMBERED) {
		uint32_t n = number(b);
		if (!n)
			p->n = 0;
		p->last = n ? n - 1 : 0;
	}
	return p->last <= p->n;
}

/* What the registers say to the filter. */
static bool parameters_set(struct rar_filter *f, const uint32_t *r)
{
	f->channels = (uint8_t)r[0];
	if (f->kind == RAR_RGB) {
		f->width = r[0] - 3;
		f->channels = (uint8_t)r[1];
		return r[0] >= 3 && r[0] <= f->length && r[1] < 3 && f->length <= BLOCK_MAX / 2;
	}
	if (f->kind == RAR_DELTA || f->kind == RAR_AUDIO)
		return r[0] && r[0] <= CHANNELS_MAX && f->length <= BLOCK_MAX / 2;
	return true;
}

enum error_code rar_program_use(struct rar_programs *p, uint8_t flags, struct span code, const struct rar_out *o,
								struct rar_filters *f)
{
	struct rar_bits b = rar_bits_of(code);
	uint32_t registers[REGISTERS_N] = { 0 };
	if (!program_choose(p, flags, &b))
		return ERR_CORRUPT;
	bool old = p->last < p->n;
	uint64_t start = o->buf->n - o->begin + (uint64_t)number(&b) + (flags & BEHIND ? BEHIND_BY : 0);
	struct rar_filter one = { .start = start };
	one.length = flags & LENGTH ? number(&b) : old ? p->v[p->last].length : 0;
	one.position = (uint32_t)(start - (o->file - o->begin));
	registers[4] = one.length;
	uint32_t mask = flags & REGISTERS ? rar_take(&b, REGISTERS_N) : 0;
	for (unsigned i = 0; i < REGISTERS_N; i++)
		if (mask & 1u << i)
			registers[i] = number(&b);
	enum error_code e = old ? ERR_NONE : program_read(p, &b);
	if (e)
		return e;
	p->v[p->last].length = one.length;
	one.kind = p->v[p->last].kind;
	uint32_t globals = flags & GLOBALS ? number(&b) : 0;
	if (rar_past(&b) || globals > GLOBALS_MAX || one.length > BLOCK_MAX)
		return ERR_CORRUPT;
	if (one.kind == UNKNOWN) {
		f->unknown++;
		return ERR_NONE;
	}
	if (registers[4] != one.length || !parameters_set(&one, registers))
		return ERR_CORRUPT;
	return rar_filter_note(f, &one, o->buf->n - o->begin);
}
