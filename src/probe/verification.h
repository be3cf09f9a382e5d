/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verifies signatures by keys from elsewhere in the same input, when all of it was looked at. All of this is hostile bytes:
 * it runs in a worker (worker/verify.h). */
#ifndef ASSAY_PROBE_VERIFICATION_H
#define ASSAY_PROBE_VERIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* As the columns of that name of the facts `signature`, `public_key` and `certificate`. */
struct verify_signature {
	struct text method, message, value, hint;
	int64_t blob;
	int64_t made;   /* seconds since 1970; 0: it does not say */
	uint32_t above; /* of certificates: how many stand between this one's issuer and the one that signed */
};

/* The name of a certificate that stands in the variable db of UEFI. */
#define VERIFY_UEFI_DB "UEFI db"

struct verify_key {
	struct text der; /* SubjectPublicKeyInfo, or a certificate: hexadecimal */
	struct text name;
	bool is_certificate;
	int64_t holder;                         /* the blob that holds its file; 0: it is in no file */
	int64_t not_before, not_after, revoked; /* seconds since 1970; 0: not known, for ever, not revoked */
	bool may_not_sign;
};

/* Why a signature that this key verifies is none that its owner stands by, in a few words; NULL: nothing speaks against it. */
const char *verification_objection(const struct verify_signature *signature, const struct verify_key *key);

enum verify_state { VERIFY_UNKNOWN, VERIFY_VALID, VERIFY_INVALID };

struct verify_verdict {
	enum verify_state state; /* VERIFY_UNKNOWN: its key is not among these */
	uint32_t key;
};

struct verification_input {
	const struct verify_signature *signatures;
	const struct verify_key *keys;
	uint32_t nsignatures, nkeys;
};

/* Attempts for all signatures together: some seconds. */
#define VERIFY_ATTEMPTS_MAX 100000u

enum verification_end { VERIFICATION_DONE, VERIFICATION_EXHAUSTED, VERIFICATION_NO_MEMORY, VERIFICATION_STOPPED };

/* Tells the verdict of each signature whose key is found, in their order; take() gives false to stop. */
enum verification_end verification_run(const struct verification_input *input,
									   bool (*take)(void *context, uint32_t signature, struct verify_verdict verdict),
									   void *context);

/* Lets the library that is used set itself up, before it is confined. */
void verification_prepare(void);

#endif
