/*
 * What lets one source be a program of either family: -DX86 says which. The headers
 * come in an order that only works when each brings what it needs.
 */
#ifdef X86
#include "param.h"
#include "fcntl.h"
#include "memlayout.h"
#include "traps.h"
#include "syscall.h"
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fs.h"
#define OUT(...)	printf(1, __VA_ARGS__)
#define EXIT(status)	do { if ((status) != 0) printf(1, "FAILED\n"); exit(); } while (0)
#define WAIT(status)	(*(status) = 0, wait())
#else
#include "kernel/param.h"
#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"
#include "kernel/fs.h"
#include "kernel/syscall.h"
#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#define OUT(...)	printf(__VA_ARGS__)
#define EXIT(status)	exit(status)
#define WAIT(status)	wait(status)
#endif

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		OUT("%s, line %d: not %s\n", __FILE__, __LINE__, #cond); \
		EXIT(1);						\
	}								\
} while (0)
