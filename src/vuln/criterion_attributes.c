/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The attributes of a CPE name other than vendor, product and version: whether it means this program at all.
 *
 * Specifications: NISTIR 7695, section 5.3; NISTIR 7696, section 6. */
#include "vuln/criterion_internal.h"

/* Editions that are sold, or kept alive by somebody else: an image with the open one does not have them. */
static const char *const open_editions[] = { "community", "open_source", "oss",      "free", "lts",
											 "stable",    "mainline",    "standard", NULL };
/* A program for Linux is for these. */
static const char *const our_targets[] = { "linux", "linux_kernel", "unix", "posix", NULL };

/* Whether the program is for a system that has this name: that of its package, or of the image. */
static bool is_distribution(struct matcher *m, const struct software *s, struct text name)
{
	image_need(m, IMAGE_DISTRIBUTION);
	struct text own = distro_of(m, s), of = own.n ? own : m->image.distribution;
	return name.n && of.n >= name.n && strncasecmp(of.p, name.p, name.n) == 0 &&
		   (of.n == name.n || of.p[name.n] == ' ');
}

static bool has_software(struct matcher *m, struct text name)
{
	image_need(m, IMAGE_SOFTWARE);
	for (size_t i = 0; i < m->image.nsoftware; i++)
		if (text_eq(m->image.software[i].name, name))
			return true;
	return false;
}

/* The ecosystem of a package by its purl, as target_sw names it. */
static bool target_is_ecosystem(struct text target, struct text purl)
{
	static const struct {
		const char *target, *purl;
	} ecosystems[] = { { "node.js", "pkg:npm/" }, { "python", "pkg:pypi/" },  { "ruby", "pkg:gem/" },
					   { "maven", "pkg:maven/" }, { "java", "pkg:maven/" },   { "rust", "pkg:cargo/" },
					   { "go", "pkg:golang/" },   { "php", "pkg:composer/" }, { "perl", "pkg:cpan/" } };
	for (size_t i = 0; i < sizeof ecosystems / sizeof ecosystems[0]; i++)
		if (text_is(target, ecosystems[i].target) && text_starts(purl, ecosystems[i].purl))
			return true;
	return false;
}

static const char *machine_of(struct text hardware)
{
	static const struct {
		const char *cpe, *elf;
	} machines[] = { { "x86", " x86 " },       { "i386", " x86 " },        { "x64", " x86-64 " },
					 { "x86_64", " x86-64 " }, { "amd64", " x86-64 " },    { "arm", " arm " },
					 { "arm64", " aarch64 " }, { "aarch64", " aarch64 " }, { "mips", " mips " },
					 { "powerpc", " ppc " },   { "ppc", " ppc " },         { "riscv", " riscv " } };
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (text_is(hardware, machines[i].cpe))
			return machines[i].elf;
	return NULL;
}

/* Whether the record is about the edition that the version ends with: its update names it, or its sw_edition means it. ISC marks
 * versions of the preview edition of BIND and DHCP with an S. */
static bool is_edition(const struct cpe *name, const struct software *s)
{
	char value[CRITERION_VALUE_MAX];
	struct text own = version_edition(s->version);
	struct text edition = text_of(value, cpe_value(name->a[CPE_SW_EDITION], value, sizeof value));
	if (text_is(edition, "supported_preview") && own.n > 1 && (own.p[0] | 32) == 's' && own.p[1] >= '0' &&
		own.p[1] <= '9')
		return true;
	struct text update = text_of(value, cpe_value(name->a[CPE_UPDATE], value, sizeof value));
	return update.n && criterion_same_word(own, update);
}

bool criterion_attributes_fit(struct matcher *m, const struct cpe *name, const struct software *s, struct text *why)
{
	char value[CRITERION_VALUE_MAX];
	struct text v;
	v = text_of(value, cpe_value(name->a[CPE_TARGET_SW], value, sizeof value));
	if (!criterion_is_open(name->a[CPE_TARGET_SW]) && !criterion_one_of(v, our_targets) &&
		!target_is_ecosystem(v, s->purl) && !is_distribution(m, s, v) && !has_software(m, v)) {
		*why = words(m, "is for %.*s (target_sw), which this is not", T(v));
		return false;
	}
	v = text_of(value, cpe_value(name->a[CPE_TARGET_HW], value, sizeof value));
	const char *machine = machine_of(v);
	if (!criterion_is_open(name->a[CPE_TARGET_HW]))
		image_need(m, IMAGE_MACHINES);
	if (!criterion_is_open(name->a[CPE_TARGET_HW]) &&
		!(machine && m->image.machines.n && text_has(m->image.machines, machine))) {
		*why = words(m, "is for %.*s (target_hw), which the image %s", T(v),
					 m->image.machines.n ? "is not" : "does not tell");
		return false;
	}
	static const enum cpe_attribute editions[] = { CPE_SW_EDITION, CPE_EDITION };
	bool named = is_edition(name, s); /* 9.16.8-S1, as the update says */
	for (size_t i = 0; i < 2 && !named; i++) {
		v = text_of(value, cpe_value(name->a[editions[i]], value, sizeof value));
		if (criterion_is_open(name->a[editions[i]]) || criterion_one_of(v, open_editions))
			continue;
		machine = machine_of(v);
		if (machine)
			image_need(m, IMAGE_MACHINES);
		if (machine && text_has(m->image.machines, machine))
			continue;
		*why = words(m, "is about the edition %.*s", T(v));
		return false;
	}
	v = text_of(value, cpe_value(name->a[CPE_LANGUAGE], value, sizeof value));
	if (!criterion_is_open(name->a[CPE_LANGUAGE]) && !text_starts(v, "en")) {
		*why = words(m, "is about the language %.*s", T(v));
		return false;
	}
	v = text_of(value, cpe_value(name->a[CPE_OTHER], value, sizeof value));
	if (!criterion_is_open(name->a[CPE_OTHER])) {
		*why = words(m, "is about one that is also called %.*s (other)", T(v));
		return false;
	}
	return true;
}
