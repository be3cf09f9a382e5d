/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Criteria are most of the database: products are numbers, and of a CPE name only that is kept which does not follow from the
 * product and the version. The view `criterion` (schema.c) puts it together again. */
#include <stdio.h>

#include "feed/store_internal.h"

static int64_t find_product(struct feed_store *s, struct text name)
{
	if (s->product_id && text_is(name, s->product))
		return s->product_id;
	sqlite3_stmt *st = store_statement(s, FIND_PRODUCT);
	store_bind(st, 1, name);
	int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	if (!id) {
		st = store_statement(s, ADD_PRODUCT);
		store_bind(st, 1, name);
		id = store_run(s, st) ? sqlite3_last_insert_rowid(s->db) : 0;
	}
	s->product_id = name.n < sizeof s->product && !memchr(name.p, 0, name.n) ? id : 0;
	if (s->product_id)
		snprintf(s->product, sizeof s->product, "%.*s", (int)name.n, name.p);
	return id;
}

/* What has to be kept of the CPE name: nothing (NULL), what stands behind the product, or all; '' where there is none. */
static struct text tail_of(const struct feed_criterion *c)
{
	static const char prefix[] = "cpe:2.3:", usual[] = ":*:*:*:*:*:*:*";
	struct text version = c->version.p ? c->version : TEXT_LIT("*");
	size_t head = sizeof prefix - 1, name = c->product.n - 4, tail = head + name + 1;
	if (!c->cpe.p)
		return text_starts(c->product, "cpe:") ? TEXT_LIT("") : TEXT_NONE;
	if (!text_starts(c->product, "cpe:") || c->cpe.n <= tail || !text_starts(c->cpe, prefix) ||
		memcmp(c->cpe.p + head, c->product.p + 4, name) != 0 || c->cpe.p[tail - 1] != ':')
		return c->cpe;
	struct text rest = text_of(c->cpe.p + tail, c->cpe.n - tail);
	if (rest.n == version.n + sizeof usual - 1 && text_ends(rest, usual) && memcmp(rest.p, version.p, version.n) == 0)
		return TEXT_NONE;
	return rest;
}

/* NULL where the view knows the usual value. */
static struct text unless(struct text t, const char *usual)
{
	return text_is(t, usual) ? TEXT_NONE : t;
}

static void bind_bound(sqlite3_stmt *st, int at, struct text bound, int64_t including)
{
	store_bind(st, at, bound);
	if (bound.p)
		sqlite3_bind_int64(st, at + 1, including);
	else
		sqlite3_bind_null(st, at + 1);
}

bool store_criterion(struct feed_store *s, const struct feed_criterion *c)
{
	int64_t product = c->product.n > 4 ? find_product(s, c->product) : 0;
	if (!product)
		return store_failed(s);
	sqlite3_stmt *st = store_statement(s, ADD_CRITERION);
	sqlite3_bind_int64(st, 1, product);
	sqlite3_bind_int64(st, 2, s->record);
	sqlite3_bind_int64(st, 3, c->configuration);
	sqlite3_bind_int64(st, 4, c->node);
	sqlite3_bind_int64(st, 5, c->number);
	store_bind(st, 6, tail_of(c));
	sqlite3_bind_int64(st, 7, c->vulnerable);
	store_bind(st, 8, c->version);
	bind_bound(st, 9, c->start, c->start_including);
	bind_bound(st, 11, c->end, c->end_including);
	store_bind(st, 13, unless(c->versions_order, ""));
	store_bind(st, 14, unless(c->status, "affected"));
	return store_run(s, st);
}
