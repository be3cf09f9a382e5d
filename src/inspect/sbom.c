/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sbom: bills of materials (CycloneDX, SPDX), statements on vulnerabilities (OpenVEX, CSAF, CycloneDX, our own), and the lists
 * that build systems write (Buildroot, Yocto, OpenWrt).
 *
 * Which of them a document is follows from its members, wherever these stand (sbom_kinds.c). What it declares is a fact about the
 * document, not about the image: the two are compared elsewhere. */
#include "inspect/sbom.h"

#include <string.h>

#include "base/cpe.h"
#include "base/purl.h"
#include "base/sort.h"

/* ---- passes ---- */

bool sbom_begin(struct sbom_reader *r)
{
	r->j = json_pull_new_span(r->bytes, NULL);
	if (!r->j) {
		emit_damage_at(r->sink, ERR_MEMORY, 0, "no memory to read the document");
		return false;
	}
	json_pull_next(r->j);
	return true;
}

void sbom_end(struct sbom_reader *r, bool tell)
{
	struct error e = json_pull_error(r->j);
	e.offset += e.offset == UINT64_MAX ? 0 : r->base;
	if (tell && error_is(&e))
		emit_error(r->sink, &e);
	else if (tell && r->failed)
		emit_damage_at(r->sink, ERR_BUDGET, 0, "more in one document than is taken: %u rows and 64 MiB of text at most",
					   SBOM_ROWS_MAX);
	json_pull_free(r->j);
	r->j = NULL;
}

bool sbom_member(struct sbom_reader *r)
{
	return json_pull_next(r->j) == PULL_KEY;
}

bool sbom_key(const struct sbom_reader *r, const char *name)
{
	return text_is(json_pull_text(r->j), name);
}

bool sbom_object(struct sbom_reader *r)
{
	enum json_token t = json_pull_next(r->j);
	if (t > PULL_END && t != PULL_OBJECT)
		json_pull_skip(r->j);
	return t == PULL_OBJECT;
}

bool sbom_array(struct sbom_reader *r)
{
	enum json_token t = json_pull_next(r->j);
	if (t > PULL_END && t != PULL_ARRAY)
		json_pull_skip(r->j);
	return t == PULL_ARRAY;
}

bool sbom_item(struct sbom_reader *r)
{
	for (;;) {
		enum json_token t = json_pull_next(r->j);
		if (t <= PULL_END || t == PULL_ARRAY_END)
			return false;
		if (t == PULL_OBJECT)
			return true;
		if (!json_pull_skip(r->j))
			return false;
	}
}

static void copy_text(struct sbom_reader *r, struct text *out)
{
	struct text t = json_pull_text(r->j);
	size_t n = t.n < SBOM_TEXT_MAX ? t.n : SBOM_TEXT_MAX;
	char *p = arena_alloc(r->arena, n + 1, 1);
	r->failed |= !p;
	if (p && n)
		memcpy(p, t.p, n);
	*out = p ? text_of(p, n) : TEXT_NONE;
}

bool sbom_string(struct sbom_reader *r, struct text *out)
{
	for (;;) {
		enum json_token t = json_pull_next(r->j);
		if (t <= PULL_END || t == PULL_ARRAY_END)
			return false;
		if (t == PULL_STRING) {
			copy_text(r, out);
			return true;
		}
		if (!json_pull_skip(r->j))
			return false;
	}
}

void sbom_text(struct sbom_reader *r, struct text *out)
{
	enum json_token t = json_pull_next(r->j);
	if (t == PULL_STRING)
		copy_text(r, out);
	else if (t > PULL_END)
		json_pull_skip(r->j);
}

void sbom_number(struct sbom_reader *r, struct text *out)
{
	enum json_token t = json_pull_next(r->j);
	if (t == PULL_NUMBER)
		copy_text(r, out);
	else if (t > PULL_END)
		json_pull_skip(r->j);
}

void sbom_key_text(struct sbom_reader *r, struct text *out)
{
	copy_text(r, out);
}

void sbom_bool(struct sbom_reader *r, bool *out)
{
	enum json_token t = json_pull_next(r->j);
	if (t == PULL_TRUE || t == PULL_FALSE)
		*out = t == PULL_TRUE;
	else if (t > PULL_END)
		json_pull_skip(r->j);
}

void sbom_text_of(struct sbom_reader *r, const char *name, struct text *out)
{
	enum json_token t = json_pull_next(r->j);
	if (t == PULL_STRING)
		copy_text(r, out);
	else if (t == PULL_OBJECT)
		while (sbom_member(r)) {
			if (sbom_key(r, name))
				sbom_text(r, out);
			else
				sbom_skip(r);
		}
	else if (t > PULL_END)
		json_pull_skip(r->j);
}

void sbom_skip(struct sbom_reader *r)
{
	json_pull_skip(r->j);
}

int64_t sbom_line(const struct sbom_reader *r)
{
	return sbom_line_of(r, (int64_t)json_pull_place(r->j).line);
}

int64_t sbom_line_of(const struct sbom_reader *r, int64_t line)
{
	return r->line_fixed ? r->line_fixed : r->line + line;
}

/* ---- rows ---- */

#define BLANKS " \t\r\n" /* around a value they say nothing */

struct text sbom_said(struct text t)
{
	t = text_trim(t, BLANKS);
	return !t.n || text_is(t, "NOASSERTION") || text_is(t, "NONE") ? TEXT_NONE : t;
}

struct text sbom_canonical_purl(struct sbom_reader *r, struct text t)
{
	struct purl p;
	t = text_trim(t, BLANKS);
	char *out = t.n && purl_parse(t, &p, r->arena) ? purl_build(&p, r->arena) : NULL;
	return text_c(out);
}

void sbom_append(struct sbom_reader *r, struct text *list, struct text item)
{
	item = text_trim(item, BLANKS);
	size_t n = list->n + (list->n > 0) + item.n;
	if (!item.n || n > SBOM_TEXT_MAX)
		return;
	char *p = arena_alloc(r->arena, n + 1, 1);
	r->failed |= !p;
	if (!p)
		return;
	if (list->n) {
		memcpy(p, list->p, list->n);
		p[list->n] = ' ';
	}
	memcpy(p + n - item.n, item.p, item.n);
	*list = text_of(p, n);
}

void sbom_sha256(struct sbom_reader *r, const char *algorithm, const char *value, const char *sha256, struct text *out)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text name = TEXT_NONE, digest = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, algorithm))
				sbom_text(r, &name);
			else if (sbom_key(r, value))
				sbom_text(r, &digest);
			else
				sbom_skip(r);
		}
		if (text_is(name, sha256))
			*out = digest;
	}
}

/* Room for one more row. */
static bool count_row(struct sbom_reader *r)
{
	if (r->rows == SBOM_ROWS_MAX)
		r->failed = true;
	return !r->failed && ++r->rows;
}

/* As its address calls it: a package of a distribution has its name alone there, of anything else the namespace belongs to it. */
static struct text name_of_purl(struct sbom_reader *r, struct text purl)
{
	static const char *const alone[] = { "deb", "rpm", "apk", "opkg", "alpm", "generic" };
	struct purl p;
	if (!purl.n || !purl_parse(purl, &p, r->arena))
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
		if (text_is(p.type, alone[i]))
			return p.name;
	return p.name_space.n ? text_c(arena_printf(r->arena, "%.*s/%.*s", (int)p.name_space.n, p.name_space.p, (int)p.name.n, p.name.p))
						  : p.name;
}

/* The product of the first of the names. */
static struct text name_of_cpe(struct sbom_reader *r, struct text list)
{
	char formatted[CPE_MAX], product[256];
	const char *space = list.n ? memchr(list.p, ' ', list.n) : NULL;
	struct text first = text_of(list.p, space ? (size_t)(space - list.p) : list.n);
	struct cpe name;
	if (text_starts(first, "cpe:/"))
		first = text_of(formatted, cpe_from_uri(first, formatted, sizeof formatted));
	if (!text_starts(first, "cpe:2.3:") || !cpe_split(first, &name) || cpe_has_wildcard(name.a[CPE_PRODUCT]) ||
		!cpe_value(name.a[CPE_PRODUCT], product, sizeof product))
		return TEXT_NONE;
	return text_c(arena_strdup(r->arena, text_c(product)));
}

void sbom_emit_component(struct sbom_reader *r, struct fact_declared_component *row)
{
	row->version = sbom_said(row->version);
	row->licence = sbom_said(row->licence);
	row->supplier = sbom_said(row->supplier);
	row->purl = sbom_canonical_purl(r, row->purl);
	row->cpe = text_trim(row->cpe, BLANKS);
	row->format = text_c(r->format);
	row->name = sbom_said(row->name);
	if (!row->name.n)
		row->name = name_of_purl(r, row->purl);
	if (!row->name.n)
		row->name = name_of_cpe(r, row->cpe);
	if (row->name.n && count_row(r))
		emit_declared_component(r->sink, row);
}

void sbom_emit_statement(struct sbom_reader *r, struct fact_declared_statement *row)
{
	row->version = sbom_said(row->version);
	row->purl = sbom_canonical_purl(r, row->purl);
	row->justification = text_is(row->status, "not_affected") ? sbom_justification_of(row->justification) : TEXT_NONE;
	row->format = text_c(r->format);
	if (row->vulnerability.n && row->status.n && count_row(r))
		emit_declared_statement(r->sink, row);
}

struct text sbom_justification_of(struct text word)
{
	static const struct {
		const char *word, *openvex;
	} known[] = {
		{ "component_not_present", "component_not_present" },
		{ "vulnerable_code_not_present", "vulnerable_code_not_present" },
		{ "vulnerable_code_not_in_execute_path", "vulnerable_code_not_in_execute_path" },
		{ "vulnerable_code_cannot_be_controlled_by_adversary", "vulnerable_code_cannot_be_controlled_by_adversary" },
		{ "inline_mitigations_already_exist", "inline_mitigations_already_exist" },
		{ "code_not_present", "vulnerable_code_not_present" },
		{ "code_not_reachable", "vulnerable_code_not_in_execute_path" },
		{ "requires_configuration", "vulnerable_code_cannot_be_controlled_by_adversary" },
		{ "requires_dependency", "component_not_present" },
		{ "requires_environment", "vulnerable_code_cannot_be_controlled_by_adversary" },
		{ "protected_by_compiler", "inline_mitigations_already_exist" },
		{ "protected_at_runtime", "inline_mitigations_already_exist" },
		{ "protected_at_perimeter", "inline_mitigations_already_exist" },
		{ "protected_by_mitigating_control", "inline_mitigations_already_exist" },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(word, known[i].word))
			return text_c(known[i].openvex);
	return TEXT_NONE;
}

/* ---- names ---- */

bool sbom_names_add(struct sbom_reader *r, struct sbom_names *names, const struct sbom_name *name)
{
	if (names->n == names->room) {
		size_t room = names->room ? names->room * 2 : 64;
		struct sbom_name *v = ARENA_ARRAY(r->arena, struct sbom_name, room);
		r->failed |= !v;
		if (!v)
			return false;
		if (names->n)
			memcpy(v, names->v, names->n * sizeof *v);
		names->v = v;
		names->room = room;
	}
	names->v[names->n++] = *name;
	names->sorted = false;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct sbom_name *x = a, *y = b;
	int order = memcmp(x->id.p ? x->id.p : "", y->id.p ? y->id.p : "", x->id.n < y->id.n ? x->id.n : y->id.n);
	return order ? order : (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

const struct sbom_name *sbom_names_find(struct sbom_reader *r, struct sbom_names *names, struct text id)
{
	struct sbom_name key = { .id = id };
	if (!names->sorted && names->n) {
		struct sbom_name *spare = ARENA_ARRAY(r->arena, struct sbom_name, names->n);
		r->failed |= !spare;
		if (!spare)
			return NULL;
		sort_stable(names->v, spare, names->n, sizeof *spare, by_id);
		names->sorted = true;
	}
	size_t from = 0, to = names->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (by_id(&names->v[middle], &key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < names->n && text_eq(names->v[from].id, id) ? &names->v[from] : NULL;
}
