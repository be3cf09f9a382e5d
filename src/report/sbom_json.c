/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sbom_json.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool has_shape(const char *text, const char *shape)
{
	for (; *shape; shape++, text++)
		if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
			return false;
	return true;
}

/* A date and a time of the calendar, as far as one look at the fields tells. */
static bool is_sane(const char *t)
{
	int month = (t[5] - '0') * 10 + t[6] - '0', day = (t[8] - '0') * 10 + t[9] - '0';
	bool ok = month >= 1 && month <= 12 && day >= 1 && day <= 31;
	if (t[10])
		ok = ok && t[11] <= '2' && (t[11] < '2' || t[12] <= '3') && t[14] <= '5' && t[17] <= '5';
	return ok;
}

const char *sbom_time(struct sbom *s, const char *text)
{
	if (!text || !has_shape(text, "0000-00-00") || !is_sane(text))
		return NULL;
	if (!text[10])
		return arena_printf(s->arena, "%sT00:00:00Z", text);
	if (!has_shape(text, "0000-00-00T00:00:00"))
		return NULL;
	const char *rest = text + 19;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!*rest)
		return arena_printf(s->arena, "%sZ", text);
	return strcmp(rest, "Z") == 0 || has_shape(rest, "+00:00") || has_shape(rest, "-00:00") ? text : NULL;
}

/* The five of OpenVEX (specification 0.2.0, "Status Justifications"), which CSAF's flags are too. */
static const struct {
	const char *openvex, *cyclonedx;
} justifications[] = {
	{ "component_not_present", "code_not_present" },
	{ "vulnerable_code_not_present", "code_not_present" },
	{ "vulnerable_code_not_in_execute_path", "code_not_reachable" },
	{ "vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment" },
	{ "inline_mitigations_already_exist", "protected_by_mitigating_control" },
};

const char *sbom_justification_cyclonedx(const char *openvex)
{
	for (size_t i = 0; openvex && i < COUNT(justifications); i++)
		if (strcmp(openvex, justifications[i].openvex) == 0)
			return justifications[i].cyclonedx;
	return NULL;
}

const char *sbom_justification(const char *openvex)
{
	for (size_t i = 0; openvex && i < COUNT(justifications); i++)
		if (strcmp(openvex, justifications[i].openvex) == 0)
			return justifications[i].openvex;
	return NULL;
}

const char *sbom_severity(const char *word)
{
	static const char *const words[] = { "critical", "high", "medium", "low", "none" };
	for (size_t i = 0; word && i < COUNT(words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return words[i];
	return "unknown";
}

const char *sbom_why(struct sbom *s, const struct sbom_vulnerability *v)
{
	if (!v->stated_by)
		return v->reason;
	return v->note ? arena_printf(s->arena, "%s (stated by %s)", v->note, v->stated_by)
				   : arena_printf(s->arena, "stated by %s", v->stated_by);
}

const char *sbom_action(struct sbom *s, const struct sbom_vulnerability *v)
{
	const struct sbom_component *c = &s->components[v->component];
	if (v->stated_by && v->note)
		return v->note;
	return arena_printf(
		s->arena, "Use a release in which %s is not affected by %s; none is known to the author of this document.",
		c->name, v->name);
}

const char *sbom_title(struct sbom *s, const struct sbom_component *c)
{
	return arena_printf(s->arena, "%s %s", c->name, c->version ? c->version : "(version unknown)");
}

struct error sbom_finish(struct json *j)
{
	if (fflush(j->out) || ferror(j->out))
		return error_at(ERR_IO, 0, "writing the document: %m");
	return error_none();
}
