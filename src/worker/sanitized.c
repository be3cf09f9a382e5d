/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/sanitized.h"

#if SANITIZED

#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int sanitizer_reports(void)
{
	const char *path = getenv("ASSAY_SANITIZER_REPORTS");
	int fd = path && *path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : dup(STDERR_FILENO);
	__sanitizer_set_report_fd((void *)(intptr_t)STDERR_FILENO); /* where the worker puts it */
	return fd;
}

#else

int sanitizer_reports(void)
{
	return -1;
}

#endif
