/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several commands share: packs, judging, writing reports. */
#ifndef ASSAY_CLI_OUTPUT_H
#define ASSAY_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "case/case.h"
#include "judge/pack.h"

#define PACKS_MAX 32u

struct output_options {
	const char *html, *json;         /* where to write; NULL: not wanted */
	const char *cyclonedx, *spdx;    /* bills of materials, alike */
	const char *sarif, *junit;       /* for what shows findings of a pipeline */
	const char *oscal;               /* assessment results of OSCAL */
	const char *pack_paths[PACKS_MAX];
	size_t npacks;                   /* 0: the built-in packs */
	bool quiet, verbose;
	bool show_secrets;               /* reports show credentials in full */
	const char *measures;            /* the database of measures; NULL: the user's */
	bool without_measures;           /* neither read nor write one */
	struct packs *packs;             /* after output_prepare(); NULL before */
	const struct pack *chosen[PACKS_MAX];
	size_t nchosen;
};

/* False: there are PACKS_MAX already. The path stays the caller's. */
bool output_add_pack(struct output_options *o, const char *path);
/* Refuses reports that would take the place of the image (NULL: none), of the case file or of each other; an exit code. */
int output_check_targets(const struct output_options *o, const char *case_path, const struct stat *image);
/* Loads the packs, once; an exit code, 0 when they are good. */
int output_prepare(struct output_options *o);
/* As far as that may fail: the packs of the user. Those that are built in are good, and can wait until a worker runs. */
int output_prepare_own(struct output_options *o);
/* Judges the case and reports; the exit code tells whether a requirement failed. */
int output_judge_and_report(struct output_options *o, struct case_file *c, const char *case_path);
/* Writes the reports of a case that has been judged; the exit code as above. */
int output_report(const struct output_options *o, struct case_file *c, const char *case_path);
void output_free(struct output_options *o);

/* The options of the summary and the database of measures, for tables of getopt_long(3) and what --help says of them. */
#define OUTPUT_MEASURE_OPTIONS                                                                                         \
	{ "measures", required_argument, NULL, OPT_MEASURES }, { "without-measures", no_argument, NULL, OPT_NO_MEASURES },  \
		{ "verbose", no_argument, NULL, OPT_VERBOSE }
enum { OPT_MEASURES = 900, OPT_NO_MEASURES, OPT_VERBOSE };
/* Takes one of these options; false when it is another one. */
bool output_measure_option(struct output_options *o, int option, const char *value);

/* Every pack that this command knows: the built-in ones. NULL when they can not be loaded, which has been said. */
struct packs *output_builtin_packs(void);
/* The same with their tests. */
struct packs *output_checked_packs(void);

#endif
