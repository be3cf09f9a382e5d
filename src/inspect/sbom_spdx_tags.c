/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 2.2 and 2.3 as tags and values (SPDX specification 2.3, clause 4.4): "Tag: value", values over several lines between
 * <text> and </text>. A package begins with its PackageName and ends with the next one, or with a file or a snippet. */
#include <string.h>

#include "inspect/sbom.h"

struct tags {
	struct sbom_reader *r;
	struct span bytes;
	size_t at;
	int64_t lines, line; /* read so far; of the pair at hand */
	struct text tag, value;
};

static struct text next_line(struct tags *t)
{
	const uint8_t *from = t->bytes.p + t->at, *end = memchr(from, '\n', t->bytes.n - t->at);
	size_t n = end ? (size_t)(end - from) : t->bytes.n - t->at;
	t->at += n + (end != NULL);
	t->lines++;
	return text_of((const char *)from, n && from[n - 1] == '\r' ? n - 1 : n);
}

/* The next pair; texts over several lines are passed over as a whole, their first line is the value. */
static bool next_pair(struct tags *t)
{
	while (t->at < t->bytes.n) {
		struct text line = next_line(t);
		const char *colon = line.n && line.p[0] != '#' ? memchr(line.p, ':', line.n) : NULL;
		if (!colon)
			continue;
		t->tag = text_of(line.p, (size_t)(colon - line.p));
		t->value = text_of(colon + 1, line.n - t->tag.n - 1);
		while (t->value.n && t->value.p[0] == ' ')
			t->value = text_of(t->value.p + 1, t->value.n - 1);
		t->line = t->lines;
		if (text_starts(t->value, "<text>") && !text_has(t->value, "</text>"))
			while (t->at < t->bytes.n && !text_has(next_line(t), "</text>"))
				;
		return true;
	}
	return false;
}

/* The first three, whatever blanks are between them. */
static void split(struct text value, struct text words[3])
{
	for (size_t k = 0; k < 3; k++) {
		value = text_trim(value, " \t");
		size_t end = 0;
		while (end < value.n && value.p[end] != ' ' && value.p[end] != '\t')
			end++;
		words[k] = text_of(value.p, end);
		value = text_of(value.p + end, value.n - end);
	}
}

/* "SECURITY cpe23Type cpe:2.3:..." */
static void take_reference(struct sbom_reader *r, struct text value, struct fact_declared_component *row)
{
	struct text words[3];
	split(value, words);
	if (text_is(sbom_spdx_type(words[1]), "purl") && !row->purl.n)
		row->purl = words[2];
	else if (text_is(sbom_spdx_type(words[1]), "cpe23Type") || text_is(sbom_spdx_type(words[1]), "cpe22Type"))
		sbom_append(r, &row->cpe, words[2]);
}

/* "A DESCRIBES B" of the document: B. */
static struct text described(struct text value)
{
	static const char words[] = "SPDXRef-DOCUMENT DESCRIBES ";
	return text_starts(value, words) ? text_of(value.p + sizeof words - 1, value.n - sizeof words + 1) : TEXT_NONE;
}

struct package {
	struct fact_declared_component row;
	struct text id, concluded, source;
	bool open;
};

static void finish(struct tags *t, struct package *p, struct text product, struct sbom_names *unshipped)
{
	if (sbom_spdx_is_unshipped(t->r, unshipped, p->id))
		p->row.scope = TEXT_LIT("excluded");
	p->row.source_package = sbom_spdx_source(t->r, p->source);
	if (p->open)
		sbom_emit_spdx(t->r, &p->row, p->concluded, product.n && text_eq(p->id, product));
	*p = (struct package){ .open = false };
}

static void take(struct tags *t, struct package *p)
{
	const struct {
		const char *tag;
		struct text *value;
	} fields[] = {
		{ "SPDXID", &p->id },
		{ "PackageVersion", &p->row.version },
		{ "PackageSupplier", &p->row.supplier },
		{ "PackageLicenseDeclared", &p->row.licence },
		{ "PackageLicenseConcluded", &p->concluded },
		{ "PrimaryPackagePurpose", &p->row.kind },
		{ "PackageSourceInfo", &p->source },
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (text_is(t->tag, fields[i].tag) && !fields[i].value->n)
			*fields[i].value = t->value;
	if (text_is(t->tag, "PackageChecksum") && text_starts(t->value, "SHA256: "))
		p->row.hash = text_of(t->value.p + 8, t->value.n - 8);
	if (text_is(t->tag, "ExternalRef"))
		take_reference(t->r, t->value, &p->row);
}

void sbom_read_spdx_tags(struct sbom_reader *r)
{
	struct text product = TEXT_NONE;
	unsigned n = 0;
	r->format = "SPDX 2";
	struct tags t = { .r = r, .bytes = r->bytes };
	struct sbom_names unshipped = { .n = 0 };
	while (next_pair(&t)) { /* what is described may be said at the end */
		struct text one = text_is(t.tag, "Relationship") ? described(t.value) : TEXT_NONE, words[3];
		if (text_is(t.tag, "Relationship")) {
			split(t.value, words);
			sbom_spdx_unship(r, &unshipped, words[0], words[1]);
		}
		if (text_is(t.tag, "SPDXVersion"))
			r->format = sbom_spdx_format(r, t.value);
		if (one.n && n++ == 0)
			product = one;
	}
	if (n != 1)
		product = TEXT_NONE;
	t = (struct tags){ .r = r, .bytes = r->bytes };
	while (unshipped.n && next_pair(&t)) {
		struct text words[3];
		split(t.value, words);
		if (text_is(t.tag, "Relationship"))
			sbom_spdx_ship(r, &unshipped, words[0], words[1], words[2]);
	}
	struct package p = { .open = false };
	t = (struct tags){ .r = r, .bytes = r->bytes };
	while (next_pair(&t)) {
		if (text_is(t.tag, "PackageName") || text_is(t.tag, "FileName") || text_is(t.tag, "SnippetSPDXID"))
			finish(&t, &p, product, &unshipped);
		if (text_is(t.tag, "PackageName"))
			p = (struct package){ .open = true, .row = { .line = sbom_line_of(r, t.line), .name = t.value } };
		else if (p.open)
			take(&t, &p);
	}
	finish(&t, &p, product, &unshipped);
	if (r->failed)
		emit_damage_at(r->sink, ERR_BUDGET, 0, "more in one document than is taken: %u packages at most",
					   SBOM_ROWS_MAX);
}
