/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around an address, and whether it is one at all: versions, members of objects and names of files look the
 * same.
 */
#include "inspect/endpoints_text.h"

/* How far to either side is read. A line may be a hundred megabytes long. */
#define AROUND_MAX 256u
#define STRINGS_MAX 96u
#define COMMENT_MAX 512u
#define CROWD 40u

static bool is_in_line(uint8_t c, bool binary)
{
	return binary ? (c >= 0x20 && c < 0x7f) || c == '\t' : c != '\n' && c != '\r' && c != '\0';
}

void endpoint_place_of(const struct subject *s, enum endpoint_file file, const struct endpoint *e,
					   struct endpoint_place *place)
{
	bool binary = strcmp(s->format, "text") != 0 && strcmp(s->format, "script") != 0;
	uint64_t from = e->from, to = e->to;
	while (from > 0 && e->from - from < AROUND_MAX && is_in_line(s->bytes.p[from - 1], binary))
		from--;
	while (to < s->bytes.n && to - e->to < AROUND_MAX && is_in_line(s->bytes.p[to], binary))
		to++;
	uint64_t strings = from > STRINGS_MAX ? from - STRINGS_MAX : 0;
	*place = (struct endpoint_place){
		.file = file,
		.path = s->path,
		.before = text_from_span(span_sub(s->bytes, from, e->from - from)),
		.after = text_from_span(span_sub(s->bytes, e->to, to - e->to)),
		.begins = !binary || from == 0 || s->bytes.p[from - 1] < 0x20 || s->bytes.p[from - 1] == 0xff,
		.multiline = (from > 0 && s->bytes.p[from - 1] == '\n') || (to < s->bytes.n && s->bytes.p[to] == '\n'),
		.strings = binary ? text_from_span(span_sub(s->bytes, strings, from - strings)) : TEXT_NONE,
	};
	place->crowded = s->nhits >= CROWD;
	while (binary && to < s->bytes.n && !s->bytes.p[to] && to - e->to < AROUND_MAX + 8)
		to++;
	place->next = binary ? text_from_span(span_clip(s->bytes, to, 8)) : TEXT_NONE;
	if (file == FILE_SOURCE || file == FILE_MARKUP) { /* comments that go over lines */
		uint64_t back = e->from > COMMENT_MAX ? e->from - COMMENT_MAX : 0;
		place->strings = text_from_span(span_sub(s->bytes, back, e->from - back));
	}
}

/* Whether `open` stands there and `close` not behind it. */
static bool is_open(struct text t, const char *open, const char *close)
{
	size_t n = strlen(open), m = strlen(close);
	for (size_t i = t.n; i > 0; i--) {
		struct text at = text_of(t.p + i - 1, t.n - i + 1);
		if (at.n >= n && memcmp(at.p, open, n) == 0)
			return true;
		if (at.n >= m && memcmp(at.p, close, m) == 0)
			return false;
	}
	return false;
}

/* A "//" that is not that of a URL. */
static bool has_line_comment(struct text t)
{
	for (size_t i = 0; i + 1 < t.n; i++)
		if (t.p[i] == '/' && t.p[i + 1] == '/' &&
			(i == 0 || (t.p[i - 1] != ':' && t.p[i - 1] != '"' && t.p[i - 1] != '\'' && t.p[i - 1] != '\\')))
			return true;
	return false;
}

bool endpoint_is_comment(const struct endpoint_place *p)
{
	size_t i = 0;
	while (i < p->before.n && (p->before.p[i] == ' ' || p->before.p[i] == '\t'))
		i++;
	struct text line = p->before.n ? text_of(p->before.p + i, p->before.n - i) : TEXT_NONE;
	switch (p->file) {
	case FILE_CONFIGURATION:
	case FILE_SCRIPT:
	case FILE_PROGRAM:
		if (line.n == 2 && text_is(line, "//") && first_of(p->after) == '/') /* a share: //10.1.1.2/x */
			return false;
		return text_starts(line, "#") || text_starts(line, "//") || text_starts(line, "--") ||
			   text_starts(line, "/*") || text_starts(line, "* ") ||
			   (p->file == FILE_CONFIGURATION && text_starts(line, ";")) || text_has(line, " # ") ||
			   text_has(line, "\t#");
	case FILE_SOURCE:
		return text_starts(line, "*") || has_line_comment(line) || is_open(p->strings, "/*", "*/");
	case FILE_MARKUP:
		return is_open(p->strings, "<!--", "-->") || is_open(p->strings, "/*", "*/");
	default:
		return false;
	}
}

static bool is_quoted(const struct endpoint_place *p)
{
	return is_in(last_of(p->before), "\"'`") && is_in(first_of(p->after), "\"'`:/,? ");
}

#define NETWORK_WORDS                                                                                                         \
	"ip* addr* server* host* dns* nameserver* gateway* gw route* ping* ntp* sntp* wget curl nslookup telnet tftp ftpget url " \
	"uri domain* mqtt* broker* smtp* traceroute connect* target* remote* endpoint* peer* proxy acs* router* relay* stun* turn"

/* Names of two labels are mostly members of objects and files, unless they end in what hosts end in. */
static bool is_plausible_name(struct text host)
{
	unsigned n = count_labels(host);
	struct text first = label_at(host, 0), top = label_at(host, n - 1), domain = label_at(host, n - 2);
	if (endpoint_look_up(host, TEXT_NONE, false) &&
		n > 2) /* cn.pool.ntp.org, a1Xj9.iot-as-mqtt.cn-shanghai.aliyuncs.com */
		return true;
	if (is_listed(first, "com org net io cn edu gov llvm uk type go java javax") || domain.n < 2 ||
		is_listed(domain, "in-addr ip6"))
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] >= 'A' && host.p[i] <= 'Z')
			return false;
	if (n == 2 && !is_listed(top, "com net org cn de edu gov eu jp kr tw ru uk local lan"))
		return false;
	if (n == 2 && is_listed(top, "local lan net") &&
		is_listed(domain, "cgi asp issue socket self this rc hosts conf config domain server name dot vb system"))
		return false;
	for (unsigned i = 0; i < n && top.n == 2; i++)
		if (label_at(host, i).n == 1)
			return false;
	return n > 2 || domain.n > 2;
}

/* Whether it stands in a text for people, such as a program's explanation of its options. */
bool endpoint_is_prose(const struct endpoint_place *p)
{
	unsigned words = 0;
	size_t letters = 0;
	bool plain = true;
	for (size_t i = 0; i < p->before.n; i++) {
		char c = ascii_lower(p->before.p[i]);
		if (c == ' ') {
			words += plain && letters > 1;
			plain = true;
			letters = 0;
			continue;
		}
		plain &= c >= 'a' && c <= 'z';
		letters++;
	}
	return p->file == FILE_BINARY && words > 1 && (p->multiline || p->before.n + p->after.n > 100);
}

/* Whether a sentence goes on with it: two words and more, and before it one that no command or setting has there. */
static bool is_in_sentence(struct text before)
{
	size_t n = before.n;
	unsigned words = 0;
	while (n > 0 && before.p[n - 1] == ' ')
		n--;
	for (bool last = true; n > 0 && words < 3; last = false) {
		size_t from = n;
		while (from > 0 && before.p[from - 1] != ' ')
			from--;
		struct text word = text_of(before.p + from, n - from);
		for (size_t i = 0; i < word.n; i++)
			if (ascii_lower(word.p[i]) < 'a' || ascii_lower(word.p[i]) > 'z')
				return false;
		if (!word.n || (last && !is_listed(word, "a an the from by is are at on in of or and contact visit see")))
			return false;
		words++;
		while (from > 0 && before.p[from - 1] == ' ')
			from--;
		n = from;
	}
	return words == 3;
}

/* A key that is called like the host of the URL behind it: "amazon.de  https://www.amazon.de/dp/" */
static bool is_key_of_url(const struct endpoint *e, const struct endpoint_place *p)
{
	size_t i = 0;
	while (i < p->after.n && (p->after.p[i] == ' ' || p->after.p[i] == '\t'))
		i++;
	struct text url = text_of(p->after.p + i, p->after.n - i), domain = label_at(e->host, 0);
	char label[64];
	if (p->before.n || !i || !(text_starts(url, "http://") || text_starts(url, "https://")) ||
		domain.n >= sizeof label - 1 || count_labels(e->host) != 2)
		return false;
	memcpy(label, domain.p, domain.n);
	memcpy(label + domain.n, ".", 2);
	return text_has(head(url, 64), label);
}

/* The element of XML whose whole text this is has a name that speaks of the network, or it is the value of an attribute that
 * has no quotes, as vendors write them.
 */
static bool is_marked_up(const struct endpoint_place *p)
{
	struct text near = tail(p->before, 40);
	size_t from = near.n;
	while (from > 0 && near.p[from - 1] != '<')
		from--;
	if (last_of(near) == '=')
		return from > 0 && is_in(first_of(p->after), " />") && !text_has(text_of(near.p + from, near.n - from), "?");
	if (last_of(near) != '>' || first_of(p->after) != '<')
		return false;
	for (size_t i = from; i + 1 < near.n; i++)
		if (!ascii_is_alnum(near.p[i]) && !is_in(near.p[i], "_-:."))
			return false;
	return from > 0 && text_starts(text_of(p->after.p + 1, p->after.n - 1), "/") &&
		   endpoint_has_word(text_of(near.p + from, near.n - from), NETWORK_WORDS);
}

/* The word behind a blank. */
static struct text word_behind(struct text t)
{
	size_t n = 1;
	while (n < t.n && t.p[n] != ' ')
		n++;
	return t.n ? text_of(t.p + 1, n - 1) : t;
}

static bool is_mistaken_name(const struct endpoint *e, const struct endpoint_place *p)
{
	char b = last_of(p->before), a = first_of(p->after);
	if (is_in(b, "/\\-_$%~+#&.*") || is_in(a, "([_\\=@*%{") || !is_plausible_name(e->host) || endpoint_is_comment(p) ||
		endpoint_is_prose(p))
		return true;
	/* "before = common.local": a file that the machine's owner may write, fail2ban's jail.conf(5) */
	if (text_has(p->path, "/fail2ban/") && ends_with_one(e->host, ".local"))
		return true;
	if (ends_with_one(e->host, ".pb.cc .pb.h")) /* sources that protoc writes */
		return true;
	/* Names of properties have dots too, and end in what some domains are called. */
	struct text top = label_at(e->host, count_labels(e->host) - 1);
	if (p->file == FILE_BINARY &&
		is_listed(top, "io at in be it co cc ai app dev link live online tech internal private") &&
		!endpoint_names_role(label_at(e->host, 0)) && !endpoint_look_up(e->host, TEXT_NONE, false) &&
		!is_listed(label_at(e->host, 0), "www"))
		return true;
	if (p->file != FILE_BINARY && !is_quoted(p) && is_in_sentence(p->before))
		return true;
	if (p->file == FILE_CONFIGURATION && is_key_of_url(e, p))
		return true;
	/* local human = require "util.human.io" */
	if ((p->file == FILE_PROGRAM || p->file == FILE_SOURCE) && endpoint_has_word(tail(p->before, 24), "require import"))
		return true;
	switch (p->file) {
	case FILE_BINARY:
		if (p->before.n == 0 || (p->before.n == 1 && is_in(b, "\"'.")))
			return !(p->after.n == 0 || is_in(a, ":,;\"'|") || (a == ' ' && endpoint_is_name(word_behind(p->after))));
		return !(is_in(b, "=\"' ,;:@|(") && endpoint_has_word(tail(p->before, 40), NETWORK_WORDS) &&
				 !endpoint_has_word(tail(p->before, 40), "by bug* see visit report* copyright"));
	case FILE_SOURCE:
	case FILE_PROGRAM:
		return !is_quoted(p);
	case FILE_MARKUP:
		return !is_quoted(p) && !is_marked_up(p);
	case FILE_SCRIPT:
	case FILE_CONFIGURATION:
		return !(is_quoted(p) ||
				 ((p->before.n == 0 || is_in(b, " \t=,:@;|(\"'")) && (p->after.n == 0 || is_in(a, " \t,:/;|)\"'&"))));
	default:
		return true;
	}
}

/* The numbers of an address, as its text is right. */
static void octets_of(struct text host, unsigned octet[4])
{
	size_t at = 0;
	for (size_t i = 0; i < 4; i++, at++)
		for (octet[i] = 0; at < host.n && host.p[at] != '.'; at++)
			octet[i] = octet[i] * 10 + (unsigned)(host.p[at] - '0');
}

/* Versions and object identifiers have four numbers too; netmasks and networks are no hosts. */
static bool is_other_quad(const struct endpoint *e, const struct endpoint_place *p)
{
	unsigned o[4];
	octets_of(e->host, o);
	unsigned low = ends_with_one(p->path, ".ko") ? 64 : 32; /* modules have their version as a string of its own */
	bool small = o[0] < low && o[1] < low && o[2] < low && o[3] < low;
	bool known = endpoint_look_up(e->host, TEXT_NONE, false) != NULL;
	struct text near = tail(p->before, 40);
	if ((o[3] == 0 || o[3] == 255) && e->port == FACT_NULL)
		return true;
	if ((o[0] == 1 && o[1] <= 3 && !known) || (o[0] == 2 && (o[1] == 5 || o[1] == 16 || o[1] == 23)) ||
		endpoint_has_word(near, "oid* asn1 version* ver vers rev release* v"))
		return true;
	if (!small || known || (o[0] == 10 && p->file != FILE_BINARY))
		return false;
	return !endpoint_has_word(near, NETWORK_WORDS);
}

/* The two slashes of a share, //server/share of mount.cifs(8), and a blank or a quote before them. */
static bool is_share(struct text before)
{
	return text_ends(before, "//") && (before.n == 2 || is_in(before.p[before.n - 3], " \t\"'="));
}

static bool is_mistaken_address(const struct endpoint *e, const struct endpoint_place *p)
{
	char b = last_of(p->before), a = first_of(p->after), a2 = p->after.n > 1 ? p->after.p[1] : '\0';
	bool plain = p->file == FILE_CONFIGURATION || p->file == FILE_SCRIPT; /* where // begins no comment */
	if (p->file != FILE_BINARY && a == '/' && is_share(p->before) && (plain || !endpoint_is_comment(p)))
		return false;
	if (ascii_is_alnum(b) || ascii_is_alnum(a) || is_in(b, "/\\-_.~+") || is_in(a, "_.+\\%") ||
		(a == '-' && !(a2 >= '0' && a2 <= '9')))
		return true;
	if (memchr(e->host.p, ':', e->host.n) == NULL && is_other_quad(e, p))
		return true;
	if (ends_with_one(p->path, ".ldif .schema .mib .asn1")) /* object identifiers, continued on the next line */
		return true;
	if (endpoint_is_comment(p) || endpoint_is_prose(p))
		return true;
	switch (p->file) {
	case FILE_BINARY:
		return !(p->before.n == 0 || is_in(b, "=\"' ,;:@|(")) || !(p->after.n == 0 || is_in(a, "\"' ,;:/|)-&"));
	case FILE_SOURCE:
	case FILE_PROGRAM:
		return !is_quoted(p) && !(b == '>' && a == '<');
	case FILE_MARKUP:
		return !is_quoted(p) && !(b == '>' && a == '<') && !is_marked_up(p);
	case FILE_SCRIPT:
	case FILE_CONFIGURATION:
		return false;
	default:
		return true;
	}
}

/* "name:word" where a port belongs, which is not called so. */
static bool has_word_for_port(const struct endpoint *e)
{
	const char *colon = e->text.n ? memmem(e->text.p, e->text.n, "://", 3) : NULL;
	size_t at = colon ? (size_t)(colon - e->text.p) + 3 + e->host.n : e->text.n, n = at + 1;
	while (n < e->text.n && ascii_lower(e->text.p[n]) >= 'a' && ascii_lower(e->text.p[n]) <= 'z')
		n++;
	return at < e->text.n && e->text.p[at] == ':' && n > at + 3 &&
		   !is_listed(text_of(e->text.p + at + 1, n - at - 1), "port");
}

bool endpoint_is_mistaken(const struct endpoint *e, const struct endpoint_place *place)
{
	switch (e->kind) {
	case ENDPOINT_HOST:
		return !place->begins || is_mistaken_name(e, place);
	case ENDPOINT_IP:
		return is_mistaken_address(e, place);
	case ENDPOINT_EMAIL:
		return is_in(first_of(place->after), "(_") || (place->file == FILE_BINARY && e->host.n < 6);
	default:
		/* the dictionary of Brotli has pieces of pages; "[USER@]HOST" of a usage */
		if (place->file == FILE_BINARY && !memchr(e->host.p, '.', e->host.n) &&
			(ascii_is_alnum(last_of(place->before)) || is_in(last_of(place->before), "(\"'=")))
			return true;
		if (memchr(e->host.p, ']', e->host.n) && !memchr(e->host.p, ':', e->host.n))
			return true;
		if (count_labels(e->host) == 2 && is_listed(label_at(e->host, 0), "www"))
			return true;
		/* "http://internal:packages%s": neither a port nor the name of a user */
		if (e->port == FACT_NULL && !memchr(e->host.p, '.', e->host.n) && has_word_for_port(e))
			return true;
		return e->scope == SCOPE_PRIVATE && e->host.n && !memchr(e->host.p, '.', e->host.n) &&
			   place->file == FILE_BINARY && e->path.n == 0 && e->text.p[e->text.n - 1] != '/' &&
			   e->port == e->scheme->port;
	}
}
