/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoders replace the distance of a branch by the place that it leads to, counted from the beginning of the block.
 *
 * Specification: UPX, doc/filter.txt; the ids are those of src/filter/filter_impl.cpp.
 */
#include "format/upx_filter.h"

#define RECENT_MAX 32u /* targets that filters 0x80 to 0x87 remember */

static uint32_t get(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
	           : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void put(uint8_t *p, bool big, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[big ? 3 - i : i] = (uint8_t)(v >> 8 * i);
}

/* What a filter of x86 changes: calls (0xe8), jumps (0xe9), jumps on a condition (0x0f 0x80 to 0x8f). */
struct x86 {
	uint8_t id;
	bool call, jump, conditional;
	bool big, marked; /* targets are in big endian; the first byte of changed ones is the mark */
};

static bool changes(const struct x86 *f, const uint8_t *p, size_t i, size_t behind_last)
{
	if (p[i] == 0xe8)
		return f->call;
	if (p[i] == 0xe9)
		return f->jump;
	return f->conditional && i != behind_last && p[i - 1] == 0x0f && p[i] >= 0x80 && p[i] <= 0x8f;
}

static void x86(const struct x86 *f, uint8_t mark, uint8_t *p, size_t n)
{
	size_t behind_last = 0;
	for (size_t i = 0; i + 5 < n; i++) {
		if (!changes(f, p, i, behind_last) || (f->marked && p[i + 1] != mark))
			continue;
		uint32_t target = get(p + i + 1, f->big) - (f->marked ? (uint32_t)mark << 24 : 0);
		put(p + i + 1, false, target - (uint32_t)i - 1);
		i += 4;
		behind_last = i + 1;
	}
}

/* The targets that were met last, as a ring: the newest is at `newest`. */
struct recent {
	uint32_t target[RECENT_MAX];
	unsigned newest, oldest;
};

static unsigned before(unsigned i)
{
	return (i + RECENT_MAX - 1) % RECENT_MAX;
}

static void remember(struct recent *r, uint32_t target)
{
	r->newest = before(r->newest);
	r->target[r->newest] = target;
}

/* The one that is `back` before the newest, which it becomes. */
static uint32_t recall(struct recent *r, unsigned back)
{
	unsigned at = (back + r->newest) % RECENT_MAX;
	uint32_t target = r->target[at];
	r->newest = before(r->newest);
	uint32_t moved = r->target[r->newest];
	if (!moved) { /* the ring is not full: what is in use stays together */
		r->oldest = before(r->oldest);
		moved = r->target[r->oldest];
		r->target[r->oldest] = 0;
	}
	r->target[at] = moved;
	r->target[r->newest] = target;
	return target;
}

enum renumbering { AS_IT_IS, PLACED, RECENT };

/* Filters 0x80 to 0x87: each kind of branch is left, placed, or told by its place among the targets that were met last. The two bytes
 * of jumps on a condition stand in the other order. */
static bool x86_renumbered(uint8_t id, uint8_t mark, uint8_t *p, size_t n)
{
	unsigned code = 1u + (id & 15u);
	enum renumbering call = (enum renumbering)(code % 3), jump = (enum renumbering)(code / 3 % 3);
	struct recent recent = { .newest = 0 };
	size_t behind_last = 0;
	for (size_t i = 0; i + 5 < n; i++) {
		bool conditional = i && i != behind_last && p[i] == 0x0f && p[i - 1] >= 0x80 && p[i - 1] <= 0x8f;
		enum renumbering how = p[i] == 0xe8 ? call : jump;
		if ((p[i] != 0xe8 && p[i] != 0xe9 && !conditional) || p[i + 1] != mark || how == AS_IT_IS)
			continue;
		uint32_t target = get(p + i + 1, true) - ((uint32_t)mark << 24);
		if (how == RECENT && target & 1)
			remember(&recent, target >>= 1);
		else if (how == RECENT && target >> 1 < RECENT_MAX)
			target = recall(&recent, target >> 1);
		else if (how == RECENT)
			return false;
		put(p + i + 1, false, target - (uint32_t)i - 1);
		if (conditional) {
			p[i] = p[i - 1];
			p[i - 1] = 0x0f;
		}
		i += 4;
		behind_last = i + 1;
	}
	return true;
}

/* BL of ARM: 24 bits, in words. */
static void arm(bool big, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 < n; i += 4) {
		uint32_t word = get(p + i, big);
		if ((word >> 24 & 0x0f) == 0x0b)
			put(p + i, big, (word & 0xff000000u) | ((word - (uint32_t)(i / 4)) & 0x00ffffffu));
	}
}

/* B and BL of AArch64: 26 bits, in words. */
static void arm64(uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 < n; i += 4) {
		uint32_t word = get(p + i, false);
		if ((word >> 26 & 0x1f) == 0x05)
			put(p + i, false, (word & 0xfc000000u) | ((word - (uint32_t)(i / 4)) & 0x03ffffffu));
	}
}

/* Branches of PowerPC: of 24 bits in words, the four upper ones are the mark. Only the first 4 MiB are changed. */
static void ppc(uint8_t mark, uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n && i <= 0x400000; i += 4) {
		uint32_t word = get(p + i, true);
		if (word >> 26 == 18 && (word >> 22 & 15) == mark)
			put(p + i, true, (word & 0xfc000003u) | (((word & 0x003ffffcu) - (uint32_t)i) & 0x03fffffcu));
	}
}

bool upx_unfilter(uint8_t id, uint8_t mark, uint8_t *p, size_t n)
{
	static const struct x86 filters[] = {
		{ 0x11, true, false, false, false, false }, { 0x12, false, true, false, false, false },
		{ 0x13, true, true, false, false, false },  { 0x14, true, false, false, true, false },
		{ 0x15, false, true, false, true, false },  { 0x16, true, true, false, true, false },
		{ 0x24, true, false, false, true, true },   { 0x25, false, true, false, true, true },
		{ 0x26, true, true, false, true, true },    { 0x36, true, true, false, true, true },
		{ 0x46, true, true, false, true, true },    { 0x49, true, true, true, true, true },
	};
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
		if (filters[i].id == id)
			return x86(&filters[i], mark, p, n), true;
	if (id >= 0x80 && id <= 0x87)
		return x86_renumbered(id, mark, p, n);
	if (id == 0x50 || id == 0x51)
		arm(id == 0x51, p, n);
	else if (id == 0x52)
		arm64(p, n);
	else if (id == 0xd0)
		ppc(mark, p, n);
	else
		return false;
	return true;
}
