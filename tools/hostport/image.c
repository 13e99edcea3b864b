/* A file as a disk. The host's own headers stay in here: their names clash with abi/. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

struct image {
	int fd;
	char *path;
};

static void
complain(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

struct image *
image_open(const char *path, bool writable, uint64_t size, uint64_t *length)
{
	struct image *im = malloc(sizeof(*im));
	struct stat st;

	if (im == NULL) {
		complain(path);
		return NULL;
	}
	im->fd = open(path, writable ? O_RDWR | (size > 0 ? O_CREAT : 0) : O_RDONLY, 0666);
	im->path = strdup(path);
	if (im->fd < 0 || im->path == NULL)
		goto fail;
	/* To nothing and up again: a file of holes, that reads as zeroes. */
	if (size > 0 && (ftruncate(im->fd, 0) < 0 || ftruncate(im->fd, (off_t)size) < 0))
		goto fail;
	if (fstat(im->fd, &st) < 0)
		goto fail;
	*length = (uint64_t)st.st_size;
	return im;
fail:
	complain(path);
	if (im->fd >= 0)
		close(im->fd);
	free(im->path);
	free(im);
	return NULL;
}

bool
image_close(struct image *im)
{
	bool good = close(im->fd) == 0;

	if (!good)
		complain(im->path);
	free(im->path);
	free(im);
	return good;
}

bool
image_read(struct image *im, void *buf, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t r = pread(im->fd, buf, n, (off_t)at);

		if (r <= 0) {
			if (r < 0)
				complain(im->path);
			return false;
		}
		buf = (char *)buf + r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return true;
}

bool
image_write(struct image *im, const void *buf, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t r = pwrite(im->fd, buf, n, (off_t)at);

		if (r < 0) {
			complain(im->path);
			return false;
		}
		buf = (const char *)buf + r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return true;
}

uint8_t *
image_map(struct image *im, uint64_t size)
{
	void *p = mmap(NULL, size > 0 ? size : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, im->fd, 0);

	if (p != MAP_FAILED)
		return p;
	complain(im->path);
	return NULL;
}

void
image_unmap(uint8_t *p, uint64_t size)
{
	munmap(p, size > 0 ? size : 1);
}
