/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "cli/init.h"

static const struct question {
	const char *section, *key, *words;
} questions[] = {
	{ "product", "name", "Name of the product" },
	{ "product", "maker", "Maker" },
	{ "product", "model", "Model" },
	{ "product", "version", "Version of its software" },
	{ "product", "category", "What sort of thing it is (camera, router, toy ...)" },
	{ "firmware", "file", "Firmware image (a file beside the product file)" },
	{ "support", "end", "Last day of security updates (2031-12-31)" },
	{ "disclosure", "contact", "Where reports of vulnerabilities go (an address)" },
	{ "disclosure", "policy", "The published disclosure policy (https://...)" },
};

static bool is_known(const struct init *s, const struct question *q)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->facts[i].key->section, q->section) == 0 && strcmp(s->facts[i].key->name, q->key) == 0 &&
			!s->facts[i].note)
			return true;
	return false;
}

/* Asks until the answer is one, or none is given. */
static bool ask(struct init *s, const struct question *q)
{
	char answer[PRODUCT_VALUE_MAX + 2], why[300];
	for (;;) {
		fprintf(stderr, "%s: ", q->words);
		fflush(stderr);
		if (!fgets(answer, sizeof answer, stdin))
			return false;
		size_t n = strlen(answer), from = strspn(answer, " \t");
		while (n > from && strchr(" \t\r\n", answer[n - 1]))
			n--;
		answer[n] = '\0';
		const struct product_section *input = product_section_find("inputs", q->section);
		if (n <= from || init_add(s, q->section, q->key, input ? 1 : 0, answer + from, NULL, why))
			return true;
		fprintf(stderr, "  %s\n", why);
	}
}

bool init_ask(struct init *s)
{
	fputs("An empty answer leaves it open; the file is there to be filled in.\n", stderr);
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
		if (!is_known(s, &questions[i]) && !ask(s, &questions[i]))
			return false;
	return true;
}
