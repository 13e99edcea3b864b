/*
 * See dev/console.h. Bytes come in under `lock` from the interrupt. `buf` is a
 * ring with three positions: programs have read up to `read`, may read up to
 * `ready`, and [ready, edit) is the line being typed.
 */
#include "dev/console.h"

#include "abi/tty.h"
#include "dev/chardev.h"
#include "kern/irq.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "md/time.h"
#include "md/trap.h"
#include "mem/page.h"

#define INPUT_SIZE	4096u		/* a power of two */
#define CTRL(c)		((c) & 0x1f)
#define DELETE		0x7f
#define DLE		0x10		/* with frames: the next byte is no key */
#define END_MARK	0x100u		/* in the ring: end of file here */

static struct {
	struct spinlock lock;		/* RANK_WAIT */
	struct waitq readers;		/* lock */
	struct waitq keys;		/* lock: the daemon's */
	uint16_t buf[INPUT_SIZE];	/* lock: bytes and END_MARK */
	uint32_t read, ready, edit;	/* lock */
	bool	 raw;			/* lock */
	bool	 quoted;		/* lock: plain, behind a DLE */
	bool	 masked;		/* lock: no room: bytes stay in the hardware */
	bool	 plain;			/* c after boot */
	bool	 want_list, want_interrupt;	/* lock: keys pressed; the second: for the daemon */
	int	 foreground;		/* lock: a pid, or 0 */
	unsigned interrupts;		/* lock: Ctrl-C was pressed so often */
} con = { .lock = SPINLOCK_INIT("console input", RANK_WAIT),
	.readers = WAITQ_INIT(con.readers, "console"), .keys = WAITQ_INIT(con.keys, "keys") };

static const struct console_hooks *hooks;	/* c after boot */

/* ---- input; con.lock held ---- */

static void
echo(const char *s, size_t n)
{
	if (!con.plain)
		cons_write(CONS_OUT, s, n);
}

static bool
is_full(void)
{
	return con.edit - con.read == INPUT_SIZE;
}

static uint16_t *
byte_at(uint32_t pos)
{
	return &con.buf[pos % INPUT_SIZE];
}

static void
publish(void)
{
	con.ready = con.edit;
	waitq_wake_all(&con.readers);
}

/* As echoed: ^X for a control character. */
static bool
shows_as_two(unsigned char c)
{
	return (c < ' ' && c != '\n' && c != '\t') || c == DELETE;
}

static void
echo_byte(char c)
{
	char two[2] = { '^', (char)(c ^ 0x40) };

	if (shows_as_two((unsigned char)c))
		echo(two, 2);
	else
		echo(&c, 1);
}

/* A character, of one or more bytes (UTF-8). */
static bool
erase_one(void)
{
	unsigned char c;

	if (con.edit == con.ready)
		return false;
	do
		c = (unsigned char)*byte_at(--con.edit);
	while ((c & 0xc0) == 0x80 && con.edit != con.ready);
	echo("\b \b\b \b", shows_as_two(c) ? 6 : 3);
	return true;
}

static void
erase_word(void)
{
	while (con.edit != con.ready && *byte_at(con.edit - 1) == ' ')
		erase_one();
	while (con.edit != con.ready && *byte_at(con.edit - 1) != ' ')
		erase_one();
}

static void
interrupt_key(void)
{
	echo("^C\n", 3);
	con.edit = con.ready;
	con.want_interrupt = true;
	con.interrupts++;
	waitq_wake_all(&con.keys);
}

/* Keys that are no input in cooked mode. true: C was one. */
static bool
edit_key(char c)
{
	switch (c) {
	case '\b':
	case DELETE:
		erase_one();
		break;
	case CTRL('U'):
		while (erase_one())
			;
		break;
	case CTRL('W'):
		erase_word();
		break;
	case CTRL('C'):
		interrupt_key();
		break;
	default:
		return false;
	}
	return true;
}

static void
insert(unsigned c)
{
	assert(!is_full());
	*byte_at(con.edit++) = (uint16_t)c;
}

/* A byte of a line in cooked mode, or the key that ends the file. */
static void
take_cooked(char c, bool end)
{
	insert(end ? END_MARK : (unsigned char)c);
	if (!end)
		echo_byte(c);
	if (end || c == '\n' || is_full())
		publish();
}

/* A byte of a forwarded stream: any value, and what DLE does not quote may be the end. */
static void
take_plain(char c)
{
	bool quoted = con.quoted;

	con.quoted = !quoted && c == DLE;
	if (!con.quoted)
		take_cooked(c, !quoted && c == CTRL('D'));
}

static void
take_key(char c)
{
	if (c == CTRL('P')) {
		con.want_list = true;
	} else if (con.raw) {
		insert((unsigned char)c);
		publish();
	} else if (c == CTRL('D') && con.edit != con.ready) {
		publish();		/* not the end: the line so far, without a newline */
	} else if (!edit_key(c)) {
		take_cooked(c == '\r' ? '\n' : c, c == CTRL('D'));
	}
}

/* What comes stays in the hardware, or comes again. */
static void
mask_input(bool masked)
{
	con.masked = masked;
	for (unsigned n = 0; md_cons_irq(n) >= 0; n++)
		masked ? md_irq_mask((unsigned)md_cons_irq(n)) :
			 md_irq_unmask((unsigned)md_cons_irq(n));
}

static void
drain_hardware(void)
{
	bool no_room, list;
	int c;

	spin_lock(&con.lock);
	while (!is_full() && (c = md_cons_getc()) >= 0)
		con.plain ? take_plain((char)c) : take_key((char)c);
	no_room = is_full();
	if (no_room != con.masked)
		mask_input(no_room);
	list = con.want_list;
	con.want_list = false;
	spin_unlock(&con.lock);
	if (list)
		hooks->list_processes();
}

static void
console_irq(void *arg)
{
	(void)arg;
	drain_hardware();
}

void
console_poll(void)
{
	if (md_cons_irq(0) < 0)
		drain_hardware();
}

/* ---- the device ---- */

/* Up to N ready bytes, to the end of a line in cooked mode. *END: end of file was reached. */
static size_t
take_ready(char *to, size_t n, bool *end)
{
	size_t k = 0;

	while (k < n && con.read != con.ready && !*end) {
		unsigned c = *byte_at(con.read);

		if (c == END_MARK) {
			*end = true;
			if (k == 0)
				con.read++;	/* else the next read returns 0 */
			break;
		}
		con.read++;
		if (c == '\r' && !con.raw && !con.plain)
			c = '\n';	/* typed ahead in raw mode */
		to[k++] = (char)c;
		if (c == '\n' && !con.raw)
			*end = true;
	}
	return k;
}

static long
console_read(unsigned minor, const struct iobuf *b, size_t n)
{
	bool end = false;
	size_t done = 0;
	err_t err = OK;

	(void)minor;
	while (done < n && !end) {
		char some[128];
		size_t k;

		spin_lock(&con.lock);
		while (con.read == con.ready && done == 0 && err == OK)
			err = waitq_sleep(&con.readers, &con.lock, WAIT_KILLABLE);
		k = err == OK ? take_ready(some, MIN(n - done, sizeof(some)), &end) : 0;
		spin_unlock(&con.lock);
		if (err == OK && k > 0)
			err = iobuf_put(b, done, some, k);
		if (err != OK)
			return done > 0 ? (long)done : err_code(err);
		if (k == 0)
			break;
		done += k;
	}
	drain_hardware();		/* there may be room again */
	return (long)done;
}

static long
console_write(unsigned minor, const struct iobuf *b, size_t n)
{
	size_t done = 0;

	while (done < n) {
		char some[128];
		size_t k = MIN(n - done, sizeof(some));
		err_t err = iobuf_get(b, done, some, k);

		if (err != OK)
			return done > 0 ? (long)done : err_code(err);
		cons_write(minor == 1 ? CONS_ERR : CONS_OUT, some, k);
		done += k;
		thread_breathe();
	}
	return (long)done;
}

/* con.lock held. */
static long
set_mode(unsigned long mode)
{
	long was = con.raw ? TTY_RAW : TTY_COOKED;

	if (mode != TTY_COOKED && mode != TTY_RAW)
		return -EINVAL;
	con.raw = mode == TTY_RAW;
	if (con.raw && con.edit != con.ready)
		publish();
	return was;
}

static long
console_ctl(unsigned minor, int op, unsigned long arg)
{
	long r = 0;

	(void)minor;
	spin_lock(&con.lock);
	switch (op) {
	case TTY_SETMODE:
		r = set_mode(arg);
		break;
	case TTY_SETFG:
		con.foreground = (int)arg;
		break;
	case TTY_AVAIL:
		r = (long)(con.ready - con.read);
		break;
	case TTY_INTERRUPTS:
		r = (long)(con.interrupts & INT32_MAX);
		break;
	default:
		r = -EINVAL;
	}
	spin_unlock(&con.lock);
	return r;
}

/* ---- keys that act ---- */

static void
keys_daemon(void *arg)
{
	(void)arg;
	for (;;) {
		int pid;

		spin_lock(&con.lock);
		while (!con.want_interrupt)
			waitq_wait(&con.keys, &con.lock);
		con.want_interrupt = false;
		pid = con.foreground;
		spin_unlock(&con.lock);
		if (pid > 0)
			hooks->interrupt(pid);
	}
}

void
console_set_plain(bool on)
{
	con.plain = on;
}

void
console_init(const struct console_hooks *h)
{
	static const struct chardev terminal = { console_read, console_write, console_ctl };
	static const struct chardev streams = { console_read, console_write, NULL };

	hooks = h;
	if (thread_daemon("keys", keys_daemon, NULL) != OK)
		panic("no memory for the console's daemon");
	chardev_register(MAJOR_CONSOLE, con.plain ? &streams : &terminal);
	for (unsigned n = 0; md_cons_irq(n) >= 0; n++)
		irq_register((unsigned)md_cons_irq(n), console_irq, NULL);
	cons_write(CONS_OUT, "", 0);	/* with frames: the host sees that we listen from now on */
}
