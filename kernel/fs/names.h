/*
 * Names that were looked up before: which inode (folder, name) leads to, or that it leads
 * nowhere. A cache of fixed size that walks of paths read without a lock; the
 * truth is in the folders. It holds no references: who gets a number from it has to
 * find the inode of that number and generation.
 *
 * Entries are made under the folder's io lock, together with what
 * they stand for, so what it says of a folder is never older than the folder.
 */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "abi/fs.h"
#include "lib/err.h"
#include "lib/util.h"

/* A component of a path, cut to FS_DIRSIZ bytes; zeroes behind. */
union name {
	char	 s[FS_DIRSIZ + 2];
	uint32_t w[(FS_DIRSIZ + 2) / 4];
};

extern const union name name_dot, name_dotdot;

/* An inode without a reference. */
struct name_target {
	uint16_t inum;			/* 0: the name leads nowhere */
	uint16_t type;
	uint32_t generation;
};

/* What NAME in folder DIR leads to. false: not known. */
bool	names_find(const struct name_target *dir, const union name *name,
	    struct name_target *to);
void	names_enter(const struct name_target *dir, const union name *name,
	    const struct name_target *to);

/* At mount. -ENOMEM */
err_t	names_init(void) MUST_CHECK;
void	names_fini(void);
extern uint32_t names_capacity;		/* for tests: entries, a power of two, before mount */

#endif
