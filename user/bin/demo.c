/* What the demonstrations share. */
#include "demo.h"

#include <err.h>
#include <limits.h>
#include <quire.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entry.h"

static int steps, failures;

/* ---- boot parameters ---- */

static bool
boot_has(const char *word)
{
	char line[256], *save, *at;
	long n = kinfo(KINFO_BOOTARGS, 0, 0, line, sizeof(line) - 1);

	if (n <= 0)
		return false;
	line[n] = '\0';
	for (at = strtok_r(line, " ", &save); at; at = strtok_r(NULL, " ", &save))
		if (strcmp(at, word) == 0)
			return true;
	return false;
}

bool
demo_fork_copies(void)
{
	return boot_has("fork=copy");
}

bool
demo_heap_eager(void)
{
	return boot_has("heap=eager");
}

/* ---- what is printed ---- */

void
demo_begin(const char *title)
{
	static char buf[512];

	setvbuf(stdout, buf, _IOLBF, sizeof(buf));
	if (title == NULL)
		return;
	printf("%s\n", title);
	if (demo_fork_copies())
		printf("The kernel was booted with fork=copy: fork copies every private page.\n");
	if (demo_heap_eager())
		printf("The kernel was booted with heap=eager: sbrk takes all pages at once.\n");
}

void
demo_step(const char *fmt, ...)
{
	va_list ap;

	printf("\n%d. ", ++steps);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
demo_say(const char *fmt, ...)
{
	va_list ap;

	printf("   ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
demo_shows(bool so, const char *fmt, ...)
{
	va_list ap;

	printf(so ? "   => " : "   => THIS DID NOT HAPPEN: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failures += !so;
}

int
demo_status(void)
{
	return failures == 0 ? 0 : 1;
}

int
demo_end(void)
{
	if (failures == 0)
		printf("\nAll of it happened as said.\n");
	else
		printf("\n%d of these did not happen as said.\n", failures);
	return demo_status();
}

/* ---- counters ---- */

void
demo_count(struct demo_counts *c)
{
	*c = (struct demo_counts){
		.vp = numvp(),
		.pp = numpp(),
		.pt = getptsize(),
		.free = getNumFreePages(),
	};
}

void
demo_counted(struct demo_counts *c, struct demo_counts *moved)
{
	static const char row[] = "   %-37s %8ld %8ld %+8ld\n";
	struct demo_counts now;

	demo_count(&now);
	printf("   %-37s %8s %8s %8s\n", "", "before", "after", "change");
	printf(row, "numvp()   pages that exist", c->vp, now.vp, now.vp - c->vp);
	printf(row, "numpp()   of these, with a frame", c->pp, now.pp, now.pp - c->pp);
	printf(row, "getptsize()   pages of the page table", c->pt, now.pt, now.pt - c->pt);
	printf(row, "getNumFreePages()   in the system", c->free, now.free, now.free - c->free);
	if (moved)
		*moved = (struct demo_counts){ now.vp - c->vp, now.pp - c->pp, now.pt - c->pt,
			now.free - c->free };
	*c = now;
}

/* ---- processes ---- */

pid_t
demo_fork(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	return pid;
}

void
demo_pipe(int fd[2])
{
	if (pipe(fd) < 0)
		err(1, "pipe");
}

const char *
demo_path(char *buf, const char *name)
{
	snprintf(buf, PATH_MAX, "/tmp/%s.%d", name, (int)getpid());
	return buf;
}

/* ---- children that obey ---- */

static struct puppet *puppets[PUPPETS];

static _Noreturn void
puppet_run(struct puppet *p, bool (*obey)(char what, void *arg), void *arg)
{
	char what;

	/* Ends of the others' pipes: an order must fail when who obeys is gone. */
	for (int i = 0; i < PUPPETS; i++)
		if (puppets[i]) {
			close(puppets[i]->order);
			close(puppets[i]->answer);
		}
	while (read(p->order, &what, 1) == 1) {
		char done = obey(what, arg) ? 'y' : 'n';

		if (fflush(stdout) < 0 || write(p->answer, &done, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

void
puppet_start(struct puppet *p, bool (*obey)(char what, void *arg), void *arg)
{
	int orders[2], answers[2], i = 0;

	demo_pipe(orders);
	demo_pipe(answers);
	p->pid = demo_fork();
	if (p->pid == 0) {
		close(orders[1]);
		close(answers[0]);
		p->order = orders[0];
		p->answer = answers[1];
		puppet_run(p, obey, arg);
	}
	close(orders[0]);
	close(answers[1]);
	p->order = orders[1];
	p->answer = answers[0];
	while (puppets[i])
		i++;
	puppets[i] = p;
}

bool
puppet_order(struct puppet *p, char what)
{
	char done = 'n';

	fflush(stdout);
	return write(p->order, &what, 1) == 1 && read(p->answer, &done, 1) == 1 && done == 'y';
}

bool
puppet_end(struct puppet *p)
{
	int status;

	for (int i = 0; i < PUPPETS; i++)
		if (puppets[i] == p)
			puppets[i] = NULL;
	close(p->order);
	close(p->answer);
	return waitpid(p->pid, &status, 0) == p->pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

/* ---- memory ---- */

char *
demo_pages(int n)
{
	char *p = mmap(NULL, (size_t)(n * PAGE), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

bool
demo_entry(const char *who, pid_t pid, const void *va, struct kinfo_pte *e)
{
	char rights[ENTRY_TEXT];

	if (!entry_find(pid, va, e)) {
		demo_shows(false, "%s has an entry for %p", who, va);
		return false;
	}
	demo_say("%-8s %s frame %#llx refs %u", who, entry_rights(e, rights),
	    (unsigned long long)e->pfn, e->refs);
	return true;
}
