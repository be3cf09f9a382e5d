/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libFuzzer entry: FUZZ_TARGET=format:squashfs fuzz-assay CORPUS. */
#include <stdio.h>
#include <stdlib.h>

#include "target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");
	(void)argc;
	(void)argv;
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
