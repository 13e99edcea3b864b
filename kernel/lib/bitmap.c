/* See lib/bitmap.h. */
#include "lib/bitmap.h"

typedef uint32_t __attribute__((may_alias)) word_t;

/* First bit in [from, n) that differs from every bit of SKIP (0x00 or 0xff). */
static uint32_t
find_differing(const uint8_t *map, uint32_t from, uint32_t n, uint8_t skip)
{
	for (uint32_t i = from; i < n;) {
		uint32_t byte = (uint8_t)(map[i / 8] ^ skip) >> (i % 8);

		if (byte != 0) {
			for (; (byte & 1) == 0; byte >>= 1)	/* no ctz: it may need libgcc */
				i++;
			return MIN(i, n);
		}
		i = (i / 8 + 1) * 8;
	}
	return n;
}

void
bit_set_range(void *map, uint32_t from, uint32_t n)
{
	uint8_t *m = map;

	while (n > 0) {
		uint32_t at = from % 8, k = MIN(n, 8 - at);

		m[from / 8] |= (uint8_t)((1u << k) - 1) << at;
		from += k;
		n -= k;
	}
}

uint32_t
bit_find_clear(const void *map, uint32_t from, uint32_t n)
{
	return find_differing(map, from, n, 0xff);
}

uint32_t
bit_find_set(const void *map, uint32_t from, uint32_t n)
{
	return find_differing(map, from, n, 0x00);
}

/* Pairs, nibbles, bytes are added up side by side; the multiplication adds the bytes. */
static uint32_t
bits_in(uint32_t w)
{
	w -= w >> 1 & 0x55555555;
	w = (w & 0x33333333) + (w >> 2 & 0x33333333);
	w = (w + (w >> 4)) & 0x0f0f0f0f;
	return w * 0x01010101 >> 24;
}

uint32_t
bit_count(const void *map, uint32_t n)
{
	const word_t *w = map;
	uint32_t i = 0, sum = 0;

	for (; i + 32 <= n; i += 32)
		sum += bits_in(*w++);
	for (; i < n; i++)
		sum += bit_test(map, i);
	return sum;
}
