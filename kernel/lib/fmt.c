/* See lib/fmt.h. */
#include "lib/fmt.h"

#include "lib/string.h"

struct out {
	void (*put)(char c, void *ctx);
	void *ctx;
	int n;
};

struct spec {
	bool left, zero, upper, negative;
	int width, precision;		/* precision -1: none */
	unsigned base;
};

static void
emit(struct out *o, char c)
{
	o->put(c, o->ctx);
	o->n++;
}

static void
pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		emit(o, c);
}

static void
emit_text(struct out *o, const struct spec *sp, const char *s, int n)
{
	if (!sp->left)
		pad(o, ' ', sp->width - n);
	for (int i = 0; i < n; i++)
		emit(o, s[i]);
	if (sp->left)
		pad(o, ' ', sp->width - n);
}

/* Digits of V before END, without a 64-bit division where 32 bits will do. */
static char *
digits(char *end, unsigned long long v, unsigned base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	if (base == 16 || base == 8) {
		unsigned shift = base == 16 ? 4 : 3;

		do {
			*--end = set[v & (base - 1)];
			v >>= shift;
		} while (v != 0);
		return end;
	}
	while (v > 0xffffffffu) {
		*--end = set[v % 10];
		v /= 10;
	}
	uint32_t w = (uint32_t)v;
	do {
		*--end = set[w % 10];
		w /= 10;
	} while (w != 0);
	return end;
}

static void
emit_number(struct out *o, struct spec *sp, unsigned long long v)
{
	char buf[24], *end = buf + sizeof(buf), *s = digits(end, v, sp->base, sp->upper);

	if (sp->zero && !sp->left) {
		if (sp->negative)
			emit(o, '-');
		pad(o, '0', sp->width - (int)(end - s) - sp->negative);
		sp->width = 0;
	} else if (sp->negative) {
		*--s = '-';
	}
	emit_text(o, sp, s, (int)(end - s));
}

static const char *
parse_number(const char *f, va_list *ap, int *v)
{
	if (*f == '*') {
		*v = va_arg(*ap, int);
		return f + 1;
	}
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		*v = *v * 10 + (*f - '0');
	return f;
}

static const char *
parse_spec(const char *f, va_list *ap, struct spec *sp)
{
	*sp = (struct spec){ .precision = -1, .base = 10 };
	for (;; f++) {
		if (*f == '-')
			sp->left = true;
		else if (*f == '0')
			sp->zero = true;
		else
			break;
	}
	f = parse_number(f, ap, &sp->width);
	if (*f == '.')
		f = parse_number(f + 1, ap, &sp->precision);
	return f;
}

static unsigned long long
take_unsigned(va_list *ap, int longs)
{
	if (longs >= 2)
		return va_arg(*ap, unsigned long long);
	return longs == 1 ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int);
}

static unsigned long long
take_signed(va_list *ap, int longs, bool *negative)
{
	long long v;

	if (longs >= 2)
		v = va_arg(*ap, long long);
	else
		v = longs == 1 ? va_arg(*ap, long) : va_arg(*ap, int);
	*negative = v < 0;
	return v < 0 ? -(unsigned long long)v : (unsigned long long)v;
}

static void
emit_string(struct out *o, struct spec *sp, const char *s)
{
	if (s == NULL)
		s = "(null)";
	emit_text(o, sp, s, (int)(sp->precision >= 0 ? strnlen(s,
	    (size_t)sp->precision) : strlen(s)));
}

static void
emit_conversion(struct out *o, struct spec *sp, char conv, int longs, va_list *ap)
{
	char c;

	switch (conv) {
	case 'd':
	case 'i': {
		unsigned long long v = take_signed(ap, longs, &sp->negative);

		emit_number(o, sp, v);
		return;
	}
	case 'X':
		sp->upper = true;
		/* fallthrough */
	case 'x':
		sp->base = 16;
		emit_number(o, sp, take_unsigned(ap, longs));
		return;
	case 'o':
		sp->base = 8;
		/* fallthrough */
	case 'u':
		emit_number(o, sp, take_unsigned(ap, longs));
		return;
	case 'p':
		emit(o, '0');
		emit(o, 'x');
		sp->base = 16;
		emit_number(o, sp, (uintptr_t)va_arg(*ap, void *));
		return;
	case 'c':
		c = (char)va_arg(*ap, int);
		emit_text(o, sp, &c, 1);
		return;
	case 's':
		emit_string(o, sp, va_arg(*ap, const char *));
		return;
	default:
		emit(o, '%');
		if (conv != '%')
			emit(o, conv);
	}
}

int
fmt_emit(void (*put)(char c, void *ctx), void *ctx, const char *fmt, va_list ap0)
{
	struct out o = { put, ctx, 0 };
	va_list ap;

	va_copy(ap, ap0);
	for (const char *f = fmt; *f != '\0'; f++) {
		struct spec sp;
		int longs = 0;

		if (*f != '%') {
			emit(&o, *f);
			continue;
		}
		f = parse_spec(f + 1, &ap, &sp);
		for (; *f == 'l' || *f == 'z'; f++)
			longs++;
		if (*f == '\0')
			break;
		emit_conversion(&o, &sp, *f, longs, &ap);
	}
	va_end(ap);
	return o.n;
}

struct buffer {
	char *at, *end;			/* end: room for the NUL */
};

static void
put_buffer(char c, void *ctx)
{
	struct buffer *b = ctx;

	if (b->at < b->end)
		*b->at++ = c;
}

int
fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = { buf, size > 0 ? buf + size - 1 : buf };
	int n = fmt_emit(put_buffer, &b, fmt, ap);

	if (size > 0)
		*b.at = '\0';
	return n;
}

int
fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = fmt_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
