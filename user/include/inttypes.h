/* Formats of the fixed-width integers. C11 7.8; POSIX.1-2017, <inttypes.h>. */
#ifndef _INTTYPES_H
#define _INTTYPES_H

#include <stdint.h>

#if __SIZEOF_LONG__ == 8
#define __PRI64		"l"
#define __PRIPTR	"l"
#else
#define __PRI64		"ll"
#define __PRIPTR	""
#endif

#define PRId8		"hhd"
#define PRIi8		"hhi"
#define PRIo8		"hho"
#define PRIu8		"hhu"
#define PRIx8		"hhx"
#define PRIX8		"hhX"
#define PRId16		"hd"
#define PRIi16		"hi"
#define PRIo16		"ho"
#define PRIu16		"hu"
#define PRIx16		"hx"
#define PRIX16		"hX"
#define PRId32		"d"
#define PRIi32		"i"
#define PRIo32		"o"
#define PRIu32		"u"
#define PRIx32		"x"
#define PRIX32		"X"
#define PRId64		__PRI64 "d"
#define PRIi64		__PRI64 "i"
#define PRIo64		__PRI64 "o"
#define PRIu64		__PRI64 "u"
#define PRIx64		__PRI64 "x"
#define PRIX64		__PRI64 "X"
#define PRIdMAX		"jd"
#define PRIiMAX		"ji"
#define PRIoMAX		"jo"
#define PRIuMAX		"ju"
#define PRIxMAX		"jx"
#define PRIXMAX		"jX"
#define PRIdPTR		__PRIPTR "d"
#define PRIiPTR		__PRIPTR "i"
#define PRIoPTR		__PRIPTR "o"
#define PRIuPTR		__PRIPTR "u"
#define PRIxPTR		__PRIPTR "x"
#define PRIXPTR		__PRIPTR "X"

#define SCNd32		PRId32
#define SCNu32		PRIu32
#define SCNx32		PRIx32
#define SCNd64		PRId64
#define SCNu64		PRIu64
#define SCNx64		PRIx64

intmax_t	strtoimax(const char *s, char **end, int base);
uintmax_t	strtoumax(const char *s, char **end, int base);

#endif
