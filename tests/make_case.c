/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "make_case.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "case/case.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void make_rows(sqlite3 *db, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *sql = sqlite3_vmprintf(format, args);
	va_end(args);
	if (!sql || sqlite3_exec(db, sql, NULL, NULL, NULL)) {
		fprintf(stderr, "making a case: %s\n  in: %.300s\n", sqlite3_errmsg(db), sql);
		abort();
	}
	sqlite3_free(sql);
}

sqlite3 *make_case_empty(const char *path)
{
	sqlite3 *db = NULL;
	if (path)
		unlink(path);
	if (sqlite3_open(path ? path : ":memory:", &db))
		abort();
	struct error e = case_create_schema(db);
	if (error_is(&e)) {
		fprintf(stderr, "making a case: %s\n", e.text);
		abort();
	}
	make_rows(db, "PRAGMA synchronous = OFF; PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN",
			  CASE_APPLICATION_ID, CASE_SCHEMA_VERSION);
	make_rows(db, "CREATE INDEX blob_by_parent ON blob(parent_id)");
	return db;
}

static void finish(sqlite3 *db)
{
	make_rows(db, "INSERT INTO meta VALUES('version', '0.1.0'), ('started_at', '2026-03-01T10:00:00Z'),"
				  " ('finished_at', '2026-03-01T10:00:01Z'), ('state', 'finished')");
	make_rows(db, "COMMIT");
}

static const char *const programs[] = {
	"/bin/busybox",      "/usr/sbin/dnsmasq",    "/usr/sbin/dropbear",
	"/usr/bin/dbclient", "/usr/bin/dropbearkey", "/usr/bin/dropbearconvert",
	"/usr/sbin/telnetd", "/usr/sbin/lighttpd",   "/usr/sbin/lighttpd-angel",
	"/usr/bin/cfgd",
};
static const char *const libraries[] = {
	"/lib/ld.so.1",
	"/lib/libc.so.6",
	"/lib/libm.so.6",
	"/lib/libcrypt.so.1",
	"/lib/libdl.so.2",
	"/lib/libpthread.so.0",
	"/lib/libresolv.so.2",
	"/lib/librt.so.1",
	"/lib/libutil.so.1",
	"/lib/libz.so.1",
	"/lib/libnss_dns.so.2",
	"/lib/libnss_files.so.2",
	"/usr/lib/libssl.so.3",
	"/usr/lib/libcrypto.so.3",
	"/usr/lib/libpcre2-8.so.0",
	"/usr/lib/libtomcrypt.so.1",
	"/usr/lib/libtommath.so.1",
	"/usr/lib/lighttpd/mod_cgi.so",
	"/usr/lib/lighttpd/mod_auth.so",
	"/usr/lib/lighttpd/mod_proxy.so",
	"/usr/lib/lighttpd/mod_accesslog.so",
	"/usr/lib/lighttpd/mod_dirlisting.so",
	"/usr/lib/engines-3/afalg.so",
	"/usr/lib/engines-3/padlock.so",
	"/usr/lib/ossl-modules/legacy.so",
};
static const char *const texts[] = {
	"/etc/passwd",
	"/etc/shadow",
	"/etc/inittab",
	"/etc/init.d/rcS",
	"/etc/init.d/autoupdate.sh",
	"/etc/fstab",
	"/etc/group",
	"/etc/hosts",
	"/etc/hostname",
	"/etc/resolv.conf",
	"/etc/services",
	"/etc/dnsmasq.conf",
	"/etc/lighttpd/lighttpd.conf",
	"/etc/wireless/hostapd.conf",
	"/etc/os-release",
	"/etc/profile",
	"/etc/nsswitch.conf",
	"/www/index.html",
	"/www/style.css",
	"/www/cgi-bin/diag.cgi",
	"/www/cgi-bin/status.cgi",
	"/www/cgi-bin/reboot.cgi",
	"/www/login.html",
	"/usr/share/udhcpc/default.script",
	"/usr/share/zoneinfo/UTC",
	"/usr/share/misc/oui.txt",
	"/etc/ssl/openssl.cnf",
	"/etc/lighttpd/mime.conf",
	"/etc/sysctl.conf",
	"/usr/share/licenses/README",
	"/etc/ssl/server.crt",
	"/etc/ssl/private/server.key",
	"/etc/dropbear/dropbear_rsa_host_key",
	"/etc/securetty",
};
static const char *const directories[] = {
	"/bin",          "/dev",          "/etc",     "/etc/dropbear",
	"/etc/init.d",   "/etc/lighttpd", "/etc/ssl", "/etc/ssl/private",
	"/etc/wireless", "/lib",          "/sbin",    "/tmp",
	"/usr",          "/usr/bin",      "/usr/lib", "/usr/lib/lighttpd",
	"/usr/sbin",     "/usr/share",    "/www",     "/www/cgi-bin",
};

static void add_file(sqlite3 *db, const char *path, const char *kind, const char *format, int size, int mode)
{
	make_rows(db,
			  "INSERT INTO blob(input_id, parent_id, path, kind, format, size, mode, uid, gid, mtime)"
			  " VALUES(1, 6, %Q, %Q, %Q, %d, %d, 0, 0, 1458000000)",
			  path, kind, format, size, mode);
}

static void add_elf(sqlite3 *db, const char *path, const char *type, bool hardened)
{
	make_rows(
		db,
		"INSERT INTO elf(blob_id, machine, class, endian, type, is_static, pie, nx, relro, canary, fortify, fortified,"
		" fortifiable, stripped, needed) SELECT id, 'mips', 32, 'little', %Q, 0, %s, %d, %Q, %d, %d, %d, 9, 1,"
		" 'libc.so.6'"
		" FROM blob WHERE path = %Q",
		type, strcmp(type, "executable") == 0 ? hardened ? "1" : "0" : "NULL", hardened, hardened ? "full" : "none",
		hardened, hardened, hardened ? 7 : 0, path);
}

static void add_blobs(sqlite3 *db, const char *location)
{
	make_rows(db,
			  "INSERT INTO input(id, kind, location, size, sha256) VALUES(1, 'firmware', %Q, 6008832,"
			  " 'be3f4f648c054365e23473a8f85c7723946dd1dd90c70bf93d67d24041ef8da4')",
			  location);
	make_rows(db,
			  "INSERT INTO blob(id, input_id, parent_id, path, kind, format, offset, size) VALUES"
			  "(1, 1, NULL, %Q, 'input', 'trx', NULL, 6008832),"
			  "(2, 1, 1, '0x1c.uimage', 'region', 'uimage', 28, 1179620),"
			  "(3, 1, 2, 'kernel', 'region', 'lzma', 64, 1179556),"
			  "(4, 1, 3, 'lzma', 'stream', 'data', NULL, 3512320),"
			  "(5, 1, 1, '0x11fff0', 'region', 'padding', 1179632, 16),"
			  "(6, 1, 1, '0x120000.squashfs', 'region', 'squashfs', 1179648, 4829184)",
			  location);
	make_rows(
		db, "INSERT INTO header(blob_id, offset, name, value) VALUES(1, 14, 'version', '1'), (2, 30, 'type', 'kernel'),"
			"(2, 32, 'name', 'MIPS Linux-3.18.23'), (6, 20, 'compression', 'xz'), (6, 12, 'block_size', '131072')");
	for (size_t i = 0; i < COUNT(directories); i++)
		add_file(db, directories[i], "directory", NULL, 0, 0755);
	for (size_t i = 0; i < COUNT(texts); i++)
		add_file(db, texts[i], "file", strstr(texts[i], ".cgi") ? "script" : "text", 200 + 37 * (int)i,
				 strcmp(texts[i], "/www/cgi-bin/diag.cgi") == 0 ? 0777 : 0644);
	for (size_t i = 0; i < COUNT(programs); i++) {
		add_file(db, programs[i], "file", "elf", 40000 + 9000 * (int)i, i == 0 ? 04755 : 0755);
		add_elf(db, programs[i], "executable", i > 2 && i < 6);
	}
	for (size_t i = 0; i < COUNT(libraries); i++) {
		add_file(db, libraries[i], "file", "elf", 60000 + 7000 * (int)i, 0755);
		add_elf(db, libraries[i], "shared-library", i % 3 != 0);
	}
	make_rows(db, "INSERT INTO blob(input_id, parent_id, path, kind, link_target, mode, size) VALUES"
				  "(1, 6, '/bin/sh', 'symlink', 'busybox', 511, 0), (1, 6, '/bin/ash', 'symlink', 'busybox', 511, 0),"
				  "(1, 6, '/dev/console', 'char_device', NULL, 384, 0)");
}

/* One fact about the blob of that path. */
static void add_fact(sqlite3 *db, const char *table, const char *path, const char *columns, const char *values)
{
	make_rows(db, "INSERT INTO %s(blob_id, %s) SELECT id, %s FROM blob WHERE path = %Q", table, columns, values, path);
}

static void add_accounts(sqlite3 *db)
{
	static const char columns[] = "line, source, user, uid, shell, hash_scheme, hash, salt_length, state, password,"
								  " password_source, tried";
	static const char *const rows[] = {
		("1, 'shadow', 'root', 0, '/bin/sh', 'md5crypt', '$1$8Jq2sVbR$ej2qFEaghB/VHBUlWWUTa1', 8, 'set', 'admin',"
		 " 'Mirai', 'complete'"),
		("2, 'shadow', 'support', 0, '/bin/sh', 'descrypt', 'zK1UoxG19yhnw', 2, 'set', 'support', 'vendor defaults',"
		 " 'complete'"),
		"3, 'shadow', 'guest', 500, '/bin/sh', NULL, '', NULL, 'empty', NULL, NULL, NULL",
		"4, 'shadow', 'daemon', 1, NULL, NULL, '*', NULL, 'locked', NULL, NULL, NULL",
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		add_fact(db, "account", "/etc/shadow", columns, rows[i]);
}

static void add_startups(sqlite3 *db)
{
	static const char columns[] = "line, mechanism, command, program, enabled, detail";
	static const char *const rows[][2] = {
		{ "/etc/inittab", "4, 'inittab', '/usr/sbin/telnetd -F -E /bin/ash', '/usr/sbin/telnetd', 1, 'respawn'" },
		{ "/etc/inittab", "5, 'inittab', '-/bin/ash', '/bin/ash', 1, 'askfirst ttyS0'" },
		{ "/etc/init.d/rcS",
		  "12, 'rcS', 'dropbear -r /etc/dropbear/dropbear_rsa_host_key', '/usr/sbin/dropbear', 1, NULL" },
		{ "/etc/init.d/rcS", "14, 'rcS', 'lighttpd -f /etc/lighttpd/lighttpd.conf', '/usr/sbin/lighttpd', 1, NULL" },
		{ "/etc/init.d/autoupdate.sh",
		  "1, 'init.d', '/etc/init.d/autoupdate.sh', '/etc/init.d/autoupdate.sh', 0, NULL" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		add_fact(db, "startup", rows[i][0], columns, rows[i][1]);
}

/* Which files those are, and that three of them listen. */
static void add_services(sqlite3 *db)
{
	make_rows(db, "UPDATE blob SET file_name = replace(path, rtrim(path, replace(path, '/', '')), '') WHERE kind = 'file';"
				  "UPDATE startup SET program_name = replace(program, rtrim(program, replace(program, '/', '')), '')");
	make_rows(db, "INSERT INTO startup_program SELECT s.id, b.id, b.id FROM startup s JOIN blob b ON b.path = s.program"
				  " WHERE b.path LIKE '/usr/sbin/%%';"
				  "INSERT INTO network(blob_id, listens, connects, families, tls, protocols) SELECT blob_id, 1, 0, 'inet', NULL,"
				  " 'tcp' FROM startup_program");
}

#define FINGERPRINT "'2f9e41c4d1a0f4a7a75f08a5dd2d8b21e0f5a7a8b3b44c2f7d2c1a0e9f8d7c6b'"

static void add_keys(sqlite3 *db)
{
	static const char columns[] = "offset, type, bits, container, encrypted, fingerprint, use";
	add_fact(db, "private_key", "/etc/ssl/private/server.key", columns,
			 "0, 'rsa', 1024, 'pem', 0, " FINGERPRINT ", 'tls'");
	add_fact(db, "private_key", "/etc/dropbear/dropbear_rsa_host_key", columns,
			 "0, 'rsa', 2048, 'dropbear', 0, NULL, 'ssh-host'");
	add_fact(db, "certificate", "/etc/ssl/server.crt",
			 "offset, subject, issuer, serial, not_before, not_after, key_type, key_bits, signature, self_signed, ca,"
			 " fingerprint,"
			 " key_fingerprint, weak",
			 "0, 'CN=router.local,O=Example', 'CN=router.local,O=Example', '01', 1420070400, 2051222400, 'rsa', 1024,"
			 " 'sha1WithRSAEncryption', 1, 0, '77aa', " FINGERPRINT ", 'RSA of 1024 bits, SHA-1 signature'");
}

static void add_components(sqlite3 *db)
{
	static const char *const rows[][2] = {
		{ "lzma", "4096, 'linux', '3.18.23', 'banner', 'Linux version 3.18.23 (build@ci) (gcc 4.8.3) #1'" },
		{ "/bin/busybox", "91234, 'busybox', '1.35.0', 'banner', 'BusyBox v1.35.0'" },
		{ "/usr/sbin/dnsmasq", "1234, 'dnsmasq', '2.90', 'banner', 'dnsmasq-2.90'" },
		{ "/usr/sbin/dropbear", "7000, 'dropbear', '2022.83', 'banner', 'SSH-2.0-dropbear_2022.83'" },
		{ "/usr/sbin/lighttpd", "500, 'lighttpd', '1.4.69', 'banner', 'lighttpd/1.4.69'" },
		{ "/usr/lib/libcrypto.so.3", "88, 'openssl', '3.0.20', 'banner', 'OpenSSL 3.0.20'" },
		{ "/lib/libz.so.1", "9, 'zlib', NULL, 'soname', 'libz.so.1'" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		add_fact(db, "component", rows[i][0], "offset, name, version, evidence_kind, evidence", rows[i][1]);
}

/* What is derived from the components, what feeds and documents say of them. */
static void add_software(sqlite3 *db)
{
	make_rows(db, "INSERT INTO software(id, name, title, version, purl, cpe, licence, confidence, evidence_kind, path, count)"
				  " SELECT c.id, c.name, upper(substr(c.name, 1, 1)) || substr(c.name, 2), c.version, 'pkg:generic/' || c.name,"
				  " c.name || ':' || c.name, iif(c.name = 'zlib', 'Zlib', NULL), 'proven', c.evidence_kind, b.path, 1"
				  " FROM component c JOIN blob b ON b.id = c.blob_id;"
				  "UPDATE software SET package_version = '2.90-1~deb12u1', distribution = 'debian 12' WHERE name = 'dnsmasq';"
				  "INSERT INTO software_evidence(software_id, component_id) SELECT id, id FROM component");
	make_rows(
		db,
		"INSERT INTO vulnerability(id, software_id, name, state, reason, criteria, source, confidence, cvss_version,"
		" cvss_vector, cvss, severity, epss, epss_percentile, kev, exposure, exposed_by, priority, published, summary) VALUES"
		"(1, 4, 'CVE-2024-0001', 'affected', 'the version is in the range', 'dropbear up to 2022.83', 'nvd', 'proven', '3.1',"
		" 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8, 'critical', 0.25, 0.96, 0, 'listens', '/usr/sbin/dropbear',"
		" 69.2, '2024-01-02T00:00:00Z', 'A login without a password.'),"
		"(2, 1, 'CVE-2016-5195', 'affected', 'the version is in the range; it is in mm/gup.c, which is built in',"
		" 'linux_kernel from 2.6.22 before 3.18.44', 'nvd', 'proven', '3.1', 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',"
		" 7.8, 'high', 0.93, 0.99, 1, 'kernel', NULL, 63.8, '2016-11-10T21:59:00Z', 'Dirty COW.'),"
		"(3, 6, 'CVE-2024-0003', 'affected', 'the record names no version: all are meant', 'openssl', 'cve', 'possible', NULL,"
		" NULL, NULL, NULL, NULL, NULL, 0, 'unused', NULL, 1.6, '2024-03-01', 'Of unknown severity.'),"
		"(4, 3, 'CVE-2023-0004', 'fixed', 'debian fixed it in 2.90-1~deb12u1', 'dnsmasq', 'debian', 'proven', '3.1',"
		" 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 7.5, 'high', 0.01, 0.5, 0, 'present', NULL, 0, '2023-01-01', 'Mended.')");
	make_rows(db,
			  "INSERT INTO vulnerability_rejected(software_id, name, kind, reason, kev) VALUES(7, 'CVE-2018-25032',"
			  " 'version unknown', 'its version is not known', 0);"
			  "INSERT INTO feed_source(name, kind, newest, imported, records, age) VALUES"
			  "('kev', 'kev', '2025-08-25T17:04:19Z', '2026-02-28T00:00:00Z', 1404, 187),"
			  "('nvd', 'nvd', '2026-02-27T00:00:00Z', '2026-02-28T00:00:00Z', 310000, 1),"
			  "('empty', 'osv', NULL, '2026-02-28T00:00:00Z', 0, NULL);"
			  "INSERT INTO probe_run(id, input_id, probe, status, detail, seconds) VALUES(5, 1, 'feeds.match', 'complete', '', 0);"
			  "INSERT INTO meta VALUES('vulnerability_chance_30_days', '0.947500')");
	add_fact(db, "declared_component", "/usr/share/licenses/README", "line, name, version, kind, format",
			 "3, 'busybox', '1.34.1', 'application', 'CycloneDX 1.6'");
	add_fact(db, "declared_statement", "/usr/share/licenses/README",
			 "line, vulnerability, name, status, justification, note, author, format",
			 "9, 'CVE-2024-0001', 'dropbear', 'not_affected', 'vulnerable_code_not_present', 'Built without it.', 'ACME', 'OpenVEX'");
	make_rows(db, "INSERT INTO sbom_difference(kind, name, declared_version, found_version, software_id, declared_id) VALUES"
				  "('version_differs', 'busybox', '1.34.1', '1.35.0', 2, 1), ('missing_in_sbom', 'dnsmasq', NULL, '2.90', 3, NULL);"
				  "INSERT INTO statement(declared_id, software_id, vulnerability, component, status, justification, note, author,"
				  " source, line) VALUES(1, 4, 'CVE-2024-0001', 'dropbear', 'not_affected', 'vulnerable_code_not_present',"
				  " 'Built without it.', 'ACME', 'vex.json', 9)");
}

/* What the image reveals beside those. */
static void add_revealed(sqlite3 *db)
{
	add_fact(db, "setting", "/etc/dropbear/dropbear_rsa_host_key", "line, program, key, value, origin, effective, secret",
			 "6, 'hostapd', 'wpa_passphrase', 'correct horse battery', 'file', 1, 1");
	add_fact(db, "setting", "/etc/ssl/server.crt", "program, key, value, origin, effective, secret",
			 "'lighttpd', 'ssl.engine', 'never shown', 'default', 1, 0");
	add_fact(db, "endpoint", "/usr/sbin/lighttpd", "offset, kind, text, scheme, host, encrypted, role, scope",
			 "64, 'url', 'http://update.example.net/fw', 'http', 'update.example.net', 0, 'update', 'public'");
	add_fact(db, "endpoint", "/usr/sbin/lighttpd", "offset, kind, text, scope, noise",
			 "99, 'url', 'http://www.w3.org/1999/xhtml', 'public', 'namespace'");
	add_fact(db, "weakness", "/usr/sbin/lighttpd", "line, language, kind, code, confidence",
			 "7, 'shell', 'tls-verification-off', 'curl -k $URL', 'proven'");
}

static void add_facts(sqlite3 *db)
{
	add_revealed(db);
	add_accounts(db);
	add_startups(db);
	add_services(db);
	add_keys(db);
	add_components(db);
	add_software(db);
	add_fact(db, "damage", "lzma", "offset, kind, what",
			 "1048576, 'unsupported', 'kernel modules of this age are not read'");
	add_fact(db, "damage", "0x120000.squashfs", "offset, kind, what",
			 "4700000, 'corrupt', 'the data block of inode 51 does not decompress'");
	make_rows(db, "INSERT INTO probe_run(id, input_id, probe, status, detail, seconds) VALUES"
				  "(1, 1, 'firmware.unpack', 'partial', '2 places could not be read (see damage)', 0.412),"
				  "(2, 1, 'firmware.accounts', 'complete', '', 0.02), (3, 1, 'firmware.elf', 'complete', '', 0.05),"
				  "(4, 1, 'firmware.keys', 'partial', 'what was not unpacked was not inspected', 0)");
}

struct verdict_row {
	const char *id, *title, *section, *verdict, *severity, *summary, *missing, *settles, *remedy, *command;
	const char *evidence[4]; /* SELECT table_name, row_id, says */
};

static const struct verdict_row verdict_rows[] = {
	{
		.id = "passwords.no-default",
		.title = "No default or guessable password gives access",
		.section = "Strong passwords",
		.verdict = "FAIL",
		.severity = "critical",
		.summary = "3 accounts can be entered with a password that is known",
		.remedy = "Ship without a password and give each unit its own at the factory.",
		.command = "assay provision",
		.evidence = { "SELECT 'account', 1, 'root has the password \"admin\" (Mirai list)'",
					  "SELECT 'account', 2, 'support has the password \"support\"'",
					  "SELECT 'account', 3, 'guest needs no password'" },
	},
	{
		.id = "updates.signed",
		.title = "Updates are verified before they are installed",
		.section = "Security updates",
		.verdict = "FAIL",
		.severity = "critical",
		.summary = "the updater fetches by http and flashes what it gets",
		.remedy = "Sign the image, check the signature before writing.",
		.command = "assay sign",
		.evidence = { "SELECT 'startup', 5, 'wget http://fw.example/latest.bin && mtd write' " },
	},
	{
		.id = "services.no-telnet",
		.title = "No unencrypted remote shell is started",
		.section = "Minimal attack surface",
		.verdict = "FAIL",
		.severity = "high",
		.summary = "telnetd is started at boot, with a shell and without login",
		.remedy = "Remove telnetd; offer SSH with keys instead.",
		.evidence = { "SELECT 'startup', 1, '/usr/sbin/telnetd -F -E /bin/ash'" },
	},
	{
		.id = "keys.unique",
		.title = "Private keys are not shared between units",
		.section = "Encryption",
		.verdict = "FAIL",
		.severity = "high",
		.summary = "2 private keys lie in the image",
		.remedy = "Create keys at first boot.",
		.evidence = { "SELECT 'private_key', 1, 'RSA 1024, not encrypted'",
					  "SELECT 'private_key', 2, 'dropbear host key, RSA 2048'" },
	},
	{
		.id = "crypto.strength",
		.title = "Keys and certificates are strong enough",
		.section = "Encryption",
		.verdict = "FAIL",
		.severity = "medium",
		.summary = "RSA of 1024 bits, SHA-1",
		.remedy = "Use ECDSA P-256 or RSA of 3072 bits with SHA-256.",
		.evidence = { "SELECT 'certificate', 1, 'CN=router.local: RSA 1024, SHA-1'" },
	},
	{
		.id = "hardening.elf",
		.title = "Programs are built with the compiler's protections",
		.section = "Hardening",
		.verdict = "FAIL",
		.severity = "low",
		.summary = "16 of 35 objects lack protections",
		.remedy = "Build with -fPIE -pie -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now.",
		.evidence = { "SELECT 'elf', id, 'no PIE, no RELRO, executable stack, no canary' FROM elf WHERE relro ="
					  " 'none'" },
	},
	{
		.id = "updates.automatic",
		.title = "Updates are installed without the user",
		.section = "Security updates",
		.verdict = "INCONCLUSIVE",
		.severity = "high",
		.summary = "an image cannot show it",
		.missing = "device",
		.settles = "A live device that is watched over an update.",
	},
	{
		.id = "encryption.network",
		.title = "All traffic is encrypted",
		.section = "Encryption",
		.verdict = "INCONCLUSIVE",
		.severity = "high",
		.summary = "an image cannot show it",
		.missing = "capture",
		.settles = "A network capture of the device at work.",
	},
	{
		.id = "privacy.policy",
		.title = "There is a privacy policy in plain words",
		.section = "Privacy",
		.verdict = "INCONCLUSIVE",
		.severity = "medium",
		.summary = "an image cannot show it",
		.missing = "document",
		.settles = "The privacy policy as a document.",
	},
	{
		.id = "disclosure.contact",
		.title = "Vulnerabilities can be reported",
		.section = "Vulnerability management",
		.verdict = "INCONCLUSIVE",
		.severity = "medium",
		.summary = "an image cannot show it",
		.missing = "site",
		.settles = "The maker's web site.",
	},
	{
		.id = "encryption.pinning",
		.title = "The cloud's certificate is checked",
		.section = "Encryption",
		.verdict = "INCONCLUSIVE",
		.severity = "medium",
		.summary = "an image cannot show it",
		.missing = "capture",
		.settles = "A network capture of the device at work.",
	},
	{
		.id = "components.known",
		.title = "Third-party components are named with versions",
		.section = "Vulnerability management",
		.verdict = "PASS",
		.severity = "medium",
		.summary = "6 of 7 components show their version",
		.evidence = { "SELECT 'component', id, name || ' ' || version FROM component"
					  " WHERE version IS NOT NULL" },
	},
	{
		.id = "accounts.locked",
		.title = "Accounts of services cannot log in",
		.section = "Strong passwords",
		.verdict = "PASS",
		.severity = "low",
		.summary = "daemon is locked",
		.evidence = { "SELECT 'account', 4, 'daemon is locked'" },
	},
	{
		.id = "boot.no-jtag",
		.title = "Debug images are not shipped",
		.section = "Hardening",
		.verdict = "NOT APPLICABLE",
		.severity = "low",
		.summary = "no debug image is in it",
	},
};

static void add_verdicts(sqlite3 *db)
{
	for (size_t i = 0; i < COUNT(verdict_rows); i++) {
		const struct verdict_row *r = &verdict_rows[i];
		make_rows(
			db,
			"INSERT INTO verdict(id, pack, pack_title, pack_version, requirement, title, section, because, verdict, severity,"
			" summary, missing, settles, remedy, remedy_command, references_json, position)"
			" VALUES(%d, 'mozilla', 'Mozilla minimum standards for IoT', '1', 'mozilla.%s', %Q, %Q,"
			" 'Mirai took over devices with 61 well-known pairs of name and password.', %Q, %Q, %Q, %Q, %Q, %Q, %Q,"
			" '[{\"standard\": \"ETSI EN 303 645\", \"id\": \"5.1-1\"}]', %d)",
			(int)i + 1, r->id, r->title, r->section, r->verdict, r->severity, r->summary, r->missing, r->settles,
			r->remedy, r->command, (int)i + 1);
		for (size_t k = 0; k < COUNT(r->evidence) && r->evidence[k]; k++)
			make_rows(db, "INSERT INTO evidence(verdict_id, role, table_name, row_id, says) SELECT %d, %Q, * FROM (%s)",
					  (int)i + 1, strcmp(r->verdict, "PASS") == 0 ? "passes" : "fails", r->evidence[k]);
	}
}

#define EXCERPT "INSERT INTO excerpt(blob_id, table_name, row_id, form, line, offset, marked, start, cut_before, cut_after, hidden, bytes) "

/* As they are cut: lines around the one of a text, a dump of what is none. */
static void add_excerpts(sqlite3 *db)
{
	make_rows(db, EXCERPT "SELECT blob_id, 'startup', id, 'text', line, 100 + 8, length(command), 100, 0, 0, NULL,"
						  " CAST('# boot' || char(13, 10) || command || ' # end' || char(10) || char(9) || 'sync <b>' AS BLOB)"
						  " FROM startup WHERE line > 1");
	make_rows(db, EXCERPT "SELECT blob_id, 'account', id, 'text', line, 0, length(user || ':' || hash || ':1'), 0, 0, 1,"
						  " CASE WHEN state = 'set' THEN (length(user) + 1) || '+' || length(hash) END,"
						  " CAST(user || ':' || hash || ':1' AS BLOB) FROM account WHERE line IS NOT NULL");
	make_rows(db, EXCERPT "SELECT blob_id, 'private_key', id, 'binary', NULL, 32, 4, 16, 0, 0, '20+44!',"
						  " CAST('0123456789abcdef' || 'MII<' || replace(hex(zeroblob(22)), '00', 'SK') AS BLOB) FROM private_key");
	make_rows(db, EXCERPT "SELECT blob_id, 'component', id, 'binary', NULL, 0x1234, 40, 0x1230, 0, 1, NULL,"
						  " zeroblob(64) FROM component WHERE offset IS NOT NULL");
}

sqlite3 *make_case_router(const char *path)
{
	sqlite3 *db = make_case_empty(path);
	add_blobs(db, "/home/anna/images/router-mipsel.trx");
	add_facts(db);
	add_verdicts(db);
	add_excerpts(db);
	finish(db);
	return db;
}

/* As the case takes a name from an input. */
static void rename_blob(sqlite3 *db, const char *old, struct text name)
{
	size_t n = 0;
	char *valid = escape_utf8(name, &n);
	make_rows(db, "UPDATE blob SET path = %Q WHERE path = %Q", valid, old);
	free(valid);
}

sqlite3 *make_case_hostile(const char *path)
{
	static const char evil[] = "x\n\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\"'&\xe2\x80\xae\\x1b";
	static char longest[65536];
	sqlite3 *db = make_case_empty(path);
	add_blobs(db, "/tmp/<b>\x1b[31m\"evil\nname.bin");
	add_facts(db);
	add_verdicts(db);
	add_excerpts(db);
	memset(longest, 'A', sizeof longest);
	rename_blob(db, "/www/index.html", text_of(longest, sizeof longest));
	for (size_t i = 1; i < sizeof longest; i += 2)
		longest[i] = '/';
	rename_blob(db, "/www/style.css", text_of(longest, sizeof longest));
	rename_blob(db, "/etc/hosts", TEXT_LIT("/etc/new\nline\x1b[31m\0\xff\xfe<script>alert(2)</script>"));
	rename_blob(db, "/etc/group", TEXT_LIT("/../../../etc/./..//x"));
	rename_blob(db, "/etc/fstab", TEXT_LIT(""));
	for (int type = 0; type < FACT_TYPES; type++) {
		const struct fact_table *t = &fact_tables[type];
		for (size_t i = 0; type != FACT_blob && i < t->ncolumns; i++)
			if (t->columns[i].type == FACT_TEXT)
				make_rows(db, "UPDATE %s SET %s = %s || %Q WHERE id %% 2 = 1", t->name, t->columns[i].name,
						  t->columns[i].name, evil);
	}
	make_rows(db, "UPDATE excerpt SET bytes = CAST(bytes || %Q AS BLOB) WHERE form = 'text'", evil);
	make_rows(db, "UPDATE excerpt SET bytes = x'ff00fe' || bytes, start = -1 WHERE id %% 3 = 2");
	static const char *const derived[][2] = {
		{ "software", "title" },         { "software", "version" },        { "software", "package_version" },
		{ "software", "licence" },       { "software", "path" },           { "software", "confidence" },
		{ "vulnerability", "name" },     { "vulnerability", "reason" },    { "vulnerability", "criteria" },
		{ "vulnerability", "severity" }, { "vulnerability", "summary" },   { "vulnerability", "exposed_by" },
		{ "vulnerability", "exposure" }, { "vulnerability", "published" }, { "vulnerability", "cvss_vector" },
		{ "feed_source", "name" },       { "feed_source", "newest" },      { "feed_source", "imported" },
		{ "sbom_difference", "name" },   { "sbom_difference", "kind" },    { "sbom_difference", "found_version" },
		{ "statement", "author" },       { "statement", "note" },          { "statement", "justification" },
		{ "statement", "source" },
	};
	for (size_t i = 0; i < COUNT(derived); i++)
		make_rows(db, "UPDATE %s SET %s = %s || %Q", derived[i][0], derived[i][1], derived[i][1], evil);
	make_rows(
		db, "UPDATE verdict SET title = title || %Q, remedy = remedy || %Q, settles = settles || %Q, pack = 'mozilla'",
		evil, evil, evil);
	make_rows(db, "UPDATE verdict SET verdict = 'UNHEARD' , references_json = '{[' WHERE id = 3");
	make_rows(db, "UPDATE evidence SET says = says || %Q", evil);
	make_rows(
		db,
		"INSERT INTO evidence(verdict_id, role, table_name, row_id, says) VALUES(1, 'fails', 'account', 999, 'gone'),"
		"(1, 'fails', 'sqlite_master', 1, 'no fact'), (1, 'fails', 'blob', 9001, 'in a circle')");
	make_rows(
		db, "INSERT INTO blob(id, input_id, parent_id, path, kind, format) VALUES(9001, 1, 9002, 'a', 'region', 'zip'),"
			"(9002, 1, 9001, 'b', 'region', 'zip'), (9003, 1, 9003, 'self', 'region', 'zip'), (9004, 1, 4711, 'orphan',"
			" 'file', 'text')");
	finish(db);
	return db;
}

sqlite3 *make_case_large(const char *path, unsigned n)
{
	sqlite3 *db = make_case_empty(path);
	make_rows(db, "INSERT INTO input(id, kind, location, size, sha256) VALUES(1, 'firmware', 'large.bin', 100000000, NULL)");
	make_rows(
		db,
		"INSERT INTO blob(id, input_id, parent_id, path, kind, format, size) VALUES(1, 1, NULL, 'large.bin', 'input',"
		" 'squashfs', 100000000)");
	make_rows(db,
			  "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %u)"
			  " INSERT INTO blob(input_id, parent_id, path, kind, format, size, mode, uid, gid, sha256)"
			  " SELECT 1, 1, '/usr/share/data/d' || (i / 100) || '/file-' || i || '.txt', 'file', 'text', i, 420, 0, 0,"
			  " 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' FROM c",
			  n);
	make_rows(db,
			  "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %u)"
			  " INSERT INTO setting(blob_id, line, program, key, value, origin, effective)"
			  " SELECT i + 2, i %% 40 + 1, 'program-' || (i %% 97), 'key.' || i, 'value ' || i, 'file', 1 FROM c",
			  n / 2);
	finish(db);
	return db;
}
