/* See compat.h. The text is no state: it is empty whenever a printf returns. */
#include "compat.h"

#define TEXT_MAX	2048		/* bytes that leave in one write() */

static char text[TEXT_MAX];

void
__xv6_flush(struct out *o)
{
	const char *from = text;

	while (o->n > 0) {
		long put = __sys_write(o->fd, from, o->n);

		if (put <= 0)
			break;
		from += put;
		o->n -= (unsigned)put;
	}
	o->n = 0;
}

void
__xv6_put(struct out *o, char c)
{
	if (o->n == TEXT_MAX)
		__xv6_flush(o);
	text[o->n++] = c;
}

void
__xv6_put_string(struct out *o, const char *s)
{
	if (s == NULL)
		s = "(null)";
	while (*s != '\0')
		__xv6_put(o, *s++);
}

void
__xv6_put_number(struct out *o, uint64_t v, unsigned base)
{
	char digits[20], *end = digits + sizeof(digits), *first = end;

	for (; v != 0 || first == end; v /= base)
		*--first = "0123456789ABCDEF"[v % base];
	while (first < end)
		__xv6_put(o, *first++);
}

void
__xv6_put_signed(struct out *o, int64_t v)
{
	if (v < 0)
		__xv6_put(o, '-');
	__xv6_put_number(o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10);
}
