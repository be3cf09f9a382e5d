/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/suggest.h"
#include "cli/command.h"

int complain(int code, const char *subject, const char *format, ...)
{
	char words[512], safe[1024], name[512];
	va_list args;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	escape_terminal(text_c(words), safe, sizeof safe);
	if (subject)
		escape_terminal(text_c(*subject ? subject : "\"\""), name, sizeof name);
	fprintf(stderr, "assay: %s%s%s\n", subject ? name : "", subject ? ": " : "", safe);
	return code;
}

int complain_error(const char *subject, const struct error *error)
{
	bool internal = error->code == ERR_MEMORY || error->code == ERR_CRASH;
	return complain(internal ? EXIT_INTERNAL : EXIT_UNUSABLE, subject, "%s", error->text);
}

/* The long option that is nearest to what was typed, without its value; NULL: none is near. */
static const char *nearest(const char *typed, const struct option *options)
{
	char name[64];
	unsigned least = SUGGEST_FAR;
	const char *best = NULL;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(typed, "="), typed);
	for (; name[0] && options->name; options++) {
		unsigned far = suggest_distance(name, options->name);
		if (far < least) {
			least = far;
			best = options->name;
		}
	}
	return best;
}

static const struct option *option_of(const struct option *options, int option)
{
	for (; options->name; options++)
		if (options->val == option)
			return options;
	return NULL;
}

int complain_option(char *const *argv, const struct option *options, int option, const char *command)
{
	const char *typed = argv[optind - 1];
	const struct option *known = optopt ? option_of(options, optopt) : NULL;
	if (option == ':')
		return complain(EXIT_UNUSABLE, typed, "its value is missing; see assay %s --help", command);
	if (known && !known->has_arg && strncmp(typed, "--", 2) == 0)
		return complain(EXIT_UNUSABLE, typed, "it takes no value; see assay %s --help", command);
	const char letter[] = { '-', (char)optopt, '\0' }; /* "-zq": which of them */
	if (optopt > 0 && !known && strncmp(typed, "--", 2) != 0)
		typed = letter;
	const char *near = strncmp(typed, "--", 2) == 0 ? nearest(typed + 2, options) : NULL;
	return complain(EXIT_UNUSABLE, typed, "not an option here%s%s%s; see assay %s --help",
					near ? " (did you mean --" : "", near ? near : "", near ? "?)" : "", command);
}

int complain_value(const struct option *options, int option, const char *value, const char *command)
{
	const struct option *known = option_of(options, option);
	char subject[96];
	snprintf(subject, sizeof subject, "--%s %.64s", known ? known->name : "", value);
	return complain(EXIT_UNUSABLE, subject, "not a value for this option; see assay %s --help", command);
}

char **options_split(int *argc, char **argv)
{
	char **all = calloc((size_t)*argc * 2 + 1, sizeof *all);
	int n = 0;
	bool open = true;
	for (int i = 0; all && i < *argc; i++) {
		const char *equals = open && strncmp(argv[i], "--", 2) == 0 ? strchr(argv[i], '=') : NULL;
		open = open && strcmp(argv[i], "--") != 0;
		if (equals) {
			all[n++] = strndup(argv[i], (size_t)(equals - argv[i]));
			all[n++] = argv[i] + (equals - argv[i]) + 1;
		} else {
			all[n++] = argv[i];
		}
	}
	*argc = all ? n : *argc;
	return all;
}

bool parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *count)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || v < min || v > max)
		return false;
	*count = v;
	return true;
}

/* A number and one letter of `units`, whose factors are `factors`. */
static bool parse_unit(const char *text, const char *units, const uint64_t *factors, uint64_t *value)
{
	char digits[32];
	size_t n = strlen(text);
	uint64_t factor = 1;
	const char *unit = n && units ? strchr(units, text[n - 1]) : NULL;
	if (unit) {
		factor = factors[unit - units];
		n--;
	}
	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	return parse_count(digits, 0, UINT64_MAX, value) && !__builtin_mul_overflow(*value, factor, value);
}

bool parse_size(const char *text, uint64_t *bytes)
{
	static const uint64_t factors[] = { 1u << 10, 1u << 20, 1u << 30, (uint64_t)1 << 40 };
	return parse_unit(text, "KMGT", factors, bytes) && *bytes > 0;
}

bool parse_seconds(const char *text, unsigned *seconds)
{
	static const uint64_t factors[] = { 1, 60, 3600 };
	uint64_t v;
	if (!parse_unit(text, "smh", factors, &v) || v == 0 || v > 1000000)
		return false;
	*seconds = (unsigned)v;
	return true;
}
