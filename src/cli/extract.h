/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --extract DIR: the files of an image on the host's file system, and never outside DIR.
 *
 * Contents come from the worker under their blob's key and are kept in DIR/.assay-partial until all blobs are known, and so their
 * names, or all before them, where the input is a file system (extract_ahead.h); nothing of an image gets that name. Every path is
 * walked with openat2() beneath DIR without following a link. Links are made last, and only those that can not lead out; no device
 * node is made and no set-id bit kept.
 */
#ifndef ASSAY_CLI_EXTRACT_H
#define ASSAY_CLI_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "case/case.h"

struct extract_counts {
	uint64_t files; /* and links */
	uint64_t parts; /* of the image, which are no files in it */
	uint64_t refused;
};

struct extraction;

/* Makes DIR, which must not exist or be empty. */
struct extraction *extraction_begin(const char *dir, struct error *error) MUST_USE;
/* Forgets the contents so far: a worker was started that sends them all again. */
void extraction_restart(struct extraction *x);
/* The name of a file of the input itself, before its content: it is written there when all before it are. */
void extraction_name(struct extraction *x, uint64_t key, uint32_t ordinal, int64_t mode, struct text path);
/* A blob of a run that is not continued from another was taken: its content, if it has one, is complete. */
void extraction_blob(struct extraction *x, const struct case_file *c, uint64_t key);
/* Bytes of a file, in order. One that can not be written is left out, as extraction_finish() tells; false: so many can not that the
 * others need not be tried. */
bool extraction_content(struct extraction *x, uint64_t key, struct span bytes);
/* The same, of `size` bytes of `input` from `offset` on. Where they are not there any more the file ends early, which
 * extraction_finish() tells. */
bool extraction_extent(struct extraction *x, uint64_t key, int input, uint64_t offset, uint64_t size);
/* Gives the files their names, which the blobs of the run tell: to be called when all are there, and before case_finish(). *counts
 * is what was written and what was left out as unsafe. ERR_IO: something could not be written; ERR_TRUNCATED: the
 * input ended before its files did. */
struct error extraction_finish(struct extraction *x, const struct case_file *c, struct extract_counts *counts) MUST_USE;
void extraction_free(struct extraction *x);

#endif
