/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fact/fact.h"
#include "report/show.h"

#define COLUMNS(...) (const struct show_column[]){ __VA_ARGS__, { NULL, NULL, SHOW_TEXT } }
#define FILE_COLUMN { "blob_id", "file", SHOW_PATH }, { "line", "line", SHOW_NUMBER }

const struct show_section show_sections[] = {
	{ "accounts", "user accounts and their passwords", "login",
	  COLUMNS({ "user", "user", SHOW_TEXT }, { "state", "state", SHOW_TEXT },
			  { "hash_scheme", "hash", SHOW_TEXT }, { "password", "password", SHOW_TEXT }, { "usable", "can log in", SHOW_YES },
			  { "place", "where", SHOW_TEXT }),
	  "ORDER BY id" },
	{ "certificates", "X.509 certificates", "certificate",
	  COLUMNS({ "subject", "subject", SHOW_TEXT }, { "issuer", "issuer", SHOW_TEXT }, { "not_after", "valid to", SHOW_DAY },
			  { "key_type", "key", SHOW_TEXT }, { "key_bits", "bits", SHOW_NUMBER }, { "weak", "weak", SHOW_TEXT },
			  { "blob_id", "file", SHOW_PATH }),
	  "ORDER BY not_after, id" },
	{ "components", "software with its versions", "software",
	  COLUMNS({ "title", "name", SHOW_TEXT }, { "version", "version", SHOW_TEXT }, { "package_version", "package", SHOW_TEXT },
			  { "licence", "licence", SHOW_TEXT }, { "confidence", "confidence", SHOW_TEXT }, { "path", "file", SHOW_TEXT }),
	  "ORDER BY name, version, id" },
	{ "damage", "what could not be read, and why", "damage",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "what", "what", SHOW_TEXT }, { "offset", "offset", SHOW_NUMBER },
			  { "blob_id", "where", SHOW_PATH }),
	  "ORDER BY id" },
	{ "declarations", "what the product file declares", "declaration",
	  COLUMNS({ "section", "section", SHOW_TEXT }, { "item", "item", SHOW_NUMBER }, { "key", "key", SHOW_TEXT },
			  { "value", "value", SHOW_TEXT }, { "line", "line", SHOW_NUMBER }),
	  "ORDER BY id" },
	{ "documents", "documents of the product, and what they say", "document_element",
	  COLUMNS({ "element", "element", SHOW_TEXT }, { "state", "state", SHOW_TEXT }, { "about", "about", SHOW_TEXT },
			  { "value", "value", SHOW_TEXT }, { "sentence", "sentence", SHOW_TEXT }, FILE_COLUMN),
	  "ORDER BY id" },
	{ "endpoints", "addresses that the product names", "endpoint",
	  COLUMNS({ "scheme", "scheme", SHOW_TEXT }, { "host", "host", SHOW_TEXT }, { "port", "port", SHOW_NUMBER },
			  { "role", "role", SHOW_TEXT }, { "scope", "scope", SHOW_TEXT }, { "encrypted", "encrypted", SHOW_YES },
			  { "blob_id", "file", SHOW_PATH }),
	  "WHERE noise IS NULL ORDER BY scheme, host, port, id" },
	{ "files", "files of file systems", "blob",
	  COLUMNS({ "path", "path", SHOW_TEXT }, { "kind", "kind", SHOW_TEXT }, { "format", "format", SHOW_TEXT },
			  { "size", "size", SHOW_SIZE }, { "mode", "mode", SHOW_MODE }, { "uid", "uid", SHOW_NUMBER }, { "gid", "gid", SHOW_NUMBER }),
	  "WHERE path GLOB '/*' ORDER BY id" },
	{ "hardening", "ELF programs and libraries", "elf",
	  COLUMNS({ "blob_id", "file", SHOW_PATH }, { "type", "type", SHOW_TEXT }, { "nx", "NX", SHOW_YES }, { "pie", "PIE", SHOW_YES },
			  { "relro", "RELRO", SHOW_TEXT }, { "canary", "canary", SHOW_YES }, { "fortify", "FORTIFY", SHOW_YES },
			  { "stripped", "stripped", SHOW_YES }),
	  "ORDER BY id" },
	{ "inputs", "what was assessed", "input",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "role", "role", SHOW_TEXT }, { "location", "location", SHOW_TEXT },
			  { "size", "size", SHOW_SIZE }, { "sha256", "SHA-256", SHOW_TEXT }),
	  "ORDER BY id" },
	{ "kernel", "options of the kernel", "kernel_option",
	  COLUMNS({ "name", "option", SHOW_TEXT }, { "value", "value", SHOW_TEXT }, { "recommended", "recommended", SHOW_TEXT },
			  { "recommended_by", "by", SHOW_TEXT }, { "topic", "topic", SHOW_TEXT }, { "origin", "origin", SHOW_TEXT }),
	  "ORDER BY id" },
	{ "keys", "private keys", "private_key",
	  COLUMNS({ "type", "type", SHOW_TEXT }, { "bits", "bits", SHOW_NUMBER }, { "encrypted", "encrypted", SHOW_YES },
			  { "use", "use", SHOW_TEXT }, { "fingerprint", "SHA-256 of the public key", SHOW_TEXT }, { "blob_id", "file", SHOW_PATH }),
	  "ORDER BY id" },
	{ "leftovers", "what development left behind", "leftover",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "detail", "what it is", SHOW_TEXT }, { "blob_id", "file", SHOW_PATH }), "ORDER BY id" },
	{ "probes", "which probes ran, and how they ended", "probe_run",
	  COLUMNS({ "probe", "probe", SHOW_TEXT }, { "status", "status", SHOW_TEXT }, { "detail", "detail", SHOW_TEXT }), "ORDER BY id" },
	{ "scripts", "weak lines of scripts", "weakness",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "confidence", "confidence", SHOW_TEXT }, { "code", "code", SHOW_TEXT }, FILE_COLUMN),
	  "ORDER BY id" },
	{ "secrets", "credentials in files (shown redacted)", "secret",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "name", "name", SHOW_TEXT }, { "value", "value", SHOW_TEXT },
			  { "proof", "proof", SHOW_TEXT }, { "confidence", "confidence", SHOW_TEXT }, FILE_COLUMN),
	  "WHERE coalesce(harmless, '') = '' ORDER BY id" },
	{ "services", "services that listen", "exposed_service",
	  COLUMNS({ "name", "name", SHOW_TEXT }, { "ports", "ports", SHOW_TEXT }, { "user", "user", SHOW_TEXT }, { "tls", "TLS", SHOW_TEXT },
			  { "path", "program", SHOW_TEXT }, { "version", "version", SHOW_TEXT }, { "place", "started by", SHOW_TEXT }),
	  "ORDER BY startup_id" },
	{ "settings", "settings that hold", "effective_setting",
	  COLUMNS({ "program", "program", SHOW_TEXT }, { "section", "section", SHOW_TEXT }, { "key", "key", SHOW_TEXT },
			  { "value", "value", SHOW_TEXT }, { "origin", "origin", SHOW_TEXT }, { "place", "where", SHOW_TEXT }),
	  "ORDER BY program, section, key, id" },
	{ "startup", "what boot starts", "startup",
	  COLUMNS({ "mechanism", "by", SHOW_TEXT }, { "command", "command", SHOW_TEXT }, { "user", "user", SHOW_TEXT },
			  { "condition", "condition", SHOW_TEXT }, FILE_COLUMN),
	  "ORDER BY id" },
	{ "time", "time sources", "time_source",
	  COLUMNS({ "kind", "kind", SHOW_TEXT }, { "value", "value", SHOW_TEXT }, { "program", "program", SHOW_TEXT }, FILE_COLUMN),
	  "ORDER BY id" },
	{ "updates", "how the product is updated", "updater",
	  COLUMNS({ "mechanism", "mechanism", SHOW_TEXT }, { "aspect", "aspect", SHOW_TEXT }, { "value", "value", SHOW_TEXT }, FILE_COLUMN),
	  "ORDER BY id" },
	{ "vulnerabilities", "known vulnerabilities that may apply; assay vulns has more", "vulnerability_shown",
	  COLUMNS({ "priority", "priority", SHOW_NUMBER }, { "name", "name", SHOW_TEXT }, { "state", "state", SHOW_TEXT },
			  { "severity", "severity", SHOW_TEXT }, { "kev", "exploited", SHOW_YES }, { "exposure", "exposure", SHOW_TEXT },
			  { "reason", "why", SHOW_TEXT }),
	  "ORDER BY priority DESC, name, id" },
	{ NULL, NULL, NULL, NULL, NULL },
};

bool show_fact_table(const char *name, struct show_section *section, struct show_column columns[REPORT_COLUMNS_MAX + 1])
{
	const struct fact_table *table = fact_table_find(name);
	if (!table)
		return false;
	size_t n = 0;
	columns[n++] = (struct show_column){ "id", "id", SHOW_NUMBER };
	if (strcmp(name, "blob") != 0)
		columns[n++] = (struct show_column){ "blob_id", "blob", SHOW_PATH };
	for (size_t i = 0; i < table->ncolumns && n < REPORT_COLUMNS_MAX; i++)
		columns[n++] = (struct show_column){ table->columns[i].name, table->columns[i].name,
											 table->columns[i].type == FACT_TEXT ? SHOW_TEXT : SHOW_NUMBER };
	columns[n] = (struct show_column){ NULL, NULL, SHOW_TEXT };
	*section = (struct show_section){ name, "", table->name, columns, "ORDER BY id" };
	return true;
}
