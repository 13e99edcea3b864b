/* See dev/chardev.h. */
#include "dev/chardev.h"

#include "lib/assert.h"

static const struct chardev *devices[CHARDEV_MAX];	/* c after boot */

void
chardev_register(unsigned major, const struct chardev *d)
{
	assert(major < CHARDEV_MAX && devices[major] == NULL);
	devices[major] = d;
}

const struct chardev *
chardev_get(unsigned major)
{
	return major < CHARDEV_MAX ? devices[major] : NULL;
}
