/* What the files of this port share. */
#ifndef ARCH_PORT_H
#define ARCH_PORT_H

#include "md/boot.h"
#include "md/device.h"
#include "md/types.h"

/* The machine as its device tree describes it. Constant after dt_scan. */
#define MAX_VIRTIO	16

struct dt_cell_list {
	const void *at;			/* big-endian 32-bit cells, in the device tree */
	unsigned n;
};

struct platform {
	unsigned ncpus;
	struct {
		uint64_t hart;
		uint32_t intc;		/* phandle of its interrupt controller */
	} cpu[MAX_CPUS];
	uint64_t timebase;		/* ticks of the time register a second */
	struct md_device uart, plic, test, rtc;		/* size 0: none */
	unsigned uart_shift, uart_width;
	struct dt_cell_list plic_contexts;		/* phandle, interrupt number; ... */
	struct md_device virtio[MAX_VIRTIO];
	unsigned nvirtio;
};

extern struct platform platform;

/*
 * Read the device tree at DTB: fills platform and BI. Cpu 0 is BOOT_HART.
 * NULL, or what is wrong with it.
 */
const char *dt_scan(const void *dtb, uint64_t boot_hart, struct bootinfo *bi);
#define DT_MAGIC	0xd00dfeedu

/* A cell: 32 bits, big-endian. */
static inline uint32_t
dt_u32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* entry.S */
extern uint64_t boot_root[512];
extern char boot_stack_top[], emergency_top[];
void	trap_entry(void);
void	hart_entry(void);
uint64_t boot_early(uint64_t hart, paddr_t dtb);
void	boot_main(uint64_t hart, paddr_t dtb) NORETURN;
void	boot_died(uint64_t cause, uint64_t pc, uint64_t va);
void	hart_main(unsigned cpu) NORETURN;

/* kernel.ld */
extern char __text[], __rodata[], __data[], _end[];

/* pmap.c */
uint64_t pmap_kernel_satp(void);
extern unsigned long cpus_online;	/* @: processors that use the kernel's tables */

void	timer_interrupt(void);
void	ipi_interrupt(void);
void	plic_init(void);
void	plic_interrupt(void);
void	cons_init(void);

/* switch.S */
void	ctx_start(void);
void	fp_flush(struct md_context *ctx);
void	fp_enable(void);

#endif
