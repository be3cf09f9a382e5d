/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/vex.h"

#include "base/ascii.h"
#include "base/cpe.h"
#include "base/purl.h"

/* "el8", "windows": what makes a CPE name one of an edition, or for another system or machine. TEXT_NONE: the product as such. */
static struct text edition_of(struct text name)
{
	static const enum cpe_attribute others[] = { CPE_EDITION, CPE_LANGUAGE, CPE_SW_EDITION, CPE_TARGET_SW,
												 CPE_TARGET_HW, CPE_OTHER };
	struct cpe c;
	if (!name.p || !cpe_split(name, &c))
		return TEXT_NONE;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (!cpe_is_any(c.a[others[i]]) && !cpe_is_na(c.a[others[i]]))
			return c.a[others[i]];
	return TEXT_NONE;
}

/* What is said of 4.2.8:p18 is not said of 4.2.8, nor what is said of an edition of any: its name behind a colon makes the
 * version one that no program has. */
static struct text whole_version(struct feed_run *run, const struct feed_criterion *c)
{
	struct cpe name;
	char update[128] = "";
	struct text edition = edition_of(c->cpe), version = c->version;
	size_t n =
		version.n && c->cpe.p && cpe_split(c->cpe, &name) ? cpe_value(name.a[CPE_UPDATE], update, sizeof update) : 0;
	bool digit = n && update[0] >= '0' && update[0] <= '9';
	if (n)
		version = field_print(run, "%.*s%s%s", (int)version.n, version.p, digit ? "-" : "", update);
	if (edition.n)
		version = field_print(run, "%.*s:%.*s", (int)version.n, version.n ? version.p : "", (int)edition.n, edition.p);
	return version;
}

/* What a package URL says of one distribution and one machine it does not say of others: "?distro=debian-12&arch=amd64"; nor what it says of
 * one artifact, of one repository ("&checksum=...") or of a part ("&#=subpath"; purl_conditions()). The epoch of an RPM package is a part of
 * its version. What can not be read narrows it, too: to what nothing has. */
static void add_conditions(struct feed_run *run, struct text purl, struct vex_product *p)
{
	struct purl parsed;
	if (!purl_parse(purl, &parsed, run->arena)) {
		if (memchr(purl.p, '?', purl.n) || memchr(purl.p, '#', purl.n))
			p->key = field_print(run, "%.*s?distro=&arch=&#=", (int)p->key.n, p->key.p);
		return;
	}
	struct text distro = purl_get(&parsed, "distro"), arch = purl_get(&parsed, "arch"),
				epoch = purl_get(&parsed, "epoch");
	if (epoch.n && p->version.n && !memchr(p->version.p, ':', p->version.n))
		p->version = field_print(run, "%.*s:%.*s", (int)epoch.n, epoch.p, (int)p->version.n, p->version.p);
	struct text others = purl_conditions(&parsed, run->arena);
	if (distro.n || arch.n || others.n)
		p->key = field_print(run, "%.*s?distro=%.*s&arch=%.*s%s%.*s", (int)p->key.n, p->key.p, (int)distro.n, distro.n ? distro.p : "",
							 (int)arch.n, arch.n ? arch.p : "", others.n ? "&" : "", (int)others.n, others.n ? others.p : "");
}

struct text vex_scope(struct feed_run *run, const struct vex_product *p)
{
	return p->version.n
			   ? field_print(run, "%.*s@%.*s", (int)p->key.n, p->key.p ? p->key.p : "", (int)p->version.n, p->version.p)
			   : p->key;
}

/* What would be taken for a sign of the range stays as it is, so that the range is one that nobody understands. */
struct text vex_version(struct feed_run *run, struct text version)
{
	if (!text_starts(version, "vers:") || !memchr(version.p, '%', version.n))
		return version;
	char *p = arena_strdup(run->arena, version);
	size_t n = 0;
	for (size_t i = 0; p && i < version.n; i++) {
		bool room = i + 2 < version.n;
		int high = room ? ascii_hex_value(version.p[i + 1]) : -1, low = room ? ascii_hex_value(version.p[i + 2]) : -1;
		int c = version.p[i] == '%' && high >= 0 && low >= 0 ? high << 4 | low : 0;
		bool plain = c > ' ' && c < 0x7f && !strchr("<>=!|*%/", c);
		p[n++] = plain ? (char)c : version.p[i];
		i += plain ? 2 : 0;
	}
	return text_of(p, n);
}

struct text vex_digest(struct feed_run *run, struct text algorithm, struct text digest)
{
	struct text name = field_lower(run, algorithm), value = field_lower(run, digest);
	bool is = (text_is(name, "sha-256") || text_is(name, "sha256")) && value.n == 64;
	return is ? field_print(run, "sha256:%.*s", (int)value.n, value.p) : TEXT_NONE;
}

struct vex_product vex_product_of(struct feed_run *run, struct text purl, struct text cpe, struct text name)
{
	struct vex_product p = { TEXT_NONE, TEXT_NONE };
	struct feed_criterion c = { 0 };
	if (purl.p && field_purl(run, purl, &p.key, &p.version)) {
		add_conditions(run, purl, &p);
		return p;
	}
	if (cpe.p && field_cpe(run, NULL, cpe, false, &c))
		return (struct vex_product){ c.product, whole_version(run, &c) };
	struct text lower = field_lower(run, field_summary(name));
	p.key = lower.n ? field_print(run, "name:%.*s", (int)lower.n, lower.p) : TEXT_NONE;
	return p;
}

/* FNV-1a, 64 bits. A document that collides on purpose is bounded by its size: see the limit on probes. */
static size_t hash(struct text t)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint8_t)t.p[i]) * 0x100000001b3u;
	return (size_t)(h ^ h >> 32);
}

#define PROBES_MAX 4096u

static struct vex_entry *slot(const struct vex_map *map, struct text id)
{
	for (size_t i = hash(id), tries = 0; tries < map->capacity && tries < PROBES_MAX; i++, tries++) {
		struct vex_entry *e = &map->entries[i & (map->capacity - 1)];
		if (!e->id.p || text_eq(e->id, id))
			return e;
	}
	return NULL;
}

static bool grow(struct feed_run *run, struct vex_map *map)
{
	struct vex_map larger = { .n = map->n, .capacity = map->capacity ? map->capacity * 2 : 64 };
	larger.entries = ARENA_ARRAY(run->arena, struct vex_entry, larger.capacity);
	for (size_t i = 0; larger.entries && i < map->capacity; i++) {
		struct vex_entry *to = map->entries[i].id.p ? slot(&larger, map->entries[i].id) : NULL;
		if (to)
			*to = map->entries[i];
	}
	if (larger.entries)
		*map = larger;
	return larger.entries != NULL;
}

void vex_map_add(struct feed_run *run, struct vex_map *map, const struct vex_entry *entry)
{
	if (!entry->id.p || error_is(&run->error))
		return;
	if (map->n * 2 >= map->capacity && !grow(run, map)) {
		field_fault(run, NULL, "the products take more memory than they may");
		return;
	}
	struct vex_entry *e = slot(map, entry->id);
	if (!e) {
		field_fault(run, NULL, "too many products look alike");
	} else if (!e->id.p) {
		*e = *entry;
		map->n++;
	}
}

struct vex_entry *vex_map_find(const struct vex_map *map, struct text id)
{
	struct vex_entry *e = map->capacity && id.p ? slot(map, id) : NULL;
	return e && e->id.p ? e : NULL;
}
