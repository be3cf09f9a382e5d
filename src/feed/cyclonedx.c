/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CycloneDX documents with vulnerabilities (VEX, VDR): ECMA-424, "CycloneDX v1.6", object `vulnerabilities`. */
#include "feed/nvd.h"
#include "feed/vex.h"

static bool recognise(const struct json_node *root)
{
	const struct json_node *f = json_tree_member(root, "bomFormat");
	return f && text_is(f->text, "CycloneDX");
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("cyclonedx"), .kind = TEXT_LIT("cyclonedx"));
}

static void add_component(struct feed_run *run, const struct json_node *c, struct vex_map *map)
{
	struct text name = field_need_text(run, c, "name"), group = field_text(run, c, "group");
	struct vex_entry e = { .id = field_text(run, c, "bom-ref") };
	if (!e.id.n && text_is(c->key, "component")) /* the product itself needs none */
		e.id = TEXT_LIT("metadata.component");
	if (group.n)
		name = field_print(run, "%.*s:%.*s", (int)group.n, group.p, (int)name.n, name.p ? name.p : "");
	e.product = vex_product_of(run, field_text(run, c, "purl"), field_text(run, c, "cpe"), name);
	struct text version = field_text(run, c, "version");
	if (version.n && !e.product.version.n) /* a package URL's has the epoch */
		e.product.version = version;
	JSON_EACH(h, field_may(run, c, "hashes", PULL_ARRAY))
	if (!e.digest.p)
		e.digest = vex_digest(run, field_text(run, h, "alg"), field_text(run, h, "content"));
	vex_map_add(run, map, &e);
	JSON_EACH(inner, field_may(run, c, "components", PULL_ARRAY))
	add_component(run, inner, map);
}

/* A document: its components, and the product that these are in. */
struct bill {
	struct vex_map map;
	struct text product; /* reference of the product itself; TEXT_NONE: the document is about its components as such */
};

/* Whom a statement is about: a product, or a component in one. */
struct subject {
	struct text product, version, component;
};

/* A reference is to a component here, or to one in another document (BOM-Link), of which only the name is known. */
static struct subject subject_of(struct feed_run *run, const struct bill *bill, struct text ref)
{
	const struct vex_entry *e = vex_map_find(&bill->map, ref), *in = vex_map_find(&bill->map, bill->product);
	if (e && in && e != in)
		return (struct subject){ in->digest.p ? in->digest : vex_scope(run, &in->product), e->product.version,
								 e->product.key };
	if (e && e->digest.p && e == in)
		return (struct subject){ e->digest, TEXT_NONE, TEXT_NONE };
	if (e)
		return (struct subject){ e->product.key, e->product.version, TEXT_NONE };
	const char *hash = text_starts(ref, "urn:cdx:") ? memchr(ref.p, '#', ref.n) : NULL;
	struct text name = hash ? text_of(hash + 1, ref.n - (size_t)(hash + 1 - ref.p)) : ref;
	struct vex_product p = vex_product_of(run, text_starts(name, "pkg:") ? name : TEXT_NONE, TEXT_NONE, name);
	size_t serial = hash ? strcspn(ref.p + 8, "/#") : 0;
	if (hash && serial)
		return (struct subject){ field_print(run, "bom:%.*s", (int)serial, ref.p + 8), p.version, p.key };
	return (struct subject){ p.key, p.version, TEXT_NONE };
}

static struct text status_of(struct feed_run *run, const struct json_node *v)
{
	const struct json_node *analysis = field_may(run, v, "analysis", PULL_OBJECT);
	struct text state = field_text(run, analysis, "state");
	if (text_is(state, "not_affected") || text_is(state, "false_positive"))
		return TEXT_LIT("not_affected");
	if (text_is(state, "resolved") || text_is(state, "resolved_with_pedigree"))
		return TEXT_LIT("fixed");
	return text_is(state, "in_triage") ? TEXT_LIT("under_investigation") : TEXT_LIT("affected");
}

/* A version or range of an affected product has a status of its own. */
static struct text status_here(struct text status, struct text of_version)
{
	if (text_is(of_version, "unaffected"))
		return text_is(status, "affected") || text_is(status, "under_investigation") ? TEXT_LIT("not_affected")
																					 : status;
	return text_is(of_version, "unknown") ? TEXT_LIT("under_investigation") : status;
}

static void read_affected(struct feed_run *run, const struct json_node *affects, const struct bill *bill,
						  const struct feed_vex *common)
{
	struct subject p = subject_of(run, bill, field_need_text(run, affects, "ref"));
	const struct json_node *versions = field_may(run, affects, "versions", PULL_ARRAY);
	struct feed_vex row = *common;
	row.product = p.product;
	row.version = p.version;
	row.component = p.component;
	if (!row.product.p)
		return;
	if (!versions || !versions->first)
		feed_emit(run, FEED_VEX, &row);
	JSON_EACH(v, versions)
	{
		struct text version = field_text(run, v, "version");
		row.version = vex_version(run, version.p ? version : field_text(run, v, "range"));
		row.status = status_here(common->status, field_text(run, v, "status"));
		feed_emit(run, FEED_VEX, &row);
	}
}

static void read_ratings(struct feed_run *run, const struct json_node *v, struct feed_vulnerability *row)
{
	JSON_EACH(r, field_may(run, v, "ratings", PULL_ARRAY))
	{
		struct text method = field_text(run, r, "method"), vector = field_text(run, r, "vector");
		struct text *to = text_is(method, "CVSSv2")    ? &row->cvss2
						  : text_is(method, "CVSSv3")  ? &row->cvss30
						  : text_is(method, "CVSSv31") ? &row->cvss31
						  : text_is(method, "CVSSv4")  ? &row->cvss40
													   : NULL;
		const char *prefix = to == &row->cvss30   ? "CVSS:3.0/"
							 : to == &row->cvss31 ? "CVSS:3.1/"
							 : to == &row->cvss40 ? "CVSS:4.0/"
												  : "";
		if (to && vector.n && !to->p)
			*to = text_starts(vector, "CVSS:") ? vector : field_print(run, "%s%.*s", prefix, (int)vector.n, vector.p);
	}
}

static void read_vulnerability(struct feed_run *run, const struct json_node *v, const struct bill *bill)
{
	const struct json_node *analysis = field_may(run, v, "analysis", PULL_OBJECT);
	struct feed_vulnerability row = { .rank = FEED_RANK_CYCLONEDX, .name = field_vulnerability(run, field_need_text(run, v, "id")) };
	struct text description = field_summary(field_text(run, v, "description")),
				detail = field_summary(field_text(run, analysis, "detail"));
	if (!row.name.p)
		return;
	row.summary = description.n ? description : TEXT_NONE;
	row.published = field_time(run, v, "published");
	read_ratings(run, v, &row);
	JSON_EACH(c, field_may(run, v, "cwes", PULL_ARRAY))
	if (field_is(run, c, PULL_NUMBER))
		nvd_add_cwe(run, &row.cwe, field_print(run, "CWE-%.*s", (int)c->text.n, c->text.p));
	feed_emit(run, FEED_VULNERABILITY, &row);
	struct feed_vex common = { .status = status_of(run, v),
							   .justification = field_text(run, analysis, "justification"),
							   .statement = detail.n ? detail : TEXT_NONE };
	JSON_EACH(a, field_may(run, v, "affects", PULL_ARRAY))
	read_affected(run, a, bill, &common);
}

static void record(struct feed_run *run, const struct json_node *root)
{
	const struct json_node *meta = field_may(run, root, "metadata", PULL_OBJECT);
	const struct json_node *product = field_may(run, meta, "component", PULL_OBJECT);
	struct text id = field_text(run, root, "serialNumber");
	struct bill bill = { .product = field_text(run, product, "bom-ref") };
	if (product && !bill.product.n)
		bill.product = TEXT_LIT("metadata.component");
	if (!id.n)
		id = text_base(text_c(run->document)); /* the number may be left out */
	run->what = id;
	EMIT(run, RECORD, .name = id, .modified = field_time(run, meta, "timestamp"));
	if (product)
		add_component(run, product, &bill.map);
	JSON_EACH(c, field_may(run, root, "components", PULL_ARRAY))
	add_component(run, c, &bill.map);
	JSON_EACH(v, field_may(run, root, "vulnerabilities", PULL_ARRAY))
	read_vulnerability(run, v, &bill);
}

static const char *const unneeded[] = { "references", "externalReferences", "licenses", "evidence", NULL };

const struct feed_importer feed_cyclonedx = {
	.name = "cyclonedx-vex",
	.title = "CycloneDX documents with vulnerabilities (VEX, VDR)",
	.recognise = recognise,
	.skip = unneeded,
	.begin = begin,
	.record = record,
};
