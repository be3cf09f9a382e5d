/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What could not be read of an image whose files alone were wanted. */
#ifndef ASSAY_CLI_UNREAD_H
#define ASSAY_CLI_UNREAD_H

#include <stdbool.h>

#include "case/case.h"
#include "cli/image_run.h"

/* Says it on standard error, as many rows as one wants to read. Whether there was anything. */
bool tell_unread(const struct image_run *r);

#endif
