/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings as updates describe themselves with: JSON and the grammar of libconfig, which are near enough to be read as one.
 * What is nested is told by events, without a tree. */
#ifndef ASSAY_BASE_SETTINGS_H
#define ASSAY_BASE_SETTINGS_H

#include "base/error.h"
#include "base/span.h"

#define SETTINGS_DEPTH 32u

enum settings_event {
	SETTINGS_OPEN,  /* a group, list or array begins */
	SETTINGS_VALUE, /* a scalar: a string without its quotes (escapes stay), or a word */
	SETTINGS_CLOSE,
};

/* `key` is what stood before '=' or ':', absent for elements of lists; `depth` that of the event's surroundings. */
typedef void settings_fn(void *self, enum settings_event event, unsigned depth, struct text key, struct text value);

/* False when the text is malformed or nested too deeply; what comes before has been told. */
bool settings_parse(struct text text, settings_fn *fn, void *self) MUST_USE;

/* Whether a value says yes: true or 1, in either form. */
bool settings_is_true(struct text value);

#endif
