/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay feed status: what the database has, and how old it is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "cli/command.h"
#include "cli/feed.h"
#include "feed/feed.h"
#include "sql/sql.h"

#define DAY 86400

/* "2026-08-22T00:00:00Z" or "2026-08-22" in seconds; -1 when it is neither. */
static int64_t seconds_of(const char *time)
{
	struct tm tm = { 0 };
	if (!time || sscanf(time, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
						&tm.tm_sec) < 3)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

/* How long ago in days; -1: unknown. */
static int64_t days_since(const char *time, int64_t now)
{
	int64_t then = seconds_of(time);
	return then < 0 ? -1 : now < then ? 0 : (now - then) / DAY;
}

static const char *column(sqlite3_stmt *s, int i)
{
	const char *t = (const char *)sqlite3_column_text(s, i);
	return t ? t : "";
}

static void print_row(sqlite3_stmt *s, int64_t now)
{
	char name[160], kind[64], newest[32], imported[32], age[32] = "-";
	int64_t days = days_since(column(s, 4), now);
	escape_terminal(text_c(column(s, 0)), name, sizeof name);
	escape_terminal(text_c(column(s, 1)), kind, sizeof kind);
	escape_terminal(text_c(column(s, 3)), newest, sizeof newest);
	escape_terminal(text_c(column(s, 4)), imported, sizeof imported);
	if (days >= 0)
		snprintf(age, sizeof age, "%" PRId64 " day%s", days, days == 1 ? "" : "s");
	printf("%-28s %-10s %9" PRId64 "  %-10.10s  %-10.10s  %s\n", name, kind, (int64_t)sqlite3_column_int64(s, 2),
		   *newest ? newest : "-", imported, age);
}

static void print_string(const char *t)
{
	size_t n;
	char *valid = escape_utf8(text_c(t), &n);
	putchar('"');
	for (const unsigned char *p = (const unsigned char *)(valid ? valid : "?"); *p; p++)
		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (*p < 0x20)
			printf("\\u%04x", *p);
		else
			putchar(*p);
	putchar('"');
	free(valid);
}

static void print_member(const char *name, const char *value, const char *end)
{
	printf("\"%s\": ", name);
	if (*value)
		print_string(value);
	else
		fputs("null", stdout);
	fputs(end, stdout);
}

static void print_json(sqlite3_stmt *s, int64_t now, bool first)
{
	static const char *const names[] = { "name", "kind" };
	int64_t days = days_since(column(s, 4), now);
	fputs(first ? "\n    {" : ",\n    {", stdout);
	for (int i = 0; i < 2; i++)
		print_member(names[i], column(s, i), ", ");
	printf("\"records\": %" PRId64 ", ", (int64_t)sqlite3_column_int64(s, 2));
	print_member("newest", column(s, 3), ", ");
	print_member("imported", column(s, 4), ", ");
	if (days >= 0)
		printf("\"age_days\": %" PRId64 ", ", days);
	else
		fputs("\"age_days\": null, ", stdout);
	print_member("location", column(s, 5), "}");
}

static int show(const struct feed_options *o, sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	char now_text[24];
	int64_t vulnerabilities = sql_number(db, "SELECT count(*) FROM vulnerability", 0), n = 0;
	feed_now(now_text);
	int64_t now = seconds_of(now_text);
	int r = sqlite3_prepare_v2(
		db, "SELECT name, kind, records, newest, imported, location FROM source ORDER BY kind, name", -1, &s, NULL);
	if (r != SQLITE_OK)
		return complain(EXIT_UNUSABLE, o->path, "the feed database can not be read: %s", sqlite3_errmsg(db));
	if (o->json)
		fputs("{\n  \"sources\": [", stdout);
	else
		printf("%-28s %-10s %9s  %-10s  %-10s  %s\n", "source", "kind", "records", "newest", "imported", "age");
	for (; (r = sqlite3_step(s)) == SQLITE_ROW; n++)
		if (o->json)
			print_json(s, now, n == 0);
		else
			print_row(s, now);
	sqlite3_finalize(s);
	if (o->json)
		printf("\n  ],\n  \"vulnerabilities\": %" PRId64 "\n}\n", vulnerabilities);
	else
		printf("%" PRId64 " vulnerabilities in all\n", vulnerabilities);
	return r == SQLITE_DONE ? EXIT_NO_FAIL : complain(EXIT_UNUSABLE, o->path, "the feed database is damaged");
}

int feed_status_command(int argc, char **argv)
{
	struct feed_options o = { 0 };
	sqlite3 *db = NULL;
	for (int i = 1, used; i < argc; i += used) {
		used = feed_option(&o, argc, argv, i);
		if (used < 0)
			return EXIT_UNUSABLE;
		if (used > 0)
			continue;
		if (strcmp(argv[i], "--json") != 0)
			return complain(EXIT_UNUSABLE, NULL, "unknown argument %s; see assay feed --help", argv[i]);
		o.json = true;
		used = 1;
	}
	if (!feed_options_complete(&o))
		return EXIT_UNUSABLE;
	struct error e = feed_open(o.path, &db);
	if (error_is(&e))
		return complain_error(o.path, &e);
	int code = show(&o, db);
	sqlite3_close(db);
	return code;
}
