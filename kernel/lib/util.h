/* Small things every file needs. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* a must be a power of two */
#define ROUND_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define ROUND_UP(x, a)	 ROUND_DOWN((x) + ((a)-1), a)
#define DIV_UP(x, n)	 (((x) + (n)-1) / (n))

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN	__attribute__((noreturn))

/* Read everywhere and all but never written: kept out of cache lines that are. */
#ifdef __ELF__
#define READ_MOSTLY	__attribute__((section(".data.read_mostly")))
#else
#define READ_MOSTLY
#endif

#endif
