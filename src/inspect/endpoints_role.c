/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an address is for, and why most of them are nothing that the product talks to: they name a schema, a licence, a
 * project, somebody who wrote a line. Each reason is said in the same words wherever it holds.
 */
#include "inspect/endpoints_text.h"

/* So much of a path is looked at. */
#define PATH_MAX_BYTES 256u

bool endpoint_has_word(struct text t, const char *list)
{
	for (size_t i = 0; i < t.n;) {
		size_t n = 0;
		while (i + n < t.n && ascii_is_alnum(t.p[i + n]))
			n++;
		if (n > 0 && is_listed(text_of(t.p + i, n), list))
			return true;
		i += n + 1;
	}
	return false;
}

/* In the order in which they count. */
static const struct {
	const char *role, *words;
} roles[] = {
	{ "update",
	  "update* upgrade* firmware* fw fota ota* download* dl hawkbit rauc mender swupdate opkg sysupgrade releases mirror*" },
	{ "telemetry",
	  "telemetry metric* analytic* stat stats statistic* track* tracker collect* crash* diag* beacon heartbeat dcs" },
	{ "time", "ntp* sntp* time time1 time2 time3 timeserver* timezone clock* chrony*" },
	{ "dynamic DNS", "ddns* dyndns* dynamicdns" },
	{ "name service", "dns dns1 dns2 nameserver* resolver* doh" },
	{ "mail", "mail* smtp* imap email" },
	{ "remote management", "acs cwmp* tr069* tr181 nms manage management" },
	{ "media", "rtsp* rtmp* stream* video* media live onvif snapshot" },
	{ "nat traversal", "stun* turn" },
	{ "voice", "sip voip pbx" },
	{ "log", "log logs syslog* loghost" },
	{ "connectivity check", "generate_204 ncsi connecttest ping* nslookup" },
	{ "cloud",
	  "cloud cloud1 cloud2 iot* mqtt* p2p* broker* api apis device devices relay" }, /* only as a part of the name */
	{ "account", "login oauth* auth account accounts sso signin register*" },
};

static const char *role_of_words(struct text t, size_t last)
{
	for (size_t i = 0; i < last; i++)
		if (endpoint_has_word(t, roles[i].words))
			return roles[i].role;
	return NULL;
}

bool endpoint_names_role(struct text host)
{
	return role_of_words(host, sizeof roles / sizeof roles[0]) != NULL;
}

/* The field of a certificate that holds it begins with its type and its length. */
static bool is_in_certificate(const struct endpoint *e, const struct endpoint_place *p)
{
	if (p->file != FILE_BINARY)
		return false;
	struct text before = text_of(p->strings.p, p->strings.n + p->before.n);
	if (p->strings.p && before.n >= 2) {
		uint8_t type = (uint8_t)before.p[before.n - 2], length = (uint8_t)before.p[before.n - 1];
		if ((type == 0x86 || type == 0x16 || type == 0x0c || type == 0x81) && length >= e->text.n &&
			length <= e->text.n + 4)
			return true;
	}
	if (ends_with_one(p->path, ".gpg .pgp .kbx")) /* the policy under which a key is signed */
		return true;
	struct text first = label_at(e->host, 0);
	return is_listed(first, "crl crl1 crl2 crl3 crl4 ocsp ocsp1 ocsp2 cps") || ends_with_one(e->path, ".crl .crt");
}

static bool is_namespace(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text near = tail(p->before, 48);
	/* a name and its value, one string behind the other */
	bool named = p->file == FILE_BINARY && !p->before.n && !p->after.n && text_starts(p->next, "xmlns");
	return named || ends_with_one(e->path, ".dtd .xsd .ent schema.json schema.json#") ||
		   text_has(head(e->path, PATH_MAX_BYTES), "/xmlns/") || text_has(near, "xmlns") || text_has(near, "DOCTYPE") ||
		   text_has(near, "amespace") || text_has(near, "chemaLocation") || text_has(near, "encodingStyle") ||
		   text_has(near, "SYSTEM \"") || text_has(near, "PUBLIC \"");
}

/* What the words beside it say. */
static const char *wording(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text near = tail(p->before, 80), behind = head(p->after, 40);
	if (endpoint_has_word(near, "licen* copyright copying") ||
		endpoint_has_word(e->path, "licen* copyright copying gpl*"))
		return "licence";
	if (endpoint_has_word(near, "bug bugs bugreport*") || endpoint_has_word(e->host, "bug* jira") ||
		endpoint_has_word(e->path, "bugs issues bugreport bugzilla"))
		return "bug report";
	if (endpoint_has_word(near, "author authors authored maintainer* written contributed") || text_has(near, "(c)") ||
		text_has(near, "(C)"))
		return "author";
	if (endpoint_has_word(
			near,
			"see visit refer documentation docs manual homepage website wiki details information faq rfc* reference* man "
			"specification described tutorial upstream") ||
		endpoint_has_word(e->host, "docs wiki doc lists help support blog") ||
		endpoint_has_word(e->path, "docs wiki doc manual faq") ||
		endpoint_has_word(behind, "information details documentation"))
		return "documentation";
	bool named =
		endpoint_names_role(e->host) || role_of_words(head(e->path, PATH_MAX_BYTES), sizeof roles / sizeof roles[0]);
	if (e->kind == ENDPOINT_URL && e->scope == SCOPE_PUBLIC && endpoint_is_prose(p) && !named)
		return "documentation";
	return NULL;
}

/* user@host behind a command that logs in there; a "@" with such words before it is no mail. */
static bool is_login(const struct endpoint_place *p)
{
	return p->file == FILE_SCRIPT && last_of(p->before) == ' ' &&
		   endpoint_has_word(tail(p->before, 80), "ssh scp sftp rsync autossh dbclient sshfs");
}

/* The name by which it logs in at its provider: PPPoE, SIP. */
static bool is_user_name(const struct endpoint_place *p)
{
	return endpoint_has_word(tail(p->before, 24), "username user login identity account pppuser pppoe*");
}

/* NULL: it is none, or nothing is known. */
static const char *noise_of(const struct endpoint_known *known)
{
	return known && endpoint_strings[known->noise] ? endpoint_strings + known->noise : NULL;
}

static const char *email_noise(const struct endpoint *e, const struct endpoint_place *p,
							   const struct endpoint_known *known)
{
	size_t at = 0;
	while (at < e->text.n && e->text.p[at] != '@')
		at++;
	struct text user = text_of(e->text.p, at);
	if (known && endpoint_strings[known->path] == '@')
		return endpoint_strings + known->noise;
	if (is_login(p))
		return NULL;
	if (is_listed(
			user,
			"user username name default foo bar you your someone somebody me myname john jdoe alice bob test nobody yourname youremail"))
		return "example";
	if (is_listed(user, "git"))
		return "project page";
	if (noise_of(known))
		return "author";
	/* Those who wrote or translated a program are listed one after the other. */
	if (p->file == FILE_BINARY && p->strings.n && memchr(p->strings.p, '@', p->strings.n) &&
		!is_listed(user, "support* service* info sales contact security psirt admin abuse"))
		return "author";
	bool alone = (p->before.n == 0 || is_in(last_of(p->before), "=:\"'")) && !is_in(first_of(p->after), " >");
	if (p->file == FILE_BINARY && !alone &&
		!endpoint_has_word(tail(p->before, 80), "mailto contact* support* email* admin*"))
		return "author";
	if ((last_of(p->before) == '<' && p->file != FILE_MARKUP) ||
		endpoint_has_word(tail(p->before, 80), "author authors authored by copyright maintainer*"))
		return "author";
	return NULL;
}

/* The line before says that what follows is one. */
static bool begins_behind_example(struct text strings)
{
	size_t n = strings.n;
	while (n > 0 && (strings.p[n - 1] == '\n' || strings.p[n - 1] == ' '))
		n--;
	return n < strings.n &&
		   (text_ends(text_of(strings.p, n), "Examples:") || text_ends(text_of(strings.p, n), "Example:"));
}

/* An RFC 2606 name that a setting uses, with a part for the service, is what the setting names; any other is an example. */
static bool is_example(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text first = label_at(e->host, 0);
	if (is_listed(first, "your your-* yourcamera* yourip*"))
		return true;
	/* "Example: 192.168.1.5/24", in what a program explains */
	if (p->file == FILE_BINARY && (endpoint_has_word(tail(p->before, 200), "example examples instance") ||
								   text_has(tail(p->before, 80), "e.g.") || begins_behind_example(p->strings)))
		return true;
	if (is_listed(first, "myhost* yourhost* hostname myserver* yourserver* mydomain* yourdomain* username your-* my-*"))
		return true;
	if (e->scope != SCOPE_RESERVED)
		return false;
	bool setting = p->file == FILE_CONFIGURATION || p->file == FILE_SCRIPT;
	return !setting || e->kind == ENDPOINT_IP || count_labels(e->host) < 3 || is_listed(first, "www");
}

/* Lists of those that are blocked, trusted or known have one a line, with a dot before it or a path behind it. */
static bool is_listed_host(const struct endpoint *e, const struct endpoint_place *p)
{
	size_t i = 0;
	while (i < p->after.n && is_in(p->after.p[i], " \t"))
		i++;
	bool ends = i == p->after.n || p->after.p[i] == '#' || first_of(p->after) == '/';
	return p->crowded && p->file == FILE_CONFIGURATION && e->kind == ENDPOINT_HOST && ends &&
		   (p->before.n == 0 || text_is(p->before, "."));
}

static const char *file_noise(const struct endpoint_place *p)
{
	switch (p->file) {
	case FILE_DOCUMENTATION:
		return "documentation";
	case FILE_METADATA:
		return "package metadata";
	case FILE_TRANSLATION:
		return "translation";
	case FILE_TEST:
		return "test";
	default:
		return NULL;
	}
}

const char *endpoint_noise(const struct endpoint *e, const struct endpoint_place *p)
{
	const struct endpoint_known *known = endpoint_look_up(e->host, e->path, e->kind == ENDPOINT_EMAIL);
	const char *reason = file_noise(p);
	if (text_is(text_base(p->path), "os-release")) /* where the maker says whom to ask */
		return noise_of(known);
	if (reason)
		return reason;
	if (is_login(p) && e->kind == ENDPOINT_EMAIL && e->scope != SCOPE_LOOPBACK && !endpoint_is_comment(p))
		return NULL;
	if (e->scope == SCOPE_LOOPBACK)
		return "this machine";
	if (text_is(e->host, "255.255.255.255"))
		return "placeholder";
	if (is_in_certificate(e, p))
		return "certificate";
	if (e->kind == ENDPOINT_URL && is_namespace(e, p))
		return "namespace";
	if (e->kind == ENDPOINT_EMAIL && (reason = email_noise(e, p, known)))
		return reason;
	if (endpoint_is_comment(p))
		return "comment";
	if (is_listed_host(e, p))
		return "list of hosts";
	if (known)
		return noise_of(known);
	if (text_starts(e->path, "/~") || (e->scheme && strcmp(e->scheme->name, "git") == 0))
		return "project page";
	if (is_example(e, p))
		return "example";
	if ((p->file == FILE_PROGRAM && !is_in(last_of(p->before), "\"'=(")) ||
		(p->multiline && ends_with_one(p->path, ".pyc .pyo")))
		return "documentation";
	return wording(e, p);
}

const char *endpoint_role(const struct endpoint *e, const struct endpoint_place *p)
{
	size_t all = sizeof roles / sizeof roles[0];
	const struct endpoint_known *known = endpoint_look_up(e->host, e->path, false);
	const char *role = known && endpoint_strings[known->role] ? endpoint_strings + known->role : NULL;
	if (e->kind == ENDPOINT_EMAIL)
		return is_login(p)                                        ? "remote management"
			   : is_user_name(p)                                  ? "account"
			   : endpoint_has_word(e->text, "support* helpdesk*") ? "support"
																  : "mail";
	if (text_is(text_base(p->path), "os-release"))
		return "support";
	/* How it travels says less than what its name says. */
	const char *travels = e->scheme ? e->scheme->role : NULL;
	bool vague = travels && (strcmp(travels, "messaging") == 0 || strcmp(travels, "file transfer") == 0);
	if (!role && !vague)
		role = travels;
	if (!role)
		role = role_of_words(e->host, all);
	if (!role)
		role = role_of_words(head(e->path, PATH_MAX_BYTES), all - 2);
	if (!role)
		role = travels;
	if (!role && p->file == FILE_MARKUP &&
		(text_has(tail(p->before, 24), "href=") || text_has(tail(p->before, 24), "open(")))
		role = "link";
	/* DNS.1 = host, DNS:host: a name of a certificate's holder (x509v3_config(5)) */
	bool holder = text_has(tail(p->before, 12), "DNS.") || text_has(tail(p->before, 4), "DNS:");
	if (!role && !holder)
		role = role_of_words(tail(p->before, 48), all - 1);
	if (!role)
		role = role_of_words(text_base(p->path), p->file == FILE_BINARY ? 4 : all - 1);
	if (!role && p->file == FILE_BINARY && endpoint_has_word(p->strings, "ntp* sntp*"))
		role = "time";
	return role;
}
