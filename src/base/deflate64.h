/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deflate64 ("enhanced deflate"): deflate of RFC 1951 with a window of 64 KiB, distances up to it and matches of up to 65538
 * bytes. No library of Debian reads it. Specification: PKWARE APPNOTE.TXT 4.4.5 names it (method 9); RFC 1951 is the rest. */
#ifndef ASSAY_BASE_DEFLATE64_H
#define ASSAY_BASE_DEFLATE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* Decompresses a raw stream into out[0..out_max). *in_used is how many bytes of `in` it takes, *out_n how many came out, also on
 * error (what was decoded before it). ERR_BUDGET when there are more than out_max, ERR_TRUNCATED when `in` ends before the stream,
 * ERR_CORRUPT otherwise. Thread-safe, without memory of its own. */
enum error_code deflate64_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n) MUST_USE;

/* The same for deflate itself (RFC 1951) as NSIS changed it: a stored block has its length once, not inverted again behind that. */
enum error_code deflate_bare_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n) MUST_USE;

#endif
