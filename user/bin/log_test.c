/*
 * Shows a log that several processes write into one shared page without a lock.
 *
 * The page holds records one behind the other: a header of 32 bits, 0 as long as the place is
 * free; a message; padding up to 4 bytes. A writer claims a place by exchanging the header's 0 for
 * its own with one atomic instruction. When it finds a header there, somebody else was
 * faster; it goes on behind that record, whose length the header tells.
 *
 * The page was all zeroes and no message contains a NUL: the reader knows that a byte of a message
 * is there when it is not 0.
 */
#include <err.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"
#include "entry.h"

static const char help[] HELP_TEXT =
    "log_test [CHILDREN]\n"
    "Shows a log without locks in one shared page. 4 to 16 children (4) write messages\n"
    "into it at once, the parent prints them while they do, until the page is full.\n"
    "Status 0: none was lost, torn, or out of its child's order.\n";

#define MIN_CHILDREN	4
#define MAX_CHILDREN	16
#define HEADER		((long)sizeof(uint32_t))
#define MESSAGE_MAX	96

struct child {
	pid_t pid;
	int to, from;		/* ends of pipes: where the page is; how many it wrote */
	int read;		/* messages of it that the parent has seen */
};

static struct child children[MAX_CHILDREN + 1];		/* from 1 on, as the indexes are */
static long nchildren = MIN_CHILDREN;

/* What child INDEX says the Nth time; its length. No NUL in it, and every one is different. */
static long
compose(char *text, int index, int n)
{
	static const char *const tail[] = { "", " and hello", ", and still here",
		", which takes a longer line than most" };

	return snprintf(text, MESSAGE_MAX, "child %d, message %d%s", index, n,
	    tail[(n + index) % 4]);
}

static uint32_t *
header_at(char *page, long at)
{
	return (uint32_t *)(void *)(page + at);
}

static uint32_t
header_of(int index, long length)
{
	return (uint32_t)index | (uint32_t)length << 16;
}

/* Bytes that a record with header H takes. */
static long
record_size(uint32_t h)
{
	return HEADER + (((long)(h >> 16) + 3) & ~3L);
}

/* ---- a writer ---- */

/* Claims a place at or behind *AT for a message of LENGTH bytes. false: the page is full. */
static bool
claim(char *page, long *at, int index, long length)
{
	while (*at + HEADER + length <= PAGE) {
		uint32_t found = __sync_val_compare_and_swap(header_at(page, *at), 0,
		    header_of(index, length));

		if (found == 0)
			return true;
		*at += record_size(found);
	}
	return false;
}

/* Writes until the page is full; how many messages went in. */
static int
write_log(char *page, int index)
{
	char text[MESSAGE_MAX];
	long at = 0, length;
	int n = 0;

	for (length = compose(text, index, 1); claim(page, &at, index, length);
	    length = compose(text, index, n + 1)) {
		memcpy(page + at + HEADER, text, (size_t)length);
		__sync_synchronize();
		at += record_size(header_of(index, length));
		n++;
		usleep(200 * (useconds_t)index);	/* give way, each in its own rhythm */
	}
	return n;
}

/* Waits for the page, which the parent maps when it has forked everybody. */
static _Noreturn void
be_child(int index, int from, int to)
{
	uint64_t va;
	int n;

	if (read(from, &va, sizeof(va)) != (ssize_t)sizeof(va))
		_exit(1);
	n = write_log((char *)(uintptr_t)va, index);
	_exit(write(to, &n, sizeof(n)) == (ssize_t)sizeof(n) ? 0 : 1);
}

static void
start_child(int index)
{
	struct child *c = &children[index];
	int to[2], from[2];

	demo_pipe(to);
	demo_pipe(from);
	c->pid = demo_fork();
	if (c->pid == 0) {
		close(to[1]);
		for (int i = 1; i < index; i++)
			close(children[i].to);
		be_child(index, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
}

/* ---- the reader ---- */

/* Are all children gone? What they wrote is in the page then. */
static bool
all_gone(void)
{
	static int gone, bad;
	int status;

	while (gone < nchildren && waitpid(-1, &status, WNOHANG) > 0) {
		gone++;
		bad += status != 0;
	}
	if (bad)
		errx(1, "a child failed");
	return gone == nchildren;
}

/* Something that is not 0 at AT, or false: nobody will write there any more. */
static bool
header_arrives(char *page, long at, uint32_t *h)
{
	bool last;

	do {
		last = all_gone();
		*h = *(volatile uint32_t *)header_at(page, at);
		if (*h != 0)
			return true;
		usleep(100);
	} while (!last);
	return false;
}

/* Copies the LENGTH bytes of a message to TEXT as they come. */
static bool
message_arrives(const char *message, long length, char *text)
{
	bool last;

	do {
		long i = 0;

		last = all_gone();
		while (i < length && (text[i] = ((const volatile char *)message)[i]) != '\0')
			i++;
		__sync_synchronize();
		if (i == length) {
			text[length] = '\0';
			return true;
		}
		usleep(100);
	} while (!last);
	return false;
}

/* Is this the next message of its child, whole? */
static bool
is_next(const char *text, int index, long length)
{
	char want[MESSAGE_MAX];

	if (index < 1 || index > nchildren)
		return false;
	return compose(want, index, ++children[index].read) == length && strcmp(text, want) == 0;
}

struct result {
	int records, early;	/* printed; of these, before the last child had ended */
	bool whole;		/* none torn, none out of order */
};

static struct result
read_log(char *page)
{
	struct result r = { .whole = true };
	uint32_t h;

	for (long at = 0; at + HEADER <= PAGE && header_arrives(page, at, &h);
	    at += record_size(h)) {
		int index = (int)(h & 0xffff);
		long length = h >> 16;
		char text[MESSAGE_MAX];

		if (length >= MESSAGE_MAX || at + HEADER + length > PAGE ||
		    !message_arrives(page + at + HEADER, length, text)) {
			r.whole = false;
			break;
		}
		printf("   [%d] %s\n", index, text);
		r.whole &= is_next(text, index, length);
		r.records++;
		r.early += !all_gone();
	}
	return r;
}

/* ---- the steps ---- */

static void
map_into_children(char *page)
{
	uint64_t va[MAX_CHILDREN + 1];
	struct kinfo_pte e;

	for (int i = 1; i <= nchildren; i++) {
		va[i] = map_shared_pages(getpid(), children[i].pid, (uintptr_t)page, PAGE);
		if (va[i] == 0)
			err(1, "map_shared_pages");
	}
	(void)*(volatile char *)page;
	if (demo_entry("parent", getpid(), page, &e))
		demo_shows((long)e.refs == 1 + nchildren, "one frame, a page of %u processes",
		    (unsigned)e.refs);
	for (int i = 1; i <= nchildren; i++)
		if (write(children[i].to, &va[i], sizeof(va[i])) != (ssize_t)sizeof(va[i]))
			err(1, "child %d", i);
}

static void
count_all(struct result r)
{
	int sum = 0, n;

	for (int i = 1; i <= nchildren; i++) {
		if (read(children[i].from, &n, sizeof(n)) != (ssize_t)sizeof(n))
			errx(1, "child %d does not tell how many it wrote", i);
		demo_say("child %d wrote %d messages until one did not fit; the parent read %d", i,
		    n, children[i].read);
		sum += n;
		r.whole &= n == children[i].read;
	}
	demo_shows(sum == r.records, "%d messages: none was lost", r.records);
	demo_shows(r.whole, "none was torn; each child's came in its order");
	demo_say("%d of them were printed before the last child had ended", r.early);
}

int
main(int argc, char **argv)
{
	char *page;

	help_option(argc, argv, help);
	if (argc > 2 ||
	    (argc == 2 && !parse_number(argv[1], MIN_CHILDREN, MAX_CHILDREN, &nchildren)))
		usage(help, 2);
	demo_begin("log_test: many writers, one page, no lock");
	demo_step("The parent forks %ld children, then takes a page of zeroes", nchildren);
	for (int i = 1; i <= nchildren; i++)
		start_child(i);
	page = demo_pages(1);
	(void)*(volatile char *)page;
	demo_step("It maps the page into each child");
	map_into_children(page);
	demo_step("They write until it is full; [index of the child] and message, as they come");
	count_all(read_log(page));
	return finish(demo_end());
}
