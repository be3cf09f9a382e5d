/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of assay pack. */
#ifndef ASSAY_CLI_PACK_H
#define ASSAY_CLI_PACK_H

/* `assay pack new`: argv[0] is "new"; an exit code. */
int pack_new(int argc, char **argv);

#endif
