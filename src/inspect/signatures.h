/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of signatures share. */
#ifndef ASSAY_INSPECT_SIGNATURES_H
#define ASSAY_INSPECT_SIGNATURES_H

#include "inspect/inspect.h"

/* Whether the bytes begin a program as UEFI and Windows have them (PE/COFF). */
bool signatures_is_pe(struct span bytes);

/* Rows for the signatures of such a program; that it has none is told of programs for UEFI that have a file of their own. */
void signatures_pe(const struct subject *s, struct sink *sink);

/* Whether the blob is a text that OpenPGP signs in clear, or detached signatures of OpenPGP; rows for these. */
bool signatures_is_openpgp(const struct subject *s);
void signatures_openpgp(const struct subject *s, struct sink *sink);

/* What the file's name says that it is a signature of. */
struct text signatures_covered_file(struct text path);

#endif
