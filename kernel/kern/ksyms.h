/*
 * The kernel's own symbol table, for backtraces: functions by address, made
 * from the linked kernel by tools/build/ksyms.sh and linked in by a second pass.
 */
#ifndef KERN_KSYMS_H
#define KERN_KSYMS_H

struct ksym {
	unsigned long addr;
	const char *name;
};

extern const struct ksym ksyms[];	/* ksyms_count of them, ascending */
extern const unsigned ksyms_count;

/* The function ADDR is in, and how far; "?" when nobody knows. */
const char *ksym_find(unsigned long addr, unsigned long *offset);

#endif
