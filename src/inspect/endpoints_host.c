/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the name or the address of a host tells by itself.
 *
 * Specification: RFC 1123 (names), RFC 1918, 3849, 3927, 4193, 5737, 5771, 6598 (ranges of addresses), RFC 2606, 6761,
 * 6762, 8375 (names that are no public ones).
 */
#include "base/ascii.h"
#include "inspect/endpoints.h"

#include <arpa/inet.h>

/* Compares without regard to case, as names are. */
static int compare(struct text a, const char *b)
{
	for (size_t i = 0; i < a.n; i++) {
		int d = (unsigned char)ascii_lower(a.p[i]) - (unsigned char)b[i];
		if (d != 0 || !b[i])
			return d;
	}
	return b[a.n] ? -1 : 0;
}

static bool is_one_of(struct text t, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (compare(t, list[i]) == 0)
			return true;
	return false;
}

/* The last `labels` labels of a name; all of it when it has fewer. */
static struct text last_labels(struct text host, unsigned labels)
{
	size_t i = host.n;
	while (i > 0) {
		if (host.p[i - 1] == '.' && --labels == 0)
			break;
		i--;
	}
	return text_of(host.p + i, host.n - i);
}

static const char *const local_tlds[] = { "local",     "lan",     "home",     "internal", "localdomain",
										  "localhost", "corp",    "intranet", "private",  "test",
										  "invalid",   "example", "onion",    "router" };

static bool is_local_tld(struct text label)
{
	return is_one_of(label, local_tlds, sizeof local_tlds / sizeof local_tlds[0]);
}

bool endpoint_is_tld(struct text label)
{
	size_t lo = 0, hi = endpoint_ntlds;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = compare(label, endpoint_strings + endpoint_tlds[mid]);
		if (d == 0)
			return true;
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return is_local_tld(label);
}

bool endpoint_is_name(struct text host)
{
	size_t label = 0, letters = 0;
	unsigned labels = 1;
	if (host.n == 0 || host.n > 253)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		if (c == '.') {
			if (label == 0 || host.p[i - 1] == '-')
				return false;
			label = 0;
			labels++;
			continue;
		}
		bool inside = c == '-' || c == '_';
		if (!ascii_is_letter(c) && !(c >= '0' && c <= '9') && !inside)
			return false;
		if ((c == '-' && label == 0) || ++label > 63)
			return false;
		letters += ascii_is_letter(c);
	}
	return label > 0 && letters > 0 && labels > 1 && endpoint_is_tld(last_labels(host, 1));
}

static bool in_range(uint32_t address, uint32_t net, unsigned bits)
{
	return (address ^ net) >> (32 - bits) == 0;
}

enum endpoint_scope endpoint_ip4_scope(struct text host)
{
	static const struct {
		uint32_t net;
		unsigned bits;
		enum endpoint_scope scope;
	} ranges[] = {
		{ 0x00000000, 8, SCOPE_NONE },      { 0x0a000000, 8, SCOPE_PRIVATE },     { 0x64400000, 10, SCOPE_PRIVATE },
		{ 0x7f000000, 8, SCOPE_LOOPBACK },  { 0xa9fe0000, 16, SCOPE_LINK_LOCAL }, { 0xac100000, 12, SCOPE_PRIVATE },
		{ 0xc0000200, 24, SCOPE_RESERVED }, { 0xc0a80000, 16, SCOPE_PRIVATE },    { 0xc6336400, 24, SCOPE_RESERVED },
		{ 0xcb007100, 24, SCOPE_RESERVED }, { 0xe0000000, 4, SCOPE_MULTICAST },   { 0xf0000000, 4, SCOPE_NONE },
	};
	char copy[16];
	struct in_addr a;
	if (host.n == 0 || host.n >= sizeof copy)
		return SCOPE_NONE;
	memcpy(copy, host.p, host.n);
	copy[host.n] = '\0';
	if (inet_pton(AF_INET, copy, &a) != 1)
		return SCOPE_NONE;
	uint32_t v = ntohl(a.s_addr);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (in_range(v, ranges[i].net, ranges[i].bits))
			return ranges[i].scope;
	return SCOPE_PUBLIC;
}

enum endpoint_scope endpoint_ip6_scope(struct text host)
{
	char copy[46];
	struct in6_addr a;
	if (host.n == 0 || host.n >= sizeof copy)
		return SCOPE_NONE;
	memcpy(copy, host.p, host.n);
	copy[host.n] = '\0';
	if (inet_pton(AF_INET6, copy, &a) != 1)
		return SCOPE_NONE;
	uint8_t b0 = a.s6_addr[0], b1 = a.s6_addr[1];
	if (IN6_IS_ADDR_LOOPBACK(&a))
		return SCOPE_LOOPBACK;
	if (b0 == 0xff)
		return SCOPE_MULTICAST;
	if (b0 == 0xfe && (b1 & 0xc0) == 0x80)
		return SCOPE_LINK_LOCAL;
	if ((b0 & 0xfe) == 0xfc)
		return SCOPE_PRIVATE;
	if (b0 == 0x20 && b1 == 0x01 && a.s6_addr[2] == 0x0d && a.s6_addr[3] == 0xb8)
		return SCOPE_RESERVED;
	return (b0 & 0xe0) == 0x20 ? SCOPE_PUBLIC : SCOPE_NONE;
}

/* Names that stand for "yours" in every manual: nobody's. */
static bool is_stand_in(struct text host)
{
	static const char *const words[] = { "host",     "hostname",    "server",     "servername", "domain",  "yourserver",
										 "yourhost", "your-server", "ip",         "ipaddr",     "address", "addr",
										 "url",      "user",        "username",   "proxy",      "foo",     "bar",
										 "name",     "website",     "site",       "myserver",   "myhost",  "machine",
										 "uri",      "path",        "some",       "yourdomain", "xxx",     "http",
										 "https",    "www",         "proxy_host", "ipaddress",  "your",    "x" };
	return is_one_of(host, words, sizeof words / sizeof words[0]) || text_has(host, "_here");
}

enum endpoint_scope endpoint_name_scope(struct text host)
{
	struct text tld = last_labels(host, 1), domain = last_labels(host, 2);
	if (compare(host, "localhost") == 0 || compare(tld, "localhost") == 0 || compare(tld, "localdomain") == 0)
		return SCOPE_LOOPBACK;
	if (!memchr(host.p, '.', host.n))
		return is_stand_in(host) ? SCOPE_NONE : SCOPE_PRIVATE;
	if (compare(domain, "example.com") == 0 || compare(domain, "example.org") == 0 ||
		compare(domain, "example.net") == 0 || compare(domain, "example.edu") == 0 || compare(tld, "example") == 0 ||
		compare(tld, "invalid") == 0 || compare(tld, "test") == 0)
		return SCOPE_RESERVED;
	if (is_local_tld(tld) || compare(domain, "home.arpa") == 0)
		return SCOPE_PRIVATE;
	return SCOPE_PUBLIC;
}

/* The first row of that host, or endpoint_nknown. */
static size_t first_row(struct text host)
{
	size_t lo = 0, hi = endpoint_nknown;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare(host, endpoint_strings + endpoint_known[mid].host) <= 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo < endpoint_nknown && compare(host, endpoint_strings + endpoint_known[lo].host) == 0 ? lo : endpoint_nknown;
}

const struct endpoint_known *endpoint_look_up(struct text host, struct text path, bool email)
{
	while (host.n > 0) {
		for (size_t i = first_row(host); i < endpoint_nknown && compare(host, endpoint_strings + endpoint_known[i].host) == 0; i++) {
			const struct endpoint_known *k = &endpoint_known[i];
			const char *of = endpoint_strings + k->path;
			if (*of == '@' ? email : *of == '\0' || text_starts(path, of))
				return k;
		}
		const char *dot = memchr(host.p, '.', host.n);
		if (!dot || memchr(host.p, ':', host.n))
			return NULL;
		host = text_of(dot + 1, host.n - (size_t)(dot - host.p) - 1);
	}
	return NULL;
}
