/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the product gets its time from: servers in configurations, scripts and programs, clients, the battery-backed
 * clock, and what it knows of time zones and leap seconds.
 *
 * Specification: tzfile(5) and the "version" line of tzdata.zi, leap-seconds.list (NTP seconds, RFC 5905), Android
 * tzdata, OpenJDK tzdb.dat; the grammar of each configuration stands in clock_config.c.
 */
#include "inspect/clock.h"
#include "inspect/endpoints.h"
#include "inspect/place.h"
#include "inspect/shell.h"

#define NTP_TO_UNIX 2208988800 /* 1900 to 1970 */

enum clock_pattern {
	AT_WORD,
	AT_RTC,
	AT_MISC_RTC,
	AT_TIME,
	AT_TIME_DASH,
	AT_CLOCK,
	AT_COMMANDS,
};

static const struct pattern clock_patterns[] = {
	[AT_WORD] = PATTERN("ntp", PATTERN_LITERAL | PATTERN_CASELESS),
	[AT_RTC] = PATTERN("/dev/rtc", PATTERN_LITERAL),
	[AT_MISC_RTC] = PATTERN("/dev/misc/rtc", PATTERN_LITERAL),
	[AT_TIME] = PATTERN("time.", PATTERN_LITERAL), /* the first label of a host */
	[AT_TIME_DASH] = PATTERN("time-", PATTERN_LITERAL),
	[AT_CLOCK] = PATTERN("clock.", PATTERN_LITERAL),
	[AT_COMMANDS] = PATTERN("hwclock", PATTERN_LITERAL),
	PATTERN("rdate", PATTERN_LITERAL),
	PATTERN("date -", PATTERN_LITERAL),
	PATTERN("timeserver", PATTERN_LITERAL | PATTERN_CASELESS),
	PATTERN("htpdate", PATTERN_LITERAL),
	PATTERN("tlsdate", PATTERN_LITERAL),
	PATTERN("TZ=", PATTERN_LITERAL),
	PATTERN_END,
};

void clock_emit(struct clock_run *run, int64_t line, const char *kind, struct text value, struct text program,
				struct text detail)
{
	if (value.n == 0 || run->nrows >= CLOCK_ROWS_MAX)
		return;
	if (++run->nrows == CLOCK_ROWS_MAX)
		emit_damage_at(run->sink, ERR_BUDGET, UINT64_MAX, "%u sources of time in one blob: no more are listed",
					   CLOCK_ROWS_MAX);
	emit_time_source(run->sink, &(struct fact_time_source){
									.line = line,
									.kind = text_c(kind),
									.value = value,
									.program = program,
									.detail = detail.n ? detail : TEXT_NONE,
								});
}

/* A client's name as programs have it, or NULL. */
static const char *clock_client(struct text name)
{
	static const char *const names[] = {
		"ntpd",           "ntpdate",   "ntpclient",         "sntp",           "chronyd", "msntp",   "openntpd",
		"htpdate",        "rdate",     "systemd-timesyncd", "ntpsec-ntpdate", "ntpdig",  "tlsdate", "tlsdated",
		"sntpd",          "ntpc",      "ntp_client",        "ptpd",           "ptpd2",   "ptp4l",   "netdate",
		"ntpdate-debian", "ntp-client"
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return names[i];
	return NULL;
}

static bool is_folder_of_programs(struct text path)
{
	struct text base = text_base(path);
	struct text folder = text_of(path.p, path.n - base.n);
	return text_ends(folder, "bin/") || text_ends(folder, "/systemd/") || text_ends(folder, "/libexec/") ||
		   text_ends(folder, "/app/") || text_ends(folder, "/apps/");
}

/* A program, or a link that gives busybox a name. */
static bool is_client(const struct subject *s)
{
	if (!clock_client(text_base(s->path)) || !is_folder_of_programs(s->path))
		return false;
	return s->kind == ENTRY_SYMLINK || strcmp(s->format, "elf") == 0;
}

/* ---- data of time zones */

enum zone_file {
	ZONE_NONE,
	ZONE_TZDATA,  /* tzdata.zi: "# version 2024a" */
	ZONE_VERSION, /* +VERSION */
	ZONE_LEAP,    /* leap-seconds.list */
	ZONE_ANDROID, /* "tzdata2024a" */
	ZONE_JAVA,    /* tzdb.dat */
	ZONE_NAME,    /* /etc/timezone, /etc/TZ */
	ZONE_LINK,    /* /etc/localtime */
};

static enum zone_file zone_file(const struct subject *s)
{
	struct text name = text_base(s->path);
	if (s->kind == ENTRY_SYMLINK)
		return text_is(s->path, "/etc/localtime") ? ZONE_LINK : ZONE_NONE;
	if (text_is(name, "tzdata.zi"))
		return ZONE_TZDATA;
	if (text_is(name, "+VERSION"))
		return ZONE_VERSION;
	if (text_is(name, "leap-seconds.list"))
		return ZONE_LEAP;
	if (text_is(name, "tzdata"))
		return ZONE_ANDROID;
	if (text_is(name, "tzdb.dat"))
		return ZONE_JAVA;
	if (text_is(s->path, "/etc/timezone") || text_is(s->path, "/etc/TZ"))
		return ZONE_NAME;
	return ZONE_NONE;
}

/* "2024a" and what some have behind it; empty when it is none. */
static struct text release_of(struct text t)
{
	size_t n = 0;
	while (n < t.n && n < 4 && t.p[n] >= '0' && t.p[n] <= '9')
		n++;
	if (n < 4)
		return TEXT_NONE;
	while (n < t.n && n < 6 && t.p[n] >= 'a' && t.p[n] <= 'z')
		n++;
	return n > 4 ? text_of(t.p, n) : TEXT_NONE;
}

static struct text after_prefix(struct text t, const char *prefix)
{
	size_t n = strlen(prefix);
	return text_starts(t, prefix) ? text_of(t.p + n, t.n - n) : TEXT_NONE;
}

/* The day on which the table of leap seconds expires: "#@", then NTP seconds. */
static void read_leap_seconds(struct clock_run *run, struct text rest)
{
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		struct text value = shell_trim(after_prefix(line, "#@"));
		int64_t seconds = 0;
		for (size_t i = 0; i < value.n && value.p[i] >= '0' && value.p[i] <= '9' && seconds < 1000000000000; i++)
			seconds = seconds * 10 + (value.p[i] - '0');
		if (seconds <= NTP_TO_UNIX)
			continue;
		/* Civil from days (proleptic Gregorian): years begin in March. */
		int64_t days = (seconds - NTP_TO_UNIX) / 86400 + 719468, era = days / 146097, doe = days - era * 146097;
		int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
				doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
		int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
		char *text = arena_printf(run->subject->arena, "%04ld-%02ld-%02ld", (long)(yoe + era * 400 + (month <= 2)),
								  (long)month, (long)day);
		clock_emit(run, number, "leap-seconds", text_c(text), TEXT_NONE, TEXT_NONE);
		return;
	}
}

static struct text zone_of_link(struct text target)
{
	static const char mark[] = "zoneinfo/";
	for (size_t i = 0; i + sizeof mark - 1 < target.n; i++)
		if (memcmp(target.p + i, mark, sizeof mark - 1) == 0)
			return text_of(target.p + i + sizeof mark - 1, target.n - i - (sizeof mark - 1));
	return TEXT_NONE;
}

static void read_zone_file(struct clock_run *run, enum zone_file kind)
{
	const struct subject *s = run->subject;
	struct text text = text_from_span(span_clip(s->bytes, 0, 65536)), rest = text, line = TEXT_NONE;
	bool any = shell_line(&rest, &line);
	line = shell_trim(line);
	struct reader r = reader_be(span_clip(s->bytes, 0, 64));
	switch (kind) {
	case ZONE_TZDATA:
		clock_emit(run, 1, "tzdata", release_of(shell_trim(after_prefix(line, "# version "))), TEXT_NONE, TEXT_NONE);
		break;
	case ZONE_VERSION:
		clock_emit(run, 1, "tzdata", release_of(line), TEXT_NONE, TEXT_NONE);
		break;
	case ZONE_LEAP:
		read_leap_seconds(run, text);
		break;
	case ZONE_ANDROID:
		clock_emit(run, FACT_NULL, "tzdata", release_of(after_prefix(text, "tzdata")), TEXT_NONE, TEXT_NONE);
		break;
	case ZONE_JAVA: /* a byte, a name with its length, the number of releases, the first of them with its length */
		rd_skip(&r, 3);
		if (text_is(text_from_span(rd_bytes(&r, 4)), "TZDB")) {
			rd_skip(&r, 2);
			uint16_t n = rd_u16(&r);
			clock_emit(run, FACT_NULL, "tzdata", release_of(text_from_span(rd_bytes(&r, n))), TEXT_LIT("java"),
					   TEXT_NONE);
		}
		break;
	case ZONE_NAME:
		if (any && line.n < 64 && line.n > 0 && line.p[0] != '#' && !memchr(line.p, ' ', line.n))
			clock_emit(run, 1, "time-zone", line, TEXT_NONE, TEXT_NONE);
		break;
	default:
		clock_emit(run, FACT_NULL, "time-zone", zone_of_link(s->link_target), TEXT_NONE, TEXT_NONE);
	}
}

/* ---- binaries */

#define NAMES_MAX 64u

/* The path of the device; empty when none is named. */
static struct text device_at(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, 32);
	size_t n = 0;
	while (n < s.n && s.p[n] > ' ' && s.p[n] < 0x7f && !strchr(",;:'\"()", s.p[n]))
		n++;
	return text_from_span(span_clip(s, 0, n));
}

/* A manual's example: "Use specified device (e.g. /dev/rtc2)". */
static bool is_example(struct span bytes, uint64_t at)
{
	static const char *const words[] = { "e.g. ", "eg. ", "e.g., ", "example ", "example: ", "such as " };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i]);
		if (at >= n && span_has(bytes, at - n, words[i], n))
			return true;
	}
	return false;
}

/* A host whose name says that it tells the time. */
static bool is_time_host(const struct subject *s, const struct endpoint *e)
{
	struct endpoint_place place;
	endpoint_place_of(s, FILE_BINARY, e, &place);
	const char *role = endpoint_role(e, &place);
	return !endpoint_is_mistaken(e, &place) && !endpoint_noise(e, &place) && role && strcmp(role, "time") == 0;
}

/* Servers that a program names by itself, and the clock that it opens. */
static void read_binary(struct clock_run *run)
{
	const struct subject *s = run->subject;
	struct text program = memchr(s->path.p ? s->path.p : "", '/', s->path.n) ? text_base(s->path) : TEXT_NONE;
	struct text seen[NAMES_MAX];
	size_t nseen = 0;
	uint64_t read = 0;
	for (size_t i = 0; i < s->nhits && nseen < NAMES_MAX; i++) {
		const struct hit *hit = &s->hits[i];
		bool rtc = hit->pattern == AT_RTC || hit->pattern == AT_MISC_RTC, repeated = false;
		struct endpoint e = { .text = rtc ? device_at(s->bytes, hit->from) : TEXT_NONE };
		if (hit->from < read || hit->pattern >= AT_COMMANDS || (rtc && is_example(s->bytes, hit->from)))
			continue;
		if (!rtc) {
			if (!endpoint_read_name(s->bytes, hit->from, &e) || e.kind != ENDPOINT_HOST)
				continue;
			read = e.to;
			if (!is_time_host(s, &e))
				continue;
		}
		for (size_t k = 0; k < nseen; k++)
			repeated |= text_eq(seen[k], e.text);
		if (repeated)
			continue;
		seen[nseen++] = e.text;
		clock_emit(run, FACT_NULL, rtc ? "rtc" : "ntp-server", e.text, program, TEXT_NONE);
	}
}

static bool clock_wants(const struct subject *s)
{
	if (s->kind == ENTRY_SYMLINK)
		return is_client(s) || zone_file(s) != ZONE_NONE;
	if (s->kind == ENTRY_DIRECTORY)
		return false;
	return s->nhits > 0 || zone_file(s) != ZONE_NONE || (s->bytes.n > 0 && clock_configuration(s->path) != NULL);
}

static void clock_run(const struct subject *s, struct sink *sink)
{
	struct clock_run run = { .subject = s, .sink = sink };
	struct text text = text_from_span(span_clip(s->bytes, 0, CLOCK_TEXT_MAX));
	clock_reader reader = clock_configuration(s->path);
	enum zone_file zone = zone_file(s);
	if (zone != ZONE_NONE) {
		read_zone_file(&run, zone);
		return;
	}
	if (is_client(s))
		clock_emit(&run, FACT_NULL, "ntp-client", text_base(s->path),
				   s->kind == ENTRY_SYMLINK ? text_base(s->link_target) : text_base(s->path), TEXT_NONE);
	if (s->kind == ENTRY_SYMLINK || path_is_documentation(s->path) || path_is_of_packages(s->path) ||
		text_ends(s->path, ".list"))
		return;
	if (reader && subject_is_text(s))
		reader(&run, text);
	else if (subject_is_text(s) && text_starts(shell_trim(text), "<"))
		clock_read_markup(&run, text);
	else if (subject_is_text(s))
		clock_read_script(&run, text);
	else
		read_binary(&run);
	if (subject_is_text(s) && s->bytes.n > CLOCK_TEXT_MAX && strcmp(s->format, "script") == 0)
		emit_damage_at(sink, ERR_BUDGET, CLOCK_TEXT_MAX, "only the first MiB of a script was looked at for clocks");
}

const struct inspector clock_inspector = {
	.name = "clock",
	.title = "where the time comes from: NTP and NTS servers and clients, real-time clocks, time zones",
	.spec = "ntp.conf(5), chrony.conf(5), ntpd.conf(5), timesyncd.conf(5), OpenWrt system and ntpclient, tzdata",
	.patterns = clock_patterns,
	.wants = clock_wants,
	.run = clock_run,
};
