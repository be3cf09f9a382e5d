/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcurl, loaded when something is downloaded: with it come some thirty libraries (Kerberos, LDAP, SSH ...) that every
 * other command would map and bind for nothing. */
#ifndef ASSAY_FEED_CURL_LIBRARY_H
#define ASSAY_FEED_CURL_LIBRARY_H

#define CURL_DISABLE_TYPECHECK /* its macros would name the functions, which are pointers here */
#include <curl/curl.h>

#include "base/library.h"

/* The functions that are used; each is a pointer of that name. */
#define CURL_FUNCTIONS(F)                                                                                              \
	F(curl_global_init) F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_reset) F(curl_easy_setopt)                  \
		F(curl_easy_getinfo) F(curl_easy_perform) F(curl_easy_strerror) F(curl_slist_append) F(curl_slist_free_all)

struct curl_library {
	CURL_FUNCTIONS(LIBRARY_FIELD)
};

/* The library, ready for use; it stays loaded. NULL: it is not there, and the error says what to install. */
const struct curl_library *curl_load(struct error *error) MUST_USE;

#endif
