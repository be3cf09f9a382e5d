/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The software of a case by the names that documents have for it: the name of its product, of its source package, of its
 * purl, its CPE names. What the product table knows by several names is one thing. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpe.h"
#include "base/products.h"
#include "base/purl.h"
#include "case/internal.h"
#include "sql/sql.h"

struct key {
	const char *text; /* lower case */
	size_t part;
};

struct parts {
	struct part *v;
	size_t n;
	struct key *keys;
	size_t nkeys, room;
};

static const char *lower(struct text t, struct arena *a)
{
	char *p = arena_strdup(a, t);
	for (char *c = p; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return p;
}

/* Adds a name of a part; nothing for an empty one. */
static void add_key(struct parts *p, size_t part, struct text name, struct arena *a)
{
	const char *text = name.n && p->nkeys < p->room ? lower(name, a) : NULL;
	if (text)
		p->keys[p->nkeys++] = (struct key){ text, part };
}

static void add_keys(struct parts *p, size_t i, struct text source, struct text purl, struct arena *a)
{
	const struct part *x = &p->v[i];
	struct purl parsed;
	add_key(p, i, x->name, a);
	add_key(p, i, source, a);
	if (purl.n && purl_parse(purl, &parsed, a))
		add_key(p, i, parsed.name, a);
	for (size_t at = 0, k = 0; at < x->cpe.n && k < 8; k++) {
		const char *space = memchr(x->cpe.p + at, ' ', x->cpe.n - at);
		size_t end = space ? (size_t)(space - x->cpe.p) : x->cpe.n;
		add_key(p, i, text_of(x->cpe.p + at, end - at), a);
		at = end + 1;
	}
}

static int by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int order = strcmp(x->text, y->text);
	return order ? order : (x->part > y->part) - (x->part < y->part);
}

static struct text column(sqlite3_stmt *s, int i, struct arena *a)
{
	const char *p = (const char *)sqlite3_column_text(s, i);
	return text_c(p ? arena_strdup(a, text_of(p, (size_t)sqlite3_column_bytes(s, i))) : NULL);
}

static void load(struct parts *p, sqlite3_stmt *s, size_t room, struct arena *a)
{
	while (p->n < room && sqlite3_step(s) == SQLITE_ROW) {
		struct part *x = &p->v[p->n];
		*x = (struct part){
			.id = sqlite3_column_int64(s, 0),
			.name = column(s, 1, a),
			.version = column(s, 2, a),
			.package_version = column(s, 3, a),
			.distribution = column(s, 4, a),
			.cpe = column(s, 5, a),
			.confidence = column(s, 6, a),
			.purl = column(s, 8, a),
			.architecture = column(s, 9, a),
		};
		if (text_is(x->version, "unknown"))
			x->version = TEXT_NONE;
		add_keys(p, p->n++, column(s, 7, a), x->purl, a);
	}
}

struct parts *parts_load(sqlite3 *db, struct arena *a, struct error *error)
{
	size_t room = (size_t)sql_number(db, "SELECT count(*) FROM software", 0); /* 0 where there is none */
	struct parts *p = ARENA_NEW(a, struct parts);
	sqlite3_stmt *s = NULL;
	*error = error_none();
	if (p) {
		p->room = room * 12;
		p->v = ARENA_ARRAY(a, struct part, room);
		p->keys = ARENA_ARRAY(a, struct key, p->room);
	}
	if (!p || !p->v || !p->keys) {
		*error = error_at(ERR_MEMORY, 0, "no memory for the software");
		return NULL;
	}
	if (!room)
		return p;
	if (sqlite3_prepare_v2(
			db,
			"SELECT id, name, version, package_version, distribution, cpe, confidence, source_package, purl, architecture"
			" FROM software ORDER BY id",
			-1, &s, NULL))
		*error = error_at(ERR_IO, 0, "reading the software: %s", sqlite3_errmsg(db));
	else
		load(p, s, room, a);
	sqlite3_finalize(s);
	if (p->nkeys)
		qsort(p->keys, p->nkeys, sizeof p->keys[0], by_key);
	return error_is(error) ? NULL : p;
}

size_t parts_count(const struct parts *p)
{
	return p->n;
}

const struct part *parts_get(const struct parts *p, size_t i)
{
	return &p->v[i];
}

struct search {
	const struct parts *p;
	size_t *found, n, room;
	const char *distribution; /* only parts of this one; NULL: of any */
};

static void add_found(struct search *s, size_t part)
{
	const struct part *x = &s->p->v[part];
	if (s->distribution && (x->distribution.n == 0 || !text_starts(x->distribution, s->distribution)))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->found[i] == part)
			return;
	if (s->n < s->room)
		s->found[s->n++] = part;
}

static void find_key(struct search *s, struct text name)
{
	char text[256];
	if (!name.n || name.n >= sizeof text)
		return;
	for (size_t i = 0; i < name.n; i++)
		text[i] = (char)tolower((unsigned char)name.p[i]);
	text[name.n] = '\0';
	size_t from = 0, to = s->p->nkeys;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (strcmp(s->p->keys[middle].text, text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < s->p->nkeys && strcmp(s->p->keys[from].text, text) == 0; from++)
		add_found(s, s->p->keys[from].part);
}

/* By the name itself, and by that of the product which has it. */
static void find_name(struct search *s, struct text name)
{
	const struct product *product = product_named(name);
	if (!product)
		product = product_of_package(name);
	find_key(s, name);
	if (product)
		find_key(s, text_c(product_strings + product->name));
}

/* "vendor:product" of a CPE, with "o:" or "h:" before it where the part is not `a`; 0: none. */
static size_t cpe_product(struct text cpe, char out[CPE_MAX])
{
	struct cpe name;
	char formatted[CPE_MAX], vendor[256], product[256];
	if (text_starts(cpe, "cpe:/")) {
		size_t n = cpe_from_uri(cpe, formatted, sizeof formatted);
		cpe = text_of(formatted, n);
	}
	if (!cpe.n || !cpe_parse(cpe, &name) || !cpe_value(name.a[CPE_VENDOR], vendor, sizeof vendor) ||
		!cpe_value(name.a[CPE_PRODUCT], product, sizeof product))
		return 0;
	const char *part = text_is(name.a[CPE_PART], "o") ? "o:" : text_is(name.a[CPE_PART], "h") ? "h:" : "";
	return (size_t)snprintf(out, CPE_MAX, "%s%s:%s", part, vendor, product);
}

static void find_cpes(struct search *s, struct text cpes)
{
	char product[CPE_MAX];
	for (size_t at = 0, k = 0; at < cpes.n && k < 16; k++) {
		const char *space = memchr(cpes.p + at, ' ', cpes.n - at);
		size_t end = space ? (size_t)(space - cpes.p) : cpes.n;
		size_t n = cpe_product(text_of(cpes.p + at, end - at), product);
		const struct product *known = n ? product_of_cpe(text_of(product, n)) : NULL;
		find_key(s, text_of(product, n));
		if (known)
			find_key(s, text_c(product_strings + known->name));
		at = end + 1;
	}
}

size_t parts_find(const struct parts *p, struct text name, struct text purl, struct text cpe, size_t *found,
				  size_t room)
{
	struct search s = { .p = p, .found = found, .room = room };
	struct arena *scratch = arena_new(1u << 20);
	struct purl parsed;
	if (scratch && purl.n && purl_parse(purl, &parsed, scratch)) {
		/* A distribution's package is that distribution's. */
		bool bound = text_is(parsed.type, "deb") || text_is(parsed.type, "apk") || text_is(parsed.type, "rpm");
		if (bound)
			s.distribution = arena_strdup(scratch, parsed.name_space);
		find_name(&s, parsed.name);
		s.distribution = NULL;
		if (!bound && !s.n)
			find_name(&s, name);
	} else {
		find_name(&s, name);
		find_name(&s, text_base(name)); /* behind a group */
	}
	arena_free(scratch);
	find_cpes(&s, cpe);
	return s.n;
}

static bool may_be(const struct part *p, struct text purl, struct arena *scratch)
{
	struct purl theirs, ours, own;
	const struct product *product = product_named(p->name);
	if (!purl_parse(purl, &theirs, scratch) || !purl_parse(p->purl, &ours, scratch) ||
		(!purl_is_of_registry(theirs.type) && !purl_is_of_registry(ours.type)) || purl_same_package(&theirs, &ours))
		return true;
	return !purl_is_of_registry(ours.type) && product && purl_parse(text_c(product_strings + product->purl), &own, scratch) &&
		   purl_same_package(&theirs, &own);
}

/* com.x/core is not com.y/core, and npm's redis not the server; but a package of a distribution may be what a registry has, too. */
bool part_may_be(const struct part *p, struct text purl)
{
	struct arena *scratch = purl.n && p->purl.n ? arena_new(1u << 20) : NULL;
	bool may = !scratch || may_be(p, purl, scratch);
	arena_free(scratch);
	return may;
}

/* The authors' part of a distribution's version: without an epoch before it and the revision behind it. */
static bool begins_with_version(struct text whole, struct text version)
{
	const char *colon = whole.n ? memchr(whole.p, ':', whole.n) : NULL;
	if (colon)
		whole = text_of(colon + 1, whole.n - (size_t)(colon - whole.p) - 1);
	return version.n && whole.n > version.n && memcmp(whole.p, version.p, version.n) == 0 &&
		   strchr("-+~", whole.p[version.n]) && whole.p[version.n];
}

bool part_has_version(const struct part *p, struct text version)
{
	if (version.n > 1 && version.p[0] == 'v' && isdigit((unsigned char)version.p[1]))
		version = text_of(version.p + 1, version.n - 1);
	return (p->version.n && text_eq(p->version, version)) ||
		   (p->package_version.n && text_eq(p->package_version, version)) ||
		   begins_with_version(p->package_version, version) || begins_with_version(version, p->version);
}

struct text parts_version(struct text purl, struct text cpe, struct arena *a)
{
	struct purl parsed;
	struct cpe name;
	char value[256];
	if (purl.n && purl_parse(purl, &parsed, a) && parsed.version.n)
		return parsed.version;
	if (cpe.n && cpe_parse(cpe, &name) && cpe_value(name.a[CPE_VERSION], value, sizeof value))
		return text_c(arena_strdup(a, text_c(value)));
	return TEXT_NONE;
}
