/* General utilities. C11 7.22; POSIX.1-2017, <stdlib.h>. */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1
#define RAND_MAX	0x7fffffff

typedef struct { int quot, rem; } div_t;
typedef struct { long quot, rem; } ldiv_t;

/* ---- memory: blocks are aligned to 16 bytes; NULL with errno ENOMEM ---- */
void	*malloc(size_t n) __attribute__((malloc, alloc_size(1)));
void	*calloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
void	*realloc(void *p, size_t n) __attribute__((alloc_size(2)));
void	free(void *p);

/* ---- the process ---- */
/* Runs what atexit() registered, flushes every stream, ends. wait(3) sees all 32 bits of STATUS. */
_Noreturn void exit(int status);
_Noreturn void _Exit(int status);
_Noreturn void abort(void);		/* ends as if killed by SIGKILL */
int	atexit(void (*fn)(void));	/* -1: no memory */
char	*getenv(const char *name);
/* 0, or -1 with errno: EINVAL (name empty or with a '='), ENOMEM. */
int	setenv(const char *name, const char *value, int overwrite);
int	unsetenv(const char *name);
/* Runs CMD by /bin/sh -c and returns its waitpid status; -1: no process. CMD NULL: 1. */
int	system(const char *cmd);

/* ---- numbers ---- */
int	atoi(const char *s);
long	atol(const char *s);
long long atoll(const char *s);
double	atof(const char *s);
/* *END: what is behind the number; errno ERANGE: too large; EINVAL: bad base. */
long	strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
long long strtoll(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);
/* Exact up to 15 digits and powers of 22, else within 10 units of the last place. */
double	strtod(const char *s, char **end);
int	abs(int n);
long	labs(long n);
long long llabs(long long n);
div_t	div(int n, int d);
ldiv_t	ldiv(long n, long d);
int	rand(void);			/* 0 .. RAND_MAX */
void	srand(unsigned seed);
int	rand_r(unsigned *seed);

/* ---- arrays of N elements of SIZE bytes ---- */
void	qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));
void	*bsearch(const void *key, const void *base, size_t n, size_t size,
	    int (*cmp)(const void *, const void *));

/* Replaces the XXXXXX at the end of TEMPLATE by what makes it a new file, and opens that. */
int	mkstemp(char *template);

#endif
