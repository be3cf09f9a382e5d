/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Package URLs: names of packages across ecosystems, "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=debian-8".
 * Package-URL Specification (ECMA-427), clauses "Character encoding" and "Rules for each PURL component"; the folding of
 * names is that of each type's definition. */
#ifndef ASSAY_BASE_PURL_H
#define ASSAY_BASE_PURL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

#define PURL_QUALIFIERS_MAX 16u
#define PURL_MAX 4096u /* bytes of one that is read */

struct purl_qualifier {
	struct text key, value;
};

/* Its parts, percent-decoded. What is not there is empty. */
struct purl {
	struct text type, name_space, name, version, subpath;
	struct purl_qualifier qualifiers[PURL_QUALIFIERS_MAX]; /* by key */
	unsigned nqualifiers;
};

/* Reads one: parts are decoded and folded as their type wants it, and live in `a`. False when it is none. */
bool purl_parse(struct text in, struct purl *out, struct arena *a) MUST_USE;

/* The canonical form; NULL when its parts make none (no name, a type or a key with other characters) or out of memory. */
char *purl_build(const struct purl *purl, struct arena *a) MUST_USE;

/* Adds a qualifier in its place; an empty value adds none, a key that is there is replaced. False when there is no room. */
bool purl_set(struct purl *purl, struct text key, struct text value);

/* The value of that qualifier, TEXT_NONE when it has none. */
struct text purl_get(const struct purl *purl, const char *key);

/* Whether both name the same package, whatever its version, its qualifiers and its subpath. */
bool purl_same_package(const struct purl *a, const struct purl *b);

/* What makes it one artifact, one repository's, or a part of what the rest names: "checksum=sha256:00&repository_url=x&#=sub/path", with %26
 * for a & in a value. Not what tells a release of a distribution or a machine (distro, arch, epoch, upstream), nor what its type takes for
 * granted (maven's type=jar). "" when nothing does; TEXT_NONE when out of memory. */
struct text purl_conditions(const struct purl *purl, struct arena *a);
/* Whether all of these stand in another one, too. */
bool purl_meets(const struct purl *purl, struct text conditions);

/* Whether packages of that type are of a registry of its own, where anybody may give a name: npm's redis is not the server. */
bool purl_is_of_registry(struct text type);

/* Type, namespace and name as one, and the version (TEXT_NONE: it has none), both as they stand: encoded. False: it is none. */
bool purl_cut(struct text purl, struct text *package, struct text *version);

/* What names a package in it, without version, qualifiers and subpath, in the one form that its type has: "pypi/foo-bar" of
 * "pkg:pypi/Foo_Bar@1.0", "npm/@scope/name" of "pkg:npm/%40scope/name". A copy in the arena; TEXT_NONE: it is none. */
struct text purl_key(struct text purl, struct arena *a);
/* The same of a key that is there, in place: feeds have types and names apart. */
void purl_fold_key(char *key);

#endif
