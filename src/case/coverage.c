/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was looked at, probe by probe: the rows of `probe_run`, which decide whether silence means anything. */
#include <stdio.h>

#include "base/plural.h"
#include "case/declared.h"
#include "case/internal.h"

struct error coverage_add_run(struct case_file *c, const char *probe, const char *status, const char *detail, double seconds)
{
	sqlite3_stmt *insert = NULL;
	if (sqlite3_prepare_v2(c->db, "INSERT INTO probe_run(input_id, probe, status, detail, seconds) VALUES(?, ?, ?, ?, ?)", -1,
	                       &insert, NULL))
		return case_sql_error(c, "adding a probe run");
	sqlite3_bind_int64(insert, 1, c->input_id);
	sqlite3_bind_text(insert, 2, probe, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 3, status, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 4, detail, -1, SQLITE_STATIC);
	sqlite3_bind_double(insert, 5, seconds);
	int r = sqlite3_step(insert);
	sqlite3_finalize(insert);
	return r == SQLITE_DONE ? error_none() : case_sql_error(c, "adding a probe run");
}

/* ?1 of the statement is the input at hand. */
static int64_t number(struct case_file *c, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_bind_int64(s, 1, c->input_id) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

/* Whether everything that the input holds was seen, in one sentence for a person. */
static const char *unpack_status(struct case_file *c, const struct case_run *run, char *detail, size_t size)
{
	if (!run->complete) {
		snprintf(detail, size, "%s", run->detail);
		return run->outcome;
	}
	if (declared_alone(c->db)) { /* whatever it is packed in: what it does not declare, it does not deny */
		snprintf(detail, size, "%s", DECLARED_ALONE_DETAIL);
		return "partial";
	}
	int64_t places = number(c, "SELECT count(*) FROM damage d JOIN blob b ON b.id = d.blob_id WHERE b.input_id = ?1");
	int64_t encrypted = number(c, "SELECT count(*) FROM damage d JOIN blob b ON b.id = d.blob_id WHERE b.input_id = ?1"
								" AND d.kind = 'encrypted'");
	int64_t files = number(c, "SELECT count(*) FROM blob WHERE kind = 'file' AND input_id = ?1");
	/* Accounts and services are those of a system. Papers beside a kernel, or the pages of a web server, are none; nor are they, and the
	 * image of a microcontroller, for being packed where all files are marked as programs. Those of a format that is not known (flat
	 * ones, for machines without an MMU) stand where a system has its programs, and have no suffix: "release/bin/firmware.bin" is none. */
	int64_t system = number(c, "SELECT EXISTS(SELECT 1 FROM blob WHERE kind = 'file' AND input_id = ?1 AND (format IN ('elf', 'script')"
	                           " OR (mode & 73 <> 0 AND (path GLOB '*/bin/*' OR path GLOB '*/sbin/*' OR path GLOB '*/libexec/*')"
	                           " AND path NOT GLOB '*bin/*.*' AND path NOT GLOB '*/libexec/*.*')"
	                           " OR path GLOB '*/etc/passwd'))");
	/* Programs in the package of a mobile app run on a telephone: beside one that is the whole input there is no system. */
	int64_t app = number(c, "SELECT EXISTS(SELECT 1 FROM blob r JOIN blob f ON f.parent_id = r.id WHERE r.input_id = ?1 AND r.parent_id IS NULL"
	                        " AND r.format = 'zip' AND (f.path = '/AndroidManifest.xml' OR f.path GLOB '/Payload/*.app/Info.plist'))");
	const char *no_files = files == 0   ? "no file system was found in it"
						   : app > 0    ? "it is the package of a mobile app, no image of a device"
						   : system > 0 ? ""
										: "no file system with programs was found in it";
	if (places == 0 && files > 0 && system > 0 && app <= 0) {
		snprintf(detail, size, "%lld %s", (long long)files, plural((uint64_t)files, "file", "files"));
		return "complete";
	}
	if (places == 0)
		snprintf(detail, size, "%s", no_files);
	else if (encrypted > 0)
		snprintf(detail, size, "%lld place%s could not be read, %lld of them dense as encrypted data is%s%s", (long long)places,
		         places == 1 ? "" : "s", (long long)encrypted, *no_files ? "; " : "", no_files);
	else
		snprintf(detail, size, "%lld place%s could not be read (see damage)%s%s", (long long)places, places == 1 ? "" : "s",
		         *no_files ? "; " : "", no_files);
	return "partial";
}

/* Flash that no format claims was searched for patterns, as everything is; but what it is, nobody knows. What lies in an
 * unpacked stream, like the code of a kernel, is no flash, and neither is a kernel that is not packed behind its header, nor an input that
 * is a bill of materials in UTF-16, which is no text to who looks at its bytes. In flash such a bill may have anything behind it. */
static void add_unknown(struct case_file *c, char *detail, size_t size)
{
	int64_t bytes =
		number(c, "WITH RECURSIVE flash(id, format, size) AS ("
				  " SELECT id, format, size FROM blob WHERE kind = 'input' AND input_id = ?1 UNION ALL"
				  " SELECT b.id, b.format, b.size FROM flash f JOIN blob b ON b.parent_id = f.id AND b.kind = 'region'"
				  " WHERE f.format <> 'arm64image')"
				  " SELECT COALESCE(sum(size), 0) FROM flash f WHERE format = 'unknown' AND NOT"
				  " (EXISTS (SELECT 1 FROM blob b WHERE b.id = f.id AND b.kind = 'input')"
				  " AND (EXISTS (SELECT 1 FROM declared_component d WHERE d.blob_id = f.id)"
				  " OR EXISTS (SELECT 1 FROM declared_statement d WHERE d.blob_id = f.id)))");
	size_t n = strlen(detail);
	if (bytes > 0)
		snprintf(detail + n, size - n, "%s%lld %s of flash %s of unknown content", n ? "; " : "", (long long)bytes,
				 plural((uint64_t)bytes, "byte", "bytes"), plural((uint64_t)bytes, "is", "are"));
}

/* Programs of other systems are found, and not looked into as ELF files are: of a system that runs them it can not be told how they are
 * built. A boot loader of UEFI beside Linux is none of them, nor is a program for those who visit a device's web site. */
static bool has_foreign_programs(struct case_file *c)
{
	return number(c, "SELECT EXISTS(SELECT 1 FROM blob WHERE kind = 'file' AND input_id = ?1 AND (format IN ('mach-o', 'macho_fat')"
	                 " OR (format = 'pe' AND lower(path) GLOB '*/windows/system32/*')))") > 0;
}

struct error coverage_write(struct case_file *c, const struct case_run *run, const char *unverified)
{
	char detail[320] = "";
	if (run->probe)
		return coverage_add_run(c, run->probe, run->outcome, run->detail, run->seconds);
	const char *status = unpack_status(c, run, detail, sizeof detail);
	if (run->complete)
		add_unknown(c, detail, sizeof detail);
	bool complete = strcmp(status, "complete") == 0;
	struct error e = coverage_add_run(c, "firmware.unpack", status, detail, run->seconds);
	/* An inspector has seen all there is only when all there is was unpacked. */
	const char *rest = complete ? "" : "what was not unpacked was not inspected";
	const char *foreign = complete && has_foreign_programs(c) ? "programs of Windows and of Apple's systems were not inspected" : "";
	for (size_t i = 0; !error_is(&e) && run->inspectors[i]; i++) {
		const char *inspector = run->inspectors[i];
		const char *own = strcmp(inspector, "signatures") == 0 ? unverified : strcmp(inspector, "elf") == 0 ? foreign : "";
		char name[64];
		snprintf(name, sizeof name, "firmware.%s", inspector);
		e = coverage_add_run(c, name, complete && !*own ? "complete" : "partial", *own ? own : rest, 0);
	}
	return e;
}
