/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the inspector of radios knows: its tables (radios_table.c) and its readers of settings (radios_settings.c). */
#ifndef ASSAY_INSPECT_RADIOS_H
#define ASSAY_INSPECT_RADIOS_H

#include "inspect/inspect.h"

/* Something that a file's name tells, when it is of the right kind. */
struct radio_name {
	const char *name; /* '*' at its end: any that begins so */
	const char *technology, *stack;
};
extern const struct radio_name radio_programs[]; /* ELF programs and libraries, by the last component of their path */
extern const struct radio_name radio_modules[];  /* kernel modules, without .ko; '-' is '_' */
extern const struct radio_name radio_firmware[]; /* below a folder `firmware`, with its folders */

/* Text that a program for a microcontroller carries when the stack is in it. */
struct radio_banner {
	const char *text;
	const char *technology, *stack;
	bool versioned; /* what follows, up to a space, ';' or what is not printable, is its version */
};
extern const struct radio_banner radio_banners[];

/* A file of settings and those of them that matter. */
struct radio_settings {
	const char *path; /* its end */
	const char *technology, *stack;
	enum { RADIO_INI, RADIO_JSON, RADIO_YAML, RADIO_SHELL } grammar;
	const char *const *keys; /* ended by NULL */
};
extern const struct radio_settings radio_files[];

/* How to read the subject, if it is one of radio_files[] by the end of its path, a file and not empty; NULL: it is
 * none. */
const struct radio_settings *radio_settings_of(const struct subject *s);
/* Emits a row of `radio` for each key that is asked for, in the order of the file. What can not be parsed
 * gives no row. */
void radio_settings_read(const struct radio_settings *of, const struct subject *s, struct sink *sink);

#endif
