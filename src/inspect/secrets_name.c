/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that mean a secret, by their ends, and those that do not mean one in spite of that, by their beginnings. */
#include "inspect/secrets_assign.h"

struct meaning {
	const char *end; /* of the name, without its digits at the end */
	size_t n;
	const char *kind;
};
#define MEANING(end, kind)                                                                                             \
	{                                                                                                                  \
		end, sizeof(end) - 1, kind                                                                                     \
	}

/* The first that fits counts. */
static const struct meaning meanings[] = {
	MEANING("wpapsk", "wifi-psk"),
	MEANING("wpa_psk", "wifi-psk"),
	MEANING("wpa_passphrase", "wifi-psk"),
	MEANING("sae_password", "wifi-psk"),
	MEANING("psk", "wifi-psk"),
	MEANING("passphrase", "passphrase"),
	MEANING("password", "password"),
	MEANING("passwort", "password"),
	MEANING("passwd", "password"),
	MEANING("passwrd", "password"),
	MEANING("pwd", "password"),
	MEANING("devicesecret", "alibaba-device-secret"),
	MEANING("device_secret", "alibaba-device-secret"),
	MEANING("productsecret", "alibaba-product-secret"),
	MEANING("product_secret", "alibaba-product-secret"),
	MEANING("accesskeysecret", "alibaba-secret-key"),
	MEANING("secret_access_key", "aws-secret-key"),
	MEANING("aws_secret_key", "aws-secret-key"),
	MEANING("shared_secret", "shared-secret"),
	MEANING("client_secret", "oauth-client-secret"),
	MEANING("clientsecret", "oauth-client-secret"),
	MEANING("secretkey", "secret-key"),
	MEANING("secret_key", "secret-key"),
	MEANING("secret", "secret"),
	MEANING("authkey", "auth-key"),
	MEANING("auth_key", "auth-key"),
	MEANING("auzkey", "auth-key"),
	MEANING("auz_key", "auth-key"),
	MEANING("accesskey", "access-key"),
	MEANING("access_key", "access-key"),
	MEANING("access-key", "access-key"),
	MEANING("presharedkey", "pre-shared-key"),
	MEANING("pre_shared_key", "pre-shared-key"),
	MEANING("api_key", "api-key"),
	MEANING("apikey", "api-key"),
	MEANING("api-key", "api-key"),
	MEANING("token", "token"),
};

/* Beginnings of names that end alike and hold no secret. */
static const char *const not_names[] = {
	"csrf",       "xsrf",         "show",   "hide",   "has",    "is",        "no_",  "forgot",  "reset", "old",
	"new",        "confirm",      "repeat", "retype", "verify", "min",       "max",  "invalid", "wrong", "bad",
	"require",    "use",          "ask",    "change", "enter",  "next",      "prev", "cancel",  "end",   "start",
	"pagination", "continuation", "no",     "empty",  "delim",  "separator", "sync", "page",    "parse", "get",
	"set",        "check",        "input",  "label",  "lbl",    "txt",       "err",  "msg",     "str"
};

/* Whose `pass` is a password: there are passes of a compiler, too. */
static bool is_pass(struct text name)
{
	static const char *const owners[] = { "user",    "admin", "root",    "db",     "login", "ftp",   "smtp",
										  "mail",    "email", "wifi",    "wlan",   "http",  "https", "auth",
										  "mqtt",    "sql",   "mysql",   "ppp",    "pppoe", "vpn",   "rtsp",
										  "onvif",   "ddns",  "proxy",   "telnet", "ssh",   "web",   "remote",
										  "account", "guest", "sip",     "ap",     "sta",   "cam",   "server",
										  "client",  "def",   "default", "router", "wan" };
	if (name.n < 5 || !secrets_ends_nocase(name, "pass"))
		return false;
	struct text owner = text_of(name.p, name.n - 4);
	while (owner.n && !((owner.p[owner.n - 1] | 0x20) >= 'a' && (owner.p[owner.n - 1] | 0x20) <= 'z'))
		owner.n--;
	size_t n = owner.n;
	while (n > 0 && assignment_is_name(owner.p[n - 1]) && owner.p[n - 1] != '_' && owner.p[n - 1] != '-' && owner.p[n - 1] != '.')
		n--;
	owner = text_of(owner.p + n, owner.n - n);
	for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
		if (secrets_eq_nocase(owner, owners[i]))
			return true;
	return false;
}

static const char *meaning_of(struct text name)
{
	while (name.n && ((name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9') || name.p[name.n - 1] == '_' ||
					  name.p[name.n - 1] == '-'))
		name.n--;
	if (secrets_eq_nocase(name, "pass") || is_pass(name))
		return "password";
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (name.n >= meanings[i].n && (name.p[name.n - 1] | 0x20) == meanings[i].end[meanings[i].n - 1] &&
			secrets_eq_nocase(text_of(name.p + name.n - meanings[i].n, meanings[i].n), meanings[i].end))
			return meanings[i].kind;
	return NULL;
}

/* The word that the name begins with: showPassword, old_password. */
static bool is_other_name(struct text name)
{
	if (text_is(name, "NOPASSWD") || text_is(name, "PASSWD")) /* tags of sudoers(5) */
		return true;
	for (size_t i = 0; i < sizeof not_names / sizeof not_names[0]; i++) {
		size_t n = strlen(not_names[i]);
		if (name.n > n && secrets_eq_nocase(text_of(name.p, n), not_names[i]) &&
			(name.p[n] == '_' || name.p[n] == '-' || (name.p[n] >= 'A' && name.p[n] <= 'Z' && name.p[n - 1] >= 'a')))
			return true;
	}
	return false;
}

const char *assignment_kind(struct text name)
{
	const char *kind = meaning_of(name);
	return kind && !is_other_name(name) ? kind : NULL;
}
