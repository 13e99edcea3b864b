/* Files of a mounted image, for the tools. Failures print a message that names the path. */
#ifndef GUEST_H
#define GUEST_H

#include "fs/fs.h"

/* Mount the image in file PATH; not WRITABLE: a copy of it. false: a message was printed. */
bool	guest_mount(const char *path, bool writable);
bool	guest_unmount(void);
/* Says what went wrong with PATH; returns false. */
bool	guest_complain(const char *path, err_t err);
/*
 * Copy file or folder HOST of the host, with what is in it, to GUEST, which it replaces if it is a
 * file
 * and merges with if it is a folder. Folders that lead there are made.
 */
bool	guest_add(const char *host, const char *guest);
/* The other way round. */
bool	guest_extract(const char *guest, const char *host);
/* Calls FN for every entry of a folder but "." and "..". */
bool	guest_each(const char *path, bool (*fn)(const char *path, const char *name, void *arg),
	    void *arg);
/* PATH/NAME; to be freed. */
char	*guest_join(const char *path, const char *name);

#endif
