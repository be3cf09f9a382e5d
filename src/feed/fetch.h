/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Downloads over HTTPS into files (libcurl): conditional, resumed, bounded, tried again when a server is busy. */
#ifndef ASSAY_FEED_FETCH_H
#define ASSAY_FEED_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fetch;

struct fetch_options {
	bool insecure_http;   /* http:// is allowed too: for mirrors in one's own network */
	const char *ca_file;  /* certificates (PEM) of who may vouch for a server, in place of the system's; NULL: those */
	uint64_t max_bytes;   /* of one file; 0: 4 GiB */
	unsigned retries;     /* beyond the first attempt */
	unsigned stall;       /* seconds in which a server may send less than 200 bytes each; 0: 60 */
	double retry_seconds; /* before the first retry; doubled for each further one, unless the server says how long */
	/* Told how far a download is; false stops it. May be NULL. */
	bool (*progress)(void *context, const char *url, uint64_t bytes);
	void *context;
};

struct fetch_request {
	const char *url;
	const char *path;     /* the file; what was there of it before counts when `resume` */
	const char *header;   /* "apiKey: ..."; NULL: none. Never sent to another host after a redirect. */
	const char *etag;     /* of the copy one has; NULL or "": none. The server may answer that it is unchanged. */
	const char *modified; /* its Last-Modified, as the server wrote it */
	bool resume;          /* go on with path.part where it is there */
	bool secure;          /* https:// alone, whatever the options allow: as what named the address came over it */
};

struct fetch_result {
	bool unchanged; /* the server said so: there is no file */
	bool missing;   /* 404 or 410: there is no file */
	char etag[256]; /* empty: none */
	char modified[64];
	uint64_t bytes;
};

/* Proxies are taken from the environment (https_proxy, no_proxy ...). NULL with the error filled: ERR_UNSUPPORTED where libcurl is
 * not installed, ERR_MEMORY. */
struct fetch *fetch_open(const struct fetch_options *options, struct error *error) MUST_USE;
void fetch_close(struct fetch *f);

/* One file. ERR_USAGE for an address that is not allowed, ERR_IO for what the network or the server does, ERR_BUDGET for a
 * file that is too large, ERR_CORRUPT for a web page in its place (as of an error, or of a network that wants a login). A file that was begun
 * stays as path.part, so that a later attempt can go on with it. */
struct error fetch_file(struct fetch *f, const struct fetch_request *request, struct fetch_result *result) MUST_USE;

/* Inside: whether a file begins as a web page does; no feed does. */
bool fetch_is_page(const char *bytes, size_t n);

/* Waits, unless stopped by the progress function. */
void fetch_wait(struct fetch *f, double seconds);

#endif
