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

#define PRODUCTS_MAX 64u

struct entry {
	struct feed_run *run;
	struct feed_criterion products[PRODUCTS_MAX]; /* product, cpe, version */
	size_t nproducts;
	int64_t configuration, number;
	struct text order;
};

static void add_product(struct entry *e, const struct feed_criterion *c)
{
	for (size_t i = 0; i < e->nproducts; i++)
		if (text_eq(e->products[i].product, c->product) && text_eq(e->products[i].version, c->version))
			return;
	if (e->nproducts < PRODUCTS_MAX)
		e->products[e->nproducts++] = *c;
}

static bool says_nothing(struct text t)
{
	return !t.n || text_is(t, "n/a") || text_is(t, "N/A") || text_is(t, "unspecified") || text_is(t, "-") ||
		   text_is(t, "unknown");
}

/* A name of people as an attribute of a CPE: "Dnsmasq Server" is dnsmasq_server. */
static struct text as_attribute(struct feed_run *run, struct text t)
{
	struct text copy = field_lower(run, field_summary(t));
	for (size_t i = 0; i < copy.n; i++)
		if (copy.p[i] == ' ' || copy.p[i] == ':')
			((char *)copy.p)[i] = '_';
	return copy;
}

static void read_products(struct entry *e, const struct json_node *affected)
{
	struct feed_run *run = e->run;
	JSON_EACH(cpe, field_may(run, affected, "cpes", PULL_ARRAY))
	{
		struct feed_criterion c = { 0 };
		if (field_cpe(run, cpe, field_string(run, cpe), false, &c))
			add_product(e, &c);
	}
	struct text vendor = field_text(run, affected, "vendor"), product = field_text(run, affected, "product");
	if (e->nproducts || says_nothing(vendor) || says_nothing(product) || vendor.n > 200 || product.n > 200)
		return;
	vendor = as_attribute(run, vendor);
	product = as_attribute(run, product);
	add_product(e, &(struct feed_criterion){ .product = field_print(run, "cpe:a:%.*s:%.*s", (int)vendor.n, vendor.p,
																	(int)product.n, product.p) });
}

/* A criterion for each product. */
static void emit(struct entry *e, struct feed_criterion row)
{
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

static struct text bound(struct text t)
{
	return !t.n || text_is(t, "*") || text_is(t, "0") || says_nothing(t) ? TEXT_NONE : t;
}

static bool is_status(struct text t)
{
	return text_is(t, "affected") || text_is(t, "unaffected") || text_is(t, "unknown");
}

/* From `start` on; what ends it comes from the row. */
static void emit_range(struct entry *e, struct text start, struct text end, bool including, struct text status)
{
	struct feed_criterion row = {
		.start = bound(start), .start_including = 1, .end = bound(end), .end_including = including, .status = status
	};
	if (is_status(status))
		emit(e, row);
}

#define CHANGES_MAX 512u

struct change {
	struct text at, status;
	enum version_order order;
};

static int by_version(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int c = version_compare(x->order, x->at, y->at);
	return c == VERSION_INCOMPARABLE ? 0 : c;
}

/* Who reads a record has to put them in order. */
static size_t read_changes(struct entry *e, const struct json_node *v, struct change *out)
{
	struct feed_run *run = e->run;
	struct change spare[CHANGES_MAX];
	size_t n = 0;
	JSON_EACH(change, field_may(run, v, "changes", PULL_ARRAY))
	{
		if (n == CHANGES_MAX) {
			field_fault(run, change, "a version changes its status more than %u times", CHANGES_MAX);
			return 0;
		}
		out[n++] = (struct change){ field_need_text(run, change, "at"), field_need_text(run, change, "status"),
									version_order_named(e->order) };
	}
	if (!text_is(e->order, "git"))
		sort_stable(out, spare, n, sizeof *out, by_version);
	return n;
}

/* A range whose status changes at some versions in it. */
static void read_range(struct entry *e, const struct json_node *v, struct text start, struct text status)
{
	struct feed_run *run = e->run;
	struct change changes[CHANGES_MAX];
	struct text end = field_text(run, v, "lessThan");
	bool including = !end.p;
	if (including)
		end = field_text(run, v, "lessThanOrEqual");
	size_t n = read_changes(e, v, changes);
	for (size_t i = 0; i < n; i++) {
		emit_range(e, start, changes[i].at, false, status);
		start = changes[i].at;
		status = changes[i].status;
	}
	emit_range(e, start, end, including, status);
}

static void read_version(struct entry *e, const struct json_node *v)
{
	struct feed_run *run = e->run;
	struct text version = field_need_text(run, v, "version"), status = field_need_text(run, v, "status");
	struct text type = field_text(run, v, "versionType");
	e->order = text_is(type, "custom") || text_is(type, "Release") ? TEXT_NONE : field_lower(run, type);
	if (field_text(run, v, "lessThan").p || field_text(run, v, "lessThanOrEqual").p) {
		read_range(e, v, version, status);
		return;
	}
	if (says_nothing(version) || !is_status(status))
		return;
	struct feed_criterion row = { .status = status };
	if (text_is(version, "*") || cve_expression(version, &row) == CVE_ALL) {
		if (!text_is(status, "unknown"))
			emit(e, row);
		return;
	}
	if (!row.start.p && !row.end.p && !row.version.p)
		row.version = version;
	row.start = bound(row.start);
	emit(e, row);
}

void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number)
{
	JSON_EACH(affected, field_may(run, container, "affected", PULL_ARRAY))
	{
		struct entry e = { .run = run, .configuration = (*number)++ };
		struct text otherwise = field_text(run, affected, "defaultStatus");
		const struct json_node *versions = field_may(run, affected, "versions", PULL_ARRAY);
		read_products(&e, affected);
		if (!e.nproducts)
			continue;
		EMIT(run, NODE, .configuration = e.configuration, .parent = -1, .operator= TEXT_LIT("OR"));
		if (text_is(otherwise, "affected"))
			emit(&e, (struct feed_criterion){ .status = otherwise });
		JSON_EACH(v, versions)
		read_version(&e, v);
	}
	static const struct nvd_words words = { "cpeMatch", "criteria" };
	JSON_EACH(c, field_may(run, container, "cpeApplicability", PULL_ARRAY))
	nvd_configuration(run, &words, c, (*number)++);
}
