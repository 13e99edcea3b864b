/*
 * Diagnostics. C11 7.2; POSIX.1-2017, <assert.h>. May be included again,
 * after a change of NDEBUG.
 */
#undef assert
#ifdef NDEBUG
#define assert(e) ((void)0)
#else
#define assert(e) ((e) ? (void)0 : __assert_fail(#e, __FILE__, __LINE__, __func__))
#endif

#ifndef _ASSERT_H
#define _ASSERT_H
/* Prints "FILE:LINE: FUNC: assertion failed: EXPR" on stderr and calls abort(). */
_Noreturn void __assert_fail(const char *expr, const char *file, int line, const char *func);
#if __STDC_VERSION__ >= 201112L
#define static_assert _Static_assert
#endif
#endif
