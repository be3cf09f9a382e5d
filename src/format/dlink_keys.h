/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords of D-Link's newer routers, 32 hex digits each; NULL ends them. */
#ifndef ASSAY_FORMAT_DLINK_KEYS_H
#define ASSAY_FORMAT_DLINK_KEYS_H

extern const char *const dlink_passwords[];

#endif
