/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of addresses: URLs, host names, IPv4 and IPv6 addresses, e-mail addresses.
 *
 * Specification: RFC 3986 (URLs), RFC 1123 (names), RFC 5952 (IPv6 texts), RFC 5322 (addresses of mail, dot-atoms only).
 * Formats of printf(), variables of shells and templates may stand where a program fills something in.
 */
#include "base/ascii.h"
#include "inspect/endpoints.h"

#define SCHEME_MAX 24u
#define URL_MAX 1024u
#define NAME_MAX_BYTES 320u

/* Port and security of the schemes that products use; names after the IANA registry and the programs' own manuals. */
static const struct endpoint_scheme schemes[] = {
	{ "amqp", 5672, 0, "messaging" },
	{ "amqps", 5671, 1, "messaging" },
	{ "coap", 5683, 0, "messaging" },
	{ "coap+tcp", 5683, 0, "messaging" },
	{ "coap+ws", 80, 0, "messaging" },
	{ "coaps", 5684, 1, "messaging" },
	{ "coaps+tcp", 5684, 1, "messaging" },
	{ "dns", 53, 0, "name service" },
	{ "dtls", FACT_NULL, 1, NULL },
	{ "ftp", 21, 0, "file transfer" },
	{ "ftpes", 21, 1, "file transfer" },
	{ "ftps", 990, 1, "file transfer" },
	{ "git", 9418, 0, NULL },
	{ "grpc", FACT_NULL, FACT_NULL, NULL },
	{ "grpcs", FACT_NULL, 1, NULL },
	{ "h323", 1720, 0, "voice" },
	{ "http", 80, 0, NULL },
	{ "https", 443, 1, NULL },
	{ "imap", 143, 0, "mail" },
	{ "imaps", 993, 1, "mail" },
	{ "ipp", 631, 0, NULL },
	{ "ipps", 631, 1, NULL },
	{ "ldap", 389, 0, "directory" },
	{ "ldaps", 636, 1, "directory" },
	{ "lwm2m", 5683, FACT_NULL, "remote management" },
	{ "mms", 1755, 0, "media" },
	{ "mongodb", 27017, FACT_NULL, "database" },
	{ "mqtt", 1883, 0, "messaging" },
	{ "mqtts", 8883, 1, "messaging" },
	{ "mqttws", 80, 0, "messaging" },
	{ "mqttwss", 443, 1, "messaging" },
	{ "mysql", 3306, FACT_NULL, "database" },
	{ "nfs", 2049, 0, "file transfer" },
	{ "ntp", 123, 0, "time" },
	{ "pop3", 110, 0, "mail" },
	{ "pop3s", 995, 1, "mail" },
	{ "postgres", 5432, FACT_NULL, "database" },
	{ "postgresql", 5432, FACT_NULL, "database" },
	{ "quic", FACT_NULL, 1, NULL },
	{ "redis", 6379, 0, "database" },
	{ "rediss", 6379, 1, "database" },
	{ "rsync", 873, 0, "file transfer" },
	{ "rtmp", 1935, 0, "media" },
	{ "rtmps", 443, 1, "media" },
	{ "rtmpt", 80, 0, "media" },
	{ "rtp", FACT_NULL, 0, "media" },
	{ "rtsp", 554, 0, "media" },
	{ "rtsps", 322, 1, "media" },
	{ "rtspu", 554, 0, "media" },
	{ "scp", 22, 1, "file transfer" },
	{ "sftp", 22, 1, "file transfer" },
	{ "sip", 5060, 0, "voice" },
	{ "sips", 5061, 1, "voice" },
	{ "smb", 445, FACT_NULL, "file transfer" },
	{ "smtp", 25, 0, "mail" },
	{ "smtps", 465, 1, "mail" },
	{ "snmp", 161, FACT_NULL, "remote management" },
	{ "socks", 1080, 0, "proxy" },
	{ "socks4", 1080, 0, "proxy" },
	{ "socks5", 1080, 0, "proxy" },
	{ "socks5h", 1080, 0, "proxy" },
	{ "srt", FACT_NULL, FACT_NULL, "media" },
	{ "ssh", 22, 1, NULL },
	{ "ssl", FACT_NULL, 1, NULL },
	{ "stun", 3478, 0, "nat traversal" },
	{ "stuns", 5349, 1, "nat traversal" },
	{ "syslog", 514, 0, "log" },
	{ "tcp", FACT_NULL, 0, NULL },
	{ "telnet", 23, 0, NULL },
	{ "tftp", 69, 0, "file transfer" },
	{ "tls", FACT_NULL, 1, NULL },
	{ "turn", 3478, 0, "nat traversal" },
	{ "turns", 5349, 1, "nat traversal" },
	{ "udp", FACT_NULL, 0, NULL },
	{ "webdav", 80, 0, "file transfer" },
	{ "webdavs", 443, 1, "file transfer" },
	{ "ws", 80, 0, NULL },
	{ "wss", 443, 1, NULL },
	{ "xmpp", 5222, FACT_NULL, "messaging" },
};

/* Whether a string format or a variable begins there, which the program fills in. */
static bool fills_in(struct text t, size_t i)
{
	char c = t.p[i], next = i + 1 < t.n ? t.p[i + 1] : '\0';
	return (c == '%' &&
			(ascii_is_alnum((uint8_t)next) ? !(ascii_is_digit((uint8_t)next) && i + 2 < t.n && ascii_is_alnum((uint8_t)t.p[i + 2]) &&
										 t.p[i + 2] != 's' && t.p[i + 2] != 'd')
									 : next == '.' || next == '@' || next == '%')) ||
		   (c == '$' && (next == '{' || next == '(' || ascii_is_alnum((uint8_t)next))) || c == '{' || c == '<' || c == '*' ||
		   c == '[' || c == '#';
}

static const struct endpoint_scheme *scheme_of(struct text name)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		const char *s = schemes[i].name;
		size_t k = 0;
		while (k < name.n && s[k] && (name.p[k] == s[k] || (name.p[k] | 0x20) == s[k]))
			k++;
		if (k == name.n && !s[k])
			return &schemes[i];
	}
	return NULL;
}

/* The scheme that ends at `colon`. In a certificate the length stands before it, which may look like a letter. */
static const struct endpoint_scheme *read_scheme(struct span bytes, uint64_t colon, uint64_t *from)
{
	uint64_t at = colon;
	while (at > 0 && colon - at < SCHEME_MAX && (ascii_is_alnum(bytes.p[at - 1]) || strchr("+", bytes.p[at - 1])) &&
		   bytes.p[at - 1])
		at--;
	const struct endpoint_scheme *s = scheme_of(text_from_span(span_sub(bytes, at, colon - at)));
	if (!s && at > 0 && colon - at > 1 && (bytes.p[at - 1] == 0x86 || bytes.p[at - 1] == 0x16)) {
		at++;
		s = scheme_of(text_from_span(span_sub(bytes, at, colon - at)));
	}
	const char *plus = s || colon == at ? NULL : memchr(bytes.p + at, '+', colon - at);
	if (plus) { /* git+https, stratum+tcp: the second tells how it travels */
		uint64_t behind = (uint64_t)(plus - (const char *)bytes.p) + 1;
		s = scheme_of(text_from_span(span_sub(bytes, behind, colon - behind)));
	}
	*from = at;
	return s;
}

/* What ends a URL, and what may: brackets that were not opened in it, a comma, an entity. */
enum { URL_BYTE, URL_BRACKET, URL_END };
#define ENDS(c) [c] = URL_END
#define MAY_END(c) [c] = URL_BRACKET
static const uint8_t url_bytes[128] = { ENDS('"'),    ENDS('\''),   ENDS('`'),    ENDS('<'),
										ENDS('>'),    ENDS('^'),    ENDS('|'),    ENDS('\\'),
										MAY_END('('), MAY_END(')'), MAY_END('{'), MAY_END('}'),
										MAY_END('['), MAY_END(']'), MAY_END(','), MAY_END('&') };

static bool ends_url(uint8_t c)
{
	return c <= ' ' || c >= 0x7f || url_bytes[c] == URL_END;
}

/* A URL in text for XML ends where the next bracket or quote is written as an entity. */
static bool is_entity(struct span s, size_t at)
{
	return span_has(s, at, "&lt;", 4) || span_has(s, at, "&gt;", 4) || span_has(s, at, "&quot;", 6) ||
		   span_has(s, at, "&#", 2);
}

/* Where the text of a URL ends whose authority begins at `at`; `escaped`: slashes have a backslash before them. */
static uint64_t url_end(struct span bytes, uint64_t at, bool escaped)
{
	struct span s = span_clip(bytes, at, URL_MAX);
	size_t n = 0, open = 0, braces = 0, brackets = 0;
	for (; n < s.n; n++) {
		uint8_t c = s.p[n];
		if (c > ' ' && c < 0x7f && url_bytes[c] == URL_BYTE)
			continue;
		if (c == '\\' && escaped && n + 1 < s.n && s.p[n + 1] == '/')
			continue;
		if (ends_url(c) || (c == '&' && is_entity(s, n)) || (c == ')' && open == 0) || (c == '}' && braces == 0) ||
			(c == ']' && brackets == 0) || (c == ',' && n + 1 < s.n && ends_url(s.p[n + 1])))
			break;
		open += (c == '(') - (size_t)(c == ')');
		braces += (c == '{') - (size_t)(c == '}');
		brackets += (c == '[') - (size_t)(c == ']');
	}
	while (n > 0 && strchr(".,;:!?&=", s.p[n - 1]))
		n--;
	return at + n;
}

static int64_t read_port(struct text t)
{
	int64_t port = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (!ascii_is_digit((uint8_t)t.p[i]) || port > 65535)
			return FACT_NULL;
		port = port * 10 + (t.p[i] - '0');
	}
	return t.n > 0 && port > 0 && port <= 65535 ? port : FACT_NULL;
}

static struct text without(struct text t, size_t n)
{
	return text_of(t.p + n, t.n - n);
}

/* Whether what is left besides what a program fills in tells something: part of a domain, or a path with a word. */
static bool placeholder_tells(const struct endpoint *e)
{
	size_t run = 0;
	for (size_t i = 0; i < e->path.n; i++) {
		if (e->path.p[i] == '%' || e->path.p[i] == '$') {
			run = 0;
			i++;
			continue;
		}
		run = ascii_is_alnum((uint8_t)e->path.p[i]) ? run + 1 : 0;
		if (run >= 3)
			return true;
	}
	const char *dot = e->host.n ? memchr(e->host.p, '.', e->host.n) : NULL;
	return dot && endpoint_is_name(without(e->host, (size_t)(dot + 1 - e->host.p)));
}

static enum endpoint_scope host_scope(const struct endpoint *e, bool bracketed)
{
	bool digits = true;
	if (bracketed)
		return endpoint_ip6_scope(e->host);
	for (size_t i = 0; i < e->host.n; i++) {
		if (fills_in(e->host, i))
			return placeholder_tells(e) ? SCOPE_PLACEHOLDER : SCOPE_NONE;
		digits &= ascii_is_digit((uint8_t)e->host.p[i]) || e->host.p[i] == '.';
	}
	if (text_is(e->host, "255.255.255.255"))
		return SCOPE_PLACEHOLDER;
	if (digits)
		return endpoint_ip4_scope(e->host);
	bool dotted = e->host.n && memchr(e->host.p, '.', e->host.n);
	if (!dotted) {
		for (size_t i = 0; i < e->host.n; i++)
			if (!ascii_is_alnum((uint8_t)e->host.p[i]) && e->host.p[i] != '-' && e->host.p[i] != '_')
				return SCOPE_NONE;
		return e->host.n > 1 ? endpoint_name_scope(e->host) : SCOPE_NONE;
	}
	return endpoint_is_name(e->host) ? endpoint_name_scope(e->host) : SCOPE_NONE;
}

/* user:password@host:port, of which the host may be an address in brackets. */
static bool read_authority(struct text authority, struct endpoint *e)
{
	bool bracketed = false;
	for (size_t i = authority.n; i > 0; i--)
		if (authority.p[i - 1] == '@') {
			authority = without(authority, i);
			break;
		}
	const char *end;
	if (authority.n && authority.p[0] == '[' && (end = memchr(authority.p, ']', authority.n)) &&
		end > authority.p + 1 && memchr(authority.p, ':', (size_t)(end - authority.p))) {
		bracketed = true;
		e->host = text_of(authority.p + 1, (size_t)(end - authority.p) - 1);
		authority = without(authority, e->host.n + 2);
	} else {
		size_t n = 0;
		while (n < authority.n && authority.p[n] != ':')
			n += authority.p[n] == '$' && n + 1 < authority.n && authority.p[n + 1] == '{' ? 2 : 1;
		n = n < authority.n ? n : authority.n;
		e->host = text_of(authority.p, n);
		authority = without(authority, n);
	}
	e->port = authority.n > 1 && authority.p[0] == ':' ? read_port(without(authority, 1)) : e->scheme->port;
	while (e->host.n > 1 && e->host.p[e->host.n - 1] == '.')
		e->host.n--;
	e->scope = host_scope(e, bracketed);
	return e->scope != SCOPE_NONE;
}

bool endpoint_read_url(struct span bytes, uint64_t separator, struct endpoint *e)
{
	bool escaped = span_has(bytes, separator, ":\\/\\/", 5);
	uint64_t authority = separator + (escaped ? 5 : 3), from = 0;
	*e = (struct endpoint){ .kind = ENDPOINT_URL, .port = FACT_NULL };
	e->scheme = read_scheme(bytes, separator, &from);
	if (!e->scheme)
		return false;
	e->from = from;
	e->to = url_end(bytes, authority, escaped);
	e->text = text_from_span(span_sub(bytes, from, e->to - from));
	struct text rest = text_from_span(span_sub(bytes, authority, e->to - authority));
	size_t n = 0;
	while (n < rest.n && !strchr("/?\\", rest.p[n]) && !(rest.p[n] == '#' && n + 1 < rest.n && rest.p[n + 1] != '{'))
		n++;
	e->path = without(rest, n);
	return n > 0 && read_authority(text_of(rest.p, n), e);
}

static bool is_name_byte(uint8_t c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static bool is_local_part_byte(uint8_t c)
{
	return ascii_is_alnum(c) || (c && strchr(".!#$%&*+/=?^_{|}~-", c));
}

/* What stands before the "@", cut at what rather belongs to the text around it. */
static bool read_local_part(struct span bytes, uint64_t at_sign, struct endpoint *e)
{
	uint64_t from = at_sign;
	while (from > 0 && at_sign - from < 65 && is_local_part_byte(bytes.p[from - 1]))
		from--;
	for (uint64_t i = from; i < at_sign; i++)
		if (strchr("=/|{}!#$&?", bytes.p[i]))
			from = i + 1;
	while (from < at_sign && !ascii_is_alnum(bytes.p[from]))
		from++;
	if (from == at_sign || at_sign - from > 64 || !ascii_is_alnum(bytes.p[at_sign - 1]) ||
		(from > 0 && bytes.p[from - 1] == '/'))
		return false;
	e->kind = ENDPOINT_EMAIL;
	e->from = from;
	e->text = text_from_span(span_sub(bytes, from, e->to - from));
	return true;
}

bool endpoint_read_name(struct span bytes, uint64_t at, struct endpoint *e)
{
	uint64_t from = at, to = at;
	while (from > 0 && at - from < NAME_MAX_BYTES && is_name_byte(bytes.p[from - 1]))
		from--;
	while (to < bytes.n && to - at < NAME_MAX_BYTES && is_name_byte(bytes.p[to]))
		to++;
	if (to > from && (bytes.p[to - 1] == '.' || bytes.p[to - 1] == '-'))
		to--;
	*e = (struct endpoint){ .kind = ENDPOINT_HOST, .from = from, .to = to, .port = FACT_NULL };
	e->host = e->text = text_from_span(span_sub(bytes, from, to - from));
	if (!endpoint_is_name(e->host) || memchr(e->host.p, '_', e->host.n))
		return false;
	e->scope = endpoint_name_scope(e->host);
	if (from > 0 && bytes.p[from - 1] == '@')
		return read_local_part(bytes, from - 1, e);
	if (to < bytes.n && bytes.p[to] == '@')
		return false; /* the local part of an address that has its own hit */
	struct span port = span_clip(bytes, to + 1, 5);
	size_t n = 0;
	while (n < port.n && ascii_is_digit(port.p[n]))
		n++;
	if (to < bytes.n && bytes.p[to] == ':' && n > 0) {
		e->port = read_port(text_of((const char *)port.p, n));
		e->to = to + 1 + n;
		e->text.n += n + 1;
	}
	return true;
}

/* Four numbers that stand by themselves; `end` is behind the first digit of the last one, or further on. */
bool endpoint_read_ip4(struct span bytes, uint64_t end, struct endpoint *e)
{
	uint64_t from = end, to = end;
	while (from > 0 && end - from < 16 && (ascii_is_digit(bytes.p[from - 1]) || bytes.p[from - 1] == '.'))
		from--;
	while (to < bytes.n && to - end < 4 && ascii_is_digit(bytes.p[to]))
		to++;
	if (to + 1 < bytes.n && bytes.p[to] == '.' && ascii_is_digit(bytes.p[to + 1]))
		return false;
	*e = (struct endpoint){ .kind = ENDPOINT_IP, .from = from, .to = to, .port = FACT_NULL };
	e->host = e->text = text_from_span(span_sub(bytes, from, to - from));
	e->scope = endpoint_ip4_scope(e->host);
	if (e->scope == SCOPE_NONE)
		return false;
	struct span port = span_clip(bytes, to + 1, 5);
	size_t n = 0;
	while (n < port.n && ascii_is_digit(port.p[n]))
		n++;
	if (to < bytes.n && bytes.p[to] == ':' && n > 1) {
		e->port = read_port(text_of((const char *)port.p, n));
		e->to = to + 1 + n;
		e->text.n += n + 1;
	}
	return true;
}

static bool is_ip6_byte(uint8_t c)
{
	return ascii_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':';
}

bool endpoint_read_ip6(struct span bytes, uint64_t from, struct endpoint *e)
{
	struct span s = span_clip(bytes, from, 46);
	size_t n = 0, colons = 0;
	if (from > 0 && (ascii_is_alnum(bytes.p[from - 1]) || bytes.p[from - 1] == ':' || bytes.p[from - 1] == '.' ||
					 bytes.p[from - 1] == '-'))
		return false;
	while (n < s.n && is_ip6_byte(s.p[n]))
		colons += s.p[n++] == ':';
	if (n > 0 && s.p[n - 1] == ':' && (n < 2 || s.p[n - 2] != ':'))
		n--;
	if (colons < 3 || (n < s.n && (ascii_is_alnum(s.p[n]) || s.p[n] == '.' || s.p[n] == '/')))
		return false;
	*e = (struct endpoint){ .kind = ENDPOINT_IP, .from = from, .to = from + n, .port = FACT_NULL };
	e->host = e->text = text_of((const char *)s.p, n);
	e->scope = endpoint_ip6_scope(e->host);
	return e->scope != SCOPE_NONE && s.p[n - 1] != ':';
}
