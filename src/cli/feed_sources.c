/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each source's documents are and which of them are new. Addresses and conditions: docs/feeds.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/feed_links.h"
#include "cli/feed_update.h"

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
	u->secure = strncasecmp(base, "https:", 6) == 0;
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
	u->secure = false;
	bool ok = d && update_fetch_index(u, url, "provider", path);
	struct error e = error_none();
	u->secure = strncasecmp(url, "https:", 6) == 0;
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
		else {
			u->secure = false;
			ok = update_fetch(u, url, name, true);
		}
	}
	return ok;
}
