/*
 * Descriptors: segments, which are flat, the tasks that say where traps begin,
 * and the gates of traps. Source: Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 3, 3.4, 6.11 and 7.2.
 */
#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/thread.h"

#define SEG_CODE	0x00cf9a000000ffffull	/* 4 GB, readable, ring 0 */
#define SEG_DATA	0x00cf92000000ffffull
#define SEG_USER	0x0000600000000000ull	/* ring 3 */
#define TSS_PRESENT	0x89u
#define GATE_TASK	0x8500u
#define GATE_INTERRUPT	0x8e00u			/* disables interrupts */
#define GATE_USER	0x6000u			/* user mode may ask for it */

struct tss {
	uint32_t link;
	struct { uint32_t esp, ss; } ring[3];
	uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt, iomap;
};
_Static_assert(sizeof(struct tss) == 104, "the hardware's layout");

/* Behind the segment's end: no port is allowed to user mode. */
#define NO_IOMAP	(sizeof(struct tss) << 16)

struct gate {
	uint32_t low, high;
};

struct table_register {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

extern char trap_stubs[];
void	syscall_entry(void);
void	double_fault_entry(void);
extern uint64_t gdt[];
extern const struct table_register gdt_register;
extern struct tss fault_tss;

uint64_t gdt[TSS_FIRST + MAX_CPUS] = {
	[SEL_KCODE / 8] = SEG_CODE, [SEL_KDATA / 8] = SEG_DATA,
	[SEL_UCODE / 8] = SEG_CODE | SEG_USER, [SEL_UDATA / 8] = SEG_DATA | SEG_USER,
};
const struct table_register gdt_register = { sizeof(gdt) - 1, (uint32_t)gdt };

static struct gate idt[NVECTORS];
static const struct table_register idt_register = { sizeof(idt) - 1, (uint32_t)idt };

static struct tss tasks[MAX_CPUS];
struct processor processors[MAX_CPUS];
struct tss fault_tss;

static uint64_t
tss_descriptor(const struct tss *t)
{
	uint64_t base = (uint32_t)t;

	return (sizeof(*t) - 1) | (base & 0xffffff) << 16 | (uint64_t)TSS_PRESENT << 40 |
	    (base >> 24) << 56;
}

static void
set_gate(unsigned vector, uint32_t at, uint32_t flags)
{
	idt[vector] = (struct gate){ SEL_KCODE << 16 | (at & 0xffff),
		(at & 0xffff0000) | GATE_INTERRUPT | flags };
}

void
desc_init(void)
{
	for (unsigned v = 0; v < NVECTORS; v++)
		set_gate(v, (uint32_t)trap_stubs + v * STUB_SIZE,
		    v == VEC_BREAKPOINT || v == VEC_OVERFLOW ? GATE_USER : 0);
	set_gate(VEC_SYSCALL, (uint32_t)syscall_entry, GATE_USER);
	/* A kernel stack may have no room left for a trap: a task brings its own. */
	idt[VEC_DOUBLE] = (struct gate){ SEL_FAULT_TSS << 16, GATE_TASK };
	fault_tss = (struct tss){ .cr3 = pmap_kernel_root(), .eip = (uint32_t)double_fault_entry,
		.eflags = 2, .esp = (uint32_t)emergency_top, .cs = SEL_KCODE, .ss = SEL_KDATA,
		.ds = SEL_KDATA, .es = SEL_KDATA, .iomap = NO_IOMAP };
	gdt[SEL_FAULT_TSS / 8] = tss_descriptor(&fault_tss);
}

void
desc_load(unsigned cpu)
{
	tasks[cpu] = (struct tss){ .ring[0].ss = SEL_KDATA, .iomap = NO_IOMAP };
	processors[cpu] = (struct processor){ &cpus[cpu], &tasks[cpu].ring[0].esp };
	gdt[TSS_FIRST + cpu] = tss_descriptor(&tasks[cpu]);
	__asm__ volatile("lidt %0; ltr %w1; lldt %w2"
	    : : "m"(idt_register), "r"((TSS_FIRST + cpu) * 8), "r"(0) : "memory");
}

/* In the task of double faults: what the one before was doing is in its task segment. */
const struct interrupted *
desc_interrupted(void)
{
	static struct interrupted in;
	const struct tss *t = &tasks[md_cpu_id()];

	in = (struct interrupted){ .ebp = t->ebp, .eip = t->eip, .esp = t->esp };
	return &in;
}
