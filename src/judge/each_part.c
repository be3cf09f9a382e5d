/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A product of several images, devices or apps: what is shown of one of them is not shown of the others. */
#include <string.h>

#include "judge/bench.h"

#define INPUTS_MAX 256u

struct part {
	int64_t input;
	const char *location;
	bool shown;
};

struct parts {
	struct part v[INPUTS_MAX];
	size_t n;
	bool any; /* a row is of one of them */
};

static bool read_parts(struct bench *b, const char *kind, struct parts *p)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(b->db, "SELECT id, location FROM main.input WHERE kind = ? ORDER BY id", -1, &s,
								 NULL) == SQLITE_OK;
	ok = ok && sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK;
	int r = SQLITE_DONE;
	while (ok && (r = sqlite3_step(s)) == SQLITE_ROW && p->n < INPUTS_MAX) {
		const char *location = (const char *)sqlite3_column_text(s, 1);
		p->v[p->n++] = (struct part){ sqlite3_column_int64(s, 0),
									  arena_strdup(b->arena, text_c(location ? location : "")), false };
	}
	sqlite3_finalize(s);
	return ok && (r == SQLITE_DONE || r == SQLITE_ROW);
}

/* The input that a row is of; NULL where rows of that table are of none. */
static sqlite3_stmt *input_of_rows(struct bench *b, const char *table)
{
	sqlite3_stmt *s = NULL;
	char *sql =
		strcmp(table, "blob") == 0
			? sqlite3_mprintf("SELECT input_id FROM main.blob WHERE id = ?")
			: sqlite3_mprintf(
				  "SELECT b.input_id FROM main.\"%w\" t JOIN main.blob b ON b.id = t.blob_id WHERE t.id = ?", table);
	if (!sql || sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK)
		s = NULL;
	sqlite3_free(sql);
	return s;
}

static void mark(struct parts *p, int64_t input)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].input == input)
			p->any = p->v[i].shown = true;
}

static void mark_rows(struct bench *b, const struct answer *a, struct parts *p)
{
	const char *table = "";
	sqlite3_stmt *s = NULL;
	for (const struct judge_evidence *e = a->first; e; e = e->next) {
		if (strcmp(e->table, table) != 0) {
			sqlite3_finalize(s);
			s = input_of_rows(b, e->table);
			table = e->table;
		}
		if (!s)
			continue;
		sqlite3_bind_int64(s, 1, e->row);
		if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
			mark(p, sqlite3_column_int64(s, 0));
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
}

static const char *last_name(const char *location)
{
	const char *slash = location ? strrchr(location, '/') : NULL;
	return slash ? slash + 1 : location ? location : "another";
}

const char *bench_part_not_shown(struct bench *b, const struct answer *a)
{
	static const char *const kinds[] = { "firmware", "device", "app" };
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		struct parts p = { .n = 0 };
		if (!read_parts(b, kinds[k], &p))
			return "the inputs could not be read";
		if (p.n < 2)
			continue;
		mark_rows(b, a, &p);
		for (size_t i = 0; p.any && i < p.n; i++)
			if (!p.v[i].shown)
				return arena_printf(b->arena, "it is shown for a part only: nothing shows it for %.200s",
									last_name(p.v[i].location));
	}
	return NULL;
}
