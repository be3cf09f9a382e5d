/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An auditor of the loader (rtld-audit(7), LD_AUDIT): the library that HIDE_LIBRARY names is found nowhere, as if its package
 * were not installed. */
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

unsigned int la_version(unsigned int version)
{
	return version < LAV_CURRENT ? version : LAV_CURRENT;
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned int flag)
{
	(void)cookie;
	(void)flag;
	const char *hidden = getenv("HIDE_LIBRARY"), *base = strrchr(name, '/');
	return hidden && strcmp(base ? base + 1 : name, hidden) == 0 ? NULL : (char *)(uintptr_t)name;
}
