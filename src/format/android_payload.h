/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the reader of Android's update payloads share. Not for other formats. */
#ifndef ASSAY_FORMAT_ANDROID_PAYLOAD_H
#define ASSAY_FORMAT_ANDROID_PAYLOAD_H

#include <stdatomic.h>

#include "format/format.h"

/* What one operation may unpack to; the tools write 2 MiB. */
#define PAYLOAD_UNPACKED_MAX ((uint64_t)64 << 20)

enum payload_type {
	PAYLOAD_REPLACE,
	PAYLOAD_REPLACE_BZ,
	PAYLOAD_ZERO = 6,
	PAYLOAD_DISCARD = 7,
	PAYLOAD_REPLACE_XZ = 8,
	PAYLOAD_REPLACE_ZSTD = 14,
	PAYLOAD_TYPES
};

struct payload_operation {
	uint32_t type;
	uint64_t data_at, data_size; /* in the payload's data */
	struct span hash;            /* SHA-256 of the data, or empty */
	uint64_t size;               /* of what it writes, all extents */
};

/* Blocks of the partition that an operation writes. */
struct payload_extent {
	uint64_t at, size; /* in the partition, bytes */
	uint64_t skip;     /* in what the operation unpacks */
	const struct payload_operation *operation;
};

struct payload_partition {
	struct span data;
	struct payload_extent *extents; /* by place */
	size_t n;
	/* Bytes that may yet be unpacked: an operation that writes to many places is unpacked for each. */
	atomic_int_fast64_t *budget;
};

/* Whether it can be applied to nothing: others need the version before. */
static inline bool payload_is_full(uint32_t type)
{
	return type <= PAYLOAD_REPLACE_BZ || (type >= PAYLOAD_ZERO && type <= PAYLOAD_REPLACE_XZ) ||
		   type == PAYLOAD_REPLACE_ZSTD;
}

extern const struct content_ops payload_ops; /* fs is not used, file is a payload_partition */

#endif
