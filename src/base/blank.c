/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/blank.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool begins_with(struct text t, size_t at, const char *word)
{
	size_t n = strlen(word);
	return t.n - at >= n && strncasecmp(t.p + at, word, n) == 0 && (at + n == t.n || !is_word_char(t.p[at + n]));
}

static bool begins_with_one_of(struct text t, size_t at, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (begins_with(t, at, words[i]))
			return true;
	return false;
}

/* "[insert contact here]", "<your name>", "[X]". A cross at the very beginning is a task that was done, not a blank. */
static bool is_bracket_blank(struct text t, size_t at)
{
	static const char *const asks[] = { "insert",       "enter",        "fill",  "add",    "your",    "company",
										"organisation", "organization", "name",  "date",   "day",     "days",
										"number",       "contact",      "email", "e-mail", "address", "product",
										"url",          "link to",      "phone", "x",      "n",       "xx",
										"nn",           "placeholder",  NULL };
	return at + 1 < t.n && begins_with_one_of(t, at + 1, asks) && !(at == 0 && t.n > 2 && t.p[2] == ']');
}

bool text_has_blank(struct text t)
{
	static const char *const loud[] = {
		"TODO", "TBD", "TBC", "FIXME", "XXX", NULL
	}; /* a "todo list" is something else */
	static const char *const marks[] = { "lorem ipsum", "to be determined", "to be defined", NULL };
	for (size_t at = 0; at < t.n; at++) {
		char c = t.p[at];
		if ((c == '[' || c == '<') && is_bracket_blank(t, at))
			return true;
		struct text rest = text_of(t.p + at, t.n - at);
		if (text_starts(rest, "{{") || text_starts(rest, "____") || (at == 0 && text_starts(rest, "[ ]")))
			return true;
		if ((at == 0 || !is_word_char(t.p[at - 1])) &&
			(begins_with_one_of(t, at, marks) ||
			 (begins_with_one_of(t, at, loud) && isupper((unsigned char)t.p[at + 2]))))
			return true;
	}
	return false;
}

/* Without a mark around it, in lower case. */
static bool is_one_of(struct text t, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == t.n && strncasecmp(t.p, words[i], t.n) == 0)
			return true;
	return false;
}

bool text_says_nothing(struct text t)
{
	static const char *const words[] = { "n/a",      "n.a.",        "n.a",         "unknown",     "pending",
										 "tba",      "tbd",         "tbc",         "todo",        "fixme",
										 "xxx",      "to do",       "placeholder", "change me",   "changeme",
										 "none yet", "not yet",     "undefined",   "coming soon", "fill in",
										 "dummy",    "sample text", "see above",   "null",        "maybe",
										 "perhaps",  "possibly",    "probably",    "lorem",       "ipsum",
										 "asdf",     "foo",         "bar",         "foobar",      "not known",
										 "to follow", "not decided", "undecided",  "some day",    "later",
										 "whatever", "don't know",  "not sure",    "nil",         NULL };
	bool letter = false;
	for (size_t i = 0; i < t.n; i++)
		letter |= isalnum((unsigned char)t.p[i]) || (unsigned char)t.p[i] >= 0x80;
	struct text bare = t; /* "Maybe.", "(unknown)", "tbd?" */
	while (bare.n && ispunct((unsigned char)bare.p[bare.n - 1]))
		bare.n--;
	while (bare.n && ispunct((unsigned char)bare.p[0]))
		bare = text_of(bare.p + 1, bare.n - 1);
	return !letter || is_one_of(t, words) || is_one_of(bare, words) || text_has_blank(t);
}

static bool is_host_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.';
}

/* The host of an address: behind the @ or the scheme, *marked, or what the text begins with. */
static struct text host_of(struct text t, bool *marked)
{
	size_t from = 0;
	*marked = false;
	for (size_t i = 0; i < t.n; i++) {
		bool scheme = t.p[i] == '/' && i && t.p[i - 1] == '/' && !*marked;
		if (t.p[i] == '@' || scheme) {
			from = i + 1;
			*marked = true;
		} else if (t.p[i] == '/' && *marked) {
			break;
		}
	}
	size_t to = from;
	while (to < t.n && is_host_char(t.p[to]))
		to++;
	while (to > from && t.p[to - 1] == '.') /* of the root, or of the sentence */
		to--;
	return to > from ? text_of(t.p + from, to - from) : TEXT_NONE;
}

bool text_is_example_address(struct text address)
{
	static const char *const hosts[] = { "example.com", "example.org", "example.net", "example",
										 "invalid",     "test",        "localhost",   NULL };
	bool marked;
	struct text host = host_of(address, &marked);
	for (size_t i = 0; hosts[i]; i++) {
		size_t n = strlen(hosts[i]);
		if (host.n < n || strncasecmp(host.p + host.n - n, hosts[i], n) != 0)
			continue;
		/* A word alone is no address. */
		if (host.n == n ? marked || strchr(hosts[i], '.') : host.p[host.n - n - 1] == '.')
			return true;
	}
	return false;
}
