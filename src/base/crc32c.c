/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/crc32c.h"

#include "base/cpu.h"

/* What the four bits at the low end of the register do to it, for the reflected polynomial 0x82f63b78. */
static const uint32_t nibbles[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
									  0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
									  0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };

static uint32_t by_nibbles(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n; n--, p++) {
		crc = crc >> 4 ^ nibbles[(crc ^ *p) & 15];
		crc = crc >> 4 ^ nibbles[(crc ^ *p >> 4) & 15];
	}
	return crc;
}

#ifdef __x86_64__
/* The processor's own instruction. */
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t wide = crc, word;
	for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	return by_nibbles((uint32_t)wide, p, n);
}
#endif

uint32_t crc32c_update(uint32_t crc, struct span bytes)
{
#ifdef __x86_64__
	if (CPU_HAS(SSE4_2))
		return by_instruction(crc, bytes.p, bytes.n);
#endif
	return by_nibbles(crc, bytes.p, bytes.n);
}
