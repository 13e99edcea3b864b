/*
 * See file/pipe.h. A ring of PIPE_PAGES pages: each is allocated when the
 * writer reaches it and is given back when the pipe runs empty, but for one.
 *
 * Two locks: `lock` (sleeping) guards the bytes, since copies to and from users may
 * fault; `wait_lock` (spinning) guards the waiting. Sleepers sleep on a turn counter that every
 * change moves on, so that nothing is missed between letting `lock` go and
 * going to sleep.
 */
#include "file/pipe.h"

#include "kern/mutex.h"
#include "lib/assert.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define PIPE_PAGES	4
#define PIPE_SIZE	(PIPE_PAGES * PAGE_SIZE)

struct pipe {
	struct mutex lock;		/* RANK_PIPE */
	struct page *page[PIPE_PAGES];	/* lock */
	size_t	 head, tail;		/* lock: bytes read and written; tail - head are in it */
	bool	 reader, writer;	/* lock: the end is open */
	struct spinlock wait_lock;	/* RANK_WAIT */
	struct waitq readers, writers;	/* wait_lock */
	unsigned turn;			/* @, moved under wait_lock */
};

SLAB_CACHE(pipe_cache, struct pipe);

struct pipe *
pipe_create(void)
{
	struct pipe *p = slab_alloc_wait(&pipe_cache);

	if (p == NULL)
		return NULL;
	*p = (struct pipe){ .reader = true, .writer = true };
	mutex_init(&p->lock, "pipe", RANK_PIPE);
	spin_init(&p->wait_lock, "pipe wait", RANK_WAIT);
	waitq_init(&p->readers, "pipe read");
	waitq_init(&p->writers, "pipe write");
	return p;
}

static void
wake(struct pipe *p, struct waitq *q)
{
	spin_lock(&p->wait_lock);
	p->turn++;
	waitq_wake_all(q);
	spin_unlock(&p->wait_lock);
}

/* Lets the lock go and takes it again; meanwhile something has changed. -EINTR: killed. */
static err_t
sleep_on(struct pipe *p, struct waitq *q) REQUIRES(p->lock)
{
	unsigned turn = atomic_load(&p->turn);
	err_t err = OK;

	mutex_unlock(&p->lock);
	spin_lock(&p->wait_lock);
	while (p->turn == turn && err == OK)
		err = waitq_sleep(q, &p->wait_lock, WAIT_KILLABLE);
	spin_unlock(&p->wait_lock);
	mutex_lock(&p->lock);
	return err;
}

static void
pages_free(struct pipe *p)
{
	for (unsigned i = 0; i < PIPE_PAGES; i++)
		if (p->page[i] != NULL)
			page_put(p->page[i]);
}

void
pipe_close(struct pipe *p, bool writing_end)
{
	bool last;

	mutex_lock(&p->lock);
	if (writing_end)
		p->writer = false;
	else
		p->reader = false;
	last = !p->reader && !p->writer;
	if (!last)
		wake(p, writing_end ? &p->readers : &p->writers);
	mutex_unlock(&p->lock);
	if (!last)
		return;
	pages_free(p);
	slab_free(&pipe_cache, p);
}

/* An empty pipe starts over at its first page and keeps no other. */
static void
rewind_empty(struct pipe *p) REQUIRES(p->lock)
{
	if (p->head != p->tail)
		return;
	p->head = p->tail = 0;
	for (unsigned i = 1; i < PIPE_PAGES; i++) {
		if (p->page[i] != NULL)
			page_put(p->page[i]);
		p->page[i] = NULL;
	}
}

/* The bytes at POS of the ring, and how many lie together there. */
static char *
bytes_at(struct pipe *p, size_t pos, size_t *n) REQUIRES(p->lock)
{
	size_t in_page = pos % PAGE_SIZE;

	*n = MIN(*n, PAGE_SIZE - in_page);
	return (char *)page_virt(p->page[pos / PAGE_SIZE % PIPE_PAGES]) + in_page;
}

long
pipe_read(struct pipe *p, const struct iobuf *b, size_t n)
{
	size_t done = 0;
	err_t err = OK;

	mutex_lock(&p->lock);
	while (p->head == p->tail && p->writer && n > 0 && err == OK)
		err = sleep_on(p, &p->readers);
	while (err == OK && done < n && p->head < p->tail) {
		size_t k = MIN(n - done, p->tail - p->head);
		const char *from = bytes_at(p, p->head, &k);

		err = iobuf_put(b, done, from, k);
		if (err != OK)
			break;
		p->head += k;
		done += k;
	}
	if (done > 0) {
		rewind_empty(p);
		wake(p, &p->writers);
	}
	mutex_unlock(&p->lock);
	return done > 0 || err == OK ? (long)done : err_code(err);
}

/* Take up to K bytes at SRC's offset OFF from the user into the ring. */
static err_t
put_bytes(struct pipe *p, const struct iobuf *b, size_t off, size_t *k) REQUIRES(p->lock)
{
	struct page **at = &p->page[p->tail / PAGE_SIZE % PIPE_PAGES];
	char *to;

	if (*at == NULL && (*at = page_alloc(PAGE_KERNEL)) == NULL) {
		mutex_unlock(&p->lock);

		err_t err = mem_reclaim(1);

		mutex_lock(&p->lock);
		*k = 0;
		return err;
	}
	to = bytes_at(p, p->tail, k);
	return iobuf_get(b, off, to, *k);
}

long
pipe_write(struct pipe *p, const struct iobuf *b, size_t n)
{
	size_t done = 0, room;
	err_t err = OK;

	mutex_lock(&p->lock);
	while (done < n && err == OK) {
		size_t whole = n <= PIPE_ATOMIC ? n - done : 1;	/* must fit at once */
		size_t k;

		if (!p->reader) {
			err = ERR(EPIPE);
			break;
		}
		room = PIPE_SIZE - (p->tail - p->head);
		if (room < whole) {
			err = sleep_on(p, &p->writers);
			continue;
		}
		k = MIN(n - done, room);
		err = put_bytes(p, b, done, &k);
		if (err != OK || k == 0)
			continue;
		p->tail += k;
		done += k;
		wake(p, &p->readers);
	}
	mutex_unlock(&p->lock);
	return done > 0 || err == OK ? (long)done : err_code(err);
}

size_t
pipe_available(struct pipe *p)
{
	size_t n;

	mutex_lock(&p->lock);
	n = p->tail - p->head;
	mutex_unlock(&p->lock);
	return n;
}
