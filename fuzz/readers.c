/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cpe.h"
#include "base/cvss.h"
#include "base/hash.h"
#include "base/json_pull.h"
#include "base/openpgp.h"
#include "base/purl.h"
#include "base/spdx_expression.h"
#include "base/version.h"
#include "case/glance.h"
#include "document/document.h"
#include "excerpts.h"
#include "fact/fact.h"
#include "feeds.h"
#include "format/android_sparse.h"
#include "format/sevenzip.h"
#include "format/transfer_list.h"
#include "judge/internal.h"
#include "judge/judge.h"
#include "product/product.h"

struct cut {
	struct span left;
	size_t size;
};

static struct error read_cut(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct cut *c = context;
	struct span part = span_clip(c->left, 0, c->size < n ? c->size : n);
	if (part.n)
		memcpy(into, part.p, part.n);
	c->left = span_from(c->left, part.n);
	*got = part.n;
	return error_none();
}

/* How many tokens, and whether the last was an error. */
static uint64_t count_tokens(struct json_pull *j, bool *failed)
{
	char path[200];
	uint64_t n = 0;
	for (enum json_token t = json_pull_next(j); t > PULL_END; t = json_pull_next(j), n++)
		(void)json_pull_path(j, path, sizeof path);
	struct error e = json_pull_error(j);
	*failed = error_is(&e);
	return n;
}

/* Whole and in small chunks: the same tokens. */
static void run_json(struct span bytes)
{
	bool failed[2] = { false };
	uint64_t n[2] = { 0 };
	struct cut cut = { bytes, 1 + bytes.n % 7 };
	struct json_pull *j[2] = { json_pull_new_span(bytes, NULL), json_pull_new(read_cut, &cut, NULL) };
	for (unsigned i = 0; i < 2; i++) {
		n[i] = j[i] ? count_tokens(j[i], &failed[i]) : 0;
		json_pull_free(j[i]);
	}
	bool marked = span_starts(bytes, "\xef\xbb\xbf", 3); /* seen only where it lies in one chunk */
	if (!marked && j[0] && j[1] && (n[0] != n[1] || failed[0] != failed[1]))
		abort();
}

static void run_openpgp_packets(struct span rest)
{
	struct openpgp_packet p;
	struct openpgp_signature s;
	struct openpgp_key key;
	uint8_t digest[OPENPGP_DIGEST_MAX], value[OPENPGP_VALUE_MAX];
	const char *method;
	for (size_t left = rest.n; openpgp_take(&rest, &p); left = rest.n) {
		if (rest.n >= left)
			abort();
		(void)openpgp_read_key(p.body, &key);
		if (!openpgp_read_signature(p.body, &s))
			continue;
		struct evp_md_ctx_st *c = openpgp_digest_begin(&s);
		if ((c && openpgp_digest_end(c, &s, digest) > sizeof digest) ||
			openpgp_value(&s, value, &method) > sizeof value)
			abort();
	}
}

/* As packets, and as an armor around them. */
static void run_openpgp(struct span bytes)
{
	struct arena *a = arena_new(16u << 20);
	struct span packets;
	uint64_t end;
	run_openpgp_packets(bytes);
	if (a && openpgp_dearmor(a, bytes, 0, &packets, &end)) {
		if (end > bytes.n)
			abort();
		run_openpgp_packets(packets);
	}
	arena_free(a);
}

/* What is taken is written in a form that is taken again, and is the same then. */
static void run_purl(struct span bytes)
{
	struct arena *a = arena_new(1u << 20);
	struct purl purl, again;
	if (a && purl_parse(text_from_span(bytes), &purl, a)) {
		char *built = purl_build(&purl, a);
		char *twice = built && purl_parse(text_c(built), &again, a) ? purl_build(&again, a) : NULL;
		if (built && strlen(built) <= PURL_MAX && (!twice || strcmp(built, twice) != 0))
			abort();
	}
	arena_free(a);
}

static void run_expression(struct span bytes)
{
	(void)spdx_is_expression(text_from_span(bytes));
}

/* What a URI is made to is a name. */
static void run_cpe(struct span bytes)
{
	char formatted[CPE_MAX], value[CPE_MAX];
	struct cpe name, other;
	size_t n = cpe_from_uri(text_from_span(bytes), formatted, sizeof formatted);
	if (n && !cpe_parse(text_of(formatted, n), &other))
		abort();
	if (!cpe_parse(text_from_span(bytes), &name))
		return;
	for (int i = 0; i < CPE_ATTRIBUTES; i++) {
		(void)cpe_compare_attribute(name.a[i], name.a[i]);
		(void)cpe_value(name.a[i], value, sizeof value);
	}
}

/* Two versions, a NUL between: each order is the same from both sides, and what is beside a release on its own side of it. */
static void run_version(struct span bytes)
{
	struct text a = text_until_nul(bytes);
	struct text b = text_from_span(span_from(bytes, a.n + 1));
	for (int order = 0; order < VERSION_ORDERS; order++) {
		int there = version_compare((enum version_order)order, a, b),
			back = version_compare((enum version_order)order, b, a);
		if (there != (back == VERSION_INCOMPARABLE ? back : -back))
			abort();
		int side = version_beside_release((enum version_order)order, a, b);
		if (side && order != VERSION_SEMVER && order != VERSION_DATE && there != side && there != VERSION_INCOMPARABLE)
			abort();
	}
}

static void run_cvss(struct span bytes)
{
	struct cvss c;
	if (cvss_compute(text_from_span(bytes), &c) && (c.base < 0 || c.base > 100 || c.score < 0 || c.score > 100))
		abort();
}

static bool touch_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	uint64_t sum = (uint64_t)id;
	(void)context;
	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].text.n; k++)
			sum += (uint8_t)v[i].text.p[k];
	__asm__ volatile("" : : "r"(sum)); /* the bytes are read, whatever the compiler thinks of it */
	return true;
}

/* A case file: the bytes become one without a name. */
static void run_case(struct span bytes)
{
	static const char *const tables[] = { "software", "vulnerability", "meta", "software_exposure" };
	static struct glance g; /* is begun again and again, as by `watch` */
	char path[64];
	int fd = memfd_create("case", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (glance_begin(&g, path)) {
		for (size_t i = 0; i < 4; i++)
			(void)glance_rows(&g, tables[i], NULL, touch_row, NULL);
		(void)glance_end(&g);
	}
	close(fd);
}

static void touch_fact(struct sink *sink, enum fact_type type, const void *row)
{
	struct buf wire = buf_with_limit(0);
	(void)sink;
	if (fact_encode(type, row, &wire))
		abort();
	buf_free(&wire);
}

/* A product file, with and without paths that lead out of its folder. */
static void run_product(struct span bytes)
{
	struct text text = text_from_span(bytes);
	struct sink sink = { touch_fact };
	struct doc_error e;
	(void)product_recognise(text);
	for (int outside = 0; outside < 2; outside++) {
		struct product *p = product_load("fuzz", text, outside, &e);
		if (p)
			product_emit(p, &sink);
		else if (!e.text[0])
			abort();
		product_free(p);
	}
}

static void ignore_row(struct sink *sink, enum fact_type type, const void *row)
{
	const struct fact_table *t = &fact_tables[type];
	(void)sink;
	for (size_t i = 0; i < t->ncolumns; i++) { /* a stray pointer is found out */
		const struct text *field = (const struct text *)(const void *)((const char *)row + t->columns[i].at);
		if (t->columns[i].type == FACT_TEXT && field->n && memchr(field->p, 1, field->n) == field->p + field->n)
			abort();
	}
}

static void run_document(struct span bytes, const char *name)
{
	static const struct document_limits limits = { 1 << 20, 1 << 20, 100000, 10, 200, 1000, 10 };
	struct sink sink = { ignore_row };
	struct document_options options = {
		.name = text_c(name), .role = "privacy-notice", .language = "en", .limits = &limits
	};
	struct error e = document_examine(bytes, &options, &sink);
	(void)e;
}

static void run_document_html(struct span bytes)
{
	run_document(bytes, "a.html");
}

static void run_document_markdown(struct span bytes)
{
	run_document(bytes, "a.md");
}

static void run_document_text(struct span bytes)
{
	run_document(bytes, "a.txt");
}

/* A guideline pack: what is taken can be explained. The empty case that its SQL is prepared against is kept for a while. */
static void run_pack(struct span bytes)
{
	static const char *const probes[] = { "firmware.unpack", "firmware.accounts", "product.read", "document.read",
										  NULL };
	static struct packs *packs;
	static FILE *nowhere;
	static unsigned runs;
	struct pack_error e;
	if (++runs % 256 == 0) {
		packs_free(packs);
		packs = NULL;
	}
	packs = packs ? packs : packs_new(probes);
	nowhere = nowhere ? nowhere : fopen("/dev/null", "we");
	const struct pack *p = packs ? packs_load_text(packs, "fuzz", text_from_span(bytes), &e) : NULL;
	if (packs && !p && !e.text[0])
		abort();
	for (size_t i = 0; p && nowhere && i < p->nrequirements; i++)
		explain_requirement(nowhere, &p->requirements[i]);
	if (p)
		packs->n = 0; /* one run knows nothing of another */
}

/* The header of a 7z archive, behind its length, and the archive: without the CRCs, which no change would survive. */
static void run_sevenzip(struct span bytes)
{
	size_t n = span_u16le(bytes, 0);
	uint64_t left = 4 << 20;
	struct sevenzip_header h;
	struct arena *arena = arena_new(16 << 20);
	struct error e = sevenzip_header_read(span_clip(bytes, 2, n), arena, &h);
	for (uint32_t i = 0; !error_is(&e) && i < h.streams.folders_n && i < 16; i++) {
		struct buf out = buf_with_limit(1 << 20);
		struct error one = sevenzip_unpack(span_from(bytes, 2 + n), &h.streams, &h.streams.folders[i], &left, &out);
		if (!error_is(&one) && out.n != h.streams.folders[i].sizes[h.streams.folders[i].main])
			abort();
		buf_free(&out);
	}
	arena_free(arena);
}

struct fuzz_source {
	struct transfer_source source; /* first */
	struct span rest;
};

static size_t take_rest(struct transfer_source *s, uint8_t *out, size_t n)
{
	struct fuzz_source *f = (struct fuzz_source *)s;
	struct span part = span_clip(f->rest, 0, n);
	if (part.n)
		memcpy(out, part.p, part.n);
	f->rest = span_from(f->rest, part.n);
	return part.n;
}

static void wrote_nothing(struct transfer_source *s, struct span bytes)
{
	(void)s;
	(void)bytes;
}

/* A list, and behind a NUL the new blocks: what is read is done where the partition is not too large for that. */
static void run_transfer_list(struct span bytes)
{
	struct text text = text_until_nul(bytes);
	struct transfer_list list;
	struct error e = transfer_list_read(span_of(text.p, text.n), &list);
	struct fuzz_source source = { { take_rest, wrote_nothing }, span_from(bytes, text.n + 1) };
	struct transfer_done done = { 0 };
	(void)e;
	uint8_t *out = list.blocks && list.blocks <= 256 ? malloc((size_t)list.blocks * TRANSFER_BLOCK) : NULL;
	if (out && transfer_list_apply(&list, &source.source, out, &done) && done.taken > list.fresh * TRANSFER_BLOCK)
		abort();
	if (out && done.taken && hash_crc32(0, span_of(out, (size_t)list.blocks * TRANSFER_BLOCK)) == 1) /* all of it has been written */
		fputc('\n', stderr);
	free(out);
	transfer_list_free(&list);
}

/* The part of a sparse image, laid twice. */
static void run_sparse_part(struct span bytes)
{
	uint32_t block_size, blocks;
	if (!android_sparse_size(bytes, &block_size, &blocks) || (uint64_t)block_size * blocks > 1u << 20)
		return;
	struct android_sparse_whole w = { malloc((size_t)block_size * blocks), calloc(1, blocks / 8 + 1), blocks, 0, block_size };
	for (unsigned i = 0; w.image && w.written && i < 2; i++) {
		struct error e = android_sparse_lay(bytes, &w);
		(void)e;
	}
	free(w.image);
	free(w.written);
}

const struct reader_target reader_targets[] = {
	{ "7z", run_sevenzip },
	{ "document-html", run_document_html },
	{ "document-markdown", run_document_markdown },
	{ "document-text", run_document_text },
	{ "cpe", run_cpe },
	{ "version", run_version },
	{ "cvss", run_cvss },
	{ "excerpts", excerpts_run },
	{ "json", run_json },
	{ "purl", run_purl },
	{ "openpgp", run_openpgp },
	{ "spdx-expression", run_expression },
	{ "sparse-part", run_sparse_part },
	{ "transfer-list", run_transfer_list },
	{ "feed-links", feed_run_links },
	{ "feed-rows", feed_run_rows },
	{ "case-pages", run_case },
	{ "product", run_product },
	{ "pack", run_pack },
	{ 0 },
};

const struct reader_target *reader_target_find(const char *name)
{
	for (const struct reader_target *t = reader_targets; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}
