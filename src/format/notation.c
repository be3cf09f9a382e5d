/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/notation.h"

#include <stdio.h>

#include "fact/fact.h"

static size_t put_utf8(char *out, uint32_t c)
{
	uint8_t *p = (uint8_t *)out;
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

size_t utf16_to_utf8(struct span units, bool big, bool terminated, char *out)
{
	struct reader r = reader_of(units, big);
	size_t n = 0;
	while (rd_left(&r) >= 2) {
		uint32_t c = rd_u16(&r);
		if (!c && terminated)
			break;
		if (c >= 0xd800 && c < 0xdc00 && rd_left(&r) >= 2) {
			size_t before = r.at;
			uint32_t low = rd_u16(&r);
			if (low >= 0xdc00 && low < 0xe000)
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			else
				rd_seek(&r, before);
		}
		n += put_utf8(out + n, c);
	}
	return n;
}

int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t dos_time(uint16_t date, uint16_t time)
{
	unsigned day = date & 31, month = date >> 5 & 15, year = 1980u + (date >> 9);
	unsigned second = 2 * (time & 31u), minute = time >> 5 & 63, hour = time >> 11;
	if (!day || !month || month > 12 || hour > 23 || minute > 59 || second > 59)
		return FACT_NULL;
	return days_from_civil(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
}

void guid_text(struct span guid, char out[GUID_TEXT])
{
	struct reader r = reader_le(guid);
	uint32_t a = rd_u32(&r);
	unsigned b = rd_u16(&r), c = rd_u16(&r);
	struct span d = rd_bytes(&r, 8);
	if (d.p)
		snprintf(out, GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", a, b, c, d.p[0], d.p[1], d.p[2],
				 d.p[3], d.p[4], d.p[5], d.p[6], d.p[7]);
	else
		out[0] = '\0';
}
