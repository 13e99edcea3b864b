/* Buffered streams. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static FILE file_stdin = { .fd = 0, .flags = F_READ | F_STATIC };
static FILE file_stdout = { .fd = 1, .flags = F_WRITE | F_STATIC, .next = &file_stdin };
static FILE file_stderr = {
	.fd = 2, .flags = F_WRITE | F_STATIC | F_MODE_SET, .mode = _IONBF, .next = &file_stdout,
};
FILE *const stdin = &file_stdin;
FILE *const stdout = &file_stdout;
FILE *const stderr = &file_stderr;

static FILE *streams = &file_stderr;

/* ---- buffers ---- */

/* Decides how F is buffered, at its first use. */
static void
buffer_prepare(FILE *f)
{
	int error = errno;

	if (!(f->flags & F_MODE_SET)) {
		f->mode = f->flags & F_STATIC && isatty(f->fd) ? _IOLBF : _IOFBF;
		f->flags |= F_MODE_SET;
	}
	if (!f->buf && f->mode != _IONBF) {
		f->buf = malloc(BUFSIZ);
		if (f->buf)
			f->size = BUFSIZ;
		else
			f->mode = _IONBF;
	}
	errno = error;
}

/* Writes all of P, whatever pieces the kernel takes it in. */
static bool
write_all(FILE *f, const unsigned char *p, size_t n)
{
	while (n) {
		ssize_t w;

		w = write(f->fd, p, n);
		if (w <= 0) {
			if (w == 0)
				errno = ENOSPC;
			f->flags |= F_ERROR;
			return false;
		}
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static bool
flush_written(FILE *f)
{
	size_t n = f->pos;

	f->pos = 0;
	return write_all(f, f->buf, n);
}

/* Forgets what was read ahead, so that the descriptor's offset is the stream's. */
static void
drop_read(FILE *f)
{
	size_t ahead = f->len - f->pos + f->nunget;
	int error = errno;

	if (ahead)
		lseek(f->fd, -(off_t)ahead, SEEK_CUR);
	errno = error;
	f->pos = f->len = 0;
	f->nunget = 0;
}

static int
flush_one(FILE *f)
{
	if (f->flags & F_WRITING)
		return flush_written(f) ? 0 : EOF;
	drop_read(f);
	return 0;
}

int
fflush(FILE *f)
{
	int r = 0;

	if (f)
		return flush_one(f);
	for (f = streams; f; f = f->next)
		if ((f->flags & F_WRITING) && !flush_written(f))
			r = EOF;
	return r;
}

/*
 * exit() calls this when the program uses stdio. It leaves streams that are read alone: in a child
 * of fork, taking back what was read ahead would make the parent read it twice.
 */
void	__stdio_exit(void);

void
__stdio_exit(void)
{
	fflush(NULL);
}

/* Turns F to writing or reading. */
static bool
direction(FILE *f, bool writing)
{
	if (!(f->flags & (writing ? F_WRITE : F_READ))) {
		f->flags |= F_ERROR;
		errno = EBADF;
		return false;
	}
	buffer_prepare(f);
	if (writing == !!(f->flags & F_WRITING))
		return true;
	if (flush_one(f) < 0)
		return false;
	f->pos = f->len = 0;
	f->flags ^= F_WRITING;
	return true;
}

/* ---- opening and closing ---- */

/* The flags of open() for MODE, and those of the stream; -1: a bad mode. */
static int
parse_mode(const char *mode, unsigned *flags)
{
	int o;

	switch (*mode) {
	case 'r':
		*flags = F_READ;
		o = 0;
		break;
	case 'w':
		*flags = F_WRITE;
		o = O_CREAT | O_TRUNC;
		break;
	case 'a':
		*flags = F_WRITE | F_APPEND;
		o = O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	while (*++mode) {
		if (*mode == '+')
			*flags |= F_READ | F_WRITE;
		else if (*mode == 'x')
			o |= O_EXCL;
		else if (*mode == 'e')
			o |= O_CLOEXEC;
	}
	if (*flags & F_READ)
		return o | (*flags & F_WRITE ? O_RDWR : O_RDONLY);
	return o | O_WRONLY;
}

static FILE *
stream_new(int fd, unsigned flags)
{
	FILE *f = calloc(1, sizeof(*f));

	if (f) {
		f->fd = fd;
		f->flags = flags;
		f->next = streams;
		streams = f;
	}
	return f;
}

FILE *
fdopen(int fd, const char *mode)
{
	unsigned flags;
	FILE *f;

	if (parse_mode(mode, &flags) < 0)
		return NULL;
	f = stream_new(fd, flags);
	if (f && isatty(fd)) {
		f->mode = _IOLBF;
		f->flags |= F_MODE_SET;
	}
	return f;
}

FILE *
fopen(const char *restrict path, const char *restrict mode)
{
	unsigned flags;
	int o = parse_mode(mode, &flags), fd;
	FILE *f;

	if (o < 0)
		return NULL;
	fd = open(path, o, 0666);
	if (fd < 0)
		return NULL;
	f = stream_new(fd, flags);
	if (!f)
		close(fd);
	return f;
}

static void
buffer_free(FILE *f)
{
	if (!(f->flags & F_LENT))
		free(f->buf);
}

static int
stream_close(FILE *f)
{
	int r = flush_one(f);

	if (close(f->fd) < 0)
		r = EOF;
	buffer_free(f);
	return r;
}

int
fclose(FILE *f)
{
	int r = stream_close(f);
	FILE **p;

	for (p = &streams; *p && *p != f; p = &(*p)->next)
		;
	if (*p)
		*p = f->next;
	if (f->flags & F_STATIC)
		*f = (FILE){ .fd = -1, .flags = F_STATIC };
	else
		free(f);
	return r;
}

FILE *
freopen(const char *restrict path, const char *restrict mode, FILE *restrict f)
{
	int fd = f->fd, o, new;
	unsigned flags;

	flush_one(f);
	o = parse_mode(mode, &flags);
	if (o < 0)
		return NULL;
	new = open(path, o, 0666);
	if (new < 0)
		return NULL;
	if (new != fd) {
		dup2(new, fd);
		close(new);
	}
	buffer_free(f);
	*f = (FILE){ .fd = fd, .flags = flags | (f->flags & F_STATIC), .next = f->next };
	return f;
}

int
fileno(FILE *f)
{
	return f->fd;
}

int
setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size)
{
	if (mode < _IOFBF || mode > _IONBF || f->buf) {
		errno = EINVAL;
		return -1;
	}
	f->mode = mode;
	f->flags |= F_MODE_SET;
	if (mode != _IONBF && buf && size) {
		f->buf = (unsigned char *)buf;
		f->size = size;
		f->flags |= F_LENT;
	}
	return 0;
}

void
setbuf(FILE *restrict f, char *restrict buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

/* ---- reading ---- */

/* read(), after the user has seen what he is to answer. */
static size_t
read_some(FILE *f, void *p, size_t n)
{
	ssize_t r;

	if (f->flags & F_EOF)
		return 0;
	if (stdout->mode == _IOLBF && (stdout->flags & F_WRITING))
		flush_one(stdout);
	r = read(f->fd, p, n);
	if (r > 0)
		return (size_t)r;
	f->flags |= r < 0 ? F_ERROR : F_EOF;
	return 0;
}

/* Moves up to N bytes that are already here to P. */
static size_t
take(FILE *f, unsigned char *p, size_t n)
{
	size_t done = 0, have;

	while (f->nunget && done < n)
		p[done++] = f->unget[--f->nunget];
	have = f->len - f->pos;
	if (have > n - done)
		have = n - done;
	if (have)
		memcpy(p + done, f->buf + f->pos, have);
	f->pos += have;
	return done + have;
}

size_t
fread(void *restrict p, size_t size, size_t n, FILE *restrict f)
{
	size_t want, done;

	if (!size || !n || !direction(f, false))
		return 0;
	if (__builtin_mul_overflow(size, n, &want)) {
		errno = EINVAL;
		return 0;
	}
	done = take(f, p, want);
	while (done < want) {
		size_t left = want - done, r;
		unsigned char *to = (unsigned char *)p + done;

		if (left >= f->size) {
			r = read_some(f, to, left);
			done += r;
		} else {
			r = f->len = read_some(f, f->buf, f->size);
			f->pos = 0;
			done += take(f, to, left);
		}
		if (!r)
			break;
	}
	return done / size;
}

int
fgetc(FILE *f)
{
	unsigned char c;

	if (f->pos < f->len && !(f->flags & F_WRITING) && !f->nunget)
		return f->buf[f->pos++];
	return fread(&c, 1, 1, f) ? c : EOF;
}

int
getc(FILE *f)
{
	return fgetc(f);
}

int
getchar(void)
{
	return fgetc(stdin);
}

int
ungetc(int c, FILE *f)
{
	if (c == EOF || f->nunget == UNGET_MAX || !direction(f, false))
		return EOF;
	f->unget[f->nunget++] = (unsigned char)c;
	f->flags &= ~F_EOF;
	return (unsigned char)c;
}

char *
fgets(char *restrict s, int n, FILE *restrict f)
{
	int i = 0, c = 0;

	while (i < n - 1 && c != '\n' && (c = fgetc(f)) != EOF)
		s[i++] = (char)c;
	if (i == 0 || ferror(f))
		return NULL;
	s[i] = '\0';
	return s;
}

ssize_t
getdelim(char **restrict line, size_t *restrict n, int delim, FILE *restrict f)
{
	size_t len = 0;
	int c;

	if (!*line)
		*n = 0;
	do {
		if (len + 2 > *n) {
			size_t more = *n ? *n * 2 : 128;
			char *p = realloc(*line, more);

			if (!p) {
				f->flags |= F_ERROR;
				return -1;
			}
			*line = p;
			*n = more;
		}
		c = fgetc(f);
		if (c == EOF)
			break;
		(*line)[len++] = (char)c;
	} while (c != delim);
	if (!len || (c == EOF && ferror(f)))
		return -1;
	(*line)[len] = '\0';
	return (ssize_t)len;
}

ssize_t
getline(char **restrict line, size_t *restrict n, FILE *restrict f)
{
	return getdelim(line, n, '\n', f);
}

/* ---- writing ---- */

/* Into the buffer, which is written when it is full; large pieces go straight through. */
static bool
put(FILE *f, const unsigned char *p, size_t n)
{
	if (n >= f->size - f->pos) {
		if (!flush_written(f))
			return false;
		if (n >= f->size)
			return write_all(f, p, n);
	}
	memcpy(f->buf + f->pos, p, n);
	f->pos += n;
	return true;
}

static const unsigned char *
last_newline(const unsigned char *p, size_t n)
{
	while (n)
		if (p[--n] == '\n')
			return p + n;
	return NULL;
}

size_t
fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f)
{
	const unsigned char *s = p, *nl;
	size_t len;

	if (!size || !n || !direction(f, true))
		return 0;
	if (__builtin_mul_overflow(size, n, &len)) {
		errno = EINVAL;
		return 0;
	}
	nl = f->mode == _IOLBF ? last_newline(s, len) : NULL;
	if (nl) {
		size_t lines = (size_t)(nl + 1 - s);

		if (!put(f, s, lines) || !flush_written(f))
			return 0;
		s += lines;
		len -= lines;
	}
	return put(f, s, len) ? n : 0;
}

int
fputc(int c, FILE *f)
{
	unsigned char b = (unsigned char)c;

	if ((f->flags & F_WRITING) && f->mode == _IOFBF && f->pos + 1 < f->size) {
		f->buf[f->pos++] = b;
		return b;
	}
	return fwrite(&b, 1, 1, f) ? b : EOF;
}

int
putc(int c, FILE *f)
{
	return fputc(c, f);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

int
fputs(const char *restrict s, FILE *restrict f)
{
	size_t n = strlen(s);

	return fwrite(s, 1, n, f) == n ? 0 : EOF;
}

int
puts(const char *s)
{
	return fputs(s, stdout) < 0 || fputc('\n', stdout) < 0 ? EOF : 0;
}

/* ---- position and state ---- */

int
fseeko(FILE *f, off_t off, int whence)
{
	if (flush_one(f) < 0 || lseek(f->fd, off, whence) < 0)
		return -1;
	f->flags &= ~F_EOF;
	return 0;
}

int
fseek(FILE *f, long off, int whence)
{
	return fseeko(f, off, whence);
}

off_t
ftello(FILE *f)
{
	off_t at = lseek(f->fd, 0, f->flags & F_APPEND && f->pos ? SEEK_END : SEEK_CUR);

	if (at < 0)
		return -1;
	if (f->flags & F_WRITING)
		return at + (off_t)f->pos;
	return at - (off_t)(f->len - f->pos) - f->nunget;
}

long
ftell(FILE *f)
{
	off_t at = ftello(f);

	if (at != (long)at) {
		errno = EOVERFLOW;
		return -1;
	}
	return (long)at;
}

void
rewind(FILE *f)
{
	fseeko(f, 0, SEEK_SET);
	clearerr(f);
}

int
feof(FILE *f)
{
	return !!(f->flags & F_EOF);
}

int
ferror(FILE *f)
{
	return !!(f->flags & F_ERROR);
}

void
clearerr(FILE *f)
{
	f->flags &= ~(F_EOF | F_ERROR);
}
