/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both forms of the NVD's records share: configurations. */
#ifndef ASSAY_FEED_NVD_H
#define ASSAY_FEED_NVD_H

#include "feed/importer.h"

/* The words of one form for the same things. */
struct nvd_words {
	const char *matches; /* of a node: "cpeMatch" or "cpe_match" */
	const char *name;    /* of a match: "criteria" or "cpe23Uri" */
};

/* A configuration: its own operator (optional), and its nodes, which may have children. */
void nvd_configuration(struct feed_run *run, const struct nvd_words *words, const struct json_node *configuration,
					   int64_t number);

/* A configuration that is this one node. */
void nvd_node_configuration(struct feed_run *run, const struct nvd_words *words, const struct json_node *node,
							int64_t number);

/* What a description says of the state by the words it begins with: "** DISPUTED **", "** REJECT **". */
struct text feed_state_of(struct text summary);

/* Adds a CWE id to a list parted by spaces, once; other words ("NVD-CWE-noinfo") are left out. */
void nvd_add_cwe(struct feed_run *run, struct text *list, struct text cwe);

#endif
