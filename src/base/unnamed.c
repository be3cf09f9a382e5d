/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

/* For file systems that know no O_TMPFILE: overlayfs before Linux 6.6. */
static int named_and_removed(const char *folder)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/assay-XXXXXX", folder);
	int fd = n > 0 && (size_t)n < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
	if (fd >= 0)
		unlink(path);
	return fd;
}

int unnamed_file(void)
{
	const char *const folders[] = { getenv("TMPDIR"), "/var/tmp" };
	int fd = -1;
	for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof folders[0]; i++) {
		if (!folders[i])
			continue;
		fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
		if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
			fd = named_and_removed(folders[i]);
	}
	return fd;
}

uint64_t unnamed_room(int fd)
{
	struct statfs s;
	uint64_t bytes;
	if (fstatfs(fd, &s) || s.f_type == TMPFS_MAGIC || s.f_type == RAMFS_MAGIC)
		return 0;
	return __builtin_mul_overflow((uint64_t)s.f_bavail, (uint64_t)s.f_bsize, &bytes) ? UINT64_MAX / 2 : bytes / 2;
}
