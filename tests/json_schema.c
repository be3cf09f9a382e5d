/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json_schema.h"

#include <stdio.h>
#include <string.h>

struct check {
	json_t *root; /* the whole schema */
	char *why;
	size_t room;
};

static bool matches(struct check *c, json_t *schema, json_t *value, const char *at);

static bool refuse(struct check *c, const char *at, const char *what)
{
	if (!c->why[0])
		snprintf(c->why, c->room, "%s: %s", at, what);
	return false;
}

static bool is_type(json_t *value, const char *type)
{
	if (strcmp(type, "object") == 0)
		return json_is_object(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	return strcmp(type, "null") == 0 && json_is_null(value);
}

static bool check_type(json_t *type, json_t *value)
{
	size_t i;
	json_t *one;
	if (json_is_string(type))
		return is_type(value, json_string_value(type));
	json_array_foreach(type, i, one) if (is_type(value, json_string_value(one))) return true;
	return false;
}

static bool is_one_of(json_t *list, json_t *value)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one) if (json_equal(one, value)) return true;
	return false;
}

static bool check_required(struct check *c, json_t *required, json_t *value, const char *at)
{
	size_t i;
	json_t *name;
	json_array_foreach(required, i, name) if (!json_object_get(value, json_string_value(name))) return refuse(
		c, at, json_string_value(name));
	return true;
}

static bool check_members(struct check *c, json_t *schema, json_t *value, const char *at)
{
	json_t *properties = json_object_get(schema, "properties"),
		   *others = json_object_get(schema, "additionalProperties");
	const char *key;
	json_t *member;
	if (!json_is_object(value))
		return true;
	json_object_foreach(value, key, member)
	{
		char below[512];
		snprintf(below, sizeof below, "%s/%.100s", at, key);
		json_t *known = json_object_get(properties, key);
		if (!known && json_is_false(others))
			return refuse(c, below, "is not in the schema");
		if (known && !matches(c, known, member, below))
			return false;
		if (!known && json_is_object(others) && !matches(c, others, member, below))
			return false;
	}
	return true;
}

static bool check_items(struct check *c, json_t *items, json_t *value, const char *at)
{
	size_t i;
	json_t *item;
	json_array_foreach(value, i, item)
	{
		char below[512];
		snprintf(below, sizeof below, "%s[%zu]", at, i);
		if (!matches(c, items, item, below))
			return false;
	}
	return true;
}

static bool check_keyword(struct check *c, json_t *schema, const char *keyword, json_t *rule, json_t *value,
						  const char *at)
{
	static const char *const silent[] = { "description", "title", "$schema", "$defs" };
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
		if (strcmp(keyword, silent[i]) == 0)
			return true;
	if (strcmp(keyword, "type") == 0)
		return check_type(rule, value) || refuse(c, at, "is of another type");
	if (strcmp(keyword, "const") == 0)
		return json_equal(rule, value) || refuse(c, at, "is another constant");
	if (strcmp(keyword, "enum") == 0)
		return is_one_of(rule, value) || refuse(c, at, "is none of the enum");
	if (strcmp(keyword, "minimum") == 0)
		return json_number_value(value) >= json_number_value(rule) || refuse(c, at, "is below the minimum");
	if (strcmp(keyword, "items") == 0)
		return check_items(c, rule, value, at);
	if (strcmp(keyword, "required") == 0)
		return check_required(c, rule, value, at);
	if (strcmp(keyword, "properties") == 0 || strcmp(keyword, "additionalProperties") == 0)
		return check_members(c, schema, value, at);
	if (strcmp(keyword, "$ref") == 0) {
		const char *name = strrchr(json_string_value(rule), '/') + 1;
		json_t *target = json_object_get(json_object_get(c->root, "$defs"), name);
		return target ? matches(c, target, value, at) : refuse(c, at, "refers to nothing");
	}
	return refuse(c, at, keyword);
}

static bool matches(struct check *c, json_t *schema, json_t *value, const char *at)
{
	const char *keyword;
	json_t *rule;
	json_object_foreach(schema, keyword, rule) if (!check_keyword(c, schema, keyword, rule, value, at)) return false;
	return true;
}

bool json_schema_matches(json_t *schema, json_t *value, char *why, size_t room)
{
	struct check c = { schema, why, room };
	why[0] = '\0';
	return matches(&c, schema, value, "");
}
