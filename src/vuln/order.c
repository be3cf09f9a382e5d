/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/products.h"
#include "base/purl.h"
#include "vuln/internal.h"

bool software_has_key(const struct software *s, const char *key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_is(s->keys[i], key))
			return true;
	return false;
}

bool software_is(const struct software *s, struct text key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_eq(s->keys[i], key))
			return true;
	return false;
}

static bool names_package(struct text key)
{
	return text_starts(key, "purl:deb/") || text_starts(key, "purl:apk/") || text_starts(key, "purl:rpm/");
}

bool software_key_is_of_source(const struct software *s, struct text key)
{
	return names_package(key) && !text_eq(s->own_key, key);
}

bool software_key_is_of_package(const struct software *s, struct text key)
{
	return names_package(key) && text_eq(s->own_key, key);
}

/* npm's redis is not the server. */
const struct product *software_product(const struct software *s)
{
	const struct product *product = product_named(s->name);
	struct text package, version, own, none;
	if (!product || !purl_cut(s->purl, &package, &version))
		return product;
	const char *slash = memchr(package.p, '/', package.n);
	struct text type = text_of(package.p, slash ? (size_t)(slash - package.p) : package.n);
	if (purl_is_of_registry(type))
		return purl_cut(text_c(product_strings + product->purl), &own, &none) && text_eq(own, package) ? product : NULL;
	return product;
}

/* As the product's own entry says; for what has none, or was named elsewhere, as its CPE name tells. */
enum version_order product_order(const struct software *s)
{
	static const struct {
		const char *key;
		enum version_order order;
	} known[] = {
		{ "cpe:a:openssl:openssl", VERSION_OPENSSL },
		{ "cpe:a:openbsd:openssh", VERSION_OPENSSH },
		{ "cpe:o:linux:linux_kernel", VERSION_KERNEL },
		{ "cpe:a:isc:bind", VERSION_BETA },
		{ "cpe:a:isc:dhcp", VERSION_BETA },
		{ "cpe:a:python:python", VERSION_BETA },
		{ "cpe:a:sudo_project:sudo", VERSION_BETA },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (software_has_key(s, known[i].key))
			return known[i].order;
	const struct product *product = software_product(s);
	return version_order_named(text_c(product ? product_strings + product->order : ""));
}

/* As its package manager orders: a distribution may change it, as OpenWrt did (opkg up to 24.10, apk from 25.12 on), and one that is
 * derived from another keeps it, whatever it is called. The type of the package URL tells. */
enum version_order package_order(const struct software *s, struct text distribution)
{
	static const struct {
		const char *type;
		enum version_order order;
	} types[] = { { "pkg:apk/", VERSION_APK }, { "pkg:rpm/", VERSION_RPM }, { "pkg:deb/", VERSION_DPKG } };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_starts(s->purl, types[i].type))
			return types[i].order;
	return version_order_of_distribution(distribution);
}
