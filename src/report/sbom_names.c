/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a component is addressed: as a package URL and as CPE 2.3 formatted strings (NISTIR 7695, section 6.2). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/purl.h"
#include "report/sbom.h"

#define CPES_MAX 32u

/* The distributions whose packages have a type of their own (the purl type definitions deb and apk); OpenWrt's have none
 * that is registered. */
static const struct {
	const char *distribution, *type, *name_space;
} ecosystems[] = {
	{ "debian", "deb", "debian" }, { "ubuntu", "deb", "ubuntu" },       { "raspbian", "deb", "raspbian" },
	{ "alpine", "apk", "alpine" }, { "openwrt", "generic", "openwrt" }, { "lede", "generic", "openwrt" },
	{ "wolfi", "apk", "wolfi" },
};

static bool is_distribution_type(struct text type)
{
	return text_is(type, "deb") || text_is(type, "apk") || text_is(type, "rpm");
}

/* "debian 12" as the distribution's word and "debian-12". */
static const char *distribution_tag(const char *distribution, struct arena *a)
{
	char *tag = arena_strdup(a, text_c(distribution));
	for (char *c = tag; c && *c; c++)
		*c = *c == ' ' ? '-' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	return tag;
}

/* Of a package its distribution's purl, when that is known. */
static bool take_distribution(struct purl *p, const struct sbom_component *c, const char *tag)
{
	for (size_t i = 0; i < sizeof ecosystems / sizeof ecosystems[0]; i++) {
		size_t n = strlen(ecosystems[i].distribution);
		if (strncmp(tag, ecosystems[i].distribution, n) != 0 || (tag[n] && tag[n] != '-'))
			continue;
		struct text given = p->name.n ? p->type : TEXT_NONE;
		p->type = text_c(ecosystems[i].type);
		p->name_space = text_c(ecosystems[i].name_space);
		if (!text_is(given, "generic")) /* otherwise it has the package's own name already */
			p->name = text_c(sbom_known(c->source_package) ? c->source_package : c->name);
		return true;
	}
	return false;
}

const char *sbom_purl(struct sbom_component *c, struct text given, const char *package_version, struct arena *a)
{
	struct purl p;
	bool is_package = c->evidence_kind && strcmp(c->evidence_kind, "package") == 0;
	const char *tag = sbom_known(c->distribution) ? distribution_tag(c->distribution, a) : NULL;
	bool has_own = given.n && purl_parse(given, &p, a);
	if (!has_own && c->evidence_kind && strcmp(c->evidence_kind, "declared") == 0) {
		c->package_version = package_version;
		return NULL; /* a bill names it alone: an address would make a product of it */
	}
	if (!has_own)
		p = (struct purl){ .type = TEXT_LIT("unknown"), .name = text_c(c->name) };
	if (tag && is_package && (!has_own || !is_distribution_type(p.type)))
		has_own = take_distribution(&p, c, tag) || has_own;
	if (!has_own)
		p.type = TEXT_LIT("generic");
	bool of_distribution = is_distribution_type(p.type) || text_is(p.name_space, "openwrt");
	if (of_distribution && package_version) {
		c->upstream_version = c->version;
		c->version = package_version;
	} else {
		c->package_version = package_version;
	}
	if (c->version && (!p.version.n || of_distribution))
		p.version = text_c(c->version);
	if (of_distribution && sbom_known(c->architecture) && !purl_get(&p, "arch").n)
		purl_set(&p, TEXT_LIT("arch"), text_c(c->architecture));
	if (of_distribution && tag && !purl_get(&p, "distro").n)
		purl_set(&p, TEXT_LIT("distro"), text_c(tag));
	return purl_build(&p, a);
}

/* One attribute: letters, digits, "_", "." and "-" stand for themselves, other printable characters behind a backslash,
 * a space becomes "_"; what has other bytes can not be said. A lone "-" would mean "not applicable". */
static bool put_attribute(char *out, size_t *at, struct text value, bool escaped)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool plain = ascii_is_alnum(c) || c == '_' || c == '.' || (c == '-' && value.n > 1);
		if (c >= 'A' && c <= 'Z') {
			out[(*at)++] = (char)(c + 32);
		} else if (plain) {
			out[(*at)++] = c;
		} else if (c == ' ') {
			out[(*at)++] = '_';
		} else if (escaped && c == '\\' && i + 1 < value.n && value.p[i + 1] > ' ' && value.p[i + 1] < 0x7f) {
			out[(*at)++] = c;
			out[(*at)++] = value.p[++i];
		} else if (c > ' ' && c < 0x7f) {
			out[(*at)++] = '\\';
			out[(*at)++] = c;
		} else {
			return false;
		}
	}
	return value.n > 0;
}

/* What the dictionary keeps in the attribute `update`: "p15" of 4.2.8p15, "p2" of 9.4.2-P2, "rc3" of 6.17-rc3 and of Debian's 6.17~rc3. It is cut off
 * the version. */
static struct text cut_update(struct text *version)
{
	static const char *const words[] = { "alpha", "beta", "pre", "rc", "p" };
	size_t number = version->n, word, end;
	while (number > 0 && ascii_is_digit(version->p[number - 1]))
		number--;
	for (word = number; word > 0 && ascii_is_letter(version->p[word - 1]);)
		word--;
	struct text name = text_of(version->p + word, number - word), update = text_of(version->p + word, version->n - word);
	end = word > 1 && strchr("-~_.", version->p[word - 1]) ? word - 1 : word;
	if (end == 0 || !ascii_is_digit(version->p[end - 1]) || (number == version->n && name.n < 2))
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (name.n == strlen(words[i]) && strncasecmp(name.p, words[i], name.n) == 0) {
			version->n = end;
			return update;
		}
	return TEXT_NONE;
}

/* "vendor:product", "o:vendor:product" as a formatted string; NULL when it is none. */
static const char *bind_cpe(struct text given, const char *version, struct arena *a)
{
	char part = 'a';
	if (given.n > 2 && given.p[1] == ':' && strchr("aoh", given.p[0])) {
		part = given.p[0];
		given = text_of(given.p + 2, given.n - 2);
	}
	const char *colon = given.n ? memchr(given.p, ':', given.n) : NULL;
	struct text v = text_c(version ? version : "");
	size_t size = 64 + 2 * (given.n + v.n);
	char *out = arena_alloc(a, size, 1);
	if (!out || !colon)
		return NULL;
	size_t at = (size_t)snprintf(out, size, "cpe:2.3:%c:", part), vendor = (size_t)(colon - given.p);
	if (!put_attribute(out, &at, text_of(given.p, vendor), true))
		return NULL;
	out[at++] = ':';
	if (!put_attribute(out, &at, text_of(colon + 1, given.n - vendor - 1), true))
		return NULL;
	out[at++] = ':';
	struct text update = cut_update(&v);
	size_t before = at;
	if (!put_attribute(out, &at, v, false)) {
		at = before;
		out[at++] = '*';
	}
	out[at++] = ':';
	if (!put_attribute(out, &at, update, false))
		out[at++] = '*';
	memcpy(out + at, ":*:*:*:*:*:*", sizeof ":*:*:*:*:*:*");
	return out;
}

bool sbom_cpes(struct sbom_component *c, struct text given, struct arena *a)
{
	const char **list = ARENA_ARRAY(a, const char *, CPES_MAX);
	/* NVD's versions are those of the authors, not of a distribution. */
	const char *version = c->upstream_version ? c->upstream_version : c->version;
	if (!list)
		return false;
	for (size_t at = 0; at < given.n && c->ncpes < CPES_MAX;) {
		const char *space = memchr(given.p + at, ' ', given.n - at);
		size_t end = space ? (size_t)(space - given.p) : given.n;
		const char *cpe = bind_cpe(text_of(given.p + at, end - at), version, a);
		if (cpe)
			list[c->ncpes++] = cpe;
		at = end + 1;
	}
	c->cpes = list;
	return true;
}
