/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "case/case.h"
#include "cli/command.h"
#include "cli/spool.h"
#include "format/directory.h"

/* "." and ".." name a folder only together with where we are. */
static void set_name(struct input *in, const char *path)
{
	char whole[PATH_MAX];
	size_t n = strlen(path);
	if (S_ISDIR(in->st.st_mode) && realpath(path, whole)) {
		path = whole;
		n = strlen(path);
	}
	while (n > 1 && path[n - 1] == '/')
		n--;
	struct text base = text_base(text_of(path, n));
	snprintf(in->name, sizeof in->name, "%.*s", (int)base.n, base.n ? base.p : "");
	if (in->name[0] == '\0' || strcmp(in->name, "/") == 0)
		snprintf(in->name, sizeof in->name, "root");
	snprintf(in->path, sizeof in->path, "%s", in->name);
}

/* The copy is ours alone: its digest tells more than names and times. */
static int take_copy(struct input *in, int spool, uint64_t size)
{
	in->fd = spool;
	in->size = size;
	in->copied = true;
	if (!hash_sha256_file(spool, size, in->sha256))
		return complain(EXIT_INTERNAL, in->name, "its temporary copy can not be read");
	snprintf(in->identity, sizeof in->identity, "sha256:%s", in->sha256);
	return EXIT_NO_FAIL;
}

static int take_stream(int fd, const struct input_options *o, struct input *in)
{
	uint64_t size = 0;
	int flags = fcntl(fd, F_GETFL), spool = spool_open();
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	struct error e = spool < 0 ? error_at(ERR_IO, 0, "no temporary file for it: %s", strerror(errno))
							   : spool_stream(fd, spool, o->limit, o->progress, &size);
	close(fd);
	if (error_is(&e)) {
		close(spool);
		return complain_error(in->name, &e);
	}
	return take_copy(in, spool, size);
}

static int take_directory(int fd, const struct input_options *o, struct input *in)
{
	struct stat leave_out[sizeof o->leave_out / sizeof o->leave_out[0]];
	struct spool_request request = { .dir = fd, .limit = o->limit, .leave_out = leave_out, .progress = o->progress };
	for (size_t i = 0; i < sizeof leave_out / sizeof leave_out[0]; i++)
		if (o->leave_out[i] && stat(o->leave_out[i], &leave_out[request.nleave_out]) == 0)
			request.nleave_out++;
	uint64_t size = 0;
	int spool = spool_open();
	struct error e = spool < 0 ? error_at(ERR_IO, 0, "no temporary file for it: %s", strerror(errno))
							   : spool_directory(&request, spool, &size);
	close(fd);
	if (error_is(&e)) {
		close(spool);
		return complain_error(in->name, &e);
	}
	in->format = "directory";
	if (size == DIRECTORY_MAGIC_SIZE) {
		close(spool);
		return complain(EXIT_UNUSABLE, in->location, "is an empty folder: there is nothing to assess");
	}
	return take_copy(in, spool, size);
}

/* SQLite's header with the application id of a case: taken for an image, it would say nothing. */
static bool is_case_file(int fd)
{
	uint8_t head[72];
	return pread(fd, head, sizeof head, 0) == sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
		   span_u32be(span_of(head, sizeof head), 68) == CASE_APPLICATION_ID;
}

static int take_mapped(int fd, struct input *in)
{
	if (is_case_file(fd)) {
		close(fd);
		return complain(EXIT_UNUSABLE, in->location,
						"is a case file: assess one of its blobs with --blob, or see assay report --help");
	}
	off_t end = lseek(fd, 0, SEEK_END); /* of a block device, whose st_size is 0 */
	in->fd = fd;
	if (end < 0)
		return complain(EXIT_UNUSABLE, in->location, "its size can not be told: %s", strerror(errno));
	in->size = (uint64_t)end;
	snprintf(in->identity, sizeof in->identity, "%llu:%llu:%llu:%llu:%lld.%09ld", (unsigned long long)in->st.st_dev,
			 (unsigned long long)in->st.st_ino, (unsigned long long)in->st.st_rdev, (unsigned long long)in->size,
			 (long long)in->st.st_mtim.tv_sec, in->st.st_mtim.tv_nsec);
	return EXIT_NO_FAIL;
}

int input_open(const char *path, const struct input_options *o, struct input *in)
{
	bool standard = !o->opened && strcmp(path, "-") == 0;
	*in = (struct input){ .fd = -1, .location = path };
	/* A FIFO without a writer must not hold up the look at what it is. */
	int fd = standard || o->opened ? fcntl(o->opened ? *o->opened : STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
								   : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &in->st))
		return complain(EXIT_UNUSABLE, standard ? "standard input" : path, "%s", strerror(errno));
	if (standard && isatty(fd)) {
		close(fd);
		return complain(EXIT_UNUSABLE, "standard input", "is a terminal: send the image through a pipe");
	}
	set_name(in, standard ? "stdin" : path);
	int code = S_ISDIR(in->st.st_mode)                              ? take_directory(fd, o, in)
			   : S_ISREG(in->st.st_mode) || S_ISBLK(in->st.st_mode) ? take_mapped(fd, in)
																	: take_stream(fd, o, in);
	if (!code && in->size == 0)
		return complain(EXIT_UNUSABLE, standard ? "standard input" : path,
						S_ISFIFO(in->st.st_mode) && !standard
							? "gave nothing: a FIFO is read to its end, so start what writes to it first"
							: "is empty: there is nothing to assess");
	return code;
}

int input_from_spool(int spool, uint64_t size, const char *path, const char *location, struct input *in)
{
	*in = (struct input){ .fd = -1, .location = location };
	fstat(spool, &in->st);
	set_name(in, path);
	snprintf(in->path, sizeof in->path, "%s", path);
	return take_copy(in, spool, size);
}

void input_close(struct input *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}
