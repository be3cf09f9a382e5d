/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressions of RAR. Not for other formats.
 *
 * Each has a state, which goes on from file to file of a solid row, and is made and freed by the caller. Each decodes what is packed of one
 * file, appending to o->buf; on error what comes before it is there. ERR_BUDGET: o->end is reached and more would come, or memory is
 * lacking; where o->end is where the file should end, it is damaged. */
#ifndef ASSAY_FORMAT_RAR_UNPACK_H
#define ASSAY_FORMAT_RAR_UNPACK_H

#include "base/error.h"
#include "format/rar_bits.h"
#include "format/rar_filter.h"

/* Of version 5. */
struct rar50;
struct rar50 *rar50_new(void); /* NULL: no memory */
void rar50_free(struct rar50 *z);
enum error_code rar50_decode(struct rar50 *z, struct span packed, const struct rar_out *o,
							 struct rar_filters *f) MUST_USE;

/* Of version 2.9. The meter is told of the memory for a model of PPMd. */
struct rar29;
struct rar29 *rar29_new(struct buf_meter *meter);
void rar29_free(struct rar29 *z);
enum error_code rar29_decode(struct rar29 *z, struct span packed, const struct rar_out *o,
							 struct rar_filters *f) MUST_USE;

#endif
