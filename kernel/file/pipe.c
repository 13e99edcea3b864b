/*
 * See file/pipe.h. A ring of PIPE_PAGES pages, each allocated when a writer first reaches it.
 * An empty pipe starts over at its first page, so that small writes need no other; what lies there
 * alone is read and written without further questions.
 *
 * One mutex guards the bytes, since copies to and from users may fault, and the waiting.
 * Nobody is woken in vain: one reader for a write, and it wakes the next one when it leaves
 * bytes; the writers once there is room for the one who wants least.
 */
#include "file/pipe.h"

#include "file/file.h"
#include "kern/mutex.h"
#include "lib/assert.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define PIPE_PAGES	4
#define PIPE_SIZE	(PIPE_PAGES * PAGE_SIZE)

struct pipe {
	struct mutex lock;		/* RANK_PIPE; guards all of it */
	/* places of the ring, head below PIPE_SIZE: tail - head bytes are in it */
	size_t	 head, tail;
	size_t	 backed;		/* there are pages up to this place; SIZE_MAX: all */
	size_t	 easy;			/* up to this place, in page[0], writers need not ask */
	bool	 reader, writer;	/* the end is open */
	char	*page[PIPE_PAGES];	/* filled in order; NULL: not yet */
	struct cond readers, writers;
	size_t	 room_wanted;		/* by the one of `writers` who wants least */
};

SLAB_CACHE(pipe_cache, struct pipe);

struct pipe *
pipe_create(void)
{
	struct pipe *p = slab_alloc_wait(&pipe_cache);

	if (p == NULL)
		return NULL;
	*p = (struct pipe){ .reader = true, .writer = true, .room_wanted = PIPE_SIZE };
	mutex_init(&p->lock, "pipe", RANK_PIPE);
	cond_init(&p->readers, "pipe read");
	cond_init(&p->writers, "pipe write");
	return p;
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
	p->easy = 0;
	last = !p->reader && !p->writer;
	cond_wake_all(writing_end ? &p->readers : &p->writers);
	mutex_unlock(&p->lock);
	if (!last)
		return;
	for (unsigned i = 0; i < PIPE_PAGES && p->page[i] != NULL; i++)
		page_put(page_of_virt(p->page[i]));
	slab_free(&pipe_cache, p);
}

/* The bytes at POS of the ring, and how many of *N lie together there. */
static inline char *
bytes_at(const struct pipe *p, size_t pos, size_t *n)
{
	size_t in_page = pos % PAGE_SIZE;

	*n = MIN(*n, PAGE_SIZE - in_page);
	return p->page[pos / PAGE_SIZE % PIPE_PAGES] + in_page;
}

/* After a read of N bytes. */
static inline void
bytes_gone(struct pipe *p, size_t n) REQUIRES(p->lock)
{
	p->head += n;
	if (p->head == p->tail)
		p->head = p->tail = 0;
	else
		cond_wake_one(&p->readers);
	if (cond_awaited(&p->writers) && PIPE_SIZE - (p->tail - p->head) >= p->room_wanted) {
		p->room_wanted = PIPE_SIZE;
		cond_wake_all(&p->writers);
	}
}

static inline bool
must_wait(const struct pipe *p, size_t n) REQUIRES(p->lock)
{
	return p->head == p->tail && n > 0 && p->writer;
}

/* Wherever the bytes lie, once there are some; unless there was an error. Unlocks. */
static __attribute__((noinline)) long
read_slowly(struct pipe *p, vaddr_t to, size_t n, err_t err) RELEASES(p->lock)
{
	size_t done = 0, k;

	while (must_wait(p, n) && err == OK)
		err = cond_wait(&p->readers, &p->lock);
	n = MIN(n, p->tail - p->head);
	while (done < n && err == OK) {
		const char *from;

		k = n - done;
		from = bytes_at(p, p->head + done, &k);
		err = md_copyout(to + done, from, k);
		if (err == OK)
			done += k;
	}
	bytes_gone(p, done);
	if (p->head >= PIPE_SIZE) {
		p->head -= PIPE_SIZE;
		p->tail -= PIPE_SIZE;
	}
	mutex_unlock(&p->lock);
	return done > 0 || err == OK ? (long)done : err_code(err);
}

long
pipe_read(struct file *f, vaddr_t to, size_t n)
{
	struct pipe *p = f->pipe;

	mutex_lock(&p->lock);
	if (must_wait(p, n)) {
		err_t err = cond_wait(&p->readers, &p->lock);

		if (unlikely(err != OK))
			return read_slowly(p, to, n, err);
	}
	if (unlikely(p->tail - 1 >= PAGE_SIZE))
		return read_slowly(p, to, n, OK);
	n = MIN(n, p->tail - p->head);
	if (unlikely(md_copyout(to, p->page[0] + p->head, n) != OK))
		return read_slowly(p, to, 0, ERR(EFAULT));
	bytes_gone(p, n);
	mutex_unlock(&p->lock);
	return (long)n;
}

/* -EAGAIN: there was none, and the lock was given up to make room in memory. */
static err_t
add_page(struct pipe *p) REQUIRES(p->lock)
{
	struct page *page = page_alloc(PAGE_KERNEL);
	unsigned i = (unsigned)(p->backed / PAGE_SIZE);
	err_t err;

	if (page != NULL) {
		p->page[i] = page_virt(page);
		p->easy = PAGE_SIZE;
		p->backed = i + 1 < PIPE_PAGES ? p->backed + PAGE_SIZE : SIZE_MAX;
		return OK;
	}
	mutex_unlock(&p->lock);
	err = mem_reclaim(1);
	mutex_lock(&p->lock);
	return err == OK ? ERR(EAGAIN) : err;
}

/*
 * See to it that a writer can go on up to END: that there is a reader, room, and pages, so
 * that nothing but a bad address stops it halfway. It then looks again.
 */
static err_t
get_ready(struct pipe *p, size_t end) REQUIRES(p->lock)
{
	size_t want = MAX(end - p->tail, (size_t)1);
	err_t err = OK;

	if (!p->reader)
		return ERR(EPIPE);
	if (PIPE_SIZE - (p->tail - p->head) < want) {
		p->room_wanted = MIN(p->room_wanted, want);
		return cond_wait(&p->writers, &p->lock);
	}
	while (err == OK && p->backed < end)
		err = add_page(p);
	return err == ERR(EAGAIN) ? OK : err;
}

/* One round of a write, up to END of the ring, which is ready for it. *DONE: bytes so far. */
static err_t
write_round(struct pipe *p, vaddr_t from, size_t end, bool whole, size_t *done)
    REQUIRES(p->lock)
{
	size_t pos = p->tail, k;
	err_t err = OK;

	while (pos != end && err == OK) {
		char *to;

		k = end - pos;
		to = bytes_at(p, pos, &k);
		err = md_copyin(to, from + *done, k);
		if (err == OK) {
			pos += k;
			*done += k;
		}
	}
	if (err != OK && whole)
		*done = 0;
	else
		p->tail = pos;
	return err;
}

/* In rounds, each as large as there is room; a small write is one. Unlocks. */
static __attribute__((noinline)) long
write_slowly(struct pipe *p, vaddr_t from, size_t n) RELEASES(p->lock)
{
	bool whole = n <= PIPE_ATOMIC;
	size_t done = 0, room, end;
	err_t err = OK;

	while (done < n && err == OK) {
		room = PIPE_SIZE - (p->tail - p->head);
		end = p->tail + (whole ? n : MIN(n - done, room));
		if (!p->reader || end == p->tail || end - p->head > PIPE_SIZE || end > p->backed) {
			err = get_ready(p, end);
			continue;
		}
		err = write_round(p, from, end, whole, &done);
		cond_wake_one(&p->readers);
	}
	mutex_unlock(&p->lock);
	return done > 0 || err == OK ? (long)done : err_code(err);
}

long
pipe_write(struct file *f, vaddr_t from, size_t n)
{
	struct pipe *p = f->pipe;

	mutex_lock(&p->lock);
	if (unlikely(p->tail + n > p->easy ||
	    md_copyin(p->page[0] + p->tail, from, n) != OK))
		return write_slowly(p, from, n);
	p->tail += n;
	cond_wake_one(&p->readers);
	mutex_unlock(&p->lock);
	return (long)n;
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
