/*
 * The host as a port of the kernel: one processor, RAM that is an arena. For md/types.h; see there.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uintptr_t vaddr_t;
typedef uint64_t paddr_t;

#define MD_NAME		"host"
#define MD_ELF_MACHINE	0
#define MD_ELF_CLASS	2
#define USER_MIN	0x1000ul
#define USER_MAX	0x7fffffffe000ul	/* all that the host gives a program */
#define KSTACK_WINDOW	0ul
#define KSTACK_SLOTS	0

#define MD_PROT_READ	0x01u		/* PROT_R */
#define MD_PROT_EXEC	0x04u		/* PROT_X */

#define HOST_RAM_BASE	0x80000000ul	/* where the arena is in the physical address space */

struct md_context {
	int unused;
};

extern char *hostport_arena;

#define DIRECT_MAP	((uintptr_t)hostport_arena - HOST_RAM_BASE)

extern void *const hostport_self;

static inline void *
md_cpu_self(void)
{
	return hostport_self;
}

static inline struct thread *
md_thread_self(void)
{
	return ((struct thread **)hostport_self)[1];
}

static inline unsigned
md_cpu_id(void)
{
	return 0;
}

static inline bool
md_intr_disable(void)
{
	return false;
}

static inline void
md_intr_restore(bool was)
{
	(void)was;
}

static inline void
md_pause(void)
{
}

extern uint64_t hostport_time_ns;

static inline uint64_t
md_ticks(void)
{
	return hostport_time_ns;
}

#endif
