/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two cases are compared by. What quotes an input goes through report_hide(). */
#include "report/diff.h"

#define PROBES(...) (const char *const[]){ __VA_ARGS__, NULL }

/* The file that a fact is about, as far as it tells the same file in another image: offsets and numbers do not. */
#define FILE_OF "CASE WHEN b.path GLOB '/*' THEN b.path ELSE coalesce(b.format, b.kind) END"

const struct diff_topic diff_topics[] = {
	{ "verdicts", "Verdicts", PROBES("firmware.unpack"),
	  "SELECT pack || ' ' || requirement, requirement || ': ' || coalesce(title, ''), verdict,"
	  " CASE verdict WHEN 'FAIL' THEN 2 WHEN 'INCONCLUSIVE' THEN 1 ELSE 0 END FROM verdict",
	  false, true, false },
	{ "accounts", "Accounts", PROBES("firmware.unpack", "firmware.accounts"),
	  "SELECT user || ' ' || path, user || ' in ' || path, coalesce(state, 'unknown') || coalesce(', ' || hash_scheme, '')"
	  " || CASE WHEN password IS NOT NULL THEN ', its password is known' ELSE '' END,"
	  " CASE WHEN usable AND (password IS NOT NULL OR state = 'empty') THEN 2 WHEN usable AND state = 'set' THEN 1 ELSE 0 END"
	  " FROM login",
	  true, false, false },
	{ "listeners", "Services that listen",
	  PROBES("firmware.unpack", "firmware.startup", "firmware.network", "firmware.settings"),
	  "SELECT name || ' ' || coalesce(ports, ''), name || coalesce(' at ' || nullif(ports, ''), ''),"
	  " 'as ' || coalesce(user, 'an unknown user') || CASE WHEN tls IS NULL THEN '' ELSE ', ' || tls END,"
	  " CASE WHEN user = 'root' THEN 2 ELSE 1 END FROM exposed_service",
	  true, false, false },
	{ "startup", "What boot starts", PROBES("firmware.unpack", "firmware.startup"),
	  "SELECT s.name || ' ' || coalesce(s.path, s.program), s.name, report_hide(t.blob_id, s.command) || ', as '"
	  " || coalesce(s.user, 'an unknown user'), 0 FROM service s JOIN startup t ON t.id = s.startup_id",
	  false, false, false },
	{ "hardening", "Hardening of programs", PROBES("firmware.unpack", "firmware.elf"),
	  "SELECT b.path, b.path, CASE WHEN e.nx THEN 'NX' ELSE 'no NX' END || CASE WHEN e.pie THEN ', PIE'"
	  " WHEN e.type = 'executable' THEN ', no PIE' ELSE '' END || ', RELRO ' || coalesce(e.relro, 'unknown')"
	  " || CASE WHEN e.canary THEN ', canary' ELSE '' END || CASE WHEN e.fortify THEN ', FORTIFY' ELSE '' END,"
	  " (e.nx IS 0) + (e.type = 'executable' AND e.pie IS 0) + CASE e.relro WHEN 'full' THEN 0 WHEN 'partial' THEN 1 ELSE 2 END"
	  " + (e.canary IS 0) + (e.fortify IS 0) FROM elf e JOIN blob b ON b.id = e.blob_id WHERE b.path GLOB '/*'",
	  false, true, false },
	{ "privileges", "Set-id and world-writable files", PROBES("firmware.unpack"),
	  "SELECT path || ' s', path, 'set-id, mode ' || printf('%04o', mode) || ', owner ' || coalesce(uid, '?'), 1 FROM blob"
	  " WHERE kind = 'file' AND path GLOB '/*' AND mode & 3072 <> 0"
	  " UNION ALL SELECT path || ' w', path, 'world-writable, mode ' || printf('%04o', mode), 1 FROM world_writable WHERE kind = 'file'",
	  true, false, false },
	{ "private-keys", "Private keys", PROBES("firmware.unpack", "firmware.keys"),
	  "SELECT coalesce(k.fingerprint, " FILE_OF
	  "), coalesce(k.type, 'key') || coalesce(' ' || k.bits, '') || ' in ' || " FILE_OF ","
	  " 'SHA-256 ' || coalesce(substr(k.fingerprint, 1, 16), 'unknown'), 1 FROM private_key k JOIN blob b ON b.id = k.blob_id",
	  true, false, false },
	{ "certificates", "Certificates", PROBES("firmware.unpack", "firmware.keys"),
	  "SELECT c.fingerprint || ' ' || " FILE_OF ", coalesce(c.subject, 'certificate') || ' in ' || " FILE_OF ","
	  " coalesce(c.key_type || ' ' || c.key_bits, '') || coalesce(', to ' || date(c.not_after, 'unixepoch'), ''), 0"
	  " FROM certificate c JOIN blob b ON b.id = c.blob_id",
	  false, false, false },
	{ "secrets", "Credentials in files", PROBES("firmware.unpack", "firmware.secrets"),
	  "SELECT " FILE_OF
	  " || ' ' || s.kind || ' ' || coalesce(s.name, ''), s.kind || coalesce(' ' || s.name, '') || ' in ' || " FILE_OF
	  ","
	  " s.confidence, 1 FROM secret s JOIN blob b ON b.id = s.blob_id"
	  " WHERE coalesce(s.harmless, '') = '' AND s.confidence IN ('proven', 'likely')",
	  true, false, false },
	{ "endpoints", "Addresses", PROBES("firmware.unpack", "firmware.endpoints"),
	  "SELECT DISTINCT coalesce(scheme, '') || ' ' || coalesce(host, text) || ' ' || coalesce(port, ''),"
	  " coalesce(scheme || '://', '') || coalesce(host, text) || coalesce(':' || port, ''), coalesce(role, 'unknown'),"
	  " encrypted IS 0 AND scope = 'public' AND role IN ('update', 'telemetry', 'cloud', 'messaging', 'remote management')"
	  " FROM endpoint WHERE noise IS NULL",
	  true, false, false },
	{ "weaknesses", "Weak lines in scripts", PROBES("firmware.unpack", "firmware.scripts"),
	  "SELECT b.path || ' ' || w.kind || ' ' || coalesce(w.sink, ''), w.kind || ' in ' || b.path, w.confidence, 1"
	  " FROM weakness w JOIN blob b ON b.id = w.blob_id WHERE w.confidence IN ('proven', 'likely')",
	  true, false, false },
	{ "components", "Components", PROBES("firmware.unpack", "firmware.components"),
	  "SELECT name, coalesce(title, name), group_concat(v, ', '), 0 FROM (SELECT DISTINCT name, title,"
	  " coalesce(package_version, version, 'unknown version') AS v FROM software ORDER BY name, 3) GROUP BY name",
	  false, false, true },
	{ "vulnerabilities", "Known vulnerabilities", PROBES("firmware.components", "feeds.match"),
	  "SELECT v.name || ' ' || s.name, v.name || ' in ' || coalesce(s.title, s.name) || CASE WHEN v.kev THEN ', exploited' ELSE '' END,"
	  " v.state, CASE WHEN v.state <> 'affected' THEN 0 WHEN v.kev THEN 2 ELSE 1 END"
	  " FROM vulnerability v JOIN software s ON s.id = v.software_id",
	  true, false, true },
	{ "kernel", "Kernels", PROBES("firmware.kernel"),
	  "SELECT DISTINCT 'kernel', 'Linux', coalesce(version, 'unknown'), 0 FROM kernel", false, false, false },
	{ "kernel-options", "Kernel options", PROBES("firmware.kernel"),
	  "SELECT DISTINCT origin || ' ' || name, name, coalesce(report_hide(blob_id, value), ''),"
	  " coalesce(recommended <> '' AND recommended <> value, 0)"
	  " FROM kernel_option",
	  false, true, false },
	{ "settings", "Settings of programs", PROBES("firmware.unpack", "firmware.settings"),
	  "SELECT program || ' ' || coalesce(section, '') || ' ' || key || ' ' || coalesce(path, ''),"
	  " program || coalesce(' ' || nullif(section, ''), '') || ': ' || key || coalesce(' in ' || path, ''),"
	  " CASE WHEN secret THEN '****' ELSE coalesce(report_hide(blob_id, value), '') END, 0 FROM effective_setting WHERE origin <> 'default'",
	  false, false, false },
	/* Of an empty file a digest tells nothing, and not every case has it. */
	{ "files", "Files", PROBES("firmware.unpack"),
	  "SELECT path, path, CASE kind WHEN 'file' THEN"
	  "  coalesce(size || ' bytes, SHA-256 ' || substr(CASE WHEN size > 0 THEN sha256 END, 1, 16), size || ' bytes')"
	  " WHEN 'symlink' THEN 'link to ' || coalesce(link_target, '?') ELSE kind END, 0 FROM blob WHERE path GLOB '/*'",
	  false, false, false },
	{ "permissions", "Owners and modes of files", PROBES("firmware.unpack"),
	  "SELECT path, path, printf('%04o', mode) || ' ' || coalesce(uid, '?') || ':' || coalesce(gid, '?'), 0 FROM blob"
	  " WHERE path GLOB '/*' AND mode IS NOT NULL AND kind <> 'symlink'",
	  false, true, false },
	{ NULL, NULL, NULL, NULL, false, false, false },
};
