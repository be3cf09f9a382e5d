/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A package that RPM has installed, from its header.
 *
 * Specification: RPM reference manual, "Tags"; rpm-version(7).
 */
#include "inspect/package_rpm.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/package_version.h"
#include "base/rpm_header.h"
#include "inspect/components.h"

/* More packages than any image has. */
#define PACKAGES_MAX 65536u

enum {
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_EPOCH = 1003,
	TAG_VENDOR = 1011,
	TAG_LICENSE = 1014,
	TAG_ARCH = 1022,
	TAG_SOURCERPM = 1044,
};

/* Whose package it is, by what the vendor calls himself: the names of distributions are those of purl-spec's examples
 * and of OSV's ecosystems. Builds of Yocto leave the vendor out or put their own name there. */
static struct text distribution_of(struct text vendor)
{
	static const struct {
		const char *vendor, *name;
	} vendors[] = {
		{ "Fedora Project", "fedora" }, { "Red Hat", "redhat" },    { "CentOS", "centos" }, { "Rocky", "rocky" },
		{ "AlmaLinux", "almalinux" },   { "openSUSE", "opensuse" }, { "SUSE", "suse" },
	};
	for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
		if (text_starts(vendor, vendors[i].vendor))
			return text_c(vendors[i].name);
	return TEXT_NONE;
}

/* [epoch:]version-release */
static struct text full_version(const struct rpm_header *h, struct text version, struct arena *arena)
{
	struct text release = rpm_tag_text(h, TAG_RELEASE, NULL);
	uint64_t epoch = 0;
	char number[24] = "";
	if (rpm_tag_number(h, TAG_EPOCH, &epoch) && epoch)
		snprintf(number, sizeof number, "%" PRIu64 ":", epoch);
	return text_c(arena_printf(arena, "%s%.*s%s%.*s", number, (int)version.n, version.p, release.n ? "-" : "",
							   (int)release.n, release.n ? release.p : ""));
}

static struct text purl_of(struct text name, struct text distribution, struct text version, struct arena *arena)
{
	/* The epoch is a qualifier there (purl-spec, rpm): what the row has in front of the version */
	const char *colon = version.n ? memchr(version.p, ':', version.n) : NULL;
	if (colon)
		version = text_of(colon + 1, version.n - (size_t)(colon + 1 - version.p));
	char *purl = arena_printf(arena, "pkg:rpm/%.*s%s%.*s", (int)distribution.n, distribution.n ? distribution.p : "",
							  distribution.n ? "/" : "", (int)name.n, name.p);
	return purl ? component_purl(arena, purl, version) : TEXT_NONE;
}

/* What is longer tells nothing to anybody. */
static struct text short_text(struct text t)
{
	return t.n <= 1024 ? t : TEXT_NONE;
}

static void emit_package(struct package_rpm *rpm, const struct rpm_header *h, struct text name, uint64_t offset)
{
	struct arena *arena = rpm->scratch;
	struct text version = rpm_tag_text(h, TAG_VERSION, NULL),
				architecture = short_text(rpm_tag_text(h, TAG_ARCH, NULL));
	struct text source = package_of_source_rpm(short_text(rpm_tag_text(h, TAG_SOURCERPM, NULL)));
	struct fact_component row = {
		.offset = (int64_t)offset,
		.name = name,
		.version = version,
		.package_version = version.n ? full_version(h, version, arena) : TEXT_NONE,
		.architecture = architecture,
		.licence = short_text(rpm_tag_text(h, TAG_LICENSE, NULL)),
		.evidence_kind = TEXT_LIT("package"),
		.confidence = TEXT_LIT("proven"),
		.distribution = distribution_of(rpm_tag_text(h, TAG_VENDOR, NULL)),
		.source_package = source.n ? source : name,
	};
	row.evidence = text_c(arena_printf(arena, "%.*s-%.*s%s%.*s", (int)name.n, name.p, (int)row.package_version.n,
									   row.package_version.n ? row.package_version.p : "", architecture.n ? "." : "",
									   (int)architecture.n, architecture.n ? architecture.p : ""));
	row.purl = purl_of(name, row.distribution, row.package_version, arena);
	emit_component(rpm->sink, &row);
}

/* Names and versions that are longer are none. */
static bool is_sane(struct text t)
{
	return t.n <= 256;
}

bool package_rpm_row(struct package_rpm *rpm, struct span bytes, uint64_t offset)
{
	struct rpm_header h;
	struct text name = rpm_header_read(bytes, 0, &h) ? rpm_tag_text(&h, TAG_NAME, NULL) : TEXT_NONE;
	if (!name.n || h.end > bytes.n || !is_sane(name) || !is_sane(rpm_tag_text(&h, TAG_VERSION, NULL)) ||
		!is_sane(rpm_tag_text(&h, TAG_RELEASE, NULL))) {
		rpm_damage(rpm, ERR_CORRUPT, offset, "the header of a package can not be read: the package is not listed");
		return true;
	}
	if (text_is(name, "gpg-pubkey"))
		return true;
	if (rpm->packages == PACKAGES_MAX) {
		rpm_damage(rpm, ERR_BUDGET, offset, "more than %u packages: the rest is not listed", PACKAGES_MAX);
		return false;
	}
	rpm->packages++;
	emit_package(rpm, &h, name, offset);
	return true;
}

void package_rpm_run(const struct subject *subject, struct sink *sink)
{
	struct package_rpm rpm = { .subject = subject, .sink = sink, .scratch = arena_new(2 * RPM_HEADER_MAX) };
	if (!rpm.scratch) {
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory to read RPM's database");
		return;
	}
	if (span_starts(subject->bytes, "SQLite format 3", 16))
		package_rpm_sqlite(&rpm);
	else if (span_starts(subject->bytes, "RpmP", 4))
		package_rpm_ndb(&rpm);
	else
		package_rpm_bdb(&rpm);
	emit_damage_further(sink, rpm.damages);
	arena_free(rpm.scratch);
}
