/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of a model of PPMd: from its beginning on the text that was seen, and from places in its upper part on units of 12 bytes.
 * References are offsets in it; 0 is none. Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_PPMD_UNITS_H
#define ASSAY_FORMAT_RAR_PPMD_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNIT 12u
#define INDEXES 38u
#define TEXT_FROM 4u /* so that no reference is 0 */

/* A context, or a free block. The memory is used for one after the other. */
struct __attribute__((may_alias)) unit {
	uint16_t n;      /* states; of a free block 0 */
	uint16_t sum;    /* of their frequencies, and of the escape; of a free block how many units it has */
	uint32_t states; /* where they are; of a free block the next one */
	uint32_t suffix; /* the context that is a letter shorter; of a free block the one before */
};

/* A letter that was seen in a context. A context of one only has it in the place of `sum` and `states`. */
struct __attribute__((may_alias)) state {
	uint8_t letter, freq;
	uint16_t low, high; /* the context that follows, or a place in the text */
};

typedef uint32_t __attribute__((may_alias)) free_link;

struct rar_units {
	uint8_t *base; /* TEXT_FROM + size + UNIT bytes, which are the caller's */
	uint32_t size;
	uint32_t glue_count;
	uint8_t *text, *units_start, *low_unit, *high_unit;
	uint8_t index_units[INDEXES], units_index[128];
	uint32_t free[INDEXES];
};

/* ---- references ---- */

static inline struct unit *unit_at(const struct rar_units *u, uint32_t ref)
{
	return (struct unit *)(void *)(u->base + ref);
}

static inline uint32_t ref_of(const struct rar_units *u, const void *at)
{
	return (uint32_t)((const uint8_t *)at - u->base);
}

static inline struct state *states_of(const struct rar_units *u, const struct unit *c)
{
	return (struct state *)(void *)(u->base + c->states);
}

static inline struct state *only_state(struct unit *c)
{
	return (struct state *)(void *)&c->sum;
}

static inline uint32_t successor_of(const struct state *s)
{
	return s->low | (uint32_t)s->high << 16;
}

static inline void successor_set(struct state *s, uint32_t ref)
{
	s->low = (uint16_t)ref;
	s->high = (uint16_t)(ref >> 16);
}

/* ---- units ---- */

/* Of how many units the blocks of each list are: once. */
void rar_units_tables(struct rar_units *u);
/* All of the memory is free then. */
void rar_units_restart(struct rar_units *u);

/* A block of a list that has none: from a larger one, or when free ones that stand beside each other have been joined. NULL: no memory. */
void *rar_units_take_rarely(struct rar_units *u, unsigned index);
/* Gives back what of a block is too much; where the rest is then. */
void *rar_units_shrink(struct rar_units *u, void *old, unsigned old_units, unsigned new_units);

static inline unsigned index_of(const struct rar_units *u, unsigned units)
{
	return u->units_index[units - 1];
}

static inline void block_put(struct rar_units *u, void *block, unsigned index)
{
	*(free_link *)block = u->free[index];
	u->free[index] = ref_of(u, block);
}

static inline void *block_take(struct rar_units *u, unsigned index)
{
	free_link *block = (free_link *)(void *)(u->base + u->free[index]);
	u->free[index] = *block;
	return block;
}

/* A block of that list. NULL: no memory. */
static inline void *units_take(struct rar_units *u, unsigned index)
{
	uint32_t bytes = u->index_units[index] * UNIT;
	if (u->free[index])
		return block_take(u, index);
	if (bytes > (uint32_t)(u->high_unit - u->low_unit))
		return rar_units_take_rarely(u, index);
	void *block = u->low_unit;
	u->low_unit += bytes;
	return block;
}

/* A unit for a context; NULL likewise. */
static inline struct unit *context_take(struct rar_units *u)
{
	if (u->high_unit != u->low_unit)
		return (struct unit *)(void *)(u->high_unit -= UNIT);
	return u->free[0] ? block_take(u, 0) : rar_units_take_rarely(u, 0);
}

#endif
