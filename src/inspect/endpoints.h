/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of something elsewhere, as they stand in texts and binaries. */
#ifndef ASSAY_INSPECT_ENDPOINTS_H
#define ASSAY_INSPECT_ENDPOINTS_H

#include "inspect/inspect.h"

enum endpoint_kind {
	ENDPOINT_URL,
	ENDPOINT_HOST,
	ENDPOINT_IP,
	ENDPOINT_EMAIL,
};

enum endpoint_scope {
	SCOPE_NONE, /* nothing that anybody could talk to */
	SCOPE_PUBLIC,
	SCOPE_PRIVATE,
	SCOPE_LINK_LOCAL,
	SCOPE_LOOPBACK,
	SCOPE_MULTICAST,
	SCOPE_PLACEHOLDER,
	SCOPE_RESERVED, /* for examples: RFC 2606, RFC 5737, RFC 3849 */
};

struct endpoint_scheme {
	const char *name;
	int64_t port;      /* FACT_NULL: it has none of its own */
	int64_t encrypted; /* FACT_NULL: the name does not tell */
	const char *role;  /* NULL: the name does not tell */
};

struct endpoint {
	enum endpoint_kind kind;
	uint64_t from, to; /* where it stands in the blob */
	struct text text;
	const struct endpoint_scheme *scheme; /* NULL: none is named */
	struct text host, path;
	int64_t port;
	enum endpoint_scope scope;
};

/* What kind of file it stands in: that decides what counts as a comment or as prose. */
enum endpoint_file {
	FILE_BINARY,
	FILE_CONFIGURATION, /* and every text of which nothing else is known */
	FILE_SCRIPT,        /* of a shell */
	FILE_PROGRAM,       /* in another language that is not compiled: words with dots are members of objects */
	FILE_SOURCE,        /* JavaScript and what has its comments */
	FILE_MARKUP,        /* HTML, XML, style sheets */
	FILE_DOCUMENTATION,
	FILE_METADATA, /* of packages */
	FILE_TRANSLATION,
	FILE_TEST,
};

/* What stands around it. */
struct endpoint_place {
	enum endpoint_file file;
	struct text path;
	struct text before; /* on its line, or in its string */
	struct text after;
	bool begins;         /* what stands there begins where a string can begin: it is none in machine code */
	bool multiline;      /* lines of the same text stand before or behind */
	struct text strings; /* further ones before it, in a binary */
	struct text next;    /* what begins behind its string there */
	bool crowded;        /* the file has many names */
};

/* Where strings begin in endpoint_strings, terminated. */
struct endpoint_known {
	uint32_t host, path, noise, role;
};

/* Made by tools/embed_endpoints.py. */
extern const char endpoint_strings[];
extern const uint32_t endpoint_tlds[];
extern const size_t endpoint_ntlds;
extern const struct endpoint_known endpoint_known[];
extern const size_t endpoint_nknown;

/* endpoints_read.c: what stands at a hit. False: no address. */
bool endpoint_read_url(struct span bytes, uint64_t separator, struct endpoint *e);
/* A host name or an e-mail address in which `at` lies. */
bool endpoint_read_name(struct span bytes, uint64_t at, struct endpoint *e);
/* Four numbers that stand by themselves; `end` is behind the first digit of the last one, or further on. */
bool endpoint_read_ip4(struct span bytes, uint64_t end, struct endpoint *e);
/* An address of RFC 4291, 2.2, that begins at `from`. */
bool endpoint_read_ip6(struct span bytes, uint64_t from, struct endpoint *e);

/* endpoints_host.c: what the name of a host tells. */
bool endpoint_is_tld(struct text label);
bool endpoint_is_name(struct text host);
enum endpoint_scope endpoint_ip4_scope(struct text host);
enum endpoint_scope endpoint_ip6_scope(struct text host);
enum endpoint_scope endpoint_name_scope(struct text host);
const struct endpoint_known *endpoint_look_up(struct text host, struct text path, bool email);

/* endpoints_file.c, endpoints_place.c: where it stands. */
enum endpoint_file endpoint_file_of(const struct subject *s);
void endpoint_place_of(const struct subject *s, enum endpoint_file file, const struct endpoint *e,
					   struct endpoint_place *place);
/* Whether the place is a comment in a language that has them. */
bool endpoint_is_comment(const struct endpoint_place *place);
/* Whether it stands in a text for people within a binary. */
bool endpoint_is_prose(const struct endpoint_place *place);
/* True when it is an address only because it looks like one: no row. */
bool endpoint_is_mistaken(const struct endpoint *e, const struct endpoint_place *place);

/* endpoints_role.c: what follows from it. */
const char *endpoint_noise(const struct endpoint *e, const struct endpoint_place *place);
const char *endpoint_role(const struct endpoint *e, const struct endpoint_place *place);
/* Whether the name alone tells what it is for. */
bool endpoint_names_role(struct text host);

/* The words of `list` are separated by spaces; whether one stands in the text, in any case of letters. */
bool endpoint_has_word(struct text t, const char *list);

#endif
