/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods that zip archives had before deflate. No library of Debian reads them. */
#ifndef ASSAY_FORMAT_ZIP_OLD_H
#define ASSAY_FORMAT_ZIP_OLD_H

#include "base/error.h"
#include "base/span.h"

/* What they are told beside the bytes: general purpose flags of imploded entries, PKWARE APPNOTE.TXT 4.4.4. */
#define ZIP_FLAG_WINDOW_8K 0x0002u
#define ZIP_FLAG_LITERAL_TREE 0x0004u

/* A method: how much one byte may become, which bounds what an entry may claim. */
struct zip_old {
	unsigned method;
	const char *name;
	uint32_t ratio;
};

/* NULL: it is none of them. */
const struct zip_old *zip_old_find(unsigned method);

/* Unpacks the `size` bytes of an entry, none of these streams has a mark of its end. *used is how many bytes of `in` it takes, *n how
 * many came out, on error too. ERR_TRUNCATED when `in` ends before, ERR_CORRUPT else. */
enum error_code zip_old_decode(unsigned method, unsigned flags, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n) MUST_USE;

#endif
