/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/internal.h"

bool software_has_key(const struct software *s, const char *key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_is(s->keys[i], key))
			return true;
	return false;
}

enum version_order product_order(const struct software *s)
{
	static const struct {
		const char *key;
		enum version_order order;
	} known[] = {
		{ "cpe:a:openssl:openssl", VERSION_OPENSSL },
		{ "cpe:a:openbsd:openssh", VERSION_OPENSSH },
		{ "cpe:o:linux:linux_kernel", VERSION_KERNEL },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (software_has_key(s, known[i].key))
			return known[i].order;
	return VERSION_GENERIC;
}
