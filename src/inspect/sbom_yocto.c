/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Yocto's classes cve-check and vex write of a build: cve-summary.json and the JSON of each recipe.
 *
 * Specification: the Yocto Project reference manual, "cve-check" and "CVE_STATUS"; meta/conf/cve-check-map.conf, which says
 * of each reason whether it counts as patched or as ignored. An ignored CVE does not always spare the product: what upstream
 * will not mend, or what is disputed, may be there. */
#include "inspect/sbom.h"

struct issue {
	struct text id, status, detail, description;
	int64_t line;
};

/* What a reason means; NULL: nothing by itself. */
static const struct {
	const char *detail, *status, *justification;
} reasons[] = {
	{ "backported-patch", "fixed", "" },
	{ "cpe-stable-backport", "fixed", "" },
	{ "fixed-version", "fixed", "" },
	{ "fix-file-included", "fixed", "" },
	{ "version-not-in-range", "not_affected", "vulnerable_code_not_present" },
	{ "cpe-incorrect", "not_affected", "component_not_present" },
	{ "not-applicable-config", "not_affected", "vulnerable_code_not_present" },
	{ "not-applicable-platform", "not_affected", "vulnerable_code_not_present" },
	{ "upstream-wontfix", "affected", "" },
	{ "disputed", "under_investigation", "" },
	{ "unknown", "under_investigation", "" },
	{ "vulnerable-investigating", "under_investigation", "" },
};

static void say(struct sbom_reader *r, struct text *out, const char *words, const struct issue *x)
{
	const struct text parts[] = { x->status, x->detail, x->description };
	struct text note = text_c(words);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		sbom_append(r, &note, parts[i]);
	*out = note;
}

static void emit_issue(struct sbom_reader *r, const struct fact_declared_component *of, const struct issue *x)
{
	struct fact_declared_statement row = {
		.line = x->line,
		.vulnerability = x->id,
		.name = of->name,
		.version = of->version,
		.author = text_c(r->format),
		.status = text_is(x->status, "Patched")     ? TEXT_LIT("fixed")
				  : text_is(x->status, "Ignored")   ? TEXT_LIT("not_affected")
				  : text_is(x->status, "Unpatched") ? TEXT_LIT("affected")
				  : text_is(x->status, "Unknown")   ? TEXT_LIT("under_investigation")
													: TEXT_NONE,
	};
	say(r, &row.note, "cve-check:", x);
	for (size_t i = 0; row.status.n && !text_is(x->status, "Unpatched") && i < sizeof reasons / sizeof reasons[0]; i++)
		if (text_is(x->detail, reasons[i].detail)) {
			row.status = text_c(reasons[i].status);
			row.justification = text_c(reasons[i].justification);
		}
	sbom_emit_statement(r, &row);
}

static void read_issues(struct sbom_reader *r, struct issue **v, size_t *n, size_t *room)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct issue x = { .line = sbom_line(r) };
		while (sbom_member(r)) {
			struct text *to = sbom_key(r, "id")            ? &x.id
							  : sbom_key(r, "status")      ? &x.status
							  : sbom_key(r, "detail")      ? &x.detail
							  : sbom_key(r, "description") ? &x.description
														   : NULL;
			if (to)
				sbom_text(r, to);
			else
				sbom_skip(r);
		}
		if (*n == *room) {
			size_t more = *room ? *room * 2 : 64;
			struct issue *larger = more <= SBOM_ROWS_MAX ? ARENA_ARRAY(r->arena, struct issue, more) : NULL;
			r->failed |= !larger;
			if (!larger)
				continue;
			for (size_t i = 0; i < *n; i++)
				larger[i] = (*v)[i];
			*v = larger;
			*room = more;
		}
		(*v)[(*n)++] = x;
	}
}

static void read_cpes(struct sbom_reader *r, struct fact_declared_component *row)
{
	struct text cpe;
	if (sbom_array(r))
		while (sbom_string(r, &cpe))
			sbom_append(r, &row->cpe, cpe);
}

/* Version and name may stand behind the issues. Tools of the build ("-native") are no part of an image. */
static void read_package(struct sbom_reader *r)
{
	struct fact_declared_component row = { .line = sbom_line(r), .kind = TEXT_LIT("recipe") };
	struct issue *issues = NULL;
	size_t n = 0, room = 0;
	bool has_issues = false;
	while (sbom_member(r)) {
		if (sbom_key(r, "name"))
			sbom_text(r, &row.name);
		else if (sbom_key(r, "version"))
			sbom_text(r, &row.version);
		else if (sbom_key(r, "cpes"))
			read_cpes(r, &row);
		else if (sbom_key(r, "issue")) {
			has_issues = true;
			read_issues(r, &issues, &n, &room);
		} else
			sbom_skip(r);
	}
	if (!has_issues)
		return; /* another document that has a list of packages */
	sbom_emit_component(r, &row);
	for (size_t i = 0; i < n; i++)
		emit_issue(r, &row, &issues[i]);
}

void sbom_read_yocto(struct sbom_reader *r)
{
	r->format = "Yocto cve-check";
	if (!sbom_begin(r))
		return;
	while (sbom_member(r)) {
		if (!sbom_key(r, "package")) {
			sbom_skip(r);
			continue;
		}
		if (sbom_array(r))
			while (sbom_item(r))
				read_package(r);
	}
	sbom_end(r, true);
}
