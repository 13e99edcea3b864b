/* Shows symbolic links. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"

static const char help[] HELP_TEXT =
    "testlink\n"
    "Shows symbolic links, step by step. What open, stat, lstat, unlink and link make\n"
    "of them; links through folders, chains, loops, links to nothing. Works in a\n"
    "folder of its own in /tmp. Status 0: it happened so.\n";

#define CHAIN	10		/* links that one path may lead through */

/* ---- small steps ---- */

static void
must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void
make_link(const char *target, const char *path)
{
	must(symlink(target, path), path);
	demo_say("%s -> %s", path, target);
}

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	must(fd, path);
	must(write_all(fd, text, strlen(text)), path);
	close(fd);
}

/* Does the file at PATH hold TEXT? Says what opening it gives. */
static bool
holds(const char *path, const char *text)
{
	char buf[64];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0) {
		demo_say("open(\"%s\"): %s", path, strerror(errno));
		return false;
	}
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	demo_say("open(\"%s\"): holds \"%s\"", path, buf);
	return strcmp(buf, text) == 0;
}

/* Does open() fail with ERROR? */
static bool
refused(const char *path, int error)
{
	int fd = open(path, O_RDONLY), why = errno;

	if (fd < 0) {
		demo_say("open(\"%s\"): %s", path, strerror(why));
		return why == error;
	}
	close(fd);
	return false;
}

static nlink_t
names_of(const char *path)
{
	struct stat st;

	must(stat(path, &st), path);
	return st.st_nlink;
}

/* ---- the steps ---- */

static void
one_link(void)
{
	char target[PATH_MAX] = "";
	struct stat st, lst;

	demo_step("A file, and a symbolic link to it");
	make_file("data", "contents");
	make_link("data", "link");
	demo_shows(holds("link", "contents"), "open follows the link");
	must(stat("link", &st), "link");
	must(lstat("link", &lst), "link");
	demo_say("stat: inode %lu, a %s; lstat: inode %lu, a %s", (unsigned long)st.st_ino,
	    S_ISREG(st.st_mode) ? "file" : "?", (unsigned long)lst.st_ino,
	    S_ISLNK(lst.st_mode) ? "symbolic link" : "?");
	demo_shows(S_ISREG(st.st_mode) && S_ISLNK(lst.st_mode) && st.st_ino != lst.st_ino,
	    "the link is an inode of its own");
	must((int)readlink("link", target, sizeof(target) - 1), "link");
	demo_shows(strcmp(target, "data") == 0 && lst.st_size == 4,
	    "what it holds is a path: readlink gives \"%s\"", target);
}

static void
no_follow(void)
{
	int fd = open("link", O_RDONLY | O_NOFOLLOW);
	struct stat st;

	demo_step("open the link with O_NOFOLLOW");
	must(fd, "link");
	must(fstat(fd, &st), "link");
	close(fd);
	demo_shows(S_ISLNK(st.st_mode), "it gives the link itself");
}

static void
through_it(void)
{
	demo_step("Write through the link; make a second name (a hard link) for the file");
	make_file("link", "new contents");
	demo_shows(holds("data", "new contents"), "the file changed");
	must(link("data", "name"), "name");
	demo_say("data has %lu names", (unsigned long)names_of("data"));
	demo_shows(names_of("data") == 2 && names_of("link") == 2,
	    "a hard link counts in the inode, a symbolic one does not");
}

static void
through_folders(void)
{
	demo_step("Links through folders");
	must(mkdir("sub", 0755), "sub");
	make_link("../data", "sub/up");
	make_link("sub", "way");
	demo_shows(holds("sub/up", "new contents"), "relative to the folder that the link is in");
	demo_shows(holds("way/up", "new contents"), "in every part of a path");
}

static void
chain(void)
{
	char from[16], to[16] = "data";

	demo_step("A chain of %d links, and one of %d", CHAIN, CHAIN + 1);
	for (int i = 1; i <= CHAIN + 1; i++) {
		snprintf(from, sizeof(from), "c%d", i);
		must(symlink(to, from), from);
		strcpy(to, from);
	}
	demo_say("c1 -> data, c2 -> c1, and so on");
	snprintf(to, sizeof(to), "c%d", CHAIN);
	demo_shows(holds(to, "new contents"), "%d are followed", CHAIN);
	demo_shows(refused(from, ELOOP), "more are taken for a loop");
}

static void
loop(void)
{
	demo_step("A loop");
	make_link("b", "a");
	make_link("a", "b");
	demo_shows(refused("a", ELOOP), "it ends with an error, not never");
}

static void
dangling(void)
{
	struct stat st;

	demo_step("A link to nothing");
	make_link("later", "early");
	demo_shows(refused("early", ENOENT), "it can be made, but not opened");
	make_file("later", "now it is here");
	demo_shows(holds("early", "now it is here"), "a link is a path, looked up at every use");

	demo_step("unlink the link, then the file of another one");
	must(unlink("early"), "early");
	demo_shows(lstat("early", &st) < 0 && stat("later", &st) == 0,
	    "unlink takes the link, not what it leads to");
	must(unlink("name"), "name");
	must(unlink("data"), "data");
	demo_shows(refused("link", ENOENT) && lstat("link", &st) == 0,
	    "the link stays, and leads nowhere");
}

/* Removes what the steps have made. */
static void
clean_up(const char *folder)
{
	char name[16];

	for (int i = 1; i <= CHAIN + 1; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		must(unlink(name), name);
	}
	must(unlink("link"), "link");
	must(unlink("sub/up"), "sub/up");
	must(rmdir("sub"), "sub");
	must(unlink("way"), "way");
	must(unlink("a"), "a");
	must(unlink("b"), "b");
	must(unlink("later"), "later");
	must(chdir("/"), "/");
	must(rmdir(folder), folder);
}

/* A new one, though a run that the power ended may have left its own. */
static void
make_folder(char *folder)
{
	char name[] = "tlink0";

	demo_path(folder, "testlink");
	while (mkdir(folder, 0755) < 0) {
		if (errno != EEXIST || name[5] == '9')
			err(1, "%s", folder);
		name[5]++;
		demo_path(folder, name);
	}
}

int
main(int argc, char **argv)
{
	char folder[PATH_MAX];

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 2);
	demo_begin("testlink: names that lead to other names");
	make_folder(folder);
	must(chdir(folder), folder);
	one_link();
	no_follow();
	through_it();
	through_folders();
	chain();
	loop();
	dangling();
	clean_up(folder);
	return finish(demo_end());
}
