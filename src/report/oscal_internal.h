/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the writer of OSCAL: see oscal.h. */
#ifndef ASSAY_REPORT_OSCAL_INTERNAL_H
#define ASSAY_REPORT_OSCAL_INTERNAL_H

#include "report/json_writer.h"
#include "report/view.h"

/* The namespace of our properties and facets. */
#define OSCAL_NAMESPACE "urn:assay:oscal"

/* A requirement as a control. Its id is a token, and the only one of its name in the document. */
struct oscal_control {
	const char *id, *pack;
	enum view_verdict verdict;
};

struct oscal_input {
	int64_t id;
	const char *kind, *role, *location, *name, *sha256; /* NULL where the case says nothing */
	bool used;                                          /* by the verdict that is being written */
};

struct oscal {
	struct json j;
	struct view *v;
	struct arena *arena, *scratch; /* the second is emptied with each verdict and each piece of evidence */
	char run[65];                  /* digest of inputs, times and tool: what UUIDs of this assessment begin with */
	const char *start, *end, *version;
	const char *product, *product_version, *model, *maker; /* as declared; NULL but for the first */
	const struct view_pack *packs;
	struct oscal_control *controls; /* in the order of the verdicts' ids */
	size_t ncontrols;
	struct oscal_input *inputs; /* in the order of their ids */
	size_t ninputs;
	struct view_counts counts;
	sqlite3_stmt *blob_input, *run_input; /* the input of a row; NULL until one is looked for */
	bool no_memory;
};

/* ---- oscal_text.c: the data types of OSCAL ---- */

/* A string: one line without spaces at its ends, nothing in it that moves a cursor; `otherwise` where nothing is left. */
const char *oscal_string(struct oscal *o, struct text t, const char *otherwise);
/* The same as a line of markup: what Markdown would take for markup is escaped. */
const char *oscal_markup(struct oscal *o, struct text t, const char *otherwise);
/* A token (an XML NCName of ASCII characters): every other byte becomes _xHH. It lives in the given arena. */
const char *oscal_token(struct oscal *o, struct arena *a, struct text t);
/* "2026-01-31T12:34:56Z", or NULL where the text is no such time. */
const char *oscal_time(const char *text);
/* The UUID of a thing of the kind that has this name, here or everywhere. */
const char *oscal_uuid(struct oscal *o, const char *kind, const char *name);
/* UUIDs of version 5 (RFC 9562, 5.5) whose name has the assessment's digest in it, or not: the global ones are the
 * same in all reports. */
const char *oscal_global_uuid(struct oscal *o, const char *kind, const char *name);
/* Those of an input and of a pack in the back matter, and of a verdict's observation, finding or risk. */
const char *oscal_input_uuid(struct oscal *o, const struct oscal_input *input);
const char *oscal_pack_uuid(struct oscal *o, const struct view_pack *pack);
const char *oscal_product_uuid(struct oscal *o);
const char *oscal_maker_uuid(struct oscal *o);
const char *oscal_tool_uuid(struct oscal *o);

/* ---- oscal_parts.c ---- */

/* A key with an object or an array, which json_close() ends; `bracket` opens it. */
void oscal_open(struct oscal *o, const char *key, char bracket);
/* A key with a string. NULL, which arena_printf() and oscal_uuid() give when memory is out, marks the report as
 * failed (no_memory). */
void oscal_pair(struct oscal *o, const char *key, const char *value);
/* A key with text as Markdown (markup-multiline); `otherwise` stands for empty text, and NULL leaves the key out. */
void oscal_markup_pair(struct oscal *o, const char *key, struct text value, const char *otherwise);
/* A property in our namespace; nothing at all where the value is empty. */
void oscal_prop(struct oscal *o, const char *name, struct text value);
/* The same for a number; nothing for FACT_NULL. */
void oscal_prop_int(struct oscal *o, const char *name, int64_t value);
/* {"name": ..., "value": ...} in OSCAL's own namespace. */
void oscal_own_prop(struct oscal *o, const char *name, const char *value);
/* "links": the resource of the pack with that name. */
void oscal_pack_link(struct oscal *o, const char *pack);
/* "actors" of an origin: this program. */
void oscal_actors(struct oscal *o);
/* "origins": this program. */
void oscal_origins(struct oscal *o);
/* The id of a control's objective. */
const char *oscal_objective(struct oscal *o, const struct oscal_control *c);

/* ---- oscal_load.c ---- */

/* Fills in everything above from the case. */
struct error oscal_load(struct oscal *o) MUST_USE;
/* The UUID of the document: another one as soon as an input, a time or a verdict is another. */
struct error oscal_document_uuid(struct oscal *o, const char **uuid) MUST_USE;

/* ---- oscal_verdicts.c ---- */

/* oscal_objectives(): the controls that were assessed, as "objectives-and-methods" of "local-definitions".
 * oscal_verdicts(): "observations", "risks" and "findings" of a result. Nothing for an empty list. */
struct error oscal_objectives(struct oscal *o) MUST_USE;
struct error oscal_verdicts(struct oscal *o) MUST_USE;

/* Calls `write` for each verdict with its control, in the order of their ids. */
typedef struct error oscal_write(struct oscal *, sqlite3_stmt *, const struct oscal_control *);

/* ---- oscal_observation.c ---- */
oscal_write oscal_observation;

#endif
