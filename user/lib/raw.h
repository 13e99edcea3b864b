/*
 * The system calls as the kernel has them (syscall_list.h): results below 0
 * are negative error numbers. The same layer serves every library we have.
 */
#ifndef RAW_H
#define RAW_H

#include <stddef.h>
#include <stdint.h>

struct kstat;

long	__sys_fork(void);
_Noreturn void __sys_exit(int status);
long	__sys_wait(int *status);
long	__sys_pipe(int *fd);
long	__sys_read(int fd, void *buf, size_t n);
long	__sys_kill(int pid);
long	__sys_exec(const char *path, char *const *argv);
long	__sys_fstat(int fd, struct kstat *st);
long	__sys_chdir(const char *path);
long	__sys_dup(int fd);
int	__sys_getpid(void);
long	__sys_sbrk(intptr_t n);
long	__sys_sleep(int ticks);
long	__sys_uptime(void);
long	__sys_open(const char *path, int flags);
long	__sys_write(int fd, const void *buf, size_t n);
long	__sys_mknod(const char *path, int major, int minor);
long	__sys_unlink(const char *path);
long	__sys_link(const char *from, const char *to);
long	__sys_mkdir(const char *path);
long	__sys_close(int fd);
long	__sys_symlink(const char *target, const char *path);
long	__sys_mmap(void *addr, size_t len, int prot, int flags, int fd, int64_t off);
long	__sys_munmap(void *addr, size_t len);
long	__sys_execve(const char *path, char *const *argv, char *const *envp);
long	__sys_waitpid(int pid, int *status, int options);
long	__sys_lseek(int fd, int64_t off, int whence, int64_t *result);
long	__sys_dup2(int from, int to);
long	__sys_getppid(void);
long	__sys_rename(const char *from, const char *to);
long	__sys_ftruncate(int fd, int64_t size);
long	__sys_rmdir(const char *path);
long	__sys_getcwd(char *buf, size_t n);
long	__sys_access(const char *path, int mode);
long	__sys_fsync(int fd);
long	__sys_sync(void);
long	__sys_clock_gettime(int clock, int64_t *ns);
long	__sys_nanosleep(int64_t ns);
long	__sys_isatty(int fd);
long	__sys_ttyctl(int fd, int op, long arg);
long	__sys_readlink(const char *path, char *buf, size_t n);
long	__sys_stat(const char *path, struct kstat *st);
long	__sys_lstat(const char *path, struct kstat *st);
long	__sys_mprotect(void *addr, size_t len, int prot);
long	__sys_msync(void *addr, size_t len, int flags);
long	__sys_sbrkx(intptr_t n, int flags);
long	__sys_numvp(void);
long	__sys_numpp(void);
long	__sys_getptsize(void);
long	__sys_getnumfreepages(void);
long	__sys_vmgrow(long n, void *at);
long	__sys_mapshared(void);
long	__sys_getshared(void);
long	__sys_unmapshared(void);
long	__sys_map_shared_pages(int src, int dst, uint64_t va, uint64_t size, uint64_t *out);
long	__sys_unmap_shared_pages(uint64_t addr, uint64_t size);
long	__sys_kinfo(int what, long arg, uint64_t start, void *buf, size_t n);
_Noreturn void __sys_halt(int status);

/* Any call, by number (abi/syscall.h). */
long	__syscall(long number, long a, long b, long c, long d, long e, long f, long g);

/* R itself, or -1 with errno set when it is an error. */
long	__result(long r);

#endif
