/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded network traffic: what is in it was said by whoever spoke on that network, not by the product's own files. */
#ifndef ASSAY_INSPECT_CAPTURE_H
#define ASSAY_INSPECT_CAPTURE_H

#include <stdbool.h>

#include "base/span.h"

/* What kind of recording the bytes begin as, by the first bytes alone: "recorded network traffic (pcap)"; NULL: none. */
const char *capture_kind(struct span bytes);

/* The same, where a first record stands behind the header as well, or nothing: enough to doubt what the texts in it tell. */
bool capture_is_recording(struct span bytes);

#endif
