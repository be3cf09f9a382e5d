/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FUZZ_EXCERPTS_H
#define ASSAY_FUZZ_EXCERPTS_H

#include "base/span.h"

/* Sixteen bytes choose places and a credential in those that follow: what is cut there is sound, is of the blob, and shows
 * nothing of the credential. */
void excerpts_run(struct span bytes);

#endif
