/*
 * What xv6's programs call, of all its years, and Quire's calls on memory.
 * Failure is -1, or NULL from what returns an address, unless said otherwise.
 */
#ifndef XV6_USER_H
#define XV6_USER_H

#include "../kernel/types.h"

typedef __SIZE_TYPE__ size_t;
typedef long off_t;

struct stat;

/* ---- system calls ---- */

int	fork(void);
int	exit(int status) __attribute__((noreturn));
int	wait(int *status);		/* exit's argument as it was; -1: killed */
int	pipe(int *fd);
int	write(int fd, const void *buf, int n);
int	read(int fd, void *buf, int n);
int	close(int fd);
int	kill(int pid);
int	exec(const char *path, char **argv);
int	open(const char *path, int flags);
int	mknod(const char *path, short major, short minor);
int	unlink(const char *path);
int	fstat(int fd, struct stat *st);
int	link(const char *from, const char *to);
int	mkdir(const char *path);
int	chdir(const char *path);
int	dup(int fd);
int	getpid(void);
int	sleep(int ticks);		/* a tenth of a second each */
int	pause(int ticks);		/* its name since 2025 */
int	uptime(void);			/* ticks */
int	symlink(const char *target, const char *path);
void	*mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off);
int	munmap(void *addr, size_t len);

/*
 * sbrk returns the old break, or SBRK_ERROR. Its pages appear when they are
 * touched first; in a program compiled with -DQUIRE_SBRK_EAGER, as in xv6 of
 * 2025 and before it had lazy memory, at once.
 */
#define SBRK_ERROR	((char *)-1)
char	*sbrk(int n);
char	*sbrklazy(int n);
char	*sys_sbrk(int n, int how);	/* kernel/vm.h */

/* ---- Quire's calls on memory (docs/memory.md) ---- */

int	numvp(void);
int	numpp(void);
int	getptsize(void);
int	getNumFreePages(void);
void	*mapshared(void);
void	*getshared(void);
int	unmapshared(void);
uint64	map_shared_pages(int src_pid, int dst_pid, uint64 src_va, uint64 size);
int	unmap_shared_pages(uint64 addr, uint64 size);

/* ---- library ---- */

int	stat(const char *path, struct stat *st);
char	*strcpy(char *to, const char *from);
void	*memmove(void *to, const void *from, int n);
char	*strchr(const char *s, char c);
int	strcmp(const char *a, const char *b);
char	*gets(char *buf, int max);	/* keeps the newline; "" at the end of input */
uint	strlen(const char *s);
void	*memset(void *to, int c, uint n);
int	atoi(const char *s);
int	memcmp(const void *a, const void *b, uint n);
void	*memcpy(void *to, const void *from, uint n);
void	*malloc(uint n);
void	free(void *p);

/*
 * %d %u %x, each also with l or ll (64 bits), %l (64 bits, unsigned), %p, %s,
 * %c, %%. Anything else is printed as it stands.
 */
void	printf(const char *format, ...);
void	fprintf(int fd, const char *format, ...);

#ifdef QUIRE_SBRK_EAGER
__attribute__((weak)) const char __xv6_eager = 1;
#endif

#if __SIZEOF_POINTER__ == 4 && !defined(XV6_LIBRARY)
#include "../wide.h"
#endif

#endif
