/*
 * qimage IMAGE COMMAND...: the files of a disk image.
 *
 *	ls [-l] [-R] [PATH]	cat PATH...
 *	add HOST GUEST		a file or folder, with what is in it
 *	extract GUEST HOST	the other way round
 *	rm [-r] PATH...		mkdir PATH...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/limits.h"
#include "guest.h"
#include "hostport.h"

#define RAM		(256u << 20)

static void
usage(void)
{
	fprintf(stderr, "usage: qimage IMAGE ls [-l] [-R] [PATH] | cat PATH... | add HOST GUEST |\n"
	    "              extract GUEST HOST | rm [-r] PATH... | mkdir PATH...\n");
	exit(2);
}

static struct inode *
lookup(const char *path)
{
	struct inode *root = fs_root(), *ip = NULL;
	err_t err = path_lookup(root, path, LOOKUP_NOFOLLOW, &ip);

	inode_put(root);
	if (err == OK)
		return ip;
	guest_complain(path, err);
	return NULL;
}

/* ---- ls ---- */

struct listing {
	bool	 details, deep;
};

static void
print_target(const char *path)
{
	char target[QUIRE_PATH_MAX] = "";
	struct inode *root = fs_root();

	if (path_readlink(root, path, target, sizeof(target) - 1) > 0)
		printf(" -> %s", target);
	inode_put(root);
}

static void
print_entry(const char *path, const char *name, struct inode *ip, const struct listing *l)
{
	struct kstat st;

	inode_stat(ip, &st);
	if (l->details) {
		printf("%c %5u %3u ", "?d-cl"[st.type <= T_SYMLINK ? st.type : 0], st.ino,
		    st.nlink);
		if (st.type == T_DEVICE)
			printf("%6u,%3u ", st.major, st.minor);
		else
			printf("%10llu ", (unsigned long long)st.size);
	}
	fputs(name, stdout);
	if (l->details && st.type == T_SYMLINK)
		print_target(path);
	putchar('\n');
}

static bool	list(const char *path, const char *shown, struct listing *l);

static bool
list_entry_of(const char *path, const char *name, void *arg)
{
	struct listing *l = arg;
	char *full = guest_join(path, name);
	struct inode *ip = lookup(full);
	bool good = ip != NULL;

	if (good)
		print_entry(full, l->deep ? full : name, ip, l);
	if (good && l->deep && inode_type(ip) == T_DIR)
		good = guest_each(full, list_entry_of, l);
	inode_put(ip);
	free(full);
	return good;
}

static bool
list(const char *path, const char *shown, struct listing *l)
{
	struct inode *ip = lookup(path);
	bool good = ip != NULL;

	if (good && inode_type(ip) == T_DIR)
		good = guest_each(path, list_entry_of, l);
	else if (good)
		print_entry(path, shown, ip, l);
	inode_put(ip);
	return good;
}

static bool
command_ls(char **argv)
{
	struct listing l = { false, false };

	for (; *argv != NULL && **argv == '-'; argv++) {
		l.details |= strchr(*argv, 'l') != NULL;
		l.deep |= strchr(*argv, 'R') != NULL;
	}
	return list(*argv != NULL ? *argv : "/", *argv != NULL ? *argv : "/", &l);
}

/* ---- the others ---- */

static bool
cat(const char *path)
{
	static char buf[65536];
	struct iobuf b = iobuf_kernel(buf);
	struct inode *root = fs_root(), *ip;
	uint64_t off = 0;
	long n;
	err_t err = path_open(root, path, O_RDONLY, &ip);

	inode_put(root);
	if (err == OK && inode_type(ip) == T_DIR) {
		inode_put(ip);
		err = ERR(EISDIR);
	}
	if (err != OK)
		return guest_complain(path, err);
	while ((n = inode_read(ip, off, &b, sizeof(buf))) > 0) {
		fwrite(buf, 1, (size_t)n, stdout);
		off += (uint64_t)n;
	}
	inode_put(ip);
	return n == 0 || guest_complain(path, err_from(n));
}

static bool	remove_tree(const char *path);

static bool
remove_entry(const char *path, const char *name, void *arg)
{
	char *full = guest_join(path, name);
	bool good = remove_tree(full);

	(void)arg;
	free(full);
	return good;
}

static bool
remove_one(const char *path)
{
	struct inode *root = fs_root();
	err_t err = path_unlink(root, path, false);

	inode_put(root);
	return err == OK || guest_complain(path, err);
}

static bool
remove_tree(const char *path)
{
	struct inode *ip = lookup(path);
	bool good = ip != NULL;

	if (good && inode_type(ip) == T_DIR)
		good = guest_each(path, remove_entry, NULL);
	inode_put(ip);
	return good && remove_one(path);
}

static bool
make_folder(const char *path)
{
	struct inode *root = fs_root();
	err_t err = path_mkdir(root, path);

	inode_put(root);
	return err == OK || guest_complain(path, err);
}

static bool
each(char **argv, bool (*fn)(const char *path))
{
	bool good = true;

	if (*argv == NULL)
		usage();
	for (; *argv != NULL; argv++)
		good = fn(*argv) && good;
	return good;
}

static bool
command_rm(char **argv)
{
	if (*argv != NULL && strcmp(*argv, "-r") == 0)
		return each(argv + 1, remove_tree);
	return each(argv, remove_one);
}

static bool
run(int argc, char **argv)
{
	const char *command = argv[2];

	if (strcmp(command, "ls") == 0)
		return command_ls(argv + 3);
	if (strcmp(command, "cat") == 0)
		return each(argv + 3, cat);
	if (strcmp(command, "rm") == 0)
		return command_rm(argv + 3);
	if (strcmp(command, "mkdir") == 0)
		return each(argv + 3, make_folder);
	if (argc != 5)
		usage();
	if (strcmp(command, "add") == 0)
		return guest_add(argv[3], argv[4]);
	if (strcmp(command, "extract") == 0)
		return guest_extract(argv[3], argv[4]);
	usage();
	return false;
}

int
main(int argc, char **argv)
{
	bool reads, good;

	if (argc < 3)
		usage();
	reads = strcmp(argv[2], "ls") == 0 || strcmp(argv[2], "cat") == 0 ||
	    strcmp(argv[2], "extract") == 0;
	hostport_init(RAM);
	if (!guest_mount(argv[1], !reads))
		return 1;
	good = run(argc, argv);
	return guest_unmount() && good ? 0 : 1;
}
