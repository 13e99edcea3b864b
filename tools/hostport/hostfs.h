/* Files and folders of the host, without the host's headers. Failures print a message. */
#ifndef HOSTFS_H
#define HOSTFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hostfs_kind { HOST_FILE, HOST_DIR, HOST_LINK, HOST_OTHER };

struct hostfs_stat {
	enum hostfs_kind kind;
	bool	 executable;
	uint64_t dev, ino;		/* the same for two names of one file */
	uint64_t nlink;
};

bool	hostfs_stat(const char *path, struct hostfs_stat *st);	/* links are not followed */
/* The names in a folder but "." and "..", sorted; free them and the array. NULL: failed. */
char	**hostfs_list(const char *path, size_t *n);
/* The target of a link; to be freed. NULL: failed. */
char	*hostfs_readlink(const char *path);
bool	hostfs_mkdir(const char *path);		/* fine if it is there */
bool	hostfs_symlink(const char *target, const char *path);
bool	hostfs_set_mode(const char *path, unsigned mode);

#endif
