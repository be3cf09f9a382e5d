/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bcj.h"

enum { BCJ_X86 = 4, BCJ_POWERPC = 5, BCJ_IA64 = 6, BCJ_ARM = 7, BCJ_ARMTHUMB = 8, BCJ_SPARC = 9, BCJ_ARM64 = 10, BCJ_RISCV = 11 };

static uint32_t load_le(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint32_t load_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_le(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static void store_be(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* BL: opcode 0xEB in the highest byte, 24 bits of words relative to the instruction + 8. */
static void arm(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		if (p[i + 3] != 0xeb)
			continue;
		uint32_t to = ((load_le(p + i) & 0xffffff) << 2) - (start + (uint32_t)i + 8);
		store_le(p + i, to >> 2 & 0xffffff);
		p[i + 3] = 0xeb;
	}
}

/* BL in two halves, F000 and F800, 22 bits of half-words relative to the instruction + 4. */
static void armthumb(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 2) {
		if ((p[i + 1] & 0xf8) != 0xf0 || (p[i + 3] & 0xf8) != 0xf8)
			continue;
		uint32_t from = (uint32_t)(p[i + 1] & 7) << 19 | (uint32_t)p[i] << 11 | (uint32_t)(p[i + 3] & 7) << 8 | p[i + 2];
		uint32_t to = ((from << 1) - (start + (uint32_t)i + 4)) >> 1;
		p[i + 1] = (uint8_t)(0xf0 | (to >> 19 & 7));
		p[i] = (uint8_t)(to >> 11);
		p[i + 3] = (uint8_t)(0xf8 | (to >> 8 & 7));
		p[i + 2] = (uint8_t)to;
		i += 2;
	}
}

/* BL (26 bits of words) and ADRP (21 bits of pages, only those within 512 MiB). */
static void arm64(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		uint32_t pc = start + (uint32_t)i, instruction = load_le(p + i);
		if (instruction >> 26 == 0x25) {
			store_le(p + i, 0x94000000u | ((instruction - (pc >> 2)) & 0x03ffffff));
		} else if ((instruction & 0x9f000000u) == 0x90000000u) {
			uint32_t from = (instruction >> 29 & 3) | (instruction >> 3 & 0x001ffffc);
			if ((from + 0x00020000u) & 0x001c0000u)
				continue;
			uint32_t to = from - (pc >> 12);
			store_le(p + i, (instruction & 0x9000001fu) | (to & 3) << 29 | (to & 0x0003fffcu) << 3 |
			                    ((0u - (to & 0x00020000u)) & 0x00e00000u));
		}
	}
}

/* bl: opcode 18 with AA 0 and LK 1. */
static void powerpc(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		uint32_t instruction = load_be(p + i);
		if ((instruction & 0xfc000003u) == 0x48000001u)
			store_be(p + i, 0x48000001u | ((instruction - (start + (uint32_t)i)) & 0x03fffffcu));
	}
}

/* call with a displacement whose sign bits agree. */
static void sparc(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		uint32_t instruction = load_be(p + i);
		if (instruction >> 22 != 0x100 && instruction >> 22 != 0x1ff)
			continue;
		uint32_t to = ((instruction << 2) - (start + (uint32_t)i)) >> 2;
		store_be(p + i, (((0u - (to >> 22 & 1)) << 22) & 0x3fffffffu) | (to & 0x3fffffu) | 0x40000000u);
	}
}

/* Three instructions of 41 bits in a bundle of 16 bytes, behind 5 bits that say which of them are branches. A branch relative to the
 * instruction pointer has opcode 5 and type 0, and 21 bits of bundles: 20 together and their sign apart. */
static void ia64(uint32_t start, uint8_t *p, size_t n)
{
	static const uint8_t branches[32] = { [16] = 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0 };
	for (size_t i = 0; i + 16 <= n; i += 16)
		for (unsigned slot = 0; slot < 3; slot++) {
			if (!(branches[p[i] & 31] >> slot & 1))
				continue;
			uint8_t *at = p + i + (5 + 41 * slot) / 8;
			unsigned shift = (5 + 41 * slot) % 8;
			uint64_t six = load_le(at) | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40, instruction = six >> shift;
			if ((instruction >> 37 & 15) != 5 || (instruction >> 9 & 7) != 0)
				continue;
			uint32_t from = (uint32_t)(instruction >> 13 & 0xfffff) | (uint32_t)(instruction >> 36 & 1) << 20;
			uint32_t to = ((from << 4) - (start + (uint32_t)i)) >> 4;
			instruction = (instruction & ~(UINT64_C(0x8fffff) << 13)) | (uint64_t)(to & 0xfffff) << 13 |
			              (uint64_t)(to >> 20 & 1) << 36;
			six = (six & ((1u << shift) - 1)) | instruction << shift;
			for (unsigned k = 0; k < 6; k++)
				at[k] = (uint8_t)(six >> (8 * k));
		}
}

/* JAL that saves where it came from: the encoder leaves the 20 bits of the target's half-word in their order, the highest first. */
static void riscv_jal(uint32_t pc, uint8_t *p)
{
	uint32_t from = (uint32_t)(p[1] & 0xf0) << 13 | (uint32_t)p[2] << 9 | (uint32_t)p[3] << 1, to = from - pc;
	store_le(p, (load_le(p) & 0xfff) | (to >> 20 & 1) << 31 | (to >> 1 & 0x3ff) << 21 | (to >> 11 & 1) << 20 | (to >> 12 & 0xff) << 12);
}

/* AUIPC and the instruction behind it that goes on from its register. The encoder writes the register as x2, with 20 bits of the second
 * instruction in place of the address, and that whole, highest byte first, in place of the second; what looked so before, it writes
 * as if it were a pair. Gives how many bytes are done with. */
static size_t riscv_auipc(uint32_t pc, uint8_t *p)
{
	uint32_t first = load_le(p), second = load_le(p + 4), rd = first >> 7 & 31, base = first >> 27;
	if (rd != 0 && rd != 2) {
		if ((second >> 15 & 31) != rd || (second & 3) != 3)
			return 6;
		store_le(p, 0x117u | second << 12);
		store_le(p + 4, (first & 0xfffff000u) + (second >> 20));
		return 8;
	}
	if (rd != 2 || (first >> 12 & 3) != 3 || base == 0 || base == 2)
		return 4;
	uint32_t to = load_be(p + 4) - pc;
	store_le(p, 0x17u | base << 7 | ((to + 0x800) & 0xfffff000u));
	store_le(p + 4, first >> 12 | to << 20);
	return 8;
}

/* Instructions stand at half-words. The last of them is never converted. */
static void riscv(uint32_t start, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 8 <= n;) {
		uint32_t pc = start + (uint32_t)i;
		if (p[i] == 0xef && !(p[i + 1] & 0x0d)) { /* into x1 or x5 */
			riscv_jal(pc, p + i);
			i += 4;
		} else {
			i += (p[i] & 0x7f) == 0x17 ? riscv_auipc(pc, p + i) : 2;
		}
	}
}

static bool is_sign_byte(uint8_t b)
{
	return b == 0x00 || b == 0xff;
}

/* CALL and JMP (0xE8, 0xE9) with 32 bits relative to the next instruction. Opcodes within the last bytes seen make it
 * doubtful whether this is one: `mask` remembers where they stood, as the encoder did. */
static void x86(uint32_t start, uint8_t *p, size_t n)
{
	static const bool allowed[8] = { true, true, true, false, true, false, false, false };
	static const uint8_t doubtful_byte[8] = { 0, 1, 2, 2, 3, 3, 3, 3 };
	uint32_t mask = 0;
	size_t previous = (size_t)-5; /* as if one had been long ago */
	for (size_t i = 0; i + 5 <= n;) {
		if (p[i] != 0xe8 && p[i] != 0xe9) {
			i++;
			continue;
		}
		size_t gap = i - previous;
		previous = i;
		if (gap > 5)
			mask = 0;
		for (size_t k = 0; gap <= 5 && k < gap; k++)
			mask = (mask & 0x77) << 1;
		if (!is_sign_byte(p[i + 4]) || !allowed[mask >> 1 & 7] || mask >> 1 >= 0x10) {
			mask |= is_sign_byte(p[i + 4]) ? 0x11 : 1;
			i++;
			continue;
		}
		uint32_t from = load_le(p + i + 1), to;
		for (;;) {
			to = from - (start + (uint32_t)i + 5);
			if (mask == 0)
				break;
			unsigned byte = doubtful_byte[mask >> 1 & 7];
			if (!is_sign_byte((uint8_t)(to >> (24 - byte * 8))))
				break;
			from = to ^ (uint32_t)(((uint64_t)1 << (32 - byte * 8)) - 1);
		}
		store_le(p + i + 1, to);
		p[i + 4] = to & 0x01000000u ? 0xff : 0x00;
		i += 5;
		mask = 0;
	}
}

bool bcj_known(uint64_t id)
{
	return id >= BCJ_X86 && id <= BCJ_RISCV;
}

bool bcj_decode(uint64_t id, uint32_t start, uint8_t *p, size_t n)
{
	switch (id) {
	case BCJ_X86:
		x86(start, p, n);
		return true;
	case BCJ_POWERPC:
		powerpc(start, p, n);
		return true;
	case BCJ_IA64:
		ia64(start, p, n);
		return true;
	case BCJ_ARM:
		arm(start, p, n);
		return true;
	case BCJ_ARMTHUMB:
		armthumb(start, p, n);
		return true;
	case BCJ_SPARC:
		sparc(start, p, n);
		return true;
	case BCJ_ARM64:
		arm64(start, p, n);
		return true;
	case BCJ_RISCV:
		riscv(start, p, n);
		return true;
	default:
		return false;
	}
}
