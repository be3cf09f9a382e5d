/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a component is that a bill of materials declares: by its package URL, by its CPE names, and only then by its name.
 *
 * Specifications: the package-url specification (types, qualifiers "distro", "epoch", "upstream"); NISTIR 7695 (CPE 2.3). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpe.h"
#include "base/distributions.h"
#include "base/package_version.h"
#include "base/products.h"
#include "base/version.h"
#include "case/declared.h"

#define T(t) (int)(t).n, (t).n ? (t).p : ""
#define CPES_MAX 16u

/* What the type of a package URL says of the name in it. */
enum kind {
	KIND_NAME,     /* there is none */
	KIND_PROJECT,  /* a project as its authors call it */
	KIND_HOSTED,   /* the project of an owner: GitHub and the like */
	KIND_PACKAGE,  /* of a distribution, whose revision counts */
	KIND_REGISTRY, /* of a registry of its own: npm's redis is not the server */
};

static const struct {
	const char *type;
	enum kind kind;
	enum package_scheme scheme;
} types[] = {
	{ "generic", KIND_PROJECT, PACKAGE_RECIPE },
	{ "conan", KIND_PROJECT, PACKAGE_RECIPE },
	{ "yocto", KIND_PROJECT, PACKAGE_RECIPE },
	{ "bitbake", KIND_PROJECT, PACKAGE_RECIPE },
	{ "buildroot", KIND_PROJECT, PACKAGE_RECIPE },
	{ "github", KIND_HOSTED, PACKAGE_RECIPE },
	{ "gitlab", KIND_HOSTED, PACKAGE_RECIPE },
	{ "bitbucket", KIND_HOSTED, PACKAGE_RECIPE },
	{ "deb", KIND_PACKAGE, PACKAGE_DEB },
	{ "opkg", KIND_PACKAGE, PACKAGE_DEB },
	{ "openwrt", KIND_PACKAGE, PACKAGE_DEB },
	{ "alpm", KIND_PACKAGE, PACKAGE_DEB },
	{ "apk", KIND_PACKAGE, PACKAGE_APK },
	{ "rpm", KIND_PACKAGE, PACKAGE_RPM },
};

struct identity {
	const struct declared *d;
	struct declared_software *out;
	struct arena *a;
	struct purl purl;
	enum kind kind;
	enum package_scheme scheme;
	const struct product *product;
	const char *cpes[CPES_MAX]; /* "vendor:product", "o:vendor:product" */
	size_t ncpes;
	struct text cpe_version;
	struct text any_version;
	struct text any_vendors; /* the product of a CPE name whose vendor is "*", as Yocto writes all of its recipes */
	bool doubtful;
};

static struct text lower(struct text t, struct arena *a)
{
	char *p = arena_strdup(a, t);
	for (char *c = p; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return p ? text_of(p, t.n) : TEXT_NONE;
}

static const char *string(uint32_t at)
{
	return product_strings + at;
}

/* ---- CPE names ---- */

/* "9.16" with the update "p1" is 9.16p1; an update that begins with a number would run into the version. */
static struct text version_of_cpe(const struct cpe *name, struct arena *a)
{
	char version[256], update[128];
	if (!cpe_value(name->a[CPE_VERSION], version, sizeof version) || cpe_has_wildcard(name->a[CPE_VERSION]))
		return TEXT_NONE;
	size_t n = cpe_value(name->a[CPE_UPDATE], update, sizeof update);
	if (n && (!isalpha((unsigned char)update[0]) || cpe_has_wildcard(name->a[CPE_UPDATE])))
		return TEXT_NONE;
	return text_c(arena_printf(a, "%s%s", version, n ? update : ""));
}

static void take_cpe(struct identity *x, struct text given)
{
	char formatted[CPE_MAX], vendor[256], product[256];
	struct cpe name;
	if (text_starts(given, "cpe:/"))
		given = text_of(formatted, cpe_from_uri(given, formatted, sizeof formatted));
	if (!given.n || x->ncpes == CPES_MAX || !text_starts(given, "cpe:2.3:") || !cpe_split(given, &name) ||
		cpe_has_wildcard(name.a[CPE_PRODUCT]) || !cpe_value(name.a[CPE_PRODUCT], product, sizeof product))
		return;
	if (cpe_is_any(name.a[CPE_VENDOR]) && !x->any_vendors.n) {
		x->any_vendors = lower(text_c(product), x->a);
		x->any_version = version_of_cpe(&name, x->a);
	}
	if (cpe_has_wildcard(name.a[CPE_VENDOR]) || !cpe_value(name.a[CPE_VENDOR], vendor, sizeof vendor))
		return;
	bool part = name.a[CPE_PART].n == 1 && strchr("oh", tolower((unsigned char)name.a[CPE_PART].p[0]));
	struct text key = text_c(arena_printf(x->a, "%.*s%s%s:%s", part ? 1 : 0, name.a[CPE_PART].p, part ? ":" : "", vendor, product));
	key = lower(key, x->a);
	if (!key.n || memchr(key.p, ' ', key.n) || distribution_is_platform(key))
		return;
	if (!x->cpe_version.n)
		x->cpe_version = version_of_cpe(&name, x->a);
	for (size_t i = 0; i < x->ncpes; i++)
		if (text_is(key, x->cpes[i]))
			return;
	x->cpes[x->ncpes++] = key.p;
}

static void take_cpes(struct identity *x)
{
	struct text rest = x->d->cpe;
	for (size_t k = 0; rest.n && k < 64; k++) {
		const char *space = memchr(rest.p, ' ', rest.n);
		size_t n = space ? (size_t)(space - rest.p) : rest.n;
		take_cpe(x, text_of(rest.p, n));
		rest = space ? text_of(space + 1, rest.n - n - 1) : TEXT_NONE;
	}
}

/* ---- products of the table ---- */

static const struct product *named(struct text name)
{
	const struct product *p = name.n ? product_of_package(name) : NULL;
	return p || !name.n ? p : product_named(name);
}

/* "lvm2" of "lvm2@2.03-2", and of "lvm2-2.03-2.src.rpm". */
static struct text source_name(struct text source)
{
	if (text_ends(source, ".src.rpm") || text_ends(source, ".nosrc.rpm"))
		return package_of_source_rpm(source);
	const char *at = source.n ? memchr(source.p, '@', source.n) : NULL;
	return at ? text_of(source.p, (size_t)(at - source.p)) : source;
}

static const struct product *product_of_cpes(struct identity *x)
{
	const struct product *p = NULL;
	for (size_t i = 0; i < x->ncpes && !p; i++)
		p = product_of_cpe(text_c(x->cpes[i]));
	return p;
}

/* A package of a registry is a product only where the table has that very URL; and a CPE name that is another product's was guessed
 * from its name alone. */
static const struct product *registry_product(struct identity *x)
{
	bool gos_own = text_is(x->purl.type, "golang") && !x->purl.name_space.n && text_is(x->purl.name, "stdlib");
	const struct product *p = product_named(gos_own ? TEXT_LIT("go") : x->purl.name);
	struct purl own;
	size_t n = 0;
	if (gos_own) /* what each program of Go has in it: records call it stdlib, or Go */
		return p;
	for (size_t i = 0; i < x->ncpes; i++)
		if (!product_of_cpe(text_c(x->cpes[i])))
			x->cpes[n++] = x->cpes[i];
	if (p && (!purl_parse(text_c(string(p->purl)), &own, x->a) || !purl_same_package(&own, &x->purl)))
		p = NULL;
	if (!p && n < x->ncpes && n == 0)
		x->cpe_version = TEXT_NONE;
	x->doubtful |= !p && n > 0;
	/* from another registry than that of the type, as the qualifier says: what is called so there may be somebody's own */
	x->doubtful |= purl_get(&x->purl, "repository_url").n > 0;
	x->ncpes = p ? x->ncpes : n;
	return p;
}

/* A list that a build system wrote. */
static bool is_of_build(const struct declared *d)
{
	return text_starts(d->format, "Buildroot") || text_starts(d->format, "Yocto") || text_starts(d->format, "OpenWrt");
}

/* By the name alone: what a build system calls so is its package, of anything else it is no more than possible. "com.x/zlib" is
 * somebody's own. */
static const struct product *product_by_name(struct identity *x)
{
	struct text name = lower(x->d->name, x->a);
	static const struct {
		const char *name, *product;
	} usual[] = { { "linux kernel", "linux" }, { "linux-kernel", "linux" }, { "linux_kernel", "linux" } };
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (text_is(name, usual[i].name))
			name = text_c(usual[i].product);
	bool built = is_of_build(x->d);
	x->doubtful |= !built;
	const struct product *p = built ? named(name) : product_named(name);
	if (p || !x->any_vendors.n)
		return p;
	x->doubtful = true;
	return text_is(x->any_vendors, "linux_kernel") ? product_named(TEXT_LIT("linux")) : product_named(x->any_vendors);
}

static const struct product *product_of(struct identity *x)
{
	const struct product *p = NULL;
	switch (x->kind) {
	case KIND_PACKAGE:
		p = named(x->purl.name);
		return p ? p : named(source_name(x->out->source_package));
	case KIND_REGISTRY:
		return registry_product(x);
	case KIND_PROJECT:
		return x->ncpes ? product_of_cpes(x) : named(x->purl.name);
	case KIND_HOSTED: {
		if (x->ncpes)
			return product_of_cpes(x);
		const char *owner = arena_printf(x->a, "%.*s:%.*s", T(x->purl.name_space), T(x->purl.name));
		return owner ? product_of_cpe(text_c(owner)) : NULL;
	}
	case KIND_NAME:
		break;
	}
	return x->ncpes ? product_of_cpes(x) : product_by_name(x);
}

/* ---- versions and distributions ---- */

/* "v1.2", and "go1.20" of Go's own library. */
static struct text without_v(struct text t)
{
	size_t n = text_starts(t, "go") ? 2 : t.n && (t.p[0] == 'v' || t.p[0] == 'V');
	return n && t.n > n && isdigit((unsigned char)t.p[n]) ? text_of(t.p + n, t.n - n) : t;
}

/* "^1.2", "1.0 - 2.0", "[1.0,2.0)", "1.x", "${version}": what package managers take a version from. */
static bool is_choice(struct text t)
{
	return version_is_range(t) || strchr("^~[($", t.p[0]) || memchr(t.p, ',', t.n) || text_has(t, " - ") || text_ends(t, ".x") ||
		   text_ends(t, ".*");
}

/* "244fd47e07d1": what stands behind its first digits is no number. A letter at the end alone may be that of a release. */
static bool is_commit(struct text t)
{
	bool letter = false;
	for (size_t i = 0; i < t.n; i++) {
		if (!isxdigit((unsigned char)t.p[i]))
			return false;
		letter |= i + 1 < t.n && isalpha((unsigned char)t.p[i]);
	}
	return t.n >= 40 || (letter && t.n >= 7);
}

/* "latest", "master", "unknown" are none; nor is what is many, a commit, or a place. */
static struct text one_version(struct text t)
{
	bool digit = false;
	for (size_t i = 0; i < t.n; i++) {
		digit |= isdigit((unsigned char)t.p[i]) != 0;
		if ((unsigned char)t.p[i] < 0x20 || t.p[i] == '/')
			return TEXT_NONE;
	}
	return digit && t.n <= 256 && !is_choice(t) && !is_commit(t) ? t : TEXT_NONE;
}

static bool ends_with(struct text t, struct text end)
{
	return t.n >= end.n && end.n && memcmp(t.p + t.n - end.n, end.p, end.n) == 0;
}

/* With the epoch, which the URL of a package may have as a qualifier, and its bill in the version alone. */
static struct text whole_version(const struct identity *x)
{
	struct text v = x->purl.version, declared = x->d->version, epoch = purl_get(&x->purl, "epoch");
	if (!v.n)
		return declared;
	if (memchr(v.p, ':', v.n))
		return v;
	if (epoch.n && !text_is(epoch, "0"))
		return text_c(arena_printf(x->a, "%.*s:%.*s", T(epoch), T(v)));
	bool has_epoch = declared.n > v.n + 1 && ends_with(declared, v) && declared.p[declared.n - v.n - 1] == ':';
	return has_epoch && isdigit((unsigned char)declared.p[0]) ? declared : v;
}

static struct text without_epoch(struct text v)
{
	const char *colon = v.n ? memchr(v.p, ':', v.n) : NULL;
	return colon ? text_of(colon + 1, v.n - (size_t)(colon + 1 - v.p)) : v;
}

/* The version beside the URL may be the authors' alone, or lack the epoch or the release. */
static bool is_contradicted(const struct identity *x)
{
	struct text v = without_epoch(x->purl.version), declared = without_epoch(one_version(x->d->version));
	if (!v.n || !declared.n || text_eq(declared, package_upstream(v, x->scheme)) || text_eq(declared, v))
		return false;
	struct text longer = v.n > declared.n ? v : declared, shorter = v.n > declared.n ? declared : v;
	return longer.n == shorter.n || !text_starts_with(longer, shorter) || longer.p[shorter.n] != '-';
}

static void set_package_version(struct identity *x)
{
	struct text v = one_version(whole_version(x));
	x->doubtful |= is_contradicted(x);
	bool complete = x->scheme == PACKAGE_DEB || (v.n && memchr(v.p, '-', v.n));
	x->out->version = package_upstream(v, x->scheme);
	if (complete)
		x->out->package_version = v;
	else
		x->doubtful = true; /* without its release nobody can tell what is mended in it */
}

static void set_version(struct identity *x)
{
	struct text declared = one_version(without_v(x->d->version)), in_purl = one_version(without_v(x->purl.version));
	if (x->kind == KIND_PACKAGE) {
		set_package_version(x);
		return;
	}
	if (declared.n && in_purl.n && !text_eq(declared, in_purl))
		x->doubtful = true;
	struct text in_cpe = one_version(x->ncpes ? x->cpe_version : x->any_version);
	x->out->version = declared.n ? declared : in_purl.n ? in_purl : in_cpe;
	if (in_cpe.n && !text_starts_with(in_cpe, x->out->version) && !text_starts_with(x->out->version, in_cpe))
		x->doubtful = true;
	x->out->package_version = x->d->package_version;
	if (text_starts(x->d->distribution, "openwrt") && x->kind == KIND_NAME) { /* its manifest has whole versions */
		x->out->package_version = x->out->version;
		x->out->version = package_upstream(x->out->version, PACKAGE_DEB);
	}
}

/* What other tools call distributions, and how os-release(5) and the feeds do. */
static struct text usual_distribution(struct text name, struct arena *a)
{
	static const struct {
		const char *name, *usual;
	} names[] = {
		{ "redhat", "rhel" },           { "alma", "almalinux" },
		{ "oracle", "ol" },             { "oraclelinux", "ol" },
		{ "amazon", "amzn" },           { "amazonlinux", "amzn" },
		{ "opensuse.leap", "opensuse-leap" }, { "opensuse.tumbleweed", "opensuse-tumbleweed" },
		{ "suse linux enterprise server", "sles" }, { "rockylinux", "rocky" },
		{ "openeuler", "openEuler" },
	};
	name = lower(name, a);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i].name))
			return text_c(names[i].usual);
	return name;
}

/* "debian 12" of distro=debian-12, of distro=bookworm with the namespace before it; the namespace alone where there is none. */
static struct text distribution_of(struct identity *x)
{
	struct text distro = purl_get(&x->purl, "distro"), own = x->purl.name_space;
	if (x->d->distribution.n)
		return x->d->distribution;
	if (text_is(x->purl.type, "openwrt"))
		own = TEXT_LIT("openwrt");
	if (!distro.n)
		return lower(own, x->a);
	size_t at = distro.n;
	while (at && distro.p[at - 1] != '-')
		at--;
	struct text name = at > 1 ? text_of(distro.p, at - 1) : TEXT_NONE, release = text_of(distro.p + at, distro.n - at);
	x->doubtful |= (text_is(own, "debian") && text_is(name, "ubuntu")) || (text_is(own, "ubuntu") && text_is(name, "debian"));
	if (name.n && release.n)
		return text_c(arena_printf(x->a, "%.*s %.*s", T(usual_distribution(name, x->a)), T(lower(release, x->a))));
	if (!own.n || text_eq(own, distro))
		return lower(distro, x->a);
	return text_c(arena_printf(x->a, "%.*s %.*s", T(usual_distribution(own, x->a)), T(lower(distro, x->a))));
}

/* ---- the row ---- */

static void read_purl(struct identity *x)
{
	x->kind = x->d->purl.n && purl_parse(x->d->purl, &x->purl, x->a) ? KIND_REGISTRY : KIND_NAME;
	if (x->kind == KIND_NAME)
		x->purl = (struct purl){ 0 };
	for (size_t i = 0; x->kind == KIND_REGISTRY && i < sizeof types / sizeof types[0]; i++)
		if (text_is(x->purl.type, types[i].type)) {
			x->kind = types[i].kind;
			x->scheme = types[i].scheme;
		}
	bool openwrt = x->kind == KIND_PROJECT && text_is(x->purl.name_space, "openwrt"); /* as `assay sbom` writes its packages */
	if (openwrt) {
		x->kind = KIND_PACKAGE;
		x->scheme = PACKAGE_DEB;
	}
}

static void set_source(struct identity *x)
{
	struct text upstream = x->kind == KIND_PACKAGE ? purl_get(&x->purl, "upstream") : TEXT_NONE, source = x->d->source_package;
	if (!upstream.n && x->scheme == PACKAGE_APK)
		upstream = purl_get(&x->purl, "origin"); /* apko's word for it */
	if (x->kind == KIND_NAME && !source.n && is_of_build(x->d))
		source = x->d->name; /* a recipe */
	if (x->kind != KIND_PACKAGE && !source.n)
		return;
	if (upstream.n)
		source = x->scheme == PACKAGE_APK ? text_base(upstream) : upstream; /* OpenWrt's is the folder of a recipe */
	x->out->source_package = source_name(source);
	if (!source.n)
		x->out->source_package = x->purl.name;
	/* lvm2@2.03.16-2 of libdevmapper1.02.1 2:1.02.185-2: matching reads it from the URL */
	if (!upstream.n && x->kind == KIND_PACKAGE && source.n > x->out->source_package.n &&
		!ends_with(source, x->out->package_version))
		purl_set(&x->purl, TEXT_LIT("upstream"), source);
}

static void set_purl(struct identity *x)
{
	struct purl own;
	if (x->kind == KIND_NAME) {
		if (!x->product || !purl_parse(text_c(string(x->product->purl)), &own, x->a))
			return;
		own.version = x->out->version;
		x->out->purl = text_c(purl_build(&own, x->a));
		return;
	}
	if (text_is(x->purl.type, "generic") && text_is(x->purl.name_space, "openwrt"))
		x->purl.name_space = TEXT_NONE; /* the URL that packages of opkg have in an image */
	x->out->purl = text_c(purl_build(&x->purl, x->a));
}

static void set_cpes(struct identity *x)
{
	struct text list = x->product ? text_c(string(x->product->cpe)) : TEXT_NONE;
	for (size_t i = 0; i < x->ncpes; i++) {
		struct text item = text_c(x->cpes[i]);
		const struct product *p = product_of_cpe(item);
		if (x->product && p == x->product)
			continue;
		list = text_c(arena_printf(x->a, "%.*s%s%.*s", T(list), list.n ? " " : "", T(item)));
	}
	x->out->cpe = list;
}

/* Another owner's or vendor's thing that is called as a product of the table is: by both names, as it is not that. */
static struct text apart(struct identity *x, struct text name)
{
	if (x->kind == KIND_HOSTED && x->purl.name_space.n)
		return text_c(arena_printf(x->a, "%.*s/%.*s", T(x->purl.name_space), T(name)));
	if (!product_named(name) || !x->ncpes)
		return name;
	char *both = arena_strdup(x->a, text_c(x->cpes[0]));
	for (char *c = both; c && *c; c++)
		*c = *c == ':' ? '/' : *c;
	return both ? text_c(both) : name;
}

/* What has the same name, version and revision is one thing within this: a registry, a distribution, a vendor's product; one of the
 * table is one anywhere. */
static struct text family_of(struct identity *x)
{
	if (x->product && x->kind != KIND_PACKAGE)
		return TEXT_NONE;
	if (x->kind == KIND_NAME)
		return x->ncpes ? text_c(x->cpes[0]) : TEXT_NONE;
	return text_c(arena_printf(x->a, "%.*s/%.*s", T(x->purl.type), T(x->purl.name_space)));
}

static void set_names(struct identity *x)
{
	const struct product *p = x->product;
	struct declared_software *out = x->out;
	bool whole = x->kind == KIND_REGISTRY || x->kind == KIND_NAME;
	struct text own = whole || !x->purl.name.n ? x->d->name : x->purl.name;
	out->name = p ? text_c(string(p->name)) : x->kind == KIND_REGISTRY ? own : apart(x, own);
	out->title = p && *string(p->title) ? text_c(string(p->title)) : own;
	out->licence = p && *string(p->licence) ? text_c(string(p->licence)) : x->d->licence;
}

/* What is no part of the product, is said to be what it runs on, or could only be named. */
static bool is_left_out(const struct declared *d)
{
	static const char *const kinds[] = { "available", "host package", "file" };
	static const char *const things[] = { "product", "data", "cryptographic-asset", "machine-learning-model", "operating-system",
										  "operating_system", "operatingsystem" };
	bool addressed = d->purl.n || d->cpe.n;
	if (text_is(d->scope, "excluded"))
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(d->kind, kinds[i]))
			return true;
	for (size_t i = 0; i < sizeof things / sizeof things[0]; i++)
		if (text_is(d->kind, things[i]))
			return !addressed && !(i > 3 && product_named(d->name));
	return false;
}

bool declared_identify(const struct declared *d, struct declared_software *out, struct arena *a)
{
	struct identity x = { .d = d, .out = out, .a = a };
	*out = (struct declared_software){ .id = d->id, .path = d->path, .count = 1 };
	if (is_left_out(d))
		return false;
	take_cpes(&x);
	bool root =
		d->cpe.n && !x.ncpes && !d->purl.n && (text_starts(d->kind, "operating") || text_is(d->kind, "product"));
	if (root && !x.any_vendors.n)
		return false; /* the distribution itself */
	read_purl(&x);
	set_version(&x);
	set_source(&x);
	x.product = product_of(&x);
	if (x.product && x.kind == KIND_NAME && !x.ncpes && !product_may_be(x.product, out->version))
		x.product = NULL;
	if (root && !x.product)
		return false; /* what a document is about; of a recipe's document that is the recipe */
	out->distribution = x.kind == KIND_PACKAGE ? distribution_of(&x) : d->distribution;
	out->architecture = x.kind == KIND_PACKAGE ? purl_get(&x.purl, "arch") : TEXT_NONE;
	out->family = family_of(&x);
	set_purl(&x);
	set_cpes(&x);
	set_names(&x);
	const char *confidence = d->confidence.n ? arena_strdup(a, d->confidence) : NULL;
	bool unsure = confidence && strtod(confidence, NULL) < 0.6;
	out->possible = x.doubtful || unsure;
	return out->name.n > 0;
}
