/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of the settings inspector share: one reader a grammar, one row of settings_files[] a kind of file. */
#ifndef ASSAY_INSPECT_SETTINGS_H
#define ASSAY_INSPECT_SETTINGS_H

#include "inspect/inspect.h"
#include "inspect/shell.h"

/* A file gives at most so many rows, and of a larger one only the beginning is read. */
#define SETTINGS_ROWS 10000u
#define SETTINGS_BYTES ((size_t)8 << 20)
/* Blocks within each other. */
#define SETTINGS_NESTED 32u

/* Which of several lines with the same key in the same section counts. */
enum settings_rule { RULE_LAST, RULE_FIRST, RULE_ALL };

enum settings_flags {
	SETTINGS_CASELESS = 1 << 0, /* keys */
	SETTINGS_PART = 1 << 1,     /* a part of a configuration: what it does not say, another file may */
	SETTINGS_MAYBE = 1 << 2,    /* whether it is read depends on something else */
};

struct settings;

struct settings_file {
	const char *program;
	/* Words: the ends of paths, "*" for anything within one component. */
	const char *paths;
	void (*read)(struct settings *settings);
	enum settings_rule rule;
	unsigned flags;
	/* Keys that the rule does not hold for: those that add up, or with RULE_ALL those of which the last one counts. */
	const char *exceptions;
	/* Keys whose values are credentials, beside those whose names say it. */
	const char *secrets;
};

extern const struct settings_file settings_files[]; /* ended by a program of NULL */

struct setting {
	int64_t line;
	const char *program, *origin;
	struct text section, key, value;
	bool adds;       /* it adds to what was there before */
	bool overridden; /* another line counts */
	bool uncertain;  /* something that is not known here may override it */
	int8_t secret;   /* -1: as the key's name says */
};

struct settings {
	const struct subject *subject;
	struct sink *sink;
	struct arena *arena;
	const struct settings_file *file;
	struct text source;
	struct setting *rows;
	size_t n, cap;
	bool includes; /* it names further files */
	bool grows;    /* what adds words to a command stands elsewhere in the script */
	bool snippet; /* it is a part of what another program includes, though its name says that it is all */
	bool full;
};

/* A setting of the file's program. NULL: no room; what was read is kept. */
struct setting *settings_add(struct settings *s, int64_t line, struct text section, struct text key, struct text value);

/* Readers, each of one grammar: they add the settings of s->source in the order of its lines, until settings_add() has no
 * room. A line that is none of the grammar is passed over. */
void settings_read_words(struct settings *s);      /* key value ...; "#" at the beginning of a line */
void settings_read_equals(struct settings *s);     /* key=value */
void settings_read_tokens(struct settings *s);     /* several key=value on a line */
void settings_read_ini(struct settings *s);        /* [section], key = value, "#" and ";" */
void settings_read_quoted_ini(struct settings *s); /* the same; a value in quotes, or one that ends before ";" or "#" */
void settings_read_colons(struct settings *s);     /* BusyBox httpd.conf */
void settings_read_sshd(struct settings *s); /* sshd_config(5), ssh_config(5); the section: Match, Host */
void settings_read_hostapd(struct settings *s); /* hostapd.conf; "bss=" begins a section */
void settings_read_mosquitto(struct settings *s); /* mosquitto.conf(5); the section: a listener, a bridge */
void settings_read_dnsmasq(struct settings *s); /* dnsmasq(8): key or key=value */
void settings_read_pppd(struct settings *s); /* pppd(8): options, several on a line */
/* chap-secrets, pap-secrets of pppd(8): the client is the key, the server the section. */
void settings_read_pppd_secrets(struct settings *s);
void settings_read_sudoers(struct settings *s); /* sudoers(5): whom it is about is the key */
void settings_read_pam(struct settings *s); /* pam.conf(5): the type is the key, the service the section */
void settings_read_squid(struct settings *s); /* squid.conf: key value ... */
void settings_read_cron(struct settings *s); /* crontab(5): when is the key, the user the section */
/* fstab(5): the mount point is the key, the type of the file system the value, the device the section. */
void settings_read_fstab(struct settings *s);
void settings_read_goahead(struct settings *s); /* of GoAhead: route.txt, auth.txt, umconfig.txt */
void settings_read_variables(struct settings *s); /* assignments of a shell */
void settings_read_uci(struct settings *s); /* OpenWrt's UCI */
void settings_read_nginx(struct settings *s); /* nginx.conf */
void settings_read_lighttpd(struct settings *s); /* lighttpd.conf; a condition is a section */
void settings_read_apache(struct settings *s); /* also proftpd */
void settings_read_httpd(struct settings *s);  /* Apache or BusyBox: the grammar tells */
void settings_read_braces(struct settings *s); /* name { key = value }: xinetd, wpa_supplicant */
void settings_read_nvram(struct settings *s); /* lines of variables, where nearly all are; or XML */
void settings_read_xml(struct settings *s); /* XML of settings: elements are keys, what they lie in the section */

/* The same for options that stand without the program's name. */
void settings_options(struct settings *s, int64_t line, const char *program, struct text options);
/* The commands of a start-up file. */
bool settings_is_startup(const struct subject *s);
void settings_read_startup(struct settings *s);

/* What holds where nothing is said; `value` NULL: it depends on the version. */
struct settings_default {
	const char *program, *section, *key, *value;
};
extern const struct settings_default settings_defaults[];        /* of files */
extern const struct settings_default settings_option_defaults[]; /* of command lines */
/* The program whose defaults hold when something of this name runs; NULL: none is known. */
const char *settings_daemon(struct text name);

/* Whether the value is a credential, as far as its key tells. */
bool settings_is_secret(struct text key, struct text value);

/* Whether `word` is one of `words`, which are separated by spaces; "*" at a word's end stands for anything. */
bool settings_in_words(const char *words, struct text word, bool caseless);
/* The next of the words, which spaces part; false when there is none. */
bool settings_next_word(const char **words, struct text *word);

/* settings_equal_caseless(), settings_is_caseless(): equal but for the case of ASCII letters; the second one to a C
 * string. */
bool settings_equal_caseless(struct text a, struct text b);
bool settings_is_caseless(struct text a, const char *b);

/* The lines of a text with their numbers; white space around them is taken off. */
struct settings_lines {
	struct text rest;
	int64_t line;
	struct text text;
};
/* Before the first line. */
static inline struct settings_lines settings_lines(struct text source)
{
	return (struct settings_lines){ .rest = source };
}
/* The next line in l->text without white space at its ends (and without a byte order mark at the very beginning), its
 * number in l->line; false behind the last. */
bool settings_next_line(struct settings_lines *l);

/* Splits at the first `c`; false when there is none. Both sides are trimmed. */
bool settings_split(struct text t, char c, struct text *before, struct text *behind);

/* The path of open blocks, as one text. */
struct settings_blocks {
	struct text names[SETTINGS_NESTED];
	unsigned depth;
	unsigned beyond; /* blocks that are nested deeper than that */
	struct text path;
};
/* Into a block of that name, and out of the innermost one; an end without a beginning does nothing. The
 * path, in the arena, has at most 256 bytes of each name; blocks beyond SETTINGS_NESTED are counted alone. */
void settings_open(struct settings *s, struct settings_blocks *b, struct text name);
void settings_close(struct settings *s, struct settings_blocks *b);

#endif
