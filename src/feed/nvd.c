/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/nvd.h"

#include "feed/field.h"

#define NODES_MAX 100000 /* in a configuration; numbers stay small */

struct configuration {
	struct feed_run *run;
	const struct nvd_words *words;
	int64_t number;
	int64_t nodes, criteria;
};

static struct text operator_of(struct feed_run *run, const struct json_node *node)
{
	struct text t = field_text(run, node, "operator");
	if (t.p && !text_is(t, "AND") && !text_is(t, "OR"))
		field_fault(run, json_tree_member(node, "operator"), "expected AND or OR");
	return t.p ? t : TEXT_LIT("OR");
}

static void read_match(struct configuration *c, int64_t node, const struct json_node *match)
{
	struct feed_run *run = c->run;
	struct text name = field_need_text(run, match, c->words->name);
	struct feed_criterion row = {
		.configuration = c->number, .node = node, .number = c->criteria++, .status = TEXT_LIT("affected")
	};
	if (!field_need(run, match, "vulnerable", PULL_TRUE) ||
		!field_cpe(run, json_tree_member(match, c->words->name), name, true, &row))
		return;
	row.vulnerable = field_bool(run, match, "vulnerable", true);
	row.start = field_text(run, match, "versionStartIncluding");
	row.start_including = row.start.p != NULL;
	if (!row.start.p)
		row.start = field_text(run, match, "versionStartExcluding");
	row.end = field_text(run, match, "versionEndIncluding");
	row.end_including = row.end.p != NULL;
	if (!row.end.p)
		row.end = field_text(run, match, "versionEndExcluding");
	if (row.start.p || row.end.p)
		row.version = TEXT_NONE;
	feed_emit(run, FEED_CRITERION, &row);
}

static void read_node(struct configuration *c, const struct json_node *node, int64_t parent)
{
	struct feed_run *run = c->run;
	int64_t id = c->nodes++;
	if (!field_is(run, node, PULL_OBJECT))
		return;
	if (id > NODES_MAX) {
		field_fault(run, node, "a configuration has more than %d nodes", NODES_MAX);
		return;
	}
	EMIT(run, NODE, .configuration = c->number, .node = id, .parent = parent, .operator= operator_of(run, node),
		 .negate = field_bool(run, node, "negate", false));
	JSON_EACH(match, field_may(run, node, c->words->matches, PULL_ARRAY))
	read_match(c, id, match);
	JSON_EACH(child, field_may(run, node, "children", PULL_ARRAY))
	read_node(c, child, id);
}

void nvd_configuration(struct feed_run *run, const struct nvd_words *words, const struct json_node *configuration,
					   int64_t number)
{
	struct configuration c = { .run = run, .words = words, .number = number };
	const struct json_node *nodes = field_need(run, configuration, "nodes", PULL_ARRAY);
	bool negate = field_bool(run, configuration, "negate", false);
	if (!nodes || !nodes->first)
		return;
	if (!nodes->first->next && !negate) { /* one node is the root itself, whatever would join it with others */
		read_node(&c, nodes->first, -1);
		return;
	}
	c.nodes = 1;
	EMIT(run, NODE, .configuration = number, .node = 0, .parent = -1, .operator= operator_of(run, configuration),
		 .negate = negate);
	JSON_EACH(node, nodes)
	read_node(&c, node, 0);
}

void nvd_node_configuration(struct feed_run *run, const struct nvd_words *words, const struct json_node *node,
							int64_t number)
{
	struct configuration c = { .run = run, .words = words, .number = number };
	read_node(&c, node, -1);
}

struct text feed_state_of(struct text summary)
{
	if (text_starts(summary, "** REJECT"))
		return TEXT_LIT("rejected");
	return text_starts(summary, "** DISPUTED") ? TEXT_LIT("disputed") : TEXT_LIT("");
}

void nvd_add_cwe(struct feed_run *run, struct text *list, struct text cwe)
{
	if (!text_starts(cwe, "CWE-") || cwe.n > 16)
		return;
	for (size_t i = 0; list->n && i + cwe.n <= list->n; i++)
		if ((i == 0 || list->p[i - 1] == ' ') && memcmp(list->p + i, cwe.p, cwe.n) == 0 &&
			(i + cwe.n == list->n || list->p[i + cwe.n] == ' '))
			return;
	if (list->n > 500)
		return;
	*list = list->n ? field_print(run, "%.*s %.*s", (int)list->n, list->p, (int)cwe.n, cwe.p) : cwe;
}
