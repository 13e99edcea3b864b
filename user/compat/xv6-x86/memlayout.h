/* Addresses that xv6's programs try: the kernel's, which nobody may touch. */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#include "mmu.h"

#define EXTMEM		0x100000
#define PHYSTOP		0xE000000
#define DEVSPACE	0xFE000000
#define KERNBASE	0x80000000
#define KERNLINK	(KERNBASE + EXTMEM)

#endif
