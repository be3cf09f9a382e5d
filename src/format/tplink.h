/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the newer images of TP-Link have in common: size, salted MD5, the vendor's words, the supported devices. */
#ifndef ASSAY_FORMAT_TPLINK_H
#define ASSAY_FORMAT_TPLINK_H

#include "format/format.h"

#define TPLINK_VENDOR_AT 0x14u

/* Whether the MD5 behind the size is that of the salt and of what follows it; all bytes must be there. */
bool tplink_md5_is_right(struct span bytes);

/* A header field for each line of the list; `data` without what stands before the text. */
void tplink_emit_supported(struct walk *w, struct span data, uint64_t at);

#endif
