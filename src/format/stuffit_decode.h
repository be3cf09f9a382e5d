/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of StuffIt's forks.
 *
 * Facts: XADMaster, XADStuffItParser.m and the handles that it names.
 */
#ifndef ASSAY_FORMAT_STUFFIT_DECODE_H
#define ASSAY_FORMAT_STUFFIT_DECODE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

#define STUFFIT_ARSENIC 15u /* has a CRC-32 of its own, which is verified; that of the fork's header is not of its bytes */

/* Whether a method is one that is decoded. */
bool stuffit_decode_knows(unsigned method);

/* Appends `size` bytes, or what comes out before an error. */
enum error_code stuffit_decode(unsigned method, struct span in, uint32_t size, struct buf *out) MUST_USE;

/* Of a randomized block of Arsenic's the bytes whose lowest bit is changed, by their distances. */
extern const uint16_t stuffit_randomization[256];

enum error_code stuffit13(struct span in, uint32_t size, struct buf *out) MUST_USE;
enum error_code stuffit_arsenic(struct span in, uint32_t size, struct buf *out) MUST_USE;

#endif
