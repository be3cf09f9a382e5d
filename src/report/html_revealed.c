/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an image reveals beyond accounts, start-up and keys: theme by theme, what matters first. */
#include "report/html_internal.h"

static const struct html_cell service_cells[] = {
	{ "name", "Service", CELL_CODE },     { "ports", "Port", CELL_TEXT },          { "user", "As", CELL_TEXT },
	{ "tls", "TLS", CELL_TEXT },          { "pie", "PIE", CELL_YES_NO },           { "relro", "RELRO", CELL_TEXT },
	{ "canary", "Canary", CELL_YES_NO },  { "component", "Component", CELL_TEXT }, { "version", "Version", CELL_TEXT },
	{ "place", "Started by", CELL_TEXT },
};

static const struct html_cell setting_cells[] = {
	{ "program", "Program", CELL_TEXT }, { "section", "Section", CELL_CODE }, { "key", "Setting", CELL_CODE },
	{ "value", "Value", CELL_CODE },     { "origin", "From", CELL_TEXT },
};

static const struct html_cell endpoint_cells[] = {
	{ "text", "Address", CELL_CODE },
	{ "role", "For", CELL_TEXT },
	{ "encrypted", "Encrypted", CELL_YES_NO },
	{ "scope", "Scope", CELL_TEXT },
};

static const struct html_cell updater_cells[] = {
	{ "mechanism", "Mechanism", CELL_TEXT },
	{ "aspect", "Aspect", CELL_TEXT },
	{ "value", "Value", CELL_TEXT },
	{ "evidence", "Shown by", CELL_CODE },
};

static const struct html_cell signature_cells[] = {
	{ "scheme", "Scheme", CELL_TEXT }, { "covers", "Covers", CELL_TEXT }, { "algorithm", "Algorithm", CELL_TEXT },
	{ "state", "State", CELL_TEXT },   { "key_hint", "Key", CELL_TEXT },
};

static const struct html_cell weakness_cells[] = {
	{ "kind", "Shape", CELL_TEXT },
	{ "code", "Code", CELL_CODE },
	{ "source", "From", CELL_CODE },
	{ "confidence", "Confidence", CELL_TEXT },
};

static const struct html_cell kernel_cells[] = {
	{ "version", "Kernel", CELL_TEXT },
	{ "built", "Built", CELL_DATE },
	{ "compiler", "Compiler", CELL_TEXT },
	{ "built_by", "By", CELL_TEXT },
};

static const struct html_cell option_cells[] = {
	{ "name", "Option", CELL_CODE },       { "value", "Value", CELL_CODE }, { "recommended", "Recommended", CELL_CODE },
	{ "recommended_by", "By", CELL_TEXT }, { "origin", "From", CELL_TEXT },
};

static const struct html_cell boot_cells[] = {
	{ "loader", "Loader", CELL_TEXT },
	{ "key", "Setting", CELL_CODE },
	{ "value", "Value", CELL_CODE },
	{ "origin", "From", CELL_TEXT },
};

static const struct html_cell mcu_cells[] = {
	{ "chip", "Chip", CELL_TEXT },
	{ "project", "Program", CELL_TEXT },
	{ "version", "Version", CELL_TEXT },
	{ "sdk", "SDK", CELL_TEXT },
	{ "secure_boot", "Secure boot", CELL_TEXT },
	{ "flash_encryption", "Flash encryption", CELL_TEXT },
	{ "debug", "Debug interface", CELL_TEXT },
};

static const struct html_cell radio_cells[] = {
	{ "technology", "Radio", CELL_TEXT },
	{ "stack", "Stack", CELL_TEXT },
	{ "key", "Setting", CELL_CODE },
	{ "value", "Value", CELL_CODE },
};

static const struct html_cell time_cells[] = {
	{ "kind", "Kind", CELL_TEXT },
	{ "value", "Value", CELL_CODE },
	{ "program", "Used by", CELL_TEXT },
};

static const struct html_cell advertisement_cells[] = {
	{ "protocol", "Protocol", CELL_TEXT },
	{ "type", "Type", CELL_CODE },
	{ "name", "Name", CELL_TEXT },
	{ "port", "Port", CELL_NUMBER },
};

static const struct html_cell leftover_cells[] = {
	{ "kind", "Kind", CELL_TEXT },
	{ "detail", "What", CELL_TEXT },
};

static const struct html_cell rule_cells[] = {
	{ "rule", "Rule", CELL_CODE },
	{ "tags", "Tags", CELL_TEXT },
	{ "string", "String", CELL_CODE },
};

/* A listing with its heading. Those of `only_if_any` are left out when they have no rows: they are not of every product. */
static const struct theme {
	const char *heading;
	bool only_if_any;
	struct html_listing listing;
} themes[] = {
	{ "<h2 id=services>What a network reaches</h2>",
	  false,
	  { "exposed_service", "ORDER BY startup_id", "Nothing that boot starts was found to listen.", service_cells,
		sizeof service_cells / sizeof service_cells[0], 500, true } },
	{ "<h2 id=endpoints>What the product talks to</h2>", false,
	  HTML_LISTING("endpoint",
				   "WHERE coalesce(noise, '') = '' ORDER BY encrypted IS NOT 0, role IS NULL, scope <> 'public', id",
				   "No addresses were found.", endpoint_cells, 500) },
	{ "<h2 id=settings>Settings</h2>", false,
	  HTML_LISTING("setting", "WHERE effective IS NOT 0 AND origin IS NOT 'default' ORDER BY secret DESC, id", "No settings were found.",
				   setting_cells, 500) },
	{ "<h2 id=updates>Updates</h2>", false,
	  HTML_LISTING("updater", "ORDER BY mechanism, aspect, id", "Nothing that updates the product was found.",
				   updater_cells, 200) },
	{ "<h3>Signatures</h3>", true,
	  HTML_LISTING("signature", "ORDER BY state = 'valid', id", "", signature_cells, 200) },
	{ "<h2 id=scripts>Scripts</h2>", false,
	  HTML_LISTING("weakness", "ORDER BY confidence = 'possible', confidence = 'likely', id",
				   "No script was found that invites misuse.", weakness_cells, 500) },
	{ "<h2 id=kernel>Kernel and boot</h2>", false,
	  HTML_LISTING("kernel", "ORDER BY id", "No kernel was found.", kernel_cells, 50) },
	{ "<h3>Options that are not as recommended</h3>", true,
	  HTML_LISTING("kernel_option", "WHERE recommended <> '' AND value <> recommended ORDER BY topic, name, id", "",
				   option_cells, 500) },
	{ "<h3>Boot loader</h3>", true, HTML_LISTING("boot_setting", "ORDER BY id", "", boot_cells, 200) },
	{ "<h2 id=mcu>Microcontrollers</h2>", true, HTML_LISTING("mcu", "ORDER BY id", "", mcu_cells, 100) },
	{ "<h2 id=radios>Radios</h2>", true, HTML_LISTING("radio", "ORDER BY key = '', id", "", radio_cells, 200) },
	{ "<h2 id=time>Time</h2>", true, HTML_LISTING("time_source", "ORDER BY id", "", time_cells, 100) },
	{ "<h2 id=announced>Announced on the network</h2>", true,
	  HTML_LISTING("advertisement", "ORDER BY id", "", advertisement_cells, 200) },
	{ "<h2 id=leftovers>Left over from development</h2>", true,
	  HTML_LISTING("leftover", "ORDER BY kind, id", "", leftover_cells, 200) },
	{ "<h2 id=rules>Matches of the user's rules</h2>", true,
	  HTML_LISTING("rule_match", "ORDER BY id", "", rule_cells, 500) },
};

/* A SELECT of the listing's first cell alone tells whether there are rows. */
static bool has_rows(struct page *p, const struct html_listing *l)
{
	bool any = false;
	sqlite3_stmt *s = html_select(p, l->table, &l->cells[0].column, 1, l->rest);
	while (html_step(p, s))
		any = true;
	return any;
}

void html_revealed(struct page *p)
{
	html_put(p, "<section>\n");
	for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++) {
		const struct theme *t = &themes[i];
		if (t->only_if_any && !has_rows(p, &t->listing))
			continue;
		html_put(p, "%s\n", t->heading);
		html_listing(p, &t->listing);
	}
	html_put(p, "</section>\n");
}
