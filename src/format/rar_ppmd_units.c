/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After Ppmd7.c (Igor Pavlov, public domain), which is based on PPMd variant H (Dmitry Shkarin, 2001, public domain). */
#include "format/rar_ppmd_units.h"

#include <string.h>

void rar_units_tables(struct rar_units *u)
{
	unsigned k = 0;
	for (unsigned i = 0; i < INDEXES; i++) {
		for (unsigned step = i >= 12 ? 4 : (i >> 2) + 1; step; step--)
			u->units_index[k++] = (uint8_t)i;
		u->index_units[i] = (uint8_t)k;
	}
}

void rar_units_restart(struct rar_units *u)
{
	memset(u->free, 0, sizeof u->free);
	u->text = u->base + TEXT_FROM;
	u->high_unit = u->text + u->size;
	u->low_unit = u->units_start = u->high_unit - u->size / 8 / UNIT * 7 * UNIT;
	u->glue_count = 0;
}

/* Units of a block whose number need not be one that there are lists for. */
static void block_put_units(struct rar_units *u, uint8_t *block, unsigned units)
{
	unsigned i = index_of(u, units);
	if (u->index_units[i] != units) {
		unsigned k = u->index_units[--i];
		block_put(u, block + (size_t)k * UNIT, units - k - 1);
	}
	block_put(u, block, i);
}

static void block_split(struct rar_units *u, void *block, unsigned old_index, unsigned new_index)
{
	unsigned units = u->index_units[new_index];
	block_put_units(u, (uint8_t *)block + (size_t)units * UNIT, u->index_units[old_index] - units);
}

/* All free blocks in one list with two directions, whose head stands behind the memory. Gives its first. */
static uint32_t glue_list(struct rar_units *u, uint32_t head)
{
	uint32_t n = head;
	for (unsigned i = 0; i < INDEXES; i++) {
		uint32_t next = u->free[i];
		u->free[i] = 0;
		while (next) {
			struct unit *block = unit_at(u, next);
			uint32_t behind = *(free_link *)(void *)block;
			block->states = n;
			unit_at(u, n)->suffix = next;
			n = next;
			next = behind;
			block->n = 0;
			block->sum = u->index_units[i];
		}
	}
	unit_at(u, head)->n = 1;
	unit_at(u, head)->states = n;
	unit_at(u, n)->suffix = head;
	return n;
}

static void glue(struct rar_units *u)
{
	uint32_t head = TEXT_FROM + u->size, n = glue_list(u, head);
	u->glue_count = 255;
	if (u->low_unit != u->high_unit)
		((struct unit *)(void *)u->low_unit)->n = 1;
	while (n != head) {
		struct unit *block = unit_at(u, n);
		uint32_t units = block->sum;
		for (;;) {
			struct unit *other = unit_at(u, n) + units;
			units += other->sum;
			if (other->n != 0 || units >= 0x10000)
				break;
			unit_at(u, other->suffix)->states = other->states;
			unit_at(u, other->states)->suffix = other->suffix;
			block->sum = (uint16_t)units;
		}
		n = block->states;
	}
	for (n = unit_at(u, head)->states; n != head;) {
		struct unit *block = unit_at(u, n);
		unsigned units = block->sum;
		n = block->states;
		for (; units > 128; units -= 128, block += 128)
			block_put(u, block, INDEXES - 1);
		block_put_units(u, (uint8_t *)block, units);
	}
}

void *rar_units_take_rarely(struct rar_units *u, unsigned index)
{
	if (u->glue_count == 0) {
		glue(u);
		if (u->free[index])
			return block_take(u, index);
	}
	for (unsigned i = index + 1; i < INDEXES; i++)
		if (u->free[i]) {
			void *block = block_take(u, i);
			block_split(u, block, i, index);
			return block;
		}
	uint32_t bytes = u->index_units[index] * UNIT;
	u->glue_count--;
	return (uint32_t)(u->units_start - u->text) > bytes ? (u->units_start -= bytes) : NULL;
}

void *rar_units_shrink(struct rar_units *u, void *old, unsigned old_units, unsigned new_units)
{
	unsigned from = index_of(u, old_units), to = index_of(u, new_units);
	if (from == to)
		return old;
	if (!u->free[to]) {
		block_split(u, old, from, to);
		return old;
	}
	void *block = block_take(u, to);
	memcpy(block, old, (size_t)new_units * UNIT);
	block_put(u, old, from);
	return block;
}
