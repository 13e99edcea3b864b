/*
 * On a 32-bit machine, printf's arguments made 64 bits wide each: programs
 * for xv6 take for granted that an int, a long, a pointer and a uint64 fill
 * one register each, and print any of them by any conversion.
 */
#ifndef XV6_WIDE_H
#define XV6_WIDE_H

void	__xv6_printf(int fd, const char *format, const unsigned long long *args);

/* Class 5 are pointers, arrays among them: widened without a sign. */
#define __XV6_WIDE(x)	((unsigned long long)__builtin_choose_expr( \
	__builtin_classify_type(x) == 5, (unsigned long)(x), (x)))
#define __XV6_LIST(...)	((const unsigned long long []){ __VA_ARGS__ })

#define __XV6_W1(a)		__XV6_WIDE(a)
#define __XV6_W2(a, ...)	__XV6_WIDE(a), __XV6_W1(__VA_ARGS__)
#define __XV6_W3(a, ...)	__XV6_WIDE(a), __XV6_W2(__VA_ARGS__)
#define __XV6_W4(a, ...)	__XV6_WIDE(a), __XV6_W3(__VA_ARGS__)
#define __XV6_W5(a, ...)	__XV6_WIDE(a), __XV6_W4(__VA_ARGS__)
#define __XV6_W6(a, ...)	__XV6_WIDE(a), __XV6_W5(__VA_ARGS__)
#define __XV6_W7(a, ...)	__XV6_WIDE(a), __XV6_W6(__VA_ARGS__)
#define __XV6_W8(a, ...)	__XV6_WIDE(a), __XV6_W7(__VA_ARGS__)
#define __XV6_W9(a, ...)	__XV6_WIDE(a), __XV6_W8(__VA_ARGS__)
#define __XV6_W10(a, ...)	__XV6_WIDE(a), __XV6_W9(__VA_ARGS__)
#define __XV6_W11(a, ...)	__XV6_WIDE(a), __XV6_W10(__VA_ARGS__)
#define __XV6_W12(a, ...)	__XV6_WIDE(a), __XV6_W11(__VA_ARGS__)
#define __XV6_W13(a, ...)	__XV6_WIDE(a), __XV6_W12(__VA_ARGS__)
#define __XV6_W14(a, ...)	__XV6_WIDE(a), __XV6_W13(__VA_ARGS__)
#define __XV6_W15(a, ...)	__XV6_WIDE(a), __XV6_W14(__VA_ARGS__)

#define __XV6_A0(f)		f, 0
#define __XV6_A1(f, ...)	f, __XV6_LIST(__XV6_W1(__VA_ARGS__))
#define __XV6_A2(f, ...)	f, __XV6_LIST(__XV6_W2(__VA_ARGS__))
#define __XV6_A3(f, ...)	f, __XV6_LIST(__XV6_W3(__VA_ARGS__))
#define __XV6_A4(f, ...)	f, __XV6_LIST(__XV6_W4(__VA_ARGS__))
#define __XV6_A5(f, ...)	f, __XV6_LIST(__XV6_W5(__VA_ARGS__))
#define __XV6_A6(f, ...)	f, __XV6_LIST(__XV6_W6(__VA_ARGS__))
#define __XV6_A7(f, ...)	f, __XV6_LIST(__XV6_W7(__VA_ARGS__))
#define __XV6_A8(f, ...)	f, __XV6_LIST(__XV6_W8(__VA_ARGS__))
#define __XV6_A9(f, ...)	f, __XV6_LIST(__XV6_W9(__VA_ARGS__))
#define __XV6_A10(f, ...)	f, __XV6_LIST(__XV6_W10(__VA_ARGS__))
#define __XV6_A11(f, ...)	f, __XV6_LIST(__XV6_W11(__VA_ARGS__))
#define __XV6_A12(f, ...)	f, __XV6_LIST(__XV6_W12(__VA_ARGS__))
#define __XV6_A13(f, ...)	f, __XV6_LIST(__XV6_W13(__VA_ARGS__))
#define __XV6_A14(f, ...)	f, __XV6_LIST(__XV6_W14(__VA_ARGS__))
#define __XV6_A15(f, ...)	f, __XV6_LIST(__XV6_W15(__VA_ARGS__))

#define __XV6_PICK(f, a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, it, ...) it
#define __XV6_ARGS(...)	__XV6_PICK(__VA_ARGS__, __XV6_A15, __XV6_A14, __XV6_A13, __XV6_A12, \
	__XV6_A11, __XV6_A10, __XV6_A9, __XV6_A8, __XV6_A7, __XV6_A6, __XV6_A5, __XV6_A4, \
	__XV6_A3, __XV6_A2, __XV6_A1, __XV6_A0, 0)(__VA_ARGS__)

#define printf(...)		__xv6_printf(1, __XV6_ARGS(__VA_ARGS__))
#define fprintf(fd, ...)	__xv6_printf(fd, __XV6_ARGS(__VA_ARGS__))

#endif
