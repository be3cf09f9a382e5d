/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of updaters' configuration share: two grammars that many of them have. */
#ifndef ASSAY_INSPECT_UPDATES_CONFIG_H
#define ASSAY_INSPECT_UPDATES_CONFIG_H

#include "inspect/shell.h"
#include "inspect/updates.h"

#define CONFIG_PAIRS 64u /* of a section; further ones are not looked at */
#define CONFIG_DEPTH 32u

/* [name] and the settings below it; those before the first are in one without a name. */
struct config_section {
	struct text name;
	struct text keys[CONFIG_PAIRS], values[CONFIG_PAIRS];
	unsigned n;
};

/* The groups that are open, by their names. */
struct config_groups {
	struct text names[CONFIG_DEPTH + 1];
	unsigned depth;
};

/* What of the file is read. */
struct text config_text(const struct updates *u);

/* The value of a key; p == NULL: it is not there. The last of several counts. */
struct text config_get(const struct config_section *s, const char *key);

/* The innermost group that has a name. */
struct text config_group(const struct config_groups *g);

/* GLib's key files and INI: key=value, comments with # or ;. */
void config_read_sections(struct updates *u, void (*take)(struct updates *u, const struct config_section *s));

/* JSON and libconfig. */
void config_read_groups(struct updates *u,
						void (*take)(struct updates *u, struct config_groups *g, struct text key, struct text value));

/* A row for where updates come from; an address without a scheme gives one only where the scheme is unknown. */
void config_fetch(struct updates *u, struct text address, struct text evidence);

/* apt: updates_apt.c. */
void updates_read_sources(struct updates *u);
void updates_read_deb822(struct updates *u);
void updates_read_apt_conf(struct updates *u);

#endif
