/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of PE programs and that of their resources share. */
#ifndef ASSAY_FORMAT_PE_H
#define ASSAY_FORMAT_PE_H

#include "format/parts.h"
#include "format/pe_headers.h"

/* Emits the resources that may be files of their own. Gives where those end that are the beginning of something longer: an installer
 * whose table is a resource, and whose files stand behind the program. 0: there are none. */
uint64_t pe_resources_emit(const struct pe_headers *h, struct parts *parts);

#endif
