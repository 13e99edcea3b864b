/*
 * System calls and what goes with them. POSIX.1-2017, <unistd.h>.
 * Calls return -1 and set errno when they fail; any call that takes an address
 * can give EFAULT, any that takes a path ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EIO, ENOMEM.
 */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <abi/fcntl.h>		/* SEEK_*, *_OK */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2
#define _POSIX_VERSION	200809L

extern char **environ;

/* ---- processes ---- */
pid_t	fork(void);			/* EAGAIN: maxproc processes; ENOMEM */
_Noreturn void _exit(int status);	/* flushes nothing */
pid_t	getpid(void);
pid_t	getppid(void);
/*
 * Only return when they fail: ENOEXEC (no program of this machine), E2BIG (128 KiB of arguments
 * and environment), EACCES (not a file). l: arguments up to a NULL; p: searches PATH unless the
 * name has a slash, and gives a file that is no program to /bin/sh; e: its own environment.
 */
int	execve(const char *path, char *const argv[], char *const envp[]);
int	execv(const char *path, char *const argv[]);
int	execvp(const char *file, char *const argv[]);
int	execvpe(const char *file, char *const argv[], char *const envp[]);
int	execl(const char *path, const char *arg, ...);
int	execlp(const char *file, const char *arg, ...);
int	execle(const char *path, const char *arg, ...);
unsigned sleep(unsigned seconds);	/* always 0 */
int	usleep(useconds_t us);
/* Moves the break by N bytes and returns the old one; (void *)-1 with ENOMEM. SPEC 2.2 */
void	*sbrk(intptr_t n);

/* ---- descriptors ---- */
/*
 * Bytes read, 0 at the end; of a pipe or terminal perhaps fewer than N.
 * EBADF, EISDIR is not given: folders read as 16-byte entries.
 */
ssize_t	read(int fd, void *buf, size_t n);
/* Bytes written. EBADF, EPIPE (nobody reads it; no signal), ENOSPC, EFBIG, EIO. */
ssize_t	write(int fd, const void *buf, size_t n);
/* The same at OFF; the descriptor's offset is put back, which others who share it can notice. */
ssize_t	pread(int fd, void *buf, size_t n, off_t off);
ssize_t	pwrite(int fd, const void *buf, size_t n, off_t off);
int	close(int fd);
int	dup(int fd);			/* EBADF, EMFILE */
int	dup2(int fd, int to);		/* closes TO first; the same number: nothing */
int	pipe(int fd[2]);		/* fd[0] to read, fd[1] to write; EMFILE, ENOMEM */
off_t	lseek(int fd, off_t off, int whence);	/* the new offset; ESPIPE, EINVAL */
int	ftruncate(int fd, off_t size);	/* shorter, or longer with a hole; EINVAL, EFBIG */
int	truncate(const char *path, off_t size);
int	fsync(int fd);			/* returns when the file is on the disk; EIO */
int	fdatasync(int fd);
void	sync(void);
int	isatty(int fd);			/* 1, or 0 with errno: ENOTTY, EBADF */

/* ---- names ---- */
int	access(const char *path, int mode);	/* F_OK or of R_OK W_OK X_OK */
int	chdir(const char *path);
/* The absolute path in BUF of N bytes (NULL: allocated). NULL: ERANGE, ENOENT (removed). */
char	*getcwd(char *buf, size_t n);
int	link(const char *from, const char *to);	/* EEXIST, EPERM (a folder), EMLINK */
int	symlink(const char *target, const char *path);
/* How many bytes of the target are in BUF, without a NUL. EINVAL: no link. */
ssize_t	readlink(const char *restrict path, char *restrict buf, size_t n);
int	unlink(const char *path);	/* files, links and empty folders (SPEC 4); ENOTEMPTY */
int	rmdir(const char *path);

/* ---- the machine ---- */
long	sysconf(int name);		/* EINVAL: not one of these */
#define _SC_PAGESIZE		1
#define _SC_PAGE_SIZE		1
#define _SC_OPEN_MAX		2
#define _SC_ARG_MAX		3
#define _SC_NPROCESSORS_ONLN	4
#define _SC_PHYS_PAGES		5
#define _SC_AVPHYS_PAGES	6
int	getpagesize(void);
/* One user, 0. */
uid_t	getuid(void);
uid_t	geteuid(void);
gid_t	getgid(void);
gid_t	getegid(void);

/* ---- options: POSIX.1-2017, getopt() ---- */
extern char *optarg;
extern int optind, opterr, optopt;
int	getopt(int argc, char *const argv[], const char *options);

#endif
