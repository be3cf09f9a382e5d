/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials as reports show them: enough to recognise one, too little to use it. */
#ifndef ASSAY_BASE_REDACT_H
#define ASSAY_BASE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The longest result, with its terminator. */
#define REDACTED_MAX 40u

/* The first four characters and the last four (of fewer than 24: two), with four asterisks between them whatever the length;
 * of fewer than 16 nothing but the asterisks. Of empty text: empty. Gives the length. */
size_t redact(struct text value, char out[REDACTED_MAX]);

/* The next stretch of the text, from *at on, that stands where a credential is named: password = X, "psk": "X", --token X,
 * ?pass=X, <Password>X<, //user:X@host, -u user:X, and hashes as crypt(5) has them. A rule of habit beside what inspectors
 * find; variables, paths, yes and no are none. *at is moved behind it. False: there is none. Linear in the text. */
bool redact_next_named(struct text t, size_t *at, size_t *from, size_t *n);

#endif
