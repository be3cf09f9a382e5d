/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenWrt's signatures of images: a chain of certificates that ends with the signature of the image, each made by usign. */
#ifndef ASSAY_FORMAT_UCERT_H
#define ASSAY_FORMAT_UCERT_H

#include "format/format.h"

/* Reports the signature of `message` (all before it), and that of the first certificate in the chain, whose key is the
 * device's. `at` is where the chain is in the blob. False: these bytes are no such chain. */
bool ucert_report(struct walk *w, struct span chain, struct span message, uint64_t at);

#endif
