/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that settings can have, where there are few. */
#ifndef ASSAY_CLI_COMBOS_CHOICES_H
#define ASSAY_CLI_COMBOS_CHOICES_H

/* Values, separated by commas, of that program's setting; NULL: any, or it is not known. A value that stands for a pair of
 * words (yes, no) gives both, in its own spelling. */
const char *setting_choices(const char *program, const char *key, const char *value);

#endif
