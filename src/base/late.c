/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/late.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Exit codes from here on, one for each library: beyond those of commands, below those of shells for signals. */
#define EXIT_MISSING 64

static bool sealed;

struct error late_load(enum confined_work work)
{
	struct error e = error_none();
	for (unsigned i = 0; &late_table && i < late_table.n && !error_is(&e); i++)
		if (late_table.work[i] >> work & 1)
			e = library_load(&late_table.libraries[i]);
	return e;
}

struct error late_seal(void)
{
	if (&late_table && mprotect(late_table.functions, late_table.size, PROT_READ))
		return error_at(ERR_IO, 0, "protecting the addresses of libraries: %s", strerror(errno));
	sealed = true;
	return error_none();
}

const struct library *late_missing(int exit_code)
{
	bool is_one = &late_table && exit_code >= EXIT_MISSING && (unsigned)exit_code - EXIT_MISSING < late_table.n;
	return is_one ? &late_table.libraries[exit_code - EXIT_MISSING] : NULL;
}

void *late_bind(unsigned function)
{
	void **slot = &late_table.functions[function];
	unsigned i = 0;
	while (i + 1 < late_table.n && late_table.libraries[i + 1].functions <= slot)
		i++;
	if (sealed)
		_exit(EXIT_MISSING + (int)i);
	struct error e = library_load(&late_table.libraries[i]);
	if (error_is(&e)) {
		fprintf(stderr, "assay: %s\n", e.text);
		_exit(2);
	}
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}
