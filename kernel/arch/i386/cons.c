/* The console's bytes: a 16550 at the PC's first serial port. */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "md/time.h"

#define COM1		0x3f8u
#define COM1_IRQ	4

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
uart_read(unsigned reg)
{
	return inb(COM1 + reg);
}

static void
uart_write(unsigned reg, uint8_t v)
{
	outb(COM1 + reg, v);
}

/* 115200 bits a second; nobody may have done it before. */
void
cons_early(void)
{
	uart_write(UART_IER, 0);
	uart_write(UART_LCR, LCR_DIVISOR);
	uart_write(UART_DATA, 1);
	uart_write(UART_IER, 0);
	uart_write(UART_LCR, LCR_8N1);
	uart_write(UART_FCR, FCR_ENABLE);
	uart_write(UART_MCR, MCR_READY | MCR_OUT2);
}

void
cons_init(void)
{
	cons_receive(true);
}

/* The chip's interrupt comes again when it is enabled and there is something. */
void
cons_receive(bool on)
{
	uart_write(UART_IER, on ? IER_RECEIVE : 0);
}

void
md_cons_putc(char c)
{
	while ((uart_read(UART_LSR) & LSR_ROOM) == 0)
		md_pause();
	uart_write(UART_DATA, (uint8_t)c);
}

int
md_cons_getc(void)
{
	uint8_t state = uart_read(UART_LSR);

	if (state == LSR_ABSENT || (state & LSR_DATA) == 0)
		return -1;
	return uart_read(UART_DATA);
}

int
md_cons_irq(void)
{
	return COM1_IRQ;
}
