/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of whole zip archives as Android has them. */
#ifndef ASSAY_FORMAT_ZIP_SIGNATURE_H
#define ASSAY_FORMAT_ZIP_SIGNATURE_H

#include "format/format.h"

/* Reports the signature in the archive's comment (of updates, where its absence is told, too), and those in the block before its
 * central directory (of packages); `central` is where that is, `end` that of the end record. Gives which versions of the scheme for
 * packages have a block. */
enum { ZIP_SCHEME_2 = 1, ZIP_SCHEME_3 = 2, ZIP_SCHEME_31 = 4 };
unsigned zip_report_signatures(struct walk *w, struct span bytes, uint64_t central, uint64_t end);

#endif
