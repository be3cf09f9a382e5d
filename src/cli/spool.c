/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unnamed.h"

#define PIECE (1u << 20)
#define BY_KERNEL_FROM (16u << 10) /* for less, copy_file_range() costs more to prepare than a copy does */

int spool_open(void)
{
	int fd = unnamed_file();
	return fd >= 0 ? fd : memfd_create("assay-input", MFD_CLOEXEC);
}

static struct error write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return error_at(ERR_IO, 0, "the temporary copy of the input can not be written: %s", strerror(errno));
		p += w;
		n -= (size_t)w;
	}
	return error_none();
}

struct error spool_stream(int from, int spool, uint64_t limit, struct progress *progress, uint64_t *size)
{
	uint8_t *piece = malloc(PIECE);
	struct error e = piece ? error_none() : error_at(ERR_MEMORY, 0, "no memory");
	*size = 0;
	while (!error_is(&e)) {
		ssize_t n = read(from, piece, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			e = error_at(ERR_USAGE, *size, "can not be read: %s", strerror(errno));
		if (n <= 0)
			break;
		if ((uint64_t)n > limit - *size) {
			e = error_at(ERR_USAGE, limit, "gives more than %llu bytes (--max-total)", (unsigned long long)limit);
			break;
		}
		e = write_all(spool, piece, (size_t)n);
		*size += (uint64_t)n;
		progress_note(progress, *size, "");
	}
	free(piece);
	return e;
}

/* What copy_file_range() says of files that it can not copy between; EPERM: what a container says that forbids it. */
static bool is_refusal(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM;
}

/* By way of a buffer that fits into a processor's cache. The bytes that were copied; 0 at the end of `from`; -1 with errno. */
static ssize_t copy_piece(int from, uint64_t offset, uint64_t size, int to)
{
	enum { COPY = 128 << 10 };
	uint8_t piece[COPY];
	ssize_t n = pread(from, piece, size < COPY ? (size_t)size : COPY, (off_t)offset);
	if (n <= 0)
		return n;
	struct error e = write_all(to, piece, (size_t)n);
	return error_is(&e) ? -1 : n;
}

bool spool_copy(int from, uint64_t offset, uint64_t size, int to)
{
	bool by_kernel = size > BY_KERNEL_FROM;
	while (size > 0) {
		loff_t at = (loff_t)offset;
		ssize_t n = by_kernel ? copy_file_range(from, &at, to, NULL, (size_t)size, 0) : copy_piece(from, offset, size, to);
		if (n > 0) {
			offset += (uint64_t)n;
			size -= (uint64_t)n;
		} else if (by_kernel && (n == 0 || is_refusal(errno))) {
			by_kernel = false;
		} else if (n == 0) {
			errno = ENODATA;
			return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
