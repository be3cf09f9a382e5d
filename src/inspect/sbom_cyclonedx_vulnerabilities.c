/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vulnerabilities with an analysis in CycloneDX (ECMA-424, "vulnerabilities"), which name components by bom-ref, by BOM-Link
 * ("urn:cdx:serial/version#bom-ref") or by purl. */
#include "inspect/sbom_cyclonedx.h"

#include <string.h>
#include <strings.h>

#define AFFECTED_MAX 256u /* by one vulnerability; more are not looked at */

struct affected {
	struct text ref, version, status; /* version, status: TEXT_NONE where the document says none */
};

struct analysis {
	struct text id, state, justification, detail, date;
	int64_t line;
	struct affected affected[AFFECTED_MAX];
	unsigned n;
};

static const char *status_of(struct text state)
{
	static const struct {
		const char *theirs, *ours;
	} states[] = {
		{ "resolved", "fixed" },
		{ "resolved_with_pedigree", "fixed" },
		{ "exploitable", "affected" },
		{ "in_triage", "under_investigation" },
		{ "false_positive", "not_affected" },
		{ "not_affected", "not_affected" },
	};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (text_is(state, states[i].theirs))
			return states[i].ours;
	return NULL;
}

static void read_analysis(struct sbom_reader *r, struct analysis *a)
{
	struct text first = TEXT_NONE, last = TEXT_NONE;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "state"))
			sbom_text(r, &a->state);
		else if (sbom_key(r, "justification"))
			sbom_text(r, &a->justification);
		else if (sbom_key(r, "detail"))
			sbom_text(r, &a->detail);
		else if (sbom_key(r, "firstIssued"))
			sbom_text(r, &first);
		else if (sbom_key(r, "lastUpdated"))
			sbom_text(r, &last);
		else
			sbom_skip(r);
	}
	a->date = last.n ? last : first;
}

static void add_affected(struct analysis *a, struct affected affected)
{
	if (a->n < AFFECTED_MAX)
		a->affected[a->n++] = affected;
}

/* Versions, each with its own status. A range stands as it is written, and so equals no version that was found. */
static void read_versions(struct sbom_reader *r, struct analysis *a)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct affected one = { .ref = TEXT_NONE };
		while (sbom_member(r)) {
			if (sbom_key(r, "version") || sbom_key(r, "range"))
				sbom_text(r, &one.version);
			else if (sbom_key(r, "status"))
				sbom_text(r, &one.status);
			else
				sbom_skip(r);
		}
		if (one.version.n)
			add_affected(a, one);
	}
}

static void read_affects(struct sbom_reader *r, struct analysis *a)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text ref = TEXT_NONE;
		unsigned from = a->n;
		while (sbom_member(r)) {
			if (sbom_key(r, "ref"))
				sbom_text(r, &ref);
			else if (sbom_key(r, "versions"))
				read_versions(r, a);
			else
				sbom_skip(r);
		}
		if (a->n == from)
			add_affected(a, (struct affected){ .ref = ref });
		for (unsigned i = from; i < a->n; i++)
			a->affected[i].ref = ref;
	}
}

/* Percent-decoded, as a URI's fragment is. */
static struct text decode(struct sbom_reader *r, struct text t)
{
	char *p = arena_alloc(r->arena, t.n + 1, 1);
	size_t n = 0;
	for (size_t i = 0; p && i < t.n; i++) {
		unsigned v = 0;
		char digits[3] = { 0 };
		if (t.p[i] == '%' && i + 2 < t.n) {
			memcpy(digits, t.p + i + 1, 2);
			if (strspn(digits, "0123456789abcdefABCDEF") == 2) {
				for (int k = 0; k < 2; k++)
					v = v * 16 + (unsigned)(digits[k] <= '9' ? digits[k] - '0' : (digits[k] | 32) - 'a' + 10);
				i += 2;
			}
		}
		p[n++] = v ? (char)v : t.p[i];
	}
	return p ? text_of(p, n) : TEXT_NONE;
}

/* "urn:cdx:3e67.../1" of the document "urn:uuid:3e67...", in any of its versions; what has no number may be anything. */
static bool links_here(const struct cyclonedx *x, struct text link)
{
	static const char urn[] = "urn:cdx:", own[] = "urn:uuid:";
	size_t n = x->serial.n - (sizeof own - 1);
	if (!text_starts(x->serial, own) || !n)
		return true;
	return link.n > sizeof urn - 1 + n && strncasecmp(link.p + sizeof urn - 1, x->serial.p + sizeof own - 1, n) == 0 &&
		   strchr("/#", link.p[sizeof urn - 1 + n]);
}

/* What a ref means: a component of this document, the fragment of a BOM-Link, a purl. */
static void resolve(struct cyclonedx *x, struct text ref, struct fact_declared_statement *row)
{
	const struct sbom_name *name = sbom_names_find(x->r, &x->names, ref);
	if (!name && text_starts(ref, "urn:cdx:")) {
		const char *hash = memchr(ref.p, '#', ref.n);
		if (hash) {
			bool here = links_here(x, ref);
			ref = decode(x->r, text_of(hash + 1, ref.n - (size_t)(hash - ref.p) - 1));
			name = here ? sbom_names_find(x->r, &x->names, ref) : NULL;
		}
	}
	struct text purl = name ? TEXT_NONE : sbom_canonical_purl(x->r, ref);
	if (!name) {
		row->name = purl.n ? TEXT_NONE : ref;
		row->purl = purl;
	} else {
		bool is_product = text_is(name->what.kind, "product");
		if (is_product)
			row->product = name->what.name;
		if (is_product && !name->what.purl.n && !name->what.cpe.n)
			return;
		row->name = name->what.name;
		row->purl = name->what.purl;
		row->cpe = name->what.cpe;
		row->version = name->what.version;
	}
}

/* A version whose own status contradicts the analysis is not meant by it. */
static bool is_meant(const struct affected *affected, const char *status)
{
	bool good = strcmp(status, "not_affected") == 0 || strcmp(status, "fixed") == 0;
	if (text_is(affected->status, "unknown"))
		return strcmp(status, "under_investigation") == 0;
	if (text_is(affected->status, "unaffected"))
		return good;
	return !text_is(affected->status, "affected") || !good;
}

static void emit_analysis(struct cyclonedx *x, const struct analysis *a)
{
	const char *status = status_of(a->state);
	for (unsigned i = 0; status && i < a->n; i++) {
		struct fact_declared_statement row = {
			.line = a->line,
			.vulnerability = a->id,
			.status = text_c(status),
			.justification = a->justification,
			.note = a->detail,
			.author = x->author,
			.date = a->date.n ? a->date : x->date,
		};
		if (!is_meant(&a->affected[i], status))
			continue;
		resolve(x, a->affected[i].ref, &row);
		if (a->affected[i].version.n)
			row.version = a->affected[i].version;
		sbom_emit_statement(x->r, &row);
	}
}

void cyclonedx_vulnerabilities_read(struct cyclonedx *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct analysis a = { .line = sbom_line(r) };
		while (sbom_member(r)) {
			if (sbom_key(r, "id"))
				sbom_text(r, &a.id);
			else if (sbom_key(r, "analysis"))
				read_analysis(r, &a);
			else if (sbom_key(r, "affects"))
				read_affects(r, &a);
			else
				sbom_skip(r);
		}
		emit_analysis(x, &a);
	}
}
