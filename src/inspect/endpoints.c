/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of something elsewhere that a program or a configuration names: URLs, hosts, IP addresses, e-mail addresses.
 *
 * What stands at a pattern is read by the grammar of addresses; its surroundings tell what it is for, and why it is
 * nothing that the product talks to, where that is so.
 */
#include "inspect/endpoints.h"

/* Rows of one blob, and addresses that are looked at; the others are counted as not looked at. */
#define ROWS_MAX 4000u

/* clang-format off */
/* Top-level domains at which names without a scheme are looked for. Those that are rather suffixes of files or members of
 * objects (.so, .py, .name, .me) are left out: a URL may have them. */
#define DOMAINS(D) \
	D(com) D(net) D(org) D(edu) D(gov) D(info) D(biz) D(mobi) D(cloud) D(app) D(dev) D(xyz) D(online) \
	D(tech) D(link) D(vip) D(live) D(io) D(cn) D(tw) D(hk) D(jp) D(kr) D(ru) D(de) D(fr) D(uk) D(nl) \
	D(eu) D(us) D(ca) D(au) D(br) D(in) D(ch) D(se) D(cz) D(at) D(be) D(es) D(dk) D(fi) D(sg) D(tv) \
	D(cc) D(co) D(ai) D(it) D(il) D(tr) D(za) D(vn) D(th) D(arpa) D(local) D(lan) D(internal)

/* What begins an IPv6 address: of 2000::/3 what is given out to networks with many users or servers; local ones. */
#define PREFIXES(P) \
	P("2001:") P("2400:") P("2402:") P("2404:") P("2406:") P("2408:") P("2409:") P("240e:") P("2600:") \
	P("2603:") P("2604:") P("2606:") P("2607:") P("2620:") P("2800:") P("2801:") P("2803:") P("2804:") \
	P("2a00:") P("2a01:") P("2a02:") P("2a03:") P("2a04:") P("2a05:") P("2a06:") P("2a0d:") P("fd00:") \
	P("fe80:") P("ff01:") P("ff02:") P("ff05:") P("ff08:") P("ff0e:") P("FE80:") P("FF02:") P("FF05:")
/* clang-format on */

/* As many expressions rather than one with alternatives, which would slow the whole scan: these are found by their letters. */
#define DOMAIN_PATTERN(d) PATTERN("\\." #d "([^0-9a-z_-]|$)", PATTERN_REGEX),
#define PREFIX_PATTERN(p) PATTERN(p, PATTERN_LITERAL),
#define ONE(x) +1

enum endpoint_pattern {
	AT_SCHEME,
	AT_ESCAPED_SCHEME,
	AT_IP4,
	AT_GO,
	AT_DOMAIN,
	AT_IP6 = AT_DOMAIN DOMAINS(ONE),
};

static const struct pattern endpoints_patterns[] = {
	[AT_SCHEME] = PATTERN("://", PATTERN_LITERAL),
	[AT_ESCAPED_SCHEME] = PATTERN(":\\/\\/", PATTERN_LITERAL),
	[AT_IP4] = PATTERN("[0-9]\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]", PATTERN_REGEX),
	[AT_GO] = PATTERN("\xff Go buildinf:", PATTERN_LITERAL), /* debug/buildinfo of Go's library */
	DOMAINS(DOMAIN_PATTERN) PREFIXES(PREFIX_PATTERN) PATTERN_END,
};

struct search {
	const struct subject *subject;
	struct sink *sink;
	enum endpoint_file file;
	struct text *seen; /* a table with open addressing, twice as large as it can be full */
	size_t nseen;
	size_t nrows;
	uint64_t read; /* everything before it has been read */
	bool go;       /* strings have no ends */
};

/* Whether the text is new; it is kept. */
static bool is_new(struct search *s, struct text t)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint8_t)t.p[i]) * 0x100000001b3u;
	size_t at = (size_t)(h % s->nseen);
	for (; s->seen[at].p; at = (at + 1) % s->nseen)
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
	if (s->go) { /* what stands around it belongs to other strings */
		place.before = place.after = place.strings = TEXT_NONE;
		place.multiline = false;
	}
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

/* Whether the name ends in the domain of the hit, and does not go on with another label. */
static bool ends_at(struct span bytes, const struct endpoint *e, uint64_t hit)
{
	uint64_t end = (uint64_t)((const uint8_t *)e->host.p - bytes.p) + e->host.n;
	return end + 1 == hit || end == hit;
}

/* Go lays its strings one behind the other. What follows the first slash may be those of others. */
static void cut_path(struct span bytes, struct endpoint *e)
{
	if (e->path.n == 0)
		return;
	e->to = (uint64_t)((const uint8_t *)e->path.p - bytes.p) + 1;
	e->path.n = 1;
	e->text = text_from_span(span_sub(bytes, e->from, e->to - e->from));
}

/* Another string may end right before. */
static bool read_go_url(struct span bytes, uint64_t separator, struct endpoint *e)
{
	uint64_t from = separator;
	if (separator >= 5 && span_has(bytes, separator - 5, "https", 5))
		from -= 5;
	else if (separator >= 4 && span_has(bytes, separator - 4, "http", 4))
		from -= 4;
	if (from == separator)
		return endpoint_read_url(bytes, separator, e);
	if (!endpoint_read_url(span_from(bytes, from), separator - from, e))
		return false;
	e->from += from;
	e->to += from;
	return true;
}

static void read_hit(struct search *s, const struct hit *hit)
{
	struct span bytes = s->subject->bytes;
	struct endpoint e;
	bool found = false;
	if (hit->from < s->read || hit->pattern == AT_GO)
		return;
	if (s->go && hit->pattern != AT_SCHEME)
		return;
	if (hit->pattern == AT_SCHEME || hit->pattern == AT_ESCAPED_SCHEME)
		found = s->go ? read_go_url(bytes, hit->from, &e) : endpoint_read_url(bytes, hit->from, &e);
	else if (hit->pattern == AT_IP4)
		found = endpoint_read_ip4(bytes, hit->to, &e);
	else if (hit->pattern >= AT_IP6)
		found = endpoint_read_ip6(bytes, hit->from, &e);
	else
		found = hit->to >= 4 && endpoint_read_name(bytes, hit->to - 3, &e) && ends_at(bytes, &e, hit->to);
	if (!found || e.from < s->read)
		return;
	if (s->go)
		cut_path(bytes, &e);
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

/* Fonts name their makers, and their glyphs look like hosts (uni1789.alt.au): TrueType, OpenType, collections, WOFF. */
static bool is_font(const struct subject *s)
{
	static const char *const ends[] = { ".ttf", ".otf", ".ttc", ".woff", ".woff2", ".pfb", ".afm", ".pcf" };
	bool named = false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		named |= text_ends(s->path, ends[i]);
	return named || span_starts(s->bytes, "\0\1\0\0\0", 5) || span_starts(s->bytes, "OTTO\0", 5) ||
		   span_starts(s->bytes, "ttcf\0", 5) || span_starts(s->bytes, "wOFF", 4) || span_starts(s->bytes, "wOF2", 4);
}

static bool endpoints_wants(const struct subject *s)
{
	return s->nhits > 0 && !is_for_people(s) && !is_font(s) && !text_starts(text_base(s->path), "public_suffix");
}

static void endpoints_run(const struct subject *s, struct sink *sink)
{
	struct search search = { .subject = s, .sink = sink, .file = endpoint_file_of(s) };
	search.nseen = 2 * (s->nhits < ROWS_MAX ? s->nhits : ROWS_MAX) + 1;
	search.seen = ARENA_ARRAY(s->arena, struct text, search.nseen);
	if (!search.seen) {
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory to look for addresses");
		return;
	}
	bool elf = strcmp(s->format, "elf") == 0;
	for (size_t i = 0; elf && !search.go && i < s->nhits; i++)
		search.go = s->hits[i].pattern == AT_GO;
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
