/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Package databases: stanzas of lines, an empty line between two.
 *
 * dpkg and opkg write deb822 fields ("Package: busybox"; dpkg(1), deb822(5), deb-version(7)), apk one letter a line
 * ("P:busybox"; apk-tools, the format of APKINDEX), license_image.bbclass of Yocto "PACKAGE NAME: busybox". All are read in one
 * pass, line by line. The databases of RPM are another thing (package_rpm.h).
 */
#include "inspect/package_db.h"
#include "base/package_version.h"
#include "base/purl.h"

#include <strings.h>

#include "inspect/components.h"
#include "inspect/package_rpm.h"

/* More packages than any image has. */
#define PACKAGES_MAX 65536u

struct package {
	uint64_t offset; /* of the stanza */
	struct text name, version, architecture, status, source, licence;
	struct text version_line;
};

/* True when the path ends with `dir` and a name without a further slash; the name comes back. */
static bool file_in(struct text path, const char *dir, struct text *name)
{
	*name = text_base(path);
	return name->n > 0 && text_ends(text_of(path.p, path.n - name->n), dir);
}

static bool is_rpm_database(struct text path)
{
	struct text name;
	return (file_in(path, "/var/lib/rpm/", &name) || file_in(path, "/lib/sysimage/rpm/", &name) ||
			file_in(path, "/usr/share/rpm/", &name)) &&
		   (text_is(name, "rpmdb.sqlite") || text_is(name, "Packages") || text_is(name, "Packages.db"));
}

enum package_db_kind package_db_kind(struct text path)
{
	struct text name;
	if (is_rpm_database(path))
		return PACKAGE_DB_RPM;
	if (text_ends(path, "/lib/apk/db/installed"))
		return PACKAGE_DB_APK;
	if (text_ends(path, "/common-licenses/license.manifest"))
		return PACKAGE_DB_YOCTO;
	if (text_ends(path, "/var/lib/dpkg/status") || text_ends(path, "/lib/opkg/status"))
		return PACKAGE_DB_DEB;
	/* Images without a package manager have a file for each package, and its checksums beside it. */
	if (file_in(path, "/var/lib/dpkg/status.d/", &name) && !text_ends(name, ".md5sums"))
		return PACKAGE_DB_DEB;
	return file_in(path, "/lib/opkg/info/", &name) && text_ends(name, ".control") ? PACKAGE_DB_DEB : PACKAGE_DB_NONE;
}

static struct text cut(struct text t, size_t n)
{
	return text_of(t.p, n);
}

struct text package_db_upstream(struct text version, enum package_db_kind kind)
{
	return package_upstream(version, kind == PACKAGE_DB_YOCTO ? PACKAGE_RECIPE
									 : kind == PACKAGE_DB_DEB ? PACKAGE_DEB
															  : PACKAGE_APK);
}

static struct text trimmed(struct text t)
{
	while (t.n && (t.p[0] == ' ' || t.p[0] == '\t')) {
		t.p++;
		t.n--;
	}
	while (t.n && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t' || t.p[t.n - 1] == '\r'))
		t.n--;
	return t;
}

/* The value when the line is that field; names of fields are case-insensitive. */
static bool is_field(struct text line, const char *name, struct text *value)
{
	size_t n = strlen(name);
	if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
		return false;
	*value = trimmed(text_of(line.p + n + 1, line.n - n - 1));
	return true;
}

static void read_deb_line(struct package *p, struct text line)
{
	if (is_field(line, "Version", &p->version))
		p->version_line = trimmed(line);
	else if (!is_field(line, "Package", &p->name) && !is_field(line, "Status", &p->status) &&
			 !is_field(line, "Source", &p->source) && !is_field(line, "SourceName", &p->source) &&
			 !is_field(line, "License", &p->licence))
		(void)is_field(line, "Architecture", &p->architecture);
}

static void read_yocto_line(struct package *p, struct text line)
{
	if (is_field(line, "PACKAGE VERSION", &p->version))
		p->version_line = trimmed(line);
	else if (!is_field(line, "PACKAGE NAME", &p->name) && !is_field(line, "RECIPE NAME", &p->source))
		(void)is_field(line, "LICENSE", &p->licence);
}

static void read_apk_line(struct package *p, struct text line)
{
	if (line.n < 3 || line.p[1] != ':')
		return;
	struct text value = trimmed(text_of(line.p + 2, line.n - 2));
	if (line.p[0] == 'P') {
		p->name = value;
	} else if (line.p[0] == 'V') {
		p->version = value;
		p->version_line = trimmed(line);
	} else if (line.p[0] == 'A') {
		p->architecture = value;
	} else if (line.p[0] == 'o') {
		p->source = value;
	} else if (line.p[0] == 'L') {
		p->licence = value;
	}
}

static void read_line(struct package *p, enum package_db_kind kind, struct text line)
{
	if (kind == PACKAGE_DB_DEB)
		read_deb_line(p, line);
	else if (kind == PACKAGE_DB_YOCTO)
		read_yocto_line(p, line);
	else
		read_apk_line(p, line);
}

/* The third word of "install ok installed". What was removed leaves its configuration or nothing; all other states have
 * files in place. The installer never gets beyond "unpacked". */
static bool is_present(struct text status)
{
	static const char *const absent[] = { "not-installed", "config-files", "half-installed" };
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		if (text_ends(status, absent[i]))
			return false;
	return true;
}

/* Debian: "glibc (2.36-9)" where the versions differ; OpenWrt: the folder of the package's recipe, "feeds/base/dropbear". */
static struct text source_name(struct text source)
{
	const char *space = source.n ? memchr(source.p, ' ', source.n) : NULL;
	return text_base(space ? cut(source, (size_t)(space - source.p)) : source);
}

/* Alpine's origin ("o:") is the name of a recipe, OpenWrt's the folder of one (include/package-pack.mk): "feeds/base/dropbear". */
static bool has_folders_of_recipes(struct text all)
{
	static const char field[] = "\no:";
	for (size_t at = 0; at < all.n;) {
		const char *p = memmem(all.p + at, all.n - at, field, sizeof field - 1);
		if (!p)
			return false;
		const char *value = p + sizeof field - 1, *end = memchr(value, '\n', all.n - (size_t)(value - all.p));
		size_t n = end ? (size_t)(end - value) : all.n - (size_t)(value - all.p);
		if (n && memchr(value, '/', n))
			return true;
		at = (size_t)(value - all.p) + n;
	}
	return false;
}

/* Whose package it is, as far as the database and its place tell: /lib/apk is Alpine's, or OpenWrt's from its release 25.12 on. OpenWrt has
 * /var in memory and so keeps opkg's files in /usr/lib; those in /var/lib are of builds of Yocto, each a distribution of its own. */
static struct text distribution_of(struct text path, struct text all)
{
	if (text_has(path, "/dpkg/"))
		return TEXT_LIT("debian");
	if (text_has(path, "/apk/"))
		return has_folders_of_recipes(all) ? TEXT_LIT("openwrt") : TEXT_LIT("alpine");
	return text_has(path, "/usr/lib/opkg/") ? TEXT_LIT("openwrt") : TEXT_NONE;
}

/* "lvm2 (2.03.16-2)": a package whose version is not that of its source, by which the tracker counts. It becomes the qualifier
 * upstream=lvm2@2.03.16-2, as other tools write it. */
static struct text with_source(struct text purl, struct text source, struct arena *arena)
{
	const char *open = source.n ? memmem(source.p, source.n, " (", 2) : NULL;
	size_t n = open ? (size_t)(open - source.p) : 0;
	struct purl parsed;
	if (!n || !text_ends(source, ")") || source.n < n + 4 || !purl.n || !purl_parse(purl, &parsed, arena))
		return purl;
	char *value = arena_printf(arena, "%.*s@%.*s", (int)n, source.p, (int)(source.n - n - 3), open + 2);
	if (!value || !purl_set(&parsed, TEXT_LIT("upstream"), text_c(value)))
		return purl;
	char *whole = purl_build(&parsed, arena);
	return whole ? text_c(whole) : purl;
}

/* purl-spec has no type for opkg; of apk the namespace is the vendor, "such as alpine or openwrt". */
static struct text purl_of(const struct package *p, enum package_db_kind kind, struct text distribution, struct arena *arena)
{
	bool deb = text_is(distribution, "debian"), apk = kind == PACKAGE_DB_APK;
	char *name = arena_printf(arena, "pkg:%s/%.*s",
							  deb                                ? "deb/debian"
							  : !apk                             ? "generic"
							  : text_is(distribution, "openwrt") ? "apk/openwrt"
																 : "apk/alpine",
							  (int)p->name.n, p->name.p);
	struct text purl = name ? component_purl(arena, name, p->version) : TEXT_NONE;
	return deb ? with_source(purl, p->source, arena) : purl;
}

/* Without the field a package has its source's name. The installer's packages have neither Source nor Architecture: of those
 * nothing is known (wget-udeb is of wget, archdetect of hw-detect).
 */
static struct text source_of(const struct package *p, enum package_db_kind kind)
{
	bool reduced = kind == PACKAGE_DB_DEB && !p->architecture.n;
	return p->source.n ? source_name(p->source) : reduced ? TEXT_NONE : source_name(p->name);
}

static void emit_package(const struct package *p, enum package_db_kind kind, struct text distribution, const struct subject *subject,
						 struct sink *sink)
{
	if (!p->name.n || !is_present(p->status))
		return;
	struct fact_component row = {
		.offset = (int64_t)p->offset,
		.name = p->name,
		.evidence_kind = TEXT_LIT("package"),
		.evidence = p->version_line,
		.confidence = TEXT_LIT("proven"),
		.distribution = distribution,
		.source_package = source_of(p, kind),
	};
	row.purl = purl_of(p, kind, distribution, subject->arena);
	if (p->licence.n)
		row.licence = p->licence;
	if (p->version.n) {
		row.version = package_db_upstream(p->version, kind);
		row.package_version = p->version;
	}
	if (p->architecture.n)
		row.architecture = p->architecture;
	emit_component(sink, &row);
}

void package_db_run(const struct subject *subject, enum package_db_kind kind, struct sink *sink)
{
	if (kind == PACKAGE_DB_RPM) {
		package_rpm_run(subject, sink);
		return;
	}
	struct text all = text_from_span(subject->bytes), distribution = distribution_of(subject->path, all);
	struct package p = { 0 };
	size_t packages = 0;
	for (size_t at = 0; at <= all.n;) {
		const char *newline = at < all.n ? memchr(all.p + at, '\n', all.n - at) : NULL;
		size_t end = newline ? (size_t)(newline - all.p) : all.n;
		struct text line = text_of(all.p + at, end - at);
		if (line.n)
			read_line(&p, kind, line);
		if (trimmed(line).n == 0 || end == all.n) {
			packages += p.name.n > 0;
			if (packages > PACKAGES_MAX) {
				emit_damage_at(sink, ERR_BUDGET, p.offset, "more than %u packages: the rest is not listed",
							   PACKAGES_MAX);
				return;
			}
			emit_package(&p, kind, distribution, subject, sink);
			p = (struct package){ .offset = end + 1 };
		}
		at = end + 1;
	}
}
