/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of gzip (RFC 1952), one or several members behind each other, with their checksums: libarchive does not look at these. */
#ifndef ASSAY_FEED_GUNZIP_H
#define ASSAY_FEED_GUNZIP_H

#include "base/json_pull.h"

struct gunzip;

/* A reader over a packed one. NULL when out of memory. */
struct gunzip *gunzip_new(json_pull_read read, void *context);
void gunzip_free(struct gunzip *g);

/* json_pull_read of what is unpacked; `context` is a struct gunzip. ERR_CORRUPT names the byte of the packed stream: it is cut off,
 * damaged, or a checksum is another. */
struct error gunzip_read(void *context, uint8_t *into, size_t n, size_t *got);

/* How many packed bytes were read. */
uint64_t gunzip_in(const struct gunzip *g);

#endif
