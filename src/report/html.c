/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/hash.h"
#include "report/html_internal.h"
#include "report/view_software.h"

void html_put(struct page *p, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(p->out, format, args);
	va_end(args);
}

/* The length of the beginning that is shown, whole characters. */
static size_t shown_length(struct text t)
{
	if (t.n <= HTML_TEXT_MAX)
		return t.n;
	size_t n = HTML_TEXT_MAX;
	while (n > HTML_TEXT_MAX - 4 && ((unsigned char)t.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void html_text(struct page *p, struct text t)
{
	char number[VIEW_NUMBER_MAX];
	size_t n = shown_length(t);
	char *safe = escape_html(text_of(t.p, n));
	if (!safe) {
		p->error = error_at(ERR_MEMORY, 0, "no memory for the report");
		return;
	}
	fputs(safe, p->out);
	free(safe);
	if (n < t.n)
		html_put(p, "<span class=\"note\">\xe2\x80\xa6 (%s bytes)</span>", view_count((int64_t)t.n, number));
}

void html_place(struct page *p, int64_t blob_id, int64_t line, int64_t offset)
{
	if (blob_id == FACT_NULL)
		return;
	char *path = view_inner_path(p->v, blob_id, p->scratch), *name = view_name(p->v, blob_id, p->scratch);
	if (!path || !name) {
		p->error = error_at(ERR_MEMORY, 0, "no memory for the report");
		return;
	}
	size_t all = strlen(path), own = strlen(name);
	html_put(p, "<code class=\"place\">");
	if (all > own) {
		html_put(p, "<span class=\"via\">");
		html_text(p, text_of(path, all - own));
		html_put(p, "</span>");
	}
	html_text(p, text_c(name));
	if (line != FACT_NULL)
		html_put(p, ":%lld", (long long)line);
	html_put(p, "</code>");
	if (line == FACT_NULL && offset != FACT_NULL && offset != 0)
		html_put(p, " <span class=\"note\">at 0x%llx</span>", (unsigned long long)offset);
}

sqlite3_stmt *html_select(struct page *p, const char *table, const char *const *columns, size_t n, const char *rest)
{
	sqlite3_stmt *s = NULL;
	if (!error_is(&p->error))
		p->error = view_select(view_db(p->v), table, columns, n, rest, &s);
	return s;
}

bool html_step(struct page *p, sqlite3_stmt *s)
{
	arena_reset(p->scratch);
	if (s && !error_is(&p->error) && view_step(s, &p->error))
		return true;
	sqlite3_finalize(s);
	return false;
}

/* A digest as a Content-Security-Policy source: SHA-256 in base64 (CSP Level 3, section 2.3.1). */
static void source_of(const char *text, char out[64])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char hex[65];
	uint8_t bytes[33] = { 0 };
	hash_sha256_hex(span_of(text, strlen(text)), hex);
	for (size_t i = 0; i < 32; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	char *o = out;
	for (size_t i = 0; i < 33; i += 3) {
		uint32_t v = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*o++ = digits[v >> shift & 63];
	}
	o[-1] = '=';
	*o = '\0';
}

/* Trusted types (W3C) with no policy: the script can not make markup of a string either. */
static void policy(struct page *p, const char *source)
{
	char style[64], script[64];
	source_of(html_style, style);
	source_of(source, script);
	html_put(p,
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s';"
			 " script-src 'sha256-%s'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script';"
			 " trusted-types 'none'\">\n",
			 style, script);
}

void html_begin(struct page *p, const char *script)
{
	html_put(p, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	policy(p, script);
	html_put(p, "<meta name=\"referrer\" content=\"no-referrer\">\n"
				"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Assay");
}

void html_begin_body(struct page *p)
{
	html_put(p, "</title>\n<style>%s</style>\n</head>\n<body>\n", html_style);
}

/* The name of the product as its file has it, as a heading; false when there is none. */
static bool product_name(struct page *p, const char *before, const char *after)
{
	static const char *const columns[] = { "value" };
	sqlite3_stmt *s = html_select(p, "declaration", columns, 1,
								  "WHERE section = 'product' AND key = 'name' AND value <> '' ORDER BY id LIMIT 1");
	bool is_there = false;
	while (html_step(p, s)) {
		is_there = true;
		html_put(p, "%s", before);
		html_text(p, view_text(s, 0));
		html_put(p, "%s", after);
	}
	return is_there;
}

static void head(struct page *p)
{
	static const char *const columns[] = { "location" };
	html_begin(p, html_script);
	bool is_declared = product_name(p, ": ", "");
	sqlite3_stmt *s = html_select(p, "input", columns, 1, is_declared ? "WHERE 0" : "ORDER BY id LIMIT 3");
	for (int i = 0; html_step(p, s); i++) {
		html_put(p, i ? ", " : ": ");
		html_text(p, text_base(view_text(s, 0)));
	}
	html_begin_body(p);
}

static void product(struct page *p, sqlite3_stmt *s, const char *heading)
{
	char size[VIEW_NUMBER_MAX], bytes[VIEW_NUMBER_MAX];
	int64_t root = view_root(p->v, view_int(s, 0)), n = view_int(s, 2);
	struct text sha256 = view_text(s, 3);
	html_put(p, "<%s>", heading);
	html_text(p, text_base(view_text(s, 1)));
	html_put(p, "</%s>\n", heading);
	const char *what = root ? view_describe(p->v, root, p->scratch) : NULL;
	if (what) {
		html_put(p, "<p class=\"lead\">");
		html_text(p, text_c(what));
		html_put(p, "</p>\n");
	}
	html_put(p, "<dl class=\"identity\">");
	if (n != FACT_NULL) {
		html_put(p, "<div><dt>Size</dt><dd>%s", view_size(n, size));
		if (n >= 1024)
			html_put(p, " (%s bytes)", view_count(n, bytes));
		html_put(p, "</dd></div>");
	}
	if (sha256.n) {
		html_put(p, "<div><dt>SHA-256</dt><dd><code>");
		html_text(p, sha256);
		html_put(p, "</code></dd></div>");
	}
	html_put(p, "</dl>\n");
}

/* What the product file says that the product is. */
static void declared(struct page *p)
{
	static const char *const columns[] = { "key", "value" };
	sqlite3_stmt *s =
		html_select(p, "declaration", columns, 2, "WHERE section = 'product' AND value <> '' ORDER BY id LIMIT 40");
	bool any = false;
	while (html_step(p, s)) {
		html_put(p, any ? "<div><dt>" : "<dl class=\"identity\"><div><dt>");
		any = true;
		html_text(p, view_text(s, 0));
		html_put(p, "</dt><dd>");
		html_text(p, view_text(s, 1));
		html_put(p, "</dd></div>");
	}
	html_put(p, any ? "</dl>\n" : "");
}

static void products(struct page *p)
{
	static const char *const columns[] = { "id", "location", "size", "sha256" };
	html_put(p, "<header class=\"product\">\n");
	bool is_declared = product_name(p, "<h1>", "</h1>\n");
	declared(p);
	sqlite3_stmt *s = html_select(p, "input", columns, 4, "ORDER BY id");
	while (html_step(p, s))
		product(p, s, is_declared ? "h2" : "h1");
	const char *at = view_meta(p->v, "finished_at", p->scratch), *version = view_meta(p->v, "version", p->scratch);
	html_put(p, "<p class=\"note\">Assessed");
	if (at) {
		html_put(p, " on ");
		html_text(p, text_c(at));
	}
	html_put(p, " by Assay ");
	html_text(p, text_c(version ? version : ""));
	html_put(p, "</p>\n</header>\n");
}

/* How old what the software was matched with is: a report that is silent on it would comfort where it may not. */
static void feeds(struct page *p)
{
	char age[VIEW_NUMBER_MAX];
	sqlite3_stmt *s = NULL;
	if (!error_is(&p->error))
		p->error = view_feeds(p->v, VIEW_FEEDS_OLDEST_FIRST, &s);
	while (html_step(p, s)) {
		struct view_feed f = view_feed(s);
		html_put(p, "<li>Feed ");
		html_text(p, f.name);
		html_put(p, ": %s</li>\n", view_age(f.age, age));
	}
}

void html_probe_run(struct page *p, sqlite3_stmt *s)
{
	html_put(p, "<li><code>");
	html_text(p, view_text(s, 0));
	html_put(p, "</code> is ");
	html_text(p, view_text(s, 1));
	html_put(p, view_text(s, 2).n ? ": " : "");
	html_text(p, view_text(s, 2));
	html_put(p, "</li>\n");
}

/* What each probe saw; what is not complete comes first. */
static void not_looked_at(struct page *p)
{
	static const char *const columns[] = { "probe", "status", "detail" };
	html_put(p, "<section>\n<h2 id=\"unseen\">What was looked at, and what was not</h2>\n<ul class=\"plain\">\n");
	sqlite3_stmt *s = html_select(p, "probe_run", columns, 3, "ORDER BY status = 'complete', id");
	while (html_step(p, s))
		html_probe_run(p, s);
	feeds(p);
	html_put(p, "</ul>\n</section>\n");
}

/* What is essential, for those who run no scripts; the viewer takes its place. */
static void essentials(struct page *p)
{
	html_put(p, "<main class=\"static\">\n");
	products(p);
	html_put(
		p,
		"<noscript><p>With scripts the report shows all that was found: contents, components, what starts at boot,"
		" keys, and the rows behind every verdict. The script is a part of this file, and loads nothing.</p></noscript>\n");
	html_counts(p);
	html_verdicts(p);
	not_looked_at(p);
	html_put(p, "</main>\n");
}

struct error report_html(sqlite3 *db, FILE *out)
{
	struct page p = { .out = out, .error = error_none() };
	p.v = view_open(db, &p.error);
	p.scratch = arena_new(0);
	if (!error_is(&p.error) && !p.scratch)
		p.error = error_at(ERR_MEMORY, 0, "no memory for the report");
	if (!error_is(&p.error)) {
		head(&p);
		essentials(&p);
		html_data(&p);
		html_put(&p, "<script>%s</script>\n</body>\n</html>\n", html_script);
		if (!error_is(&p.error))
			p.error = view_failure(p.v);
	}
	if (!error_is(&p.error) && (fflush(out) || ferror(out)))
		p.error = error_at(ERR_IO, 0, "writing the HTML report: %m");
	arena_free(p.scratch);
	view_close(p.v);
	return p.error;
}
