/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/curl_library.h"

#include <dlfcn.h>

const struct curl_library *curl_load(struct error *error)
{
	static struct curl_library library; /* one a process: what is loaded stays */
	static bool loaded;
	*error = error_none();
	if (loaded)
		return &library;
	void *curl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!curl) {
		*error = error_at(ERR_UNSUPPORTED, 0, "feeds are downloaded with libcurl.so.4, which is not installed (Debian: libcurl4)");
		return NULL;
	}
	bool all = true;
#define LOAD(name) all &= (*(void **)&library.name = dlsym(curl, #name)) != NULL;
	CURL_FUNCTIONS(LOAD)
#undef LOAD
	loaded = all && library.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (loaded)
		return &library;
	*error = error_at(ERR_UNSUPPORTED, 0, "libcurl.so.4 is another version than this one was built for");
	return NULL;
}
