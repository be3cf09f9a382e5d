/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bills of materials and the vulnerability documents of a case are made of, read once from the case file.
 *
 * The writers (cyclonedx.h, spdx2.h, spdx3.h, csaf.h, openvex.h) differ in words only. Everything is in the order of the
 * case's rows, and every identifier follows from the input's SHA-256: the same case gives the same bytes. Strings are as
 * hostile as the input: the writer of JSON escapes them. A case of before there was software in it has no components.
 */
#ifndef ASSAY_REPORT_SBOM_H
#define ASSAY_REPORT_SBOM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "report/view.h"

/* What the user says of the product; NULL: not said. */
struct sbom_options {
	const char *product, *product_version, *supplier, *supplier_url;
};

/* A file of the image that shows a component. */
struct sbom_file {
	int64_t blob_id, parent_id, size; /* FACT_NULL: unknown */
	const char *path;                 /* through its containers, "a.squashfs/usr/sbin/dnsmasq" */
	const char *sha256;               /* NULL: unknown */
	const char *soname, *needed, *elf_type;
	size_t owner; /* the one component that the file is; SIZE_MAX: several, or none for certain */
};

struct sbom_evidence {
	size_t component, file; /* indices; file SIZE_MAX: unknown */
	int64_t offset;         /* in the file; FACT_NULL: unknown */
	const char *kind, *text, *confidence;
};

struct sbom_component {
	int64_t id;                         /* row of `software` */
	const char *name, *title, *version; /* version NULL: unknown */
	const char *upstream_version, *package_version, *source_package, *distribution, *architecture, *confidence,
		*evidence_kind;
	const char *licence; /* NULL: unknown */
	bool licence_is_expression;
	const char *purl, *ref;  /* ref: its name within a document, unique there */
	const char *const *cpes; /* CPE 2.3 formatted strings, the preferred one first */
	size_t ncpes;
	const char *type;           /* CycloneDX component type */
	size_t evidence, nevidence; /* first, and how many */
	size_t dependency, ndependencies;
};

struct sbom_vulnerability {
	int64_t id;
	size_t component;
	const char *name;
	const char *state; /* affected, not_affected, fixed, under_investigation: what is stated, else what was matched */
	const char *justification, *note, *stated_by,
		*stated_on; /* of a statement; stated_by NULL: nobody stated anything */
	const char *reason, *criteria, *source, *cvss_version, *cvss_vector, *severity, *published, *exposure;
	const char *summary, *match_confidence;
	double cvss, epss; /* negative: unknown */
	bool kev;
};

struct sbom {
	struct arena *arena;
	char uuid[37];
	const char *sha256, *name, *version, *supplier, *supplier_url; /* of the product; version, supplier may be NULL */
	const char *tool_version, *timestamp;
	int64_t size;
	struct sbom_file *files;
	struct sbom_component *components;
	struct sbom_evidence *evidence;
	struct sbom_vulnerability *vulnerabilities;
	size_t *dependencies; /* indices of components */
	size_t nfiles, ncomponents, nevidence, nvulnerabilities, ndependencies;
	bool declared; /* the components: by a bill of materials that is all that there is, and no image */
};

/* Reads the case; NULL with *error. `options` may be NULL. Freed by sbom_free(). */
struct sbom *sbom_load(sqlite3 *db, const struct sbom_options *options, struct error *error) MUST_USE;
void sbom_free(struct sbom *s);

/* A UUID that follows from the input and `what`. */
void sbom_uuid(const struct sbom *s, const char *what, char out[37]);

/* "kind at offset N: text" of an evidence, in the arena. */
const char *sbom_evidence_words(struct sbom *s, const struct sbom_evidence *e);

/* 0 to 1 for proven, likely, possible. */
double sbom_confidence(const char *word);

/* What SPDX has no place for, as words of annotations, in their order: the whole version, with the distribution's revision; the
 * distribution; the confidence where it is low. False, and NULL each, where there is none. The arena's. */
#define SBOM_NOTES 3
bool sbom_notes(struct sbom *s, const struct sbom_component *c, const char *words[SBOM_NOTES]);

/* Whether it says something: neither absent, empty nor "unknown". */
bool sbom_known(const char *text);

/* The addresses of a component; sbom_names.c. NULL: out of memory, or it can have none. Where it is a package of a
 * distribution, `package_version` (NULL: unknown) becomes the component's version, so that purl and version say the same. */
const char *sbom_purl(struct sbom_component *c, struct text given, const char *package_version, struct arena *a);
/* `given`: "vendor:product o:vendor:product ...". False when out of memory. */
bool sbom_cpes(struct sbom_component *c, struct text given, struct arena *a);

/* What the files of a case need of each other; sbom_depend.c. False when out of memory. */
bool sbom_depend(struct sbom *s);

/* What is known of vulnerabilities; sbom_vulnerabilities.c. */
struct error sbom_load_vulnerabilities(struct sbom *s, sqlite3 *db) MUST_USE;

/* The index of the component with that row, SIZE_MAX when there is none. */
size_t sbom_find_component(const struct sbom *s, int64_t id);

/* A column of the row at hand, copied; NULL when it is NULL or empty. */
const char *sbom_copy(struct sbom *s, sqlite3_stmt *row, int column);

#endif
