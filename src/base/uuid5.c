/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/uuid5.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/hash.h"

/* RFC 9562, section 6.6: NameSpace_URL. */
static const uint8_t url_namespace[16] = { 0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
										   0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };

void uuid5_url(struct text name, char out[37])
{
	uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
	char hex[33];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1) {
		EVP_DigestUpdate(context, url_namespace, sizeof url_namespace);
		EVP_DigestUpdate(context, name.p, name.n);
		EVP_DigestFinal_ex(context, digest, NULL);
	}
	EVP_MD_CTX_free(context);
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x50);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	hash_hex(digest, 16, hex);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
