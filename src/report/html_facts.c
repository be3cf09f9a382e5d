/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of the HTML report, theme by theme. */
#include "report/html_internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct html_cell account_cells[] = {
	{ "user", "User", CELL_TEXT },
	{ "uid", "UID", CELL_NUMBER },
	{ "state", "State", CELL_TEXT },
	{ "hash_scheme", "Hash", CELL_TEXT },
	{ "password", "Password found", CELL_CODE },
	{ "password_source", "In list", CELL_TEXT },
	{ "shell", "Shell", CELL_CODE },
};

static const struct html_cell startup_cells[] = {
	{ "command", "Command", CELL_CODE },
	{ "enabled", "Started", CELL_YES_NO },
	{ "mechanism", "By", CELL_TEXT },
	{ "detail", "Detail", CELL_TEXT },
};

static const struct html_cell key_cells[] = {
	{ "type", "Type", CELL_TEXT },      { "bits", "Bits", CELL_NUMBER },
	{ "container", "Form", CELL_TEXT }, { "encrypted", "Encrypted", CELL_YES_NO },
	{ "use", "Use", CELL_TEXT },
};

static const struct html_cell certificate_cells[] = {
	{ "subject", "Subject", CELL_TEXT },           { "not_before", "From", CELL_DATE },
	{ "not_after", "Until", CELL_DATE },           { "key_type", "Key", CELL_TEXT },
	{ "key_bits", "Bits", CELL_NUMBER },           { "signature", "Signature", CELL_TEXT },
	{ "self_signed", "Self-signed", CELL_YES_NO }, { "weak", "Weakness", CELL_TEXT },
};

static const struct html_cell secret_cells[] = {
	{ "kind", "Kind", CELL_TEXT },
	{ "name", "Name", CELL_CODE },
	{ "value", "Value", CELL_CODE },
	{ "proof", "Checked", CELL_TEXT },
	{ "confidence", "Confidence", CELL_TEXT },
	{ "harmless", "Harmless", CELL_TEXT },
};

static const struct html_cell store_cells[] = {
	{ "kind", "Kind", CELL_TEXT },
	{ "content", "Personal data", CELL_TEXT },
	{ "evidence", "Shown by", CELL_CODE },
	{ "records", "Records", CELL_NUMBER },
	{ "encrypted", "Encrypted", CELL_YES_NO },
};

static const struct html_cell component_cells[] = {
	{ "name", "Component", CELL_TEXT },
	{ "version", "Version", CELL_TEXT },
	{ "evidence_kind", "Shown by", CELL_TEXT },
	{ "evidence", "Text", CELL_CODE },
};

static const struct html_cell damage_cells[] = {
	{ "kind", "Kind", CELL_TEXT },
	{ "what", "What", CELL_TEXT },
};

static const struct html_cell weak_elf_cells[] = {
	{ "type", "Type", CELL_TEXT },
	{ "pie", "PIE", CELL_YES_NO },
	{ "nx", "NX", CELL_YES_NO },
	{ "relro", "RELRO", CELL_TEXT },
	{ "canary", "Canary", CELL_YES_NO },
	{ "fortify", "Fortify", CELL_YES_NO },
	{ "dangerous", "Risky imports", CELL_CODE },
};

static const struct html_listing accounts = HTML_LISTING(
	"account",
	"ORDER BY password IS NULL AND state IS NOT 'empty', CASE state WHEN 'empty' THEN 0 WHEN 'set' THEN 1 ELSE 2 END,"
	" id",
	"No accounts were found.", account_cells, 500);
static const struct html_listing startups =
	HTML_LISTING("startup", "ORDER BY enabled DESC, id", "Nothing that is started was found.", startup_cells, 500);
static const struct html_listing keys = HTML_LISTING("private_key", "ORDER BY id", "No private keys were found.", key_cells, 500);
static const struct html_listing certificates = HTML_LISTING("certificate", "ORDER BY coalesce(weak, '') = '', id",
												   "No certificates were found.", certificate_cells, 500);
static const struct html_listing secrets =
	HTML_LISTING("secret", "ORDER BY coalesce(harmless, '') <> '', confidence = 'possible', id",
			"No credentials were found beside those of accounts and keys.", secret_cells, 500);
static const struct html_listing stores = HTML_LISTING("data_store", "ORDER BY coalesce(content, '') = '', id",
											 "Nothing that keeps personal data was found.", store_cells, 500);
static const struct html_listing components =
	HTML_LISTING("component", "ORDER BY lower(name), version, id", "No components were found.", component_cells, 2000);
static const struct html_listing damages =
	HTML_LISTING("damage", "ORDER BY id", "Every byte that was recognised could be read.", damage_cells, 500);
static const struct html_listing weak_elfs = HTML_LISTING(
	"elf",
	"WHERE type IN ('executable', 'shared-library')"
	" ORDER BY coalesce(pie, 1) + coalesce(nx, 1) + 2 * (relro = 'full') + coalesce(canary, 1) + coalesce(fortify,"
	" 1), id",
	"", weak_elf_cells, 200);

/* ---- hardening ---- */

/* One protection: how many objects have it of those for which it is known. */
static void protection_row(struct page *p, const char *name, int64_t have, int64_t of)
{
	char a[VIEW_NUMBER_MAX], b[VIEW_NUMBER_MAX];
	if (of <= 0)
		return;
	html_put(p,
			 "<tr><td>%s</td><td class=number>%s of %s</td><td><meter min=0 max=%lld value=%lld low=%lld"
			 " optimum=%lld></meter>"
			 "</td></tr>\n",
			 name, view_count(have, a), view_count(of, b), (long long)of, (long long)have, (long long)of,
			 (long long)of);
}

static void hardening(struct page *p)
{
	static const struct {
		const char *name, *have, *of;
	} rows[] = {
		{ "Position-independent (PIE), executables", "sum(pie)", "count(pie)" },
		{ "Stack not executable (NX)", "sum(nx)", "count(nx)" },
		{ "RELRO, full", "sum(relro = 'full')", "count(relro)" },
		{ "RELRO, at least partial", "sum(relro IN ('full', 'partial'))", "count(relro)" },
		{ "Stack canary", "sum(canary)", "count(canary)" },
		{ "Fortified libc calls", "sum(fortify)", "count(fortify)" },
		{ "Symbols stripped", "sum(stripped)", "count(stripped)" },
	};
	static const char which[] = "FROM elf WHERE type IN ('executable', 'shared-library')";
	char sql[256];
	html_put(p, "<h2 id=hardening>Hardening of programs and libraries</h2>\n");
	snprintf(sql, sizeof sql, "SELECT count(*) %s", which);
	if (view_number(p->v, sql, 0) == 0) {
		html_put(p, "<p class=note>No programs were found.</p>\n");
		return;
	}
	html_put(p, "<div class=scroll><table class=meters>\n<tbody>\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(sql, sizeof sql, "SELECT %s %s", rows[i].have, which);
		int64_t have = view_number(p->v, sql, 0);
		snprintf(sql, sizeof sql, "SELECT %s %s", rows[i].of, which);
		protection_row(p, rows[i].name, have, view_number(p->v, sql, 0));
	}
	html_put(
		p,
		"</tbody></table></div>\n<details class=more><summary>Object by object, the least protected first</summary>\n");
	html_listing(p, &weak_elfs);
	html_put(p, "</details>\n");
}

void html_facts(struct page *p)
{
	html_put(p, "<section>\n<h2 id=accounts>Accounts</h2>\n");
	html_listing(p, &accounts);
	html_put(p, "<h2 id=startup>What starts at boot</h2>\n");
	html_listing(p, &startups);
	html_put(p, "<h2 id=keys>Keys and certificates</h2>\n<h3>Private keys</h3>\n");
	html_listing(p, &keys);
	html_put(p, "<h3>Certificates</h3>\n");
	html_listing(p, &certificates);
	html_put(p, "<h2 id=secrets>Credentials in every copy</h2>\n");
	html_listing(p, &secrets);
	html_put(p, "<h2 id=stores>Where data is kept</h2>\n");
	html_listing(p, &stores);
	hardening(p);
	html_put(p, "</section>\n");
}

void html_components(struct page *p)
{
	html_listing(p, &components);
}

void html_not_looked_at(struct page *p)
{
	static const char *const columns[] = { "probe", "status", "detail" };
	html_put(p, "<section>\n<h2 id=unseen>What was not looked at</h2>\n");
	sqlite3_stmt *s = html_select(p, "probe_run", columns, COUNT(columns), "ORDER BY id");
	html_put(
		p,
		"<div class=scroll><table>\n<thead><tr><th>Probe</th><th>Status</th><th>Detail</th></tr></thead>\n<tbody>\n");
	while (html_step(p, s)) {
		html_put(p, "<tr>");
		for (int i = 0; i < 3; i++)
			html_cell(p, s, i, i == 0 ? CELL_CODE : CELL_TEXT);
		html_put(p, "</tr>\n");
	}
	html_put(p, "</tbody></table></div>\n");
	html_listing(p, &damages);
	html_put(p, "</section>\n");
}
