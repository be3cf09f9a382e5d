/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom an entry of `affected` is about: by CPE names, by the package of a collection, by its repository, or by vendor and
 * product in words; and where in it the flaw lies (modules, programFiles, programRoutines).
 *
 * Specification: CVE Record Format 5.x, "product"; the types of package URLs (purl-spec, PURL-TYPES). */
#include "base/cpe.h"
#include "base/products.h"
#include "feed/cve_5.h"

#define PARTS_MAX 100u /* of a kind in an entry */
#define PARTS_PRODUCTS_MAX 4u

/* Where packages come from, as a type of package URLs; how their versions order where the record does not say; the
 * distribution whose packages they are (its releases have versions of their own). */
static const struct collection {
	const char *url, *purl, *order, *distribution;
} collections[] = {
	{ "registry.npmjs.org", "npm", "semver", NULL },
	{ "npmjs.com", "npm", "semver", NULL },
	{ "pypi.python.org", "pypi", "python", NULL },
	{ "pypi.org", "pypi", "python", NULL },
	{ "rubygems.org", "gem", "gem", NULL },
	{ "crates.io", "cargo", "semver", NULL },
	{ "repo.maven.apache.org", "maven", "maven", NULL },
	{ "repo1.maven.org", "maven", "maven", NULL },
	{ "central.sonatype.com", "maven", "maven", NULL },
	{ "search.maven.org", "maven", "maven", NULL },
	{ "nuget.org", "nuget", "nuget", NULL },
	{ "packagist.org", "composer", "composer", NULL },
	{ "repo.hex.pm", "hex", "semver", NULL },
	{ "hex.pm", "hex", "semver", NULL },
	{ "pub.dev", "pub", "semver", NULL },
	{ "golang.org", "golang", "semver", NULL },
	{ "pkg.go.dev", "golang", "semver", NULL },
	{ "conan.io", "conan", "", NULL },
	{ "cpan.org", "cpan", "", NULL },
	{ "metacpan.org", "cpan", "", NULL },
	{ "hackage.haskell.org", "hackage", "", NULL },
	{ "luarocks.org", "luarocks", "", NULL },
	{ "github.com", "github", "", NULL },
	{ "gitlab.com", "gitlab", "", NULL },
	{ "bitbucket.org", "bitbucket", "", NULL },
	{ "packages.debian.org", "deb/debian", "deb", "debian" },
	{ "tracker.debian.org", "deb/debian", "deb", "debian" },
	{ "packages.ubuntu.com", "deb/ubuntu", "deb", "ubuntu" },
	{ "launchpad.net/ubuntu", "deb/ubuntu", "deb", "ubuntu" },
	{ "pkgs.alpinelinux.org", "apk/alpine", "apk", "alpine" },
	{ "openwrt.org", "opkg/openwrt", "opkg", "openwrt" },
	{ "access.redhat.com", "rpm/redhat", "rpm", "rhel" },
	{ "packages.fedoraproject.org", "rpm/fedora", "rpm", "fedora" },
	{ "archlinux.org", "alpm/arch", "", "arch" },
};

static const struct collection *find_collection(struct text url)
{
	const char *at = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
	struct text host = at ? text_of(at + 3, url.n - (size_t)(at + 3 - url.p)) : TEXT_NONE;
	if (text_starts(host, "www."))
		host = text_of(host.p + 4, host.n - 4);
	for (size_t i = 0; i < sizeof collections / sizeof collections[0]; i++) {
		size_t n = strlen(collections[i].url);
		if (text_starts(host, collections[i].url) && (host.n == n || strchr("/?#:", host.p[n])))
			return &collections[i];
	}
	return NULL;
}

static void cve_add_product(struct cve_entry *e, const struct feed_criterion *c)
{
	for (size_t i = 0; i < e->nproducts; i++)
		if (text_eq(e->products[i].product, c->product) && text_eq(e->products[i].version, c->version))
			return;
	if (c->product.p && e->nproducts < CVE_PRODUCTS_MAX)
		e->products[e->nproducts++] = *c;
}

bool cve_says_nothing(struct text t)
{
	static const char *const words[] = { "n/a", "N/A", "unspecified", "-", "unknown", "Unknown", "none", "None" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(t, words[i]))
			return true;
	return !t.n;
}

/* A name of people as an attribute of a CPE: "Dnsmasq Server" is dnsmasq_server. */
static struct text as_attribute(struct feed_run *run, struct text t)
{
	struct text copy = field_lower(run, field_summary(t));
	for (size_t i = 0; i < copy.n; i++)
		if (copy.p[i] == ' ' || copy.p[i] == ':')
			((char *)copy.p)[i] = '_';
	return copy;
}

/* The product of ours that vendor and product mean, else these as they stand. What "BIND 9" is has a version of 9. */
static void add_words(struct cve_entry *e, struct text vendor, struct text product)
{
	struct feed_run *run = e->run;
	struct product_prose prose;
	if (cve_says_nothing(vendor) || cve_says_nothing(product) || vendor.n > 200 || product.n > 200)
		return;
	struct text v = as_attribute(run, vendor), p = as_attribute(run, product);
	if (!product_of_prose(field_summary(vendor), field_summary(product), &prose)) {
		cve_add_product(e,
						&(struct feed_criterion){ .product = field_print(run, "cpe:a:%.*s:%.*s", (int)v.n,
																		 v.p ? v.p : "", (int)p.n, p.p ? p.p : "") });
		return;
	}
	bool part = prose.cpe.n > 2 && prose.cpe.p[1] == ':';
	e->branch = prose.number;
	cve_add_product(e, &(struct feed_criterion){ .product = field_print(run, "cpe:%s%.*s", part ? "" : "a:",
																		(int)prose.cpe.n, prose.cpe.p) });
}

static void add_repository(struct cve_entry *e, struct text url)
{
	struct text product = field_repository(e->run, url);
	if (product.p)
		cve_add_product(e, &(struct feed_criterion){ .product = product });
}

static void add_package(struct cve_entry *e, const struct collection *c, struct text package)
{
	struct feed_run *run = e->run;
	bool plain = strcmp(c->purl, "golang") != 0 && strcmp(c->purl, "maven") != 0 && strcmp(c->purl, "npm") != 0;
	struct text name = plain ? field_lower(run, package) : field_print(run, "%.*s", (int)package.n, package.p);
	char *colon = name.n && strcmp(c->purl, "maven") == 0 ? memchr(name.p, ':', name.n) : NULL;
	if (colon)
		*colon = '/';
	e->usual_order = text_c(c->order);
	cve_add_product(e, &(struct feed_criterion){ .product = field_package(run, text_c(c->purl), name) });
}

/* CVE Record Format 5.2, "packageURL", which has no version. Packages of a distribution are told by their release. */
static void add_package_url(struct cve_entry *e, struct text purl)
{
	struct text product, version;
	if (!purl.n || !field_purl(e->run, purl, &product, &version))
		return;
	for (size_t i = 0; i < sizeof collections / sizeof collections[0] && !e->usual_order.p; i++) {
		size_t n = strlen(collections[i].purl);
		if (text_starts(text_of(product.p + 5, product.n - 5), collections[i].purl) && product.p[5 + n] == '/')
			e->usual_order = text_c(collections[i].order);
	}
	cve_add_product(e, &(struct feed_criterion){ .product = product });
}

/* "Red Hat Enterprise Linux 9" as "rhel 9"; "Fedora 40". Without a release, or of one that is kept alive for a fee, absent. */
static struct text release_of(struct feed_run *run, const struct collection *c, struct text product)
{
	static const struct {
		const char *begins, *distribution;
	} names[] = { { "Red Hat Enterprise Linux ", "rhel" },
				  { "Fedora ", "fedora" },
				  { "Ubuntu ", "ubuntu" },
				  { "Debian GNU/Linux ", "debian" },
				  { "Debian ", "debian" },
				  { "Alpine Linux ", "alpine" },
				  { "OpenWrt ", "openwrt" } };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i].begins), k = n;
		if (strcmp(names[i].distribution, c->distribution) != 0 || !text_starts(product, names[i].begins))
			continue;
		while (k < product.n && ((product.p[k] >= '0' && product.p[k] <= '9') || product.p[k] == '.'))
			k++;
		return k > n && k == product.n
				   ? field_print(run, "%s %.*s", names[i].distribution, (int)(product.n - n), product.p + n)
				   : TEXT_NONE;
	}
	return TEXT_NONE;
}

/* The system that all of the platforms are which ours is not, as target_sw has it; NULL: one may be ours. */
static const char *foreign_platform(struct feed_run *run, const struct json_node *affected)
{
	static const struct {
		const char *word, *target;
	} others[] = { { "windows", "windows" }, { "macos", "macos" },   { "mac os", "macos" },    { "osx", "macos" },
				   { "ios", "iphone_os" },   { "ipados", "ipados" }, { "android", "android" }, { "freebsd", "freebsd" },
				   { "openbsd", "openbsd" }, { "netbsd", "netbsd" }, { "solaris", "solaris" }, { "aix", "aix" },
				   { "hp-ux", "hp-ux" } };
	const char *first = NULL;
	JSON_EACH(p, field_may(run, affected, "platforms", PULL_ARRAY))
	{
		struct text t = field_lower(run, field_string(run, p));
		const char *other = NULL;
		for (size_t i = 0; i < sizeof others / sizeof others[0] && !other; i++) {
			size_t n = strlen(others[i].word);
			if (text_starts(t, others[i].word) && (t.n == n || t.p[n] == ' '))
				other = others[i].target;
		}
		if (!other)
			return NULL;
		first = first ? first : other;
	}
	return first;
}

/* Makes each product one for that system: "cpe:2.3:a:vendor:product:*:*:*:*:*:windows:*:*". */
static void narrow(struct cve_entry *e, const char *target)
{
	for (size_t i = 0; i < e->nproducts; i++) {
		struct feed_criterion *c = &e->products[i];
		struct cpe name;
		if (!c->cpe.p && text_starts(c->product, "cpe:"))
			c->cpe = field_print(e->run, "cpe:2.3:%.*s:*:*:*:*:*:*:*:*", (int)c->product.n - 4, c->product.p + 4);
		if (!c->cpe.p || !cpe_split(c->cpe, &name) || !cpe_is_any(name.a[CPE_TARGET_SW]))
			continue;
		struct text at = name.a[CPE_TARGET_SW];
		size_t head = (size_t)(at.p - c->cpe.p);
		c->cpe =
			field_print(e->run, "%.*s%s%.*s", (int)head, c->cpe.p, target, (int)(c->cpe.n - head - at.n), at.p + at.n);
	}
}

void cve_products(struct cve_entry *e, const struct json_node *affected)
{
	struct feed_run *run = e->run;
	struct text vendor = field_text(run, affected, "vendor"), product = field_text(run, affected, "product"),
				package = field_text(run, affected, "packageName"), repo = field_text(run, affected, "repo");
	const struct collection *c = find_collection(field_text(run, affected, "collectionURL"));
	const char *foreign = foreign_platform(run, affected);
	if (c && c->distribution && package.n &&
		package.n <= 200) { /* its CPE name is the system's, its versions the package's */
		e->distribution = release_of(run, c, product);
		e->package = package;
		if (!e->distribution.p && strcmp(c->distribution, "rhel") != 0)
			add_package(e, c, package);
		return;
	}
	JSON_EACH(cpe, field_may(run, affected, "cpes", PULL_ARRAY))
	{
		struct feed_criterion row = { 0 };
		if (field_cpe(run, cpe, field_string(run, cpe), false, &row))
			cve_add_product(e, &row);
	}
	bool named = e->nproducts > 0;
	add_package_url(e, field_text(run, affected, "packageURL"));
	if (c && package.n && package.n <= 200)
		add_package(e, c, package);
	add_repository(e, repo);
	if (!named && text_starts(product, "https://")) /* people write it there */
		add_repository(e, product);
	if (!named)
		add_words(e, vendor, product);
	if (foreign)
		narrow(e, foreign);
}

static void add_parts(struct cve_entry *e, const struct json_node *affected, const char *member, const char *kind)
{
	struct feed_run *run = e->run;
	size_t n = 0;
	JSON_EACH(item, field_may(run, affected, member, PULL_ARRAY))
	{
		bool more = n++ == PARTS_MAX;
		struct text name = item->type == PULL_OBJECT ? field_text(run, item, "name") : field_string(run, item);
		if (n > PARTS_MAX + 1)
			return;
		for (size_t i = 0; i < e->nproducts && i < PARTS_PRODUCTS_MAX; i++)
			EMIT(run, PART, .product = e->products[i].product, .kind = text_c(kind),
				 .name = more || !name.n ? TEXT_LIT("") : field_summary(name));
	}
}

bool cve_has_parts(struct feed_run *run, const struct json_node *affected)
{
	static const char *const members[] = { "programFiles", "programRoutines", "modules" };
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const struct json_node *list = field_may(run, affected, members[i], PULL_ARRAY);
		if (list && list->first)
			return true;
	}
	return false;
}

void cve_parts(struct cve_entry *e, const struct json_node *affected)
{
	const struct json_node *files = field_may(e->run, affected, "programFiles", PULL_ARRAY);
	for (size_t i = files && files->first ? PARTS_PRODUCTS_MAX : 0; i < e->nproducts; i++)
		EMIT(e->run, PART, .product = e->products[i].product, .kind = TEXT_LIT("file"), .name = TEXT_LIT(""));
	add_parts(e, affected, "programFiles", "file");
	add_parts(e, affected, "programRoutines", "routine");
	add_parts(e, affected, "modules", "module");
}
