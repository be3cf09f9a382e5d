/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The NVD's pages: all of them once, then what was changed since, in windows.
 *
 * Specification: NVD "CVE API 2.0" (nvd.nist.gov/developers/vulnerabilities): startIndex, resultsPerPage, totalResults,
 * lastModStartDate and lastModEndDate (120 days at most). What a page says of itself is checked: a server, or a cache before
 * it, that gives another page than the one asked for would leave holes that nobody sees. */
#include <inttypes.h>
#include <stdio.h>
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
#define NVD_BEGAN 915148800 /* 1999: no record is older */
#define CLOCKS 86400        /* seconds that the server's clock may be before ours */
#define STALE (2 * 86400)   /* pages of an update that was broken off so long ago are not gone on with */
#define ROUNDS_MAX 4        /* how often an answer may change while it is read */

/* What a page says of all pages. */
struct page {
	uint64_t total, size, start, records;
	char time[24];
	unsigned lines;
};

static bool take_page(void *context, const char *line)
{
	struct page *p = context;
	uint64_t *const numbers[] = { &p->total, &p->size, &p->start, &p->records };
	if (p->lines < 4)
		return parse_count(line, 0, 100000000, numbers[p->lines++]);
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

/* Whether the page is the one that was asked for, and whole. */
static struct error check_page(const struct page *p, uint64_t start)
{
	char now[24];
	feed_now(now);
	if (p->lines != 5)
		return error_at(ERR_CORRUPT, 0,
						"this is no page of the NVD: totalResults, resultsPerPage, startIndex or timestamp is missing");
	if (p->start != start)
		return error_at(ERR_CORRUPT, 0, "the server gives the records from %" PRIu64 " on, not those from %" PRIu64,
						p->start, start);
	uint64_t left = p->total > start ? p->total - start : 0, due = p->size < left ? p->size : left;
	if (p->records < due || (!p->size && left))
		return error_at(ERR_CORRUPT, 0, "the page has %" PRIu64 " of the %" PRIu64 " records that it speaks of",
						p->records, due ? due : left);
	int64_t time = seconds_of(p->time);
	if (time < NVD_BEGAN || time > seconds_of(now) + CLOCKS)
		return error_at(ERR_CORRUPT, 0, "the page is of %.20s; it is %.20s here: one of the clocks is wrong", p->time,
						now);
	return error_none();
}

/* One page, which goes onto the list. */
static bool nvd_page(struct update *u, const char *base, const char *question, const char *name, uint64_t start,
					 struct page *p)
{
	char url[2400], file[100], path[4300], header[160];
	*p = (struct page){ 0 };
	snprintf(header, sizeof header, "apiKey: %s", u->options->key);
	snprintf(url, sizeof url, "%s?resultsPerPage=%d&startIndex=%" PRIu64 "%s", base, NVD_PAGE, start, question);
	snprintf(file, sizeof file, "%s-%09" PRIu64 ".json", name, start);
	snprintf(path, sizeof path, "%s/%s", u->folder, file);
	if (!update_fetch_page(u, url, file, u->options->key[0] ? header : NULL))
		return false;
	struct error e = feed_links(path, LINKS_NVD_PAGE, u->options->feed.without_landlock, 5, take_page, p);
	if (!error_is(&e))
		e = check_page(p, start);
	if (error_is(&e)) {
		unlink(path); /* asked for again the next time */
		return update_failed(u, url, &e);
	}
	return update_add(u, path, base);
}

/* All pages of a question, once. False: a page failed; *changed: the answer changed, and records may have moved between
 * pages. New ones come last where all are asked for, so that more of them are no harm there. */
static bool nvd_round(struct update *u, const char *base, const char *question, const char *name, bool *changed)
{
	struct page p = { 0 };
	uint64_t first = 0;
	*changed = false;
	for (uint64_t start = 0, pages = 0; pages == 0 || start < p.total; pages++, start += p.size) {
		if (pages > NVD_PAGES_MAX) {
			struct error e = error_at(ERR_CORRUPT, 0, "it has more than %d pages", NVD_PAGES_MAX);
			return update_failed(u, base, &e);
		}
		if (!nvd_page(u, base, question, name, start, &p))
			return false;
		if (!u->cursor[0])
			snprintf(u->cursor, sizeof u->cursor, "%s", p.time);
		first = pages ? first : p.total;
		*changed = p.total < first || (p.total > first && question[0]);
		if (*changed)
			return true;
	}
	return true;
}

/* `name` begins the names of the pages' files. */
static bool nvd_pages(struct update *u, const char *base, const char *question, const char *name)
{
	size_t had = u->n;
	bool changed = true;
	for (unsigned i = 0; changed && i < ROUNDS_MAX; i++) {
		update_drop(u, had);
		if (!nvd_round(u, base, question, name, &changed))
			return false;
	}
	if (!changed)
		return true;
	struct error e = error_at(ERR_IO, 0, "totalResults changes with each page; try again later");
	update_drop(u, had);
	return update_failed(u, base, &e);
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
	feed_now(now);
	int64_t end = seconds_of(now);
	bool known =
		update_cursor(u, "nvd", cursor) && seconds_of(cursor) >= NVD_BEGAN && seconds_of(cursor) <= end + CLOCKS;
	if (!known) { /* never, or nobody can tell since when */
		forget_stale(u);
		return nvd_pages(u, base, "", "all");
	}
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
