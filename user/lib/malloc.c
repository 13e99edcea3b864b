/*
 * malloc on sbrk: chunks with boundary tags, free ones in bins by size.
 *
 *	| chunk: prev_size, size|USED | payload ... | chunk | ... | fence |
 *
 * A segment is what sbrk gave in one piece: chunks one behind the other, ended by a fence, a used
 * chunk of size 0. `prev_size` of the first is 0. Two neighbours are never both free. The break
 * moves by whole pages. Other users of sbrk may put memory above ours: then a new segment begins.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGN		16u
#define PAGE		4096u
#define TRIM_AT		(128u << 10)	/* a free top chunk of so much goes back to the kernel */
#define TRIM_KEEP	(32u << 10)	/* ... but for this */
#define USED		1u
#define MAX_REQUEST	(PTRDIFF_MAX - 2 * PAGE)

struct chunk {
	_Alignas(ALIGN) size_t prev_size;	/* of the chunk before */
	size_t size;				/* with this header; | USED */
	/* The payload begins here; in a free chunk it holds the links of its bin. */
	struct chunk *next, *prev;
};

#define HEADER		16u
#define MIN_CHUNK	(HEADER + ALIGN)
_Static_assert(offsetof(struct chunk, next) <= HEADER, "the header has its place");

/* Sizes below SMALL have a bin each; above, every power of two has four. */
#define SMALL		1024u
#define SMALL_BINS	(SMALL / ALIGN)
#define LARGE_BINS	56
#define BINS		(SMALL_BINS + LARGE_BINS)

static struct chunk *bins[BINS];
static uint32_t bin_map[(BINS + 31) / 32];	/* bit b: bin b is not empty */

static struct chunk *fence;		/* of the segment that can grow */
static char *seg_end;			/* where the break was when it got there */
/*
 * No payload that was ever handed out, and no header or links of a chunk other than the fence,
 * lies at or above this: there the heap is still zero. `fresh_before`: at the last malloc, before
 * it took its chunk.
 */
static char *fresh, *fresh_before;

static size_t
chunk_size(const struct chunk *c)
{
	return c->size & ~(size_t)USED;
}

static struct chunk *
chunk_at(struct chunk *c, ptrdiff_t bytes)
{
	return (struct chunk *)((char *)c + bytes);
}

static struct chunk *
chunk_next(struct chunk *c)
{
	return chunk_at(c, (ptrdiff_t)chunk_size(c));
}

static void *
payload(struct chunk *c)
{
	return (char *)c + HEADER;
}

static struct chunk *
chunk_of(void *p)
{
	return (struct chunk *)((char *)p - HEADER);
}

static void
chunk_set(struct chunk *c, size_t size, unsigned used)
{
	c->size = size | used;
	chunk_next(c)->prev_size = size;
}

/* ---- bins ---- */

static unsigned
bin_of(size_t size)
{
	unsigned log, bin;

	if (size < SMALL)
		return (unsigned)(size / ALIGN);
	log = (unsigned)(sizeof(long) * 8 - 1) - (unsigned)__builtin_clzl(size);
	bin = SMALL_BINS + (log - 10) * 4 + (unsigned)(size >> (log - 2) & 3);
	return bin < BINS ? bin : BINS - 1;
}

static void
bin_insert(struct chunk *c)
{
	unsigned b = bin_of(c->size);

	c->prev = NULL;
	c->next = bins[b];
	if (c->next)
		c->next->prev = c;
	bins[b] = c;
	bin_map[b / 32] |= 1u << b % 32;
}

static void
bin_remove(struct chunk *c)
{
	unsigned b = bin_of(c->size);

	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		bins[b] = c->next;
	if (!bins[b])
		bin_map[b / 32] &= ~(1u << b % 32);
}

/* The smallest chunk of bin B that has SIZE bytes. */
static struct chunk *
bin_best(unsigned b, size_t size)
{
	struct chunk *best = NULL;

	for (struct chunk *c = bins[b]; c; c = c->next) {
		if (c->size >= size && (!best || c->size < best->size))
			best = c;
		if (c->size == size)
			break;
	}
	return best;
}

static struct chunk *
find_free(size_t size)
{
	for (unsigned b = bin_of(size), w = b / 32; w < sizeof(bin_map) / sizeof(bin_map[0]); w++) {
		uint32_t map = bin_map[w];

		if (w == b / 32)
			map &= ~0u << b % 32;
		for (; map; map &= map - 1) {
			struct chunk *c = bin_best(w * 32 + (unsigned)__builtin_ctz(map), size);

			if (c)
				return c;
		}
	}
	return NULL;
}

/* ---- segments ---- */

/* C, used, is to be free: joined with its neighbours. It is in no bin yet. */
static struct chunk *
coalesce(struct chunk *c)
{
	size_t size = chunk_size(c);
	struct chunk *next = chunk_next(c);

	if (!(next->size & USED)) {
		bin_remove(next);
		size += next->size;
	}
	if (c->prev_size && !(chunk_at(c, -(ptrdiff_t)c->prev_size)->size & USED)) {
		c = chunk_at(c, -(ptrdiff_t)c->prev_size);
		bin_remove(c);
		size += c->size;
	}
	chunk_set(c, size, 0);
	return c;
}

static void
set_fence(struct chunk *c)
{
	c->size = USED;
	fence = c;
}

static void
touch(char *end)
{
	if (end > fresh)
		fresh = end;
}

/* The segment's top moved from the old fence to seg_end: what lies between is a free chunk. */
static struct chunk *
extend(struct chunk *first)
{
	char *end = (char *)((uintptr_t)seg_end & ~(uintptr_t)(ALIGN - 1));
	struct chunk *c;

	chunk_set(first, (size_t)(end - HEADER - (char *)first), USED);
	set_fence(chunk_next(first));
	c = coalesce(first);
	bin_insert(c);
	touch((char *)first + MIN_CHUNK);
	return c;
}

static size_t
page_up(size_t n)
{
	return (n + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Has at least SIZE more bytes from the kernel, as a free chunk in its bin. */
static struct chunk *
grow(size_t size)
{
	char *brk = sbrk(0), *start;

	if (fence && brk == seg_end) {
		struct chunk *last = chunk_at(fence, -(ptrdiff_t)fence->prev_size);

		if (fence->prev_size && !(last->size & USED))
			size -= last->size;	/* find_free() found nothing: it is smaller */
		size = page_up(size);
		if (sbrk((intptr_t)size) == (void *)-1)
			return NULL;
		seg_end += size;
		return extend(fence);
	}
	start = (char *)(((uintptr_t)brk + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
	size = page_up(size + HEADER + ALIGN);
	if (sbrk((intptr_t)size) == (void *)-1)
		return NULL;
	seg_end = brk + size;
	((struct chunk *)start)->prev_size = 0;
	return extend((struct chunk *)start);
}

/* C is free, in no bin, and ends at the fence: gives whole pages back when it is large. */
static void
trim(struct chunk *c)
{
	size_t back;

	if (c->size < TRIM_AT || sbrk(0) != seg_end)
		return;
	back = (c->size - TRIM_KEEP) & ~(size_t)(PAGE - 1);
	if (sbrk(-(intptr_t)back) == (void *)-1)
		return;
	seg_end -= back;
	if (fresh > (char *)page_up((uintptr_t)seg_end))	/* whole pages come back zeroed */
		fresh = (char *)page_up((uintptr_t)seg_end);
	chunk_set(c, c->size - back, 0);
	set_fence(chunk_next(c));
}

/* ---- the interface ---- */

static size_t
chunk_size_for(size_t n)
{
	if (n <= MIN_CHUNK - HEADER)
		return MIN_CHUNK;
	return (n + HEADER + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* C, in no bin, becomes a used chunk of SIZE; the rest, if worth it, a free one. */
static void
carve(struct chunk *c, size_t size)
{
	size_t rest = chunk_size(c) - size;

	if (rest < MIN_CHUNK) {
		chunk_set(c, chunk_size(c), USED);
		touch((char *)chunk_next(c));
	} else {
		struct chunk *r;

		chunk_set(c, size, USED);
		r = chunk_next(c);
		chunk_set(r, rest, USED);
		bin_insert(coalesce(r));
		touch((char *)r + MIN_CHUNK);
	}
}

void *
malloc(size_t n)
{
	size_t size = chunk_size_for(n);
	struct chunk *c;

	if (n > MAX_REQUEST) {
		errno = ENOMEM;
		return NULL;
	}
	c = find_free(size);
	if (!c)
		c = grow(size);
	if (!c)
		return NULL;
	fresh_before = fresh;
	bin_remove(c);
	carve(c, size);
	return payload(c);
}

/* The chunk of P, or the end of a program that would corrupt the heap. */
static struct chunk *
checked(void *p, const char *msg, size_t len)
{
	struct chunk *c = chunk_of(p);

	if ((uintptr_t)p % ALIGN == 0 && (c->size & USED) && chunk_size(c) >= MIN_CHUNK &&
	    chunk_next(c)->prev_size == chunk_size(c))
		return c;
	write(STDERR_FILENO, msg, len);
	abort();
}
#define CHECKED(p, msg)	checked(p, msg, sizeof(msg) - 1)

void
free(void *p)
{
	struct chunk *c;

	if (!p)
		return;
	c = coalesce(CHECKED(p, "free: not a block from malloc, or freed before\n"));
	if (chunk_next(c) == fence)
		trim(c);
	bin_insert(c);
}

void *
calloc(size_t n, size_t size)
{
	size_t bytes, used;
	char *p;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = malloc(bytes);
	if (!p)
		return NULL;
	used = p < fresh_before ? (size_t)(fresh_before - p) : 0;
	memset(p, 0, used < bytes ? used : bytes);
	return p;
}

/* Makes used chunk C at least SIZE bytes long where it is. */
static bool
enlarge(struct chunk *c, size_t size)
{
	struct chunk *next = chunk_next(c);

	if (next == fence && !grow(size - chunk_size(c)))
		return false;
	next = chunk_next(c);
	if ((next->size & USED) || chunk_size(c) + next->size < size)
		return false;
	bin_remove(next);
	chunk_set(c, chunk_size(c) + next->size, USED);
	return true;
}

void *
realloc(void *p, size_t n)
{
	size_t size = chunk_size_for(n);
	struct chunk *c;
	void *q;

	if (!p)
		return malloc(n);
	if (n > MAX_REQUEST) {
		errno = ENOMEM;
		return NULL;
	}
	c = CHECKED(p, "realloc: not a block from malloc, or freed before\n");
	if (chunk_size(c) >= size || enlarge(c, size)) {
		carve(c, size);
		return p;
	}
	q = malloc(n);
	if (!q)
		return NULL;
	memcpy(q, p, chunk_size(c) - HEADER);
	free(p);
	return q;
}
