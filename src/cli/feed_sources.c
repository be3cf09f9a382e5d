/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each source's documents are and which of them are new. Addresses and conditions: docs/feeds.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/feed_links.h"
#include "cli/feed_update.h"

#define NVD_PAGE 2000            /* records; the most that the API gives */
#define NVD_WINDOW (119 * 86400) /* seconds; the API allows 120 days */
#define NVD_OVERLAP (2 * 3600)   /* records that were changed while the last update ran */
#define NVD_PAGES_MAX 5000
#define STALE (2 * 86400) /* pages of an update that was broken off so long ago are not gone on with */
#define DOCUMENTS_MAX 100000

bool update_single(struct update *u, const char *base)
{
	return update_fetch(u, base, u->source, true);
}

/* Calls for each word of a list parted by commas. */
static bool each_word(const char *list, bool (*each)(struct update *u, const char *base, const char *word),
					  struct update *u, const char *base)
{
	char word[128];
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");
		snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), p);
		if (n && !each(u, base, word))
			return false;
		p += n + (p[n] == ',');
	}
	return true;
}

/* A word as part of an address and of a file's name. */
static void encode(const char *word, char *out, size_t size)
{
	size_t n = 0;
	for (const unsigned char *p = (const unsigned char *)word; *p && n + 4 < size; p++)
		if ((*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') || strchr("-._", *p))
			out[n++] = (char)*p;
		else
			n += (size_t)snprintf(out + n, size - n, "%%%02X", *p);
	out[n] = '\0';
}

static bool one_ecosystem(struct update *u, const char *base, const char *word)
{
	char url[2048], name[300], encoded[256];
	encode(word, encoded, sizeof encoded);
	snprintf(url, sizeof url, "%s/%s/all.zip", base, encoded);
	snprintf(name, sizeof name, "%s.zip", encoded);
	return update_fetch(u, url, name, true);
}

bool update_osv(struct update *u, const char *base)
{
	return each_word(u->options->ecosystems ? u->options->ecosystems : "OSS-Fuzz,Bitnami,GIT", one_ecosystem, u, base);
}

static bool one_branch(struct update *u, const char *base, const char *word)
{
	static const char *const repositories[] = { "main", "community" };
	char url[2048], name[300], encoded[128];
	encode(word, encoded, sizeof encoded);
	for (int i = 0; i < 2; i++) {
		snprintf(url, sizeof url, "%s/%s/%s.json", base, encoded, repositories[i]);
		snprintf(name, sizeof name, "%s-%s.json", encoded, repositories[i]);
		if (!update_fetch(u, url, name, false))
			return false;
	}
	return true;
}

bool update_alpine(struct update *u, const char *base)
{
	static const char usual[] =
		"v3.10,v3.11,v3.12,v3.13,v3.14,v3.15,v3.16,v3.17,v3.18,v3.19,v3.20,v3.21,v3.22,v3.23,edge";
	return each_word(u->options->branches ? u->options->branches : usual, one_branch, u, base);
}

/* The last assets of a release that end so. */
struct assets {
	char all[2048], delta[2048];
};

static bool take_asset(void *context, const char *url)
{
	struct assets *a = context;
	const char *slash = strrchr(url, '/'), *name = slash ? slash + 1 : url;
	if (strstr(name, "_all_CVEs_at_midnight.zip"))
		snprintf(a->all, sizeof a->all, "%s", url);
	else if (strstr(name, "_delta_CVEs_at_"))
		snprintf(a->delta, sizeof a->delta, "%s", url);
	return true;
}

/* The whole list of a day, unless it was imported, and what has changed since. */
bool update_cve(struct update *u, const char *base)
{
	struct assets a = { .all = "" };
	char path[4200], cursor[40] = "";
	if (!update_fetch_index(u, base, "release.json", path))
		return false;
	if (!path[0])
		return true;
	struct error e = feed_links(path, LINKS_RELEASE, u->options->feed.without_landlock, 1000, take_asset, &a);
	if (error_is(&e))
		return update_failed(u, base, &e);
	if (!a.all[0]) {
		e = error_at(ERR_CORRUPT, 0, "the release has no file ..._all_CVEs_at_midnight.zip");
		return update_failed(u, base, &e);
	}
	update_cursor(u, "cve", cursor);
	snprintf(u->cursor, sizeof u->cursor, "%.10s", strrchr(a.all, '/') + 1);
	u->cursor_of = "cve";
	return (strcmp(cursor, u->cursor) == 0 || update_fetch(u, a.all, "all.zip", true)) &&
		   (!a.delta[0] || update_fetch(u, a.delta, "delta.zip", false));
}

/* What a page says of all pages. */
struct page {
	uint64_t total, size;
	char time[24];
	unsigned lines;
};

static bool take_page(void *context, const char *line)
{
	struct page *p = context;
	if (p->lines < 2)
		return parse_count(line, 0, 100000000, p->lines++ == 0 ? &p->total : &p->size);
	p->lines++;
	snprintf(p->time, sizeof p->time, "%.19sZ", line);
	return true;
}

static int64_t seconds_of(const char *time)
{
	struct tm tm = { 0 };
	if (sscanf(time, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
			   &tm.tm_sec) != 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

static void nvd_time(int64_t seconds, char out[40])
{
	struct tm tm;
	time_t t = seconds;
	if (!gmtime_r(&t, &tm) || !strftime(out, 40, "%Y-%m-%dT%H:%M:%S.000%%2B00:00", &tm))
		out[0] = '\0';
}

/* All pages of a question; `name` begins their files' names. */
static bool nvd_pages(struct update *u, const char *base, const char *question, const char *name)
{
	char url[2400], file[100], path[4300], header[160];
	snprintf(header, sizeof header, "apiKey: %s", u->options->key);
	for (uint64_t start = 0, total = 1, pages = 0; start < total; pages++) {
		struct page p = { 0 };
		snprintf(url, sizeof url, "%s?resultsPerPage=%d&startIndex=%" PRIu64 "%s", base, NVD_PAGE, start, question);
		snprintf(file, sizeof file, "%s-%09" PRIu64 ".json", name, start);
		snprintf(path, sizeof path, "%s/%s", u->folder, file);
		if (!update_fetch_page(u, url, file, u->options->key[0] ? header : NULL))
			return false;
		struct error e = feed_links(path, LINKS_NVD_PAGE, u->options->feed.without_landlock, 3, take_page, &p);
		if (!error_is(&e) && (p.lines != 3 || (!p.size && start < p.total) || pages > NVD_PAGES_MAX))
			e = error_at(ERR_CORRUPT, 0,
						 "this is no page of the NVD: totalResults, resultsPerPage or timestamp is missing");
		if (error_is(&e)) {
			unlink(path); /* asked for again the next time */
			return update_failed(u, url, &e);
		}
		if (!u->cursor[0])
			snprintf(u->cursor, sizeof u->cursor, "%s", p.time);
		total = p.total;
		start += p.size ? p.size : NVD_PAGE;
		if (!update_add(u, path, base))
			return false;
	}
	return true;
}

/* Pages that a broken update left count only while they are fresh: records move between pages. */
static void forget_stale(struct update *u)
{
	char path[4300];
	struct stat st;
	snprintf(path, sizeof path, "%s/all-000000000.json", u->folder);
	if (stat(path, &st) || time(NULL) - st.st_mtime < STALE)
		return;
	for (uint64_t start = 0, gone = 0; gone < 3; start += NVD_PAGE) {
		snprintf(path, sizeof path, "%s/all-%09" PRIu64 ".json", u->folder, start);
		gone = unlink(path) ? gone + 1 : 0;
	}
}

bool update_nvd(struct update *u, const char *base)
{
	char cursor[40], now[24], question[200], from[40], to[40], name[64];
	u->cursor_of = "nvd";
	if (!update_cursor(u, "nvd", cursor)) {
		forget_stale(u);
		return nvd_pages(u, base, "", "all");
	}
	feed_now(now);
	int64_t end = seconds_of(now);
	for (int64_t at = seconds_of(cursor) - NVD_OVERLAP; at < end; at += NVD_WINDOW) {
		nvd_time(at, from);
		nvd_time(at + NVD_WINDOW < end ? at + NVD_WINDOW : end, to);
		snprintf(question, sizeof question, "&lastModStartDate=%s&lastModEndDate=%s", from, to);
		snprintf(name, sizeof name, "since-%" PRId64 "-%" PRId64, at, end);
		if (!nvd_pages(u, base, question, name))
			return false;
	}
	return true;
}

/* Documents of a CSAF provider. */
struct provider {
	struct update *update;
	const char *base; /* of changes.csv: paths are relative to it */
	char since[64], newest[24];
	unsigned number; /* of the list, and of the document in it */
	uint64_t documents;
	bool failed;
};

static bool take_document(void *context, const char *line)
{
	struct provider *p = context;
	char url[4200], name[64];
	if (strlen(line) < 22 || strncmp(line, p->since, 20) <= 0) /* "<time> <path>" */
		return true;
	if (strncmp(line, p->newest, 20) > 0)
		snprintf(p->newest, sizeof p->newest, "%.20s", line);
	snprintf(url, sizeof url, "%s%s", p->base, line + 21);
	snprintf(name, sizeof name, "%u-%07" PRIu64 ".json", p->number, p->documents++);
	p->failed = !update_fetch(p->update, url, name, false);
	return !p->failed;
}

/* One list of documents with their times: those after the last one that was imported. */
static bool read_list(struct update *u, const char *url, const char *base, enum links_kind kind, unsigned number)
{
	struct provider p = { .update = u, .base = base, .number = number };
	char name[40], path[4200], etag[256];
	snprintf(name, sizeof name, "list-%u", number);
	if (!update_fetch_index(u, url, name, path))
		return false;
	if (!update_marked(u, url, etag, p.since))
		p.since[0] = '\0';
	struct error e = feed_links(path, kind, u->options->feed.without_landlock, DOCUMENTS_MAX, take_document, &p);
	if (p.failed)
		return false;
	if (error_is(&e))
		return update_failed(u, url, &e);
	return !p.newest[0] || update_mark(u, url, NULL, p.newest);
}

/* The distributions of a provider. */
struct distributions {
	char urls[32][2048];
	size_t n;
};

static bool take_distribution(void *context, const char *line)
{
	struct distributions *d = context;
	if (d->n < 32)
		snprintf(d->urls[d->n++], sizeof d->urls[0], "%s", line);
	return true;
}

static bool read_provider(struct update *u, const char *url, unsigned number)
{
	struct distributions *d = calloc(1, sizeof *d);
	char path[4200], list[2100], base[2100];
	bool ok = d && update_fetch_index(u, url, "provider", path);
	struct error e = error_none();
	if (ok)
		e = feed_links(path, LINKS_CSAF, u->options->feed.without_landlock, 100, take_distribution, d);
	ok = ok && (!error_is(&e) || update_failed(u, url, &e));
	for (size_t i = 0; ok && i < d->n; i++) {
		if (strncmp(d->urls[i], "rolie ", 6) == 0) {
			ok = read_list(u, d->urls[i] + 6, "", LINKS_ROLIE, number * 100 + (unsigned)i);
			continue;
		}
		const char *at = d->urls[i] + strlen("directory ");
		snprintf(base, sizeof base, "%s%s", at, *at && at[strlen(at) - 1] == '/' ? "" : "/");
		snprintf(list, sizeof list, "%.2080schanges.csv", base);
		ok = read_list(u, list, base, LINKS_CHANGES, number * 100 + (unsigned)i);
	}
	free(d);
	return ok;
}

bool update_urls(struct update *u, const char *base)
{
	char name[40];
	bool ok = true;
	(void)base;
	for (unsigned i = 0; ok && i < u->options->nurls; i++) {
		const char *url = u->options->urls[i], *slash = strrchr(url, '/');
		snprintf(name, sizeof name, "url-%u", i);
		if (slash && strcmp(slash, "/provider-metadata.json") == 0)
			ok = read_provider(u, url, i + 1);
		else
			ok = update_fetch(u, url, name, true);
	}
	return ok;
}
