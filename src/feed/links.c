/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specifications: NVD CVE API 2.0 (response); GitHub REST API, "Get the latest release"; CSAF 2.0, sections 7.1.8
 * (provider-metadata.json), 7.1.13 (changes.csv), 7.1.15 (ROLIE feed); RFC 8322 (ROLIE). */
#include "feed/links.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_tree.h"
#include "feed/field.h"
#include "feed/lines.h"

#define LINKS_MEMORY ((size_t)128 << 20)
#define URL_MAX 1900

struct links {
	links_line line;
	void *to;
	bool stopped;
};

/* An address or path: one word of printable characters. */
static bool is_word(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((uint8_t)t.p[i] <= 0x20 || (uint8_t)t.p[i] >= 0x7f)
			return false;
	return t.n > 0 && t.n < URL_MAX;
}

static void give(struct links *l, const char *first, struct text word)
{
	char out[2048];
	if (l->stopped || !is_word(word))
		return;
	snprintf(out, sizeof out, "%s%s%.*s", first, *first ? " " : "", (int)word.n, word.p);
	l->stopped = !l->line(l->to, out);
}

static struct text member_text(const struct json_node *node, const char *name)
{
	const struct json_node *m = json_tree_member(node, name);
	return m && (m->type == PULL_STRING || m->type == PULL_NUMBER) ? m->text : TEXT_NONE;
}

/* The elements of the array that begins at the current token. */
static uint64_t count_elements(struct json_pull *j)
{
	uint64_t n = 0;
	if (json_pull_token(j) != PULL_ARRAY) {
		json_pull_skip(j);
		return 0;
	}
	while (json_pull_next(j) > PULL_END && json_pull_token(j) != PULL_ARRAY_END && json_pull_skip(j))
		n++;
	return n;
}

/* The members come in any order, and the records are many: they are counted as they pass. */
static struct error read_nvd_page(struct links *l, json_pull_read read, void *context)
{
	static const char *const names[] = { "totalResults", "resultsPerPage", "startIndex", "", "timestamp" };
	char values[5][64] = { "", "", "", "0", "" };
	struct json_pull *j = json_pull_new(read, context, NULL);
	if (!j)
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	if (json_pull_next(j) != PULL_OBJECT)
		json_pull_skip(j);
	else
		while (json_pull_next(j) == PULL_KEY) {
			struct text key = json_pull_text(j);
			size_t i = 0;
			while (i < 5 && !text_is(key, names[i]))
				i++;
			bool records = text_is(key, "vulnerabilities");
			json_pull_next(j);
			struct text value =
				json_pull_token(j) == PULL_NUMBER || json_pull_token(j) == PULL_STRING ? json_pull_text(j) : TEXT_NONE;
			if (records)
				snprintf(values[3], sizeof values[3], "%" PRIu64, count_elements(j));
			else if (i < 5)
				snprintf(values[i], sizeof values[i], "%.*s", (int)(value.n < 60 ? value.n : 60),
						 value.p ? value.p : "");
			if (!records)
				json_pull_skip(j);
		}
	struct error e = json_pull_error(j);
	for (size_t i = 0; !error_is(&e) && i < 5; i++)
		give(l, "", text_c(values[i]));
	json_pull_free(j);
	return e;
}

static void release(struct links *l, const struct json_node *root)
{
	JSON_EACH(asset, json_tree_member(root, "assets"))
	give(l, "", member_text(asset, "browser_download_url"));
}

static void csaf(struct links *l, const struct json_node *root)
{
	JSON_EACH(d, json_tree_member(root, "distributions"))
	{
		give(l, "directory", member_text(d, "directory_url"));
		JSON_EACH(feed, json_tree_member(json_tree_member(d, "rolie"), "feeds"))
		give(l, "rolie", member_text(feed, "url"));
	}
}

static void rolie(struct links *l, const struct json_node *root)
{
	JSON_EACH(entry, json_tree_member(json_tree_member(root, "feed"), "entry"))
	{
		char time[24];
		if (feed_time(member_text(entry, "updated"), time))
			give(l, time, member_text(json_tree_member(entry, "content"), "src"));
	}
}

static struct error read_json(struct links *l, enum links_kind kind, json_pull_read read, void *context)
{
	static void (*const kinds[])(struct links *, const struct json_node *) = { NULL, release, csaf, rolie };
	static const char *const unneeded[] = { "body", "summary", NULL };
	struct arena *arena = arena_new(LINKS_MEMORY);
	struct json_pull *j = json_pull_new(read, context, NULL);
	struct json_node *root = NULL;
	struct error e = error_at(ERR_MEMORY, 0, "no memory to read the document");
	if (arena && j) {
		json_pull_next(j);
		e = json_tree_read(j, arena, unneeded, &root);
	}
	if (!error_is(&e) && root)
		kinds[kind](l, root);
	json_pull_free(j);
	arena_free(arena);
	return e;
}

/* "2020/2020-01.json","2020-01-01T00:00:00Z" */
static void change(struct links *l, struct text line)
{
	char time[24];
	struct text path = line_field(&line, ','), at = line_field(&line, ',');
	struct text *both[] = { &path, &at };
	for (int i = 0; i < 2; i++) {
		struct text *t = both[i];
		while (t->n && strchr("\r\" ", t->p[t->n - 1]))
			t->n--;
		while (t->n && (*t->p == '"' || *t->p == ' ')) {
			t->p++;
			t->n--;
		}
	}
	if (feed_time(at, time) && !text_has(path, "..") && path.n && path.p[0] != '/' && !text_has(path, ":"))
		give(l, time, path);
}

static struct error read_changes(struct links *l, json_pull_read read, void *context)
{
	char buffer[8192];
	size_t n = 0, got = 1;
	while (got && !l->stopped) {
		struct error e = read(context, (uint8_t *)buffer + n, sizeof buffer - n, &got);
		if (error_is(&e))
			return e;
		n += got;
		const char *end;
		size_t from = 0;
		while ((end = memchr(buffer + from, '\n', n - from)) != NULL) {
			change(l, text_of(buffer + from, (size_t)(end - buffer) - from));
			from = (size_t)(end - buffer) + 1;
		}
		memmove(buffer, buffer + from, n - from);
		n -= from;
		if (n == sizeof buffer)
			return error_at(ERR_BUDGET, 0, "a line is longer than %zu bytes", sizeof buffer);
	}
	change(l, text_of(buffer, n));
	return error_none();
}

struct error links_read(enum links_kind kind, json_pull_read read, void *context, links_line line, void *to)
{
	struct links l = { .line = line, .to = to };
	if (kind == LINKS_NVD_PAGE)
		return read_nvd_page(&l, read, context);
	return kind == LINKS_CHANGES ? read_changes(&l, read, context) : read_json(&l, kind, read, context);
}
