/* Reading folders: rows of struct fs_dirent. */
#include <abi/fs.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct __dir {
	int fd;
	unsigned next, count;		/* in raw */
	struct dirent entry;		/* what readdir returned last */
	struct fs_dirent raw[60];
};

DIR *
fdopendir(int fd)
{
	struct stat st;
	DIR *d;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	d = malloc(sizeof(*d));
	if (d) {
		d->fd = fd;
		d->next = d->count = 0;
	}
	return d;
}

DIR *
opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
	DIR *d;

	if (fd < 0)
		return NULL;
	d = fdopendir(fd);
	if (!d) {
		error = errno;
		close(fd);
		errno = error;
	}
	return d;
}

struct dirent *
readdir(DIR *d)
{
	struct fs_dirent *e;

	do {
		if (d->next == d->count) {
			ssize_t n = read(d->fd, d->raw, sizeof(d->raw));

			if (n <= 0)
				return NULL;
			d->next = 0;
			d->count = (unsigned)((size_t)n / sizeof(d->raw[0]));
			if (!d->count)
				return NULL;
		}
		e = &d->raw[d->next++];
	} while (!e->inum);
	d->entry.d_ino = e->inum;
	memcpy(d->entry.d_name, e->name, FS_DIRSIZ);
	d->entry.d_name[FS_DIRSIZ] = '\0';
	return &d->entry;
}

void
rewinddir(DIR *d)
{
	lseek(d->fd, 0, SEEK_SET);
	d->next = d->count = 0;
}

int
closedir(DIR *d)
{
	int fd = d->fd;

	free(d);
	return close(fd);
}

int
dirfd(DIR *d)
{
	return d->fd;
}
