/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of something elsewhere that a program or a configuration names: URLs, hosts, IP addresses, e-mail addresses.
 *
 * What stands at a pattern is read by the grammar of addresses; its surroundings tell what it is for, and why it is
 * nothing that the product talks to, where that is so.
 */
#include "inspect/endpoints.h"

/* Rows of one blob, and addresses that are looked at; the others are counted as not looked at. */
#define ROWS_MAX 4000u

enum endpoint_pattern {
	AT_SCHEME,
	AT_ESCAPED_SCHEME,
	AT_DOMAIN,
	AT_IP4,
	AT_IP6,
};

/* Top-level domains at which names without a scheme are looked for. Those that are rather suffixes of files or members of
 * objects (.so, .py, .name, .me) are left out: a URL may have them. */
#define DOMAINS                                                                                                                \
	"com|net|org|edu|gov|info|biz|mobi|cloud|app|dev|xyz|online|tech|link|vip|live|io|cn|tw|hk|jp|kr|ru|de|fr|uk|nl|eu|us|ca|" \
	"au|br|in|ch|se|cz|at|be|es|dk|fi|sg|tv|cc|co|ai|it|il|tr|za|vn|th|arpa|local|lan|internal"

static const struct pattern endpoints_patterns[] = {
	[AT_SCHEME] = PATTERN("://", PATTERN_LITERAL),
	[AT_ESCAPED_SCHEME] = PATTERN(":\\/\\/", PATTERN_LITERAL),
	[AT_DOMAIN] = PATTERN("[0-9a-z]\\.(" DOMAINS ")([^0-9a-z_-]|$)", PATTERN_REGEX | PATTERN_CASELESS),
	[AT_IP4] = PATTERN("[0-9]\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]", PATTERN_REGEX),
	/* 2000::/3 as it is given out, fd00::/8, link-local, multicast */
	[AT_IP6] =
		PATTERN("(2(00[1-4]|4[0-9a-f]{2}|6[0-9a-f]{2}|8[0-9a-f]{2}|a0[0-9a-f])|f[ed][0-9a-f]{2}|ff0[0-9a-f]):[0-9a-f:]",
				PATTERN_REGEX | PATTERN_CASELESS),
	PATTERN_END,
};

struct search {
	const struct subject *subject;
	struct sink *sink;
	enum endpoint_file file;
	struct text *seen; /* a table with open addressing */
	size_t nrows;
	uint64_t read; /* everything before it has been read */
};

#define SEEN_SIZE (4u * ROWS_MAX)

/* Whether the text is new; it is kept. */
static bool is_new(struct search *s, struct text t)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint8_t)t.p[i]) * 0x100000001b3u;
	size_t at = (size_t)(h % SEEN_SIZE);
	for (; s->seen[at].p; at = (at + 1) % SEEN_SIZE)
		if (text_eq(s->seen[at], t))
			return false;
	s->seen[at] = t;
	return true;
}

static const char *scope_name(enum endpoint_scope scope)
{
	static const char *const names[] = {
		[SCOPE_PUBLIC] = "public",         [SCOPE_PRIVATE] = "private",
		[SCOPE_LINK_LOCAL] = "link-local", [SCOPE_LOOPBACK] = "loopback",
		[SCOPE_MULTICAST] = "multicast",   [SCOPE_PLACEHOLDER] = "placeholder",
		[SCOPE_RESERVED] = "reserved",     [SCOPE_NONE] = NULL,
	};
	return names[scope];
}

static void record(struct search *s, const struct endpoint *e)
{
	static const char *const kinds[] = { "url", "host", "ip", "email" };
	struct endpoint_place place;
	endpoint_place_of(s->subject, s->file, e, &place);
	if (endpoint_is_mistaken(e, &place) || !is_new(s, e->text))
		return;
	const char *noise = endpoint_noise(e, &place);
	s->nrows++;
	emit_endpoint(s->sink, &(struct fact_endpoint){
							   .offset = (int64_t)e->from,
							   .kind = text_c(kinds[e->kind]),
							   .text = e->text,
							   .scheme = e->scheme ? text_c(e->scheme->name) : TEXT_NONE,
							   .host = e->host,
							   .port = e->port,
							   .encrypted = e->scheme ? e->scheme->encrypted : FACT_NULL,
							   .role = noise ? TEXT_NONE : text_c(endpoint_role(e, &place)),
							   .scope = text_c(scope_name(e->scope)),
							   .noise = text_c(noise),
						   });
}

static void read_hit(struct search *s, const struct hit *hit)
{
	struct span bytes = s->subject->bytes;
	struct endpoint e;
	bool found = false;
	if (hit->from < s->read)
		return;
	switch (hit->pattern) {
	case AT_SCHEME:
	case AT_ESCAPED_SCHEME:
		found = endpoint_read_url(bytes, hit->from, &e);
		break;
	case AT_DOMAIN:
		found = hit->to >= 4 && endpoint_read_name(bytes, hit->to - 3, &e);
		break;
	case AT_IP4:
		found = endpoint_read_ip4(bytes, hit->to, &e);
		break;
	default: {
		uint64_t from = hit->to >= 6 ? hit->to - 6 : 0;
		found = endpoint_read_ip6(bytes, from, &e);
		break;
	}
	}
	if (!found || e.from < s->read)
		return;
	s->read = e.to;
	record(s, &e);
}

/* What is written to be read by people is not even looked at: whole folders of manuals and translations. */
static bool is_for_people(const struct subject *s)
{
	return text_starts(s->path, "/usr/share/doc/") || text_starts(s->path, "/usr/share/man/") ||
		   text_starts(s->path, "/usr/share/info/") || text_starts(s->path, "/usr/share/locale/") ||
		   text_starts(s->path, "/usr/share/licenses/") || text_starts(s->path, "/usr/share/help/");
}

static bool endpoints_wants(const struct subject *s)
{
	return s->nhits > 0 && !is_for_people(s) && !text_starts(text_base(s->path), "public_suffix");
}

static void endpoints_run(const struct subject *s, struct sink *sink)
{
	struct search search = { .subject = s, .sink = sink, .file = endpoint_file_of(s) };
	search.seen = ARENA_ARRAY(s->arena, struct text, SEEN_SIZE);
	if (!search.seen) {
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory to look for addresses");
		return;
	}
	for (size_t i = 0; i < s->nhits && search.nrows < ROWS_MAX; i++)
		read_hit(&search, &s->hits[i]);
	if (search.nrows == ROWS_MAX)
		emit_damage_at(sink, ERR_BUDGET, search.read, "%u addresses in one blob: no more are listed", ROWS_MAX);
}

const struct inspector endpoints_inspector = {
	.name = "endpoints",
	.title = "addresses of something elsewhere: URLs, hosts, IP and e-mail addresses, with what they are for",
	.spec = "RFC 3986, RFC 1123, RFC 5952; data/endpoints/README.md",
	.patterns = endpoints_patterns,
	.wants = endpoints_wants,
	.run = endpoints_run,
};
