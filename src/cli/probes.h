/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_CLI_PROBES_H
#define ASSAY_CLI_PROBES_H

/* Every probe that there is or will be, and one for each inspector: what a pack's `needs` may name; ended by NULL. Lives as long
 * as the program. */
const char *const *probe_names(void);

#endif
