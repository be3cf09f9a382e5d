/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of statements about products (VEX) share. */
#ifndef ASSAY_FEED_VEX_H
#define ASSAY_FEED_VEX_H

#include "feed/field.h"

/* What a statement calls a product. */
struct vex_product {
	struct text key;     /* "purl:...", "cpe:...", "name:..."; "purl:...?distro=debian-12&arch=amd64": of these alone */
	struct text version; /* or a range in the document's words */
};

/* From the best of: package URL, CPE name, name. Any may be absent. */
struct vex_product vex_product_of(struct feed_run *run, struct text purl, struct text cpe, struct text name);

/* A version as it stands, or a range, in which versions are not quoted (vers:deb/<2.0-1%2Bdeb12u1 is so in VERS). */
struct text vex_version(struct feed_run *run, struct text version);

/* How a statement about a component names the product that it is in: the key, with "@" and a version where it has one. */
struct text vex_scope(struct feed_run *run, const struct vex_product *p);
/* The same by a digest of the whole product: "sha256:..."; TEXT_NONE: of another kind. */
struct text vex_digest(struct feed_run *run, struct text algorithm, struct text digest);

/* Products by the id that a document gives them. */
struct vex_entry {
	struct text id;
	struct vex_product product;
	struct text component; /* the key of what is installed in the product */
	struct text component_version;
	struct text digest; /* of the product, as vex_digest() has it */
	unsigned affected;  /* the last of the document's vulnerabilities that it is said to be affected by, counted from 1 */
};
struct vex_map {
	struct vex_entry *entries; /* `capacity`, a power of two; free where id.p is NULL */
	size_t n, capacity;
};

/* Adds an entry; the first of an id stays. An error of the run when memory is out. */
void vex_map_add(struct feed_run *run, struct vex_map *map, const struct vex_entry *entry);
/* NULL when there is none. */
struct vex_entry *vex_map_find(const struct vex_map *map, struct text id);

#endif
