/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a function or a library brings to a program that uses it. */
#ifndef ASSAY_INSPECT_NETWORK_NAMES_H
#define ASSAY_INSPECT_NETWORK_NAMES_H

#include "base/span.h"

enum network_use {
	NETWORK_LISTENS = 1 << 0,
	NETWORK_ACCEPTS = 1 << 10,
	NETWORK_BINDS = 1 << 1,
	NETWORK_RECEIVES = 1 << 2,          /* datagrams with their sender's address */
	NETWORK_RECEIVES_MESSAGES = 1 << 3, /* datagrams or netlink messages */
	NETWORK_CONNECTS = 1 << 4,
	NETWORK_SENDS = 1 << 5,           /* datagrams */
	NETWORK_INTERNET = 1 << 6,        /* handles addresses or names of the Internet */
	NETWORK_LIBRARY_LISTENS = 1 << 7, /* a library's function that listens */
	NETWORK_LIBRARY_CONNECTS = 1 << 8,
	NETWORK_LIBRARY_EITHER = 1 << 9, /* its arguments tell which */
};

struct network_function {
	const char *name;
	unsigned uses;
	const char *tls; /* the TLS library that has it; NULL: it is no such function */
};

struct network_library {
	const char *stem; /* of its file name, before ".so" and its version */
	const char *name;
};

/* NULL: it is none that matters. The pointers are into sorted tables: their order is that of the names. */
const struct network_function *network_function(struct text name);
size_t network_functions(const struct network_function **all);

/* By the name in DT_NEEDED, like "libcurl.so.4". */
const struct network_library *network_library(struct text needed);

/* The TLS library that a name in DT_NEEDED stands for; NULL: none. */
const char *network_tls(struct text needed);

#endif
