/* printf: ints and pointers, the pointers as %x. */
#include "family.h"

#include <stdarg.h>

static void
convert(struct out *o, char c, va_list *ap)
{
	switch (c) {
	case 'd':
		__xv6_put_signed(o, va_arg(*ap, int));
		break;
	case 'x':
		__xv6_put_number(o, va_arg(*ap, uint), 16);
		break;
	case 'p':
		__xv6_put_number(o, (uintptr_t)va_arg(*ap, void *), 16);
		break;
	case 's':
		__xv6_put_string(o, va_arg(*ap, const char *));
		break;
	case 'c':
		__xv6_put(o, (char)va_arg(*ap, int));
		break;
	case '%':
		__xv6_put(o, '%');
		break;
	default:
		__xv6_put(o, '%');
		__xv6_put(o, c);
	}
}

WEAK void
printf(int fd, const char *f, ...)
{
	struct out o = { fd, 0 };
	va_list ap;

	va_start(ap, f);
	for (; *f != '\0'; f++) {
		if (*f != '%')
			__xv6_put(&o, *f);
		else if (*++f == '\0')
			break;
		else
			convert(&o, *f, &ap);
	}
	va_end(ap);
	__xv6_flush(&o);
}
