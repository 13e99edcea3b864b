/* Sizes of types (C11 5.2.4.2.1) and limits of the system (POSIX.1-2017, <limits.h>). */
#ifndef _LIMITS_H
#define _LIMITS_H

#include <abi/limits.h>

#define CHAR_BIT	8
#define SCHAR_MAX	0x7f
#define SCHAR_MIN	(-SCHAR_MAX - 1)
#define UCHAR_MAX	0xff
#ifdef __CHAR_UNSIGNED__
#define CHAR_MIN	0
#define CHAR_MAX	UCHAR_MAX
#else
#define CHAR_MIN	SCHAR_MIN
#define CHAR_MAX	SCHAR_MAX
#endif
#define SHRT_MAX	0x7fff
#define SHRT_MIN	(-SHRT_MAX - 1)
#define USHRT_MAX	0xffff
#define INT_MAX		0x7fffffff
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	0xffffffffu
#define LONG_MAX	__LONG_MAX__
#define LONG_MIN	(-LONG_MAX - 1)
#define ULONG_MAX	(LONG_MAX * 2ul + 1)
#define LLONG_MAX	0x7fffffffffffffffll
#define LLONG_MIN	(-LLONG_MAX - 1)
#define ULLONG_MAX	0xffffffffffffffffull
#define SSIZE_MAX	LONG_MAX
#define MB_LEN_MAX	1

#define PATH_MAX	QUIRE_PATH_MAX	/* with the NUL */
#define NAME_MAX	QUIRE_NAME_MAX	/* without it */
#define OPEN_MAX	QUIRE_OPEN_MAX
#define ARG_MAX		QUIRE_ARG_MAX
#define SYMLOOP_MAX	QUIRE_LINK_DEPTH
#define PAGESIZE	QUIRE_PAGE_SIZE
#define PAGE_SIZE	QUIRE_PAGE_SIZE
#define PIPE_BUF	512		/* a write of so many bytes is not torn */

#endif
