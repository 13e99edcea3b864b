/* printf: 64 bits an argument, from registers or from a list (wide.h). */
#include "family.h"

#include <stdarg.h>

struct args {
	const unsigned long long *list;	/* NULL: from ap */
	va_list ap;
};

void	__xv6_printf(int fd, const char *format, const unsigned long long *args);

/* WIDTH is how many l's the conversion has. What C passes; a list has it widened. */
static uint64_t
next(struct args *a, int width)
{
	if (a->list != NULL)
		return *a->list++;
	if (width == 0)
		return va_arg(a->ap, unsigned);
	return width == 1 ? va_arg(a->ap, unsigned long) : va_arg(a->ap, unsigned long long);
}

static int64_t
next_signed(struct args *a, int width)
{
	uint64_t v = next(a, width);

	if (width == 0)
		return (int)v;
	return width == 1 && a->list == NULL ? (long)v : (int64_t)v;
}

/* A pointer has a long's width on both ports. */
static uint64_t
next_pointer(struct args *a)
{
	return next(a, 1);
}

static void
put_pointer(struct out *o, uint64_t v)
{
	__xv6_put_string(o, "0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		__xv6_put_number(o, v >> shift & 15, 16);
}

/* How many bytes of the conversion are a length: 0, 1 or 2 times l, before d, u or x. */
static int
length(const char *f)
{
	int n = f[0] != 'l' ? 0 : f[1] != 'l' ? 1 : 2;

	return f[n] == 'd' || f[n] == 'u' || f[n] == 'x' ? n : 0;
}

/* The conversion behind a %; returns its last character. */
static const char *
convert(struct out *o, const char *f, struct args *a)
{
	int n = length(f);

	f += n;
	switch (*f) {
	case 'd':
		__xv6_put_signed(o, next_signed(a, n));
		break;
	case 'u':
	case 'x':
		__xv6_put_number(o, n > 0 ? next(a, n) : (uint)next(a, n),
		    *f == 'u' ? 10 : 16);
		break;
	case 'l':
		__xv6_put_number(o, next(a, 1), 10);
		break;
	case 'p':
		put_pointer(o, next_pointer(a));
		break;
	case 's':
		__xv6_put_string(o, (const char *)(uintptr_t)next_pointer(a));
		break;
	case 'c':
		__xv6_put(o, (char)next(a, 0));
		break;
	case '%':
		__xv6_put(o, '%');
		break;
	default:
		__xv6_put(o, '%');
		__xv6_put(o, *f);
	}
	return f;
}

static void
format(int fd, const char *f, struct args *a)
{
	struct out o = { fd, 0 };

	for (; *f != '\0'; f++) {
		if (*f != '%')
			__xv6_put(&o, *f);
		else if (*++f == '\0')
			break;
		else
			f = convert(&o, f, a);
	}
	__xv6_flush(&o);
}

void
__xv6_printf(int fd, const char *f, const unsigned long long *args)
{
	static const unsigned long long none;
	struct args a = { .list = args != NULL ? args : &none };

	format(fd, f, &a);
}

WEAK void
fprintf(int fd, const char *f, ...)
{
	struct args a = { .list = NULL };

	va_start(a.ap, f);
	format(fd, f, &a);
	va_end(a.ap);
}

WEAK void
printf(const char *f, ...)
{
	struct args a = { .list = NULL };

	va_start(a.ap, f);
	format(1, f, &a);
	va_end(a.ap);
}
