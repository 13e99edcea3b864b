/*
 * What programs of xv6 for the PC call, and Quire's calls on memory. Failure
 * is -1, or 0 from what returns an address, unless said otherwise.
 */
#ifndef XV6_USER_H
#define XV6_USER_H

#include "types.h"

struct stat;
struct rtcdate;

/* ---- system calls ---- */

int	fork(void);
int	exit(void) __attribute__((noreturn));
int	wait(void);
int	pipe(int *fd);
int	write(int fd, const void *buf, int n);
int	read(int fd, void *buf, int n);
int	close(int fd);
int	kill(int pid);
int	exec(char *path, char **argv);
int	open(const char *path, int flags);
int	mknod(const char *path, short major, short minor);
int	unlink(const char *path);
int	fstat(int fd, struct stat *st);
int	link(const char *from, const char *to);
int	mkdir(const char *path);
int	chdir(const char *path);
int	dup(int fd);
int	getpid(void);
char	*sbrk(int n);			/* the old break, or (char *)-1 */
int	sleep(int ticks);		/* a tenth of a second each */
int	uptime(void);			/* ticks */
int	symlink(const char *target, const char *path);

/* ---- Quire's calls on memory (docs/memory.md) ---- */

int	numvp(void);
int	numpp(void);
int	getptsize(void);
int	getNumFreePages(void);
void	*mapshared(void);
void	*getshared(void);
int	unmapshared(void);
unsigned long long map_shared_pages(int src_pid, int dst_pid, unsigned long long src_va,
	    unsigned long long size);
int	unmap_shared_pages(unsigned long long addr, unsigned long long size);

/*
 * mmap(n) adds n bytes behind the break, mmap(n, startaddr) at startaddr;
 * both return the start, or 0. The name alone is replaced, so that a
 * program's own declaration of either stays one.
 */
int	mmap(int n);
int	__xv6_mmap_at(int n, int startaddr);
#define __XV6_MMAP(a, b, it, ...) it
#define mmap(...)	__XV6_MMAP(__VA_ARGS__, __xv6_mmap_at, mmap, 0)(__VA_ARGS__)

/* ---- library ---- */

int	stat(const char *path, struct stat *st);
char	*strcpy(char *to, const char *from);
void	*memmove(void *to, const void *from, int n);
char	*strchr(const char *s, char c);
int	strcmp(const char *a, const char *b);
void	printf(int fd, const char *format, ...);	/* %d %x %p %s %c %% */
char	*gets(char *buf, int max);	/* keeps the newline; "" at the end of input */
uint	strlen(const char *s);
void	*memset(void *to, int c, uint n);
void	*malloc(uint n);
void	free(void *p);
int	atoi(const char *s);

#ifdef QUIRE_SBRK_EAGER
__attribute__((weak)) const char __xv6_eager = 1;
#endif

#endif
