/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `needs` of a pack may name, as src/cli/output.c has it. */
#ifndef TESTS_PROBE_NAMES_H
#define TESTS_PROBE_NAMES_H

#include <stddef.h>

static const char *const probes[] = {
	"firmware.unpack", "firmware.accounts", "firmware.boot", "firmware.clock", "firmware.components", "firmware.discovery",
	"firmware.elf", "firmware.endpoints", "firmware.kernel", "firmware.keys", "firmware.leftovers", "firmware.mcu",
	"firmware.network", "firmware.partitions", "firmware.radios", "firmware.sbom", "firmware.scripts", "firmware.secrets",
	"firmware.settings", "firmware.signatures", "firmware.startup", "firmware.stores", "firmware.updates", "feeds.match",
	"sbom.read", "vex.read", "product.read", "document.read", "device.ports", "device.logins", "device.tls", "site.http",
	"site.tls", "site.policy", "capture.flows", "capture.tls", "app.manifest", "app.code", "mud.read", NULL
};

#endif
