/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the inspector "secrets" share. */
#ifndef ASSAY_INSPECT_SECRETS_H
#define ASSAY_INSPECT_SECRETS_H

#include "inspect/inspect.h"

#define SECRETS_MAX 1000u
/* The longest credential, and the longest line around one that is read. */
#define SECRET_TEXT_MAX 2048u

/* What kind of text a blob is, by its place and its name: it decides what counts as a value there. */
enum secrets_place {
	SECRETS_BINARY,
	SECRETS_CONFIG, /* key=value, XML, JSON, UCI */
	SECRETS_SHELL,
	SECRETS_CODE,          /* literals in quotes count, names do not */
	SECRETS_LIBRARY,       /* code and data that come with a language or a distribution: only what proves itself */
	SECRETS_DOCUMENTATION, /* likewise, and it is an example */
};

struct secrets {
	const struct subject *subject;
	struct sink *sink;
	enum secrets_place place;
	uint64_t line_at; /* the line of this offset is `line` */
	int64_t line;
	uint64_t *seen; /* digests of the rows */
	size_t nseen;
	bool full;
	unsigned lookups; /* in the list of passwords, which is long */
};

struct secret {
	uint64_t at;
	const char *kind;
	struct text name, value;
	const char *proof;
	const char *confidence; /* NULL: likely */
	const char *harmless;   /* NULL: what secrets_harmless() says */
};

/* Emits a row, unless it is there already. */
void secrets_emit(struct secrets *s, const struct secret *secret);
/* Where a text that points into the blob begins. */
uint64_t secrets_offset(const struct secrets *s, struct text t);
/* The line around an offset, at most SECRET_TEXT_MAX characters to each side; in a binary the string. */
struct text secrets_line(const struct secrets *s, uint64_t at);
/* Whether the line is a comment, in the ways that configurations and scripts have. */
bool secrets_is_commented(const struct secrets *s, struct text line);

/* ---- values ---- */

/* Why the value opens nothing; NULL when nothing says so. */
const char *secrets_harmless(struct text value);
/* The same for a user with a password: user:password is an example. */
const char *secrets_pair_harmless(struct text user, struct text password);
/* It stands for something that is filled in when it runs: $password, %s, {{ key }}, @KEY@. */
bool secrets_is_reference(struct text value);
/* A word that says how a password is handled, not what it is: true, none, sha256, prompt, a type. */
bool secrets_is_keyword(struct text value);
/* How many different characters. */
unsigned secrets_variety(struct text value);
/* secrets_has_digit(), secrets_has_letter(), secrets_is_hex(): a digit or a letter of ASCII somewhere; hexadecimal digits
 * only, and some. */
bool secrets_has_digit(struct text value);
bool secrets_has_letter(struct text value);
/* In the lists of default passwords (not of common ones); with a user, as a pair. */
bool secrets_is_default(struct secrets *s, struct text value);
bool secrets_is_default_pair(struct text user, struct text password);
/* Base64 or Base64url, all of it; SPAN_NONE when it is none. */
struct span secrets_base64(struct secrets *s, struct text value);
bool secrets_is_hex(struct text value);
/* Equal, or at the end, but for the case of ASCII letters. */
bool secrets_eq_nocase(struct text a, const char *b);
bool secrets_ends_nocase(struct text a, const char *b);
/* Ignoring case; the needle in lower case. */
bool secrets_contains_nocase(struct text haystack, const char *needle);

/* ---- what looks for them ---- */

/* Each gets a place that a pattern has found, looks whether a secret stands there whole, and emits it (secrets_emit()). */

/* A prefix of secrets_rules.def stands at `from`. */
void secrets_rule(struct secrets *s, size_t rule, uint64_t from);
extern const size_t secrets_nrules;
void secrets_jwt(struct secrets *s, uint64_t from); /* header.payload.signature (RFC 7519); `from`: its first character */
void secrets_telegram(struct secrets *s, uint64_t colon); /* a bot's token: 8 to 10 digits, the colon, AA and 33 more */
void secrets_url(struct secrets *s, uint64_t at_sign); /* scheme://user:password@host; behind the at sign */
void secrets_basic(struct secrets *s, uint64_t end); /* HTTP Basic (RFC 7617); eight digits into its Base64 */
/* Base64 of a key of Azure, 16, 24, 32 or 64 bytes, behind SharedAccessKey= or AccountKey=; `what` is the row's kind. */
void secrets_azure(struct secrets *s, uint64_t value, const char *what);
void secrets_sas(struct secrets *s, uint64_t value); /* a shared access signature of Azure; behind "sig=" */
void secrets_service_account(struct secrets *s, uint64_t from); /* of Google, JSON; `from`: "private_key_id" */
void secrets_openvpn(struct secrets *s, uint64_t from); /* a static key of OpenVPN; behind its first line */
void secrets_pgp(struct secrets *s, uint64_t from); /* a private key block in armor; behind its first line */
void secrets_wireguard(struct secrets *s, uint64_t end); /* PrivateKey =, PresharedKey =; behind the 44 characters */
/* The token behind "Bearer ". */
void secrets_bearer(struct secrets *s, uint64_t from);
/* A token whose mark stands in its middle: from `from` to its end, which is at or behind `least`. */
void secrets_around(struct secrets *s, uint64_t from, uint64_t least, const char *kind);
/* A hash of crypt(5) whose salt is followed by 22 characters up to `to`, other than in a line of an account file. */
void secrets_crypt(struct secrets *s, uint64_t to);
/* user:password as a string of its own, when it is a published pair; [from, to) is the user with the colon. */
void secrets_pair(struct secrets *s, uint64_t from, uint64_t to);

/* secrets_assign.c: a name that means a secret ends before the operator that ends at `to`. */
void secrets_assignment(struct secrets *s, uint64_t to);
/* The same for an element or a named entry of XML whose attribute "val" or "value" ends at `to` with its operator. */
void secrets_attribute(struct secrets *s, uint64_t to);
/* A directive and its argument, with nothing but blanks between them: `password zebra`. */
void secrets_directive(struct secrets *s, uint64_t from, uint64_t to);

/* secrets_command.c: the command line that holds this offset. */
void secrets_command(struct secrets *s, uint64_t at);

/* secrets_file.c: files with a grammar of their own. */
/* Whether the subject is one of them, by its path; and what is in it. */
bool secrets_file_wants(const struct subject *subject);
void secrets_file(struct secrets *s);

#endif
