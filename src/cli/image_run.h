/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking an image apart: from the open input to the rows of a case. */
#ifndef ASSAY_CLI_IMAGE_RUN_H
#define ASSAY_CLI_IMAGE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "case/case.h"
#include "cli/extract.h"
#include "cli/input.h"
#include "probe/probe.h"
#include "probe/rules.h"

#define RULES_MAX 64u

/* How images are taken apart, as the command line says. */
struct image_options {
	unsigned threads;
	struct budget budget;
	bool without_landlock;
	bool quiet;
	bool contents_only; /* files are extracted, and no more is looked at than that needs */
	const char *rule_paths[RULES_MAX];
	size_t nrule_paths;
	struct rules *rules; /* compiled from these; NULL: none are given */
};

struct image_run {
	struct case_file *c;
	const struct input *input;
	struct extraction *extraction; /* NULL: files are not written */
	const char *label;             /* what progress shows before its figures; NULL: nothing */
	bool more;                     /* further inputs follow: case_complete() is to be called behind them */
	bool further;                  /* it is one of those, and becomes an input by this run */
	void (*meanwhile)(void *);     /* called once, with the next, as soon as the worker runs; NULL: there is nothing to do */
	void *meanwhile_context;
	/* How it ended. */
	bool gave_up; /* the worker died more often than it is restarted */
	bool changed; /* the image is not any more what it was */
	bool complete;    /* everything was looked at, or has a damage row */
	char detail[320]; /* why not, or how often the worker was restarted */
	struct extract_counts extracted;
	struct error extract_error;
};

/* Opens the case for a run on the input, or continues one; what a run is `of` (may be "") tells runs on the same image from
 * each other. Where files alone are wanted it is one that is not kept (case_unkept()). NULL: it can not, which has been said. */
struct case_file *image_begin(const struct image_options *o, const struct input *input, const char *of, const char *path);

/* Takes the image apart; what is found becomes rows of a case that is kept, and files where there is an extraction. */
struct error image_run(struct image_run *r, const struct image_options *o) MUST_USE;

/* "2026-01-31T12:00:00Z" in that field of `meta`. */
void image_set_time(struct case_file *c, const char *name);

#endif
