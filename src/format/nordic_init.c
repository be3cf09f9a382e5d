/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The init packet of Nordic's DFU, the ".dat" of its packages: a protocol buffer with the hash of the firmware beside it,
 * which versions it needs, and a signature. It has no magic: all of it must be one message, within one another.
 *
 * Specification: nRF5 SDK 17, "Device Firmware Update process: init packet", dfu-cc.proto.
 */
#include "base/leb128.h"
#include "format/digest.h"
#include "format/signature.h"

#define PACKET_MAX 512u
#define WIRE_VARINT 0u
#define WIRE_BYTES 2u

enum { PACKET_COMMAND = 1, PACKET_SIGNED = 2 };
enum { SIGNED_COMMAND = 1, SIGNED_TYPE = 2, SIGNED_SIGNATURE = 3 };
enum { COMMAND_OPCODE = 1, COMMAND_INIT = 2, OPCODE_INIT = 1 };
enum {
	INIT_FW_VERSION = 1,
	INIT_HW_VERSION,
	INIT_SD_REQ,
	INIT_TYPE,
	INIT_SD_SIZE,
	INIT_BL_SIZE,
	INIT_APP_SIZE,
	INIT_HASH,
	INIT_IS_DEBUG,
	INIT_BOOT_VALIDATION,
};

struct field {
	uint32_t number, wire;
	uint64_t value;    /* of a varint */
	struct span bytes; /* of the others */
};

struct packet {
	struct span init, signature, hash;
	uint64_t signature_type, hash_type;
	bool is_signed;
};

/* The next field of a message; false at its end, or where it breaks (then the reader has failed). */
static bool next_field(struct reader *r, struct field *f)
{
	if (!rd_left(r))
		return false;
	uint64_t key = rd_leb128(r);
	*f = (struct field){ (uint32_t)(key >> 3), key & 7, 0, SPAN_NONE };
	if (f->wire == WIRE_VARINT)
		f->value = rd_leb128(r);
	else if (f->wire == WIRE_BYTES)
		f->bytes = rd_bytes(r, rd_leb128(r));
	else
		r->failed = true;
	r->failed |= key == 0 || key > 0xff;
	return rd_ok(r);
}

static bool hash_read(struct span message, struct packet *p)
{
	struct reader r = reader_le(message);
	struct field f;
	while (next_field(&r, &f)) {
		if (f.number == 1 && f.wire == WIRE_VARINT)
			p->hash_type = f.value;
		else if (f.number == 2 && f.wire == WIRE_BYTES)
			p->hash = f.bytes;
		else
			return false;
	}
	static const uint8_t sizes[] = { 0, 4, 16, 32, 64 }; /* none, CRC, SHA-128, SHA-256, SHA-512 */
	return rd_ok(&r) && p->hash_type < sizeof sizes && p->hash.n == sizes[p->hash_type] && p->hash.n;
}

static bool init_read(struct span message, struct packet *p)
{
	struct reader r = reader_le(message);
	struct field f;
	unsigned hashes = 0;
	p->init = message;
	while (next_field(&r, &f)) {
		bool number = f.number <= INIT_APP_SIZE || f.number == INIT_IS_DEBUG;
		bool right = f.number == INIT_SD_REQ || (number && f.wire == WIRE_VARINT) ||
					 ((f.number == INIT_HASH || f.number == INIT_BOOT_VALIDATION) && f.wire == WIRE_BYTES);
		if (!right || (f.number == INIT_HASH && (hashes++ || !hash_read(f.bytes, p))))
			return false;
	}
	return rd_ok(&r) && hashes == 1;
}

static bool command_read(struct span message, struct packet *p)
{
	struct reader r = reader_le(message);
	struct field f;
	bool opcode = false, init = false;
	while (next_field(&r, &f)) {
		if (f.number == COMMAND_OPCODE && f.wire == WIRE_VARINT && f.value == OPCODE_INIT)
			opcode = true;
		else if (f.number == COMMAND_INIT && f.wire == WIRE_BYTES && !init && init_read(f.bytes, p))
			init = true;
		else
			return false;
	}
	return rd_ok(&r) && opcode && init;
}

static bool signed_read(struct span message, struct packet *p)
{
	struct reader r = reader_le(message);
	struct field f;
	bool command = false;
	p->is_signed = true;
	while (next_field(&r, &f)) {
		if (f.number == SIGNED_COMMAND && f.wire == WIRE_BYTES && !command && command_read(f.bytes, p))
			command = true;
		else if (f.number == SIGNED_TYPE && f.wire == WIRE_VARINT)
			p->signature_type = f.value;
		else if (f.number == SIGNED_SIGNATURE && f.wire == WIRE_BYTES)
			p->signature = f.bytes;
		else
			return false;
	}
	return rd_ok(&r) && command && p->signature.n;
}

static bool packet_read(struct span bytes, struct packet *p)
{
	struct reader r = reader_le(bytes);
	struct field f;
	*p = (struct packet){ .is_signed = false };
	if (bytes.n > PACKET_MAX || !next_field(&r, &f) || f.wire != WIRE_BYTES || rd_left(&r))
		return false;
	return f.number == PACKET_SIGNED ? signed_read(f.bytes, p) : f.number == PACKET_COMMAND && command_read(f.bytes, p);
}

static bool nordic_probe(struct span at, struct format_match *match)
{
	struct packet p;
	if (!packet_read(at, &p))
		return false;
	match->size = at.n;
	match->confidence = 90;
	return true;
}

static void emit_type(struct walk *w, uint64_t type)
{
	static const char *const types[] = { "APPLICATION", "SOFTDEVICE", "BOOTLOADER", "SOFTDEVICE_BOOTLOADER",
										 "EXTERNAL_APPLICATION" };
	if (type < sizeof types / sizeof types[0])
		emit_header_field(w->sink, 0, "type", "%s", types[type]);
	else
		emit_header_field(w->sink, 0, "type", "%llu", (unsigned long long)type);
}

static void emit_init(struct walk *w, struct span init)
{
	static const char *const names[] = { NULL,      "fw_version", "hw_version", "sd_req", NULL,
										 "sd_size", "bl_size",    "app_size",   NULL,     "is_debug" };
	struct reader r = reader_le(init);
	struct field f;
	while (next_field(&r, &f)) {
		struct reader packed = reader_le(f.bytes);
		if (f.number == INIT_TYPE)
			emit_type(w, f.value);
		else if (f.number == INIT_SD_REQ && f.wire == WIRE_BYTES)
			while (rd_left(&packed))
				emit_header_field(w->sink, 0, "sd_req", "0x%llx", (unsigned long long)rd_leb128(&packed));
		else if (f.number < sizeof names / sizeof names[0] && names[f.number])
			emit_header_field(w->sink, 0, names[f.number], f.number == INIT_SD_REQ ? "0x%llx" : "%llu",
							  (unsigned long long)f.value);
	}
}

/* The hash is stored with its last byte first: it is shown as a digest is written. */
static void emit_hash(struct walk *w, const struct packet *p)
{
	static const char *const names[] = { "hash", "hash (CRC)", "hash (SHA-128)", "hash (SHA-256)", "hash (SHA-512)" };
	uint8_t turned[DIGEST_MAX];
	for (size_t i = 0; i < p->hash.n; i++)
		turned[i] = p->hash.p[p->hash.n - 1 - i];
	digest_emit_hex(w->sink, 0, names[p->hash_type], span_of(turned, p->hash.n));
}

static struct error nordic_walk(struct span bytes, struct walk *w)
{
	static const char *const types[] = { "ECDSA_P256_SHA256", "ED25519" };
	struct packet p;
	if (!packet_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no init packet");
	emit_init(w, p.init);
	emit_hash(w, &p);
	const char *algorithm = p.is_signed && p.signature_type < 2 ? types[p.signature_type] : NULL;
	signature_report_plain(w->sink, 0, "nordic-dfu", "init command", algorithm,
						   !p.is_signed ? SIGNATURE_ABSENT
						   : algorithm  ? SIGNATURE_NO_KEY
										: SIGNATURE_UNSUPPORTED,
						   p.is_signed ? "the boot loader has the key" : "the init packet is not signed");
	if (!p.is_signed)
		emit_header_field(w->sink, 0, "signature", "none");
	else
		emit_header_field(w->sink, 0, "signature", "%s, %zu bytes",
						  p.signature_type < 2 ? types[p.signature_type] : "unknown", p.signature.n);
	return error_none();
}

const struct format nordic_init_format = {
	.name = "nordic_init",
	.kind = FORMAT_CONTAINER,
	.title = "init packet of Nordic's DFU (.dat)",
	.spec = "nRF5 SDK 17, dfu-cc.proto",
	.at_start = true,
	.probe = nordic_probe,
	.walk = nordic_walk,
};
