/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language FWUPDATE2 of HP's printers: a manifest in XML and the images that it describes, packed and enciphered. */
#ifndef ASSAY_FORMAT_HP_FWUPDATE2_H
#define ASSAY_FORMAT_HP_FWUPDATE2_H

#include "format/parts.h"

/* Whether a manifest begins the data. */
bool hp_fwupdate2_is(struct span data);

/* Emits the manifest and the images, which are bytes [at .. at + size) of the parts'. False when no more are wanted. */
bool hp_fwupdate2_emit(struct parts *p, uint64_t at, uint64_t size);

#endif
