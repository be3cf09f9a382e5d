/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time comes from: configurations, scripts, programs, data of time zones. */
#ifndef ASSAY_INSPECT_CLOCK_H
#define ASSAY_INSPECT_CLOCK_H

#include "inspect/inspect.h"

struct clock_run {
	const struct subject *subject;
	struct sink *sink;
	unsigned nrows;
};

/* Rows of one file. */
#define CLOCK_ROWS_MAX 256u
/* A configuration or a script is looked at so far. */
#define CLOCK_TEXT_MAX (1u << 20)

/* A row of `time_source`. */
void clock_emit(struct clock_run *run, int64_t line, const char *kind, struct text value, struct text program,
				struct text detail);

/* The configuration of a program that keeps the time, by its path. NULL: it is none. */
typedef void (*clock_reader)(struct clock_run *run, struct text text);
clock_reader clock_configuration(struct text path);

/* Elements of XML whose names speak of NTP: <NTPServer1 val=host />, <ntp><server>host</server></ntp>. */
void clock_read_markup(struct clock_run *run, struct text text);

/* Commands and assignments of a shell script. */
void clock_read_script(struct clock_run *run, struct text text);

#endif
