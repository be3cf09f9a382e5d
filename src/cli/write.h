/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the program writes for its user. */
#ifndef ASSAY_CLI_WRITE_H
#define ASSAY_CLI_WRITE_H

#include <stdio.h>

#include "base/error.h"

/* Writes what `render` gives to `path` ("-": standard output): beside its final place and then moved there, so that no half
 * file is ever seen; what is no regular file (a device, a pipe, a link) is written to as it stands. An exit code; what is
 * wrong has been said. */
int write_file(const char *path, struct error (*render)(void *context, FILE *out), void *context);

#endif
