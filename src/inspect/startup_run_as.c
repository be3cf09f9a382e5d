/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As whom a command runs its program, and at which ports it tells it to listen.
 *
 * From the manuals of the programs named; the numbers of services from IANA's Service Name and Transport Protocol Port
 * Number Registry.
 */
#include "inspect/startup.h"

#define PORTS_MAX 64u /* characters of a list */

/* Programs that change the user, and where they are told: an option with a value, or the first operand. */
static const struct {
	const char *name, *option, *long_option;
} changers[] = {
	{ "start-stop-daemon", "-c", "--chuid" },
	{ "sudo", "-u", "--user" },
	{ "runuser", "-u", "--user" },
	{ "chpst", "-u", NULL },
	{ "setuidgid", NULL, NULL },
	{ "s6-setuidgid", NULL, NULL },
	{ "su-exec", NULL, NULL },
	{ "gosu", NULL, NULL },
	{ "daemon", "-u", "--user" },
};

/* Programs that take a port by a short option. Others are only understood when the option says so by its name. */
static const struct {
	const char *name, *options;
} port_options[] = {
	{ "boa", "p" },       { "dnsmasq", "p" }, { "dropbear", "p" },     { "httpd", "p" },      { "in.telnetd", "p" },
	{ "iperf", "p" },     { "iperf3", "p" },  { "lighttpd", "" },      { "mini_httpd", "p" }, { "miniupnpd", "p" },
	{ "mosquitto", "p" }, { "nc", "p" },      { "netcat", "p" },       { "sshd", "p" },       { "telnetd", "p" },
	{ "thttpd", "p" },    { "ttyd", "p" },    { "shellinaboxd", "p" }, { "udpxy", "p" },      { "uhttpd", "ps" },
	{ "utelnetd", "p" },  { "webs", "p" },
};

static const struct {
	const char *name, *port;
} services[] = {
	{ "auth", "113" },         { "bgp", "179" },       { "biff", "512" },         { "bootps", "67" },
	{ "chargen", "19" },       { "comsat", "512" },    { "daytime", "13" },       { "discard", "9" },
	{ "domain", "53" },        { "echo", "7" },        { "exec", "512" },         { "finger", "79" },
	{ "ftp", "21" },           { "ftp-data", "20" },   { "ftps", "990" },         { "git", "9418" },
	{ "gopher", "70" },        { "http", "80" },       { "http-alt", "8080" },    { "https", "443" },
	{ "ident", "113" },        { "imap", "143" },      { "imap2", "143" },        { "imaps", "993" },
	{ "ipp", "631" },          { "ldap", "389" },      { "ldaps", "636" },        { "login", "513" },
	{ "microsoft-ds", "445" }, { "mqtt", "1883" },     { "netbios-ns", "137" },   { "netbios-ssn", "139" },
	{ "netstat", "15" },       { "nntp", "119" },      { "ntalk", "518" },        { "ntp", "123" },
	{ "pop3", "110" },         { "pop3s", "995" },     { "printer", "515" },      { "qotd", "17" },
	{ "rsync", "873" },        { "rtsp", "554" },      { "secure-mqtt", "8883" }, { "shell", "514" },
	{ "sip", "5060" },         { "sip-tls", "5061" },  { "smtp", "25" },          { "smtps", "465" },
	{ "snmp", "161" },         { "snmp-trap", "162" }, { "socks", "1080" },       { "ssh", "22" },
	{ "submission", "587" },   { "sunrpc", "111" },    { "swat", "901" },         { "syslog", "514" },
	{ "systat", "11" },        { "talk", "517" },      { "telnet", "23" },        { "telnets", "992" },
	{ "tftp", "69" },          { "time", "37" },       { "whois", "43" },         { "www", "80" },
	{ "xdmcp", "177" },
};

struct text startup_service_port(struct text service)
{
	bool number = service.n > 0 && service.n <= 5;
	for (size_t i = 0; i < service.n; i++)
		number &= service.p[i] >= '0' && service.p[i] <= '9';
	if (number)
		return service;
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		if (text_is(service, services[i].name))
			return text_c(services[i].port);
	return TEXT_NONE;
}

/* user[:group]: the part before. */
static struct text user_part(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == ':')
			return text_of(t.p, i);
	return t.n ? t : TEXT_LIT("");
}

static struct text behind_equal(struct text word, const char *option)
{
	size_t n = strlen(option);
	return text_starts(word, option) && word.n > n + 1 && word.p[n] == '=' ? text_of(word.p + n + 1, word.n - n - 1)
																		   : TEXT_NONE;
}

static struct text option_value(const struct text *argv, unsigned argc, const char *option, const char *long_option)
{
	for (unsigned i = 1; i < argc; i++) {
		struct text t = argv[i];
		if (text_is(t, "--"))
			break;
		bool named = (option && text_is(t, option)) || (long_option && text_is(t, long_option));
		if (named)
			return i + 1 < argc && argv[i + 1].p ? argv[i + 1] : TEXT_LIT("");
		struct text value = long_option ? behind_equal(t, long_option) : TEXT_NONE;
		if (value.n)
			return value;
	}
	return TEXT_NONE;
}

/* su [options] [-] [user [argument ...]] */
static struct text su_user(const struct text *argv, unsigned argc)
{
	for (unsigned i = 1; i < argc; i++) {
		struct text t = argv[i];
		if (text_is(t, "-c") || text_is(t, "-s") || text_is(t, "-g"))
			i++;
		else if (t.n && t.p[0] != '-')
			return t;
	}
	return TEXT_NONE;
}

struct text startup_user(const struct text *argv, unsigned argc)
{
	for (unsigned at = 0; at < argc && at < 8; at++) {
		struct text name = text_base(argv[at]);
		if (text_is(name, "su"))
			return su_user(argv + at, argc - at);
		for (size_t i = 0; i < sizeof changers / sizeof changers[0]; i++) {
			if (!text_is(name, changers[i].name))
				continue;
			if (!changers[i].option)
				return at + 1 < argc ? user_part(argv[at + 1]) : TEXT_NONE;
			struct text user = option_value(argv + at, argc - at, changers[i].option, changers[i].long_option);
			return user.p ? user_part(user) : TEXT_NONE;
		}
	}
	return TEXT_NONE;
}

/* [address:]port, also [::]:port and tcp://address:port; TEXT_NONE when it is none. */
struct text startup_port_of(struct text t)
{
	size_t at = t.n;
	while (at > 0 && t.p[at - 1] >= '0' && t.p[at - 1] <= '9')
		at--;
	if (at == t.n || t.n - at > 5 || (at > 0 && t.p[at - 1] != ':'))
		return TEXT_NONE;
	return text_of(t.p + at, t.n - at);
}

static void add_port(char *list, size_t *n, struct text value)
{
	struct text port = startup_port_of(value);
	if (!port.n || *n + port.n + 1 > PORTS_MAX)
		return;
	for (size_t i = 0; i + port.n <= *n; i++) /* 0.0.0.0:80 and [::]:80 are one port */
		if (memcmp(list + i, port.p, port.n) == 0 && (i == 0 || list[i - 1] == ' ') &&
			(i + port.n == *n || list[i + port.n] == ' '))
			return;
	if (*n)
		list[(*n)++] = ' ';
	memcpy(list + *n, port.p, port.n);
	*n += port.n;
}

static const char *short_options(struct text program)
{
	for (size_t i = 0; i < sizeof port_options / sizeof port_options[0]; i++)
		if (text_is(program, port_options[i].name))
			return port_options[i].options;
	return "";
}

/* gdbserver [host]:port PROGRAM, tcpsvd ADDRESS PORT PROGRAM. */
static void operand_ports(const struct text *argv, unsigned argc, struct text program, char *list, size_t *n)
{
	bool super = text_is(program, "tcpsvd") || text_is(program, "udpsvd");
	bool debugger = text_is(program, "gdbserver");
	for (unsigned i = 1; (super || debugger) && i < argc; i++) {
		if (!argv[i].n || argv[i].p[0] == '-')
			continue;
		i += super;
		if (i < argc && argv[i].p)
			add_port(list, n, argv[i]);
		return;
	}
}

struct text startup_ports(struct arena *arena, const struct text *argv, unsigned argc, struct text program)
{
	char *list = arena_alloc(arena, PORTS_MAX, 1);
	size_t n = 0;
	unsigned at = 0;
	struct text name = text_base(program);
	while (at < argc && !text_eq(text_base(argv[at]), name))
		at++;
	if (!list || at >= argc || !name.n)
		return TEXT_NONE;
	if (text_is(name, "busybox") && at + 1 < argc)
		name = text_base(argv[++at]);
	const char *letters = short_options(name);
	operand_ports(argv + at, argc - at, name, list, &n);
	for (unsigned i = at + 1; i < argc; i++) {
		struct text t = argv[i];
		if (t.n < 2 || t.p[0] != '-')
			continue;
		bool named = text_is(t, "--port") || text_is(t, "-port") || (t.n == 2 && strchr(letters, t.p[1]) && t.p[1]);
		if (named && i + 1 < argc && argv[i + 1].p)
			add_port(list, &n, argv[++i]);
		else if (behind_equal(t, "--port").n)
			add_port(list, &n, behind_equal(t, "--port"));
		else if (t.n > 2 && t.p[1] != '-' && *letters && strchr(letters, t.p[1])) /* -p80 */
			add_port(list, &n, text_of(t.p + 2, t.n - 2));
	}
	return n ? text_of(list, n) : TEXT_NONE;
}
