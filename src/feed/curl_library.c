/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/curl_library.h"

#include <dlfcn.h>

const struct curl_library *curl_load(struct error *error)
{
	static struct curl_library curl; /* one a process: what is loaded stays */
	static bool ready;
	static struct library library = {
		.purpose = "feeds are downloaded", .file = "libcurl.so.4", .package = "libcurl4", .mode = RTLD_NOW | RTLD_LOCAL,
		.names = CURL_FUNCTIONS(LIBRARY_NAME), .functions = (void **)&curl,
	};
	*error = library_load(&library);
	if (!error_is(error) && !ready) {
		ready = curl.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
		if (!ready)
			*error = error_at(ERR_UNSUPPORTED, 0, "libcurl.so.4 does not start");
	}
	return error_is(error) ? NULL : &curl;
}
