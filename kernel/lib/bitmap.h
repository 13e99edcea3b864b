/* Arrays of bits in bytes, bit i being bit i % 8 of byte i / 8 (as on disk). */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/util.h"

static inline bool
bit_test(const void *map, uint32_t i)
{
	return ((const uint8_t *)map)[i / 8] >> (i % 8) & 1;
}

static inline void
bit_set(void *map, uint32_t i)
{
	((uint8_t *)map)[i / 8] |= (uint8_t)(1u << (i % 8));
}

static inline void
bit_clear(void *map, uint32_t i)
{
	((uint8_t *)map)[i / 8] &= (uint8_t)~(1u << (i % 8));
}

void	bit_set_range(void *map, uint32_t from, uint32_t n);	/* bits [from, from + n) */
/* First clear (set) bit in [from, n), or n. */
uint32_t bit_find_clear(const void *map, uint32_t from, uint32_t n);
uint32_t bit_find_set(const void *map, uint32_t from, uint32_t n);
uint32_t bit_count(const void *map, uint32_t n);	/* set bits in [0, n) of aligned words */

#endif
