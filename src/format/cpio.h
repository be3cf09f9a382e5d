/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FORMAT_CPIO_H
#define ASSAY_FORMAT_CPIO_H

#include "base/span.h"

/* Whether the bytes begin with a cpio archive of the old binary form whose 16-bit words are swapped: it looks like one of the other byte
 * order, with scrambled names. More headers follow each other when it is swapped back. Costs microseconds where no magic stands. */
bool cpio_is_swapped(struct span at);

#endif
