/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libFuzzer entry: FUZZ_TARGET=format:squashfs fuzz-assay CORPUS.
 *
 * Half of the mutations are followed by new checksums (repair.h). For these the target runs while libFuzzer does not watch, so
 * that it can not save what goes wrong then: FUZZ_MUTANT names a file that always holds the bytes of such a run.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "repair.h"
#include "target.h"

#define RUN_SECONDS 60

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);

static int mutant = -1;

static void too_long(int signal)
{
	static const char text[] = "fuzz-assay: a run between two mutations takes too long\n";
	(void)signal;
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	abort();
}

static void limit_run(long seconds)
{
	struct itimerval limit = { .it_value.tv_sec = seconds };
	setitimer(ITIMER_PROF, &limit, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");
	(void)argc;
	(void)argv;
	const char *path = getenv("FUZZ_MUTANT");
	mutant = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;
	signal(SIGPROF, too_long);
	if (name && target_choose(name))
		return 0;
	fprintf(stderr, "fuzz-assay: set FUZZ_TARGET to format:NAME or inspector:NAME (see assay list)\n");
	exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	target_run(span_of(bytes, n));
	return 0;
}

static void keep(const uint8_t *bytes, size_t n)
{
	if (mutant >= 0 && (pwrite(mutant, bytes, n, 0) != (ssize_t)n || ftruncate(mutant, (off_t)n)))
		mutant = -1;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	static struct checksum_list before;
	before.n = 0;
	if (seed & 1)
		repair_list(&before, span_of(bytes, n));
	n = LLVMFuzzerMutate(bytes, n, max);
	if (before.n) {
		limit_run(RUN_SECONDS);
		repair_all(bytes, n, &before, keep);
		limit_run(0);
	}
	return n;
}
