/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of PE programs and that of their resources share. */
#ifndef ASSAY_FORMAT_PE_H
#define ASSAY_FORMAT_PE_H

#include "base/pe_headers.h"
#include "format/parts.h"

/* Emits the resources that may be files of their own. */
void pe_resources_emit(const struct pe_headers *h, struct parts *parts);

/* The bytes of the first resource of that type and number; p == NULL: there is none. */
struct span pe_resource(const struct pe_headers *h, uint32_t type, uint32_t number);

#endif
