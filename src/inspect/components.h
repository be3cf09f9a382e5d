/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Component signatures: the table that tools/embed_components.py makes, and the matcher that reads a version. */
#ifndef ASSAY_INSPECT_COMPONENTS_H
#define ASSAY_INSPECT_COMPONENTS_H

#include "base/products.h"
#include "inspect/inspect.h"

/* One step of a signature; data/components/README.md describes each. */
enum component_op {
	COMPONENT_LITERAL, /* `n` bytes of `text` */
	COMPONENT_START,
	COMPONENT_END,
	COMPONENT_VERSION,
	COMPONENT_RELEASE,
	COMPONENT_SHAPE,   /* of `text` */
	COMPONENT_UNKNOWN, /* shows the component, not its version */
	COMPONENT_REST,
	COMPONENT_PACKAGE,
	COMPONENT_SKIP, /* at most `n` bytes */
	COMPONENT_DATE,
	COMPONENT_MONTH,
	COMPONENT_NUL,
	COMPONENT_AT,   /* `n` bytes behind the beginning */
	COMPONENT_NEAR, /* a string of the shape `text`, at most `n` bytes away */
};

struct component_step {
	enum component_op op;
	uint32_t n;
	const char *text;
};

#define COMPONENT_NONE UINT16_MAX

struct component_signature {
	const struct product *product;
	const char *where;      /* names of files, separated by spaces, `*` at the end of each allowed; "": any */
	uint16_t anchor, needs; /* indices of component_patterns, or COMPONENT_NONE */
	uint16_t step, nsteps;  /* in component_steps */
};

struct component_range {
	uint16_t first, n;
};

extern const struct pattern component_patterns[];
extern const size_t component_npatterns;
/* Of each pattern, the signatures that it begins. */
extern const struct component_range component_anchored[];
extern const struct component_step component_steps[];
extern const struct component_signature component_signatures[]; /* in the bytes */
extern const size_t component_nsignatures;
extern const struct component_signature component_files[]; /* in the names of files */
extern const size_t component_nfiles;

/* What a signature read. The texts point into the bytes. */
struct component_reading {
	struct text version, package; /* TEXT_NONE when the signature does not read it */
	uint64_t from;                /* where the evidence begins */
	uint64_t end;                 /* behind what matched */
};

/* True when the signature's steps hold from `at` on. */
bool component_read(const struct component_signature *signature, struct span bytes, uint64_t at,
					struct component_reading *reading);

/* How far a product's own words with a version can be trusted, the best last. */
enum component_self_rank {
	COMPONENT_SELF_LONE,   /* a version alone, in a file of the product */
	COMPONENT_SELF_NEAR,   /* a version alone, beside a string with the product's word */
	COMPONENT_SELF_WITHIN, /* word and version, in a line of a file of the product */
	COMPONENT_SELF_STRING, /* a string or line that begins with them, in any file */
	COMPONENT_SELF_OWN,    /* the same in a file of the product */
};

/* A product that names itself with its version, without a signature for that. */
struct component_self {
	const struct product *product;
	struct text version;
	uint64_t from; /* where the evidence begins */
	enum component_self_rank rank;
};

/* Finds the strings of the bytes that are one of the product table's own words and a version, at most `max` of them, in
 * their order; `name` is the file's. Gives their number. Takes time in proportion to the bytes. */
size_t component_self_find(struct span bytes, struct text name, struct component_self *found, size_t max);

#endif
