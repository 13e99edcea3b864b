/* What t_mem.c leaves in registers, and h_fresh.c must not find there. */
#ifndef MAGIC_H
#define MAGIC_H

#define MAGIC		0x5ecc0de
#define MAGIC_TEXT	"0x5ecc0de"

#endif
