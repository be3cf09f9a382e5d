/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define FUNCTIONS_MAX 1024u /* of one library */

/* Of the loader's sentence: it begins with the file that it did not find, which may be one that the library needs. */
static struct error not_loaded(const struct library *l, const char *why)
{
	size_t n = strlen(l->file);
	if (why && strncmp(why, l->file, n) == 0 && strncmp(why + n, ": cannot open shared object file: No such file", 45) == 0)
		return error_at(ERR_UNSUPPORTED, 0, "%s with %s, which is not installed (Debian: %s)", l->purpose, l->file, l->package);
	return error_at(ERR_UNSUPPORTED, 0, "%s with %s (Debian: %s), which can not be loaded: %s", l->purpose, l->file, l->package,
	                why ? why : "no reason is given");
}

struct error library_load(struct library *l)
{
	if (__atomic_load_n(&l->loaded, __ATOMIC_ACQUIRE))
		return error_none();
	void *handle = dlopen(l->file, l->mode);
	if (!handle)
		return not_loaded(l, dlerror());
	void *found[FUNCTIONS_MAX];
	size_t n = 0;
	for (const char *name = l->names; *name; name += strlen(name) + 1)
		if (n == FUNCTIONS_MAX || !(found[n++] = dlsym(handle, name))) {
			struct error e = error_at(ERR_UNSUPPORTED, 0, "%s is another version than this one was built for: it has no %s (Debian: %s)",
			                          l->file, name, l->package);
			dlclose(handle);
			return e;
		}
	for (size_t i = 0; i < n; i++)
		__atomic_store_n(&l->functions[i], found[i], __ATOMIC_RELEASE);
	__atomic_store_n(&l->loaded, true, __ATOMIC_RELEASE);
	return error_none();
}
