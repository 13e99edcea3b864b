/*
 * Buffered streams. C11 7.21; POSIX.1-2017, <stdio.h>.
 *
 * stdin and stdout are line buffered on a terminal and fully buffered
 * elsewhere; stderr is not buffered, yet one fprintf() is one write. A buffer
 * is allocated at the first use; without memory for it a stream works unbuffered.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <abi/fcntl.h>		/* SEEK_* */
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF		(-1)
#define BUFSIZ		4096
#define FILENAME_MAX	128
#define FOPEN_MAX	1024
#define _IOFBF		0	/* fully buffered */
#define _IOLBF		1	/* line buffered */
#define _IONBF		2	/* unbuffered */

#define __PRINTF(f, a)	__attribute__((format(printf, f, a)))
#define __SCANF(f, a)	__attribute__((format(scanf, f, a)))

typedef struct __file FILE;
typedef off_t fpos_t;

extern FILE *const stdin, *const stdout, *const stderr;
#define stdin	stdin
#define stdout	stdout
#define stderr	stderr

/*
 * MODE: r, w, a, each also with + (reading and writing), x (w: fail when it
 * exists), e (close on exec); b means nothing. NULL with errno: EINVAL (mode), ENOMEM, those of
 * open().
 */
FILE	*fopen(const char *restrict path, const char *restrict mode);
FILE	*fdopen(int fd, const char *mode);
FILE	*freopen(const char *restrict path, const char *restrict mode, FILE *restrict f);
int	fclose(FILE *f);		/* EOF with errno: what was buffered is not written */
int	fflush(FILE *f);		/* NULL: all streams */
int	fileno(FILE *f);
/*
 * Before the first use only. BUF of SIZE bytes, NULL: one is allocated at the first use. 0, or -1
 * with EINVAL: too late, or a bad MODE.
 */
int	setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size);
void	setbuf(FILE *restrict f, char *restrict buf);

/* Reading: EOF, NULL or a short count at the end or on an error: see feof(), ferror(), errno. */
int	fgetc(FILE *f);
int	getc(FILE *f);
int	getchar(void);
int	ungetc(int c, FILE *f);		/* up to 8 bytes */
char	*fgets(char *restrict s, int n, FILE *restrict f);
size_t	fread(void *restrict p, size_t size, size_t n, FILE *restrict f);
/* The line with its newline, in *LINE of *N bytes, which grows by realloc; its length, or -1. */
ssize_t	getline(char **restrict line, size_t *restrict n, FILE *restrict f);
ssize_t	getdelim(char **restrict line, size_t *restrict n, int delim, FILE *restrict f);

/* Writing: EOF or a short count on an error. */
int	fputc(int c, FILE *f);
int	putc(int c, FILE *f);
int	putchar(int c);
int	fputs(const char *restrict s, FILE *restrict f);
int	puts(const char *s);
size_t	fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f);

/*
 * Formats: flags - + space # 0, width, precision, * ; lengths hh h l ll j z t;
 * d i u o x X c s p %; f F e E g G (exact, rounded half to even); n is refused (EINVAL).
 * Bytes written (snprintf: that would have been, without the NUL), or -1 with errno.
 */
int	printf(const char *restrict fmt, ...) __PRINTF(1, 2);
int	fprintf(FILE *restrict f, const char *restrict fmt, ...) __PRINTF(2, 3);
int	dprintf(int fd, const char *restrict fmt, ...) __PRINTF(2, 3);
int	sprintf(char *restrict s, const char *restrict fmt, ...) __PRINTF(2, 3);
int	snprintf(char *restrict s, size_t n, const char *restrict fmt, ...) __PRINTF(3, 4);
/* *S is allocated; free() it. */
int	asprintf(char **restrict s, const char *restrict fmt, ...) __PRINTF(2, 3);
int	vprintf(const char *restrict fmt, va_list ap) __PRINTF(1, 0);
int	vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap) __PRINTF(2, 0);
int	vsprintf(char *restrict s, const char *restrict fmt, va_list ap) __PRINTF(2, 0);
int	vsnprintf(char *restrict s, size_t n, const char *restrict fmt, va_list ap) __PRINTF(3, 0);
int	vasprintf(char **restrict s, const char *restrict fmt, va_list ap) __PRINTF(2, 0);

/* d i u o x X c s [..] f e g n p %, * and width, lengths as printf. Items stored, or EOF. */
int	scanf(const char *restrict fmt, ...) __SCANF(1, 2);
int	fscanf(FILE *restrict f, const char *restrict fmt, ...) __SCANF(2, 3);
int	sscanf(const char *restrict s, const char *restrict fmt, ...) __SCANF(2, 3);
int	vfscanf(FILE *restrict f, const char *restrict fmt, va_list ap) __SCANF(2, 0);
int	vsscanf(const char *restrict s, const char *restrict fmt, va_list ap) __SCANF(2, 0);

/* 0, or -1 with errno: ESPIPE (a pipe or the console), EINVAL. */
int	fseek(FILE *f, long off, int whence);
int	fseeko(FILE *f, off_t off, int whence);
long	ftell(FILE *f);
off_t	ftello(FILE *f);
void	rewind(FILE *f);
int	feof(FILE *f);
int	ferror(FILE *f);
void	clearerr(FILE *f);

/* "S: strerror(errno)\n" on stderr. */
void	perror(const char *s);
int	remove(const char *path);
int	rename(const char *from, const char *to);
/* A pipe to (MODE "w") or from ("r") /bin/sh -c CMD. pclose() waits and gives the status. */
FILE	*popen(const char *cmd, const char *mode);
int	pclose(FILE *f);

#endif
