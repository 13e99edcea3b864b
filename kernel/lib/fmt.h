/*
 * Formatted text. Understands %d %i %u %x %X %o %c %s %p %% with the flags
 * '-', '0', a width or '*', a precision for %s, and the lengths l, ll, z.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>

#include "lib/util.h"

/* Calls PUT for every byte. Returns how many there were. */
int	fmt_emit(void (*put)(char c, void *ctx), void *ctx, const char *fmt, va_list ap);

/* As C's snprintf: ends with a NUL when size > 0, returns the full length. */
int	fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int	fmt_snprintf(char *buf, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
