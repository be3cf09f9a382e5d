/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/late.h"

#include <stdio.h>
#include <unistd.h>

struct error late_load(enum confined_work work)
{
	struct error e = error_none();
	for (unsigned i = 0; &late_table && i < late_table.n && !error_is(&e); i++)
		if (late_table.work[i] >> work & 1)
			e = library_load(&late_table.libraries[i]);
	return e;
}

void *late_bind(unsigned function)
{
	void **slot = &late_table.functions[function];
	unsigned i = 0;
	while (i + 1 < late_table.n && late_table.libraries[i + 1].functions <= slot)
		i++;
	struct error e = library_load(&late_table.libraries[i]);
	if (error_is(&e)) {
		fprintf(stderr, "assay: %s\n", e.text);
		_exit(2);
	}
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}
