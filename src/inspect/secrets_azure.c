/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Azure's connection strings and shared access signatures. */
#include "inspect/secrets_class.h"

/* The part of a connection string that is called `name`, in the line. */
static struct text part_of(struct text line, const char *name)
{
	const char *at = line.n ? memmem(line.p, line.n, name, strlen(name)) : NULL;
	if (!at)
		return TEXT_NONE;
	size_t i = (size_t)(at - line.p) + strlen(name), from = i;
	while (i < line.n && line.p[i] > ' ' && line.p[i] != ';' && line.p[i] != '"' && line.p[i] != '\'' &&
		   line.p[i] < 0x7f)
		i++;
	return text_of(line.p + from, i - from);
}

/* Base64 of 32 or 64 bytes behind SharedAccessKey= or AccountKey=. */
void secrets_azure(struct secrets *s, uint64_t value, const char *what)
{
	struct span bytes = s->subject->bytes;
	size_t n = secrets_run(bytes, value, 'B', 100);
	struct span raw = secrets_base64(s, text_from_span(span_sub(bytes, value, n)));
	if (raw.n != 32 && raw.n != 64 && raw.n != 16 && raw.n != 24)
		return;
	while (span_has(bytes, value + n, "=", 1) && n % 4)
		n++;
	struct text line = secrets_line(s, value), key = text_from_span(span_sub(bytes, value, n));
	struct text host = part_of(line, "HostName="), device = part_of(line, "DeviceId=");
	if (!host.n)
		host = part_of(line, "Endpoint=");
	if (!host.n)
		host = part_of(line, "AccountName=");
	struct text name = host;
	if (host.n && device.n)
		name = text_c(arena_printf(s->subject->arena, "%.*s on %.*s", (int)device.n, device.p, (int)host.n, host.p));
	secrets_emit(s, &(struct secret){ .at = value,
									  .kind = what,
									  .name = name,
									  .value = key,
									  .proof = "structure",
									  .confidence = host.n ? "proven" : "likely" });
}

/* A shared access signature: sig= beside sr= or sv=, and se= says until when. `value` is behind "sig=". */
void secrets_sas(struct secrets *s, uint64_t value)
{
	struct text line = secrets_line(s, value);
	struct text sig = part_of(line, "sig="), expires = part_of(line, "se=");
	const char *amp = sig.n ? memchr(sig.p, '&', sig.n) : NULL;
	if (amp)
		sig.n = (size_t)(amp - sig.p);
	amp = expires.n ? memchr(expires.p, '&', expires.n) : NULL;
	if (amp)
		expires.n = (size_t)(amp - expires.p);
	if (sig.n < 43 || sig.n > 90 || !expires.n || secrets_is_reference(expires) ||
		(!text_has(line, "sv=") && !text_has(line, "sr=")) || secrets_variety(sig) < 16)
		return;
	secrets_emit(s, &(struct secret){ .at = secrets_offset(s, sig),
									  .kind = "azure-shared-access-signature",
									  .value = sig,
									  .proof = arena_printf(s->subject->arena, "structure: expires %.*s",
															(int)expires.n, expires.p) });
}
