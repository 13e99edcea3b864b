/* The shape of xv6's spinlock. */
#ifndef XV6_SPINLOCK_H
#define XV6_SPINLOCK_H

#include "types.h"

struct cpu;

struct spinlock {
	uint locked;
	char *name;
	struct cpu *cpu;
};

#endif
