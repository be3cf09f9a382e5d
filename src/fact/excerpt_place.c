/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fact/excerpt_place.h"

#define NONE SIZE_MAX
#define AT(table, column) offsetof(struct fact_##table, column)
#define BY_LINE(table, a, b) { FACT_##table, AT(table, line), NONE, { a, b }, false, false }
#define BY_OFFSET(table, a, b) { FACT_##table, NONE, AT(table, offset), { a, b }, false, false }
#define BY_EITHER(table, a, b) { FACT_##table, AT(table, line), AT(table, offset), { a, b }, false, false }
/* Of documents for people: their lines are those of the file where its format keeps them. */
#define BY_SENTENCE(table, a) { FACT_document_##table, AT(document_##table, line), NONE, { a, NONE }, false, true }

static const struct excerpt_rule rules[] = {
	{ FACT_account, AT(account, line), NONE, { NONE, NONE }, true, false },
	{ FACT_secret, AT(secret, line), AT(secret, offset), { AT(secret, name), AT(secret, value) }, true, false },
	{ FACT_private_key, NONE, AT(private_key, offset), { NONE, NONE }, true, false },
	BY_OFFSET(public_key, NONE, NONE),
	BY_OFFSET(certificate, NONE, NONE),
	BY_LINE(startup, AT(startup, command), NONE),
	BY_OFFSET(component, AT(component, evidence), AT(component, version)),
	BY_LINE(setting, AT(setting, key), AT(setting, value)),
	BY_OFFSET(endpoint, AT(endpoint, text), NONE),
	BY_EITHER(updater, AT(updater, evidence), NONE),
	BY_OFFSET(signature, NONE, NONE),
	BY_LINE(weakness, AT(weakness, code), NONE),
	BY_OFFSET(kernel, AT(kernel, banner), AT(kernel, version)),
	BY_LINE(kernel_option, AT(kernel_option, name), AT(kernel_option, value)),
	BY_OFFSET(boot_setting, AT(boot_setting, key), AT(boot_setting, value)),
	BY_LINE(time_source, AT(time_source, value), NONE),
	BY_LINE(advertisement, AT(advertisement, type), AT(advertisement, name)),
	BY_LINE(radio, AT(radio, key), AT(radio, value)),
	BY_OFFSET(mcu, AT(mcu, project), AT(mcu, version)),
	BY_OFFSET(rule_match, NONE, NONE),
	BY_OFFSET(header, AT(header, value), NONE),
	BY_OFFSET(partition, AT(partition, name), NONE),
	BY_OFFSET(damage, NONE, NONE),
	BY_LINE(declared_component, AT(declared_component, name), AT(declared_component, version)),
	BY_LINE(declared_statement, AT(declared_statement, vulnerability), NONE),
	BY_LINE(declaration, AT(declaration, value), NONE),
	BY_LINE(release, AT(release, version), NONE),
	BY_SENTENCE(section, AT(document_section, heading)),
	BY_SENTENCE(date, AT(document_date, sentence)),
	BY_SENTENCE(contact, AT(document_contact, value)),
	BY_SENTENCE(link, AT(document_link, url)),
	BY_SENTENCE(element, AT(document_element, sentence)),
};

const struct excerpt_rule *excerpt_rule_of(enum fact_type type)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

static int64_t number_at(const void *row, size_t at)
{
	return at == NONE ? FACT_NULL : *(const int64_t *)(const void *)((const char *)row + at);
}

static struct text text_at(const void *row, size_t at)
{
	return at == NONE ? TEXT_NONE : *(const struct text *)(const void *)((const char *)row + at);
}

int64_t excerpt_row_line(const struct excerpt_rule *rule, const void *row)
{
	return number_at(row, rule->line);
}

int64_t excerpt_row_offset(const struct excerpt_rule *rule, const void *row)
{
	return number_at(row, rule->offset);
}

/* ---- what it quotes ---- */

/* So many bytes of a longer text that goes on elsewhere are told from chance. */
#define BEGINNING 8u
/* So many at the end of a line are asked whether such a text begins there. */
#define ENDING 1024u

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool stands_alone(struct text line, size_t at, size_t n)
{
	return (at == 0 || !is_word(line.p[at - 1])) && (at + n == line.n || !is_word(line.p[at + n]));
}

/* Where the text stands whole, by one pass over the line. */
static bool find_whole(struct text line, size_t from, struct text t, size_t *at)
{
	for (; t.n && from < line.n; from = *at + 1) {
		const char *p = memmem(line.p + from, line.n - from, t.p, t.n);
		if (!p)
			return false;
		*at = (size_t)(p - line.p);
		if (t.n > 2 || stands_alone(line, *at, t.n))
			return true;
	}
	return false;
}

/* The text, or its beginning where it goes on in the next line: how much of it stands at the end of this one. */
static bool find(struct text line, size_t from, struct text t, size_t *at, size_t *n)
{
	*n = t.n;
	if (find_whole(line, from, t, at))
		return true;
	size_t most = t.n < ENDING ? t.n : ENDING;
	*at = line.n > from + most ? line.n - most : from;
	for (; t.n > BEGINNING && *at + BEGINNING <= line.n; ++*at) {
		*n = line.n - *at;
		if (*n <= t.n && memcmp(line.p + *at, t.p, *n) == 0)
			return true;
	}
	return false;
}

unsigned excerpt_row_in_line(const struct excerpt_rule *rule, const void *row, struct span bytes, size_t near, size_t *from, size_t *to)
{
	struct text line = text_trim(text_from_span(span_sub(bytes, *from, *to - *from)), " \t");
	size_t begins = line.n ? (size_t)((const uint8_t *)line.p - bytes.p) : *from;
	size_t first = SIZE_MAX, last = 0, at, n;
	unsigned found = 0;
	size_t start = near > begins && near - begins < line.n ? near - begins : 0;
	for (size_t i = 0; i < 2; i++) {
		struct text t = text_at(row, rule->quoted[i]);
		bool is = find(line, start, t, &at, &n) || (start > 0 && find(line, 0, t, &at, &n));
		struct text base = rule->type == FACT_declared_component && i == 0 ? text_base(t) : TEXT_NONE;
		if (!is && base.n < t.n) /* the group before it stands elsewhere */
			is = find(line, start, base, &at, &n) || (start > 0 && find(line, 0, base, &at, &n));
		if (!is)
			continue;
		found |= 1u << i;
		first = at < first ? at : first;
		last = at + n > last ? at + n : last;
		start = last;
	}
	*from = begins;
	*to = *from + line.n;
	if (found) {
		*to = *from + last;
		*from += first;
	}
	return found;
}

/* X.690, 8.1: the length of a SEQUENCE with its head; 0 when there is none. */
static uint64_t der_length(struct span s)
{
	if (s.n < 2 || s.p[0] != 0x30)
		return 0;
	unsigned width = s.p[1] & 0x80 ? s.p[1] & 0x7f : 0;
	uint64_t n = width ? 0 : s.p[1];
	if (width > 4 || s.n < 2 + width)
		return 0;
	for (unsigned i = 0; i < width; i++)
		n = n << 8 | s.p[2 + i];
	return n + 2 + width;
}

static uint64_t line_length(struct span s)
{
	const uint8_t *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
	uint64_t n = end ? (uint64_t)(end - s.p) : s.n;
	return n && s.p[n - 1] == '\r' ? n - 1 : n;
}

uint64_t excerpt_row_length(const struct excerpt_rule *rule, const void *row, struct span bytes)
{
	struct span here = span_from(bytes, (uint64_t)excerpt_row_offset(rule, row));
	for (size_t i = 0; i < 2; i++) {
		struct text t = text_at(row, rule->quoted[i]);
		if (t.n && span_starts(here, t.p, t.n))
			return t.n;
	}
	if (span_starts(here, "-----BEGIN ", 11))
		return line_length(here);
	if (rule->type == FACT_private_key) /* the rest is hidden */
		return here.n < 4 ? here.n : 4;
	return rule->type == FACT_certificate || rule->type == FACT_public_key || rule->type == FACT_signature ? der_length(here) : 0;
}

/* ---- what is a credential ---- */

bool excerpt_row_credential(enum fact_type type, const void *row, struct excerpt_credential *c)
{
	*c = (struct excerpt_credential){ .line = FACT_NULL, .offset = FACT_NULL };
	if (type == FACT_secret) {
		const struct fact_secret *s = row;
		*c = (struct excerpt_credential){ .value = s->value, .line = s->line, .offset = s->offset, .is_key = false };
		return true;
	}
	if (type == FACT_setting) {
		const struct fact_setting *s = row;
		*c = (struct excerpt_credential){ .value = s->value, .line = s->line, .offset = FACT_NULL, .is_key = false };
		return s->secret == 1 && s->value.n;
	}
	if (type == FACT_weakness) {
		const struct fact_weakness *w = row;
		*c = (struct excerpt_credential){ .value = w->source, .line = w->line, .offset = FACT_NULL, .is_key = false };
		return text_is(w->kind, "hard-coded-credential");
	}
	if (type == FACT_account) {
		const struct fact_account *a = row;
		*c = (struct excerpt_credential){ .value = a->hash, .line = a->line, .offset = FACT_NULL, .is_key = false };
		bool is_mark = a->hash.n < 8 && (text_is(a->state, "locked") || text_is(a->state, "shadowed") || text_is(a->state, "empty"));
		return a->hash.n && !is_mark && !text_is(a->source, "authorized_keys");
	}
	if (type == FACT_radio) { /* zigbee2mqtt's */
		const struct fact_radio *r = row;
		*c = (struct excerpt_credential){ .value = r->value, .line = r->line, .offset = FACT_NULL, .is_key = false };
		return text_is(r->key, "network_key");
	}
	if (type == FACT_private_key) {
		const struct fact_private_key *k = row;
		*c = (struct excerpt_credential){ .value = TEXT_NONE, .line = FACT_NULL, .offset = k->offset, .is_key = true };
		return true;
	}
	return false;
}
