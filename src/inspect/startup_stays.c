/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that do not come back while they work as they should: a script that runs one in the foreground waits for it. */
#include "inspect/startup_parse.h"

#define WORDS_MAX 24u

/* Servers that go to the background unless they are told to stay, and what tells them: short options, and a long one (the manual
 * pages of BusyBox 1.36 and of the programs themselves). */
struct stayer {
	const char *name, *letters, *word;
};

static const struct stayer told[] = {
	{ "syslogd", "n", NULL },                   { "klogd", "n", NULL },          { "httpd", "f", "-DFOREGROUND" },
	{ "telnetd", "F", NULL },                   { "supervisord", "n", "--nodaemon" }, { "crond", "f", NULL },
	{ "cron", "f", NULL },                     { "inetd", "f", NULL },          { "ntpd", "nd", "--nofork" },
	{ "udhcpd", "f", NULL },                   { "dropbear", "F", NULL },       { "sshd", "Dd", NULL },
	{ "lighttpd", "D", NULL },                 { "dnsmasq", "kd", "--keep-in-foreground" },
	{ "chronyd", "nd", NULL },                 { "udevd", NULL, "--foreground" }, { "rsyslogd", "n", NULL },
	{ "tail", "fF", "--follow" },              { "logread", "f", NULL },        { "dhcpcd", "B", "--nobackground" },
	{ "avahi-autoipd", NULL, "--no-fork" },    { "snmpd", "f", NULL },          { "uhttpd", "f", NULL },
	{ "mini_httpd", "D", NULL },               { "boa", "d", NULL },            { "rpcbind", "f", NULL },
};

/* Those that stay unless one of these letters is an option. */
static const struct stayer always[] = {
	{ "hostapd", "B", NULL },        { "wpa_supplicant", "B", NULL }, { "avahi-daemon", "D", "--daemonize" },
	{ "mosquitto", "d", "--daemon" }, { "getty", NULL, NULL },        { "agetty", NULL, NULL },
	{ "sulogin", NULL, NULL },       { "runsvdir", NULL, NULL },      { "s6-svscan", NULL, NULL },
	{ "utelnetd", "d", NULL },       { "reboot", NULL, NULL },        { "poweroff", NULL, NULL },
	{ "halt", NULL, NULL },          { "pause", NULL, NULL },
};

static const struct stayer *find(const struct stayer *table, size_t n, struct text name)
{
	for (size_t i = 0; i < n; i++)
		if (text_is(name, table[i].name))
			return &table[i];
	return NULL;
}
#define FIND(table, name) find((table), sizeof(table) / sizeof(table)[0], (name))

/* Whether one of the words is such an option, alone or among others: -nS. */
static bool has_option(const struct text *v, unsigned n, const struct stayer *p)
{
	for (unsigned i = 0; i < n; i++) {
		struct text t = v[i];
		if (p->word && text_is(t, p->word))
			return true;
		if (!p->letters || t.n < 2 || t.p[0] != '-' || t.p[1] == '-')
			continue;
		/* Letters alone: what is stuck to one that takes a value is none (-p8080, -l/bin/sh). */
		bool letters = true;
		for (size_t k = 1; k < t.n; k++)
			letters &= (t.p[k] | 0x20) >= 'a' && (t.p[k] | 0x20) <= 'z';
		for (const char *c = p->letters; letters && *c; c++)
			if (memchr(t.p + 1, *c, t.n - 1))
				return true;
	}
	return false;
}

static bool stays(const struct text *v, unsigned n)
{
	struct text name = text_base(v[0]);
	if (text_is(name, "sleep"))
		return n > 1 && (text_is(v[1], "infinity") || text_is(v[1], "inf"));
	const struct stayer *p = FIND(told, name);
	if (p)
		return has_option(v + 1, n - 1, p);
	p = FIND(always, name);
	return p && !has_option(v + 1, n - 1, p);
}

bool script_stays(struct script *s, const struct script_words *w)
{
	static const char *const before[] = { "busybox", "nohup", "nice", "setsid", "command" };
	struct text v[WORDS_MAX];
	unsigned n = 0, at = 0;
	for (; n < w->n && n < WORDS_MAX; n++) {
		v[n] = expand_word(&s->scope, w->v[n], 0).value;
		if (!v[n].p)
			v[n] = TEXT_LIT("");
	}
	for (size_t i = 0; i < sizeof before / sizeof before[0] && at + 1 < n; i++)
		if (text_is(text_base(v[at]), before[i])) {
			if (text_is(text_base(v[at]), "setsid") && !text_is(v[at + 1], "-w")) /* it forks where it leads a group */
				return false;
			at++;
			i = (size_t)-1;
		}
	return n > at && stays(v + at, n - at);
}
