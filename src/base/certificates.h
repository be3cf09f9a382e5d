/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains of X.509 certificates. */
#ifndef ASSAY_BASE_CERTIFICATES_H
#define ASSAY_BASE_CERTIFICATES_H

#include <stdbool.h>

struct x509_st;

/* Whether a chain is one by RFC 5280, whoever issued its last certificate: v[0] signed, v[n - 1] is taken for trusted, each was issued by
 * the next. Their time and their purpose are not asked for, as EDK II's Pkcs7Verify() does not: extensions, lengths of paths and
 * constraints of names are. *above: how many of those between v[0] and an issuer of the last one count for the length of its path. */
bool certificates_are_chain(struct x509_st *const *v, unsigned n, unsigned *above);

#endif
