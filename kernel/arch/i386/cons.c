/*
 * The console's bytes: a 16550 at the PC's first serial port; with the parameter `com2` the
 * second one as well: all output goes to both, input comes from either.
 */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "kern/bootparam.h"
#include "md/time.h"

static const struct {
	uint16_t base;
	uint8_t	 irq;
} uarts[] = { { 0x3f8, 4 }, { 0x2f8, 3 } };
static unsigned nuarts = 1;		/* c after cons_init */

enum { UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR };
#define IER_RECEIVE	0x01
#define FCR_ENABLE	0x07		/* FIFOs on and empty */
#define LCR_8N1		0x03
#define LCR_DIVISOR	0x80		/* the first two registers set the speed */
#define MCR_READY	0x03		/* DTR, RTS */
#define MCR_OUT2	0x08		/* interrupts leave the chip */
#define LSR_DATA	0x01
#define LSR_ROOM	0x20
#define LSR_ABSENT	0xff		/* what is read where nothing is */

static uint8_t
uart_read(unsigned n, unsigned reg)
{
	return inb(uarts[n].base + reg);
}

static void
uart_write(unsigned n, unsigned reg, uint8_t v)
{
	outb(uarts[n].base + reg, v);
}

/* 115200 bits a second; nobody may have done it before. */
static void
uart_start(unsigned n)
{
	uart_write(n, UART_IER, 0);
	uart_write(n, UART_LCR, LCR_DIVISOR);
	uart_write(n, UART_DATA, 1);
	uart_write(n, UART_IER, 0);
	uart_write(n, UART_LCR, LCR_8N1);
	uart_write(n, UART_FCR, FCR_ENABLE);
	uart_write(n, UART_MCR, MCR_READY | MCR_OUT2);
}

void
cons_early(void)
{
	uart_start(0);
}

void
cons_init(void)
{
	char value[2];

	if (bootparam_get("com2", value, sizeof(value)) && uart_read(1, UART_LSR) != LSR_ABSENT) {
		uart_start(1);
		nuarts = 2;
	}
	cons_receive(true);
}

/* The chip's interrupt comes again when it is enabled and there is something. */
void
cons_receive(bool on)
{
	for (unsigned n = 0; n < nuarts; n++)
		uart_write(n, UART_IER, on ? IER_RECEIVE : 0);
}

void
md_cons_putc(char c)
{
	for (unsigned n = 0; n < nuarts; n++) {
		while ((uart_read(n, UART_LSR) & LSR_ROOM) == 0)
			md_pause();
		uart_write(n, UART_DATA, (uint8_t)c);
	}
}

int
md_cons_getc(void)
{
	for (unsigned n = 0; n < nuarts; n++) {
		uint8_t state = uart_read(n, UART_LSR);

		if (state != LSR_ABSENT && (state & LSR_DATA) != 0)
			return uart_read(n, UART_DATA);
	}
	return -1;
}

int
md_cons_irq(unsigned n)
{
	return n < nuarts ? uarts[n].irq : -1;
}

bool
cons_signals(unsigned irq)
{
	for (unsigned n = 0; n < nuarts; n++)
		if (uarts[n].irq == irq)
			return true;
	return false;
}
