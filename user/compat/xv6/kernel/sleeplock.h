/* The shape of xv6's sleeping lock. */
#ifndef XV6_SLEEPLOCK_H
#define XV6_SLEEPLOCK_H

#include "spinlock.h"

struct sleeplock {
	uint locked;
	struct spinlock lk;
	char *name;
	int pid;
};

#endif
