/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/probes.h"

#include <stdio.h>

#include "inspect/inspect.h"

const char *const *probe_names(void)
{
	static char names[64][64];
	static const char *list[96];
	size_t n = 0;
	list[n++] = "firmware.unpack";
	list[n++] = "feeds.match"; /* vuln/vuln.h */
	list[n++] = "sbom.read";   /* a bill beside the image */
	list[n++] = "vex.read";    /* statements beside it */
	static const char *const others[] = {
		"product.read", "document.read",                     /* the product file and its documents */
		"device.ports", "device.logins", "device.tls",       /* a live device */
		"site.http",    "site.tls",      "site.policy",      /* web sites and back-ends */
		"capture.flows", "capture.tls",  "app.manifest", "app.code",
		"mud.read", /* a MUD file */
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		list[n++] = others[i];
	for (size_t i = 0; i < 64 && inspector_registry[i]; i++) {
		snprintf(names[i], sizeof names[i], "firmware.%s", inspector_registry[i]->name);
		list[n++] = names[i];
	}
	list[n] = NULL;
	return list;
}
