/* Files of the host, without the host's headers. Failures print a message. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

/* SIZE > 0: make it, of so many zero bytes. *LENGTH: its size. NULL: failed. */
struct image *image_open(const char *path, bool writable, uint64_t size, uint64_t *length);
bool	image_close(struct image *im);
bool	image_read(struct image *im, void *buf, size_t n, uint64_t at);
bool	image_write(struct image *im, const void *buf, size_t n, uint64_t at);

/* All of it as memory; what is written there does not reach the file. NULL: failed. */
uint8_t	*image_map(struct image *im, uint64_t size);
void	image_unmap(uint8_t *p, uint64_t size);

#endif
