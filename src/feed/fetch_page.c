/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "feed/fetch.h"

bool fetch_is_page(const char *bytes, size_t n)
{
	static const char *const begins[] = { "<!doctype html", "<html", "<head", "<body" };
	while (n && strchr(" \t\r\n", *bytes)) {
		bytes++;
		n--;
	}
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (n >= strlen(begins[i]) && strncasecmp(bytes, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}
