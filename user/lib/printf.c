/* Formatted output: printf and its family. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "file.h"

enum length { LEN_NONE, LEN_HH, LEN_H, LEN_L, LEN_LL, LEN_J, LEN_Z, LEN_T, LEN_BIG_L };

static void
put(struct output *o, const char *s, size_t n)
{
	o->total += n;
	o->put(o, s, n);
}

static void
pad(struct output *o, char c, int n)
{
	char block[16];

	memset(block, c, sizeof(block));
	for (; n > 0; n -= (int)sizeof(block))
		put(o, block, n < (int)sizeof(block) ? (size_t)n : sizeof(block));
}

void
output_begin(struct output *o, const struct spec *s, const char *prefix, int n)
{
	int len = (int)strlen(prefix);
	int fill = s->width - len - n;

	if (!s->left && !s->zero)
		pad(o, ' ', fill);
	put(o, prefix, (size_t)len);
	if (!s->left && s->zero)
		pad(o, '0', fill);
}

void
output_end(struct output *o, const struct spec *s, const char *prefix, int n)
{
	if (s->left)
		pad(o, ' ', s->width - (int)strlen(prefix) - n);
}

void
output_put(struct output *o, const char *s, size_t n)
{
	put(o, s, n);
}

/* ---- integers ---- */

static uintmax_t
unsigned_arg(va_list *ap, enum length len)
{
	switch (len) {
	case LEN_HH:
		return (unsigned char)va_arg(*ap, unsigned);
	case LEN_H:
		return (unsigned short)va_arg(*ap, unsigned);
	case LEN_L:
		return va_arg(*ap, unsigned long);
	case LEN_LL:
	case LEN_BIG_L:
		return va_arg(*ap, unsigned long long);
	case LEN_J:
		return va_arg(*ap, uintmax_t);
	case LEN_Z:
		return va_arg(*ap, size_t);
	case LEN_T:
		return (size_t)va_arg(*ap, ptrdiff_t);
	default:
		return va_arg(*ap, unsigned);
	}
}

static intmax_t
signed_arg(va_list *ap, enum length len)
{
	switch (len) {
	case LEN_HH:
		return (signed char)va_arg(*ap, int);
	case LEN_H:
		return (short)va_arg(*ap, int);
	case LEN_L:
		return va_arg(*ap, long);
	case LEN_LL:
	case LEN_BIG_L:
		return va_arg(*ap, long long);
	case LEN_J:
		return va_arg(*ap, intmax_t);
	case LEN_Z:
	case LEN_T:
		return va_arg(*ap, ptrdiff_t);
	default:
		return va_arg(*ap, int);
	}
}

static void
put_number(struct output *o, struct spec *s, const char *prefix, uintmax_t n, unsigned base)
{
	const char *digits = s->conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[24], *p = buf + sizeof(buf);
	int len, zeroes;

	if (n <= UINT_MAX) {		/* spares 32-bit ports the long division */
		for (unsigned small = (unsigned)n; small; small /= base)
			*--p = digits[small % base];
	} else {
		for (; n; n /= base)
			*--p = digits[n % base];
	}
	len = (int)(buf + sizeof(buf) - p);
	zeroes = (s->prec < 0 ? 1 : s->prec) - len;
	if (s->conv == 'o' && s->alt && zeroes <= 0)
		zeroes = 1;
	if (zeroes < 0)
		zeroes = 0;
	if (s->prec >= 0)
		s->zero = false;
	output_begin(o, s, prefix, zeroes + len);
	pad(o, '0', zeroes);
	put(o, p, (size_t)len);
	output_end(o, s, prefix, zeroes + len);
}

static void
put_signed(struct output *o, struct spec *s, intmax_t n)
{
	const char *prefix = n < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(o, s, prefix, n < 0 ? -(uintmax_t)n : (uintmax_t)n, 10);
}

static void
put_unsigned(struct output *o, struct spec *s, uintmax_t n)
{
	const char *prefix = "";

	if (s->conv == 'o') {
		put_number(o, s, "", n, 8);
	} else if (s->conv == 'u') {
		put_number(o, s, "", n, 10);
	} else {
		if (s->alt && n)
			prefix = s->conv == 'X' ? "0X" : "0x";
		put_number(o, s, prefix, n, 16);
	}
}

static void
put_text(struct output *o, struct spec *s, const char *text, size_t n)
{
	s->zero = false;
	output_begin(o, s, "", (int)n);
	put(o, text, n);
	output_end(o, s, "", (int)n);
}

static void
put_string(struct output *o, struct spec *s, const char *text)
{
	if (!text)
		text = "(null)";
	put_text(o, s, text, s->prec < 0 ? strlen(text) : strnlen(text, (size_t)s->prec));
}

/* ---- the format ---- */

static const char *
parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		switch (*f) {
		case '-':
			s->left = true;
			break;
		case '+':
			s->plus = true;
			break;
		case ' ':
			s->space = true;
			break;
		case '#':
			s->alt = true;
			break;
		case '0':
			s->zero = true;
			break;
		default:
			return f;
		}
	}
}

static const char *
parse_int(const char *f, int *n, va_list *ap)
{
	if (*f == '*') {
		*n = va_arg(*ap, int);
		return f + 1;
	}
	for (*n = 0; isdigit((unsigned char)*f); f++)
		if (*n < INT_MAX / 10 - 9)
			*n = *n * 10 + (*f - '0');
	return f;
}

static const char *
parse_length(const char *f, enum length *len)
{
	static const char letters[] = "hljztL";
	static const enum length lengths[] = { LEN_H, LEN_L, LEN_J, LEN_Z, LEN_T, LEN_BIG_L };
	const char *l = *f ? strchr(letters, *f) : NULL;

	*len = LEN_NONE;
	if (!l)
		return f;
	*len = lengths[l - letters];
	f++;
	if (*len == LEN_H && *f == 'h')
		*len = LEN_HH, f++;
	else if (*len == LEN_L && *f == 'l')
		*len = LEN_LL, f++;
	return f;
}

/* Behind the '%' at F: a whole conversion. */
static const char *
parse_spec(const char *f, struct spec *s, enum length *len, va_list *ap)
{
	*s = (struct spec){ .prec = -1 };
	f = parse_flags(f, s);
	f = parse_int(f, &s->width, ap);
	if (s->width < 0) {
		s->left = true;
		s->width = s->width == INT_MIN ? INT_MAX : -s->width;
	}
	if (*f == '.')
		f = parse_int(f + 1, &s->prec, ap);
	if (s->prec < 0)
		s->prec = -1;
	f = parse_length(f, len);
	s->conv = *f;
	return *f ? f + 1 : f;
}

static void
convert(struct output *o, struct spec *s, enum length len, va_list *ap)
{
	char c;

	switch (s->conv) {
	case 'd':
	case 'i':
		put_signed(o, s, signed_arg(ap, len));
		break;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		put_unsigned(o, s, unsigned_arg(ap, len));
		break;
	case 'p':
		s->alt = true;
		s->conv = 'x';
		put_number(o, s, "0x", (uintptr_t)va_arg(*ap, void *), 16);
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		put_text(o, s, &c, 1);
		break;
	case 's':
		put_string(o, s, va_arg(*ap, const char *));
		break;
	case 'f':
	case 'F':
	case 'e':
	case 'E':
	case 'g':
	case 'G':
		if (len == LEN_BIG_L)
			output_long_double(o, s, va_arg(*ap, long double));
		else
			output_double(o, s, va_arg(*ap, double));
		break;
	case 'n':
		o->error = EINVAL;
		break;
	case '%':
		put(o, "%", 1);
		break;
	default:		/* shown as it is */
		put(o, "%", 1);
		if (s->conv)
			put(o, &s->conv, 1);
	}
}

/* All of them: FMT with its arguments to O. */
static int
format(struct output *o, const char *f, va_list args)
{
	va_list ap;

	va_copy(ap, args);
	while (*f && !o->error) {
		const char *percent = strchrnul(f, '%');
		struct spec s;
		enum length len;

		if (percent > f)
			put(o, f, (size_t)(percent - f));
		if (!*percent)
			break;
		f = parse_spec(percent + 1, &s, &len, &ap);
		convert(o, &s, len, &ap);
	}
	va_end(ap);
	if (!o->error && o->total > INT_MAX)
		o->error = EOVERFLOW;
	if (o->error) {
		errno = o->error;
		return -1;
	}
	return (int)o->total;
}

/* ---- where it goes ---- */

struct to_buffer {
	struct output o;
	char *p;
	size_t room;
};

static void
put_buffer(struct output *o, const char *s, size_t n)
{
	struct to_buffer *b = (struct to_buffer *)o;

	if (n > b->room)
		n = b->room;
	memcpy(b->p, s, n);
	b->p += n;
	b->room -= n;
}

int
vsnprintf(char *restrict s, size_t n, const char *restrict fmt, va_list ap)
{
	char none;
	struct to_buffer b = { { .put = put_buffer }, n ? s : &none, n ? n - 1 : 0 };
	int r = format(&b.o, fmt, ap);

	*b.p = '\0';
	return r;
}

struct to_stream {
	struct output o;
	FILE *f;
};

static void
put_stream(struct output *o, const char *s, size_t n)
{
	if (fwrite(s, 1, n, ((struct to_stream *)o)->f) < n)
		o->error = errno;
}

/* A stream without a buffer gets one for the call: one printf is one write, if not too long. */
struct to_unbuffered {
	struct output o;
	FILE *f;
	size_t n;
	char buf[240];
};

static void
flush_unbuffered(struct to_unbuffered *u)
{
	size_t n = u->n;

	u->n = 0;
	if (n && fwrite(u->buf, 1, n, u->f) < n)
		u->o.error = errno;
}

static void
put_unbuffered(struct output *o, const char *s, size_t n)
{
	struct to_unbuffered *u = (struct to_unbuffered *)o;

	while (n && !o->error) {
		size_t k = sizeof(u->buf) - u->n;

		if (k > n)
			k = n;
		memcpy(u->buf + u->n, s, k);
		u->n += k;
		s += k;
		n -= k;
		if (u->n == sizeof(u->buf))
			flush_unbuffered(u);
	}
}

static int
print_unbuffered(FILE *f, const char *fmt, va_list ap)
{
	struct to_unbuffered u;
	int r;

	u.o = (struct output){ .put = put_unbuffered };
	u.f = f;
	u.n = 0;
	r = format(&u.o, fmt, ap);
	flush_unbuffered(&u);
	return u.o.error ? -1 : r;
}

int
vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct to_stream s = { { .put = put_stream }, f };

	if ((f->flags & F_MODE_SET) && f->mode == _IONBF)
		return print_unbuffered(f, fmt, ap);
	return format(&s.o, fmt, ap);
}

int
vprintf(const char *restrict fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int
vsprintf(char *restrict s, const char *restrict fmt, va_list ap)
{
	return vsnprintf(s, SIZE_MAX, fmt, ap);
}

int
vasprintf(char **restrict s, const char *restrict fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	*s = n < 0 ? NULL : malloc((size_t)n + 1);
	return *s ? vsnprintf(*s, (size_t)n + 1, fmt, ap) : -1;
}

#define FORWARD(call)			\
	do {				\
		va_list ap;		\
		int r;			\
					\
		va_start(ap, fmt);	\
		r = call;		\
		va_end(ap);		\
		return r;		\
	} while (0)

int
printf(const char *restrict fmt, ...)
{
	FORWARD(vfprintf(stdout, fmt, ap));
}

int
fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
	FORWARD(vfprintf(f, fmt, ap));
}

int
dprintf(int fd, const char *restrict fmt, ...)
{
	FILE f = { .fd = fd, .flags = F_WRITE | F_MODE_SET | F_WRITING, .mode = _IONBF };

	FORWARD(print_unbuffered(&f, fmt, ap));
}

int
sprintf(char *restrict s, const char *restrict fmt, ...)
{
	FORWARD(vsprintf(s, fmt, ap));
}

int
snprintf(char *restrict s, size_t n, const char *restrict fmt, ...)
{
	FORWARD(vsnprintf(s, n, fmt, ap));
}

int
asprintf(char **restrict s, const char *restrict fmt, ...)
{
	FORWARD(vasprintf(s, fmt, ap));
}
