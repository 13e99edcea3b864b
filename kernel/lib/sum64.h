/*
 * A checksum of 64 bits that is quick on whole blocks: each word is mixed into the sum by a
 * multiplication and a shift, both invertible, so that one changed word always shows and
 * several with a chance of 1 - 2^-64. Against accidents, not against attackers.
 */
#ifndef LIB_SUM64_H
#define LIB_SUM64_H

#include <stddef.h>
#include <stdint.h>

/* SUM (0 at first) extended by N bytes, a multiple of 8, at DATA, aligned to 8. */
uint64_t sum64(uint64_t sum, const void *data, size_t n);

#endif
