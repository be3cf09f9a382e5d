/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures and sounds in flash that no format claims: they are no file system that nobody knows, nor encrypted. */
#ifndef ASSAY_PROBE_MEDIA_H
#define ASSAY_PROBE_MEDIA_H

#include "base/span.h"

#define MEDIA_MAX 1024u

struct medium {
	uint64_t from, to;
	const char *kind; /* "picture", "sound", "video" */
};

struct media {
	struct medium *v; /* room for MEDIA_MAX; in the order of the bytes; none overlaps another */
	size_t n;
};

/* Those that are whole, from their first byte to the last one of their own structure. */
void media_find(struct span bytes, struct media *media);

#endif
