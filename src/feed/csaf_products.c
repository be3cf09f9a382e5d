/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0, section 3.2.2: branches, full product names, relationships. */
#include "base/version.h"
#include "feed/csaf.h"

/* What the branches above a product say of it, in whatever order they stand. */
struct path {
	struct text vendor, product, version;
	struct text patch;         /* as it stands behind the version: "-SP1", "p18" */
	struct text machine, kind; /* the one that it is for; its language, host or specification */
};

/* That of its only file. */
static struct text digest_of(struct feed_run *run, const struct json_node *helper)
{
	const struct json_node *files = field_may(run, helper, "hashes", PULL_ARRAY);
	struct text digest = TEXT_NONE;
	if (!files || !files->first || files->first->next)
		return TEXT_NONE;
	JSON_EACH(h, field_may(run, files->first, "file_hashes", PULL_ARRAY))
	if (!digest.p)
		digest = vex_digest(run, field_text(run, h, "algorithm"), field_text(run, h, "value"));
	return digest;
}

static struct text colon(struct feed_run *run, struct text version, struct text name)
{
	return field_print(run, "%.*s:%.*s", (int)version.n, version.n ? version.p : "", (int)name.n, name.n ? name.p : "");
}

/* Whether the key of a product is for one machine: "purl:...?distro=&arch=amd64". */
static bool names_machine(struct text key)
{
	static const char mark[] = "&arch=";
	const char *at = key.n ? memmem(key.p, key.n, mark, sizeof mark - 1) : NULL;
	return at && at + sizeof mark - 1 < key.p + key.n && at[sizeof mark - 1] != '&';
}

/* What branches add to what identifies a product. A service pack is a part of its version, where that says no more than the branch
 * of the version; what is said for one machine, language or host is not said of others: a colon makes it a version that no program
 * has (as editions do, vex.c). */
static void narrow(struct feed_run *run, const struct path *path, struct vex_product *p)
{
	bool plain = !p->version.p || text_eq(p->version, path->version);
	if (plain)
		p->version = path->version;
	if (plain && path->patch.n)
		p->version = p->version.n ? field_print(run, "%.*s%.*s", (int)p->version.n, p->version.p, (int)path->patch.n, path->patch.p)
								  : colon(run, TEXT_NONE, path->patch);
	if (path->machine.n && !names_machine(p->key))
		p->version = colon(run, p->version, path->machine);
	if (path->kind.n)
		p->version = colon(run, p->version, path->kind);
}

static void add_product(struct feed_run *run, const struct json_node *p, const struct path *path,
						struct vex_map *products)
{
	const struct json_node *helper = field_may(run, p, "product_identification_helper", PULL_OBJECT);
	struct text id = field_need_text(run, p, "product_id"), name = field_need_text(run, p, "name");
	struct vex_entry e = { .id = id };
	if (path->product.p)
		name = field_print(run, "%.*s:%.*s", (int)path->vendor.n, path->vendor.p ? path->vendor.p : "", (int)path->product.n,
						   path->product.p);
	struct text purl = field_text(run, helper, "purl");
	JSON_EACH(u, purl.p ? NULL : field_may(run, helper, "purls", PULL_ARRAY)) /* CSAF 2.1: all of them name it */
	purl = purl.p ? purl : field_string(run, u);
	e.product = vex_product_of(run, purl, field_text(run, helper, "cpe"), name);
	narrow(run, path, &e.product);
	e.digest = digest_of(run, helper);
	vex_map_add(run, products, &e);
}

/* A branch that is none of vendor, product and version. */
static void read_narrower(struct feed_run *run, struct text category, struct text name, struct path *path)
{
	static const char *const everywhere[] = { "noarch", "all", "any" };
	bool patch = text_is(category, "patch_level") && name.n && (name.p[0] | 32) == 'p'; /* 4.2.8p18 */
	if (!name.n)
		return;
	if (text_is(category, "service_pack") || text_is(category, "patch_level"))
		path->patch = field_print(run, "%.*s%s%.*s", (int)path->patch.n, path->patch.n ? path->patch.p : "", patch ? "" : "-",
								  (int)name.n, name.p);
	else if (text_is(category, "language") || text_is(category, "host_name") || text_is(category, "specification"))
		path->kind = name;
	if (!text_is(category, "architecture"))
		return;
	path->machine = name;
	for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++)
		if (text_is(name, everywhere[i]))
			path->machine = TEXT_NONE;
}

static void read_branches(struct feed_run *run, const struct json_node *list, struct path path,
						  struct vex_map *products)
{
	JSON_EACH(b, list)
	{
		struct path here = path;
		struct text category = field_need_text(run, b, "category"), name = field_need_text(run, b, "name");
		const struct json_node *product = field_may(run, b, "product", PULL_OBJECT);
		if (text_is(category, "vendor"))
			here.vendor = name;
		else if (text_is(category, "product_name"))
			here.product = name;
		else if (text_is(category, "product_version") || text_is(category, "product_version_range"))
			here.version = vex_version(run, name);
		else
			read_narrower(run, category, name, &here);
		if (product)
			add_product(run, product, &here, products);
		read_branches(run, field_may(run, b, "branches", PULL_ARRAY), here, products);
	}
}

/* A distribution's package with its revision is the same in whatever module of it. */
static bool is_exact_package(const struct vex_product *p)
{
	bool package = text_starts(p->key, "purl:deb/") || text_starts(p->key, "purl:rpm/") || text_starts(p->key, "purl:apk/");
	return package && p->version.n && !version_is_range(p->version);
}

/* "A as a component of B": a product of its own, whose statements are about A in B. What is said of A in B in C is said neither of A elsewhere
 * in C nor of B in C: its product is one that no image is. False: one of the two is not there yet. */
static bool add_relationship(struct feed_run *run, const struct json_node *r, struct vex_map *products)
{
	const struct json_node *name = field_need(run, r, "full_product_name", PULL_OBJECT);
	struct text id = field_need_text(run, name, "product_id");
	const struct vex_entry *part = vex_map_find(products, field_need_text(run, r, "product_reference"));
	const struct vex_entry *whole = vex_map_find(products, field_need_text(run, r, "relates_to_product_reference"));
	if (vex_map_find(products, id))
		return true;
	if (!part || !whole)
		return false;
	struct vex_entry e = { .id = id };
	bool nested = part->component.p || (whole->component.p && !is_exact_package(&part->product));
	e.product.key = nested             ? field_print(run, "parts:%.*s", (int)id.n, id.n ? id.p : "")
					: whole->digest.p ? whole->digest
									  : vex_scope(run, &whole->product);
	e.component = part->component.p ? part->component : part->product.key;
	e.component_version = part->component.p ? part->component_version : part->product.version;
	vex_map_add(run, products, &e);
	return true;
}

#define NESTING_MAX 8u

/* They name one another, in whatever order they stand. */
static void add_relationships(struct feed_run *run, const struct json_node *list, struct vex_map *products)
{
	const struct json_node *missing = list;
	for (unsigned pass = 0; pass < NESTING_MAX && missing; pass++) {
		missing = NULL;
		JSON_EACH(r, list)
		if (!add_relationship(run, r, products) && !missing)
			missing = r;
	}
	if (missing)
		field_fault(run, missing, "a relationship names a product that is not in the tree");
}

void csaf_products(struct feed_run *run, const struct json_node *tree, struct vex_map *products)
{
	struct path none = { .vendor = TEXT_NONE };
	read_branches(run, field_may(run, tree, "branches", PULL_ARRAY), none, products);
	JSON_EACH(p, field_may(run, tree, "full_product_names", PULL_ARRAY))
	add_product(run, p, &none, products);
	add_relationships(run, field_may(run, tree, "relationships", PULL_ARRAY), products);
}
