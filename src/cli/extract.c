/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/extract.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/extract_ahead.h"
#include "cli/spool.h"

struct extraction {
	struct extract_placing placing;
	struct extract_ahead ahead;
	int current;           /* descriptor of the content being written */
	uint64_t current_key;
	bool failed;           /* to be written */
	bool cut;              /* the input ended before a file did that stands in it */
};

static bool is_empty_dir(int fd)
{
	DIR *d = fdopendir(dup(fd));
	size_t n = 0;
	for (struct dirent *e; d && (e = readdir(d));)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, EXTRACT_PARTIAL) != 0;
	if (d)
		closedir(d);
	return d && n == 0;
}

static mode_t mask_of_process(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return mask;
}

struct extraction *extraction_begin(const char *dir, struct error *error)
{
	struct extraction *x = calloc(1, sizeof *x);
	*error = error_none();
	if (!x) {
		*error = error_at(ERR_MEMORY, 0, "no memory");
		return NULL;
	}
	x->placing.dir = x->placing.partial = x->current = -1;
	x->placing.mask = mask_of_process();
	if (!extract_ahead_begin(&x->ahead, &x->placing))
		*error = error_at(ERR_MEMORY, 0, "no memory");
	else if (mkdir(dir, 0755) && errno != EEXIST)
		*error = error_at(ERR_USAGE, 0, "can not be made: %s", strerror(errno));
	else if ((x->placing.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		*error = error_at(ERR_USAGE, 0, "%s", strerror(errno));
	else if (!is_empty_dir(x->placing.dir))
		*error = error_at(ERR_USAGE, 0, "is not empty: name a folder that does not exist yet");
	else if ((mkdirat(x->placing.dir, EXTRACT_PARTIAL, 0700) && errno != EEXIST) ||
	         (x->placing.partial = openat(x->placing.dir, EXTRACT_PARTIAL, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		*error = error_at(ERR_USAGE, 0, "can not be written to: %s", strerror(errno));
	if (!error_is(error))
		return x;
	extraction_free(x);
	return NULL;
}

static void empty_partial(struct extraction *x)
{
	DIR *d = fdopendir(openat(x->placing.partial, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(x->placing.partial, e->d_name, 0); /* it holds nothing but files */
	if (d)
		closedir(d);
}

void extraction_restart(struct extraction *x)
{
	if (x->current >= 0)
		close(x->current);
	x->current = -1;
	extract_ahead_end(&x->ahead); /* the names that there are stay */
	x->placing.nspoilt = 0;
	empty_partial(x);
}

/* Where the next bytes of that key go: where they belong, or to a file that becomes the current one. It is written from where it
 * ends: contents of several files may take turns. -1: nowhere. */
static int open_content(struct extraction *x, uint64_t key)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	char name[24];
	int fd = extract_ahead_open(&x->ahead, key);
	if (fd >= 0)
		return fd;
	if (x->current >= 0 && x->current_key == key)
		return x->current;
	if (x->current >= 0)
		close(x->current);
	extract_partial_name(key, name);
	x->current_key = key;
	x->current = openat(x->placing.partial, name, flags | O_EXCL, 0644);
	if (x->current >= 0 || errno != EEXIST)
		return x->current;
	x->current = openat(x->placing.partial, name, flags, 0644);
	if (x->current >= 0 && lseek(x->current, 0, SEEK_END) < 0) {
		close(x->current);
		x->current = -1;
	}
	return x->current;
}

/* A file that is too long for the file system is no reason to give up the others; when there are too many, it is the disk's fault. */
static bool spoil(struct extraction *x, uint64_t key)
{
	char name[24];
	x->failed = true;
	if (x->placing.nspoilt == EXTRACT_SPOILT_MAX)
		return false;
	x->placing.spoilt[x->placing.nspoilt++] = key;
	if (extract_ahead_drop(&x->ahead, key))
		return true;
	if (x->current >= 0 && x->current_key == key) {
		close(x->current);
		x->current = -1;
	}
	extract_partial_name(key, name);
	unlinkat(x->placing.partial, name, 0);
	return true;
}

bool extraction_extent(struct extraction *x, uint64_t key, int input, uint64_t offset, uint64_t size)
{
	if (extract_is_spoilt(&x->placing, key))
		return true;
	int fd = open_content(x, key);
	bool ok = fd >= 0 && spool_copy(input, offset, size, fd);
	if (!ok && fd >= 0 && errno == ENODATA)
		x->cut = ok = true; /* the others may be whole */
	return ok || spoil(x, key);
}

bool extraction_content(struct extraction *x, uint64_t key, struct span bytes)
{
	if (extract_is_spoilt(&x->placing, key))
		return true;
	int fd = open_content(x, key);
	for (size_t at = 0; fd >= 0 && at < bytes.n;) {
		ssize_t n = write(fd, bytes.p + at, bytes.n - at);
		if (n < 0 && errno != EINTR)
			return spoil(x, key);
		at += n > 0 ? (size_t)n : 0;
	}
	return fd >= 0 || spoil(x, key);
}

void extraction_name(struct extraction *x, uint64_t key, uint32_t ordinal, int64_t mode, struct text path)
{
	extract_ahead_name(&x->ahead, key, ordinal, mode, path);
}

void extraction_blob(struct extraction *x, const struct case_file *c, uint64_t key)
{
	extract_ahead_blob(&x->ahead, c, key);
}

static void remove_partials(struct extraction *x)
{
	DIR *d = fdopendir(dup(x->placing.partial));
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(x->placing.partial, e->d_name, 0);
	if (d)
		closedir(d);
	unlinkat(x->placing.dir, EXTRACT_PARTIAL, AT_REMOVEDIR);
}

struct error extraction_finish(struct extraction *x, const struct case_file *c, struct extract_counts *counts)
{
	if (x->current >= 0)
		close(x->current);
	x->current = -1;
	extract_ahead_end(&x->ahead);
	struct error e = extract_place(&x->placing, c);
	remove_partials(x);
	*counts = x->placing.counts;
	if ((x->failed || x->placing.failed) && !error_is(&e))
		e = error_at(ERR_IO, 0, "not everything could be written: is the disk full?");
	if (x->cut && !error_is(&e))
		e = error_at(ERR_TRUNCATED, 0, "the input ended before its files did: it was cut while they were copied, and some are short");
	return e;
}

void extraction_free(struct extraction *x)
{
	if (!x)
		return;
	if (x->current >= 0)
		close(x->current);
	extract_ahead_free(&x->ahead);
	buf_free(&x->placing.passes);
	if (x->placing.partial >= 0) {
		empty_partial(x);
		unlinkat(x->placing.dir, EXTRACT_PARTIAL, AT_REMOVEDIR);
		close(x->placing.partial);
	}
	if (x->placing.dir >= 0)
		close(x->placing.dir);
	free(x);
}
