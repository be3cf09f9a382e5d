/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: OSV schema, "affected[].package" and its list of ecosystems. */
#include "feed/field.h"
#include "feed/osv.h"

/* OSV's ecosystems as types of package URLs, and how their versions order. A NULL type: a distribution, whose packages become
 * fixes. */
static const struct osv_ecosystem ecosystems[] = {
	{ "npm", "npm", "semver", NULL },
	{ "PyPI", "pypi", "python", NULL },
	{ "Go", "golang", "semver", NULL },
	{ "crates.io", "cargo", "semver", NULL },
	{ "Maven", "maven", "maven", NULL },
	{ "NuGet", "nuget", "nuget", NULL },
	{ "Packagist", "composer", "composer", NULL },
	{ "RubyGems", "gem", "gem", NULL },
	{ "Hex", "hex", "semver", NULL },
	{ "Pub", "pub", "semver", NULL },
	{ "Hackage", "hackage", "", NULL },
	{ "SwiftURL", "swift", "semver", NULL },
	{ "Julia", "julia", "semver", NULL },
	{ "opam", "opam", "deb", NULL },
	{ "CRAN", "cran", "", NULL },
	{ "GitHub Actions", "github", "", NULL }, /* by owner and repository */
	{ "ConanCenter", "conan", "", NULL },
	{ "Bitnami", "bitnami", "semver", NULL },
	{ "OSS-Fuzz", "generic", "", NULL },
	{ "Linux", "generic/linux", "", NULL },
	{ "Debian", "deb/debian", "deb", "debian" },
	{ "Ubuntu", "deb/ubuntu", "deb", "ubuntu" },
	{ "Alpine", "apk/alpine", "apk", "alpine" },
	{ "Wolfi", "apk/wolfi", "apk", NULL },
	{ "Chainguard", "apk/chainguard", "apk", NULL },
	{ "OpenWrt", "opkg/openwrt", "opkg", "openwrt" },
	{ "Red Hat", "rpm/redhat", "rpm", "rhel", true },
	{ "Rocky Linux", "rpm/rocky-linux", "rpm", "rocky" },
	{ "AlmaLinux", "rpm/almalinux", "rpm", "almalinux" },
	{ "SUSE", "rpm/suse", "rpm", "sles", true },
	{ "openSUSE", "rpm/opensuse", "rpm", "opensuse", true },
	{ "Mageia", "rpm/mageia", "rpm", "mageia" },
	{ "Photon OS", "rpm/photon", "rpm", "photon" },
	{ "openEuler", "rpm/openeuler", "rpm", "openEuler" },
	{ "Azure Linux", "rpm/azurelinux", "rpm", "azurelinux" },
	{ "Alpaquita", "apk/alpaquita", "apk", "alpaquita" },
};

const struct osv_ecosystem *osv_ecosystem(struct text name, struct text *release)
{
	const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;
	struct text stem = text_of(name.p, colon ? (size_t)(colon - name.p) : name.n);
	*release = colon ? text_of(colon + 1, name.n - stem.n - 1) : TEXT_NONE;
	for (size_t i = 0; i < sizeof ecosystems / sizeof ecosystems[0]; i++)
		if (text_is(stem, ecosystems[i].name))
			return &ecosystems[i];
	return NULL;
}

struct text osv_release(struct feed_run *run, const struct osv_ecosystem *e, struct text r)
{
	const char *name = e->name;
	static const char rhel[] = "enterprise_linux:", sles[] = "Linux Enterprise Server ", leap[] = "Leap ";
	if (strcmp(name, "Red Hat") == 0 && text_starts(r, rhel)) {
		r = text_of(r.p + sizeof rhel - 1, r.n - sizeof rhel + 1);
		const char *colon = r.n ? memchr(r.p, ':', r.n) : NULL;
		return field_print(run, "rhel %.*s", (int)(colon ? colon - r.p : (ptrdiff_t)r.n), r.p);
	}
	if (strcmp(name, "SUSE") == 0 && text_starts(r, sles)) {
		r = text_of(r.p + sizeof sles - 1, r.n - sizeof sles + 1);
		const char *pack = r.n ? memmem(r.p, r.n, " SP", 3) : NULL;
		size_t n = pack ? (size_t)(pack - r.p) : r.n, digits = 0;
		while (pack && pack + 3 + digits < r.p + r.n && pack[3 + digits] >= '0' && pack[3 + digits] <= '9')
			digits++;
		if (!pack || pack + 3 + digits == r.p + r.n) /* none that is kept alive for a fee */
			return field_print(run, pack ? "sles %.*s.%.*s" : "sles %.*s", (int)n, r.p, (int)digits,
							   pack ? pack + 3 : "");
	}
	if (strcmp(name, "openSUSE") == 0 && text_starts(r, leap))
		return field_print(run, "opensuse-leap %.*s", (int)(r.n - sizeof leap + 1), r.p + sizeof leap - 1);
	if (strcmp(name, "openSUSE") == 0 && text_is(r, "Tumbleweed"))
		return TEXT_LIT("opensuse-tumbleweed");
	return TEXT_NONE;
}
