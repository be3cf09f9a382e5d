/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the product would announce: services by mDNS, devices by SSDP, WS-Discovery, NetBIOS, SLP, LLDP, Bluetooth.
 *
 * Specification: RFC 6763 (DNS-SD), UPnP Device Architecture 1.1, WS-Discovery 2005/04, ONVIF Core; the grammar of each
 * configuration stands in discovery_config.c and discovery_xml.c.
 */
#include "inspect/discovery.h"
#include "inspect/capture.h"
#include "inspect/place.h"

#define SEEN_MAX 128u

enum discovery_pattern {
	AT_TCP,
	AT_UDP,
	AT_URN,
	AT_AVAHI,
	AT_SCOPE,
	AT_WS,
	AT_REGISTERS,
	AT_REGISTERS_DNSSD,
	AT_REGISTERS_ESP,
	AT_BROWSES,
	AT_BROWSES_DNSSD,
	AT_BROWSES_ESP,
	AT_ALIVE,
	AT_DEVICE_TYPE,
	AT_ADVERTISES,
	AT_ROOT_DEVICE,
	AT_GROUP,
	AT_META_QUERY,
	AT_COMMANDS,
};

static const struct pattern discovery_patterns[] = {
	[AT_TCP] = PATTERN("._tcp", PATTERN_LITERAL),
	[AT_UDP] = PATTERN("._udp", PATTERN_LITERAL),
	[AT_URN] = PATTERN("urn:[A-Za-z0-9-]{3,40}:(device|service):[A-Za-z]", PATTERN_REGEX),
	[AT_AVAHI] = PATTERN("<service-group", PATTERN_LITERAL),
	[AT_SCOPE] = PATTERN("onvif://www.onvif.org/", PATTERN_LITERAL),
	[AT_WS] = PATTERN("/ws/2005/04/discovery/ProbeMatches", PATTERN_LITERAL),
	[AT_REGISTERS] = PATTERN("avahi_entry_group_add_service", PATTERN_LITERAL),
	[AT_REGISTERS_DNSSD] = PATTERN("DNSServiceRegister", PATTERN_LITERAL),
	[AT_REGISTERS_ESP] = PATTERN("mdns_service_add", PATTERN_LITERAL),
	[AT_BROWSES] = PATTERN("avahi_service_browser_new", PATTERN_LITERAL),
	[AT_BROWSES_DNSSD] = PATTERN("DNSServiceBrowse", PATTERN_LITERAL),
	[AT_BROWSES_ESP] = PATTERN("mdns_query_ptr", PATTERN_LITERAL),
	[AT_ALIVE] = PATTERN("ssdp:alive", PATTERN_LITERAL),
	[AT_DEVICE_TYPE] = PATTERN("<deviceType>", PATTERN_LITERAL),
	[AT_ADVERTISES] = PATTERN("UpnpSendAdvertisement", PATTERN_LITERAL),
	[AT_ROOT_DEVICE] = PATTERN("gupnp_root_device_new", PATTERN_LITERAL),
	[AT_GROUP] = PATTERN("224.0.0.251", PATTERN_LITERAL),
	[AT_META_QUERY] = PATTERN("_services._dns-sd._udp", PATTERN_LITERAL),
	[AT_COMMANDS] = PATTERN("avahi-publish", PATTERN_LITERAL),
	PATTERN("procd_add_mdns", PATTERN_LITERAL),
	PATTERN("hciconfig", PATTERN_LITERAL),
	PATTERN("system-alias", PATTERN_LITERAL),
	PATTERN("btmgmt", PATTERN_LITERAL),
	PATTERN_END,
};

static const struct {
	const char *name, *protocol;
} programs[] = {
	{ "avahi-daemon", "mdns" },
	{ "mdnsd", "mdns" },
	{ "umdns", "mdns" },
	{ "mDNSResponder", "mdns" },
	{ "mDNSResponderPosix", "mdns" },
	{ "mdns-responder", "mdns" },
	{ "miniupnpd", "ssdp" },
	{ "minissdpd", "ssdp" },
	{ "minidlnad", "ssdp" },
	{ "minidlna", "ssdp" },
	{ "ushare", "ssdp" },
	{ "upnpd", "ssdp" },
	{ "rygel", "ssdp" },
	{ "gmediarender", "ssdp" },
	{ "wscd", "ssdp" },
	{ "igd", "ssdp" },
	{ "wsdd", "ws-discovery" },
	{ "wsdd2", "ws-discovery" },
	{ "wsd", "ws-discovery" },
	{ "onvif_srvd", "ws-discovery" },
	{ "onvif_simple_server", "ws-discovery" },
	{ "onvif", "ws-discovery" },
	{ "onvifd", "ws-discovery" },
	{ "nmbd", "netbios" },
	{ "llmnrd", "llmnr" },
	{ "lldpd", "lldp" },
	{ "ladvd", "lldp" },
	{ "slpd", "slp" },
	{ "bluetoothd", "bluetooth" },
	{ "lltdd", "lltd" },
	{ "lld2d", "lltd" },
	{ "cdpd", "cdp" },
};

/* The protocol that a program of that name speaks, or NULL. */
static const char *program_protocol(const struct subject *s)
{
	struct text name = text_base(s->path), folder = text_of(s->path.p, s->path.n - name.n);
	if (!text_ends(folder, "bin/") && !text_ends(folder, "/libexec/") && !text_ends(folder, "/bluetooth/") &&
		!text_ends(folder, "/app/"))
		return NULL;
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (text_is(name, programs[i].name))
			return programs[i].protocol;
	return NULL;
}

void discovery_emit(struct discovery_run *run, const struct fact_advertisement *row)
{
	struct fact_advertisement copy = *row;
	if (run->nrows >= DISCOVERY_ROWS_MAX)
		return;
	if (++run->nrows == DISCOVERY_ROWS_MAX)
		emit_damage_at(run->sink, ERR_BUDGET, UINT64_MAX, "%u announcements in one blob: no more are listed",
					   DISCOVERY_ROWS_MAX);
	if (copy.name.n == 0)
		copy.name = TEXT_NONE;
	if (copy.detail.n == 0)
		copy.detail = TEXT_NONE;
	emit_advertisement(run->sink, &copy);
}

struct binary {
	struct discovery_run *run;
	bool has[AT_COMMANDS];
	struct text seen[SEEN_MAX];
	size_t nseen;
};

static bool is_new(struct binary *b, struct text t)
{
	for (size_t i = 0; i < b->nseen; i++)
		if (text_eq(b->seen[i], t))
			return false;
	if (b->nseen == SEEN_MAX)
		return false;
	b->seen[b->nseen++] = t;
	return true;
}

static bool is_type_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Names of services are looked up under a domain as well (SRV records): those are nobody's announcement. */
static bool is_looked_up(struct text name, struct span behind)
{
	static const char *const names[] = { "_services",     "_kerberos",     "_kerberos-master",
										 "_kerberos-adm", "_kpasswd",      "_ldap",
										 "_gc",           "_sips",         "_stun",
										 "_stuns",        "_turn",         "_turns",
										 "_xmpp-client",  "_xmpp-server",  "_imap",
										 "_imaps",        "_pop3",         "_pop3s",
										 "_submission",   "_submissions",  "_jabber",
										 "_dns-sd",       "_caldav",       "_caldavs",
										 "_carddav",      "_carddavs",     "_hkp",
										 "_hkps",         "_pgpkey-http",  "_pgpkey-https",
										 "_krb5kdc",      "_h323cs",       "_h323ls",
										 "_aaa",          "_diameter",     "_radsec",
										 "_radiustls",    "_x-puppet",     "_vlmcs",
										 "_sub",          "_dns-update",   "_dns-llq",
										 "_mongodb",      "_autodiscover", "_tcp",
										 "_udp",          "_foo" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return true;
	return span_starts(behind, ".%", 2) && !span_starts(behind, ".%s.local", 9);
}

/* What the servers of one service ask of their clients: who announces the one looks for the other. DACP is the remote
 * control that a player of AirPlay finds at whoever sends to it.
 */
static bool is_counterpart(struct text name)
{
	static const char *const names[] = { "_dacp", "_touch-remote", "_home-sharing" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

static void read_dns_sd(struct binary *b, const struct hit *hit)
{
	struct span bytes = b->run->subject->bytes;
	uint64_t from = hit->from;
	while (from > 0 && hit->from - from < 18 && is_type_byte(bytes.p[from - 1]))
		from--;
	while (from < hit->from && bytes.p[from] != '_')
		from++;
	struct text name = text_from_span(span_sub(bytes, from, hit->from - from));
	struct text type = text_from_span(span_sub(bytes, from, hit->to - from));
	struct span behind = span_clip(bytes, hit->to, 16);
	/* Others ask for the service at a name server, or look for those of others. */
	bool answers = span_starts(behind, ".local", 6) || span_starts(behind, ".%s.local", 9) || b->has[AT_GROUP] ||
				   b->has[AT_META_QUERY];
	bool registers = b->has[AT_REGISTERS] || b->has[AT_REGISTERS_DNSSD] || b->has[AT_REGISTERS_ESP];
	bool browses = b->has[AT_BROWSES] || b->has[AT_BROWSES_DNSSD] || b->has[AT_BROWSES_ESP];
	if (name.n < 3 || name.n > 17 || (behind.n && is_type_byte(behind.p[0])) || is_looked_up(name, behind) ||
		(browses && is_counterpart(name)) || !(registers || answers) || !is_new(b, type))
		return;
	const char *detail = browses ? "registered or looked for: the program does both" : "registered";
	discovery_emit(b->run, &(struct fact_advertisement){ .line = FACT_NULL,
														 .protocol = TEXT_LIT("mdns"),
														 .type = type,
														 .port = FACT_NULL,
														 .detail = registers ? text_c(detail) : TEXT_NONE });
}

/* The type is read from its beginning; the hit is somewhere behind it. */
static void read_urn(struct binary *b, const struct hit *hit)
{
	struct span bytes = b->run->subject->bytes;
	uint64_t from = hit->to, to = hit->to;
	while (from > 0 && hit->to - from < 64 && (is_type_byte(bytes.p[from - 1]) || bytes.p[from - 1] == ':'))
		from--;
	while (from < hit->to && !span_has(bytes, from, "urn:", 4))
		from++;
	while (to < bytes.n && to - hit->to < 64 && (is_type_byte(bytes.p[to]) || bytes.p[to] == ':'))
		to++;
	struct text type = text_from_span(span_sub(bytes, from, to - from));
	bool announces = b->has[AT_ALIVE] || b->has[AT_ADVERTISES] || b->has[AT_ROOT_DEVICE];
	bool versioned = type.n > 2 && type.p[type.n - 1] >= '0' && type.p[type.n - 1] <= '9' &&
					 (type.p[type.n - 2] == ':' || type.p[type.n - 3] == ':');
	/* Others look for such devices. */
	if (from < hit->to && versioned && (announces || b->has[AT_DEVICE_TYPE]) && is_new(b, type))
		discovery_emit(b->run, &(struct fact_advertisement){ .line = FACT_NULL,
															 .protocol = TEXT_LIT("ssdp"),
															 .type = type,
															 .port = FACT_NULL,
															 .detail = announces ? TEXT_LIT("announced") : TEXT_NONE });
}

/* "onvif://www.onvif.org/name/IPCAM": what a camera says of itself. */
static void read_scope(struct binary *b, const struct hit *hit)
{
	struct span behind = span_clip(b->run->subject->bytes, hit->from, 128);
	size_t n = 0;
	while (n < behind.n && behind.p[n] > ' ' && behind.p[n] < 0x7f && !strchr("\"'<>", behind.p[n]))
		n++;
	struct text scope = text_from_span(span_clip(behind, 0, n));
	if (scope.n > hit->to - hit->from && is_new(b, scope))
		discovery_emit(b->run,
					   &(struct fact_advertisement){
						   .line = FACT_NULL, .protocol = TEXT_LIT("ws-discovery"), .type = scope, .port = FACT_NULL });
}

static void read_binary(struct discovery_run *run)
{
	const struct subject *s = run->subject;
	struct binary b = { .run = run };
	for (size_t i = 0; i < s->nhits; i++)
		if (s->hits[i].pattern < AT_COMMANDS)
			b.has[s->hits[i].pattern] = true;
	for (size_t i = 0; i < s->nhits && run->nrows < DISCOVERY_ROWS_MAX && b.nseen < SEEN_MAX; i++) {
		const struct hit *hit = &s->hits[i];
		if (hit->pattern == AT_TCP || hit->pattern == AT_UDP)
			read_dns_sd(&b, hit);
		else if (hit->pattern == AT_URN)
			read_urn(&b, hit);
		else if (hit->pattern == AT_SCOPE)
			read_scope(&b, hit);
		else if (hit->pattern == AT_WS && is_new(&b, TEXT_LIT("ProbeMatches")))
			discovery_emit(run, &(struct fact_advertisement){ .line = FACT_NULL,
															  .protocol = TEXT_LIT("ws-discovery"),
															  .type = TEXT_LIT("answers probes"),
															  .port = FACT_NULL });
	}
}

static bool discovery_wants(const struct subject *s)
{
	bool read_by_people = path_is_documentation(s->path) || path_is_of_packages(s->path) || text_ends(s->path, ".h");
	if (s->kind == ENTRY_DIRECTORY || read_by_people || capture_is_recording(s->bytes)) /* others announced that */
		return false;
	if (s->kind == ENTRY_SYMLINK)
		return program_protocol(s) != NULL;
	return s->nhits > 0 || (s->bytes.n > 0 && (program_protocol(s) || discovery_configuration(s->path)));
}

static bool has_hit(const struct subject *s, uint32_t pattern)
{
	for (size_t i = 0; i < s->nhits; i++)
		if (s->hits[i].pattern == pattern)
			return true;
	return false;
}

static void read_text(struct discovery_run *run)
{
	const struct subject *s = run->subject;
	struct text text = text_from_span(span_clip(s->bytes, 0, DISCOVERY_TEXT_MAX));
	discovery_reader reader = discovery_configuration(s->path);
	if (reader)
		reader(run, text);
	else if (has_hit(s, AT_AVAHI))
		discovery_read_avahi(run, text);
	else if (has_hit(s, AT_DEVICE_TYPE))
		discovery_read_upnp(run, text);
	else if (s->nhits && (strcmp(s->format, "script") == 0 || text_starts(s->path, "/etc/init.d/")))
		discovery_read_script(run, text);
	else
		return;
	if (s->bytes.n > text.n)
		emit_damage_at(run->sink, ERR_BUDGET, text.n,
					   "only the first 256 KiB of the file were looked at for announcements");
}

static void discovery_run(const struct subject *s, struct sink *sink)
{
	struct discovery_run run = { .subject = s, .sink = sink };
	const char *protocol = program_protocol(s);
	if (protocol && (s->kind == ENTRY_SYMLINK || strcmp(s->format, "elf") == 0 || strcmp(s->format, "script") == 0))
		discovery_emit(&run, &(struct fact_advertisement){ .line = FACT_NULL,
														   .protocol = text_c(protocol),
														   .port = FACT_NULL,
														   .type = TEXT_LIT("program"),
														   .detail = text_base(s->path) });
	if (s->kind == ENTRY_SYMLINK)
		return;
	if (subject_is_text(s))
		read_text(&run);
	else
		read_binary(&run);
}

const struct inspector discovery_inspector = {
	.name = "discovery",
	.title = "what would be announced: mDNS, SSDP, WS-Discovery, NetBIOS, SLP, LLDP, Bluetooth",
	.spec = "avahi.service(5), RFC 6763, UPnP Device Architecture 1.1, WS-Discovery, smb.conf(5)",
	.patterns = discovery_patterns,
	.wants = discovery_wants,
	.run = discovery_run,
};
