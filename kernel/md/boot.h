/* Start-up and the end: what a port tells the kernel about the machine. */
#ifndef MD_BOOT_H
#define MD_BOOT_H

#include "md/types.h"

#define BOOT_MAX_RANGES	16

struct boot_range {
	paddr_t start, end;		/* bytes, end excluded */
};

struct bootinfo {
	char cmdline[1024];		/* the boot parameters, NUL-terminated */
	struct boot_range ram[BOOT_MAX_RANGES];		/* sorted, page aligned, usable RAM ... */
	unsigned nram;
	struct boot_range reserved[BOOT_MAX_RANGES];	/* ... except for these */
	unsigned nreserved;
	struct boot_range ramdisk;	/* an image a loader put in memory; empty: none */
	unsigned ncpus;			/* processors that md_cpu_start can start, with this one */
};

/*
 * The port calls kmain on the boot processor, with interrupts off, on a stack
 * of its own, with the direct map, md_cons_putc and traps working and
 * cpu number 0; and kmain_ap on each processor that md_cpu_start started.
 */
void	kmain(struct bootinfo *bi) NORETURN;
void	kmain_ap(unsigned cpu) NORETURN;

/* Interrupt controller, console input, device discovery. After mem/ is up. */
void	md_early_init(void);
/* Per processor: trap vector, interrupt controller, IPIs. */
void	md_cpu_init(void);
/*
 * Start processor CPU on STACK_TOP; it ends up in kmain_ap, before the next one is started.
 * -EIO: it can't be.
 */
err_t	md_cpu_start(unsigned cpu, vaddr_t stack_top) MUST_CHECK;
/*
 * Wait for an interrupt. Called and returns with interrupts disabled; an
 * interrupt that became pending since they were disabled ends the wait.
 */
void	md_idle(void);
/* Power off; an emulator that can exits with STATUS (0-255). */
void	md_poweroff(int status) NORETURN;

#endif
