/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model of a product from the facts of its case file: services on and off, settings with the values that they can have, what
 * an update can meet, versions of TLS of a peer, radios. What is off needs no other settings than those that it has.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "case/case.h"
#include "cli/combos.h"
#include "cli/combos_choices.h"

#define PARAMETERS_MAX 40u
#define SERVICES_MAX 12u
#define RADIOS_MAX 6u
#define PEERS_MAX 6u
#define NAME_BYTES 120u
#define VALUES_BYTES 400u

struct named {
	char name[NAME_BYTES];
	char current[NAME_BYTES];
	char switched[NAME_BYTES]; /* the parameter that it depends on; empty: none */
	bool numeric;              /* all of its values are numbers */
};

struct making {
	sqlite3 *db;
	FILE *out;
	struct named parameters[PARAMETERS_MAX];
	unsigned n;
	bool failed;
};

/* What means something in the language of models, and what does not print, is left out. */
static void clean(const char *from, char out[NAME_BYTES])
{
	size_t n = 0;
	for (; from && *from && n + 1 < NAME_BYTES; from++) {
		unsigned char c = (unsigned char)*from;
		bool bad = c < 0x20 || c == 0x7f || strchr(":,;[]{}<>|~#\"()\\@=", c);
		if (!bad)
			out[n++] = (char)c;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static const struct named *find(const struct making *m, const char *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (strcasecmp(m->parameters[i].name, name) == 0)
			return &m->parameters[i];
	return NULL;
}

static bool has_value(const char *values, const char *value)
{
	size_t n = strlen(value);
	for (const char *at = values; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncasecmp(at, value, n) == 0 && (at[n] == ',' || at[n] == '\0'))
			return true;
	}
	return false;
}

/* Whether each of the values is a number as the model language knows them. */
static bool is_numeric(const char *values)
{
	bool digits = false;
	for (; *values; values++) {
		if (*values == ',' && !digits)
			return false;
		digits = *values != ',' && (digits || isdigit((unsigned char)*values));
		if (*values != ',' && !isdigit((unsigned char)*values))
			return false;
	}
	return digits;
}

/* Writes a parameter, with where it comes from above it. False when there is no room, or it is there already. */
static bool add(struct making *m, const char *name, const char *values, const char *current, const char *place,
				const char *switched)
{
	char safe[NAME_BYTES], shown[NAME_BYTES], where[NAME_BYTES];
	clean(name, safe);
	clean(current, shown);
	clean(place, where);
	if (m->n == PARAMETERS_MAX || !safe[0] || find(m, safe))
		return false;
	fprintf(m->out, "# %s%s%s%s\n%s: ", where, where[0] && shown[0] ? ", " : "", shown[0] ? "now " : "", shown, safe);
	if (shown[0] && !has_value(values, shown))
		fprintf(m->out, "%s, ", shown);
	for (const char *c = values; *c; c++)
		fputs(*c == ',' ? ", " : (char[]){ *c, '\0' }, m->out);
	putc('\n', m->out);
	struct named *p = &m->parameters[m->n++];
	p->numeric = is_numeric(values) && (!shown[0] || is_numeric(shown));
	memcpy(p->name, safe, sizeof p->name);
	memcpy(p->current, shown, sizeof p->current);
	snprintf(p->switched, sizeof p->switched, "%s", switched ? switched : "");
	return true;
}

static const char *column(sqlite3_stmt *q, int i)
{
	const char *text = (const char *)sqlite3_column_text(q, i);
	return text ? text : "";
}

/* Calls fn for each row; false from it ends it. */
static void each(struct making *m, const char *sql, bool (*fn)(struct making *, sqlite3_stmt *))
{
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(m->db, sql, -1, &q, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
		code = SQLITE_OK;
		if (!fn(m, q))
			break;
	}
	m->failed |= code != SQLITE_OK && code != SQLITE_DONE;
	sqlite3_finalize(q);
}

static bool add_service(struct making *m, sqlite3_stmt *q)
{
	char name[NAME_BYTES];
	snprintf(name, sizeof name, "service %s", column(q, 0));
	(void)add(m, name, "on,off", "on", column(q, 1), NULL);
	return m->n < SERVICES_MAX;
}

static bool add_startable(struct making *m, sqlite3_stmt *q)
{
	char name[NAME_BYTES];
	snprintf(name, sizeof name, "service %s", column(q, 0));
	(void)add(m, name, "on,off", "off", column(q, 1), NULL);
	return m->n < SERVICES_MAX;
}

static bool add_radio(struct making *m, sqlite3_stmt *q)
{
	char name[NAME_BYTES];
	snprintf(name, sizeof name, "radio %s", column(q, 0));
	(void)add(m, name, "on,off", "", column(q, 1), NULL);
	return m->n < SERVICES_MAX + RADIOS_MAX;
}

/* What speaks TLS meets peers of all ages. */
static bool add_peer(struct making *m, sqlite3_stmt *q)
{
	char name[NAME_BYTES], service[NAME_BYTES + 16], safe[NAME_BYTES];
	snprintf(name, sizeof name, "peer of %s", column(q, 0));
	snprintf(service, sizeof service, "service %s", column(q, 0));
	clean(service, safe);
	(void)add(m, name, "TLS 1.3,TLS 1.2,~TLS 1.1,~untrusted certificate", "", column(q, 1),
			  find(m, safe) ? safe : NULL);
	return m->n < SERVICES_MAX + RADIOS_MAX + PEERS_MAX;
}

/* The states that an update can be in; packages that must be refused where something is known to refuse them. */
static bool add_update(struct making *m, sqlite3_stmt *q)
{
	bool there = sqlite3_column_int(q, 0), checked = sqlite3_column_int(q, 1), rollback = sqlite3_column_int(q, 2),
		 slots = sqlite3_column_int(q, 3);
	if (!there)
		return false;
	char values[VALUES_BYTES];
	(void)add(m, "update", "none,downloading,installing,interrupted,done", "", column(q, 4), NULL);
	snprintf(values, sizeof values, "good,~truncated,~changed%s%s", checked ? ",~not signed" : "",
			 rollback ? ",~older" : "");
	(void)add(m, "update package", values, "", column(q, 4), NULL);
	if (slots)
		(void)add(m, "slot", "A,B", "", column(q, 4), NULL);
	return false;
}

/* The service or the radio that reads the setting. */
static const char *switch_of(const struct making *m, const char *program, char safe[NAME_BYTES])
{
	char name[NAME_BYTES];
	bool wifi = strcmp(program, "hostapd") == 0 || strcmp(program, "wpa_supplicant") == 0;
	snprintf(name, sizeof name, "service %s", program);
	clean(name, safe);
	if (find(m, safe))
		return safe;
	snprintf(safe, NAME_BYTES, "radio wifi");
	return wifi && find(m, safe) ? safe : NULL;
}

static bool add_setting(struct making *m, sqlite3_stmt *q)
{
	const char *program = column(q, 0), *section = column(q, 1), *key = column(q, 2), *value = column(q, 3);
	const char *values = setting_choices(program, key, value);
	char name[NAME_BYTES], safe[NAME_BYTES];
	if (values) {
		snprintf(name, sizeof name, "%s %s%s%s", program, section, section[0] ? " " : "", key);
		(void)add(m, name, values, value, column(q, 4), switch_of(m, program, safe));
	}
	return m->n < PARAMETERS_MAX;
}

static void write_constraints(struct making *m)
{
	bool some = false;
	for (unsigned i = 0; i < m->n; i++) {
		const struct named *p = &m->parameters[i];
		if (!p->switched[0])
			continue;
		/* Of a peer the first value stands for: none is met. */
		const char *value = p->current[0] ? p->current : "TLS 1.3";
		fprintf(m->out, "%sIF [%s] = \"off\" THEN [%s] = ", some ? "" : "\n", p->switched, p->name);
		fprintf(m->out, !p->numeric ? "\"%s\";\n" : "%s;\n", value);
		some = true;
	}
	if (find(m, "update") && find(m, "update package"))
		fprintf(m->out,
				"%sIF [update] IN {\"none\", \"downloading\"} THEN [update package] = \"good\";\n"
				"IF [update] = \"done\" THEN [update package] = \"good\";\n",
				some ? "" : "\n");
}

static void make(struct making *m)
{
	each(m,
		 "SELECT name, min(place) FROM service WHERE listens IS NOT 0 OR ports IS NOT NULL GROUP BY name ORDER BY name",
		 add_service);
	each(
		m,
		"SELECT s.program_name, min(s.path) FROM startable s WHERE s.enabled = 0 "
		"AND s.mechanism IN ('init.d', 'procd', 'systemd', 'inetd', 'xinetd', 'rcS') "
		"AND EXISTS (SELECT 1 FROM startup_program p WHERE p.startup_id = s.id) GROUP BY s.program_name ORDER BY s.program_name",
		add_startable);
	each(
		m,
		"SELECT technology, min(stack) FROM radio WHERE technology IS NOT NULL GROUP BY technology ORDER BY technology",
		add_radio);
	each(
		m,
		"SELECT name, min(place) FROM service WHERE tls IS NOT NULL AND tls NOT IN ('', '0') GROUP BY name ORDER BY name",
		add_peer);
	each(
		m,
		"SELECT count(*) > 0, total(aspect = 'verification' AND value = 'signature') > 0, total(aspect = 'rollback') > 0, "
		"total(aspect = 'slots') > 0, min(mechanism) FROM updater",
		add_update);
	each(
		m,
		"SELECT program, ifnull(section, ''), key, value, path || CASE WHEN line THEN ' line ' || line ELSE '' END FROM effective_setting "
		"WHERE NOT ifnull(secret, 0) AND value IS NOT NULL AND program IS NOT NULL AND key IS NOT NULL "
		"ORDER BY origin = 'default', program, section, key, path, line",
		add_setting);
	write_constraints(m);
}

int combos_case_model(const char *path, char **text, size_t *n)
{
	struct error e;
	*text = NULL;
	struct case_file *c = case_open(path, false, &e);
	if (!c)
		return complain_error(path, &e);
	struct making *m = calloc(1, sizeof *m);
	int code = EXIT_NO_FAIL;
	if (m && (m->out = open_memstream(text, n))) {
		m->db = case_db(c);
		make(m);
		if (fclose(m->out) != 0 || m->failed)
			code = complain(EXIT_UNUSABLE, path, "its facts can not be read: %s", sqlite3_errmsg(m->db));
		else if (m->n == 0)
			code = complain(
				EXIT_UNUSABLE, path,
				"nothing that can be switched or set is known of this product: no service, radio, update or setting");
	} else {
		code = complain(EXIT_INTERNAL, path, "no memory");
	}
	free(m);
	case_close(c);
	if (code) {
		free(*text);
		*text = NULL;
	}
	return code;
}
