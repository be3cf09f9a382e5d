/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `affected` of an OSV record: packages with ranges of events, and lists of versions.
 *
 * Specification: OSV schema, "affected[].package", "affected[].ranges[].events" and "Evaluation". */
#include "base/sort.h"
#include "base/version.h"
#include "feed/field.h"
#include "feed/osv.h"

#define PRODUCTS_MAX 16u

struct affected {
	struct feed_run *run;
	const struct osv_ecosystem *ecosystem;        /* NULL: none, or an unknown one */
	struct text release;                          /* behind the ecosystem's colon */
	struct text package;                          /* as a distribution's fix has it */
	struct feed_criterion products[PRODUCTS_MAX]; /* product and cpe */
	size_t nproducts;
	int64_t configuration, number;
};

static void add_product(struct affected *a, struct text product, struct text cpe)
{
	for (size_t i = 0; i < a->nproducts; i++)
		if (text_eq(a->products[i].product, product))
			return;
	if (product.p && a->nproducts < PRODUCTS_MAX)
		a->products[a->nproducts++] = (struct feed_criterion){ .product = product, .cpe = cpe };
}

static void add_cpes(struct affected *a, const struct json_node *specific)
{
	const struct json_node *cpes = json_tree_member(specific, "cpes"); /* Bitnami's */
	JSON_EACH(c, cpes && cpes->type == PULL_ARRAY ? cpes : NULL)
	{
		struct feed_criterion row = { 0 };
		if (c->type == PULL_STRING && field_cpe(a->run, c, c->text, false, &row))
			add_product(a, row.product, row.cpe);
	}
}

/* Of a range of commits without a package. */
static void add_repository(struct affected *a, const struct json_node *affected)
{
	JSON_EACH(r, field_may(a->run, affected, "ranges", PULL_ARRAY))
	add_product(a, field_repository(a->run, field_text(a->run, r, "repo")), TEXT_NONE);
}

static void read_package(struct affected *a, const struct json_node *affected, const struct json_node *record)
{
	struct feed_run *run = a->run;
	struct text product = TEXT_NONE, version = TEXT_NONE;
	const struct json_node *package = field_may(run, affected, "package", PULL_OBJECT);
	if (package) {
		a->package = field_need_text(run, package, "name");
		a->ecosystem = osv_ecosystem(field_need_text(run, package, "ecosystem"), &a->release);
		struct text purl = field_text(run, package, "purl");
		if (a->ecosystem && strcmp(a->ecosystem->name, "Linux") == 0 && text_is(a->package, "Kernel"))
			product = TEXT_LIT("cpe:o:linux:linux_kernel");
		else if (purl.p)
			field_purl(run, purl, &product, &version);
		else if (a->ecosystem && a->package.p) {
			struct text name = text_is(text_c(a->ecosystem->purl), "maven")
								   ? field_print(run, "%.*s", (int)a->package.n, a->package.p)
								   : a->package;
			char *colon = name.n && name.p != a->package.p ? memchr(name.p, ':', name.n) : NULL;
			if (colon)
				*colon = '/';
			product = field_package(run, text_c(a->ecosystem->purl), name);
		}
		add_product(a, product, TEXT_NONE);
	} else {
		add_repository(a, affected);
	}
	add_cpes(a, json_tree_member(record, "database_specific"));
}

static void emit(struct affected *a, const struct feed_criterion *row)
{
	for (size_t i = 0; i < a->nproducts; i++) {
		struct feed_criterion c = *row;
		c.product = a->products[i].product;
		c.cpe = a->products[i].cpe;
		c.configuration = a->configuration;
		c.number = a->number++;
		c.vulnerable = 1;
		c.status = TEXT_LIT("affected");
		feed_emit(a->run, FEED_CRITERION, &c);
	}
}

static struct text order_of(const struct affected *a, struct text type)
{
	if (text_is(type, "SEMVER"))
		return TEXT_LIT("semver");
	if (text_is(type, "GIT"))
		return TEXT_LIT("git");
	return text_c(a->ecosystem ? a->ecosystem->order : "");
}

/* An event of a range: where it begins, or ends, before a version (fixed) or behind it (last_affected, `including`). */
struct event {
	struct text version;
	bool begins, including;
	enum version_order order;
};

static int by_version(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	bool zero_x = text_is(x->version, "0"), zero_y = text_is(y->version, "0");
	if (zero_x || zero_y)
		return zero_y - zero_x;
	int c = version_compare(x->order, x->version, y->version);
	if (c && c != VERSION_INCOMPARABLE)
		return c;
	int rank_x = x->begins ? 1 : x->including ? 2 : 0, rank_y = y->begins ? 1 : y->including ? 2 : 0;
	return rank_x - rank_y; /* fixed where the next begins; the first that is affected is the last, too */
}

struct events {
	struct event *v, *spare;
	size_t n;
};

static struct events read_events(struct feed_run *run, const struct json_node *list, struct text order,
								 struct text *limit)
{
	static const char *const names[] = { "introduced", "fixed", "last_affected" };
	struct events all = { 0 };
	size_t max = 0;
	JSON_EACH(e, list)
	max += sizeof names / sizeof names[0];
	all.v = ARENA_ARRAY(run->arena, struct event, max + 1);
	all.spare = ARENA_ARRAY(run->arena, struct event, max + 1);
	if (!all.v || !all.spare) {
		field_fault(run, list, "the events take more memory than they may");
		return all;
	}
	JSON_EACH(e, list)
	{
		size_t before = all.n;
		struct text until = field_text(run, e, "limit");
		if (until.p &&
			(!limit->p || text_is(until, "*") || version_compare(version_order_named(order), until, *limit) != -1))
			*limit = until; /* the last of them counts */
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			struct text version = field_text(run, e, names[i]);
			if (version.p)
				all.v[all.n++] = (struct event){ version, i == 0, i == 2, version_order_named(order) };
		}
		if (!until.p && all.n == before)
			field_fault(run, e, "an event has none of introduced, fixed, last_affected and limit");
	}
	return all;
}

/* In the order of their versions, without what begins in a range that is open and what ends none. */
static void put_in_order(struct events *all)
{
	size_t kept = 0;
	bool open = false;
	sort_stable(all->v, all->spare, all->n, sizeof *all->v, by_version);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].begins != open) {
			open = all->v[i].begins;
			all->v[kept++] = all->v[i];
		}
	all->n = kept;
}

/* What is affected: from a version (absent: the first) to another (absent: none ends it). */
struct segment {
	struct text from, to;
	bool including;
};

struct segments {
	struct segment *v;
	size_t n;
	struct text order;
};

/* No version from the limit on is affected. */
static void add_segment(struct segments *s, struct segment add, struct text limit)
{
	enum version_order order = version_order_named(s->order);
	if (text_is(add.from, "0"))
		add.from = TEXT_NONE;
	int start = limit.p && add.from.p ? version_compare(order, add.from, limit) : -1;
	if (start == 0 || start == 1)
		return;
	int end = limit.p && add.to.p ? version_compare(order, add.to, limit) : -1;
	if (limit.p && (!add.to.p || end == 1 || (end == 0 && add.including))) {
		add.to = limit;
		add.including = false;
	}
	s->v[s->n++] = add;
}

/* Events come in any order: they are put in that of their versions (where these have none, as commits, in that of the
 * document). Each end belongs to the earliest start that has none. */
static struct segments read_range(struct affected *a, const struct json_node *range)
{
	struct feed_run *run = a->run;
	struct segments out = { .order = order_of(a, field_need_text(run, range, "type")) };
	struct text limit = TEXT_NONE;
	struct events all = read_events(run, field_need(run, range, "events", PULL_ARRAY), out.order, &limit);
	if (text_is(limit, "*"))
		limit = TEXT_NONE;
	size_t start = 0, end = 0;
	if (!all.v || !all.spare)
		return out;
	if (!text_is(out.order, "git"))
		put_in_order(&all);
	const struct event *events = all.v;
	size_t n = all.n;
	out.v = ARENA_ARRAY(run->arena, struct segment, n + 1);
	if (!out.v)
		field_fault(run, range, "the events take more memory than they may");
	for (; out.v; start++, end++) {
		while (start < n && !events[start].begins)
			start++;
		if (start == n)
			break;
		end = end > start ? end : start;
		while (end < n && events[end].begins)
			end++;
		struct segment s = { .from = events[start].version };
		if (end < n)
			s = (struct segment){ events[start].version, events[end].version, events[end].including };
		add_segment(&out, s, limit);
	}
	return out;
}

static void emit_range(struct affected *a, const struct json_node *range)
{
	struct segments s = read_range(a, range);
	for (size_t i = 0; i < s.n; i++)
		emit(a, &(struct feed_criterion){ .start = s.v[i].from,
										  .start_including = 1,
										  .end = s.v[i].to,
										  .end_including = s.v[i].including,
										  .versions_order = s.order });
}

static void emit_fix(struct affected *a, const char *status, struct text version)
{
	struct text release = a->release;
	if (a->ecosystem->products) {
		struct text distribution = osv_release(a->run, a->ecosystem, release);
		if (distribution.p)
			EMIT(a->run, FIX, .distribution = distribution, .package = a->package, .status = text_c(status),
				 .version = version);
		return;
	}
	const char *lts = release.n ? memchr(release.p, ':', release.n) : NULL; /* 22.04:LTS */
	release.n = lts ? (size_t)(lts - release.p) : release.n;
	if (text_starts(release, "v"))
		release = text_of(release.p + 1, release.n - 1);
	EMIT(a->run, FIX,
		 .distribution = field_print(a->run, "%s %.*s", a->ecosystem->distribution, (int)release.n, release.p),
		 .package = a->package, .status = text_c(status), .version = version);
}

/* As a distribution's trackers say it, the version that fixes; where that does not say all, or there are others, the range. */
static void emit_segment(struct affected *a, const struct segment *x, bool alone)
{
	if (alone && !x->from.p && !x->including) {
		emit_fix(a, x->to.p ? "fixed" : "affected", x->to);
		return;
	}
	emit_fix(a, x->including ? "affected_through" : "affected_before",
			 field_print(a->run, "%.*s %.*s", (int)(x->from.p ? x->from.n : 1), x->from.p ? x->from.p : "0",
						 (int)(x->to.p ? x->to.n : 1), x->to.p ? x->to.p : "*"));
}

/* Those of all ranges that are of versions. */
static struct segments read_segments(struct affected *a, const struct json_node *ranges)
{
	struct segments out = { .order = order_of(a, TEXT_NONE) };
	size_t max = 0;
	JSON_EACH(range, ranges)
	JSON_EACH(e, field_may(a->run, range, "events", PULL_ARRAY))
	max += 3;
	out.v = ARENA_ARRAY(a->run->arena, struct segment, max + 1);
	if (!out.v)
		field_fault(a->run, ranges, "the ranges take more memory than they may");
	JSON_EACH(range, out.v ? ranges : NULL)
	{
		struct segments s = read_range(a, range);
		for (size_t i = 0; i < s.n && out.n < max && !text_is(s.order, "git"); i++)
			out.v[out.n++] = s.v[i];
	}
	return out;
}

/* Whether a version lies in one of them. */
static bool is_within(struct affected *a, const struct segments *s, struct text version)
{
	enum version_order order = version_order_named(s->order);
	for (size_t i = 0; i < s->n && field_step(a->run); i++) {
		const struct segment *x = &s->v[i];
		int low = x->from.p ? version_compare(order, version, x->from) : 1;
		int high = x->to.p ? version_compare(order, version, x->to) : -1;
		if ((low == 0 || low == 1) && (high == -1 || (high == 0 && x->including)))
			return true;
	}
	return false;
}

/* Of a distribution's package: versions in any of the ranges or in the list. Without either none is affected. */
static void read_fix(struct affected *a, const struct json_node *affected)
{
	struct feed_run *run = a->run;
	struct segments s = read_segments(a, field_may(run, affected, "ranges", PULL_ARRAY));
	size_t listed = 0;
	JSON_EACH(v, s.v ? field_may(run, affected, "versions", PULL_ARRAY) : NULL)
	{
		struct text version = field_string(run, v);
		if (!version.n || is_within(a, &s, version))
			continue;
		listed++;
		emit_fix(a, "affected_through", field_print(run, "%.*s %.*s", (int)version.n, version.p, (int)version.n, version.p));
	}
	for (size_t i = 0; i < s.n; i++)
		emit_segment(a, &s.v[i], s.n == 1 && !listed);
}

/* Packages of a distribution that nobody knows here: those of its other releases have versions of their own. */
static bool is_of_unknown_release(const struct affected *a)
{
	static const char *const types[] = { "purl:deb/", "purl:rpm/", "purl:apk/", "purl:opkg/", "purl:alpm/" };
	for (size_t i = 0; a->release.n && i < sizeof types / sizeof types[0]; i++)
		if (text_starts(a->products[0].product, types[i]))
			return true;
	return false;
}

void osv_affected(struct feed_run *run, const struct json_node *record)
{
	int64_t configuration = 0;
	JSON_EACH(affected, field_may(run, record, "affected", PULL_ARRAY))
	{
		struct affected a = { .run = run, .configuration = configuration };
		configuration++;
		read_package(&a, affected, record);
		if (a.ecosystem && a.ecosystem->distribution && a.release.p && a.package.p) {
			read_fix(&a, affected);
			continue;
		}
		if (!a.nproducts || is_of_unknown_release(&a))
			continue;
		EMIT(run, NODE, .configuration = a.configuration, .parent = -1, .operator= TEXT_LIT("OR"));
		JSON_EACH(range, field_may(run, affected, "ranges", PULL_ARRAY))
		emit_range(&a, range);
		JSON_EACH(v, field_may(run, affected, "versions", PULL_ARRAY))
		{
			struct text version = field_string(run, v);
			if (version.n)
				emit(&a, &(struct feed_criterion){ .version = version, .versions_order = order_of(&a, TEXT_NONE) });
		}
	}
}
