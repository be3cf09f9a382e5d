/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What inspectors ask of every subject: whether it is text, and whether its place says that nobody runs or reads it but
 * people. */
#ifndef ASSAY_INSPECT_PLACE_H
#define ASSAY_INSPECT_PLACE_H

#include "base/ascii.h"
#include "inspect/inspect.h"

/* Whether the blob was recognised as text or as a script. */
bool subject_is_text(const struct subject *s);

/* Manuals, examples, translations: documentation, whatever it looks like. */
bool path_is_documentation(struct text path);

/* What only helps those who type commands, and databases of packages. */
bool path_is_of_packages(struct text path);

/* What only tests a package that came with it. */
bool path_is_test(struct text path);

#endif
