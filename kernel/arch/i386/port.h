/* What the files of this port share. */
#ifndef ARCH_PORT_H
#define ARCH_PORT_H

#include "md/boot.h"
#include "md/device.h"
#include "md/types.h"

#define DEVICE_WINDOW	0xfe000000u	/* 4 MB, filled by pmap_map_device */

/* Where other processors start: real mode sees only the first MB. */
#define AP_PAGE		0x8000u

/* The machine as ACPI's or MP's tables describe it. Constant after platform_scan. */
#define NIRQS		24

struct platform {
	unsigned ncpus;
	uint8_t	 apic_id[MAX_CPUS];	/* the boot processor's is set by irq_init */
	paddr_t	 lapic, ioapic;		/* 0: none, there are two 8259s */
	struct {
		uint8_t pin;		/* of the I/O APIC */
		bool	level, low;	/* how it signals */
	} irq[NIRQS];			/* by the number that ISA and PCI know it by */
	/* Power off by ACPI; pm1_control 0: not known how. */
	uint16_t pm1_control, smi_command;
	uint8_t	 acpi_enable, sleep_type;
};

extern struct platform platform;

void	platform_scan(void);
/* Find the tables of one kind, fill platform; false: none, or damaged. */
bool	acpi_scan(void);
bool	mp_scan(void);
/* For both: the structure of LEN bytes with this signature in the BIOS's memory; NULL: none. */
const uint8_t *firmware_find(const char *sig, size_t len);
bool	firmware_sum(const void *p, size_t len);	/* its bytes add up to 0 */
paddr_t	firmware_ebda(void);				/* the BIOS's data area below 640 KB */
void	platform_add_cpu(unsigned apic_id, bool boot);

static inline uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* multiboot.c. NULL, or what is wrong. */
const char *multiboot_scan(uint32_t magic, paddr_t info, struct bootinfo *bi);
#define MULTIBOOT_LOADED 0x2badb002u

/* entry.S */
extern uint32_t boot_root[1024];
extern char boot_stack_top[], emergency_top[];
extern char ap_start[], ap_end[];
extern uint32_t ap_stack, ap_cpu, ap_root;
void	boot_early(uint32_t magic, paddr_t info);
void	boot_main(uint32_t magic, paddr_t info) NORETURN;
void	ap_main(unsigned cpu) NORETURN;

/* kernel.ld */
extern char __text[], __rodata[], __data[], _end[];

/* desc.c */
void	desc_init(void);			/* once */
/* on each processor, before anything that asks md_cpu_id */
void	desc_load(unsigned cpu);
/* Whom a double fault interrupted; begins as a frame record does. */
struct interrupted {
	uint32_t ebp, eip, esp;
};
const struct interrupted *desc_interrupted(void);

/* pmap.c */
paddr_t	pmap_kernel_root(void);
extern unsigned long cpus_online;		/* @: processors that use the kernel's tables */
void	shootdown_serve(void);

/* irq.c */
void	irq_init(void);
void	irq_init_cpu(void);
void	irq_interrupt(unsigned vector);
void	lapic_send(unsigned long cpus, unsigned vector);
void	lapic_start(unsigned cpu, paddr_t page);

void	fpu_init_cpu(void);
void	fpu_use(void);
extern bool fpu_has_sse;	/* c after fpu_init_cpu */
void	pci_init(void);
void	time_init(void);
void	cons_early(void);
void	cons_init(void);
void	cons_receive(bool on);
bool	cons_signals(unsigned irq);	/* it is one of the console's */

struct trapframe;
void	user_enter(struct trapframe *tf) NORETURN;	/* trap.S */

/* switch.S */
void	ctx_start(void);

#endif
