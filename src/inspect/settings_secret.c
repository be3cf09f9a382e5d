/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a setting is a credential: its key names one, and its value is neither a switch nor a file. */
#include "inspect/settings.h"

#define KEY_MAX 128u

/* Parts of keys, without "_", "-", "." and blanks and in small letters. */
static const char *const parts[] = {
	"passw",  "passphrase",    "wpapsk",        "pskkey",   "presharedkey", "sharedsecret", "secret",  "community",
	"wepkey", "privatekey",    "sharedkey",     "saepass",  "pincode",      "apikey",       "authkey", "accesskey",
	"pppwd",  "userpwd",       "adminpwd",      "loginpwd", "rootpwd",      "httppwd",      "keypass", "radiuskey",
	"wpskey", "wpapassphrase", "encryptionkey", "token",    "networkkey",   "admpass",      "wpakey",
};
/* Whole keys. */
static const char whole[] =
	"psk key key1 key2 key3 key4 pwd pass passwd pin wpspin appin wscpin devicepin requirepass masterauth "
	"identitypassword radiuskey1 radiuskey2 key1str key2str key3str key4str wlkey1 wlkey2 wlkey3 wlkey4 "
	"key1str1 key2str1 key3str1 key4str1 wlpsk wlwpapsk wpapsk1 wpapsk2";
/* Parts of keys that say that the value is about a credential and is none, and the same for what keys end with. */
static const char *const about[] = {
	"file",         "path",      "authentication",  "permit",         "minimum",    "length",      "enable",
	"expir",        "lifetime",  "timeout",         "policy",         "hint",       "dialog",      "interval",
	"format",       "change",    "rekey",           "renew",          "encrypted",  "method",      "check",
	"algorithm",    "program",   "passwordsync",    "passwordchat",   "passwdchat", "fastcgipass", "proxypass",
	"scgipass",     "uwsgipass", "grpcpass",        "passwdprogram",  "visible",    "support",     "username",
	"status",       "display",   "needed",          "nullpass",       "hidepass",   "allow",       "disable",
	"unixpassword", "prompt",    "reset",           "passwordserver", "tokens",     "expose",      "encryptpass",
	"showpass",     "nopass",    "passwordcommand", "passive",        "keymgmt",
};
static const char *const about_ends[] = { "mode",  "type",  "len",  "min", "max", "level", "flag",     "index",
										  "count", "retry", "time", "dir", "url", "sync",  "attempts", "tries" };

static bool is_about(const char *name)
{
	for (size_t i = 0; i < sizeof about / sizeof about[0]; i++)
		if (strstr(name, about[i]))
			return true;
	for (size_t i = 0; i < sizeof about_ends / sizeof about_ends[0]; i++)
		if (text_ends(text_c(name), about_ends[i]))
			return true;
	return false;
}

static size_t folded(struct text key, char out[KEY_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < key.n && n < KEY_MAX - 1; i++) {
		char c = key.p[i];
		if (c == '_' || c == '-' || c == '.' || c == ' ' || c == '\0')
			continue;
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	out[n] = '\0';
	return n;
}

/* A switch, a number of an entry, a file, or a place that something else fills in. */
static bool is_no_credential(struct text value)
{
	static const char switches[] =
		"yes no on off true false enable disable enabled disabled none null default any auto 0 1 2 3 4 "
		"(null) psk psk2 open optional required nil undefined";
	return value.n == 0 || text_is(value, "*") || settings_in_words(switches, value, true) || text_starts(value, "/") ||
		   text_starts(value, "$p$") || text_starts(value, "${") || text_starts(value, "$(") ||
		   text_starts(value, "file:") || (value.p[0] == '<' && value.p[value.n - 1] == '>') ||
		   (value.n > 1 && value.p[0] == '%' && value.p[1] == 's') ||
		   (value.n > 1 && value.p[0] == '@' && value.p[value.n - 1] == '@');
}

/* Ralink's Key1Str1 to Key4Str8. */
static bool is_wep_key(const char *name)
{
	return strlen(name) == 8 && strncmp(name, "key", 3) == 0 && strncmp(name + 4, "str", 3) == 0;
}

/* Whether the last word of a key is this one: wps_pin, TelnetPwd; not spin. */
static bool last_word_is(struct text key, const char *word)
{
	size_t n = strlen(word);
	if (key.n <= n || !settings_is_caseless(text_of(key.p + key.n - n, n), word))
		return false;
	char first = key.p[key.n - n], before = key.p[key.n - n - 1];
	bool capital = first >= 'A' && first <= 'Z', small = before >= 'a' && before <= 'z';
	return before == '_' || before == '-' || before == '.' || (capital && small);
}

bool settings_is_secret(struct text key, struct text value)
{
	char name[KEY_MAX];
	if (folded(key, name) == 0 || is_no_credential(value))
		return false;
	if (settings_in_words(whole, text_c(name), false))
		return true;
	bool named = is_wep_key(name) || last_word_is(key, "pwd") || last_word_is(key, "pass") ||
				 last_word_is(key, "psk") || (value.n >= 4 && last_word_is(key, "pin"));
	for (size_t i = 0; !named && i < sizeof parts / sizeof parts[0]; i++)
		named = strstr(name, parts[i]) != NULL;
	return named && !is_about(name);
}
