/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressed kernel inside a self-extracting boot image (arch/.../boot/compressed of Linux). */
#ifndef ASSAY_FORMAT_KERNEL_PAYLOAD_H
#define ASSAY_FORMAT_KERNEL_PAYLOAD_H

#include "format/format.h"

/* Looks for the first compressed stream from offset `from` on and emits what it holds as the child "payload", with the
 * header fields `payload_offset` and `compression`. Magic bytes alone do not count: the stream must begin to unpack.
 * ERR_UNSUPPORTED when there is none. */
struct error kernel_payload_emit(struct walk *w, struct span image, uint64_t from) MUST_USE;

#endif
