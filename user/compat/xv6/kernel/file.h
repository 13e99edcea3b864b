/* Numbers of devices, for mknod(). The kernel's own structures are not here. */
#ifndef XV6_FILE_H
#define XV6_FILE_H

#include "types.h"

#define major(dev)	((dev) >> 16 & 0xFFFF)
#define minor(dev)	((dev) & 0xFFFF)
#define mkdev(m, n)	((uint)((m) << 16 | (n)))

#define CONSOLE		1

#endif
