/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CycloneDX 1.2 to 1.6 in JSON (ECMA-424): metadata.component, components and what they hold, with what the patches of
 * their pedigree resolve. */
#include "inspect/sbom_cyclonedx.h"

#include <string.h>

#define NESTED_MAX 32u

enum { SCOPE_UNSAID, SCOPE_EXCLUDED, SCOPE_OTHER };

static void read_licence(struct sbom_reader *r, struct text *licence)
{
	while (sbom_member(r)) {
		if (sbom_key(r, "id") || sbom_key(r, "name"))
			sbom_text(r, licence);
		else
			sbom_skip(r);
	}
}

static void read_licences(struct sbom_reader *r, struct text *licence)
{
	struct text one, sum = TEXT_NONE;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		one = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "expression"))
				sbom_text(r, &one);
			else if (!sbom_key(r, "license"))
				sbom_skip(r);
			else if (sbom_object(r))
				read_licence(r, &one);
		}
		if (sum.n && one.n)
			sbom_append(r, &sum, TEXT_LIT("AND"));
		sbom_append(r, &sum, one);
	}
	*licence = sum;
}

/* What this program and others that read package databases say of a package beside its purl. */
static void read_property(struct sbom_reader *r, struct fact_declared_component *row, struct text *source_release)
{
	struct text name = TEXT_NONE, value = TEXT_NONE;
	const struct {
		const char *name;
		struct text *to;
	} known[] = {
		{ "assay:source-package", &row->source_package },
		{ "assay:package-version", &row->package_version },
		{ "assay:distribution", &row->distribution },
		{ "aquasecurity:trivy:SrcName", &row->source_package },
		{ "aquasecurity:trivy:SrcEpoch", &source_release[0] },
		{ "aquasecurity:trivy:SrcVersion", &source_release[1] },
		{ "aquasecurity:trivy:SrcRelease", &source_release[2] },
	};
	while (sbom_member(r)) {
		if (sbom_key(r, "name"))
			sbom_text(r, &name);
		else if (sbom_key(r, "value"))
			sbom_text(r, &value);
		else
			sbom_skip(r);
	}
	if (text_is(name, "assay:cpe"))
		sbom_append(r, &row->cpe, value);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(name, known[i].name))
			*known[i].to = value;
}

static void read_properties(struct sbom_reader *r, struct fact_declared_component *row)
{
	struct text release[3] = { TEXT_NONE, TEXT_NONE, TEXT_NONE }; /* of the source: epoch, version, revision */
	if (!sbom_array(r))
		return;
	while (sbom_item(r))
		read_property(r, row, release);
	if (row->source_package.n && release[1].n) {
		bool epoch = release[0].n && !text_is(release[0], "0");
		row->source_package = text_c(arena_printf(
			r->arena, "%.*s@%.*s%s%.*s%s%.*s", (int)row->source_package.n, row->source_package.p, epoch ? (int)release[0].n : 0,
			epoch ? release[0].p : "", epoch ? ":" : "", (int)release[1].n, release[1].p, release[2].n ? "-" : "",
			(int)release[2].n, release[2].n ? release[2].p : ""));
	}
}

/* How sure the bill is of what the component is: the most that any method gives. */
static void read_identity(struct sbom_reader *r, struct text *confidence)
{
	while (sbom_member(r)) {
		if (!sbom_key(r, "confidence"))
			sbom_skip(r);
		else
			sbom_number(r, confidence);
	}
}

/* evidence.identity: an object up to CycloneDX 1.5, a list of such from 1.6 on, whose first counts. */
static void read_evidence(struct sbom_reader *r, struct text *confidence)
{
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		enum json_token t = sbom_key(r, "identity") ? json_pull_next(r->j) : PULL_END;
		if (t == PULL_END) {
			sbom_skip(r);
		} else if (t == PULL_OBJECT) {
			read_identity(r, confidence);
		} else if (t == PULL_ARRAY) {
			while (sbom_item(r)) {
				struct text one = TEXT_NONE;
				read_identity(r, &one);
				if (!confidence->n)
					*confidence = one;
			}
		} else if (t > PULL_END) {
			json_pull_skip(r->j);
		}
	}
}

/* ---- what a component was mended by ---- */

/* pedigree.patches[].resolves: vulnerabilities that are mended in what the bill is of, whatever its version says. */
struct patched {
	struct issue {
		struct text id;
		int64_t line;
	} *v;
	size_t n, room;
};

/* A kernel has thousands of them; SBOM_ROWS_MAX bounds what is told of the document. */
static void add_issue(struct sbom_reader *r, struct patched *p, struct issue issue)
{
	if (p->n == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		struct issue *v = room <= SBOM_ROWS_MAX * 2 ? ARENA_ARRAY(r->arena, struct issue, room) : NULL;
		r->failed |= !v;
		if (!v)
			return;
		if (p->n)
			memcpy(v, p->v, p->n * sizeof *v);
		p->v = v;
		p->room = room;
	}
	p->v[p->n++] = issue;
}

static void read_issue(struct sbom_reader *r, struct patched *p)
{
	int64_t line = sbom_line(r);
	struct text type = TEXT_NONE, id = TEXT_NONE, name = TEXT_NONE;
	while (sbom_member(r)) {
		if (sbom_key(r, "type"))
			sbom_text(r, &type);
		else if (sbom_key(r, "id"))
			sbom_text(r, &id);
		else if (sbom_key(r, "name"))
			sbom_text(r, &name);
		else
			sbom_skip(r);
	}
	id = id.n ? id : name;
	if (id.n && text_is(type, "security"))
		add_issue(r, p, (struct issue){ id, line });
}

static void read_patch(struct sbom_reader *r, struct patched *p)
{
	while (sbom_member(r)) {
		if (!sbom_key(r, "resolves"))
			sbom_skip(r);
		else if (sbom_array(r))
			while (sbom_item(r))
				read_issue(r, p);
	}
}

static void read_pedigree(struct sbom_reader *r, struct patched *p)
{
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (!sbom_key(r, "patches"))
			sbom_skip(r);
		else if (sbom_array(r))
			while (sbom_item(r))
				read_patch(r, p);
	}
}

static void emit_patched(struct cyclonedx *x, const struct fact_declared_component *row, const struct patched *p)
{
	for (size_t i = 0; i < p->n; i++)
		sbom_emit_statement(x->r, &(struct fact_declared_statement){ .line = p->v[i].line,
																	 .vulnerability = p->v[i].id,
																	 .status = TEXT_LIT("fixed"),
																	 .note = TEXT_LIT("a patch in its pedigree resolves it"),
																	 .author = x->author,
																	 .date = x->date,
																	 .name = row->name,
																	 .version = row->version,
																	 .purl = row->purl,
																	 .cpe = row->cpe });
}

/* It goes before those that properties add. */
static void read_cpe(struct sbom_reader *r, struct text *list)
{
	struct text cpe = TEXT_NONE, others = *list;
	sbom_text(r, &cpe);
	sbom_append(r, &cpe, others);
	*list = cpe;
}

/* ---- scopes ---- */

/* "excluded" is for tests and other things that are not there at run time, and "components" are what a component is put together of
 * (not what it depends on): these are not there either, unless they state a scope of their own. */

static bool add_scope(struct cyclonedx *x)
{
	if (x->nscopes == x->room) {
		size_t room = x->room ? x->room * 2 : 1024;
		uint8_t *scopes = arena_alloc(x->r->arena, room, 1);
		x->r->failed |= !scopes;
		if (!scopes)
			return false;
		if (x->nscopes)
			memcpy(scopes, x->scopes, x->nscopes);
		x->scopes = scopes;
		x->room = room;
	}
	x->scopes[x->nscopes++] = SCOPE_UNSAID;
	return true;
}

static void find_scopes(struct cyclonedx *x, unsigned depth);

static void find_scope(struct cyclonedx *x, unsigned depth)
{
	size_t own = x->nscopes;
	if (!add_scope(x)) {
		sbom_skip(x->r);
		return;
	}
	while (sbom_member(x->r)) {
		if (sbom_key(x->r, "components") && depth < NESTED_MAX) {
			find_scopes(x, depth + 1);
		} else if (sbom_key(x->r, "scope")) {
			struct text scope = TEXT_NONE;
			sbom_text(x->r, &scope);
			if (scope.n)
				x->scopes[own] = text_is(scope, "excluded") ? SCOPE_EXCLUDED : SCOPE_OTHER;
		} else {
			sbom_skip(x->r);
		}
	}
}

static void find_scopes(struct cyclonedx *x, unsigned depth)
{
	if (sbom_array(x->r))
		while (sbom_item(x->r))
			find_scope(x, depth);
}

static void find_all_scopes(struct cyclonedx *x)
{
	struct sbom_reader *r = x->r;
	if (!memmem(r->bytes.p, r->bytes.n, "\"excluded\"", 10) || !sbom_begin(r))
		return;
	while (sbom_member(r)) {
		bool metadata = sbom_key(r, "metadata");
		if (sbom_key(r, "components"))
			find_scopes(x, 0);
		else if (!metadata)
			sbom_skip(r);
		else if (sbom_object(r))
			while (sbom_member(r)) {
				if (!sbom_key(r, "component"))
					sbom_skip(r);
				else if (sbom_object(r))
					find_scope(x, 0);
			}
	}
	sbom_end(r, false);
}

/* Of the component that begins: whether it is excluded, for itself or as a part of what is. */
static bool is_excluded(struct cyclonedx *x, bool within)
{
	uint8_t scope = x->at < x->nscopes ? x->scopes[x->at] : SCOPE_UNSAID;
	x->at++;
	return scope == SCOPE_UNSAID ? within : scope == SCOPE_EXCLUDED;
}

/* ---- components ---- */

static void read_components(struct cyclonedx *x, bool excluded, unsigned depth);

/* The component whose object is open; `within`: what it is a part of is excluded. */
static void read_component(struct cyclonedx *x, bool is_product, bool within, unsigned depth)
{
	struct sbom_reader *r = x->r;
	bool excluded = is_excluded(x, within);
	struct fact_declared_component row = { .line = sbom_line(r) };
	struct text reference = TEXT_NONE, group = TEXT_NONE, publisher = TEXT_NONE, manufacturer = TEXT_NONE;
	struct patched patched = { .n = 0 };
	while (sbom_member(r)) {
		if (sbom_key(r, "name"))
			sbom_text(r, &row.name);
		else if (sbom_key(r, "group"))
			sbom_text(r, &group);
		else if (sbom_key(r, "version"))
			sbom_text(r, &row.version);
		else if (sbom_key(r, "purl"))
			sbom_text(r, &row.purl);
		else if (sbom_key(r, "cpe"))
			read_cpe(r, &row.cpe);
		else if (sbom_key(r, "type"))
			sbom_text(r, &row.kind);
		else if (sbom_key(r, "bom-ref"))
			sbom_text(r, &reference);
		else if (sbom_key(r, "publisher"))
			sbom_text(r, &publisher);
		else if (sbom_key(r, "supplier"))
			sbom_text_of(r, "name", &row.supplier);
		else if (sbom_key(r, "manufacturer")) /* since 1.6 */
			sbom_text_of(r, "name", &manufacturer);
		else if (sbom_key(r, "licenses"))
			read_licences(r, &row.licence);
		else if (sbom_key(r, "hashes"))
			sbom_sha256(r, "alg", "content", "SHA-256", &row.hash);
		else if (sbom_key(r, "scope"))
			sbom_text(r, &row.scope);
		else if (sbom_key(r, "properties"))
			read_properties(r, &row);
		else if (sbom_key(r, "evidence"))
			read_evidence(r, &row.confidence);
		else if (sbom_key(r, "pedigree"))
			read_pedigree(r, &patched);
		else if (sbom_key(r, "components") && depth < NESTED_MAX)
			read_components(x, excluded, depth + 1);
		else
			sbom_skip(r);
	}
	if (group.n && row.name.n)
		row.name = text_c(arena_printf(r->arena, "%.*s/%.*s", (int)group.n, group.p, (int)row.name.n, row.name.p));
	if (!row.supplier.n)
		row.supplier = manufacturer.n ? manufacturer : publisher;
	if (is_product)
		row.kind = TEXT_LIT("product");
	if (excluded && !row.scope.n)
		row.scope = TEXT_LIT("excluded");
	if (!text_is(row.kind, "file")) /* a file is what something lies in, not a part with a version */
		sbom_emit_component(r, &row);
	emit_patched(x, &row, &patched);
	if (reference.n && x->may_refer)
		sbom_names_add(r, &x->names, &(struct sbom_name){ .id = reference,
													  .what = { .name = row.name,
																.version = row.version,
																.purl = row.purl,
																.cpe = row.cpe,
																.kind = row.kind } });
}

static void read_components(struct cyclonedx *x, bool excluded, unsigned depth)
{
	if (!sbom_array(x->r))
		return;
	while (sbom_item(x->r))
		read_component(x, false, excluded, depth);
}

static void read_metadata(struct cyclonedx *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "timestamp"))
			sbom_text(r, &x->date);
		else if (sbom_key(r, "supplier") || sbom_key(r, "manufacture") || sbom_key(r, "manufacturer"))
			sbom_text_of(r, "name", &x->author);
		else if (!sbom_key(r, "component"))
			sbom_skip(r);
		else if (sbom_object(r))
			read_component(x, true, false, 0);
	}
}

static void read_version(struct sbom_reader *r)
{
	struct text version = TEXT_NONE;
	sbom_text(r, &version);
	r->format =
		arena_printf(r->arena, "CycloneDX %.*s", (int)(version.n < 16 ? version.n : 16), version.p ? version.p : "");
	if (!r->format)
		r->format = "CycloneDX";
}

/* specVersion may stand behind the components, whose rows name it. */
static void find_version(struct sbom_reader *r)
{
	r->format = "CycloneDX";
	if (!sbom_begin(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "specVersion")) {
			read_version(r);
			break;
		}
		sbom_skip(r);
	}
	sbom_end(r, false);
}
void sbom_read_cyclonedx(struct sbom_reader *r)
{
	static const char word[] = "\"vulnerabilities\"";
	struct cyclonedx x = { .r = r, .may_refer = memmem(r->bytes.p, r->bytes.n, word, sizeof word - 1) != NULL };
	find_version(r);
	find_all_scopes(&x);
	if (!sbom_begin(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "components"))
			read_components(&x, false, 0);
		else if (sbom_key(r, "metadata"))
			read_metadata(&x);
		else if (sbom_key(r, "serialNumber"))
			sbom_text(r, &x.serial);
		else {
			x.has_vulnerabilities |= sbom_key(r, "vulnerabilities");
			sbom_skip(r);
		}
	}
	sbom_end(r, true);
	if (!x.has_vulnerabilities || !sbom_begin(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "vulnerabilities"))
			cyclonedx_vulnerabilities_read(&x);
		else
			sbom_skip(r);
	}
	sbom_end(r, false);
}
