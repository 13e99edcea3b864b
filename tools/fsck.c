/*
 * fsck [-n | -y] IMAGE
 *
 * Checks the file system in IMAGE and says what is wrong with it; -y repairs
 * it. Exit status as fsck(8): 0 nothing wrong, 1 repaired, 4 errors are left,
 * 8 it could not be checked, 16 usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/fs.h"
#include "check.h"
#include "hostport.h"
#include "image.h"

#define RAM		(8u << 20)

static void
say(const char *line)
{
	puts(line);
}

static void
usage(void)
{
	fprintf(stderr, "usage: fsck [-n | -y] IMAGE\n");
	exit(16);
}

/* Blocks that the check changed go back into the file, neighbours at once. */
static bool
write_back(struct image *im, const struct check *c)
{
	uint64_t n = c->size / FS_BLOCK_SIZE;

	for (uint64_t b = 0; b < n; b++) {
		uint64_t start = b;

		while (b < n && c->touched[b])
			b++;
		if (b > start && !image_write(im, c->image + start * FS_BLOCK_SIZE,
		    (b - start) * FS_BLOCK_SIZE, start * FS_BLOCK_SIZE))
			return false;
	}
	return true;
}

static int
status(const struct check *c, const char *path)
{
	if (c->hopeless) {
		printf("%s: cannot be repaired\n", path);
		return 4;
	}
	if (c->left > 0) {
		printf("%s: %u problem%s left%s\n", path, c->left, c->left == 1 ? "" : "s",
		    c->repair ? "" : "; run fsck -y");
		return 4;
	}
	printf("%s: %s, %u blocks and %u inodes free\n", path, c->found > 0 ? "repaired" : "clean",
	    c->free_blocks, c->free_inodes);
	return c->found > 0 ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct check c = { .say = say };
	struct image *im;
	int i = 1, result;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-y") != 0 && strcmp(argv[i], "-n") != 0)
			usage();
		c.repair = argv[i][1] == 'y';
	}
	if (i != argc - 1)
		usage();
	hostport_init(RAM);
	im = image_open(argv[i], c.repair, 0, &c.size);
	if (im == NULL)
		return 8;
	c.size -= c.size % FS_BLOCK_SIZE;
	c.image = image_map(im, c.size);
	c.touched = calloc(1, c.size / FS_BLOCK_SIZE + 1);
	if (c.image == NULL || c.touched == NULL)
		return 8;
	check_image(&c);
	result = status(&c, argv[i]);
	if (c.repair && !write_back(im, &c))
		result = 8;
	image_unmap(c.image, c.size);
	free(c.touched);
	return image_close(im) ? result : 8;
}
