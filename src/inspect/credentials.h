/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The credential data as a table, made from data/credentials/ when Assay is built: no file is opened to guess. */
#ifndef ASSAY_INSPECT_CREDENTIALS_H
#define ASSAY_INSPECT_CREDENTIALS_H

#include <stddef.h>
#include <stdint.h>

/* Strings are offsets into credential_text[], each ended by a NUL. */
struct credential_password {
	uint32_t text;
	uint32_t origin; /* a string, or CREDENTIAL_COMMON with the rank in the list of common passwords */
};
#define CREDENTIAL_COMMON 0x80000000u

struct credential_pair {
	uint32_t user;     /* in lower case */
	uint32_t password; /* index in credential_passwords[] */
	uint32_t origin;
};

extern const char credential_text[];

/* Each password once, in the order in which it is tried against any user. */
extern const struct credential_password credential_passwords[];
extern const size_t credential_npasswords;

/* Sorted by user (as bytes); of one user the most likely first. */
extern const struct credential_pair credential_pairs[];
extern const size_t credential_npairs;

#endif
