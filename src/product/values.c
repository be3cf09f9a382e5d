/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of values of a product file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/blank.h"
#include "base/suggest.h"
#include "product/internal.h"

struct check {
	const struct product_key *key;
	struct arena *arena;
	bool outside;
	char *why; /* 300 bytes */
};

#define WHY_MAX 300u
#define DIGITS_MAX 15u

static const char *keep(const struct check *c, const char *text)
{
	const char *copy = arena_strdup(c->arena, text_c(text));
	if (!copy)
		snprintf(c->why, WHY_MAX, "out of memory");
	return copy;
}

static const char *refuse(const struct check *c, const char *value, const char *expected)
{
	snprintf(c->why, WHY_MAX, "`%s` is `%.60s`, expected %s", c->key->name, value, expected);
	return NULL;
}

/* Runs of white space become a space: a value is one line, wherever it is shown. */
static const char *check_text(const struct check *c, const char *value)
{
	char *out = arena_strdup(c->arena, text_c(value)), *to = out;
	if (!out) {
		snprintf(c->why, WHY_MAX, "out of memory");
		return NULL;
	}
	for (const char *p = value; *p; p++) {
		bool white = strchr(" \t\r\n", *p) != NULL;
		if (!white)
			*to++ = *p;
		else if (to > out && to[-1] != ' ')
			*to++ = ' ';
	}
	*to = '\0';
	return out;
}

static unsigned number_at(const char *digits, size_t n)
{
	unsigned v = 0;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(digits[i] - '0');
	return v;
}

static bool is_day(const char *value)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (strlen(value) != 10)
		return false;
	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? value[i] != '-' : !ascii_is_digit(value[i]))
			return false;
	unsigned year = number_at(value, 4), month = number_at(value + 5, 2), day = number_at(value + 8, 2);
	if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1)
		return false;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static const char *check_day(const struct check *c, const char *value)
{
	return is_day(value) ? keep(c, value) : refuse(c, value, "a day of the calendar like 2026-01-31, before 2100");
}

static const char *check_yesno(const struct check *c, const char *value)
{
	if (strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0)
		return "yes";
	if (strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0)
		return "no";
	return refuse(c, value, "yes or no");
}

static bool is_whole(const char *value)
{
	size_t n = strspn(value, "0123456789");
	return n > 0 && n <= DIGITS_MAX && !value[n];
}

/* Without zeros in front: 007 is 7 for whoever compares. */
static const char *without_zeros(const char *digits)
{
	while (digits[0] == '0' && ascii_is_digit(digits[1]))
		digits++;
	return digits;
}

/* Ten years: nobody is told more in earnest. */
#define DAYS_MAX 3650u

static bool counts_days(const struct product_key *key)
{
	size_t n = strlen(key->name);
	return n >= 4 && strcmp(key->name + n - 4, "days") == 0;
}

static const char *check_whole(const struct check *c, const char *value)
{
	if (counts_days(c->key) && is_whole(value) && strtoull(value, NULL, 10) > DAYS_MAX)
		return refuse(c, value, "days, at most 3650");
	return is_whole(value) ? keep(c, without_zeros(value)) : refuse(c, value, "a whole number");
}

static const char *check_port(const struct check *c, const char *value)
{
	const char *digits = is_whole(value) ? without_zeros(value) : "0";
	unsigned long long n = strtoull(digits, NULL, 10);
	return n >= 1 && n <= 65535 ? keep(c, digits) : refuse(c, value, "a port from 1 to 65535");
}

static const char *const units[] = { "second", "minute", "hour", "day", "week", "month", "year", NULL };

static const char *in_words(const struct check *c, const char *digits, size_t n, const char *unit)
{
	char number[DIGITS_MAX + 1];
	snprintf(number, sizeof number, "%.*s", (int)n, digits);
	const char *plain = without_zeros(number);
	const char *out = arena_printf(c->arena, "%s %s%s", plain, unit, strcmp(plain, "1") == 0 ? "" : "s");
	if (!out)
		snprintf(c->why, WHY_MAX, "out of memory");
	return out;
}

/* ISO 8601: P, numbers with Y M W D, T, numbers with H M S, in this order; *parts of them. */
static bool is_period(const char *value, unsigned *parts, const char **unit)
{
	static const char letters[] = "YMWDTHMS";
	static const char *const names[] = { "year", "month", "week", "day", NULL, "hour", "minute", "second" };
	size_t at = 0;
	if (*value++ != 'P')
		return false;
	for (*parts = 0; *value; value++) {
		size_t n = strspn(value, "0123456789");
		bool is_time = *value == 'T' && n == 0;
		if (n > DIGITS_MAX || (n == 0 && !is_time) || (is_time && (at > 4 || !value[1])))
			return false;
		value += n;
		size_t from = is_time ? 4 : at;
		const char *found = *value ? strchr(letters + from, *value) : NULL;
		if (!found || (!is_time && *value != 'T' && from <= 4 && found - letters > 4))
			return false; /* hours and less stand behind the T */
		at = (size_t)(found - letters) + 1;
		if (is_time)
			continue;
		*unit = names[found - letters];
		if (!*unit)
			return false;
		++*parts;
	}
	return *parts > 0;
}

static const char *check_duration(const struct check *c, const char *value)
{
	static const char *const words[] = { "none", "unlimited", "until-deletion", "until-reset" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(value, words[i]) == 0)
			return words[i];
	unsigned parts;
	const char *iso = NULL;
	if (is_period(value, &parts, &iso))
		return parts == 1 ? in_words(c, value + 1 + (value[1] == 'T'), strspn(value + 1 + (value[1] == 'T'), "0123456789"), iso)
						  : keep(c, value);
	size_t n = strspn(value, "0123456789");
	const char *unit = value + n;
	if (*unit == ' ')
		unit++;
	for (size_t i = 0; n > 0 && n <= DIGITS_MAX && units[i]; i++) {
		size_t length = strlen(units[i]);
		if (strncmp(unit, units[i], length) == 0 && (!unit[length] || strcmp(unit + length, "s") == 0))
			return in_words(c, value, n, units[i]);
	}
	return refuse(c, value, "a time like `30 days`, `2 years` or `P30D`, or none, unlimited, until-deletion, until-reset");
}

static const char *check_word(const struct check *c, const char *value)
{
	char list[WHY_MAX] = "", word[40], nearest[40] = "";
	unsigned best = SUGGEST_FAR;
	size_t used = 0;
	for (const char *w = c->key->words; *w;) {
		size_t n = strcspn(w, "|");
		snprintf(word, sizeof word, "%.*s", (int)n, w);
		if (strcmp(word, value) == 0)
			return keep(c, word);
		unsigned far = suggest_distance(value, word);
		if (far < best) {
			best = far;
			snprintf(nearest, sizeof nearest, "%s", word);
		}
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", word);
		if (used >= sizeof list)
			used = sizeof list - 1;
		w += n + (w[n] == '|');
	}
	if (best < SUGGEST_FAR)
		snprintf(c->why, WHY_MAX, "`%s` is `%.40s`, did you mean `%s`? Expected one of %s", c->key->name, value, nearest, list);
	else
		snprintf(c->why, WHY_MAX, "`%s` is `%.40s`, expected one of %s", c->key->name, value, list);
	return NULL;
}

static bool is_host(const char *value, size_t n)
{
	size_t colons = 0, i = n > 2 && value[0] == '*' && value[1] == '.' ? 2 : 0;
	for (size_t k = 0; k < n; k++)
		colons += value[k] == ':';
	for (size_t k = 0; colons > 1 && k < n; k++) /* IPv6 */
		if (!strchr("0123456789abcdefABCDEF:.", value[k]))
			return false;
	if (colons > 1)
		return n <= 45;
	if (i >= n || n > 253 || value[i] == '-' || value[i] == '.')
		return false;
	for (; i < n; i++)
		if (!ascii_is_alnum(value[i]) && !strchr("._-", value[i]))
			return false;
	return value[n - 1] != '-';
}

static const char *check_host(const struct check *c, const char *value)
{
	return is_host(value, strlen(value)) ? keep(c, value) : refuse(c, value, "a host name or an address, like api.example.com");
}

static const char *check_url(const struct check *c, const char *value)
{
	const char *rest = strncmp(value, "https://", 8) == 0 ? value + 8 : strncmp(value, "http://", 7) == 0 ? value + 7 : "";
	bool ok = ascii_is_alnum(*rest) || *rest == '[';
	for (const char *p = rest; *p; p++)
		ok &= (unsigned char)*p > ' ' && *p != 0x7f && !strchr("<>\"\\^`{|}", *p);
	return ok ? keep(c, value) : refuse(c, value, "an address that begins with https:// (or http://)");
}

static const char *check_path(const struct check *c, const char *value)
{
	return value[0] == '/' ? keep(c, value) : refuse(c, value, "a path on the product that begins with /");
}

static bool leads_up(const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && memcmp(p, "..", 2) == 0)
			return true;
		p += n + (p[n] == '/');
	}
	return false;
}

static const char *check_file(const struct check *c, const char *value)
{
	if (c->outside)
		return keep(c, value);
	if (value[0] == '/')
		return refuse(c, value, "a path from the product file's folder (--allow-outside lifts this)");
	if (leads_up(value))
		return refuse(c, value, "a path that stays in the product file's folder (--allow-outside lifts this)");
	return keep(c, value);
}

static const char *check_language(const struct check *c, const char *value)
{
	size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz");
	bool ok = n == 2 || n == 3;
	for (const char *p = value + n; ok && *p;) {
		size_t part = 1;
		while (ascii_is_alnum(p[part]))
			part++;
		ok = *p == '-' && part > 1 && part <= 9;
		p += part;
	}
	return ok ? keep(c, value) : refuse(c, value, "a language code like en or pt-BR");
}

static const char *check_provision(const struct check *c, const char *value)
{
	const char *nearest, *id = product_provision_find(value, &nearest);
	if (!id && nearest)
		snprintf(c->why, WHY_MAX, "`%s` is `%.60s`, did you mean `%s`?", c->key->name, value, nearest);
	else if (!id)
		refuse(c, value, "the id of a requirement of a built-in pack, like etsi.5.1-1 (assay explain lists them)");
	return id;
}

const char *product_value_check(const struct product_key *key, const char *value, bool outside, struct arena *arena,
								char why[WHY_MAX])
{
	static const char *(*const checks[PRODUCT_KINDS])(const struct check *, const char *) = {
		[PRODUCT_TEXT] = check_text,         [PRODUCT_DAY] = check_day,   [PRODUCT_YESNO] = check_yesno,
		[PRODUCT_WHOLE] = check_whole,       [PRODUCT_WORD] = check_word, [PRODUCT_DURATION] = check_duration,
		[PRODUCT_URL] = check_url,           [PRODUCT_HOST] = check_host, [PRODUCT_PORT] = check_port,
		[PRODUCT_PATH] = check_path,         [PRODUCT_FILE] = check_file, [PRODUCT_LANGUAGE] = check_language,
		[PRODUCT_PROVISION] = check_provision,
	};
	struct check c = { key, arena, outside, why };
	if (strlen(value) > PRODUCT_VALUE_MAX) {
		snprintf(why, WHY_MAX, "`%s` has %zu bytes, expected at most %u: a long text is a document", key->name, strlen(value),
				 PRODUCT_VALUE_MAX);
		return NULL;
	}
	bool said = key->kind == PRODUCT_TEXT || key->kind == PRODUCT_URL || key->kind == PRODUCT_HOST;
	if (said && text_says_nothing(text_c(value)))
		return refuse(&c, value, "what it is; leave the key out until there is something to declare");
	bool itself = key->kind == PRODUCT_HOST && strcasecmp(value, "localhost") == 0; /* the product talks to itself */
	if (said && !itself && text_is_example_address(text_c(value)))
		return refuse(&c, value, "an address of the maker's; this one is kept for examples (RFC 2606, RFC 6761)");
	return checks[key->kind](&c, value);
}
