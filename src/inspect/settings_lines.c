/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files of which each line is a setting. The manual of each program tells its grammar; what differs
 * between them is what begins a comment, what parts key and value, and whether quotes count. */
#include "inspect/settings.h"

static bool is_comment(struct text line, const char *marks)
{
	return line.n == 0 || line.p[0] == '\0' || strchr(marks, line.p[0]);
}

/* Without the characters that quote all of it. */
static struct text unquoted(struct text value)
{
	return shell_unquoted(shell_trim(value));
}

void settings_read_words(struct settings *s)
{
	/* chrony.conf(5) has four characters that begin a comment; none of them begins a key elsewhere. */
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		if (is_comment(l.text, "#;!%"))
			continue;
		struct text rest = l.text, key = shell_field(&rest);
		s->includes |= text_starts(key, "include");
		settings_add(s, l.line, TEXT_NONE, key, unquoted(rest));
	}
}

void settings_read_equals(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text key, value;
		if (is_comment(l.text, "#;"))
			continue;
		if (!settings_split(l.text, '=', &key, &value)) {
			value = l.text;
			key = shell_field(&value);
		}
		if (key.n)
			settings_add(s, l.line, TEXT_NONE, key, unquoted(value));
	}
}

/* thttpd.c, read_config(): "#" begins a comment anywhere. */
void settings_read_tokens(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		const char *comment = memchr(l.text.p, '#', l.text.n);
		struct text rest = comment ? text_of(l.text.p, (size_t)(comment - l.text.p)) : l.text;
		for (struct text t = shell_field(&rest); t.n && !s->full; t = shell_field(&rest)) {
			struct text key = t, value = TEXT_LIT("");
			(void)settings_split(t, '=', &key, &value);
			settings_add(s, l.line, TEXT_NONE, key, value);
		}
	}
}

/* Where a value that is not quoted ends: before a comment that white space parts from it. */
static struct text before_comment(struct text value, const char *marks)
{
	if (value.n && (value.p[0] == '"' || value.p[0] == '\'')) {
		const char *end = value.n > 1 ? memchr(value.p + 1, value.p[0], value.n - 1) : NULL;
		return end ? text_of(value.p + 1, (size_t)(end - value.p) - 1) : value;
	}
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] && strchr(marks, value.p[i]) && (i == 0 || shell_blank(value.p[i - 1])))
			return shell_trim(text_of(value.p, i));
	return value;
}

static bool is_section(struct text line, struct text *name)
{
	const char *end = line.n > 1 && line.p[0] == '[' ? memchr(line.p, ']', line.n) : NULL;
	if (end)
		*name = shell_trim(text_of(line.p + 1, (size_t)(end - line.p) - 1));
	return end != NULL;
}

/* With smb.conf(5)'s lines that go on behind "\", which no other of these programs would use otherwise. */
static struct text continued(struct settings *s, struct settings_lines *l)
{
	struct text line = l->text;
	for (unsigned i = 0; i < 256 && text_ends(line, "\\"); i++) {
		struct text head = text_of(line.p, line.n - 1);
		if (!settings_next_line(l))
			return head;
		char *both = arena_printf(s->arena, "%.*s%.*s", (int)head.n, head.p, (int)l->text.n, l->text.p);
		if (!both)
			return head;
		line = shell_trim(text_c(both));
	}
	return line;
}

/* Without `quotes` they belong to the value, as Samba has it. */
static void read_ini(struct settings *s, bool quotes)
{
	struct settings_lines l = settings_lines(s->source);
	struct text section = TEXT_LIT("");
	while (!s->full && settings_next_line(&l)) {
		int64_t line = l.line;
		if (is_comment(l.text, "#;") || is_section(l.text, &section))
			continue;
		struct text t = quotes ? l.text : continued(s, &l), key = t, value = TEXT_LIT("");
		if (text_starts(t, "!include")) { /* MySQL */
			s->includes = true;
			key = shell_field(&t);
			value = shell_trim(t);
		} else if (!settings_split(t, '=', &key, &value)) {
			value = TEXT_LIT("");
		}
		s->includes |= settings_is_caseless(key, "include");
		if (key.n)
			settings_add(s, line, section, key, quotes ? before_comment(value, "#;") : value);
	}
}

void settings_read_ini(struct settings *s)
{
	read_ini(s, false);
}

void settings_read_quoted_ini(struct settings *s)
{
	read_ini(s, true);
}

/* networking/httpd.c of BusyBox: A:, D:, H:, I:, E404:, P:, .ext:type, *.ext:interpreter, /path:user:password. */
void settings_read_colons(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text key, value;
		if (is_comment(l.text, "#") || !settings_split(before_comment(l.text, "#"), ':', &key, &value) || !key.n)
			continue;
		struct setting *row = settings_add(s, l.line, TEXT_NONE, key, value);
		if (row) {
			row->adds = true;
			row->secret = key.p[0] == '/' && value.n && memchr(value.p, ':', value.n);
		}
	}
}

/* hostapd.conf(5): "bss=" begins the next network of the radio. */
void settings_read_hostapd(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct text section = TEXT_LIT("");
	while (!s->full && settings_next_line(&l)) {
		struct text key, value;
		if (is_comment(l.text, "#") || !settings_split(l.text, '=', &key, &value) || !key.n)
			continue;
		if (text_is(key, "bss"))
			section = text_c(arena_printf(s->arena, "bss %.*s", (int)value.n, value.p));
		bool quoted = value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"';
		settings_add(s, l.line, section, key, quoted ? unquoted(value) : value);
	}
}

/* dnsmasq(8), one_file(): "#" begins a comment at the beginning of a line and behind white space. */
void settings_read_dnsmasq(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text t = is_comment(l.text, "#") ? TEXT_LIT("") : before_comment(l.text, "#");
		struct text key = t, value = TEXT_LIT("");
		(void)settings_split(t, '=', &key, &value);
		if (key.n == 0)
			continue;
		s->includes |= text_is(key, "conf-file") || text_is(key, "conf-dir");
		settings_add(s, l.line, TEXT_NONE, key, unquoted(value));
	}
}

/* mosquitto.conf(5): what follows "listener" or "connection" is about that one, as far as it can be. */
void settings_read_mosquitto(struct settings *s)
{
	static const char of_listener[] =
		"bind_interface cafile capath certfile keyfile ciphers ciphers_tls1.3 crlfile dhparamfile http_dir "
		"max_connections max_qos max_topic_alias mount_point protocol psk_hint require_certificate socket_domain "
		"tls_version tls_engine tls_keyform tls_engine_kpass_sha1 use_identity_as_username use_subject_as_username "
		"use_username_as_clientid websockets_headers_size websockets_origin proxy_protocol";
	static const char of_security[] =
		"acl_file allow_anonymous allow_zero_length_clientid auto_id_prefix password_file "
		"plugin plugin_opt_* psk_file auth_plugin auth_opt_*";
	static const char of_bridge[] =
		"address addresses bridge_* topic try_private remote_clientid remote_username remote_password clientid username "
		"password cleansession local_* keepalive_interval idle_timeout notifications notification_topic restart_timeout "
		"round_robin start_type threshold notifications_local_only";
	struct settings_lines l = settings_lines(s->source);
	struct text section = TEXT_LIT("");
	bool per_listener = false, bridge = false;
	while (!s->full && settings_next_line(&l)) {
		struct text rest = l.text, key = shell_field(&rest), value = shell_trim(rest);
		if (is_comment(l.text, "#"))
			continue;
		if (text_is(key, "listener") || text_is(key, "connection")) {
			section = l.text;
			bridge = text_is(key, "connection");
		}
		per_listener |= text_is(key, "per_listener_settings") && text_is(value, "true");
		s->includes |= text_is(key, "include_dir");
		bool inside = text_is(key, "listener") || text_is(key, "connection") ||
					  (bridge ? settings_in_words(of_bridge, key, false)
							  : settings_in_words(of_listener, key, false) ||
									(per_listener && settings_in_words(of_security, key, false)));
		settings_add(s, l.line, inside ? section : TEXT_LIT(""), key, value);
	}
}

/* pppd(8): words of which some are options by themselves; one line may hold several. */
void settings_read_pppd(struct settings *s)
{
	static const char alone[] =
		"auth noauth debug nodebug detach nodetach updetach defaultroute nodefaultroute replacedefaultroute "
		"usepeerdns persist nopersist crtscts nocrtscts lock nolock local modem hide-password show-password noip noipv6 "
		"noipdefault ipcp-accept-local ipcp-accept-remote login proxyarp noproxyarp demand silent passive "
		"require-chap require-pap require-mschap require-mschap-v2 require-eap require-mppe require-mppe-128 "
		"require-mppe-40 refuse-chap refuse-pap refuse-mschap refuse-mschap-v2 refuse-eap nomppe nomppe-40 nomppe-128 "
		"mppe-stateful nobsdcomp nodeflate noccp novj novjccomp noaccomp nopcomp nomultilink multilink sync kdebug dump "
		"ktune lcp-echo-adaptive dryrun noendpoint mp nomp xonxoff privgroup";
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct text rest = is_comment(l.text, "#") ? TEXT_LIT("") : before_comment(l.text, "#");
		for (struct text key = shell_field(&rest); key.n && !s->full; key = shell_field(&rest)) {
			bool flag = settings_in_words(alone, key, false);
			settings_add(s, l.line, TEXT_NONE, key, flag ? TEXT_LIT("") : unquoted(rest));
			if (!flag)
				break;
		}
	}
}

/* pap-secrets, chap-secrets: client, server, secret, addresses; each may be quoted. */
void settings_read_pppd_secrets(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		struct shell_lexer lexer;
		struct shell_token field[4];
		if (is_comment(l.text, "#"))
			continue;
		shell_begin(&lexer, l.text, l.line);
		for (unsigned i = 0; i < 4; i++)
			shell_next(&lexer, &field[i]);
		if (field[2].kind != SHELL_WORD)
			continue;
		struct text server = shell_unquoted(field[1].text), secret = shell_unquoted(field[2].text);
		struct setting *row = settings_add(s, l.line, text_is(server, "*") ? TEXT_LIT("") : server,
										   shell_unquoted(field[0].text), secret);
		if (row)
			row->secret = secret.n > 0 && !text_starts(secret, "@/");
	}
}

/* sudoers(5). A user specification's key is whom it is about. */
void settings_read_sudoers(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (!s->full && settings_next_line(&l)) {
		int64_t line = l.line;
		bool include = text_starts(l.text, "#include") || text_starts(l.text, "@include");
		if (!include && is_comment(l.text, "#"))
			continue;
		struct text rest = continued(s, &l), key = shell_field(&rest);
		while (text_ends(key, ",") && rest.n) { /* a list goes on */
			(void)shell_field(&rest);
			key.n = (size_t)(rest.p - key.p);
		}
		s->includes |= include;
		settings_add(s, line, TEXT_NONE, key, before_comment(shell_trim(rest), "#"));
	}
}

/* GoAhead's route.txt and auth.txt: a word, then name=value; umconfig.txt of version 2: TABLE=, ROW=, then the fields. */
static void read_goahead_line(struct settings *s, int64_t line, struct text word, struct text rest)
{
	struct text first = TEXT_NONE, key, value;
	for (struct text t = shell_field(&rest); t.n && !s->full; t = shell_field(&rest)) {
		if (!settings_split(t, '=', &key, &value))
			continue;
		value = unquoted(value);
		if (!first.p)
			first = text_c(arena_printf(s->arena, "%.*s %.*s", (int)word.n, word.p, (int)value.n, value.p));
		struct setting *row = settings_add(s, line, first, key, value);
		if (row)
			row->adds = true;
	}
}

void settings_read_goahead(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct text table = TEXT_LIT(""), section = TEXT_LIT(""), key, value;
	while (!s->full && settings_next_line(&l)) {
		struct text rest = l.text, word = shell_field(&rest);
		if (is_comment(l.text, "#"))
			continue;
		if (!memchr(word.p, '=', word.n)) {
			read_goahead_line(s, l.line, word, rest);
		} else if (settings_split(l.text, '=', &key, &value)) {
			if (text_is(key, "TABLE"))
				table = section = value;
			else if (text_is(key, "ROW"))
				section = text_c(arena_printf(s->arena, "%.*s[%.*s]", (int)table.n, table.p, (int)value.n, value.p));
			else
				settings_add(s, l.line, section, key, value);
		}
	}
}

/* Files that a shell reads: /etc/default. */
void settings_read_variables(struct settings *s)
{
	struct shell_lexer lexer;
	struct shell_token t;
	bool begins = true;
	shell_begin(&lexer, s->source, 1);
	for (shell_next(&lexer, &t); t.kind != SHELL_END && !s->full; shell_next(&lexer, &t)) {
		struct text key, value;
		if (begins && t.kind == SHELL_WORD && settings_split(t.text, '=', &key, &value) && key.n) {
			value = shell_unquoted(value);
			settings_add(s, t.line, TEXT_NONE, key, value);
			if (text_ends(key, "ARGS") || text_ends(key, "OPTS") || text_ends(key, "OPTIONS"))
				settings_options(s, t.line, s->file->program, value);
		}
		begins = t.kind == SHELL_NEWLINE || t.kind == SHELL_OPERATOR ||
				 (begins && t.kind == SHELL_WORD && text_is(t.text, "export"));
	}
}
