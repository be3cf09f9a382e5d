/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

const char *error_word(enum error_code code)
{
	static const char *const words[ERR_CODES] = {
		[ERR_NONE] = "none",
		[ERR_TRUNCATED] = "truncated",
		[ERR_CORRUPT] = "corrupt",
		[ERR_UNSUPPORTED] = "unsupported",
		[ERR_ENCRYPTED] = "encrypted",
		[ERR_BUDGET] = "budget",
		[ERR_MEMORY] = "memory",
		[ERR_IO] = "io",
		[ERR_USAGE] = "usage",
		[ERR_CRASH] = "crash",
	};
	return (unsigned)code < ERR_CODES ? words[code] : "unknown";
}

struct error error_at(enum error_code code, uint64_t offset, const char *format, ...)
{
	struct error e = { .code = code, .offset = offset };
	va_list args;
	va_start(args, format);
	vsnprintf(e.text, sizeof e.text, format, args);
	va_end(args);
	for (char *c = e.text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	return e;
}
