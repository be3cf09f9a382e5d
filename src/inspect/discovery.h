/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a product would tell the network about itself, unasked. */
#ifndef ASSAY_INSPECT_DISCOVERY_H
#define ASSAY_INSPECT_DISCOVERY_H

#include "inspect/inspect.h"

/* Rows of one file. */
#define DISCOVERY_ROWS_MAX 512u
/* A configuration is looked at so far. */
#define DISCOVERY_TEXT_MAX (256u << 10)

struct discovery_run {
	const struct subject *subject;
	struct sink *sink;
	unsigned nrows;
};

/* A row of `advertisement`, of which one blob has DISCOVERY_ROWS_MAX at most. */
void discovery_emit(struct discovery_run *run, const struct fact_advertisement *row);

/* A configuration, by its path. NULL: it is none. */
typedef void (*discovery_reader)(struct discovery_run *run, struct text text);
discovery_reader discovery_configuration(struct text path);

/* XML: a group of services (avahi.service(5)), a description of UPnP devices. */
void discovery_read_avahi(struct discovery_run *run, struct text text);
void discovery_read_upnp(struct discovery_run *run, struct text text);

/* Commands of shell scripts that announce something. */
void discovery_read_script(struct discovery_run *run, struct text text);

/* A port in decimal digits; FACT_NULL: it is none. */
int64_t discovery_port(struct text t);

#endif
