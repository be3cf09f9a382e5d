/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build with sanitizers is worth what it tells: what one of them sees in a worker comes out, though a worker can open no file
 * and has no standard error. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/child.h"
#include "worker/confine.h"
#include "worker/sanitized.h"

static void read_beyond(void)
{
	char *p = malloc(8);
	volatile size_t at = 8;
	memset(p, 1, 8);
	exit(p[at] ? 2 : 3); /* not reached */
}

static void overflow(void)
{
	volatile int most = 0x7fffffff;
	most = most + 1;
	_exit(0);
}

/* Confined as a worker is, then at fault. */
static _Noreturn void work(void (*fault)(void))
{
	struct confinement confinement = {
		.memory = 1 << 30, .mapped = 1 << 20, .cpu_seconds = 60, .without_landlock = true
	};
	worker_keep_descriptors(-1, STDOUT_FILENO);
	struct error e = confine_files(&confinement);
	if (!error_is(&e))
		e = confine_calls();
	if (!error_is(&e))
		fault();
	_exit(4);
}

/* What is in the file of reports behind it. */
static void reports_of(void (*fault)(void), char *text, size_t size)
{
	char path[] = "/tmp/assay-test-reports-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	setenv("ASSAY_SANITIZER_REPORTS", path, 1);
	pid_t pid = fork();
	if (pid == 0)
		work(fault);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	ssize_t n = read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	unlink(path);
}

static void reports_come_out(void **state)
{
	static char text[4096];
	(void)state;
	if (!SANITIZED)
		skip();
	reports_of(read_beyond, text, sizeof text);
	assert_non_null(strstr(text, "heap-buffer-overflow"));
	reports_of(overflow, text, sizeof text);
	assert_non_null(strstr(text, "signed integer overflow"));
}

/* In any other build a worker has nothing that it could write to. */
static void no_reports_otherwise(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	assert_int_equal(sanitizer_reports(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_come_out),
		cmocka_unit_test(no_reports_otherwise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
