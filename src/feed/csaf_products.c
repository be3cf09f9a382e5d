/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0, section 3.2.2: branches, full product names, relationships. */
#include "feed/csaf.h"

/* What the branches above a product say of it. */
struct path {
	struct text vendor, product, version;
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

static void add_product(struct feed_run *run, const struct json_node *p, const struct path *path,
						struct vex_map *products)
{
	const struct json_node *helper = field_may(run, p, "product_identification_helper", PULL_OBJECT);
	struct text id = field_need_text(run, p, "product_id"), name = field_need_text(run, p, "name");
	struct vex_entry e = { .id = id };
	if (!path->product.p)
		e.product = vex_product_of(run, field_text(run, helper, "purl"), field_text(run, helper, "cpe"), name);
	else
		e.product =
			vex_product_of(run, field_text(run, helper, "purl"), field_text(run, helper, "cpe"),
						   field_print(run, "%.*s:%.*s", (int)path->vendor.n, path->vendor.p ? path->vendor.p : "",
									   (int)path->product.n, path->product.p));
	if (!e.product.version.p)
		e.product.version = path->version;
	e.digest = digest_of(run, helper);
	vex_map_add(run, products, &e);
}

/* What narrows a version down: "1.0" with the service pack SP1 is 1.0-SP1; what is said of it for one machine, language or host is
 * not said of others: a colon makes it a version that no program has (as editions do, vex.c). */
static struct text narrowed(struct feed_run *run, struct text category, struct text version, struct text name)
{
	static const char *const parts[] = { "service_pack", "patch_level" },
							*const kinds[] = { "architecture", "language", "host_name", "specification" };
	bool patch = text_is(category, "patch_level") && name.n && (name.p[0] | 32) == 'p'; /* 4.2.8p18 */
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (text_is(category, parts[i]) && version.n)
			return field_print(run, "%.*s%s%.*s", (int)version.n, version.p, patch ? "" : "-", (int)name.n,
							   name.n ? name.p : "");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(category, kinds[i]))
			return field_print(run, "%.*s:%.*s", (int)version.n, version.n ? version.p : "", (int)name.n, name.n ? name.p : "");
	return version;
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
			here.version = narrowed(run, category, here.version, name);
		if (product)
			add_product(run, product, &here, products);
		read_branches(run, field_may(run, b, "branches", PULL_ARRAY), here, products);
	}
}

/* "A as a component of B": a product of its own, whose statements are about A in B. */
static void add_relationship(struct feed_run *run, const struct json_node *r, struct vex_map *products)
{
	const struct json_node *name = field_need(run, r, "full_product_name", PULL_OBJECT);
	struct vex_entry *part = vex_map_find(products, field_need_text(run, r, "product_reference"));
	struct vex_entry *whole = vex_map_find(products, field_need_text(run, r, "relates_to_product_reference"));
	struct vex_entry e = { .id = field_need_text(run, name, "product_id") };
	if (!part || !whole)
		field_fault(run, r, "a relationship names a product that is not before it in the tree");
	if (!part || !whole)
		return;
	e.product.key = whole->digest.p ? whole->digest : vex_scope(run, &whole->product);
	e.component = part->product.key;
	e.component_version = part->product.version;
	vex_map_add(run, products, &e);
}

void csaf_products(struct feed_run *run, const struct json_node *tree, struct vex_map *products)
{
	struct path none = { TEXT_NONE, TEXT_NONE, TEXT_NONE };
	read_branches(run, field_may(run, tree, "branches", PULL_ARRAY), none, products);
	JSON_EACH(p, field_may(run, tree, "full_product_names", PULL_ARRAY))
	add_product(run, p, &none, products);
	JSON_EACH(r, field_may(run, tree, "relationships", PULL_ARRAY))
	add_relationship(run, r, products);
}
