/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a package URL that a statement names is that of a package, with its qualifiers and its version.
 *
 * Specifications: the package-url specification (the version of deb, rpm and apk is that of the package, with its revision; qualifiers
 * "arch", "distro", "epoch"); OpenVEX 0.2.0: what a statement's URL leaves out may be anything, what it has must be so. */
#include <string.h>

#include "base/distributions.h"
#include "base/purl.h"
#include "base/version.h"
#include "case/internal.h"

static bool is_package(struct text type)
{
	static const char *const types[] = { "deb", "rpm", "apk", "opkg", "alpm" };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_is(type, types[i]))
			return true;
	return false;
}

static struct text behind(struct text t, char c, struct text *head)
{
	const char *at = t.n ? memchr(t.p, c, t.n) : NULL;
	*head = text_of(t.p, at ? (size_t)(at - t.p) : t.n);
	return at ? text_of(at + 1, t.n - head->n - 1) : TEXT_NONE;
}

/* "debian-12", "debian-12.5", "bookworm", against "debian 12.5". */
static bool is_of_distro(const struct part *p, struct text distro)
{
	struct text own, ours = behind(p->distribution, ' ', &own);
	const char *dash = memrchr(distro.p, '-', distro.n); /* opensuse-leap-15.5 */
	struct text name = text_of(distro.p, dash ? (size_t)(dash - distro.p) : distro.n);
	struct text release = dash ? text_of(dash + 1, distro.n - name.n - 1) : TEXT_NONE;
	if (release.n ? !text_eq(name, own) : text_eq(name, own))
		return !release.n; /* "debian" alone */
	release = distribution_release(own, release.n ? release : name);
	ours = distribution_release(own, ours);
	return release.n && ours.n >= release.n && memcmp(ours.p, release.p, release.n) == 0 &&
		   (ours.n == release.n || ours.p[release.n] == '.');
}

static bool is_of_arch(const struct part *p, struct text arch)
{
	static const char *const any[] = { "all", "any", "noarch", "source", "src" };
	for (size_t i = 0; i < sizeof any / sizeof any[0]; i++)
		if (text_is(arch, any[i]))
			return true;
	return p->architecture.n && architecture_is_same(p->architecture, arch);
}

/* The epoch before a version: "0" where there is none. */
static struct text epoch_of(struct text *version)
{
	struct text head, rest = behind(*version, ':', &head);
	if (!rest.n)
		return TEXT_LIT("0");
	*version = rest;
	return head;
}

/* The whole version; an epoch that the URL does not state may be any. */
static bool is_version(const struct part *p, struct text version, struct text epoch)
{
	struct text ours = p->package_version, own = epoch_of(&ours);
	bool stated = memchr(version.p, ':', version.n) != NULL;
	struct text theirs = epoch_of(&version);
	if (!text_eq(ours, version))
		return false;
	return stated ? text_eq(own, theirs) : !epoch.n || text_eq(own, epoch);
}

int part_in_range(const struct part *p, struct text purl, struct text range)
{
	struct arena *scratch = purl.n && p->package_version.n ? arena_new(1u << 20) : NULL;
	struct purl theirs;
	int in = -1;
	if (scratch && purl_parse(purl, &theirs, scratch) && is_package(theirs.type))
		in = version_in_range(version_order_named(theirs.type), range, p->package_version) == 1;
	arena_free(scratch);
	return in;
}

/* What the URL says of one artifact, one repository or a part of the package is said of that alone. */
static bool meets_conditions(const struct part *p, const struct purl *theirs, struct arena *scratch)
{
	struct text conditions = purl_conditions(theirs, scratch);
	struct purl ours;
	if (!conditions.n)
		return conditions.p != NULL;
	return p->purl.n && purl_parse(p->purl, &ours, scratch) && purl_meets(&ours, conditions);
}

bool part_fits(const struct part *p, struct text purl, struct text version)
{
	struct arena *scratch = purl.n ? arena_new(1u << 20) : NULL;
	struct purl theirs;
	bool fits = true;
	bool read = scratch && purl_parse(purl, &theirs, scratch);
	if (scratch && !read) /* what narrows it can not be read: it may be about something else */
		fits = !memchr(purl.p, '?', purl.n) && !memchr(purl.p, '#', purl.n);
	if (read)
		fits = meets_conditions(p, &theirs, scratch);
	if (read && fits && is_package(theirs.type)) {
		struct text distro = purl_get(&theirs, "distro"), arch = purl_get(&theirs, "arch");
		/* a version beside the URL goes before it where it is another one, or a range */
		bool own = theirs.version.n && (!version.n || text_eq(version, theirs.version) || text_starts_with(theirs.version, version));
		fits = (!distro.n || is_of_distro(p, distro)) && (!arch.n || is_of_arch(p, arch)) &&
			   (!own || !p->package_version.n || is_version(p, theirs.version, purl_get(&theirs, "epoch")));
	}
	arena_free(scratch);
	return fits;
}
