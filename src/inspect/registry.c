/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/inspect.h"

/* A row for each inspector. */
#define INSPECTORS(I) \
	I(accounts) I(elf) I(startup) I(keys) I(components) I(partitions) I(boot) I(clock) I(discovery) \
	I(endpoints) I(kernel) I(leftovers) I(mcu) I(network) I(radios) I(scripts) I(secrets) I(settings) \
	I(signatures) I(stores) I(updates) \
	I(sbom)

#define DECLARE(name) extern const struct inspector name##_inspector;
INSPECTORS(DECLARE)

#define ROW(name) &name##_inspector,
const struct inspector *const inspector_registry[] = { INSPECTORS(ROW) NULL };

const struct inspector *inspector_find(const char *name)
{
	for (size_t i = 0; name && inspector_registry[i]; i++)
		if (strcmp(inspector_registry[i]->name, name) == 0)
			return inspector_registry[i];
	return NULL;
}
