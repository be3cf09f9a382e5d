/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations of programs that keep the time, each by its own grammar.
 *
 * Specification: ntp.conf(5) (NTP 4.2.8, ntpsec), chrony.conf(5) (4.x), OpenNTPD's ntpd.conf(5), systemd's
 * timesyncd.conf(5) and systemd.network(5), OpenWrt's UCI sections timeserver (system) and ntpserver (ntpclient).
 */
#include <stdio.h>

#include "inspect/clock.h"
#include "inspect/shell.h"

static bool is_one_of(struct text t, const char *const *list)
{
	for (; *list; list++)
		if (text_is(t, *list))
			return true;
	return false;
}

static bool has_option(struct text options, const char *name)
{
	for (struct text field; (field = shell_field(&options)).n;)
		if (text_is(field, name))
			return true;
	return false;
}

static void emit_server(struct clock_run *run, int64_t line, struct text host, struct text options, const char *program)
{
	bool reference = text_starts(host, "127.127.");
	clock_emit(run, line,
			   reference                    ? "reference-clock"
			   : has_option(options, "nts") ? "nts-server"
											: "ntp-server",
			   host, text_c(program), shell_trim(options));
}

/* A line without its comment. */
static struct text uncommented(struct text line)
{
	const char *hash = line.n ? memchr(line.p, '#', line.n) : NULL;
	return shell_trim(hash ? text_of(line.p, (size_t)(hash - line.p)) : line);
}

/* A file or folder of further sources that is not among those that are read themselves: what it names, the image need not tell. */
static void emit_further(struct clock_run *run, int64_t line, struct text path, const char *program, const char *ending)
{
	char inside[512];
	snprintf(inside, sizeof inside, "%.*s%s", (int)(path.n < 400 ? path.n : 400), path.p, ending);
	if (!text_starts(path, "/etc/") || !clock_configuration(text_c(inside)))
		clock_emit(run, line, "more-sources", path, text_c(program), TEXT_NONE);
}

/* "initstepslew THRESHOLD HOST...": asked without authentication, when it starts. */
static void emit_first_step(struct clock_run *run, int64_t line, struct text hosts)
{
	shell_field(&hosts);
	for (struct text host; (host = shell_field(&hosts)).n;)
		clock_emit(run, line, "ntp-server", host, TEXT_LIT("chronyd"), TEXT_LIT("initstepslew"));
}

/* ISC's ntpd and ntpsec: "server [-4|-6] ADDRESS [options]". */
static void read_ntp_conf(struct clock_run *run, struct text rest)
{
	static const char *const keys[] = { "server", "pool", "peer", "broadcast", "manycastclient", NULL };
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = uncommented(line);
		struct text key = shell_field(&line), host;
		if (text_is(key, "includefile"))
			emit_further(run, number, shell_field(&line), "ntpd", "");
		if (text_is(key, "refclock")) {
			clock_emit(run, number, "reference-clock", shell_trim(line), TEXT_LIT("ntpd"), TEXT_NONE);
			continue;
		}
		if (!is_one_of(key, keys))
			continue;
		host = shell_field(&line);
		if (text_is(host, "-4") || text_is(host, "-6"))
			host = shell_field(&line);
		emit_server(run, number, host, line, "ntpd");
	}
}

/* chronyd: comments begin with one of "!;#%" and have their lines for themselves. */
static void read_chrony_conf(struct clock_run *run, struct text rest)
{
	static const char *const servers[] = { "server", "pool", "peer", NULL };
	static const char *const rtc[] = { "rtcsync", "rtcfile", "rtcdevice", "rtcautotrim", NULL };
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(line);
		if (line.n == 0 || strchr("!;#%", line.p[0]))
			continue;
		struct text whole = line, key = shell_field(&line);
		if (is_one_of(key, servers)) {
			struct text host = shell_field(&line);
			emit_server(run, number, host, line, "chronyd");
		} else if (text_is(key, "refclock")) {
			clock_emit(run, number, "reference-clock", shell_trim(line), TEXT_LIT("chronyd"), TEXT_NONE);
		} else if (text_is(key, "initstepslew")) {
			emit_first_step(run, number, line);
		} else if (text_is(key, "include")) {
			emit_further(run, number, shell_field(&line), "chronyd", "");
		} else if (text_is(key, "sourcedir") || text_is(key, "confdir")) {
			const char *ending = text_is(key, "confdir") ? "/x.conf" : "/x.sources";
			for (struct text folder; (folder = shell_field(&line)).n;)
				emit_further(run, number, folder, "chronyd", ending);
		} else if (is_one_of(key, rtc)) {
			clock_emit(run, number, "rtc", whole, TEXT_LIT("chronyd"), TEXT_NONE);
		}
	}
}

/* OpenNTPD: "server ADDRESS", "servers NAME", "constraint from URL", "sensor DEVICE". */
static void read_openntpd_conf(struct clock_run *run, struct text rest)
{
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = uncommented(line);
		struct text key = shell_field(&line), value = shell_field(&line);
		if (text_is(key, "server") || text_is(key, "servers")) {
			emit_server(run, number, shell_unquoted(value), line, "openntpd");
		} else if ((text_is(key, "constraint") || text_is(key, "constraints")) && text_is(value, "from")) {
			value = shell_field(&line);
			clock_emit(run, number, "http-date", shell_unquoted(value), TEXT_LIT("openntpd"), TEXT_LIT("constraint"));
		} else if (text_is(key, "sensor")) {
			clock_emit(run, number, "reference-clock", value, TEXT_LIT("openntpd"), TEXT_NONE);
		}
	}
}

/* /etc/ntpd.conf may be either's. */
static void read_ntpd_conf(struct clock_run *run, struct text text)
{
	read_openntpd_conf(run, text);
}

/* Units of systemd: NTP= and FallbackNTP= hold several servers. */
static void read_systemd(struct clock_run *run, struct text rest)
{
	const char *program = text_ends(run->subject->path, ".network") ? "systemd-networkd" : "systemd-timesyncd";
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(line);
		const char *equals = line.n && line.p[0] != '#' && line.p[0] != ';' ? memchr(line.p, '=', line.n) : NULL;
		if (!equals)
			continue;
		struct text key = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
		struct text value = text_of(equals + 1, line.n - (size_t)(equals - line.p) - 1);
		bool fallback = text_is(key, "FallbackNTP");
		if (!fallback && !text_is(key, "NTP"))
			continue;
		for (struct text host; (host = shell_field(&value)).n;)
			clock_emit(run, number, "ntp-server", host, text_c(program), fallback ? TEXT_LIT("fallback") : TEXT_NONE);
	}
}

struct uci_section {
	bool time, disabled;
	struct {
		int64_t line;
		struct text host;
	} servers[32];
	size_t n;
};

static void end_section(struct clock_run *run, struct uci_section *s)
{
	const char *program = text_ends(run->subject->path, "/ntpclient") ? "ntpclient" : "ntpd";
	for (size_t i = 0; i < s->n; i++)
		clock_emit(run, s->servers[i].line, "ntp-server", s->servers[i].host, text_c(program),
				   s->disabled ? TEXT_LIT("disabled") : TEXT_NONE);
	*s = (struct uci_section){ 0 };
}

/* OpenWrt: sections "timeserver" with a list of servers, or "ntpserver" with a host name each; zones of "system". */
static void read_uci(struct clock_run *run, struct text rest)
{
	struct uci_section section = { 0 };
	struct text line;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(line);
		struct text word = shell_field(&line), key = shell_unquoted(shell_field(&line)),
					value = shell_unquoted(shell_trim(line));
		if (text_is(word, "config")) {
			end_section(run, &section);
			section.time = text_is(key, "timeserver") || text_is(key, "ntpserver");
		}
		if (!text_is(word, "option") && !text_is(word, "list"))
			continue;
		if (section.time && (text_is(key, "enabled") || text_is(key, "enable")) && text_is(value, "0"))
			section.disabled = true;
		if (section.time && (text_is(key, "server") || text_is(key, "hostname")) && section.n < 32) {
			section.servers[section.n].line = number;
			section.servers[section.n++].host = value;
		}
		if (!section.time && (text_is(key, "zonename") || text_is(key, "timezone")))
			clock_emit(run, number, "time-zone", value, TEXT_LIT("uci"), TEXT_NONE);
	}
	end_section(run, &section);
}

clock_reader clock_configuration(struct text path)
{
	struct text name = text_base(path);
	if (text_starts(path, "/usr/share/") || text_ends(path, ".example")) /* templates, of which /etc gets a copy */
		return NULL;
	if (text_is(name, "ntp.conf") || text_is(name, "ntp.conf.dhcp"))
		return read_ntp_conf;
	if (text_is(name, "ntpd.conf"))
		return read_ntpd_conf;
	if (text_is(name, "chrony.conf"))
		return read_chrony_conf;
	struct text folder = text_of(path.p, path.n - name.n);
	if ((text_ends(folder, "/chrony.d/") || text_ends(folder, "/conf.d/") || text_ends(folder, "/sources.d/")) &&
		text_ends(name, text_ends(folder, "/sources.d/") ? ".sources" : ".conf") &&
		text_ends(text_of(path.p, path.n - name.n), "d/"))
		return text_ends(folder, "/conf.d/") && !text_ends(folder, "/chrony/conf.d/") ? NULL : read_chrony_conf;
	if (text_ends(folder, "/ntp.d/"))
		return read_ntp_conf;
	if (text_is(name, "timesyncd.conf") || text_ends(folder, "/timesyncd.conf.d/") || text_ends(name, ".network"))
		return read_systemd;
	if (text_ends(path, "/etc/config/system") || text_ends(path, "/etc/config/ntpclient"))
		return read_uci;
	return NULL;
}
