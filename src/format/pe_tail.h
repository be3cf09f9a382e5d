/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind a kernel that is a program of EFI as well. */
#ifndef ASSAY_FORMAT_PE_TAIL_H
#define ASSAY_FORMAT_PE_TAIL_H

#include "format/format.h"

/* Where the table of certificates ends when the headers of PE say that it follows what ends at `end`: a signed kernel is longer than
 * its own header tells. Else `end`. */
uint64_t pe_signed_end(struct span bytes, uint64_t end) MUST_USE;

#endif
