/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "case/internal.h"

/* Siblings: regions by their place on flash, everything else as the container lists it. */
static int compare(const void *a, const void *b, void *context)
{
	const struct case_blob *v = context;
	const struct case_blob *x = &v[*(const size_t *)a], *y = &v[*(const size_t *)b];
	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->is_region && y->is_region && x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->is_region != y->is_region)
		return x->is_region ? -1 : 1;
	if (x->ordinal != y->ordinal)
		return x->ordinal < y->ordinal ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

/* How many of the sorted blobs have a parent below `parent`, or up to and including it. */
static size_t bound(const struct case_blob *v, const size_t *sorted, size_t n, uint64_t parent, bool including)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		uint64_t p = v[sorted[mid]].parent;
		if (p < parent || (including && p == parent))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Siblings that are still to be visited: sorted[at .. end). */
struct frame {
	size_t at, end;
	size_t position; /* of their parent in the order */
};

static struct frame children_of(const struct blob_table *t, const size_t *sorted, uint64_t parent, size_t position)
{
	return (struct frame){ bound(t->v, sorted, t->n, parent, false), bound(t->v, sorted, t->n, parent, true), position };
}

/* Depth first from the input on. A blob is visited once: a compromised worker may claim cycles. */
static void descend(const struct blob_table *t, const size_t *sorted, struct frame *stack, bool *seen,
                    struct tree_order *order)
{
	size_t depth = 0;
	stack[depth++] = children_of(t, sorted, BATCH_NO_PARENT, SIZE_MAX);
	while (depth > 0) {
		struct frame *f = &stack[depth - 1];
		if (f->at == f->end) {
			depth--;
			continue;
		}
		size_t i = sorted[f->at++];
		if (seen[i])
			continue;
		seen[i] = true;
		order->index[order->n] = i;
		order->parent[order->n] = f->position;
		stack[depth++] = children_of(t, sorted, t->v[i].key, order->n);
		order->n++;
	}
}

bool tree_order(const struct blob_table *t, struct tree_order *order)
{
	size_t room = t->n + 2;
	*order = (struct tree_order){ calloc(room, sizeof *order->index), calloc(room, sizeof *order->parent), 0 };
	size_t *sorted = calloc(room, sizeof *sorted);
	struct frame *stack = calloc(room, sizeof *stack);
	bool *seen = calloc(room, sizeof *seen);
	bool ok = order->index && order->parent && sorted && stack && seen;
	if (ok) {
		for (size_t i = 0; i < t->n; i++)
			sorted[i] = i;
		qsort_r(sorted, t->n, sizeof *sorted, compare, t->v);
		descend(t, sorted, stack, seen, order);
		/* Blobs whose container was never finished still count: they hang on the input. */
		for (size_t i = 0; i < t->n; i++)
			if (!seen[sorted[i]]) {
				order->index[order->n] = sorted[i];
				order->parent[order->n] = order->n ? 0 : SIZE_MAX;
				order->n++;
				seen[sorted[i]] = true;
			}
	}
	free(sorted);
	free(stack);
	free(seen);
	return ok;
}

void tree_order_free(struct tree_order *order)
{
	free(order->index);
	free(order->parent);
	*order = (struct tree_order){ 0 };
}

struct case_place *case_places(const struct case_file *c, size_t *n)
{
	struct tree_order order;
	struct case_place *places = tree_order(&c->blobs, &order) ? calloc(order.n + 1, sizeof *places) : NULL;
	for (size_t i = 0; places && i < order.n; i++)
		places[i] = (struct case_place){ &c->blobs.v[order.index[i]], order.parent[i] };
	*n = places ? order.n : 0;
	tree_order_free(&order);
	return places;
}
