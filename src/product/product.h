/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product file: what a product is, which inputs it has, and what its maker declares of it, in YAML (docs/product.md).
 *
 * It is read strictly: what is not in keys.def is refused with its place and the nearest key that is. What it declares
 * becomes rows of the fact table `declaration`; what its inputs hold is for the probes.
 */
#ifndef ASSAY_PRODUCT_PRODUCT_H
#define ASSAY_PRODUCT_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/doc.h"
#include "base/span.h"
#include "fact/fact.h"

/* Of one product file: more are refused. */
#define PRODUCT_INPUTS_MAX 200u
#define PRODUCT_VALUE_MAX 4000u /* bytes of one value */

enum product_kind {
	PRODUCT_TEXT,     /* white space becomes single spaces */
	PRODUCT_DAY,      /* 2026-01-31, of the calendar */
	PRODUCT_YESNO,    /* yes, no, true, false */
	PRODUCT_WHOLE,    /* decimal, at most 15 digits */
	PRODUCT_DURATION, /* 30 days, P30D; none, unlimited, until-deletion, until-reset */
	PRODUCT_WORD,     /* one of a few words */
	PRODUCT_URL,      /* http or https */
	PRODUCT_HOST,     /* host name (*. in front: all below it) or address, no port */
	PRODUCT_PORT,     /* 1 to 65535 */
	PRODUCT_PATH,     /* absolute, in a file system of the product */
	PRODUCT_FILE,     /* relative to the product file's folder */
	PRODUCT_LANGUAGE, /* en, pt-BR */
	PRODUCT_PROVISION, /* the id of a requirement of a pack that is built in */
	PRODUCT_KINDS,
};

enum product_shape { PRODUCT_MAP, PRODUCT_ITEMS, PRODUCT_VALUES };
enum product_flags { PRODUCT_ONE, PRODUCT_MANY, PRODUCT_MUST };

struct product_section {
	const char *parent; /* "", "inputs", "declarations" */
	const char *name;
	enum product_shape shape;
	const char *doc;
};

struct product_key {
	const char *section, *name;
	enum product_kind kind;
	enum product_flags flags;
	const char *words; /* of a PRODUCT_WORD, with | between them; else "" */
	const char *example, *doc;
};

/* The rows of keys.def, in its order; each ended by a row without a name. */
extern const struct product_section product_sections[];
extern const struct product_key product_keys[];

/* The ids of all requirements of the packs that are built in, in the order of the packs; ended by NULL. */
extern const char *const product_provisions[];

/* NULL when there is none. */
const struct product_section *product_section_find(const char *parent, const char *name);
const struct product_key *product_key_find(const char *section, const char *name);

/* Checks a value (white space around it is cut off already) and gives the form that facts have: the days and words above,
 * yes and no, "30 days" for P30D. NULL with `why` filled: what it is, what was expected. The result lives in the arena. With
 * `outside` a PRODUCT_FILE may be anywhere. */
const char *product_value_check(const struct product_key *key, const char *value, bool outside, struct arena *arena,
								char why[300]);

struct product_value {
	unsigned line, column; /* of the value, from 1 */
	unsigned item;         /* from 1; 0: its section is no list of mappings */
	const char *section, *key, *value;
};

/* An input that it names. Texts are NULL when absent. */
struct product_input {
	unsigned line, column; /* of its file, address or URL */
	const char *kind;      /* as input.kind: firmware, device, capture, app, site, document, sbom, vex, mud */
	const char *location;  /* as it is written there */
	const char *role, *phase, *version, *part, *language;
	bool current;          /* of the version that is assessed; always, but for firmware */
};

struct product {
	struct arena *arena;
	const char *file; /* its name in complaints */
	const char *name, *maker, *model, *version, *category; /* NULL when absent, but for the name */
	struct product_value *values; /* what is declared, product first; in the order of the file */
	size_t nvalues;
	struct product_input *inputs; /* in the order of the file */
	size_t ninputs;
};

/* Whether the text is meant to be a product file: YAML whose first key is `assay`. */
bool product_recognise(struct text text);

/* Whether there is no key in it at all: white space and comments. */
bool product_is_blank(struct text text);

/* Reads it; NULL with the error filled. `outside`: its files may be absolute or lead out of its folder. */
struct product *product_load(const char *file, struct text text, bool outside, struct doc_error *error) MUST_USE;
void product_free(struct product *p);

/* Emits a row of `declaration` for each value. */
void product_emit(const struct product *p, struct sink *sink);

#endif
