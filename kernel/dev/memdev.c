/* /dev/null (minor 0) and /dev/zero (minor 1). */
#include "dev/chardev.h"
#include "kern/thread.h"
#include "lib/util.h"

enum { MINOR_NULL, MINOR_ZERO };

static long
memdev_read(unsigned minor, const struct iobuf *b, size_t n)
{
	static const char zeroes[256];
	size_t done = 0;

	if (minor == MINOR_NULL)
		return 0;
	while (done < n) {
		/* Never across a page's end: what is stored before a fault is what we report. */
		size_t ahead = sizeof(zeroes) - (b->uva + done) % sizeof(zeroes);
		size_t k = MIN(n - done, ahead);
		err_t err = iobuf_put(b, done, zeroes, k);

		if (err != OK)
			return done > 0 ? (long)done : err_code(err);
		done += k;
		thread_breathe();
	}
	return (long)done;
}

static long
memdev_write(unsigned minor, const struct iobuf *b, size_t n)
{
	(void)minor, (void)b;
	return (long)n;
}

void
memdev_init(void)
{
	static const struct chardev d = { .read = memdev_read, .write = memdev_write };

	chardev_register(MAJOR_MEM, &d);
}
