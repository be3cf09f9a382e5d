/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PPMd (Dmitry Shkarin), variant H as 7z has it and variant I, revision 1, as zip has it.
 *
 * The models in libarchive are not exported, so what is packed is put into an archive of one file, which libarchive then reads. */
#ifndef ASSAY_FORMAT_PPMD_H
#define ASSAY_FORMAT_PPMD_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Unpacks `size` bytes, appending to `out` within its limit. On error, `out` has what came before it. */
struct error ppmd_7z(struct span properties, struct span packed, uint64_t size, struct buf *out) MUST_USE;
/* What is packed begins with its properties. */
struct error ppmd_zip(struct span packed, uint64_t size, struct buf *out) MUST_USE;

#endif
