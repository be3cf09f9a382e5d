/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vulnerabilities that changed, with all their criteria and fixes, by product and by package: read once, asked by all
 * threads. */
#include <stdio.h>
#include <stdlib.h>

#include "base/sort.h"
#include "vuln/watch_internal.h"

/* What fits into memory with ease; beyond it most of the database changed, and a match of the whole is as good. */
#define SET_ARENA ((size_t)768 << 20)
#define CRITERIA_MAX 400000u
#define FIXES_MAX 400000u
#define NAMES_MAX 4000000u
#define KNOWN_MAX 20000u

uint64_t text_hash(uint64_t seed, struct text t)
{
	uint64_t h = seed ^ t.n;
	for (size_t i = 0; i < t.n; i += 8) {
		uint64_t word = 0;
		memcpy(&word, t.p + i, t.n - i < 8 ? t.n - i : 8);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return h;
}

bool names_add(struct arena *a, struct names *n, size_t count)
{
	size_t size = 64;
	while (size < count * 2)
		size *= 2;
	n->slots = arena_alloc(a, size, sizeof *n->slots);
	n->mask = size - 1;
	return n->slots != NULL;
}

void names_put(struct names *n, struct text name, uint32_t v, double score)
{
	size_t i = text_hash(0, name) & n->mask;
	while (n->slots[i].name.p)
		i = (i + 1) & n->mask;
	n->slots[i].name = name;
	n->slots[i].v = v;
	n->slots[i].score = score;
}

uint32_t names_find(const struct names *n, struct text name, double *score)
{
	if (!n->slots)
		return UINT32_MAX;
	for (size_t i = text_hash(0, name) & n->mask; n->slots[i].name.p; i = (i + 1) & n->mask)
		if (text_eq(n->slots[i].name, name)) {
			if (score)
				*score = n->slots[i].score;
			return n->slots[i].v;
		}
	return UINT32_MAX;
}

/* A list that grows in an arena. */
#define GROW(a, v, n, cap)                                                                                             \
	do {                                                                                                               \
		if ((n) == (cap)) {                                                                                            \
			size_t more_cap = (cap) ? (cap)*2 : 64;                                                                    \
			void *more = arena_alloc((a), more_cap, sizeof *(v));                                                      \
			if (more && (n))                                                                                           \
				memcpy(more, (v), (n) * sizeof *(v));                                                                  \
			(v) = more;                                                                                                \
			(cap) = more_cap;                                                                                          \
		}                                                                                                              \
	} while (0)

static bool out_of_memory(struct matcher *m)
{
	if (!error_is(&m->error))
		m->error = error_at(ERR_MEMORY, 0, "no memory for the vulnerabilities that changed");
	return false;
}

static sqlite3_stmt *changed(struct matcher *m, const struct watch_options *o, const struct baseline *of)
{
	static const char imported[] = " UNION SELECT v.id, v.name FROM import i JOIN change c ON c.sequence = i.sequence"
								   " JOIN vulnerability v ON v.id = c.vulnerability_id WHERE i.imported >= ?1";
	sqlite3_stmt *s = NULL;
	char sql[1024];
	if (o->cve) {
		s = prepare(m, m->feeds,
					"SELECT id, name FROM vulnerability WHERE name = ?1 OR id IN (SELECT vulnerability_id FROM alias"
					" WHERE name = ?1) ORDER BY id");
		sqlite3_bind_text(s, 1, o->cve, -1, SQLITE_STATIC);
	} else if (o->since) {
		int version = 0;
		sqlite3_stmt *p = prepare(m, m->feeds, "PRAGMA user_version");
		if (p && sqlite3_step(p) == SQLITE_ROW)
			version = sqlite3_column_int(p, 0);
		sqlite3_finalize(p);
		snprintf(sql, sizeof sql,
				 "SELECT id, name FROM vulnerability WHERE published >= ?1 OR modified >= ?1 UNION SELECT v.id, v.name"
				 " FROM epss e JOIN vulnerability v ON v.id = e.vulnerability_id WHERE e.score >= ?2 AND e.day >= ?1"
				 " UNION SELECT v.id, v.name FROM kev k JOIN vulnerability v ON v.id = k.vulnerability_id"
				 " WHERE k.added >= ?1%s ORDER BY 1",
				 version >= 2 ? imported : "");
		s = prepare(m, m->feeds, sql);
		sqlite3_bind_text(s, 1, o->since, -1, SQLITE_STATIC);
		sqlite3_bind_double(s, 2, o->epss_threshold);
	} else {
		s = prepare(m, m->feeds,
					"SELECT v.id, v.name FROM change c JOIN vulnerability v ON v.id = c.vulnerability_id"
					" WHERE c.sequence > ?1 ORDER BY v.id");
		sqlite3_bind_int64(s, 1, of->sequence);
	}
	return s;
}

static bool load_names(struct matcher *m, struct watch_set *set, const struct watch_options *o)
{
	sqlite3_stmt *s = changed(m, o, &set->of);
	size_t cap = 0;
	int r = SQLITE_ERROR;
	while (s && set->n < NAMES_MAX && (r = sqlite3_step(s)) == SQLITE_ROW) {
		GROW(set->arena, set->v, set->n, cap);
		if (!set->v)
			break;
		set->v[set->n++] = (struct watched){ .id = sqlite3_column_int64(s, 0), .name = column_text(set->arena, s, 1) };
	}
	sqlite3_finalize(s);
	if (r != SQLITE_DONE)
		return set->n && !set->v ? out_of_memory(m) : failed(m, m->feeds, "asking for what changed");
	if (!names_add(set->arena, &set->names, set->n))
		return out_of_memory(m);
	for (size_t i = 0; i < set->n; i++)
		names_put(&set->names, set->v[i].name, (uint32_t)i, 0);
	return true;
}

/* Which of them are all that their configurations ask for: the nodes are not read again for each component. */
static void find_alone(struct matcher *m, struct criterion *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i && c[i - 1].record == c[i].record && c[i - 1].configuration == c[i].configuration)
			c[i].alone = c[i - 1].alone;
		else
			c[i].alone = configuration_is_alone(m, &c[i]);
}

static bool load_criteria(struct matcher *m, struct watch_set *set)
{
	sqlite3_stmt *s =
		prepare(m, m->feeds,
				MATCH_CRITERION "WHERE record_id IN (SELECT id FROM record WHERE vulnerability_id = ?1 ORDER BY id)"
				" UNION ALL " MATCH_STATEMENT "AND vulnerability_id = ?1");
	size_t n = 0, cap = 0, keys_cap = 0;
	for (size_t i = 0; s && i < set->n && n < CRITERIA_MAX; i++) {
		struct criterion *c = NULL;
		size_t count = 0, c_cap = 0;
		arena_reset(m->scratch);
		sqlite3_bind_int64(s, 1, set->v[i].id);
		while (sqlite3_step(s) == SQLITE_ROW && n + count < CRITERIA_MAX) {
			GROW(m->scratch, c, count, c_cap);
			if (!c)
				break;
			c[count++] = read_criterion(set->arena, s);
		}
		sqlite3_reset(s);
		struct criterion *sorted = match_sort(m, m->scratch, c, count);
		if ((count && !c) || !sorted)
			return sqlite3_finalize(s), out_of_memory(m);
		find_alone(m, sorted, count);
		set->v[i].criterion = n;
		set->v[i].ncriteria = count;
		for (size_t k = 0; k < count; k++) {
			GROW(set->arena, set->criteria, n, cap);
			GROW(set->arena, set->keys, set->nkeys, keys_cap);
			if (!set->criteria || !set->keys)
				return sqlite3_finalize(s), out_of_memory(m);
			set->criteria[n++] = sorted[k];
			set->keys[set->nkeys++] = (struct mention){ sorted[k].product, (uint32_t)i };
		}
	}
	sqlite3_finalize(s);
	set->large |= n >= CRITERIA_MAX;
	return s != NULL;
}

static bool load_fixes(struct matcher *m, struct watch_set *set)
{
	sqlite3_stmt *s = prepare(m, m->feeds,
							  "SELECT package, distribution, vulnerability_id, source_id, status, version, note"
							  " FROM package_fix WHERE vulnerability_id = ? ORDER BY source_id, rowid");
	size_t n = 0, cap = 0, packages_cap = 0;
	for (size_t i = 0; s && i < set->n && n < FIXES_MAX; i++) {
		sqlite3_bind_int64(s, 1, set->v[i].id);
		set->v[i].fix = n;
		while (sqlite3_step(s) == SQLITE_ROW && n < FIXES_MAX) {
			GROW(set->arena, set->fixes, n, cap);
			GROW(set->arena, set->packages, set->npackages, packages_cap);
			if (!set->fixes || !set->packages)
				return sqlite3_finalize(s), out_of_memory(m);
			struct watched_fix *f = &set->fixes[n++];
			f->package = column_text(set->arena, s, 0);
			f->distribution = column_text(set->arena, s, 1);
			f->fix = (struct fix){ .vulnerability = sqlite3_column_int64(s, 2),
								   .source = sqlite3_column_int64(s, 3),
								   .status = column_text(set->arena, s, 4),
								   .version = column_text(set->arena, s, 5),
								   .note = column_text(set->arena, s, 6),
								   .patched = text_is(f->distribution, "buildroot") };
			set->packages[set->npackages++] = (struct mention){ f->package, (uint32_t)i };
		}
		sqlite3_reset(s);
		set->v[i].nfixes = n - set->v[i].fix;
	}
	sqlite3_finalize(s);
	set->large |= n >= FIXES_MAX;
	return s != NULL;
}

/* What the feeds know of each, as far as it fits with ease. */
static bool load_known(struct matcher *m, struct watch_set *set)
{
	sqlite3_stmt *s = prepare(m, m->feeds, "SELECT EXISTS(SELECT 1 FROM vex WHERE vulnerability_id = ?)");
	for (size_t i = 0; s && i < set->n && set->n <= KNOWN_MAX; i++) {
		struct known *k = ARENA_ARRAY(set->arena, struct known, 1);
		struct arena *scratch = m->scratch;
		if (!k)
			return sqlite3_finalize(s), out_of_memory(m);
		m->scratch = set->arena;
		k->info = info_read(m, set->v[i].id);
		m->scratch = scratch;
		k->places = places_read(m, set->arena, set->v[i].id);
		info_keep_score(&k->info);
		sqlite3_bind_int64(s, 1, set->v[i].id);
		k->vex = sqlite3_step(s) != SQLITE_ROW || sqlite3_column_int(s, 0);
		sqlite3_reset(s);
		set->v[i].known = k;
	}
	sqlite3_finalize(s);
	return s != NULL;
}

static int by_key(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
	int c = n ? memcmp(x->key.p, y->key.p, n) : 0;
	if (!c)
		c = (x->key.n > y->key.n) - (x->key.n < y->key.n);
	return c ? c : (x->v > y->v) - (x->v < y->v);
}

/* Sorted, each once. */
static bool tidy(struct watch_set *set, struct mention *v, size_t *n)
{
	size_t kept = 0;
	struct mention *spare = arena_alloc(set->arena, *n + 1, sizeof *spare);
	if (!spare)
		return false;
	if (*n)
		sort_stable(v, spare, *n, sizeof *v, by_key);
	for (size_t i = 0; i < *n; i++)
		if (!kept || by_key(&v[kept - 1], &v[i]) != 0)
			v[kept++] = v[i];
	*n = kept;
	return true;
}

struct watch_set *set_load(struct matcher *m, const struct watch_options *o, const struct baseline *of)
{
	struct watch_set *set = calloc(1, sizeof *set);
	if (!set || !(set->arena = arena_new(SET_ARENA))) {
		free(set);
		return out_of_memory(m), NULL;
	}
	set->of = *of;
	set->all = !o->cve && !o->since && !of->sequence;
	bool ok = set->all || load_names(m, set, o);
	if (ok && !set->all)
		ok = load_criteria(m, set) && load_fixes(m, set) && load_known(m, set);
	ok = ok && (tidy(set, set->keys, &set->nkeys) && tidy(set, set->packages, &set->npackages));
	if (ok)
		return set;
	out_of_memory(m);
	set_free(set);
	return NULL;
}

void set_free(struct watch_set *s)
{
	if (s)
		arena_free(s->arena);
	free(s);
}

static size_t first_of(const struct mention *v, size_t n, struct text key)
{
	struct mention wanted = { key, 0 };
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_key(&v[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

uint32_t *set_concerning(struct matcher *m, const struct watch_set *set, const struct software *s, size_t *n)
{
	uint32_t *v = NULL;
	size_t cap = 0, kept = 0;
	struct text names[DISTRO_PACKAGES_MAX];
	size_t nnames = distro_packages(s, distro_of(m, s), names);
	*n = 0;
	for (size_t k = 0; k < s->nkeys + nnames; k++) {
		bool package = k >= s->nkeys;
		const struct mention *all = package ? set->packages : set->keys;
		size_t count = package ? set->npackages : set->nkeys;
		struct text key = package ? names[k - s->nkeys] : s->keys[k];
		for (size_t i = first_of(all, count, key); i < count && text_eq(all[i].key, key); i++) {
			GROW(m->scratch, v, *n, cap);
			if (!v)
				return out_of_memory(m), NULL;
			v[(*n)++] = all[i].v;
		}
	}
	uint32_t *spare = ARENA_ARRAY(m->scratch, uint32_t, *n + 1);
	if (!spare)
		return out_of_memory(m), NULL;
	if (*n)
		sort_stable(v, spare, *n, sizeof *v, by_number);
	for (size_t i = 0; i < *n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	*n = kept;
	return v;
}

void set_finish(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v, struct found *f)
{
	m->known = set->v[v].known;
	decision_finish(m, s, f);
	m->known = NULL;
}

struct decision set_decide(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v)
{
	const struct watched *w = &set->v[v];
	struct criterion *c = ARENA_ARRAY(m->scratch, struct criterion, w->ncriteria + 1);
	struct fix *f = ARENA_ARRAY(m->scratch, struct fix, w->nfixes + 1);
	size_t nc = 0, nf = 0;
	struct text ours = distro_of(m, s), names[DISTRO_PACKAGES_MAX];
	size_t nnames = distro_packages(s, ours, names);
	if (!c || !f)
		return out_of_memory(m), (struct decision){ .state = STATE_NONE };
	for (size_t i = 0; i < w->ncriteria; i++)
		if (software_is(s, set->criteria[w->criterion + i].product))
			c[nc++] = set->criteria[w->criterion + i];
	if (!distro_has_word(m, s, ours))
		nnames = 0;
	for (size_t k = 0; k < nnames; k++) /* in the order of distro_fixes() */
		for (size_t i = 0; i < w->nfixes; i++) {
			const struct watched_fix *x = &set->fixes[w->fix + i];
			if (!text_eq(x->package, names[k]) || !distro_is_about(m, s, ours, x->distribution))
				continue;
			f[nf] = x->fix;
			f[nf++].own = k > 0;
		}
	m->evaluated = (struct evaluated){ 0 }; /* of other software, or another case */
	if (!nc && !nf)
		return (struct decision){ .vulnerability = w->id, .state = STATE_NONE };
	struct decision d = match_decide(m, s, c, nc, f, nf);
	d.vulnerability = w->id;
	return d;
}
