/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 5280, section 6.1. */
#include "base/certificates.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static bool verify(X509_STORE *store, STACK_OF(X509) * between, X509_STORE_CTX *c, X509 *const *v, unsigned n)
{
	bool ok = X509_STORE_add_cert(store, v[n - 1]) == 1;
	for (unsigned i = 1; ok && i + 1 < n; i++)
		ok = sk_X509_push(between, v[i]) > 0;
	if (!ok || X509_STORE_CTX_init(c, store, v[0], between) != 1)
		return false;
	X509_STORE_CTX_set_flags(c, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
	return X509_STORE_CTX_set_purpose(c, X509_PURPOSE_ANY) == 1 && X509_verify_cert(c) == 1;
}

bool certificates_are_chain(X509 *const *v, unsigned n, unsigned *above)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	bool ok = n && store && c && between && verify(store, between, c, v, n);
	*above = 0;
	for (unsigned i = 1; i < n; i++) /* one that a name issued to itself has a new key of the same issuer */
		*above += !(X509_get_extension_flags(v[i]) & EXFLAG_SI);
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	sk_X509_free(between);
	ERR_clear_error();
	return ok;
}
