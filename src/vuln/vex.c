/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VEX statements of the feed database about a program: as such, or as a part of somebody's product, when the image is that product:
 * by its digest, as the bill of materials that we write of it, or as a release of a distribution.
 *
 * Specifications: VEX, Minimum Requirements (CISA); OpenVEX 0.2.0 ("subcomponents"); CSAF 2.0, 3.2.2.4 (relationships); the
 * package-url specification (qualifiers "arch", "distro"). */

#include "base/distributions.h"
#include "base/purl.h"
#include "base/uuid5.h"
#include "vuln/internal.h"

/* A part of a text, or none of it. */
static struct text before(struct text t, char c, struct text *rest)
{
	const char *at = t.n ? memchr(t.p, c, t.n) : NULL;
	struct text head = text_of(t.p, at ? (size_t)(at - t.p) : t.n);
	*rest = at ? text_of(at + 1, t.n - head.n - 1) : TEXT_NONE;
	return head;
}

/* "debian-12", "bookworm", "ubuntu-22.04", "alpine-3.19": whether the package is of that. */
static bool is_of_distro(struct matcher *m, const struct software *s, struct text distro)
{
	struct text ours = distro_of(m, s), rest, name = before(ours, ' ', &rest);
	struct text wanted = words(m, "%.*s", T(distro));
	char *dash = wanted.n ? memrchr(wanted.p, '-', wanted.n) : NULL; /* opensuse-leap-15.5 */
	if (!ours.n)
		return false;
	if (dash)
		*dash = ' ';
	else /* a codename, or a rolling distribution */
		wanted = text_eq(distro, name) ? distro : words(m, "%.*s %.*s", T(name), T(distro));
	return distro_is_same(ours, wanted);
}

/* "checksum=sha256:...&#=sub/path" (purl_conditions()), which has to stand in the program's own package URL, too. */
static bool meets_conditions(struct matcher *m, const struct software *s, struct text conditions)
{
	struct purl ours;
	return s->purl.n && purl_parse(s->purl, &ours, m->scratch) && purl_meets(&ours, conditions);
}

/* "?distro=debian-12&arch=source" behind a key, and whether the key is the program's by its own package, or by its source's. */
bool vex_conditions_hold(struct matcher *m, const struct software *s, struct text conditions, bool by_source)
{
	struct text rest, others, distro = before(conditions, '&', &rest), arch = before(rest, '&', &others);
	distro = text_starts(distro, "distro=") ? text_of(distro.p + 7, distro.n - 7) : TEXT_NONE;
	arch = text_starts(arch, "arch=") ? text_of(arch.p + 5, arch.n - 5) : TEXT_NONE;
	if (others.n && !meets_conditions(m, s, others))
		return false;
	bool source = text_is(arch, "source") || text_is(arch, "src");
	bool any = !arch.n || text_is(arch, "all") || text_is(arch, "noarch") || text_is(arch, "any");
	if (distro.n && !is_of_distro(m, s, distro))
		return false;
	if (by_source || source)
		return source && (!s->source_package.n || by_source || text_eq(s->source_package, s->name));
	return any || (s->architecture.n && architecture_is_same(arch, s->architecture));
}

/* The serial number of the bill of materials that `assay sbom` writes of the image. */
static bool is_our_bill(struct matcher *m, struct text serial)
{
	char uuid[37];
	image_need(m, IMAGE_DIGEST);
	if (!m->image.digest.n)
		return false;
	uuid5_url(words(m, "sha256:%.*s", T(m->image.digest)), uuid);
	return text_is(serial, uuid);
}

/* Whether the product that a component is said to be in is this image. A name that is not that of a distribution tells
 * nobody which image is meant. */
static bool is_our_product(struct matcher *m, const struct software *s, struct text product)
{
	struct text version, key = before(product, '@', &version), ours, own;
	if (text_starts(key, "sha256:")) {
		image_need(m, IMAGE_DIGEST);
		return m->image.digest.n && text_eq(m->image.digest, text_of(key.p + 7, key.n - 7));
	}
	if (text_starts(key, "bom:"))
		return is_our_bill(m, text_of(key.p + 4, key.n - 4));
	ours = s->package_version.n ? distro_of(m, s) : TEXT_NONE; /* what is no package of it may be anybody's */
	version = before(version, ':', &own);                      /* of an edition: "9:baseos" */
	struct text name = platform_distribution(key);
	if (!name.n && text_starts(key, "name:"))
		name = text_of(key.p + 5, key.n - 5);
	if (!name.n && text_starts(key, "purl:generic/"))
		name = text_of(key.p + 13, key.n - 13);
	struct text rest, mine = before(ours, ' ', &rest);
	return name.n && version.n && text_eq(name, mine) &&
		   distro_is_same(ours, words(m, "%.*s %.*s", T(name), T(version)));
}

/* The latest statement so far: by the time of its document, then by its place in it. */
struct latest {
	struct text state, reason, source, modified;
	int64_t row, record;
};

/* Whether a statement takes the place of the one so far. Of two documents of one time that contradict each other, the one that
 * says affected does: nothing tells who is right. */
static bool is_later(const struct latest *a, const struct latest *so_far)
{
	int order =
		so_far->row ? strcmp(a->modified.p ? a->modified.p : "", so_far->modified.p ? so_far->modified.p : "") : 1;
	bool affected = text_is(a->state, "affected"), was_affected = text_is(so_far->state, "affected");
	if (order == 0 && a->record != so_far->record && affected != was_affected)
		return affected;
	return order > 0 || (order == 0 && a->row >= so_far->row);
}

enum {
	VEX_STATUS,
	VEX_JUSTIFICATION,
	VEX_STATEMENT,
	VEX_VERSION,
	VEX_SOURCE,
	VEX_MODIFIED,
	VEX_ROW,
	VEX_RECORD,
	VEX_PRODUCT,
	VEX_COMPONENT
};

/* By vendor and product in words, as a CSAF product tree has them: "name:the company:thing" of cpe:a:the_company:thing. */
static struct text in_words(struct matcher *m, struct text key, bool blanks)
{
	if (key.n < 7 || !text_starts(key, "cpe:") || key.p[5] != ':')
		return TEXT_NONE;
	struct text name = words(m, "name:%.*s", T(text_of(key.p + 6, key.n - 6)));
	bool other = false;
	for (char *p = (char *)name.p + 5; blanks && *p; p++)
		if (*p == '_') {
			*p = ' ';
			other = true;
		}
	return !blanks || other ? name : TEXT_NONE;
}

/* All that a statement may call the software. */
struct names {
	struct text v[3 * KEYS_MAX];
	size_t n;
};

static void read_names(struct matcher *m, const struct software *s, struct names *names)
{
	names->n = 0;
	for (size_t i = 0; i < s->nkeys; i++) {
		names->v[names->n++] = s->keys[i];
		for (int blanks = 0; blanks < 2; blanks++) {
			struct text by_words = in_words(m, s->keys[i], blanks);
			if (by_words.n)
				names->v[names->n++] = by_words;
		}
	}
}

/* Whether what a statement is about is the software: "purl:deb/debian/zip?distro=debian-12&arch=". */
static bool is_about(struct matcher *m, const struct software *s, const struct names *names, struct text about)
{
	for (size_t i = 0; i < names->n; i++) {
		struct text key = names->v[i];
		bool is = about.n >= key.n && memcmp(about.p, key.p, key.n) == 0 && (about.n == key.n || about.p[key.n] == '?');
		struct text conditions = is && about.n > key.n ? text_of(about.p + key.n + 1, about.n - key.n - 1) : TEXT_NONE;
		if (is && vex_conditions_hold(m, s, conditions, software_key_is_of_source(s, key)))
			return true;
	}
	return false;
}

/* Of the row at hand, and no longer there with the next: there may be thousands. */
static struct text peek(sqlite3_stmt *q, int i)
{
	const char *p = (const char *)sqlite3_column_text(q, i);
	return p ? text_of(p, (size_t)sqlite3_column_bytes(q, i)) : TEXT_NONE;
}

/* A package URL of a distribution's package has its whole version, with the revision (purl-spec, types deb, rpm and apk): what is said of
 * 2.0 is not said of 2.0-1. */
static bool is_version_of(struct matcher *m, const struct software *s, struct text about, struct text version)
{
	bool package = text_starts(about, "purl:deb/") || text_starts(about, "purl:rpm/") || text_starts(about, "purl:apk/");
	if (!package || !version.n || !s->package_version.n)
		return statement_is_version(s, version);
	if (version_is_range(version)) /* of its own versions, whatever scheme the range says */
		return version_in_range(package_order(s, distro_of(m, s)), version, s->package_version) == 1;
	return text_eq(version, s->package_version) || text_eq(version, s->source_version);
}

/* Whether the statement at hand is about the software: as such, as a part of this image, or with all that is in it. */
static bool row_is_about(struct matcher *m, const struct software *s, const struct names *names)
{
	struct text product = peek(m->vex, VEX_PRODUCT), component = peek(m->vex, VEX_COMPONENT);
	if (!is_version_of(m, s, component.n ? component : product, peek(m->vex, VEX_VERSION)))
		return false;
	if (component.n)
		return is_about(m, s, names, component) && is_our_product(m, s, product);
	return text_starts(product, "sha256:") ? is_our_product(m, s, product) : is_about(m, s, names, product);
}

/* One that is older counts for nothing, whatever the order in which the documents came; that it is affected takes back what an
 * older one said. All that is said of one vulnerability is read once: of a product a vendor may say something of each. */
bool vex_find(struct matcher *m, const struct software *s, struct text name, struct text *state, struct text *source,
			  struct text *reason)
{
	struct latest latest = { .row = 0 };
	struct names names = { .n = 0 };
	if (!m->vex)
		return false;
	sqlite3_bind_text(m->vex, 1, name.p, (int)name.n, SQLITE_STATIC);
	while (sqlite3_step(m->vex) == SQLITE_ROW) {
		if (!names.n)
			read_names(m, s, &names);
		if (!row_is_about(m, s, &names))
			continue;
		struct text justification = column_text(m->scratch, m->vex, VEX_JUSTIFICATION),
					statement = column_text(m->scratch, m->vex, VEX_STATEMENT);
		struct latest found = {
			.state = column_text(m->scratch, m->vex, VEX_STATUS),
			.reason =
				words(m, "%.*s%s%.*s", T(justification), justification.n && statement.n ? ": " : "", T(statement)),
			.source = source_of(m, sqlite3_column_int64(m->vex, VEX_SOURCE))->name,
			.modified = column_text(m->scratch, m->vex, VEX_MODIFIED),
			.row = sqlite3_column_int64(m->vex, VEX_ROW),
			.record = sqlite3_column_int64(m->vex, VEX_RECORD),
		};
		if (is_later(&found, &latest))
			latest = found;
	}
	sqlite3_reset(m->vex);
	*state = latest.state;
	*source = latest.source;
	*reason = latest.reason;
	return latest.row != 0;
}
