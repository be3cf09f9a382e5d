/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model, and the letters that it tells. After Ppmd7.c (Igor Pavlov, public domain), which is based on PPMd variant H (Dmitry Shkarin,
 * 2001, public domain). */
#include "format/rar_ppmd.h"

#include <stdlib.h>

#include "format/rar_ppmd_range.h"
#include "format/rar_ppmd_units.h"

#define FREQ_MAX 124u
#define INT_BITS 7u
#define PERIOD_BITS 7u
#define BIN_SCALE (1u << (INT_BITS + PERIOD_BITS))

/* Of escapes: how often they were. */
struct see {
	uint16_t sum;
	uint8_t shift, count;
};

struct rar_ppmd {
	struct rar_units u;
	struct rar_range r;
	struct buf memory; /* of the units */
	struct unit *min, *max;
	struct state *found;
	unsigned order_fall, initial_escape, previous_success, order_max, high_bits;
	int32_t run_length, initial_run_length;
	uint8_t see_index[256], bin_index[256], high_flag[256];
	struct see dummy, see[25][16];
	uint16_t bin[128][64];
};

static void states_swap(struct state *a, struct state *b)
{
	struct state t = *a;
	*a = *b;
	*b = t;
}

/* ---- the model ---- */

static void tables_make(struct rar_ppmd *p)
{
	unsigned k = 1, m = 3;
	rar_units_tables(&p->u);
	for (unsigned i = 0; i < 256; i++) {
		p->bin_index[i] = i < 2 ? (uint8_t)(2 * i) : i < 11 ? 4 : 6;
		p->high_flag[i] = i < 0x40 ? 0 : 8;
	}
	for (unsigned i = 0; i < 3; i++)
		p->see_index[i] = (uint8_t)i;
	for (unsigned i = 3; i < 256; i++) {
		p->see_index[i] = (uint8_t)m;
		if (--k == 0)
			k = ++m - 2;
	}
}

static void chances_begin(struct rar_ppmd *p)
{
	static const uint16_t escapes[8] = { 0x3cdd, 0x1f3f, 0x59bf, 0x48f3, 0x64a1, 0x5abc, 0x6632, 0x6051 };
	for (unsigned i = 0; i < 128; i++)
		for (unsigned k = 0; k < 64; k++)
			p->bin[i][k] = (uint16_t)(BIN_SCALE - escapes[k % 8] / (i + 2));
	for (unsigned i = 0; i < 25; i++)
		for (unsigned k = 0; k < 16; k++)
			p->see[i][k] = (struct see){ (uint16_t)((5 * i + 10) << (PERIOD_BITS - 4)), PERIOD_BITS - 4, 4 };
	p->dummy = (struct see){ 0, PERIOD_BITS, 64 };
}

static void restart(struct rar_ppmd *p)
{
	rar_units_restart(&p->u);
	p->order_fall = p->order_max;
	p->run_length = p->initial_run_length = -(int32_t)(p->order_max < 12 ? p->order_max : 12) - 1;
	p->previous_success = 0;
	p->min = p->max = (struct unit *)(void *)(p->u.high_unit -= UNIT);
	p->found = (struct state *)(void *)p->u.low_unit;
	p->u.low_unit += 256 / 2 * UNIT;
	*p->min = (struct unit){ .n = 256, .sum = 256 + 1, .states = ref_of(&p->u, p->found) };
	for (unsigned i = 0; i < 256; i++)
		p->found[i] = (struct state){ .letter = (uint8_t)i, .freq = 1 };
	chances_begin(p);
}

static struct state *state_of(struct rar_ppmd *p, struct unit *c, uint8_t letter)
{
	if (c->n == 1)
		return only_state(c);
	struct state *s = states_of(&p->u, c);
	for (unsigned i = c->n; i > 1 && s->letter != letter; i--)
		s++;
	return s;
}

/* How often the first letter of a new context is taken to have been. */
static uint8_t first_freq(struct rar_ppmd *p, struct unit *c, uint8_t letter)
{
	const struct state *s = state_of(p, c, letter);
	if (c->n == 1)
		return s->freq;
	uint32_t cf = s->freq - 1u, s0 = (uint32_t)c->sum - c->n - cf;
	return (uint8_t)(1 + (2 * cf <= s0 ? (5 * cf > s0) : (2 * cf + 3 * s0 - 1) / (s0 ? 2 * s0 : 1)));
}

/* Contexts behind those that the found letter stands in. NULL: no memory. */
static struct unit *successors_make(struct rar_ppmd *p, bool skip)
{
	struct unit *c = p->min;
	uint32_t branch = successor_of(p->found);
	struct state *states[RAR_PPMD_ORDER_MAX], first;
	unsigned n = 0;
	if (!skip)
		states[n++] = p->found;
	while (c->suffix && n < RAR_PPMD_ORDER_MAX) {
		c = unit_at(&p->u, c->suffix);
		struct state *s = state_of(p, c, p->found->letter);
		uint32_t successor = successor_of(s);
		if (successor != branch) {
			c = unit_at(&p->u, successor);
			if (n == 0)
				return c;
			break;
		}
		states[n++] = s;
	}
	first.letter = p->u.base[branch];
	successor_set(&first, branch + 1);
	first.freq = first_freq(p, c, first.letter);
	while (n) {
		struct unit *child = context_take(&p->u);
		if (!child)
			return NULL;
		child->n = 1;
		*only_state(child) = first;
		child->suffix = ref_of(&p->u, c);
		successor_set(states[--n], ref_of(&p->u, child));
		c = child;
	}
	return c;
}

/* The found letter is more frequent in the shorter context, too. */
static void suffix_update(struct rar_ppmd *p)
{
	if (p->found->freq >= FREQ_MAX / 4 || !p->min->suffix)
		return;
	struct unit *c = unit_at(&p->u, p->min->suffix);
	struct state *s = state_of(p, c, p->found->letter);
	if (c->n == 1) {
		s->freq = (uint8_t)(s->freq + (s->freq < 32));
		return;
	}
	if (s != states_of(&p->u, c) && s[0].freq >= s[-1].freq) {
		states_swap(&s[0], &s[-1]);
		s--;
	}
	if (s->freq < FREQ_MAX - 9) {
		s->freq = (uint8_t)(s->freq + 2);
		c->sum = (uint16_t)(c->sum + 2);
	}
}

/* Room for one more state in a context of two and more, whose number is even. False: no memory. */
static bool states_grow(struct rar_ppmd *p, struct unit *c)
{
	unsigned units = c->n / 2u, i = index_of(&p->u, units);
	if (i == index_of(&p->u, units + 1))
		return true;
	void *block = units_take(&p->u, i + 1), *old = states_of(&p->u, c);
	if (!block)
		return false;
	memcpy(block, old, (size_t)units * UNIT);
	block_put(&p->u, old, i);
	c->states = ref_of(&p->u, block);
	return true;
}

/* A context of one state becomes one of several. */
static bool states_begin(struct rar_ppmd *p, struct unit *c, unsigned ns)
{
	struct state *s = units_take(&p->u, 0);
	if (!s)
		return false;
	*s = *only_state(c);
	c->states = ref_of(&p->u, s);
	s->freq = s->freq < FREQ_MAX / 4 - 1 ? (uint8_t)(2 * s->freq) : FREQ_MAX - 4;
	c->sum = (uint16_t)(s->freq + p->initial_escape + (ns > 3));
	return true;
}

/* Adds the found letter to a context in which it was not seen. */
static bool state_add(struct rar_ppmd *p, struct unit *c, unsigned ns, uint32_t s0, uint32_t successor)
{
	unsigned n = c->n;
	if (n == 1) {
		if (!states_begin(p, c, ns))
			return false;
	} else {
		if (n % 2 == 0 && !states_grow(p, c))
			return false;
		c->sum = (uint16_t)(c->sum + (2 * n < ns) + 2 * ((4 * n <= ns) & (c->sum <= 8 * n)));
	}
	uint32_t cf = 2 * (uint32_t)p->found->freq * (c->sum + 6u), sf = s0 + c->sum;
	if (cf < 6 * sf) {
		cf = 1u + (cf > sf) + (cf >= 4 * sf);
		c->sum = (uint16_t)(c->sum + 3);
	} else {
		cf = 4u + (cf >= 9 * sf) + (cf >= 12 * sf) + (cf >= 15 * sf);
		c->sum = (uint16_t)(c->sum + cf);
	}
	struct state *s = states_of(&p->u, c) + n;
	successor_set(s, successor);
	s->letter = p->found->letter;
	s->freq = (uint8_t)cf;
	c->n = (uint16_t)(n + 1);
	return true;
}

/* What follows the found letter, and so which contexts are next. 0: no memory. */
static uint32_t successor_find(struct rar_ppmd *p, uint32_t *place)
{
	uint32_t next = successor_of(p->found);
	if (!next) {
		successor_set(p->found, *place);
		return ref_of(&p->u, p->min);
	}
	if (next <= *place) {
		struct unit *c = successors_make(p, false);
		if (!c)
			return 0;
		next = ref_of(&p->u, c);
	}
	if (--p->order_fall == 0) {
		*place = next;
		p->u.text -= p->max != p->min;
	}
	return next;
}

static bool model_update(struct rar_ppmd *p)
{
	suffix_update(p);
	if (p->order_fall == 0) {
		p->min = p->max = successors_make(p, true);
		if (p->min)
			successor_set(p->found, ref_of(&p->u, p->min));
		return p->min != NULL;
	}
	*p->u.text++ = p->found->letter;
	uint32_t place = ref_of(&p->u, p->u.text), next = p->u.text < p->u.units_start ? successor_find(p, &place) : 0;
	if (!next)
		return false;
	unsigned ns = p->min->n;
	uint32_t s0 = (uint32_t)p->min->sum - ns - (p->found->freq - 1u);
	for (struct unit *c = p->max; c != p->min; c = unit_at(&p->u, c->suffix))
		if (!state_add(p, c, ns, s0, place))
			return false;
	p->max = p->min = unit_at(&p->u, next);
	return true;
}

static void update(struct rar_ppmd *p)
{
	if (!model_update(p))
		restart(p);
}

/* Takes away states that have become rare. */
static bool states_drop(struct rar_ppmd *p, struct state *states, struct state *last, unsigned *escape)
{
	unsigned n = p->min->n, gone = 0;
	do {
		gone++;
	} while ((--last)->freq == 0);
	*escape += gone;
	p->min->n = (uint16_t)(n - gone);
	if (p->min->n == 1) {
		struct state only = *states;
		do {
			only.freq = (uint8_t)(only.freq - (only.freq >> 1));
			*escape >>= 1;
		} while (*escape > 1);
		block_put(&p->u, states, index_of(&p->u, (n + 1) / 2));
		p->found = only_state(p->min);
		*p->found = only;
		return false;
	}
	unsigned before = (n + 1) / 2, after = (p->min->n + 1u) / 2;
	if (before != after)
		p->min->states = ref_of(&p->u, rar_units_shrink(&p->u, states, before, after));
	return true;
}

/* Halves the frequencies of a context. */
static void rescale(struct rar_ppmd *p)
{
	struct state *states = states_of(&p->u, p->min), *s = p->found, first = *s;
	unsigned adder = p->order_fall != 0;
	for (; s != states; s--)
		s[0] = s[-1];
	*s = first;
	unsigned escape = (unsigned)p->min->sum - s->freq;
	s->freq = (uint8_t)(s->freq + 4);
	s->freq = (uint8_t)((s->freq + adder) >> 1);
	unsigned sum = s->freq;
	for (unsigned i = p->min->n - 1u; i; i--) {
		escape -= (++s)->freq;
		s->freq = (uint8_t)((s->freq + adder) >> 1);
		sum += s->freq;
		struct state moved = *s, *to = s;
		for (; to != states && moved.freq > to[-1].freq; to--)
			to[0] = to[-1];
		*to = moved;
	}
	if (s->freq == 0 && !states_drop(p, states, s, &escape))
		return;
	p->min->sum = (uint16_t)(sum + escape - (escape >> 1));
	p->found = states_of(&p->u, p->min);
}

static void context_next(struct rar_ppmd *p)
{
	struct unit *c = unit_at(&p->u, successor_of(p->found));
	if (p->order_fall == 0 && (uint8_t *)c > p->u.text)
		p->min = p->max = c;
	else
		update(p);
}

/* ---- letters ---- */

/* Letters that a shorter context need not tell of. */
struct masked {
	uint8_t letters[256];
};

static int found_in_several(struct rar_ppmd *p, struct state *s, uint32_t start)
{
	uint8_t letter = s->letter;
	take(&p->r, start, s->freq);
	p->found = s;
	s->freq = (uint8_t)(s->freq + 4);
	p->min->sum = (uint16_t)(p->min->sum + 4);
	if (start == 0) {
		if (s->freq > FREQ_MAX)
			rescale(p);
	} else if (s[0].freq > s[-1].freq) {
		states_swap(&s[0], &s[-1]);
		p->found = --s;
		if (s->freq > FREQ_MAX)
			rescale(p);
	}
	context_next(p);
	return letter;
}

/* Of a context of several letters. -1: none of them; -2: damage. */
static int several_take(struct rar_ppmd *p, struct masked *m)
{
	struct state *s = states_of(&p->u, p->min);
	uint32_t count = threshold(&p->r, p->min->sum), high = s->freq;
	if (count < high) {
		p->previous_success = 2u * s->freq > p->min->sum;
		p->run_length += (int32_t)p->previous_success;
		return found_in_several(p, s, 0);
	}
	p->previous_success = 0;
	for (unsigned i = p->min->n - 1u; i; i--)
		if ((high += (++s)->freq) > count)
			return found_in_several(p, s, high - s->freq);
	if (count >= p->min->sum)
		return -2;
	p->high_bits = p->high_flag[p->found->letter];
	take(&p->r, high, p->min->sum - high);
	s = states_of(&p->u, p->min);
	for (unsigned i = 0; i < p->min->n; i++)
		m->letters[s[i].letter] = 1;
	return -1;
}

static uint16_t *binary_chance(struct rar_ppmd *p)
{
	const struct state *s = only_state(p->min);
	unsigned suffix_n = unit_at(&p->u, p->min->suffix)->n;
	p->high_bits = p->high_flag[p->found->letter];
	return &p->bin[(s->freq - 1u) % 128][p->previous_success + p->bin_index[(suffix_n - 1) % 256] + p->high_bits +
										 2u * p->high_flag[s->letter] + ((uint32_t)p->run_length >> 26 & 0x20)];
}

/* Of a context of one letter. -1: it is not that; -2: damage. */
static int only_take(struct rar_ppmd *p, struct masked *m)
{
	static const uint8_t escapes[16] = { 25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2 };
	uint16_t *chance = binary_chance(p);
	struct state *s = only_state(p->min);
	uint32_t size = *chance, mean = (size + (1u << (PERIOD_BITS - 2))) >> PERIOD_BITS;
	uint8_t letter = s->letter;
	uint32_t count = threshold(&p->r, BIN_SCALE);
	if (count < size) {
		take(&p->r, 0, size);
		*chance = (uint16_t)(size + (1u << INT_BITS) - mean);
		p->found = s;
		s->freq = (uint8_t)(s->freq + (s->freq < 128));
		p->previous_success = 1;
		p->run_length++;
		context_next(p);
		return letter;
	}
	take(&p->r, size, BIN_SCALE - size);
	*chance = (uint16_t)(size - mean);
	p->initial_escape = escapes[*chance >> 10];
	m->letters[letter] = 1;
	p->previous_success = 0;
	return -1;
}

static struct see *see_of(struct rar_ppmd *p, unsigned masked_n, uint32_t *escape)
{
	unsigned n = p->min->n, rest = n - masked_n;
	*escape = 1;
	if (n == 256)
		return &p->dummy;
	unsigned suffix_n = unit_at(&p->u, p->min->suffix)->n;
	struct see *see = p->see[p->see_index[rest - 1]] + (rest < suffix_n - n) + 2u * (p->min->sum < 11 * n) +
					  4u * (masked_n > rest) + p->high_bits;
	unsigned r = see->sum >> see->shift;
	see->sum = (uint16_t)(see->sum - r);
	*escape = r + (r == 0);
	return see;
}

static void see_update(struct see *see)
{
	if (see->shift < PERIOD_BITS && --see->count == 0) {
		see->sum = (uint16_t)(see->sum << 1);
		see->count = (uint8_t)(3u << see->shift++);
	}
}

/* Of a shorter context, but for what longer ones told of. -1: none of them; -2: damage. */
static int shorter_take(struct rar_ppmd *p, struct masked *m, unsigned masked_n)
{
	struct state *rest[256], *s = states_of(&p->u, p->min);
	uint32_t high = 0, escape;
	unsigned n = 0, all = p->min->n;
	for (unsigned i = 0; i < all && n < 256; i++)
		if (!m->letters[s[i].letter]) {
			high += s[i].freq;
			rest[n++] = &s[i];
		}
	struct see *see = see_of(p, masked_n, &escape);
	uint32_t count = threshold(&p->r, escape + high);
	if (count < high) {
		unsigned i = 0;
		for (high = rest[0]->freq; high <= count; high += rest[i]->freq)
			i++;
		s = rest[i];
		take(&p->r, high - s->freq, s->freq);
		see_update(see);
		uint8_t letter = s->letter;
		p->found = s;
		p->min->sum = (uint16_t)(p->min->sum + 4);
		s->freq = (uint8_t)(s->freq + 4);
		if (s->freq > FREQ_MAX)
			rescale(p);
		p->run_length = p->initial_run_length;
		update(p);
		return letter;
	}
	if (count >= escape + high)
		return -2;
	take(&p->r, high, escape);
	see->sum = (uint16_t)(see->sum + escape + high);
	while (n)
		m->letters[rest[--n]->letter] = 1;
	return -1;
}

int rar_ppmd_byte(struct rar_ppmd *p)
{
	struct masked m = { { 0 } };
	int letter = p->min->n != 1 ? several_take(p, &m) : only_take(p, &m);
	while (letter == -1) {
		unsigned masked_n = p->min->n;
		do {
			p->order_fall++;
			if (!p->min->suffix)
				return -1;
			p->min = unit_at(&p->u, p->min->suffix);
		} while (p->min->n <= masked_n);
		letter = shorter_take(p, &m, masked_n);
	}
	return letter;
}

/* ---- */

struct rar_ppmd *rar_ppmd_new(void)
{
	struct rar_ppmd *p = calloc(1, sizeof *p);
	if (p)
		tables_make(p);
	return p;
}

void rar_ppmd_free(struct rar_ppmd *p)
{
	if (p)
		buf_free(&p->memory);
	free(p);
}

enum error_code rar_ppmd_begin(struct rar_ppmd *p, unsigned order, uint32_t size, struct buf_meter *meter)
{
	if (order < 2 || order > RAR_PPMD_ORDER_MAX || size < 1u << 20)
		return ERR_CORRUPT;
	if (p->u.size != size) {
		p->u.base = NULL; /* the memory is kept where it is large enough: a block may begin every few bytes */
		p->u.size = 0;
		p->memory.meter = meter;
		if (buf_reserve(&p->memory, TEXT_FROM + (size_t)size + UNIT))
			return ERR_MEMORY;
		p->u.base = p->memory.p;
		p->u.size = size;
	}
	p->order_max = order;
	restart(p);
	return ERR_NONE;
}

bool rar_ppmd_has_begun(const struct rar_ppmd *p)
{
	return p->u.base != NULL;
}

bool rar_ppmd_start(struct rar_ppmd *p, struct span packed, size_t at)
{
	p->r.in = packed;
	p->r.at = at;
	p->r.missing = 0;
	p->r.low = 0;
	p->r.range = UINT32_MAX;
	for (unsigned i = 0; i < 4; i++)
		p->r.code = p->r.code << 8 | byte_take(&p->r);
	return !p->r.missing;
}

size_t rar_ppmd_at(const struct rar_ppmd *p)
{
	return p->r.at;
}

bool rar_ppmd_past(const struct rar_ppmd *p)
{
	return p->r.missing > 0;
}
