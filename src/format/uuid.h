/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UUIDs of volumes, as text. */
#ifndef ASSAY_FORMAT_UUID_H
#define ASSAY_FORMAT_UUID_H

#include "base/hash.h"
#include "format/format.h"

/* Sixteen bytes as 8-4-4-4-12 hex digits; nothing when they are not there. */
static inline void uuid_field(struct walk *w, uint64_t at, const char *name, struct span bytes)
{
	char hex[33];
	if (bytes.n != 16)
		return;
	hash_hex(bytes.p, 16, hex);
	emit_header_field(w->sink, at, name, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

#endif
