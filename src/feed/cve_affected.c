/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `affected` of a CVE record: products, and versions with a status each; and `cpeApplicability` (5.1), which has the form of the
 * NVD's configurations.
 *
 * A product is what the entry's CPE names say; without any, vendor and product as words of a CPE name, and then
 * criterion.cpe is NULL. Criteria that say unaffected outweigh those that say affected; `unknown` is a word, too: nobody
 * knows, so that what is said of all other versions does not hold. */
#include "base/sort.h"
#include "base/version.h"
#include "feed/cve_5.h"
#include "feed/field.h"
#include "feed/nvd.h"

/* A criterion for each product. */
static void emit(struct cve_entry *e, struct feed_criterion row)
{
	if (e->branch.n && !row.version.p && !row.start.p && !row.end.p) {
		row.start = e->branch;
		row.end = field_print(e->run, "%.*s.*", (int)e->branch.n, e->branch.p);
		row.start_including = row.end_including = 1;
	}
	for (size_t i = 0; i < e->nproducts; i++) {
		struct feed_criterion c = row;
		c.product = e->products[i].product;
		c.cpe = e->products[i].cpe;
		if (!c.version.p && !c.start.p && !c.end.p && !text_is(e->products[i].version, "-"))
			c.version = e->products[i].version; /* a status for all versions is one for the CPE name's own */
		c.configuration = e->configuration;
		c.number = e->number++;
		c.vulnerable = 1;
		c.versions_order = e->order;
		feed_emit(e->run, FEED_CRITERION, &c);
	}
}

static bool has_digit(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] >= '0' && t.p[i] <= '9')
			return true;
	return false;
}

/* The name of an object of git: in full, or what people cut it to. 20240403 is a date. */
static bool is_object(struct text t)
{
	size_t letters = 0;
	for (size_t i = 0; i < t.n; i++) {
		bool letter = t.p[i] >= 'a' && t.p[i] <= 'f';
		if (!letter && (t.p[i] < '0' || t.p[i] > '9'))
			return false;
		letters += letter;
	}
	return t.n == 40 || t.n == 64 || (t.n >= 7 && t.n < 40 && letters);
}

struct text cve_bound(struct text t)
{
	return !t.n || text_is(t, "*") || text_is(t, "0") || cve_says_nothing(t) ? TEXT_NONE : t;
}

static bool is_status(struct text t)
{
	return text_is(t, "affected") || text_is(t, "unaffected") || text_is(t, "unknown");
}

/* All versions, said of products whose names have none ("-"): "*". TEXT_NONE: the names tell which. */
static struct text all_of(const struct cve_entry *e)
{
	for (size_t i = 0; i < e->nproducts; i++)
		if (!text_is(e->products[i].version, "-"))
			return TEXT_NONE;
	return e->nproducts && !e->branch.n ? TEXT_LIT("*") : TEXT_NONE;
}

/* From `start` on, or (`from` false) behind it; what ends it comes from the row. */
static void emit_range(struct cve_entry *e, struct text start, bool from, struct text end, bool including, struct text status)
{
	struct feed_criterion row = { .start = cve_bound(start),
								  .start_including = from,
								  .end = cve_bound(end),
								  .end_including = including,
								  .status = status };
	if (!row.start.p && !row.end.p)
		row.version = all_of(e);
	if (is_status(status))
		emit(e, row);
}

static int by_version(const void *a, const void *b)
{
	const struct cve_change *x = a, *y = b;
	int c = version_compare(x->order, x->at, y->at);
	return c == VERSION_INCOMPARABLE ? 0 : c;
}

size_t cve_changes(struct feed_run *run, const struct json_node *v, enum version_order order, struct cve_change out[CVE_CHANGES_MAX])
{
	struct cve_change spare[CVE_CHANGES_MAX];
	size_t n = 0;
	JSON_EACH(change, field_may(run, v, "changes", PULL_ARRAY))
	{
		if (n == CVE_CHANGES_MAX) {
			field_fault(run, change, "a version changes its status more than %u times", CVE_CHANGES_MAX);
			return 0;
		}
		out[n++] = (struct cve_change){ field_need_text(run, change, "at"), field_need_text(run, change, "status"), order };
	}
	if (order != VERSION_GIT)
		sort_stable(out, spare, n, sizeof *out, by_version);
	return n;
}

/* "5.x" begins with 5. What has no number ("All versions", "initial") begins with the first: where that says that versions are
 * affected. */
static struct text start_of(struct text t, struct text status)
{
	struct feed_criterion row = { .number = 0 };
	enum cve_expression is = cve_expression(t, &row);
	if (text_is(status, "affected") && (is == CVE_ALL || !has_digit(t)))
		return TEXT_NONE;
	if (is == CVE_RANGE && (row.start.p || row.end.p))
		return row.start;
	while (t.n > 2 && (text_ends(t, ".x") || text_ends(t, ".X") || text_ends(t, ".*")))
		t.n -= 2;
	return t;
}

/* "1.4.x" is all of 1.4; "< 1.4" is 1.4, and "<= 1.4" with it. */
static struct text end_of(struct cve_entry *e, struct text t, bool *including)
{
	struct feed_criterion row = { .number = 0 };
	if (cve_expression(t, &row) == CVE_RANGE && row.end.p && !row.start.p) {
		*including |= row.end_including != 0;
		t = row.end;
	}
	if (text_ends(t, ".x") || text_ends(t, ".X"))
		return field_print(e->run, "%.*s*", (int)t.n - 1, t.p);
	return t;
}

/* Before the first version of a range that does not have it: records of format 4 had "> 1.2", which became "next of 1.2" in 5.0. */
static const char next_of[] = "next of ";

/* A range whose status changes at some versions in it. */
static void read_range(struct cve_entry *e, const struct json_node *v, struct text start, struct text status)
{
	struct feed_run *run = e->run;
	struct cve_change changes[CVE_CHANGES_MAX];
	struct text end = field_text(run, v, "lessThan");
	bool including = !end.p, behind = text_starts(start, next_of);
	if (including)
		end = field_text(run, v, "lessThanOrEqual");
	start = behind ? text_of(start.p + sizeof next_of - 1, start.n - sizeof next_of + 1) : start_of(start, status);
	end = end_of(e, end, &including);
	size_t n = cve_changes(run, v, version_order_named(e->order), changes);
	for (size_t i = 0; i < n; i++) {
		emit_range(e, start, !behind, changes[i].at, false, status);
		start = changes[i].at;
		behind = false;
		status = changes[i].status;
	}
	emit_range(e, start, !behind, end, including, status);
}

/* What the versions are: releases, although their type says git, or names of objects, although it does not. */
static struct text order_of(struct cve_entry *e, const struct json_node *v)
{
	static const char *const members[] = { "version", "lessThan", "lessThanOrEqual" };
	struct feed_run *run = e->run;
	struct text type = field_lower(run, field_text(run, v, "versionType"));
	bool objects = false, releases = false;
	for (size_t i = 0; i < 3; i++) {
		struct text t = cve_bound(field_text(run, v, members[i]));
		objects |= is_object(t);
		releases |= t.n && !is_object(t);
	}
	JSON_EACH(c, field_may(run, v, "changes", PULL_ARRAY))
	objects |= is_object(field_text(run, c, "at"));
	if (objects || (text_is(type, "git") && !releases))
		return TEXT_LIT("git");
	if (e->usual_order.n && (e->distribution.p || e->package.p || version_order_named(type) == VERSION_GENERIC))
		return e->usual_order;
	return text_is(type, "git") || version_order_named(type) == VERSION_GENERIC ? TEXT_NONE : type;
}

/* One, or a list; a list that is not wholly understood compares with nothing. */
static void emit_versions(struct cve_entry *e, struct text version, struct feed_criterion *row)
{
	struct text rest = version, one;
	enum cve_list next;
	size_t n = 0;
	while ((next = cve_list(&rest, &one)) == CVE_LIST_MORE)
		n++;
	row->version = version;
	if (n == 0 || next == CVE_LIST_OTHER) {
		if (n || rest.n || cve_is_range_in_words(version))
			e->order = TEXT_LIT("none");
		emit(e, *row);
		return;
	}
	for (rest = version, next = CVE_LIST_MORE; next == CVE_LIST_MORE;) {
		next = cve_list(&rest, &row->version);
		emit(e, *row);
	}
}

static void read_version(struct cve_entry *e, const struct json_node *v)
{
	struct feed_run *run = e->run;
	struct text version = field_need_text(run, v, "version"), status = field_need_text(run, v, "status");
	version = cve_without_name(version, e->name);
	e->order = order_of(e, v);
	if (field_text(run, v, "lessThan").p || field_text(run, v, "lessThanOrEqual").p) {
		read_range(e, v, version, status);
		return;
	}
	if (cve_says_nothing(version) || !is_status(status))
		return;
	struct feed_criterion row = { .status = status };
	if (text_is(version, "*") || cve_expression(version, &row) == CVE_ALL) {
		row.version = all_of(e);
		if (!text_is(status, "unknown"))
			emit(e, row);
		return;
	}
	if (!row.start.p && !row.end.p && !row.version.p) {
		emit_versions(e, version, &row);
		return;
	}
	row.start = cve_bound(row.start);
	emit(e, row);
}

/* One entry of `affected`. `parts`: one of the record's says where in the product the flaw lies. */
static void read_entry(struct feed_run *run, const struct json_node *affected, int64_t configuration, bool parts)
{
	struct cve_entry e = { .run = run, .configuration = configuration, .name = field_text(run, affected, "product") };
	struct text otherwise = field_text(run, affected, "defaultStatus");
	const struct json_node *versions = field_may(run, affected, "versions", PULL_ARRAY);
	cve_products(&e, affected);
	if (e.distribution.p)
		cve_fixes(&e, versions, otherwise);
	if (!e.nproducts)
		return;
	EMIT(run, NODE, .configuration = configuration, .parent = -1, .operator= TEXT_LIT("OR"));
	if (text_is(otherwise, "affected"))
		emit(&e, (struct feed_criterion){ .status = otherwise });
	JSON_EACH(v, versions)
	read_version(&e, v);
	if (parts)
		cve_parts(&e, affected);
}

void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number)
{
	const struct json_node *all = field_may(run, container, "affected", PULL_ARRAY);
	bool parts = false;
	JSON_EACH(affected, all)
	parts |= cve_has_parts(run, affected);
	JSON_EACH(affected, all)
	read_entry(run, affected, (*number)++, parts);
	static const struct nvd_words words = { "cpeMatch", "criteria" };
	JSON_EACH(c, field_may(run, container, "cpeApplicability", PULL_ARRAY))
	nvd_configuration(run, &words, c, (*number)++);
}
