/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Buildroot writes of a build: the manifest of `make legal-info` (one for the target, one for the host's tools), the JSON
 * of `make show-info`, and that of support/scripts/pkg-stats.
 *
 * Specification: the Buildroot user manual, "Complying with open source licenses" and "Details about the different make
 * targets"; package/pkg-utils.mk (legal-manifest, json-info); support/scripts/pkg-stats. A CVE that a package ignores was
 * patched there or does not apply; none of these files tells which. */
#include <string.h>

#include "inspect/sbom.h"

#define CVES_MAX 20000u

static const char ignored[] =
	"Buildroot ignores it for this package: patched, or it does not apply; the list does not tell which";

/* Lists of CVEs that a build system keeps of a component, collected and then stated of it. */
struct cves {
	struct text *v;
	size_t n, room;
};

static void cves_read(struct sbom_reader *r, struct cves *list)
{
	struct text name;
	if (!sbom_array(r))
		return;
	while (sbom_string(r, &name)) {
		if (list->n == list->room) {
			size_t room = list->room ? list->room * 2 : 16;
			struct text *v = room <= CVES_MAX ? ARENA_ARRAY(r->arena, struct text, room) : NULL;
			r->failed |= !v;
			if (!v)
				continue;
			if (list->n)
				memcpy(v, list->v, list->n * sizeof *v);
			list->v = v;
			list->room = room;
		}
		list->v[list->n++] = name;
	}
}

static void cves_state(struct sbom_reader *r, const struct cves *list, const struct fact_declared_component *of, const char *status,
					   const char *note)
{
	for (size_t i = 0; i < list->n; i++)
		sbom_emit_statement(r, &(struct fact_declared_statement){
								   .line = of->line,
								   .vulnerability = list->v[i],
								   .name = of->name,
								   .version = of->version,
								   .cpe = of->cpe,
								   .status = text_c(status),
								   .note = text_c(note),
								   .author = text_c(r->format),
							   });
}

/* "host-busybox" for the tools of the host, which the manifest of these calls by their plain names. */
static struct text named(struct sbom_reader *r, struct text name, bool host)
{
	char *p = host && !text_starts(name, "host-") ? arena_alloc(r->arena, name.n + 6, 1) : NULL;
	if (!p)
		return name;
	memcpy(p, "host-", 5);
	if (name.n)
		memcpy(p + 5, name.p, name.n);
	return text_of(p, name.n + 5);
}

/* The next field of a line of values in quotation marks. */
static struct text field(struct text *line)
{
	const char *end;
	struct text t = *line;
	if (!text_starts(t, "\"")) {
		end = t.n ? memchr(t.p, ',', t.n) : NULL;
		t.n = end ? (size_t)(end - t.p) : t.n;
		*line = text_of(line->p + t.n + (end != NULL), line->n - t.n - (end != NULL));
		return t;
	}
	t = text_of(t.p + 1, t.n - 1);
	for (end = t.p; (end = memchr(end, '"', t.n - (size_t)(end - t.p))) != NULL; end++)
		if ((size_t)(end - t.p) + 1 == t.n || end[1] == ',')
			break;
	size_t n = end ? (size_t)(end - t.p) : t.n, used = end && n + 1 < t.n ? n + 2 : t.n;
	*line = text_of(t.p + used, t.n - used);
	return text_of(t.p, n);
}

void sbom_read_buildroot_csv(struct sbom_reader *r)
{
	bool host = text_has(text_base(r->path), "host-manifest");
	int64_t number = 0;
	r->format = "Buildroot legal-info";
	for (size_t at = 0; at < r->bytes.n;) {
		const uint8_t *from = r->bytes.p + at, *end = memchr(from, '\n', r->bytes.n - at);
		struct text line = text_of((const char *)from, end ? (size_t)(end - from) : r->bytes.n - at);
		at += line.n + 1;
		if (++number == 1)
			continue;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		struct text name = field(&line), version = field(&line), licence = field(&line);
		sbom_emit_component(
			r, &(struct fact_declared_component){
				   .line = number,
				   .name = named(r, name, host),
				   .version = version,
				   .licence = text_is(licence, "unknown") || text_is(licence, "not saved") ? TEXT_NONE : licence,
				   .kind = host ? TEXT_LIT("host package") : TEXT_LIT("package"),
				   .distribution = TEXT_LIT("buildroot"),
			   });
	}
	if (r->failed)
		emit_damage_at(r->sink, ERR_BUDGET, 0, "more in one document than is taken: %u rows at most", SBOM_ROWS_MAX);
}

struct package {
	struct fact_declared_component row;
	struct text type;
	bool is_virtual;
	struct cves ignored, affecting, unsure;
};

static void emit_package(struct sbom_reader *r, struct package *p)
{
	bool host = text_is(p->type, "host") || text_starts(p->row.name, "host-");
	p->row.kind = host ? TEXT_LIT("host package") : TEXT_LIT("package");
	p->row.distribution = TEXT_LIT("buildroot");
	if (p->is_virtual || text_is(p->type, "rootfs"))
		return;
	if (text_is(p->row.licence, "unknown"))
		p->row.licence = TEXT_NONE;
	sbom_emit_component(r, &p->row);
	cves_state(r, &p->ignored, &p->row, "not_affected", ignored);
	cves_state(r, &p->affecting, &p->row, "affected", "pkg-stats lists it");
	cves_state(r, &p->unsure, &p->row, "under_investigation", "pkg-stats could not compare the versions");
}

/* One package; both files call the same by other words. */
static void read_package(struct sbom_reader *r, struct text name)
{
	struct package p = { .row = { .line = sbom_line(r), .name = name } };
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "type"))
			sbom_text(r, &p.type);
		else if (sbom_key(r, "virtual"))
			sbom_bool(r, &p.is_virtual);
		else if (sbom_key(r, "version") || sbom_key(r, "current_version"))
			sbom_text(r, &p.row.version);
		else if (sbom_key(r, "licenses") || sbom_key(r, "license"))
			sbom_text(r, &p.row.licence);
		else if (sbom_key(r, "cpe-id") || sbom_key(r, "cpeid"))
			sbom_text(r, &p.row.cpe);
		else if (sbom_key(r, "ignore_cves") || sbom_key(r, "ignored_cves"))
			cves_read(r, &p.ignored);
		else if (sbom_key(r, "cves"))
			cves_read(r, &p.affecting);
		else if (sbom_key(r, "unsure_cves"))
			cves_read(r, &p.unsure);
		else
			sbom_skip(r);
	}
	emit_package(r, &p);
}

static void read_packages(struct sbom_reader *r)
{
	while (sbom_member(r)) {
		struct text name = TEXT_NONE;
		sbom_key_text(r, &name);
		read_package(r, name);
	}
}

void sbom_read_buildroot_info(struct sbom_reader *r)
{
	r->format = "Buildroot show-info";
	if (!sbom_begin(r))
		return;
	read_packages(r);
	sbom_end(r, true);
}

void sbom_read_buildroot_stats(struct sbom_reader *r)
{
	r->format = "Buildroot pkg-stats";
	if (!sbom_begin(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "packages") && sbom_object(r))
			read_packages(r);
		else if (json_pull_token(r->j) == PULL_KEY)
			sbom_skip(r);
	}
	sbom_end(r, true);
}
