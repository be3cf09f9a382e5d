/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

static struct error render_to(FILE *out, struct error (*render)(void *, FILE *), void *context)
{
	struct error e = render(context, out);
	bool bad = out == stdout ? fflush(out) != 0 : fclose(out) != 0;
	return bad ? error_at(ERR_IO, 0, "%s", strerror(errno)) : e;
}

static int write_directly(const char *path, struct error (*render)(void *, FILE *), void *context)
{
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	if (!out)
		return complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	struct error e = render_to(out, render, context);
	return error_is(&e) ? complain_error(path, &e) : EXIT_NO_FAIL;
}

/* A new file in the folder of `path`, with the rights of one that is simply made. NULL: *partial is not there. */
static FILE *open_partial(const char *path, char partial[PATH_MAX])
{
	if (snprintf(partial, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	int fd = mkostemp(partial, O_CLOEXEC);
	mode_t mask = umask(0);
	umask(mask);
	FILE *out = fd >= 0 && fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
	if (!out && fd >= 0) {
		close(fd);
		unlink(partial);
	}
	return out;
}

int write_file(const char *path, struct error (*render)(void *, FILE *), void *context)
{
	char partial[PATH_MAX];
	struct stat st;
	if (strcmp(path, "-") == 0 || (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)))
		return write_directly(path, render, context);
	FILE *out = open_partial(path, partial);
	if (!out)
		return complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	struct error e = render_to(out, render, context);
	if (!error_is(&e) && rename(partial, path))
		e = error_at(ERR_IO, 0, "%s", strerror(errno));
	if (!error_is(&e))
		return EXIT_NO_FAIL;
	unlink(partial);
	return complain_error(path, &e);
}
