/*
 * What bench.c calls, in two dialects: POSIX names, and xv6's (./quire cc
 * --api xv6 -DXV6), which has fewer of them. Both count the same work.
 */
#ifndef BENCH_API_H
#define BENCH_API_H

#ifdef XV6
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "user/user.h"

#define O_CREAT		O_CREATE
#define run_program(path, argv)	exec(path, argv)
#define make_dir(path)		mkdir(path)
#define make_file(path)		open(path, O_CREATE | O_RDWR)
#define quit(status)		exit(status)
#else
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define run_program(path, argv)	execv(path, argv)
#define make_dir(path)		mkdir(path, 0755)
#define make_file(path)		open(path, O_CREAT | O_RDWR, 0644)
#define quit(status)		_exit(status)
#endif

#define wait_for_child()	wait((int *)0)

/* The marks that bench/plugin/insn.h describes. */
#if defined(__riscv)
#define MARK(n)	__asm__ volatile("lui x0, %0" :: "i"(n) : "memory")
#else
#define MARK(n)	__asm__ volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0, 0xbe, 0x5e" :: "i"(n) : "memory")
#endif
#define MARK_BEGIN()	MARK(1)
#define MARK_END()	MARK(2)

#endif
