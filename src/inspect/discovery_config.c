/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations of programs that announce services, and scripts that do.
 *
 * Specification: systemd.dnssd(5), mdnsd's mdnsd.service(5), OpenWrt's umdns (JSON) and procd_add_mdns, smb.conf(5),
 * miniupnpd(8), minidlna.conf(5), BlueZ main.conf, slp.reg (RFC 2614), avahi-publish(1), hciconfig(1).
 */
#include "base/ascii.h"
#include "inspect/discovery.h"
#include "inspect/shell.h"

int64_t discovery_port(struct text t)
{
	int64_t port = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || port > 65535)
			return FACT_NULL;
		port = port * 10 + (t.p[i] - '0');
	}
	return t.n && port <= 65535 ? port : FACT_NULL;
}

static bool is_caseless(struct text t, const char *s)
{
	if (t.n != strlen(s))
		return false;
	for (size_t i = 0; i < t.n; i++)
		if ((t.p[i] >= 'A' && t.p[i] <= 'Z' ? (t.p[i] | 0x20) : t.p[i]) != s[i])
			return false;
	return true;
}

/* key, a separator, value. False for comments, section headers and everything else. */
static bool split(struct text line, const char *comment, struct text *key, struct text *value)
{
	line = shell_trim(line);
	if (line.n == 0 || strchr(comment, line.p[0]))
		return false;
	const char *equals = memchr(line.p, '=', line.n);
	if (!equals)
		return false;
	*key = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
	*value = shell_unquoted(shell_trim(text_of(equals + 1, line.n - (size_t)(equals - line.p) - 1)));
	return key->n > 0;
}

/* [Service] Name=, Type=, Port=, TxtText= of systemd-resolved. */
static void read_dnssd(struct discovery_run *run, struct text rest)
{
	struct fact_advertisement row = { .line = 1, .protocol = TEXT_LIT("mdns"), .port = FACT_NULL };
	struct text line, key, value;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		if (!split(line, "#;[", &key, &value))
			continue;
		if (text_is(key, "Name"))
			row.name = value;
		else if (text_is(key, "Port"))
			row.port = discovery_port(value);
		else if (text_is(key, "TxtText"))
			row.detail = value;
		else if (text_is(key, "Type")) {
			row.type = value;
			row.line = number;
		}
	}
	if (row.type.n)
		discovery_emit(run, &row);
}

/* mdnsd: "name VALUE", "type VALUE", "port VALUE", "txt VALUE". */
static void read_mdnsd(struct discovery_run *run, struct text rest)
{
	struct fact_advertisement row = { .line = 1, .protocol = TEXT_LIT("mdns"), .port = FACT_NULL };
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		struct text key = shell_field(&line), value = shell_trim(line);
		if (text_is(key, "name"))
			row.name = value;
		else if (text_is(key, "port"))
			row.port = discovery_port(value);
		else if (text_is(key, "txt"))
			row.detail = value;
		else if (text_is(key, "type")) {
			row.type = value;
			row.line = number;
		}
	}
	if (row.type.n && row.type.p[0] == '_')
		discovery_emit(run, &row);
}

/* The next string of a JSON text, and the number behind a colon that follows it. */
static bool json_string(struct text s, size_t *at, struct text *string)
{
	while (*at < s.n && s.p[*at] != '"')
		(*at)++;
	size_t from = ++*at;
	while (*at < s.n && s.p[*at] != '"')
		*at += s.p[*at] == '\\' ? 2 : 1;
	if (*at >= s.n)
		return false;
	*string = text_of(s.p + from, *at - from);
	(*at)++;
	return true;
}

/* umdns: { "NAME": { "service": "_http._tcp.local", "port": 80, "txt": [ "a=b" ] } } */
static void read_umdns(struct discovery_run *run, struct text s)
{
	struct fact_advertisement row = { .line = FACT_NULL, .protocol = TEXT_LIT("mdns"), .port = FACT_NULL };
	struct text string, name = TEXT_NONE;
	for (size_t at = 0; json_string(s, &at, &string);) {
		if (text_is(string, "service") && json_string(s, &at, &string)) {
			if (row.type.n)
				discovery_emit(run, &row);
			row = (struct fact_advertisement){
				.line = FACT_NULL, .protocol = TEXT_LIT("mdns"), .type = string, .name = name, .port = FACT_NULL
			};
		} else if (text_is(string, "port")) {
			size_t from = at;
			while (from < s.n && (s.p[from] < '0' || s.p[from] > '9') && s.p[from] != '"' && s.p[from] != '}')
				from++;
			size_t to = from;
			while (to < s.n && s.p[to] >= '0' && s.p[to] <= '9')
				to++;
			row.port = discovery_port(text_of(s.p + from, to - from));
		} else if (!text_is(string, "txt") && !memchr(string.p, '=', string.n)) {
			name = string;
		}
	}
	if (row.type.n)
		discovery_emit(run, &row);
}

/* Keys of smb.conf may have blanks and any case: "netbios name" is "NetBIOSName". */
static bool is_smb_key(struct text key, const char *name)
{
	size_t k = 0;
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == ' ')
			continue;
		if (ascii_lower(key.p[i]) != name[k] || !name[k])
			return false;
		k++;
	}
	return !name[k];
}

static void read_smb(struct discovery_run *run, struct text rest)
{
	struct fact_advertisement row = {
		.line = 1, .protocol = TEXT_LIT("netbios"), .type = TEXT_LIT("smb server"), .port = FACT_NULL
	};
	struct text line, key, value, group = TEXT_NONE, comment = TEXT_NONE;
	bool disabled = false, any = false;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		if (!split(line, "#;[", &key, &value))
			continue;
		bool mine = true;
		if (is_smb_key(key, "workgroup"))
			group = value;
		else if (is_smb_key(key, "serverstring"))
			comment = value;
		else if (is_smb_key(key, "netbiosname"))
			row.name = value;
		else if (is_smb_key(key, "disablenetbios"))
			disabled = is_caseless(value, "yes") || is_caseless(value, "true");
		else
			mine = false;
		if (mine && !any)
			row.line = number;
		any |= mine;
	}
	row.detail =
		text_c(arena_printf(run->subject->arena, "%s%.*s%s%.*s", group.n ? "workgroup=" : "", (int)group.n,
							group.n ? group.p : "", comment.n ? (group.n ? "; server string=" : "server string=") : "",
							(int)comment.n, comment.n ? comment.p : ""));
	if (any && !disabled)
		discovery_emit(run, &row);
}

/* miniupnpd.conf and minidlna.conf have the same words. */
static void read_mini(struct discovery_run *run, struct text rest)
{
	bool dlna = text_starts(text_base(run->subject->path), "minidlna");
	struct fact_advertisement row = { .line = 1, .protocol = TEXT_LIT("ssdp"), .port = FACT_NULL };
	struct text line, key, value, maker = TEXT_NONE, model = TEXT_NONE;
	row.type = dlna ? TEXT_LIT("urn:schemas-upnp-org:device:MediaServer:1")
					: TEXT_LIT("urn:schemas-upnp-org:device:InternetGatewayDevice:1");
	bool disabled = false;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		if (!split(line, "#", &key, &value))
			continue;
		if (text_is(key, "friendly_name")) {
			row.name = value;
			row.line = number;
		} else if (text_is(key, "port") || text_is(key, "http_port")) {
			row.port = discovery_port(value);
		} else if (text_is(key, "manufacturer_name")) {
			maker = value;
		} else if (text_is(key, "model_name") || text_is(key, "model_description")) {
			model = value;
		} else if (text_is(key, "enable_upnp")) {
			disabled = text_is(value, "no");
		}
	}
	char *detail = NULL;
	if (maker.n)
		detail = arena_printf(run->subject->arena, "manufacturer=%.*s", (int)maker.n, maker.p);
	if (model.n)
		detail = arena_printf(run->subject->arena, "%s%smodel=%.*s", detail ? detail : "", detail ? "; " : "",
							  (int)model.n, model.p);
	row.detail = text_c(detail);
	if (!disabled)
		discovery_emit(run, &row);
}

/* BlueZ: [General] Name, Class, DiscoverableTimeout. */
static void read_bluetooth(struct discovery_run *run, struct text rest)
{
	struct text line, key, value;
	for (int64_t number = 1; shell_line(&rest, &line); number++)
		if (split(line, "#[", &key, &value) && text_is(key, "Name") && value.n)
			discovery_emit(run,
						   &(struct fact_advertisement){
							   .line = number, .protocol = TEXT_LIT("bluetooth"), .name = value, .port = FACT_NULL });
}

/* slp.reg: "service:http://...,en,65535". */
static void read_slp(struct discovery_run *run, struct text rest)
{
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		const char *comma = text_starts(line, "service:") ? memchr(line.p, ',', line.n) : NULL;
		if (comma)
			discovery_emit(run, &(struct fact_advertisement){ .line = number,
															  .protocol = TEXT_LIT("slp"),
															  .type = text_of(line.p, (size_t)(comma - line.p)),
															  .port = FACT_NULL });
	}
}

discovery_reader discovery_configuration(struct text path)
{
	struct text name = text_base(path), folder = text_of(path.p, path.n - name.n);
	if (text_starts(path, "/usr/share/")) /* templates, of which /etc gets a copy */
		return NULL;
	if (text_ends(name, ".dnssd"))
		return read_dnssd;
	if (text_ends(folder, "/mdns.d/") && text_ends(name, ".service"))
		return read_mdnsd;
	if (text_ends(folder, "/umdns/") && text_ends(name, ".json"))
		return read_umdns;
	if (text_is(name, "smb.conf"))
		return read_smb;
	if (text_is(name, "miniupnpd.conf") || text_is(name, "minidlna.conf"))
		return read_mini;
	if (text_is(name, "main.conf") && text_ends(folder, "/bluetooth/"))
		return read_bluetooth;
	if (text_is(name, "slp.reg"))
		return read_slp;
	return NULL;
}

#define WORDS_MAX 32u

struct command {
	struct text words[WORDS_MAX];
	unsigned n;
	int64_t line;
};

static struct text word_at(const struct command *c, unsigned i)
{
	return i < c->n ? shell_unquoted(c->words[i]) : TEXT_NONE;
}

/* avahi-publish -s NAME TYPE PORT [TXT ...]; its options begin with a dash. */
static void read_publish(struct discovery_run *run, const struct command *c, unsigned at, bool service)
{
	unsigned i = at + 1;
	for (; i < c->n && word_at(c, i).n && word_at(c, i).p[0] == '-'; i++) {
		struct text w = word_at(c, i);
		service |= text_is(w, "-s") || text_is(w, "--service");
		if (text_is(w, "-H") || text_is(w, "-d") || text_is(w, "-D") || text_is(w, "--host") ||
			text_is(w, "--domain") || text_is(w, "--subtype"))
			i++;
	}
	struct text type = word_at(c, i + 1);
	if (service && type.n && type.p[0] == '_')
		discovery_emit(run, &(struct fact_advertisement){ .line = c->line,
														  .protocol = TEXT_LIT("mdns"),
														  .type = type,
														  .name = word_at(c, i),
														  .port = discovery_port(word_at(c, i + 2)),
														  .detail = word_at(c, i + 3) });
}

static void read_word(struct discovery_run *run, const struct command *c, unsigned at)
{
	struct text name = text_base(word_at(c, at));
	struct fact_advertisement row = { .line = c->line, .protocol = TEXT_LIT("bluetooth"), .port = FACT_NULL };
	if (text_is(name, "avahi-publish") || text_is(name, "avahi-publish-service")) {
		read_publish(run, c, at, text_is(name, "avahi-publish-service"));
	} else if (text_is(name, "procd_add_mdns") && c->n > at + 2) {
		row.protocol = TEXT_LIT("mdns");
		struct text service = word_at(c, at + 1), transport = word_at(c, at + 2);
		row.type = text_c(
			arena_printf(run->subject->arena, "_%.*s._%.*s", (int)service.n, service.p, (int)transport.n, transport.p));
		row.port = discovery_port(word_at(c, at + 3));
		row.detail = word_at(c, at + 4);
		discovery_emit(run, &row);
	} else if (text_is(name, "hciconfig") && text_is(word_at(c, at + 2), "name")) {
		row.name = word_at(c, at + 3);
		discovery_emit(run, &row);
	} else if ((text_is(name, "bluetoothctl") && text_is(word_at(c, at + 1), "system-alias")) ||
			   (text_is(name, "btmgmt") && text_is(word_at(c, at + 1), "name"))) {
		row.name = word_at(c, at + 2);
		discovery_emit(run, &row);
	}
}

void discovery_read_script(struct discovery_run *run, struct text text)
{
	struct shell_lexer lexer;
	struct shell_token token;
	struct command c = { .n = 0 };
	shell_begin(&lexer, text, 1);
	do {
		shell_next(&lexer, &token);
		if (token.kind == SHELL_WORD && c.n < WORDS_MAX) {
			if (c.n == 0)
				c.line = token.line;
			c.words[c.n++] = token.text;
		} else if (token.kind != SHELL_REDIRECT && token.kind != SHELL_WORD) {
			for (unsigned i = 0; i < c.n; i++)
				read_word(run, &c, i);
			c.n = 0;
		}
	} while (token.kind != SHELL_END && run->nrows < DISCOVERY_ROWS_MAX);
}
