/*
 * System-call numbers.
 *
 * How a call is made (the instruction, where the number, the arguments and the
 * result are) is each port's: docs/port.md, user/lib/arch/PORT/syscall.S.
 *
 * A 64-bit argument (marked :64) takes one word on a 64-bit port and two on a
 * 32-bit one, low word first. A call that fails gives -1; one whose number
 * has SYS_ERRNO added gives the negative of an error number (abi/errno.h),
 * which is above -4096, and the user library turns it into -1 and errno.
 *
 * 1 to 21 have the numbers and the meaning of xv6's.
 */
#ifndef ABI_SYSCALL_H
#define ABI_SYSCALL_H

#define SYS_fork		1	/* () */
#define SYS_exit		2	/* (status) */
#define SYS_wait		3	/* (int *raw status) */
#define SYS_pipe		4	/* (int fd[2]) */
#define SYS_read		5	/* (fd, buf, n) */
#define SYS_kill		6	/* (pid) */
#define SYS_exec		7	/* (path, argv): xv6's limits, SPEC 6 */
#define SYS_fstat		8	/* (fd, struct stat *) */
#define SYS_chdir		9	/* (path) */
#define SYS_dup			10	/* (fd) */
#define SYS_getpid		11	/* () */
#define SYS_sbrk		12	/* (intptr_t n) */
#define SYS_sleep		13	/* (ticks) */
#define SYS_uptime		14	/* () -> ticks */
#define SYS_open		15	/* (path, flags) */
#define SYS_write		16	/* (fd, buf, n) */
#define SYS_mknod		17	/* (path, major, minor) */
#define SYS_unlink		18	/* (path) */
#define SYS_link		19	/* (old, new) */
#define SYS_mkdir		20	/* (path) */
#define SYS_close		21	/* (fd) */
#define SYS_symlink		22	/* (target, path) */
#define SYS_mmap		23	/* (addr, len, prot, flags, fd, off:64) */
#define SYS_munmap		24	/* (addr, len) */

#define SYS_execve		25	/* (path, argv, envp) */
#define SYS_waitpid		26	/* (pid, int *POSIX status, options) */
#define SYS_lseek		27	/* (fd, off:64, whence, int64_t *result) */
#define SYS_dup2		28	/* (old, new) */
#define SYS_getppid		29	/* () */
#define SYS_rename		30	/* (old, new) */
#define SYS_ftruncate		31	/* (fd, size:64) */
#define SYS_rmdir		32	/* (path) */
#define SYS_getcwd		33	/* (buf, n) -> length with the NUL */
#define SYS_access		34	/* (path, mode) */
#define SYS_fsync		35	/* (fd) */
#define SYS_sync		36	/* () */
#define SYS_clock_gettime	37	/* (clock, int64_t *ns) */
#define SYS_nanosleep		38	/* (ns:64) */
#define SYS_isatty		39	/* (fd): 0, or -ENOTTY */
#define SYS_ttyctl		40	/* (fd, op, arg): abi/tty.h */
#define SYS_readlink		41	/* (path, buf, n) -> length */
#define SYS_stat		42	/* (path, struct stat *) */
#define SYS_lstat		43	/* (path, struct stat *) */
#define SYS_mprotect		44	/* (addr, len, prot) */
#define SYS_msync		45	/* (addr, len, flags) */
#define SYS_sbrkx		46	/* (intptr_t n, flags) */
#define SYS_numvp		47	/* () */
#define SYS_numpp		48	/* () */
#define SYS_getptsize		49	/* () */
#define SYS_getnumfreepages	50	/* () */
#define SYS_vmgrow		51	/* (long n, at) */
#define SYS_mapshared		52	/* () */
#define SYS_getshared		53	/* () */
#define SYS_unmapshared		54	/* () */
#define SYS_map_shared_pages	55	/* (src, dst, src_va:64, size:64, uint64_t *va) */
#define SYS_unmap_shared_pages	56	/* (addr:64, size:64) */
#define SYS_kinfo		57	/* (what, arg, start:64, buf, n): abi/info.h */
#define SYS_halt		58	/* (status): does not return */

#define SYS_MAX			58

#define SYS_ERRNO		0x100

#endif
