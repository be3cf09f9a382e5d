/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What zte_db and zte_config have in common: the payload of ZTE's configurations. */
#ifndef ASSAY_FORMAT_ZTE_H
#define ASSAY_FORMAT_ZTE_H

#include "base/span.h"

#define ZTE_PAYLOAD_MAGIC "\1\2\3\4\0\0\0"
#define ZTE_PAYLOAD_HEAD 60u

/* Where the last chunk behind the payload's head ends. False when it is not there. */
bool zte_chunks_end(struct span payload, uint64_t *end);

/* Whether the head is one of a packed payload, which has its own CRC. */
bool zte_head_is_packed(struct span payload);

#endif
