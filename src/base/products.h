/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The products that Assay knows by name: how they are called in CPEs, purls and package databases.
 *
 * The table is made from data/components/products/ by tools/embed_components.py; data/components/README.md tells what
 * each field means. CPE: NISTIR 7695; purl: the package-url specification; licences: SPDX licence expressions.
 */
#ifndef ASSAY_BASE_PRODUCTS_H
#define ASSAY_BASE_PRODUCTS_H

#include "base/span.h"

/* Where strings begin in product_strings, terminated: pointers would have to be adjusted by the thousand at every start of the
 * program. Lists have a space between two items, and are "" when there is none. */
struct product {
	uint32_t name;     /* lower case, as distributions name it: what `component.name` says */
	uint32_t title;    /* as its authors write it */
	uint32_t cpe;      /* "vendor:product" or, where the part is not `a`, "o:vendor:product"; the first is preferred */
	uint32_t purl;     /* without version */
	uint32_t licence;  /* SPDX expression, or "": not known for certain */
	uint32_t order;    /* how its versions order: "generic", "openssl", "openssh", "date" ... */
	uint32_t packages; /* of distributions */
	uint32_t files;    /* its own programs, and SONAME stems ("libfoo.so") of its own libraries */
	uint32_t versions; /* beginnings of versions that it can have ("0."); "": any */
};

extern const char product_strings[];

/* Ordered by name. */
extern const struct product products[];
extern const size_t products_n;

/* The product of that name, or NULL. */
const struct product *product_named(struct text name);

/* The product that the package of that name is, in any distribution; NULL when none is known. */
const struct product *product_of_package(struct text package);

/* The product that has this "vendor:product" or "part:vendor:product" among its CPE names, or NULL. The part `a` may be
 * left out or not; letters count in lower case, as NVD has them. */
const struct product *product_of_cpe(struct text cpe);

/* The first of the products that call themselves by that word before a version, or NULL. */
const struct product *product_of_word(struct text word);

/* The product of which a text beside its version speaks by that word, or NULL; letters count in lower case. */
const struct product *product_of_context(struct text word);

/* What people call a product in prose, "ISC" and "BIND 9", as a record has it: the vendor has to be one of the product's own in
 * CPE names, in full, without its legal form, as an address or by its initials, or the project be its own vendor. */
struct product_prose {
	struct text cpe;    /* of `product.cpe`: "isc:bind", "o:linux:linux_kernel" */
	struct text number; /* behind the name, a part of `product`: "9"; TEXT_NONE: none */
};
/* The product that both words name, with what `out` says of it, or NULL. */
const struct product *product_of_prose(struct text vendor, struct text product, struct product_prose *out);

/* The product that alone has this text among the strings of its programs, as far as is known, or NULL. Spaces around it do not
 * count. */
const struct product *product_of_text(struct text text);

/* The product in whose programs alone that identifier stands, where it is none that they export or import, as far as is known, or
 * NULL. */
const struct product *product_of_identifier(struct text identifier);

/* True when a file of that name (no folder) is one of the product's own: a program, with or without a version behind a
 * dash, or a library whose name begins with one of its SONAME stems ("libfoo.so.1.2", "libfoo-1.2.so"). */
bool product_owns_file(const struct product *product, struct text name);

/* False when the product never had a version like that: another one has its name. */
bool product_may_be(const struct product *product, struct text version);

/* The products that have a file of that name, at most `max` of them, in the order of the table; gives their number. */
size_t product_owners(struct text name, const struct product **owners, size_t max);

#endif
