/*
 * mkfs [-b BLOCKS] [-i INODES] [-d PATH:c:MAJOR:MINOR]... IMAGE [FOLDER]
 *
 * Makes a file system of BLOCKS blocks of 1024 bytes in file IMAGE, with what
 * is in FOLDER and, then, the devices every system has in /dev. The same input gives the same
 * image: times are SOURCE_DATE_EPOCH's, the identity is made of the contents.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fsmake.h"
#include "guest.h"
#include "hostport.h"
#include "lib/sum64.h"
#include "vm/object.h"

#define RAM		(256u << 20)
#define MAX_DEVICES	32
#define DEFAULT_TIME	1735689600u	/* 2025-01-01 */

static const char *const standard_devices[] = {
	"/dev/console:c:1:0", "/dev/conerr:c:1:1", "/dev/null:c:2:0", "/dev/zero:c:2:1",
};

struct options {
	struct fs_params params;
	const char *image, *folder;
	const char *device[MAX_DEVICES];
	size_t	 ndevices;
};

static void
usage(void)
{
	fprintf(stderr, "usage: mkfs [-b BLOCKS] [-i INODES] [-d PATH:c:MAJOR:MINOR]... "
	    "IMAGE [FOLDER]\n");
	exit(2);
}

static uint32_t
number(const char *s)
{
	char *end;
	unsigned long long n = s == NULL ? 0 : strtoull(s, &end, 10);

	if (s == NULL || end == s || *end != '\0' || n == 0 || n > UINT32_MAX) {
		fprintf(stderr, "mkfs: %s: not a number from 1 on\n", s == NULL ? "option" : s);
		exit(2);
	}
	return (uint32_t)n;
}

static void
parse(int argc, char **argv, struct options *o)
{
	int i = 1;

	o->params.nblocks = 200000;
	for (; i < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "-b") == 0 || strcmp(argv[i], "-s") == 0)
			o->params.nblocks = number(argv[i + 1]);
		else if (strcmp(argv[i], "-i") == 0)
			o->params.ninodes = number(argv[i + 1]);
		else if (strcmp(argv[i], "-d") == 0 && argv[i + 1] != NULL &&
		    o->ndevices < MAX_DEVICES)
			o->device[o->ndevices++] = argv[i + 1];
		else
			usage();
	}
	if (i >= argc || argc - i > 2)
		usage();
	o->image = argv[i];
	o->folder = argv[i + 1];
}

static bool
make_device(const char *spec)
{
	char path[128], rest;
	unsigned major, minor;
	struct inode *root;
	err_t err;

	if (sscanf(spec, "%127[^:]:c:%u:%u%c", path, &major, &minor, &rest) != 3) {
		fprintf(stderr, "mkfs: %s: not PATH:c:MAJOR:MINOR\n", spec);
		return false;
	}
	root = fs_root();
	err = path_mknod(root, path, major, minor);
	inode_put(root);
	return err == OK || guest_complain(path, err);
}

static bool
make_devices(const struct options *o)
{
	bool good = true;

	if (o->folder != NULL) {
		struct inode *root = fs_root();
		err_t err = path_mkdir(root, "/dev");

		inode_put(root);
		if (err != OK && err != ERR(EEXIST))
			return guest_complain("/dev", err);
		for (size_t i = 0; i < ARRAY_LEN(standard_devices); i++)
			good = make_device(standard_devices[i]) && good;
	}
	for (size_t i = 0; i < o->ndevices; i++)
		good = make_device(o->device[i]) && good;
	return good;
}

/* Not of an older image in the same file: its journal must not be taken for ours. */
static void
make_uuid(struct fs_params *p)
{
	uint64_t word[] = { (uint64_t)p->nblocks << 32 | p->ninodes, hostport_time_ns };

	for (uint64_t i = 0; i < 2; i++) {
		uint64_t sum = sum64(i, word, sizeof(word));

		memcpy(p->uuid + 8 * i, &sum, sizeof(sum));
	}
}

static bool
make_empty(struct options *o)
{
	struct blkdev *d = hostport_open_image(o->image, true, (uint64_t)o->params.nblocks * 1024);
	err_t err;

	if (d == NULL)
		return false;
	make_uuid(&o->params);
	err = fs_make(d, &o->params);
	if (err == ERR(EINVAL))
		fprintf(stderr, "mkfs: no file system can be made with %u blocks and %u inodes\n",
		    o->params.nblocks, o->params.ninodes);
	else if (err != OK)
		guest_complain(o->image, err);
	return hostport_close_image(d) && err == OK;
}

int
main(int argc, char **argv)
{
	struct options o = { .image = NULL };
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	bool good;

	parse(argc, argv, &o);
	hostport_init(RAM);
	hostport_time_ns = (epoch != NULL ? strtoull(epoch, NULL, 10) : DEFAULT_TIME) * 1000000000u;
	if (!make_empty(&o) || !guest_mount(o.image, true))
		return 1;
	good = o.folder == NULL || guest_add(o.folder, "/");
	good = good && make_devices(&o);
	return guest_unmount() && good ? 0 : 1;
}
