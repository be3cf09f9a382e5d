/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filters of RAR 2.9: programs for a machine of its own, of which its archiver writes some few. Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_PROGRAM_H
#define ASSAY_FORMAT_RAR_PROGRAM_H

#include "base/error.h"
#include "format/rar_bits.h"
#include "format/rar_filter.h"

#define RAR_PROGRAMS_MAX 1024u

struct rar_programs {
	struct {
		uint8_t kind;    /* of a filter, or RAR_PROGRAM_UNKNOWN */
		uint32_t length; /* of the last block */
	} v[RAR_PROGRAMS_MAX];
	unsigned n, last;
};

/* Reads one use of a program from its code, of which the first byte is given, and notes the block that it is for. An unknown one is counted
 * only. */
enum error_code rar_program_use(struct rar_programs *p, uint8_t flags, struct span code, const struct rar_out *o,
								struct rar_filters *f) MUST_USE;

#endif
