/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/memory_image.h"
#include "format/region.h"

#include <stdio.h>
#include <stdlib.h>

bool memory_image_begin(struct memory_image *m, struct walk *w, size_t bytes, size_t pieces)
{
	*m = (struct memory_image){ .walk = w, .bytes_cap = bytes, .pieces_cap = pieces };
	m->bytes = ARENA_ARRAY(w->arena, uint8_t, bytes);
	m->pieces = ARENA_ARRAY(w->arena, struct memory_piece, pieces);
	return m->bytes && m->pieces;
}

bool memory_image_put(struct memory_image *m, uint32_t space, uint64_t address, struct span bytes)
{
	struct memory_piece *last = m->npieces ? &m->pieces[m->npieces - 1] : NULL;
	bool follows = last && last->space == space && last->address + last->n == address;
	if (bytes.n == 0)
		return true;
	if (bytes.n > m->bytes_cap - m->nbytes || (!follows && m->npieces == m->pieces_cap))
		return false;
	memcpy(m->bytes + m->nbytes, bytes.p, bytes.n);
	if (follows)
		last->n += bytes.n;
	else
		m->pieces[m->npieces] = (struct memory_piece){ address, m->nbytes, bytes.n, (uint32_t)m->npieces, space };
	m->npieces += !follows;
	m->nbytes += bytes.n;
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct memory_piece *x = a, *y = b;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A range without a gap: pieces[first .. end), which cover [address, address + size). */
struct range {
	size_t first, end;
	uint64_t address, size;
	bool overlaps;
};

static struct range next_range(const struct memory_image *m, size_t first)
{
	const struct memory_piece *p = &m->pieces[first];
	struct range r = { first, first + 1, p->address, p->n, false };
	for (; r.end < m->npieces; r.end++) {
		const struct memory_piece *next = &m->pieces[r.end];
		if (next->space != p->space || next->address > r.address + r.size)
			break;
		r.overlaps |= next->address < r.address + r.size;
		if (next->address + next->n > r.address + r.size)
			r.size = next->address + next->n - r.address;
	}
	return r;
}

static int by_order(const void *a, const void *b)
{
	return by_address(&(struct memory_piece){ .order = ((const struct memory_piece *)a)->order },
					  &(struct memory_piece){ .order = ((const struct memory_piece *)b)->order });
}

/* The bytes of a range: those of its only piece, or a copy in the order in which they were put. */
static struct span range_bytes(struct memory_image *m, const struct range *r)
{
	size_t n = r->end - r->first;
	if (n == 1)
		return span_of(m->bytes + m->pieces[r->first].at, m->pieces[r->first].n);
	uint8_t *whole = ARENA_ARRAY(m->walk->arena, uint8_t, r->size);
	struct memory_piece *pieces = ARENA_ARRAY(m->walk->arena, struct memory_piece, n);
	if (!whole || !pieces)
		return SPAN_NONE;
	memcpy(pieces, m->pieces + r->first, n * sizeof *pieces);
	qsort(pieces, n, sizeof *pieces, by_order);
	for (size_t i = 0; i < n; i++)
		memcpy(whole + (pieces[i].address - r->address), m->bytes + pieces[i].at, pieces[i].n);
	return span_of(whole, r->size);
}

/* The least address at which a piece has another byte than the range, as a later one had it; UINT64_MAX: all that was put twice is the same. */
static uint64_t first_conflict(const struct memory_image *m, const struct range *r, struct span whole)
{
	uint64_t first = UINT64_MAX;
	for (size_t i = r->first; i < r->end; i++) {
		const struct memory_piece *p = &m->pieces[i];
		const uint8_t *mine = m->bytes + p->at, *now = whole.p + (p->address - r->address);
		for (size_t k = 0; k < p->n && p->address + k < first; k++)
			if (mine[k] != now[k])
				first = p->address + k;
	}
	return first;
}

static bool emit_range(struct memory_image *m, const struct range *r, const char *prefix, struct error *error)
{
	char name[64];
	struct span bytes = range_bytes(m, r);
	if (!bytes.p) {
		*error = error_at(ERR_MEMORY, 0, "no memory for the %llu bytes at 0x%llx", (unsigned long long)r->size,
						  (unsigned long long)r->address);
		return false;
	}
	uint64_t conflict = r->overlaps ? first_conflict(m, r, bytes) : UINT64_MAX;
	if (conflict != UINT64_MAX)
		emit_damage_at(m->walk->sink, ERR_CORRUPT, UINT64_MAX,
					   "bytes at or behind 0x%llx are given more than once, and differ: the last ones count",
					   (unsigned long long)conflict);
	prefix = prefix ? prefix : "";
	snprintf(name, sizeof name, "%s%s0x%08llx", prefix, prefix[0] ? "-" : "", (unsigned long long)r->address);
	return region_emit_made(m->walk, name, bytes, NULL);
}

struct error memory_image_emit(struct memory_image *m, const char *(*prefix)(uint32_t space))
{
	struct error e = error_none();
	if (m->npieces > 1)
		qsort(m->pieces, m->npieces, sizeof *m->pieces, by_address);
	for (size_t i = 0; i < m->npieces;) {
		struct range r = next_range(m, i);
		if (!emit_range(m, &r, prefix ? prefix(m->pieces[i].space) : NULL, &e))
			break;
		i = r.end;
	}
	return e;
}
