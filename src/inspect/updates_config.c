/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files of updaters, each by its program's grammar and its place.
 *
 * Manuals: opkg.conf, SWUpdate "Configuration file", RAUC "System Configuration File", rauc-hawkbit-updater README, Mender
 * "Configuration options", ostree.repo-config(5), dnf.conf(5), apk-repositories(5), sources.list(5), apt.conf(5), fwupd
 * remotes.d, balenaOS config.json, Android build.prop and fstab.
 */
#include "inspect/updates_config.h"

#define YES(v) updates_is_yes(v)

/* ---- opkg, apk ---- */

/* src NAME URL, src/gz NAME URL, option NAME VALUE; a value that is absent is 1. */
static void read_opkg(struct updates *u)
{
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line), words = t;
		struct text first = shell_field(&words), name = shell_field(&words), value = shell_field(&words);
		bool off = value.n && !YES(value);
		if (text_starts(first, "src") && value.n)
			config_fetch(u, shell_unquoted(value), t);
		if (!text_is(first, "option"))
			continue;
		if (text_is(name, "check_signature") || text_is(name, "check_pkg_signature"))
			updates_emit(u, UPDATES_VERIFICATION, text_c(off ? UPDATES_OFF : UPDATES_SIGNATURE), t);
		if (text_is(name, "no_check_certificate") && !off)
			updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), t);
	}
}

/* [@TAG ]URL */
static void read_apk(struct updates *u)
{
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line), words = t, first = shell_field(&words);
		if (first.n && first.p[0] == '@')
			first = shell_field(&words);
		if (first.n && first.p[0] != '#')
			config_fetch(u, first, t);
	}
}

/* ---- RAUC, hawkBit, OSTree, fwupd, dnf: sections of settings ---- */

static void rauc_slot(struct updates *u, const struct config_section *s)
{
	struct text class = text_of(s->name.p + 5, s->name.n - 5); /* slot.CLASS.INDEX */
	const char *dot = class.n ? memchr(class.p, '.', class.n) : NULL;
	if (!dot)
		return;
	struct text index = text_of(dot + 1, class.n - (size_t)(dot + 1 - class.p));
	if (text_is(index, "1")) /* the second of its class */
		updates_emit(u, UPDATES_SLOTS, TEXT_LIT("A/B"), s->name);
}

static void take_rauc(struct updates *u, const struct config_section *s)
{
	static const char *const keyring[] = { "path", "directory" };
	struct text v;
	if (text_is(s->name, "system")) {
		if ((v = config_get(s, "compatible")).p)
			updates_emit(u, UPDATES_PRESENT, TEXT_LIT("configuration"), updates_line_of(u, v));
		if ((v = config_get(s, "bootloader")).p && !text_is(v, "noop"))
			updates_emit(u, UPDATES_FALLBACK, v, updates_line_of(u, v));
		if ((v = config_get(s, "bundle-formats")).p)
			updates_emit(u, UPDATES_FORMATS, v, updates_line_of(u, v));
	}
	for (size_t i = 0; text_is(s->name, "keyring") && i < 2; i++)
		if ((v = config_get(s, keyring[i])).n) {
			updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), updates_line_of(u, v));
			updates_emit(u, UPDATES_KEY, v, updates_line_of(u, v));
		}
	if ((text_is(s->name, "streaming") || text_is(s->name, "casync")) && (v = config_get(s, "tls-no-verify")).p &&
		YES(v))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, v));
	if (text_is(s->name, "autoinstall") && (v = config_get(s, "path")).n)
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), updates_line_of(u, v));
	if (text_is(s->name, "polling") && (v = config_get(s, "source")).n) {
		config_fetch(u, v, updates_line_of(u, v));
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), updates_line_of(u, v));
	}
	if (text_starts(s->name, "slot."))
		rauc_slot(u, s);
}

/* ssl decides the scheme of the server; TRUE when it is not set. */
static void take_hawkbit(struct updates *u, const struct config_section *s)
{
	struct text server = config_get(s, "hawkbit_server"), ssl = config_get(s, "ssl"),
				verify = config_get(s, "ssl_verify");
	if (!server.n)
		return;
	struct text line = updates_line_of(u, server);
	updates_emit(u, UPDATES_FETCH, text_c(ssl.p && updates_is_no(ssl) ? "http" : "https"), line);
	updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), line);
	if (verify.p && updates_is_no(verify))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, verify));
}

static void take_ostree(struct updates *u, const struct config_section *s)
{
	static const char *const keys[] = { "gpgkeypath", "verification-file", "verification-ed25519-file" };
	struct text v, gpg = config_get(s, "gpg-verify"), sign = config_get(s, "sign-verify");
	if (!text_starts(s->name, "remote "))
		return;
	if ((v = config_get(s, "url")).n)
		config_fetch(u, v, updates_line_of(u, v));
	bool signs = sign.p && !updates_is_no(sign);
	if (signs || (gpg.p && YES(gpg)))
		updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), updates_line_of(u, signs ? sign : gpg));
	else if (gpg.p && updates_is_no(gpg))
		updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_OFF), updates_line_of(u, gpg));
	if ((v = config_get(s, "tls-permissive")).p && YES(v))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, v));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if ((v = config_get(s, keys[i])).n)
			updates_emit(u, UPDATES_KEY, v, updates_line_of(u, v));
}

static void take_fwupd(struct updates *u, const struct config_section *s)
{
	struct text v = config_get(s, "MetadataURI"), enabled = config_get(s, "Enabled");
	if (v.n && (!enabled.p || YES(enabled)))
		config_fetch(u, v, updates_line_of(u, v));
	if ((v = config_get(s, "OnlyTrusted")).p)
		updates_emit(u, UPDATES_VERIFICATION, text_c(updates_is_no(v) ? UPDATES_OFF : UPDATES_SIGNATURE),
					 updates_line_of(u, v));
}

/* dnf.conf(5): a folder of the device itself, and no other place beside it. */
static bool is_own_folder(const struct config_section *s)
{
	struct text places = config_get(s, "baseurl");
	if (!places.n || config_get(s, "metalink").n || config_get(s, "mirrorlist").n)
		return false;
	for (struct text place; (place = shell_field(&places)).n;)
		if (!text_starts(place, "file:"))
			return false;
	return true;
}

static void take_dnf(struct updates *u, const struct config_section *s)
{
	static const char *const addresses[] = { "baseurl", "metalink", "mirrorlist" };
	struct text v, enabled = config_get(s, "enabled");
	if (enabled.p && updates_is_no(enabled))
		return;
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		if ((v = config_get(s, addresses[i])).n)
			config_fetch(u, v, updates_line_of(u, v));
	if (!is_own_folder(s) && ((v = config_get(s, "gpgcheck")).p || (v = config_get(s, "pkg_gpgcheck")).p))
		updates_emit(u, UPDATES_VERIFICATION, text_c(updates_is_no(v) ? UPDATES_OFF : UPDATES_SIGNATURE),
					 updates_line_of(u, v));
	if ((v = config_get(s, "sslverify")).p && updates_is_no(v))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, v));
	if ((v = config_get(s, "apply_updates")).p && text_is(s->name, "commands"))
		updates_emit(u, UPDATES_TRIGGER, text_c(YES(v) ? UPDATES_AUTOMATIC : UPDATES_ON_DEMAND), updates_line_of(u, v));
}

/* ---- SWUpdate, Mender and others: groups ---- */

static void take_swupdate(struct updates *u, struct config_groups *g, struct text key, struct text v)
{
	struct text group = config_group(g);
	if (text_is(group, "globals")) {
		if (text_is(key, "public-key-file") || text_is(key, "ca-path")) {
			if (text_is(key, "public-key-file"))
				updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), updates_line_of(u, v));
			updates_emit(u, UPDATES_KEY, v, updates_line_of(u, v));
		}
		if (text_is(key, "no-downgrading"))
			updates_emit(u, UPDATES_ROLLBACK, TEXT_LIT("version"), updates_line_of(u, v));
		if ((text_is(key, "postupdatecmd") || text_is(key, "preupdatecmd")) && v.n)
			updates_emit(u, UPDATES_COMMAND, v, updates_line_of(u, v));
	}
	bool server = text_is(group, "suricatta") || text_is(group, "gservice") || text_is(group, "download");
	if (server && text_is(key, "url") && v.n)
		config_fetch(u, v, updates_line_of(u, v));
	if (text_is(group, "suricatta") && text_is(key, "url") && v.n)
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), updates_line_of(u, v));
	if (server && text_is(key, "nocheckcert") && YES(v))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, v));
	if (server && text_is(key, "cafile") && v.n)
		updates_emit(u, UPDATES_AUTHORITY, v, updates_line_of(u, v));
	if (text_is(group, "webserver") && (text_is(key, "document-root") || text_is(key, "ports")))
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_ON_DEMAND), updates_line_of(u, v));
}

static void take_mender(struct updates *u, struct config_groups *g, struct text key, struct text v)
{
	struct text group = config_group(g);
	if (text_is(key, "ServerURL") && v.n)
		config_fetch(u, v, updates_line_of(u, v));
	if (v.n && (text_is(key, "ArtifactVerifyKey") || (!key.p && text_is(group, "ArtifactVerifyKeys")))) {
		updates_emit(u, UPDATES_VERIFICATION, TEXT_LIT(UPDATES_SIGNATURE), updates_line_of(u, v));
		updates_emit(u, UPDATES_KEY, v, updates_line_of(u, v));
	}
	if ((text_is(key, "SkipVerify") || text_is(key, "HttpsClient.SkipVerify")) && YES(v))
		updates_emit(u, UPDATES_TRANSPORT, TEXT_LIT(UPDATES_UNCHECKED), updates_line_of(u, v));
	if (text_is(key, "UpdatePollIntervalSeconds") && v.n && v.p[0] >= '1' && v.p[0] <= '9')
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), updates_line_of(u, v));
	if (text_is(key, "RootfsPartB") && v.n)
		updates_emit(u, UPDATES_SLOTS, TEXT_LIT("A/B"), updates_line_of(u, v));
}

static void take_balena(struct updates *u, struct config_groups *g, struct text key, struct text v)
{
	(void)g;
	if (text_is(key, "apiEndpoint") && v.n)
		config_fetch(u, v, updates_line_of(u, v));
	if (text_is(key, "appUpdatePollInterval") && v.n)
		updates_emit(u, UPDATES_TRIGGER, TEXT_LIT(UPDATES_AUTOMATIC), updates_line_of(u, v));
}

static void take_aws(struct updates *u, struct config_groups *g, struct text key, struct text v)
{
	if (text_is(config_group(g), "jobs") && text_is(key, "enabled"))
		updates_emit(u, UPDATES_TRIGGER, text_c(YES(v) ? UPDATES_AUTOMATIC : UPDATES_OFF), updates_line_of(u, v));
}

static void take_adu(struct updates *u, struct config_groups *g, struct text key, struct text v)
{
	if (text_is(key, "connectionType") && text_is(config_group(g), "agents"))
		updates_emit(u, UPDATES_PRESENT, TEXT_LIT("configuration"), updates_line_of(u, v));
}

/* ---- Android ---- */

static void read_properties(struct updates *u)
{
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line);
		if (text_is(t, "ro.build.ab_update=true"))
			updates_emit(u, UPDATES_SLOTS, TEXT_LIT("A/B"), t);
	}
}

static void read_fstab(struct updates *u)
{
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line);
		if (!t.n || t.p[0] == '#' || !memmem(t.p, t.n, "slotselect", 10))
			continue;
		updates_emit(u, UPDATES_SLOTS, TEXT_LIT("A/B"), t);
		return; /* the others say the same */
	}
}

/* ---- which file is whose ---- */

struct config_kind {
	const char *folder, *end; /* what stands in the path, and what it ends with */
	const char *mechanism;
	void (*read)(struct updates *u);
	void (*section)(struct updates *u, const struct config_section *s);
	void (*value)(struct updates *u, struct config_groups *g, struct text key, struct text value);
};

static const struct config_kind kinds[] = {
	{ "/etc/opkg", ".conf", "opkg", read_opkg, NULL, NULL },
	{ "/etc/ipkg", ".conf", "ipkg", read_opkg, NULL, NULL },
	{ "/etc/apk/", "/repositories", "apk", read_apk, NULL, NULL },
	{ "/rauc/", "/system.conf", "rauc", NULL, take_rauc, NULL },
	{ "/rauc-hawkbit", ".conf", "hawkbit", NULL, take_hawkbit, NULL },
	{ "/ostree/remotes.d/", ".conf", "ostree", NULL, take_ostree, NULL },
	{ "/ostree/repo/", "/config", "ostree", NULL, take_ostree, NULL },
	{ "/fwupd/remotes.d/", ".conf", "fwupd", NULL, take_fwupd, NULL },
	{ "/etc/fwupd/", "/fwupd.conf", "fwupd", NULL, take_fwupd, NULL },
	{ "/etc/fwupd/", "/daemon.conf", "fwupd", NULL, take_fwupd, NULL },
	{ "/yum.repos.d/", ".repo", "dnf", NULL, take_dnf, NULL },
	{ "/etc/dnf/", "/dnf.conf", "dnf", NULL, take_dnf, NULL },
	{ "/etc/", "/yum.conf", "dnf", NULL, take_dnf, NULL },
	{ "/etc/dnf/", "/automatic.conf", "dnf", NULL, take_dnf, NULL },
	{ "/etc/", "/swupdate.cfg", "swupdate", NULL, NULL, take_swupdate },
	{ "/mender/", "/mender.conf", "mender", NULL, NULL, take_mender },
	{ "/boot/", "/config.json", "balena", NULL, NULL, take_balena },
	{ "/etc/adu/", "/du-config.json", "azure-device-update", NULL, NULL, take_adu },
	{ "/aws-iot-device-client/", ".conf", "aws-iot-jobs", NULL, NULL, take_aws },
	{ "/.aws-iot-device-client/", ".conf", "aws-iot-jobs", NULL, NULL, take_aws },
	{ "/etc/apt/", "/sources.list", "apt", updates_read_sources, NULL, NULL },
	{ "/etc/apt/sources.list.d/", ".list", "apt", updates_read_sources, NULL, NULL },
	{ "/etc/apt/sources.list.d/", ".sources", "apt", updates_read_deb822, NULL, NULL },
	{ "/etc/apt/apt.conf.d/", "", "apt", updates_read_apt_conf, NULL, NULL },
	{ "/etc/apt/", "/apt.conf", "apt", updates_read_apt_conf, NULL, NULL },
	{ "/", "/build.prop", "android-ab", read_properties, NULL, NULL },
	{ "/", "/default.prop", "android-ab", read_properties, NULL, NULL },
	{ "/", "/prop.default", "android-ab", read_properties, NULL, NULL },
	{ "/fstab.", "", "android-ab", read_fstab, NULL, NULL },
};

/* apt.conf(5): of a folder those without an ending, and *.conf. */
static bool is_passed_over(const struct config_kind *kind, struct text path)
{
	struct text name = text_base(path);
	return kind->read == updates_read_apt_conf && name.n && memchr(name.p, '.', name.n) && !text_ends(name, ".conf");
}

static const struct config_kind *find_kind(struct text path)
{
	for (size_t i = 0; path.n && i < sizeof kinds / sizeof kinds[0]; i++)
		if (!is_passed_over(&kinds[i], path) && text_ends(path, kinds[i].end) && memmem(path.p, path.n, kinds[i].folder, strlen(kinds[i].folder)))
			return &kinds[i];
	return NULL;
}

bool updates_is_config(const struct subject *s)
{
	return s->kind == ENTRY_FILE && find_kind(s->path) != NULL;
}

void updates_config(struct updates *u)
{
	const struct config_kind *kind = find_kind(u->subject->path);
	if (!kind)
		return;
	u->mechanism = text_c(kind->mechanism);
	if (kind->read)
		kind->read(u);
	else if (kind->section)
		config_read_sections(u, kind->section);
	else
		config_read_groups(u, kind->value);
}
