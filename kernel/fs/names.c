/* See fs/names.h. */
#include "fs/names.h"

#include "kern/spinlock.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mem/slab.h"

#define WAYS	2	/* places an entry may be in */

/*
 * A reader compares and copies, then looks whether `seq` is what it was. 32 bytes:
 * what it reads is in one cache line.
 */
struct entry {
	uint32_t seq;			/* @: odd while it changes */
	uint32_t generation;		/* of the folder */
	uint32_t key[4];		/* the name, with the folder's number behind it; 0: empty */
	uint32_t to_generation;
	uint32_t to;			/* number; type << 16 */
};

static struct {
	struct spinlock lock;		/* RANK_SPIN_OUTER: of writers */
	struct entry *table;		/* c while mounted */
	uint32_t mask;			/* c: of the first of an entry's places */
	uint32_t turn;			/* lock: which way is replaced next */
} names = { .lock = SPINLOCK_INIT("names", RANK_SPIN_OUTER) };

uint32_t names_capacity = 512;

const union name name_dot = { "." }, name_dotdot = { ".." };

static void
make_key(uint32_t key[4], const struct name_target *dir, const union name *name)
{
	for (int i = 0; i < 3; i++)
		key[i] = name->w[i];
	key[3] = name->w[3] | (uint32_t)dir->inum << 16;
}

/* The first of the places for KEY. */
static inline struct entry *
place(const uint32_t key[4], uint32_t generation)
{
	const uint32_t odd = 0x9e3779b1u;
	uint32_t h = ((key[0] ^ generation) * odd + key[1]) * odd;

	h = ((h + key[2]) * odd + key[3]) * odd;
	h = (h ^ h >> 16) * odd;	/* else a word's upper bytes would change few bits of it */
	return &names.table[h >> 16 & names.mask];
}

static inline bool
matches(const struct entry *e, const uint32_t key[4], uint32_t generation)
{
	return atomic_load_relaxed(&e->key[0]) == key[0] &&
	    atomic_load_relaxed(&e->key[1]) == key[1] &&
	    atomic_load_relaxed(&e->key[2]) == key[2] &&
	    atomic_load_relaxed(&e->key[3]) == key[3] &&
	    atomic_load_relaxed(&e->generation) == generation;
}

bool
names_find(const struct name_target *dir, const union name *name, struct name_target *to)
{
	uint32_t key[4], generation = dir->generation;
	struct entry *e;

	make_key(key, dir, name);
	e = place(key, generation);
	for (int way = 0; way < WAYS; way++, e++) {
		uint32_t seq = atomic_load_acquire(&e->seq), t;

		if (seq % 2 != 0 || !matches(e, key, generation))
			continue;
		t = atomic_load_relaxed(&e->to);
		*to = (struct name_target){ (uint16_t)t, (uint16_t)(t >> 16),
			atomic_load_relaxed(&e->to_generation) };
		atomic_fence_acquire();
		return atomic_load_relaxed(&e->seq) == seq;
	}
	return false;
}

/* The entry of KEY, or one that may be replaced. */
static struct entry *
choose(const uint32_t key[4], uint32_t generation) REQUIRES(names.lock)
{
	struct entry *e = place(key, generation);

	for (int way = 0; way < WAYS; way++)
		if (matches(&e[way], key, generation))
			return &e[way];
	return &e[names.turn++ % WAYS];
}

static void
set(struct entry *e, const uint32_t key[4], uint32_t generation, const struct name_target *to)
    REQUIRES(names.lock)
{
	uint32_t seq = e->seq;

	atomic_store(&e->seq, seq + 1);
	atomic_fence();
	for (int i = 0; i < 4; i++)
		atomic_store_relaxed(&e->key[i], key[i]);
	atomic_store_relaxed(&e->generation, generation);
	atomic_store_relaxed(&e->to_generation, to->generation);
	atomic_store_relaxed(&e->to, to->inum | (uint32_t)to->type << 16);
	atomic_store_release(&e->seq, seq + 2);
}

void
names_enter(const struct name_target *dir, const union name *name, const struct name_target *to)
{
	uint32_t key[4];

	make_key(key, dir, name);
	spin_lock(&names.lock);
	set(choose(key, dir->generation), key, dir->generation, to);
	spin_unlock(&names.lock);
}

err_t
names_init(void)
{
	size_t size = names_capacity * sizeof(struct entry);

	names.table = kmem_alloc(size);
	if (names.table == NULL)
		return ERR(ENOMEM);
	memset(names.table, 0, size);
	names.mask = names_capacity - WAYS;
	return OK;
}

void
names_fini(void)
{
	kmem_free(names.table, names_capacity * sizeof(struct entry));
	names.table = NULL;
}
