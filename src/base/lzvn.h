/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZVN: bytes and matches without entropy coding, as Apple packs what is small, and files of HFS+ and APFS.
 *
 * Specification: lzfse, src/lzvn_decode_base.c, whose comments tell the opcodes.
 */
#ifndef ASSAY_BASE_LZVN_H
#define ASSAY_BASE_LZVN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* Decompresses into out[0 .. room); matches may reach back into the `have` bytes that stand before `out`. *made is how many bytes came
 * out, also on error, *used of how many. ERR_BUDGET when the stream holds more, ERR_TRUNCATED when it ends without its end. Thread-safe,
 * without memory of its own. */
enum error_code lzvn_decode(struct span in, uint8_t *out, size_t have, size_t room, size_t *made, size_t *used) MUST_USE;

#endif
