/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs when something happens: udev's rules (RUN), BusyBox' mdev.conf, the folders of scripts that OpenWrt's hotplug-call
 * and ifupdown run, the scripts that clients of DHCP, NetworkManager and pppd run when an address comes or goes. The detail says
 * what makes it run. None of it starts but where udevd, mdev, procd, ifup or that client do.
 *
 * Specification: udev(7); BusyBox docs/mdev.txt; interfaces(5); OpenWrt package/base-files/files/sbin/hotplug-call; BusyBox
 * udhcpc --help (-s); dhclient-script(8); dhcpcd-run-hooks(8); NetworkManager-dispatcher(8); pppd(8), "Scripts". */
#include "inspect/startup.h"

#define DETAIL_MAX 200

static struct text cut(struct text t)
{
	return text_of(t.p, t.n < DETAIL_MAX ? t.n : DETAIL_MAX);
}

/* ---- udev ---- */

struct rule {
	struct text rest;
	struct text key, value;
	bool assigns; /* or adds; otherwise it compares */
};

static bool is_key(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

/* KEY, {attribute}, an operator, a value in quotes. */
static bool next_part(struct rule *r)
{
	struct text t = r->rest;
	size_t i = 0, from, end;
	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t' || t.p[i] == ','))
		i++;
	from = i;
	while (i < t.n && is_key(t.p[i]))
		i++;
	if (i < t.n && t.p[i] == '{')
		while (i < t.n && t.p[i++] != '}')
			;
	end = i;
	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	size_t operator = i;
	while (i < t.n && t.p[i] && strchr("=!+-:", t.p[i]))
		i++;
	size_t width = i - operator;
	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	if (i < t.n && (t.p[i] == 'e' || t.p[i] == 'i') && i + 1 < t.n && t.p[i + 1] == '"')
		i++;
	if (end == from || !width || i == t.n || t.p[i] != '"')
		return false;
	r->key = text_of(t.p + from, end - from);
	r->assigns = !(width == 2 && (t.p[operator] == '=' || t.p[operator] == '!') && t.p[operator + 1] == '=');
	size_t value = ++i;
	while (i < t.n && t.p[i] != '"')
		i += t.p[i] == '\\' && i + 1 < t.n ? 2 : 1;
	if (i >= t.n)
		return false;
	r->value = text_of(t.p + value, i - value);
	r->rest = text_of(t.p + i + 1, t.n - i - 1);
	return true;
}

/* What runs a program: RUN, RUN{program}; and the tests PROGRAM and IMPORT{program}. */
static bool runs(const struct rule *r)
{
	bool run = text_is(r->key, "RUN") || text_is(r->key, "RUN{program}");
	return (run && r->assigns) || text_is(r->key, "PROGRAM") || text_is(r->key, "IMPORT{program}");
}

static void udev_rule(struct startup_file *file, int64_t number, struct text line)
{
	struct rule r = { .rest = line };
	while (next_part(&r)) {
		struct text run = r.value;
		if (!runs(&r) || !run.n)
			continue;
		struct text when = shell_trim(text_of(line.p, (size_t)(r.key.p - line.p)));
		while (when.n && (when.p[when.n - 1] == ',' || when.p[when.n - 1] == ' '))
			when.n--;
		file->detail = text_c(arena_printf(file->subject->arena, "udev%s%.*s", when.n ? ": " : "", (int)cut(when).n, when.p));
		if (run.p[0] != '/') { /* udevd looks for it in its own folder */
			char *whole = arena_printf(file->subject->arena, "/lib/udev/%.*s", (int)run.n, run.p);
			run = whole ? text_c(whole) : run;
		}
		startup_emit_line(file, number, r.value, run);
	}
}

/* A line goes on behind a backslash at its end; what is joined is a copy. */
void startup_udev(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line;
	char *joined = arena_alloc(file->subject->arena, rest.n + 1, 1);
	size_t n = 0;
	int64_t number = 0, first = 0;
	file->mechanism = "event";
	file->enabled = FACT_NULL; /* it takes a running udevd, and what the rule asks for */
	while (joined && shell_line(&rest, &line)) {
		number++;
		line = shell_trim(line);
		if (line.n && line.p[0] == '#') /* a backslash at its end, or at that of the line before, changes nothing */
			continue;
		if (n == 0)
			first = number;
		bool goes_on = line.n && line.p[line.n - 1] == '\\';
		size_t part = line.n - goes_on;
		if (part)
			memcpy(joined + n, line.p, part);
		n += part;
		if (goes_on)
			continue;
		if (n)
			udev_rule(file, first, text_of(joined, n));
		joined += n; /* rows may point there */
		n = 0;
	}
}

/* ---- mdev ---- */

static const char *mdev_when(char mark)
{
	return mark == '@' ? "is added" : mark == '$' ? "is removed" : "is added or removed";
}

/* [-]device user:group mode [name] [@|$|*command] */
void startup_mdev(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line;
	file->mechanism = "event";
	file->enabled = FACT_NULL;
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		struct text fields = shell_trim(line), device = shell_field(&fields), owner = shell_field(&fields);
		struct text mode = shell_field(&fields), command = shell_trim(fields);
		if (!device.n || device.p[0] == '#' || !owner.n || !mode.n || !memchr(owner.p, ':', owner.n))
			continue;
		if (command.n && (command.p[0] == '=' || command.p[0] == '>' || command.p[0] == '!'))
			(void)shell_field(&command);
		command = shell_trim(command);
		if (command.n < 2 || !command.p[0] || !strchr("@$*", command.p[0]))
			continue;
		file->detail = text_c(arena_printf(file->subject->arena, "mdev: device %.*s %s", (int)cut(device).n, device.p,
										   mdev_when(command.p[0])));
		startup_emit_script(file, number, text_of(command.p + 1, command.n - 1));
	}
}

/* ---- folders ---- */

bool startup_event_folder(struct text rest, struct text *folder)
{
	static const char *const folders[] = { "hotplug.d/", "rc.button/", "network/if-pre-up.d/", "network/if-up.d/", "network/if-down.d/",
										   "network/if-post-down.d/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (text_starts(rest, folders[i])) {
			*folder = text_of(rest.p, rest.n - text_base(rest).n - 1);
			return folder->n + 1 >= strlen(folders[i]);
		}
	return false;
}

bool startup_is_network_hook(struct text path)
{
	static const char *const folders[] = { "/etc/dhcp/dhclient-enter-hooks.d/",
										   "/etc/dhcp/dhclient-exit-hooks.d/",
										   "/etc/udhcpc.d/",
										   "/etc/udhcpc/",
										   "/usr/share/udhcpc/",
										   "/lib/dhcpcd/dhcpcd-hooks/",
										   "/usr/lib/dhcpcd/dhcpcd-hooks/",
										   "/usr/libexec/dhcpcd-hooks/",
										   "/etc/NetworkManager/dispatcher.d/",
										   "/usr/lib/NetworkManager/dispatcher.d/",
										   "/etc/networkd-dispatcher/",
										   "/usr/lib/networkd-dispatcher/",
										   "/etc/ppp/ip-up.d/",
										   "/etc/ppp/ipv6-up.d/" };
	static const char *const files[] = { "/etc/dhclient-enter-hooks", "/etc/dhclient-exit-hooks", "/etc/dhcp/dhclient-enter-hooks",
										 "/etc/dhcp/dhclient-exit-hooks", "/etc/dhcpcd.enter-hook", "/etc/dhcpcd.exit-hook",
										 "/etc/dhcpc.script", "/etc/udhcpc.script", "/sbin/dhclient-script",
										 "/lib/netifd/dhcp.script", "/etc/ppp/ip-up", "/etc/ppp/ipv6-up" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (text_starts(path, folders[i]))
			return true;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (text_is(path, files[i]))
			return true;
	return false;
}

void startup_network_hook(struct startup_file *file)
{
	struct text path = file->subject->path, folder = text_of(path.p, path.n - text_base(path).n);
	file->mechanism = "event";
	file->enabled = FACT_NULL;
	file->detail = text_c(arena_printf(file->subject->arena, "network: %.*s", (int)cut(folder).n, folder.p));
	startup_emit_script(file, 1, text_from_span(file->subject->bytes));
}

void startup_event_script(struct startup_file *file)
{
	struct text path = file->subject->path, folder = TEXT_NONE;
	const char *etc = path.n ? memmem(path.p, path.n, "/etc/", 5) : NULL;
	struct text rest = etc ? text_of(etc + 5, path.n - (size_t)(etc + 5 - path.p)) : TEXT_NONE;
	bool sourced = text_starts(rest, "hotplug.d/"), button = text_starts(rest, "rc.button/"); /* ifupdown runs programs only */
	if (!startup_event_folder(rest, &folder) || (!sourced && strcmp(file->subject->format, "script") != 0))
		return;
	file->mechanism = "event";
	file->enabled = FACT_NULL;
	file->detail = text_c(arena_printf(file->subject->arena, "%s: %.*s", button ? "button" : sourced ? "hotplug" : "ifupdown",
									   (int)cut(folder).n, folder.p));
	startup_emit_script(file, 1, text_from_span(file->subject->bytes));
}
