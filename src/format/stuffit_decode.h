/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of StuffIt's forks.
 *
 * Facts: XADMaster, XADStuffItParser.m.
 */
#ifndef ASSAY_FORMAT_STUFFIT_DECODE_H
#define ASSAY_FORMAT_STUFFIT_DECODE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

bool stuffit_decode_knows(unsigned method);

/* Appends `size` bytes, or what comes out before an error. */
enum error_code stuffit_decode(unsigned method, struct span in, uint32_t size, struct buf *out) MUST_USE;

#endif
