/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An auditor of the loader (rtld-audit(7), LD_AUDIT): the libraries that HIDE_LIBRARY names, each between two colons, are found
 * nowhere, as if their packages were not installed. */
#include <link.h>
#include <stdint.h>
#include <stdio.h>
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
	char wanted[256];
	snprintf(wanted, sizeof wanted, ":%s:", base ? base + 1 : name);
	return hidden && strstr(hidden, wanted) ? NULL : (char *)(uintptr_t)name;
}
