/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs that are no file which can be mapped: a stream, a folder. They are written to an unlinked temporary file, which is
 * what the worker gets. */
#ifndef ASSAY_CLI_SPOOL_H
#define ASSAY_CLI_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cli/progress.h"

/* A file without a name (base/unnamed.h), or in memory where no folder takes one. Its descriptor, or -1 with errno. */
int spool_open(void);

/* Copies everything that `from` still gives to `spool`: at most `limit` bytes. *size is how many came. */
struct error spool_stream(int from, int spool, uint64_t limit, struct progress *progress, uint64_t *size) MUST_USE;

/* Appends `size` bytes of `from`, from `offset` on, to `to` at its file position; on file systems that can, they share their
 * blocks. False with errno (ENODATA: `from` ends too early). */
bool spool_copy(int from, uint64_t offset, uint64_t size, int to) MUST_USE;

/* What spool_directory() takes. */
struct spool_request {
	int dir;                      /* the folder, open */
	uint64_t limit;               /* bytes; files that would go beyond it are left out, which is said in the spool */
	const struct stat *leave_out; /* files of our own that may lie in the folder */
	size_t nleave_out;
	struct progress *progress;
};

/* Writes the folder as format/directory.h says. Links are not followed, other file systems not entered; what can not be read
 * is said in the spool. An error only when the spool itself can not be written. */
struct error spool_directory(const struct spool_request *request, int spool, uint64_t *size) MUST_USE;

#endif
