/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of signatures share. */
#ifndef ASSAY_INSPECT_SIGNATURES_H
#define ASSAY_INSPECT_SIGNATURES_H

#include "inspect/inspect.h"

/* Whether the bytes begin a program as UEFI and Windows have them (PE/COFF). */
bool signatures_is_pe(struct span bytes);

/* Rows for the signatures of such a program; that it has none is told of programs for UEFI that have a file of their own. */
void signatures_pe(const struct subject *s, struct sink *sink);

#endif
