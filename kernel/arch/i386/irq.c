/*
 * Interrupt controllers: each processor's local APIC and an I/O APIC for
 * devices, where the firmware's tables tell of them; else the PC's two 8259s
 * and its 8254 timer. Device interrupts go to the boot processor, so that the
 * others sleep on. Sources: Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 3, 11; the 82093AA, 8259A and 8254 data sheets.
 */
#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "md/pmap.h"
#include "md/time.h"
#include "md/trap.h"

#define NS		1000000000u

/* ---- 8259 and 8254 ---- */

#define PIC1		0x20u
#define PIC2		0xa0u
#define PIC_INIT	0x11		/* three more words follow */
#define PIC_MASTER_PIN	2		/* where the second one is connected */
#define PIC_8086	0x01
#define PIC_EOI		0x20
#define PIC_READ_ISR	0x0b

#define PIT_HZ		1193182u
#define PIT_CHANNEL0	0x40u
#define PIT_COMMAND	0x43u
#define PIT_RATE0	0x34		/* channel 0, both bytes, rate generator */
#define PIT_IRQ		0

static uint16_t pic_masked = 0xffff & ~(1u << PIC_MASTER_PIN);

static void
pic_write_mask(void)
{
	outb(PIC1 + 1, pic_masked);
	outb(PIC2 + 1, pic_masked >> 8);
}

/* Its vectors where exceptions are not, whether it will be used or not. */
static void
pic_init(void)
{
	outb(PIC1, PIC_INIT);
	outb(PIC2, PIC_INIT);
	outb(PIC1 + 1, VEC_IRQ);
	outb(PIC2 + 1, VEC_IRQ + 8);
	outb(PIC1 + 1, 1u << PIC_MASTER_PIN);
	outb(PIC2 + 1, PIC_MASTER_PIN);
	outb(PIC1 + 1, PIC_8086);
	outb(PIC2 + 1, PIC_8086);
	if (platform.ioapic != 0)
		pic_masked = 0xffff;
	pic_write_mask();
}

static void
pic_eoi(unsigned irq)
{
	if (irq >= 8)
		outb(PIC2, PIC_EOI);
	outb(PIC1, PIC_EOI);
}

/* Each one's last line also stands for a request that went away. */
static bool
pic_is_spurious(unsigned irq)
{
	unsigned port = irq == 7 ? PIC1 : PIC2;

	if (irq != 7 && irq != 15)
		return false;
	outb(port, PIC_READ_ISR);
	if (inb(port) & 0x80)
		return false;
	if (irq == 15)
		outb(PIC1, PIC_EOI);	/* the first one was asked in earnest */
	return true;
}

static void
pit_start(uint64_t period)
{
	uint32_t count = (uint32_t)(period * PIT_HZ / NS);

	assert(period < NS / 20 && count < 0x10000);
	outb(PIT_COMMAND, PIT_RATE0);
	outb(PIT_CHANNEL0, count);
	outb(PIT_CHANNEL0, count >> 8);
	md_irq_unmask(PIT_IRQ);
}

/* ---- local APIC ---- */

#define LAPIC_ID	0x020
#define LAPIC_TPR	0x080
#define LAPIC_EOI	0x0b0
#define LAPIC_SPURIOUS	0x0f0
#define LAPIC_ICR	0x300		/* writing it sends */
#define LAPIC_ICR_TO	0x310
#define LAPIC_LVT_TIMER	0x320
#define LAPIC_LVT_LINT0	0x350
#define LAPIC_LVT_LINT1	0x360
#define LAPIC_LVT_ERROR	0x370
#define LAPIC_COUNT	0x380
#define LAPIC_CURRENT	0x390
#define LAPIC_DIVIDE	0x3e0

#define SPURIOUS_ENABLE	0x100u
#define LVT_MASKED	0x10000u
#define LVT_PERIODIC	0x20000u
#define DIVIDE_BY_16	0x3u
#define ICR_ASSERT	0x4000u
#define ICR_INIT	0x500u
#define ICR_STARTUP	0x600u
#define ICR_PENDING	0x1000u

#define CALIBRATE_NS	1000000u
#define INIT_WAIT_NS	10000000u
#define STARTUP_WAIT_NS	200000u

static char *lapic;			/* c after irq_init; NULL: none */
static uint32_t lapic_per_ms;		/* c: counts of the timer */

static uint32_t
lapic_read(unsigned reg)
{
	return md_read32(lapic + reg);
}

static void
lapic_write(unsigned reg, uint32_t v)
{
	md_write32(lapic + reg, v);
}

static void
delay(uint64_t ns)
{
	uint64_t start = md_clock_ns();

	while (md_clock_ns() - start < ns)
		md_pause();
}

/* The two halves belong together: an interrupt handler may send, too. */
static void
lapic_command(unsigned apic_id, uint32_t command)
{
	intr_push();
	while (lapic_read(LAPIC_ICR) & ICR_PENDING)
		md_pause();
	lapic_write(LAPIC_ICR_TO, apic_id << 24);
	lapic_write(LAPIC_ICR, command);
	intr_pop();
}

void
lapic_send(unsigned long cpus, unsigned vector)
{
	for (unsigned i = 0; i < platform.ncpus && lapic != NULL; i++)
		if (cpus >> i & 1)
			lapic_command(platform.apic_id[i], ICR_ASSERT | vector);
}

/* Processor CPU, which has never run, begins in real mode at the start of PAGE. */
void
lapic_start(unsigned cpu, paddr_t page)
{
	unsigned id = platform.apic_id[cpu];

	lapic_command(id, ICR_ASSERT | ICR_INIT);
	delay(INIT_WAIT_NS);
	for (unsigned i = 0; i < 2; i++) {
		lapic_command(id, ICR_ASSERT | ICR_STARTUP | page >> PAGE_SHIFT);
		delay(STARTUP_WAIT_NS);
	}
}

static void
lapic_calibrate(void)
{
	uint64_t start;
	uint32_t counted;

	lapic_write(LAPIC_DIVIDE, DIVIDE_BY_16);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	start = md_clock_ns();
	lapic_write(LAPIC_COUNT, UINT32_MAX);
	delay(CALIBRATE_NS);
	counted = UINT32_MAX - lapic_read(LAPIC_CURRENT);
	lapic_per_ms = (uint32_t)(counted * 1000ull / ((uint32_t)(md_clock_ns() - start) / 1000));
	lapic_write(LAPIC_COUNT, 0);
}

void
irq_init_cpu(void)
{
	if (lapic == NULL)
		return;
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LVT_MASKED);
	lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
	lapic_write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VEC_SPURIOUS);
	lapic_write(LAPIC_EOI, 0);
}

static void
lapic_timer_start(uint64_t period)
{
	if (lapic_per_ms == 0)
		lapic_calibrate();
	lapic_write(LAPIC_DIVIDE, DIVIDE_BY_16);
	lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | VEC_TIMER);
	lapic_write(LAPIC_COUNT,
	    MAX((uint32_t)((uint64_t)lapic_per_ms * ((uint32_t)period / 1000) / 1000), 1));
}

/* ---- I/O APIC ---- */

#define IOAPIC_WINDOW	0x10
#define IOAPIC_ENTRY	0x10		/* the first of two registers an entry */
#define ENTRY_LOW	0x2000u
#define ENTRY_LEVEL	0x8000u
#define ENTRY_MASKED	0x10000u

static char *ioapic;			/* c after irq_init; NULL: the 8259s */
static struct spinlock irq_lock = SPINLOCK_INIT("interrupt controller", RANK_CONSOLE);

static void
ioapic_write(unsigned reg, uint32_t v)
{
	md_write32(ioapic, reg);
	md_write32(ioapic + IOAPIC_WINDOW, v);
}

static void
ioapic_set(unsigned irq, bool masked)
{
	unsigned reg = IOAPIC_ENTRY + 2 * platform.irq[irq].pin;
	uint32_t entry = VEC_IRQ + irq;

	entry |= platform.irq[irq].low ? ENTRY_LOW : 0;
	entry |= platform.irq[irq].level ? ENTRY_LEVEL : 0;
	entry |= masked ? ENTRY_MASKED : 0;
	ioapic_write(reg + 1, (uint32_t)platform.apic_id[0] << 24);
	ioapic_write(reg, entry);
}

/* ---- both ---- */

static void
set_mask(unsigned irq, bool masked)
{
	assert(irq < NIRQS);
	spin_lock(&irq_lock);
	if (ioapic != NULL) {
		ioapic_set(irq, masked);
	} else {
		pic_masked = (uint16_t)(masked ? pic_masked | 1u << irq :
		    pic_masked & ~(1u << irq));
		pic_write_mask();
	}
	spin_unlock(&irq_lock);
}

/*
 * What signals by an edge while it is masked may go unheard. The console is the one
 * device that is masked at run time: it keeps silent by itself.
 */
void
md_irq_unmask(unsigned irq)
{
	set_mask(irq, false);
	if (cons_signals(irq))
		cons_receive(true);
}

void
md_irq_mask(unsigned irq)
{
	if (cons_signals(irq))
		cons_receive(false);
	else
		set_mask(irq, true);
}

void
md_irq_eoi(unsigned irq)
{
	if (ioapic != NULL)
		lapic_write(LAPIC_EOI, 0);
	else
		pic_eoi(irq);
}

static void
device_interrupt(unsigned irq)
{
	if (ioapic == NULL && pic_is_spurious(irq))
		return;
	if (ioapic != NULL || irq != PIT_IRQ) {
		trap_irq(irq);
		return;
	}
	md_irq_eoi(irq);
	trap_tick();
}

/* Acknowledged first: the upcall may not come back for long. */
void
irq_interrupt(unsigned vector)
{
	if (vector == VEC_SPURIOUS)
		return;
	if (vector < VEC_IRQ + NIRQS) {
		device_interrupt(vector - VEC_IRQ);
		return;
	}
	lapic_write(LAPIC_EOI, 0);
	if (vector == VEC_TIMER)
		trap_tick();
	else if (vector == VEC_IPI)
		trap_ipi();
	else if (vector == VEC_SHOOTDOWN)
		shootdown_serve();
}

void
irq_init(void)
{
	pic_init();
	if (platform.ioapic == 0)
		return;
	lapic = pmap_map_device(platform.lapic, PAGE_SIZE);
	ioapic = pmap_map_device(platform.ioapic, PAGE_SIZE);
	if (lapic == NULL || ioapic == NULL)
		panic("no room to map the interrupt controllers");
	for (unsigned irq = 0; irq < NIRQS; irq++)
		ioapic_set(irq, true);
}

void
md_timer_start(uint64_t period)
{
	if (lapic != NULL)
		lapic_timer_start(period);
	else
		pit_start(period);
}
