/* See hostport.h. */
#include "hostport.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern/bootparam.h"
#include "kern/clock.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "md/boot.h"
#include "md/time.h"
#include "md/usercopy.h"
#include "mem/page.h"

char *hostport_arena;
static size_t arena_size;
uint64_t hostport_time_ns, hostport_time_step;
void (*hostport_log)(const char *line);
bool (*hostport_user_ok)(vaddr_t va, size_t n);

int panicking;
struct cpu cpus[MAX_CPUS];
void *const hostport_self = cpus;
unsigned ncpus = 1;
static struct thread main_thread = { .name = "host" };

void
hostport_init(size_t size)
{
	static struct bootinfo bi;

	size = ROUND_DOWN(size, (size_t)PAGE_SIZE);
	arena_size = size;
	hostport_arena = aligned_alloc(PAGE_SIZE, size);
	if (hostport_arena == NULL) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	cpus[0].head.current = &main_thread;
	bi.ram[0] = (struct boot_range){ HOST_RAM_BASE, HOST_RAM_BASE + size };
	bi.nram = 1;
	bi.ncpus = 1;
	page_init(&bi);
}

/* ---- messages ---- */

void
kprintf(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (hostport_log != NULL)
		hostport_log(line);
	else
		fputs(line, stderr);
}

void
panic(const char *fmt, ...)
{
	va_list ap;

	fputs("panic: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void
assert_failed(const char *expr, const char *file, int line)
{
	panic("assertion failed: %s, %s:%d", expr, file, line);
}

/* ---- waiting: there is nobody to wait for ---- */

err_t
waitq_sleep(struct waitq *q, struct spinlock *l, enum wait_mode mode)
{
	(void)l, (void)mode;
	panic("a wait for ever: %s", q->name);
}

void
waitq_wait(struct waitq *q, struct spinlock *l)
{
	(void)l;
	panic("a wait for ever: %s", q->name);
}

err_t
waitq_sleep_until(struct waitq *q, struct spinlock *l, enum wait_mode mode, uint64_t deadline)
{
	(void)q, (void)l, (void)mode, (void)deadline;
	return ERR(ETIMEDOUT);
}

err_t
clock_sleep_ns(uint64_t ns)
{
	(void)ns;
	return OK;
}

void
waitq_wake_one(struct waitq *q)
{
	(void)q;
}

void
waitq_wake_all(struct waitq *q)
{
	(void)q;
}

void
thread_wake(struct thread *t)
{
	(void)t;
}

void
thread_yield(void)
{
}

void
thread_breathe(void)
{
}

err_t
thread_daemon(const char *name, void (*fn)(void *), void *arg)
{
	(void)name, (void)fn, (void)arg;
	return ERR(ENOMEM);
}

void
panic_stop(void)
{
	abort();
}

/* ---- clocks, boot parameters ---- */

uint64_t
md_ticks_ns(uint64_t ticks)
{
	return ticks;
}

uint64_t
clock_wall_ns(void)
{
	hostport_time_ns += hostport_time_step;
	return hostport_time_ns;
}

bool
bootparam_get(const char *key, char *buf, size_t size)
{
	(void)key, (void)buf, (void)size;
	return false;
}

bool
bootparam_is(const char *key, const char *value)
{
	(void)key, (void)value;
	return false;
}

/* ---- copies ---- */

/* The kernel's side of a copy is in the arena. */
static bool
user_ok(const void *p, size_t n)
{
	size_t at = (size_t)((const char *)p - hostport_arena);

	return hostport_user_ok == NULL || at < arena_size || hostport_user_ok((vaddr_t)p, n);
}

int
md_usercopy(void *dst, const void *src, size_t n)
{
	if (!user_ok(dst, n) || !user_ok(src, n))
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

void
md_page_clear(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void
md_page_copy(void *dst, const void *src)
{
	memcpy(dst, src, PAGE_SIZE);
}

/* ---- errors in words ---- */

const char *
hostport_strerror(err_t err)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ EPERM, "not permitted" }, { ENOENT, "no such file or folder" },
		{ EIO, "input/output error" }, { ENOMEM, "out of memory" },
		{ EFAULT, "bad address" }, { EBUSY, "busy" }, { EEXIST, "exists already" },
		{ ENOTDIR, "not a folder" }, { EISDIR, "is a folder" },
		{ EINVAL, "invalid argument" }, { EFBIG, "file too large" },
		{ ENOSPC, "no space left in the image" }, { EROFS, "the image is read-only" },
		{ ENAMETOOLONG, "path too long" }, { ENOTEMPTY, "folder not empty" },
		{ ELOOP, "too many symbolic links" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].code == -err_code(err))
			return texts[i].text;
	return "unknown error";
}
