/*
 * Quire's own calls: SPEC 2.2, "Memory, as a program sees it". A page is 4096 bytes.
 * Unless a line says otherwise they return -1 and set errno when they fail.
 */
#ifndef _QUIRE_H
#define _QUIRE_H

#include <abi/info.h>		/* KINFO_* and their records */
#include <abi/mman.h>		/* SBRK_EAGER, SBRK_LAZY */
#include <abi/tty.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the break ---- */
/* As sbrk(); SBRK_EAGER: takes all pages now or fails; SBRK_LAZY: leaves them to first touches. */
void	*sbrkx(intptr_t n, int flags);
/*
 * Adds N bytes (a multiple of 4096) of zero-on-touch memory at the break
 * rounded up (AT NULL), or at AT, page aligned, above the break, where nothing
 * is mapped. Its start, or NULL with errno: EINVAL, ENOMEM.
 */
void	*vmgrow(long n, void *at);

/* ---- counting ---- */
long	numvp(void);		/* pages that exist: image, guard, stack, heap, regions */
long	numpp(void);		/* of these, pages that have a frame now (the guard counts) */
long	getptsize(void);	/* pages of this process's page table */
long	getNumFreePages(void);	/* frames that a process could get */

/* ---- sharing ---- */
void	*mapshared(void);	/* the shared page; NULL: there is one already, or no memory */
void	*getshared(void);	/* NULL: there is none */
int	unmapshared(void);
/*
 * Makes the pages that hold [src_va, src_va + size) of process SRC appear at
 * the break of process DST. One is the caller, the other its parent, child or
 * sibling. The address in DST, with src_va's offset in its page; 0 with errno:
 * ESRCH, EPERM, EINVAL, ENOMEM, EFAULT (a page of the range is not mapped); then neither process
 * is changed.
 */
uint64_t map_shared_pages(int src_pid, int dst_pid, uint64_t src_va, uint64_t size);
/* EINVAL: not all of it is shared. */
int	unmap_shared_pages(uint64_t addr, uint64_t size);

/* ---- the system ---- */
/*
 * Records of kind WHAT (abi/info.h) about ARG (a pid, 0: the caller) from START
 * on, whole ones, at most N bytes to BUF. Bytes stored, 0: no more; EINVAL, ESRCH, EFAULT.
 */
long	kinfo(int what, long arg, uint64_t start, void *buf, size_t n);
/*
 * Operation OP (abi/tty.h) on the terminal behind FD. ENOTTY, EINVAL.
 */
int	ttyctl(int fd, int op, long arg);
int	uptime(void);			/* ticks since boot, 10 a second */
int	sleep_ticks(int n);		/* n <= 0: returns at once */
int	wait_raw(int *status);		/* wait(3): exit's whole int; -1: killed */
int	exec_xv6(const char *path, char *const argv[]);	/* exec(7): no environment, xv6's limits */
/*
 * The call of that NUMBER (abi/syscall.h) with the words that follow, seven at most, as the kernel
 * takes them: a 64-bit argument is one word on a 64-bit port, two on a 32-bit one, low word first.
 */
long	syscall(long number, ...);
/* Writes everything to the disk and switches the machine off; QEMU exits with STATUS & 255. */
_Noreturn void halt(int status);
/* Makes a device node: MAJOR 1 the console (0 console, 1 stderr), 2 memory (0 null, 1 zero). */
int	mknod_dev(const char *path, int major, int minor);

#endif
