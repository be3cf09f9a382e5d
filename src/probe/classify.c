/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/macho.h"
#include "probe/tree.h"

/* Text as file(1) sees it: no control characters but white space, form feed, bell, backspace and escape; and some of it
 * is ASCII, in whatever language, which erased flash is not. */
bool classify_is_text(struct span s)
{
	struct span head = span_clip(s, 0, 4096);
	bool ascii = false;
	for (size_t i = 0; i < head.n; i++) {
		uint8_t c = head.p[i];
		if (c == 0x7f || (c < 0x20 && !(c >= 0x07 && c <= 0x0d) && c != 0x1b))
			return false;
		ascii |= c < 0x7f;
	}
	return ascii;
}

const char *classify(struct span bytes)
{
	if (bytes.n == 0)
		return "empty";
	if (span_starts(bytes, "\x7f" "ELF", 4))
		return "elf";
	if (macho_read(bytes, &(struct macho){ 0 }))
		return "mach-o";
	if (!classify_is_text(bytes) || (bytes.n >= 64 && entropy_is_padding(span_clip(bytes, 0, 4096))))
		return "data";
	return span_starts(bytes, "#!", 2) ? "script" : "text";
}

bool classify_is_media(struct span bytes)
{
	static const struct {
		const char *magic;
		size_t n;
		uint64_t at;
	} media[] = {
		{ "\xff\xd8\xff", 3, 0 },     /* JPEG */
		{ "\x89PNG", 4, 0 },
		{ "GIF8", 4, 0 },
		{ "RIFF", 4, 0 },              /* WebP, WAV, AVI */
		{ "ID3", 3, 0 },               /* MP3 */
		{ "\xff\xfb", 2, 0 },          /* the same, without tags: MPEG-1 and, */
		{ "\xff\xf3", 2, 0 },          /* with half the sampling rate, MPEG-2 */
		{ "\xff\xf1", 2, 0 },          /* AAC in ADTS */
		{ "\xff\xf9", 2, 0 },
		{ "OggS", 4, 0 },
		{ "fLaC", 4, 0 },
		{ "ftyp", 4, 4 },              /* MP4, M4A, HEIF, AVIF */
		{ "\x1a\x45\xdf\xa3", 4, 0 }, /* Matroska, WebM */
		{ "\0\0\1\xba", 4, 0 },       /* MPEG program stream */
		{ "\0\0\0\1", 4, 0 },         /* H.264, H.265 */
		{ "wOFF", 4, 0 },              /* fonts */
		{ "wOF2", 4, 0 },
		{ "%PDF", 4, 0 },
	};
	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++)
		if (span_has(bytes, media[i].at, media[i].magic, media[i].n))
			return true;
	return false;
}
