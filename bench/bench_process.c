/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a whole process takes, from its start to its end, without a shell around it.
 *
 *     bench_process RUNS COMMAND [ARGUMENT...]
 *
 * Prints the least milliseconds of the clock and of processor time of so many runs, whose output is thrown away. Ends with
 * code 1 when a run does not end with code 0. */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static double ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* False when it can not be started, or fails. */
static bool run(char **command, double *clock, double *processor)
{
	posix_spawn_file_actions_t quiet;
	if (posix_spawn_file_actions_init(&quiet) || posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0))
		return false;
	pid_t pid;
	int status;
	struct rusage used;
	double began = 1e3 * wall_seconds();
	int failed = posix_spawnp(&pid, command[0], &quiet, NULL, command, environ);
	bool done = !failed && wait4(pid, &status, 0, &used) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	*clock = 1e3 * wall_seconds() - began;
	posix_spawn_file_actions_destroy(&quiet);
	if (done)
		*processor = ms_of(used.ru_utime) + ms_of(used.ru_stime);
	return done;
}

int main(int argc, char **argv)
{
	if (argc < 3 || atoi(argv[1]) < 1) {
		fputs("usage: bench_process RUNS COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	double clock = 0, processor = 0;
	for (int i = 0; i < atoi(argv[1]); i++) {
		double c, p;
		if (!run(argv + 2, &c, &p))
			return 1;
		clock = i == 0 || c < clock ? c : clock;
		processor = i == 0 || p < processor ? p : processor;
	}
	printf("%.2f %.2f\n", clock, processor);
	return 0;
}
