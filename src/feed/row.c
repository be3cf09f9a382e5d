/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/row.h"

#define COLUMNS(name, list) static const struct feed_column name##_columns[] = { list };

#define T(c) { #c, FEED_TEXT, offsetof(struct OF, c) },
#define I(c) { #c, FEED_INTEGER, offsetof(struct OF, c) },
#define R(c) { #c, FEED_REAL, offsetof(struct OF, c) },
#define OF feed_source
COLUMNS(source, FEED_SOURCE_COLUMNS)
#undef OF
#define OF feed_record
COLUMNS(record, FEED_RECORD_COLUMNS)
#undef OF
#define OF feed_vulnerability
COLUMNS(vulnerability, FEED_VULNERABILITY_COLUMNS)
#undef OF
#define OF feed_alias
COLUMNS(alias, FEED_ALIAS_COLUMNS)
#undef OF
#define OF feed_criterion
COLUMNS(criterion, FEED_CRITERION_COLUMNS)
#undef OF
#define OF feed_node
COLUMNS(node, FEED_NODE_COLUMNS)
#undef OF
#define OF feed_fix
COLUMNS(fix, FEED_FIX_COLUMNS)
#undef OF
#define OF feed_kev
COLUMNS(kev, FEED_KEV_COLUMNS)
#undef OF
#define OF feed_epss
COLUMNS(epss, FEED_EPSS_COLUMNS)
#undef OF
#define OF feed_vex
COLUMNS(vex, FEED_VEX_COLUMNS)
#undef OF
#define OF feed_part
COLUMNS(part, FEED_PART_COLUMNS)
#undef OF

const struct feed_row_type feed_row_types[FEED_ROW_KINDS] = {
#define ROW(kind, name) { #name, name##_columns, sizeof name##_columns / sizeof name##_columns[0] },
	FEED_ROWS
#undef ROW
};
