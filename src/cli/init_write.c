/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "cli/init.h"

#define COMMENT_COLUMN 44
#define VALUE_BYTES 1024u
#define LINE_BYTES 1400u

/* Where a line stands: its depth, and the depth of the "# " that makes it a comment; NO_HASH: it is none. */
#define NO_HASH 100u
struct place {
	unsigned depth, hash;
};

/* Printable in YAML: escape_terminal() leaves two code points that are not. */
static void printable(const char *text, char *out, size_t size)
{
	escape_terminal(text_c(text), out, size);
	for (char *p = strstr(out, "\xef\xbf"); p; p = strstr(p + 1, "\xef\xbf"))
		if ((unsigned char)p[2] >= 0xbe)
			memcpy(p, "???", 3);
}

static bool is_plain(const char *text)
{
	static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y", "n" };
	size_t n = strlen(text);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(text, words[i]) == 0)
			return false;
	for (size_t i = 0; i < n; i++) {
		char b = text[i];
		bool inside = i > 0 && i + 1 < n;
		if (!((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '/' || b == '_' ||
			  b == '.' || (inside && (b == ' ' || b == '-' || b == '+' || b == '@' || (b == ':' && text[i + 1] != ' ')))))
			return false;
	}
	return n > 0;
}

/* A scalar that the reader gives back as the text that is shown. */
static void scalar(const struct product_key *k, const char *value, char *out, size_t size)
{
	char safe[VALUE_BYTES];
	size_t n = 0;
	printable(value, safe, sizeof safe);
	if (k->kind == PRODUCT_YESNO || k->kind == PRODUCT_WORD || is_plain(safe)) {
		snprintf(out, size, "%s", safe);
		return;
	}
	out[n++] = '"';
	for (const char *p = safe; *p && n + 4 < size; p++) {
		if (*p == '"' || *p == '\\')
			out[n++] = '\\';
		out[n++] = *p;
	}
	out[n++] = '"';
	out[n] = '\0';
}

static void line(FILE *out, struct place at, const char *text, const char *comment)
{
	char safe[400];
	unsigned before = at.hash == NO_HASH ? at.depth : at.hash;
	int used = (int)(2 * at.depth + strlen(text) + (at.hash == NO_HASH ? 0 : 2));
	fprintf(out, "%*s", (int)(2 * before), "");
	if (at.hash != NO_HASH)
		fprintf(out, "# %*s", (int)(2 * (at.depth - at.hash)), "");
	fputs(text, out);
	printable(comment ? comment : "", safe, sizeof safe);
	if (*safe)
		fprintf(out, "%*s# %s", used < COMMENT_COLUMN ? COMMENT_COLUMN - used : 1, "", safe);
	putc('\n', out);
}

static const struct init_fact *find(const struct init *s, const struct product_key *k, unsigned item)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->facts[i].key == k && s->facts[i].item == item)
			return &s->facts[i];
	return NULL;
}

/* The explanation of a key; of a word, those that there are. */
static const char *explain(const struct product_key *k, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "%s%s", k->doc, *k->words ? ": " : "");
	for (const char *w = k->words; *w && n < size;) {
		size_t length = strcspn(w, "|");
		n += (size_t)snprintf(out + n, size - n, "%s%.*s", w == k->words ? "" : ", ", (int)length, w);
		w += length + (w[length] == '|');
	}
	return out;
}

/* "name: value", behind a dash when it is the first of an element. */
static void key_line(FILE *out, struct place at, const char *dash, const char *name, const struct product_key *k,
					 const char *value, const char *note)
{
	char text[LINE_BYTES], written[VALUE_BYTES], words[600];
	scalar(k, value, written, sizeof written);
	bool list = k->flags == PRODUCT_MANY;
	snprintf(text, sizeof text, "%s%s: %s%s%s", dash, name, list ? "[" : "", written, list ? "]" : "");
	if (note)
		snprintf(words, sizeof words, "observed: %.400s; confirm", note);
	line(out, at, text, note ? words : explain(k, words, sizeof words));
}

/* The keys of a mapping; a mapping inside has a line of its own before its keys. */
static void write_map(const struct init *s, const struct product_section *section, struct place at, FILE *out)
{
	char group[64] = "";
	unsigned hash = at.hash;
	for (const struct product_key *k = product_keys; k->name; k++) {
		if (strcmp(k->section, section->name) != 0)
			continue;
		const char *dot = strchr(k->name, '.');
		const struct init_fact *f = find(s, k, 0);
		const char *value = f ? f->value : k->example;
		at.hash = hash != NO_HASH ? hash : f && !f->note ? NO_HASH : at.depth;
		if (dot && strncmp(group, k->name, (size_t)(dot - k->name) + 1) != 0) {
			snprintf(group, sizeof group, "%.*s:", (int)(dot - k->name), k->name);
			line(out, at, group, NULL);
			group[strlen(group) - 1] = '.';
		}
		struct place inside = { at.depth + (dot ? 1 : 0), at.hash };
		key_line(out, inside, "", dot ? dot + 1 : k->name, k, value, f ? f->note : NULL);
	}
}

/* One element. Of what the user said, the other keys follow as comments; of what was observed, only what was seen. */
static void write_item(const struct init *s, const struct product_section *section, struct place at, unsigned item,
					   FILE *out)
{
	unsigned hash = at.hash;
	bool first = true;
	for (const struct product_key *k = product_keys; k->name; k++) {
		const struct init_fact *f = item ? find(s, k, item) : NULL;
		if (strcmp(k->section, section->name) != 0 || (item && !f && hash != NO_HASH))
			continue;
		struct place here = { at.depth + (first ? 0 : 1), hash != NO_HASH || f ? hash : at.depth + 1 };
		key_line(out, here, first ? "- " : "", k->name, k, f ? f->value : k->example, f && first ? f->note : NULL);
		first = false;
	}
}

static bool is_said(const struct init *s, const char *section, unsigned item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->facts[i].key->section, section) == 0 && !s->facts[i].note && (!item || s->facts[i].item == item))
			return true;
	return false;
}

static unsigned items(const struct init *s, const char *section)
{
	unsigned n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->facts[i].key->section, section) == 0 && s->facts[i].item > n)
			n = s->facts[i].item;
	return n;
}

static void write_section(const struct init *s, const struct product_section *section, unsigned depth, FILE *out)
{
	bool said = is_said(s, section->name, 0);
	struct place at = { depth, said ? NO_HASH : depth }, inside = { depth + 1, at.hash };
	unsigned n = items(s, section->name);
	char text[64], value[VALUE_BYTES];
	snprintf(text, sizeof text, "%s:", section->name);
	line(out, at, text, section->doc);
	if (section->shape == PRODUCT_MAP) {
		write_map(s, section, inside, out);
	} else if (section->shape == PRODUCT_VALUES) {
		const struct product_key *k = product_key_find(section->name, "value");
		scalar(k, k->example, value, sizeof value - 2);
		snprintf(text, sizeof text, "- %.50s", value);
		line(out, inside, text, k->doc);
	}
	for (unsigned i = n ? 1 : 0; section->shape == PRODUCT_ITEMS && i <= n; i++) {
		struct place element = { inside.depth, said && !is_said(s, section->name, i) ? inside.depth : inside.hash };
		write_item(s, section, element, i, out);
	}
	putc('\n', out);
}

static void write_sections(const struct init *s, const char *parent, unsigned depth, FILE *out)
{
	for (const struct product_section *section = product_sections; section->name; section++)
		if (strcmp(section->parent, parent) == 0)
			write_section(s, section, depth, out);
}

void init_write(const struct init *s, FILE *out)
{
	fputs("## A product file of assay: what the product is, what there is to look at, and what its maker declares of it.\n"
		  "## Take the # away from what holds, and write what is true: what a declaration says is compared with what is found.\n"
		  "## assay THIS-FILE assesses it; assay init --help tells more.\n"
		  "assay: 1\n\n",
		  out);
	write_sections(s, "", 0, out);
	fputs("## Files lie in the folder of this file.\ninputs:\n", out);
	write_sections(s, "inputs", 1, out);
	fputs("## The maker's word. An empty list, as in `services: []`, declares that there is none.\ndeclarations:\n", out);
	write_sections(s, "declarations", 1, out);
}
