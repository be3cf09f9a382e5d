/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files of a container are the pieces of a whole, by their names: block-based updates of Android (NAME.transfer.list and
 * NAME.new.dat), sparse images in parts (NAME_sparsechunk.0), what split(1), 7z and zip cut (NAME.001, NAME.aa, NAME.z01), volumes of RAR
 * (NAME.part1.rar, or NAME.rar with NAME.r00), and disks of VMware in several files (NAME.vmdk, NAME-s001.vmdk). */
#include <stdio.h>
#include <stdlib.h>

#include "probe/tree.h"

#define PIECES_MAX 16384u  /* that wait in one container */
#define SET_MAX 4096u      /* in one whole */
#define DIGITS_MAX 5u
#define LAST UINT64_MAX    /* number of the last part of a zip archive, whose name does not tell it */
#define CHUNK "_sparsechunk"
#define VMDK ".vmdk"
#define RAR ".rar"
#define RAR_PART ".part"

static struct text without(struct text t, size_t n)
{
	return text_of(t.p, t.n - n);
}

static bool named_update(struct text path, struct piece *p)
{
	static const char *const names[] = { ".transfer.list", ".new.dat", ".new.dat.br" };
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_ends(path, names[i])) {
			*p = (struct piece){ .kind = PIECES_UPDATE, .number = i, .stem = without(path, strlen(names[i])) };
			return true;
		}
	return false;
}

/* Digits at the end: how many, and their value. */
static unsigned digits_at_end(struct text t, uint64_t *value)
{
	unsigned n = 0;
	uint64_t place = 1;
	*value = 0;
	for (; n < DIGITS_MAX && n < t.n && t.p[t.n - 1 - n] >= '0' && t.p[t.n - 1 - n] <= '9'; n++, place *= 10)
		*value += place * (uint64_t)(t.p[t.n - 1 - n] - '0');
	return n;
}

/* "aa" to "bz", as split(1) has them for up to 52 pieces: other pairs of letters are suffixes that mean something. */
static bool letters_at_end(struct text t, uint64_t *value)
{
	const char *end = t.p + t.n;
	if (t.n < 4 || end[-3] != '.' || end[-2] < 'a' || end[-2] > 'b' || end[-1] < 'a' || end[-1] > 'z')
		return false;
	*value = (uint64_t)(end[-2] - 'a') * 26 + (uint64_t)(end[-1] - 'a');
	return true;
}

static bool named_numbered(struct text path, struct piece *p)
{
	uint64_t value = 0;
	unsigned n = digits_at_end(path, &value);
	struct text before = without(path, n);
	bool letters = !n && letters_at_end(path, &value);
	struct text chunk = n && text_ends(before, ".") ? without(before, 1) : before;
	if (n && text_ends(chunk, CHUNK)) { /* before volumes: the eleventh has two digits behind a dot, too */
		*p = (struct piece){ .kind = PIECES_SPARSE, .number = value, .stem = without(chunk, strlen(CHUNK)) };
		return true;
	}
	if (letters || (n >= 2 && text_ends(before, "."))) {
		unsigned width = letters ? 1 : n;
		*p = (struct piece){ .kind = PIECES_VOLUMES, .untold = width < 3, .width = width, .number = value,
							 .stem = letters ? without(path, 3) : without(before, 1) };
		return true;
	}
	return false;
}

static bool named_zip(struct text path, struct piece *p)
{
	uint64_t value;
	unsigned n = digits_at_end(path, &value);
	bool last = text_ends(path, ".zip"), part = n >= 2 && text_ends(without(path, n), ".z");
	if (last || part)
		*p = (struct piece){ .kind = PIECES_ZIP, .number = last ? LAST : value, .stem = without(path, last ? 4 : n + 2) };
	return last || part;
}

/* The descriptor, which has the number 0, and the extents, whose order it tells. */
static bool named_vmdk(struct text path, struct piece *p)
{
	uint64_t value = 0;
	if (!text_ends(path, VMDK))
		return false;
	struct text name = without(path, sizeof VMDK - 1);
	unsigned n = digits_at_end(name, &value);
	struct text before = without(name, n);
	bool flat = text_ends(name, "-flat"), extent = n >= 3 && (text_ends(before, "-s") || text_ends(before, "-f"));
	uint64_t number = extent ? value + 1 : flat;
	*p = (struct piece){ .kind = PIECES_VMDK, .number = number, .stem = extent ? without(before, 2) : flat ? without(name, 5) : name };
	return true;
}

/* NAME.part1.rar and on; or NAME.rar, which has the number 0, NAME.r00 to NAME.r99, NAME.s00 and on; .z01 is of zip. */
static bool named_rar(struct text path, struct piece *p)
{
	uint64_t value = 0;
	bool last = text_ends(path, RAR);
	struct text name = last ? without(path, sizeof RAR - 1) : path;
	unsigned n = digits_at_end(name, &value);
	struct text before = without(name, n);
	if (last && n && text_ends(before, RAR_PART)) {
		*p = (struct piece){ .kind = PIECES_RAR, .width = 1, .number = value, .stem = without(before, sizeof RAR_PART - 1) };
		return true;
	}
	char letter = before.n > 2 ? before.p[before.n - 1] : 0;
	bool old = !last && n == 2 && letter >= 'r' && letter <= 'y' && before.p[before.n - 2] == '.';
	uint64_t number = old ? 100 * (uint64_t)(letter - 'r') + value + 1 : 0;
	*p = (struct piece){ .kind = PIECES_RAR, .width = 2, .number = number, .stem = old ? without(before, 2) : name };
	return last || old;
}

static bool is_named(const struct piece_roll *all, struct text path, struct piece *p)
{
	bool named = named_update(path, p) || named_numbered(path, p) || named_vmdk(path, p) || named_rar(path, p) ||
				 (!all->folder && named_zip(path, p));
	return named && p->stem.n > 1 && p->stem.p[p->stem.n - 1] != '/';
}

bool pieces_hold_back(struct piece_roll *all, struct task *t)
{
	struct piece p;
	if (t->entry.kind != ENTRY_FILE || !t->entry.path.n || t->entry.format || !is_named(all, t->entry.path, &p))
		return false;
	all->more |= all->n == PIECES_MAX;
	if (all->n == PIECES_MAX)
		return false;
	if (all->n == all->cap) {
		size_t cap = all->cap ? 2 * all->cap : 16;
		struct piece *v = ARENA_ARRAY(all->arena, struct piece, cap);
		if (!v)
			return false;
		if (all->n)
			memcpy(v, all->v, all->n * sizeof *v);
		all->v = v;
		all->cap = cap;
	}
	p.task = t;
	p.ordinal = all->n;
	all->v[all->n++] = p;
	return true;
}

static int compare_whole(const struct piece *a, const struct piece *b)
{
	int kind = (a->kind > b->kind) - (a->kind < b->kind), width = (a->width > b->width) - (a->width < b->width);
	if (kind || width)
		return kind ? kind : width;
	int stem = memcmp(a->stem.p, b->stem.p, a->stem.n < b->stem.n ? a->stem.n : b->stem.n);
	return stem ? stem : (a->stem.n > b->stem.n) - (a->stem.n < b->stem.n);
}

static int by_whole(const void *x, const void *y)
{
	const struct piece *a = x, *b = y;
	int whole = compare_whole(a, b), number = (a->number > b->number) - (a->number < b->number);
	return whole ? whole : number ? number : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* ---- sets ---- */

/* The first one of each number, in place; the others are queued: they are looked at by themselves. */
static size_t drop_doubles(struct piece_set *set)
{
	size_t n = 0;
	for (size_t i = 0; i < set->n; i++)
		if (n && set->v[n - 1].number == set->v[i].number) {
			set->doubled = true;
			task_queue(set->v[i].task);
		} else {
			set->v[n++] = set->v[i];
		}
	return n;
}

static void lack(struct piece_set *set, uint64_t number)
{
	if (!set->lacks)
		set->missing = number;
	set->lacks = true;
}

/* Of an update: a list, and what it takes its bytes from, of which one is enough. */
static size_t settle_update(struct piece_set *set)
{
	if (set->v[0].number != UPDATE_LIST)
		return 0;
	if (set->n == 1)
		lack(set, UPDATE_PLAIN);
	return set->n < 2 ? set->n : 2;
}

/* Sparse images tell where they belong: what is missing leaves a hole. */
static size_t settle_sparse(struct piece_set *set)
{
	uint64_t first = set->v[0].number ? 1 : 0;
	for (size_t i = 0; i < set->n && !set->lacks; i++)
		if (set->v[i].number != first + i)
			lack(set, first + i);
	return set->n > 1 ? set->n : 0;
}

/* Volumes up to the first one that is missing: what is behind it can not be placed. */
static size_t settle_volumes(struct piece_set *set)
{
	uint64_t first = set->v[0].number;
	size_t n = 1;
	bool letters = set->v[0].width == 1;
	while (n < set->n && set->v[n].number == first + n)
		n++;
	if (n < set->n)
		lack(set, first + n);
	if (first > 1 || (letters && first) || set->doubled || set->n < 2 || (set->lacks && set->v[0].untold))
		return 0;
	return n;
}

static size_t settle_zip(struct piece_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].number != (i + 1 < set->n ? i + 1 : LAST))
			return 0;
	return set->n > 1 && !set->doubled ? set->n : 0;
}

static size_t settle_vmdk(struct piece_set *set)
{
	return set->n > 1 && set->v[0].number == 0 ? set->n : 0;
}

/* Of volumes of RAR each is an archive: one that is alone needs no other. */
static size_t settle_rar(struct piece_set *set)
{
	uint64_t first = set->v[0].width == 1 ? 1 : 0;
	size_t n = 0;
	while (n < set->n && set->v[n].number == first + n)
		n++;
	if (n < set->n)
		lack(set, first + n);
	return n > 1 && !set->doubled ? n : 0;
}

static size_t settle(struct piece_set *set)
{
	switch (set->v[0].kind) {
	case PIECES_UPDATE:
		return settle_update(set);
	case PIECES_SPARSE:
		return settle_sparse(set);
	case PIECES_VOLUMES:
		return settle_volumes(set);
	case PIECES_VMDK:
		return settle_vmdk(set);
	case PIECES_RAR:
		return settle_rar(set);
	default:
		return settle_zip(set);
	}
}

/* Queues one more child of the container. False: there is no room for it. */
static bool queue_whole(struct lane *l, struct node *node, const struct listing *files, struct piece_set *set)
{
	static const char *const suffixes[] = { ".img", "", "", ".zip", ".disk", RAR };
	char name[FACT_TEXT_MAX + 16];
	const struct piece *first = &set->v[0];
	int stem = (int)(first->stem.n < FACT_TEXT_MAX ? first->stem.n : FACT_TEXT_MAX);
	snprintf(name, sizeof name, "%.*s%s", stem, first->stem.p, suffixes[first->kind]);
	if (!files || listing_has(files, text_c(name)))
		snprintf(name, sizeof name, "%.*s%s:joined", stem, first->stem.p, suffixes[first->kind]);
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.format = first->kind == PIECES_ZIP ? "zip" : first->kind == PIECES_RAR ? "rar" : NULL;
	struct piece_set *own = ARENA_NEW(node->arena, struct piece_set);
	struct task *t;
	if (!own || !node_count_blob(l) || !node_queue(l, node, &e, &t))
		return false;
	*own = *set;
	t->whole = own;
	task_queue(t);
	return true;
}

static void queue_all(const struct piece *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		task_queue(v[i].task);
}

void pieces_end(struct piece_roll *all, const struct roll *r, struct lane *l, struct node *node, bool ended)
{
	if (ended || !all->n) {
		queue_all(all->v, all->n);
		return;
	}
	const struct listing *files = NULL;
	if (all->more)
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
					   "more than %u files have names of pieces: the others are looked at by themselves", PIECES_MAX);
	qsort(all->v, all->n, sizeof *all->v, by_whole);
	for (size_t i = 0, end; i < all->n; i = end) {
		for (end = i + 1; end < all->n && compare_whole(&all->v[i], &all->v[end]) == 0; end++)
			;
		struct piece_set set = { .v = all->v + i, .n = end - i };
		size_t left = drop_doubles(&set);
		set.n = left;
		size_t n = left <= SET_MAX ? settle(&set) : 0;
		set.n = n;
		if (n && !files)
			files = roll_list(r);
		bool whole = n && queue_whole(l, node, files, &set);
		queue_all(all->v + i + (whole ? n : 0), left - (whole ? n : 0));
	}
}

void pieces_release(struct piece_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct piece *p = &set->v[i];
		bool list = p->kind == PIECES_UPDATE && p->number == UPDATE_LIST; /* a text, and all that says how */
		p->task->in = set->sure && !list ? set : NULL;
		task_queue(p->task);
	}
}
