/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an importer is: it knows a format of feeds by its content and turns its records into rows. */
#ifndef ASSAY_FEED_IMPORTER_H
#define ASSAY_FEED_IMPORTER_H

#include "base/arena.h"
#include "base/json_tree.h"
#include "feed/row.h"

struct feed_importer;

/* One document on its way through an importer. Its error is sticky: importers read straight on. */
struct feed_run {
	const struct feed_importer *importer;
	struct feed_sink *sink;
	struct arena *arena;          /* of the current record */
	const struct json_node *head; /* the document's other members; in a stream, those before the records */
	bool begun;
	struct error error;
	bool stopped; /* the sink wants no more */
	uint64_t records;
	uint64_t rows;        /* of the current record */
	const char *document; /* the file's name, or the member's in an archive */
	char prefix[160];     /* where the record's tree stands in the document, "$..." */
	struct text what;     /* how messages name the record; TEXT_NONE: not known yet */
	char day[32];         /* of documents made of lines */
};

struct feed_importer {
	const char *name;  /* "nvd-2.0" */
	const char *title; /* "NVD API 2.0" */
	/* Of JSON and YAML. The tree may end before the document does, but never inside a name or text. */
	bool (*recognise)(const struct json_node *root);
	/* Where the records are: elements of this member of the document; "*": every member; NULL: the document itself or, where
	 * it is an array, its elements. */
	const char *records;
	const char *const *skip; /* members that nobody needs, at any depth; ends with NULL; NULL: none */
	/* When the head is known, once. May be NULL. */
	void (*begin)(struct feed_run *run);
	void (*record)(struct feed_run *run, const struct json_node *record);
	/* Of documents made of lines, instead of these: recognised by their beginning, given one line after the other without its
	 * end; number from 1. */
	bool (*recognise_lines)(struct span beginning);
	void (*line)(struct feed_run *run, struct text line, uint64_t number);
};

/* Ends with NULL. */
extern const struct feed_importer *const feed_importers[];

/* Gives a row to the sink. */
void feed_emit(struct feed_run *run, enum feed_row_kind kind, const void *row);
#define EMIT(run, kind, ...) feed_emit((run), FEED_##kind, &(const struct EMIT_##kind){ __VA_ARGS__ })
#define EMIT_SOURCE feed_source
#define EMIT_RECORD feed_record
#define EMIT_VULNERABILITY feed_vulnerability
#define EMIT_ALIAS feed_alias
#define EMIT_CRITERION feed_criterion
#define EMIT_NODE feed_node
#define EMIT_FIX feed_fix
#define EMIT_KEV feed_kev
#define EMIT_EPSS feed_epss
#define EMIT_VEX feed_vex
#define EMIT_PART feed_part

#endif
