/*
 * An index of a folder in memory: from a name to the places of the entries that may have it,
 * and the empty entries. Of folders of more than one block, made by going through
 * it once; without memory for it the folder is searched from end to end instead.
 *
 * All of it under the folder's io lock, but for dir_index_drop of an inode nobody uses.
 */
#ifndef FS_INDEX_H
#define FS_INDEX_H

#include "fs/names.h"
#include "lib/list.h"

struct inode;
struct page;

struct dir_index {
	struct page *pages;		/* NULL: there is no index */
	uint32_t order;			/* of pages: 2^order */
	uint32_t room;			/* entries that fit */
	uint32_t *bucket;		/* chains of entries; a power of two of them */
	uint32_t *chain;		/* of each entry: tag of its name, what follows it */
	uint32_t empty;			/* the first of the chain of empty entries */
	struct list link;		/* the lock of all indexes: the list of them */
};

#define INDEX_NONE	0xfffffu	/* the end of a chain; an entry's number is less */

void	dir_index_init(struct dir_index *x);
/* For N entries. false: no memory, or too many. */
bool	dir_index_create(struct dir_index *x, uint32_t n);
void	dir_index_drop(struct dir_index *x);
static inline bool
dir_index_exists(const struct dir_index *x)
{
	return x->pages != NULL;
}
/* The next entry that may have the name, after AT; INDEX_NONE to begin, and when there is none. */
uint32_t dir_index_next(const struct dir_index *x, const union name *name, uint32_t at);
/* Some empty entry, or INDEX_NONE. */
uint32_t dir_index_empty(const struct dir_index *x);
/* Entry N has NAME from now on; it is new, or the empty one from above. */
void	dir_index_add(struct dir_index *x, uint32_t n, const union name *name);
/* Entry N, which has NAME, becomes empty. */
void	dir_index_remove(struct dir_index *x, uint32_t n, const union name *name);
/* Entry N is found to be empty. */
void	dir_index_add_empty(struct dir_index *x, uint32_t n);

#endif
