/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What starts at boot: inittab, rc scripts and links, init.d, procd, systemd, inetd, xinetd, and Android's init.
 *
 * One file is seen at a time, so a command of a script that something else must run first has an unknown `enabled`;
 * the judge joins the two.
 */
#include "base/ascii.h"
#include "inspect/startup.h"

/* Larger files are no start-up files that anybody wrote. */
#define FILE_MAX ((size_t)512 << 10)

static bool in_dir(struct text path, const char *dir, struct text *rest)
{
	size_t n = strlen(dir);
	if (!text_starts(path, dir) || path.n == n)
		return false;
	*rest = text_of(path.p + n, path.n - n);
	return true;
}

/* What follows ".../etc/"; Ralink's SDK has /etc_ro. */
static bool below_etc(struct text path, struct text *rest, bool *at_root)
{
	*at_root = true;
	if (in_dir(path, "/etc/", rest) || in_dir(path, "/etc_ro/", rest))
		return true;
	*at_root = false;
	const char *etc = path.n ? memmem(path.p, path.n, "/etc/", 5) : NULL;
	if (!etc || text_starts(path, "/usr/share/") || text_starts(path, "/usr/lib/"))
		return false;
	return in_dir(text_of(etc, path.n - (size_t)(etc - path.p)), "/etc/", rest);
}

/* Names that run-parts passes over without a word: those with anything but these in them, such as a dot. */
static bool is_run_part(struct text name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!ascii_is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '-' && c != '_')
			return false;
	}
	return name.n > 0;
}

struct text startup_cron_folder(struct text path)
{
	static const char *const folders[] = { "cron.hourly",    "cron.daily",      "cron.weekly",
										   "cron.monthly",   "periodic/15min",  "periodic/hourly",
										   "periodic/daily", "periodic/weekly", "periodic/monthly" };
	struct text rest, name = text_base(path);
	bool at_root;
	if (!below_etc(path, &rest, &at_root) || rest.n <= name.n || !is_run_part(name))
		return TEXT_NONE;
	struct text folder = text_of(rest.p, rest.n - name.n - 1);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (text_is(folder, folders[i]))
			return folder;
	return TEXT_NONE;
}

/* S50name or K50name. */
static bool startup_is_ordered(struct text name)
{
	return name.n > 3 && (name.p[0] == 'S' || name.p[0] == 'K') && ascii_is_digit(name.p[1]) && ascii_is_digit(name.p[2]);
}

/* rcS.d/NAME, rc2.d/NAME, rc.d/NAME, rc.d/rc2.d/NAME, rc.d/init.d/NAME; NAME has no further slash. */
static bool in_rc_directory(struct text rest, struct text name)
{
	struct text r = rest;
	(void)in_dir(rest, "rc.d/", &r);
	(void)in_dir(r, "init.d/", &r);
	struct text dir = text_of(r.p, r.n - name.n);
	bool level = dir.n == 6 && text_starts(dir, "rc") && text_ends(dir, ".d/");
	return level || (dir.n == 0 && r.n < rest.n);
}

static enum startup_place script_place(struct text rest)
{
	static const char *const first[] = { "rcS",  "rc.d/rcS",   "init.d/rcS",      "init.d/rc.sysinit",
										 "rc",   "rc.sysinit", "rc.d/rc.sysinit", "rc.d/rc.S",
										 "rc.S", "rcS.sh" };
	static const char *const last[] = {
		"rcK", "rc.shutdown", "rc.0", "rc.6", "rc.K", "README", "skeleton", "functions"
	};
	struct text name = text_base(rest);
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		if (text_is(rest, first[i]))
			return PLACE_RCS;
	for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
		if (text_is(name, last[i]))
			return PLACE_NONE;
	if (text_is(rest, "rc.local") || text_is(rest, "rc.d/rc.local"))
		return PLACE_RC_LOCAL;
	if (!in_rc_directory(rest, name))
		return PLACE_NONE;
	return startup_is_ordered(name) ? PLACE_RC_LINK : PLACE_INIT_D;
}

/* Files of Android's init: the one that boot begins with, those that stand where it reads all, and others beside the first, which
 * an import must name. Partitions are looked at one by one: /etc/init is that of /system, /vendor and their like. */
static enum startup_place android_place(struct text path, bool *at_root)
{
	static const char *const folders[] = { "/system/etc/init/", "/vendor/etc/init/", "/odm/etc/init/", "/product/etc/init/",
										   "/system_ext/etc/init/", "/system/system_ext/etc/init/",
										   "/system/product/etc/init/", "/system/vendor/etc/init/", "/etc/init/" };
	struct text rest, name = text_base(path);
	if (!text_ends(path, ".rc"))
		return PLACE_NONE;
	*at_root = text_is(path, "/init.rc");
	if (name.n + 1 == path.n)
		return text_starts(name, "init.") ? PLACE_ANDROID : PLACE_NONE;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (in_dir(path, folders[i], &rest)) {
			bool below = memchr(rest.p, '/', rest.n);
			*at_root = !below || text_is(rest, "hw/init.rc");
			return PLACE_ANDROID;
		}
	return PLACE_NONE;
}

/* What a path is to boot. `*at_root`: it stands where boot looks for it, and not in some other directory's etc. */
static enum startup_place path_place(struct text path, bool *at_root)
{
	struct text rest;
	if (android_place(path, at_root) == PLACE_ANDROID)
		return PLACE_ANDROID;
	*at_root = true;
	if (text_is(path, "/init") || text_is(path, "/linuxrc") || text_is(path, "/sbin/init"))
		return PLACE_INIT;
	if (in_dir(path, "/lib/systemd/system/", &rest) || in_dir(path, "/usr/lib/systemd/system/", &rest) ||
		in_dir(path, "/usr/local/lib/systemd/system/", &rest))
		return PLACE_SYSTEMD;
	if (startup_is_systemd_manager(path))
		return PLACE_SYSTEMD_MANAGER;
	if (text_ends(path, ".rules") && (in_dir(path, "/lib/udev/rules.d/", &rest) || in_dir(path, "/usr/lib/udev/rules.d/", &rest)))
		return PLACE_UDEV;
	if (in_dir(path, "/var/spool/cron/", &rest) || in_dir(path, "/var/cron/tabs/", &rest))
		return PLACE_CRON;
	if (startup_is_network_hook(path))
		return PLACE_NETWORK_HOOK;
	if (!below_etc(path, &rest, at_root))
		return PLACE_NONE;
	if (text_is(rest, "inittab"))
		return PLACE_INITTAB;
	if (text_is(rest, "inetd.conf") || text_starts(rest, "inetd.d/"))
		return PLACE_INETD;
	bool skipped =
		memchr(text_base(rest).p, '.', text_base(rest).n) || text_ends(rest, "~"); /* xinetd.conf(5), includedir */
	if (text_is(rest, "xinetd.conf") || (text_starts(rest, "xinetd.d/") && !skipped))
		return PLACE_XINETD;
	if (text_is(rest, "crontab") || (text_starts(rest, "cron.d/") && is_run_part(text_of(rest.p + 7, rest.n - 7))) ||
		text_starts(rest, "crontabs/") || text_starts(rest, "cron/crontabs/") || text_starts(rest, "config/crontabs/"))
		return PLACE_CRON;
	if (text_is(rest, "anacrontab"))
		return PLACE_ANACRON;
	if (text_is(rest, "mdev.conf"))
		return PLACE_MDEV;
	if (text_starts(rest, "udev/rules.d/") && text_ends(rest, ".rules"))
		return PLACE_UDEV;
	struct text folder;
	if (startup_event_folder(rest, &folder))
		return PLACE_EVENT_FOLDER;
	if (startup_cron_folder(path).n)
		return PLACE_CRON_FOLDER;
	return text_starts(rest, "systemd/system/") ? PLACE_SYSTEMD : script_place(rest);
}

/* Drops what `..` and `.` take away. */
static size_t add_component(char *out, size_t n, struct text component)
{
	if (component.n == 0 || text_is(component, "."))
		return n;
	if (text_is(component, "..")) {
		while (n > 0 && out[--n] != '/')
			;
		return n;
	}
	out[n++] = '/';
	memcpy(out + n, component.p, component.n);
	return n + component.n;
}

static size_t add_components(char *out, size_t n, struct text path)
{
	for (size_t i = 0; i < path.n;) {
		const char *slash = memchr(path.p + i, '/', path.n - i);
		size_t end = slash ? (size_t)(slash - path.p) : path.n;
		n = add_component(out, n, text_of(path.p + i, end - i));
		i = end + 1;
	}
	return n;
}

struct text startup_resolve(struct text link, struct text target, struct arena *arena)
{
	char *out = arena_alloc(arena, link.n + target.n + 3, 1);
	if (!out)
		return TEXT_NONE;
	bool absolute = target.n && target.p[0] == '/';
	size_t n = absolute ? 0 : add_components(out, 0, text_of(link.p, link.n - text_base(link).n));
	return text_of(out, add_components(out, n, target));
}

/* A shell script of the maker's own, outside of the places that boot knows, whose name says that it starts something:
 * /app/start.sh, /home/run_app.sh. Its lines count where a line that boot runs names it. */
static bool is_start_script(const struct subject *s)
{
	static const char *const starts[] = { "start", "run", "init", "boot", "autorun", "autostart", "launch", "rc." };
	static const char *const ends[] = { "start.sh", "startup.sh", "init.sh", "run.sh", "boot.sh", "_start", "-start" };
	struct text name = text_base(s->path), source = text_from_span(s->bytes), line;
	bool named = false;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
		named |= text_starts(name, starts[i]);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		named |= text_ends(name, ends[i]);
	bool library = text_starts(s->path, "/usr/lib/") || text_starts(s->path, "/lib/");
	bool packaged = text_starts(s->path, "/usr/share/") || (library && !text_starts(name, "start"));
	struct text directory = text_of(s->path.p, s->path.n - name.n);
	packaged |= text_ends(directory, "bin/") && !text_ends(name, ".sh"); /* commands for people: startx, run-parts */
	named &= !text_starts(name, "bootstrap"); /* makes something before it is installed */
	if (!named || packaged || strcmp(s->format, "script") != 0 || (s->mode != FACT_NULL && !(s->mode & 0111)))
		return false;
	if (!text_starts(source, "#!") || !shell_line(&source, &line))
		return false;
	line = text_of(line.p + 2, line.n - 2);
	struct text shell = shell_field(&line); /* options may follow: #!/bin/sh -e */
	return text_ends(shell, "/sh") || text_ends(shell, "/ash") || text_ends(shell, "/bash");
}

bool startup_is_crontab(struct text path)
{
	bool at_root;
	return path_place(path, &at_root) == PLACE_CRON;
}

bool startup_is_unit(struct text path)
{
	bool at_root;
	return path_place(path, &at_root) == PLACE_SYSTEMD;
}

static enum startup_place place_of(const struct subject *s, bool *at_root)
{
	enum startup_place place = path_place(s->path, at_root);
	return place == PLACE_NONE && s->kind == ENTRY_FILE && is_start_script(s) ? PLACE_SCRIPT : place;
}

static bool startup_wants(const struct subject *s)
{
	bool at_root;
	if (s->kind == ENTRY_SYMLINK) {
		enum startup_place place = path_place(s->path, &at_root);
		return place == PLACE_RC_LINK || place == PLACE_SYSTEMD;
	}
	bool text = strcmp(s->format, "script") == 0 || strcmp(s->format, "text") == 0;
	return s->kind == ENTRY_FILE && text && (place_of(s, &at_root) != PLACE_NONE || startup_may_leave(s));
}

static void run_file(struct startup_file *file, enum startup_place place)
{
	switch (place) {
	case PLACE_INITTAB:
		startup_inittab(file);
		break;
	case PLACE_INETD:
		startup_inetd(file);
		break;
	case PLACE_XINETD:
		startup_xinetd(file);
		break;
	case PLACE_CRON:
		startup_cron(file);
		break;
	case PLACE_ANACRON:
		startup_anacron(file);
		break;
	case PLACE_UDEV:
		startup_udev(file);
		break;
	case PLACE_MDEV:
		startup_mdev(file);
		break;
	case PLACE_EVENT_FOLDER:
		startup_event_script(file);
		break;
	case PLACE_NETWORK_HOOK:
		startup_network_hook(file);
		break;
	case PLACE_SYSTEMD:
		startup_systemd(file);
		break;
	case PLACE_SYSTEMD_MANAGER:
		startup_systemd_manager(file);
		break;
	case PLACE_ANDROID:
		startup_android(file);
		break;
	default:
		startup_script(file, place);
	}
}

static void startup_run(const struct subject *s, struct sink *sink)
{
	bool at_root;
	enum startup_place place = place_of(s, &at_root);
	struct startup_file file = { .subject = s, .sink = sink, .enabled = at_root ? 1 : FACT_NULL, .once = FACT_NULL };
	if (place == PLACE_NONE)
		startup_leaves(&file);
	else if (s->bytes.n > FILE_MAX)
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX, "a start-up file of more than %zu bytes is not read", FILE_MAX);
	else if (s->kind == ENTRY_SYMLINK && place == PLACE_RC_LINK)
		startup_rc_link(&file);
	else
		run_file(&file, place);
}

const struct inspector startup_inspector = {
	.name = "startup",
	.title = "what boot starts: inittab, rc scripts, init.d, procd, systemd, inetd, xinetd, Android's init; cron tables; udev, mdev, hotplug",
	.spec =
		"inittab(5), BusyBox init, IEEE Std 1003.1-2017 XCU 2, systemd.service(5), inetd.conf(5), xinetd.conf(5), crontab(5), "
		"anacrontab(5), udev(7), Android Init Language",
	.wants = startup_wants,
	.run = startup_run,
};
