/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of each guideline is decided, and where its numbers stand among other products. */
#include "report/json_verdicts.h"

static void write_counts(struct json *j, const struct view_counts *counts)
{
	static const char *const keys[VIEW_VERDICTS] = { "fail", "inconclusive", "pass", "not_applicable" };
	for (int i = 0; i < VIEW_VERDICTS; i++)
		json_key_int(j, keys[i], counts->n[i]);
}

struct error json_counts(struct json *j, struct view *v)
{
	struct view_counts counts;
	struct error e = view_count_verdicts(v, &counts);
	write_counts(j, &counts);
	return e;
}

static void write_share(struct json *j, const char *key, int64_t part, int64_t whole)
{
	json_key(j, key);
	if (whole > 0)
		json_decimal(j, (double)part / (double)whole, 4);
	else
		json_int(j, FACT_NULL);
}

static void write_next(struct json *j, const struct view_next *next)
{
	json_open(j, '{');
	json_key_text(j, "settles", text_c(next->settles));
	json_key_int(j, "requirements", next->requirements);
	json_key_int(j, "weight", next->weight);
	json_close(j, '}');
}

static void write_coverage(struct json *j, const struct view_pack *p)
{
	static const char *const keys[VIEW_COVERAGES] = { "by_evidence", "by_declaration", "declared_only", "not_decided",
													  "not_applicable" };
	int64_t applicable = view_pack_applicable(p);
	json_key(j, "coverage");
	json_open(j, '{');
	json_key_int(j, "requirements", p->requirements);
	for (int i = 0; i < VIEW_COVERAGES; i++)
		json_key_int(j, keys[i], p->coverage[i]);
	write_share(j, "evidence_share", p->coverage[VIEW_BY_EVIDENCE], applicable);
	write_share(j, "word_share", p->coverage[VIEW_BY_DECLARATION] + p->coverage[VIEW_DECLARED_ONLY], applicable);
	json_key(j, "next_inputs");
	json_open(j, '[');
	for (size_t i = 0; i < p->nnext; i++)
		write_next(j, &p->next[i]);
	json_close(j, ']');
	json_close(j, '}');
}

struct error json_packs(struct json *j, struct view *v)
{
	struct arena *a = arena_new(0);
	struct error e = a ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the report");
	const struct view_pack *p = a ? view_packs(v, a, &e) : NULL;
	json_key(j, "packs");
	json_open(j, '[');
	for (; p; p = p->following) {
		json_open(j, '{');
		json_key_text(j, "pack", text_c(p->pack));
		json_key_text(j, "title", text_c(p->title));
		json_key_text(j, "version", text_c(p->version));
		write_counts(j, &p->counts);
		write_coverage(j, p);
		json_close(j, '}');
	}
	json_close(j, ']');
	arena_free(a);
	return e;
}

struct error json_standing(struct json *j, struct view *v)
{
	sqlite3_stmt *s = NULL;
	struct error e = view_standing(v, &s);
	json_key(j, "standing");
	json_open(j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		static const char *const keys[] = { "products", "lower", "equal", "higher" };
		json_open(j, '{');
		json_key_text(j, "requirement", view_text(s, STANDING_REQUIREMENT));
		json_key_text(j, "measure", view_text(s, STANDING_MEASURE));
		for (int i = 0; i < 4; i++)
			json_key_int(j, keys[i], view_int(s, STANDING_PRODUCTS + i));
		json_close(j, '}');
	}
	json_close(j, ']');
	sqlite3_finalize(s);
	return e;
}
