/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flash of Beken's chips (BK7231 and its like, of Tuya's devices): behind each 32 bytes of what the processor reads stands their
 * CRC-16. Code is enciphered besides, word by word with the address; Tuya's key, which their chips of all devices share, is published.
 * What comes out are the runs without their sums, deciphered where it then begins with vectors of an ARM.
 *
 * Specification: ltchiptool soc/bk72xx/util/binary.py, crypto.py; Beken's encrypt_crc.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define BLOCK 34u
#define DATA 32u
#define PROOF_BLOCKS 8u
#define PROOF_MIN 4u /* sums that are right by chance: 1 of 2^64 */
#define APP_ADDRESS 0x10000u
#define RBL_BLOCKS 3u
#define ERASED_BYTES 16u /* no code begins with so many bytes of ones, what is not enciphered behind it does */

/* Polynomial 0x8005, high bit first, begun with ones; four bits at a time. */
static uint16_t crc_of(const uint8_t *p)
{
	static const uint16_t steps[16] = {
		0x0000, 0x8005, 0x800f, 0x000a, 0x801b, 0x001e, 0x0014, 0x8011, 0x8033, 0x0036, 0x003c, 0x8039, 0x0028, 0x802d, 0x8027, 0x0022,
	};
	uint16_t crc = 0xffff;
	for (size_t i = 0; i < DATA; i++) {
		crc = (uint16_t)(crc << 4 ^ steps[crc >> 12 ^ p[i] >> 4]);
		crc = (uint16_t)(crc << 4 ^ steps[crc >> 12 ^ (p[i] & 15)]);
	}
	return crc;
}

static bool is_filled(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0xff)
			return false;
	return true;
}

static bool is_right(struct span bytes, uint64_t block)
{
	struct span b = span_sub(bytes, block * BLOCK, BLOCK);
	return b.p && crc_of(b.p) == span_u16be(b, DATA);
}

static bool beken_probe(struct span at, struct format_match *match)
{
	unsigned right = 0;
	if (at.n < PROOF_MIN * BLOCK || !is_right(at, 0))
		return false;
	for (unsigned i = 0; i < PROOF_BLOCKS; i++)
		right += is_right(at, i);
	match->size = SIZE_UNKNOWN;
	match->confidence = 95;
	return right >= PROOF_MIN;
}

/* The stream of Tuya's key (coefficients 510fb093 a3cbeadc 5993a17e c7adeb03), which leaves out two of the cipher's three registers. */
static uint32_t keystream(uint32_t address)
{
	uint32_t a = (address >> 8 | address << 24) ^ 0x510fb093u;
	uint32_t mask = 0xe519a4f1u & ((a >> 2 & 15) * 0x11111111u);
	return (a << 17 | a >> 15) ^ mask ^ 0x5993a17eu;
}

/* A branch, then a jump by a table: how the vectors of ARM's older processors begin. */
static bool are_vectors(struct span code, uint32_t address, bool enciphered)
{
	uint32_t first = span_u32le(code, 0) ^ (enciphered ? keystream(address) : 0);
	uint32_t second = span_u32le(code, 4) ^ (enciphered ? keystream(address + 4) : 0);
	return first >> 16 == 0xea00 && second >> 12 == 0xe59ff;
}

struct run {
	struct span raw;
	uint32_t blocks, address;
	bool enciphered;
};

static struct error run_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct run *r = file;
	bool enciphered = r->enciphered;
	(void)fs;
	enum error_code e = buf_reserve(out, (size_t)r->blocks * DATA);
	if (e)
		return error_at(e, 0, "no memory for the run");
	for (uint32_t i = 0; i < r->blocks; i++) {
		const uint8_t *from = r->raw.p + (size_t)i * BLOCK;
		enciphered = enciphered && !is_filled(from, ERASED_BYTES);
		for (uint32_t k = 0; k < DATA; k += 4) {
			uint32_t key = enciphered ? keystream(r->address + i * DATA + k) : 0;
			for (unsigned byte = 0; byte < 4; byte++)
				out->p[out->n++] = from[k + byte] ^ (uint8_t)(key >> 8 * byte);
		}
	}
	return error_none();
}

static const struct content_ops run_ops = { .unpack = run_unpack };

/* The blocks from `block` on that belong together: up to erased ones, to the package's header, or to what has no sums. A single one
 * whose sum is wrong does not end it. */
static uint32_t run_length(struct span bytes, uint64_t block, uint32_t *wrong)
{
	uint32_t n = 0;
	*wrong = 0;
	for (;; n++) {
		struct span b = span_sub(bytes, (block + n) * BLOCK, BLOCK);
		if (!b.p || is_filled(b.p, BLOCK) || (n && span_starts(b, "RBL\0", 4)))
			break;
		if (is_right(bytes, block + n))
			continue;
		if (!is_right(bytes, block + n + 1))
			break;
		++*wrong;
	}
	return n;
}

/* What the package was called that the partition was written from. */
static void emit_rbl(struct walk *w, struct span bytes, uint64_t block)
{
	uint8_t header[RBL_BLOCKS * DATA];
	for (unsigned i = 0; i < RBL_BLOCKS; i++)
		memcpy(header + (size_t)i * DATA, bytes.p + (block + i) * BLOCK, DATA);
	struct text name = wrapper_text(span_of(header + 12, 16)), version = wrapper_text(span_of(header + 28, 24));
	emit_header_field(w->sink, block * BLOCK, "version", "%.*s: %.*s", (int)name.n, name.p, (int)version.n, version.p);
}

static bool emit_run(struct walk *w, struct span bytes, uint64_t block, uint32_t n, uint32_t base)
{
	struct run *r = ARENA_NEW(w->arena, struct run);
	char *name = ARENA_ARRAY(w->arena, char, 16);
	if (!r || !name)
		return false;
	*r = (struct run){ span_sub(bytes, block * BLOCK, (uint64_t)n * BLOCK), n, base + (uint32_t)(block * DATA), false };
	r->enciphered = are_vectors(r->raw, r->address, true);
	snprintf(name, 16, "0x%08x", r->address);
	if (r->enciphered)
		emit_header_field(w->sink, block * BLOCK, "key", "%s: 510fb093a3cbeadc5993a17ec7adeb03", name);
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.offset = block * BLOCK;
	e.size = (uint64_t)n * DATA;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &run_ops, .file = r };
	return w->child(w, &e);
}

static struct error beken_walk(struct span bytes, struct walk *w)
{
	uint64_t blocks = bytes.n / BLOCK, wrong_at = 0, wrong = 0;
	uint32_t base = are_vectors(bytes, APP_ADDRESS, true) ? APP_ADDRESS : 0;
	for (uint64_t i = 0; i < blocks;) {
		uint32_t bad, n = run_length(bytes, i, &bad);
		if (!n && !is_filled(bytes.p + i * BLOCK, BLOCK))
			break;
		if (bad && !wrong)
			wrong_at = i * BLOCK;
		wrong += bad;
		bool rbl = n == RBL_BLOCKS && span_starts(span_from(bytes, i * BLOCK), "RBL\0", 4);
		if (rbl)
			emit_rbl(w, bytes, i);
		else if (n && !emit_run(w, bytes, i, n, base))
			return error_none();
		if (n)
			w->end = (i + n) * BLOCK;
		i += n ? n : 1;
	}
	if (wrong)
		emit_damage_at(w->sink, ERR_CORRUPT, wrong_at, "the CRC of %llu blocks is another one", (unsigned long long)wrong);
	return error_none();
}

const struct format beken_flash_format = {
	.name = "beken_flash",
	.kind = FORMAT_CONTAINER,
	.title = "flash of Beken's chips with a CRC-16 behind each 32 bytes (BK7231)",
	.spec = "ltchiptool soc/bk72xx",
	.probe = beken_probe,
	.walk = beken_walk,
	.at_start = true,
	.own_bytes = true, /* what has no sums is behind its end */
};
