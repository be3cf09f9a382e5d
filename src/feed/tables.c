/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables parted by tabs: curl's own list of its vulnerabilities (docs/vuln.pm of curl-www), and the CVEs that Buildroot marks
 * as fixed by a patch of its own or as not applying (*_IGNORE_CVES). */
#include "feed/field.h"
#include "feed/lines.h"

static bool recognise_curl(struct span s)
{
	static const char titles[] = "cve\tfirst_vulnerable\tlast_vulnerable\t";
	return span_starts(s, titles, sizeof titles - 1);
}

static void curl_criterion(struct feed_run *run, const char *product, struct text first, struct text last,
						   int64_t number)
{
	EMIT(run, CRITERION, .product = text_c(product), .number = number, .vulnerable = 1, .start = first,
		 .start_including = 1, .end = last, .end_including = 1, .status = TEXT_LIT("affected"));
}

/* cve first last name announced reported cwe area c_issue tool_or_lib severity */
static void curl_line(struct feed_run *run, struct text line, uint64_t number)
{
	struct text f[11];
	char day[24];
	if (number == 1) {
		EMIT(run, SOURCE, .name = TEXT_LIT("curl"), .kind = TEXT_LIT("curl"));
		return;
	}
	if (!line.n)
		return;
	for (size_t i = 0; i < 11; i++)
		f[i] = line_field(&line, '\t');
	struct text announced =
		f[4].n == 8 ? field_print(run, "%.4s-%.2s-%.2s", f[4].p, f[4].p + 4, f[4].p + 6) : TEXT_NONE;
	struct text cwe = f[6];
	cwe = line_field(&cwe, ':');
	if (!feed_is_cve(f[0]) || !f[1].n || !f[2].n || !f[10].p || line.p) {
		line_fault(run, number, "expected a CVE id, the first and the last version, and eight columns more");
		return;
	}
	EMIT(run, RECORD, .name = f[0]);
	EMIT(run, VULNERABILITY, .name = f[0], .rank = FEED_RANK_CURL, .summary = field_summary(f[3]),
		 .published = feed_time(announced, day) ? text_c(day) : TEXT_NONE,
		 .cwe = text_starts(cwe, "CWE-") ? cwe : TEXT_NONE);
	EMIT(run, NODE, .parent = -1, .operator= TEXT_LIT("OR"));
	curl_criterion(run, "cpe:a:haxx:curl", f[1], f[2], 0);
	if (!text_is(f[9], "tool"))
		curl_criterion(run, "cpe:a:haxx:libcurl", f[1], f[2], 1);
	run->records++;
}

const struct feed_importer feed_curl = {
	.name = "curl",
	.title = "curl's list of its vulnerabilities (TSV)",
	.recognise_lines = recognise_curl,
	.line = curl_line,
};

static bool recognise_buildroot(struct span s)
{
	static const char titles[] = "package\tversion\tcve\tcomment_before";
	return span_starts(s, titles, sizeof titles - 1);
}

/* package version cve comment: the name of a patch, or why it does not apply */
static void buildroot_line(struct feed_run *run, struct text line, uint64_t number)
{
	if (number == 1) {
		EMIT(run, SOURCE, .name = TEXT_LIT("buildroot"), .kind = TEXT_LIT("buildroot"), .whole = 1);
		return;
	}
	if (!line.n)
		return;
	struct text package = line_field(&line, '\t'), version = line_field(&line, '\t'), cve = line_field(&line, '\t');
	if (!package.n || !version.p || !feed_is_cve(cve)) {
		line_fault(run, number, "expected a package, a version and a CVE id");
		return;
	}
	EMIT(run, RECORD, .name = field_print(run, "%.*s %.*s", (int)package.n, package.p, (int)cve.n, cve.p));
	EMIT(run, VULNERABILITY, .name = cve);
	EMIT(run, FIX, .distribution = TEXT_LIT("buildroot"), .package = package, .version = version,
		 .status = text_has(line, ".patch") ? TEXT_LIT("fixed") : TEXT_LIT("not_affected"),
		 .note = field_summary(line));
	run->records++;
}

const struct feed_importer feed_buildroot = {
	.name = "buildroot",
	.title = "CVEs that Buildroot ignores (TSV)",
	.recognise_lines = recognise_buildroot,
	.line = buildroot_line,
};
