/* CRC-32C (Castagnoli), reflected, as in RFC 3720 appendix B.4. */
#ifndef LIB_CRC32C_H
#define LIB_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC is 0 at the start, or the result so far. */
uint32_t crc32c(uint32_t crc, const void *data, size_t n);

#endif
