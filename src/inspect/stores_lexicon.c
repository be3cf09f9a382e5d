/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of tables, columns and keys, and the kind of personal data that they announce. */
#include "inspect/stores.h"

#include <stdio.h>

struct kind {
	const char *name;
	const char *words; /* in lower case, separated by spaces; one of two words is written with '_' */
};

static const struct kind lexicon[] = {
	{ "location",
	  "latitude longitude lat lon lng gps geolocation user_location last_location home_location current_location device_location "
	  "location_history locations altitude geofence coordinates waypoint trackpoint" },
	{ "credentials",
	  "password passwd pwd passphrase token secret psk pin pincode apikey api_key credential credentials cookie cookies" },
	{ "contacts", "contact contacts phonebook addressbook vcard phone_number phonenumber mobile telephone" },
	{ "identity",
	  "user users username user_name userid user_id first_name firstname last_name lastname surname fullname full_name email "
	  "e_mail birthday birthdate dob gender ssn passport imei imsi iccid owner person persons nickname" },
	{ "audio", "audio voice recording recordings microphone voicemail" },
	{ "video", "video videos clip clips footage" },
	{ "images", "image photo photos picture pictures snapshots thumbnail face faces" },
	{ "health",
	  "heartrate heart_rate step_count steps_count daily_steps total_steps sleep_time sleep_duration sleep_quality calories "
	  "glucose spo2 bpm body_weight bodyweight bloodpressure blood_pressure" },
	{ "usage",
	  "history visit visits usage activity activities searches alarm alarms motion events event_log playcount last_played last_login" },
	{ "messages", "message messages sms mms chat chats inbox mail mails" },
	{ "network", "ssid bssid mac_address macaddr mac ip_address ipaddr hostname wifi lease leases" },
};
/* What says how much of it there is, how it looks or whether it is wanted is not the data itself: image_format, user_count,
 * history_entries, location_enabled, label_location, alarm_input. */
static const char about[] =
	"format count counts counter entries defined enabled disabled limit max min width height label labels "
	"template timeout retries required optional rgb input output pixels threshold";

#define KINDS (sizeof lexicon / sizeof lexicon[0])
#define WORD_MAX 48u

/* The identifier in lower case with '_' between its words. */
static size_t split_words(struct text identifier, char out[WORD_MAX + 2])
{
	size_t n = 0;
	for (size_t i = 0; i < identifier.n && n < WORD_MAX; i++) {
		char c = identifier.p[i];
		bool up = c >= 'A' && c <= 'Z', after_low = i > 0 && identifier.p[i - 1] >= 'a' && identifier.p[i - 1] <= 'z';
		if (up && after_low)
			out[n++] = '_';
		out[n++] = up ? (char)(c | 0x20) : (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
	}
	return n;
}

/* Whether the word stands in the identifier with nothing but its own beginning, end or '_' around it. */
static bool holds_word(const char *identifier, size_t n, const char *word, size_t length)
{
	for (size_t at = 0; at + length <= n; at++) {
		bool begins = at == 0 || identifier[at - 1] == '_';
		bool ends = at + length == n || identifier[at + length] == '_';
		if (begins && ends && identifier[at] == word[0] && memcmp(identifier + at, word, length) == 0)
			return true;
	}
	return false;
}

static bool holds_one(const char *identifier, size_t n, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, " ");
		if (holds_word(identifier, n, list, length))
			return true;
		list += length;
		list += *list == ' ';
	}
	return false;
}

stores_kinds stores_kinds_of(struct text identifier)
{
	char words[WORD_MAX + 2] = "";
	size_t n = split_words(identifier, words);
	stores_kinds kinds = 0;
	for (size_t k = 0; k < KINDS; k++)
		if (holds_one(words, n, lexicon[k].words))
			kinds |= 1u << k;
	/* Of bodies counts are what is kept. */
	if (kinds && holds_one(words, n, about))
		for (size_t k = 0; k < KINDS; k++)
			if (strcmp(lexicon[k].name, "health") != 0)
				kinds &= ~(1u << k);
	return kinds;
}

struct text stores_kinds_text(stores_kinds kinds, struct arena *arena)
{
	char text[256];
	int n = 0;
	for (size_t k = 0; k < KINDS; k++)
		if (kinds & 1u << k)
			n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", n ? " " : "", lexicon[k].name);
	return text_c(arena_strdup(arena, text_of(text, (size_t)n)));
}

/* ---- CREATE TABLE ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct text *t)
{
	while (t->n && is_blank(t->p[0]))
		*t = text_of(t->p + 1, t->n - 1);
}

static bool is_identifier(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

static struct text take_identifier(struct text *t)
{
	static const char quotes[] = "\"'`[";
	skip_blanks(t);
	if (!t->n)
		return TEXT_NONE;
	size_t i = 0;
	bool quoted = strchr(quotes, t->p[0]) && t->p[0];
	if (quoted) {
		char end = t->p[0] == '[' ? ']' : t->p[0];
		for (i = 1; i < t->n && t->p[i] != end && (is_identifier(t->p[i]) || t->p[i] == ' ' || t->p[i] == '-'); i++)
			;
		if (i >= t->n || t->p[i] != end)
			return TEXT_NONE;
		struct text word = text_of(t->p + 1, i - 1);
		*t = text_of(t->p + i + 1, t->n - i - 1);
		return word;
	}
	while (i < t->n && is_identifier(t->p[i]))
		i++;
	struct text word = text_of(t->p, i);
	*t = text_of(t->p + i, t->n - i);
	return word;
}

static bool same_word(struct text a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++)
		if ((a.p[i] & ~0x20) != b[i])
			return false;
	return true;
}

static bool is_constraint(struct text word)
{
	return same_word(word, "CONSTRAINT") || same_word(word, "PRIMARY") || same_word(word, "FOREIGN") ||
		   same_word(word, "UNIQUE") || same_word(word, "CHECK") || same_word(word, "KEY") || same_word(word, "INDEX");
}

/* Past the rest of a column's definition: behind its comma. False at the end of all. */
static bool next_column(struct text *t)
{
	unsigned depth = 0;
	for (size_t i = 0; i < t->n; i++) {
		char c = t->p[i];
		if (is_identifier(c) || is_blank(c))
			continue;
		if (c == '\'' || c == '"') { /* a default value: what stands in it is no syntax */
			const char *end = memchr(t->p + i + 1, c, t->n - i - 1);
			if (!end)
				return false;
			i = (size_t)(end - t->p);
			continue;
		}
		if (c == ')' && depth == 0)
			return false;
		depth += c == '(';
		depth -= c == ')' && depth > 0;
		if ((unsigned char)c < 0x20 && !is_blank(c))
			return false;
		if (c == ',' && depth == 0) {
			*t = text_of(t->p + i + 1, t->n - i - 1);
			return true;
		}
	}
	return false;
}

bool stores_read_table(struct text sql, struct stores_table *table)
{
	*table = (struct stores_table){ .ncolumns = 0 };
	struct text rest = sql, word = take_identifier(&rest);
	if (same_word(word, "IF")) {
		(void)take_identifier(&rest);
		(void)take_identifier(&rest);
		word = take_identifier(&rest);
	}
	table->name = word;
	skip_blanks(&rest);
	if (!word.n || !rest.n || rest.p[0] != '(')
		return false;
	rest = text_of(rest.p + 1, rest.n - 1);
	do {
		struct text column = take_identifier(&rest);
		if (column.n && !is_constraint(column) && table->ncolumns < STORES_COLUMNS_MAX)
			table->columns[table->ncolumns++] = column;
	} while (next_column(&rest));
	return table->ncolumns > 0;
}

struct text stores_table_text(const struct stores_table *table, struct arena *arena)
{
	char *out = arena_alloc(arena, STORES_EVIDENCE_MAX + 8, 1);
	size_t n = 0;
	for (size_t i = 0; out && i <= table->ncolumns; i++) {
		struct text t = i ? table->columns[i - 1] : table->name;
		if (n + t.n + 4 > STORES_EVIDENCE_MAX) {
			memcpy(out + n, "...", 3);
			n += 3;
			break;
		}
		memcpy(out + n, i == 0 ? "" : i == 1 ? "(" : ", ", i == 0 ? 0 : i == 1 ? 1 : 2);
		n += i == 0 ? 0 : i == 1 ? 1 : 2;
		memcpy(out + n, t.p, t.n);
		n += t.n;
	}
	if (out)
		out[n++] = ')';
	return out ? text_of(out, n) : TEXT_NONE;
}

stores_kinds stores_table_kinds(const struct stores_table *table)
{
	stores_kinds kinds = stores_kinds_of(table->name);
	for (size_t i = 0; i < table->ncolumns; i++)
		kinds |= stores_kinds_of(table->columns[i]);
	return kinds;
}
