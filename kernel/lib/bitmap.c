/* See lib/bitmap.h. */
#include "lib/bitmap.h"

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

uint32_t
bit_count(const void *map, uint32_t from, uint32_t n)
{
	static const uint8_t nibble[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };
	const uint8_t *m = map;
	uint32_t i = from, sum = 0;

	for (; i < n && i % 8 != 0; i++)
		sum += bit_test(map, i);
	for (; i + 8 <= n; i += 8)
		sum += nibble[m[i / 8] & 15] + nibble[m[i / 8] >> 4];
	for (; i < n; i++)
		sum += bit_test(map, i);
	return sum;
}
